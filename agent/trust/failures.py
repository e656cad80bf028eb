"""The question about a step that failed: its card, and what an answer to it means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from deskhand.agent.model import Approval, Argument, Decision
from deskhand.agent.trust.foreign import spans
from deskhand.agent.wording.unseen import visible

AGAIN, GO_ON, STOP, BACK = "try again", "go on", "stop", "take back"

_WHAT = {
    AGAIN: "try it again",
    GO_ON: "go on without it; what needs it is left out",
    STOP: "nothing more is begun; what was done stays",
    BACK: "what was done is taken back, the last first",
}


def about_failure(
    *,
    id_: str,
    run: str,
    step: str,
    name: str,
    purpose: str,
    error: str,
    unknown: bool,
    done: Sequence[str],
    waits: Sequence[str],
    now: datetime,
    expires: datetime,
    write: Approval | None = None,
) -> Approval:
    """The question what follows now, not signed yet.

    :param step: the one that failed; `name`: what the question is known by.
    :param unknown: whether it may have happened all the same: then it is never tried again.
    :param done: what this run has done so far, a sentence each.
    :param waits: purposes of the steps that need it.
    :param write: the card of the write that failed: a yes to trying it again is one to exactly this.
    """
    choices = [GO_ON, STOP, *([BACK] if done else [])]
    first = GO_ON if unknown else AGAIN
    others = [c for c in choices if c != first]
    what = visible(purpose, lines=False)
    why, theirs = spans(error, "", foreign=True, lines=False)  # it may quote a server, or a mail
    notes = [f"What needs it: {', '.join(visible(w, lines=False) for w in waits)}."] if waits else []
    notes += [f"Done so far: {' '.join(done)}"] if done else []
    again = write if write is not None and not unknown else None
    if again is not None:
        notes.append(f"To try it again is this: {again.summary}")
    yes = "goes on without it" if unknown else "tries it again"
    notes.append(f"A yes {yes}, a no goes on without it.")
    question = "Go on without it?" if unknown else "Try it again?"
    return Approval(
        id=id_, kind="failure", run=run, step=name, operation="run.failure",
        arguments={"step": step, "then": first} | (_signed(again) if again is not None else {}),
        shown=(
            Argument(name="what", value=what, origin="the plan of this run", trust="assistant"),
            Argument(name="why", value=why, origin="what became of it", trust="metadata", spans=theirs),
            *(again.shown if again is not None else ()),
        ),
        summary=f"This did not work out: {what}. {question}",
        reason="the plan asks you when this fails", undo="R0",
        alternatives=tuple({"then": c} for c in others), whys=tuple(_WHAT[c] for c in others),
        notes=tuple(notes), created=now, expires=expires,
    )  # fmt: skip


def _signed(write: Approval) -> dict[str, Any]:
    return {"write": {"operation": write.operation, "arguments": write.arguments}}


def chosen(approval: Approval, decision: Decision) -> str:
    """What follows now by a decision; "" where it names nothing that was offered."""
    if decision.verdict == "reject":
        return GO_ON
    if decision.verdict == "approve":
        return str(approval.arguments["then"])
    offered = [approval.arguments["then"], *(a["then"] for a in approval.alternatives)]
    said = decision.changes.get("then")
    return str(said) if decision.changes.keys() == {"then"} and said in offered else ""
