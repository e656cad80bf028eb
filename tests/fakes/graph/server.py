"""Microsoft Graph v1.0 on loopback, with a state of its own, held to what Microsoft says of Graph.

Every request it takes and every answer it gives is looked at by `contract`; what is not as Microsoft says
stands in `World.wrong`, and the fixture that made the world fails the test by it.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from fakes.graph import schedule  # noqa: F401 - answers beside the calendar
from fakes.graph.calendar import CALENDAR
from fakes.graph.files import FILES
from fakes.graph.large import brought
from fakes.graph.login import login
from fakes.graph.mail import MAIL
from fakes.graph.storage import stored
from fakes.graph.wire import Answer, Call, Handler
from fakes.graph.world import Refused, World

Json = Any
AT_ONCE = 4
"""Requests to a mailbox that are under way together."""
_HANDLERS: list[Handler] = [*MAIL, *CALENDAR, *FILES]
_IMPLIED = {
    "Mail.Read": ("Mail.ReadWrite",), "Calendars.Read": ("Calendars.ReadWrite",),
    "Files.Read": ("Files.Read.All", "Files.ReadWrite", "Files.ReadWrite.All"),
    "Files.Read.All": ("Files.ReadWrite.All", "Sites.Read.All"), "Files.ReadWrite": ("Files.ReadWrite.All",),
    "Sites.Read.All": ("Sites.ReadWrite.All",),
    "MailboxSettings.Read": ("MailboxSettings.ReadWrite",),
}  # fmt: skip


class Judge(Protocol):
    """Says what is wrong with a request, an answer, or a part of one (`contract.Contract`)."""

    def wrong_request(
        self, verb: str, path: str, query: Sequence[tuple[str, str]] = (), body: Json = None
    ) -> list[str]: ...

    def wrong_answer(self, verb: str, path: str, body: Json) -> list[str]: ...

    def wrong(self, value: Json, type_: str, *, sent: bool = False) -> list[str]: ...


class Graph:
    """Judges and answers requests. Safe for several threads."""

    def __init__(self, world: World, contract: Judge) -> None:
        self.world, self._contract = world, contract

    def answer(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """What comes back for a request, as it came over the wire."""
        given = {n.lower(): v for n, v in headers.items()}
        path = urlsplit(target).path
        if given.get("host", "").startswith("login."):
            with self.world.lock:
                return login(self.world, method, path, content)
        storage = given.get("host", "").endswith((".sharepoint.com", ".1drv.com"))
        if storage or path.startswith(("/_layouts/", "/_api/")):
            with self.world.lock:
                return stored(self.world, method, target, given, content, self._contract.wrong)
        if given.get("host", "").startswith("outlook.office"):
            with self.world.lock:
                return brought(self.world, method, target, given, content, self._contract.wrong)
        if not path.startswith("/v1.0/"):
            return self._against(f"{method} {path} is not below /v1.0", method, path)
        whose = self.world.tokens.get(given.get("authorization", "").removeprefix("Bearer "))
        if whose is None:
            return _refused(
                Refused(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
            )
        if self.world.claims and not any("claims" in t for t in self.world.asked_tokens):
            return _refused(Refused(
                401, "InvalidAuthenticationToken", "Continuous access evaluation.",
                WWW_Authenticate=f'Bearer error="insufficient_claims", claims="{self.world.claims}"',
            ))  # fmt: skip
        person = self.world.people[whose[0]]
        batch = path == "/v1.0/$batch"
        asked = _asked(content) if batch else 1
        with self.world.lock:
            free = max(0, AT_ONCE - person.under_way)
            mine = min(AT_ONCE, asked)
            person.under_way += mine
            person.most = max(person.most, person.under_way)
        try:
            if batch and method == "POST":
                return self._batch(json.loads(content), given, free if mine > free else asked)
            if not free:
                return _refused(_too_many())
            return self._single(method, target.removeprefix("/v1.0"), given, content)
        finally:
            with self.world.lock:
                person.under_way -= mine

    def _batch(self, given: Json, headers: Mapping[str, str], free: int) -> Answer:
        """https://learn.microsoft.com/en-us/graph/json-batching: each is judged alone, in any order."""
        asked = given.get("requests")
        if not isinstance(asked, list) or not 0 < len(asked) <= 20 or given.keys() != {"requests"}:
            return _refused(
                Refused(400, "BadRequest", "Number of batch request steps exceeds the maximum value of 20.")
            )
        ids = [r.get("id") for r in asked]
        if len({*ids}) != len(ids) or not all(isinstance(i, str) and i for i in ids):
            return _refused(Refused(400, "BadRequest", "The request IDs are not unique."))
        made = []
        for n, one in enumerate(asked):
            if unknown := one.keys() - {"id", "method", "url", "headers", "body", "dependsOn"}:
                self.world.wrong.append(f"$batch: a request has no {sorted(unknown)}")
            if one["url"].startswith("http"):
                self.world.wrong.append("$batch: a url is relative")
            inner = {n.lower(): v for n, v in (one.get("headers") or {}).items()}
            inner["authorization"] = headers["authorization"]
            body = one.get("body")
            content = (
                b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
            )
            if body is not None and "content-type" not in inner:
                self.world.wrong.append("$batch: what has a body says its content type")
            url = "/" + one["url"].lstrip("/")
            got = self._single(one["method"], url, inner, content) if n < free else _refused(_too_many())
            said = base64.b64encode(got.body).decode() if isinstance(got.body, bytes) else got.body
            made.append({"id": one["id"], "status": got.status, "headers": dict(got.headers),
                         **({"body": said} if said is not None else {})})  # fmt: skip
        return Answer(200, {"responses": made[::-1]})  # in any order, says Microsoft

    def _single(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        parts = urlsplit(target)
        # A space may be written as %20 or as +; a plus of its own is %2B.
        query = parse_qsl(parts.query, keep_blank_values=True)
        plain = headers.get("content-type", "").startswith("text/plain") or parts.path.endswith("/content")
        try:
            body = None if plain or not content else json.loads(content)
        except ValueError:
            return _refused(Refused(400, "BadRequest", "Unable to read JSON request payload."))
        if wrong := self._contract.wrong_request(method, parts.path, query, body):
            return self._against("; ".join(wrong), method, parts.path)
        path = unquote(parts.path)
        with self.world.lock:
            self.world.calls.append((method, target))
            try:
                got = self._done(Call(
                    method, path, dict(query), headers, content,
                    self.world.people[self._whose(headers)[0]],
                ))  # fmt: skip
            except Refused as refused:
                got = _refused(refused)
        if isinstance(got.body, dict) and got.status < 300:
            self.world.wrong += self._contract.wrong_answer(method, parts.path, got.body)
        return got

    def _done(self, call: Call) -> Answer:
        if (refused := self.world.refusing(call.method, call.path)) is not None:
            raise refused
        for handler in _HANDLERS:
            found = handler.pattern.fullmatch(call.path) if handler.method == call.method else None
            if found is None:
                continue
            allowed = self._whose(call.headers)[1]
            if not allowed & {handler.scope, *_IMPLIED.get(handler.scope, ())}:
                raise Refused(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
            call.named, call.allowed = [g or "" for g in found.groups()], allowed
            return handler.does(self.world, call)
        raise Refused(501, "NotImplemented", f"The fake does not play {call.method} {call.path}.")

    def _whose(self, headers: Mapping[str, str]) -> tuple[str, frozenset[str]]:
        return self.world.tokens[headers["authorization"].removeprefix("Bearer ")]

    def _against(self, what: str, method: str, path: str) -> Answer:
        self.world.wrong.append(what)
        return _refused(Refused(400, "BadRequest", f"Resource not found for the segment: {what}"))


def _asked(content: bytes) -> int:
    try:
        return len(json.loads(content)["requests"])
    except (ValueError, KeyError, TypeError):
        return 1


def _too_many() -> Refused:
    return Refused(
        429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.", Retry_After="1"
    )


def _refused(refused: Refused) -> Answer:
    return Answer(refused.status, refused.body, {"Content-Type": "application/json", **refused.headers})


@contextmanager
def serving(graph: Graph, port: int = 0) -> Iterator[int]:
    """It listens at a port, or at any; the port."""

    class Handling(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                got = graph.answer(self.command, self.path, dict(self.headers.items()), content)
            except Exception as error:
                graph.world.wrong.append(f"the fake broke: {self.command} {self.path}: {error!r}")
                got = Answer(500, {"error": {"code": "generalException", "message": "broken"}})
            data = (
                got.body
                if isinstance(got.body, bytes)
                else b""
                if got.body is None
                else json.dumps(got.body).encode()
            )
            self.send_response_only(got.status)
            for name, value in {"Content-Type": "application/json", **got.headers}.items():
                self.send_header(name, value)
            self.send_header("Date", format_datetime(graph.world.now, usegmt=True))
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    for method in ("GET", "PUT", "POST", "PATCH", "DELETE"):
        setattr(Handling, f"do_{method}", Handling.handle_any)
    server = ThreadingHTTPServer(("127.0.0.1", port), Handling)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
