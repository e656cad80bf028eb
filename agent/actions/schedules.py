"""Adds, lists, pauses and removes schedules: our own records, so the ledger has no part in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._shapes import Counted, Given, Nothing
from deskhand.agent.availability.omitted import Omitted
from deskhand.agent.endorsers import own_words
from deskhand.agent.model import Brief, Passage, Section
from deskhand.agent.records.timetable import Schedule
from deskhand.agent.times import say_instant, say_rrule

MINE = {"": own_words()}


class Added(Given):
    """The schedule that was made."""

    name: str


@action("schedule.add", gives=Added, keeps=True)
def add(
    context: Context,
    *,
    request: str,
    rrule: str,
    first: datetime,
    words: str = "",
    name: str = "",
    omits: Sequence[dict[str, Any]] = (),
) -> Output:
    """Add a schedule; the next three times are shown. The same run adds it once.

    `omits`: what it leaves out, as `Omitted.rules` has it.
    """
    zone = context.owner.zone
    try:
        left_out = Omitted.of(omits)
    except ValueError as error:
        raise CannotDo(f"The schedule cannot be made: {error}.") from None
    known = {s.name: s for s in context.records.schedules()}
    made = Schedule(
        name=name, request=request, rrule=rrule, first=first, zone=zone, created=context.now, paused=False,
        looked=context.now, omits=left_out,
    )  # fmt: skip
    made = replace(made, name=name or _name(made, known))
    if name and name in known and not _same(known[name], made):
        raise CannotDo(f"There is a schedule called {name} already; choose another name or remove it first.")
    if made.name not in known:
        context.records.put_schedule(made)
    following = ", ".join(say_instant(t, zone, context.now) for t in upcoming(made, context.now, 3))
    text = f"Scheduled “{made.request}” as {made.name}, {_often(context, made)}. Next: {following}."
    brief = Brief(
        title=f"Schedule {made.name}",
        sections=(Section(heading="", passages=(Passage(text=text),)),),
        note="It runs while `deskhand serve` runs; what is missed meanwhile is caught up once.",
    )
    return Output({"name": made.name}, MINE, brief)


@action("schedule.list", gives=Counted)
def list_(context: Context) -> Output:
    """All schedules with their next time."""
    zone = context.owner.zone
    lines = []
    for s in context.records.schedules():
        following = upcoming(s, context.now, 1)
        when = (
            "paused"
            if s.paused
            else f"next {say_instant(following[0], zone, context.now)}"
            if following
            else "over"
        )
        why = "" if s.paused else context.waits(s)
        said = f"{s.name}: “{s.request}”, {_often(context, s)}; {when}.{why and f' It {why}'}"
        lines.append(Passage(text=said))
    nothing = (
        Passage(text="There is no schedule. Say for example: every weekday at 8:00 send me a digest."),
    )
    brief = Brief(title="Your schedules", sections=(Section(heading="", passages=tuple(lines) or nothing),))
    return Output({"count": len(lines)}, MINE, brief)


@action("schedule.pause", gives=Nothing, keeps=True)
def pause(context: Context, *, name: str) -> Output:
    """Pause a schedule: its times pass unused until it is resumed."""
    context.records.put_schedule(replace(_readable(context, name), paused=True))
    return _said(f"Paused {name}. Resume it with: deskhand schedule resume {name}")


@action("schedule.resume", gives=Nothing, keeps=True)
def resume(context: Context, *, name: str) -> Output:
    """Resume a paused schedule; the times that passed meanwhile are not caught up."""
    schedule = replace(_readable(context, name), paused=False, looked=context.now)
    context.records.put_schedule(schedule)
    following = upcoming(schedule, context.now, 1)
    when = f" Next: {say_instant(following[0], context.owner.zone, context.now)}." if following else ""
    return _said(f"Resumed {name}.{when}")


@action("schedule.remove", gives=Nothing, keeps=True)
def remove(context: Context, *, name: str) -> Output:
    """Remove a schedule; its history stays."""
    _known(context, name)
    context.records.drop_schedule(name)
    return _said(f"Removed {name}; its history stays (deskhand schedule history {name}).")


def upcoming(schedule: Schedule, after: datetime, count: int) -> list[datetime]:
    """The next due times, at most `count`."""
    found: list[datetime] = []
    while len(found) < count:
        following = schedule.following(after)
        if following is None:
            break
        found.append(following)
        after = following
    return found


def _known(context: Context, name: str) -> Schedule:
    found = {s.name: s for s in context.records.schedules()}
    if name not in found:
        known = f" There are: {', '.join(found)}." if found else " There is none yet."
        raise CannotDo(f"There is no schedule called {name}.{known}")
    return found[name]


def _readable(context: Context, name: str) -> Schedule:
    found = _known(context, name)
    if not found.readable:
        raise CannotDo(
            f"{name} cannot be read: it was changed past Deskhand. It stays as it is, and is not run. Put a "
            f"backup of your home back, or remove it and say it anew: deskhand schedule remove {name}"
        )
    return found


def _often(context: Context, schedule: Schedule) -> str:
    """How often it is, and what it leaves out, in words."""
    words = say_rrule(schedule.rrule, schedule.first.astimezone(ZoneInfo(schedule.zone)))
    left_out = schedule.omits.words(schedule.zone, context.now)
    return f"{words}, except: {left_out}" if left_out else words


def _name(made: Schedule, known: dict[str, Schedule]) -> str:
    """A short name out of the request's words; the same request at the same times keeps its own."""
    words = [w for w in re.findall(r"[a-z0-9]+", made.request.lower()) if w not in _FILLERS]
    base = "-".join(words[:3]) or "schedule"
    name, n = base, 2
    while name in known and not _same(known[name], made):
        name, n = f"{base}-{n}", n + 1
    return name


def _same(one: Schedule, other: Schedule) -> bool:
    """Whether two are the same request at the same times; when they were made does not count."""
    clocks = {f"{s.first.astimezone(ZoneInfo(s.zone)):%H:%M:%S}" for s in (one, other)}
    kept = (one.request, one.rrule, one.omits.key) == (other.request, other.rrule, other.omits.key)
    return kept and len(clocks) == 1


def _said(text: str) -> Output:
    brief = Brief(title="Schedules", sections=(Section(heading="", passages=(Passage(text=text),)),))
    return Output({}, MINE, brief)


_FILLERS = frozenset({"send", "me", "a", "an", "the", "give", "show", "my", "of", "to", "please", "us"})
