"""A calendar account of 2,000 events on a real Radicale, beside vdirsyncer (`pip install --group bench`).

vdirsyncer copies the events into a folder; we store their versions, people and texts in the archive besides.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from contracts import NOW
from dav_givens import HEAD, TAIL, account
from fakes import radicale
from pytest_benchmark.fixture import BenchmarkFixture

from deskhand.connectors.archive import Archive
from deskhand.connectors.sync import sync

EVENTS = 2000
_numbers = count()

Once = Callable[[], None]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[radicale.Server]:
    with radicale.server(tmp_path_factory.mktemp("radicale")) as running:
        events = "".join(
            f"BEGIN:VEVENT\r\nUID:u{n}@example.org\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Meeting {n}\r\n"
            f"DTSTART:2026{n % 12 + 1:02}{n % 28 + 1:02}T100000Z\r\nDURATION:PT45M\r\nLOCATION:Here\r\n"
            f"DESCRIPTION:The lamp on quay {n} needs a lens.\r\nORGANIZER:mailto:ana@example.org\r\n"
            f"ATTENDEE;CN=Person {n % 40}:mailto:person{n % 40}@example.org\r\nEND:VEVENT\r\n"
            for n in range(EVENTS)
        )
        running.ask("PUT", "many/", HEAD + events + TAIL, kind="text/calendar; charset=utf-8")
        yield running


def ours(server: radicale.Server, folder: Path) -> Once:
    archive = Archive.open(folder / "archive.db")
    archive.register("cal", "caldav")
    calendar = account(server, folder / "state")

    def once() -> None:
        done = sync(calendar, archive, now=lambda: NOW)
        assert done.error == ""

    return once


def theirs(server: radicale.Server, folder: Path) -> Once:
    program = os.environ.get("VDIRSYNCER") or shutil.which("vdirsyncer")
    if program is None:
        pytest.skip("needs vdirsyncer, of the group bench (or its path in VDIRSYNCER)")
    (folder / "config").write_text(
        f'[general]\nstatus_path = "{folder}/status/"\n[pair p]\na = "l"\nb = "r"\ncollections = ["many"]\n'
        f'[storage l]\ntype = "filesystem"\npath = "{folder}/events/"\nfileext = ".ics"\n'
        f'[storage r]\ntype = "caldav"\nurl = "{server.url}"\nusername = "{server.user}"\npassword = "x"\n'
    )
    base = [program, "-c", str(folder / "config")]
    subprocess.run([*base, "discover"], input=b"y\n" * 4, check=True, capture_output=True)

    def once() -> None:
        subprocess.run([*base, "sync"], check=True, capture_output=True)

    return once


@pytest.mark.parametrize("who", [ours, theirs])
def test_first_sync(
    benchmark: BenchmarkFixture, server: radicale.Server, tmp_path: Path,
    who: Callable[[radicale.Server, Path], Once],
) -> None:  # fmt: skip
    def fresh() -> tuple[tuple[Once], dict[str, object]]:
        folder = tmp_path / str(next(_numbers))
        folder.mkdir()
        return (who(server, folder),), {}

    benchmark.pedantic(lambda once: once(), setup=fresh, rounds=3)


@pytest.mark.parametrize("who", [ours, theirs])
def test_nothing_changed(
    benchmark: BenchmarkFixture, server: radicale.Server, tmp_path: Path,
    who: Callable[[radicale.Server, Path], Once],
) -> None:  # fmt: skip
    once = who(server, tmp_path)
    once()
    benchmark.pedantic(once, rounds=5)
