"""A yes to what changed since the question: it is asked anew at what is there now; nothing is overridden."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from agent_givens import House, step
from two_desks import EMPTY, NOW, Desk, calendar_of, words_of

from deskhand.agent.errors import Refusal
from deskhand.agent.model import Approval, Run
from deskhand.agent.runs.renewal import MOST
from deskhand.agent.trust.approvals import Refused, payload
from deskhand.connectors.itip import counter, read_itip, reply
from deskhand.connectors.operations import Mailbox

BO, CY = "bo@example.org", "cy@example.org"


def invited(noor: Desk, *others: str) -> EmailMessage:
    """The invitation to a meeting on Tuesday at 10:00."""
    words = f"book 45 minutes with {' and '.join(others)} on Tuesday at 10:00 about the budget"
    run = noor.ask(words)
    assert run.status == "done", run.answer
    (mail,) = noor.sent()
    return mail


def answer(
    noor: Desk, mail: EmailMessage, who: str, said: str, *, at: datetime = NOW, by: timedelta = timedelta()
) -> Run:
    """What follows from somebody's answer (`said`: a PARTSTAT, or "counter" with `by` how much later)."""
    request = read_itip(calendar_of(mail).encode())
    assert request.start is not None
    assert request.end is not None
    box = Mailbox(address=who)
    if said == "counter":
        ics = counter(request, attendee=box, start=request.start + by, end=request.end + by, now=at)
    else:
        ics = reply(request, attendee=box, answer=said, now=at)  # type: ignore[arg-type]
    made = EmailMessage()
    made["From"], made["To"], made["Subject"], made["Date"] = who, noor.address, "Re: Budget", at
    made["Message-ID"] = f"<{at:%H%M%S}.{said}.{who}>"
    made["In-Reply-To"] = made["References"] = str(mail["Message-ID"])
    made.set_content("Hello")
    method = "COUNTER" if said == "counter" else "REPLY"
    made.add_alternative(ics.encode(), "text", "calendar", params={"method": method}, cte="base64")
    noor.receive(made)
    (run,) = noor.sync()
    return run


def pending(run: Run) -> Approval:
    (approval,) = [a for a in run.approvals if a.state == "pending"]
    return approval


def start(noor: Desk) -> str:
    return f"{noor.event('Budget').decoded('DTSTART'):%a %H:%M}"


def yes(noor: Desk, run: Run) -> Run:
    """Say yes to what a run asks."""
    return noor.app.decide(pending(run).id)


def edited(noor: Desk, old: str, new: str) -> None:
    """The person changes the calendar with another program."""
    text = noor.calendar.read_text("utf-8")
    assert old in text
    noor.calendar.write_text(text.replace(old, new), "utf-8")


class TestTwoAnswersToOneMeeting:
    def test_a_no_and_then_another_time(self, noor: Desk) -> None:
        mail = invited(noor, BO, CY)
        first = answer(noor, mail, BO, "declined")
        second = answer(noor, mail, CY, "counter", by=timedelta(days=2))
        first = yes(noor, first)
        assert f"{CY} may come to it since you were asked." in pending(first).notes
        assert yes(noor, first).status == "done"
        moved = start(noor)
        noor.sent()
        asked = pending(second)
        run = yes(noor, second)
        assert run.status == "waiting", run.answer
        again = pending(run)
        assert (again.id != asked.id, again.hash != asked.hash) == (True, True)
        assert again.arguments == asked.arguments | {"version": again.arguments["version"]}
        assert {a.id: a.state for a in run.approvals}[asked.id] == "withdrawn"
        assert again.notes[0] == f"It was moved to Mon 23 Nov, {moved[4:]}–{ends(noor)} since you were asked."
        assert again.notes[1].startswith(f"From Mon 23 Nov, {moved[4:]}")
        assert "asked again" in run.answer
        assert again.notes[0] in run.answer
        assert (start(noor), noor.sent()) == (moved, [])
        done = yes(noor, run)
        assert done.status == "done", done.answer
        assert start(noor) == "Thu 10:00"
        assert "It was moved to Mon 23 Nov" in done.answer
        (told,) = noor.sent()
        assert "SEQUENCE:2" in calendar_of(told)
        assert f"Was: Mon 23 Nov, {moved[4:]}" in words_of(told)

    def test_another_time_and_then_a_no(self, noor: Desk) -> None:
        mail = invited(noor, BO, CY)
        no = answer(noor, mail, BO, "declined")
        other = answer(noor, mail, CY, "counter", by=timedelta(days=2))
        assert yes(noor, other).status == "done"
        assert start(noor) == "Thu 10:00"
        noor.sent()
        run = yes(noor, no)
        assert run.status == "waiting", run.answer
        again = pending(run)
        assert again.notes[0] == "It was moved to Thu 26 Nov, 10:00–10:45 since you were asked."
        assert any("Was: Thu 26 Nov, 10:00" in n for n in again.notes), "the mail, as it will be"
        done = yes(noor, run)
        assert done.status == "done", done.answer
        assert start(noor).startswith("Mon")
        (told,) = noor.sent()
        assert "Was: Thu 26 Nov, 10:00" in words_of(told)

    def test_two_who_cannot_come_move_it_once(self, noor: Desk) -> None:
        mail = invited(noor, BO, CY)
        first, second = (answer(noor, mail, who, "declined") for who in (BO, CY))
        assert pending(first).arguments["start"] == pending(second).arguments["start"]
        assert yes(noor, yes(noor, first)).status == "done"
        noor.sent()
        run = yes(noor, second)
        assert run.status == "done", run.answer
        assert f"“Budget” takes place then already (Mon 23 Nov, {start(noor)[4:]}" in run.answer
        assert noor.sent() == []
        assert noor.event("Budget")["SEQUENCE"] == 1

    @pytest.mark.parametrize("said", ["declined", "counter"])
    def test_who_accepted_after_all_is_not_moved_for(self, noor: Desk, said: str) -> None:
        mail = invited(noor, BO)
        run = answer(noor, mail, BO, said, by=timedelta(days=2))
        later = NOW + timedelta(hours=1)
        noor.moment = later
        assert answer(noor, mail, BO, "accepted", at=later).status == "done"
        run = yes(noor, run)
        assert run.status == "done", run.answer
        assert f"{BO} accepted “Budget”, Tue 24 Nov, 10:00–10:45, after this answer" in run.answer
        assert start(noor) == "Tue 10:00"
        assert noor.sent() == []

    def test_what_was_called_off_meanwhile_is_not_moved(self, noor: Desk) -> None:
        run = answer(noor, invited(noor, BO), BO, "declined")
        assert noor.ask("cancel the budget on Tuesday").status == "done"
        noor.sent()
        run = yes(noor, run)
        assert (
            "“Budget” was cancelled or taken away since you were asked, so nothing was changed." in run.answer
        )
        assert run.status == "partial"
        assert noor.sent() == []
        assert not noor.app.approvals()

    @pytest.mark.parametrize(
        ("wish", "status"),
        [
            ("cancel the budget on Tuesday", "done"),
            ("move the budget on Tuesday to Wednesday at 11:00", "failed"),
        ],
    )
    def test_what_was_taken_away_by_hand(self, noor: Desk, wish: str, status: str) -> None:
        invited(noor, BO)
        run = noor.ask(wish, approve=None)
        noor.calendar.write_text(EMPTY, "utf-8")
        run = yes(noor, run)
        assert run.status == status
        assert "“Budget” was cancelled or taken away since you were asked" in run.answer
        assert noor.sent() == []

    def test_what_cannot_be_read_does_not_count_as_taken_away(self, noor: Desk) -> None:
        invited(noor, BO)
        run = noor.ask("cancel the budget on Tuesday", approve=None)
        noor.calendar.write_text("no calendar", "utf-8")
        run = yes(noor, run)
        assert run.status == "failed"
        assert "not certain" in run.answer
        assert noor.sent() == []

    def test_what_is_over_is_not_moved(self, noor: Desk) -> None:
        run = answer(noor, invited(noor, BO), BO, "counter", by=timedelta(days=3))
        edited(noor, "20261124T100000", "20261123T100000")
        edited(noor, "20261124T104500", "20261123T104500")
        noor.moment = NOW + timedelta(days=2)
        run = yes(noor, run)
        assert "“Budget” is over by now (Mon 23 Nov, 10:00–10:45), so nothing was changed." in run.answer
        assert noor.sent() == []


class TestWhatThePersonChanged:
    def test_a_move_by_so_much_counts_from_where_it_is_now(self, noor: Desk) -> None:
        invited(noor, BO)
        run = noor.ask("postpone the budget on Tuesday by an hour", approve=None)
        edited(noor, "20261124T10", "20261126T15")
        run = yes(noor, run)
        assert run.status == "waiting", run.answer
        again = pending(run)
        assert again.notes[0] == "It was moved to Thu 26 Nov, 15:00–15:45 since you were asked."
        assert start(noor) == "Thu 15:00"
        assert yes(noor, run).status == "done"
        assert start(noor) == "Thu 16:00"

    def test_an_edit_of_the_card_stays_as_it_was_said(self, noor: Desk) -> None:
        invited(noor, BO)
        run = noor.ask("move the budget on Tuesday to Wednesday at 11:00", approve=None)
        edited(noor, "SUMMARY:Budget", "SUMMARY:Budget")
        edited(noor, "END:VEVENT", "LOCATION:Room 4\r\nEND:VEVENT")
        changes = {"start": "2026-11-27T16:00:00+00:00", "end": "2026-11-27T16:45:00+00:00"}
        run = noor.app.decide(pending(run).id, "edit", changes=changes)
        again = pending(run)
        assert again.notes[0] == "Its place is “Room 4” since you were asked."
        assert again.arguments["start"].startswith("2026-11-27T16:00")
        assert {a.name: a.origin for a in again.shown}["start"] == "you wrote"
        assert yes(noor, run).status == "done"
        assert start(noor) == "Fri 16:00"
        assert noor.event("Budget")["LOCATION"] == "Room 4"

    def test_all_of_them_were_asked_and_one_changed(self, noor: Desk) -> None:
        for hour, who in ((10, BO), (14, CY)):
            words = f"book 45 minutes with {who} on Tuesday at {hour}:00 about item {hour}"
            assert noor.ask(words).status == "done"
        noor.sent()
        run = noor.ask("cancel everything on Tuesday and tell them", approve=None)
        one, two = [a for a in run.approvals if a.state == "pending"]
        edited(noor, "20261124T14", "20261124T16")
        noor.app.decide(one.id)
        run = noor.app.decide(two.id)
        again = pending(run)
        assert (again.step, again.notes[0]) == (
            two.step, "It was moved to Tue 24 Nov, 16:00–16:45 since you were asked.",
        )  # fmt: skip
        done = noor.app.decide(again.id)
        assert done.status == "done", done.answer
        assert set(noor.events().values()) == {"CANCELLED"}
        first, second = (words_of(m) for m in noor.sent())
        assert "Was: Tue 24 Nov, 10:00" in first
        assert "Was: Tue 24 Nov, 16:00" in second

    def test_a_yes_to_all_beforehand_is_no_yes_to_what_came_later(self, noor: Desk) -> None:
        invited(noor, BO)
        edited(noor, "20261124T10", "20261126T15")
        run = noor.app.ask("move the budget on Tuesday to Wednesday at 11:00", approve=True, fresh=False)
        assert run.status == "waiting", run.answer
        assert "It was moved to Thu 26 Nov, 15:00–15:45" in pending(run).notes[0]
        assert (start(noor), noor.sent()) == ("Thu 15:00", [])

    def test_ones_own_event_is_asked_about_once_it_changed(self, noor: Desk) -> None:
        assert noor.ask("block Tuesday from 10 to 11 for the dentist").status == "done"
        edited(noor, "20261124T10", "20261124T13")
        edited(noor, "20261124T11", "20261124T14")
        run = noor.app.ask("move the dentist on Tuesday to Wednesday at 9:00", fresh=False)
        assert run.status == "waiting", run.answer
        assert pending(run).notes[0] == "It was moved to Tue 24 Nov, 13:00–14:00 since it was read."
        assert yes(noor, run).status == "done"


class TestSeries:
    """Two cards about one series, and the first of them was agreed to."""

    def both(self, noor: Desk, first: str, second: str) -> Run:
        """The second wish, asked again after the first was done."""
        assert noor.ask(f"book 30 minutes with {BO} every Monday at 9:00 about the budget").status == "done"
        one, two = (noor.ask(words, approve=None) for words in (first, second))
        done = yes(noor, one)
        assert done.status == "done", done.answer
        noor.sent()
        return yes(noor, two)

    def test_the_same_occurrence(self, noor: Desk) -> None:
        run = self.both(
            noor,
            "move the budget on Monday 30 November to Tuesday 1 December at 14:00",
            "postpone the budget on Monday 30 November by an hour",
        )
        again = pending(run)
        assert again.notes[0] == "It was moved to Tue 1 Dec, 14:00–14:30 since you were asked."
        assert again.notes[1] == "From Tue 1 Dec, 14:00–14:30 to Tue 1 Dec, 15:00–15:30."
        assert yes(noor, run).status == "done"
        assert [f"{s:%d %b %H:%M}" for s in noor.starts()] == ["23 Nov 09:00", "01 Dec 15:00"]
        (told,) = noor.sent()
        assert "Was: Tue 1 Dec, 14:00" in words_of(told)

    def test_the_same_occurrence_was_called_off(self, noor: Desk) -> None:
        run = self.both(
            noor,
            "cancel the budget on Monday 30 November",
            "postpone the budget on Monday 30 November by an hour",
        )
        assert run.status == "failed"
        assert "“Budget” was cancelled or taken away since you were asked" in run.answer
        assert noor.sent() == []

    def test_another_occurrence(self, noor: Desk) -> None:
        run = self.both(
            noor,
            "move the budget on Monday 30 November to Tuesday 1 December at 14:00",
            "cancel the budget on Monday 7 December",
        )
        again = pending(run)
        assert again.notes[0].startswith("“Budget” was changed since you were asked, though not its time")
        assert yes(noor, run).status == "done"

    def test_the_whole_series(self, noor: Desk) -> None:
        run = self.both(
            noor,
            "postpone the whole series of the budget by two hours",
            "postpone the whole series of the budget by an hour",
        )
        again = pending(run)
        assert again.notes[0] == "It was moved to Mon 23 Nov, 11:00–11:30 since you were asked."
        assert again.arguments["start"].startswith("2026-11-23T12:00")
        assert yes(noor, run).status == "done"
        assert start(noor) == "Mon 12:00"
        (told,) = noor.sent()
        assert "Was: Mon 23 Nov, 11:00" in words_of(told)
        assert "Now: Mon 23 Nov, 12:00" in words_of(told)


class TestWhatAnOrganizerSent:
    """Bo was told of two moves, and has a card for each."""

    @pytest.fixture
    def bo(self, noor: Desk, tmp_path: Path) -> Iterator[Desk]:
        with Desk(tmp_path / "bo", "Bo Lind", BO) as desk:
            desk.receive(invited(noor, BO))
            assert desk.ask("accept the invitation from noor@example.org").status == "done"
            desk.sync()
            for words in ("Tuesday to Wednesday at 11:00", "Wednesday to Thursday at 12:00"):
                assert noor.ask(f"move the budget on {words}").status == "done"
            yield desk

    def told(self, noor: Desk, bo: Desk) -> list[Run]:
        runs = []
        for mail in sorted(noor.sent(), key=lambda m: read_itip(calendar_of(m).encode()).sequence):
            bo.receive(mail)
            runs += bo.sync()
        assert [r.status for r in runs] == ["waiting"] * 2
        return runs

    def test_the_older_first(self, noor: Desk, bo: Desk) -> None:
        one, two = self.told(noor, bo)
        assert yes(bo, one).status == "done"
        run = yes(bo, two)
        assert pending(run).notes[0] == "It was moved to Wed 25 Nov, 11:00–11:45 since you were asked."
        assert any(
            "moved “Budget” from Wed 25 Nov, 11:00–11:45 to Thu 26 Nov" in n for n in pending(run).notes
        )
        assert yes(bo, run).status == "done"
        assert start(bo) == "Thu 12:00"

    def test_the_newer_first(self, noor: Desk, bo: Desk) -> None:
        one, two = self.told(noor, bo)
        assert yes(bo, two).status == "done"
        run = yes(bo, one)
        assert run.status == "done", run.answer
        assert "your calendar has that already, or something newer" in " ".join(run.answer.split())
        assert start(bo) == "Thu 12:00"


FIND = step("find", "item.find", kinds=["document"])
FOUND = {name: {"ref": "find", "path": name} for name in ("ref", "version")}


class TestBounds:
    def test_the_yes_to_the_old_card_covers_nothing_new(self, noor: Desk) -> None:
        invited(noor, BO)
        run = noor.ask("move the budget on Tuesday to Wednesday at 11:00", approve=None)
        edited(noor, "20261124T10", "20261126T15")
        old, new = yes(noor, run).approvals
        assert (old.state, new.state) == ("withdrawn", "pending")
        assert (old.hash != new.hash, old.arguments != new.arguments) == (True, True)
        for forged in (old, old.model_copy(update={"state": "approved", "arguments": new.arguments})):
            with pytest.raises(Refused):
                payload(forged, run=forged.run, step=forged.step)

    def test_what_a_plan_says_itself_is_meant_just_so(self, noor: Desk) -> None:
        """An undo takes back what was done, and nothing of what somebody made of it since."""
        assert noor.ask("block Tuesday from 10 to 11 for the dentist").status == "done"
        run = noor.ask("move the dentist on Tuesday to Wednesday at 9:00")
        edited(noor, "20261125T09", "20261126T09")
        edited(noor, "20261125T10", "20261126T10")
        before = noor.calendar.read_bytes()
        with pytest.raises(Refusal, match="It was moved to Thu 26 Nov, 09:00–10:00 since then"):
            noor.app.undo(run.id, approve=True)
        assert noor.calendar.read_bytes() == before

    def test_a_late_word_on_the_old_card_is_told_where_the_question_is_now(self, noor: Desk) -> None:
        invited(noor, BO)
        run = noor.ask("move the budget on Tuesday to Wednesday at 11:00", approve=None)
        old = pending(run)
        edited(noor, "20261124T10", "20261126T15")
        again = pending(yes(noor, run))
        for verdict in ("approve", "reject"):
            with pytest.raises(
                Refusal, match=f"{old.id} is not asked any more.* asked again as {again.id}; nothing"
            ):
                noor.app.decide(old.id, verdict)
        assert start(noor) == "Thu 15:00"

    def test_it_is_not_asked_for_ever(self, noor: Desk) -> None:
        invited(noor, BO)
        run = noor.ask("move the budget on Tuesday to Wednesday at 11:00", approve=None)
        for n in range(MOST):
            edited(noor, f"20261124T1{n}", f"20261124T1{n + 1}")
            run = yes(noor, run)
            assert run.status == "waiting", run.answer
        edited(noor, f"20261124T1{MOST}", f"20261124T1{MOST + 1}")
        run = yes(noor, run)
        assert run.status == "failed"
        assert "It changed again and again before it could be done, so nothing was changed" in run.answer
        assert noor.sent() == []

    def test_the_whole_of_a_file_is_never_put_over_what_changed(self, house: House) -> None:
        file = house.memory.add("document", "a.md", title="a.md", text="one", at=NOW)
        house.sync()
        house.memory.put(file)
        run = house.do(FIND, step("x", "file.replace", source="memory", text="two", **FOUND))
        assert run.status == "failed"
        assert "changed since it was read" in run.answer
        assert house.performed() == []

    def test_a_file_that_changed_is_not_taken_away_unasked(self, house: House) -> None:
        file = house.memory.add("document", "a.md", title="a.md", text="one", at=NOW)
        house.sync()
        house.memory.put(file)
        run = house.do(FIND, step("x", "file.trash", source="memory", **FOUND))
        assert house.performed() == []
        assert pending(run).notes == ("a.md was changed since it was read.",)
        assert house.app.decide(pending(run).id).status == "done"
        assert house.performed() == ["file.trash"]


def ends(noor: Desk) -> str:
    return f"{noor.event('Budget').decoded('DTEND'):%H:%M}"
