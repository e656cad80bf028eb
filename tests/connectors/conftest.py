"""What several tests of sources and the archive share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes import postgres


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Cluster]:
    """A real PostgreSQL."""
    pytest.importorskip("psycopg", reason="needs the extra deskhand[postgresql]")
    programs = postgres.programs()
    if programs is None:
        pytest.skip(f"needs the Debian package {postgres.PACKAGE}")
    with postgres.cluster(programs) as cluster:
        yield cluster
