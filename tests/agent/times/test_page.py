"""The examples of docs/times.md mean what the page says."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from times_phrases import PHRASES, phrases, shown

from deskhand.agent.times import read

PAGE = (Path(__file__).parents[3] / "docs" / "times.md").read_text("utf-8")
NOW = datetime(2026, 11, 19, 10, 30, tzinfo=ZoneInfo("Europe/Lisbon"))
ROWS = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|(?: `([^`]+)` \|)?", PAGE, re.M)
AMBIGUOUS = PAGE.partition("## Defaults")[2].partition("## What is not")[0]


@pytest.mark.parametrize(("text", "value", "others"), ROWS, ids=[row[0] for row in ROWS])
def test_an_example_reads_as_the_page_says(text: str, value: str, others: str) -> None:
    readings = read(text, now=NOW, zone="Europe/Lisbon", locale="en_GB")
    assert shown(readings) == value
    if f"| `{text}` |" in AMBIGUOUS:
        assert shown(list(readings[0].alternatives)) == others


def test_there_are_examples() -> None:
    assert len(ROWS) > 60


def test_the_figures_are_those_of_the_phrases() -> None:
    known = list(phrases(PHRASES))
    right = sum(not one.wrong for one in known)
    assert f"{right} of {len(known)}\nphrases are right" in PAGE
