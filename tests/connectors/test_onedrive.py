"""A OneDrive keeps the contract, with all kinds of things in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from contracts import NOW, ConnectorContract, Write
from graph_givens import Microsoft
from onedrive_givens import SITE, fill, mine, onedrive, ref

from deskhand.connectors import sign_in
from deskhand.connectors._microsoft_account import allows, scopes
from deskhand.connectors.model import Content, ItemRef
from deskhand.connectors.onedrive import OneDrive
from deskhand.connectors.operations import (
    Enclosure,
    FileCopy,
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
)

SCAN = Enclosure(ref=ItemRef("mail", "attachment", "INBOX/1.a#1"), version="m-1")


class TestOneDrive(ConnectorContract):
    @pytest.fixture
    def connector(self, microsoft: Microsoft, tmp_path: Path) -> OneDrive:
        self.nodes = fill(microsoft)
        microsoft.world.drives.file(mine(microsoft), "broken.pdf", b"no pdf")
        return onedrive(microsoft, tmp_path / "state")

    @pytest.fixture
    def writes(self, connector: OneDrive, microsoft: Microsoft) -> list[Write]:
        drives, own = microsoft.world.drives, mine(microsoft)
        back = drives.file(own, "back.md", "comes back")
        there = drives.file(own, "there.md", "is there")
        nodes = (self.nodes["notes"], self.nodes["report"], back, there)
        notes, report, kept, stays = (i for n in nodes if (i := connector.read(ref(n))) is not None)
        trash = FileTrash(source="files", ref=kept.ref, version=kept.version)
        connector.perform(trash, key="fe" * 16, now=NOW)
        old = {"version": "c-0"}
        return [
            Write(
                FileCreate(source="files", path="Work/New/file.md", text="# New\n"),
                FileCreate(source="files", path="notes.md", text="over it"),
            ),
            Write(
                FileCopy(source="files", folder="Finance/2026", called="scan.pdf", content=SCAN),
                FileCopy(source="files", called="notes.md", content=SCAN),
                {SCAN.ref: Content("scan.pdf", "application/pdf", b"%PDF-1.4\r\n\0 not text")},
            ),
            Write(
                op := FileReplace(source="files", ref=notes.ref, version=notes.version, text="replaced"),
                op.model_copy(update=old),
            ),
            Write(
                FileRestore(source="files", ref=kept.ref, version="", hash=kept.hash),
                FileRestore(source="files", ref=stays.ref, version="", hash=stays.hash),
            ),
            Write(
                end := FileTrash(source="files", ref=report.ref, version=report.version),
                end.model_copy(update=old),
            ),
        ]


@pytest.mark.parametrize(
    ("options", "write", "asked"),
    [
        ({}, False, {"Files.Read"}), ({}, True, {"Files.Read", "Files.ReadWrite"}),
        ({"drives": ""}, False, {"Files.Read"}),
        ({"drives": SITE}, False, {"Files.Read.All", "Sites.Read.All"}),
        ({"drives": SITE}, True, {"Files.Read.All", "Sites.Read.All", "Files.ReadWrite.All"}),
    ],
)  # fmt: skip
def test_more_is_asked_for_only_where_other_drives_are_chosen(
    options: dict[str, str], write: bool, asked: set[str]
) -> None:
    told = sign_in("onedrive", options)
    assert told is not None
    assert {*scopes(told[1], write=write)} == {"User.Read", *asked}


@pytest.mark.parametrize(
    ("granted", "wanted", "enough"),
    [
        ("Files.Read", "Files.Read", True), ("Files.Read", "Files.ReadWrite", False),
        ("Files.ReadWrite", "Files.Read", True), ("Files.ReadWrite.All", "Files.Read.All", True),
        # A token is asked for by the names of what was allowed.
        ("Files.Read.All", "Files.Read", False),
        ("Files.ReadWrite", "Files.Read.All", False), ("Files.Read.All", "Files.ReadWrite", False),
        ("Files.ReadWrite.All", "Sites.Read.All", False), ("Mail.ReadWrite", "Mail.Read Mail.Send", False),
    ],
)  # fmt: skip
def test_what_was_allowed_suffices_for_what_is_less(granted: str, wanted: str, enough: bool) -> None:
    assert allows(granted.split(), wanted.split()) is enough
