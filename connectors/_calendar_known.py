"""What a cursor knows of an account's calendars, and the names that an event has by it.

A cursor holds each calendar's token and, of each event or series in it, the version that was yielded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from deskhand.connectors._ics_shelf import BROKEN, digest
from deskhand.connectors.model import Cursor


@dataclass(frozen=True, slots=True)
class Seen:
    """What a cursor knows of one event or series."""

    uid: str
    version: str
    mark: str = ""
    """What changes with any part of it, where its source tells that of what it does not send whole."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a cursor knows of one calendar: its events by the id of the event or series."""

    token: str = ""
    seen: Mapping[str, Seen] = field(default_factory=dict[str, Seen])


# natives


def name_of(calendar: str, base: str) -> str:
    """How an event is named on the shelf: what stands before the last slash is its calendar."""
    return f"{quote(calendar, safe='')}/{quote(base, safe='')}"


def place_of(name: str) -> tuple[str, str]:
    """The calendar and the id that a name means."""
    calendar, _, base = name.rpartition("/")
    return unquote(calendar), unquote(base)


def native_of(uid: str, calendar: str, base: str, owned: Mapping[str, object]) -> str:
    """The id of an event: its UID or, where another calendar has that already, with the calendar's id."""
    if base == BROKEN:
        return calendar
    if uid not in owned:
        return uid
    beside = f"{uid}@{calendar}"
    return beside if beside not in owned else f"{uid}@{calendar}@{base}"


def natives(known: Mapping[str, Known], order: Callable[[str], Any]) -> dict[str, Seen]:
    """What a cursor knows, by native id. `order`: of calendars, by id; those that are there no more last."""
    owned: dict[str, Seen] = {}
    for calendar in sorted(known, key=order):
        for base, seen in sorted(known[calendar].seen.items()):
            owned[native_of(seen.uid, calendar, base, owned)] = seen
    return owned


def broken(calendar: str, failure: str) -> Seen:
    """What a cursor knows of a calendar that cannot be read."""
    return Seen(BROKEN, digest(f"{calendar} {failure}"))


# cursors


def known_of(cursor: Cursor | None) -> dict[str, Known]:
    """Read a cursor; one that is not ours is none."""
    if cursor is None:
        return {}
    try:
        return {
            id_: Known(token, {base: Seen(*seen) for base, seen in events.items()})
            for id_, (token, events) in json.loads(cursor.value).items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}


def partly(old: Mapping[str, Known], done: Mapping[str, Mapping[str, Seen]]) -> str:
    """The cursor in the middle of a pass: what was yielded is known, the tokens are still the old ones."""
    both = {id_: old.get(id_, Known()) for id_ in [*old, *done]}
    return value_of({id_: Known(k.token, {**k.seen, **done.get(id_, {})}) for id_, k in both.items()})


def value_of(known: Mapping[str, Known]) -> str:
    """What a cursor holds."""
    return json.dumps(
        {
            id_: [
                k.token,
                {
                    base: [s.uid, s.version, *([s.mark] if s.mark else [])]
                    for base, s in sorted(k.seen.items())
                },
            ]
            for id_, k in sorted(known.items())
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )
