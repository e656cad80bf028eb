"""Whose words an event is made of that is put back: not of who says "undo", but of what was stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deskhand.agent.plans.language import Step
from deskhand.agent.records.state import Records
from deskhand.agent.runs.footing import Footing
from deskhand.agent.runs.progress import UNDONE
from deskhand.connectors.archive import Archive
from deskhand.connectors.model import ItemRef, Label, join
from deskhand.connectors.operations import EventRestore, Operation


def as_stored(
    on: Footing, step: Step, op: Operation, labels: Mapping[str, Label]
) -> dict[str, Label]:  # fmt: skip
    """The labels of a write; of an event that is put back, with those of what was stored in them.

    It was stored when an effect replaced it, so they are those of the version that the effect was made over;
    where that is not known, those of the event by now. Of what the archive does not know at all nobody knows
    whose words it is made of.
    """
    made = dict(labels)
    if not isinstance(op, EventRestore):
        return made
    archive = on.context.archive
    if op.ics:
        before = _before(op, step, on.progress.steps, on.tools.records)
        made["ics"] = join([made.get("ics", Label()), _of(archive, op.ref, before)])
    if others := [_of(archive, e.ref) for e in op.also if e.ics]:
        made["also"] = join([made.get("also", Label()), *others])
    return made


def _of(archive: Archive, ref: ItemRef, version: str = "") -> Label:
    item = (archive.item(ref, version) if version else None) or archive.item(ref)
    return item.label if item is not None else Label("untrusted", (str(ref),), ())


def _before(op: EventRestore, step: Step, steps: Sequence[Step], records: Records) -> str:
    """The version that the effect replaced which a step takes back; "" where that is not known."""
    noted = (s for s in steps if s.op == UNDONE and step.id in s.needs)
    key = next((str(s.args.get("effect", "")) for s in noted), "")
    effect = records.effect(key) if key else None
    stored = effect.inverse["arguments"] if effect is not None and effect.inverse else {}
    same = (stored.get("ref"), stored.get("ics")) == (str(op.ref), op.ics)
    return str(effect.arguments.get("version", "")) if effect is not None and same else ""
