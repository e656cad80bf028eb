"""Many people's ways of saying a time: what is read right stays right, what is wrong is on the list."""

from __future__ import annotations

from collections import Counter

import pytest
from times_phrases import Phrase, phrases, shown

ALL = list(phrases())
# A little under what is right today; the wrong ones carry a "?" in phrases.txt.
FLOOR = 0.80


@pytest.mark.parametrize(
    "phrase", [one for one in ALL if not one.wrong], ids=lambda one: f"{one.line} {one.text}"
)
def test_a_phrase_means_what_the_calendar_says(phrase: Phrase) -> None:
    assert shown(phrase.readings()) == phrase.value


@pytest.mark.parametrize(
    "phrase", [one for one in ALL if one.wrong], ids=lambda one: f"{one.line} {one.text}"
)
def test_a_phrase_on_the_list_of_wrong_ones_is_still_wrong(phrase: Phrase) -> None:
    assert not phrase.right, "it is right now: take the ? away (python tests/times_phrases.py --mark)"


def test_most_phrases_are_right() -> None:
    assert len(ALL) >= 400
    assert sum(not one.wrong for one in ALL) / len(ALL) >= FLOOR


def test_no_phrase_is_there_twice() -> None:
    twice = [key for key, count in Counter((one.text, one.now) for one in ALL).items() if count > 1]
    assert not twice


def test_spans_say_what_was_read() -> None:
    for phrase in ALL:
        for reading in phrase.readings():
            parts = [(reading.span, reading.text), *((one.span, one.text) for one in reading.excludes)]
            assert all(phrase.text[slice(*span)] == text for span, text in parts)
            if reading.anchor is not None:
                named = " ".join(phrase.text[slice(*reading.anchor.span)].split())
                assert named == reading.anchor.words
