"""A card as a person reads it: who gets what, whose words they are, at any width and without colours."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from conftest import NOW, Office
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from deskhand.agent.terminal.cards import card, laid_out
from deskhand.agent.terminal.cli import app
from deskhand.agent.terminal.output import Screen

ROW = {
    "name": "body",
    "value": "",
    "origin": "from a mail",
    "trust": "untrusted",
    "spans": [],
    "warnings": [],
}
CARD = {
    "approval": "a1", "kind": "write", "summary": "Send it", "reason": "mail cannot be taken back",
    "undo": "R3", "alternatives": [], "expires": "2026-11-29T08:00:00+00:00",
}  # fmt: skip


def asks(home: Path, *words: str) -> str:
    result = CliRunner().invoke(app, ["ask", *words, "--home", str(home), "--now", NOW.isoformat()])
    assert result.exit_code == 3, result.output
    return result.stdout


def test_a_stranger_sees_at_once_who_gets_what_and_which_words_are_not_his(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = asks(office.home, "reply to the mail about updated bank details: which account?")
    shown = text[text.index("── Approve a1?") :].splitlines()
    assert shown[1:15] == [
        "Send “Re: Updated bank details for order 2291 - action required” to",
        "settlement@quick-office.example.net, from mail",
        "",
        "to           ‹settlement@quick-office.example.net›",
        "             (from a mail by Blaha Optik Accounts",
        "             <accounts@blaha-optik-billing.example.net>, Thu 19 Nov, “Updated",
        "             bank details for order 2291 - action required”)",
        "             ! The mail came from accounts@blaha-optik-billing.example.net, but",
        "               asks for answers to settlement@quick-office.example.net.",
        "             ! “blaha-optik-billing.example.net” could be taken for",
        "               blaha-optik.example.com.",
        "             ! New to you: you never wrote to or invited",
        "               settlement@quick-office.example.net.",
        "subject      ‹Re: Updated bank details for order 2291 - action required›",
    ]
    at = shown.index("body         Which account?")
    end = shown.index("             (in part your own words; the rest from a mail by Blaha Optik")
    quoted = shown[at + 1 : end]
    assert any("NOTE TO AI ASSISTANTS" in line for line in quoted)
    assert all(line.startswith("             ┃") for line in quoted)
    assert "┃ and ‹ ›: these words are not yours." in shown
    assert "Afterwards: once it has gone out it cannot be taken back." in shown
    assert "If nothing is decided: nothing happens. It waits until Sun 29 Nov, 08:00; after" in shown
    assert max(map(len, shown[:-2])) <= 80


@pytest.mark.parametrize("colours", [True, False])
def test_a_terminal_marks_foreign_words_with_and_without_colours(
    colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    if not colours:
        monkeypatch.setenv("NO_COLOR", "1")
    said = "Pay me.\n[link=https://evil.example]here[/link] \x1b]8;;https://evil.example\x07x"
    row = ROW | {"value": said, "spans": [{"start": 0, "end": len(said), "kind": "foreign"}]}
    screen, out = Screen(), StringIO()
    screen.fancy = True
    screen._console = Console(file=out, force_terminal=True, color_system="standard", width=60)
    card(screen, CARD | {"shown": [row | {"warnings": ["New to you."]}]})
    text = out.getvalue()
    assert ("\x1b[33m" in text) is colours
    assert "\x1b]8" not in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert [line[2:-2].rstrip() for line in plain.splitlines()[3:7]] == [
        "body         ┃ Pay me.",
        "             ┃ [link=https://evil.example]here[/link] x",
        "             (from a mail)",
        "             ! New to you.",
    ]
    assert {len(line) for line in plain.splitlines()} == {60}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.integers(40, 110))
def test_no_line_takes_more_columns_than_there_are(text: str, width: int) -> None:
    row = ROW | {"value": text, "spans": [{"start": 0, "end": len(text), "kind": "foreign"}] if text else []}
    made = laid_out(Screen(), CARD | {"shown": [row]}, width=width)
    assert all(cell_len(before + words) <= width for before, words, _ in made.lines)


def test_a_card_of_an_earlier_deskhand_is_still_shown() -> None:
    old = {"name": "start", "value": "2026-11-24T11:00:00+00:00", "origin": "you wrote", "trust": "user"}
    lines = [b + t for b, t, _ in laid_out(Screen(), CARD | {"shown": [old]}, width=80).lines]
    assert "start        Tue 24 Nov 2026 11:00  (you wrote)" in lines
    assert "Afterwards: once it has gone out it cannot be taken back." in lines
    assert "If nothing is decided: nothing happens; you are asked again after Sun 29 Nov" in lines


def test_a_long_card_says_at_its_end_once_more_what_it_asks() -> None:
    value = "\n".join(f"line {n}" for n in range(60))
    row = ROW | {"value": value, "spans": [{"start": 0, "end": len(value), "kind": "foreign"}]}
    lines = [b + t for b, t, _ in laid_out(Screen(), CARD | {"shown": [row]}, width=80).lines]
    assert lines[-1] == "So: Send it"


def test_a_quoted_mail_of_two_megabytes_is_shown_by_its_ends_and_the_persons_words_whole() -> None:
    mine, theirs = "Fine with me.\n" * 2000, "> and so on, and so on\n" * 90_000
    span = {"start": len(mine), "end": len(mine) + len(theirs), "kind": "foreign"}
    row = ROW | {"value": mine + theirs, "spans": [span]}
    lines = [f"{b}{t}" for b, t, _ in laid_out(Screen(), CARD | {"shown": [row]}, width=80).lines]
    assert sum("Fine with me." in line for line in lines) == 2000
    assert sum(map(len, lines)) < 100_000
    (left,) = [n for n, line in enumerate(lines) if "[2,058,000 more characters of it are not shown" in line]
    assert "┃" not in lines[left]
    assert "┃ >" in lines[left - 1]
    assert "┃ >" in lines[-20]
