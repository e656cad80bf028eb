"""How a write is put into words: the question before it. What happened is said by `trust.proven`.

Made from the final arguments by our own code; no text of a stranger or a model takes part but as a
quoted value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.wording.unseen import visible
from deskhand.connectors.itip import CalendarMessage, read_itip
from deskhand.connectors.model import ItemRef
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
    verb, _, rest = completion(operation, zone, now, about)
    if isinstance(operation, EventCancel) and at is not None and operation.occurrence is None:
        what = rest.removesuffix(f", in {operation.source}")
        rest = f"{what}, {span(*at, zone=zone, now=now)}, in {operation.source}"
    return visible(f"{verb} {rest}", lines=False)


def named(mail: MailSend) -> str:
    """A mail, by its subject and those it is to."""
    return visible(f"{quoted(mail.subject, most=LONGEST)} to {names(mail.recipients)}", lines=False)


def still_held(operation: Operation, *, due: datetime, zone: str) -> str:
    """What is held, and until when."""
    at = due.astimezone(ZoneInfo(zone))
    what = named(operation) if isinstance(operation, MailSend) else operation.plain
    return f"Not sent yet: {what}. It goes out at {at:%H:%M:%S}."


def withdrawn(operation: Operation) -> str:
    """What was taken back while it was held."""
    what = named(operation) if isinstance(operation, MailSend) else operation.plain
    return f"Not sent, for you took it back in time: {what}."


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


def quoted(text: str, *, most: int = 0) -> str:
    """Somebody's words in quotation marks that they cannot close; one line, cut after `most` characters."""
    return f"“{_QUOTES.sub(chr(39), shortened(text, most=most))}”"


def shortened(text: str, *, most: int) -> str:
    """A text on one line, cut after `most` characters; 0: not at all."""
    told = " ".join(text.split())
    return f"{told[: most - 1].rstrip()}…" if most and len(told) > most else told


LONGEST = 120
"""So much of somebody's words stands in a sentence of ours."""
_QUOTES = re.compile('[“”„‟"]')
_PLAIN_NAME = re.compile(r"[^\W_][\w .,'’()-]*")


def called(name: str, address: str, *, most: int = 0) -> str:
    """`Bo Lindqvist <bo@example.org>`; a name that holds more than a name does stands in quotation marks."""
    if not name.strip():
        return address
    plain = _PLAIN_NAME.fullmatch(name) and (not most or len(name) <= most)
    shown = name if plain else quoted(name, most=most)
    return f"{shown} <{address}>" if address else shown


_NAME = 80


def names(mailboxes: Sequence[Mailbox]) -> str:
    """`Bo Lindqvist <bo@example.org> and Ann <ann@example.org>`: always with the address."""
    shown = [called(m.name, m.address, most=_NAME) for m in mailboxes]
    return ", ".join(shown[:-1]) + (" and " if len(shown) > 1 else "") + "".join(shown[-1:])


def completion(op: Operation, zone: str, now: datetime, about: str) -> tuple[str, str, str]:
    """(what it does, what it did, to what). The second is said by `trust.proven` alone."""
    what = quoted(about, most=LONGEST) if about else "it"
    match op:
        case EventCreate():
            who = f" with {names(op.attendees)}" if op.attendees else ""
            repeats = " (repeating)" if op.rrule else ""
            when = span(op.start, op.end, zone=zone, now=now)
            if op.status == "tentative":
                tz = ZoneInfo(zone)
                until = op.hold_until.astimezone(tz) if op.hold_until else None
                held = f", until {day(until, now=now)}, {until:%H:%M}" if until else ""
                return (
                    "Hold",
                    "Held",
                    f"{quoted(op.title, most=LONGEST)}{who}, {when}{repeats}{held}, in {op.source}",
                )
            return (
                "Book",
                "Booked",
                f"{quoted(op.title, most=LONGEST)}{who}, {when}{repeats}, in {op.source}",
            )
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
            return (
                "Send",
                "Sent",
                f"{quoted(op.subject, most=LONGEST)} to {names(op.recipients)}, from {op.source}",
            )
        case MailDraft():
            whom = f" to {names(op.recipients)}" if op.recipients else ""
            return "Draft", "Drafted", f"{quoted(op.subject, most=LONGEST)}{whom}, in {op.source}"
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
            return (
                "Write",
                "Wrote",
                f"a new version of {_file(op.ref, about)} in {op.source} (the old one is kept)",
            )
        case FileRestore():
            return "Put back", "Put back", f"the earlier {_file(op.ref, about)} in {op.source}"
        case FileTrash():
            return "Take away", "Took away", f"{_file(op.ref, about)} from {op.source} (it is kept)"
        case _:
            return "Do", "Did", f"{op.name} in {op.source}"


def path_of(ref: ItemRef, title: str) -> str:
    """What a document is called where it lies: its path; its title where its source has but an id for it."""
    return title if title and _ID.fullmatch(ref.native) else ref.native


_ID = re.compile(r"[A-Za-z0-9_-]{19,}")
"""Google's ids of files. A path as long, without a dot and a slash, is called by its title: it fits too."""


def _file(ref: ItemRef, title: str) -> str:
    path = path_of(ref, title)
    return path if path == ref.native else quoted(path, most=LONGEST)


def _received(op: EventReceive, what: str, zone: str, now: datetime) -> tuple[str, str, str]:
    """What a meeting's message does in the calendar, read out of the very text that is put there."""
    try:
        said = read_itip(op.ics)
    except ValueError:
        return "Put", "Put", f"a meeting that cannot be read into {op.source}"
    who = said.organizer.address if said.organizer else "somebody"
    times = f", {span(said.start, said.end, zone=zone, now=now)}" if said.start and said.end else ""
    if said.method == "CANCEL":
        return (
            "Mark",
            "Marked",
            f"{quoted(said.summary, most=LONGEST)}{times} as cancelled by {who}, in {op.source}",
        )
    if op.version:
        return (
            "Take over",
            "Took over",
            f"{who}'s change: {quoted(said.summary, most=LONGEST)}{times}, in {op.source}",
        )
    tentative = " as tentative" if op.status == "tentative" else ""
    return "Put", "Put", f"{quoted(said.summary, most=LONGEST)} of {who}{times}{tentative} into {op.source}"


def put_back(ics: str, *, zone: str, now: datetime, whole: bool = False) -> str:
    """An event that is put back, in words: its title, its times and who is in it.

    :param whole: also all else that a calendar program would show: its place, who called it, its description.
    """
    if not ics:
        return "it is taken away"
    try:
        said = read_itip(ics.replace("BEGIN:VCALENDAR", "BEGIN:VCALENDAR\r\nMETHOD:REQUEST", 1))
    except ValueError:
        return "the event as it was (all of it with --json)"
    times = f", {span(said.start, said.end, zone=zone, now=now)}" if said.start and said.end else ""
    often = ", and again after that" if re.search(r"(?m)^RRULE[:;]", ics.partition("BEGIN:VEVENT")[2]) else ""
    who = ", ".join(p.address for p in said.attendees)
    lines = [f"{quoted(said.summary, most=LONGEST)}{times}{often}" + (f", with {who}" if who else "")]
    return "\n".join([*lines, *_more_of(said)] if whole else lines)


def _more_of(said: CalendarMessage) -> list[str]:
    lines = [f"place: {said.location}"] if said.location else []
    lines += [f"called by: {called(said.organizer.name, said.organizer.address)}"] if said.organizer else []
    return [*lines, *([said.description] if said.description else [])]


def said_in(ics: str, *, zone: str, now: datetime) -> str:
    """What a calendar message says, in words: all of it that a calendar program would show."""
    try:
        said = read_itip(ics)
    except ValueError:
        return "a calendar message that cannot be read (all of it with --json)"
    times = f", {span(said.start, said.end, zone=zone, now=now)}" if said.start and said.end else ""
    lines = [f"{said.method}: {quoted(said.summary, most=LONGEST)}{times}"]
    lines += [f"repeats: {said.rrule}"] if said.rrule else []
    lines += [f"place: {said.location}"] if said.location else []
    lines += [f"called by: {called(said.organizer.name, said.organizer.address)}"] if said.organizer else []
    lines += [f"with: {called(p.name, p.address)}" for p in said.attendees]
    lines += [t for t in (said.description, said.comment) if t]
    lines += [f"and {len(said.occurrences)} single times changed"] if said.occurrences else []
    return "\n".join(lines)


ANSWERED = {"accepted": "accepted", "declined": "declined", "tentative": "may come to"}


def _changes(op: EventUpdate, what: str, zone: str, now: datetime) -> str:
    said = []
    if op.start and op.end:
        said.append(f"to {span(op.start, op.end, zone=zone, now=now)}")
    if op.title is not None:
        said.append(f"title {quoted(op.title, most=LONGEST)}")
    if op.location is not None:
        said.append(f"place {quoted(op.location, most=LONGEST)}")
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
