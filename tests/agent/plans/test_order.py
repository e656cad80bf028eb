"""Which steps are done, in which order: conditions and their else, waiting, priority, deadlines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from agent_givens import NOW, House, draft, event, plan, step

from deskhand.agent.model import Event
from deskhand.agent.plans.language import Plan, Step

NOBODY = {"test": "number", "of": {"ref": "found", "path": "count"}, "most": 0}
SOMEBODY = {"test": "not", "of": NOBODY}
DIGEST = step("digest", "digest.compose")
UNKNOWN = {"test": "count", "of": {"ref": "digest", "path": "keys[99]"}, "most": 0}
LISTED = step("found", "threads.waiting")


def given(made: Step, **changes: Any) -> Step:
    return Step.model_validate(made.model_dump() | changes)


def events(house: House, run: str) -> list[Event]:
    return house.room.records.events(run)


def left(house: House, *steps: Step) -> dict[str, str]:
    """What became of each step, in the order it happened."""
    run = house.do(*steps)
    return {
        str(e.data["step"]): e.type.removeprefix("step ")
        for e in events(house, run.id)
        if e.type.startswith("step ")
    }


class TestElse:
    @pytest.mark.parametrize(("when", "done"), [(NOBODY, "yes"), (SOMEBODY, "no")])
    def test_one_of_the_two_is_done(self, house: House, when: dict[str, Any], done: str) -> None:
        found = left(house, LISTED, given(draft("yes"), when=when), given(draft("no"), otherwise="yes"))
        assert found == {"found": "done", "yes": "unneeded", "no": "unneeded"} | {done: "done"}

    def test_what_needs_what_was_left_out_is_left_out(self, house: House) -> None:
        found = left(
            house, LISTED, given(draft("a"), when=SOMEBODY), draft("b", ("a",)),
            given(draft("c"), otherwise="a", needs=["b"]),
        )  # fmt: skip
        assert (found["a"], found["b"], found["c"]) == ("unneeded", "unneeded", "unneeded")

    @pytest.mark.parametrize(
        ("first", "second", "done"),
        [(NOBODY, NOBODY, "a"), (SOMEBODY, NOBODY, "b"), (SOMEBODY, SOMEBODY, "c")],
    )
    def test_a_chain_takes_the_first_that_holds(
        self, house: House, first: dict[str, Any], second: dict[str, Any], done: str
    ) -> None:
        found = left(
            house, LISTED, given(draft("a"), when=first), given(draft("b"), when=second, otherwise="a"),
            given(draft("c"), otherwise="b"),
        )  # fmt: skip
        assert [i for i, state in found.items() if state == "done"] == ["found", done]

    def test_where_it_cannot_be_told_neither_is_done(self, house: House) -> None:
        run = house.do(DIGEST, given(draft("yes"), when=UNKNOWN), given(draft("no"), otherwise="yes"))
        assert house.performed() == []
        assert run.status == "failed"
        assert "It cannot be told whether to do yes." in run.answer


class TestOrder:
    def test_after_waits_whatever_became_of_the_other(self, house: House) -> None:
        broken = step("broken", "item.summarise", item={"ref": "x:message:1", "version": "1", "thread": ""})
        found = left(
            house,
            given(draft("last"), after=("broken", "out")),
            broken,
            LISTED,
            given(draft("out"), when=SOMEBODY),
        )
        assert found == {"broken": "failed", "found": "done", "out": "unneeded", "last": "done"}
        assert list(found)[-1] == "last"

    def test_of_those_that_are_ready_the_higher_priority_begins(self, house: House) -> None:
        steps = [given(step(i, "schedule.list"), priority=n) for i, n in (("a", 1), ("b", 9), ("c", 5))]
        assert list(left(house, *steps)) == ["b", "c", "a"]

    def test_so_it_is_with_writes(self, house: House) -> None:
        writes = (given(draft("a", subject="a"), priority=1), event("b"), given(draft("c"), priority=9))
        house.do(*writes, draft("d", subject="d"))
        titles = [getattr(o, "subject", "an event") for o in house.memory.performed]
        assert titles == ["Hello", "an event", "d", "a"]

    def test_what_is_too_late_is_not_begun(self, house: House) -> None:
        late = given(draft("late"), deadline=(NOW - timedelta(minutes=1)).isoformat())
        run = house.do(late, given(draft("soon"), deadline=(NOW + timedelta(minutes=1)).isoformat()))
        assert house.performed() == ["mail.draft"]
        assert "It is too late to do late." in run.answer


def test_a_plan_stops_where_it_says_so(house: House) -> None:
    gone = {"ref": "x:message:1", "version": "1", "thread": ""}
    broken = given(step("broken", "item.summarise", item=gone), on_failure="stop", priority=9)
    run = house.do(broken, draft("other"), draft("needs", ("other",)))
    assert (run.status, house.performed()) == ("failed", [])
    assert "So this was not done: do other, do needs." in run.answer
    assert house.room.records.steps(run.id)["other"].error == "The plan stops where it could not do broken."


def test_a_plan_of_the_version_before_goes_on(house: House) -> None:
    """A run that was parked by the version before: its plan is read as it was written."""
    old = plan(LISTED, draft("d")).model_dump(mode="json") | {"schema_version": 1}
    house.plans["test"] = Plan.model_validate(old)
    assert house.app.ask("test", fresh=False).status == "done"
