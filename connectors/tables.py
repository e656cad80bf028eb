"""The archive's tables. The archive is the truth: everything else can be rebuilt from them.

A change here needs a migration in `migrations/versions`; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from deskhand.connectors.database import Moment

HEAD = "0001"
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
    Column("error", Text, nullable=False, default=""),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Integer, nullable=False),
)

items = Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False, unique=True),
    Column("source", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("native", Text, nullable=False),
    Column("current", Integer),
    Column("removed", Moment),
    Column("title", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("start", Moment),
    Column("until", Moment),
    Column("folder", Text, nullable=False),
    Column("thread", Text, nullable=False, default=""),
    UniqueConstraint("source", "kind", "native"),
    Index("items_kind_at", "kind", "at"),
    Index("items_thread", "thread"),
    Index("items_start", "start"),
)

versions = Table(
    "versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item", ForeignKey("items.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("text", ForeignKey("texts.hash"), nullable=False),
    Column("meta", JSON, nullable=False),
    Column("stored", Moment, nullable=False),
    UniqueConstraint("item", "version"),
)
"""`n` orders an item's versions; `meta` is the Item without its text; `stored` is when we saw it."""

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
    Column("name", Text, nullable=False),
    Index("participants_item", "item"),
    Index("participants_address", "address", "role"),
)

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
)

addresses = Table(
    "addresses",
    metadata,
    Column("address", Text, primary_key=True),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
)
"""A person and her addresses. An address starts as a person of its own; only `join_people` joins two,
for anybody can write under anybody's name."""

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
    Column("subject", Text, nullable=False),
    Column("base_subject", Text, nullable=False, index=True),
    Column("references", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)
"""What threading needs to know of a message (RFC 5256)."""

mail_ids = Table(
    "mail_ids",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("thread", Text, nullable=False, index=True),
)
"""Every Message-ID that was seen or referred to, and its thread."""

failures = Table(
    "failures",
    metadata,
    Column("source", String, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
