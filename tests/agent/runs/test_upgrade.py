"""An upgrade in the middle: runs of the version before go on, or say why not; later ones are left."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agent_givens import BO, House, draft, mail

from deskhand.agent.errors import Refusal
from deskhand.agent.model import FORMAT

DUMPS = Path(__file__).parents[2] / "data" / "upgrade"


def change(root: Path, sql: str, *values: Any) -> None:
    db = sqlite3.connect(root / "runs.db")
    with db:
        assert db.execute(sql, values).rowcount == 1
    db.close()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The home that 0.1.0 left: r1 waits for a decision, r2 was cut off in its second write."""
    root = tmp_path / "home"
    root.mkdir(mode=0o700)
    for name in ("runs", "checkpoints"):
        db = sqlite3.connect(root / f"{name}.db")
        db.executescript((DUMPS / f"0.1.0-{name}.sql").read_text("utf-8"))
        db.close()
    return root


@pytest.fixture
def upgraded(old: Path) -> Iterator[House]:
    with House(old) as house:
        house.know(BO)
        yield house


class TestOfTheVersionBefore:
    def test_what_waited_for_a_decision_goes_on(self, upgraded: House) -> None:
        waiting = upgraded.app.run("r1")
        assert (waiting.status, waiting.format) == ("waiting", 1)
        (card,) = upgraded.app.approvals()
        with pytest.raises(Refusal, match=r"a1 bears no seal \(an earlier .*; it is asked again as a2"):
            upgraded.app.decide(card.id)
        (again,) = upgraded.app.approvals()
        assert (again.arguments, again.id) == (card.arguments, "a2")
        run = upgraded.app.decide(again.id)
        assert (run.status, run.format) == ("done", FORMAT), run.answer
        assert [op.body for op in upgraded.memory.performed] == ["See you at ten."]  # type: ignore[attr-defined]
        assert "taken over" in [e.type for e in upgraded.room.records.events("r1")]

    def test_what_was_cut_off_goes_on_and_repeats_nothing(self, upgraded: House) -> None:
        assert upgraded.app.resume() == ["r2"]
        run = upgraded.room.wait("r2")
        assert run.status == "done", run.answer
        assert upgraded.performed() == ["file.create", "mail.draft"], "the first draft was done before"

    def test_it_goes_on_without_its_checkpoints_too(self, old: Path) -> None:
        (old / "checkpoints.db").unlink()
        with House(old) as house:
            house.know(BO)
            for run in house.app.resume():
                assert house.room.wait(run).status == "done"
            assert house.performed() == ["file.create", "mail.draft"]
            with pytest.raises(Refusal, match="it is asked again as a2"):
                house.app.decide("a1")
            assert house.app.decide("a2").status == "done"

    def test_an_operation_that_is_no_more_ends_it_with_a_reason(self, old: Path) -> None:
        db = sqlite3.connect(old / "runs.db")
        (plan,) = db.execute("SELECT plan FROM runs WHERE id = 'r2'").fetchone()
        db.close()
        gone = json.loads(plan)
        gone["steps"][-1]["op"] = "mail.telegraph"
        change(old, "UPDATE runs SET plan = ? WHERE id = 'r2'", json.dumps(gone))
        with House(old) as house:
            house.app.resume()
            run = house.room.wait("r2")
            assert (run.status, house.performed()) == ("failed", [])
            assert "there is no operation “mail.telegraph”" in run.answer
            assert "what was done is kept (deskhand show r2). Ask for the rest anew." in run.answer

    def test_a_plan_that_nobody_can_read_ends_it_with_a_reason(self, old: Path) -> None:
        change(old, "UPDATE runs SET plan = ? WHERE id = 'r2'", json.dumps({"schema_version": 2, "steps": 7}))
        with House(old) as house:
            assert {r.id for r in house.app.runs()} == {"r1", "r2"}
            house.app.resume()
            assert "The plan of r2 cannot be read by this Deskhand" in house.room.wait("r2").answer


class TestOfALaterVersion:
    @pytest.fixture
    def later(self, tmp_path: Path) -> Iterator[House]:
        """r1 waits, r2 was under way; both as a Deskhand wrote them that is not made yet."""
        with House(tmp_path / "home") as house:
            house.do(mail("m"))
            house.do(draft("a"))
            house.app.close()
            plan = json.dumps({"schema_version": 9, "steps": [{"dance": True}]})
            for run, status in (("r1", "waiting"), ("r2", "running")):
                change(
                    house.root, "UPDATE runs SET format = ?, plan = ?, status = ? WHERE id = ?",
                    FORMAT + 1, plan, status, run,
                )  # fmt: skip
            change(house.root, "UPDATE approvals SET body = json_set(body, '$.colour', 'red')")
            house.app = house._open()
            yield house

    def test_it_says_so_and_is_left_alone(self, later: House) -> None:
        done = later.performed()
        rows = self.rows(later)
        assert later.app.resume() == []
        later.room.submit("r2")
        later.room.wait("r2")
        for refused in (lambda: later.app.decide("a1"), lambda: later.app.cancel("r2")):
            with pytest.raises(Refusal, match=r"begun by a later Deskhand .* left alone\. Update Deskhand"):
                refused()
        assert (later.performed(), self.rows(later)) == (done, rows)

    def test_the_others_go_on_beside_it(self, later: House) -> None:
        assert [(r.id, r.status) for r in later.app.runs()] == [("r2", "running"), ("r1", "waiting")]
        assert later.app.approvals() == []
        assert later.do(draft("b")).status == "done"
        assert "Update Deskhand" in later.app.run("r1").problem

    def rows(self, house: House) -> list[Any]:
        db = sqlite3.connect(house.root / "runs.db")
        try:
            tables = ("runs", "steps", "approvals", "events")
            return [db.execute(f"SELECT * FROM {t}").fetchall() for t in tables]  # noqa: S608 - our own names
        finally:
            db.close()
