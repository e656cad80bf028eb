"""Whose mailbox on which server, and how it is signed in to: checked before anything is connected.

A password or token is only ever sent through TLS, or to this very machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from deskhand.connectors._hosts import LOOPBACK_NAMES, address_of, ascii_name
from deskhand.connectors.errors import Misconfigured

Security = Literal["tls", "starttls", "none"]
"""TLS from the start, TLS before anything else is said (RFC 3501 6.2.1), or none, on this very machine."""

TLS_PORT, PLAIN_PORT = 993, 143


@dataclass(frozen=True, slots=True)
class Account:
    """Where a mailbox is, and what opens it."""

    host: str
    """In ASCII and lower case."""
    port: int
    security: Security
    user: str
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    """An OAuth 2 access token, used instead of a password (XOAUTH2)."""
    authorities: Path | None = None
    """A file of certificates (PEM) to be trusted beside the usual authorities."""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def account(
    *, host: str, port: int | str, security: str, user: str, password: str, token: str, authorities: str
) -> Account:
    """Read the options. :raises Misconfigured: one cannot work, or the secret would be sent in the clear."""
    number = _port(port)
    if not host:
        raise Misconfigured("imap needs the server's name: --option host=mail.example.org.")
    try:
        name = ascii_name(host.strip())
    except ValueError:
        name = ""
    if not name or any(c in name for c in "/@ "):
        raise Misconfigured(f"{host!r} is no name of a server; it must look like mail.example.org.")
    chosen = security or ("starttls" if number == PLAIN_PORT else "tls")
    if chosen not in get_args(Security):
        raise Misconfigured(f"The option security must be tls, starttls or none, not {security!r}.")
    if chosen == "none" and not is_here(name):
        raise Misconfigured(
            f"{name} is another machine, so nothing is sent to it without encryption: "
            "the option security must be tls or starttls."
        )
    if password and token:
        raise Misconfigured("Give either a password or a token, not both.")
    certificates = Path(authorities).expanduser() if authorities else None
    if certificates is not None and not certificates.is_file():
        raise Misconfigured(f"There is no file of certificates {certificates} (option ca).")
    usual = TLS_PORT if chosen == "tls" else PLAIN_PORT
    return Account(
        name, number or usual, chosen, user, password, token, certificates  # type: ignore[arg-type]
    )  # fmt: skip


def is_here(host: str) -> bool:
    """Whether a host is this very machine, by its name alone."""
    literal = address_of(host)
    return host in LOOPBACK_NAMES if literal is None else literal.is_loopback


def _port(port: int | str) -> int:
    try:
        number = int(port or 0)
    except ValueError:
        number = -1
    if not 0 <= number < 65536:
        raise Misconfigured(f"The option port must be a number like 993, not {port!r}.")
    return number
