"""Both engines keep the contract; the durable one takes up, after a crash, what had not ended."""

from __future__ import annotations

import json
import multiprocessing
import os
import queue
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from contracts_engine import PATIENCE, EngineContract, Make

from deskhand.agent.runs.engine import Advance, Engine, InProcess
from deskhand.agent.runs.engine_dbos import Durable, running


class TestInProcess(EngineContract):
    @pytest.fixture
    def make(self) -> Iterator[Make]:
        opened: list[Engine] = []

        def make(advance: Advance) -> Engine:
            opened.append(InProcess(advance))
            return opened[-1]

        yield make
        for engine in opened:
            engine.close()


class TestDurable(EngineContract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Iterator[Make]:
        opened: list[Durable] = []

        def make(advance: Advance) -> Engine:
            opened.append(Durable(advance, url=f"sqlite:///{tmp_path / 'engine.db'}"))
            return opened[-1]

        yield make
        if running():
            opened[-1].close()

    def test_there_is_one_in_a_process(self, make: Make, tmp_path: Path) -> None:
        make(lambda _: None)
        with pytest.raises(RuntimeError, match="runs in this process already"):
            Durable(lambda _: None, url=f"sqlite:///{tmp_path / 'other.db'}")
        assert running()

    def test_one_that_cannot_begin_leaves_room_for_another(self, make: Make, tmp_path: Path) -> None:
        with pytest.raises(Exception, match="unable to open database file"):
            Durable(lambda _: None, url=f"sqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'x.db'}")
        assert not running()
        make(lambda _: None)

    def test_it_begins_again_after_the_stderr_of_its_last_start_was_closed(
        self, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with (tmp_path / "screen").open("w") as screen, monkeypatch.context() as now:
            now.setattr("sys.stderr", screen)
            make(lambda _: None).close()
        make(lambda _: None)

    def test_what_it_keeps_is_data_and_no_pickle(self, make: Make, tmp_path: Path) -> None:
        engine = make(lambda _: None)
        engine.submit("schedule:2026-11-23T08:00")
        assert engine.wait("schedule:2026-11-23T08:00", PATIENCE)
        engine.close()
        with closing(sqlite3.connect(tmp_path / "engine.db")) as db:
            kept = db.execute("SELECT inputs FROM workflow_input").fetchall()
            how = db.execute("SELECT serialization FROM workflow_status").fetchall()
        assert [json.loads(k)["positionalArgs"] for (k,) in kept] == [["schedule:2026-11-23T08:00"]]
        assert how == [("portable_json",)]

    @pytest.mark.crash
    def test_what_was_cut_off_is_advanced_again(self, make: Make, tmp_path: Path) -> None:
        child = multiprocessing.get_context("spawn").Process(target=_die, args=(str(tmp_path / "engine.db"),))
        child.start()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL
        advanced: queue.Queue[str] = queue.Queue()
        engine = make(advanced.put)
        assert advanced.get(timeout=PATIENCE) == "cut off"
        assert engine.wait("cut off", PATIENCE)


def _die(place: str) -> None:
    engine = Durable(lambda _: os.kill(os.getpid(), signal.SIGKILL), url=f"sqlite:///{place}")
    engine.submit("cut off")
    engine.wait("cut off", PATIENCE)
