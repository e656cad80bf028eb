"""The three uses over Microsoft's services, as our fake of Graph plays them: two people with mail, calendar
and files there, each with a Deskhand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from agent_givens import ENVIRONMENT
from graph_givens import Microsoft, mail, token

from deskhand.agent.app import App
from deskhand.agent.model import Run
from deskhand.config.paths import Home
from deskhand.config.vault import Secrets

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
"""A Sunday morning."""
EVERYTHING = (
    "User.Read", "Mail.Read", "Mail.ReadWrite", "Mail.Send", "MailboxSettings.Read", "Calendars.Read",
    "Calendars.ReadWrite", "Files.Read", "Files.ReadWrite",
)  # fmt: skip
KINDS = {"outlook": "mail", "msgraph_calendar": "calendar", "onedrive": "files"}
BOOKING = "book 45 minutes with bo@example.org on Tuesday at 15:00 about the budget"


class Desk:
    """A person's home, with all of her account."""

    def __init__(self, root: Path, microsoft: Microsoft, who: str) -> None:
        self.microsoft, self.who, self.address = microsoft, who, f"{who}@example.org"
        home = Home(root / who).prepare().root
        person = {"NAME": f"{who.capitalize()} Test", "EMAIL": self.address, "ZONE": "Europe/Paris"}
        environ = ENVIRONMENT | {f"DESKHAND_PERSON__{n}": v for n, v in person.items()}
        Secrets(environ, home).store.put("MICROSOFT", token(microsoft, who, allowed=EVERYTHING), to="file")
        self.app = App.open(home, now=NOW, environ=environ)
        for kind, alias in KINDS.items():
            options = {"token": "secret:MICROSOFT", "write": "yes"}
            self.app.add(kind, self.address, alias=alias, options=options)

    def sync(self) -> None:
        assert not [p.error for p in self.app.sync(embed=0).passes if p.error]

    def ask(self, wish: str) -> Run:
        """Ask, and say yes to all that is asked."""
        run = self.app.ask(wish, approve=True)
        assert run.status == "done", run.answer
        return run

    def meeting(self) -> dict[str, str]:
        """Who answered what of the one event that Microsoft has in this calendar."""
        (event,) = [e for e in self.app.archive.find(kinds=["event"]) if e.ref.source == "calendar"]
        return {p.address: p.status for p in event.people if p.role == "attendee"}


@pytest.fixture
def ana(microsoft: Microsoft, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, microsoft, "ana")
    yield made
    made.app.close()


@pytest.fixture
def bo(microsoft: Microsoft, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, microsoft, "bo")
    yield made
    made.app.close()


def test_a_meeting_is_booked_arrives_at_the_other_side_and_is_answered(ana: Desk, bo: Desk) -> None:
    ana.sync()
    ana.ask(BOOKING)

    bo.sync()
    assert bo.meeting()["bo@example.org"] == "needs-action"
    bo.ask("accept the invitation from ana@example.org")
    assert bo.meeting()["bo@example.org"] == "accepted"

    ana.sync()
    assert ana.meeting() == {"bo@example.org": "accepted"}
    agenda = ana.ask("what is on my calendar on Tuesday")
    assert agenda.brief is not None
    (line,) = [p.text for s in agenda.brief.sections for p in s.passages]
    assert line.startswith("Tue 24 Nov, 15:00–15:45")


def test_whoever_is_taken_there_is_not_asked_for_then(ana: Desk, bo: Desk) -> None:
    bo.sync()
    bo.ask("block Tuesday from 9:00 to 18:00 for the audit")
    ana.sync()
    ana.ask("schedule an hour with bo@example.org on Tuesday or Wednesday about the budget")
    (event,) = [e for e in ana.app.archive.find(kinds=["event"]) if e.person("organizer")]
    assert event.start is not None
    assert event.start.date().isoformat() == "2026-11-25"


def test_a_thread_is_summed_up_and_what_a_file_says_is_found(ana: Desk, microsoft: Microsoft) -> None:
    first = "<budget@example.org>"
    microsoft.world.arrives("ana", mail("Budget", "We have 12,000 euros for the boat. Can you confirm it?"))
    for n, text in enumerate(("The engine alone is 9,000 euros.", "Then we need 3,000 euros for the sails.")):
        microsoft.world.arrives("ana", mail("Re: Budget", text, number=n + 1, day=21, answers=first))
    drives = microsoft.world.drives
    drives.file(drives.of("ana"), "warranty.md", "# Warranty\n\nThe warranty on the boat is 24 months.")
    ana.sync()
    told = ana.ask("summarise the thread about the budget").answer
    assert "12,000 euros" in told
    assert "mail:message:" in told, "with its sources"
    assert "24 months" in ana.ask("what warranty is there on the boat?").answer


def test_a_digest_is_scheduled_and_made(ana: Desk, microsoft: Microsoft) -> None:
    microsoft.world.arrives("ana", mail("Boat", "Can you confirm the mooring by Tuesday?", day=21))
    ana.sync()
    ana.ask("every weekday at 8:00 send me a digest by mail")
    (schedule,) = ana.app.schedules()
    run = ana.app.schedule_run(schedule.name)
    assert run.status == "done", run.answer
    ((who, to, data),) = microsoft.world.posted
    assert (who, to) == ("ana", ["ana@example.org"])
    assert b"Digest" in data
