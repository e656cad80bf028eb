"""What can go wrong at a source, grouped by what the caller should do.

* SourceError
  x Transient          try again later
  x Unauthorized       ask the person to sign in again
  x Conflict           read again, then ask the person again
    + Missing
    + Changed
    + Exists
  x Unknown            put it to the person: it may have happened
  x Unsupported        this source cannot do that
  x Misconfigured      the person must change how the source was added
    + Elsewhere        ask the person whether its servers are where they are said to be
  x Forbidden          nothing: Deskhand does not connect there (`_egress`)
    + Unread           the same; but after a write, look: the request had gone out

The message is a sentence for the person. One *thing* that cannot be read is no exception but a
`Failed` value, and the pass goes on.
"""

from __future__ import annotations

from collections.abc import Mapping


class SourceError(Exception):
    """The source failed."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class Transient(SourceError):
    """The source is busy or out of reach; nothing was changed. Try again later."""

    def __init__(self, message: str | None = None, *, after: float | None = None) -> None:
        """:param after: seconds that the source wants to be left alone (Retry-After), where it says so."""
        super().__init__(message)
        self.after = after


class Unauthorized(SourceError):
    """The source no longer accepts our credentials; sign in again."""


class Conflict(SourceError):
    """The source is not in the state the operation was approved for."""


class Missing(Conflict):
    """The item is not there any more."""


class Changed(Conflict):
    """The item changed since it was read."""


class Exists(Conflict):
    """Something else already has that name."""


class Unsupported(SourceError):
    """The source cannot do that."""


class Misconfigured(SourceError):
    """The source was added with a place or an option that cannot work."""


class Elsewhere(Misconfigured):
    """Where the servers of a source are was said by somebody who does not prove it."""

    def __init__(self, said: str, *, remedy: str, options: Mapping[str, str]) -> None:
        """:param said: what was said. :param remedy: what to do where it is right.
        :param options: those that it is connected with then.
        """
        super().__init__(f"{said} {remedy}")
        self.said, self.options = said, dict(options)


class Unknown(SourceError):
    """The source may or may not have done it; a person must look. It is never tried again by itself."""


class Forbidden(SourceError):
    """Deskhand does not connect there; nothing was sent."""


class Unread(Forbidden):
    """An answer came that Deskhand does not read; what it answers was sent."""


def no_password(user: str, server: str) -> str:
    """What is said where none was given, as the beginning of a sentence."""
    return (
        f"There is no password for {user} at {server}: keep one with deskhand secret set NAME, and say "
        "--option password=secret:NAME"
    )
