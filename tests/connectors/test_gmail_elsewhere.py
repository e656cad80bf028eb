"""Gmail as `emulate` plays it, beside `myworld`: history ids are longer than 64 bits, deletions are told, and
a Message-ID stays as it was written."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from contracts import NOW, ConnectorContract, Write, pass_over
from fakes import emulate
from fakes.proxy import Proxy, Request, before, done_but, torn
from gmail_givens import BO, CY

from deskhand.connectors._egress import client
from deskhand.connectors._google_account import opened, scopes
from deskhand.connectors._google_tokens import Signed, Tokens
from deskhand.connectors.gmail import Gmail, opened_with
from deskhand.connectors.model import ItemRef, Removed
from deskhand.connectors.operations import MailDraft, MailFlag, MailMove, MailSend, MailTrash

PEOPLE = [f"ana{n}" for n in range(40)]
KEY = "ab" * 16
_next = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emulate.Server]:
    program = emulate.installed()
    if program is None:
        pytest.skip(f"needs the Debian packages {emulate.PACKAGE} and npm, and `make .venv/emulate`")
    folder = tmp_path_factory.mktemp("emulate")
    with emulate.server(program, folder, strict=False, people=[*PEOPLE, "bo"]) as running:
        yield running


@dataclass
class Account:
    """Somebody's Gmail there."""

    server: emulate.Server
    front: Proxy
    email: str
    saved: Signed

    def does(self, method: str, path: str, body: Any = None) -> Any:
        """What the person does in another program."""
        given = {"Authorization": f"Bearer {self.access}", "Content-Type": "application/json"}
        connection = HTTPConnection("localhost", self.server.port, timeout=30)
        connection.request(method, f"/gmail/v1/users/me{path}", body and json.dumps(body), given)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        assert answer.status < 300, (method, path, answer.status, data)
        return json.loads(data) if data else {}

    @property
    def access(self) -> str:
        with client([self.saved.host]) as http:
            return Tokens(
                self.saved, http, name="Gmail", sign_in="-", pause=lambda _: None, jitter=lambda: 0.5
            ).current()

    def put(self, subject: str, *, body: str = "Hello.", more: str = "") -> str:
        head = f"From: bo@example.org\r\nTo: {self.email}\r\nSubject: {subject}\r\n"
        head += f"Message-ID: <{subject}@example.org>\r\n"
        raw = base64.urlsafe_b64encode(f"{head}{more}\r\n{body}\r\n".encode()).decode()
        return str(self.does("POST", "/messages", {"raw": raw, "labelIds": ["INBOX", "UNREAD"]})["id"])


@pytest.fixture
def account(server: emulate.Server) -> Iterator[Account]:
    email = f"{PEOPLE[next(_next)]}@example.org"
    saved = Signed(
        emulate.CLIENT_ID, emulate.CLIENT_SECRET, server.token(email), scopes("gmail", write=True),
        f"{server.url}/oauth2/token", email,
    )  # fmt: skip

    def profile(request: Request) -> None:
        """It has none: whose it is, and the state that its history tells."""
        asked = replace(request, path="/gmail/v1/users/me/history?startHistoryId=0")
        status, headers, data = asked.forward()
        said = {"emailAddress": email, "historyId": json.loads(data)["historyId"]}
        request.say(status, headers, json.dumps(said).encode())

    def searched(request: Request) -> None:
        """It keeps the colon of `rfc822msgid:` and finds nothing: it is asked for all there is."""
        asked = replace(request, path=re.sub(r"&q=rfc822msgid[^&]*", "", request.path))
        request.say(*asked.forward())

    with before(server.port) as front:
        front.always |= {"GET /users/me/profile": profile, "GET q=rfc822msgid": searched}
        yield Account(server, front, email, saved)


def mailbox(account: Account, state: Path) -> Gmail:
    made = opened(
        "gmail", source="mail", place=account.email, token=account.saved.text(), write=True,
        root=account.front.url, pause=lambda _: None,
    )  # fmt: skip
    return opened_with(made, source="mail", state=state)


class TestGmailElsewhere(ConnectorContract):
    @pytest.fixture
    def refs(self, account: Account) -> dict[str, ItemRef]:
        account.does("POST", "/labels", {"name": "Work/2026"})
        return {s: ItemRef("mail", "message", account.put(s)) for s in ("Budget", "Plan", "Notes")}

    @pytest.fixture
    def connector(self, account: Account, refs: dict[str, ItemRef], tmp_path: Path) -> Iterator[Gmail]:
        gmail = mailbox(account, tmp_path / "state")
        yield gmail
        gmail.close()

    @pytest.fixture
    def writes(self, refs: dict[str, ItemRef]) -> list[Write]:
        none = ItemRef("mail", "message", "0123456789abcdef")
        answer = MailSend(
            source="mail", to=(BO,), bcc=(CY,), subject="Re: Budget", body="b", answers=refs["Budget"]
        )
        return [
            Write(MailDraft(source="mail", to=(BO,), subject="s", body="b")),
            Write(answer),
            Write(
                MailFlag(source="mail", ref=refs["Budget"], add=("flagged", "seen")),
                MailFlag(source="mail", ref=none, add=("seen",)),
            ),
            Write(MailMove(source="mail", ref=refs["Plan"], folder="Work/2026")),
            Write(MailTrash(source="mail", ref=refs["Notes"]), MailTrash(source="mail", ref=none)),
        ]


@pytest.fixture
def gmail(account: Account, tmp_path: Path) -> Iterator[Gmail]:
    made = mailbox(account, tmp_path / "state")
    yield made
    made.close()


def test_a_deletion_is_told_by_the_history(account: Account, gmail: Gmail) -> None:
    gone = account.put("Boat")
    _, cursor = pass_over(gmail)
    assert int(json.loads(cursor.value)["history"]) > 2**64
    account.does("DELETE", f"/messages/{gone}")
    changes, cursor = pass_over(gmail, cursor)
    assert changes == [Removed(ItemRef("mail", "message", gone))]
    assert pass_over(gmail, cursor)[0] == []


def test_what_was_sent_is_found_by_its_message_id_where_all_notes_are_lost(
    account: Account, gmail: Gmail, tmp_path: Path
) -> None:
    mail = MailSend(source="mail", to=(BO,), subject="Boat", body="b")
    account.front.faults.append(("POST /drafts/send", done_but(torn)))
    receipt = gmail.perform(mail, key=KEY, now=NOW)
    assert receipt.detail["message_id"] == "<deskhand." + KEY + "@example.org>"
    shutil.rmtree(tmp_path / "state")
    again = mailbox(account, tmp_path / "state")
    assert again.find(mail, key=KEY) == receipt
    assert again.perform(mail, key=KEY, now=NOW) == receipt
    sent = account.does("GET", "/messages?labelIds=SENT").get("messages", [])
    assert len(sent) == 1
    again.close()
