"""A yes covers one write, once, as it was shown: anything else is refused, and nothing happens at the source.

Judged by the provider's own account (`performed`, the outbox), never by our ledger.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ANN, BO, ENVIRONMENT, NOW, STRANGER, House, box, event, mail
from crashing import connect, copied, ready

from deskhand.agent.desk.desk import Desk
from deskhand.agent.desk.shapes import approval
from deskhand.agent.errors import Refusal
from deskhand.agent.model import Approval
from deskhand.agent.plans.language import Step
from deskhand.agent.records.chain import Line
from deskhand.agent.records.subjects import standing_of
from deskhand.agent.trust.approvals import sign
from deskhand.config.paths import Home
from deskhand.connectors.database import reading

Body = dict[str, Any]


def record(house: House, id_: str) -> Body:
    """What the book of approvals holds."""
    with sqlite3.connect(house.root / "runs.db") as db:
        found = db.execute("SELECT body FROM approvals WHERE id = ?", (id_,)).fetchone()
    db.close()
    return dict(json.loads(found[0]))


def write(house: House, id_: str, body: Body, *, state: str = "") -> None:
    """Write it with sqlite, as somebody might who holds the file."""
    with sqlite3.connect(house.root / "runs.db") as db:
        state = state or body["state"]
        row = (json.dumps(body | {"state": state}), state, id_)
        assert db.execute("UPDATE approvals SET body = ?, state = ? WHERE id = ?", row).rowcount == 1
    db.close()


def forged(house: House, id_: str, change: Callable[[Body], Body]) -> None:
    write(house, id_, change(record(house, id_)))


class TestApproveThenChange:
    def test_a_record_that_was_changed_before_the_yes_is_asked_anew(self, house: House) -> None:
        house.do(mail())
        forged(house, "a1", lambda b: b | {"arguments": b["arguments"] | {"to": [box(STRANGER)]}})
        with pytest.raises(Refusal, match=r"a1 is not what was asked .*asked again as a2"):
            house.app.decide("a1")
        assert house.performed() == []
        assert house.app.approvals()[0].arguments["to"] == [box(BO)]

    def test_so_is_one_whose_card_was_changed(self, house: House) -> None:
        """Its arguments are what they were; what the person would say yes to is not."""
        house.do(mail())
        forged(house, "a1", lambda b: b | {"summary": "Send “Hello” to the bank", "shown": []})
        with pytest.raises(Refusal, match=r"a1 is not what was asked .*asked again as a2"):
            house.app.decide("a1")
        assert house.performed() == []
        assert "the bank" not in house.app.approvals()[0].summary

    @pytest.mark.parametrize(
        "change",
        [{"body": "Send money"}, {"to": [box(STRANGER)]}, {"bcc": [box(STRANGER)]}, {"source": "other"}],
        ids=lambda c: next(iter(c)),
    )
    def test_a_yes_that_was_changed_after_it_is_asked_anew(self, house: House, change: Body) -> None:
        run = house.do(mail())
        yes = {"decision": {"verdict": "approve", "changes": {}, "reason": "", "by": "person"}}
        forged(house, "a1", lambda b: b | yes | {"state": "approved", "arguments": b["arguments"] | change})
        house.reopen()
        house.app.resume()
        assert (house.room.wait(run.id).status, house.performed()) == ("waiting", [])
        (again,) = house.app.approvals()
        assert (again.id, again.arguments["to"], again.arguments["body"]) == ("a2", [box(BO)], "Hello there.")
        assert "You were asked this before, as a1, which is not what was asked" in again.notes[0]

    def test_what_changed_at_the_source_after_the_yes_is_not_written_over(self, house: House) -> None:
        meeting = house.meeting("m", ANN)
        house.sync()
        run = house.app.ask("cancel the review", fresh=False)
        assert run.status == "waiting", run.answer
        house.memory.put(meeting)
        after = house.app.decide(run.approvals[0].id)
        assert house.performed() == []
        assert after.status == "waiting"
        assert "It is asked again." in after.answer


class TestApproveTwice:
    def test_a_second_yes_is_refused(self, house: House) -> None:
        house.do(mail())
        assert house.app.decide("a1").status == "done"
        for verdict in ("approve", "reject"):
            with pytest.raises(Refusal, match="a1 is used already; nothing was done"):
                house.app.decide("a1", verdict)
        assert house.performed() == ["mail.send"]

    def test_a_yes_to_what_was_rejected_is_refused(self, house: House) -> None:
        house.do(mail())
        house.app.decide("a1", "reject")
        with pytest.raises(Refusal, match="a1 is rejected already"):
            house.app.decide("a1")
        assert house.performed() == []

    def test_a_used_yes_that_is_put_back_covers_no_second_write(self, house: House) -> None:
        """The run is over, and its step is done: there is nothing left that the yes could be used for."""
        run = house.do(mail())
        house.app.decide("a1")
        forged(house, "a1", lambda b: b | {"state": "approved"})
        house.reopen()
        house.app.resume()
        house.room.submit(run.id)
        house.room.wait(run.id)
        assert house.performed() == ["mail.send"]

    def test_twice_in_one_go_is_once(self, house: House) -> None:
        run = house.do(mail())
        house.app.decide_all({"a1": "approve", run.id: "approve"})
        assert house.performed() == ["mail.send"]

    def test_two_processes_at_the_same_instant_count_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two commands, each a process of its own, reach the owner through its door together."""
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        root = copied(ready(tmp_path / "made"), tmp_path / "root")
        with connect(root) as app:
            assert app.ask("mail", fresh=False).status == "waiting"
        home = root / "home"
        command = [
            sys.executable, "-c",
            "import sys; from deskhand.agent.terminal.cli import main; sys.stdin.readline(); main()",
            "approve", "a1", "--json", "--home", str(home),
        ]  # fmt: skip
        with Desk.open(Home(home), now=NOW.isoformat(), door=True):
            both = [
                subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
                )
                for _ in range(2)
            ]
            for one in both:
                assert one.stdin is not None
                one.stdin.write("go\n")
                one.stdin.flush()
            said = [one.communicate(timeout=120) for one in both]
        assert sorted(one.returncode for one in both) == [0, 2], said
        lost = next(err for one, (_, err) in zip(both, said, strict=True) if one.returncode)
        assert "nothing was done" in lost
        assert len(list((root / "outbox").glob("*.eml"))) == 1


class TestApproveExpired:
    def test_it_asks_again_and_does_nothing(self, house: House) -> None:
        house.do(mail())
        house.moment += timedelta(days=7)
        with pytest.raises(Refusal, match="a1 expired on 29 Nov 2026; it is asked again as a2"):
            house.app.decide("a1")
        with pytest.raises(Refusal, match="a1 expired on 29 Nov 2026; it is asked again as a2; nothing"):
            house.app.decide("a1")
        assert house.performed() == []
        assert house.app.decide("a2").status == "done"
        assert house.performed() == ["mail.send"]

    def test_an_edit_does_not_lengthen_it(self, house: House) -> None:
        house.do(mail())
        house.moment += timedelta(days=7)
        with pytest.raises(Refusal, match="expired"):
            house.app.decide("a1", "edit", changes={"subject": "New"})
        assert house.performed() == []

    def test_an_expiry_that_was_put_off_by_hand_is_no_longer_what_was_asked(self, house: House) -> None:
        house.do(mail())
        later = (NOW + timedelta(days=70)).isoformat()
        forged(house, "a1", lambda b: b | {"expires": later})
        house.moment += timedelta(days=8)
        with pytest.raises(Refusal, match="a1 is not what was asked"):
            house.app.decide("a1")
        assert house.performed() == []


class TestApproveAnothers:
    def test_a_name_of_another_home_is_unknown(self, house: House, tmp_path: Path) -> None:
        with House(tmp_path / "other") as other:
            other.do(mail())
            other.do(mail())
            house.do(mail())
            with pytest.raises(Refusal, match="There is no approval a2"):
                house.app.decide("a2")
            assert other.performed() == house.performed() == []

    def test_the_question_of_another_run_put_in_its_place_is_refused(self, house: House) -> None:
        house.do(mail(subject="Harmless"))
        house.do(mail(to=STRANGER, subject="Not asked for"))
        write(house, "a1", record(house, "a2"))
        with pytest.raises(Refusal, match=r"a1 is not what was asked .*asked again as a3"):
            house.app.decide("a1")
        assert house.performed() == []
        assert [a.arguments["subject"] for a in house.app.approvals()] == ["Not asked for", "Harmless"]

    def test_the_yes_of_another_run_covers_nothing_here(self, house: House) -> None:
        """Signed and approved, and for another run: copied over a question of this one it does nothing."""
        run = house.do(mail("mail", subject="Harmless"))
        house.do(mail("mail", to=STRANGER, subject="Another's"))
        house.app.decide("a2")
        write(house, "a1", record(house, "a2"), state="approved")
        house.reopen()
        house.app.resume()
        assert house.room.wait(run.id).status == "waiting"
        assert [a.arguments["subject"] for a in house.app.approvals()] == ["Harmless"]
        assert [op.arguments()["subject"] for op in house.memory.performed] == ["Another's"]

    def test_the_yes_to_one_step_covers_no_other(self, house: House) -> None:
        run = house.do(mail("one", subject="One"), mail("two", to=STRANGER, subject="Two"))
        other = record(house, "a1")
        yes = {"decision": {"verdict": "approve", "changes": {}, "reason": "", "by": "person"}}
        write(house, "a2", other | yes | {"step": "two"}, state="approved")
        house.reopen()
        house.app.resume()
        house.room.wait(run.id)
        assert house.performed() == []


class TestForgedYes:
    """Whoever writes in runs.db, and cannot read the key beside it, makes no yes that counts."""

    def forge(self, house: House, how: str) -> None:
        body = record(house, "a1")
        if how != "the column alone":
            body["state"] = "approved"
        if how in ("signed anew", "signed anew, with its line"):
            body["arguments"]["to"] = [box(STRANGER)]
            body["decision"] = {"verdict": "approve", "changes": {}, "reason": "", "by": "person"}
            body["hash"] = sign(Approval.model_validate(body))
        with sqlite3.connect(house.root / "runs.db") as db:
            db.execute("UPDATE approvals SET body = ?, state = 'approved'", (json.dumps(body),))
            db.execute("UPDATE runs SET approve_all = 1")
        db.close()
        if how == "signed anew, with its line":
            with reading(house.room.records.engine) as there:
                (told,) = standing_of(there, "approval")
            end = house.room.records.audit_end
            line = Line.following(
                end.n, end.hash, at=NOW, what="approval", run=told.run, subject=told.subject,
                state="approved", digest=told.digest,
            )  # fmt: skip
            row = [getattr(line, name) for name in Line.__slots__]
            row[1] = int(NOW.timestamp() * 1_000_000)
            with sqlite3.connect(house.root / "runs.db") as db:
                columns = ", ".join(Line.__slots__)
                db.execute(f"INSERT INTO audit ({columns}) VALUES (?,?,?,?,?,?,?,?,?)", row)  # noqa: S608
            db.close()

    @pytest.mark.parametrize(
        "how", ["the column alone", "column and body", "signed anew", "signed anew, with its line"]
    )
    def test_it_is_asked_anew_as_planned(self, house: House, how: str) -> None:
        run = house.do(mail())
        self.forge(house, how)
        house.reopen()
        house.app.resume()
        assert (house.room.wait(run.id).status, house.performed()) == ("waiting", [])
        (again,) = house.app.approvals()
        assert (again.id, again.arguments["to"]) == ("a2", [box(BO)])
        assert "as a1, which is not what was asked (its record changed); nothing was done" in again.notes[0]

    @pytest.mark.parametrize("verdict", ["approve", "reject"])
    def test_neither_a_yes_nor_a_no_lets_it_through(self, house: House, verdict: str) -> None:
        house.do(mail())
        self.forge(house, "column and body")
        with pytest.raises(Refusal, match=r"a1 is not what was asked .*asked again as a2"):
            house.app.decide("a1", verdict)
        assert house.performed() == []
        house.app.decide("a2", "reject")
        assert house.performed() == []

    def test_nor_does_waiting_until_deskhand_itself_writes_the_record(self, house: House) -> None:
        """A reminder is noted in the record: that would vouch for what was put there."""
        house.do(mail())
        forged(house, "a1", lambda b: b | {"arguments": b["arguments"] | {"to": [box(STRANGER)]}})
        house.moment += timedelta(days=2)
        assert house.app.escalate() == []
        with pytest.raises(Refusal, match="a1 is not what was asked"):
            house.app.decide("a1")
        assert house.performed() == []

    def test_another_key_vouches_for_nothing(self, house: House) -> None:
        house.do(mail())
        house.app.close()
        (house.root / "approvals.key").unlink()
        house.app = house._open()
        with pytest.raises(Refusal, match=r"a1 is not what was asked .*asked again as a2"):
            house.app.decide("a1")
        assert house.app.decide("a2").status == "done"


def test_each_label_of_a_question_has_all_its_keys(house: House) -> None:
    """As docs/json.md says."""
    house.do(mail())
    (card,) = (approval(a) for a in house.app.approvals())
    assert all({*label} == {"trust", "origins", "readers", "via"} for label in card["origins"].values())


class TestEditedPayload:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"source": "other"}, "source cannot be edited, only: "),
            ({"answers": "memory:message:1"}, "answers cannot be edited, only: "),
            ({"calendar": "BEGIN"}, "calendar cannot be edited, only: "),
            ({"attachments": ["memory:attachment:1"]}, "attachments cannot be edited, only: "),
            ({"subject": ["a", "list"]}, "subject: it must be text"),
            ({"to": {"address": BO}}, "to: it must be a list"),
            ({"body": 7}, "body: it must be text"),
            ({"to": []}, "needs at least one recipient"),
            ({"to": [box("no address")]}, "'no address' is no mail address"),
        ],
        ids=lambda c: next(iter(c)) if isinstance(c, dict) else "",
    )
    def test_what_is_fixed_stays_and_types_are_kept(self, house: House, changes: Body, message: str) -> None:
        run = house.do(mail())
        with pytest.raises(Refusal, match=message):
            house.app.decide("a1", "edit", changes=changes)
        assert house.app.run(run.id).approvals[0].state == "pending"
        assert house.performed() == []

    @pytest.mark.parametrize("changes", [{"ref": "memory:event:other"}, {"version": "9"}, {"start": "soon"}])
    def test_of_an_event_too(self, house: House, changes: Body) -> None:
        house.meeting("m", ANN)
        house.sync()
        run = house.app.ask("move the review to Wednesday at 11:00", fresh=False)
        assert run.status == "waiting", run.answer
        with pytest.raises(Refusal):
            house.app.decide(run.approvals[0].id, "edit", changes=changes)
        assert house.performed() == []

    @pytest.mark.parametrize("step", [event(attendees=[box(BO)]), mail()], ids=lambda s: s.op)
    def test_the_policy_refuses_the_edit(self, house: House, step: Step) -> None:
        house.do(step)
        many = [box(f"p{n}@example.net") for n in range(30)]
        name = "attendees" if step.op == "event.create" else "cc"
        with pytest.raises(Refusal, match=r"The policy refuses that \(.* budget\)"):
            house.app.decide("a1", "edit", changes={name: many})
        assert house.app.approvals()[0].id == "a1"
        assert house.performed() == []

    def test_what_was_edited_is_what_is_done_and_nothing_else(self, house: House) -> None:
        house.do(mail())
        house.app.decide("a1", "edit", changes={"subject": "New"})
        (op,) = house.memory.performed
        assert (op.arguments()["subject"], op.arguments()["to"]) == ("New", [box(BO)])

    def test_what_a_card_would_warn_of_the_new_values_is_told_first(self, house: House) -> None:
        run = house.do(mail())
        changes = {"to": [box("bo@exаmple.org")]}  # the а is Cyrillic
        with pytest.raises(Refusal, match=r"Nothing was done yet\. .*exаmple.*--yes"):
            house.app.decide("a1", "edit", changes=changes)
        assert house.app.run(run.id).approvals[0].state == "pending"
        assert house.performed() == []
        house.app.decide("a1", "edit", changes=changes, seen=True)
        (op,) = house.memory.performed
        assert op.arguments()["to"] == changes["to"]
