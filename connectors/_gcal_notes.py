"""Which effects gave an answer in somebody else's event: what may not be noted there is noted here.

An attendee may set the own answer in an event and nothing else. So the key of the effect stands in the state
folder beside the answer, and counts as being in the event for as long as that is what the event says.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from deskhand.connectors._calendar_changes import Change
from deskhand.connectors._calendar_event import Json
from deskhand.connectors._ics_shelf import digest
from deskhand.connectors._keep import write_beside
from deskhand.connectors.errors import Transient


class Notes:
    """One small file for each event that was answered."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "answered"

    def keys(self, name: str, events: Sequence[Json]) -> list[str]:
        """The effects whose answer an event gives."""
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            kept = json.loads(self._place(name).read_text("utf-8"))
            said = _answers(events)
            if all(said.get(id_) == answer for id_, answer in kept["answers"].items()):
                return [str(k) for k in kept["keys"]]
        return []

    def keep(self, name: str, keys: Sequence[str], steps: Sequence[Change], events: Sequence[Json]) -> None:
        """Note what is about to be answered. :raises Transient: there is no room."""
        own = {str(a.get("email")) for e in events for a in e.get("attendees") or () if a.get("self")}
        answers = {
            step.event or f"{step.at}": _own(step.fields.get("attendees") or (), own)
            for step in steps
            if step.event
        }
        if not answers:  # the same answer again: what the event says is what was wanted
            answers = {i: a for i, a in _answers(events).items() if a}
        path = self._place(name)
        text = json.dumps({"keys": list(keys), "answers": answers})
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_beside(path, text.encode(), beside=path.with_name(f".{path.name}.{os.getpid()}"))
        except OSError as e:
            raise Transient(f"What is to be answered cannot be noted first ({e.strerror}).") from e

    def _place(self, name: str) -> Path:
        return self._folder / f"{digest(name)}.json"


def _answers(events: Sequence[Json]) -> dict[str, str]:
    """One's own answer in each event, by its id."""
    own = {str(a.get("email")) for e in events for a in e.get("attendees") or () if a.get("self")}
    return {str(e.get("id")): _own(e.get("attendees") or (), own) for e in events}


def _own(attendees: Sequence[Mapping[str, Any]], own: set[str]) -> str:
    return next((str(a.get("responseStatus") or "") for a in attendees if str(a.get("email")) in own), "")
