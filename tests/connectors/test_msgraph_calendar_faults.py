"""What networks and servers do to calendars at Microsoft: nothing lost, nothing done twice; counted there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from contracts import NOW, pass_over
from fakes import proxy
from fakes.graph.world import Refused
from fakes.proxy import Does, Request, done_but, says
from graph_givens import Microsoft
from msgcal_givens import at, calendars, create, event, items, made, program, weekly

from deskhand.connectors.errors import Transient, Unauthorized, Unknown, Unsupported
from deskhand.connectors.model import Failed, Item, Receipt, Removed
from deskhand.connectors.msgraph_calendar import MsgraphCalendar
from deskhand.connectors.operations import EventCancel, EventRespond, EventUpdate, Operation

HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
PASSING: dict[str, Does] = {
    "429": says(429, b"{}"),
    "429 with Retry-After": says(429, b"{}", Retry_After="7"),
    "500": says(500, b"{}"),
    "502 HTML": says(502, HTML, Content_Type="text/html"),
    "503": says(503),
    "504": says(504),
    "truncated": proxy.cut,
    "reset": proxy.reset,
    "torn": proxy.torn,
}
BEFORE = {k: PASSING[k] for k in ("429", "429 with Retry-After")}
"""What is said before anything was done, for certain."""
AFTER: dict[str, Does] = {
    "504 after commit": done_but(says(504)),
    "502 HTML after commit": done_but(says(502, HTML)),
    "reset after commit": proxy.reset,
    "torn after commit": done_but(proxy.torn),
    "truncated after commit": proxy.cut,
}
LOST = {k: PASSING[k] for k in ("500", "502 HTML", "503", "504", "torn")}
"""What may be said after it was done, and here is said before."""
EVENTS = {"Event 0", "Event 1", "Event 2"}


@pytest.fixture
def cal(microsoft: Microsoft, tmp_path: Path) -> MsgraphCalendar:
    for n in range(3):
        made(microsoft, event(f"Event {n}", n + 1))
    return calendars(microsoft, tmp_path / "state")


def done_there(microsoft: Microsoft) -> int:
    """How many writes Outlook has done for Ana."""
    return len(microsoft.ana.diary.written)


@pytest.mark.parametrize("where", ["GET skiptoken", "POST /$batch"])
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_pass_goes_on_after(fault: Does, where: str, microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    microsoft.world.largest = 2
    microsoft.front.faults += [(where, fault)] * 2

    assert set(items(cal)) == EVENTS
    assert microsoft.front.faults == []


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_pass_that_is_given_up_is_taken_up_again(
    fault: Does, microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    _, cursor = pass_over(cal)
    made(microsoft, event("New", 5))
    microsoft.front.always["POST /$batch"] = fault
    with pytest.raises(Transient, match="Outlook"):
        pass_over(cal, cursor)
    microsoft.front.always.clear()

    changes, cursor = pass_over(cal, cursor)

    assert [c.title for c in changes if isinstance(c, Item)] == ["New"]
    assert pass_over(cal, cursor)[0] == []


def test_one_event_that_never_comes_keeps_nobody_from_the_others(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    bad = made(microsoft, event("Bad", 6))["id"]
    microsoft.world.refusing = lambda _, path: (
        Refused(500, "odd") if path.endswith(f"/events/{bad}") else None
    )
    changes, cursor = pass_over(cal)
    assert {c.title for c in changes if isinstance(c, Item)} == EVENTS
    assert [c.reason for c in changes if isinstance(c, Failed)] == ["Outlook's calendar answered 500."]
    made(microsoft, event("New", 7))
    changes, cursor = pass_over(cal, cursor)
    assert [c.title for c in changes if isinstance(c, Item)] == ["New"]
    microsoft.world.refusing = lambda *_: None
    changes, cursor = pass_over(cal, cursor)
    assert [c.title for c in changes if isinstance(c, Item)] == ["Bad"]
    assert pass_over(cal, cursor)[0] == []


@pytest.mark.parametrize("page", ["", "skiptoken"], ids=["first page", "next page"])
def test_one_calendar_that_never_comes_keeps_nobody_from_the_others(
    microsoft: Microsoft, cal: MsgraphCalendar, page: str
) -> None:
    shared = microsoft.world.calendar("ana", "Team")
    for n in range(3):
        made(microsoft, event(f"Team {n}", n + 1), calendar=shared.id)
    microsoft.world.largest = 2
    microsoft.front.always = {}
    no = Refused(500, "odd")
    microsoft.world.refusing = lambda _, path: no if f"/{shared.id}/calendarView" in path else None
    if page:
        microsoft.world.refusing = lambda *_: None
        microsoft.front.always[f"GET /v1.0/me/calendars/{shared.id}/calendarView"] = proxy.says(500)
    changes, cursor = pass_over(cal)
    assert {c.title for c in changes if isinstance(c, Item)} == EVENTS
    (failed,) = (c for c in changes if isinstance(c, Failed))
    assert failed.reason == "Team cannot be read: Outlook's calendar answered 500."
    microsoft.world.refusing, microsoft.front.always = (lambda *_: None), {}
    changes, cursor = pass_over(cal, cursor)
    assert {c.title for c in changes if isinstance(c, Item)} == {"Team 0", "Team 1", "Team 2"}


def test_a_listing_that_is_cut_off_in_the_middle_of_its_pages_removes_nothing(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    microsoft.world.largest = 1
    _, cursor = pass_over(cal)
    microsoft.world.forget()
    microsoft.front.always["GET skiptoken"] = proxy.reset
    changes, cursor = pass_over(cal, cursor)
    (failed,) = changes
    assert isinstance(failed, Failed)
    assert failed.reason.startswith("Calendar cannot be read: Outlook's calendar cannot be reached")
    microsoft.front.always.clear()
    assert pass_over(cal, cursor)[0] == [Removed(failed.ref)], "nothing but that it can be read again"


def test_a_page_that_leads_to_itself_is_left(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    microsoft.world.largest = 1
    link = b"https://graph.microsoft.com/v1.0/me/calendars/CAL1-default/calendarView/delta()?$skiptoken=x"
    page = b'{"value": [], "@odata.nextLink": "' + link + b'"}'
    microsoft.front.always["GET skiptoken"] = says(200, page, Content_Type="application/json")
    (failed,) = (c for c in pass_over(cal)[0] if isinstance(c, Failed))
    assert "again and again" in failed.reason


def test_a_wait_that_microsoft_asks_for_is_waited(microsoft: Microsoft, tmp_path: Path) -> None:
    waited: list[float] = []
    patient = calendars(microsoft, tmp_path / "patient", waits=waited)
    microsoft.front.faults.append(("POST /$batch", PASSING["429 with Retry-After"]))

    pass_over(patient)

    assert waited == [7.0]


def test_a_sign_in_that_was_revoked(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    pass_over(cal)
    microsoft.world.tokens.clear()
    microsoft.world.no_token = {
        "error": "invalid_grant", "error_codes": [50173], "error_description": "AADSTS50173: Revoked.",
    }  # fmt: skip
    before = done_there(microsoft)

    with pytest.raises(Unauthorized, match="deskhand signin cal"):
        pass_over(cal)
    with pytest.raises(Unauthorized):
        cal.perform(create(), key="k", now=NOW)
    with pytest.raises(Unauthorized):
        cal.free_busy(["bo@example.org"], start=at(1, 0), end=at(2, 0))
    assert done_there(microsoft) == before


# writes


def creating(microsoft: Microsoft, cal: MsgraphCalendar) -> Operation:
    return create()


def updating(microsoft: Microsoft, cal: MsgraphCalendar) -> Operation:
    item = items(cal)["Event 0"]
    return EventUpdate(source="cal", ref=item.ref, version=item.version, title="Changed")


def cancelling(microsoft: Microsoft, cal: MsgraphCalendar) -> Operation:
    item = items(cal)["Event 0"]
    return EventCancel(source="cal", ref=item.ref, version=item.version)


def calling_off(microsoft: Microsoft, cal: MsgraphCalendar) -> Operation:
    made(microsoft, event("With Bo", 4, 9, "bo@example.org"))
    item = items(cal)["With Bo"]
    return EventCancel(source="cal", ref=item.ref, version=item.version)


def invited(microsoft: Microsoft, cal: MsgraphCalendar) -> Item:
    made(microsoft, event("Theirs", 4, 9, "ana@example.org"), "bo")
    return items(cal)["Theirs"]


def answering(microsoft: Microsoft, cal: MsgraphCalendar) -> Operation:
    item = invited(microsoft, cal)
    return EventRespond(source="cal", ref=item.ref, version=item.version, status="accepted")


def declining(microsoft: Microsoft, cal: MsgraphCalendar) -> Operation:
    item = invited(microsoft, cal)
    return EventRespond(source="cal", ref=item.ref, version=item.version, status="declined")


def once(microsoft: Microsoft, cal: MsgraphCalendar) -> Operation:
    made(microsoft, event("Many", 7, recurrence=weekly()))
    item = items(cal)["Many"]
    return EventCancel(source="cal", ref=item.ref, version=item.version, occurrence=at(14, 9))


def one_changed(microsoft: Microsoft, cal: MsgraphCalendar) -> Operation:
    made(microsoft, event("Many", 7, recurrence=weekly()))
    item = items(cal)["Many"]
    return EventUpdate(
        source="cal", ref=item.ref, version=item.version, occurrence=at(14, 9), title="Once"
    )  # fmt: skip


Make = Callable[[Microsoft, MsgraphCalendar], Operation]
MAKES: dict[str, tuple[Make, str]] = {
    "create": (creating, "POST /events"),
    "change": (updating, "PATCH /events/"),
    "cancel": (cancelling, "DELETE /events/"),
    "call off": (calling_off, "POST /cancel"),
    "answer": (answering, "POST /accept"),
    "decline": (declining, "POST /decline"),
    "cancel one of a series": (once, "DELETE /events/"),
    "change one of a series": (one_changed, "PATCH /events/"),
}


def tried(cal: MsgraphCalendar, op: Operation) -> Receipt | None:
    """What a crashed or failed run does: look, and do it where it is not there."""
    found = cal.find(op, key="key1")
    return found or cal.perform(op, key="key1", now=NOW)


def pairwise(faults: dict[str, Does]) -> list[object]:
    """Each kind of write with one fault, each fault with one kind of write at least."""
    most = max(len(MAKES), len(faults))
    named = [([*MAKES][n % len(MAKES)], [*faults][n % len(faults)]) for n in range(most)]
    return [pytest.param(*MAKES[m], faults[f], id=f"{m}, {f}") for m, f in named]


@pytest.mark.parametrize(("make", "where", "fault"), pairwise(AFTER))
def test_what_was_done_before_the_answer_was_lost_is_done_once(
    microsoft: Microsoft, cal: MsgraphCalendar, make: Make, where: str, fault: Does
) -> None:
    op = make(microsoft, cal)
    before = done_there(microsoft)
    microsoft.front.faults.append((where, fault))

    receipt = cal.perform(op, key="key1", now=NOW)

    assert microsoft.front.faults == []
    assert done_there(microsoft) == before + 1
    assert cal.find(op, key="key1") == receipt
    assert tried(cal, op) == receipt
    assert done_there(microsoft) == before + 1


@pytest.mark.parametrize(("make", "where", "fault"), pairwise({**LOST, **BEFORE}))
def test_what_was_not_done_is_said_and_can_be_done(
    microsoft: Microsoft, cal: MsgraphCalendar, make: Make, where: str, fault: Does
) -> None:
    op = make(microsoft, cal)
    before = done_there(microsoft)
    microsoft.front.faults.append((where, fault))

    with pytest.raises(Transient, match="nothing was changed"):
        cal.perform(op, key="key1", now=NOW)

    assert done_there(microsoft) == before
    assert cal.find(op, key="key1") is None
    again = cal.perform(op, key="key1", now=NOW)
    assert done_there(microsoft) == before + 1
    assert again.ref == cal.perform(op, key="key1", now=NOW).ref


@pytest.mark.parametrize(("make", "where"), MAKES.values(), ids=MAKES)
def test_what_nobody_can_look_up_is_not_known(
    microsoft: Microsoft, cal: MsgraphCalendar, make: Make, where: str
) -> None:
    op = make(microsoft, cal)
    before = done_there(microsoft)

    def then_silent(request: Request) -> None:
        microsoft.front.always["GET"] = says(503)
        AFTER["torn after commit"](request)

    microsoft.front.faults.append((where, then_silent))

    with pytest.raises(Unknown, match="not known"):
        cal.perform(op, key="key1", now=NOW)

    microsoft.front.always.clear()
    if make is declining:  # what could tell is gone
        with pytest.raises(Unknown, match="not known"):
            cal.find(op, key="key1")
    else:
        assert cal.find(op, key="key1") is not None
    assert done_there(microsoft) == before + 1


def test_a_series_that_another_program_touches_does_not_count_as_changed_by_us(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    series = made(microsoft, event("Many", 7, recurrence=weekly()))
    ana = program(microsoft)
    moved = {n: v for n, v in event("", 14, 11).items() if n != "subject"}
    assert ana("PATCH", f"/me/events/{series['id']}.2026-12-14", moved).status == 200
    item = items(cal)["Many"]

    def touched(request: Request) -> None:
        elsewhere = {"location": {"displayName": "Room 2"}}
        assert ana("PATCH", f"/me/events/{series['id']}", elsewhere).status == 200
        PASSING["torn"](request)

    microsoft.front.faults.append(("PATCH 2026-12-14", touched))
    op = EventUpdate(source="cal", ref=item.ref, version=item.version, title="Other")
    with pytest.raises(Unknown, match="not known"):
        cal.perform(op, key="key1", now=NOW)
    assert microsoft.front.faults == []


def test_a_no_that_was_refused_is_not_given_when_the_event_goes(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    op = declining(microsoft, cal)
    microsoft.world.refusing = lambda method, path: (
        Refused(400, "ErrorInvalidRequest") if path.endswith("/decline") else None
    )
    with pytest.raises(Unsupported, match="refused"):
        cal.perform(op, key="key1", now=NOW)
    microsoft.world.refusing = lambda method, path: None
    (theirs,) = [m for m in microsoft.ana.diary.meetings.values() if m.fields["subject"] == "Theirs"]
    del microsoft.ana.diary.meetings[theirs.key]

    assert cal.find(op, key="key1") is None


@pytest.mark.parametrize("one", [False, True], ids=["whole", "one occurrence"])
@pytest.mark.parametrize("given", [False, True], ids=["cut off before", "cut off after"])
def test_a_no_that_was_cut_off_is_put_to_the_person_where_the_event_is_gone(
    microsoft: Microsoft, cal: MsgraphCalendar, tmp_path: Path, given: bool, one: bool
) -> None:
    """Killed between its note and the request, or before the answer: nobody knows which."""
    theirs = made(microsoft, event("Theirs", 7, 9, "ana@example.org", recurrence=weekly()), "bo")["id"]
    item = items(cal)["Theirs"]
    op = EventRespond.model_validate({
        "source": "cal", "ref": item.ref, "version": item.version, "status": "declined",
        **({"occurrence": at(14, 9)} if one else {}),
    })  # fmt: skip

    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        if given:
            written(*_, **__)
        raise Killed

    written = cal._graph.write
    cal._graph.write = killed  # type: ignore[method-assign]
    with pytest.raises(Killed):
        cal.perform(op, key="key1", now=NOW)
    again = calendars(microsoft, tmp_path / "state")
    if not given:
        assert again.find(op, key="key1") is None, "it is there as it was: it can be done"
        place = f"/me/events/{theirs}" + (".2026-12-14" if one else "")
        assert program(microsoft, "bo")("POST", f"{place}/cancel", {}).status == 202
        if not one:  # in Ana's calendar it is called off until she takes it away
            microsoft.ana.diary.meetings.clear()
    with pytest.raises(Unknown, match="not known"):
        again.find(op, key="key1")
    assert (
        again.where(op, key="key1")
        == "in Sent of ana@example.org, an answer to “Theirs”, or ask bo@example.org"
    )


def test_a_new_event_that_outlook_does_not_look_for_is_not_known(
    microsoft: Microsoft, cal: MsgraphCalendar
) -> None:
    before = done_there(microsoft)
    microsoft.front.faults.append(("POST /events", AFTER["torn after commit"]))
    microsoft.world.refusing = lambda method, path: (
        Refused(400, "ErrorInvalidRequest") if method == "GET" and done_there(microsoft) > before
        else None
    )  # fmt: skip

    with pytest.raises(Unknown, match="not known"):
        cal.perform(create(), key="key1", now=NOW)

    assert done_there(microsoft) == before + 1


def test_a_proxy_that_sends_a_write_twice(microsoft: Microsoft, cal: MsgraphCalendar) -> None:
    """The transaction id makes one event of it."""
    before = done_there(microsoft)

    def twice(request: Request) -> None:
        request.forward()
        request.say(*request.forward())

    microsoft.front.faults.append(("POST /events", twice))
    cal.perform(create(), key="key1", now=NOW)

    assert done_there(microsoft) == before + 1
    assert len(items(cal)) == 4
