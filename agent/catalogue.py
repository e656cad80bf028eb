"""Which sources a home has: how they are added, removed, and described to those who open them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deskhand.agent.connections import OUTPUTS, Unfound, try_out
from deskhand.agent.profile import account_of
from deskhand.config.edit import add_source, remove_source
from deskhand.config.errors import ConfigError, nearest
from deskhand.config.paths import Home
from deskhand.config.secrets import LookUp, holds_secret, refuse
from deskhand.config.settings import Settings, Source
from deskhand.config.toml import parse, read_text
from deskhand.connectors import options as options_of
from deskhand.connectors import settled
from deskhand.connectors.base import Renew

_NAMES = {
    "imap": "mail",
    "gmail": "mail",
    "outlook": "mail",
    "maildir": "mail",
    "mbox": "mail",
    "ics": "calendar",
    "caldav": "calendar",
    "gcalendar": "calendar",
    "msgraph_calendar": "calendar",
    "webcal": "calendar",
    "files": "documents",
    "gdrive": "documents",
    "onedrive": "documents",
}
"""What a person calls a source of this kind; others are called like their kind."""


def described(settings: Settings, look_up: LookUp) -> dict[str, tuple[str, dict[str, Any]]]:
    """Kind and options of each source, by alias: as they are set, with what is known of the person."""
    return {
        alias: (s.kind, _whose(settings, alias, s, {n: _found(v, look_up) for n, v in s.options.items()}))
        for alias, s in settings.sources.items()
    }


def _found(value: object, look_up: LookUp) -> object:
    """What an option stands for. A secret that is not there keeps this source from working, and no other."""
    try:
        return look_up(value) if isinstance(value, str) else value
    except ConfigError as error:
        return Unfound(str(error))


def add(
    home: Home, settings: Settings, look_up: LookUp, *,
    kind: str, place: str, alias: str = "", options: Mapping[str, Any] | None = None,
    kept: Mapping[str, tuple[str, str]] = {}, renew: Renew | None = None,
) -> str:  # fmt: skip
    """Try a source out and write it into the settings; returns its alias. Paths are kept absolute.

    :param kept: kind and place of sources that were removed and whose data was kept, by alias: of the same
        kind and place one goes on where it stopped.
    :param renew: keeps its sign-in anew, which may be another one by having been used.
    :raises SourceError: the kind, the place or an option cannot work; a server lets nobody in.
    :raises ConfigError: the alias.
    """
    for name in ("kind", "place"):  # in the settings they would go before what was said, and was tried out
        if name in (options or {}):
            raise ConfigError(f"{name} is no option: say deskhand add KIND PLACE.")
    for name, value in {**(options or {}), "place": place}.items():
        if holds_secret(name, value):  # said before any server hears it
            raise ConfigError(refuse(name))
    place = _absolute(place)
    alias = alias or _free(kind, place, settings, kept)
    if alias in settings.sources or alias == OUTPUTS:
        raise ConfigError(f"There is a source called {alias} already; choose another name with --as.")
    if alias in kept and kept[alias] != (kind, place):
        of = " ".join(filter(None, kept[alias]))
        raise ConfigError(
            f"{alias} still holds what was kept of {of}; choose another name with --as, or erase that: "
            f"deskhand remove {alias}"
        )
    state = home.source(alias)
    empty = not state.exists()
    given = {n: _absolute(v) if _is_path(v) else v for n, v in (options or {}).items()}
    ours = _ours(kind, given)
    given = {n: v for n, v in given.items() if n not in ours}
    given = {**settled(kind, place, given), **given}
    resolved = {n: look_up(v) if isinstance(v, str) else v for n, v in given.items()}
    known = _known(settings, kind, place)
    try:
        options = {"place": place, **known, **resolved}
        try_out(kind, alias=alias, state=state, options=options, renew=renew)
        add_source(home.config_file, alias, kind=kind, place=place, options={**ours, **given})
    except BaseException:
        if empty:
            shutil.rmtree(state, ignore_errors=True)  # of a source that was not added
        raise
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
    # With an account of one's own one invites and writes under its address.
    address = place if _is_address(place) else person.email
    sender = f"{person.name} <{address}>" if person.name else address
    return {n: v for n, v in (("me", address), ("sender", sender)) if n in takes}


def _whose(settings: Settings, alias: str, source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """A source's options, with what the settings know of the one whose calendar it is: a person, a room."""
    made = {"place": source.place, **_known(settings, source.kind, source.place), **options}
    takes = options_of(source.kind)
    if "owner" not in takes:
        return made
    rooms = [r.address or name for name, r in settings.rooms.items() if r.source == alias]
    owner = str(made.get("owner") or (rooms[0] if rooms else "")).lower()
    if not owner or owner in own_addresses(settings):
        made.pop("owner", None)
        return made
    someone = settings.people.get(owner)
    zone = someone.zone if someone and "zone" in takes else ""
    return {**({"zone": zone} if zone else {}), **made, "owner": owner}


def own_addresses(settings: Settings) -> frozenset[str]:
    """Every address of the person, lower case: those she named, and those of her connected accounts.

    A source that says whose it is, and one that is a room's, is somebody else's.
    """
    rooms = {r.source for r in settings.rooms.values()}
    mine = [a for a in settings.sources if a not in rooms]
    sources = (settings.sources[a] for a in mine)
    accounts = (account_of({"place": s.place, **s.options}) for s in sources)
    return settings.person.addresses | {a for a in accounts if a}


def _ours(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that every source has, whatever its kind, as they are meant ("yes" is true)."""
    names = [n for n in given if n in Source.model_fields]
    try:
        made = Source.model_validate({"kind": kind, **{n: given[n] for n in names}})
    except ValidationError as error:
        wrong = error.errors()[0]
        said = str(wrong["msg"]).partition(",")[0].removeprefix("Input ")
        raise ConfigError(f"The option {wrong['loc'][0]} {said}.") from None
    return {n: getattr(made, n) for n in names}


def local_only(settings: Settings) -> frozenset[str]:
    """Aliases of sources of which nothing goes to a model on another machine."""
    return frozenset(alias for alias, source in settings.sources.items() if source.local_only)


def is_written(home: Home, alias: str) -> bool:
    """Whether a source stands in the settings' file, and not in the environment or in a program alone."""
    return alias in parse(read_text(home.config_file), name=home.config_file.name).get("sources", {})


def is_named(alias: str, request: str) -> bool:
    """Whether a wish names a source by its alias."""
    return bool(re.search(rf"(?<![\w-]){re.escape(alias)}(?![\w-])", request, re.I))


def own_secrets(settings: Settings, alias: str, file: Path) -> tuple[str, ...]:
    """Names of the secrets (`secret:NAME`) that the options of a source refer to, and nothing else does."""
    source = settings.sources.get(alias)
    said = [v for v in source.options.values() if isinstance(v, str)] if source else []
    named = {v.removeprefix("secret:") for v in said if v.startswith("secret:")}
    return tuple(sorted(n for n in named if _times(n, file) == said.count(f"secret:{n}")))


def _times(secret: str, file: Path) -> int:
    """How often the settings refer to a secret."""
    return len(re.findall(rf"secret:{re.escape(secret)}(?!\w)", read_text(file)))


def _free(kind: str, place: str, settings: Settings, kept: Mapping[str, tuple[str, str]]) -> str:
    base, taken = _NAMES.get(kind, kind), {*settings.sources, OUTPUTS}
    again = next((a for a, was in kept.items() if was == (kind, place) and a not in taken), "")
    if again:
        return again
    taken |= kept.keys()
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
