"""Two people, each with a mailbox and a calendar on disk, and a postman between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Any

from deskhand.agent.app import App
from deskhand.agent.model import Run
from deskhand.agent.models import Model

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
"""A Sunday morning."""
EMPTY = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nEND:VCALENDAR\r\n"


class Desk:
    """A person's home. The clock stands still until `moment` is set."""

    def __init__(
        self, root: Path, name: str, address: str, zone: str = "Europe/Lisbon", *, hold: str = "0s",
        environ: Mapping[str, str] = {},
    ) -> None:  # fmt: skip
        self.name, self.address, self.moment = name, address, NOW
        self.inbox, self.outbox, self.calendar = root / "mail", root / "outbox", root / "calendar.ics"
        for part in ("cur", "new", "tmp"):
            (self.inbox / part).mkdir(parents=True)
        self.outbox.mkdir()
        self.calendar.write_text(EMPTY, "utf-8")
        self._root = root
        person = {"NAME": name, "EMAIL": address, "ZONE": zone}
        self._environ = {f"DESKHAND_PERSON__{k}": v for k, v in person.items()}
        self._environ["DESKHAND_ENGINE__KIND"] = "memory"
        self._environ |= {"DESKHAND_SENDING__HOLD": hold, **environ}
        self._taken: set[str] = set()
        self._arrived = self._written = 0
        self.app = self._open()
        self.connect_mail()
        self.connect_calendar()

    def connect_mail(self) -> None:
        """A Maildir and an outbox, unless it is a desk of another kind."""
        self.app.add("maildir", str(self.inbox), alias="mail", options={"outbox": str(self.outbox)})

    def connect_calendar(self) -> None:
        """A file, unless it is a desk of another kind."""
        self.app.add("ics", str(self.calendar), alias="calendar")

    @property
    def environ(self) -> dict[str, str]:
        """The environment that this home is opened in."""
        return self._environ

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: TracebackType | BaseException | None) -> None:
        self.app.close()

    def reopen(self, model: Model | None = None) -> None:
        """End and begin again, with a model that plans where one is given."""
        self.app.close()
        self.app = self._open(model)

    def command(self, *words: str) -> str:
        """What the command line prints, with this home closed for as long."""
        from typer.testing import CliRunner

        from deskhand.agent.terminal.cli import app

        self.app.close()
        given = [*words, "--home", str(self._root / "home"), "--now", self.moment.isoformat()]
        printed = CliRunner().invoke(app, given, env=self._environ).output
        self.app = self._open()
        return printed

    def ask(self, words: str, approve: Callable[[dict[str, Any]], Any] | bool | None = True) -> Run:
        self.app.sync(embed=0)
        return self.app.ask(words, approve=approve, fresh=False)

    def sync(self) -> list[Run]:
        """Look at what came in; the runs that follow from it, as they then stand."""
        return [self.app.runs_room.wait(run) for run in self.app.sync(embed=0).followed]

    def sent(self) -> list[EmailMessage]:
        """What left this desk since it was last asked for."""
        new = sorted(p for p in self.outbox.glob("*.eml") if p.name not in self._taken)
        self._taken |= {p.name for p in new}
        return [message_from_bytes(p.read_bytes(), policy=default) for p in new]

    def receive(self, *mails: EmailMessage) -> None:
        """Put mails into the inbox, as a mail server would."""
        for mail in mails:
            self._arrived += 1
            (self.inbox / "new" / f"{self._arrived}.m1.example").write_bytes(mail.as_bytes())

    def events(self) -> dict[str, str]:
        """What the calendar file holds: titles, with their status."""
        import icalendar

        calendar = icalendar.Calendar.from_ical(self.calendar.read_bytes())
        return {str(e.get("SUMMARY")): str(e.get("STATUS", "")) for e in calendar.walk("VEVENT")}

    def starts(self) -> list[datetime]:
        """When the events of the calendar file begin, in order."""
        import icalendar

        calendar = icalendar.Calendar.from_ical(self.calendar.read_bytes())
        return sorted(e.decoded("DTSTART") for e in calendar.walk("VEVENT"))

    def event(self, title: str) -> Any:
        """The one event of this title, as `icalendar` reads it."""
        import icalendar

        calendar = icalendar.Calendar.from_ical(self.calendar.read_bytes())
        (found,) = [e for e in calendar.walk("VEVENT") if str(e.get("SUMMARY")) == title]
        return found

    def write(
        self,
        to: Desk | str,
        text: str,
        *,
        answers: EmailMessage | None = None,
        subject: str = "Hello",
        calendar: str = "",
        method: str = "REPLY",
        at: datetime | None = None,
    ) -> EmailMessage:
        """A mail of this person's, by hand, as any mail program makes it."""
        mail = EmailMessage()
        mail["From"], mail["To"] = f"{self.name} <{self.address}>", to if isinstance(to, str) else to.address
        mail["Subject"] = f"Re: {answers['Subject']}" if answers else subject
        mail["Date"] = at or self.moment
        self._written += 1
        mail["Message-ID"] = f"<{self._written}.{self.address}>"
        if answers:
            mail["In-Reply-To"] = mail["References"] = str(answers["Message-ID"])
        mail.set_content(text)
        if calendar:
            mail.add_alternative(
                calendar.encode(), "text", "calendar", params={"method": method}, cte="base64"
            )
        return mail

    def _open(self, model: Model | None = None) -> App:
        models = [model] if model is not None else []
        return App.open(self._root / "home", now=lambda: self.moment, environ=self._environ, model=models)


def calendar_of(mail: EmailMessage) -> str:
    """The calendar message that came with a mail."""
    (part,) = [p for p in mail.walk() if p.get_content_type() == "text/calendar"]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def words_of(mail: EmailMessage) -> str:
    """What a mail says in plain words."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
