"""What a run is at, while it runs: one quiet line on a terminal, or an event a line for a script."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from deskhand.agent.clean import clean, to_json

if TYPE_CHECKING:
    from rich.text import Text

    from deskhand.agent.terminal.output import Screen

SHOWN = 70
"""Characters of the line."""


@contextmanager
def watching(screen: Screen, *, events: bool) -> Iterator[Callable[[Mapping[str, Any]], None] | None]:
    """What to tell the events of a run to: standard error, the terminal, or (None) nobody."""
    if events:
        yield written
    elif screen.fancy:
        from rich.status import Status
        from rich.text import Text

        line = Status("", console=screen.console, spinner="dots")

        def show(event: Mapping[str, Any]) -> None:
            if event["type"] == "held":
                line.update(Countdown(event))
                line.start()
                return
            said = phrase(event)
            if said:
                line.update(Text(" ".join(clean(said[:SHOWN]).split())))
                line.start()
            elif said is None:  # it asks, or is over: the line makes room
                line.stop()

        try:
            yield show
        finally:
            line.stop()
    else:
        yield None


class Countdown:
    """What is held, and for how many seconds yet: said anew each time it is drawn."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        self._said, self._run = str(event["data"]["said"]), str(event["run"])
        self._until = time.monotonic() + float(event["data"]["seconds"])

    def __str__(self) -> str:
        left = max(0, math.ceil(self._until - time.monotonic()))
        said = self._said if len(self._said) <= SHOWN // 2 else f"{self._said[: SHOWN // 2 - 1]}…"
        return clean(f"Goes out in {left} s, unless you take it back (deskhand undo {self._run}): {said}")

    def __rich__(self) -> Text:
        from rich.text import Text

        return Text(str(self))


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
        case "withdrawn":
            return "Taken back …"
        case "asked" | "finished" | "not understood" | "broke":
            return None
        case _:
            return ""


def written(event: Mapping[str, Any]) -> None:
    """Write an event to standard error, one line of JSON."""
    print(to_json(event), file=sys.stderr, flush=True)
