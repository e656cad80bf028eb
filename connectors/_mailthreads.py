"""Keeps the threads of the archive right as messages arrive in any order.

`threads.thread` does the reasoning (RFC 5256). Here it is given just the messages that a page can touch:
those in the same knots (tied to the page's by Message-IDs and references, however many steps away), and
those in the knots of the same subjects, for answers without references join by subject. A provider that says
which conversation a message belongs to (Gmail) is believed, and what the message refers to is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from deskhand.connectors._door import key
from deskhand.connectors.database import many, parts, take_numbers
from deskhand.connectors.model import Item
from deskhand.connectors.tables import counters, items, mail_ids, mails
from deskhand.connectors.threads import Header, base_subject
from deskhand.connectors.threads import thread as thread_messages

SAME_SUBJECT = 1000
"""How many messages of one subject are looked at: a daily notification must not cost more every day. Where
there are more, an answer without references that came before the message it answers may stay alone."""

_Row = dict[str, Any]
"""A row of `mails`."""


def thread(db: Connection, letters: Mapping[int, Item]) -> tuple[dict[int, str], list[_Row]]:
    """Thread messages, by item number, with all they can touch.

    :returns: items whose thread is another one now, with it; and rows of `mails` to be written.
    """
    rows = {i: _row(i, item) for i, item in letters.items()}
    held = {r["item"]: r for r, _ in _load(db, mails.c.item, rows)}
    new = {i: row for i, row in rows.items() if held.get(i, {}) | {"joins": False} != row}
    if not new:
        return {}, []
    knots = _tie(db, [_ids(row) for row in new.values()])
    # What a message was tied to before it changed may fall apart.
    knots |= _knots_of(db, {i for item in new if item in held for i in _ids(held[item])})
    loaded = list(_load(db, mail_ids.c.knot, knots))
    now = {r["item"]: t for r, t in loaded}
    before = {r["item"]: r for r, _ in loaded}
    touched = before | new
    trees = _trees(touched.values())
    known = {i: row | {"joins": trees[row["message_id"]].is_joined_by(row)} for i, row in touched.items()}
    written = [row for i, row in known.items() if i in new or row != before[i]]
    both = [*_trees(before.values()).values(), *trees.values()]
    subjects = {t.base for t in both if t.joins} | _joined(db, {t.base for t in both})
    alike, crowded = _knots_alike(db, subjects)
    company = list(_load(db, mail_ids.c.knot, alike - knots))
    now |= {r["item"]: t for r, t in company}
    everything = touched | {r["item"]: r for r, _ in company}
    found = thread_messages(map(_header, everything.values()))
    # Of those that keep company, some are of other subjects, or of one that was not looked at as a whole.
    trees = _trees(everything.values()) if company else trees
    whole = subjects - crowded
    sure = [i for i, r in everything.items() if i in touched or trees[r["message_id"]].base in whole]
    changed = {i: t for i in sure if (t := found[everything[i]["message_id"]]) != now.get(i, "")}
    return changed, written


@dataclass(frozen=True, slots=True)
class _Tree:
    """What hangs together by references alone."""

    root: str
    base: str
    """Base subject of its root, or of its first message where the root is missing."""
    joins: bool
    """Its root is an answer, and joins an older tree of its subject."""

    def is_joined_by(self, row: _Row) -> bool:
        return self.joins and row["message_id"] == self.root


def _trees(rows: Iterable[_Row]) -> dict[str, _Tree]:
    """The tree that a message is in, by Message-ID."""
    rows = sorted(rows, key=lambda r: (r["at"], r["message_id"], r["refs"], r["subject"]))
    root_of = thread_messages(Header(r["message_id"], tuple(r["refs"]), "", r["at"]) for r in rows)
    first: dict[str, _Row] = {}
    for row in rows:
        root = root_of[row["message_id"]]
        if root not in first or (row["message_id"] == root != first[root]["message_id"]):
            first[root] = row
    made: dict[str, _Tree] = {}
    for root, row in first.items():
        base = row["base_subject"]
        answers = row["message_id"] == root and base != "" and base_subject(row["subject"])[1]
        made[root] = _Tree(root, base, answers)
    return {message: made[root] for message, root in root_of.items()}


def _header(row: _Row) -> Header:
    return Header(row["message_id"], tuple(row["refs"]), row["subject"], row["at"])


def _joined(db: Connection, subjects: Iterable[str]) -> set[str]:
    """Those subjects that have an answer without references: only these are ever joined by subject."""
    found: set[str] = set()
    for part in parts(subjects):
        query = select(mails.c.base_subject).where(mails.c.joins, mails.c.base_subject.in_(part)).distinct()
        found.update(db.execute(query).scalars())
    return found


def _row(item_id: int, item: Item) -> _Row:
    return {
        "item": item_id,
        "message_id": key(item.data.get("message_id") or f"<{item.hash}@missing.invalid>"),
        "refs": _refs(item),
        "subject": item.title,
        "base_subject": key(base_subject(item.title)[0].casefold()),
        "at": item.at.astimezone(UTC),
        "joins": False,
    }


def _refs(item: Item) -> list[str]:
    """What a message is tied to: its provider's conversation where that says one, else what it refers to."""
    if conversation := str(item.data.get("thread") or ""):
        return [key(f"<{conversation}.{item.ref.source}@thread.invalid>")]
    return [key(r) for r in item.data.get("references", ())]


def _ids(row: _Row) -> list[str]:
    return [row["message_id"], *row["refs"]]


def _load(db: Connection, column: Any, values: Iterable[Any]) -> Iterable[tuple[_Row, str]]:
    """Rows of `mails`, with their thread, where a column has one of these values."""
    query = select(mails, items.c.thread).join(items, items.c.id == mails.c.item)
    if column.table is mail_ids:
        query = query.join(mail_ids, mail_ids.c.message_id == mails.c.message_id)
    names = [c.name for c in mails.columns]
    for part in parts(values):
        for row in db.execute(query.where(column.in_(part))):
            yield dict(zip(names, row, strict=False)), row.thread


def _knots_of(db: Connection, ids: Iterable[str]) -> set[int]:
    found: set[int] = set()
    for part in parts(ids):
        found.update(db.execute(select(mail_ids.c.knot).where(mail_ids.c.message_id.in_(part))).scalars())
    return found


def _knots_alike(db: Connection, subjects: Iterable[str]) -> tuple[set[int], set[str]]:
    """The knots of the newest messages of each of these subjects; and the subjects that have more."""
    place = (
        func.row_number().over(partition_by=mails.c.base_subject, order_by=mails.c.at.desc()).label("place")
    )
    found: set[int] = set()
    crowded: set[str] = set()
    for part in parts(subjects):
        of_subject = select(mails.c.message_id, mails.c.base_subject, place)
        newest = of_subject.where(mails.c.base_subject.in_(part)).subquery()
        query = select(mail_ids.c.knot, newest.c.base_subject, newest.c.place).join(
            newest, newest.c.message_id == mail_ids.c.message_id
        )
        for knot, subject, n in db.execute(query.where(newest.c.place <= SAME_SUBJECT)):
            found.add(knot)
            if n == SAME_SUBJECT:
                crowded.add(subject)
    return found, crowded


def _tie(db: Connection, messages: list[list[str]]) -> set[int]:
    """Put the ids of each message into one knot, and so everything they were tied to; the knots touched."""
    known: dict[str, int] = {}
    for part in parts({i for ids in messages for i in ids}):
        query = select(mail_ids.c.message_id, mail_ids.c.knot).where(mail_ids.c.message_id.in_(part))
        known.update({r.message_id: r.knot for r in db.execute(query)})
    up: dict[str | int, str | int] = {}

    def top(node: str | int) -> str | int:
        while (above := up.get(node, node)) != node:
            up[node] = node = up.get(above, above)
        return node

    for ids in messages:
        first, *rest = (known.get(i, i) for i in ids)
        up.setdefault(first, first)
        for other in rest:
            up.setdefault(other, other)
            up[top(other)] = top(first)
    groups: dict[str | int, list[str | int]] = {}
    for node in up:
        groups.setdefault(top(node), []).append(node)
    number = take_numbers(db, counters, "knot", len(groups))
    new: list[dict[str, Any]] = []
    touched: set[int] = set()
    for group in groups.values():
        knots = sorted(n for n in group if isinstance(n, int))
        keep = knots[0] if knots else number
        number += not knots
        touched.add(keep)
        new += [{"message_id": n, "knot": keep} for n in group if isinstance(n, str)]
        for others in parts(knots[1:]):
            db.execute(update(mail_ids).where(mail_ids.c.knot.in_(others)).values(knot=keep))
    many(db, insert(mail_ids), new)
    return touched
