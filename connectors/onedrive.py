"""OneDrive, and chosen libraries of SharePoint, by Graph: documents with their versions, read and written.

A file is known by its id, so moving and renaming it is no new version; each state of its content is one, and
older ones are had as far as the service still has them. `_onedrive_pass` is the pass, `_onedrive_writes` what
can be done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from deskhand.connectors._cloud_scope import Scope, Words, limits, scope_of, whole
from deskhand.connectors._cloud_texts import Texts
from deskhand.connectors._files_writes import OPERATIONS
from deskhand.connectors._graph_storage import Storage
from deskhand.connectors._microsoft_account import FAMILY, Account, opened
from deskhand.connectors._onedrive_items import Doc
from deskhand.connectors._onedrive_known import Known
from deskhand.connectors._onedrive_pass import Pass
from deskhand.connectors._onedrive_places import Places
from deskhand.connectors._onedrive_reading import SERVICE, Reading
from deskhand.connectors._onedrive_remote import Remote
from deskhand.connectors._onedrive_writes import Writes
from deskhand.connectors.base import NOTHING, Renew
from deskhand.connectors.errors import Misconfigured, Missing, Unsupported
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
SIGN_IN_FOR = {"drives": "drives"}
"""For what instead, where an option is set."""
_SECONDS = 180.0
"""How long one answer may take: a file comes as a whole."""
MAX_SIZE = 50_000_000
"""Bytes of a file that are read, where nothing else is said."""


class OneDrive:
    """The source."""

    def __init__(
        self, source: str, state: Path, account: Account, scope: Scope, *, max_size: int, history: int
    ) -> None:
        self._source, self._account, self._scope = source, account, scope
        self._remote = Remote(account.graph, Storage(account.graph, sign_in=account.sign_in))
        self._reading = Reading(
            self._remote, Texts(state / "texts", SERVICE), source=source, me=account.address,
            max_size=max_size, history=history,
        )  # fmt: skip
        self._places = Places(self._reading, scope)
        self._writes = Writes(state, self._reading, self._places, scope)

    @property
    def source(self) -> str:
        return self._source

    @property
    def operations(self) -> Sequence[type[Operation]]:
        return OPERATIONS if self._account.writes else ()

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        return Pass(self._reading, self._scope, Known.load(since)).run()

    def check(self) -> None:
        """See `base.Checked`: asks whose account it is, whether it has a drive, and for those chosen."""
        self._account.check()
        try:
            self._remote.root("")
        except Missing:
            raise Misconfigured(
                "This account has no OneDrive: open it once in a browser, or ask who administers the account "
                "whether it has a licence for one."
            ) from None
        for place in self._scope.drives:
            self._remote.drives(place)

    def read(self, ref: ItemRef) -> Item | None:
        found = self._doc(ref)
        return None if found is None else self._reading.now(*found)

    def content(self, ref: ItemRef, version: str) -> Content:
        if (found := self._doc(ref)) is None:
            raise Missing(f"{ref.native} is not there any more.")
        return self._reading.content(found[0], version)

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        if not isinstance(operation, tuple(self.operations)):
            why = "it is only read (write = true)" if isinstance(operation, OPERATIONS) else "OneDrive cannot"
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

    def _doc(self, ref: ItemRef) -> tuple[Doc, str] | None:
        """A file that is there and read by us, and the path of its folder."""
        if (ref.source, ref.kind) != (self._source, "document"):
            return None
        doc = self._places.doc(ref.native)
        folder = self._places.of(doc) if doc is not None else None
        return None if doc is None or folder is None else (doc, folder)


def connect(
    *, source: str, state: Path, place: str, token: str = "", write: bool | str = False,
    folders: Words = "", exclude: Words = "", drives: Words = "", since: str | date = "",
    max_size: int | str = MAX_SIZE, history: int | str = 20, renew: Renew | None = None,
) -> OneDrive:  # fmt: skip
    """A OneDrive; it is asked when something is asked of it.

    :param place: the account's address.
    :param token: what signing in left, a secret. :param write: whether files are written too.
    :param folders: patterns of the folders that are read, with all below them; none: all.
    :param exclude: patterns of folders and files that are not.
    :param drives: what is read beside: other people's OneDrives (their addresses), sites and libraries of
        SharePoint (the addresses of their pages).
    :param since: a day; only what was changed then or later.
    :param max_size: files of more bytes are found by their name only.
    :param history: how many versions of a file are read at most, the newest first.
    :raises Misconfigured: it cannot work like this.
    """
    account = opened(
        "drives" if places_of(drives) else "drive", source=source, place=place, token=token, write=write,
        renew=renew, limits=replace(limits(max_size), seconds=_SECONDS),
    )  # fmt: skip
    return opened_with(
        account, source=source, state=state, folders=folders, exclude=exclude, drives=drives, since=since,
        max_size=max_size, history=history,
    )  # fmt: skip


def opened_with(
    account: Account, *, source: str, state: Path, folders: Words = "", exclude: Words = "",
    drives: Words = "", since: str | date = "", max_size: int | str = MAX_SIZE, history: int | str = 20,
) -> OneDrive:  # fmt: skip
    """The same, of an account that is set up already. It is closed with the source."""
    size, most = whole(max_size), whole(history)
    scope = replace(scope_of(folders, exclude, "", since), drives=places_of(drives))
    return OneDrive(source, state, account, scope, max_size=size, history=most)


def places_of(drives: Words) -> tuple[str, ...]:
    """Read the option `drives`. :raises Misconfigured: one of them is neither a person nor a site."""
    given = drives.split(",") if isinstance(drives, str) else drives
    made = list[str]()
    for one in filter(None, map(str.strip, given)):
        url = one if "://" in one else f"https://{one}" if "/" in one else ""
        parts = urlsplit(url)
        if url and parts.scheme == "https" and parts.hostname and not parts.query:
            made.append(f"https://{parts.netloc.lower()}{parts.path.rstrip('/')}")
        elif not url and "@" in one[1:-1]:
            made.append(one.lower())
        else:
            raise Misconfigured(
                f"The option drives names {one!r}: it takes the address of a person, or that of a site or "
                "library in SharePoint, like https://example.sharepoint.com/sites/team"
            )
    return tuple(dict.fromkeys(made))
