"""Who a request names: addresses that stand in it, nicknames, and names of the directory; never a guess.

`who` is the one door from words to people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from deskhand.agent.planners.words.phrases import words
from deskhand.agent.profile import Known
from deskhand.connectors.archive import Person
from deskhand.connectors.operations import Mailbox

Span = tuple[int, int]

_ADDRESS = re.compile(
    r"(?:([^\W\d_a-z][\w.’'-]*(?: [^\W\d_a-z][\w.’'-]*){0,3}) )?<?([\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+)>?"
)
_NAME = re.compile(r"[^\W\d_][\w’'-]*")
_LONGEST_NAME = 4
_POSSESSIVE = ("'s", "’s", "s'", "s’")

_MINE = re.compile(r"^(?:my|our|the) ")

_OWNED = words("my our the")
"""May stand in front of what somebody is called."""
_CERTAIN = re.compile(
    r"\b(?:with|from|tell|ask|let|e-?mail|invite|meet|cc|thank|chase|nudge|remind|inform|notify)\s+$", re.I
)
"""Behind these somebody is named, however it is written: "a catch-up with will"."""
_SENT_TO = re.compile(
    r"\W*(?:please\s+)?(?:forward|send|pass|write|reply|mail|draft|compose|prepare|say|speak|"
    r"talk)\b.*\bto\s+$",
    re.I,
)
_JOINED = re.compile(r"\s*(?:,|&|\band\b)\s*")
_OVER = re.compile(
    r"\s*(?:$|[.,;:!?&]|(?:and|about|on|at|in|for|next|this|tomorrow|today|tonight|by|before|after|"
    r"separately|"
    r"(?:mon|tues?|wednes|thu(?:rs)?|fri|satur|sun)(?:day)?)\b)",
    re.I,
)
"""What stands behind a name, and not behind the verb that is written so."""
_IS = re.compile(r"\b(?:is|are)\s+$", re.I)
_FREE = re.compile(r"\s+(?:and\s+\w+\s+)?(?:free|busy|available|around)\b", re.I)
_TITLE = re.compile(r"\b(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam)\b\.?\s+$", re.I)
"""In front of a name: "Mr Stone" is who Stone is."""
_WORDS = words(
    """
    will may mark bill rob sue art grant jack frank dean drew hope joy grace rose april june august
    summer dawn faith penny sandy rich max pat ray guy major page reed wade chase chuck gene miles sunny
    iris ivy olive
    """
)  # fmt: skip
"""First names that are words when they are written small."""
_NO_NAMES = words(
    """
    the and for with about from to of in on at my me it is what who when where how please mail email
    meeting send reply forward draft find book schedule move cancel summarise summarize thread document
    calendar digest team all everyone next last this that office board weekly daily sync call lunch
    support info noreply no not newsletter service billing a an i you we us our your day week month time
    tomorrow today be do by as
    """
)  # fmt: skip
"""Words in the names of teams and senders that name nobody by themselves."""

_FIRMS = frozenset({"and", "&", "+", "of", "for", "the", "at", "by", "via"})
"""A word out of a name with one of these, written small, names nobody: "paper" is not Paper and Ink."""


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody a request names: the words, their place, and who in the directory they may be."""

    words: str
    span: Span
    people: tuple[Person, ...]
    address: str = ""
    """The address, where it stands in the request itself."""
    possessive: bool = False
    """ "Bo's": whose something is."""

    @property
    def clear(self) -> bool:
        """Whether it can be just one."""
        return bool(self.address) or len(self.people) == 1

    @property
    def mailbox(self) -> Mailbox:
        """Where to write to somebody who is clear."""
        name = self.people[0].name if self.people else ""
        return Mailbox(address=self.address or self.people[0].addresses[0], name=name)

    @property
    def key(self) -> str:
        """What an action finds the person by: the address where one is clear, else the words."""
        return self.mailbox.address if self.clear else self.words


@dataclass(frozen=True, slots=True)
class Directory:
    """Names and parts of names, lower case, with those who bear them."""

    whole: Mapping[str, tuple[Person, ...]]
    parts: Mapping[str, tuple[Person, ...]]
    called: Mapping[str, tuple[Person, ...]]
    """What the owner calls somebody: it goes before what others are called."""
    known: Known
    begin: frozenset[str]
    """The words that a name begins with: nobody is called by what begins otherwise."""

    @classmethod
    def of(cls, known: Known) -> Directory:
        """The directory without the owner, who never needs to be named."""
        found = known.kept.get(cls)
        if not isinstance(found, cls):
            called = {
                _MINE.sub("", _low(said)): tuple(known.person(a) for a in addresses)
                for said, addresses in known.called.items()
            }
            whole, parts = known.bearers
            firsts = (_NAME.match(name) for names in (called, whole, parts) for name in names)
            begin = frozenset(m.group() for m in firsts if m is not None)
            found = known.kept[cls] = cls(whole, parts, called, known, begin)
        return found

    def everybody(self, text: str) -> list[Named]:
        """Addresses and names in a text, in order."""
        found = addressed(text, self.known)
        return sorted([*found, *self.named(text, [n.span for n in found])], key=lambda n: n.span)

    def named(self, text: str, closed: Sequence[Span] = ()) -> list[Named]:
        """Names in a text, the longest first, outside the closed places."""
        words = [m for m in _NAME.finditer(text) if not any(a < m.end() and m.start() < b for a, b in closed)]
        found: list[Named] = []
        i = 0
        while i < len(words):
            if not self._may_begin(words[i].group()):
                i += 1
                continue
            for n in range(min(_LONGEST_NAME, len(words) - i), 0, -1):
                start, end = words[i].start(), words[i + n - 1].end()
                said = text[start:end]
                small = said[0].islower() and _low(said).removesuffix("'s") in _WORDS
                certain = small and _certain(text, start, end, found)
                if named := self._called(said, (start, end), certain=certain):
                    titled = _TITLE.search(text, 0, start)
                    found.append(replace(named, span=(titled.start(), end)) if titled else named)
                    i += n - 1
                    break
            i += 1
        return found

    def _may_begin(self, word: str) -> bool:
        low = word.lower().replace("’", "'")
        begin = self.begin
        return (
            low in begin or low.removesuffix("'s") in begin or low.removesuffix("s") in begin
            or low in _OWNED or low.removesuffix("'s").removesuffix("s") in begin
        )  # fmt: skip

    def _called(self, said: str, span: Span, *, certain: bool = False) -> Named | None:
        ending = next((e for e in _POSSESSIVE[:2] if said.endswith(e)), "")
        bare = said.removesuffix(ending)
        low = _low(bare)
        if people := self.called.get(_MINE.sub("", low), ()):
            small = low in _WORDS and not bare[0].isupper()
            return None if small else Named(bare, span, people, possessive=bool(ending))
        people = self.whole.get(low, ())
        if people and not any(p.written for p in people):
            # Whoever calls herself just "Sam" is one of the Sams, not in the place of those who are known.
            known = (p for p in self.parts.get(low, ()) if p.written and p not in people)
            people = (*known, *people)
        if not people and " " not in low and len(low) > 1 and low not in _NO_NAMES:
            # "will", "may" and "mark" written small are words.
            people = self.parts.get(low, ()) if certain or bare[0].isupper() or low not in _WORDS else ()
            if bare[0].islower():
                people = tuple(p for p in people if not _FIRMS & {*p.name.lower().split()})
            if not people and low.endswith("s") and low[:-1] not in _NO_NAMES | _WORDS:
                # "accept anns invite": whose, without its apostrophe
                people, ending, bare = self.parts.get(low[:-1], ()), "s", bare[:-1]
        return Named(bare, span, people, possessive=bool(ending)) if people else None


def who(words: str, known: Known) -> tuple[Person, ...]:
    """Who is meant by words that name somebody: an address, a nickname, a whole name, a part of one.

    Several is a question, none means that nobody is known by them.
    """
    text = words.strip()
    named = [n for n in Directory.of(known).everybody(text) if n.span == (0, len(text))]
    if not named:
        return ()
    return named[0].people or (known.person(named[0].address),)


def addressed(text: str, known: Known) -> tuple[Named, ...]:
    """People named by an address that stands in the text."""
    made = []
    for m in _ADDRESS.finditer(text):
        address = m.group(2).lower()
        people = tuple(p for p in known.people if address in p.addresses)
        if not people and known.person(address).name:
            people = (known.person(address),)
        # "Mail bo@example.org": words in front belong to the address only when it is in brackets.
        start = m.start() if "<" in m.group() else m.start(2)
        made.append(Named(text[start : m.end()], (start, m.end()), people, address))
    return tuple(made)


def _certain(text: str, start: int, end: int, found: Sequence[Named]) -> bool:
    """Whether somebody is named at a place, however it is written: "is will free", "with marta and will"."""
    if _CERTAIN.search(text, max(0, start - 8), start):
        return True
    if _IS.search(text, max(0, start - 5), start) and _FREE.match(text, end):
        return True
    if not _OVER.match(text, end):
        return False
    after = found and _JOINED.fullmatch(text, found[-1].span[1], start) is not None
    return bool(after) or _SENT_TO.fullmatch(text, 0, start) is not None


def _low(words: str) -> str:
    return " ".join(words.lower().replace("’", "'").split())
