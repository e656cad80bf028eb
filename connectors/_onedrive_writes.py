"""What can be done in OneDrive: create, copy, replace, put back, take away; each once or not at all.

A note with the hash of what is to be there is written before the one request that matters, and that request
names the state it was approved for (If-Match), or that nothing may be there yet. After a crash the service is
asked, not the note. Nothing is ever deleted for good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from deskhand.connectors._cloud_effects import after_lost, read_back
from deskhand.connectors._cloud_notes import Notes, full
from deskhand.connectors._cloud_scope import Scope
from deskhand.connectors._files_writes import OPERATIONS, receipt_of, same_line_ends, typed
from deskhand.connectors._graph_errors import NotAllowed
from deskhand.connectors._keep import Keep
from deskhand.connectors._onedrive_hash import quick_xor
from deskhand.connectors._onedrive_items import Doc, doc_of, parted
from deskhand.connectors._onedrive_places import Places, proper
from deskhand.connectors._onedrive_reading import SERVICE, Reading
from deskhand.connectors._onedrive_remote import path_of
from deskhand.connectors._tries import Lost, Refused
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
from deskhand.connectors.model import Contents, ItemRef, Receipt
from deskhand.connectors.operations import (
    FileCopy,
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
    Operation,
)

_CONFLICT = "@microsoft.graph.conflictBehavior"
_Done = Callable[[], Mapping[str, Any]]
"""The one request that matters; what is said of the file then, where something is."""


class Writes:
    """The writing side of drives."""

    def __init__(self, state: Path, reading: Reading, places: Places, scope: Scope) -> None:
        self._reading, self._remote, self._places, self._scope = reading, reading.remote, places, scope
        self._keep, self._notes = Keep(state / "kept"), Notes(state / "effects")

    def perform(self, operation: Operation, *, key: str, contents: Contents = NOTHING) -> Receipt:
        """See `Connector.perform`."""
        if done := self.find(operation, key=key):
            return done
        match operation:
            case FileCreate():
                return self._create(operation, key, operation.path, typed(operation.path, operation.text))
            case FileCopy():
                return self._create(operation, key, operation.path, contents[operation.content.ref].data)
            case FileReplace():
                doc = self._at(operation.ref, operation.version)
                old = self._bytes(doc)
                return self._revise(
                    operation, key, doc, same_line_ends(typed(doc.name, operation.text), old), old
                )
            case FileRestore() if operation.version:
                doc = self._at(operation.ref, operation.version)
                return self._revise(
                    operation, key, doc, self._held(operation.hash, doc.name), self._bytes(doc)
                )
            case FileRestore():
                return self._put_back(operation, key)
            case FileTrash():
                return self._take_away(operation, key)
            case _:
                raise Unsupported(f"{self._reading.source} cannot do {operation.name}.")

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        """See `Connector.find`."""
        note = self._notes.get(key)
        if not note:
            return None
        ref, before, after = ItemRef.parse(note["ref"]), str(note["before"]), str(note["after"])
        if note.get("done"):
            return receipt_of(ref, note["version"], before, after)
        if note.get("name"):
            doc = self._remote.named(note["parent"], note["name"])
        else:
            doc = self._remote.doc(ref.native)
        if isinstance(operation, FileTrash):
            return receipt_of(ref, "", before, after) if doc is None else None
        if doc is None or not self._is(doc, note):
            return None
        return receipt_of(self._reading.ref(doc.key), doc.version, before, after)

    def where(self, operation: Operation, *, key: str) -> str:
        """See `Connector.where`."""
        match operation:
            case FileCreate() | FileCopy():
                return f"the file {operation.path} in OneDrive"
            case FileTrash():
                return f"the recycle bin of OneDrive (the file {self._called(key, operation.ref)})"
            case FileReplace() | FileRestore():
                return f"the file {self._called(key, operation.ref)} in OneDrive"
            case _:
                return ""

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        """See `Connector.inverse`."""
        source, ref, version = self._reading.source, receipt.ref, receipt.version
        before = str(receipt.detail.get("before", ""))
        if not isinstance(operation, OPERATIONS):
            return None
        if before:
            return FileRestore(source=source, ref=ref, version=version, hash=before)
        return FileTrash(source=source, ref=ref, version=version)

    # Each of them

    def _create(self, operation: Operation, key: str, path: str, data: bytes) -> Receipt:
        """A new file, and none where there is one of that name."""
        *above, name = proper(path)
        if not self._scope.wants("/".join(above), name):
            raise Unsupported(f"{path} would lie where Deskhand does not read: it would not see it again.")
        parent = self._places.made(above)
        return self._laid(operation, key, parent, name, data)

    def _laid(self, operation: Operation, key: str, parent: str, name: str, data: bytes) -> Receipt:
        """A file of this name in a folder, where none is."""
        if self._remote.named(parent, name) is not None:
            if self._notes.get(key).get("name"):  # tried before: SharePoint may have written into it
                raise Unknown(f"{name} may have been made before; it is there with other bytes: look at it.")
            raise Exists(f"{name} exists already.")
        at = f"{path_of(parent)}:/{quote(name)}:"

        def do() -> Mapping[str, Any]:
            if not data:  # a session takes one byte at least
                return self._remote.graph.write("PUT", f"{at}/content?{_CONFLICT}=fail", data=b"")
            given = {"item": {_CONFLICT: "fail", "name": name}}
            said: Mapping[str, Any] = self._remote.storage.upload(f"{at}/createUploadSession", data, given)
            return said

        note = {"ref": str(self._reading.ref(parent)), "parent": parent, "name": name, "called": name}
        return self._done(operation, key, name, note | _hashes("", data), do)

    def _revise(self, operation: Operation, key: str, doc: Doc, data: bytes, old: bytes) -> Receipt:
        """Another version of a file that is still in the state it was read in. The old bytes are kept."""
        before = self._kept(old, doc.name)
        at = path_of(doc.key)

        def do() -> Mapping[str, Any]:
            if not data:
                return self._remote.graph.write("PUT", f"{at}/content", data=b"", etag=doc.etag)
            given = {"item": {_CONFLICT: "replace"}}
            said: Mapping[str, Any] = self._remote.storage.upload(
                f"{at}/createUploadSession", data, given, etag=doc.etag
            )
            return said

        note = {"ref": str(self._reading.ref(doc.key)), "called": doc.name} | _hashes(before, data)
        return self._done(operation, key, doc.name, note, do)

    def _take_away(self, operation: FileTrash, key: str) -> Receipt:
        """Into the recycle bin. Only a personal OneDrive gives back from there: its bytes are kept here."""
        doc = self._at(operation.ref, operation.version)
        before = self._kept(self._bytes(doc), doc.name)
        ref = str(operation.ref)
        lay = {"operation": operation.name, "ref": ref, "parent": doc.above, "name": doc.name}
        self._notes.put(_lay(operation.ref), lay)
        note = {"ref": ref, "before": before, "after": "", "called": doc.name}
        return self._done(
            operation, key, doc.name, note,
            lambda: self._remote.graph.write("DELETE", path_of(doc.key), etag=doc.etag),
        )  # fmt: skip

    def _put_back(self, operation: FileRestore, key: str) -> Receipt:
        """Out of the recycle bin; where the service does not do that, the same bytes under the same name."""
        ref, lay = operation.ref, self._notes.get(_lay(operation.ref))
        name = str(lay.get("name") or ref.native)
        if self._remote.doc(ref.native) is not None:
            raise Exists(f"{name} is there already.")
        data = self._held(operation.hash, name)
        note = {"ref": str(ref), "called": name} | _hashes("", data)
        try:
            return self._done(
                operation, key, name, note,
                lambda: self._remote.graph.write("POST", f"{path_of(ref.native)}/restore", {}),
            )  # fmt: skip
        except (Refused, Missing):
            pass  # of a personal OneDrive alone, says Microsoft
        if not lay:
            raise Missing(f"Where {name} lay is no longer known; it is in the recycle bin of OneDrive.")
        folder = self._remote.doc(lay["parent"])
        if folder is None:
            raise Missing(f"The folder that {name} lay in is not there any more.")
        return self._laid(operation, key, folder.key, name, data)

    # What they share

    def _done(self, operation: Operation, key: str, name: str, note: Mapping[str, Any], do: _Done) -> Receipt:
        """Have it done, once, and read it back. What was lost on the way is looked for at once.

        :raises Unknown: nobody can say whether it was done.
        """
        self._notes.put(key, {"operation": operation.name, **note})
        try:
            self._came(key, do())
        except Lost as error:
            if after_lost(error, name, lambda: self.find(operation, key=key)) is None:
                self._left_open(note, name, error)
                raise Transient(f"{error} {name} is as it was.") from None
        except NotAllowed:
            self._notes.drop(key)
            self._remote.root("")  # raises, where it is the sign-in
            raise Unsupported(f"{name} may only be read: its owner has not let you change it.") from None
        except SourceError:
            self._notes.drop(key)  # refused: nothing was done
            raise
        return self._read_back(operation, key, name)

    def _came(self, key: str, said: Mapping[str, Any]) -> None:
        """Note which file it is, and at which version, as the answer says it."""
        if not said.get("id"):
            return
        note = self._notes.get(key)
        doc = doc_of(said, parted(ItemRef.parse(note["ref"]).native)[0])
        known = {n: v for n, v in note.items() if n not in ("name", "parent")}
        told = {"told": doc.version} if doc.ctag else {}
        with suppress(OSError, Transient):  # it is found by its name and hash all the same
            self._notes.put(key, known | told | {"ref": str(self._reading.ref(doc.key))})

    def _left_open(self, note: Mapping[str, Any], name: str, error: Lost) -> None:
        """:raises Unknown: a file may be ours: there was none of its name, and now there is one."""
        if note.get("name") and self._remote.named(note["parent"], note["name"]) is not None:
            raise Unknown(f"{error} {name} is there now, with other bytes than were sent: look at it.")

    def _read_back(self, operation: Operation, key: str, name: str) -> Receipt:
        found = read_back(SERVICE, name, lambda: self.find(operation, key=key))
        with suppress(OSError, Transient):  # it is done all the same, and the service tells so
            note = self._notes.get(key) | {"done": True, "version": found.version, "ref": str(found.ref)}
            self._notes.put(key, note)
        return found

    def _is(self, doc: Doc, note: Mapping[str, Any]) -> bool:
        """Whether a file is what was to be there: as the answer said, else by its hash."""
        if note.get("told"):
            return doc.version == str(note["told"])
        after = str(note["after"])
        if doc.sha or (doc.xor and doc.xor == note.get("xor")):
            return doc.sha == after if doc.sha else True
        if doc.kind != "file" or doc.size > self._reading.max_size:
            return False
        return sha256(self._reading.whole(doc)).hexdigest() == after

    def _at(self, ref: ItemRef, version: str) -> Doc:
        """A file at the version somebody approved."""
        doc = self._places.doc(ref.native) if ref.source == self._reading.source else None
        if doc is None:
            raise Missing(f"{ref.native} is not there any more.")
        if self._places.of(doc) is None:
            raise Unsupported(f"{doc.name} lies where Deskhand does not read: it does not touch it.")
        if doc.version != version:
            raise Changed(f"{doc.name} changed since it was read.")
        if doc.kind != "file":
            raise Unsupported(f"{doc.name} is no file with bytes of its own: Deskhand does not touch it.")
        return doc

    def _bytes(self, doc: Doc) -> bytes:
        """What a file holds before it is changed."""
        if doc.size > self._reading.max_size:
            raise Unsupported(
                f"{doc.name} is too large to be changed safely: its old version could not be kept."
            )
        return self._reading.whole(doc)

    def _kept(self, data: bytes, name: str) -> str:
        """Keep bytes; their hash."""
        digest = sha256(data).hexdigest()
        try:
            self._keep.put(data, digest, durable=True)
        except OSError as error:
            raise full(error, name) from None
        return digest

    def _held(self, digest: str, name: str) -> bytes:
        if (data := self._keep.get(digest)) is None:
            raise Missing(f"The earlier bytes of {name} are no longer kept.")
        return data

    def _called(self, key: str, ref: ItemRef) -> str:
        return str(self._notes.get(key).get("called") or ref.native)


def _hashes(before: str, data: bytes) -> dict[str, str]:
    return {"before": before, "after": sha256(data).hexdigest(), "xor": quick_xor(data)}


def _lay(ref: ItemRef) -> str:
    """The key of the note that says where something lay that was thrown away."""
    return f"lay {ref}"
