"""How far each write can be taken back, and when less far: one table, for cards, lists and docs alike.

R0 nothing to take back, R1 clean, R2 others saw it, R3 cannot be taken back once it has gone out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from deskhand.connectors.model import Item
from deskhand.connectors.operations import EventRestore, Operation, Undo


@dataclass(frozen=True, slots=True)
class Row:
    """One operation: its class alone, its class where others are in it, and what undoing it does."""

    alone: Undo
    shared: Undo
    how: str


_BACK = "the event comes back as it was, byte for byte where nobody heard of it"
_FOLDER = "it goes back to the folder it was in"
_KEPT = "the bytes it had before are put back"

TABLE: Mapping[str, Row] = MappingProxyType(
    {
        "mail.draft": Row("R1", "R1", "the draft goes to the trash"),
        "mail.send": Row("R3", "R3", "while it is held it is not sent; after that nothing brings it back"),
        "mail.flag": Row("R1", "R1", "the flags it had are set again"),
        "mail.move": Row("R1", "R1", _FOLDER),
        "mail.trash": Row("R1", "R1", _FOLDER),
        "event.create": Row("R1", "R2", "the event is taken away; those invited are told that it is off"),
        "event.update": Row("R1", "R2", f"{_BACK}; those who were told of the change are told again"),
        "event.answered": Row("R1", "R1", _BACK),
        "event.respond": Row(
            "R1", "R1", f"{_BACK}; an answer that was mailed stays with whom it was sent to"
        ),
        "event.receive": Row("R1", "R1", _BACK),
        "event.cancel": Row("R1", "R2", f"{_BACK}; those who were told are invited again"),
        "event.restore": Row("R1", "R2", "what was undone is done again"),
        "file.create": Row("R1", "R1", "the file is taken away; its bytes are kept"),
        "file.copy": Row("R1", "R1", "the copy is taken away; its bytes are kept"),
        "file.replace": Row("R1", "R1", _KEPT),
        "file.restore": Row("R1", "R1", _KEPT),
        "file.trash": Row("R1", "R1", "the file is put back"),
    }
)
"""Every operation there is; one without a row is refused by `undo_class`."""


def undo_class(
    op: Operation, *, item: Item | None = None, mine: Collection[str] = (), tells: bool = False
) -> Undo:
    """How far this very write can be undone. `item`: what it changes; `mine`: the owner's addresses.

    Of a meeting that somebody else called only the owner's copy changes: the others in it see nothing of it,
    but where the calendar's server tells them by itself (`tells`).
    :raises KeyError: an operation that has no row.
    """
    row = TABLE[op.name]
    return row.shared if row.shared != row.alone and _others(op, item, mine, tells) else row.alone


def _others(op: Operation, item: Item | None, mine: Collection[str], tells: bool) -> bool:
    """Whether anybody but the owner is, or was, in an event."""
    named = {m.address.lower() for n in ("attendees", "rooms") for m in getattr(op, n, None) or ()}
    there = {p.address for p in item.people if p.address} if item is not None else set[str]()
    caller = item.person("organizer") if item is not None else None
    callers = {caller.address} if caller is not None else set[str]()
    if isinstance(op, EventRestore):
        texts = [re.sub(r"(?:\r\n|\n|\r)[ \t]", "", t) for t in (op.ics, *(state.ics for state in op.also))]
        there |= {a.lower() for t in texts for a in _ATTENDEE.findall(t)}
        callers |= {a.lower() for t in texts for a in _ORGANIZER.findall(t)}
    theirs = bool(callers) and not tells and not callers & {*mine}
    return bool((named if theirs else named | there) - {*mine})


_ATTENDEE = re.compile(r"(?mi)^ATTENDEE[^\n]*?mailto:([^\s;,\"]+)")
_ORGANIZER = re.compile(r"(?mi)^ORGANIZER[^\n]*?mailto:([^\s;,\"]+)")
