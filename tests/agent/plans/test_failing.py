"""What follows from a step that has failed: what was done is taken back, or the person is asked what then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from agent_givens import ANN, BO, NOW, House, box, draft, event, mail, plan, step
from two_desks import Desk, calendar_of

from deskhand.agent.errors import Refusal
from deskhand.agent.model import Run
from deskhand.agent.plans.language import Plan, Step
from deskhand.agent.plans.validate import faults
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.spread import spread
from deskhand.connectors.errors import SourceError


def given(made: Step, **changes: Any) -> Step:
    return Step.model_validate(made.model_dump() | changes)


def file(id_: str, /, needs: tuple[str, ...] = (), **args: Any) -> Step:
    """A step that writes a new file of its name."""
    return step(id_, "file.create", needs, **{"source": "memory", "path": f"{id_}.md", "text": "x"} | args)


def taken(house: House, id_: str, **changes: Any) -> Step:
    """A file that cannot be written: one of its name is there."""
    house.memory.add("document", f"{id_}.md", title=id_, text="mine", at=house.moment)
    return given(file(id_), **changes)


def free(house: House, id_: str) -> None:
    """What was in the way is gone."""
    house.memory.remove(house.ref("document", f"{id_}.md"))


def effects(run: Run) -> dict[str, str]:
    return {e.step: e.state for e in run.effects}


class TestCompensate:
    def test_what_was_done_is_taken_back_the_last_first(self, house: House) -> None:
        run = house.do(
            file("a"), draft("b", ("a",)), event("c", ("b",)),
            taken(house, "d", on_failure="compensate", needs=("c",)), file("e", ("d",)),
        )  # fmt: skip
        assert house.performed() == [
            "file.create", "mail.draft", "event.create", "event.cancel", "mail.trash", "file.trash",
        ]  # fmt: skip
        assert (run.status, {i: s for i, s in effects(run).items() if len(i) == 1}) == (
            "failed", {"a": "undone", "b": "undone", "c": "undone", "d": "failed"},
        )  # fmt: skip
        assert "d.md exists already." in run.answer
        assert "So this was not done: do e." in run.answer
        assert "What had been done before that was taken back: " in run.answer
        assert [i.ref.native for i in house.memory.items.values() if i.folder != "Trash"] == ["d.md"]

    def test_nothing_more_is_begun(self, house: House) -> None:
        house.do(taken(house, "a", on_failure="compensate", priority=9), file("b"), draft("c"))
        assert house.performed() == []

    def test_nothing_was_done_before_it(self, house: House) -> None:
        run = house.do(taken(house, "a", on_failure="compensate"))
        assert (run.status, house.performed()) == ("failed", [])
        assert "there was nothing to take back" in run.answer

    def test_a_mail_that_is_out_is_told_as_staying(self, house: House) -> None:
        house.know(BO)
        run = house.do(
            file("a"), mail("m", needs=("a",)), taken(house, "b", on_failure="compensate", needs=("m",)),
            approve=True,
        )  # fmt: skip
        assert run.status == "partial"
        assert effects(run)["m"] == "done"
        assert f"The mail “Hello” to {BO} cannot be taken back: it was sent." in run.answer
        assert house.performed() == ["file.create", "mail.send", "file.trash"]

    def test_a_step_says_itself_what_makes_up_for_it(self, house: House) -> None:
        house.know(BO)
        sorry = {
            "op": "mail.send",
            "args": {
                "source": "memory",
                "to": [box(BO)],
                "subject": "Never mind",
                "body": {"ref": "m", "path": "said"},
            },
        }
        asked: list[str] = []

        def yes(approval: dict[str, Any]) -> dict[str, str]:
            asked.append(approval["summary"])
            return {"verdict": "approve"}

        run = house.do(
            given(mail("m"), compensation=sorry), taken(house, "b", on_failure="compensate", needs=("m",)),
            approve=yes,
        )  # fmt: skip
        assert house.performed() == ["mail.send", "mail.send"]
        assert [op.subject for op in house.memory.performed if op.name == "mail.send"] == [
            "Hello",
            "Never mind",
        ]  # type: ignore[attr-defined]
        assert len(asked) == 2, "what makes up for it is weighed and asked about like any other mail"
        assert run.status == "partial"
        assert "What could not be taken back was made up for: " in run.answer

    def test_the_policy_asks_before_it_is_taken_back(self, house: House) -> None:
        run = house.do(
            event("c", attendees=[box(ANN)]), taken(house, "d", on_failure="compensate", needs=("c",)),
            approve=lambda a: {"verdict": "approve" if a["operation"] == "event.create" else "reject"},
        )  # fmt: skip
        assert house.performed() == ["event.create"]
        assert run.status == "partial"
        assert "This could not be taken back: " in run.answer
        assert "You said no: " in run.answer

    def test_it_waits_for_that_decision_and_says_why(self, house: House) -> None:
        run = house.do(
            event("c", attendees=[box(ANN)]), taken(house, "d", on_failure="compensate", needs=("c",)),
            file("e", ("d",)),
        )  # fmt: skip
        house.app.decide(run.approvals[0].id)
        house.reopen()
        waiting = house.app.run(run.id)
        assert waiting.status == "waiting"
        assert "d.md exists already. What was done before that is taken back." in waiting.answer
        (card,) = [a for a in waiting.approvals if a.state == "pending"]
        assert card.operation == "event.cancel"
        done = house.app.decide(card.id)
        assert (done.status, effects(done)["c"]) == ("failed", "undone")

    def test_what_could_not_be_taken_back_does_not_hold_up_the_rest(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = house.memory.perform

        def perform(operation: Any, **rest: Any) -> Any:
            if operation.name == "mail.trash":
                raise SourceError("The mailbox is locked.")
            return real(operation, **rest)

        monkeypatch.setattr(house.memory, "perform", perform)
        run = house.do(
            file("a"), draft("b", ("a",)), taken(house, "d", on_failure="compensate", needs=("b",))
        )
        assert house.performed() == ["file.create", "mail.draft", "file.trash"]
        assert (run.status, effects(run)["a"], effects(run)["b"]) == ("partial", "undone", "done")
        assert "This could not be taken back: " in run.answer
        assert "The mailbox is locked." in run.answer

    def test_what_changed_since_is_not_wiped_out(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        real = house.memory.perform

        def perform(operation: Any, **rest: Any) -> Any:
            if operation.name == "file.create" and operation.path == "d.md":
                house.memory.add("document", "a.md", title="a", text="somebody wrote on", at=house.moment)
            return real(operation, **rest)

        monkeypatch.setattr(house.memory, "perform", perform)
        run = house.do(file("a"), taken(house, "d", on_failure="compensate", needs=("a",)))
        assert house.memory.items[house.ref("document", "a.md")].text == "somebody wrote on"
        assert run.status == "partial"
        assert "changed since it was read" in run.answer

    def test_undo_afterwards_brings_nothing_back(self, house: House) -> None:
        run = house.do(file("a"), taken(house, "d", on_failure="compensate", needs=("a",)))
        with pytest.raises(Refusal, match="was undone already"):
            house.app.undo(run.id)


class TestTold:
    """Others who heard of a change hear that it is taken back; those who heard nothing hear nothing."""

    def booking(self, noor: Desk) -> Plan:
        made = noor.app.plan(f"book 45 minutes with {BO} on Tuesday at 15:00 about the budget")
        assert isinstance(made, Plan)
        return made

    def test_who_was_invited_is_told_that_it_is_off(self, noor: Desk) -> None:
        made = self.booking(noor)
        gone = {"source": "mail", "ref": "mail:message:none"}
        last = Step(
            id="last", op="mail.trash", args=gone, needs=(made.steps[-1].id,), on_failure="compensate"
        )
        run = noor.app.ask(made.model_copy(update={"steps": (*made.steps, last)}), approve=True)
        assert noor.events() == {"Budget": "CANCELLED"}
        assert ["METHOD:REQUEST" in calendar_of(m) for m in noor.sent()] == [True, False]
        assert run.status == "partial", "the invitation is out"
        assert "cannot be taken back: it was sent." in run.answer

    def test_who_never_heard_of_it_is_told_nothing(self, noor: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        made = self.booking(noor)
        steps = tuple(given(s, on_failure="compensate") if s.op == "mail.send" else s for s in made.steps)

        def refuse(*_: Any, **__: Any) -> Any:
            raise SourceError("The mail server refused it.")

        monkeypatch.setattr(noor.app.connections.connector("mail"), "perform", refuse)
        run = noor.app.ask(made.model_copy(update={"steps": steps}), approve=True)
        assert (run.status, noor.events(), noor.sent()) == ("failed", {"Budget": "CANCELLED"}, [])
        assert "What had been done before that was taken back: " in run.answer

    def test_a_schedule_stays_and_that_is_told(self, house: House) -> None:
        daily = step(
            "s", "schedule.add", request="send me a digest", rrule="FREQ=DAILY", first=NOW.isoformat()
        )
        run = house.do(daily, taken(house, "d", on_failure="compensate", needs=("s",)))
        assert "What was changed of schedules stays; see: deskhand schedule list" in run.answer


class TestAsk:
    def asked(self, house: House, *more: Step) -> Run:
        run = house.do(file("a"), taken(house, "b", on_failure="ask", needs=("a",)), *more)
        assert (run.status, house.performed()) == ("waiting", ["file.create"])
        return run

    def test_the_question_says_what_failed_and_what_can_follow(self, house: House) -> None:
        run = self.asked(house, file("c", ("b",)))
        (card,) = house.app.approvals()
        again = {"source": "memory", "path": "b.md", "text": "x"}
        assert (card.kind, card.arguments) == (
            "failure",
            {"step": "b", "then": "try again", "write": {"operation": "file.create", "arguments": again}},
        )
        assert "do b" in card.summary
        assert "b.md exists already." in {a.name: a.value for a in card.shown}["why"]
        assert [a["then"] for a in card.alternatives] == ["go on", "stop", "take back"]
        assert "What needs it: do c." in card.notes
        assert run.approvals == (card,)

    def test_a_yes_tries_it_again(self, house: House) -> None:
        self.asked(house, file("c", ("b",)))
        free(house, "b")
        run = house.app.decide("a1")
        assert run.status == "done", run.answer
        assert house.performed() == ["file.create"] * 3

    def refused(self, house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """A mail that was agreed to could not be sent, and the person is asked; what is sent from then on."""
        house.know(BO)
        real, sent, down = house.memory.perform, list[str](), [True]

        def perform(operation: Any, **rest: Any) -> Any:
            if operation.name == "mail.send":
                if down.pop() if down else False:
                    raise SourceError("The server refused it.")
                sent.append(operation.body)
            return real(operation, **rest)

        monkeypatch.setattr(house.memory, "perform", perform)
        run = house.do(given(mail("m", body="The figures."), on_failure="ask"))
        run = house.app.decide(run.approvals[0].id)
        assert (run.status, sent) == ("waiting", [])
        return sent

    def test_to_try_a_mail_again_shows_what_would_be_sent(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent = self.refused(house, monkeypatch)
        (card,) = house.app.approvals()
        shown = {a.name: a.value for a in card.shown}
        assert (shown["to"], shown["body"]) == (BO, "The figures.")
        assert any(n.startswith("To try it again is this: ") and BO in n for n in card.notes)
        assert card.arguments["write"]["arguments"]["body"] == "The figures."
        assert house.app.decide(card.id).status == "done"
        assert sent == ["The figures."]

    def test_a_yes_that_has_expired_is_asked_for_again_before_it_is_tried_again(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent = self.refused(house, monkeypatch)
        house.moment += timedelta(days=8)
        with pytest.raises(Refusal, match=r"expired on .* it is asked again as a3"):
            house.app.decide("a2")
        run = house.app.decide("a3")
        assert (run.status, sent) == ("waiting", [])
        (card,) = [a for a in run.approvals if a.state == "pending"]
        assert (card.kind, card.operation) == ("write", "mail.send")
        assert house.app.decide(card.id).status == "done"
        assert sent == ["The figures."]

    def test_it_is_asked_again_each_time_it_fails_and_then_stops(self, house: House) -> None:
        run = self.asked(house, file("c", ("b",)), given(file("d"), after=("b",)))
        seen = [run.approvals[-1].id]
        while run.status == "waiting":
            run = house.app.decide(seen[-1])
            seen += [a.id for a in run.approvals if a.state == "pending"]
        assert len(seen) == 3
        assert run.status == "partial"
        assert "b.md exists already." in run.answer

    def test_a_no_goes_on_without_it(self, house: House) -> None:
        self.asked(house, file("c", ("b",)), given(file("d"), after=("b",)))
        run = house.app.decide("a1", "reject")
        assert run.status == "partial"
        assert sorted(effects(run).items()) == [("a", "done"), ("b", "failed"), ("d", "done")]

    @pytest.mark.parametrize(
        ("then", "left"),
        [
            ("go on", {"a": "done", "b": "failed", "d": "done"}),
            ("stop", {"a": "done", "b": "failed"}),
            ("take back", {"a": "undone", "b": "failed", "back_undo1": "done"}),
        ],
    )
    def test_another_choice(self, house: House, then: str, left: dict[str, str]) -> None:
        self.asked(house, file("c", ("b",)), given(file("d"), after=("b",)))
        run = house.app.decide("a1", "edit", changes={"then": then})
        assert effects(run) == left
        assert run.status == ("failed" if then == "take back" else "partial")

    def test_nothing_else_can_be_chosen(self, house: House) -> None:
        self.asked(house)
        for changes in ({"then": "dance"}, {"step": "a"}, {"then": "stop", "step": "a"}, {}):
            with pytest.raises(
                Refusal, match="--instead 1: go on; --instead 2: stop; --instead 3: take back"
            ):
                house.app.decide("a1", "edit", changes=changes)
        assert [a.state for a in house.app.approvals()] == ["pending"]

    def test_nothing_is_begun_until_it_is_answered(self, house: House) -> None:
        run = self.asked(
            house, given(file("d"), after=("b",)), given(step("e", "schedule.list"), after=("b",))
        )
        house.reopen()
        house.room.submit(run.id)
        assert house.room.wait(run.id).status == "waiting"
        assert house.performed() == ["file.create"]
        assert {i for i in house.room.records.steps(run.id)} == {"a", "b"}
        assert len(house.app.approvals()) == 1

    def test_a_step_that_reads_is_tried_again(self, house: House) -> None:
        gone = {"ref": "memory:message:m1", "version": "1", "thread": ""}
        run = house.do(given(step("a", "item.summarise", item=gone), on_failure="ask"), draft("b", ("a",)))
        assert run.status == "waiting"
        house.message("m1")
        house.sync()
        assert house.app.decide("a1").status == "done"
        assert house.performed() == ["mail.draft"]

    def test_it_expires_and_is_asked_anew(self, house: House) -> None:
        from datetime import timedelta

        self.asked(house)
        house.moment += timedelta(days=8)
        with pytest.raises(Refusal, match="it is asked again as a2"):
            house.app.decide("a1")
        free(house, "b")
        assert house.app.decide("a2").status == "done"

    def test_what_may_have_happened_is_not_tried_again(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house.know(BO)
        real = house.memory.perform

        def perform(operation: Any, **rest: Any) -> Any:
            if operation.name == "mail.send":
                raise OSError("connection lost")
            return real(operation, **rest)

        monkeypatch.setattr(house.memory, "perform", perform)
        run = house.do(given(mail("m"), on_failure="ask"), draft("d"), approve=None)
        run = house.app.decide(run.approvals[0].id)
        (card,) = house.app.approvals()
        assert (card.arguments["then"], [a["then"] for a in card.alternatives]) == (
            "go on",
            ["stop", "take back"],
        )
        assert house.app.decide(card.id).status == "partial"

    def test_a_no_to_the_write_itself_is_no_failure_to_ask_about(self, house: House) -> None:
        run = house.do(given(mail("m"), on_failure="ask"), approve=None)
        assert house.app.decide(run.approvals[0].id, "reject").status == "rejected"
        assert house.app.approvals() == []

    def test_yes_beforehand_is_no_answer_to_a_failure(self, house: House) -> None:
        run = house.do(taken(house, "b", on_failure="ask"), approve=True)
        assert run.status == "waiting"

    def test_a_run_that_is_cancelled_asks_nothing_more(self, house: House) -> None:
        run = self.asked(house)
        assert house.app.cancel(run.id).status == "cancelled"
        assert house.app.approvals() == []


class TestValidation:
    def call(self, op: str = "mail.send", **args: Any) -> dict[str, Any]:
        full = {"source": "memory", "to": [box(BO)], "subject": "s", "body": "b"}
        return {"op": op, "args": full | args if op == "mail.send" else args}

    def said(self, *steps: Step) -> str:
        return " ".join(str(f) for f in faults(plan(*steps)))

    def test_what_is_sound(self) -> None:
        assert (
            self.said(
                file("a"),
                given(mail("m", needs=("a",)), compensation=self.call(body={"ref": "a", "path": "ref"})),
            )
            == ""
        )

    @pytest.mark.parametrize(
        ("op", "said"),
        [
            (
                "mail.sned",
                "step m, compensation.op: there is no operation “mail.sned”. Did you mean “mail.send”?",
            ),
            ("schedule.list", "step m, compensation.op: schedule.list only reads, and makes up for nothing."),
        ],
    )
    def test_what_makes_up_for_it_must_be_a_write(self, op: str, said: str) -> None:
        assert said in self.said(given(mail("m"), compensation=self.call(op)))

    def test_its_arguments_are_checked(self) -> None:
        found = self.said(given(mail("m"), compensation=self.call(colour="red")))
        assert "step m, compensation.args.colour: mail.send has no such argument." in found

    def test_what_reads_has_nothing_to_make_up_for(self) -> None:
        found = self.said(given(step("s", "schedule.list"), compensation=self.call()))
        assert "step s, compensation: schedule.list only reads, so there is nothing to make up for." in found

    @pytest.mark.parametrize(
        ("other", "said"), [("b", "“b” may not be done by then"), ("x", "there is no step “x”")]
    )
    def test_it_refers_to_what_is_done_by_then(self, other: str, said: str) -> None:
        found = self.said(
            file("b"), given(mail("m"), compensation=self.call(body={"ref": other, "path": "ref"}))
        )
        assert said in found

    def test_each_element_makes_up_for_itself(self) -> None:
        """Of a list, each element is made up for out of its own output."""
        each = {"ref": "each", "path": "title"}
        path = {"ref": "keep", "path": "detail.none"}
        note = {"op": "file.create", "args": {"source": "memory", "path": path, "text": each}}
        keep = given(
            file("keep", path=each, text="x"), for_each={"ref": "found", "path": "events"}, compensation=note
        )
        steps = spread(plan(step("found", "event.find"), keep).steps, {"found": found(["One", "Two"])})
        assert [s.compensation.args["text"]["path"] for s in steps[1:] if s.compensation] == [
            "events[0].title", "events[1].title",
        ]  # fmt: skip
        assert [s.compensation.args["path"]["ref"] for s in steps[1:] if s.compensation] == [
            "keep_1",
            "keep_2",
        ]


def found(titles: list[str]) -> StepState:
    return StepState("found", "done", {"events": [{"title": t} for t in titles]})
