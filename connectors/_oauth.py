"""What the sign-ins of all providers share: an access token that is used until it is refused, and how their
libraries reach the server that gives it.

No clock decides whether a token is still good, neither ours nor a provider's: it is used until the server
answers 401, and then fetched anew.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from deskhand.connectors._egress import Client, HTTPError, Response, certificate_error
from deskhand.connectors._tries import PASSING, Again, Pause, retry_after, tried, words
from deskhand.connectors.errors import Forbidden, Misconfigured, SourceError, Unauthorized

ATTEMPTS = 4
_LONGEST = 20.0


def ask(
    http: Client, method: str, url: str, *, pause: Pause, jitter: Callable[[], float],
    attempts: int = ATTEMPTS, **given: Any,
) -> Response:  # fmt: skip
    """What a server answers where one signs in. Asking twice for a token does no harm.

    :param attempts: 1 where what is asked can be asked once: a code is exchanged.
    :param given: headers and content, as the client takes them.
    :raises Transient: it cannot be reached, or answers that it cannot now.
    :raises Forbidden: it does not prove who it is.
    """
    host = urlsplit(url).hostname or ""

    def once() -> Response:
        try:
            got = http.request(method, url, follow_redirects=False, **given)
        except HTTPError as error:
            if (said := certificate_error(error)) is not None:
                raise Forbidden(f"{host} does not prove who it is ({said}); nothing was sent.") from None
            raise Again(f"{host} cannot be reached ({words(error)})") from None
        if got.status_code in PASSING or got.status_code > 500:
            raise Again(f"{host} answered {got.status_code}", retry_after(got.headers))
        return got

    return tried(once, pause=pause, jitter=jitter, attempts=attempts, longest=_LONGEST)


class Token:
    """The access token of an account. Safe for several threads; `_fetch` is its provider's."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._token = ""
        self._over: SourceError | None = None
        """Why there are none any more: asked once, and not with every request again."""

    def current(self) -> str:
        """A token. :raises Unauthorized: sign in again. :raises Transient: not now."""
        return self._token or self.fresh("")

    def fresh(self, stale: str, *, claims: str = "") -> str:
        """Another token than this one.

        :param claims: what it must prove beside. :raises Unauthorized: sign in again.
        :raises Transient: not now.
        """
        with self._lock:
            if self._token == stale:  # else another thread has fetched one
                if self._over is not None:
                    raise self._over
                try:
                    self._fetch(claims)
                except (Unauthorized, Misconfigured) as error:
                    self._over = error
                    raise
            return self._token

    def without(self, text: str) -> str:
        """A text of the server's, without the token it may repeat."""
        return text.replace(self._token, "•••") if self._token else text

    def _fetch(self, claims: str) -> None:
        """Put another one into `_token`. Called by one thread at a time."""
        raise NotImplementedError
