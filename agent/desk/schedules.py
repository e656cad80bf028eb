"""Schedules at the doors: listed, changed, run now, with what became of each slot. Plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deskhand.agent.desk import shapes
from deskhand.agent.desk.runs import Tell, telling
from deskhand.agent.errors import Refusal

if TYPE_CHECKING:
    from deskhand.agent.app import App

Answer = dict[str, Any]


def listed(app: App) -> Answer:
    """Every schedule, with its next times."""
    from deskhand.agent.actions.schedules import upcoming

    return {
        "schedules": [
            shapes.schedule(
                s, upcoming(s, app.now(), 3), now=app.now(), waits=app.runs_room.awaiting.reason(s)
            )
            for s in app.schedules()
        ]
    }


def change(app: App, *, verb: str, name: str, watch: Tell | None = None) -> Answer:
    """Pause, resume or remove a schedule: a run like any other."""
    from deskhand.agent.plans.language import Plan, Step

    _known_schedule(app, name)
    step = Step(id="schedule", op=f"schedule.{verb}", args={"name": name}, purpose=verb)
    plan = Plan(request=f"{verb} the schedule {name}", objective=f"{verb} {name}", steps=(step,))
    return shapes.run(app.wait(app.runs_room.ask(plan.request, plan=plan), watch=telling(watch)))


def run(app: App, *, name: str, watch: Tell | None = None) -> Answer:
    """Run a schedule now, beside its times."""
    _known_schedule(app, name)
    return shapes.run(app.schedule_run(name, watch=telling(watch)))


def history(app: App, *, name: str, limit: int = 20) -> Answer:
    """What became of the slots of a schedule."""
    found = app.runs_room.records.slots(name, limit=limit)
    if not found:
        _known_schedule(app, name)
    return {"schedule": name, "slots": [shapes.slot(s) for s in found]}


def _known_schedule(app: App, name: str) -> None:
    from deskhand.config.errors import nearest

    names = [s.name for s in app.schedules()]
    if name not in names:
        has = f" There are: {', '.join(names)}." if names else " There is none yet."
        raise Refusal(f"There is no schedule called {name!r}{nearest(name, names)}.{has}")
