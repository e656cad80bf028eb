"""Which sources a home has: how they are added, removed, and described to those who open them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeGuard, TypeVar

from pydantic import ValidationError

from deskhand.agent.profile import account_of
from deskhand.agent.sources.connections import OUTPUTS, Unfound, try_out
from deskhand.agent.sources.kept import Kept, secrets, secrets_of
from deskhand.agent.sources.turns import patiently
from deskhand.config.edit import add_source, remove_source
from deskhand.config.errors import ConfigError, nearest
from deskhand.config.paths import Home
from deskhand.config.secrets import LookUp, holds_secret, refuse
from deskhand.config.settings import Settings, Source, wanted
from deskhand.config.toml import parse, read_text
from deskhand.connectors import fit, is_local, resolved, settled, sign_in
from deskhand.connectors import options as options_of
from deskhand.connectors._fitting import is_account
from deskhand.connectors._hosts import called
from deskhand.connectors.base import Renew
from deskhand.connectors.errors import Misconfigured, Transient

T = TypeVar("T")

LONGEST = 60.0
"""Seconds that a server is waited for when its source is added."""

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

_PERSONAL = frozenset({"gmail", "imap", "outlook"})
"""Kinds whose place, or user, is the account that the person signs in to."""


def described(settings: Settings, look_up: LookUp) -> dict[str, tuple[str, dict[str, Any]]]:
    """Kind and options of each source, by alias: as they are set, with what is known of the person.

    :raises ConfigError: one is of no kind that there is.
    """
    made = dict[str, tuple[str, dict[str, Any]]]()
    for alias, s in settings.sources.items():
        found = {n: _found(v, look_up) for n, v in s.options.items()}
        try:
            made[alias] = (s.kind, _whose(settings, alias, s, found))
        except Misconfigured as error:
            raise ConfigError(f"In config.toml, [sources.{alias}]: {error}") from None
    return made


def _found(value: object, look_up: LookUp) -> object:
    """What an option stands for. A secret that is not there keeps this source from working, and no other."""
    try:
        return look_up(value) if isinstance(value, str) else value
    except ConfigError as error:
        return Unfound(str(error))


def add(
    home: Home, settings: Settings, look_up: LookUp, *,
    kind: str, place: str, alias: str = "", options: Mapping[str, Any] | None = None,
    kept: Mapping[str, Kept] = {}, renew: Renew | None = None,
    waits: Callable[[str, float], None] = lambda _host, _seconds: None, most: float = LONGEST,
) -> str:  # fmt: skip
    """Try a source out and write it into the settings; returns its alias. Paths are kept absolute.

    :param kept: how sources were connected that were removed and whose data was kept, by alias: at the same
        place one goes on where it stopped.
    :param waits: told who says nothing, and for how many seconds.
    :param most: seconds that a server is waited for.
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
    place = judge(settings, kind, place, options or {})
    if alias in settings.sources or alias == OUTPUTS:
        raise ConfigError(f"There is a source called {alias} already; choose another name with --as.")

    def asking(action: Callable[[], T]) -> T:
        if is_local(kind):
            return action()
        port = f":{given['port']}" if given.get("port") else ""
        host = f"{given['host']}{port}" if given.get("host") else called(place) or place.rpartition("@")[2]
        try:
            return patiently(action, most=most, silent=lambda seconds: waits(host, seconds))
        except TimeoutError:
            raise Transient(
                f"{host} does not answer: it was waited for {most:g} seconds. Nothing was added."
            ) from None

    given = dict(options or {})
    found = asking(lambda: settled(kind, place, given))
    if "place" in found:
        place = judge(settings, kind, found.pop("place"), {**found, **given})
    given = {**found, **given}
    before = next((a for a, k in kept.items() if _is_same(kind, place, options or {}, k)), "")
    if alias in kept and alias != before:
        of = " ".join(filter(None, (kept[alias].kind, kept[alias].place)))
        raise ConfigError(
            f"{alias} still holds what was kept of {of}; choose another name with --as, or erase that: "
            f"deskhand remove {alias}"
        )
    if alias and before and alias != before:
        raise ConfigError(
            f"What was read of {place} before is kept as {before}, and would be found twice. "
            f"Say --as {before}, and it goes on where it stopped; or erase that: deskhand remove {before}"
        )
    alias = alias or before or _free(kind, {*settings.sources, *kept, OUTPUTS})
    state = home.source(alias)
    empty = not state.exists()
    given = {n: os.path.abspath(os.path.expanduser(v)) if _is_path(v) else v for n, v in given.items()}
    ours = _ours(kind, given)
    given = {n: v for n, v in given.items() if n not in ours}
    looked_up = {n: look_up(v) if isinstance(v, str) else v for n, v in given.items()}
    known = _known(settings, kind, place)
    try:
        options = {"place": place, **known, **looked_up}
        asking(partial(try_out, kind, alias=alias, state=state, options=options, renew=renew))
        add_source(home.config_file, alias, kind=kind, place=place, options={**ours, **given})
    except BaseException:
        if empty:
            shutil.rmtree(state, ignore_errors=True)  # of a source that was not added
        raise
    return alias


def judge(settings: Settings, kind: str, place: str, options: Mapping[str, Any]) -> str:
    """Look whether a source may be added, as far as that can be told without opening it; its whole place.

    :raises Misconfigured: the place is none for this kind. :raises ConfigError: it is connected already.
    """
    fit(kind, place, user=str(options.get("user", "")))
    place = resolved(kind, place)
    for alias, source in settings.sources.items():
        if _is_same(kind, place, options, source):
            raise ConfigError(
                f"{place} is connected already, as {alias}; a second time, all of it would be found twice. "
                f"To connect it in another way, say: deskhand remove {alias} --keep-data, and add it anew."
            )
    return place


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
    address = place if is_account(place) else person.email
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


def shared_addresses(settings: Settings) -> frozenset[str]:
    """Those of `own_addresses` that others may read too: the person neither named them nor signed in as them.

    A team's address that a mailbox writes under (`sender`) is one.
    """
    rooms = {r.source for r in settings.rooms.values()}
    mine = (s for a, s in settings.sources.items() if a not in rooms and s.kind in _PERSONAL)
    signed_in = {
        account_of({"place": said, "owner": s.options.get("owner")})
        for s in mine
        for said in (s.place, s.options.get("user"))
    }
    return own_addresses(settings) - settings.person.addresses - signed_in


def _ours(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that every source has, whatever its kind, as they are meant ("yes" is true)."""
    names = [n for n in given if n in Source.model_fields]
    try:
        made = Source.model_validate({"kind": kind, **{n: given[n] for n in names}})
    except ValidationError as error:
        wrong = error.errors()[0]
        raise ConfigError(f"The option {wrong['loc'][0]} {wanted(wrong)}, not {wrong['input']!r}.") from None
    return {n: getattr(made, n) for n in names}


def local_only(settings: Settings) -> frozenset[str]:
    """Aliases of sources of which nothing goes to a model on another machine."""
    return frozenset(alias for alias, source in settings.sources.items() if source.local_only)


def gone(alias: str, again: str) -> str:
    """The sentence for a source that is disconnected, where it is asked for. `again`: connects it again."""
    return (
        f"{alias} is disconnected, and what was read of it is kept, so it is found and not read anew. To "
        f"connect it again: {again}"
    )


def renewal(settings: Settings, alias: str) -> str:
    """How the password or token of a source is changed, as a sentence; "" where it has none, or where one
    signs in by a browser instead: then the source says how."""
    source = settings.sources.get(alias)
    if source is None or sign_in(source.kind) is not None:
        return ""
    for option in ("password", "token"):
        kind, colon, name = str(source.options.get(option) or "").partition(":")
        if colon and kind in _RENEWALS:
            return _RENEWALS[kind].format(what=option, name=name)
    return ""


_RENEWALS = {
    "secret": "Its {what} is kept as secret:{name}; keep the new one with: deskhand secret set {name}",
    "keyring": "Its {what} is {name} in the keyring, where another program put it; change it there.",
    "env": "Its {what} is what the variable {name} of the environment says; change it there.",
    "file": "Its {what} stands in the file {name}; change it there.",
}
"""By where a secret is."""


def is_written(home: Home, alias: str) -> bool:
    """Whether a source stands in the settings' file, and not in the environment or in a program alone."""
    return alias in parse(read_text(home.config_file), name=home.config_file.name).get("sources", {})


def is_named(alias: str, request: str) -> bool:
    """Whether a wish names a source by its alias."""
    return bool(re.search(rf"(?<![\w-]){re.escape(alias)}(?![\w-])", request, re.I))


def own_secrets(home: Home, options: Mapping[str, Any], *, alias: str) -> tuple[str, ...]:
    """Names of the secrets (`secret:NAME`) that the options of a source refer to, and nothing else does.

    :param alias: of the source; it is connected, or its settings are kept.
    """
    text, others = read_text(home.config_file), set(secrets(home.sources, but=alias))
    own = list(secrets_of(options))
    written = is_written(home, alias)
    found = (n for n in set(own) - others if _times(n, text) == (own.count(n) if written else 0))
    return tuple(sorted(found))


def _times(secret: str, text: str) -> int:
    """How often settings refer to a secret."""
    return len(re.findall(rf"secret:{re.escape(secret)}(?!\w)", text))


def _free(kind: str, taken: set[str]) -> str:
    base = _NAMES.get(kind, kind)
    return next(a for n in range(1, len(taken) + 2) if (a := base if n == 1 else f"{base}{n}") not in taken)


def _is_same(kind: str, place: str, options: Mapping[str, Any], there: Source | Kept) -> bool:
    """Whether a source would read what another one reads, or read."""
    return kind == there.kind and _same(place, there.place) and _overlap(options, there.options)


def _same(place: str, other: str) -> bool:
    """Whether two places are one."""
    if place == other or place.rstrip("/") == other.rstrip("/"):
        return True
    if is_account(place):
        return place.lower() == other.lower()
    return "://" not in place and os.path.realpath(place) == os.path.realpath(os.path.expanduser(other))


def _overlap(given: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    """Whether what one reads at a place, the other reads too, as far as their options tell."""
    # Another account, server, calendar or folder: of what is not said again, nothing is known to differ.
    apart = ("user", "host", "port", "calendars", "folders")
    if any(given.get(n) and there.get(n) and str(given[n]) != str(there[n]) for n in apart):
        return False
    return str(given.get("owner", "")).lower() == str(there.get("owner", "")).lower()


def _is_path(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.startswith(("~", "./", "../", "/"))
