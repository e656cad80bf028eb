"""What is odd about a value, a sentence each: whom an address could be taken for, what hides in a text.

Sentences of our own about facts; whether something is a fraud is for the person to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import Protocol

from deskhand.agent.trust.lookalikes import Domains, domain, hosts, mixed, name_of, skeleton
from deskhand.agent.wording.unseen import remarks, visible
from deskhand.agent.wording.writes import quoted
from deskhand.connectors.archive import Person
from deskhand.connectors.model import Item, ItemRef, Participant
from deskhand.connectors.operations import Mailbox

_LOOKED_AT = 25
"""So many hosts of one text are looked at."""
_NAMED = 3
_ADDRESS = re.compile(r"[^\s<>,;:\"'“”()]{1,64}@[^\s<>,;:\"'“”()]{1,200}")


class Seen(Protocol):
    """What is known of people and items; see `card.Sight`."""

    @property
    def mine(self) -> frozenset[str]: ...
    @property
    def contacts(self) -> frozenset[str] | None: ...
    def look_up(self, ref: ItemRef, /) -> Item | None: ...
    def people(self) -> Sequence[Person]: ...


def about_text(text: str, seen: Seen) -> Iterator[str]:
    """What hides in a text, and hosts in it that could be taken for others."""
    yield from remarks(text)
    if found := mixed(text):
        yield visible(f"{found}.", lines=False)
    if seen.contacts is None:
        return
    known = None
    for host in islice(hosts(text), _LOOKED_AT):
        known = known or Domains(_domains(seen))
        if other := known.taken_for(host):
            yield visible(f"{quoted(host)} could be taken for {other}.", lines=False)


def about_people(boxes: Sequence[Mailbox], seen: Seen, *, answered: ItemRef | None = None) -> Iterator[str]:
    """What is odd about those a write goes to: another name than address, a known name, who is new.

    :param answered: the mail that is answered: its answer may be led elsewhere than it came from.
    """
    known = seen.contacts
    others = [m for m in boxes if m.address.lower() not in seen.mine]
    new = [] if known is None else [m for m in others if m.address.lower() not in known]
    led = _led_elsewhere(others, seen, answered)
    people = _Known(seen.people()) if new or (led is not None and known is not None) else None
    for box in others:
        yield from (visible(said, lines=False) for said in _name(box))
        if people is not None and box in new:
            yield from (visible(said, lines=False) for said in people.taken_for(box))
    if led is not None:
        yield visible(
            f"The mail came from {led[0].address}, but asks for answers to {led[1].address}.", lines=False
        )
        # Who is imitated stands in the sender; where the answer goes is like nobody.
        yield from (visible(said, lines=False) for said in _sender(led[0], seen, people))
    if new:
        told = ", ".join(m.address for m in new[:_NAMED])
        more = f" and {len(new) - _NAMED} more" if len(new) > _NAMED else ""
        yield visible(f"New to you: you never wrote to or invited {told}{more}.", lines=False)


def _name(box: Mailbox) -> Iterator[str]:
    """A name that says another address than the one it stands beside."""
    for said in _ADDRESS.findall(box.name):
        if said.lower() != box.address.lower():
            yield f"The name says {said}, but it goes to {box.address}."


def taken_for(address: str, seen: Seen, *, called: str = "it") -> Iterator[str]:
    """Whom or what an address could be taken for that the owner never wrote to; a clause, without a stop."""
    if seen.contacts is None or address.lower() in seen.contacts or address.lower() in seen.mine:
        return
    if other := _Known(seen.people()).address_like(address):
        yield visible(f"{called} could be taken for {other}, whom you know", lines=False)
    elif other := Domains(_domains(seen)).taken_for(domain(address)):
        yield visible(f"{quoted(domain(address))} could be taken for {other}", lines=False)


def _led_elsewhere(
    boxes: Sequence[Mailbox], seen: Seen, answered: ItemRef | None
) -> tuple[Participant, Participant] | None:
    """Who sent the mail that is answered, and who gets the answer, where that is somebody else."""
    mail = seen.look_up(answered) if answered else None
    sender, back = (mail.person("from"), mail.person("reply-to")) if mail else (None, None)
    if sender is None or back is None or sender.address == back.address or not sender.address:
        return None
    return (sender, back) if any(m.address.lower() == back.address for m in boxes) else None


def _sender(sender: Participant, seen: Seen, people: _Known | None) -> Iterator[str]:
    """What is odd about who sent a mail whose answer goes elsewhere."""
    address = sender.address.lower()
    if people is None or address in seen.mine or address in (seen.contacts or ()):
        return
    if (person := people.named(sender.name)) is not None and address not in person.addresses:
        yield f"You know {person.name} as {person.addresses[0]}; the mail came from another address."
    yield from (f"{said}." for said in taken_for(address, seen, called=address))


class _Known:
    """The people the owner deals with, as they look."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._names: Mapping[tuple[str, ...], Person] = {
            name_of(p.name): p for p in reversed(people) if p.written and p.name.strip()
        }
        self._addresses = {skeleton(a): a for p in people if p.written for a in p.addresses}

    def taken_for(self, box: Mailbox) -> Iterator[str]:
        """Whom the owner deals with a stranger could be taken for."""
        person = self.named(box.name)
        if person is not None and box.address.lower() not in person.addresses:
            yield f"You know {person.name} as {person.addresses[0]}; this is another address."
        if other := self.address_like(box.address):
            yield f"{box.address} could be taken for {other}, whom you know."

    def named(self, name: str) -> Person | None:
        """Whom the owner knows by a name, as an eye takes it."""
        return self._names.get(name_of(name)) if name.strip() else None

    def address_like(self, address: str) -> str:
        """The known address that another one looks like; "" where there is none."""
        other = self._addresses.get(skeleton(address), "")
        return other if other != address.lower() else ""


def _domains(seen: Seen) -> Set[str]:
    return {domain(a) for a in (*(seen.contacts or ()), *seen.mine)}
