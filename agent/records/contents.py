"""Large values, once each by the hash of their content: what keeps a run small however long the mails are.

A text or a value that is too long for its row is kept in a table of its own, packed, and the row holds its
SHA-256 instead. The same text in a plan, a card, the ledger and its inverse is kept once. Which run holds
which content is kept beside it, so that what nobody holds any more can go.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, func, select

from deskhand.agent.records.tables import UNREADABLE, contents, held
from deskhand.connectors.database import insert_new, many, parts

LONG_TEXT = 1_000
"""Characters of a text that leaves its row."""
LONG_VALUE = 2_000
"""Characters of the JSON of a value that leaves its row as a whole."""

_TEXT, _VALUE = "$text", "$value"
"""The only keys of dicts that stand for a content. One that a value brings along is kept whole."""


def pack(value: Any, *, whole: bool = True) -> tuple[Any, dict[str, bytes]]:
    """What stands in the row for a JSON value, and the contents it refers to, by their hash.

    :param whole: also the value itself may leave the row; without it, only texts in it do.
    """
    made: dict[str, bytes] = {}
    packed = _packed(value, made)
    if whole and not _marked(packed) and len(body := _json(packed)) > LONG_VALUE:
        packed = {_VALUE: _kept(body, made)}
    return packed, made


def unpack(stored: Any, bodies: Mapping[str, bytes]) -> Any:
    """The value again. :raises KeyError: a content is missing."""
    if isinstance(stored, dict):
        if _marked(stored):
            ((key, hash_),) = stored.items()
            value = _opened(bodies[hash_])
            return unpack(value, bodies) if key == _VALUE else value
        return {k: unpack(v, bodies) for k, v in stored.items()}
    if isinstance(stored, list):
        return [unpack(v, bodies) for v in stored]
    return stored


def put(db: Connection, run: str, *values: Any, whole: bool = True) -> list[Any]:
    """Keep what is long in these values for a run; what stands in the row for each."""
    packed = [pack(v, whole=whole) for v in values]
    bodies = {h: b for _, made in packed for h, b in made.items()}
    if bodies:
        rows = [{"hash": h, "body": b, "size": len(b)} for h, b in bodies.items()]
        many(db, insert_new(db, contents), rows)
        many(db, insert_new(db, held), [{"run": run, "hash": h} for h in bodies])
    return [v for v, _ in packed]


def get(db: Connection, *stored: Any) -> list[Any]:
    """The values that these stand for, as they were put."""
    bodies, _ = _read(db, stored)
    return [unpack(s, bodies) for s in stored] if bodies else list(stored)


def readable(db: Connection, *stored: Any) -> list[Any]:
    """The same; `UNREADABLE` for each that is not there any more, or was made into something else."""
    try:
        return get(db, *stored)
    except (KeyError, ValueError, zlib.error):
        if len(stored) == 1:
            return [UNREADABLE]
        return [readable(db, one)[0] for one in stored]


def get_rows(db: Connection, rows: Iterable[Any], *columns: str) -> list[dict[str, Any]]:
    """Rows as dicts, these columns of them as they were put."""
    made = [dict(r._mapping) for r in rows]
    values = get(db, *(row[c] for row in made for c in columns))
    for n, row in enumerate(made):
        row.update(zip(columns, values[n * len(columns) :], strict=False))
    return made


def refers(stored: Any) -> bool:
    """Whether something of this value lies outside its row."""
    return bool(_marks([stored]))


def let_go(db: Connection, run: str, *, still: Sequence[Any]) -> None:
    """Drop what a run holds no more: all but what these stored values refer to."""
    _, keep = _read(db, still)
    gone = set(db.execute(select(held.c.hash).where(held.c.run == run)).scalars()) - keep
    for part in parts(gone):
        db.execute(delete(held).where(held.c.run == run, held.c.hash.in_(part)))
        elsewhere = select(held.c.hash).where(held.c.hash.in_(part))
        db.execute(delete(contents).where(contents.c.hash.in_(part), contents.c.hash.not_in(elsewhere)))


def size(db: Connection, run: str) -> int:
    """Bytes of the contents that a run holds, those it shares with others too."""
    query = select(func.sum(contents.c.size)).join(held, held.c.hash == contents.c.hash)
    return int(db.execute(query.where(held.c.run == run)).scalar() or 0)


def _packed(value: Any, made: dict[str, bytes]) -> Any:
    if isinstance(value, str):
        return {_TEXT: _kept(_json(value), made)} if len(value) > LONG_TEXT else value
    if isinstance(value, dict):
        if _marked(value):
            return {_TEXT: _kept(_json(value), made)}
        return {k: _packed(v, made) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_packed(v, made) for v in value]
    return value


def _kept(body: str, made: dict[str, bytes]) -> str:
    hash_ = sha256(body.encode()).hexdigest()
    if hash_ not in made:
        made[hash_] = zlib.compress(body.encode())
    return hash_


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _marked(value: Any) -> bool:
    """Whether a dict stands for a content, or could be taken for one that does."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in (_TEXT, _VALUE)


def _read(db: Connection, stored: Iterable[Any]) -> tuple[dict[str, bytes], set[str]]:
    """The contents that stored values refer to, and those that these refer to; and all their hashes."""
    bodies: dict[str, bytes] = {}
    seen: set[str] = set()
    marks = _marks(stored)
    query = select(contents.c.hash, contents.c.body)
    while new := {h for _, h in marks} - seen:
        seen |= new
        for part in parts(new):
            bodies.update((r.hash, r.body) for r in db.execute(query.where(contents.c.hash.in_(part))))
        marks = _marks(_opened(bodies[h]) for key, h in marks if key == _VALUE)
    return bodies, seen


def _opened(body: Any) -> Any:
    """What a content says. :raises ValueError: it is none any more."""
    try:
        return json.loads(zlib.decompress(body))
    except (TypeError, RecursionError, zlib.error) as error:
        raise ValueError("a content was made into something else") from error


def _marks(stored: Iterable[Any]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    left = list(stored)
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if _marked(value):
                found.update(value.items())
            else:
                left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
    return found


def kept(db: Connection, run: str, row: Mapping[str, Any], *columns: str) -> dict[str, Any]:
    """A row whose values in these columns, where it has them, stand in for what is long."""
    long = {c: row[c] for c in columns if row.get(c) is not None}
    return {**row, **dict(zip(long, put(db, run, *long.values()), strict=True))}
