"""Files for the owner's eyes only: written whole or not at all, read only while nobody else can.

A home that others can get at is refused, with the command that mends it.
"""

from __future__ import annotations

import os
import shlex
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from deskhand.config.errors import ConfigError

SECRET = ("secrets.enc", "secrets.key", "approvals.key")
"""Files that nobody else may even read, wherever they lie."""

KEPT = (
    "config.toml", "archive.db", "runs.db", "checkpoints.db", "engine.db", "audit.head", "owner.json",
    *SECRET,
)  # fmt: skip
"""What is looked at in a home at every start."""

_LARGEST = 16 * 1024 * 1024


class Garbled(ConfigError):
    """What a file holds is no text."""


def check_home(root: Path) -> None:
    """Look whether others can get at a home or at what lies in it; what they only could read, were the home
    open, is closed.

    :raises ConfigError: they can; with the one command that mends it.
    """
    if os.name == "nt":
        return  # the profile's access list does it there
    _check(root, root.stat(), 0o077, f"chmod 700 {shlex.quote(str(root))}")
    for name in KEPT:
        path = root / name
        try:
            found = path.stat()
        except OSError:
            continue
        if not stat.S_ISREG(found.st_mode):
            raise ConfigError(f"{path} is not a plain file; move it away, or put yours back.")
        # What a link leads to may lie outside of the home, which keeps nobody from reading it there.
        loose = 0o077 if name in SECRET or path.is_symlink() else 0o022
        _check(path, found, loose, f"chmod 600 {shlex.quote(str(path))}")
        if found.st_mode & 0o077 and not path.is_symlink():
            with suppress(OSError):
                path.chmod(0o600)


def _check(path: Path, found: os.stat_result, loose: int, mend: str) -> None:
    if found.st_uid not in (os.geteuid(), 0):
        raise ConfigError(
            f"{path} belongs to somebody else, who could change it; say: sudo chown {os.geteuid()} "
            f"{shlex.quote(str(path))}"
        )
    if found.st_mode & loose:
        can = "read" if found.st_mode & loose & 0o044 else "change"
        raise ConfigError(f"Others can {can} {path}; say: {mend}")


def read_private(path: Path) -> str | None:
    """The text of a file that only its owner can get at; None where there is none.

    :raises ConfigError: others can get at it, or it cannot be read; `Garbled` where it is no text.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}.") from None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise ConfigError(f"{path} is not a plain file.")
        if os.name != "nt":
            _check(path, found, 0o077, f"chmod 600 {shlex.quote(str(path))}")
        try:
            return file.read(_LARGEST).decode()
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror or error}.") from None
        except UnicodeDecodeError:
            raise Garbled(f"{path} cannot be read; put back a copy of it.") from None


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read: after a crash the old one is there, or the new one.

    :raises ConfigError: it cannot be written; what was there is as it was.
    """
    beside = ""
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600 by itself
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)
        os.replace(beside, path)
    except OSError as error:
        if beside:
            with suppress(OSError):
                os.unlink(beside)
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}.") from None
    if os.name != "nt":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
