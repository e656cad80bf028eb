"""What may be spent in a home, as its settings say."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from deskhand.agent.budget import UNITS, Allowance, Budget, Limits, Price, Spent, What
from deskhand.config.budget import Limits as Section
from deskhand.config.errors import nearest
from deskhand.config.settings import Settings

if TYPE_CHECKING:
    from deskhand.agent.app import App


def allowance_of(settings: Settings) -> Allowance:
    """The limits and prices of these settings, in the units they are counted in."""
    budget = settings.budget
    return Allowance(
        run=_limits(budget.run),
        day=_limits(budget.day, {s: int(n) if isfinite(n) else None for s, n in budget.calls.items()}),
        schedules={name: _limits(of) for name, of in budget.schedules.items()},
        prices={model: Price(p.into, p.out) for model, p in settings.prices.items()},
        currency=budget.currency,
    )


def budget_of(app: App) -> dict[str, Any]:
    """What may be spent, and what was spent today, as `deskhand budget` shows it (docs/json.md)."""
    from deskhand.agent import shapes

    room, may = app.runs_room, app.runs_room.allowance
    (today,) = room.account().budgets()
    each = shapes.budget(Budget("run", "budget.run", may.run, Spent(), may.currency))
    calls = {"what": "calls", "of": "each source", "limit": may.run.of("calls")}
    run = [*(row for row in each if row["what"] != "calls"), calls]
    known = app.connections.aliases
    unpriced = [m for m in today.spent.models if m not in may.prices]
    return {
        "day": app.now().astimezone(app.owner.tz).date().isoformat(),
        "currency": may.currency,
        "today": shapes.budget(today, app.connections.aliases),
        "run": [{**row, "used": None} for row in run],
        "schedules": {n: shapes.budget(room.account(schedule=n).budgets()[0]) for n in may.schedules},
        "notes": [
            *(f"{m} has no price in [prices]; of it only tokens are counted." for m in unpriced),
            *(
                f"There is no source called {alias!r}{nearest(alias, known)}; its limit holds for nothing."
                for alias in may.day.calls
                if alias not in known
            ),
        ],
    }


def _limits(section: Section, calls: Mapping[str, int | None] = {}) -> Limits:
    said: dict[What, float] = {
        "steps": section.steps, "tokens": section.tokens, "money": section.money, "seconds": section.seconds,
        "calls": section.calls,
    }  # fmt: skip
    return Limits({what: round(n * UNITS[what]) for what, n in said.items() if isfinite(n)}, calls)
