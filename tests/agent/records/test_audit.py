"""The audit chain of a home: everything has its line, and whoever turns back the records is found out."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_givens import NOW, House, draft, event, mail
from crashing import connect, copied, killed, ready
from sqlalchemy import insert
from typer.testing import CliRunner

from deskhand.agent.desk.audits import audit_lines, audit_verify, exported, verified
from deskhand.agent.errors import Refusal
from deskhand.agent.model import Approval, Effect, Permission
from deskhand.agent.records.chain import End, Line
from deskhand.agent.records.head import Head
from deskhand.agent.records.proof import prove
from deskhand.agent.records.state import Records
from deskhand.agent.records.subjects import Told
from deskhand.agent.records.tables import permissions
from deskhand.agent.terminal.cli import app as command
from deskhand.connectors.database import writing


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which something was planned, asked, refused, done and taken back; closed."""
    root = tmp_path_factory.mktemp("made") / "home"
    with House(root) as house:
        house.do(draft(body="Long. " * 500))
        house.do(event(), mail(), approve=True)
        waiting = house.do(mail(subject="No"))
        house.app.decide(waiting.approvals[0].id, "reject", reason="not now")
        booked = house.do(event("later", hour=15, title="Later"))
        house.app.undo(booked.id)
        house.do(mail(subject="Open"))
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


def answer(root: Path) -> dict[str, Any]:
    result = CliRunner().invoke(command, ["audit", "verify", "--json", "--home", str(root)])
    told: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == (0 if told["whole"] else 1)
    return told


def faults(root: Path) -> list[str]:
    return [f["said"] for f in answer(root)["faults"]]


def tamper(root: Path, *statements: str) -> None:
    """Somebody with sqlite3, who knows what stands in the way."""
    guards = ("audit_no_update", "audit_no_delete")
    with closing(sqlite3.connect(root / "runs.db")) as db:
        sql = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
        for name in guards:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert db.execute(statement).rowcount > 0
        for name in guards:
            db.execute(sql[name])
        db.commit()


def all_lines(root: Path) -> list[dict[str, Any]]:
    with House(root) as house:
        return list(audit_lines(house.app, limit=10_000)["lines"])


class TestWhatIsWritten:
    def test_everything_has_its_lines_in_order(self, root: Path) -> None:
        lines = all_lines(root)
        assert [line["n"] for line in lines] == list(range(1, len(lines) + 1))
        first = [(line["what"], line["state"]) for line in lines]
        assert first[0] == ("chain", "begun")
        run = [(line["what"], line["state"]) for line in lines if line["run"] == "r1"]
        assert run == [
            ("run", "asked"), ("plan", "made"), ("effect", "claimed"), ("effect", "done"), ("run", "done"),
        ]  # fmt: skip
        assert [li["state"] for li in lines if li["subject"] == "a1"] == ["approved", "used"], "said --yes"
        assert [li["state"] for li in lines if li["subject"] == "a2"] == ["pending", "rejected"]
        assert "undone" in {line["state"] for line in lines if line["what"] == "effect"}

    def test_no_body_is_in_it(self, root: Path) -> None:
        assert "Long." not in json.dumps(all_lines(root))

    def test_a_home_that_nobody_touched_is_whole(self, root: Path) -> None:
        told = answer(root)
        assert (told["whole"], told["faults"], told["notes"]) == (True, [], [])
        assert told["lines"] == len(all_lines(root))

    def test_what_is_connected_and_set_is_told_once_and_when_it_changes(self, tmp_path: Path) -> None:
        (tmp_path / "documents").mkdir()
        with House(tmp_path / "home") as house:
            house.do(draft())
            house.app.add("files", str(tmp_path / "documents"), alias="docs")
            house.app.remove("docs")
            config = house.root / "config.toml"
            config.write_text(config.read_text("utf-8") + "\n[policy]\nsend_alone = true\n", "utf-8")
            house.reopen()
            house.do(draft())
            lines = [li for li in audit_lines(house.app)["lines"] if li["what"] in ("source", "policy")]
        assert [(li["what"], li["subject"], li["state"]) for li in lines] == [
            ("policy", "approvals", "set"), ("policy", "rules", "set"), ("policy", "sending", "set"),
            ("source", "docs", "set"), ("source", "docs", "removed"), ("policy", "rules", "changed"),
        ]  # fmt: skip

    def test_a_permission_and_its_end_have_their_lines(self, tmp_path: Path) -> None:
        records = Records(tmp_path / "runs.db", now=lambda: NOW)
        body = Permission.model_construct(id="p1").model_dump(mode="json", warnings=False)
        with writing(records.engine) as db:
            db.execute(insert(permissions).values(id="p1", n=1, body=body))
        assert [f.said for f in prove(records.engine, records.audit_end, zone=UTC).faults] == [
            "The permission p1 is in the records, and no line tells of it."
        ]
        assert records.revoke("p1", now=NOW)
        told = [(li.subject, li.state) for li in records.audit_lines() if li.what == "permission"]
        assert told == [("p1", "altered"), ("p1", "revoked")]
        (fault,) = prove(records.engine, records.audit_end, zone=UTC).faults
        assert fault.said.endswith("the record was altered."), "its end does not vouch for what was put in"
        records.close()

    def test_the_database_refuses_to_change_or_delete_a_line(self, root: Path) -> None:
        with closing(sqlite3.connect(root / "runs.db")) as db:
            for statement in ("UPDATE audit SET state = 'x' WHERE n = 2", "DELETE FROM audit WHERE n = 2"):
                with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
                    db.execute(statement)

    def test_what_is_let_go_after_a_time_breaks_nothing(self, root: Path) -> None:
        with House(root) as house:
            house.moment = NOW + timedelta(days=400)
            assert house.room.records.shrink(before=house.moment, now=house.moment) > 0
            assert audit_verify(house.app)["whole"]

    def test_it_costs_nothing_that_is_not_written(self, tmp_path: Path) -> None:
        """A transaction that is taken back leaves neither the row nor its line."""
        records = Records(tmp_path / "runs.db")
        before = records.audit_end
        with pytest.raises(ZeroDivisionError):
            taken_back(records)
        assert (records.audit_end, len(records.audit_lines())) == (before, 1)
        records.close()


def taken_back(records: Records) -> None:
    with records._audited() as (_, lines):
        lines.add(Told("policy", "", "x", "set", "0" * 64))
        raise ZeroDivisionError


class TestTamperedRecords:
    @pytest.mark.parametrize(
        ("statement", "told"),
        [
            ("UPDATE effects SET state = 'failed' WHERE step = 'mail'", "was 'done' then and is 'failed'"),
            ("UPDATE effects SET arguments = json_set(arguments, '$.subject', 'x') WHERE step = 'mail'",
             "still 'done', but something else in it was changed"),
            ("UPDATE effects SET receipt = json_set(receipt, '$.version', 'x') WHERE step = 'mail'",
             "something else in it was changed"),
            ("UPDATE approvals SET state = 'pending' WHERE id = 'a1'", "was 'used' then and is 'pending'"),
            ("UPDATE approvals SET body = json_set(body, '$.arguments.to', 'x') WHERE id = 'a1'", "changed"),
            ("UPDATE approvals SET body = json_set(body, '$.decision.by', 'x') WHERE id = 'a2'", "changed"),
            ("UPDATE runs SET plan = json_set(plan, '$.objective', 'x') WHERE id = 'r2'", "(plan r2, "),
            ("UPDATE runs SET request = 'other' WHERE id = 'r2'", "(run r2, "),
            ("UPDATE runs SET answer = 'other' WHERE id = 'r2'", "(run r2, "),
            ("UPDATE contents SET body = zeroblob(4)", "a long text of it is gone or cannot be read"),
        ],
    )  # fmt: skip
    def test_a_changed_row_is_named(self, root: Path, statement: str, told: str) -> None:
        tamper(root, statement)
        found = faults(root)
        assert any(told in f for f in found), found
        assert all(f.startswith("Line ") for f in found)

    def test_a_question_that_is_asked_anew_because_of_it_does_not_vouch_for_it(self, root: Path) -> None:
        """What was altered is written over by the next state of it, and that has a line of its own."""
        tamper(root, "UPDATE approvals SET body = json_set(body, '$.arguments.subject', 'x') WHERE id = 'a3'")
        assert len(faults(root)) == 1
        with House(root) as house:
            with pytest.raises(Refusal, match="not what was asked"):
                house.app.decide("a3")
            (anew,) = house.app.approvals()
            house.app.decide(anew.id)
        (told,) = faults(root)
        assert "(approval a3, " in told
        assert told.endswith("before it was written anew, the record was altered.")

    @pytest.mark.parametrize(
        ("statement", "told"),
        [
            (
                "UPDATE effects SET arguments = json_set(arguments, '$.subject', 'x') WHERE step = 'mail'",
                "effect",
            ),
            ("UPDATE runs SET request = 'other' WHERE status = 'waiting'", "run"),
        ],
    )
    def test_nor_does_any_other_row_that_goes_on(self, root: Path, statement: str, told: str) -> None:
        tamper(root, statement)
        with House(root) as house:
            for run in house.app.runs():
                house.app.runs_room.cancel(run.id)
            for effect in house.room.records.effects(states=("done",)):
                house.room.records.put_effect(effect.turned("undone", at=NOW))
        found = faults(root)
        assert found
        assert all(f"({told} " in f and f.endswith("the record was altered.") for f in found)

    def test_a_row_that_was_removed_is_named(self, root: Path) -> None:
        tamper(root, "DELETE FROM effects WHERE operation = 'mail.send'")
        (told,) = faults(root)
        assert told.startswith("What line ")
        assert told.endswith("tells of is no more in the records.")

    def test_a_row_that_was_put_in_is_named(self, root: Path) -> None:
        columns = "run, step, operation, arguments, source, state, receipt, inverse, error, at"
        copy = f"INSERT INTO effects (key, {columns}) SELECT 'x', {columns} FROM effects LIMIT 1"  # noqa: S608
        tamper(root, copy)
        (told,) = faults(root)
        assert "The effect x of r" in told
        assert "no line tells of it" in told


class TestTamperedLines:
    def test_a_changed_line(self, root: Path) -> None:
        tamper(root, "UPDATE audit SET digest = hex(zeroblob(32)) WHERE n = 9")
        assert faults(root)[0].startswith("Line 9 (")

    def test_a_line_cut_out(self, root: Path) -> None:
        tamper(root, "DELETE FROM audit WHERE n BETWEEN 5 AND 7")
        assert "Lines 5 to 7 are missing." in faults(root)

    def test_the_end_cut_off(self, root: Path) -> None:
        n = len(all_lines(root))
        tamper(root, f"DELETE FROM audit WHERE n > {n - 3}")  # noqa: S608
        found = faults(root)
        assert f"The last 3 lines are missing (lines {n - 2} to {n})." in found
        assert any("is not what was written then" in f or "no line tells of it" in f for f in found)

    def test_the_end_cut_off_stays_to_be_seen_when_it_goes_on(self, root: Path) -> None:
        n = len(all_lines(root))
        tamper(root, f"DELETE FROM audit WHERE n > {n - 3}")  # noqa: S608
        with House(root) as house:
            house.do(draft(subject="More"))
            found = [f["said"] for f in audit_verify(house.app)["faults"]]
        assert f"Lines {n - 2:,} to {n:,} are missing." in found

    def test_the_end_made_anew_with_hashes_that_fit(self, root: Path) -> None:
        lines = [Line.of_json(line) for line in all_lines(root)]
        last, before = lines[-1], lines[-2]
        forged = Line.following(
            before.n, before.hash, at=last.at, what=last.what, run=last.run, subject=last.subject,
            state="forged", digest=last.digest,
        )  # fmt: skip
        tamper(root, f"UPDATE audit SET state = 'forged', hash = '{forged.hash}' WHERE n = {forged.n}")  # noqa: S608
        assert any(f.startswith(f"Line {forged.n} is not the one that its head") for f in faults(root))

    def test_all_lines_and_the_head_gone(self, root: Path) -> None:
        tamper(root, "DELETE FROM audit")
        (root / "audit.head").unlink()
        assert any("The chain was begun anew in a home that had one" in f for f in faults(root))
        assert any("begun anew" in f for f in faults(root)), "and ever after"

    def test_the_head_gone(self, root: Path) -> None:
        (root / "audit.head").unlink()
        assert any("audit.head was gone" in f for f in faults(root))
        assert any("audit.head was gone" in f for f in faults(root)), "and ever after"

    def test_the_head_overwritten(self, root: Path) -> None:
        (root / "audit.head").write_bytes(b"\0" * 206)
        assert any("audit.head was gone" in f for f in faults(root))

    @pytest.mark.parametrize("column", ["hash", "subject", "what", "state", "digest", "before", "run", "at"])
    def test_lines_that_are_none_any_more_end_nothing_and_are_named(self, root: Path, column: str) -> None:
        tamper(root, f"UPDATE audit SET {column} = x'ff00'")  # noqa: S608
        assert len(faults(root)) > 5
        with House(root) as house:
            assert house.do(draft(subject="More")).status == "done"
            assert audit_lines(house.app, last=500)["lines"]
        assert len(faults(root)) > 5, "also once it has gone on"

    def test_what_guards_them_gone(self, root: Path) -> None:
        with closing(sqlite3.connect(root / "runs.db")) as db:
            db.execute("DROP TRIGGER audit_no_delete")
            db.commit()
        (told,) = faults(root)
        assert "audit_no_delete" in told


def test_an_old_home_is_taken_as_it_stands(root: Path) -> None:
    with closing(sqlite3.connect(root / "runs.db")) as db:
        db.executescript(
            "DROP TABLE audit; ALTER TABLE approvals DROP COLUMN seal;"
            "UPDATE runs_revision SET version_num = '0007'"
        )
    (root / "audit.head").unlink()
    (root / "approvals.key").unlink()  # it had none yet
    told = answer(root)
    assert told["whole"]
    assert told["notes"] == ["What was there before the chain began was taken as it stood then."]
    tamper(root, "UPDATE effects SET state = 'failed' WHERE operation = 'mail.send'")
    assert any("was 'done' then and is 'failed'" in f for f in faults(root))


class TestExported:
    @pytest.fixture
    def rows(self, root: Path) -> list[str]:
        with House(root) as house:
            return list(exported(lambda **given: audit_lines(house.app, **given, limit=7)))

    def check(self, rows: list[str]) -> list[str]:

        return [f.said for f in verified(rows, zone=UTC).faults]

    def test_it_is_whole_by_itself(self, rows: list[str]) -> None:
        assert self.check(rows) == []

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (lambda rows: rows[:4] + rows[6:], "Lines 5 to 6 are missing."),
            (lambda rows: rows[:-1], "The end of the export is missing"),
            (lambda rows: rows[:-4] + rows[-1:], "The last 3 lines are missing"),
            (lambda rows: [*rows[:3], rows[4], rows[3], *rows[5:]], "stands behind line 5, not before it"),
            (lambda rows: [*rows[:4], rows[3], *rows[4:]], "stands there twice"),
            (lambda rows: [r.replace('"asked"', '"other"') for r in rows], "was changed"),
            (lambda rows: [*rows[:4], "{]\n", *rows[5:]], "Row 5 of the file cannot be read"),
            (lambda rows: [*rows, rows[3]], "stands behind the end of the export"),
            (lambda rows: [], "The end of the export is missing"),
        ],
    )
    def test_what_is_done_to_it_is_named(
        self, rows: list[str], change: Callable[[list[str]], list[str]], told: str
    ) -> None:
        assert any(told in f for f in self.check(change(rows))), self.check(change(rows))

    def test_a_home_that_was_cut_is_found_by_its_export(self, root: Path, rows: list[str]) -> None:
        """Lines, head and guards made anew by somebody who knows how; the export lies elsewhere."""
        n = len(rows) - 1
        tamper(root, f"DELETE FROM audit WHERE n > {n - 3}")  # noqa: S608
        (root / "audit.head").unlink()
        with closing(sqlite3.connect(root / "runs.db")) as db:
            last, hash_ = db.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone()
        head = Head(root / "audit.head")

        head.reached(End(last, hash_))
        head.close()
        (root.parent / "chain.jsonl").write_text("".join(rows), "utf-8")
        found = said_by("verify", str(root.parent / "chain.jsonl"), root=root)
        assert f"does not hold line {n}" in found

    def test_that_of_another_home_is_told_so(self, rows: list[str], tmp_path: Path) -> None:
        with House(tmp_path / "other") as house:
            house.do(draft())
            (tmp_path / "chain.jsonl").write_text("".join(rows), "utf-8")
        found = said_by("verify", str(tmp_path / "chain.jsonl"), root=tmp_path / "other", code=0)
        assert "the chain of another home" in found


def said_by(*words: str, root: Path, code: int = 1) -> str:
    result = CliRunner().invoke(command, ["audit", *words, "--home", str(root)])
    assert result.exit_code == code, result.output
    return result.output


class TestCommands:
    def test_a_whole_chain(self, root: Path, tmp_path: Path) -> None:
        assert "The audit chain is whole" in said_by("verify", root=root, code=0)
        file = tmp_path / "chain.jsonl"
        assert "Wrote " in said_by("export", str(file), root=root, code=0)
        assert (file.stat().st_mode & 0o777) == 0o600
        kept = file.read_bytes()
        assert "is there already" in said_by("export", str(file), root=root, code=2)
        assert file.read_bytes() == kept
        assert said_by("export", root=root, code=0) == file.read_text("utf-8")
        assert "The audit chain is whole" in said_by("verify", str(file), root=root, code=0)
        assert "whole" in said_by("verify", str(file), root=tmp_path / "no home", code=0)
        assert not (tmp_path / "no home").exists()

    def test_a_broken_one_ends_with_one(self, root: Path) -> None:
        tamper(root, "DELETE FROM audit WHERE n = 5")
        said = said_by("verify", root=root)
        assert "Line 5 is missing." in said
        assert "Nothing of it was mended." in said
        assert "Nothing was changed" not in said  # to open the home may have added a line
        told = json.loads(said_by("verify", "--json", root=root))
        assert told["whole"] is False
        assert told["faults"][0]["first"] == 5

    def test_the_lines_of_a_run(self, root: Path) -> None:
        told = said_by("--run", "r1", root=root, code=0)
        assert "run r1 was asked for" in told
        assert "(mail.draft) done" in told
        assert "r2" not in told

    def test_a_run_that_does_not_exist(self, root: Path) -> None:
        assert "There is no run r99" in said_by("--run", "r99", root=root, code=2)

    def test_a_file_that_is_not_there(self, root: Path) -> None:
        assert "cannot be read" in said_by("verify", "/nowhere/chain", root=root, code=2)


class TestTogether:
    def test_threads_write_one_chain(self, tmp_path: Path) -> None:
        records = Records(tmp_path / "runs.db", now=lambda: NOW)

        def write(k: int) -> None:
            run, _ = records.new_run(f"wish {k}", now=NOW)
            for state in ("claimed", "done"):
                records.put_effect(
                    Effect(key=f"e{k:03}", run=run, step="s", operation="mail.draft", arguments={"n": k},
                           source="m", state=state, at=NOW)  # type: ignore[arg-type]
                )  # fmt: skip
            asked = Approval(
                id=records.next_approval(), run=run, step="s", operation="mail.send", arguments={},
                created=NOW, expires=NOW + timedelta(days=1),
            )  # fmt: skip
            records.put_approval(asked)
            turned = asked.model_copy(update={"state": "rejected"})
            with ThreadPoolExecutor(2) as two:
                won = list(two.map(lambda _: records.turn_approval(turned, was="pending"), range(2)))
            assert sorted(won) == [False, True]

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(40)))

        proof = prove(records.engine, records.audit_end, zone=UTC)
        assert (proof.faults, proof.notes) == ([], [])
        assert proof.lines == 1 + 40 * 5
        assert records.audit_end.n == proof.lines
        records.close()


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ready(tmp_path_factory.mktemp("laid"))


@pytest.mark.crash
@pytest.mark.long
@pytest.mark.parametrize("after", [6, 11, 16])
def test_killed_in_the_middle_the_chain_is_whole(tmp_path: Path, laid: Path, after: int) -> None:
    root = copied(laid, tmp_path)
    assert killed(root, "event", "anywhere", after=after)
    with connect(root) as app:
        for run in app.resume():
            app.runs_room.wait(run)
        told = audit_verify(app)
        assert told["whole"], told


@pytest.mark.crash
@pytest.mark.long
def test_killed_between_the_line_and_the_head_it_is_noted(tmp_path: Path) -> None:
    """The chain may be ahead of its head, never behind."""
    records = Records(tmp_path / "runs.db", now=lambda: NOW)
    records.new_run("one", now=NOW)
    (tmp_path / "kept").write_bytes((tmp_path / "audit.head").read_bytes())
    records.new_run("two", now=NOW)
    records.close()
    shutil.copy(tmp_path / "kept", tmp_path / "audit.head")
    records = Records(tmp_path / "runs.db", now=lambda: NOW)

    proof = prove(records.engine, records.audit_end, zone=UTC)
    records.close()
    assert proof.faults == []
    assert proof.notes == ["Before line 4 a process was cut off before it had written the head."]


def test_a_head_that_was_half_written_is_the_one_before(tmp_path: Path) -> None:

    head = Head(tmp_path / "audit.head")
    for n in range(1, 5):
        head.reached(End(n, f"{n}" * 64))
    head.close()
    whole = (tmp_path / "audit.head").read_bytes()
    newest = 0 if int(whole[:20]) == 4 else 103
    for cut in range(1, 102):
        torn = bytearray(whole)
        torn[newest + cut : newest + 103] = b"\0" * (103 - cut)
        (tmp_path / "audit.head").write_bytes(torn)
        head = Head(tmp_path / "audit.head")
        assert head.end.n == 3
        head.close()
