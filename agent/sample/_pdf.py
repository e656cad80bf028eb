"""Just enough PDF, written by hand: headings, paragraphs, bullets and tables as text on A4 pages.

The same text always gives the same bytes (ISO 32000-1; built-in Helvetica, WinAnsi, no compression).
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime

from deskhand.agent.sample._markup import Block, Bullet, Heading, Paragraph, Table

_LEFT, _TOP, _BOTTOM = 64, 780, 64
_WRAP = 88  # characters of 10.5 pt Helvetica that safely fit the width of an A4 page
_HEADING = {1: 17.0, 2: 13.0, 3: 11.5}


def pdf(blocks: Sequence[Block], *, title: str, author: str, at: datetime) -> bytes:
    """A PDF whose text can be taken out again. :raises UnicodeEncodeError: a character is not in cp1252."""
    pages = _pages(blocks)
    first = 5  # objects 1 to 4: catalogue, page tree, two fonts; then page and content in turn
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    for n, content in enumerate(pages):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            b"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents %d 0 R >>" % (first + 2 * n + 1)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    stamp = at.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ").encode()
    objects.append(b"<< /Title (%s) /Author (%s) /ModDate (%s) >>" % (_string(title), _string(author), stamp))
    return _file(objects)


def _pages(blocks: Sequence[Block]) -> list[bytes]:
    pages: list[list[bytes]] = [[]]
    y = float(_TOP)
    for block in blocks:
        size, font, gap, lines = _lines(block)
        if y - gap - size < _BOTTOM or (isinstance(block, Heading) and y - 60 < _BOTTOM):
            pages.append([])
            y = _TOP
        y -= gap
        for line in lines:
            if y < _BOTTOM:
                pages.append([])
                y = _TOP
            pages[-1].append(b"BT /%s %g Tf %d %g Td (%s) Tj ET" % (font, size, _LEFT, y, _string(line)))
            y -= size * 1.35
    return [b"\n".join(page) for page in pages]


def _lines(block: Block) -> tuple[float, bytes, float, list[str]]:
    """Size, font, space above, and the lines a block is set in."""
    match block:
        case Heading(level, text):
            return _HEADING[level], b"F2", 14, textwrap.wrap(text, 56)
        case Bullet(text):
            return 10.5, b"F1", 3, textwrap.wrap(f"• {text}", _WRAP, subsequent_indent="  ")
        case Paragraph(text):
            return 10.5, b"F1", 8, textwrap.wrap(text, _WRAP)
        case Table(rows):
            return 10.5, b"F1", 8, ["   ".join(row) for row in rows]


def _string(text: str) -> bytes:
    raw = text.encode("cp1252")
    return raw.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")


def _file(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (len(objects) + 1, len(objects))
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)
