"""Notes about the ledger that belong to a plan."""

from __future__ import annotations

from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._shapes import Given
from deskhand.agent.model import Brief, Passage, Section


class Undone(Given):
    """The key of the effect that was taken back."""

    effect: str


class Kept(Given):
    """The arguments of a write, by their names."""

    arguments: dict[str, Any]


@action("effect.kept", gives=Kept)
def kept(context: Context, *, effect: str) -> Output:
    """What a write of the ledger was to do, word for word, each argument under the label that it had then.

    One whose label is not known any more counts as a stranger's.
    """
    found = context.records.effect(effect)
    if found is None:
        raise CannotDo("That write is not in the ledger any more.")
    labels = {f"arguments.{name}": label for name, label in context.whose(found).items()}
    return Output({"arguments": dict(found.arguments)}, labels)


@action("effect.undone", gives=Undone, keeps=True)
def undone(context: Context, *, effect: str, left: str = "") -> Output:
    """Note that an effect was taken back; the step before did it, through the ledger. `left` is told."""
    found = context.records.effect(effect)
    if found is not None:
        context.records.put_effect(found.turned("undone", at=context.now, by=context.run))
    brief = (
        Brief(title=left, sections=(Section(heading="", passages=(Passage(text=left),)),)) if left else None
    )
    return Output({"effect": effect}, brief=brief)
