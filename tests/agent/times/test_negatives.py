"""Words that look like times and are none: nothing is read in them, alone or within a sentence."""

from __future__ import annotations

import pytest
from times_phrases import NEGATIVES, Phrase, phrases, shown

ALL = list(phrases(NEGATIVES))


@pytest.mark.parametrize("phrase", ALL, ids=lambda one: one.text)
def test_nothing_is_read(phrase: Phrase) -> None:
    assert shown(phrase.readings()) == ""


def test_there_are_many() -> None:
    assert len({phrase.text for phrase in ALL}) == len(ALL) >= 120
