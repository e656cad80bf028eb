"""Runs against their budgets: what is begun, what is left out, what is said about it, and what is counted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ANN, NOW, House, draft, event, mail, step
from two_desks import Desk

from deskhand.agent import actions as registry
from deskhand.agent.actions import Action, Arguments, Context, Output
from deskhand.agent.budget import Claim
from deskhand.agent.desk.budget import budget
from deskhand.agent.model import Run
from deskhand.agent.models import Failure, Model, Outcome, Said
from deskhand.agent.models.scripted import Scripted
from deskhand.agent.models.trying import Clocks
from deskhand.agent.planners.model import ModelPlanner
from deskhand.agent.planners.rules import plan as rules
from deskhand.agent.plans.language import Step
from deskhand.connectors.errors import Transient
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Label

MINE = {"": Label("user", (), None)}
Acts = Callable[..., None]
AGENDA = (
    '{"objective": "Tell what is on", "steps": [{"id": "day", "op": "calendar.agenda", "purpose": "look", '
    '"args": {"start": "2026-11-23T00:00:00+00:00", "end": "2026-11-24T00:00:00+00:00"}}]}'
)


class Numbered(Arguments):
    n: int = 0


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> Acts:
    """Adds actions for one test: `acts(name=function)` is called `test.<name>`."""
    known: dict[str, Action] = dict(registry.actions())

    def add(**functions: Callable[[Context, int], Mapping[str, Any]]) -> None:
        for name, function in functions.items():

            def run(
                context: Context, *, n: int = 0,
                function: Callable[[Context, int], Mapping[str, Any]] = function,
            ) -> Output:  # fmt: skip
                return Output(function(context, n), MINE)

            known[f"test.{name}"] = Action(f"test.{name}", run, Numbered, "")

    monkeypatch.setattr("deskhand.agent.runs.trials.actions", lambda: known)
    monkeypatch.setattr("deskhand.agent.plans.validate.actions", lambda: known)
    return add


@contextmanager
def within(tmp_path: Path, **limits: str) -> Iterator[House]:
    """A home with these limits: `RUN__STEPS="3"`."""
    environ = {f"DESKHAND_BUDGET__{name}": value for name, value in limits.items()}
    with House(tmp_path / "home", environ=environ) as house:
        yield house


def given(made: Step, **changes: Any) -> Step:
    return Step.model_validate(made.model_dump() | changes)


def states(house: House, run: Run) -> dict[str, str]:
    return {i: s.state for i, s in house.room.records.steps(run.id).items()}


def quick(_: Context, n: int) -> Mapping[str, Any]:
    return {"n": n}


class TestSteps:
    def test_at_the_end_it_stops_with_what_it_has(self, tmp_path: Path, acts: Acts) -> None:
        acts(quick=quick)
        with within(tmp_path, RUN__STEPS="2") as house:
            run = house.do(
                step("a", "test.quick"), step("b", "test.quick", ("a",)), step("c", "test.quick", ("b",)),
                step("d", "test.quick", ("c",)),
            )  # fmt: skip
            assert states(house, run) == {"a": "done", "b": "done", "c": "skipped", "d": "skipped"}
            assert run.status == "partial"
            assert run.answer == (
                "The budget of this run, 2 steps, is used up, so this was not done: do c, do d. To allow more"
                ", raise steps in [budget.run] of config.toml; deskhand budget shows what was used."
            )

    def test_none_allowed_is_none_begun(self, tmp_path: Path, acts: Acts) -> None:
        acts(quick=quick)
        with within(tmp_path, RUN__STEPS="0") as house:
            run = house.do(step("a", "test.quick"))
            assert (run.status, states(house, run)) == ("failed", {"a": "skipped"})

    def test_near_the_end_what_matters_little_is_not_begun(self, tmp_path: Path, acts: Acts) -> None:
        acts(quick=quick)
        with within(tmp_path, RUN__STEPS="10") as house:
            many = [step(f"s{n}", "test.quick") for n in range(8)]
            run = house.do(
                *many,
                given(step("extra", "test.quick", ("s7",)), priority=1),
                given(step("base", "test.quick", ("s7",)), priority=1),
                step("wanted", "test.quick", ("base",)),
            )
            left = states(house, run)
            assert (left["extra"], left["base"], left["wanted"]) == ("skipped", "done", "done")
            said = "The budget of this run, 10 steps, is nearly used up, so this was not done: do extra."
            assert said in run.answer

    def test_near_the_end_nothing_is_tried_again_or_otherwise(self, tmp_path: Path, acts: Acts) -> None:
        seen: list[int] = []

        def busy(_: Context, n: int) -> Mapping[str, Any]:
            seen.append(n)
            raise Transient("The server is busy.")

        acts(busy=busy, quick=quick)
        with within(tmp_path, RUN__STEPS="2") as house:
            again = given(step("a", "test.busy"), retry={"attempts": 3, "backoff": 0})
            run = house.do(step("first", "test.quick"), given(again, needs=("first",)))
            assert seen == [0]
            assert (
                "The server is busy. It was tried no more: the budget of this run, 2 steps, is used up."
                in run.answer
            )
        with within(tmp_path / "other", RUN__STEPS="2") as house:
            other = given(
                step("a", "test.busy", ("first",)), fallback={"op": "test.quick"}, retry={"attempts": 1}
            )
            assert states(house, house.do(step("first", "test.quick"), other))["a"] == "failed"

    def test_the_days_budget_is_shared_by_its_runs_and_new_the_next_day(
        self, tmp_path: Path, acts: Acts
    ) -> None:
        acts(quick=quick)
        with within(tmp_path, DAY__STEPS="3") as house:
            two = step("a", "test.quick"), step("b", "test.quick", ("a",))
            assert house.do(*two).status == "done"
            second = house.do(*two)
            assert states(house, second) == {"a": "done", "b": "skipped"}
            assert "The budget of today, 3 steps, is used up, so this was not done: do b." in second.answer
            assert "Tomorrow it begins anew." in second.answer
            house.moment = NOW + timedelta(hours=16, minutes=1)  # 00:01 in Lisbon
            assert house.do(*two).status == "done"

    def test_what_was_spent_is_counted_after_a_restart(self, tmp_path: Path, acts: Acts) -> None:
        acts(quick=quick)
        with within(tmp_path, DAY__STEPS="1") as house:
            assert house.do(step("a", "test.quick")).status == "done"
            house.reopen()
            assert house.do(step("a", "test.quick")).status == "failed"


class TestWallTime:
    def test_time_that_is_used_up_ends_the_run(self, tmp_path: Path, acts: Acts) -> None:
        with within(tmp_path, RUN__SECONDS="60") as house:
            clock = [0.0]
            house.ticks = lambda: clock[0]
            house.reopen()

            def slow(_: Context, n: int) -> Mapping[str, Any]:
                clock[0] += 61
                return {"n": n}

            acts(slow=slow, quick=quick)
            run = house.do(step("a", "test.slow"), step("b", "test.quick", ("a",)))
            assert states(house, run) == {"a": "done", "b": "skipped"}
            assert "The budget of this run, 60 seconds, is used up, so" in run.answer

    def test_what_does_not_end_is_waited_for_no_longer(self, tmp_path: Path, acts: Acts) -> None:
        shut = threading.Event()

        def hang(_: Context, n: int) -> Mapping[str, Any]:
            shut.wait(60)
            return {"n": n}

        acts(hang=hang)
        with within(tmp_path, RUN__SECONDS="0.3") as house:
            run = house.do(step("a", "test.hang"))
            shut.set()
            assert (run.status, states(house, run)) == ("failed", {"a": "skipped"})
            assert "so this was not done: do a." in run.answer

    def test_the_time_until_a_decision_does_not_count(self, tmp_path: Path) -> None:
        with within(tmp_path, RUN__SECONDS="60") as house:
            clock = [0.0]
            house.ticks = lambda: clock[0]
            house.reopen()
            house.do(mail())
            clock[0] += 86_400
            (approval,) = house.app.approvals()
            assert house.app.decide(approval.id).status == "done"


class TestWrites:
    def test_a_yes_is_carried_out_although_the_budget_is_used_up(self, tmp_path: Path) -> None:
        with within(tmp_path, RUN__STEPS="1", CALLS='{"memory": 7}') as house:
            run = house.do(mail("one"), given(mail("two"), after=("one",)))
            (approval,) = house.app.approvals()
            assert run.status == "waiting"
            house.room.account(run).begin()
            run = house.app.decide(approval.id)
            assert house.performed() == ["mail.send"]
            assert (run.status, states(house, run)) == ("partial", {"one": "done", "two": "skipped"})
            assert "so this was not done: do two." in run.answer

    def test_nobody_is_asked_for_what_there_is_no_step_left_for(self, tmp_path: Path) -> None:
        with within(tmp_path, RUN__STEPS="1") as house:
            run = house.do(mail("one"), mail("two", to=ANN))
            assert [a.step for a in run.approvals] == ["one"]
            assert states(house, run) == {"two": "skipped"}

    @pytest.mark.parametrize("limits", [{"CALLS": '{"memory": 0}'}, {"DAY__CALLS": "0"}, {"RUN__CALLS": "0"}])
    @pytest.mark.parametrize("write", [mail(), draft()], ids=["asked about", "allowed"])
    def test_nobody_is_asked_for_what_no_call_is_ever_allowed_for(
        self, tmp_path: Path, limits: dict[str, str], write: Step
    ) -> None:
        with within(tmp_path, **limits) as house:
            run = house.do(write, approve=True)
            assert (house.app.approvals(), run.approvals, house.performed()) == ([], (), [])
            assert run.status == "failed"
            assert " allows no calls to memory, so this was not done: " in run.answer
            assert "To allow more, raise " in run.answer
            assert "Tomorrow" not in run.answer

    def test_what_is_used_up_today_is_still_asked_about(self, tmp_path: Path) -> None:
        with within(tmp_path, CALLS='{"memory": 1}') as house:
            house.room.account().call("memory")
            assert [a.step for a in house.do(mail()).approvals] == ["mail"], "the answer may come tomorrow"

    def test_a_limit_for_a_source_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with within(tmp_path, CALLS='{"memroy": 0}') as house:
            (note,) = budget(house.app)["notes"]
            assert note == (
                "There is no source called 'memroy' (did you mean 'memory'?); its limit holds for nothing."
            )

    def test_a_yes_from_before_stays_one(self, tmp_path: Path) -> None:
        with within(tmp_path) as house:
            house.do(mail())
        with within(tmp_path, CALLS='{"memory": 0}') as house:
            (approval,) = house.app.approvals()
            assert house.app.decide(approval.id).status == "done"

    def test_an_undo_is_done_although_no_call_is_allowed(self, tmp_path: Path) -> None:
        memory = Memory()
        with House(tmp_path / "home", memory) as house:
            run = house.do(draft())
        with House(tmp_path / "home", memory, {"DESKHAND_BUDGET__CALLS": '{"memory": 0}'}) as house:
            assert house.app.undo(run.id, approve=True).status == "done"

    def test_a_write_that_needs_no_yes_begins_only_with_the_calls_it_takes(self, tmp_path: Path) -> None:
        with within(tmp_path, CALLS='{"memory": 5}') as house:
            run = house.do(draft())
            assert (house.performed(), run.status) == ([], "failed")
            assert (
                "The budget of today, 5 calls to memory, has too little left, so this was not" in run.answer
            )
            assert "mail in" not in run.answer
            assert "memory in [budget.calls] of config.toml" in run.answer

    def test_the_calls_that_were_made_are_what_counts_in_the_end(self, tmp_path: Path) -> None:
        with within(tmp_path, CALLS='{"memory": 6}') as house:
            run = house.do(draft())
            assert run.status == "done"
            spent = house.room.account(run).budgets()[0].spent
            assert spent.of("calls", "memory") == 4, "looked for, done, read back, how to take it back"

    def test_a_write_that_broke_off_keeps_what_was_set_aside(self, tmp_path: Path) -> None:
        with within(tmp_path) as house:
            run = house.do(mail())
            account = house.room.account(run)
            with pytest.raises(KeyError), account.write("memory", agreed=True):
                raise KeyError
            assert account.budgets()[0].spent.of("calls", "memory") == 6


class TestOwed:
    """What takes something back, and what follows from a write that was carried out, no budget stops."""

    @pytest.mark.parametrize("steps", ["1", "2"])
    def test_an_undo_is_done_and_noted_whatever_the_day_has_left(self, tmp_path: Path, steps: str) -> None:
        with within(tmp_path, DAY__STEPS=steps) as house:
            run = house.do(draft())
            undone = house.app.undo(run.id, approve=True)
            assert undone.status == "done", undone.answer
            assert [e.state for e in house.app.run(run.id).effects] == ["undone"]
            (today,) = house.room.account().budgets()
            assert today.spent.of("steps") == 3, "it counts all the same"

    def test_an_undo_is_done_with_no_seconds_left(self, tmp_path: Path) -> None:
        with within(tmp_path, DAY__SECONDS="5") as house:
            run = house.do(draft())
            house.room.account(run).spending.spend(house.room.account(run).place(), [Claim("seconds", 9_000)])
            assert house.app.undo(run.id, approve=True).status == "done"
            assert [e.state for e in house.app.run(run.id).effects] == ["undone"]

    def test_what_follows_from_a_write_is_done_when_the_budget_is_used_up(
        self, tmp_path: Path, acts: Acts
    ) -> None:
        acts(quick=quick)
        with within(tmp_path, RUN__STEPS="1") as house:
            run = house.do(
                draft(), step("told", "test.quick", ("draft",)), step("more", "test.quick", ("told",)),
                given(step("other", "test.quick"), after=("draft",)),
            )  # fmt: skip
            left = states(house, run)
            assert (left["told"], left["more"], left["other"]) == ("done", "done", "skipped")

    def test_what_follows_from_a_write_is_tried_again_near_the_end(self, tmp_path: Path, acts: Acts) -> None:
        seen: list[int] = []

        def busy(_: Context, n: int) -> Mapping[str, Any]:
            seen.append(n)
            if len(seen) < 2:
                raise Transient("The server is busy.")
            return {"n": n}

        acts(busy=busy)
        with within(tmp_path, RUN__STEPS="1") as house:
            told = given(step("told", "test.busy", ("draft",)), retry={"attempts": 2, "backoff": 0})
            assert states(house, house.do(draft(), told))["told"] == "done"

    def test_the_invitation_that_a_card_promised_is_sent(self, tmp_path: Path) -> None:
        with Desk(tmp_path / "noor", "Noor Haddad", "noor@example.org") as noor:
            noor._environ["DESKHAND_BUDGET__RUN__STEPS"] = "2"
            noor.reopen()
            run = noor.ask("book 45 minutes with bo@example.org on Tuesday at 15:00 about the budget")
            assert run.status == "done", run.answer
            assert [m["To"] for m in noor.sent()] == ["bo@example.org"]


class TestCalls:
    def test_a_source_that_may_not_be_asked_is_not_known_and_not_free(self, tmp_path: Path) -> None:
        with within(tmp_path, CALLS='{"memory": 0}') as house:
            who = house.room.account(house.do(draft()))
            told = house.room.context(who).free_busy([ANN], start=NOW, end=NOW + timedelta(hours=1))
            assert not told[ANN].busy
            assert (
                "The budget of today, 0 calls to memory, is used up, so memory was not asked."
                in told[ANN].error
            )

    def test_a_pass_is_a_call_for_each_page(self, tmp_path: Path) -> None:
        with within(tmp_path) as house:
            house.do(draft())
            before = _calls(house)
            house.app.sync(embed=0)
            one = _calls(house) - before
            assert one == 1, "all it holds is one page"

    def test_where_nothing_is_left_the_pass_says_so(self, tmp_path: Path) -> None:
        with within(tmp_path, CALLS='{"memory": 0}') as house:
            house.do(draft())
            (made,) = house.app.sync(embed=0).passes
            assert made.error.startswith(
                "The budget of today, 0 calls to memory, is used up, so memory was not"
            )

    def test_so_many_calls_at_once_and_no_more(self, tmp_path: Path) -> None:
        inside, most, lock = [0], [0], threading.Lock()
        both = threading.Barrier(2, timeout=30)

        class Slow(Memory):
            def free_busy(self, *args: Any, **rest: Any) -> Any:
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                both.wait()
                with lock:
                    inside[0] -= 1
                return {}

        with House(tmp_path / "home", memory=Slow()) as house:
            connections = house.app.connections
            connections._at_once["memory"] = 2
            ask = lambda: connections.free_busy([ANN], start=NOW, end=NOW + timedelta(hours=1))  # noqa: E731
            threads = [threading.Thread(target=ask) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
            assert most == [2]


def _calls(house: House) -> int:
    (today,) = house.room.account().budgets()
    return today.spent.of("calls", "memory")


class TestModels:
    def asked(self, house: House, *models: Model) -> Run:
        planner = ModelPlanner(models, rules, Clocks(ticks=lambda: 0.0, pause=lambda _: None))
        house.room._planner = planner
        return house.app.ask("what is on my calendar tomorrow?", fresh=False)

    def spent(self, house: House, run: Run) -> tuple[int, int]:
        mine = house.room.account(run).budgets()[0].spent
        return mine.of("tokens"), mine.of("money")

    def test_what_the_provider_says_is_what_counts(self, tmp_path: Path) -> None:
        prices = {"DESKHAND_PRICES": '{"a:model": {"in": 2, "out": 8}}'}
        with House(tmp_path / "home", environ=prices) as house:
            run = self.asked(house, Scripted([Said(AGENDA, 1000, 50)], "a:model"))
            assert (run.status, self.spent(house, run)) == ("done", (1050, 2400))

    def test_a_model_without_a_price_counts_tokens_alone_and_is_named(self, tmp_path: Path) -> None:
        with within(tmp_path) as house:
            run = self.asked(house, Scripted([Said(AGENDA, 1000, 50)], "a:model"))
            assert self.spent(house, run) == (1050, 0)
            assert budget(house.app)["notes"] == [
                "a:model has no price in [prices]; of it only tokens are counted."
            ]

    def test_what_no_provider_told_is_counted_at_the_most_it_can_be(self, tmp_path: Path) -> None:
        with within(tmp_path) as house:
            run = self.asked(house, Scripted([AGENDA]))
            tokens, _ = self.spent(house, run)
            assert tokens > 2_000, "the question alone is thousands of characters"

    @pytest.mark.parametrize(
        ("outcome", "costs"), [(Outcome.UNREACHABLE, False), (Outcome.QUOTA, False), (Outcome.TIMEOUT, True)]
    )
    def test_a_failure_costs_what_a_provider_may_charge_for(
        self, tmp_path: Path, outcome: Outcome, costs: bool
    ) -> None:
        with within(tmp_path) as house:
            run = self.asked(house, Scripted([Failure(outcome, "No.", wait=9999)]))
            assert (self.spent(house, run)[0] > 0) == costs

    def test_where_too_little_is_left_the_rules_plan_and_that_is_said(self, tmp_path: Path) -> None:
        with within(tmp_path, RUN__TOKENS="1000") as house:
            model = Scripted([Said(AGENDA, 10, 10)], "a:model")
            run = self.asked(house, model)
            assert (model.calls, run.status) == ([], "done")
            (tried,) = [e.data for e in house.room.records.events(run.id) if e.type == "model tried"]
            said = "a:model was not asked: the budget of this run, 1,000 tokens, has too little left."
            assert (tried["outcome"], tried["said"]) == ("budget", said)
            assert f"Planned by rules alone: {said}" in " ".join(run.answer.split())

    def test_near_the_end_of_the_day_tries_give_way_to_the_rules(self, tmp_path: Path) -> None:
        with within(tmp_path, DAY__TOKENS="100000") as house:
            assert self.asked(house, Scripted([Said(AGENDA, 79_000, 1_000)])).status == "done"
            model = Scripted([Said(AGENDA, 10, 10)])
            run = self.asked(house, model)
            assert (model.calls, run.status) == ([], "done")
            assert "the budget of today, 100,000 tokens, is nearly used up" in " ".join(run.answer.split())

    def test_a_dearer_model_gives_way_to_one_that_costs_nothing(self, tmp_path: Path) -> None:
        prices = {
            "DESKHAND_PRICES": '{"dear:model": {"in": 1000, "out": 1000}, "own:model": {"in": 0, "out": 0}}',
            "DESKHAND_BUDGET__RUN__MONEY": "0.01",
        }
        with House(tmp_path / "home", environ=prices) as house:
            dear, own = Scripted([AGENDA], "dear:model"), Scripted([Said(AGENDA, 5, 5)], "own:model")
            run = self.asked(house, dear, own)
            assert (dear.calls, len(own.calls), run.status) == ([], 1, "done")


class TestSchedules:
    def test_a_schedule_that_used_up_its_budget_is_skipped_and_told(self, tmp_path: Path) -> None:
        with within(tmp_path, SCHEDULES='{"hourly": {"steps": 1}}') as house:
            house.app.ask("every hour show me my schedules", fresh=False)
            (schedule,) = house.app.schedules()
            house.room.records.drop_schedule(schedule.name)
            from dataclasses import replace

            house.room.records.put_schedule(replace(schedule, name="hourly"))
            house.moment = NOW + timedelta(hours=1, minutes=1)
            (first,) = house.app.settle()
            assert house.room.wait(first).status == "done"
            house.moment += timedelta(hours=1)
            assert house.app.settle() == []
            newest, _ = house.room.records.slots("hourly")
            assert (newest.outcome, newest.run) == ("skipped", "")
            assert newest.why == (
                "The budget of this schedule for today, 1 step, is used up. To allow more, raise steps in "
                "[budget.schedules.hourly] of config.toml; deskhand budget shows what was used. "
                "Tomorrow it begins anew."
            )
            told = house.app.digest().answer
            assert "Schedules that were not run" in told
            assert "hourly, 2026-11-22 10:00: The budget of this schedule" in told
            assert "Schedules that were not run" not in house.app.digest().answer
            house.moment += timedelta(days=1)
            assert len(house.app.settle()) == 1, "a new day"


def test_a_booking_after_a_yes_looks_at_the_calendars_whatever_is_left(tmp_path: Path) -> None:
    with within(tmp_path, CALLS='{"memory": 1}') as house:
        house.sync()
        run = house.do(event(attendees=[{"address": ANN, "name": ""}]))
        (approval,) = house.app.approvals()
        run = house.room.decide(approval.id, _yes())
        assert (run.status, house.performed()) == ("done", ["event.create"])


def _yes() -> Any:
    from deskhand.agent.model import Decision

    return Decision(verdict="approve")
