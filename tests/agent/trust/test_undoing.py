"""How far each operation can be undone, by what is in it; and that the docs say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from agent_givens import BO, ME, NOW, box
from operations_givens import ARGUMENTS

from deskhand.agent.trust.undoing import TABLE, undo_class
from deskhand.connectors.model import Item, ItemRef, Participant
from deskhand.connectors.operations import OPERATIONS, operation

DOCS = Path(__file__).parents[3] / "docs" / "effects.md"
ICS = "\r\n".join(
    ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:1", f"ATTENDEE;CN=Bo:mailto:{BO}", "END:VEVENT", "END:VCALENDAR"]
)


def meeting(*people: str) -> Item:
    parts = tuple(Participant("attendee", p) for p in people)
    return Item(ItemRef("s", "event", "e"), "1", "Budget", "", NOW, "h", people=parts)


def test_every_operation_has_a_row_and_no_other() -> None:
    assert TABLE.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_alone_and_with_others(name: str) -> None:
    op = operation(name, {"source": "s", **ARGUMENTS[name]})
    assert undo_class(op, item=meeting(ME), mine={ME}) == TABLE[name].alone
    assert undo_class(op, item=meeting(ME, BO), mine={ME}) == TABLE[name].shared


@pytest.mark.parametrize("field", ["attendees", "rooms"])
@pytest.mark.parametrize("name", ["event.create", "event.update"])
def test_who_is_invited_by_it_sees_it(name: str, field: str) -> None:
    op = operation(name, {"source": "s", **ARGUMENTS[name], field: [box(BO)]})
    assert undo_class(op, item=meeting(ME), mine={ME}) == "R2"


def test_an_event_that_comes_back_with_others_in_it() -> None:
    op = operation("event.restore", {"source": "s", "ref": "s:event:e", "version": "", "ics": ICS})
    assert undo_class(op, mine={ME}) == "R2"
    folded = ICS.replace("mailto:", "mailt\r\n o:")
    assert undo_class(op.model_copy(update={"ics": folded}), mine={ME}) == "R2"


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_docs_have_the_same_row(name: str) -> None:
    row = TABLE[name]
    shared = row.shared if row.shared != row.alone else "–"
    assert f"| {name} | {row.alone} | {shared} | {row.how} |" in DOCS.read_text("utf-8")
