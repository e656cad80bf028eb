"""What a run costs in room, and what the nouns of state cost in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from agent_givens import ANN, BO, ME, NOW, House, event
from pytest_benchmark.fixture import BenchmarkFixture

from deskhand.connectors.model import Participant

LONG = " ".join(f"Could you send me the figures of section {n} by Friday?" for n in range(60))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A home with 500 long mails, 200 of them in one thread."""
    root: Path = tmp_path_factory.mktemp("state")
    with House(root) as house:
        for n in range(500):
            thread = {"references": ["<m0@x>"]} if 0 < n < 200 else {}
            house.message(
                f"m{n}", title="Harbour plan" if n < 200 else f"Figures {n}", text=f"{n}. {LONG}",
                at=NOW - timedelta(minutes=600 - n), data={"message_id": f"<m{n}@x>", **thread},
                people=(Participant("from", (ANN, BO)[n % 2]), Participant("to", ME)),
            )  # fmt: skip
        house.sync()
        yield house


def room(house: House, run: str) -> int:
    """Bytes that a run takes."""
    return sum(house.room.records.size(run).values()) + house.room.graph.size(run)


@pytest.mark.benchmark(group="room of a run (goal: 50,000 bytes, see extra_info)")
class TestRoom:
    def test_a_digest_of_500_long_mails(self, benchmark: BenchmarkFixture, house: House) -> None:
        run = benchmark.pedantic(house.app.digest, kwargs={"everything": True}, rounds=1)
        benchmark.extra_info["bytes"] = room(house, run.id)

    def test_a_summary_of_200_mails(self, benchmark: BenchmarkFixture, house: House) -> None:
        words = "summarise the thread Harbour plan"
        run = benchmark.pedantic(house.app.ask, (words,), {"fresh": False}, rounds=1)
        benchmark.extra_info["bytes"] = room(house, run.id)

    def test_a_plan_of_twelve_writes(self, benchmark: BenchmarkFixture, house: House) -> None:
        steps = [event(f"s{n}", needs=(f"s{n - 1}",) if n else (), hour=n + 6) for n in range(12)]
        run = benchmark.pedantic(house.do, steps, {"approve": True}, rounds=1)
        benchmark.extra_info["bytes"] = room(house, run.id)


@pytest.mark.benchmark(group="who deals with whom, 500 mails")
class TestDealings:
    def test_noted_anew(self, benchmark: BenchmarkFixture, house: House) -> None:
        archive = house.app.archive
        whose = iter(frozenset({ME, f"{n}@example.org"}) for n in range(1000))
        benchmark.pedantic(lambda: archive.trace(next(whose)), rounds=5)

    def test_nothing_new(self, benchmark: BenchmarkFixture, house: House) -> None:
        archive, me = house.app.archive, house.app.owner.addresses
        archive.trace(me)
        benchmark(lambda: archive.trace(me))
