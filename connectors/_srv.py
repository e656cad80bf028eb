"""What a domain says in the DNS about where a service of it is: SRV records (RFC 2782), and TXT beside them.

The resolver of this system is asked, for a few seconds altogether. Nothing of the DNS is proven: whoever uses
an answer that leads out of the domain asks the person first (RFC 6186 6), unless somebody else proves it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from deskhand.connectors._hosts import ascii_name
from deskhand.connectors.errors import Misconfigured

HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}")
"""A host's full name as it goes over the wire, and no address."""

_PATH = re.compile(r"/(?!/)[!-~]{0,500}")


class Silent(OSError):
    """Nobody answers, there is no resolver, or no network: whatever the domain says, it is not known."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a service is."""

    host: str
    """In ASCII and lower case; "": the domain says that it has no such service (the target ".")."""
    port: int = 0


class Domain:
    """A domain whose services are asked for. Used by one thread, once."""

    def __init__(
        self, name: str, *, servers: Sequence[str] = (), port: int = 53, seconds: float = 5.0
    ) -> None:  # fmt: skip
        """:param name: in ASCII. :param servers: addresses of resolvers, at `port`, instead of this system's.
        :param seconds: that all questions may take together.
        """
        self._name, self._servers, self._port = name, list(servers), port
        self._until = monotonic() + seconds
        self._resolver: Any = None

    def service(self, name: str) -> Target | None:
        """Where the service `imaps` of the domain is, over TCP; None: it does not say.

        The one with the lowest priority; of several the heaviest, then the first by name: whoever asks twice
        is told the same. :raises Silent: nobody answers.
        """
        rows = [(r.priority, -r.weight, _host(r.target), r.port) for r in self._asked(f"_{name}._tcp", "SRV")]
        if len(rows) == 1 and rows[0][2] == "":
            return Target("")
        fit = sorted(row for row in rows if HOST.fullmatch(row[2]) and row[3])
        return Target(fit[0][2], fit[0][3]) if fit else None

    def path(self, name: str) -> str:
        """The path that the domain says beside its SRV records (`path=`, RFC 6764 4); or ""."""
        for row in self._asked(f"_{name}._tcp", "TXT"):
            for part in row.strings:
                key, _, value = part.decode("ascii", "replace").partition("=")
                if key.lower() == "path" and _PATH.fullmatch(value):
                    return str(value)
        return ""

    def within(self, host: str) -> bool:
        """Whether a host is the domain, or in it."""
        return host == self._name or host.endswith(f".{self._name}")

    def _asked(self, name: str, kind: str) -> Sequence[Any]:
        """The records of a name. :raises Silent: nobody answers."""
        import dns.exception
        import dns.name
        import dns.resolver

        left = self._until - monotonic()
        if left <= 0:
            raise Silent(f"Nobody says what {self._name} says of its services.")
        try:
            if self._resolver is None:
                self._resolver = dns.resolver.Resolver(configure=not self._servers)
                if self._servers:
                    self._resolver.nameservers, self._resolver.port = self._servers, self._port
            whole = dns.name.from_text(f"{name}.{self._name}.")
            with suppress(dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
                # As it stands and nothing else: no domain of this machine is put behind it.
                return list(self._resolver.resolve(whole, kind, lifetime=left, search=False))
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise Silent(f"Nobody says what {self._name} says of its services: {error}") from None
        return []


def domain_of(address: str) -> str:
    """The domain of a mail address, in ASCII. :raises Misconfigured: it is none, or has none."""
    try:
        domain = ascii_name(address.rpartition("@")[2].strip())
    except ValueError:
        domain = ""
    if not HOST.fullmatch(domain):
        raise Misconfigured(f"{address!r} is no mail address with a domain, like noor@example.org.")
    return domain


def _host(target: Any) -> str:
    """A name of the DNS as one goes by it; "" for its root."""
    return str(target.to_text(omit_final_dot=True)).lower().removesuffix(".")
