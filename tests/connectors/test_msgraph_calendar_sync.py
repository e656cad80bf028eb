"""What a pass over a Microsoft account's calendars reads: the rows of its contract, series, whose words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from contracts import NOW, pass_over
from fakes.graph.events import Meeting, foreign
from fakes.graph.world import Refused
from fakes.proxy import Request, rewritten, says
from graph_givens import Microsoft
from msgcal_givens import at, calendars, event, filled, items, made, program, time, weekly

from deskhand.connectors.errors import Misconfigured, SourceError, Transient, Unauthorized
from deskhand.connectors.model import Change, Cursor, Failed, Item, Removed
from deskhand.connectors.msgraph_calendar import MsgraphCalendar
from deskhand.connectors.occurrences import occurrences, takes_time

BO = "bo@example.org"


@pytest.fixture
def cal(microsoft: Microsoft, tmp_path: Path) -> MsgraphCalendar:
    return calendars(microsoft, tmp_path / "state")


def names(changes: Sequence[Change]) -> list[str]:
    """What happened, in words: "+ Title", "-", "! reason"."""
    made_ = []
    for change in changes:
        if isinstance(change, Item):
            made_.append(f"+ {change.title}")
        elif isinstance(change, Removed):
            made_.append("-")
        elif isinstance(change, Failed):
            made_.append(f"! {change.reason}")
    return sorted(made_)


def meeting(microsoft: Microsoft, title: str, who: str = "ana") -> Meeting:
    (found,) = [
        m for m in microsoft.world.people[who].diary.meetings.values() if m.fields["subject"] == title
    ]
    return found


def three(microsoft: Microsoft) -> list[str]:
    """Three events; their ids."""
    return [str(made(microsoft, event(f"Event {n}", n + 1))["id"]) for n in range(3)]


def asked(microsoft: Microsoft, part: str) -> list[str]:
    """Requests that were judged, those in batches too, with this in their path."""
    return [f"{method} {path}" for method, path in microsoft.world.calls if part in path]


# the rows of the contract


def test_delta_links(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    _, second, third = three(microsoft)
    _, cursor = pass_over(cal)
    ana = program(microsoft)
    assert ana("PATCH", f"/me/events/{second}", {"subject": "Changed"}).status == 200
    assert ana("DELETE", f"/me/events/{third}").status == 204
    made(microsoft, event("New", 9))
    microsoft.world.calls.clear()

    changes, cursor = pass_over(cal, cursor)

    assert names(changes) == ["+ Changed", "+ New", "-"]
    assert len(asked(microsoft, "calendarView/delta()?$deltatoken=")) == 1
    assert len(asked(microsoft, "/events/")) == 3, "what changed, and nothing else"
    assert pass_over(cal, cursor)[0] == []


@pytest.mark.parametrize("way", ["empty_pages", "duplicates", "restless"])
def test_pages_may_be_empty_and_come_twice(microsoft: Microsoft, cal: MsgraphCalendar, way: str) -> None:
    filled(microsoft)
    expected = names(pass_over(cal)[0])
    setattr(microsoft.world, way, True)
    microsoft.world.largest = 3
    changes, cursor = pass_over(cal)
    assert names(changes) == expected
    changes, again = pass_over(cal, cursor)
    assert (changes, again.value) == ([], cursor.value)
    made(microsoft, event("New", 9))
    assert names(pass_over(cal, cursor)[0]) == ["+ New"]


@pytest.mark.parametrize("status", [410, 400])
def test_410_or_400_sync_state_not_found_lists_all_and_compares(
    microsoft: Microsoft, cal: MsgraphCalendar, status: int
) -> None:
    first, second, _ = three(microsoft)
    _, cursor = pass_over(cal)
    ana = program(microsoft)
    assert ana("DELETE", f"/me/events/{first}").status == 204
    assert ana("PATCH", f"/me/events/{second}", {"subject": "Changed"}).status == 200
    microsoft.world.forget()
    microsoft.world.lost_as = status
    microsoft.world.calls.clear()

    changes, cursor = pass_over(cal, cursor)

    assert names(changes) == ["+ Changed", "-"]
    assert len(asked(microsoft, "/events/")) == 2, "what stayed as it was is not fetched again"
    assert pass_over(cal, cursor)[0] == []


def test_calendar_view_delta_is_bound_to_a_window_which_is_rolled(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    """Two years on: nothing is lost at its edges, and nothing told twice."""
    endless = weekly(type="noEnd")
    made(microsoft, event("Standup", 7, recurrence=endless))
    made(microsoft, event("Old", 1))
    hours = {"start": "09", "end": "10"}
    far = {n: {"dateTime": f"2029-03-01T{h}:00:00", "timeZone": "UTC"} for n, h in hours.items()}
    made(microsoft, {"subject": "Far", **far})
    changes, cursor = pass_over(cal)
    assert names(changes) == ["+ Old", "+ Standup"]
    told: list[str] = []
    for _ in range(9):
        microsoft.world.now += timedelta(days=85)
        changes, cursor = pass_over(cal, cursor)
        told += names(changes)
    assert told == ["+ Far"]
    windows = {p.partition("?")[2] for p in asked(microsoft, "startDateTime")}
    assert len(windows) == 1 + 4, "half a year apart, for it is looked at every 85 days"
    assert program(microsoft)("DELETE", f"/me/events/{_id(microsoft, 'Old')}").status == 204
    microsoft.world.now += timedelta(days=180)
    assert names(pass_over(cal, cursor)[0]) == ["-"], "also of what lies outside it is seen that it went"


def _id(microsoft: Microsoft, title: str) -> str:
    return f"AAkALg1IMM{meeting(microsoft, title).key:08d}AA="


def test_what_moves_out_of_the_window_is_not_gone(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    first, *_ = three(microsoft)
    _, cursor = pass_over(cal)
    far = {"dateTime": "2031-03-01T09:00:00", "timeZone": "UTC"}
    end = {**far, "dateTime": "2031-03-01T10:00:00"}
    assert program(microsoft)("PATCH", f"/me/events/{first}", {"start": far, "end": end}).status == 200

    changes, cursor = pass_over(cal, cursor)

    (item,) = changes
    assert isinstance(item, Item)
    assert item.start is not None
    assert item.start.year == 2031
    assert pass_over(cal, cursor)[0] == []


def test_removed_is_removed(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    before = items_of(microsoft, cal)
    _, cursor = pass_over(cal)
    key = meeting(microsoft, "Standup").key
    assert program(microsoft)("DELETE", f"/me/events/AAkALg1IMM{key:08d}AA=").status == 204

    changes, _ = pass_over(cal, cursor)

    assert changes == [Removed(before["Standup"].ref)]


def items_of(microsoft: Microsoft, cal: MsgraphCalendar) -> dict[str, Item]:
    filled(microsoft)
    return items(cal)


def test_prefer_immutable_ids_and_utc(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    three(microsoft)
    microsoft.front.seen.clear()
    microsoft.front.headers.clear()
    microsoft.front.bodies.clear()
    pass_over(cal)
    batches = [json.loads(b)["requests"] for b in microsoft.front.bodies if b"requests" in b]
    assert ["calendarView" in r["url"] for batch in batches for r in batch] == [True, False, False, False]
    for prefer in (r["headers"]["Prefer"] for batch in batches for r in batch):
        assert 'IdType="ImmutableId"' in prefer
        assert 'outlook.timezone="UTC"' in prefer


def test_batches_of_at_most_20_and_4_requests_at_once(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    for n in range(45):
        made(microsoft, event(f"Event {n}", 1 + n % 28))
    assert len(items(cal)) == 45
    sizes = [len(json.loads(b)["requests"]) for b in microsoft.front.bodies if b"requests" in b]
    assert sizes == [1, 20, 20, 5]
    assert microsoft.ana.most <= 4


# series


def test_recurring_masters_and_exceptions_are_one_item(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    filled(microsoft)
    item = items(cal)["Standup"]
    found = occurrences(item, start=at(1, 0), end=at(31, 23), zone="Europe/Paris")
    assert [(o.title, o.start) for o in found] == [
        ("Standup", at(7, 9)), ("Standup, later", at(14, 11)), ("Standup", at(28, 9)),
    ]  # fmt: skip


def test_an_occurrence_that_is_cancelled_brings_its_series(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    """Graph may tell that it is gone, and not of which series it was."""
    filled(microsoft)
    _, cursor = pass_over(cal)
    standup = meeting(microsoft, "Standup")
    ana = program(microsoft)
    assert ana("DELETE", f"/me/events/AAkALg1IMM{standup.key:08d}AA=.2026-12-28").status == 204

    def without_master(data: bytes) -> bytes:
        said = json.loads(data)
        for page in (r["body"] for r in said["responses"]):
            if any("@removed" in r for r in page.get("value", ())):
                page["value"] = [r for r in page["value"] if "@removed" in r]
        return json.dumps(said).encode()

    microsoft.front.always["POST /$batch"] = rewritten(without_master)
    (item,), _ = pass_over(cal, cursor)
    assert isinstance(item, Item)
    assert "EXDATE;TZID=Europe/Paris:20261228T090000" in item.data["ics"]


def test_a_cancelled_occurrence_of_a_meeting_is_shown_as_cancelled(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    new = made(microsoft, event("Sync", 7, 9, BO, recurrence=weekly()))
    assert program(microsoft)("DELETE", f"/me/events/{new['id']}.2026-12-14").status == 204
    found = occurrences(items(cal)["Sync"], start=at(1, 0), end=at(22, 0), zone="Europe/Paris")
    assert [o.status for o in found] == ["confirmed", "cancelled", "confirmed"]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda e: e["recurrence"]["pattern"].update(type="hourly"), "no known frequency"),
        (lambda e: e["start"].update(dateTime="soon"), "no start"),
        (
            lambda e: (e.update(originalStartTimeZone="tzone://Microsoft/Custom"),
                       e["recurrence"]["range"].update(recurrenceTimeZone="")),
            "tzone://Microsoft/Custom",
        ),
        (lambda e: e.update(start=None, cancelledOccurrences=["OID.x.2026-12-21"]), "cannot be read"),
        (lambda e: e.update(isAllDay=True, end={"dateTime": "9999-12-31T23:00:00"}), "cannot be read"),
        (lambda e: e.update(organizer="Bo"), "cannot be read"),
    ],
)  # fmt: skip
def test_an_event_that_is_spoilt_is_told_and_the_others_are_read(
    microsoft: Microsoft, cal: MsgraphCalendar, spoil: object, why: str
) -> None:
    three(microsoft)
    made(microsoft, event("Standup", 7, recurrence=weekly()))

    def spoilt(data: bytes) -> bytes:
        said = json.loads(data)
        for one in said.get("responses", ()):
            if one["body"].get("type") == "seriesMaster":
                spoil(one["body"])  # type: ignore[operator]
        return json.dumps(said).encode()

    microsoft.front.always["POST /$batch"] = rewritten(spoilt)
    changes, _ = pass_over(cal)
    (failed,) = [c for c in changes if isinstance(c, Failed)]
    assert why in failed.reason
    assert names([c for c in changes if isinstance(c, Item)]) == ["+ Event 0", "+ Event 1", "+ Event 2"]


@pytest.mark.parametrize("clock", ["tzone://Microsoft/Custom", "Customized Time Zone"])
def test_a_single_event_of_a_clock_that_nobody_knows_is_at_its_moment(
    microsoft: Microsoft, cal: MsgraphCalendar, clock: str
) -> None:
    """Outlook says in UTC when it is. Of a series (above) nobody would know the hour of the next one."""
    three(microsoft)

    def spoilt(data: bytes) -> bytes:
        said = json.loads(data)
        for one in said.get("responses", ()):
            one["body"] |= {"originalStartTimeZone": clock} if "subject" in one["body"] else {}
        return json.dumps(said).encode()

    microsoft.front.always["POST /$batch"] = rewritten(spoilt)
    assert [i.start for i in items(cal).values()] == [at(n + 1, 9) for n in range(3)]


@pytest.mark.parametrize("said", [(400, "ErrorInvalidRequest"), (403, "ErrorAccessDenied")])
def test_an_event_that_is_refused_is_told_once_and_asked_for_again(
    microsoft: Microsoft, cal: MsgraphCalendar, said: tuple[int, str]
) -> None:
    _, second, _ = three(microsoft)
    microsoft.world.refusing = lambda method, path: (
        Refused(*said) if f"/events/{second}" in path else None
    )  # fmt: skip
    changes, cursor = pass_over(cal)
    failed, *rest = names(changes)
    assert (said[1] in failed, rest) == (True, ["+ Event 0", "+ Event 2"])
    changes, cursor = pass_over(cal, cursor)
    assert changes == []
    microsoft.world.refusing = lambda method, path: None
    changes, cursor = pass_over(cal, cursor)
    assert names(changes) == ["+ Event 1", "-"], "by its own UID, which nobody knew"
    assert pass_over(cal, cursor)[0] == []


def test_an_event_that_was_read_and_is_refused_is_not_removed(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    _, second, _ = three(microsoft)
    _, cursor = pass_over(cal)
    assert program(microsoft)("PATCH", f"/me/events/{second}", {"subject": "Changed"}).status == 200
    microsoft.world.refusing = lambda method, path: (
        Refused(400, "ErrorInvalidRequest") if f"/events/{second}" in path else None
    )
    changes, cursor = pass_over(cal, cursor)
    assert [type(c) for c in changes] == [Failed]
    microsoft.world.refusing = lambda method, path: None
    assert names(pass_over(cal, cursor)[0]) == ["+ Changed"]


def test_private_is_private_however_it_is_written(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    made(microsoft, event("Mine", sensitivity="private", showAs="free"))

    def in_capitals(data: bytes) -> bytes:
        return data.replace(b'"private"', b'"Private"').replace(b'"free"', b'"Free"')

    microsoft.front.always["POST /$batch"] = rewritten(in_capitals)
    ics = items(cal)["Mine"].data["ics"]
    assert "CLASS:PRIVATE" in ics
    assert "TRANSP:TRANSPARENT" in ics


# calendars


def test_all_of_ones_own_are_read_and_others_when_they_are_named(
    microsoft: Microsoft, cal: MsgraphCalendar, tmp_path: Path
) -> None:
    world = microsoft.world
    work, shared = world.calendar("ana", "Work"), world.calendar("ana", "Bo", owner=BO)
    made(microsoft, event("Mine"))
    made(microsoft, event("Job"), calendar=work.id)
    made(microsoft, event("His"), calendar=shared.id)
    assert {t: i.folder for t, i in items(cal).items()} == {"Mine": "Calendar", "Job": "Work"}

    both = calendars(microsoft, tmp_path / "both", calendars="Bo, Calendar")
    found = items(both)
    assert {t: i.folder for t, i in found.items()} == {"Mine": "Calendar", "His": "Bo"}
    assert (found["His"].data["owner"], found["His"].label.trust) == (BO, "untrusted")
    with pytest.raises(Misconfigured, match=r"'Wrok'.*there are: Calendar, Work, Bo"):
        pass_over(calendars(microsoft, tmp_path / "none", calendars="Wrok"))
    del microsoft.ana.diary.calendars[shared.id]
    assert list(items(both)) == ["Mine"]


@pytest.mark.parametrize("said", [(404, "ErrorItemNotFound"), (403, "ErrorAccessDenied")])
def test_a_calendar_that_cannot_be_read_keeps_nobody_from_the_others(
    microsoft: Microsoft, cal: MsgraphCalendar, said: tuple[int, str]
) -> None:
    work = microsoft.world.calendar("ana", "Work")
    made(microsoft, event("Mine"))
    made(microsoft, event("Job"), calendar=work.id)
    _, cursor = pass_over(cal)

    def refuse(method: str, path: str) -> Refused | None:
        return Refused(*said) if work.id in path else None

    microsoft.world.refusing = refuse
    made(microsoft, event("New", 3))
    changes, cursor = pass_over(cal, cursor)
    failed, new = sorted(names(changes), key=lambda n: n[0] != "!")
    assert (new, failed[:23]) == ("+ New", "! Work cannot be read: ")
    microsoft.world.refusing = lambda method, path: None
    assert names(pass_over(cal, cursor)[0]) == ["-"], "of the calendar it is told no more"


def test_one_uid_in_two_calendars_is_two_items(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    work = microsoft.world.calendar("ana", "Work")
    made(microsoft, event("Mine"))
    made(microsoft, event("Copy"), calendar=work.id)
    meeting(microsoft, "Copy").uid = meeting(microsoft, "Mine").uid
    found = items(cal)
    assert {"Copy", "Mine"} == {*found}
    for item in found.values():
        read = cal.read(item.ref)
        assert read is not None
        assert read.title == item.title


def test_since_reaches_further_back(microsoft: Microsoft, cal: MsgraphCalendar, tmp_path: Path) -> None:
    old = {
        n: {"dateTime": f"2024-05-0{d}T09:00:00", "timeZone": "UTC"} for n, d in (("start", 1), ("end", 2))
    }
    made(microsoft, {"subject": "Old", **old})
    made(microsoft, event("New"))
    assert {*items(cal)} == {"New"}
    further = calendars(microsoft, tmp_path / "further", since="2024-01-01")
    assert {*items(further)} == {"Old", "New"}
    _, cursor = pass_over(further)
    later = calendars(microsoft, tmp_path / "further", since=date(2025, 1, 1))
    assert names(pass_over(later, cursor)[0]) == ["-"]
    with pytest.raises(Misconfigured, match="a day like"):
        calendars(microsoft, tmp_path / "none", since="last week")


# whose words, and what takes time


def test_what_somebody_else_called_is_a_strangers_text(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    made(microsoft, event("Theirs", 2, 9, "ana@example.org"), "bo")
    made(microsoft, event("Mine"))
    found = items(cal)
    assert {t: i.label.trust for t, i in found.items()} == {"Theirs": "untrusted", "Mine": "user"}
    assert [(p.role, p.address, p.status) for p in found["Theirs"].people] == [
        ("organizer", BO, ""), ("attendee", "ana@example.org", "needs-action"),
    ]  # fmt: skip


def test_what_is_subscribed_to_or_is_nobodys_is_a_strangers_text(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    further, feed, nobodys = (microsoft.world.calendar("ana", n) for n in ("Further", "Feed", "Nobody's"))
    for calendar in (further, feed, nobodys):
        made(microsoft, event(calendar.name), calendar=calendar.id)
    feed.editable, nobodys.owner = False, ""
    trust = {t: i.label.trust for t, i in items(cal).items()}
    assert trust == {"Further": "user", "Feed": "untrusted", "Nobody's": "untrusted"}


def test_whoever_is_invited_by_a_list_is_in_it(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    made(microsoft, event("Theirs", 2, 9, "ana@example.org"), "bo")
    mine = meeting(microsoft, "Theirs")
    mine.fields["attendees"] = [{"emailAddress": {"address": "all@example.org"}, "type": "required"}]
    assert ("ana@example.org", "needs-action") in [(p.address, p.status) for p in items(cal)["Theirs"].people]


def test_a_uid_that_another_program_gave_is_that(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    """The same meeting in a mail, and at another provider, has it too."""
    made(microsoft, event("Theirs", 2, 9, "ana@example.org"), "bo")
    meeting(microsoft, "Theirs").uid = foreign("plan@google.com")
    item = items(cal)["Theirs"]
    assert item.ref.native == "plan@google.com"
    read = cal.read(item.ref)
    assert read is not None
    assert read.version == item.version


@pytest.mark.parametrize(
    ("shown", "all_day", "taken"),
    [
        ("busy", False, True), ("tentative", False, True), ("oof", True, True), ("free", False, False),
        ("workingElsewhere", False, False), ("busy", True, True), ("free", True, False),
    ],
)  # fmt: skip
def test_what_takes_time(
    microsoft: Microsoft, cal: MsgraphCalendar, shown: str, all_day: bool, taken: bool
) -> None:
    day = {
        n: {"dateTime": f"2026-12-0{d}T00:00:00", "timeZone": "UTC"} for n, d in (("start", 1), ("end", 2))
    }
    given = event("It", showAs=shown) | ({**day, "isAllDay": True} if all_day else {})
    made(microsoft, given)
    (one,) = occurrences(items(cal)["It"], start=at(1, 0), end=at(2, 0), zone="Europe/Paris")
    assert takes_time(one, me=frozenset({"ana@example.org"})) is taken


# signing in, and what may be done


def test_without_the_switch_nothing_is_written(microsoft: Microsoft, tmp_path: Path) -> None:
    read = calendars(microsoft, tmp_path / "read", write=False, allowed=("Calendars.Read", "User.Read"))
    made(microsoft, event("It"))
    assert (list(items(read)), list(read.operations)) == (["It"], [])
    asked_for = calendars(microsoft, tmp_path / "asked", allowed=("Calendars.Read", "User.Read"))
    assert list(asked_for.operations) == []
    with pytest.raises(Unauthorized, match="not allowed Deskhand to write"):
        asked_for.check()


def test_opening_asks_nobody(microsoft: Microsoft, tmp_path: Path) -> None:
    microsoft.front.seen.clear()
    calendars(microsoft, tmp_path / "state").close()
    assert microsoft.front.seen == []


def test_a_server_without_a_clock_is_told(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    def timeless(request: Request) -> None:
        status, headers, data = request.forward()
        request.say(status, [h for h in headers if h[0].lower() != "date"], data)

    microsoft.front.always["*"] = timeless
    with pytest.raises(Transient, match="what time it is"):
        pass_over(cal)


# others' time


def test_when_others_are_taken_with_the_hours_in_which_they_work(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    made(microsoft, event("A", 1, 9, showAs="tentative"), "bo")
    made(microsoft, event("B", 1, 11, showAs="oof"), "bo")
    made(microsoft, event("C", 1, 14, showAs="free"), "bo")
    microsoft.world.people["cy"].diary.shares = False
    told = cal.free_busy(
        ["Bo@example.org", "cy@example.org", "ana@example.org", "zoe@elsewhere.example"],
        start=at(1, 0), end=at(2, 0),
    )  # fmt: skip
    assert {*told} == {BO, "cy@example.org", "zoe@elsewhere.example"}
    bo = told[BO]
    assert [(b.start, b.end, b.tentative, b.kind) for b in bo.busy] == [
        (at(1, 9), at(1, 10), True, "busy"), (at(1, 11), at(1, 12), False, "out-of-office"),
    ]  # fmt: skip
    assert (bo.zone, bo.error) == ("Europe/Paris", "")
    assert bo.hours == (((510, 1020),),) * 5 + ((),) * 2
    assert "ErrorNoFreeBusyAccess" in told["cy@example.org"].error
    assert "ErrorMailRecipientNotFound" in told["zoe@elsewhere.example"].error


def test_who_is_told_of_by_a_view_alone_is_taken_then(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    made(microsoft, event("A", 1, 9), "bo")
    microsoft.world.people["bo"].diary.blind = True
    told = cal.free_busy([BO], start=at(1, 8), end=at(1, 12))[BO]
    assert (told.busy[0].start, told.busy[-1].end, told.error) == (at(1, 9), at(1, 10), "")


@pytest.mark.parametrize("answer", [b'{"value": []}', b'{"value": [{"scheduleId": "bo@example.org"}]}'])
def test_who_is_not_answered_for_is_unknown(
    microsoft: Microsoft, cal: MsgraphCalendar, answer: bytes
) -> None:
    microsoft.front.always["POST /me/calendar/getSchedule"] = says(
        200, answer, Content_Type="application/json"
    )
    assert "does not answer" in cal.free_busy([BO], start=NOW, end=NOW + timedelta(days=1))[BO].error


def test_a_request_that_is_refused_makes_all_in_it_unknown(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    microsoft.world.refusing = lambda method, path: (
        Refused(400, "ErrorInvalidRequest") if "getSchedule" in path else None
    )
    told = cal.free_busy([BO, "cy@example.org"], start=NOW, end=NOW + timedelta(days=1))
    assert all(t.error for t in told.values())
    microsoft.front.always["POST /me/calendar/getSchedule"] = says(503)
    with pytest.raises(SourceError):
        cal.free_busy([BO], start=NOW, end=NOW + timedelta(days=1))


def test_many_people_and_much_time_are_asked_about_in_parts(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    hours = {"start": "09", "end": "10"}
    late = {n: {"dateTime": f"2027-03-01T{h}:00:00", "timeZone": "UTC"} for n, h in hours.items()}
    made(microsoft, {"subject": "Late", **late}, "bo")
    people = [BO, *(f"p{n}@example.com" for n in range(30))]
    told = cal.free_busy(people, start=NOW, end=NOW + timedelta(days=150))
    assert len(asked(microsoft, "getSchedule")) == 2 * 3
    assert (len(told), len(told[BO].busy)) == (31, 1)


def test_a_cursor_of_another_source_is_none(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    three(microsoft)
    expected = pass_over(cal)
    for value in ("", "[]", '{"CAL1-default": ["x", {}]}'):
        assert pass_over(cal, Cursor(value)) == expected


def test_a_meeting_across_the_hour_that_comes_twice(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    start = {"dateTime": "2027-10-31T00:30:00", "timeZone": "UTC"}  # 02:30 of summer in Paris
    end = {"dateTime": "2027-10-31T01:30:00", "timeZone": "UTC"}  # 02:30 of winter
    made(microsoft, {"subject": "Night", "start": start, "end": end})
    item = items(cal)["Night"]
    assert item.start is not None
    assert item.end is not None
    assert (item.end - item.start) == timedelta(hours=1)
    assert time(1, 9)["timeZone"] == "Romance Standard Time"
