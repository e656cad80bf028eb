"""One meeting in several of the owner's calendars: which copy is acted upon, and what of it is told.

Whoever has two accounts is often invited in both, and a calendar may show the meetings of another one. They
are one meeting where the UID (iCalUID) and the organizer are the same, and one occurrence of it where the
RECURRENCE-ID is. The UID alone proves nothing: whoever was invited knows it, and can invite under it again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from deskhand.agent.profile import Place
from deskhand.connectors._global_id import of_meeting
from deskhand.connectors.model import Item, Participant
from deskhand.connectors.occurrences import ANSWERS, Occurrence, answer

AROUND = timedelta(days=31)
"""How far beside a window the other copies of a meeting are looked for: one may lie where it was before."""

Expand = Callable[[Item], list[Occurrence]]


@dataclass(frozen=True, slots=True)
class Copies:
    """How copies of one meeting compare."""

    me: frozenset[str]
    """All addresses of the owner, lower case."""
    places: Sequence[Place] = ()

    def meeting_of(self, event: Item) -> tuple[str, str]:
        """What all copies of a meeting are called: the UID, and the organizer's address; "" is the owner."""
        organizer = event.person("organizer")
        address = organizer.address.lower() if organizer is not None else ""
        return of_meeting(str(event.data.get("uid") or event.ref)), "" if address in self.me else address

    def lead(self, items: Iterable[Item]) -> Item:
        """The copy that is acted upon.

        The organizer's own where it can be written; else one that is not cancelled, that can be written, in
        the account that was invited, that has the firmest answer, that takes time; else the one of the source
        that was added first.
        """
        return max(sorted(items, key=self._order), key=self._rank)

    def _order(self, item: Item) -> int:
        return next((n for n, p in enumerate(self.places) if p.alias == item.ref.source), len(self.places))

    def _rank(self, item: Item) -> tuple[bool, bool, bool, bool, int, bool]:
        able, kept = self._able(item), item.data.get("status") != "cancelled"
        return (
            able and self._called_here(item), kept, able, self._invited_here(item), self._firmness(item),
            not item.data.get("transparent"),
        )  # fmt: skip

    def _place(self, item: Item) -> Place | None:
        return next((p for p in self.places if p.alias == item.ref.source), None)

    def _able(self, item: Item) -> bool:
        place, organizer = self._place(item), item.person("organizer")
        ours = organizer is None or not organizer.address or organizer.address in self.me
        return place is not None and ("event.update" if ours else "event.respond") in place.operations

    def _called_here(self, item: Item) -> bool:
        place, organizer = self._place(item), item.person("organizer")
        if organizer is None or organizer.address not in self.me:
            return False
        return organizer.address == place.account if place and place.account else item.label.trust == "user"

    def _invited_here(self, item: Item) -> bool:
        place = self._place(item)
        return place is not None and any(p.address == place.account for p in item.people if p.address)

    def _firmness(self, item: Item) -> int:
        mine = (p.status for p in item.people if p.address in self.me and p.role == "attendee")
        return max((ANSWERS.index(s) for s in mine if s in ANSWERS), default=-1)

    def once(self, items: Sequence[Item], expand: Expand) -> list[Occurrence]:
        """The occurrences of one meeting, each once, whatever copies there are.

        Each is told at the time that the copy says which knows best (`_newest`), with the firmest answer of
        the owner in any; it takes time where any copy says so. `ref` is the copy to act upon, `copies` are
        all.
        """
        lead = self.lead(items)
        ordered = [lead, *(i for i in sorted(items, key=self._order) if i is not lead)]
        groups: dict[datetime | None, list[tuple[Item, Occurrence]]] = {}
        for item in ordered:
            for o in expand(item):
                named = o.recurrence_id.astimezone(UTC) if o.recurrence_id else None
                groups.setdefault(named, []).append((item, o))
        found = []
        for group in groups.values():
            has = [item for item, _ in group]
            if any(self._newer(i, has) for i in ordered if i not in has and _whole(i)):
                continue  # it is not held any more, as the copy says that knows
            found.append(self._told(group))
        return found

    def _told(self, group: Sequence[tuple[Item, Occurrence]]) -> Occurrence:
        (_, acted), *others = group
        if not others:
            return acted
        teller = self._newest(group)
        every = [o for _, o in group]
        free = teller if teller.transparent and answer(teller, self.me) != "declined" else None
        taken = next((o for o in every if free and not o.transparent), teller)
        return replace(
            teller, ref=acted.ref, recurrence_id=acted.recurrence_id, copies=tuple(o.ref for o in every),
            people=self._people(teller, group), private=any(o.private for o in every),
            transparent=taken.transparent, shown_as=taken.shown_as,
        )  # fmt: skip

    def _newest(self, group: Sequence[tuple[Item, Occurrence]]) -> Occurrence:
        """The one that knows best when it is: where all agree, the copy that is acted upon; else the
        organizer's own, the one of the highest SEQUENCE (RFC 5546 2.1.4), or the one changed last."""
        if len({(o.start.astimezone(UTC), o.end.astimezone(UTC)) for _, o in group}) == 1:
            return group[0][1]
        own = next((o for item, o in group if self._called_here(item)), None)
        if own is not None:
            return own
        numbers = [_sequence(item) for item, _ in group]
        if None not in numbers and len(set(numbers)) > 1:
            return max(group, key=lambda one: _sequence(one[0]) or 0)[1]
        return max(group, key=lambda one: one[0].at)[1]

    def _newer(self, item: Item, others: Sequence[Item]) -> bool:
        """Whether a copy that lacks an occurrence knows better than those that have it. One that may have
        been taken out of that calendar alone stays."""
        if any(self._called_here(o) for o in others):
            return False
        if self._called_here(item):
            return True
        mine, theirs = _sequence(item), [n for o in others if (n := _sequence(o)) is not None]
        if mine is not None and len(theirs) == len(others) and mine not in theirs:
            return mine > max(theirs)
        moved = all(_pattern(item) != _pattern(o) for o in others)
        return moved and item.at > max(o.at for o in others)

    def _people(
        self, teller: Occurrence, group: Sequence[tuple[Item, Occurrence]]
    ) -> tuple[Participant, ...]:
        """Those the teller names, the owner's own answers as the account says that was invited, else the
        firmest; and the owner, where only another copy names her."""
        known: dict[str, Participant] = {}
        sure: set[str] = set()
        for item, o in group:
            place = self._place(item)
            for p in o.people:
                if p.address not in self.me or p.role != "attendee" or p.address in sure:
                    continue
                if place is not None and p.address == place.account and p.status in ANSWERS[3:]:
                    sure.add(p.address)
                elif p.address in known and _firm(known[p.address]) >= _firm(p):
                    continue
                known[p.address] = p
        there = {p.address for p in teller.people if p.role in ("attendee", "organizer")}
        told = (known.get(p.address, p) if p.role == "attendee" else p for p in teller.people)
        return (*told, *(p for a, p in known.items() if a not in there))


def _whole(item: Item) -> bool:
    """Whether a copy is all of its series, and not some occurrences that somebody was invited to."""
    return bool(item.data.get("rrule")) or not item.data.get("recurring")


def _pattern(item: Item) -> tuple[datetime | None, datetime | None, str]:
    return item.start, item.end, str(item.data.get("rrule", ""))


def _firm(one: Participant) -> int:
    return ANSWERS.index(one.status) if one.status in ANSWERS else -1


def _sequence(item: Item) -> int | None:
    """How often the meeting was changed, where the copy says so."""
    said = re.search(r"^SEQUENCE[;:]", str(item.data.get("ics", "")), re.M)
    return int(item.data.get("sequence", 0)) if said else None
