"""One connection to an IMAP server: opened, signed in to, asked, and opened anew where it was dropped.

imapclient connects, signs in and takes answers apart; commands go through `ask`, because several that are
needed here (LIST-STATUS, QRESYNC, ESEARCH) it does not know. What fails is told as one of our errors, in a
sentence. Only reading is ever repeated (`again`); whoever writes looks first what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from deskhand.connectors._imap_account import Account
from deskhand.connectors._imap_answers import Line, Lines
from deskhand.connectors._imap_bounds import Allowance
from deskhand.connectors._imap_connect import connected, sign_in
from deskhand.connectors._imap_errors import Dropped, Refused, refused, text_of, told
from deskhand.connectors._tls import Trusted

if TYPE_CHECKING:
    from imapclient import IMAPClient

T = TypeVar("T")

LARGEST_ANSWER, COMMAND_SECONDS = 256_000_000, 1800.0
"""Of one command: the largest message that is read, or the flags of some million, by a slow line."""


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
                raise refused(self.account, text_of(data[-1]))
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
                    sign_in(client, self.account)
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
        def guard(imap: Any) -> None:
            self._allowance = Allowance(
                imap, size=LARGEST_ANSWER, seconds=COMMAND_SECONDS,
                over=lambda what: Dropped(f"{self.account} {what}."),
            )  # fmt: skip

        return connected(self.account, self._trusted, guard, self._renew)

    # ------------------------------------------------------------------ what fails

    def told(self) -> AbstractContextManager[None]:
        """Turn what a server, a network or a library says within it into one of our errors."""
        return told(self.account, self._drop)

    def _renew(self) -> None:
        if self._allowance is not None:
            self._allowance.renew()

    def _drop(self) -> None:
        client, self._client, self.selected = self._client, None, None
        if client is not None:
            with suppress(Exception):
                client.shutdown()


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
