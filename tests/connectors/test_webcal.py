"""A calendar at an address, from a real server: the contract, what it asks for, and what it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from contracts import NOW, ConnectorContract, Write, pass_over
from dav_givens import LUNCH, ME, OPENED, REVIEW, STANDUP, create, items, whole
from fakes import proxy, radicale
from fakes.proxy import cut, says

from deskhand.connectors._egress import client
from deskhand.connectors._hosts import host_of
from deskhand.connectors.errors import Forbidden, Misconfigured, SourceError, Transient, Unsupported
from deskhand.connectors.model import Cursor, ItemRef
from deskhand.connectors.webcal import WebCal, connect, opened_with

BO = "bo@example.org"
START, END = datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 7, tzinfo=UTC)


class Feed:
    """What lies at the address, as a web server has it: with an ETag, a date, both or neither."""

    def __init__(self, way: proxy.Proxy) -> None:
        self.way, self.data, self.tag, self.date = way, whole(STANDUP, REVIEW, LUNCH).encode(), '"1"', ""
        way.always["GET"] = self.answer

    def answer(self, request: proxy.Request) -> None:
        asked = {k.lower(): v for k, v in request.headers.items()}
        given = [(n, v) for n, v in (("ETag", self.tag), ("Last-Modified", self.date)) if v]
        same_tag = bool(self.tag) and asked.get("if-none-match") == self.tag
        same_date = bool(self.date) and asked.get("if-modified-since") == self.date
        if same_tag or same_date:
            self.way.seen[-1] = ("304", request.path)  # before the answer: the test reads it right after
            request.say(304, given)
        else:
            request.say(200, given, self.data)


@pytest.fixture
def feed() -> Iterator[Feed]:
    with proxy.before(1) as way:
        yield Feed(way)


def calendar(feed: Feed, state: Path, *, path: str = "team.ics", **given: str) -> WebCal:
    http = client([host_of(feed.way.url)])
    OPENED.append(http)
    return opened_with(
        http, source="feed", state=state, place=feed.way.url + path, pause=lambda _: None,
        **{"me": ME, **given},  # type: ignore[arg-type]
    )  # fmt: skip


class TestWebCal(ConnectorContract):
    @pytest.fixture
    def connector(self, feed: Feed, tmp_path: Path) -> WebCal:
        return calendar(feed, tmp_path)

    @pytest.fixture
    def writes(self, connector: WebCal) -> list[Write]:
        return []


class TestSomebodysFeed(TestWebCal):
    @pytest.fixture
    def connector(self, feed: Feed, tmp_path: Path) -> WebCal:
        return calendar(feed, tmp_path, owner=BO, zone="Europe/Paris")

    @pytest.fixture
    def acquaintances(self) -> list[str]:
        return [BO]


@pytest.mark.parametrize(("tag", "date"), [('"1"', ""), ("", "Mon, 23 Nov 2026 10:00:00 GMT"), ('"1"', "x")])
def test_what_did_not_change_is_not_sent_again(feed: Feed, tmp_path: Path, tag: str, date: str) -> None:
    feed.tag, feed.date = tag, date
    cal = calendar(feed, tmp_path)
    _, cursor = pass_over(cal)
    feed.way.seen.clear()
    assert pass_over(cal, cursor) == ([], cursor)
    assert [m for m, _ in feed.way.seen] == ["304"]


def test_a_server_that_tells_no_state_is_compared_by_what_it_sends(feed: Feed, tmp_path: Path) -> None:
    """Also one that sets new stamps each time: no event is another for that."""
    feed.tag = ""
    cal = calendar(feed, tmp_path)
    _, cursor = pass_over(cal)
    assert pass_over(cal, cursor) == ([], cursor)
    feed.data = feed.data.replace(b"DTSTAMP:20260101", b"DTSTAMP:20260202")
    assert pass_over(cal, cursor)[0] == []


def test_what_changed_is_told_and_nothing_else(feed: Feed, tmp_path: Path) -> None:
    cal = calendar(feed, tmp_path)
    _, cursor = pass_over(cal)
    feed.data, feed.tag = whole(STANDUP, REVIEW.replace("Room 2", "Room 3")).encode(), '"2"'
    changes, _ = pass_over(cal, cursor)
    assert sorted((type(c).__name__, c.ref.native) for c in changes if not isinstance(c, Cursor)) == [
        ("Item", "review@example.org"),
        ("Removed", "lunch@example.org"),
    ]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (says(500), "answered 500"),
        (says(429, Retry_After="1"), "answered 429"),
        (says(502, b"<html>"), "answered 502"),
        (cut, "cannot be reached"),
        (says(200, b"<html>Sign in</html>"), "is no calendar"),
        (says(200, whole(STANDUP).encode()[:300]), "is cut short"),
        (says(404), "no calendar at that address"),
        (says(401), "wants to know who asks: -o user=NAME"),
        (says(302, Location="https://elsewhere.example.net/x.ics"), "not among the hosts"),
    ],
)
def test_what_cannot_be_read_is_an_error_and_loses_nothing(
    feed: Feed, tmp_path: Path, fault: proxy.Does, sentence: str
) -> None:
    cal = calendar(feed, tmp_path, owner=BO)
    _, cursor = pass_over(cal)
    feed.tag = '"2"'
    feed.way.to = 1
    feed.way.always["GET"] = fault if fault is not cut else _cut
    with pytest.raises(SourceError, match=sentence):
        pass_over(cal, cursor)
    said = cal.free_busy([BO], start=START, end=END)[BO]
    assert sentence in said.error, "unknown, and not as it was"
    feed.way.always["GET"] = feed.answer
    assert pass_over(cal, cursor)[0] == []
    assert len(items(cal)) == 3


def _cut(request: proxy.Request) -> None:
    request.handler.send_response_only(200)
    request.handler.send_header("Content-Length", "1000")
    request.handler.end_headers()
    request.handler.wfile.write(b"BEGIN:VCALENDAR\r\n")
    request.handler.close_connection = True


def test_it_is_only_read(feed: Feed, tmp_path: Path) -> None:
    cal = calendar(feed, tmp_path)
    assert cal.operations == ()
    with pytest.raises(Unsupported, match="only read"):
        cal.perform(create(source="feed"), key="k", now=NOW)
    assert cal.find(create(source="feed"), key="k") is None


def test_it_opens_without_the_network_once_it_was_read(feed: Feed, tmp_path: Path) -> None:
    calendar(feed, tmp_path).close()
    feed.way.seen.clear()
    feed.way.always["GET"] = says(503)
    again = calendar(feed, tmp_path)
    assert feed.way.seen == []
    with pytest.raises(Transient):
        again.read(ItemRef("feed", "event", "lunch@example.org"))


def test_a_feed_that_knows_nobody_is_not_asked_for_their_time(feed: Feed, tmp_path: Path) -> None:
    cal = calendar(feed, tmp_path)
    feed.way.seen.clear()
    assert cal.free_busy([BO], start=START, end=END) == {}
    assert feed.way.seen == []


def test_its_address_stands_nowhere(feed: Feed, tmp_path: Path) -> None:
    """A private address of a feed is as good as its password."""
    cal = calendar(feed, tmp_path, path="private-5ecret/basic.ics?key=5ecret")
    have = items(cal)
    assert "5ecret" not in repr(have)
    assert {i.folder for i in have.values()} == {"basic"}
    feed.way.always["GET"] = says(404)
    with pytest.raises(SourceError) as told:
        pass_over(cal)
    assert "5ecret" not in str(told.value)


@pytest.mark.parametrize("path", ["published/2/MTAyOTQ3NTUzNTE5", "ical/aGVsbG9IZWxsb0hlbGxvSGVsbG8.ics"])
def test_a_name_that_may_be_a_secret_stands_nowhere(feed: Feed, tmp_path: Path, path: str) -> None:
    """Calendars that are shared by a link are opened by its last part."""
    have = items(calendar(feed, tmp_path, path=path))
    assert {i.folder for i in have.values()} == {"127.0.0.1"}


def test_what_is_no_address_is_said(tmp_path: Path) -> None:
    for place, sentence in (
        ("/home/noor/calendar.ics", "begins with https://"),
        ("http://example.org/calendar.ics", "with encryption or not at all"),
        ("https://noor:secret@example.org/calendar.ics", "no user and no password"),
    ):
        with pytest.raises(Misconfigured, match=sentence):
            connect(source="feed", state=tmp_path, place=place)
    with pytest.raises((Forbidden, SourceError), match=r"calendar\.invalid"):
        connect(source="feed", state=tmp_path, place="webcal://calendar.invalid/x.ics")


def test_a_real_server_behind_a_password(ana: radicale.Server, tmp_path: Path) -> None:
    """A whole calendar of Radicale as one file, as other programs subscribe to it."""
    http = client([host_of(ana.url)])
    OPENED.append(http)
    cal = opened_with(
        http, source="feed", state=tmp_path, place=f"{ana.url}{ana.user}/work/", user=ana.user,
        password="x", pause=lambda _: None,
    )  # fmt: skip
    have = items(cal)
    assert set(have) == {"standup@example.org", "review@example.org", "lunch@example.org"}
    _, cursor = pass_over(cal)
    assert pass_over(cal, cursor) == ([], cursor)


def test_what_is_published_is_a_strangers_whoever_it_says_it_is_by(feed: Feed, tmp_path: Path) -> None:
    cal = calendar(feed, tmp_path)
    found = items(cal)
    assert {i.label.trust for i in found.values()} == {"untrusted"}
    review = next(i for i in found.values() if i.title == "Review")
    organizer = review.person("organizer")
    assert organizer is not None
    assert organizer.address == ME
    read = cal.read(review.ref)
    assert read is not None
    assert read.label.trust == "untrusted"
