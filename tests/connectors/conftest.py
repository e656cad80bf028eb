"""What several tests of sources and the archive share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dav_givens
import drive_givens
import gcal_givens
import pytest
from dav_givens import account, fill, person
from fakes import dovecot as imap_server
from fakes import google_calendar, postgres, proxy, radicale
from fakes import line as between
from fakes.drive.server import Server, serving
from fakes.drive.world import World
from google_givens import Google, fronted, wired
from imap_givens import Sink, sinking, somebody

from deskhand.connectors.caldav import CalDav


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


@pytest.fixture(scope="session")
def dav_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[radicale.Server]:
    """A real CalDAV server that lets everybody in."""
    pytest.importorskip("radicale", reason="needs radicale, of the test dependencies")
    with radicale.server(tmp_path_factory.mktemp("caldav")) as running:
        yield running


@pytest.fixture
def ana(dav_server: radicale.Server) -> radicale.Server:
    """An account of its own, with a calendar in it."""
    ana = dav_server.of(person())
    fill(ana)
    return ana


@pytest.fixture
def cal(ana: radicale.Server, tmp_path: Path) -> Iterator[CalDav]:
    """That account, connected."""
    connector = account(ana, tmp_path / "state")
    yield connector
    connector.close()


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    """Close what `account` opened."""
    yield
    while dav_givens.OPENED:
        dav_givens.OPENED.pop().close()


@pytest.fixture
def way(ana: radicale.Server) -> Iterator[proxy.Proxy]:
    """A proxy before that account's server."""
    with proxy.before(ana.port) as running:
        yield running


@pytest.fixture
def far(way: proxy.Proxy, ana: radicale.Server, tmp_path: Path) -> Iterator[CalDav]:
    """The same account, connected through the proxy."""
    connector = account(way, tmp_path / "far", user=ana.user)
    way.seen.clear()
    yield connector
    connector.close()


@pytest.fixture
def world() -> World:
    """An empty Google Drive."""
    return World()


@pytest.fixture
def served(world: World) -> Iterator[Server]:
    """It speaks to us; in the end, nothing was asked or answered that Google would not."""
    with serving(world) as running:
        yield running
        while drive_givens.OPENED:
            drive_givens.OPENED.pop().close()
    assert running.wrong == []


@pytest.fixture
def calendars(tmp_path: Path) -> Iterator[Google]:
    """Ana's Google Calendar, as our own fake plays it at Google's names; all that it heard was Google's."""
    pytest.importorskip("googleapiclient", reason="needs the extra deskhand[google]")
    world = google_calendar.World()
    world.calendar(google_calendar.ME)
    with (
        google_calendar.served(world) as port,
        fronted(port, tmp_path, route=proxy.straight) as (front, authorities),
        wired(front.port, authorities),
    ):
        yield Google(world, front, authorities)
    assert world.wrong == []
    assert world.told == [], "Google told guests"


@pytest.fixture(autouse=True)
def closing_calendars() -> Iterator[None]:
    """Close what `gcal_givens.account` opened."""
    yield
    while gcal_givens.OPENED:
        gcal_givens.OPENED.pop().close()
