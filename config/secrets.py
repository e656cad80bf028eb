"""Secrets that settings refer to, and never hold: `secret:NAME`, `keyring:NAME`, `env:NAME`, `file:/path`."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from deskhand.config.errors import ConfigError

_SECRET = re.compile(
    r"(^|[_-])(pass|passwd|password|passphrase|pwd|secret|token|api[_-]?key|private[_-]?key|credentials?|authorization|cookie)$",
    re.I,
)
_IN_URL = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#@\s]*:[^/?#@\s]+@", re.I)
_CARRIED = re.compile(r"^(?:bearer|basic)\s+\S{8,}", re.I)
"""What a header says that signs in (RFC 7617, RFC 6750), whatever it is called."""
_LARGEST = 64 * 1024

LookUp = Callable[[str], str]
"""What a value stands for: the secret it refers to, else the value itself (`vault.Secrets`).
:raises ConfigError: the secret is not where it should be."""


def is_reference(value: object) -> bool:
    """Whether a value says where a secret is, instead of being one."""
    return isinstance(value, str) and value.startswith(("env:", "file:", "keyring:", "secret:"))


def is_secret_name(option: str) -> bool:
    """Whether an option, or a variable of the environment, is by its name a secret."""
    return bool(_SECRET.search(option))


def holds_secret(option: str, value: object) -> bool:
    """Whether an option holds a secret in the clear: a password, a header that signs in, or a URL with a
    password in it."""
    if is_reference(value) or not isinstance(value, str) or not value:
        return False
    return bool(_SECRET.search(option) or _IN_URL.match(value) or _CARRIED.match(value))


def refuse(option: str) -> str:
    """The sentence for an option that `holds_secret`; the secret is not in it."""
    if not _SECRET.search(option):
        return f"{option!r} is an address with a password in it; give the password an option of its own."
    name = re.sub(r"\W", "_", option).upper()
    return (
        f"{option!r} holds a secret in the clear, which settings must not; write "
        f'{option} = "secret:{name}" after deskhand secret set {name}, or {option} = "env:{name}", or '
        f'{option} = "file:/path/to/it" (a file only you can read).'
    )


def resolve(value: str, environ: Mapping[str, str]) -> str:
    """What a value stands for: the secret it refers to, else the value itself.

    A file is read as UTF-8; one line end at its end is not part of the secret.

    :raises ConfigError: there is no such variable or file, or others can read the file.
    """
    if value.startswith("env:"):
        name = value.removeprefix("env:")
        if not (found := environ.get(name, "")):
            raise ConfigError(f"The environment variable {name} is not set.")
        return found
    if value.startswith("file:"):
        return _read(Path(value.removeprefix("file:").removeprefix("//")))
    return value


def _read(path: Path) -> str:
    if not path.is_absolute():
        raise ConfigError(f"The secret's file {str(path)!r} must be named from the root, as in file:/path.")
    try:
        # A pipe must not keep us waiting: opened without blocking, looked at before it is read.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as file:
            state = os.fstat(handle)
            if not stat.S_ISREG(state.st_mode):
                raise ConfigError(f"The secret {path} is not a plain file.")
            if os.name != "nt" and state.st_mode & 0o077:
                raise ConfigError(f"Others can read the secret {path}; say: chmod 600 {path}")
            data = file.read(_LARGEST + 1)
    except OSError as e:
        raise ConfigError(f"The secret {path} cannot be read: {e.strerror or e}.") from e
    except ValueError as e:
        if isinstance(e, ConfigError):
            raise
        raise ConfigError("The name of a secret's file holds a zero byte.") from e
    if len(data) > _LARGEST:
        raise ConfigError(f"The secret {path} is larger than 64 KB; that is no secret.")
    try:
        text = data.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as e:
        raise ConfigError(f"The secret {path} is not text.") from e
    if not text:
        raise ConfigError(f"The secret {path} is empty.")
    return text
