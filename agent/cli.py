"""The command line: parses, calls, prints. What a command does is in `desk`, how it looks in `show`.

Exit codes: 0 done; 1 a source, the disk or the run failed; 2 the request or the command is wrong;
3 waiting for a decision; 4 done in part; 130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from deskhand.agent import show
from deskhand.agent.owner import Refusal
from deskhand.agent.show import Screen
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

app = typer.Typer(
    name="deskhand", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="A productivity assistant one can trust: it asks before anything leaves the house.",
)  # fmt: skip
schedule = typer.Typer(no_args_is_help=True, help="Requests that are run again and again.")
app.add_typer(schedule, name="schedule")

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


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"deskhand {version('deskhand')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def init(
    name: Annotated[str | None, typer.Option(help="Your name.")] = None,
    email: Annotated[str | None, typer.Option(help="Your mail address.")] = None,
    zone: Annotated[str | None, typer.Option(help="Your time zone, like Europe/Lisbon.")] = None,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Make the home and say who you are."""
    from deskhand.config.edit import set_person
    from deskhand.config.settings import load

    with _told(as_json) as screen:
        place = _home(home).prepare()
        set_person(
            place.config_file,
            name=name,
            email=email,
            zone=zone or (None if place.config_file.exists() else _system_zone()),
        )
        person = load(place.config_file, environ=os.environ).person
        answer = {
            "home": str(place.root),
            "person": {"name": person.name, "email": person.email, "zone": person.zone},
        }
        if not screen.json:
            who = " ".join(x for x in (person.name, f"<{person.email}>" if person.email else "") if x)
            screen.line(f"Your home is {place.root}. You are {who or 'not named yet'}, in {person.zone}.")
            if not person.email:
                screen.line(
                    "Say your address, so that Deskhand knows which mail is yours: deskhand init --email you@example.org"
                )
            screen.line(
                "Next: deskhand add maildir ~/Mail, deskhand add ics ~/calendar.ics, deskhand add files ~/Documents"
            )
        _print(screen, answer)


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help="files, ics, maildir or mbox.")],
    place: Annotated[str, typer.Argument(help="Where it is: a folder or a file.")],
    alias: Annotated[str, typer.Option("--as", metavar="ALIAS", help="What to call it.")] = "",
    option: Annotated[list[str] | None, typer.Option("--option", "-o", metavar="NAME=VALUE", help="An option of this kind; may be repeated.")] = None,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Connect a source."""

    def after(screen: Screen, answer: Any) -> None:
        screen.line(
            f"Connected {answer['kind']} {answer['place']} as {answer['source']}. Next: deskhand sync"
        )

    options = dict(_pair(o) for o in option or ())
    _do("add", {"kind": kind, "place": place, "alias": alias, "options": options}, home, as_json, now, after)


@app.command()
def remove(alias: str, home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Disconnect a source. Nothing at the source is touched; its versions stay in the archive."""

    def after(screen: Screen, answer: Any) -> None:
        screen.line(f"Disconnected {answer['source']}; {answer['removed']} items are no longer searched.")

    _do("remove", {"alias": alias}, home, as_json, now, after)


@app.command()
def sources(home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Show the sources and what could not be read."""
    _do("sources", {}, home, as_json, now, show.sources)


@app.command()
def sync(
    source: Annotated[list[str] | None, typer.Argument(help="Which ones; all by default.")] = None,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Bring the archive and the index up to date."""
    with _told(as_json, home) as screen, _desk(home, now, door=True) as desk:
        with screen.progress() as bars:
            answer = desk.call("sync", {"sources": source or []}, watch=bars if desk.app else None)
        _print(screen, answer, show.synced)
        if any(s["error"] or s["failed"] for s in answer["sources"]):
            raise typer.Exit(1)


@app.command()
def search(
    query: Annotated[list[str] | None, typer.Argument(help='What to look for. "Quoted words" must stand together.')] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only in this source.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="document, message, event or attachment.")] = None,
    person: Annotated[str, typer.Option(help="Somebody who takes part: an address or part of a name.")] = "",
    since: Annotated[str, typer.Option(help="Not older than this.")] = "",
    until: Annotated[str, typer.Option(help="Older than this.")] = "",
    thread: Annotated[str, typer.Option(help="Only in this thread.")] = "",
    folder: Annotated[str, typer.Option(help="Only in this folder and those in it.")] = "",
    version: Annotated[str, typer.Option(help="Exactly this version.")] = "",
    history: Annotated[bool, typer.Option("--history", help="Search older versions too.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 10,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Search everything by words and by meaning."""
    for k in kind or ():
        _one_of("kind", k, ["document", "message", "event", "attachment"])
    filters: dict[str, Any] = {
        "sources": source or [], "kinds": kind or [], "person": person, "since": since or None,
        "until": until or None, "thread": thread, "folder": folder, "version": version, "history": history,
        "limit": limit,
    }  # fmt: skip
    _do("search", {"query": " ".join(query or ()), **filters}, home, as_json, now, show.hits)


@app.command()
def ask(
    request: Annotated[list[str] | None, typer.Argument(help="What you want, in words.")] = None,
    yes: Yes = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is decided elsewhere and finished.")] = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Ask for anything: an answer, a meeting, a mail."""
    with _told(as_json, home) as screen, _desk(home, now, door=True) as desk:
        approve = _prompter(screen) if desk.app and not yes and _interactive(screen) else None
        arguments: dict[str, Any] = {"text": " ".join(request or ()), "yes": yes}
        answer = desk.call("ask", arguments | ({"approve": approve} if approve else {}))
        if wait and answer["status"] == "waiting":
            answer = _wait(screen, desk, answer)
        _print(screen, answer, show.run)
        raise typer.Exit(CODES[answer["status"]])


@app.command()
def approvals(
    all_: Annotated[bool, typer.Option("--all", help="Decided ones too.")] = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Show what waits for your decision."""

    def after(screen: Screen, answer: Any) -> None:
        for a in answer["approvals"]:
            if a["state"] == "pending":
                show.card(screen, a)
            else:
                screen.line(f"{a['approval']} {a['state']}: {a['summary']}")
        if not answer["approvals"]:
            screen.line("Nothing waits for a decision.")

    _do("approvals", {"state": "" if all_ else "pending"}, home, as_json, now, after)


@app.command()
def approve(
    approval: Annotated[list[str], typer.Argument(help="Which ones: a1 a2 ...")],
    choice: Annotated[int, typer.Option("--instead", help="Take this alternative of the card.")] = 0,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Approve: it is done, exactly as it was shown."""
    _decide(approval, "approve", {}, "", home, as_json, now, choice=choice)


@app.command()
def reject(
    approval: Annotated[list[str], typer.Argument(help="Which ones: a1 a2 ...")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Reject: it is not done."""
    _decide(approval, "reject", {}, reason, home, as_json, now)


@app.command()
def edit(
    approval: str,
    change: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="Arguments to change, as NAME=VALUE.")],
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Change arguments and approve what you made of it."""
    _decide([approval], "edit", dict(_value(c) for c in change), "", home, as_json, now)


@app.command()
def runs(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """List what was asked, newest first."""
    _do("runs", {"limit": limit}, home, as_json, now, show.runs, resume=True)


@app.command(name="show")
def show_(
    what: Annotated[str, typer.Argument(metavar="RUN|ITEM", help="A run (r1), or an item's ref from a search.")],
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Show a run, or an item with its versions."""
    _do("show", {"what": what}, home, as_json, now, show.whole, resume=True)


@app.command()
def undo(
    what: Annotated[str, typer.Argument(metavar="RUN|EFFECT")], yes: Yes = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Take back what a run or one effect did."""
    _do("undo", {"what": what, "yes": yes}, home, as_json, now, show.run)


@app.command()
def digest(
    to: Annotated[str, typer.Option(help="terminal, mail (to yourself), file (in the home), or a path to write.")] = "terminal",
    form: Annotated[str, typer.Option("--format", help="text, markdown or html.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what earlier digests told.")] = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Your day on one page; nothing is told twice.

    Today's events with their context, threads that wait for you, changed documents, decisions needed.
    """
    path = Path(to) if to not in ("terminal", "mail", "file") else None
    by_name = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html"}
    form = form or (by_name.get(path.suffix.lower(), "text") if path else "text")
    _one_of("format", form, ["text", "markdown", "html"])

    def after(screen: Screen, answer: Any) -> None:
        if path is None:
            show.run(screen, answer)
        else:
            screen.line(f"Wrote the digest to {path}.")

    with _told(as_json, home) as screen:
        if path is not None and not (path.suffix and path.parent.is_dir()):
            raise Refusal(
                f"A digest goes to terminal, mail, file or a path like digest.md in a folder that exists, not to {to!r}."
            )
        with _desk(home, now, door=True) as desk:
            answer = desk.call(
                "digest", {"to": to if path is None else "terminal", "form": form, "everything": everything}
            )
        if path is not None:
            _write(path, answer["answer"])
        _print(screen, answer, after)
        raise typer.Exit(CODES[answer["status"]])


@schedule.command("add")
def schedule_add(
    words: Annotated[list[str], typer.Argument(help='When and what: "every weekday at 8:00 send me a digest".')],
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Add a schedule, in words."""
    _do("ask", {"text": " ".join(words)}, home, as_json, now, show.run)


@schedule.command("list")
def schedule_list(home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """List the schedules with their next times."""
    _do("schedule.list", {}, home, as_json, now, show.schedules)


@schedule.command("run")
def schedule_run(name: str, home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Run a schedule's request now."""
    _do("schedule.run", {"name": name}, home, as_json, now, show.run)


@schedule.command("pause")
def schedule_pause(name: str, home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Let a schedule's times pass unused."""
    _do("schedule.change", {"verb": "pause", "name": name}, home, as_json, now, show.run)


@schedule.command("resume")
def schedule_resume(name: str, home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Go on with a paused schedule."""
    _do("schedule.change", {"verb": "resume", "name": name}, home, as_json, now, show.run)


@schedule.command("remove")
def schedule_remove(name: str, home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Remove a schedule; its history stays."""
    _do("schedule.change", {"verb": "remove", "name": name}, home, as_json, now, show.run)


@schedule.command("history")
def schedule_history(
    name: str, limit: int = 20, home: Home = "", as_json: Json = False, now: Now = ""
) -> None:
    """Show what became of a schedule's times."""
    _do("schedule.history", {"name": name, "limit": limit}, home, as_json, now, show.history)


@app.command()
def doctor(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make the index anew from the archive.")] = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Check this home, and mend its index."""
    with _told(as_json, home) as screen, _desk(home, now, door=True) as desk:
        with screen.progress() as bars:
            watch = {"progress": bars["embedding"]} if "embedding" in bars and rebuild and desk.app else None
            if watch:
                bar = watch["progress"]
                watch = {"progress": lambda done, of: bar(done, of)}
            answer = desk.call("doctor", {"rebuild": rebuild}, watch=watch)
        _print(screen, answer, show.doctor)
        raise typer.Exit(1 if answer["problems"] else 0)


@app.command()
def serve(home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Stay: run schedules, keep the sources fresh.

    Other commands reach the home through it meanwhile.
    """
    from deskhand.agent.serve import serve as stay

    with _told(as_json, home) as screen, _desk(home, now, door=True) as desk:
        if desk.app is None:
            raise Refusal("Another Deskhand serves this home already.", 1)
        stay(desk.app, say=screen.line)


@app.command()
def demo(
    folder: Annotated[str, typer.Option("--keep", metavar="DIR", help="Keep the sample workspace here.")] = "",
    as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Walk through it all on a sample workspace."""
    from deskhand.agent.demo import walk

    with _told(as_json) as screen:
        answer = walk(screen, keep=Path(folder).expanduser() if folder else None, now=now)
        _print(screen, answer)


def main() -> NoReturn:
    """The entry point of the command `deskhand`."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)  # before or after the command itself
    except BrokenPipeError:
        # Whoever read us has read enough (| head).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(0)


# What all commands share


def _do(
    method: str, arguments: dict[str, Any], home: str, as_json: bool, now: str,
    after: Callable[[Screen, Any], None], *, resume: bool = False,
) -> None:  # fmt: skip
    with _told(as_json, home) as screen, _desk(home, now, door=method not in ("search", "sources")) as desk:
        if resume and desk.app:
            for run in desk.app.resume():
                desk.app.runs_room.wait(run)
        answer = desk.call(method, arguments)
        _print(screen, answer, after)
        if "status" in answer:
            raise typer.Exit(CODES[answer["status"]])


def _decide(
    ids: list[str],
    verdict: str,
    changes: dict[str, Any],
    reason: str,
    home: str,
    as_json: bool,
    now: str,
    *,
    choice: int = 0,
) -> None:
    with _told(as_json, home) as screen, _desk(home, now, door=True) as desk:
        answers: list[dict[str, Any]] = []
        try:
            for id_ in ids:
                if choice:
                    verdict, changes = "edit", _offered(desk, id_, choice)
                given = {"approval": id_, "verdict": verdict, "changes": changes, "reason": reason}
                answers.append(desk.call("decide", given))
        finally:
            # What was decided before a refusal did happen, and is told.
            for answer in answers if not screen.json else ():
                show.run(screen, answer)
        _print(screen, answers[0] if len(answers) == 1 else {"runs": answers})
        raise typer.Exit(max(CODES[a["status"]] for a in answers))


def _offered(desk: Any, approval: str, choice: int) -> dict[str, Any]:
    asked = {a["approval"]: a for a in desk.call("approvals", {})["approvals"]}
    offered: list[dict[str, Any]] = asked[approval]["alternatives"] if approval in asked else []
    if not 1 <= choice <= len(offered):
        raise Refusal(f"{approval} has {len(offered) or 'no'} alternatives.")
    return offered[choice - 1]


def _prompter(screen: Screen) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Asks at the terminal; "later" leaves the question open and ends the command."""

    def decide(approval: dict[str, Any]) -> dict[str, Any]:
        screen.line()
        show.card(screen, approval)
        offers = approval["alternatives"]
        extra = f", 1-{len(offers)} for an alternative" if offers else ""
        while True:
            said = input(f"Do it? [y]es, [n]o, [l]ater{extra}: ").strip().lower()
            if said in ("y", "yes"):
                return {"verdict": "approve"}
            if said in ("n", "no"):
                return {"verdict": "reject", "reason": input("Why (may be empty): ").strip()}
            if said.isdigit() and 1 <= int(said) <= len(offers):
                return {"verdict": "edit", "changes": offers[int(said) - 1]}
            if said in ("l", "later", ""):
                screen.line(f"It waits. Decide any time: deskhand approve {approval['approval']}")
                raise typer.Exit(3)

    return decide


def _wait(screen: Screen, desk: Any, answer: dict[str, Any]) -> dict[str, Any]:
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
def _told(as_json: bool, home: str = "") -> Iterator[Screen]:
    """A screen; and every mistake as a sentence with its exit code, never a stack trace."""
    screen = Screen(json=as_json)
    try:
        screen.zone = _zone_of(home)
        yield screen
    except Refusal as refusal:
        _refuse(screen, str(refusal), refusal.code)
    except ConfigError as error:
        _refuse(screen, str(error), 2)
    except EOFError:
        _refuse(screen, "No decision was given; it waits.", 3)
    except KeyboardInterrupt:
        _refuse(screen, "Stopped. What was done so far is kept; run the command again to go on.", 130)


def _refuse(screen: Screen, message: str, code: int) -> NoReturn:
    from deskhand.agent.render import clean

    if screen.json:
        print(json.dumps({"error": {"message": message, "code": code}}))
    print(clean(message), file=sys.stderr)
    raise typer.Exit(code)


def _print(
    screen: Screen, answer: dict[str, Any], after: Callable[[Screen, Any], None] | None = None
) -> None:
    if screen.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2).encode("utf-8", "replace").decode())
    elif after is not None:
        after(screen, answer)


def _desk(home: str, now: str, *, door: bool) -> Any:
    from deskhand.agent.desk import Desk

    return Desk.open(_home(home), now=now, door=door)


def _home(home: str) -> Any:
    from deskhand.config.paths import Home as Place
    from deskhand.config.paths import home as folder

    return Place(folder(home or None, os.environ))


def _zone_of(home: str) -> str:
    from deskhand.config.settings import load

    try:
        return load(_home(home).config_file, environ=os.environ).person.zone
    except ConfigError:
        return "UTC"


def _system_zone() -> str | None:
    try:
        link = os.readlink("/etc/localtime")
    except OSError:
        return None
    zone = link.partition("zoneinfo/")[2]
    return zone if zone and zone not in ("Etc/UTC", "UCT") else "UTC"


def _interactive(screen: Screen) -> bool:
    return screen.fancy and sys.stdin.isatty()


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        print(f"{text!r} is no option; write it as NAME=VALUE.", file=sys.stderr)
        raise typer.Exit(2)
    return name.strip().replace("-", "_"), value


def _value(text: str) -> tuple[str, Any]:
    """NAME=VALUE, where the value may be JSON (a list of attendees) or plain text."""
    name, value = _pair(text)
    if value[:1] in "[{":
        try:
            return name, json.loads(value)
        except ValueError:
            pass
    return name, value


def _one_of(what: str, word: str, known: list[str]) -> None:
    from deskhand.config.errors import nearest

    if word not in known:
        print(
            f"There is no {what} {word!r}{nearest(word, known)}; known: {', '.join(known)}.", file=sys.stderr
        )
        raise typer.Exit(2)


def _write(path: Path, text: str) -> None:
    try:
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}.", 1) from None


if __name__ == "__main__":
    main()
