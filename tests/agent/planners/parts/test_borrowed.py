"""What a wish leaves out because the reason in front of it said it: people, a day, a mail or a thing."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only

from deskhand.agent.planners.parts.prefaced import prefaced
from deskhand.agent.planners.words.request import Request
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("Marta and Yuki are in town, so book dinner with both of them at 7pm",
         "book dinner with Marta and Yuki at 7pm"),
        ("I owe Ann, Bo and Will a chat: book half an hour with each of them next week",
         "book half an hour with each of Ann, Bo and Will next week"),
        ("Bo can't do Tuesday, so move our catch-up to Thursday at 10",
         "move our catch-up with Bo on Tuesday to Thursday at 10"),
        ("Yuki is away until Friday, book our 30 minutes next week", "book 30 minutes with Yuki next week"),
        ("I promised Bo a talk, so put in a call on Friday", "put in a call with Bo on Friday"),
        ("I fly on Friday at 3, so block 1 to 2", "block on Friday from 1 to 2"),
        ("I'm ill tomorrow, so cancel everything", "cancel everything tomorrow"),
        ("Ann mailed me about the roof, forward it to Will", "forward Ann's mail about the roof to Will"),
        ("will asked about delivery, reply to him that it's week 50",
         "reply to Will's mail about delivery that it's week 50"),
        ("Ann sent me an invitation for Friday, turn it down politely",
         "decline the invitation from Ann for Friday"),
        ("the contract draft is endless, what are the main points", "summarise the contract draft"),
    ],
)  # fmt: skip
def test_the_reason_says_it(words: str, wish: str, known: Known) -> None:
    assert wish in [one.wish for one in prefaced(Request.of(words, known))]


@pytest.mark.parametrize(
    "words",
    [
        "Ann, Bo and Will are in town, so book dinner with both of them at 7pm",  # which two?
        "Bo told me I should see a doctor, so book an hour on Monday",  # not with him
        "Bo told Ann about the leak, forward it to Will",
        "Marta is ill, tell Bo that she can't come",
    ],
)
def test_what_the_reason_leaves_open_is_asked(words: str, known: Known) -> None:
    assert asked(words, known)


def test_whose_meeting_it_is(known: Known) -> None:
    find = only(made("Bo is sick so please cancel our 1:1 on Monday", known), "event.find").args
    assert (find["person"], find["start"][:10]) == ("bo@example.org", "2026-11-23")
