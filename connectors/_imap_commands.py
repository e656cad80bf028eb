"""The commands of IMAP that are used here, as questions and answers in plain values (RFC 2342, 3501, 4315,
4731, 5819, 6851, 7162; Gmail's X-GM-EXT-1).

Messages are fetched with BODY.PEEK alone, in folders opened by EXAMINE: nothing is ever marked as seen by
being read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime

from deskhand.connectors._imap_answers import (
    Fetched,
    Line,
    Listed,
    Opened,
    by_uid,
    fetched_of,
    lines_of,
    listed_in,
    messages_in,
    number_in,
    placed_in,
    raw_of,
    status_in,
    vanished_in,
)
from deskhand.connectors._imap_errors import Refused
from deskhand.connectors._imap_session import Session
from deskhand.connectors._imap_uids import Uids, chunks, of_text

_CHUNK = 50_000
"""Messages that are listed by one command: imaplib reads no line of more than a million bytes."""
_MOST = 10_000_000
"""No folder holds more; a range that names more takes a few bytes, and all the memory there is."""


def listing(session: Session, *, status: bool) -> list[Listed]:
    """Every folder, with its state where that is asked for: by one command where LIST-STATUS is offered."""
    wanted = ["MESSAGES", "UIDNEXT", "UIDVALIDITY"]
    if session.offers & {"CONDSTORE", "QRESYNC"}:
        wanted.append("HIGHESTMODSEQ")
    returned = ["SPECIAL-USE"] * ("SPECIAL-USE" in session.offers)
    if status:
        session.leave_folder()
    at_once = status and "LIST-STATUS" in session.offers
    if at_once:
        returned.append(f"STATUS ({' '.join(wanted)})")
    tail = ["RETURN", f"({' '.join(returned)})"] if returned else []
    answers = session.ask("LIST", '""', '"*"', *tail)
    with session.told():
        states = dict(status_in(line) for line in lines_of(answers.get("STATUS", [])))
        found = [listed_in(line, states) for line in lines_of(answers.get("LIST", []))]
    if status and not at_once:
        found = [_with_status(session, one, wanted) for one in found]
    return found


def namespaces(session: Session) -> dict[bytes, bool]:
    """What names begin with, and whether what is called so is the owner's alone (RFC 2342)."""
    from imapclient.response_parser import parse_response

    if "NAMESPACE" not in session.offers:
        return {}
    answers = session.ask("NAMESPACE")
    with session.told():
        spaces: dict[bytes, bool] = {}
        for line in lines_of(answers.get("NAMESPACE", [])):
            for n, group in enumerate(parse_response(line)[:3]):
                spaces |= {raw_of(space[0]): n == 0 for space in group or ()}
        return spaces


def quota(session: Session) -> list[tuple[str, int, int]]:
    """What the mailbox may hold: `STORAGE` (units of 1024 bytes) or `MESSAGE`, how much of it there is, and
    how much there may be (RFC 9208). [] where the server does not say."""
    from imapclient.response_parser import parse_response

    if "QUOTA" not in session.offers:
        return []
    try:
        answers = session.ask("GETQUOTAROOT", '"INBOX"')
    except Refused:
        return []
    found = []
    with session.told():
        for line in lines_of(answers.get("QUOTA", [])):
            said = parse_response(line)[1]
            for name, used, limit in zip(said[::3], said[1::3], said[2::3], strict=False):
                found.append((raw_of(name).decode("ascii", "replace").upper(), int(used), int(limit)))
    return found


def opened(
    session: Session, raw: bytes, *, writing: bool = False, since: tuple[int, int] | None = None,
    each: Callable[[int, Fetched], None] | None = None,
) -> Opened:  # fmt: skip
    """Open a folder.

    :param since: UIDVALIDITY and HIGHESTMODSEQ: tell what changed after that (QRESYNC).
    :param each: told the flags of what is new or changed since then.
    """
    changes = f"(QRESYNC ({since[0]} {since[1]}))" if since else ""
    answers = session.open_folder(
        quoted(raw), writing=writing, since=changes, each=_with_flags(each) if each else None
    )
    with session.told():
        return Opened(
            number_in(answers, "UIDVALIDITY"), number_in(answers, "UIDNEXT"),
            0 if "NOMODSEQ" in answers else number_in(answers, "HIGHESTMODSEQ"), number_in(answers, "EXISTS"),
            vanished_in(answers),
        )  # fmt: skip


def uids(session: Session, count: int, *, since: date | None = None) -> Uids:
    """The UIDs of the open folder, which holds so many messages.

    :param since: only what arrived on that day or later (INTERNALDATE).
    """
    found = Uids()
    arrived = ["SINCE", _day(since)] if since else ["ALL"]
    for first in range(1, count + 1, _CHUNK):
        some = f"{first}:{min(count, first + _CHUNK - 1)}" if count > _CHUNK else ""
        found |= _search(session, *[some] * bool(some), *arrived)
    return found


def with_header(session: Session, name: str, value: str) -> Uids:
    """The UIDs of messages in the open folder whose header field holds a value (ASCII)."""
    return _search(session, "HEADER", name, '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"')


def flags(
    session: Session, which: Iterable[int] | None, each: Callable[[int, Fetched], None], *,
    changed_since: int = 0, labels: bool = False,
) -> None:  # fmt: skip
    """Tell the flags of these messages, or of all; only of what changed since a HIGHESTMODSEQ, where one is
    given. They are told as they come: nothing may be asked of the session by `each`."""
    wanted = "(FLAGS X-GM-LABELS)" if labels else "(FLAGS)"
    modifier = [f"(CHANGEDSINCE {changed_since})"] * bool(changed_since)
    for some in ["1:*"] if which is None else chunks(which):
        session.ask("UID", "FETCH", some, wanted, *modifier, each=_with_flags(each))


def about(session: Session, which: Collection[int], *, gmail: bool = False) -> dict[int, Fetched]:
    """Flags, time of arrival and size of these messages; who is not in the answer is not there."""
    extra = " X-GM-LABELS X-GM-THRID" * gmail
    found: dict[int, Fetched] = {}
    for some in chunks(which):
        answers = session.ask("UID", "FETCH", some, f"(FLAGS INTERNALDATE RFC822.SIZE{extra})")
        with session.told():
            found |= {u: fetched_of(s) for u, s in by_uid(answers).items() if b"RFC822.SIZE" in s}
    return found


def bodies(session: Session, which: Collection[int]) -> dict[int, bytes]:
    """The bytes of these messages; None of them is marked as seen."""
    found: dict[int, bytes] = {}
    for some in chunks(which):
        answers = session.ask("UID", "FETCH", some, "(BODY.PEEK[])")
        with session.told():
            for uid, said in by_uid(answers).items():
                if b"BODY[]" in said:
                    found[uid] = said[b"BODY[]"] or b""
    return found


def store(session: Session, uid: int, sign: str, named: Sequence[str]) -> None:
    """Add (`+`) or take away (`-`) flags of a message in the open folder."""
    session.ask("UID", "STORE", str(uid), f"{sign}FLAGS.SILENT", f"({' '.join(named)})")


def append(
    session: Session, raw: bytes, data: bytes, *, named: Sequence[str], at: datetime
) -> tuple[int, int] | None:
    """Put a message into a folder; its UIDVALIDITY and UID, where the server says them (UIDPLUS)."""
    stamp = f'"{at.day:2d}-{_MONTHS[at.month - 1]}-{at:%Y %H:%M:%S %z}"'
    answers = session.ask("APPEND", quoted(raw), f"({' '.join(named)})", stamp, literal=data)
    return placed_in(answers.get("APPENDUID", []))


def move(session: Session, uid: int, raw: bytes) -> tuple[int, int] | None:
    """Move a message of the open folder; its new UIDVALIDITY and UID, where the server says them (MOVE)."""
    return placed_in(session.ask("UID", "MOVE", str(uid), quoted(raw)).get("COPYUID", []))


def copy(session: Session, uid: int, raw: bytes) -> tuple[int, int] | None:
    """Copy a message of the open folder."""
    return placed_in(session.ask("UID", "COPY", str(uid), quoted(raw)).get("COPYUID", []))


def expunge(session: Session, uid: int) -> None:
    """Take this one message away that is marked as deleted, and no other (UIDPLUS)."""
    session.ask("UID", "EXPUNGE", str(uid))


def create(session: Session, raw: bytes) -> None:
    """Make a folder. One that is there already is as good."""
    try:
        session.ask("CREATE", quoted(raw))
    except Refused as error:
        if error.code != "ALREADYEXISTS":
            raise


def quoted(raw: bytes) -> bytes:
    """A name as a quoted string."""
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _day(day: date) -> str:
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04d}"


def _search(session: Session, *criteria: str) -> Uids:
    if "ESEARCH" in session.offers:
        answers = session.ask("UID", "SEARCH", "RETURN", "(ALL)", *criteria)
        with session.told():
            found = re.search(rb"\bALL ([\d:,]+)", b" ".join(answers.get("ESEARCH", [])))
            which = of_text(found[1].decode()) if found else Uids()
            if len(which) > _MOST:
                raise ValueError(f"{len(which):,} messages in one folder")
            return which
    answers = session.ask("UID", "SEARCH", *criteria)
    with session.told():
        return Uids.of(int(n) for line in answers.get("SEARCH", []) for n in (line or b"").split())


def _with_flags(each: Callable[[int, Fetched], None]) -> Callable[[Line], None]:
    def take(line: Line) -> None:
        for uid, said in messages_in(line):
            if b"FLAGS" in said:
                each(uid, fetched_of(said))

    return take


def _with_status(session: Session, one: Listed, wanted: Sequence[str]) -> Listed:
    if "noselect" in one.attributes or "nonexistent" in one.attributes:
        return one
    try:
        answers = session.ask("STATUS", quoted(one.raw), f"({' '.join(wanted)})")
    except Refused:
        return one
    with session.told():
        states = dict(status_in(line) for line in lines_of(answers.get("STATUS", [])))
    return Listed(one.raw, one.name, one.delimiter, one.attributes, states.get(one.raw, {}))
