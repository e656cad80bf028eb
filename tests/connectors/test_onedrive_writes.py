"""What is written in OneDrive: only what was approved, only where nobody else reads, and back again."""

from __future__ import annotations

from pathlib import Path

import pytest
from contracts import NOW, pass_over
from fakes import office
from fakes.graph.drives import Node
from fakes.proxy import Request
from graph_givens import Microsoft
from onedrive_givens import BO, SITE, fill, items, mine, onedrive, ref, removed

from deskhand.connectors.errors import Changed, Exists, Missing, Unauthorized, Unknown, Unsupported
from deskhand.connectors.model import Content, Item, ItemRef
from deskhand.connectors.onedrive import OneDrive
from deskhand.connectors.operations import (
    Enclosure,
    FileCopy,
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
)

DOCX = Enclosure(ref=ItemRef("mail", "attachment", "INBOX/1.a#1"), version="m-1")


@pytest.fixture
def nodes(microsoft: Microsoft) -> dict[str, Node]:
    return fill(microsoft)


@pytest.fixture
def source(microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path) -> OneDrive:
    return onedrive(microsoft, tmp_path)


def there(source: OneDrive, node: Node) -> Item:
    found = source.read(ref(node))
    assert found is not None
    return found


def replacing(source: OneDrive, node: Node, text: str = "new") -> FileReplace:
    item = there(source, node)
    return FileReplace(source="files", ref=item.ref, version=item.version, text=text)


def trashing(source: OneDrive, node: Node) -> FileTrash:
    item = there(source, node)
    return FileTrash(source="files", ref=item.ref, version=item.version)


def test_a_new_file_has_what_was_written_and_folders_are_made(microsoft: Microsoft, source: OneDrive) -> None:
    made = FileCreate(source="files", path="Letters/2026/an answer & more.md", text="# Dear Bo\n")
    receipt = source.perform(made, key="k1", now=NOW)
    item = source.read(receipt.ref)
    assert item is not None
    assert (item.title, item.folder, item.text) == ("an answer & more.md", "Letters/2026", "# Dear Bo\n")
    assert source.where(made, key="k1") == "the file Letters/2026/an answer & more.md in OneDrive"
    assert microsoft.world.drives.did == ["folder Letters", "folder 2026", "create an answer & more.md"]


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("notes.md", Exists), ("NOTES.md", Exists), ("notes.md/x.md", Exists), ("a/../b.md", Unsupported),
        ("what?.md", Unsupported), (" x.md", Unsupported), ("end./x.md", Unsupported), ("x.png", Unsupported),
        ("Work/Plans/x.md", None), ("Shared/x.md", Unsupported),
    ],
)  # fmt: skip
def test_a_file_is_made_only_where_none_is_and_nobody_else_reads(
    microsoft: Microsoft, source: OneDrive, path: str, error: type[Exception] | None
) -> None:
    drives, own = microsoft.world.drives, mine(microsoft)
    drives.share(own, drives.folder(own, "Shared"), BO)
    operation = FileCreate(source="files", path=path, text="x")
    if error is None:
        source.perform(operation, key="k1", now=NOW)
        return
    with pytest.raises(error):
        source.perform(operation, key="k1", now=NOW)
    assert drives.did == []


def test_what_would_not_be_seen_again_or_lies_in_a_library_is_not_made(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    microsoft.world.drives.site("/sites/team", "Team")
    source = onedrive(microsoft, tmp_path, folders="Work,Team", drives=SITE)
    for path, why in (("x.md", "would not see it again"), ("Team/Documents/x.md", "is shared")):
        with pytest.raises(Unsupported, match=why):
            source.perform(FileCreate(source="files", path=path, text="x"), key=path, now=NOW)
    assert microsoft.world.drives.did == []


def test_a_file_in_a_library_is_replaced_and_thrown_away(microsoft: Microsoft, tmp_path: Path) -> None:
    drives = microsoft.world.drives
    (library,) = drives.site("/sites/team", "Team")
    node = drives.file(library, "plan.md", "one")
    source = onedrive(microsoft, tmp_path, drives=SITE)
    item = source.read(ref(node, drive=library.id))
    assert item is not None
    replace = FileReplace(source="files", ref=item.ref, version=item.version, text="two")
    done = source.perform(replace, key="k1", now=NOW)
    assert node.data == b"two"
    trash = FileTrash(source="files", ref=item.ref, version=done.version)
    gone = source.perform(trash, key="k2", now=NOW)
    back = source.inverse(trash, gone)
    assert back is not None
    again = source.perform(back, key="k3", now=NOW)
    found = source.read(again.ref)
    assert found is not None
    assert (found.text, found.folder) == ("two", "Team/Documents")


def test_what_changed_since_it_was_read_is_not_touched(
    microsoft: Microsoft, source: OneDrive, nodes: dict[str, Node]
) -> None:
    operations = [replacing(source, nodes["notes"]), trashing(source, nodes["notes"])]
    microsoft.world.drives.edit(mine(microsoft), nodes["notes"], "somebody else's")
    for operation in operations:
        with pytest.raises(Changed):
            source.perform(operation, key="k1", now=NOW)
    microsoft.world.drives.trash(mine(microsoft), nodes["notes"])
    with pytest.raises(Missing):
        source.perform(operations[0], key="k1", now=NOW)
    assert microsoft.world.drives.did == []


@pytest.mark.parametrize("where", ["POST /v1.0/me/drive", "PUT /_api", "DELETE /v1.0/me/drive"])
def test_who_saves_in_between_is_not_written_over(
    microsoft: Microsoft, source: OneDrive, nodes: dict[str, Node], where: str
) -> None:
    """Right before the request that matters: If-Match."""
    delete = where.startswith("DELETE")
    operation = trashing(source, nodes["notes"]) if delete else replacing(source, nodes["notes"])

    def somebody_saves(request: Request) -> None:
        microsoft.world.drives.edit(mine(microsoft), nodes["notes"], "somebody else's", by="bo")
        request.say(*request.forward())

    microsoft.front.faults = [(where, somebody_saves)]
    with pytest.raises(Changed, match="nothing was changed"):
        source.perform(operation, key="k1", now=NOW)
    assert nodes["notes"].data == b"somebody else's"
    assert source.find(operation, key="k1") is None


def test_what_is_something_else_when_it_is_read_back_is_put_to_the_person(
    microsoft: Microsoft, source: OneDrive, nodes: dict[str, Node]
) -> None:
    """It was written: that it changed since it was approved is what one says of what was not."""

    def somebody_saves(request: Request) -> None:
        answer = request.forward()
        microsoft.world.drives.edit(mine(microsoft), nodes["notes"], "somebody else's", by="bo")
        request.say(*answer)

    microsoft.front.faults = [("PUT /_api", somebody_saves)]
    with pytest.raises(Unknown, match=r"something else when it is read back.*stands in OneDrive"):
        source.perform(replacing(source, nodes["notes"], "mine"), key="k1", now=NOW)
    assert nodes["notes"].data == b"somebody else's"


def test_who_makes_a_file_of_that_name_in_between_keeps_it(
    microsoft: Microsoft, source: OneDrive, nodes: dict[str, Node]
) -> None:
    own = mine(microsoft)

    def somebody_saves(request: Request) -> None:
        microsoft.world.drives.file(own, "new.md", "somebody else's", by="bo")
        request.say(*request.forward())

    for n, where in enumerate(("POST /v1.0/me/drive", "PUT /_api")):
        microsoft.front.faults = [(where, somebody_saves)]
        operation = FileCreate(source="files", path="new.md", text="mine")
        with pytest.raises(Exists):
            source.perform(operation, key=f"k{n}", now=NOW)
        made = own.named(own.root, "new.md")
        assert made is not None
        assert made.data == b"somebody else's"
        microsoft.world.drives.trash(own, made)
    assert microsoft.world.drives.did == []


def test_a_new_name_alone_is_no_reason_not_to_write(
    microsoft: Microsoft, source: OneDrive, nodes: dict[str, Node]
) -> None:
    operation = replacing(source, nodes["notes"])
    microsoft.world.drives.rename(mine(microsoft), nodes["notes"], "other.md")
    source.perform(operation, key="k1", now=NOW)
    assert nodes["notes"].data == b"new"


def test_a_replacement_is_taken_back_and_that_again(
    microsoft: Microsoft, source: OneDrive, nodes: dict[str, Node]
) -> None:
    operation = replacing(source, nodes["notes"], "new\nlines")
    done = source.perform(operation, key="k1", now=NOW)
    back = source.inverse(operation, done)
    assert isinstance(back, FileRestore)
    undone = source.perform(back, key="k2", now=NOW)
    assert nodes["notes"].data == b"# Notes\n\nsecond"
    forth = source.inverse(back, undone)
    assert forth is not None
    source.perform(forth, key="k3", now=NOW)
    assert nodes["notes"].data == b"new\nlines"
    assert len(nodes["notes"].versions) == 5


def test_line_ends_stay_and_an_empty_text_is_one(microsoft: Microsoft, source: OneDrive) -> None:
    node = microsoft.world.drives.file(mine(microsoft), "dos.txt", "a\r\nb\r\n")
    done = source.perform(replacing(source, node, "c\nd\n"), key="k1", now=NOW)
    assert node.data == b"c\r\nd\r\n"
    source.perform(
        FileReplace(source="files", ref=ref(node), version=done.version, text=""), key="k2", now=NOW
    )
    assert node.data == b""


def test_a_personal_onedrive_gives_back_the_file_with_its_versions(
    microsoft: Microsoft, tmp_path: Path
) -> None:
    microsoft.world.drives.of("ana", "personal")
    nodes = fill(microsoft)
    source = onedrive(microsoft, tmp_path)
    _, cursor = pass_over(source)
    operation = trashing(source, nodes["notes"])
    done = source.perform(operation, key="k1", now=NOW)
    assert removed(pass_over(source, cursor)[0]) == [nodes["notes"].id]
    back = source.inverse(operation, done)
    assert back is not None
    again = source.perform(back, key="k2", now=NOW)
    assert again.ref == ref(nodes["notes"])
    assert len(nodes["notes"].versions) == 2


def test_elsewhere_the_same_bytes_come_back_under_the_same_name(
    microsoft: Microsoft, source: OneDrive, nodes: dict[str, Node]
) -> None:
    operation = trashing(source, nodes["report"])
    done = source.perform(operation, key="k1", now=NOW)
    back = source.inverse(operation, done)
    assert back is not None
    assert source.where(back, key="k2") == f"the file {nodes['report'].id} in OneDrive"
    again = source.perform(back, key="k2", now=NOW)
    assert source.where(back, key="k2") == "the file report.docx in OneDrive"
    item = source.read(again.ref)
    assert item is not None
    assert (item.title, item.folder, item.text.strip()) == ("report.docx", "Work", "The report")
    assert again.ref != ref(nodes["report"])
    third = source.perform(trashing(source, mine(microsoft).nodes[again.ref.native]), key="k3", now=NOW)
    microsoft.world.drives.file(mine(microsoft), "report.docx", "in its place", parent=nodes["work"].id)
    undo = FileRestore(source="files", ref=third.ref, version="", hash=str(third.detail["before"]))
    with pytest.raises(Exists):
        source.perform(undo, key="k4", now=NOW)


def test_an_office_file_that_sharepoint_writes_into_is_there_all_the_same(
    microsoft: Microsoft, source: OneDrive
) -> None:
    """Where its answer comes, that says so; where it is lost, nobody can tell, and that is said."""
    microsoft.world.drives.rewrites = True
    contents = {DOCX.ref: Content("a.docx", "application/octet-stream", office.docx(["A"]))}
    made = FileCopy(source="files", folder="Work", called="a.docx", content=DOCX)
    receipt = source.perform(made, key="k1", now=NOW, contents=contents)
    assert source.find(made, key="k1") == receipt
    from fakes.proxy import done_but, torn

    microsoft.front.faults = [("PUT /_api", done_but(torn))]
    other = made.model_copy(update={"called": "b.docx"})
    with pytest.raises(Unknown, match="with other bytes"):
        source.perform(other, key="k2", now=NOW, contents=contents)
    for _ in range(2):  # as after a crash: by its name it is there, and by nothing else it is ours
        with pytest.raises(Unknown, match="may have been made before"):
            source.perform(other, key="k2", now=NOW, contents=contents)
    assert microsoft.world.drives.did == ["create a.docx", "create b.docx"]


def test_a_folder_that_is_called_like_another_drive_is_none(microsoft: Microsoft, tmp_path: Path) -> None:
    drives, cy = microsoft.world.drives, microsoft.world.people["cy"].address
    for who in ("bo", "cy"):
        drives.of(who).members.add("ana")
    drives.folder(drives.of("bo"), cy)
    source = onedrive(microsoft, tmp_path, drives=f"{BO},{cy}")
    made = FileCreate(source="files", path=f"{BO}/{cy}/x.md", text="x")
    with pytest.raises(Unsupported, match=f"^{cy} is shared"):
        source.perform(made, key="k1", now=NOW)


def test_what_may_only_be_read_and_what_is_no_file_is_left_alone(
    microsoft: Microsoft, source: OneDrive, nodes: dict[str, Node], tmp_path: Path
) -> None:
    drives = microsoft.world.drives
    theirs = drives.of("bo")
    theirs.members.add("ana")
    shared = onedrive(microsoft, tmp_path / "shared", drives=BO)
    item = shared.read(ref(nodes["offer"], drive=theirs.id))
    assert item is not None
    operation = FileReplace(source="files", ref=item.ref, version=item.version, text="mine")
    with pytest.raises(Unsupported, match="may only be read"):
        shared.perform(operation, key="k1", now=NOW)
    for node in (nodes["book"], nodes["link"]):
        with pytest.raises(Unsupported, match="no file with bytes"):
            source.perform(trashing(source, node), key="k2", now=NOW)
    small = onedrive(microsoft, tmp_path / "small", max_size=5)
    with pytest.raises(Unsupported, match="too large"):
        small.perform(trashing(small, nodes["notes"]), key="k3", now=NOW)
    assert drives.did == []


def test_reading_alone_is_what_is_done_before_writing_is_switched_on(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    source = onedrive(microsoft, tmp_path, write=False, allowed=("User.Read", "Files.Read"))
    assert source.operations == ()
    assert "notes.md" in items(source)
    with pytest.raises(Unsupported, match="only read"):
        source.perform(FileCreate(source="files", path="x.md", text="x"), key="k1", now=NOW)
    asked = onedrive(microsoft, tmp_path, allowed=("User.Read", "Files.Read"))
    with pytest.raises(Unauthorized, match="not allowed Deskhand to write"):
        asked.check()
