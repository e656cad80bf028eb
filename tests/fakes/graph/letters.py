"""Mail of the fake Graph: bytes as they travel (RFC 5322), and the JSON that Graph makes of them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, formataddr, getaddresses, parsedate_to_datetime
from hashlib import sha256
from typing import Any

Json = Any
_READ = BytesParser(policy=policy.default)
_PEOPLE = {
    "toRecipients": "To", "ccRecipients": "Cc", "bccRecipients": "Bcc", "replyTo": "Reply-To",
}  # fmt: skip


@dataclass
class Letter:
    """One message in one mailbox."""

    key: int
    folder: str
    data: bytes = field(repr=False)
    received: datetime
    created: datetime
    conversation: str
    changed: int = 0
    """The number of its last change: what its changeKey is made of."""
    read: bool = False
    draft: bool = False
    flag: str = "notFlagged"
    categories: list[str] = field(default_factory=list[str])
    references: list[Json] = field(default_factory=list[Json])
    """Attachments that lie elsewhere, as Graph has them: no part of the bytes."""
    answers: int = 0
    forwards: int = 0
    """The message that this draft was made of."""
    shown: str = ""
    """That it was answered or forwarded, as Outlook shows it (PidTagLastVerbExecuted)."""
    event: dict[str, Json] = field(default_factory=dict[str, Json])
    """What an event message has beside what every message has."""
    _taken_apart: tuple[bytes, EmailMessage] = field(default=(b"", EmailMessage()), repr=False, compare=False)

    @property
    def message(self) -> EmailMessage:
        """The bytes, taken apart; to be looked at alone. A large one takes a second."""
        if self._taken_apart[0] is not self.data:
            self._taken_apart = self.data, read(self.data)
        return self._taken_apart[1]

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"] or "").strip()


def read(data: bytes) -> EmailMessage:
    """The bytes, taken apart."""
    made = _READ.parsebytes(data)
    assert isinstance(made, EmailMessage)
    return made


def written(given: Json, *, number: int, sender: tuple[str, str], now: datetime) -> bytes:
    """The bytes of a message that was given as JSON."""
    made = EmailMessage(policy.SMTP)
    made["From"] = formataddr(sender)
    for name, header in _PEOPLE.items():
        if people := given.get(name):
            pairs = [
                (p["emailAddress"].get("name") or "", p["emailAddress"].get("address") or "") for p in people
            ]
            made[header] = ", ".join(map(formataddr, pairs))
    made["Subject"] = given.get("subject") or ""
    made["Date"] = format_datetime(now)
    made["Message-ID"] = given.get("internetMessageId") or f"<made-{number}@fake.example.com>"
    for one in given.get("internetMessageHeaders") or ():
        assert one["name"].lower().startswith("x-"), "Graph takes no other header than X-..."
        made[one["name"]] = one["value"]
    body = given.get("body") or {}
    kind = "html" if str(body.get("contentType", "text")).lower() == "html" else "plain"
    made.set_content(body.get("content") or "", subtype=kind)
    for one in given.get("attachments") or ():
        attach(made, one)
    return bytes(made)


def attach(made: EmailMessage, given: Json) -> None:
    """Add a file that was given as JSON."""
    main, _, sub = (given.get("contentType") or "application/octet-stream").partition("/")
    made.add_attachment(
        base64.b64decode(given["contentBytes"]), maintype=main, subtype=sub or "octet-stream",
        filename=given["name"],
    )  # fmt: skip


def told(letter: Letter, id_: str) -> Json:
    """All that Graph tells of a message but where it lies, in its own names."""
    message = letter.message
    body = message.get_body(("html", "plain"))
    kind = "html" if body is not None and body.get_content_subtype() == "html" else "text"
    content = _text(body)
    sent = _moment(str(message["Date"] or "")) or letter.received
    key = base64.b64encode(f"CQAAABYAAAD{letter.key:06d}{letter.changed:06d}".encode()).decode()
    return {
        "@odata.etag": f'W/"{key}"',
        "id": id_, "changeKey": key, "createdDateTime": stamp(letter.created),
        "lastModifiedDateTime": stamp(letter.created), "receivedDateTime": stamp(letter.received),
        "sentDateTime": stamp(sent), "hasAttachments": bool(attachments(letter)),
        "internetMessageId": letter.message_id, "subject": str(message["Subject"] or ""),
        "bodyPreview": " ".join(content.split())[:255], "importance": "normal",
        "conversationId": letter.conversation, "isDeliveryReceiptRequested": None,
        "isReadReceiptRequested": False, "isRead": letter.read, "isDraft": letter.draft,
        "webLink": f"https://outlook.office365.com/owa/?ItemID={id_}&exvsurl=1&viewmodel=ReadMessageItem",
        "inferenceClassification": "focused", "body": {"contentType": kind, "content": content},
        **{name: _people(message, header) for name, header in _PEOPLE.items()},
        **{n: p for n in ("sender", "from") if (p := next(iter(_people(message, "From")), None))},
        "flag": {"flagStatus": letter.flag}, "categories": [*letter.categories],
        "internetMessageHeaders": [{"name": n, "value": str(v)} for n, v in message.items()],
        **letter.event,
    }  # fmt: skip


def attachments(letter: Letter) -> list[Json]:
    """What came with a message, as Graph lists it; with its bytes."""
    made: list[Json] = []
    for n, part in enumerate(letter.message.iter_attachments()):
        payload = part.get_content()
        mail = part.get_content_type() == "message/rfc822"
        data = bytes(payload) if mail else payload.encode() if isinstance(payload, str) else payload
        name = part.get_filename() or (str(payload["Subject"]) if mail else f"part-{n}")
        kind = "itemAttachment" if mail else "fileAttachment"
        made.append({
            "@odata.type": f"#microsoft.graph.{kind}",
            "id": f"ATT{letter.key:06d}{n:02d}", "lastModifiedDateTime": stamp(letter.received), "name": name,
            "contentType": None if mail else part.get_content_type(), "size": len(data), "isInline": False,
            **({} if mail else {"contentId": None, "contentBytes": base64.b64encode(data).decode()}),
        })  # fmt: skip
    return [*made, *letter.references]


def for_others(data: bytes) -> bytes:
    """The bytes as they arrive: without who got them in secret."""
    message = read(data)
    del message["Bcc"]
    return message.as_bytes(policy=policy.SMTP)


def recipients(data: bytes) -> list[str]:
    """The addresses a message goes to, in lower case."""
    message = read(data)
    values = [str(v) for h in ("To", "Cc", "Bcc") for v in message.get_all(h, [])]
    return [address.lower() for _, address in getaddresses(values) if address]


def changed(letter: Letter, given: Json, *, now: datetime) -> None:
    """Change a draft as PATCH does."""
    message = letter.message
    sender = getaddresses([str(message["From"] or "")])[0]
    was = told(letter, "")
    kept = {n: was[n] for n in ("subject", "body", "internetMessageId", *_PEOPLE)}
    files = [a for a in attachments(letter) if "contentBytes" in a]
    letter.data = written({**kept, **given, "attachments": files}, number=letter.key, sender=sender, now=now)


def conversation(data: bytes) -> str:
    """A name for what belongs together: by the first message that it answers."""
    message = read(data)
    named = str(message["References"] or message["In-Reply-To"] or message["Message-ID"] or "").split()
    return "AAQk" + sha256((named[0] if named else "").encode()).hexdigest()[:24] + "="


def stamp(moment: datetime) -> str:
    """As Graph writes a moment."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _people(message: EmailMessage, header: str) -> list[Json]:
    pairs = getaddresses([str(v) for v in message.get_all(header, [])])
    return [{"emailAddress": {"name": n or a, "address": a}} for n, a in pairs if a]


def _text(body: Any) -> str:
    try:
        return str(body.get_content()) if body is not None else ""
    except (LookupError, UnicodeError):
        return ""


def _moment(text: str) -> datetime | None:
    try:
        made = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return made if made.tzinfo else made.replace(tzinfo=UTC)
