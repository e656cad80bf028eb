"""Whether somebody asks for a document: sentences that do, and sentences that only look so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from deskhand.agent.reading.asked_for import asks_for
from deskhand.connectors.model import Item, ItemRef, Participant


def mail(text: str, title: str = "Hello", **data: Any) -> Item:
    people = (Participant("from", "bo@example.org"), Participant("to", "noor@example.org"))
    ref = ItemRef("mail", "message", "INBOX/1")
    return Item(ref, "1", title, text, datetime(2026, 11, 20, tzinfo=UTC), "0" * 64, people=people, data=data)


@pytest.mark.parametrize(
    "text",
    [
        "Could you send me the proposal?",
        "Hi Noor, would you mind sending the latest version of the proposal? Thanks",
        "Please share the newest proposal with us by Friday.",
        "Can I have the proposal before the meeting?",
        "I need the current proposal.",
        "We're still waiting for your proposal.",
        "Send me the proposal, please.",
        "I'd like to see the proposal again.",
        "Do you have a copy of the proposal?",
        "Thanks for the call. I would like the proposal as a pdf.",
        "When you are back: can you forward me the signed proposal document?",
    ],
)
def test_these_ask_for_it(text: str) -> None:
    assert asks_for(mail(text), "proposal")


@pytest.mark.parametrize(
    "text",
    [
        "The proposal looks good to me.",
        "Thanks for sending the proposal!",
        "Could you send me the figures in the proposal?",
        "Could you send me the proposal template?",
        "Can you send me the proposal's budget?",
        "Please send your comments on the proposal to Ann.",
        "I don't need the proposal any more.",
        "There is no need to send the proposal.",
        "I already have the proposal, thank you.",
        "We talked about the proposal; can you send me the minutes?",
        "Can we meet about the proposal?",
        "I would like to talk about the proposal.",
        "You asked me for the proposal; here it is.",
        "I will send you the proposal tomorrow.",
        "Please don't send the proposal yet.",
        "> Could you send me the minutes?",
        "",
    ],
)
def test_these_do_not(text: str) -> None:
    assert asks_for(mail(text), "proposal") == ""


def test_under_its_subject_it_is_enough_to_ask_for_it() -> None:
    assert asks_for(mail("Could you send me the newest version?", "Re: Proposal"), "proposal")
    assert asks_for(mail("Could you send it to me?", "Proposal"), "proposal")
    assert not asks_for(mail("Could you send it to me?", "Minutes"), "proposal")
    assert not asks_for(mail("Could you send me the minutes?", "Proposal"), "proposal")


def test_a_name_of_several_words_is_the_whole_of_it() -> None:
    assert asks_for(mail("Can you send me the board pack?"), "board pack")
    assert asks_for(mail("Could I get the test log for the buoys?"), "test log")
    assert not asks_for(mail("Can you send me the board minutes?"), "board pack")


def test_a_machine_asks_for_nothing() -> None:
    assert not asks_for(mail("Please send the proposal.", auto_submitted="auto-generated"), "proposal")
