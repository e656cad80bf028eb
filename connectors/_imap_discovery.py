"""Finds the mail servers of an address, once, when it is added: in a small table, or as its domain says.

The domain says it by autoconfig, over https: at its own servers, then in Thunderbird's table. Only the domain
is told to anybody. What is found is used only if it is encrypted and takes a password or a token.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring

from deskhand.connectors._hosts import ascii_name
from deskhand.connectors.errors import Forbidden, Misconfigured

Get = Callable[[str], bytes]
"""What an address on the web says. :raises OSError: nothing."""

_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}")
_SECONDS, _LARGEST = 10.0, 200_000
_SECURITY = {"SSL": "tls", "STARTTLS": "starttls"}
_SIGNING_IN = frozenset({"password-cleartext", "plain", "OAuth2"})


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the mail of an address is."""

    host: str
    port: int
    security: str
    user: str
    smtp: str = ""
    sent: str = ""

    def options(self, address: str) -> dict[str, str]:
        """The same as options of a source."""
        made = {"host": self.host, "port": str(self.port), "smtp": self.smtp, "sent": self.sent}
        made["user"] = "" if self.user == address else self.user
        made["security"] = "" if self.security == "tls" else self.security
        return {name: value for name, value in made.items() if value}


def discover(address: str, *, get: Get | None = None) -> Servers:
    """The servers of an address.

    :param get: asks the web, by https. :raises Misconfigured: they are not found; says what to do.
    """
    domain = _domain(address)
    if (known := _provider(domain)) is not None:
        return _known(known, address)
    ask = get or _asked
    for url in (
        f"https://autoconfig.{domain}/mail/config-v1.1.xml",
        f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
        f"https://autoconfig.thunderbird.net/v1.1/{domain}",
    ):
        try:
            found = read(ask(url), address)
        except OSError:
            continue
        if found is not None:
            return found
    raise Misconfigured(
        f"The mail servers of {domain} are not known, and it does not say them (autoconfig). Give them: "
        "--option host=imap.example.org --option smtp=smtp://you%40example.org@smtp.example.org:587"
    )


def hint(host: str) -> str:
    """What the provider with this server wants in place of a password, where that is known; or ""."""
    return next((str(p.get("hint", "")) for p in _providers() if p["imap"].startswith(f"{host}:")), "")


def read(data: bytes, address: str) -> Servers | None:
    """The servers that an autoconfig file names (Thunderbird's format 1.1); None where none can be used."""
    try:
        root = fromstring(data, forbid_dtd=True)  # nothing in that format needs one, attacks do
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    mail = [s for s in root.iter("incomingServer") if s.get("type") == "imap"]
    found = next((s for s in map(lambda e: _server(e, address), mail) if s), None)
    if found is None:
        return None
    out = next((s for s in (_server(e, address) for e in root.iter("outgoingServer")) if s), None)
    return Servers(*found, smtp=_url(*out) if out else "")


def _server(element: ElementTree.Element, address: str) -> tuple[str, int, str, str] | None:
    """Host, port, security and user of a server that may be used."""
    host = (element.findtext("hostname") or "").strip().lower()
    port = (element.findtext("port") or "").strip()
    security = _SECURITY.get((element.findtext("socketType") or "").strip())
    ways = {(a.text or "").strip() for a in element.iter("authentication")}
    if not _HOST.fullmatch(host) or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        return None
    if security is None or not ways & _SIGNING_IN:
        return None
    local, _, domain = address.rpartition("@")
    user = (element.findtext("username") or "%EMAILADDRESS%").strip()
    for name, value in (("ADDRESS", address), ("LOCALPART", local), ("DOMAIN", domain)):
        user = user.replace(f"%EMAIL{name}%", value)
    return None if "%" in user or not user.isprintable() else (host, int(port), security, user)


def _known(provider: Mapping[str, Any], address: str) -> Servers:
    host, port, security = _place(provider["imap"])
    smtp = _url(*_place(provider["smtp"]), address)
    return Servers(host, port, security, address, smtp, str(provider.get("sent", "")))


def _place(text: str) -> tuple[str, int, str]:
    place = text.removeprefix("starttls ")
    host, _, port = place.rpartition(":")
    return host, int(port), "tls" if place == text else "starttls"


def _url(host: str, port: int, security: str, user: str) -> str:
    return f"{'smtps' if security == 'tls' else 'smtp'}://{quote(user, safe='')}@{host}:{port}"


def _domain(address: str) -> str:
    try:
        domain = ascii_name(address.rpartition("@")[2].strip())
    except ValueError:
        domain = ""
    if not _HOST.fullmatch(domain):
        raise Misconfigured(f"{address!r} is no mail address with a domain, like noor@example.org.")
    return domain


@cache
def _providers() -> tuple[Mapping[str, Any], ...]:
    table = tomllib.loads(Path(__file__).with_name("mail_servers.toml").read_text("utf-8"))
    return tuple(table["provider"])


def _provider(domain: str) -> Mapping[str, Any] | None:
    return next((p for p in _providers() if domain in p["domains"]), None)


def _asked(url: str) -> bytes:
    from deskhand.connectors._egress import HTTPError, Limits, client
    from deskhand.connectors._hosts import Host

    host = urlsplit(url).hostname or ""
    try:
        with client([Host(host)], limits=Limits(_SECONDS, _SECONDS, _LARGEST, 2)) as web:
            answer = web.get(url)
    except (HTTPError, Forbidden) as error:
        raise OSError(str(error)) from None
    if answer.status_code != 200:
        raise OSError(f"{host} answered {answer.status_code}")
    return answer.content
