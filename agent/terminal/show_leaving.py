"""How it looks in a terminal when a source leaves: what would go with it, and what went."""

from __future__ import annotations

from collections.abc import Mapping
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
        screen.line(f"Disconnected {name}. {in_short(there)} stay and are found; they are not read anew.")
        screen.line(f"Connected again, it goes on where it stopped: {there['again']}", "dim")
        screen.line(f"Erase it with: deskhand remove {name}", "dim")
    else:
        screen.line(f"Removed {name}: {in_short(there)} are erased.")
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
    many = "were" if how == "was" else how
    if there["runs"]:
        held = f", and {count(there['held'], 'held write')} taken back" if there["held"] else ""
        made.append(f"{', '.join(there['runs'])} {many} stopped, which needs it{held}.")
    if there["questions"]:
        made.append(f"{', '.join(there['questions'])} {many} withdrawn.")
    if there["schedules"]:
        made.append(f"Paused, for it names {there['source']}: {', '.join(there['schedules'])}.")
    if there["permissions"]:
        made.append(f"Revoked: {', '.join(there['permissions'])}.")
    if there["secrets"] and there["done" if "done" in there else "secrets"] != "kept":
        made.append(f"Forgotten, for nothing else uses it: the secret {', '.join(there['secrets'])}.")
    return made


def size(bytes_: int) -> str:
    """An amount of bytes in words."""
    for unit, size in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)):
        if bytes_ >= size:
            return f"{bytes_ / size:.1f} {unit}"
    return f"{bytes_} bytes"
