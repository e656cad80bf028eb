"""Meetings by mail: what is written is read back by icalendar, what is read may be anything at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from contracts import NOW, current, pass_over
from hypothesis import given
from hypothesis import strategies as st

from deskhand.connectors import maildir, mbox
from deskhand.connectors.itip import (
    CalendarMessage,
    counter,
    decline_counter,
    from_json,
    invitation,
    message_of,
    read_itip,
    reply,
    stale,
    to_json,
)
from deskhand.connectors.model import Item, Participant
from deskhand.connectors.operations import Mailbox

LISBON = ZoneInfo("Europe/Lisbon")
ANA = Mailbox(address="ana@example.org", name="Ana, the owner")
FIRST = datetime(2026, 12, 1, 9, tzinfo=LISBON)
SECOND = datetime(2026, 12, 8, 9, tzinfo=LISBON)

REQUEST = """\
BEGIN:VCALENDAR
PRODID:-//Another//Program//EN
METHOD:REQUEST
BEGIN:VEVENT
UID:plan@example.com
SEQUENCE:3
DTSTAMP:20261101T120000Z
DTSTART;TZID=Europe/Lisbon:20261201T090000
DTEND;TZID=Europe/Lisbon:20261201T100000
RRULE:FREQ=WEEKLY;COUNT=4
SUMMARY:Plan\\, and costs
LOCATION:Room 2
COMMENT:Short notice\\, sorry
ORGANIZER;CN=Bo:mailto:Bo@example.com
ATTENDEE;CN=Ana;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ana@example.org
ATTENDEE;PARTSTAT=ACCEPTED:mailto:cy@example.net
END:VEVENT
BEGIN:VEVENT
UID:plan@example.com
SEQUENCE:4
DTSTAMP:20261102T120000Z
RECURRENCE-ID;TZID=Europe/Lisbon:20261208T090000
DTSTART;TZID=Europe/Lisbon:20261208T150000
DTEND;TZID=Europe/Lisbon:20261208T160000
SUMMARY:Plan
ORGANIZER;CN=Bo:mailto:bo@example.com
ATTENDEE:mailto:ana@example.org
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")

ALL_DAY = """\
BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:day@example.com
DTSTAMP:20261101T120000Z
DTSTART;VALUE=DATE:20261201
DTEND;VALUE=DATE:20261203
ORGANIZER:mailto:bo@example.com
ATTENDEE:mailto:ana@example.org
END:VEVENT
END:VCALENDAR
"""
FLOATING = ALL_DAY.replace(";VALUE=DATE:20261201", ":20261201T090000").replace(
    ";VALUE=DATE:20261203", ":20261201T100000"
)
CUSTOM = REQUEST.replace("TZID=Europe/Lisbon", "TZID=Somewhere").replace(
    "BEGIN:VEVENT", "BEGIN:VTIMEZONE\r\nTZID:Somewhere\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    "TZOFFSETFROM:+0130\r\nTZOFFSETTO:+0130\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT", 1,
)  # fmt: skip


def written(text: str) -> tuple[icalendar.Calendar, icalendar.Event]:
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    read = icalendar.Calendar.from_ical(text)
    (event,) = read.walk("VEVENT")
    assert event.errors == []
    return read, event


# reading


def test_a_request_is_read_with_all_it_says() -> None:
    read = read_itip(REQUEST)
    assert (read.method, read.uid, read.sequence, read.zone) == (
        "REQUEST",
        "plan@example.com",
        3,
        "Europe/Lisbon",
    )
    assert (read.start, read.end, read.recurrence_id) == (FIRST, FIRST + timedelta(hours=1), None)
    assert read.dtstamp == datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert read.organizer == Participant("organizer", "bo@example.com", "Bo")
    assert [(p.address, p.status) for p in read.attendees] == [
        ("ana@example.org", "needs-action"), ("cy@example.net", "accepted"),
    ]  # fmt: skip
    assert (read.summary, read.comment, read.rrule) == (
        "Plan, and costs", "Short notice, sorry", "FREQ=WEEKLY;COUNT=4",
    )  # fmt: skip
    (one,) = read.occurrences
    assert (one.recurrence_id, one.start, one.sequence) == (SECOND, SECOND + timedelta(hours=6), 4)


@pytest.mark.parametrize("method", ["REPLY", "CANCEL", "REFRESH", "DECLINECOUNTER"])
def test_messages_that_may_leave_out_the_time_may(method: str) -> None:
    text = (
        f"BEGIN:VCALENDAR\nMETHOD:{method.lower()}\nBEGIN:VEVENT\nUID:u\nDTSTAMP:20261101T120000Z\n"
        "DTSTART;TZID=No/Such:20261201T090000\nRECURRENCE-ID:20261208T090000Z\nSTATUS:CANCELLED\n"
        "ATTENDEE;PARTSTAT=DECLINED:mailto:ana@example.org\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    read = read_itip(text)
    assert (read.method, read.start, read.status) == (method, None, "cancelled")
    assert read.recurrence_id == SECOND
    assert read.attendees[0].status == "declined"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no calendar"), ("METHOD:REQUEST", "no calendar"),
        (REQUEST.replace("METHOD:REQUEST\r\n", ""), "METHOD"), (REQUEST.replace("REQUEST", "BUY"), "METHOD"),
        (REQUEST.replace("UID:plan@example.com\r\n", ""), "one event"),
        (ALL_DAY.replace("UID:day@example.com\n", ""), "UID"),
        (REQUEST.replace("UID:plan@example.com", "UID:other", 1), "one event"),
        (REQUEST.replace("DTSTART;TZID=Europe/Lisbon:20261201T090000\r\n", ""), "start"),
        (REQUEST.replace("TZID=Europe/Lisbon", "TZID=No/Such"), "zone"),
        (REQUEST.replace("FREQ=WEEKLY", "FREQ=NEVER"), "rule"),
        (REQUEST.partition("END:VEVENT")[0], "cut short"),
        (REQUEST.replace("20261201T090000", "99991201T090000"), "year"),
        (REQUEST + " " * 1_000_001, "1 MB"),
    ],
)  # fmt: skip
def test_what_is_no_calendar_message_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_itip(text)


@given(
    st.lists(
        st.sampled_from([*REQUEST.split("\r\n"), *ALL_DAY.split("\n"), "SEQUENCE:-1", "DTSTAMP:x", "RRULE:",
                         "DTSTART:00010101T000000Z", "DURATION:P999999D", "ATTENDEE:", "RECURRENCE-ID:1"])
        | st.text(max_size=30),
        max_size=25,
    )
)  # fmt: skip
def test_any_lines_are_a_message_or_a_value_error(lines: list[str]) -> None:
    text = "\r\n".join(["BEGIN:VCALENDAR", "METHOD:REPLY", "BEGIN:VEVENT", "UID:u", *lines])
    for cut in (text, text + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"):
        try:
            read = read_itip(cut)
        except ValueError:
            continue
        assert from_json(json.loads(json.dumps(to_json(read)))) == read


def test_what_a_stranger_wrote_is_bounded_and_cannot_turn_letters_round() -> None:
    long = "x" * 10_000
    many = "".join(f"ATTENDEE:mailto:p{n}@example.net\r\n" for n in range(1000))
    text = REQUEST.replace("SUMMARY:Plan\\, and costs", f"SUMMARY:a\u202eb{long}")
    text = text.replace("COMMENT:", f"COMMENT:{long}").replace("ATTENDEE;CN", f"{many}ATTENDEE;CN", 1)
    read = read_itip(text)
    assert read.summary.startswith("abx")
    assert len(json.dumps(to_json(read))) < 40_000


@pytest.mark.parametrize("text", [REQUEST, ALL_DAY, FLOATING, CUSTOM])
def test_json_and_back(text: str) -> None:
    read = read_itip(text)
    assert from_json(json.loads(json.dumps(to_json(read)))) == read
    for broken in (
        {},
        {"method": "BUY", "uid": "u"},
        to_json(read) | {"start": "2026-12-01T09:00:00"},
        {"x": 1},
    ):
        with pytest.raises(ValueError, match="no calendar message"):
            from_json(broken)


@pytest.mark.parametrize(
    ("sequence", "minutes", "known", "late"),
    [(1, 0, 2, True), (2, 0, 2, False), (3, -9, 2, False), (2, -1, 2, True), (2, 1, 2, False)],
)
def test_an_older_message_is_stale(sequence: int, minutes: int, known: int, late: bool) -> None:
    message = CalendarMessage("REPLY", "u", sequence, dtstamp=NOW + timedelta(minutes=minutes))
    assert stale(message, sequence=known, dtstamp=NOW) is late
    assert stale(message, sequence=known) is (sequence < known)


# writing


@pytest.mark.parametrize("answer", ["accepted", "declined", "tentative"])
def test_a_reply_carries_what_it_answers_and_one_attendee(answer: Any) -> None:
    read, event = written(reply(read_itip(REQUEST), attendee=ANA, answer=answer, now=NOW, comment="So, so"))
    assert read["METHOD"] == "REPLY"
    assert (event["UID"], event["SEQUENCE"], event["DTSTAMP"].dt) == ("plan@example.com", 3, NOW)
    assert (event["ATTENDEE"], event["ATTENDEE"].params["PARTSTAT"]) == (
        "mailto:ana@example.org",
        answer.upper(),
    )
    assert event["ATTENDEE"].params["CN"] == ANA.name
    assert (event["ORGANIZER"], event["COMMENT"], event["DTSTART"].dt) == (
        "mailto:bo@example.com",
        "So, so",
        FIRST,
    )
    assert {"RECURRENCE-ID", "RRULE"} & set(event) == set()


def test_a_reply_to_one_occurrence_names_it() -> None:
    one = read_itip(REQUEST).occurrences[0]
    _, event = written(reply(one, attendee=ANA, answer="declined", now=NOW))
    assert (event["RECURRENCE-ID"].dt, event["SEQUENCE"]) == (SECOND, 4)


def test_a_counter_proposes_and_is_declined() -> None:
    request = read_itip(REQUEST)
    text = counter(
        request, attendee=ANA, start=FIRST + timedelta(hours=6), end=FIRST + timedelta(hours=8), now=NOW,
        comment="Later?",
    )  # fmt: skip
    read, event = written(text)
    assert (read["METHOD"], event["SEQUENCE"], event["UID"]) == ("COUNTER", 3, request.uid)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (
        FIRST + timedelta(hours=6),
        FIRST + timedelta(hours=8),
    )
    proposal = read_itip(text)
    assert (proposal.start, proposal.comment) == (FIRST + timedelta(hours=6), "Later?")
    read, event = written(decline_counter(proposal, attendee=ANA, now=NOW, comment="No room"))
    assert (read["METHOD"], event["UID"], event["SEQUENCE"]) == ("DECLINECOUNTER", request.uid, 3)
    assert (event["ATTENDEE"], event["COMMENT"]) == ("mailto:ana@example.org", "No room")


@pytest.mark.parametrize("text", [ALL_DAY, FLOATING, CUSTOM], ids=["day", "floating", "custom zone"])
def test_times_are_answered_in_the_form_they_came(text: str) -> None:
    asked = icalendar.Calendar.from_ical(text).walk("VEVENT")[0]
    _, event = written(reply(read_itip(text), attendee=ANA, answer="accepted", now=NOW))
    for name in ("DTSTART", "DTEND"):
        theirs, ours = asked[name].dt, event[name].dt
        assert ours == (theirs.astimezone(UTC) if text is CUSTOM else theirs)
        assert type(ours) is type(theirs)


def test_nobody_is_answered_where_nobody_asked() -> None:
    read = read_itip(REQUEST.replace("ORGANIZER;CN=Bo:mailto:Bo@example.com\r\n", ""))
    with pytest.raises(ValueError, match="who called"):
        reply(read, attendee=ANA, answer="accepted", now=NOW)
    with pytest.raises(ValueError, match="aware"):
        counter(read_itip(REQUEST), attendee=ANA, start=FIRST, end=FIRST, now=NOW)


@given(summary=st.text(), comment=st.text(), name=st.text(max_size=60))
def test_no_text_can_smuggle_in_a_line(summary: str, comment: str, name: str) -> None:
    request = CalendarMessage(
        "REQUEST", "u", organizer=Participant("organizer", "bo@example.com", name), summary=summary,
        start=FIRST, end=FIRST, zone="Europe/Lisbon",
    )  # fmt: skip
    me = Mailbox(address="ana@example.org", name=name)
    read = read_itip(reply(request, attendee=me, answer="accepted", now=NOW, comment=comment))
    assert (read.uid, len(read.attendees), read.attendees[0].status) == ("u", 1, "accepted")
    assert read.start == FIRST


def test_an_event_in_the_calendar_can_be_answered_like_its_invitation() -> None:
    ics = REQUEST.replace("METHOD:REQUEST\r\n", "")
    assert message_of(ics) == read_itip(REQUEST)
    assert message_of(ics, occurrence=SECOND) == read_itip(REQUEST).occurrences[0]
    third = message_of(ics, occurrence=SECOND + timedelta(days=7))
    assert (third.recurrence_id, third.start, third.end, third.rrule) == (
        SECOND + timedelta(days=7), SECOND + timedelta(days=7), SECOND + timedelta(days=7, hours=1), "",
    )  # fmt: skip


def test_who_is_not_invited_any_more_is_told_alone_and_the_meeting_is_not_off() -> None:
    sent = invitation(REQUEST, "CANCEL", only=["CY@example.net"])
    (event,) = icalendar.Calendar.from_ical(sent).walk("VEVENT")
    assert str(event["ATTENDEE"]).lower() == "mailto:cy@example.net"
    assert "STATUS" not in event, "RFC 5546 3.2.5"
    assert "METHOD:CANCEL" in sent


def test_an_invitation_says_when_it_was_made_and_keeps_what_was_written_in_confidence() -> None:
    ics = REQUEST.replace("PARTSTAT=ACCEPTED:", 'PARTSTAT=ACCEPTED;X-RESPONSE-COMMENT="I: need it":')
    one = REQUEST.replace("BEGIN:VEVENT", "BEGIN:VEVENT\r\nX-DESKHAND-HOLD-UNTIL:20261125T180000Z", 1)
    for text, gone in ((ics, "need it"), (one, "HOLD")):
        sent = invitation(text, "REQUEST", now=NOW)
        assert gone in text
        assert gone not in sent
        assert read_itip(sent).dtstamp == NOW
        assert [p.status for p in read_itip(sent).attendees] == ["needs-action", "accepted"]


# mail


def mail(body: bytes, *, how: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Message-ID"] = (
        "bo@example.com",
        "ana@example.org",
        "<a@example.com>",
    )
    message["Subject"], message["Date"] = "Plan", "Sun, 22 Nov 2026 08:00:00 +0000"
    message.set_content("You are invited.")
    match how:
        case "attachment":
            message.add_attachment(body, "application", "octet-stream", filename="Invite.ICS")
        case "utf-16":
            message.add_alternative(body, "text", "calendar", params={"charset": "utf-16"})
        case "latin":
            message.add_alternative(
                body, "text", "calendar", params={"charset": "iso-8859-1"}, cte="quoted-printable"
            )
        case _:
            message.add_alternative(body, "text", "calendar", params={"method": "REQUEST"}, cte=how)
    return message.as_bytes()


def read_mail(data: bytes, folder: Path, kind: str) -> Item:
    if kind == "mbox":
        (folder / "mail.mbox").write_bytes(
            b"From x Sun Nov 22 08:00:00 2026\n" + data.replace(b"\r\n", b"\n")
        )
        source = mbox.connect(source="m", state=folder / "s", place=str(folder / "mail.mbox"))
    else:
        for name in ("new", "tmp", "cur"):
            (folder / "Mail" / name).mkdir(parents=True)
        (folder / "Mail" / "cur" / "1.a:2,S").write_bytes(data)
        source = maildir.connect(source="m", state=folder / "s", place=str(folder / "Mail"))  # type: ignore[assignment]
    (message,) = (i for i in current(pass_over(source)[0]).values() if i.ref.kind == "message")
    return message


@pytest.mark.parametrize("kind", ["mbox", "maildir"])
@pytest.mark.parametrize("how", ["base64", "quoted-printable", "8bit", "attachment", "utf-16", "latin"])
def test_a_mail_says_what_its_calendar_part_says(tmp_path: Path, kind: str, how: str) -> None:
    text = REQUEST.replace("Room 2", "Café")
    body = text.encode({"utf-16": "utf-16", "latin": "latin-1"}.get(how, "utf-8"))
    message = read_mail(mail(body, how=how), tmp_path, kind)
    read = from_json(json.loads(json.dumps(message.data["itip"])))
    assert read == read_itip(text)
    assert read.location == "Café"
    assert message.label.trust == "untrusted"


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\nMETHOD:REQUEST\n", b"x" * 2_000_000]
)
def test_a_broken_calendar_part_costs_nothing_but_itself(tmp_path: Path, body: bytes) -> None:
    message = read_mail(mail(body, how="base64"), tmp_path, "maildir")
    assert "itip" not in message.data
    assert message.text == "You are invited."
