"""What several tests of sources and the archive share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes import dovecot as imap_server
from fakes import line as between
from fakes import postgres
from imap_givens import Sink, sinking, somebody


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Cluster]:
    """A real PostgreSQL."""
    pytest.importorskip("psycopg", reason="needs the extra deskhand[postgresql]")
    programs = postgres.programs()
    if programs is None:
        pytest.skip(f"needs the Debian package {postgres.PACKAGE}")
    with postgres.cluster(programs) as cluster:
        yield cluster


@pytest.fixture
def line(dovecot: imap_server.Server) -> Iterator[between.Line]:
    """A line to the IMAP server that can break."""
    with between.line(dovecot.port) as made:
        yield made


@pytest.fixture
def user(dovecot: imap_server.Server) -> str:
    """Somebody with a small mailbox."""
    return somebody(dovecot)


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    """A mail server, and its port."""
    with sinking() as made:
        yield made
