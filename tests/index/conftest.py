"""What the tests of the index are given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from index_givens import Home

# Read when the hub's client is imported: whatever is missing is told at once, not after retries.
os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "index")
    yield made
    made.close()
