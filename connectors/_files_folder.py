"""A folder of documents: its addresses, what each file is at this moment, and the items made of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from deskhand.connectors._files_tree import Seen, ignored_name, native_of, path_of, read_stable, resolve
from deskhand.connectors._git import History, Revision, blob_id
from deskhand.connectors._keep import Keep
from deskhand.connectors._reader import Reader, Text, Unreadable
from deskhand.connectors._text import extract, mime_of
from deskhand.connectors.model import Item, ItemRef, Label
from deskhand.connectors.operations import utc_stamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class State:
    """What a file is at this moment."""

    path: str
    seen: Seen
    data: bytes | None
    """None: larger than what is read."""
    digest: str
    """SHA-256 of the bytes; of path, size and time where they were not read."""
    revision: Revision | None
    """The commit that made it so, where it has no uncommitted change."""

    @property
    def version(self) -> str:
        return self.revision.version if self.revision else f"{utc_stamp(self.at)}-{self.digest[:12]}"

    @property
    def at(self) -> datetime:
        return self.revision.at if self.revision else _moment(self.seen.mtime_ns)

    def is_version(self, version: str) -> bool:
        """Whether somebody who saw this version saw these bytes: a touched file is no changed one."""
        return version == self.version or (
            not version.startswith("git-") and version.endswith("-" + self.digest[:12])
        )


@dataclass(frozen=True)
class Folder:
    """What every part of the files source shares. Paths are relative, as the file system has them."""

    source: str
    root: str
    """Absolute, without links in it."""
    state: Path
    max_size: int
    matches: Callable[[str, bool], bool]
    """The person's own ignore patterns."""
    reader: Reader

    @property
    def keep(self) -> Keep:
        return Keep(self.state / "kept")

    @property
    def private(self) -> frozenset[str]:
        """Our own folder, should it lie among the documents."""
        return frozenset({os.path.realpath(self.state)})

    def ref(self, path: str) -> ItemRef:
        return ItemRef(self.source, "document", native_of(path))

    def path(self, ref: ItemRef) -> str | None:
        """The path behind an address of this source; None for what can be none."""
        return path_of(ref.native) if (ref.source, ref.kind) == (self.source, "document") else None

    def ignores(self, history: History | None) -> Callable[[str, bool], bool]:
        """The rules by which a walk leaves something out: (path, is a folder), its parents looked at."""
        if history is None:
            return self.matches
        return lambda path, folder: self.matches(path, folder) or history.ignored(path, folder)

    def hidden(self, path: str, history: History | None) -> bool:
        """Whether a walk would not come by this path."""
        parts, ignores = path.split("/"), self.ignores(history)
        if any(map(ignored_name, parts)) or ignores(path, False):
            return True
        if any(ignores("/".join(parts[:n]), True) for n in range(1, len(parts))):
            return True
        real = Path(os.path.realpath(os.path.join(self.root, path)))
        return any(real.is_relative_to(folder) for folder in self.private)

    def now(self, path: str, history: History | None, *, told: Revision | None = None) -> State:
        """Look at a file. `told`: the newest revision of it, if that is known already.

        :raises FileNotFoundError: it is not there (any more), or no regular file inside the folder.
        :raises BlockingIOError: it is being written to.
        :raises OSError: it cannot be read.
        """
        real = resolve(self.root, path)
        if real is None:
            raise FileNotFoundError(path)
        data, seen = read_stable(real, self.max_size)
        if data is None:
            told_by = f"{native_of(path)}\0{seen.size}\0{seen.mtime_ns}"
            return State(path, seen, None, sha256(told_by.encode()).hexdigest(), None)
        revision = None
        if history and (blob := history.blob_of(path)) and blob == blob_id(data):
            revision = told if told and told.blob == blob else history.latest(path)
        return State(path, seen, data, sha256(data).hexdigest(), revision)

    def current(self, state: State, *, was: ItemRef | None = None) -> Item:
        """The item a file is now. :raises Unreadable: its bytes are broken."""
        return self._item(state, self._text(state.path, state.data), was)

    def past(self, path: str, revision: Revision, data: bytes, *, was: ItemRef | None = None) -> Item:
        """The item a file was at a commit. Bytes that were broken then make an item without text."""
        state = State(path, Seen(0, len(data), 0, 0), data, sha256(data).hexdigest(), revision)
        return self._item(state, self._text_or_why(state), was)

    def anyway(self, state: State) -> Item:
        """The item a file is now, with the reason in place of its text where the bytes are broken."""
        return self._item(state, self._text_or_why(state), None)

    def _text(self, path: str, data: bytes | None) -> Text:
        if data is None:
            return Text(note=f"larger than {self.max_size:,} bytes: found by its name only")
        return extract(data, name=path.rpartition("/")[2], reader=self.reader)

    def _text_or_why(self, state: State) -> Text:
        try:
            return self._text(state.path, state.data)
        except Unreadable as error:
            return Text(note=error.reason)

    def _item(self, state: State, text: Text, was: ItemRef | None) -> Item:
        ref = self.ref(state.path)
        folder, _, name = ref.native.rpartition("/")
        data: dict[str, str | int] = {"mime": mime_of(name), "size": state.seen.size}
        if text.note:
            data["note"] = text.note
        made = state.revision
        return Item(
            ref, state.version, text.title or name, text.text, state.at, state.digest,
            folder=folder, author=made.author if made else "", note=made.note if made else "",
            # The folder is the person's own, but what lies in it may have come from anybody.
            data=data, label=Label("untrusted", (str(ref),), ()), was=was,
            link=Path(self.root, state.path).as_uri(),
        )  # fmt: skip


def _moment(ns: int) -> datetime:
    """A file's time, exact to the microsecond; what no calendar has becomes its nearest end."""
    try:
        return _EPOCH + timedelta(microseconds=ns // 1000)
    except OverflowError:
        return _EPOCH if ns < 0 else datetime.max.replace(tzinfo=UTC)
