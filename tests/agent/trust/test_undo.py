"""Every change of a calendar is taken back: for oneself, and for those who heard of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest
from agent_givens import ANN, House, box, event
from two_desks import Desk, calendar_of

from deskhand.agent.errors import Refusal
from deskhand.agent.model import Run
from deskhand.connectors.itip import read_itip, reply
from deskhand.connectors.operations import Mailbox

BO = "bo@example.org"


def invited(noor: Desk, when: str = "on Tuesday at 15:00") -> EmailMessage:
    run = noor.ask(f"book 45 minutes with {BO} {when} about the budget")
    assert run.status == "done", run.answer
    (mail,) = noor.sent()
    return mail


def lines(desk: Desk) -> list[bytes]:
    """The calendar without what names the effect that wrote it."""
    return [x for x in desk.calendar.read_bytes().splitlines() if not x.startswith(b"X-DESKHAND-EFFECT")]


def states(desk: Desk, run: Run) -> dict[str, str]:
    return {e.operation: e.state for e in desk.app.run(run.id).effects}


@pytest.mark.parametrize(
    ("wish", "status", "moved"),
    [
        ("move the budget on Tuesday to Wednesday at 11:00", "", True),
        ("cancel the budget on Tuesday", "", False),
    ],
)
def test_those_invited_are_invited_again(noor: Desk, wish: str, status: str, moved: bool) -> None:
    invited(noor)
    before = noor.event("Budget").decoded("DTSTART")
    run = noor.ask(wish)
    (told,) = noor.sent()
    asked = noor.app.undo(run.id)
    (card,) = asked.approvals
    assert ("From Wed 25 Nov, 11:00–11:45 to Tue 24 Nov, 15:00–15:45." in card.notes) == moved
    assert f"With it goes a mail to {BO}: “Restored: Budget, Tue 24 Nov, 15:00–15:45”" in card.notes[-1]
    assert noor.sent() == []
    undone = noor.app.decide(card.id)
    assert undone.status == "done", undone.answer
    assert undone.answer.startswith("Put back the event “Budget” as it was, in calendar.")
    assert f"The mail “{told['Subject']}” to {BO} cannot be taken back: it was sent." in undone.answer
    assert noor.event("Budget").decoded("DTSTART") == before
    assert str(noor.event("Budget").get("STATUS", "")) == status
    (again,) = noor.sent()
    message = read_itip(calendar_of(again).encode())
    assert (message.method, message.sequence) == ("REQUEST", 2)
    assert read_itip(calendar_of(told).encode()).sequence == 1
    assert message.start == before
    assert states(noor, run) == {run.effects[0].operation: "undone", "mail.send": "done"}


def test_one_occurrence_that_was_cancelled(noor: Desk) -> None:
    invited(noor, "every Monday at 9:00")
    run = noor.ask("cancel the budget on Monday 30 November")
    assert run.status == "done", run.answer
    (told,) = noor.sent()
    assert "METHOD:CANCEL" in calendar_of(told)
    undone = noor.app.undo(run.id, approve=True)
    assert undone.status == "done", undone.answer
    assert noor.events() == {"Budget": ""}
    (again,) = noor.sent()
    assert again["Subject"] == "Restored: Budget, Mon 30 Nov, 09:00–09:45"
    message = read_itip(calendar_of(again).encode())
    assert message.method == "REQUEST"
    assert message.sequence > read_itip(calendar_of(told).encode()).sequence


def test_an_occurrence_nobody_heard_of_comes_back_byte_for_byte(noor: Desk) -> None:
    assert noor.ask("book an hour every Monday at 9:00 for reading").status == "done"
    before = lines(noor)
    run = noor.ask("cancel the reading on Monday 30 November")
    assert lines(noor) != before
    assert noor.app.undo(run.id, approve=True).status == "done"
    assert lines(noor) == before
    assert noor.sent() == []


def test_an_invitation_that_was_accepted(noor: Desk, bo: Desk) -> None:
    bo.receive(invited(noor))
    run = bo.ask("accept the invitation from noor@example.org")
    assert run.status == "done", run.answer
    (answer,) = bo.sent()
    assert bo.events()
    undone = bo.app.undo(run.id, approve=True)
    assert undone.status == "done", undone.answer
    assert bo.events() == {}
    assert bo.sent() == []
    said = f"The mail “{answer['Subject']}” to noor@example.org cannot be taken back: they go by that answer"
    assert said in undone.answer


def test_an_answer_that_was_noted(noor: Desk, bo: Desk) -> None:
    mail = invited(noor)
    before = lines(noor)
    request = read_itip(calendar_of(mail).encode())
    said = reply(request, attendee=Mailbox(address=BO), answer="accepted", now=noor.moment)
    noor.receive(bo.write(noor, "Accepted", answers=mail, calendar=said))
    (run,) = noor.sync()
    assert noor.event("Budget")["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    undone = noor.app.undo(run.id, approve=True)
    assert undone.status == "done", undone.answer
    assert lines(noor) == before
    assert noor.sent() == []


def test_a_time_that_was_held(noor: Desk) -> None:
    run = noor.ask("hold two hours on Friday until Wednesday")
    undone = noor.app.undo(run.id, approve=True)
    assert undone.status == "done", undone.answer
    assert noor.events() == {}
    noor.reopen()
    assert noor.sync() == [], "there is nothing left to give back"


def test_a_hold_that_was_confirmed_is_a_hold_again(noor: Desk) -> None:
    assert noor.ask("hold two hours on Friday until Wednesday").status == "done"
    before = lines(noor)
    run = noor.ask("confirm the hold on Friday")
    assert run.status == "done", run.answer
    undone = noor.app.undo(run.id, approve=True)
    assert undone.status == "done", undone.answer
    assert lines(noor) == before


def test_done_is_said_only_of_what_was_read_back(noor: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    invited(noor)
    run = noor.ask("move the budget on Tuesday to Wednesday at 11:00")
    noor.sent()
    undo = noor.app.undo(run.id)
    monkeypatch.setattr(noor.app.connections.connector("calendar"), "read", lambda _ref: None)
    undone = noor.app.decide(undo.approvals[0].id)
    assert undone.status == "failed"
    assert "holds something else when read back" in undone.answer
    assert "It may have happened; please look." in undone.answer
    assert states(noor, run)["event.update"] == "done", "not noted as undone"
    assert noor.sent() == [], "nobody is told of what is not certain"


class TestTwice:
    def test_it_is_begun_once_and_the_first_one_is_shown(self, noor: Desk) -> None:
        invited(noor)
        first, notes = noor.app.undo("r1"), list[str]()
        again = noor.app.undo("r1", tell=notes.append)
        (card,) = noor.app.approvals()
        assert (again.id, again.status, card.run) == (first.id, "waiting", first.id)
        assert notes == [f"r1 is being taken back already, by r2; it waits for your answer to {card.id}."]
        booked = next(e for e in noor.app.run("r1").effects if e.operation == "event.create")
        assert noor.app.undo(booked.key).id == first.id, "it is all that can be taken back"
        assert len(noor.app.runs()) == 2

    def test_said_at_the_same_time_it_is_begun_once_too(
        self, noor: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        invited(noor)
        room, both = noor.app.runs_room, Barrier(2)
        going = room.records.going

        def looked() -> list[Run]:
            found = going()
            with suppress(BrokenBarrierError):
                both.wait(0.5)  # the other one looks now, if it can
            return found

        monkeypatch.setattr(room.records, "going", looked)
        with ThreadPoolExecutor(2) as pool:
            made = [f.result() for f in [pool.submit(room.undo, "r1") for _ in range(2)]]
        assert sorted((m.run, m.begun, m.already) for m in made) == [
            ("r2", False, True), ("r2", True, False),
        ]  # fmt: skip

    def test_a_yes_with_the_second_one_is_a_yes_to_what_waits(self, noor: Desk) -> None:
        invited(noor)
        first = noor.app.undo("r1")
        done = noor.app.undo("r1", approve=True)
        assert (done.id, done.status) == (first.id, "done")
        with pytest.raises(Refusal, match="was undone already by r2"):
            noor.app.undo("r1")

    def test_after_a_no_it_can_be_begun_anew(self, noor: Desk) -> None:
        invited(noor)
        (card,) = noor.app.undo("r1").approvals
        noor.app.decide(card.id, "reject")
        assert noor.app.undo("r1").id == "r3"

    def test_where_a_part_is_under_way_that_is_decided_first(self, tmp_path: Path) -> None:
        with House(tmp_path / "home") as house:
            house.know(ANN)
            house.do(*(event(f"e{h}", hour=h, attendees=[box(ANN)]) for h in (9, 11)))
            for card in house.app.approvals():
                house.app.decide(card.id)
            first, _ = house.app.run("r1").effects
            part = house.app.undo(first.key)
            assert part.status == "waiting"
            with pytest.raises(
                Refusal, match=f"A part of what r1 did is being taken back already, by {part.id}"
            ):
                house.app.undo("r1")
