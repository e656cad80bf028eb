"""`deskhand slots` as a person or a script meets it, over real calendars."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, Office
from typer.testing import CliRunner, Result

from deskhand.agent.desk.desk import Desk
from deskhand.agent.terminal.cli import app
from deskhand.config.paths import Home

RUNNER = CliRunner()
MARTA, PRIYA = "marta@example.org", "priya@example.org"

PRIYAS = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//t//EN
X-WR-TIMEZONE:America/New_York
BEGIN:VEVENT
UID:a
DTSTAMP:20261101T000000Z
DTSTART;TZID=America/New_York:20261125T090000
DTEND;TZID=America/New_York:20261125T103000
SUMMARY:Surgery
CLASS:PRIVATE
END:VEVENT
END:VCALENDAR
"""

SETTINGS = f"""
[people."{PRIYA}"]
hours = "09:00-17:00"
country = "US"

[rooms.Workbench]
source = "workbench"
seats = 2

[rooms.Hall]
source = "hall"
seats = 40
"""


def run(home: Path, *words: str, code: int = 0) -> Result:
    result = RUNNER.invoke(app, ["slots", *words, "--home", str(home), "--now", NOW.isoformat()])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def answer(home: Path, *words: str, code: int = 0) -> Any:
    return json.loads(run(home, *words, "--json", code=code).stdout)


def starts(found: Any) -> list[datetime]:
    return [datetime.fromisoformat(s["start"]) for s in found["slots"]]


@pytest.fixture
def home(office: Office) -> Path:
    """The sample, with a colleague's calendar and two rooms'."""
    text = (office.home / "config.toml").read_text("utf-8")
    empty = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//t//EN\nEND:VCALENDAR\n"
    files = {"priya": PRIYAS, "workbench": empty, "hall": PRIYAS.replace("America/New_York", "Europe/Lisbon")}
    for alias, data in files.items():
        (office.root / f"{alias}.ics").write_text(data)
        text += f'\n[sources.{alias}]\nkind = "ics"\nplace = "{office.root}/{alias}.ics"\n'
        text += f'owner = "{PRIYA}"\n' if alias == "priya" else ""
    (office.home / "config.toml").write_text(text + SETTINGS, "utf-8")
    return office.home


class TestFinding:
    def test_a_time_for_two_with_reasons_and_no_secrets(self, home: Path) -> None:
        shown = run(home, "--with", "Priya", "--minutes", "45", "next week, not Friday").stdout
        assert "45 minutes with Priya Raman" in shown
        assert "1. Tue 24 Nov, 16:15–17:00" in shown
        assert "free for you and Priya Raman" in shown
        assert "Surgery" not in shown
        assert 'deskhand ask "book 45 minutes with priya@example.org on 2026-11-24 at 16:15"' in shown

    def test_nothing_lies_over_hers_or_in_her_night_or_on_her_holiday(self, home: Path) -> None:
        found = answer(home, "--with", PRIYA, "next week", "--limit", "50")
        assert found["slots"]
        for start in starts(found):
            there = start.astimezone(datetime.fromisoformat("2026-11-24T00:00:00-05:00").tzinfo)
            assert 9 <= there.hour < 17
            assert (there.day, there.hour) != (25, 9)
            assert there.day != 26  # Thanksgiving
        (priya,) = [p for p in found["people"] if p["address"] == PRIYA]
        assert priya["known"] == "all"
        assert priya["zone"] == "America/New_York"
        assert priya["days_off"] == [{"date": "2026-11-26", "name": "Thanksgiving Day"}]

    def test_keys_are_as_documented(self, home: Path) -> None:
        found = answer(home, "--with", PRIYA, "next week", "--room", "any")
        assert list(found) == [
            "status", "minutes", "longest", "zone", "start", "end", "people", "rooms", "slots", "possible",
            "conflict", "notes", "grid", "svg",
        ]  # fmt: skip
        assert list(found["slots"][0]) == [
            "start", "end", "why", "unconfirmed", "absent", "room", "points", "local",
        ]  # fmt: skip
        page = (Path(__file__).parents[3] / "docs/json.md").read_text("utf-8")
        part = page.partition("## slots")[2].partition("\n## ")[0]
        for key in (*found, *found["slots"][0], *found["people"][0]):
            assert f"`{key}`" in part or f'"{key}"' in part, key

    def test_who_is_optional_does_not_stand_in_the_way(self, home: Path) -> None:
        found = answer(home, "--optional", PRIYA, "Thursday 26 November")
        assert found["slots"][0]["absent"] == ["Priya Raman"]
        assert run(home, "--with", PRIYA, "Thursday 26 November", code=2)

    def test_what_is_not_known_is_said(self, home: Path) -> None:
        found = answer(home, "--with", MARTA, "next week")
        (marta,) = [p for p in found["people"] if p["address"] == MARTA]
        assert (marta["zone"], marta["hours_from"]) == (None, None)
        assert marta["known"] == "partly"  # the meetings with her
        assert all(s["unconfirmed"] == ["Marta Figueiredo"] for s in found["slots"])
        assert "No connected calendar tells when Marta Figueiredo is free." in found["notes"]
        assert any("Their zone is not known" in n for n in found["notes"])

    def test_somebody_nobody_ever_wrote_to_is_unknown_altogether(self, home: Path) -> None:
        found = answer(home, "--with", "new@example.com", "next week")
        assert found["people"][1]["known"] == "nothing"
        assert found["slots"][0]["unconfirmed"] == ["new@example.com"]

    def test_a_room_with_enough_seats_that_is_free(self, home: Path) -> None:
        found = answer(home, "--room", "any", "--with", PRIYA, "next week")
        assert found["slots"][0]["room"] == "Workbench"
        many = answer(home, "--room", "any", "--with", PRIYA, "--with", MARTA, "next week")
        assert [r["name"] for r in many["rooms"]] == ["Hall"]
        named = answer(home, "--room", "hall", "next week", "--limit", "50")
        assert {s["room"] for s in named["slots"]} == {"Hall"}
        assert not [s for s in starts(named) if s.day == 25 and (s.hour, s.minute) < (10, 30)]

    def test_a_range_of_lengths_takes_what_there_is(self, home: Path) -> None:
        found = answer(home, "--minutes", "30", "--longest", "60", "next week")
        lengths = {
            datetime.fromisoformat(s["end"]) - datetime.fromisoformat(s["start"]) for s in found["slots"]
        }
        assert {m.total_seconds() / 60 for m in lengths} <= {30, 45, 60}
        assert (found["minutes"], found["longest"]) == (30, 60)

    def test_bounds_in_words_or_dates(self, home: Path) -> None:
        found = answer(home, "--from", "2026-11-25", "--until", "Friday")
        assert found["start"] == "2026-11-25T00:00:00+00:00"
        assert all(s.day in (25, 26) for s in starts(found))

    def test_before_an_event_of_mine(self, home: Path) -> None:
        found = answer(home, "before the design review")
        assert datetime.fromisoformat(found["end"]) == datetime.fromisoformat("2026-11-24T14:00:00+00:00")

    def test_the_picture(self, home: Path, tmp_path: Path) -> None:
        file = tmp_path / "picture.svg"
        shown = run(home, "--with", MARTA, "Tuesday", "--grid", "--svg", str(file)).stdout
        assert "Marta Figueiredo (zone?)" in shown
        assert "? not known" in shown
        assert file.read_text("utf-8").startswith("<svg")


class TestConflict:
    def test_what_stands_in_the_way_and_what_would_help(self, home: Path) -> None:
        result = run(home, "--with", "Priya", "next week, mornings", code=2)
        assert "only in the morning" in " ".join(result.stdout.split())
        assert "the working hours of Priya Raman" in result.stdout
        assert "What would help" in result.stdout
        found = answer(home, "--with", "Priya", "next week, mornings", code=2)
        assert (found["status"], found["slots"]) == ("unclear", [])
        assert found["conflict"]["blockers"]
        assert found["conflict"]["nearest"]


class TestMistakes:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--with", "Zorro"], "I know nobody called 'Zorro'."),
            (["--with", "Sam"], "Which Sam do you mean: Sam "),
            (["next week with the dragon"], "“dragon” is no time that can be read"),
            (["before the coronation meeting"], "Nothing called “coronation meeting” is in your calendar"),
            (["--room", "Attic"], "There is no room 'Attic'. There are: Workbench, Hall."),
            (["--from", "nonsense"], "--from 'nonsense' is no time"),
            (["--from", "2026-11-25", "--until", "2026-11-24"], "no time in it"),
            (["--minutes", "-5"], "takes 1 to 1440 minutes"),
            (["--minutes", "60", "--longest", "30"], "the longest is not shorter"),
            (["--limit", "0"], "Between 1 and 50"),
            (["--until", "2035-01-01"], "at most two years"),
        ],
    )
    def test_are_sentences(self, home: Path, words: list[str], said: str) -> None:
        assert said in run(home, *words, code=2).stderr

    def test_no_room_is_set(self, office: Office) -> None:
        assert "No room is set." in run(office.home, "--room", "any", code=2).stderr


@pytest.fixture
def serving(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home that another process-like owner holds, with its door open."""
    monkeypatch.delenv("DESKHAND_NOW", raising=False)
    with Desk.open(Home(home), now=NOW.isoformat(), door=True):
        yield home


def test_through_the_door_of_the_one_who_owns_the_home(serving: Path) -> None:
    result = RUNNER.invoke(app, ["slots", "--with", "Priya", "next week", "--json", "--home", str(serving)])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["slots"]
