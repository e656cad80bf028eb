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
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

Call = Callable[[str, Mapping[str, Any]], Any]
"""Answers a method with its arguments in plain JSON. Raises `Refusal` for what the caller did wrong."""

LARGEST = 8_000_000
"""Bytes of a request."""


class Refusal(Exception):
    """What was asked cannot be done; a sentence for the person and an exit code."""

    def __init__(self, message: str, code: int = 2, kind: str = "refused") -> None:
        super().__init__(message)
        self.code, self.kind = code, kind


class InUse(Refusal):
    """Another process owns this home."""


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
    """The owner's loopback API: `POST /v1/<method>` with a JSON object, a JSON answer.

    The standard library's server is enough for a few local calls, and costs a command no import time.
    """

    def __init__(self, call: Call, note: Path) -> None:
        """:param note: file that tells others where the door is; readable by this user alone."""
        token = secrets.token_urlsafe(32)
        self._note = note
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(call, token))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()
        port = self._server.server_address[1]
        _write_private(note, json.dumps({"pid": os.getpid(), "port": port, "token": token}))

    def close(self) -> None:
        """Close the door."""
        self._note.unlink(missing_ok=True)
        self._server.shutdown()
        self._server.server_close()


def knock(note: Path) -> Call | None:
    """A way to call the owner, or None where there is no open door."""
    try:
        said = json.loads(note.read_text("utf-8"))
        port, token = int(said["port"]), str(said["token"])
    except (OSError, ValueError, KeyError, TypeError):
        return None

    def call(method: str, arguments: Mapping[str, Any]) -> Any:
        # No time limit on the answer: a sync may take long. The owner's end closes the connection.
        connection = http.client.HTTPConnection("127.0.0.1", port)
        body = json.dumps(dict(arguments))
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", f"/v1/{method}", body.encode("utf-8", "surrogatepass"), headers)
            answer = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            raise Refusal(
                "The Deskhand that owns this home ended before it answered; run the command again.", 1
            ) from None
        finally:
            connection.close()
        if "error" in answer:
            error = answer["error"]
            raise Refusal(error["message"], error["code"], error["kind"])
        return answer["result"]

    try:
        call("ping", {})
    except Refusal:
        return None
    return call


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


def _handler(call: Call, token: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "deskhand"
        sys_version = ""

        def do_POST(self) -> None:
            given = self.headers.get("Authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
                return self._answer(401, _error("This door opens only to its own user.", 1, "unauthorized"))
            # A page in a browser can post to loopback, but it can set neither the header above nor this host.
            if self.headers.get("Host", "").partition(":")[0] not in ("127.0.0.1", "localhost"):
                return self._answer(403, _error("Only loopback is served.", 1, "forbidden"))
            length = int(self.headers.get("Content-Length") or 0)
            if length > LARGEST:
                return self._answer(413, _error("The request is too large.", 2, "refused"))
            try:
                arguments = json.loads(self.rfile.read(length) or b"{}")
                method = self.path.removeprefix("/v1/")
                result = {"pid": os.getpid()} if method == "ping" else call(method, arguments)
            except Refusal as refusal:
                return self._answer(400, _error(str(refusal), refusal.code, refusal.kind))
            except (ValueError, TypeError) as error:
                return self._answer(400, _error(str(error), 2, "refused"))
            self._answer(200, {"result": result})
            return None

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode("utf-8", "surrogatepass")
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
