"""What may be spent, what has been, and whether a thing still fits: plain values, nothing is read or written.

Everything is counted in whole units, so that sums are exact: steps, tokens, calls, thousandths of a second,
millionths of the currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

What = Literal["steps", "tokens", "money", "seconds", "calls"]
Scope = Literal["run", "schedule", "day"]

UNITS: Mapping[What, int] = {"steps": 1, "tokens": 1, "money": 1_000_000, "seconds": 1_000, "calls": 1}
"""So many of what is counted make one of what is written in the settings."""

NEAR = 0.8
"""From this part of a limit on a run is told to converge."""

STOPS: tuple[What, ...] = ("steps", "seconds")
"""Without these nothing more is begun; without the others only what needs them is left."""

_WHOSE: Mapping[Scope, str] = {"run": "this run", "schedule": "this schedule for today", "day": "today"}


@dataclass(frozen=True, slots=True)
class Claim:
    """So much of something is wanted, or was used."""

    what: What
    amount: int
    of: str = ""
    """Calls: the source. Tokens and money: the model."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be spent. What is not named has no limit."""

    most: Mapping[What, int] = field(default_factory=dict[What, int])
    """Of calls: to each source that `calls` does not name."""
    calls: Mapping[str, int | None] = field(default_factory=dict[str, int | None])
    """By source, in the place of `most`; None: without limit."""

    def of(self, what: What, of: str = "") -> int | None:
        """The limit, or None."""
        if what == "calls" and of in self.calls:
            return self.calls[of]
        return self.most.get(what)

    def without(self, whats: Iterable[What]) -> Limits:
        """The same, but for some of which there is no limit."""
        return Limits({w: n for w, n in self.most.items() if w not in set(whats)}, self.calls)


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used, and what is reserved for what is under way."""

    amounts: Mapping[tuple[What, str], int] = field(default_factory=dict[tuple[What, str], int])

    def of(self, what: What, of: str = "") -> int:
        """So much. Calls are counted by source; the rest altogether, whatever it was for."""
        if what == "calls":
            return self.amounts.get((what, of), 0)
        return sum(n for (kind, _), n in self.amounts.items() if kind == what)

    @property
    def sources(self) -> list[str]:
        """The sources that were called."""
        return sorted(of for kind, of in self.amounts if kind == "calls")

    @property
    def models(self) -> list[str]:
        """The models that were asked."""
        return sorted({of for kind, of in self.amounts if kind == "tokens"})


@dataclass(frozen=True, slots=True)
class Over:
    """Why something is not begun: a budget is used up, or nearly, or has too little left. `str` says it."""

    scope: Scope
    what: What
    limit: int
    setting: str
    """The section of config.toml that says the limit."""
    of: str = ""
    currency: str = ""
    how: Literal["used up", "nearly used up", "too small", "none at all"] = "used up"

    def __str__(self) -> str:
        if self.how == "none at all":
            return (
                f"The budget of {_WHOSE[self.scope]} allows no {self.what}{f' to {self.of}' * bool(self.of)}"
            )
        has = f"The budget of {_WHOSE[self.scope]}, {said(self.what, self.limit, self.of, self.currency)},"
        return f"{has} {'has too little left' if self.how == 'too small' else f'is {self.how}'}"

    @property
    def remedy(self) -> str:
        """What would help, as a sentence."""
        anew = "" if self.scope == "run" or not self.limit else " Tomorrow it begins anew."
        key = self.of if self.setting == "budget.calls" else self.what
        raised = f"To allow more, raise {key} in [{self.setting}] of config.toml"
        return f"{raised}; deskhand budget shows what was used.{anew}"


@dataclass(frozen=True, slots=True)
class Budget:
    """What one run, one schedule on one day, or one day may spend, and has."""

    scope: Scope
    section: str
    """Of config.toml: "budget.run"."""
    limits: Limits
    spent: Spent
    currency: str = ""

    def refuses(self, claim: Claim) -> Over | None:
        """Why there is no room for a claim; None where there is."""
        limit = self.limits.of(claim.what, claim.of)
        used = self.spent.of(claim.what, claim.of)
        if limit is None or used + claim.amount <= limit:
            return None
        return self._over(claim.what, claim.of, limit, "used up" if used >= limit else "too small")

    def forbids(self, what: What, of: str = "") -> Over | None:
        """Why there is never room for any of it, today or later; None where some is allowed."""
        return self._over(what, of, 0, "none at all") if self.limits.of(what, of) == 0 else None

    def used_up(self, whats: Iterable[What]) -> Over | None:
        """The first of these of which nothing is left."""
        for what in whats:
            limit = self.limits.of(what)
            if limit is not None and self.spent.of(what) >= limit:
                return self._over(what, "", limit, "used up")
        return None

    def near(self, whats: Iterable[What]) -> Over | None:
        """The first of these that is nearly used up, or used up."""
        for what in whats:
            limit = self.limits.of(what)
            if limit is not None and self.spent.of(what) >= NEAR * limit:
                how: Literal["used up", "nearly used up"] = (
                    "used up" if self.spent.of(what) >= limit else "nearly used up"
                )
                return self._over(what, "", limit, how)
        return None

    def _over(
        self,
        what: What,
        of: str,
        limit: int,
        how: Literal["used up", "nearly used up", "too small", "none at all"],
    ) -> Over:
        named = what == "calls" and of in self.limits.calls
        section = "budget.calls" if named else self.section
        return Over(self.scope, what, limit, section, of, self.currency, how)


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs for a million tokens, in the currency of the settings."""

    into: float
    out: float

    def cost(self, tokens_in: int, tokens_out: int) -> int:
        """In millionths of the currency, rounded up."""
        return ceil(round(tokens_in * self.into + tokens_out * self.out, 6))


@dataclass(frozen=True, slots=True)
class Allowance:
    """Everything that the settings of a home say of spending."""

    run: Limits = Limits()
    day: Limits = Limits()
    schedules: Mapping[str, Limits] = field(default_factory=dict[str, Limits])
    """For each of these schedules, what all its runs of one day may spend together."""
    prices: Mapping[str, Price] = field(default_factory=dict[str, Price])
    currency: str = ""


def said(what: What, amount: int, of: str = "", currency: str = "") -> str:
    """An amount in words: "100 steps", "0.25 USD", "90 seconds", "500 calls to mail"."""
    if what == "money":
        return f"{amount / UNITS[what]:,.2f} {currency}".rstrip()
    if what == "seconds":
        return f"{round(amount / UNITS[what], 1):,g} seconds" if amount != UNITS[what] else "1 second"
    noun = what if amount != 1 else what.removesuffix("s")
    return f"{amount:,} {noun}" + (f" to {of}" if what == "calls" and of else "")
