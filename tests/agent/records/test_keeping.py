"""What is let go of runs that are over, what stays, and that what waits is never touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from agent_givens import ANN, BO, NOW, House, mail, plan, step
from dbos import DBOS
from sqlalchemy import func, select

from deskhand.agent.desk.desk import Desk
from deskhand.agent.model import Run
from deskhand.agent.records import contents
from deskhand.agent.records.keeping import KEPT_EVENTS
from deskhand.agent.records.tables import reservations, spending
from deskhand.connectors.database import reading

LONG = "The harbour budget. " * 200


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A home without vectors: nothing here is looked for by its meaning."""
    with House(tmp_path / "home", environ={"DESKHAND_EMBEDDING__MODEL": "none"}) as house:
        yield house


def kept(house: House, run: str) -> int:
    """Checkpoints of a run."""
    with closing(sqlite3.connect(house.root / "checkpoints.db")) as db:
        count: int = db.execute("SELECT count(*) FROM checkpoints WHERE thread_id = ?", (run,)).fetchone()[0]
        return count


def held(house: House) -> int:
    """Contents that the runs of a house hold."""
    with reading(house.room.records.engine) as db:
        return int(db.execute(select(func.count()).select_from(contents.contents)).scalar_one())


def later(house: House, **by: float) -> None:
    """Some time passes, in which commands are given."""
    house.moment += timedelta(**by)
    house.reopen()
    house.do(step("agenda", "event.list", start=NOW.isoformat(), end=(NOW + timedelta(days=1)).isoformat()))
    house.reopen()


def digest(house: House) -> Run:
    """A run with a long output: letters that ask for something."""
    house.know(ANN, BO)
    for n in range(30):
        text = f"Could you please send me the figures of section {n} by Friday? " + LONG
        house.message(f"m{n}", sender=ANN, text=text, title=f"Figures {n}", data={"message_id": f"<m{n}@x>"})
    house.sync()
    return house.app.digest()


class TestCheckpoints:
    def test_they_go_by_age(self, house: House) -> None:
        run = house.do(mail(), approve=True)
        assert run.status == "done"
        later(house, days=6)
        assert kept(house, run.id) > 0
        later(house, days=2)
        assert kept(house, run.id) == 0
        assert house.app.run(run.id) == run

    def test_a_run_that_waits_keeps_them_however_long(self, house: House) -> None:
        run = house.do(mail())
        later(house, days=400)
        assert kept(house, run.id) > 0
        assert house.app.run(run.id).status == "waiting"

    def test_the_end_of_a_command_looks_once_a_day(self, house: House) -> None:
        run = house.do(mail(), approve=True)
        later(house, days=8)
        assert kept(house, run.id) == 0
        early = house.do(mail("early"), approve=True)
        house.room.records.set_run(early.id, now=NOW)
        house.moment += timedelta(hours=3)
        assert not house.room.records.due(now=house.moment)
        house.moment += timedelta(days=1)
        assert house.room.records.due(now=house.moment)

    def test_a_clock_that_was_ahead_does_not_stop_it(self, house: House) -> None:
        records = house.room.records
        assert records.due(now=NOW + timedelta(days=900))
        assert records.due(now=NOW)


class TestOutputs:
    def test_long_ones_shrink_to_what_they_were_made_from(self, house: House) -> None:
        run = digest(house)
        before = house.room.records.steps(run.id)["digest"]
        assert held(house) > 0
        later(house, days=89)
        assert house.room.records.steps(run.id)["digest"] == before
        later(house, days=2)
        after = house.room.records.steps(run.id)["digest"]
        assert after.value["refs"][0].startswith("memory:message:m")
        assert (after.brief, after.labels) == (None, {})
        assert {e.type for e in house.room.records.events(run.id)} <= set(KEPT_EVENTS)

    def test_the_run_itself_is_told_as_before(self, house: House) -> None:
        run = digest(house)
        later(house, days=100)
        assert house.app.run(run.id) == run

    def test_what_is_undone_after_a_year_comes_back_as_it_was(self, house: House, tmp_path: Path) -> None:
        folder = tmp_path / "documents"
        folder.mkdir()
        (folder / "notes.txt").write_text(LONG, "utf-8")
        house.app.add("files", str(folder), alias="documents")
        house.sync()
        (notes,) = house.app.archive.find(kinds=["document"])
        new = {"source": "documents", "ref": str(notes.ref), "version": notes.version, "text": f"{LONG}More."}
        run = house.do(step("write", "file.replace", **new), approve=True)
        assert (folder / "notes.txt").read_text("utf-8") == f"{LONG}More."
        later(house, days=400)
        assert house.app.undo(run.id, approve=True).status == "done"
        assert (folder / "notes.txt").read_text("utf-8") == LONG

    def test_what_waits_keeps_all(self, house: House) -> None:
        run = house.do(mail(body=LONG))
        before = house.room.records.steps(run.id), house.room.records.events(run.id)
        later(house, days=400)
        assert (house.room.records.steps(run.id), house.room.records.events(run.id)) == before
        assert house.app.run(run.id).approvals[0].arguments["body"] == LONG

    def test_a_day_of_many_old_runs_is_bounded(self, house: House) -> None:
        records = house.room.records
        for n in range(5):
            run, _ = records.new_run(f"x{n}", now=NOW, plan=plan(step("a", "x", body=LONG)))
            records.set_run(run, now=NOW, status="done")
        then = NOW + timedelta(days=91)
        cut = NOW + timedelta(days=1)
        assert [records.shrink(before=cut, now=then, limit=3) for _ in range(3)] == [3, 2, 0]


def spent(house: House) -> set[tuple[str, str]]:
    """Whose accounts there are, and of which days; settled and set aside."""
    with reading(house.room.records.engine) as db:
        return {(r.run, r.day) for t in (spending, reservations) for r in db.execute(select(t)).all()}


class TestSpent:
    def test_it_goes_with_the_outputs_and_todays_stays(self, house: House) -> None:
        run = house.do(mail(), approve=True)
        house.room.account().call("memory")
        house.room.account(run).tries("a:model", most_in=5, most_out=5)  # never settled
        first = {(run.id, "2026-11-22"), ("", "2026-11-22")}
        assert spent(house) == first
        later(house, days=89)
        assert spent(house) > first
        later(house, days=10)
        left = spent(house)
        assert not left & first
        assert {day for _, day in left} == {"2027-02-19", "2027-03-01"}, "days that are not old"
        assert house.app.run(run.id) == run

    def test_an_old_run_is_shown_without_it(self, house: House) -> None:
        run = house.do(mail(), approve=True)
        assert Desk(house.app, None).call("show", {"what": run.id})["spent"]["steps"] == 1
        later(house, days=100)
        assert Desk(house.app, None).call("show", {"what": run.id})["spent"] is None

    def test_a_run_that_waits_keeps_it(self, house: House) -> None:
        run = house.do(mail())
        later(house, days=400)
        assert (run.id, "2026-11-22") in spent(house)

    def test_however_short_the_retention_no_budget_forgets_its_day(self, tmp_path: Path) -> None:
        with House(tmp_path, environ={"DESKHAND_RETENTION__OUTPUTS_DAYS": "0"}) as house:
            run = house.do(mail(), approve=True)
            later(house, days=2)
            assert (run.id, "2026-11-22") in spent(house)
            later(house, days=2)
            assert (run.id, "2026-11-22") not in spent(house)


def test_the_engine_keeps_nothing_of_what_has_ended(tmp_path: Path) -> None:
    with House(tmp_path, environ={"DESKHAND_ENGINE__KIND": "dbos"}) as house:
        house.do(mail(), approve=True)
        waits = house.do(mail("other"))
        with closing(sqlite3.connect(tmp_path / "engine.db")) as db:
            counted = "SELECT (SELECT count(*) FROM workflow_status) + (SELECT count(*) FROM workflow_input)"
            assert db.execute(counted).fetchone()[0] > 0
            for job in DBOS.list_workflows():  # it notes that one has ended after whoever waits is told
                DBOS.retrieve_workflow(job.workflow_id).get_result()
            house.room.tidy()
            assert db.execute(counted).fetchone()[0] == 0
        assert house.app.decide(waits.approvals[0].id).status == "done"
