"""Hands one message to a mail server (RFC 5321), and is exact about what is known afterwards.

Up to the end of DATA nothing has been sent, and a failure may be tried again. A connection lost after
that leaves the outcome unknown, and it is said so. Nothing is ever repeated here.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deskhand.connectors._tls import NO_TLS
from deskhand.connectors._tries import words
from deskhand.connectors.errors import (
    Misconfigured,
    SourceError,
    Transient,
    Unauthorized,
    Unknown,
    no_password,
)

_SECONDS = 60.0
"""For each word of the server."""
_BOTH_WAYS = 2
"""`socket.SHUT_RDWR`."""
ALTOGETHER = 600.0
"""For the whole exchange: a server may say a word a minute for ever."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Server:
    """Where to hand mail in: smtp:// (STARTTLS where offered) or smtps:// (TLS from the start)."""

    host: str
    port: int
    tls: bool
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    """An OAuth 2 access token, used instead of a password (XOAUTH2)."""
    authorities: Path | None = None
    """A file of certificates (PEM) to be trusted beside the usual authorities."""

    @classmethod
    def of(cls, url: str, password: str, *, token: str = "", authorities: Path | None = None) -> Server:
        """Read `smtp://user@host:port`. :raises Misconfigured: it is none; the password belongs elsewhere."""
        hint = "The option smtp must look like smtp://user@host:587 or smtps://user@host"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise Misconfigured(f"{hint}.") from None
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/"):
            raise Misconfigured(f"{hint}.")
        if parts.password is not None:
            raise Misconfigured(f"{hint}; the password goes into the option password, not into the address.")
        tls = parts.scheme == "smtps"
        return cls(
            parts.hostname, port or (465 if tls else 587), tls, unquote(parts.username or ""), password,
            token, authorities,
        )  # fmt: skip


def check(server: Server) -> None:
    """Sign in, and hand nothing in. :raises SourceError: that cannot be done; says what would help."""
    with _told(server):
        connection = _open(server)
    _leave(connection)


def send(
    data: bytes, *, server: Server, sender: str, recipients: Sequence[str], before_data: Callable[[], None]
) -> dict[str, str]:
    """Send to all recipients the server accepts; return the refused ones with the server's reason.

    `before_data` is called when there is no way back: it must leave a note that outlives a crash.

    :raises Transient: nothing was sent, later it may work.
    :raises Unauthorized: the server wants another user or password.
    :raises SourceError: the server refused for good; nothing was sent.
    :raises Unknown: the connection broke while the server had the message in hand.
    """
    with _told(server):
        connection = _open(server)
    try:
        with _bounded(connection):
            refused = _envelope(connection, server, sender, recipients)
            before_data()
            _data(connection, server, data)
        return refused
    finally:
        _leave(connection)


def _leave(connection: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException), _bounded(connection, _SECONDS):
        connection.quit()
    connection.close()


@contextmanager
def _told(server: Server) -> Iterator[None]:
    """What goes wrong before anything is handed in, as a sentence that says what would help."""
    where = f"{server.host}:{server.port}"
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        said = _text(error.smtp_error)
        raise Unauthorized(
            f"{server.host} refused the user name or password ({error.smtp_code} {said}); nothing was sent."
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise Misconfigured(
            f"{where} lets nobody sign in; nothing was sent. Mail is handed in at port 587 (smtp://), or 465 "
            "(smtps://); to a server that wants no user, without one (option smtp)."
        ) from None
    except ssl.SSLCertVerificationError as error:
        raise Misconfigured(
            f"{where} shows a certificate that is not trusted ({_text(error.verify_message)}); nothing was "
            "sent to it."
        ) from None
    except ssl.SSLError as error:
        if server.tls and error.reason in NO_TLS:
            raise Misconfigured(
                f"{where} speaks no TLS from the start; nothing was sent. With STARTTLS it is written "
                "smtp://, and not smtps:// (option smtp)."
            ) from None
        raise Transient(f"{where} cannot be reached: {_words(error)}") from None
    except socket.gaierror:
        raise Transient(
            f"There is no server called {server.host}, or no network to look it up (option smtp)."
        ) from None
    except smtplib.SMTPServerDisconnected as error:
        why = "does not answer" if _late(error) else f"cannot be reached: {_words(error)}"
        # A server that waits for TLS says no word before it.
        hint = " If it has TLS from the start, as port 465, write smtps:// (option smtp)."
        hint = "" if server.tls else hint
        raise Transient(f"{where} {why}; nothing was sent.{hint}") from None
    except TimeoutError:
        raise Transient(f"{where} does not answer; nothing was sent.") from None
    except (OSError, smtplib.SMTPException) as error:
        raise Transient(f"{where} cannot be reached: {_words(error)}") from None


@contextmanager
def _bounded(connection: smtplib.SMTP, seconds: float | None = None) -> Iterator[None]:
    """Break a connection off that takes longer than `ALTOGETHER`: whoever waits for it is told so at once."""

    def cut() -> None:
        with suppress(OSError, AttributeError):
            connection.sock.shutdown(_BOTH_WAYS)  # type: ignore[union-attr]  # None is suppressed

    watch = threading.Timer(ALTOGETHER if seconds is None else seconds, cut)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _open(server: Server) -> smtplib.SMTP:
    # A name of our own machine is nobody's business, and looking it up can take seconds.
    context = ssl.create_default_context()
    if server.authorities is not None:
        context.load_verify_locations(server.authorities)
    connection: smtplib.SMTP
    if server.tls:
        connection = smtplib.SMTP_SSL(local_hostname="localhost", timeout=_SECONDS, context=context)
    else:
        connection = smtplib.SMTP(local_hostname="localhost", timeout=_SECONDS)
    # As the constructor does it where it is given a host; but so its greeting is bounded too.
    connection._host = server.host  # type: ignore[attr-defined]  # whose certificate it is to be
    try:
        with _bounded(connection):
            code, answer = connection.connect(server.host, server.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, answer)
            _sign_in(connection, server, context)
    except BaseException:
        connection.close()
        raise
    return connection


def _sign_in(connection: smtplib.SMTP, server: Server, context: ssl.SSLContext) -> None:
    connection.ehlo()
    if not server.tls and connection.has_extn("starttls"):
        connection.starttls(context=context)
        connection.ehlo()
    elif not server.tls and server.user and server.host not in _LOOPBACK:
        raise Misconfigured(f"{server.host} offers no encryption, so no password is sent to it.")
    if server.user and server.token:
        said = f"user={server.user}\1auth=Bearer {server.token}\1\1"
        # What it refuses it explains first (a challenge), and waits for an empty line.
        connection.auth("XOAUTH2", lambda challenge=None: said if challenge is None else "")
    elif server.user:
        if not server.password:
            raise Unauthorized(f"{no_password(server.user, server.host)}.")
        connection.login(server.user, server.password)


def _envelope(
    connection: smtplib.SMTP, server: Server, sender: str, recipients: Sequence[str]
) -> dict[str, str]:
    try:
        code, answer = connection.mail(sender)
        if code != 250:
            raise _refusal(server, code, answer, "the sender")
        refused: dict[str, tuple[int, bytes]] = {}
        for recipient in dict.fromkeys(recipients):
            code, answer = connection.rcpt(recipient)
            if code not in {250, 251}:
                refused[recipient] = (code, answer)
    except (OSError, smtplib.SMTPException) as error:
        if _late(error):
            raise Transient(f"{server.host} does not answer any more; nothing was sent.") from None
        raise Transient(f"{server.host} broke off before anything was sent: {_words(error)}") from None
    reasons = {who: f"{code} {_text(answer)}" for who, (code, answer) in refused.items()}
    if len(refused) == len(set(recipients)):
        code, answer = next(iter(refused.values()))
        raise _refusal(server, code, answer, "every recipient")
    return reasons


def _data(connection: smtplib.SMTP, server: Server, data: bytes) -> None:
    unknown = (
        f"{server.host} was given the message, and then the connection broke: whether it was sent is not"
        " known. Look into the Sent folder or ask a recipient."
    )
    try:
        code, answer = connection.data(data)
    except smtplib.SMTPDataError as error:  # the answer to the word DATA itself: nothing was handed over
        raise _refusal(server, error.smtp_code, error.smtp_error, "the message") from None
    except (OSError, smtplib.SMTPException):
        raise Unknown(unknown) from None
    if 400 <= code < 600:
        raise _refusal(server, code, answer, "the message")
    if code != 250:
        raise Unknown(unknown)


def _refusal(server: Server, code: int, answer: bytes | str, what: str) -> SourceError:
    text = f"{server.host} refused {what}; nothing was sent: {code} {_text(answer)}"
    if code in {530, 535}:
        return Unauthorized(text)
    return Transient(text) if 400 <= code < 500 or code < 0 else SourceError(text)


def _late(error: BaseException) -> bool:
    """Whether an answer was waited for in vain; smtplib calls that a lost connection."""
    return isinstance(error, TimeoutError) or str(error).endswith("timed out")


def _text(answer: bytes | str) -> str:
    plain = answer.decode("ascii", "replace") if isinstance(answer, bytes) else answer
    return "".join(c if c.isprintable() else " " for c in plain)[:300]


def _words(error: BaseException) -> str:
    return _text(words(error))
