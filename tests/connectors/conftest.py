"""What several tests of sources and the archive share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes import dovecot as imap_server
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


@pytest.fixture(scope="session")
def dovecot() -> Iterator[imap_server.Server]:
    """A real IMAP server."""
    program = imap_server.installed()
    if program is None:
        pytest.skip(f"needs the Debian package {imap_server.PACKAGE}")
    with imap_server.server(program) as running:
        yield running
