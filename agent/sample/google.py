"""The sample workspace at Google, as the program `myworld` plays it on this machine, by Google's own APIs.

Its mail and its calendars are there; nobody at Google is asked. (Of Drive myworld plays no changes, without
which nothing can be synced.)
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from deskhand.agent.sample.servers import SECONDS, CannotStart, free_ports, process
from deskhand.connectors._egress import HTTPError, client
from deskhand.connectors._google_account import scopes
from deskhand.connectors._google_tokens import Signed
from deskhand.connectors._hosts import Host

if TYPE_CHECKING:
    from deskhand.agent.sample.story import Event, Message, Person
    from deskhand.agent.sample.workspace import Sample

KINDS = {"gmail": "gmail.googleapis.com", "gcalendar": "www.googleapis.com"}
"""Sources that can be had there, and the hosts that are played for them."""


@dataclass(frozen=True, slots=True)
class Playing:
    """A Google with the sample in it."""

    port: int
    token: str = field(repr=False)
    """What a sign-in would have left."""

    def options(self, kind: str) -> dict[str, Any]:
        """How a source of this kind reaches it; `token` is to be added."""
        return {"root": f"http://127.0.0.1:{self.port}/gw/{KINDS[kind]}/", "write": "yes"}


def program() -> str | None:
    """Where `myworld` is; None where it is not installed."""
    beside = Path(sys.prefix) / "myworld" / "bin"
    return shutil.which("myworld", path=os.pathsep.join([str(beside), os.environ.get("PATH", "")]))


@contextmanager
def playing(sample: Sample) -> Iterator[Playing]:
    """Start it. :raises CannotStart: it is not installed, or does not begin."""
    command = program()
    if command is None:
        raise CannotStart("There is no myworld here (pip install myworld==0.2.1).")
    (port,) = free_ports(1)
    with (
        process([command, "serve", "--port", str(port)]),
        client([Host("127.0.0.1", port, private=True, loopback=True)]) as http,
    ):
        until = monotonic() + SECONDS
        while True:
            try:
                answer = http.post(f"http://127.0.0.1:{port}/envs", json={"spec": _world(sample)})
                break
            except HTTPError as error:
                if monotonic() > until:
                    raise CannotStart(f"myworld does not answer: {error}") from None
                sleep(0.1)
        if answer.status_code >= 300:
            raise CannotStart(f"myworld does not take the sample ({answer.status_code}).")
        token = answer.json()["credentials"]["me"]["google_access_token"]
        allowed = {s for api in ("gmail", "calendar") for s in scopes(api, write=True)}
        yield Playing(
            port,
            Signed(
                "deskhand-demo", "", token, tuple(sorted(allowed)),
                f"http://127.0.0.1:{port}/gw/oauth2.googleapis.com/token", sample.email,
            ).text(),
        )  # fmt: skip


def _world(sample: Sample) -> dict[str, Any]:
    """What is in it, as myworld's world.yaml says it."""
    me = _named(sample.me)
    others = [_named(p) for p in sample.people if p is not sample.me]
    return {
        "name": "sample", "task": "none", "time": "virtual", "now": sample.now.isoformat(),
        "servers": {
            "gmail": {"seed": {
                "user": me, "mailboxes": [{"user": o} for o in others],
                "emails": [_mail(m) for m in sample.messages if m.when <= sample.now and not m.broken],
            }},
            "calendar": {"seed": {
                "user": me, "timeZone": sample.zone, "people": others,
                "events": [_event(e) for e in sample.events if e.created <= sample.now],
            }},
        },
        "agents": {"me": {"as": sample.email}},
    }  # fmt: skip


def _named(person: Person) -> dict[str, str]:
    return {"email": person.email, "name": person.name}


def _mail(message: Message) -> dict[str, Any]:
    labels = {"": ["INBOX"], "Sent": ["SENT"], "Drafts": ["DRAFT"]}.get(message.folder, [])
    first = message
    while first.answers is not None:
        first = first.answers
    return {
        "from": f"{message.sender.name} <{message.sender.email}>",
        "to": [p.email for p in message.to], "cc": [p.email for p in message.cc],
        "subject": message.subject, "body": message.text, "date": message.when.isoformat(),
        "thread": first.id,
        "labels": [*labels, *["UNREAD"] * message.unread, *["STARRED"] * message.flagged],
    }  # fmt: skip


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.key.replace("-", ""), "summary": event.title, "start": event.start.isoformat(),
        "end": (event.start + event.length).isoformat(), "attendees": [p.email for p, _ in event.attendees],
        "organizer": event.organizer.email, "location": event.place, "description": event.notes,
        **({"recurrence": [f"RRULE:{event.rule}"]} if event.rule else {}),
    }  # fmt: skip
