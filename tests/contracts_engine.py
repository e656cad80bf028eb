"""What must hold for every engine: the suite that the durable one and its twin inherit."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest

from deskhand.agent.runs.engine import Advance, Engine

Make = Callable[[Advance], Engine]
PATIENCE = 30.0


class EngineContract:
    """Inherit, and give `make`: it opens an engine that advances so; the fixture closes it in the end."""

    @pytest.fixture
    def make(self) -> Make:
        raise NotImplementedError

    def test_each_submit_is_one_more_advance(self, make: Make) -> None:
        advanced: Counter[str] = Counter()
        engine = make(lambda run: advanced.update([run]))
        for run in ("a", "b", "a", "a"):
            engine.submit(run)
        assert engine.wait("a", PATIENCE)
        assert engine.wait("b", PATIENCE)
        assert advanced == {"a": 3, "b": 1}

    def test_waiting_for_what_was_never_submitted_does_not_wait(self, make: Make) -> None:
        assert make(lambda _: None).wait("ghost", 0)

    def test_a_run_is_advanced_by_one_thread_at_a_time_and_others_beside_it(self, make: Make) -> None:
        inside: Counter[str] = Counter()
        most: Counter[str] = Counter()
        lock, both = threading.Lock(), threading.Barrier(2, timeout=PATIENCE)
        met = threading.Event()

        def advance(run: str) -> None:
            with lock:
                inside[run] += 1
                most[run] = max(most[run], inside[run])
            if not met.is_set():
                both.wait()  # two runs at the same time, or this times out
                met.set()
            with lock:
                inside[run] -= 1

        engine = make(advance)
        for _ in range(4):
            engine.submit("a")
            engine.submit("b")
        assert engine.wait("a", PATIENCE)
        assert engine.wait("b", PATIENCE)
        assert most == {"a": 1, "b": 1}

    def test_many_submits_of_one_run_leave_room_for_others(self, make: Make) -> None:
        go = threading.Event()
        engine = make(lambda run: (go.wait(PATIENCE), None)[1] if run == "slow" else None)
        for _ in range(3):
            engine.submit("slow")
        engine.submit("quick")
        try:
            assert engine.wait("quick", PATIENCE)
        finally:
            go.set()
        assert engine.wait("slow", PATIENCE)

    def test_lists_what_is_under_way(self, make: Make) -> None:
        go, began = threading.Event(), threading.Event()

        def advance(_: str) -> None:
            began.set()
            go.wait(PATIENCE)

        engine = make(advance)
        assert engine.list() == []
        engine.submit("b")
        engine.submit("a")
        assert began.wait(PATIENCE)
        assert engine.list() == ["a", "b"]
        assert not engine.wait("a", 0.01)
        go.set()
        assert engine.wait("a", PATIENCE)
        assert engine.wait("b", PATIENCE)
        assert engine.list() == []

    def test_cancel_drops_what_has_not_begun(self, make: Make) -> None:
        go, began = threading.Event(), threading.Event()
        advanced: list[str] = []

        def advance(run: str) -> None:
            advanced.append(run)
            began.set()
            go.wait(PATIENCE)

        engine = make(advance)
        engine.submit("a")
        assert began.wait(PATIENCE)
        engine.submit("a")
        engine.submit("a")
        engine.cancel("a")
        engine.cancel("ghost")
        go.set()
        assert engine.wait("a", PATIENCE)
        assert advanced == ["a"]
        engine.submit("a")
        assert engine.wait("a", PATIENCE)
        assert advanced == ["a", "a"], "a later submit counts again"

    def test_an_advance_may_submit(self, make: Make) -> None:
        advanced: list[str] = []

        def advance(run: str) -> None:
            advanced.append(run)
            if run == "first":
                engine.submit("second")

        engine = make(advance)
        engine.submit("first")
        assert engine.wait("first", PATIENCE)
        assert engine.wait("second", PATIENCE)
        assert advanced == ["first", "second"]

    def test_close_finishes_what_is_under_way_and_leaves_the_rest(self, make: Make) -> None:
        began, ended = threading.Event(), []

        def advance(run: str) -> None:
            began.set()
            time.sleep(0.05)
            ended.append(run)

        engine = make(advance)
        engine.submit("a")
        engine.submit("a")
        assert began.wait(PATIENCE)
        engine.close()
        assert ended == ["a"]
        with pytest.raises(RuntimeError):
            engine.submit("b")
