"""Folders of a Drive as they are this moment: the one a file lies in, and the one a new file is to lie in."""

from __future__ import annotations

from deskhand.connectors._cloud_notes import Notes
from deskhand.connectors._cloud_scope import Scope
from deskhand.connectors._gdrive_folders import Folders
from deskhand.connectors._gdrive_known import Known
from deskhand.connectors._gdrive_reading import Reading
from deskhand.connectors._gdrive_remote import FOLDER, SHORTCUT, File
from deskhand.connectors._google import Lost
from deskhand.connectors._tries import looked
from deskhand.connectors.errors import Exists, SourceError, Transient, Unsupported
from deskhand.connectors.model import ItemRef


class Places:
    """Nothing is remembered but where My Drive is, and under which id a folder was to be made."""

    def __init__(self, reading: Reading, scope: Scope, notes: Notes) -> None:
        self._reading, self._remote, self._scope, self._notes = reading, reading.remote, scope, notes
        self._root = ""

    def of(self, file: File) -> str | None:
        """The path of the folder a file lies in, as it is this moment; None: the file is not read."""
        self._root = self._root or self._remote.root()
        roots, drive = {self._root: ("", "")}, str(file.get("driveId", ""))
        if drive:
            if drive not in (drives := self._drives()):
                return None
            roots[drive] = (drives[drive], "")
        folder = Folders(self._remote, Known(folders=roots)).path(file)
        return folder if self._scope.wants(folder, str(file["name"]), str(file["modifiedTime"])) else None

    def _drives(self) -> dict[str, str]:
        """Names of the shared drives that are read, by id."""
        if not self._scope.drives:
            return {}
        return {id: name for id, name in self._remote.drives().items() if self._scope.wants_drive(name)}

    def made(self, names: list[str]) -> tuple[str, str]:
        """Id and drive of a folder by its path; what is missing on the way is made."""
        at, drive = self._remote.root(), ""
        if names and not self._remote.named(names[0], at, ""):
            chosen = {name: id for id, name in self._drives().items()}
            if names[0] in chosen:
                at = drive = chosen[names[0]]
                names = names[1:]
        for n, name in enumerate(names):
            found = self._remote.named(name, at, drive)
            folder = next((f for f in found if f["mimeType"] == FOLDER), None)
            if folder is None and found and found[0]["mimeType"] != SHORTCUT:
                raise Exists(f"{name} is a file, and no folder.")
            if folder is None:
                self.alone(at, "/".join(names[:n]))
            at = str(folder["id"]) if folder else self._make(name, at)
        return at, drive

    def alone(self, id: str, path: str) -> None:
        """Make sure that nobody else can read what lies in this folder. :raises Unsupported: somebody can."""
        folder = self._remote.file(id)
        if folder is None or not self._reading.alone(folder):
            # A file is put down without a question because it is private (docs/policy.md).
            raise Unsupported(
                f"{path or 'My Drive'} is shared: what is put there others can read. "
                "Deskhand puts files only where you alone can."
            )

    def _make(self, name: str, parent: str) -> str:
        """A new folder under an id that Google gave for it: however often it is asked for, it is one."""
        key, files = f"folder {name} in {parent}", self._remote.api.service.files()
        note = self._notes.get(key)
        if not note:
            given = self._remote.api.read(files.generateIds(count=1, type="files"))["ids"][0]
            note = {"operation": "folder", "ref": str(self._reading.ref(str(given)))}
            self._notes.put(key, note)
        id = ItemRef.parse(note["ref"]).native
        body = {"id": id, "name": name, "mimeType": FOLDER, "parents": [parent]}
        try:
            self._remote.api.write(files.create(body=body, fields="id", supportsAllDrives=True))
        except Exists:
            pass  # 409: it is there, made by us before
        except Lost as error:
            if looked(error, f"the folder {name} was made", lambda: self._remote.file(id)) is None:
                raise Transient(f"{error} The folder {name} is not there; nothing was changed.") from None
        except SourceError:
            self._notes.drop(key)  # refused: nothing was done
            raise
        self._notes.drop(key)
        made = self._remote.file(id)
        if made is None or made.get("trashed"):
            raise Transient(f"The folder {name} was taken away again; the file was not made.")
        return id
