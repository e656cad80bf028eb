"""Deciding at the terminal: one yes for a list that was shown whole, and for nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from deskhand.agent.terminal.output import Screen
from deskhand.agent.terminal.screen import prompter


def card(n: int, *, run: str = "r1", of: str = "“A”; “B”; “C”") -> dict[str, Any]:
    return {
        "approval": f"a{n}", "run": run, "summary": f"Cancel {n}", "shown": [], "undo": "R1", "reason": "r",
        "arguments": {},
        "notes": [f"This is {n} of 3: {of}."] if of else [], "alternatives": [], "whys": [],
        "expires": "2026-11-29T08:00:00+00:00",
    }  # fmt: skip


def test_all_is_said_once_for_the_whole_list(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["all", "n", ""])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    decide = prompter(Screen())
    assert [decide(card(n))["verdict"] for n in (1, 2, 3)] == ["approve"] * 3
    assert decide(card(4, of="“A”; “D”"))["verdict"] == "reject", "another list is asked about again"


@pytest.mark.parametrize("of", ["", "“A”; and 20 more"])
def test_where_no_whole_list_is_shown_all_is_no_answer(monkeypatch: pytest.MonkeyPatch, of: str) -> None:
    answers = iter(["all", "n", ""])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    assert prompter(Screen())(card(1, of=of))["verdict"] == "reject"


def test_another_run_is_asked_about_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["a", "n", ""])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    decide = prompter(Screen())
    assert decide(card(1))["verdict"] == "approve"
    assert decide(card(1, run="r2"))["verdict"] == "reject"
