"""A Google Drive keeps the contract, with all kinds of things in it; what an item of it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from contracts import ConnectorContract, Write
from drive_givens import drive, fill, ref
from fakes.drive.server import Server
from fakes.drive.world import World

from deskhand.connectors.gdrive import GDrive
from deskhand.connectors.model import Content, ItemRef
from deskhand.connectors.operations import (
    Enclosure,
    FileCopy,
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
)

SCAN = Enclosure(ref=ItemRef("mail", "attachment", "INBOX/1.a#1"), version="m-1")


class TestGDrive(ConnectorContract):
    @pytest.fixture
    def connector(self, served: Server, world: World, tmp_path: Path) -> GDrive:
        self.ids = fill(world)
        world.file("broken.pdf", b"no pdf", mime="application/pdf")
        return drive(served, tmp_path / "state")

    @pytest.fixture
    def writes(self, connector: GDrive, world: World) -> list[Write]:
        back = world.file("back.md", "comes back", mime="text/markdown")
        kept = connector.read(ref(back))
        notes, sheet = connector.read(ref(self.ids["notes"])), connector.read(ref(self.ids["sheet"]))
        assert kept is not None
        assert notes is not None
        assert sheet is not None
        world.trash(back)
        old = {"version": "r-0"}
        return [
            Write(
                FileCreate(source="drive", path="Work/New/file.md", text="# New\n"),
                FileCreate(source="drive", path="notes.md", text="over it"),
            ),
            Write(
                FileCopy(source="drive", folder="Finance/2026", called="scan.pdf", content=SCAN),
                FileCopy(source="drive", called="notes.md", content=SCAN),
                {SCAN.ref: Content("scan.pdf", "application/pdf", b"%PDF-1.4\r\n\0 not text")},
            ),
            Write(
                FileReplace(source="drive", ref=notes.ref, version=notes.version, text="replaced"),
                FileReplace(source="drive", ref=notes.ref, version="r-0", text="replaced"),
            ),
            Write(
                FileRestore(source="drive", ref=ref(back), version="", hash=kept.hash),
                FileRestore(source="drive", ref=notes.ref, version="", hash=notes.hash),
            ),
            Write(
                op := FileTrash(source="drive", ref=sheet.ref, version=sheet.version),
                op.model_copy(update=old),
            ),
        ]
