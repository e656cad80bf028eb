"""The way out, against real servers with real certificates: it reaches what was declared and nothing else."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
import trustme

from deskhand.connectors._egress import Limits, client
from deskhand.connectors._hosts import Host, host_of
from deskhand.connectors.errors import Forbidden

NAME, OTHER = "api.example.org", "cdn.example.net"


class Handler(BaseHTTPRequestHandler):
    """Answers a path as the test says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append((self.path, {k.title(): v for k, v in self.headers.items()}))  # type: ignore[attr-defined]
        answer: Callable[[Handler], None] = self.server.answers[self.path.partition("?")[0]]  # type: ignore[attr-defined]
        try:
            answer(self)
        except (ConnectionError, ssl.SSLError):
            self.close_connection = True

    do_POST = do_DELETE = do_GET

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def say(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def well(handler: Handler) -> None:
    handler.say(b"well")


def sends_on(to: str, status: int = 302) -> Callable[[Handler], None]:
    return lambda handler: handler.say(b"", status, Location=to)


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    for _ in range(100_000):
        handler.wfile.write(b"x" * 10_000)


@contextmanager
def serving(
    answers: dict[str, Callable[[Handler], None]], context: ssl.SSLContext | None = None
) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.answers, server.seen = True, answers, []
    server.handle_error = lambda *_: None
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def believes(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="module")
def theirs(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME, OTHER).configure_cert(context)
    return context


class Net:
    """Names of the test's own making, over TLS; all of them lead to this machine."""

    def __init__(self, answers: dict[str, Callable[[Handler], None]], context: ssl.SSLContext) -> None:
        self.answers, self.context = answers, context
        self.asked: list[str] = []
        self.leads: list[str] = []

    def resolve(self, name: str, port: int) -> list[str]:
        self.asked.append(name)
        return [self.leads.pop(0) if self.leads else "127.0.0.1"]


@pytest.fixture
def net(theirs: ssl.SSLContext) -> Iterator[Any]:
    made = Net({"/": well}, theirs)
    with serving(made.answers, theirs) as server:
        made.server, made.port = server, server.server_address[1]  # type: ignore[attr-defined]
        yield made


@contextmanager
def reaching(net: Any, believes: ssl.SSLContext, *others: str, **rest: Any) -> Iterator[httpx.Client]:
    hosts = [Host(NAME, net.port, loopback=True)]
    elsewhere = [Host(name, net.port, loopback=True) for name in others]
    made = client(hosts, redirects_to=elsewhere, verify=believes, resolve=net.resolve, **rest)
    with made:
        yield made


class TestWhatIsDeclared:
    def test_is_reached_by_its_name_and_certificate(self, net: Any, believes: ssl.SSLContext) -> None:
        with reaching(net, believes) as http:
            assert http.get(f"https://{NAME}:{net.port}/").text == "well"
        assert net.server.seen[0][1]["Host"] == f"{NAME}:{net.port}"

    def test_a_certificate_of_nobody_is_not_believed(self, net: Any) -> None:
        made = client([Host(NAME, net.port, loopback=True)], resolve=net.resolve)
        with made as http, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            http.get(f"https://{NAME}:{net.port}/")
        assert net.server.seen == []

    def test_one_of_another_name_neither(self, net: Any, believes: ssl.SSLContext) -> None:
        hosts = [Host("mail.example.org", net.port, loopback=True)]
        made = client(hosts, verify=believes, resolve=net.resolve)
        with made as http, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            http.get(f"https://mail.example.org:{net.port}/")

    def test_this_machine_without_encryption(self) -> None:
        with serving({"/": well}) as server:
            url = f"http://127.0.0.1:{server.server_address[1]}/"
            with client([host_of(url)]) as http:
                assert http.get(url).text == "well"

    def test_proxies_of_the_environment_are_not_looked_at(
        self, net: Any, believes: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        with reaching(net, believes) as http:
            assert http.get(f"https://{NAME}:{net.port}/").text == "well"


class TestWhatIsNot:
    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/", f"https://{NAME}.evil.example/", f"https://{NAME}@evil.example/",
            "https://аpi.example.org/", "https://10.0.0.1/", "https://169.254.169.254/latest/meta-data/",
            "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://2130706433/", "https://0x7f.1/",
            f"https://{NAME}:22/",
        ],
    )  # fmt: skip
    def test_another_host_is_never_looked_up(self, net: Any, believes: ssl.SSLContext, url: str) -> None:
        with reaching(net, believes) as http, pytest.raises(Forbidden):
            http.get(url)
        assert (net.asked, net.server.seen) == ([], [])

    def test_a_user_in_the_address(self, net: Any, believes: ssl.SSLContext) -> None:
        with reaching(net, believes) as http, pytest.raises(Forbidden, match="user or password") as caught:
            http.get(f"https://noor:s3cret@{NAME}:{net.port}/")
        assert "s3cret" not in str(caught.value)
        assert net.server.seen == []

    def test_without_encryption_beyond_this_machine(self, net: Any) -> None:
        hosts = [Host(NAME, net.port)]
        with client(hosts, resolve=net.resolve) as http, pytest.raises(Forbidden, match="https, not http"):
            http.get(f"http://{NAME}:{net.port}/")
        assert net.asked == []

    @pytest.mark.parametrize("url", ["ftp://api.example.org/", "file:///etc/passwd", "gopher://127.0.0.1/"])
    def test_another_language(self, net: Any, believes: ssl.SSLContext, url: str) -> None:
        with reaching(net, believes) as http, pytest.raises((Forbidden, httpx.UnsupportedProtocol)):
            http.get(url)

    @pytest.mark.parametrize(
        "address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::ffff:10.0.0.5", "fe80::1", "::1"]
    )
    def test_a_name_of_the_world_that_leads_inside(self, net: Any, address: str) -> None:
        net.leads = [address]
        with client([Host(NAME)], resolve=net.resolve) as http, pytest.raises(Forbidden, match=NAME):
            http.get(f"https://{NAME}/")
        assert net.asked == [NAME]


class TestRebinding:
    def test_the_address_that_was_checked_is_the_one(self, net: Any, believes: ssl.SSLContext) -> None:
        """A name is looked up once for a connection: what it says a moment later is not asked for."""
        net.leads = ["127.0.0.1", "10.0.0.5", "10.0.0.5"]
        with reaching(net, believes) as http:
            assert http.get(f"https://{NAME}:{net.port}/").text == "well"
        assert len(net.asked) == 1
        assert len(net.server.seen) == 1

    def test_each_new_connection_is_checked_anew(self, net: Any, believes: ssl.SSLContext) -> None:
        net.leads = ["127.0.0.1", "10.0.0.5"]
        net.answers["/"] = lambda handler: handler.say(b"well", Connection="close")
        with reaching(net, believes) as http:
            http.get(f"https://{NAME}:{net.port}/")
            with pytest.raises(Forbidden, match=r"10\.0\.0\.5"):
                http.get(f"https://{NAME}:{net.port}/")

    def test_what_a_name_led_to_is_never_looked_up_by_the_system(
        self, net: Any, believes: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, seen = socket.getaddrinfo, []

        def noted(name: Any, *args: Any, **rest: Any) -> Any:
            seen.append(name)
            return real(name, *args, **rest)

        monkeypatch.setattr(socket, "getaddrinfo", noted)
        with reaching(net, believes) as http:
            http.get(f"https://{NAME}:{net.port}/")
        assert set(seen) <= {"127.0.0.1"}


class TestRedirects:
    def go(self, net: Any, believes: ssl.SSLContext, to: str, *others: str, **headers: str) -> httpx.Response:
        net.answers["/away"] = sends_on(to.format(port=net.port))
        with reaching(net, believes, *others) as http:
            return http.get(f"https://{NAME}:{net.port}/away", headers=headers)

    def test_on_the_same_host(self, net: Any, believes: ssl.SSLContext) -> None:
        answer = self.go(net, believes, "/", Authorization="Bearer s3cret")
        assert answer.text == "well"
        assert net.server.seen[1][1]["Authorization"] == "Bearer s3cret"

    @pytest.mark.parametrize(
        "to",
        [
            "https://evil.example/", f"https://{OTHER}:{{port}}/", "https://169.254.169.254/latest/",
            "http://169.254.169.254/latest/", "//evil.example/", f"https://{NAME}@evil.example/",
            f"https://{NAME}:22/", "file:///etc/passwd", "https://[::ffff:169.254.169.254]/", "https://[",
        ],
    )  # fmt: skip
    def test_to_another_host(self, net: Any, believes: ssl.SSLContext, to: str) -> None:
        with pytest.raises(Forbidden):
            self.go(net, believes, to)
        assert len(net.server.seen) == 1
        assert net.asked == [NAME]

    def test_not_even_to_another_that_may_be_asked_itself(self, net: Any, believes: ssl.SSLContext) -> None:
        """What is declared may be asked; where a host may send us on to is declared by itself."""
        net.answers["/away"] = sends_on(f"https://{OTHER}:{net.port}/")
        hosts = [Host(name, net.port, loopback=True) for name in (NAME, OTHER)]
        with client(hosts, verify=believes, resolve=net.resolve) as http:
            with pytest.raises(Forbidden, match="a redirect to another host is not followed"):
                http.get(f"https://{NAME}:{net.port}/away", headers={"Authorization": "Bearer s3cret"})
            assert http.get(f"https://{OTHER}:{net.port}/").text == "well"
        assert [path for path, _ in net.server.seen] == ["/away", "/"]

    def test_to_no_encryption(self, net: Any, believes: ssl.SSLContext) -> None:
        """Also on a host that may be spoken to so: what was begun encrypted goes on so."""
        net.answers["/away"] = sends_on(f"http://{NAME}:{net.port}/")
        with reaching(net, believes) as http, pytest.raises(Forbidden, match="not encrypted"):
            http.get(f"https://{NAME}:{net.port}/away")
        assert len(net.server.seen) == 1

    def test_to_a_declared_other_nothing_of_who_we_are_goes_along(
        self, net: Any, believes: ssl.SSLContext
    ) -> None:
        secret = {
            "Authorization": "Bearer s3cret",
            "Cookie": "s3cret",
            "X-Api-Key": "s3cret",
            "Range": "bytes=0-",
        }
        answer = self.go(net, believes, f"https://{OTHER}:{{port}}/", OTHER, **secret)
        assert answer.text == "well"
        assert "s3cret" in str(net.server.seen[0][1])
        assert "s3cret" not in str(net.server.seen[1][1])
        assert net.server.seen[1][1]["Range"] == "bytes=0-"

    def test_nothing_is_written_there(self, net: Any, believes: ssl.SSLContext) -> None:
        net.answers["/away"] = sends_on(f"https://{OTHER}:{net.port}/", 307)
        with reaching(net, believes, OTHER) as http, pytest.raises(Forbidden, match="nothing is written"):
            http.post(f"https://{NAME}:{net.port}/away", content=b"mine")
        assert len(net.server.seen) == 1

    def test_bytes_are_put_where_that_was_declared_and_nothing_else_is_done_there(
        self, net: Any, believes: ssl.SSLContext
    ) -> None:
        """An upload goes to an address that a declared host gave: to these hosts, without who we are."""
        there = [Host(OTHER, net.port, loopback=True)]
        headers = {"Authorization": "Bearer s3cret", "Cookie": "s3cret", "If-Match": "s3cret"}
        with reaching(net, believes, puts_at=there) as http:
            url = f"https://{OTHER}:{net.port}/"
            sent = http.put(url, content=b"mine", headers={**headers, "Content-Range": "bytes 0-3/4"})
            assert sent.text == "well"
            assert http.delete(url, headers=headers).text == "well"
            with pytest.raises(Forbidden, match="nothing is written"):
                http.post(url, content=b"mine")
            with pytest.raises(Forbidden, match="not among the hosts"):
                http.put(f"https://evil.example:{net.port}/", content=b"mine")
        (_, put), (_, deleted) = net.server.seen
        assert (put["Content-Range"], put["Content-Length"]) == ("bytes 0-3/4", "4")
        assert "s3cret" not in str((put, deleted))

    def test_round_and_round(self, net: Any, believes: ssl.SSLContext) -> None:
        net.answers["/round"] = sends_on("/round")
        with reaching(net, believes) as http, pytest.raises(httpx.TooManyRedirects):
            http.get(f"https://{NAME}:{net.port}/round")
        assert len(net.server.seen) == 6


class TestSizeAndTime:
    def test_a_body_that_says_it_is_huge(self, net: Any, believes: ssl.SSLContext) -> None:
        net.answers["/"] = lambda handler: handler.say(b"x" * 2_000)
        with (
            reaching(net, believes, limits=Limits(body=1_000)) as http,
            pytest.raises(Forbidden, match="1,000"),
        ):
            http.get(f"https://{NAME}:{net.port}/")

    def test_a_body_without_end(self, net: Any, believes: ssl.SSLContext) -> None:
        net.answers["/"] = endless
        limits = Limits(body=100_000)
        with reaching(net, believes, limits=limits) as http, pytest.raises(Forbidden, match="100,000"):
            http.get(f"https://{NAME}:{net.port}/")

    def test_a_body_that_comes_drop_by_drop(self, net: Any, believes: ssl.SSLContext) -> None:
        """Each drop comes in time, the whole does not."""
        ticks = iter(range(0, 10_000, 7))
        net.answers["/"] = endless
        made = reaching(net, believes, limits=Limits(seconds=30), ticks=lambda: float(next(ticks)))
        with made as http, pytest.raises(httpx.ReadTimeout, match="more than 30 seconds"):
            http.get(f"https://{NAME}:{net.port}/")

    def test_a_server_that_says_nothing(self, net: Any, believes: ssl.SSLContext) -> None:
        over = threading.Event()
        net.answers["/"] = lambda handler: over.wait(30) and None
        try:
            with reaching(net, believes, limits=Limits(silent=0.2)) as http, pytest.raises(httpx.ReadTimeout):
                http.get(f"https://{NAME}:{net.port}/")
        finally:
            over.set()

    def test_a_bomb_is_neither_asked_for_nor_opened(self, net: Any, believes: ssl.SSLContext) -> None:
        bomb = gzip.compress(b"\0" * 50_000_000)
        net.answers["/"] = lambda handler: handler.say(bomb, Content_Encoding="gzip")
        with reaching(net, believes) as http, pytest.raises(Forbidden, match="packed"):
            http.get(f"https://{NAME}:{net.port}/", headers={"Accept-Encoding": "gzip"})
        assert net.server.seen[0][1]["Accept-Encoding"] == "identity"


def test_its_errors_are_sentences(net: Any, believes: ssl.SSLContext) -> None:
    with reaching(net, believes) as http, pytest.raises(Forbidden) as caught:
        http.get("https://evil.example/")
    assert str(caught.value) == (
        "evil.example (port 443) is not among the hosts that may be asked here: api.example.org."
    )
    assert json.dumps(str(caught.value))
