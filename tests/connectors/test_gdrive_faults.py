"""What goes wrong between us and Google Drive: nothing is lost, nothing doubled; effects counted there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from contracts import NOW, current, pass_over
from drive_givens import drive, failed, fill, ref, removed
from fakes.drive import faults
from fakes.drive.faults import Fault
from fakes.drive.server import Server
from fakes.drive.world import World

from deskhand.connectors.archive import Archive
from deskhand.connectors.errors import SourceError, Transient, Unauthorized, Unknown
from deskhand.connectors.gdrive import GDrive
from deskhand.connectors.model import Change, Content, Cursor, Item, ItemRef
from deskhand.connectors.operations import (
    Enclosure,
    FileCopy,
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
    Operation,
)
from deskhand.connectors.sync import sync

READ: dict[str, Fault] = {
    "429": faults.says(429, "rateLimitExceeded"),
    "429 with Retry-After": faults.says(429, "rateLimitExceeded", Retry_After="2"),
    "403 of a quota": faults.says(403, "userRateLimitExceeded"),
    "500": faults.says(500),
    "502 HTML": faults.html(),
    "503": faults.says(503),
    "504": faults.says(504),
    "cut": faults.cut,
    "reset in the middle": faults.reset,
    "no answer": faults.torn,
}
WHERE = [
    "changes.getStartPageToken", "files.list", "files.get", "files.export", "revisions.list", "revisions.get",
    "comments.list", "changes.list", "Export",
]  # fmt: skip


@pytest.fixture
def ids(world: World) -> dict[str, str]:
    made = fill(world)
    world.edit(made["plan"], "The plan: ask Cleo.")
    return made


@pytest.mark.parametrize("fault", READ)
def test_a_fault_in_reading_loses_and_doubles_nothing(
    served: Server, ids: dict[str, str], tmp_path: Path, fault: str
) -> None:
    """Whatever it is that is asked for, twice each."""
    whole, _ = pass_over(drive(served, tmp_path / "a"))
    served.faults = [(where, READ[fault]) for where in WHERE] * 2
    told, cursor = pass_over(drive(served, tmp_path / "b"))
    assert served.faults == [], "it has happened"
    assert told == whole
    assert pass_over(drive(served, tmp_path / "b"), cursor) == ([], cursor)


@pytest.mark.parametrize("where", ["files.list", "revisions.list", "comments.list", "changes.list"])
def test_an_answer_that_was_cut_off_is_asked_for_again(
    served: Server, ids: dict[str, str], tmp_path: Path, where: str
) -> None:
    whole, _ = pass_over(drive(served, tmp_path / "a"))
    served.faults += [(where, faults.halved)]
    assert pass_over(drive(served, tmp_path / "b"))[0] == whole


def test_bytes_that_were_cut_off_are_known_by_their_hash(
    served: Server, world: World, tmp_path: Path
) -> None:
    made = world.file("notes.md", "all of it", mime="text/markdown")
    source = drive(served, tmp_path)
    media = faults.only(faults.halved, alt="media")
    served.faults += [("files.get", media)] * 20
    changes, cursor = pass_over(source)
    assert failed(changes) == {made: "Google Drive does not send notes.md whole."}
    served.faults = [("files.get", media)] * 2
    assert [c.text for c in pass_over(source, cursor)[0] if isinstance(c, Item)] == ["all of it"]


def test_one_file_that_google_does_not_give_keeps_nobody_from_the_others(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    """It is told, and asked for again with the next pass, until it comes or is gone."""
    source = drive(served, tmp_path)
    whole, _ = pass_over(drive(served, tmp_path / "b"))
    poison = faults.only(faults.says(500), fileId=ids["plan"])
    served.faults = [("files.export", poison)] * 40
    changes, cursor = pass_over(source)
    assert failed(changes) == {ids["plan"]: "Google Drive answered 500."}
    kept = {c.ref.native for c in whole if isinstance(c, Item)} - {ids["plan"], ids["plan"] + "#comments"}
    assert kept <= {c.ref.native for c in changes if isinstance(c, Item)}
    changes, cursor = pass_over(source, cursor)
    assert failed(changes) == {ids["plan"]: "Google Drive answered 500."}
    served.faults = []
    changes, cursor = pass_over(source, cursor)
    assert current(changes)[str(ref(ids["plan"]))].text == "The plan: ask Cleo."
    assert pass_over(source, cursor) == ([], cursor)


def test_where_google_gives_nothing_at_all_the_pass_ends(
    served: Server, ids: dict[str, str], tmp_path: Path
) -> None:
    served.faults = [(where, faults.says(503)) for where in ("files.export", "about.get") for _ in range(40)]
    with pytest.raises(Transient, match="answered 503"):
        pass_over(drive(served, tmp_path))


def test_an_export_is_fetched_from_google_alone(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    """Whatever address an answer names."""
    world.nodes[ids["plan"]].large = True
    world.base = "https://elsewhere.invalid/"
    changes, _ = pass_over(drive(served, tmp_path))
    (why,) = failed(changes).values()
    assert "elsewhere.invalid" in why
    assert "not among the hosts" in why


@pytest.mark.parametrize("page", [faults.doubled, faults.empty])
@pytest.mark.parametrize("where", ["files.list", "changes.list"])
def test_pages_that_come_twice_or_with_nothing_on_them_do_no_harm(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path, where: str, page: Fault
) -> None:
    source = drive(served, tmp_path)
    _, first = pass_over(drive(served, tmp_path / "b"))
    world.edit(ids["notes"], "third")
    world.trash(ids["photo"])
    whole, _ = pass_over(source)
    served.faults += [(where, page)]
    told, cursor = pass_over(source)
    assert told == whole
    served.faults = [(where, page)] if where == "changes.list" else []
    told, last = pass_over(source, first)
    assert [c.text for c in told if isinstance(c, Item)] == ["third"]
    assert removed(told) == [ids["photo"]]
    assert pass_over(source, last) == ([], last)
    assert pass_over(source, cursor) == ([], cursor)


@pytest.mark.parametrize("where", ["comments.list", "revisions.list"])
def test_what_is_listed_twice_is_told_once(
    served: Server, ids: dict[str, str], tmp_path: Path, where: str
) -> None:
    whole, _ = pass_over(drive(served, tmp_path / "a"))
    served.faults = [(where, faults.doubled)] * 10
    assert pass_over(drive(served, tmp_path / "b"))[0] == whole


def test_a_list_without_an_end_is_given_up(served: Server, ids: dict[str, str], tmp_path: Path) -> None:
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    served.faults = [("changes.list", faults.empty)] * 1000
    with pytest.raises(Transient, match="has no end"):
        pass_over(source, cursor)


@pytest.mark.parametrize(("status", "reason"), [(400, "invalid"), (404, "notFound"), (410, "gone")])
def test_a_log_that_cannot_be_followed_any_more_means_looking_at_everything(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path, status: int, reason: str
) -> None:
    """What is gone is found; what is the same is not fetched again."""
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    world.edit(ids["notes"], "third")
    world.trash(ids["photo"])
    served.asked.clear()
    served.faults = [("changes.list", faults.says(status, reason))]
    told, cursor = pass_over(source, cursor)
    assert [c.text for c in told if isinstance(c, Item)] == ["third"]
    assert removed(told) == [ids["photo"]]
    assert served.count("files.export") == 0
    assert pass_over(source, cursor) == ([], cursor)


def test_a_sign_in_that_was_taken_back_says_what_to_do(
    served: Server, ids: dict[str, str], tmp_path: Path
) -> None:
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    served.revoked = True
    with pytest.raises(Unauthorized, match="deskhand signin drive"):
        pass_over(source, cursor)
    served.revoked = False
    assert pass_over(drive(served, tmp_path), cursor) == ([], cursor)


# ------------------------------------------------------------------ broken off


def many(world: World, count: int = 230) -> list[str]:
    return [world.file(f"{n}.md", f"number {n}", mime="text/markdown") for n in range(count)]


def test_a_first_pass_that_was_killed_goes_on_at_the_last_page(
    served: Server, world: World, tmp_path: Path
) -> None:
    made = many(world)
    source, told = drive(served, tmp_path), list[Change]()
    running = source.changes(None)
    for change in running:
        told.append(change)
        if isinstance(change, Cursor):
            break
    assert isinstance(told[-1], Cursor)
    assert (told[-1].done, told[-1].expected) == (100, 230)
    running.close()
    world.edit(made[0], "changed meanwhile")
    served.asked.clear()
    rest, _ = pass_over(drive(served, tmp_path), told[-1])
    after = current([*told, *rest])
    assert sorted(after) == sorted(str(ref(id)) for id in made)
    assert after[str(ref(made[0]))].text == "changed meanwhile"
    assert served.count("comments.list") == 130


def test_a_page_token_that_is_too_old_means_listing_anew_and_fetching_only_the_rest(
    served: Server, world: World, tmp_path: Path
) -> None:
    made = many(world)
    whole = list(drive(served, tmp_path).changes(None))
    first = next(c for c in whole if isinstance(c, Cursor))
    served.asked.clear()
    served.faults = [("files.list", faults.says(400, "invalid"))]
    told, _ = pass_over(drive(served, tmp_path), first)
    assert len(told) == len({c.ref for c in told if isinstance(c, Item)}) == 130
    assert served.count("comments.list") == 130
    assert len(made) == 230


def test_google_out_of_reach_in_the_middle_keeps_what_was_read(
    served: Server, world: World, tmp_path: Path
) -> None:
    many(world)
    archive = Archive.open(tmp_path / "archive.db")
    archive.register("drive", "gdrive")
    source = drive(served, tmp_path)
    served.faults = [("files.list", faults.passed)] * 3 + [("files.list", faults.says(503))] * 5
    assert "answered 503" in sync(source, archive, now=lambda: NOW).error
    assert archive.sources()[0].items == 100
    done = sync(source, archive, now=lambda: NOW)
    assert (done.error, archive.sources()[0].items) == ("", 230)
    assert done.tally.added == 130
    archive.close()


# ------------------------------------------------------------------ writing

WRITTEN: dict[str, Fault] = {
    **READ,
    "504 after commit": faults.done_but(504),
    "500 after commit": faults.done_but(500),
    "cut off as if whole": faults.halved,
}
SCAN = Enclosure(ref=ItemRef("mail", "attachment", "INBOX/1.a#1"), version="m-1")


def _create(source: GDrive, ids: dict[str, str], world: World) -> Operation:
    return FileCreate(source="drive", path="Work/new.md", text="# New\n")


def _copy(source: GDrive, ids: dict[str, str], world: World) -> Operation:
    return FileCopy(source="drive", folder="Work", called="scan.pdf", content=SCAN)


def _replace(source: GDrive, ids: dict[str, str], world: World) -> Operation:
    item = source.read(ref(ids["notes"]))
    assert item is not None
    return FileReplace(source="drive", ref=item.ref, version=item.version, text="replaced")


def _trash(source: GDrive, ids: dict[str, str], world: World) -> Operation:
    item = source.read(ref(ids["plan"]))
    assert item is not None
    return FileTrash(source="drive", ref=item.ref, version=item.version)


def _restore(source: GDrive, ids: dict[str, str], world: World) -> Operation:
    item = source.read(ref(ids["plan"]))
    assert item is not None
    world.trash(ids["plan"])
    return FileRestore(source="drive", ref=item.ref, version="", hash=item.hash)


WRITES: dict[str, tuple[Callable[[GDrive, dict[str, str], World], Operation], str, str]] = {
    "create": (_create, "upload", "create"),
    "create, its beginning": (_create, "files.create", "create"),
    "copy": (_copy, "upload", "create"),
    "replace": (_replace, "upload", "update"),
    "trash": (_trash, "files.update", "trash"),
    "put back": (_restore, "files.update", "untrash"),
}


CASES = [(write, fault, True) for write in WRITES for fault in WRITTEN]
CASES += [(write, fault, False) for write in WRITES for fault in ("no answer", "504 after commit")]


@pytest.mark.parametrize(
    ("write", "fault", "noted"), CASES, ids=[f"{w}: {f}{'' if n else ', notes lost'}" for w, f, n in CASES]
)
def test_a_fault_in_writing_does_it_once_or_not_at_all(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path, write: str, fault: str, noted: bool
) -> None:
    """As the ledger does it: look, do it, and where that failed look again before it is done again."""
    make, where, effect = WRITES[write]
    source = drive(served, tmp_path)
    operation = make(source, ids, world)
    contents = {SCAN.ref: Content("scan.pdf", "application/pdf", b"%PDF")}
    served.faults = [(where, WRITTEN[fault])]
    receipt = None
    for _ in range(3):
        try:
            if not noted:
                for note in (tmp_path / "effects").glob("*"):
                    note.unlink()
            if (receipt := source.find(operation, key="k1")) is None:
                receipt = source.perform(operation, key="k1", now=NOW, contents=contents)
        except (Transient, Unknown):
            continue
        break
    assert served.faults == [], "it has happened"
    assert world.did == [effect]
    assert receipt is not None
    again = drive(served, tmp_path).perform(operation, key="k1", now=NOW, contents=contents)
    assert (again.ref, again.version) == (receipt.ref, receipt.version)
    assert world.did == [effect]


@pytest.mark.parametrize("write", ["create", "replace"])
def test_an_upload_that_never_came_through_was_not_done(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path, write: str
) -> None:
    make, where, effect = WRITES[write]
    source = drive(served, tmp_path)
    operation = make(source, ids, world)
    served.faults = [(where, faults.says(503))] * 20
    with pytest.raises(Transient):
        source.perform(operation, key="k1", now=NOW)
    assert source.find(operation, key="k1") is None
    assert world.did == []
    served.faults = []
    source.perform(operation, key="k1", now=NOW)
    assert world.did == [effect]


def test_an_answer_that_is_lost_and_cannot_be_looked_for_is_put_to_the_person(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    source = drive(served, tmp_path)
    operation = _trash(source, ids, world)
    served.faults = [("files.update", faults.torn)]
    served.after = {"files.update": [("files.get", faults.says(503))] * 5}
    with pytest.raises(Unknown, match="may have been changed"):
        source.perform(operation, key="k1", now=NOW)
    served.faults = []
    found = source.find(operation, key="k1")
    assert found is not None
    assert world.did == ["trash"]


def test_what_is_refused_was_not_done_and_leaves_nothing(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    source = drive(served, tmp_path)
    served.faults = [("files.create", faults.says(403, "storageQuotaExceeded"))]
    with pytest.raises(SourceError, match="storageQuotaExceeded"):
        source.perform(_create(source, ids, world), key="k1", now=NOW)
    assert world.did == []
    assert not list((tmp_path / "effects").glob("*"))
    assert failed(pass_over(source)[0]) == {}
