"""Rooms are asked for their time as calendar programs do it, and their answers followed: real files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from two_desks import EMPTY, NOW, Desk

from deskhand.connectors.itip import read_itip, reply
from deskhand.connectors.operations import Mailbox

ROOMS = """
[rooms.Blue]
address = "blue@example.org"
source = "blue"
seats = 6

[rooms.Red]
address = "red@example.org"
source = "red"
seats = 8

[rooms.Den]
source = "den"
seats = 1
"""
ASK = "book 45 minutes with bo@example.org on Tuesday at 10:00 about the budget in room "


class House(Desk):
    """Noor's desk in a house with three rooms, each with a calendar on disk; the Den has no address."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, "Noor Haddad", "noor@example.org")
        self.rooms = {name: root / f"{name}.ics" for name in ("blue", "red", "den")}
        for name, path in self.rooms.items():
            path.write_text(EMPTY, "utf-8")
            self.app.add("ics", str(path), alias=name)
        settings = root / "home" / "config.toml"
        settings.write_text(settings.read_text("utf-8") + ROOMS, "utf-8")
        self.reopen()

    def taken(self, room: str, *times: str, rule: str = "") -> None:
        """Somebody else has the room then, from and to as `20261124T100000`, in UTC."""
        made = [
            f"BEGIN:VEVENT\r\nUID:{room}-{start}@example.org\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{start}Z\r\n"
            f"DTEND:{end}Z\r\nSUMMARY:Taken\r\n{rule}END:VEVENT\r\n"
            for start, end in (t.split("/") for t in times)
        ]  # fmt: skip
        self.rooms[room].write_bytes(EMPTY.replace("END:VCAL", f"{''.join(made)}END:VCAL").encode())

    def asked(self, title: str = "Budget") -> dict[str, dict[str, str]]:
        """The rooms that an event asks for, with the parameters of their lines."""
        lines = self.event(title).get("ATTENDEE", [])
        lines = lines if isinstance(lines, list) else [lines]
        made = {str(v).removeprefix("mailto:"): dict(v.params) for v in lines}
        return {a: {k: str(v) for k, v in p.items()} for a, p in made.items() if "CUTYPE" in p}

    def answer(self, mail: EmailMessage, address: str, answer: Any) -> None:
        """The room answers the request, as a room's mailbox does by itself."""
        request = read_itip(calendar(mail))
        said = reply(request, attendee=Mailbox(address=address), answer=answer, now=NOW)
        room = EmailMessage()
        room["From"], room["To"], room["Subject"] = address, self.address, f"{answer}: Budget"
        room["Date"], room["Message-ID"] = NOW, f"<{answer}.{request.sequence}.{address}>"
        room["Auto-Submitted"] = "auto-replied"
        room.set_content("This room answers by itself.")
        room.add_alternative(said.encode(), "text", "calendar", params={"method": "REPLY"}, cte="base64")
        self.receive(room)


@pytest.fixture
def noor(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "noor") as house:
        yield house


def calendar(mail: EmailMessage) -> bytes:
    (part,) = [p for p in mail.walk() if p.get_content_type() == "text/calendar"]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def to(mails: list[EmailMessage]) -> dict[str, EmailMessage]:
    """The mails by whom they go to."""
    return {", ".join(a.addr_spec for a in m["To"].addresses): m for m in mails}


def booked(noor: House, room: str = "Blue") -> dict[str, EmailMessage]:
    run = noor.ask(ASK + room)
    assert run.status == "done", run.answer
    return to(noor.sent())


class TestAsking:
    def test_a_room_with_an_address_is_asked_as_a_resource(self, noor: House) -> None:
        mails = booked(noor)
        assert set(mails) == {"bo@example.org", "blue@example.org"}
        event = noor.event("Budget")
        assert str(event["LOCATION"]) == "Blue"
        assert noor.asked()["blue@example.org"] == {
            "CUTYPE": "ROOM", "CN": "Blue", "ROLE": "NON-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION",
            "RSVP": "TRUE",
        }  # fmt: skip
        request = read_itip(calendar(mails["blue@example.org"]))
        assert (request.method, request.location) == ("REQUEST", "Blue")
        assert {(p.address, p.role) for p in request.attendees} == {
            ("bo@example.org", "attendee"), ("blue@example.org", "resource"),
        }  # fmt: skip

    def test_the_card_shows_the_room_and_the_mail_to_it(self, noor: House) -> None:
        run = noor.ask(ASK + "Blue", approve=None)
        (card,) = run.approvals
        assert "Blue <blue@example.org>" in str(card.shown)
        assert "with bo@example.org," in card.summary
        assert any("a mail to Blue <blue@example.org>" in n for n in card.notes)
        assert noor.sent() == []

    def test_a_room_alone_is_asked_too(self, noor: House) -> None:
        run = noor.ask("book an hour on Tuesday at 10:00 for the audit in room Red", approve=None)
        (card,) = run.approvals
        assert "a room is asked for" in card.reason
        run = noor.app.decide(card.id)
        assert run.status == "done", run.answer
        assert set(to(noor.sent())) == {"red@example.org"}

    def test_a_room_without_an_address_is_only_the_place_and_the_card_says_so(self, noor: House) -> None:
        run = noor.ask(ASK + "Den", approve=None)
        (card,) = run.approvals
        assert any("The room Den is only named as the place and not asked for" in n for n in card.notes)
        run = noor.app.decide(card.id)
        assert run.status == "done", run.answer
        assert set(to(noor.sent())) == {"bo@example.org"}
        assert str(noor.event("Budget")["LOCATION"]) == "Den"
        assert noor.asked() == {}

    def test_a_room_that_is_taken_is_not_booked(self, noor: House) -> None:
        noor.taken("blue", "20261124T093000/20261124T103000")
        run = noor.ask(ASK + "Blue")
        assert run.status != "done"
        assert noor.events() == {}

    def test_a_room_taken_since_the_question_is_told_instead_of_booked_over(self, noor: House) -> None:
        run = noor.ask(ASK + "Blue", approve=None)
        noor.taken("blue", "20261124T093000/20261124T103000")
        noor.app.sync(embed=0)
        run = noor.app.decide(run.approvals[0].id)
        assert "something of the room Blue" in run.answer
        assert noor.events() == {}

    def test_a_room_is_nobody(self, noor: House) -> None:
        booked(noor)
        noor.app.sync(embed=0)
        agenda = noor.ask("what's on my calendar on Tuesday").answer
        assert "Blue" in agenda
        assert not re.search(r"with [^;]*blue", agenda, re.I)
        known = noor.app.runs_room.known().people
        assert [a for person in known for a in person.addresses if "blue" in a] == []

    def test_undo_gives_the_room_back(self, noor: House) -> None:
        run = noor.ask(ASK + "Blue")
        noor.sent()
        assert noor.app.undo(run.id, approve=True).status == "done"
        off = to(noor.sent())
        assert [read_itip(calendar(m)).method for m in off.values()] == ["CANCEL"]
        assert "blue@example.org" in next(iter(off))


class TestAnEventThatIsThere:
    SAY = "book a room for the budget on Tuesday"

    def test_gets_a_free_room_which_is_asked_and_those_in_it_are_told(self, noor: House) -> None:
        noor.ask("book 45 minutes with bo@example.org on Tuesday at 10:00 about the budget")
        noor.taken("blue", "20261124T100000/20261124T110000")
        noor.sent()
        run = noor.ask(self.SAY)
        assert run.status == "done", run.answer
        assert str(noor.event("Budget")["LOCATION"]) == "Red"
        assert set(noor.asked()) == {"red@example.org"}
        (mail,) = noor.sent()
        assert {a.addr_spec for a in mail["To"].addresses} == {"bo@example.org", "red@example.org"}
        assert mail["Subject"].startswith("Changed: Budget")
        request = read_itip(calendar(mail))
        assert (request.method, request.location) == ("REQUEST", "Red")

    def test_which_nobody_else_is_in_gets_one_too(self, noor: House) -> None:
        noor.ask("block an hour on Tuesday at 10:00 for the budget")
        noor.taken("den", "20261124T100000/20261124T110000")
        run = noor.ask(self.SAY)
        assert run.status == "done", run.answer
        (mail,) = noor.sent()
        assert [a.addr_spec for a in mail["To"].addresses] == ["blue@example.org"]
        assert read_itip(calendar(mail)).method == "REQUEST"


class TestOfferAndHold:
    def test_a_time_chosen_of_an_offer_has_the_room_that_was_free(self, noor: House) -> None:
        run = noor.ask(
            "offer bo@example.org two times on Tuesday for 45 minutes about the budget with a room"
        )
        assert run.status == "done", run.answer
        ((_, offer),) = to(noor.sent()).items()
        noor.receive(by_hand("bo@example.org", noor, "Number 2 is great.", offer))
        (run,) = noor.sync()
        (card,) = [a for a in run.approvals if a.state == "pending"]
        assert card.arguments["location"] == "Blue"
        run = noor.app.decide(card.id)
        assert run.status == "done", run.answer
        assert set(noor.asked()) == {"blue@example.org"}
        assert set(to(noor.sent())) == {"bo@example.org", "blue@example.org"}

    @pytest.mark.parametrize(
        "words", ["on Friday with a room until Wednesday", "on Friday until Wednesday with a room"]
    )
    def test_a_hold_asks_no_room(self, noor: House, words: str) -> None:
        run = noor.ask(f"hold two hours {words}")
        assert run.status == "done", run.answer
        (title,) = noor.events()
        assert str(noor.event(title)["LOCATION"]) == "Den"
        assert noor.asked(title) == {}
        assert noor.sent() == []


def by_hand(sender: str, to_: Desk, text: str, answers: EmailMessage) -> EmailMessage:
    """A mail as any program makes it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Date"], mail["Message-ID"] = sender, to_.address, NOW, f"<1.{sender}>"
    mail["Subject"], mail["In-Reply-To"] = "Re: Times", str(answers["Message-ID"])
    mail["References"] = str(answers["Message-ID"])
    mail.set_content(text)
    return mail


class TestAnswer:
    def test_a_yes_is_noted(self, noor: House) -> None:
        noor.answer(booked(noor)["blue@example.org"], "blue@example.org", "accepted")
        (run,) = noor.sync()
        assert "The room Blue accepted “Budget”" in run.answer
        assert noor.asked()["blue@example.org"]["PARTSTAT"] == "ACCEPTED"
        assert noor.sent() == []

    def test_after_a_no_another_room_is_proposed_at_the_same_time(self, noor: House) -> None:
        noor.answer(booked(noor)["blue@example.org"], "blue@example.org", "declined")
        (run,) = noor.sync()
        assert "The room Blue declined “Budget”" in run.answer
        (card,) = [a for a in run.approvals if a.state == "pending"]
        assert any("The room Red is free at that time" in n for n in card.notes)
        assert any("a mail to bo@example.org and Red <red@example.org>" in n for n in card.notes)
        run = noor.app.decide(card.id)
        assert run.status == "done", run.answer
        event = noor.event("Budget")
        assert event.decoded("DTSTART") == datetime(2026, 11, 24, 10, tzinfo=UTC)
        assert str(event["LOCATION"]) == "Red"
        assert set(noor.asked()) == {"red@example.org"}
        ((who, mail),) = to(noor.sent()).items()
        assert who == "bo@example.org, red@example.org"
        assert "Where: Red" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    def test_where_no_other_room_is_free_another_time_is_proposed(self, noor: House) -> None:
        mail = booked(noor)["blue@example.org"]
        noor.taken("red", "20261101T000000/20261231T000000")
        noor.answer(mail, "blue@example.org", "declined")
        (run,) = noor.sync()
        (card,) = [a for a in run.approvals if a.state == "pending"]
        run = noor.app.decide(card.id)
        assert run.status == "done", run.answer
        event = noor.event("Budget")
        assert event.decoded("DTSTART") != datetime(2026, 11, 24, 10, tzinfo=UTC)
        assert str(event["LOCATION"]) == "Blue"
        assert noor.asked()["blue@example.org"]["PARTSTAT"] == "NEEDS-ACTION"
        assert set(to(noor.sent())) == {"bo@example.org, blue@example.org"}

    def test_a_no_of_a_guest_moves_to_a_time_at_which_the_room_is_free(self, noor: House) -> None:
        mail = booked(noor)["bo@example.org"]
        noor.taken("blue", "20261122T080000/20261125T120000")
        noor.answer(mail, "bo@example.org", "declined")
        (run,) = noor.sync()
        (card,) = [a for a in run.approvals if a.state == "pending"]
        assert noor.app.decide(card.id).status == "done"
        assert noor.event("Budget").decoded("DTSTART") >= datetime(2026, 11, 25, 12, tzinfo=UTC)

    def test_another_sender_cannot_answer_for_a_room(self, noor: House) -> None:
        noor.answer(booked(noor)["blue@example.org"], "mallory@example.net", "declined")
        assert noor.sync() == []
        assert noor.asked()["blue@example.org"]["PARTSTAT"] == "NEEDS-ACTION"


class TestMoving:
    def test_a_move_asks_the_room_again(self, noor: House) -> None:
        noor.answer(booked(noor)["blue@example.org"], "blue@example.org", "accepted")
        noor.sync()
        run = noor.ask("move the budget meeting to Wednesday at 11:00")
        assert run.status == "done", run.answer
        assert noor.asked()["blue@example.org"]["PARTSTAT"] == "NEEDS-ACTION"
        ((who, mail),) = to(noor.sent()).items()
        assert "blue@example.org" in who
        assert read_itip(calendar(mail)).sequence == 1

    def test_the_card_says_that_the_room_is_taken_then(self, noor: House) -> None:
        booked(noor)
        noor.taken("blue", "20261125T110000/20261125T120000")
        run = noor.ask("move the budget meeting to Wednesday at 11:00", approve=None)
        assert any("something of the room Blue" in n for n in run.approvals[0].notes)

    def test_into_a_window_it_moves_to_where_the_room_is_free(self, noor: House) -> None:
        booked(noor)
        noor.taken("blue", "20261125T080000/20261125T150000")
        run = noor.ask("move the budget meeting to Wednesday afternoon")
        assert run.status == "done", run.answer
        assert noor.event("Budget").decoded("DTSTART") == datetime(2026, 11, 25, 15, tzinfo=UTC)

    def test_cancelling_releases_the_room(self, noor: House) -> None:
        run = noor.ask("book an hour on Tuesday at 10:00 for the audit in room Red")
        assert run.status == "done", run.answer
        noor.sent()
        run = noor.ask("cancel the audit meeting on Tuesday")
        assert run.status == "done", run.answer
        ((who, mail),) = to(noor.sent()).items()
        assert who == "red@example.org"
        assert read_itip(calendar(mail)).method == "CANCEL"


class TestSeries:
    WORDS = "book 30 minutes with bo@example.org every Tuesday at 10:00 about the budget with a room"

    def test_one_room_is_booked_for_all_occurrences(self, noor: House) -> None:
        # Blue is free on the first Tuesday and taken on the next four; Red is always free.
        noor.taken("blue", *(f"202612{d:02}T100000/202612{d:02}T110000" for d in (1, 8, 15, 22)))
        run = noor.ask(self.WORDS)
        assert run.status == "done", run.answer
        event = noor.event("Budget")
        assert str(event["LOCATION"]) == "Red"
        assert set(noor.asked()) == {"red@example.org"}
        assert "RRULE" in event
        assert set(to(noor.sent())) == {"bo@example.org", "red@example.org"}

    def test_the_occurrences_at_which_it_is_taken_are_told(self, noor: House) -> None:
        noor.taken("blue", "20261201T100000/20261201T110000")
        noor.taken("red", "20261124T090000/20261124T120000", "20261208T090000/20261208T120000")
        run = noor.ask(self.WORDS, approve=None)
        (card,) = run.approvals
        assert card.arguments["location"] == "Blue"
        (clash,) = [n for n in card.notes if "clash" in n]
        assert "Tue 1 Dec" in clash
        assert "room" in clash

    def test_where_the_time_is_open_too(self, noor: House) -> None:
        run = noor.ask("book a weekly slot of 30 minutes with bo@example.org with a room")
        assert run.status == "done", run.answer
        (title,) = noor.events()
        assert set(noor.asked(title)) == {"blue@example.org"}
        assert str(noor.event(title)["LOCATION"]) == "Blue"
