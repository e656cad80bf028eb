"""What a person must know about how an answer came about: what was out of reach, and what would help."""

from __future__ import annotations

from collections.abc import Iterable

from deskhand.agent.runs.footing import TRIED, Footing
from deskhand.agent.sources.standing import behind

BY_WORDS = "searched by words"
"""The event of a run that says why a step searched by words alone: {step, why}."""

_EVENTS, _MAIL, _PAPERS = frozenset({"event"}), frozenset({"message", "attachment"}), frozenset({"document"})
LOOKS_AT: dict[str, frozenset[str]] = {
    "calendar": _EVENTS, "event": _EVENTS, "slots": _EVENTS, "room": _EVENTS, "mail": _MAIL, "message": _MAIL,
    "thread": _MAIL, "threads": _MAIL,
    "attachments": _MAIL, "offer": _MAIL, "invitation": _MAIL | _EVENTS, "document": _PAPERS,
    "file": _PAPERS, "item": _MAIL | _PAPERS, "question": _MAIL | _PAPERS | _EVENTS,
    "digest": _MAIL | _PAPERS | _EVENTS,
}  # fmt: skip
"""What the operations of a family look at, by the first part of their names."""


def remarks(on: Footing) -> list[str]:
    """One sentence or two on each thing that was missing: a model, the meaning of words, a source."""
    events = on.tools.records.events(on.progress.run.id)
    said = dict.fromkeys([*_planned(e.data for e in events if e.type == TRIED)])
    said |= dict.fromkeys(e.data["why"] for e in events if e.type == BY_WORDS)
    return [*said, *_out_of_reach(on)]


def _planned(tries: Iterable[dict[str, object]]) -> list[str]:
    """That no model made the plan, where some were to."""
    last: dict[str, str] = {}
    for one in tries:
        if one["outcome"] == "answered":
            return []
        last[str(one["model"])] = str(one.get("said") or f"What {one['model']} answered could not be used.")
    return [f"Planned by rules alone: {' '.join(last.values())}"] if last else []


def _out_of_reach(on: Footing) -> list[str]:
    """Sources whose last pass broke off, and that hold what the steps of this run looked at."""
    kinds = {k for s in on.progress.steps for k in LOOKS_AT.get(s.op.partition(".")[0], ())}
    holding = {p.alias for p in on.context.places if p.holds & kinds}
    zone, now = on.context.owner.zone, on.context.now
    late = (s for s in on.context.archive.sources() if s.error and s.alias in holding)
    return [behind(s.alias, s, zone=zone, now=now) for s in late]
