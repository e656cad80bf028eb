"""People in what actions give: plain JSON with an address and a name, as `_shapes.Person` declares it."""

from __future__ import annotations

from collections.abc import Iterable

from deskhand.connectors.model import Participant
from deskhand.connectors.operations import Mailbox


def plain(people: Iterable[Participant | Mailbox]) -> list[dict[str, str]]:
    """People in their order, as they are."""
    return [{"address": p.address, "name": p.name} for p in people]


def each_once(people: Iterable[Participant | Mailbox]) -> list[dict[str, str]]:
    """People who have an address, each once, with a name where one of them has it."""
    found: dict[str, Participant | Mailbox] = {}
    for p in people:
        if p.address and not (p.address in found and found[p.address].name):
            found[p.address] = p
    return plain(found.values())
