"""Writing into an account: once, on the state that was read, and looked up where the answer was lost."""

from __future__ import annotations

import os
import re
import signal
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import icalendar
import pytest
from contracts import NOW, current, pass_over
from dav_givens import ME, PLAN, REVIEW, account, create, items, simple, whole
from fakes import proxy, radicale
from fakes.proxy import done_but, passed, rewritten, says, torn

from deskhand.connectors._caldav_shelf import RemoteShelf
from deskhand.connectors.caldav import CalDav
from deskhand.connectors.errors import Changed, Missing, SourceError, Transient, Unknown, Unsupported
from deskhand.connectors.itip import invitation
from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.operations import (
    EventCancel,
    EventReceive,
    EventRespond,
    EventUpdate,
    Mailbox,
    Operation,
)

BO = (Mailbox(address="bo@example.org", name="Bo"),)


def update(item: Item, **given: object) -> EventUpdate:
    return EventUpdate.model_validate({"source": "cal", "ref": item.ref, "version": item.version, **given})


def names(ana: radicale.Server, calendar: str = "work") -> list[str]:
    """What lies in a calendar at the server."""
    said = ana.ask("PROPFIND", f"{calendar}/").decode()
    return sorted(n for n in re.findall(rf"/{calendar}/([^<]+)</", said))


def test_a_new_event_lies_under_its_uid(cal: CalDav, ana: radicale.Server) -> None:
    made = cal.perform(create(attendees=BO), key="k", now=NOW)
    assert f"{made.ref.native}.ics" in names(ana)
    (event,) = icalendar.Calendar.from_ical(ana.get("work", made.ref.native)).walk("VEVENT")
    assert (event["UID"], event["ORGANIZER"]) == (made.ref.native, f"mailto:{ME}")
    assert event["DTSTART"].dt == create().start


def test_writes_name_the_state_that_was_read(far: CalDav, way: proxy.Proxy) -> None:
    sent: list[tuple[str, dict[str, str]]] = []

    def note(request: proxy.Request) -> None:
        headers = {k.lower(): v for k, v in request.headers.items()}
        sent.append((request.method, headers))
        passed(request)

    way.always |= {"PUT": note, "DELETE": note}
    have = items(far)
    made = far.perform(create(), key="k", now=NOW)
    far.perform(update(have["review@example.org"], title="X"), key="u", now=NOW)
    far.perform(EventCancel(source="cal", ref=made.ref, version=made.version), key="c", now=NOW)
    assert [m for m, _ in sent] == ["PUT", "PUT", "DELETE"]
    assert sent[0][1]["if-none-match"] == "*"
    assert all(h["if-match"].startswith('"') for _, h in sent[1:])


def test_another_program_in_between_is_not_written_over(
    far: CalDav, way: proxy.Proxy, ana: radicale.Server
) -> None:
    """Its change comes after the last look and before the PUT: 412, looked at again, asked anew."""
    item = items(far)["review@example.org"]

    def other(request: proxy.Request) -> None:
        ana.put("work", "b", whole(REVIEW.replace("Room 2", "Room 7")))
        passed(request)

    way.faults.append(("PUT", other))
    with pytest.raises(Changed):
        far.perform(update(item, title="X"), key="k", now=NOW)
    assert b"Room 7" in ana.get("work", "b")
    assert b"SUMMARY:Review" in ana.get("work", "b")


def test_a_change_that_is_none_is_no_hindrance(far: CalDav, way: proxy.Proxy, ana: radicale.Server) -> None:
    """Another program wrote the same event again: another ETag, the same version."""
    item = items(far)["review@example.org"]

    def other(request: proxy.Request) -> None:
        ana.put("work", "b", whole(REVIEW.replace("DTSTAMP:20260101", "DTSTAMP:20260202")))
        passed(request)

    way.faults.append(("PUT", other))
    far.perform(update(item, title="X"), key="k", now=NOW)
    assert b"SUMMARY:X" in ana.get("work", "b")
    assert way.count("PUT") == 2


def test_an_event_taken_away_meanwhile_is_missing(cal: CalDav, ana: radicale.Server) -> None:
    item = items(cal)["lunch@example.org"]
    ana.take("work", "c")
    with pytest.raises(Missing):
        cal.perform(update(item, title="X"), key="k", now=NOW)


@pytest.mark.parametrize("lost", [torn, says(504), says(502, b"<html>"), says(500), says(503)])
@pytest.mark.parametrize("done", [True, False])
def test_a_lost_answer_is_looked_up(
    far: CalDav, way: proxy.Proxy, ana: radicale.Server, lost: proxy.Does, done: bool
) -> None:
    """Done: it counts as done. Not done: it is said, and may be tried again. In no case is it done twice."""
    have = items(far)
    fault = done_but(lost) if done else lost
    operations: list[Operation] = [
        create(),
        update(have["review@example.org"], title="X"),
        EventCancel(
            source="cal", ref=have["lunch@example.org"].ref, version=have["lunch@example.org"].version
        ),
    ]
    for n, op in enumerate(operations):
        way.faults.append(("DELETE" if n == 2 else "PUT", fault))
        way.seen.clear()
        if done:
            far.perform(op, key=f"k{n}", now=NOW)
        else:
            with pytest.raises(Transient, match="nothing was changed"):
                far.perform(op, key=f"k{n}", now=NOW)
            assert far.find(op, key=f"k{n}") is None
        assert way.count("PUT", "DELETE") == 1, "a write is sent once"
        receipt = far.perform(op, key=f"k{n}", now=NOW)
        found = far.find(op, key=f"k{n}")
        assert found is not None
        assert (found.ref, found.version) == (receipt.ref, receipt.version)
        assert way.count("PUT", "DELETE") == (1 if done else 2)
    assert len(names(ana)) == 3, "three, one more and one less"


def test_what_cannot_be_looked_up_is_unknown(far: CalDav, way: proxy.Proxy) -> None:
    items(far)

    def gone(request: proxy.Request) -> None:
        way.always["*"] = says(503)
        torn(request)

    way.faults.append(("PUT", done_but(gone)))
    with pytest.raises(Unknown, match="Whether the event was written is not known"):
        far.perform(create(), key="k", now=NOW)
    way.always.clear()
    assert far.find(create(), key="k") is not None
    assert "UID" in far.where(create(), key="k")


def test_a_process_killed_after_the_put_finds_it(ana: radicale.Server, tmp_path: Path) -> None:
    """The next one knows nothing but the key."""
    killer = get_context("fork").Process(target=_killed_after, args=(ana, tmp_path / "s"))
    killer.start()
    killer.join(60)
    assert killer.exitcode == -signal.SIGKILL
    before = names(ana)
    fresh = account(ana, tmp_path / "s")
    found = fresh.find(create(), key="k")
    assert found is not None
    assert fresh.perform(create(), key="k", now=NOW).ref == found.ref
    assert names(ana) == before


def _killed_after(ana: radicale.Server, state: Path) -> None:
    put = RemoteShelf.replace

    def then_die(*given: Any) -> bool:
        put(*given)
        os.kill(os.getpid(), signal.SIGKILL)
        return True

    RemoteShelf.replace = then_die  # type: ignore[method-assign]
    account(ana, state).perform(create(), key="k", now=NOW)


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("what", ["create", "update", "cancel"])
def test_what_was_written_and_cannot_be_read_back_is_no_failure(
    far: CalDav, way: proxy.Proxy, what: str, lost: bool
) -> None:
    """The network goes away behind the write: nobody may take it for not done."""
    have = items(far)
    lunch = have["lunch@example.org"]
    op: Operation = {
        "create": create(),
        "update": update(have["review@example.org"], title="X"),
        "cancel": EventCancel(source="cal", ref=lunch.ref, version=lunch.version),
    }[what]

    def and_then_nothing(request: proxy.Request) -> None:
        if lost:
            request.forward()
            way.faults += [("GET", passed)]
        else:
            passed(request)
        way.always |= {"GET": says(503), "REPORT": says(503)}
        if lost:
            torn(request)

    way.faults.append(("DELETE" if what == "cancel" else "PUT", and_then_nothing))
    with pytest.raises(Unknown, match="was written, but cannot be read back"):
        far.perform(op, key="k", now=NOW)
    way.always.clear()
    assert far.find(op, key="k") is not None


@pytest.mark.parametrize(
    ("status", "error", "sentence"),
    [
        (403, SourceError, "refused it with 403; nothing was changed"),
        (413, Unsupported, "too large; nothing was changed"),
        (429, Transient, "less often; nothing was changed"),
        (423, Transient, "locked it"),
        (507, SourceError, "no room left; nothing was changed"),
        (401, SourceError, r"refused the user name or password of \w+; nothing was changed"),
        (301, SourceError, "elsewhere; nothing was changed"),
    ],
)
def test_what_the_server_refuses_is_said_in_a_sentence(
    far: CalDav, way: proxy.Proxy, ana: radicale.Server, status: int, error: type[SourceError], sentence: str
) -> None:
    before = names(ana)
    location = {"Location": "/other/"} if status == 301 else {}
    way.faults.append(("PUT", says(status, **location)))
    with pytest.raises(error, match=sentence):
        far.perform(create(), key="k", now=NOW)
    assert way.count("PUT") == 1
    assert names(ana) == before


def test_an_event_that_is_there_under_another_name_is_found(
    far: CalDav, way: proxy.Proxy, ana: radicale.Server
) -> None:
    """RFC 4791 5.3.2.1: some servers name things as they like."""
    made = far.perform(create(), key="k", now=NOW)
    text = ana.get("work", made.ref.native).decode()
    ana.take("work", made.ref.native)

    def conflict(request: proxy.Request) -> None:
        ana.put("work", "other", text)
        error = (
            b'<D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><C:no-uid-conflict/></D:error>'
        )
        request.say(409, data=error)

    way.faults.append(("PUT", conflict))
    assert far.perform(create(), key="k", now=NOW).ref == made.ref
    assert "other.ics" in names(ana)
    assert len(names(ana)) == 4


def test_the_calendar_that_is_named_gets_it(ana: radicale.Server, cal: CalDav, tmp_path: Path) -> None:
    ana.make("zoo", title="Animals")
    pass_over(cal)
    made = cal.perform(create(calendar="Animals"), key="k", now=NOW)
    assert names(ana, "zoo") == [f"{made.ref.native}.ics"]
    with pytest.raises(Missing, match="no calendar called 'Zoo 2'"):
        cal.perform(create(calendar="Zoo 2"), key="k2", now=NOW)
    chosen = account(ana, tmp_path / "c", wanted=["zoo", "work"])
    first = chosen.perform(create(), key="k3", now=NOW)
    assert f"{first.ref.native}.ics" in names(ana, "zoo"), "the first that is named is for new events"


def test_two_who_split_the_same_series_make_one_split(
    cal: CalDav, ana: radicale.Server, tmp_path: Path
) -> None:
    standup = items(cal)["standup@example.org"]
    assert standup.start is not None
    monday = standup.start + timedelta(weeks=4)
    op = update(standup, occurrence=monday, following=True, title="Split")
    first = cal.perform(op, key="k", now=NOW)
    again = account(ana, tmp_path / "again").perform(op, key="k", now=NOW)
    assert again.detail == first.detail
    assert len(names(ana)) == 4


# servers that send invitations themselves (RFC 6638)


@pytest.fixture
def sends(way: proxy.Proxy, ana: radicale.Server, tmp_path: Path) -> CalDav:
    """The same account on a server that says so."""
    way.always["OPTIONS"] = rewritten(lambda d: d, DAV="1, 3, calendar-access, calendar-auto-schedule")
    return account(way, tmp_path / "sends", user=ana.user)


def test_the_server_is_told_not_to_invite(sends: CalDav, ana: radicale.Server) -> None:
    made = sends.perform(create(attendees=BO), key="k", now=NOW)
    text = ana.get("work", made.ref.native).decode()
    (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert event["ATTENDEE"].params["SCHEDULE-AGENT"] == "CLIENT"
    assert "SCHEDULE-AGENT" not in event["ORGANIZER"].params
    item = sends.read(made.ref)
    assert item is not None
    moved = sends.perform(
        update(item, title="Later", attendees=(*BO, Mailbox(address="cy@example.org"))), key="u", now=NOW
    )
    (event,) = icalendar.Calendar.from_ical(ana.get("work", made.ref.native)).walk("VEVENT")
    assert [a.params["SCHEDULE-AGENT"] for a in event["ATTENDEE"]] == ["CLIENT", "CLIENT"]
    sends.perform(EventCancel(source="cal", ref=made.ref, version=moved.version), key="c", now=NOW)


def test_a_server_that_begins_to_send_is_heard(far: CalDav, way: proxy.Proxy) -> None:
    """Many say what they can beside every answer; a pass hears it."""
    review = items(far)["review@example.org"]
    way.always["PROPFIND"] = rewritten(lambda d: d, DAV="calendar-auto-schedule")
    pass_over(far)
    with pytest.raises(Unsupported, match="by itself"):
        far.perform(update(review, title="X"), key="k", now=NOW)


def test_an_answer_is_not_sent_by_the_server(sends: CalDav, ana: radicale.Server) -> None:
    ref = ItemRef("cal", "event", "plan@example.com")
    op = EventReceive.model_validate(
        {
            "source": "cal", "ref": ref, "message": ItemRef("mail", "message", "1"), "version": "",
            "ics": whole(PLAN, method="REQUEST"), "status": "accepted",
        }
    )  # fmt: skip
    receipt = sends.perform(op, key="k", now=NOW)
    (name,) = [n for n in names(ana) if n.startswith("plan")]
    (event,) = icalendar.Calendar.from_ical(ana.get("work", name.removesuffix(".ics"))).walk("VEVENT")
    assert event["ORGANIZER"].params["SCHEDULE-AGENT"] == "CLIENT"
    inverse = sends.inverse(op, receipt)
    assert inverse is not None
    sends.perform(inverse, key="u", now=NOW)
    assert not [n for n in names(ana) if n.startswith("plan")]


def test_what_the_server_looks_after_is_left_alone(
    sends: CalDav, way: proxy.Proxy, ana: radicale.Server
) -> None:
    """It would tell people before the hold is over, and could not be stopped."""
    ana.put("work", "p", whole(PLAN))
    have = items(sends)
    review, plan, lunch = (have[n] for n in ("review@example.org", "plan@example.com", "lunch@example.org"))
    refused = [
        update(review, title="X"),
        EventCancel(source="cal", ref=review.ref, version=review.version),
        EventRespond(source="cal", ref=plan.ref, version=plan.version, status="accepted"),
    ]
    way.seen.clear()
    for n, op in enumerate(refused):
        with pytest.raises(Unsupported, match="writes to those in this event by itself"):
            sends.perform(op, key=f"k{n}", now=NOW)
    assert way.count("PUT", "DELETE") == 0
    sends.perform(update(lunch, title="Alone"), key="alone", now=NOW)
    assert way.count("PUT") == 1


def test_invitations_by_mail_say_nothing_of_it(sends: CalDav) -> None:
    """SCHEDULE-AGENT is between us and the server (RFC 6638 7.1)."""
    made = sends.perform(create(attendees=BO), key="k", now=NOW)
    item = sends.read(made.ref)
    assert item is not None
    assert "SCHEDULE-AGENT" in item.data["ics"].replace("\r\n ", "")
    for method in ("REQUEST", "CANCEL"):
        assert "SCHEDULE-AGENT" not in invitation(item, method).replace("\r\n ", "")  # type: ignore[arg-type]


def test_a_read_only_calendar_among_others_is_not_written(
    way: proxy.Proxy, ana: radicale.Server, tmp_path: Path
) -> None:
    ana.make("zoo", title="Animals")
    ana.put("zoo", "x", simple("feeding"))
    write = re.compile(rb"<privilege>\s*<(?:write|write-content|all|write-properties)\s*/>\s*</privilege>")

    def closed(data: bytes) -> bytes:
        head, mark, rest = data.partition(b"/zoo/</href>")
        one, end, others = rest.partition(b"</response>")
        return head + mark + write.sub(b"", one) + end + others

    way.always["PROPFIND"] = rewritten(closed)
    cal = account(way, tmp_path / "s", user=ana.user)
    feeding = items(cal)["feeding"]
    for op in (create(calendar="Animals"), update(feeding, title="X")):
        with pytest.raises(Unsupported, match="The calendar Animals is only read"):
            cal.perform(op, key="k", now=NOW)
    assert cal.perform(create(), key="k2", now=NOW).version
    assert current(pass_over(cal)[0])["cal:event:feeding"].title == "Event"


@pytest.mark.parametrize("done", [True, False])
def test_a_lost_answer_of_a_server_that_tells_no_state_is_looked_up_too(
    far: CalDav, way: proxy.Proxy, ana: radicale.Server, done: bool
) -> None:
    """Without an ETag what is there is there all the same: nobody says that nothing was changed."""

    def unmarked(request: proxy.Request) -> None:
        status, headers, data = request.forward()
        request.say(status, [(n, v) for n, v in headers if n.lower() != "etag"], data)

    items(far)
    way.always["GET"] = unmarked
    way.faults.append(("PUT", done_but(torn) if done else torn))
    if done:
        receipt = far.perform(create(), key="k", now=NOW)
        assert far.find(create(), key="k") == receipt
    else:
        with pytest.raises(Transient, match="nothing was changed"):
            far.perform(create(), key="k", now=NOW)
    assert len(names(ana)) == (4 if done else 3)
