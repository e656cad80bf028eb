"""Change one setting by its name, as a person types it: `meetings.buffer` to "10", a name to an address."""

from __future__ import annotations

import re
import tomllib
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from deskhand.config.edit import rewrite
from deskhand.config.errors import ConfigError, nearest
from deskhand.config.settings import check
from deskhand.config.toml import read_text

CHANGEABLE = (
    "person", "people", "rooms", "meetings", "policy", "digest", "approvals", "retention", "nicknames",
    "groups",
)  # fmt: skip
"""Sections that are preferences and permissions. Sources, models and engines are connected, not preferred."""

_NAMED = ("people", "rooms")
"""Sections with one section for each name; a name may have dots ("people.ann@example.org.zone")."""

_ROWS = "policy.rows."
"""Rows of the policy have dots and spaces in their names ("policy.rows.mail.trash many.at_once")."""


def path_of(name: str) -> tuple[str, ...]:
    """Where a setting stands. :raises ConfigError: there is no such section, or it is not changed so."""
    section, dot, rest = name.partition(".")
    if section not in CHANGEABLE:
        raise ConfigError(
            f"{section!r} is no section that is set so{nearest(section, list(CHANGEABLE))}; there are: "
            f"{', '.join(CHANGEABLE)}. Anything else is changed in config.toml."
        )
    if section in _NAMED or name.startswith(_ROWS):
        path: tuple[str, ...] = (section, *rest.rpartition(".")[::2])
        if name.startswith(_ROWS):
            id_, _, key = name.removeprefix(_ROWS).rpartition(".")
            path = (*_ROWS.split(".")[:2], id_, key)
    else:
        path = (section, *rest.split("."))
    if not dot or not all(path):
        raise ConfigError(f"{name!r} names no setting; write section and key, like meetings.buffer.")
    return path


def set_value(file: Path, path: Sequence[str], written: str) -> None:
    """Set one value, as it was typed: a number, true, a list where the setting is one; else text.

    :raises ConfigError: it is not valid; nothing is changed.
    """
    *sections, key = path

    def put(value: Any) -> None:
        def change(settings: MutableMapping[str, Any]) -> None:
            inner = settings
            for section in sections:
                if section not in inner:
                    inner[section] = {}
                inner = inner[section]
            inner[key] = value

        rewrite(file, change)

    wrong: ConfigError | None = None
    for value in _readings(written):
        try:
            return put(value)
        except ConfigError as error:
            wrong = wrong or error
    if wrong is not None:
        raise _about(path, wrong, file)


def _about(path: Sequence[str], wrong: ConfigError, file: Path) -> ConfigError:
    """A mistake in a value that was typed: it stands in no line of the file, which is as it was."""
    try:
        check(read_text(file), name=file.name, environ={})
    except ConfigError:
        return wrong  # the file was not right before
    said = re.sub(rf"^{re.escape(file.name)}(, line \d+)?: ", "", str(wrong), flags=re.MULTILINE)
    return ConfigError(f"{'.'.join(path)} was not set: {said}")


def unset_value(file: Path, path: Sequence[str]) -> None:
    """Take a value away: its default counts again. :raises ConfigError: it is not set."""
    *sections, key = path

    def change(settings: MutableMapping[str, Any]) -> None:
        inner: Any = settings
        for section in sections:
            inner = inner.get(section, {})
        if key not in inner:
            raise ConfigError(f"{'.'.join(path)} is not set{nearest(key, list(inner))}.")
        del inner[key]

    rewrite(file, change)


def _readings(written: str) -> list[Any]:
    """What a typed value may mean, the likeliest first: as TOML, the text as it is, a list with commas."""
    text = written.strip()
    made: list[Any] = [text, [part.strip() for part in text.split(",") if part.strip()]]
    with suppress(tomllib.TOMLDecodeError):
        made.insert(0, tomllib.loads(f"value = {text}")["value"])
    return made
