"""Where commands print: lines, rows and times, in colour on a terminal and plain everywhere else.

Whatever comes out of a source passes `clean` first: no control sequence, link or hidden character of a
stranger reaches the screen.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from deskhand.agent.clean import clean
from deskhand.agent.errors import Refusal
from deskhand.agent.terminal.columns import columns, wrapped

if TYPE_CHECKING:
    from rich.console import Console

    from deskhand.connectors.sync import Progress


class Screen:
    """Where a command prints. Colours and bars only on a terminal; rich is imported only there."""

    def __init__(self, *, json: bool = False, zone: str = "UTC") -> None:
        self.json, self.zone = json, zone
        self.fancy = sys.stdout.isatty() and not json
        self._console: Console | None = None

    @property
    def console(self) -> Console:
        """The terminal."""
        if self._console is None:
            from rich.console import Console

            self._console = Console(highlight=False, soft_wrap=False)
        return self._console

    def line(self, text: str = "", style: str = "") -> None:
        """Print text as it is, cleaned; `style` is rich's, on a terminal."""
        text = clean(text).expandtabs(4)
        if self.fancy:
            from rich.text import Text

            self.console.print(Text(text, style=style))
        else:
            print(text, flush=True)  # `serve` writes for weeks; whoever reads its log reads it now

    def row(self, text: str, style: str = "", *, indent: int = 0, hang: int = 0) -> None:
        """Print a line no wider than the screen: what goes on below stands in by `indent` and `hang`."""
        first, *rest = wrapped(text, columns() - indent)
        self.line(" " * indent + first, style)
        for part in wrapped(" ".join(p.strip() for p in rest), columns() - indent - hang) if rest else ():
            self.line(" " * (indent + hang) + part, style)

    def until(self, text: str) -> str:
        """The end of a stretch of time: of one that ends with a day that day, with its last moment named."""
        moment = datetime.fromisoformat(text).astimezone(ZoneInfo(self.zone))
        if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
            return f"the end of {moment - timedelta(days=1):%a %d %b %Y}"
        return self.time(text)

    def time(self, text: str) -> str:
        """An ISO 8601 time as the person's clock shows it; anything else as it is."""
        try:
            moment = datetime.fromisoformat(text)
        except (TypeError, ValueError):
            return str(text)
        return f"{moment.astimezone(ZoneInfo(self.zone)):%a %d %b %Y %H:%M}"

    def clock(self, text: str) -> str:
        """The time of day of an ISO 8601 time, with its seconds."""
        return f"{datetime.fromisoformat(text).astimezone(ZoneInfo(self.zone)):%H:%M:%S}"

    def heading(self, text: str) -> None:
        """A line that stands out."""
        self.line(text, "bold")

    @contextmanager
    def progress(self) -> Iterator[Mapping[str, Any]]:
        """Bars for a sync while it lasts; where the output is no terminal, a line only for who says nothing.

        Whoever is interrupted meanwhile is told how far it came.
        """
        far: dict[str, Progress] = {}
        at: list[Progress] = []
        with self._bars() as task:

            def progress(p: Progress) -> None:
                far[p.source] = p
                at[:] = [p]
                if task is not None:
                    task(p.source, p.done, p.expected, at_work(p))
                else:
                    waiting(p)

            watch: dict[str, Any] = {"progress": progress}
            if task is not None:
                watch["embedding"] = lambda done, of: task("understanding", done, of, "")
            try:
                yield watch
            except KeyboardInterrupt:
                raise Refusal(stopped(far.values(), at[0] if at else None), 130) from None

    @contextmanager
    def _bars(self) -> Iterator[Callable[[str, int, int | None, str], None] | None]:
        if not self.fancy:
            yield None
            return
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bars

        columns = (
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TextColumn("{task.fields[left]}", markup=False),
        )  # fmt: skip
        with Bars(*columns, console=self.console, transient=True) as bars:
            tasks: dict[str, Any] = {}

            def task(name: str, done: int, of: int | None, left: str) -> None:
                if name not in tasks:
                    tasks[name] = bars.add_task(name, total=of, left=left)
                bars.update(tasks[name], completed=done, total=of, left=left)

            yield task


SILENT_LINE = 20
"""Seconds after which a line tells of who says nothing where there are no bars; then at 60, 120, ..."""


def waiting(p: Progress) -> None:
    """Tell on standard error that somebody has said nothing for a while; now and then, not each second."""
    seconds = int(p.waits)
    if p.most:
        if seconds < p.most and (seconds == 5 or (seconds and seconds % 20 == 0)):
            until = f"; given up after {p.most:g} s, Ctrl-C ends it now"
            print(f"{clean(p.source)}: {at_work(p)}{until}", file=sys.stderr, flush=True)
    elif seconds == SILENT_LINE or (seconds and seconds % 60 == 0):
        print(f"{p.source}: {at_work(p)}", file=sys.stderr, flush=True)


def at_work(p: Progress) -> str:
    """What a pass is at, in a few words; "" where there is nothing to say."""
    if p.waits:
        return f"waiting for {clean(p.where)}, {int(p.waits)} s"
    return f"about {duration(p.left)} left" if p.left is not None else ""


def duration(seconds: float) -> str:
    """A stretch of time as one would say it, never shorter than it is."""
    if seconds <= 90:
        return f"{max(1, math.ceil(seconds))} s"
    return f"{math.ceil(seconds / 60)} min" if seconds <= 5400 else f"{math.ceil(seconds / 3600)} h"


def stopped(far: Iterable[Progress], last: Progress | None = None) -> str:
    """What an interrupted sync leaves: what is kept, and how it goes on.

    :param last: what was told last: of the source that it was at.
    """
    begun = [f"{p.source}: {p.done:,} of {p.expected:,}" for p in far if p.expected and p.done < p.expected]
    kept = f" ({'; '.join(begun)})" if begun else ""
    at = ""
    if last is not None and (last.expected is None or last.done < last.expected):
        silent = f" ({clean(last.where)} had said nothing for {int(last.waits)} s)" if last.waits else ""
        at = f" while {last.source} was read{silent}"
    return f"Stopped{at}. What was read so far is kept{kept}; deskhand sync goes on there."


TITLE = 500
"""So much of a title or name is shown; on one line, so that it passes for none of ours."""


def short(text: str, most: int) -> str:
    """One line of at most so many characters, in which nothing acts on the terminal."""
    text = " ".join(clean(text).split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def count(n: int, noun: str) -> str:
    """`1 item`, `2,000 items`."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
