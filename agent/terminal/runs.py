"""The commands `deskhand runs` and `deskhand runs cancel`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deskhand.agent.terminal import show
from deskhand.agent.terminal.screen import (
    CODES,
    Events,
    Home,
    Json,
    Now,
    do,
    drive,
    reach_desk,
    show_answer,
    told,
)

runs = typer.Typer(invoke_without_command=True, help="List what was asked, newest first; stop a run.")


@runs.callback()
def list_runs(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """List what was asked, newest first."""
    if context.invoked_subcommand is None:
        do("runs", {"limit": limit}, home, as_json, now, show.runs)
    else:
        context.obj = (home, as_json, now)


@runs.command("cancel")
def cancel(
    context: typer.Context,
    run: Annotated[list[str], typer.Argument(help="Which ones: r1 r2 ...")],
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Stop a run: nothing more of it is begun; what was done stays done."""
    before = context.obj or ("", False, "")
    home, as_json, now = home or before[0], as_json or before[1], now or before[2]
    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        answers: list[dict[str, Any]] = []
        try:
            answers.extend(drive(screen, desk, "run.cancel", {"run": one}, events=events) for one in run)
        finally:
            for answer in answers if not screen.json else ():
                show.run(screen, answer)
        show_answer(screen, answers[0] if len(answers) == 1 else {"runs": answers})
        # One that came to its end before it could be stopped ended as it says.
        raise typer.Exit(max(CODES[a["status"]] if a["status"] != "cancelled" else 0 for a in answers))
