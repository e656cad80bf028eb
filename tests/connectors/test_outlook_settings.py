"""What a mailbox says of its person, as Graph writes it: Windows zones, days, replies; or nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deskhand.agent.home.people import suggested
from deskhand.config.hours import read_hours, say_hours
from deskhand.config.settings import Person
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
    told = profile_of(SAID, 2026)
    assert told == Profile("America/Los_Angeles", (DAY, (), DAY, (), (), (), ()), locale="en_US", away=True)
    keep_profile(tmp_path, told)
    assert kept_profile(tmp_path) == told


@pytest.mark.parametrize(
    ("said", "unread"),
    [
        ({}, ""),
        ({"timeZone": None, "workingHours": None, "language": None, "automaticRepliesSetting": None}, ""),
        (
            {"timeZone": "Customized Time Zone", "workingHours": {"daysOfWeek": [], "startTime": "x"}},
            "Customized Time Zone",
        ),
        ({"workingHours": {"daysOfWeek": ["monday"], "startTime": "22:00:00", "endTime": "06:00:00"}}, ""),
        ({"timeZone": {}, "workingHours": {"timeZone": 5, "daysOfWeek": 5}, "language": "en-US"}, ""),
        ({"workingHours": "nine to five", "automaticRepliesSetting": "disabled"}, ""),
        ({"language": {"locale": "tlh"}, "automaticRepliesSetting": {"status": "disabled"}}, ""),
    ],
)
def test_what_says_nothing_is_not_known(said: dict[str, Any], unread: str) -> None:
    assert profile_of(said, 2026) == Profile(unread=unread)


CUSTOM: dict[str, Any] = {
    "@odata.type": "#microsoft.graph.customTimeZone", "name": "Customized Time Zone", "bias": 480,
    "standardOffset": {
        "time": "02:00:00.0000000", "dayOccurrence": 1, "dayOfWeek": "sunday", "month": 11, "year": 0,
    },
    "daylightOffset": {
        "daylightBias": -60, "time": "02:00:00.0000000", "dayOccurrence": 2, "dayOfWeek": "sunday",
        "month": 3, "year": 0,
    },
}  # fmt: skip
"""The clock of the Pacific coast, as Microsoft's own sample of getSchedule tells it."""
LAST = {"dayOccurrence": 5, "dayOfWeek": "sunday", "time": "03:00:00.0000000", "year": 0}


@pytest.mark.parametrize(
    ("clock", "zone"),
    [
        (CUSTOM, "America/Los_Angeles"),
        ({**CUSTOM, "bias": 0, "standardOffset": {**LAST, "time": "02:00:00", "month": 10},
          "daylightOffset": {**LAST, "time": "01:00:00", "month": 3, "daylightBias": -60}}, "Europe/London"),
        ({"name": "Customized Time Zone", "bias": -330}, "Asia/Calcutta"),
        ({**CUSTOM, "bias": -330, "daylightOffset": None}, "Asia/Calcutta"),
        ({**CUSTOM, "bias": 481}, ""),  # nowhere
        ({**CUSTOM, "daylightOffset": {**CUSTOM["daylightOffset"], "daylightBias": 60}}, ""),  # which way?
        ({**CUSTOM, "standardOffset": {**CUSTOM["standardOffset"], "year": 2026}}, ""),  # of one year alone
        ({**CUSTOM, "standardOffset": {**CUSTOM["standardOffset"], "dayOfWeek": "someday"}}, ""),
        ({**CUSTOM, "standardOffset": {**CUSTOM["standardOffset"], "month": 13}}, ""),
        ({**CUSTOM, "standardOffset": {**CUSTOM["standardOffset"], "dayOccurrence": 9}}, ""),
        ({"name": "Customized Time Zone"}, ""), ({"name": "Customized Time Zone", "bias": "480"}, ""),
        ({"name": "tzone://Microsoft/Custom"}, ""), ({"name": "tzone://Microsoft/Utc"}, "UTC"),
    ],
)  # fmt: skip
def test_a_zone_without_a_name_is_known_by_its_rules(clock: Any, zone: str) -> None:
    """Hours of a clock that nobody knows are not known; and which zone is meant is never guessed."""
    hours = {**SAID["workingHours"], "timeZone": clock}
    told = profile_of({"timeZone": "Customized Time Zone", "workingHours": hours}, 2026)
    assert told.zone == zone
    assert (told.hours is not None) == bool(zone)
    assert told.unread == ("" if zone else "Customized Time Zone")


def test_hours_of_another_clock_than_the_mailboxs_are_not_taken_for_its_own(tmp_path: Path) -> None:
    hours = {**SAID["workingHours"], "timeZone": {"name": "Romance Standard Time"}}
    told = profile_of({**SAID, "workingHours": hours}, 2026)
    assert (told.zone, told.hours_zone) == ("America/Los_Angeles", "Europe/Paris")
    keep_profile(tmp_path, told)
    assert kept_profile(tmp_path) == told
    assert suggested(Person(), [told]).hours is None, "by its own clock they are others"
    alike = {**SAID["workingHours"], "timeZone": CUSTOM}
    assert suggested(Person(), [profile_of({**SAID, "workingHours": alike}, 2026)]).hours is not None


def test_replies_planned_by_a_clock_that_nobody_knows_are_not_told() -> None:
    times = {
        n: {"dateTime": "2026-11-20T09:00:00", "timeZone": "Customized Time Zone"} for n in ("Start", "End")
    }
    planned = {"status": "scheduled", **{f"scheduled{n}DateTime": t for n, t in times.items()}}
    assert profile_of({"automaticRepliesSetting": planned}, 2026) == Profile()


def test_planned_replies_are_on_in_their_time() -> None:
    start = {"dateTime": "2026-11-20T09:00:00.0000000", "timeZone": "Romance Standard Time"}
    end = {"dateTime": "2026-11-30T08:00:00.0000000", "timeZone": "UTC"}
    planned = {"status": "scheduled", "scheduledStartDateTime": start, "scheduledEndDateTime": end}
    told = profile_of({"automaticRepliesSetting": planned}, 2026)
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
