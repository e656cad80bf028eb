"""Holds, answers, and series changed from a date on: what a calendar on disk makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from contracts import NOW, current, pass_over
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from deskhand.connectors.errors import Changed, Missing, Unsupported
from deskhand.connectors.ics import Ics, connect
from deskhand.connectors.itip import from_json, invitation, read_itip, to_json
from deskhand.connectors.model import Item, Receipt
from deskhand.connectors.occurrences import occurrences
from deskhand.connectors.operations import (
    EventAnswered,
    EventCancel,
    EventCreate,
    EventRespond,
    EventRestore,
    EventUpdate,
    Mailbox,
    Operation,
)

ME = "ana@example.org"
LISBON = ZoneInfo("Europe/Lisbon")
BO, CY = Mailbox(address="bo@example.org", name="Bo"), Mailbox(address="cy@example.org")
MONDAY = datetime(2026, 11, 30, 9, tzinfo=LISBON)
WINDOW: dict[str, Any] = {
    "start": datetime(2026, 1, 1, tzinfo=UTC), "end": datetime(2028, 1, 1, tzinfo=UTC), "zone": "UTC",
}  # fmt: skip


@pytest.fixture(params=["file", "folder"])
def cal(request: pytest.FixtureRequest, tmp_path: Path) -> Ics:
    if request.param == "file":
        (tmp_path / "cal.ics").write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n")
    else:
        (tmp_path / "cal.ics").mkdir()
    return open_at(tmp_path / "cal.ics")


def open_at(place: Path) -> Ics:
    return connect(source="c", state=place.parent / "state", place=str(place), me=ME)


def have(cal: Ics) -> dict[str, Item]:
    return {i.ref.native: i for i in current(pass_over(cal)[0]).values()}


def only(cal: Ics) -> Item:
    (item,) = have(cal).values()
    return item


def make(cal: Ics, **given: Any) -> Item:
    values = {
        "source": "c", "title": "Sync", "start": MONDAY, "end": MONDAY + timedelta(minutes=30),
        "zone": "Europe/Lisbon",
    }  # fmt: skip
    item = cal.read(cal.perform(EventCreate.model_validate({**values, **given}), key="make", now=NOW).ref)
    assert item is not None
    return item


def do(
    cal: Ics, kind: type[Operation], item: Item, *, key: str = "k", now: datetime = NOW, **given: Any
) -> tuple[Operation, Receipt]:
    op = kind.model_validate({"source": "c", "ref": item.ref, "version": item.version, **given})
    return op, cal.perform(op, key=key, now=now)


def raw(item: Item) -> icalendar.Event:
    return icalendar.Calendar.from_ical(item.data["ics"]).walk("VEVENT")[0]


def times(*items: Item) -> list[tuple[str, datetime, timedelta]]:
    found = [o for i in items for o in occurrences(i, **WINDOW)]
    return sorted((o.title, o.start.astimezone(UTC), o.end - o.start) for o in found)


def shift(moment: datetime, days: int) -> datetime:
    """As many days later, at the same time on the clock."""
    return moment + timedelta(days=days)


# holds


def test_a_hold_is_tentative_and_says_until_when(cal: Ics) -> None:
    until = datetime(2026, 11, 25, 18, tzinfo=LISBON)
    item = make(cal, status="tentative", hold_until=until)
    assert item.data["status"] == "tentative"
    assert datetime.fromisoformat(item.data["hold_until"]) == until
    assert (raw(item)["STATUS"], raw(item)["X-DESKHAND-HOLD-UNTIL"]) == ("TENTATIVE", "20261125T180000Z")
    assert "hold_until" not in make_confirmed(item, cal).data


def make_confirmed(item: Item, cal: Ics) -> Item:
    """What another program makes of a hold that it confirms: our note is still there."""
    place = Path(item.link)
    place.write_bytes(place.read_bytes().replace(b"STATUS:TENTATIVE", b"STATUS:CONFIRMED"))
    assert b"X-DESKHAND-HOLD-UNTIL" in place.read_bytes()
    return only(cal)


def test_a_hold_becomes_a_meeting_under_its_uid_and_can_be_a_hold_again(cal: Ics) -> None:
    item = make(cal, status="tentative", hold_until=NOW + timedelta(days=2))
    op, receipt = do(cal, EventUpdate, item, status="confirmed", attendees=(BO,))
    meeting = only(cal)
    assert (meeting.ref, meeting.data["status"], "hold_until" in meeting.data) == (
        item.ref,
        "confirmed",
        False,
    )
    assert meeting.data["uid"] == item.data["uid"]
    assert meeting.data["sequence"] == item.data["sequence"] + 1
    assert [(p.role, p.address) for p in meeting.people] == [("organizer", ME), ("attendee", BO.address)]
    inverse = cal.inverse(op, receipt)
    assert inverse is not None
    cal.perform(inverse, key="undo", now=NOW)
    assert only(cal).version == item.version


def test_a_hold_can_be_held_longer(cal: Ics) -> None:
    item = make(cal, status="tentative", hold_until=NOW + timedelta(days=2))
    do(cal, EventUpdate, item, hold_until=NOW + timedelta(days=4))
    assert datetime.fromisoformat(only(cal).data["hold_until"]) == NOW + timedelta(days=4)
    assert only(cal).data["sequence"] == item.data["sequence"], "nothing that others would have to know"


def test_only_what_is_tentative_is_held() -> None:
    with pytest.raises(ValidationError, match="tentative"):
        EventCreate(source="c", title="x", start=MONDAY, end=shift(MONDAY, 1), zone="UTC", hold_until=MONDAY)


# rooms (RFC 5545 3.2.3)

BLUE, RED = Mailbox(address="blue@example.org", name="Blue"), Mailbox(address="red@example.org")


def parts(item: Item) -> list[tuple[str, str, str]]:
    return [(p.role, p.address, p.status) for p in item.people if p.role != "organizer"]


def test_a_room_is_a_resource_that_guests_and_rooms_change_without_each_other(cal: Ics) -> None:
    item = make(cal, attendees=(BO,), rooms=(BLUE,))
    open_ = "needs-action"
    assert parts(item) == [("attendee", BO.address, open_), ("resource", BLUE.address, open_)]
    do(cal, EventAnswered, item, address=BLUE.address, status="accepted", sequence=0)
    do(cal, EventUpdate, only(cal), key="k2", attendees=(BO, CY))
    there = [("attendee", BO.address, open_), ("attendee", CY.address, open_)]
    assert parts(only(cal)) == [*there, ("resource", BLUE.address, "accepted")]
    op, receipt = do(cal, EventUpdate, only(cal), key="k3", rooms=(RED,), location="Red")
    assert parts(only(cal)) == [*there, ("resource", RED.address, open_)]
    inverse = cal.inverse(op, receipt)
    assert inverse is not None
    cal.perform(inverse, key="undo", now=NOW)
    assert parts(only(cal))[-1] == ("resource", BLUE.address, "accepted")


def test_another_time_asks_the_room_anew_and_one_occurrence_has_its_own_answer(cal: Ics) -> None:
    item = make(cal, rooms=(BLUE,), rrule="FREQ=WEEKLY;COUNT=3")
    do(cal, EventAnswered, item, address=BLUE.address, status="accepted", sequence=0)
    second = shift(MONDAY, 7)
    do(cal, EventAnswered, only(cal), key="k2", address=BLUE.address, status="declined", sequence=0,
       occurrence=second)  # fmt: skip
    found = occurrences(only(cal), **WINDOW)
    assert [o.people[-1].status for o in found] == ["accepted", "declined", "accepted"]
    do(cal, EventUpdate, only(cal), key="k3", start=shift(MONDAY, 1))
    assert {o.people[-1].status for o in occurrences(only(cal), **WINDOW)} == {"needs-action"}


def test_an_event_with_only_a_room_is_cancelled_so_that_the_room_can_be_told(cal: Ics) -> None:
    do(cal, EventCancel, make(cal, rooms=(BLUE,)))
    assert only(cal).data["status"] == "cancelled"
    assert "CUTYPE=ROOM" in invitation(only(cal), "CANCEL")


def test_what_other_programs_write_of_rooms_is_read_and_travels_as_json() -> None:
    lines = [
        f"ATTENDEE;CUTYPE={kind}:mailto:{kind}@example.org" for kind in ("ROOM", "resource", "INDIVIDUAL")
    ]
    text = "\r\n".join(
        ["BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "UID:u", "DTSTART:20261130T090000Z",
         "ORGANIZER:mailto:ana@example.org", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    )  # fmt: skip
    said = read_itip(text)
    assert [p.role for p in said.attendees] == ["resource", "resource", "attendee"]
    assert from_json(json.loads(json.dumps(to_json(said)))) == said


# revisions (RFC 5546 2.1.4)


@pytest.mark.parametrize(
    ("change", "revised"),
    [
        ({"title": "Other"}, False), ({"location": "Room 2"}, False), ({"attendees": (BO, CY)}, False),
        ({"start": shift(MONDAY, 1), "end": shift(MONDAY, 1) + timedelta(minutes=30)}, True),
        ({"end": MONDAY + timedelta(minutes=45)}, True), ({"status": "tentative"}, True),
    ],
)  # fmt: skip
def test_a_revision_counts_up_and_another_time_asks_again(
    cal: Ics, change: dict[str, Any], revised: bool
) -> None:
    make(cal, attendees=(BO,))
    do(
        cal, EventAnswered, only(cal), key="a", address=BO.address, status="accepted", sequence=0,
        comment="Gladly", at=NOW,
    )  # fmt: skip
    item, later = only(cal), NOW + timedelta(hours=1)
    do(cal, EventUpdate, item, now=later, **change)
    after = only(cal)
    assert after.data["sequence"] == (1 if revised else 0)
    assert raw(after)["DTSTAMP"].dt == raw(after)["LAST-MODIFIED"].dt == later
    status = {p.address: p.status for p in after.people}[BO.address]
    assert status == ("needs-action" if "end" in change else "accepted")
    assert after.data.get("comments", {}) == ({} if "end" in change else {BO.address: "Gladly"})


def test_in_somebody_elses_event_the_organizers_count_stays(tmp_path: Path) -> None:
    cal = theirs(tmp_path)
    before = raw(only(cal))
    do(cal, EventUpdate, only(cal), start=shift(MONDAY, 1), end=shift(MONDAY, 1) + timedelta(hours=1))
    after = raw(only(cal))
    assert only(cal).start == shift(MONDAY, 1)
    assert (after["SEQUENCE"], after["DTSTAMP"].dt) == (before["SEQUENCE"], before["DTSTAMP"].dt)


def theirs(folder: Path) -> Ics:
    place = folder / "theirs.ics"
    place.write_bytes(
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:t\r\nDTSTAMP:20261101T000000Z\r\nSEQUENCE:2\r\n"
        b"DTSTART;TZID=Europe/Lisbon:20261130T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=5\r\n"
        b'ORGANIZER:mailto:bo@example.org\r\nATTENDEE;RSVP=TRUE;X-A="b:c":mailto:ana@example.org\r\n'
        b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:dee@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    return open_at(place)


# answers


def answer(cal: Ics, **given: Any) -> Item:
    said = {"address": BO.address, "status": "accepted", "sequence": only(cal).data["sequence"]}
    do(cal, EventAnswered, only(cal), **{**said, **given})
    return only(cal)


def partstat(item: Item, address: str) -> str:
    return next(p.status for p in item.people if p.address == address and p.role == "attendee")


def test_an_answer_is_noted_and_other_programs_see_it(cal: Ics) -> None:
    make(cal, attendees=(BO, CY))
    item = answer(cal, status="declined", comment='Away, "sorry"; \nsee you', at=NOW)
    assert (partstat(item, BO.address), partstat(item, CY.address)) == ("declined", "needs-action")
    assert item.data["comments"] == {BO.address: 'Away, "sorry"; \nsee you'}
    assert item.data["sequence"] == 0
    bo, cy = raw(item)["ATTENDEE"]
    assert (bo.params["PARTSTAT"], bo.params["CN"], cy.params["PARTSTAT"]) == (
        "DECLINED",
        "Bo",
        "NEEDS-ACTION",
    )


def test_a_late_answer_is_refused(cal: Ics) -> None:
    make(cal, attendees=(BO, CY))
    do(cal, EventUpdate, only(cal), start=shift(MONDAY, 1), key="move")
    with pytest.raises(Changed, match="earlier version"):
        answer(cal, sequence=0)
    answer(cal, at=NOW, status="tentative", key="1")
    with pytest.raises(Changed, match="newer answer"):
        answer(cal, at=NOW - timedelta(minutes=1), key="2")
    assert partstat(answer(cal, at=NOW + timedelta(minutes=1), key="3"), BO.address) == "accepted"
    with pytest.raises(Missing, match="not invited"):
        answer(cal, address="dee@example.org", key="4")


def test_an_answer_to_one_occurrence_and_to_the_others(cal: Ics) -> None:
    make(cal, attendees=(BO,), rrule="FREQ=WEEKLY;COUNT=3")
    answer(cal, status="declined", occurrence=shift(MONDAY, 7), key="1")
    item = answer(cal, key="2")
    found = occurrences(item, **WINDOW)
    assert [next(p.status for p in o.people if p.address == BO.address) for o in found] == [
        "accepted", "declined", "accepted",
    ]  # fmt: skip
    with pytest.raises(Missing):
        answer(cal, occurrence=shift(MONDAY, 8), key="3")


def test_ones_own_answer_to_somebody_elses_series(tmp_path: Path) -> None:
    cal = theirs(tmp_path)
    before = only(cal)
    op, receipt = do(cal, EventRespond, before, status="tentative", occurrence=shift(MONDAY, 7))
    found = occurrences(only(cal), **WINDOW)
    assert [next(p.status for p in o.people if p.address == ME) for o in found] == [
        "needs-action", "tentative", *["needs-action"] * 3,
    ]  # fmt: skip
    inverse = cal.inverse(op, receipt)
    assert inverse is not None
    cal.perform(inverse, key="undo", now=NOW)
    assert only(cal).version == before.version
    do(cal, EventRespond, only(cal), status="accepted", comment="Yes", key="k2")
    mine, dee = raw(only(cal))["ATTENDEE"]
    assert (mine.params["PARTSTAT"], mine.params["X-A"], "RSVP" in mine.params) == ("ACCEPTED", "b:c", False)
    assert dee.params["PARTSTAT"] == "ACCEPTED"
    with pytest.raises(Missing, match="not invited"):
        do(cal, EventRespond, only(cal), status="accepted", address="eve@example.org", key="k3")


# a series from a date on


def halves(cal: Ics, item: Item, receipt: Receipt) -> tuple[Item, Item]:
    ((other, version),) = receipt.detail["also"].items()
    left, right = have(cal)[item.ref.native], have(cal)[other.rpartition(":")[2]]
    assert right.version == version
    return left, right


def test_a_weekly_sync_is_longer_from_a_date_on(cal: Ics) -> None:
    item = make(cal, rrule="FREQ=WEEKLY;COUNT=10", attendees=(BO,))
    answer(cal, key="a")
    do(cal, EventUpdate, only(cal), key="one", occurrence=shift(MONDAY, 28), title="Retro")
    do(cal, EventCancel, only(cal), key="off", occurrence=shift(MONDAY, 42))
    first = shift(MONDAY, 21)
    before = only(cal)
    _, receipt = do(
        cal, EventUpdate, before, occurrence=first, following=True, end=first + timedelta(minutes=45)
    )
    left, right = halves(cal, item, receipt)
    half, longer = timedelta(minutes=30), timedelta(minutes=45)
    assert [(s, d) for _, s, d in times(left)] == [(shift(MONDAY, 7 * n), half) for n in range(3)]
    assert [(t, s, d) for t, s, d in sorted(times(right), key=lambda o: o[1])] == [
        ("Retro" if n == 4 else "Sync", shift(MONDAY, 7 * n), longer) for n in range(3, 10)
    ]
    assert [o.status for o in occurrences(right, **WINDOW)].count("cancelled") == 1
    assert raw(left)["RRULE"]["UNTIL"] == [datetime(2026, 12, 14, 9, tzinfo=UTC)]
    assert raw(right)["RRULE"]["COUNT"] == [7]
    assert raw(right)["RELATED-TO"] == item.data["uid"]
    assert (left.data["sequence"], right.data["sequence"]) == (before.data["sequence"] + 1, 0)
    assert (partstat(left, BO.address), partstat(right, BO.address)) == ("accepted", "needs-action")


@pytest.mark.parametrize("cut", [0, 1])
def test_both_halves_go_back_as_they_were_and_forward_again(cal: Ics, cut: int) -> None:
    make(cal, rrule="FREQ=WEEKLY;COUNT=10")
    before, first = only(cal), shift(MONDAY, 7 * cut)
    op, receipt = do(cal, EventUpdate, before, occurrence=first, following=True, start=shift(first, 1))
    after = {n: i.version for n, i in have(cal).items()}
    assert len(after) == 1 + cut, "from the first one on it is the whole series"
    for key in ("undo", "redo", "undo again"):
        inverse = cal.inverse(op, receipt)
        assert isinstance(inverse, EventRestore)
        assert cal.find(inverse, key=key) is None
        op, receipt = inverse, cal.perform(inverse, key=key, now=NOW)
        assert cal.find(inverse, key=key) == receipt
        wanted = after if key == "redo" else {before.ref.native: before.version}
        assert {n: i.version for n, i in have(cal).items()} == wanted


def test_a_split_that_was_cut_off_is_carried_on_or_taken_back(tmp_path: Path) -> None:
    """In a folder the halves are two files: the old one is put back as if the second write had not come."""
    (tmp_path / "cal.ics").mkdir()
    cal = open_at(tmp_path / "cal.ics")
    before = make(cal, rrule="FREQ=WEEKLY;COUNT=10")
    old = Path(before.link).read_bytes()
    op, receipt = do(cal, EventUpdate, before, occurrence=shift(MONDAY, 7), following=True, title="New")
    whole = {n: i.version for n, i in have(cal).items()}
    Path(before.link).write_bytes(old)
    assert cal.find(op, key="k") is None
    assert cal.perform(op, key="k", now=NOW) == receipt
    assert {n: i.version for n, i in have(cal).items()} == whole
    Path(before.link).write_bytes(old.replace(b"SUMMARY:Sync", b"SUMMARY:Theirs"))
    with pytest.raises(Changed):
        cal.perform(op, key="k", now=NOW)
    assert [i.title for i in have(cal).values()] == ["Theirs"]


def test_what_cannot_be_split_is_refused_and_stays(cal: Ics, tmp_path: Path) -> None:
    item = make(cal, rrule="FREQ=WEEKLY;COUNT=3")
    for when in (shift(MONDAY, 1), shift(MONDAY, 21)):
        with pytest.raises(Missing):
            do(cal, EventUpdate, item, occurrence=when, following=True, title="x")
    assert only(cal).version == item.version
    with pytest.raises(ValidationError, match="first occurrence"):
        EventUpdate(source="c", ref=item.ref, version=item.version, following=True)
    other = theirs(tmp_path)
    with pytest.raises(Unsupported, match="Somebody else"):
        do(other, EventUpdate, only(other), occurrence=shift(MONDAY, 7), following=True, title="x")


_RULES = st.sampled_from(
    [
        "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;WKST=SU", "FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1",
        "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
    ]
)  # fmt: skip


@given(
    rule=_RULES,
    ends=st.sampled_from(["", ";COUNT=12", ";UNTIL"]),
    zone=st.sampled_from(["Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
    all_day=st.booleans(),
    day=st.dates(date(2026, 1, 1), date(2026, 6, 1)),
    hour=st.integers(4, 23),
    cut=st.integers(1, 9),
    off=st.sets(st.integers(0, 11), max_size=3),
    moved=st.dictionaries(st.integers(0, 11), st.integers(1, 5), max_size=2),
)
@settings(max_examples=40, deadline=None)
def test_a_split_moves_nothing_but_what_it_names(
    rule: str, ends: str, zone: str, all_day: bool, day: date, hour: int, cut: int, off: set[int],
    moved: dict[int, int], tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    tz = ZoneInfo(zone)
    walls = list(rrulestr(rule + ";COUNT=12", dtstart=datetime.combine(day, time(0 if all_day else hour))))
    starts = [w.replace(tzinfo=tz) for w in walls]
    if ends == ";UNTIL":
        ends += f"={starts[-1]:%Y%m%d}" if all_day else f"={starts[-1].astimezone(UTC):%Y%m%dT%H%M%SZ}"
    place = tmp_path_factory.mktemp("split") / "cal.ics"
    place.write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n")
    cal = open_at(place)
    length = timedelta(days=1) if all_day else timedelta(minutes=90)
    make(cal, start=starts[0], end=starts[0] + length, zone=zone, rrule=rule + ends, all_day=all_day)
    for n in off:
        do(cal, EventCancel, only(cal), key=f"off{n}", occurrence=starts[n])
    for n, by in moved.items():
        if n not in off:
            do(
                cal, EventUpdate, only(cal), key=f"move{n}", occurrence=starts[n], title="Moved",
                start=starts[n] + by * length, end=starts[n] + (by + 1) * length,
            )  # fmt: skip
    assume(cut not in off)
    window = {"start": starts[0] - timedelta(days=9), "end": starts[-1] + timedelta(days=9), "zone": zone}

    def all_times(name: Callable[[str], str] = str) -> list[tuple[str, datetime, timedelta]]:
        found = [o for i in have(cal).values() for o in occurrences(i, **window)]  # type: ignore[arg-type]
        return sorted((name(o.title), o.start.astimezone(UTC), o.end - o.start) for o in found)

    before, versions = all_times(), {n: i.version for n, i in have(cal).items()}
    op, receipt = do(
        cal, EventUpdate, only(cal), key="split", occurrence=starts[cut], following=True, title="New"
    )
    left, right = halves(cal, only_old(cal, receipt), receipt)
    if cut not in moved:
        assert all_times(lambda title: "Sync" if title == "New" else title) == before
    else:  # what was named takes the new title too, and had one of its own
        assert [o[1:] for o in all_times(lambda _: "")] == sorted(o[1:] for o in before)
    assert left.until is not None
    for o in occurrences(left, **window):  # type: ignore[arg-type]
        assert o.recurrence_id is not None
        assert o.recurrence_id < starts[cut]
    for o in occurrences(right, **window):  # type: ignore[arg-type]
        assert o.recurrence_id is not None
        assert o.recurrence_id >= starts[cut]
    read = recurring_ical_events.of(icalendar.Calendar.from_ical(place.read_bytes()))
    theirs = sorted(str(e["DTSTART"].dt) for e in read.between(window["start"], window["end"]))
    ours = [o for i in (left, right) for o in occurrences(i, **window)]  # type: ignore[arg-type]
    assert theirs == sorted(str(o.start.date() if all_day else o.start) for o in ours)
    inverse = cal.inverse(op, receipt)
    assert inverse is not None
    cal.perform(inverse, key="undo", now=NOW)
    assert {n: i.version for n, i in have(cal).items()} == versions


def only_old(cal: Ics, receipt: Receipt) -> Item:
    return have(cal)[receipt.ref.native]
