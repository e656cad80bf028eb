"""Questions that nobody answers: one reminder, then what the plan says; each once, also after a pause."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import timedelta

import pytest
from agent_givens import ANN, BO, NOW, House, box, draft, event, mail, plan
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.desk.desk import Desk
from deskhand.agent.desk.methods import DRIVING, METHODS
from deskhand.agent.errors import Refusal
from deskhand.agent.model import Approval
from deskhand.agent.plans.language import Step
from deskhand.agent.plans.validate import faults
from deskhand.agent.runs.escalating import MOST, due

DAY, WEEK = timedelta(days=1), timedelta(days=7)


def left(how: str, **more: object) -> Step:
    return mail(to=ANN, subject="Asked").model_copy(update={"unanswered": how} | more)


TELLING = {
    "approvals", "runs", "run", "show", "effects", "permissions", "schedule.list", "schedule.history",
    "people", "state.global", "state.run", "state.step", "plan",
}  # fmt: skip
LOOKING = TELLING | {
    "sources", "search", "permission.propose", "budget", "policy", "policy.explain", "audit.lines",
    "audit.verify", "doctor",
}  # fmt: skip
CHANGING = {
    "add", "remove", "signed_in", "state.set", "state.unset", "permissions.revoke", "effects.settle",
    "effects.look",
}  # fmt: skip


READING = {"slots"}
"""Looks too, and first reads what is new: that is counted as spent."""


def test_of_every_command_it_is_known_whether_it_only_looks() -> None:
    assert METHODS.keys() == LOOKING | READING | CHANGING | DRIVING


def written(house: House) -> list[str]:
    """All that stands in the records."""
    with closing(sqlite3.connect(house.root / "runs.db")) as db:
        return list(db.iterdump())


def told(house: House) -> list[tuple[str, str]]:
    return [(n.approval, n.about) for n in house.app.escalate()]


class TestDue:
    ASKED = Approval(
        id="a1", run="r1", step="s", operation="mail.send", arguments={}, created=NOW, expires=NOW + WEEK
    )

    @pytest.mark.parametrize(
        ("after", "expected"),
        [
            (timedelta(), None),
            (DAY - timedelta(microseconds=1), None),
            (DAY, "remind"),
            (WEEK - timedelta(microseconds=1), "remind"),
            (WEEK, "over"),
            (10 * WEEK, "over"),
        ],
    )
    def test_by_the_clock(self, after: timedelta, expected: str | None) -> None:
        assert due(self.ASKED, now=NOW + after, remind_after=DAY) == expected

    def test_never_where_that_is_set(self) -> None:
        assert due(self.ASKED, now=NOW + 6 * DAY, remind_after=timedelta()) is None

    @given(
        st.timedeltas(timedelta(0), 2 * WEEK), st.timedeltas(timedelta(0), 2 * WEEK),
        st.sampled_from(["pending", "approved", "rejected", "expired", "used", "withdrawn"]), st.booleans(),
    )  # fmt: skip
    def test_once_and_only_of_what_waits(
        self, after: timedelta, remind: timedelta, state: str, reminded: bool
    ) -> None:
        asked = self.ASKED.model_copy(update={"state": state, "reminded": NOW if reminded else None})
        found = due(asked, now=NOW + after, remind_after=remind)
        assert found is None or state == "pending"
        assert found != "remind" or not reminded
        assert (found == "over") == (state == "pending" and after >= WEEK)


class TestReminding:
    def test_once(self, house: House) -> None:
        house.do(mail())
        assert told(house) == []
        house.moment += DAY
        (notice,) = house.app.escalate()
        assert (notice.approval, notice.run, notice.about) == ("a1", "r1", "remind")
        assert "a1 waits for you since" in notice.text
        assert "Send “Hello”" in notice.text
        assert told(house) == []
        house.reopen()
        assert told(house) == []
        assert [e.type for e in house.room.records.events("r1")].count("reminded") == 1
        assert house.app.decide("a1").status == "done", "the reminder is no part of what is signed"

    def test_after_the_time_of_the_settings(self, house: House) -> None:
        (house.root / "config.toml").write_text("[approvals]\nremind_after_hours = 0.5\n")
        house.app.reload()
        house.do(mail())
        house.moment += timedelta(minutes=29)
        assert told(house) == []
        house.moment += timedelta(minutes=1)
        assert told(house) == [("a1", "remind")]

    def test_the_digest_says_since_when(self, house: House) -> None:
        house.do(mail())
        assert "waits since" not in house.app.digest().answer
        house.moment += DAY
        house.app.escalate()
        assert "(deskhand approve a1; waits since" in house.app.digest().answer

    def test_by_the_next_command_and_not_by_the_one_that_decides(self, house: House) -> None:
        house.do(mail())
        house.do(mail())
        house.moment += DAY
        heard: list[str] = []
        for method, arguments in (("decide", {"approval": "a1", "verdict": "approve"}), ("runs", {})):
            desk = Desk(house.app, None)
            desk.tell = heard.append
            desk.call(method, arguments)
            assert len(heard) == (method == "runs")
        assert heard[0].startswith("Reminder: a2 waits")

    def test_who_only_looks_is_told_and_nothing_is_written(self, house: House) -> None:
        run = house.do(mail())
        house.do(draft())
        house.moment += DAY
        given = {
            "search": {"query": "x"}, "run": {"run": run.id},
            "permission.propose": {"approval": "a1", "always": {"until": "2027-01-01"}},
            "show": {"what": run.id}, "state.run": {"run": run.id},
            "state.step": {"run": run.id, "step": "mail"}, "policy.explain": {"run": run.id, "step": "mail"},
            "plan": {"text": "what did I miss?"}, "schedule.history": {"name": "none"},
        }  # fmt: skip
        assert given.keys() <= METHODS.keys()
        for method in sorted(LOOKING):
            heard: list[str] = []
            desk, before = Desk(house.app, None), written(house)
            desk.tell = heard.append
            with suppress(Refusal):
                desk.call(method, given.get(method, {}))
            assert written(house) == before, method
            assert all(text.startswith("Reminder: a1 waits") for text in heard)
            assert bool(heard) == (method in TELLING), method
        assert told(house) == [("a1", "remind")], "it was never noted"


class TestOver:
    def test_it_is_asked_again_where_the_plan_says_nothing(self, house: House) -> None:
        house.do(mail())
        house.moment += WEEK
        (notice,) = house.app.escalate()
        assert (notice.about, house.performed()) == ("over", [])
        assert "Nobody decided a1 until" in notice.text
        assert "It is asked again: deskhand approve a2" in notice.text
        assert told(house) == []
        assert [a.id for a in house.app.approvals()] == ["a2"]

    def test_not_for_ever(self, house: House) -> None:
        house.do(mail())
        for n in range(1, MOST + 1):
            house.moment += WEEK
            assert told(house) == [(f"a{n}", "over")]
        house.moment += WEEK
        assert told(house) == []
        with pytest.raises(Refusal, match=r"a4 expired on .* asked again as a5"):
            house.app.decide("a4")

    def test_what_is_past_by_then_is_not_asked_again(self, house: House) -> None:
        run = house.do(event(attendees=[box(ANN)]))
        house.moment += WEEK
        (notice,) = house.app.escalate()
        assert "r1 is failed: deskhand show r1" in notice.text
        ended = house.app.run(run.id)
        assert (ended.status, house.app.approvals(), house.performed()) == ("failed", [], [])
        assert "Nobody decided this in time, and its time is over: Book “Budget”" in ended.answer

    def test_left_out(self, house: House) -> None:
        run = house.do(left("leave out"), draft("then", ("mail",)), draft("else"))
        house.moment += WEEK
        (notice,) = house.app.escalate()
        assert "As the plan says, r1 goes on without it." in notice.text
        ended = house.app.run(run.id)
        assert (ended.status, house.performed()) == ("done", ["mail.draft"])
        assert "Nobody decided this in time: Send “Asked”" in ended.answer
        assert "It was left out, as the plan says." in ended.answer

    def test_what_the_plan_names_is_done_in_its_place(self, house: House) -> None:
        instead = draft("draft", subject="Instead").model_copy(update={"otherwise": "mail"})
        run = house.do(left("leave out"), instead)
        assert house.performed() == []
        house.moment += WEEK
        assert told(house) == [("a1", "over")]
        assert (house.app.run(run.id).status, house.performed()) == ("done", ["mail.draft"])
        assert house.memory.performed[0].arguments()["subject"] == "Instead"

    def test_and_not_where_it_was_answered(self, house: House) -> None:
        for verdict, done in (("approve", ["mail.send"]), ("reject", ["mail.send"])):
            instead = draft("draft").model_copy(update={"otherwise": "mail"})
            (asked,) = house.do(left("leave out"), instead).approvals
            house.app.decide(asked.id, verdict)
            assert house.performed() == done

    def test_nothing_more_is_begun(self, house: House) -> None:
        run = house.do(left("stop"), mail("other", to=BO))
        house.moment += WEEK
        house.app.escalate()
        ended = house.app.run(run.id)
        assert (ended.status, house.performed()) == ("failed", [])
        assert "Nobody decided this in time: Send “Asked”" in ended.answer
        assert house.app.approvals() == []

    def test_also_where_somebody_comes_too_late(self, house: House) -> None:
        house.do(left("leave out"))
        house.moment += WEEK
        with pytest.raises(Refusal, match=r"a1 expired on .*nothing is asked any more; r1 is done"):
            house.app.decide("a1")
        assert (told(house), house.performed()) == ([], [])

    @pytest.mark.parametrize("how", ["ask again", "leave out", "stop"])
    def test_who_was_off_over_both_times_does_each_once(self, house: House, how: str) -> None:
        house.do(left(how))
        house.reopen()
        house.moment += 2 * WEEK
        house.reopen()
        assert told(house) == [("a1", "over")], "what is over is said once, and not waited for any more"
        house.reopen()
        assert told(house) == []
        types = [e.type for e in house.room.records.events("r1")]
        assert (types.count("expired"), types.count("reminded")) == (1, 0)
        assert house.performed() == []
        assert [a.id for a in house.app.approvals()] == (["a2"] if how == "ask again" else [])

    def test_cut_off_right_after_it_was_over_the_run_goes_on(self, house: House) -> None:
        run = house.do(left("leave out"))
        (asked,) = run.approvals
        house.moment += WEEK
        expired = asked.model_copy(update={"state": "expired"})
        assert house.room.records.turn_approval(expired, was="pending")
        house.reopen()
        assert house.app.resume() == [run.id]
        assert house.room.wait(run.id).status == "done"


class TestSound:
    def test_only_what_asks_can_be_unanswered(self) -> None:
        reads = Step(id="s", op="schedule.list", unanswered="stop")
        (fault,) = faults(plan(reads))
        assert "only reads, so nobody is asked" in str(fault)

    def test_an_else_needs_a_condition_or_an_answer_that_may_stay_out(self) -> None:
        instead = draft("draft").model_copy(update={"otherwise": "mail"})
        assert faults(plan(left("leave out"), instead)) == []
        assert [f for f in faults(plan(left("stop"), instead)) if "no else" in str(f)]
