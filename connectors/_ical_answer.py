"""An attendee's answer put into an event: somebody's into one's own, or one's own into somebody else's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from deskhand.connectors._ical_edit import Edited, Found, override, owned, signed
from deskhand.connectors._ical_event import sequence_of
from deskhand.connectors._ical_lines import Lines, value_of
from deskhand.connectors._ical_text import REPLIED, Property
from deskhand.connectors._ical_times import when_of
from deskhand.connectors.errors import Changed, Missing
from deskhand.connectors.operations import EventAnswered, EventRespond


def answered(op: EventAnswered, found: Found, *, key: str, me: str, now: datetime) -> Edited:
    """The event with what somebody invited has answered.

    :raises Missing: nobody of that address is invited, or there is no such occurrence.
    :raises Changed: the answer is to an older SEQUENCE, or older than the one noted (RFC 5546 2.1.5).
    """
    components = found.lines()
    for lines, attendee in _targets(op, found, components, op.address):
        if op.sequence < sequence_of(value_of(lines, "SEQUENCE")):
            raise Changed(f"The answer of {op.address} is to an earlier version of the event.")
        noted = attendee.params.get(REPLIED, "")
        if op.at and noted and op.at < when_of(Property(REPLIED, {}, noted), {}).at(UTC):
            raise Changed(f"A newer answer of {op.address} is noted already.")
        lines.answer(op.address, op.status, at=op.at, comment=op.comment)
        lines.touch(now, mine=owned(found.series, me))
    return signed(components, found, key)


def respond(op: EventRespond, found: Found, *, key: str, me: str, now: datetime) -> Edited:
    """Somebody else's event with one's own answer.

    :raises Missing: one is not invited oneself, or there is no such occurrence.
    """
    components = found.lines()
    address = op.address or me
    for lines, _ in _targets(op, found, components, address):
        before = str(lines)
        lines.answer(address, op.status, at=None, comment=op.comment)
        if str(lines) != before:  # the same answer again changes nothing
            lines.touch(now, mine=owned(found.series, me))
    return signed(components, found, key)


def _targets(
    op: EventAnswered | EventRespond, found: Found, components: list[Lines], address: str
) -> Sequence[tuple[Lines, Property]]:
    """What the answer is for, with the attendee's line in it.

    An answer to a series is for every occurrence that was not answered for by itself.
    """
    if op.occurrence is not None and found.series.recurring:
        chosen = [override(op.occurrence, found, components)]
    elif op.occurrence is not None and not found.series.face.start.is_at(op.occurrence):
        raise Missing("The event does not happen at that time.")
    else:
        face = next((c for c in components if found.named(c) is None), components[0])
        said = _status(face, address)
        chosen = [face, *(c for c in components if c is not face and _status(c, address) == said)]
    targets = [(lines, who) for lines in chosen if (who := lines.attendee(address)) is not None]
    if not targets:
        raise Missing(f"{address or 'Nobody of your address'} is not invited to this event.")
    return targets


def _status(lines: Lines, address: str) -> str:
    who = lines.attendee(address)
    return who.params.get("PARTSTAT", "NEEDS-ACTION").upper() if who else ""
