"""A thread in short: what it is about, what was decided, what is open, who asks whom for what by when."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.reading.asks import asked, names_in
from deskhand.agent.reading.dates import Dated, dates_in, says_itself
from deskhand.agent.reading.phrasing import (
    PASSING_ON,
    author_of,
    capital,
    count,
    excerpt,
    listing,
    moment,
    passes_on,
    quote,
    said,
    title_of,
)
from deskhand.agent.reading.salience import alike, weigh
from deskhand.agent.reading.sentences import Cue, kinds_of, split
from deskhand.agent.reading.words import content
from deskhand.connectors._quotes import foreign
from deskhand.connectors.model import Item

_QUOTED = re.compile(r"^\s*>")
_INTRODUCES = re.compile(
    r"(?i)^\s*(on\b.{4,120}\bwrote:|am\b.{4,120}\bschrieb\b.*:|le\b.{4,120}\ba écrit\s*:|"
    r"-{2,}\s*(original|forwarded) message)"
)
_REPLIES = re.compile(
    r"(?i)^\W*(yes|yep|yeah|no|nope|sure|ok|okay|agreed|correct|exactly|done|absolutely|"
    r"of course|ja|nein|oui|non|sí|si)\b"
)
_OPEN_ENDED = re.compile(
    r"(?i)\b(who|whom|whose|what|when|where|which|how|why|wer|was|wann|wo|wie|qui|quand|comment)\b"
)
_VOLUNTEERS = re.compile(r"(?i)^\W*(i('|\s+wi)ll|i\s+can|i\s+do|me)\b")
_LOOK_AHEAD = 30
"""A question is looked for an answer in so many messages after it, and in all direct replies."""
_MOST = 20_000
"""No more sentences of a thread than this are weighed; the note says when there were more."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a message (number `part` of the thread) and what it holds."""

    part: int
    item: Item
    text: str
    kinds: frozenset[Cue]
    dates: tuple[Dated, ...] = ()
    words: frozenset[str] = field(default=frozenset())


def own_words(text: str) -> str:
    """A message's text without what it quotes and what follows the mark of a signature (RFC 3676 4.3)."""
    kept = []
    lines = text.splitlines()
    if (theirs := foreign("\n".join(lines))) is not None:
        first, below = theirs
        # Of a message that only passes another one on, that one is told (`phrasing.said` says so), without
        # its headers; else only what stands above it.
        lines = lines[below:] if passes_on(text) else lines[:first]
    for line in lines:
        if line in {"-- ", "--"}:
            break
        quoted = _QUOTED.match(line) or _INTRODUCES.match(line)
        kept.append("" if quoted else line)  # an empty line: no sentence may run across the gap
    return "\n".join(kept)


def own_sentences(text: str) -> list[str]:
    """The sentences an author wrote in a message, in order."""
    found = (s.text for s in split(own_words(text)) if s.kind != "code")
    return [text for text in found if any(map(str.isalnum, text))]


def lines_of(item: Item, *, zone: str, part: int = 0) -> list[Line]:
    """The sentences an author wrote in a message, each with its cues and dates."""
    return [
        Line(
            part, item, text, frozenset(kinds_of(text)), tuple(dates_in(text, at=item.at, zone=zone)),
            frozenset(content(text)),
        )
        for text in own_sentences(item.text)
    ]  # fmt: skip


def in_order(messages: Sequence[Item]) -> list[Item]:
    """Messages by time, drafts and trash left out unless there is nothing else, each version once."""
    kept = [m for m in messages if not {"draft", "trashed"} & set(m.flags)] or list(messages)
    return sorted({(m.ref, m.version): m for m in kept}.values(), key=lambda m: (m.at, m.ref))


@dataclass(frozen=True)
class Thread:
    """A thread that was read once; it can be retold to several people, who are called differently in it."""

    items: Sequence[Item]
    """Its messages, in order."""
    lines: Sequence[Line]
    zone: str
    note: str = ""

    @classmethod
    def read(cls, messages: Sequence[Item], *, zone: str) -> Thread:
        """Read messages; `zone` is the IANA zone times are shown in."""
        items = in_order(messages)
        lines = [line for n, item in enumerate(items) for line in lines_of(item, zone=zone, part=n)]
        read = f"Only the first {_MOST:,} of {len(lines):,} sentences were read."
        note = read if len(lines) > _MOST else ""
        return cls(items, lines[:_MOST], zone, note)

    @cached_property
    def questions(self) -> Sequence[Line]:
        """Those for which nothing later looks like an answer."""
        return _open(self.lines, self.items)

    @cached_property
    def weights(self) -> Sequence[float]:
        """How much each line carries."""
        return weigh([x.text for x in self.lines], [x.part for x in self.lines])


def summarise_thread(messages: Sequence[Item], *, me: frozenset[str], zone: str, length: int = 8) -> Brief:
    """Compose a summary of a thread that is told once; see `retold`."""
    return retold(Thread.read(messages, zone=zone), me=me, length=length)


def retold(thread: Thread, *, me: frozenset[str], length: int = 8) -> Brief:
    """Compose a summary of a thread out of its authors' own words.

    `me` are the person's addresses, lower case.
    No section has more than `length` passages, the latest; the note says what was left out. Every quotation
    stands in the message version it cites, white space aside.
    """
    items, lines, zone = thread.items, thread.lines, thread.zone
    if not items:
        return Brief(title="Empty thread", note="There are no messages in it.")
    year = len({i.at.astimezone(ZoneInfo(zone)).year for i in items}) > 1
    notes = [thread.note] if thread.note else []
    told: set[tuple[int, str]] = set()
    mine = max((n for n, item in enumerate(items) if author_of(item, me) == "you"), default=-1)
    voice = _Voice(zone, me, year, names_in(items), mine)

    decisions = _unique([x for x in lines if "decision" in x.kinds], told)
    asks = _unique([x for x in lines if "ask" in x.kinds], told)
    questions = _unique(thread.questions, told)
    dates, salient = _dates(lines, told, voice), _salient(lines, thread.weights, told, length)
    # What was said last holds; dates come by date, so their last are the ones still to come.
    sections = [
        ("Decisions", len(decisions), [voice.says(x) for x in decisions[-length:]]),
        ("Open questions", len(questions), [voice.says(x, "(no answer found)") for x in questions[-length:]]),
        ("Asks", len(asks), [voice.asks(x) for x in asks[-length:]]),
        ("Dates", len(dates), dates[-length:]),
        ("Who said what", len(salient), [voice.says(x) for x in salient[-length:]]),
    ]
    shown = [Section(heading="", passages=_lead(items, zone=zone, me=me))]
    for heading, number, passages in sections:
        if number > length:
            notes.append(f"{heading}: the last {length} of {number}.")
        if passages:
            shown.append(Section(heading=heading, passages=tuple(passages)))
    if not any(i.text.strip() for i in items):
        notes.append("The messages hold no text.")
    elif len(shown) == 1:
        notes.append("Nothing in it stands out.")
    return Brief(title=title_of(items[0]), sections=tuple(shown), note=" ".join(notes))


@dataclass(frozen=True, slots=True)
class _Voice:
    zone: str
    me: frozenset[str]
    year: bool
    names: Mapping[str, frozenset[str]]
    mine: int
    """The last message of the person's own; -1 without any."""

    def says(self, line: Line, after: str = "") -> Passage:
        resolved = self._resolved(line)
        after = " ".join(filter(None, [after, f"({resolved})" if resolved else ""]))
        return said(line.item, line.text, zone=self.zone, me=self.me, year=self.year, after=after)

    def asks(self, line: Line) -> Passage:
        ask = asked(line.item, line.text, dates=line.dates, me=self.me, names=self.names)
        after = f"({ask.due})" if ask.due else f"({r})" if (r := self._resolved(line)) else ""
        if ask.mine and line.part >= self.mine:
            after = f"{after} (no reply from you found)".strip()
        verb = " ask " if author_of(line.item, self.me) == "you" else " asks "
        return said(
            line.item,
            line.text,
            zone=self.zone,
            me=self.me,
            year=self.year,
            how=(verb + ask.whom).rstrip(),
            after=after,
        )

    def _resolved(self, line: Line) -> str:
        """ "Friday = Fri 20 Nov": only where the words do not say it themselves."""
        parts = {}
        for date in line.dates[:3]:
            words = line.text[date.first : date.last].strip()
            if not says_itself(words):
                parts[words] = f"“{words}” is {date.shown(year=self.year)}"
        return "; ".join(parts.values())


def _lead(items: Sequence[Item], *, zone: str, me: AbstractSet[str]) -> tuple[Passage, ...]:
    first, last = items[0], items[-1]
    started = f"{capital(author_of(first, me))} started it on {moment(first.at, zone, year=True)}."
    if len(items) == 1:
        by = f"One message from {author_of(first, me)}, {moment(first.at, zone, year=True)}."
        return (Passage(text=by, cites=(Citation.of(first),)),)
    writers = Counter(author_of(i, me) for i in items)
    who = [f"{name} ({n})" for name, n in writers.most_common(5)]
    if len(writers) > 5:
        who.append(count(len(writers) - 5, "other"))
    each = f"{len(items):,} messages by {listing(who)}."
    end = f"The last is from {author_of(last, me)}, {moment(last.at, zone, year=True)}."
    return (
        Passage(text=f"{started} {each}", cites=(Citation.of(first),)),
        Passage(text=end, cites=(Citation.of(last),)),
    )


def _unique(lines: Sequence[Line], told: set[tuple[int, str]]) -> list[Line]:
    """Those not told yet, each statement of an author once; they count as told from now on."""
    fresh = []
    for line in lines:
        if (line.part, line.text) not in told:
            told.add((line.part, line.text))
            fresh.append(line)
    return fresh


def _open(lines: Sequence[Line], items: Sequence[Item]) -> list[Line]:
    """Questions for which nothing later looks like an answer."""
    parts: dict[int, list[Line]] = {}
    for line in lines:
        parts.setdefault(line.part, []).append(line)
    replies: dict[str, list[int]] = {}
    for n, item in enumerate(items):
        for relation in item.relations:
            if relation.type == "reply-to":
                replies.setdefault(relation.target, []).append(n)
    return [
        line
        for line in lines
        if "question" in line.kinds and not _is_answered(line, items, parts=parts, replies=replies)
    ]


def _is_answered(
    line: Line, items: Sequence[Item], *, parts: dict[int, list[Line]], replies: dict[str, list[int]]
) -> bool:
    asker = author_of(line.item)
    direct = {n for key in _ids(line.item) for n in replies.get(key, ())}
    near = range(line.part + 1, min(len(items), line.part + 1 + _LOOK_AHEAD))
    for n in sorted({*near, *list(direct)[:_LOOK_AHEAD]}):
        if n <= line.part or author_of(items[n]) == asker:
            continue
        later = parts.get(n, [])
        replies_to = n in direct or not any(r.type == "reply-to" for r in items[n].relations)
        if later and replies_to and _is_direct(line, later):
            return True
        enough = 1 if replies_to and len(line.words) <= 3 else 2
        if any(
            len(line.words & other.words) >= enough
            and "question" not in other.kinds
            and other.words - line.words
            for other in later
        ):
            return True
    return False


def _is_direct(line: Line, later: Sequence[Line]) -> bool:
    """Whether a reply gives the kind of thing asked for: yes or no, a day, a number, a volunteer."""
    asked_for = _OPEN_ENDED.search(line.text)
    if asked_for is None:
        return bool(_REPLIES.match(later[0].text))
    statements = [x for x in later if "question" not in x.kinds]
    match asked_for[0].casefold():
        case "when" | "wann" | "quand":
            return any(x.dates for x in statements)
        case "how":
            wants_number = re.search(r"(?i)\bhow (many|much|long|often)\b", line.text)
            return bool(wants_number) and any("number" in x.kinds for x in statements)
        case "who" | "wer" | "qui":
            return any(_VOLUNTEERS.match(x.text) for x in statements)
        case _:
            return False


def _ids(item: Item) -> list[str]:
    return [str(item.data.get("message_id", "")), item.ref.native, str(item.ref)]


def _dates(lines: Sequence[Line], told: set[tuple[int, str]], voice: _Voice) -> list[Passage]:
    """Every date once, in order of time, beside the words that name it."""
    found: dict[str, tuple[datetime, Passage]] = {}
    quoted: set[tuple[int, str]] = set()
    for line in lines:
        for date in line.dates:
            value = date.shown()
            if value in found:
                continue
            words = excerpt(line.text, date.first, date.last)
            if (line.part, words) in told | quoted if len(told) < 50 else (line.part, words) in quoted:
                words = line.text[date.first : date.last].strip()
            quoted.add((line.part, words))
            who = f"{author_of(line.item, voice.me)}{PASSING_ON if passes_on(line.item.text) else ''}"
            by = f"({who}, {moment(line.item.at, voice.zone, year=voice.year)})"
            text = f"{capital(value)}: {quote(words)} {by}"
            found[value] = (date.key, Passage(text=text, cites=(Citation.of(line.item),)))
    return [passage for _, passage in sorted(found.values(), key=lambda pair: pair[0])]


def _salient(
    lines: Sequence[Line], weights: Sequence[float], told: set[tuple[int, str]], length: int
) -> list[Line]:
    """The strongest sentences, one for each message at most, in order of time."""
    best: list[Line] = []
    used = {part for part, _ in told}
    ranked = sorted(
        (
            (weight * (0.6 if line.part in used else 1.0), -n, line)
            for n, (line, weight) in enumerate(zip(lines, weights, strict=True))
            if (line.part, line.text) not in told and len(line.words) > 1
        ),
        key=lambda entry: entry[:2],
        reverse=True,
    )
    spoken: set[int] = set()
    for weight, _, line in ranked:
        if len(best) == length or weight <= 0:
            break
        if line.part not in spoken and not any(alike(line.words, other.words) for other in best):
            spoken.add(line.part)
            best.append(line)
    return sorted(best, key=lambda x: x.part)
