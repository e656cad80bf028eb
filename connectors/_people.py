"""The people of the archive: whom an address belongs to, and whom the owner writes to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Select,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from deskhand.connectors._archived import Person
from deskhand.connectors._door import key
from deskhand.connectors.database import many, parts, take_numbers
from deskhand.connectors.tables import addresses, counters, items, participants, people, versions


def know(db: Connection, seen: Iterable[tuple[str, str, datetime | None]]) -> None:
    """Take note of addresses, the names beside them and when they were used.

    An address that is new becomes a person of its own; a person without a name takes the first given.
    """
    names: dict[str, str] = {}
    last: dict[str, datetime | None] = {}
    for address, name, at in seen:
        address = key(address)
        names[address] = names.get(address) or name
        before = last.get(address)
        last[address] = before if at is None or (before is not None and before > at) else at
    query = select(addresses.c.address, addresses.c.last, people.c.id, people.c.name).join(people)
    known = {
        r.address: r for part in parts(names) for r in db.execute(query.where(addresses.c.address.in_(part)))
    }
    new = [a for a in names if a not in known]
    if new:
        first = take_numbers(db, counters, "person", len(new))
        many(db, insert(people), [{"id": first + n, "name": names[a]} for n, a in enumerate(new)])
        rows = [{"address": a, "person": first + n, "last": last[a]} for n, a in enumerate(new)]
        many(db, insert(addresses), rows)
    later = [
        {"b_address": a, "last": at}
        for a, row in known.items()
        if (at := last[a]) is not None and (row.last is None or row.last < at)
    ]
    many(db, update(addresses).where(addresses.c.address == bindparam("b_address")), later)
    named = {row.id: names[a] for a, row in known.items() if names[a] and not row.name}
    many(
        db,
        update(people).where(people.c.id == bindparam("b_id")),
        [{"b_id": i, "name": n} for i, n in named.items()],
    )


def join(db: Connection, same: Sequence[str]) -> None:
    """Make these addresses one person's, and whatever else was theirs. The person known longest stays."""
    same = [key(a.lower()) for a in same]
    know(db, [(a, "", None) for a in same])
    whose = select(addresses.c.person).where(addresses.c.address.in_(same)).distinct()
    ids = list(db.execute(whose.order_by(addresses.c.person)).scalars())
    if len(ids) < 2:
        return
    keep, *others = ids
    named = select(people.c.id, people.c.name).where(people.c.id.in_(ids))
    names = {row.id: row.name for row in db.execute(named)}
    name = next((names[i] for i in ids if names[i]), "")
    db.execute(update(addresses).where(addresses.c.person.in_(others)).values(person=keep))
    db.execute(update(people).where(people.c.id == keep).values(name=name))
    db.execute(delete(people).where(people.c.id.in_(others)))


def only_in(db: Connection, sources: Collection[str]) -> frozenset[str]:
    """Addresses that stand in items of these sources alone."""
    query = select(participants.c.address).join(items, items.c.id == participants.c.item).distinct()
    here = set(db.execute(query.where(items.c.source.in_(tuple(sources)))).scalars())
    elsewhere = set(db.execute(query.where(items.c.source.not_in(tuple(sources)))).scalars())
    return frozenset(here - elsewhere)


def directory(db: Connection, me: frozenset[str]) -> list[Person]:
    """Everybody known, those the owner wrote to or invited most first, then by name."""
    mine = {"me": [key(a) for a in me]}
    written = {row.address: row.times for row in db.execute(_written(db.dialect.name), mine)}
    found: dict[int, tuple[str, list[str], int]] = {}
    for person, address, name in db.execute(_EVERYBODY):
        _, theirs, count = found.get(person, (name, [], 0))
        theirs.append(address)
        found[person] = (name, theirs, count + written.get(address, 0))
    made = [Person(name, tuple(theirs), count) for name, theirs, count in found.values()]
    return sorted(made, key=lambda q: (-q.written, q.name.casefold(), q.addresses))


_EVERYBODY = (
    select(addresses.c.person, addresses.c.address, people.c.name)
    .join(people)
    .order_by(addresses.c.last.desc().nulls_last(), addresses.c.address)
)


@cache
def _written(dialect: str) -> Select[tuple[str, int]]:
    """How often the owner, who has the addresses "me", wrote to or invited each address."""
    p = participants.c
    # Anybody can write the owner's address into a From line: what was sent is known by where it lies,
    # and an event is the owner's where its connector says so.
    # `meta` is text; SQLite reads JSON out of text, and its CAST would make a number of it.
    as_json = type_coerce if dialect == "sqlite" else cast
    meta: Any = as_json(versions.c.meta, JSON)
    by_me = (
        select(p.item)
        .join(items, items.c.id == p.item)
        .join(versions, versions.c.id == items.c.current)
        .where(
            p.address.in_(bindparam("me", expanding=True)),
            or_(
                and_(p.role == "from", meta["data"]["sent"].as_boolean()),
                and_(p.role == "organizer", meta["label"]["trust"].as_string() == "user"),
            ),
        )
    )
    to_others = select(p.address, func.count().label("times")).where(
        p.item.in_(by_me), p.role.in_(("to", "cc", "bcc", "attendee"))
    )
    return to_others.group_by(p.address)
