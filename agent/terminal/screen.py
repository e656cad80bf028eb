"""What all commands share: their options, reaching the home, printing, and mistakes as sentences."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from deskhand.agent.owner import Refusal
from deskhand.agent.terminal import show
from deskhand.agent.terminal.show import Screen
from deskhand.config.errors import ConfigError

CODES = {
    "done": 0,
    "failed": 1,
    "cancelled": 1,
    "unclear": 2,
    "waiting": 3,
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
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it is decided elsewhere.")]


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
    method: str, arguments: dict[str, Any], *, yes: bool, wait: bool, home: str, as_json: bool, now: str,
    events: bool = False,
) -> None:  # fmt: skip
    """Begin a run, ask at the terminal where somebody sits there, and tell what became of it."""
    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        approve = prompter(screen) if desk.app and not yes and interactive(screen) else None
        given = arguments | {"yes": yes} | ({"approve": approve} if approve else {})
        answer = drive(screen, desk, method, given, events=events)
        if wait and answer["status"] == "waiting":
            answer = wait_for(screen, desk, answer)
        show_answer(screen, answer, show.run)
        raise typer.Exit(CODES[answer["status"]])


def drive(
    screen: Screen, desk: Any, method: str, arguments: dict[str, Any], *, events: bool
) -> Any:  # fmt: skip
    """Call what drives runs, and tell meanwhile what they are at."""
    from deskhand.agent.terminal.live import watching

    with watching(screen, events=events) as watch:
        return desk.call(method, arguments, watch={"watch": watch} if watch else None)


def decide(
    ids: list[str],
    verdict: str,
    changes: dict[str, Any],
    reason: str,
    home: str,
    as_json: bool,
    now: str,
    *,
    choice: int = 0,
    events: bool = False,
) -> None:
    """Decide approvals, one after the other, and tell what became of each run."""
    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        answers: list[dict[str, Any]] = []
        try:
            for id_ in ids:
                if choice:
                    verdict, changes = "edit", _offered(desk, id_, choice)
                given = {"approval": id_, "verdict": verdict, "changes": changes, "reason": reason}
                answers.append(drive(screen, desk, "decide", given, events=events))
        finally:
            # What was decided before a refusal did happen, and is told.
            for answer in answers if not screen.json else ():
                show.run(screen, answer)
        show_answer(screen, answers[0] if len(answers) == 1 else {"runs": answers})
        # A no that was carried out is no failure of the command.
        raise typer.Exit(0 if verdict == "reject" else max(CODES[a["status"]] for a in answers))


def _offered(desk: Any, approval: str, choice: int) -> dict[str, Any]:
    asked = {a["approval"]: a for a in desk.call("approvals", {})["approvals"]}
    offered: list[dict[str, Any]] = asked[approval]["alternatives"] if approval in asked else []
    if not 1 <= choice <= len(offered):
        raise Refusal(f"{approval} has {len(offered) or 'no'} alternatives.")
    return offered[choice - 1]


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
        show.card(screen, approval)
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
                return {"verdict": "reject", "reason": input("Why (may be empty): ").strip()}
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
    except KeyboardInterrupt:
        refuse(screen, "Stopped. What was done so far is kept; run the command again to go on.", 130)


def refuse(screen: Screen, message: str, code: int) -> NoReturn:
    from deskhand.agent.render import clean

    if screen.json:
        print(json.dumps({"error": {"message": message, "code": code}}))
    print(clean(message), file=sys.stderr)
    raise typer.Exit(code)


def show_answer(
    screen: Screen, answer: dict[str, Any], after: Callable[[Screen, Any], None] | None = None
) -> None:
    if screen.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2).encode("utf-8", "replace").decode())
    elif after is not None:
        after(screen, answer)


def reach_desk(home: str, now: str, *, door: bool) -> Any:
    from deskhand.agent.desk import Desk

    return Desk.open(home_of(home), now=now, door=door)


def home_of(home: str) -> Any:
    from deskhand.config.paths import Home as Place
    from deskhand.config.paths import home as folder

    return Place(folder(home or None, os.environ))


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


def write_file(path: Path, text: str) -> None:
    try:
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}.", 1) from None
