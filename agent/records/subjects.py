"""What the audit chain tells of: for each row of the records, the content that its digest is made over.

Made of the columns as they are stored, not of our values: a later Deskhand, whose values have more fields,
comes to the same digest. What is empty counts as not there, for the same reason.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from deskhand.agent.model import FINISHED
from deskhand.agent.records import contents
from deskhand.agent.records.tables import (
    UNREADABLE,
    approvals,
    choices,
    effects,
    faded,
    permissions,
    runs,
    schedules,
)
from deskhand.agent.values import digest

_EFFECT = tuple(c.name for c in effects.columns)
_LONG = ("arguments", "inverse", "receipt")
LOST = "lost"
"""The digest of what cannot be read any more."""

REMOVED = "removed"
"""The state of a subject whose row Deskhand took away."""

NOW = {"made": "active", "changed": "active", "resumed": "active"}
"""How a schedule stands since a line of it; any other state is what it says."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a line says of a row: whose it is, how it stands, and the digest of it."""

    what: str
    run: str
    subject: str
    state: str
    digest: str

    @property
    def nameless(self) -> bool:
        """Whether its id is none any more."""
        return UNREADABLE in self.subject


def of_run(row: Mapping[str, Any]) -> Told:
    """A run as it was asked for, and once it is over, how it ended and what was answered."""
    over = row["status"] in FINISHED
    said = {name: row[name] for name in ("id", "request", "schedule", "approve_all", "cancelled")}
    said |= {"status": row["status"], "answer": row["answer"]} if over else {}
    state = row["status"] if over else "cancelled" if row["cancelled"] else "asked"
    return Told("run", row["id"], row["id"], state, _digest(said | {"created": row["created"]}))


def of_plan(run: str, plan: Any) -> Told:
    """The plan of a run, unpacked."""
    return Told("plan", run, run, "made", digest(plan))


def of_amends(run: str, amends: Any) -> Told:
    """What a run does about its own writes."""
    return Told("amends", run, run, "made", digest(amends))


def of_approval(row: Mapping[str, Any]) -> Told:
    """A question and its answer; `body` unpacked."""
    said = {name: row[name] for name in ("id", "run", "step", "state", "body")}
    return Told("approval", row["run"], row["id"], row["state"], _digest(said))


def of_effect(row: Mapping[str, Any]) -> Told:
    """A row of the ledger, unpacked."""
    said = {name: row[name] for name in row if name in _EFFECT}
    return Told("effect", row["run"], row["key"], row["state"], _digest(said))


def of_permission(row: Mapping[str, Any]) -> Told:
    """What the person always allows, until it is revoked."""
    said = {name: row[name] for name in ("id", "body", "revoked")}
    return Told("permission", "", row["id"], "revoked" if row["revoked"] else "granted", _digest(said))


def of_schedule(row: Mapping[str, Any], state: str = "") -> Told:
    """A schedule; up to when it was looked after is not told of, since that is no decision.

    :param state: what was done with it; else how it stands.
    """
    said = {name: row[name] for name in row if name != "looked"}
    return Told(
        "schedule", "", row["name"], state or ("paused" if row["paused"] else "active"), _digest(said)
    )


def of_choice(row: Mapping[str, Any], state: str = "learnt") -> Told:
    """Whom the person chose where a name could mean several."""
    said = {name: row[name] for name in ("word", "run", "address", "at")}
    return Told("choice", row["run"], f"{row['word']} {row['run']}", state, _digest(said))


def _digest(said: Mapping[str, Any]) -> str:
    plain = {k: _moment(v) if isinstance(v, datetime) else v for k, v in said.items() if v}
    return digest(plain)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def standing_of(db: Connection, what: str, *subjects: str) -> Iterator[Told]:
    """All rows of a kind, in the order of their subjects; or those of these subjects, as far as there are."""
    _, long, made = KINDS[what]
    asked, always = _rows(what, some=bool(subjects))
    for row in db.execute(asked, {"subjects": list(subjects)} if subjects else {}):
        # What somebody put there may be of any kind, and missing where nothing is ever missing.
        plain = {
            name: UNREADABLE if isinstance(v, bytes) or (v is None and name in always) else v
            for name, v in row._mapping.items()
        }
        try:
            plain.update(zip(long, contents.get(db, *(plain[c] for c in long)), strict=True))
            yield made(plain)
        except (KeyError, ValueError, RecursionError, zlib.error):
            # A long text of it is gone, or is none any more.
            yield replace(made({**plain, **dict.fromkeys(long)}), digest=LOST)


@cache
def _rows(what: str, *, some: bool) -> tuple[Select[Any], frozenset[str]]:
    """What a kind is asked for by, of all subjects or of some, and its columns that are never missing."""
    query, *_ = KINDS[what]
    columns = list(query.selected_columns)
    asked = query.with_only_columns(*faded(*columns), maintain_column_froms=True)
    if some:
        subject = _SUBJECT.get(what, query.selected_columns.get("id"))
        asked = asked.where(subject.in_(bindparam("subjects", expanding=True)))
    always = frozenset(c.name for c in columns if not c.nullable)
    return asked.execution_options(yield_per=200), always


_CHOICE = choices.c.word + " " + choices.c.run
_SUBJECT: Mapping[str, Any] = {"effect": effects.c.key, "schedule": schedules.c.name, "choice": _CHOICE}
"""What the subject of a line is in its table, where that is not the id."""

LATER = ("schedule", "choice")
"""Kinds that chains of before did not tell of. The line "chain begun" names those that are told of since."""

KINDS: Mapping[str, tuple[Select[Any], tuple[str, ...], Callable[[Mapping[str, Any]], Told]]] = {
    "run": (select(runs).order_by(runs.c.id), (), of_run),
    "plan": (
        select(runs.c.id, runs.c.plan).where(runs.c.plan_hash != "").order_by(runs.c.id),
        ("plan",),
        lambda row: of_plan(row["id"], row["plan"]),
    ),
    "amends": (
        select(runs.c.id, runs.c.amends).where(runs.c.amends.is_not(None)).order_by(runs.c.id),
        (),
        lambda row: of_amends(row["id"], row["amends"]),
    ),
    "approval": (select(approvals).order_by(approvals.c.id), ("body",), of_approval),
    "permission": (select(permissions).order_by(permissions.c.id), ("body",), of_permission),
    "effect": (select(effects).order_by(effects.c.key), _LONG, of_effect),
    "schedule": (select(schedules).order_by(schedules.c.name), (), of_schedule),
    "choice": (select(choices).order_by(_CHOICE), (), of_choice),
}  # fmt: skip
"""By the first word of a line: the rows of that kind, which columns hold long texts, and what is told."""
