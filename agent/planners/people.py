"""Whom a request means: addresses that stand in it, or the one person of that name; never a guess."""

from __future__ import annotations

import re
from typing import Any

from deskhand.agent.model import Unclear
from deskhand.agent.planners.request import Named, Request, mailbox, same

_AFTER_WITH = re.compile(
    r"\b(?:with|invite|to|mail|e-?mail|ask|tell)\s+((?:[A-Z][\w’'-]+)(?:\s+[A-Z][\w’'-]+)*)"
)
_NOT_A_NAME = frozenset("Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July "
                        "August September October November December I My The A An Next This Last Today Tomorrow".split())  # fmt: skip


def recipients(request: Request, *, after: int = 0) -> list[dict[str, Any]] | Unclear:
    """Everybody the request names (behind a place in it), as mailboxes in plain JSON.

    Two people of one name, or a name nobody has, is one question.
    """
    made: list[dict[str, Any]] = []
    for named in request.named:
        if named.span[0] < after:
            continue
        if not named.address and not same(named.people):
            return which(request, named)
        box = mailbox(named).model_dump()
        if box["address"] not in {m["address"] for m in made} | set(request.known.owner.addresses):
            made.append(box)
    if not made and (unknown := _AFTER_WITH.search(request.head, after)):
        name = unknown.group(1)
        if not set(name.split()) & _NOT_A_NAME and not any(
            t.span[0] < unknown.end(1) and unknown.start(1) < t.span[1] for t in request.times
        ):
            return nobody(request, name, unknown.span(1))
    return made


def which(request: Request, named: Named) -> Unclear:
    """Which of two namesakes?"""
    choices = tuple(_replaced(request, named.span, f"{p.name} <{p.addresses[0]}>") for p in named.people[:3])
    people = ", ".join(f"{p.name} ({p.addresses[0]})" for p in named.people[:5])
    return Unclear(message=f"Which {named.words} do you mean: {people}?", choices=choices)


def nobody(request: Request, name: str, span: tuple[int, int]) -> Unclear:
    """A name nobody has."""
    address = f"{name.lower().replace(' ', '.')}@example.org"
    return Unclear(
        message=f"I know nobody called {name}. Write the address the first time:",
        choices=(_replaced(request, span, address),),
    )


def _replaced(request: Request, span: tuple[int, int], words: str) -> str:
    return request.text[: span[0]] + words + request.text[span[1] :]
