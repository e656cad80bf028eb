"""Whether what an effect left is still as it left it: undone is what was done, and no later work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from deskhand.agent.actions import Context
from deskhand.agent.model import Effect
from deskhand.agent.runs.renewal import changes
from deskhand.agent.times import say_instant
from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import quoted
from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.operations import operation


def overtaken(context: Context, effects: Sequence[Effect]) -> Mapping[str, str]:
    """Why some of these effects cannot be undone any more, by their keys: what changed since, when, by whom.

    The archive must be fresh. Of several effects on one thing the last must have left it as it is; the
    earlier ones are what that one led on from.
    """
    made = dict[str, str]()
    for ref in dict.fromkeys(ref for e in effects for ref in e.left):
        mine = [e for e in effects if e.state == "done" and ref in e.left]
        if mine and (why := _why(context, mine[-1], ref)):
            made |= dict.fromkeys((e.key for e in mine if e.inverse), why)
    return made


def _why(context: Context, effect: Effect, ref: str) -> str:
    """What happened to a thing since an effect left it; "" where nothing did."""
    version, address = effect.left[ref], ItemRef.parse(ref)
    found = context.archive.archived(address)
    if found is None or effect.source in context.unreadable:
        return ""  # nothing is known of it: its source refuses what does not fit
    there = "" if found.removed else found.item.version
    if there == version or (there and version and _same(context, found.item, version)):
        return ""  # touched, or led away from it and back again: what it says is what was left
    if not version and found.item.version == _before(effect):
        return ""  # it is gone as it should be; that it was there is all the archive knows
    again = [
        e for e in context.records.effects(states=("done",), since=effect.at)
        if e.left.get(ref) == there and e.run != effect.run and e.key != effect.key
    ]  # fmt: skip
    if again:
        return f"{again[-1].run} changed it since. Take that back first: deskhand undo {again[-1].run}"
    if found.removed:
        return f"{_title(found.item)} is not there any more."
    if not version:
        return f"{_title(found.item)} is there again."
    said = [*_said(context, effect, found.item, version), *_when(context, found.item, after=effect.at)]
    return " ".join(said)


def _same(context: Context, item: Item, version: str) -> bool:
    """Whether an item holds the very bytes it held at another version, which may have a time in its name."""
    before = context.archive.item(item.ref, version)
    return before is not None and before.hash == item.hash


def _title(item: Item) -> str:
    return visible(quoted(item.title), lines=False)


def _said(context: Context, effect: Effect, item: Item, version: str) -> list[str]:
    op = operation(effect.operation, effect.arguments)
    return changes(context, context.archive.item(item.ref, version), item, op, since="since then")


def _when(context: Context, item: Item, *, after: datetime) -> list[str]:
    """When the newest version came to be, and who made it, as far as its source tells.

    A time before the effect is that of an earlier version: whoever changes an event by hand need not count
    its DTSTAMP on.
    """
    if item.at <= after:
        return []
    by = f" by {visible(item.author, lines=False)}" if item.ref.kind == "document" and item.author else ""
    return [f"(That was {say_instant(item.at, context.owner.zone, context.now)}{by}.)"]


def _before(effect: Effect) -> str:
    return str(effect.arguments.get("version", ""))
