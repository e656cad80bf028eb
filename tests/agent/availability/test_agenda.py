"""The calendar as a person means it, over real calendar files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deskhand.agent.availability.agenda import answer, busy, find_event, named, occurrences_between
from deskhand.agent.slots.model import Interval
from deskhand.connectors.ics import connect
from deskhand.connectors.model import Item
from deskhand.connectors.occurrences import Occurrence

PARIS = ZoneInfo("Europe/Paris")
ME = frozenset({"ana@example.org", "ana@example.net"})
BO = "ATTENDEE;CN=Bo Berg;PARTSTAT=ACCEPTED:mailto:bo@example.org\n"


def at(clock: str, day: int = 23, *, month: int = 11) -> datetime:
    return datetime.combine(date(2026, month, day), time.fromisoformat(clock), PARIS)


def event(
    uid: str, title: str, clock: str = "1000", *, to: str = "1100", day: str = "20261123", more: str = ""
) -> str:
    times = f"DTSTART;TZID=Europe/Paris:{day}T{clock}00\nDTEND;TZID=Europe/Paris:{day}T{to}00\n"
    return f"BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20261101T000000Z\nSUMMARY:{title}\n{times}{more}END:VEVENT\n"


def all_day(uid: str, title: str, *, more: str = "") -> str:
    times = "DTSTART;VALUE=DATE:20261123\nDTEND;VALUE=DATE:20261124\n"
    return f"BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20261101T000000Z\nSUMMARY:{title}\n{times}{more}END:VEVENT\n"


def invited(status: str, address: str = "ana@example.org") -> str:
    return f"ORGANIZER:mailto:bo@example.org\nATTENDEE;PARTSTAT={status}:mailto:{address}\n{BO}"


@pytest.fixture
def calendar(tmp_path: Path) -> Callable[..., list[Item]]:
    """Write calendar files, one a call argument, and read their items back through the connector."""

    def read(*files: str) -> list[Item]:
        items: list[Item] = []
        for number, events in enumerate(files):
            path = tmp_path / f"calendar{number}.ics"
            text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{events}END:VCALENDAR\n"
            path.write_bytes(text.replace("\n", "\r\n").encode())
            state = tmp_path / f"state{number}"
            state.mkdir(exist_ok=True)
            source = connect(source=f"cal{number}", state=state, place=str(path))
            items += [change for change in source.changes(None) if isinstance(change, Item)]
            source.close()
        return items

    return read


Calendar = Callable[..., list[Item]]


def day(items: list[Item], *, number: int = 23, days: int = 1) -> list[Occurrence]:
    start = at("00:00", number)
    return occurrences_between(
        items, start=start, end=start + timedelta(days=days), zone="Europe/Paris", me=ME
    )


class TestOccurrencesBetween:
    def test_in_order_all_day_first(self, calendar: Calendar) -> None:
        items = calendar(
            event("b", "Later", "1500", to="1600")
            + all_day("c", "Birthday")
            + event("a", "Earlier", "0900", to="0930")
            + event("d", "Other day", day="20261124")
        )
        assert [o.title for o in day(items)] == ["Birthday", "Earlier", "Later"]

    def test_a_series_across_the_change_of_clocks(self, calendar: Calendar) -> None:
        items = calendar(event("s", "Weekly", "0900", to="0930", day="20261019", more="RRULE:FREQ=WEEKLY\n"))
        found = occurrences_between(
            items, start=at("00:00", 19, month=10), end=at("00:00", 3), zone="Europe/Paris", me=ME
        )
        assert [o.start.astimezone(PARIS).time() for o in found] == [time(9)] * 3
        assert [o.start.astimezone(UTC).hour for o in found] == [7, 8, 8]

    def test_one_meeting_in_two_calendars_is_one(self, calendar: Calendar) -> None:
        mine = event("m", "Review", more=invited("ACCEPTED"))
        theirs = event("m", "Review", more=invited("NEEDS-ACTION"))
        for order in ((mine, theirs), (theirs, mine)):
            (found,) = day(calendar(*order))
            assert answer(found, ME) == "accepted"

    def test_the_copy_that_is_not_cancelled_counts(self, calendar: Calendar) -> None:
        (found,) = day(calendar(event("m", "Review", more="STATUS:CANCELLED\n"), event("m", "Review")))
        assert found.status == "confirmed"

    def test_same_uid_at_another_time_is_the_same_meeting_moved_since(self, calendar: Calendar) -> None:
        moved = event("m", "Review", "1200", to="1300", more="SEQUENCE:1\n")
        (found,) = day(calendar(event("m", "Review", more="SEQUENCE:0\n"), moved))
        assert found.start.hour == 12

    def test_an_invitation_of_somebody_else_under_its_uid_moves_it_nowhere(self, calendar: Calendar) -> None:
        foreign = "ORGANIZER:mailto:mallory@example.net\nATTENDEE:mailto:ana@example.org\nSEQUENCE:99\n"
        real = event("m", "Board", more=invited("ACCEPTED") + "SEQUENCE:0\n")
        for other in (
            event("m", "Board", "1500", to="1600", more=foreign),
            event("m", "Board", "1500", to="1600", day="20261223", more=foreign),
            event("m", "Board", more=foreign + "STATUS:CANCELLED\n"),
        ):
            assert at("10:00") in [i.start for i in busy(day(calendar(real, other)), me=ME)]
        twice = calendar(real, event("m", "Board", "1500", to="1600", more=foreign))
        assert [i.start for i in busy(day(twice), me=ME)] == [at("10:00"), at("15:00")]


class TestBusy:
    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            ("", [False]),
            ("TRANSP:TRANSPARENT\n", []),
            ("STATUS:CANCELLED\n", []),
            ("STATUS:TENTATIVE\n", [True]),
            (invited("DECLINED"), []),
            (invited("DECLINED", "ana@example.net"), []),
            (invited("ACCEPTED"), [False]),
            (invited("TENTATIVE"), [True]),
            (invited("NEEDS-ACTION"), [True]),
            (invited("DECLINED", "somebody@example.com"), []),
            (invited("DECLINED") + "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@example.net\n", [False]),
            ("X-MICROSOFT-CDO-BUSYSTATUS:FREE\n", []),
            ("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE\n", [True]),
            ("X-MICROSOFT-CDO-BUSYSTATUS:BUSY\n", [False]),
            ("X-MICROSOFT-CDO-BUSYSTATUS:OOF\nTRANSP:TRANSPARENT\n", [False]),
            ("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE\n", []),
            ("CLASS:PRIVATE\n", [False]),
            ("CLASS:CONFIDENTIAL\nTRANSP:TRANSPARENT\n", []),
        ],
    )
    def test_with_a_time_of_day(self, calendar: Calendar, more: str, expected: list[bool]) -> None:
        found = busy(day(calendar(event("e", "Meet", more=more))), me=ME)
        assert [i.tentative for i in found] == expected
        assert all((i.start, i.end) == (at("10:00"), at("11:00")) for i in found)

    @pytest.mark.parametrize(
        ("title", "more", "taken"),
        [
            ("Mum's birthday", "", False),
            ("Report due", "ORGANIZER:mailto:ana@example.org\n", False),
            ("Sign-off and kick-off", "", False),
            ("Ana: day off", "", True),
            ("Out of office", "", True),
            ("Vacation", "", True),
            ("Vacation", "TRANSP:TRANSPARENT\n", False),
            ("Board days", invited("ACCEPTED"), True),
            ("Board days", invited("NEEDS-ACTION"), False),
            ("Board days", invited("DECLINED"), False),
            ("Workshop", "ORGANIZER:mailto:ana@example.org\n" + BO, True),
            ("Mum's birthday", "TRANSP:OPAQUE\n", False),
            ("Trip", "X-MICROSOFT-CDO-BUSYSTATUS:OOF\n", True),
            ("Trip", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY\n", True),
            ("Lisbon", "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE\n", False),
            ("Working from home", "", False),
            ("WFH", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY\n", False),
            ("Bo: Vacation", "X-MICROSOFT-CDO-BUSYSTATUS:OOF\nORGANIZER:mailto:bo@example.org\n" + BO, False),
        ],
    )
    def test_all_day(self, calendar: Calendar, title: str, more: str, taken: bool) -> None:
        found = busy(day(calendar(all_day("e", title, more=more))), me=ME)
        assert [(i.start, i.end) for i in found] == ([(at("00:00"), at("00:00", 24))] if taken else [])

    def test_what_is_private_takes_time_and_keeps_its_name(self, calendar: Calendar) -> None:
        secret, known = event("a", "Surgery", "0900", to="0930", more="CLASS:PRIVATE\n"), event("b", "Plan")
        found = day(calendar(secret + known))
        assert [i.name for i in busy(found, me=ME)] == ["", "Plan"]
        assert [named(o) for o in found] == ["something private", "“Plan”"]

    def test_a_meeting_of_a_series_may_be_private_alone(self, calendar: Calendar) -> None:
        weekly = event("s", "Weekly", day="20261116", more="RRULE:FREQ=WEEKLY\n")
        one = event("s", "Surgery", more="CLASS:PRIVATE\nRECURRENCE-ID;TZID=Europe/Paris:20261123T100000\n")
        (found,) = day(calendar(weekly + one))
        assert (named(found), named(day(calendar(weekly))[0])) == ("something private", "“Weekly”")

    def test_a_day_off_is_no_meeting(self, calendar: Calendar) -> None:
        items = calendar(all_day("v", "Vacation") + event("m", "Meet"))
        assert [i.meeting for i in busy(day(items), me=ME)] == [False, True]

    def test_over_several_days_with_times_of_day(self, calendar: Calendar) -> None:
        times = "DTSTART;TZID=Europe/Paris:20261121T140000\nDTEND;TZID=Europe/Paris:20261124T110000\n"
        trip = f"BEGIN:VEVENT\nUID:t\nDTSTAMP:20261101T000000Z\nSUMMARY:Trip\n{times}END:VEVENT\n"
        (found,) = busy(day(calendar(trip)), me=ME)
        assert (found.start, found.end) == (at("14:00", 21), at("11:00", 24))

    def test_my_copy_and_the_organisers_take_the_time_once(self, calendar: Calendar) -> None:
        mine = event("m", "Review", more=invited("ACCEPTED"))
        theirs = event("m", "Review", more="ORGANIZER:mailto:bo@example.org\n" + BO)
        assert len(busy(day(calendar(mine, theirs)), me=ME)) == 1

    def test_without_length_nothing_is_taken(self, calendar: Calendar) -> None:
        assert busy(day(calendar(event("e", "Reminder", "1000", to="1000"))), me=ME) == []

    def test_in_order(self, calendar: Calendar) -> None:
        items = calendar(event("b", "B", "1500", to="1600") + event("a", "A", "0900", to="0930"))
        starts = [i.start for i in busy(reversed(day(items)), me=ME)]
        assert starts == [at("09:00"), at("15:00")]


class TestFindEvent:
    @pytest.fixture
    def found(self, calendar: Calendar) -> list[Occurrence]:
        auditor = "ORGANIZER:mailto:ana@example.org\nATTENDEE;CN=Lena Ortiz:mailto:lena.ortiz@example.com\n"
        return day(
            calendar(
                event("a", "Audit preparation", "0900", to="1000")
                + event("b", "Talk with the auditor", "1500", to="1600", more=auditor)
                + event("c", "Budget review", "1100", to="1200", more=BO)
                + event("d", "Budget call", "1300", to="1330")
                + event("e", "Budget review of the past", "1700", to="1800", more="STATUS:CANCELLED\n")
                + event("w", "Workshop", "1400", to="1700")
            )
        )

    @pytest.mark.parametrize(
        ("words", "titles"),
        [
            ("the meeting with the auditor", ["Talk with the auditor"]),
            ("audit", ["Audit preparation"]),
            ("Lena", ["Talk with the auditor"]),
            ("my call with Ortiz", ["Talk with the auditor"]),
            ("bo", ["Budget review"]),
            ("budget", ["Budget review", "Budget call"]),
            ("the budget call", ["Budget call"]),
            ("the call", ["Budget call"]),
            ("the BUDGET review", ["Budget review"]),
            ("buget review", ["Budget review"]),
            ("dentist", []),
            ("my meeting", []),
            ("", []),
        ],
    )
    def test_by_words(self, found: list[Occurrence], words: str, titles: list[str]) -> None:
        assert [o.title for o in find_event(found, words)] == titles

    @pytest.mark.parametrize(
        ("words", "clock", "titles"),
        [
            ("my", "15:00", ["Talk with the auditor"]),
            ("the workshop", "15:00", ["Workshop"]),
            ("my", "16:30", ["Workshop"]),
            ("budget", "13:00", ["Budget call"]),
            ("budget", "09:00", []),
            ("", "20:00", []),
        ],
    )
    def test_by_time(self, found: list[Occurrence], words: str, clock: str, titles: list[str]) -> None:
        when = Interval(at(clock), at(clock) + timedelta(minutes=1))
        assert [o.title for o in find_event(found, words, when=when)] == titles

    def test_every_occurrence_of_a_series_is_meant(self, calendar: Calendar) -> None:
        items = calendar(event("s", "Weekly sync", more="RRULE:FREQ=DAILY\n"))
        assert len(find_event(day(items, days=5), "weekly sync")) == 5

    def test_endless_names_cost_nothing(self, calendar: Calendar) -> None:
        items = calendar(event("x", "a " * 200_000 + "needle") + event("y", "y" * 100_000))
        assert find_event(day(items), "needle") == []
