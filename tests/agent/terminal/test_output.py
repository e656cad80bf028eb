"""Rows no wider than the screen, ends of days told as days, and help that is not cut off."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from deskhand.agent.errors import Refusal
from deskhand.agent.terminal import effects, permissions
from deskhand.agent.terminal.cli import app
from deskhand.agent.terminal.columns import width_of
from deskhand.agent.terminal.output import Screen, at_work, waiting
from deskhand.connectors.sync import Progress

LONG = "Send “The figures of the third quarter, once more” to Bo <bo@example.org>, 日本語, from mail " * 2
EFFECT = {
    "short": "2a0ebb3e", "at": "2026-11-22T08:00:00+00:00", "run": "r1", "state": "done", "undo": "R2",
    "state_words": "done, and read back from the source", "what": LONG, "back": "yes; others will hear of it",
}  # fmt: skip
PERMISSION = {
    "permission": "p1", "state": "holds", "says": LONG, "until": "2027-02-01T00:00:00+00:00", "used": 3,
    "last": "2026-11-22T08:00:00+00:00", "last_run": "r2", "approval": "a1", "revoked": None,
    "granted": "2026-11-20T08:00:00+00:00",
}  # fmt: skip


@pytest.mark.parametrize("columns", ["60", "80"])
def test_rows_are_no_wider_than_the_screen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    effects._listed(Screen(), {"effects": [EFFECT], "more": False})
    permissions._listed(Screen(), {"permissions": [PERMISSION]})
    told = capsys.readouterr().out
    assert max(map(width_of, told.splitlines())) <= int(columns)
    assert "日本語" in told
    assert "R2, can be taken back; others will hear of it" in told
    assert told.startswith("2a0ebb3e  Sun 22 Nov 2026 08:00  r1    done, and read"), "no room is given away"


@pytest.mark.parametrize(
    ("zone", "until", "told"),
    [
        ("UTC", "2027-02-01T00:00:00+00:00", "the end of Sun 31 Jan 2027"),
        ("Asia/Tokyo", "2027-01-31T15:00:00+00:00", "the end of Sun 31 Jan 2027"),
        ("UTC", "2027-01-31T15:00:00+00:00", "Sun 31 Jan 2027 15:00"),
    ],
)
def test_the_end_of_a_day_is_told_as_that_day(zone: str, until: str, told: str) -> None:
    assert Screen(zone=zone).until(until) == told


def helps(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    inner = getattr(command, "commands", {})
    return [path, *(p for name, sub in inner.items() for p in helps(sub, (*path, name)))]


@pytest.mark.parametrize("path", helps(typer.main.get_command(app)), ids=" ".join)
def test_no_line_of_help_is_cut_off_or_too_wide(path: tuple[str, ...], monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = CliRunner().invoke(app, [*path, "--help"]).output.splitlines()
    commands = lines[lines.index("Commands:") + 1 :] if "Commands:" in lines else []
    assert [line for line in commands if line.endswith("...")] == []
    assert max(map(len, lines)) <= 80


class TestProgress:
    @pytest.mark.parametrize(
        ("seconds", "said"), [(0.2, "1 s"), (89.5, "90 s"), (91, "2 min"), (5000, "84 min"), (9000, "3 h")]
    )
    def test_the_rest_is_told_as_one_would_say_it(self, seconds: float, said: str) -> None:
        assert at_work(Progress("mail", 1, 9, seconds)) == f"about {said} left"

    def test_who_is_waited_for_is_told_now_and_then_where_there_are_no_bars(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with Screen().progress() as watch:
            for seconds in range(5, 125):
                watch["progress"](Progress("mail", 0, None, waits=seconds + 0.3, where="imap.example.org"))
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.splitlines() == [f"mail: waiting for imap.example.org, {n} s" for n in (20, 60, 120)]

    def test_who_interrupts_it_is_told_what_is_kept(self) -> None:
        def interrupted() -> None:
            with Screen().progress() as watch:
                watch["progress"](Progress("notes", 7, 7))
                watch["progress"](Progress("mail", 400, 5000))
                raise KeyboardInterrupt

        with pytest.raises(Refusal) as refused:
            interrupted()
        assert str(refused.value) == (
            "Stopped while mail was read. What was read so far is kept (mail: 400 of 5,000); deskhand sync "
            "goes on there."
        )
        assert refused.value.code == 130

    def test_who_interrupts_a_silence_is_told_whose_it_was(self) -> None:
        def interrupted() -> None:
            with Screen().progress() as watch:
                watch["progress"](Progress("notes", 7, 7))
                watch["progress"](Progress("mail", 0, None, waits=12.4, where="imap.example.org"))
                raise KeyboardInterrupt

        with pytest.raises(
            Refusal, match=r"while mail was read \(imap.example.org had said nothing for 12 s\)"
        ):
            interrupted()

    def test_a_server_that_is_added_is_waited_for_with_an_end(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for seconds in range(5, 45):
            waiting(Progress("noor@example.org", 0, None, waits=seconds + 0.1, where="localhost", most=60))
        said = [line.split(", ")[1] for line in capsys.readouterr().err.splitlines()]
        assert said == [f"{n} s; given up after 60 s" for n in (5, 20, 40)]
