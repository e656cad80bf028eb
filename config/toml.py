"""config.toml as text: read with errors a person can act on, and the line at which a key stands."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deskhand.config.errors import ConfigError

LARGEST = 1024 * 1024
_WHERE = re.compile(
    r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$", re.S
)
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'))*)"""
)
_HEADER = re.compile(r"\s*\[\[?([^\[\]\n]+)\]\]?\s*(?:#.*)?$")
_LONG_VALUE = 200
"""Lines a value may run over before we stop looking for its end."""


def read_text(file: Path) -> str:
    """The file's text; empty where there is no file.

    :raises ConfigError: it cannot be read, is no text, or is larger than 1 MB.
    """
    try:
        # A pipe must not keep us waiting: opened without blocking, looked at before it is read.
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as opened:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise ConfigError(f"{file} is not a plain file; move it away, or put yours back.")
            data = opened.read(LARGEST + 1)
    except FileNotFoundError:
        return ""
    except OSError as e:
        raise ConfigError(f"{file} cannot be read: {e.strerror or e}.") from e
    if len(data) > LARGEST:
        raise ConfigError(f"{file} is larger than 1 MB; that cannot be settings.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = data[: e.start].count(b"\n") + 1
        raise ConfigError(f"{file.name}, line {line}: this is not text in UTF-8.") from e


def parse(text: str, *, name: str) -> dict[str, Any]:
    """The TOML as plain values. :raises ConfigError: with the line, the column and the key, where known."""
    try:
        return tomllib.loads(text)
    except RecursionError as e:
        raise ConfigError(f"{name} is nested too deeply.") from e
    except tomllib.TOMLDecodeError as e:
        found = _WHERE.match(str(e))
        what = found["what"] if found else str(e)
        lines = text.rstrip().splitlines() or [""]
        line = int(found["line"]) if found and found["line"] else len(lines)
        key, value = _key_before(lines, line)
        if what == "Invalid value" and value.startswith("[") and not (found and found["line"]):
            what = "Unclosed array"  # after a comma, the library waits for a value instead
        column = f", column {found['column']}" if found and found["column"] else ""
        raise ConfigError(f"{name}, line {line}{column}: {_in_words(what, key)}.") from e


def line_of(text: str, path: Sequence[str]) -> int | None:
    """The line, from 1, of the key at this path, or of the nearest section around it; None if neither
    is there. Only for text that parses."""
    best, best_depth = None, 0
    section: tuple[str, ...] = ()
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line, number = lines[at], at + 1
        at += 1
        if (header := _HEADER.match(line)) and (named := _path(header[1])) is not None:
            section = found = named
        elif (key := _KEY.match(line)) and line[key.end() :].lstrip().startswith("="):
            found = (*section, *(_path(key[1]) or ()))
            at += _more_lines(lines, at - 1, line[key.end() :].lstrip()[1:])
        else:
            continue
        if tuple(path[: len(found)]) == found and len(found) > best_depth:
            best, best_depth = number, len(found)
    return best


def _more_lines(lines: Sequence[str], first: int, value: str) -> int:
    """How many lines after the first belong to its value too."""
    if not any(sign in value for sign in ('"""', "'''", "[", "{")):
        return 0
    for more in range(_LONG_VALUE):
        try:
            tomllib.loads("x =" + "\n".join([value, *lines[first + 1 : first + 1 + more]]))
        except (tomllib.TOMLDecodeError, RecursionError):
            continue
        return more
    return 0


def _path(written: str) -> tuple[str, ...] | None:
    """A dotted key as its parts, quotes taken off."""
    try:
        value: Any = tomllib.loads(f"{written} = 0")
    except tomllib.TOMLDecodeError:
        return None
    parts: list[str] = []
    while isinstance(value, dict):
        key, value = next(iter(value.items()))
        parts.append(key)
    return tuple(parts)


def _key_before(lines: Sequence[str], line: int) -> tuple[str, str]:
    """The last key at or before a line, whose value or sign is wrong, and what stands after its sign."""
    for text in reversed(lines[max(0, line - 50) : line]):
        if _HEADER.match(text):
            break
        if key := _KEY.match(text):
            return key[1], text[key.end() :].lstrip(" \t=")
    return "", ""


def _in_words(what: str, key: str) -> str:
    of = f" of {key!r}" if key else ""
    if what.startswith("Expected '='"):
        return f"expected '=' after the key {key!r}" if key else "expected '=' after a key"
    if what == "Invalid value":
        return f"the value{of} cannot be read; text stands in quotes"
    if what == "Unterminated string" or what.startswith("Illegal character '\\n'"):
        return f"the text{of} has no closing quote"
    if what == "Unclosed array":
        return f"the list{of} has no closing ']'"
    if what.startswith("Expected newline"):
        return f"something follows the value{of}"
    if what == "Cannot overwrite a value":
        return f"the key {key!r} is there twice" if key else "a key is there twice"
    if what.startswith("Cannot declare"):
        names = ".".join(re.findall(r"'([^']*)'", what))
        return f"the section [{names}] is there twice"
    if what.startswith("Expected ']'"):
        return "the name of a section needs a closing ']'"
    return what[:1].lower() + what[1:].rstrip(".")
