"""Requests to Microsoft Graph, for all connectors of an account: JSON over our client.

Reads are tried again, many of them in one batch; writes never. Ids are asked for that stay when a thing moves
(immutable ids). Links that Graph gives are followed as they are, and to Graph alone.
https://learn.microsoft.com/en-us/graph/outlook-immutable-id
"""

from __future__ import annotations

import base64
import binascii
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from time import sleep
from typing import Any
from urllib.parse import urlencode

from deskhand.connectors._egress import Client, HTTPError, NotSent, certificate_error
from deskhand.connectors._graph_errors import Answer, answer, error_of
from deskhand.connectors._microsoft_tokens import Tokens
from deskhand.connectors._tries import Again, Lost, Pause, Refused, retry_after, tried, words
from deskhand.connectors.errors import Forbidden, SourceError, Transient, Unread

Json = Any
TOGETHER = 20
"""Requests in a batch, the most that Graph takes. It works on four of them at a time, which is as many as it
lets a program have under way at a mailbox: so nothing else is asked meanwhile."""
_STAYS = 'IdType="ImmutableId"'
_ELSEWHERE = (301, 302, 303, 307, 308)
_CLAIMS = re.compile(r'claims="([^"]{1,8000})"')


class Graph:
    """Graph v1.0, as one account sees it. One request at a time."""

    def __init__(
        self, http: Client, tokens: Tokens, *, root: str, name: str, sign_in: str,
        there: str = "/me?$select=id", pause: Pause = sleep, jitter: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        """:param http: reaches Graph and where tokens are fetched; it is closed with this.
        :param root: where Graph is: "https://graph.microsoft.com/v1.0".
        :param name: of the service, in sentences: "Outlook".
        :param sign_in: the command by which the person signs in again.
        :param there: what every such account has, below the root: asked for where something does not come, so
            that it is known whether anything does.
        """
        self._there = there
        self._http, self._tokens, self._root, self.name = http, tokens, root.rstrip("/"), name
        self._sign_in, self.pause, self.jitter = sign_in, pause, jitter
        self.clock: datetime | None = None
        """What time it was at Graph when it answered last: the only clock that a source may look at."""

    def get(self, path: str, query: Mapping[str, str] = {}, *, prefer: Sequence[str] = ()) -> dict[str, Json]:
        """Ask for something. `path` is below the root ("/me/messages"), or a link that Graph gave.

        :raises Missing: 404. :raises Gone: 410, or a link that is too old.
        :raises SourceError: by what should be done about it.
        """
        return tried(
            lambda: self._json(self._asked("GET", self._url(path, query), self._headers(prefer))),
            pause=self.pause, jitter=self.jitter,
        )  # fmt: skip

    def ask(self, path: str, given: Json, *, prefer: Sequence[str] = ()) -> dict[str, Json]:
        """Ask for something by an action, which changes nothing. Raises as `get`."""
        headers = {**self._headers(prefer), "Content-Type": "application/json"}
        content = json.dumps(given).encode()
        return tried(
            lambda: self._json(self._asked("POST", self._url(path), headers, content)),
            pause=self.pause, jitter=self.jitter,
        )  # fmt: skip

    def data(self, path: str) -> bytes:
        """The bytes of something. :raises SourceError: as `get`."""
        url = self._url(path)
        return tried(lambda: self._asked("GET", url, self._headers()), pause=self.pause, jitter=self.jitter)

    def led(self, path: str) -> bytes | str:
        """The bytes of something; or the address at another host that Graph sends one on to for them.

        :raises SourceError: as `get`.
        """
        url = self._url(path)
        return tried(lambda: self._led(url), pause=self.pause, jitter=self.jitter)

    def beyond(
        self, method: str, url: str, headers: Mapping[str, str] = {}, content: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One request to another host, at an address that Graph gave; it is told nothing of who asks.

        :raises HTTPError: on the way. :raises Forbidden: it is none of those that were declared.
        """
        got = self._http.request(method, url, headers=headers, content=content or None)
        return got.status_code, got.headers, got.content

    def pages(
        self, path: str, query: Mapping[str, str] = {}, *, prefer: Sequence[str] = ()
    ) -> Iterator[dict[str, Json]]:
        """All pages of a listing; some may be empty. :raises Transient: they go round in a circle."""
        seen = set[str]()
        while True:
            page = self.get(path, query, prefer=prefer)
            yield page
            path, query = str(page.get("@odata.nextLink") or ""), {}
            if not path:
                return
            if path in seen:
                raise Transient(f"{self.name} gives the same page again and again.")
            seen.add(path)

    def together(
        self, paths: Sequence[str], *, prefer: Sequence[str] = (), late: bool = False
    ) -> list[Json | SourceError]:
        """Ask for several things in few requests; for each what came, or what is to be said of it.

        JSON comes as it is, all else as bytes. What fails in passing is asked for again, and that alone.
        :param late: of what does not get better, though other things do come, that is said in its place.
        :raises Transient: it did not get better. :raises Unauthorized: sign in again.
        """
        found: dict[int, Json | SourceError] = {}
        for first in range(0, len(paths), TOGETHER):
            part = range(first, min(first + TOGETHER, len(paths)))
            passing: dict[int, SourceError] = {}
            try:
                tried(
                    partial(self._batch, paths, part, found, passing, prefer),
                    pause=self.pause, jitter=self.jitter,
                )  # fmt: skip
            except Transient:
                left = {n for n in part if n not in found}
                if not late or left - passing.keys():
                    raise
                if len(left) == len(part):
                    self.answers()
                found |= {n: passing[n] for n in left}
        return [found[n] for n in range(len(paths))]

    def answers(self) -> None:
        """Make sure that something is to be had, where one thing is not. :raises SourceError: nothing is."""
        self.get(self._there)

    def write(
        self, method: str, path: str, given: Json = None, *, mime: bytes | None = None, etag: str = "",
        data: bytes | None = None, prefer: Sequence[str] = (),
    ) -> dict[str, Json]:  # fmt: skip
        """Have something done, once.

        :param given: JSON. :param mime: or a message's bytes, which go in base64. :param data: or those of a
            file. :param etag: which state of it is to be changed, and no other (If-Match).
        :raises Lost: it may have been done: look. All else that is raised: it was not.
        """
        headers = {**self._headers(prefer), **({"If-Match": etag} if etag else {})}
        content = b""
        if data is not None:
            headers["Content-Type"], content = "application/octet-stream", data
        elif mime is not None:
            headers["Content-Type"], content = "text/plain", base64.b64encode(mime)
        elif given is not None:
            headers["Content-Type"], content = "application/json", json.dumps(given).encode()
        try:
            status, _, said = self._sent(method, self._url(path), headers, content)
        except NotSent as error:
            raise Transient(f"{self._broken(error)}; nothing was changed.") from None
        except HTTPError as error:
            raise Lost(f"{self._broken(error)}.") from None
        except Unread as error:
            raise Lost(str(error)) from None
        if status >= 500 and status not in (501, 507):
            raise Lost(f"{self.name} answered {status}.")
        if not 200 <= status < 300:
            raise self._judged(answer(status, said), "nothing was changed")
        try:
            return self._json(said) if said.strip() else {}
        except Again as cut:
            raise Lost(f"{cut.why}.") from None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # ------------------------------------------------------------------ asking

    def _asked(self, method: str, url: str, headers: Mapping[str, str], content: bytes = b"") -> bytes:
        """The body of a success. :raises Again: it may be one in a moment."""
        try:
            status, given, data = self._sent(method, url, headers, content)
        except HTTPError as error:
            raise Again(self._broken(error)) from None
        return self._good(status, given, data)

    def _led(self, url: str) -> bytes | str:
        try:
            status, given, data = self._sent("GET", url, self._headers(), b"")
        except Forbidden as error:  # where it leads: nothing was sent there
            raise Refused(str(error), status=0) from None
        except HTTPError as error:
            raise Again(self._broken(error)) from None
        if status in _ELSEWHERE and given.get("location"):
            return given["location"]
        return self._good(status, given, data)

    def _good(self, status: int, given: Mapping[str, str], data: bytes) -> bytes:
        if 200 <= status < 300:
            return data
        got = answer(status, data)
        if got.passing:
            raise Again(str(self._judged(got)).removesuffix("."), retry_after(given))
        raise self._judged(got)

    def _sent(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send a request, and once more with a new token: one that was refused (401) did nothing."""
        token = self._tokens.current()
        for again in (True, False):
            got = self._http.request(
                method, url, content=content or None, headers={**headers, "Authorization": f"Bearer {token}"},
                follow_redirects=False,
            )  # fmt: skip
            if got.status_code != 401 or not again:
                break
            token = self._tokens.fresh(token, claims=_claims(got.headers.get("www-authenticate", "")))
        self.clock = _moment(got.headers.get("date", "")) or self.clock
        return got.status_code, got.headers, got.content

    def _batch(
        self,
        paths: Sequence[str],
        part: range,
        found: dict[int, Json | SourceError],
        passing: dict[int, SourceError],
        prefer: Sequence[str],
    ) -> None:
        """One batch of what is not found yet; each answer is judged alone; `passing` is what did not come.

        https://learn.microsoft.com/en-us/graph/json-batching
        """
        passing.clear()
        asked = [
            {"id": str(n), "method": "GET", "url": self._below(paths[n]), "headers": self._headers(prefer)}
            for n in part
            if n not in found
        ]
        content = json.dumps({"requests": asked}).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        said = self._json(self._asked("POST", f"{self._root}/$batch", headers, content))
        why, waits = f"{self.name} left out answers", list[float]()
        for one in said.get("responses") or ():
            n, status = int(one["id"]), int(one["status"])
            if 200 <= status < 300:
                found[n] = _body(one.get("body"))
                continue
            got = answer(status, one.get("body"))
            if not got.passing:
                found[n] = self._judged(got)
                continue
            passing[n] = self._judged(got)
            why = str(passing[n]).removesuffix(".")
            named = {k.lower(): str(v) for k, v in (one.get("headers") or {}).items()}
            waits += [w for w in (retry_after(named),) if w is not None]
        if any(n not in found for n in part):
            raise Again(why, max(waits, default=None))

    def _url(self, path: str, query: Mapping[str, str] = {}) -> str:
        url = f"{self._root}{self._below(path)}"
        return f"{url}?{urlencode(query, safe='$,')}" if query else url

    def _below(self, path: str) -> str:
        """What stands behind the root. :raises Forbidden: it is a link that leads elsewhere."""
        if path.startswith("/"):
            return path
        if not path.startswith(f"{self._root}/"):
            raise Forbidden(f"{self.name} leads to another place than its own; nothing was asked there.")
        return path.removeprefix(self._root)

    def _headers(self, prefer: Sequence[str] = ()) -> dict[str, str]:
        return {"Prefer": ", ".join((_STAYS, *prefer))}

    def _json(self, data: bytes) -> dict[str, Json]:
        try:
            said = json.loads(data)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise Again(f"{self.name} sent what cannot be read")
        return said

    def _judged(self, got: Answer, then: str = "") -> SourceError:
        got = Answer(got.status, got.code, self._tokens.without(got.message))
        return error_of(got, self.name, sign_in=self._sign_in, then=then)

    def _broken(self, error: HTTPError) -> str:
        """:raises Forbidden: who answers is somebody else."""
        if (said := certificate_error(error)) is not None:
            raise Forbidden(f"{self.name} does not prove who it is ({said}); nothing was sent.") from None
        return f"{self.name} cannot be reached ({words(error)})"


def _body(body: Json) -> Json:
    """What an answer in a batch holds: JSON, or bytes in base64."""
    if not isinstance(body, str):
        return body
    plain = "".join(body.split()).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return body.encode("utf-8", "surrogateescape")


def _moment(header: str) -> datetime | None:
    """A date (RFC 9110 5.6.7)."""
    try:
        made = parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _claims(header: str) -> str:
    """What a token must prove beside what it does (claims challenge), as JSON; "" where nothing is said.

    https://learn.microsoft.com/en-us/entra/identity-platform/claims-challenge
    """
    if (found := _CLAIMS.search(header)) is None:
        return ""
    try:
        said = base64.b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode()
        return said if isinstance(json.loads(said), dict) else ""
    except (binascii.Error, ValueError):
        return ""
