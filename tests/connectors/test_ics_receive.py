"""What an organizer sends lies in the calendar as it was sent, once, and never over something newer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import icalendar
import pytest
import recurring_ical_events
from contracts import NOW

from deskhand.connectors.errors import Changed, Missing, Unsupported
from deskhand.connectors.ics import Ics, connect
from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.operations import EventReceive, EventRestore, EventUpdate

ME = "ana@example.org"
HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Another//Program 1.0//EN\n"
TAIL = "END:VCALENDAR\n"
UID = "weekly@example.com"
ZONE = """\
BEGIN:VTIMEZONE
TZID:Somewhere
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0130
TZOFFSETTO:+0130
END:STANDARD
END:VTIMEZONE
"""
MASTER = """\
BEGIN:VEVENT
UID:weekly@example.com
DTSTAMP:20261101T120000Z
SEQUENCE:2
SUMMARY:Weekly
DTSTART;TZID=Somewhere:20261201T090000
DTEND;TZID=Somewhere:20261201T100000
RRULE:FREQ=WEEKLY;COUNT=4
EXDATE;TZID=Somewhere:20261215T090000
ORGANIZER;CN=Bo:mailto:bo@example.com
ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ana@example.org
ATTENDEE;PARTSTAT=ACCEPTED:mailto:cy@example.net
X-OTHER:stays
X-DESKHAND-EFFECT:forged
BEGIN:VALARM
ACTION:EMAIL
TRIGGER:-PT5M
ATTENDEE:mailto:mallory@example.net
END:VALARM
END:VEVENT
"""
OVERRIDE = """\
BEGIN:VEVENT
UID:weekly@example.com
DTSTAMP:20261101T120000Z
SEQUENCE:2
RECURRENCE-ID;TZID=Somewhere:20261208T090000
SUMMARY:Weekly
DTSTART;TZID=Somewhere:20261208T150000
DTEND;TZID=Somewhere:20261208T160000
ORGANIZER;CN=Bo:mailto:bo@example.com
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ana@example.org
END:VEVENT
"""
LUNCH = "BEGIN:VEVENT\nUID:lunch\nDTSTAMP:20260101T000000Z\nDTSTART;VALUE=DATE:20261205\nEND:VEVENT\n"


def request(*parts: str, method: str = "REQUEST") -> str:
    return f"{HEAD}METHOD:{method}\n{''.join(parts)}{TAIL}".replace("\n", "\r\n")


def receive(ics: str, *, version: str = "", status: str | None = None) -> EventReceive:
    ref, mail = ItemRef("cal", "event", UID), ItemRef("mail", "message", "1")
    return EventReceive.model_validate(
        {"source": "cal", "ref": ref, "message": mail, "version": version, "ics": ics, "status": status}
    )


SENT = request(ZONE, MASTER, OVERRIDE)


@pytest.fixture(params=["file", "folder"])
def cal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ics]:
    place = tmp_path / "work.ics"
    if request.param == "folder":
        place = tmp_path / "cal"
        place.mkdir()
        (place / "b.ics").write_text(f"{HEAD}{LUNCH}{TAIL}")
    else:
        place.write_text(f"{HEAD}{LUNCH}{TAIL}")
    connector = connect(source="cal", state=tmp_path / "state", place=str(place), me=ME)
    yield connector
    connector.close()


def put(cal: Ics, ics: str, key: str = "k1", status: str | None = "accepted") -> str:
    there = cal.read(ItemRef("cal", "event", UID))
    op = receive(ics, version=there.version if there else "", status=status)
    return cal.perform(op, key=key, now=NOW).version


def lies(cal: Ics) -> icalendar.Calendar:
    item = cal.read(ItemRef("cal", "event", UID))
    assert item is not None
    return icalendar.Calendar.from_ical(item.data["ics"])


def starts(calendar: icalendar.Calendar) -> list[str]:
    found = recurring_ical_events.of(calendar).between("20261101", "20270201")
    return sorted(f"{e['DTSTART'].dt:%m-%d %H:%M}" for e in found if e.get("STATUS") != "CANCELLED")


def test_the_whole_event_lies_there(cal: Ics) -> None:
    put(cal, SENT)
    calendar = lies(cal)
    master, override = calendar.walk("VEVENT")
    assert [z["TZID"] for z in calendar.walk("VTIMEZONE")] == ["Somewhere"]
    assert starts(calendar) == starts(icalendar.Calendar.from_ical(SENT))
    assert (master["UID"], master["SEQUENCE"], master["X-OTHER"]) == (UID, 2, "stays")
    assert [a.params["PARTSTAT"] for a in master["ATTENDEE"]] == ["ACCEPTED", "ACCEPTED"]
    assert override["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert "RSVP" not in master["ATTENDEE"][0].params


def test_alarms_and_notes_of_a_stranger_do_not_come_along(cal: Ics) -> None:
    put(cal, SENT)
    text = lies(cal).to_ical().decode()
    assert "VALARM" not in text
    assert "forged" not in text


def test_undo_takes_it_out_and_leaves_all_else(cal: Ics) -> None:
    before = {c.ref: c.version for c in cal.changes(None) if isinstance(c, Item)}
    op = receive(SENT, status="accepted")
    receipt = cal.perform(op, key="k1", now=NOW)
    inverse = cal.inverse(op, receipt)
    assert inverse is not None
    assert cal.perform(inverse, key="k2", now=NOW).version == ""
    assert {c.ref: c.version for c in cal.changes(None) if isinstance(c, Item)} == before


def test_a_newer_state_takes_the_place_of_the_copy_and_undo_puts_that_back(cal: Ics) -> None:
    version = put(cal, SENT)
    moved = (
        SENT.replace("SEQUENCE:2", "SEQUENCE:3").replace("T090000", "T110000").replace("T100000", "T120000")
    )
    op = receive(moved, version=version)
    receipt = cal.perform(op, key="k2", now=NOW)
    assert starts(lies(cal)) == starts(icalendar.Calendar.from_ical(moved))
    assert len(lies(cal).walk("VEVENT")) == 2
    inverse = cal.inverse(op, receipt)
    assert inverse is not None
    assert cal.perform(inverse, key="k3", now=NOW).version == version


def test_one_occurrence_changes_alone(cal: Ics) -> None:
    put(cal, SENT)
    one = OVERRIDE.replace("SEQUENCE:2", "SEQUENCE:3").replace("20261208T15", "20261208T17")
    one = one.replace("20261208T16", "20261208T18")
    put(cal, request(ZONE, one), key="k2", status=None)
    assert starts(lies(cal)) == ["12-01 09:00", "12-08 17:00", "12-22 09:00"]
    other = one.replace("RECURRENCE-ID;TZID=Somewhere:20261208", "RECURRENCE-ID;TZID=Somewhere:20261222")
    put(cal, request(ZONE, other.replace("20261208T1", "20261223T1")), key="k3", status=None)
    assert starts(lies(cal)) == ["12-01 09:00", "12-08 17:00", "12-23 17:00"]


def test_one_occurrence_is_called_off_alone(cal: Ics) -> None:
    put(cal, SENT)
    off = MASTER.replace("DTSTART", "RECURRENCE-ID").replace("RRULE:FREQ=WEEKLY;COUNT=4\n", "")
    off = off.replace("DTEND;TZID=Somewhere:20261201T100000\n", "DTSTART;TZID=Somewhere:20261201T090000\n")
    off = off.replace("EXDATE;TZID=Somewhere:20261215T090000\n", "").replace("SEQUENCE:2", "SEQUENCE:3")
    put(cal, request(ZONE, off, method="CANCEL"), key="k2", status=None)
    assert starts(lies(cal)) == ["12-08 15:00", "12-22 09:00"]


def test_all_of_it_is_called_off(cal: Ics) -> None:
    put(cal, SENT)
    put(cal, request(ZONE, MASTER.replace("SEQUENCE:2", "SEQUENCE:3"), method="CANCEL"), "k2", None)
    assert starts(lies(cal)) == []


def test_an_older_state_is_refused(cal: Ics) -> None:
    put(cal, SENT)
    with pytest.raises(Changed):
        put(cal, SENT.replace("SEQUENCE:2", "SEQUENCE:1"), key="k2")
    with pytest.raises(Changed):
        put(cal, request(ZONE, MASTER.replace("SEQUENCE:2", "SEQUENCE:1"), method="CANCEL"), "k3", None)


@pytest.mark.parametrize(
    "ics",
    [
        SENT.replace("mailto:bo@example.com", "mailto:mallory@example.net").replace(
            "SEQUENCE:2", "SEQUENCE:9"
        ),
        SENT.replace("METHOD:REQUEST", "METHOD:REPLY"),
        SENT.replace("UID:weekly@", "UID:other@"),
        SENT.replace("TZID:Somewhere", "TZID:Nowhere"),
        SENT.replace("RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;"),
        HEAD,
    ],
)
def test_what_is_not_the_organizers_message_about_it_is_refused(cal: Ics, ics: str) -> None:
    put(cal, SENT)
    with pytest.raises(Unsupported):
        put(cal, ics, key="k2")


OWN = MASTER.replace("mailto:bo@example.com", "mailto:ana@example.org").replace(
    "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ana@example.org\n", ""
)


@pytest.mark.parametrize(("revised", "sequence"), [(True, 4), (False, 2)])
@pytest.mark.parametrize("one", [True, False])
def test_what_others_saw_is_put_back_as_a_newer_revision(
    tmp_path: Path, revised: bool, sequence: int, one: bool
) -> None:
    place = tmp_path / "own.ics"
    place.write_text(f"{HEAD}{ZONE}{OWN}{TAIL}")
    cal = connect(source="cal", state=tmp_path / "state", place=str(place), me=ME)
    ref = ItemRef("cal", "event", UID)
    there = cal.read(ref)
    assert there is not None
    assert there.start is not None
    assert there.end is not None
    first, last = there.start + timedelta(hours=2), there.end + timedelta(hours=2)
    occurrence = there.start if one else None
    move = EventUpdate(
        source="cal", ref=ref, version=there.version, occurrence=occurrence, start=first, end=last
    )
    inverse = cal.inverse(move, cal.perform(move, key="k1", now=NOW))
    assert isinstance(inverse, EventRestore)
    receipt = cal.perform(inverse.model_copy(update={"revised": revised}), key="k2", now=NOW)
    (event,) = lies(cal).walk("VEVENT")
    assert event["SEQUENCE"] == sequence
    assert starts(lies(cal)) == ["12-01 09:00", "12-08 09:00", "12-22 09:00"]
    assert event["ATTENDEE"].params["PARTSTAT"] == ("NEEDS-ACTION" if revised else "ACCEPTED")
    assert (receipt.version == there.version) == (not revised)
    cal.close()


def test_what_does_not_lie_there_cannot_be_called_off(cal: Ics) -> None:
    with pytest.raises(Missing):
        put(cal, request(ZONE, MASTER, method="CANCEL"))
