"""The table of what was spent: totals of each run and day, and reservations for what is under way.

A reservation counts as spent from the moment it is made; to settle it puts what was really used in its place.
A process that ends in between leaves it standing, so that nothing is ever counted too low.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, bindparam, case, delete, func, insert, select, union_all

from deskhand.agent.budget import Claim, Spent
from deskhand.agent.records.tables import counters, reservations, spending
from deskhand.connectors.database import add_to, reading, take_numbers, writing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Whose account something goes to."""

    run: str
    """"": nobody's; it counts for the day alone."""
    schedule: str
    day: str
    """The person's local day, "2026-11-22"."""
    follows: bool = False
    """The run follows from a mail, or from a time that was kept: once begun, the day does not stop it."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What was spent, reservations included, by a run, by its schedule on that day, and on that day."""

    run: Spent
    schedule: Spent
    day: Spent


class Spending:
    """Reads and writes those tables; each method is one transaction, and none overtakes another.

    A power cut may take the last of them back, a killed process does not.
    """

    engine: Engine

    def spend(
        self,
        place: Place,
        used: Sequence[Claim],
        wanted: Sequence[Claim] = (),
        *,
        judge: Callable[[Totals], T | None] = lambda _: None,
    ) -> T | None:
        """Book what was used anyway; then what is wanted, unless `judge` has a word against it.

        :param judge: is handed the totals with what was used and without what is wanted.
        :returns: what `judge` says.
        """
        with writing(self.engine, lasting=False) as db:
            _book(db, place, used)
            if (word := judge(_totals(db, place))) is None:
                _book(db, place, wanted)
            return word

    def reserve(
        self,
        place: Place,
        used: Sequence[Claim],
        wanted: Sequence[Claim],
        *,
        judge: Callable[[Totals], T | None],
    ) -> T | int:
        """As `spend`, but what is wanted is reserved until it is redeemed; returns its number."""
        with writing(self.engine, lasting=False) as db:
            _book(db, place, used)
            if (word := judge(_totals(db, place))) is not None:
                return word
            number = take_numbers(db, counters, "reservation", 1)
            if rows := [_row(place, c) | {"id": number} for c in wanted]:
                db.execute(insert(reservations), rows)
            return number

    def redeem(self, reservation: int, used: Sequence[Claim]) -> bool:
        """Put what was really used in the place of a reservation; False where that was done."""
        with writing(self.engine, lasting=False) as db:
            mine = reservations.c.id == reservation
            row = db.execute(select(reservations).where(mine).limit(1)).one_or_none()
            if row is None:
                return False
            db.execute(delete(reservations).where(mine))
            _book(db, Place(row.run, row.schedule, row.day), used)
            return True

    def spent(self, place: Place) -> Totals:
        """What was spent there so far."""
        with reading(self.engine) as db:
            return _totals(db, place)


def _book(db: Connection, place: Place, claims: Iterable[Claim]) -> None:
    rows = [_row(place, c) for c in claims if c.amount]
    if rows:
        db.execute(add_to(db, spending, "amount"), rows)


def _row(place: Place, claim: Claim) -> dict[str, Any]:
    return {
        "run": place.run, "schedule": place.schedule, "day": place.day, "what": claim.what, "of": claim.of,
        "amount": claim.amount,
    }  # fmt: skip


@cache
def _sums() -> Any:
    """What the totals are asked by; made once, it is asked at each step."""
    columns = ("run", "schedule", "day", "what", "of", "amount")
    every = union_all(*(select(*(t.c[n] for n in columns)) for t in (spending, reservations))).subquery()
    mine, today = every.c.run == bindparam("run"), every.c.day == bindparam("day")
    its = today & (every.c.schedule == bindparam("schedule"))
    sums = [func.sum(case((which, every.c.amount), else_=0)) for which in (mine, its, today)]
    return select(every.c.what, every.c.of, *sums).where(mine | today).group_by(every.c.what, every.c.of)


def _totals(db: Connection, place: Place) -> Totals:
    rows = db.execute(_sums(), {"run": place.run, "day": place.day, "schedule": place.schedule}).all()
    run, schedule, day = ({(r[0], r[1]): int(r[n]) for r in rows if r[n]} for n in (2, 3, 4))
    return Totals(Spent(run if place.run else {}), Spent(schedule if place.schedule else {}), Spent(day))
