"""What can be done in a folder of documents: create, replace, restore, take away; each once or not at all.

A note with the hash of what is to be there is written before the one rename that matters. After a
crash the disk is asked, not the note: stat and hash (docs/threat-model.md, "local file").
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from deskhand.connectors._files_folder import Folder, State
from deskhand.connectors._files_tree import Seen, explain, native_of
from deskhand.connectors._git import History
from deskhand.connectors._keep import FULL, sync_folder, write_beside, write_new
from deskhand.connectors._text import is_text, mime_of
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import (
    Changed,
    Exists,
    Missing,
    SourceError,
    Transient,
    Unknown,
    Unsupported,
)
from deskhand.connectors.model import Content, Contents, Item, ItemRef, Receipt
from deskhand.connectors.operations import (
    FileCopy,
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
    Operation,
)

OPERATIONS: tuple[type[Operation], ...] = (FileCreate, FileCopy, FileReplace, FileRestore, FileTrash)

_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL)
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")


class Writes:
    """The writing side of a folder."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def read(self, ref: ItemRef) -> Item | None:
        """See `Files.read`."""
        path = self._folder.path(ref)
        state = self._state(path) if path is not None else None
        return self._folder.anyway(state) if state else None

    def content(self, ref: ItemRef, version: str) -> Content:
        """See `Connector.content`."""
        path = self._folder.path(ref)
        state = self._state(path) if path is not None else None
        if path is None or state is None:
            raise Missing(f"{ref.native} is not there any more.")
        if not state.is_version(version):
            raise Changed(f"{ref.native} changed since it was read.")
        if state.data is None:
            raise Unsupported(f"{ref.native} is too large to be taken along.")
        name = ref.native.rpartition("/")[2]
        return Content(name, mime_of(name), state.data)

    def perform(self, operation: Operation, *, key: str, contents: Contents = NOTHING) -> Receipt:
        """See `Connector.perform`."""
        if done := self.find(key):
            if path := self._folder.path(done.ref):
                with suppress(OSError):
                    os.unlink(self._beside(path, key))  # left by a kill right after the rename
            return done
        match operation:
            case FileCreate():
                path = self._new(operation.path)
                return self._change(operation, key, path, "", typed(path, operation.text))
            case FileCopy():
                path = self._new(operation.path)
                return self._change(operation, key, path, "", contents[operation.content.ref].data)
            case FileReplace():
                path = self._path(operation.ref)
                return self._change(operation, key, path, operation.version, typed(path, operation.text))
            case FileRestore():
                path = self._path(operation.ref)
                if (data := self._folder.keep.get(operation.hash)) is None:
                    raise Missing(f"The earlier bytes of {path} are no longer kept.")
                return self._change(operation, key, path, operation.version, data)
            case FileTrash():
                return self._change(operation, key, self._path(operation.ref), operation.version, None)
            case _:
                raise Unsupported(f"{self._folder.source} cannot do {operation.name}.")

    def find(self, key: str) -> Receipt | None:
        """See `Connector.find`. A note that does not say done proves nothing: what is there does."""
        try:
            note = json.loads(self._note(key).read_bytes())
            ref, after, before = ItemRef.parse(str(note["ref"])), str(note["after"]), str(note["before"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if note.get("done"):
            return receipt_of(ref, str(note["version"]), before, after)
        path = self._folder.path(ref)
        if path is None:
            return None
        if not after:
            return None if os.path.lexists(self._at(path)) else receipt_of(ref, "", before, after)
        state = self._state(path)
        if state is None or state.digest != after:
            return None
        return receipt_of(ref, state.version, before, after)

    def where(self, operation: Operation) -> str:
        """See `Connector.where`."""
        match operation:
            case FileCreate() | FileCopy():
                path: str | None = operation.path
            case FileReplace() | FileRestore() | FileTrash():
                path = self._folder.path(operation.ref)
            case _:
                path = None
        return f"the file {self._at(path)}" if path else ""

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        """See `Connector.inverse`."""
        source, ref, version = self._folder.source, receipt.ref, receipt.version
        before = str(receipt.detail.get("before", ""))
        if not isinstance(operation, OPERATIONS):
            return None
        if before:
            return FileRestore(source=source, ref=ref, version=version, hash=before)
        return FileTrash(source=source, ref=ref, version=version)

    def _change(self, operation: Operation, key: str, path: str, version: str, data: bytes | None) -> Receipt:
        before = self._expect(path, version)
        if before is not None and before.data is not None:
            if isinstance(operation, FileReplace) and data is not None:
                data = same_line_ends(data, before.data)
            with self._no_trace(path):
                self._folder.keep.put(before.data, before.digest, durable=True)
        ref = self._folder.ref(path)
        note: dict[str, Any] = {
            "operation": operation.name,
            "ref": str(ref),
            "before": before.digest if before else "",
            "after": sha256(data).hexdigest() if data is not None else "",
        }
        beside = self._beside(path, key)
        with self._no_trace(path, self._note(key), beside):
            self._write_note(key, note)
            if data is None:
                self._unchanged(path, before)
                os.unlink(self._at(path))
            elif before is None:
                _create(Path(self._at(path)), data, beside)
            else:
                self._replace(path, data, beside, before)
        sync_folder(Path(self._at(path)).parent)
        try:
            state = self._state(path)
        except SourceError as error:  # no refusal: it has happened
            raise Unknown(f"{path} was changed, but cannot be read back: {error}") from error
        if (state.digest if state else "") != note["after"]:
            did = (
                "was taken away, and is there again" if data is None else "was written, and is something else"
            )
            raise Unknown(
                f"{path} {did} when it is read back: somebody may have changed it in the same moment. "
                f"What became of it stands in {self._folder.root}."
            )
        receipt = receipt_of(ref, state.version if state else "", note["before"], note["after"])
        with suppress(OSError):  # it is done all the same, and the disk tells so
            self._write_note(key, note | {"done": True, "version": receipt.version})
        return receipt

    def _expect(self, path: str, version: str) -> State | None:
        """The file at the version somebody approved; None where it is to be absent and is."""
        if not version:
            if os.path.lexists(self._at(path)):
                raise Exists(f"{path} exists already.")
            return None
        state = self._state(path)
        if state is None:
            raise Missing(f"{path} is not there any more.")
        if os.path.islink(self._at(path)):
            raise Unsupported(f"{path} is a link to another file: change that one.")
        if not state.is_version(version):
            raise Changed(f"{path} changed since it was read.")
        if state.data is None:
            raise Unsupported(f"{path} is too large to be changed safely: its old version could not be kept.")
        return state

    def _unchanged(self, path: str, before: State | None) -> None:
        """The last look before the rename: somebody may have saved the file since it was read."""
        if before is not None and Seen.of(os.lstat(self._at(path))) != before.seen:
            raise Changed(f"{path} is being changed right now.")

    def _replace(self, path: str, data: bytes, beside: Path, before: State) -> None:
        target = self._at(path)
        write_new(beside, data)
        status = os.lstat(target)
        with suppress(OSError):  # only root may give files away
            os.chown(beside, status.st_uid, status.st_gid)
        os.chmod(beside, stat.S_IMODE(status.st_mode))
        self._unchanged(path, before)
        os.replace(beside, target)

    def _new(self, path: str) -> str:
        """A path for a new file. :raises Unsupported: it is none inside this folder."""
        bad = "\0" in path or any(part in ("", ".", "..") for part in path.split("/"))
        if bad or not self._below(path):
            raise Unsupported(f"{path!r} is no path inside the folder {self._folder.root}.")
        return self._visible(path)

    def _path(self, ref: ItemRef) -> str:
        path = self._folder.path(ref)
        if path is None or not self._below(path):
            raise Unsupported(f"{ref} is no file inside the folder {self._folder.root}.")
        return self._visible(path)

    def _visible(self, path: str) -> str:
        with self._history() as history:
            if self._folder.hidden(path, history):
                raise Unsupported(
                    f"{native_of(path)} is hidden or ignored: Deskhand does not touch such files."
                )
        return path

    def _below(self, path: str) -> bool:
        """Whether the folder it is in, links followed, lies inside ours."""
        try:
            real = os.path.realpath(os.path.dirname(self._at(path)))
        except (OSError, ValueError):
            return False
        return real == self._folder.root or real.startswith(self._folder.root.rstrip("/") + "/")

    def _state(self, path: str) -> State | None:
        with self._history() as history:
            try:
                return None if self._folder.hidden(path, history) else self._folder.now(path, history)
            except FileNotFoundError:
                return None
            except BlockingIOError:
                raise Transient(f"{native_of(path)} is being written to right now.") from None
            except OSError as error:
                if error.errno == errno.ENAMETOOLONG:
                    return None
                raise Unsupported(f"{native_of(path)} cannot be read: {explain(error)}.") from None

    @contextmanager
    def _history(self) -> Iterator[History | None]:
        opened = History.open(self._folder.root)
        with closing(opened) if opened else nullcontext() as history:
            yield history

    @contextmanager
    def _no_trace(self, path: str, *ours: Path) -> Iterator[None]:
        """Turn what the system refuses into a sentence, and take away what we had begun."""
        try:
            yield
        except (OSError, SourceError) as error:
            for file in ours:
                with suppress(OSError):
                    os.unlink(file)
            if isinstance(error, SourceError):
                raise
            raise _refusal(native_of(path), error) from None

    def _at(self, path: str) -> str:
        return os.path.join(self._folder.root, path)

    def _beside(self, path: str, key: str) -> Path:
        return Path(self._at(path)).parent / f".deskhand-{sha256(key.encode()).hexdigest()[:16]}.tmp"

    def _note(self, key: str) -> Path:
        name = key if _PLAIN_KEY.fullmatch(key) else sha256(key.encode()).hexdigest()
        return self._folder.state / "effects" / f"{name}.json"

    def _write_note(self, key: str, note: dict[str, Any]) -> None:
        path = self._note(key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_beside(path, json.dumps(note).encode(), beside=path.with_suffix(f".{os.getpid()}.tmp"))


def _create(target: Path, data: bytes, beside: Path) -> None:
    """Make a file that was not there, whole at once, over nobody's."""
    missing = [p for p in target.parents if not p.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_new(beside, data, mode=0o666)
        try:
            os.link(beside, target)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            # No hard links here (FAT, some network drives): reserve the name, then fill it.
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            os.replace(beside, target)
    except OSError:
        with suppress(OSError):
            os.unlink(beside)
        for folder in missing:
            with suppress(OSError):
                folder.rmdir()
        raise
    with suppress(OSError):  # it is there all the same
        os.unlink(beside)


def typed(path: str, text: str) -> bytes:
    """What a text file of this name holds. :raises Unsupported: it is none."""
    name = path.rpartition("/")[2]
    if not is_text(name):
        raise Unsupported(f"{name} is no text file: Deskhand writes text, Markdown, HTML, CSV and the like.")
    return text.encode()


def same_line_ends(data: bytes, old: bytes) -> bytes:
    """Text goes through Deskhand with `\\n`; a file that has `\\r\\n` throughout stays so."""
    if b"\r" in data or not old.count(b"\n") or old.count(b"\r\n") != old.count(b"\n"):
        return data
    return data.replace(b"\n", b"\r\n")


def receipt_of(ref: ItemRef, version: str, before: str, after: str) -> Receipt:
    """Proof of a change, with the hashes of what was there before and is after; "": nothing."""
    return Receipt(ref, version, {"before": before, "hash": after})


def _refusal(path: str, error: OSError) -> SourceError:
    if isinstance(error, FileExistsError):
        return Exists(f"{path} exists already.")
    if isinstance(error, (NotADirectoryError, IsADirectoryError)):
        return Exists(f"{path} cannot be written: something else has a name on the way to it.")
    if isinstance(error, FileNotFoundError):
        return Missing(f"{path} is not there any more.")
    if error.errno in FULL:
        return Transient(f"The disk is full: {path} could not be written, and nothing was changed.")
    if error.errno in _FORBIDDEN:
        return Unsupported(f"{path} may not be written: the system refuses it. Nothing was changed.")
    if error.errno == errno.ENAMETOOLONG:
        return Unsupported(f"{path[:60]}... cannot be written: its name is too long.")
    return Transient(
        f"{path} could not be written ({(error.strerror or 'error').lower()}); nothing was changed."
    )
