"""What the tests of the index are given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from index_givens import Home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "index")
    yield made
    made.close()
