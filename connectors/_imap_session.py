"""One connection to an IMAP server: opened, signed in to, asked, and opened anew where it was dropped.

imapclient connects, signs in and takes answers apart; commands go through `ask`, because several that are
needed here (LIST-STATUS, QRESYNC, ESEARCH) it does not know. What fails is told as one of our errors, in a
sentence. Only reading is ever repeated (`again`); whoever writes looks first what became of it.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from deskhand.connectors._imap_account import Account
from deskhand.connectors._imap_bounds import Allowance, guarded
from deskhand.connectors._tls import NO_TLS, Trusted
from deskhand.connectors.errors import (
    Misconfigured,
    SourceError,
    Transient,
    Unauthorized,
    Unsupported,
    no_password,
)

if TYPE_CHECKING:
    from imapclient import IMAPClient

T = TypeVar("T")
Line = list[Any]
"""One answer as `imaplib` has it: a line, and where it has literals, what follows them."""

CONNECT_SECONDS, READ_SECONDS = 30.0, 60.0
LARGEST_ANSWER, COMMAND_SECONDS = 256_000_000, 1800.0
"""Of one command: the largest message that is read, or the flags of some million, by a slow line."""
_CODE = re.compile(r"\[([A-Z0-9-]+)")
_BUSY = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA"})
"""Response codes (RFC 5530) of what may work later."""


class Dropped(Transient):
    """The connection broke off."""


class Refused(SourceError):
    """The server said no to one command; the connection goes on."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code
        """The response code (RFC 5530), upper case, or ""."""


class Session:
    """A connection to an account, opened when it is first needed. Not for several threads."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._trusted = Trusted(account.authorities)
        self._client: IMAPClient | None = None
        self._allowance: Allowance | None = None
        self._offers: frozenset[str] = frozenset()
        self.selected: tuple[bytes, bool, int] | None = None
        """The folder that is open as the server knows it, whether for writing too, and its UIDVALIDITY."""

    @property
    def offers(self) -> frozenset[str]:
        """What the server can do, upper case; connects."""
        self._opened()
        return self._offers

    def ask(
        self, *command: str | bytes, literal: bytes | None = None, each: Callable[[Line], None] | None = None
    ) -> dict[str, list[Any]]:
        """Send one command; the untagged answers by their name, and those in its final one.

        :param each: is given each FETCH as it comes, and none is kept: there is one for each message.
        :raises Refused: the server said no. :raises Dropped: the connection broke off.
        """
        client = self._opened()
        with self.told():
            imap = client._imap
            imap.untagged_responses = {}
            self._renew()
            if literal is not None:
                imap.literal = literal
            with _handed(imap, each):
                typ, data = imap._simple_command(*command)
            if typ != "OK":
                raise self._refused(_text(data[-1]))
            answers: dict[str, list[Any]] = imap.untagged_responses
            return answers

    def open_folder(
        self, name: bytes, *, writing: bool, since: str = "", each: Callable[[Line], None] | None = None
    ) -> dict[str, list[Any]]:
        """SELECT or EXAMINE a folder, `name` as it is written on the wire. `each`: see `ask`."""
        client = self._opened()
        imap = client._imap
        self.selected = None
        imap.is_readonly = not writing
        try:
            answers = self.ask("SELECT" if writing else "EXAMINE", name, *[since] * bool(since), each=each)
        except Refused:
            imap.state = "AUTH"
            raise
        imap.state = "SELECTED"
        validity = int(answers.get("UIDVALIDITY", [b"0"])[-1] or 0)
        self.selected = (name, writing, validity)
        return answers

    def idle(self, seconds: float) -> bool:
        """Wait until something changes in the open folder, at most so long (RFC 2177); whether it did."""
        client = self._opened()
        with self.told():
            self._renew()
            try:
                client.idle()
            except Exception as error:
                if "Unexpected IDLE response" not in str(error):
                    raise
                self._drop()  # the change came before the server's word that it listens
                return True
            said = client.idle_check(timeout=seconds)
            _, late = client.idle_done()  # raises where the server is gone
            return any(one[0] != b"OK" for one in (*said, *late))

    def leave_folder(self) -> None:
        """Have no folder open: the state of the one that is, servers tell as it was when it was opened."""
        if self.selected is None or self._client is None:
            return
        name, writing, _ = self.selected
        if "UNSELECT" not in self._offers and writing:
            self.open_folder(name, writing=False)  # CLOSE would expunge what others marked as deleted
        self.ask("UNSELECT" if "UNSELECT" in self._offers else "CLOSE")
        if self._client is not None:
            self._client._imap.state = "AUTH"
        self.selected = None

    def again(self, action: Callable[[], T]) -> T:
        """Do something that only reads; once more on a new connection where the first broke off."""
        try:
            return action()
        except Dropped:
            return action()

    def close(self) -> None:
        """Say goodbye, if there is somebody to say it to."""
        client, self._client, self.selected = self._client, None, None
        if client is not None:
            with suppress(Exception):
                client.logout()
            with suppress(Exception):
                client.shutdown()

    # ------------------------------------------------------------------ opening

    def _opened(self) -> IMAPClient:
        if self._client is None:
            client = self._connect()
            try:
                with self.told():
                    self._sign_in(client)
                    self._offers = frozenset(c.decode("ascii", "replace") for c in client.capabilities())
                    if {"ENABLE", "QRESYNC"} <= self._offers:
                        client._imap._simple_command("ENABLE", "QRESYNC")
            except BaseException:
                with suppress(Exception):
                    client.shutdown()
                raise
            self._client = client
        return self._client

    def _connect(self) -> IMAPClient:
        from imapclient import IMAPClient, SocketTimeout, imap4, tls

        account = self.account

        def guard(imap: Any) -> None:
            self._allowance = Allowance(
                imap, size=LARGEST_ANSWER, seconds=COMMAND_SECONDS,
                over=lambda what: Dropped(f"{account} {what}."),
            )  # fmt: skip

        class Client(IMAPClient):  # type: ignore[misc]  # imapclient tells no types
            """Its greeting is bounded too."""

            def _create_IMAP4(self) -> Any:
                if account.security == "tls":
                    kind = guarded(tls.IMAP4_TLS, guard)
                    return kind(self.host, self.port, self.ssl_context, CONNECT_SECONDS)
                return guarded(imap4.IMAP4WithTimeout, guard)(self.host, self.port, CONNECT_SECONDS)

        try:
            context = self._trusted.context()
        except OSError:  # ssl.SSLError is one
            raise Misconfigured(f"{account.authorities} holds no certificates (PEM).") from None
        with self.told(connecting=True):
            client = Client(
                account.host, account.port, ssl=account.security == "tls", ssl_context=context,
                timeout=SocketTimeout(CONNECT_SECONDS, READ_SECONDS),
            )  # fmt: skip
            client.normalise_times = False
            self._renew()
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

    def _sign_in(self, client: IMAPClient) -> None:
        from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

        account = self.account
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
            said = _text(str(error))
            if _code(said) in _BUSY:
                raise Transient(f"{account.host} lets nobody in at the moment: {said}") from None
            what = "token" if account.token else "password"
            raise Unauthorized(
                f"{account.host} refused the user {account.user} or the {what}: {said}"
            ) from None
        except UnicodeEncodeError:
            raise Unsupported(
                f"{account.host} takes only passwords of ASCII letters (it does not offer AUTH=PLAIN)."
            ) from None

    # ------------------------------------------------------------------ what fails

    @contextmanager
    def told(self, *, connecting: bool = False) -> Iterator[None]:
        """Turn what a server, a network or a library says within it into one of our errors."""
        from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, IMAPClientReadOnlyError

        account = self.account
        try:
            yield
        except Dropped:
            self._drop()
            raise
        except ssl.SSLCertVerificationError as error:
            self._drop()
            raise Misconfigured(
                f"{account} shows a certificate that is not trusted ({_text(error.verify_message)}); nothing "
                "was sent to it. If it is your own, name the file of its authority with the option ca."
            ) from None
        except ssl.SSLError as error:
            self._drop()
            if error.reason in NO_TLS:
                raise Misconfigured(
                    f"{account} speaks no TLS from the start; with STARTTLS: option security=starttls."
                ) from None
            raise Dropped(
                f"{account} broke off the encrypted connection: {_text(error.reason or error)}."
            ) from None
        except socket.gaierror:
            self._drop()
            raise Transient(
                f"There is no server called {account.host}, or no network to look it up (option host)."
            ) from None
        except TimeoutError:
            self._drop()
            raise Dropped(f"{account} does not answer.") from None
        except OSError as error:
            self._drop()
            what = "cannot be reached" if connecting else "broke off the connection"
            raise Dropped(f"{account} {what}: {_text(error.strerror or error)}.") from None
        except IMAPClientReadOnlyError as error:
            raise Refused(f"{account.host} lets this folder only be read: {_text(error)}") from None
        except IMAPClientAbortError as error:
            self._drop()
            raise Dropped(f"{account} broke off the connection: {_text(error)}.") from None
        except IMAPClientError as error:
            said = _text(error)
            if "got more than" in said:  # imaplib stopped in the middle of a line
                self._drop()
                raise Dropped(f"{account} sent a line that does not end.") from None
            raise self._refused(said) from None
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            # What no server should say, the libraries trip over in many ways.
            self._drop()
            raise Dropped(f"{account} said what is no IMAP: {_text(error)}.") from None

    def _refused(self, said: str) -> SourceError:
        code = _code(said)
        if code in _BUSY:
            return Transient(f"{self.account.host} is busy: {said}")
        return Refused(f"{self.account.host} refused it: {said}", code)

    def _renew(self) -> None:
        if self._allowance is not None:
            self._allowance.renew()

    def _drop(self) -> None:
        client, self._client, self.selected = self._client, None, None
        if client is not None:
            with suppress(Exception):
                client.shutdown()


class Lines:
    """Puts the parts of answers together, and hands on each that is whole."""

    def __init__(self, each: Callable[[Line], None]) -> None:
        self._each, self._made, self._literal = each, list[Any](), False

    def take(self, part: Any) -> None:
        """A part comes."""
        if part is None or part == b"":
            self._literal = False
            return
        if not self._literal:
            self.end()
        self._made.append(part)
        self._literal = isinstance(part, tuple)

    def end(self) -> None:
        """No more comes."""
        made, self._made = self._made, []
        if made:
            self._each(made)


@contextmanager
def _handed(imap: Any, each: Callable[[Line], None] | None) -> Iterator[None]:
    """Within it, what is said by FETCH is handed on and not kept."""
    if each is None:
        yield
        return
    keep, lines = imap._append_untagged, Lines(each)
    imap._append_untagged = lambda typ, part: lines.take(part) if typ == "FETCH" else keep(typ, part)
    try:
        yield
        lines.end()
    finally:
        del imap._append_untagged


def _code(said: str) -> str:
    found = _CODE.search(said)
    return found[1] if found else ""


def _text(said: object) -> str:
    plain = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return "".join(c if c.isprintable() else " " for c in plain)[:300].rstrip(". ")
