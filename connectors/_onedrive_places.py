"""Folders of drives as they are this moment: the one a file lies in, and the one a new file is to lie in."""

from __future__ import annotations

from deskhand.connectors._cloud_scope import Scope
from deskhand.connectors._onedrive_items import Doc, parted
from deskhand.connectors._onedrive_reading import Reading
from deskhand.connectors._onedrive_remote import path_of
from deskhand.connectors._tries import Lost, Refused
from deskhand.connectors.errors import Exists, Transient, Unsupported

_NEVER = frozenset('"*:<>?\\|')
"""Characters that no name has there; https://support.microsoft.com/office/64883a5d-228e-48f5-b3d2-eb39e07630fa"""


class Places:
    """Nothing is remembered but which drives were chosen."""

    def __init__(self, reading: Reading, scope: Scope) -> None:
        self._reading, self._remote, self._scope = reading, reading.remote, scope
        self._chosen: dict[str, str] | None = None

    def drives(self) -> dict[str, str]:
        """Names of the drives that are read, by id; the person's own is "" and has none."""
        if self._chosen is None:
            found = [self._remote.drives(place) for place in self._scope.drives]
            self._chosen = {id: name for drives in found for id, name in drives.items()}
        return {"": "", **self._chosen}

    def doc(self, key: str) -> Doc | None:
        """A file that is there, in a drive that is read; folders are none."""
        if parted(key)[0] not in ("", *(self.drives() if "/" in key else ())):
            return None
        doc = self._remote.doc(key)
        return None if doc is None or doc.gone or doc.kind in ("folder", "root") else doc

    def of(self, doc: Doc) -> str | None:
        """The path of the folder a file lies in, as it is this moment; None: the file is not read."""
        names, at = list[str](), doc.above
        while at:
            try:
                folder = self._remote.doc(at)
            except Refused:
                return None  # what may not be seen is not read
            if folder is None or len(names) > 200:
                return None
            if folder.kind == "root":
                break
            names.append(folder.name)
            at = folder.above
        drive = self.drives()[doc.drive] if doc.drive else ""
        path = "/".join(n for n in (drive, *reversed(names)) if n)
        return path if self._scope.wants(path, doc.name, doc.at) else None

    def made(self, names: list[str]) -> str:
        """The key of a folder by its path; what is missing on the way is made.

        :raises Unsupported: others can read what lies there.
        """
        at = self._remote.root("")
        if names and self._remote.named(at.key, names[0]) is None:
            for drive, label in self.drives().items():
                parts = label.split("/")
                if label and names[: len(parts)] == parts:
                    at, names = self._remote.root(drive), names[len(parts) :]
                    break
        there, missing = at, list(names)
        while missing and (found := self._remote.named(there.key, missing[0])) is not None:
            if found.kind != "folder":
                raise Exists(f"{missing[0]} is a file, and no folder.")
            there, missing = found, missing[1:]
        self._alone(there)
        for name in missing:
            there = self._make(there, name)
        return there.key

    def _alone(self, folder: Doc) -> None:
        """Make sure that nobody else can read what lies in this folder. :raises Unsupported: somebody can."""
        if not self._reading.alone(folder, self._remote.rights(folder)):
            # A file is put down without a question because it is private (docs/policy.md).
            raise Unsupported(
                f"{folder.name if folder.kind == 'folder' else 'The drive'} is shared: what is put there "
                "others can read. Deskhand puts files only where you alone can."
            )

    def _make(self, parent: Doc, name: str) -> Doc:
        given = {"name": name, "folder": {}, "@microsoft.graph.conflictBehavior": "fail"}
        try:
            self._remote.graph.write("POST", f"{path_of(parent.key)}/children", given)
        except Lost as error:
            raise Transient(f"{error} Perhaps the folder {name} was made; the file was not.") from None
        except Exists:
            pass  # made by somebody else in between
        found = self._remote.named(parent.key, name)
        if found is None or found.kind != "folder":
            raise Transient(f"The folder {name} could not be made; the file was not.")
        return found


def proper(path: str) -> list[str]:
    """The names on the way to a new file. :raises Unsupported: it is no path in OneDrive."""
    names = path.split("/")
    if len(path) > 400 or any(n.strip(" ") != n or n.strip(".") == "" or n.endswith(".") for n in names):
        raise Unsupported(f"{path!r} is no path in OneDrive.")
    if found := sorted(_NEVER & {*path}):
        raise Unsupported(f"No name in OneDrive has {' '.join(found)} in it: {path}")
    return names
