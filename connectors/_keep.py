"""Bytes kept by what they are: `kept/<sha256>` in a source's state folder, so nothing is stored twice."""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says where there is no room: on the disk, in the person's quota, in a limit."""

_HASH = re.compile(r"[0-9a-f]{64}")


class Keep:
    """A folder of kept bytes. Only the owner may read it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes, digest: str, *, durable: bool = False) -> None:
        """Keep bytes under their SHA-256. `durable`: they survive a power cut once this returns.

        :raises OSError: no room. What was there stays.
        """
        path = self._folder / digest
        if durable:
            # A power cut may have left a file with the right name and no bytes.
            if self.get(digest) is not None:
                return
        elif path.exists():
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_beside(path, data, beside=self._folder / f".{digest}.{os.getpid()}", durable=durable)

    def get(self, digest: str) -> bytes | None:
        """The bytes of a SHA-256, or None where they are not kept (or no longer what they were)."""
        if not _HASH.fullmatch(digest):
            return None
        try:
            data = (self._folder / digest).read_bytes()
        except OSError:
            return None
        return data if sha256(data).hexdigest() == digest else None


def write_beside(path: Path, data: bytes, *, beside: Path, durable: bool = True) -> None:
    """Write a file as a whole or not at all: beside, then renamed over `path`.

    :raises OSError: nothing changed and nothing is left behind.
    """
    try:
        write_new(beside, data, durable=durable)
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
    if durable:
        sync_folder(path.parent)


def write_new(path: Path, data: bytes, *, durable: bool = True, mode: int = 0o600) -> None:
    """Write a temporary file of our own from its start. :raises OSError: it may be there in part."""
    with suppress(FileNotFoundError):
        os.unlink(path)  # left by a process that was killed; never written through (it may be a link)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        if durable:
            os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
