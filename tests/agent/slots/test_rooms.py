"""The map of the solver, in `deskhand.agent.slots`, is true: all rooms are on it, and import upwards only."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from deskhand.agent import slots

FOLDER = Path(slots.__file__).parent
ROOMS = re.findall(r"^\| `(\w+)` \|", slots.__doc__ or "", re.MULTILINE)
ROOMS = ROOMS[ROOMS.index("model") :]
FILES = [p for p in sorted(FOLDER.rglob("*.py")) if p.parent != FOLDER or p.name != "__init__.py"]


def room_of(path: Path) -> str:
    return path.relative_to(FOLDER).parts[0].removesuffix(".py")


def test_every_room_is_on_the_map() -> None:
    assert sorted(ROOMS) == sorted({room_of(path) for path in FILES})


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(FOLDER).as_posix())
def test_each_imports_from_those_above_it(path: Path) -> None:
    at = ROOMS.index(room_of(path))
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("deskhand."):
            package, agent, *rest = (node.module or "").split(".")
            assert (package, agent) == ("deskhand", "agent")
            if rest[0] != "slots":
                assert (room_of(path), rest) == ("picture", ["clean"]), "plain values know no desk"
                continue
            assert len(rest) > 1, "from the room itself, not through the door"
            assert ROOMS.index(rest[1]) <= at
