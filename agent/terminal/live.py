"""What a run is at, while it runs: one quiet line on a terminal, or an event a line for a script."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from deskhand.agent.render import clean

if TYPE_CHECKING:
    from deskhand.agent.terminal.show import Screen

SHOWN = 70
"""Characters of the line."""


@contextmanager
def watching(screen: Screen, *, events: bool) -> Iterator[Callable[[Mapping[str, Any]], None] | None]:
    """What to tell the events of a run to: standard error, the terminal, or (None) nobody."""
    if events:
        yield written
    elif screen.fancy:
        from rich.status import Status

        line = Status("", console=screen.console, spinner="dots")

        def show(event: Mapping[str, Any]) -> None:
            said = phrase(event)
            if said:
                line.update(clean(said[:SHOWN]))
                line.start()
            elif said is None:  # it asks, or is over: the line makes room
                line.stop()

        try:
            yield show
        finally:
            line.stop()
    else:
        yield None


def phrase(event: Mapping[str, Any]) -> str | None:
    """What an event says a run is at; "" where it says nothing new, None where it is at nothing any more."""
    data = event["data"]
    match event["type"]:
        case "planned":
            return str(data["objective"])
        case "begun":
            return f"{data['purpose'] or data['op']} …"
        case "tried":
            return f"{data['error']} Again in {data['again_in']:.0f} seconds …"
        case "model tried":
            return f"{data['model']}: {data['outcome']} …"
        case "taking back":
            return "Taking back what was done …"
        case "asked" | "finished" | "not understood" | "broke":
            return None
        case _:
            return ""


def written(event: Mapping[str, Any]) -> None:
    """Write an event to standard error, one line of JSON."""
    print(
        json.dumps(event, ensure_ascii=False).encode("utf-8", "replace").decode(), file=sys.stderr, flush=True
    )
