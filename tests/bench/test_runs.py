"""What carrying out a plan costs beside the work of its steps, and how fast a plan is made of words.

The baselines do the same without Deskhand: a loop that commits as often to an SQLite file, threads that
sleep as long, the words only split.
"""

from __future__ import annotations

import sqlite3
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from agent_givens import House, step
from pytest_benchmark.fixture import BenchmarkFixture

from deskhand.agent import actions as registry
from deskhand.agent.actions import Action, Arguments, Output
from deskhand.agent.plans.language import Step
from deskhand.connectors.model import Label

STEPS = 100
CORPUS = Path(__file__).parents[1] / "agent" / "planners" / "corpus.toml"
MINE = {"": Label("user", (), None)}


class Numbered(Arguments):
    n: int = 0


def nothing(_: Any, *, n: int = 0) -> Output:
    return Output({"n": n}, MINE)


def second(_: Any, *, n: int = 0) -> Output:
    time.sleep(1)
    return Output({"n": n}, MINE)


@pytest.fixture(params=["memory", "dbos"])
def house(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A home whose actions do nothing, or sleep a second."""
    known = dict(registry.actions()) | {
        f"test.{f.__name__}": Action(f"test.{f.__name__}", f, Numbered, "") for f in (nothing, second)
    }
    monkeypatch.setattr("deskhand.agent.runs.trials.actions", lambda: known)
    monkeypatch.setattr("deskhand.agent.plans.validate.actions", lambda: known)
    with House(tmp_path, environ={"DESKHAND_ENGINE__KIND": request.param}) as made:
        made.do(step("first", "test.nothing"))  # imports, compiles the graph
        yield made


def done(house: House, *steps: Step) -> Callable[[], None]:
    def run() -> None:
        assert house.do(*steps).status == "done"

    return run


@pytest.mark.benchmark(group=f"{STEPS} steps that do nothing (goal: 3 ms each, 300 ms together)")
class TestOverhead:
    def test_bare_commits(self, benchmark: BenchmarkFixture, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "bare.db", isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode=WAL").close()
            db.execute("CREATE TABLE steps (id TEXT, value TEXT)").close()

            def loop() -> None:
                for n in range(STEPS):
                    db.execute("INSERT INTO steps VALUES (?, ?)", (f"s{n}", "{}")).close()

            benchmark.pedantic(loop, rounds=5)

    def test_one_after_the_other(self, benchmark: BenchmarkFixture, house: House) -> None:
        chain = [step(f"s{n}", "test.nothing", (f"s{n - 1}",) if n else ()) for n in range(STEPS)]
        benchmark.pedantic(done(house, *chain), rounds=5)

    def test_side_by_side(self, benchmark: BenchmarkFixture, house: House) -> None:
        benchmark.pedantic(done(house, *(step(f"s{n}", "test.nothing") for n in range(STEPS))), rounds=5)


@pytest.mark.benchmark(group="20 steps of a second each that wait for nothing (goal: 1.3 s)")
class TestSideBySide:
    def test_bare_threads(self, benchmark: BenchmarkFixture) -> None:
        def sleep() -> None:
            with ThreadPoolExecutor(20) as pool:
                list(pool.map(time.sleep, [1] * 20))

        benchmark.pedantic(sleep, rounds=3)

    def test_in_a_run(self, benchmark: BenchmarkFixture, house: House) -> None:
        benchmark.pedantic(done(house, *(step(f"s{n}", "test.second") for n in range(20))), rounds=3)


@pytest.mark.benchmark(group="a plan by the rules, over the requests of the corpus (goal: 30 ms each)")
class TestPlanning:
    """Rounds are requests: the column max is the slowest one."""

    def test_bare_split(self, benchmark: BenchmarkFixture) -> None:
        said = iter(_requests())
        benchmark.pedantic(str.split, setup=lambda: ((next(said),), {}), rounds=len(_requests()))

    def test_rules(self, benchmark: BenchmarkFixture, tmp_path: Path) -> None:
        from deskhand.agent.planners.rules import plan

        with House(tmp_path) as house:
            house.know("ann@example.org", "bo@example.org")
            known, said = house.room.known(), iter(_requests())
            plan("what is on my calendar tomorrow", known)
            benchmark.pedantic(plan, setup=lambda: ((next(said), known), {}), rounds=len(_requests()))


def _requests() -> list[str]:
    rows = tomllib.loads(CORPUS.read_text("utf-8"))
    return [row["say"] for table in rows.values() for row in table]
