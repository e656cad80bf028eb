"""Speaks Drive v3 for a `World`, on a free port of this machine, to whoever has a token of somebody in it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fakes.drive import answers
from fakes.drive.answers import Bytes, Refusal
from fakes.drive.faults import Fault
from fakes.drive.world import World
from fakes.google_schema import Call, Contract, masked

CONTRACT = Contract.of("drive", "v3")
SECRET = "refresh-token-of-ana"


@dataclass
class Asked:
    """One request, understood."""

    verb: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes
    call: Call | None = None

    @property
    def name(self) -> str:
        """`files.list`; `upload` for a part of one; of what is no method, the last part of the path."""
        if self.verb == "PUT":
            return "upload"
        if self.call is None:
            return self.path.rpartition("/")[2]
        return self.call.method.id.removeprefix("drive.")

    def given(self, name: str, default: str = "") -> str:
        """A parameter of the query or the path."""
        if self.call is not None and name in self.call.path:
            return self.call.path[name]
        return dict(self.query).get(name, default)

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else {}


@dataclass
class Server:
    """Where it listens, what was asked, and what is wrong with any of it."""

    world: World
    port: int = 0
    asked: list[Asked] = field(default_factory=list[Asked])
    wrong: list[str] = field(default_factory=list[str])
    """What Google would not have taken, or given."""
    faults: list[tuple[str, Fault]] = field(default_factory=list[tuple[str, Fault]])
    """In order: the first that is for a method (or *) is done to it, and used up."""
    after: dict[str, list[tuple[str, Fault]]] = field(default_factory=dict[str, list[tuple[str, Fault]]])
    """What is to fail once a request of a method has come."""
    tokens: dict[str, str] = field(default_factory=lambda: {"token-1": "ana@example.org"})
    revoked: bool = False
    uploads: dict[str, tuple[Asked, bytes]] = field(default_factory=dict[str, tuple[Asked, bytes]])
    page: int = 0
    """At most so many on a page, whatever is asked for."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def count(self, *names: str) -> int:
        """How many requests of these methods, or all; tokens do not count."""
        return sum(a.name in names if names else a.name != "token" for a in self.asked)

    def names(self) -> list[str]:
        return [a.name for a in self.asked if a.name != "token"]

    def fault(self, name: str) -> Fault | None:
        for n, (wanted, fault) in enumerate(self.faults):
            if wanted in (name, "*") and name != "token":
                del self.faults[n]
                return fault
        return None


@dataclass
class Answer:
    """What goes back."""

    status: int
    headers: dict[str, str]
    data: bytes


@contextmanager
def serving(world: World) -> Iterator[Server]:
    """A server for a world, as long as it is needed."""
    server = Server(world)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            query = parse_qsl(parts.query, keep_blank_values=True)
            asked = Asked(self.command, parts.path, query, dict(self.headers.items()), body)
            asked.call = CONTRACT.method(self.command, parts.path)
            self.asked = asked
            with lock:
                server.asked.append(asked)
                fault = server.fault(asked.name)
                server.faults += server.after.pop(asked.name, [])

                def answer() -> Answer:
                    return _answered(server, asked)

                try:
                    (fault or _passed)(self, answer)
                except ConnectionError:
                    self.close_connection = True

        def give(self, answer: Answer, *, cut: bool = False) -> None:
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data[: len(answer.data) // 2] if cut else answer.data)
            self.close_connection = cut

        def log_message(self, format: str, *args: Any) -> None:
            pass

    for verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{verb}", Handler.handle_any)
    http: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.handle_error = lambda *_: None
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    server.port = http.server_address[1]
    world.base = server.url
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()


def refusal(status: int, reason: str, message: str = "", **headers: str) -> Answer:
    """An error as Google words it."""
    text = message or reason
    said = {
        "code": status,
        "message": text,
        "errors": [{"domain": "global", "reason": reason, "message": text}],
    }
    made = {"Content-Type": "application/json", **{n.replace("_", "-"): v for n, v in headers.items()}}
    return Answer(status, made, json.dumps({"error": said}).encode())


def _passed(handler: Any, answer: Callable[[], Answer]) -> None:
    handler.give(answer())


def _answered(server: Server, asked: Asked) -> Answer:
    if asked.path == "/token":
        return _token(server, asked)
    who = server.tokens.get(asked.headers.get("Authorization", "").removeprefix("Bearer "))
    if who is None or server.revoked:
        return refusal(401, "authError", "Invalid Credentials")
    try:
        if asked.path.startswith("/feeds/"):
            return _sent(answers.linked(server.world, who, asked))
        if asked.verb == "PUT":
            return _put(server, who, asked)
        return _method(server, who, asked)
    except Refusal as error:
        return refusal(error.status, error.reason, str(error))


def _token(server: Server, asked: Asked) -> Answer:
    given = dict(parse_qsl(asked.body.decode()))
    if server.revoked or given.get("refresh_token") != SECRET:
        body: dict[str, Any] = {"error": "invalid_grant", "error_description": "Token has been revoked."}
        return Answer(400, {"Content-Type": "application/json"}, json.dumps(body).encode())
    token = f"token-{len(server.tokens) + 1}"
    server.tokens[token] = "ana@example.org"
    body = {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}
    return Answer(200, {"Content-Type": "application/json"}, json.dumps(body).encode())


def _method(server: Server, who: str, asked: Asked) -> Answer:
    call = asked.call
    if call is None or call.method.id not in answers.METHODS:
        server.wrong.append(f"{asked.verb} {asked.path} is not served")
        raise Refusal(404, "notFound", "Not Found")
    body = asked.json if asked.headers.get("Content-Type", "").startswith("application/json") else None
    if wrong := CONTRACT.wrong_request(asked.verb, asked.path, asked.query, body or None):
        server.wrong += wrong
        raise Refusal(400, "invalidParameter", wrong[0])
    if call.upload:
        if asked.given("uploadType") != "resumable":
            raise Refusal(400, "badRequest", "this server takes uploads in parts alone")
        number = str(len(server.uploads) + 1)
        server.uploads[number] = (asked, b"")
        return Answer(200, {"Location": f"{server.url}{asked.path[1:]}?upload_id={number}"}, b"")
    return _sent(_checked(server, asked, answers.METHODS[call.method.id](server, who, asked, None)))


def _put(server: Server, who: str, asked: Asked) -> Answer:
    """A part of an upload. It is there when the last one is."""
    number = asked.given("upload_id")
    if number not in server.uploads:
        raise Refusal(404, "notFound", "Not Found")
    begun, data = server.uploads[number]
    found = re.fullmatch(
        r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", asked.headers.get("Content-Range", "bytes */0")
    )
    if found is None:
        raise Refusal(400, "badRequest", "Content-Range")
    if found[1] is not None:
        if int(found[1]) != len(data):
            raise Refusal(400, "badRequest", "not where it was broken off")
        data += asked.body
        server.uploads[number] = (begun, data)
    if found[3] == "*" or len(data) < int(found[3]):
        return Answer(308, {"Range": f"bytes=0-{len(data) - 1}"} if data else {}, b"")
    del server.uploads[number]
    assert begun.call is not None
    made = answers.METHODS[begun.call.method.id](server, who, begun, data)
    return _sent(_checked(server, begun, made))


def _checked(server: Server, asked: Asked, made: Any) -> Any:
    if isinstance(made, Bytes):
        return made
    server.wrong += CONTRACT.wrong_answer(asked.verb, asked.path, made)
    return masked(made, asked.given("fields") or answers.DEFAULT.get(asked.name, ""))


def _sent(made: Any) -> Answer:
    if isinstance(made, Bytes):
        return Answer(200, {"Content-Type": made.mime}, made.data)
    return Answer(200, {"Content-Type": "application/json; charset=UTF-8"}, json.dumps(made).encode())
