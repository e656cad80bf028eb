"""A run that is stopped, wherever it is; and a run that is watched while it goes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from agent_givens import House, draft, mail, step

from deskhand.agent import actions as registry
from deskhand.agent.actions import Action, Arguments, Output
from deskhand.agent.desk.desk import Desk
from deskhand.agent.errors import Refusal
from deskhand.agent.home.owner import Door, knock
from deskhand.agent.model import Event
from deskhand.agent.plans.language import Plan, Step
from deskhand.connectors.errors import Transient
from deskhand.connectors.model import Label


class Nothing(Arguments):
    pass


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What hangs at it is let go when the test is over."""
    shut = threading.Event()
    yield shut
    shut.set()


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch, gate: threading.Event) -> threading.Event:
    """Set as soon as the action `test.hang` hangs; `test.busy` says that the server is busy."""
    there = threading.Event()

    def hang(_: Any) -> Output:
        there.set()
        gate.wait(60)
        return Output({}, {"": Label("user", (), None)})

    def busy(_: Any) -> Output:
        there.set()
        raise Transient("The server is busy.")

    made = {f"test.{f.__name__}": Action(f"test.{f.__name__}", f, Nothing, "") for f in (hang, busy)}
    known = dict(registry.actions()) | made
    monkeypatch.setattr("deskhand.agent.runs.trials.actions", lambda: known)
    monkeypatch.setattr("deskhand.agent.plans.validate.actions", lambda: known)
    return there


def begun(house: House, *steps: Step) -> str:
    """Begin a run and leave it to itself."""
    house.plans["test"] = Plan(request="test", objective="Do it.", steps=steps)
    return house.app.ask("test", wait=0, fresh=False).id


def types(house: House, run: str) -> list[str]:
    return [e.type for e in house.room.records.events(run)]


class TestCancelling:
    @pytest.mark.parametrize("op", ["test.hang", "test.busy"])
    def test_what_is_under_way_is_waited_for_no_longer(
        self, house: House, reached: threading.Event, op: str
    ) -> None:
        slow = Step.model_validate(
            {"id": "slow", "op": op, "purpose": "do slow", "retry": {"attempts": 9, "backoff": 600}}
        )
        run = begun(house, draft("a"), slow.model_copy(update={"needs": ("a",)}), draft("b", ("slow",)))
        assert reached.wait(20)
        stopped = house.app.cancel(run)
        assert (stopped.status, house.performed()) == ("cancelled", ["mail.draft"])
        assert stopped.answer.startswith("Drafted ")
        assert "Stopped: you cancelled this run." in stopped.answer
        assert "So this was not done: do b." in stopped.answer
        assert {"cancelled"} < {*types(house, run)}
        assert types(house, run)[-1] == "finished"

    def test_what_only_reads_is_told_too(self, house: House, reached: threading.Event) -> None:
        run = begun(house, step("slow", "test.hang"))
        assert reached.wait(20)
        assert "So this was not done: do slow." in house.app.cancel(run).answer

    def test_undo_stops_it_as_well(self, house: House, reached: threading.Event) -> None:
        run = begun(house, step("slow", "test.hang"), mail(needs=("slow",)))
        assert reached.wait(20)
        back = house.app.undo(run)
        assert (back.id, back.status, house.performed()) == (run, "cancelled", [])

    def test_what_it_says_later_is_not_heard(
        self, house: House, reached: threading.Event, gate: threading.Event
    ) -> None:
        run = begun(house, step("slow", "test.hang"))
        assert reached.wait(20)
        house.app.cancel(run)
        gate.set()
        assert house.room.records.steps(run) == {}

    def test_while_it_is_being_planned(self, house: House, gate: threading.Event) -> None:
        there = threading.Event()

        def planner(*_: Any) -> Plan:
            there.set()
            gate.wait(60)
            raise AssertionError("nobody listens")

        house.room._planner = planner
        run = house.app.ask("anything", wait=0, fresh=False)
        assert there.wait(20)
        stopped = house.app.cancel(run.id)
        assert (stopped.status, stopped.answer) == ("cancelled", "Stopped: you cancelled this run.")

    def test_just_before_it_is_taken_up(
        self, house: House, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The run is read, then cancelled, and only then known as under way."""
        cancelled, records, real = threading.Event(), house.room.records, house.room._tools
        set_run = records.set_run

        def set_and_tell(id_: str, **values: Any) -> None:
            set_run(id_, **values)
            if values.get("cancelled"):
                cancelled.set()

        stopping = threading.Thread(target=lambda: house.app.cancel("r1"))

        def tools(*given: Any) -> Any:
            if not cancelled.is_set():
                stopping.start()
                assert cancelled.wait(20)
                with house.room._advancing._lock:  # whoever cancels has looked by then who is under way
                    pass
            return real(*given)

        def planner(*_: Any) -> Plan:
            gate.wait(60)
            raise AssertionError("nobody listens")

        monkeypatch.setattr(records, "set_run", set_and_tell)
        monkeypatch.setattr(house.room, "_tools", tools)
        house.room._planner = planner
        house.app.ask("anything", wait=0, fresh=False)
        assert cancelled.wait(20)
        stopping.join(20)
        assert not stopping.is_alive(), "who cancels does not wait for the planner"
        assert house.app.run("r1").status == "cancelled"

    def test_while_it_waits_for_a_decision(self, house: House) -> None:
        run = house.do(draft("a"), mail("m"))
        stopped = house.app.cancel(run.id)
        assert (stopped.status, house.app.approvals()) == ("cancelled", [])
        assert "So this was not done: do m." in stopped.answer
        with pytest.raises(Refusal, match="withdrawn already"):
            house.app.decide("a1")
        with pytest.raises(Refusal, match=r"is over already .cancelled., so there is nothing to stop"):
            house.app.cancel(run.id)
        assert house.app.run(run.id) == stopped, "again changes nothing"

    def test_what_is_over_cannot_be_stopped(self, house: House) -> None:
        run = house.do(draft("a"))
        with pytest.raises(Refusal, match=f"r1 is over already .done., .* deskhand undo {run.id}"):
            house.app.cancel(run.id)

    def test_a_write_under_way_is_finished_and_told(self, house: House, gate: threading.Event) -> None:
        there, real = threading.Event(), house.memory.perform

        def perform(operation: Any, **rest: Any) -> Any:
            there.set()
            gate.wait(60)
            return real(operation, **rest)

        house.memory.perform = perform  # type: ignore[method-assign]
        run = begun(house, draft("a"), draft("b", ("a",)))
        assert there.wait(20)
        threading.Timer(0.1, gate.set).start()
        stopped = house.app.cancel(run)
        assert (stopped.status, [e.state for e in stopped.effects]) == ("cancelled", ["done"])
        assert "So this was not done: do b." in stopped.answer

    def test_through_the_door_while_its_owner_is_in_the_middle_of_it(
        self, house: House, reached: threading.Event
    ) -> None:
        desk = Desk(house.app, None)
        door = Door(desk.call, house.app.home.owner)
        try:
            run = begun(house, step("slow", "test.hang"))
            assert reached.wait(20)
            call = knock(house.app.home.owner)
            assert call is not None
            (listed,) = call("runs", {})["runs"]  # nobody waits for what is under way to see that it is
            assert (listed["run"], listed["status"]) == (run, "running")
            answer = call("run.cancel", {"run": run})
            assert answer["status"] == "cancelled"
        finally:
            door.close()


class TestWatching:
    def test_each_event_once_in_order(self, house: House, reached: threading.Event) -> None:
        house.plans["test"] = Plan(request="test", objective="Do it.", steps=(draft("a"), mail("m")))
        seen: list[Event] = []
        run = house.app.ask("test", watch=seen.append, fresh=False, approve=lambda _: {"verdict": "approve"})
        assert seen == house.room.records.events(run.id)
        assert [e.type for e in seen][:3] == ["asked for", "planned", "weighed"]
        assert seen[-1].type == "finished"

    def test_what_has_begun_is_told_while_it_lasts(
        self, house: House, reached: threading.Event, gate: threading.Event
    ) -> None:
        seen: list[str] = []

        def watch(event: Event) -> None:
            seen.append(event.type)
            if event.type == "begun":
                gate.set()

        house.plans["test"] = Plan(request="test", objective="x", steps=(step("slow", "test.hang"),))
        run = house.app.ask("test", watch=watch, fresh=False)
        assert (run.status, seen) == ("done", ["asked for", "planned", "begun", "step done", "finished"])

    def test_who_watches_and_breaks_does_not_break_the_run(self, house: House) -> None:
        def watch(_: Event) -> None:
            raise ValueError("no")

        house.plans["test"] = Plan(request="test", objective="x", steps=(draft("a"),))
        with pytest.raises(ValueError, match="no"):
            house.app.ask("test", watch=watch, fresh=False)
        assert house.room.wait("r1").status == "done"

    def test_a_decision_is_told_from_the_decision_on(self, house: House) -> None:
        waiting = house.do(draft("a"), mail("m"))
        before = house.room.records.events(waiting.id)
        seen: list[Event] = []
        house.app.decide("a1", watch=seen.append)
        assert seen == house.room.records.events(waiting.id)[len(before) :]
        assert (seen[0].type, seen[-1].type) == ("decided", "finished")

    def test_every_call_that_waits_for_a_run_can_be_watched(self, house: House) -> None:
        done = house.do(draft("a"))
        seen: list[Event] = []
        undone = house.app.undo(done.id, watch=seen.append)
        assert seen == house.room.records.events(undone.id)
        seen.clear()
        digest = house.app.digest(watch=seen.append)
        assert seen == house.room.records.events(digest.id)
        waiting = house.do(mail("m"))
        seen.clear()
        house.app.cancel(waiting.id, watch=seen.append)
        assert [seen[0].type, seen[-1].type] == ["cancelled", "finished"]

    def test_what_is_gone_on_with_is_told_from_there_on(self, house: House) -> None:
        run, _ = house.room.records.new_run("test", now=house.app.now())  # and the process ended
        house.plans["test"] = Plan(request="test", objective="x", steps=(draft("a"),))
        seen: list[Event] = []
        assert house.app.resume(watch=seen.append) == [run]
        assert [e.type for e in seen] == [e.type for e in house.room.records.events(run)][1:]
        assert seen[-1].type == "finished"

    @pytest.mark.parametrize(
        ("method", "given"),
        [
            ("decide", {"approval": "a1", "verdict": "approve"}),
            ("undo", {"what": "r1"}),
            ("digest", {}),
            ("run.cancel", {"run": "r1"}),
        ],
    )
    def test_all_of_it_through_the_door(self, house: House, method: str, given: dict[str, Any]) -> None:
        waiting = house.do(draft("a"), mail("m"))
        desk, before = Desk(house.app, None), len(house.room.records.events("r1"))
        door = Door(desk.call, house.app.home.owner)
        seen: list[dict[str, Any]] = []
        try:
            remote = Desk(None, knock(house.app.home.owner))
            answer = remote.call(method, given, watch={"watch": seen.append})
            with pytest.raises(Refusal, match="There is no run"):
                remote.call("run.cancel", {"run": "r77"}, watch={"watch": seen.append})
        finally:
            door.close()
        happened = house.room.records.events(answer["run"])
        begun = before if answer["run"] == waiting.id else 0
        assert [e["seq"] for e in seen] == [e.seq for e in happened[begun:]]
        assert {e["run"] for e in seen} == {answer["run"]}

    def test_who_goes_away_does_not_stop_it(self, house: House) -> None:
        class Gone(Exception):
            pass

        def leave(_: Any) -> None:
            raise Gone

        house.do(draft("a"), mail("m"))
        door = Door(Desk(house.app, None).call, house.app.home.owner)
        try:
            remote = Desk(None, knock(house.app.home.owner))
            with pytest.raises(Gone):
                remote.call("decide", {"approval": "a1", "verdict": "approve"}, watch={"watch": leave})
            assert house.room.wait("r1").status == "done"
            assert remote.call("run", {"run": "r1"})["status"] == "done", "the next one is answered"
        finally:
            door.close()

    def test_through_the_door(self, house: House) -> None:
        house.plans["test"] = Plan(request="test", objective="x", steps=(draft("a"), mail("m")))
        desk = Desk(house.app, None)
        house.app.connections.describe({})
        door = Door(desk.call, house.app.home.owner)
        try:
            remote = Desk(None, knock(house.app.home.owner))
            seen: list[dict[str, Any]] = []
            plan = house.plans["test"].model_dump(mode="json")  # type: ignore[union-attr]
            answer = remote.call("plan.run", {"plan": plan}, watch={"watch": seen.append})
        finally:
            door.close()
        assert (answer["status"], len(answer["approvals"])) == ("waiting", 1)
        assert [e["seq"] for e in seen] == list(range(1, len(seen) + 1))
        assert seen == [
            {"run": "r1", "seq": e.seq, "at": e.at.isoformat(), "type": e.type, "data": e.data}
            for e in house.room.records.events("r1")
        ]
