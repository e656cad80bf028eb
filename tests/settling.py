"""What the next commands make of a home of `faulting` once its sources are well: once or not at all."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from befalling import BY_HAND, THEIRS
from faulting import BOXES, MEANT, World, go_on

from deskhand.agent.app import App
from deskhand.agent.desk import effects
from deskhand.agent.desk.audits import audit_verify
from deskhand.agent.model import FINISHED, Effect, Run


def settled(world: World, job: str, *, after: timedelta = timedelta(0)) -> Run | None:
    """What the next commands make of it once the sources are well again, held against what others see.

    None where it died before anything was asked for. Every effect 0 or 1 times, each row of the ledger
    agreeing with its source; and nothing lost: what was not done is told, and done once by one more word.
    """
    with world.connect(after=after + timedelta(minutes=5)) as app:
        go_on(app)
        for _ in range(3):  # what changed meanwhile is asked about once more
            for card in app.approvals():
                app.decide(card.id)
        if not app.runs():
            assert not world.counts(), "nothing was asked for"
            return None
        (run,) = app.runs()
        assert run.status in FINISHED, (run.status, run.answer)
        assert not app.approvals()
        _agree(world, job, run)
        if world.note.exists() and world.note.read_text("utf-8") == THEIRS:
            world.note.unlink()  # what was in the way is put away, by hand
        _once_more(world, app, job, run)
        proof = audit_verify(app)
        assert proof["whole"], proof["faults"]
        assert not any(p.error for p in app.sync(embed=0).passes)
        assert app.archive.check() == []
        return run


def _what(row: Effect) -> str:
    return "kept" if row.step.startswith("keep") else row.step


def _agree(world: World, job: str, run: Run) -> None:
    """The ledger says what the sources show, and the answer what the ledger says."""
    states = {e.step: e.state for e in run.effects}
    assert set(states.values()) <= {"done", "failed", "unknown"}, states
    done = Counter(_what(e) for e in run.effects if e.state == "done")
    open_ = Counter(_what(e) for e in run.effects if e.state == "unknown")
    seen = world.counts()
    for what in seen | done:
        assert done[what] <= seen[what] <= done[what] + open_[what] <= MEANT[job][what], (
            what, seen, states, run.answer,
        )  # fmt: skip
    for box, subject in BOXES.items():
        assert world.copies(box) == done[box], "what lies in Sent was sent"
        assert (f"Sent “{subject}”" in run.answer) == bool(done[box]), run.answer
    if (world.root / BY_HAND).exists():
        assert "DTSTART:20261203T" in world.rehearsal.read_text("utf-8"), (
            "somebody's change is not written over"
        )
    # Of one that was sent, the server may have refused a recipient: then not all was done.
    reached = not any((e.receipt or {}).get("detail", {}).get("refused") for e in run.effects)
    whole = done == MEANT[job] and reached
    assert (run.status == "done") == whole, (run.status, states, run.answer)
    assert whole or run.answer


def _once_more(world: World, app: App, job: str, run: Run) -> None:
    """What is unknown the person settles as she finds it, and has what did not happen done once more."""
    done = {e.step for e in run.effects if e.state == "done"}  # at another version than was tried first
    left = [e for e in run.effects if e.state in ("failed", "unknown") and e.step not in done]
    for row in left:
        if row.state == "unknown":
            (asked,) = [u for u in effects.unknown(app) if u["effect"] == row.key]
            assert asked["evidence"], "she is told what there is to go by"
            if effects.look(app, effect=row.key)["state"] == "done":
                continue
            happened = world.happened(row)
            effects.settle(app, effect=row.key, happened=happened)
            if happened:
                continue
        for card in effects.again(app, effect=row.key)["approvals"]:
            app.decide(card["approval"])
    for what in {_what(row) for row in left}:
        if sum(_what(row) == what for row in run.effects) == MEANT[job][what]:
            assert world.counts()[what] == MEANT[job][what], (what, run.answer)
