"""The commands `deskhand permissions` and `deskhand permissions revoke`, and `approve --always`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from deskhand.agent.errors import Refusal
from deskhand.agent.terminal.output import Screen
from deskhand.agent.terminal.screen import Home, Json, Now, before, do, interactive

permissions = typer.Typer(help="What you always allow; without a command: list it.")


@permissions.callback(invoke_without_command=True)
def list_(
    context: typer.Context,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """List what you always allow: what, from where, until when, how often it was used."""
    if context.invoked_subcommand is None:
        do("permissions", {}, home, as_json, now, _listed)
    else:
        context.obj = (home, as_json, now)


@permissions.command("revoke")
def revoke(
    context: typer.Context,
    permission: Annotated[str, typer.Argument(help="Which one: p1.")],
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Take a permission back: from now on it is asked again."""
    home, as_json, now = before(context, home, as_json, now)

    def after(screen: Screen, answer: Any) -> None:
        screen.line(f"{answer['permission']} is revoked; it is asked again from now on.")

    do("permissions.revoke", {"permission": permission}, home, as_json, now, after)


def granting(
    screen: Screen, desk: Any, approval: str, always: Mapping[str, Any], *, yes: bool, from_: str
) -> None:
    """Show what a yes for always would grant, and have it confirmed. :raises Refusal: it is not."""
    if from_ not in ("", "this-schedule"):
        raise Refusal("--from is this-schedule; a permission is for the schedule that asks, and no other.")
    would = desk.call("permission.propose", {"approval": approval, "always": dict(always)})
    if from_ and not would["schedule"]:
        raise Refusal(
            f"{approval} was not asked by a schedule; leave out --from, then it is for your own requests."
        )
    said = f"{would['says']}, until {screen.until(would['until'])}."
    if not screen.json:
        screen.row(f"Always allowed from now on: {said}")
        screen.line("Anything else is asked as before. List: deskhand permissions", "dim")
    if yes:
        return
    if not interactive(screen):
        raise Refusal(f"That would always allow this: {said} Nothing was decided; to grant it, add --yes.")
    if input("Grant it, and approve this one? [y]es, [n]o: ").strip().lower() not in ("y", "yes"):
        raise Refusal("Nothing was decided; it waits.", 3)


def _listed(screen: Screen, answer: Any) -> None:
    for p in answer["permissions"]:
        holds = p["state"] == "holds"
        screen.row(f"{p['permission']}  {p['says']}", "bold" if holds else "dim", hang=4)
        ends = f"until {screen.until(p['until'])}"
        if not holds:
            why = {"void": "the policy has changed since", "over": ends}
            ends = {"revoked": f"revoked {screen.time(p['revoked'] or '')}"}.get(
                p["state"], f"holds no more: {why.get(p['state'], '')}"
            )
        times = {0: "not used yet", 1: "used once"}.get(p["used"], f"used {p['used']} times")
        last = f", last on {screen.time(p['last'])} by {p['last_run']}" if p["last"] else ""
        granted = f"granted with {p['approval']} on {screen.time(p['granted'])}"
        screen.row(f"{ends}; {times}{last}; {granted}", "dim", indent=4)
        if holds:
            screen.row(f"take it back: deskhand permissions revoke {p['permission']}", "dim", indent=4)
    if not answer["permissions"]:
        screen.row(
            "You always allow nothing yet; what leaves the house is asked about. To grant one with a yes: "
            "deskhand approve a1 --always"
        )
