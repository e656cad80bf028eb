"""The policy at the doors: the rules in force, and how one write of a run is judged. Plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deskhand.agent.errors import Refusal
from deskhand.config.errors import nearest
from deskhand.config.policy import OUTCOMES, Row, mildest
from deskhand.connectors.operations import OPERATIONS

if TYPE_CHECKING:
    from deskhand.agent.app import App

Answer = dict[str, Any]


def policy(app: App, *, operation: str = "") -> Answer:
    """The rules in force, in their order; those about one operation, where one is named."""
    rules = app.policy
    if operation and operation not in OPERATIONS:
        known = sorted(OPERATIONS)
        raise Refusal(f"There is no operation {operation!r}{nearest(operation, known)}: {', '.join(known)}.")
    rows = rules.about(operation) if operation else rules.rows
    return {"policy": rules.whole, "rows": [_row(r) for r in rows]}


def explain(app: App, *, run: str, step: str) -> Answer:
    """How a write of a run is judged: its arguments with their labels, the rows looked at, what was said."""
    from deskhand.agent.trust.approvals import Refused

    try:
        return app.runs_room.explained(run, step)
    except (LookupError, Refused) as error:
        raise Refusal(str(error.args[0])) from None


def _row(row: Row) -> Answer:
    told = row.means or row.why.format(**row.numbers)
    before = row.shipped
    return {
        "row": row.id,
        "operations": list(row.operations),
        "built": any(row.about(name) for name in OPERATIONS),
        "when": list(row.when),
        "then": row.then,
        "means": told,
        "from": row.rests_on,
        "numbers": dict(row.numbers),
        "may_be": list(OUTCOMES[OUTCOMES.index(mildest(before or row)) :]),
        "most": {n: row.most.get(n, (before or row).numbers[n]) for n in row.numbers},
        "shipped": {"then": before.then, "numbers": dict(before.numbers)} if before else None,
    }
