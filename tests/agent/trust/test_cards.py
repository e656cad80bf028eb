"""What a card shows before a yes (the mail that goes with it, the old time and the new), and which answers
make one: those of the people invited, to the meeting as it is."""

from __future__ import annotations

import json
from datetime import timedelta
from email.message import EmailMessage

import pytest
from agent_givens import ANN, ME, House, mail, plan
from agent_givens import NOW as NOW_GIVEN
from two_desks import NOW, Desk, calendar_of, words_of

from deskhand.agent.desk.effects import effects
from deskhand.agent.home.guests import held_to_words
from deskhand.agent.model import Run
from deskhand.connectors.itip import counter, message_of, read_itip, reply
from deskhand.connectors.model import Participant
from deskhand.connectors.operations import Mailbox

BO, CY, DAN = "bo@example.org", "cy@example.org", "dan@example.org"


def invited(
    noor: Desk, words: str = f"book 45 minutes with {BO} and {CY} on Tuesday at 10:00 about the budget"
) -> str:
    """Book a meeting; the invitation that went out, as iCalendar text."""
    run = noor.ask(words)
    assert run.status == "done", run.answer
    (mail,) = noor.sent()
    return calendar_of(mail)


def comes(noor: Desk, ics: str, sender: str, method: str = "REPLY") -> list[Run]:
    """A calendar message arrives in a mail of somebody's; what follows."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Date"] = sender, noor.address, "Re: Budget", NOW
    mail["Message-ID"] = f"<{abs(hash((ics, sender)))}@example.org>"
    mail.set_content("Please see the calendar.")
    mail.add_alternative(ics.encode(), "text", "calendar", params={"method": method}, cte="base64")
    noor.receive(mail)
    return noor.sync()


def said(ics: str, who: str, answer: str) -> str:
    return reply(read_itip(ics.encode()), attendee=Mailbox(address=who), answer=answer, now=NOW)  # type: ignore[arg-type]


class TestWhatACardShows:
    def test_what_hides_in_the_title_of_what_is_in_the_way(self, house: House) -> None:
        house.meeting("review", BO)
        start = NOW_GIVEN + timedelta(days=2, hours=2)
        house.meeting("lunch", title=f"Lunch\x1b[2J\x07\u202ehsif {'L' * 500}", start=start)
        house.sync()
        run = house.app.ask("move the review to Tuesday at 10:00", fresh=False)
        (note,) = [n for n in run.approvals[0].notes if n.startswith("At that time")]
        assert note.startswith("At that time there is: “Lunch⟦U+001B⟧[2J⟦U+0007⟧⟦U+202E⟧hsif L")
        assert len(note) < 250

    @pytest.mark.parametrize(
        ("ask", "shown"),
        [
            (
                "move the budget on Tuesday to Wednesday at 11:00",
                [
                    "From Tue 24 Nov, 10:00–10:45 to Wed 25 Nov, 11:00–11:45.",
                    f"With it goes a mail to {BO} and {CY}: “Moved: Budget, Wed 25 Nov, 11:00–11:45”",
                    "Was: Tue 24 Nov, 10:00–10:45 (Europe/Lisbon)",
                    "Now: Wed 25 Nov, 11:00–11:45 (Europe/Lisbon)",
                ],
            ),
            (
                "cancel the budget on Tuesday",
                [
                    f"With it goes a mail to {BO} and {CY}: “Cancelled: Budget, Tue 24 Nov, 10:00–10:45”",
                    "Noor Haddad cancelled “Budget”.",
                    "Was: Tue 24 Nov, 10:00–10:45 (Europe/Lisbon)",
                ],
            ),
        ],
    )
    def test_the_mail_and_both_times_in_the_terminal_and_as_json(
        self, noor: Desk, ask: str, shown: list[str]
    ) -> None:
        invited(noor)
        text = noor.command("ask", ask)
        plain = " ".join(text.replace("│", " ").split())
        assert all(" ".join(line.split()) in plain for line in shown), text
        asked = json.loads(noor.command("approvals", "--json"))["approvals"]
        notes = "\n".join(asked[0]["notes"])
        assert all(line in notes for line in shown), notes
        run = noor.app.decide(asked[0]["approval"])
        assert run.status == "done", run.answer
        (mail,) = noor.sent()
        assert f"“{mail['Subject']}”" in notes
        assert all(line.strip() in notes for line in words_of(mail).splitlines()), "as shown, so sent"

    def test_an_occurrence_that_was_moved_before_is_shown_where_it_is(self, noor: Desk) -> None:
        invited(noor, f"book 30 minutes with {BO} every Monday at 9:00 about the sync")
        assert (
            noor.ask("move the sync on Monday 30 November to Wednesday 2 December at 14:00").status == "done"
        )
        run = noor.ask("move the sync on Wednesday 2 December to Thursday 3 December at 15:00", approve=None)
        assert run.approvals[0].notes[0] == "From Wed 2 Dec, 14:00–14:30 to Thu 3 Dec, 15:00–15:30."


class TestWhoseAnswerItIs:
    def test_another_time_for_one_of_a_series_moves_that_one(self, noor: Desk) -> None:
        ics = invited(noor, f"book 30 minutes with {BO} every Monday at 9:00 about the budget")
        whole = read_itip(ics.encode())
        assert whole.start is not None
        one = message_of(ics, occurrence=whole.start + timedelta(days=7))
        assert one.start is not None
        assert one.end is not None
        by = timedelta(days=1, hours=1)
        proposed = counter(one, attendee=Mailbox(address=BO), start=one.start + by, end=one.end + by, now=NOW)
        (run,) = comes(noor, proposed, BO, "COUNTER")
        assert f"{BO} proposes Tue 1 Dec, 10:00–10:30 for “Budget”, Mon 30 Nov, 09:00–09:30." in one_line(run)
        (asked,) = run.approvals
        assert asked.notes[0] == "From Mon 30 Nov, 09:00–09:30 to Tue 1 Dec, 10:00–10:30."
        run = noor.app.decide(asked.id)
        assert run.status == "done", run.answer
        (told,) = noor.sent()
        assert "RECURRENCE-ID;TZID=Europe/Lisbon:20261130T090000" in calendar_of(told)
        assert "Now: Tue 1 Dec, 10:00–10:30" in words_of(told)
        starts = [f"{s:%d %b %H:%M}" for s in noor.starts()]
        assert starts == ["23 Nov 09:00", "01 Dec 10:00"], "the series stays where it is"

    def test_another_time_for_a_day_that_is_none_of_the_series_changes_nothing(self, noor: Desk) -> None:
        ics = invited(noor, f"book 30 minutes with {BO} every Monday at 9:00 about the budget")
        whole = read_itip(ics.encode())
        assert whole.start is not None
        one = message_of(ics, occurrence=whole.start + timedelta(days=8))
        assert one.start is not None
        assert one.end is not None
        proposed = counter(one, attendee=Mailbox(address=BO), start=one.start, end=one.end, now=NOW)
        before = noor.calendar.read_bytes()
        (run,) = comes(noor, proposed, BO, "COUNTER")
        assert "a day on which “Budget” does not take place" in one_line(run)
        assert run.approvals == ()
        assert noor.calendar.read_bytes() == before

    def test_a_new_time_for_a_whole_series_is_told_and_moves_nothing(self, noor: Desk) -> None:
        ics = invited(noor, f"book 30 minutes with {BO} every Monday at 9:00 about the budget")
        whole = read_itip(ics.encode())
        assert whole.start is not None
        assert whole.end is not None
        by = timedelta(hours=2)
        proposed = counter(
            whole, attendee=Mailbox(address=BO), start=whole.start + by, end=whole.end + by, now=NOW
        )
        (run,) = comes(noor, proposed, BO, "COUNTER")
        assert f"{BO} proposes Mon 23 Nov, 11:00–11:30" in one_line(run)
        assert run.approvals == ()

    def test_an_answer_to_an_older_sequence_is_noted_as_that_and_asks_nothing(self, noor: Desk) -> None:
        ics = invited(noor)
        assert noor.ask("move the budget on Tuesday to Wednesday at 11:00").status == "done"
        noor.sent()
        before = noor.calendar.read_bytes()
        for method, text in (("REPLY", said(ics, BO, "declined")), ("COUNTER", proposal(ics, CY))):
            (run,) = comes(noor, text, BO if method == "REPLY" else CY, method)
            assert (run.status, run.approvals, run.effects) == ("done", (), ())
            assert "answered an earlier invitation to “Budget”; it was changed since." in one_line(run)
        assert noor.calendar.read_bytes() == before

    def test_who_passes_it_on_invites_nobody(self, noor: Desk) -> None:
        ics = invited(noor)
        passed = said(ics, BO, "declined").replace(
            "PARTSTAT=DECLINED", f'PARTSTAT=DELEGATED;DELEGATED-TO="mailto:{DAN}"'
        )
        before = noor.calendar.read_bytes()
        (run,) = comes(noor, passed, BO)
        assert (run.status, run.approvals, run.effects) == ("unclear", (), ())
        assert (
            f"{BO} passed the invitation to “Budget”, Tue 24 Nov, 10:00–10:45, on to somebody else"
            in one_line(run)
        )
        theirs = said(ics, DAN, "accepted").replace(
            "PARTSTAT=ACCEPTED", f'PARTSTAT=ACCEPTED;DELEGATED-FROM="mailto:{BO}"'
        )
        assert comes(noor, theirs, DAN) == []
        assert noor.calendar.read_bytes() == before
        assert noor.sent() == []

    @pytest.mark.parametrize("sender", ["mallory@example.net", DAN])
    @pytest.mark.parametrize("method", ["REPLY", "COUNTER"])
    def test_who_is_not_invited_never_acts(self, noor: Desk, sender: str, method: str) -> None:
        ics = invited(noor)
        before = noor.calendar.read_bytes()
        for who in (BO, sender):
            text = said(ics, who, "declined") if method == "REPLY" else proposal(ics, who)
            assert comes(noor, text, sender, method) == []
        assert noor.calendar.read_bytes() == before
        assert noor.app.approvals() == []

    def test_nobody_answers_for_another_who_is_invited(self, noor: Desk) -> None:
        ics = invited(noor)
        before = noor.calendar.read_bytes()
        (run,) = comes(noor, said(ics, CY, "declined"), BO)
        assert (run.status, run.approvals, run.effects) == ("unclear", (), ())
        assert noor.calendar.read_bytes() == before


def proposal(ics: str, who: str) -> str:
    request = read_itip(ics.encode())
    assert request.start is not None
    assert request.end is not None
    by = timedelta(days=1)
    return counter(
        request, attendee=Mailbox(address=who), start=request.start + by, end=request.end + by, now=NOW
    )


def one_line(run: Run) -> str:
    return " ".join(run.answer.split())


def test_that_nobody_hears_of_a_move_of_somebody_elses_meeting_stands_on_the_card(house: House) -> None:
    called = (
        Participant("organizer", ANN, "Ann Ruiz"),
        Participant("attendee", ME),
        Participant("attendee", BO),
    )
    house.meeting("review", people=called)
    house.sync()
    run = house.app.ask("move the review to tomorrow at 15:00", fresh=False)
    (card,) = run.approvals
    assert any(
        n.startswith("Ann Ruiz called this meeting: only your own copy would change") for n in card.notes
    )
    assert not any("With it goes a mail" in n for n in card.notes)


@pytest.mark.parametrize("wish", ["cancel the review and tell them", "move the review to tomorrow at 15:00"])
def test_a_meeting_that_somebody_else_called_is_said_to_be_ones_own_copy_throughout(
    house: House, wish: str
) -> None:
    """Neither the card nor the ledger says that others will have seen what nobody else sees."""
    house.meeting("review", people=(Participant("organizer", ANN, "Ann Ruiz"), Participant("attendee", ME)))
    house.sync()
    (card,) = house.app.ask(wish, fresh=False).approvals
    assert (card.undo, card.reason.endswith("nobody is told")) == ("R1", True)
    assert "others" not in card.afterwards
    assert any(n.startswith("Ann Ruiz called this meeting") and "nobody is told" in n for n in card.notes)
    done = house.app.decide(card.id)
    (row, *_) = effects(house.app, run=done.id)["effects"]
    assert (row["undo"], row["back"]) == ("R1", "yes")


def test_a_mail_that_a_model_planned_beyond_the_words_says_so_whatever_else_it_is_asked_for(
    house: House,
) -> None:
    house.know(BO)
    house.room._planner = held_to_words(lambda words, _: plan(mail(), request=words))
    (card,) = house.app.ask("what is on Friday?", fresh=False).approvals
    assert card.reason == "mail cannot be taken back"
    assert "A model planned it, and your words do not say it." in card.notes
    house.room._planner = held_to_words(
        lambda words, _: plan(mail(subject="lunch", body="lunch"), request=words)
    )
    (card,) = house.app.ask(f"send {BO} a mail: lunch", fresh=False).approvals
    assert not any("A model planned it" in note for note in card.notes)
