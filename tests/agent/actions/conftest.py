"""A small desk with real sources: a mailbox with an outbox, folders of calendar files and of documents."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ENVIRONMENT

from deskhand.agent.app import App
from deskhand.agent.model import Run

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
ME = "Noor Haddad <noor@example.org>"
ANN, BO = "Ann Ruiz <ann@example.org>", "Bo Lindqvist <bo@example.org>"


@dataclass(frozen=True)
class Sent:
    """A mail as it left."""

    headers: EmailMessage
    body: str
    calendar: str
    attached: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Sent:
        message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        assert isinstance(message, EmailMessage)
        text = message.get_body(("plain",))
        parts = [p for p in message.walk() if p.get_content_type() == "text/calendar"]
        return cls(
            message,
            text.get_content().replace("\r\n", "\n") if text else "",
            parts[0].get_content().replace("\r\n ", "") if parts else "",
            tuple(str(p.get_filename()) for p in message.iter_attachments() if p.get_filename()),
        )

    def __getitem__(self, header: str) -> str:
        return str(self.headers[header] or "")


class Desk:
    """An open home; what is written to its folders is seen by the next `ask`."""

    def __init__(self, root: Path) -> None:
        self.root, self.moment, self._mails = root, NOW, 0
        for folder in ("mail/cur", "mail/new", "mail/tmp", "outbox", "calendar", "documents"):
            (root / folder).mkdir(parents=True)
        self.app = App.open(root / "home", now=lambda: self.moment, environ=ENVIRONMENT)

    def connect(self, *kinds: str, sends: bool = True) -> Desk:
        """Connect the mailbox, the calendar, the documents."""
        options = {"outbox": str(self.root / "outbox")} if sends else {}
        for kind in kinds:
            place = str(self.root / {"maildir": "mail", "ics": "calendar", "files": "documents"}[kind])
            self.app.add(kind, place, options=options if kind == "maildir" else {})
        return self

    def mail(
        self, sender: str, subject: str, text: str, *, to: Sequence[str] = (ME,), cc: Sequence[str] = (),
        ago: timedelta = timedelta(days=1), answers: str = "", attach: Sequence[tuple[str, str]] = (),
        **headers: str,
    ) -> str:  # fmt: skip
        """Put a message into the mailbox; returns its Message-ID."""
        self._mails += 1
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, ", ".join(to), subject
        if cc:
            message["Cc"] = ", ".join(cc)
        message["Date"] = format_datetime(self.moment - ago)
        message["Message-ID"] = f"<{self._mails}@example.org>"
        if answers:
            message["In-Reply-To"] = message["References"] = answers
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        for name, content in attach:
            message.add_attachment(content, filename=name)
        name = f"{1_790_000_000 + self._mails}.M{self._mails}.desk:2,S"
        (self.root / "mail/cur" / name).write_bytes(message.as_bytes())
        return str(message["Message-ID"])

    def event(
        self, title: str, start: str, end: str, *, people: Sequence[str] = (), by: str = "noor@example.org",
        rule: str = "", uid: str = "", description: str = "",
    ) -> str:  # fmt: skip
        """Put an event into the calendar, times as `20261124T150000` in Lisbon, or dates; its UID.

        :param end: "" says none.
        """
        uid = uid or f"{title.lower().replace(' ', '-')}-{start}@example.org"
        kind = ";VALUE=DATE" if len(start) == 8 else ";TZID=Europe/Lisbon"
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VEVENT", f"UID:{uid}"]
        lines += [
            "DTSTAMP:20261101T000000Z",
            f"DTSTART{kind}:{start}",
            *([f"DTEND{kind}:{end}"] if end else []),
            f"SUMMARY:{title}",
        ]
        if people:
            invited = (f"ATTENDEE;CN={p.partition('@')[0].title()}:mailto:{p}" for p in people)
            lines += [f"ORGANIZER:mailto:{by}", *invited]
        lines += [f"RRULE:{rule}"] if rule else []
        lines += [f"DESCRIPTION:{description}"] if description else []
        text = "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])
        (self.root / "calendar" / f"{uid}.ics").write_text(text, newline="")
        return uid

    def document(self, name: str, text: str, *, ago: timedelta = timedelta(days=1)) -> None:
        """Write a document as it stood some time ago, and sync that version."""
        path = self.root / "documents" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        at = (NOW - ago).timestamp()
        os.utime(path, (at, at))

    def ask(self, text: str, approve: Any = True) -> Run:
        """Ask, with every approval given unless said otherwise. Words are searched, not meaning."""
        self.app.sync(embed=0)
        return self.app.ask(text, approve=approve, fresh=False)

    def tell(self, text: str, approve: Any = True) -> str:
        """Ask, and the answer on one line."""
        return " ".join(self.ask(text, approve).answer.split())

    def calendar(self) -> str:
        """All that the calendar's files hold."""
        return "".join(p.read_bytes().decode() for p in sorted((self.root / "calendar").glob("*.ics")))

    def sent(self) -> list[Sent]:
        """The mails that were sent, oldest first."""
        found = sorted((self.root / "outbox").glob("*.eml"), key=lambda p: p.stat().st_mtime_ns)
        return [Sent.read(p) for p in found]

    def drafts(self) -> list[Sent]:
        """The drafts in the mailbox."""
        found = sorted((self.root / "mail").rglob("*"))
        return [Sent.read(p) for p in found if p.is_file() and "D" in p.name.rpartition(",")[2]]


@pytest.fixture
def empty_desk(tmp_path: Path) -> Iterator[Desk]:
    """A home to which nothing is connected."""
    desk = Desk(tmp_path)
    yield desk
    desk.app.close()


@pytest.fixture
def desk(empty_desk: Desk) -> Desk:
    """A home with mail, calendar and documents; the owner has written to Ann and Bo."""
    empty_desk.connect("maildir", "ics", "files")
    empty_desk.mail(ME, "Hello", "Good to know you both.", to=(ANN, BO), ago=timedelta(days=30))
    return empty_desk
