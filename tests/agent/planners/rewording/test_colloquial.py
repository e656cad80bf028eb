"""Other spellings of one thing are read as everybody would write it."""

from __future__ import annotations

import pytest

from deskhand.agent.planners.words.request import Request
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("grab Bo for twenty minutes tomorrow", "book twenty minutes with Bo tomorrow"),
        ("book Bo asap, half an hour", "book Bo, half an hour as soon as possible"),
        ("I teach until 10.30 so book Bo on Friday after that", "book Bo on Friday after 10.30"),
        ("block Friday, it's my birthday", "block Friday for birthday"),
        ("reserve 4 December, it is our wedding anniversary", "reserve 4 December for wedding anniversary"),
    ],
)
def test_it_is_said_plainly(words: str, plain: str, known: Known) -> None:
    assert Request.of(words, known).head == plain


@pytest.mark.parametrize("words", ["grab the mail for Ann", "block Friday, it's my turn"])
def test_what_is_another_thing_is_left_alone(words: str, known: Known) -> None:
    assert Request.of(words, known).head == words
