"""What a calendar's effects leave behind in the state folder: what they replaced, and that they took away."""

from __future__ import annotations

import os
from pathlib import Path

from deskhand.connectors._ics_shelf import digest
from deskhand.connectors._keep import write_beside
from deskhand.connectors.errors import Transient
from deskhand.connectors.model import ItemRef


class Kept:
    """Events as they were before a change, and notes of effects that left no event to carry their key."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def before(self, ref: ItemRef, version: str) -> str:
        """The event as it was at a version, where there was one. :raises OSError: it was not kept."""
        return self._place(ref, version).read_bytes().decode() if version else ""

    def keep(self, ref: ItemRef, version: str, ics: str) -> None:
        """Keep an event before it is changed. :raises Transient: there is no room."""
        _write(self._place(ref, version), ics)

    def note(self, native: str, key: str) -> None:
        """Note that an effect takes an event away. :raises Transient: there is no room."""
        _write(self._note(native, key), "")

    def forget(self, native: str, key: str) -> None:
        """The effect did not take the event away after all."""
        self._note(native, key).unlink(missing_ok=True)

    def noted(self, native: str, key: str) -> bool:
        """Whether this effect took this event away, or was about to."""
        return self._note(native, key).exists()

    def _place(self, ref: ItemRef, version: str) -> Path:
        return self._state / "before" / f"{digest(f'{ref} {version}')}.ics"

    def _note(self, native: str, key: str) -> Path:
        return self._state / "removed" / digest(f"{key} {native}")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_beside(path, text.encode(), beside=path.with_name(f".{path.name}.{os.getpid()}"))
    except OSError as e:
        raise Transient(f"What is to be replaced cannot be kept first ({e.strerror}).") from e
