"""Versions of files in a Drive: each head revision, older ones as far as Google has them, gaps by name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from contracts import NOW, pass_over
from drive_givens import BO, drive, items, ref, versions
from fakes.drive import faults
from fakes.drive.server import Server
from fakes.drive.world import DOC, SHEET, SLIDES, World

from deskhand.connectors.archive import Archive
from deskhand.connectors.sync import sync

KINDS = {"notes.md": "text/markdown", "Plan": DOC, "Costs": SHEET, "Talk": SLIDES}


@pytest.mark.parametrize("name", KINDS)
def test_older_revisions_are_versions_with_author_and_time(
    served: Server, world: World, tmp_path: Path, name: str
) -> None:
    made = world.file(name, "one", mime=KINDS[name])
    world.later(days=1)
    world.edit(made, "two", by=BO)
    world.later(days=1)
    world.edit(made, "three")
    changes, cursor = pass_over(drive(served, tmp_path))
    told = versions(changes, made)
    assert [("one" in v.text, "two" in v.text, "three" in v.text) for v in told] == [
        (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip
    assert [v.author for v in told] == ["Ana Sample", "Bo Sample", "Ana Sample"]
    assert [v.at for v in told] == [
        datetime(2026, 11, d, 8, m, tzinfo=UTC) for d, m in ((1, 2), (2, 3), (3, 4))
    ]
    assert len({v.version for v in told}) == 3
    assert told[-1].version == items(drive(served, tmp_path / "b"))[made].version
    assert [v.note for v in told] == ["", "", ""]
    world.later(days=1)
    for text in ("four", "five"):
        world.edit(made, text, by=BO)
    told = versions(pass_over(drive(served, tmp_path), cursor)[0], made)
    assert [("four" in v.text, "five" in v.text) for v in told] == [(True, False), (False, True)]


def test_so_many_versions_are_read_as_one_wants(served: Server, world: World, tmp_path: Path) -> None:
    made = world.file("notes.md", "0", mime="text/markdown")
    for n in range(1, 6):
        world.edit(made, str(n))
    assert [v.text for v in versions(pass_over(drive(served, tmp_path, history=3))[0], made)] == [
        "3",
        "4",
        "5",
    ]
    served.asked.clear()
    assert [v.text for v in versions(pass_over(drive(served, tmp_path / "b", history=1))[0], made)] == ["5"]
    assert served.count("revisions.get") == 0


def test_blobs_are_purged_and_a_gap_is_named(served: Server, world: World, tmp_path: Path) -> None:
    made = world.file("notes.md", "one", mime="text/markdown")
    for text in ("two", "three", "four", "five", "six"):
        world.later(days=1)
        world.edit(made, text)
    for n in (1, 2, 4):
        world.nodes[made].revisions[n].purged = True
    told = versions(pass_over(drive(served, tmp_path))[0], made)
    assert [(v.text, v.note) for v in told] == [
        ("one", ""),
        ("four", "Google no longer has what was in 2 versions of 2026-11-02 to 2026-11-03, before this one."),
        ("six", "Google no longer has what was in a version of 2026-11-05, before this one."),
    ]


def test_the_text_is_stored_at_sync_time_so_that_a_purge_loses_nothing(
    served: Server, world: World, tmp_path: Path
) -> None:
    made = world.file("notes.md", "one", mime="text/markdown")
    archive = Archive.open(tmp_path / "archive.db")
    archive.register("drive", "gdrive")
    source = drive(served, tmp_path)
    for text in ("two", "three"):
        assert sync(source, archive, now=lambda: NOW).error == ""
        world.edit(made, text)
        for revision in world.nodes[made].revisions[:-1]:
            revision.purged = True
    assert sync(source, archive, now=lambda: NOW).error == ""
    names = [r.version for r in archive.revisions(ref(made))]
    kept = [archive.item(ref(made), name) for name in names]
    assert [k.text for k in kept if k] == ["one", "two", "three"]
    archive.close()


@pytest.mark.parametrize("name", ["notes.md", "Plan"])
def test_revisions_list_may_be_incomplete_and_that_is_said(
    served: Server, world: World, tmp_path: Path, name: str
) -> None:
    made = world.file(name, "one", mime=KINDS[name])
    for text in ("two", "three"):
        world.later(days=2)
        world.edit(made, text)
    world.nodes[made].revisions[0].omitted = True
    told = versions(pass_over(drive(served, tmp_path))[0], made)
    assert [(v.text, v.note) for v in told] == [
        ("two", "Google no longer tells which versions there were between 2026-11-01 and 2026-11-03."),
        ("three", ""),
    ]


def test_what_was_left_out_between_two_passes_is_said(served: Server, world: World, tmp_path: Path) -> None:
    made = world.file("Plan", "one")
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    for text in ("two", "three"):
        world.later(days=2)
        world.edit(made, text)
    for revision in world.nodes[made].revisions[:2]:
        revision.omitted = True
    (told,) = versions(pass_over(source, cursor)[0], made)
    assert told.text == "three"
    assert told.note == "Google no longer tells which versions there were between 2026-11-01 and 2026-11-05."


def test_a_revision_that_google_merged_into_the_next_is_no_gap(
    served: Server, world: World, tmp_path: Path
) -> None:
    """Small edits of one document become one revision: the one that was told is listed no more."""
    made = world.file("Plan", "one")
    world.edit(made, "one and a half")
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    world.nodes[made].revisions[1].omitted = True
    world.later(days=2)
    world.edit(made, "two")
    assert [(v.text, v.note) for v in versions(pass_over(source, cursor)[0], made)] == [("two", "")]


def test_who_may_not_see_revisions_has_the_present_one(served: Server, world: World, tmp_path: Path) -> None:
    doc = world.file("Offer", "30 days", by=BO)
    text = world.file("offer.md", "30 days", mime="text/markdown", by=BO)
    source = drive(served, tmp_path)
    changes, cursor = pass_over(source)
    assert served.count("revisions.list") == 0
    for id in (doc, text):
        world.edit(id, "60 days", by=BO)
        world.edit(id, "90 days", by=BO)
    later, _ = pass_over(source, cursor)
    for id in (doc, text):
        first, last = versions(changes, id)[0], versions(later, id)[0]
        assert (first.text, last.text) == ("30 days", "90 days")
        assert first.version != last.version
        assert (last.author, last.at > first.at) == ("Bo Sample", True)


def test_revisions_that_google_does_not_tell_are_not_taken_for_none(
    served: Server, world: World, tmp_path: Path
) -> None:
    made = world.file("Plan", "one")
    world.edit(made, "two")
    served.faults = [("revisions.list", faults.says(403, "insufficientFilePermissions"))]
    (only,) = versions(pass_over(drive(served, tmp_path))[0], made)
    assert only.text == "two"
    assert only.note == "Google does not tell which versions there were before this one."


def test_docs_editors_files_come_by_export_and_beyond_ten_megabytes_by_their_links(
    served: Server, world: World, tmp_path: Path
) -> None:
    small, large = world.file("Small", "small"), world.file("Large", "very large")
    world.edit(large, "very large, again")
    world.nodes[large].large = True
    told = pass_over(drive(served, tmp_path))[0]
    assert [v.text for v in versions(told, small)] == ["small"]
    assert [v.text for v in versions(told, large)] == ["very large", "very large, again"]
    exported = [a.given("fileId") for a in served.asked if a.name == "files.export"]
    assert sorted(exported) == sorted([small, large]), "tried first, each of them"
    assert len([a for a in served.asked if a.path.startswith("/feeds/")]) == 2


def test_a_document_that_is_being_written_in_is_read_again_though_its_revision_keeps_its_id(
    served: Server, world: World, tmp_path: Path
) -> None:
    made = world.file("Plan", "one")
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    id = world.nodes[made].revisions[0].id
    world.edit(made, "one and a half")
    del world.nodes[made].revisions[0]
    world.nodes[made].revisions[0].id = id
    (told,) = versions(pass_over(source, cursor)[0], made)
    assert (told.version, told.text) == (f"r-{id}", "one and a half")
    read = source.read(ref(made))
    assert read is not None
    assert read.text == "one and a half"
