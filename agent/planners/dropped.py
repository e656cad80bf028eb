"""The account of plans that are not about times: nobody whom a wish names is left out of its plan in silence.

Plans about times have an account of their own (`accounting`), which knows what their arguments keep to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from deskhand.agent.planners.request import Request
from deskhand.agent.plans.language import Plan, Unclear

_BY_WHOM = frozenset({"document.changes", "document.changed"})
"""Whose answer says who did it: "what did Marta change in the proposal"."""
_AMONG = re.compile(
    r"[^,;.:]*?\band\s+(?:some|a\s+few|several|many|the|two|three)\s+(?:others?|more|other\s+people|people|folks)\s+"
    r"(?=(?:have\s+|had\s+)?(?:asked|wanted|requested))",
    re.I,
)
"""Some of those who asked for something, by name."""


def somebody_dropped(request: Request, made: Plan) -> Unclear | None:
    """The question about people who are named and nowhere in the plan; None where all are in it."""
    if any(step.op in _BY_WHOM for step in made.steps):
        return None
    names = {n.words.casefold() for n in request.named}
    held = " ".join(text for step in made.steps for text in _held(step.args, names))
    askers = any(step.op == "document.askers" for step in made.steps)
    asked = m.end() if askers and (m := _AMONG.match(request.head)) else 0  # they are found among those
    lost = [
        n
        for n in request.named
        if n.key.casefold() not in held and n.words.casefold() not in held and n.span[0] >= asked
    ]
    if not lost:
        return None
    named = " and ".join(dict.fromkeys(f"“{n.words}”" for n in lost))
    return Unclear(
        message=f"I cannot keep to {named} here, so nothing was done. Say it with one person at a time, or "
        "put what it is about in quotation marks.",
    )


def _held(args: Mapping[str, Any], names: set[str]) -> Iterator[str]:
    """All texts of a step; a second person is no topic: "the mails from Ann and Bo"."""
    for name, value in args.items():
        for text in _texts(value):
            if not (name == "about" and "person" in args and text.casefold() in names):
                yield text.casefold()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)
