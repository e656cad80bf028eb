"""The filters of a query as one SQL condition over the versions."""

from __future__ import annotations

from dataclasses import dataclass

from deskhand.index.model import Query
from deskhand.index.tables import instant
from deskhand.index.terms import folded

Value = str | int


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on `versions v`, with its values."""

    sql: str
    values: tuple[Value, ...]
    past: bool
    """Older versions take part."""
    narrow: bool
    """It leaves anything out besides older versions."""


def of(query: Query) -> Filter:
    """The condition that holds for exactly the versions a query allows."""
    past = query.history or bool(query.version)
    terms: list[str] = []
    values: list[Value] = []

    def need(sql: str, *given: Value) -> None:
        terms.append(sql)
        values.extend(clean(v) if isinstance(v, str) else v for v in given)

    for column, wanted in (("source", query.sources), ("kind", query.kinds)):
        if wanted:
            need(f"v.{column} IN ({', '.join('?' * len(wanted))})", *wanted)
    if query.since is not None:
        need("v.ends >= ?", instant(query.since))
    if query.until is not None:
        # The plus leaves the choice of index to the conditions that leave more out.
        need("+v.begins < ?", instant(query.until))
    if query.thread:
        need("v.thread = ?", query.thread)
    if query.version:
        need("v.version = ?", query.version)
    if query.folder:
        # A prefix that ends where a name ends: "Work" holds "Work/Alpha", "Work.Alpha", not "Workshop".
        # As ranges: "." and "/" are neighbours, "0" comes after them and "]" after the backslash.
        prefix = query.folder.rstrip("/.\\") or query.folder
        need(
            "(v.folder = ? OR (v.folder >= ? AND v.folder < ?) OR (v.folder >= ? AND v.folder < ?))",
            prefix,
            f"{prefix}.",
            f"{prefix}0",
            f"{prefix}\\",
            f"{prefix}]",
        )
    if query.person.strip():
        who = query.person.strip()
        # The plus: SQLite would try every such version for every passage it looks at.
        need(
            "+v.id IN (SELECT p.version FROM persons n CROSS JOIN parts p ON p.person = n.id"
            " WHERE n.address = ? OR instr(n.name, ?) > 0)",
            who.lower(), folded(who) or who,
        )  # fmt: skip
    narrow = bool(terms)
    if not past:
        terms.append("v.current = 1")
    return Filter(" AND ".join(terms) or "1", tuple(values), past, narrow)


def clean(text: str) -> str:
    """Text that SQLite takes; what a person typed may hold half a character."""
    return text.encode("utf-8", "replace").decode("utf-8")
