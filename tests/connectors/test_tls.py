"""Certificates are read once, and anew when the files they lie in change."""

from __future__ import annotations

import os
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

from deskhand.connectors._tls import Trusted


def authority(path: Path, *, at: int) -> trustme.CA:
    """Lay an authority down, as at this second."""
    made = trustme.CA(organization_name=f"Authority {at}")
    made.cert_pem.write_to_path(path)
    os.utime(path, (at, at))
    return made


def handshake(context: ssl.SSLContext, authority: trustme.CA, name: str = "localhost") -> None:
    """Connect to a server with a certificate of this authority, in memory."""
    there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(there)
    out, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(back, out, server_hostname="localhost")
    server = there.wrap_bio(out, back, server_side=True)
    for side in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()


def test_read_once_and_believed(tmp_path: Path) -> None:
    ours = authority(tmp_path / "ca.pem", at=1)
    trusted = Trusted(tmp_path / "ca.pem")
    first = trusted.context()
    assert trusted.context() is first
    handshake(first, ours)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(first, ours, name="elsewhere.example.org")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(first, trustme.CA())


def test_one_that_was_replaced_is_believed_no_more(tmp_path: Path) -> None:
    before = authority(tmp_path / "ca.pem", at=1)
    trusted = Trusted(tmp_path / "ca.pem")
    handshake(trusted.context(), before)
    after = authority(tmp_path / "ca.pem", at=2)
    handshake(trusted.context(), after)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(trusted.context(), before)


def test_that_of_the_system_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As OpenSSL is told where they lie, and as an update of the system writes them."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "usual.pem"))
    before = authority(tmp_path / "usual.pem", at=1)
    trusted = Trusted()
    handshake(trusted.context(), before)
    authority(tmp_path / "usual.pem", at=2)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(trusted.context(), before)


@pytest.mark.parametrize("text", ["", "no certificate"])
def test_a_file_of_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "ca.pem").write_text(text, "utf-8")
    with pytest.raises(OSError):  # noqa: PT011 - also ssl.SSLError
        Trusted(tmp_path / "ca.pem").context()
    with pytest.raises(OSError):  # noqa: PT011
        Trusted(tmp_path / "none.pem").context()
