"""How a source leaves a home: with all that was read from it, or only its connection.

What is to go is looked at first (`look`). Then a note beside its private folder says that it goes, and each
step after that can be done twice: whoever opens the home next finishes what a killed process left.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskhand.agent.errors import Refusal
from deskhand.agent.records.parting import names
from deskhand.agent.sources import catalogue
from deskhand.agent.sources.kept import Kept, let_go
from deskhand.agent.sources.kept import keep as note_down
from deskhand.config.errors import ConfigError
from deskhand.config.settings import Source
from deskhand.connectors.database import StorageError

if TYPE_CHECKING:
    from deskhand.agent.home.connected import Connected
    from deskhand.agent.model import Run

_NOTE = ".going"
"""After the alias; no alias holds a dot."""


@dataclass(frozen=True, slots=True)
class Belongings:
    """What there is of a source in a home, and what would have nothing to go by without it."""

    source: str
    kind: str
    place: str
    connected: bool
    """Else it was removed before, and its data was kept."""
    again: str
    """The command that connects it as it is, or was."""
    items: int
    """Removed ones too; so are `versions` and `attachments`, which are among the items."""
    versions: int
    attachments: int
    bytes: int
    """Of files that were kept for it: old versions, what came with messages."""
    runs: tuple[str, ...]
    """Runs that are not over and use it."""
    questions: tuple[str, ...]
    """What these ask."""
    held: int
    """Writes of theirs that are held."""
    schedules: tuple[str, ...]
    """Schedules that name it and are not paused."""
    permissions: tuple[str, ...]
    """Standing permissions for it."""
    secrets: tuple[str, ...]
    """Secrets that nothing else in the settings refers to."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}


def look(app: Connected, alias: str) -> Belongings:
    """What would go with a source. Changes nothing. :raises ConfigError: there is none, and nothing of it."""
    known = {s.alias: s for s in app.archive.sources()}
    connected = alias in app.connections.aliases
    if not connected and alias not in known:
        raise ConfigError(catalogue.no_such(alias, [*app.settings.sources, *app.kept()]))
    if connected and not catalogue.is_written(app.home, alias):
        raise ConfigError(
            f"{alias} does not stand in config.toml (a program or the environment brought it), so it cannot "
            "be removed here."
        )
    was = _settings(app.settings.sources[alias]) if connected else app.was(alias)
    runs = _using(app, alias)
    records = app.runs_room.records if _has_runs(app) else None
    return Belongings(
        source=alias,
        kind=was.kind,
        place=was.place,
        connected=connected,
        again=was.again(alias),
        **app.archive.held(alias),
        bytes=_size(app.home.source(alias)),
        runs=tuple(r.id for r in runs),
        questions=tuple(a.id for r in runs for a in r.approvals if a.state == "pending"),
        held=sum(e.state == "held" for r in runs for e in r.effects),
        schedules=tuple(
            s.name for s in (records.schedules() if records else ())
            if not s.paused and catalogue.is_named(alias, s.request)
        ),
        permissions=tuple(
            p.id for p in (records.permissions() if records else ())
            if p.source == alias and p.revoked is None
        ),
        secrets=tuple(
            n for n in catalogue.own_secrets(app.home, was.options, alias=alias) if app.has_secret(n)
        ),
    )  # fmt: skip


def remove(
    app: Connected, alias: str, *, keep: bool = False, step: Callable[[str], None] = lambda _: None
) -> Belongings:
    """Disconnect a source; without `keep` everything that was read from it goes too. What there was of it.

    :param step: told what is about to be done.
    """
    there = look(app, alias)
    if keep and not there.connected:
        raise Refusal(f"{alias} is disconnected already, and its data is kept.")
    note = app.home.sources / f"{alias}{_NOTE}"
    if not keep:
        # From here on it goes, whatever happens to this process.
        note.write_text(json.dumps({"secrets": there.secrets}), "utf-8")
    if there.connected:
        step("disconnect")
        try:
            if keep:
                note_down(app.home.sources, alias, _settings(app.settings.sources[alias]))
            catalogue.remove(app.home, alias)
        except ConfigError:
            note.unlink(missing_ok=True)
            raise
        except OSError as error:
            why = error.strerror or error
            raise StorageError(
                f"How {alias} is connected cannot be kept: {why}. Nothing was removed."
            ) from None
        app.reload()
    _end_what_uses(app, there, step)
    app.connections.let_go(alias)
    if not keep:
        _erase(app, alias, note, step)
    return there


def finish(app: Connected) -> list[str]:
    """Finish removals that were cut off; whose. :raises StorageError: the disk stands in the way."""
    found = []
    for note in sorted(app.home.sources.glob(f"*{_NOTE}")):
        alias = note.name.removesuffix(_NOTE)
        found.append(alias)
        try:
            there = look(app, alias)
            if there.connected:
                catalogue.remove(app.home, alias)
                app.reload()
            _end_what_uses(app, there, lambda _: None)
        except ConfigError:
            pass  # it has gone as far as that
        _erase(app, alias, note, lambda _: None)
    return found


def is_unfinished(sources: Path) -> bool:
    """Whether a removal was cut off, by the folder of all sources. Costs one listing."""
    return next(sources.glob(f"*{_NOTE}"), None) is not None


def _erase(app: Connected, alias: str, note: Path, step: Callable[[str], None]) -> None:
    step("secrets")
    for name in _secrets(note):
        with suppress(ConfigError):
            app.forget_secret(name)
    # Words, vectors and traces go by what is told as removed; only then may the rows go.
    step("forget")
    app.archive.forget(alias, now=app.now())
    step("index")
    app.index.read(app.archive)
    app.index.purge()
    app.archive.trace(app.owner.addresses)
    step("archive")
    app.archive.erase(alias)
    step("runs")
    if _has_runs(app):
        app.runs_room.records.part(alias, now=app.now())
    step("files")
    shutil.rmtree(app.home.source(alias), ignore_errors=True)
    step("pack")
    let_go(app.home.sources, alias)
    with suppress(StorageError):  # there is no room to make the file anew: it is written over in time
        app.archive.pack()
    note.unlink(missing_ok=True)


def _end_what_uses(app: Connected, there: Belongings, step: Callable[[str], None]) -> None:
    """Stop the runs that would fail without it, and pause what would be run in vain."""
    if not _has_runs(app):
        return
    room, alias = app.runs_room, there.source
    step("runs end")
    for run in there.runs:
        room.cancel(run, why=f"{alias}, which it needs, was removed.")
    for schedule in room.records.schedules():
        if schedule.name in there.schedules:
            room.records.pause_schedule(schedule.name)
    for permission in there.permissions:
        room.records.revoke(permission, now=app.now())


def _settings(source: Source) -> Kept:
    """How a source is connected, with the options that all sources have where they are not as usual."""
    usual = Source(kind=source.kind)
    ours = ("at_once", "local_only")
    changed = {n: getattr(source, n) for n in ours if getattr(source, n) != getattr(usual, n)}
    return Kept(source.kind, source.place, {**changed, **source.options})


def _using(app: Connected, alias: str) -> list[Run]:
    """Runs that are not over and use a source: by their plan, what they ask, hold, or have read."""
    if not _has_runs(app):
        return []
    records = app.runs_room.records
    found = []
    for run in records.going():
        waits = [e for e in run.effects if e.state in ("held", "claimed", "intended")]
        said = [s.args for s in run.plan.steps] if run.plan else []
        said += [a.arguments | {"from": a.origins} for a in run.approvals if a.state == "pending"]
        said += [e.arguments for e in waits] + [dict(s.labels or {}) for s in records.steps(run.id).values()]
        if any(e.source == alias for e in waits) or names(said, alias):
            found.append(run)
    return found


def _secrets(note: Path) -> list[str]:
    try:
        return list(json.loads(note.read_text("utf-8"))["secrets"])
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _has_runs(app: Connected) -> bool:
    return (app.home.root / "runs.db").exists()


def _size(folder: Path) -> int:
    return sum(p.lstat().st_size for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else 0
