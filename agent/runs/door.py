"""Runs at the doors: stopped while they are under way, and watched from wherever somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from deskhand.agent import shapes

if TYPE_CHECKING:
    from deskhand.agent.app import App
    from deskhand.agent.model import Event
    from deskhand.agent.owner import Call

Tell = Callable[[Mapping[str, Any]], None]
"""Told an event of a run, in its JSON shape."""

PATIENCE = 1.0
"""Seconds that one look through the door waits for something to happen."""


def cancel(app: App, *, run: str) -> dict[str, Any]:
    """Stop a run, also while this process is in the middle of it."""
    return shapes.run(app.cancel(run))


def events(app: App, *, run: str, since: int = 0, wait: float = 0.0) -> dict[str, Any]:
    """What has happened in a run after the event numbered `since`, and whether more can come by itself.

    :param wait: seconds to wait for something to happen, at the most.
    """
    from deskhand.agent.runs.watching import events as look

    app.run(run)
    room = app.runs_room
    found, over = look(room.engine, room.records, run, since=since, wait=min(wait, 30.0))
    return {"events": [streamed(e) for e in found], "over": over, "run": shapes.run(app.run(run))}


def streamed(event: Event) -> dict[str, Any]:
    """An event as it is streamed: it says of which run it is."""
    return {"run": event.run, **shapes.event(event)}


def telling(tell: Tell | None) -> Callable[[Event], None] | None:
    """What is told events, of what is told their JSON."""
    return None if tell is None else lambda event: tell(streamed(event))


def follow_run(call: Call, method: str, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Have another process begin a run, and tell its events as they come; the run as it is in the end."""
    answer: dict[str, Any] = call(method, {**arguments, "wait": 0})
    seq = 0
    while True:
        looked = call("run.events", {"run": answer["run"], "since": seq, "wait": PATIENCE})
        for event in looked["events"]:
            seq = event["seq"]
            tell(event)
        if looked["over"]:
            return dict(looked["run"])
