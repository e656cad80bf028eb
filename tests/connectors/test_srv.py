"""What a domain says in the DNS of its services, asked of a real little server; and that silence ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from fakes import dns

from deskhand.connectors._caldav_discovery import server_options
from deskhand.connectors._imap_discovery import Servers, discover
from deskhand.connectors._srv import Domain, Silent, Target
from deskhand.connectors.errors import Elsewhere, Misconfigured

IMAPS, IMAP = ("_imaps._tcp.example.org", "SRV"), ("_imap._tcp.example.org", "SRV")
OUT, OUT_TLS = ("_submission._tcp.example.org", "SRV"), ("_submissions._tcp.example.org", "SRV")
DAV, DAV_TXT = ("_caldavs._tcp.example.org", "SRV"), ("_caldavs._tcp.example.org", "TXT")
ADDRESS = "noor@example.org"
FOUND = Servers("imap.example.org", 993, "tls", ADDRESS, "smtps://noor%40example.org@out.example.org:465")


@pytest.fixture
def server() -> Iterator[dns.Server]:
    with dns.serving() as made:
        yield made


@pytest.fixture
def domain(server: dns.Server) -> Callable[[str], Domain]:
    return partial(Domain, servers=["127.0.0.1"], port=server.port)


def nobody(url: str) -> bytes:
    raise OSError(url)


def no_web(url: str) -> bytes:
    raise AssertionError(f"{url} was asked")


@pytest.mark.parametrize("cut", [False, True])
def test_the_lowest_priority_and_then_the_heaviest(
    server: dns.Server, domain: Callable[[str], Domain], cut: bool
) -> None:
    """Whether the answer fits into a packet, or is asked for again by TCP."""
    server.cut = cut
    server.records[IMAPS] = [
        "20 9 993 far.example.org.", "10 5 993 light.example.org.", "10 60 1993 Heavy.Example.org.",
        "10 60 993 next.example.org.",
    ]  # fmt: skip
    for _ in range(3):
        assert domain("example.org").service("imaps") == Target("heavy.example.org", 1993)
    assert any(q.startswith("tcp") for q in server.asked) is cut


def test_what_is_no_host_is_passed_over(server: dns.Server, domain: Callable[[str], Domain]) -> None:
    server.records[IMAPS] = ["0 0 993 localhost.", "0 0 0 a.example.org.", "5 0 993 127.0.0.1."]
    assert domain("example.org").service("imaps") is None
    assert domain("example.org").service("imap") is None, "and nothing is nothing"


def test_mail_inside_the_domain_is_found_without_the_web(
    server: dns.Server, domain: Callable[[str], Domain]
) -> None:
    server.records |= {IMAPS: ["0 1 993 imap.example.org."], OUT_TLS: ["0 1 465 out.example.org."]}
    assert discover(ADDRESS, get=no_web, dns=domain) == FOUND
    assert not any("noor" in question for question in server.asked), "only the domain is told"


def test_tls_from_the_start_goes_before_starttls(server: dns.Server, domain: Callable[[str], Domain]) -> None:
    """And a service with the target "." is not offered (RFC 2782)."""
    server.records |= {
        IMAP: ["0 1 143 imap.example.org."], OUT: ["0 1 587 out.example.org."],
        IMAPS: ["0 1 993 imap.example.org."], OUT_TLS: ["0 1 465 out.example.org."],
    }  # fmt: skip
    assert discover(ADDRESS, get=no_web, dns=domain) == FOUND
    server.records |= {IMAPS: ["0 0 0 ."], OUT_TLS: ["0 0 0 ."]}
    found = discover(ADDRESS, get=no_web, dns=domain)
    assert (found.port, found.security, found.smtp[:7]) == (143, "starttls", "smtp://")


def test_mail_that_is_only_read_where_no_way_out_is_offered(
    server: dns.Server, domain: Callable[[str], Domain]
) -> None:
    server.records |= {IMAPS: ["0 1 993 imap.example.org."], OUT: ["0 0 0 ."]}
    assert discover(ADDRESS, get=no_web, dns=domain).smtp == ""
    server.records |= {IMAPS: ["0 0 0 ."]}
    with pytest.raises(Misconfigured, match="option host="):
        discover(ADDRESS, get=nobody, dns=domain)


def test_a_server_outside_the_domain_is_put_to_the_person(
    server: dns.Server, domain: Callable[[str], Domain]
) -> None:
    """RFC 6186 6: nothing of the DNS is proven. What a certificate proves (autoconfig) goes before it."""
    server.records |= {IMAPS: ["0 1 993 mail.notexample.org."], OUT_TLS: ["0 1 465 out.example.org."]}
    with pytest.raises(Elsewhere) as asked:
        discover(ADDRESS, get=nobody, dns=domain)
    assert "mail.notexample.org" in asked.value.said
    assert "--option host=mail.notexample.org" in str(asked.value)
    assert asked.value.options["smtp"] == FOUND.smtp
    said = """<clientConfig><incomingServer type="imap">
    <hostname>mail.notexample.org</hostname><port>993</port>
    <socketType>SSL</socketType><authentication>plain</authentication></incomingServer></clientConfig>"""
    assert discover(ADDRESS, get=lambda _: said.encode(), dns=domain).host == "mail.notexample.org"


def test_silence_is_waited_for_a_little_and_then_goes_the_next_way(server: dns.Server) -> None:
    server.silent = True
    quickly = partial(Domain, servers=["127.0.0.1"], port=server.port, seconds=0.2)
    silent = quickly("example.org")
    for _ in range(3):
        with pytest.raises(Silent):
            silent.service("imaps")
    assert set(server.asked) == {"udp _imaps._tcp.example.org SRV"}
    asked: list[str] = []

    def get(url: str) -> bytes:
        asked.append(url)
        raise OSError

    with pytest.raises(Misconfigured, match="option host="):
        discover(ADDRESS, get=get, dns=quickly)
    assert len(asked) == 3
    with pytest.raises(Misconfigured, match="caldav https://SERVER"):
        server_options(ADDRESS, dns=quickly)


def test_no_network_at_all_is_no_error() -> None:
    nowhere = partial(Domain, servers=["127.0.0.1"], port=1, seconds=0.2)
    with pytest.raises(Misconfigured, match="option host="):
        discover(ADDRESS, get=nobody, dns=nowhere)


def test_the_calendar_server_with_its_path(server: dns.Server, domain: Callable[[str], Domain]) -> None:
    """RFC 6764 4: the path stands in the TXT record beside it; one that is none is passed over."""
    server.records[DAV] = ["0 1 443 cal.example.org."]
    options = {"user": ADDRESS, "me": ADDRESS}
    assert server_options(ADDRESS, dns=domain) == {"place": "https://cal.example.org/", **options}
    server.records |= {DAV: ["0 1 8443 cal.example.org."], DAV_TXT: ['"txtvers=1" "path=/dav/"']}
    assert server_options(ADDRESS, dns=domain)["place"] == "https://cal.example.org:8443/dav/"
    server.records[DAV_TXT] = ['"path=//evil.example.net/"', '"path=https://evil.example.net/"']
    assert server_options(ADDRESS, dns=domain)["place"] == "https://cal.example.org:8443/"


def test_a_calendar_server_elsewhere_or_none(server: dns.Server, domain: Callable[[str], Domain]) -> None:
    server.records[DAV] = ["0 1 443 cal.example.net."]
    with pytest.raises(
        Elsewhere, match=r"deskhand add caldav https://cal.example.net/ -o user=noor@example.org"
    ):
        server_options(ADDRESS, dns=domain)
    server.records[DAV] = ["0 0 0 ."]
    with pytest.raises(Misconfigured, match="says that it has no calendars"):
        server_options(ADDRESS, dns=domain)
    del server.records[DAV]
    with pytest.raises(Misconfigured, match="does not say where its calendars are"):
        server_options(ADDRESS, dns=domain)
