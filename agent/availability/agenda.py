"""The calendar as a person means it: what happens when, what takes their time, what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from difflib import SequenceMatcher

from deskhand.agent.availability.copies import AROUND, Copies
from deskhand.agent.profile import Place
from deskhand.agent.slots.model import Interval
from deskhand.agent.wording.writes import LONGEST, quoted
from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.occurrences import (
    ANSWERS,
    MOST,
    Occurrence,
    answer,
    away,
    occurrences,
    takes_time,
    unsure,
)

__all__ = ["answer", "busy", "find_event", "named", "occurrences_between", "takes_time", "told_between"]

_SORTS = frozenset({"appointment", "call", "event", "meeting", "meetings"})
"""Words for an event of any name: they count only where other words do not decide."""

_NO_NAMES = frozenset(
    {"a", "about", "an", "and", "at", "for", "from", "in", "my", "of", "on", "our", "the", "their", "this"}
    | {"that", "to", "with"}
)
"""Words that tell no event from another."""

_TITLE, _PEOPLE = 300, 100
"""How much of an event is looked at to find it by words; both may be written by strangers."""


def occurrences_between(
    events: Iterable[Item],
    *,
    start: datetime,
    end: datetime,
    zone: str,
    me: frozenset[str],
    places: Sequence[Place] = (),
) -> list[Occurrence]:
    """What happens in `[start, end)`, in order, each meeting once.

    A meeting seen in several calendars (same UID and organizer, same occurrence) is told once, and acted upon
    in one of them: `Copies` says which. Cancelled and declined ones are in the list.

    :param me: all my addresses, lower case.
    :param places: the connected sources, and what can be written there.
    :raises ValueError: naive times, or an unknown zone.
    """
    return told_between(events, start=start, end=end, zone=zone, me=me, places=places)[0]


def told_between(
    events: Iterable[Item],
    *,
    start: datetime,
    end: datetime,
    zone: str,
    me: frozenset[str],
    places: Sequence[Place] = (),
) -> tuple[list[Occurrence], datetime]:
    """The same, and up to when it is all there: of an event no more than `MOST` occurrences are told.

    Those that are cancelled, or told by another copy, count among them. `events` may hold more than the
    window touches: a copy that lies elsewhere by now tells of the others that they are old.
    """
    until = end
    copies = Copies(me, places)
    meetings: dict[tuple[str, str], list[Item]] = {}
    for event in events:
        meetings.setdefault(copies.meeting_of(event), []).append(event)
    kept: dict[tuple[tuple[str, str], datetime], Occurrence] = {}
    for name, items in meetings.items():
        low, high = (start, end) if len(items) == 1 else (start - AROUND, end + AROUND)

        def expand(item: Item, low: datetime = low, high: datetime = high) -> list[Occurrence]:
            nonlocal until
            told = occurrences(item, start=low, end=high, zone=zone)
            if len(told) >= MOST:
                until = min(until, told[-1].start)
            return told

        for found in expand(items[0]) if len(items) == 1 else copies.once(items, expand):
            if len(items) > 1 and not _lies_in(found, start, end):
                continue
            key = (name, _utc(found.start))
            other = kept.get(key)
            if other is None or _says(found, me) > _says(other, me):
                kept[key] = found
    return sorted(kept.values(), key=_order), until


def _lies_in(o: Occurrence, start: datetime, end: datetime) -> bool:
    first, last, low, high = (_utc(m) for m in (o.start, o.end, start, end))
    return first < high and (last > low or first == last >= low)


def busy(found: Iterable[Occurrence], *, me: frozenset[str], sole: bool = False) -> list[Interval]:
    """When I am not free, in order, one interval for each thing that `takes_time`.

    `tentative` marks what is not certain: a tentative event, or one I have not firmly answered. A private
    one has no name. Days, and being away, are no meetings.
    """
    mine = sorted((o for o in found if takes_time(o, me=me, sole=sole)), key=_order)
    return [
        Interval(
            o.start, o.end, unsure(o, me=me), "" if o.private else o.title,
            meeting=not o.all_day and not away(o),
        )
        for o in mine
    ]  # fmt: skip


def named(occurrence: Occurrence) -> str:
    """What to call it in a reason: its title in quotes; of what is private, only that."""
    return (
        "something private" if occurrence.private else quoted(occurrence.title or "(no title)", most=LONGEST)
    )


def guests(event: Item | None, *, me: frozenset[str]) -> list[str]:
    """The addresses of those invited to an event, without my own; none where there is no event."""
    people = event.people if event else ()
    return [p.address for p in people if p.role == "attendee" and p.address not in me]


def to_answer(event: Item | None, *, me: frozenset[str]) -> list[str]:
    """The addresses of those invited to an event and of the rooms it asks for, without my own."""
    people = event.people if event else ()
    return [p.address for p in people if p.role in ("attendee", "resource") and p.address not in me]


def others(event: Item | Occurrence, *, me: frozenset[str]) -> dict[str, str]:
    """Everybody else in an event, the organizer too, by address with the name. A room is nobody."""
    there = (p for p in event.people if p.address and p.role != "resource")
    return {p.address: p.name for p in there if p.address not in me}


def find_event(found: Sequence[Occurrence], words: str, *, when: Interval | None = None) -> list[Occurrence]:
    """The occurrences a person can mean, all that fit equally well; more than one means: ask.

    `words` name it by title or people ("the meeting with the auditor"); those that fit the most words
    are taken, and among them those that fit them best. `when` is the time meant ("my 3pm"): what
    begins in it, or, where nothing does, what lies over it. Cancelled ones are never meant. Without
    words that tell events apart, and without `when`, nothing is found.
    """
    meant = [o for o in found if o.status != "cancelled"]
    said = [w for w in dict.fromkeys(_words(words)) if w not in _NO_NAMES]
    telling = [w for w in said if w not in _SORTS]
    if when is None:
        return _fitting(meant, telling or said, said)
    low, high = _utc(when.start), _utc(when.end)
    begins = [o for o in meant if low <= _utc(o.start) < high]
    lies_over = [o for o in meant if _utc(o.start) < high and _utc(o.end) > low]
    if not telling:
        return sorted(begins or lies_over, key=_order)
    return _fitting(begins, telling, said) or _fitting(lies_over, telling, said)


def _fitting(found: Sequence[Occurrence], telling: Sequence[str], said: Sequence[str]) -> list[Occurrence]:
    known: dict[tuple[ItemRef, str], tuple[int, int]] = {}
    fits: list[tuple[tuple[int, int], Occurrence]] = []
    for occurrence in found:
        # A series has many occurrences and one name.
        key = (occurrence.ref, occurrence.title)
        if key not in known:
            has = set(_names(occurrence))
            marks = {w: max((_alike(w, h) for h in has), default=0) for w in said}
            known[key] = (sum(marks[w] > 0 for w in telling), sum(marks.values()))
        fits.append((known[key], occurrence))
    best = max((fit for fit, _ in fits), default=(0, 0))
    return sorted((o for fit, o in fits if fit == best), key=_order) if best[0] else []


def _names(occurrence: Occurrence) -> Iterable[str]:
    yield from _words(occurrence.title[:_TITLE])
    for person in occurrence.people[:_PEOPLE]:
        yield from _words(person.name[:_TITLE])
        yield from _words(person.address[:_TITLE].partition("@")[0])


def _alike(wanted: str, has: str) -> int:
    """3 the same word, 2 one begins with the other ("audit", "auditor"), 1 nearly the same, 0 not."""
    if wanted == has:
        return 3
    if min(len(wanted), len(has)) >= 4 and (wanted.startswith(has) or has.startswith(wanted)):
        return 2
    if min(len(wanted), len(has)) < 5 or abs(len(wanted) - len(has)) > 2:
        return 0
    matcher = SequenceMatcher(None, wanted, has, autojunk=False)
    return int(matcher.real_quick_ratio() >= 0.8 and matcher.ratio() >= 0.8)


def _words(text: str) -> list[str]:
    return [w for w in re.findall(r"\w+", text.casefold()) if len(w) <= 60]


def _says(occurrence: Occurrence, me: frozenset[str]) -> tuple[bool, int, bool]:
    said = answer(occurrence, me)
    firm = len(ANSWERS) if said == "organizer" else ANSWERS.index(said)
    return occurrence.status != "cancelled", firm, not occurrence.transparent


def _order(occurrence: Occurrence) -> tuple[datetime, bool, datetime, str, str]:
    start, end = _utc(occurrence.start), _utc(occurrence.end)
    return start, not occurrence.all_day, end, occurrence.title, str(occurrence.ref)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
