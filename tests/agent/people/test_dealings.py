"""Whom the person deals with: counted from what she does, kept up to date by what changed alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from agent_givens import ANN, BO, ME, NOW, STRANGER, House
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.availability.daysoff import works
from deskhand.agent.people.dealings import Dealings, by_habit, dealings, working_time
from deskhand.agent.profile import DaysOff, Owner
from deskhand.connectors.archive import Person
from deskhand.connectors.model import Label, Participant

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
OWNER = Owner("Noor Haddad", ME, frozenset({ME}), "Europe/Lisbon")


def got(
    house: House, native: str, at: datetime, *, sender: str = ANN, thread: str = "a", **rest: object
) -> None:
    data = {"message_id": f"<{native}@x>", "references": [f"<{thread}@x>"]}
    house.message(native, sender=sender, at=at, data=data, **rest)


def sent(house: House, native: str, at: datetime, *, to: str = ANN, thread: str = "a") -> None:
    data = {"message_id": f"<{native}@x>", "references": [f"<{thread}@x>"], "sent": True}
    mine = Label("user", (), (ME, to))
    house.message(native, sender=ME, to=to, at=at, folder="Sent", data=data, label=mine)


def of(house: House, *addresses: str, now: datetime = NOW) -> list[Dealings]:
    house.sync()
    people = [Person("", (a,)) for a in addresses]
    return dealings(house.app.archive, people, owner=house.app.owner, now=now)


class TestCounted:
    def test_mail_both_ways_and_meetings_that_have_begun(self, house: House) -> None:
        sent(house, "m1", MONDAY, thread="a")
        sent(house, "m2", MONDAY, thread="b")
        got(house, "m3", MONDAY + timedelta(hours=1), thread="c")
        house.meeting("past", ANN, start=NOW - timedelta(days=1))
        house.meeting("ahead", ANN)
        (ann,) = of(house, ANN)
        assert (ann.written, ann.received, ann.met) == (2, 1, 1)
        assert ann.last == NOW - timedelta(days=1)

    def test_the_same_mail_in_two_folders_counts_once(self, house: House) -> None:
        got(house, "m1", MONDAY)
        got(house, "copy", MONDAY, thread="a")
        house.message("other", sender=ANN, at=MONDAY, folder="Archive", data={"message_id": "<m1@x>"})
        assert of(house, ANN)[0].received == 2

    def test_who_only_writes_weighs_nothing(self, house: House) -> None:
        for n in range(30):
            got(house, f"m{n}", MONDAY, sender=STRANGER, thread=f"t{n}")
        sent(house, "one", MONDAY, to=BO)
        assert [d.person.addresses[0] for d in of(house, STRANGER, BO)] == [BO, STRANGER]

    def test_a_forged_from_line_is_not_mine(self, house: House) -> None:
        """Anybody can write the owner's address into a From line; it does not lie among what was sent."""
        house.message("forged", sender=ME, to=BO, at=MONDAY, data={"message_id": "<f@x>"})
        assert of(house, BO)[0] == Dealings(Person("", (BO,)))

    def test_a_meeting_declined_cancelled_or_large_is_none(self, house: House) -> None:
        past = NOW - timedelta(days=2)
        house.meeting("off", BO, start=past, data={"status": "cancelled"})
        no = (Participant("organizer", BO), Participant("attendee", ME, status="declined"))
        house.meeting("no", BO, start=past, people=no)
        house.meeting("all", BO, *(f"p{n}@example.org" for n in range(30)), start=past)
        assert of(house, BO)[0].met == 0

    def test_what_repeats_counts_as_often_as_it_was(self, house: House) -> None:
        ics = (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//\r\nBEGIN:VEVENT\r\nUID:w\r\n"
            "DTSTAMP:20261101T000000Z\r\nDTSTART:20261102T100000Z\r\nDTEND:20261102T103000Z\r\n"
            f"RRULE:FREQ=WEEKLY\r\nSUMMARY:Weekly\r\nORGANIZER:mailto:{ME}\r\nATTENDEE:mailto:{ANN}\r\n"
            "END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        start = datetime(2026, 11, 2, 10, tzinfo=UTC)
        data = {"ics": ics, "uid": "w", "rrule": "FREQ=WEEKLY", "recurring": True}
        house.meeting("w", ANN, start=start, until=None, data=data)
        (ann,) = of(house, ANN)
        assert (ann.met, ann.last) == (3, datetime(2026, 11, 16, 10, tzinfo=UTC))


class TestAnswers:
    def test_how_soon_is_the_median_in_working_hours(self, house: House) -> None:
        for n, hours in enumerate((1, 2, 30)):
            at = MONDAY + timedelta(hours=n * 0.01)
            got(house, f"q{n}", at, thread=f"t{n}")
            sent(house, f"a{n}", at + timedelta(hours=hours), thread=f"t{n}")
        assert of(house, ANN)[0].mine == timedelta(hours=2)
        assert of(house, ANN)[0].theirs is None

    def test_from_the_first_mail_that_was_not_answered_yet(self, house: House) -> None:
        for n in range(3):
            got(house, f"q{n}", MONDAY, thread=f"t{n}")
            got(house, f"more{n}", MONDAY + timedelta(hours=2), thread=f"t{n}")
            sent(house, f"a{n}", MONDAY + timedelta(hours=3), thread=f"t{n}")
            got(house, f"b{n}", MONDAY + timedelta(hours=4), thread=f"t{n}")
        (ann,) = of(house, ANN)
        assert (ann.mine, ann.theirs) == (timedelta(hours=3), timedelta(hours=1))

    def test_of_two_answers_no_habit_is_made(self, house: House) -> None:
        for n in range(2):
            got(house, f"q{n}", MONDAY, thread=f"t{n}")
            sent(house, f"a{n}", MONDAY + timedelta(hours=3), thread=f"t{n}")
        assert of(house, ANN)[0].mine is None

    def test_a_night_and_a_weekend_are_no_working_time(self) -> None:
        friday, monday = datetime(2026, 11, 20, 16, tzinfo=UTC), datetime(2026, 11, 23, 10, tzinfo=UTC)
        whole = working_time(friday, monday, owner=OWNER, works=works(OWNER))
        assert whole == timedelta(hours=2)
        off = Owner("", ME, frozenset({ME}), "Europe/Lisbon", off=DaysOff((monday.date(),)))
        assert working_time(friday, monday, owner=off, works=works(off)) == timedelta(hours=1)

    @given(st.lists(st.integers(0, 60 * 24 * 30), min_size=3, max_size=3))
    def test_working_time_adds_up(self, minutes: list[int]) -> None:
        first, second, third = (MONDAY + timedelta(minutes=m) for m in sorted(minutes))
        worked = works(OWNER)

        def between(start: datetime, end: datetime) -> timedelta:
            return working_time(start, end, owner=OWNER, works=worked)

        assert between(first, second) + between(second, third) == between(first, third)


class TestKeptUpToDate:
    def test_nothing_is_looked_at_twice(self, house: House) -> None:
        got(house, "q", MONDAY)
        house.sync()
        archive, me = house.app.archive, house.app.owner.addresses
        archive.trace(me)
        assert archive.trace(me) == 0
        sent(house, "a", MONDAY + timedelta(hours=1))
        house.sync()
        assert archive.trace(me) <= 2

    def test_it_is_the_same_as_if_noted_at_once(self, house: House) -> None:
        """However the mails come in: what is noted bit by bit is what is noted anew."""
        archive, me = house.app.archive, house.app.owner.addresses
        for n in range(4):
            sent(house, f"a{n}", MONDAY + timedelta(hours=n + 2), thread=f"t{n % 2}")
            house.sync()
            archive.trace(me)
            got(house, f"q{n}", MONDAY + timedelta(hours=n), thread=f"t{n % 2}")
            house.sync()
            archive.trace(me)
        bit_by_bit = of(house, ANN)
        archive.trace(frozenset({"somebody@example.org"}))
        assert of(house, ANN) == bit_by_bit
        assert bit_by_bit[0].written == 4

    def test_what_is_removed_counts_no_more(self, house: House) -> None:
        got(house, "q", MONDAY)
        house.meeting("past", ANN, start=NOW - timedelta(days=1))
        assert (of(house, ANN)[0].received, of(house, ANN)[0].met) == (1, 1)
        house.memory.remove(house.ref("message", "q"))
        house.memory.remove(house.ref("event", "past"))
        assert of(house, ANN)[0] == Dealings(Person("", (ANN,)))

    def test_the_directory_begins_with_those_one_deals_with(self, house: House) -> None:
        sent(house, "m1", NOW - timedelta(days=400), to=ANN, thread="x")
        sent(house, "m2", NOW - timedelta(days=399), to=ANN, thread="y")
        sent(house, "m3", MONDAY, to=BO, thread="z")
        house.sync()
        archive, me = house.app.archive, house.app.owner
        archive.trace(me.addresses)
        people = archive.directory(me.addresses)
        assert people[0].addresses == (ANN,)
        assert by_habit(archive, people, now=NOW)[0].addresses == (BO,)


def test_a_digest_says_who_waits_longer_than_usual(house: House) -> None:
    for n in range(3):
        got(house, f"q{n}", MONDAY, thread=f"t{n}")
        sent(house, f"a{n}", MONDAY + timedelta(hours=2), thread=f"t{n}")
    friday = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    for sender in (ANN, BO):
        text = "Could you please send me the figures by Monday?"
        got(house, f"late-{sender}", friday, sender=sender, thread=f"x{sender}", text=text)
    house.sync()
    (ann,) = [line for line in house.app.digest().answer.splitlines() if "usually" in line]
    assert "(waiting 1 day; you usually answer within 2 hours)" in ann
    house.moment = friday + timedelta(minutes=50)
    assert "usually" not in house.app.digest(everything=True).answer


def test_a_naive_time_is_refused(house: House) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        house.app.archive.contacts(since=datetime(2026, 1, 1), until=NOW)  # noqa: DTZ001
