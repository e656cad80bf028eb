"""The one way out by HTTP: a client that speaks to declared hosts alone, and to none that they lead it to.

Every request is checked before anything is connected, those of a redirect too: its host is declared, it is
encrypted unless it stays on this machine, and the address that the name has *now* is checked and is the one
that is connected to, so that a name which changes in between gains nothing. Proxies and netrc of the
environment are not looked at. Nothing else in Deskhand imports httpx, requests, urllib.request or socket.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import httpcore
import httpx

from deskhand.connectors._hosts import Host, ascii_name, check_addresses
from deskhand.connectors.errors import Forbidden, Unread

Client = httpx.Client
Response = httpx.Response
HTTPError = httpx.HTTPError
"""What fails on the way."""
NoAnswer = httpx.ReadTimeout
"""It was reached, and fell silent."""
NotSent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""What fails before the other side has heard anything."""

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a name, in the order to be tried. :raises OSError: it has none."""

_SAFE = frozenset({"accept", "user-agent", "range", "host", "connection", "accept-encoding"})
"""Headers that go along to a host that was only redirected to."""
_PUT = frozenset({"content-length", "content-range", "content-type"})
"""Headers that go along beside with what is put there."""


MOST_BYTES = "most_bytes"
"""An extension of a request: of how many bytes its answer may be, where that is fewer than usual."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take."""

    seconds: float = 60.0
    """From the request to the last byte."""
    silent: float = 30.0
    """Without a byte."""
    body: int = 64_000_000
    """Bytes."""
    redirects: int = 5


def looked_up(name: str, port: int) -> Sequence[str]:
    """The addresses that this system knows of a name."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def client(
    hosts: Iterable[Host],
    *,
    limits: Limits = Limits(),
    redirects_to: Iterable[Host] = (),
    puts_at: Iterable[Host] = (),
    headers: dict[str, str] | None = None,
    verify: ssl.SSLContext | None = None,
    resolve: Resolve = looked_up,
    ticks: Callable[[], float] = monotonic,
) -> httpx.Client:
    """A client that reaches these hosts and no other. Whoever makes it closes it.

    :param redirects_to: hosts that the declared ones may send us on to; nothing of who we are goes along.
    :param puts_at: those at which, in the same way, bytes are put (PUT), and taken back (DELETE).
    :param verify: whom to believe who a server is, else the usual authorities.
    :param resolve: looks names up. :param ticks: seconds that pass.
    What it refuses is raised as `Forbidden`, a sentence, and as `Unread` once the request went out; what
    fails on the way as httpx's own errors.
    """
    guard = Guard(
        tuple(hosts), tuple(redirects_to), tuple(puts_at), limits=limits, verify=verify, resolve=resolve,
        ticks=ticks,
    )  # fmt: skip
    return httpx.Client(
        transport=guard, trust_env=False, follow_redirects=True, max_redirects=limits.redirects,
        timeout=httpx.Timeout(limits.silent), headers=headers, event_hooks={"response": [guard.look_back]},
    )  # fmt: skip


def certificate_error(error: BaseException) -> str | None:
    """Why a server's certificate was not believed, where that is what failed."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, ssl.SSLCertVerificationError):
            return at.verify_message or "its certificate is not valid"
        at = at.__cause__ or at.__context__
    return None


def closed() -> httpx.AsyncClient:
    """A client that reaches nobody: for libraries that want one for calls that are never made."""
    return httpx.AsyncClient(transport=_Nowhere(), trust_env=False)


class _Nowhere(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise Forbidden("Deskhand makes no such calls.")


class Guard(httpx.BaseTransport):
    """Checks each request, and hands it to a transport that connects to checked addresses."""

    def __init__(
        self, hosts: tuple[Host, ...], others: tuple[Host, ...], puts: tuple[Host, ...] = (), *,
        limits: Limits, verify: ssl.SSLContext | None, resolve: Resolve, ticks: Callable[[], float],
    ) -> None:  # fmt: skip
        self._hosts, self._others, self._limits, self._ticks = hosts, (*others, *puts), limits, ticks
        self._puts = puts
        self._inner = _Pinned(verify or httpx.create_ssl_context(trust_env=False), self._host, resolve)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. :raises Forbidden: not there, or not so."""
        self._check(request.url)
        host = self._host(_name(request.url), _port(request.url))
        headers = request.headers.copy()
        if host not in self._hosts:
            writes = request.method not in ("GET", "HEAD")
            if writes and not (host in self._puts and request.method in ("PUT", "DELETE")):
                raise Forbidden(f"{host.name} was only redirected to, and nothing is written there.")
            kept = _SAFE | _PUT if writes else _SAFE
            headers = httpx.Headers({k: v for k, v in headers.items() if k.lower() in kept})
        # What comes packed can be a thousand times as large as it says.
        headers["accept-encoding"] = "identity"
        until = self._ticks() + self._limits.seconds
        most = min(self._limits.body, int(request.extensions.get(MOST_BYTES, self._limits.body)))
        sent = httpx.Request(
            request.method, request.url, headers=headers, stream=request.stream, extensions=request.extensions
        )
        answer = self._inner.handle_request(sent)
        try:
            self._look_at(answer, host, most)
        except Forbidden:
            answer.close()
            raise
        limits = replace(self._limits, body=most)
        stream = _Bounded(answer.stream, host.name, limits, until, self._ticks)  # type: ignore[arg-type]
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=stream, extensions=answer.extensions
        )

    def look_back(self, response: httpx.Response) -> None:
        """Judge where a response leads, before anybody follows. :raises Unread: not there."""
        if not response.has_redirect_location:
            return
        try:
            self._follow(response)
        except Forbidden as error:
            raise Unread(str(error)) from None

    def _follow(self, response: httpx.Response) -> None:
        try:
            target = response.url.join(response.headers["location"])
        except (httpx.InvalidURL, ValueError):
            raise Forbidden(f"{_name(response.url)} redirects to an address that cannot be read.") from None
        self._check(target)
        if response.url.scheme == "https" != target.scheme:
            raise Forbidden(f"{_name(response.url)} redirects to what is not encrypted.")
        to, was = (_name(target), _port(target)), (_name(response.url), _port(response.url))
        if to != was and not any(h.covers(*to) for h in self._others):
            raise Forbidden(f"{was[0]} redirects to {to[0]}, and a redirect to another host is not followed.")

    def close(self) -> None:
        """Close what is open."""
        self._inner.close()

    def _check(self, url: httpx.URL) -> None:
        name = _name(url)
        if url.scheme not in ("https", "http"):
            raise Forbidden(f"Deskhand speaks https, not {url.scheme[:20]!r}.")
        if url.userinfo:
            raise Forbidden(f"An address with a user or password in it is not used (for {name}).")
        host = self._host(name, _port(url))
        if url.scheme == "http" and not host.loopback:
            raise Forbidden(f"{name} is spoken to with encryption or not at all: https, not http.")

    def _host(self, name: str, port: int) -> Host:
        for host in (*self._hosts, *self._others):
            if host.covers(name, port):
                return host
        known = ", ".join(h.name.removeprefix(".") for h in self._hosts)
        raise Forbidden(f"{name[:100]} (port {port}) is not among the hosts that may be asked here: {known}.")

    def _look_at(self, answer: httpx.Response, host: Host, most: int) -> None:
        if answer.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise Unread(f"{host.name} sent something packed, which was not asked for.")
        size = answer.headers.get("content-length", "")
        if size.isascii() and size.isdigit() and int(size) > most:
            raise Unread(_TOO_LARGE.format(host.name, most))


_TOO_LARGE = "{} sent more than {:,} bytes; the rest was not read."


class _Bounded(httpx.SyncByteStream):
    """A body that ends in time and in size."""

    def __init__(
        self, inner: httpx.SyncByteStream, name: str, limits: Limits, until: float, ticks: Callable[[], float]
    ) -> None:
        self._inner, self._name, self._limits, self._until, self._ticks = inner, name, limits, until, ticks

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for part in self._inner:
            size += len(part)
            if size > self._limits.body:
                raise Unread(_TOO_LARGE.format(self._name, self._limits.body))
            if self._ticks() > self._until:
                raise httpx.ReadTimeout(f"{self._name} took more than {self._limits.seconds:g} seconds.")
            yield part

    def close(self) -> None:
        self._inner.close()


class _Pinned(httpx.HTTPTransport):
    """Connects to addresses that were checked; certificates are still those of the name."""

    def __init__(self, context: ssl.SSLContext, host: Callable[[str, int], Host], resolve: Resolve) -> None:
        super().__init__(verify=context, trust_env=False)
        backend = _Backend(host, resolve)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, max_connections=20, keepalive_expiry=5.0, network_backend=backend
        )


class _Backend(httpcore.SyncBackend):
    """Opens connections: looks a name up, checks what was found, and connects to that."""

    def __init__(self, host: Callable[[str, int], Host], resolve: Resolve) -> None:
        self._host, self._resolve = host, resolve

    def connect_tcp(self, host: str, port: int, *args: Any, **rest: Any) -> httpcore.NetworkStream:
        declared = self._host(ascii_name(host), port)
        try:
            addresses = check_addresses(declared, self._resolve(host, port))
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} is not known: {error}") from error
        for n, address in enumerate(addresses, 1):
            try:
                return super().connect_tcp(address, port, *args, **rest)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if n == len(addresses):
                    raise
        raise httpcore.ConnectError(f"{host} cannot be reached.")

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise Forbidden("Deskhand speaks to no socket in the file system.")


def _name(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii").rstrip(".").lower().strip("[]")


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)
