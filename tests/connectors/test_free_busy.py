"""Other people's time in calendar files: a calendar of theirs, and published free-busy times (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from contracts import NOW, ConnectorContract, Write
from hypothesis import given
from hypothesis import strategies as st

from deskhand.connectors._freebusy import covered
from deskhand.connectors.errors import Misconfigured, Unsupported
from deskhand.connectors.ics import Ics, connect
from deskhand.connectors.model import Busy, FreeBusy, Item
from deskhand.connectors.operations import EventCreate

ANN, BO = "ann@example.org", "bo@example.org"
WEEK = (datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))


def calendar(*parts: str, head: str = "") -> bytes:
    text = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//EN", *filter(None, (head, *parts))])
    return f"{text}\nEND:VCALENDAR\n".replace("\n", "\r\n").encode()


def event(uid: str, start: str, end: str, *more: str) -> str:
    lines = (f"UID:{uid}", "DTSTAMP:20261101T000000Z", f"DTSTART{start}", f"DTEND{end}", *more)
    return "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def free_busy(*lines: str, who: str = f"ORGANIZER:mailto:{BO}", of: str = "20261123/20261130") -> str:
    start, _, end = of.partition("/")
    bounds = (f"DTSTART:{start}T000000Z", f"DTEND:{end}T000000Z") if of else ()
    return "\n".join(
        ["BEGIN:VFREEBUSY", "UID:fb", "DTSTAMP:20261101T000000Z", *bounds, who, *lines, "END:VFREEBUSY"]
    )


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


class Shelf:
    """Files of a calendar, and what they say of people's time."""

    def __init__(self, root: Path) -> None:
        self.place = root / "calendar"
        self.place.mkdir()
        self._state = root / "state"

    def put(self, name: str, data: bytes) -> Shelf:
        (self.place / name).write_bytes(data)
        return self

    def connect(self, owner: str = "", zone: str = "") -> Ics:
        return connect(source="cal", state=self._state, place=str(self.place), owner=owner, zone=zone)

    def ask(self, who: str = BO, *, owner: str = "", zone: str = "") -> FreeBusy | None:
        start, end = WEEK
        return self.connect(owner, zone).free_busy([who], start=start, end=end).get(who)

    def of(self, who: str = BO, *, owner: str = "", zone: str = "") -> FreeBusy:
        told = self.ask(who, owner=owner, zone=zone)
        assert told is not None
        return told


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


class TestSomebodysCalendar(ConnectorContract):
    @pytest.fixture
    def connector(self, shelf: Shelf) -> Ics:
        meeting = event("a", ":20261123T100000Z", ":20261123T110000Z")
        shelf.put("ann.ics", calendar(meeting, event("b", ":20261124T100000Z", ":20261124T110000Z")))
        shelf.put("bo.ifb", calendar(free_busy("FREEBUSY:20261123T090000Z/PT1H")))
        return shelf.connect(ANN)

    @pytest.fixture
    def acquaintances(self) -> list[str]:
        return [ANN, BO]

    @pytest.fixture
    def writes(self) -> list[Write]:
        return []

    def test_is_only_read(self, connector: Ics) -> None:
        new = EventCreate(source="cal", title="t", start=NOW, end=NOW + timedelta(hours=1), zone="UTC")
        with pytest.raises(Unsupported):
            connector.perform(new, key="k" * 32, now=NOW)

    def test_what_lies_in_it_is_not_taken_for_the_persons_own_word(self, connector: Ics) -> None:
        items = [c for c in connector.changes(None) if isinstance(c, Item)]
        assert {i.label.trust for i in items} == {"untrusted"}


class TestAnOwnersTime:
    def test_as_a_person_means_it(self, shelf: Shelf) -> None:
        day = (";VALUE=DATE:20261124", ";VALUE=DATE:20261125")
        shelf.put(
            "ann.ics",
            calendar(
                event("busy", ":20261123T100000Z", ":20261123T110000Z", "SUMMARY:x", "CLASS:PRIVATE"),
                event("free", ":20261123T120000Z", ":20261123T130000Z", "TRANSP:TRANSPARENT"),
                event("gone", ":20261123T130000Z", ":20261123T140000Z", "STATUS:CANCELLED"),
                event("maybe", ":20261123T140000Z", ":20261123T150000Z", "STATUS:TENTATIVE"),
                event("birthday", *day, "SUMMARY:Birthday of Cy"),
                event("away", *(d.replace("12", "12") for d in day), "SUMMARY:Vacation"),
                event(
                    "list", ":20261125T100000Z", ":20261125T110000Z",
                    "ORGANIZER:mailto:cy@example.org", "ATTENDEE:mailto:team@example.org",
                ),
                event(
                    "no", ":20261125T120000Z", ":20261125T130000Z",
                    "ORGANIZER:mailto:cy@example.org", f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ANN}",
                ),
                head="X-WR-TIMEZONE:UTC",
            ),
        )  # fmt: skip
        told = shelf.of(ANN, owner=ANN)
        assert told == FreeBusy(
            ANN,
            (
                Busy(at(23, 10), at(23, 11)),
                Busy(at(23, 14), at(23, 15), tentative=True),
                Busy(at(24, 0), at(25, 0), kind="out-of-office"),
                Busy(at(25, 10), at(25, 11)),
            ),
            zone="UTC",
        )

    def test_the_zone_is_the_calendars_or_the_one_it_defines(self, shelf: Shelf) -> None:
        zone = "BEGIN:VTIMEZONE\nTZID:Europe/Paris\nEND:VTIMEZONE"
        shelf.put(
            "a.ics", calendar(zone, event("a", ";TZID=Europe/Paris:20261123T100000", ":20261123T100000Z"))
        )
        assert shelf.of(ANN, owner=ANN).zone == "Europe/Paris"
        shelf.put("b.ics", calendar(head="X-WR-TIMEZONE:America/New_York"))
        assert shelf.of(ANN, owner=ANN).zone == ""  # two zones: which is hers, nobody knows
        assert shelf.of(ANN, owner=ANN, zone="Asia/Kolkata").zone == "Asia/Kolkata"

    def test_a_whole_day_in_a_zone_nobody_knows_is_that_day_anywhere_on_earth(self, shelf: Shelf) -> None:
        shelf.put(
            "a.ics", calendar(event("a", ";VALUE=DATE:20261125", ";VALUE=DATE:20261126", "SUMMARY:PTO"))
        )
        (anywhere,) = shelf.of(ANN, owner=ANN).busy
        assert (anywhere.start, anywhere.end) == (at(24, 10), at(26, 12))
        (paris,) = shelf.of(ANN, owner=ANN, zone="Europe/Paris").busy
        assert (paris.start, paris.end) == (at(24, 23), at(25, 23))

    def test_a_calendar_without_events_says_that_nothing_is_planned(self, shelf: Shelf) -> None:
        assert shelf.put("a.ics", calendar()).of(ANN, owner=ANN) == FreeBusy(ANN)

    def test_a_file_that_changes_is_read_anew(self, shelf: Shelf) -> None:
        connector = shelf.put("a.ics", calendar()).connect(ANN)
        start, end = WEEK
        assert connector.free_busy([ANN], start=start, end=end)[ANN].busy == ()
        shelf.put("a.ics", calendar(event("a", ":20261123T100000Z", ":20261123T110000Z")))
        assert connector.free_busy([ANN], start=start, end=end)[ANN].busy == (Busy(at(23, 10), at(23, 11)),)

    def test_a_series_that_repeats_every_second_is_known_only_as_far_as_it_was_followed(
        self, shelf: Shelf
    ) -> None:
        rule = ("RRULE:FREQ=MINUTELY", "SUMMARY:tick")
        shelf.put("a.ics", calendar(event("a", ":20261123T000000Z", ":20261123T000001Z", *rule)))
        told = shelf.of(ANN, owner=ANN)
        assert told.until is not None
        assert WEEK[0] < told.until < WEEK[1]


class TestUnknown:
    """Each way not to know: a reason is there, and what is known to be taken stays taken."""

    def test_a_file_that_is_cut_short(self, shelf: Shelf) -> None:
        whole = calendar(event("a", ":20261123T100000Z", ":20261123T110000Z"))
        told = shelf.put("a.ics", whole).put("b.ics", whole[:-20]).of(ANN, owner=ANN)
        assert "b.ics is cut short" in told.error
        assert told.busy == (Busy(at(23, 10), at(23, 11)),)

    def test_an_event_that_cannot_be_read(self, shelf: Shelf) -> None:
        bad = event("b", ";TZID=Nowhere:20261123T100000", ":20261123T110000Z")
        told = shelf.put("a.ics", calendar(event("a", ":20261123T100000Z", ":20261123T110000Z"), bad)).of(
            ANN, owner=ANN
        )
        assert "Nowhere" in told.error
        assert told.busy == (Busy(at(23, 10), at(23, 11)),)

    def test_a_folder_that_went_away(self, shelf: Shelf, tmp_path: Path) -> None:
        connector = shelf.put("a.ics", calendar()).connect(ANN)
        shelf.place.rename(tmp_path / "gone")
        assert "cannot be read" in connector.free_busy([ANN], start=WEEK[0], end=WEEK[1])[ANN].error

    def test_a_folder_without_a_calendar(self, shelf: Shelf) -> None:
        assert "holds no calendar" in shelf.of(ANN, owner=ANN).error

    def test_somebody_else_than_the_owner(self, shelf: Shelf) -> None:
        assert shelf.put("a.ics", calendar()).ask(BO, owner=ANN) is None

    def test_a_calendar_of_ones_own_tells_nothing_of_others(self, shelf: Shelf) -> None:
        assert shelf.put("a.ics", calendar()).ask(BO) is None

    def test_a_zone_that_is_none_is_refused(self, shelf: Shelf) -> None:
        with pytest.raises(Misconfigured, match="Lisbonn"):
            shelf.put("a.ics", calendar()).connect(ANN, zone="Europe/Lisbonn")


class TestPublished:
    def test_types_of_busy_time(self, shelf: Shelf) -> None:
        lines = (
            "FREEBUSY;FBTYPE=FREE:20261123T080000Z/PT1H",
            "FREEBUSY:20261123T090000Z/PT30M,20261123T100000Z/20261123T110000Z",
            "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261123T120000Z/PT1H",
            "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261124T000000Z/P1D",
            "FREEBUSY;FBTYPE=X-WHATEVER:20261125T120000Z/PT1H",
        )
        told = shelf.put("bo.ifb", calendar(free_busy(*lines))).of(BO)
        assert told.busy == (
            Busy(at(23, 9), at(23, 9, 30)),
            Busy(at(23, 10), at(23, 11)),
            Busy(at(23, 12), at(23, 13), tentative=True),
            Busy(at(24, 0), at(25, 0), kind="out-of-office"),
            Busy(at(25, 12), at(25, 13)),
        )
        assert told.until is None

    def test_the_one_who_answers_is_meant_not_the_one_who_asked(self, shelf: Shelf) -> None:
        who = f"ORGANIZER:mailto:cy@example.org\nATTENDEE:mailto:{BO}"
        shelf.put("reply.ics", calendar(free_busy(who=who)))
        assert shelf.of(BO).busy == ()
        assert shelf.ask("cy@example.org") is None

    def test_it_is_known_as_far_as_it_was_published(self, shelf: Shelf) -> None:
        shelf.put("1.ifb", calendar(free_busy(of="20261122/20261125")))
        assert shelf.of(BO).until == at(25, 0)
        shelf.put("2.ifb", calendar(free_busy(of="20261125/20261126"), free_busy(of="20261127/20261201")))
        assert shelf.of(BO).until == at(26, 0)  # a day is missing then

    def test_one_that_begins_too_late_or_has_no_bounds_makes_nothing_free(self, shelf: Shelf) -> None:
        busy = "FREEBUSY:20261123T090000Z/PT1H"
        for of in ("20261124/20261201", ""):
            told = shelf.put("1.ifb", calendar(free_busy(busy, of=of))).of(BO)
            assert told.until == WEEK[0]
            assert told.busy == (Busy(at(23, 9), at(23, 10)),)

    def test_a_source_declared_hers_needs_no_name_in_the_file(self, shelf: Shelf) -> None:
        shelf.put("ann.ifb", calendar(free_busy("FREEBUSY:20261123T090000Z/PT1H", who="COMMENT:x")))
        told = shelf.of(ANN, owner=ANN)
        assert told == FreeBusy(ANN, (Busy(at(23, 9), at(23, 10)),))

    def test_one_that_cannot_be_read_is_no_free_time(self, shelf: Shelf) -> None:
        shelf.put("ann.ifb", calendar(free_busy("FREEBUSY:whenever", who="COMMENT:x")))
        assert "whenever" in shelf.of(ANN, owner=ANN).error


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(sorted), max_size=8))
def test_covered_is_the_first_moment_no_stretch_has(hours: list[list[int]]) -> None:
    start, end = at(23, 5), at(23, 15)
    stretches = [(at(23, 0) + timedelta(hours=a), at(23, 0) + timedelta(hours=b)) for a, b in hours]
    expected = start
    while expected < end and any(a <= expected < b for a, b in stretches):
        expected += timedelta(hours=1)
    assert covered(stretches, start=start, end=end) == expected
