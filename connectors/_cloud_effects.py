"""How what a write left in a cloud's drive is looked for: after an answer that came, and after a lost one."""

from __future__ import annotations

from collections.abc import Callable

from deskhand.connectors._tries import Lost
from deskhand.connectors.errors import SourceError, Unknown
from deskhand.connectors.model import Receipt

Find = Callable[[], Receipt | None]
"""Looks in the drive for what is there of the effect."""


def after_lost(error: Lost, name: str, find: Find) -> Receipt | None:
    """What is there of a write whose answer did not come. :raises Unknown: that cannot be looked at."""
    try:
        return find()
    except SourceError as again:
        raise Unknown(f"{name} may have been changed: {error} It cannot be looked at: {again}") from None


def read_back(service: str, name: str, find: Find) -> Receipt:
    """What is there of a write that was answered.

    :param service: as a person would say it. :raises Unknown: something else is, or that cannot be looked at.
    """
    try:
        found = find()
    except SourceError as error:  # no refusal: it has happened
        raise Unknown(f"{name} was changed, but cannot be read back: {error}") from error
    if found is None:
        raise Unknown(
            f"{name} was written, and is something else when it is read back: somebody may have changed "
            f"it in the same moment. What became of it stands in {service}."
        )
    return found
