"""The account of one run: what it may still spend, asked before each step, call and try, and kept at once.

Counting is `records.spending`, judging is `budget`; here they meet with the clock and the person's day.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from deskhand.agent.budget import STOPS, Allowance, Budget, Claim, Limits, Over, Price, What
from deskhand.agent.records.spending import Place, Spending, Totals
from deskhand.agent.sources.metered import NothingLeft

OF_A_WRITE = 6
"""Calls set aside for one write: looked for, done, read back, how to take it back, what changed with it."""

MODELS: tuple[What, ...] = ("tokens", "money")
"""What asking a model uses."""


@dataclass(eq=False)
class Account:
    """What one run spends; or, with no run, what is spent outside of any, and counts for the day alone.

    Safe for several threads, and beside other processes: what does not fit is never begun.
    """

    spending: Spending
    allowance: Allowance
    place: Callable[[], Place]
    """Whose account it is, on the person's day."""
    ticks: Callable[[], float]
    """Seconds that pass; their difference is what counts."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._since = self.ticks()
        self._called: Counter[str] = Counter()
        self._write: Counter[str] | None = None
        self._agreed = False
        self._last = self.spending.spent(self.place())

    def begin(self, *, matters: bool = True, owed: bool = False) -> Over | None:
        """Begin a step; or why not. Near the end those that matter little are not begun.

        :param owed: it is begun whatever is left, and counts.
        """

        def judge(budgets: Sequence[Budget]) -> Over | None:
            if owed:
                return None
            for budget in budgets:
                if over := budget.used_up(STOPS) or budget.refuses(Claim("steps", 1)):
                    return over
            return None if matters else _near(budgets, STOPS)

        return self._spend([Claim("steps", 1)], judge)

    def converging(self, writes_to: str = "") -> Over | None:
        """The budget that is nearly used up, so that what was tried once is not tried again; None: there is
        enough.

        :param writes_to: a source that would be written to once more: those calls must fit too.
        """
        self.flush()
        budgets = self._budgets(self._last)
        more = [Claim("calls", OF_A_WRITE, writes_to)] if writes_to else []
        return _near(budgets, STOPS) or _refused(budgets, more)

    def stopped(self) -> Over | None:
        """The budget that is used up, so that nothing more is begun or waited for."""
        self.flush()
        return next((o for b in self._budgets(self._last) if (o := b.used_up(STOPS))), None)

    def seconds_left(self) -> float | None:
        """Until the time of the run, of its schedule or of the day is used up; None: there is no limit."""
        left = [
            most - b.spent.of("seconds")
            for b in self._budgets(self._last)
            if (most := b.limits.of("seconds")) is not None
        ]
        return max(0.0, min(left) / 1000 - (self.ticks() - self._since)) if left else None

    def steps_left(self) -> int | None:
        """Until the steps of what it holds for are used up; None: there is no limit."""
        left = [
            max(0, most - b.spent.of("steps"))
            for b in self.budgets()
            if (most := b.limits.of("steps")) is not None
        ]
        return min(left, default=None)

    def forbidden(self, source: str) -> Over | None:
        """Why no call to a source is ever allowed; None where some are, be they used up today."""
        return next((o for b in self._budgets(self._last) if (o := b.forbids("calls", source))), None)

    def call(self, source: str) -> None:
        """A call to a source (a `Meter`). :raises NothingLeft: it is not to be made."""
        if self._agreed:
            return self.called(source)
        claim = Claim("calls", 1, source)
        over = self._spend([claim], lambda budgets: _refused(budgets, [claim]))
        if over is not None:
            raise NothingLeft(f"{over}, so {source} was not asked. {over.remedy}")

    def called(self, source: str) -> None:
        """A call that is made whatever is left (a `Meter`): what was begun is finished. It counts."""
        with self._lock:
            (self._called if self._write is None else self._write)[source] += 1

    @contextmanager
    def write(self, source: str, *, agreed: bool) -> Iterator[Over | None]:
        """The calls of one write, set aside before it and counted after; yields why it is not to begin.

        :param agreed: a person said yes to it, or it was begun before: it goes on whatever is left.
        """
        claims = [Claim("calls", OF_A_WRITE, source)]
        held = self._reserve(claims, lambda budgets: None if agreed else _refused(budgets, claims))
        if isinstance(held, Over):
            yield held
            return
        made = Counter[str]()
        with self._lock:
            self._write, self._agreed = made, agreed
        try:
            yield None
        finally:
            with self._lock:
                self._write, self._agreed = None, False
        # Where it broke off, nobody knows how far it came: what was set aside counts.
        self.spending.redeem(held, [Claim("calls", n, called) for called, n in made.items()])

    def tries(self, model: str, *, most_in: int, most_out: int) -> Callable[[int, int], None] | Over:
        """Set aside what one try of a model costs at the most; or why it is not to be asked.

        :returns: what to call with the tokens that were used in the end, in and out; twice is once.
        """
        price = self.allowance.prices.get(model)
        claims = _cost(model, price, most_in, most_out)

        def judge(budgets: Sequence[Budget]) -> Over | None:
            return _near(budgets, MODELS) or _refused(budgets, claims)

        held = self._reserve(claims, judge)
        if isinstance(held, Over):
            return held

        def settle(tokens_in: int, tokens_out: int) -> None:
            self.spending.redeem(held, _cost(model, price, tokens_in, tokens_out))

        return settle

    def flush(self) -> None:
        """Write down the time that passed and the calls that were made."""
        self._spend([], lambda _: None)

    def budgets(self) -> list[Budget]:
        """Every budget that holds for it, with what was spent of it so far."""
        return self._budgets(self.spending.spent(self.place()))

    def _budgets(self, totals: Totals) -> list[Budget]:
        place, may = self.place(), self.allowance
        day = may.day.without(STOPS) if place.follows else may.day
        found = [Budget("day", "budget.day", day, totals.day, may.currency)]
        if place.schedule:
            of = may.schedules.get(place.schedule, Limits())
            section = f"budget.schedules.{place.schedule}"
            found.insert(0, Budget("schedule", section, of, totals.schedule, may.currency))
        if place.run:
            found.insert(0, Budget("run", "budget.run", may.run, totals.run, may.currency))
        return found

    def _spend(
        self, wanted: Sequence[Claim], judge: Callable[[Sequence[Budget]], Over | None]
    ) -> Over | None:
        with self._lock:
            return self.spending.spend(self.place(), self._used(), wanted, judge=self._judged(judge))

    def _reserve(
        self, wanted: Sequence[Claim], judge: Callable[[Sequence[Budget]], Over | None]
    ) -> Over | int:
        with self._lock:
            return self.spending.reserve(self.place(), self._used(), wanted, judge=self._judged(judge))

    def _judged(self, judge: Callable[[Sequence[Budget]], Over | None]) -> Callable[[Totals], Over | None]:
        def over(totals: Totals) -> Over | None:
            self._last = totals
            return judge(self._budgets(totals))

        return over

    def _used(self) -> list[Claim]:
        """What was used since this was asked last: time, and calls that nobody had to be asked for."""
        now = self.ticks()
        passed = round((now - self._since) * 1000)
        self._since += passed / 1000
        made = [Claim("calls", n, source) for source, n in self._called.items()]
        self._called.clear()
        return [Claim("seconds", max(0, passed)), *made] if self.place().run else made


def _refused(budgets: Sequence[Budget], claims: Sequence[Claim]) -> Over | None:
    return next((o for b in budgets for c in claims if (o := b.refuses(c))), None)


def _near(budgets: Sequence[Budget], whats: Sequence[What]) -> Over | None:
    return next((o for b in budgets if (o := b.near(whats))), None)


def _cost(model: str, price: Price | None, tokens_in: int, tokens_out: int) -> list[Claim]:
    """Tokens; and money, where the model has a price."""
    tokens = Claim("tokens", tokens_in + tokens_out, model)
    return [tokens] if price is None else [tokens, Claim("money", price.cost(tokens_in, tokens_out), model)]
