"""The page that lists what can be planned: every action and operation, what it takes and what it gives.

`python -m deskhand.agent.plans.reference > docs/operations.md` writes it; a test sees that it is written.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from deskhand.agent.actions import actions
from deskhand.agent.actions._written import Written
from deskhand.agent.plans.fitting import gives
from deskhand.agent.plans.notation import definitions, written
from deskhand.connectors.operations import OPERATIONS

_GIVEN = re.compile(r": \{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")

_HEAD = """\
# Operations

What the steps of a plan can do, what they take and what they give. This page is made out of the code:

    python -m deskhand.agent.plans.reference > docs/operations.md

A name with `?` may be left out, of an output: may be missing. A name with a capital is one of the
[shapes](#shapes). Times are ISO 8601 with an offset; a ref names an item (`source:kind:id`).
"""


def page() -> str:
    """The page, as Markdown."""
    reads = [
        (f"`{name}`", _first(made.doc), f"`{written(made.arguments)}`", _gives(name))
        for name, made in sorted(actions().items())
    ]
    writes = [
        (
            f"`{name}`",
            _first(made.__doc__ or ""),
            f"`{written(made)}`",
            _gives(name),
            f"{made.undo}, {made.effect}",
        )
        for name, made in sorted(OPERATIONS.items())
    ]
    models = [a.arguments for a in actions().values()] + [*OPERATIONS.values()]
    given = [g for n in (*actions(), *OPERATIONS) if (g := gives(n)) is not None]
    named = [Written, *(g for g in given if issubclass(g, Written))]
    shapes = [
        (f"`{name}`", f"`{shape}`") for name, shape in definitions([*models, *given], named=named).items()
    ]
    return "\n".join([
        _HEAD,
        "## What reads", "", "Nothing outside changes by these; nobody is asked.", "",
        *_table(("Action", "What it does", "Takes", "Gives"), reads),
        "", "## What writes", "",
        "Weighed by the policy and carried out by the ledger. How far it can be undone: R0 nothing to undo, "
        "R1 clean (R2 where others saw it: an event with others in it), R3 not at all.", "",
        *_table(("Operation", "What it does", "Takes", "Gives", "Undo", "Effect"), writes),
        "", "## Shapes", "",
        *_table(("Shape", "What it is"), shapes), "",
    ])  # fmt: skip


def _gives(name: str) -> str:
    made = gives(name)
    if made is None:
        return "not said"
    return f"`{made.__name__ if issubclass(made, Written) else written(made)}`"


def _first(doc: str) -> str:
    """The first paragraph of what is said of it, without what it gives: that has a column of its own."""
    return _GIVEN.sub("", " ".join(doc.split("\n\n")[0].split()))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]


if __name__ == "__main__":
    sys.stdout.write(page())
