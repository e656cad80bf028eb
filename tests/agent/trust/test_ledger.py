"""Once or not at all: what the ledger writes when a source answers, refuses, breaks, or says nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from agent_givens import BO, NOW, permit

from deskhand.agent.model import Effect, EffectState, Run
from deskhand.agent.records.state import Records
from deskhand.agent.trust.ledger import Ledger, effect_key
from deskhand.connectors.errors import Changed, Misconfigured, SourceError, Transient, Unknown
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Item, ItemRef, Receipt
from deskhand.connectors.operations import EventCreate, Mailbox, MailDraft, Operation

OP = MailDraft(source="memory", to=(Mailbox(address=BO),), subject="Hi", body="Hello")
RUN = Run(id="r1", request="x", status="running", created=NOW, updated=NOW)


@dataclass
class Fragile(Memory):
    """A source that can be told to fail, before or after it did what it was asked."""

    fails: dict[str, Exception] = field(default_factory=dict[str, Exception])
    """By "find", "perform", "performed", "read", "inverse"."""
    calls: list[str] = field(default_factory=list[str])

    def _at(self, place: str) -> None:
        self.calls.append(place)
        if place in self.fails:
            raise self.fails[place]

    def find(self, operation: Operation, *, key: str) -> Receipt | None:
        self._at("find")
        return super().find(operation, key=key)

    def perform(self, operation: Operation, *, key: str, now: Any) -> Receipt:
        self._at("perform")
        receipt = super().perform(operation, key=key, now=now)
        self._at("performed")
        return receipt

    def read(self, ref: ItemRef) -> Item | None:
        self._at("read")
        return super().read(ref)

    def inverse(self, operation: Operation, receipt: Receipt) -> Operation | None:
        self._at("inverse")
        return super().inverse(operation, receipt)


@dataclass
class Bench:
    source: Fragile
    records: Records
    ledger: Ledger
    seen: list[Item | None]

    def do(self, op: Operation = OP, *, run: Run = RUN, step: str = "s") -> Effect:
        return self.ledger.carry_out(op, permit=permit(op, run, step), run=run, step=step, now=NOW)

    def row(self) -> Effect:
        (row,) = self.records.effects()
        return row


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    source, records, seen = Fragile(), Records(tmp_path / "runs.db"), list[Item | None]()
    ledger = Ledger(records, connector=lambda _: source, seen=lambda item, _: seen.append(item))
    yield Bench(source, records, ledger, seen)
    records.close()


def test_done_means_read_back(bench: Bench) -> None:
    effect = bench.do()
    assert effect.state == "done"
    assert effect == bench.row()
    assert effect.receipt is not None
    assert effect.receipt["ref"] == str(next(iter(bench.source.items)))
    assert effect.inverse == {
        "operation": "mail.trash",
        "arguments": {"source": "memory", "ref": effect.receipt["ref"]},
    }
    assert bench.source.calls == ["find", "perform", "performed", "read", "inverse"]
    assert bench.seen == list(bench.source.items.values())


def test_the_row_is_on_the_disk_before_the_call(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []
    real = bench.source.perform

    def perform(op: Operation, **rest: Any) -> Receipt:
        found.append(bench.row().state)
        return real(op, **rest)

    monkeypatch.setattr(bench.source, "perform", perform)
    bench.do()
    assert found == ["claimed"]


def test_again_is_not_again(bench: Bench) -> None:
    first = bench.do()
    bench.source.calls.clear()
    assert bench.do() == first
    assert bench.source.calls == []
    assert len(bench.source.performed) == 1


class TestKeys:
    def test_the_same_effect_has_the_same_key_always(self) -> None:
        assert effect_key(RUN, "s", OP) == effect_key(RUN.model_copy(update={"status": "done"}), "s", OP)
        # Written down: another version of Deskhand must find what this one did.
        assert effect_key(RUN, "s", OP) == "b07e8e9c669e871061e3a09daed322ec"

    def test_another_run_step_or_argument_has_another(self) -> None:
        others = [
            effect_key(RUN.model_copy(update={"id": "r2"}), "s", OP),
            effect_key(RUN.model_copy(update={"created": NOW.replace(hour=9)}), "s", OP),
            effect_key(RUN, "t", OP),
            effect_key(RUN, "s", OP.model_copy(update={"body": "Hello!"})),
        ]
        assert len({effect_key(RUN, "s", OP), *others}) == 5

    def test_the_first_run_of_another_home_is_another_run(self, bench: Bench) -> None:
        """Both are called r1 and say the same; the second is no repetition of the first."""
        bench.do()
        bench.do(run=RUN.model_copy(update={"created": NOW.replace(hour=9)}))
        assert len(bench.source.performed) == 2


class TestRefusals:
    @pytest.mark.parametrize("error", [Changed("It changed."), Transient("Busy."), SourceError("No.")])
    @pytest.mark.parametrize("place", ["find", "perform"])
    def test_nothing_happened(self, bench: Bench, place: str, error: SourceError) -> None:
        bench.source.fails[place] = error
        effect = bench.do()
        assert (effect.state, effect.error) == ("failed", str(error))
        assert bench.source.performed == []
        assert bench.seen == []

    def test_a_source_that_cannot_be_opened(self, bench: Bench) -> None:
        def gone(alias: str) -> Memory:
            raise Misconfigured(f"There is no source called {alias}.")

        bench.ledger = Ledger(bench.records, connector=gone)
        effect = bench.do()
        assert (effect.state, effect.error) == ("failed", "There is no source called memory.")

    def test_what_failed_may_be_tried_again(self, bench: Bench) -> None:
        bench.source.fails["perform"] = Transient()
        bench.do()
        bench.source.fails.clear()
        effect = bench.do()
        assert (effect.state, effect.error, len(bench.source.performed)) == ("done", "", 1)


@pytest.mark.parametrize("state", ["done", "unknown", "undone", "withdrawn", "vouched"])
def test_what_is_over_is_not_begun_again(bench: Bench, state: EffectState) -> None:
    """Whoever settled it, took it back or said that it happened: the source is not even asked."""
    row = bench.ledger.hold(OP, run=RUN, step="s", now=NOW, due=NOW)
    bench.records.put_effect(row.turned(state, at=NOW))
    assert bench.do().state == state
    assert bench.source.calls == []


class TestUnknown:
    """It may have happened: a person must look, and it is never tried again."""

    @pytest.mark.parametrize("place", ["find", "perform", "performed", "read"])
    def test_said_by_the_source(self, bench: Bench, place: str) -> None:
        bench.source.fails[place] = Unknown("Lost.")
        self.stays_unknown(bench)

    @pytest.mark.parametrize("place", ["read", "inverse"])
    @pytest.mark.parametrize("error", [Transient("Gone."), ValueError("defect")])
    def test_accepted_but_not_read_back(self, bench: Bench, place: str, error: Exception) -> None:
        bench.source.fails[place] = error
        effect = self.stays_unknown(bench)
        assert effect.receipt is not None
        assert len(bench.source.performed) == 1

    @pytest.mark.parametrize("place", ["perform", "performed"])
    def test_broken_in_the_middle_of_the_call(self, bench: Bench, place: str) -> None:
        bench.source.fails[place] = ZeroDivisionError("defect")
        assert "The source broke: ZeroDivisionError: defect" in self.stays_unknown(bench).error

    def test_changed_by_somebody_before_it_was_read_back(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bench.source, "read", lambda _: None)
        assert "holds something else when read back" in self.stays_unknown(bench).error

    def stays_unknown(self, bench: Bench) -> Effect:
        effect = bench.do()
        assert effect.state == "unknown"
        bench.source.fails.clear()
        bench.source.calls.clear()
        assert bench.do() == effect
        assert bench.source.calls == []
        return effect


class TestAfterACrash:
    """The row says "claimed", and nobody knows how far the call got."""

    def crash(self, bench: Bench, place: str) -> None:
        class Killed(BaseException):
            pass

        bench.source.fails[place] = Killed()  # type: ignore[assignment]
        with pytest.raises(Killed):
            bench.do()
        assert bench.row().state == "claimed"
        bench.source.fails.clear()
        bench.source.calls.clear()

    def test_before_it_happened(self, bench: Bench) -> None:
        self.crash(bench, "perform")
        assert bench.do().state == "done"
        assert bench.source.calls[:2] == ["find", "perform"]
        assert len(bench.source.performed) == 1

    @pytest.mark.parametrize("place", ["performed", "read", "inverse"])
    def test_after_it_happened(self, bench: Bench, place: str) -> None:
        self.crash(bench, place)
        effect = bench.do()
        assert effect.state == "done"
        assert effect.inverse is not None
        assert "perform" not in bench.source.calls
        assert len(bench.source.performed) == 1

    def test_a_source_out_of_reach_leaves_it_open_not_failed(self, bench: Bench) -> None:
        self.crash(bench, "performed")
        bench.source.fails["find"] = Transient("No network.")
        assert bench.do().state == "unknown"


class TestHeld:
    """What is held goes out or is taken back, and one turn of its row says which."""

    def test_it_is_not_carried_out_once_it_was_taken_back(self, bench: Bench) -> None:
        held = bench.ledger.hold(OP, run=RUN, step="s", now=NOW, due=NOW)
        assert bench.ledger.withdraw(held.key, now=NOW) is not None
        assert bench.do().state == "withdrawn"
        assert bench.source.performed == []
        assert bench.ledger.withdraw(held.key, now=NOW) is None, "twice is once"

    def test_it_is_not_taken_back_once_it_was_carried_out(self, bench: Bench) -> None:
        held = bench.ledger.hold(OP, run=RUN, step="s", now=NOW, due=NOW)
        assert bench.do().state == "done"
        assert bench.ledger.withdraw(held.key, now=NOW) is None
        assert [t.state for t in bench.row().history] == ["intended", "held", "claimed", "done"]

    def test_held_once_it_stays_as_it_is(self, bench: Bench) -> None:
        bench.do()
        assert bench.ledger.hold(OP, run=RUN, step="s", now=NOW, due=NOW).state == "done"

    def test_one_of_two_has_it_each_on_a_connection_of_its_own(self, bench: Bench, tmp_path: Path) -> None:
        others = Records(tmp_path / "runs.db")
        taker = Ledger(others, connector=lambda _: bench.source)
        seen = set[str]()
        try:
            for n in range(60):
                step, start, said = f"s{n}", threading.Barrier(2), list[str]()
                held = bench.ledger.hold(OP, run=RUN, step=step, now=NOW, due=NOW)

                def takes(
                    key: str = held.key, start: threading.Barrier = start, said: list[str] = said
                ) -> None:
                    start.wait()
                    said.append("left" if taker.withdraw(key, now=NOW) is None else "back")

                thread = threading.Thread(target=takes)
                before = len(bench.source.performed)
                thread.start()
                start.wait()
                row = bench.do(step=step)
                thread.join()
                done = len(bench.source.performed) - before
                assert (said[0], done, row.state) in (("back", 0, "withdrawn"), ("left", 1, "done"))
                seen |= {*said}
        finally:
            others.close()
        assert seen, "whichever came first"


def test_an_error_with_a_name_that_is_no_text_is_kept(bench: Bench) -> None:
    bench.source.fails["perform"] = Transient("caf\udce9.txt is busy")
    bench.do()
    assert bench.row().error == "caf?.txt is busy"


def test_the_inverse_of_an_event_names_the_version_it_expects(bench: Bench) -> None:
    op = EventCreate(source="memory", title="t", start=NOW, end=NOW.replace(hour=9), zone="UTC")
    effect = bench.do(op)
    assert effect.inverse is not None
    assert effect.receipt is not None
    assert effect.inverse["arguments"]["version"] == effect.receipt["version"]
