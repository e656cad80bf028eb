"""Google Drive at its real names, played by a server that is not ours: what that one serves of it.

It has no log of changes and one revision of each file, so a first pass ends where the log would begin.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts import NOW
from drive_givens import ref
from fakes.myworld import office
from google_givens import Google

from deskhand.connectors._google_account import opened, scopes
from deskhand.connectors._google_tokens import Signed
from deskhand.connectors.errors import SourceError, Transient, Unauthorized
from deskhand.connectors.gdrive import GDrive, opened_with
from deskhand.connectors.model import Change, Item
from deskhand.connectors.operations import FileReplace, FileTrash

FOLDER = "application/vnd.google-apps.folder"
DOC = "application/vnd.google-apps.document"
SHEET = "application/vnd.google-apps.spreadsheet"
ME = "ana@example.org"
OFFICE = office(
    files=[
        {
            "id": "plan",
            "name": "Plan",
            "mimeType": DOC,
            "content": "Ask Bo.",
            "owners": [ME],
            "parents": ["work"],
        },
        {"id": "costs", "name": "Costs", "mimeType": SHEET, "content": "a,b\n1,2", "owners": [ME]},
        {
            "id": "notes",
            "name": "notes.md",
            "mimeType": "text/markdown",
            "content": "# Notes",
            "owners": [ME],
        },
    ]
)
at_google = pytest.mark.parametrize("google", [OFFICE], indirect=True)


@pytest.fixture
def source(google: Google, tmp_path: Path) -> Iterator[GDrive]:
    token = Signed("id", "client-secret", google.world.tokens["ana"], scopes("drive", write=True), account=ME)
    account = opened("drive", source="drive", place=ME, token=token.text(), write=True, pause=lambda _: None)
    made = opened_with(account, source="drive", state=tmp_path / "state")
    yield made
    made.close()


def at(source: GDrive, id: str) -> Item:
    item = source.read(ref(id))
    assert item is not None
    return item


@at_google
def test_documents_are_read_by_export_and_files_as_they_are(google: Google, source: GDrive) -> None:
    source.check()
    made = google.world.does("ana", "POST", "/drive/v3/files", {"name": "Work", "mimeType": FOLDER})
    moved = f"/drive/v3/files/plan?addParents={made['id']}&removeParents=root"
    google.world.does("ana", "PATCH", moved, {})
    plan, notes = at(source, "plan"), at(source, "notes")
    assert (plan.title, plan.folder, plan.text.strip()) == ("Plan", "Work", "Ask Bo.")
    assert (notes.title, notes.folder, notes.text) == ("notes.md", "", "# Notes")
    assert source.content(notes.ref, notes.version).data == b"# Notes"
    assert source.content(plan.ref, plan.version).data.startswith(b"%PDF")
    assert source.read(ref("nothing")) is None


@at_google
def test_a_first_pass_tells_all_that_is_there(source: GDrive) -> None:
    told = list[Change]()
    with pytest.raises(Transient, match="from where its changes are asked for"):
        told.extend(source.changes(None))
    told = list[Change]()
    running = source.changes(None)
    while len(told) < 3:
        told.append(next(running))
    assert {c.title for c in told if isinstance(c, Item)} == {"Plan", "Costs", "notes.md"}


@at_google
def test_a_sign_in_that_google_does_not_know_is_said(google: Google, tmp_path: Path) -> None:
    token = Signed("id", "client-secret", "no such token", scopes("drive", write=True), account=ME)
    account = opened("drive", source="drive", place=ME, token=token.text(), pause=lambda _: None)
    source = opened_with(account, source="drive", state=tmp_path)
    with pytest.raises(Unauthorized, match="deskhand signin drive"):
        source.check()
    source.close()


@at_google
@pytest.mark.parametrize("fault", ["", "timeout_after_commit", "unavailable", "truncated", "transport_error"])
def test_a_write_happens_once_whatever_becomes_of_its_answer(
    google: Google, source: GDrive, fault: str
) -> None:
    """Counted at the server."""
    notes = at(source, "notes")
    replace = FileReplace(source="drive", ref=notes.ref, version=notes.version, text="# Mine")
    _done(google, source, replace, "k1", fault)
    assert at(source, "notes").text == "# Mine"
    plan = at(source, "plan")
    trash = FileTrash(source="drive", ref=plan.ref, version=plan.version)
    _done(google, source, trash, "k2", fault)
    assert google.world.state("drive")["files"]["plan"]["trashed"] is True
    receipt = source.find(trash, key="k2")
    assert receipt is not None
    back = source.inverse(trash, receipt)
    assert back is not None
    google.world.fault("drive")
    source.perform(back, key="k3", now=NOW)
    assert at(source, "plan").hash == plan.hash


def _done(google: Google, source: GDrive, operation: FileReplace | FileTrash, key: str, fault: str) -> None:
    """As the ledger does it; and the server has had it once."""
    before = len(_effects(google))
    if fault:
        google.world.fault("drive", {"kind": fault, "tool": "drive.files.update", "on_call": 1, "times": 1})
    for _ in range(3):
        try:
            if source.find(operation, key=key) is None:
                source.perform(operation, key=key, now=NOW)
        except SourceError:
            continue
        break
    assert len(_effects(google)) == before + 1


def _effects(google: Google) -> list[object]:
    """Writes that were done. To announce an upload is none."""
    return [
        c for c in google.world.effects("drive.files.update")
        if c["args"].get("query", {}).get("uploadType") is None or c["args"].get("query", {}).get("upload_id")
    ]  # fmt: skip
