"""What a pass over a Google account reads: the rows of its contract, series, calendars, whose words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from contracts import current, pass_over
from fakes import proxy
from fakes.google_calendar import ME
from gcal_givens import account, at, event, items, time
from google_givens import Google

from deskhand.connectors.errors import Misconfigured, Unauthorized
from deskhand.connectors.gcalendar import GCalendar
from deskhand.connectors.model import Change, Cursor, Failed, Item, Removed
from deskhand.connectors.occurrences import Occurrence, away, occurrences, takes_time

WORK = "work@group.calendar.google.com"
COLLEAGUE = "bo@example.org"


@pytest.fixture
def cal(calendars: Google, tmp_path: Path) -> GCalendar:
    return account(calendars, tmp_path / "state")


def names(changes: Sequence[Change]) -> list[str]:
    """What happened, in words: "+ Title", "- id", "! reason"."""
    made = []
    for change in changes:
        if isinstance(change, Item):
            made.append(f"+ {change.title}")
        elif isinstance(change, Removed):
            made.append(f"- {change.ref.native}")
        elif isinstance(change, Failed):
            made.append(f"! {change.reason}")
    return sorted(made)


def queries(google: Google, part: str = "/events?") -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(path).query) for _, path in google.front.seen if part in path]


def days(item: Item) -> list[Occurrence]:
    """When it happens in December."""
    return occurrences(item, start=at(1, 0), end=at(31, 23), zone="Europe/Paris")


# the rows of the contract


def test_events_list_with_a_sync_token(calendars: Google, cal: GCalendar) -> None:
    world = calendars.world
    for n in range(3):
        world.put(event(f"Event {n}", n + 1, id=f"event{n}"))
    _, cursor = pass_over(cal)
    world.change("event1", summary="Changed")
    world.take("event2")
    world.put(event("New", 9, id="newone"))
    calendars.front.seen.clear()

    changes, cursor = pass_over(cal, cursor)

    assert names(changes) == ["+ Changed", "+ New", "- event2@google.com"]
    assert [sorted(q) for q in queries(calendars)] == [["alt", "maxResults", "syncToken"]]
    assert pass_over(cal, cursor)[0] == []


def test_410_full_sync_required_lists_all_and_compares(calendars: Google, cal: GCalendar) -> None:
    world = calendars.world
    for n in range(3):
        world.put(event(f"Event {n}", n + 1, id=f"event{n}"))
    _, cursor = pass_over(cal)
    world.take("event0")
    world.change("event1", summary="Changed")
    world.expired = 10**6

    changes, cursor = pass_over(cal, cursor)

    assert names(changes) == ["+ Changed", "- event0@google.com"]
    world.expired = -1
    assert pass_over(cal, cursor)[0] == []


def test_a_full_sync_that_is_cut_off_removes_nothing(calendars: Google, cal: GCalendar) -> None:
    world = calendars.world
    for n in range(6):
        world.put(event(f"Event {n}", n + 1, id=f"event{n}"))
    _, cursor = pass_over(cal)
    world.take("event0")
    world.expired, world.page = 10**6, 2
    calendars.front.always["GET /events?maxResults=1000&pageToken=4"] = _broken

    with pytest.raises(Exception, match="Google Calendar"):
        pass_over(cal, cursor)
    calendars.front.always.clear()

    assert names(pass_over(cal, cursor)[0]) == ["- event0@google.com"]


def _broken(request: Any) -> None:
    request.say(500)


def test_the_token_is_of_the_last_page_alone(calendars: Google, cal: GCalendar) -> None:
    world = calendars.world
    world.page = 2
    for n in range(5):
        world.put(event(f"Event {n}", n + 1, id=f"event{n}"))

    changes, cursor = pass_over(cal)

    assert len(names(changes)) == 5
    assert '"s5"' in cursor.value
    assert [q.get("pageToken") for q in queries(calendars)] == [None, ["2"], ["4"]]


def test_with_a_token_nothing_is_asked_that_may_not_be_combined_with_it(
    calendars: Google, cal: GCalendar
) -> None:
    calendars.world.put(event("Event", 1))
    _, cursor = pass_over(cal)
    calendars.front.seen.clear()
    pass_over(cal, cursor)

    for query in queries(calendars):
        assert not query.keys() & {"timeMin", "timeMax", "q", "orderBy", "iCalUID", "updatedMin"}


def test_empty_pages_happen(calendars: Google, cal: GCalendar) -> None:
    calendars.world.page, calendars.world.gaps = 1, True
    for n in range(3):
        calendars.world.put(event(f"Event {n}", n + 1))

    assert len(names(pass_over(cal)[0])) == 3


def test_recurring_masters_and_exceptions_are_one_item(calendars: Google, cal: GCalendar) -> None:
    world = calendars.world
    world.put(event("Standup", 7, recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=4"], id="standup"))
    world.change("standup_20261214T080000Z", summary="Later", start=time(14, 11), end=time(14, 12))
    world.take("standup_20261221T080000Z")

    (item,) = items(cal).values()

    assert [(o.title, o.start) for o in days(item)] == [
        ("Standup", at(7, 9)), ("Later", at(14, 11)), ("Standup", at(28, 9)),
    ]  # fmt: skip


def test_an_exception_that_changes_brings_its_series(calendars: Google, cal: GCalendar) -> None:
    world = calendars.world
    world.put(event("Standup", 7, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], id="standup"))
    world.change("standup_20261214T080000Z", summary="Later")
    _, cursor = pass_over(cal)
    world.take("standup_20261221T080000Z")

    (item,) = [c for c in pass_over(cal, cursor)[0] if isinstance(c, Item)]

    assert [(o.title, o.start.day) for o in days(item)] == [("Standup", 7), ("Later", 14), ("Standup", 28)]


@pytest.mark.parametrize(("changed", "asked"), [(3, 4), (60, 2)])
def test_many_series_are_not_asked_for_one_by_one(
    calendars: Google, cal: GCalendar, changed: int, asked: int
) -> None:
    for n in range(60):
        calendars.world.put(
            event(f"S{n}", n % 28 + 1, recurrence=["RRULE:FREQ=DAILY;COUNT=2"], id=f"series{n}")
        )
    _, cursor = pass_over(cal)
    for n in range(changed):
        calendars.world.change(f"series{n}", summary=f"New {n}")
    calendars.front.seen.clear()

    changes, cursor = pass_over(cal, cursor)

    assert len(changes) == changed
    assert len(queries(calendars)) == asked
    assert pass_over(cal, cursor)[0] == []


def test_cancelled_is_removed(calendars: Google, cal: GCalendar) -> None:
    world = calendars.world
    world.put(event("Standup", 7, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], id="standup"))
    world.change("standup_20261214T080000Z", summary="Later")
    _, cursor = pass_over(cal)
    world.take("standup")

    assert names(pass_over(cal, cursor)[0]) == ["- standup@google.com"]


def test_a_cancelled_occurrence_of_a_meeting_is_shown_as_cancelled(calendars: Google, cal: GCalendar) -> None:
    guests = [{"email": "bo@example.org", "responseStatus": "accepted"}]
    world = calendars.world
    world.put(event("Sync", 7, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"], id="sync1", attendees=guests))
    world.take("sync1_20261214T080000Z")

    (item,) = items(cal).values()

    assert [(o.start.day, o.status) for o in days(item)] == [(7, "confirmed"), (14, "cancelled")]


def test_one_occurrence_to_which_one_alone_is_invited(calendars: Google, cal: GCalendar) -> None:
    theirs = {"organizer": {"email": COLLEAGUE}, "creator": {"email": COLLEAGUE}}
    calendars.world.put(
        event("Board", 8, id="board_20261208T080000Z", recurringEventId="board", iCalUID="board@google.com",
              originalStartTime=time(8, 9), attendees=[{"email": ME, "self": True}], **theirs)
    )  # fmt: skip

    (item,) = items(cal).values()

    assert item.ref.native == "board@google.com"
    assert [o.start for o in days(item)] == [at(8, 9)]


# pages, cursors


def test_a_first_pass_goes_on_where_it_was_broken_off(calendars: Google, cal: GCalendar) -> None:
    for n in range(250):
        calendars.world.put(event(f"Event {n}", n % 28 + 1))
    whole = list(cal.changes(None))
    cursors = [n for n, c in enumerate(whole) if isinstance(c, Cursor)]
    assert len(cursors) == 3
    (middle,) = [whole[n] for n in cursors[:1]]
    assert isinstance(middle, Cursor)

    rest, _ = pass_over(cal, middle)

    assert len(rest) == 150
    assert current([*whole[: cursors[0]], *rest]) == current(whole)


def test_an_event_twice_in_the_pages_is_one(calendars: Google, cal: GCalendar) -> None:
    calendars.world.put(event("Event", 1, id="event1"))
    calendars.front.faults.append(("GET /events?", _twice))

    assert names(pass_over(cal)[0]) == ["+ Event"]


def _twice(request: Any) -> None:
    status, headers, data = request.forward()
    page = json.loads(data)
    page["items"] += page["items"]
    request.say(status, headers, json.dumps(page).encode())


def test_an_event_that_is_spoilt_is_told_and_the_others_are_read(calendars: Google, cal: GCalendar) -> None:
    calendars.world.put(event("Good", 1))
    calendars.world.put(event("Spoilt", 2, id="spoilt", recurrence=["RRULE:FREQ=NEVER"]))
    calendars.front.faults.append(("GET /events?", _spoilt))

    changes, _ = pass_over(cal)

    assert [c.title for c in changes if isinstance(c, Item)] == ["Good"]
    failed = {c.ref.native: c.reason for c in changes if isinstance(c, Failed)}
    assert failed.keys() == {"spoilt@google.com", "worse@google.com"}
    assert all(failed.values())


def _spoilt(request: Any) -> None:
    status, headers, data = request.forward()
    page = json.loads(data)
    page["items"] += [
        None,
        {},
        {"id": "worse", "start": [], "eventType": [], "organizer": "x", "attendees": [1]},
    ]
    request.say(status, headers, json.dumps(page).encode())


# calendars


def test_all_that_are_ticked_are_read(calendars: Google, cal: GCalendar) -> None:
    world = calendars.world
    world.calendar(WORK, "Work")
    world.calendar("old@group.calendar.google.com", "Old", selected=False)
    world.put(event("Mine"))
    world.put(event("At work"), WORK)
    world.put(event("Long ago"), "old@group.calendar.google.com")

    assert {i.title: i.folder for i in items(cal).values()} == {"Mine": ME, "At work": "Work"}


def test_those_that_are_named_are_read_and_the_first_is_written(calendars: Google, tmp_path: Path) -> None:
    world = calendars.world
    world.calendar(WORK, "Work")
    world.calendar("old@group.calendar.google.com", "Old", selected=False)
    world.put(event("Mine"))
    world.put(event("At work"), WORK)
    world.put(event("Long ago"), "old@group.calendar.google.com")
    cal = account(calendars, tmp_path / "named", calendars=f"Old, {WORK}")

    assert set(items(cal)) == {"At work", "Long ago"}


def test_a_calendar_that_is_renamed_stays_chosen(calendars: Google, tmp_path: Path) -> None:
    work = calendars.world.calendar(WORK, "Work")
    calendars.world.put(event("At work"), WORK)
    cal = account(calendars, tmp_path / "named", calendars="Work")
    _, cursor = pass_over(cal)
    work.title = "Arbeit"

    assert [i.folder for i in items(cal).values()] == ["Arbeit"]
    assert pass_over(cal, cursor)[0] == []


def test_a_name_that_no_calendar_has(calendars: Google, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no calendar called 'Wrok'"):
        account(calendars, tmp_path / "named", calendars="Wrok").check()


def test_a_calendar_that_is_gone_takes_its_events_with_it(calendars: Google, cal: GCalendar) -> None:
    calendars.world.calendar(WORK, "Work")
    calendars.world.put(event("At work", id="atwork"), WORK)
    _, cursor = pass_over(cal)
    del calendars.world.calendars[WORK]

    assert names(pass_over(cal, cursor)[0]) == ["- atwork@google.com"]


def test_a_calendar_that_cannot_be_read_keeps_nobody_from_the_others(
    calendars: Google, cal: GCalendar
) -> None:
    world = calendars.world
    world.calendar(WORK, "Work")
    world.put(event("At work", id="atwork"), WORK)
    _, cursor = pass_over(cal)
    world.put(event("Mine"))
    world.fails[f"/calendar/v3/calendars/{quote(WORK)}/events"] = 404

    changes, cursor = pass_over(cal, cursor)

    assert names(changes)[0].startswith("! Work cannot be read: ")
    assert names(changes)[1:] == ["+ Mine"]
    assert pass_over(cal, cursor)[0] == []
    world.fails.clear()
    assert names(pass_over(cal, cursor)[0]) == [f"- {WORK}"]


# what changed in all calendars is one request


BATCH = "POST /batch/calendar/v3"


def many(google: Google, count: int = 12) -> list[str]:
    """Calendars with an event each; the paths of their lists."""
    paths = []
    for n in range(count):
        id_ = f"group{n}@group.calendar.google.com"
        google.world.calendar(id_, f"Group {n}")
        google.world.put(event(f"Event {n}", id=f"event{n:03d}"), id_)
        paths.append(f"/calendar/v3/calendars/{quote(id_)}/events")
    return paths


def asked(google: Google) -> list[str]:
    """Method and path of what was asked, and it is forgotten."""
    seen = [f"{method} {path.partition('?')[0]}" for method, path in google.front.seen]
    google.front.seen.clear()
    return seen


def test_a_sync_without_changes_is_three_requests_however_many_calendars(
    calendars: Google, cal: GCalendar
) -> None:
    """Fifty are asked for by each batch."""
    many(calendars, 60)
    changes, cursor = pass_over(cal)
    assert len(changes) == 60
    asked(calendars)
    assert pass_over(cal, cursor) == ([], cursor)
    assert asked(calendars) == ["GET /calendar/v3/users/me/calendarList", BATCH, BATCH]


def test_each_answer_of_a_batch_is_judged_alone(calendars: Google, cal: GCalendar) -> None:
    """One failed in passing and is asked for again, one is refused, one begins anew, the others are read."""
    paths = many(calendars, 4)
    world = calendars.world
    _, cursor = pass_over(cal)
    for n in range(4):
        world.put(event(f"New {n}", 2, id=f"newone{n}"), f"group{n}@group.calendar.google.com")
    world.fails_once = {paths[0]: 503, paths[2]: 410}
    world.fails = {paths[1]: 404}
    asked(calendars)

    changes, cursor = pass_over(cal, cursor)

    said = names(changes)
    assert said[0].startswith("! Group 1 cannot be read: ")
    assert said[1:] == ["+ New 0", "+ New 2", "+ New 3"]
    assert asked(calendars) == [
        "GET /calendar/v3/users/me/calendarList", BATCH, f"GET {paths[0]}", f"GET {paths[2]}",
    ]  # fmt: skip
    world.fails.clear()
    assert "+ New 1" in names(pass_over(cal, cursor)[0])


@pytest.mark.parametrize(
    "fault",
    [
        proxy.says(404, b"Not Found"), proxy.says(503, b"{}"), proxy.says(200, b"<html>Welcome.</html>"),
        proxy.says(200, b"--x\r\n\r\nNo.\r\n--x--", Content_Type="multipart/mixed; boundary=x"),
        proxy.cut, proxy.torn,
    ],
    ids=["not there", "busy", "a web page", "parts of something", "cut off", "torn"],
)  # fmt: skip
def test_without_a_batch_they_are_asked_for_one_by_one(
    calendars: Google, cal: GCalendar, fault: proxy.Does
) -> None:
    paths = many(calendars, 3)
    _, cursor = pass_over(cal)
    calendars.world.put(event("New", 2, id="newone"), "group1@group.calendar.google.com")
    calendars.front.always["POST /batch"] = fault
    asked(calendars)
    changes, cursor = pass_over(cal, cursor)
    assert names(changes) == ["+ New"]
    assert {f"GET {path}" for path in paths} < set(asked(calendars))


def test_a_batch_that_leaves_one_out_is_no_empty_list(calendars: Google, cal: GCalendar) -> None:
    paths = many(calendars, 3)
    _, cursor = pass_over(cal)
    calendars.world.put(event("New", 2, id="newone"), "group1@group.calendar.google.com")
    calendars.world.lost = {paths[1]}
    assert names(pass_over(cal, cursor)[0]) == ["+ New"]


def test_an_account_that_takes_no_batch_is_not_asked_for_one_again(calendars: Google, cal: GCalendar) -> None:
    many(calendars, 3)
    calendars.front.always["POST /batch"] = proxy.says(404, b"Not Found")
    _, cursor = pass_over(cal)
    for expected in (1, 0):
        asked(calendars)
        pass_over(cal, cursor)
        assert asked(calendars).count(BATCH) == expected


def test_one_uid_in_two_calendars_is_two_items(calendars: Google, cal: GCalendar) -> None:
    calendars.world.calendar(WORK, "Work")
    for where in (ME, WORK):
        calendars.world.put(event("Both", id=f"b{len(where)}", iCalUID="both@example.org"), where)
    changes, cursor = pass_over(cal)
    refs = sorted(c.ref.native for c in changes if isinstance(c, Item))

    assert refs == ["both@example.org", f"both@example.org@{WORK}"]
    for change in changes:
        assert isinstance(change, Item)
        assert cal.read(change.ref) == change
    calendars.world.take(f"b{len(ME)}")
    changed, _ = pass_over(cal, cursor)
    assert [c.ref.native for c in changed if isinstance(c, Removed)] == [f"both@example.org@{WORK}"]


# whose words, whose time


@pytest.mark.parametrize(
    "given",
    [
        {"organizer": {"email": COLLEAGUE}, "attendees": [{"email": ME, "self": True}]},
        {"creator": {"email": COLLEAGUE}},
        {"eventType": "fromGmail"},
        {"guestsCanModify": True, "attendees": [{"email": COLLEAGUE}]},
    ],
    ids=["invited", "written by another", "out of a mail", "guests may change it"],
)
def test_what_others_can_have_written_is_untrusted(
    calendars: Google, cal: GCalendar, given: dict[str, Any]
) -> None:
    calendars.world.put(event("Theirs", **given))
    calendars.world.put(event("Own"))

    found = items(cal)
    assert {t: i.label.trust for t, i in found.items()} == {"Theirs": "untrusted", "Own": "user"}


@pytest.mark.parametrize(("id_", "role", "owner"), [
    (COLLEAGUE, "reader", COLLEAGUE), (COLLEAGUE, "owner", COLLEAGUE),
    ("c_1@group.calendar.google.com", "writer", None),
    ("en#holiday@group.v.calendar.google.com", "reader", None),
])  # fmt: skip
def test_calendars_of_others(
    calendars: Google, cal: GCalendar, id_: str, role: str, owner: str | None
) -> None:
    calendars.world.calendar(id_, "Theirs", role)
    them = {"email": id_, "self": True}
    calendars.world.put(event("Theirs", organizer=them, creator=them), id_)

    item = items(cal)["Theirs"]

    assert item.label.trust == "untrusted"
    assert item.data.get("owner") == owner


def test_a_further_calendar_of_ones_own_is_ones_own(calendars: Google, cal: GCalendar) -> None:
    calendars.world.calendar(WORK, "Work", more={"dataOwner": ME})
    it = {"email": WORK, "displayName": "Work", "self": True}
    calendars.world.put(event("Plan", organizer=it, attendees=[{"email": COLLEAGUE}]), WORK)

    item = items(cal)["Plan"]

    assert item.label.trust == "user"
    assert [p.address for p in item.people] == [ME, COLLEAGUE]


def test_a_calendar_that_only_tells_when_its_owner_is_taken_is_not_read(
    calendars: Google, cal: GCalendar
) -> None:
    calendars.world.calendar(COLLEAGUE, "Bo", "freeBusyReader")
    calendars.world.put(event("Mine"))

    assert set(items(cal)) == {"Mine"}


@pytest.mark.parametrize(
    ("given", "taken", "gone"),
    [
        ({}, True, False),
        ({"eventType": "outOfOffice"}, True, True),
        ({"eventType": "focusTime"}, True, False),
        ({"eventType": "workingLocation", "visibility": "public"}, False, False),
        ({"eventType": "birthday"}, False, False),
        ({"transparency": "transparent"}, False, False),
        ({"visibility": "private"}, True, False),
        ({"status": "tentative"}, True, False),
    ],
    ids=["plain", "away", "focus", "working location", "birthday", "free", "private", "tentative"],
)
def test_what_takes_time(
    calendars: Google, cal: GCalendar, given: dict[str, Any], taken: bool, gone: bool
) -> None:
    calendars.world.put(event("Something", **given))

    (when,) = days(items(cal)["Something"])

    assert takes_time(when, me=frozenset({ME})) is taken
    assert away(when) is gone
    assert when.private is (given.get("visibility") == "private")


def test_a_meeting_that_was_declined_takes_no_time(calendars: Google, cal: GCalendar) -> None:
    guests = [{"email": ME, "self": True, "responseStatus": "declined"}, {"email": COLLEAGUE}]
    calendars.world.put(event("No", organizer={"email": COLLEAGUE}, attendees=guests))

    (when,) = days(items(cal)["No"])
    assert not takes_time(when, me=frozenset({ME}))


# signing in


def test_without_the_switch_nothing_is_written(calendars: Google, tmp_path: Path) -> None:
    assert account(calendars, tmp_path / "r", write=False).operations == ()


def test_a_switch_that_was_not_allowed_is_told(calendars: Google, tmp_path: Path) -> None:
    from gcal_givens import signed_in

    from deskhand.connectors.gcalendar import opened_with

    cal = opened_with(
        None, source="cal", state=tmp_path / "r", place=ME, write=True,
        token=signed_in("refresh-token", ME, write=False),
    )  # fmt: skip
    assert cal.operations == ()
    with pytest.raises(Unauthorized, match="deskhand signin cal"):
        cal.check()
    cal.close()


def test_an_account_of_read_calendars_offers_no_writes(calendars: Google, cal: GCalendar) -> None:
    calendars.world.calendars[ME].role = "reader"
    cal.check()

    assert cal.operations == ()


def test_opening_asks_nobody(calendars: Google, tmp_path: Path) -> None:
    made = account(calendars, tmp_path / "s")

    assert made.operations
    assert calendars.front.seen == []


def test_who_is_asked_about(calendars: Google, cal: GCalendar) -> None:
    world = calendars.world
    start = datetime(2026, 12, 1, tzinfo=UTC)
    taken = (start + timedelta(hours=8), start + timedelta(hours=9))
    far = (start + timedelta(days=100), start + timedelta(days=101))
    world.busy |= {"bo@example.org": [taken, far], "cy@example.org": []}

    asked = ["BO@example.org", "cy@example.org", "gone@example.com", ME]
    told = cal.free_busy(asked, start=start, end=start + timedelta(days=120))

    assert [(b.start, b.end) for b in told["bo@example.org"].busy] == [taken, far]
    assert (told["cy@example.org"].busy, told["cy@example.org"].error) == ((), "")
    assert "notFound" in told["gone@example.com"].error
    assert ME not in told
    assert len(queries(calendars, "/freeBusy")) == 2


def test_who_is_not_answered_for_is_unknown(calendars: Google, cal: GCalendar) -> None:
    calendars.front.always["POST /freeBusy"] = lambda r: r.say(200, (), b'{"calendars": {}}')

    told = cal.free_busy(["bo@example.org"], start=at(1, 9), end=at(2, 9))

    assert told["bo@example.org"].error


def test_many_people_are_asked_about_in_groups(calendars: Google, cal: GCalendar) -> None:
    people = [f"p{n}@example.org" for n in range(120)]
    calendars.world.busy |= {p: [] for p in people}

    told = cal.free_busy(people, start=at(1, 9), end=at(2, 9))

    assert len(told) == 120
    assert not any(t.error for t in told.values())
    assert len(queries(calendars, "/freeBusy")) == 3
