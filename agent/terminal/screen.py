"""What all commands share: their options, reaching the home, printing, and mistakes as sentences."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from deskhand.agent.clean import clean, to_json
from deskhand.agent.errors import Refusal
from deskhand.agent.terminal import show
from deskhand.agent.terminal.cards import card
from deskhand.agent.terminal.output import Screen, waiting
from deskhand.config.errors import ConfigError

CODES = {
    "done": 0,
    "failed": 1,
    "rejected": 1,
    "cancelled": 1,
    "unclear": 2,
    "waiting": 3,
    "held": 3,
    "partial": 4,
    "running": 0,
    "ready": 0,
}

"""Exit codes by how a run stands."""

Home = Annotated[
    str,
    typer.Option("--home", envvar="DESKHAND_HOME", metavar="DIR", help="The folder everything is kept in."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON in a stable shape (docs/json.md).")]
Now = Annotated[
    str,
    typer.Option(
        "--now", envvar="DESKHAND_NOW", metavar="ISO", help="Set the clock, for runs that can be repeated."
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Approve what the policy would ask; never what it denies.")
]
Events = Annotated[
    bool, typer.Option("--events", help="Write each event of the run to standard error, a line of JSON each.")
]
"""For every command that drives runs: on a terminal, without it, one line says what they are at."""
Wait = Annotated[
    bool | None,
    typer.Option(
        "--wait/--no-wait",
        help="Wait until it is decided elsewhere; or not even until a mail that is held has gone out.",
    ),
]
Leave = Annotated[bool, typer.Option("--no-wait", help="Do not wait until a mail that is held has gone out.")]


def do(
    method: str, arguments: dict[str, Any], home: str, as_json: bool, now: str,
    after: Callable[[Screen, Any], None], *, events: bool | None = None,
) -> None:  # fmt: skip
    """Call a method, show what it answers, and end with its exit code.

    :param events: None for what drives no run; else whether each event is written.
    """
    with (
        told(as_json, home) as screen,
        reach_desk(home, now, door=method not in ("search", "sources")) as desk,
    ):
        answer = (
            desk.call(method, arguments)
            if events is None
            else drive(screen, desk, method, arguments, events=events)
        )
        show_answer(screen, answer, after)
        # To look at what is kept of a run is done once it is shown, however the run ended.
        if "status" in answer and not method.startswith("state."):
            raise typer.Exit(CODES[answer["status"]])


def carry_out(
    method: str, arguments: dict[str, Any], *, yes: bool, wait: bool | None, home: str, as_json: bool,
    now: str, events: bool = False,
) -> None:  # fmt: skip
    """Begin a run, ask at the terminal where somebody sits there, and tell what became of it."""
    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        approve = prompter(screen) if desk.app and not yes and interactive(screen) else None
        given = arguments | {"yes": yes} | ({"approve": approve} if approve else {})
        answer = drive(screen, desk, method, given | {"held": False}, events=events, leave=wait is False)
        if wait and answer["status"] == "waiting":
            answer = wait_for(screen, desk, answer)
        show_answer(screen, answer, show.run)
        raise typer.Exit(CODES[answer["status"]])


def drive(
    screen: Screen, desk: Any, method: str, arguments: dict[str, Any], *, events: bool, leave: bool = False
) -> Any:
    """Call what drives runs, and tell meanwhile what they are at.

    What a run holds is waited for, unless it is to be left; then it goes out with the next such command. One
    that is just going out is waited for too: what became of it is not known before.
    """
    from deskhand.agent.terminal.live import watching

    with watching(screen, events=events) as watch:
        told = {"watch": watch} if watch else None
        answer: dict[str, Any] = desk.call(method, arguments, watch=told)
        while not leave and ((kept := holds(answer)) or answer.get("status") in ("running", "ready")):
            try:
                answer = desk.call("run.wait", {"run": answer["run"]}, watch=told)
            except KeyboardInterrupt:
                if not kept:
                    raise
                raise Refusal(_left_held(screen, answer["run"], kept, desk.app is None), 130) from None
            if not kept and not holds(answer):
                break  # nobody advances it, so waiting once more would be for ever
        return answer


def holds(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What a run holds, the first due first; nothing where it is over."""
    if answer.get("status") not in ("held", "waiting"):
        return []
    kept: list[dict[str, Any]] = [e for e in answer["effects"] if e["state"] == "held"]
    return sorted(kept, key=lambda e: str(e["due"]))


def _left_held(screen: Screen, run: str, kept: list[dict[str, Any]], served: bool) -> str:
    """What becomes of what is held, for whoever waits for it no longer."""
    what = " and ".join(dict.fromkeys(e["said"] for e in kept))
    when = "then" if served else "with the next command that does something, or while deskhand serve runs"
    at = screen.clock(kept[-1]["due"])
    return (
        f"Not sent yet: {what}. It is held until {at}, and goes out {when}. Take it back: deskhand undo {run}"
    )


def prompter(screen: Screen) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Asks at the terminal; "later" leaves the question open and ends the command.

    "all" says yes to every card of a list that stood whole on the card it was said to, and to no other.
    """
    agreed: set[str] = set()

    def decide(approval: dict[str, Any]) -> dict[str, Any]:
        listed = _listed(approval)
        if listed in agreed:
            screen.line(approval["summary"])
            return {"verdict": "approve"}
        screen.line()
        card(screen, approval)
        offers = approval["alternatives"]
        extra = f", 1-{len(offers)} for an alternative" if offers else ""
        extra += ", [a]ll of them" if listed else ""
        while True:
            what = _ASKS.get(approval["arguments"].get("then", ""), "Do it?")
            said = input(f"{what} [y]es, [n]o, [l]ater{extra}: ").strip().lower()
            if said in ("y", "yes"):
                return {"verdict": "approve"}
            if said in ("a", "all") and listed:
                agreed.add(listed)
                return {"verdict": "approve"}
            if said in ("n", "no"):
                return {"verdict": "reject", "reason": input("Why, or what instead (may be empty): ").strip()}
            if said.isdigit() and 1 <= int(said) <= len(offers):
                return {"verdict": "edit", "changes": offers[int(said) - 1]}
            if said in ("l", "later", ""):
                screen.line(f"It waits. Decide any time: deskhand approve {approval['approval']}")
                raise typer.Exit(3)

    return decide


_ASKS = {"try again": "Try it again?", "go on": "Go on without it?"}
"""What a yes means to a question about a step that failed."""


def _listed(approval: dict[str, Any]) -> str:
    """The run and the whole list that a card is one of; "" where it stands alone or the list is cut."""
    note = next((n for n in approval.get("notes", ()) if n.startswith("This is ")), "")
    whole = note.partition(": ")[2]
    return f"{approval['run']} {whole}" if whole and "; and " not in whole else ""


def wait_for(screen: Screen, desk: Any, answer: dict[str, Any]) -> dict[str, Any]:
    """Wait while a person decides elsewhere (another terminal reaches us through the door)."""
    import time

    if not screen.json:
        show.run(screen, answer)
        screen.line("Waiting for the decision ...", "dim")
    while answer["status"] in ("waiting", "running", "ready"):
        time.sleep(0.2)
        answer = desk.call("run", {"run": answer["run"]})
    return answer


@contextmanager
def told(as_json: bool, home: str = "") -> Iterator[Screen]:
    """A screen; and every mistake as a sentence with its exit code, never a stack trace."""
    screen = Screen(json=as_json)
    try:
        screen.zone = _zone_of(home)
        yield screen
    except Refusal as refusal:
        refuse(screen, str(refusal), refusal.code)
    except ConfigError as error:
        refuse(screen, str(error), 2)
    except EOFError:
        refuse(screen, "No decision was given; it waits.", 3)
    except BrokenPipeError:
        unheard()  # whoever read us has read enough (| head)
        raise typer.Exit(0) from None
    except OSError as error:
        unheard()
        refuse(screen, in_the_way(error), 1)
    except KeyboardInterrupt:
        refuse(screen, "Stopped. What was done so far is kept; run the command again to go on.", 130)


def in_the_way(error: OSError) -> str:
    """What is said where the disk, or whoever takes what is printed, refuses."""
    why = error.strerror or error
    if error.filename:
        return f"{error.filename} cannot be read or written: {why}."
    return f"The disk, or where this is printed to, stands in the way: {why}."


def unheard() -> None:
    """Nobody takes what is printed any more: what is still to come goes nowhere, and in silence."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def refuse(screen: Screen, message: str, code: int) -> NoReturn:
    if screen.json:
        print(to_json({"error": {"message": message, "code": code}}))
    print(clean(message).expandtabs(4), file=sys.stderr)
    raise typer.Exit(code)


def show_answer(
    screen: Screen, answer: dict[str, Any], after: Callable[[Screen, Any], None] | None = None
) -> None:
    if screen.json:
        print(to_json(answer, indent=2))
    elif after is not None:
        after(screen, answer)


def reach_desk(home: str, now: str, *, door: bool) -> Any:
    from deskhand.agent.desk.desk import Desk

    desk = Desk.open(home_of(home), now=now, door=door)
    desk.tell = remind
    if desk.app is not None:
        desk.app.progress = waiting
    return desk


def remind(text: str) -> None:
    """Say beside the answer that something waits; never in it, for programs read that."""
    from deskhand.agent.clean import clean

    print(clean(text), file=sys.stderr)


def home_of(home: str) -> Any:
    from deskhand.config.paths import Home as Place
    from deskhand.config.paths import home as folder

    return Place(folder(home or None, os.environ))


def store_of(home: str) -> Any:
    """The secrets of this home; to change them one need not own it."""
    from deskhand.config.vault import Secrets

    return Secrets(os.environ, home_of(home).prepare().root).store


def _zone_of(home: str) -> str:
    from deskhand.config.settings import load

    try:
        return load(home_of(home).config_file, environ=os.environ).person.zone
    except ConfigError:
        return "UTC"


def person_of(home: str) -> Any:
    """The person of this home's settings; of a home that does not exist, None. Makes nothing."""
    from deskhand.config.settings import load

    place = home_of(home)
    return load(place.config_file, environ=os.environ).person if place.config_file.exists() else None


def system_zone() -> str | None:
    try:
        link = os.readlink("/etc/localtime")
    except OSError:
        return None
    zone = link.partition("zoneinfo/")[2]
    return zone if zone and zone not in ("Etc/UTC", "UCT") else "UTC"


def interactive(screen: Screen) -> bool:
    return screen.fancy and sys.stdin.isatty()


def pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise Refusal(f"{text!r} is no option; write it as NAME=VALUE.")
    return name.strip().replace("-", "_"), value


def value_of(text: str) -> tuple[str, Any]:
    """NAME=VALUE, where the value may be JSON (a list of attendees) or plain text."""
    name, value = pair(text)
    if value[:1] in "[{":
        try:
            return name, json.loads(value)
        except ValueError:
            pass
    return name, value


def one_of(what: str, word: str, known: list[str]) -> None:
    from deskhand.config.errors import nearest

    if word not in known:
        raise Refusal(f"There is no {what} {word!r}{nearest(word, known)}; known: {', '.join(known)}.")


def before(context: typer.Context, home: str, as_json: bool, now: str) -> tuple[str, bool, str]:
    """Options that were given in front of a sub-command (`context.obj`) count too."""
    given = context.obj or ("", False, "")
    return home or given[0], as_json or given[1], now or given[2]


def write_file(path: Path, pieces: Iterable[str], *, private: bool = False, over: bool = True) -> int:
    """Write a file, whole or not at all, as its pieces come; how many there were.

    :param private: nobody but its owner can read it. :param over: it may be there already.
    :raises Refusal: it cannot be written, or is there and may not be.
    """
    if not over and path.exists():
        raise Refusal(f"{path} is there already, and is never written over; give another name.")
    beside, count = path.with_name(f".{path.name}.new"), 0
    try:
        made = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o666)
        with os.fdopen(made, "w", encoding="utf-8") as file:
            for piece in pieces:
                file.write(piece)
                count += 1
        beside.replace(path)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}.", 1) from None
    return count
