"""Google's sign-in as `emulate` plays it: the real code flow with PKCE, refreshing and revoking."""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from urllib.parse import parse_qs, urlencode, urlsplit

from fakes.program import running

from deskhand.agent.sample.servers import free_ports

PACKAGE = "nodejs"
ROOT = Path(__file__).parents[2]
CLIENT_ID, CLIENT_SECRET = "desk.apps.googleusercontent.com", "GOCSPX-a-client-secret"


def installed() -> Path | None:
    """The program, where `make test` put it."""
    program = ROOT / ".venv" / "emulate" / "node_modules" / "emulate" / "dist" / "index.js"
    return program if program.exists() and shutil.which("node") else None


@dataclass(frozen=True)
class Server:
    """Where it listens, and what a person does in a browser."""

    port: int
    backs: Iterator[int]

    @property
    def back(self) -> int:
        """A port that a sign-in may come back to, once: a moment after it nobody may open it again."""
        return next(self.backs)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def client(self, folder: Path, *, secret: str = CLIENT_SECRET) -> Path:
        """A client's file, as Google's console gives it."""
        made = {
            "client_id": CLIENT_ID, "client_secret": secret, "auth_uri": f"{self.url}/o/oauth2/v2/auth",
            "token_uri": f"{self.url}/oauth2/token", "redirect_uris": ["http://localhost"],
        }  # fmt: skip
        path = folder / "client_secret.json"
        path.write_text(json.dumps({"installed": made}))
        return path

    def consent(self, url: str, email: str) -> None:
        """Open the page of an address, choose a user on it, and follow to where it leads."""
        page = _fetched(url)[2]
        for form in re.findall(r"<form.*?</form>", page, re.S):
            fields = {
                unescape(n): unescape(v) for n, v in re.findall(r'name="([^"]*)"\s+value="([^"]*)"', form)
            }
            if fields.get("email") == email:
                status, headers, body = _fetched(f"{self.url}/o/oauth2/v2/auth/callback", fields)
                assert status == 302, body
                _fetched(headers["location"])
                return
        raise AssertionError(f"{email} is not on the page:\n{page}")

    def token(self, email: str) -> str:
        """A refresh token of somebody, without a browser: where not `strict`."""
        back = "http://127.0.0.1/"
        _, headers, _ = _fetched(
            f"{self.url}/o/oauth2/v2/auth/callback",
            {"email": email, "redirect_uri": back, "scope": "openid", "client_id": CLIENT_ID, "state": "s"},
        )
        code = parse_qs(urlsplit(headers["location"]).query)["code"][0]
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": CLIENT_ID,
            "redirect_uri": back,
        }
        return str(json.loads(_fetched(f"{self.url}/oauth2/token", form)[2])["refresh_token"])

    def revoke(self, token: str) -> None:
        """As a person does who takes a program's access away."""
        assert _fetched(f"{self.url}/oauth2/revoke", {"token": token})[0] == 200


def _fetched(url: str, form: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        connection.request(
            "GET" if form is None else "POST", f"{parts.path or '/'}?{parts.query}",
            None if form is None else urlencode(form), kind,
        )  # fmt: skip
        answer = connection.getresponse()
        return answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


@contextmanager
def server(
    program: Path, folder: Path, *, strict: bool = True, people: Sequence[str] = ("ana", "bo")
) -> Iterator[Server]:
    """It runs, and knows these people and one client.

    :param strict: an answer goes to `Server.back` alone; else to any port, and any client is as good.
    """
    port, *backs = free_ports(51)
    seed = folder / "seed.json"
    seed.write_text(json.dumps({"google": {
        "users": [{"email": f"{n}@example.org", "name": f"{n.capitalize()} Test"} for n in people],
        "oauth_clients": [{
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "name": "Deskhand",
            "redirect_uris": [f"http://127.0.0.1:{back}/" for back in backs],
        }] if strict else [],
    }}))  # fmt: skip
    with _running(program, "google", port, seed):
        yield Server(port, iter(backs))


@contextmanager
def microsoft(program: Path, folder: Path, *, people: Sequence[str] = ("ana", "bo")) -> Iterator[int]:
    """Microsoft's sign-in: it runs as login.microsoftonline.com, and knows these people and any client.

    A refresh token is good once: the next one came with what it was used for. Gives its port.
    """
    (port,) = free_ports(1)
    seed = folder / "microsoft.json"
    users = [{"email": f"{n}@example.org", "name": f"{n.capitalize()} Test"} for n in people]
    seed.write_text(json.dumps({"microsoft": {"users": users}}))
    with _running(program, "microsoft", port, seed, "--base-url", "https://login.microsoftonline.com"):
        yield port


def chosen(port: int, url: str, email: str) -> None:
    """What a person does at Microsoft's page: chooses a user; the answer is posted where the page says."""
    parts = urlsplit(url)
    _, page = posted(port, f"{parts.path}?{parts.query}", {})
    form = next(f for f in re.findall(r"<form.*?</form>", page, re.S) if _fields(f).get("email") == email)
    action = re.search(r'action="([^"]*)"', form)
    assert action is not None
    _, page = posted(port, urlsplit(unescape(action[1])).path, _fields(form))
    back = re.search(r'action="([^"]*)"', page)
    assert back is not None
    target = urlsplit(unescape(back[1]))
    posted(target.port or 0, target.path or "/", _fields(page))


def posted(port: int, path: str, form: dict[str, str]) -> tuple[int, str]:
    """What a browser is answered to a form, or to an address alone."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST" if form else "GET", path, urlencode(form) or None, kind if form else {})
        got = connection.getresponse()
        return got.status, got.read().decode()
    finally:
        connection.close()


def _fields(form: str) -> dict[str, str]:
    found = re.findall(r'name="([^"]*)"\s+value="([^"]*)"', form)
    return {unescape(n): unescape(v) for n, v in found}


@contextmanager
def _running(program: Path, service: str, port: int, seed: Path, *more: str) -> Iterator[None]:
    command = [
        "node",
        str(program),
        "start",
        "--service",
        service,
        "--port",
        str(port),
        "--seed",
        str(seed),
        *more,
    ]
    with running(command, ready="Config:"):
        _wait(port)
        yield


def _wait(port: int) -> None:
    """Until it listens: it says so a moment before."""
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
            return
        Event().wait(0.05)
    raise AssertionError(f"nothing listens on port {port}")
