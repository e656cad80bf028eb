"""Groups messages into conversations: the REFERENCES algorithm of RFC 5256, as a pure function.

Only the grouping is kept of the RFC's trees. The order in which messages arrive never matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

_LONGEST = 1000
"""Characters of a subject that are looked at: more is an attack, or no subject."""

_BLOB = r"\[[^\[\]]*\][ ]*"
_LEADER = re.compile(rf"(?:{_BLOB})*(?:re|fwd?)[ ]*(?:{_BLOB})?:[ ]*", re.I)
_BLOB_AND_MORE = re.compile(rf"{_BLOB}(?=\S)")
_TRAILER = re.compile(r"[ ]*\(fwd\)$", re.I)


@dataclass(frozen=True, slots=True)
class Header:
    """What threading needs to know of one message."""

    message_id: str
    references: tuple[str, ...]
    """Oldest first; where there is no References header, the id in In-Reply-To (RFC 5256, 3)."""
    subject: str
    """Decoded."""
    at: datetime


@dataclass(frozen=True, slots=True)
class _Tree:
    root: str
    at: datetime
    base: str
    joins: bool
    """Its root is an answer that names no message it answers."""


def base_subject(subject: str) -> tuple[str, bool]:
    """The subject without `Re:`, `Fwd:`, `[list]` and `(fwd)`; and whether it was an answer or forward.

    RFC 5256 2.1. Compare base subjects by `casefold()`.
    """
    base = " ".join(subject[:_LONGEST].split())
    answer = False
    while True:
        while trailer := _TRAILER.search(base):
            base, answer = base[: trailer.start()], True
        at = 0
        while True:
            if leader := _LEADER.match(base, at):
                at, answer = leader.end(), True
            elif blob := _BLOB_AND_MORE.match(base, at):
                at = blob.end()
            else:
                break
        base = base[at:].strip()
        if not (base[:5].lower() == "[fwd:" and base.endswith("]")):
            return base, answer
        base, answer = base[5:-1].strip(), True


def thread(messages: Iterable[Header]) -> dict[str, str]:
    """The thread of each message, by Message-ID; a thread is named by the Message-ID of its root.

    The root may be known only from references: then the thread keeps its name when the message itself
    turns up. An answer without references joins the newest thread of the same base subject that is
    not younger than it (RFC 5256 3, step 5, which would also merge two unrelated messages that merely
    share a subject; "Lunch?" of this year is not "Lunch?" of last year). Near linear in time.
    """
    ordered = sorted(messages, key=lambda m: (m.at, m.message_id, m.references, m.subject))
    forest = _Forest()
    # A message's last reference is its parent whatever others say of it (step 1B), so these links come
    # first; then references tell of the parents of those that said nothing or are missing (1A).
    for message in ordered:
        if message.references:
            forest.link(message.message_id, message.references[-1])
    for message in ordered:
        for parent, child in zip(message.references, message.references[1:], strict=False):
            forest.link(child, parent)
    roots = {m.message_id: forest.root(m.message_id) for m in ordered}
    joined = _join(_trees(ordered, roots))
    return {message: _last(joined, root) for message, root in roots.items()}


class _Forest:
    """Parents, and a union-find over them, so that a loop is noticed without walking up a long thread."""

    def __init__(self) -> None:
        self._up: dict[str, str] = {}

    def link(self, child: str, parent: str) -> None:
        """Hang a child that has no parent yet under one, unless that makes a loop."""
        if child not in self._up and self.root(parent) != child:
            self._up[child] = parent

    def root(self, node: str) -> str:
        # The path is shortened as it is walked; that a node has *a* parent stays true.
        while (up := self._up.get(node)) is not None:
            if (above := self._up.get(up)) is not None:
                self._up[node] = above
            node = up
        return node


def _trees(ordered: list[Header], roots: dict[str, str]) -> list[_Tree]:
    """One for each root, oldest first; a missing root takes time and subject of its first message."""
    first: dict[str, Header] = {}
    for message in ordered:
        root = roots[message.message_id]
        if root not in first or (message.message_id == root != first[root].message_id):
            first[root] = message
    trees: list[_Tree] = []
    for root, message in first.items():
        base, answer = base_subject(message.subject)
        trees.append(
            _Tree(root, message.at, base.casefold(), answer and root == message.message_id and bool(base))
        )
    # Of those sent at the same moment only an original can be what an answer answers: originals first.
    return sorted(trees, key=lambda t: (t.at, t.joins, t.root))


def _join(trees: list[_Tree]) -> dict[str, str]:
    """Which root joins which other by subject."""
    by_subject: dict[str, list[_Tree]] = {}
    for tree in trees:
        if tree.base:
            by_subject.setdefault(tree.base, []).append(tree)
    joined: dict[str, str] = {}
    for same in by_subject.values():
        original = next((t for t in same if not t.joins), None)
        for n, tree in enumerate(same):
            if not tree.joins:
                continue
            if n:
                joined[tree.root] = same[n - 1].root
            elif original is not None:  # a clock that was wrong: the answer is older than what it answers
                joined[tree.root] = original.root
    return joined


def _last(joined: dict[str, str], root: str) -> str:
    trail: list[str] = []
    while (onward := joined.get(root)) is not None:
        trail.append(root)
        root = onward
    for passed in trail:
        joined[passed] = root
    return root
