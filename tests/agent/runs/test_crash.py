"""Once or not at all: killed anywhere between a request and its report, the next command goes on.

Counted where the effects happen: in the outbox, the calendar and the folder, never in our own ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from crashing import ANSWERS, DECISIONS, FOLLOWING, JOBS, POINTS, REOPENING, connect, copied, killed, ready

from deskhand.agent.app import App
from deskhand.agent.model import FINISHED, Run

pytestmark = [pytest.mark.crash, pytest.mark.long]

MOST_CHANGES = 40
"""More changes of files than any source makes in one write."""


def count(root: Path, job: str) -> int:
    """How often it happened, as others see it."""
    match job:
        case "mail":
            return len(list((root / "outbox").glob("*.eml")))
        case "draft":
            boxes = [p for p in (root / "mail").rglob("*") if p.is_file() and p.parent.name in ("cur", "new")]
            return len([p for p in boxes if b"Subject: S" in p.read_bytes()])
        case "event":
            texts = [p.read_text("utf-8") for p in (root / "calendar").rglob("*.ics")]
            return sum(t.count("BEGIN:VEVENT") for t in texts)
        case _:
            files = [p for p in (root / "documents").rglob("*") if p.is_file() and p.name[0] != "."]
            return len([p for p in files if "written once" in p.read_text("utf-8")])


def go_on(app: App) -> Run:
    """What the next command does, and the one run there is."""
    for run in app.resume():
        app.runs_room.wait(run)
    (run,) = app.runs()
    return run


def settled(root: Path, job: str, *, engine: str = "memory") -> Run:
    """Go on after the kill; whatever the run ended as, it must agree with what the source holds."""
    with connect(root, engine) as app:
        run = go_on(app)
        if run.status == "waiting":
            assert count(root, job) == 0
            run = app.decide(run.approvals[0].id)
        assert run.status in FINISHED
        assert run.status == "done", run.answer
        assert count(root, job) == 1
        assert [e.state for e in run.effects] == ["done"]
        assert run.effects[0].receipt is not None
        assert not app.approvals()
        again = go_on(app)
        assert (again, count(root, job)) == (run, 1)
        synced = app.sync(embed=0)
        assert not any(p.error for p in synced.passes)
        assert app.archive.check() == []
        return run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with nothing in it, to be copied."""
    return ready(tmp_path_factory.mktemp("ready"))


@pytest.fixture
def root(tmp_path: Path, made: Path) -> Path:
    return copied(made, tmp_path)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("job", ["mail", "event"])
def test_killed_at_a_point_of_a_run_that_asks(root: Path, job: str, point: str) -> None:
    assert killed(root, job, point)
    settled(root, job)


@pytest.mark.parametrize(
    "point", ["after the row, before the call", "after the source accepted", "before done is written"]
)
@pytest.mark.parametrize("job", ["draft", "file"])
def test_killed_at_a_point_of_a_run_that_need_not_ask(root: Path, job: str, point: str) -> None:
    assert killed(root, job, point)
    settled(root, job)


@pytest.mark.parametrize("point", POINTS)
def test_each_element_of_a_list_once(root: Path, point: str) -> None:
    """Cut off anywhere, also twice: what was done for an element is not done again, and none is left out."""
    if not killed(root, "each", point):
        assert point == "after the question", "nobody is asked for one's own calendar"
    with connect(root) as app:
        run = go_on(app)
        assert run.status == "done", run.answer
        assert count(root, "event") == 3
        assert [e.step for e in run.effects] == ["keep_1", "keep_2", "keep_3"]
        assert len({e.receipt["ref"] for e in run.effects if e.receipt}) == 3


@pytest.mark.parametrize("job", JOBS)
def test_killed_before_every_change_of_a_file_inside_the_source(tmp_path: Path, made: Path, job: str) -> None:
    """Wherever inside its own write the source was cut off: before it counts, after it counts, in between."""
    for after in range(MOST_CHANGES):
        root = copied(made, tmp_path / str(after))
        cut = killed(root, job, "write", after=after)
        assert count(root, job) <= 1
        settled(root, job)
        if not cut:
            assert after > 1, "the watch saw the changes"
            return
    raise AssertionError("it never came to an end")


def test_killed_again_and_again(root: Path) -> None:
    """Each new life is killed further on; in the end it happened once."""
    for point in ("after the plan", "before the ledger row", "after the source accepted"):
        assert killed(root, "mail", point)
    with connect(root) as app:
        assert [r.id for r in app.runs()] == ["r3", "r2", "r1"]
        for run in app.resume():
            app.runs_room.wait(run)
        assert {r.status for r in app.runs()} == {"done"}
        assert count(root, "mail") == 3, "three were asked for"


@pytest.mark.parametrize("point", ["between approval and effect", "after the source accepted"])
def test_on_the_durable_engine_too(root: Path, point: str) -> None:
    assert killed(root, "mail", point, engine="dbos")
    settled(root, "mail", engine="dbos")


def test_killed_while_it_waits_for_a_decision(root: Path) -> None:
    with connect(root) as app:
        asked = app.ask("mail", fresh=False)
        assert asked.status == "waiting"
    assert killed(root, "event", "after the question")
    with connect(root) as app:
        for run in app.resume():
            app.runs_room.wait(run)
        assert app.decide(asked.approvals[0].id).status == "done"
    assert count(root, "mail") == 1


def left_over(root: Path) -> tuple[int, int]:
    """Files and events that stand."""
    return count(root, "file"), count(root, "event")


def in_the_way(root: Path) -> None:
    (root / "documents" / "there.md").write_text("somebody's", "utf-8")


def everywhere(root: Path, job: str) -> Iterator[Path]:
    """A home for each place at which it can be cut off, cut off there.

    Those before a change for one job, those after one for the next: between two changes nothing is kept.
    """
    before = ready(root / "before")
    in_the_way(before)
    if job in ANSWERS:
        with connect(before) as app:
            assert app.ask("ask", fresh=False).status == "waiting"
    for after in range(len(job) % 2, 200, 2):
        place = copied(before, root / str(after))
        cut = killed(place, job, "anywhere", after=after)
        yield place
        if not cut:
            assert after > 5, "the changes were counted"
            return
    raise AssertionError("it never came to an end")


def test_what_was_done_is_taken_back_once_wherever_it_was_cut_off(tmp_path: Path) -> None:
    for place in everywhere(tmp_path, "compensate"):
        with connect(place) as app:
            run = go_on(app)
            assert run.status == "failed", run.answer
            assert left_over(place) == (0, 0), place
            states = sorted((e.step, e.state) for e in run.effects)
            undone = [("event", "undone"), ("file", "undone"), ("there", "failed")]
            assert states == [("back_undo1", "done"), ("back_undo2", "done"), *undone], place
            assert "What had been done before that was taken back: " in run.answer


def test_a_write_that_was_cut_off_is_taken_back_too(tmp_path: Path) -> None:
    """Without its checkpoints it begins from the front: the step that reads fails before anything else is
    known of the write that was cut off."""
    for place in everywhere(tmp_path, "late"):
        for file in (place / "home").glob("checkpoints.db*"):
            file.unlink()
        with connect(place) as app:
            run = go_on(app)
            assert run.status == "failed", run.answer
            assert left_over(place) == (0, 0), place
            assert not [e for e in run.effects if e.state == "claimed"]


def test_a_failure_is_asked_about_once_wherever_it_was_cut_off(tmp_path: Path) -> None:
    for place in everywhere(tmp_path, "ask"):
        with connect(place) as app:
            run = go_on(app)
            assert (run.status, left_over(place)) == ("waiting", (1, 1)), place
            (card,) = app.approvals()
            assert card.kind == "failure"


@pytest.mark.parametrize(
    ("then", "status", "left"),
    [
        ("go on", "partial", (1, 1)),
        ("take back", "failed", (0, 0)),
        ("try again", "waiting", (1, 1)),
    ],
)
def test_an_answer_to_a_failure_is_not_lost(
    tmp_path: Path, then: str, status: str, left: tuple[int, int]
) -> None:
    """Cut off anywhere between the answer and its end. Before it was kept, it is asked as it was."""
    for place in everywhere(tmp_path, then):
        with connect(place) as app:
            run = go_on(app)
            if [a.id for a in app.approvals()] == ["a1"]:
                run = ANSWERS[then](app)
            assert (run.status, left_over(place)) == (status, left), place


@pytest.mark.parametrize(
    "point", ["before the ledger row", "after the row, before the call", "before the read-back"]
)
def test_what_was_cut_off_can_be_stopped(root: Path, point: str) -> None:
    """The next command may stop it instead of going on; of what was begun it says that nobody knows."""
    assert killed(root, "file", point)
    with connect(root) as app:
        run = app.cancel("r1")
        assert run.status == "cancelled"
        begun = point != "before the ledger row"
        assert (
            "Whether this happened is not known, it was cut off; please look: do file." in run.answer
        ) == begun
        assert ("So this was not done: do file." in run.answer) != begun
        assert [e.state for e in app.run("r1").effects] == (["unknown"] if begun else [])
        assert go_on(app) == run


MEETING = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//test//EN\r
BEGIN:VEVENT\r
UID:budget@example.org\r
DTSTAMP:20261101T000000Z\r
SUMMARY:Budget\r
DTSTART:20261124T100000Z\r
DTEND:20261124T110000Z\r
ORGANIZER:mailto:noor@example.org\r
ATTENDEE;PARTSTAT=ACCEPTED:mailto:bo@example.org\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.mark.parametrize("point", REOPENING)
@pytest.mark.parametrize("decision", DECISIONS)
def test_what_changed_since_it_was_asked_is_asked_again_once(root: Path, decision: str, point: str) -> None:
    """Cut off anywhere between the yes and the new question: the wish is not lost, and asked about once."""
    file = root / "calendar" / "budget.ics"
    file.write_text(MEETING, "utf-8")
    with connect(root) as app:
        app.sync(embed=0)
        (old,) = app.ask("move", fresh=False).approvals
    moved = MEETING.replace("20261124T1", "20261126T1")
    file.write_text(moved, "utf-8")
    if not killed(root, decision, point):
        assert (decision, point) == ("yes", "after the source refused"), "it was seen before that"
    with connect(root) as app:
        run = go_on(app)
        assert run.status == "waiting", run.answer
        (new,) = app.approvals()
        assert (new.id != old.id, new.hash != old.hash) == (True, True)
        assert {a.id: a.state for a in run.approvals}[old.id] == "withdrawn"
        assert "It was moved to Thu 26 Nov, 10:00–11:00 since you were asked." in new.notes
        assert new.arguments["start"].startswith("2026-11-26T11:00")
        assert (file.read_bytes(), count(root, "mail")) == (moved.encode(), 0)
        assert go_on(app).approvals == run.approvals
        done = app.decide(new.id)
        assert done.status == "done", done.answer
        assert [e.operation for e in done.effects if e.state == "done"] == ["event.update", "mail.send"]
        assert count(root, "mail") == 1
        assert "DTSTART:20261126T110000Z" in file.read_text("utf-8")


@pytest.mark.parametrize("point", [*FOLLOWING, *POINTS])
def test_a_time_that_was_kept_is_given_back_once(root: Path, point: str) -> None:
    """Cut off anywhere around its end: it is given back with the next look, once, and nothing else is."""
    (root / "calendar" / "budget.ics").write_text(MEETING, "utf-8")
    with connect(root) as app:
        app.sync(embed=0)
        kept = app.ask("hold", fresh=False)
        assert kept.status == "done", kept.answer
    assert count(root, "event") == 2
    if not killed(root, "look", point):
        assert point == "after the question", "nobody is asked for it"
    with connect(root) as app:
        for run in [*app.resume(), *app.sync(embed=0).followed]:
            app.runs_room.wait(run)
        (given, one) = app.runs()
        assert (one.id, given.status) == (kept.id, "done")
        assert given.id.startswith("release-")
        assert [(e.operation, e.state) for e in given.effects] == [("event.cancel", "done")]
        assert count(root, "event") == 1
        assert (root / "calendar" / "budget.ics").read_bytes() == MEETING.encode()
        assert app.sync(embed=0).followed == ()
