"""Mail through a real server: at most once, whatever is cut off, and told as it is.

Counted where it arrives, by Message-ID, never in our own ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from agent_givens import ANN, BO, NOW
from mailing import Server, connect, sent_by_another, serving

from deskhand.agent.desk import effects
from deskhand.agent.model import FINISHED, Run

pytestmark = [pytest.mark.crash, pytest.mark.long]

HOLD = timedelta(seconds=30)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(one: Server) -> Server:
    """The server of all of them, with nothing in it."""
    for file in (one.folder / "got").iterdir():
        file.unlink()
    one.then("take")
    return one


def go_on(root: Path, server: Server, *, after: timedelta = timedelta(0), times: int = 2) -> Run:
    """What the next commands make of it, at a server that takes everything."""
    server.then("take")
    for _ in range(times):
        with connect(root, server.port, hold="30s" if after else "0s", now=NOW + after) as app:
            for run in app.resume():
                app.runs_room.wait(run, held=False)
            (run_,) = app.runs()
    return run_


def copies(root: Path) -> int:
    """How many copies lie in Sent."""
    sent = root / "mail" / ".Sent" / "cur"
    return len(list(sent.iterdir())) if sent.exists() else 0


@pytest.mark.parametrize("point", ["kill at rcpt", "kill at data", "kill"])
def test_killed_while_the_server_has_it(tmp_path: Path, server: Server, point: str) -> None:
    server.then(point)
    assert sent_by_another(tmp_path, server)
    run = go_on(tmp_path, server)
    (row,) = run.effects
    if point == "kill at rcpt":  # nothing was handed over yet
        assert (row.state, len(server.ids()), copies(tmp_path)) == ("done", 1, 1)
        return
    assert (run.status, row.state) == ("failed", "unknown")
    assert len(server.ids()) == (1 if point == "kill" else 0), "never again by itself"
    assert "Sent" not in run.answer
    with connect(tmp_path, server.port) as app:
        (asked,) = effects.unknown(app)
        said = "\n".join(asked["evidence"])
        assert f"Message-ID <deskhand.{row.key}@example.org>" in said
        if point == "kill":
            assert server.ids() == [f"<deskhand.{row.key}@example.org>"]
        answer = effects.settle(app, effect=row.key, happened=point == "kill")
        assert "Sent" not in answer["answer"]
    assert len(server.ids()) == (1 if point == "kill" else 0)


@pytest.mark.parametrize("seed", range(8))
def test_killed_at_any_moment(tmp_path: Path, server: Server, seed: int) -> None:
    assert sent_by_another(tmp_path, server, kill_after=0.04 * seed)
    with connect(tmp_path, server.port) as app:
        if not app.runs():
            return  # it died before anything was asked
    run = go_on(tmp_path, server)
    if run.status == "waiting":
        return  # it died before the yes was written down
    (row,) = run.effects
    assert run.status in FINISHED
    assert len(server.ids()) == 1 if row.state == "done" else len(server.ids()) <= 1
    assert row.state in ("done", "unknown")


def test_a_lost_answer_is_unknown_and_never_sent_again(tmp_path: Path, server: Server) -> None:
    server.then("drop")
    assert not sent_by_another(tmp_path, server)
    run = go_on(tmp_path, server, times=3)
    assert (run.effects[0].state, len(server.ids())) == ("unknown", 1)


def test_what_the_server_puts_off_has_failed_and_may_be_tried_again(tmp_path: Path, server: Server) -> None:
    server.then("later")
    assert not sent_by_another(tmp_path, server)
    run = go_on(tmp_path, server)
    (row,) = run.effects
    assert (row.state, server.ids(), copies(tmp_path)) == ("failed", [], 0)
    assert "451 later" in run.answer
    with connect(tmp_path, server.port) as app:
        asked = effects.again(app, effect=row.key)
        done = app.decide(asked["approvals"][0]["approval"])
        assert done.status == "done", done.answer
    assert (len(server.ids()), copies(tmp_path)) == (1, 1)


def test_a_server_that_takes_it_and_refuses_it_is_believed(tmp_path: Path, server: Server) -> None:
    """RFC 5321 4.2.1: 5yz says that it was not done. Nothing is sent again without the person's word."""
    server.then("lies")
    assert not sent_by_another(tmp_path, server)
    run = go_on(tmp_path, server, times=3)
    assert (run.effects[0].state, len(server.ids()), copies(tmp_path)) == ("failed", 1, 0)
    assert "554 never" in run.answer


def test_whom_the_server_refused_is_told(tmp_path: Path, server: Server) -> None:
    server.then("refuse")
    assert not sent_by_another(tmp_path, server)
    run = go_on(tmp_path, server)
    assert (run.status, run.effects[0].state) == ("partial", "done")
    assert (
        f"Sent “Hi” to {BO}, from mail; not reached, the mail server refused: {ANN} (550 no such user)."
        in (run.answer)
    )
    with connect(tmp_path, server.port) as app:
        (row,) = effects.effects(app, run=run.id)["effects"]
    assert row["state_words"] == f"done, and read back; not reached: {ANN} (550 no such user)"


class TestHeld:
    def test_killed_while_it_is_held_it_is_sent_once_when_it_is_due(
        self, tmp_path: Path, server: Server
    ) -> None:
        assert sent_by_another(tmp_path, server, hold="30s", kill_after=30)
        assert go_on(tmp_path, server, after=HOLD - timedelta(seconds=1)).status == "held"
        assert server.ids() == []
        run = go_on(tmp_path, server, after=HOLD)
        assert (run.status, len(server.ids()), copies(tmp_path)) == ("done", 1, 1)

    def test_killed_while_it_is_held_it_can_still_be_taken_back(self, tmp_path: Path, server: Server) -> None:
        assert sent_by_another(tmp_path, server, hold="30s", kill_after=30)
        with connect(tmp_path, server.port, hold="30s") as app:
            assert app.undo("r1").status == "cancelled"
        assert go_on(tmp_path, server, after=timedelta(days=1)).effects[0].state == "withdrawn"
        assert server.ids() == []

    @pytest.mark.parametrize("seed", range(6))
    def test_killed_at_any_moment_around_the_hold(self, tmp_path: Path, server: Server, seed: int) -> None:
        assert sent_by_another(tmp_path, server, hold="30s", kill_after=0.05 * seed)
        with connect(tmp_path, server.port, hold="30s") as app:
            if not app.runs():
                return
        go_on(tmp_path, server, after=timedelta(seconds=1))
        run = go_on(tmp_path, server, after=timedelta(minutes=2))
        if run.status == "held":  # its row was not written yet: it is held from the next command on
            run = go_on(tmp_path, server, after=timedelta(minutes=4))
        assert (run.status, len(server.ids())) == ("done", 1)
