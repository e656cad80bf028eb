"""A proxy before a real server: counts what is asked of it, and does to an answer what networks do."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any

Does = Callable[["Request"], None]
"""What becomes of a request: forwarded, answered, cut short."""
Route = Callable[[Mapping[str, str], str], str]
"""Where the server has what was asked here for, by headers and path."""


def straight(headers: Mapping[str, str], path: str) -> str:
    """The same path there."""
    return path


@dataclass
class Request:
    """One request on its way, in the hands of a fault."""

    handler: Any
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    to: int
    route: Route = straight

    def forward(self) -> tuple[int, list[tuple[str, str]], bytes]:
        """Ask the real server."""
        connection = HTTPConnection("127.0.0.1", self.to, timeout=60)
        try:
            path = self.route(self.headers, self.path)
            connection.request(self.method, path, self.body, dict(self.headers))
            answer = connection.getresponse()
            data = answer.read()
            dropped = {"connection", "transfer-encoding", "content-length", "keep-alive"}
            return answer.status, [h for h in answer.getheaders() if h[0].lower() not in dropped], data
        finally:
            connection.close()

    def say(self, status: int, headers: Sequence[tuple[str, str]] = (), data: bytes = b"") -> None:
        """Answer."""
        self.handler.send_response_only(status)
        for name, value in headers:
            self.handler.send_header(name, value)
        self.handler.send_header("Content-Length", str(len(data)))
        self.handler.end_headers()
        self.handler.wfile.write(data)


def passed(request: Request) -> None:
    """What a proxy does on a good day."""
    request.say(*request.forward())


def says(status: int, data: bytes = b"", **headers: str) -> Does:
    """An answer of its own; the server hears nothing."""
    given = [(n.replace("_", "-"), v) for n, v in headers.items()]
    return lambda request: request.say(status, given, data)


def done_but(does: Callable[[Request], None]) -> Does:
    """The server has done it by the time that something else happens to the answer."""

    def run(request: Request) -> None:
        request.forward()
        does(request)

    return run


def cut(request: Request) -> None:
    """Half of the answer, and the connection closed."""
    status, headers, data = request.forward()
    request.handler.send_response_only(status)
    for name, value in headers:
        request.handler.send_header(name, value)
    request.handler.send_header("Content-Length", str(len(data)))
    request.handler.end_headers()
    request.handler.wfile.write(data[: len(data) // 2])
    request.handler.close_connection = True


def reset(request: Request) -> None:
    """Half of the answer, and the connection torn."""
    cut(request)
    request.handler.wfile.flush()
    linger = struct.pack("ii", 1, 0)
    request.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def torn(request: Request) -> None:
    """No answer at all."""
    request.handler.close_connection = True


def rewritten(change: Callable[[bytes], bytes], **headers: str) -> Does:
    """The server's answer, written over."""

    def run(request: Request) -> None:
        status, given, data = request.forward()
        added = [(n.replace("_", "-"), v) for n, v in headers.items()]
        request.say(status, [*given, *added], change(data))

    return run


@dataclass
class Proxy:
    """What was asked, and what is to be done to whom."""

    to: int
    port: int = 0
    seen: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Method and path of every request."""
    bodies: list[bytes] = field(default_factory=list[bytes])
    headers: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    faults: list[tuple[str, Does]] = field(default_factory=list[tuple[str, Does]])
    """In order: the first whose method is the request's (or *) is done, and used up.

    With a part of the path behind the method (`POST /token`), only where that is in it."""
    always: dict[str, Does] = field(default_factory=dict[str, Does])
    """By method: done each time, where no fault is."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def count(self, *methods: str) -> int:
        """How many requests of these methods, or all."""
        return sum(not methods or m in methods for m, _ in self.seen)

    def fault(self, method: str, path: str) -> Does:
        for n, (wanted, does) in enumerate(self.faults):
            if _meant(wanted, method, path):
                del self.faults[n]
                return does
        # What names a path comes before what names a method, and that before everything.
        found = [w for w in sorted(self.always, key=len, reverse=True) if _meant(w, method, path)]
        return self.always[found[0]] if found else passed


def _meant(wanted: str, method: str, path: str) -> bool:
    name, _, part = wanted.partition(" ")
    return name in (method, "*") and part in path


@contextmanager
def before(to: int, context: SSLContext | None = None, *, route: Route = straight) -> Iterator[Proxy]:
    """A proxy before the server at a port of this machine; with a context it speaks TLS."""
    proxy = Proxy(to)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            proxy.seen.append((self.command, self.path))
            proxy.bodies.append(body)
            headers = dict(self.headers.items())
            proxy.headers.append(headers)
            does = proxy.fault(self.command, self.path)
            try:
                does(Request(self, self.command, self.path, headers, body, proxy.to, route))
            except ConnectionError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    for method in ("GET", "PUT", "POST", "PATCH", "DELETE", "PROPFIND", "REPORT", "OPTIONS", "HEAD"):
        setattr(Handler, f"do_{method}", Handler.handle_any)
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    proxy.port = server.server_address[1]
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
