"""Text as a reader sees it: headings, paragraphs, list items, table rows. Markdown where there is any.

Every block is one unbroken stretch of the text it came from, but for white space and the mark in
front of a heading, an item or a row; whatever quotes a block quotes the author.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["prose", "item", "heading", "row", "code"]

_HEADING = re.compile(r"(#{1,6})\s+(\S.*?)(?:\s#+)?$")
_UNDERLINE = re.compile(r"(=+|-+)$")
_RULE = re.compile(r"(?:[-*_=~]\s*){3,}$")
_FENCE = re.compile(r"(?:```|~~~)")
_ITEM = re.compile(r"(?:[-*+•‣▪◦–·]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+(?:\[[ xX]\]\s+)?(?=\S)")
_SEPARATOR = re.compile(r"[|:\s-]+$")
_NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+[^\W\d_][^.!?:;]{2,60}$")
_GREETING = re.compile(r"(?i)(hi|hello|hey|dear|hallo|liebe|bonjour|hola|good (morning|afternoon|evening))\b")
_NARROW, _WIDE = 40, 120


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text. `heading` is the heading it stands under, `level` a heading's own depth."""

    kind: BlockKind
    text: str
    heading: str = ""
    level: int = 0


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a text in order. Linear in its length."""
    lines = text.splitlines()
    # Mail is wrapped by machines: a line ended by one is nearly as wide as the widest.
    width = max((len(s) for line in lines if len(s := line.rstrip()) <= _WIDE), default=0)
    heading, fenced = "", False
    kind: BlockKind = "prose"
    held: list[str] = []

    def take() -> Iterator[Block]:
        if held:
            yield Block(kind, " ".join(" ".join(held).split()), heading)
            held.clear()

    for number, raw in enumerate(lines):
        line = raw.strip()
        if fenced or _FENCE.match(line):
            yield from take()
            if _FENCE.match(line):
                fenced = not fenced
            elif line:
                yield Block("code", " ".join(line.split()), heading)
        elif not line:
            yield from take()
        elif found := _HEADING.match(line):
            yield from take()
            heading = " ".join(found[2].split())
            yield Block("heading", heading, heading, len(found[1]))
        elif len(held) == 1 and kind == "prose" and len(line) > 2 and _UNDERLINE.match(line):
            heading = " ".join(held.pop().split())
            yield Block("heading", heading, heading, 1 if line[0] == "=" else 2)
        elif _RULE.match(line):
            yield from take()
        elif (line.startswith("|") and line.count("|") > 1) or " | " in line or "\t" in line:
            yield from take()
            if not _SEPARATOR.match(line):
                yield Block("row", " ".join(line.strip("|").split()), heading)
        elif not held and _alone(lines, number) and _is_heading(line, lines, number):
            heading = " ".join(line.split())
            yield Block("heading", heading, heading, 2 + heading.partition(" ")[0].rstrip(".").count("."))
        elif found := _ITEM.match(line):
            yield from take()
            kind = "item"
            held.append(line[found.end() :])
        elif held and _goes_on(held[-1], raw, line, width, kind):
            held.append(line)
        else:
            yield from take()
            kind = "prose"
            held.append(line)
    yield from take()


def _alone(lines: list[str], number: int) -> bool:
    before = number == 0 or not lines[number - 1].strip()
    return before and number + 1 < len(lines) and not lines[number + 1].strip()


def _is_heading(line: str, lines: list[str], number: int) -> bool:
    """Headings of plain text: numbered or in capitals, alone on their line, with prose below."""
    if len(line) > 70 or not (_NUMBERED.match(line) or (line.isupper() and sum(map(str.isalpha, line)) > 3)):
        return False
    below = next((s for other in lines[number + 1 : number + 4] if (s := other.strip())), "")
    return bool(below) and not _NUMBERED.match(below) and not below.isupper()


def _goes_on(before: str, raw: str, line: str, width: int, kind: BlockKind) -> bool:
    """Whether a line is the rest of the one before it, rather than a line of its own."""
    if _GREETING.match(before) and before.endswith((",", "!")):
        return False
    if kind == "item" and raw[:1] in " \t":
        return True
    if before.endswith((".", "!", "?", ":", ";", "。", "！", "？")) and len(before) < width * 0.6:
        return False
    if line[0].islower() and len(before) > width / 2:
        return True
    would_fit = len(before) + 1 + len(line.split(None, 1)[0]) <= width
    return not would_fit and _NARROW <= len(before) <= _WIDE
