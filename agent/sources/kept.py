"""What a disconnected source had in the settings, kept beside its data: it can be connected again as it was.

The functions take the folder of all sources in a home. Secrets are in a note by their names alone
(`secret:NAME`), as in the settings.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_NOTE = ".kept"
"""After the alias; no alias holds a dot."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How a source was connected."""

    kind: str
    place: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """As they were written; none where somebody took it out of config.toml by hand."""

    def again(self, alias: str) -> str:
        """The command that connects it as it was."""
        said = [f"-o {shlex.quote(f'{name}={_written(value)}')}" for name, value in self.options.items()]
        return " ".join(["deskhand add", self.kind, shlex.quote(self.place), "--as", alias, *said])


def keep(folder: Path, alias: str, kept: Kept) -> None:
    """Note how a source is connected. :raises OSError: the disk stands in the way."""
    said = {"kind": kept.kind, "place": kept.place, "options": dict(kept.options)}
    _note(folder, alias).write_text(json.dumps(said, default=str), "utf-8")


def kept(folder: Path, alias: str, *, kind: str, place: str) -> Kept:
    """How a source was connected; of one without a note, what the archive knows."""
    try:
        said = json.loads(_note(folder, alias).read_text("utf-8"))
        return Kept(str(said["kind"]), str(said["place"]), dict(said["options"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Kept(kind, place)


def let_go(folder: Path, alias: str) -> None:
    """Forget the note: it is connected again, or erased."""
    with suppress(OSError):
        _note(folder, alias).unlink()


def secrets(folder: Path, *, but: str = "") -> Iterator[str]:
    """Names of the secrets that kept sources refer to. :param but: the alias of one that does not count."""
    for note in sorted(folder.glob(f"*{_NOTE}")):
        alias = note.name.removesuffix(_NOTE)
        if alias != but:
            yield from secrets_of(kept(folder, alias, kind="", place="").options)


def secrets_of(options: Mapping[str, Any]) -> Iterator[str]:
    """Names of the secrets (`secret:NAME`) among options."""
    for value in options.values():
        if isinstance(value, str) and value.startswith("secret:"):
            yield value.removeprefix("secret:")


def _note(folder: Path, alias: str) -> Path:
    return folder / f"{alias}{_NOTE}"


def _written(value: object) -> str:
    """A value as one would type it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
