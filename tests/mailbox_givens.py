"""Invented mail of the shapes that real mailboxes have: sizes, headers, parts, threads. The same each time.

Of a hundred messages some 45 are plain answers in threads, 30 have an HTML twin, 15 are newsletters of 20 to
60 KB of HTML, and 10 have something attached: pictures mostly, now and then a PDF or a text.
"""

from __future__ import annotations

import random
from base64 import encodebytes
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from deskhand.agent.sample._markup import Heading, Paragraph
from deskhand.agent.sample._pdf import pdf

OLDEST = datetime(2024, 1, 2, 7, 0, tzinfo=UTC)
_PARTS = [
    "ba", "be", "bo", "da", "de", "di", "fa", "ge", "ha", "jo", "ka", "ke", "la", "le",
    "li", "ma", "mi", "mo", "na", "ne", "no", "pa", "pi", "ra", "re", "ri", "ro", "sa",
    "se", "si", "ta", "te", "ti", "to", "va", "vi",
]  # fmt: skip
_ENDS = ["", "n", "r", "s", "t", "ng", "st"]


class Mailbox:
    """Makes messages one after the other."""

    def __init__(self, seed: int = 20261123) -> None:
        self._random = random.Random(seed)
        words = {self._word() for _ in range(12_000)}
        self._words = sorted(words, key=lambda w: (len(w), w))
        # As in any language, few words are most of a text.
        self._often = list(accumulate(1 / (n + 3) for n in range(len(self._words))))
        self._people = [f"{self._name()} {self._name()}" for _ in range(400)]
        self._threads: list[tuple[str, list[str]]] = []
        self._n = 0

    def messages(self, count: int) -> Iterator[bytes]:
        """So many, the oldest first; lines end with CRLF."""
        for _ in range(count):
            yield self._message()

    def _message(self) -> bytes:
        pick, self._n = self._random, self._n + 1
        kind = pick.choices(["plain", "twin", "news", "attached"], [45, 30, 15, 10])[0]
        own_id = f"<{self._n:06}.{pick.getrandbits(64):x}@mail{pick.randrange(30)}.example.org>"
        subject, before = self._thread(own_id, kind)
        sender = pick.choice(self._people)
        at = OLDEST + timedelta(minutes=self._n * 97)
        head = [
            f"Return-Path: <{_address(sender)}>", "Delivered-To: ana@example.org", *self._travelled(at),
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1;\r\n"
            f"\th=from:to:subject:date:message-id; bh={self._random64(32)};\r\n\tb={self._random64(200)}",
            f"From: {sender} <{_address(sender)}>",
            f"To: Ana Test <ana@example.org>{self._others()}",
            f"Subject: {subject}", f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000", f"Message-ID: {own_id}",
            "MIME-Version: 1.0", f"User-Agent: Invented/{pick.randrange(5, 12)}.{pick.randrange(9)}",
        ]  # fmt: skip
        if before:
            head += [f"In-Reply-To: {before[-1]}", "References: " + "\r\n ".join(before[-8:])]
        if kind == "news":
            head += [
                "List-Id: News of the harbour <news.example.org>", "Precedence: bulk",
                f"List-Unsubscribe: <https://example.org/u/{pick.getrandbits(96):x}>",
            ]  # fmt: skip
        return ("\r\n".join(head) + "\r\n").encode() + self._body(kind, sender)

    def _body(self, kind: str, sender: str) -> bytes:
        pick = self._random
        text = self._text(pick.randrange(3, 14)) + f"\r\n\r\n-- \r\n{sender}\r\nHarbour Office\r\n"
        if kind == "plain":
            quoted = "".join(f"> {line}\r\n" for line in self._text(pick.randrange(2, 25)).splitlines())
            text = f"{text}\r\nOn Mon, 9 Nov 2026 at 09:12, {pick.choice(self._people)} wrote:\r\n{quoted}"
            return f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()
        length = pick.randrange(40, 130) if kind == "news" else pick.randrange(4, 20)
        both = self._several("alternative", [_plain(text), _html(self._page(length, dressed=kind == "news"))])
        if kind != "attached":
            return both
        return self._several("mixed", [both, *(self._file() for _ in range(pick.choice([1, 1, 1, 2])))])

    def _file(self) -> bytes:
        pick = self._random
        name = f"{self._word()}-{pick.randrange(1000)}"
        match pick.choices(["jpeg", "pdf", "text"], [80, 15, 5])[0]:
            case "jpeg":
                return _encoded("image/jpeg", f"{name}.jpg", pick.randbytes(pick.randrange(20_000, 160_000)))
            case "pdf":
                said = [Heading(1, name), *(Paragraph(self._line(60)) for _ in range(pick.randrange(5, 40)))]
                made = pdf(said, title=name, author="Ana", at=OLDEST)
                return _encoded("application/pdf", f"{name}.pdf", made)
            case _:
                return _encoded("text/plain", f"{name}.txt", self._text(40).encode())

    def _page(self, paragraphs: int, *, dressed: bool) -> str:
        style = (
            "font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:20px;color:#333333;margin:0"
        )
        rows = (
            f'<table width="600" cellpadding="0"><tr><td style="{style};padding:0 0 12px 0">{self._line(40)} '
            f'<a href="https://example.org/t/{self._random.getrandbits(120):x}" style="{style}">'
            f"{self._line(3)}</a>"
            "</td></tr></table>\r\n"
            if dressed
            else f"<p>{self._line(40)}</p>\r\n"
            for _ in range(paragraphs)
        )
        return f"<html><head><style>p {{{style}}}</style></head><body>{''.join(rows)}</body></html>"

    def _several(self, how: str, parts: list[bytes]) -> bytes:
        edge = f"----=_{self._random.getrandbits(80):x}".encode()
        inner = b"".join(b"--" + edge + b"\r\n" + part + b"\r\n" for part in parts)
        return (
            f'Content-Type: multipart/{how}; boundary="'.encode()
            + edge
            + b'"\r\n\r\n'
            + inner
            + b"--"
            + edge
            + b"--\r\n"
        )

    def _thread(self, own_id: str, kind: str) -> tuple[str, list[str]]:
        pick = self._random
        if kind != "news" and self._threads and pick.random() < 0.6:
            subject, before = pick.choice(self._threads[-200:])
            told = list(before)
            before.append(own_id)
            return f"Re: {subject}", told
        subject = self._line(pick.randrange(2, 8)).rstrip(".")
        self._threads.append((subject, [own_id]))
        return subject, []

    def _travelled(self, at: datetime) -> list[str]:
        when = f"{at:%a, %d %b %Y %H:%M:%S} +0000"
        return [
            f"Received: from mx{n}.example.org (mx{n}.example.org [192.0.2.{n}])\r\n\tby mail.example.org "
            f"with ESMTPS id {self._random.getrandbits(60):x}\r\n\tfor <ana@example.org>; {when}"
            for n in range(self._random.randrange(2, 6))
        ]

    def _others(self) -> str:
        some = self._random.sample(self._people, self._random.choice([0, 0, 1, 3]))
        return "".join(f",\r\n\t{name} <{_address(name)}>" for name in some)

    def _text(self, paragraphs: int) -> str:
        return "\r\n\r\n".join(self._line(self._random.randrange(8, 45)) for _ in range(paragraphs))

    def _line(self, words: int) -> str:
        return (
            " ".join(self._random.choices(self._words, cum_weights=self._often, k=words)).capitalize() + "."
        )

    def _word(self) -> str:
        return "".join(self._random.choices(_PARTS, k=self._random.randrange(1, 5))) + self._random.choice(
            _ENDS
        )

    def _name(self) -> str:
        return self._word().capitalize()

    def _random64(self, size: int) -> str:
        return encodebytes(self._random.randbytes(size)).decode().replace("\n", "")


def _address(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@example.org"


def _plain(text: str) -> bytes:
    return f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()


def _html(page: str) -> bytes:
    return f"Content-Type: text/html; charset=utf-8\r\n\r\n{page}".encode()


def _encoded(mime: str, name: str, data: bytes) -> bytes:
    head = (
        f'Content-Type: {mime}; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + encodebytes(data).replace(b"\n", b"\r\n")
