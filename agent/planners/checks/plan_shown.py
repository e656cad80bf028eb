"""What the arguments of a plan say, as words to look for; and what a plan comes to, to compare two by."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from deskhand.agent.plans.language import Plan, Unclear

Again = Callable[[str], Plan | Unclear]
"""The plan of other words."""
REPEATS = frozenset({"template", "makes_room", "purpose", "every"})
"""Arguments that say the wish again."""


def shown(made: Plan) -> str:
    """All texts of a plan's arguments in lower case, and the names of those that are true."""
    return " ".join(texts(made)).casefold()


def texts(made: Plan) -> Iterator[str]:
    """The same, one by one, as they are written."""
    return _said([s.args for s in made.steps])


def strings(value: Any, *, less: frozenset[str] = frozenset()) -> Iterator[str]:
    """The texts in an argument, as deep as they lie, without those under the names in `less`."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in less:
                yield from strings(inner, less=less)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from strings(inner, less=less)


def same(again: Again, made: Plan, words: str) -> bool:
    """Whether other words have the same plan."""
    less = again(words)
    return isinstance(less, Plan) and _essence(less) == _essence(made)


def _said(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in REPEATS:
                yield from _said(inner)
                if inner is True:
                    yield name
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _said(inner)
    elif value is not None:
        yield str(value)


def _essence(made: Plan) -> str:
    steps = [
        (s.op, _less(s.args), s.when.model_dump_json() if s.when is not None else "", s.otherwise)
        for s in made.steps
    ]
    return json.dumps(steps, default=str, sort_keys=True)


def _less(value: Any) -> Any:
    """Arguments without those that repeat the words of the wish."""
    if isinstance(value, dict):
        return {n: _less(v) for n, v in value.items() if n not in REPEATS}
    return [_less(v) for v in value] if isinstance(value, (list, tuple)) else value
