"""The text of each file at its current version, kept in the source's state folder.

So that a file that was moved, renamed or shared is told anew without being fetched again, and a folder of ten
thousand that was renamed too. Losing it costs requests, nothing else.
"""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from dataclasses import astuple, dataclass
from hashlib import sha256
from pathlib import Path

from deskhand.connectors._keep import FULL, write_beside
from deskhand.connectors._reader import Text
from deskhand.connectors.errors import Transient


@dataclass(frozen=True, slots=True)
class Head:
    """A version of a file: its name, when it came to be, and who made it."""

    version: str
    at: str
    """As the provider says it."""
    author: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was read of a file at a version."""

    head: Head
    text: Text
    digest: str
    """The hash of its content."""
    note: str = ""
    """What was said of the version."""


class Texts:
    """A folder of texts. Only the owner may read it."""

    def __init__(self, folder: Path, name: str) -> None:
        """:param name: of the service, in sentences."""
        self._folder, self._name = folder, name

    def put(self, id: str, kept: Kept) -> None:
        """Keep what was read of a file. :raises Transient: the disk is full."""
        path = self._path(id)
        said = json.dumps([astuple(kept.head), astuple(kept.text), kept.digest, kept.note])
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside = path.with_suffix(f".{os.getpid()}.tmp")
            write_beside(path, zlib.compress(said.encode(), 1), beside=beside, durable=False)
        except OSError as error:
            if error.errno in FULL:
                raise Transient(
                    f"The disk is full: texts of {self._name} cannot be kept. Make room and sync again; "
                    "nothing read so far is lost."
                ) from None  # any other reason: it is fetched again when it is wanted

    def get(self, id: str, version: str) -> Kept | None:
        """What was read of a file, if it was at this version."""
        try:
            head, text, digest, note = json.loads(zlib.decompress(self._path(id).read_bytes()))
            kept = Kept(Head(*head), Text(*text), str(digest), str(note))
        except (OSError, ValueError, zlib.error, TypeError):
            return None
        return kept if kept.head.version == version else None

    def drop(self, id: str) -> None:
        """Forget a file."""
        with suppress(OSError):
            os.unlink(self._path(id))

    def _path(self, id: str) -> Path:
        name = sha256(id.encode()).hexdigest()
        return self._folder / name[:2] / name[2:34]
