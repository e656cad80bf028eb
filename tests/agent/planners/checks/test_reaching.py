"""A name in a plan holds no words that the second reader takes for no part of one."""

from __future__ import annotations

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known


def names(made: Plan | Unclear) -> list[str]:
    """What events, mails and documents are called in a plan; what is asked is in none."""
    steps = made.steps if isinstance(made, Plan) else ()
    return [str(s.args[n]).casefold() for s in steps for n in ("about", "title") if s.args.get(n)]


@pytest.mark.parametrize(
    ("words", "held"),
    [
        ("Remove Friday's waste collection, contractor on strike", "contractor"),
        ("ditch the shed meeting, bloke's got the flu", "flu"),
        ("scrap all my meetings with will stone next week, deal's dead", "deal"),
        ("when do we have the kickoff with Initech slated?", "slated"),
        ("what's Sam Okafor's long email about, two lines", "two"),
        ("In response to the landlord's notice, state that service is disputed", "state"),
        ("which meetings do I need to prepare for tomorrow", "prepare"),
        ("make tomorrow's 9am with bo 20 min longer", "longer"),
    ],
)
def test_what_is_no_part_of_a_name_is_in_none(words: str, held: str, known: Known) -> None:
    assert not any(held in name for name in names(plan(words, known)))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("get back to Marta about the roof: go ahead with the second quote", "roof"),
        ("cancel the party after the launch", "party after the launch"),
        ("block two hours for the board pack on Monday", "board pack"),
        ("remind Marta of the meeting on Thursday", "meeting on Thursday"),
        ("remove fencing from my calendar for may 7th", "fencing"),
        ("reply to Sam Okafor <sam.okafor@example.org>'s last mail: yes", ""),
    ],
)
def test_a_name_that_is_one_stands(words: str, name: str, known: Known) -> None:
    made = plan(words, known)
    assert isinstance(made, Plan), made
    assert not name or name.casefold() in names(made)


def test_where_both_differ_in_the_name_only_the_shorter_is_taken(known: Known) -> None:
    made = plan("beers w/ bo fri 6pm, calendar pls, 2 hrs", known)
    assert names(made) == ["beers with bo"]
