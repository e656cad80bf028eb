"""How a write is put into words: the question before it, and the report after it.

Made from the final arguments by our own code; no text of a stranger or a model takes part but as a
quoted value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.connectors.itip import read_itip
from deskhand.connectors.operations import (
    EventAnswered,
    EventCancel,
    EventCreate,
    EventReceive,
    EventRespond,
    EventRestore,
    EventUpdate,
    FileCopy,
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
    Mailbox,
    MailDraft,
    MailFlag,
    MailMove,
    MailSend,
    MailTrash,
    Operation,
)


def question(
    operation: Operation, *, zone: str, now: datetime, about: str = "",
    at: tuple[datetime, datetime] | None = None,
) -> str:  # fmt: skip
    """What will happen, as an imperative line: "Book “Budget” with Bo, Tue 1 Dec, 10:00-10:45 in work".

    `at`: when the event takes place that is cancelled.
    """
    verb, _, rest = _words(operation, zone, now, about)
    if isinstance(operation, EventCancel) and at is not None and operation.occurrence is None:
        what = rest.removesuffix(f", in {operation.source}")
        rest = f"{what}, {span(*at, zone=zone, now=now)}, in {operation.source}"
    return visible(f"{verb} {rest}", lines=False)


def done(
    operation: Operation, *, zone: str, now: datetime, about: str = "", detail: Mapping[str, Any] = {}
) -> str:
    """What happened, by the `detail` of its receipt: "Booked “Budget” with Bo, ..."."""
    if isinstance(operation, MailSend):
        return visible(_sent(operation, detail), lines=False)
    _, past, rest = _words(operation, zone, now, about)
    return visible(f"{past} {rest}", lines=False)


def _sent(mail: MailSend, detail: Mapping[str, Any]) -> str:
    """To whom a mail went, and whom the server refused to take it for, with its reason."""
    refused = {str(who).lower(): str(why) for who, why in (detail.get("refused") or {}).items()}
    lost = [m for m in mail.recipients if m.address.lower() in refused]
    reached = [m for m in mail.recipients if m.address.lower() not in refused]
    said = f"Sent “{mail.subject}” to {names(reached) or 'nobody'}, from {mail.source}"
    if detail.get("outbox"):
        said += ", by way of its outbox"
    if not lost:
        return said
    why = "; ".join(f"{m} ({refused[m.address.lower()][:_REASON]})" for m in lost)
    return f"{said}; not reached, the mail server refused: {why}"


_REASON = 200
"""So much of what a mail server says is told."""


def visible(text: str, *, lines: bool = True) -> str:
    """A text in which nothing hides: what is invisible, or turns the writing round, is shown by its number.

    An address or link with letters of another alphabet that look like Latin ones is followed by what it
    really is (RFC 3492). `lines=False` makes it one line.
    """
    shown = "".join(c if _plain(c, lines) else _number(c) for c in text)
    return _FOREIGN_HOST.sub(_really, shown)


_FOREIGN_HOST = re.compile(r"(?<=[@/])[\w.-]*[^\W\d_a-zA-Z][\w.-]*")


def _plain(char: str, lines: bool) -> bool:
    if char == "\n":
        return lines
    return char == "\t" or unicodedata.category(char) not in _HIDING


_HIDING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode: control, format (bidi, zero width, tags), surrogate, private, unassigned, line breaks."""


def _number(char: str) -> str:
    return " " if char in "\r\n" else f"‹U+{ord(char):04X}›"


def _really(match: re.Match[str]) -> str:
    try:
        return f"{match[0]} ‹{match[0].encode('idna').decode('ascii')}›"
    except UnicodeError:
        return f"{match[0]} ‹not plain letters›"


def span(start: datetime, end: datetime, *, zone: str, now: datetime) -> str:
    """`Tue 1 Dec, 10:00-10:45`; the year where it is another one."""
    tz = ZoneInfo(zone)
    a, b = start.astimezone(tz), end.astimezone(tz)
    if (a.hour, a.minute, b.hour, b.minute) == (0, 0, 0, 0) and a < b:
        last = b - timedelta(days=1)
        return day(a, now=now) if last.date() == a.date() else f"{day(a, now=now)} to {day(last, now=now)}"
    if a.date() == b.date():
        return f"{day(a, now=now)}, {a:%H:%M}–{b:%H:%M}"
    return f"{day(a, now=now)}, {a:%H:%M} to {day(b, now=now)}, {b:%H:%M}"


def day(moment: datetime, *, now: datetime) -> str:
    """`Tue 1 Dec`, with the year where it is not this one."""
    year = "" if moment.year == now.astimezone(moment.tzinfo).year else f" {moment.year}"
    return f"{moment:%a} {moment.day} {moment:%b}{year}"


def names(mailboxes: Sequence[Mailbox]) -> str:
    """`Bo Lindqvist <bo@example.org> and Ann <ann@example.org>`: always with the address."""
    shown = [str(m) for m in mailboxes]
    return ", ".join(shown[:-1]) + (" and " if len(shown) > 1 else "") + "".join(shown[-1:])


def _words(op: Operation, zone: str, now: datetime, about: str) -> tuple[str, str, str]:
    what = f"“{about}”" if about else "it"
    match op:
        case EventCreate():
            who = f" with {names(op.attendees)}" if op.attendees else ""
            repeats = " (repeating)" if op.rrule else ""
            when = span(op.start, op.end, zone=zone, now=now)
            if op.status == "tentative":
                tz = ZoneInfo(zone)
                until = op.hold_until.astimezone(tz) if op.hold_until else None
                held = f", until {day(until, now=now)}, {until:%H:%M}" if until else ""
                return "Hold", "Held", f"“{op.title}”{who}, {when}{repeats}{held}, in {op.source}"
            return "Book", "Booked", f"“{op.title}”{who}, {when}{repeats}, in {op.source}"
        case EventUpdate():
            return "Change", "Changed", _changes(op, what, zone, now)
        case EventCancel():
            tz = ZoneInfo(zone)
            one = f", only on {day(op.occurrence.astimezone(tz), now=now)}" if op.occurrence else ""
            if op.occurrence and op.following:
                first = day(op.occurrence.astimezone(tz), now=now)
                return "End", "Ended", f"the series {what}: none from {first} on, in {op.source}"
            return "Cancel", "Cancelled", f"{what}{one}, in {op.source}"
        case EventAnswered():
            return "Note", "Noted", f"that {op.address} {ANSWERED[op.status]} {what}, in {op.source}"
        case EventRespond():
            return "Note", "Noted", f"that you {ANSWERED[op.status]} {what}, in {op.source}"
        case EventReceive():
            return _received(op, what, zone, now)
        case EventRestore(ics=""):
            return "Take away", "Took away", f"the event {what} again, from {op.source}"
        case EventRestore():
            return "Put back", "Put back", f"the event {what} as it was, in {op.source}"
        case MailSend():
            return "Send", "Sent", f"“{op.subject}” to {names(op.recipients)}, from {op.source}"
        case MailDraft():
            whom = f" to {names(op.recipients)}" if op.recipients else ""
            return "Draft", "Drafted", f"“{op.subject}”{whom}, in {op.source}"
        case MailFlag():
            return "Mark", "Marked", f"{what}: {', '.join([*op.add, *(f'not {r}' for r in op.remove)])}"
        case MailMove():
            return "Move", "Moved", f"{what} to {op.folder}"
        case MailTrash():
            return "Move", "Moved", f"{what} to the trash"
        case FileCreate():
            return "Write", "Wrote", f"the new file {op.path} in {op.source}"
        case FileCopy():
            name = op.content.name or op.content.ref.native
            copied = f" of {name}" if name != op.called else ""
            return "File", "Filed", f"a copy{copied} as {op.path} in {op.source}"
        case FileReplace():
            return "Write", "Wrote", f"a new version of {op.ref.native} in {op.source} (the old one is kept)"
        case FileRestore():
            return "Put back", "Put back", f"the earlier {op.ref.native} in {op.source}"
        case FileTrash():
            return "Take away", "Took away", f"{op.ref.native} from {op.source} (it is kept)"
        case _:
            return "Do", "Did", f"{op.name} in {op.source}"


def _received(op: EventReceive, what: str, zone: str, now: datetime) -> tuple[str, str, str]:
    """What a meeting's message does in the calendar, read out of the very text that is put there."""
    try:
        said = read_itip(op.ics)
    except ValueError:
        return "Put", "Put", f"a meeting that cannot be read into {op.source}"
    who = said.organizer.address if said.organizer else "somebody"
    times = f", {span(said.start, said.end, zone=zone, now=now)}" if said.start and said.end else ""
    if said.method == "CANCEL":
        return "Mark", "Marked", f"“{said.summary}”{times} as cancelled by {who}, in {op.source}"
    if op.version:
        return "Take over", "Took over", f"{who}'s change: “{said.summary}”{times}, in {op.source}"
    tentative = " as tentative" if op.status == "tentative" else ""
    return "Put", "Put", f"“{said.summary}” of {who}{times}{tentative} into {op.source}"


def put_back(ics: str, *, zone: str, now: datetime) -> str:
    """An event that is put back, in words: its title, its times and who is in it."""
    if not ics:
        return "it is taken away"
    try:
        said = read_itip(ics.replace("BEGIN:VCALENDAR", "BEGIN:VCALENDAR\r\nMETHOD:REQUEST", 1))
    except ValueError:
        return "the event as it was (all of it with --json)"
    times = f", {span(said.start, said.end, zone=zone, now=now)}" if said.start and said.end else ""
    often = ", and again after that" if re.search(r"(?m)^RRULE[:;]", ics.partition("BEGIN:VEVENT")[2]) else ""
    who = ", ".join(p.address for p in said.attendees)
    return f"“{said.summary}”{times}{often}" + (f", with {who}" if who else "")


ANSWERED = {"accepted": "accepted", "declined": "declined", "tentative": "may come to"}


def _changes(op: EventUpdate, what: str, zone: str, now: datetime) -> str:
    said = []
    if op.start and op.end:
        said.append(f"to {span(op.start, op.end, zone=zone, now=now)}")
    if op.title is not None:
        said.append(f"title “{op.title}”")
    if op.location is not None:
        said.append(f"place “{op.location}”")
    if op.attendees is not None:
        said.append(f"with {names(op.attendees)}")
    if op.description is not None:
        said.append("a new description")
    if op.status is not None:
        said.append(op.status)
    if op.until is not None:
        said.append(f"to go on until {day(op.until.astimezone(ZoneInfo(zone)), now=now)}")
    one = ""
    if op.occurrence:
        first = day(op.occurrence.astimezone(ZoneInfo(zone)), now=now)
        one = f" (from {first} on)" if op.following else f" (only the one of {first})"
    return f"{what}{one} {', '.join(said)}, in {op.source}"
