"""A run takes at most 50 KB, however long the mails are and however many."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from agent_givens import ANN, BO, ME, NOW, House, draft, event, mail

from deskhand.agent.model import Run
from deskhand.connectors.model import Participant

MOST = 50_000
LONG = " ".join(f"The harbour budget of section {n} is what it is." for n in range(400))
"""Some 18,000 characters."""


def size(house: House, run: str) -> int:
    """Bytes of a run: its rows, its contents, its checkpoints, and what the engine keeps of it."""
    room = house.room
    taken = sum(room.records.size(run).values()) + room.graph.size(run)
    place = house.root / "engine.db"
    if place.exists():
        with closing(sqlite3.connect(place)) as db:
            rows = db.execute("SELECT workflow_uuid FROM workflow_input WHERE inputs LIKE ?", (f'%"{run}"%',))
            taken += 400 * len(rows.fetchall())
    return taken


def letters(house: House, count: int, *, thread: str = "") -> None:
    """Long mails, each with something that is asked."""
    for n in range(count):
        sender = (ANN, BO)[n % 2]
        refs = {"references": [f"<{thread}0@x>"]} if thread and n else {}
        house.message(
            f"{thread or 'm'}{n}", sender=sender, title="Harbour plan" if thread else f"Figures {n}",
            text=f"Could you please send me the figures of section {n} by Friday? {LONG}",
            at=NOW - timedelta(hours=count - n), data={"message_id": f"<{thread or 'm'}{n}@x>", **refs},
            people=(Participant("from", sender), Participant("to", ME)),
        )  # fmt: skip
    house.sync()


def digest(house: House) -> Run:
    letters(house, 60)
    return house.app.digest()


def summary(house: House) -> Run:
    letters(house, 40, thread="t")
    return house.app.ask("summarise the thread Harbour plan", fresh=False)


def booking(house: House) -> Run:
    house.know(BO)
    return house.app.ask("book 45 minutes with bo@example.org tomorrow at 10", fresh=False, approve=True)


def twelve(house: House) -> Run:
    """A plan of twelve writes, half of which are asked one after the other, all with a long text."""
    steps = [draft("s0", body=LONG)]
    for n in range(1, 12):
        write = mail if n % 2 else event
        given = {"body": LONG} if n % 2 else {"hour": n + 6, "description": LONG}
        steps.append(write(f"s{n}", needs=(f"s{n - 1}",), **given))
    run = house.do(*steps, approve=lambda _: {"verdict": "approve"})
    assert len(house.performed()) == 12
    return run


@pytest.mark.parametrize("asked", [digest, summary, booking, twelve], ids=lambda f: f.__name__)
def test_a_run_takes_little_room(asked: Callable[[House], Run], tmp_path: Path) -> None:
    with House(
        tmp_path, environ={"DESKHAND_ENGINE__KIND": "dbos", "DESKHAND_EMBEDDING__MODEL": "none"}
    ) as house:
        run = asked(house)
        assert run.status in ("done", "partial"), run.answer
        assert size(house, run.id) <= MOST
