"""The transport that Gmail, Google Calendar and Google Drive share: tokens, errors, quota, uploads."""

from __future__ import annotations

import io
import json
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import trustme
from fakes import proxy
from fakes.proxy import Does, Request, cut, says
from hypothesis import given
from hypothesis import strategies as st

from deskhand.connectors._egress import client
from deskhand.connectors._google import HOSTS, Api, Lost, reach
from deskhand.connectors._google_account import allows, opened, scopes
from deskhand.connectors._google_errors import Gone, Refused
from deskhand.connectors._google_quota import Bucket
from deskhand.connectors._google_tokens import Signed, signed
from deskhand.connectors._hosts import Host
from deskhand.connectors.errors import (
    Changed,
    Exists,
    Forbidden,
    Misconfigured,
    Missing,
    SourceError,
    Transient,
    Unauthorized,
)

TOKEN = json.dumps({"access_token": "fresh-token", "expires_in": 3599, "token_type": "Bearer"}).encode()
HTML = b"<html><body>502 Bad Gateway</body></html>"
TORN: Does = proxy.torn


def said(status: int, reason: str = "", message: str = "No.", **headers: str) -> Does:
    """An error as Google's older APIs say it."""
    error = {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}
    return says(status, json.dumps({"error": error}).encode(), **headers)


def answers(value: object) -> Does:
    return says(200, json.dumps(value).encode(), Content_Type="application/json")


@pytest.fixture
def google() -> Iterator[proxy.Proxy]:
    """A server whose every answer a test says; there is nothing behind it."""
    with proxy.before(1) as made:
        made.always["POST /token"] = says(200, TOKEN, Content_Type="application/json")
        yield made


def saved(google: proxy.Proxy) -> Signed:
    return Signed("id", "client-secret", "refresh-token", token_uri=f"{google.url}token")


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def api(google: proxy.Proxy, waits: list[float]) -> Iterator[Api]:
    made = opened_api(google, "gmail", "v1", waits)
    yield made
    made.close()


def opened_api(google: proxy.Proxy, name: str, version: str, waits: list[float], **given: Any) -> Api:
    keep = saved(google)
    return Api(
        name, version, reach(name, keep, root=google.url), keep, name="Gmail", root=google.url,
        sign_in="deskhand signin mail", pause=waits.append, **given,
    )  # fmt: skip


def labels(api: Api) -> Any:
    return api.service.users().labels().list(userId="me")


def trash(api: Api) -> Any:
    return api.service.users().messages().trash(userId="me", id="m1")


def asked(google: proxy.Proxy) -> list[str]:
    """What was asked besides tokens."""
    return [f"{method} {path.partition('?')[0]}" for method, path in google.seen if path != "/token"]


# ------------------------------------------------------------------ reading


def test_a_read_is_answered(google: proxy.Proxy, api: Api) -> None:
    google.always["GET"] = answers({"labels": []})
    assert api.read(labels(api)) == {"labels": []}
    assert api.read(labels(api)) == {"labels": []}
    assert asked(google) == ["GET /gmail/v1/users/me/labels"] * 2
    assert google.count("POST") == 1, "one token for both"


PASSING: dict[str, Does] = {
    "429": says(429),
    "429, Retry-After": says(429, Retry_After="3"),
    "403 rateLimitExceeded": said(403, "rateLimitExceeded"),
    "403 userRateLimitExceeded": said(403, "userRateLimitExceeded"),
    "403 quotaExceeded": said(403, "quotaExceeded"),
    "500": said(500, "backendError"),
    "502 HTML": says(502, HTML, Content_Type="text/html"),
    "503": says(503),
    "504": says(504),
    "truncated JSON": says(200, b'{"labels": ['),
    "HTML for JSON": says(200, HTML, Content_Type="text/html"),
    "no answer": TORN,
}


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_asked_again_after_a_while(
    google: proxy.Proxy, api: Api, waits: list[float], fault: str
) -> None:
    google.always["GET"] = answers({"labels": []})
    google.faults += [("GET", PASSING[fault]), ("GET", PASSING[fault])]
    assert api.read(labels(api)) == {"labels": []}
    assert google.count("GET") == 3
    assert waits == [3, 3] if "Retry-After" in fault else 0.5 <= waits[0] <= 1.5 and 1 <= waits[1] <= 3


@pytest.mark.parametrize("fault", PASSING)
def test_what_does_not_pass_is_not_asked_for_ever(
    google: proxy.Proxy, api: Api, waits: list[float], fault: str
) -> None:
    google.always["GET"] = PASSING[fault]
    with pytest.raises(Transient):
        api.read(labels(api))
    assert (google.count("GET"), len(waits)) == (5, 4)


def test_a_server_that_wants_minutes_is_left_alone(google: proxy.Proxy, api: Api, waits: list[float]) -> None:
    google.always["GET"] = says(429, Retry_After="600")
    with pytest.raises(Transient, match="left alone for 600 seconds"):
        api.read(labels(api))
    assert (google.count("GET"), waits) == (1, [])


FINAL: dict[str, tuple[Does, type[SourceError], str]] = {
    "403 scope": (said(403, "insufficientPermissions"), Unauthorized, "deskhand signin mail"),
    "403 accessNotConfigured": (said(403, "accessNotConfigured"), Misconfigured, "not switched on"),
    "403 domainPolicy": (said(403, "domainPolicy"), Misconfigured, "administers"),
    "403 dailyLimitExceeded": (said(403, "dailyLimitExceeded"), Transient, "in a day"),
    "403 forbidden": (said(403, "forbidden", "Not yours."), Refused, "Not yours"),
    "403 HTML": (says(403, HTML), Refused, "refused it"),
    "400": (said(400, "invalidArgument", "Bad id."), Refused, "Bad id"),
    "404": (said(404, "notFound"), Missing, "does not have it"),
    "409": (said(409, "duplicate"), Exists, "already"),
    "410": (said(410, "fullSyncRequired"), Gone, "fullSyncRequired"),
    "412": (said(412, "conditionNotMet"), Changed, "changed meanwhile"),
    "304": (says(304), Changed, "changed meanwhile"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FINAL)
@pytest.mark.parametrize("way", ["read", "write"])
def test_a_refusal_is_told_and_not_asked_again(google: proxy.Proxy, api: Api, fault: str, way: str) -> None:
    does, kind, words = FINAL[fault]
    google.always |= {"GET": does, "POST /gmail": does}
    with pytest.raises(kind, match=words) as caught:
        api.read(labels(api)) if way == "read" else api.write(trash(api))
    assert len(asked(google)) == 1
    assert ("nothing was changed" in str(caught.value)) == (way == "write")
    if isinstance(caught.value, Gone):
        assert caught.value.reason == "fullSyncRequired"


def test_a_certificate_that_is_not_googles_is_not_believed(google: proxy.Proxy, waits: list[float]) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.example.org").configure_cert(context)
    trusting = ssl.create_default_context(cafile=None)
    authority.configure_trust(trusting)
    with proxy.before(1, context) as other:
        root = f"https://localhost:{other.port}/"
        hosts = [
            Host(n, p, loopback=True) for n, p in (("localhost", other.port), ("127.0.0.1", google.port))
        ]
        api = Api(
            "gmail", "v1", client(hosts, verify=trusting), saved(google), name="Gmail", sign_in="-",
            root=root, pause=waits.append,
        )  # fmt: skip
        for ask in (lambda: api.read(labels(api)), lambda: api.write(trash(api))):
            with pytest.raises(Forbidden, match="does not prove who it is"):
                ask()
        assert other.seen == []
        api.close()


# ------------------------------------------------------------------ tokens


def test_a_token_that_is_refused_is_fetched_anew_once(google: proxy.Proxy, api: Api) -> None:
    """Also for a write: one that was refused did nothing."""
    google.always |= {"GET": answers({}), "POST /gmail": answers({"id": "m1"})}
    google.faults += [("GET", said(401, "authError")), ("POST /gmail", said(401, "authError"))]
    api.read(labels(api))
    api.write(trash(api))
    assert [p for _, p in google.seen].count("/token") == 3
    google.always["GET"] = said(401, "authError")
    with pytest.raises(Unauthorized, match="Sign in again: deskhand signin mail"):
        api.read(labels(api))


def test_a_sign_in_that_ended_is_told_and_asked_about_once(google: proxy.Proxy, api: Api) -> None:
    google.always["POST /token"] = says(400, b'{"error": "invalid_grant", "error_description": "Expired."}')
    for _ in range(3):
        with pytest.raises(Unauthorized, match="Sign in again: deskhand signin mail"):
            api.read(labels(api))
    assert [p for _, p in google.seen] == ["/token"]


def test_a_client_that_was_deleted_is_told(google: proxy.Proxy, api: Api) -> None:
    google.always["POST /token"] = says(401, b'{"error": "invalid_client"}')
    with pytest.raises(Misconfigured, match="client ID"):
        api.read(labels(api))


@pytest.mark.parametrize("fault", [k for k in PASSING if "JSON" not in k and "403" not in k])
def test_tokens_are_waited_for(google: proxy.Proxy, api: Api, waits: list[float], fault: str) -> None:
    google.always["GET"] = answers({})
    google.faults.append(("POST /token", PASSING[fault]))
    api.read(labels(api))
    assert len(waits) == 1
    google.always["POST /token"] = PASSING[fault]
    google.faults.append(("GET", said(401, "authError")))
    with pytest.raises(Transient):
        api.read(labels(api))


def test_no_secret_stands_in_an_error(google: proxy.Proxy, api: Api) -> None:
    google.always["GET"] = said(400, "badRequest", "Who is fresh-token?")
    with pytest.raises(SourceError) as caught:
        api.read(labels(api))
    assert "fresh-token" not in str(caught.value)
    assert "•••" in str(caught.value)
    assert not any(s in repr(saved(google)) for s in ("client-secret", "refresh-token"))


def test_what_a_sign_in_left_reads_back(google: proxy.Proxy) -> None:
    made = replace(saved(google), scopes=("a", "b"), account="ana@example.org")
    assert signed(made.text()) == made
    for wrong in ("", "[]", "{}", "1//refresh", '{"client_id": "x"}'):
        with pytest.raises(Misconfigured, match="add it again"):
            signed(wrong)


@pytest.mark.parametrize(
    "uri",
    ["https://oauth2.example.com/token", "http://oauth2.googleapis.com/token", "https://googleapis.com.example.com/token"],
)  # fmt: skip
def test_a_refresh_token_goes_to_google_alone(uri: str) -> None:
    with pytest.raises(Misconfigured, match="token_uri"):
        signed(Signed("id", "secret", "refresh", token_uri=uri).text())


# ------------------------------------------------------------------ writing

MAYBE: dict[str, Does] = {
    "500": said(500),
    "502 HTML": says(502, HTML),
    "503": says(503),
    "504": says(504),
    "truncated JSON": says(200, b'{"id": '),
    "no answer": TORN,
}


@pytest.mark.parametrize("fault", MAYBE)
def test_a_write_is_never_sent_twice(google: proxy.Proxy, api: Api, waits: list[float], fault: str) -> None:
    google.always["POST /gmail"] = MAYBE[fault]
    with pytest.raises(Lost):
        api.write(trash(api))
    assert asked(google) == ["POST /gmail/v1/users/me/messages/m1/trash"]
    assert waits == []


@pytest.mark.parametrize("fault", ["429", "429, Retry-After", "403 rateLimitExceeded"])
def test_a_write_that_was_turned_away_did_nothing(google: proxy.Proxy, api: Api, fault: str) -> None:
    google.always["POST /gmail"] = PASSING[fault]
    with pytest.raises(Transient, match="nothing was changed"):
        api.write(trash(api))
    assert len(asked(google)) == 1


def test_a_write_that_reaches_nobody_did_nothing(google: proxy.Proxy, waits: list[float]) -> None:
    keep = saved(google)
    with proxy.before(1) as gone:
        root = gone.url
    http = reach("gmail", replace(keep, token_uri=f"{google.url}token"), root=root)
    http.close()
    hosts = [Host("127.0.0.1", p, loopback=True) for p in (google.port, gone.port)]
    api = Api("gmail", "v1", client(hosts), keep, name="Gmail", sign_in="-", root=root, pause=waits.append)
    with pytest.raises(Transient, match="nothing was changed"):
        api.write(trash(api))
    api.close()


# ------------------------------------------------------------------ uploads and downloads


class Uploads:
    """The server's side of a resumable upload."""

    def __init__(self) -> None:
        self.begun = 0
        self.data = b""
        self.size = -1
        self.made = 0

    def begin(self, request: Request) -> None:
        self.begun += 1
        self.size = int(request.headers["X-Upload-Content-Length"])
        host = request.headers["Host"]
        request.say(200, [("Location", f"http://{host}/upload/session?upload_id=1")])

    def part(self, request: Request) -> None:
        self.take(request)
        self.answer(request)

    def take(self, request: Request) -> None:
        range_, _, _ = request.headers["Content-Range"].removeprefix("bytes ").partition("/")
        if range_ != "*":
            assert int(range_.partition("-")[0]) == len(self.data)
            self.data += request.body
            self.made += len(self.data) == self.size

    def answer(self, request: Request) -> None:
        if len(self.data) == self.size:
            request.say(200, [("Content-Type", "application/json")], b'{"id": "f1"}')
        else:
            request.say(308, [("Range", f"bytes=0-{len(self.data) - 1}")] if self.data else [])


def upload(api: Api, data: bytes) -> Any:
    from googleapiclient.http import MediaIoBaseUpload

    media = MediaIoBaseUpload(io.BytesIO(data), "text/plain", chunksize=262144, resumable=True)
    return api.service.files().create(body={"name": "Plan"}, media_body=media)


def test_an_upload_goes_in_parts(google: proxy.Proxy, waits: list[float]) -> None:
    there = Uploads()
    google.always |= {"POST /upload/drive/v3/files": there.begin, "PUT /upload/session": there.part}
    api, data = opened_api(google, "drive", "v3", waits), bytes(range(256)) * 3000
    assert api.write(upload(api, data)) == {"id": "f1"}
    assert (there.data, there.begun, there.made) == (data, 1, 1)
    api.close()


@pytest.mark.parametrize("fault", ["503 before it", "503 after it", "torn after it", "cut after it", "token"])
@pytest.mark.parametrize("nth", [0, 2])
def test_an_upload_goes_on_where_it_broke_off(
    google: proxy.Proxy, waits: list[float], fault: str, nth: int
) -> None:
    there = Uploads()

    def lost(does: Callable[[Request], None]) -> Does:
        def run(request: Request) -> None:
            there.take(request)
            does(request)

        return run

    faults: dict[str, Does] = {
        "503 before it": says(503), "503 after it": lost(says(503)), "torn after it": lost(TORN),
        "cut after it": lost(lambda r: cut(_Answered(r))), "token": said(401, "authError"),
    }  # fmt: skip
    google.always |= {"POST /upload/drive/v3/files": there.begin, "PUT /upload/session": there.part}
    google.faults += [("PUT", there.part)] * nth + [("PUT", faults[fault])]
    api, data = opened_api(google, "drive", "v3", waits), bytes(range(256)) * 3000
    assert api.write(upload(api, data)) == {"id": "f1"}
    assert (there.data, there.begun, there.made) == (data, 1, 1)
    api.close()


class _Answered:
    """A request whose forwarding is an answer that is there."""

    def __init__(self, request: Request) -> None:
        self.handler = request.handler

    def forward(self) -> tuple[int, list[tuple[str, str]], bytes]:
        return 200, [("Content-Type", "application/json")], b'{"id": "f1"}'


def test_an_upload_that_never_ends_well_is_lost_only_if_it_may_be_there(
    google: proxy.Proxy, waits: list[float]
) -> None:
    there = Uploads()
    api = opened_api(google, "drive", "v3", waits)
    google.always["POST /upload/drive/v3/files"] = says(503)
    with pytest.raises(Transient, match="nothing was changed"):
        api.write(upload(api, b"x" * 10))
    google.always["POST /upload/drive/v3/files"] = said(403, "storageQuotaExceeded")
    with pytest.raises(Refused, match="storageQuotaExceeded"):
        api.write(upload(api, b"x" * 10))
    google.always |= {"POST /upload/drive/v3/files": there.begin, "PUT": says(503)}
    with pytest.raises(Lost):
        api.write(upload(api, b"x" * 10))
    assert there.begun == 1
    api.close()


def test_a_download_is_its_bytes(google: proxy.Proxy, waits: list[float]) -> None:
    api = opened_api(google, "drive", "v3", waits)
    google.always["GET"] = says(200, b"\x00\xffbytes", Content_Type="application/octet-stream")
    assert api.read(api.service.files().get_media(fileId="f1")) == b"\x00\xffbytes"
    api.close()


# ------------------------------------------------------------------ where, and how much


@pytest.mark.parametrize(("name", "version"), [("gmail", "v1"), ("calendar", "v3"), ("drive", "v3")])
def test_each_api_is_where_googles_documents_say(name: str, version: str) -> None:
    """Without a root nothing but Google's own host is spoken to."""
    keep = Signed("id", "secret", "refresh")
    api = Api(name, version, reach(name, keep), keep, name="It", sign_in="-")
    root = api.service._rootDesc["rootUrl"]
    assert root.removeprefix("https://").rstrip("/") in HOSTS[name]
    api.close()


def test_the_environment_leads_nobody_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_UNIVERSE_DOMAIN", "example.com")
    monkeypatch.setenv("GOOGLE_API_USE_MTLS_ENDPOINT", "always")
    monkeypatch.setenv("GOOGLE_API_USE_CLIENT_CERTIFICATE", "true")
    keep = Signed("id", "secret", "refresh")
    api = Api("gmail", "v1", reach("gmail", keep), keep, name="Gmail", sign_in="-")
    assert labels(api).uri.startswith("https://gmail.googleapis.com/gmail/v1/users/me/labels")
    api.close()


def test_without_the_extra_it_is_told_what_to_install(google: proxy.Proxy, api: Api) -> None:
    import sys

    hidden = {n: sys.modules.pop(n) for n in list(sys.modules) if n.partition(".")[0] == "googleapiclient"}
    sys.modules["googleapiclient"] = None  # type: ignore[assignment]
    try:
        with pytest.raises(Misconfigured, match=r"deskhand\[google\]"):
            labels(api)
    finally:
        del sys.modules["googleapiclient"]
        sys.modules.update(hidden)


@given(
    st.lists(st.tuples(st.integers(1, 100), st.floats(0, 30)), max_size=200),
    st.integers(60, 6000),
)
def test_no_minute_has_more_than_its_units(calls: list[tuple[int, float]], per_minute: int) -> None:
    now = 0.0
    spent: list[tuple[float, int]] = []

    def pause(seconds: float) -> None:
        nonlocal now
        now += seconds

    bucket = Bucket(per_minute, ticks=lambda: now, pause=pause)
    for units, idle in calls:
        pause(idle)
        bucket.take(units)
        spent.append((now, units))
    for at, _ in spent:
        assert sum(u for t, u in spent if at <= t < at + 60) <= per_minute + 100
    assert bucket.spent == sum(u for u, _ in calls)


# ------------------------------------------------------------------ how a source is set up


def test_a_source_says_what_is_missing(google: proxy.Proxy) -> None:
    text = replace(saved(google), account="ana@example.org", scopes=scopes("gmail", write=False)).text()
    with pytest.raises(Misconfigured, match="deskhand add google ana@"):
        opened("gmail", source="mail", place="ana@example.org", token="")
    with pytest.raises(Misconfigured, match="an address"):
        opened("gmail", source="mail", place="ana", token=text)
    with pytest.raises(Misconfigured, match="that of ana@"):
        opened("gmail", source="mail", place="bo@example.org", token=text)
    with pytest.raises(Misconfigured, match="yes or no"):
        opened("gmail", source="mail", place="ana@example.org", token=text, write="perhaps")
    read = opened("gmail", source="mail", place="Ana@example.org", token=text)
    read.check()
    assert (read.address, read.writes) == ("ana@example.org", False)
    write = opened("gmail", source="mail", place="ana@example.org", token=text, write="yes")
    assert not write.writes
    with pytest.raises(Unauthorized, match="deskhand signin mail"):
        write.check()
    for one in (read, write):
        one.api.close()


def test_a_wider_scope_allows_what_a_narrower_one_does() -> None:
    assert allows(scopes("gmail", write=True), "gmail.modify")
    assert allows(["https://mail.google.com/"], "gmail.modify")
    assert allows(["https://www.googleapis.com/auth/drive"], "drive.readonly")
    assert not allows(scopes("drive", write=False), "drive")
    assert not allows(scopes("calendar", write=False), "calendar.events")
