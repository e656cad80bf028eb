"""What goes wrong between us and OneDrive: nothing is lost, nothing doubled; effects counted there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contracts import NOW, pass_over
from fakes.graph.drives import Node
from fakes.graph.world import Refused
from fakes.proxy import Does, Request, cut, done_but, passed, reset, rewritten, says, torn
from graph_givens import Microsoft
from onedrive_givens import BO, failed, fill, mine, onedrive, ref, removed

from deskhand.connectors._graph_storage import Storage
from deskhand.connectors.errors import SourceError, Transient, Unauthorized, Unknown
from deskhand.connectors.model import Content, Failed, Item, ItemRef
from deskhand.connectors.onedrive import OneDrive
from deskhand.connectors.operations import (
    Enclosure,
    FileCopy,
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
    Operation,
)

READ: dict[str, Does] = {
    "429": says(429), "429 with Retry-After": says(429, Retry_After="2"), "500": says(500),
    "502 HTML": says(502, b"<html>Bad gateway</html>"), "503": says(503, Retry_After="5"), "504": says(504),
    "cut": cut, "reset in the middle": reset, "no answer": torn,
}  # fmt: skip
WHERE = ["GET /v1.0/me/drive/root/delta", "POST /v1.0/$batch", "GET /v1.0/me/drive/items", "GET /_layouts"]
"""Changes, what is asked in a batch, what leads to bytes, and the bytes."""


@pytest.fixture
def nodes(microsoft: Microsoft) -> dict[str, Node]:
    made = fill(microsoft)
    microsoft.world.drives.edit(mine(microsoft), made["plan"], "The plan: ask Cy.")
    return made


@pytest.mark.parametrize("fault", READ)
def test_a_fault_in_reading_loses_and_doubles_nothing(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path, fault: str
) -> None:
    """Whatever it is that is asked for, twice each."""
    whole, _ = pass_over(onedrive(microsoft, tmp_path / "a"))
    microsoft.front.faults = [(where, READ[fault]) for where in WHERE] * 2
    told, cursor = pass_over(onedrive(microsoft, tmp_path / "b"))
    assert microsoft.front.faults == [], "it has happened"
    assert told == whole
    assert pass_over(onedrive(microsoft, tmp_path / "b"), cursor) == ([], cursor)


def test_each_answer_of_a_batch_has_its_own_status(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    """429 in it: that one is asked for again, after as long as it says."""
    whole, _ = pass_over(onedrive(microsoft, tmp_path / "a"))
    busy = [Refused(429, "activityLimitReached", Retry_After="7")] * 2
    microsoft.world.refusing = lambda _, path: busy.pop() if busy and path.endswith("versions") else None
    waits: list[float] = []
    assert pass_over(onedrive(microsoft, tmp_path / "b", waits=waits))[0] == whole
    assert 7.0 in waits


def test_an_address_of_bytes_that_is_too_old_is_asked_for_again(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    """Without another token: it is none of Graph's answers."""
    whole, _ = pass_over(onedrive(microsoft, tmp_path / "a"))
    source = onedrive(microsoft, tmp_path / "b")
    microsoft.front.faults = [("GET /_layouts", says(status)) for status in (401, 403, 404, 410)]
    tokens = len(microsoft.world.asked_tokens)
    assert pass_over(source)[0] == whole
    assert len(microsoft.world.asked_tokens) == tokens + 1


def test_bytes_that_were_cut_off_are_known_by_their_hash(microsoft: Microsoft, tmp_path: Path) -> None:
    drives, own = microsoft.world.drives, mine(microsoft)
    made = drives.file(own, "notes.md", "all of it")
    source = onedrive(microsoft, tmp_path)
    half = rewritten(lambda data: data[: len(data) // 2])
    microsoft.front.always["GET /_layouts"] = half
    changes, cursor = pass_over(source)
    assert failed(changes) == {made.id: "OneDrive does not send notes.md whole."}
    microsoft.front.always.clear()
    microsoft.front.faults = [("GET /_layouts", half)] * 2
    assert [c.text for c in pass_over(source, cursor)[0] if isinstance(c, Item)] == ["all of it"]


def test_a_file_that_sharepoint_hands_out_otherwise_than_it_counted_it_is_read(
    microsoft: Microsoft, tmp_path: Path
) -> None:
    microsoft.world.drives.file(mine(microsoft), "notes.md", "as it was")
    microsoft.front.always["GET /_layouts"] = rewritten(lambda data: data + b", and more")
    changes, _ = pass_over(onedrive(microsoft, tmp_path))
    assert [c.text for c in changes if isinstance(c, Item)] == ["as it was, and more"]


def test_one_file_that_is_not_to_be_had_keeps_nobody_from_the_others(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    """It is told, and asked for again with the next pass, until it comes or is gone."""
    source, plan = onedrive(microsoft, tmp_path), nodes["plan"].id
    whole, _ = pass_over(onedrive(microsoft, tmp_path / "b"))
    microsoft.world.refusing = lambda _, path: (
        Refused(503, "serviceNotAvailable") if path.endswith(f"{plan}/content") else None
    )
    changes, cursor = pass_over(source)
    assert failed(changes) == {plan: "OneDrive answered 503."}
    told = {c.ref.native for c in changes if isinstance(c, Item)}
    assert told == {c.ref.native for c in whole if isinstance(c, Item)}, "its earlier version came"
    changes, cursor = pass_over(source, cursor)
    assert failed(changes) == {plan: "OneDrive answered 503."}
    microsoft.world.refusing = lambda *_: Refused(403, "accessDenied") if _[1].endswith("/content") else None
    changes, cursor = pass_over(source, cursor)
    assert failed(changes) == {plan: "who owns it does not let it be fetched"}
    microsoft.world.refusing = lambda *_: None
    microsoft.world.drives.edit(mine(microsoft), nodes["plan"], "Now it comes.")
    changes, cursor = pass_over(source, cursor)
    assert [c.text for c in changes if isinstance(c, Item)][-1] == "Now it comes."
    assert pass_over(source, cursor) == ([], cursor)


@pytest.mark.parametrize("part", ["/permissions", "/versions", ""], ids=["rights", "versions", "itself"])
def test_what_never_comes_of_one_file_keeps_nobody_from_the_others(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path, part: str
) -> None:
    """Without its rights nobody knows whose eyes it is for: it is not told without them."""
    source, plan, world = onedrive(microsoft, tmp_path), nodes["plan"].id, microsoft.world
    whole, _ = pass_over(onedrive(microsoft, tmp_path / "b"))
    cursor = None
    if not part:  # asked for alone only where it did not come before
        world.refusing = lambda _, path: Refused(503, "odd") if path.endswith(f"{plan}/content") else None
        _, cursor = pass_over(source)
    world.refusing = lambda _, path: Refused(500, "odd") if path.endswith(f"{plan}{part}") else None
    told = list[Any]()
    for _ in range(2):
        changes, cursor = pass_over(source, cursor)
        assert failed(changes) == {plan: "OneDrive answered 500."}
        told += changes
    if part:
        others = {c.ref.native for c in whole if isinstance(c, Item)} - {plan}
        assert {c.ref.native for c in told if isinstance(c, Item)} == others
    world.refusing = lambda *_: None
    changes, cursor = pass_over(source, cursor)
    assert [c.text for c in changes if isinstance(c, Item)][-1] == "The plan: ask Cy."
    assert pass_over(source, cursor) == ([], cursor)


def test_what_is_refused_when_it_is_asked_for_again_is_not_gone(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    source, plan, world = onedrive(microsoft, tmp_path), nodes["plan"].id, microsoft.world
    _, cursor = pass_over(source)
    world.drives.edit(mine(microsoft), nodes["plan"], "Now it comes.")
    for status, end in ((503, "/content"), (403, "")):
        no = Refused(status, "odd")
        world.refusing = lambda _, path, no=no, end=end: no if path.endswith(f"{plan}{end}") else None
        changes, cursor = pass_over(source, cursor)
        assert list(failed(changes)) == [plan]
        assert removed(changes) == []
    world.refusing = lambda *_: None
    changes, cursor = pass_over(source, cursor)
    assert [c.text for c in changes if isinstance(c, Item)][-1] == "Now it comes."
    assert pass_over(source, cursor) == ([], cursor)


def test_what_is_to_be_asked_for_again_goes_with_its_drive(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    """Closed, it keeps nobody from the others and comes when it is open; not chosen any more, it goes."""
    drives, world = microsoft.world.drives, microsoft.world
    theirs = drives.of("bo")
    theirs.members.add("ana")
    minutes = drives.file(theirs, "Minutes.md", "Bo's minutes")
    busy = Refused(503, "serviceNotAvailable")
    world.refusing = lambda _, path: busy if path.endswith(f"{minutes.id}/content") else None
    source, key = onedrive(microsoft, tmp_path, drives=BO), f"{theirs.id}/{minutes.id}"
    changes, cursor = pass_over(source)
    assert list(failed(changes)) == [key]
    world.refusing = lambda *_: None
    changes, _ = pass_over(onedrive(microsoft, tmp_path), cursor)
    assert [c for c in changes if isinstance(c, Item | Failed)] == []
    drives.edit(mine(microsoft), nodes["plan"], "Now it comes.")
    no = Refused(403, "accessDenied")
    world.refusing = lambda _, path: no if f"/drives/{theirs.id}/" in path else None
    told: list[Any] = []
    with pytest.raises(Unauthorized):
        told.extend(source.changes(cursor))
    assert [c.text for c in told if isinstance(c, Item)] == ["Now it comes."]
    world.refusing = lambda *_: None
    changes, _ = pass_over(source, told[-1])
    assert [c.text for c in changes if isinstance(c, Item)] == ["Bo's minutes"]


def test_bytes_are_fetched_from_microsoft_alone(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    """Whatever address an answer names; and no token goes along (the fake looks)."""
    microsoft.world.drives.front = "https://elsewhere.invalid"
    changes, _ = pass_over(onedrive(microsoft, tmp_path))
    assert all("not among the hosts" in why for why in failed(changes).values())
    assert len(failed(changes)) == 3


def test_where_nothing_at_all_is_to_be_had_the_pass_ends(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    microsoft.front.always = {"GET /v1.0/me/drive/items": says(503), "GET /v1.0/me/drive/root?": says(503)}
    with pytest.raises(Transient, match="answered 503"):
        pass_over(onedrive(microsoft, tmp_path))


def test_a_sign_in_that_was_taken_back_says_what_to_do(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    source = onedrive(microsoft, tmp_path)
    _, cursor = pass_over(source)
    microsoft.world.tokens.clear()
    microsoft.world.no_token = {"error": "invalid_grant", "error_description": "AADSTS50173: revoked."}
    with pytest.raises(Unauthorized, match="deskhand signin files"):
        pass_over(source, cursor)
    microsoft.world.no_token = None
    assert pass_over(onedrive(microsoft, tmp_path), cursor) == ([], cursor)


# ------------------------------------------------------------------ writing

WRITTEN: dict[str, Does] = {
    **READ, "504 after it was done": done_but(says(504)), "500 after it was done": done_but(says(500)),
    "torn after it was done": done_but(torn),
}  # fmt: skip
SCAN = Enclosure(ref=ItemRef("mail", "attachment", "INBOX/1.a#1"), version="m-1")
CONTENTS = {SCAN.ref: Content("scan.pdf", "application/pdf", b"%PDF")}


def _create(source: OneDrive, nodes: dict[str, Node], microsoft: Microsoft) -> Operation:
    return FileCreate(source="files", path="Work/new.md", text="# New\n")


def _empty(source: OneDrive, nodes: dict[str, Node], microsoft: Microsoft) -> Operation:
    return FileCreate(source="files", path="Work/new.md", text="")


def _copy(source: OneDrive, nodes: dict[str, Node], microsoft: Microsoft) -> Operation:
    return FileCopy(source="files", folder="Work", called="scan.pdf", content=SCAN)


def _replace(source: OneDrive, nodes: dict[str, Node], microsoft: Microsoft) -> Operation:
    item = source.read(ref(nodes["notes"]))
    assert item is not None
    return FileReplace(source="files", ref=item.ref, version=item.version, text="replaced")


def _trash(source: OneDrive, nodes: dict[str, Node], microsoft: Microsoft) -> Operation:
    item = source.read(ref(nodes["plan"]))
    assert item is not None
    return FileTrash(source="files", ref=item.ref, version=item.version)


def _restore(source: OneDrive, nodes: dict[str, Node], microsoft: Microsoft) -> Operation:
    item = source.read(ref(nodes["plan"]))
    assert item is not None
    source.perform(_trash(source, nodes, microsoft), key="k0", now=NOW)
    microsoft.world.drives.did.clear()
    return FileRestore(source="files", ref=item.ref, version="", hash=item.hash)


Make = Callable[[OneDrive, dict[str, Node], Microsoft], Operation]
WRITES: dict[str, tuple[Make, str, str, str]] = {
    "create": (_create, "business", "PUT /_api", "create new.md"),
    "create, its beginning": (_create, "business", "POST /v1.0/me/drive", "create new.md"),
    "create, empty": (_empty, "business", "PUT /v1.0/me/drive", "create new.md"),
    "copy": (_copy, "personal", "PUT /_api", "create scan.pdf"),
    "replace": (_replace, "business", "PUT /_api", "update notes.md"),
    "trash": (_trash, "business", "DELETE /v1.0/me/drive", "trash Plan.md"),
    "put back": (_restore, "personal", "POST /v1.0/me/drive", "untrash Plan.md"),
    "put back, by its bytes": (_restore, "business", "PUT /_api", "create Plan.md"),
}  # fmt: skip


FEW = ("429", "no answer", "cut", "504 after it was done")
CASES = [(w, f) for w in WRITES for f in WRITTEN if f in FEW or w in ("create", "replace", "trash")]


@pytest.mark.parametrize(("write", "fault"), CASES, ids=[f"{w}: {f}" for w, f in CASES])
def test_a_fault_in_writing_does_it_once_or_not_at_all(
    microsoft: Microsoft, tmp_path: Path, write: str, fault: str
) -> None:
    """As the ledger does it: look, do it, and where that failed look again before it is done again."""
    make, kind, where, effect = WRITES[write]
    drives = microsoft.world.drives
    drives.of("ana", "personal" if kind == "personal" else "business")
    nodes = fill(microsoft)
    source = onedrive(microsoft, tmp_path)
    operation = make(source, nodes, microsoft)
    microsoft.front.faults = [(where, WRITTEN[fault])]
    receipt = None
    for _ in range(3):
        try:
            if (receipt := source.find(operation, key="k1")) is None:
                receipt = source.perform(operation, key="k1", now=NOW, contents=CONTENTS)
        except (Transient, Unknown):
            continue
        break
    assert microsoft.front.faults == [], "it has happened"
    assert drives.did == [effect]
    assert receipt is not None
    again = onedrive(microsoft, tmp_path).perform(operation, key="k1", now=NOW, contents=CONTENTS)
    assert (again.ref, again.version) == (receipt.ref, receipt.version)
    assert drives.did == [effect]


def test_a_long_upload_goes_on_where_it_broke_off(
    microsoft: Microsoft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts but the last do nothing by themselves, and are sent again; none is taken twice."""
    monkeypatch.setattr("deskhand.connectors._graph_storage.PART", 320 * 1024)
    data = b"%PDF" + bytes(320 * 1024 * 3)
    source = onedrive(microsoft, tmp_path)
    faults = [passed, done_but(torn), says(503), done_but(says(500)), passed]
    microsoft.front.faults = [("PUT /_api", does) for does in faults]
    operation = FileCopy(source="files", called="scan.pdf", content=SCAN)
    contents = {SCAN.ref: Content("scan.pdf", "application/pdf", data)}
    receipt = source.perform(operation, key="k1", now=NOW, contents=contents)
    assert microsoft.world.drives.did == ["create scan.pdf"]
    item = source.read(receipt.ref)
    assert item is not None
    assert source.content(item.ref, item.version).data == data


def test_an_upload_that_does_not_go_on_ends(
    microsoft: Microsoft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Storage.__init__, "__kwdefaults__", {"part": 320 * 1024, "told": True})
    stuck = says(202, b'{"nextExpectedRanges": ["0-"]}')
    microsoft.front.faults = [("PUT /_api", stuck)] * 3
    contents = {SCAN.ref: Content("scan.pdf", "application/pdf", bytes(320 * 1024 * 2))}
    operation = FileCopy(source="files", called="scan.pdf", content=SCAN)
    with pytest.raises(Transient, match="does not go on"):
        onedrive(microsoft, tmp_path).perform(operation, key="k1", now=NOW, contents=contents)
    assert microsoft.world.drives.did == []


def test_folders_that_are_gone_wait_for_the_end_of_their_own_drive(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    """What was in one may have been moved out, which a later page tells."""
    drives, world = microsoft.world.drives, microsoft.world
    theirs, other = drives.of("bo"), drives.of("cy")
    for drive in (theirs, other):
        drive.members.add("ana")
    folder = drives.folder(theirs, "Old")
    moved = drives.file(theirs, "moved.md", "It stays.", parent=folder.id)
    drives.file(other, "cy.md", "Cy's.")
    source = onedrive(microsoft, tmp_path, drives=f"{BO},{world.people['cy'].address}")
    _, cursor = pass_over(source)
    drives.rename(theirs, moved, parent=theirs.root)
    drives.trash(theirs, folder)
    theirs.log[-2:] = [folder.id, moved.id]
    world.page = 1
    asked: list[str] = []

    def refusing(_: str, path: str) -> Refused | None:
        asked.extend([path] if "delta" in path and theirs.id in path else [])
        return Refused(403, "accessDenied") if len(asked) > 1 and theirs.id in path else None

    world.refusing = refusing
    told: list[Any] = []
    with pytest.raises(Unauthorized):
        told.extend(source.changes(cursor))
    assert removed(told) == []
    world.refusing = lambda *_: None
    assert removed(pass_over(source, told[-1])[0]) == []


def test_a_lost_answer_that_cannot_be_looked_for_is_put_to_the_person(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    source = onedrive(microsoft, tmp_path)
    operation = _trash(source, nodes, microsoft)

    def then_silent(request: Request) -> None:
        request.forward()
        microsoft.front.always["GET"] = says(503)
        torn(request)

    microsoft.front.faults = [("DELETE", then_silent)]
    with pytest.raises(Unknown, match="may have been changed"):
        source.perform(operation, key="k1", now=NOW)
    microsoft.front.always.clear()
    assert source.find(operation, key="k1") is not None
    assert microsoft.world.drives.did == ["trash Plan.md"]


def test_what_is_not_shown_is_not_taken_for_thrown_away(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    """A request that was lost and not done, and then a no of which nobody knows what it means."""
    source = onedrive(microsoft, tmp_path)
    operation = _trash(source, nodes, microsoft)
    lost = Refused(500, "generalException", "lost")

    def refusing(method: str, path: str) -> Refused | None:
        if method == "DELETE":
            microsoft.world.refusing = lambda method, _: Refused(403, "odd") if method == "GET" else None
            return lost
        return None

    microsoft.world.refusing = refusing
    with pytest.raises(Unknown, match="may have been changed"):
        source.perform(operation, key="k1", now=NOW)
    microsoft.world.refusing = lambda *_: None
    assert source.find(operation, key="k1") is None
    assert source.perform(operation, key="k1", now=NOW).ref == ref(nodes["plan"])
    assert microsoft.world.drives.did == ["trash Plan.md"]


def test_what_is_refused_was_not_done_and_leaves_nothing(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    source = onedrive(microsoft, tmp_path)
    full = Refused(507, "quotaLimitReached", "Insufficient Space Available")
    microsoft.world.refusing = lambda _, path: full if "createUploadSession" in path else None
    with pytest.raises(SourceError, match="no room left"):
        source.perform(_create(source, nodes, microsoft), key="k1", now=NOW)
    assert microsoft.world.drives.did == []
    assert not list((tmp_path / "effects").glob("*"))
