"""The servers of an address are in a small table or said by its domain; only encrypted ones are taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskhand.connectors._imap_discovery import Servers, discover, hint, read
from deskhand.connectors._srv import Domain
from deskhand.connectors.errors import Misconfigured
from deskhand.connectors.imap import connect

SAID = """<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="example.org">
<incomingServer type="pop3"><hostname>pop.example.org</hostname><port>995</port><socketType>SSL</socketType>
<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>
<incomingServer type="imap"><hostname>IMAP.example.org</hostname><port>{port}</port>
<socketType>{socket}</socketType><username>{user}</username><authentication>{how}</authentication></incomingServer>
<outgoingServer type="smtp"><hostname>smtp.example.org</hostname><port>587</port>
<socketType>STARTTLS</socketType><username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></outgoingServer>
</emailProvider></clientConfig>"""

USUAL = {"port": "993", "socket": "SSL", "user": "%EMAILADDRESS%", "how": "password-cleartext"}


def said(**other: str) -> bytes:
    return SAID.format(**USUAL | other).encode()


def nobody(url: str) -> bytes:
    raise OSError(url)


class Mute(Domain):
    """A domain that says nothing in the DNS (`test_srv` has those that do)."""

    def service(self, name: str) -> None:
        return None


def test_well_known_providers_are_in_the_table_and_nobody_is_asked() -> None:
    found = discover("Noor@GMail.com", get=nobody)
    assert found.options("Noor@GMail.com") == {
        "host": "imap.gmail.com", "port": "993", "smtp": "smtps://Noor%40GMail.com@smtp.gmail.com:465",
        "sent": "server",
    }  # fmt: skip
    assert "app password" in hint("imap.gmail.com")
    assert hint("imap.example.org") == ""


def test_every_row_of_the_table_makes_a_source(tmp_path: Path) -> None:
    from deskhand.connectors._imap_discovery import _providers

    domains = [d for p in _providers() for d in p["domains"]]
    assert len(domains) == len(set(domains)) > 15
    for domain in domains:
        address = f"noor@{domain}"
        options = discover(address, get=nobody).options(address)
        connect(source="m", state=tmp_path, place=address, password="secret", **options)  # type: ignore[arg-type]


def test_a_domain_is_asked_first_and_then_the_table_of_many() -> None:
    asked: list[str] = []

    def get(url: str) -> bytes:
        asked.append(url)
        if "thunderbird" not in url:
            raise OSError
        return said()

    assert discover("noor@example.org", get=get, dns=Mute) == Servers(
        "imap.example.org", 993, "tls", "noor@example.org", "smtp://noor%40example.org@smtp.example.org:587"
    )
    assert asked == [
        "https://autoconfig.example.org/mail/config-v1.1.xml",
        "https://example.org/.well-known/autoconfig/mail/config-v1.1.xml",
        "https://autoconfig.thunderbird.net/v1.1/example.org",
    ]
    assert "noor" not in " ".join(asked), "only the domain is told"


def test_what_is_said_becomes_options() -> None:
    found = read(said(socket="STARTTLS", port="143", user="%EMAILLOCALPART%"), "noor@example.org")
    assert found is not None
    assert found.options("noor@example.org") == {
        "host": "imap.example.org", "port": "143", "security": "starttls", "user": "noor",
        "smtp": "smtp://noor%40example.org@smtp.example.org:587",
    }  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        said(socket="plain"),
        said(how="GSSAPI"),
        said(port="0"),
        said(port="99999"),
        said(user="%REALNAME%"),
        said().replace(b"IMAP.example.org", b"127.0.0.1"),
        said().replace(b"IMAP.example.org", b"localhost"),
        said().replace(b"IMAP.example.org", b"a.example.org/x"),
        said().replace(b'type="imap"', b'type="jmap"'),
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + said().partition(b"?>")[2],
        b"<html>not found</html>",
        b"",
        b"\xff\xfe",
    ],
)
def test_what_cannot_be_used_is_passed_over(data: bytes) -> None:
    """No encryption, no way to sign in, no name of a server, no such file."""
    assert read(data, "noor@example.org") is None
    with pytest.raises(Misconfigured, match="option host="):
        discover("noor@example.org", get=lambda _: data, dns=Mute)


@pytest.mark.parametrize(
    "address", ["noor", "noor@", "noor@localhost", "noor@127.0.0.1", "noor@a b.org", "@"]
)
def test_what_is_no_address_is_said(address: str) -> None:
    with pytest.raises(Misconfigured, match="no mail address"):
        discover(address, get=nobody)
