"""A file at an address, kept as it was last read: asked for by ETag and date, replaced by whole ones only."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deskhand.connectors._dav import Dav
from deskhand.connectors._hosts import called
from deskhand.connectors._keep import write_beside
from deskhand.connectors.errors import SourceError, Transient

_ASKED = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}

_WORDS = re.compile(r"[^\d]{1,20}")


class Feed:
    """One address and the copy of what was there."""

    def __init__(self, dav: Dav, url: str, folder: Path, *, check: Callable[[bytes], str]) -> None:
        """:param check: says what is wrong with what came; empty where it may be kept."""
        self._dav, self._url, self._check = dav, url, check
        self._folder = folder / sha256(url.encode()).hexdigest()[:16]
        self._notes = self._folder / "feed.json"
        stem = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2].removesuffix(".ics")
        # What the feed is called where it does not say it; the rest of the address may be a secret, and
        # so is, where calendars are shared by a link, this part of it: a word is none.
        named = re.sub(r"[^\w .-]", "_", stem).strip(". ") if _WORDS.fullmatch(stem) else ""
        self.file = self._folder / f"{named or urlsplit(url).hostname or 'calendar'}.ics"

    def fetch(self) -> None:
        """Bring the copy up to date: one request, and no body where nothing changed.

        :raises SourceError: it could not be read, or is no calendar. The copy stays.
        """
        host = called(self._url)
        said = self._dav.read("GET", self._url, headers=self._known())
        if said.status == 304:
            return
        if said.status != 200:
            raise SourceError(f"{host} has no calendar at that address ({said.status}).")
        if wrong := self._check(said.data):
            raise Transient(f"What {host} sent {wrong}; what was read before is kept.")
        notes = {name: said.headers[name] for name in _ASKED if name in said.headers}
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._same(said.data):
                write_beside(
                    self.file, said.data, beside=self._folder / f".feed.{os.getpid()}", durable=False
                )
            kept = json.dumps({**notes, "sha256": sha256(said.data).hexdigest()})
            write_beside(
                self._notes, kept.encode(), beside=self._folder / f".notes.{os.getpid()}", durable=False
            )
        except OSError as error:
            raise Transient(f"What {host} sent cannot be kept ({error.strerror}).") from error

    def _known(self) -> dict[str, str]:
        """The headers that ask only for another state than that of the copy."""
        with suppress(OSError, ValueError, AttributeError, KeyError):
            notes = json.loads(self._notes.read_text("utf-8"))
            if notes["sha256"] == sha256(self.file.read_bytes()).hexdigest():
                return {_ASKED[n]: str(v) for n, v in notes.items() if n in _ASKED}
        return {}

    def _same(self, data: bytes) -> bool:
        try:
            return self.file.read_bytes() == data
        except OSError:
            return False
