"""The digest: today with its context, who waits for you, for whom you wait, what changed, what to decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Protocol
from zoneinfo import ZoneInfo

from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.reading.asks import asked, is_automatic, names_in
from deskhand.agent.reading.changes import main_change
from deskhand.agent.reading.phrasing import (
    NOBODY,
    ago,
    author_of,
    capital,
    count,
    day,
    listing,
    moment,
    passes_on,
    plain_name,
    quote,
    said,
    title_of,
)
from deskhand.agent.reading.sentences import kinds_of
from deskhand.agent.reading.thread import in_order, own_sentences
from deskhand.connectors.model import Item, ItemRef, Participant

Key = tuple[str, str]
"""What was told: an item's address and its version (with what else tells one telling from another)."""

Late = Callable[[str, datetime], str]
"""Says of an address and when its mail came whether that waits longer than usual: words, or ""."""

_MOST = 10


def _never(address: str, since: datetime) -> str:
    return ""


class Happening(Protocol):
    """One occurrence of an event. `start` and `end` are aware; whole days begin and end at midnight."""

    @property
    def title(self) -> str: ...
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def people(self) -> Sequence[Participant]: ...
    @property
    def location(self) -> str: ...
    @property
    def ref(self) -> ItemRef: ...


@dataclass
class _Digest:
    """What is being put together: passages per heading, and the keys of what they tell."""

    now: datetime
    zone: str
    me: frozenset[str]
    seen: frozenset[Key]
    late: Late = _never
    sections: dict[str, list[Passage]] = field(default_factory=dict[str, list[Passage]])
    told: dict[Key, None] = field(default_factory=dict[Key, None])
    cut: dict[str, int] = field(default_factory=dict[str, int])

    def tell(self, heading: str, passage: Passage, *keys: Key) -> None:
        """Add a passage once; beyond the limit it is counted, and not told, so that it comes next time."""
        if keys and all(key in self.seen for key in keys):
            return
        passages = self.sections.setdefault(heading, [])
        if len(passages) >= _MOST:
            self.cut[heading] = self.cut.get(heading, 0) + 1
            return
        passages.append(passage)
        self.told.update(dict.fromkeys(keys))


def compose_digest(
    *,
    now: datetime,
    zone: str,
    me: frozenset[str],
    day: Sequence[Happening] = (),
    related: Mapping[ItemRef, Sequence[Item]] | None = None,
    threads: Sequence[Sequence[Item]] = (),
    changed: Sequence[tuple[Item | None, Item]] = (),
    decisions_needed: Sequence[Passage] = (),
    seen: frozenset[Key] = frozenset(),
    patience: int = 3,
    late: Late = _never,
) -> tuple[Brief, list[Key]]:
    """Compose the digest of a day; return it with the keys of what it told, for the next one's `seen`.

    `now` is aware, `zone` (IANA) is where the day is; `me` are the person's addresses, lower case.
    `day` are today's occurrences, `related` the items that give each its context. An own question
    is listed after `patience` working days without an answer. What is in `seen` is left out, an
    event of today unless its time, title or place changed. `late` says what a wait is beside the habit.
    """
    made = _Digest(now, zone, me, seen, late)
    for happening in sorted(day, key=lambda e: (e.start, e.title)):
        _event(made, happening, (related or {}).get(happening.ref, ()))
    for thread in threads:
        if messages := [m for m in in_order(thread) if not {"draft", "trashed"} & set(m.flags)]:
            _waiting(made, messages, patience)
    for older, newer in changed:
        _document(made, older, newer)
    for passage in decisions_needed:
        mark = sha256(passage.text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        keys = [(str(c.ref), f"{c.version}#{mark}") for c in passage.cites]
        made.tell("Decisions needed", passage, *keys)
    return _brief(made), list(made.told)


def _brief(made: _Digest) -> Brief:
    local = made.now.astimezone(ZoneInfo(made.zone))
    title = f"Digest for {day(local)}"
    # What needs the reader comes right after the day itself.
    order = (
        "Today",
        "Decisions needed",
        "Waiting for your answer",
        "You are waiting for",
        "Changed documents",
    )
    sections = []
    for heading in order:
        if found := made.sections.get(heading):
            if heading.endswith(("answer", "waiting for")):
                found = [
                    p for _, p in sorted(enumerate(found), key=lambda pair: (pair[1].cites[0].at, pair[0]))
                ]
            sections.append(Section(heading=heading, passages=tuple(found)))
    if not sections:
        calm = "Nothing new: no events left to tell, nobody waits for you, and no document changed."
        return Brief(title=title, sections=(Section(heading="", passages=(Passage(text=calm),)),))
    more = [f"{heading}: {count(number, 'more', 'more')}." for heading, number in made.cut.items()]
    return Brief(title=title, sections=tuple(sections), note=" ".join(more))


def _event(made: _Digest, event: Happening, context: Sequence[Item]) -> None:
    zone = ZoneInfo(made.zone)
    today = made.now.astimezone(zone).date()
    start, end = event.start.astimezone(zone), event.end.astimezone(zone)
    others = [
        p for p in event.people
        if p.address not in made.me and p.status != "declined" and p.role != "resource"
    ]  # fmt: skip
    names = list(dict.fromkeys(plain_name(p.name) or p.address for p in others))
    if len(names) > 5:
        names = [*names[:4], f"{len(names) - 4} others"]
    line = f"{_hours(start, end, today)}  {' '.join(event.title.split())[:160] or '(no title)'}"
    if names:
        line += f", with {listing(names)}"
    if place := " ".join(event.location.split())[:100]:
        line += f" ({place})"
    items = list({i.ref: i for i in context if i.ref != event.ref}.values())[:3]
    if items:
        line += f". See {listing([quote(title_of(i), longest=60) for i in items])}"
    state = f"{event.title}\0{event.location}\0{event.start.isoformat()}\0{event.end.isoformat()}"
    mark = sha256(state.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    passage = Passage(text=line, cites=tuple(Citation.of(i) for i in items))
    made.tell("Today", passage, (str(event.ref), f"{today.isoformat()}#{mark}"))


def _hours(start: datetime, end: datetime, today: date) -> str:
    if start.time() == end.time() == datetime.min.time() and end > start:
        last = (end - timedelta(days=1)).date()
        return "All day" if start.date() == last else f"All day until {day(last, year=False)}"
    first = f"{start:%H:%M}" if start.date() == today else f"{day(start, year=False)} {start:%H:%M}"
    return (
        f"{first}–{end:%H:%M}"
        if end.date() == start.date()
        else f"{first} to {day(end, year=False)} {end:%H:%M}"
    )


def _waiting(made: _Digest, messages: Sequence[Item], patience: int) -> None:
    last, names = messages[-1], names_in(messages)
    if author_of(last, made.me) == "you":
        if _working_days(last.at, made.now, made.zone) >= patience and (
            words := _asking(last, made.me, names)
        ):
            _tell_own(made, last, words)
        return
    sender = author_of(last)
    # A second message by the same person ("and here is the file") does not take the question back.
    for message in reversed(messages):
        if author_of(message) != sender:
            return
        to_me = any(p.address in made.me for p in message.people if p.role == "to")
        if not to_me or "answered" in message.flags or is_automatic(message):
            continue
        if words := _asking(message, made.me, names):
            from_ = message.person("from")
            habit = made.late(from_.address, message.at) if from_ else ""
            waits = f"(waiting {ago(made.now - message.at)}{f'; {habit}' if habit else ''})"
            passage = said(
                message, words, zone=made.zone, after=f"{waits} in {quote(title_of(message), longest=60)}"
            )
            made.tell("Waiting for your answer", passage, (str(message.ref), message.version))
            return


def _tell_own(made: _Digest, message: Item, words: str) -> None:
    to = [
        plain_name(p.name) or p.address for p in message.people if p.role == "to" and p.address not in made.me
    ]
    if not to:
        return
    names = to if len(to) <= 2 else [to[0], f"{len(to) - 1} others"]
    line = (
        f"{listing(names)}, asked {moment(message.at, made.zone)}: {quote(words)} "
        f"(no answer for {count(_working_days(message.at, made.now, made.zone), 'working day')}) "
        f"in {quote(title_of(message), longest=60)}"
    )
    passage = Passage(text=capital(line), cites=(Citation.of(message),))
    made.tell("You are waiting for", passage, (str(message.ref), message.version))


def _asking(message: Item, me: frozenset[str], names: Mapping[str, frozenset[str]]) -> str:
    """The ask's own words, else the question's; "" when it has neither.

    In a message to me only what does not call somebody else by name.
    """
    own, question = author_of(message, me) == "you", ""
    if own and passes_on(message.text):
        return ""  # somebody else asks there
    for text in own_sentences(message.text):
        kinds = kinds_of(text)
        if "ask" not in kinds and ("question" not in kinds or question):
            continue
        if own or asked(message, text, dates=(), me=me, names=names).mine:
            if "ask" in kinds:
                return text
            question = text
    return question


def _working_days(since: datetime, now: datetime, zone: str) -> int:
    """Whole working days (Monday to Friday) between two days, the first not counted."""
    first, last = since.astimezone(ZoneInfo(zone)).date(), now.astimezone(ZoneInfo(zone)).date()
    whole, rest = divmod(max(0, (last - first).days), 7)
    return whole * 5 + sum((first + timedelta(days=n)).weekday() < 5 for n in range(1, rest + 1))


def _document(made: _Digest, older: Item | None, newer: Item) -> None:
    key = (str(newer.ref), newer.version)
    if key in made.seen or not (change := main_change(older, newer)):
        return
    who = author_of(newer)
    by = "" if who == NOBODY else f"{who}, "
    line = f"{quote(title_of(newer), longest=80)}, {by}{moment(newer.at, made.zone)}: {change}"
    cites = (Citation.of(newer),) if older is None else (Citation.of(older), Citation.of(newer))
    made.tell("Changed documents", Passage(text=line, cites=cites), key)
