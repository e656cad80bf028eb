"""Writes that are tried again, and how long one is waited for, as their steps say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_givens import STRANGER, House, draft, mail, plan

from deskhand.agent.desk import effects
from deskhand.agent.model import Run
from deskhand.agent.plans.language import Step
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import Changed, SourceError, Transient, Unknown
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Contents, Receipt
from deskhand.connectors.operations import Operation


@dataclass
class Balky(Memory):
    """A source that says no to its first writes, and then hangs until the test is over."""

    refusals: list[Exception] = field(default_factory=list[Exception])
    hangs: bool = False
    asked: int = 0
    go: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        self.asked += 1
        if self.refusals:
            raise self.refusals.pop(0)
        if self.hangs:
            self.go.wait(60)
        receipt = super().perform(operation, key=key, now=now, contents=contents)
        self.over.set()
        return receipt


@pytest.fixture
def source() -> Iterator[Balky]:
    made = Balky()
    yield made
    made.go.set()


@pytest.fixture
def house(tmp_path: Path, source: Balky) -> Iterator[House]:
    with House(tmp_path / "home", source) as house:
        yield house


def write(attempts: int = 3, backoff: float = 0, **changes: Any) -> Step:
    given = {"retry": {"attempts": attempts, "backoff": backoff}} | changes
    return Step.model_validate(draft("a").model_dump() | given)


def told(house: House, run: Run, *types: str) -> list[tuple[str, int]]:
    events = house.room.records.events(run.id)
    return [(e.type, e.data.get("attempt", 0)) for e in events if e.type in types]


class TestAgain:
    def test_a_reason_that_passes(self, house: House, source: Balky) -> None:
        source.refusals = [Transient("Busy."), Transient("Busy.")]
        run = house.do(write())
        assert (run.status, house.performed(), source.asked) == ("done", ["mail.draft"], 3)
        assert told(house, run, "weighed", "begun", "tried", "carried out") == [
            ("weighed", 0), ("weighed", 0), ("begun", 1), ("tried", 1), ("weighed", 0), ("begun", 2),
            ("tried", 2), ("weighed", 0), ("begun", 3), ("carried out", 0),
        ]  # fmt: skip
        assert house.room.records.steps(run.id)["a"].attempts == 3
        (row,) = run.effects
        assert [t.state for t in row.history] == ["intended", *("claimed", "failed") * 2, "claimed", "done"]

    def test_the_last_attempt_decides(self, house: House, source: Balky) -> None:
        source.refusals = [Transient("Busy."), Transient("Still busy."), Transient("No.")]
        run = house.do(write(attempts=2))
        assert (run.status, [e.state for e in run.effects], source.asked) == ("failed", ["failed"], 2)
        assert "Still busy." in run.answer
        assert told(house, run, "tried") == [("tried", 1)]

    @pytest.mark.parametrize(
        "error", [SourceError("No."), Changed("It changed."), Unknown("Lost."), ValueError("defect")]
    )
    def test_what_will_not_pass_or_may_have_happened_is_not(
        self, house: House, source: Balky, error: Exception
    ) -> None:
        source.refusals = [error]
        run = house.do(write())
        assert (run.status, source.asked, told(house, run, "tried")) == ("failed", 1, [])

    def test_a_yes_that_is_over_by_then_does_not_cover_it(
        self, house: House, source: Balky, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def a_month(*_: object) -> float:
            house.moment += timedelta(days=30)
            return 0.0

        monkeypatch.setattr("deskhand.agent.runs.attempts.pause", a_month)
        house.do(mail(to=STRANGER))
        source.refusals = [Transient("Busy.")]
        run = house.app.decide("a1")
        assert (run.status, source.asked, house.performed()) == ("failed", 1, [])

    @pytest.mark.parametrize(
        ("budget", "asked"),
        [({"RUN__STEPS": "1"}, 1), ({"CALLS": '{"memory": 11}'}, 1), ({"CALLS": '{"memory": 12}'}, 2)],
    )
    def test_near_the_end_of_a_budget_it_is_not(
        self, tmp_path: Path, source: Balky, budget: dict[str, str], asked: int
    ) -> None:
        """For each attempt six calls are set aside."""
        source.refusals = [Transient("Busy.")]
        environ = {f"DESKHAND_BUDGET__{name}": value for name, value in budget.items()}
        with House(tmp_path / "poor", source, environ=environ) as house:
            house.do(write())
        assert source.asked == asked

    def test_whoever_stops_the_run_does_not_wait_for_it(self, house: House, source: Balky) -> None:
        source.refusals = [Transient("Busy.")]
        waits = threading.Event()

        def stop(event: Any) -> None:
            if event.type == "tried":
                waits.set()

        house.plans["test"] = plan(write(backoff=600))
        asked = threading.Thread(target=lambda: house.app.ask("test", fresh=False, watch=stop))
        asked.start()
        assert waits.wait(30)
        stopped = house.app.cancel("r1")
        asked.join(20)
        assert not asked.is_alive()
        assert (stopped.status, source.asked, house.performed()) == ("cancelled", 1, [])
        assert [e.state for e in stopped.effects] == ["failed"]


def test_nobody_waits_longer_than_the_step_says(house: House, source: Balky) -> None:
    """Nobody knows then whether it happens: it is put to the person, and can be looked for."""
    source.hangs = True
    run = house.do(write(timeout=0.05), Step.model_validate(draft("b").model_dump() | {"needs": ("a",)}))
    assert [e.state for e in run.effects] == ["unknown"]
    assert "It may have happened; please look. It took longer than 0.05 seconds" in run.answer
    assert source.asked == 1
    source.go.set()
    assert source.over.wait(30)
    found = effects.look(house.app, effect=run.effects[0].key)
    assert (found["state"], house.performed()) == ("done", ["mail.draft"])
