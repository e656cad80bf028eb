"""Who is free when: yes, no or not known, with what lies there. Nothing is booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._calendars import there, when
from deskhand.agent.actions._limits import Kept, limited
from deskhand.agent.actions._shapes import MAYBE, CountedTold
from deskhand.agent.actions._texts import cited, texts
from deskhand.agent.availability.agenda import named, takes_time
from deskhand.agent.availability.diaries import Diary, diaries
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.slots import Interval, free_starts
from deskhand.agent.wording.writes import day
from deskhand.connectors.model import Label
from deskhand.connectors.occurrences import Occurrence

GRID = 5
"""Minutes; what is free is told no finer."""
SHORTEST = 15
"""Less than so many minutes between two things is no gap."""
USUAL = 30
"""Minutes that are meant by a time alone: "is Marta free at 2"."""
_SHOWN = 8

Stretch = tuple[datetime, datetime]


class FreeTold(CountedTold):
    """Who is free when, told; counted is what lies there."""

    free: bool = MAYBE
    """Whether all of them are, for all of that time; missing where that is not known, or is partly so."""


@action("calendar.free", gives=FreeTold)
def free(
    context: Context,
    *,
    start: datetime,
    end: datetime,
    people: Sequence[str] = (),
    mine: bool = False,
    minutes: int = 0,
    at: bool = False,
    any_hour: bool = False,
    busy: bool = False,
    kept: Kept | None = None,
) -> Output:
    """Whether each of `people` (addresses; nobody: the owner) is free in [start, end), and when; `mine`: the
    owner too.

    `at`: one time was said, not a stretch to look in. `minutes`: so long a time is looked for, `kept` to its
    limits. `busy`: it was asked whether they are taken; yes and no change places. Of the owner the working
    hours count, unless `any_hour`; of others only what is known to be taken. What is not known is never free.

    {count, free, text}: `free` is whether all of them are, for all of that time or, with `minutes`, for so
    long
    together; missing where that is not known, or is partly so. `text` is what is told.
    """
    owner = not people
    if at:
        end = start + timedelta(minutes=minutes or USUAL)
    else:
        start = max(start, context.now)
    if start >= end:
        raise CannotDo("That time is over.")
    kept = kept or Kept()
    midnight = start.astimezone(context.owner.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    until = max(end, midnight + timedelta(days=1)) if at else end
    # Within her own working hours unless hours were said; of others only what is taken counts.
    known = diaries(context, people, start, until, any_hour=any_hour, exact=at or any_hour or not owner)
    asked = known[: 1 if owner else None] if owner or mine else known[1:]
    question = Asked(start, end, minutes, at, busy)
    passages = []
    for diary in asked:
        gaps = _gaps(
            context, [diary], start, until, kept=kept, minutes=minutes or (USUAL if at else SHORTEST)
        )
        passages.append(Passage(text=_told(context, diary, question, gaps)))
    if len(asked) > 1 and not at:
        passages.append(Passage(text=_together(context, asked, start, end, kept, minutes)))
    lies = [o for o in there(context, start, end) if takes_time(o, me=context.owner.addresses)]
    shown = lies if owner or mine else [o for o in lies if any(p.address in people for p in o.people)]
    passages += [_passage(context, o, owner=owner or mine) for o in shown[:_SHOWN]]
    if len(shown) > _SHOWN:
        passages.append(Passage(text=f"and {len(shown) - _SHOWN} more."))
    who = " and ".join(d.who.name for d in asked).replace("you", "You", 1 if asked[0] is known[0] else 0)
    notes = dict.fromkeys(n for d in asked for n in d.notes)
    brief = Brief(
        title=f"{who}, {when(context, start, end)}",
        sections=(Section(heading="", passages=tuple(passages)),), note=" ".join(notes),
    )  # fmt: skip
    value: dict[str, Any] = {"count": len(shown), **texts(context, brief)}
    if (sure := _whether(context, asked, question, kept)) is not None:
        value["free"] = sure
    return Output(value, {"": Label("untrusted", cited(brief), ())}, brief)


def _whether(context: Context, asked: Sequence[Diary], about: Asked, kept: Kept) -> bool | None:
    """Whether all of them are free; None: it is not known, or they are for a part of that time."""
    least = about.minutes or (USUAL if about.at else SHORTEST)
    taken = [any(i.start < about.end and i.end > about.start for i in d.who.busy or ()) for d in asked]
    if about.at and any(taken):
        return False
    if not all(_known(d, about.end) for d in asked):
        return None
    gaps = _gaps(context, asked, about.start, about.end, kept=kept, minutes=least)
    if not gaps:
        return False
    whole = gaps[0][0] <= about.start and gaps[0][1] >= about.end
    return True if whole or (about.minutes and not about.at) else False if about.at else None


def _gaps(
    context: Context, diaries_: Sequence[Diary], start: datetime, end: datetime, *, kept: Kept, minutes: int
) -> list[Stretch]:
    """The stretches of at least so many minutes that are surely free for all of these, in order."""
    minutes = min(minutes, max(1, int((end - start).total_seconds() // 60)))
    people = [replace(d.who, must_confirm=True, buffer=0, notice=timedelta(0)) for d in diaries_]
    wanted = limited(context, start, end, minutes=minutes, grid=GRID, kept=kept)
    length, step = timedelta(minutes=minutes), timedelta(minutes=GRID)
    made: list[Stretch] = []
    for one in free_starts(people, wanted, now=min(context.now, start), notice=timedelta(0)):
        goes_on = made and one - step == made[-1][1] - length
        made[-1:] = [(made[-1][0], one + length)] if goes_on else [*made[-1:], (one, one + length)]
    return made


def _known(diary: Diary, end: datetime) -> bool:
    return diary.who.busy is not None and (diary.who.known_until is None or diary.who.known_until >= end)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question about somebody's time."""

    start: datetime
    end: datetime
    minutes: int
    at: bool
    busy: bool

    def says(self, diary: Diary, free: bool) -> str:
        """ "Yes, Marta is free"; turned round where it was asked whether she is taken."""
        state = "free" if free else "taken" if self.busy else "not free"
        return f"{'No' if free == self.busy else 'Yes'}, {_is(diary)} {state}"


def _told(context: Context, diary: Diary, asked: Asked, gaps: Sequence[Stretch]) -> str:
    stretch = when(context, asked.start, asked.end)
    taken = [i for i in diary.who.busy or () if i.start < asked.end and i.end > asked.start]
    if not _known(diary, asked.end) and (not taken or not asked.at):
        return _unknown(context, diary, stretch, taken)
    if asked.at:
        first = gaps[0] if gaps and gaps[0][0] <= asked.start and gaps[0][1] >= asked.end else None
        if first is None:
            return f"{asked.says(diary, free=False)}, {stretch}."
        tz = context.owner.tz
        until = first[1].astimezone(tz)
        rest = (
            "to the end of the day" if until.date() > asked.start.astimezone(tz).date() else f"{until:%H:%M}"
        )
        local = asked.start.astimezone(tz)
        how = f"until {rest}" if rest[0].isdigit() else rest
        return f"{asked.says(diary, free=True)} {day(local, now=context.now)} at {local:%H:%M}, {how}."
    if len(gaps) == 1 and gaps[0][0] <= asked.start and gaps[0][1] >= asked.end:
        return f"{asked.says(diary, free=True)} all of {stretch}."
    least = f" for {asked.minutes} minutes" if asked.minutes else ""
    if not gaps:
        hours = " within your working hours" if diary.hours_from == "settings" and diary.who.hours else ""
        return f"{asked.says(diary, free=False)}{least}, {stretch}{hours}."
    times = "; ".join(when(context, *g) for g in gaps[:_SHOWN])
    more = f"; and {len(gaps) - _SHOWN} more" if len(gaps) > _SHOWN else ""
    # Partly free is neither yes nor no.
    said = asked.says(diary, free=True)
    said = said if asked.minutes or not taken else said.partition(", ")[2]
    return f"{said[:1].upper()}{said[1:]}{least}: {times}{more}."


def _unknown(context: Context, diary: Diary, stretch: str, taken: Sequence[Interval]) -> str:
    why = "no connected calendar tells that" if diary.untold else "not all of it could be read"
    busy = "; ".join(when(context, i.start, i.end) for i in sorted(taken)[:_SHOWN])
    sure = f" Surely taken: {busy}." if busy and not diary.untold else ""
    return f"Not known when {_is(diary)} free, {stretch}: {why}.{sure}"


def _is(diary: Diary) -> str:
    return "you are" if diary.who.name == "you" else f"{diary.who.name} is"


def _together(
    context: Context, asked: Sequence[Diary], start: datetime, end: datetime, kept: Kept, minutes: int
) -> str:
    if not all(_known(d, end) for d in asked):
        return "So it is not known when all of them are free."
    gaps = _gaps(context, asked, start, end, kept=kept, minutes=max(minutes, SHORTEST))
    if not gaps:
        return f"At no time are all of them free, {when(context, start, end)}."
    return f"All of them are free: {'; '.join(when(context, *g) for g in gaps[:_SHOWN])}."


def _passage(context: Context, o: Occurrence, *, owner: bool) -> Passage:
    item = context.archive.item(o.ref)
    what = named(o) if owner else f"with you: {named(o)}"
    return Passage(
        text=f"{when(context, o.start, o.end)}: {what}", cites=(Citation.of(item),) if item else ()
    )  # fmt: skip
