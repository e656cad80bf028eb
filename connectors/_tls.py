"""Whose certificates are believed: read once, and again when what they lie in changes.

To read all authorities of a system takes longer than to ask a mailbox whether anything is new.
"""

from __future__ import annotations

import ssl
from pathlib import Path

NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE")
"""What OpenSSL makes of a server that speaks without TLS."""


class Trusted:
    """The usual authorities, and those of a file. Certificates and names are always checked."""

    def __init__(self, authorities: Path | None = None) -> None:
        """:param authorities: a file of certificates (PEM) that are trusted besides."""
        self._authorities = authorities
        self._made: tuple[object, ssl.SSLContext] | None = None

    def context(self) -> ssl.SSLContext:
        """What a connection is made with. :raises OSError: the file is gone, or holds no certificates."""
        usual = ssl.get_default_verify_paths()
        places = (usual.cafile, usual.capath, self._authorities)
        now = [_stamp(Path(place)) if place else None for place in places]
        if self._made is None or self._made[0] != now:
            context = ssl.create_default_context()
            if self._authorities is not None:
                context.load_verify_locations(self._authorities)
            self._made = (now, context)
        return self._made[1]


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
