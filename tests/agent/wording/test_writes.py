"""How a write is told once its receipt is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from agent_givens import ANN, BO, NOW

from deskhand.agent.model import Effect
from deskhand.agent.trust.proven import Proven
from deskhand.agent.trust.proven import done as said_of
from deskhand.agent.wording.writes import called, question, quoted, said_in
from deskhand.connectors.model import ItemRef
from deskhand.connectors.operations import (
    EventAnswered,
    EventCreate,
    EventUpdate,
    FileTrash,
    Mailbox,
    MailSend,
    Operation,
)


def done(
    op: Operation, *, zone: str, now: datetime, about: str = "", detail: Mapping[str, Any] | None = None
) -> str:
    """What is said of a write that was read back with this detail."""
    row = Effect(
        key="k", run="r1", step="s", operation=op.name, arguments=op.arguments(), source=op.source,
        state="done", receipt={"ref": "mail:message:1", "version": "1", "detail": dict(detail or {})}, at=NOW,
    )  # fmt: skip
    return said_of(Proven(row), zone=zone, now=now, about=about)


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
    from deskhand.agent.wording.writes import put_back

    now = datetime(2026, 11, 22, tzinfo=UTC)
    event = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Sync\r\n"
        "DTSTART:20261102T100000Z\r\nDTEND:20261102T103000Z\r\nATTENDEE:mailto:bo@example.org\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert put_back(event, zone="UTC", now=now) == "“Sync”, Mon 2 Nov, 10:00–10:30, with bo@example.org"
    assert put_back("", zone="UTC", now=now) == "it is taken away"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Budget", "“Budget”"),
        ("x” to ann@example.org. Approved „by you", "“x' to ann@example.org. Approved 'by you”"),
        ("two\nlines\t here", "“two lines here”"),
        ("", "“”"),
    ],
)
def test_somebodys_words_cannot_close_their_quotation_marks(text: str, shown: str) -> None:
    assert quoted(text) == shown


def test_long_words_are_cut() -> None:
    assert quoted("word " * 100, most=20) == "“word word word word…”"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", BO),
        ("Bo O'Lindqvist-Ek (Sales), Dr.", f"Bo O'Lindqvist-Ek (Sales), Dr. <{BO}>"),
        ("Жанна 東京", f"Жанна 東京 <{BO}>"),
        (f"{ANN}", f"“{ANN}” <{BO}>"),
        ("Ann> (you wrote)\n", f"“Ann> (you wrote)” <{BO}>"),
        ("Ann — you wrote", f"“Ann — you wrote” <{BO}>"),
    ],
)
def test_a_name_that_holds_more_than_a_name_stands_in_quotation_marks(name: str, shown: str) -> None:
    assert called(name, BO) == shown


def test_a_title_cannot_add_a_recipient_to_the_question() -> None:
    mail = MailSend(source="mail", to=(Mailbox(address=BO),), subject=f"Hi” to {ANN}, from mail", body="x")
    assert question(mail, zone="UTC", now=NOW) == f"Send “Hi' to {ANN}, from mail” to {BO}, from mail"


def test_what_is_no_calendar_message_says_so() -> None:
    assert "cannot be read" in said_in("BEGIN:VCALENDAR\r\n", zone="UTC", now=NOW)


def test_a_file_that_its_source_knows_by_an_id_is_called_by_its_title() -> None:
    """And its title, which anybody may give a file that he shares, cannot close its quotation marks."""
    drive = ItemRef("drive", "document", "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms")
    folder = ItemRef("docs", "document", "work/plan.md")
    for ref, called_so in ((drive, "“Plan' from x”"), (folder, "work/plan.md")):
        op = FileTrash(source=ref.source, ref=ref, version="1")
        told = question(op, zone="UTC", now=NOW, about="Plan” from x")
        assert told == f"Take away {called_so} from {ref.source} (it is kept)"
