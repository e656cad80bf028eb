"""How sources stand, as a person asks for it: what they hold, what failed, when they are asked again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from deskhand.agent.profile import Away, Place
from deskhand.agent.sources import catalogue
from deskhand.agent.times import say_instant
from deskhand.connectors.archive import SourceState
from deskhand.connectors.errors import Misconfigured
from deskhand.connectors.health import Health

if TYPE_CHECKING:
    from deskhand.agent.app import App


def sources(app: App, only: str = "") -> list[dict[str, Any]]:
    """Every source, those that are kept last, in plain JSON; or one with all that is known of it.

    :raises Misconfigured: there is none of that name.
    """
    states = app.sources()
    if only and only not in {s.alias for s in states}:
        raise Misconfigured(catalogue.no_such(only, [s.alias for s in states]))
    places = {p.alias: p for p in app.connections.places()}
    made = []
    for state in states:
        if only and state.alias != only:
            continue
        one = _source(app, state, places.get(state.alias))
        made.append(one | _whole(app, state.alias) if only else one)
    return made


def failures(app: App, alias: str) -> list[dict[str, str]]:
    """What could not be read at a source, and why."""
    return [{"ref": str(f.ref), "reason": f.reason} for f in app.failures(alias)]


def behind(alias: str, state: SourceState | None, *, zone: str, now: datetime) -> str:
    """What may be missing because a source is behind, and what would help: a sentence or two."""
    if state is None or not (state.error or state.synced):
        reached = state.health if state else Health()
        far = f" ({reached.done:,} of {reached.expected:,})" if reached.expected else ""
        return f"{alias} was not read to its end yet{far}: deskhand sync {alias}"
    known = f"Nothing of {alias} is known for sure yet"
    if state.synced is not None:
        known = f"Of {alias} nothing newer than {say_instant(_minute(state.synced), zone, now)} is known"
    help_ = f"Once that is mended: deskhand sync {alias}"
    if (due := state.health.due) is not None and state.health.rests(now):
        when = say_instant(asked_again(due), zone, now)
        help_ = f"It is asked again {when}; sooner with: deskhand sync {alias}"
    return f"{known} ({state.error.rstrip('.')}). {help_}"


def asked_again(due: datetime) -> datetime:
    """The first whole minute at which a source that is left alone is asked again: what a person is told."""
    return _minute(due + timedelta(seconds=59))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _source(app: App, state: SourceState, place: Place | None) -> dict[str, Any]:
    source, health = app.settings.sources.get(state.alias), state.health
    part = {"done": health.done, "expected": health.expected} if health.failed and health.done else None
    return {
        "source": state.alias,
        "kind": state.kind,
        "place": source.place if source else state.place,
        "connected": state.alias in app.connections.aliases,
        "again": app.was(state.alias).again(state.alias) if state.alias in app.kept() else "",
        "items": state.items,
        "failures": failures(app, state.alias),
        "synced": state.synced.isoformat() if state.synced else None,
        "tried": state.tried.isoformat() if state.tried else None,
        "error": state.error or (place.problem if place else ""),
        "failed": health.failed,
        "rests": health.rests(app.now()),
        "next_try": health.due.isoformat() if health.due and state.error else None,
        "reached": part,
        "quota": health.as_dict()["quota"],
        "opens": place is not None and not place.problem,
        "operations": sorted(place.operations) if place else [],
        "away": away(app, state.alias),
        "clock": clock(app, state.alias),
    }


def away(app: App, alias: str) -> str:
    """That an account answers by itself now, or will, in a sentence; "" where it does not."""
    told = next((t for a, t in app.profiles() if a == alias), None)
    if told is None or not told.away:
        return ""
    return Away(told.away_from, told.away_until).said(app.owner.zone, app.now())


def clock(app: App, alias: str) -> str:
    """That nobody can say by which clock an account goes, in a sentence; "" where that is known, or set."""
    told = next((t for a, t in app.profiles() if a == alias), None)
    if told is None:
        return ""
    mine = app.settings.person.model_fields_set
    if told.hours_zone and "hours" not in mine:
        return (
            f"Its time zone is {told.zone}, and its working hours are by the clock of {told.hours_zone}: "
            "they are not gone by. Say yours in config.toml, zone and hours under [person]."
        )
    if not told.unread or "zone" in mine:
        return ""
    return (
        f"Its time zone ({told.unread}) has no name elsewhere, and nobody can say which it is: say yours in "
        f"config.toml, zone under [person]. Until then it is {app.owner.zone}."
    )


def _whole(app: App, alias: str) -> dict[str, Any]:
    source = app.settings.sources.get(alias)
    folder = app.home.source(alias)
    kept = sum(p.lstat().st_size for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else 0
    return {"options": source.options if source else {}, "bytes": kept, **{
        n: c for n, c in app.archive.held(alias).items() if n != "items"
    }}  # fmt: skip
