"""Who a message is from and to: what stands in the angle brackets, and nobody where that is not sure."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deskhand.connectors._mailboxes import mailboxes, only_mailbox
from deskhand.connectors._message import Found, items
from deskhand.connectors._text import Reader
from deskhand.connectors.model import ItemRef

REAL = "mallory@evil.example"
PAT = "pat@example.net"
READER = Reader()
_SIGNS = st.sampled_from([*' <>()",;:@\\.', PAT, f"<{PAT}>", "Pat Lee", "=?utf-8?q?=3C?=", "\t", "é", "'"])
NAMES = st.lists(_SIGNS, max_size=9).map("".join)
PLAIN = st.text("abcdefXYZ é'-.@", max_size=20)


def senders(*headers: str) -> list[tuple[str, str]]:
    """(name, address) of those a message with these From fields is from."""
    text = "".join(f"From: {h}\n" for h in headers) + "To: zoe@example.com\nSubject: Hello\n\nHello\n"
    found = Found(ItemRef("mail", "message", "1"), "INBOX", datetime(2026, 11, 22, tzinfo=UTC))
    message = items(text.encode(), found, reader=READER)[0]
    return [(p.name, p.address) for p in message.people if p.role == "from"]


@given(NAMES)
@example(PAT + " ")
@example(f"{PAT}, ")
@example(f"({PAT}) ")
@example(f"{PAT} ( ")
@example(f'"{PAT}" ')
@example(f'"\\"<{PAT}>" ')
@example(f"Pat <{PAT}> ")
@example(f"{PAT}: ")
@example(f"<{PAT}>, ")
def test_no_display_name_speaks_for_somebody_else(name: str) -> None:
    assert {address for _, address in senders(f"{name}<{REAL}>")} <= {REAL, ""}


@given(PLAIN)
def test_a_name_without_signs_is_only_a_name(name: str) -> None:
    assert mailboxes(f"{name} <{REAL}>") == [(" ".join(name.split()), REAL)]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40))
@example(f"Pat <{PAT}>")
@example(f"{PAT}>, <")
def test_what_is_quoted_or_encoded_is_only_a_name(name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    encoded = f"=?utf-8?b?{b64encode(name.encode()).decode()}?="
    assert [a for _, a in mailboxes(f'"{quoted}" <{REAL}>')] == [REAL]
    assert [a for _, a in senders(f"{encoded} <{REAL}>")] == [REAL]


@given(st.text(st.characters(codec="utf-8", exclude_characters="()\\"), max_size=40))
def test_a_comment_says_nothing(comment: str) -> None:
    assert mailboxes(f"Mal ({comment}) <{REAL}> ({comment})") == [("Mal", REAL)]


@pytest.mark.parametrize(
    "header",
    [
        f"Pat <{PAT}> <{REAL}>",
        f"{PAT}, {REAL}",
        f"Pat <{PAT}>, Mal <{REAL}>",
        f"{PAT}: {REAL};",
        f"Team: Pat <{PAT}>;",
        f'"Pat <{PAT}>',
        f"Pat ({REAL} <{PAT}>",
        f"Pat <{PAT}",
        f"<{PAT}> and more",
        f"{PAT} {REAL}",
        f"<{PAT}:{REAL}>",
        "=?utf-8?q?pat=40example.net?=",
        "Pat <=?utf-8?q?pat=40example.net?=>",
        '"pat@example.net"@evil.example',
        f"{REAL}, <{PAT}",
    ],
)
def test_a_header_that_is_not_sure_is_from_nobody(header: str) -> None:
    assert {address for _, address in senders(header)} == {""}


def test_two_from_fields_are_from_nobody() -> None:
    assert {address for _, address in senders(f"Pat <{PAT}>", f"Mal <{REAL}>")} == {""}


@pytest.mark.parametrize(
    ("header", "name", "address"),
    [
        (f"Pat Lee <{PAT}>", "Pat Lee", PAT),
        (PAT, "", PAT),
        (f"<{PAT}>", "", PAT),
        (f"{PAT} (Pat Lee)", "", PAT),
        (f"Lee, Pat <{PAT}>", "Lee, Pat", PAT),
        (f"Pat <@hop.example,@other.example:{PAT}>", "Pat", PAT),
        (f'"{PAT}" <{REAL}>', "", REAL),
        (f"{PAT} <{REAL}>", "", REAL),
        ("Pat <PAT@Example.NET>", "Pat", PAT),
    ],
)
def test_one_sure_mailbox_is_the_sender(header: str, name: str, address: str) -> None:
    assert senders(header) == [(name, address)]


def test_a_letter_that_only_looks_small_is_another_address() -> None:
    assert senders("Kim <\u212aim@example.net>") != [("Kim", "kim@example.net")]


@given(st.text(max_size=60))
def test_any_header_can_be_read(header: str) -> None:
    for name, address in [*mailboxes(header), *only_mailbox([header])]:
        assert not address or (address in header.replace(" ", "") or "@" in header)
        assert name or address


def test_groups_are_opened_for_those_a_mail_goes_to() -> None:
    found = mailboxes("Team: Ann <ann@example.org>, bo@example.org;, Cy <cy@example.org>")
    assert found == [("Ann", "ann@example.org"), ("", "bo@example.org"), ("Cy", "cy@example.org")]
