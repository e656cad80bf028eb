"""Foreign text made harmless, so that it can be shown: nothing in it acts on whoever reads it."""

from __future__ import annotations

import json
import re

from deskhand.connectors._clean import unsteered

_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
# Joiners and the emoji selector mean something between two characters of the scripts that need them.
_JOINER = re.compile("[\u200c\u200d\ufe0f]+")
_ACCENT = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_PILED = re.compile(f"({_ACCENT}{{3}}){_ACCENT}+")


def clean(text: str) -> str:
    """Take out of foreign text what is not text: terminal sequences, control characters (but line
    breaks and tabs), overrides of the writing direction, invisible characters, piled-up accents.

    What is left is shown as it is, in any script. Linear in the length.
    """
    text = _BREAKS.sub("\n", text)
    text = unsteered(text)
    text = _UNSEEN.sub("", _SURROGATE.sub("\ufffd", text))
    return _PILED.sub(r"\1", _JOINER.sub(_joined, text))


def to_json(value: object, *, indent: int | None = None) -> str:
    """JSON in which nothing acts on a terminal that shows it: what `clean` would take out of text, and line
    breaks of any kind, stand as `\\u` escapes. Reads back the same, but for halves of characters."""
    text = json.dumps(value, ensure_ascii=False, indent=indent).encode("utf-8", "replace").decode()
    return _UNSEEN.sub(_escape, _BREAKS.sub(_escape, _JOINER.sub(_escape, text)))


def _escape(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1] if match[0] != "\x7f" else "\\u007f"


def _joined(match: re.Match[str]) -> str:
    before, after = (
        match.string[match.start() - 1 : match.start()],
        match.string[match.end() : match.end() + 1],
    )
    kept = match[0][0]
    if kept == "\ufe0f":
        emoji = bool(before) and (before > "\u2000" or before in "0123456789#*©®")
        joined = "\u200d" if "\u200d" in match[0] and after > "\u2000" else ""
        return kept + joined if emoji else ""
    return kept if before > "\u0590" and after > "\u0590" else ""
