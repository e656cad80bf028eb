"""A small office for the planner: two Sams, somebody who only wrote to us, places that can do things."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deskhand.agent.profile import Known, Owner, Place
from deskhand.connectors.archive import Person

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
ZONE = "Europe/Lisbon"

_PEOPLE = (
    Person("Ann Ruiz", ("ann@example.org",), 9),
    Person("Bo Lindqvist", ("bo@example.org",), 7),
    Person("Sam Okafor", ("sam.okafor@example.org",), 5),
    Person("Sam Lindqvist", ("sam.lindqvist@example.org",), 4),
    Person("Marta Figueiredo", ("marta@example.org",), 3),
    Person("Yuki Tanabe", ("yuki@example.net",), 2),
    Person("Will Stone", ("will@example.com",), 1),
    Person("Eve Stranger", ("eve@example.net",), 0),
    Person("Noor Haddad", ("noor@example.org",), 0),
)
_MAIL = frozenset({"mail.send", "mail.draft", "mail.flag", "mail.move", "mail.trash"})
_CALENDAR = frozenset(
    {"event.create", "event.update", "event.cancel", "event.restore", "event.respond", "event.answered"}
)
_FILES = frozenset({"file.create", "file.copy", "file.replace"})


@pytest.fixture(scope="session")
def known() -> Known:
    """What the planner knows, Sunday 22 November 2026, 08:00 in Lisbon."""
    return office()


def office() -> Known:
    """The same, where no fixture can be had."""
    return Known(
        owner=Owner("Noor Haddad", "noor@example.org", frozenset({"noor@example.org"}), ZONE),
        now=NOW,
        people=_PEOPLE,
        places=(
            Place("mail", "maildir", _MAIL, frozenset({"message"})),
            Place("calendar", "ics", _CALENDAR, frozenset({"event"})),
            Place("documents", "files", _FILES, frozenset({"document"})),
            Place("digests", "files", frozenset({"file.create"})),
        ),
        schedules=("digest", "harbour-report"),
        groups={
            "direct reports": ("ann@example.org", "bo@example.org", "marta@example.org"),
            "my team": ("ann@example.org", "bo@example.org", "marta@example.org", "yuki@example.net"),
            "the leads": ("marta@example.org", "will@example.com"),
        },
    )
