"""A Google Drive, end to end: synced, searched, written after a yes where others read, killed on the way."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from crashing import forked
from drive_desk import at, desk, do, replace_and_die, sync_and_die
from drive_givens import BO, fill, ref
from fakes.drive.server import Server, serving
from fakes.drive.world import World


@pytest.fixture
def served() -> Iterator[Server]:
    with serving(World()) as running:
        yield running
    assert running.wrong == []


@pytest.fixture
def world(served: Server) -> World:
    return served.world


def test_what_is_in_a_drive_is_found_with_its_versions_and_what_was_said_beside_it(
    served: Server, world: World, tmp_path: Path
) -> None:
    ids = fill(world)
    with desk(tmp_path, served.url) as app:
        (passed,) = app.sync(embed=0).passes
        assert (passed.error, passed.tally.added) == ("", 8)
        assert [r.version for r in app.archive.revisions(ref(ids["notes"]))]
        assert len(app.archive.revisions(ref(ids["notes"]))) == 2
        found = {h.title for h in app.search("which Bo").hits}
        assert "Comments on Plan" in found


def test_a_document_that_others_read_is_changed_after_a_question_alone(
    served: Server, world: World, tmp_path: Path
) -> None:
    """Called by its name, not by its id; one's own goes ahead, and comes back."""
    ids = fill(world)
    shared = world.file("shared.md", "for both", mime="text/markdown")
    world.share(shared, BO, role="writer")
    with desk(tmp_path, served.url) as app:
        app.sync(embed=0)
        own = do(app, "file.replace", **at(app, ids["notes"]), text="mine")
        assert own.status == "done", own.answer
        asked = do(app, "file.replace", **at(app, shared), text="changed")
        assert asked.status == "waiting", asked.answer
        (question,) = [a for a in asked.approvals if a.state == "pending"]
        assert question.summary == "Write a new version of “shared.md” in drive (the old one is kept)"
        assert world.did == ["update"]
        assert app.decide(question.id).status == "done"
        assert world.nodes[shared].revisions[-1].data == b"changed"
        undone = app.undo(own.id, approve=True)
        assert undone.status == "done", undone.answer
        assert world.nodes[ids["notes"]].revisions[-1].data == b"# Notes\n\nsecond"


@pytest.mark.crash
def test_a_first_sync_that_is_killed_goes_on_at_the_last_page(
    served: Server, world: World, tmp_path: Path
) -> None:
    for n in range(230):
        world.file(f"{n}.md", f"number {n}", mime="text/markdown")
    desk(tmp_path, served.url).close()
    child = forked(sync_and_die, str(tmp_path), served.url)
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    served.asked.clear()
    with desk(tmp_path, served.url) as app:
        (passed,) = app.sync(embed=0).passes
        assert (passed.error, passed.tally.added) == ("", 130)
        assert app.sources()[0].items == 230
    assert served.count("comments.list") == 130


@pytest.mark.crash
def test_killed_after_the_upload_it_is_found_and_not_written_again(
    served: Server, world: World, tmp_path: Path
) -> None:
    ids = fill(world)
    desk(tmp_path, served.url).close()
    child = forked(replace_and_die, str(tmp_path), served.url, ids["notes"])
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    assert world.did == ["update"]
    with desk(tmp_path, served.url) as app:
        for run in app.resume():
            assert app.runs_room.wait(run).status == "done"
        assert [e.state for e in app.runs_room.records.effects()] == ["done"]
    assert world.did == ["update"]
