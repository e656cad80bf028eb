"""Which hosts and addresses may be spoken to: every trick with a name or an address meets a judgement."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.connectors._hosts import Host, check_addresses, host_of, innermost
from deskhand.connectors.errors import Forbidden

PUBLIC, PRIVATE, HERE = (
    Host("api.example.org"), Host("nas.local", private=True), Host("localhost", loopback=True, private=True)
)  # fmt: skip


class TestHostOf:
    @pytest.mark.parametrize(
        ("url", "host"),
        [
            ("https://api.example.org/v1", Host("api.example.org")),
            ("https://API.Example.org./v1", Host("api.example.org")),
            ("https://api.example.org:8443", Host("api.example.org", 8443)),
            ("http://127.0.0.1:8080/v1", Host("127.0.0.1", 8080, private=True, loopback=True)),
            ("http://localhost", Host("localhost", 80, private=True, loopback=True)),
            ("http://[::1]:80", Host("::1", 80, private=True, loopback=True)),
            ("https://192.168.1.5", Host("192.168.1.5", private=True)),
            ("https://nas", Host("nas", private=True)),
            ("https://nas.local", Host("nas.local", private=True)),
            ("https://bücher.example", Host("xn--bcher-kva.example")),
            ("https://8.8.8.8", Host("8.8.8.8")),
        ],
    )
    def test_what_was_set_is_what_may_be_asked(self, url: str, host: Host) -> None:
        assert host_of(url) == host

    @pytest.mark.parametrize(
        "url",
        ["", "ftp://x.org", "file:///etc/passwd", "//x.org", "https://", "https://u:p@x.org", "https://u@x.org",
         "https://x.org:port", "https://[::1", "https://" + "\xfc" * 70 + ".org"],
    )  # fmt: skip
    def test_what_is_no_address_of_a_server(self, url: str) -> None:
        with pytest.raises(Forbidden):
            host_of(url)


class TestNames:
    @pytest.mark.parametrize(
        ("host", "name", "port", "covered"),
        [
            (Host("example.org"), "example.org", 443, True),
            (Host("example.org"), "evil-example.org", 443, False),
            (Host("example.org"), "example.org.evil.net", 443, False),
            (Host("example.org"), "www.example.org", 443, False),
            (Host("example.org"), "example.org", 8443, False),
            (Host(".example.org"), "cdn.example.org", 443, True),
            (Host(".example.org"), "example.org", 443, False),
            (Host(".example.org"), "evilexample.org", 443, False),
            (Host("apple.example"), "xn--80ak6aa92e.example", 443, False),
        ],
    )
    def test_exactly_or_under_it(self, host: Host, name: str, port: int, covered: bool) -> None:
        assert host.covers(name, port) == covered


INWARD = [
    "10.0.0.1", "172.16.5.4", "192.168.1.1", "100.64.0.1", "fd00::1", "fc00::1", "::ffff:10.0.0.1",
    "::ffff:192.168.1.1", "64:ff9b::a00:1", "2002:a00:1::", "::10.0.0.1", "198.18.0.1", "192.0.2.1",
    "fec0::1", "64:ff9b:1::7f00:1", "::ffff:0:7f00:1", "::5efe:a00:1", "5f00::1",
]  # fmt: skip
LOOP = ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]
NEVER = [
    "169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "fd00:ec2::254",
    "192.0.0.192", "::ffff:192.0.0.192",
    "100.100.100.200", "168.63.129.16", "224.0.0.1", "ff02::1", "::", "255.255.255.255",
    "0.0.0.0",  # noqa: S104 - nobody
    "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "240.0.0.1", "not an address",
]  # fmt: skip
OUT = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]


class TestAddresses:
    @pytest.mark.parametrize("address", OUT)
    def test_the_world_is_open_to_a_name_of_the_world(self, address: str) -> None:
        assert check_addresses(PUBLIC, [address]) == [address]

    @pytest.mark.parametrize("address", INWARD + LOOP + NEVER)
    def test_a_name_of_the_world_leads_nowhere_inside(self, address: str) -> None:
        with pytest.raises(Forbidden, match=r"api\.example\.org"):
            check_addresses(PUBLIC, [address])

    @pytest.mark.parametrize("address", INWARD)
    def test_one_name_with_two_faces_is_not_trusted(self, address: str) -> None:
        with pytest.raises(Forbidden):
            check_addresses(PUBLIC, ["93.184.216.34", address])

    @pytest.mark.parametrize("address", INWARD + OUT)
    def test_what_was_set_to_be_in_ones_network_may_be(self, address: str) -> None:
        assert check_addresses(PRIVATE, [address]) == [address]

    @pytest.mark.parametrize("address", LOOP + NEVER)
    def test_but_not_this_machine_and_never_the_rest(self, address: str) -> None:
        with pytest.raises(Forbidden):
            check_addresses(PRIVATE, [address])

    @pytest.mark.parametrize("address", INWARD + OUT + NEVER)
    def test_this_machine_is_this_machine_alone(self, address: str) -> None:
        with pytest.raises(Forbidden):
            check_addresses(HERE, [address])

    def test_no_address(self) -> None:
        with pytest.raises(Forbidden, match="no address"):
            check_addresses(PUBLIC, [])


@given(st.integers(0, 2**32 - 1))
def test_an_address_within_another_is_judged_as_itself(number: int) -> None:
    v4 = IPv4Address(number)
    for v6 in (
        IPv6Address(f"::ffff:{v4}"),
        ip_address((0x2002 << 112) | (number << 80)),
        IPv6Address(f"64:ff9b::{v4}"),
    ):
        assert innermost(v6) == v4
        try:
            expected = check_addresses(PUBLIC, [str(v4)]) != []
        except Forbidden:
            expected = False
        try:
            found = check_addresses(PUBLIC, [str(v6)]) != []
        except Forbidden:
            found = False
        assert found <= expected
