"""What an IMAP server answers, taken apart into plain values (RFC 3501, 4315, 7162; Gmail's X-GM-EXT-1).

imapclient knows the grammar; what is no answer at all raises whatever it raises (`Session.told`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from deskhand.connectors._imap_uids import LARGEST, Uids, of_text

Line = list[Any]
"""One answer as `imaplib` has it: a line, and where it has literals, what follows them."""


class Lines:
    """Puts the parts of answers together, and hands on each that is whole."""

    def __init__(self, each: Callable[[Line], None]) -> None:
        self._each, self._made, self._literal = each, list[Any](), False

    def take(self, part: Any) -> None:
        """A part comes."""
        if part is None or part == b"":
            self._literal = False
            return
        if not self._literal:
            self.end()
        self._made.append(part)
        self._literal = isinstance(part, tuple)

    def end(self) -> None:
        """No more comes."""
        made, self._made = self._made, []
        if made:
            self._each(made)


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder as the server lists it."""

    raw: bytes
    """Its name on the wire."""
    name: str
    delimiter: str
    attributes: frozenset[str]
    """Lower case, without the backslash: `noselect`, `sent` (RFC 6154)."""
    status: Mapping[str, int]
    """MESSAGES, UIDNEXT, UIDVALIDITY, HIGHESTMODSEQ; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder as it was when it was opened."""

    validity: int
    next: int
    """UIDNEXT: every message that comes has at least this UID."""
    modseq: int
    """HIGHESTMODSEQ; 0: the folder does not keep it."""
    count: int
    vanished: Uids = field(default_factory=Uids)
    """What is gone since the state that was asked about (QRESYNC)."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server says of a message."""

    flags: tuple[str, ...]
    at: datetime | None = None
    size: int = 0
    data: bytes | None = None
    labels: tuple[str, ...] | None = None
    """Gmail's, where it was asked for them."""
    thread: str = ""
    """Gmail's id of its thread."""
    failed: str = ""
    """Why the server does not give its bytes."""


def by_uid(answers: Mapping[str, list[Any]]) -> dict[int, dict[bytes, Any]]:
    """By UID, all that is said of each message in answers."""
    found: dict[int, dict[bytes, Any]] = {}
    # One by one: their numbers shift when something is expunged between two of them (RFC 3501 5.5).
    for line in lines_of(answers.get("FETCH", [])):
        for uid, said in messages_in(line):
            found.setdefault(uid, {}).update(said)
    return found


def messages_in(line: Line) -> Iterator[tuple[int, dict[bytes, Any]]]:
    """What one FETCH says; by number alone (of somebody else's flags) it says nothing."""
    from imapclient.response_parser import parse_fetch_response

    for said in parse_fetch_response(line, False, False).values():
        if b"UID" in said:
            if not 0 < int(said[b"UID"]) <= LARGEST:
                raise ValueError(f"UID {said[b'UID']}")
            yield int(said[b"UID"]), said


def fetched_of(said: Mapping[bytes, Any]) -> Fetched:
    labels = said.get(b"X-GM-LABELS")
    return Fetched(
        _flags(said), _moment(said.get(b"INTERNALDATE")), int(said.get(b"RFC822.SIZE") or 0),
        said.get(b"BODY[]"),
        None if labels is None else tuple(sorted(decoded(raw_of(one)) for one in labels)),
        str(said.get(b"X-GM-THRID") or ""),
    )  # fmt: skip


def _moment(at: datetime | None) -> datetime | None:
    """A time of arrival; what has no zone is UTC's, and a zone that cannot be makes it none."""
    try:
        return at and (at.replace(tzinfo=UTC) if at.utcoffset() is None else at)
    except ValueError:
        return None


def _flags(said: Mapping[bytes, Any]) -> tuple[str, ...]:
    return tuple(sorted(raw_of(one).decode("ascii", "replace").lower() for one in said.get(b"FLAGS") or ()))


def vanished_in(answers: Mapping[str, list[Any]]) -> Uids:
    lines = [bytes(line).rpartition(b" ")[2].decode("ascii") for line in answers.get("VANISHED", [])]
    return of_text(",".join(lines)) if lines else Uids()


def number_in(answers: Mapping[str, list[Any]], name: str) -> int:
    return int((answers.get(name) or [b"0"])[-1] or 0)


def placed_in(said: Sequence[Any]) -> tuple[int, int] | None:
    """UIDVALIDITY and UID of `38505 3955`, or of `38505 304 3956` where it was copied."""
    words = said[-1].split() if said and said[-1] else []
    if len(words) < 2 or not words[-1].isdigit():
        return None
    return int(words[0]), int(words[-1])


def lines_of(said: Iterable[Any]) -> list[Line]:
    """One for each answer."""
    made: list[Line] = []
    lines = Lines(made.append)
    for part in said:
        lines.take(part)
    lines.end()
    return made


def listed_in(line: list[Any], states: Mapping[bytes, Mapping[str, int]]) -> Listed:
    from imapclient.response_parser import parse_response

    attributes, delimiter, name = parse_response(line)[:3]
    raw = raw_of(name)
    plain = frozenset(raw_of(a).decode("ascii", "replace").lstrip("\\").lower() for a in attributes)
    return Listed(raw, decoded(raw), raw_of(delimiter or b"").decode("ascii"), plain, states.get(raw, {}))


def status_in(line: list[Any]) -> tuple[bytes, dict[str, int]]:
    from imapclient.response_parser import parse_response

    name, values = parse_response(line)[:2]
    pairs = zip(values[::2], values[1::2], strict=False)
    return raw_of(name), {raw_of(n).decode("ascii").upper(): int(v) for n, v in pairs}


def raw_of(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def decoded(raw: bytes) -> str:
    """A folder's name as a person reads it (RFC 3501 5.1.3, or UTF-8)."""
    from imapclient.imap_utf7 import decode

    try:
        name = raw.decode() if not raw.isascii() else decode(raw)
        name.encode()
    except (UnicodeError, ValueError):
        name = raw.decode("latin-1")
    return name
