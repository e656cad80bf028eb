"""What is written into a Drive: private, once, never over what somebody else did, and never gone for good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from contracts import NOW, pass_over
from drive_givens import BO, drive, fill, items, ref, removed
from fakes.drive import faults
from fakes.drive.server import Server
from fakes.drive.world import FOLDER, World

from deskhand.connectors.errors import Changed, Conflict, Exists, Missing, Transient, Unknown, Unsupported
from deskhand.connectors.gdrive import GDrive
from deskhand.connectors.model import Item
from deskhand.connectors.operations import FileCreate, FileReplace, FileRestore, FileTrash


@pytest.fixture
def ids(world: World) -> dict[str, str]:
    return fill(world)


@pytest.fixture
def source(served: Server, ids: dict[str, str], tmp_path: Path) -> GDrive:
    return drive(served, tmp_path)


def at(source: GDrive, id: str) -> Item:
    item = source.read(ref(id))
    assert item is not None
    return item


def create(path: str, text: str = "new") -> FileCreate:
    return FileCreate(source="drive", path=path, text=text)


def replace(item: Item, text: str) -> FileReplace:
    return FileReplace(source="drive", ref=item.ref, version=item.version, text=text)


def trash(item: Item) -> FileTrash:
    return FileTrash(source="drive", ref=item.ref, version=item.version)


def test_without_the_right_to_write_there_is_nothing_to_do(
    served: Server, ids: dict[str, str], tmp_path: Path
) -> None:
    source = drive(served, tmp_path, write=False)
    assert source.operations == ()
    with pytest.raises(Unsupported, match="only read"):
        source.perform(create("a.md"), key="k", now=NOW)


def test_a_new_file_lies_where_it_was_to_and_is_found_by_its_key(
    served: Server, world: World, source: GDrive
) -> None:
    made = source.perform(create("Work/New/Deep/plan.md", "# Plan\n"), key="k1", now=NOW)
    item = at(source, made.ref.native)
    assert (item.folder, item.title, item.text) == ("Work/New/Deep", "plan.md", "# Plan\n")
    node = world.nodes[made.ref.native]
    assert (node.mime, node.properties) == ("text/markdown", {"deskhand": "k1"})
    assert len([n for n in world.nodes.values() if n.mime == FOLDER and n.name == "New"]) == 1
    source.perform(create("Work/New/other.md"), key="k2", now=NOW)
    assert len([n for n in world.nodes.values() if n.mime == FOLDER and n.name == "New"]) == 1


def test_a_file_is_created_under_an_id_that_google_gave_before(
    served: Server, world: World, source: GDrive
) -> None:
    """So a second request for it is refused by Google itself, and that means: it is done."""
    unseen = ("files.get", faults.says(404, "notFound"))
    served.faults, served.after = [("upload", faults.done_but(504))], {"upload": [unseen]}
    with pytest.raises(Transient):
        source.perform(create("a.md"), key="k1", now=NOW)
    served.faults = [unseen]
    made = source.perform(create("a.md"), key="k1", now=NOW)
    assert served.names().count("files.create") == 2
    assert world.did == ["create"]
    assert world.nodes[made.ref.native].name == "a.md"


@pytest.mark.parametrize(
    ("path", "error", "why"),
    [
        ("notes.md", Exists, "exists already"),
        ("photo.png/a.md", Exists, "is a file"),
        ("../a.md", Unsupported, "no path"),
        ("/a.md", Unsupported, "no path"),
        ("a/", Unsupported, "no path"),
        ("a.pdf", Unsupported, "no text file"),
    ],
)
def test_where_no_file_can_be_put(
    world: World, source: GDrive, path: str, error: type[Exception], why: str
) -> None:
    before = len(world.nodes)
    with pytest.raises(error, match=why):
        source.perform(create(path), key="k", now=NOW)
    assert (world.did, len(world.nodes)) == ([], before)


@pytest.mark.parametrize("how", ["user", "anyone", "domain"])
def test_nothing_is_put_where_others_can_read_it(
    served: Server, world: World, ids: dict[str, str], source: GDrive, how: str, tmp_path: Path
) -> None:
    world.share(ids["work"], BO if how == "user" else how, type=how)
    before = len(world.nodes)
    for path in ("Work/a.md", "Work/Plans/a.md", "Work/New/Deep/a.md"):
        with pytest.raises(Unsupported, match="is shared"):
            source.perform(create(path), key="k", now=NOW)
    assert len(world.nodes) == before, "nor a folder"
    world.drive("Team", BO)
    with pytest.raises(Unsupported, match="Team is shared"):
        drive(served, tmp_path, drives="Team").perform(create("Team/a.md"), key="k", now=NOW)
    assert "create" not in world.did


def test_a_new_version_keeps_the_old_one(
    served: Server, world: World, ids: dict[str, str], source: GDrive
) -> None:
    item = at(source, ids["notes"])
    operation = replace(item, "# Notes\n\nmine")
    receipt = source.perform(operation, key="k1", now=NOW)
    assert [r.data for r in world.nodes[ids["notes"]].revisions][-2:] == [
        b"# Notes\n\nsecond",
        b"# Notes\n\nmine",
    ]
    assert at(source, ids["notes"]).version == receipt.version
    back = source.inverse(operation, receipt)
    assert back == FileRestore(source="drive", ref=item.ref, version=receipt.version, hash=item.hash)
    world.nodes[ids["notes"]].revisions[1].purged = True  # Google's copy goes after 30 days, ours stays
    source.perform(back, key="k2", now=NOW)
    assert at(source, ids["notes"]).text == item.text
    assert world.did == ["update", "update"]


def test_line_ends_stay_as_they_were(world: World, source: GDrive) -> None:
    made = world.file("dos.txt", "a\r\nb\r\n", mime="text/plain")
    source.perform(replace(at(source, made), "a\nc\n"), key="k", now=NOW)
    assert world.nodes[made].revisions[-1].data == b"a\r\nc\r\n"


def test_what_changed_meanwhile_is_not_written_over(
    world: World, ids: dict[str, str], source: GDrive
) -> None:
    item = at(source, ids["notes"])
    world.edit(ids["notes"], "theirs", by=BO)
    for operation in (replace(item, "mine"), trash(item)):
        with pytest.raises(Changed):
            source.perform(operation, key="k", now=NOW)
    assert world.did == []


def test_two_that_write_in_the_same_moment_are_told(
    served: Server, world: World, ids: dict[str, str], source: GDrive
) -> None:
    """Drive knows no condition for a write: it is seen afterwards, by the revisions, and nothing is lost."""
    operation = replace(at(source, ids["notes"]), "mine")

    def meanwhile(handler: object, answer: object) -> None:
        world.edit(ids["notes"], "theirs", by=BO)
        faults.passed(handler, answer)  # type: ignore[arg-type]

    served.faults = [("upload", meanwhile)]
    with pytest.raises(Unknown, match="in the same moment"):
        source.perform(operation, key="k", now=NOW)
    assert [r.data for r in world.nodes[ids["notes"]].revisions][-2:] == [b"theirs", b"mine"]


def test_what_is_something_else_when_it_is_read_back_is_put_to_the_person(
    served: Server, world: World, ids: dict[str, str], source: GDrive
) -> None:
    """It was written: that it changed since it was approved is what one says of what was not."""
    operation = replace(at(source, ids["notes"]), "mine")

    def meanwhile(handler: object, answer: object) -> None:
        world.edit(ids["notes"], "theirs", by=BO)
        faults.passed(handler, answer)  # type: ignore[arg-type]

    served.after = {"upload": [("files.get", meanwhile)]}
    with pytest.raises(Unknown, match="something else when it is read back"):
        source.perform(operation, key="k", now=NOW)
    assert [r.data for r in world.nodes[ids["notes"]].revisions][-2:] == [b"mine", b"theirs"]


def folders(world: World, name: str) -> int:
    return len([n for n in world.nodes.values() if n.mime == FOLDER and n.name == name])


@pytest.mark.parametrize("found", [True, False], ids=["it can be looked at", "it cannot"])
def test_a_folder_is_made_once_though_the_answer_is_lost(
    served: Server, world: World, source: GDrive, found: bool
) -> None:
    """Under an id that was given before; Google's search knows of it only later."""
    served.faults = [("files.create", faults.torn)]
    if not found:
        served.after = {"files.create": [("files.get", faults.says(503))] * 5}
        with pytest.raises(Unknown, match="Whether the folder New was made is not known"):
            source.perform(create("New/plan.md"), key="k1", now=NOW)
        served.faults = [("files.list", empty), ("files.list", empty)]
    source.perform(create("New/plan.md"), key="k1", now=NOW)
    assert folders(world, "New") == 1
    assert len([n for n in world.nodes.values() if n.name == "plan.md"]) == 1


def empty(handler: Any, answer: Any) -> None:
    """A search that does not find yet what is there."""
    made = answer()
    made.data = b'{"files": []}'
    handler.give(made)


def test_a_folder_that_was_not_made_leaves_nothing(served: Server, world: World, source: GDrive) -> None:
    served.faults = [("files.create", faults.says(504))]
    with pytest.raises(Transient, match="The folder New is not there; nothing was changed"):
        source.perform(create("New/plan.md"), key="k1", now=NOW)
    assert folders(world, "New") == 0
    source.perform(create("New/plan.md"), key="k1", now=NOW)
    assert folders(world, "New") == 1


def test_what_has_happened_is_no_failure_because_something_fails_behind_it(
    served: Server, world: World, ids: dict[str, str], source: GDrive
) -> None:
    operation = replace(at(source, ids["notes"]), "mine")
    served.after = {
        "upload": [("revisions.list", faults.passed)] + [("revisions.list", faults.says(503))] * 5
    }
    assert source.perform(operation, key="k", now=NOW).version == at(source, ids["notes"]).version
    assert world.did == ["update"]


def test_googles_own_documents_are_not_written_over(
    ids: dict[str, str], world: World, source: GDrive
) -> None:
    with pytest.raises(Unsupported, match="Google's own kind"):
        source.perform(replace(at(source, ids["plan"]), "all gone"), key="k", now=NOW)
    assert world.did == []


def test_what_is_thrown_away_lies_in_the_trash_and_comes_back(
    served: Server, world: World, ids: dict[str, str], source: GDrive
) -> None:
    _, cursor = pass_over(source)
    for name in ("plan", "notes", "photo"):
        item = at(source, ids[name])
        receipt = source.perform(operation := trash(item), key=f"t{name}", now=NOW)
        assert (receipt.version, world.nodes[ids[name]].trashed) == ("", True)
        changes, cursor = pass_over(source, cursor)
        assert ids[name] in removed(changes)
        back = source.inverse(operation, receipt)
        assert back is not None
        again = source.perform(back, key=f"b{name}", now=NOW)
        assert again.version == item.version
        changes, cursor = pass_over(source, cursor)
        assert (at(source, ids[name]).hash, at(source, ids[name]).text) == (item.hash, item.text)
        undo = source.inverse(back, again)
        assert undo == trash(item)
    assert set(world.did) == {"trash", "untrash"}
    assert not [a for a in served.asked if a.verb == "DELETE"]


def test_what_changed_in_the_trash_or_is_gone_from_it_is_not_put_back(
    world: World, ids: dict[str, str], source: GDrive
) -> None:
    item = at(source, ids["notes"])
    back = FileRestore(source="drive", ref=item.ref, version="", hash=item.hash)
    with pytest.raises(Conflict, match="there already"):
        source.perform(back, key="k", now=NOW)
    world.edit(ids["notes"], "other")
    world.trash(ids["notes"])
    with pytest.raises(Changed, match="no longer what was thrown away"):
        source.perform(back, key="k", now=NOW)
    world.delete(ids["notes"])
    with pytest.raises(Missing):
        source.perform(back, key="k", now=NOW)


def test_somebody_elses_file_is_not_thrown_away(world: World, ids: dict[str, str], source: GDrive) -> None:
    with pytest.raises(Unsupported, match="only its owner"):
        source.perform(trash(at(source, ids["theirs"])), key="k", now=NOW)
    text = world.file("theirs.md", "x", mime="text/markdown", by=BO)
    with pytest.raises(Unsupported, match="may only be read"):
        source.perform(replace(at(source, text), "mine"), key="k", now=NOW)
    assert world.did == []


def test_what_is_not_read_is_not_touched(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    whole = drive(served, tmp_path / "a")
    item = at(whole, ids["notes"])
    source = drive(served, tmp_path, folders="Work")
    for operation in (replace(item, "x"), trash(item), create("a.md")):
        with pytest.raises(Unsupported, match="does not read"):
            source.perform(operation, key="k", now=NOW)
    said = next(i for n, i in items(whole).items() if n.endswith("#comments"))
    with pytest.raises(Unsupported, match="cannot be changed from here"):
        whole.perform(trash(said), key="k", now=NOW)
    assert world.did == []


def test_an_earlier_effect_is_found_after_a_later_one(
    world: World, ids: dict[str, str], source: GDrive
) -> None:
    """The mark in the file is that of the later one; our own note of the first remembers."""
    first = replace(at(source, ids["notes"]), "one")
    done = source.perform(first, key="k1", now=NOW)
    source.perform(replace(at(source, ids["notes"]), "two"), key="k2", now=NOW)
    again = source.perform(first, key="k1", now=NOW)
    assert (again.ref, again.version) == (done.ref, done.version)
    assert world.did == ["update", "update"]
