"""The tables of the workflow and task layers: runs, steps, approvals, the ledger, schedules.

They lie in a database of their own (`runs.db`), so that a long sync and a run never wait for each
other. A change here needs a migration in `migrations/versions`; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
    type_coerce,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

from deskhand.connectors.database import Moment, StorageError

HEAD = "0010"
"""The migration these tables are written for."""

UNREADABLE = "\x00 cannot be read"
"""Stands for a value that is none any more; no shape of ours takes it."""


class Json(TypeDecorator[Any]):
    """JSON. What somebody made into something else past Deskhand reads as `UNREADABLE`, not as an error: who
    lists a thousand rows is to be told of the one."""

    impl = JSON
    cache_ok = True

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> TypeEngine[Any]:
        return self.impl_instance.coerce_compared_value(op, value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        read = super().result_processor(dialect, coltype)
        if read is None:
            return None

        def tolerant(value: Any) -> Any:
            try:
                return read(value)
            except (ValueError, TypeError, RecursionError):
                return UNREADABLE

        return tolerant


class Faded(Moment):
    """A moment; one that is none any more reads as `UNREADABLE`: for who is to tell of the row."""

    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        try:
            return super().process_result_value(value, dialect)
        except StorageError:
            return UNREADABLE


def faded(*columns: ColumnElement[Any]) -> list[Any]:
    """Columns to ask for, whose times may be none any more."""
    return [type_coerce(c, Faded).label(c.key) if isinstance(c.type, Moment) else c for c in columns]


metadata = MetaData()

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Integer, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("n", Integer, nullable=False, unique=True),
    Column("request", Text, nullable=False),
    Column("status", String, nullable=False, index=True),
    Column("created", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("plan", Json),
    Column("plan_hash", String(64), nullable=False, default=""),
    Column("answer", Text, nullable=False, default=""),
    Column("brief", Json),
    Column("choices", Json, nullable=False),
    Column("schedule", String, nullable=False, default=""),
    Column("approve_all", Boolean, nullable=False, default=False),
    Column("cancelled", Boolean, nullable=False, default=False),
    Column("format", Integer, nullable=False, default=1, server_default="1"),
    Column("amends", Json),
    Column("shrunk", Moment),
    Column("anew", String, nullable=False, default="", server_default=text("''")),
    Column("instead_of", String, nullable=False, default="", server_default=text("''")),
    Column("reasons", Json),
)
"""`approve_all`: the person said --yes; what the policy would ask is approved, what it denies is not.
`format`: how the run is kept (`model.FORMAT`). `amends`: what undoes its writes after a failure.
`shrunk`: when the outputs of its steps were let go of. `anew`, `instead_of`: the run that was planned by
what was said with a no to this one, and the other way round; `reasons`: all that was said so, in order."""

steps = Table(
    "steps",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("step", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("value", Json),
    Column("labels", Json),
    Column("brief", Json),
    Column("error", Text, nullable=False, default=""),
    Column("at", Moment, nullable=False),
)
"""`state`: done, failed, skipped. `labels`: where the value came from, by name; "" is the whole."""

events = Table(
    "events",
    metadata,
    Column("run", ForeignKey("runs.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("type", String, nullable=False),
    Column("data", Json, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", String, primary_key=True),
    Column("n", Integer, nullable=False, unique=True),
    Column("run", ForeignKey("runs.id"), nullable=False),
    Column("step", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("body", Json, nullable=False),
    Column("seal", String(64), nullable=False, default="", server_default=text("''")),
    Index("approvals_run", "run", "step"),
)
"""`seal`: what says that Deskhand wrote the rest (`records.seal`); "" of an earlier one."""

effects = Table(
    "effects",
    metadata,
    Column("key", String, primary_key=True),
    Column("run", String, nullable=False, index=True),
    Column("step", String, nullable=False),
    Column("operation", String, nullable=False),
    Column("arguments", Json, nullable=False),
    Column("source", String, nullable=False),
    Column("state", String, nullable=False),
    Column("receipt", Json),
    Column("inverse", Json),
    Column("error", Text, nullable=False, default=""),
    Column("at", Moment, nullable=False),
    Column("due", Moment, index=True),
    Column("history", Json),
)
"""The ledger. A row is written before the call it stands for. `due`: when what is held is to happen.
`history`: how it came into each of its states, as `model.Turn` writes it; null in rows of before."""

schedules = Table(
    "schedules",
    metadata,
    Column("name", String, primary_key=True),
    Column("request", Text, nullable=False),
    Column("rrule", Text, nullable=False),
    Column("first", Moment, nullable=False),
    Column("zone", String, nullable=False),
    Column("created", Moment, nullable=False),
    Column("paused", Boolean, nullable=False, default=False),
    Column("looked", Moment, nullable=False),
    Column("omits", Json),
)
"""`looked`: slots up to here are settled (fired or noted as missed). `omits`: what is left out, as
`omitted.Omitted` writes it; null where nothing is."""

slots = Table(
    "slots",
    metadata,
    Column("schedule", String, primary_key=True),
    Column("slot", String, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("outcome", String, nullable=False),
    Column("run", String, nullable=False, default=""),
    Column("noted", Moment, nullable=False),
    Column("why", Text, nullable=False, default="", server_default=text("''")),
)
"""`slot` is the local time, "2026-11-23T08:00"; `outcome`: fired, missed (coalesced into a later one),
skipped (`why` says it)."""

told = Table(
    "told",
    metadata,
    Column("series", String, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)
"""What a series of digests has told already."""

contents = Table(
    "contents",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
)
"""Long texts and values of runs, once each, by the SHA-256 of their JSON. `body`: that JSON, deflated."""

held = Table(
    "held",
    metadata,
    Column("run", String, primary_key=True),
    Column("hash", ForeignKey("contents.hash"), primary_key=True, index=True),
)
"""Which run holds which content."""

choices = Table(
    "choices",
    metadata,
    Column("word", String, primary_key=True),
    Column("run", String, primary_key=True),
    Column("address", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
"""Whom the person chose where a name could mean several: from what it is learnt who is meant. `word` is in
lower case; `run` is the one that chose."""

spending = Table(
    "spending",
    metadata,
    Column("run", String, primary_key=True),
    Column("schedule", String, nullable=False),
    Column("day", String, primary_key=True, index=True),
    Column("what", String, primary_key=True),
    Column("of", String, primary_key=True),
    Column("amount", BigInteger, nullable=False),
)
"""What was spent, by run (empty: outside of any) and the person's day, in the units of `agent.budget`."""

reservations = Table(
    "reservations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", String, nullable=False),
    Column("schedule", String, nullable=False),
    Column("day", String, nullable=False),
    Column("what", String, primary_key=True),
    Column("of", String, primary_key=True),
    Column("amount", BigInteger, nullable=False),
)
"""What is set aside for what is under way; a process that was killed leaves it, and it counts."""

permissions = Table(
    "permissions",
    metadata,
    Column("id", String, primary_key=True),
    Column("n", Integer, nullable=False, unique=True),
    Column("body", Json, nullable=False),
    Column("revoked", Moment),
)
"""Standing permissions (`trust.permissions`), as they were granted."""

permission_uses = Table(
    "permission_uses",
    metadata,
    Column("effect", String, primary_key=True),
    Column("permission", String, nullable=False, index=True),
    Column("run", String, nullable=False),
    Column("day", String, nullable=False),
    Column("at", Moment, nullable=False),
)
"""Which effect was allowed by which permission: once for each effect, however often its run is taken up."""

audit = Table(
    "audit",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("what", String, nullable=False),
    Column("run", String, nullable=False, index=True),
    Column("subject", String, nullable=False),
    Column("state", String, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("before", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("audit_subject", "what", "subject", "n"),
)
"""The audit chain: what was planned, asked, decided and done, in order. Triggers refuse to change or drop a
line. `digest` is of the content as it was then, which lies elsewhere; `before` is the hash of line n - 1."""
