"""How long a request about time takes to read, beside the parse of one plain date (goal: at most 5 ms)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from dateutil.parser import parse
from pytest_benchmark.fixture import BenchmarkFixture
from times_phrases import NEGATIVES, phrases

from deskhand.agent.times import read

LISBON = "Europe/Lisbon"
NOW = datetime(2026, 11, 19, 10, 30, tzinfo=ZoneInfo(LISBON))
REQUESTS = (
    "lunch with Bo on Friday at 1",
    "Please schedule 45 minutes with Dana sometime next week, ideally Tuesday afternoon after 3",
    "find an hour for the budget before the board meeting",
    "every other Wednesday at half past nine until Christmas, except public holidays",
    "move my 3pm with the auditor to tomorrow and tell everybody",
    "summarise what Chidi sent about the harbour contract",
)


@pytest.mark.benchmark(group="reading the times of a request (goal: at most 5 ms)")
class TestRead:
    def test_bare_dateutil_parses_one_date(self, benchmark: BenchmarkFixture) -> None:
        benchmark(parse, "2026-11-24 15:00")

    @pytest.mark.parametrize("request_", REQUESTS, ids=lambda text: text[:30])
    def test_a_request(self, benchmark: BenchmarkFixture, request_: str) -> None:
        benchmark(read, request_, now=NOW, zone=LISBON)


@pytest.mark.benchmark(group="reading all phrases and negatives of the tests, divide by their number")
class TestAll:
    def test_all(self, benchmark: BenchmarkFixture) -> None:
        texts = [one.text for one in (*phrases(), *phrases(NEGATIVES))]
        benchmark.extra_info["texts"] = len(texts)
        benchmark.pedantic(lambda: [read(text, now=NOW, zone=LISBON) for text in texts], rounds=3)
