"""A mail to others is held after the yes: taken back it is never sent, left alone it is sent once."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ANN, BO, ME, STRANGER, House, draft, event, mail, plan, step
from two_desks import Desk

from deskhand.agent.desk import effects
from deskhand.agent.desk.audits import audit_verify
from deskhand.agent.desk.desk import Desk as Door
from deskhand.agent.errors import Refusal
from deskhand.agent.model import Effect, Run
from deskhand.agent.terminal.output import Screen
from deskhand.agent.terminal.screen import drive
from deskhand.connectors.errors import Transient
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Receipt
from deskhand.connectors.operations import Operation

HOLD = timedelta(seconds=30)


NOT_TAKEN = f"Not sent: “Hello” to {BO}. The server is busy."


class Slow(Memory):
    """Takes its time over a mail, and does not take it in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go = threading.Event(), threading.Event()

    def perform(self, operation: Operation, **given: Any) -> Receipt:
        self.begun.set()
        self.go.wait(10)
        raise Transient("The server is busy.")


def held_house(root: Path, hold: str = "30s", **environ: str) -> House:
    return House(root, environ={"DESKHAND_SENDING__HOLD": hold, **environ})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with held_house(tmp_path / "home") as house:
        house.know(BO, ANN)
        yield house


def held(house: House, *steps: Any, **given: Any) -> Run:
    """Ask for these steps, say yes to all that is asked, and wait for nothing that is held."""
    house.plans["test"] = plan(*steps)
    return house.room.wait(house.room.ask("test", approve_all=True), held=False)


def later(house: House, run: Run, by: timedelta = HOLD) -> Run:
    """What becomes of it when the next command comes so much later."""
    house.reopen()
    house.moment += by
    for one in house.app.resume():
        house.room.wait(one, held=False)
    return house.app.run(run.id)


def row(run: Run, op: str = "mail.send") -> Effect:
    (found,) = [e for e in run.effects if e.operation == op]
    return found


class TestHeld:
    def test_the_row_says_until_when_and_nothing_has_happened(self, house: House) -> None:
        run = held(house, mail())
        assert (run.status, row(run).state, row(run).due) == ("held", "held", house.moment + HOLD)
        assert house.performed() == []
        assert run.answer == f"Not sent yet: “Hello” to {BO}. It goes out at 08:00:30."
        assert [t.state for t in row(run).history] == ["intended", "held"]

    def test_what_is_done_by_then_is_told_as_done(self, house: House) -> None:
        booked = event(attendees=[{"address": BO}])
        run = held(house, booked, mail(needs=("event",)))
        assert (run.status, house.performed()) == ("held", ["event.create"])
        done, kept = run.answer.split("\n\n")
        assert done.startswith("Booked “Budget” with ")
        assert kept == f"Not sent yet: “Hello” to {BO}. It goes out at 08:00:30."
        over = later(house, run)
        assert over.answer.count("Booked “Budget”") == 1
        assert over.answer.count("Sent “Hello”") == 1

    def test_what_is_done_is_told_too_where_a_question_waits(self, house: House) -> None:
        run = house.do(event("own", hour=7), event(attendees=[{"address": BO}], needs=("own",)))
        assert run.status == "waiting"
        assert run.answer.startswith("Booked “Budget”, ")

    def test_when_its_time_has_come_the_next_command_sends_it_once(self, house: House) -> None:
        run = later(house, held(house, mail()))
        assert (run.status, run.answer) == ("done", f"Sent “Hello” to {BO}, from memory.")
        assert [t.state for t in row(run).history] == ["intended", "held", "claimed", "done"]
        assert later(house, run) == run
        assert house.performed() == ["mail.send"]

    def test_before_its_time_the_next_command_leaves_it(self, house: House) -> None:
        run = later(house, held(house, mail()), by=HOLD - timedelta(seconds=1))
        assert (run.status, house.performed()) == ("held", [])

    @pytest.mark.parametrize("step", [mail(to=ME), draft(), event()])
    def test_what_stays_with_you_is_not_held(self, house: House, step: Any) -> None:
        assert held(house, step).status == "done"

    def test_nothing_is_held_where_it_is_switched_off(self, tmp_path: Path) -> None:
        with held_house(tmp_path / "other", "0s") as house:
            assert held(house, mail()).status == "done"

    def test_an_invitation_is_held_and_the_event_is_booked_at_once(self, house: House) -> None:
        run = held(house, event(), mail(needs=("event",)))
        assert (run.status, house.performed()) == ("held", ["event.create"])

    def test_what_does_not_need_it_goes_on_and_what_does_waits(self, house: House) -> None:
        after = draft("after", ("mail",))
        run = held(house, mail(), draft("beside"), after)
        assert house.performed() == ["mail.draft"]
        run = later(house, run)
        assert (run.status, house.performed()) == ("done", ["mail.draft", "mail.send", "mail.draft"])

    def test_several_are_held_together(self, house: House) -> None:
        run = held(house, mail("a"), mail("b", to=ANN))
        assert [e.state for e in run.effects] == ["held", "held"]
        assert later(house, run).status == "done"
        assert house.performed() == ["mail.send"] * 2

    def test_one_is_held_while_another_waits_for_a_yes(self, house: House) -> None:
        run = house.do(mail("a"), mail("b", to=ANN))
        first, second = run.approvals
        run = house.app.decide(first.id, held=False)
        assert (run.status, house.performed()) == ("waiting", [])
        assert "Not sent yet" in run.answer
        run = later(house, run)
        assert (run.status, house.performed()) == ("waiting", ["mail.send"])
        house.app.decide(second.id, held=False)
        assert later(house, run).status == "done"
        assert house.performed() == ["mail.send"] * 2


class TestTakenBack:
    @pytest.mark.parametrize("what", ["run", "effect", "cancel"])
    def test_it_is_never_sent(self, house: House, what: str) -> None:
        run = held(house, mail())
        key = row(run).key
        if what == "cancel":
            back = house.app.cancel(run.id)
        else:
            back = house.app.undo(run.id if what == "run" else key[:8])
        assert back.id == run.id
        assert f"Not sent, for you took it back in time: “Hello” to {BO}." in back.answer
        assert "Sent" not in back.answer
        assert row(back).state == "withdrawn"
        assert back.status == "cancelled"
        again = later(house, back, by=timedelta(days=2))
        assert (again, house.performed()) == (back, [])

    def test_twice_says_so(self, house: House) -> None:
        run = held(house, mail())
        house.app.undo(run.id)
        with pytest.raises(Refusal, match="taken back before it was sent"):
            house.app.undo(run.id)

    def test_when_it_has_left_it_is_refused(self, house: House) -> None:
        run = later(house, held(house, mail()))
        with pytest.raises(Refusal, match="cannot be taken back: it was sent"):
            house.app.undo(run.id)

    def test_with_one_taken_back_the_other_goes_out(self, house: House) -> None:
        run = held(house, mail("a"), mail("b", to=ANN))
        house.app.undo(next(e for e in run.effects if e.step == "a").key)
        run = later(house, run)
        assert run.status == "partial"
        assert f"Sent “Hello” to {ANN}, from memory." in run.answer
        assert f"you took it back in time: “Hello” to {BO}." in run.answer
        assert house.performed() == ["mail.send"]

    def test_the_event_goes_with_its_invitation_and_nobody_hears_of_it(self, tmp_path: Path) -> None:
        with Desk(tmp_path / "noor", "Noor Haddad", ME, hold="30s") as noor:
            noor.app.sync(embed=0)
            wish = f"book 45 minutes with {BO} on Tuesday at 15:00 about the budget"
            run = noor.app.ask(wish, approve=True, fresh=False, held=False)
            assert (run.status, list(noor.events())) == ("held", ["Budget"])
            said = list[str]()
            undone = noor.app.undo(run.id, approve=True, held=False, tell=said.append)
            assert undone.status == "done", undone.answer
            assert said[0].startswith("Not sent, for you took it back in time: “Invitation: Budget")
            assert (noor.events(), noor.sent()) == ({}, [])
            assert noor.app.run(run.id).status == "cancelled"

    def test_a_no_to_taking_the_event_away_says_what_it_leaves(self, tmp_path: Path) -> None:
        with Desk(tmp_path / "noor", "Noor Haddad", ME, hold="30s") as noor:
            noor.app.sync(embed=0)
            wish = f"book 45 minutes with {BO} on Tuesday at 15:00 about the budget"
            run = noor.app.ask(wish, approve=True, fresh=False, held=False)
            asked = noor.app.undo(run.id, held=False)
            (card,) = asked.approvals
            assert "others will have seen it" not in card.afterwards
            assert any("Nobody else has heard of it" in note for note in card.notes)
            said = noor.app.decide(card.id, "reject")
            assert (said.status, list(noor.events()), noor.sent()) == ("rejected", ["Budget"], [])
            assert "So it stays, and its invitation was never sent: nobody else knows of it." in said.answer
            key = said.answer.rpartition("deskhand effects again ")[2].strip(".")
            again = noor.app.run(effects.again(noor.app, effect=key)["run"])
            assert noor.app.decide(again.approvals[0].id, held=False).status == "held"

    def test_a_row_that_was_altered_meanwhile_says_again_what_is_sent(self, house: House) -> None:
        run = held(house, mail())
        with sqlite3.connect(house.root / "runs.db") as db:
            db.execute("UPDATE effects SET arguments = replace(arguments, ?, ?)", (BO, STRANGER))
        db.close()
        run = later(house, run)
        assert f"Sent “Hello” to {BO}" in run.answer
        assert {m.address for m in house.memory.performed[0].recipients} == {BO}
        assert STRANGER not in str(row(run).arguments)
        assert not audit_verify(house.app)["whole"]

    def test_a_step_that_waited_for_it_is_not_done(self, house: House) -> None:
        run = held(house, mail(), draft("after", ("mail",)))
        house.app.undo(row(run).key)
        assert house.performed() == []


class TestDueWhenTakenBack:
    """The command that takes back is the next one after its time: it looks first, and only then goes on."""

    @pytest.mark.parametrize("what", ["run", "effect", "cancel", "from Python"])
    def test_it_is_never_sent_and_the_others_are(self, house: House, what: str) -> None:
        other = held(house, mail(subject="Other"))
        run = held(house, mail())
        house.reopen()
        house.moment += HOLD
        door = Door(house.app, None)
        if what == "cancel":
            door.call("run.cancel", {"run": run.id})
        elif what == "from Python":
            house.app.undo(run.id)
        else:
            door.call("undo", {"what": run.id if what == "run" else row(run).key, "held": False})
        assert row(house.app.run(run.id)).state == "withdrawn"
        door.call("sync", {"embed": 0})
        assert [op.subject for op in house.memory.performed] == ["Other"]
        assert house.app.run(other.id).status == "done"

    def test_where_it_is_refused_nothing_goes_out_for_the_name_may_be_wrong(self, house: House) -> None:
        run = held(house, mail())
        house.reopen()
        house.moment += HOLD
        with pytest.raises(Refusal, match="no run or effect r7"):
            Door(house.app, None).call("undo", {"what": "r7"})
        assert (row(house.app.run(run.id)).state, house.performed()) == ("held", [])

    def test_a_run_that_was_not_over_is_stopped(self, house: House) -> None:
        """Also by who says so before the yes, which then comes too late."""
        run = house.do(draft(), mail("ask", to=STRANGER, needs=("draft",)))
        (card,) = run.approvals
        said = list[str]()
        back = house.app.undo(run.id, tell=said.append)
        assert (back.status, said) == ("done", [f"{run.id} was not over: it is stopped."])
        assert house.performed() == ["mail.draft", "mail.trash"]
        with pytest.raises(Refusal, match="nothing was done"):
            house.app.decide(card.id)

    def test_one_that_has_done_nothing_yet_is_the_answer_itself(self, house: House) -> None:
        run = house.do(mail(to=STRANGER))
        answer = Door(house.app, None).call("undo", {"what": run.id})
        assert (answer["run"], answer["status"]) == (run.id, "cancelled")
        assert house.performed() == []


@pytest.mark.parametrize("then", ["stop", "compensate"])
def test_where_the_plan_stops_what_is_held_is_not_sent(house: House, then: str) -> None:
    house.memory.add("document", "there.md", title="there.md", text="x", at=house.moment)
    fails = step("there", "file.create", ("draft",), source="memory", path="there.md", text="y")
    run = held(house, mail(), draft(), fails.model_copy(update={"on_failure": then}))
    assert run.status in ("failed", "partial"), run.answer
    assert row(run).state == "withdrawn"
    assert "Sent" not in run.answer
    later(house, run)
    assert "mail.send" not in house.performed()


class TestWaiting:
    """The command that waits lets the time pass by itself, also under a clock that stands still."""

    def test_it_is_sent_when_the_time_is_over(self, tmp_path: Path) -> None:
        with held_house(tmp_path, "0.3s") as house:
            house.know(BO)
            began = time.monotonic()
            run = house.do(mail(), approve=True)
            assert time.monotonic() - began >= 0.3
            assert (run.status, house.performed()) == ("done", ["mail.send"])
            assert house.moment < row(run).due  # type: ignore[operator]

    def test_whoever_waits_no_longer_leaves_it_held(self, house: House) -> None:
        run = house.room.wait(held(house, mail()).id, 0.1)
        assert (run.status, house.performed()) == ("held", [])

    def test_taken_back_meanwhile_the_command_ends_at_once(self, house: House) -> None:
        house.plans["test"] = plan(mail())
        run = house.room.ask("test", approve_all=True)
        house.room.wait(run, held=False)
        ended = list[Run]()
        waits = threading.Thread(target=lambda: ended.append(house.room.wait(run)))
        waits.start()
        house.app.undo(run)
        waits.join(5)
        assert [r.status for r in ended] == ["cancelled"]

    def test_on_the_durable_engine_too(self, tmp_path: Path) -> None:
        with held_house(tmp_path, "0.2s", DESKHAND_ENGINE__KIND="dbos") as house:
            house.know(BO)
            assert house.do(mail(), approve=True).status == "done"
            assert house.performed() == ["mail.send"]

    def test_what_is_just_going_out_is_waited_for_and_fails_aloud(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is sent while another one is waited for (`deskhand approve a1 a2`): "running" is no answer."""
        memory = Slow()
        with House(tmp_path, memory, {"DESKHAND_SENDING__HOLD": "0.05s"}) as house:
            house.know(BO)
            run = held(house, mail())
            assert memory.begun.wait(10)
            desk = Door(house.app, None)
            real = desk.call

            def call(method: str, *given: Any, **rest: Any) -> Any:
                if method == "run.wait":
                    memory.go.set()
                return real(method, *given, **rest)

            monkeypatch.setattr(desk, "call", call)
            answer = drive(Screen(json=True), desk, "run", {"run": run.id}, events=False)
            memory.go.set()
            assert (answer["status"], answer["answer"]) == ("failed", NOT_TAKEN)

    def test_what_ends_between_two_looks_is_told_as_it_ended(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        memory = Slow()
        with House(tmp_path, memory, {"DESKHAND_SENDING__HOLD": "0.05s"}) as house:
            house.know(BO)
            run = held(house, mail())
            assert memory.begun.wait(10)
            engine, wait = house.room.engine, house.room.engine.wait

            def ended() -> list[str]:
                memory.go.set()
                assert wait(run.id, 10)
                return []

            monkeypatch.setattr(engine, "wait", lambda *_: True)  # asked a moment before it began
            monkeypatch.setattr(engine, "list", ended)
            assert house.room.wait(run.id).status == "failed"

    def test_an_open_home_sends_though_nobody_waits(self, tmp_path: Path) -> None:
        """`deskhand serve` is such a home."""
        with held_house(tmp_path, "0.2s") as house:
            house.know(BO)
            run = held(house, mail())
            assert run.status == "held"
            until = time.monotonic() + 5
            while not house.performed() and time.monotonic() < until:
                time.sleep(0.02)
            assert house.room.wait(run.id).status == "done"


class TestWeighedAgain:
    """What was right when it was held must be right when it goes out."""

    def test_a_policy_that_refuses_by_now(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        from deskhand.agent.trust import gate
        from deskhand.agent.trust.policy import Verdict

        run = held(house, mail())
        monkeypatch.setattr(gate, "judge", lambda *_: Verdict("deny", "test", "it is not right any more"))
        run = later(house, run)
        assert (run.status, row(run).state, house.performed()) == ("failed", "failed", [])
        assert "it is not right any more" in run.answer

    def test_a_contact_that_is_none_any_more_is_asked_about(self, tmp_path: Path) -> None:
        with held_house(tmp_path, DESKHAND_POLICY__SEND_ALONE="true") as house:
            house.know(BO)
            run = house.room.wait(house.room.ask("mail", plan=plan(mail())), held=False)
            assert run.status == "held"
            house.environ["DESKHAND_POLICY__SEND_ALONE"] = "false"
            run = later(house, run)
            assert (run.status, row(run).state, house.performed()) == ("waiting", "intended", [])
            (card,) = house.app.approvals()
            run = house.app.decide(card.id, held=False)
            assert (run.status, row(run).state) == ("held", "held")
            assert later(house, run).status == "done"
            assert house.performed() == ["mail.send"]

    def test_an_approval_that_expired_meanwhile_is_asked_again(self, house: House) -> None:
        run = house.do(mail())
        run = house.app.decide(run.approvals[0].id, held=False)
        run = later(house, run, by=timedelta(days=9))
        assert (run.status, house.performed()) == ("waiting", [])
        (card,) = house.app.approvals()
        assert card.id != run.approvals[0].id
        house.app.decide(card.id, held=False)
        assert later(house, run).status == "done"

    def test_what_was_due_days_ago_and_needed_no_yes_is_asked_about(self, tmp_path: Path) -> None:
        with held_house(tmp_path, DESKHAND_POLICY__SEND_ALONE="true") as house:
            house.know(BO)
            run = house.room.wait(house.room.ask("mail", plan=plan(mail())), held=False)
            run = later(house, run, by=timedelta(days=2))
            (card,) = run.approvals
            assert (run.status, house.performed()) == ("waiting", [])
            assert card.reason == "it did not go out when it was to"

    def test_an_attachment_that_changed_is_not_sent(self, house: House) -> None:
        paper = house.memory.add("document", "offer.txt", title="offer.txt", text="one", at=house.moment)
        house.sync()
        run = held(house, mail(attachments=[{"ref": str(paper.ref), "version": paper.version}]))
        assert run.status == "held", run.answer
        house.memory.add("document", "offer.txt", title="offer.txt", text="two", at=house.moment)
        run = later(house, run)
        assert (run.status, row(run).state, house.performed()) == ("failed", "failed", [])


def test_undo_against_the_moment_it_is_due(tmp_path: Path) -> None:
    """Whichever comes first: both say the same, and so does the source."""
    with held_house(tmp_path) as house:
        house.know(BO)
        for n in range(12):
            run = held(house, mail(subject=f"Hello {n}"))
            key, before, said = row(run).key, len(house.performed()), list[str]()
            house.moment += HOLD

            def takes_back(key: str = key, pause: float = n * 0.01, said: list[str] = said) -> None:
                time.sleep(pause)
                said.append("left" if house.room.ledger.withdraw(key, now=house.moment) is None else "back")

            _both(partial(house.room.submit, run.id), takes_back)
            house.room.submit(run.id)
            after = house.room.wait(run.id)
            sent = len(house.performed()) - before
            assert (said[0], sent) in (("back", 0), ("left", 1))
            assert row(after).state == ("done" if sent else "withdrawn")
            assert after.status == ("done" if sent else "cancelled")


def _both(*calls: Callable[[], None]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
