"""Makes Items of a message's bytes: the message itself and each of its attachments.

There are no bytes it raises on: what cannot be understood is left out, what cannot be dated takes the
time of the file. Everything in an Item can be written as UTF-8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from deskhand.connectors._delivery import came_in
from deskhand.connectors._message_head import author_of, automatic, date_of, ids_in, own_id_of, people_of
from deskhand.connectors._message_parts import Attachment, attachment_of, body_of, forwarded, sorted_parts
from deskhand.connectors._mime import Part, decoded, parse
from deskhand.connectors._mime import text as part_text
from deskhand.connectors._quotes import split
from deskhand.connectors.model import Item, ItemRef, Label, Relation
from deskhand.connectors.threads import base_subject

if TYPE_CHECKING:
    from deskhand.connectors._text import Reader

NO_SUBJECT = "(no subject)"
LARGEST = 100_000_000
"""Bytes of a message; a larger one is not read."""

_MOST_REFERENCES = 200


@dataclass(frozen=True, slots=True)
class Found:
    """Where a message was found, and what its source says of it."""

    ref: ItemRef
    folder: str
    arrived: datetime
    """Stands in where the message has no usable date."""
    flags: tuple[str, ...] = ()
    owner: str = ""
    """In a folder that only the owner of the account fills: their address; else empty."""
    sent: bool = False
    """It lies among what was sent, which is not the same as among drafts."""


def items(
    data: bytes, found: Found, *, reader: Reader, digest: str = "", only: int | None = None
) -> list[Item]:
    """The message, then its attachments in their order.

    :param reader: opens office files and the like.
    :param digest: SHA-256 of the message where it is not simply that of `data`.
    :param only: just the message (0) or just this attachment (from 1); [] where there is none such.
    """
    digest = digest or sha256(data).hexdigest()
    root = parse(data)
    bodies, parts = sorted_parts(data, root)
    attached = [attachment_of(data, part, n) for n, part in enumerate(parts, 1)]
    message = _message(data, root, bodies, attached, found, digest)
    chosen = ((n, a) for n, a in enumerate(attached, 1) if only in {None, n})
    return [message] * (not only) + [_item(a, n, message, reader) for n, a in chosen]


def address(ref: ItemRef) -> tuple[str, int]:
    """A message's native id, and the number of one of its attachments or 0."""
    if ref.kind == "message":
        return ref.native, 0
    native, _, number = ref.native.rpartition("#")
    known = ref.kind == "attachment" and number.isascii() and number.isdigit() and len(number) < 6
    return (native, int(number)) if known and int(number) else ("", 0)


def _message(
    data: bytes, root: Part, bodies: list[Part], attached: list[Attachment], found: Found, digest: str
) -> Item:
    own_id = own_id_of(root.fields, digest)
    answered = next(iter(ids_in(root.get("in-reply-to"))), "")
    references = ids_in(" ".join(root.all("references"))) or [answered] * bool(answered)
    if len(references) > _MOST_REFERENCES:
        references = references[:1] + references[1 - _MOST_REFERENCES :]
    people = people_of(root)
    senders = [p for p in people if p.role == "from"]
    author = author_of(senders[0]) if senders else ""
    subject = decoded(root.get("subject")) or NO_SUBJECT
    whole, truncated = body_of(data, bodies)
    parts = split(whole, author=f"{author} {senders[0].address.partition('@')[0]}" if senders else "")
    relations = [Relation("thread", references[0] if references else own_id)]
    if reply_to := answered or (references[-1] if references else ""):
        relations.append(Relation("reply-to", reply_to))
    more: dict[str, Any] = {
        "message_id": own_id,
        "in_reply_to": answered,
        "references": references,
        "quoted": parts.quoted,
        "signature": parts.signature,
        "attachments": [
            {"native": f"{found.ref.native}#{n}", "name": a.name, "mime": a.mime, "size": len(a.data)}
            for n, a in enumerate(attached, 1)
        ],
        "list_id": decoded(root.get("list-id")),
        "auto": automatic(root),
        "calendar_method": _calendar_method(data, root),
    }
    meeting, calendar = _meeting(data, root)
    if meeting:
        more["itip"] = meeting
    if calendar:
        more["calendar"] = calendar
    if truncated:
        more["truncated"] = True
    # What a rule of the mailbox, or another program, moved to where the owner's mail lies came from outside.
    by_owner = bool(found.owner) and [p.address for p in senders] == [found.owner] and not came_in(root)
    if by_owner and found.sent:
        more["sent"] = True  # what makes a contact: anybody can write a From line, but not into this folder
    # The owner's own words: in a folder strangers cannot fill, from their address, and nothing in it
    # (subject, passed-on text) that somebody else wrote.
    foreign = references or parts.quoted or parts.passed_on or base_subject(subject)[1]
    own = by_owner and not foreign
    roles = {"from"} if found.owner and not found.sent else {"from", "to", "cc"}  # a draft reached nobody
    return Item(
        ref=found.ref,
        version=f"m-{digest[:12]}",
        title=subject,
        text=parts.new,
        at=date_of(root) or found.arrived,
        hash=digest,
        people=tuple(people),
        relations=tuple(relations),
        folder=found.folder,
        author=author,
        flags=tuple(sorted(found.flags)),
        data=more,
        label=Label(
            "user" if own else "untrusted",
            tuple(sorted({p.address for p in senders if p.address})),
            tuple(sorted({p.address for p in people if p.role in roles and p.address})),
        ),
        link=f"mid:{quote(own_id[1:-1], safe='@')}",
    )


def _item(attached: Attachment, number: int, message: Item, reader: Reader) -> Item:
    from deskhand.connectors._text import Unreadable, extract

    digest = sha256(attached.data).hexdigest()
    more: dict[str, Any] = {"mime": attached.mime, "size": len(attached.data)}
    try:
        if attached.mime == "message/rfc822":
            text, note = forwarded(attached.data), ""
        else:
            read = extract(attached.data, name=attached.name, mime=attached.mime, reader=reader)
            text, note = read.text, read.note
    except Unreadable as error:
        text, note = "", error.reason
    if note:
        more["note"] = note
    # What travels along may be anybody's, so it is never the owner's word.
    return replace(
        message,
        ref=ItemRef(message.ref.source, "attachment", f"{message.ref.native}#{number}"),
        version=f"m-{digest[:12]}",
        title=attached.name,
        text=text,
        hash=digest,
        relations=(Relation("attachment-of", message.ref.native),),
        data=more,
        label=replace(message.label, trust="untrusted"),
    )


def _calendar_method(data: bytes, root: Part) -> str:
    """The METHOD of the first calendar part (RFC 6047), upper case."""
    for part in _calendar_parts(root):
        if method := part.parameters.get("method", ""):
            return method.upper()[:40]
        if line := re.search(r"(?mi)^METHOD:([\w-]{1,40})", part_text(data, part, limit=20_000)):
            return line[1].upper()
    return ""


def _meeting(data: bytes, root: Part) -> tuple[dict[str, Any], str]:
    """The first calendar part that is a meeting's message, as plain JSON: a stranger's words, unverified.

    With its text as it stands where that may go into a calendar: a REQUEST or CANCEL that is not large.
    """
    for part in _calendar_parts(root)[:5]:
        from deskhand.connectors.itip import read_itip, to_json  # most mails need none of it

        try:
            text = part_text(data, part, limit=1_000_000)
            read = read_itip(text)
        except ValueError:
            continue
        whole = read.method in ("REQUEST", "CANCEL") and len(text) <= _LARGEST_MEETING
        return to_json(read), text if whole else ""
    return {}, ""


_LARGEST_MEETING = 200_000
"""Letters of a meeting that is kept as it came; the longest with hundreds of people are a tenth of it."""


def _calendar_parts(root: Part) -> list[Part]:
    """Parts that hold a calendar, by their type or by their name, in the order they stand."""
    found, waiting = [], [root]
    while waiting:
        part = waiting.pop()
        waiting += reversed(part.children)
        if part.mime in {"text/calendar", "application/ics"} or part.name.lower().endswith(".ics"):
            found.append(part)
    return found
