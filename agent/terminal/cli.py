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

from deskhand.agent.errors import Refusal
from deskhand.agent.terminal import show
from deskhand.agent.terminal.audit import audit
from deskhand.agent.terminal.budget import budget
from deskhand.agent.terminal.decisions import approvals, approve, edit, reject
from deskhand.agent.terminal.effects import effects
from deskhand.agent.terminal.output import Screen
from deskhand.agent.terminal.permissions import permissions
from deskhand.agent.terminal.plans import run, show_plan
from deskhand.agent.terminal.policy import policy
from deskhand.agent.terminal.runs import runs
from deskhand.agent.terminal.schedules import schedule
from deskhand.agent.terminal.screen import (
    CODES,
    Events,
    Home,
    Json,
    Leave,
    Now,
    Wait,
    Yes,
    carry_out,
    do,
    drive,
    in_the_way,
    one_of,
    reach_desk,
    show_answer,
    told,
    unheard,
    write_file,
)
from deskhand.agent.terminal.secret import secret
from deskhand.agent.terminal.signing import signin
from deskhand.agent.terminal.slots import slots
from deskhand.agent.terminal.sources import add, init, remove, sources, sync
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


app.command()(init)
app.command()(add)
app.command()(signin)
app.command()(remove)
app.command()(sources)
app.command()(sync)


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
    wait: Wait = None,
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


app.command()(approvals)
app.command()(approve)
app.command()(reject)
app.command()(edit)


@app.command(name="show")
def show_(
    what: Annotated[
        str, typer.Argument(metavar="RUN|EFFECT|ITEM", help="A run (r1), an effect, or an item's ref.")
    ],
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Show a run, one effect, or an item with its versions."""
    do("show", {"what": what}, home, as_json, now, show.whole)


@app.command()
def undo(
    what: Annotated[str, typer.Argument(metavar="RUN|EFFECT")], yes: Yes = False,
    leave: Leave = False,
    events: Events = False,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Take back what a run or one effect did.

    What is held is not sent then.
    """
    with told(as_json, home) as screen, reach_desk(home, now, door=True) as desk:
        given = {"what": what, "yes": yes, "held": False}
        # A run that was waited for since has none: nothing is being taken back any more.
        answer = {"note": ""} | drive(screen, desk, "undo", given, events=events, leave=leave)
        show_answer(screen, answer, _taken_back)
        # The run itself, when nothing of it had happened yet: that it came to nothing is what was asked for.
        back = answer["run"] == what and answer["status"] == "cancelled"
        back |= any(e["state"] == "withdrawn" for e in answer["effects"])
        raise typer.Exit(0 if back else CODES[answer["status"]])


def _taken_back(screen: Screen, answer: Any) -> None:
    if answer["note"]:
        screen.line(answer["note"])
    show.run(screen, answer)


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
            write_file(path, [answer["answer"]])
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
            embedding = bars.get("embedding")
            watch = {"progress": embedding} if embedding and rebuild and desk.app else None
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
    servers: Annotated[
        bool, typer.Option("--servers", help="Mail and calendar on Dovecot and Radicale, started for it.")
    ] = False,
    microsoft: Annotated[
        bool, typer.Option("--microsoft", help="Two people at a Microsoft 365 that this machine plays.")
    ] = False,
    as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Walk through it all on a sample workspace."""
    keep = Path(folder).expanduser() if folder else None
    with told(as_json) as screen:
        if microsoft:
            from deskhand.agent.demo.microsoft import walk as at_microsoft

            answer = at_microsoft(screen, keep=keep, now=now)
        else:
            from deskhand.agent.demo.demo import walk

            answer = walk(screen, keep=keep, now=now, servers=servers)
        show_answer(screen, answer)


app.add_typer(schedule, name="schedule")
app.add_typer(runs, name="runs")
app.add_typer(effects, name="effects")
app.add_typer(policy, name="policy")
app.add_typer(state, name="state")
app.add_typer(permissions, name="permissions")
app.add_typer(audit, name="audit")
app.add_typer(secret, name="secret")
app.command()(people)
app.command(name="slots")(slots)
app.command()(times)
app.command()(run)
app.command()(budget)


def main() -> NoReturn:
    """The entry point of the command `deskhand`."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us (>&-)
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  until we end
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)  # before or after the command itself
    except OSError as error:  # of what is no command: --help, say
        unheard()
        if isinstance(error, BrokenPipeError):
            sys.exit(0)
        print(in_the_way(error), file=sys.stderr)
        sys.exit(1)
    sys.exit(0)


if __name__ == "__main__":
    main()
