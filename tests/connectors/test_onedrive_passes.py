"""What a pass over OneDrive tells, the first time and after: new, changed, moved, shared, gone."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from contracts import NOW, current, pass_over
from fakes import office
from fakes.graph.drives import Node
from fakes.graph.world import Refused
from graph_givens import Microsoft
from onedrive_givens import (
    BO,
    CY,
    ME,
    OWN,
    SITE,
    failed,
    fill,
    items,
    mine,
    onedrive,
    ref,
    removed,
    versions,
)

from deskhand.connectors.errors import Misconfigured, Transient, Unauthorized, Unsupported
from deskhand.connectors.model import Cursor, Item, Relation
from deskhand.connectors.operations import FileCreate


@pytest.fixture
def nodes(microsoft: Microsoft) -> dict[str, Node]:
    return fill(microsoft)


def fetched(microsoft: Microsoft) -> int:
    """How often bytes were asked for since that was last forgotten."""
    count = sum(path.partition("?")[0].endswith("/content") for _, path in microsoft.world.calls)
    microsoft.world.calls.clear()
    return count


# ------------------------------------------------------------------ the first time


@pytest.mark.parametrize("kind", ["business", "personal"])
def test_a_first_pass_finds_everything(microsoft: Microsoft, tmp_path: Path, kind: Any) -> None:
    microsoft.world.drives.of("ana", kind)
    nodes = fill(microsoft)
    found = items(onedrive(microsoft, tmp_path))
    assert {t: (i.folder, i.text.strip()) for t, i in found.items()} == {
        "notes.md": ("", "# Notes\n\nsecond"), "Plan.md": ("Work/Plans", "The plan: ask Bo."),
        "report.docx": ("Work", "The report"), "photo.png": ("", ""), "Notebook": ("", ""), "Offer": ("", ""),
    }  # fmt: skip
    assert found["Offer"].relations == (Relation("mentions", f"b!bo-drive/{nodes['offer'].id}"),)
    notes = {t: found[t].data.get("note") for t in ("photo.png", "Notebook", "Offer")}
    assert notes == {
        "photo.png": "no readable text", "Offer": "a shortcut to another file",
        "Notebook": "what is in a notebook cannot be read: found by its name only",
    }  # fmt: skip


def test_an_item_has_what_a_reader_needs(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    plan = items(onedrive(microsoft, tmp_path))["Plan.md"]
    assert plan.author == "Ana Test"
    assert plan.at == nodes["plan"].at
    assert [(p.role, p.address) for p in plan.people] == [("author", ME)]
    assert plan.link == "https://example-my.sharepoint.com/personal/ana/Documents/Work/Plans/Plan.md"
    assert plan.data == {"mime": "text/markdown", "size": 17, "shared": True}
    assert (plan.label.trust, plan.label.origins) == ("untrusted", (str(plan.ref),))
    assert plan.label.readers == (ME, BO)


def test_versions_come_with_author_and_time_and_what_was_in_them(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    """driveItem versions."""
    source = onedrive(microsoft, tmp_path)
    changes, cursor = pass_over(source)
    first, second = versions(changes, nodes["notes"])
    assert [(v.version, v.text, v.author) for v in (first,)] == [("v-1.0", "# Notes\n\nfirst", "Ana Test")]
    assert (second.text, second.author) == ("# Notes\n\nsecond", "Bo Test")
    assert (first.at, second.at) == tuple(v.at for v in nodes["notes"].versions)
    assert first.data["size"] == 14
    drives, own = microsoft.world.drives, mine(microsoft)
    for text in ("third", "fourth"):
        drives.edit(own, nodes["notes"], text)
    told = versions(pass_over(source, cursor)[0], nodes["notes"])
    assert [(v.version[:2], v.text) for v in told] == [("v-", "third"), ("c-", "fourth")]


def test_versions_that_are_no_longer_there_are_named(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    drives, own, notes = microsoft.world.drives, mine(microsoft), nodes["notes"]
    for n in range(100):
        drives.world.tick()
        drives.edit(own, notes, f"edit {n}") if n > 96 else None
    notes.versions[2].data = None
    told = versions(pass_over(onedrive(microsoft, tmp_path / "a"))[0], notes)
    assert [(v.text, v.note) for v in told[-2:]] == [
        ("edit 98", "OneDrive no longer has what was in a version of 2026-11-22, before this one."),
        ("edit 99", ""),
    ]
    del notes.versions[:3]
    told = versions(pass_over(onedrive(microsoft, tmp_path / "b"))[0], notes)
    assert told[0].note == (
        "OneDrive no longer tells which versions there were between 2026-11-22 and 2026-11-22."
    )
    assert [v.text for v in told] == ["edit 98", "edit 99"]
    few = versions(pass_over(onedrive(microsoft, tmp_path / "c", history=1))[0], notes)
    assert [v.text for v in few] == ["edit 99"]


def test_large_files_are_found_by_their_names(microsoft: Microsoft, tmp_path: Path) -> None:
    microsoft.world.drives.file(mine(microsoft), "large.md", "x" * 1001)
    (item,) = items(onedrive(microsoft, tmp_path, max_size=1000)).values()
    assert (item.text, item.data["note"]) == ("", "larger than 1,000 bytes: found by its name only")
    assert fetched(microsoft) == 0


def test_broken_files_are_failures_and_the_pass_goes_on(microsoft: Microsoft, tmp_path: Path) -> None:
    drives, own = microsoft.world.drives, mine(microsoft)
    bad, good = drives.file(own, "bad.pdf", b"no pdf"), drives.file(own, "good.md", "fine")
    source = onedrive(microsoft, tmp_path)
    changes, cursor = pass_over(source)
    assert failed(changes).keys() == {bad.id}
    assert [i.text for i in versions(changes, good)] == ["fine"]
    assert pass_over(source, cursor)[0] == []
    drives.edit(own, bad, office.pdf("mended"))
    assert versions(pass_over(source, cursor)[0], bad)[-1].text.strip() == "mended"


# ------------------------------------------------------------------ what changed since


def test_a_pass_without_changes_is_one_request(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    """Whether the link is another one each time or not; delta links, and nextLink opaque."""
    microsoft.world.restless = True
    microsoft.world.page = 2
    source = onedrive(microsoft, tmp_path)
    _, cursor = pass_over(source)
    microsoft.world.calls.clear()
    changes, again = pass_over(source, cursor)
    assert (changes, again.value) == ([], cursor.value)
    assert len(microsoft.world.calls) == 1


def test_a_rename_and_a_move_are_no_new_version(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    source = onedrive(microsoft, tmp_path)
    before = items(source)["Plan.md"]
    _, cursor = pass_over(source)
    microsoft.world.calls.clear()
    own = mine(microsoft)
    microsoft.world.drives.rename(own, nodes["plan"], "The Plan.md", parent=own.root)
    changes, _ = pass_over(source, cursor)
    (item,) = versions(changes, nodes["plan"])
    assert (item.title, item.folder) == ("The Plan.md", "")
    assert (item.ref, item.version, item.text, item.at) == (
        before.ref, before.version, before.text, before.at,
    )  # fmt: skip
    assert fetched(microsoft) == 0
    read = source.read(item.ref)
    assert read is not None
    assert read.version == before.version


def test_what_lies_in_anothers_drive_is_never_taken_for_private(microsoft: Microsoft, tmp_path: Path) -> None:
    """Who is not the owner is told of no right but her own."""
    drives, theirs = microsoft.world.drives, microsoft.world.drives.of("bo")
    theirs.members.add("ana")
    theirs.writers.add("ana")
    plan, common = drives.file(theirs, "Plan.md", "Bo's plan"), drives.folder(theirs, "Common")
    for node in (plan, common):
        for who in (ME, CY):
            drives.share(theirs, node, who, role="write")
    source = onedrive(microsoft, tmp_path, drives=BO)
    assert items(source)["Plan.md"].data["shared"]
    made = FileCreate(source="files", path=f"{BO}/Common/x.md", text="x")
    with pytest.raises(Unsupported, match="Common is shared"):
        source.perform(made, key="k1", now=NOW)
    assert drives.did == []


@pytest.mark.parametrize("ctags", [False, True])
def test_what_changes_leave_out_of_a_file_is_asked_for(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path, ctags: bool
) -> None:
    """The cTag, in a business drive: without it a pass would know a file by another version than all else."""
    drives, own, source = microsoft.world.drives, mine(microsoft), onedrive(microsoft, tmp_path)
    drives.ctags = ctags
    changes, cursor = pass_over(source)
    told = {c.title: c for c in current(changes).values()}
    for name in ("notes.md", "photo.png"):
        now = source.read(told[name].ref)
        assert now is not None
        assert now.version == told[name].version
        assert source.content(now.ref, told[name].version).name == name
    drives.share(own, nodes["photo"], BO)
    drives.rename(own, nodes["work"], "Labour")
    after = {c.title: c.version for c in pass_over(source, cursor)[0] if isinstance(c, Item)}
    assert after == {t: told[t].version for t in ("photo.png", "Plan.md", "report.docx")}


def test_a_folder_that_is_renamed_moved_or_shared_takes_what_is_in_it_along(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    """Microsoft tells nothing of what is in it. Nothing is fetched again."""
    drives, own = microsoft.world.drives, mine(microsoft)
    source = onedrive(microsoft, tmp_path)
    _, cursor = pass_over(source)
    microsoft.world.calls.clear()
    drives.rename(own, nodes["work"], "Job")
    changes, cursor = pass_over(source, cursor)
    folders = {i.title: i.folder for i in changes if isinstance(i, Item)}
    assert folders == {"Plan.md": "Job/Plans", "report.docx": "Job"}
    drives.rename(own, nodes["plans"], parent=own.root)
    changes, cursor = pass_over(source, cursor)
    assert {i.folder for i in changes if isinstance(i, Item)} == {"Plans"}
    drives.share(own, nodes["work"], CY)
    changes, cursor = pass_over(source, cursor)
    assert {i.title: i.label.readers for i in changes if isinstance(i, Item)} == {"report.docx": (ME, CY)}
    drives.rename(own, nodes["work"], parent=drives.folder(own, "New").id)
    changes, cursor = pass_over(source, cursor)
    assert {i.title: i.folder for i in changes if isinstance(i, Item)} == {"report.docx": "New/Job"}
    assert fetched(microsoft) == 0
    assert pass_over(source, cursor) == ([], cursor)


@pytest.mark.parametrize("below", [False, True])
def test_what_is_thrown_away_is_removed_and_comes_back(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path, below: bool
) -> None:
    """Deleted items; of a folder what was in it too, whether that is told or not; but what was moved out."""
    drives, own = microsoft.world.drives, mine(microsoft)
    drives.below = below
    source = onedrive(microsoft, tmp_path)
    _, cursor = pass_over(source)
    drives.rename(own, nodes["report"], parent=own.root)
    drives.trash(own, nodes["work"])
    drives.trash(own, nodes["photo"])
    changes, cursor = pass_over(source, cursor)
    assert sorted(removed(changes)) == sorted([nodes["plan"].id, nodes["photo"].id])
    assert versions(changes, nodes["report"])[-1].folder == ""
    drives.put_back(own, nodes["work"])
    changes, cursor = pass_over(source, cursor)
    assert versions(changes, nodes["plan"])[-1].folder == "Work/Plans"
    assert pass_over(source, cursor) == ([], cursor)


@pytest.mark.parametrize("switch", ["empty_pages", "duplicates"])
def test_pages_that_are_empty_or_come_twice_do_no_harm(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path, switch: str
) -> None:
    whole, _ = pass_over(onedrive(microsoft, tmp_path / "a"))
    setattr(microsoft.world, switch, True)
    microsoft.world.page = 2
    source = onedrive(microsoft, tmp_path / "b")
    told, cursor = pass_over(source)
    assert told == whole
    microsoft.world.drives.edit(mine(microsoft), nodes["plan"], "Another plan.")
    told, cursor = pass_over(source, cursor)
    assert [c.text for c in told if isinstance(c, Item)] == ["Another plan."]
    assert pass_over(source, cursor) == ([], cursor)


@pytest.mark.parametrize("code", ["resyncChangesApplyDifferences", "resyncChangesUploadDifferences"])
def test_410_resync_means_comparing_everything(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path, code: str
) -> None:
    """What is the same is not fetched again; gone is only what the whole list leaves out."""
    drives, own = microsoft.world.drives, mine(microsoft)
    source = onedrive(microsoft, tmp_path)
    _, cursor = pass_over(source)
    drives.edit(own, nodes["notes"], "third")
    drives.trash(own, nodes["photo"])
    drives.rename(own, nodes["work"], "Job")
    microsoft.world.calls.clear()
    once = [Refused(410, code, "Resync required.")]
    microsoft.world.refusing = lambda _, path: once.pop() if once and path.endswith("/delta") else None
    changes, cursor = pass_over(source, cursor)
    assert {(c.title, c.text.strip(), c.folder) for c in changes if isinstance(c, Item)} == {
        ("notes.md", "third", ""), ("Plan.md", "The plan: ask Bo.", "Job/Plans"),
        ("report.docx", "The report", "Job"),
    }  # fmt: skip
    assert removed(changes) == [nodes["photo"].id]
    assert fetched(microsoft) == 1
    assert pass_over(source, cursor) == ([], cursor)


def test_nothing_is_removed_before_the_list_is_whole(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    drives, own = microsoft.world.drives, mine(microsoft)
    source = onedrive(microsoft, tmp_path)
    _, cursor = pass_over(source)
    drives.trash(own, nodes["photo"])
    for n in range(15):
        drives.file(own, f"{n}.md", str(n))
    microsoft.world.forget()
    pages = []

    def broken(method: str, path: str) -> Refused | None:
        pages.append(path)
        return Refused(507, "insufficientStorage") if len([p for p in pages if "delta" in p]) > 2 else None

    microsoft.world.page = 5
    microsoft.world.refusing = broken
    told = []
    with pytest.raises(Exception, match="room"):
        told.extend(source.changes(cursor))
    assert removed(told) == []
    microsoft.world.refusing = lambda *_: None
    rest, _ = pass_over(source, cursor)
    assert removed(rest) == [nodes["photo"].id]


def test_a_first_pass_that_was_cut_off_goes_on_at_its_last_page(microsoft: Microsoft, tmp_path: Path) -> None:
    drives, own = microsoft.world.drives, mine(microsoft)
    made = [drives.file(own, f"{n}.md", f"number {n}") for n in range(230)]
    microsoft.world.page = 100
    told: list[Any] = []
    for change in onedrive(microsoft, tmp_path).changes(None):
        told.append(change)
        if isinstance(change, Cursor):
            break
    drives.edit(own, made[0], "changed meanwhile")
    microsoft.world.calls.clear()
    rest, last = pass_over(onedrive(microsoft, tmp_path), told[-1])
    after = current([*told, *rest])
    assert sorted(after) == sorted(str(ref(n)) for n in made)
    assert fetched(microsoft) < 130
    changes, last = pass_over(onedrive(microsoft, tmp_path), last)
    assert {**after, **current(changes)}[str(ref(made[0]))].text == "changed meanwhile"


def test_a_page_that_is_given_again_and_again_is_given_up(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    source = onedrive(microsoft, tmp_path)
    _, cursor = pass_over(source)
    from fakes.proxy import rewritten

    def circular(data: bytes) -> bytes:
        said = json.loads(data)
        link = said.pop("@odata.deltaLink", None) or said["@odata.nextLink"]
        return json.dumps({**said, "@odata.nextLink": link}).encode()

    microsoft.front.always["GET /drives/"] = rewritten(circular)
    with pytest.raises(Transient, match="again and again"):
        pass_over(source, cursor)


# ------------------------------------------------------------------ who can read it


@pytest.mark.parametrize("mute", [False, True])
def test_who_can_read_a_file_is_known_as_far_as_it_is_sure(
    microsoft: Microsoft, tmp_path: Path, mute: bool
) -> None:
    drives, own = microsoft.world.drives, mine(microsoft)
    names = ("alone", "link", "person", "group", "site", "guest", "admin")
    made = {n: drives.file(own, f"{n}.md", n) for n in names}
    drives.share(own, made["admin"], BO, role="owner")
    drives.share(own, made["link"], scope="anonymous")
    drives.share(own, made["person"], BO)
    drives.share(own, made["group"], "team@example.org", group=True)
    drives.share(own, made["site"], "Team Members", group=True)
    drives.share(own, made["guest"], CY, scope="users")
    drives.mute = mute
    found = items(onedrive(microsoft, tmp_path))
    said = {n: (found[f"{n}.md"].label.readers, found[f"{n}.md"].data.get("shared", False)) for n in made}
    unknown = ((), True)
    known = {
        "alone": ((), False), "link": unknown, "person": ((ME, BO), True), "site": unknown,
        "group": ((ME, "team@example.org"), True), "guest": ((ME, CY), True), "admin": ((ME, BO), True),
    }  # fmt: skip
    assert said == ({n: unknown for n in made} if mute else known)


@pytest.mark.parametrize("address", ["ana.test@example.com", ""])
def test_the_person_is_known_by_what_microsoft_calls_her_whatever_her_address(
    microsoft: Microsoft, tmp_path: Path, address: str
) -> None:
    drives, own = microsoft.world.drives, mine(microsoft)
    drives.called["ana"] = address
    drives.file(own, "mine.md", "mine")
    drives.share(own, drives.file(own, "ours.md", "ours"), BO)
    found = items(onedrive(microsoft, tmp_path))
    assert (found["mine.md"].label.readers, found["mine.md"].data.get("shared")) == ((), None)
    assert (found["ours.md"].label.readers, found["ours.md"].data.get("shared")) == ((ME, BO), True)
    drives.called["bo"] = ""
    drives.touched(own, own.nodes[found["ours.md"].ref.native])
    found = items(onedrive(microsoft, tmp_path / "b"))
    assert (found["ours.md"].label.readers, found["ours.md"].data.get("shared")) == ((), True)


# ------------------------------------------------------------------ what of it is read


def test_folders_exclude_and_since_choose_what_is_read(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    def titles(**chosen: Any) -> set[str]:
        return {*items(onedrive(microsoft, tmp_path / str(chosen), **chosen))}

    assert titles(folders="Work") == {"Plan.md", "report.docx"}
    assert titles(folders="work/plans") == {"Plan.md"}
    assert titles(exclude="Work/Plans,*.png,Notebook,Offer") == {"notes.md", "report.docx"}
    assert titles(since="2026-11-23") == set()
    source = onedrive(microsoft, tmp_path / "x", folders="Work")
    _, cursor = pass_over(source)
    own = mine(microsoft)
    microsoft.world.drives.rename(own, nodes["report"], parent=own.root)
    changes, cursor = pass_over(source, cursor)
    assert removed(changes) == [nodes["report"].id]
    assert source.read(ref(nodes["report"])) is None
    changes, _ = pass_over(onedrive(microsoft, tmp_path / "x"), cursor)
    assert {i.title for i in changes if isinstance(i, Item)} >= {"notes.md", "report.docx"}
    assert "Plan.md" not in {i.title for i in changes if isinstance(i, Item)}


def test_chosen_libraries_and_drives_of_others_are_read(microsoft: Microsoft, tmp_path: Path) -> None:
    drives = microsoft.world.drives
    documents, archive = drives.site("/sites/team", "Team", libraries=("Documents", "Archive"))
    (top,) = drives.site("/", "Home")
    drives.file(top, "welcome.md", "Hello.")
    plan = drives.file(documents, "Team plan.md", "We plan.", parent=drives.folder(documents, "2026").id)
    drives.file(archive, "old.md", "Old.")
    theirs = drives.of("bo")
    theirs.members.add("ana")
    offer = drives.file(theirs, "Offer.md", "Bo offers.")

    def found(chosen: str) -> dict[str, str]:
        return {
            t: i.folder for t, i in items(onedrive(microsoft, tmp_path / chosen[-5:], drives=chosen)).items()
        }

    assert found("example.sharepoint.com/") == {"welcome.md": "Home/Documents"}
    assert found(SITE) == {"Team plan.md": "Team/Documents/2026", "old.md": "Team/Archive"}
    assert found(f"{SITE}/Shared Documents") == {"Team plan.md": "Team/Documents/2026"}
    assert found(f"{SITE}/Archive, {BO}") == {"old.md": "Team/Archive", "Offer.md": BO}
    source = onedrive(microsoft, tmp_path / "a", drives=[SITE, BO])
    changes, cursor = pass_over(source)
    told = current(changes)
    shared = told[str(ref(plan, drive=documents.id))]
    assert shared.data["shared"]
    assert shared.label.readers == ()
    read = source.read(ref(offer, drive=theirs.id))
    assert read is not None
    assert (read.text, read.folder) == ("Bo offers.", BO)
    changes, _ = pass_over(onedrive(microsoft, tmp_path / "a", drives=BO), cursor)
    assert len(removed(changes)) == 2
    assert not [c for c in changes if isinstance(c, Item)], "what is the same is not told again"
    own = onedrive(microsoft, tmp_path / "a")
    assert own.read(ref(offer, drive=theirs.id)) is None


def test_a_drive_that_is_closed_keeps_nobody_from_the_others(
    microsoft: Microsoft, nodes: dict[str, Node], tmp_path: Path
) -> None:
    """Whether it is no longer found or no longer open: that is told, and what is known of it stays."""
    drives = microsoft.world.drives
    (library,) = drives.site("/sites/team", "Team")
    drives.file(library, "team.md", "We.")
    source = onedrive(microsoft, tmp_path, drives=SITE)
    _, cursor = pass_over(source)
    drives.edit(mine(microsoft), nodes["notes"], "third")
    site = next(iter(drives.sites.values()))
    for close in (lambda: setattr(site, "path", "/sites/other"), lambda: library.members.clear()):
        close()
        told: list[Any] = []
        with pytest.raises((Misconfigured, Unauthorized)):
            told.extend(source.changes(cursor))
        assert [c.text for c in told if isinstance(c, Item)] == ["third"]
        assert removed(told) == []
        site.path = "/sites/team"
    library.members.add("ana")
    changes, _ = pass_over(source, told[-1])
    assert changes == []


def test_a_place_that_is_none_is_said(microsoft: Microsoft, tmp_path: Path) -> None:
    for wrong in ("Team", "ftp://example.org/x", "https://example.sharepoint.com/x?y=z"):
        with pytest.raises(Misconfigured, match="drives names"):
            onedrive(microsoft, tmp_path, drives=wrong)
    for missing in (f"{SITE}/none", "nobody@example.org"):
        with pytest.raises(Misconfigured, match="nothing there"):
            onedrive(microsoft, tmp_path, drives=missing).check()
    microsoft.world.drives.site("/sites/team", "Team")
    with pytest.raises(Unauthorized, match="Sign in again"):
        onedrive(microsoft, tmp_path, drives=SITE, allowed=OWN).check()
    microsoft.world.drives.none = True
    with pytest.raises(Misconfigured, match="has no OneDrive"):
        onedrive(microsoft, tmp_path).check()
    microsoft.world.drives.none = False
    onedrive(microsoft, tmp_path).check()


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happened_what_is_known_is_what_a_fresh_look_finds(
    microsoft: Microsoft, tmp_path: Path, seed: int
) -> None:
    """Files and folders made, changed, renamed, moved, shared, thrown away and brought back, in any order."""
    drives, own, draw = microsoft.world.drives, mine(microsoft), Random(seed)
    known: dict[str, Item] = {}
    cursor: Cursor | None = None

    def there(kind: str) -> list[Node]:
        return [n for n in own.nodes.values() if n.kind == kind and not n.gone and n.id != own.root]

    def inside(node: Node, folder: str) -> bool:
        return any(n.id == node.id for n in own.above(own.nodes[folder]))

    def something() -> None:
        folders = [own.root, *(f.id for f in there("folder"))]
        name, parent = f"{draw.randrange(1000)}.md", draw.choice(folders)
        every = there("file") + there("folder")
        node = draw.choice(every) if every else drives.folder(own, "first")
        match draw.randrange(9):
            case 0 | 1:
                drives.file(own, name, f"text {draw.random()}", parent=parent)
            case 2:
                drives.folder(own, name, parent=parent)
            case 3 if node.kind == "file":
                drives.edit(own, node, f"text {draw.random()}")
            case 4:
                drives.rename(own, node, name)
            case 5 if node.kind == "file" or not inside(node, parent):
                drives.rename(own, node, parent=parent)
            case 6:
                drives.share(own, node, draw.choice((BO, CY)))
            case 7:
                drives.trash(own, node)
            case 8 if binned := [
                n for n in own.nodes.values() if n.gone == "deleted" and not own.nodes[n.parent].gone
            ]:
                drives.put_back(own, draw.choice(binned))

    microsoft.world.page = 7
    for n in range(6):
        for _ in range(12):
            something()
        drives.below, microsoft.world.empty_pages = bool(n % 2), n == 3
        if n == 4:
            microsoft.world.forget()
        changes, cursor = pass_over(onedrive(microsoft, tmp_path / "a"), cursor)
        for change in changes:
            if isinstance(change, Item):
                known[change.ref.native] = change
        for gone in removed(changes):
            known.pop(gone, None)
        fresh = current(pass_over(onedrive(microsoft, tmp_path / f"b{n}"))[0])

        def plain(found: dict[str, Item]) -> dict[str, tuple[object, ...]]:
            return {
                i.ref.native: (i.title, i.folder, i.text, i.version, i.label.readers, i.author)
                for i in found.values()
            }

        assert plain(known) == plain(fresh)
