"""What this home vouches for its questions and decisions with: a key that lies outside of their database.

Whoever can write in `runs.db`, and no more, can make neither a question nor a yes that counts.
"""

from __future__ import annotations

import hmac
import re
import secrets
from pathlib import Path
from threading import Lock

from deskhand.config.errors import ConfigError
from deskhand.config.private import read_private, write_private
from deskhand.connectors.database import StorageError

_KEY = re.compile(r"[0-9a-f]{64}")
_MARK = "deskhand approval 1"
"""Stands in every seal: of what it is one, and of which layout."""


class Seal:
    """The key, read or made when it is first needed. Safe for several threads."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock, self._key = path, Lock(), b""

    @property
    def there(self) -> bool:
        """Whether there is a key: then this home had an audit chain before."""
        return self._path.exists()

    def make(self) -> None:
        """See to it that there is a key. Raises as `of`."""
        if not self.there:
            self._known()

    def of(self, digest: str) -> str:
        """The seal of a record: the first half of HMAC-SHA-256 over its digest (RFC 2104, section 5), in hex.

        :raises StorageError: the key cannot be read, or made where there is none.
        """
        return hmac.new(self._known(), f"{_MARK} {digest}".encode(), "sha256").hexdigest()[:32]

    def holds(self, digest: str, seal: object) -> bool:
        """Whether this is the seal of a record. Raises as `of`."""
        return isinstance(seal, str) and hmac.compare_digest(seal.encode(), self.of(digest).encode())

    def _known(self) -> bytes:
        with self._lock:
            if not self._key:
                self._key = bytes.fromhex(self._read())
            return self._key

    def _read(self) -> str:
        try:
            kept = read_private(self._path)
            if kept is None:
                kept = secrets.token_hex(32) + "\n"
                write_private(self._path, kept)
        except ConfigError as error:
            raise StorageError(str(error)) from None
        if not _KEY.fullmatch(kept.strip()):
            raise StorageError(
                f"{self._path} is no key any more. Put back a copy of it; or remove it, and what waits is "
                "asked again."
            )
        return kept.strip()
