"""Deletes everything of a source for good: its rows, and what of threads, people and texts is nobody else's.

In transactions of a few hundred items, so that other writers wait for no more than that; who is cut off
begins again with what is left.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, exists, func, select

from deskhand.connectors.database import parts
from deskhand.connectors.tables import (
    addresses,
    failures,
    items,
    mail_ids,
    mails,
    participants,
    people,
    relations,
    sources,
    texts,
    traces,
    unsettled,
    versions,
)

AT_ONCE = 300
"""Items in one transaction."""


def held(db: Connection, source: str) -> dict[str, int]:
    """How many items a source has here, removed ones too, how many versions of them, and attachments."""
    mine = items.c.source == source
    of_mine = versions.c.item.in_(select(items.c.id).where(mine))
    asked = {
        "items": select(func.count()).where(mine).select_from(items),
        "versions": select(func.count()).where(of_mine).select_from(versions),
        "attachments": select(func.count()).where(mine, items.c.kind == "attachment").select_from(items),
    }
    return {name: db.execute(query).scalar_one() for name, query in asked.items()}


def erase(db: Connection, source: str) -> int:
    """Delete some of a source's items and all that only they need; how many. 0: nothing is left of it."""
    query = select(items.c.id).where(items.c.source == source).order_by(items.c.id).limit(AT_ONCE)
    ids = list(db.execute(query).scalars())
    if not ids:
        for table in (failures, unsettled):
            db.execute(delete(table).where(table.c.source == source))
        db.execute(delete(sources).where(sources.c.alias == source))
        return 0
    named = set(db.execute(select(participants.c.address).where(participants.c.item.in_(ids))).scalars())
    bodies = set(db.execute(select(versions.c.text).where(versions.c.item.in_(ids))).scalars())
    tied = _tied(db, ids)
    for table in (traces, participants, relations, mails):
        db.execute(delete(table).where(table.c.item.in_(ids)))
    db.execute(delete(versions).where(versions.c.item.in_(ids)))
    db.execute(delete(items).where(items.c.id.in_(ids)))
    for part in parts(bodies):
        used = exists().where(versions.c.text == texts.c.hash)
        db.execute(delete(texts).where(texts.c.hash.in_(part), ~used))
    _forget_people(db, named)
    _forget_ids(db, tied)
    return len(ids)


def _tied(db: Connection, ids: list[int]) -> set[int]:
    """The knots of these messages."""
    query = select(mail_ids.c.knot).join(mails, mails.c.message_id == mail_ids.c.message_id)
    return set(db.execute(query.where(mails.c.item.in_(ids))).scalars())


def _forget_people(db: Connection, named: Iterable[str]) -> None:
    """Drop addresses that take part in nothing any more, and people who have none left."""
    for part in parts(named):
        there = exists().where(participants.c.address == addresses.c.address)
        gone = delete(addresses).where(addresses.c.address.in_(part), ~there).returning(addresses.c.person)
        theirs = set(db.execute(gone).scalars())
        for persons in parts(theirs):
            known = exists().where(addresses.c.person == people.c.id)
            db.execute(delete(people).where(people.c.id.in_(persons), ~known))


def _forget_ids(db: Connection, knots: Iterable[int]) -> None:
    """Drop Message-IDs that no message that is left has, or refers to."""
    for part in parts(knots):
        inside = mail_ids.c.knot.in_(part)
        left = select(mails.c.message_id, mails.c.refs).join(
            mail_ids, mail_ids.c.message_id == mails.c.message_id
        )
        needed = {i for row in db.execute(left.where(inside)) for i in (row.message_id, *row.refs)}
        known = set(db.execute(select(mail_ids.c.message_id).where(inside)).scalars())
        for gone in parts(known - needed):
            db.execute(delete(mail_ids).where(mail_ids.c.message_id.in_(gone)))
