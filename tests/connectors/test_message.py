"""Any bytes become Items; good messages become the right ones."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import format_datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskhand.connectors import _mime
from deskhand.connectors._html import text_of_html
from deskhand.connectors._mail_compose import Answered, compose, mailbox, slug
from deskhand.connectors._message import Found, items
from deskhand.connectors._message_parts import Attachment, attachment
from deskhand.connectors._text import Reader
from deskhand.connectors.errors import Misconfigured, Unsupported
from deskhand.connectors.model import Item, ItemRef, Relation
from deskhand.connectors.operations import Mailbox, MailDraft, MailSend

ARRIVED = datetime(2026, 11, 22, 8, tzinfo=UTC)
FOUND = Found(ItemRef("mail", "message", "INBOX/1"), "INBOX", ARRIVED)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


def read(data: bytes, reader: Reader | None = None) -> Item:
    return items(data, FOUND, reader=reader or Reader(), only=0)[0]


def sound(item: Item) -> None:
    """What must hold of every Item, whatever it was made of."""
    for text in (item.title, item.text, item.author, item.folder, item.link, str(item.ref)):
        text.encode()
        assert "\0" not in text
    json.dumps(dict(item.data), ensure_ascii=False).encode()
    assert "\n" not in item.title
    assert item.at.tzinfo is not None
    for person in item.people:
        (person.name + person.address).encode()
        assert "\n" not in person.name + person.address
        assert person.address == person.address.lower()
    for relation in item.relations:
        relation.target.encode()
    assert item.label.trust == "untrusted"


# ------------------------------------------------------------------ anything at all

PIECES = st.sampled_from(
    [
        b"From: ", b"To: ", b"Subject: ", b"Date: ", b"Message-ID: <", b">", b"Received: x; ", b"\n", b"\r\n",
        b"\n\n", b" ", b"\t", b"Content-Type: ", b"multipart/mixed; boundary=b", b"text/html",
        b"multipart/alternative; boundary=b", b"message/rfc822", b"text/calendar; method=",
        b"; charset=utf-16", b"; charset=idna", b"; charset=unicode_escape", b"; charset=utf-7",
        b"--b", b"--b--", b"\nContent-Transfer-Encoding: ", b"base64", b"quoted-printable",
        b"Content-Disposition: attachment; filename*0*=", b"%E4", b"=?utf-8?b?", b"=?x?q?=ED=A0=80?=", b"?=",
        b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"<html><", b"<!--", b"&#xD800;", b"&#99999999999999999999;",
        b"<blockquote>", b"1 Jan 0001 00:00 +2359", b"(", b'"', b"@", b",", b"31 Dec 9999 23:59:59 -0000",
        b'Content-Type: multipart/digest; boundary=""', b"References: <a@b> <c>",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES | st.binary(max_size=30), max_size=40).map(b"".join))
def test_there_are_no_bytes_it_raises_on(data: bytes) -> None:
    made = items(data, FOUND, reader=SHARED)
    for item in made:
        sound(item)
    message, *attached = made
    assert [a["native"] for a in message.data["attachments"]] == [a.ref.native for a in attached]
    assert items(data, FOUND, reader=SHARED) == made
    for number, item in enumerate(attached, 1):
        found = attachment(data, number)
        assert found is not None
        assert found.name == item.title
    assert attachment(data, len(made)) is None


SHARED = Reader(seconds=5)


def nested(depth: int) -> bytes:
    parts = (b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(depth))
    return b"Subject: deep\n" + b"".join(parts) + b"Content-Type: text/plain\n\nhello"


def rfc822(depth: int) -> bytes:
    return b"Content-Type: message/rfc822\n\n" * depth + b"Subject: core\n\nhello"


HOSTILE = {
    "nested": nested(1000),
    "forwards in forwards": rfc822(1000),
    "headers": b"".join(b"X-%d: y\n" % n for n in range(10_000)) + b"\nbody",
    "one header": b"Subject: " + b"x" * 5_000_000 + b"\n\nbody",
    "folds": b"Subject: x\n" + b" y\n" * 1_000_000 + b"\nbody",
    "recipients": b"To: " + b", ".join(b"a%d <a%d@example.org>" % (n, n) for n in range(20_000)) + b"\n\nx",
    "parentheses": b"From: " + b"(" * 90_000 + b"\n\nx",
    "quotes": b"From: " + b'"' * 90_000 + b"\n\nx",
    "references": b"References: " + b"<a@b>" * 200_000 + b"\n\nx",
    "words": b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\n\nx",
    "open words": b"Subject: " + b"=?" * 500_000 + b"\n\nx",
    "parameters": b"Content-Type: text/plain" + b'; a="' * 100_000 + b"\n\nx",
    "delimiters": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 250_000,
    "delimiters, no lines": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b" * 500_000,
    "comments": b"Content-Type: text/html\n\n" + b"<!--" * 250_000,
    "tags": b"Content-Type: text/html\n\n" + b"<a " * 333_000,
    "quotes in tags": b"Content-Type: text/html\n\n" + b'<a ">' * 200_000,
    "depth": b"Content-Type: text/html\n\n" + b"<blockquote>x<br>" * 60_000,
    "closers": b"Content-Type: text/html\n\n" + b"<b></i>" * 140_000,
    "lines": b"Subject: x\n\n" + b">\n" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_messages_are_quick(name: str, reader: Reader) -> None:
    began = time.process_time()
    made = items(HOSTILE[name], FOUND, reader=reader)
    assert time.process_time() - began < 48  # seconds of CPU: it ends, and is not quadratic
    assert len(made) <= 1001
    sound(made[0])


def test_a_message_of_sixty_megabytes(reader: Reader) -> None:
    head = b"Subject: big\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\nhi\n--bb\n"
    encoded = b"Content-Type: application/octet-stream; name=x.bin\nContent-Transfer-Encoding: base64\n\n"
    data = head + encoded + (b"QUJD" * 19 + b"\n") * 780_000 + b"--bb--\n"
    began = time.process_time()
    message, attached = items(data, FOUND, reader=reader)
    assert time.process_time() - began < 48  # seconds of CPU: it ends, and is not quadratic
    assert (message.text, attached.title, attached.data["size"]) == ("hi", "x.bin", 780_000 * 57)


def test_a_body_without_end_is_cut_and_says_so() -> None:
    item = read(b"Subject: x\n\n" + b"a line of words\n" * 400_000)
    assert len(item.text) <= 2_000_000
    assert item.data["truncated"] is True


# ------------------------------------------------------------------ headers


def test_text_without_headers_is_a_message() -> None:
    item = read(b"Just some words.\nAnd more.")
    assert (item.title, item.text, item.at) == ("(no subject)", "Just some words.\nAnd more.", ARRIVED)
    assert item.data["message_id"].endswith("@missing.invalid>")
    assert item.data["message_id"] == read(b"Just some words.\nAnd more.").data["message_id"]


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        (b"=?utf-8?q?gr=C3=BCn?=", "grün"),
        (b"=?utf-8?b?w6Q=?= =?utf-8?b?w7Y=?=", "äö"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=A4?=", "ä"),
        (b"a =?iso-8859-1?q?=E4?= b", "a ä b"),
        (b"=?utf-8*en?q?x=5Fy_z?=", "x_y z"),
        (b"=?no-such-charset?q?gr=C3=BCn?=", "grün"),
        (b"=?utf-8?b?w6Q?=", "ä"),
        (b"=?utf-8?b?!!!?=", ""),
        (b"gr\xc3\xbcn", "grün"),
        (b"gr\xfcn", "grün"),
        (b"Hi\r\n there\r\n\tyou", "Hi there you"),
        (b"Hi\x00\x1b[31m", "Hi"),
        (b"Cat\x1b[2J\x1b]8;;http://evil.example\x07.exe\x1b]8;;\x07", "Cat.exe"),
        (b"=?utf-8?q?Hi=0D=0ABcc:_x@example.org?=", "Hi Bcc: x@example.org"),
    ],
)
def test_subjects(raw: bytes, title: str) -> None:
    assert read(b"Subject: " + raw + b"\n\nx").title == (title or "(no subject)")


def test_people_have_roles_and_lower_case_addresses() -> None:
    item = read(
        b"From: =?utf-8?q?=C3=84nn?= Test <Ann@Example.ORG>\n"
        b'To: "Test, Bo" <bo@example.org>, =?utf-8?q?Cy=2C_x?= <cy@example.org>\n'
        b"To: dee@example.org\nCc: undisclosed-recipients:;\nReply-To: list@example.net\n\nx"
    )
    assert [(p.role, p.name, p.address) for p in item.people] == [
        ("from", "Änn Test", "ann@example.org"),
        ("to", "Test, Bo", "bo@example.org"),
        ("to", "Cy, x", "cy@example.org"),
        ("to", "", "dee@example.org"),
        ("reply-to", "", "list@example.net"),
    ]
    assert item.author == "Änn Test"
    assert item.label.origins == ("ann@example.org",)
    assert item.label.readers == ("ann@example.org", "bo@example.org", "cy@example.org", "dee@example.org")


@pytest.mark.parametrize(
    ("text", "trust"),
    [
        ("Pay it on Friday.", "user"),
        ("Look.\n\nFrom: Bo\nSubject: pay\n\nPay it today.", "untrusted"),
        ("Schau.\n\nVon: Bo\nGesendet: Montag\nBetreff: x\n\nPay it today.", "untrusted"),
        ("Von: Bo\nBetreff: x\n\nPay it today.", "untrusted"),
        ("Look.\n\n-----Message d'origine-----\nPay it today.", "untrusted"),
    ],
)
def test_what_the_owner_passes_on_is_not_her_word(reader: Reader, text: str, trust: str) -> None:
    data = f"From: ann@example.org\nTo: cy@example.org\nContent-Type: text/plain; charset=utf-8\n\n{text}"
    sent = Found(ItemRef("mail", "message", "m"), "Sent", ARRIVED, owner="ann@example.org", sent=True)
    assert items(data.encode(), sent, reader=reader, only=0)[0].label.trust == trust


@pytest.mark.parametrize(
    ("head", "hers"),
    [
        ("", True),
        (
            "Received: from laptop by mail.example.org with ESMTPSA id 1; Sun, 22 Nov 2026 09:00:00 +0000",
            True,
        ),
        ("Received: from 12 named unknown by gmailapi.google.com with HTTPREST; Sun, 22 Nov 2026", True),
        ("Received: from A.example by B.example\n with mapi id 15.20; Sun, 22 Nov 2026 09:00:00 +0000", True),
        ("Received: from ann by box.example.org with local (Exim 4.96)\n id 1; Sun, 22 Nov 2026", True),
        ("Received: from mx.example.com by mail.example.org with ESMTPS id 1; Sun, 22 Nov 2026", False),
        ("Received: by mail.example.org with LMTP id 1\nReceived: from x by y with ESMTPSA id 2", False),
        ("Received: from with ESMTPS (x) by mail.example.org", False),
        ("Delivered-To: ann@example.org\nReceived: from x by y with ESMTPSA id 2", False),
        ("X-Original-To: ann@example.org", False),
        ("Received-SPF: pass (example.org: domain of ann@example.org)", False),
    ],
)
@pytest.mark.parametrize("folder", ["Sent", "Drafts"])
def test_what_came_from_outside_is_nobodys_sent_mail(
    reader: Reader, head: str, hers: bool, folder: str
) -> None:
    """A rule of the mailbox moved it there: its From line is what anybody can write."""
    first = f"{head}\n" if head else ""
    data = f"{first}From: ann@example.org\nTo: cy@example.org\nSubject: Money\n\nPay Cy on Friday.\n"
    sent = folder == "Sent"
    found = Found(ItemRef("mail", "message", "m"), folder, ARRIVED, owner="ann@example.org", sent=sent)
    (item,) = items(data.encode(), found, reader=reader, only=0)
    assert item.label.trust == ("user" if hers else "untrusted")
    assert item.data.get("sent", False) is (hers and sent)


@pytest.mark.parametrize(
    ("head", "at"),
    [
        (b"Date: Sun, 22 Nov 2026 08:00:00 +0100", datetime(2026, 11, 22, 7, tzinfo=UTC)),
        (b"Date: 22 Nov 2026 08:00 -0000", datetime(2026, 11, 22, 8, tzinfo=UTC)),
        (
            b"Date: never\nReceived: by x; Sun, 22 Nov 2026 09:00:00 +0000",
            datetime(2026, 11, 22, 9, tzinfo=UTC),
        ),
        (  # a clock that was ahead: what lies years in the future would come first for years
            b"Date: Mon, 22 Nov 2066 09:00:00 +0000\nReceived: by x; Sun, 22 Nov 2026 09:00:00 +0000\n"
            b"Received: by y; Mon, 22 Nov 2066 09:00:00 +0000",
            datetime(2026, 11, 22, 9, tzinfo=UTC),
        ),
        (
            b"Date: Sun, 22 Nov 2026 21:00:00 +0000\nReceived: by x; Sun, 22 Nov 2026 09:00:00 +0000",
            datetime(2026, 11, 22, 21, tzinfo=UTC),
        ),
        (
            b"Date: Thu, 01 Jan 1970 00:00:00 +0000\nReceived: by x; Sun, 22 Nov 2026 09:00:00 +0000",
            datetime(2026, 11, 22, 9, tzinfo=UTC),
        ),
        (b"Date: Thu, 01 Jan 1970 00:00:00 +0000", ARRIVED),
        (b"Date: Mon, 1 Jan 0001 00:00:00 +2359", None),
        (b"Date: Fri, 31 Dec 9999 23:59:59 -2359", ARRIVED),
        (b"Date: 99 Foo 2026 99:99:99", ARRIVED),
        (b"X-Nothing: here", ARRIVED),
    ],
)
def test_dates(head: bytes, at: datetime | None) -> None:
    found = read(head + b"\n\nx").at
    found.astimezone(UTC)
    assert at is None or found == at


def test_threading_headers_become_relations() -> None:
    item = read(b"Message-ID: <c@x>\nReferences: <a@x>\n <b@x> junk\nIn-Reply-To: Bo's of <b@x>\n\nx")
    assert item.relations == (Relation("thread", "<a@x>"), Relation("reply-to", "<b@x>"))
    assert item.data["references"] == ["<a@x>", "<b@x>"]
    alone = read(b"Message-ID: <c@x>\n\nx")
    assert alone.relations == (Relation("thread", "<c@x>"),)
    only_answer = read(b"Message-ID: <c@x>\nIn-Reply-To: <b@x>\n\nx")
    assert only_answer.data["references"] == ["<b@x>"]


@pytest.mark.parametrize(
    ("head", "auto"),
    [
        (b"Auto-Submitted: auto-replied", True),
        (b"Auto-Submitted: no", False),
        (b"Precedence: bulk", True),
        (b"X: y", False),
    ],
)
def test_what_programs_write_is_marked(head: bytes, auto: bool) -> None:
    assert read(head + b"\n\nx").data["auto"] is auto


# ------------------------------------------------------------------ bodies


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("utf-8", "grün ✓".encode(), "grün ✓"),
        ("iso-8859-1", b"gr\xfcn \x80", "grün €"),
        ("utf-8", b"gr\xfcn", "grün"),
        ("us-ascii", "grün".encode(), "grün"),
        ("no-such", "grün".encode(), "grün"),
        ("idna", b"xn--a", "xn--a"),
        ("utf-16", "grün".encode("utf-16"), "grün"),
        ("iso-2022-jp", "日本".encode("iso-2022-jp"), "日本"),
        ("utf-7", b"+2AA-", "+2AA-"),
        ("rot13", b"abc", "abc"),
        ("utf-8\x00", b"abc", "abc"),
    ],
)
def test_charsets(charset: str, body: bytes, text: str) -> None:
    assert read(f'Content-Type: text/plain; charset="{charset}"\n\n'.encode() + body).text == text


def test_html_is_read_as_a_person_sees_it() -> None:
    page = """<html><head><title>t</title>
    <style>.pre {display:none} @media print {.all {display:none}}</style></head>
    <body><span class=pre>PREHEADER</span><p class="all">Yes &amp; 1 < 2.</p><div style="display: none">HIDDEN
    <p>TOO</p></div><script>alert("<p>SCRIPT")</script><span style="font-size:0px">TINY</span><!-- NOTE -->
    <ul><li>one<li>two</ul><img src="https://example.com/pixel?id=1" alt="">
    <div class="gmail_quote">On Mon, Nov 23, 2026 at 9:00 Bo &lt;bo@example.org&gt; wrote:<br>
    <blockquote class="gmail_quote">Cost?</blockquote>Ten.
    <blockquote>When?</blockquote></div></body></html>"""
    item = read(b"Content-Type: text/html\n\n" + page.encode())
    assert item.text == "Yes & 1 < 2.\n\n- one\n- two\n\nTen."
    assert item.data["quoted"].split("\n")[-1] == "> When?"
    for unseen in ("PREHEADER", "HIDDEN", "TOO", "SCRIPT", "TINY", "NOTE", "pixel"):
        assert unseen not in json.dumps([item.text, dict(item.data)])


def alternative(plain: bytes) -> bytes:
    return (
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n" + plain
        + b"\n--b\nContent-Type: text/html\n\n<p>html</p>\n--b--\n"
    )  # fmt: skip


def test_plain_text_is_preferred_when_there_is_any() -> None:
    assert read(alternative(b"plain")).text == "plain"
    assert read(alternative(b" \n ")).text == "html"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), max_size=300))
def test_visible_text_of_escaped_html_is_the_text(text: str) -> None:
    from html import escape

    shown = text_of_html("".join(f"<div>{escape(line)}</div>" for line in text.split("\n")))
    assert shown.split() == text.replace("\xa0", " ").split()


# ------------------------------------------------------------------ attachments


def test_attachments_are_items_with_safe_names(reader: Reader) -> None:
    names = [
        b"../../etc/passwd",
        b"C:\\\\temp\\\\a.txt",
        b"\xe2\x80\xaetxt.exe",
        b".bashrc",
        b"a\x1bb.txt",
        b"",
    ]
    parts = b"".join(
        b'--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename="'
        + n
        + b'"\n\nword%d\n' % k
        for k, n in enumerate(names)
    )
    data = (
        b"From: Bo <bo@example.org>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n"
        + parts
        + b"--b--\n"
    )
    message, *attached = items(data, FOUND, reader=reader)
    assert [a.title for a in attached] == [
        "passwd",
        "a.txt",
        "txt.exe",
        "bashrc",
        "a.txt",  # ESC b is what a terminal obeys
        "attachment-6.txt",
    ]
    assert attached[0].text.strip() == "word0"
    assert {a.relations for a in attached} == {(Relation("attachment-of", "INBOX/1"),)}
    assert {(a.people, a.at, a.label) for a in attached} == {(message.people, message.at, message.label)}
    assert [a["name"] for a in message.data["attachments"]] == [a.title for a in attached]


def test_a_name_in_another_alphabet(reader: Reader) -> None:
    named = b"Content-Disposition: attachment;\n filename*0*=utf-8''%C3%A4;\n filename*1=bc.pdf\n"
    _, attached = items(b"Content-Type: application/pdf\n" + named + b"\nnot a pdf", FOUND, reader=reader)
    assert attached.title == "äbc.pdf"
    assert attached.text == ""
    assert attached.data["note"]


def test_a_forwarded_message_is_an_attachment_one_can_read(reader: Reader) -> None:
    inner = b"From: Cy <cy@example.org>\nSubject: News\nContent-Type: text/html\n\n<p>It is done.</p>"
    data = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\nContent-Type: message/rfc822\n\n"
        + inner
    )
    _, attached = items(data, FOUND, reader=reader)
    assert attached.title == "News.eml"
    assert attached.text == "From: Cy <cy@example.org>\nSubject: News\n\nIt is done."


def test_logos_in_the_text_and_signatures_are_no_attachments(reader: Reader) -> None:
    data = (
        b"Content-Type: multipart/signed; boundary=s\n\n--s\nContent-Type: multipart/related; boundary=r\n\n"
        b"--r\nContent-Type: text/html\n\n<p>hi<img src=cid:1></p>\n"
        b"--r\nContent-Type: image/png; name=logo.png\nContent-ID: <1>\n\nPNG\n--r--\n"
        b"--s\nContent-Type: application/pgp-signature; name=signature.asc\n\nx\n--s--\n"
    )
    (message,) = items(data, FOUND, reader=reader)
    assert message.text == "hi"


@pytest.mark.parametrize("with_file", [True, False])
def test_an_invitation_is_kept_once(reader: Reader, with_file: bool) -> None:
    ics = b"BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n"
    file = b"--b\nContent-Type: text/calendar; name=meet.ics\n\n" + ics if with_file else b""
    beside = b"--a\nContent-Type: text/calendar; method=request\n\n" + ics + b"--a--\n"
    data = (
        b"Content-Type: multipart/mixed; boundary=b\n\n"
        b"--b\nContent-Type: multipart/alternative; boundary=a\n\n--a\n\nPlease come.\n"
        + beside + file + b"--b--\n"
    )  # fmt: skip
    message, invitation = items(data, FOUND, reader=reader)
    assert message.text == "Please come."
    assert message.data["calendar_method"] == "REQUEST"
    assert invitation.title == ("meet.ics" if with_file else "invite.ics")


# ------------------------------------------------------------------ the same as the standard library

BODIES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), max_size=200)


@settings(deadline=None, max_examples=60)
@given(
    BODIES,
    BODIES,
    st.lists(st.tuples(st.binary(max_size=100), st.text("abcä ,;\"'", min_size=1, max_size=12)), max_size=3),
)
def test_parts_are_those_the_standard_library_sees(
    plain: str, html: str, files: list[tuple[bytes, str]]
) -> None:
    made = EmailMessage(policy.SMTP)
    made.set_content(plain)
    made.add_alternative(html, subtype="html")
    for data, name in files:
        made.add_attachment(data, maintype="application", subtype="x-thing", filename=name)
    raw = made.as_bytes()
    theirs: Message = message_from_bytes(raw)
    leaves = [p for p in theirs.walk() if not p.is_multipart()]
    waiting, ours = [_mime.parse(raw)], []
    while waiting:
        part = waiting.pop()
        waiting += reversed(part.children)
        if not part.children:
            ours.append(part)
    assert [p.mime for p in ours] == [p.get_content_type() for p in leaves]
    assert [_mime.content(raw, p) for p in ours] == [p.get_payload(decode=True) for p in leaves]


# ------------------------------------------------------------------ composing

SENDER = Mailbox(address="ana@example.org", name="Ana Test")
NASTY = st.text(st.characters(codec="utf-8") | st.sampled_from("\r\n\0\x85\u2028:<>\"',;"), max_size=60)


def subject_shown(subject: str) -> str:
    return _mime.clean(subject.replace("\u2028", " ").replace("\x85", " "))


@settings(deadline=None)
@given(NASTY, NASTY, NASTY, BODIES)
def test_nothing_written_can_add_a_header_and_all_of_it_reads_back(
    subject: str, name: str, file: str, body: str
) -> None:
    op = MailSend(
        source="mail", to=(Mailbox(address="bo@example.org", name=name),), subject=subject, body=body,
        bcc=(Mailbox(address="cy@example.net"),),
    )  # fmt: skip
    raw = compose(
        op, key="k", now=ARRIVED, sender=SENDER, answered=Answered("<a@x>", ["<r@x>"]),
        attachments=[Attachment(file, "text/plain", b"data")], show_bcc=False,
    )  # fmt: skip
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"cy@example.net" not in raw
    parsed = message_from_bytes(raw)
    assert sorted(parsed.keys()) == sorted(
        [
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "In-Reply-To",
            "References",
            "MIME-Version",
            "Content-Type",
        ]
    )
    item = read(raw, SHARED)
    assert [(p.role, p.address) for p in item.people] == [
        ("from", "ana@example.org"),
        ("to", "bo@example.org"),
    ]
    assert item.data["references"] == ["<r@x>", "<a@x>"]
    assert [(a["mime"], a["size"]) for a in item.data["attachments"]] == [("text/plain", 4)]
    again = compose(
        op, key="k", now=ARRIVED, sender=SENDER, answered=Answered("<a@x>", ["<r@x>"]),
        attachments=[Attachment(file, "text/plain", b"data")], show_bcc=False,
    )  # fmt: skip
    assert raw == again


def draft(**rest: object) -> bytes:
    op = MailDraft.model_validate({"source": "mail", **rest})
    return compose(
        op,
        key="k",
        now=ARRIVED + timedelta(hours=1),
        sender=SENDER,
        answered=None,
        attachments=[],
        show_bcc=True,
    )


def test_what_is_composed_reads_back_word_for_word() -> None:
    body = "Grüße,\n\n  indented\n-- \nAna\n" + "long " * 300
    to = [{"address": "bo@example.org", "name": "Übung " * 20}]
    raw = draft(subject="Übung " * 20, to=to, body=body)
    parsed = message_from_bytes(raw, policy=policy.default)
    content = parsed.get_content()
    assert content.replace("\r\n", "\n").rstrip("\n") == body.rstrip("\n")
    assert parsed["Subject"] == ("Übung " * 20).strip()
    # By the RFC's rule for neighbouring words; `policy.default` of Python 3.11 puts spaces between them.
    to_field = make_header(decode_header(message_from_bytes(raw)["To"]))
    assert str(to_field) == f"{'Übung ' * 20}<bo@example.org>"
    assert parsed["Date"] == format_datetime(ARRIVED + timedelta(hours=1))


def test_an_invitation_is_an_alternative_that_names_its_method() -> None:
    ics = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Übung\r\nEND:VCALENDAR\r\n"
    parsed = message_from_bytes(draft(body="Please come.", calendar=ics), policy=policy.default)
    assert parsed.get_content_type() == "multipart/alternative"
    plain, calendar = parsed.iter_parts()
    assert plain.get_content_type() == "text/plain"
    assert calendar.get_content_type() == "text/calendar"
    assert calendar["Content-Type"].params["method"] == "REQUEST"
    assert "Übung" in calendar.get_content()
    with pytest.raises(Unsupported, match="METHOD"):
        draft(calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")


def test_addresses_that_no_server_takes_are_refused_in_words() -> None:
    with pytest.raises(Unsupported, match="bö@"):
        draft(to=[{"address": "bö@example.org"}])
    assert b"bo@xn--exmple-cua.org" in draft(to=[{"address": "bo@exämple.org"}])
    with pytest.raises(Misconfigured):
        mailbox("not an address")


@given(st.text(max_size=100), st.text(max_size=100))
def test_keys_make_names_that_stay_apart(one: str, two: str) -> None:
    for name in (slug(one), slug(two)):
        assert name
        assert name.isascii()
        assert not set(name) & set("/\\. :<>\0")
    assert (slug(one) == slug(two)) == (one == two)


def test_bytes_that_travel_are_the_same_at_the_other_end() -> None:
    data = bytes(range(256)) * 40
    op = MailDraft(source="mail", to=(SENDER,))
    for mime in ("application/pdf", "message/rfc822", "multipart/mixed", "nonsense"):
        raw = compose(
            op, key="k", now=ARRIVED, sender=SENDER, answered=None,
            attachments=[Attachment("x.bin", mime, data)], show_bcc=True,
        )  # fmt: skip
        found = attachment(raw, 1)
        assert found is not None
        assert found.data == data
        assert base64.b64encode(data)[:40] in raw
