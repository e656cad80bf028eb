"""Names, addresses and domains that could be taken for others are told; those that could not are not."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.trust.confusables import look_alikes, page
from deskhand.agent.trust.lookalikes import Domains, domain, hosts, mixed, name_of, skeleton

KNOWN = Domains(["example.org", "blaha-optik.example.com", "hollis-tern.example"])


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("ex\u0430mple.org", "example.org"),
        ("exarnple.org", "example.org"),
        ("examp1e.org", "example.org"),
        ("exampl\u00e9.org", "example.org"),
        ("exmaple.org", "example.org"),
        ("exampel.org", "example.org"),
        ("example.org.evil.example", "example.org"),
        ("example-org.evil.example", "example.org"),
        ("blaha-optik-billing.example.net", "blaha-optik.example.com"),
        ("secure-paypal.com", "paypal.com"),
        ("paypa1.com", "paypal.com"),
        ("gogle.com", "google.com"),
        (domain("x@xn--pypal-4ve.com"), "paypal.com"),
    ],
)
def test_what_could_be_taken_for_a_known_domain(host: str, other: str) -> None:
    assert KNOWN.taken_for(host) == other


@pytest.mark.parametrize(
    "host",
    [
        "example.org", "mail.example.org", "example.net", "other.example", "google.com",
        "quick-office.example.net", "\uff45xample.org", "müller.example", "пример.рф", "a.b", "",
    ],
)  # fmt: skip
def test_what_could_not(host: str) -> None:
    assert KNOWN.taken_for(host) == ""


@given(st.text(string.ascii_lowercase + string.digits + "-.", max_size=30))
def test_a_known_domain_is_taken_for_no_other(host: str) -> None:
    assert Domains([host]).taken_for(host) == ""


@given(st.text(max_size=30))
def test_what_looks_alike_has_one_skeleton(text: str) -> None:
    assert skeleton(text) == skeleton(text.replace("a", "\u0430").replace("o", "0").replace("l", "1"))


def test_names_are_compared_as_an_eye_takes_them() -> None:
    assert name_of("Bo Lindqvist") == name_of("LINDQVIST, B\u043e") == name_of('"Bo"  Lindqvist')
    assert name_of("Bo Lindqvist") != name_of("Bo Lindgren")


def test_a_word_of_several_alphabets_is_told_and_two_languages_are_not() -> None:
    assert mixed("pay p\u0430ypal now") == "“p\u0430ypal” mixes alphabets: “\u0430” is Cyrillic"
    assert mixed("Привет Bo, Ελλάδα 東京 naïve, 5 μSv") == ""


def test_hosts_of_addresses_and_links() -> None:
    text = "see https://exarnple.org/a?b, bo@Example.org. and www.foo.example; not a.b or e.g. this"
    assert list(hosts(text)) == ["exarnple.org", "example.org", "www.foo.example"]


def test_the_table_is_made_of_unicodes_rows() -> None:
    rows = [
        "# confusables.txt", "# Version: 17.0.0",
        "0430 ;\t0061 ;\tMA\t# ( а → a ) CYRILLIC SMALL LETTER A",
        "0031 ;\t006C ;\tMA\t# 1 is of no other alphabet",
        "FF41 ;\t0061 ;\tMA\t# NFKD makes it Latin", "2192 ;\t2794 ;\tMA\t# no letter",
    ]  # fmt: skip
    assert look_alikes(rows) == {"\u0430": "a"}
    assert list(page(rows))[-1] == "a \u0430"
    assert "17.0.0" in next(iter(page(rows)))
