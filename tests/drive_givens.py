"""A Drive with something in it, and the source that reads it, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contracts import current, pass_over
from fakes import office
from fakes.drive.server import SECRET, Server
from fakes.drive.world import ME, SHEET, World

from deskhand.connectors._google_account import opened, scopes
from deskhand.connectors._google_tokens import Signed
from deskhand.connectors.base import Connector
from deskhand.connectors.gdrive import GDrive, opened_with
from deskhand.connectors.model import Change, Cursor, Failed, Item, ItemRef, Removed

BO, CLEO = "bo@example.org", "cleo@example.com"
OPENED: list[GDrive] = []
"""What the tests' fixture closes."""


def signed(url: str, *, write: bool = True) -> str:
    """What a sign-in left."""
    return Signed("id", "client-secret", SECRET, scopes("drive", write=write), f"{url}token", ME).text()


def drive(server: Server, state: Path, *, write: bool = True, source: str = "drive", **given: Any) -> GDrive:
    """A source for Ana's Drive. It never really waits."""
    account = opened(
        "drive", source=source, place=ME, token=signed(server.url, write=write), write=write, root=server.url,
        pause=lambda _: None,
    )  # fmt: skip
    made = opened_with(account, source=source, state=state, **given)
    OPENED.append(made)
    return made


def fill(world: World) -> dict[str, str]:
    """A small Drive; the ids of what is in it."""
    work = world.folder("Work")
    plans = world.folder("Plans", parent=work)
    made = {
        "work": work,
        "plans": plans,
        "notes": world.file("notes.md", "# Notes\n\nfirst", mime="text/markdown"),
        "plan": world.file("Plan", "The plan: ask Bo.", parent=plans),
        "sheet": world.file("Costs", "item,price\ndesk,70", mime=SHEET, parent=work),
        "report": world.file(
            "report.docx", office.docx(["The report"]), parent=work,
            mime="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        "photo": world.file("photo.png", b"\x89PNG\r\n\0", mime="image/png"),
        "theirs": world.file("Offer", "Bo offers 30 days.", by=BO),
    }  # fmt: skip
    world.edit(made["notes"], "# Notes\n\nsecond")
    world.share(made["plan"], BO, role="writer")
    world.comment(made["plan"], "Which Bo?", by=BO, quoted="ask Bo")
    made["link"] = world.shortcut("Plan, too", made["plan"])
    return made


def ref(id: str, source: str = "drive") -> ItemRef:
    return ItemRef(source, "document", id)


def items(connector: Connector, since: Cursor | None = None) -> dict[str, Item]:
    """What a pass leaves as current, by id."""
    return {i.ref.native: i for i in current(pass_over(connector, since)[0]).values()}


def versions(changes: Sequence[Change], id: str) -> list[Item]:
    """All versions of a file that a pass told, oldest first."""
    return [c for c in changes if isinstance(c, Item) and c.ref.native == id]


def removed(changes: Sequence[Change]) -> list[str]:
    return [c.ref.native for c in changes if isinstance(c, Removed)]


def failed(changes: Sequence[Change]) -> dict[str, str]:
    return {c.ref.native: c.reason for c in changes if isinstance(c, Failed)}
