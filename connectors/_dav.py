"""Requests to a WebDAV server (RFC 4918): reads are tried again, writes never; errors by their remedy.

A write whose answer was lost is `Lost`: whoever asked looks at the server what became of it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import sleep
from urllib.parse import urljoin, urlsplit

from deskhand.connectors._dav_xml import Multistatus, error_of, multistatus
from deskhand.connectors._egress import Client, HTTPError, NoAnswer, NotSent, certificate_error
from deskhand.connectors._tries import PASSING, Lost, Pause, backoff, retry_after, words
from deskhand.connectors.errors import (
    Forbidden,
    Missing,
    Transient,
    Unauthorized,
    Unread,
    Unsupported,
    no_password,
)

_ATTEMPTS = 4
_LONGEST = 20.0
"""Seconds a read waits before it is tried again; a server that wants more is asked in the next pass."""
_REDIRECTS = 5


class Refused(Unsupported):
    """The server understood and said no. `status` and `condition` are its words (RFC 4918 16)."""

    def __init__(self, message: str, *, status: int, condition: str = "") -> None:
        super().__init__(message)
        self.status, self.condition = status, condition


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    url: str
    """Where it was said in the end."""
    headers: Mapping[str, str]
    data: bytes

    @property
    def etag(self) -> str:
        return self.headers.get("etag", "").strip()


class Dav:
    """One account at one server."""

    def __init__(
        self, http: Client, *, name: str, user: str, password: str, pause: Pause = sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        """:param http: reaches the server and nobody else. :param name: of the server, in sentences."""
        self._http, self._name, self._pause, self._jitter = http, name, pause, jitter
        self._auth = (user, password) if user else None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def propfind(self, url: str, body: bytes, *, depth: int) -> Multistatus:
        """What a resource (and with depth 1 those in it) say of themselves."""
        return self._multistatus("PROPFIND", url, body, {"Depth": str(depth)})

    def report(self, url: str, body: bytes, *, depth: int = 1) -> Multistatus:
        """What a report says. :raises Refused: the server does not do it, or no longer from there."""
        return self._multistatus("REPORT", url, body, {"Depth": str(depth)})

    def read(
        self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] = {}
    ) -> Answer:  # fmt: skip
        """Ask for something, again where it failed in passing; 304, 404 and 410 are answers.

        :raises Transient: not now. :raises Unauthorized: not with this password. :raises Refused: not at all.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            remedy = ""
            try:
                answer = self._send(method, url, body, headers)
                if answer.status not in PASSING:
                    return self._judged(answer)
                why, wanted = f"{self._name} answered {answer.status}", retry_after(answer.headers)
            except HTTPError as error:
                if (said := certificate_error(error)) is not None:
                    raise self._unproven(said) from None
                why, wanted = self._out_of_reach(error), None
                remedy = "; look whether it runs, and whether its address is right"
                remedy = "" if isinstance(error, NoAnswer) else remedy
            wait = backoff(attempt, self._jitter()) if wanted is None else wanted
            if attempt == _ATTEMPTS or wait > _LONGEST:
                later = f"; it wants to be left alone for {wait:.0f} seconds" if wait > _LONGEST else ""
                raise Transient(f"{why}{later or remedy}.", after=wanted)
            self._pause(wait)
        raise AssertionError("unreachable")

    def write(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Have something done, once. 404, 409, 410 and 412 are answers.

        :raises Lost: it may have been done. All else that is raised: it was not.
        """
        try:
            answer = self._send(method, url, body, headers, follow=False)
        except NotSent as error:
            if (said := certificate_error(error)) is not None:
                raise self._unproven(said) from None
            raise Transient(f"{self._out_of_reach(error)}; nothing was changed.") from None
        except HTTPError as error:
            raise Lost(f"{self._name} broke off ({words(error)}).") from None
        except Unread as error:
            raise Lost(str(error)) from None
        if answer.status == 429:
            raise Transient(
                f"{self._name} wants to be asked less often; nothing was changed.",
                after=retry_after(answer.headers),
            )
        if answer.status >= 500 and answer.status not in (501, 507):
            raise Lost(f"{self._name} answered {answer.status}.")
        if 300 <= answer.status < 400:
            raise Refused(
                f"{self._name} keeps this elsewhere; nothing was changed. Connect it by its new address.",
                status=answer.status,
            )
        return answer if answer.status in (409, 412) else self._judged(answer, "nothing was changed")

    def _multistatus(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Multistatus:
        kind = {"Content-Type": "application/xml; charset=utf-8"}
        for attempt in range(1, _ATTEMPTS + 1):
            answer = self.read(method, url, body, {**kind, **headers})
            if answer.status in (404, 410):
                raise Missing(f"{self._name} has nothing at {urlsplit(url).path}.")
            if answer.status != 207:
                raise Refused(
                    f"{self._name} does not answer as a calendar server at {urlsplit(url).path}.",
                    status=answer.status,
                )
            try:
                return multistatus(answer.data, base=answer.url, able=answer.headers.get("dav", ""))
            except ValueError as error:
                if attempt == _ATTEMPTS:
                    raise Transient(f"{self._name} sent what cannot be read: {error}.") from None
                self._pause(backoff(attempt, self._jitter()))
        raise AssertionError("unreachable")

    def _send(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], *, follow: bool = True
    ) -> Answer:
        """:raises Forbidden: not there (`_egress`). :raises HTTPError: it failed on the way."""
        for _ in range(_REDIRECTS):
            said = self._http.request(
                method, url, content=body or None, headers=dict(headers), auth=self._auth,
                follow_redirects=False,
            )  # fmt: skip
            answer = Answer(said.status_code, str(said.url), said.headers, said.content)
            if not (follow and said.has_redirect_location):
                return answer
            # By ourselves: the method stays, whatever the number of the redirect says of POST.
            url = urljoin(url, said.headers["location"])
        raise Forbidden(f"{self._name} redirects in circles.")

    def _judged(self, answer: Answer, then: str = "") -> Answer:
        """The answer, where it is one. :raises SourceError: by what should be done about it."""
        status, and_then = answer.status, f"; {then}" if then else ""
        if status < 400 or status in (404, 410):
            return answer
        if status == 401:
            raise Unauthorized(f"{self._not_let_in()}{and_then}.")
        condition = error_of(answer.data)
        said = f" ({condition})" if condition else ""
        if status == 423:
            raise Transient(f"{self._name} has locked it for somebody else{and_then}.")
        if status == 507 and then:
            raise Refused(f"{self._name} has no room left{and_then}.", status=status, condition=condition)
        if status == 413 or condition == "max-resource-size":
            raise Refused(f"{self._name} finds it too large{and_then}.", status=status, condition=condition)
        raise Refused(
            f"{self._name} refused it with {status}{said}{and_then}.", status=status, condition=condition
        )

    def _out_of_reach(self, error: HTTPError) -> str:
        if isinstance(error, NoAnswer):
            return f"{self._name} does not answer any more"
        return f"{self._name} cannot be reached ({words(error)})"

    def _not_let_in(self) -> str:
        """Why it lets nobody in, and what to do, as the beginning of a sentence."""
        user, password = self._auth or ("", "")
        if not user:
            return f"{self._name} wants to know who asks: -o user=NAME -o password=secret:NAME"
        if not password:
            return no_password(user, self._name)
        return f"{self._name} refused the user name or password of {user}"

    def _unproven(self, said: str) -> Forbidden:
        return Forbidden(f"{self._name} does not prove who it is ({said}); nothing was sent.")
