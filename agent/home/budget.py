"""What may be spent in a home, as its settings say, in the units it is counted in."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from deskhand.agent.budget import UNITS, Allowance, Limits, Price, What
from deskhand.config.budget import Limits as Section
from deskhand.config.settings import Settings


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


def _limits(section: Section, calls: Mapping[str, int | None] = {}) -> Limits:
    said: dict[What, float] = {
        "steps": section.steps, "tokens": section.tokens, "money": section.money, "seconds": section.seconds,
        "calls": section.calls,
    }  # fmt: skip
    return Limits({what: round(n * UNITS[what]) for what, n in said.items() if isfinite(n)}, calls)
