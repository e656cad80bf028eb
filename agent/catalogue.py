"""Which sources a home has: how they are added, removed, and described to those who open them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from deskhand.agent.connections import OUTPUTS, try_out
from deskhand.config.edit import add_source, remove_source
from deskhand.config.errors import ConfigError, nearest
from deskhand.config.paths import Home
from deskhand.config.secrets import LookUp
from deskhand.config.settings import Settings, Source
from deskhand.connectors import options as options_of
from deskhand.connectors import settled

_NAMES = {
    "imap": "mail",
    "gmail": "mail",
    "maildir": "mail",
    "mbox": "mail",
    "ics": "calendar",
    "caldav": "calendar",
    "gcalendar": "calendar",
    "webcal": "calendar",
    "files": "documents",
    "gdrive": "documents",
}
"""What a person calls a source of this kind; others are called like their kind."""


def described(settings: Settings, look_up: LookUp) -> dict[str, tuple[str, dict[str, Any]]]:
    """Kind and options of each source, by alias: as they are set, with what is known of the person."""
    return {
        alias: (s.kind, _whose(settings, alias, s, s.resolved(look_up)))
        for alias, s in settings.sources.items()
    }


def add(
    home: Home, settings: Settings, look_up: LookUp, *,
    kind: str, place: str, alias: str = "", options: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    """Try a source out and write it into the settings; returns its alias. Paths are kept absolute.

    :raises SourceError: the kind, the place or an option cannot work; a server lets nobody in.
    :raises ConfigError: the alias.
    """
    alias = alias or _free(kind, settings)
    if alias in settings.sources or alias == OUTPUTS:
        raise ConfigError(f"There is a source called {alias} already; choose another name with --as.")
    state = home.source(alias)
    place = _absolute(place)
    given = {n: _absolute(v) if _is_path(v) else v for n, v in (options or {}).items()}
    given = {**settled(kind, place, given), **given}
    resolved = {n: look_up(v) if isinstance(v, str) else v for n, v in given.items()}
    known = _known(settings, kind, place)
    try_out(kind, alias=alias, state=state, options={"place": place, **known, **resolved})
    add_source(home.config_file, alias, kind=kind, place=place, options=given)
    return alias


def remove(home: Home, alias: str) -> None:
    """Take a source out of the settings. :raises ConfigError: there is none."""
    remove_source(home.config_file, alias)


def usual(kind: str) -> str:
    """What a person calls a source of this kind."""
    return _NAMES.get(kind, kind)


def no_such(alias: str, known: list[str]) -> str:
    """The sentence for an alias that nobody has."""
    has = f" There are: {', '.join(known)}." if known else " None is connected yet: deskhand add KIND PLACE."
    return f"There is no source called {alias!r}{nearest(alias, known)}.{has}"


def _known(settings: Settings, kind: str, place: str) -> dict[str, str]:
    """Options that the kind takes and the settings know: whose calendar, whose mail it is."""
    person, takes = settings.person, options_of(kind)
    if not person.email:
        return {}
    # From an account of one's own one writes under its address.
    address = place if _is_address(place) else person.email
    sender = f"{person.name} <{address}>" if person.name else address
    return {n: v for n, v in (("me", person.email), ("sender", sender)) if n in takes}


def _whose(settings: Settings, alias: str, source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """A source's options, with what the settings know of the one whose calendar it is: a person, a room."""
    made = {"place": source.place, **_known(settings, source.kind, source.place), **options}
    takes = options_of(source.kind)
    if "owner" not in takes:
        return made
    rooms = [r.address or name for name, r in settings.rooms.items() if r.source == alias]
    owner = str(made.get("owner") or (rooms[0] if rooms else "")).lower()
    if not owner or owner in settings.person.addresses:
        made.pop("owner", None)
        return made
    someone = settings.people.get(owner)
    zone = someone.zone if someone and "zone" in takes else ""
    return {**({"zone": zone} if zone else {}), **made, "owner": owner}


def _free(kind: str, settings: Settings) -> str:
    base, taken = _NAMES.get(kind, kind), {*settings.sources, OUTPUTS}
    return next(a for n in range(1, len(taken) + 2) if (a := base if n == 1 else f"{base}{n}") not in taken)


def _is_path(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("~", "./", "../", "/"))


def _absolute(place: str) -> str:
    # An account or an address on the network stays as it is.
    there = not place or "://" in place or _is_address(place)
    return place if there else os.path.abspath(os.path.expanduser(place))


def _is_address(place: str) -> bool:
    """Whether a place is an account, `noor@example.org`, and no folder."""
    return "/" not in place and "@" in place[1:-1] and not os.path.exists(place)
