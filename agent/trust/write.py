"""One write as the gate sees it: final arguments, whose they are, and what is known besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from deskhand.agent.trust.facts import Facts
from deskhand.connectors.itip import CalendarMessage, read_itip
from deskhand.connectors.model import Item, ItemRef, Label, Role
from deskhand.connectors.operations import Operation

TEXTS = ("subject", "body", "calendar", "attachments")
"""Arguments of a mail that carry what was written somewhere."""


@dataclass(frozen=True)
class Write:
    """One write with its final arguments, whose they are, and what is known besides."""

    operation: Operation
    labels: Mapping[str, Label]
    facts: Facts

    def get(self, name: str) -> Any:
        """An argument; None where the operation has none of this name."""
        return getattr(self.operation, name, None)

    def label(self, name: str) -> Label:
        """Whose an argument is; nobody said: a stranger's, and private."""
        return self.labels.get(name, Label())

    def tainted(self, name: str) -> bool:
        """Whether a stranger's text is in an argument."""
        return self.label(name).trust == "untrusted"

    def addresses(self, *names: str) -> set[str]:
        """The addresses in arguments, in lower case."""
        return {m.address.lower() for name in names for m in self.get(name) or ()}

    def others(self, *names: str) -> set[str]:
        """Those of them that are not the owner's."""
        return self.addresses(*names) - self.facts.mine

    @cached_property
    def recipients(self) -> set[str]:
        """Everybody who gets a mail."""
        return self.addresses("to", "cc", "bcc")

    @cached_property
    def item(self) -> Item | None:
        """What is written to, as it is now."""
        return self.look("ref")

    @cached_property
    def said(self) -> CalendarMessage | None:
        """The organizer's message that an operation holds; None where it is none."""
        return _read(self.get("ics"))

    @cached_property
    def answered(self) -> set[str]:
        """Who is in the mail that is answered; where an invitation is (RFC 5546 3.2.3), its organizer too."""
        mail = self.look("answers")
        if mail is None:
            return set()
        invited = _read(mail.data.get("calendar")) if self.get("calendar") else None
        caller = {invited.organizer.address.lower()} if invited and invited.organizer else set[str]()
        return {p.address.lower() for p in mail.people} | caller

    def look(self, name: str) -> Item | None:
        """The item that an argument names, as it is now."""
        ref = self.get(name)
        return self.facts.look_up(ref) if isinstance(ref, ItemRef) else None

    @property
    def caller(self) -> str:
        """Who calls the meeting of that message; "" where nobody does."""
        return self.said.organizer.address if self.said and self.said.organizer else ""

    @property
    def sender(self) -> str:
        """Who sent the mail that brought it; "" where nobody did."""
        return address_of(self.look("message"), "from")

    @property
    def organizer(self) -> str:
        """Who called the event that is written to; "" where nobody did, or it is not known."""
        return address_of(self.item, "organizer")


def _read(message: object) -> CalendarMessage | None:
    try:
        return read_itip(message) if isinstance(message, str) else None
    except ValueError:
        return None


def address_of(item: Item | None, role: Role) -> str:
    """Whose part in an item this is, by address; "" where it is nobody's, or there is no item."""
    found = item.person(role) if item else None
    return found.address if found else ""
