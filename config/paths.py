"""Where things are: one folder holds everything Deskhand knows of one person."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deskhand.config.errors import ConfigError
from deskhand.config.private import check_home

ALIAS = re.compile(r"[a-z][a-z0-9_-]{0,31}")
"""What a source may be called; without a colon, so that addresses of items read back."""


def home(explicit: str | None, env: Mapping[str, str]) -> Path:
    """The home folder, absolute: what was given, else DESKHAND_HOME, else the system's place for
    a user's data. It need not exist.

    :raises ConfigError: `~` cannot be resolved, or it is no path.
    """
    given = explicit or env.get("DESKHAND_HOME") or ""
    if "\0" in given:
        raise ConfigError("The home folder's name holds a zero byte.")
    try:
        if given:
            return Path(os.path.abspath(Path(given).expanduser()))
        from platformdirs import user_data_path

        return user_data_path("deskhand", appauthor=False)
    except (RuntimeError, OSError) as e:
        raise ConfigError(f"The home folder cannot be found: {e}.") from e


def check_alias(alias: str) -> str:
    """The alias itself. :raises ConfigError: it is none."""
    if not ALIAS.fullmatch(alias):
        raise ConfigError(
            f"A source cannot be called {alias[:80]!r}: a name has up to 32 small letters, digits, '-' "
            "and '_', and begins with a letter."
        )
    return alias


_ONLY_READ = (
    "the disk it lies on can only be read. Each command writes there, also one that only looks (it holds the "
    "home for itself); make the disk writable, or copy the home and name the copy with --home"
)


@dataclass(frozen=True, slots=True)
class Home:
    """The home folder and what lies where in it. Nothing is made before `prepare`."""

    root: Path

    @property
    def config_file(self) -> Path:
        """Settings, for people to read and change."""
        return self.root / "config.toml"

    @property
    def archive(self) -> Path:
        """The truth: every version of every item."""
        return self.root / "archive.db"

    @property
    def index(self) -> Path:
        """A cache: can be rebuilt from the archive."""
        return self.root / "index"

    @property
    def models(self) -> Path:
        """Weights of embedding models."""
        return self.root / "models"

    @property
    def checkpoints(self) -> Path:
        """States of runs."""
        return self.root / "checkpoints.db"

    @property
    def engine(self) -> Path:
        """The job queue."""
        return self.root / "engine.db"

    @property
    def lock(self) -> Path:
        """Held by the one process that owns this home."""
        return self.root / "owner.lock"

    @property
    def owner(self) -> Path:
        """How other processes reach the owner."""
        return self.root / "owner.json"

    @property
    def sources(self) -> Path:
        """Private state of sources, a folder each."""
        return self.root / "sources"

    @property
    def outputs(self) -> Path:
        """Digests that were written to files."""
        return self.root / "digests"

    def source(self, alias: str) -> Path:
        """Private state of one source. :raises ConfigError: not an alias."""
        return self.sources / check_alias(alias)

    def prepare(self) -> Home:
        """Make the folders, for the owner's eyes only (0700).

        An empty folder that others may read is closed to them. One that holds other things is refused, for
        it is not ours to close (`--home ~`, `--home /tmp`); and so is a home that others can get at, since
        nobody knows who did.

        :raises ConfigError: it is a file, belongs to somebody else, others can get at it or at what lies in
            it, or it cannot be written to.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(self.root, os.W_OK | os.X_OK):
                if hasattr(os, "statvfs") and os.statvfs(self.root).f_flag & os.ST_RDONLY:
                    raise OSError(errno.EROFS, _ONLY_READ)
                raise PermissionError(errno.EACCES, "Permission denied")
            self._close()
            check_home(self.root)
            for folder in (self.index, self.models, self.sources, self.outputs):
                folder.mkdir(mode=0o700, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as e:
            raise ConfigError(f"The home {self.root} cannot be made: {e.filename} is not a folder.") from e
        except OSError as e:
            raise ConfigError(f"The home {self.root} cannot be written to: {e.strerror or e}.") from e
        return self

    def _close(self) -> None:
        if os.name == "nt":
            return  # the profile's access list does it there
        mode = stat.S_IMODE(self.root.stat().st_mode)
        if not mode & 0o077:
            return
        if self.config_file.exists() or self.archive.exists():
            return  # a home: told by whoever looks at it
        if any(self.root.iterdir()):
            raise ConfigError(
                f"{self.root} holds other things and is open to others; choose a folder that is new or empty."
            )
        self.root.chmod(0o700)
