"""Where the events of a calendar lie: what `_calendar_writes` needs of a folder of files or of an account."""

from __future__ import annotations

from typing import Protocol

from deskhand.connectors._ics_file import Opened


class Shelf(Protocol):
    """Files with events in them, each under a name; what is left of the last `/` is its folder.

    Every answer is what is there at this moment. A failing disk or server is a `SourceError` everywhere.
    """

    @property
    def single(self) -> bool:
        """All events lie in one file."""
        ...

    @property
    def keeps_cancelled(self) -> bool:
        """An event that is called off stays where it is, and says so; else it is taken away."""
        ...

    def find(self, native: str) -> tuple[Opened, str, str] | None:
        """The opened file, its name and the UID of an event; None where no file has it."""
        ...

    def home(self, calendar: str, uid: str) -> tuple[str, Opened | None]:
        """The file a new event goes into, and what is in it if it is there.

        :raises Missing: there is no calendar of that name. :raises Unsupported: it is only read.
        """
        ...

    def fresh(self, folder: str, uid: str) -> str:
        """The name of a new file in a folder."""
        ...

    def check(self, name: str, file: Opened, uid: str) -> None:
        """Make sure, before anything is written, that an event may be. :raises Unsupported: says why not."""
        ...

    def replace(self, name: str, old: Opened | None, new: bytes | None) -> bool:
        """Put new bytes in the place of the old, whole or not at all; None takes the file away.

        False, and nothing done, where the file is not what it was: look again.

        :raises Unknown: nobody can tell whether it was done.
        :raises SourceError: it may not be written, or cannot be; nothing was changed.
        """
        ...
