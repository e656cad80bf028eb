"""Cuts items into passages of about 200 tokens, each with a one-line header.

Sizes are counted with MiniLM's tokenizer whatever the embedder is: the model reads 256 tokens, and
header, passage and the two marks around them stay below that. Passages do not overlap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

from deskhand.connectors.model import Item

if TYPE_CHECKING:
    from semantic_text_splitter import MarkdownSplitter, TextSplitter
    from tokenizers import Tokenizer

SCHEME = 1
"""Grows when passages are cut differently; an index cut by another scheme is made anew."""

PASSAGE = 196
HEADER = 56
"""Tokens. The passage's share does not depend on the header, so a rename moves no boundary."""

MOST_PASSAGES = 2000
"""Of one version of one item; what lies behind is not searched (`Index.partly` names such items)."""

_MOST_CHARACTERS = 2_000_000
_LONGEST = 4000
_BLOCK = 50_000
_LINE_PARTS = re.compile(r".{1,4000}(?:\s|\Z)|.{4000}", re.DOTALL)
# Encoded data: no words in it, and as one "word" of any length it would count as a single token.
_BLOB = re.compile(r"[!-~]{300,}")
_BLANK = re.compile(r"\s+")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July",
           "August", "September", "October", "November", "December")  # fmt: skip
_MARKDOWN = {"text/markdown", "text/x-markdown"}


class Chunker:
    """Cuts. Loading the tokenizer takes some 30 ms, at the first item."""

    def header(self, item: Item) -> str:
        """Date, author or speaker, title and folder in one line of at most 56 tokens."""
        when = item.start or item.at
        who = item.author or next(
            (p.name or p.address for p in item.people if p.role in ("author", "from", "organizer")), ""
        )
        parts = [when.date().isoformat(), _line(who)[:100], _line(item.title)[:300], _line(item.folder)[:200]]
        line = " · ".join(p for p in parts if p)
        # Every token is at least one character long, so a short line needs no counting.
        if len(line) <= HEADER:
            return line
        offsets = self._tokenizer.encode(line, add_special_tokens=False).offsets
        return line if len(offsets) <= HEADER else line[: offsets[HEADER - 1][1]]

    def passages(self, item: Item) -> tuple[list[str], bool]:
        """The texts of its passages in their order, and whether the end was left out for its size.

        There is always one: a thing with no text (an image) is found by its title.
        """
        text = _clean(describe(item) if item.ref.kind == "event" else item.text)
        whole = text[:_MOST_CHARACTERS]
        if not whole.strip():
            whole = _line(item.title) or _line(item.ref.native)
        found = self._split(whole, markdown=self._is_markdown(item))
        return found[:MOST_PASSAGES], len(text) > _MOST_CHARACTERS or len(found) > MOST_PASSAGES

    def _split(self, text: str, *, markdown: bool) -> list[str]:
        text = _BLOB.sub(lambda m: m[0][:100] + " …", text).strip()
        # Every token is at least one character long, so a short text needs no counting.
        if len(text) <= PASSAGE or self._count(text) <= PASSAGE:
            return _readable(text)
        splitter = self._markdown if markdown else self._plain
        found: list[str] = []
        for block in _blocks(text):
            for piece in splitter.chunks(block):
                found += _readable(piece)
            if len(found) > MOST_PASSAGES:
                break
        return found

    def _count(self, text: str) -> int:
        # A passage of this many characters is too long in every language: do not count a whole book.
        return (
            PASSAGE + 1
            if len(text) > _LONGEST
            else len(self._tokenizer.encode(text, add_special_tokens=False))
        )

    @staticmethod
    def _is_markdown(item: Item) -> bool:
        return item.data.get("mime") in _MARKDOWN or item.ref.native.lower().endswith((".md", ".markdown"))

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return tokenizer()

    @cached_property
    def _plain(self) -> TextSplitter:
        from semantic_text_splitter import TextSplitter

        return TextSplitter.from_huggingface_tokenizer(self._tokenizer, PASSAGE)

    @cached_property
    def _markdown(self) -> MarkdownSplitter:
        from semantic_text_splitter import MarkdownSplitter

        return MarkdownSplitter.from_huggingface_tokenizer(self._tokenizer, PASSAGE)


def _blocks(text: str) -> Iterator[str]:
    """The text in parts that are split in turn: splitting takes more than twice as long for twice a line."""
    block: list[str] = []
    size = 0
    for line in text.splitlines(keepends=True):
        if size + len(line) > _BLOCK and block:
            yield "".join(block)
            block, size = [], 0
        if len(line) > _BLOCK:
            yield from _LINE_PARTS.findall(line)
        else:
            block.append(line)
            size += len(line)
    if block:
        yield "".join(block)


def _readable(passage: str) -> list[str]:
    """Some scripts put hundreds of characters into one token; a passage is something one can read."""
    return [passage[i : i + _LONGEST] for i in range(0, len(passage), _LONGEST)]


def tokenizer() -> Tokenizer:
    """MiniLM's tokenizer as it ships with us, neither cutting off nor padding."""
    from tokenizers import Tokenizer

    loaded = Tokenizer.from_str((files("deskhand.index.minilm") / "tokenizer.json").read_text("utf-8"))
    loaded.no_truncation()
    loaded.no_padding()
    return loaded


def is_word(text: str) -> bool:
    """Whether letters are one word that texts commonly have, by MiniLM's vocabulary (English, many names)."""
    return tokenizer().token_to_id(text.lower()) is not None


def describe(item: Item) -> str:
    """An event in words: what, when, where, with whom, and what is said of it."""
    lines = [item.title]
    if item.start is not None:
        lines.append(_when(item))
    if rule := item.data.get("rrule"):
        lines.append(f"Repeats: {rule}")
    if place := item.data.get("location"):
        lines.append(f"Where: {place}")
    if names := [p.name or p.address for p in item.people]:
        lines.append("With: " + ", ".join(dict.fromkeys(names)))
    if item.data.get("status") == "cancelled":
        lines.append("Cancelled")
    return "\n".join([*(_line(line) for line in lines), item.text]).strip()


def _when(item: Item) -> str:
    start, end = item.start, item.end
    assert start is not None  # noqa: S101 - the caller asked
    if item.data.get("all_day"):
        return f"{_day(start)}, all day"
    line = f"{_day(start)}, {start:%H:%M}"
    if end is not None:
        line += f" to {end:%H:%M}" if end.date() == start.date() else f" to {_day(end)}, {end:%H:%M}"
    zone = item.data.get("zone") or getattr(start.tzinfo, "key", "")
    return f"{line} ({zone})" if zone else line


def _day(moment: datetime) -> str:
    # Not strftime: its names of days and months follow the machine's language.
    return f"{_DAYS[moment.weekday()]} {moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _line(text: str) -> str:
    return _BLANK.sub(" ", _clean(str(text))).strip()


def _clean(text: str) -> str:
    """Without what SQLite and the tokenizer cannot take: NUL and lone surrogates."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
