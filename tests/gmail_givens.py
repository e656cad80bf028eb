"""A mailbox at Gmail for tests, as `myworld` plays it, and what is done to it past the code under test."""

from __future__ import annotations

import base64
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent_givens import ENVIRONMENT
from contracts import NOW, current, pass_over
from fakes import google_batch, myworld
from fakes.proxy import Request
from google_givens import Google, wired

from deskhand.agent.app import App
from deskhand.connectors._google_account import opened, scopes
from deskhand.connectors._google_tokens import Signed
from deskhand.connectors.gmail import Gmail, opened_with
from deskhand.connectors.model import Item
from deskhand.connectors.operations import Mailbox

BO = Mailbox(address="bo@example.org", name="Bo Test")
CY = Mailbox(address="cy@example.org")
HOST = "gmail.googleapis.com"
MAIL = "/gmail/v1/users/me"


def seed(id_: str, subject: str = "Budget", *, day: int = 20, labels: tuple[str, ...] = ("INBOX", "UNREAD"),
         **more: Any) -> dict[str, Any]:  # fmt: skip
    """One message of a world's beginning."""
    return {
        "id": id_, "from": "bo@example.org", "to": ["ana@example.org"], "subject": subject,
        "body": f"The {subject.lower()} is here.", "date": f"2026-11-{day:02d}T09:00:00Z",
        "labels": [*labels], "thread": f"t-{id_}", **more,
    }  # fmt: skip


NOTES = {"filename": "notes.txt", "mimeType": "text/plain", "size": 40}
OFFICE = myworld.office(emails=[
    seed("m1"), seed("m2", "Plan", day=21), seed("file", "Notes", day=19, attachments=[NOTES]),
])  # fmt: skip


def token(google: Google, who: str = "ana", *, write: bool = True) -> str:
    """What a sign-in of theirs leaves."""
    given = google.world.tokens[who]
    return Signed(
        "id", "client-secret", given, scopes("gmail", write=write), account=f"{who}@example.org"
    ).text()


def mailbox(
    google: Google, state: Path, who: str = "ana", *, waits: list[float] | None = None, write: bool = True,
    **options: Any,
) -> Gmail:  # fmt: skip
    """Somebody's mailbox, that waits for nobody."""
    account = opened(
        "gmail", source="mail", place=f"{who}@example.org", token=token(google, who, write=write),
        write=write, pause=(waits if waits is not None else []).append,
    )  # fmt: skip
    return opened_with(account, source="mail", state=state, **options)


def does(google: Google, method: str, path: str, body: Any = None, who: str = "ana") -> Any:
    """What the person does in another program."""
    return google.world.does(who, method, MAIL + path, body, host=HOST)


def ids(google: Google, who: str = "ana") -> dict[str, str]:
    """The ids of messages that are there, by subject."""
    listed = does(google, "GET", "/messages?includeSpamTrash=true&maxResults=500", who=who).get(
        "messages", []
    )
    found = {}
    for one in listed:
        said = does(google, "GET", f"/messages/{one['id']}?format=metadata", who=who)
        subject = next(h["value"] for h in said["payload"]["headers"] if h["name"] == "Subject")
        found[subject] = one["id"]
    return found


def arrives(
    google: Google, subject: str, *, who: str = "ana", headers: str = "", body: str = "Hello."
) -> str:
    """A message comes in; its id."""
    head = f"From: Bo Test <bo@example.org>\r\nTo: {who}@example.org\r\nSubject: {subject}\r\n"
    raw = f"{head}{headers}\r\n{body}\r\n"
    given = {"raw": base64.urlsafe_b64encode(raw.encode()).decode(), "labelIds": ["INBOX", "UNREAD"]}
    return str(does(google, "POST", "/messages", given, who=who)["id"])


def messages(gmail: Gmail) -> dict[str, Item]:
    """What a first pass finds, by subject."""
    return {i.title: i for i in current(pass_over(gmail)[0]).values() if i.ref.kind == "message"}


def asked(google: Google) -> list[str]:
    """What was asked of Gmail since that was last forgotten: method, and the path below the account."""
    return [f"{m} {p.partition('/me/')[2].partition('?')[0]}" for m, p in google.front.seen]


def gets(google: Google) -> list[str]:
    """The messages that were fetched since then."""
    return [line.rpartition("/")[2] for line in asked(google) if line.startswith("GET messages/")]


def batching(google: Google, fails: Mapping[str, int] | None = None) -> list[str]:
    """From now on Gmail takes batches, as `myworld` does not. What is asked in them, as `asked` says it.

    :param fails: by a message's id: what is answered instead of it.
    """
    inner: list[str] = []

    def run(request: Request) -> None:
        def ask(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
            id_ = path.partition("?")[0].rpartition("/")[2]
            inner.append(f"{method} messages/{id_}")
            if fails and id_ in fails:
                return fails[id_], b'{"error": {"code": 0, "message": "No.", "errors": []}}'
            alone = replace(request, method=method, path=path, headers=headers, body=body)
            status, _, data = alone.forward()
            return status, data

        status, kind, data = google_batch.answered(request.headers, request.body, ask)
        request.say(status, [("Content-Type", kind)], data)

    google.front.always["POST /batch"] = run
    return inner


def sync_and_die(home: str, port: int, authorities: str) -> None:
    """Syncs, and is killed once a page is stored."""
    try:
        with wired(port, Path(authorities)), App.open(Path(home), now=NOW, environ=ENVIRONMENT) as app:
            app.sync(progress=lambda p: p.done and os.kill(os.getpid(), signal.SIGKILL), embed=0)
    except BaseException:
        traceback.print_exc()
        sys.exit(3)
