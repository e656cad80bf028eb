"""What networks and servers do to a reading pass: nothing lost, nothing doubled, nothing asked for ever."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest
import trustme
from contracts import pass_over
from dav_givens import ME, account, items, simple
from fakes import proxy, radicale
from fakes.proxy import Does, cut, passed, reset, says, torn

from deskhand.connectors._dav_xml import multistatus
from deskhand.connectors._egress import Limits, client
from deskhand.connectors._hosts import Host, host_of
from deskhand.connectors.caldav import CalDav, opened_with
from deskhand.connectors.errors import Forbidden, SourceError, Transient, Unauthorized
from deskhand.connectors.model import Cursor

HTML = b"<html><body>502 Bad Gateway</body></html>"
PASSING: dict[str, Does] = {
    "429": says(429),
    "429, Retry-After": says(429, Retry_After="3"),
    "500": says(500),
    "502 HTML": says(502, HTML, Content_Type="text/html"),
    "503": says(503),
    "504": says(504),
    "truncated": cut,
    "reset": reset,
    "no answer": torn,
}


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_waited_for(
    way: proxy.Proxy, ana: radicale.Server, tmp_path: Path, method: str, fault: str
) -> None:
    """Once in a pass, at its first request or in the middle of a page: the pass is as if nothing had been."""
    waits: list[float] = []
    cal = account(way, tmp_path / "s", user=ana.user, pause=waits.append)
    expected = items(cal)
    waits.clear()
    if method == "REPORT":
        way.faults.append((method, passed))
    way.faults.append((method, PASSING[fault]))
    changes, cursor = pass_over(cal)
    assert {c.ref.native for c in changes if not isinstance(c, Cursor)} == set(expected)
    assert pass_over(cal, cursor) == ([], cursor)
    assert len(waits) == 1
    assert waits[0] == 3 if fault == "429, Retry-After" else 0.5 <= waits[0] <= 1.5


@pytest.mark.parametrize("fault", PASSING)
def test_what_does_not_pass_ends_the_pass_and_keeps_what_was(
    way: proxy.Proxy, ana: radicale.Server, tmp_path: Path, fault: str
) -> None:
    """Not asked for ever: four times, each after a longer time. The next pass goes on from the old cursor."""
    waits: list[float] = []
    cal = account(way, tmp_path / "s", user=ana.user, pause=waits.append)
    _, cursor = pass_over(cal)
    ana.put("work", "n", simple("new"))
    ana.take("work", "c")
    waits.clear()
    way.seen.clear()
    way.always["REPORT"] = PASSING[fault]
    with pytest.raises(Transient):
        pass_over(cal, cursor)
    assert way.count("REPORT") == 4
    assert len(waits) == 3
    for n, wait in enumerate(waits):
        assert wait == 3 if fault == "429, Retry-After" else 0.5 * 2**n <= wait <= 1.5 * 2**n
    way.always.clear()
    changes, _ = pass_over(cal, cursor)
    assert sorted(c.ref.native for c in changes if not isinstance(c, Cursor)) == ["lunch@example.org", "new"]


def test_a_server_that_wants_more_time_is_left_alone(
    way: proxy.Proxy, ana: radicale.Server, tmp_path: Path
) -> None:
    waits: list[float] = []
    cal = account(way, tmp_path / "s", user=ana.user, pause=waits.append)
    way.always["PROPFIND"] = says(503, Retry_After="900")
    with pytest.raises(Transient, match="wants to be left alone for 900 seconds"):
        pass_over(cal)
    way.always["PROPFIND"] = says(
        429, Date="Mon, 23 Nov 2026 10:00:00 GMT", Retry_After="Mon, 23 Nov 2026 11:00:00 GMT"
    )
    with pytest.raises(Transient, match="for 3600 seconds"):
        pass_over(cal)
    assert waits == []


def test_a_password_that_is_no_longer_good_is_said_once(far: CalDav, way: proxy.Proxy) -> None:
    _, cursor = pass_over(far)
    way.seen.clear()
    way.always["*"] = says(401, WWW_Authenticate='Basic realm="x"')
    with pytest.raises(Unauthorized, match="refused the user name or password"):
        pass_over(far, cursor)
    assert len(way.seen) == 1, "never tried again: accounts are locked for that"


def test_who_cannot_be_let_in_is_told_what_to_say(way: proxy.Proxy, tmp_path: Path) -> None:
    way.always["*"] = says(401, WWW_Authenticate='Basic realm="x"')
    port = way.url.rstrip("/").rpartition(":")[2]
    for user, sentence in (
        ("ana", "and say --option password=secret:NAME"),
        ("", "-o user=NAME -o password"),
    ):
        with pytest.raises(Unauthorized, match=sentence) as refused:
            opened(way.url, tmp_path / "s", user=user)
        assert f"127.0.0.1:{port}" in str(refused.value)


def test_a_server_that_is_not_there_is_named_with_its_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(Transient) as failed:
        opened(f"http://127.0.0.1:{port}/", tmp_path / "s")
    said = f"127.0.0.1:{port} cannot be reached (Connection refused); look whether it runs, and whether its "
    assert str(failed.value) == f"{said}address is right."


def opened(url: str, state: Path, *, user: str = "", silent: float = 30.0) -> CalDav:
    """An account without a password; nobody waits."""
    http = client([host_of(url)], limits=Limits(silent=silent))
    return opened_with(http, source="cal", state=state, place=url, user=user, pause=lambda _: None)


def test_a_server_that_falls_silent_in_the_middle_is_given_up_and_gone_on_with(
    way: proxy.Proxy, ana: radicale.Server, tmp_path: Path
) -> None:
    over = threading.Event()

    def silent(request: proxy.Request) -> None:
        cut(request)
        request.handler.wfile.flush()
        over.wait(30)

    cal = opened(way.url, tmp_path / "s", user=ana.user, silent=0.5)
    way.always["REPORT"] = silent
    with pytest.raises(Transient, match="does not answer any more"):
        pass_over(cal)
    over.set()
    way.always.clear()
    assert len(items(cal)) == 3
    cal.close()


def test_a_server_that_does_not_prove_who_it_is_hears_nothing(ana: radicale.Server, tmp_path: Path) -> None:
    """A certificate of nobody's, and one of another name; with the right one the account is read."""
    authority = trustme.CA()
    believes = ssl.create_default_context()
    authority.configure_trust(believes)
    for name, verify, error in (
        ("localhost", None, "does not prove who it is"),
        ("elsewhere.example.org", believes, "does not prove who it is"),
        ("localhost", believes, ""),
    ):
        shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(shown)
        with proxy.before(ana.port, shown) as way:
            http = client([Host("localhost", way.port, loopback=True)], verify=verify)
            place = f"https://localhost:{way.port}/"

            def connected(state: str, http: object = http, place: str = place) -> CalDav:
                return opened_with(
                    http, source="cal", state=tmp_path / state, place=place,  # type: ignore[arg-type]
                    user=ana.user, password="secret", me=ME, pause=lambda _: None,
                )  # fmt: skip

            if error:
                with pytest.raises(Forbidden, match=error):
                    connected("s")
                assert way.seen == []
            else:
                cal = connected("t")
                assert len(items(cal)) == 3
                cal.close()


def test_an_answer_that_is_no_answer_is_said(far: CalDav, way: proxy.Proxy) -> None:
    way.always["PROPFIND"] = says(200, b"<html>Please sign in to the hotel</html>")
    with pytest.raises(SourceError, match="does not answer as a calendar server"):
        pass_over(far)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not XML",
        b"<multistatus/>",
        b'<!DOCTYPE m [<!ENTITY a "b">]><D:multistatus xmlns:D="DAV:"/>',
        b'<!DOCTYPE m SYSTEM "http://192.0.2.1/x"><D:multistatus xmlns:D="DAV:"/>',
        b'<D:multistatus xmlns:D="DAV:"><D:response>',
        b'<?xml version="1.0" encoding="klingon"?><D:multistatus xmlns:D="DAV:"/>',
        b'<?xml version="1.0" encoding="utf-7"?><D:multistatus xmlns:D="DAV:"/>',
    ],
)
def test_xml_that_is_broken_or_defines_things_is_not_read(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"XML|several"):
        multistatus(data, base="https://cal.example.org/")


def test_an_account_that_moved_its_calendars_removes_nothing_by_mistake(
    far: CalDav, way: proxy.Proxy
) -> None:
    """A home that is not there any more is an error, and not a home without calendars."""
    _, cursor = pass_over(far)
    way.always["PROPFIND"] = says(404)
    with pytest.raises(SourceError, match="has nothing at"):
        pass_over(far, cursor)
