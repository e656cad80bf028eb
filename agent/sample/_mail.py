"""A message of the script as the bytes a mailbox holds: quotes, signatures, HTML, attachments, and flaws."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default as default_policy
from email.utils import format_datetime
from pathlib import PurePosixPath

from deskhand.agent.sample._dates import FORMS
from deskhand.agent.sample._ics import calendar
from deskhand.agent.sample._markup import Bullet, Heading, Paragraph, Table, blocks
from deskhand.agent.sample._papers import MIME, paper
from deskhand.agent.sample.story import Message, Person

_POLICY = default_policy.clone(linesep="\n")
_LINK = re.compile(r"https://[^\s<]+[^\s<.,)]")


def mail(message: Message) -> bytes:
    """The whole message, with `\\n` line ends as Maildir has it (RFC 5322, RFC 2045)."""
    if message.broken == "headers":
        return f"From: {message.sender.email}\n\n{message.text}".encode()
    post = EmailMessage(policy=_POLICY)
    post["From"] = _address(message.sender)
    post["To"] = _addresses(message.to)
    if message.cc:
        post["Cc"] = _addresses(message.cc)
    post["Subject"] = message.subject
    post["Date"] = format_datetime(message.when.astimezone(message.sender.zone))
    post["Message-ID"] = message.id
    if message.answers is not None:
        post["In-Reply-To"] = message.answers.id
        post["References"] = " ".join(message.references)
    if message.sender.program:
        header = "X-Mailer" if "Outlook" in message.sender.program else "User-Agent"
        post[header] = message.sender.program
    for name, value in message.headers.items():
        post[name] = value
    if message.broken == "charset":
        post.set_content("", charset="utf-8", cte="8bit")
        return bytes(post).rstrip() + b"\n\n" + message.text.encode("cp1252")
    if message.html == "only":
        post.set_content(_page(message), subtype="html", cte="quoted-printable")
    else:
        post.set_content(plain(message))
        if message.html:
            post.add_alternative(_page(message), subtype="html", cte="quoted-printable")
    _attach(post, message)
    # The library would draw a random boundary.
    mark = message.id.strip("<>").partition("@")[0]
    for n, part in enumerate(p for p in post.walk() if p.is_multipart()):
        part.set_boundary(f"=_{mark}_{n}")
    return bytes(post)


def plain(message: Message) -> str:
    """The text as posted: what is new, the signature, and what it answers."""
    new = message.text.rstrip("\n") + "\n"
    if message.sender.signature:
        new += f"\n{_sign(message.sender)}"
    if (answered := message.answers) is None or message.quote == "none":
        return new
    if message.quote == "inline":
        return f"{_attribution(answered)}\n{new}"
    old = plain(answered).rstrip("\n")
    if message.quote == "outlook":
        return f"{new}\n{_outlook_header(answered)}\n\n{old}\n"
    quoted = "\n".join(
        f">{'' if line.startswith('>') or not line else ' '}{line}" for line in old.split("\n")
    )
    return f"{new}\n{_attribution(answered)}\n{quoted}\n"


def _sign(person: Person) -> str:
    # Outlook knows nothing of the line "-- " (RFC 3676 4.3).
    return ("" if "Outlook" in person.program else "-- \n") + person.signature.rstrip("\n") + "\n"


def _attribution(answered: Message) -> str:
    local = answered.when.astimezone(answered.sender.zone)
    when = f"{FORMS['day'](local)[:3]}, {FORMS['full'](local)} at {FORMS['time'](local)}"
    return f"On {when}, {answered.sender.name} <{answered.sender.email}> wrote:"


def _outlook_header(answered: Message) -> str:
    local = answered.when.astimezone(answered.sender.zone)
    lines = [
        "________________________________",
        f"From: {answered.sender.name} <{answered.sender.email}>",
        f"Sent: {FORMS['date'](local)} {local.year} {FORMS['time'](local)}",
        f"To: {'; '.join(f'{p.name} <{p.email}>' for p in answered.to)}",
        f"Subject: {answered.subject}",
    ]
    return "\n".join(lines)


def _page(message: Message) -> str:
    body = "".join(_element(b) for b in blocks(message.text))
    if message.sender.signature:
        body += f'<p class="signature">{_lines(message.sender.signature.strip())}</p>'
    if message.answers is not None and message.quote != "none":
        old = plain(message.answers).strip()
        body += f'<div class="gmail_quote">{html.escape(_attribution(message.answers))}<br>'
        body += f'<blockquote class="gmail_quote">{_lines(old)}</blockquote></div>'
    style = "body{font:15px sans-serif;color:#1b2a33} td{padding:2px 12px;border:1px solid #ccc}"
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{html.escape(message.subject)}</title>'
        f"<style>{style}</style></head>\n<body>{body}</body></html>\n"
    )


def _element(block: Heading | Bullet | Paragraph | Table) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level}>{_lines(text)}</h{level}>\n"
        case Bullet(text):
            return f"<ul><li>{_lines(text)}</li></ul>\n"
        case Paragraph(text):
            return f"<p>{_lines(text)}</p>\n"
        case Table(rows):
            cells = ["".join(f"<td>{_lines(cell)}</td>" for cell in row) for row in rows]
            return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>\n"


def _lines(text: str) -> str:
    safe = html.escape(text, quote=False).replace("\n", "<br>\n")
    return _LINK.sub(lambda link: f'<a href="{link[0]}">{link[0]}</a>', safe)


def _attach(post: EmailMessage, message: Message) -> None:
    for revision in message.attachments:
        path = PurePosixPath(revision.path)
        kind, _, subtype = MIME[path.suffix].partition("/")
        post.add_attachment(paper(revision), maintype=kind, subtype=subtype, filename=path.name)
    if message.invite is not None:
        invitation = calendar([message.invite], until=message.when, method="REQUEST")
        post.add_attachment(
            invitation, maintype="text", subtype="calendar", filename="invite.ics",
            params={"method": "REQUEST", "charset": "utf-8"},
        )  # fmt: skip


def _address(person: Person) -> Address:
    return Address(person.name, addr_spec=person.email)


def _addresses(people: Iterable[Person]) -> list[Address]:
    return [_address(p) for p in people]
