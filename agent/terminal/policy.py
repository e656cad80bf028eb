"""The commands `deskhand policy` and `deskhand policy explain`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from textwrap import wrap
from typing import Annotated, Any

import typer

from deskhand.agent.terminal.output import Screen
from deskhand.agent.terminal.screen import Home, Json, Now, do

policy = typer.Typer(invoke_without_command=True, help="Show the rules; say how one write was judged.")

_SAID = {"allow": "goes ahead", "ask": "asks", "deny": "never"}
_WIDTH = 80
_LONGEST = 300
"""Characters of an argument that are shown; --json has all of it."""


@policy.callback()
def show_policy(
    context: typer.Context,
    of: Annotated[str, typer.Option("--of", metavar="OPERATION", help="Only this one, in full.")] = "",
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Show what goes ahead without a question, what asks, and what is never done."""
    if context.invoked_subcommand is None:
        after = _in_full if of else _table
        do("policy", {"operation": of}, home, as_json, now, after)
    else:
        context.obj = (home, as_json, now)


@policy.command("explain")
def explain(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="Which run, like r1.")],
    step: Annotated[str, typer.Argument(metavar="STEP", help="Which of its writes; state run lists them.")],
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Say how one write of a run was judged, row by row."""
    before = context.obj or ("", False, "")
    home, as_json, now = home or before[0], as_json or before[1], now or before[2]
    do("policy.explain", {"run": run, "step": step}, home, as_json, now, _explained)


def _table(screen: Screen, answer: Any) -> None:
    _write(screen, "The first row that fits an operation decides. What fits none is never done.")
    groups: dict[str, list[Any]] = {}
    later = [row for row in answer["rows"] if not row["built"]]
    for row in answer["rows"]:
        for operation in row["operations"] if row["built"] else ():
            groups.setdefault(operation, []).append(row)
    kinds = list(dict.fromkeys(_kind(operation) for operation in groups))
    for operation in sorted(groups, key=lambda o: kinds.index(_kind(o))):
        screen.line()
        screen.heading(operation)
        _by_outcome(screen, groups[operation], operation)
    screen.line()
    screen.heading("What cannot be done yet, once it can")
    _by_outcome(screen, later, "")
    screen.line()
    own = [row["row"] for row in answer["rows"] if row["shipped"]]
    told = f"By your settings: {', '.join(own)}." if own else "All rows are as they come."
    _write(screen, f"{told} One in full, and how to set it: deskhand policy --of mail.send")


def _kind(operation: str) -> str:
    return operation.partition(".")[0]


def _by_outcome(screen: Screen, rows: list[Any], operation: str) -> None:
    for outcome, said in _SAID.items():
        for row in (r for r in rows if r["then"] == outcome):
            name = row["row"].removeprefix(operation).strip() if operation else row["row"]
            marks = _marks(row)
            words = f"{name}: {row['means']}" if name else row["means"]
            _write(screen, f"{words}{f' ({marks})' if marks else ''}", f"  {said:11}", " " * 15)


def _marks(row: Mapping[str, Any]) -> str:
    if row["shipped"]:
        before = _SAID[row["shipped"]["then"]]
        counted = ", ".join(f"{n} = {k}" for n, k in row["shipped"]["numbers"].items())
        return f"it comes as: {before}{f', {counted}' if counted else ''}"
    milder = [o for o in row["may_be"] if o == "allow" != row["then"]]
    return "you may let it go ahead" if milder else ""


def _in_full(screen: Screen, answer: Any) -> None:
    for row in answer["rows"]:
        screen.line(f"{row['row']}  {_SAID[row['then']]}", "bold")
        _write(screen, row["means"], "  ", "  ")
        for phrase in row["when"]:
            screen.line(f"  where: {phrase}")
        for name, number in row["numbers"].items():
            screen.line(f"  {name} = {number}, {row['most'][name]} at the most")
        _write(screen, f"holds up: {row['from']}", "  ", "    ")
        if marks := _marks(row):
            _write(screen, marks, "  ", "    ")
        screen.line(f"  may be set to: {', '.join(row['may_be'])}")
        screen.line()
    row = next((r for r in reversed(answer["rows"]) if r["then"] != "deny"), None)
    if row is not None:
        screen.line("Set one in config.toml; stricter is always right:")
        screen.line(f'  [policy.rows."{row["row"]}"]')
        screen.line(f'  then = "{"ask" if row["then"] == "allow" else "deny"}"')


def _explained(screen: Screen, answer: Any) -> None:
    screen.line(f"{answer['run']} {answer['step']}: {answer['operation']}", "bold")
    for given in answer["arguments"]:
        value = _plain(given["value"])
        short = value if len(value) <= _LONGEST else f"{value[:_LONGEST]} ..."
        _write(screen, " ".join(short.split()), f"  {given['name']}: ", "      ")
        source = f" (out of {', '.join(given['origins'][:3])})" if given["origins"] else ""
        _write(screen, f"{_WHOSE[given['trust']]}{source}; {_readers(given['readers'])}", "      ", "      ")
    screen.heading("Rows, in their order")
    for row in answer["rows"]:
        screen.line(f"  {'->' if row['fits'] else '  '} {row['row']}  {_SAID[row['then']]}")
        for one in row["conditions"]:
            screen.line(f"         {'yes' if one['holds'] else 'no '}  {one['condition']}")
    now = answer["now"]
    screen.heading("Verdict")
    _write(screen, f"now: {_SAID[now['outcome']]} ({now['rule']}), {now['why']}", "  ", "    ")
    for past in answer["recorded"]:
        rules = "" if past["same_rules"] else "; the rules were others then"
        said = f"{screen.time(past['at'])}: {_SAID[past['outcome']]} ({past['rule']}){rules}"
        _write(screen, said, "  ", "    ")
    if not answer["recorded"]:
        screen.line("  It was not judged yet.")


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(v) for v in value)
    if isinstance(value, dict) and "address" in value:
        return f"{value.get('name', '')} <{value['address']}>".strip()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_WHOSE = {
    "user": "your own words", "assistant": "worked out by Deskhand", "metadata": "from your own data",
    "contact": "from your contacts", "untrusted": "written by somebody else",
}  # fmt: skip


def _readers(readers: list[str] | None) -> str:
    if readers is None:
        return "anybody may read it"
    return f"read by {', '.join(readers)}" if readers else "read by you alone"


def _write(screen: Screen, text: str, first: str = "", rest: str = "") -> None:
    for line in wrap(text, _WIDTH - 1, initial_indent=first, subsequent_indent=rest) or [first.rstrip()]:
        screen.line(line)
