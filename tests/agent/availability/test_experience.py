"""Working hours by experience: only where it was switched on, only of enough traces, never narrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from agent_givens import ANN, ME, NOW, House
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskhand.agent.availability.diaries import diaries
from deskhand.agent.availability.experience import FEWEST, NARROWEST, hours_by_experience
from deskhand.connectors.model import Participant

NEW_YORK = "America/New_York"
SETTINGS = '[people."ann@example.org"]\nzone = "America/New_York"\n'


def wrote(house: House, moments: Sequence[datetime]) -> None:
    people = (Participant("from", ANN), Participant("to", ME))
    for n, moment in enumerate(moments):
        house.message(f"w{n}", at=moment, people=people)
    house.sync()


def mornings(count: int, *, hour: int = 14) -> list[datetime]:
    """On working days before now, at two times a day: 14:00 UTC is 9 or 10 in New York."""
    days = (NOW - timedelta(days=d) for d in range(1, 200))
    working = [d for d in days if d.weekday() < 5][:count]
    return [d.replace(hour=hour + (n % 2) * 7, minute=20) for n, d in enumerate(working)]


def learned(house: House) -> object:
    archive = house.app.archive
    return hours_by_experience(archive, frozenset({ANN}), zone=NEW_YORK, now=NOW)


def test_from_mail_in_half_hours_on_the_days_it_was_sent(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        wrote(house, mornings(14, hour=14))  # 09:20 and 16:20 in winter
        assert learned(house) == (((540, 990),),) * 5 + ((), ())


def test_from_meetings_that_were_accepted(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        people = (Participant("organizer", ME), Participant("attendee", ANN, "", "accepted"))
        for n, moment in enumerate(mornings(16)):
            house.meeting(f"m{n}", start=moment, people=people)
        house.sync()
        assert learned(house) is not None


def test_of_few_traces_nothing(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        wrote(house, mornings(FEWEST - 1))
        assert learned(house) is None


def test_what_is_long_ago_does_not_count(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        wrote(house, [m - timedelta(days=100) for m in mornings(20)])
        assert learned(house) is None


def test_what_others_wrote_to_her_does_not_count(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        for n, moment in enumerate(mornings(20)):
            house.message(f"to{n}", at=moment, sender=ME, to=ANN)
        house.sync()
        assert learned(house) is None


@pytest.mark.parametrize("on", [True, False])
def test_only_where_it_is_switched_on_and_then_it_is_said(tmp_path: Path, on: bool) -> None:
    (tmp_path / "config.toml").write_text(SETTINGS + f"[meetings]\nlearn_hours = {str(on).lower()}\n")
    with House(tmp_path) as house:
        wrote(house, mornings(20))
        ann = diaries(house.room.context(), [ANN], NOW, NOW + timedelta(days=7))[1]
        assert (ann.hours_from == "experience") == on
        assert (ann.who.hours is not None) == on
        assert any("by experience" in n for n in ann.notes) == on


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(0, 24 * 60 - 1), min_size=FEWEST, max_size=30))
def test_never_narrower_than_four_hours(tmp_path_factory: pytest.TempPathFactory, minutes: list[int]) -> None:
    with House(tmp_path_factory.mktemp("house")) as house:
        day = NOW.replace(hour=0) - timedelta(days=3)
        wrote(house, [day + timedelta(minutes=m) for m in minutes])
        week = hours_by_experience(house.app.archive, frozenset({ANN}), zone="UTC", now=NOW)
        assert week is not None
        for low, high in (span for spans in week for span in spans):
            assert 0 <= low < high <= 24 * 60
            assert high - low >= NARROWEST
