"""The command `deskhand run`, and how a plan looks at the terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deskhand.agent.errors import Refusal
from deskhand.agent.terminal.screen import Events, Home, Json, Now, Wait, Yes, carry_out, told

if TYPE_CHECKING:
    from deskhand.agent.terminal.output import Screen

LARGEST = 1_000_000
"""Bytes of a plan; what is longer is no plan."""


def run(
    file: Annotated[str, typer.Argument(metavar="PLAN.json", help="A plan, or - for standard input.")],
    yes: Yes = False,
    wait: Wait = None,
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Carry out a plan from a file: `ask --plan --json`, edited."""
    with told(as_json):
        plan = _read(file)
    given = {"plan": plan}
    carry_out("plan.run", given, yes=yes, wait=wait, events=events, home=home, as_json=as_json, now=now)


def show_plan(screen: Screen, answer: dict[str, Any]) -> None:
    """A plan that was not run, as a tree; or why there is none."""
    if answer["plan"] is None:
        screen.line(answer["answer"])
        for choice in answer["choices"]:
            screen.line(f"  - {choice}", "cyan")
        return
    screen.heading(f"Plan: {answer['objective']}")
    sure, unread = answer["sure"], answer["unread"]
    if sure is not None and (sure < 1 or unread):
        words = f", not read: {', '.join(unread)}" if unread else ""
        screen.line(f"Sure: {round(sure * 100)} %{words}.", "dim")
    for line in answer["tree"]:
        screen.line(line)
    screen.line()
    screen.line("Nothing was done. Change it with --json > plan.json, and: deskhand run plan.json", "dim")


def _read(file: str) -> dict[str, Any]:
    try:
        raw = sys.stdin.buffer.read(LARGEST + 1) if file == "-" else _bytes(Path(file))
    except OSError as error:
        raise Refusal(f"{file} cannot be read: {error.strerror or error}.") from None
    file = "Standard input" if file == "-" else file
    if len(raw) > LARGEST:
        raise Refusal(f"{file} is larger than a plan can be ({LARGEST // 1_000_000} MB).")
    try:
        found = json.loads(raw, object_pairs_hook=_table)
    except UnicodeDecodeError:
        raise Refusal(f"{file} is no text in UTF-8.") from None
    except RecursionError:
        raise Refusal(f"{file} is nested too deep for a plan.") from None
    except json.JSONDecodeError as error:
        raise Refusal(f"{file} is no JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except ValueError:  # a number of thousands of digits
        raise Refusal(f"{file} holds a number that is too long for a plan.") from None
    # What `ask --plan --json` prints has the plan inside.
    inner = found.get("plan", found) if isinstance(found, dict) else found
    if not isinstance(inner, dict):
        raise Refusal(f'{file} holds no plan. Make one with: deskhand ask --plan --json "..."')
    return {n: v for n, v in inner.items() if n != "hash"}


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A table whose names are there once: of two, nobody could tell which is meant."""
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Refusal(f"“{twice}” stands twice in one table of the plan; take one of them out.")
    return made


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)
