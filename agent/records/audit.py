"""The audit chain in the records: a line in the very transaction of what it tells of, and the end outside.

Nothing that is planned, asked, decided or done is on the disk without its line, and no line without what it
tells of. Whoever writes takes `_audited` instead of `writing`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, func, insert, select

from deskhand.agent.records.chain import ALTERED, NOTHING, End, Line
from deskhand.agent.records.head import START, Head
from deskhand.agent.records.seal import Seal
from deskhand.agent.records.subjects import KINDS, LATER, LOST, REMOVED, Told, standing_of
from deskhand.agent.records.tables import UNREADABLE, audit, faded
from deskhand.agent.values import digest
from deskhand.connectors.database import parts, reading, writing

_LAST = select(audit.c.n, audit.c.hash).order_by(audit.c.n.desc()).limit(1)
_ADD = insert(audit)
_TOLD_LAST = (
    select(audit.c.digest, audit.c.state, audit.c.run)
    .where(audit.c.what == bindparam("what"), audit.c.subject == bindparam("subject"))
    .order_by(audit.c.n.desc())
    .limit(1)
)


class Lines:
    """Adds lines within one transaction."""

    def __init__(self, db: Connection, head: End, now: Callable[[], datetime]) -> None:
        self._db, self._head, self._now = db, head, now
        self.end: End | None = None
        """The last line that was added."""

    def before(self, what: str, subject: str) -> None:
        """Look at a row that is about to be written over: where it is not what its last line says, or is
        gone although no line says so, a line tells it. The next one would vouch for whatever was done.
        """
        row = _unlike(self._db, what, subject)
        if row is not None:
            self.add(replace(row, state=ALTERED))

    def add(self, told: Told) -> None:
        """Add a line for what the same transaction wrote."""
        end = self.end or last_of(self._db)
        # Where the end was cut off meanwhile, the numbers go on behind it: the gap stays to be seen.
        end = self._head if self._head.n > end.n else end
        line = Line.following(
            end.n, end.hash, at=self._now(), what=told.what, run=told.run, subject=told.subject,
            state=told.state, digest=told.digest,
        )  # fmt: skip
        self._db.execute(_ADD, {name: getattr(line, name) for name in Line.__slots__})
        self.end = End(line.n, line.hash)


class Audit:
    """Keeps the chain. Every method is one transaction."""

    engine: Engine
    _head: Head
    _seal: Seal
    _clock: Callable[[], datetime]

    @contextmanager
    def _audited(self) -> Iterator[tuple[Connection, Lines]]:
        """A transaction whose lines count once it is on the disk. :raises StorageError: as `writing`."""
        with writing(self.engine) as db:
            lines = Lines(db, self._head.end, self._clock)
            yield db, lines
        if lines.end is not None:
            self._head.reached(lines.end)

    def _begin_chain(self) -> None:
        """Begin the chain, where there is none, with what is there already; look whether its end is there."""
        found = self._end_found()
        if found == "as it was":
            self._seal.make()
            return
        with self._audited() as (db, lines):
            if found:
                lines.add(Told("head", "", str(self._head.end.n), found, digest(found)))
            elif last_of(db).n == 0:
                _begin(db, lines, LATER, KINDS)
                if self._seal.there and any(next(standing_of(db, what), None) for what in KINDS):
                    # What is older than chains has no key either: this home had one, and it is gone.
                    lines.add(Told("head", "", "0", "begun anew", digest("begun anew")))
        self._seal.make()

    def _tell_more(self) -> None:
        """Have a chain of before tell from now on of kinds that it did not tell of."""
        with reading(self.engine) as db:
            if not _untold(db):
                return
        with self._audited() as (db, lines):
            if left := _untold(db):
                _begin(db, lines, left, left)

    def _end_found(self) -> str:
        """How the head agrees with the chain: "as it was", else the state of the line that notes it; "" of a
        chain that has not begun."""
        head, there = self._head.end, self._head.there
        with reading(self.engine) as db:
            end = last_of(db)
            at_head = db.execute(select(audit.c.hash).where(audit.c.n == head.n)).scalar()
        if end.n == 0 and (not there or head.n == 0):
            self._head.reached(START)  # there before the first line: from now on its absence says something
            return ""
        if not there:
            return "missing"
        if head.n > end.n or (head.n and at_head != head.hash):
            return "as it was" if head.n > end.n else "another"
        return "as it was" if head.n == end.n else "behind"

    def note_house(self, house: Mapping[str, Mapping[str, Any]]) -> None:
        """Note what is set, by kind and name, where it is otherwise than at the last time; what is no more is
        removed. Kinds: "source", "policy", "setting".
        """
        now = {(what, name): digest(value) for what, of in house.items() for name, value in of.items()}
        with reading(self.engine) as db:
            mine = select(func.max(audit.c.n)).where(audit.c.what.in_(house))
            newest = mine.group_by(audit.c.what, audit.c.subject)
            told = select(audit.c.what, audit.c.subject, audit.c.state, audit.c.digest)
            rows = db.execute(told.where(audit.c.n.in_(newest))).all()
        before = {
            (r.what, r.subject): r.digest for r in rows if r.state != REMOVED and isinstance(r.subject, str)
        }
        if now == before:
            return
        with self._audited() as (_, lines):
            for key in sorted(now.keys() | before.keys()):
                if now.get(key) == before.get(key):
                    continue
                state = REMOVED if key not in now else "changed" if key in before else "set"
                lines.add(Told(key[0], "", key[1], state, now.get(key) or before[key]))

    def housed(self, *kinds: str) -> bool:
        """Whether anything of these kinds is set, by the last time that it was noted (`note_house`)."""
        newest = select(func.max(audit.c.n)).where(audit.c.what.in_(kinds)).group_by(
            audit.c.what, audit.c.subject
        )  # fmt: skip
        still = select(audit.c.n).where(audit.c.n.in_(newest), audit.c.state != REMOVED).limit(1)
        with reading(self.engine) as db:
            return db.execute(still).first() is not None

    def audit_lines(self, *, since: int = 0, run: str = "", limit: int = 500, last: int = 0) -> list[Line]:
        """Lines after the one numbered `since`, in order; of a run, `limit` at most.

        :param last: instead, so many of the newest, also in order.
        """
        query = select(*faded(*audit.c)).where(audit.c.n > since)
        if run:
            query = query.where(audit.c.run == run)
        query = (
            query.order_by(audit.c.n.desc()).limit(last) if last else query.order_by(audit.c.n).limit(limit)
        )
        with reading(self.engine) as db:
            lines = [line_of(row) for row in db.execute(query)]
        return lines[::-1] if last else lines

    def as_told(self, what: str, subject: str) -> bool:
        """Whether a row is what its last line says; one that was put there past Deskhand is not."""
        with reading(self.engine) as db:
            return self.told_of(db, what, subject)

    @staticmethod
    def told_of(db: Connection, what: str, subject: str) -> bool:
        """The same, within a transaction. A line that says "altered" vouches for nothing."""
        last = db.execute(_TOLD_LAST, {"what": what, "subject": subject}).one_or_none()
        return _unlike(db, what, subject) is None and (last is None or last.state != ALTERED)

    def astray(self, db: Connection, what: str, subjects: Iterable[str] | None = None) -> set[str]:
        """The subjects of a kind, of these or of all, whose rows are not what their last lines say, or are no
        more."""
        found = set[str]()
        for part in [()] if subjects is None else parts(subjects):
            newest = select(func.max(audit.c.n)).where(audit.c.what == what).group_by(audit.c.subject)
            if part:
                newest = newest.where(audit.c.subject.in_(part))
            lines = select(audit.c.subject, audit.c.state, audit.c.digest).where(audit.c.n.in_(newest))
            rows = [r for r in db.execute(lines) if isinstance(r.subject, str) and r.state != REMOVED]
            said = {r.subject: r.digest for r in rows}
            there = {row.subject: row.digest for row in standing_of(db, what, *part)}
            found |= {s for s in said.keys() | there.keys() if said.get(s) != there.get(s)}
        return found

    @property
    def audit_end(self) -> End:
        """Where the chain ends, by its head."""
        return self._head.end


def _begin(db: Connection, lines: Lines, later: Iterable[str], kinds: Iterable[str]) -> None:
    """Have the chain tell of kinds: a line that says so, and one for each row of theirs that is there."""
    # What it begins with stands for this home alone: two that begin at one instant differ.
    lines.add(Told("chain", "", " ".join(later), "begun", secrets.token_hex(32)))
    for what in kinds:
        for told in list(standing_of(db, what)):
            lines.add(replace(told, state=f"found {told.state}"))


def _untold(db: Connection) -> list[str]:
    """The kinds that the chain does not tell of yet."""
    begun = select(audit.c.subject).where(audit.c.what == "chain", audit.c.state == "begun")
    told = {what for subject in db.execute(begun).scalars() for what in subject.split()}
    return [what for what in LATER if what not in told]


def _unlike(db: Connection, what: str, subject: str) -> Told | None:
    """A row as it stands, where that is not what its last line says; None: it is. Of one that is gone, what
    is left to say."""
    row = next(standing_of(db, what, subject), None)
    last = db.execute(_TOLD_LAST, {"what": what, "subject": subject}).one_or_none()
    there = last is not None and last.state != REMOVED
    if row is None:
        return Told(what, last.run, subject, ALTERED, LOST) if last is not None and there else None
    return None if last is not None and there and last.digest == row.digest else row


def last_of(db: Connection) -> End:
    """The last line that is there."""
    row = db.execute(_LAST).one_or_none()
    if row is None:
        return START
    # Where it is none any more the next line follows nothing, which is what `verify` then says.
    return End(row.n, row.hash if isinstance(row.hash, str) else NOTHING)


def line_of(row: Any) -> Line:
    """A row of the table as a line; what is not of its kind any more, as something that no line says."""
    plain = row._mapping
    said = {name: plain[name] for name in Line.__slots__}
    for name, value in said.items():
        if name == "at":
            said[name] = value if isinstance(value, datetime) else None
        elif name != "n" and not isinstance(value, str):
            said[name] = UNREADABLE
    return Line(**said)
