"""Google Drive: documents, with their revisions and what was said beside them, read and written.

A file is known by its id, so moving and renaming it is no new version; each head revision is one, and older
ones are had as far as Google still has them. `_gdrive_pass` is the pass, `_gdrive_writes` what can be done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from deskhand.connectors._cloud_scope import Scope, Words, limits, scope_of, whole
from deskhand.connectors._cloud_texts import Texts
from deskhand.connectors._files_writes import OPERATIONS
from deskhand.connectors._gdrive_items import COMMENTS
from deskhand.connectors._gdrive_known import Known
from deskhand.connectors._gdrive_pass import Pass
from deskhand.connectors._gdrive_reading import Reading, plain_id
from deskhand.connectors._gdrive_remote import FOLDER, File, Remote
from deskhand.connectors._gdrive_writes import Writes
from deskhand.connectors._google_account import FAMILY, Account, opened
from deskhand.connectors._google_errors import Refused
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import Changed, Missing, Unauthorized, Unsupported
from deskhand.connectors.model import (
    Change,
    Content,
    Contents,
    Cursor,
    FreeBusy,
    Item,
    ItemRef,
    Kind,
    Receipt,
)
from deskhand.connectors.operations import Operation

HOLDS: frozenset[Kind] = frozenset({"document"})
"""Kinds of items that live here."""
PLACE = ("account",)
"""What sort of place it is at (`_fitting`)."""
SIGN_IN = (FAMILY, "drive")
"""With whom one signs in, and for what."""
MAX_SIZE = 50_000_000
"""Bytes of a file that are read, where nothing else is said."""


class GDrive:
    """The source."""

    def __init__(
        self, source: str, state: Path, account: Account, scope: Scope, *, max_size: int, history: int
    ) -> None:
        self._source, self._account, self._scope = source, account, scope
        self._remote = Remote(account.api)
        self._reading = Reading(
            self._remote, Texts(state / "texts", "Google Drive"), source=source, me=account.address,
            max_size=max_size, history=history,
        )  # fmt: skip
        self._writes = Writes(state, self._reading, scope)

    @property
    def source(self) -> str:
        return self._source

    @property
    def operations(self) -> Sequence[type[Operation]]:
        return OPERATIONS if self._account.writes else ()

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        return Pass(self._reading, self._scope, Known.load(since)).run()

    def check(self) -> None:
        """Sign in, and see whose Drive it is: one request. :raises SourceError: it fails."""
        self._account.check()
        who = self._remote.who()
        if who and who != self._account.address:
            raise Unauthorized(
                f"The sign-in is that of {who}, not of {self._account.address}. "
                f"Sign in again: {self._account.sign_in}"
            )

    def read(self, ref: ItemRef) -> Item | None:
        if (found := self._file(ref)) is None:
            return None
        file, folder = found
        if ref.native.endswith(COMMENTS):
            with suppress(Missing, Refused):  # who is not told of them sees none
                return self._reading.comments(file, folder)
            return None
        return self._reading.now(file, folder)

    def content(self, ref: ItemRef, version: str) -> Content:
        if (found := self._file(ref)) is None:
            raise Missing(f"{ref.native} is not there any more.")
        file, folder = found
        if not ref.native.endswith(COMMENTS):
            return self._reading.content(file, version)
        said = self._reading.comments(file, folder)
        if said is None or said.version != version:
            raise Changed(f"What is said beside {file['name']} changed since it was read.")
        return Content(f"{said.title}.txt", "text/plain", said.text.encode())

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        if not isinstance(operation, tuple(self.operations)):
            why = "it is only read (write = true)" if isinstance(operation, OPERATIONS) else "a Drive cannot"
            raise Unsupported(f"{self._source} cannot do {operation.name}: {why}.")
        return self._writes.perform(operation, key=key, contents=contents)

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        return self._writes.find(operation, key=key)

    def where(self, operation: Operation, *, key: str) -> str:
        return self._writes.where(operation, key=key)

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        return self._writes.inverse(operation, receipt)

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        return {}  # nobody's time is kept here

    def close(self) -> None:
        self._reading.reader.close()
        self._account.close()

    def _file(self, ref: ItemRef) -> tuple[File, str] | None:
        """A file that is there and read by us, and the path of its folder."""
        if (ref.source, ref.kind) != (self._source, "document"):
            return None
        file = self._remote.file(plain_id(ref.native))
        if file is None or file.get("trashed") or file["mimeType"] == FOLDER:
            return None
        self._reading.begin()
        folder = self._writes.places.of(file)
        return None if folder is None else (file, folder)


def connect(
    *, source: str, state: Path, place: str, token: str = "", write: bool | str = False, root: str = "",
    folders: Words = "", exclude: Words = "", drives: Words = "", since: str | date = "",
    max_size: int = MAX_SIZE, history: int = 20,
) -> GDrive:  # fmt: skip
    """Open a Drive. Nothing is asked before it is needed.

    :param place: the account's address.
    :param token: what signing in left, a secret. :param write: whether files are written too.
    :param root: another server that speaks Google's API.
    :param folders: patterns of the folders that are read, with all below them; none: all.
    :param exclude: patterns of folders and files that are not.
    :param drives: patterns of the names of shared drives that are read; none: none of them.
    :param since: a day; only what was changed then or later.
    :param max_size: files of more bytes are found by their name only.
    :param history: how many versions of a file are read at most, the newest first.
    :raises Misconfigured: it cannot work like this.
    """
    account = opened(
        "drive", source=source, place=place, token=token, write=write, root=root, limits=limits(max_size)
    )
    return opened_with(
        account, source=source, state=state, folders=folders, exclude=exclude, drives=drives, since=since,
        max_size=max_size, history=history,
    )  # fmt: skip


def opened_with(
    account: Account, *, source: str, state: Path, folders: Words = "", exclude: Words = "",
    drives: Words = "", since: str | date = "", max_size: int = MAX_SIZE, history: int = 20,
) -> GDrive:  # fmt: skip
    """The same, for an account that is set up already. It is closed with the source."""
    size, most = whole(max_size), whole(history)
    scope = scope_of(folders, exclude, drives, since)
    return GDrive(source, state, account, scope, max_size=size, history=most)
