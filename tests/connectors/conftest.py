"""What several tests of sources and the archive share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes import postgres, radicale


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Cluster]:
    """A real PostgreSQL."""
    pytest.importorskip("psycopg", reason="needs the extra deskhand[postgresql]")
    programs = postgres.programs()
    if programs is None:
        pytest.skip(f"needs the Debian package {postgres.PACKAGE}")
    with postgres.cluster(programs) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def dav_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[radicale.Server]:
    """A real CalDAV server that lets everybody in."""
    pytest.importorskip("radicale", reason="needs radicale, of the test dependencies")
    with radicale.server(tmp_path_factory.mktemp("caldav"), ["Europe/Paris"]) as running:
        yield running
