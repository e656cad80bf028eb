"""Sources at the doors: connected, read, taken away, told of. Plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from deskhand.agent.desk import shapes
from deskhand.agent.desk.runs import Tell, telling
from deskhand.agent.sources import standing

if TYPE_CHECKING:
    from deskhand.agent.app import App

Answer = dict[str, Any]


def sources(app: App, *, source: str = "") -> Answer:
    """Every source and how it stands, or the one."""
    return {"sources": standing.sources(app, source)}


def add(
    app: App, *, kind: str, place: str, alias: str = "", options: Mapping[str, Any] | None = None
) -> Answer:
    """Connect a source; how it stands then."""
    name = app.add(kind, place, alias=alias, options=options)
    return next(s for s in standing.sources(app) if s["source"] == name)


def signed_in(app: App, *, sources: list[str]) -> Answer:
    """Open sources anew that somebody signed in to again."""
    app.signed_in(sources)
    return {"sources": sources}


def remove(app: App, *, alias: str, keep_data: bool = False, look: bool = False) -> Answer:
    """Take a source away, or only look what would go with it."""
    there = app.belongings(alias) if look else app.remove(alias, keep_data=keep_data)
    return there.as_dict() | {"done": "" if look else "kept" if keep_data else "erased"}


def sync(app: App, *, sources: list[str] | None = None, watch: Tell | None = None, **progress: Any) -> Answer:
    """Read sources; what came of each, and the runs that followed from it."""
    # Who names a source means it, whatever it failed at before.
    done = app.sync(*(sources or ()), again=bool(sources), **progress)
    passes = [
        {
            "source": p.source,
            "added": p.tally.added,
            "changed": p.tally.changed,
            "moved": p.tally.moved,
            "removed": p.tally.removed,
            "failed": p.tally.failed,
            "failures": standing.failures(app, p.source),
            "error": p.error,
            "rests": p.rests,
            "next_try": p.due.isoformat() if p.due else None,
        }
        for p in done.passes
    ]
    return {
        "sources": passes, "embedded": done.embedded, "pending": done.pending, "note": done.note,
        "followed": [shapes.run(app.wait(run, watch=telling(watch))) for run in done.followed],
    }  # fmt: skip
