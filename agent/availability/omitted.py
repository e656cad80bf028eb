"""What a repetition leaves out, as data: kept with a schedule, asked at its times, written as EXDATEs.

It holds rules and no dates, so that the holidays of coming years count too.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.agent.availability.daysoff import public_holidays
from deskhand.agent.times import Reading, next_after, say_interval, slots_between, with_exdates
from deskhand.agent.times.lessened import lessened
from deskhand.agent.times.rules import DAYS, parse

HORIZON = timedelta(days=730)
"""So far ahead of its first occurrence the excluded dates of a series without end are written down."""

_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)
_WHOLE_DAYS = ("day", "week", "month", "year")


@dataclass(frozen=True, slots=True)
class Omitted:
    """Times (of `Reading.excludes`) and the public holidays of a country: on none of them it is held."""

    times: tuple[Reading, ...] = ()
    country: str = ""
    """ISO 3166 code; empty: holidays are days like others."""
    subdivision: str = ""

    @classmethod
    def of(cls, rules: Sequence[Mapping[str, Any]] | None) -> Omitted:
        """Out of plain JSON, as `rules` makes it. :raises ValueError: it is none of that."""
        times: list[Reading] = []
        country = subdivision = ""
        for rule in rules or ():
            match rule:
                case {"holidays": str(country), **rest}:
                    subdivision = str(rest.get("subdivision", ""))
                case {"kind": str(kind), "text": str(text)}:
                    start, end = (datetime.fromisoformat(m) if (m := rule.get(n)) else None for n in _ENDS)
                    grain, rrule = (str(rule.get(n, "")) for n in ("grain", "rrule"))
                    times.append(Reading((0, len(text)), text, kind, start, end, grain, rrule))
                case _:
                    raise ValueError(f"{rule!r} says nothing that a repetition can leave out")
        return cls(tuple(times), country, subdivision)

    def rules(self) -> list[dict[str, Any]]:
        """As plain JSON: {kind, text, grain, rrule, start, end} of a time, {holidays, subdivision}."""
        made: list[dict[str, Any]] = [
            {
                "kind": one.kind, "text": one.text, "grain": one.grain, "rrule": one.rrule,
                "start": one.start.isoformat() if one.start else None,
                "end": one.end.isoformat() if one.end else None,
            }
            for one in self.times
        ]  # fmt: skip
        if self.country:
            made.append({"holidays": self.country, "subdivision": self.subdivision})
        return made

    def __bool__(self) -> bool:
        return bool(self.times or self.country)

    @property
    def key(self) -> object:
        """Equal where the same is left out, whenever it was said."""
        times = frozenset(
            (one.rrule, one.grain, f"{one.start:%H:%M}" if one.start else "")
            if one.kind == "recurrence"
            else (one.kind, one.start, one.end)
            for one in self.times
        )
        return times, self.country, self.subdivision

    @property
    def by_the_day(self) -> bool:
        """Whether only whole days are left out: then the time of day does not matter."""
        return all(one.grain in _WHOLE_DAYS for one in self.times)

    @property
    def endless(self) -> bool:
        """Whether it leaves something out again and again."""
        return bool(self.country) or any(one.kind == "recurrence" for one in self.times)

    def holidays(self) -> Container[date]:
        """The public holidays, of whatever year."""
        return public_holidays(self.country, self.subdivision) if self.country else ()

    def following(self, rrule: str, first: datetime, *, after: datetime, zone: str) -> datetime | None:
        """The first slot that stays, as `times.next_after` has it."""
        held = self.holidays()
        return next_after(rrule, first, after=after, zone=zone, excludes=self.times, holidays=held)

    def between(
        self, rrule: str, first: datetime, *, after: datetime, until: datetime, zone: str
    ) -> list[datetime]:
        """The slots that stay with `after < slot <= until`, as `times.slots_between` has it."""
        held = self.holidays()
        return slots_between(
            rrule, first, after=after, until=until, zone=zone, excludes=self.times, holidays=held
        )

    def in_rule(self, rrule: str) -> tuple[str, Omitted]:
        """A rule with as much of it in it as rules can say (`times.lessened`), and the rest."""
        rule, rest = lessened(rrule, self.times)
        return rule, Omitted(rest, self.country, self.subdivision)

    def written(
        self, rrule: str, first: datetime, *, zone: str
    ) -> tuple[str, list[datetime], datetime | None]:
        """For a calendar: the rule, its EXDATEs, and until when those are; None where that is all of them."""
        if self and (plain := parse(rrule)).freq == "WEEKLY" and not plain.days:
            rrule += f";BYDAY={DAYS[first.astimezone(ZoneInfo(zone)).weekday()]}"  # what it means anyway
        rule, rest = self.in_rule(rrule)
        if not rest:
            return rule, [], None
        until = first + HORIZON
        _, exdates = with_exdates(
            rule, first, after=first - _SECOND, until=until, zone=zone, excludes=rest.times,
            holidays=rest.holidays(),
        )  # fmt: skip
        goes_on = rest.endless and next_after(rule, first, after=until, zone=zone) is not None
        return rule, exdates, until if goes_on else None

    def dates(self, clock: time, *, first: date, last: date, zone: str) -> frozenset[date]:
        """The days from `first` to `last` on which what is at this time of day is left out."""
        if not self:
            return frozenset()
        tz = ZoneInfo(zone)
        start, end = (datetime.combine(day, clock, tz) for day in (first, last))
        _, out = with_exdates(
            "FREQ=DAILY", start, after=start - _SECOND, until=end + _DAY / 2, zone=zone, excludes=self.times,
            holidays=self.holidays(),
        )  # fmt: skip
        return frozenset(one.date() for one in out)

    def words(self, zone: str, now: datetime) -> str:
        """ "Fridays; public holidays (DE, BY)": what is left out, in the words in which it was said."""
        said = [_said(one, zone, now) for one in self.times]
        if self.country:
            said.append(f"public holidays ({', '.join(filter(None, (self.country, self.subdivision)))})")
        return "; ".join(said)


NOTHING = Omitted()

_ENDS = ("start", "end")


def _said(one: Reading, zone: str, now: datetime) -> str:
    # "Next week" is another one by the time the schedules are listed.
    if one.kind == "interval":
        return say_interval(one.start, one.end, zone, now)
    return one.text.strip(" ,;")
