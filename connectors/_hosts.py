"""Which hosts may be spoken to, and which addresses they may have: plain judgements, no connection."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from deskhand.connectors.errors import Forbidden, Misconfigured

LOOPBACK_NAMES = ("localhost",)
_PORTS = {"https": 443, "http": 80}
_AT_HOME = re.compile(r"(^[^.]+$)|\.(?:local|localdomain|lan|home|internal|intranet|home\.arpa)$")
"""Names that mean something in one's own network alone (RFC 6762, RFC 8375, ICANN's .internal)."""

_NAT64 = ip_network("64:ff9b::/96")
_WORLD = ip_network("2000::/3")
"""What of IPv6 is handed out to the world (RFC 4291 2.4). Beside it lie site-local addresses (RFC 3879),
NAT64 of one's own (RFC 8215), ISATAP, translated ones (RFC 2765): Python takes some for the world's."""
_METADATA = {
    ip_address(a)
    for a in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
}
"""Where clouds hand the keys of a machine to whoever asks from it."""

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Host:
    """A host that may be spoken to."""

    name: str
    """In ASCII and lower case; with a dot in front, every name under it."""
    port: int = 443
    private: bool = False
    """It may have an address in one's own network."""
    loopback: bool = False
    """It is this very machine: then, and only then, also without encryption."""

    def covers(self, name: str, port: int) -> bool:
        """Whether a name and port are this one."""
        same = (
            name.endswith(self.name) and name != self.name[1:] if self.name[:1] == "." else name == self.name
        )
        return same and port == self.port


def host_of(url: str, *, private: bool = False) -> Host:
    """The host of an address that the person set, and only that.

    Its name says whether it is in one's own network: an address there, "localhost", "nas", "nas.local".

    :param private: it is, though its name does not say so.
    :raises Forbidden: it is no address of a server, or has a password in it.
    """
    try:
        parts = urlsplit(url)
        name, port = ascii_name(parts.hostname or ""), parts.port
    except ValueError:
        name, port, parts = "", None, urlsplit("")
    if parts.scheme not in _PORTS or not name:
        raise Forbidden("The address of a server begins with https:// (or http:// on this very machine).")
    if parts.username is not None or parts.password is not None:
        raise Forbidden(
            "The address of a server holds no user and no password; they have settings of their own."
        )
    here = name in LOOPBACK_NAMES or name.endswith(".localhost")
    if (literal := address_of(name)) is not None:
        inner = innermost(literal)
        here = here or inner.is_loopback
        private = private or (not _worldly(inner) and not _never(inner))
    private = private or bool(_AT_HOME.search(name))
    return Host(name, port or _PORTS[parts.scheme], private, here)


def server_of(place: str, *, private: bool) -> Host:
    """The host of a source that is an address. :raises Misconfigured: it is none, or not encrypted."""
    try:
        host = host_of(place, private=private)
    except Forbidden as error:
        raise Misconfigured(str(error)) from None
    if urlsplit(place).scheme == "http" and not host.loopback:
        raise Misconfigured(f"{host.name} is spoken to with encryption or not at all: https, not http.")
    return host


def called(url: str) -> str:
    """A server as a person would name it: with its port where that is not the usual one."""
    parts = urlsplit(url)
    with suppress(ValueError):
        if parts.port is not None and parts.port != _PORTS.get(parts.scheme):
            return f"{parts.hostname}:{parts.port}"
    return parts.hostname or ""


def ascii_name(name: str) -> str:
    """A host's name as it goes over the wire: lower case, punycode, no dot at its end.

    :raises ValueError: it cannot be one.
    """
    name = name.rstrip(".").lower()
    if ":" in name or name.isascii():
        return name
    return name.encode("idna").decode("ascii").lower()


def address_of(name: str) -> Address | None:
    """The address that a name is, without looking it up."""
    try:
        return ip_address(name.strip("[]").partition("%")[0])
    except ValueError:
        return None


def innermost(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for (mapped, 6to4, NAT64, compatible), else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def check_addresses(host: Host, addresses: Iterable[str]) -> list[str]:
    """The addresses a name was found to have, all of them fit.

    :raises Forbidden: one of them is not what this host may have; a name that has both is none to trust.
    """
    found = list(addresses)
    for text in found:
        literal = address_of(text)
        if literal is None:
            raise Forbidden(f"{host.name} has an address that is none ({text[:60]!r}).")
        inner = innermost(literal)
        if _never(inner) or _never(literal):
            raise Forbidden(f"{host.name} leads to {text}, where nothing is ever asked.")
        if inner.is_loopback and not host.loopback:
            raise Forbidden(f"{host.name} leads to this very machine ({text}), which was not set for it.")
        if host.loopback and not inner.is_loopback:
            # Spoken to without encryption, which nothing is that leaves the machine.
            raise Forbidden(f"{host.name} leads to {text}, and not to this very machine.")
        if not (inner.is_loopback or _worldly(inner)) and not host.private:
            raise Forbidden(
                f"{host.name} leads into your own network ({text}), which was not set for it; "
                "if that is meant, say private = true."
            )
    if not found:
        raise Forbidden(f"{host.name} has no address.")
    return found


def _worldly(address: Address) -> bool:
    return address.is_global and (isinstance(address, IPv4Address) or address in _WORLD)


def _never(address: Address) -> bool:
    """Not even the person's own setting makes these a server: link-local, metadata, multicast, nobody."""
    return (
        address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified
        or (isinstance(address, IPv4Address) and address.is_reserved)
    )  # fmt: skip
