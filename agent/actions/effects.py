"""Notes about the ledger that belong to a plan."""

from __future__ import annotations

from deskhand.agent.actions import Context, Output, action
from deskhand.agent.actions._shapes import Given
from deskhand.agent.model import Brief, Passage, Section


class Undone(Given):
    """The key of the effect that was taken back."""

    effect: str


@action("effect.undone", gives=Undone)
def undone(context: Context, *, effect: str, left: str = "") -> Output:
    """Note that an effect was taken back; the step before did it, through the ledger. `left` is told."""
    found = context.records.effect(effect)
    if found is not None:
        context.records.put_effect(found.model_copy(update={"state": "undone"}))
    brief = (
        Brief(title=left, sections=(Section(heading="", passages=(Passage(text=left),)),)) if left else None
    )
    return Output({"effect": effect}, brief=brief)
