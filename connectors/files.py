"""A folder of documents: text, Markdown, HTML, PDF, office files and mail files, with their versions.

Versions are the commits that made them, where the folder is in a git repository, and else what each
sync found (docs: sources, "folder"). `_files_survey` is the pass, `_files_writes` what can be done.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from deskhand.connectors._files_folder import Folder
from deskhand.connectors._files_survey import Known, Survey
from deskhand.connectors._files_tree import explain, patterns, read_stable
from deskhand.connectors._files_writes import OPERATIONS, Writes
from deskhand.connectors._git import History
from deskhand.connectors._reader import Reader
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import Misconfigured, Transient, Unsupported
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

LOCAL = True
HOLDS: frozenset[Kind] = frozenset({"document"})
"""Kinds of items that live here."""
PLACE = ("folder",)
"""What sort of place it is at (`_fitting`)."""


class Files:
    """The source."""

    def __init__(self, source: str, root: str, state: Path, ignore: str, max_size: int, history: int) -> None:
        self._source, self._root, self._state = source, root, state
        self._ignore, self._max_size, self._limit = ignore, max_size, history
        self._reader = Reader()

    @property
    def source(self) -> str:
        return self._source

    @property
    def operations(self) -> Sequence[type[Operation]]:
        effective = os.access in os.supports_effective_ids
        mine = os.access(self._root, os.W_OK | os.X_OK, effective_ids=effective)
        return OPERATIONS if mine else ()

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        history = History.open(self._root)
        try:
            yield from Survey(self._folder(), history, Known.load(since), limit=self._limit).run()
        finally:
            if history is not None:
                history.close()

    def read(self, ref: ItemRef) -> Item | None:
        """The file as it is on the disk this moment; broken bytes make an item without text.

        :raises Unsupported: it is there, but may not be read.
        """
        return self._writes().read(ref)

    def content(self, ref: ItemRef, version: str) -> Content:
        return self._writes().content(ref, version)

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        if not isinstance(operation, tuple(self.operations)):
            raise Unsupported(f"{self._source} cannot do {operation.name}.")
        return self._writes().perform(operation, key=key, contents=contents)

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        return self._writes().find(key)

    def where(self, operation: Operation, *, key: str) -> str:
        return self._writes().where(operation)

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        return self._writes().inverse(operation, receipt)

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        return {}  # nobody's time is kept here

    def close(self) -> None:
        self._reader.close()

    def _writes(self) -> Writes:
        return Writes(self._folder())

    def _folder(self) -> Folder:
        """Made anew each time: the person may edit .deskhandignore at any moment."""
        lines = self._ignore.split(",")
        path = os.path.join(self._root, ".deskhandignore")
        try:
            data, _ = read_stable(path, 1_000_000)
            lines += (data or b"").decode(errors="replace").splitlines()
        except FileNotFoundError:
            pass
        except OSError as error:
            # Going on without it would bring in what the person keeps out.
            raise Transient(f"{path} cannot be read: {explain(error)}.") from None
        return Folder(self._source, self._root, self._state, self._max_size, patterns(lines), self._reader)


def connect(
    *,
    source: str,
    state: Path,
    place: str,
    ignore: str = "",
    max_size: int = 50_000_000,
    history: int = 200,
) -> Files:
    """A folder on this computer.

    :param place: the folder; `~` is the home folder.
    :param ignore: glob patterns of files to leave out, separated by commas, beside those in the folder's
        `.deskhandignore` (one a line): `*.log, drafts/, /notes/**/old.md`.
    :param max_size: files of more bytes are found by their name only.
    :param history: how many versions of a file are taken from git at most, the newest first.
    :raises Misconfigured: there is no such folder, it cannot be read, or a number makes no sense.
    """
    if not place.strip():
        raise Misconfigured("A files source needs a folder: give its path, for example ~/Documents.")
    try:
        max_size, history = int(max_size), int(history)  # a command line gives words
    except (TypeError, ValueError):
        max_size = 0
    if max_size < 1 or history < 1:
        raise Misconfigured("max_size and history must be whole numbers above zero.")
    try:
        folder = Path(place).expanduser()
        root = os.path.realpath(folder, strict=True)
        if not os.path.isdir(root):
            raise Misconfigured(f"{folder} is a file, not a folder: give the folder it is in.")
        os.scandir(root).close()
    except (FileNotFoundError, NotADirectoryError):
        raise Misconfigured(f"There is no folder {place}: check the path, or create it first.") from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = explain(error) if isinstance(error, OSError) else str(error)
        raise Misconfigured(f"The folder {place} cannot be read: {reason}. Choose another one.") from None
    return Files(source, root, state, ignore, max_size, history)
