"""`deskhand times`: what it says, its JSON, and that it needs and makes no home."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deskhand.agent.terminal.cli import app

RUNNER = CliRunner()
NOW = "2026-11-19T10:30"


def times(text: str, home: Path, *words: str, code: int = 0) -> Result:
    result = RUNNER.invoke(app, ["times", text, "--home", str(home), "--now", NOW, *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def readings(text: str, home: Path, *words: str) -> list[dict[str, Any]]:
    answer: dict[str, Any] = json.loads(times(text, home, "--json", *words).stdout)
    return list(answer["readings"])


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_it_says_what_was_read_and_what_it_means(nowhere: Path) -> None:
    said = times("Could we meet next Friday at 5?", nowhere, "--zone", "Europe/Lisbon").stdout.splitlines()
    assert said[:3] == ["“next Friday at 5”", "    Fri 27 Nov, 17:00", "    or Fri 27 Nov, 05:00"]
    assert said[-1] == "Times are those of Europe/Lisbon."


def test_it_says_problems(nowhere: Path) -> None:
    said = times("28 March 2027 at 01:30", nowhere, "--zone", "Europe/Lisbon").stdout
    assert "01:30 does not exist in Europe/Lisbon on Sunday 28 March 2027" in said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("not Monday", "not Mon 23 Nov"),
        ("an hour before my flight", "1 hour before “flight” (the calendar says when that is)"),
        ("three working days after the audit", "3 working days after “audit” (the calendar says"),
        ("the day of the launch", "the day of “launch” (the calendar says when that is)"),
        ("right after lunch with Bo", "right after “lunch with Bo” (the calendar says when that is)"),
        ("between the review and the demo", "between “review” and “demo” (the calendar says when that is)"),
        ("before my 3pm", "before “3pm”: until Thu 19 Nov, 15:00"),
        ("90 minutes", "1 hour 30 minutes"),
        (
            "weekdays at 9 except Fridays or holidays",
            "every weekday at 09:00, first on Mon 23 Nov, 09:00; except every Friday; except on public",
        ),
        (
            "every Tuesday except in December",
            "every Tuesday, first on Tue 24 Nov; except in December",
        ),
        (
            "weekdays at 9 except holidays",
            "every weekday at 09:00, first on Fri 20 Nov, 09:00; except on public holidays",
        ),
    ],
)  # fmt: skip
def test_a_line_for_each_kind(nowhere: Path, text: str, line: str) -> None:
    said = times(text, nowhere, "--zone", "Europe/Lisbon").stdout.splitlines()[1].strip()
    assert said.startswith(line)


def test_no_time_is_an_answer(nowhere: Path) -> None:
    assert times("version 3.10", nowhere).stdout == "No time is read there.\n"
    assert readings("version 3.10", nowhere) == []


def test_json_is_as_documented(nowhere: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "json.md").read_text("utf-8")
    (one,) = readings("weekdays at 8 except next Friday and holidays", nowhere, "--zone", "Europe/Lisbon")
    section = page.partition("## reading")[2]
    assert all(f'"{key}"' in section for key in one)
    assert one["rrule"] == "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    assert one["start"] == "2026-11-20T08:00:00+00:00"
    assert one["not_holidays"]
    assert [left["start"] for left in one["excludes"]] == ["2026-11-27T00:00:00+00:00"]
    (anchored,) = readings("before the board meeting", nowhere)
    assert all(f'"{key}"' in section for key in anchored["anchor"])
    assert (anchored["anchor"]["words"], anchored["anchor"]["span"]) == ("board meeting", [11, 24])


def test_zone_and_locale_are_as_said(nowhere: Path) -> None:
    (lisbon,) = readings("3/4/27", nowhere, "--zone", "Europe/Lisbon")
    (boston,) = readings("3/4/27", nowhere, "--zone", "America/New_York", "--locale", "en_US")
    assert (lisbon["start"], boston["start"]) == ("2027-04-03T00:00:00+01:00", "2027-03-04T00:00:00-05:00")


def test_a_home_says_zone_locale_and_hours(nowhere: Path) -> None:
    assert RUNNER.invoke(app, ["init", "--zone", "Asia/Tokyo", "--home", str(nowhere)]).exit_code == 0
    settings = nowhere / "config.toml"
    written = settings.read_text("utf-8")
    settings.write_text(
        written.replace("[person]", '[person]\nlocale = "en_US"\nhours = "20:00-23:00"'), "utf-8"
    )
    answer = json.loads(times("tomorrow at 8", nowhere, "--json").stdout)
    assert (answer["zone"], answer["locale"]) == ("Asia/Tokyo", "en_US")
    assert answer["readings"][0]["start"] == "2026-11-20T20:00:00+09:00"


def test_it_makes_no_home(nowhere: Path) -> None:
    times("tomorrow", nowhere)
    assert not nowhere.exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Say the words to read"),
        ("  \n ", "Say the words to read"),
        ("noon " * 200_000, "The text has 1,000,000 characters; 100,000 are read at once."),
        ("noon\x1b[31m", "The text has control characters"),
        ("noon\x00", "The text has control characters"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(nowhere: Path, text: str, sentence: str) -> None:
    result = times(text, nowhere, "--json", code=2)
    assert result.stderr.startswith(sentence)
    assert json.loads(result.stdout)["error"]["code"] == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--zone", "Mars/Olympus"], "There is no time zone 'Mars/Olympus'"),
        (["--zone", "../../etc/passwd"], "There is no time zone"),
        (["--now", "soon"], "--now 'soon' is no time"),
    ],
)
def test_wrong_options_are_told_in_a_sentence(nowhere: Path, words: list[str], sentence: str) -> None:
    assert times("noon", nowhere, *words, code=2).stderr.startswith(sentence)


def test_a_schedule_with_exceptions_says_and_keeps_them(nowhere: Path, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    home = ["--home", str(nowhere), "--now", f"{NOW}+00:00"]
    me = ["--zone", "Europe/Lisbon", "--email", "me@example.org"]
    assert RUNNER.invoke(app, ["init", *me, *home]).exit_code == 0
    assert RUNNER.invoke(app, ["add", "files", str(tmp_path / "notes"), *home]).exit_code == 0
    wish = "every weekday at 8 except Fridays send me a digest"
    result = RUNNER.invoke(app, ["schedule", "add", wish, *home])
    assert result.exit_code == 0, result.output
    listed = json.loads(RUNNER.invoke(app, ["schedule", "list", "--json", *home]).stdout)
    (schedule,) = listed["schedules"]
    assert [at[:10] for at in schedule["next"][:2]] == ["2026-11-23", "2026-11-24"], "no Friday 20 November"
