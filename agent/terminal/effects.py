"""The commands `deskhand effects`, and `effects settle`, `look` and `again`."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from deskhand.agent.errors import Refusal
from deskhand.agent.terminal import show
from deskhand.agent.terminal.output import Screen, short
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
from deskhand.agent.terminal.show_effects import back


class Listing(TyperGroup):
    """`deskhand effects r1` lists; the other commands are named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        first = next((a for a in args if not a.startswith("-")), "")
        asks = {"--help"} & {*args} and not first
        return super().parse_args(ctx, args if first in self.commands or asks else ["list", *args])


effects = typer.Typer(
    cls=Listing, no_args_is_help=False, help="What was done, what was not, and what nobody knows yet."
)
Effect = Annotated[str, typer.Argument(metavar="EFFECT", help="The first characters of its id.")]


@effects.command("list")
def list_(
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="Only of this run.")] = "",
    state: Annotated[
        list[str] | None, typer.Option(help="Only in this state: held, done, unknown, failed ...")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """List what was done, the newest first.

    What, where, how it stands, and whether it can be taken back.
    """
    do("effects", {"run": run, "states": state or [], "limit": limit}, home, as_json, now, _listed)


@effects.command()
def settle(
    effect: Effect,
    happened: Annotated[
        bool | None, typer.Option("--happened/--did-not", help="What you found when you looked.")
    ] = None,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Say what became of a write of which nobody knows."""

    def after(screen: Screen, answer: Any) -> None:
        screen.line(answer["answer"])
        if answer["state"] == "failed":
            screen.line(f"Do it again, after a new yes: deskhand effects again {answer['short']}")

    with told(as_json):
        if happened is None:
            raise Refusal("Say what you found: --happened, or --did-not.")
    do("effects.settle", {"effect": effect, "happened": happened}, home, as_json, now, after)


@effects.command()
def look(effect: Effect, home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Ask the source once more whether a write is there."""
    do(
        "effects.look", {"effect": effect}, home, as_json, now,
        lambda screen, answer: screen.line(answer["answer"]),
    )  # fmt: skip


@effects.command()
def again(
    effect: Effect, events: Events = False, home: Home = "", as_json: Json = False, now: Now = ""
) -> None:
    """Do once more what was not done: you are asked first."""
    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        answer = drive(screen, desk, "effects.again", {"effect": effect}, events=events)
        show_answer(screen, answer, show.run)
        raise typer.Exit(CODES[answer["status"]])


def _listed(screen: Screen, answer: Any) -> None:
    for e in answer["effects"]:
        style = {"unknown": "yellow", "held": "yellow", "failed": "dim", "withdrawn": "dim"}.get(
            e["state"], ""
        )
        screen.row(f"{e['short']}  {screen.time(e['at'])}  {e['run']:<5} {e['state_words']}", style, hang=10)
        screen.row(short(e["what"], 100), indent=10)
        if e["back"] and e["state"] in ("held", "done"):
            screen.row(back(e), "dim", indent=10)
    if not answer["effects"]:
        screen.line("Nothing was done yet.")
    if answer["more"]:
        screen.line("There are more: --limit says how many are shown.", "dim")
    if any(e["state"] == "unknown" for e in answer["effects"]):
        screen.line("Of what is not known, see what there is to go by: deskhand approvals", "yellow")
