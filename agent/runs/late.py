"""A no that comes after the yes: taken where nothing was done by the yes yet, else told what became of it."""

from __future__ import annotations

from deskhand.agent.model import FINISHED, Approval, Decision, Run
from deskhand.agent.records.state import Records
from deskhand.agent.trust.approvals import Refused
from deskhand.agent.trust.undo import staying


def late_no(found: Approval, decision: Decision, run: Run, *, records: Records, at_work: bool) -> Approval:
    """The approval after a no to a write that was agreed to before.

    What is held still, or was cut off before anything was handed to the source, is taken back by it.
    :param at_work: whether somebody advances the run right now.
    :raises Refused: it is too late; says what became of the write.
    """
    said = f"{found.id} is {found.state} already; nothing was done by this"
    rows = [e for e in run.effects if e.step == found.step]
    for row in rows:
        match row.state:
            case "done" if row.inverse:
                raise Refused(f"{said}: it was done. Take it back with: deskhand undo {run.id}")
            case "done":
                raise Refused(f"{said}: it was done. {staying([row])}")
            case "claimed" if not at_work:
                raise Refused(
                    f"{said}: it was cut off while {row.source} was at it, so it is not known whether it was "
                    "done. It is looked up with deskhand sync."
                )
            case "unknown":
                raise Refused(f"{said}: whether it was done is not known. Look: deskhand approvals")
            case _:
                pass
    over = run.status in FINISHED or found.step in records.steps(run.id)
    if over or run.problem or any(e.state in ("vouched", "undone", "withdrawn") for e in rows):
        raise Refused(f"{said}. How it stands: deskhand show {run.id}")
    held = any(e.state == "held" for e in rows)
    if at_work and found.state == "used" and not held:
        raise Refused(f"{said}: it is being carried out right now. What became of it: deskhand show {run.id}")
    return found.model_copy(update={"state": "rejected", "decision": decision})
