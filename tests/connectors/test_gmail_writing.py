"""What is written at Gmail: drafts and mail with all that belongs to them, labels, and the way back."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contracts import NOW
from fakes.proxy import Request
from gmail_givens import BO, CY, OFFICE, does, ids, mailbox, messages
from google_givens import Google

from deskhand.connectors.errors import Missing, Unsupported
from deskhand.connectors.gmail import Gmail
from deskhand.connectors.model import Content, ItemRef
from deskhand.connectors.operations import (
    Enclosure,
    MailDraft,
    MailFlag,
    MailMove,
    MailSend,
    MailTrash,
)

pytestmark = pytest.mark.parametrize("google", [OFFICE], indirect=True)
KEY = "ab" * 16


@pytest.fixture
def gmail(google: Google, tmp_path: Path) -> Iterator[Gmail]:
    made = mailbox(google, tmp_path / "state", sender="Ana Test <ana@example.org>")
    yield made
    made.close()


def labels(google: Google, id_: str) -> set[str]:
    return set(does(google, "GET", f"/messages/{id_}?format=minimal")["labelIds"])


def received(google: Google, who: str, subject: str) -> dict[str, Any]:
    """What somebody has of it: headers in lower case, and its text and parts."""
    said = does(google, "GET", f"/messages/{ids(google, who)[subject]}?format=full", who=who)
    return {h["name"].lower(): h["value"] for h in said["payload"]["headers"]} | {
        "parts": [p["filename"] for p in said["payload"].get("parts", [])], "thread": said["threadId"],
    }  # fmt: skip


def test_who_is_written_to_gets_it_and_nobody_sees_who_else(google: Google, gmail: Gmail) -> None:
    mail = MailSend(source="mail", to=(BO,), bcc=(CY,), subject="Überall", body="Grüße — bis bald.")
    receipt = gmail.perform(mail, key=KEY, now=NOW)
    for who in ("bo", "cy"):
        got = received(google, who, "Überall")
        assert "cy@" not in f"{got['to']}{got.get('bcc', '')}"
        assert got["from"] == "Ana Test <ana@example.org>"
    item = gmail.read(receipt.ref)
    assert item is not None
    assert item.text == "Grüße — bis bald."
    assert receipt.detail["folder"] == "Sent"
    assert receipt.detail["message_id"] == item.data["message_id"]


def test_an_answer_belongs_to_its_thread(google: Google, gmail: Gmail) -> None:
    plan = messages(gmail)["Plan"]
    mail = MailSend(source="mail", to=(BO,), subject="Re: Plan", body="Yes.", answers=plan.ref)
    item = gmail.read(gmail.perform(mail, key=KEY, now=NOW).ref)
    assert item is not None
    assert item.data["thread"] == plan.data["thread"]
    assert item.data["in_reply_to"] == plan.data["message_id"]


def test_attachments_go_along_as_they_are(google: Google, gmail: Gmail) -> None:
    """One of this mailbox, and one of elsewhere at a version."""
    notes = messages(gmail)["Notes"]
    own = ItemRef("mail", "attachment", f"{notes.ref.native}#1")
    other = ItemRef("documents", "document", "plan.pdf")
    mail = MailSend(
        source="mail", to=(BO,), subject="Papers", body="Here.",
        attachments=(own, Enclosure(ref=other, version="v1")),
    )  # fmt: skip
    contents = {other: Content("plan.pdf", "application/pdf", b"%PDF-1.4 plan")}
    receipt = gmail.perform(mail, key=KEY, now=NOW, contents=contents)
    assert received(google, "bo", "Papers")["parts"][1:] == ["notes.txt", "plan.pdf"]
    ref = ItemRef("mail", "attachment", f"{receipt.ref.native}#2")
    item = gmail.read(ref)
    assert item is not None
    assert gmail.content(ref, item.version).data == b"%PDF-1.4 plan"


def test_a_large_message_is_uploaded_in_parts(google: Google, gmail: Gmail) -> None:
    """This server takes none: the front takes the parts, and gives it the whole."""
    data, begun = bytearray(), []

    def begin(request: Request) -> None:
        begun.append(request.path)
        session = "https://gmail.googleapis.com/upload/gmail/v1/users/me/drafts/session"
        request.say(200, [("Location", session)])

    def part(request: Request) -> None:
        data.extend(request.body)
        size = int(request.headers["Content-Range"].rpartition("/")[2])
        if len(data) < size:
            request.say(308, [("Range", f"bytes=0-{len(data) - 1}")])
            return
        raw = base64.urlsafe_b64encode(bytes(data)).decode()
        made = does(google, "POST", "/drafts", {"message": {"raw": raw}})
        request.say(200, [("Content-Type", "application/json")], json.dumps(made).encode())

    google.front.always |= {"POST /upload/gmail/v1/users/me/drafts": begin, "PUT /upload/": part}
    other = ItemRef("documents", "document", "film.bin")
    mail = MailDraft(
        source="mail",
        to=(BO,),
        subject="Film",
        body="Here.",
        attachments=(Enclosure(ref=other, version="v1"),),
    )
    contents = {other: Content("film.bin", "application/octet-stream", bytes(range(256)) * 30_000)}
    receipt = gmail.perform(mail, key=KEY, now=NOW, contents=contents)
    assert len(begun) == 1
    assert len(data) > 10_000_000
    ref = ItemRef("mail", "attachment", f"{receipt.ref.native}#1")
    item = gmail.read(ref)
    assert item is not None
    assert gmail.content(ref, item.version).data == contents[other].data


def test_a_draft_is_taken_back_into_the_trash(google: Google, gmail: Gmail) -> None:
    operation = MailDraft(source="mail", to=(BO,), subject="Boat", body="b")
    receipt = gmail.perform(operation, key=KEY, now=NOW)
    assert (receipt.detail["folder"], receipt.detail["outbox"]) == ("Drafts", False)
    assert gmail.perform(operation, key=KEY, now=NOW) == receipt
    back = gmail.inverse(operation, receipt)
    assert isinstance(back, MailTrash)
    gmail.perform(back, key="cd" * 16, now=NOW)
    assert "TRASH" in labels(google, receipt.ref.native)


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("Work/2026", {"UNREAD", "Work/2026"}),
        ("work/2026", {"UNREAD", "Work/2026"}),
        ("All Mail", {"UNREAD"}),
        ("Archive", {"UNREAD"}),
        ("Spam", {"UNREAD", "SPAM"}),
        ("Junk", {"UNREAD", "SPAM"}),
        ("Trash", {"UNREAD", "TRASH", "INBOX"}),
    ],
)
def test_a_message_is_moved_and_back(google: Google, gmail: Gmail, folder: str, expected: set[str]) -> None:
    """There and back it has the labels that it had."""
    made = does(google, "POST", "/labels", {"name": "Work/2026"})["id"]
    ref = messages(gmail)["Plan"].ref
    before = labels(google, ref.native)
    operation = MailMove(source="mail", ref=ref, folder=folder)
    receipt = gmail.perform(operation, key=KEY, now=NOW)
    assert {"Work/2026" if x == made else x for x in labels(google, ref.native)} == expected
    assert receipt.detail["was"] == "INBOX"
    back = gmail.inverse(operation, receipt)
    assert back == MailMove(source="mail", ref=ref, folder="INBOX")
    gmail.perform(back, key="cd" * 16, now=NOW)
    assert labels(google, ref.native) == before


def test_a_message_keeps_the_labels_that_moving_has_nothing_to_do_with(google: Google, gmail: Gmail) -> None:
    one, two, kept = (does(google, "POST", "/labels", {"name": n})["id"] for n in ("Zoo", "Bills", "Kept"))
    ref = messages(gmail)["Plan"].ref
    does(google, "POST", f"/messages/{ref.native}/modify", {"addLabelIds": [kept]})
    gmail.perform(MailMove(source="mail", ref=ref, folder="Zoo"), key="k1", now=NOW)
    assert labels(google, ref.native) == {"UNREAD", one, kept}
    gmail.perform(MailMove(source="mail", ref=ref, folder="Bills"), key="k2", now=NOW)
    assert two in labels(google, ref.native)
    assert one not in labels(google, ref.native)


def test_what_is_there_already_is_left_alone(google: Google, gmail: Gmail) -> None:
    ref = messages(gmail)["Plan"].ref
    operation = MailMove(source="mail", ref=ref, folder="INBOX")
    receipt = gmail.perform(operation, key=KEY, now=NOW)
    assert gmail.inverse(operation, receipt) is None
    assert google.world.effects("gmail.users.messages.modify") == []


def test_flags_are_set_cleared_and_taken_back_one_by_one(google: Google, gmail: Gmail) -> None:
    ref = messages(gmail)["Plan"].ref
    does(google, "POST", f"/messages/{ref.native}/modify", {"addLabelIds": ["STARRED"]})
    operation = MailFlag(source="mail", ref=ref, add=("seen", "flagged"))
    receipt = gmail.perform(operation, key=KEY, now=NOW)
    assert receipt.detail == {"added": ["seen"], "removed": []}
    assert labels(google, ref.native) == {"INBOX", "STARRED"}
    back = gmail.inverse(operation, receipt)
    assert back is not None
    gmail.perform(back, key="cd" * 16, now=NOW)
    assert labels(google, ref.native) == {"INBOX", "STARRED", "UNREAD"}
    with pytest.raises(Unsupported, match="no flag 'answered'"):
        gmail.perform(MailFlag(source="mail", ref=ref, add=("answered",)), key="k3", now=NOW)


def test_what_gmail_does_not_do_is_said_and_nothing_is_sent(google: Google, gmail: Gmail) -> None:
    ref = messages(gmail)["Plan"].ref
    for folder, error in (("Sent", Unsupported), ("Drafts", Unsupported), ("Nowhere", Missing)):
        with pytest.raises(error):
            gmail.perform(MailMove(source="mail", ref=ref, folder=folder), key=KEY, now=NOW)
    assert google.world.effects("gmail.users.messages.*") == []


def test_who_only_reads_is_told_how_to_write(google: Google, tmp_path: Path) -> None:
    gmail = mailbox(google, tmp_path / "other", write=False)
    with pytest.raises(Unsupported, match="deskhand signin mail --write"):
        gmail.perform(MailSend(source="mail", to=(BO,), subject="s", body="b"), key=KEY, now=NOW)
    gmail.close()


def test_nobody_but_gmail_and_the_token_server_is_asked(google: Google, gmail: Gmail) -> None:
    """For reading, writing and uploading; and neither hears the other's secret."""
    messages(gmail)
    gmail.perform(MailSend(source="mail", to=(BO,), subject="s", body="b"), key=KEY, now=NOW)
    for headers, body in zip(google.front.headers, google.front.bodies, strict=True):
        at_tokens = headers["Host"] == "oauth2.googleapis.com"
        assert at_tokens or headers["Host"] == "gmail.googleapis.com"
        assert at_tokens != ("Authorization" in headers)
        assert (b"client-secret" in body) == at_tokens


def test_where_to_look_is_said_without_asking(google: Google, gmail: Gmail) -> None:
    ref = ItemRef("mail", "message", "0123456789abcdef")
    google.front.seen.clear()
    for operation, words in (
        (MailSend(source="mail", to=(BO,), subject="s", body="b"), "in Sent of ana@example.org, Message-ID"),
        (MailDraft(source="mail", to=(BO,), subject="s", body="b"), "in Drafts of ana@example.org"),
        (MailMove(source="mail", ref=ref, folder="Work"), "in Work, the message 0123456789abcdef"),
        (MailTrash(source="mail", ref=ref), "in Trash, the message 0123456789abcdef"),
        (MailFlag(source="mail", ref=ref, add=("seen",)), "the labels of the message 0123456789abcdef"),
    ):  # fmt: skip
        assert words in gmail.where(operation, key=KEY)
    assert google.front.seen == []
