"""iCalendar as the world writes it: read leniently, never with a wrong time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import icalendar
import pytest
from contracts import pass_over

from deskhand.connectors.ics import connect
from deskhand.connectors.itip import invitation
from deskhand.connectors.model import Change, Failed, Item
from deskhand.connectors.occurrences import Occurrence, occurrences

PARIS = ZoneInfo("Europe/Paris")
START = "DTSTART;TZID=Europe/Paris:20261102T090000"
CUSTOM = """\
BEGIN:VTIMEZONE
TZID:Our office
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar(body: str, head: str = "") -> bytes:
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{head}{body}END:VCALENDAR\n".replace(
        "\n", "\r\n"
    ).encode()


def event(*lines: str, uid: str = "UID:u") -> str:
    return "".join(f"{line}\n" for line in ("BEGIN:VEVENT", uid, *lines, "END:VEVENT") if line)


@pytest.fixture
def changes(tmp_path: Path):  # type: ignore[no-untyped-def]
    def run(data: bytes | str) -> list[Change]:
        path = tmp_path / "a.ics"
        path.write_bytes(data if isinstance(data, bytes) else calendar(data))
        return pass_over(connect(source="c", state=tmp_path / "s", place=str(path)))[0]

    return run


@pytest.fixture
def item(changes):  # type: ignore[no-untyped-def]
    def run(data: bytes | str) -> Item:
        (only,) = changes(data)
        assert isinstance(only, Item), only
        return only

    return run


@pytest.fixture
def failed(changes):  # type: ignore[no-untyped-def]
    """The reason of the one that failed; a good event beside it is always read."""

    def run(data: str) -> str:
        good = event(START, uid="UID:good")
        bad, fine = changes(data + good)
        assert isinstance(fine, Item)
        assert isinstance(bad, Failed), bad
        return bad.reason

    return run


def month(item: Item, zone: str = "Europe/Paris", year: int = 2026) -> list[Occurrence]:
    start = datetime(year, 11, 1, tzinfo=ZoneInfo(zone))
    return occurrences(item, start=start, end=datetime(year, 12, 1, tzinfo=ZoneInfo(zone)), zone=zone)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["DTSTART;TZID=Mars/Base:20261102T090000"], "Mars/Base"),
        (["SUMMARY:no start"], "no start"),
        (["DTSTART:tomorrow"], "'tomorrow'"),
        (["DTSTART:20261302T090000"], "no time"),
        (["DTSTART:00010101T000000"], "a year"),
        ([START, "RRULE:FREQ=SOMETIMES"], "frequency"),
        ([START, "RRULE:FREQ=DAILY;INTERVAL=0"], "broken"),
        ([START, "RRULE:FREQ=WEEKLY;BYDAY=XX"], "broken"),
        ([START, "RRULE:FREQ=DAILY;UNTIL=never"], "NEVER"),
        ([START, "RRULE:FREQ=SECONDLY;BYSETPOS=2"], "no calendar shows"),
        ([START, "DURATION:soon"], "no length of time"),
        ([START, "EXDATE;TZID=Nowhere/At_all:20261109T090000"], "Nowhere/At_all"),
        ([START, "DESCRIPTION:" + "x" * 5_100_000], "5 MB"),
    ],
)
def test_a_bad_event_is_a_sentence_and_the_others_are_read(failed, lines, reason) -> None:  # type: ignore[no-untyped-def]
    assert reason in failed(event(*lines))


@pytest.mark.parametrize("rule", ["DAILY", "HOURLY", "YEARLY;BYHOUR=3", "MONTHLY;BYSETPOS=9"])
def test_a_rule_that_never_comes_true_leaves_the_first_day_and_ends(item, rule: str) -> None:  # type: ignore[no-untyped-def]
    begun = process_time()
    read = item(event(START, f"RRULE:FREQ={rule};BYMONTH=2;BYMONTHDAY=30"))
    assert read.data["recurring"] is False
    assert [o.start for o in month(read)] == [datetime(2026, 11, 2, 9, tzinfo=PARIS)]
    assert process_time() - begun < 48  # seconds of CPU: it ends, and is not quadratic


@pytest.mark.parametrize(
    ("tzid", "zone"),
    [
        ("Europe/Paris", "Europe/Paris"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/America/New_York", "America/New_York"),
        ("/mozilla.org/20050126_1/America/Argentina/Ushuaia", "America/Argentina/Ushuaia"),
        ("tzone://Microsoft/Utc", "UTC"),
        ('"America/Los_Angeles"', "America/Los_Angeles"),
    ],
)
def test_zones_by_their_many_names(item, tzid: str, zone: str) -> None:  # type: ignore[no-untyped-def]
    quoted = tzid if tzid.startswith('"') or ":" not in tzid else f'"{tzid}"'
    read = item(event(f"DTSTART;TZID={quoted}:20261102T090000"))
    assert read.data["zone"] == zone
    assert read.start == datetime(2026, 11, 2, 9, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    "bad", ["../../etc/passwd", "/etc/localtime", "Europe", "a" * 5000, "Europe/Pa\x00ris"]
)
def test_a_zone_name_never_leads_to_another_file(failed, bad: str) -> None:  # type: ignore[no-untyped-def]
    assert "unknown" in failed(event(f"DTSTART;TZID={bad}:20261102T090000"))


def test_a_zone_that_only_the_file_defines(item) -> None:  # type: ignore[no-untyped-def]
    """Summer and winter of a VTIMEZONE with a name of its own, against the zone it describes."""
    series = item(CUSTOM + event("DTSTART;TZID=Our office:20260105T090000", "RRULE:FREQ=DAILY"))
    assert series.data["zone"] == ""
    window = {
        "start": datetime(2026, 1, 6, tzinfo=UTC),
        "end": datetime(2027, 1, 6, tzinfo=UTC),
        "zone": "UTC",
    }
    found = occurrences(series, **window)
    assert len(found) == 365
    for n, o in enumerate(found):
        there = (datetime(2026, 1, 6, 9) + timedelta(days=n)).replace(tzinfo=PARIS)  # noqa: DTZ001
        assert o.start.astimezone(UTC) == there.astimezone(UTC)
        assert o.start.astimezone(UTC).astimezone(o.start.tzinfo) == o.start


def test_a_zone_with_a_location_is_that_zone(item) -> None:  # type: ignore[no-untyped-def]
    zone = "BEGIN:VTIMEZONE\nTZID:X-1\nX-LIC-LOCATION:Asia/Tokyo\nEND:VTIMEZONE\n"
    assert item(zone + event("DTSTART;TZID=X-1:20261102T090000")).data["zone"] == "Asia/Tokyo"


def test_a_hostile_zone_definition_ends(changes) -> None:  # type: ignore[no-untyped-def]
    zone = CUSTOM.replace("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "FREQ=SECONDLY").replace(
        "BYDAY=-1SU;", "INTERVAL=0;"
    )
    begun = process_time()
    assert len(changes(zone + event("DTSTART;TZID=Our office:20260105T090000"))) == 1
    assert process_time() - begun < 20  # seconds of CPU: it ends, and is not quadratic


@pytest.mark.parametrize(
    ("lines", "minutes"),
    [
        ([START, "DTEND;TZID=Europe/Paris:20261102T100000"], 60),
        ([START, "DTEND:20261102T090000Z"], 60),
        ([START, "DTEND;TZID=America/New_York:20261102T040000"], 60),
        ([START, "DURATION:PT1H30M"], 90),
        ([START, "DURATION:P1DT1H"], 25 * 60),
        ([START], 0),
        ([START, "DURATION:-PT1H"], 0),
        ([START, "DTEND;TZID=Europe/Paris:20261102T080000"], 0),
        (["DTSTART;VALUE=DATE:20261102"], 24 * 60),
        (["DTSTART;VALUE=DATE:20261102", "DTEND;VALUE=DATE:20261102"], 24 * 60),
        (["DTSTART;VALUE=DATE:20261102", "DTEND;VALUE=DATE:20261105"], 3 * 24 * 60),
        (["DTSTART;VALUE=DATE:20261102", "DURATION:P2W"], 14 * 24 * 60),
        (["DTSTART:20261102", "DTEND:20261103T120000"], 24 * 60),
    ],
)
def test_how_long_an_event_is(item, lines, minutes) -> None:  # type: ignore[no-untyped-def]
    read = item(event(*lines))
    assert read.end - read.start == timedelta(minutes=minutes)
    assert read.end == read.until


def test_days_of_a_duration_are_of_the_clock_and_hours_elapse(item) -> None:  # type: ignore[no-untyped-def]
    """RFC 5545 3.3.6, over the night in which Paris turns the clock back."""
    day = item(event("DTSTART;TZID=Europe/Paris:20261024T120000", "DURATION:P1D"))
    hours = item(event("DTSTART;TZID=Europe/Paris:20261024T120000", "DURATION:PT24H"))
    assert day.end == datetime(2026, 10, 25, 12, tzinfo=PARIS)
    assert hours.end == datetime(2026, 10, 25, 11, tzinfo=PARIS)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_any_line_end_and_a_byte_order_mark(item, newline: str, bom: bytes) -> None:  # type: ignore[no-untyped-def]
    data = calendar(event(START, "SUMMARY:A long", "  title, fold", "\ted"))
    read = item(bom + data.replace(b"\r\n", newline.encode()))
    assert read.title == "A long title, folded"


def test_a_fold_inside_a_character_and_text_that_was_never_folded(item) -> None:  # type: ignore[no-untyped-def]
    read = item(calendar(event(START, "SUMMARY:Caf\xe9", "DESCRIPTION:one", "two", "", "three")).replace(
        b"\xc3\xa9", b"\xc3\r\n \xa9"
    ))  # fmt: skip
    assert read.title == "Café"
    assert read.text == "one\ntwo\nthree"


def test_windows_charset(item) -> None:  # type: ignore[no-untyped-def]
    assert item(calendar(event(START, "SUMMARY:Café – Öl")).decode().encode("cp1252")).title == "Café – Öl"


def test_an_event_without_uid_gets_a_lasting_one(changes) -> None:  # type: ignore[no-untyped-def]
    data = calendar(event(START, uid="") + event(START, "SUMMARY:x", uid="UID:"))
    first, again = changes(data), changes(data)
    assert [c.ref for c in first] == [c.ref for c in again]
    assert len({c.ref for c in first}) == 2


def test_of_an_event_twice_the_newer_counts(item) -> None:  # type: ignore[no-untyped-def]
    new = event(START, "SUMMARY:new", "SEQUENCE:2")
    assert item(new + event(START, "SUMMARY:old", "SEQUENCE:1")).title == "new"


def test_an_alarm_lends_the_event_neither_uid_nor_text(item) -> None:  # type: ignore[no-untyped-def]
    alarm = ["BEGIN:VALARM", "UID:alarm", "DESCRIPTION:ring", "SUMMARY:ring", "DURATION:PT9H", "END:VALARM"]
    read = item(event(*alarm, "UID:u", START, "SUMMARY:Meeting", uid=""))
    assert (read.ref.native, read.title, read.text) == ("u", "Meeting", "")


def test_an_override_without_its_series_is_an_event(item) -> None:  # type: ignore[no-untyped-def]
    read = item(
        event("RECURRENCE-ID;TZID=Europe/Paris:20261109T090000", "DTSTART;TZID=Europe/Paris:20261110T090000")
    )
    assert [o.start for o in month(read)] == [datetime(2026, 11, 10, 9, tzinfo=PARIS)]


def test_outlook(item) -> None:  # type: ignore[no-untyped-def]
    read = item(
        event(
            "DTSTART;TZID=W. Europe Standard Time:20261102T000000",
            "DTEND;TZID=W. Europe Standard Time:20261103T000000",
            "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
            "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
            "X-ALT-DESC;FMTTYPE=text/html:<html><body>Bring <b>cake</b></body></html>",
            'ORGANIZER;CN="O\'Neil; Bo":MAILTO:bo@EXAMPLE.org',
            "ATTENDEE;CN=Room:invalid:nomail",
            "STATUS:TENTATIVE",
            "CLASS:PRIVATE",
        )
    )
    assert read.data["all_day"] is True
    assert read.data["transparent"] is True
    assert read.data["status"] == "tentative"
    assert read.data["class"] == "private"
    assert read.text.splitlines()[0] == "Bring cake"
    assert [(p.role, p.address, p.name) for p in read.people] == [
        ("organizer", "bo@example.org", "O'Neil; Bo"),
        ("attendee", "", "Room"),
    ]
    assert [o.start for o in month(read, "America/New_York")] == [
        datetime(2026, 11, 2, tzinfo=ZoneInfo("America/New_York"))
    ]


def test_a_stream_of_several_calendars(changes) -> None:  # type: ignore[no-untyped-def]
    data = calendar(event(START, uid="UID:a")) + calendar(event(START, uid="UID:b"), "X-WR-CALNAME:Home\n")
    assert [c.ref.native for c in changes(data)] == ["a", "b"]


def test_an_end_that_got_lost_costs_one_event(changes) -> None:  # type: ignore[no-untyped-def]
    data = event(START, uid="UID:a").replace("END:VEVENT\n", "") + event(START, uid="UID:b")
    bad, good = changes(data)
    assert isinstance(bad, Failed)
    assert "cut short" in bad.reason
    assert isinstance(good, Item)


# invitations


MEETING = (
    "DTSTAMP:20261101T000000Z",
    START,
    "RRULE:FREQ=WEEKLY;COUNT=4",
    "SUMMARY:Plan",
    "SEQUENCE:2",
    "ORGANIZER:mailto:ana@example.org",
    "ATTENDEE;CN=Bo:mailto:bo@example.org",
    "X-DESKHAND-EFFECT:k1",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "TRIGGER:-PT5M",
    "END:VALARM",
)


def test_a_request_carries_the_event_and_its_zones_and_nothing_private(item) -> None:  # type: ignore[no-untyped-def]
    body = CUSTOM + event(*(line.replace("Europe/Paris", "Our office") for line in MEETING))
    sent = icalendar.Calendar.from_ical(invitation(item(body), "REQUEST"))
    assert sent["METHOD"] == "REQUEST"
    (meeting,) = sent.walk("VEVENT")
    assert (meeting["UID"], meeting["SEQUENCE"], meeting["ATTENDEE"]) == ("u", 2, "mailto:bo@example.org")
    assert "RRULE" in meeting
    assert len(sent.walk("VTIMEZONE")) == 1
    assert sent.walk("VALARM") == []
    assert "X-DESKHAND-EFFECT" not in meeting


def test_a_cancellation_counts_up_once(item) -> None:  # type: ignore[no-untyped-def]
    read = item(event(*MEETING))
    (meeting,) = icalendar.Calendar.from_ical(invitation(read, "CANCEL")).walk("VEVENT")
    assert (meeting["STATUS"], meeting["SEQUENCE"]) == ("CANCELLED", 3)
    read = item(event("STATUS:CANCELLED", *MEETING))
    (meeting,) = icalendar.Calendar.from_ical(invitation(read.data["ics"], "CANCEL")).walk("VEVENT")
    assert (meeting["STATUS"], meeting["SEQUENCE"]) == ("CANCELLED", 2)


def test_one_occurrence_is_told_alone(item) -> None:  # type: ignore[no-untyped-def]
    when = datetime(2026, 11, 9, 9, tzinfo=PARIS)
    moved = event(
        "RECURRENCE-ID;TZID=Europe/Paris:20261109T090000", *(m for m in MEETING if "RRULE" not in m)
    )
    read = item(event(*MEETING) + moved)
    sent = icalendar.Calendar.from_ical(invitation(read, "REQUEST", occurrence=when.astimezone(UTC)))
    (meeting,) = sent.walk("VEVENT")
    assert meeting["RECURRENCE-ID"].dt == when
    with pytest.raises(ValueError, match="no occurrence"):
        invitation(read, "REQUEST", occurrence=when + timedelta(days=7))


def test_nobody_is_invited_to_an_event_of_ones_own(item) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="organizer"):
        invitation(item(event(START)), "REQUEST")


def test_the_meetings_documents_are_its_relations(item) -> None:  # type: ignore[no-untyped-def]
    found = item(
        event(
            "DTSTART:20261123T100000Z",
            "ATTACH;FMTTYPE=application/pdf:https://files.example.org/offer.pdf",
            "DESCRIPTION:We go through Price list.xlsx and minutes.md\\, see https://example.org/agenda",
        )
    )
    targets = [r.target for r in found.relations if r.type == "mentions"]
    assert targets[:2] == ["https://files.example.org/offer.pdf", "https://example.org/agenda"]
    assert {"Price list.xlsx", "minutes.md"} <= set(targets)
    assert item(event("DTSTART:20261123T100000Z", "DESCRIPTION:never run setup.exe")).relations == ()
