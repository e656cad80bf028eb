"""Crash points times faults of the sources: whatever comes together, each effect happens once or not at all.

Counted where it arrives: at a real mail server, in the calendar, in the folder. No switch in Deskhand makes
it die: a forked copy of the test's own process is told where to kill itself, so nothing of it is shipped.
"""

from __future__ import annotations

import itertools
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from crashing import copied
from faulting import AT_SERVER, CLOCKS, ELSEWHERE, HOLD, WHERE, Kill, World, ready
from mailing import Server, serving
from settling import settled

pytestmark = [pytest.mark.crash, pytest.mark.long]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Path:
    return ready(tmp_path_factory.mktemp("ready"), server.port)


@pytest.fixture
def worlds(tmp_path: Path, made: Path, server: Server) -> Iterator[World]:
    """Fresh homes, one after the other, at a server that has got nothing yet."""

    def fresh() -> Iterator[World]:
        for n in itertools.count():
            for file in (server.folder / "got").iterdir():
                file.unlink()
            yield World(copied(made, tmp_path / str(n)), server, hold=n % 2 == 0)

    return fresh()


ON_DISK = (*ELSEWHERE, "in the way", "changed")
FAULTS = [*((then, "") for then in AT_SERVER), *(("take", fault) for fault in ON_DISK)]
"""What goes wrong: at the mail server, or where the sources lie."""

LATEST = 12
"""More changes of files than go well in any write before the disk is full."""


def jobs(elsewhere: str) -> list[str]:
    """What is asked for under a fault that can befall it."""
    if elsewhere in ("in the way", "changed"):
        return ["file" if elsewhere == "in the way" else "shift"]
    return ["post", "event", "mail", "file", "shift", "each"] if elsewhere else ["mail"]


@pytest.mark.parametrize(("then", "elsewhere"), FAULTS)
def test_killed_at_a_point_while_a_source_fails(worlds: Iterator[World], then: str, elsewhere: str) -> None:
    """It is killed there, in one life or the next, while the source fails; then the source is well again.

    Each fault meets every sixth point, each point at least two faults.
    """
    killed, nth = 0, FAULTS.index((then, elsewhere))
    for n, point in enumerate(WHERE):
        if n % 6 != nth % 6:
            continue
        world, asked = next(worlds), jobs(elsewhere)
        job, fault = asked[n // 6 % len(asked)], (elsewhere, n % LATEST)
        killed += world.live(job, Kill(point), then=then, fault=fault)
        if n % 3 == 0:
            killed += world.live("", Kill(point), then=then, fault=fault, after=HOLD)
        assert settled(world, job) is not None
    # Where a write fails at once, the points behind it are not come to.
    assert killed or elsewhere


@pytest.mark.parametrize("job", ["mail", "post", "event", "shift", "file"])
def test_the_disk_fails_anywhere_in_a_write(worlds: Iterator[World], job: str) -> None:
    """Nobody is killed: what the source says of a write that broke off must be true."""
    for first in range(0, LATEST, 2):
        world, elsewhere = next(worlds), list(ELSEWHERE)[first % len(ELSEWHERE)]
        world.live(job, Kill(), fault=(elsewhere, first))
        if world.hold and job in ("mail", "post"):
            world.live("", Kill(), fault=(elsewhere, first), after=HOLD)
        assert settled(world, job) is not None, first


def drawn(draw: random.Random, job: str, *, early: bool) -> Kill:
    """A kill anywhere in a life; `early`: where also one comes that has little left to do."""
    by_server = ["kill"] * (job in ("mail", "mixed"))
    at = draw.choice([*["point"] * 3, *["change"] * 3, "event", "moment", "file", *by_server])
    match at:
        case "point":
            return Kill(draw.choice(list(WHERE)))
        case "change":
            return Kill(at, draw.randrange(20 if early else 60))
        case "event":
            return Kill(at, draw.randrange(3 if early else 20), draw.random() * 0.02)
        case "file":
            return Kill(at, draw.randrange(30))
        case "moment":
            return Kill(at, delay=draw.random() * 0.15)
    return Kill(draw.choice(["kill", "kill at data", "kill at rcpt"]))


@pytest.mark.parametrize("tenth", range(10))
def test_killed_at_random_while_sources_fail_at_random(worlds: Iterator[World], tenth: int) -> None:
    """200 seeded kills, twenty a test, over plans of one write and of many: up to four in one run's life."""
    killed, seed = 0, 100 * tenth
    while killed < 20:
        draw, world, seed = random.Random(seed), next(worlds), seed + 1
        job = draw.choice(["mail", "post", "event", "shift", "file", "each", "mixed", "mixed"])
        asked, latest = job, timedelta(0)
        for life in range(4):
            then, elsewhere = draw.choice([("take", ""), *FAULTS])
            after = draw.choice(list(CLOCKS.values())) + life * HOLD
            fault, latest = (elsewhere, draw.randrange(LATEST)), max(latest, after)
            kill = drawn(draw, job, early=bool(life))
            if not world.live(asked, kill, then=then, fault=fault, after=after):
                break
            killed, asked = killed + 1, asked if _unasked(world) else ""
        try:
            settled(world, job, after=latest)
        except BaseException as error:
            error.add_note(f"seed {seed - 1}")
            raise


def _unasked(world: World) -> bool:
    """Whether it died before anything was asked for."""
    with closing(sqlite3.connect(world.root / "home" / "runs.db")) as db:
        return not db.execute("SELECT 1 FROM runs").fetchone()
