"""Deskhand from Python: what `App` promises about asking, deciding, undoing and looking back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from agent_givens import ANN, BO, ME, NOW, STRANGER, House, box, draft, event, mail, plan, step

from deskhand.agent.desk import overview
from deskhand.agent.desk.desk import Desk
from deskhand.agent.errors import Refusal
from deskhand.agent.model import Decision
from deskhand.agent.records.state import Note
from deskhand.connectors.errors import Unknown, Unsupported
from deskhand.connectors.operations import Mailbox, MailSend, Operation


def answer(verdict: str, **more: Any) -> Any:
    return lambda _approval: {"verdict": verdict, **more}


class TestAsk:
    def test_reading_needs_nobody(self, house: House) -> None:
        house.meeting("m")
        house.sync()
        run = house.app.ask("what is on my calendar tomorrow", fresh=False)
        assert run.status == "done"
        assert "Review" in run.answer
        assert [c.ref for c in run.citations] == [house.ref("event", "m")]

    def test_a_write_that_leaves_waits_and_nothing_happens(self, house: House) -> None:
        run = house.do(mail())
        assert run.status == "waiting"
        assert [a.state for a in run.approvals] == ["pending"]
        assert house.performed() == []

    def test_approve_true_goes_ahead(self, house: House) -> None:
        run = house.do(mail(), approve=True)
        assert run.status == "done"
        assert run.answer == f"Sent “Hello” to {BO}, from memory."
        assert [(e.state, e.operation, e.source) for e in run.effects] == [("done", "mail.send", "memory")]
        assert run.effects[0].receipt is not None
        assert house.performed() == ["mail.send"]

    def test_a_callable_is_handed_the_exact_arguments_with_their_origins(self, house: House) -> None:
        seen: list[dict[str, Any]] = []

        def decide(approval: dict[str, Any]) -> dict[str, str]:
            seen.append(approval)
            return {"verdict": "approve"}

        run = house.do(mail(), approve=decide)
        assert run.status == "done"
        (card,) = seen
        assert card["operation"] == "mail.send"
        assert card["arguments"]["to"] == [box(BO)]
        assert {a["name"]: a["origin"] for a in card["shown"]}["body"] == "you wrote"
        assert card["undo"] == "R3"

    def test_a_callable_may_return_a_decision_and_is_asked_each_time(self, house: House) -> None:
        asked = []

        def decide(approval: dict[str, Any]) -> Decision:
            asked.append(approval["step"])
            return Decision(verdict="approve")

        run = house.do(mail("one"), mail("two", ANN, needs=("one",)), approve=decide)
        assert asked == ["one", "two"]
        assert (run.status, house.performed()) == ("done", ["mail.send", "mail.send"])

    def test_a_no_is_kept_with_its_reason(self, house: House) -> None:
        run = house.do(mail(), approve=answer("reject", reason="too early"))
        assert run.status == "rejected"
        no, heard = run.answer.split("\n\n")
        assert no == f"You said no: Send “Hello” to {BO}, from memory (too early)."
        assert heard.startswith("I made nothing of “too early” beside your wish, so it stays at your no.")
        assert house.performed() == []

    def test_an_edit_is_what_is_done(self, house: House) -> None:
        run = house.do(mail(), approve=answer("edit", changes={"subject": "Better"}))
        assert run.status == "done"
        (sent,) = house.memory.performed
        assert isinstance(sent, MailSend)
        assert (sent.subject, sent.body, sent.to) == ("Better", "Hello there.", (Mailbox(address=BO),))

    def test_yes_never_overrides_a_deny(self, house: House) -> None:
        house.message("m", text="The code is 482913.")
        house.sync()
        found = step("found", "item.find", person=STRANGER, kinds=["message"])
        words = step("words", "mail.compose_forward", message={"ref": "found"}, to=[box(BO)])
        body = {"ref": "words", "path": "body"}
        run = house.do(found, words, mail(body=body), approve=True)
        assert run.status == "failed"
        assert "The policy refuses it (mail.send secrets)" in run.answer
        assert house.performed() == []
        assert run.approvals == ()

    def test_what_was_not_understood_is_said(self, house: House) -> None:
        run = house.app.ask("frobnicate the wug", fresh=False)
        assert run.status == "unclear"
        assert len(run.choices) == 3

    @pytest.mark.parametrize("text", ["", "  \n "])
    def test_an_empty_request_is_refused(self, house: House, text: str) -> None:
        with pytest.raises(Refusal, match="empty"):
            house.app.ask(text)

    def test_bytes_a_terminal_smuggled_in_do_not_break_anything(self, house: House) -> None:
        run = house.app.ask("summarise caf\udce9", fresh=False)
        assert run.status in ("failed", "unclear")
        assert house.app.run(run.id).request == "summarise caf?"

    def test_fresh_looks_at_the_sources_first(self, house: House) -> None:
        house.meeting("m", start=NOW + timedelta(hours=3))
        assert "Review" in house.app.ask("what is on my calendar today").answer


class TestPlans:
    """A plan is checked before anything of it runs, whoever made it."""

    def unsound(self, house: House, *steps: Any) -> str:
        run = house.do(*steps, approve=True)
        assert run.status == "failed"
        assert "nothing was done" in run.answer
        assert house.performed() == []
        assert house.room.records.steps(run.id) == {}
        return run.answer

    def test_an_unknown_operation(self, house: House) -> None:
        assert "step x, op: there is no operation “mail.explode”" in self.unsound(
            house, draft(), step("x", "mail.explode")
        )

    def test_an_unknown_argument(self, house: House) -> None:
        assert "step mail, args.priority: mail.send has no such argument" in self.unsound(
            house, draft(), mail(priority="high")
        )

    def test_a_missing_argument(self, house: House) -> None:
        assert "step f, args.text: file.create needs it" in self.unsound(
            house, step("f", "file.create", source="s", path="p")
        )

    def test_two_steps_of_one_name(self, house: House) -> None:
        assert "step draft, id: two steps have this id" in self.unsound(house, draft(), draft())

    def test_a_reference_to_no_step(self, house: House) -> None:
        wrong = draft(body={"ref": "ghost", "path": "text"})
        assert "step draft, args.body: there is no step “ghost”" in self.unsound(house, wrong)

    def test_steps_that_wait_for_each_other(self, house: House) -> None:
        assert "step a, needs: it waits for “b”, and so for itself: “b” for “a” (needs)." in self.unsound(
            house, draft("a", needs=("b",)), draft("b", needs=("a",))
        )

    def test_no_steps_and_too_many(self, house: House) -> None:
        assert "no steps" in self.unsound(house)
        assert "101 steps" in self.unsound(house, *(draft(f"d{n}") for n in range(101)))


class TestDecide:
    def test_unknown_twice_and_after_the_end(self, house: House) -> None:
        run = house.do(mail())
        (asked,) = run.approvals
        with pytest.raises(Refusal, match="no approval a99"):
            house.app.decide("a99")
        assert house.app.decide(asked.id).status == "done"
        with pytest.raises(Refusal, match="a1 is used already; nothing was done"):
            house.app.decide(asked.id)
        assert house.performed() == ["mail.send"]

    def test_one_decision_of_several_is_carried_out_at_once(self, house: House) -> None:
        run = house.do(mail("one"), mail("two", ANN), draft())
        assert [a.step for a in run.approvals] == ["one", "two"]
        assert house.performed() == ["mail.draft"], "what needs nobody does not wait for a decision"
        run = house.app.decide(run.approvals[1].id)
        assert run.status == "waiting"
        assert house.performed() == ["mail.draft", "mail.send"]
        assert house.app.decide(run.approvals[0].id, "reject").status == "partial"
        assert [a.state for a in house.app.run(run.id).approvals] == ["rejected", "used"]

    def test_approvals_are_listed_until_they_are_decided(self, house: House) -> None:
        house.do(mail())
        assert [a.id for a in house.app.approvals()] == ["a1"]
        house.app.decide("a1", "reject")
        assert house.app.approvals() == []
        assert [a.id for a in house.app.approvals(state="rejected")] == ["a1"]

    def test_a_cancelled_run_asks_nothing_more(self, house: House) -> None:
        run = house.do(mail())
        assert house.app.cancel(run.id).status == "cancelled"
        assert house.app.approvals() == []
        with pytest.raises(Refusal, match="a1 is withdrawn already"):
            house.app.decide("a1")
        assert "Stopped" in house.app.run(run.id).answer
        assert house.performed() == []


@pytest.mark.parametrize(("which", "told"), [("", "like a1"), (" ", "like a1"), ("a99", "approval a99.")])
def test_a_question_that_is_not_named_or_not_there(house: House, which: str, told: str) -> None:
    with pytest.raises((Refusal, LookupError), match=rf"{told}.* What waits: deskhand approvals") as refused:
        house.app.decide(which)
    assert "x" * 100 not in str(refused.value)


class TestCutOff:
    """A process that ended between a yes and the write: the next command that drives runs goes on."""

    @pytest.mark.parametrize(("method", "sent"), [("sync", ["mail.send"]), ("search", [])])
    def test_who_goes_on(self, house: House, method: str, sent: list[str]) -> None:
        run = house.do(mail())
        (card,) = run.approvals
        yes = card.model_copy(update={"state": "approved", "decision": Decision(verdict="approve")})
        house.room.records.take([(yes, Note("decided", house.moment, {"approval": card.id}))])
        house.reopen()
        Desk(house.app, None).call(method, {"query": "roof"} if method == "search" else {})
        assert house.performed() == sent

    def test_what_fails_then_is_told_beside_the_answer(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = house.do(mail())
        (card,) = run.approvals
        yes = card.model_copy(update={"state": "approved", "decision": Decision(verdict="approve")})
        house.room.records.take([(yes, Note("decided", house.moment, {"approval": card.id}))])
        house.reopen()

        def gone(*_: object, **__: object) -> None:
            raise Unsupported("mail.example.org is gone.")

        monkeypatch.setattr(house.memory, "perform", gone)
        told: list[str] = []
        desk = Desk(house.app, None)
        desk.tell = told.append
        desk.call("sync", {})
        assert house.app.run(run.id).status == "failed"
        (said,) = told
        why = f"Not sent: “Hello” to {BO}. mail.example.org is gone"
        assert said.startswith(f"{run.id}, “test”, was gone on with and failed: {why}")


class TestUndo:
    def test_takes_back_in_reverse_and_says_what_stays(self, house: House) -> None:
        run = house.do(draft(), event(needs=("draft",)), mail(needs=("event",)), approve=True)
        assert house.performed() == ["mail.draft", "event.create", "mail.send"]
        undone = house.app.undo(run.id)
        assert undone.status == "done"
        assert house.performed()[3:] == ["event.cancel", "mail.trash"]
        assert "The mail “Hello” to bo@example.org cannot be taken back: it was sent." in undone.answer
        states = {e.operation: e.state for e in house.app.run(run.id).effects}
        assert states == {"mail.draft": "undone", "event.create": "undone", "mail.send": "done"}
        with pytest.raises(Refusal, match="cannot be taken back: it was sent"):
            house.app.undo(run.id)

    def test_one_effect_by_the_beginning_of_its_key(self, house: House) -> None:
        run = house.do(draft(), event(), approve=True)
        booked = next(e for e in run.effects if e.operation == "event.create")
        assert house.app.undo(booked.key[:8]).status == "done"
        assert house.performed()[2:] == ["event.cancel"]

    def test_an_event_with_others_asks_before_it_is_taken_back(self, house: House) -> None:
        run = house.do(event(attendees=[box(ANN)]), approve=True)
        undone = house.app.undo(run.id)
        assert undone.status == "waiting"
        assert undone.approvals[0].reason == "others attend"
        undone = house.app.decide(undone.approvals[0].id)
        tell = next(a for a in undone.approvals if a.state == "pending")
        assert tell.operation == "mail.send"  # they have to be told; without an iTIP part that is asked
        assert house.app.decide(tell.id).status == "done"
        assert house.performed() == ["event.create", "event.cancel", "mail.send"]

    def test_nothing_to_undo(self, house: House) -> None:
        run = house.app.ask("what is on my calendar tomorrow", fresh=False)
        with pytest.raises(Refusal, match="changed nothing"):
            house.app.undo(run.id)
        with pytest.raises(Refusal, match="no run or effect r99"):
            house.app.undo("r99")
        with pytest.raises(Refusal, match="no run or effect ffffff"):
            house.app.undo("ffffff")

    def test_what_changed_since_is_left_alone(self, house: House) -> None:
        run = house.do(event(), approve=True)
        ref = house.ref("event", run.effects[0].key)
        house.memory.put(replace(house.memory.items[ref], text="Bring the plan.", hash="f" * 64))
        with pytest.raises(Refusal, match="“Budget” was changed since"):
            house.app.undo(run.id)
        assert house.performed() == ["event.create"]
        assert house.app.run(run.id).effects[0].state == "done"


class TestRuns:
    def test_newest_first_and_by_id(self, house: House) -> None:
        first, second = house.do(draft()), house.do(mail())
        assert [r.id for r in house.app.runs()] == [second.id, first.id] == ["r2", "r1"]
        assert house.app.run("r1") == first
        with pytest.raises(Refusal, match="no run r3"):
            house.app.run("r3")

    def test_the_trace_tells_the_whole_story(self, house: House) -> None:
        run = house.do(mail(), approve=answer("approve"))
        told = [e.type for e in house.room.records.events(run.id)]
        assert told == [
            "asked for", "planned", "weighed", "asked", "decided", "weighed", "begun", "carried out",
            "step done", "finished",
        ]  # fmt: skip

    def test_what_a_source_will_not_say_is_put_to_the_person(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[Operation] = []

        def perform(operation: Operation, **_: Any) -> Any:
            calls.append(operation)
            raise Unknown("The connection was lost after the message was handed over.")

        monkeypatch.setattr(house.memory, "perform", perform)
        run = house.do(mail(), draft("after", needs=("mail",)), approve=True)
        assert run.status == "failed"
        assert run.answer.startswith("It may have happened; please look. The connection was lost")
        assert "this was not done: do after" in run.answer
        assert [e.state for e in run.effects] == ["unknown"]
        house.app.resume()
        house.reopen()
        house.app.resume()
        assert len(calls) == 1, "it is never tried again"
        with pytest.raises(Refusal, match="not known; please look"):
            house.app.undo(run.id)


def test_a_plan_is_shown_without_doing_anything(house: House) -> None:
    house.plans["say hi"] = plan(mail())
    assert house.app.plan("say hi") == plan(mail())
    assert house.app.runs() == []
    assert ME not in house.performed()


class TestOtherSettings:
    """What is set while a home is open holds from then on, in the same process too."""

    def test_how_long_a_question_stands(self, house: House) -> None:
        overview.put(house.app, ["approvals.expire_after_days", "1"])
        (asked,) = house.do(mail()).approvals
        assert asked.expires - asked.created == timedelta(days=1)

    def test_how_long_things_are_kept(self, house: House) -> None:
        assert house.room._keep.checkpoints
        overview.put(house.app, ["retention.checkpoints_days", "0"])
        run = house.do(draft())
        assert house.room.graph.size(run.id) == 0

    def test_what_runs_may_spend(self, house: House) -> None:
        house.do(draft())
        with house.app.home.config_file.open("a") as file:
            file.write("\n[budget.run]\nsteps = 0\n")
        house.app.reload()
        assert "The budget of this run, 0 steps, is used up" in house.do(draft()).answer
