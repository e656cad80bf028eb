"""A request, taken apart: its words, times, people, quotations. What goals are recognised from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from deskhand.agent.profile import Known
from deskhand.agent.times import Reading, read
from deskhand.connectors.archive import Person
from deskhand.connectors.operations import Mailbox

LONGEST = 4000
"""Characters of a request. A wish is a few sentences; more is a document, which is added as a source."""

_POLITE = re.compile(
    r"^\W*(?:(?:hey|hi|hello|ok|okay|so|now|then)\b[\s,]*)*(?:deskhand\b[\s,:]*)?"
    r"(?:(?:please|kindly|just|quickly)\b[\s,]*|"
    r"(?:can|could|would|will) you\b\s*(?:please\b|kindly\b|mind\b)?[\s,]*|"
    r"(?:i(?: would|'d|’d)? (?:like|want|need)|i wish)(?: you)?(?: to)?\b\s*|"
    r"(?:help me(?: to)?|let(?:'|’)s|go ahead and|try to|make sure (?:to|you))\b\s*)*",
    re.I,
)
_TRAIL = re.compile(r"[\s,]*(?:\b(?:please|thanks|thank you|for me|asap)\b[\s,.!]*)+$|[\s.!]+$", re.I)
_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|(?<!\w)'([^']+)'(?!\w)|«([^»]+)»")
_ADDRESS = re.compile(r"(?:([A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*)*) )?<?([\w.+%-]+@[\w-]+(?:\.[\w-]+)+)>?")
_NAME = re.compile(r"[^\W\d_][\w’'-]*")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody the request names: the words, their place, and who in the directory they may be."""

    words: str
    span: tuple[int, int]
    people: tuple[Person, ...]
    address: str = ""
    """The address, where it stands in the request itself."""


@dataclass(frozen=True)
class Request:
    """The person's words without politeness. Spans count in `text`."""

    original: str
    text: str
    known: Known = field(repr=False)

    @classmethod
    def of(cls, words: str, known: Known) -> Request:
        """Take a request apart."""
        text = " ".join(words.split())
        text = text[_POLITE.match(text).end() :] if _POLITE.match(text) else text  # type: ignore[union-attr]
        return cls(words.strip(), _TRAIL.sub("", text), known)

    @cached_property
    def lower(self) -> str:
        """For matching words."""
        return self.text.lower()

    @cached_property
    def head(self) -> str:
        """The request up to a colon that starts a text to be written."""
        return self.text if self._colon is None else self.text[: self._colon]

    @cached_property
    def body(self) -> str:
        """The text to be written: what follows a colon or "saying"; or the last quotation."""
        if self._colon is not None:
            return self.text[self._colon + 1 :].strip().strip("“”\"'")
        said = re.search(
            r"\b(?:saying|that says|telling (?:him|her|them)|to say|and say|say)(?: that)?[ :]+(.+)$",
            self.text,
            re.I,
        )
        if said:
            return said.group(1).strip().strip("“”\"'")
        return self.quotes[-1] if self.quotes else ""

    @cached_property
    def quotes(self) -> tuple[str, ...]:
        """Quoted passages, in order."""
        return tuple(next(g for g in m.groups() if g) for m in _QUOTED.finditer(self.head))

    @cached_property
    def times(self) -> tuple[Reading, ...]:
        """Times outside quotations and outside the text to be written."""
        found = read(
            self.head, now=self.known.now, zone=self.known.owner.zone, locale=self.known.owner.locale
        )
        quoted = [m.span() for m in _QUOTED.finditer(self.head)]
        names = [n.span for n in self.named_by_address]
        return tuple(
            t for t in found if not any(a < t.span[1] and t.span[0] < b for a, b in (*quoted, *names))
        )

    def time(self, *kinds: str) -> Reading | None:
        """The first time of one of these kinds."""
        return next((t for t in self.times if t.kind in kinds), None)

    @cached_property
    def named_by_address(self) -> tuple[Named, ...]:
        """People named by their address."""
        made = []
        for m in _ADDRESS.finditer(self.head):
            address = m.group(2).rstrip(".").lower()
            people = tuple(p for p in self.known.people if address in p.addresses)
            made.append(Named(m.group(0), m.span(), people, address))
        return tuple(made)

    @cached_property
    def named(self) -> tuple[Named, ...]:
        """People named in the request (outside quotations), by address or by a name of the directory."""
        taken = [n.span for n in self.named_by_address]
        taken += [m.span() for m in _QUOTED.finditer(self.head)]
        words = [
            m for m in _NAME.finditer(self.head) if not any(a < m.end() and m.start() < b for a, b in taken)
        ]
        found = list(self.named_by_address)
        i = 0
        while i < len(words):
            for n in (3, 2, 1):
                run = words[i : i + n]
                said = " ".join(w.group() for w in run)
                if len(run) < n or self.head[run[0].start() : run[-1].end()] != said:
                    continue
                if people := self._called(said):
                    found.append(Named(said, (run[0].start(), run[-1].end()), people))
                    i += n - 1
                    break
            i += 1
        return tuple(sorted(found, key=lambda f: f.span))

    def after(self, *words: str) -> str:
        """What follows the first of these words, up to a time at its end; without quotes and articles."""
        pattern = r"\b(?:" + "|".join(words) + r")\b[: ]+(.+)$"
        if not (m := re.search(pattern, self.head, re.I)):
            return ""
        return self.cut(m.start(1), m.end(1))

    def cut(self, start: int, end: int) -> str:
        """A part of the request without the times that stand in it, tidied."""
        text, at = "", start
        for time in self.times:
            if start <= time.span[0] and time.span[1] <= end:
                text += self.head[at : time.span[0]] + " "
                at = time.span[1]
        return tidy(text + self.head[at:end])

    @cached_property
    def _colon(self) -> int | None:
        # A colon inside a time ("8:00") or an address starts no text.
        m = re.search(r":(?=\s)", self.text)
        return m.start() if m else None

    def _called(self, said: str) -> tuple[Person, ...]:
        low = said.lower().removesuffix("'s").removesuffix("’s")
        if len(low) < 2 or low in _NO_NAMES:
            return ()
        whole = [p for p in self.known.people if p.name.lower() == low]
        if whole:
            return tuple(whole)
        if " " in low:
            return ()
        people = [p for p in self.known.people if low in p.name.lower().split() and not self._me(p)]
        # A first name written small may be a word ("will", "may", "mark"): it must at least not be one.
        return tuple(people) if said[0].isupper() or low not in _WORDS else ()

    def _me(self, person: Person) -> bool:
        return any(a in self.known.owner.addresses for a in person.addresses)


def tidy(text: str) -> str:
    """Strip articles, joining words and punctuation from both ends."""
    text = " ".join(text.split()).strip(" .,;:!?“”\"'")
    previous = None
    while previous != text:
        previous = text
        text = re.sub(
            r"^(?:the|a|an|my|our|this|that|about|on|regarding|for|of|with|in|at|to|from)\s+",
            "",
            text,
            flags=re.I,
        )
        text = re.sub(
            r"\s+(?:and|with|for|on|at|in|from|to|by|since|until|before|after|between|the|of|as|for me)$",
            "",
            text,
            flags=re.I,
        )
        text = text.strip(" .,;:!?“”\"'")
    return text


def mailbox(named: Named) -> Mailbox:
    """The mailbox of somebody who is clear: named by address, or the one person of that name."""
    if named.address:
        return Mailbox(address=named.address, name=named.people[0].name if named.people else "")
    person = named.people[0]
    return Mailbox(address=person.addresses[0], name=person.name)


def same(people: Sequence[Person]) -> bool:
    """Whether there is just one."""
    return len(people) == 1


_WORDS = frozenset(
    "will may mark bill rob sue art grant jack frank dean drew hope joy grace rose april june august summer dawn faith penny sandy rich max pat ray guy major page reed".split()
)
_NO_NAMES = frozenset(
    "the and for with about from to of in on at my me it is what who when where how please mail email meeting "
    "send reply forward draft find book schedule move cancel summarise summarize thread document calendar digest "
    "team all everyone next last this that office board weekly daily sync call lunch support info noreply no reply "
    "newsletter service billing".split()
)
