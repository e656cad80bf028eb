"""What may be spent, and what was spent today, as every door shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deskhand.agent.budget import Budget, Spent
from deskhand.agent.desk import shapes
from deskhand.config.errors import nearest

if TYPE_CHECKING:
    from deskhand.agent.app import App

Answer = dict[str, Any]


def budget(app: App) -> Answer:
    """What may be spent, and what was spent today, as `deskhand budget` shows it (docs/json.md)."""
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
