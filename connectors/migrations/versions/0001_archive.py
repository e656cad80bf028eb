"""The archive as it was first laid out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "failures",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "ref"),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("native", sa.Text(), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("seq"),
        sa.UniqueConstraint("source", "kind", "native"),
    )
    op.create_index("items_kind_at", "items", ["kind", "at"], unique=False)
    op.create_index("items_span", "items", ["start", "until"], unique=False)
    op.create_index("items_thread", "items", ["thread", "at"], unique=False)
    op.create_table(
        "mail_ids",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("knot", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index(op.f("ix_mail_ids_knot"), "mail_ids", ["knot"], unique=False)
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "sources",
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("tried", sa.BigInteger(), nullable=True),
        sa.Column("synced", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alias"),
    )
    op.create_table(
        "texts",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "unsettled",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "ref"),
    )
    op.create_table(
        "addresses",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("address"),
    )
    op.create_index(op.f("ix_addresses_person"), "addresses", ["person"], unique=False)
    op.create_table(
        "mails",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("base_subject", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("joins", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item"],
            ["items.id"],
        ),
        sa.PrimaryKeyConstraint("item"),
    )
    op.create_index(op.f("ix_mails_message_id"), "mails", ["message_id"], unique=False)
    op.create_index("mails_base_subject", "mails", ["base_subject", "joins", "at"], unique=False)
    op.create_table(
        "participants",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item"],
            ["items.id"],
        ),
    )
    op.create_index("participants_address", "participants", ["address", "role"], unique=False)
    op.create_index("participants_item", "participants", ["item"], unique=False)
    op.create_table(
        "relations",
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item"],
            ["items.id"],
        ),
    )
    op.create_index("relations_item", "relations", ["item"], unique=False)
    op.create_index("relations_target", "relations", ["type", "target"], unique=False)
    op.create_table(
        "versions",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("meta", sa.Text(), nullable=False),
        sa.Column("stored", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item"],
            ["items.id"],
        ),
        sa.ForeignKeyConstraint(
            ["text"],
            ["texts.hash"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item", "n"),
    )


def downgrade() -> None:
    op.drop_table("versions")
    op.drop_index("relations_target", table_name="relations")
    op.drop_index("relations_item", table_name="relations")
    op.drop_table("relations")
    op.drop_index("participants_item", table_name="participants")
    op.drop_index("participants_address", table_name="participants")
    op.drop_table("participants")
    op.drop_index("mails_base_subject", table_name="mails")
    op.drop_index(op.f("ix_mails_message_id"), table_name="mails")
    op.drop_table("mails")
    op.drop_index(op.f("ix_addresses_person"), table_name="addresses")
    op.drop_table("addresses")
    op.drop_table("unsettled")
    op.drop_table("texts")
    op.drop_table("sources")
    op.drop_table("people")
    op.drop_index(op.f("ix_mail_ids_knot"), table_name="mail_ids")
    op.drop_table("mail_ids")
    op.drop_index("items_thread", table_name="items")
    op.drop_index("items_span", table_name="items")
    op.drop_index("items_kind_at", table_name="items")
    op.drop_table("items")
    op.drop_table("failures")
    op.drop_table("counters")
