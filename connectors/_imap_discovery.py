"""Finds the mail servers of an address, once, when it is added: in a small table, or as its domain says.

The domain says it by SRV records (RFC 6186, RFC 8314 5.1), and by autoconfig, over https: at its own servers,
then in Thunderbird's table. Only the domain is told to anybody. What is found is used only if it is encrypted
and takes a password or a token; what the DNS alone says, and leads out of the domain, after a yes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring

from deskhand.connectors._srv import HOST, Domain, Silent, Target, domain_of
from deskhand.connectors.errors import Elsewhere, Forbidden, Misconfigured

Get = Callable[[str], bytes]
"""What an address on the web says. :raises OSError: nothing."""

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


def discover(address: str, *, get: Get | None = None, dns: Callable[[str], Domain] = Domain) -> Servers:
    """The servers of an address.

    :param get: asks the web, by https. :param dns: a domain whose services can be asked for.
    :raises Elsewhere: the DNS alone says where they are, and that is outside the domain.
    :raises Misconfigured: they are not found; says what to do.
    """
    domain = domain_of(address)
    if (known := _provider(domain)) is not None:
        return _known(known, address)
    ask, there = get or _asked, dns(domain)
    said, whole = _said(there, address)
    hosts = _hosts(said) if said is not None else []
    ours = all(there.within(host) for host in hosts)
    if said is not None and whole and ours:
        return said
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
            return found  # proven by a certificate, where the DNS is not
    if said is not None:
        if ours:
            return said
        options = said.options(address)
        given = " ".join(f"--option {name}={value}" for name, value in options.items())
        raise Elsewhere(
            f"{domain} says that its mail is at {' and '.join(dict.fromkeys(hosts))}, outside its own "
            "domain, and only the DNS says so, which proves nothing.",
            remedy=f"Nothing was sent there. If you know that it is right, say: {given}",
            options=options,
        )
    raise Misconfigured(
        f"The mail servers of {domain} are not known, and it does not say them (SRV, autoconfig). Give them: "
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


def _said(domain: Domain, address: str) -> tuple[Servers | None, bool]:
    """What the DNS says, where that can be used; and whether it says both where mail is and how it goes out.

    TLS from the start goes before STARTTLS (RFC 8314 3). One signs in with the whole address.
    """
    try:
        imap = _first(domain, ("imaps", "tls"), ("imap", "starttls"))
        if imap is None or not imap[0].host:
            return None, False
        out = _first(domain, ("submissions", "tls"), ("submission", "starttls"))
    except Silent:
        return None, False
    at, security = imap
    smtp = _url(out[0].host, out[0].port, out[1], address) if out is not None and out[0].host else ""
    return Servers(at.host, at.port, security, address, smtp), out is not None


def _first(domain: Domain, *services: tuple[str, str]) -> tuple[Target, str] | None:
    """Where the first of these services is that there is; else that none is offered, where that is said."""
    none = None
    for name, security in services:
        if (target := domain.service(name)) is not None:
            if target.host:
                return target, security
            none = none or (target, security)
    return none


def _hosts(servers: Servers) -> list[str]:
    out = urlsplit(servers.smtp).hostname
    return [servers.host, *([out] if out else [])]


def _server(element: ElementTree.Element, address: str) -> tuple[str, int, str, str] | None:
    """Host, port, security and user of a server that may be used."""
    host = (element.findtext("hostname") or "").strip().lower()
    port = (element.findtext("port") or "").strip()
    security = _SECURITY.get((element.findtext("socketType") or "").strip())
    ways = {(a.text or "").strip() for a in element.iter("authentication")}
    if not HOST.fullmatch(host) or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
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
