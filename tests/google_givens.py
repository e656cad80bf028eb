"""Google for tests: the real host names, answered on loopback, so that what is tested runs as it is shipped.

Google's names are looked up, connections opened and certificates believed by the machine; those three are
what `wired` changes, and nothing of Deskhand. What is asked goes by TLS to a front that counts and breaks
(`fakes.proxy`), and from there to `myworld`, or to a fake of a test's own.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any
from unittest.mock import patch

import certifi
import trustme
from fakes import myworld, proxy

_ADDRESS = "142.250.0.1"
"""What Google's names have here: of the wide world, as no other is taken. Nobody is asked there."""
_NAMES = ("googleapis.com", "google.com")


@dataclass(frozen=True)
class Google:
    """A world, and the front that everything passes on its way there."""

    world: myworld.World
    front: proxy.Proxy
    authorities: Path
    """The PEM file of who vouches for the front."""

    @property
    def me(self) -> str:
        """The address of the person whose world it is."""
        return next(iter(self.world.emails.values()))


def through_the_front(headers: Mapping[str, str], path: str) -> str:
    """Where `myworld` answers for a host without being a proxy itself."""
    return f"/gw/{headers.get('Host', '').partition(':')[0]}{path}"


def authority() -> tuple[trustme.CA, SSLContext]:
    """Somebody who vouches for Google's names, and a front's side of it."""
    ca = trustme.CA()
    context = SSLContext(PROTOCOL_TLS_SERVER)
    ca.issue_cert(*(n for name in _NAMES for n in (name, f"*.{name}"))).configure_cert(context)
    return ca, context


@contextmanager
def fronted(
    to: int, folder: Path, *, route: Callable[[Mapping[str, str], str], str] = through_the_front
) -> Iterator[tuple[proxy.Proxy, Path]]:
    """A front before a server at a port, and the file of who vouches for it."""
    ca, context = authority()
    authorities = folder / "google-authorities.pem"
    ca.cert_pem.write_to_path(str(authorities))
    with proxy.before(to, context, route=route) as front:
        yield front, authorities


@contextmanager
def wired(port: int, authorities: Path) -> Iterator[None]:
    """Google's names lead to a port of this machine, in this process and as long as this lasts."""
    look, connect = socket.getaddrinfo, socket.create_connection

    def found(host: Any, at: Any, *args: Any, **rest: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host or ""
        if any(name == n or name.endswith(f".{n}") for n in _NAMES):
            return look(_ADDRESS, at, *args, **rest)
        return look(host, at, *args, **rest)

    def connected(address: tuple[str, int], *args: Any, **rest: Any) -> Any:
        return connect(("127.0.0.1", port) if address == (_ADDRESS, 443) else address, *args, **rest)

    with (
        patch.object(socket, "getaddrinfo", found),
        patch.object(socket, "create_connection", connected),
        patch.object(certifi, "where", lambda: str(authorities)),
    ):
        yield
