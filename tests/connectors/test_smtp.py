"""Handing a message in: what goes wrong on the way is one line that says what it is and what would help."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from aiosmtpd.smtp import AuthResult, LoginPassword
from imap_givens import Quick, Sink

from deskhand.agent.sample.servers import free_ports
from deskhand.connectors import _smtp
from deskhand.connectors.errors import Misconfigured, SourceError, Transient, Unauthorized, Unknown


class Relay:
    """A mail server with TLS from the start, and one with STARTTLS, that know one password; one without."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.authority = folder / "authority.pem"
        authority.cert_pem.write_to_path(self.authority)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(context)

        def lets_in(
            _server: object, _session: object, _envelope: object, _how: str, said: object
        ) -> AuthResult:
            right = isinstance(said, LoginPassword) and said.password == b"right-one"
            return AuthResult(success=right, handled=False)

        self.sink = Sink()
        self.tls, self.starttls, self.plain = free_ports(3)
        at = {"hostname": "localhost", "authenticator": lets_in}
        self._running = [
            Quick(self.sink, port=self.tls, ssl_context=context, **at),
            Quick(self.sink, port=self.starttls, tls_context=context, require_starttls=True, **at),
            Quick(self.sink, port=self.plain, hostname="localhost"),
        ]
        for one in self._running:
            one.start()

    def close(self) -> None:
        for one in self._running:
            one.stop()


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    made = Relay(tmp_path_factory.mktemp("relay"))
    yield made
    made.close()


def send(url: str, password: str = "", *, authority: Path | None = None) -> None:
    server = _smtp.Server.of(url, password, authorities=authority)
    data = b"Subject: Hi\r\n\r\nHello.\r\n"
    _smtp.send(data, server=server, sender="a@b.test", recipients=["c@d.test"], before_data=list)


def said(kind: type[SourceError], url: str, password: str = "", *, authority: Path | None = None) -> str:
    """What is said of what goes wrong, in one line."""
    with pytest.raises(kind) as caught:
        send(url, password, authority=authority)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_with_the_right_words_it_is_sent(relay: Relay) -> None:
    send(f"smtp://ana@localhost:{relay.starttls}", "right-one", authority=relay.authority)
    assert relay.sink.got[-1][0] == ["c@d.test"]


def test_tls_from_the_start_where_there_is_none(relay: Relay) -> None:
    for port in (relay.starttls, relay.plain):
        told = said(Misconfigured, f"smtps://ana@localhost:{port}", "right-one")
        assert told.startswith(f"localhost:{port} speaks no TLS from the start; nothing was sent.")
        assert "it is written smtp://" in told


def test_starttls_where_tls_is_from_the_start(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both wait for the other's first word."""
    monkeypatch.setattr(_smtp, "_SECONDS", 0.3)
    told = said(Transient, f"smtp://ana@localhost:{relay.tls}", "right-one")
    assert told.startswith(f"localhost:{relay.tls} does not answer; nothing was sent.")
    assert "write smtps://" in told


def test_a_certificate_of_somebody_unknown(relay: Relay) -> None:
    for url in (f"smtps://ana@localhost:{relay.tls}", f"smtp://ana@localhost:{relay.starttls}"):
        told = said(Misconfigured, url, "right-one")
        assert told.endswith(
            "shows a certificate that is not trusted (unable to get local issuer certificate); "
            "nothing was sent to it."
        )


def test_a_wrong_password_and_none(relay: Relay) -> None:
    url = f"smtp://ana@localhost:{relay.starttls}"
    told = said(Unauthorized, url, "wrong-one", authority=relay.authority)
    assert told.startswith("localhost refused the user name or password (535 ")
    assert told.endswith("; nothing was sent.")
    told = said(Unauthorized, url, authority=relay.authority)
    assert told.startswith(
        "There is no password for ana at localhost: keep one with deskhand secret set NAME"
    )


def test_a_server_that_lets_nobody_sign_in(relay: Relay) -> None:
    told = said(Misconfigured, f"smtp://ana@localhost:{relay.plain}", "right-one")
    assert told.startswith(f"localhost:{relay.plain} lets nobody sign in; nothing was sent.")


def test_no_password_goes_to_another_machine_in_the_clear(relay: Relay) -> None:
    """127.0.0.2 stands for one: only the names of this very machine pass for it."""
    (port,) = free_ports(1)
    elsewhere = Quick(relay.sink, hostname="127.0.0.2", port=port)
    elsewhere.start()
    try:
        told = said(Misconfigured, f"smtp://ana@127.0.0.2:{port}", "right-one")
    finally:
        elsewhere.stop()
    assert told == "127.0.0.2 offers no encryption, so no password is sent to it."


def test_a_name_that_nobody_has() -> None:
    told = said(Transient, "smtp://ana@nowhere.invalid", "right-one")
    assert told == ("There is no server called nowhere.invalid, or no network to look it up (option smtp).")


WORDS = (b"220 ready\r\n", b"250 here\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n")
"""What a server says until it has the message."""


@pytest.mark.parametrize("spoken", range(len(WORDS) + 1))
def test_one_that_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch, spoken: int) -> None:
    monkeypatch.setattr(_smtp, "_SECONDS", 0.3)
    over = threading.Event()

    def serve() -> None:
        client, _ = listening.accept()
        with client, suppress(OSError):
            for word in WORDS[:spoken]:
                client.sendall(word)
                client.recv(1000)
            over.wait(30)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        url = f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        if spoken >= len(WORDS) - 1:  # from the word DATA on nobody knows
            assert "whether it was sent is not known" in said(Unknown, url)
        else:
            assert "does not answer" in (told := said(Transient, url))
            assert "nothing was sent" in told
        over.set()
