"""A person with a Deskhand whose calendar is a Microsoft account, and her process dying when it books."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google_givens import wired
from graph_givens import NAMES, Microsoft, token
from msgcal_givens import ALLOWED, program
from two_desks import NOW, Desk

from deskhand.agent.app import App
from deskhand.config.vault import Secrets
from deskhand.connectors._msgcal_requests import Requests

BOOKING = "book 45 minutes with bo@example.org on Tuesday at 15:00 about the budget"


class MicrosoftDesk(Desk):
    """A desk whose mail lies on disk, and whose calendar at Microsoft."""

    def __init__(self, root: Path, microsoft: Microsoft, who: str, **given: Any) -> None:
        self.microsoft, self.who = microsoft, who
        super().__init__(root, f"{who.capitalize()} Test", f"{who}@example.org", **given)

    def connect_calendar(self) -> None:
        # In the store, for it is another one each time it is used.
        kept = token(self.microsoft, self.who, allowed=ALLOWED)
        Secrets(self.environ, self._root / "home").store.put("MICROSOFT", kept, to="file")
        options = {"token": "secret:MICROSOFT", "write": "yes"}
        self.app.add("msgraph_calendar", self.address, alias="calendar", options=options)

    def meetings(self) -> list[dict[str, Any]]:
        """What Outlook shows this person."""
        found: list[dict[str, Any]] = program(self.microsoft, self.who)("GET", "/me/events").body["value"]
        return [e for e in found if not e["isCancelled"]]

    def answers(self) -> dict[str, str]:
        """Of the one meeting there is: who answered what."""
        (meeting,) = self.meetings()
        return {a["emailAddress"]["address"]: a["status"]["response"] for a in meeting["attendees"]}


def killed_after_the_insert(root: str, environ: Mapping[str, str], port: int, authorities: str) -> None:
    """Book, in a process that dies when Outlook has the event and before anybody here knows."""
    insert = Requests.insert

    def then_die(*given: Any) -> Any:
        insert(*given)
        os.kill(os.getpid(), signal.SIGKILL)

    Requests.insert = then_die  # type: ignore[method-assign]
    with (
        wired(port, Path(authorities), NAMES),
        App.open(Path(root) / "home", now=lambda: NOW, environ=dict(environ)) as app,
    ):
        app.sync(embed=0)
        app.ask(BOOKING, approve=True, fresh=False)
