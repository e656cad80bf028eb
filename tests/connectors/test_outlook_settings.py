"""What a mailbox says of its person, as Graph writes it: Windows zones, days, replies; or nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deskhand.config.hours import read_hours, say_hours
from deskhand.connectors._outlook_settings import profile_of
from deskhand.connectors._profile import Profile, keep_profile, kept_profile

SAID: dict[str, Any] = {
    "timeZone": "Pacific Standard Time",
    "language": {"locale": "en-US", "displayName": "English (United States)"},
    "workingHours": {
        "daysOfWeek": ["monday", "wednesday"], "startTime": "08:00:00.0000000", "endTime": "17:30:00.0000000",
        "timeZone": {"name": "Pacific Standard Time"},
    },
    "automaticRepliesSetting": {"status": "alwaysEnabled"},
}  # fmt: skip
DAY = ((480, 1050),)


def test_it_is_read_and_kept_as_it_was(tmp_path: Path) -> None:
    told = profile_of(SAID)
    assert told == Profile("America/Los_Angeles", (DAY, (), DAY, (), (), (), ()), "en_US", away=True)
    keep_profile(tmp_path, told)
    assert kept_profile(tmp_path) == told


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"timeZone": None, "workingHours": None, "language": None, "automaticRepliesSetting": None},
        {"timeZone": "Customized Time Zone", "workingHours": {"daysOfWeek": [], "startTime": "x"}},
        {"workingHours": {"daysOfWeek": ["monday"], "startTime": "22:00:00", "endTime": "06:00:00"}},
        {"timeZone": {}, "workingHours": {"timeZone": "UTC", "daysOfWeek": 5}, "language": "en-US"},
        {"workingHours": "nine to five", "automaticRepliesSetting": "disabled"},
        {"language": {"locale": "tlh"}, "automaticRepliesSetting": {"status": "disabled"}},
    ],
)
def test_what_says_nothing_is_not_known(said: dict[str, Any]) -> None:
    assert profile_of(said) == Profile()


def test_planned_replies_are_on_in_their_time() -> None:
    start = {"dateTime": "2026-11-20T09:00:00.0000000", "timeZone": "Romance Standard Time"}
    end = {"dateTime": "2026-11-30T08:00:00.0000000", "timeZone": "UTC"}
    planned = {"status": "scheduled", "scheduledStartDateTime": start, "scheduledEndDateTime": end}
    told = profile_of({"automaticRepliesSetting": planned})
    assert told.away_from == datetime(2026, 11, 20, 8, tzinfo=UTC)
    days = (datetime(2026, 11, day, 12, tzinfo=UTC) for day in (19, 25, 30))
    assert [told.is_away(day) for day in days] == [False, True, False]


def test_a_file_that_is_broken_says_nothing(tmp_path: Path) -> None:
    assert kept_profile(tmp_path) is None
    (tmp_path / "profile.json").write_text('{"zone": 3', "utf-8")
    assert kept_profile(tmp_path) is None


def test_hours_are_said_in_few_words() -> None:
    assert say_hours(read_hours("09:00-12:00, 13:00-17:00")) == "Mon-Fri 09:00-12:00 13:00-17:00"
    assert say_hours(read_hours({"monday": "09:00-12:00", "wednesday": "10:00-16:00"})) == (
        "Mon 09:00-12:00, Wed 10:00-16:00"
    )
