"""The archive's tables. The archive is the truth: everything else can be rebuilt from them.

A change here needs a migration in `migrations/versions`; a test compares the two. Columns that are
looked up by what strangers wrote (addresses, Message-IDs, subjects) hold the `_door.key` of it.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from deskhand.connectors.database import Moment

HEAD = "0003"
"""The migration these tables are written for."""

metadata = MetaData()

sources = Table(
    "sources",
    metadata,
    Column("alias", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("cursor", Text),
    Column("tried", Moment),
    Column("synced", Moment),
    Column("error", Text, nullable=False),
    Column("place", Text, nullable=False, server_default=text("''")),
    Column("health", JSON),
)
"""`place`: where it was read from, "" where that is not known; `health`: as `health.Health` writes it."""

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Integer, nullable=False),
)

items = Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False, unique=True),
    Column("source", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("native", Text, nullable=False),
    Column("current", Integer, nullable=False),
    Column("removed", Moment),
    Column("title", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("start", Moment),
    Column("until", Moment),
    Column("folder", Text, nullable=False),
    Column("thread", Text, nullable=False),
    UniqueConstraint("source", "kind", "native"),
    Index("items_kind_at", "kind", "at"),
    Index("items_thread", "thread", "at"),
    Index("items_span", "start", "until"),
)
"""Things, and of their current version what is asked for most. `current` is a `versions.id`."""

versions = Table(
    "versions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("item", ForeignKey("items.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("text", ForeignKey("texts.hash"), nullable=False),
    Column("size", Integer, nullable=False),
    Column("meta", Text, nullable=False),
    Column("stored", Moment, nullable=False),
    UniqueConstraint("item", "n"),
    Index("versions_text", "text"),
)
"""`n` orders an item's versions; a thing that comes back to an earlier state has that version twice.
`size` is of the text, in characters; `meta` is JSON of all else; `stored` is when we saw it."""

texts = Table(
    "texts",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("text", Text, nullable=False),
)
"""Texts by their SHA-256: the same text in many versions is kept once."""

participants = Table(
    "participants",
    metadata,
    Column("item", ForeignKey("items.id"), nullable=False),
    Column("role", String, nullable=False),
    Column("address", Text, nullable=False),
    Index("participants_item", "item"),
    Index("participants_address", "address", "role"),
)
"""Who has a part in the current version of an item."""

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
)

addresses = Table(
    "addresses",
    metadata,
    Column("address", Text, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("last", Moment),
)
"""A person and her addresses, and when each was last used. An address starts as a person of its own; only
`join_people` joins two, for anybody can write under anybody's name."""

relations = Table(
    "relations",
    metadata,
    Column("item", ForeignKey("items.id"), nullable=False),
    Column("type", String, nullable=False),
    Column("target", Text, nullable=False),
    Index("relations_item", "item"),
    Index("relations_target", "type", "target"),
)

mails = Table(
    "mails",
    metadata,
    Column("item", ForeignKey("items.id"), primary_key=True),
    Column("message_id", Text, nullable=False, index=True),
    Column("refs", JSON, nullable=False),
    Column("subject", Text, nullable=False),
    Column("base_subject", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("joins", Boolean, nullable=False),
    Index("mails_base_subject", "base_subject", "joins", "at"),
)
"""What threading needs to know of a message (RFC 5256). `refs`: its References, oldest first; `joins`: it is
an answer that hangs under no other message, and is joined by its subject."""

mail_ids = Table(
    "mail_ids",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("knot", Integer, nullable=False, index=True),
)
"""Every Message-ID that was seen or referred to. Ids that ever stood in one message share a `knot`: what can
touch a thread is in the thread's knot, or has its subject."""

failures = Table(
    "failures",
    metadata,
    Column("source", String, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

unsettled = Table(
    "unsettled",
    metadata,
    Column("source", String, primary_key=True),
    Column("ref", Text, primary_key=True),
)
"""What was stored with no cursor after it. Should it be gone when the next pass begins, that pass, which
starts from the cursor before it, would not know that it ever was; so it is looked at once more."""

traces = Table(
    "traces",
    metadata,
    Column("unit", Text, nullable=False),
    Column("item", Integer, primary_key=True, autoincrement=False),
    Column("address", Text, primary_key=True),
    Column("how", String, primary_key=True),
    Column("at", Moment, nullable=False),
    Index("traces_unit", "unit"),
    Index("traces_address", "address", "how", "at"),
)
"""Who wrote to whom, and met whom (see `_traces`): made of the items, and noted after them. `unit`: the
thread, or what stands for itself, that is noted anew when something in it changes."""

answers = Table(
    "answers",
    metadata,
    Column("unit", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("mine", Boolean, primary_key=True),
    Column("asked", Moment, primary_key=True),
    Column("answered", Moment, nullable=False),
    Index("answers_address", "address", "answered"),
)
"""Who answered whom when. `mine`: the owner answered."""
