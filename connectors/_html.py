"""The visible text of an HTML mail, quotes marked with `>` as in plain text.

A tokenizer of our own because mail needs what converters drop (quotes, answers between them) and
drops what they keep (text nobody sees), and because it must be linear on hostile input: the standard
library's parser is quadratic on unclosed comments and tags.
"""

from __future__ import annotations

import html
import re

from deskhand.connectors._html_hiding import (
    GROUND,
    INK,
    Colour,
    Sheet,
    ground_of,
    hides,
    ink_of,
    same,
)

_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt",
        "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
        "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr",
        "ul",
    }
)  # fmt: skip
_APART = frozenset(
    {
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "ul", "ol",
    }
)  # fmt: skip
_VOID = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
        "track", "wbr",
    }
)  # fmt: skip
_RAW = frozenset(
    {
        "script", "style", "title", "textarea", "xmp", "noembed", "noframes", "iframe",
    }
)  # fmt: skip
_UNSEEN = frozenset(
    {
        "head", "script", "style", "template", "title", "noembed", "noframes", "object", "select", "svg",
        "math", "iframe", "canvas", "audio", "video", "datalist",
    }
)  # fmt: skip
_QUOTE_DEPTH = 10

_ATTRIBUTE = re.compile(r"""([a-z][\w:-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""", re.I)
_INDENT = re.compile(r"border\s*:\s*(?:none|0)", re.I)
_HUGE_ENTITY = re.compile(r"&#x?[0-9a-f]{9,};?", re.I)
_TAG_LIMIT = 20
_READ = frozenset({"style", "class", "id", "hidden", "color", "bgcolor", "background"})


def text_of_html(source: str) -> str:
    """The text a reader sees, blocks on lines of their own, `- ` before list items."""
    page = _Page()
    _tokens(source, page)
    return page.text()


class _Page:
    """The open elements, and the lines so far."""

    def __init__(self) -> None:
        self.sheet = Sheet()
        self._colours: list[tuple[Colour | None, Colour | None]] = [(INK, GROUND)]
        self._open: list[tuple[str, bool, bool]] = []
        self._count: dict[str, int] = {}
        self._hidden = 0
        self._quotes = 0
        self._lines: list[str] = []
        self._line: list[str] = []

    def text(self) -> str:
        self._break()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")

    def data(self, raw: str) -> None:
        if self._hidden or not raw or same(*self._colours[-1]):
            return
        plain = html.unescape(_HUGE_ENTITY.sub("\ufffd", raw)).replace("\xa0", " ")
        if self._count.get("pre"):
            first, *more = plain.split("\n")
            self._line.append(first)
            for line in more:
                self._break(always=True)
                self._line.append(line)
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", plain)
        if words == " " and not self._line:
            return
        self._line.append(words)

    def open(self, tag: str, attributes: str) -> None:
        if tag in _BLOCKS:
            if self._open and self._open[-1][0] == "p":
                self.close("p")
            self._break()
            if tag in _APART:
                self._blank()
        given = _attributes(attributes)
        if not self._hidden:
            if tag == "br":
                self._break(always=True)
            elif tag == "hr":
                self._line.append("-" * 10)
                self._break()
            elif tag == "li":
                self._line.append("- ")
            elif tag in {"td", "th"} and self._line:
                self._line.append(" ")
        if tag in _VOID:
            return
        hidden = self._hides(tag, given)
        quote = tag == "blockquote" and not _INDENT.search(given.get("style", ""))
        self._open.append((tag, hidden, quote))
        self._count[tag] = self._count.get(tag, 0) + 1
        self._hidden += hidden
        self._quotes += quote

    def close(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._break()
        while self._count.get(tag):  # what was left open inside ends with it
            name, hidden, quote = self._open.pop()
            self._colours.pop()
            self._count[name] -= 1
            self._hidden -= hidden
            self._quotes -= quote
            if name == tag:
                break
        if tag in _APART:
            self._blank()

    def _hides(self, tag: str, given: dict[str, str]) -> bool:
        """Whether an element is not seen, whatever stands in it; notes what colours hold inside it."""
        style = self.sheet.style(tag, given)
        ink, ground = self._colours[-1]
        if self.sheet.is_unsure(tag, given):
            ground = None
        ink, ground = ink_of(style, given, ink), ground_of(style, given, ground)
        self._colours.append((ink, ground))
        return tag in _UNSEEN or "hidden" in given or hides(style)

    def _blank(self) -> None:
        if not self._hidden and self._lines and self._lines[-1].strip("> "):
            self._lines.append(("> " * min(self._quotes, _QUOTE_DEPTH)).rstrip())

    def _break(self, *, always: bool = False) -> None:
        if self._hidden:
            return
        line = "".join(self._line).rstrip()
        self._line.clear()
        if not self._count.get("pre"):
            line = line.lstrip()
        prefix = "> " * min(self._quotes, _QUOTE_DEPTH)
        if line or always:
            self._lines.append((prefix + line).rstrip())


def _tokens(source: str, page: _Page) -> None:
    """Feed a page its text and tags, looking at each character a bounded number of times."""
    lower = source.lower()
    if len(lower) != len(source):  # a letter whose small form is two: positions would not agree
        lower = source.translate({c: c + 32 for c in range(ord("A"), ord("Z") + 1)})
    at, size = 0, len(source)
    while at < size:
        start = source.find("<", at)
        if start < 0:
            start = size
        page.data(source[at:start])
        if start == size:
            return
        following = source[start + 1 : start + 3]
        if source.startswith("<!--", start):
            # Inside Outlook's conditional comments is what only Outlook shows.
            end = source.find("-->", start + 4)
            at = size if end < 0 else end + 3
        elif following[:1] in {"!", "?"}:
            end = source.find(">", start)
            at = size if end < 0 else end + 1
        elif following.lstrip("/")[:1].isalpha() and following[:2] != "//":
            end = _tag_end(source, start)
            if end < 0:
                page.data(source[start:])
                return
            inside = source[start + 1 : end].rstrip("/")
            name = (re.match(r"/?([^\s/>]*)", inside) or [inside, ""])[1].lower()
            at = end + 1
            if inside.startswith("/"):
                page.close(name)
                continue
            page.open(name, inside[len(name) :])
            if name in _RAW:
                end = lower.find(f"</{name}", at)
                end = size if end < 0 else end
                if name == "style":
                    page.sheet.read(source[at:end])
                elif name not in _UNSEEN:
                    page.data(source[at:end])
                at = end
        else:
            page.data("<")
            at = start + 1


def _tag_end(source: str, start: int) -> int:
    """Where the tag's `>` is; one inside a quoted value does not count, unless nothing closes the quote."""
    first = end = source.find(">", start)
    for _ in range(_TAG_LIMIT):
        if end < 0:
            break
        if _balanced(source[start:end]):
            return end
        end = source.find(">", end + 1, end + 10_000)
    return first


def _balanced(tag: str) -> bool:
    quote = ""
    for found in re.finditer(r"[\"']", tag):
        if not quote:
            quote = found[0]
        elif found[0] == quote:
            quote = ""
    return not quote


def _attributes(text: str) -> dict[str, str]:
    """Those that are looked at; of one that is there twice the first counts, as in a browser."""
    made: dict[str, str] = {}
    for m in _ATTRIBUTE.finditer(text) if len(text) <= 100_000 else ():
        if (name := m[1].lower()) in _READ:
            made.setdefault(name, html.unescape(_HUGE_ENTITY.sub("", m[2] or m[3] or m[4] or "")))
    return made
