"""Keeps the threads of the archive right as messages arrive in any order.

`threads.thread` does the reasoning (RFC 5256); here it is given just the messages that a new page can
touch: those that share a Message-ID, a reference or a base subject with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, select

from deskhand.connectors.database import upsert
from deskhand.connectors.model import Item
from deskhand.connectors.tables import items, mail_ids, mails
from deskhand.connectors.threads import Header, base_subject
from deskhand.connectors.threads import thread as thread_messages

SAME_SUBJECT = 1000
"""How many messages of the same subject are looked at: a daily notification must not grow into a quadratic cost."""


def row(item_id: int, item: Item) -> dict[str, Any]:
    """What threading needs to know of a message, as a row of `mails`."""
    return {
        "item": item_id,
        "message_id": item.data.get("message_id") or f"<{item.hash}@missing.invalid>",
        "subject": item.title,
        "base_subject": base_subject(item.title)[0].casefold(),
        "references": list(item.data.get("references", ())),
        "at": item.at,
    }


def thread(db: Connection, engine: Engine, letters: Sequence[dict[str, Any]]) -> dict[int, str]:
    """Thread a page of new rows of `mails` with all they can touch; return items whose thread changed."""
    ids = {i for letter in letters for i in (letter["message_id"], *letter["references"])}
    subjects = {letter["base_subject"] for letter in letters} - {""}
    touched: set[str] = set()
    for part in _parts(ids):
        touched.update(db.execute(select(mail_ids.c.thread).where(mail_ids.c.message_id.in_(part))).scalars())
    same = select(mail_ids.c.thread).join(mails, mails.c.message_id == mail_ids.c.message_id)
    for part in _parts(subjects):
        alike = same.where(mails.c.base_subject.in_(part)).order_by(mails.c.at.desc()).limit(SAME_SUBJECT)
        touched.update(db.execute(alike).scalars())
    rows: dict[int, Any] = {}
    current = select(mails, items.c.thread.label("thread")).join(items, items.c.id == mails.c.item)
    of_threads = select(mail_ids.c.message_id)
    for part in _parts(touched):
        in_them = of_threads.where(mail_ids.c.thread.in_(part)).scalar_subquery()
        rows |= {r.item: r for r in db.execute(current.where(mails.c.message_id.in_(in_them)))}
    for part in _parts({letter["item"] for letter in letters}):
        rows |= {r.item: r for r in db.execute(current.where(mails.c.item.in_(part)))}
    found = thread_messages(Header(r.message_id, tuple(r.references), r.subject, r.at) for r in rows.values())
    named = dict(found)
    for r in rows.values():
        for reference in r.references:
            named.setdefault(reference, found[r.message_id])
    if named:
        db.execute(
            upsert(engine, mail_ids), [{"message_id": m, "thread": t} for m, t in sorted(named.items())]
        )
    return {i: found[r.message_id] for i, r in rows.items() if r.thread != found[r.message_id]}


def _parts(values: set[Any], size: int = 500) -> list[list[Any]]:
    ordered = sorted(values)
    return [ordered[i : i + size] for i in range(0, len(ordered), size)]
