"""What changed since is not taken back: each write that has others, or another undo, behind it.

The writes that stand alone are in `trust/test_restoring.py`; that no operation is left out is held here.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from two_desks import Desk, calendar_of

from deskhand.agent.errors import Refusal
from deskhand.agent.model import Run
from deskhand.connectors.itip import read_itip, reply
from deskhand.connectors.operations import Mailbox

BO = "bo@example.org"
BOOK = f"book 45 minutes with {BO} on Tuesday at 15:00 about the budget"


def invited(noor: Desk) -> EmailMessage:
    assert noor.ask(BOOK).status == "done"
    (mail,) = noor.sent()
    return mail


def rewritten(desk: Desk, old: str = "SUMMARY:", new: str = "SUMMARY:Somebody's ") -> bytes:
    """Somebody changes the calendar by hand; what it holds then."""
    text = desk.calendar.read_bytes()
    assert old.encode() in text
    desk.calendar.write_bytes(text.replace(old.encode(), new.encode()))
    return desk.calendar.read_bytes()


def refused(desk: Desk, run: Run, why: str) -> None:
    """Nothing is begun for it, nothing is written, nobody is told, and the reason is said."""
    before, runs = desk.calendar.read_bytes(), len(desk.app.runs())
    with pytest.raises(Refusal, match=f"cannot be taken back any more .*: .*{why}"):
        desk.app.undo(run.id, approve=True)
    assert (desk.calendar.read_bytes(), len(desk.app.runs()), desk.sent()) == (before, runs, [])
    assert {e.state for e in desk.app.run(run.id).effects} == {"done"}


def accepted(desk: Desk, mail: EmailMessage) -> Run:
    """An invitation comes in, and is accepted."""
    desk.receive(mail)
    run = desk.ask("accept the invitation from noor@example.org")
    assert [e.operation for e in run.effects if e.inverse] == ["event.receive"], run.answer
    desk.sent()
    return run


def answered(noor: Desk, bo: Desk) -> tuple[EmailMessage, Run]:
    """The invitation that went out, and the run that noted the yes to it."""
    mail = invited(noor)
    said = reply(
        read_itip(calendar_of(mail).encode()), attendee=Mailbox(address=BO), answer="accepted",
        now=noor.moment,
    )  # fmt: skip
    noor.receive(bo.write(noor, "Accepted", answers=mail, calendar=said))
    (run,) = noor.sync()
    assert [e.operation for e in run.effects] == ["event.answered"], run.answer
    return mail, run


def test_an_invitation_that_was_taken_in_and_changed(noor: Desk, bo: Desk) -> None:
    run = accepted(bo, invited(noor))
    rewritten(bo)
    refused(bo, run, "It was renamed to “Somebody's Budget” since then")


def test_an_answer_that_was_given_and_given_anew_by_hand(noor: Desk, bo: Desk) -> None:
    accepted(bo, invited(noor))
    run = bo.ask("decline the budget on Tuesday")
    assert [e.operation for e in run.effects if e.inverse] == ["event.respond"], run.answer
    bo.sent()
    rewritten(bo, "PARTSTAT=DECLINED", "PARTSTAT=TENTATIVE")
    refused(bo, run, "since then")


def test_an_answer_that_was_noted_and_another_since(noor: Desk, bo: Desk) -> None:
    mail, run = answered(noor, bo)
    noor.moment = noor.moment.replace(hour=9)
    said = reply(
        read_itip(calendar_of(mail).encode()), attendee=Mailbox(address=BO), answer="declined",
        now=noor.moment,
    )  # fmt: skip
    noor.receive(bo.write(noor, "Declined", answers=mail, calendar=said))
    (other,) = noor.sync()
    assert noor.event("Budget")["ATTENDEE"].params["PARTSTAT"] == "DECLINED"
    refused(noor, run, f"{other.id} changed it since")
    assert noor.event("Budget")["ATTENDEE"].params["PARTSTAT"] == "DECLINED"


def test_an_answer_that_was_noted_and_the_event_moved_by_hand(noor: Desk, bo: Desk) -> None:
    _, run = answered(noor, bo)
    rewritten(noor, "20261124T15", "20261125T15")
    refused(noor, run, "It was moved to Wed 25 Nov")


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ("move the budget on Tuesday to Wednesday at 11:00", "It was renamed to “Somebody's Budget”"),
        ("cancel the budget on Tuesday", "It was renamed to “Somebody's Budget”"),
    ],
)
def test_what_an_undo_put_back_and_somebody_changed(noor: Desk, wish: str, why: str) -> None:
    invited(noor)
    undone = noor.app.undo(noor.ask(wish).id, approve=True)
    assert undone.status == "done", undone.answer
    assert "event.restore" in [e.operation for e in undone.effects if e.inverse]
    noor.sent()
    rewritten(noor)
    refused(noor, undone, why)


class TestHeld:
    """A mail that is held goes by itself; what it was to tell of may be somebody's by now."""

    @pytest.fixture
    def noor(self, tmp_path: Path) -> Iterator[Desk]:
        with Desk(tmp_path / "noor", "Noor Haddad", "noor@example.org", hold="30s") as desk:
            yield desk

    @pytest.fixture
    def run(self, noor: Desk) -> Run:
        noor.app.sync(embed=0)
        run = noor.app.ask(BOOK, approve=True, fresh=False, held=False)
        assert run.status == "held"
        return run

    def test_it_is_not_sent_and_both_are_told(self, noor: Desk, run: Run) -> None:
        before = rewritten(noor)
        told = "Not sent, for you took it back in time: “Invitation: Budget.* It was renamed to"
        with pytest.raises(Refusal, match=f"^{told}"):
            noor.app.undo(run.id, approve=True)
        with pytest.raises(Refusal, match=f"^{told}") as again:
            noor.app.undo(run.id, approve=True)
        assert "nothing is left of it" not in str(again.value), "the event is"
        assert noor.calendar.read_bytes() == before
        assert {e.operation: e.state for e in noor.app.run(run.id).effects} == {
            "event.create": "done", "mail.send": "withdrawn",
        }  # fmt: skip
        noor.moment = noor.moment.replace(hour=9)
        noor.reopen()
        for one in noor.app.resume():
            noor.app.runs_room.wait(one)
        assert noor.sent() == []

    def test_at_the_command_line_too(self, noor: Desk, run: Run) -> None:
        rewritten(noor)
        said = noor.command("undo", run.id, "--yes")
        assert "Not sent, for you took it back in time" in said
        assert "It was renamed to “Somebody's Budget” since then." in " ".join(said.split())

    def test_only_the_mail_of_it(self, noor: Desk, run: Run) -> None:
        before = rewritten(noor)
        (mail,) = [e for e in run.effects if e.operation == "mail.send"]
        back = noor.app.undo(mail.key)
        assert "Not sent, for you took it back in time" in back.answer
        assert (noor.calendar.read_bytes(), noor.sent()) == (before, [])

    def test_once_it_was_sent_it_is_refused_with_that(self, noor: Desk, run: Run) -> None:
        noor.moment = noor.moment.replace(minute=1)
        noor.reopen()
        for one in noor.app.resume():
            noor.app.runs_room.wait(one)
        assert len(noor.sent()) == 1
        rewritten(noor)
        with pytest.raises(
            Refusal, match=r"The mail “Invitation: Budget.*” .*cannot be taken back: it was sent"
        ):
            noor.app.undo(run.id, approve=True)
