"""How it looks in a terminal when a source leaves: what would go with it, and what went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deskhand.agent.terminal.output import Screen, count

Answer = Mapping[str, Any]


def in_short(there: Answer) -> str:
    """What was read from a source, in a few words."""
    said = f"{count(there['items'], 'item')} of {there['source']}"
    more = there["versions"] - there["items"]
    return f"{said} and {count(more, 'older version')}" if more > 0 else said


def belongings(screen: Screen, there: Answer) -> None:
    """What would go with a source, before it does."""
    place = f", {there['place']}" if there["place"] else ""
    screen.line(f"{there['source']}  ({there['kind']}{place})", "bold")
    for said in (*_data(there), *_ends(there, "would be")):
        screen.row(said, indent=2)
    screen.row(_STAYS, "dim", indent=2)


def removed(screen: Screen, there: Answer) -> None:
    """What became of it."""
    name = there["source"]
    if not there["done"]:
        belongings(screen, there)
        screen.line(f"Nothing was removed. Erase it with: deskhand remove {name}", "yellow")
        return
    if there["done"] == "kept":
        screen.line(f"Disconnected {name}. Kept, and found, and not read anew: {in_short(there)}.")
        screen.line(f"Connected again, it goes on where it stopped: {there['again']}", "dim")
        screen.line(f"Erase it with: deskhand remove {name}", "dim")
    else:
        screen.line(f"Removed {name}. Erased: {in_short(there)}.")
    for said in _ends(there, "was"):
        screen.row(said)
    if there["done"] == "erased":
        screen.row(_STAYS, "dim")


_STAYS = (
    "Nothing at the source is touched. That you asked, decided and had something written stays on record "
    "(deskhand runs, deskhand effects), without its texts; digests written to files stay as they are."
)


def _data(there: Answer) -> list[str]:
    enclosed = f", {count(there['attachments'], 'attachment')} among them" if there["attachments"] else ""
    said = [f"{in_short(there)}{enclosed}"]
    if there["bytes"]:
        said.append(f"{size(there['bytes'])} of files kept for it")
    return said


def _ends(there: Answer, how: str) -> list[str]:
    """What ends or rests with it. :param how: "was" or "would be"."""
    made = []
    name, runs, asked, schedules = (there[n] for n in ("source", "runs", "questions", "schedules"))
    if runs:
        held = f", and {count(there['held'], 'held write')} taken back" if there["held"] else ""
        who = "they need" if len(runs) > 1 else "it needs"
        made.append(f"{_named(runs)} {_verb(how, runs)} stopped{held}: {who} {name}.")
    if asked:
        made.append(f"{_named(asked)} {_verb(how, asked)} withdrawn.")
    if schedules:
        which = "schedules" if len(schedules) > 1 else "schedule"
        made.append(f"The {which} {_named(schedules)} {_verb(how, schedules)} paused, naming {name}.")
        if there.get("done") == "kept":
            made.append(f"Once {name} is connected again: deskhand schedule resume {schedules[0]}")
    if there["permissions"]:
        made.append(f"{_named(there['permissions'])} {_verb(how, there['permissions'])} revoked.")
    if there["secrets"] and there.get("done") != "kept":
        said = _verb(how, there["secrets"])
        made.append(f"The secret {_named(there['secrets'])} {said} forgotten, for nothing else uses it.")
    return made


def _verb(how: str, what: Sequence[str]) -> str:
    return "were" if how == "was" and len(what) > 1 else how


def _named(names: Sequence[str]) -> str:
    """`r2`, `r1 and r2`, `r1, r2 and r3`; shorter ones first, so that r2 comes before r10."""
    *others, last = sorted(names, key=lambda n: (len(n), n))
    return f"{', '.join(others)} and {last}" if others else last


def size(bytes_: int) -> str:
    """An amount of bytes in words."""
    for unit, size in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)):
        if bytes_ >= size:
            return f"{bytes_ / size:.1f} {unit}"
    return f"{bytes_} bytes"
