"""A OneDrive keeps the contract, with all kinds of things in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from contracts import ConnectorContract, Write
from graph_givens import Microsoft
from onedrive_givens import fill, mine, onedrive

from deskhand.connectors.onedrive import OneDrive


class TestOneDrive(ConnectorContract):
    @pytest.fixture
    def connector(self, microsoft: Microsoft, tmp_path: Path) -> OneDrive:
        self.nodes = fill(microsoft)
        microsoft.world.drives.file(mine(microsoft), "broken.pdf", b"no pdf")
        return onedrive(microsoft, tmp_path / "state")

    @pytest.fixture
    def writes(self, connector: OneDrive) -> list[Write]:
        return []
