"""What fails at an IMAP server, on the way to it, or in the library between, as one of our errors."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from deskhand.connectors._imap_account import Account
from deskhand.connectors._tls import NO_TLS
from deskhand.connectors.errors import (
    Misconfigured,
    SourceError,
    Transient,
)

_CODE = re.compile(r"\[([A-Z0-9-]+)")
BUSY = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA"})
"""Response codes (RFC 5530) of what may work later."""


class Dropped(Transient):
    """The connection broke off."""


class Refused(SourceError):
    """The server said no to one command; the connection goes on."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code
        """The response code (RFC 5530), upper case, or ""."""


@contextmanager
def told(account: Account, drop: Callable[[], None], *, connecting: bool = False) -> Iterator[None]:
    """Turn what a server, a network or a library says within it into one of our errors.

    :param drop: called where the connection is good for nothing any more.
    """
    from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, IMAPClientReadOnlyError

    try:
        yield
    except Dropped:
        drop()
        raise
    except ssl.SSLCertVerificationError as error:
        drop()
        raise Misconfigured(
            f"{account} shows a certificate that is not trusted ({text_of(error.verify_message)}); nothing "
            "was sent to it. If it is your own, name the file of its authority with the option ca."
        ) from None
    except ssl.SSLError as error:
        drop()
        if error.reason in NO_TLS:
            raise Misconfigured(
                f"{account} speaks no TLS from the start; with STARTTLS: option security=starttls."
            ) from None
        raise Dropped(
            f"{account} broke off the encrypted connection: {text_of(error.reason or error)}."
        ) from None
    except socket.gaierror:
        drop()
        raise Transient(
            f"There is no server called {account.host}, or no network to look it up (option host)."
        ) from None
    except TimeoutError:
        drop()
        raise Dropped(f"{account} does not answer.") from None
    except OSError as error:
        drop()
        what = "cannot be reached" if connecting else "broke off the connection"
        raise Dropped(f"{account} {what}: {text_of(error.strerror or error)}.") from None
    except IMAPClientReadOnlyError as error:
        raise Refused(f"{account.host} lets this folder only be read: {text_of(error)}") from None
    except IMAPClientAbortError as error:
        drop()
        raise Dropped(f"{account} broke off the connection: {text_of(error)}.") from None
    except IMAPClientError as error:
        said = text_of(error)
        if "got more than" in said:  # imaplib stopped in the middle of a line
            drop()
            raise Dropped(f"{account} sent a line that does not end.") from None
        raise refused(account, said) from None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        # What no server should say, the libraries trip over in many ways.
        drop()
        raise Dropped(f"{account} said what is no IMAP: {text_of(error)}.") from None


def refused(account: Account, said: str) -> SourceError:
    """What to raise where a server said no."""
    code = code_in(said)
    if code in BUSY:
        return Transient(f"{account.host} is busy: {said}")
    return Refused(f"{account.host} refused it: {said}", code)


def code_in(said: str) -> str:
    found = _CODE.search(said)
    return found[1] if found else ""


def text_of(said: object) -> str:
    plain = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return "".join(c if c.isprintable() else " " for c in plain)[:300].rstrip(". ")
