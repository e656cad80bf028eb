"""Servers that send invitations themselves (RFC 6638), and how they are asked not to.

Deskhand sends its invitations by mail, after a yes, and holds them for a while. A server that sends them too
would tell people twice, before the hold is over, and could not be stopped: what we write says
SCHEDULE-AGENT=CLIENT, and an event that the server schedules is not touched.
"""

from __future__ import annotations

from deskhand.connectors._ical_edit import Edited
from deskhand.connectors._ical_event import person_of
from deskhand.connectors._ical_lines import Lines
from deskhand.connectors._ical_text import Property, with_params
from deskhand.connectors._ics_file import Mark, Opened, opened, splice

_AGENT = "SCHEDULE-AGENT"
_OURS = frozenset({"CLIENT", "NONE"})


def server_tells(file: Opened, uid: str, *, me: str) -> bool:
    """Whether the server would write to somebody if this event were changed (RFC 6638 3.2)."""
    for lines in _components(file, uid):
        asked = _whom(lines, me)
        if any(p.params.get(_AGENT, "SERVER").upper() not in _OURS for p in asked):
            return True
    return False


def by_client(data: bytes, *, me: str) -> bytes:
    """The same calendar, with whoever is told of it told by us (RFC 6638 7.1)."""
    file = opened(Mark(0, 0, 0), data)
    for uid in list(file.groups):
        made = []
        for lines in _components(file, uid):
            name = "ORGANIZER" if _theirs(lines, me) else "ATTENDEE"
            raws = lines.raws(name)
            if raws and _whom(lines, me):
                lines.set(name, *(with_params(raw, {_AGENT: "CLIENT"}) for raw in raws))
            made.append(str(lines))
        file = opened(Mark(0, 0, 0), splice(file, uid, Edited(made)))
    return file.data


def _components(file: Opened, uid: str) -> list[Lines]:
    return [Lines.of(file.data[p.start : p.end]) for p in file.groups[uid].parts]


def _whom(lines: Lines, me: str) -> list[Property]:
    """Whom the server would write to: those invited or, where somebody else called it, its organizer."""
    organizer = lines.first("ORGANIZER")
    if organizer is None:  # nobody is scheduled (RFC 6638 3.1)
        return []
    if _theirs(lines, me):
        return [organizer]
    return [p for p in lines.all("ATTENDEE") if person_of(p, "attendee").address != me]


def _theirs(lines: Lines, me: str) -> bool:
    organizer = lines.first("ORGANIZER")
    return organizer is not None and person_of(organizer, "organizer").address != me
