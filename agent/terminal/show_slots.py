"""How proposed times look in a terminal: the time, everybody's local one, and what speaks for it."""

from __future__ import annotations

from datetime import datetime
from textwrap import wrap
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.agent.terminal.output import Screen
from deskhand.agent.terminal.show import Answer, notes
from deskhand.agent.wording.writes import day, span

WIDTH = 96
"""Columns of running text."""


def openings(screen: Screen, answer: Answer) -> None:
    """Ranked times with their reasons, or what stands in the way and what would help."""
    zone, others = answer["zone"], answer["people"][1:]
    start, end = (datetime.fromisoformat(answer[k]) for k in ("start", "end"))
    longest = f" to {answer['longest']}" if answer["longest"] > answer["minutes"] else ""
    screen.heading(f"{answer['minutes']}{longest} minutes{_with(others)}")
    screen.line(f"{_window(start, end, zone)}; times are yours ({zone})", "dim")
    screen.line()
    for n, slot in enumerate(answer["slots"], 1):
        _slot(screen, f"{n}. ", slot, answer)
    if conflict := answer["conflict"]:
        for line in wrap(conflict["message"], WIDTH):
            screen.line(line)
        if conflict["nearest"]:
            screen.line()
            screen.heading("What would help")
        for slot in conflict["nearest"]:
            _slot(screen, "  - ", slot, answer)
    if (more := answer["possible"] - len(answer["slots"])) > 0 and answer["slots"]:
        screen.line(f"{more:,} more {'start is' if more == 1 else 'starts are'} possible.", "dim")
    if answer["grid"]:
        screen.line()
    for line in answer["grid"] or ():
        screen.line(line)
    if answer["notes"]:
        screen.line()
    notes(screen, answer["notes"])
    if answer["slots"]:
        screen.line()
        screen.line(f'Book it with: deskhand ask "{_booking(answer)}"', "dim")


def _slot(screen: Screen, lead: str, slot: Answer, answer: Answer) -> None:
    zone = answer["zone"]
    start, end = (datetime.fromisoformat(slot[k]) for k in ("start", "end"))
    room = f", in {slot['room']}" if slot["room"] else ""
    screen.line(f"{lead}{span(start, end, zone=zone, now=start)}{room}", "bold")
    indent = " " * len(lead)
    for line in wrap(slot["why"], WIDTH, initial_indent=indent, subsequent_indent=indent):
        screen.line(line)


def _with(others: list[Any]) -> str:
    needed = [p["name"] for p in others if p["required"]]
    optional = [p["name"] for p in others if not p["required"]]
    said = f" with {', '.join(needed)}" if needed else ""
    return said + (f"; {', '.join(optional)} if possible" if optional else "")


def _window(start: datetime, end: datetime, zone: str) -> str:
    tz = ZoneInfo(zone)
    a, b = start.astimezone(tz), end.astimezone(tz)
    if (b.hour, b.minute) != (0, 0) and a.date() != b.date():
        return f"{day(a, now=a)}, {a:%H:%M} to {day(b, now=a)}, {b:%H:%M}"
    midnight = a.replace(hour=0, minute=0, second=0, microsecond=0)
    return span(midnight if (b.hour, b.minute) == (0, 0) else a, b, zone=zone, now=a)


def _booking(answer: Answer) -> str:
    start = datetime.fromisoformat(answer["slots"][0]["start"])
    needed = [p["address"] for p in answer["people"][1:] if p["required"]]
    people = f" with {' and '.join(needed)}" if needed else ""
    return f"book {answer['minutes']} minutes{people} on {start:%Y-%m-%d} at {start:%H:%M}"
