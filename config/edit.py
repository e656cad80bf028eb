"""Change config.toml as a careful person would: comments and order stay, and it is whole at any moment.

Every change is made twice, in the text and in plain values, and written only if the text then means those
values and they are valid; so an edit can neither break the file nor touch what it was not asked to.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from deskhand.config.errors import ConfigError, nearest
from deskhand.config.paths import check_alias
from deskhand.config.secrets import holds_secret, refuse
from deskhand.config.settings import check
from deskhand.config.toml import line_of, parse, read_text

_NEW = """\
# Deskhand's settings. Change them here, or with the command `deskhand`.

"""

Section = MutableMapping[str, Any]
Change = Callable[[Section], None]
"""Changes settings: plain values, or a TOML document that behaves like them."""


def set_person(
    file: Path,
    *,
    name: str | None = None,
    email: str | None = None,
    aliases: list[str] | None = None,
    zone: str | None = None,
    hours: str | dict[str, str] | None = None,
    locale: str | None = None,
) -> None:
    """Set what is given, leave the rest. :raises ConfigError: a value is not valid; nothing is changed."""
    given = {
        "name": name,
        "email": email,
        "aliases": aliases,
        "zone": zone,
        "hours": hours,
        "locale": locale,
    }
    values = {key: _in_a_line(value) for key, value in given.items() if value is not None}

    def change(settings: Section) -> None:
        person = settings.get("person")
        if person is None:
            settings["person"] = dict(values)
        else:
            person.update(values)

    rewrite(file, change)


def add_source(
    file: Path, alias: str, *, kind: str, place: str, options: Mapping[str, object] | None = None
) -> None:
    """Add `[sources.<alias>]`. Options that are None are left out.

    :raises ConfigError: no alias, one that is taken, or a secret in the clear; nothing is changed.
    """
    check_alias(alias)
    values = {"kind": kind, "place": place, **{k: v for k, v in (options or {}).items() if v is not None}}
    for option, value in values.items():
        if holds_secret(option, value):
            raise ConfigError(refuse(option))

    def change(settings: Section) -> None:
        if "sources" not in settings:
            settings["sources"] = {}
        if alias in settings["sources"]:
            raise ConfigError(f"There is a source called {alias!r} already; choose another name.")
        settings["sources"][alias] = dict(values)

    def append(text: str) -> str:
        import tomlkit

        section = tomlkit.dumps({"sources": {alias: values}})
        return f"{text.rstrip()}\n\n{section}" if text.strip() else _NEW + section

    rewrite(file, change, append)


def change_source(file: Path, alias: str, options: Mapping[str, object]) -> None:
    """Set options of `[sources.<alias>]`. :raises ConfigError: there is none, or one is not valid."""
    for option, value in options.items():
        if holds_secret(option, value):
            raise ConfigError(refuse(option))

    def change(settings: Section) -> None:
        sources = settings.get("sources", {})
        if alias not in sources:
            raise ConfigError(f"There is no source called {alias!r}{nearest(alias, list(sources))}.")
        sources[alias].update(options)

    rewrite(file, change)


def remove_source(file: Path, alias: str) -> None:
    """Take `[sources.<alias>]` away, and the limit of calls to it.

    :raises ConfigError: there is none; names the nearest.
    """

    def change(settings: Section) -> None:
        sources = settings.get("sources", {})
        if alias not in sources:
            raise ConfigError(f"There is no source called {alias!r}{nearest(alias, list(sources))}.")
        del sources[alias]
        if not sources:
            del settings["sources"]
        settings.get("budget", {}).get("calls", {}).pop(alias, None)

    rewrite(file, change, lambda text: _cut(text, alias))


def _in_a_line(value: object) -> object:
    """A table that stands in its section, not in one of its own."""
    if not isinstance(value, dict):
        return value
    import tomlkit

    table = tomlkit.inline_table()
    table.update(value)
    return table


def rewrite(file: Path, change: Change, simply: Callable[[str], str] | None = None) -> None:
    """Change the file. :raises ConfigError: what it says then is not valid; nothing is changed.

    `simply` does it by whole lines; where that is not what was meant (a table
    written in one line, say), the document is changed from inside."""
    # Through a link, so that a file kept elsewhere stays where it is kept.
    file = file.resolve()
    with _alone(file.parent):
        text = read_text(file)
        expected = parse(text, name=file.name)
        change(expected)
        for way in (simply or _as_it_is, lambda text: _from_inside(text, change)):
            made = way(text)
            if _means(made, expected):
                check(made, name=file.name, environ={})
                return _write(file, made)
    raise ConfigError(f"{file.name} is written in a way that cannot be changed here; edit it by hand.")


def _as_it_is(text: str) -> str:
    return text


def _means(text: str, expected: Mapping[str, Any]) -> bool:
    try:
        return parse(text, name="") == expected
    except ConfigError:
        return False


def _cut(text: str, alias: str) -> str:
    """The text without the lines of a source; comments above the next section belong to that one."""
    lines = text.splitlines(keepends=True)
    first = line_of(text, ["sources", alias])
    if first is None:
        return text
    header = re.compile(rf"\s*\[sources\.{re.escape(alias)}(\.|\])")
    last = first
    while last < len(lines) and (not lines[last].lstrip().startswith("[") or header.match(lines[last])):
        last += 1
    while last < len(lines) and last > first and lines[last - 1].lstrip().startswith("#"):
        last -= 1
    return "".join([*lines[: first - 1], *lines[last:]])


def _from_inside(text: str, change: Change) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        # A key after a last line without its end would run into it.
        document = tomlkit.parse(text + "\n" if text and not text.endswith("\n") else text or _NEW)
        change(document)
        return tomlkit.dumps(document)
    except (TOMLKitError, RecursionError) as e:
        raise ConfigError(f"The settings cannot be changed here ({e}); edit the file by hand.") from e


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One edit at a time: two commands that add a source at once both add it."""
    try:
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
    except ImportError:  # Windows has no locks on folders; there the later edit wins
        yield
        return
    except OSError as e:
        raise ConfigError(f"The folder {folder} cannot be opened: {e.strerror or e}.") from e
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(file: Path, text: str) -> None:
    """Beside it, to the disk, and renamed over it: whoever reads sees the old file or the new one."""
    beside = ""
    try:
        handle, beside = tempfile.mkstemp(prefix=".config-", suffix=".tmp", dir=file.parent)  # 0600
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, file)
        beside = ""
        if os.name != "nt":
            folder = os.open(file.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as e:
        raise ConfigError(f"{file} cannot be written: {e.strerror or e}.") from e
    finally:
        if beside:
            with suppress(OSError):
                os.unlink(beside)
