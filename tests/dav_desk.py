"""A person whose calendar is an account on a real server, and a postman's outbox for her mail."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import icalendar
from agent_givens import ENVIRONMENT, NOW
from fakes import radicale

from deskhand.agent.app import App
from deskhand.connectors._caldav_shelf import RemoteShelf

WITH_BO = "book 45 minutes with bo@example.org on Tuesday at 15:00 about the budget"


def desk(root: Path, server: radicale.Server) -> App:
    """The home under `root`, opened; a mailbox and the account are connected when it is made."""
    environ = ENVIRONMENT | {"CALENDAR_PASSWORD": server.password or "any"}
    app = App.open(root / "home", now=NOW, environ=environ)
    if not app.settings.sources:
        for folder in ("mail/cur", "mail/new", "mail/tmp", "outbox"):
            (root / folder).mkdir(parents=True)
        app.add("maildir", str(root / "mail"), alias="mail", options={"outbox": str(root / "outbox")})
        account = {"user": server.user, "password": "env:CALENDAR_PASSWORD"}
        app.add("caldav", server.url, options=account)
    return app


def mails(root: Path) -> list[EmailMessage]:
    """What was handed over to be sent."""
    return [
        message_from_bytes(p.read_bytes(), policy=default) for p in sorted((root / "outbox").glob("*.eml"))
    ]


def events(server: radicale.Server, calendar: str = "work") -> list[Any]:
    """What the server holds, as `icalendar` reads it."""
    window = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    found = server.expanded(calendar, *window)
    return [e for text in found for e in icalendar.Calendar.from_ical(text).walk("VEVENT")]


def killed_after_the_put(root: str, server: radicale.Server) -> None:
    """Book, in a process that dies when the server has the event and before anybody here knows."""
    put = RemoteShelf.replace

    def then_die(*given: Any) -> bool:
        put(*given)
        os.kill(os.getpid(), signal.SIGKILL)
        return True

    RemoteShelf.replace = then_die  # type: ignore[method-assign]
    with desk(Path(root), server) as app:
        app.sync(embed=0)
        app.ask(WITH_BO, approve=True, fresh=False)
