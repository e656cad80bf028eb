"""What happened, in words: said of a row of the ledger that was read back from its source, of nothing else.

"Sent", "Booked", "Moved" stand in an answer only where `done` made them, and `done` takes a `Proven`, which
cannot be made of anything but such a row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deskhand.agent.model import Effect, EffectState
from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import LONGEST, completion, named, names, quoted
from deskhand.connectors.operations import MailSend, Operation, operation

PROVEN: frozenset[EffectState] = frozenset({"done", "undone"})
"""States of a row that was read back; what was undone happened all the same."""

_REASON = 200
"""So much of what a mail server says is told."""


class Unproven(ValueError):
    """Nothing was read back, so nothing is said to have happened."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A write that happened. :raises Unproven: its row does not show it."""

    row: Effect

    def __post_init__(self) -> None:
        if self.row.state not in PROVEN or self.row.receipt is None:
            raise Unproven(f"{self.row.key} is {self.row.state}, and nothing was read back.")

    @property
    def operation(self) -> Operation:
        """What was done."""
        return operation(self.row.operation, self.row.arguments)

    @property
    def detail(self) -> Mapping[str, Any]:
        """What the source said of it."""
        found: Mapping[str, Any] = (self.row.receipt or {}).get("detail") or {}
        return found


def done(proven: Proven, *, zone: str, now: datetime, about: str = "") -> str:
    """What happened, by the receipt: "Booked “Budget” with Bo, ..."."""
    op = proven.operation
    if isinstance(op, MailSend):
        return visible(_sent(op, proven.detail), lines=False)
    _, past, rest = completion(op, zone, now, about)
    return visible(f"{past} {rest}", lines=False)


def by_your_word(row: Effect) -> str:
    """What the person says of a write of which nothing was read back."""
    op = operation(row.operation, row.arguments)
    what = named(op) if isinstance(op, MailSend) else f"to {op.plain}, in {op.source}"
    if row.state == "vouched":
        return f"You said that this happened: {what}. Deskhand has not seen it."
    return f"You said that this did not happen: {what}."


def proven_keys(rows: Sequence[Effect]) -> Collection[str]:
    """The keys of those rows of which it may be said that they happened."""
    return {r.key for r in rows if r.state in PROVEN and r.receipt is not None}


def not_reached(row: Effect) -> str:
    """Whom a mail that was sent did not reach, each with what the server said; "" where it reached all."""
    op = operation(row.operation, row.arguments)
    if row.receipt is None or not isinstance(op, MailSend):
        return ""
    return visible(_parted(op, row.receipt.get("detail") or {})[1], lines=False)


def _sent(mail: MailSend, detail: Mapping[str, Any]) -> str:
    """To whom a mail went, and whom the server refused to take it for, with its reason."""
    reached, lost = _parted(mail, detail)
    said = f"Sent {quoted(mail.subject, most=LONGEST)} to {reached or 'nobody'}, from {mail.source}"
    if detail.get("outbox"):
        said += ", by way of its outbox"
    return f"{said}; not reached, the mail server refused: {lost}" if lost else said


def _parted(mail: MailSend, detail: Mapping[str, Any]) -> tuple[str, str]:
    """Those a mail went to, and those whom the server refused, with its reason."""
    refused = {str(who).lower(): str(why) for who, why in (detail.get("refused") or {}).items()}
    lost = [m for m in mail.recipients if m.address.lower() in refused]
    reached = [m for m in mail.recipients if m.address.lower() not in refused]
    return names(reached), "; ".join(f"{m} ({refused[m.address.lower()][:_REASON]})" for m in lost)
