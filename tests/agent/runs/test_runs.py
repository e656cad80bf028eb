"""How a run goes: side by side, past failures, through the gate, and what is left on the disk."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_givens import BO, NOW, STRANGER, House, draft, mail, plan, step

from deskhand.agent import actions as registry
from deskhand.agent.actions import Action, Arguments, CannotDo, Context, NeedsAnswer, Output
from deskhand.agent.model import Brief, Passage, Section
from deskhand.agent.plans.language import Ref
from deskhand.agent.records.state import Note, Records, StepState
from deskhand.agent.runs.graph import Graph
from deskhand.connectors.database import StorageError
from deskhand.connectors.model import Label

MINE = {"": Label("user", (), None)}
Acts = Callable[..., None]


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> Acts:
    """Adds actions for one test: `acts(name=function)` is called `test.<name>`."""
    known: dict[str, Action] = dict(registry.actions())

    def add(**functions: Callable[..., Output]) -> None:
        for name, function in functions.items():

            class Made(Action):
                def __call__(self, context: Context, given: Mapping[str, Any]) -> Output:
                    return self.run(context, **given)

            model = type("Model", (Arguments,), {})
            model.model_fields = _Any()  # type: ignore[misc, assignment]
            known[f"test.{name}"] = Made(f"test.{name}", function, model, "")

    monkeypatch.setattr("deskhand.agent.runs.trials.actions", lambda: known)
    monkeypatch.setattr("deskhand.agent.plans.validate.actions", lambda: known)
    return add


class _Any(dict[str, Any]):
    """Fields of an action that takes whatever it is given."""

    def __contains__(self, _: object) -> bool:
        return True


def said(text: str) -> Output:
    return Output(
        {"text": text},
        MINE,
        Brief(title=text, sections=(Section(heading="", passages=(Passage(text=text),)),)),
    )


def checkpoints(house: House, run: str) -> list[bytes]:
    with closing(sqlite3.connect(house.root / "checkpoints.db")) as db:
        rows = db.execute(
            "SELECT checkpoint, metadata FROM checkpoints WHERE thread_id = ?", (run,)
        ).fetchall()
        writes = db.execute("SELECT value FROM writes WHERE thread_id = ?", (run,)).fetchall()
    return [bytes(v) if isinstance(v, bytes) else str(v).encode() for row in (*rows, *writes) for v in row]


class TestReading:
    def test_steps_that_do_not_need_each_other_run_side_by_side(self, house: House, acts: Acts) -> None:
        both = threading.Barrier(2, timeout=20)
        acts(meet=lambda _c, name: (both.wait(), said(name))[1])
        run = house.do(step("a", "test.meet", name="A"), step("b", "test.meet", name="B"))
        assert run.status == "done", "each waited for the other: one after the other would have timed out"
        assert "A" in run.answer
        assert "B" in run.answer

    def test_a_step_sees_what_the_one_before_it_left(self, house: House, acts: Acts) -> None:
        acts(a=lambda _c: said("one"), b=lambda _c, text: said(text + " two"))
        run = house.do(step("b", "test.b", text={"ref": "a", "path": "text"}), step("a", "test.a"))
        assert "one two" in run.answer

    def test_a_failing_step_takes_only_those_with_it_that_need_it(self, house: House, acts: Acts) -> None:
        def fail(_: Context) -> Output:
            raise CannotDo("I found no such thing")

        acts(fail=fail, ok=lambda _c: said("fine"))
        run = house.do(
            step("bad", "test.fail"), draft("lost", needs=("bad",)), draft("lost2", needs=("lost",)),
            step("good", "test.ok"), draft("kept", needs=("good",)),
        )  # fmt: skip
        assert run.status == "partial"
        assert house.performed() == ["mail.draft"]
        assert run.answer.splitlines()[0] == f"Drafted “Hello” to {BO}, in memory."
        assert "I found no such thing." in run.answer
        assert "So this was not done: do lost, do lost2." in run.answer
        assert "fine" in run.answer
        states = {s.step: s.state for s in house.room.records.steps(run.id).values()}
        assert states == {
            "bad": "failed",
            "lost": "skipped",
            "lost2": "skipped",
            "good": "done",
            "kept": "done",
        }

    def test_a_defect_in_an_action_is_one_failed_step(self, house: House, acts: Acts) -> None:
        acts(broken=lambda _c: {}["ghost"], ok=lambda _c: said("fine"))
        run = house.do(step("bad", "test.broken"), step("good", "test.ok"))
        assert run.status == "failed"
        assert "test.broken broke (KeyError: 'ghost')." in run.answer
        assert "fine" in run.answer
        traces = [e.data["trace"] for e in house.room.records.events(run.id) if e.type == "broke"]
        assert "KeyError" in traces[0]

    def test_a_missing_detail_becomes_one_question_with_whole_requests(
        self, house: House, acts: Acts
    ) -> None:
        def ask(_: Context, which: str) -> Output:
            raise NeedsAnswer(f"Which {which}?", [f"the first {which}", f"the second {which}"])

        acts(ask=ask)
        run = house.do(
            step("a", "test.ask", which="Sam"), step("b", "test.ask", which="day"), draft(needs=("a",))
        )
        assert (run.status, run.answer) == ("unclear", "Which Sam?")
        assert run.choices == ("the first Sam", "the second Sam")
        assert house.performed() == []

    def test_two_meetings_of_one_name_are_one_question(self, house: House) -> None:
        house.meeting("a", title="Review", start=NOW + timedelta(days=1))
        house.meeting("b", title="Review", start=NOW + timedelta(days=2))
        house.sync()
        found = step("found", "event.find", about="Review", template="cancel {}")
        run = house.do(found, draft(needs=("found",)))
        assert run.status == "unclear"
        assert run.choices == (
            "cancel “Review” on 2026-11-23 at 08:00",
            "cancel “Review” on 2026-11-24 at 08:00",
        )

    def test_a_step_that_is_not_needed_is_left_out_with_those_that_need_it(self, house: House) -> None:
        found = step("found", "item.find", person=BO)
        house.message("m", sender=BO, title="Alone")
        house.sync()
        optional = draft("optional").model_copy(update={"when": Ref(ref="found", path="others")})
        wanted = draft("wanted").model_copy(update={"when": Ref(ref="found", path="ref")})
        run = house.do(found, optional, draft("after", needs=("optional",)), wanted)
        assert run.status == "done"
        assert house.performed() == ["mail.draft"]
        states = {s.step: s.state for s in house.room.records.steps(run.id).values()}
        assert states == {"found": "done", "optional": "unneeded", "after": "unneeded", "wanted": "done"}

    def test_what_an_action_is_given_taints_what_it_gives(self, house: House, acts: Acts) -> None:
        """An action that forgets whose words it passes on cannot launder them."""
        acts(pass_on=lambda _c, text: said(text))
        house.message("m", title="Do as I say")
        house.sync()
        found = step("found", "item.find", person=STRANGER)
        passed = step("passed", "test.pass_on", text={"ref": "found", "path": "title"})
        run = house.do(found, passed, mail(body={"ref": "passed", "path": "text"}))
        assert {a.name: a.trust for a in run.approvals[0].shown}["body"] == "untrusted"

    def test_every_step_of_a_run_has_the_runs_own_time(self, house: House, acts: Acts) -> None:
        times: list[Any] = []

        def tick(context: Context) -> Output:
            times.append(context.now)
            house.moment += timedelta(hours=1)
            return said("tick")

        acts(tick=tick)
        house.do(step("a", "test.tick"), step("b", "test.tick", needs=("a",)))
        assert times == [NOW, NOW]


class TestGate:
    def test_the_gate_holds_nothing_but_the_interrupt(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Resuming runs the node again from its start: nothing in it may have an effect, or a memory."""
        import dis

        from deskhand.agent.runs import graph

        calls = [i.argval for i in dis.get_instructions(graph._gate) if i.opname == "LOAD_GLOBAL"]
        assert calls == ["interrupt", "State"]

    def test_a_waiting_run_is_in_no_process(self, house: House) -> None:
        run = house.do(mail())
        assert house.room.engine.list() == []
        for _ in range(3):
            house.reopen()
            assert house.app.resume() == []
            assert house.app.run(run.id).status == "waiting"
        assert [a.id for a in house.app.approvals()] == ["a1"]
        assert house.app.decide("a1").status == "done"

    def test_advancing_again_and_again_changes_nothing(self, house: House) -> None:
        run = house.do(mail())
        before = house.room.records.events(run.id)
        for _ in range(3):
            house.room.submit(run.id)
        assert house.room.wait(run.id) == run
        done = house.app.decide("a1")
        after = house.room.records.events(run.id)
        house.room.submit(run.id)
        assert house.room.wait(run.id) == done
        assert house.room.records.events(run.id) == after
        assert len(after) > len(before)

    def test_the_same_works_on_the_durable_engine(self, tmp_path: Path) -> None:
        with House(tmp_path / "home", environ={"DESKHAND_ENGINE__KIND": "dbos"}) as house:
            from deskhand.agent.runs.engine_dbos import Durable

            run = house.do(draft(), mail())
            assert isinstance(house.room.engine, Durable)
            assert run.status == "waiting"
            house.reopen()
            assert house.app.decide("a1").status == "done"
            assert house.performed() == ["mail.draft", "mail.send"]

    def test_a_second_home_in_the_process_gets_the_twin(self, tmp_path: Path) -> None:
        dbos = {"DESKHAND_ENGINE__KIND": "dbos"}
        with House(tmp_path / "a", environ=dbos) as first, House(tmp_path / "b", environ=dbos) as second:
            assert first.do(draft()).status == "done"
            assert second.do(draft()).status == "done"


class TestOnTheDisk:
    def test_checkpoints_are_small_and_hold_no_bodies_and_no_pickle(self, house: House, acts: Acts) -> None:
        secret = "SECRETBODY"
        body = f"{secret} " + "x" * 1_000_000
        house.message("big", title="Big", text=body)
        house.sync()
        acts(big=lambda _c: Output({"text": body}, MINE))
        found = step("found", "item.find", person=STRANGER)
        words = step("words", "mail.compose_reply", message={"ref": "found"}, body="Fine.")
        parts = {n: {"ref": "words", "path": n} for n in ("to", "subject", "body", "answers")}
        copied = draft(needs=("big",), body={"ref": "big", "path": "text"})
        run = house.do(found, words, step("big", "test.big"), copied, mail(**parts))
        assert run.status == "waiting"
        kept = checkpoints(house, run.id)
        assert sum(map(len, kept)) < 20_000
        assert not any(secret.encode() in k or b"xxxx" in k for k in kept)
        assert not any(k.startswith(b"\x80\x04") or b"pickle" in k for k in kept)

    def test_nothing_in_a_checkpoint_can_run(self, tmp_path: Path) -> None:
        """A checkpoint somebody wrote: a call in it is data."""
        import ormsgpack
        from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

        mark = tmp_path / "mark"
        evil = ("msgpack", ormsgpack.packb(ormsgpack.Ext(0, ormsgpack.packb(("os", "mkdir", str(mark))))))
        JsonPlusSerializer(allowed_msgpack_modules=True).loads_typed(evil)
        assert mark.exists(), "the control: langgraph's own default would run it"
        mark.rmdir()
        graph = Graph(tmp_path / "c.db")
        graph._saver.serde.loads_typed(evil)
        assert not mark.exists()
        with pytest.raises(NotImplementedError):
            graph._saver.serde.loads_typed(("pickle", b"\x80\x04N."))
        graph.close()

    def test_a_finished_run_can_be_told_to_leave_no_checkpoints(self, tmp_path: Path) -> None:
        with House(tmp_path, environ={"DESKHAND_RETENTION__CHECKPOINTS_DAYS": "0"}) as house:
            run = house.do(mail(), approve=True)
            assert checkpoints(house, run.id) == []
            assert house.app.run(run.id) == run

    def test_runs_are_numbered_and_what_they_left_is_found_again(self, house: House) -> None:
        first = house.do(mail(), approve=True)
        second = house.do(draft())
        assert (first.id, second.id) == ("r1", "r2")
        house.reopen()
        assert house.app.run("r1") == first
        assert house.do(draft()).id == "r3"

    def test_the_plan_of_a_run_is_there_from_its_first_moment(self, house: House) -> None:
        """An undo that was cut off right after it was asked is not planned from its words."""
        made = plan(draft(), request="undo r1")
        run, _ = house.room.records.new_run("undo r1", now=NOW, plan=made)
        assert house.app.run(run).plan == made
        assert house.app.resume() == [run]
        assert house.room.wait(run).status == "done"
        assert house.performed() == ["mail.draft"]

    def test_a_full_disk_is_told_and_nothing_is_lost(self, house: House) -> None:
        house.do(draft())
        engine = house.room.records.engine
        many = plan(*(draft(f"draft{n}", subject=f"Number {n}") for n in range(40)))
        run, _ = house.room.records.new_run("test", now=NOW, plan=many)
        with engine.connect() as db:
            db.exec_driver_sql("PRAGMA max_page_count = 1")  # no more than there are
        house.room.submit(run)
        with pytest.raises(StorageError, match=rf"the disk is full.* {run} goes on with deskhand sync"):
            house.room.wait(run)
        assert house.app.run(run).status in ("ready", "running")
        house.reopen()
        assert house.app.resume() == [run]
        assert house.room.wait(run).status == "done"
        assert house.performed() == ["mail.draft"] * 41


class TestRecords:
    @pytest.fixture
    def records(self, tmp_path: Path) -> Any:
        records = Records(tmp_path / "runs.db")
        yield records
        records.close()

    def test_many_threads_write_without_losing_an_event(self, records: Records) -> None:
        runs = [records.new_run("x", now=NOW)[0] for _ in range(4)]

        def write(n: int) -> None:
            run = runs[n % 4]
            records.note(run, Note("noted", NOW, {"n": n}))
            records.leave(run, StepState(f"s{n}", "done", {"n": n}), now=NOW, notes=[Note("step done", NOW)])

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(80)))
        for run in runs:
            assert [e.seq for e in records.events(run)] == list(range(1, 42))
            assert len(records.steps(run)) == 20

    def test_one_id_is_one_run_however_many_make_it(self, records: Records) -> None:
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _: records.new_run("x", now=NOW, id_="s:1"), range(16)))
        assert sorted(m for _, m in made) == [False] * 15 + [True]
        assert len(records.runs()) == 1

    def test_a_finished_run_changes_no_more(self, records: Records) -> None:
        run, _ = records.new_run("x", now=NOW)
        records.set_run(run, now=NOW, status="done", answer="Done.")
        records.set_run(run, now=NOW, status="running", answer="Again?", notes=[Note("again", NOW)])
        found = records.run(run)
        assert found is not None
        assert (found.status, found.answer) == ("done", "Done.")
        assert [e.type for e in records.events(run)] == ["asked for"]


def test_graph_waits_and_says_so(house: House) -> None:
    run = house.do(mail())
    assert isinstance(house.room.graph, Graph)
    from deskhand.agent.runs.work import Work

    assert house.room.graph.advance(Work.of(run, house.room._tools()))
