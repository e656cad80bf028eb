"""What the ledger shows a person, and what a person says of a write of which nobody knows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ANN, BO, ME, NOW, House, draft, event, mail, step

from deskhand.agent.desk import effects
from deskhand.agent.desk.rulings import explain
from deskhand.agent.errors import Refusal
from deskhand.agent.model import Effect, Run, Turn
from deskhand.connectors.base import NOTHING
from deskhand.connectors.errors import Transient, Unknown
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Contents, Receipt
from deskhand.connectors.operations import Operation


@dataclass
class Lossy(Memory):
    """A source that takes a mail and loses its answer, and finds it only when it is told to."""

    lost: bool = True
    taken: list[str] = field(default_factory=list[str])

    def perform(
        self, operation: Operation, *, key: str, now: datetime, contents: Contents = NOTHING
    ) -> Receipt:
        if self.lost and operation.name == "mail.send":
            self.taken.append(key)
            raise Unknown("The connection broke.")
        return super().perform(operation, key=key, now=now, contents=contents)

    def arrive(self) -> None:
        """What was taken turns up."""
        self.lost = False


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "home", Lossy()) as house:
        house.know(BO)
        yield house


def lost(house: House) -> tuple[Run, Effect]:
    run = house.do(mail(), approve=True)
    (row,) = run.effects
    assert (run.status, row.state) == ("failed", "unknown")
    return run, row


class TestListed:
    def test_newest_first_in_words(self, house: House) -> None:
        house.do(draft(), event(needs=("draft",)))
        lost(house)
        rows = effects.effects(house.app)["effects"]
        assert [(e["operation"], e["state_words"]) for e in rows] == [
            ("mail.send", "not known: please look"),
            ("event.create", "done, and read back"),
            ("mail.draft", "done, and read back"),
        ]
        assert rows[0]["what"] == f"Send “Hello” to {BO}, from memory"
        assert [(e["undo"], e["back"]) for e in rows] == [("R3", ""), ("R1", "yes"), ("R1", "yes")]

    def test_a_write_that_its_source_refused_is_shown_still(self, house: House) -> None:
        """A deadline takes no time, and a calendar refuses to move it: rows of that are in many a ledger."""
        at = NOW.isoformat()
        args = {"source": "memory", "ref": "memory:event:x", "version": "1", "start": at, "end": at}
        run = house.do(draft())
        refused = Effect(
            key="ab" * 16, run=run.id, step="move", operation="event.update", arguments=args,
            source="memory", state="failed", at=NOW, error="An event must end after it starts.",
            history=(Turn(state="failed", at=NOW),),
        )  # fmt: skip
        house.app.runs_room.records.put_effect(refused)
        assert "event.update" in {e["operation"] for e in effects.effects(house.app)["effects"]}

    def test_of_a_run_in_a_state_and_so_many(self, house: House) -> None:
        run = house.do(draft(), event())
        lost(house)
        assert {e["run"] for e in effects.effects(house.app, run=run.id)["effects"]} == {run.id}
        assert [e["state"] for e in effects.effects(house.app, states=["unknown"])["effects"]] == ["unknown"]
        some = effects.effects(house.app, limit=2)
        assert (len(some["effects"]), some["more"]) == (2, True)

    def test_what_there_is_none_of_is_refused(self, house: House) -> None:
        with pytest.raises(Refusal, match="no run r9"):
            effects.effects(house.app, run="r9")
        with pytest.raises(Refusal, match="no state 'lost'"):
            effects.effects(house.app, states=["lost"])
        with pytest.raises(Refusal, match="no effect abcd"):
            effects.shown(house.app, "abcd")

    def test_one_whole(self, house: House) -> None:
        run = house.do(event())
        shown = effects.shown(house.app, run.effects[0].key[:5])
        assert [t["state"] for t in shown["history"]] == ["intended", "claimed", "done"]
        assert shown["receipt"]["ref"] == run.effects[0].receipt["ref"]  # type: ignore[index]

    def test_it_says_where_it_cannot_be_taken_back_any_more(self, house: House) -> None:
        run = house.do(event())
        ref = house.ref("event", run.effects[0].key)
        house.memory.put(replace(house.memory.items[ref], text="Bring the plan.", hash="f" * 64))
        house.sync()
        assert effects.shown(house.app, run.effects[0].key)["back"].startswith(
            "no: “Budget” was changed since"
        )


class TestUnknown:
    def test_it_is_put_to_the_person_with_what_there_is_to_go_by(self, house: House) -> None:
        run, row = lost(house)
        (asked,) = effects.unknown(house.app)
        assert asked["what"] == f"Send “Hello” to {BO}, from memory"
        said = "\n".join(asked["evidence"])
        for known in (
            f"It was begun on Sun 22 Nov, 08:00, by {run.id}.", "The connection broke.",
            f"under the key {row.key}", f"deskhand effects settle {row.key[:8]}",
        ):  # fmt: skip
            assert known in said
        assert "Sent" not in run.answer

    def test_you_say_it_happened(self, house: House) -> None:
        run, row = lost(house)
        answer = effects.settle(house.app, effect=row.key[:6], happened=True)
        assert (answer["state"], answer["state_words"]) == ("vouched", "happened, by your word")
        said = house.app.run(run.id).answer
        assert said.endswith(f"You said that this happened: “Hello” to {BO}. Deskhand has not seen it.")
        assert "Sent" not in said
        assert effects.unknown(house.app) == []
        with pytest.raises(Refusal, match="nothing to settle"):
            effects.settle(house.app, effect=row.key, happened=False)
        with pytest.raises(Refusal, match="cannot take it back"):
            house.app.undo(run.id)
        with pytest.raises(Refusal, match="Only what was not done"):
            effects.again(house.app, effect=row.key)

    def test_you_say_it_did_not_and_have_it_done_after_a_new_yes(self, house: House) -> None:
        _, row = lost(house)
        with pytest.raises(Refusal, match="say first what became of it"):
            effects.again(house.app, effect=row.key)
        effects.settle(house.app, effect=row.key, happened=False)
        house.memory.lost = False  # type: ignore[attr-defined]
        asked = effects.again(house.app, effect=row.key)
        assert asked["status"] == "waiting"
        assert house.performed() == []
        assert effects.again(house.app, effect=row.key)["run"] == asked["run"], "twice is once"
        run = house.app.decide(asked["approvals"][0]["approval"])
        assert (run.status, run.answer) == ("done", f"Sent “Hello” to {BO}, from memory.")
        assert house.performed() == ["mail.send"]
        assert run.effects[0].key != row.key

    def test_it_is_asked_about_though_sending_alone_is_on(self, tmp_path: Path) -> None:
        with House(tmp_path / "alone", Lossy(), {"DESKHAND_POLICY__SEND_ALONE": "true"}) as house:
            house.know(BO)
            (row,) = house.do(mail()).effects
            effects.settle(house.app, effect=row.key, happened=False)
            asked = effects.again(house.app, effect=row.key)
            assert asked["approvals"][0]["reason"] == "it was begun once already"

    @pytest.mark.parametrize("forgotten", [False, True])
    def test_what_went_ahead_unasked_is_done_again_with_whose_words_it_was(
        self, tmp_path: Path, forgotten: bool
    ) -> None:
        """Ann's code, to Ann, who wrote it: where that is forgotten it is a stranger's, for nobody's eyes."""
        home, alone = tmp_path / "alone", {"DESKHAND_POLICY__SEND_ALONE": "true"}
        with House(home, Lossy(), alone) as house:
            house.know(ANN)
            house.message("winch", sender=ANN, title="The winch")
            house.sync()
            subject = {"ref": "read", "path": "messages[0].title"}
            run = house.do(step("read", "message.list", about="winch"), mail(to=ANN, subject=subject))
            assert not run.approvals
            effects.settle(house.app, effect=run.effects[0].key, happened=False)
            house.memory.lost = False  # type: ignore[attr-defined]
            if forgotten:
                with sqlite3.connect(home / "runs.db") as db:
                    db.execute("UPDATE steps SET labels = NULL WHERE step = 'read'")
                db.close()
            (asked,) = effects.again(house.app, effect=run.effects[0].key)["approvals"]
            assert asked["origins"]["subject"]["trust"] == "untrusted"
            assert asked["origins"]["subject"]["readers"] == ([] if forgotten else [ME, ANN])
            assert asked["origins"]["body"]["trust"] == asked["origins"]["to"]["trust"] == "user"
            tells_more = explain(house.app, run=asked["run"], step="again")["now"]["rule"] == "mail.send"
            assert tells_more == forgotten
            assert house.app.decide(asked["approval"]).status == "done"
            assert [op.subject for op in house.memory.performed] == ["The winch"]  # type: ignore[attr-defined]

    def test_of_a_run_that_is_gone_every_word_is_a_strangers(self, house: House) -> None:
        run, row = lost(house)
        effects.settle(house.app, effect=row.key, happened=False)
        with sqlite3.connect(house.root / "runs.db") as db:
            db.execute("DELETE FROM approvals WHERE run = ?", (run.id,))
            db.execute("UPDATE runs SET plan = NULL WHERE id = ?", (run.id,))
        db.close()
        (asked,) = effects.again(house.app, effect=row.key)["approvals"]
        for name in ("to", "body"):
            assert (asked["origins"][name]["trust"], asked["origins"][name]["readers"]) == ("untrusted", [])

    def test_looked_for_in_vain_it_stays_open(self, house: House) -> None:
        _, row = lost(house)
        looked = effects.look(house.app, effect=row.key)
        assert looked["state"] == "unknown"
        assert looked["answer"].startswith("Looked for and not found: in memory, under the key")
        assert effects.unknown(house.app)[0]["evidence"][2].endswith(looked["answer"])

    @pytest.mark.parametrize("said", [None, True, False])
    def test_found_after_all_it_is_done_and_read_back(self, house: House, said: bool | None) -> None:
        run, row = lost(house)
        if said is not None:
            effects.settle(house.app, effect=row.key, happened=said)
        memory: Any = house.memory
        memory.arrive()
        memory.perform(_op(row), key=row.key, now=house.moment)
        found = effects.look(house.app, effect=row.key)
        assert (found["state"], found["answer"]) == (
            "done", f"Found by now: Sent “Hello” to {BO}, from memory."
        )  # fmt: skip
        assert house.app.run(run.id).answer.endswith(found["answer"])
        assert effects.effects(house.app)["effects"][0]["state"] == "done"

    def test_a_source_that_cannot_be_asked(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        _, row = lost(house)

        def out_of_reach(*_: Any, **__: Any) -> None:
            raise Transient("No network.")

        monkeypatch.setattr(house.memory, "find", out_of_reach)
        with pytest.raises(Refusal, match=r"memory cannot be asked: No network\."):
            effects.look(house.app, effect=row.key)

    def test_what_is_known_is_not_looked_for(self, house: House) -> None:
        run = house.do(draft())
        with pytest.raises(Refusal, match="is known: done, and read back"):
            effects.look(house.app, effect=run.effects[0].key)


def _op(row: Effect) -> Operation:
    from deskhand.connectors.operations import operation

    return operation(row.operation, row.arguments)
