"""Opens a connection to an IMAP server, encrypted as it was said, and signs in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from deskhand.connectors._imap_account import Account
from deskhand.connectors._imap_bounds import guarded
from deskhand.connectors._imap_errors import BUSY, code_in, text_of, told
from deskhand.connectors._tls import Trusted
from deskhand.connectors.errors import (
    Misconfigured,
    Transient,
    Unauthorized,
    Unsupported,
    no_password,
)

if TYPE_CHECKING:
    from imapclient import IMAPClient

CONNECT_SECONDS, READ_SECONDS = 30.0, 60.0


def connected(
    account: Account, trusted: Trusted, guard: Callable[[Any], None], renew: Callable[[], None]
) -> IMAPClient:
    """A connection that is encrypted as it was said, on which nobody has signed in yet.

    :param guard: given what takes in the bytes, before any came. :param renew: called as each command begins.
    """
    from imapclient import IMAPClient, SocketTimeout, imap4, tls

    class Client(IMAPClient):  # type: ignore[misc]  # imapclient tells no types
        """Its greeting is bounded too."""

        def _create_IMAP4(self) -> Any:
            if account.security == "tls":
                kind = guarded(tls.IMAP4_TLS, guard)
                return kind(self.host, self.port, self.ssl_context, CONNECT_SECONDS)
            return guarded(imap4.IMAP4WithTimeout, guard)(self.host, self.port, CONNECT_SECONDS)

    try:
        context = trusted.context()
    except OSError:  # ssl.SSLError is one
        raise Misconfigured(f"{account.authorities} holds no certificates (PEM).") from None
    with told(account, lambda: None, connecting=True):
        client = Client(
            account.host, account.port, ssl=account.security == "tls", ssl_context=context,
            timeout=SocketTimeout(CONNECT_SECONDS, READ_SECONDS),
        )  # fmt: skip
        client.normalise_times = False
        renew()
        if account.security == "starttls":
            try:
                if not client.has_capability("STARTTLS"):
                    raise Misconfigured(
                        f"{account} offers no encryption (STARTTLS), so nothing is sent to it. "
                        "Many servers have TLS on port 993: option port=993."
                    )
                client.starttls(context)
            except BaseException:
                with suppress(Exception):
                    client.shutdown()
                raise
    return client


def sign_in(client: IMAPClient, account: Account) -> None:
    """Sign in. :raises Unauthorized: the server does not know the user, or not like that."""
    from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

    if not account.password and not account.token:
        raise Unauthorized(f"{no_password(account.user, account.host)}.")
    try:
        if account.token:
            if not client.has_capability("AUTH=XOAUTH2"):
                raise Unsupported(f"{account.host} takes no token (XOAUTH2), only a password.")
            client.oauth2_login(account.user, account.token)
        elif client.has_capability("AUTH=PLAIN"):
            client.plain_login(account.user, account.password)
        elif client.has_capability("LOGINDISABLED"):
            raise Unsupported(f"{account.host} takes no password on this connection.")
        else:
            client.login(account.user, account.password)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        if isinstance(error.__context__, IMAPClientAbortError):  # no answer is no refusal
            raise error.__context__ from None
        said = text_of(str(error))
        if code_in(said) in BUSY:
            raise Transient(f"{account.host} lets nobody in at the moment: {said}") from None
        what = "token" if account.token else "password"
        raise Unauthorized(f"{account.host} refused the user {account.user} or the {what}: {said}") from None
    except UnicodeEncodeError:
        raise Unsupported(
            f"{account.host} takes only passwords of ASCII letters (it does not offer AUTH=PLAIN)."
        ) from None
