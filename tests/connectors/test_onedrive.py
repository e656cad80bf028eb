"""A OneDrive keeps the contract, with all kinds of things in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from contracts import NOW, ConnectorContract, Write
from graph_givens import Microsoft
from onedrive_givens import fill, mine, onedrive, ref

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


class TestPersonal(TestOneDrive):
    """A personal OneDrive, which gives back what was thrown away."""

    @pytest.fixture
    def connector(self, microsoft: Microsoft, tmp_path: Path) -> OneDrive:
        microsoft.world.drives.of("ana", "personal")
        self.nodes = fill(microsoft)
        return onedrive(microsoft, tmp_path / "state")
