"""What the head of a message says (RFC 5322): who to whom, when, by which ids, whether a program wrote it.

There are no bytes it raises on: what cannot be understood is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from deskhand.connectors._mailboxes import mailboxes, only_mailbox
from deskhand.connectors._mime import Part, decoded, header
from deskhand.connectors.model import Participant, Role

_MOST_PEOPLE = 1000
_ID = re.compile(r"<[^<>\s]{1,900}>")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,200}@[^\s<>,;:\"()\[\]@]{1,200}")
_ROLES: tuple[tuple[str, Role], ...] = (
    ("from", "from"), ("to", "to"), ("cc", "cc"), ("bcc", "bcc"), ("reply-to", "reply-to"),
)  # fmt: skip


def message_id(data: bytes, digest: str) -> str:
    """The Message-ID in angle brackets; one made from the content where there is none."""
    return own_id_of(header(data)[0], digest)


def own_id_of(fields: Iterable[tuple[str, str]], digest: str) -> str:
    raw = next((v for n, v in fields if n == "message-id"), "")
    if ids := ids_in(raw):
        return ids[0]
    bare = decoded(raw).strip("<> ")[:200]
    return f"<{bare}>" if bare and " " not in bare else f"<{digest[:40]}@missing.invalid>"


def author_of(sender: Participant) -> str:
    """The sender's name; the address of one who calls himself by another's (RFC 5322 3.4 lets anybody)."""
    forged = "@" in sender.name and sender.name.lower() != sender.address
    return sender.address if forged or not sender.name else sender.name


def people_of(root: Part) -> list[Participant]:
    people: dict[tuple[str, str, str], Participant] = {}
    for name, role in _ROLES:
        values = root.all(name) or (root.all("sender") if name == "from" else [])
        pairs = only_mailbox(values) if role == "from" else [m for v in values for m in mailboxes(v)]
        for shown, address in _decoded(pairs):
            if len(people) < _MOST_PEOPLE:
                people.setdefault((role, address, shown), Participant(role, address, shown))
    return list(people.values())


def _decoded(pairs: list[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """Names and addresses, decoded after the list is taken apart: an encoded comma or bracket is none."""
    for raw_name, raw_address in pairs:
        name, address = decoded(raw_name), decoded(raw_address)
        # The Kelvin sign is no "k", and `lower` makes it one: such an address is nobody's.
        lower = address.lower()
        address = lower if sum(map(str.isascii, lower)) == sum(map(str.isascii, address)) else ""
        if not _ADDRESS.fullmatch(address):
            name, address = name or decoded(raw_address), ""
        if address and _ADDRESS.fullmatch(name):
            name = ""  # an address for a name: the same one, or somebody else's
        if name or address:
            yield name, address


def ids_in(value: str) -> list[str]:
    return list(dict.fromkeys(decoded(i) for i in _ID.findall(value)))


def date_of(root: Part) -> datetime | None:
    """The Date field, else that of the newest Received; None where neither can be meant.

    Nothing is written after it arrived: of a clock that was ahead, the time of arrival counts.
    """
    written = next(_moments([root.get("date")]), None)
    received = next(_moments(v.rpartition(";")[2] for v in root.all("received")[:1]), None)
    if written is None or received is None:
        return written or received
    return received if written - received > _AHEAD else written


_AHEAD = timedelta(days=1)
"""Clocks are not alike, and zones are left out."""


def _moments(values: Iterable[str]) -> Iterator[datetime]:
    """Those that can be meant."""
    for value in values:
        try:
            moment = parsedate_to_datetime(decoded(value)[:200])
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        if 1971 <= moment.year < 2100:
            yield moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def automatic(root: Part) -> bool:
    """Written by a program (RFC 3834), or to a crowd."""
    submitted = root.get("auto-submitted").strip().lower()
    bulk = root.get("precedence").strip().lower() in {"bulk", "junk", "list", "auto_reply"}
    return bulk or bool(submitted and not submitted.startswith("no"))
