"""iCalendar as bytes and lines (RFC 5545 3.1): where each component lies in a file, and what its lines say.

Nothing here re-writes what it reads, so a file can be changed by splicing and everything that we do
not understand stays as it is, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

EFFECT = "X-DESKHAND-EFFECT"
KEPT_EFFECTS = 3
"""Names the effect that wrote a component last; no part of its version."""

HOLD = "X-DESKHAND-HOLD-UNTIL"
"""Until when a tentative event keeps its time, in UTC; it is taken away then, unless it was confirmed."""

REPLY_COMMENT = "X-RESPONSE-COMMENT"
"""What an attendee wrote beside the answer: a parameter of ATTENDEE, as Google and others have it."""

REPLIED = "X-DESKHAND-REPLIED"
"""When an attendee's last answer was made (its DTSTAMP): a parameter of ATTENDEE."""

NOTES = frozenset({REPLY_COMMENT, REPLIED, "SCHEDULE-AGENT", "SCHEDULE-STATUS", "SCHEDULE-FORCE-SEND"})
"""Parameters of ATTENDEE that are the organizer's alone, or between her and her server (RFC 6638 7)."""

LARGEST = 5_000_000
"""Bytes of one event; more is no event but an attachment in disguise."""

_NEWLINE = rb"(?:\r\n|\n|\r)"
_MARK = re.compile(
    rb"(?:\A(?:\xef\xbb\xbf)?|(?<=[\r\n]))(BEGIN|END)[ \t]*:[ \t]*([A-Za-z0-9-]+)[ \t]*(?:\r\n|\n|\r|\Z)",
    re.I,
)
_UID = re.compile(rb"(?:\A|(?<=[\r\n]))UID(?:;[^:\r\n]*)?:([^\r\n]*(?:(?:\r\n|\n|\r)[ \t][^\r\n]*)*)", re.I)
_TZID = re.compile(rb';TZID=("[^"\r\n]*"|[^;:\r\n]*)', re.I)
_FOLD = re.compile(_NEWLINE + rb"[ \t]")
_VOLATILE = re.compile(rb"^(?:DTSTAMP|" + EFFECT.encode() + rb")[;:].*\n?", re.M | re.I)
_PROPERTY = re.compile(r"([A-Za-z0-9-]+)((?:;[^=;:\"]*=(?:\"[^\"]*\"|[^\";:])*)*):(.*)", re.S)
_PARAMETER = re.compile(r";([^=;:\"]*)=((?:\"[^\"]*\"|[^\";:])*)")
_NAMED = re.compile(r"[A-Za-z0-9-]+[;:]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ESCAPE = re.compile(r"\\(.)", re.S)


@dataclass(frozen=True, slots=True)
class Part:
    """One component directly inside a VCALENDAR: its bytes are `data[start:end]`."""

    name: str
    start: int
    end: int
    holes: tuple[tuple[int, int], ...]
    """Where components nested in it (alarms, observances) lie."""
    whole: bool
    """It has the END it should have."""

    def own(self, data: bytes) -> bytes:
        """Its bytes without the nested components."""
        pieces, at = [], self.start
        for a, b in self.holes:
            pieces.append(data[at:a])
            at = b
        return b"".join([*pieces, data[at : self.end]])


@dataclass(slots=True)
class Calendar:
    """One VCALENDAR of a stream."""

    head: bytes
    """Its own properties, without BEGIN."""
    parts: list[Part] = field(default_factory=list[Part])
    end: int = -1
    """Where its END line starts; -1 where it has none: the file was cut short."""
    zones: dict[str, Part] = field(default_factory=dict[str, Part])
    """Its VTIMEZONE components by TZID."""


@dataclass(frozen=True, slots=True)
class Group:
    """All VEVENTs of one UID: a master and its overrides."""

    uid: str
    calendar: Calendar
    parts: tuple[Part, ...]
    version: str
    hash: str


@dataclass(frozen=True, slots=True)
class Property:
    """One content line: name and parameters in upper case, parameter values without quotes."""

    name: str
    params: Mapping[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value as TEXT, unescaped (RFC 5545 3.3.11)."""
        return unescape(self.value)


def unescape(value: str) -> str:
    """TEXT as its reader sees it; a backslash before anything else than RFC 5545 names is dropped."""
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda m: "\n" if m[1] in "nN" else m[1], value)


def scan(data: bytes) -> list[Calendar]:
    """Find the calendars of a stream and the components in them; linear in its length."""
    calendars: list[Calendar] = []
    stack: list[tuple[str, int]] = []
    holes: list[tuple[int, int]] = []
    head_open = -1

    def close(end: int, whole: bool) -> None:
        name, start = stack[1]
        if len(stack) > 2:
            holes.append((stack[2][1], end))
        calendars[-1].parts.append(Part(name, start, end, tuple(holes), whole))
        del stack[1:]
        holes.clear()

    for mark in _MARK.finditer(data):
        begins, name = mark[1].upper() == b"BEGIN", mark[2].decode().upper()
        if head_open >= 0:
            calendars[-1].head = data[head_open : mark.start()]
            head_open = -1
        if begins:
            if name == "VCALENDAR":
                if len(stack) > 1:
                    close(mark.start(), False)
                stack[:] = [(name, mark.start())]
                calendars.append(Calendar(b""))
                head_open = mark.end()
            elif stack:
                # An event cannot lie in another component: the END before it got lost.
                if len(stack) > 1 and name in {"VEVENT", "VTODO", "VJOURNAL", "VTIMEZONE"}:
                    close(mark.start(), False)
                stack.append((name, mark.start()))
        elif stack and name == "VCALENDAR":
            if len(stack) > 1:
                close(mark.start(), False)
            calendars[-1].end = mark.start()
            stack.clear()
        elif len(stack) > 1 and name == stack[-1][0]:
            if len(stack) == 2:
                close(mark.end(), True)
            else:
                _, start = stack.pop()
                if len(stack) == 2:
                    holes.append((start, mark.end()))
        elif len(stack) > 1 and name == stack[1][0]:
            close(mark.end(), False)
    if head_open >= 0:
        calendars[-1].head = data[head_open:]
    if len(stack) > 1:
        close(len(data), False)
    for calendar in calendars:
        for part in calendar.parts:
            if part.name == "VTIMEZONE" and (tzid := _first(part.own(data), "TZID")):
                calendar.zones.setdefault(tzid.strip(), part)
    return calendars


def group(data: bytes, calendars: list[Calendar]) -> dict[str, Group]:
    """The events of a stream by UID, in order. One without a UID gets one made of its content."""
    found: dict[str, tuple[Calendar, list[Part]]] = {}
    for calendar in calendars:
        for part in calendar.parts:
            if part.name == "VEVENT":
                found.setdefault(_uid(part, data), (calendar, []))[1].append(part)
    groups: dict[str, Group] = {}
    for uid, (calendar, parts) in found.items():
        digest = sha256(b"\n".join(canonical(data[p.start : p.end]) for p in parts)).hexdigest()
        groups[uid] = Group(uid, calendar, tuple(parts), f"e-{digest[:12]}", digest)
    return groups


def canonical(component: bytes) -> bytes:
    """What of a component makes its version: not how its lines end or fold, not when it was exported.

    Servers that export on request (Google among them) set a new DTSTAMP on every event each time.
    """
    unfolded = _FOLD.sub(b"", component).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return _VOLATILE.sub(b"", unfolded).strip()


def decode(data: bytes) -> str:
    """Text of a component: UTF-8, or else Windows-1252, as old programs write it."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def properties(own: bytes) -> list[Property]:
    """The content lines of a component's own bytes; what is no content line goes on with the one before."""
    lines: list[str] = []
    for line in re.split(r"\r\n|\n|\r", decode(_FOLD.sub(b"", own)).lstrip("\ufeff")):
        if _NAMED.match(line):
            lines.append(line)
        elif lines and line.strip():
            lines[-1] += "\n" + line
    read = (parse(line) for line in lines)
    return [p for p in read if p is not None and p.name not in {"BEGIN", "END"}]


def parse(line: str) -> Property | None:
    """Read one unfolded content line; None where it is none."""
    if match := _PROPERTY.match(line):
        params = {
            name.upper(): _unquote(value) for name, value in _PARAMETER.findall(match[2])
        } if match[2] else {}  # fmt: skip
        return Property(match[1].upper(), params, match[3])
    # Some programs put a bare quote or colon into a parameter: the name and the value are still good.
    name, _, rest = line.partition(";")
    value = rest.rpartition(":")[2]
    return Property(name.upper(), {}, value) if name and ":" in rest else None


def wrapped(data: bytes, group: Group) -> str:
    """The whole VCALENDAR of one UID, with the time zones it names and CRLF line ends."""
    events = b"".join(_ended(data[p.start : p.end]) for p in group.parts)
    named = {decode(m).strip('" ') for m in _TZID.findall(_FOLD.sub(b"", events))}
    zones = b"".join(
        _ended(data[p.start : p.end]) for tzid, p in group.calendar.zones.items() if tzid in named
    )
    head = "".join(
        f"{p.name}:{p.value}\n"
        for p in properties(group.calendar.head)
        if p.name in {"PRODID", "CALSCALE"} and "\n" not in p.value
    )
    body = decode(zones + events).lstrip("\ufeff")
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{body}END:VCALENDAR\n"
    return re.sub(r"\r\n|\n|\r", "\r\n", text)


def physical(component: str) -> Iterator[tuple[str, str]]:
    """The logical lines of a component as `(name, raw text with folds and line ends)`, for splicing.

    Lines of nested components and broken lines come under the name "".
    """
    depth, pending, name = 0, "", ""
    for line in re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z", component):
        if line[:1] in " \t" or not _NAMED.match(line):
            pending += line
            continue
        if pending:
            yield name, pending
        pending = line
        name = re.split("[;:]", line, maxsplit=1)[0].upper()
        if name == "BEGIN":
            depth += 1
        name = name if depth == 1 else ""
        if line[:4].upper() == "END:":
            depth -= 1
    if pending:
        yield name, pending


def content(name: str, value: str, **params: str) -> str:
    """One content line, folded at 75 octets (RFC 5545 3.1), ending in CRLF."""
    head = name + "".join(f";{k.replace('_', '-')}={_quote(v)}" for k, v in params.items())
    return _folded(f"{head}:{value}".encode("utf-8", "replace").decode())


def with_params(line: str, params: Mapping[str, str]) -> str:
    """A content line as written, with these parameters set; an empty value takes one away."""
    unfolded = re.sub(r"(?:\r\n|\n|\r)[ \t]", "", line).rstrip("\r\n")
    if not (match := _PROPERTY.match(unfolded)):
        return line
    new = {k: v for k, v in params.items() if v}
    kept = [(n, v) for n, v in _PARAMETER.findall(match[2]) if n.upper() not in params]
    written = [*kept, *((k, _quote(v)) for k, v in new.items())]
    return _folded(match[1] + "".join(f";{n}={v}" for n, v in written) + ":" + match[3])


def _folded(line: str) -> str:
    octets = line.encode("utf-8", "surrogateescape")
    pieces, limit = [], 75
    while len(octets) > limit:
        cut = limit
        while octets[cut] & 0xC0 == 0x80 and cut > limit - 4:  # never inside a character
            cut -= 1
        pieces.append(octets[:cut])
        octets, limit = octets[cut:], 74
    return b"\r\n ".join([*pieces, octets]).decode("utf-8", "surrogateescape") + "\r\n"


def escape(text: str) -> str:
    """A TEXT value (RFC 5545 3.3.11); control characters other than line ends and tabs are dropped."""
    clean = _CONTROL.sub("", re.sub(r"\r\n|\r", "\n", text))
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        clean = clean.replace(plain, escaped)
    return clean


def _quote(value: str) -> str:
    # RFC 6868: what a parameter value may not hold is written with a caret.
    value = _CONTROL.sub("", value.replace("^", "^^").replace("\n", "^n").replace('"', "^'"))
    return f'"{value}"' if re.search(r"[:;,]", value) else value


def _unquote(value: str) -> str:
    value = value.replace('"', "").strip()
    return re.sub(r"\^([n^'])", lambda m: {"n": "\n", "^": "^", "'": '"'}[m[1]], value)


def _first(own: bytes, name: str) -> str:
    return next((p.value for p in properties(own) if p.name == name), "")


def _uid(part: Part, data: bytes) -> str:
    match = _UID.search(part.own(data))
    uid = _CONTROL.sub("", decode(_FOLD.sub(b"", match[1]))).strip() if match else ""
    if not uid:
        return "no-uid-" + sha256(canonical(data[part.start : part.end])).hexdigest()[:16]
    return uid if len(uid) <= 500 else "long-uid-" + sha256(uid.encode()).hexdigest()[:16]


def _ended(component: bytes) -> bytes:
    return component if component.endswith((b"\n", b"\r")) else component + b"\n"
