"""What the connected sources promise: unknown is never free, one pass at a time, new settings in place."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from agent_givens import ENVIRONMENT, ME, NOW, House, draft

from deskhand.agent.app import App
from deskhand.agent.plans.language import Retry
from deskhand.agent.sources.connections import Connections
from deskhand.agent.sources.gates import HUNG, Gate
from deskhand.agent.sources.turns import PAUSE, SILENT, STUCK, Turns
from deskhand.connectors.archive import Archive
from deskhand.connectors.database import StorageError
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Change, Cursor, FreeBusy
from deskhand.connectors.sync import Pass, Progress

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n"
GOOD = (
    "BEGIN:VEVENT\r\nUID:board@example.org\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261123T150000Z\r\n"
    "DTEND:20261123T160000Z\r\nSUMMARY:Board\r\nEND:VEVENT\r\n"
)
BROKEN = (
    "BEGIN:VEVENT\r\nUID:roof@example.org\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:some day\r\n"
    "SUMMARY:Roof\r\nEND:VEVENT\r\n"
)
TAIL = "END:VCALENDAR\r\n"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    (tmp_path / "calendar").mkdir()
    with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
        app.add("ics", str(tmp_path / "calendar"), alias="work")
        yield app


def _ask(app: App, text: str) -> str:
    return " ".join(app.ask(text, fresh=False).answer.split())


def _told(app: App) -> tuple[bool, bool, bool]:
    """Whether agenda, slots and digest say that the calendar is not known."""
    return (
        "Not all is here: work could not be read." in _ask(app, "what is on my calendar tomorrow"),
        "It is not certain that you are free: work could not be read."
        in _ask(app, "find a time for 45 minutes tomorrow"),
        "Not all is here: work could not be read." in _ask(app, "give me the full digest"),
    )


class TestUnknownIsNeverFree:
    def test_a_calendar_that_was_read_whole_is_known(self, app: App, tmp_path: Path) -> None:
        (tmp_path / "calendar/a.ics").write_text(HEAD + GOOD + TAIL, newline="")
        app.sync(embed=0)
        assert _told(app) == (False, False, False)
        assert "Board" in _ask(app, "what is on my calendar tomorrow")

    @pytest.mark.parametrize(
        "text",
        [HEAD + GOOD + BROKEN + TAIL, HEAD + GOOD + BROKEN[:60]],
        ids=["broken", "cut short"],
    )
    def test_one_of_which_something_cannot_be_read_is_not(self, app: App, tmp_path: Path, text: str) -> None:
        (tmp_path / "calendar/a.ics").write_text(text, newline="")
        assert [p.error for p in app.sync(embed=0).passes] == [""]
        assert app.failures("work")
        assert _told(app) == (True, True, True)
        (tmp_path / "calendar/a.ics").write_text(HEAD + GOOD + TAIL, newline="")
        app.sync(embed=0)
        assert _told(app) == (False, False, False)

    def test_one_that_was_never_synced_is_not(self, app: App, tmp_path: Path) -> None:
        (tmp_path / "calendar/a.ics").write_text(HEAD + GOOD + TAIL, newline="")
        assert _told(app) == (True, True, True)

    def test_a_broken_document_hides_no_appointment(self, app: App, tmp_path: Path) -> None:
        (tmp_path / "documents").mkdir()
        (tmp_path / "documents/memo.pdf").write_bytes(b"%PDF-1.7 and no more")
        app.add("files", str(tmp_path / "documents"), alias="papers")
        app.sync(embed=0)
        assert app.failures("papers")
        assert app.connections.unreadable() == ()


class TestNewSettings:
    def test_what_is_plugged_in_and_what_is_under_way_outlive_them(
        self, house: House, tmp_path: Path
    ) -> None:
        room, connections = house.room, house.app.connections
        (tmp_path / "documents").mkdir()
        house.app.add("files", str(tmp_path / "documents"), alias="papers")
        assert house.app.runs_room is room
        assert connections.aliases == ["papers", "memory"]
        assert house.do(draft(), approve=True).status == "done"
        (tmp_path / "documents/memo.md").write_text("# Memo\n")
        house.sync()
        papers = connections.connector("papers")
        house.app.remove("papers")
        assert connections.aliases == ["memory"]
        house.app.add("files", str(tmp_path), alias="papers", options={})
        assert connections.connector("papers") is not papers
        assert house.performed() == ["mail.draft"]

    def test_a_source_removed_before_its_turn_is_not_registered_again(self, app: App, tmp_path: Path) -> None:
        (tmp_path / "more").mkdir()
        app.add("ics", str(tmp_path / "more"), alias="more")
        passes = app.connections.sync(["work", "more"], now=app.now)
        assert [p.error for p in passes] == ["", ""]
        app.remove("more")
        (late,) = app.connections.sync(["more"], now=app.now)
        assert late.error == "more was removed before it was read."
        assert [s.alias for s in app.archive.sources()] == ["work"]


@dataclass
class Slow(Memory):
    """A source in which a pass waits for another to come in; it notes whether one did."""

    source: str = "slow"
    inside: int = 0
    most: int = 0
    second: threading.Event = field(default_factory=threading.Event)

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        self.inside += 1
        self.most = max(self.most, self.inside)
        if self.inside > 1:
            self.second.set()
        self.second.wait(0.3)
        yield from super().changes(since)
        self.inside -= 1


def test_two_threads_never_walk_one_source_together(house: House) -> None:
    slow = Slow()
    house.app.plug(slow)
    with ThreadPoolExecutor(2) as pool:
        passes = [pool.submit(house.app.sync, "slow", embed=0) for _ in range(2)]
        assert [p.error for done in passes for p in done.result().passes] == ["", ""]
    assert slow.most == 1


class _Deaf(Memory):
    """Each pass over it hangs after its first page until `go`; `deaf` False: it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.go, self.deaf = threading.Event(), threading.Event(), True

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        for change in super().changes(since):
            yield change
            if isinstance(change, Cursor) and self.deaf:
                self.inside.set()
                self.go.wait(60)
                yield replace(next(iter(self.items.values())), title="Stale", text="Stale.")


@pytest.fixture
def deaf() -> _Deaf:
    return _Deaf()


@pytest.fixture
def deafened(tmp_path: Path, deaf: _Deaf) -> Iterator[House]:
    """An open home whose source hangs in its first pass."""
    with House(tmp_path / "home", memory=deaf) as house:
        house.message("first", title="Hello")
        yield house
        deaf.go.set()


class TestAPassThatHangs:
    """A call of a pass that never comes back ends the wait for it, and nothing else."""

    @pytest.fixture
    def clock(self, deafened: House) -> list[float]:
        clock = [0.0]
        connections = deafened.app.connections
        connections._passes._turns = defaultdict(partial(Turns, ticks=lambda: clock[0]))
        connections._gate = partial(Gate, ticks=lambda: clock[0])
        return clock

    def hung(self, house: House, clock: list[float], *more: str, waiting: int = 1) -> list[Sequence[Pass]]:
        """What `waiting` syncs say of which the first hangs for as long as one may."""
        assert isinstance(house.memory, _Deaf)
        house.memory.inside.clear()
        with ThreadPoolExecutor(waiting) as pool:
            said = [pool.submit(house.app.sync, "memory", *more, embed=0)]
            assert house.memory.inside.wait(30)
            said += [pool.submit(house.app.sync, "memory", embed=0) for _ in range(waiting - 1)]
            clock[0] += STUCK
            return [s.result(30).passes for s in said]

    def test_the_source_is_told_to_be_stuck_and_the_others_go_on(
        self, deafened: House, clock: list[float]
    ) -> None:
        app = deafened.app
        app.plug(Memory(source="other"))
        ((one, other),) = self.hung(deafened, clock, "other")
        assert (one.source, other.source, other.error) == ("memory", "other", "")
        assert one.error.startswith("memory is stuck: a call to it does not come back.")
        assert [s.error for s in app.sources() if s.alias == "memory"] == [one.error]
        assert "memory" in app.connections.unreadable()
        assert app.search("Hello").hits, "what came before is kept"

    def test_it_is_left_alone_for_a_while_and_then_taken_over(
        self, deafened: House, deaf: _Deaf, clock: list[float]
    ) -> None:
        self.hung(deafened, clock)
        deaf.deaf = False
        deafened.message("second", title="Harbour")
        (soon,) = deafened.app.sync("memory", embed=0).passes
        assert soon.error.endswith("it will be asked again in a while.")
        clock[0] += PAUSE
        (later,) = deafened.app.sync("memory", embed=0).passes
        assert (later.error, later.tally.added) == ("", 1)
        assert deafened.app.search("Harbour").hits
        assert [s.error for s in deafened.app.sources() if s.alias == "memory"] == [""]

    def test_what_it_says_too_late_is_not_stored(
        self, deafened: House, deaf: _Deaf, clock: list[float]
    ) -> None:
        app = deafened.app
        self.hung(deafened, clock)
        (hanging,) = app.connections._passes._turns["memory"]._hanging
        deaf.deaf = False
        clock[0] += PAUSE
        app.sync("memory", embed=0)
        seen = app.archive.last_seq(), app.archive.cursor("memory")
        deaf.go.set()
        with hanging._changed:
            assert hanging._changed.wait_for(lambda: hanging.over, 30)
        assert (app.archive.last_seq(), app.archive.cursor("memory")) == seen
        clock[0] -= PAUSE
        assert app.sync("memory", embed=0).passes[0].error == "", "it came back: nothing to wait for"

    def test_who_waits_for_it_waits_no_longer_either(self, deafened: House, clock: list[float]) -> None:
        said = [p.error for passes in self.hung(deafened, clock, waiting=3) for p in passes]
        assert [s.partition(":")[0] for s in said] == ["memory is stuck"] * 3

    def test_each_one_that_hangs_is_given_more_time(self, deafened: House, clock: list[float]) -> None:
        for pause in (PAUSE, 2 * PAUSE, 4 * PAUSE):
            self.hung(deafened, clock)
            clock[0] += pause - 1
            (soon,) = deafened.app.sync("memory", embed=0).passes
            assert soon.error.endswith("it will be asked again in a while.")
            clock[0] += 1

    def test_what_breaks_in_it_is_told_to_who_waits(self, house: House) -> None:
        def broken(_: Any) -> None:
            raise KeyError("callback")

        with pytest.raises(KeyError, match="callback"):
            house.app.sync("memory", progress=broken, embed=0)
        assert house.app.sync("memory", embed=0).passes[0].error == ""


@pytest.mark.parametrize(
    ("of", "name", "error"),
    [
        (Archive, "register", StorageError("the disk is full")),
        (threading.Thread, "start", RuntimeError("can't start new thread")),
    ],
)
def test_what_breaks_before_a_pass_ends_its_turn(
    house: House, monkeypatch: pytest.MonkeyPatch, of: type, name: str, error: Exception
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise error

    said = Future[Sequence[Pass]]()

    def walk() -> None:
        try:
            with monkeypatch.context() as patched:
                patched.setattr(of, name, broken)
                said.set_result(house.app.connections.sync(["memory"], now=house.app.now))
        except type(error) as raised:
            said.set_exception(raised)

    threading.Thread(target=walk, daemon=True).start()
    with pytest.raises(type(error), match=str(error)):
        said.result(20)
    assert house.app.sync("memory", embed=0).passes[0].error == "", "the next one has its turn"


class TestACallThatHangs:
    """The thread of a step that was waited for no longer may never come back."""

    def asked(self, connections: Connections) -> FreeBusy:
        return connections.free_busy([ME], start=NOW, end=NOW + timedelta(hours=1))[ME]

    def test_others_wait_for_it_so_long_and_say_so(self, tmp_path: Path) -> None:
        with House(tmp_path / "home", memory=(source := _Hanging())) as house:
            connections = house.app.connections
            connections._gate = partial(Gate, patience=0.01)
            with source.hung(connections):
                said = self.asked(connections).error
                assert "memory has not answered an earlier call for 0.01 seconds, so it was not asked" in said

    def test_a_write_that_could_not_be_begun_has_failed_and_is_not_unknown(self, tmp_path: Path) -> None:
        with House(tmp_path / "home", memory=(source := _Hanging())) as house:
            connections = house.app.connections
            connections._gate = partial(Gate, patience=0.01)
            with source.hung(connections):
                run = house.do(draft().model_copy(update={"retry": Retry(attempts=1)}))
            assert [e.state for e in run.effects] == ["failed"]
            assert "it was not asked; try again later" in run.answer

    def test_after_its_time_it_keeps_nobody_out(self, tmp_path: Path) -> None:
        clock = [0.0]
        with House(tmp_path / "home", memory=(source := _Hanging())) as house:
            connections = house.app.connections
            connections._gate = partial(Gate, patience=0.01, ticks=lambda: clock[0])
            with source.hung(connections):
                clock[0] += HUNG
                assert self.asked(connections).error == ""
                assert house.do(draft()).status == "done"
                assert house.app.sync(embed=0).passes[0].error == ""
            assert self.asked(connections).error == "", "it came back, and all is as before"

    def test_what_hangs_keeps_its_connection_to_itself(self, app: App) -> None:
        clock = [0.0]
        connections = app.connections
        connections._gate = partial(Gate, patience=0.01, ticks=lambda: clock[0])
        first = connections.metered("work")
        with first.gate:
            assert connections.metered("work").inner is first.inner
            clock[0] += HUNG
            other = connections.metered("work")
            assert other.inner is not first.inner
            with other.gate:
                pass


class _Hanging(Memory):
    """Its first look at free times does not come back until `go`."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.go = threading.Event(), threading.Event()

    def free_busy(self, addresses: Sequence[str], **rest: Any) -> dict[str, FreeBusy]:
        if not self.inside.is_set():
            self.inside.set()
            self.go.wait(60)
        return {a: FreeBusy(a) for a in addresses}

    @contextmanager
    def hung(self, connections: Connections) -> Iterator[None]:
        """For as long as a thread hangs in it."""
        ask = partial(connections.free_busy, [ME], start=NOW, end=NOW + timedelta(hours=1))
        thread = threading.Thread(target=ask)
        thread.start()
        assert self.inside.wait(30)
        try:
            yield
        finally:
            self.go.set()
            thread.join(30)


class TestWaiting:
    def test_who_says_nothing_is_named_with_for_how_long(self, tmp_path: Path) -> None:
        gone, told = threading.Event(), list[Progress]()

        @dataclass
        class Silent(Memory):
            source: str = "cloud"

            def changes(self, since: Cursor | None) -> Iterator[Change]:
                yield Cursor("0", 200, 5000)
                gone.wait(60)
                yield Cursor("1", 5000, 5000)

        def progress(at: Progress) -> None:
            told.append(at)
            if at.waits >= 20:
                gone.set()

        begun = monotonic()
        with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
            app.connections.plug("cloud", Silent(), kind="caldav")
            app.connections._described["cloud"] = ("caldav", {"place": "https://cloud.example.org/dav"})
            # A second of it passes in a hundredth.
            quick = partial(Turns, ticks=lambda: begun + 100 * (monotonic() - begun))
            app.connections._passes._turns = defaultdict(quick)
            app.sync(progress=progress, embed=0)
        waits = [p for p in told if p.waits]
        assert {(p.done, p.expected, p.where) for p in waits} == {(200, 5000, "cloud.example.org")}
        assert all(p.waits >= SILENT for p in waits)
        assert told[-1] == Progress("cloud", 5000, 5000)


def test_what_is_chosen_otherwise_in_the_settings_counts_from_the_next_sync_on(tmp_path: Path) -> None:
    (tmp_path / "papers/old").mkdir(parents=True)
    for name in ("a.md", "old/b.md"):
        (tmp_path / "papers" / name).write_text(f"# {name}\n", "utf-8")
    config = tmp_path / "home/config.toml"

    def found(exclude: str | None) -> list[str]:
        with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
            if not app.connections.aliases:
                app.add("files", str(tmp_path / "papers"), alias="papers")
            text = "\n".join(line for line in config.read_text("utf-8").splitlines() if "exclude" not in line)
            config.write_text(text + (f'\nexclude = "{exclude}"\n' if exclude is not None else "\n"), "utf-8")
            app.reload()
            assert [p.error for p in app.sync(embed=0).passes] == [""]
            return [i.ref.native for i in app.archive.find()]

    assert [found(e) for e in (None, "old", "a.md", None)] == [
        ["a.md", "old/b.md"], ["a.md"], ["old/b.md"], ["a.md", "old/b.md"],
    ]  # fmt: skip
