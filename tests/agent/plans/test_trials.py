"""Steps that take too long, fail for a passing reason, or can be done otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from agent_givens import NOW, House, step

from deskhand.agent import actions as registry
from deskhand.agent.actions import Action, Arguments, CannotDo, Output
from deskhand.agent.actions._shapes import MAYBE, Given, Instant, Told
from deskhand.agent.plans.language import Step
from deskhand.agent.runs.trials import SIDE_BY_SIDE
from deskhand.connectors.errors import Transient
from deskhand.connectors.model import Label

MINE = {"": Label("user", (), None)}
Acts = Callable[..., None]


class Numbered(Arguments):
    n: int = 0


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> Acts:
    """Adds actions for one test: `acts(name=function)` is called `test.<name>`; `gives` says what."""
    known: dict[str, Action] = dict(registry.actions())

    def add(gives: type[Given] | None = None, **functions: Callable[[int], Mapping[str, Any]]) -> None:
        for name, function in functions.items():

            def run(_: Any, *, n: int = 0, function: Callable[[int], Mapping[str, Any]] = function) -> Output:
                return Output(function(n), MINE)

            known[f"test.{name}"] = Action(f"test.{name}", run, Numbered, "", gives=gives)

    monkeypatch.setattr("deskhand.agent.runs.trials.actions", lambda: known)
    monkeypatch.setattr("deskhand.agent.plans.validate.actions", lambda: known)
    return add


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Shut for as long as the test runs; what hangs at it is let go afterwards."""
    shut = threading.Event()
    yield shut
    shut.set()


def given(made: Step, **changes: Any) -> Step:
    return Step.model_validate(made.model_dump() | changes)


def tried(house: House, run: str) -> list[dict[str, Any]]:
    return [e.data for e in house.room.records.events(run) if e.type == "tried"]


def hang(gate: threading.Event) -> Callable[[int], Mapping[str, Any]]:
    def wait(_: int) -> Mapping[str, Any]:
        gate.wait(60)
        return {"late": True}

    return wait


class TestTimeout:
    def test_nobody_waits_for_what_does_not_end(
        self, house: House, acts: Acts, gate: threading.Event
    ) -> None:
        acts(hang=hang(gate), quick=lambda _: {"ok": True})
        run = house.do(
            given(step("a", "test.hang"), timeout=0.05, retry={"attempts": 1}), step("b", "test.quick"),
            step("c", "test.quick", ("a",)),
        )  # fmt: skip
        states = house.room.records.steps(run.id)
        assert {i: s.state for i, s in states.items()} == {"a": "failed", "b": "done", "c": "skipped"}
        assert "It took longer than 0.05 seconds" in run.answer

    def test_what_it_says_later_is_not_heard(self, house: House, acts: Acts, gate: threading.Event) -> None:
        acts(hang=hang(gate))
        run = house.do(given(step("a", "test.hang"), timeout=0.05, retry={"attempts": 1}))
        gate.set()
        assert house.room.records.steps(run.id)["a"].value is None


class TestAgain:
    def test_a_passing_reason_is_tried_again(self, house: House, acts: Acts) -> None:
        seen: list[int] = []

        def busy(_: int) -> Mapping[str, Any]:
            seen.append(1)
            if len(seen) < 3:
                raise Transient("The server is busy.")
            return {"ok": True}

        acts(busy=busy)
        run = house.do(given(step("a", "test.busy"), retry={"attempts": 3, "backoff": 0.01}))
        assert (run.status, house.room.records.steps(run.id)["a"].attempts) == ("done", 3)
        first, second = tried(house, run.id)
        assert [first["attempt"], second["attempt"]] == [1, 2]
        assert 0.005 <= first["again_in"] <= 0.015
        assert 0.01 <= second["again_in"] <= 0.03

    def test_the_last_attempt_decides(self, house: House, acts: Acts) -> None:
        def busy(_: int) -> Mapping[str, Any]:
            raise Transient("The server is busy.")

        acts(busy=busy)
        run = house.do(given(step("a", "test.busy"), retry={"attempts": 2, "backoff": 0}))
        assert (run.status, len(tried(house, run.id))) == ("failed", 1)
        assert "The server is busy." in run.answer

    @pytest.mark.parametrize("error", [CannotDo("No."), ValueError("no"), KeyError("x")])
    def test_what_will_not_pass_is_not_tried_again(self, house: House, acts: Acts, error: Exception) -> None:
        def broken(_: int) -> Mapping[str, Any]:
            raise error

        acts(broken=broken)
        run = house.do(given(step("a", "test.broken"), retry={"attempts": 5, "backoff": 0}))
        assert (run.status, tried(house, run.id)) == ("failed", [])

    def test_a_time_that_ran_out_may_pass(self, house: House, acts: Acts, gate: threading.Event) -> None:
        seen: list[int] = []

        def slow_once(_: int) -> Mapping[str, Any]:
            seen.append(1)
            if len(seen) == 1:
                gate.wait(60)
            return {"n": len(seen)}

        acts(slow=slow_once)
        run = house.do(given(step("a", "test.slow"), timeout=0.1, retry={"attempts": 2, "backoff": 0}))
        assert house.room.records.steps(run.id)["a"].value == {"n": 2}
        assert run.status == "done"


class Numbers(Given):
    """What an action of these tests says it gives."""

    n: int
    at: Instant = MAYBE


class TestGives:
    @pytest.mark.parametrize(
        ("value", "said"),
        [
            ({}, "n: field required"),
            ({"n": "3"}, "n: input should be a valid integer"),
            ({"n": 1, "m": 2}, "m: extra inputs are not permitted"),
            ({"n": 1, "at": "2026-11-22T08:00:00"}, "at: input should have timezone info"),
            ({"n": 1, "at": NOW}, "it is no plain JSON: Object of type datetime is not JSON serializable"),
        ],
    )
    def test_what_does_not_fit_is_neither_kept_nor_used(
        self, house: House, acts: Acts, value: Mapping[str, Any], said: str
    ) -> None:
        acts(Numbers, odd=lambda _: value)
        acts(fine=lambda n: {"n": n})
        again = given(step("a", "test.odd"), retry={"attempts": 3, "backoff": 0})
        run = house.do(again, step("b", "test.fine", n={"ref": "a", "path": "n"}), step("c", "test.fine"))
        states = house.room.records.steps(run.id)
        assert {i: s.state for i, s in states.items()} == {"a": "failed", "b": "skipped", "c": "done"}
        assert states["a"].value is None
        assert f"What test.odd gave is not what it is to give ({said})" in run.answer
        (event,) = [e.data for e in house.room.records.events(run.id) if e.type == "misfit"]
        assert event == {"step": "a", "op": "test.odd", "wrong": [said]}

    def test_it_is_done_otherwise_where_the_plan_says_how(self, house: House, acts: Acts) -> None:
        acts(Numbers, odd=lambda _: {}, fine=lambda n: {"n": n})
        run = house.do(given(step("a", "test.odd"), fallback={"op": "test.fine", "args": {"n": 4}}))
        assert (run.status, house.room.records.steps(run.id)["a"].value) == ("done", {"n": 4})

    def test_what_is_no_unicode_is_told_as_it_is_stored(self, house: House, acts: Acts) -> None:
        acts(Told, smuggled=lambda _: {"title": "a\udcffb", "text": ""})
        assert house.do(step("a", "test.smuggled")).status == "done"


class TestOtherwise:
    def test_what_cannot_be_done_is_done_otherwise(self, house: House, acts: Acts) -> None:
        def no(_: int) -> Mapping[str, Any]:
            raise CannotDo("The index is being rebuilt.")

        acts(no=no, words=lambda n: {"n": n})
        run = house.do(
            given(step("a", "test.no"), fallback={"op": "test.words", "args": {"n": 7}}),
            step("b", "test.words", n={"ref": "a", "path": "n"}),
        )
        assert run.status == "done"
        assert house.room.records.steps(run.id)["b"].value == {"n": 7}
        (event,) = [e.data for e in house.room.records.events(run.id) if e.type == "done otherwise"]
        assert event == {"step": "a", "error": "The index is being rebuilt.", "op": "test.words"}

    def test_where_that_fails_too_the_step_has_failed(self, house: House, acts: Acts) -> None:
        def no(n: int) -> Mapping[str, Any]:
            raise CannotDo(f"No {n}.")

        acts(no=no)
        run = house.do(given(step("a", "test.no"), fallback={"op": "test.no", "args": {"n": 2}}))
        assert run.status == "failed"
        assert "No 2." in run.answer


def test_so_many_steps_are_under_way_at_once_and_no_more(house: House, acts: Acts) -> None:
    both = threading.Barrier(SIDE_BY_SIDE, timeout=30)
    lock, now, most = threading.Lock(), [0], [0]

    def meet(n: int) -> Mapping[str, Any]:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        if n < SIDE_BY_SIDE:
            both.wait()
        with lock:
            now[0] -= 1
        return {"n": n}

    acts(meet=meet)
    run = house.do(*(step(f"s{n}", "test.meet", n=n) for n in range(2 * SIDE_BY_SIDE)))
    assert (run.status, most[0]) == ("done", SIDE_BY_SIDE)


def test_what_becomes_ready_does_not_wait_for_the_slow_ones(house: House, acts: Acts) -> None:
    """No waves: the chain of quick steps ends while the slow one still waits for its end."""
    last = threading.Event()

    def slow(_: int) -> Mapping[str, Any]:
        assert last.wait(30), "the quick chain waited for this step"
        return {}

    def quick(n: int) -> Mapping[str, Any]:
        if n == 3:
            last.set()
        return {}

    acts(slow=slow, quick=quick)
    run = house.do(
        step("slow", "test.slow"), step("a", "test.quick", n=1), step("b", "test.quick", ("a",), n=2),
        step("c", "test.quick", ("b",), n=3),
    )  # fmt: skip
    assert run.status == "done"
