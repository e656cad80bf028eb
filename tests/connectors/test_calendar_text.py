"""Google's events as iCalendar and back: times and zones, people, and that nothing is lost between."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from gcal_givens import PARIS, at, event
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.connectors._calendar_changes import Written, changes
from deskhand.connectors._calendar_event import Json
from deskhand.connectors._calendar_fields import whole
from deskhand.connectors._calendar_text import calendar_of
from deskhand.connectors._gcal_event import shaped, uid_of
from deskhand.connectors._ical import item_of
from deskhand.connectors._ical_text import Group, group, scan
from deskhand.connectors._ical_times import Zones
from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.occurrences import occurrences

ME, BO = "ana@example.org", "bo@example.org"
PROGRAM = "-//Google//Calendar//EN"


def text(*events: Json, own: bool = True, me: str = ME) -> bytes:
    return calendar_of(
        [{"id": "event1", "etag": '"1"', **e} for e in events],
        uid_of(events, "event1"),
        me=me,
        own=own,
        zone="Europe/Paris",
        program=PROGRAM,
    )


def only(data: bytes) -> Group:
    (found,) = group(data, scan(data)).values()
    return found


def item(*events: Json, own: bool = True, me: str = ME) -> Item:
    data = text(*events, own=own, me=me)
    it = only(data)
    return item_of(
        data, it, Zones(data, it.calendar), ref=ItemRef("cal", "event", it.uid), folder="", link="", me=me,
        mtime=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def written(data: bytes) -> Written:
    return Written.of(data, only(data))


# times


@pytest.mark.parametrize(
    ("start", "zone", "moment"),
    [
        ({"dateTime": "2026-12-01T09:00:00+01:00", "timeZone": "Europe/Paris"}, "Europe/Paris", at(1, 9)),
        ({"dateTime": "2026-12-01T03:00:00-05:00", "timeZone": "Europe/Paris"}, "Europe/Paris", at(1, 9)),
        ({"dateTime": "2026-12-01T08:00:00Z"}, "Europe/Paris", at(1, 9)),
        (
            {"dateTime": "2026-12-01T09:00:00", "timeZone": "W. Europe Standard Time"},
            "Europe/Berlin",
            at(1, 9),
        ),
        ({"dateTime": "2026-12-01T08:00:00Z", "timeZone": "UTC"}, "UTC", at(1, 9)),
        ({"dateTime": "2026-12-01T09:00:00+01:00", "timeZone": "Nowhere/Land"}, "UTC", at(1, 9)),
    ],
    ids=["its zone", "told in another", "the calendar's", "a Windows name", "UTC", "unknown, one moment"],
)
def test_a_time_is_in_its_zone(start: dict[str, str], zone: str, moment: datetime) -> None:
    found = item({"summary": "It", "start": start, "end": start})

    assert (found.start, found.data["zone"]) == (moment, zone)


def test_a_series_in_an_unknown_zone_is_no_guess() -> None:
    when = {"dateTime": "2026-12-01T09:00:00+01:00", "timeZone": "Nowhere/Land"}

    with pytest.raises(ValueError, match="Nowhere/Land"):
        item({"start": when, "end": when, "recurrence": ["RRULE:FREQ=DAILY"]})


def test_whole_days_in_a_row() -> None:
    found = item({"summary": "Fair", "start": {"date": "2026-12-05"}, "end": {"date": "2026-12-08"}})

    (when,) = occurrences(found, start=at(1, 0), end=at(31, 0), zone="Europe/Paris")
    assert (when.all_day, when.start, when.end) == (True, at(5, 0), at(8, 0))


def test_a_series_keeps_its_hour_when_the_clocks_change() -> None:
    start = {"dateTime": "2026-10-22T09:00:00+02:00", "timeZone": "Europe/Paris"}
    end = {"dateTime": "2026-10-22T10:00:00+02:00", "timeZone": "Europe/Paris"}
    found = item({"start": start, "end": end, "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]})

    when = occurrences(found, start=at(1, 0, month=10), end=at(1, 0), zone="UTC")
    assert [o.start.astimezone(PARIS).hour for o in when] == [9, 9]


def test_a_series_of_whole_days_without_one() -> None:
    found = item({
        "start": {"date": "2026-12-05"}, "end": {"date": "2026-12-06"},
        "recurrence": ["EXDATE;VALUE=DATE:20261206", "RRULE:FREQ=DAILY;COUNT=3", "RDATE;VALUE=DATE:20261220"],
    })  # fmt: skip

    when = occurrences(found, start=at(1, 0), end=at(31, 0), zone="Europe/Paris")
    assert [o.start.day for o in when] == [5, 7, 20]


@pytest.mark.parametrize(
    "line",
    [
        "DTSTART:20200101T000000Z",
        "X-EVIL:1",
        "RRULE",
        "",
        "RRULE:FREQ=DAILY\r\nATTENDEE:mailto:x@example.org",
    ],
)
def test_a_recurrence_holds_no_other_lines(line: str) -> None:
    data = text(event("It", recurrence=[line]))

    assert b"X-EVIL" not in data
    assert b"\nATTENDEE" not in data
    assert data.count(b"\nDTSTART;TZID") == 1


@pytest.mark.parametrize(
    "start", [{}, {"date": "soon"}, {"dateTime": "soon"}, {"dateTime": "0001-01-01T00:00:00Z"}]
)
def test_an_event_without_a_readable_time_says_so(start: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="no start"):
        item({"start": start, "end": start})


# people


def test_who_is_in_it() -> None:
    found = item(event("It", organizer={"email": ME, "self": True}, attendees=[
        {"email": ME, "self": True, "organizer": True, "responseStatus": "accepted"},
        {"email": "Bo@Example.org", "displayName": "Test, Bo", "responseStatus": "declined",
         "comment": "Ill; sorry"},
        {"email": "r@resource.calendar.google.com", "displayName": "Room 2", "resource": True},
        {"displayName": "Somebody"},
    ]))  # fmt: skip

    assert [(p.role, p.address, p.name, p.status) for p in found.people] == [
        ("organizer", ME, "", ""), ("attendee", ME, "", "accepted"), ("attendee", BO, "Test, Bo", "declined"),
        ("resource", "r@resource.calendar.google.com", "Room 2", "needs-action"),
        ("attendee", "", "Somebody", "needs-action"),
    ]  # fmt: skip
    assert found.data["comments"] == {BO: "Ill; sorry"}


def test_who_is_oneself_has_the_address_one_uses() -> None:
    alias = "ana.test@example.org"
    found = item(
        event(
            "It",
            organizer={"email": ME, "self": True},
            attendees=[{"email": ME, "self": True}, {"email": BO}],
        ),
        me=alias,
    )

    assert [p.address for p in found.people] == [alias, alias, BO]
    assert found.label.trust == "user"
    theirs = event("It", organizer={"email": BO}, attendees=[{"email": ME, "self": True}])
    assert [p.address for p in item(theirs, me=alias).people] == [BO, alias]
    assert [p.address for p in item(theirs, me=alias, own=False).people] == [BO, ME]
    both = event("It", organizer={"email": BO}, attendees=[{"email": ME, "self": True}, {"email": alias}])
    assert [p.address for p in item(both, me=alias).people] == [BO, ME, alias]


def test_an_event_of_ones_own_alone_has_no_organizer() -> None:
    assert item(event("It", organizer={"email": ME, "self": True})).people == ()
    assert item(event("It", organizer={"email": BO})).people[0].role == "organizer"


# there and back

SOME = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from('\n\t;,:\\"^'), max_size=40)
TEXTS = st.none() | SOME.map(lambda t: t.strip()).filter(bool)
WHEN = st.integers(0, 5_000_000).map(lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n))
GUESTS = (
    {"email": BO, "displayName": "Test, Bo"},
    {"email": "cy@example.org", "optional": True},
    {"email": "d@a.example"},
)
"""Each always the same: what Google knows of somebody who is invited is not written over."""
PEOPLE = st.lists(
    st.builds(
        lambda who, said: {**who, "responseStatus": said},
        st.sampled_from(GUESTS),
        st.sampled_from(["needsAction", "accepted", "declined", "tentative"]),
    ),
    max_size=3,
    unique_by=lambda p: p["email"],
)


@st.composite
def google_events(draw: st.DrawFn) -> dict[str, Any]:
    """An event of one's own, as Google has it."""
    start, hours = draw(WHEN), draw(st.integers(1, 40))
    zone = draw(st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Kolkata", "UTC"]))
    made: dict[str, Any] = {"organizer": {"email": ME, "self": True}, "sequence": 0, "status": "confirmed"}
    if draw(st.booleans()):
        made |= {
            "start": {"date": f"{start:%Y-%m-%d}"},
            "end": {"date": f"{start + timedelta(days=hours):%Y-%m-%d}"},
        }
    else:
        begins = start.astimezone(ZoneInfo(zone))
        ends = (start + timedelta(hours=hours)).astimezone(ZoneInfo(zone))
        made |= {
            "start": {"dateTime": begins.isoformat(), "timeZone": zone},
            "end": {"dateTime": ends.isoformat(), "timeZone": zone},
        }
    for name in ("summary", "description", "location"):
        if (said := draw(TEXTS)) is not None:
            made[name] = said
    if guests := draw(PEOPLE):
        made["attendees"] = guests
    made["status"] = draw(st.sampled_from(["confirmed", "tentative"]))
    made["transparency"] = draw(st.sampled_from(["opaque", "transparent"]))
    made["visibility"] = draw(st.sampled_from(["default", "private", "public", "confidential"]))
    if draw(st.booleans()):
        made["recurrence"] = [draw(st.sampled_from(["RRULE:FREQ=WEEKLY", "RRULE:FREQ=DAILY;COUNT=3"]))]
    return made


def patched(event_: dict[str, Any], fields: Any) -> dict[str, Any]:
    """An event after PATCH (RFC 7396)."""
    made = dict(event_)
    for name, value in fields.items():
        if value is None:
            made.pop(name, None)
        elif isinstance(value, dict):
            made[name] = patched(made.get(name) or {}, value)
        else:
            made[name] = value
    return made


@settings(deadline=None)
@given(google_events(), google_events())
def test_what_is_sent_makes_of_one_event_the_other(one: dict[str, Any], other: dict[str, Any]) -> None:
    before, after = text(one), text(other)
    stored = {"id": "event1", "etag": '"1"', **one}

    steps = changes(written(before), written(after), [stored], ME)

    assert len(steps) <= 1
    fields = steps[0].fields if steps else {}
    assert only(text(patched(stored, fields))).version == only(after).version


@settings(deadline=None)
@given(google_events())
def test_what_is_the_same_asks_for_nothing(one: dict[str, Any]) -> None:
    data = text(one)

    assert changes(written(data), written(data), [{"id": "event1", **one}], ME) == []


@settings(deadline=None)
@given(google_events())
def test_a_new_event_says_all_of_it(one: dict[str, Any]) -> None:
    data = text(one)
    lines = written(data).master
    assert lines is not None

    body = whole(lines, written(data).zones, ME)

    assert only(text({"organizer": one["organizer"], **body})).version == only(data).version


@settings(deadline=None)
@given(google_events())
def test_whatever_is_said_stays_where_it_is_said(one: dict[str, Any]) -> None:
    found = item(one)

    assert found.title == (one.get("summary") or "").strip()
    assert len(only(text(one)).parts) == 1
    assert {p.address for p in found.people if p.role == "attendee"} == {
        a["email"] for a in one.get("attendees", ())
    }


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.lists(st.none() | st.text(max_size=3), max_size=2),
    st.dictionaries(
        st.sampled_from(["email", "dateTime", "date", "private", "self"]),
        st.integers() | st.none(),
        max_size=2,
    ),
)
NAMES = (
    "summary", "start", "end", "attendees", "organizer", "creator", "recurrence", "extendedProperties",
    "status", "visibility", "eventType", "conferenceData", "attachments", "updated", "created", "sequence",
    "iCalUID", "originalStartTime", "recurringEventId", "transparency", "htmlLink", "hangoutLink",
)  # fmt: skip


@settings(deadline=None)
@given(google_events(), st.dictionaries(st.sampled_from(NAMES), JUNK, min_size=1, max_size=4))
def test_an_event_that_is_spoilt_spoils_no_other(one: dict[str, Any], junk: dict[str, Any]) -> None:
    """It is read, or says in a sentence why not."""
    made = shaped({"id": "event1", **one, **junk})

    data = calendar_of(
        [made], uid_of([made], "event1"), me=ME, own=True, zone="Europe/Paris", program=PROGRAM
    )

    it = only(data)
    with suppress(ValueError):  # a sentence
        item_of(
            data, it, Zones(data, it.calendar), ref=ItemRef("cal", "event", "e"), folder="", link="", me=ME,
            mtime=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
