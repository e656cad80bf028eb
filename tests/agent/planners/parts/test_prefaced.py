"""Wishes behind what led to them: the wish is done where the rest can be no part of it, else it is asked."""

from __future__ import annotations

import pytest

from deskhand.agent.planners.parts.prefaced import prefaced
from deskhand.agent.planners.rules import plan
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known


def ops(made: Plan | Unclear) -> list[str]:
    return [s.op for s in made.steps] if isinstance(made, Plan) else []


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("Nobody has prepared anything for the quarterly planning, so let's cancel it",
         "cancel the quarterly planning"),
        ("I last looked at the floor plan on Thursday, what's been altered in it since then?",
         "what's been altered in the floor plan since Thursday"),
        ("My memory is dreadful, what is on my calendar tomorrow?", "what is on my calendar tomorrow?"),
    ],
)  # fmt: skip
def test_what_is_wished_stands_by_itself(words: str, wish: str, known: Known) -> None:
    assert wish in [one.wish for one in prefaced(Request.of(words, known))]


@pytest.mark.parametrize(
    "words",
    [
        "cancel the demo, so tell Bo",  # two wishes
        "If the demo is off, book an hour with Bo",
        "got mail from yuki since tuesday? fwd it to bo if so",
        "recruiting agency thread - main points",  # no sentence: it is what is wished
        "I read the whole thread, just the gist",
        "Ann and Bo are both coming, so write to her",  # to which of them?
    ],
)
def test_what_may_be_part_of_the_wish_is_not_left_out(words: str, known: Known) -> None:
    assert [one for one in prefaced(Request.of(words, known)) if not one.behind] == []


@pytest.mark.parametrize(
    "words",
    [
        "Yuki and I have settled everything by phone, so our meeting tomorrow can be cancelled.",
        "Bo is ill, so cancel our call on Tuesday",
        "Ann is coming, so book an hour on Tuesday",
    ],
)
def test_nothing_is_done_where_somebody_in_front_may_be_whom_it_is_with(words: str, known: Known) -> None:
    made = plan(words, known)
    with_somebody = isinstance(made, Plan) and any(s.args.get("person") for s in made.steps)
    assert with_somebody or isinstance(made, Unclear)


@pytest.mark.parametrize(
    ("words", "op"),
    [
        ("ok so ann sent me a novel this morning. short version of her last mail?", "item.summarise"),
        ("Nobody has prepared anything for the quarterly planning, so let's cancel it.", "event.cancel"),
        ("yuki's invite is at a stupid hour, suggest thursday 2pm to her instead", "invitation.reply"),
    ],
)
def test_a_wish_with_its_reason_is_done(words: str, op: str, known: Known) -> None:
    assert op in ops(plan(words, known))
