"""The calendars of an account behind a provider's API: which of them are read, and which names mean them.

What was found is kept in the state folder, so that a command that asks nobody needs no network; each pass
lists them anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from deskhand.connectors._keep import write_beside
from deskhand.connectors.errors import Misconfigured


class OneCalendar(Protocol):
    """One calendar of an account."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def primary(self) -> bool:
        """The account's first one."""
        ...

    @property
    def unasked(self) -> bool:
        """It is read where no names were given."""
        ...

    @property
    def writable(self) -> bool: ...
    @property
    def takes_new(self) -> bool:
        """A new event may be put there without being asked where."""
        ...

    @property
    def person(self) -> str:
        """Whose it is, where that is somebody else; lower case."""
        ...

    def own(self, me: str) -> bool:
        """What stands in it is the person's own."""
        ...


One = TypeVar("One", bound=OneCalendar)


@dataclass(frozen=True, slots=True)
class Calendars(Generic[One]):
    """What was found out about an account."""

    address: str
    calendars: tuple[One, ...] = ()
    """Those that are read: the first one first, or in the order in which they were named."""
    chosen: tuple[tuple[str, str], ...] = ()
    """Which calendar each name in the options meant: one that is renamed stays chosen."""

    @property
    def default(self) -> One | None:
        """The one for new events."""
        return next((c for c in self.calendars if c.takes_new), None)

    def calendar(self, id_: str) -> One | None:
        return next((c for c in self.calendars if c.id == id_), None)

    def called(self, name: str) -> One | None:
        """The one that a person means by a name or an id."""
        return _called(name, self.calendars)


class CalendarList(Generic[One]):
    """The calendars of one account, as they were found last."""

    def __init__(
        self, state: Path, address: str, wanted: Sequence[str], kind: Callable[..., One],
        ask: Callable[[], Sequence[One]],
    ) -> None:  # fmt: skip
        """:param wanted: the names in the options; none: those that are read unasked.
        :param kind: makes one of its fields. :param ask: asks the provider for all there are.
        """
        self._path, self._wanted, self._ask = state / "calendars.json", tuple(wanted), ask
        self._there = _load(self._path, address, kind)

    @property
    def there(self) -> Calendars[One]:
        """As they were found last; asks nobody."""
        return self._there

    @property
    def known(self) -> Calendars[One]:
        """The same, looked up where they never were. :raises SourceError: nobody answers."""
        if not self._there.calendars:
            self.look()
        return self._there

    def look(self) -> None:
        """Ask which calendars there are now.

        :raises Misconfigured: one that was named is not there. :raises SourceError: nobody answers.
        """
        before, self._there = self._there, _listed(self._there, self._ask(), self._wanted)
        if self._there != before:
            _save(self._path, self._there)


def names_in(option: str) -> list[str]:
    """The calendars that an option names, divided by commas."""
    return [name for part in option.split(",") if (name := part.strip())]


def _listed(known: Calendars[One], found: Sequence[One], wanted: Sequence[str]) -> Calendars[One]:
    if not wanted:
        mine = sorted((c for c in found if c.unasked), key=lambda c: (not c.primary, c.id))
        return Calendars(known.address, tuple(mine))
    meant = dict(known.chosen)
    chosen: dict[str, One] = {}
    for name in wanted:
        here = next((c for c in found if c.id == meant.get(name)), None) or _called(name, found)
        if here is None and name in meant:
            continue  # it was there: it is gone, and so are its events
        if here is None:
            there = ", ".join(c.title for c in found)
            raise Misconfigured(
                f"There is no calendar called {name!r} in {known.address}; there are: {there}."
            )
        chosen[name] = here
    calendars = tuple({c.id: c for c in chosen.values()}.values())
    both = {**meant, **{name: c.id for name, c in chosen.items()}}
    return Calendars(known.address, calendars, tuple(sorted((n, i) for n, i in both.items() if n in wanted)))


def _called(name: str, calendars: Sequence[One]) -> One | None:
    return next(
        (c for c in calendars if name in (c.title, c.id) or (c.primary and name.lower() == "primary")), None
    )


def _load(path: Path, address: str, kind: Callable[..., One]) -> Calendars[One]:
    """What was found out before, where it was the same account."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = json.loads(path.read_text("utf-8"))
        if kept["address"] == address:
            chosen = tuple((str(a), str(b)) for a, b in kept["chosen"])
            return Calendars(address, tuple(kind(**c) for c in kept["calendars"]), chosen)
    return Calendars(address)


def _save(path: Path, known: Calendars[One]) -> None:
    """Keep it for the next start. What cannot be kept is found out again."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps(asdict(known), ensure_ascii=False)
        write_beside(path, text.encode(), beside=path.with_name(f".{path.name}.{os.getpid()}"), durable=False)
