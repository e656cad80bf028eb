"""What a message is made of: which parts are its text, and which came along with it.

There are no bytes it raises on: what cannot be understood is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from deskhand.connectors._html import text_of_html
from deskhand.connectors._mime import Part, content, decoded, header, parse
from deskhand.connectors._mime import text as part_text
from deskhand.connectors.errors import Changed, Missing
from deskhand.connectors.model import Content, ItemRef

LONGEST = 2_000_000
"""Characters of a body; the rest is left out and `data["truncated"]` says so."""
_UNSAFE_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SIGNATURES = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_SUFFIX = {"message/rfc822": ".eml", "text/calendar": ".ics", "text/html": ".html", "text/plain": ".txt"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that came with a message."""

    name: str
    mime: str
    data: bytes


def attachment(data: bytes, number: int) -> Attachment | None:
    """The attachment of this number (from 1) in a message's bytes."""
    _, parts = sorted_parts(data, parse(data))
    return attachment_of(data, parts[number - 1], number) if 0 < number <= len(parts) else None


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


def sorted_parts(data: bytes, root: Part) -> tuple[list[Part], list[Part]]:
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


def body_of(data: bytes, parts: list[Part]) -> tuple[str, bool]:
    """The text of these parts, and whether it was cut short."""
    texts: list[str] = []
    left = LONGEST
    for part in parts:
        if left <= 0:
            break
        read = part_text(data, part, limit=left + 1)
        left -= len(read)
        texts.append(text_of_html(read[:LONGEST]) if part.mime == "text/html" else read.strip("\n"))
    return "\n\n".join(t for t in texts if t.strip())[:LONGEST], left < 0


def forwarded(data: bytes) -> str:
    """A forwarded message as a person would read it: who, whom, when, what."""
    inner = parse(data)
    heads = [f"{n.title()}: {decoded(inner.get(n))}" for n in ("from", "to", "cc", "date", "subject")]
    body, _ = body_of(data, sorted_parts(data, inner)[0])
    return "\n".join(h for h in heads if not h.endswith(": ")) + "\n\n" + body


def attachment_of(data: bytes, part: Part, number: int) -> Attachment:
    """A part as it is kept: under its name, or one that its number makes."""
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
