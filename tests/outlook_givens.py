"""A mailbox at Outlook for tests, as our fake of Graph plays it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contracts import current, pass_over
from graph_givens import Microsoft, account, mail

from deskhand.connectors.model import Item
from deskhand.connectors.operations import Mailbox
from deskhand.connectors.outlook import Outlook, opened_with

BO = Mailbox(address="bo@example.org", name="Bo Test")
CY = Mailbox(address="cy@example.org")


def filled(microsoft: Microsoft) -> None:
    """Three messages come, one of them with a file."""
    microsoft.world.arrives("ana", mail("Notes", files=(("notes.txt", "Ask Cy."),), day=18))
    microsoft.world.arrives("ana", mail("Plan", "The plan is here.", day=19))
    microsoft.world.arrives("ana", mail("Budget", "The budget is here."))


def mailbox(
    microsoft: Microsoft, state: Path, who: str = "ana", *, waits: list[float] | None = None,
    write: bool = True, **options: Any,
) -> Outlook:  # fmt: skip
    """Somebody's mailbox, that waits for nobody."""
    made = account(microsoft, who, waits=waits, write=write)
    return opened_with(made, source="mail", state=state, **options)


def messages(outlook: Outlook) -> dict[str, Item]:
    """What a first pass finds, by subject."""
    return {i.title: i for i in current(pass_over(outlook)[0]).values() if i.ref.kind == "message"}
