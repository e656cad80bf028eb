"""The command `deskhand budget`."""

from __future__ import annotations

from typing import Any

from deskhand.agent.terminal.amounts import table
from deskhand.agent.terminal.output import Screen
from deskhand.agent.terminal.screen import Home, Json, Now, do
from deskhand.agent.terminal.show import notes


def budget(home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Show what may be spent, and what was spent today."""
    do("budget", {}, home, as_json, now, _told)


def _told(screen: Screen, answer: Any) -> None:
    screen.heading(f"Today, {answer['day']}")
    for row in table(answer["today"], answer["currency"]):
        screen.line(row)
    for name, rows in answer["schedules"].items():
        screen.heading(f"Schedule {name}, today")
        for row in table(rows, answer["currency"]):
            screen.line(row)
    screen.heading("Each run at most")
    for row in table(answer["run"], answer["currency"]):
        screen.line(row)
    notes(screen, answer["notes"])
