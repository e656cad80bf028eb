"""Calendars on disk: a file, and a folder of them, read and written beside other programs."""

from __future__ import annotations

import json
import os
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from contracts import NOW, ConnectorContract, Write, current, pass_over
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.connectors._ics_file import open_file, replace
from deskhand.connectors.errors import Changed, Misconfigured, Missing, SourceError, Transient, Unsupported
from deskhand.connectors.ics import Ics, connect
from deskhand.connectors.itip import invitation, message_of
from deskhand.connectors.model import Cursor, Failed, Item, ItemRef, Removed
from deskhand.connectors.occurrences import occurrences
from deskhand.connectors.operations import (
    EventAnswered,
    EventCancel,
    EventCreate,
    EventReceive,
    EventRespond,
    EventRestore,
    EventUpdate,
    Mailbox,
)

ME = "ana@example.org"
PARIS = ZoneInfo("Europe/Paris")
HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Another//Program 1.0//EN\r\nX-WR-CALNAME:Work\r\n"
TAIL = "END:VCALENDAR\r\n"

STANDUP = """\
BEGIN:VEVENT
UID:standup@example.org
DTSTAMP:20260101T000000Z
SUMMARY:Standup
DTSTART;TZID=Europe/Paris:20261102T090000
DTEND;TZID=Europe/Paris:20261102T091500
RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270301T080000Z
EXDATE;TZID=Europe/Paris:20261116T090000
X-OTHER-PROGRAM;X-A=b:kept\\, as it is
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT5M
DESCRIPTION:Standup
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:standup@example.org
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=Europe/Paris:20261123T090000
SUMMARY:Standup\\, later
DTSTART;TZID=Europe/Paris:20261123T110000
DTEND;TZID=Europe/Paris:20261123T111500
END:VEVENT
"""
REVIEW = """\
BEGIN:VEVENT
UID:review@example.org
DTSTAMP:20260101T000000Z
LAST-MODIFIED:20260105T120000Z
SUMMARY:Review
DTSTART:20261201T130000Z
DURATION:PT1H
LOCATION:Room 2
DESCRIPTION:<p>The <b>plan</b></p><p>and costs</p>
ORGANIZER;CN=Ana:mailto:ana@example.org
ATTENDEE;CN="Test, Bo";PARTSTAT=ACCEPTED:MAILTO:Bo@Example.org
SEQUENCE:3
END:VEVENT
"""
LUNCH = """\
BEGIN:VEVENT
UID:lunch@example.org
DTSTAMP:20260101T000000Z
SUMMARY:Lunch
DTSTART;VALUE=DATE:20261205
TRANSP:TRANSPARENT
END:VEVENT
"""
PLAN = """\
BEGIN:VEVENT
UID:plan@example.com
DTSTAMP:20261101T120000Z
SEQUENCE:2
SUMMARY:Plan
DTSTART;TZID=Europe/Paris:20261201T090000
DTEND;TZID=Europe/Paris:20261201T100000
ORGANIZER:mailto:bo@example.com
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ana@example.org
END:VEVENT
"""
TODO = "BEGIN:VTODO\r\nUID:todo\r\nSUMMARY:Buy pens\r\nEND:VTODO\r\n"


def crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def whole(*events: str) -> bytes:
    return crlf(HEAD + "".join(events) + TAIL).encode()


def items(connector: Ics) -> dict[str, Item]:
    return {i.ref.native: i for i in current(pass_over(connector)[0]).values()}


def create(source: str = "cal", **given: object) -> EventCreate:
    values = {
        "title": "Budget",
        "start": datetime(2026, 12, 1, 9, tzinfo=PARIS),
        "end": datetime(2026, 12, 1, 10, tzinfo=PARIS),
        "zone": "Europe/Paris",
    }
    return EventCreate.model_validate({"source": source, **values, **given})


def request(*events: str, method: str = "REQUEST") -> str:
    return crlf(HEAD + f"METHOD:{method}\n" + "".join(events) + TAIL)


def receive(source: str, ics: str, uid: str, **given: object) -> EventReceive:
    ref, mail = ItemRef(source, "event", uid), ItemRef("mail", "message", "1")
    return EventReceive.model_validate(
        {"source": source, "ref": ref, "message": mail, "version": "", "ics": ics, **given}
    )


def writes_of(connector: Ics) -> list[Write]:
    s, have = connector.source, items(connector)
    standup, review, lunch = (have[f"{n}@example.org"] for n in ("standup", "review", "lunch"))
    bo = (Mailbox(address="bo@example.org", name="Bo"),)
    monday = datetime(2026, 11, 30, 9, tzinfo=PARIS)
    new = connector.perform(create(title="to be restored"), key="make", now=NOW)
    kept = connector.read(new.ref)
    assert kept is not None
    connector.perform(EventCancel(source=s, ref=new.ref, version=new.version), key="unmake", now=NOW)
    edits = [
        EventUpdate(source=s, ref=review.ref, version=review.version, title="Review, moved"),
        EventUpdate(source=s, ref=standup.ref, version=standup.version, occurrence=monday, title="Once"),
        EventUpdate(
            source=s,
            ref=standup.ref,
            version=standup.version,
            occurrence=monday,
            following=True,
            end=monday + timedelta(minutes=45),
        ),
        EventAnswered(
            source=s,
            ref=review.ref,
            version=review.version,
            address="bo@example.org",
            status="declined",
            sequence=3,
        ),
        EventRespond(
            source=s, ref=review.ref, version=review.version, address="bo@example.org", status="tentative"
        ),
        EventCancel(source=s, ref=standup.ref, version=standup.version, occurrence=monday),
        EventCancel(source=s, ref=review.ref, version=review.version),
        EventCancel(source=s, ref=lunch.ref, version=lunch.version),
    ]
    return [
        Write(create()),
        Write(create(attendees=bo, rrule="FREQ=DAILY;COUNT=3")),
        Write(create(status="tentative", hold_until=NOW + timedelta(days=2))),
        *(Write(op, op.model_copy(update={"version": "e-0"})) for op in edits),
        Write(
            receive(s, request(PLAN), "plan@example.com"),
            receive(s, request(PLAN), "plan@example.com", version="e-0"),
        ),
        Write(EventRestore(source=s, ref=new.ref, version="", ics=kept.data["ics"], revised=True)),
        Write(
            EventRestore(source=s, ref=new.ref, version="", ics=kept.data["ics"]),
            EventRestore(source=s, ref=review.ref, version="", ics=review.data["ics"]),
        ),
    ]


class TestIcsFile(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Iterator[Ics]:
        path = tmp_path / "work.ics"
        path.write_bytes(whole(STANDUP, TODO, REVIEW, LUNCH))
        connector = connect(source="cal", state=tmp_path / "state", place=str(path), me=ME)
        yield connector
        connector.close()

    @pytest.fixture
    def writes(self, connector: Ics) -> list[Write]:
        return writes_of(connector)


class TestVdir(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Iterator[Ics]:
        folder = tmp_path / "cal" / "private"
        folder.mkdir(parents=True)
        (folder / "a.ics").write_bytes(whole(STANDUP))
        (folder / "b.ics").write_bytes(whole(REVIEW, TODO))
        (folder / "c.ics").write_bytes(whole(LUNCH))
        connector = connect(source="cal", state=tmp_path / "state", place=str(tmp_path / "cal"), me=ME)
        yield connector
        connector.close()

    @pytest.fixture
    def writes(self, connector: Ics) -> list[Write]:
        return writes_of(connector)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "work.ics"
    path.write_bytes(whole(STANDUP, TODO, REVIEW, LUNCH))
    return path


@pytest.fixture
def cal(tmp_path: Path, path: Path) -> Ics:
    return connect(source="cal", state=tmp_path / "state", place=str(path), me=ME)


# reading


def test_an_event_is_read_with_all_its_parts(cal: Ics) -> None:
    review = items(cal)["review@example.org"]
    assert review.title == "Review"
    assert [line for line in review.text.splitlines() if line] == [
        "The plan",
        "and costs",
        "Room 2",
        "Test, Bo",
    ]
    assert review.start == datetime(2026, 12, 1, 13, tzinfo=UTC)
    assert review.end == review.until == datetime(2026, 12, 1, 14, tzinfo=UTC)
    assert review.at == datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert review.folder == "Work"
    attendee = review.person("attendee")
    assert attendee is not None
    assert (attendee.address, attendee.name, attendee.status) == ("bo@example.org", "Test, Bo", "accepted")
    assert review.data["sequence"] == 3
    assert review.data["zone"] == "UTC"
    assert review.label.trust == "user"
    assert review.label.readers == ("ana@example.org", "bo@example.org")


def test_what_a_stranger_organised_is_untrusted(tmp_path: Path) -> None:
    path = tmp_path / "x.ics"
    path.write_bytes(whole(REVIEW.replace("mailto:ana@", "mailto:eve@")))
    label = items(connect(source="c", state=tmp_path / "s", place=str(path), me=ME))[
        "review@example.org"
    ].label
    assert label.trust == "untrusted"
    assert label.readers == ("ana@example.org", "bo@example.org", "eve@example.org")


def test_a_series_ends_with_its_last_occurrence_and_its_ics_is_whole(cal: Ics) -> None:
    standup = items(cal)["standup@example.org"]
    assert standup.until == datetime(2027, 3, 1, 9, 15, tzinfo=PARIS)
    read = icalendar.Calendar.from_ical(standup.data["ics"])
    assert [e["SUMMARY"] for e in read.walk("VEVENT")] == ["Standup", "Standup, later"]
    assert standup.data["recurring"] is True


def test_tasks_are_no_events(cal: Ics) -> None:
    assert set(items(cal)) == {"standup@example.org", "review@example.org", "lunch@example.org"}


def test_an_unchanged_file_is_not_opened_and_a_changed_one_yields_only_what_changed(
    cal: Ics, path: Path
) -> None:
    _, cursor = pass_over(cal)
    fresh = connect(source="cal", state=path.parent / "state2", place=str(path), me=ME)
    stat, data = path.stat(), path.read_bytes()
    with path.open("r+b") as file:  # other bytes under the same mark: whoever opened it would see them
        file.write(data.replace(b"Room 2", b"Room 7"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert pass_over(fresh, cursor) == ([], cursor)
    path.write_bytes(whole(STANDUP, TODO, REVIEW.replace("Room 2", "Room 3")))
    changes, _ = pass_over(fresh, cursor)
    assert [(type(c).__name__, c.ref.native) for c in changes if not isinstance(c, Cursor)] == [
        ("Item", "review@example.org"),
        ("Removed", "lunch@example.org"),
    ]


def test_a_new_export_with_new_stamps_folds_and_line_ends_is_no_new_version(cal: Ics, path: Path) -> None:
    _, cursor = pass_over(cal)
    data = path.read_bytes().replace(b"DTSTAMP:20260101", b"DTSTAMP:20260202").replace(b"\r\n", b"\n")
    path.write_bytes(data.replace(b"SUMMARY:Review", b"SUMMARY:Rev\n iew"))
    assert pass_over(cal, cursor)[0] == []


def test_large_calendars_come_in_pages_that_can_be_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "big.ics"
    path.write_bytes(whole(*(LUNCH.replace("UID:lunch", f"UID:{n}") for n in range(900))))
    cal = connect(source="c", state=tmp_path / "s", place=str(path))
    everything = list(cal.changes(None))
    cursors = [c for c in everything if isinstance(c, Cursor)]
    assert len(cursors) == 5
    assert [c.done for c in cursors] == [200, 400, 600, 800, 900]
    rest, _ = pass_over(cal, cursors[2])
    assert len(rest) == 300


def test_the_same_uid_in_two_files_belongs_to_the_first_by_name(tmp_path: Path) -> None:
    (tmp_path / "cal").mkdir()
    for name in ("b", "a"):
        (tmp_path / "cal" / f"{name}.ics").write_bytes(whole(LUNCH.replace("Lunch", name)))
    cal = connect(source="c", state=tmp_path / "s", place=str(tmp_path / "cal"))
    changes, cursor = pass_over(cal)
    assert {n: i.title for n, i in items(cal).items()} == {
        "lunch@example.org": "a",
        "lunch@example.org@b.ics": "b",
    }
    (tmp_path / "cal" / "a.ics").unlink()
    changes, _ = pass_over(cal, cursor)
    assert [(type(c).__name__, c.ref.native) for c in changes if not isinstance(c, Cursor)] == [
        ("Item", "lunch@example.org"),
        ("Removed", "lunch@example.org@b.ics"),
    ]


def test_a_file_cut_short_loses_nothing_and_comes_back(cal: Ics, path: Path) -> None:
    _, cursor = pass_over(cal)
    good = path.read_bytes()
    path.write_bytes(good[: good.index(b"UID:lunch")])
    changes, cursor = pass_over(cal, cursor)
    assert [type(c) for c in changes] == [Failed, Failed], "the file, and the event it ends in"
    assert any(isinstance(c, Failed) and "cut short" in c.reason for c in changes)
    assert pass_over(cal, cursor)[0] == []
    path.write_bytes(good)
    changes, _ = pass_over(cal, cursor)
    assert not any(isinstance(c, Removed) and "@example.org" in c.ref.native for c in changes)
    assert set(items(cal)) == {"standup@example.org", "review@example.org", "lunch@example.org"}


def test_one_bad_file_in_a_folder_is_a_failure_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "cal").mkdir()
    (tmp_path / "cal" / "a.ics").write_bytes(b"\x00\xff no calendar")
    (tmp_path / "cal" / "b.ics").write_bytes(whole(LUNCH))
    cal = connect(source="c", state=tmp_path / "s", place=str(tmp_path / "cal"))
    changes, cursor = pass_over(cal)
    assert [type(c) for c in changes] == [Failed, Item]
    assert pass_over(cal, cursor)[0] == []
    (tmp_path / "cal" / "a.ics").write_bytes(whole(REVIEW))
    kinds = [(type(c), c.ref.native) for c in pass_over(cal, cursor)[0] if not isinstance(c, Cursor)]
    assert kinds == [(Item, "review@example.org"), (Removed, "a.ics")]


def test_a_place_that_cannot_work_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no file or folder"):
        connect(source="c", state=tmp_path, place=str(tmp_path / "none.ics"))
    (tmp_path / "x.ics").write_text("Dear diary")
    with pytest.raises(Misconfigured, match="not a calendar"):
        connect(source="c", state=tmp_path, place=str(tmp_path / "x.ics"))


def test_a_file_that_vanished_is_out_of_reach_and_not_all_removed(cal: Ics, path: Path) -> None:
    _, cursor = pass_over(cal)
    path.unlink()
    with pytest.raises(Transient):
        list(cal.changes(cursor))


@given(data=st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes_at_all_are_read_without_an_exception(
    data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    path = folder / "a.ics"
    path.write_bytes(HEAD.encode() + b"BEGIN:VEVENT\r\n" + data + b"\r\nEND:VEVENT\r\n" + TAIL.encode())
    cal = connect(source="c", state=folder / "s", place=str(folder))
    _, cursor = pass_over(cal)
    assert pass_over(cal, cursor)[0] == []


_NAMES = [
    "DTSTART",
    "DTEND",
    "RRULE",
    "EXDATE",
    "RDATE",
    "RECURRENCE-ID",
    "DURATION",
    "UID",
    "BEGIN",
    "END",
    "DTSTART;TZID=Europe/Paris",
    "DTSTART;VALUE=DATE",
    "EXDATE;TZID=Nowhere",
    'ATTENDEE;CN="a',
]
_VALUES = [
    "20261102T090000",
    "20261102",
    "20261102T090000Z",
    "00010101T000000",
    "99991231T235959Z",
    "P1D",
    "-P1W",
    "PT99999999H",
    "FREQ=DAILY",
    "FREQ=SECONDLY",
    "FREQ=YEARLY;BYMONTHDAY=30;BYMONTH=2",
    "FREQ=MINUTELY;BYHOUR=3;INTERVAL=7;COUNT=9",
    "20261102T090000/PT1H",
    "20261102T090000/P",
    "VEVENT",
    "VALARM",
    "x",
]


@given(lines=st.lists(st.tuples(st.sampled_from(_NAMES), st.sampled_from(_VALUES)), max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_lines_of_an_event_are_an_item_or_a_failure_and_items_have_occurrences(
    lines: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    event = "".join(f"{n}:{v}\r\n" for n, v in lines)
    (folder / "a.ics").write_bytes(whole(f"BEGIN:VEVENT\r\n{event}END:VEVENT\r\n", LUNCH))
    changes, _ = pass_over(connect(source="c", state=folder / "s", place=str(folder)))
    for change in changes:
        if isinstance(change, Item):
            start = datetime(2026, 11, 1, tzinfo=UTC)
            end = start + timedelta(days=30)
            found = occurrences(change, start=start, end=end, zone="Asia/Kolkata", limit=50)
            assert all(o.start < end and o.end >= start and o.end >= o.start for o in found)
            json.dumps(dict(change.data))


@pytest.mark.long
def test_ten_times_the_events_take_some_ten_times_as_long(tmp_path: Path) -> None:
    from time import process_time

    took = []
    for count in (2_000, 20_000):
        path = tmp_path / f"{count}.ics"
        path.write_bytes(whole(*(REVIEW.replace("UID:review", f"UID:{n}") for n in range(count))))
        cal = connect(source="c", state=tmp_path / "s", place=str(path))
        begun = process_time()
        assert sum(isinstance(c, Item) for c in cal.changes(None)) == count
        took.append(process_time() - begun)
    assert took[1] < 25 * took[0], took


# writing


def others(path: Path, *uids: str) -> list[bytes]:
    """The components of other events, as bytes."""
    parts = path.read_bytes().split(b"BEGIN:VEVENT")[1:]
    return [p.partition(b"END:VEVENT")[0] for p in parts if not any(u.encode() in p for u in uids)]


def test_a_new_event_is_one_that_other_programs_read(cal: Ics, path: Path) -> None:
    before = path.read_bytes()
    op = create(
        title="Budget; Q1, final", description="Line 1\nLine 2", location="Café 🎉",
        attendees=(Mailbox(address="bo@example.org", name='Bo "B" Test, Jr'),), rrule="FREQ=WEEKLY;COUNT=3",
    )  # fmt: skip
    receipt = cal.perform(op, key="k1", now=NOW)
    read = icalendar.Calendar.from_ical(path.read_bytes())
    made = next(e for e in read.walk("VEVENT") if e["UID"] == receipt.ref.native)
    assert made["SUMMARY"] == "Budget; Q1, final"
    assert made["DESCRIPTION"] == "Line 1\nLine 2"
    assert made["LOCATION"] == "Café 🎉"
    assert made["DTSTART"].dt == op.start
    assert made["DTSTART"].params["TZID"] == "Europe/Paris"
    assert made["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert made["ORGANIZER"] == f"mailto:{ME}"
    assert [z["TZID"] for z in read.walk("VTIMEZONE")] == ["Europe/Paris"]
    item = cal.read(receipt.ref)
    assert item is not None
    assert item.person("attendee").name == 'Bo "B" Test, Jr'  # type: ignore[union-attr]
    # nothing else in the file moved
    assert all(line in path.read_bytes().splitlines() for line in before.splitlines())
    assert others(path, receipt.ref.native) == [
        p.partition(b"END:VEVENT")[0] for p in before.split(b"BEGIN:VEVENT")[1:]
    ]


@pytest.mark.parametrize(
    "zone", ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]
)
def test_a_weekly_meeting_keeps_its_time_on_the_clock_through_every_change(tmp_path: Path, zone: str) -> None:
    """Our own reading, icalendar with the VTIMEZONE we wrote, and recurring-ical-events agree."""
    path = tmp_path / "a.ics"
    path.write_bytes(whole())
    cal = connect(source="c", state=tmp_path / "s", place=str(path))
    start = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo(zone))
    op = create(zone=zone, start=start, end=start + timedelta(hours=1), rrule="FREQ=WEEKLY", source="c")
    item = cal.read(cal.perform(op, key="k", now=NOW).ref)
    assert item is not None
    window = datetime(2026, 3, 1, tzinfo=UTC), datetime(2027, 2, 28, tzinfo=UTC)
    ours = [o.start for o in occurrences(item, start=window[0], end=window[1], zone="UTC")]
    assert len(ours) == 52
    assert all(o.timetz().replace(tzinfo=None) == start.time() and o.weekday() == 0 for o in ours)
    # with the zone renamed nobody can look it up: the definition in the file has to do
    name = "Ours-" + zone.replace("/", "-")
    renamed = path.read_bytes().replace(f"TZID:{zone}".encode(), f"TZID:{name}".encode())
    theirs = icalendar.Calendar.from_ical(renamed.replace(f"TZID={zone}".encode(), f"TZID={name}".encode()))
    listed = recurring_ical_events.of(theirs).between(*window)
    assert [e["DTSTART"].dt.astimezone(UTC) for e in listed] == [o.astimezone(UTC) for o in ours]


@given(
    moment=st.integers(788_918_400, 2_840_140_800).map(lambda s: datetime.fromtimestamp(s, UTC)),
    minutes=st.integers(1, 5000),
    zone=st.sampled_from(
        ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]
    ),
    # what begins a terminal sequence takes more than itself along (test_message.py)
    title=st.text(st.characters(exclude_characters="\x1b\x90\x98\x9b\x9d\x9e\x9f"), min_size=1, max_size=120),
    text=st.text(alphabet=st.sampled_from("a,;:\\\"\n\té🎉 ^'"), max_size=200),
)
@settings(max_examples=20, deadline=None)
def test_what_is_written_is_what_is_read(
    moment: datetime, minutes: int, zone: str, title: str, text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("round")
    path = folder / "a.ics"
    path.write_bytes(whole(LUNCH))
    cal = connect(source="cal", state=folder / "s", place=str(path), me=ME)
    start = moment
    op = create(
        title=title, description=text, zone=zone, start=start, end=start + timedelta(minutes=minutes),
        attendees=(Mailbox(address="bo@example.org", name=text.replace("\n", " ").strip()),),
    )  # fmt: skip
    receipt = cal.perform(op, key="k", now=NOW)
    item = cal.read(receipt.ref)
    assert item is not None
    assert (item.start, item.end) == (op.start, op.end)
    assert max(len(line) for line in path.read_bytes().splitlines()) <= 75
    made = next(
        e
        for e in icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
        if e["UID"] != "lunch@example.org"
    )
    assert made["DTSTART"].dt == op.start
    clean = "".join(
        c
        for c in title.replace("\r\n", "\n").replace("\r", "\n")
        if c in "\n\t" or (c >= " " and c != "\x7f")
    )
    assert made.get("SUMMARY", "") == clean.encode("utf-8", "replace").decode()
    assert item.title == str(made.get("SUMMARY", "")).strip()
    assert str(made.get("DESCRIPTION", "")) == text


def test_all_day_events_are_dates(cal: Ics, path: Path) -> None:
    start = datetime(2026, 12, 24, tzinfo=PARIS)
    op = create(all_day=True, start=start, end=start + timedelta(days=3))
    receipt = cal.perform(op, key="k", now=NOW)
    event = next(
        e
        for e in icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
        if e["UID"] == receipt.ref.native
    )
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 12, 24), date(2026, 12, 27))


def test_the_second_pass_of_an_autumn_hour_is_the_moment_that_was_asked_for(cal: Ics) -> None:
    for fold in (0, 1):
        start = datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=fold)
        end = start.astimezone(UTC) + timedelta(hours=2)
        item = cal.read(cal.perform(create(start=start, end=end), key=f"k{fold}", now=NOW).ref)
        assert item is not None
        assert item.start is not None
        assert item.start.astimezone(UTC) == start.astimezone(UTC)


def test_an_update_changes_what_it_names_and_keeps_the_rest(cal: Ics, path: Path) -> None:
    before = items(cal)["review@example.org"]
    rest = others(path, "review@")
    cal.perform(
        EventUpdate(
            source="cal", ref=before.ref, version=before.version, location="Room 9",
            start=datetime(2026, 12, 2, 15, tzinfo=UTC), end=datetime(2026, 12, 2, 17, tzinfo=UTC),
            attendees=(Mailbox(address="bo@example.org"), Mailbox(address="cy@example.org", name="Cy")),
        ),
        key="k", now=NOW,
    )  # fmt: skip
    after = items(cal)["review@example.org"]
    assert (after.start, after.end) == (
        datetime(2026, 12, 2, 15, tzinfo=UTC),
        datetime(2026, 12, 2, 17, tzinfo=UTC),
    )
    assert after.data["location"] == "Room 9"
    assert after.data["sequence"] == 4
    assert after.title == "Review"
    answers = {p.address: p.status for p in after.people if p.role == "attendee"}
    assert answers == {"bo@example.org": "needs-action", "cy@example.org": "needs-action"}
    assert others(path, "review@") == rest


@pytest.mark.parametrize("said", ["start alone", "start and end"])
@pytest.mark.parametrize(
    ("written", "to", "length"),
    [
        ("DTSTART;TZID=Europe/Paris:20261201T090000", datetime(2026, 12, 2, 15, tzinfo=PARIS), timedelta()),
        ("DTSTART:20261201T080000Z", datetime(2026, 12, 2, 14, tzinfo=UTC), timedelta()),
        ("DTSTART;VALUE=DATE:20261201", datetime(2026, 12, 3, tzinfo=UTC), timedelta(days=1)),
    ],
)
def test_an_event_that_says_no_end_keeps_its_length_when_moved(
    tmp_path: Path, written: str, to: datetime, length: timedelta, said: str
) -> None:
    """RFC 5545 3.6.1: with neither DTEND nor DURATION a day is that day, and a time takes no time."""
    path = tmp_path / "a.ics"
    path.write_bytes(whole(f"BEGIN:VEVENT\nUID:n\n{written}\nSUMMARY:Doors open\nEND:VEVENT\n"))
    cal = connect(source="c", state=tmp_path / "s", place=str(path))
    item = items(cal)["n"]
    assert item.start is not None
    assert item.end is not None
    assert item.end - item.start == length
    end = to + length if said == "start and end" else None
    op = EventUpdate(source="c", ref=item.ref, version=item.version, start=to, end=end)
    cal.perform(op, key="k", now=NOW)
    after = items(cal)["n"]
    assert (after.start, after.end) == (to, to + length)


def test_an_event_that_says_when_it_ends_is_not_made_one_that_takes_no_time(cal: Ics) -> None:
    item = items(cal)["review@example.org"]
    at = datetime(2026, 12, 2, 15, tzinfo=UTC)
    with pytest.raises(Unsupported, match="must end after it starts"):
        cal.perform(
            EventUpdate(source="cal", ref=item.ref, version=item.version, start=at, end=at), key="k", now=NOW
        )


def test_a_series_moves_with_all_that_hangs_on_it(cal: Ics, path: Path) -> None:
    """Mondays at 9 become Tuesdays at 10: the exception, the moved one and the end go along."""
    before = items(cal)["standup@example.org"]
    window = {
        "start": datetime(2026, 11, 1, tzinfo=UTC),
        "end": datetime(2027, 6, 1, tzinfo=UTC),
        "zone": "UTC",
    }
    was = occurrences(before, **window)  # type: ignore[arg-type]
    start = datetime(2026, 11, 3, 10, tzinfo=PARIS)
    cal.perform(
        EventUpdate(source="cal", ref=before.ref, version=before.version, start=start), key="k", now=NOW
    )
    after = items(cal)["standup@example.org"]
    now = occurrences(after, **window)  # type: ignore[arg-type]
    assert len(now) == len(was) == 17
    by = timedelta(days=1, hours=1)
    assert [o.recurrence_id for o in now] == [o.recurrence_id and o.recurrence_id + by for o in was]
    moved = next(o for o in now if o.title == "Standup, later")
    assert moved.start == datetime(2026, 11, 23, 11, tzinfo=PARIS), "it had a time of its own"
    theirs = recurring_ical_events.of(icalendar.Calendar.from_ical(path.read_bytes())).between(
        datetime(2026, 11, 1, tzinfo=PARIS), datetime(2027, 6, 1, tzinfo=PARIS)
    )
    assert sorted(e["DTSTART"].dt for e in theirs if e["UID"] == after.ref.native) == [o.start for o in now]


def test_a_series_whose_rule_forbids_the_new_day_is_not_moved(tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    rule = "DTSTART;TZID=Europe/Paris:20261106T090000\nRRULE:FREQ=MONTHLY;BYDAY=1FR\n"
    path.write_bytes(whole(f"BEGIN:VEVENT\nUID:m\n{rule}END:VEVENT\n"))
    cal = connect(source="c", state=tmp_path / "s", place=str(path))
    item = items(cal)["m"]
    data = path.read_bytes()
    op = EventUpdate(
        source="c", ref=item.ref, version=item.version, start=datetime(2026, 11, 9, 9, tzinfo=PARIS)
    )
    with pytest.raises(Unsupported, match="rule"):
        cal.perform(op, key="k", now=NOW)
    assert path.read_bytes() == data


def test_one_occurrence_is_changed_and_another_called_off(cal: Ics) -> None:
    item = items(cal)["standup@example.org"]
    one = datetime(2026, 11, 30, 9, tzinfo=PARIS)
    two = datetime(2026, 12, 7, 8, tzinfo=UTC)
    receipt = cal.perform(
        EventUpdate(
            source="cal", ref=item.ref, version=item.version, occurrence=one, title="Retro",
            start=one + timedelta(hours=5), end=one + timedelta(hours=6),
        ),
        key="k1", now=NOW,
    )  # fmt: skip
    cal.perform(
        EventCancel(source="cal", ref=item.ref, version=receipt.version, occurrence=two), key="k2", now=NOW
    )
    found = occurrences(
        items(cal)["standup@example.org"],
        start=datetime(2026, 11, 24, tzinfo=UTC),
        end=datetime(2026, 12, 20, tzinfo=UTC),
        zone="Europe/Paris",
    )
    assert [(o.title, o.start) for o in found] == [
        ("Retro", datetime(2026, 11, 30, 14, tzinfo=PARIS)),
        ("Standup", datetime(2026, 12, 14, 9, tzinfo=PARIS)),
    ]
    with pytest.raises(Missing):
        cal.perform(
            EventCancel(
                source="cal", ref=item.ref, version=items(cal)["standup@example.org"].version, occurrence=two
            ),
            key="k3",
            now=NOW,
        )


def test_why_it_is_cancelled_goes_to_those_invited(cal: Ics) -> None:
    """COMMENT, RFC 5546 3.2.5."""
    review = items(cal)["review@example.org"]
    op = EventCancel(source="cal", ref=review.ref, version=review.version, comment="I am ill, sorry")
    cal.perform(op, key="a", now=NOW)
    sent = invitation(items(cal)["review@example.org"], "CANCEL")
    assert message_of(sent, "CANCEL").comment == "I am ill, sorry"


def test_no_words_are_no_argument() -> None:
    """What was asked before there could be any keeps its key and its signature."""
    op = EventCancel(source="cal", ref=ItemRef("cal", "event", "x"), version="1")
    assert op.arguments().keys() == {"source", "ref", "version", "occurrence", "following"}
    assert op.model_copy(update={"comment": "I am ill"}).arguments()["comment"] == "I am ill"


def test_cancelling_what_others_attend_keeps_it_and_what_nobody_attends_takes_it_away(
    cal: Ics, path: Path
) -> None:
    have = items(cal)
    review, lunch = have["review@example.org"], have["lunch@example.org"]
    kept = cal.perform(EventCancel(source="cal", ref=review.ref, version=review.version), key="a", now=NOW)
    gone = cal.perform(EventCancel(source="cal", ref=lunch.ref, version=lunch.version), key="b", now=NOW)
    assert items(cal)["review@example.org"].data["status"] == "cancelled"
    assert items(cal)["review@example.org"].version == kept.version
    assert gone.version == ""
    assert b"lunch@" not in path.read_bytes()


@pytest.mark.parametrize("uid", ["standup", "review", "lunch"])
@pytest.mark.parametrize("change", ["update", "cancel", "cancel one"])
def test_the_inverse_brings_back_the_very_version(cal: Ics, path: Path, uid: str, change: str) -> None:
    before = items(cal)
    item = before[f"{uid}@example.org"]
    given = {"source": "cal", "ref": item.ref, "version": item.version}
    op: EventUpdate | EventCancel
    if change == "update":
        op = EventUpdate.model_validate({**given, "title": "Other", "description": "More"})
    else:
        one = datetime(2026, 11, 30, 9, tzinfo=PARIS) if (change, uid) == ("cancel one", "standup") else None
        op = EventCancel.model_validate({**given, "occurrence": one})
    receipt = cal.perform(op, key="k", now=NOW)
    again = connect(source="cal", state=path.parent / "state", place=str(path), me=ME)
    inverse = again.inverse(op, receipt)
    assert inverse is not None
    again.perform(inverse, key="u", now=NOW)
    after = items(again)
    assert {n: i.version for n, i in after.items()} == {n: i.version for n, i in before.items()}
    redo = again.inverse(inverse, again.perform(inverse, key="u", now=NOW))
    assert redo is not None
    again.perform(redo, key="r", now=NOW)
    final = items(again).get(item.ref.native)
    assert (final.version if final else "") == receipt.version


def test_a_file_with_plain_line_ends_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    path.write_bytes(whole(LUNCH).replace(b"\r\n", b"\n"))
    cal = connect(source="cal", state=tmp_path / "s", place=str(path))
    cal.perform(create(), key="k", now=NOW)
    assert b"\r" not in path.read_bytes()


def test_bytes_of_another_charset_survive_a_change(tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    path.write_bytes(whole(REVIEW.replace("Room 2", "Büro 2"), LUNCH).decode().encode("latin-1"))
    cal = connect(source="cal", state=tmp_path / "s", place=str(path), me=ME)
    item = items(cal)["review@example.org"]
    assert item.data["location"] == "Büro 2"
    cal.perform(EventUpdate(source="cal", ref=item.ref, version=item.version, title="Ü"), key="k", now=NOW)
    assert "LOCATION:Büro 2".encode("latin-1") in path.read_bytes()
    after = items(cal)["review@example.org"]
    assert after.version != item.version


def test_writers_side_by_side_lose_nothing(cal: Ics, path: Path) -> None:
    """Two at the same time, as two processes of one home would be, and then one who knows no lock."""
    neighbour = connect(source="cal", state=path.parent / "elsewhere", place=str(path))
    beside = connect(source="cal", state=path.parent / "state", place=str(path), me=ME)
    failed: list[SourceError] = []

    def work(connector: Ics, name: str) -> None:
        for n in range(15):
            try:
                connector.perform(create(title=f"{name}{n}"), key=f"{name}{n}", now=NOW)
            except Transient as e:
                failed.append(e)

    threads = [
        threading.Thread(target=work, args=(cal, "a")),
        threading.Thread(target=work, args=(beside, "b")),
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    work(neighbour, "c")
    assert not failed
    titles = {i.title for i in items(cal).values()}
    assert titles >= {f"{name}{n}" for name in "abc" for n in range(15)}
    assert len(icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")) == 4 + 45


def test_a_file_that_changed_since_it_was_opened_is_not_replaced(path: Path) -> None:
    opened = open_file(path)
    path.write_bytes(path.read_bytes().replace(b"Room 2", b"Room 7"))  # same size, perhaps the same tick
    assert replace(path, opened, b"ours") is False
    assert b"Room 7" in path.read_bytes()
    assert replace(path, None, b"ours") is False, "a new file never takes the place of another"
    assert replace(path, open_file(path), whole(LUNCH)) is True
    assert path.read_bytes() == whole(LUNCH)


def test_an_event_that_another_program_changed_is_not_overwritten(cal: Ics, path: Path) -> None:
    item = items(cal)["review@example.org"]
    path.write_bytes(path.read_bytes().replace(b"Room 2", b"Room 7"))
    with pytest.raises(Changed):
        cal.perform(
            EventUpdate(source="cal", ref=item.ref, version=item.version, title="X"), key="k", now=NOW
        )
    assert b"Room 7" in path.read_bytes()


def test_a_change_elsewhere_in_the_file_is_no_hindrance(cal: Ics, path: Path) -> None:
    item = items(cal)["review@example.org"]
    path.write_bytes(path.read_bytes().replace(b"SUMMARY:Lunch", b"SUMMARY:Dinner"))
    cal.perform(EventUpdate(source="cal", ref=item.ref, version=item.version, title="X"), key="k", now=NOW)
    assert {i.title for i in items(cal).values()} == {"Standup", "X", "Dinner"}


def test_a_link_stays_a_link_and_permissions_stay(tmp_path: Path, path: Path) -> None:
    path.chmod(0o640)
    link = tmp_path / "link.ics"
    link.symlink_to(path)
    cal = connect(source="cal", state=tmp_path / "s", place=str(link))
    cal.perform(create(), key="k", now=NOW)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(items(cal)) == 4


def test_a_read_only_file_is_left_alone(cal: Ics, path: Path) -> None:
    path.chmod(0o444)
    assert cal.operations == ()
    with pytest.raises(Unsupported, match="only read"):
        cal.perform(create(), key="k", now=NOW)


@contextmanager
def no_room() -> Iterator[None]:
    """A limit on the size of files, which the system enforces as it does a full disk."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (900, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)


def test_with_no_room_the_file_stays_whole(cal: Ics, path: Path) -> None:
    data = path.read_bytes()
    with no_room(), pytest.raises(Transient, match="no room"):
        cal.perform(create(description="x" * 2000), key="k", now=NOW)
    assert path.read_bytes() == data
    assert [p.name for p in path.parent.iterdir() if p.name.endswith(".tmp")] == []


def test_a_damaged_file_is_not_written_into(cal: Ics, path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(Unsupported, match="damaged"):
        cal.perform(create(), key="k", now=NOW)


def test_in_a_folder_each_new_event_has_a_file_and_a_calendar_can_be_named(tmp_path: Path) -> None:
    for name in ("home", "work"):
        (tmp_path / "cal" / name).mkdir(parents=True)
        (tmp_path / "cal" / name / "x.ics").write_bytes(whole(LUNCH.replace("UID:lunch", f"UID:{name}")))
    cal = connect(source="cal", state=tmp_path / "s", place=str(tmp_path / "cal"))
    receipt = cal.perform(create(calendar="work"), key="k", now=NOW)
    assert (tmp_path / "cal" / "work" / f"{receipt.ref.native}.ics").is_file()
    cancel = cal.inverse(create(calendar="work"), receipt)
    assert cancel is not None
    cal.perform(cancel, key="u", now=NOW)
    assert [p.name for p in (tmp_path / "cal" / "work").iterdir()] == ["x.ics"]
    with pytest.raises(Missing, match="no calendar called"):
        cal.perform(create(calendar="wrok"), key="k2", now=NOW)


@pytest.mark.parametrize(
    ("zone", "rrule"), [("Mars/Base", ""), ("UTC", "FREQ=WEEKLY\r\nX-EVIL:1"), ("UTC", "FREQ=NEVER")]
)
def test_what_cannot_be_written_is_refused(cal: Ics, path: Path, zone: str, rrule: str) -> None:
    data = path.read_bytes()
    with pytest.raises(Unsupported):
        cal.perform(create(zone=zone, rrule=rrule), key="k", now=NOW)
    assert path.read_bytes() == data


def test_a_title_cannot_smuggle_in_a_line(cal: Ics, path: Path) -> None:
    cal.perform(create(title="x\r\nATTENDEE:mailto:eve@example.org", location="\n\n"), key="k", now=NOW)
    assert not any(line.startswith(b"ATTENDEE:mailto:eve") for line in path.read_bytes().splitlines())


def test_restoring_another_event_is_refused(cal: Ics) -> None:
    have = items(cal)
    review, lunch = have["review@example.org"], have["lunch@example.org"]
    op = EventRestore(source="cal", ref=review.ref, version=review.version, ics=lunch.data["ics"])
    with pytest.raises(Unsupported, match="another one"):
        cal.perform(op, key="k", now=NOW)


def test_refs_of_nothing_are_nothing(cal: Ics) -> None:
    assert cal.read(ItemRef("cal", "event", "work.ics")) is None


def test_where_nothing_can_be_noted_nothing_is_begun(tmp_path: Path) -> None:
    """A refusal in a sentence, so that the write counts as not done and not as perhaps done."""
    (tmp_path / "calendar").mkdir()
    state = tmp_path / "state"
    calendar = connect(source="ics", state=state, place=str(tmp_path / "calendar"))
    state.write_text("in the way")
    op = EventCreate(source="ics", title="T", start=NOW, end=NOW + timedelta(hours=1), zone="Europe/Lisbon")
    with pytest.raises(Transient, match=r"state cannot be written .*; nothing was changed\."):
        calendar.perform(op, key="k", now=NOW)
    assert list((tmp_path / "calendar").iterdir()) == []
