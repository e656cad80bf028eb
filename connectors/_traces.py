"""Who wrote to whom, met whom, and who answered how soon: noted a thread or an event at a time.

A From line proves nothing, so these tell an order and a habit, and never give a permission. What the owner
wrote is known by where it lies (see `_people`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, delete, func, select

from deskhand.connectors._door import key
from deskhand.connectors.database import insert_new, many, parts, upsert
from deskhand.connectors.model import ItemRef
from deskhand.connectors.tables import answers, counters, items, mails, traces, versions

How = Literal["wrote", "got", "met", "meets"]
"""I wrote to them; they wrote to me; we met, or will; we meet again and again."""

LARGE = 20
"""Of a meeting or a mail with more people than this, nobody is known by it."""

_RECIPIENTS = ("to", "cc", "bcc")


@dataclass(frozen=True, slots=True)
class Contact:
    """What was exchanged with one address."""

    address: str
    how: How
    times: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: to `mine`, an address's first message that I had not answered yet; else theirs to mine."""

    address: str
    mine: bool
    """I answered."""
    asked: datetime
    answered: datetime


@dataclass(frozen=True, slots=True)
class _Said:
    """A message or an event, as far as it tells who has to do with whom."""

    item: int
    at: datetime
    sender: str
    to: tuple[str, ...]
    by_me: bool
    how: How


def trace(db: Connection, me: frozenset[str], *, limit: int) -> int:
    """Take note of what changed since the last time, at most `limit` items; how many. 0: all is noted.

    With other addresses of the owner than the last time, all is noted anew.
    """
    mine, whose = {key(a) for a in me}, _whose(me)
    known = {r.name: r.value for r in db.execute(select(counters).where(counters.c.name.in_(_COUNTERS)))}
    since = known.get("traced", 0)
    if known.get("traced for") != whose:
        db.execute(delete(traces))
        db.execute(delete(answers))
        since = 0
    changed = select(items.c.id, items.c.seq, items.c.source, items.c.kind, items.c.native, items.c.thread)
    rows = db.execute(changed.where(items.c.seq > since).order_by(items.c.seq).limit(limit)).all()
    if rows or known.get("traced for") != whose:
        last = rows[-1].seq if rows else since
        values = [{"name": "traced", "value": last}, {"name": "traced for", "value": whose}]
        many(db, upsert(db, counters), values)
    units = {_unit(r) for r in rows if r.kind in ("message", "event")}
    for ids in parts(r.id for r in rows):
        units |= set(db.execute(select(traces.c.unit).where(traces.c.item.in_(ids))).scalars())
    for part in parts(units):
        db.execute(delete(traces).where(traces.c.unit.in_(part)))
        db.execute(delete(answers).where(answers.c.unit.in_(part)))
    threads = {u for u in units if not u.startswith(_ALONE)}
    alone = {r.id for r in rows if _unit(r).startswith(_ALONE)}
    found = _read(
        db, [items.c.thread.in_(p) for p in parts(threads)] + [items.c.id.in_(p) for p in parts(alone)]
    )
    for unit, said in found.items():
        _note(db, unit, _told(said, mine))
    return len(rows)


def fresh(db: Connection, me: frozenset[str]) -> bool:
    """Whether all is noted."""
    known = {
        r.name: r.value for r in db.execute(select(counters).where(counters.c.name.in_(("seq", *_COUNTERS))))
    }
    return known.get("traced for") == _whose(me) and known.get("traced", 0) == known.get("seq", 0)


def contacts(db: Connection, *, since: datetime, until: datetime) -> list[Contact]:
    """With whom there was what in since <= at < until; the times of what "meets" are not known here."""
    return [Contact(**r._mapping) for r in db.execute(_CONTACTS, {"since": since, "until": until})]


_CONTACTS = (
    select(traces.c.address, traces.c.how, func.count().label("times"), func.max(traces.c.at).label("last"))
    .where(traces.c.at >= bindparam("since"), traces.c.at < bindparam("until"))
    .group_by(traces.c.address, traces.c.how)
)


def meets(db: Connection, addresses: Iterable[str] | None = None) -> list[ItemRef]:
    """Series that I have with any of these, or with anybody."""
    query = select(traces.c.unit).where(traces.c.how == "meets").distinct().order_by(traces.c.unit)
    if addresses is not None:
        query = query.where(traces.c.address.in_([key(a) for a in addresses]))
    return [ItemRef.parse(u.removeprefix(_ALONE)) for u in db.execute(query).scalars()]


def answered(db: Connection, *, since: datetime, addresses: Iterable[str] | None = None) -> list[Answered]:
    """Answers since then, the newest first; of these addresses, or of all."""
    query = select(answers.c.address, answers.c.mine, answers.c.asked, answers.c.answered)
    query = query.where(answers.c.answered >= since)
    if addresses is not None:
        query = query.where(answers.c.address.in_([key(a) for a in addresses]))
    return [
        Answered(**r._mapping)
        for r in db.execute(query.order_by(answers.c.answered.desc(), answers.c.address))
    ]


_COUNTERS = ("traced", "traced for")
_ALONE = "="
"""Before the address of what stands for itself: an event, a message without a thread."""


_Found = tuple[Any, dict[str, Any]]
"""A row and what else is known of the item's current version."""


def _whose(me: frozenset[str]) -> int:
    """A number that stands for the owner's addresses."""
    return int(sha256("\0".join(sorted(me)).encode()).hexdigest()[:7], 16)


def _unit(row: Any) -> str:
    return row.thread or f"{_ALONE}{ItemRef(row.source, row.kind, row.native)}"


def _read(db: Connection, wheres: Sequence[Any]) -> dict[str, list[_Found]]:
    """By unit: the messages and events that are there, in order of time."""
    query = (
        select(
            items.c.id, items.c.source, items.c.kind, items.c.native, items.c.thread, items.c.at,
            items.c.start, versions.c.meta, mails.c.message_id,
        )
        .join(versions, versions.c.id == items.c.current)
        .outerjoin(mails, mails.c.item == items.c.id)
        .where(items.c.removed.is_(None), items.c.kind.in_(("message", "event")))
        .order_by(items.c.at, items.c.id)
    )  # fmt: skip
    found: dict[str, list[_Found]] = {}
    for where in wheres:
        for row in db.execute(query.where(where)):
            found.setdefault(_unit(row), []).append((row, json.loads(row.meta)))
    return found


def _told(said: Sequence[_Found], me: set[str]) -> list[_Said]:
    """What the things of a unit tell, each message once: the same one may lie in several folders."""
    made: dict[Any, _Said] = {}
    for row, meta in said:
        one = _message(row, meta, me) if row.kind == "message" else _event(row, meta, me)
        if one is not None:
            made.setdefault(row.message_id or row.id, one)
    return list(made.values())


def _message(row: Any, meta: dict[str, Any], me: set[str]) -> _Said | None:
    people = meta.get("people", ())
    if "draft" in meta.get("flags", ()) or len(people) > LARGE:
        return None
    sender = next((key(p["address"]) for p in people if p["role"] == "from"), "")
    to = tuple(dict.fromkeys(key(p["address"]) for p in people if p["role"] in _RECIPIENTS))
    by_me = sender in me and bool(meta.get("data", {}).get("sent"))
    if not by_me and (sender in me or not me & {*to}):
        return None  # somebody writes under my address, or it went to a list
    return _Said(
        row.id, row.at, sender, tuple(a for a in to if a not in me), by_me, "wrote" if by_me else "got"
    )


def _event(row: Any, meta: dict[str, Any], me: set[str]) -> _Said | None:
    data, people = meta.get("data", {}), meta.get("people", ())
    mine = [p for p in people if key(p["address"]) in me]
    there = [p for p in people if p.get("status") != "declined" and p["role"] != "resource"]
    own = meta.get("label", {}).get("trust") == "user"
    if (
        data.get("status") == "cancelled" or data.get("owner") or row.start is None or len(people) > LARGE
        or any(p.get("status") == "declined" for p in mine) or not (mine or own)
    ):  # fmt: skip
        return None
    others = dict.fromkeys(key(p["address"]) for p in there)
    again: How = "meets" if data.get("recurring") else "met"
    return _Said(row.id, row.start, "", tuple(a for a in others if a not in me), True, again)


def _note(db: Connection, unit: str, said: Sequence[_Said]) -> None:
    rows = [
        {"unit": unit, "item": s.item, "address": a, "how": s.how, "at": s.at}
        for s in said
        for a in (s.to if s.by_me else (s.sender,))
        if a
    ]
    many(db, insert_new(db, traces), rows)
    made = [
        {"unit": unit, "address": a.address, "mine": a.mine, "asked": a.asked, "answered": a.answered}
        for a in _answers([s for s in said if s.how in ("wrote", "got")])
    ]
    many(db, insert_new(db, answers), made)


def _answers(said: Sequence[_Said]) -> list[Answered]:
    """Who answered whom in a thread: from the first message not answered yet to the first one back."""
    made: list[Answered] = []
    theirs: dict[str, datetime] = {}
    mine: dict[str, datetime] = {}
    for one in said:
        if one.by_me:
            for address in one.to:
                if (asked := theirs.pop(address, None)) is not None:
                    made.append(Answered(address, True, asked, one.at))
                mine.setdefault(address, one.at)
        else:
            if (asked := mine.pop(one.sender, None)) is not None:
                made.append(Answered(one.sender, False, asked, one.at))
            theirs.setdefault(one.sender, one.at)
    return made
