"""Bytes of files in OneDrive and SharePoint: they lie at other hosts, at addresses that Graph gives for them.

Such an address is good for whoever knows it, and for a while; so it is asked without a word of who asks, and
no other host than Microsoft's own for files (`_microsoft_account`).
"""

from __future__ import annotations

import json
from typing import Any

from deskhand.connectors._egress import HTTPError, NotSent
from deskhand.connectors._graph import Graph
from deskhand.connectors._graph_errors import answer, error_of
from deskhand.connectors._tries import PASSING, Again, Lost, Refused, retry_after, tried, words
from deskhand.connectors.errors import Forbidden, Transient, Unread

Json = Any
PART = 16 * 320 * 1024
"""Bytes that are sent at a time: a multiple of 320 KiB, as Microsoft wants it."""
_ATTEMPTS = 4


class Storage:
    """Fetches and brings bytes. Downloads may be under way side by side."""

    def __init__(self, graph: Graph, *, sign_in: str, part: int = PART, told: bool = True) -> None:
        """:param part: bytes that are sent at a time.
        :param told: the answer to the last part says what was made of all; Outlook's says nothing.
        """
        self._graph, self._sign_in, self._size, self._told = graph, sign_in, part, told

    def download(self, path: str) -> bytes:
        """The bytes that lie at a path of Graph's ("/me/drive/items/ID/content").

        :raises Missing: there are none. :raises Refused: they are not to be had.
        :raises Transient: not now.
        """
        return tried(
            lambda: self._fetched(path), pause=self._graph.pause, jitter=self._graph.jitter,
            attempts=_ATTEMPTS,
        )  # fmt: skip

    def _fetched(self, path: str) -> bytes:
        led = self._graph.led(path)
        if isinstance(led, bytes):
            return led
        name = self._graph.name
        try:
            status, headers, data = self._graph.beyond("GET", led)
        except Forbidden as error:  # not one of those hosts: nothing was sent
            raise Refused(str(error), status=0) from None
        except HTTPError as error:
            raise Again(f"{name} cannot be reached for the bytes of a file ({words(error)})") from None
        if 200 <= status < 300:
            return data
        if status in PASSING or status in (
            401,
            403,
            404,
            410,
        ):  # the address is too old: another one is given
            raise Again(f"{name} answered {status} for the bytes of a file", retry_after(headers))
        raise Refused(f"{name} does not give the bytes ({status}).", status=status)

    def upload(self, path: str, data: bytes, given: Json, *, etag: str = "") -> Json:
        """Bring bytes in parts; what Graph says of the file then. At least one byte.

        :param path: of the session ("/me/drive/items/ID/createUploadSession"). :param given: its body.
        :param etag: which the file must have.
        :raises Lost: it may be there: look. All else that is raised: it was not done.
        """
        try:
            session = self._graph.write("POST", path, given, etag=etag)
        except Lost as error:  # a session that is begun is no file yet
            raise Transient(f"{error} Nothing was changed.") from None
        url, first = str(session["uploadUrl"]), 0
        while True:
            part = data[first : first + self._size]
            said = self._put(url, part, first, len(data))
            if isinstance(said, dict):
                return said
            if not first < said < len(data):
                raise Transient(f"The upload to {self._graph.name} does not go on; nothing was changed.")
            first = said

    def _put(self, url: str, part: bytes, first: int, total: int) -> Any:
        """One part; from where to go on, or the file. Parts but the last are sent again, for they do nothing
        by themselves; the last is looked for first (`Lost`)."""
        last = first + len(part) == total
        headers = {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{total}"}

        def sent() -> Any:
            name = self._graph.name
            try:
                status, given, said = self._graph.beyond("PUT", url, headers, part)
            except NotSent as error:
                raise Again(f"{name} cannot be reached for an upload ({words(error)})") from None
            except HTTPError as error:
                if last:
                    raise Lost(f"{name} did not answer ({words(error)}).") from None
                raise Again(f"{name} cannot be reached for an upload ({words(error)})") from None
            except Unread as error:
                if last:
                    raise Lost(str(error)) from None
                raise
            if last and status >= 500 and status not in (501, 507):
                raise Lost(f"{name} answered {status}.")
            if status in PASSING:
                raise Again(f"{name} answered {status}", retry_after(given))
            if status == 416 and not last:
                return self._expected(url)
            if not 200 <= status < 300:
                raise error_of(answer(status, said), name, sign_in=self._sign_in, then="nothing was changed")
            return self._went_on(said, last, first + len(part))

        return tried(sent, pause=self._graph.pause, jitter=self._graph.jitter, attempts=_ATTEMPTS)

    def _went_on(self, said: bytes, last: bool, after: int) -> Any:
        if last and not self._told:
            return {}
        try:
            told: Json = json.loads(said)
            if last:
                return {"id": str(told["id"]), **told}
            return int(str(told["nextExpectedRanges"][0]).partition("-")[0])
        except (ValueError, KeyError, TypeError, IndexError):
            if last:
                raise Lost(f"{self._graph.name} sent what cannot be read.") from None
            return after

    def _expected(self, url: str) -> int:
        """From where an upload goes on, where a part came that was not expected."""
        try:
            _, _, said = self._graph.beyond("GET", url)
            return int(str(json.loads(said)["nextExpectedRanges"][0]).partition("-")[0])
        except (HTTPError, ValueError, KeyError, TypeError, IndexError):
            raise Transient(f"The upload to {self._graph.name} broke off; nothing was changed.") from None
