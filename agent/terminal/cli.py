"""The command line: parses, calls, prints. What a command does is in `desk`, how it looks in `show`.

Exit codes: 0 done; 1 a source, the disk or the run failed; 2 the request or the command is wrong;
3 waiting for a decision; 4 done in part; 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from deskhand.agent.owner import Refusal
from deskhand.agent.terminal import show
from deskhand.agent.terminal.budget import budget
from deskhand.agent.terminal.plans import run, show_plan
from deskhand.agent.terminal.runs import runs
from deskhand.agent.terminal.schedules import schedule
from deskhand.agent.terminal.screen import (
    CODES,
    Events,
    Home,
    Json,
    Now,
    Wait,
    Yes,
    carry_out,
    decide,
    do,
    drive,
    home_of,
    one_of,
    pair,
    reach_desk,
    show_answer,
    system_zone,
    told,
    value_of,
    write_file,
)
from deskhand.agent.terminal.show import Screen
from deskhand.agent.terminal.slots import slots
from deskhand.agent.terminal.state import people, state
from deskhand.agent.terminal.times import times

app = typer.Typer(
    name="deskhand", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="A productivity assistant one can trust: it asks before anything leaves the house.",
)  # fmt: skip


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

    with told(as_json) as screen:
        place = home_of(home).prepare()
        set_person(
            place.config_file,
            name=name,
            email=email,
            zone=zone or (None if place.config_file.exists() else system_zone()),
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
                    "Say your address, so that your mail is known: deskhand init --email you@example.org"
                )
            screen.line("Next: deskhand add maildir ~/Mail (or: ics ~/calendar.ics, files ~/Documents)")
        show_answer(screen, answer)


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help="files, ics, maildir or mbox.")],
    place: Annotated[str, typer.Argument(help="Where it is: a folder or a file.")],
    alias: Annotated[str, typer.Option("--as", metavar="ALIAS", help="What to call it.")] = "",
    option: Annotated[
        list[str] | None, typer.Option("--option", "-o", metavar="NAME=VALUE", help="An option of this kind.")
    ] = None,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Connect a source."""

    def after(screen: Screen, answer: Any) -> None:
        screen.line(
            f"Connected {answer['kind']} {answer['place']} as {answer['source']}. Next: deskhand sync"
        )

    with told(as_json):
        options = dict(pair(o) for o in option or ())
    do("add", {"kind": kind, "place": place, "alias": alias, "options": options}, home, as_json, now, after)


@app.command()
def remove(alias: str, home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Disconnect a source. Nothing at the source is touched; its versions stay in the archive."""

    def after(screen: Screen, answer: Any) -> None:
        screen.line(f"Disconnected {answer['source']}; {answer['removed']} items are no longer searched.")

    do("remove", {"alias": alias}, home, as_json, now, after)


@app.command()
def sources(home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Show the sources and what could not be read."""
    do("sources", {}, home, as_json, now, show.sources)


@app.command()
def sync(
    source: Annotated[list[str] | None, typer.Argument(help="Which ones; all by default.")] = None,
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Bring the archive and the index up to date."""
    from deskhand.agent.terminal.live import written

    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        with screen.progress() as bars:
            watch = {**bars, "watch": written} if events else bars
            answer = desk.call("sync", {"sources": source or []}, watch=watch)
        show_answer(screen, answer, show.synced)
        if any(s["error"] or s["failed"] for s in answer["sources"]):
            raise typer.Exit(1)


@app.command()
def search(
    query: Annotated[
        list[str] | None, typer.Argument(help='What to look for; "quoted words" stand together.')
    ] = None,
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
    with told(as_json):
        for k in kind or ():
            one_of("kind", k, ["document", "message", "event", "attachment"])
    filters: dict[str, Any] = {
        "sources": source or [], "kinds": kind or [], "person": person, "since": since or None,
        "until": until or None, "thread": thread, "folder": folder, "version": version, "history": history,
        "limit": limit,
    }  # fmt: skip
    do("search", {"query": " ".join(query or ()), **filters}, home, as_json, now, show.hits)


@app.command()
def ask(
    request: Annotated[list[str] | None, typer.Argument(help="What you want, in words.")] = None,
    yes: Yes = False,
    wait: Wait = False,
    plan: Annotated[bool, typer.Option("--plan", help="Show the plan; nothing of it is done.")] = False,
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Ask for anything: an answer, a meeting, a mail."""
    text = " ".join(request or ())
    if plan:
        do("plan", {"text": text}, home, as_json, now, show_plan)
    else:
        given = {"text": text}
        carry_out("ask", given, yes=yes, wait=wait, events=events, home=home, as_json=as_json, now=now)


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

    do("approvals", {"state": "" if all_ else "pending"}, home, as_json, now, after)


@app.command()
def approve(
    approval: Annotated[list[str], typer.Argument(help="Which ones: a1 a2 ...")],
    choice: Annotated[int, typer.Option("--instead", help="Take this alternative of the card.")] = 0,
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Approve: it is done, exactly as it was shown."""
    decide(approval, "approve", {}, "", home, as_json, now, choice=choice, events=events)


@app.command()
def reject(
    approval: Annotated[list[str], typer.Argument(help="Which ones: a1 a2 ...")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Reject: it is not done."""
    decide(approval, "reject", {}, reason, home, as_json, now, events=events)


@app.command()
def edit(
    approval: str,
    change: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="Arguments to change.")],
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Change arguments and approve what you made of it."""
    with told(as_json):
        changes = dict(value_of(c) for c in change)
    decide([approval], "edit", changes, "", home, as_json, now, events=events)


@app.command(name="show")
def show_(
    what: Annotated[str, typer.Argument(metavar="RUN|ITEM", help="A run (r1), or an item's ref.")],
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Show a run, or an item with its versions."""
    do("show", {"what": what}, home, as_json, now, show.whole)


@app.command()
def undo(
    what: Annotated[str, typer.Argument(metavar="RUN|EFFECT")], yes: Yes = False,
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Take back what a run or one effect did."""
    do("undo", {"what": what, "yes": yes}, home, as_json, now, show.run, events=events)


@app.command()
def digest(
    to: Annotated[
        str, typer.Option(help="terminal, mail (to yourself), file (in the home), or a path.")
    ] = "terminal",
    form: Annotated[str, typer.Option("--format", help="text, markdown or html.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what earlier digests told.")] = False,
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Your day on one page; nothing is told twice.

    Today's events with their context, threads that wait for you, changed documents, decisions needed.
    """
    path = Path(to) if to not in ("terminal", "mail", "file") else None
    by_name = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html"}
    form = form or (by_name.get(path.suffix.lower(), "text") if path else "text")
    with told(as_json):
        one_of("format", form, ["text", "markdown", "html"])

    def after(screen: Screen, answer: Any) -> None:
        if path is None:
            show.run(screen, answer)
        else:
            screen.line(f"Wrote the digest to {path}.")

    with told(as_json, home) as screen:
        if path is not None and not (path.suffix and path.parent.is_dir()):
            raise Refusal(
                f"A digest goes to terminal, mail, file, or a path like digest.md in a folder that exists; "
                f"not to {to!r}."
            )
        with reach_desk(home, now, door=True) as desk:
            given = {"to": to if path is None else "terminal", "form": form, "everything": everything}
            answer = drive(screen, desk, "digest", given, events=events)
        if path is not None:
            write_file(path, answer["answer"])
        show_answer(screen, answer, after)
        raise typer.Exit(CODES[answer["status"]])


@app.command()
def doctor(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make the index anew from the archive.")] = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Check this home, and mend its index."""
    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        with screen.progress() as bars:
            watch = {"progress": bars["embedding"]} if bars and rebuild and desk.app else None
            answer = desk.call("doctor", {"rebuild": rebuild}, watch=watch)
        show_answer(screen, answer, show.doctor)
        raise typer.Exit(1 if answer["problems"] else 0)


@app.command()
def serve(home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Stay: run schedules, keep the sources fresh.

    Other commands reach the home through it meanwhile.
    """
    from deskhand.agent.serve import serve as stay

    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        if desk.app is None:
            raise Refusal("Another Deskhand serves this home already.", 1)
        stay(desk.app, say=screen.line)


@app.command()
def demo(
    folder: Annotated[str, typer.Option("--keep", metavar="DIR", help="Keep the workspace here.")] = "",
    as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Walk through it all on a sample workspace."""
    from deskhand.agent.demo import walk

    with told(as_json) as screen:
        answer = walk(screen, keep=Path(folder).expanduser() if folder else None, now=now)
        show_answer(screen, answer)


app.add_typer(schedule, name="schedule")
app.add_typer(runs, name="runs")
app.add_typer(state, name="state")
app.command()(people)
app.command(name="slots")(slots)
app.command()(times)
app.command()(run)
app.command()(budget)


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


if __name__ == "__main__":
    main()
