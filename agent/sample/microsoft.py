"""Two people at a Microsoft 365 that this machine plays: the fake Graph that the tests go by, as a program.

It lies in the source tree, beside the tests, and is not installed with Deskhand. Microsoft is not asked.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from time import monotonic, sleep

from deskhand.agent.sample.servers import SECONDS, CannotStart, free_ports
from deskhand.connectors import msgraph_calendar, onedrive, outlook
from deskhand.connectors._egress import HTTPError, client
from deskhand.connectors._graph import Graph
from deskhand.connectors._hosts import Host
from deskhand.connectors._microsoft_account import Account
from deskhand.connectors._microsoft_tokens import Tokens
from deskhand.connectors.base import Connector
from deskhand.connectors.errors import Unauthorized

TESTS = Path(__file__).parents[2] / "tests"
"""Where it lies, in the source tree."""
PEOPLE = ("ana", "bo")
KINDS = {"mail": outlook, "calendar": msgraph_calendar, "files": onedrive}
"""The modules of the sources, by alias."""


def missing() -> str:
    """What is not there, in a sentence; "" where it can be played."""
    if (TESTS / "fakes" / "graph" / "__main__.py").is_file():
        return ""
    return (
        "This demo needs Deskhand's source tree: the Microsoft that it plays lies there (tests/fakes/graph)."
    )


class Token(Tokens):
    """What a sign-in would have left: one token, that the program takes."""

    def __init__(self, text: str) -> None:
        self._token = text

    def fresh(self, stale: str, *, claims: str = "") -> str:
        raise Unauthorized("The Microsoft that is played here takes no such token.")


@dataclass(frozen=True, slots=True)
class Playing:
    """It runs."""

    port: int
    tokens: Mapping[str, str] = field(repr=False)

    def sources(self, who: str, state: Path) -> list[tuple[str, Connector]]:
        """Somebody's mail, calendar and files there, each with its kind. They are closed with whoever they
        are given to."""
        return [
            (
                module.__name__.rpartition(".")[2],
                module.opened_with(self._account(who, alias), source=alias, state=state / alias),
            )
            for alias, module in KINDS.items()
        ]

    def _account(self, who: str, alias: str) -> Account:
        here = f"http://127.0.0.1:{self.port}"
        http = client([Host("127.0.0.1", self.port, private=True, loopback=True)])
        graph = Graph(http, Token(self.tokens[who]), root=f"{here}/v1.0", name="Microsoft", sign_in="")
        return Account(
            f"{who}@example.org", graph, writes=True, wanted=True, sign_in="", beside=alias == "mail"
        )


@contextmanager
def playing(folder: Path, *, now: datetime) -> Iterator[Playing]:
    """Start it, with some mail and files. :raises CannotStart: it is not there, or does not begin."""
    if said := missing():
        raise CannotStart(said)
    tokens = {who: secrets.token_urlsafe(24) for who in PEOPLE}
    thread = [(who, base64.b64encode(message).decode()) for who, message in _thread(now)]
    people = {
        me: {
            "token": tokens[me],
            "mail": {
                "inbox": [m for who, m in thread if who != me],
                "sentitems": [m for who, m in thread if who == me],
            },
            "files": _FILES if me == "ana" else {},
        }
        for me in PEOPLE
    }
    folder.mkdir(parents=True, exist_ok=True)
    world = folder / "world.json"
    world.touch(0o600)
    world.write_text(json.dumps({"now": now.isoformat(), "people": people}), "utf-8")
    (port,) = free_ports(1)
    program = subprocess.Popen(  # noqa: S603  our own
        [sys.executable, "-m", "fakes.graph", str(port), str(world)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(port, program)
        yield Playing(port, tokens)
    finally:
        program.terminate()
        program.wait(SECONDS)


def _wait(port: int, program: subprocess.Popen[bytes]) -> None:
    until = monotonic() + SECONDS
    with client([Host("127.0.0.1", port, private=True, loopback=True)]) as http:
        while True:
            try:
                http.get(f"http://127.0.0.1:{port}/v1.0/me")
                return
            except HTTPError as error:
                if program.poll() is not None or monotonic() > until:
                    raise CannotStart(f"The Microsoft that is played here does not begin: {error}") from None
                sleep(0.1)


_FILES = {
    "Boat.md": "# The boat\n\nThe warranty on the engine is 24 months.\n",
}
_SAID: Sequence[tuple[str, str]] = (
    ("bo", "We have 12,000 euros for the boat. Can you confirm that by Tuesday?"),
    ("ana", "The engine alone is 9,000 euros. I will ask the yard for an offer."),
    ("bo", "Then 3,000 euros are left for the sails. Let us decide on Tuesday."),
)


def _thread(now: datetime) -> Iterator[tuple[str, bytes]]:
    """A thread between the two, of the days before: who wrote, and what."""
    chain: list[str] = []
    for n, (who, text) in enumerate(_SAID):
        made = EmailMessage()
        other = next(p for p in PEOPLE if p != who)
        made["From"], made["To"] = (f"{p.capitalize()} Test <{p}@example.org>" for p in (who, other))
        made["Subject"] = "Re: The boat" if chain else "The boat"
        made["Date"] = format_datetime(now - timedelta(days=3 - n))
        made["Message-ID"] = f"<boat-{n}@example.org>"
        if chain:
            made["In-Reply-To"], made["References"] = chain[-1], " ".join(chain)
        made.set_content(text)
        chain.append(made["Message-ID"])
        yield who, made.as_bytes()
