"""The archive: every version of every item, where each source stands, people and threads.

It is the truth of a home; index and answers are made from it. One transaction stores a page of
changes together with the cursor that follows it, so a pass that is killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.exc import DatabaseError

from deskhand.connectors import _store as store
from deskhand.connectors.database import StorageError, is_full, open_database
from deskhand.connectors.model import Change, Cursor, Failed, Item, ItemRef, Kind
from deskhand.connectors.tables import (
    HEAD,
    addresses,
    counters,
    failures,
    items,
    mail_ids,
    mails,
    participants,
    people,
    relations,
    sources,
    texts,
    versions,
)


@dataclass(frozen=True, slots=True)
class Archived:
    """An item as the archive holds it."""

    id: int
    """Stable number of the item in this archive."""
    seq: int
    """Grows with every change to anything: whoever remembers it can ask what came after."""
    item: Item
    thread: str
    """Id of the thread, "" where there is none."""
    removed: bool
    """No longer at its source."""
    older: tuple[Item, ...]
    """Earlier versions, oldest first."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A version of an item, without its text."""

    version: str
    at: datetime
    author: str
    note: str
    title: str
    stored: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, with every address known to be theirs; the one used last comes first."""

    name: str
    addresses: tuple[str, ...]
    written: int = 0
    """How often the owner wrote to or invited them: what makes a contact."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """Where a source stands."""

    alias: str
    kind: str
    synced: datetime | None
    tried: datetime | None
    error: str
    items: int
    failures: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What a page did to the archive, in items."""

    added: int = 0
    changed: int = 0
    moved: int = 0
    removed: int = 0
    failed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.added + other.added,
            self.changed + other.changed,
            self.moved + other.moved,
            self.removed + other.removed,
            self.failed + other.failed,
        )

    @property
    def total(self) -> int:
        return self.added + self.changed + self.moved + self.removed


class Archive:
    """Opened with `Archive.open`; safe for use from several threads."""

    def __init__(self, place: Path | str) -> None:
        self.engine = open_database(
            place, migrations="deskhand.connectors.migrations", version_table="archive_revision", head=HEAD
        )

    @classmethod
    def open(cls, place: Path | str) -> Archive:
        """Open or make the archive at a path (SQLite) or a URL. :raises StorageError: it cannot be used."""
        return cls(place)

    def close(self) -> None:
        self.engine.dispose()

    # What a pass stores

    def apply(self, source: str, page: Sequence[Change], *, now: datetime) -> Tally:
        """Store a page of changes and the cursor at its end, all or nothing.

        Storing the same page twice changes nothing. A cursor inside the page is an error.

        :raises StorageError: the disk is full; nothing of the page was stored.
        """
        if any(isinstance(c, Cursor) for c in page[:-1]):
            raise ValueError("a page holds one cursor, at its end")
        cursor = page[-1] if page and isinstance(page[-1], Cursor) else None
        with self._begin() as db:
            tally = store.store(db, self.engine, [c for c in page if not isinstance(c, Cursor)], now=now)
            if cursor is not None:
                db.execute(update(sources).where(sources.c.alias == source).values(cursor=cursor.value))
        return Tally(**tally)

    def register(self, source: str, kind: str) -> None:
        """Make a source known; a known one keeps its cursor unless it is of another kind now."""
        with self._begin() as db:
            known = db.execute(select(sources.c.kind).where(sources.c.alias == source)).scalar()
            if known is None:
                db.execute(insert(sources).values(alias=source, kind=kind, error=""))
            elif known != kind:
                db.execute(update(sources).where(sources.c.alias == source).values(kind=kind, cursor=None))

    def passed(self, source: str, *, now: datetime, error: str = "") -> None:
        """Note how a pass over a source ended."""
        values = {"tried": now, "error": error} if error else {"tried": now, "synced": now, "error": ""}
        with self._begin() as db:
            db.execute(update(sources).where(sources.c.alias == source).values(**values))

    def cursor(self, source: str) -> Cursor | None:
        """Where the next pass over a source starts."""
        with self.engine.connect() as db:
            value = db.execute(select(sources.c.cursor).where(sources.c.alias == source)).scalar()
        return None if value is None else Cursor(value)

    def forget(self, source: str, *, now: datetime) -> int:
        """Treat everything of a source as removed and forget its cursor; versions stay."""
        with self._begin() as db:
            refs = store.refs(db, items.c.source == source, items.c.removed.is_(None))
            count = store.remove(db, refs, now=now)
            db.execute(delete(failures).where(failures.c.source == source))
            db.execute(delete(sources).where(sources.c.alias == source))
        return count

    def join_people(self, first: Sequence[str]) -> None:
        """Say that these addresses are one person's."""
        with self._begin() as db:
            store.know(db, self.engine, [(a, "") for a in first])
            ids = db.execute(
                select(addresses.c.person).where(addresses.c.address.in_(first)).order_by(addresses.c.person)
            ).scalars()
            keep, *others = dict.fromkeys(ids)
            db.execute(update(addresses).where(addresses.c.person.in_(others)).values(person=keep))

    # What others ask

    def item(self, ref: ItemRef, version: str | None = None) -> Item | None:
        """An item at a version, by default the current one. A removed item is still found."""
        where = [items.c.source == ref.source, items.c.kind == ref.kind, items.c.native == ref.native]
        link = versions.c.item == items.c.id
        where.append(versions.c.id == items.c.current if version is None else versions.c.version == version)
        with self.engine.connect() as db:
            found = store.load(db, and_(*where), link)
        return found[0].item if found else None

    def archived(self, ref: ItemRef) -> Archived | None:
        """An item with its earlier versions, its thread and whether it is still there."""
        here = [items.c.source == ref.source, items.c.kind == ref.kind, items.c.native == ref.native]
        found = self._archived(and_(*here), limit=1)
        return found[0] if found else None

    def changed_since(self, seq: int, *, limit: int = 500) -> list[Archived]:
        """What changed after a `seq`, in that order; each item once, at its latest change."""
        return self._archived(items.c.seq > seq, limit=limit)

    def revisions(self, ref: ItemRef) -> list[Revision]:
        """The versions of an item, oldest first."""
        found = self.archived(ref)
        if found is None:
            return []
        stored = {}
        with self.engine.connect() as db:
            for row in db.execute(
                select(versions.c.version, versions.c.stored).where(versions.c.item == found.id)
            ):
                stored[row.version] = row.stored
        return [
            Revision(i.version, i.at, i.author, i.note, i.title, stored[i.version], i is found.item)
            for i in (*found.older, found.item)
        ]

    def find(
        self,
        *,
        kinds: Sequence[Kind] = (),
        sources: Sequence[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        thread: str | None = None,
        folder: str | None = None,
        address: str | None = None,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[Item]:
        """Current items still at their source, by time (`since` <= at < `until`), then address."""
        where: list[ColumnElement[bool]] = [items.c.removed.is_(None)]
        if kinds:
            where.append(items.c.kind.in_(kinds))
        if sources:
            where.append(items.c.source.in_(sources))
        if since is not None:
            where.append(items.c.at >= since)
        if until is not None:
            where.append(items.c.at < until)
        if thread is not None:
            where.append(items.c.thread == thread)
        if folder is not None:
            where.append(items.c.folder == folder)
        if address is not None:
            here = select(participants.c.item).where(participants.c.address == address.lower())
            where.append(items.c.id.in_(here))
        with self.engine.connect() as db:
            found = store.load(
                db, and_(*where), versions.c.id == items.c.current, limit=limit, newest_first=newest_first
            )
        return [f.item for f in found]

    def events(self, start: datetime, end: datetime) -> list[Item]:
        """Events (series as one) whose span from first to last occurrence touches [start, end)."""
        where = and_(
            items.c.removed.is_(None),
            items.c.kind == "event",
            items.c.start < end,
            or_(items.c.until.is_(None), items.c.until > start),
        )
        with self.engine.connect() as db:
            return [f.item for f in store.load(db, where, versions.c.id == items.c.current)]

    def thread_of(self, ref: ItemRef) -> str:
        """The id of the thread an item belongs to, or ""."""
        found = self.archived(ref)
        return found.thread if found else ""

    def threads(self, *, since: datetime, until: datetime) -> list[str]:
        """Ids of the threads with a message in since <= at < until, the one that began first, first."""
        here = and_(
            items.c.removed.is_(None), items.c.kind == "message", items.c.thread != "",
            items.c.at >= since, items.c.at < until,
        )  # fmt: skip
        query = select(items.c.thread).where(here).group_by(items.c.thread)
        with self.engine.connect() as db:
            return list(db.execute(query.order_by(func.min(items.c.at), items.c.thread)).scalars())

    def related(self, type_: str, target: str) -> list[Item]:
        """Items that say they have this relation to a target (attachments of a message)."""
        here = select(relations.c.item).where(relations.c.type == type_, relations.c.target == target)
        where = and_(items.c.removed.is_(None), items.c.id.in_(here))
        with self.engine.connect() as db:
            return [f.item for f in store.load(db, where, versions.c.id == items.c.current)]

    def by_message_id(self, message_id: str) -> list[Item]:
        """Messages with this Message-ID (the same message may lie in several folders)."""
        here = select(mails.c.item).where(mails.c.message_id == message_id)
        with self.engine.connect() as db:
            where = and_(items.c.removed.is_(None), items.c.id.in_(here))
            return [f.item for f in store.load(db, where, versions.c.id == items.c.current)]

    def directory(self, me: frozenset[str]) -> list[Person]:
        """Everybody who ever took part in anything, those the owner wrote to most first."""
        p, mine = participants, participants.alias("mine")
        by_me = (
            select(mine.c.item)
            .where(mine.c.address.in_(me), mine.c.role.in_(("from", "organizer")))
            .scalar_subquery()
        )
        written = func.sum(
            (p.c.item.in_(by_me) & p.c.role.in_(("to", "cc", "bcc", "attendee"))).cast(items.c.id.type)
        )
        query = (
            select(
                p.c.address, func.max(p.c.name).label("name"), written.label("written"), addresses.c.person
            )
            .join(addresses, addresses.c.address == p.c.address)
            .where(p.c.address != "")
            .group_by(p.c.address, addresses.c.person)
        )
        joined: dict[int, Person] = {}
        with self.engine.connect() as db:
            names = {r.id: r.name for r in db.execute(select(people))}
            for row in db.execute(query):
                before = joined.get(row.person, Person("", ()))
                joined[row.person] = Person(
                    before.name or names.get(row.person, "") or row.name,
                    (*before.addresses, row.address),
                    before.written + (row.written or 0),
                )
        return sorted(joined.values(), key=lambda q: (-q.written, q.name.casefold(), q.addresses))

    def sources(self) -> list[SourceState]:
        """Every registered source and how it stands, by alias."""
        counted = select(items.c.source, func.count().label("n")).where(items.c.removed.is_(None))
        broken = select(failures.c.source, func.count().label("n")).group_by(failures.c.source)
        with self.engine.connect() as db:
            there = {r.source: r.n for r in db.execute(counted.group_by(items.c.source))}
            failed = {r.source: r.n for r in db.execute(broken)}
            rows = db.execute(select(sources).order_by(sources.c.alias)).all()
        return [
            SourceState(
                r.alias, r.kind, r.synced, r.tried, r.error, there.get(r.alias, 0), failed.get(r.alias, 0)
            )
            for r in rows
        ]

    def failures(self, source: str) -> list[Failed]:
        """What could not be read at a source, and why."""
        query = select(failures).where(failures.c.source == source).order_by(failures.c.ref)
        with self.engine.connect() as db:
            return [Failed(ItemRef.parse(r.ref), r.reason) for r in db.execute(query)]

    def last_seq(self) -> int:
        """The `seq` of the newest change."""
        with self.engine.connect() as db:
            return db.execute(select(counters.c.value).where(counters.c.name == "seq")).scalar() or 0

    def counts(self) -> dict[str, int]:
        """How many rows of what, for `doctor` and for tests."""
        tables = {"items": items, "versions": versions, "texts": texts, "threads": None}
        with self.engine.connect() as db:
            counted = {
                n: db.execute(select(func.count()).select_from(t)).scalar_one()
                for n, t in tables.items()
                if t is not None
            }
            threads = select(func.count(func.distinct(mail_ids.c.thread)))
            counted["threads"] = db.execute(threads).scalar_one()
        return counted

    def check(self) -> list[str]:
        """Problems inside the database itself, in words; [] when it is sound."""
        with self.engine.connect() as db:
            if self.engine.dialect.name != "sqlite":
                return []
            rows = db.execute(text("PRAGMA quick_check")).scalars().all()
            dangling = db.execute(text("PRAGMA foreign_key_check")).all()
        said = [] if rows == ["ok"] else [f"archive: {row}" for row in rows]
        return said + ([f"archive: {len(dangling)} rows point at nothing"] if dangling else [])

    def _archived(self, where: ColumnElement[bool], *, limit: int) -> list[Archived]:
        with self.engine.connect() as db:
            chosen = select(items.c.id).where(where).order_by(items.c.seq).limit(limit).scalar_subquery()
            rows = store.load(db, items.c.id.in_(chosen), versions.c.item == items.c.id)
        grouped: dict[int, list[store.Loaded]] = {}
        for row in rows:
            grouped.setdefault(row.id, []).append(row)
        made = []
        for id_, loaded in grouped.items():
            head = next(r for r in loaded if r.current)
            older = tuple(r.item for r in loaded if not r.current)
            made.append(Archived(id_, head.seq, head.item, head.thread, head.removed, older))
        return sorted(made, key=lambda a: a.seq)

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        try:
            with self.engine.begin() as db:
                yield db
        except DatabaseError as error:
            if is_full(error):
                raise StorageError(
                    "The disk is full: this page was not stored, all before it is safe. "
                    "Free some space and run the command again."
                ) from error
            raise
