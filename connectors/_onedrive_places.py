"""Folders of drives as they are this moment: the one a file lies in, and the one a new file is to lie in."""

from __future__ import annotations

from deskhand.connectors._cloud_scope import Scope
from deskhand.connectors._onedrive_items import Doc, parted
from deskhand.connectors._onedrive_reading import Reading


class Places:
    """Nothing is remembered but which drives were chosen."""

    def __init__(self, reading: Reading, scope: Scope) -> None:
        self._remote, self._scope = reading.remote, scope
        self._chosen: dict[str, str] | None = None

    def drives(self) -> dict[str, str]:
        """Names of the drives that are read, by id; the person's own is "" and has none."""
        if self._chosen is None:
            self._chosen = self._remote.drives(self._scope.drives)
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
            folder = self._remote.doc(at)
            if folder is None or len(names) > 200:
                return None
            if folder.kind == "root":
                break
            names.append(folder.name)
            at = folder.above
        drive = self.drives()[doc.drive]
        path = "/".join(n for n in (drive, *reversed(names)) if n)
        return path if self._scope.wants(path, doc.name, doc.at) else None
