"""Requests to Google's APIs, for all connectors of an account.

They are built by Google's own library from its discovery documents and carried by our client; reads are tried
again, writes never, and all are counted in quota units.

Nothing is loaded or asked before the first request. `googleapiclient` takes anything that behaves like
httplib2 for its transport: here it is our client (`_egress`), which reaches declared hosts alone.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from time import sleep
from typing import Any
from urllib.parse import urljoin

from deskhand.connectors._egress import (
    MOST_BYTES,
    Client,
    HTTPError,
    Limits,
    NotSent,
    certificate_error,
    client,
)
from deskhand.connectors._google_errors import Answer, answer, error_of
from deskhand.connectors._google_quota import Bucket, unlimited
from deskhand.connectors._google_tokens import WITHOUT, Signed, Tokens
from deskhand.connectors._hosts import Host, server_of
from deskhand.connectors._tries import Again, Lost, Pause, backoff, retry_after, tried, words
from deskhand.connectors.errors import Forbidden, Misconfigured, SourceError, Transient, Unauthorized, Unread

BATCH = 50
"""Requests that are asked in one; Google takes no more, and counts each of them."""
_BATCH_BYTES = 16_000_000
"""Of the answer to them: the library holds it several times."""
_ATTEMPTS = 5
_LONGEST = 64.0
"""Seconds a read waits before it is tried again: Google's quotas are of a minute."""

HOSTS = {
    "gmail": ("gmail.googleapis.com",),
    "calendar": ("www.googleapis.com", "calendar-json.googleapis.com"),
    "drive": ("www.googleapis.com", "docs.google.com"),
}
"""Where each API is, its uploads and its exports."""
_SENT_ON = {"drive": (".googleusercontent.com",)}
"""Where an API sends one on to, for files; nothing of who we are goes along."""

_USUAL = Limits()


def reach(api: str, saved: Signed, *, root: str = "", limits: Limits = _USUAL) -> Client:
    """A client that reaches one API, and where its tokens are fetched.

    :param api: `gmail`, `calendar` or `drive`. :param root: another server that speaks this API.
    :raises Misconfigured: that cannot be one.
    """
    hosts = [server_of(root, private=False)] if root else [Host(name) for name in HOSTS[api]]
    on = [] if root else [Host(name) for name in _SENT_ON.get(api, ())]
    return client([*hosts, saved.host], redirects_to=on, limits=limits)


class Api:
    """One API, as one account sees it. Safe for several threads, each request being one thread's."""

    def __init__(
        self, api: str, version: str, http: Client, saved: Signed, *, name: str, sign_in: str, root: str = "",
        quota: Bucket | None = None, pause: Pause = sleep, jitter: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        """:param http: see `reach`; it is closed with this.
        :param name: of the service, in sentences: "Gmail".
        :param sign_in: the command by which the person signs in again.
        """
        self._api, self._version, self._root, self.name = api, version, root, name
        self._sign_in, self._pause, self._jitter = sign_in, pause, jitter
        self.quota = quota or unlimited()
        self._tokens = Tokens(saved, http, name=name, sign_in=sign_in, pause=pause, jitter=jitter)
        self._carrier = _Carrier(http, self._tokens)
        self._http = http
        self._lock = Lock()
        self._service: Any = None
        self._takes_batches = True

    @property
    def service(self) -> Any:
        """What requests are made with: `api.service.users().messages().list(userId="me")`.

        :raises Misconfigured: Google's libraries are not installed.
        """
        with self._lock:
            if self._service is None:
                self._service = _built(self._api, self._version, self._root, self._carrier)
            return self._service

    def read(self, request: Any, *, units: int = 1) -> Any:
        """Ask for something, again where it failed in passing: a JSON object, or the bytes of media.

        :param units: what it costs. :raises Missing: 404. :raises Gone: 410. :raises Changed: 304.
        :raises SourceError: by what should be done about it.
        """
        return tried(
            lambda: self._read_once(request, units), pause=self._pause, jitter=self._jitter,
            attempts=_ATTEMPTS, longest=_LONGEST,
        )  # fmt: skip

    def read_all(self, requests: Sequence[Any], *, units: int = 1) -> list[Any]:
        """Ask for several things with one request for each fifty: of each the answer, or the `SourceError`
        that `read` would raise.

        What failed in passing, and all where Google takes no batch, is asked for one by one.

        :param units: what each costs. :raises Unauthorized: nothing is answered any more.
        """
        found: list[Any] = []
        for start in range(0, len(requests), BATCH):
            some = requests[start : start + BATCH]
            told = self.batched(some, units=units)
            found += [told[n] if n in told else self._told(one, units) for n, one in enumerate(some)]
        return found

    def _told(self, request: Any, units: int) -> Any:
        try:
            return self.read(request, units=units)
        except Unauthorized:
            raise
        except SourceError as error:
            return error

    def batched(self, requests: Sequence[Any], *, units: int = 1) -> dict[int, Any]:
        """What one request for all of these, at most fifty, says for good: by their number, an answer or the
        `SourceError` it was refused with.

        Of what is not in it nothing is known: it failed in passing, they were too much for one answer, or
        Google takes no batch.
        """
        found: dict[int, Any] = {}
        if len(requests) < 2 or not self._takes_batches:
            return found

        def take(number: str, answered: Any, error: Any) -> None:
            if error is None:
                if isinstance(answered, dict):
                    found[int(number)] = answered
                return
            got = self._said(error)
            if not got.passing and got.status != 401:
                found[int(number)] = self._judged(got)

        batch = self.service.new_batch_http_request(callback=take)
        for n, one in enumerate(requests):
            batch.add(one, request_id=str(n))
        self.quota.take(units * len(requests))
        try:
            batch.execute(http=self._carrier.of(_BATCH_BYTES))
        except (HTTPError, Forbidden):
            pass
        except _errors() as error:
            # Whatever else is wrong with it will be wrong with each of them.
            status = int(getattr(error.resp, "status", 0))
            self._takes_batches = status not in (400, 403, 404, 405, 410, 501)
        except (LookupError, ValueError, TypeError, AttributeError):
            pass  # what is no answer to a batch the library trips over; what it read before counts
        return found

    def write(self, request: Any, *, units: int = 1) -> Any:
        """Have something done, once. What is uploaded in parts goes on where it was broken off.

        :raises Lost: it may have been done: look. All else that is raised: it was not.
        """
        self.quota.take(units)
        if getattr(request, "resumable", None) is not None:
            return self._uploaded(request)
        try:
            return _whole(request.execute(http=self._carrier, num_retries=0) or {})
        except NotSent as error:
            raise Transient(f"{self._broken(error)}; nothing was changed.") from None
        except HTTPError as error:
            raise Lost(f"{self._broken(error)}.") from None
        except Unread as error:
            raise Lost(str(error)) from None
        except ValueError:
            raise Lost(f"{self.name} sent what cannot be read.") from None
        except _errors() as error:
            got = self._said(error)
            if _perhaps(got):
                raise Lost(f"{self.name} answered {got.status}.") from None
            refusal = self._judged(got, "nothing was changed")
            if isinstance(refusal, Transient):
                refusal.after = retry_after(error.resp)
            raise refusal from None

    def pause(self, seconds: float) -> None:
        """Wait."""
        self._pause(seconds)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _read_once(self, request: Any, units: int) -> Any:
        """:raises Again: it failed in passing."""
        self.quota.take(units)
        try:
            return _whole(request.execute(http=self._carrier, num_retries=0))
        except HTTPError as error:
            raise Again(self._broken(error)) from None
        except ValueError:  # JSON that was cut off
            raise Again(f"{self.name} sent what cannot be read") from None
        except _errors() as error:
            got = self._said(error)
            judged = self._judged(got)
            if not got.passing:
                raise judged from None
            raise Again(str(judged).removesuffix("."), retry_after(error.resp)) from None

    def _uploaded(self, request: Any) -> Any:
        """An upload in parts: the library asks how much has come before it goes on after an error.

        Nothing is there before its last part has come; what fails after the first may be the answer to that.
        """
        begun = False
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                done = None
                while done is None:
                    _, done = request.next_chunk(http=self._carrier, num_retries=0)
                return _whole(done)
            except HTTPError as error:
                why, passing = self._broken(error), True
                refusal: SourceError = Transient(f"{why}; nothing was changed.")
            except ValueError:
                raise Lost(f"{self.name} sent what cannot be read.") from None
            except Unread as error:
                raise Lost(str(error)) from None
            except _errors() as error:
                got = self._said(error)
                why, refusal = f"{self.name} answered {got.status}", self._judged(got, "nothing was changed")
                passing = got.passing
            # One attempt opens the upload and sends its first part: where it is open, that may have come.
            begun = begun or (passing and request.resumable_uri is not None)
            if not passing or attempt == _ATTEMPTS:
                raise Lost(f"{why}.") if begun else refusal
            self._pause(backoff(attempt, self._jitter()))
        raise AssertionError("unreachable")

    def _said(self, error: Any) -> Answer:
        got = answer(int(error.resp.status), error.content)
        return Answer(got.status, got.reasons, self._tokens.without(got.message))

    def _judged(self, got: Answer, then: str = "") -> SourceError:
        return error_of(got, self.name, sign_in=self._sign_in, then=then)

    def _broken(self, error: HTTPError) -> str:
        """:raises Forbidden: who answers is somebody else."""
        if (said := certificate_error(error)) is not None:
            raise Forbidden(f"{self.name} does not prove who it is ({said}); nothing was sent.") from None
        return f"{self.name} cannot be reached ({words(error)})"


class _Carrier:
    """httplib2's face over our client: adds the access token, and fetches a new one when it is refused."""

    def __init__(self, http: Client, tokens: Tokens, most: int | None = None) -> None:
        """:param most: bytes of an answer, where that is fewer than the client takes."""
        self._http, self._tokens = http, tokens
        self._extensions = {} if most is None else {MOST_BYTES: most}

    def of(self, most: int) -> _Carrier:
        """The same for answers of at most so many bytes."""
        return _Carrier(self._http, self._tokens, most)

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None,
        redirections: int = 5, connection_type: Any = None,
    ) -> tuple[Any, bytes]:  # fmt: skip
        """See httplib2.Http.request. A request that was refused (401) did nothing, and is sent once more."""
        from httplib2 import Response

        content = body.read() if hasattr(body, "read") else body
        given = {k: str(v) for k, v in (headers or {}).items() if k.lower() not in _OURS}
        token = self._tokens.current()
        for again in (True, False):
            got = self._http.request(
                method, uri, content=content, headers={**given, "Authorization": f"Bearer {token}"},
                follow_redirects=method == "GET", extensions=self._extensions,
            )  # fmt: skip
            if got.status_code != 401 or not again:
                break
            token = self._tokens.fresh(token)
        answered = Response({**dict(got.headers), "status": str(got.status_code)})
        answered.reason = got.reason_phrase
        return answered, got.content

    def close(self) -> None:
        """Its owner closes the client."""


_OURS = frozenset({"accept-encoding", "content-length", "user-agent", "authorization", "host"})
"""Headers the client sets by itself."""


def in_parts(data: bytes, mime: str) -> Any:
    """What a request takes as `media_body`, to be uploaded in parts. :raises Misconfigured: as `service`."""
    try:
        from googleapiclient.http import MediaIoBaseUpload
    except ImportError:
        raise Misconfigured(WITHOUT) from None
    return MediaIoBaseUpload(io.BytesIO(data), mime, chunksize=8 * 2**20, resumable=True)


def _whole(got: Any) -> Any:
    """What was sent, where it is an object or bytes: what is no JSON the library hands on as text.

    :raises ValueError: it is neither.
    """
    if not isinstance(got, dict | bytes):
        raise ValueError("no JSON")
    return got


def _perhaps(got: Answer) -> bool:
    """Whether a write that was answered so may have been done."""
    return got.status >= 500 and got.status != 501


def _built(api: str, version: str, root: str, carrier: _Carrier) -> Any:
    """The service of a discovery document that came with the library; nothing is asked for it."""
    try:
        from googleapiclient.discovery import build_from_document
        from googleapiclient.discovery_cache import get_static_doc
    except ImportError:
        raise Misconfigured(WITHOUT) from None
    document = json.loads(get_static_doc(api, version))
    document.pop("mtlsRootUrl", None)  # nor by a variable of the environment is it spoken to elsewhere
    if root:
        document["rootUrl"] = root.rstrip("/") + "/"
        document["baseUrl"] = urljoin(document["rootUrl"], document["servicePath"])
    made = build_from_document(document, http=carrier, client_options={"universe_domain": "googleapis.com"})
    return _Once(made)


class _Once:
    """The library's face of an API, each part of it made once.

    The library makes all methods of a collection anew, with their texts of help, whenever one is named: for
    `service.files()` that takes longer than the request.
    """

    def __init__(self, part: Any) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if getattr(found, "__is_resource__", False):
            made = _Once(found())
            found = lambda: made  # noqa: E731
        self.__dict__[name] = found
        return found


def _errors() -> type[Any]:
    """What the library raises for an answer that is no success; looked up when something is caught."""
    from googleapiclient.errors import HttpError

    found: type[Any] = HttpError
    return found


__all__ = ["HOSTS", "Api", "Bucket", "Limits", "Lost", "in_parts", "reach"]
