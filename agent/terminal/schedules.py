"""The commands `deskhand schedule ...`."""

from __future__ import annotations

from typing import Annotated

import typer

from deskhand.agent.terminal import show
from deskhand.agent.terminal.screen import Events, Home, Json, Now, do

schedule = typer.Typer(no_args_is_help=True, help="Requests that are run again and again.")


@schedule.command("add")
def schedule_add(
    words: Annotated[list[str], typer.Argument(help='"every weekday at 8:00 send me a digest"')],
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Add a schedule, in words."""
    do("ask", {"text": " ".join(words)}, home, as_json, now, show.run, events=events)


@schedule.command("list")
def schedule_list(home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """List the schedules with their next times."""
    do("schedule.list", {}, home, as_json, now, show.schedules)


@schedule.command("run")
def schedule_run(
    name: str, events: Events = False, home: Home = "", as_json: Json = False, now: Now = ""
) -> None:
    """Run a schedule's request now."""
    do("schedule.run", {"name": name}, home, as_json, now, show.run, events=events)


@schedule.command("pause")
def schedule_pause(
    name: str, events: Events = False, home: Home = "", as_json: Json = False, now: Now = ""
) -> None:
    """Let a schedule's times pass unused."""
    do("schedule.change", {"verb": "pause", "name": name}, home, as_json, now, show.run, events=events)


@schedule.command("resume")
def schedule_resume(
    name: str, events: Events = False, home: Home = "", as_json: Json = False, now: Now = ""
) -> None:
    """Go on with a paused schedule."""
    do("schedule.change", {"verb": "resume", "name": name}, home, as_json, now, show.run, events=events)


@schedule.command("remove")
def schedule_remove(
    name: str, events: Events = False, home: Home = "", as_json: Json = False, now: Now = ""
) -> None:
    """Remove a schedule; its history stays."""
    do("schedule.change", {"verb": "remove", "name": name}, home, as_json, now, show.run, events=events)


@schedule.command("history")
def schedule_history(
    name: str, limit: int = 20, home: Home = "", as_json: Json = False, now: Now = ""
) -> None:
    """Show what became of a schedule's times."""
    do("schedule.history", {"name": name, "limit": limit}, home, as_json, now, show.history)
