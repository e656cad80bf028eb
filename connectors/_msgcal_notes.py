"""Which effects left nothing at Graph that could carry their key: what may not be noted there is noted here.

Whoever is invited may answer and nothing else, and an occurrence that is called off is gone. So the key of
such an effect stands in the state folder beside what it brings about, and counts as being in the event for
as long as that is what the event says.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC
from pathlib import Path

from deskhand.connectors._calendar_event import Json, master_of, moment_of, original
from deskhand.connectors._ics_shelf import digest
from deskhand.connectors._keep import write_beside
from deskhand.connectors.errors import Transient


class Notes:
    """One small file for each event with such effects."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "facts"

    def keys(self, name: str, events: Sequence[Json]) -> list[str]:
        """The effects that show in an event, the newest first."""
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            kept = json.loads(self._place(name).read_text("utf-8"))
            if {*kept["facts"]} <= facts_of(events):
                return [str(k) for k in kept["keys"]]
        return []

    def keep(self, name: str, keys: Sequence[str], facts: Collection[str]) -> None:
        """Note what is about to be brought about. :raises Transient: there is no room."""
        path = self._place(name)
        text = json.dumps({"keys": list(keys), "facts": sorted(facts)})
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_beside(path, text.encode(), beside=path.with_name(f".{path.name}.{os.getpid()}"))
        except OSError as e:
            raise Transient(f"What is to be done cannot be noted first ({e.strerror}).") from e

    def _place(self, name: str) -> Path:
        return self._folder / f"{digest(name)}.json"


def answer_fact(event: Json, answer: str) -> str:
    """That an event has this own answer."""
    return f"answer {_when(event)} {answer}"


def gone_fact(event: Json) -> str:
    """That an occurrence is called off."""
    return f"gone {_when(event)}"


def facts_of(events: Sequence[Json]) -> set[str]:
    """What an event says of such things."""
    gone = {gone_fact(e) for e in events if e.get("status") == "cancelled" and e is not master_of(events)}
    return gone | {answer_fact(e, str(e.get("own"))) for e in events if "own" in e}


def _when(event: Json) -> str:
    """Names an occurrence of a series; empty: the whole."""
    at = moment_of(original(event)) if event.get("recurringEventId") else None
    return at.astimezone(UTC).isoformat() if at is not None else ""
