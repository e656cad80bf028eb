"""One thing at the doors, by its name: an item with its versions, an effect, a run with all that happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deskhand.agent.desk import effects, shapes
from deskhand.agent.desk.plans import printed
from deskhand.agent.model import FINISHED

if TYPE_CHECKING:
    from deskhand.agent.app import App

Answer = dict[str, Any]


def show(app: App, *, what: str) -> Answer:
    """What is called so, with all that is known of it."""
    if ":" in what and app.runs_room.records.run(what) is None:
        item = app.item(what)
        versions = app.archive.revisions(item.ref)
        return {
            "item": str(item.ref), "kind": item.ref.kind, "title": item.title,
            "time": (item.start or item.at).isoformat(),
            "start": item.start.isoformat() if item.start else None,
            "end": item.end.isoformat() if item.end else None,
            "version": item.version, "people": [f"{p.role}: {p.name} <{p.address}>" for p in item.people],
            "text": item.text, "link": item.link,
            "versions": [
                {
                    "version": r.version, "time": r.at.isoformat(), "author": r.author, "note": r.note,
                    "current": r.current,
                }
                for r in versions
            ],
        }  # fmt: skip
    if app.runs_room.records.run(what) is None and app.runs_room.records.effects(key=what.lower() or "-"):
        return effects.shown(app, what)
    run = app.run(what)
    events = [shapes.event(e) for e in app.runs_room.records.events(what)]
    mine = app.runs_room.account(run).budgets()[0]
    # Of a run of long ago it is not known any more (`Keeping.forget_spent`), which is not nothing.
    told = mine.spent.amounts or run.status not in FINISHED
    spent = shapes.spent(mine.spent, mine.currency) if told else None
    made = shapes.run(run, whole=True) | {"events": events, "spent": spent}
    if run.plan is not None:
        from deskhand.agent.runs.footing import answered

        made["plan"] = printed(run.plan, answered(app.runs_room.records, run.id))
    return made
