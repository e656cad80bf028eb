"""What a pass over Gmail tells: a test for each thing Gmail's sync guide promises or asks to mind."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts import NOW, pass_over
from fakes.proxy import rewritten, says
from gmail_givens import NOTES, OFFICE, arrives, asked, does, gets, ids, mailbox, messages, token
from google_givens import Google

from deskhand.connectors._google_account import opened
from deskhand.connectors.archive import Archive
from deskhand.connectors.errors import Misconfigured, Transient, Unauthorized
from deskhand.connectors.gmail import Gmail, connect, opened_with
from deskhand.connectors.model import Change, Cursor, Failed, Item, ItemRef, Removed
from deskhand.connectors.sync import sync

pytestmark = pytest.mark.parametrize("google", [OFFICE], indirect=True)


@pytest.fixture
def gmail(google: Google, tmp_path: Path) -> Iterator[Gmail]:
    made = mailbox(google, tmp_path / "state")
    yield made
    made.close()


def told(changes: list[Change]) -> list[tuple[str, str]]:
    """What a pass says of messages, in short."""
    return sorted(
        (type(c).__name__, c.title if isinstance(c, Item) else c.ref.native)
        for c in changes
        if not isinstance(c, Cursor) and c.ref.kind == "message"
    )


def unchanged(gmail: Gmail, cursor: Cursor) -> None:
    """A pass from here tells nothing, and ends where it began."""
    changes, again = pass_over(gmail, cursor)
    assert (changes, again.value) == ([], cursor.value)


# ------------------------------------------------------------------ rows of the contract


def test_history_list_tells_what_changed_since_a_history_id(google: Google, gmail: Gmail) -> None:
    _, cursor = pass_over(gmail)
    new = arrives(google, "Boat")
    does(google, "POST", f"/messages/{ids(google)['Plan']}/modify", {"removeLabelIds": ["UNREAD"]})
    google.front.seen.clear()
    changes, cursor = pass_over(gmail, cursor)
    assert told(changes) == [("Item", "Boat"), ("Item", "Plan")]
    assert sorted(gets(google)) == sorted([new, ids(google)["Plan"]])
    unchanged(gmail, cursor)


def test_where_nothing_changed_one_request_and_a_token_are_all(
    google: Google, gmail: Gmail, tmp_path: Path
) -> None:
    _, cursor = pass_over(gmail)
    google.front.seen.clear()
    unchanged(gmail, cursor)
    assert asked(google) == ["GET history"]
    google.front.seen.clear()
    fresh = mailbox(google, tmp_path / "other")
    unchanged(fresh, cursor)
    assert [p.partition("?")[0] for _, p in google.front.seen] == ["/token", "/gmail/v1/users/me/history"]
    fresh.close()


def test_a_404_starts_over_and_fetches_only_what_differs(google: Google, gmail: Gmail) -> None:
    """New, gone, and with other labels; what is as it was is not opened."""
    _, cursor = pass_over(gmail)
    there = ids(google)
    does(google, "DELETE", f"/messages/{there['Budget']}")
    does(google, "POST", f"/messages/{there['Plan']}/modify", {"addLabelIds": ["STARRED"]})
    new = arrives(google, "Boat")
    old = json.dumps({**json.loads(cursor.value), "history": "999"})
    google.front.seen.clear()
    changes, cursor = pass_over(gmail, Cursor(old))
    assert told(changes) == [("Item", "Boat"), ("Item", "Plan"), ("Removed", there["Budget"])]
    assert sorted(gets(google)) == sorted([new, there["Plan"]])
    unchanged(gmail, cursor)


def test_history_ids_are_text(google: Google, gmail: Gmail) -> None:
    """They may have more than 64 bits, and be no numbers at all."""
    large = "98765432109876543210123456789"
    google.front.faults.append(
        ("GET /profile", rewritten(lambda d: json.dumps(json.loads(d) | {"historyId": large}).encode()))
    )
    _, cursor = pass_over(gmail)
    google.front.seen.clear()
    google.front.faults.append(("GET /history", says(200, json.dumps({"historyId": large + "0"}).encode())))
    changes, cursor = pass_over(gmail, cursor)
    assert changes == []
    assert f"startHistoryId={large}&" in google.front.seen[0][1] + "&"
    assert json.loads(cursor.value)["history"] == large + "0"


def test_the_history_id_counts_with_the_last_page_alone(google: Google, gmail: Gmail) -> None:
    """A pass that breaks off between two pages of the history is done again from the beginning."""
    _, cursor = pass_over(gmail)
    arrives(google, "First")
    arrives(google, "Second")

    def first_page(data: bytes) -> bytes:
        said = json.loads(data)
        return json.dumps(said | {"history": said["history"][:1], "nextPageToken": str(10**18 + 3)}).encode()

    google.front.faults.append(("GET /history", rewritten(first_page)))
    google.front.always["GET /history"] = says(503)
    told_so_far: list[Change] = []
    with pytest.raises(Transient):
        told_so_far.extend(gmail.changes(cursor))
    assert told_so_far == []
    del google.front.always["GET /history"]
    assert told(pass_over(gmail, cursor)[0]) == [("Item", "First"), ("Item", "Second")]
    google.front.faults.append(("GET /history", rewritten(first_page)))
    assert told(pass_over(gmail, cursor)[0]) == [("Item", "First"), ("Item", "Second")]


def test_a_label_change_is_no_new_version(google: Google, gmail: Gmail) -> None:
    before = messages(gmail)["Budget"]
    _, cursor = pass_over(gmail)
    label = does(google, "POST", "/labels", {"name": "Work/2026"})["id"]
    body = {"addLabelIds": ["STARRED", label], "removeLabelIds": ["INBOX", "UNREAD"]}
    does(google, "POST", f"/messages/{before.ref.native}/modify", body)
    changes, _ = pass_over(gmail, cursor)
    (after,) = (c for c in changes if isinstance(c, Item))
    assert (after.version, after.hash, after.text) == (before.version, before.hash, before.text)
    assert (before.flags, before.folder) == ((), "INBOX")
    assert (after.flags, after.folder) == (("flagged", "seen"), "Work/2026")
    assert after.data["labels"] == ["STARRED", "Work/2026"]


# ------------------------------------------------------------------ what else happens


def test_what_is_deleted_for_good_is_removed_with_its_attachments(google: Google, gmail: Gmail) -> None:
    _, cursor = pass_over(gmail)
    gone = ids(google)["Notes"]
    does(google, "DELETE", f"/messages/{gone}")

    def deleted(data: bytes) -> bytes:  # this server does not tell it
        record = {"id": "2000", "messages": [{"id": gone}], "messagesDeleted": [{"message": {"id": gone}}]}
        return json.dumps(json.loads(data) | {"history": [record]}).encode()

    google.front.faults.append(("GET /history", rewritten(deleted)))
    google.front.seen.clear()
    changes, cursor = pass_over(gmail, cursor)
    assert changes == [
        Removed(ItemRef("mail", "message", gone)), Removed(ItemRef("mail", "attachment", f"{gone}#1"))
    ]  # fmt: skip
    assert gets(google) == []
    unchanged(gmail, cursor)


def test_what_is_gone_before_it_was_read_is_no_error(google: Google, gmail: Gmail) -> None:
    _, cursor = pass_over(gmail)
    new = arrives(google, "Boat")
    google.front.faults.append((f"GET /messages/{new}", says(404)))
    assert told(pass_over(gmail, cursor)[0]) == []


def test_empty_pages_and_pages_that_come_twice_change_nothing(google: Google, gmail: Gmail) -> None:
    expected = messages(gmail).keys()
    begin = str(10**18 + 3)
    google.front.faults.append(("GET /messages?", says(200, json.dumps({"nextPageToken": begin}).encode())))
    assert messages(gmail).keys() == expected
    again = rewritten(lambda d: json.dumps(json.loads(d) | {"nextPageToken": begin}).encode())
    google.front.faults.append(("GET /messages?", again))
    google.front.seen.clear()
    assert messages(gmail).keys() == expected
    assert len(gets(google)) == len(expected)
    google.front.always["GET /messages?"] = again
    with pytest.raises(Transient, match="same page"):
        pass_over(gmail)


def test_spam_is_not_read_and_what_becomes_spam_is_removed(google: Google, gmail: Gmail) -> None:
    there = ids(google)
    does(google, "POST", f"/messages/{there['Plan']}/modify", {"addLabelIds": ["SPAM"]})
    assert sorted(messages(gmail)) == ["Budget", "Notes"]
    _, cursor = pass_over(gmail)
    does(google, "POST", f"/messages/{there['Budget']}/modify", {"addLabelIds": ["SPAM"]})
    does(google, "POST", f"/messages/{there['Plan']}/modify", {"removeLabelIds": ["SPAM"]})
    changes, _ = pass_over(gmail, cursor)
    assert told(changes) == [("Item", "Plan"), ("Removed", there["Budget"])]


def test_where_a_message_lies_and_what_its_flags_are(google: Google, gmail: Gmail) -> None:
    there = ids(google)
    label = does(google, "POST", "/labels", {"name": "Bills"})["id"]
    does(google, "POST", f"/messages/{there['Plan']}/trash")
    does(google, "POST", f"/messages/{there['Budget']}/modify", {"removeLabelIds": ["INBOX", "UNREAD"]})
    body = {"addLabelIds": [label], "removeLabelIds": ["INBOX"]}
    does(google, "POST", f"/messages/{there['Notes']}/modify", body)
    found = messages(gmail)
    assert {s: (i.folder, i.flags) for s, i in found.items()} == {
        "Plan": ("Trash", ("trashed",)), "Budget": ("All Mail", ("seen",)), "Notes": ("Bills", ()),
    }  # fmt: skip


def test_drafts_and_what_was_sent_are_the_owners_own_words(google: Google, gmail: Gmail) -> None:
    """Nobody else can put a message there; what comes in is a stranger's, whatever From says."""
    for path, subject in (("/drafts", "Mine"), ("/messages/send", "Ours")):
        text = f"From: ana@example.org\r\nTo: bo@example.org\r\nSubject: {subject}\r\n\r\nMy words.\r\n"
        raw = {"raw": base64.urlsafe_b64encode(text.encode()).decode()}
        does(google, "POST", path, {"message": raw} if path == "/drafts" else raw)
    arrives(google, "Forged", headers="Reply-To: ana@example.org\r\n")
    found = messages(gmail)
    draft, sent = found["Mine"], found["Ours"]
    assert (draft.folder, draft.flags, draft.label.trust) == ("Drafts", ("draft", "seen"), "user")
    assert "sent" not in draft.data
    assert (sent.label.trust, sent.data["sent"]) == ("user", True)
    assert found["Forged"].label.trust == "untrusted"


def test_threads_are_gmails(google: Google, gmail: Gmail) -> None:
    found = messages(gmail)
    threads = {i.data["thread"] for i in found.values()}
    assert len(threads) == 3
    answer = f"In-Reply-To: {found['Plan'].data['message_id']}\r\n"
    arrives(google, "Re: Plan", headers=answer)
    (item,) = (i for s, i in messages(gmail).items() if s == "Re: Plan")
    assert item.data["in_reply_to"] == found["Plan"].data["message_id"]
    assert item.link == f"https://mail.google.com/mail/?authuser=ana%40example.org#all/{item.ref.native}"


def test_the_archive_groups_by_gmails_threads(google: Google, gmail: Gmail, tmp_path: Path) -> None:
    """Whatever a message refers to: one of the thread is in it, one that only claims to be is not."""
    plan = messages(gmail)["Plan"]
    head = "To: ana@example.org\r\nSubject: Re: Plan\r\n"
    for who, thread in (("in", plan.data["thread"]), ("out", "")):
        refers = f"References: {plan.data['message_id']}\r\n" if who == "out" else ""
        raw = f"From: {who}@example.org\r\n{head}{refers}\r\nHello from {who}.\r\n".encode()
        body = {"raw": base64.urlsafe_b64encode(raw).decode(), "labelIds": ["INBOX"]}
        does(google, "POST", "/messages", body | ({"threadId": thread} if thread else {}))
    archive = Archive.open(tmp_path / "archive.db")
    archive.register("mail", "gmail")
    assert not sync(gmail, archive, now=lambda: NOW).error
    found = archive.find(kinds=["message"], thread=archive.thread_of(plan.ref))
    assert sorted(i.text for i in found) == ["Hello from in.", "The plan is here."]
    archive.close()


def test_attachments_are_items_of_their_own(google: Google, gmail: Gmail) -> None:
    notes = messages(gmail)["Notes"]
    (named,) = notes.data["attachments"]
    assert named["name"] == NOTES["filename"]
    item = gmail.read(ItemRef("mail", "attachment", named["native"]))
    assert item is not None
    assert item.title == "notes.txt"
    assert len(gmail.content(item.ref, item.version).data) == NOTES["size"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"folders": "Work*"}, ["Plan"]),
        ({"folders": "work/2026,INBOX"}, ["Budget", "Notes", "Plan"]),
        ({"exclude": "Work/*"}, ["Budget", "Notes"]),
        ({"since": "2026-11-20"}, ["Budget", "Plan"]),
        ({"folders": "SPAM"}, []),
    ],
)
def test_what_is_read_can_be_chosen(
    google: Google, tmp_path: Path, options: dict[str, str], expected: list[str]
) -> None:
    """From the first pass on, and by what changes later."""
    label = does(google, "POST", "/labels", {"name": "Work/2026"})["id"]
    plan = ids(google)["Plan"]
    does(google, "POST", f"/messages/{plan}/modify", {"addLabelIds": [label], "removeLabelIds": ["INBOX"]})
    gmail = mailbox(google, tmp_path / "state", **options)
    changes, cursor = pass_over(gmail)
    assert [title for _, title in told(changes)] == expected
    does(google, "POST", f"/messages/{plan}/modify", {"addLabelIds": ["STARRED"], "removeLabelIds": [label]})
    changes, _ = pass_over(gmail, cursor)
    still = "since" in options or "exclude" in options
    assert told(changes) == (
        [("Item", "Plan")] if still else [("Removed", plan)] if "Plan" in expected else []
    )
    gmail.close()


def test_another_choice_counts_from_the_next_pass_on(google: Google, tmp_path: Path) -> None:
    """What is read no longer is removed, what is read now is fetched, and nothing else."""
    there = ids(google)
    cursor: Cursor | None = None
    for options, expected in (
        ({"since": "2026-11-21"}, [("Item", "Plan")]),
        ({}, [("Item", "Budget"), ("Item", "Notes")]),
        ({"since": "2026-11-20"}, [("Removed", there["Notes"])]),
        ({"since": "2026-11-20"}, []),
    ):
        gmail = mailbox(google, tmp_path / "state", **options)
        google.front.seen.clear()
        changes, cursor = pass_over(gmail, cursor)
        assert told(changes) == expected
        assert len(gets(google)) == sum(kind == "Item" for kind, _ in expected)
        gmail.close()


def test_a_message_that_is_too_large_is_told_and_the_rest_is_read(google: Google, tmp_path: Path) -> None:
    gmail = mailbox(google, tmp_path / "state", max_size="1500")
    large = arrives(google, "Large", body="word " * 400)
    changes, cursor = pass_over(gmail)
    assert [c.ref.native for c in changes if isinstance(c, Failed)] == [large]
    assert "max_size" in next(c.reason for c in changes if isinstance(c, Failed))
    unchanged(gmail, cursor)
    gmail.close()


def test_a_message_that_gmail_does_not_give_is_told_and_the_rest_is_read(
    google: Google, gmail: Gmail
) -> None:
    plan = ids(google)["Plan"]
    refused = b'{"error": {"code": 403, "message": "No.", "errors": [{"reason": "forbidden"}]}}'
    google.front.always[f"GET /messages/{plan}"] = says(403, refused)
    changes, _ = pass_over(gmail)
    assert [c.ref.native for c in changes if isinstance(c, Failed)] == [plan]
    assert [s for kind, s in told(changes) if kind == "Item"] == ["Budget", "Notes"]


def test_a_message_that_gmail_gave_once_and_then_not_goes_with_its_attachments(
    google: Google, gmail: Gmail
) -> None:
    _, cursor = pass_over(gmail)
    notes = ids(google)["Notes"]
    does(google, "POST", f"/messages/{notes}/modify", {"addLabelIds": ["STARRED"]})
    refused = b'{"error": {"code": 403, "message": "No.", "errors": [{"reason": "forbidden"}]}}'
    google.front.always[f"GET /messages/{notes}"] = says(403, refused)
    changes, cursor = pass_over(gmail, cursor)
    assert [type(c) for c in changes] == [Failed]
    google.front.always.clear()
    does(google, "POST", f"/messages/{notes}/modify", {"addLabelIds": ["SPAM"]})
    changes, _ = pass_over(gmail, cursor)
    assert [c.ref.native for c in changes if isinstance(c, Removed)] == [notes, f"{notes}#1"]


# ------------------------------------------------------------------ how it is set up


def test_without_write_it_is_only_read(google: Google, tmp_path: Path) -> None:
    gmail = mailbox(google, tmp_path / "state", write=False)
    gmail.check()
    assert gmail.operations == ()
    gmail.close()


def test_another_ones_mailbox_is_not_taken_for_ones_own(google: Google, tmp_path: Path) -> None:
    account = opened("gmail", source="mail", place="ana@example.org", token=token(google).replace(
        google.world.tokens["ana"], google.world.tokens["bo"]
    ))  # fmt: skip
    gmail = opened_with(account, source="mail", state=tmp_path)
    with pytest.raises(Unauthorized, match="that of bo@"):
        gmail.check()
    gmail.close()


def test_options_that_cannot_work_are_told(google: Google, tmp_path: Path) -> None:
    given = {"source": "mail", "state": tmp_path, "place": "ana@example.org", "token": token(google)}
    for wrong in (
        {"since": "yesterday"},
        {"max_size": "much"},
        {"write": "maybe"},
        {"sender": "Ana"},
        {"token": ""},
    ):
        with pytest.raises(Misconfigured):
            connect(**{**given, **wrong})  # type: ignore[arg-type]
    connect(**given).close()  # type: ignore[arg-type]
