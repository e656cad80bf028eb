"""Where a file lies: the paths of folders, out of what a cursor knows, the rest asked for."""

from __future__ import annotations

from deskhand.connectors._gdrive_known import Known
from deskhand.connectors._gdrive_remote import File, Remote

SHARED = "Shared with me"
"""The folder of what somebody else keeps in a place of his own."""
NOWHERE = "?"
"""The parent of what somebody else keeps in a place of his own. Only My Drive and shared drives have none."""


class Folders:
    """Paths of folders, out of what is known; the rest is asked for, once."""

    def __init__(self, remote: Remote, known: Known) -> None:
        self._remote, self._known = remote, known
        self._unseen = set[str]()

    def path(self, file: File) -> str:
        """The folder a file lies in: `Projects/Budget`. My Drive itself is ""; a shared drive its name."""
        names, at, known = list[str](), parent_of(file), self._known.folders
        for _ in range(200):  # deeper than Drive allows
            if at not in known:
                self._ask(at)
            if at not in known:
                return "/".join([SHARED, *reversed(names)])
            name, above = known[at]
            if not above:
                return "/".join(n for n in (name, *reversed(names)) if n)
            names.append(name)
            at = above
        return "/".join(reversed(names))

    def _ask(self, id: str) -> None:
        if id == NOWHERE or id in self._unseen:
            return
        found = self._remote.file(id)
        if found is None or found.get("trashed"):
            self._unseen.add(id)
        else:
            self._known.folders[id] = (str(found["name"]), parent_of(found))


def parent_of(file: File) -> str:
    """The id of the folder a file lies in; `NOWHERE` where one may not see it."""
    return str(next(iter(file.get("parents") or ()), NOWHERE))
