"""Schedules, names and settings have lines in the audit chain; changed past Deskhand, they are named."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from agent_givens import NOW, House, draft, plan

from deskhand.agent.desk.audits import audit_lines, audit_verify
from deskhand.agent.desk.overview import drop, put
from deskhand.agent.errors import Refusal
from deskhand.agent.records.choices import Choice
from deskhand.agent.records.subjects import KINDS
from deskhand.agent.records.timetable import Schedule

DAILY = Schedule("say", "say it", "FREQ=DAILY", NOW, "Europe/Lisbon", NOW, False, NOW)
SAM = "sam@example.org"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a schedule that ran, another one, and a name that was learnt; closed."""
    root = tmp_path_factory.mktemp("made") / "home"
    with House(root) as house:
        house.plans["say it"] = plan(draft(), request="say it")
        for name in ("say", "two"):
            house.room.records.put_schedule(Schedule(name, *(getattr(DAILY, n) for n in DAILY.__slots__[1:])))
        house.moment += timedelta(days=1)
        for run in house.app.settle():
            house.room.wait(run)
        for n in range(3):
            house.room.records.chose(Choice("the sam", SAM, f"r{n}", NOW))
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


def tamper(root: Path, *statements: str) -> None:
    with closing(sqlite3.connect(root / "runs.db")) as db, db:
        for statement in statements:
            assert db.execute(statement).rowcount > 0


def faults(house: House) -> list[str]:
    return [f["said"] for f in audit_verify(house.app)["faults"]]


def said(house: House, *whats: str) -> list[tuple[str, str, str]]:
    lines = audit_lines(house.app, limit=10_000)["lines"]
    return [(li["what"], li["subject"], li["state"]) for li in lines if li["what"] in whats]


def test_a_schedule_has_a_line_for_all_that_is_done_with_it(root: Path) -> None:
    with House(root) as house:
        for wish in ("pause", "resume", "remove"):
            assert house.app.ask(f"{wish} the schedule say", fresh=False).status == "done"
        house.room.records.put_schedule(DAILY)
        told = [state for _, name, state in said(house, "schedule") if name == "say"]
        assert told == ["made", "paused", "resumed", "removed", "made"]
        assert faults(house) == []


def test_that_it_ran_changes_nothing_of_it(root: Path) -> None:
    with House(root) as house:
        assert [state for _, name, state in said(house, "schedule") if name == "say"] == ["made"]
        assert len(house.app.runs()) == 2
        assert faults(house) == []


def test_a_choice_and_its_end_have_their_lines(root: Path) -> None:
    with House(root) as house:
        drop(house.app, ["the sam"])
        subjects = [f"the sam r{n}" for n in range(3)]
        assert said(house, "choice") == [
            *(("choice", s, "learnt") for s in subjects), *(("choice", s, "removed") for s in subjects),
        ]  # fmt: skip
        assert faults(house) == []


def test_what_is_set_has_a_line_when_it_changes(tmp_path: Path) -> None:
    with House(tmp_path / "home") as house:
        house.do(draft())
        before = len(said(house, "setting"))
        put(house.app, ["sam", SAM])
        put(house.app, ["sam", "other@example.org"])
        put(house.app, ["group", "team", f"{SAM}, bo@example.org"])
        put(house.app, ["meetings.buffer", "10"])
        drop(house.app, ["sam"])
        house.reopen()
        assert said(house, "setting")[before:] == [
            ("setting", "nicknames.sam", "set"), ("setting", "nicknames.sam", "changed"),
            ("setting", "groups.team", "set"), ("setting", "meetings.buffer", "set"),
            ("setting", "nicknames.sam", "removed"),
        ]  # fmt: skip
        assert faults(house) == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE schedules SET request = 'other' WHERE name = 'say'",
         ": the record is not what was written then: it is still 'active', but something else in it"),
        ("UPDATE schedules SET paused = 1 WHERE name = 'say'", "it was 'active' then and is 'paused' now"),
        ("DELETE FROM schedules WHERE name = 'say'", "What line "),
        ("INSERT INTO schedules SELECT 'more', request, rrule, first, zone, created, paused, looked, omits "
         "FROM schedules WHERE name = 'say'",
         "The schedule more is in the records, and no line tells of it."),
        ("UPDATE choices SET address = 'mallory@example.net' WHERE run = 'r1'", "(choice the sam r1, "),
        ("DELETE FROM choices WHERE run = 'r1'", "(choice the sam r1, "),
        ("INSERT INTO choices VALUES ('the', 'sam r9', 'mallory@example.net', 0)",
         "The choice the sam r9 of sam r9 is in the records, and no line tells of it."),
    ],
)  # fmt: skip
def test_what_was_changed_removed_or_put_in_is_named(root: Path, statement: str, told: str) -> None:
    tamper(root, statement)
    with House(root) as house:
        (fault,) = faults(house)
    assert told in fault


@pytest.mark.parametrize("what", ["schedules", "choices"])
def test_what_was_removed_and_put_back_is_named(root: Path, what: str) -> None:
    with closing(sqlite3.connect(root / "runs.db")) as db, db:
        db.execute(f"CREATE TABLE kept AS SELECT * FROM {what}")  # noqa: S608
    with House(root) as house:
        house.room.records.drop_schedule("say")
        house.room.records.unlearn("the sam")
        assert faults(house) == []
    with closing(sqlite3.connect(root / "runs.db")) as db, db:
        db.execute(f"INSERT OR IGNORE INTO {what} SELECT * FROM kept")  # noqa: S608
        db.execute("DROP TABLE kept")
    with House(root) as house:
        told = faults(house)
        assert told
        assert all(f.endswith("it was removed then, and is in the records again.") for f in told)


@pytest.mark.parametrize("verb", ["pause", "remove"])
def test_what_is_written_over_does_not_vouch_for_what_was_altered(root: Path, verb: str) -> None:
    tamper(root, "UPDATE schedules SET request = 'other' WHERE name = 'say'")
    with House(root) as house:
        house.app.ask(f"{verb} the schedule say", fresh=False)
        (told,) = faults(house)
    assert told.endswith("before it was written anew, the record was altered.")


def test_nor_for_what_was_taken_away(root: Path) -> None:
    tamper(root, "DELETE FROM schedules WHERE name = 'say'")
    with House(root) as house:
        house.room.records.put_schedule(DAILY)
        (told,) = faults(house)
    assert told.endswith("before it was written anew, the record was altered.")


def test_a_schedule_that_was_changed_past_deskhand_is_not_run_until_the_person_says_so(root: Path) -> None:
    tamper(root, "UPDATE schedules SET request = 'send everything' WHERE name = 'say'")
    with House(root) as house:
        house.plans["say it"] = house.plans["send everything"] = plan(draft(), request="say it")
        house.moment += timedelta(days=2)
        assert house.app.settle() == ["two:2026-11-24T08:00"]
        slot, *_ = house.room.records.slots("say")
        assert slot.outcome == "skipped"
        assert "past Deskhand" in slot.why
        assert "deskhand schedule resume say" in slot.why
        house.app.ask("resume the schedule say", fresh=False)
        house.moment += timedelta(days=1)
        assert "say:2026-11-25T08:00" in house.app.settle()


def test_nor_when_it_is_told_to_run_now(root: Path) -> None:
    tamper(root, "UPDATE schedules SET request = 'send everything' WHERE name = 'say'")
    with House(root) as house:
        before = len(house.app.runs())
        with pytest.raises(Refusal, match="changed or put there past Deskhand"):
            house.app.schedule_run("say")
        assert len(house.app.runs()) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE schedules SET rrule = 'x' WHERE name = 'say'",
        "UPDATE schedules SET zone = 'No/Where' WHERE name = 'say'",
        "UPDATE schedules SET omits = 'no json' WHERE name = 'say'",
        "UPDATE schedules SET omits = '[7]' WHERE name = 'say'",
        "UPDATE schedules SET first = 'noon' WHERE name = 'say'",
        "UPDATE schedules SET looked = x'00' WHERE name = 'say'",
        "UPDATE schedules SET created = 9000000000000000000 WHERE name = 'say'",
        "UPDATE schedules SET request = x'ff' WHERE name = 'say'",
    ],
)
def test_one_that_cannot_be_read_is_never_due_and_can_be_removed(root: Path, statement: str) -> None:
    tamper(root, statement)
    with House(root) as house:
        house.moment += timedelta(days=2)
        assert house.app.settle() == ["two:2026-11-24T08:00"]
        say = next(s for s in house.app.schedules() if s.name == "say")
        assert (say.paused, "cannot be read" in say.request) == (True, True)
        before = rows(root)
        for verb in ("resume", "pause"):
            run = house.app.ask(f"{verb} the schedule say", fresh=False)
            assert run.status == "failed"
            assert "say cannot be read: it was changed past Deskhand. It stays as it is" in run.answer
            assert "deskhand schedule remove say" in run.answer
        assert rows(root) == before, "nothing of it is lost"
        assert house.app.ask("remove the schedule say", fresh=False).status == "done"
        assert [s.name for s in house.app.schedules()] == ["two"]


def rows(root: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(root / "runs.db")) as db:
        return db.execute("SELECT * FROM schedules WHERE name = 'say'").fetchall()


def older(root: Path) -> None:
    """The home as the Deskhand before left it: its chain tells of neither."""
    with closing(sqlite3.connect(root / "runs.db")) as db:
        sql = [s for (s,) in db.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")]
        db.executescript(
            "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;"
            "DELETE FROM audit; UPDATE runs_revision SET version_num = '0008';"
        )
        for statement in sql:
            db.execute(statement)
        db.commit()
    (root / "audit.head").unlink()
    (root / "approvals.key").unlink()  # it had none yet


def test_a_home_whose_chain_does_not_tell_of_them_yet_is_taken_as_it_stands(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(root)
    with monkeypatch.context() as before:
        kinds = "deskhand.agent.records.audit.{}".format
        before.setattr(kinds("KINDS"), [k for k in KINDS if k not in ("schedule", "choice")])
        before.setattr(kinds("LATER"), ())
        before.setattr("deskhand.agent.records.state.HEAD", "0008")
        with House(root) as house:
            assert said(house, "schedule", "choice") == []
    with closing(sqlite3.connect(root / "runs.db")) as db:  # which came later
        db.execute("ALTER TABLE approvals DROP COLUMN seal")
    with House(root) as house:
        assert said(house, "chain")[1:] == [("chain", "schedule choice", "begun")]
        assert ("schedule", "say", "found active") in said(house, "schedule")
        told = audit_verify(house.app)
        assert (told["faults"], len(told["notes"])) == ([], 1)
        house.app.ask("pause the schedule say", fresh=False)
        assert faults(house) == []
        house.reopen()
        assert len(said(house, "chain")) == 2, "once"
    tamper(root, "UPDATE schedules SET request = 'other' WHERE name = 'two'")
    with House(root) as house:
        (fault,) = faults(house)
        assert "(schedule two, " in fault
