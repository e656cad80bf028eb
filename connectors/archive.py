"""The archive: every version of every item, where each source stands, people and threads.

It is the truth of a home; index and answers are made from it. One transaction stores a page of
changes together with the cursor that follows it, so a pass that is killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, distinct, exists, func, insert, or_, select, text, update

from deskhand.connectors import _erase as erasing
from deskhand.connectors import _load as load
from deskhand.connectors import _people as people
from deskhand.connectors import _store as store
from deskhand.connectors import _traces as traced
from deskhand.connectors._archived import Archived, Person, Revision, SourceState, Tally
from deskhand.connectors._door import aware, key
from deskhand.connectors._traces import Answered, Contact
from deskhand.connectors.database import (
    StorageError,
    insert_new,
    many,
    open_database,
    pack,
    parts,
    reading,
    writing,
)
from deskhand.connectors.health import Health
from deskhand.connectors.model import Change, Cursor, Failed, Item, ItemRef, Kind
from deskhand.connectors.tables import (
    HEAD,
    counters,
    failures,
    items,
    mails,
    participants,
    relations,
    sources,
    texts,
    unsettled,
    versions,
)

__all__ = [
    "Answered",
    "Archive",
    "Archived",
    "Contact",
    "Forgotten",
    "Person",
    "Revision",
    "SourceState",
    "Tally",
]

_TRACED_AT_ONCE = 1_000
"""Items in one transaction of `trace`: other writers wait for no more than that."""


class Forgotten(Exception):
    """The source is not registered: it was never, or somebody removed it while it was being read."""


_HELD_THERE = (
    select(items.c.source, func.count().label("n")).where(items.c.removed.is_(None)).group_by(items.c.source)
)
_BROKEN = select(failures.c.source, func.count().label("n")).group_by(failures.c.source)
_SOURCES = select(sources).order_by(sources.c.alias)


class Archive:
    """Safe for use from several threads and processes. Any method may raise `StorageError`."""

    def __init__(self, place: Path | str) -> None:
        self._engine = open_database(
            place, migrations="deskhand.connectors.migrations", version_table="archive_revision", head=HEAD
        )

    @classmethod
    def open(cls, place: Path | str) -> Archive:
        """Open or make the archive at a path (SQLite) or a URL. :raises StorageError: it cannot be used."""
        return cls(place)

    def close(self) -> None:
        """Let go of the database; the archive cannot be used any more."""
        self._engine.dispose()

    # What a pass stores

    def apply(
        self, source: str, page: Sequence[Change], *, now: datetime, settles: Iterable[ItemRef] = ()
    ) -> Tally:
        """Store a page of changes and the cursor at its end, all or nothing.

        Storing the same page twice changes nothing, and it makes no difference where pages are cut. What is
        in a page without a cursor is `unsettled`.

        :param settles: unsettled things that this page and those before it made sure of.
        :raises StorageError: the disk is full; nothing of the page was stored.
        :raises Forgotten: the source is not registered; nothing was stored.
        :raises ValueError: a cursor inside the page, a thing of another source, or a naive datetime.
        """
        aware(now, "now")
        cursor = page[-1] if page and isinstance(page[-1], Cursor) else None
        changes = [c for c in page if not isinstance(c, Cursor)]
        if len(page) - len(changes) != (cursor is not None):
            raise ValueError("a page holds one cursor, at its end")
        if strange := next((c.ref for c in changes if c.ref.source != source), None):
            raise ValueError(f"{strange} is not of the source {source}")
        with writing(self._engine) as db:
            if db.execute(select(sources.c.alias).where(sources.c.alias == source)).scalar() is None:
                raise Forgotten(f"The archive has no source called {source}.")
            tally, told = store.store(db, changes, now=now)
            if cursor is None:
                many(db, insert_new(db, unsettled), [{"source": source, "ref": str(r)} for r in told])
            else:
                db.execute(update(sources).where(sources.c.alias == source).values(cursor=cursor.value))
                settles = told.union(settles)
            here = unsettled.c.source == source
            if settles and db.execute(select(exists().where(here))).scalar():
                for refs in parts(map(str, settles)):
                    db.execute(delete(unsettled).where(here, unsettled.c.ref.in_(refs)))
        return tally

    def register(self, source: str, kind: str, *, place: str = "") -> None:
        """Make a source known; a known one keeps its cursor unless it is of another kind now.

        :param place: where it is read from, where that is known.
        """
        mine = sources.c.alias == source
        query = select(sources.c.kind, sources.c.place).where(mine)
        with writing(self._engine) as db:
            known = db.execute(query).one_or_none()
            if known is None:
                db.execute(insert(sources).values(alias=source, kind=kind, error="", place=place))
            elif known.kind != kind:
                turned = {"kind": kind, "cursor": None, "health": None, "place": place}
                db.execute(update(sources).where(mine).values(**turned))
            elif place and known.place != place:
                db.execute(update(sources).where(mine).values(place=place))

    def passed(
        self, source: str, *, now: datetime, error: str = "", health: Health | None = None
    ) -> None:  # fmt: skip
        """Note how a pass over a source ended; `error` is a sentence, "" when all was looked at.

        :param health: how the source stands since; without it nothing is known of that.
        """
        values: dict[str, Any] = {"tried": aware(now, "now"), "error": error}
        values |= {"health": health.as_dict() if health else None} | ({} if error else {"synced": now})
        with writing(self._engine) as db:
            db.execute(update(sources).where(sources.c.alias == source).values(**values))

    def health(self, source: str) -> Health:
        """How a source stood after its last pass."""
        with reading(self._engine) as db:
            return Health.of(db.execute(select(sources.c.health).where(sources.c.alias == source)).scalar())

    def rested(self, source: str) -> None:
        """What kept a source from being asked is out of the way: it is asked at once again."""
        health = replace(self.health(source), due=None)
        with writing(self._engine) as db:
            db.execute(update(sources).where(sources.c.alias == source).values(health=health.as_dict()))

    def unsettled(self, source: str) -> set[ItemRef]:
        """What was stored after the newest cursor, by a pass that broke off or a write of ours.

        A pass that starts from that cursor knows nothing of it, and so must look whether it is still there.
        """
        query = select(unsettled.c.ref).where(unsettled.c.source == source)
        with reading(self._engine) as db:
            return {ItemRef.parse(r) for r in db.execute(query).scalars()}

    def cursor(self, source: str) -> Cursor | None:
        """Where the next pass over a source starts."""
        with reading(self._engine) as db:
            value = db.execute(select(sources.c.cursor).where(sources.c.alias == source)).scalar()
        return None if value is None else Cursor(value)

    def begin_anew(self, source: str) -> None:
        """Have the next pass over a source look at everything; what is here stays."""
        with writing(self._engine) as db:
            db.execute(update(sources).where(sources.c.alias == source).values(cursor=None))

    def forget(self, source: str, *, now: datetime) -> int:
        """Treat everything of a source as removed and forget its cursor; versions stay. How many items."""
        aware(now, "now")
        with writing(self._engine) as db:
            count = store.remove_all(db, source, now=now)
            db.execute(delete(failures).where(failures.c.source == source))
            db.execute(delete(unsettled).where(unsettled.c.source == source))
            db.execute(delete(sources).where(sources.c.alias == source))
        return count

    def held(self, source: str) -> dict[str, int]:
        """How many `items`, `versions` and `attachments` of a source are here, removed ones too."""
        with reading(self._engine) as db:
            return erasing.held(db, source)

    def erase(self, source: str) -> int:
        """Delete everything of a source for good, also what `forget` left; how many items.

        Who remembers items of it should have been told by `forget` before. Cut off, it is called again.
        """
        count, more = 0, 1
        while more:
            with writing(self._engine) as db:
                more = erasing.erase(db, source)
            count += more
        return count

    def pack(self) -> None:
        """Leave nothing in the file of what was deleted. Takes as long as copying it, and its room."""
        pack(self._engine)

    def join_people(self, same: Sequence[str]) -> None:
        """Say that these addresses are one person's."""
        with writing(self._engine) as db:
            people.join(db, same)

    # What others ask

    def item(self, ref: ItemRef, version: str | None = None) -> Item | None:
        """An item at a version, by default the current one. A removed item is still found."""
        which = versions.c.id == items.c.current if version is None else versions.c.version == version
        with reading(self._engine) as db:
            found = load.items_where(db, *load.at(ref), which, order=(versions.c.n.desc(),), limit=1)
        return found[0] if found else None

    def archived(self, ref: ItemRef) -> Archived | None:
        """An item with its earlier versions, its thread and whether it is still there."""
        with reading(self._engine) as db:
            found = load.archived(db, list(db.execute(select(items.c.id).where(*load.at(ref))).scalars()))
        return found[0] if found else None

    def changed_since(self, seq: int, *, limit: int = 500) -> list[Archived]:
        """What changed after a `seq`, in that order; each item once, at its latest change.

        Fewer than `limit` where their texts are very long, and none only when there is nothing more.
        """
        with reading(self._engine) as db:
            return load.archived(db, load.changed(db, seq, limit=limit))

    def revisions(self, ref: ItemRef) -> list[Revision]:
        """The versions of an item, oldest first, the current one last."""
        with reading(self._engine) as db:
            return load.revisions(db, ref)

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
        where: list[ColumnElement[bool]] = []
        if kinds:
            where.append(items.c.kind.in_(kinds))
        if sources:
            where.append(items.c.source.in_(sources))
        if since is not None:
            where.append(items.c.at >= aware(since, "since"))
        if until is not None:
            where.append(items.c.at < aware(until, "until"))
        if thread is not None:
            where.append(items.c.thread == thread)
        if folder is not None:
            where.append(items.c.folder == folder)
        if address is not None:
            here = select(participants.c.item).where(participants.c.address == key(address.lower()))
            where.append(items.c.id.in_(here))
        return self._current(*where, limit=limit, newest_first=newest_first)

    def events(self, start: datetime, end: datetime) -> list[Item]:
        """Events (series as one) whose span from first to last occurrence touches [start, end)."""
        return self._current(
            items.c.kind == "event",
            items.c.start < aware(end, "end"),
            # One without a length has no time after its start, and is there all the same.
            or_(items.c.until.is_(None), items.c.until > aware(start, "start"), items.c.start >= start),
        )

    def thread_of(self, ref: ItemRef) -> str:
        """The id of the thread an item belongs to, or ""."""
        with reading(self._engine) as db:
            return db.execute(select(items.c.thread).where(*load.at(ref))).scalar() or ""

    def threads(self, *, since: datetime, until: datetime) -> list[str]:
        """Ids of the threads with a message in since <= at < until, the one that began first, first."""
        query = select(items.c.thread).where(
            items.c.removed.is_(None), items.c.kind == "message", items.c.thread != "",
            items.c.at >= aware(since, "since"), items.c.at < aware(until, "until"),
        )  # fmt: skip
        query = query.group_by(items.c.thread).order_by(func.min(items.c.at), items.c.thread)
        with reading(self._engine) as db:
            return list(db.execute(query).scalars())

    def related(self, type_: str, target: str) -> list[Item]:
        """Items that say they have this relation to a target (attachments of a message)."""
        here = select(relations.c.item).where(relations.c.type == type_, relations.c.target == key(target))
        return self._current(items.c.id.in_(here))

    def by_message_id(self, message_id: str) -> list[Item]:
        """Messages with this Message-ID (the same message may lie in several folders)."""
        here = select(mails.c.item).where(mails.c.message_id == key(message_id))
        return self._current(items.c.id.in_(here))

    def directory(self, me: frozenset[str]) -> list[Person]:
        """Everybody who ever took part in anything, those the owner wrote to most first, then by name."""
        with reading(self._engine) as db:
            return people.directory(db, me)

    def only_in(self, sources: Collection[str]) -> frozenset[str]:
        """Addresses of those who take part in things of these sources, and in nothing of any other."""
        if not sources:
            return frozenset()
        with reading(self._engine) as db:
            return people.only_in(db, sources)

    # Who has to do with whom

    def trace(self, me: frozenset[str]) -> int:
        """Take note of who wrote to, met and answered whom in what changed; how many items were looked at.

        :param me: the owner's addresses, lower case; with others than the last time all is noted anew.
        """
        count, more = 0, _TRACED_AT_ONCE
        with reading(self._engine) as db:
            if traced.fresh(db, me):
                return 0
        while more == _TRACED_AT_ONCE:
            with writing(self._engine) as db:
                more = traced.trace(db, me, limit=_TRACED_AT_ONCE)
            count += more
        return count

    def contacts(self, *, since: datetime, until: datetime) -> list[Contact]:
        """What there was with each address in since <= at < until, as far as `trace` has noted it."""
        with reading(self._engine) as db:
            return traced.contacts(db, since=aware(since, "since"), until=aware(until, "until"))

    def meets(self, addresses: Iterable[str] | None = None) -> list[ItemRef]:
        """The series of meetings that the owner has with any of these, or with anybody."""
        with reading(self._engine) as db:
            return traced.meets(db, addresses)

    def answered(self, *, since: datetime, addresses: Iterable[str] | None = None) -> list[Answered]:
        """Who answered whom since then, the newest first; of these addresses, or of all."""
        with reading(self._engine) as db:
            return traced.answered(db, since=aware(since, "since"), addresses=addresses)

    def sources(self) -> list[SourceState]:
        """Every registered source and how it stands, by alias."""
        with reading(self._engine) as db:
            held = {row.source: row.n for row in db.execute(_HELD_THERE)}
            failed = {row.source: row.n for row in db.execute(_BROKEN)}
            rows = db.execute(_SOURCES).all()
        return [
            SourceState(
                r.alias,
                r.kind,
                r.synced,
                r.tried,
                r.error,
                held.get(r.alias, 0),
                failed.get(r.alias, 0),
                r.place,
                Health.of(r.health),
            )
            for r in rows
        ]

    def failures(self, source: str) -> list[Failed]:
        """What could not be read at a source, and why."""
        query = select(failures).where(failures.c.source == source).order_by(failures.c.ref)
        with reading(self._engine) as db:
            return [Failed(ItemRef.parse(r.ref), r.reason) for r in db.execute(query)]

    def last_seq(self) -> int:
        """The `seq` of the newest change."""
        with reading(self._engine) as db:
            return db.execute(select(counters.c.value).where(counters.c.name == "seq")).scalar() or 0

    def counts(self) -> dict[str, int]:
        """How many rows of what, for `doctor` and for tests."""
        threads = select(func.count(distinct(items.c.thread))).where(items.c.thread != "")
        with reading(self._engine) as db:
            counted = {
                table.name: db.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (items, versions, texts)
            }
            return counted | {"threads": db.execute(threads).scalar_one()}

    def check(self) -> list[str]:
        """Problems inside the database itself, in words; [] when it is sound."""
        if self._engine.dialect.name != "sqlite":
            return []
        try:
            with reading(self._engine) as db:
                rows = [str(row) for row in db.execute(text("PRAGMA quick_check")).scalars()]
                dangling = len(db.execute(text("PRAGMA foreign_key_check")).all())
        except StorageError as error:
            return [str(error)]
        said = [] if rows == ["ok"] else [f"archive: {row}" for row in rows]
        return said + ([f"archive: {dangling} rows point at nothing"] if dangling else [])

    def _current(
        self, *where: ColumnElement[bool], limit: int | None = None, newest_first: bool = False
    ) -> list[Item]:
        at = items.c.at.desc() if newest_first else items.c.at
        with reading(self._engine) as db:
            return load.items_where(
                db, items.c.removed.is_(None), versions.c.id == items.c.current, *where,
                order=(at, items.c.source, items.c.native), limit=limit,
            )  # fmt: skip
