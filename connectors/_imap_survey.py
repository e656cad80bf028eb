"""What is new, changed and gone in one folder of an IMAP server, against what is known of it.

By QRESYNC (RFC 7162) one command tells all three; without it CONDSTORE tells what changed and the list of
UIDs what is gone; without both the flags of all are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from deskhand.connectors import _imap_commands as imap
from deskhand.connectors._imap_answers import Fetched
from deskhand.connectors._imap_folders import Folder
from deskhand.connectors._imap_known import Folder as KnownFolder
from deskhand.connectors._imap_session import Session
from deskhand.connectors._imap_uids import Growing, Uids

FLAGS = {
    "\\answered": "answered", "\\deleted": "trashed", "\\draft": "draft", "\\flagged": "flagged",
    "\\seen": "seen", "$forwarded": "passed",
}  # fmt: skip
"""Flags that mean something to everybody, as the server writes them in lower case."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder is like, against what was known of it."""

    validity: int
    next: int
    modseq: int
    count: int
    todo: Uids
    """New, or with other flags."""
    gone: Uids


def survey(
    session: Session, folder: Folder, state: KnownFolder | None, *, since: date | None, gmail: bool
) -> Survey:
    """Open a folder and compare it with what is known of it.

    :param since: only what arrived then or later counts.
    """
    quick = state is not None and state.whole and state.modseq and "QRESYNC" in session.offers
    if state is not None and quick and not gmail:
        had, new, flagged = state.marks.uids(), Growing(), Growing()

        def changed(uid: int, said: Fetched) -> None:
            if uid not in had:
                new.add(uid)
            elif _differs(state, uid, said):
                flagged.add(uid)

        there = imap.opened(session, folder.raw, since=(state.validity, state.modseq), each=changed)
        if there.validity == state.validity and there.modseq:
            came = new.uids()
            if came and since:
                came &= imap.uids(session, there.count, since=since)
            gone = had & there.vanished
            # Servers that forgot what they expunged say too little; then they are asked for all.
            if since or len(had) - len(gone) + len(came) == there.count:
                todo = came | flagged.uids() - gone
                return Survey(there.validity, there.next, there.modseq, there.count, todo, gone)
    else:
        there = imap.opened(session, folder.raw)
    if state is None or state.validity != there.validity:
        uids = imap.uids(session, there.count, since=since)
        return Survey(there.validity, there.next, there.modseq, there.count, uids, Uids())
    had = state.marks.uids()
    if state.lists({"UIDVALIDITY": there.validity, "UIDNEXT": there.next, "MESSAGES": there.count}):
        uids = had
    else:
        uids = imap.uids(session, there.count, since=since)
    both, other = uids & had, Growing()

    def compared(uid: int, said: Fetched) -> None:
        if uid in both and _differs(state, uid, said):
            other.add(uid)

    if state.modseq and there.modseq:
        if both:
            imap.flags(session, None, compared, changed_since=state.modseq, labels=gmail)
    else:
        imap.flags(session, both, compared, labels=gmail)
    todo = uids - had | other.uids()
    return Survey(there.validity, there.next, there.modseq, there.count, todo, had - uids)


def state_of(fetched: Fetched) -> str:
    flags = "".join(sorted(FLAGS[f][0] + FLAGS[f][-1] for f in fetched.flags if f in FLAGS))
    if fetched.labels is None:
        return flags
    return f"{flags}~{sha256(chr(0).join(fetched.labels).encode()).hexdigest()[:8]}"


def _differs(state: KnownFolder, uid: int, fetched: Fetched) -> bool:
    mark = state.marks.get(uid)
    return mark is not None and mark.state != state_of(fetched)
