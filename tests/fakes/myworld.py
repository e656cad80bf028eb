"""Gmail, Calendar and Drive as `myworld` plays them: a process on loopback, and in it a world for each test.

What it does not do, and tests of those rows therefore bring themselves: `If-Match` of Calendar, exceptions of
a series in `events.list`, an event's `iCalUID` from outside, Drive's changes and revisions, batches,
`watch`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fakes.program import running

from deskhand.agent.sample.servers import free_ports

PACKAGE = "myworld"
_WORLDS = count(1)


def installed() -> Path | None:
    """The program, where `make test` put it: an environment of its own beside the tests' one."""
    program = Path(sys.prefix) / "myworld" / "bin" / "myworld"
    return program if program.exists() else None


@dataclass(frozen=True)
class Server:
    """The process, and how it is told what to play."""

    port: int

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, bytes]:
        """One request, and whatever is answered."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, path, data, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def tell(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the machinery. Whatever is no success fails the test."""
        status, data = self.ask(method, path, body)
        assert 200 <= status < 300, (method, path, status, data)
        return json.loads(data)

    def start(self, spec: Mapping[str, Any]) -> World:
        """A world from a specification (what stands in a world.yaml)."""
        made = self.tell("POST", "/envs", {"spec": dict(spec), "id": f"w{next(_WORLDS)}"})
        tokens = {name: given["google_access_token"] for name, given in made["credentials"].items()}
        emails = {name: given["email"] for name, given in made["credentials"].items()}
        return World(self, made["id"], tokens, emails)


@dataclass(frozen=True)
class World:
    """One test's Google: people, their data, and what was done to it."""

    server: Server
    id: str
    tokens: Mapping[str, str]
    """By the person's short name. It is the refresh token too."""
    emails: Mapping[str, str]

    def ask(
        self,
        who: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        host: str = "www.googleapis.com",
        **headers: str,
    ) -> tuple[int, Any]:
        """A request of somebody's other program, past all that is under test: status, and the JSON."""
        signed = {"Authorization": f"Bearer {self.tokens[who]}", **headers}
        status, data = self.server.ask(method, f"/gw/{host}{path}", body, signed)
        return status, json.loads(data) if data.strip().startswith((b"{", b"[")) else data

    def does(self, who: str, method: str, path: str, body: Any = None, **rest: str) -> Any:
        """The same, where anything but success fails the test."""
        status, said = self.ask(who, method, path, body, **rest)
        assert 200 <= status < 300, (method, path, status, said)
        return said

    def calls(self, tool: str = "*") -> list[dict[str, Any]]:
        """What was asked, in order, by the API's method ("calendar.events.insert", or a pattern).

        Each has `args` (query, body, headers), `result`, `committed`, `fault`, `notified`.
        """
        return [c for c in self._tell("GET", "/calls")["calls"] if fnmatch(c["tool"], tool)]

    def effects(self, tool: str = "*") -> list[dict[str, Any]]:
        """The calls among them that changed something, whatever was answered."""
        return [c for c in self.calls(tool) if c["committed"]]

    def state(self, service: str) -> dict[str, Any]:
        """All that the server knows of "gmail", "calendar" or "drive"."""
        found: dict[str, Any] = self.server.tell("GET", f"/instances/{self.id}-{service}/state")["state"]
        return found

    def fault(self, service: str, *faults: Mapping[str, Any]) -> None:
        """What is to go wrong at the server from now on, instead of what was.

        Each is `{"kind": ..., "tool": "calendar.events.list", "on_call": 1, "times": 1}`. Kinds: rate_limit
        (for Calendar a 403), unavailable (503), server_error (with `status`), bad_gateway, transport_error
        (502, HTML), timeout (504, nothing done), timeout_after_commit (504, done), truncated,
        duplicate_commit, error (`payload`).
        """
        self.server.tell("PUT", f"/instances/{self.id}-{service}/faults", [dict(f) for f in faults])

    def snapshot(self) -> str:
        """The name of the world as it is now."""
        return str(self._tell("POST", "/snapshot")["snapshot_id"])

    def restore(self, snapshot: str) -> None:
        """Make it what it was then."""
        self._tell("POST", "/restore", {"snapshot_id": snapshot})

    def advance(self, seconds: float) -> None:
        """Let time pass: it is the world's own, and goes on a few seconds with each call."""
        self._tell("POST", "/advance", {"seconds": seconds})

    def happens(self, service: str, action: str, **params: Any) -> Any:
        """Something in the world: ("calendar", "respond", summary=..., attendee=..., response="accepted")."""
        return self._tell("POST", "/events", {"server": service, "action": action, "params": params})[
            "result"
        ]

    def end(self) -> None:
        """Take the world away."""
        self.server.tell("DELETE", f"/envs/{quote(self.id)}")

    def _tell(self, method: str, path: str, body: Any = None) -> Any:
        return self.server.tell(method, f"/envs/{quote(self.id)}{path}", body)


def office(
    *, now: str = "2026-11-22T08:00:00+00:00", zone: str = "Europe/Paris",
    people: Sequence[str] = ("ana", "bo", "cy"),
    calendars: Sequence[Mapping[str, Any]] = (), events: Sequence[Mapping[str, Any]] = (),
    emails: Sequence[Mapping[str, Any]] = (), files: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:  # fmt: skip
    """A world of people at example.org; the first of them is the one whose data the seeds are."""
    everybody = [{"email": f"{name}@example.org", "name": f"{name.capitalize()} Test"} for name in people]
    me, others = everybody[0], everybody[1:]
    return {
        "name": "office", "task": "none", "time": "virtual", "now": now,
        "servers": {
            "gmail": {"seed": {"user": me, "mailboxes": [{"user": o} for o in others], "emails": [*emails]}},
            "calendar": {"seed": {
                "user": me, "timeZone": zone, "people": others,
                "calendars": [*calendars], "events": [*events],
            }},
            "drive": {"seed": {"user": me, "files": [*files]}},
        },
        "agents": {name: {"as": f"{name}@example.org"} for name in people},
    }  # fmt: skip


@contextmanager
def server(program: Path) -> Iterator[Server]:
    """It runs, and plays nothing yet."""
    (port,) = free_ports(1)  # it takes no port 0 itself
    command = [str(program), "serve", "--port", str(port)]
    with running(command, ready="Uvicorn running"):
        yield Server(port)
