"""How a question looks in a terminal: who gets what, argument by argument, and whose words they are.

Lays out what `trust.card` made, at the width of the terminal and never wider: a bar or ‹ › stands at every
line of what the person did not write, also without colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deskhand.agent.clean import clean
from deskhand.agent.terminal.columns import columns, width_of, wrapped

if TYPE_CHECKING:
    from deskhand.agent.terminal.output import Screen

Answer = Mapping[str, Any]

BAR, OPEN, CLOSE = "┃ ", "‹", "›"
_LABEL = 13
"""Room for the names of arguments."""
_HEAD, _TAIL = 10_000, 2_000
_WHOLE = 15_000
"""Somebody else's words of more characters are shown by their beginning and their end; how many are left out
is said. The person's own are always shown whole, and all of it is signed."""
_ALL = "deskhand approvals --json has all"
_LONG = 30
"""A card of more lines says at its end once more what it asks."""
_SAME = 24
"""An origin of so many letters is told once, where the next has the same."""
_BY_THE_WAY = frozenset(
    {"source", "zone", "version", "hash", "ref", "answers", "forwards", "status", "message", "calendar"}
)
"""Arguments that say on what and how; told in one line where they are not somebody else's."""

Line = tuple[str, str, str]
"""What stands before, in plain; the text; and its style, rich's."""


_EMPTY: Line = ("", "", "")


@dataclass(frozen=True, slots=True)
class Card:
    """A title and lines no wider than they may be."""

    title: str
    lines: tuple[Line, ...]


def laid_out(screen: Screen, approval: Answer, *, width: int) -> Card:
    """A card at a width in columns."""
    failure = approval.get("kind") == "failure"
    shown = [a for a in approval["shown"] if not _by_the_way(a)]
    lines: list[Line] = [*_plain(approval["summary"], width, style="bold"), _EMPTY]
    before, warned = "", set[str]()
    for one in shown:
        told = "from the same" if one["origin"] == before and len(before) > _SAME else one["origin"]
        warnings = [w for w in one.get("warnings", ()) if w not in warned]
        warned.update(warnings)
        lines += _argument(screen, one, told, warnings, width)
        before = one["origin"]
    if aside := [a for a in approval["shown"] if _by_the_way(a)]:
        said = "; ".join(f"{a['name']}: {a['value'].replace(chr(10), ', ')}" for a in aside)
        lines += _plain(said, width, label="besides", style="dim")
    if any(s["kind"] == "foreign" for a in shown for s in a.get("spans", ())):
        lines += [_EMPTY, *_plain(f"{BAR.strip()} and {OPEN} {CLOSE}: these words are not yours.", width)]
    notes = approval.get("notes", ())
    lines += [_EMPTY] * bool(notes) + [line for note in notes for line in _plain(note, width)]
    if approval["alternatives"]:
        lines += [_EMPTY] * (not notes) + [*_alternatives(screen, approval, width)]
    lines.append(_EMPTY)
    lines += _plain(f"Why you are asked: {approval['reason']}.", width)
    if afterwards := ("" if failure else approval.get("afterwards") or _UNDO[approval["undo"]]):
        lines += _plain(f"Afterwards: {afterwards[:1].lower()}{afterwards[1:]}", width)
    waits = approval.get("otherwise") or (
        f"Nothing happens; you are asked again after {screen.time(approval['expires'])}."
    )
    lines += _plain(f"If nothing is decided: {waits[:1].lower()}{waits[1:]}", width)
    if len(lines) > _LONG:
        lines += [_EMPTY, *_plain(f"So: {approval['summary']}", width, style="bold")]
    return Card(
        f"{approval['approval']}: what now?" if failure else f"Approve {approval['approval']}?", tuple(lines)
    )


_UNDO = {
    "R0": "There is nothing to take back.", "R1": "It can be taken back.",
    "R2": "It can be taken back, but others will have seen it.",
    "R3": "Once it has gone out it cannot be taken back.",
}  # fmt: skip
"""Of cards that an earlier Deskhand made."""


def card(screen: Screen, approval: Answer) -> None:
    """Print a card: in a frame on a terminal, else between two lines."""
    wide = columns()
    if screen.fancy:
        from rich.panel import Panel
        from rich.text import Text

        made = laid_out(screen, approval, width=wide - 4)
        text = Text("\n").join(
            Text.assemble(clean(before), (clean(words), style)) for before, words, style in made.lines
        )
        screen.console.print(Panel(text, title=made.title, border_style="yellow", width=wide))
        return
    made = laid_out(screen, approval, width=wide)
    screen.line(f"── {made.title} ".ljust(wide, "─"))
    for before, words, _ in made.lines:
        screen.line((before + words).rstrip())
    screen.line("─" * wide)


def _by_the_way(one: Answer) -> bool:
    foreign = any(s["kind"] == "foreign" for s in one.get("spans", ()))
    return one["name"] in _BY_THE_WAY and not foreign and not one.get("warnings") and "\n" not in one["value"]


def _argument(screen: Screen, one: Answer, told: str, warnings: Sequence[str], width: int) -> Iterator[Line]:
    """One argument: its name, its value with what is foreign in it marked, its origin, what is odd."""
    value = one["value"]
    if one["name"] in ("start", "end", "occurrence"):
        value = screen.time(value)
    room = width - _LABEL
    rows = [
        row for part, foreign in _parts(value, one.get("spans", ())) for row in _rows(part, foreign, room)
    ]
    first = f"{one['name']}  ".ljust(_LABEL)
    if len(rows) == 1 and width_of(rows[0][0]) + len(told) + 4 <= room:
        rows = [(f"{rows[0][0]}  ({told})", rows[0][1])]
        told = ""
    for text, style in rows or [("", "")]:
        yield first, text, style
        first = " " * _LABEL
    for text in wrapped(f"({told})", room) if told else ():
        yield first, text, "dim"
    for warning in warnings:
        for n, text in enumerate(wrapped(warning, room - 2)):
            yield first, ("! " if n == 0 else "  ") + text, "bold red"


def _parts(value: str, spans: Sequence[Answer]) -> Iterator[tuple[str, bool]]:
    """A value in stretches that are foreign or not."""
    at = 0
    for span in sorted((s for s in spans if s["kind"] == "foreign"), key=lambda s: int(s["start"])):
        if span["start"] > at:
            yield value[at : span["start"]], False
        yield value[span["start"] : span["end"]], True
        at = span["end"]
    if at < len(value):
        yield value[at:], False


def _rows(part: str, foreign: bool, room: int) -> Iterator[tuple[str, str]]:
    """The lines of a stretch: a foreign one of one line between ‹ and ›, of several behind a bar each."""
    if not foreign:
        for line in part.strip("\n").split("\n") if part.strip("\n") else ():
            yield from ((text, "") for text in wrapped(line, room))
        return
    if len(part) > _WHOLE:
        yield from _rows(part[:_HEAD], foreign, room)
        left = len(part) - _HEAD - _TAIL
        for text in wrapped(f"[{left:,} more characters of it are not shown here: {_ALL}]", room):
            yield text, "bold"
        part = part[-_TAIL:]
    part = clean(part).expandtabs(4).replace(OPEN, "⟦U+2039⟧").replace(CLOSE, "⟦U+203A⟧")
    lines = part.split("\n")
    if len(lines) == 1 and width_of(part) <= room - 2:
        yield f"{OPEN}{part}{CLOSE}", "yellow"
        return
    for line in lines:
        yield from ((f"{BAR}{text}".rstrip(), "yellow") for text in wrapped(line, room - len(BAR)))


def _alternatives(screen: Screen, approval: Answer, width: int) -> Iterator[Line]:
    whys = [*approval.get("whys", ()), *([""] * len(approval["alternatives"]))]
    for n, other in enumerate(approval["alternatives"], 1):
        told = ", ".join(v if k == "then" else f"{k} {screen.time(v)}" for k, v in other.items())
        told += f" ({whys[n - 1]})" if whys[n - 1] else ""
        yield from _plain(told, width, label=f"instead, {n}:")


def _plain(text: str, width: int, *, label: str = "", style: str = "") -> list[Line]:
    """A paragraph of ours, with room for a name before it."""
    before = f"{label} ".ljust(_LABEL) if label else ""
    made = []
    for line in text.split("\n"):
        for part in wrapped(line, width - len(before)):
            made.append((before, part, style))
            before = " " * len(before)
    return made
