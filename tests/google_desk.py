"""A person with a Deskhand whose calendar is a Google account, and her process dying when it books."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gcal_givens import signed_in
from google_givens import Google, wired
from two_desks import NOW, Desk

from deskhand.agent.app import App
from deskhand.connectors._gcal_requests import Requests

_ACCOUNT = {"token": "env:GOOGLE", "write": "yes"}
BOOKING = "book 45 minutes with bo@example.org on Tuesday at 15:00 about the budget"


class GoogleDesk(Desk):
    """A desk whose calendar is a Google account, and its mail too if that is wanted."""

    def __init__(self, root: Path, google: Google, who: str, *, gmail: bool = False, **given: Any) -> None:
        self.google, self.who, self.gmail = google, who, gmail
        token = signed_in(google.world.tokens[who], google.world.emails[who], "calendar", "gmail")
        super().__init__(
            root, f"{who.capitalize()} Test", google.world.emails[who], environ={"GOOGLE": token}, **given
        )

    def connect_mail(self) -> None:
        if self.gmail:
            self.app.add("gmail", self.address, alias="mail", options=_ACCOUNT)
        else:
            super().connect_mail()

    def connect_calendar(self) -> None:
        self.app.add("gcalendar", self.address, alias="calendar", options=_ACCOUNT)

    def meetings(self) -> list[dict[str, Any]]:
        """What Google shows this person."""
        found = self.google.world.does(self.who, "GET", "/calendar/v3/calendars/primary/events")["items"]
        return [e for e in found if e["status"] != "cancelled"]

    def answers(self) -> dict[str, str]:
        """Of the one meeting there is: who answered what."""
        (meeting,) = self.meetings()
        return {a["email"]: a["responseStatus"] for a in meeting["attendees"]}


def killed_after_the_insert(root: str, environ: Mapping[str, str], port: int, authorities: str) -> None:
    """Book, in a process that dies when Google has the event and before anybody here knows."""
    insert = Requests.insert

    def then_die(*given: Any) -> str:
        insert(*given)
        os.kill(os.getpid(), signal.SIGKILL)
        return ""

    Requests.insert = then_die  # type: ignore[method-assign]
    with (
        wired(port, Path(authorities)),
        App.open(Path(root) / "home", now=lambda: NOW, environ=dict(environ)) as app,
    ):
        app.sync(embed=0)
        app.ask(BOOKING, approve=True, fresh=False)
