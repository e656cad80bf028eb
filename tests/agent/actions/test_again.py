"""What later parts of a wish take from earlier ones: texts, whoever wrote, an event that has changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from agent_givens import ANN, BO, ME, NOW, STRANGER, House, step

from deskhand.agent.planners.steps import ref
from deskhand.connectors.model import Participant


@pytest.fixture
def thread(house: House) -> House:
    """A thread with Bo, who wrote last, and Ann in it."""
    people = (Participant("from", BO, "Bo"), Participant("to", ME), Participant("cc", ANN, "Ann"))
    house.message("roof", title="Roof", text="The roof leaks. Please call the builder.", people=people)
    house.know(ANN, BO)
    return house


def test_the_sender_and_everyone_else_of_a_message(thread: House) -> None:
    find = step("found", "item.find", about="roof", kinds=["message"])
    run = thread.do(find, step("who", "item.people", item=ref("found")))
    value = thread.room.records.steps(run.id)["who"].value
    assert [p["address"] for p in value["sender"]] == [BO]
    assert {p["address"] for p in value["everyone"]} == {BO, ANN}


def test_whoever_sent_it_is_a_strangers_word_and_is_asked_about(house: House) -> None:
    house.message("offer", title="Offer", text="Buy now.")
    house.sync()
    find = step("found", "item.find", about="offer", kinds=["message"])
    send: dict[str, Any] = {"source": "memory", "to": ref("who", "sender"), "subject": "No", "body": "No."}
    run = house.do(find, step("who", "item.people", item=ref("found")), step("mail", "mail.send", **send))
    (asked,) = run.approvals
    assert asked.arguments["to"][0]["address"] == STRANGER
    assert house.performed() == []


def test_a_summary_that_goes_on_is_asked_about_with_its_text(thread: House) -> None:
    run = thread.app.ask("summarise the thread about the roof and mail it to ann@example.org", fresh=False)
    (asked,) = run.approvals
    assert "roof leaks" in asked.arguments["body"]
    shown = next(a for a in asked.shown if a.name == "body")
    assert shown.trust == "untrusted"
    assert thread.performed() == []


def test_an_event_is_looked_at_again_after_it_was_moved(house: House) -> None:
    house.meeting("review", BO)
    house.sync()
    find = step("event", "event.find", about="Review")
    new = NOW + timedelta(days=2, hours=3)
    moves: dict[str, Any] = {n: ref("event", n) for n in ("source", "ref", "version", "occurrence")}
    moves |= {"start": new.isoformat(), "end": (new + timedelta(hours=1)).isoformat()}
    run = house.do(
        find, step("change", "event.update", **moves),
        step("still", "event.still", ("change",), event=ref("event")),
        approve=True,
    )  # fmt: skip
    states = house.room.records.steps(run.id)
    was, now = states["event"].value, states["still"].value
    assert now["ref"] == was["ref"]
    assert now["version"] != was["version"]
    assert now["start"] == new.isoformat()


@pytest.mark.parametrize(("meetings", "drafted"), [(0, "quiet"), (2, "busy")])
def test_only_the_branch_whose_condition_holds_is_done(house: House, meetings: int, drafted: str) -> None:
    for n in range(meetings):
        house.meeting(f"m{n}", start=NOW + timedelta(days=1, hours=2 + 2 * n), title=f"Meeting {n}")
    house.sync()
    run = house.app.ask(
        "if I have more than one meeting tomorrow, draft a mail to ann@example.org “busy”, otherwise draft "
        "a mail to ann@example.org “quiet”",
        fresh=False,
    )
    assert run.status == "done", run.answer
    (draft,) = house.memory.performed
    assert drafted in str(getattr(draft, "body", "")).casefold()


def test_what_cannot_be_told_does_neither(house: House) -> None:
    house.sync()
    run = house.app.ask(
        "if bo@example.org is free tomorrow at 10, draft a mail to ann@example.org “yes”, otherwise draft "
        "a mail to ann@example.org “no”",
        fresh=False,
    )
    assert house.performed() == []
    assert "cannot be told" in run.answer
