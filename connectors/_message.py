"""Makes Items of a message's bytes: the message itself and each of its attachments.

There are no bytes it raises on: what cannot be understood is left out, what cannot be dated takes the
time of the file. Everything in an Item can be written as UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from deskhand.connectors._delivery import came_in
from deskhand.connectors._html import text_of_html
from deskhand.connectors._mailboxes import mailboxes, only_mailbox
from deskhand.connectors._mime import Part, content, decoded, header, parse
from deskhand.connectors._mime import text as part_text
from deskhand.connectors._quotes import split
from deskhand.connectors.errors import Changed, Missing
from deskhand.connectors.model import Content, Item, ItemRef, Label, Participant, Relation, Role
from deskhand.connectors.threads import base_subject

if TYPE_CHECKING:
    from deskhand.connectors._text import Reader

NO_SUBJECT = "(no subject)"
LARGEST = 100_000_000
"""Bytes of a message; a larger one is not read."""
LONGEST = 2_000_000
"""Characters of a body; the rest is left out and `data["truncated"]` says so."""

_MOST_PEOPLE = 1000
_MOST_REFERENCES = 200
_ID = re.compile(r"<[^<>\s]{1,900}>")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,200}@[^\s<>,;:\"()\[\]@]{1,200}")
_UNSAFE_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ROLES: tuple[tuple[str, Role], ...] = (
    ("from", "from"), ("to", "to"), ("cc", "cc"), ("bcc", "bcc"), ("reply-to", "reply-to"),
)  # fmt: skip
_SIGNATURES = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_SUFFIX = {"message/rfc822": ".eml", "text/calendar": ".ics", "text/html": ".html", "text/plain": ".txt"}


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


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that came with a message."""

    name: str
    mime: str
    data: bytes


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
    bodies, parts = _sorted(data, root)
    attached = [_attachment(data, part, n) for n, part in enumerate(parts, 1)]
    message = _message(data, root, bodies, attached, found, digest)
    chosen = ((n, a) for n, a in enumerate(attached, 1) if only in {None, n})
    return [message] * (not only) + [_item(a, n, message, reader) for n, a in chosen]


def attachment(data: bytes, number: int) -> Attachment | None:
    """The attachment of this number (from 1) in a message's bytes."""
    _, parts = _sorted(data, parse(data))
    return _attachment(data, parts[number - 1], number) if 0 < number <= len(parts) else None


def content_of(data: bytes, ref: ItemRef, version: str, *, number: int, digest: str = "") -> Content:
    """A message (number 0), or one of its attachments, as it travels along with something else.

    :param data: the message's bytes; `digest` is their SHA-256 where it is not simply that of `data`.
    :raises Missing: there is none such. :raises Changed: another version.
    """
    found = attachment(data, number) if number else Attachment("message.eml", "message/rfc822", data)
    if found is None or (ref.kind == "attachment") != bool(number):
        raise Missing(f"{ref} is not there any more.")
    if number or not digest:
        digest = sha256(found.data).hexdigest()
    if version != f"m-{digest[:12]}":
        raise Changed(f"{ref} is not what it was when it was read.")
    return Content(found.name, found.mime, found.data)


def message_id(data: bytes, digest: str) -> str:
    """The Message-ID in angle brackets; one made from the content where there is none."""
    return _own_id(header(data)[0], digest)


def _own_id(fields: Iterable[tuple[str, str]], digest: str) -> str:
    raw = next((v for n, v in fields if n == "message-id"), "")
    if ids := _ids(raw):
        return ids[0]
    bare = decoded(raw).strip("<> ")[:200]
    return f"<{bare}>" if bare and " " not in bare else f"<{digest[:40]}@missing.invalid>"


def _message(
    data: bytes, root: Part, bodies: list[Part], attached: list[Attachment], found: Found, digest: str
) -> Item:
    own_id = _own_id(root.fields, digest)
    answered = next(iter(_ids(root.get("in-reply-to"))), "")
    references = _ids(" ".join(root.all("references"))) or [answered] * bool(answered)
    if len(references) > _MOST_REFERENCES:
        references = references[:1] + references[1 - _MOST_REFERENCES :]
    people = _people(root)
    senders = [p for p in people if p.role == "from"]
    author = _author(senders[0]) if senders else ""
    subject = decoded(root.get("subject")) or NO_SUBJECT
    whole, truncated = _body(data, bodies)
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
        "auto": _automatic(root),
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
        at=_date(root) or found.arrived,
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


def _author(sender: Participant) -> str:
    """The sender's name; the address of one who calls himself by another's (RFC 5322 3.4 lets anybody)."""
    forged = "@" in sender.name and sender.name.lower() != sender.address
    return sender.address if forged or not sender.name else sender.name


def _item(attached: Attachment, number: int, message: Item, reader: Reader) -> Item:
    from deskhand.connectors._text import Unreadable, extract

    digest = sha256(attached.data).hexdigest()
    more: dict[str, Any] = {"mime": attached.mime, "size": len(attached.data)}
    try:
        if attached.mime == "message/rfc822":
            text, note = _forwarded(attached.data), ""
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


def _sorted(data: bytes, root: Part) -> tuple[list[Part], list[Part]]:
    """Which parts are the body, and which came along."""
    bodies, attached, invitations = _sort(data, root)
    # An invitation travels twice: beside the text, and as a file. One is enough.
    if not any(part.mime == "text/calendar" for part in attached):
        attached += invitations[:1]
    return bodies, attached


def _sort(data: bytes, part: Part) -> tuple[list[Part], list[Part], list[Part]]:
    if part.mime.startswith("multipart/") and part.children:
        sorted_children = [_sort(data, c) for c in part.children if not _is_inline(part, c)]
        bodies = [b for child in sorted_children for b in child[0]]
        if part.mime == "multipart/alternative":
            with_text = [c[0] for c in sorted_children if c[0] and c[0][0].mime != "text/html"]
            said = [b for b in with_text if any(part_text(data, p, limit=5000).strip() for p in b)]
            html = [c[0] for c in sorted_children if any(p.mime == "text/html" for p in c[0])]
            bodies = (said[:1] or html[:1] or [bodies])[0]
        attached = [a for child in sorted_children for a in child[1]]
        return bodies, attached, [i for child in sorted_children for i in child[2]]
    if part.mime in _SIGNATURES:
        return [], [], []
    named = bool(part.name) or part.disposition == "attachment"
    if part.mime == "text/calendar" and not named:
        return [], [], [part]
    if part.mime.startswith(("text/", "multipart/")) and not named:
        return [part], [], []
    return [], [part], []


def _is_inline(parent: Part, child: Part) -> bool:
    """An image that is shown inside the HTML text: a logo, a tracking pixel."""
    return (
        parent.mime == "multipart/related"
        and child.mime.startswith("image/")
        and child.disposition != "attachment"
        and bool(child.get("content-id"))
    )


def _body(data: bytes, parts: list[Part]) -> tuple[str, bool]:
    texts: list[str] = []
    left = LONGEST
    for part in parts:
        if left <= 0:
            break
        read = part_text(data, part, limit=left + 1)
        left -= len(read)
        texts.append(text_of_html(read[:LONGEST]) if part.mime == "text/html" else read.strip("\n"))
    return "\n\n".join(t for t in texts if t.strip())[:LONGEST], left < 0


def _forwarded(data: bytes) -> str:
    """A forwarded message as a person would read it: who, whom, when, what."""
    inner = parse(data)
    heads = [f"{n.title()}: {decoded(inner.get(n))}" for n in ("from", "to", "cc", "date", "subject")]
    body, _ = _body(data, _sorted(data, inner)[0])
    return "\n".join(h for h in heads if not h.endswith(": ")) + "\n\n" + body


def _attachment(data: bytes, part: Part, number: int) -> Attachment:
    body = content(data, part)
    name = _file_name(part.name)
    if not name and part.mime == "message/rfc822":
        name = _file_name(next((decoded(v) for n, v in header(body)[0] if n == "subject"), "") + ".eml")
    if not name and part.mime == "text/calendar":
        name = "invite.ics"
    return Attachment(name or f"attachment-{number}{_SUFFIX.get(part.mime, '')}", part.mime, body)


def _file_name(given: str) -> str:
    """A name without folders, control and direction characters, or leading dots; perhaps empty."""
    last = _UNSAFE_IN_NAMES.sub("", given).replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = " ".join(last.split()).lstrip(". ")
    if len(name) > 150:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem[:130]}.{suffix[:19]}" if dot else name[:150]
    return name


def _people(root: Part) -> list[Participant]:
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


def _ids(value: str) -> list[str]:
    return list(dict.fromkeys(decoded(i) for i in _ID.findall(value)))


def _date(root: Part) -> datetime | None:
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


def _automatic(root: Part) -> bool:
    """Written by a program (RFC 3834), or to a crowd."""
    submitted = root.get("auto-submitted").strip().lower()
    bulk = root.get("precedence").strip().lower() in {"bulk", "junk", "list", "auto_reply"}
    return bulk or bool(submitted and not submitted.startswith("no"))


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
