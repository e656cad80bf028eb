"""The JSON in a model's answer: bare, between fences, or between other words. Nothing of it is trusted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

DEEPEST = 40
"""Levels of nesting; a plan with its predicates has a dozen."""

_FENCED = re.compile(r"```[ \t]*(?:json[c5]?)?[ \t]*\r?\n(.*?)\r?\n?[ \t]*```", re.S | re.I)
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.S)


class NoJson(ValueError):
    """There is no JSON object in an answer; the message says where it breaks off or what stands there."""


def read_json(text: str) -> dict[str, Any]:
    """The one JSON object of an answer. What small models think aloud in front of it is passed over.

    :raises NoJson: there is none, or it holds what no JSON text can carry on (half a character, NaN).
    """
    text = _THOUGHT.sub("", text, count=1).strip().removeprefix("\ufeff")
    tried = [text, *(m.group(1) for m in _FENCED.finditer(text))]
    if (start := text.find("{")) > 0 and (end := text.rfind("}")) > start:
        tried.append(text[start : end + 1])
    problem = "it is empty" if not text else ""
    for candidate in tried if text else ():
        try:
            found = json.loads(candidate, parse_constant=_refuse)
        except RecursionError:
            problem = problem or f"it is nested deeper than {DEEPEST} levels"
        except ValueError as error:
            problem = problem or str(error)
        else:
            if isinstance(found, dict):
                _carried(found)
                return found
            problem = "it is no object: { ... }"
    raise NoJson(f"the answer is no JSON object: {problem}")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _carried(found: dict[str, Any]) -> None:
    """What would break further on, in a database or a hash, is said here."""
    for path, value, depth in _leaves(found):
        if depth > DEEPEST:
            raise NoJson(f"it is nested deeper than {DEEPEST} levels")
        if isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value):
            raise NoJson(f"{path}: it holds half a character (a lone surrogate); write whole characters")


def _leaves(value: dict[str, Any]) -> Iterator[tuple[str, Any, int]]:
    """Every key and every value that holds no others, with its path; without recursion."""
    left: list[tuple[str, Any, int]] = [("", value, 0)]
    while left:
        path, one, depth = left.pop()
        if depth > DEEPEST:
            yield path, None, depth
        elif isinstance(one, dict):
            yield from ((path or "a key", key, depth) for key in one)
            left += [(f"{path}.{key}".lstrip("."), inner, depth + 1) for key, inner in one.items()]
        elif isinstance(one, list):
            left += [(f"{path}[{n}]", inner, depth + 1) for n, inner in enumerate(one)]
        else:
            yield path, one, depth
