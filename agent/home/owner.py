"""One owner per home: a lock on the home, and a loopback door to whoever holds it.

Chroma's local store loses vectors when two processes write it, in silence, so there is never a second
one. Another command reaches the owner through its door, with a token that only this user can read.
"""

from __future__ import annotations

import hmac
import http.client
import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from deskhand.agent.errors import InUse, Refusal

Call = Callable[..., Any]
"""Answers a method with its arguments in plain JSON; for a caller who watches, a third argument holds the
callback `watch`. Raises `Refusal` for what the caller did wrong."""

LINES = "application/x-ndjson"
"""What a caller who watches accepts: a line `{"event": ...}` for each event as it happens, then the
answer."""

LARGEST = 8_000_000
"""Bytes of a request."""

PING_SECONDS = 5.0
"""So long a stale note's port may keep us."""

SILENT_SECONDS = 60
"""A connection on which nothing is said for so long is closed."""


class Ownership:
    """The lock on a home. Held from `take` to `release`, or until the process ends, however it ends."""

    def __init__(self, lock: Path) -> None:
        self._lock = FileLock(lock, timeout=0, mode=0o600)

    def take(self) -> bool:
        """Become the owner; False where somebody else is."""
        try:
            self._lock.acquire()
        except Timeout:
            return False
        return True

    def release(self) -> None:
        """Let the next one be owner."""
        self._lock.release()


class Door:
    """The owner's loopback API: `POST /v1/<method>` with a JSON object, a JSON answer, or lines of JSON for
    one who accepts `LINES`.

    The standard library's server is enough for a few local calls, and costs a command no import time.
    """

    def __init__(self, call: Call, note: Path) -> None:
        """:param note: file that tells others where the door is; readable by this user alone."""
        token = secrets.token_urlsafe(32)
        self._note, self._guests = note, _Guests(call)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._guests, token))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()
        port = self._server.server_address[1]
        _write_private(note, json.dumps({"pid": os.getpid(), "port": port, "token": token}))

    def close(self) -> None:
        """Close the door; who is inside is served to the end."""
        self._note.unlink(missing_ok=True)
        self._server.shutdown()
        self._guests.leave()
        self._server.server_close()


class _Guests:
    """The calls that are being answered."""

    def __init__(self, call: Call) -> None:
        self._call, self._inside, self._closed = call, 0, False
        self._changed = threading.Condition()

    def __call__(self, method: str, arguments: Mapping[str, Any], *watch: Mapping[str, Any]) -> Any:
        with self._changed:
            if self._closed:
                raise Refusal(_ENDED, 1)
            self._inside += 1
        try:
            return self._call(method, arguments, *watch)
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def leave(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._inside)


_ENDED = "The Deskhand that owns this home ended before it answered; run the command again."


def knock(note: Path) -> Call | None:
    """A way to call the owner, or None where there is no open door."""
    try:
        said = json.loads(note.read_text("utf-8"))
        pid, port, token = int(said["pid"]), int(said["port"]), str(said["token"])
    except (OSError, ValueError, KeyError, TypeError):
        return None

    def call(
        method: str, arguments: Mapping[str, Any], watch: Mapping[str, Any] | None = None,
        patience: float | None = None,
    ) -> Any:  # fmt: skip
        tell = (watch or {}).get("watch")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
        body = json.dumps(dict(arguments))
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if tell is not None:
            headers["Accept"] = LINES
        try:
            answer: Any = None
            with _lost():
                connection.request("POST", f"/v1/{method}", body.encode("utf-8", "surrogatepass"), headers)
                response = connection.getresponse()
            while answer is None:
                with _lost():
                    said = json.loads(response.read() if tell is None else response.readline())
                if tell is not None and isinstance(said, dict) and "event" in said:
                    tell(said["event"])
                else:
                    answer = said
        finally:
            connection.close()
        try:
            if error := answer.get("error"):
                raise Refusal(str(error["message"]), int(error["code"]), str(error["kind"]))
            return answer["result"]
        except (AttributeError, KeyError, TypeError, ValueError):
            raise Refusal(_ENDED, 1) from None

    # A note may outlive its process, and its port be somebody else's by now: only the owner knows its pid
    # and takes the token.
    try:
        there = call("ping", {}, patience=PING_SECONDS)
    except Refusal:
        return None
    # No time limit on other answers: a sync may take long. The owner's end closes the connection.
    return call if there == {"pid": pid} else None


@contextmanager
def _lost() -> Iterator[None]:
    """Whoever answers is no more there, or does not speak as the owner does."""
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError):
        raise Refusal(_ENDED, 1) from None


def reach(note: Path, take: Callable[[], bool], *, patience: float = 30.0) -> Call | None:
    """Become the owner (None), or find the way to the one there is, waiting for a short command to end.

    :raises InUse: neither in time.
    """
    deadline = time.monotonic() + patience
    while True:
        if take():
            return None
        if (call := knock(note)) is not None:
            return call
        if time.monotonic() > deadline:
            raise InUse(
                "Another deskhand command is using this home and does not answer; "
                "wait for it to end, or end it, and run this again.", 1,
            )  # fmt: skip
        time.sleep(0.05)


class _Gone(Exception):
    """Who watched does not listen any more."""


def _handler(call: Call, token: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        _told = False
        """Whether a line was written in answer to this request: the status is out then."""
        protocol_version = "HTTP/1.1"
        server_version = "deskhand"
        sys_version = ""
        timeout = SILENT_SECONDS

        def do_POST(self) -> None:
            # A page in a browser can post to loopback, but it can set neither this host nor the header below.
            if self.headers.get("Host", "").partition(":")[0] not in ("127.0.0.1", "localhost"):
                return self._turn_away(403, "Only loopback is served.", "forbidden")
            given = self.headers.get("Authorization", "")
            if not hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {token}".encode()):
                return self._turn_away(401, "This door opens only to its own user.", "unauthorized")
            length = self.headers.get("Content-Length") or "0"
            if not (length.isascii() and length.isdigit() and int(length) <= LARGEST):
                return self._turn_away(
                    413, "The request is too large, or does not say how large it is.", "refused"
                )
            self._told = False
            watch = ({"watch": self._tell},) if self.headers.get("Accept") == LINES else ()
            try:
                arguments = json.loads(self.rfile.read(int(length)) or b"{}")
                if not isinstance(arguments, dict):
                    raise Refusal("The arguments must be a JSON object.")
                method = self.path.removeprefix("/v1/")
                result = {"pid": os.getpid()} if method == "ping" else call(method, arguments, *watch)
            except _Gone:
                self.close_connection = True  # what was begun goes on without an audience
                return None
            except Refusal as refusal:
                return self._answer(400, _error(str(refusal), refusal.code, refusal.kind))
            except (ValueError, TypeError) as error:
                return self._answer(400, _error(str(error), 2, "refused"))
            except Exception as error:
                # A defect of ours: the caller is told, and the next one is served.
                said = f"Something in Deskhand itself went wrong ({type(error).__name__}: {error})."
                return self._answer(500, _error(said, 1, "broken"))
            return self._answer(200, {"result": result})

        def _turn_away(self, status: int, message: str, kind: str) -> None:
            self.close_connection = True  # the body was not read: what follows is no request
            self._answer(status, _error(message, 1, kind))

        def _tell(self, event: Mapping[str, Any]) -> None:
            try:
                if not self._told:
                    self._told = self.close_connection = True  # its end is the end of the lines
                    self.send_response(200)
                    self.send_header("Content-Type", LINES)
                    self.send_header("Connection", "close")
                    self.end_headers()
                self.wfile.write(json.dumps({"event": event}).encode("utf-8", "surrogatepass") + b"\n")
            except OSError as error:
                raise _Gone from error

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode("utf-8", "surrogatepass")
            if self._told:
                self.wfile.write(data + b"\n")
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


def _error(message: str, code: int, kind: str) -> dict[str, Any]:
    return {"error": {"message": message, "code": code, "kind": kind}}


def _write_private(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)
