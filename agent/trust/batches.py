"""Questions that a run asks at the same time are one batch: shown together, decided in one go or one by one.

Each is signed on its own all the same; a batch is how they are shown, and no approval.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskhand.agent.model import Approval


def batch_of(asked: Sequence[Approval], run: str) -> str:
    """The batch that the next question of a run belongs to, from what it asked so far, in that order.

    It is that of the last question as long as nothing of that batch was decided. So it is the same where a
    process ended between two questions of one batch.
    """
    last = asked[-1] if asked else None
    if last is not None and last.batch:
        if all(a.state == "pending" for a in asked if a.batch == last.batch):
            return last.batch
        return f"{run}.{int(last.batch.rpartition('.')[2]) + 1}"
    return f"{run}.1"


def together(asked: Iterable[Approval]) -> dict[str, list[Approval]]:
    """Questions by their run, in the order they were asked."""
    made: dict[str, list[Approval]] = {}
    for one in asked:
        made.setdefault(one.run, []).append(one)
    return made
