"""Crash points times faults of the sources: whatever comes together, each effect happens once or not at all.

Counted where it arrives: at a real mail server, in an outbox, in the calendar, in the folder. No switch in
Deskhand makes it die: a forked copy of the test's own process is told where to kill itself, so nothing of it
is shipped. Killed in an index batch: `tests/index/test_crash.py`, in a migration:
`records/test_killed_migrating.py`, at any moment of a pass: `tests/connectors/test_sync.py`. While a token is
saved nothing can be killed yet: no source has one.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from befalling import ELSEWHERE, WHERE, Kill
from crashing import copied
from faulting import AT_SERVER, CLOCKS, HOLD, World, go_on, ready
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


YES = (
    "before the yes is kept", "after the yes is kept", "before the yes is used", "after the yes is used",
    "after the source accepted",
)  # fmt: skip
"""Where it dies of a yes."""


@pytest.mark.parametrize("nth", range(len(YES)))
def test_killed_while_it_waits_and_again_around_the_yes(worlds: Iterator[World], nth: int) -> None:
    """Each fault meets one of these places: the question is still there, and one yes is one effect."""
    asking = [f for f in FAULTS if f[1] not in ("in the way", "changed")]  # what they befall asks nobody
    for n, (then, elsewhere) in enumerate(asking[nth :: len(YES)]):
        world, job = next(worlds), ("event", "post")[n % 2] if elsewhere else "mail"
        given = {"then": then, "fault": (elsewhere, n % LATEST)}
        assert world.live(f"ask {job}", Kill("after the question"), **given)
        assert not world.counts()
        world.live("yes", Kill(YES[nth]), **given)
        assert settled(world, job) is not None, (then, elsewhere)


@pytest.mark.parametrize("job", ["mail", "event"])
def test_a_yes_to_a_question_whose_interrupt_was_not_kept_is_carried_out(
    worlds: Iterator[World], job: str
) -> None:
    world = next(worlds)
    assert world.live(f"ask {job}", Kill("between the question and its interrupt"))
    with world.connect() as app:
        (card,) = app.approvals()
        assert app.decide(card.id).status == "done"
    assert world.counts()[job] == 1
    assert settled(world, job) is not None


@pytest.mark.parametrize("asked", CLOCKS)
def test_killed_under_one_clock_and_gone_on_with_under_another(worlds: Iterator[World], asked: str) -> None:
    """What is held until a moment that a wrong clock named leaves once, or is asked about, and is told."""
    points = itertools.cycle(
        ["while it is held", "held no more, before the call", "after the source accepted"]
    )
    for n, later in enumerate(CLOCKS):
        world, job = next(worlds), ("mail", "post", "event")[n % 3]
        world.live(job, Kill(next(points)), after=CLOCKS[asked])
        world.live("", Kill(next(points)), after=CLOCKS[later] + HOLD)
        assert settled(world, job, after=max(CLOCKS.values())) is not None, later


@pytest.fixture(scope="module")
def allowed(tmp_path_factory: pytest.TempPathFactory, made: Path, server: Server) -> Path:
    """A home in which two meetings with Ann and two mails to her and Bo are allowed each day."""
    world = World(copied(made, tmp_path_factory.mktemp("allowed") / "home"), server)
    with world.connect() as app:
        assert app.ask("mail", approve=True, fresh=False).status == "done"
        app.sync(embed=0)  # they are known from now on
        for job in ("event", "mail"):
            (card,) = app.ask(job, fresh=False).approvals
            assert app.decide(card.id, always={"per_day": 2}).status == "done"
        assert [p.per_day for p in app.permissions()] == [2, 2]
    return world.root


@pytest.mark.parametrize("nth", range(6))
def test_a_permission_counts_each_effect_once_while_a_source_fails(
    tmp_path: Path, allowed: Path, server: Server, nth: int
) -> None:
    """Six are asked for, four of which are allowed: never more go through unasked, whatever came between."""
    faults = [f for f in FAULTS if f[1] not in ("in the way", "changed")]
    for n, (then, elsewhere) in list(enumerate(faults))[nth::6]:
        for file in (server.folder / "got").iterdir():
            file.unlink()
        world = World(copied(allowed, tmp_path / str(n)), server, hold=False)
        before = world.counts()
        points = [point for k, point in enumerate(WHERE) if k % 5 == n % 5]
        for life, point in enumerate(points[:2]):
            fault = (elsewhere, (n + 5 * life) % LATEST)
            world.live("" if world.asked() > 3 else "ask allowed", Kill(point), then=then, fault=fault)
        with world.connect() as app:
            go_on(app)
            (run,) = [r for r in app.runs() if r.request == "allowed"]
            seen, uses = world.counts() - before, app.runs_room.records.uses()
            of = {e.key: app.runs_room.records.used_for(e.key) for e in run.effects}
            told = {e.key for e in run.effects if e.state == "done"}
            assert all(of[key] for key in told), "what was done unasked was allowed"
            for permission, what in (("p1", "event"), ("p2", "mail")):
                mine = [e for e in run.effects if of[e.key] == permission]
                assert {e.operation for e in mine} <= {"event.create" if what == "event" else "mail.send"}
                assert sum(e.state == "done" for e in mine) <= seen[what] <= len(mine), run.answer
                assert seen[what] <= 2, "no more than it says"
                assert len(mine) == (uses[permission].count if permission in uses else 0) <= 2
            asked = {a.operation for a in app.approvals()}
            assert run.status == ("waiting" if asked else "partial"), (run.status, run.answer)
            assert asked == {"event.create", "mail.send"}, "what goes beyond is asked about"
            waits, made = app.approvals(), world.counts()
            go_on(app)
            assert (app.approvals(), world.counts()) == (waits, made), "nothing is left to go on with"


@pytest.mark.parametrize("nth", range(3))
def test_a_listing_that_breaks_off_in_a_pass_that_is_killed_loses_nothing(
    worlds: Iterator[World], nth: int
) -> None:
    """Whatever came of either, the next pass has everything, and what is asked for then is done once."""
    for n in range(nth, 12, 3):
        world = next(worlds)
        for k in range(9):
            text = f"Subject: M{k}\r\nMessage-ID: <m{k}@example.org>\r\n\r\nHello.\r\n"
            (world.root / "mail" / "cur" / f"{k}.m:2,").write_text(text, "utf-8")
        for life, at in ((0, 2 * n), (1, 5 * n), (2, 60)):
            world.live("look", Kill("row", at), fault=("cut", n + 4 * life))
        with world.connect() as app:
            assert not [p.error for p in app.sync(embed=0).passes if p.error]
            assert app.archive.check() == []
            found = app.archive.find(sources=["mail"], kinds=["message"])
            assert sorted(i.title for i in found) == [f"M{k}" for k in range(9)]
        world.live("mail", Kill())
        assert settled(world, "mail") is not None


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
            killed, asked = killed + 1, "" if world.asked() else asked
        try:
            settled(world, job, after=latest)
        except BaseException as error:
            error.add_note(f"seed {seed - 1}")
            raise
