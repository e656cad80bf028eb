"""What can be done in a Drive: create, copy, replace, put back, take away; each once or not at all.

A note with the id and the hash of what is to be there is written before the one request that matters, and the
effect's key goes with it into the file's appProperties. After a crash Google is asked, not the note. Nothing
is ever deleted for good, and no document of Google's own kinds is written over.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from deskhand.connectors._cloud_effects import after_lost, read_back
from deskhand.connectors._cloud_notes import Notes, full, short
from deskhand.connectors._cloud_scope import Scope
from deskhand.connectors._files_writes import OPERATIONS, receipt_of, same_line_ends, typed
from deskhand.connectors._gdrive_items import COMMENTS
from deskhand.connectors._gdrive_places import Places
from deskhand.connectors._gdrive_reading import Reading
from deskhand.connectors._gdrive_remote import FIELDS, FOLDER, OWN, File
from deskhand.connectors._google import Lost
from deskhand.connectors._google_errors import Refused
from deskhand.connectors._keep import Keep
from deskhand.connectors._text import mime_of
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import Changed, Exists, Missing, SourceError, Transient, Unknown, Unsupported
from deskhand.connectors.model import Contents, ItemRef, Receipt
from deskhand.connectors.operations import (
    FileCopy,
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
    Operation,
)

MARK = "deskhand"
"""The name of the app property that holds the key of the effect that made a file what it is."""
_PART = 8 << 20
"""Bytes of an upload that are sent at a time."""


class Writes:
    """The writing side of a Drive."""

    def __init__(self, state: Path, reading: Reading, scope: Scope) -> None:
        self._reading, self._remote, self._scope = reading, reading.remote, scope
        self._keep, self._notes = Keep(state / "kept"), Notes(state / "effects")
        self.places = Places(reading, scope, self._notes)

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
                file = self._at(operation.ref, operation.version)
                old = self._bytes(file)
                return self._revise(
                    operation, key, file, same_line_ends(typed(file["name"], operation.text), old), old
                )
            case FileRestore() if operation.version:
                file = self._at(operation.ref, operation.version)
                if (data := self._keep.get(operation.hash)) is None:
                    raise Missing(f"The earlier bytes of {file['name']} are no longer kept.")
                return self._revise(operation, key, file, data, self._bytes(file))
            case FileRestore():
                return self._put_back(operation, key)
            case FileTrash():
                return self._take_away(operation, key)
            case _:
                raise Unsupported(f"{self._reading.source} cannot do {operation.name}.")

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        """See `Connector.find`."""
        note = self._notes.get(key)
        if note.get("done"):
            return receipt_of(ItemRef.parse(note["ref"]), note["version"], note["before"], note["after"])
        # Where the note went, or was never there, what lies in the Drive says whose it is.
        known = self._remote.file(ItemRef.parse(note["ref"]).native) if note else None
        file = known if note else self._marked(operation, key)
        marked = file is not None and file.get("appProperties", {}).get(MARK) == short(key)
        if file is None or not (note or marked):
            return None
        trashed = bool(file.get("trashed"))
        if trashed != isinstance(operation, FileTrash):
            return None
        digest = self._digest(file) if not trashed else ""
        after = str(note["after"]) if note else digest
        if digest != after:
            return None
        version = "" if trashed else self._reading.head(file)[0].version
        before = str(note["before"]) if note else self._digest(file) if trashed else ""
        return receipt_of(self._reading.ref(file["id"]), version, before, after)

    def where(self, operation: Operation, *, key: str) -> str:
        """See `Connector.where`."""
        match operation:
            case FileCreate() | FileCopy():
                return f"the file {operation.path} in Google Drive"
            case FileTrash():
                return f"the trash of Google Drive (the file {operation.ref.native})"
            case FileReplace() | FileRestore():
                return f"https://drive.google.com/file/d/{operation.ref.native}"
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
        if isinstance(operation, FileReplace) or (isinstance(operation, FileRestore) and operation.version):
            return None  # what was there before is not known any more
        return FileTrash(source=source, ref=ref, version=version)

    # Each of them

    def _create(self, operation: Operation, key: str, path: str, data: bytes) -> Receipt:
        """A new file under an id that Google gave for it: a second one cannot be made of it."""
        *above, name = path.split("/")
        if any(part.strip() in ("", ".", "..") for part in (*above, name)) or len(path) > 2000:
            raise Unsupported(f"{path!r} is no path in a Drive.")
        if not self._scope.wants("/".join(above), name):
            raise Unsupported(f"{path} would lie where Deskhand does not read: it would not see it again.")
        parent, drive = self.places.made(above)
        self.places.alone(parent, "/".join(above))
        note, files = self._notes.get(key), self._remote.api.service.files()
        id = ItemRef.parse(note["ref"]).native if note else ""
        if any(f["mimeType"] != FOLDER and f["id"] != id for f in self._remote.named(name, parent, drive)):
            raise Exists(f"{path} exists already.")
        id = id or str(self._remote.api.read(files.generateIds(count=1, type="files"))["ids"][0])
        ref, after = self._reading.ref(id), sha256(data).hexdigest()
        self._notes.put(key, {"operation": operation.name, "ref": str(ref), "before": "", "after": after})
        mime = mime_of(name)
        body = {
            "id": id,
            "name": name,
            "parents": [parent],
            "mimeType": mime,
            "appProperties": {MARK: short(key)},
        }
        request = files.create(
            body=body, media_body=_media(data, mime), fields=FIELDS, supportsAllDrives=True
        )
        with suppress(Exists):  # 409: it is there, sent by us before
            self._sent(request, path, operation, key)
        return self._read_back(operation, key, path)

    def _revise(self, operation: Operation, key: str, file: File, data: bytes, old: bytes) -> Receipt:
        """A new revision of a file. The old bytes are kept here, too: Google's go after 30 days."""
        before, after = sha256(old).hexdigest(), sha256(data).hexdigest()
        try:
            self._keep.put(old, before, durable=True)
        except OSError as error:
            raise full(error, file["name"]) from None
        note = {
            "operation": operation.name,
            "ref": str(self._reading.ref(file["id"])),
            "before": before,
            "after": after,
        }
        self._notes.put(key, note)
        request = self._remote.api.service.files().update(
            fileId=file["id"], body={"appProperties": {MARK: short(key)}}, fields=FIELDS,
            media_body=_media(data, str(file["mimeType"])), supportsAllDrives=True,
        )  # fmt: skip
        self._sent(request, file["name"], operation, key)
        receipt = self._read_back(operation, key, str(file["name"]))
        try:
            told = [f"r-{r['id']}" for r in self._remote.revisions(file["id"]) or ()]
        except SourceError:
            return receipt  # it has happened; whether somebody else was there too cannot be told
        was, now = f"r-{file.get('headRevisionId')}", receipt.version
        if now in told and was in told and told.index(now) != told.index(was) + 1:
            raise Unknown(
                f"Somebody else changed {file['name']} in the same moment; both versions are in its history "
                "in Google Drive, and the newest is yours. Look which is right."
            )
        return receipt

    def _take_away(self, operation: FileTrash, key: str) -> Receipt:
        file = self._at(operation.ref, operation.version)
        if not file.get("capabilities", {}).get("canTrash", True):
            raise Unsupported(f"{file['name']} is somebody else's: only its owner can throw it away.")
        return self._moved(operation, key, file, trashed=True, before=self._digest(file), after="")

    def _put_back(self, operation: FileRestore, key: str) -> Receipt:
        file = self._remote.file(operation.ref.native)
        if file is None:
            raise Missing(f"{operation.ref.native} is not in the trash any more.")
        if not file.get("trashed"):
            raise Exists(f"{file['name']} is there already.")
        if self._digest(file) != operation.hash:
            raise Changed(f"{file['name']} is no longer what was thrown away.")
        return self._moved(operation, key, file, trashed=False, before="", after=operation.hash)

    def _moved(
        self, operation: Operation, key: str, file: File, *, trashed: bool, before: str, after: str
    ) -> Receipt:
        ref = self._reading.ref(file["id"])
        self._notes.put(key, {"operation": operation.name, "ref": str(ref), "before": before, "after": after})
        request = self._remote.api.service.files().update(
            fileId=file["id"], body={"trashed": trashed, "appProperties": {MARK: short(key)}}, fields=FIELDS,
            supportsAllDrives=True,
        )  # fmt: skip
        self._sent(request, file["name"], operation, key)
        return self._read_back(operation, key, str(file["name"]))

    # What they share

    def _sent(self, request: Any, name: str, operation: Operation, key: str) -> None:
        """Have it done. What was lost on the way is looked for at once.

        :raises Unknown: nobody can say whether it was done.
        """
        try:
            self._remote.api.write(request)
        except Lost as error:
            if after_lost(error, name, lambda: self.find(operation, key=key)) is None:
                raise Transient(f"{error} {name} is as it was.") from None
        except Exists:
            raise
        except SourceError:
            self._notes.drop(key)  # refused: nothing was done
            raise

    def _read_back(self, operation: Operation, key: str, name: str) -> Receipt:
        found = read_back("Google Drive", name, lambda: self.find(operation, key=key))
        with suppress(OSError, Transient):  # it is done all the same, and Google tells so
            self._notes.put(key, self._notes.get(key) | {"done": True, "version": found.version})
        return found

    def _at(self, ref: ItemRef, version: str) -> File:
        """A file at the version somebody approved."""
        if ref.native.endswith(COMMENTS):
            raise Unsupported("What is said beside a file cannot be changed from here.")
        file = self._remote.file(ref.native) if ref.source == self._reading.source else None
        if file is None or file.get("trashed") or file["mimeType"] == FOLDER:
            raise Missing(f"{ref.native} is not there any more.")
        if self.places.of(file) is None:
            raise Unsupported(f"{file['name']} lies where Deskhand does not read: it does not touch it.")
        if self._reading.head(file)[0].version != version:
            raise Changed(f"{file['name']} changed since it was read.")
        return file

    def _bytes(self, file: File) -> bytes:
        """What a file holds before it is written over."""
        name = file["name"]
        if file["mimeType"].startswith(OWN):
            raise Unsupported(
                f"{name} is a document of Google's own kind: writing over it would take its layout away. "
                "Change it in Google Drive."
            )
        if not file.get("capabilities", {}).get("canModifyContent", True):
            raise Unsupported(f"{name} may only be read: its owner has not let you change it.")
        if int(file.get("size") or 0) > self._reading.max_size:
            raise Unsupported(f"{name} is too large to be changed safely: its old version could not be kept.")
        data = self._remote.content(file)
        if file.get("sha256Checksum", sha256(data).hexdigest()) != sha256(data).hexdigest():
            raise Changed(f"{name} is being changed right now.")
        return data

    def _digest(self, file: File) -> str:
        """The hash of a file as an item of it has it."""
        if file.get("sha256Checksum"):
            return str(file["sha256Checksum"])
        head, _ = self._reading.head(file)
        kept = self._reading.kept(file, head)
        return kept.digest if kept else self._reading.now(file, "").hash

    def _marked(self, operation: Operation, key: str) -> File | None:
        if isinstance(operation, FileReplace | FileRestore | FileTrash):
            return self._remote.file(operation.ref.native)
        try:
            return self._remote.marked(MARK, short(key))
        except (Refused, Missing):
            return None


def _media(data: bytes, mime: str) -> Any:
    from googleapiclient.http import MediaIoBaseUpload

    return MediaIoBaseUpload(BytesIO(data), mimetype=mime, chunksize=_PART, resumable=True)
