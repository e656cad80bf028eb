"""The audit chain as values: a line, its hash, and what is wrong with lines that come one after the other.

A line holds the digest of what it tells of, never the content, and the hash of the line before: whoever cuts,
changes, adds or turns round lines has to make all later ones anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from deskhand.agent.clean import clean
from deskhand.agent.values import digest as digest_of

NOTHING = "0" * 64
"""What stands before the first line."""

ALTERED = "altered"
"""The state of a subject that was not what its last line says when it was about to be written anew."""

_HEX = re.compile(r"[0-9a-f]{64}")
_MOST_GAPS = 1_000
_MOST_TOLD = 100
_MARK = "deskhand audit 1"
"""Stands in every hash: of what it is one, and of which layout."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chain."""

    n: int
    """From 1, without a gap."""
    at: datetime | None
    """None: it was made into something that is no time."""
    what: str
    """run, plan, amends, approval, permission, effect, schedule, choice; policy, source, setting; chain,
    head"""
    run: str
    """The run it belongs to; "" where it belongs to none."""
    subject: str
    """Its id: of an effect its key, of a plan its run, of a schedule its name, of a choice word and run."""
    state: str
    """How the subject stands from now on: claimed, approved, done ..."""
    digest: str
    """SHA-256 of the canonical content of the subject."""
    before: str
    hash: str

    @classmethod
    def following(
        cls, n: int, before: str, *, at: datetime, what: str, run: str, subject: str, state: str, digest: str
    ) -> Line:
        """The line after the one numbered `n` with the hash `before`. `at` is kept in UTC."""
        at = at.astimezone(UTC)
        bare = cls(n + 1, at, what, run, subject, state, digest, before, "")
        return cls(n + 1, at, what, run, subject, state, digest, before, bare.hashed())

    def hashed(self) -> str:
        """The hash that a line which says this must have."""
        said = [self.n, self._moment(), self.what, self.run, self.subject, self.state, self.digest]
        return digest_of([_MARK, *said, self.before])

    def as_json(self) -> dict[str, Any]:
        """As it is exported."""
        return asdict(self) | {"at": self._moment()}

    def _moment(self) -> str:
        return self.at.isoformat() if self.at else ""

    @classmethod
    def of_json(cls, said: Any) -> Line:
        """The line again. :raises ValueError: it is none."""
        if not isinstance(said, dict) or said.keys() != set(cls.__slots__):
            raise ValueError("it is no line of an audit chain")
        texts = [said[k] for k in ("what", "run", "subject", "state", "digest", "before", "hash", "at")]
        if not all(isinstance(t, str) for t in texts) or type(said["n"]) is not int or said["n"] < 1:
            raise ValueError("it is no line of an audit chain")
        if not all(_HEX.fullmatch(said[k]) for k in ("before", "hash")):
            raise ValueError("it holds no hash")
        at = datetime.fromisoformat(said["at"])
        if at.tzinfo is None:
            raise ValueError("its time has no zone")
        return cls(**said | {"at": at})


@dataclass(frozen=True, slots=True)
class End:
    """Where a chain ends, as it is known from elsewhere."""

    n: int
    hash: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written."""

    first: int
    last: int
    """The lines it concerns, both included; of a record no line tells of, both 0."""
    said: str


def short(what: str, subject: str) -> str:
    """An id as people are told it: the key of an effect is cut, names are whole."""
    return plain(subject)[:12] if what == "effect" else plain(subject)


def plain(text: str) -> str:
    """What stands in a record, on one line: it may have been put there to pass for a line of ours."""
    return " ".join(clean(text).split())[:_MOST_TOLD]


def named(line: Line, zone: tzinfo) -> str:
    """A line as people speak of it: "line 1,204 (effect 3fa9c1d2, 12 Nov 2026 09:30)"."""
    subject = f" {short(line.what, line.subject)}" if line.subject else ""
    try:
        at = f"{line.at.astimezone(zone):%d %b %Y %H:%M}" if line.at else ""
    except OverflowError:  # the last hours of the year 9999
        at = ""
    return f"line {line.n:,} ({plain(line.what)}{subject}, {at or 'at a time that cannot be read'})"


class Walk:
    """Checks lines one by one, in the memory of a few."""

    def __init__(self, zone: tzinfo, *, end: End | None = None) -> None:
        """:param zone: of the times in sentences. :param end: where the chain has to reach at least."""
        self._zone, self._end = zone, end
        self._last: Line | None = None
        self._gaps: list[tuple[int, int]] = []
        self.count = 0

    @property
    def last(self) -> Line | None:
        """The line with the highest number so far."""
        return self._last

    def over(self, lines: Iterable[Line]) -> Iterator[Fault]:
        """What is wrong with these lines, and after the last, what is missing of them."""
        for line in lines:
            yield from self.step(line)
        yield from self.finish()

    def step(self, line: Line) -> Iterator[Fault]:
        """What is wrong with the next line."""
        self.count += 1
        name = named(line, self._zone)
        if line.hashed() != line.hash:
            yield Fault(line.n, line.n, f"{capital(name)} was changed: its hash is not that of what it says.")
        if self._end is not None and line.n == self._end.n and line.hash != self._end.hash:
            yield Fault(line.n, line.n, f"{capital(name)} is not the one that its head was written for.")
        if line.state == ALTERED:
            said = f"{capital(name)}: before it was written anew, the record was altered."
            yield Fault(line.n, line.n, said)
        last = self._last
        if last is not None and line.n <= last.n:
            yield self._displaced(line, name, last)
            return
        expected = last.n + 1 if last is not None else 1
        if line.n > expected:
            self._gaps.append((expected, line.n - 1))
            if len(self._gaps) > _MOST_GAPS:
                yield _missing(*self._gaps.pop(0))
        elif line.before != (last.hash if last is not None else NOTHING):
            yield self._torn(line, name, last)
        self._last = line

    def finish(self) -> Iterator[Fault]:
        """What is missing, now that no more lines come."""
        for gap in self._gaps:
            yield _missing(*gap)
        self._gaps = []
        reached = self._last.n if self._last is not None else 0
        if self._end is not None and reached < self._end.n:
            count = self._end.n - reached
            which = f"line {self._end.n:,}" if count == 1 else f"lines {reached + 1:,} to {self._end.n:,}"
            said = "The last line is missing" if count == 1 else f"The last {count:,} lines are missing"
            yield Fault(reached + 1, self._end.n, f"{said} ({which}).")

    def _displaced(self, line: Line, name: str, last: Line) -> Fault:
        for i, (low, high) in enumerate(self._gaps):
            if low <= line.n <= high:
                left = [(a, b) for a, b in ((low, line.n - 1), (line.n + 1, high)) if a <= b]
                self._gaps[i : i + 1] = left
                return Fault(line.n, last.n, f"{capital(name)} stands behind line {last.n:,}, not before it.")
        return Fault(line.n, line.n, f"{capital(name)} stands there twice.")

    def _torn(self, line: Line, name: str, last: Line | None) -> Fault:
        if last is None:
            return Fault(line.n, line.n, f"{capital(name)} is not the beginning: it follows another line.")
        of = capital(named(last, self._zone))
        said = f"{of} is not the one that line {line.n:,} was written after: it was changed or put there."
        return Fault(last.n, line.n, said)


def _missing(first: int, last: int) -> Fault:
    said = f"Line {first:,} is missing." if first == last else f"Lines {first:,} to {last:,} are missing."
    return Fault(first, last, said)


def capital(text: str) -> str:
    """The text with its first letter large: a sentence begins with it."""
    return text[:1].upper() + text[1:]
