"""Writes the message of a MailDraft or MailSend: RFC 5322 bytes, all of them ASCII, lines ending CRLF.

The same operation, key and time give the same bytes, so that a repeated write can be recognised.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from hashlib import sha256

from deskhand.connectors._clean import clean
from deskhand.connectors._mailboxes import mailboxes
from deskhand.connectors._message_parts import Attachment
from deskhand.connectors.errors import Misconfigured, Unsupported
from deskhand.connectors.operations import Mailbox, MailDraft, MailSend

# Without 8bit there is nothing a relay could have to convert (RFC 6152).
_POLICY = SMTP.clone(cte_type="7bit")
_METHOD = re.compile(r"(?mi)^METHOD:([A-Z-]{1,40})\s*$")
_LONGEST_SUBJECT = 900
_LONGEST_NAME = 200
_MOST_REFERENCES = 50
_LINE_LIMIT = 998
_WRITABLE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
"""What is not, would have to be quoted (RFC 5321 4.1.2), and few servers take that."""
_REAL_ID = re.compile(r"<(?![^<>]*@missing\.invalid>)[!-;=?-~]{1,900}>")
"""A Message-ID that its message really has: ASCII, and not one that was made up here."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The message that is replied to: its Message-ID, and the References it has itself."""

    message_id: str
    references: Sequence[str]


def mailbox(text: str) -> Mailbox:
    """Read "Ana Test <ana@example.org>". :raises Misconfigured: it is not one address."""
    pairs = mailboxes(text)
    try:
        (name, address), = pairs  # fmt: skip
        ready = Mailbox(address=address, name=name)
        envelope(ready)
    except (ValueError, Unsupported):
        raise Misconfigured(
            f"The option sender must be one address like 'Ana Test <ana@example.org>', not {text!r}."
        ) from None
    return ready


def message_id(key: str, sender: Mailbox) -> str:
    """The Message-ID of the effect with this key. The sender's own domain keeps it unique in the world."""
    return f"<deskhand.{slug(key)}@{_domain(sender.address)}>"


def slug(key: str) -> str:
    """The key as it may stand in file names and Message-IDs."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]{1,80}", key) else sha256(key.encode()).hexdigest()[:40]


def compose(
    operation: MailDraft | MailSend,
    *,
    key: str,
    now: datetime,
    sender: Mailbox,
    answered: Answered | None,
    attachments: Sequence[Attachment],
    show_bcc: bool,
) -> bytes:
    """The message as bytes. `show_bcc` is for the sender's own copy; never for what others get.

    :raises Unsupported: an address no server takes; a calendar object without METHOD.
    """
    headers = [_field("From", [sender])]
    shown = {"To": operation.to, "Cc": operation.cc, "Bcc": operation.bcc if show_bcc else ()}
    headers += [_field(name, people) for name, people in shown.items() if people]
    headers.append(f"Subject: {_encoded(_line(operation.subject)[:_LONGEST_SUBJECT], 'Subject')}")
    headers.append(f"Date: {format_datetime(now)}")
    headers.append(f"Message-ID: {message_id(key, sender)}")
    if answered:
        chain = [r for r in (*answered.references, answered.message_id) if _REAL_ID.fullmatch(r)]
        if chain and chain[-1] == answered.message_id:
            headers.append(f"In-Reply-To: {chain[-1]}")
        kept = list(dict.fromkeys(chain[:1] + chain[1:][-_MOST_REFERENCES:]))
        headers += ["References: " + "\r\n ".join(kept)] if kept else []
    message = EmailMessage(_POLICY)
    message.set_content(clean(operation.body), charset="utf-8", cte=_encoding(operation.body))
    if operation.calendar:
        _add_calendar(message, operation.calendar)
    for attached in attachments:
        _attach(message, attached)
    for n, part in enumerate(message.walk()):
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            part.set_boundary(f"=_deskhand.{sha256(key.encode()).hexdigest()[:24]}.{n}")
    return "".join(f"{h}\r\n" for h in headers).encode("ascii") + message.as_bytes()


def _field(name: str, people: Sequence[Mailbox]) -> str:
    """An address field, one person a line."""
    return f"{name}: " + ",\r\n ".join(_person(p) for p in people)


def _person(person: Mailbox) -> str:
    address = envelope(person)
    if not (name := _line(person.name)[:_LONGEST_NAME]):
        return address
    if name.isascii() and "=?" not in name:
        return formataddr((name, address))
    return f"{_encoded(name, 'To')} <{address}>"


def _encoded(text: str, name: str) -> str:
    """A header value in ASCII, folded (RFC 2047). The newer EmailMessage loses spaces when it folds."""
    plain = text.isascii() and "=?" not in text
    return Header(text, "us-ascii" if plain else "utf-8", header_name=name).encode(linesep="\r\n")


def _domain(address: str) -> str:
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        raise Unsupported(f"The address {address!r} is not ASCII before the @; mail servers refuse that.")
    try:
        return domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        raise Unsupported(f"The address {address!r} has no valid domain.") from None


def envelope(person: Mailbox) -> str:
    """The bare ASCII address that is told to a mail server. :raises Unsupported: there is none."""
    address = f"{person.address.rpartition('@')[0]}@{_domain(person.address)}"
    if not _WRITABLE.fullmatch(address):
        raise Unsupported(f"The address {person.address!r} cannot be written to.")
    return address


def _line(text: str) -> str:
    """One line of text: a line break in a header would begin a new header."""
    return " ".join(re.sub(r"[\x85\u2028\u2029]", " ", clean(text)).split())


def _encoding(body: str) -> str:
    short = all(len(line) < _LINE_LIMIT for line in body.split("\n"))
    return "7bit" if body.isascii() and short else "quoted-printable"


def _add_calendar(message: EmailMessage, calendar: str) -> None:
    calendar = clean(calendar)
    if not (method := _METHOD.search(calendar)):
        raise Unsupported("The calendar object names no METHOD, so nobody could act on it (RFC 6047).")
    message.add_alternative(
        calendar,
        subtype="calendar",
        charset="utf-8",
        cte=_encoding(calendar),
        params={"method": method[1].upper()},
    )


def _attach(message: EmailMessage, attached: Attachment) -> None:
    main, _, sub = attached.mime.partition("/")
    if main in {"message", "multipart"} or not re.fullmatch(r"[\w.+-]+/[\w.+-]+", attached.mime, re.A):
        # RFC 2046 5.2.1 allows no encoding of message/rfc822, and these bytes must arrive as they are.
        main, sub = "application", "octet-stream"
    message.add_attachment(attached.data, maintype=main, subtype=sub, filename=_line(attached.name) or "file")
