"""Takes items over into words.db: versions, their passages, their people, and the words of both.

A version that is known is not cut again, and a passage whose text is known keeps its number.
"""

from __future__ import annotations

import json
import sqlite3
from hashlib import sha256

from deskhand.connectors.model import Item, Participant
from deskhand.index.chunk import Chunker, describe
from deskhand.index.filters import clean
from deskhand.index.model import Archived
from deskhand.index.tables import FOR_EVER, instant
from deskhand.index.terms import folded

_MOST_PEOPLE = 200
_FIRST = ("author", "from", "organizer")
_TABLES = ("older_words", "words")
_NEW = -1
"""A passage that is in no table of words yet."""


def take(db: sqlite3.Connection, entry: Archived, chunker: Chunker) -> None:
    """Bring one item, in an open transaction, to what it is in the archive now."""
    known: dict[bytes, list[int]] = {}
    for id, fingerprint in db.execute("SELECT id, fingerprint FROM versions WHERE item = ?", (entry.id,)):
        known.setdefault(fingerprint, []).append(id)
    versions = () if entry.removed else (*entry.older, entry.item)
    for ordinal, item in enumerate(versions):
        current = ordinal == len(versions) - 1
        row = _row(item, entry.thread, chunker.header(item))
        fingerprint = _fingerprint(item, row)
        if same := known.get(fingerprint):
            place = (ordinal, current, same.pop())
            db.execute("UPDATE versions SET ordinal = ?, current = ? WHERE id = ?", place)
        else:
            passages, cut = chunker.passages(item)
            version = _insert(db, "versions", (None, entry.id, ordinal, current, fingerprint, *row, cut))
            _add_passages(db, entry.id, version, passages)
            _add_people(db, version, item)
    for id in (id for ids in known.values() for id in ids):
        for table, column in (("uses", "version"), ("parts", "version"), ("versions", "id")):
            db.execute(f"DELETE FROM {table} WHERE {column} = ?", (id,))  # noqa: S608
    _settle(db, entry.id)


def _add_passages(db: sqlite3.Connection, number: int, version: int, passages: list[str]) -> None:
    for position, text in enumerate(passages):
        digest = sha256(text.encode()).digest()[:16]
        found = db.execute("SELECT id FROM chunks WHERE item = ? AND digest = ?", (number, digest)).fetchone()
        chunk = found[0] if found else _insert(db, "chunks", (_free(db), number, digest, "", text, _NEW, 0))
        db.execute("INSERT OR IGNORE INTO uses VALUES (?, ?, ?)", (version, chunk, position))


def _add_people(db: sqlite3.Connection, version: int, item: Item) -> None:
    for person in sorted({(clean(p.address.lower()), _compared(p)) for p in _people(item)}):
        db.execute("INSERT OR IGNORE INTO persons (address, name) VALUES (?, ?)", person)
        db.execute(
            "INSERT OR IGNORE INTO parts SELECT id, ? FROM persons WHERE address = ? AND name = ?",
            (version, *person),
        )


def _settle(db: sqlite3.Connection, number: int) -> None:
    """Bring the passages of an item, and the tables of words, in line with the versions that use them."""
    wanted = {
        row[0]: row[1:4]
        for row in db.execute(
            # The newest version a passage is in gives its header; SQLite takes the bare columns of an
            # aggregate with max() from the row that has the maximum.
            "SELECT u.chunk, v.header, v.current, v.begins, max(v.ordinal) FROM versions v"
            " JOIN uses u ON u.version = v.id WHERE v.item = ? GROUP BY u.chunk",
            (number,),
        )
    }
    have = db.execute("SELECT id, header, current, begins, text FROM chunks WHERE item = ?", (number,))
    for id, header, current, begins, text in have.fetchall():
        now = wanted.get(id)
        if now == (header, current, begins):
            continue
        if now is None or now[:2] != (header, current):
            if current != _NEW:
                _unword(db, _TABLES[current], (id, header, text))
            if now is not None:
                _insert(db, f"{_TABLES[now[1]]} (rowid, header, text)", (id, now[0], text))
        if now is None:
            db.execute("DELETE FROM chunks WHERE id = ?", (id,))
            db.execute("DELETE FROM waiting WHERE chunk = ?", (id,))
        else:
            db.execute("UPDATE chunks SET header = ?, current = ?, begins = ? WHERE id = ?", (*now, id))
        if current == _NEW:
            db.execute("INSERT INTO waiting VALUES (?)", (id,))
        elif now is None or now[1] != current:
            db.execute("INSERT INTO todo (chunk) VALUES (?)", (id,))


def _unword(db: sqlite3.Connection, table: str, row: tuple[int, str, str]) -> None:
    # A table without content has to be told what it is to forget.
    db.execute(f"INSERT INTO {table} ({table}, rowid, header, text) VALUES ('delete', ?, ?, ?)", row)  # noqa: S608


def _insert(db: sqlite3.Connection, table: str, row: tuple[object, ...]) -> int:
    marks = ", ".join("?" * len(row))
    return db.execute(f"INSERT INTO {table} VALUES ({marks})", row).lastrowid or 0  # noqa: S608


def _free(db: sqlite3.Connection) -> int | None:
    sql = "DELETE FROM free WHERE chunk = (SELECT min(chunk) FROM free) RETURNING chunk"
    row = db.execute(sql).fetchone()
    return row[0] if row else None


def _people(item: Item) -> list[Participant]:
    people = sorted(item.people, key=lambda p: p.role not in _FIRST)[:_MOST_PEOPLE]
    if item.author and not any(item.author in (p.name, p.address) for p in people):
        people.insert(0, Participant("author", "", item.author))
    return people


def _compared(person: Participant) -> str:
    """A name as it is looked for; the part before the @ stands for one where there is none."""
    return folded(clean(person.name)) or folded(clean(person.address).partition("@")[0])


def _shown(person: Participant) -> str:
    name, address = clean(person.name), clean(person.address)
    return f"{name} <{address}>" if name and address else name or address


def _row(item: Item, thread: str, header: str) -> tuple[str | int, ...]:
    """The columns of `versions` from `ref` to `people`."""
    begins = instant(item.start or item.at)
    ends = begins
    if item.start is not None:
        # RFC 5545: an event that repeats for ever has a start and no end of its last occurrence.
        ends = instant(item.until) if item.until is not None else FOR_EVER
    people = list(dict.fromkeys(_shown(p) for p in _people(item)))
    texts = (str(item.ref), item.ref.source, item.ref.kind, item.title, item.version, thread, item.folder)
    shown = json.dumps(people, ensure_ascii=False)
    return (*map(clean, texts), begins, max(begins, ends), header, shown)


def _fingerprint(item: Item, row: tuple[str | int, ...]) -> bytes:
    """Equal for versions of which nothing that is kept here differs."""
    text = describe(item) if item.ref.kind == "event" else item.text
    told = json.dumps([row, item.data.get("mime"), sorted(_compared(p) for p in item.people), text])
    return sha256(told.encode("utf-8", "replace")).digest()[:16]
