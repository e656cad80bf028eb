"""A OneDrive with something in it, and the source that reads it, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contracts import current, pass_over
from fakes import office
from fakes.graph.drives import Drive, Node
from graph_givens import Microsoft, token

from deskhand.connectors._microsoft_account import opened
from deskhand.connectors.base import Connector
from deskhand.connectors.model import Change, Cursor, Failed, Item, ItemRef, Removed
from deskhand.connectors.onedrive import OneDrive, opened_with, places_of

ME, BO, CY = "ana@example.org", "bo@example.org", "cy@example.com"
OWN = ("User.Read", "Files.Read", "Files.ReadWrite")
ALL = (*OWN, "Files.Read.All", "Sites.Read.All", "Files.ReadWrite.All")
SITE = "https://example.sharepoint.com/sites/team"


def onedrive(
    microsoft: Microsoft, state: Path, *, write: bool = True, source: str = "files",
    allowed: tuple[str, ...] = (), waits: list[float] | None = None, **given: Any,
) -> OneDrive:  # fmt: skip
    """A source for Ana's files. It never really waits."""
    chosen = bool(places_of(given.get("drives", "")))
    account = opened(
        "drives" if chosen else "drive", source=source, place=ME, write=write,
        token=token(microsoft, allowed=allowed or (ALL if chosen else OWN)),
        pause=(waits if waits is not None else []).append,
    )  # fmt: skip
    microsoft.opened.append(account)
    return opened_with(account, source=source, state=state, **given)


def mine(microsoft: Microsoft) -> Drive:
    return microsoft.world.drives.of("ana")


def fill(microsoft: Microsoft) -> dict[str, Node]:
    """A small drive; what is in it."""
    drives, own = microsoft.world.drives, mine(microsoft)
    work = drives.folder(own, "Work")
    plans = drives.folder(own, "Plans", parent=work.id)
    made = {
        "work": work,
        "plans": plans,
        "notes": drives.file(own, "notes.md", "# Notes\n\nfirst"),
        "plan": drives.file(own, "Plan.md", "The plan: ask Bo.", parent=plans.id),
        "report": drives.file(own, "report.docx", office.docx(["The report"]), parent=work.id),
        "photo": drives.file(own, "photo.png", b"\x89PNG\r\n\0"),
        "book": drives.file(own, "Notebook", "sections", kind="package"),
    }
    drives.edit(own, made["notes"], "# Notes\n\nsecond", by="bo")
    drives.share(own, made["plan"], BO, role="write")
    theirs = drives.of("bo")
    made["offer"] = drives.file(theirs, "Offer.md", "Bo offers 30 days.")
    made["link"] = drives.remote(own, "Offer", theirs, made["offer"])
    return made


def ref(node: Node, source: str = "files", drive: str = "") -> ItemRef:
    return ItemRef(source, "document", f"{drive}/{node.id}" if drive else node.id)


def items(connector: Connector, since: Cursor | None = None) -> dict[str, Item]:
    """What a pass leaves as current, by title."""
    return {i.title: i for i in current(pass_over(connector, since)[0]).values()}


def versions(changes: Sequence[Change], node: Node) -> list[Item]:
    """All versions of a file that a pass told, oldest first."""
    return [c for c in changes if isinstance(c, Item) and c.ref.native == node.id]


def removed(changes: Sequence[Change]) -> list[str]:
    return [c.ref.native for c in changes if isinstance(c, Removed)]


def failed(changes: Sequence[Change]) -> dict[str, str]:
    return {c.ref.native: c.reason for c in changes if isinstance(c, Failed)}
