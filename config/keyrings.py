"""The system's keyring (Keychain, Credential Manager, Secret Service), where there is a real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from deskhand.config.errors import ConfigError

SERVICE = "deskhand"
"""Under which `keyring:NAME` is looked up."""


def usable() -> bool:
    """Whether there is a keyring that keeps secrets from others."""
    return _backend() is not None


def look_up(service: str, name: str) -> str:
    """A secret. :raises ConfigError: there is none, or no keyring."""
    with _told(name):
        found = _real().get_password(service, name)
    if not found:
        raise ConfigError(f"The keyring holds no secret {name!r} of {service}.")
    return str(found)


def keep(service: str, name: str, secret: str) -> None:
    """Put a secret there, and read it back. :raises ConfigError: it cannot be kept."""
    with _told(name):
        backend = _real()
        backend.set_password(service, name, secret)
        if backend.get_password(service, name) != secret:
            raise ConfigError(f"The keyring did not keep the secret {name!r} as it was given.")


def drop(service: str, name: str) -> None:
    """Remove a secret; it need not be there. :raises ConfigError: no keyring."""
    from keyring.errors import PasswordDeleteError

    with _told(name):
        backend = _real()
        with suppress(PasswordDeleteError):
            backend.delete_password(service, name)


def _real() -> Any:
    backend = _backend()
    if backend is None:
        raise ConfigError(
            "There is no keyring here that keeps secrets from others; "
            "keep it in the encrypted file instead: deskhand secret set NAME --to file"
        )
    return backend


def _backend() -> Any:
    import keyring

    backend: Any = keyring.get_keyring()
    return backend if _is_real(backend) else None


def _is_real(backend: Any) -> bool:
    """By keyring's own rule, what has a priority under 1 is not fit for it: null, fail, plain files."""
    inner = getattr(backend, "backends", None)
    if inner is not None:  # a chain asks one after the other: the worst may be the one that keeps it
        return bool(inner) and all(_is_real(one) for one in inner)
    if "plaintext" in type(backend).__name__.lower():
        return False
    try:
        return float(backend.priority) >= 1
    except (RuntimeError, TypeError, ValueError):
        return False


@contextmanager
def _told(name: str) -> Iterator[None]:
    from keyring.errors import KeyringError

    try:
        yield
    except (KeyringError, OSError, RuntimeError) as error:
        # Its words may hold what was to be kept.
        raise ConfigError(f"The keyring failed ({type(error).__name__}) with the secret {name!r}.") from None
