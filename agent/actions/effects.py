"""Notes about the ledger that belong to a plan."""

from __future__ import annotations

from deskhand.agent.actions import Context, Output, action


@action("effect.undone")
def undone(context: Context, *, effect: str) -> Output:
    """Note that an effect was taken back; the step before did it, through the ledger."""
    found = context.records.effect(effect)
    if found is not None:
        context.records.put_effect(found.model_copy(update={"state": "undone"}))
    return Output({"effect": effect})
