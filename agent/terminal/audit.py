"""The commands `deskhand audit`, `audit verify` and `audit export`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from deskhand.agent.errors import Refusal
from deskhand.agent.records.chain import short
from deskhand.agent.terminal.output import Screen
from deskhand.agent.terminal.screen import (
    Home,
    Json,
    Now,
    before,
    do,
    home_of,
    reach_desk,
    show_answer,
    told,
    write_file,
)

audit = typer.Typer(
    invoke_without_command=True, help="What was planned, asked, decided and done, line by line."
)

_ALTERED = {"altered": "was altered, past Deskhand"}

_SAID = {
    "run": {"asked": "was asked for", "cancelled": "was stopped"},
    "plan": {"made": "has a plan"},
    "amends": {"made": "takes its own writes back"},
    "approval": {"pending": "was asked"}
    | {s: f"was {s}" for s in ("approved", "rejected", "used", "withdrawn")},
    "effect": {"undone": "was taken back"},
    "schedule": {"active": "is active"}
    | {s: f"was {s}" for s in ("made", "changed", "paused", "resumed", "removed")},
    "choice": {"learnt": "was learnt", "removed": "was forgotten"},
}
"""What happened to a subject, where the state alone does not say it."""


@audit.callback()
def list_lines(
    context: typer.Context,
    run: Annotated[str, typer.Option(help="Only of this run.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """List what was planned, asked, decided and done, the newest last."""
    if context.invoked_subcommand is None:
        do("audit.lines", {"run": run, "last": limit}, home, as_json, now, partial(_lines, run=run))
    else:
        context.obj = (home, as_json, now)


@audit.command("verify")
def verify(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="An exported chain; else that of the home.")] = "",
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Check the chain, and the records it tells of.

    No line is cut or changed, and each run, question and write is what its last line tells of.
    """
    home, as_json, now = before(context, home, as_json, now)
    with told(as_json, home) as screen:
        answer = _of_file(Path(file), home, now, screen) if file else _of_home(home, now)
        show_answer(screen, answer, _verified)
        raise typer.Exit(0 if answer["whole"] else 1)


@audit.command("export")
def export(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="Where to; else standard output.")] = "",
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Write the chain as lines of JSON.

    `deskhand audit verify FILE` checks them anywhere.
    """
    from deskhand.agent.desk.audits import exported

    home, as_json, now = before(context, home, as_json, now)
    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        lines = exported(lambda **given: desk.call("audit.lines", given))
        if not file:
            for line in lines:
                sys.stdout.write(line)
            raise typer.Exit
        # An export may have been kept to compare with; and its last line says where it ends.
        count = write_file(Path(file), lines, private=True, over=False) - 1
        if not screen.json:
            screen.line(f"Wrote {count:,} lines to {file}. Check them anywhere: deskhand audit verify {file}")
        show_answer(screen, {"file": file, "lines": count})


def _of_home(home: str, now: str) -> Any:
    with reach_desk(home, now, door=True) as desk:
        return desk.call("audit.verify", {})


def _of_file(path: Path, home: str, now: str, screen: Screen) -> Any:
    """A file needs no home; where there is one, its own chain is read along."""
    from deskhand.agent.desk.audits import shape, verified

    there = (home_of(home).root / "runs.db").exists()
    opened: Any = reach_desk(home, now, door=True) if there else nullcontext()
    with opened as desk:
        ask = (lambda **given: desk.call("audit.lines", given)) if there else None
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                return shape(verified(file, zone=ZoneInfo(screen.zone), ask=ask))
        except OSError as error:
            raise Refusal(f"{path} cannot be read: {error.strerror}.") from None


def _lines(screen: Screen, answer: Any, *, run: str) -> None:
    lines = answer["lines"]
    for line in lines:
        said = f"{line['what']} {short(line['what'], line['subject'])}".strip()
        said += f" ({about})" if (about := answer["about"].get(line["subject"])) else ""
        state = line["state"].removeprefix("found ")
        how = _SAID.get(line["what"], {}).get(state, _ALTERED.get(state, state))
        found = " (before the chain began)" if line["state"].startswith("found ") else ""
        of = f"  {line['run']}" if line["run"] not in ("", line["subject"]) else ""
        screen.line(f"{line['n']:>7,}  {screen.time(line['at'])}  {said} {how}{found}{of}")
    if not lines:
        screen.line("No line tells of that." if run else "Nothing was asked for yet.")
    elif lines[0]["n"] > 1 and not run:
        screen.line(f"{lines[0]['n'] - 1:,} earlier lines: --limit, or deskhand audit export", "dim")


def _verified(screen: Screen, answer: Any) -> None:
    for fault in answer["faults"]:
        screen.line(fault["said"])
    if answer["more"]:
        screen.line(f"And {answer['more']:,} more like these.")
    for note in answer["notes"]:
        screen.line(note, "dim")
    lines = f"{answer['lines']:,} line{'' if answer['lines'] == 1 else 's'}"
    since = f", since {screen.time(answer['since'])}" if answer["since"] else ""
    if answer["whole"]:
        screen.line(f"The audit chain is whole: {lines}{since}.")
    else:
        screen.line(f"The audit chain is broken: {lines}{since}. Nothing of it was mended.", "bold")
