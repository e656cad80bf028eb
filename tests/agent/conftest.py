"""What tests of the agent share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from agent_givens import House
from two_desks import Desk


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An open home with an empty source in memory."""
    with House(tmp_path / "home") as house:
        yield house


@pytest.fixture
def noor(tmp_path: Path) -> Iterator[Desk]:
    """Somebody with a Deskhand."""
    with Desk(tmp_path / "noor", "Noor Haddad", "noor@example.org") as desk:
        yield desk


@pytest.fixture
def bo(tmp_path: Path) -> Iterator[Desk]:
    """Somebody else with another one."""
    with Desk(tmp_path / "bo", "Bo Lind", "bo@example.org") as desk:
        yield desk
