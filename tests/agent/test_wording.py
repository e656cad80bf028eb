"""How a write is told once its receipt is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent_givens import ANN, BO, NOW

from deskhand.agent.wording import done
from deskhand.connectors.model import ItemRef
from deskhand.connectors.operations import EventAnswered, EventCreate, EventUpdate, Mailbox, MailSend


def test_whom_the_server_refused_was_not_reached() -> None:
    mail = MailSend(source="mail", to=(Mailbox(address=ANN), Mailbox(address=BO)), subject="Hi", body="x")
    told = done(mail, zone="UTC", now=NOW, detail={"refused": {BO: "550 no such user"}})
    reached, _, lost = told.partition("; ")
    assert reached == f"Sent “Hi” to {ANN}, from mail"
    assert lost == f"not reached, the mail server refused: {BO} (550 no such user)"


def test_a_hold_an_answer_and_a_change_from_a_date_on() -> None:
    ref, hour = ItemRef("cal", "event", "e"), timedelta(hours=1)
    hold = EventCreate(
        source="cal", title="Budget", start=NOW, end=NOW + hour, zone="UTC", status="tentative",
        hold_until=NOW + 3 * hour,
    )  # fmt: skip
    assert done(hold, zone="UTC", now=NOW) == (
        "Held “Budget”, Sun 22 Nov, 08:00–09:00, until Sun 22 Nov, 11:00, in cal"
    )
    note = EventAnswered(source="cal", ref=ref, version="1", address=BO, status="declined", sequence=0)
    assert done(note, zone="UTC", now=NOW, about="Budget") == f"Noted that {BO} declined “Budget”, in cal"
    later = EventUpdate(source="cal", ref=ref, version="1", occurrence=NOW, following=True, title="Costs")
    assert done(later, zone="UTC", now=NOW, about="Budget") == (
        "Changed “Budget” (from Sun 22 Nov on) title “Costs”, in cal"
    )


def test_what_is_put_back_is_told_in_words() -> None:
    from deskhand.agent.wording import put_back

    now = datetime(2026, 11, 22, tzinfo=UTC)
    event = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Sync\r\n"
        "DTSTART:20261102T100000Z\r\nDTEND:20261102T103000Z\r\nATTENDEE:mailto:bo@example.org\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert put_back(event, zone="UTC", now=now) == "“Sync”, Mon 2 Nov, 10:00–10:30, with bo@example.org"
    assert put_back("", zone="UTC", now=now) == "it is taken away"
