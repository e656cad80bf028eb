"""A request, taken apart: its words, times, people, quotations. What goals are recognised from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from deskhand.agent.availability.folding import every_day
from deskhand.agent.planners.rewording import courtesies
from deskhand.agent.planners.rewording.colloquial import with_hours, without_colloquial
from deskhand.agent.planners.rewording.idioms import plain
from deskhand.agent.planners.rewording.reasons import without_reason
from deskhand.agent.planners.words import namesakes
from deskhand.agent.planners.words.directory import Directory, Named, addressed
from deskhand.agent.planners.words.groups import Group, expanded
from deskhand.agent.planners.words.mail_parts import parts_written_out
from deskhand.agent.planners.words.phrases import LEXICON, SLIPS, normal
from deskhand.agent.planners.words.tidying import strip_politeness, tidy
from deskhand.agent.planners.words.writing import split
from deskhand.agent.profile import Known
from deskhand.agent.times import Reading, read

_KEPT = 64
"""So many requests are kept as they were taken apart: a wish and its parts are some ten."""
LONGEST = 4000
"""Characters of a request. A wish is a few sentences; more is a document, which is added as a source."""

_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|(?<!\w)'([^']+)'(?!\w)|«([^»]+)»")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SLIP = re.compile(rf"\b(?:{'|'.join(SLIPS)})\b", re.I)
_WEEKDAYS = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_WHOSE_DAY = re.compile(
    r"\b(?P<day>(?:today|tonight|tomorrow|yesterday)(?=s\s+[a-z])|"
    rf"(?:(?<=^cancel )|(?<=^skip )|(?<=^move )|(?<=\bthe )|(?<=\bmy )|(?<=\bour )|(?<=\bto )){_WEEKDAYS}"
    rf"(?=s\s+(?:{LEXICON['meeting']})\b))s\b",
    re.I,
)
"""Whose something is, without the apostrophe: "tomorrows dentist", "mondays sync"."""
_WITH = re.compile(r"\bw/(?!o\b)\s*(?=\S)", re.I)
PAST = "happened, "
"""What `read` takes for a sign that something is over: "on Monday" was last Monday then."""

_IF_POSSIBLE = re.compile(r"\bif (?:at all )?(?:possible|available)(?=\W*$)", re.I)
_DONE_AT = re.compile(
    rf"(?<=\d) (?=(?:please|{LEXICON['arrange']}|{LEXICON['give']}|{LEXICON['show']}|{LEXICON['summarise']}|"
    rf"{LEXICON['cancel']}|{LEXICON['ask']}|move|invite|meet|tell|ask|remind|pause|resume|stop|compare|"
    rf"forward|reply|draft|block|brief|"
    r"(?:an?|the|my)\s+(?:list|digest|summary|report|overview|rundown|briefing|mail|e-?mail))\b)",
    re.I,
)
_NARROWS = re.compile(
    r"\b(?:no|not|never|except|only|just|ideally|preferably|avoid(?:ing)?|without|or)\s+(?:(?:on|in|"
    r"the)\s+)*$",
    re.I,
)
_NARROWED = re.compile(r"\s+(?:only|preferred|if possible|or)\b", re.I)
_LEAD = re.compile(r"[\s,]*(?:(?:for|on|at|in|by|one|some|sometime|any)\s+)?", re.I)
_NAMED_NIGHT = re.compile(
    r"\b(?:the|my|our|an?)\s+(?!(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tue|wed|thu|fri|sat|"
    r"sun|next|"
    r"whole|same|other|following|first|last|second|third|entire|early|late|previous|coming|good|nice|free|"
    r"busy|"
    r"full|one|very|day|week|tomorrow|today|single|half|quiet|long)\b)"
    r"[a-z][\w'’-]*\s+(?P<part>evening|night|morning)\b(?!\s+(?:of|before|after)\b)",
    re.I,
)
"""An event that is called by a time of the day."""
_NAMED_FEAST = re.compile(
    r"\b(?:christmas|xmas|easter|halloween|thanksgiving)(?=\s+(?:staff\s+|office\s+)?(?:party|do|dinner|lunch|drinks|"
    r"cards?|market|concert|play|tree|meal|show|fair|bazaar|carols?|shopping|quiz|reception|ball|raffle)\b)",
    re.I,
)
"""An event that is called by a feast, and need not be on it: "the Christmas party"."""
_NAMED_PERIOD = re.compile(
    r"\b(?P<lead>(?:the|my|our)\s+)(?P<part>q[1-4]|january|february|march|april|may|june|july|august|september|october|"
    r"november|december)(?=\s+(?:(?!in\b|on\b|from\b|about\b)[a-z][\w-]*\s+){1,3}?"
    rf"(?:{LEXICON['thread']}|e-?mail)s?\b)",
    re.I,
)
"""A mail that is called by a part of the year: "the Q4 rota thread"."""
_SIGNS = {"interval": "<when>", "instant": "<when>", "duration": "<length>", "recurrence": "<often>"}

WEEKDAYS = re.compile(r"(?:(?:on|any|some|the)\s+)*weekdays\b.*\bweek$", re.I)
"""On which days of one week a time may be; "every weekday" is a repetition."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Aside:
    """Words that were taken out of a wish, and what they meant was kept."""

    words: str
    of_time: bool = True
    """Whether they say when: an exact time stands for them too."""


@dataclass(frozen=True)
class Request:
    """The person's words without politeness, in two parts: the wish, and the text that it brings along."""

    original: str
    head: str
    """What is wished. Spans count in here."""
    tail: str
    """What begins the text to be written, and that text (": thanks, that works")."""
    body: str
    """The text to be written, as it was said; line breaks kept."""
    known: Known = field(repr=False)
    aside: tuple[Aside, ...] = ()
    """What was taken out of the wish, in order; whatever is offered instead of the wish says it as well."""
    idiomatic: bool = False
    """Whether an idiom fits the whole wish, and it was written out."""
    groups: tuple[Group, ...] = ()
    """Groups of people that were named; in the wish their people stand in their place."""

    @classmethod
    def of(cls, words: str, known: Known) -> Request:
        """Take a request apart. Lone surrogates and control characters become spaces.

        The same words of the same person are taken apart once: many look at a wish.
        """
        kept = known.kept
        found = kept.get(words)
        if not isinstance(found, cls):
            if len(kept) >= _KEPT:
                kept.clear()
            found = kept[words] = cls._of(words, known)
        return found

    @classmethod
    def _of(cls, words: str, known: Known) -> Request:
        original = _UNPRINTABLE.sub(" ", words).strip()
        head, tail, body = split(parts_written_out(strip_politeness(original)))
        head = _WITH.sub("with ", head)
        head = _SLIP.sub(lambda m: SLIPS[m.group().lower()], head)
        head = _WHOSE_DAY.sub(r"\g<day>'s", head)
        head = without_colloquial(head if body else courtesies.kept(head, original))
        head = with_hours(head, known.now)
        directory = Directory.of(known)
        head = namesakes.written_out(head, directory)
        head, groups = expanded(head, known, directory) if known.groups else (head, ())
        said = plain(cls(original, head, tail, body, known, groups=groups))
        told = without_reason(said)
        return told if told is said else plain(told)

    @cached_property
    def text(self) -> str:
        """All of it."""
        return self.head + self.tail

    @cached_property
    def said(self) -> str:
        """The wish as templates see it: names, times and quotations are one sign each."""
        signs: list[tuple[Span, str]] = [(span, "<quote>") for span, _ in self.quoted]
        times = [t for t in self.times if not t.text.lower().startswith("my ")]  # "a rundown of my day"
        signs += [(t.span, "<when>" if self._limits(t) or every_day(t) else _sign(t)) for t in times]
        signs += [(n.span, "<whose>" if n.possessive else "<who>") for n in self.named]
        text, at = "", 0
        for (start, end), sign in sorted(signs):
            if start >= at:
                text += f"{self.head[at:start]} {sign} "
                at = end
        return normal(text + self.head[at:])

    @cached_property
    def ways(self) -> tuple[str, ...]:
        """The wish as templates see it; where a group was named, also with one sign for all of its people."""
        if not self.groups:
            return (self.said,)
        return self.said, re.sub(r"<who> (?:(?:and )?<who> )+", "<who> ", self.said)

    @cached_property
    def quotes(self) -> tuple[str, ...]:
        """Quoted passages, in order."""
        return tuple(words for _, words in self.quoted)

    @cached_property
    def times(self) -> tuple[Reading, ...]:
        """Times in the wish, outside quotations and addresses."""
        return _valued(self.readings)

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """All that is said of time in the wish, also what hangs on an event and has no value of its own."""
        return self.readings_in(0, len(self.head))

    def closed(self, start: int, end: int) -> bool:
        """Whether a place lies in a quotation or an address."""
        return any(a < end and start < b for a, b in self._closed)

    def times_in(self, start: int, end: int, *, lead: str = "") -> tuple[Reading, ...]:
        """Times in a part of the wish, read by itself; their spans count in `head`.

        "from Tuesday to Wednesday" is one time, and two for somebody who moves a meeting.
        `lead` is read in front of it: `PAST` for a wish that looks back, "at " where only an hour follows.
        """
        return _valued(self.readings_in(start, end, lead=lead))

    def readings_in(self, start: int, end: int, *, lead: str = "") -> tuple[Reading, ...]:
        """All readings in a part of the wish; see `times_in`."""
        owner = self.known.owner
        # "at 9 summarise ...": a number in front of what is to be done counts nothing.
        text = _DONE_AT.sub(",", lead + self.head[start:end])
        start -= len(lead)
        if (night := _NAMED_NIGHT.search(text)) is not None:
            # "The quiz night on Friday": what is called so is no time of the day.
            text = f"{text[: night.start('part')]}{'_' * len(night['part'])}{text[night.end('part') :]}"
        text = _NAMED_PERIOD.sub(lambda m: f"{m['lead']}{'_' * len(m['part'])}", text)
        text = _NAMED_FEAST.sub(lambda m: "_" * len(m[0]), text)
        found = read(text, now=self.known.now, zone=owner.zone, locale=owner.locale)
        return tuple(t for t in (_moved(t, start) for t in found) if not self.closed(*t.span))

    def time(self, *kinds: str) -> Reading | None:
        """The first time of one of these kinds."""
        return next((t for t in self.times if t.kind in kinds), None)

    @cached_property
    def named(self) -> tuple[Named, ...]:
        """People of the directory in the wish, by address or name, outside quotations and times."""
        found = self.directory.named(self.head, self._closed)
        times = [t.span for t in self.times]
        # "May" and "April" are people only where no time was read ("in May").
        free = (n for n in found if not any(a < n.span[1] and n.span[0] < b for a, b in times))
        return tuple(sorted([*self._addressed, *free], key=lambda n: n.span))

    @cached_property
    def directory(self) -> Directory:
        """Who can be named."""
        return Directory.of(self.known)

    def turned(self) -> Request | None:
        """The same wish with the time it begins with at its end ("tomorrow at 3, book ...")."""
        end = 0
        for time in self.times:
            if _LEAD.fullmatch(self.head, end, time.span[0]):
                end = time.span[1]
        rest = self.head[end:].strip(" ,;-")
        return replace(self, head=f"{rest} {self.head[:end]}") if end and rest else None

    def has(self, *words: str) -> bool:
        """Whether one of these words (whole words, several too) stands in the wish."""
        return any(f" {w} " in f" {self.said}" for w in words)

    def cut(self, start: int, end: int, *, without: Iterable[Span] = ()) -> str:
        """A part of the wish, without the times and other spans that begin in it; tidied."""
        text, at = "", start
        for first, last in sorted([*(t.span for t in self.times), *without]):
            if first < end and last > at:
                text += self.head[at:first] + " "
                at = min(last, end)
        return tidy(text + self.head[at:end])

    def put(self, span: Span, words: str) -> str:
        """The whole request with other words in a place: how choices are made."""
        head = f"{self.head[: span[0]]}{words}{self.head[span[1] :]}"
        return f"{head.strip()}{self.courtesy}{self.besides()}{self.tail}"

    @property
    def courtesy(self) -> str:
        """ "If possible" at the very end, which is taken off the wish and may say something of it."""
        m = None if self.head.lower().endswith("possible") else _IF_POSSIBLE.search(self.original)
        return f" {m.group()}" if m else ""

    def besides(self, *, timeless: bool = False) -> str:
        """What was taken out of the wish, as it is said behind it; `timeless`: without what says when."""
        return "".join(f", {one.words}" for one in self.aside if not (timeless and one.of_time))

    def template(self, span: Span, *, without: Sequence[Span] = ()) -> str:
        """The whole request with a gap that `str.format` fills, and without what the gap stands for too."""
        text = "".join(
            "" if any(a <= n < b for a, b in without) else "\0" if n == span[0] else c
            for n, c in enumerate(self.head)
            if n == span[0] or not span[0] <= n < span[1]
        )
        text = (text + self.besides(timeless=True) + self.tail).replace("{", " ").replace("}", " ")
        return text.replace("\0", "{}")

    def _limits(self, time: Reading) -> bool:
        """Whether a part of the day only narrows another time: "next week, no mornings" repeats nothing."""
        if time.kind != "recurrence" or time.grain not in ("part", "day"):
            return False
        if WEEKDAYS.match(time.text):
            return True
        before, after = self.head[: time.span[0]], self.head[time.span[1] :]
        return bool(_NARROWS.search(before) or _NARROWED.match(after))

    @cached_property
    def _closed(self) -> tuple[Span, ...]:
        return (*(s for s, _ in self.quoted), *(n.span for n in self._addressed))

    @cached_property
    def quoted(self) -> tuple[tuple[Span, str], ...]:
        return tuple((m.span(), next(g for g in m.groups() if g)) for m in _QUOTED.finditer(self.head))

    @cached_property
    def _addressed(self) -> tuple[Named, ...]:
        return addressed(self.head, self.known)


def _valued(found: Iterable[Reading]) -> tuple[Reading, ...]:
    """Without "before the board meeting", which has no value of its own."""
    return tuple(t for t in found if t.anchor is None or t.start or t.end)


def _sign(time: Reading) -> str:
    # "an hour later" is a time, and for somebody who moves a meeting a length.
    later = time.kind == "instant" and time.text.lower().endswith(" later")
    return "<length> later" if later else _SIGNS[time.kind]


def _moved(time: Reading, by: int) -> Reading:
    return replace(time, span=(time.span[0] + by, time.span[1] + by)) if by else time
