"""The commands `deskhand approvals`, `approve`, `reject` and `edit`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from deskhand.agent.errors import Refusal
from deskhand.agent.terminal import show
from deskhand.agent.terminal.output import Screen
from deskhand.agent.terminal.permissions import granting
from deskhand.agent.terminal.screen import (
    CODES,
    Events,
    Home,
    Json,
    Leave,
    Now,
    do,
    drive,
    interactive,
    reach_desk,
    show_answer,
    told,
    value_of,
)
from deskhand.agent.terminal.show_effects import unknown

Which = Annotated[
    list[str], typer.Argument(metavar="APPROVAL|RUN...", help="a1 a2, or r4: all that it asks.")
]


def approvals(
    all_: Annotated[bool, typer.Option("--all", help="Decided ones too.")] = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Show what waits for your decision."""

    def after(screen: Screen, answer: Any) -> None:
        pending = [a for a in answer["approvals"] if a["state"] == "pending"]
        for a in answer["approvals"]:
            if a["state"] != "pending":
                screen.line(f"{a['approval']} {a['state']}: {a['summary']}")
        show.questions(screen, pending)
        unknown(screen, answer["unknown"])
        if not answer["approvals"] and not answer["unknown"]:
            screen.line("Nothing waits for a decision.")
        show.left(screen, answer)

    do("approvals", {"state": "" if all_ else "pending"}, home, as_json, now, after)


def approve(
    which: Annotated[
        list[str] | None,
        typer.Argument(metavar="APPROVAL|RUN...", help="Which ones: a1 a2, or r4 for all that it asks."),
    ] = None,
    choice: Annotated[int, typer.Option("--instead", help="Take this alternative of the card.")] = 0,
    all_: Annotated[bool, typer.Option("--all", help="All that waits; it is listed first.")] = False,
    always: Annotated[
        bool, typer.Option("--always", help="And the like of it from now on; what that is is shown first.")
    ] = False,
    until: Annotated[str, typer.Option(metavar="DATE", help="With --always: until when (90 days).")] = "",
    per_day: Annotated[int, typer.Option(help="With --always: how often a day at the most.")] = 5,
    to: Annotated[str, typer.Option(metavar="GROUP", help="With --always: for all of this group.")] = "",
    from_: Annotated[
        str, typer.Option("--from", metavar="this-schedule", help="With --always: only from this schedule.")
    ] = "",
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="With --all or --always: without asking again.")
    ] = False,
    leave: Leave = False,
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Approve: it is done, exactly as it was shown."""
    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        if all_ and which:
            raise Refusal("Say which ones, or --all; not both.")
        names = _all_of(screen, desk, yes=yes) if all_ else which or []
        if not names:
            raise Refusal("Say which ones: deskhand approve a1 a2. What waits: deskhand approvals")
        if always:
            if all_ or len(names) != 1 or choice:
                raise Refusal(
                    "--always is for one approval, as its card shows it: deskhand approve a1 --always"
                )
            how = {"until": until, "per_day": per_day, "to": to}
            granting(screen, desk, names[0], how, yes=yes, from_=from_)
            given = {"approval": names[0], "verdict": "approve", "always": how, "held": False}
            answer = drive(screen, desk, "decide", given, events=events, leave=leave)
            show_answer(screen, answer, _granted)
            raise typer.Exit(CODES[answer["status"]])
        if until or to or from_:
            raise Refusal("--until, --to and --from say how something is always allowed: add --always.")
        said = {
            name: {"verdict": "edit", "changes": _offered(desk, name, choice), "seen": True}
            if choice
            else {"verdict": "approve"}
            for name in names
        }
        _decide(screen, desk, said, single=not all_ and len(names) == 1, events=events, leave=leave)


def reject(
    which: Which,
    reason: Annotated[
        str, typer.Option(help="Why, or what instead: “not Friday”, “make it 45 minutes”.")
    ] = "",
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Reject: it is not done."""
    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        said = {name: {"verdict": "reject", "reason": reason} for name in which}
        _decide(screen, desk, said, single=len(which) == 1, events=events, leave=False)


def edit(
    approval: str,
    change: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="Arguments to change.")],
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Also where there is something to warn of the new values.")
    ] = False,
    leave: Leave = False,
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Change arguments and approve what you made of it."""
    with told(as_json, home) as screen:
        changes = dict(value_of(c) for c in change)
        with reach_desk(home, now, door=True) as desk:
            said = {approval: {"verdict": "edit", "changes": changes, "seen": yes}}
            _decide(screen, desk, said, single=True, events=events, leave=leave)


def _granted(screen: Screen, answer: Any) -> None:
    show.run(screen, answer)
    if answer["granted"]:
        name = answer["granted"]["permission"]
        screen.line(f"Granted as {name}. Take it back with: deskhand permissions revoke {name}")


def _decide(
    screen: Screen,
    desk: Any,
    said: Mapping[str, Mapping[str, Any]],
    *,
    single: bool,
    events: bool,
    leave: bool = False,
) -> None:
    """Take decisions in one go, and tell what became of each run."""
    given = {"decisions": said, "held": False}
    answers = drive(screen, desk, "decide.all", given, events=events, leave=True)["runs"]
    try:
        for n, answer in enumerate(answers if not leave else ()):
            # All are decided before the first of them is waited for.
            answers[n] = drive(screen, desk, "run", {"run": answer["run"]}, events=events)
    finally:
        # What was decided did happen, and is told.
        for answer in answers if not screen.json else ():
            show.run(screen, answer)
    # What was said with a no was taken up in runs of their own.
    anew = [desk.call("run", {"run": a["anew"]}) for a in answers if a["anew"]]
    for again in anew if not screen.json else ():
        screen.line()
        show.run(screen, again)
    show_answer(screen, answers[0] if single and len(answers) == 1 else {"runs": answers})
    codes = {CODES[a["status"]] for a in answers}
    if all(d["verdict"] == "reject" for d in said.values()):
        # A no that was carried out is no failure of the command; what is asked by it waits all the same.
        codes = {0} | (codes | {CODES[a["status"]] for a in anew}) & {CODES["waiting"]}
    raise typer.Exit(max(codes))


def _all_of(screen: Screen, desk: Any, *, yes: bool) -> Sequence[str]:
    """All that waits, once it was listed and said yes to."""
    pending = desk.call("approvals", {})["approvals"]
    if not pending:
        raise Refusal("Nothing waits for a decision.")
    if not screen.json:
        show.questions(screen, pending)
    if not yes:
        if not interactive(screen):
            raise Refusal(
                f"That would approve {', '.join(a['approval'] for a in pending)}. Nothing was done; "
                "to do it: deskhand approve --all --yes"
            )
        what = "it" if len(pending) == 1 else f"all {len(pending)}"
        if input(f"Approve {what}? [y]es, [n]o: ").strip().lower() not in ("y", "yes"):
            raise Refusal("Nothing was decided; it waits.", 3)
    return [a["approval"] for a in pending]


def _offered(desk: Any, approval: str, choice: int) -> dict[str, Any]:
    asked = {a["approval"]: a for a in desk.call("approvals", {})["approvals"]}
    offered: list[dict[str, Any]] = asked[approval]["alternatives"] if approval in asked else []
    if not 1 <= choice <= len(offered):
        raise Refusal(f"{approval} has {len(offered) or 'no'} alternatives.")
    return offered[choice - 1]
