"""The commands `deskhand state ...` and `deskhand people`: what is known and kept, and how it is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any

import typer

from deskhand.agent.people.dealings import within
from deskhand.agent.terminal.output import Screen
from deskhand.agent.terminal.screen import Home, Json, Now, do
from deskhand.agent.terminal.show import notes

state = typer.Typer(no_args_is_help=True, help="What is known and kept, layer by layer; names and settings.")

Words = Annotated[list[str], typer.Argument(metavar="NAME", help="meetings.buffer, or a name: sam")]


@state.command("global")
def state_global(home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Show what holds for every run: settings, names, permissions, people."""
    do("state.global", {}, home, as_json, now, _global)


@state.command("run")
def state_run(run: str, home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Show one run.

    Its plan, how far it is, what it waits for, how much room it takes.
    """
    do("state.run", {"run": run}, home, as_json, now, _run)


@state.command("step")
def state_step(run: str, step: str, home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Show one step: what it was given, tried and left."""
    do("state.step", {"run": run, "step": step}, home, as_json, now, _step)


@state.command("set")
def state_set(
    words: Annotated[
        list[str],
        typer.Argument(metavar="NAME VALUE", help='meetings.buffer 10, or: sam "Sam Okafor".'),
    ],
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Set a preference, a permission, who is meant by a name, or a group."""

    def after(screen: Screen, answer: Any) -> None:
        what = {"nicknames": "means", "groups": "are"}.get(answer["set"][0], "is")
        screen.line(f"{_path(answer['set'])} {what} {answer['value']} from now on.")

    do("state.set", {"words": words}, home, as_json, now, after)


@state.command("unset")
def state_unset(words: Words, home: Home = "", as_json: Json = False, now: Now = "") -> None:
    """Take back what was set, or forget what was learnt of a name."""

    def after(screen: Screen, answer: Any) -> None:
        runs = ", ".join(answer["forgotten"])
        learnt = f" What was learnt from {runs} is forgotten." if runs else ""
        screen.line(f"{_path(answer['unset'])} is not set any more.{learnt}")

    do("state.unset", {"words": words}, home, as_json, now, after)


def people(
    name: Annotated[list[str] | None, typer.Argument(help="A name, or a part of it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Show whom you write to and meet, and how soon answers come."""
    do("people", {"name": " ".join(name or ()), "limit": limit}, home, as_json, now, _known)


def _known(screen: Screen, answer: Any) -> None:
    _people(screen, answer)
    notes(screen, answer["notes"])


def _people(screen: Screen, answer: Any) -> None:
    for person in answer["people"]:
        _person(screen, person)
    if not answer["people"]:
        screen.line("Nobody is known yet. Say deskhand sync first.")


def _person(screen: Screen, person: Mapping[str, Any]) -> None:
    addresses = f"<{', '.join(person['addresses'])}>"
    known = person["name"] and person["name"] != person["addresses"][0]
    screen.row(f"{person['name']}  {addresses}" if known else addresses, "bold", hang=2)
    said = f"you wrote {person['written']}, they wrote {person['received']}, met {person['met']}"
    last = f"; last on {screen.time(person['last'])}" if person["last"] else ""
    any_ = person["written"] or person["received"] or person["met"]
    screen.row(f"In the last year: {said if any_ else 'nothing'}{last}.", indent=2)
    soon = person["answer_minutes"]
    parts = [
        f"{who} within {within(timedelta(minutes=soon[key]))}"
        for key, who in (("mine", "you answer them"), ("theirs", "they answer you"))
        if soon[key] is not None
    ]
    if parts:
        screen.row(f"Usually {', '.join(parts)}, in working time.", indent=2)


def _global(screen: Screen, answer: Any) -> None:
    you = answer["person"]
    screen.line(f"You are {you['name'] or 'not named yet'} <{you['email']}>, in {you['zone']}.")
    for one in answer["suggested"]:
        said = f"  {one['name']} is {one['value']}, says {one['source']}"
        if one["used"]:
            screen.line(f"{said}; yours to change: deskhand state set person.{one['name']} ...")
        else:
            screen.line(f"{said}; that is not gone by", "dim")
    screen.heading("Set in config.toml")
    for line in _settings(answer["settings"]):
        screen.line(f"  {line}")
    if answer["names"] or answer["groups"]:
        screen.heading("Who is meant")
    for name in answer["names"]:
        who = " or ".join(name["addresses"])
        if name["from"] == "settings":
            screen.line(f"  {name['name']}: {who} (you set it)")
        else:
            runs = ", ".join(f"{c['run']} on {screen.time(c['at'])}" for c in name["choices"])
            how = "gone by" if name["used"] else "not gone by yet"
            if name["altered"]:
                how = "not gone by: it was changed past Deskhand, deskhand audit verify says more"
            screen.line(f"  {name['name']}: {who} (learnt from {runs}; {how})")
            screen.line(f"    drop it: deskhand state unset {name['name']}", "dim")
    for name, members in answer["groups"].items():
        screen.line(f"  {name}: {', '.join(members)} (a group)")
    if answer["permissions"]:
        screen.heading("What you always allow")
    for one in answer["permissions"]:
        ends = f"until {screen.until(one['until'])}" if one["state"] == "holds" else "holds no more"
        screen.row(f"{one['permission']}: {one['says']} ({ends})", indent=2, hang=4)
        screen.line(f"    take it back: deskhand permissions revoke {one['permission']}", "dim")
    if answer["people"]:
        screen.heading("People you deal with most")
        _people(screen, answer)
    screen.heading("Sources and decisions")
    for source in answer["sources"]:
        screen.line(f"  {source['source']} ({source['kind']}): {source['items']} items")
    decided = ", ".join(f"{n} {how}" for how, n in answer["decisions"].items())
    screen.line(f"  Decisions: {decided or 'none yet'}")
    _kept(screen, answer)


def _run(screen: Screen, answer: Any) -> None:
    screen.line(f"{answer['run']} {answer['status']}: {answer['request']}", "bold")
    if answer["objective"]:
        screen.line(f"  {answer['objective']}")
    if answer["schedule"]:
        screen.line(f"  Begun by the schedule {answer['schedule']}.")
    done = sum(1 for s in answer["steps"] if s["state"])
    screen.line(
        f"  Plan {answer['plan_hash'][:12] or '(none)'}: {done} of {len(answer['steps'])} steps are over."
    )
    for step in answer["steps"]:
        screen.line(f"    {step['state'] or 'to come':9} {step['step']}  {step['op']}  {step['purpose']}")
    for asked in answer["waits_for"]:
        screen.line(f"  Waits for {asked['approval']}: {asked['summary']}")
    for asked in answer["decided"]:
        screen.line(f"  {asked['approval']} {asked['state']}: {asked['summary']}")
    for effect in answer["effects"]:
        screen.line(f"  Wrote: {effect['operation']} {effect['state']} ({effect['effect'][:12]})")
    if answer["model"]["tries"]:
        given, made = answer["model"]["tokens"]
        screen.line(f"  Model: {answer['model']['tries']} tries, {given} tokens read, {made} written.")
    sizes = answer["bytes"]
    parts = ", ".join(f"{n:,} {what}" for what, n in sizes.items())
    screen.line(f"  Takes {sum(sizes.values()):,} bytes: {parts}.")
    _kept(screen, answer)


def _step(screen: Screen, answer: Any) -> None:
    screen.line(f"{answer['run']} {answer['step']} {answer['state'] or 'to come'}: {answer['op']}", "bold")
    if answer["purpose"]:
        screen.line(f"  {answer['purpose']}")
    for name, value in answer["given"].items():
        screen.line(f"  given {name}: {value}")
    if answer["needs"]:
        screen.line(f"  after: {', '.join(answer['needs'])}")
    if answer["attempts"] > 1:
        screen.line(f"  tried {answer['attempts']} times")
    if answer["error"]:
        screen.line(f"  went wrong: {answer['error']}")
    for name, label in answer["labels"].items():
        screen.line(f"  {name or 'all of it'} is {label['trust']}{_where_from(label)}")
    if answer["text"]:
        screen.line("  left:")
        for line in answer["text"].splitlines():
            screen.line(f"    {line}")
    if answer["cut"]:
        screen.line(f"    ... and {answer['cut']:,} more characters", "dim")
    _kept(screen, answer)


def _where_from(label: Mapping[str, Any]) -> str:
    """Out of what a value was made, and by which steps."""
    origins = []
    for one in label["from"][:_ORIGINS]:
        by = f" by {one['author']}" if one.get("author") else ""
        where = f"{one['source']}:{one['kind']}:{one['id']}" if "kind" in one else one["id"]
        origins.append(f"{where}{by}")
    if len(label["from"]) > _ORIGINS:
        origins.append(f"{len(label['from']) - _ORIGINS} more")
    of = f", from {'; '.join(origins)}" if origins else ""
    return of + (f", by way of {', '.join(label['via'])}" if label["via"] else "")


_ORIGINS = 3
"""So many origins of a value are named."""


def _settings(section: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for name, value in section.items():
        if isinstance(value, Mapping):
            yield from _settings(value, f"{path}{name}.")
        else:
            said = map(_plain, value) if isinstance(value, list) else [_plain(value)]
            yield f"{path}{name} = {', '.join(said)}"


def _plain(value: object) -> str:
    """A value as it is set."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kept(screen: Screen, answer: Any) -> None:
    files: dict[str, list[str]] = {}
    for kept in answer["kept"]:
        files.setdefault(kept["file"], []).append(kept["table"] if kept["table"] not in ("", "*") else "")
    where = [f"{f} ({', '.join(t)})" if any(t) else f for f, t in files.items()]
    screen.line(f"Kept in {'; '.join(where)}.", "dim")


def _path(path: list[str]) -> str:
    """What was set, as a person would say it."""
    return f"“{path[1]}”" if path[0] in ("nicknames", "groups") else ".".join(path)
