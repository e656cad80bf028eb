"""What tests of the agent share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from agent_givens import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An open home with an empty source in memory."""
    with House(tmp_path / "home") as house:
        yield house
