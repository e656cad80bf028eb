"""Notes of what is about to be done in a drive, by the effect's key, written before it is."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from deskhand.connectors._keep import FULL, write_beside
from deskhand.connectors.errors import Transient
from deskhand.connectors.model import ItemRef


class Notes:
    """A folder of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> dict[str, Any]:
        """What was noted: operation, ref, before, after, version, done. {}: nothing."""
        try:
            note = json.loads(self._path(key).read_bytes())
            ItemRef.parse(note["ref"])
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return {"before": "", "after": "", "version": "", **note}

    def put(self, key: str, note: Mapping[str, Any]) -> None:
        """Note it, durably. :raises Transient: it cannot be written."""
        path = self._path(key)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_beside(path, json.dumps(note).encode(), beside=path.with_suffix(f".{os.getpid()}.tmp"))
        except OSError as error:
            raise full(error, str(note["operation"])) from None

    def drop(self, key: str) -> None:
        """Forget it: nothing was done."""
        with suppress(OSError):
            os.unlink(self._path(key))

    def _path(self, key: str) -> Path:
        return self._folder / f"{short(key)}.json"


def short(key: str) -> str:
    """A key as a file may be called, and an app property (124 bytes with its name) may hold."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", key) else sha256(key.encode()).hexdigest()


def full(error: OSError, name: str) -> Transient:
    """That something could not be kept, and so nothing was done."""
    if error.errno in FULL:
        return Transient(f"The disk is full: {name} was not changed.")
    return Transient(
        f"What is to be kept of {name} cannot be written ({error.strerror}); nothing was changed."
    )
