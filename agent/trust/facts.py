"""What the gate may know besides the arguments of a write and the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deskhand.connectors.model import Item, ItemRef


@dataclass(frozen=True, slots=True)
class Facts:
    """The context of one write, as it is when the gate looks. Addresses are in lower case."""

    mine: frozenset[str]
    """The owner's addresses."""
    contacts: frozenset[str]
    """Addresses the owner has written to, invited or keeps in an address book."""
    invited: frozenset[str] = frozenset()
    """Attendees of an event that was approved in this very run."""
    announced: bool = False
    """It is the mail about such an event, as the card of the event showed it, to those whom it named."""
    moved: int = 0
    """Messages and files this run moved, marked or put away before."""
    at_once: int = 0
    """How many events this run changes in the same way, this one among them; 0: this one was named itself."""
    changed: bool = False
    """What is written to changed since this was asked for or agreed to."""
    taken: bool = False
    """At a time of it something is there already that was found and not said."""
    by_model: bool = False
    """A model had a hand in the plan: mail may be in its words, to whom it chose."""
    uncovered: bool = False
    """A model planned this very write, and the person's own words do not ask for it."""
    look_up: Callable[[ItemRef], Item | None] = lambda _: None
    """The item that an operation names, as it is now."""
    tells: frozenset[str] = frozenset()
    """Calendars (by their alias) whose server tells others by itself of what is written there."""
    shared: frozenset[str] = frozenset()
    """Those of `mine` that others may read too."""

    @property
    def herself(self) -> frozenset[str]:
        """Addresses that nobody but the owner reads."""
        return self.mine - self.shared
