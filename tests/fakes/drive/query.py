"""The part of Drive's search language (`q`) that is spoken to this server: terms, all of which must hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from fakes.drive.world import Node, World

_TEXT = r"'((?:[^'\\]|\\.)*)'"
_TERM = re.compile(
    rf"\s*(?:(trashed)\s*=\s*(true|false)|{_TEXT}\s+in\s+(parents)|(mimeType|name)\s*(=|!=)\s*{_TEXT}"
    rf"|(modifiedTime)\s*(>=|>)\s*{_TEXT}"
    rf"|(appProperties)\s+has\s+\{{\s*key\s*=\s*{_TEXT}\s+and\s+value\s*=\s*{_TEXT}\s*\}})\s*"
)


def read(q: str, world: World, who: str) -> Callable[[Node], bool]:
    """What fits. :raises ValueError: it is not understood."""
    terms, at = list[Callable[[Node], bool]](), 0
    while q and at < len(q):
        found = _TERM.match(q, at)
        if found is None:
            raise ValueError(q[at:][:60])
        terms.append(_term(found, world))
        at = found.end()
        if at < len(q):
            if not q.startswith("and ", at):
                raise ValueError(q[at:][:60])
            at += 4
            if at >= len(q.rstrip()):
                raise ValueError("it ends with and")
    return lambda node: all(term(node) for term in terms)


def _term(found: re.Match[str], world: World) -> Callable[[Node], bool]:
    trashed, whether, parent, parents, name, sign, value, modified, than, when, has, key, held = (
        found.groups()
    )
    if trashed:
        return lambda node: world.is_trashed(node) == (whether == "true")
    if parents:
        id = world.root if parent == "root" else _plain(parent)
        return lambda node: node.parent == id
    if name:
        of = {"mimeType": "mime", "name": "name"}[name]
        return lambda node: (getattr(node, of) == _plain(value)) == (sign == "=")
    if modified:
        day = datetime.fromisoformat(_plain(when))
        return lambda node: node.modified >= day if than == ">=" else node.modified > day
    assert has
    return lambda node: node.properties.get(_plain(key)) == _plain(held)


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
