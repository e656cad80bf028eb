"""What many tests stand on: the sample workspace, synced once, and copies of it to change."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from fakes import myworld as worlds
    from fakes.dovecot import Server
    from google_givens import Google
    from graph_givens import Microsoft

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
"""A Sunday morning; in the sample's zone, Europe/Lisbon, the same hour."""


@dataclass(frozen=True)
class Office:
    """The sample workspace on disk and the home that is connected to it."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def workspace(self) -> Path:
        return self.root / "workspace"

    @property
    def outbox(self) -> Path:
        return self.root / "outbox"


# Several hundred processes are started: where bytecode may not be kept, each compiles the whole house anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


# Homes have the disk make sure of thousands of writes. Here a killed process is the worst that happens, and
# what is in memory survives that. On Linux, where there is room; else in the usual place.
_MEMORY = Path("/dev/shm")  # noqa: S108
if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > 4_000_000_000:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


# How long an example takes says more of what else the machine does than of the code.
settings.register_profile("desk", deadline=None)
settings.load_profile("desk")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: at the end the workers share what is left, and it is best left small."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of whoever runs it; runs use the engine that can be opened often."""
    for name in list(os.environ):
        if name.startswith("DESKHAND_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DESKHAND_ENGINE__KIND", "memory")
    monkeypatch.setenv("DESKHAND_SENDING__HOLD", "0s")


@pytest.fixture(autouse=True, scope="session")
def _made_once() -> Iterator[None]:
    """Databases are laid out, and statements made into SQL, once in this process."""
    import made_once

    with pytest.MonkeyPatch.context() as patch:
        made_once.begin(patch)
        yield


@pytest.fixture(scope="session")
def built_office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The sample, synced as it stood at each of its moments. Read it, do not change it."""
    from deskhand.agent.app import App
    from deskhand.agent.sample import Sample
    from deskhand.config.edit import set_person
    from deskhand.config.paths import Home

    office = Office(tmp_path_factory.mktemp("office"))
    sample = Sample.load(now=NOW, zone="Europe/Lisbon")
    home = Home(office.home).prepare()
    office.outbox.mkdir()
    set_person(home.config_file, name=sample.name, email=sample.email, zone=sample.zone)
    moment = [NOW]
    with App.open(home.root, now=lambda: moment[0], environ={}) as app:
        for at in sample.moments:
            moment[0] = at
            sample.write(office.workspace, until=at)
            if not app.settings.sources:
                app.add("maildir", str(office.workspace / "mail"), options={"outbox": str(office.outbox)})
                app.add("ics", str(office.workspace / "calendar"))
                app.add("files", str(office.workspace / "documents"))
                app.add("files", str(office.workspace / "handbook"), alias="handbook")
            app.sync()
        moment[0] = NOW
        sample.write(office.workspace)
        app.sync()
    return office


@pytest.fixture
def office(built_office: Office, tmp_path: Path) -> Office:
    """A copy of the sample, to change."""
    root = tmp_path / "office"
    shutil.copytree(built_office.root, root, symlinks=True)
    copy = Office(root)
    config = copy.home / "config.toml"
    config.write_text(config.read_text("utf-8").replace(str(built_office.root), str(root)), "utf-8")
    return copy


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Server]:
    """A real IMAP server."""
    from fakes import dovecot

    program = dovecot.installed()
    if program is None:
        pytest.skip(f"needs the Debian package {dovecot.PACKAGE}")
    with dovecot.server(program) as running:
        yield running


@pytest.fixture(scope="session")
def myworld() -> Iterator[worlds.Server]:
    """Gmail, Calendar and Drive, played by a process of their own; worlds are made in it."""
    from fakes import myworld as worlds

    program = worlds.installed()
    if program is None:
        pytest.skip(f"needs {worlds.PACKAGE}, which `make .venv/myworld` installs")
    with worlds.server(program) as running:
        yield running


@pytest.fixture
def google(myworld: worlds.Server, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Google]:
    """Google at its real names, for Ana, Bo and Cy of example.org.

    `@pytest.mark.parametrize("google", [office(...)], indirect=True)` gives it another world.
    """
    from fakes.myworld import office
    from google_givens import Google, fronted, wired

    world = myworld.start(getattr(request, "param", None) or office())
    with fronted(myworld.port, tmp_path) as (front, authorities), wired(front.port, authorities):
        yield Google(world, front, authorities)
    world.end()


@pytest.fixture
def microsoft(tmp_path: Path) -> Iterator[Microsoft]:
    """Graph at its real name, for Ana, Bo and Cy of example.org."""
    import graph_givens

    with graph_givens.microsoft(tmp_path) as made:
        yield made
