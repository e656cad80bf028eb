"""What networks and Gmail do to a pass and to a write: nothing lost, nothing doubled, counted there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import certifi
import pytest
import trustme
from contracts import NOW, pass_over
from fakes.proxy import Does, Request, cut, done_but, passed, reset, rewritten, says, torn
from gmail_givens import BO, CY, OFFICE, arrives, does, ids, mailbox, messages
from google_givens import Google

from deskhand.connectors.errors import (
    Changed,
    Conflict,
    Forbidden,
    SourceError,
    Transient,
    Unauthorized,
    Unknown,
)
from deskhand.connectors.gmail import Gmail
from deskhand.connectors.model import Cursor, Item, Receipt
from deskhand.connectors.operations import MailDraft, MailFlag, MailMove, MailSend, MailTrash, Operation

pytestmark = pytest.mark.parametrize("google", [OFFICE], indirect=True)
HTML = b"<html><body>502 Bad Gateway</body></html>"
TOO_OFTEN = b'{"error": {"code": 403, "errors": [{"reason": "userRateLimitExceeded"}]}}'
PASSING: dict[str, Does] = {
    "429": says(429),
    "429, Retry-After": says(429, Retry_After="3"),
    "403 quota": says(403, TOO_OFTEN),
    "500": says(500),
    "502 HTML": says(502, HTML, Content_Type="text/html"),
    "503": says(503),
    "504": says(504),
    "truncated": cut,
    "reset": reset,
    "no answer": torn,
}
KEY = "ab" * 16


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def gmail(google: Google, tmp_path: Path, waits: list[float]) -> Iterator[Gmail]:
    made = mailbox(google, tmp_path / "state", waits=waits)
    yield made
    made.close()


# ------------------------------------------------------------------ reading


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_waited_for(google: Google, gmail: Gmail, waits: list[float], fault: str) -> None:
    """At the first request of a pass, in a listing, in the middle of a page: as if nothing had been."""
    expected = messages(gmail).keys()
    waits.clear()
    for at in ("GET /profile", "GET /messages?", "GET /messages/"):
        google.front.faults.append((at, PASSING[fault]))
    changes, cursor = pass_over(gmail)
    assert {c.title for c in changes if hasattr(c, "title")} >= expected
    assert len(waits) == 3
    assert all(w == 3 if fault == "429, Retry-After" else 0.5 <= w <= 1.5 for w in waits)
    arrives(google, "Boat")
    google.front.faults += [("GET /history", PASSING[fault]), ("GET /messages/", PASSING[fault])]
    changes, cursor = pass_over(gmail, cursor)
    assert [c.title for c in changes if hasattr(c, "title")] == ["Boat"]
    assert pass_over(gmail, cursor)[0] == []


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("at", [("GET /history",), ("GET /messages/", "GET /profile")])
def test_what_does_not_pass_ends_the_pass_and_keeps_what_was(
    google: Google, gmail: Gmail, fault: str, at: tuple[str, ...]
) -> None:
    _, cursor = pass_over(gmail)
    new = arrives(google, "Boat")
    google.front.always |= dict.fromkeys(at, PASSING[fault])
    with pytest.raises(Transient):
        pass_over(gmail, cursor)
    google.front.always.clear()
    changes, cursor = pass_over(gmail, cursor)
    assert [c.ref.native for c in changes if not isinstance(c, Cursor)] == [new]


def test_one_message_that_never_comes_stops_nobody_and_is_asked_for_again(
    google: Google, gmail: Gmail
) -> None:
    _, cursor = pass_over(gmail)
    bad, new = arrives(google, "Bad"), arrives(google, "Boat")
    google.front.always[f"GET /messages/{bad}"] = says(500)
    changes, cursor = pass_over(gmail, cursor)
    assert {(type(c).__name__, c.ref.native) for c in changes} == {("Failed", bad), ("Item", new)}
    changes, cursor = pass_over(gmail, cursor)
    assert [type(c).__name__ for c in changes] == ["Failed"]
    google.front.always.clear()
    changes, cursor = pass_over(gmail, cursor)
    assert [c.title for c in changes if isinstance(c, Item)] == ["Bad"]
    assert pass_over(gmail, cursor)[0] == []


def test_a_server_that_wants_minutes_is_left_alone(google: Google, gmail: Gmail, waits: list[float]) -> None:
    google.front.always["GET"] = says(429, Retry_After="600")
    with pytest.raises(Transient, match="left alone for 600 seconds"):
        pass_over(gmail)
    assert waits == []


def test_access_that_was_taken_away_is_said_once_and_nothing_is_lost(google: Google, gmail: Gmail) -> None:
    _, cursor = pass_over(gmail)
    arrives(google, "Boat")
    google.front.always |= {
        "GET /gmail": says(401), "POST /token": says(400, b'{"error": "invalid_grant"}')
    }  # fmt: skip
    google.front.seen.clear()
    for _ in range(3):
        with pytest.raises(Unauthorized, match="Sign in again: deskhand signin mail"):
            pass_over(gmail, cursor)
    assert [p.partition("?")[0] for _, p in google.front.seen].count("/token") == 1
    google.front.always.clear()


def test_who_does_not_prove_to_be_google_hears_nothing(google: Google, gmail: Gmail, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    # Not pytest's monkeypatch: that one may be undone after `google` is, and leave its certificates behind.
    with patch.object(certifi, "where", lambda: str(other)):
        fresh = mailbox(google, tmp_path / "other")
    google.front.seen.clear()
    with pytest.raises(Forbidden, match="does not prove who it is"):
        pass_over(fresh)
    with pytest.raises(Forbidden, match="does not prove who it is"):
        fresh.perform(MailSend(source="mail", to=(BO,), subject="Hi", body="b"), key=KEY, now=NOW)
    assert google.front.seen == []
    fresh.close()


# ------------------------------------------------------------------ sending, once

LETTER = MailSend(source="mail", to=(BO,), bcc=(CY,), subject="Boat", body="It leaves at seven.")
TRIES: dict[str, Does] = {
    "503 before": says(503), "429": says(429), "torn before": torn,
    "504 after": done_but(says(504)), "502 HTML after": done_but(says(502, HTML)),
    "torn after": done_but(torn), "cut": cut, "reset": reset,
}  # fmt: skip
AT = {"draft": "POST /drafts?", "send": "POST /drafts/send"}


def sent(google: Google) -> tuple[int, int, int, int]:
    """How often it went out, as the server counts, and what Bo, Cy and Ana's drafts have of it."""
    drafts = does(google, "GET", "/drafts").get("drafts", [])
    there = [sum(s == "Boat" for s in every(google, who)) for who in ("bo", "cy")]
    return len(google.world.effects("gmail.users.drafts.send")), *there, len(drafts)  # type: ignore[return-value]


def every(google: Google, who: str) -> list[str]:
    listed = does(google, "GET", "/messages?includeSpamTrash=true", who=who).get("messages", [])
    subjects = []
    for one in listed:
        said = does(google, "GET", f"/messages/{one['id']}?format=metadata", who=who)
        subjects += [h["value"] for h in said["payload"]["headers"] if h["name"] == "Subject"]
    return subjects


def in_the_end(gmail: Gmail, operation: Operation) -> Receipt:
    """Tried again as long as nothing is said to have happened, as the ledger does."""
    for _ in range(4):
        try:
            return gmail.perform(operation, key=KEY, now=NOW)
        except Transient:
            pass
    raise AssertionError("it never came to an end")


@pytest.mark.parametrize("fault", TRIES)
@pytest.mark.parametrize("at", AT)
def test_a_mail_is_sent_once_whatever_happens_to_the_answer(
    google: Google, gmail: Gmail, fault: str, at: str
) -> None:
    google.front.faults.append((AT[at], TRIES[fault]))
    receipt = in_the_end(gmail, LETTER)
    assert sent(google) == (1, 1, 1, 0)
    item = gmail.read(receipt.ref)
    assert item is not None
    assert (item.title, item.folder, item.data["sent"]) == ("Boat", "Sent", True)
    assert gmail.perform(LETTER, key=KEY, now=NOW) == receipt
    assert sent(google) == (1, 1, 1, 0)


@pytest.mark.parametrize("at", AT)
def test_a_process_that_died_after_the_answer_was_lost_goes_on(
    google: Google, gmail: Gmail, tmp_path: Path, at: str
) -> None:
    """The next one has its notes, and Gmail."""

    def breaks(request: Request) -> None:
        google.front.always["GET"] = torn
        done_but(torn)(request)

    google.front.faults.append((AT[at], breaks))
    with pytest.raises(Unknown):
        gmail.perform(LETTER, key=KEY, now=NOW)
    google.front.always.clear()
    again = mailbox(google, tmp_path / "state")
    found = again.find(LETTER, key=KEY)
    assert (found is not None) == (at == "send")
    assert in_the_end(again, LETTER)
    assert sent(google) == (1, 1, 1, 0)
    again.close()


def test_what_cannot_be_looked_at_is_put_to_the_person(google: Google, gmail: Gmail) -> None:
    def breaks(request: Request) -> None:
        google.front.always["GET"] = says(503)
        done_but(torn)(request)

    google.front.faults.append((AT["send"], breaks))
    with pytest.raises(Unknown, match="Whether it was sent is not known"):
        gmail.perform(LETTER, key=KEY, now=NOW)
    google.front.always.clear()
    assert gmail.find(LETTER, key=KEY) is not None
    assert sent(google) == (1, 1, 1, 0)


def test_what_was_sent_and_cannot_be_read_back_is_put_to_the_person(google: Google, gmail: Gmail) -> None:
    def silent(request: Request) -> None:
        passed(request)
        google.front.always["GET"] = says(503)

    google.front.faults.append((AT["send"], silent))
    with pytest.raises(Unknown, match="was done"):
        gmail.perform(LETTER, key=KEY, now=NOW)
    google.front.always.clear()
    assert gmail.perform(LETTER, key=KEY, now=NOW).detail["folder"] == "Sent"
    assert sent(google) == (1, 1, 1, 0)


def test_what_was_sent_and_cannot_be_noted_was_sent(google: Google, gmail: Gmail, tmp_path: Path) -> None:
    def full(request: Request) -> None:
        passed(request)
        (note,) = (tmp_path / "state" / "effects").glob("*.json")
        note.with_name(f".{note.stem}.tmp").mkdir()

    google.front.faults.append((AT["send"], full))
    assert gmail.perform(LETTER, key=KEY, now=NOW).detail["folder"] == "Sent"
    assert sent(google) == (1, 1, 1, 0)


NOTHING_NEW = b'{"historyId": "1"}'
"""What Gmail's history says as long as it lags behind."""


@pytest.mark.parametrize("looks", [1, 3])
@pytest.mark.parametrize("at", AT)
def test_what_gmail_tells_only_a_while_later_is_looked_for_again(
    google: Google, gmail: Gmail, waits: list[float], at: str, looks: int
) -> None:
    google.front.faults += [(AT[at], done_but(torn)), *[("GET /history", says(200, NOTHING_NEW))] * looks]
    gmail.perform(LETTER, key=KEY, now=NOW)
    assert sent(google) == (1, 1, 1, 0)
    assert waits == [1.0, 2.0, 4.0, 8.0][:looks]


def test_what_gmail_does_not_tell_in_a_quarter_of_a_minute_is_put_to_the_person(
    google: Google, gmail: Gmail, waits: list[float]
) -> None:
    google.front.faults.append((AT["send"], done_but(torn)))
    google.front.always["GET /history"] = says(200, NOTHING_NEW)
    with pytest.raises(Unknown, match="whether it was sent is not known"):
        gmail.perform(LETTER, key=KEY, now=NOW)
    assert sum(waits) == 15
    google.front.always.clear()
    assert gmail.perform(LETTER, key=KEY, now=NOW).detail["folder"] == "Sent"
    assert sent(google) == (1, 1, 1, 0)


@pytest.mark.parametrize("said", [b"{}", b'{"id": ""}', b'{"message": {}}'])
@pytest.mark.parametrize("at", AT)
def test_a_success_that_says_no_id_is_an_answer_that_was_lost(
    google: Google, gmail: Gmail, at: str, said: bytes
) -> None:
    google.front.faults.append((AT[at], rewritten(lambda _: said)))
    receipt = gmail.perform(LETTER, key=KEY, now=NOW)
    assert sent(google) == (1, 1, 1, 0)
    assert gmail.perform(LETTER, key=KEY, now=NOW) == receipt


def test_a_draft_that_somebody_changed_meanwhile_is_not_sent(google: Google, gmail: Gmail) -> None:
    google.front.faults.append((AT["send"], says(503)))
    with pytest.raises(Transient, match="still a draft"):
        gmail.perform(LETTER, key=KEY, now=NOW)
    another = rewritten(lambda d: json.dumps(json.loads(d) | {"message": {"id": "another"}}).encode())
    google.front.always["GET /drafts/"] = another  # each change of a draft makes another message of it
    with pytest.raises(Changed, match="changed or taken away"):
        gmail.perform(LETTER, key=KEY, now=NOW)
    assert sent(google) == (0, 0, 0, 1)


def test_a_draft_that_is_gone_and_not_sent_is_put_to_the_person(google: Google, gmail: Gmail) -> None:
    google.front.faults.append((AT["send"], says(503)))
    with pytest.raises(Transient):
        gmail.perform(LETTER, key=KEY, now=NOW)
    (draft,) = does(google, "GET", "/drafts")["drafts"]
    does(google, "DELETE", f"/drafts/{draft['id']}")
    for _ in range(2):
        with pytest.raises(Unknown):
            gmail.perform(LETTER, key=KEY, now=NOW)
    assert sent(google) == (0, 0, 0, 0)


def test_where_what_came_since_is_no_longer_told_nothing_is_sent_again(google: Google, gmail: Gmail) -> None:
    def breaks(request: Request) -> None:
        google.front.always["GET /history"] = says(404)
        done_but(torn)(request)

    google.front.faults.append((AT["send"], breaks))
    for _ in range(2):
        with pytest.raises(Unknown, match="too long ago"):
            gmail.perform(LETTER, key=KEY, now=NOW)
    assert sent(google) == (1, 1, 1, 0)


# ------------------------------------------------------------------ the other writes


@pytest.mark.parametrize("fault", TRIES)
def test_a_draft_is_there_once(google: Google, gmail: Gmail, fault: str) -> None:
    google.front.faults.append((AT["draft"], TRIES[fault]))
    operation = MailDraft(source="mail", to=(BO,), subject="Boat", body="It leaves at seven.")
    receipt = in_the_end(gmail, operation)
    assert gmail.perform(operation, key=KEY, now=NOW) == receipt
    assert len(does(google, "GET", "/drafts")["drafts"]) == 1


def test_two_drafts_of_the_same_words_are_two(google: Google, gmail: Gmail) -> None:
    operation = MailDraft(source="mail", to=(BO,), subject="Boat", body="It leaves at seven.")
    first = gmail.perform(operation, key=KEY, now=NOW)
    google.front.faults.append((AT["draft"], done_but(torn)))
    second = gmail.perform(operation, key="cd" * 16, now=NOW)
    assert first.ref != second.ref
    assert len(does(google, "GET", "/drafts")["drafts"]) == 2


@pytest.mark.parametrize("fault", TRIES)
@pytest.mark.parametrize("what", ["flag", "move", "trash"])
def test_labels_are_changed_whatever_happens_to_the_answer(
    google: Google, gmail: Gmail, fault: str, what: str
) -> None:
    """And what was there before is told, for whoever takes it back."""
    does(google, "POST", "/labels", {"name": "Work"})
    ref = messages(gmail)["Plan"].ref
    operation: Operation = {
        "flag": MailFlag(source="mail", ref=ref, add=("flagged",)),
        "move": MailMove(source="mail", ref=ref, folder="Work"),
        "trash": MailTrash(source="mail", ref=ref),
    }[what]
    google.front.faults.append(("POST /messages/", TRIES[fault]))
    receipt = in_the_end(gmail, operation)
    detail = {"flag": {"added": ["flagged"], "removed": []}, "move": {"folder": "Work", "was": "INBOX"},
              "trash": {"folder": "Trash", "was": "INBOX"}}[what]  # fmt: skip
    assert receipt.detail == detail
    back = gmail.inverse(operation, receipt)
    assert back is not None
    gmail.perform(back, key="cd" * 16, now=NOW)
    item = gmail.read(ref)
    assert item is not None
    assert (item.folder, item.flags) == ("INBOX", ())


@pytest.mark.parametrize(
    "said", [says(400, b'{"error": {"code": 400, "message": "Invalid label"}}'), says(404)]
)
def test_a_write_that_is_refused_is_told_and_changes_nothing(
    google: Google, gmail: Gmail, said: Does
) -> None:
    ref = messages(gmail)["Plan"].ref
    google.front.always["POST /messages/"] = said
    with pytest.raises(SourceError, match="nothing was changed") as caught:
        gmail.perform(MailFlag(source="mail", ref=ref, add=("flagged",)), key=KEY, now=NOW)
    assert isinstance(caught.value, Conflict) or "Invalid label" in str(caught.value)
    assert ids(google).keys() == {"Budget", "Plan", "Notes"}
    assert json.dumps(google.world.effects("gmail.users.messages.modify")) == "[]"
