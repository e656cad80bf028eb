"""Runs at the doors: stopped while they are under way, and watched from wherever somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from deskhand.agent import shapes

if TYPE_CHECKING:
    from deskhand.agent.app import App
    from deskhand.agent.model import Event

Tell = Callable[[Mapping[str, Any]], None]
"""Told an event of a run, in its JSON shape."""


def cancel(app: App, *, run: str, watch: Tell | None = None) -> dict[str, Any]:
    """Stop a run, also while this process is in the middle of it."""
    return shapes.run(app.cancel(run, watch=telling(watch)))


def streamed(event: Event) -> dict[str, Any]:
    """An event as it is streamed: it says of which run it is."""
    return {"run": event.run, **shapes.event(event)}


def telling(tell: Tell | None) -> Callable[[Event], None] | None:
    """What is told events, of what is told their JSON."""
    return None if tell is None else lambda event: tell(streamed(event))
