"""How one effect looks, and what only the person can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deskhand.agent.terminal.output import Screen, short

Answer = Mapping[str, Any]


def effect(screen: Screen, answer: Answer) -> None:
    """One row of the ledger: what, how it came to stand as it does, what was read back."""
    screen.heading(f"{answer['short']}: {answer['what']}")
    screen.line(f"{answer['state_words']}, of {answer['run']}, id {answer['effect']}", "dim")
    if answer["back"]:
        screen.line(f"{back(answer)}.", "dim")
    screen.line()
    for turn in answer["history"]:
        by = f" by {turn['by']}" if turn["by"] else ""
        screen.line(f"  {screen.time(turn['at'])}  {turn['state']}{by}  {turn['said']}".rstrip())
    if receipt := answer["receipt"]:
        screen.line()
        screen.heading("Read back")
        screen.line(f"  {receipt['ref']}, version {receipt['version'] or '(gone)'}")
        for name, value in receipt["detail"].items():
            if value:
                screen.line(f"  {name}: {short(str(value), 200)}")
    unknown(screen, [answer] if answer["evidence"] else [])


def back(effect: Answer) -> str:
    """Whether an effect can be taken back: `R2, can be taken back; others will hear of it`."""
    said = str(effect["back"])
    can = "cannot" if said.startswith("no") else "can"
    return f"{effect['undo']}, {can} be taken back{said.removeprefix('no').removeprefix('yes')}"


def unknown(screen: Screen, answers: Sequence[Answer]) -> None:
    """What only the person can tell, with what there is to go by."""
    for e in answers:
        screen.line()
        screen.line(f"Did this happen? {e['what']}", "yellow")
        for line in e["evidence"]:
            screen.line(f"    {line}")
