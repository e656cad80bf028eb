"""What a pass over a Drive tells, the first time and after: new, changed, moved, shared, gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contracts import current, pass_over
from drive_givens import BO, CLEO, drive, failed, fill, items, ref, removed, versions
from fakes import office
from fakes.drive.faults import passed, says
from fakes.drive.server import Server
from fakes.drive.world import DOC, FOLDER, ME, SHEET, SLIDES, World

from deskhand.connectors.errors import Misconfigured, Unauthorized
from deskhand.connectors.model import Cursor, Item, Relation


@pytest.fixture
def ids(world: World) -> dict[str, str]:
    return fill(world)


# ------------------------------------------------------------------ the first time


def test_a_first_pass_finds_everything(served: Server, ids: dict[str, str], tmp_path: Path) -> None:
    found = items(drive(served, tmp_path))
    assert {i.title: (i.folder, i.text.strip()) for i in found.values()} == {
        "notes.md": ("", "# Notes\n\nsecond"),
        "Plan": ("Work/Plans", "The plan: ask Bo."),
        "Costs": ("Work", found[ids["sheet"]].text.strip()),
        "report.docx": ("Work", "The report"),
        "photo.png": ("", ""),
        "Offer": ("Shared with me", "Bo offers 30 days."),
        "Plan, too": ("", ""),
        "Comments on Plan": ("Work/Plans", found[ids["plan"] + "#comments"].text),
    }
    assert "desk" in found[ids["sheet"]].text
    assert "70" in found[ids["sheet"]].text


def test_the_newest_come_first(served: Server, world: World, tmp_path: Path) -> None:
    made = [world.file(f"{n}.md", f"number {n}", mime="text/markdown") for n in range(5)]
    told = [c.ref.native for c in pass_over(drive(served, tmp_path))[0] if isinstance(c, Item)]
    assert told == made[::-1]


def test_an_item_has_what_a_reader_needs(served: Server, ids: dict[str, str], tmp_path: Path) -> None:
    plan = items(drive(served, tmp_path))[ids["plan"]]
    assert plan.version == "r-1"
    assert plan.at.isoformat() == "2026-11-01T08:05:00+00:00"
    assert plan.author == "Ana Sample"
    assert [(p.role, p.address) for p in plan.people] == [("author", ME)]
    assert plan.link == f"https://drive.google.com/file/d/{ids['plan']}/view"
    assert plan.data == {"mime": "text/markdown", "type": DOC, "size": 17, "shared": True}
    assert (plan.label.trust, plan.label.origins) == ("untrusted", (str(plan.ref),))


def test_a_shortcut_points_at_what_it_stands_for(served: Server, ids: dict[str, str], tmp_path: Path) -> None:
    source = drive(served, tmp_path)
    link = items(source)[ids["link"]]
    assert link.relations == (Relation("mentions", ids["plan"]),)
    assert link.data["note"] == "a shortcut to another file"
    assert source.content(link.ref, link.version).name == "Plan.pdf"


def test_what_has_no_text_is_not_opened(served: Server, world: World, tmp_path: Path) -> None:
    world.file("photo.png", b"\x89PNG\r\n\0", mime="image/png")
    world.file("large.md", "x" * 1001, mime="text/markdown")
    world.file("Form", "", mime="application/vnd.google-apps.form")
    found = {i.title: i for i in items(drive(served, tmp_path, max_size=1000)).values()}
    assert {t: (i.text, i.data["note"]) for t, i in found.items()} == {
        "photo.png": ("", "no readable text"),
        "large.md": ("", "larger than 1,000 bytes: found by its name only"),
        "Form": ("", "what is in Google Forms cannot be read: found by its name only"),
    }
    assert served.count("files.export", "revisions.list") == 0
    assert not [a for a in served.asked if a.given("alt") == "media"]


def test_broken_files_are_failures_and_the_pass_goes_on(served: Server, world: World, tmp_path: Path) -> None:
    bad = world.file("bad.pdf", b"no pdf", mime="application/pdf")
    good = world.file("good.md", "fine", mime="text/markdown")
    source = drive(served, tmp_path)
    changes, cursor = pass_over(source)
    assert failed(changes).keys() == {bad}
    assert [i.text for i in versions(changes, good)] == ["fine"]
    assert pass_over(source, cursor)[0] == []
    world.edit(bad, office.pdf("mended"))
    changes, _ = pass_over(source, cursor)
    assert [i.text.strip() for i in versions(changes, bad)] == ["", "mended"]
    whole = source.read(ref(bad))
    assert whole is not None
    assert whole.version == versions(changes, bad)[-1].version


def test_pictures_in_a_document_are_left_out_of_its_text(
    served: Server, world: World, tmp_path: Path
) -> None:
    data = "# Plan\n\n![][image1]\n\nend\n\n[image1]: <data:image/png;base64,iVBORw0KGgo=>\n"
    made = world.file("Plan", data)
    assert items(drive(served, tmp_path))[made].text.strip() == "# Plan\n\n![][image1]\n\nend"


def test_slides_are_read(served: Server, world: World, tmp_path: Path) -> None:
    made = world.file("Talk", "First slide", mime=SLIDES)
    assert items(drive(served, tmp_path))[made].text == "First slide"


# ------------------------------------------------------------------ what changed since


def test_changes_are_followed_from_a_token_taken_before_the_first_listing(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    """What happens while the first listing runs is not lost."""
    source, told = drive(served, tmp_path), list[Any]()
    late = ""
    for change in source.changes(None):
        if not told:
            late = world.file("late.md", "came in between", mime="text/markdown")
        told.append(change)
    assert [i.text for i in versions(told, late)] == ["came in between"]


def test_a_pass_without_changes_is_one_request(served: Server, ids: dict[str, str], tmp_path: Path) -> None:
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    served.asked.clear()
    assert pass_over(source, cursor) == ([], replace(cursor))
    assert served.names() == ["changes.list"]


def test_the_head_revision_id_tells_a_change(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    new = world.edit(ids["notes"], "# Notes\n\nthird", by=BO)
    changes, cursor = pass_over(source, cursor)
    (item,) = versions(changes, ids["notes"])
    assert (item.version, item.text, item.author) == (f"r-{new}", "# Notes\n\nthird", "Bo Sample")
    served.asked.clear()
    world.share(ids["notes"], CLEO)  # no new revision: nothing is fetched
    changes, _ = pass_over(source, cursor)
    (again,) = versions(changes, ids["notes"])
    assert (again.version, again.text, again.author) == (item.version, item.text, item.author)
    assert again.label.readers == (ME, CLEO)
    assert not [a for a in served.asked if a.given("alt") == "media" or a.name == "files.export"]


def test_a_rename_and_a_move_are_no_new_version(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    before = items(source)[ids["plan"]]
    world.rename(ids["plan"], "The Plan")
    world.move(ids["plan"], world.root)
    changes, _ = pass_over(source, cursor)
    (item,) = versions(changes, ids["plan"])
    assert (item.title, item.folder) == ("The Plan", "")
    assert (item.ref, item.version, item.text, item.at) == (
        before.ref,
        before.version,
        before.text,
        before.at,
    )


@pytest.mark.parametrize("told_below", [False, True])
def test_a_folder_that_is_renamed_or_moved_takes_what_is_in_it_along(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path, told_below: bool
) -> None:
    """The log need not tell of what is in it. Nothing is fetched again."""
    world.told_below = told_below
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    served.asked.clear()
    world.rename(ids["work"], "Job")
    changes, cursor = pass_over(source, cursor)
    assert {i.title: i.folder for i in changes if isinstance(i, Item)} == {
        "Plan": "Job/Plans", "Costs": "Job", "report.docx": "Job", "Comments on Plan": "Job/Plans",
    }  # fmt: skip
    world.move(ids["plans"], world.root)
    changes, _ = pass_over(source, cursor)
    assert {i.folder for i in changes if isinstance(i, Item)} == {"Plans"}
    assert served.count("files.export", "revisions.get") == 0
    assert not [a for a in served.asked if a.given("alt") == "media"]


def test_trashed_and_deleted_files_are_removed_and_come_back(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    world.trash(ids["plan"])
    world.delete(ids["photo"])
    changes, cursor = pass_over(source, cursor)
    assert sorted(removed(changes)) == sorted([ids["plan"], ids["plan"] + "#comments", ids["photo"]])
    assert source.read(ref(ids["plan"])) is None
    world.trash(ids["plan"], trashed=False)
    changes, _ = pass_over(source, cursor)
    assert [i.text for i in versions(changes, ids["plan"])] == ["The plan: ask Bo."]


@pytest.mark.parametrize("told_below", [False, True])
def test_a_folder_that_is_trashed_takes_what_is_in_it_along(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path, told_below: bool
) -> None:
    world.told_below = told_below
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    world.trash(ids["work"])
    changes, cursor = pass_over(source, cursor)
    inside = {ids["plan"], ids["plan"] + "#comments", ids["sheet"], ids["report"]}
    assert set(removed(changes)) == inside
    world.trash(ids["work"], trashed=False)
    changes, cursor = pass_over(source, cursor)
    assert {i.ref.native for i in changes if isinstance(i, Item)} == inside
    world.delete(ids["work"])
    changes, cursor = pass_over(source, cursor)
    assert set(removed(changes)) == inside
    assert pass_over(source, cursor) == ([], cursor)


@pytest.mark.parametrize("told_below", [False, True])
def test_what_was_moved_out_of_a_folder_before_that_was_trashed_stays(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path, told_below: bool
) -> None:
    world.told_below = told_below
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    world.move(ids["sheet"], world.root)
    world.trash(ids["work"])
    changes, cursor = pass_over(source, cursor)
    assert set(removed(changes)) == {ids["plan"], ids["plan"] + "#comments", ids["report"]}
    assert [i.folder for i in versions(changes, ids["sheet"])] == [""]
    assert pass_over(source, cursor) == ([], cursor)


@pytest.mark.parametrize("told_below", [False, True])
def test_a_folder_that_was_moved_out_of_a_trashed_one_keeps_what_is_in_it(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path, told_below: bool
) -> None:
    world.told_below = told_below
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    world.trash(ids["work"])
    world.move(ids["plans"], world.root)
    changes, cursor = pass_over(source, cursor)
    assert set(removed(changes)) == {ids["sheet"], ids["report"]}
    assert {i.folder for i in versions(changes, ids["plan"])} == {"Plans"}
    assert pass_over(source, cursor) == ([], cursor)


def test_what_is_no_longer_shared_is_removed(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    """A folder of somebody else, too: of what was in it the log says nothing."""
    box = world.folder("Box", by=BO)
    world.share(box, ME)
    inside = world.file("inside.md", "in the box", mime="text/markdown", by=BO, parent=box)
    del world.nodes[inside].grants[ME]  # it is read by the right on the folder alone
    source = drive(served, tmp_path)
    changes, cursor = pass_over(source)
    assert {i.folder for i in versions(changes, inside)} == {"Shared with me/Box"}
    world.unshare(ids["theirs"], ME)
    world.unshare(box, ME)
    changes, _ = pass_over(source, cursor)
    assert set(removed(changes)) == {ids["theirs"], inside}


def test_a_folder_that_is_shared_brings_what_is_in_it(served: Server, world: World, tmp_path: Path) -> None:
    """None of it is in the log: it was not changed."""
    source = drive(served, tmp_path)
    box = world.folder("Box", by=BO)
    deep = world.folder("Deep", by=BO, parent=box)
    inside = world.file("inside.md", "in the box", mime="text/markdown", by=BO, parent=deep)
    del world.nodes[inside].grants[ME]
    world.seen.clear()
    _, cursor = pass_over(source)
    world.share(box, ME)
    changes, _ = pass_over(source, cursor)
    assert [(i.folder, i.text) for i in versions(changes, inside)] == [
        ("Shared with me/Box/Deep", "in the box")
    ]


# ------------------------------------------------------------------ who may read


def test_readers_are_those_who_surely_could_read_it(served: Server, world: World, tmp_path: Path) -> None:
    def of(*grants: tuple[str, dict[str, Any]]) -> tuple[str, ...] | None:
        made = world.file("a.md", "a", mime="text/markdown")
        for who, how in grants:
            world.share(made, who, **how)
        item = drive(served, tmp_path / made).read(ref(made))
        assert item is not None
        assert item.data.get("shared", False) == bool(grants), "by a link, too"
        return item.label.readers

    assert of() == ()
    mine = drive(served, tmp_path / "mine").read(ref(world.file("mine.md", "a", mime="text/markdown")))
    assert mine is not None
    assert "shared" not in mine.data
    assert of((BO, {}), (CLEO, {"role": "commenter"})) == (ME, BO, CLEO)
    assert of(("anyone", {"type": "anyone"})) == (), "whoever has the link is not everybody"
    assert of(("anyone", {"type": "anyone", "found": True})) is None
    assert of(("example.org", {"type": "domain", "found": True}), (BO, {})) == (ME, BO)
    assert of(("team@example.org", {"type": "group"})) == (ME, "team@example.org")
    theirs = world.file("theirs.md", "a", mime="text/markdown", by=BO)
    world.share(theirs, CLEO)
    item = drive(served, tmp_path / "theirs").read(ref(theirs))
    assert item is not None
    assert item.label.readers == (ME, BO), "who else may read it, its owner alone is told"


# ------------------------------------------------------------------ comments


def test_comments_are_found_with_what_they_are_about_and_who_said_it(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    source = drive(served, tmp_path)
    changes, cursor = pass_over(source)
    (said,) = versions(changes, ids["plan"] + "#comments")
    assert said.text == "On “ask Bo”\nBo Sample (2026-11-01): Which Bo?"
    assert (said.title, said.author, said.label.trust) == ("Comments on Plan", "Bo Sample", "untrusted")
    assert said.label.readers == (ME, BO)
    assert "Which Bo?" not in versions(changes, ids["plan"])[-1].text
    comment = world.nodes[ids["plan"]].comments[0]
    world.reply(ids["plan"], comment, "The one of Sales.", by=ME, action="resolve")
    changes, cursor = pass_over(source, cursor)
    (again,) = versions(changes, said.ref.native)
    assert again.text.endswith("Ana Sample (2026-11-01): The one of Sales.; resolved it\n(resolved)")
    assert again.version != said.version
    assert source.content(again.ref, again.version).data.decode() == again.text
    comment.deleted = True
    world.rename(ids["plan"], "Plan B")
    assert removed(pass_over(source, cursor)[0]) == [said.ref.native]


@pytest.mark.parametrize("status", [403, 404])
def test_comments_that_google_does_not_tell_are_not_taken_for_none(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path, status: int
) -> None:
    source = drive(served, tmp_path)
    _, cursor = pass_over(source)
    served.faults = [("comments.list", says(status, "insufficientFilePermissions"))]
    world.edit(ids["plan"], "The plan: ask Cy.")
    changes, cursor = pass_over(source, cursor)
    assert served.faults == []
    assert ([v.text for v in versions(changes, ids["plan"])], removed(changes)) == (["The plan: ask Cy."], [])
    world.nodes[ids["plan"]].comments[0].deleted = True
    world.rename(ids["plan"], "Plan B")
    assert removed(pass_over(source, cursor)[0]) == [f"{ids['plan']}#comments"], "it was not forgotten"


# ------------------------------------------------------------------ what is chosen


def test_folders_and_patterns_choose_what_is_read(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    def titles(**given: Any) -> set[str]:
        source = drive(served, tmp_path / str(len(served.asked)), **given)
        return {i.title for i in items(source).values() if not i.ref.native.endswith("#comments")}

    assert titles(folders="Work") == {"Plan", "Costs", "report.docx"}
    assert titles(folders="work/*") == {"Plan"}
    assert titles(folders=["Shared with me"]) == {"Offer"}
    assert titles(exclude="Work/Plans, *.png,*.docx") == {"notes.md", "Costs", "Offer", "Plan, too"}
    assert titles(folders="Work", exclude="*/plan") == {"Costs", "report.docx"}
    world.later(days=10)
    world.file("new.md", "new", mime="text/markdown")
    assert titles(since="2026-11-05") == {"new.md"}


def test_what_is_not_chosen_any_more_is_removed_and_the_rest_not_fetched_again(
    served: Server, ids: dict[str, str], tmp_path: Path
) -> None:
    _, cursor = pass_over(drive(served, tmp_path))
    served.asked.clear()
    fewer = drive(served, tmp_path, folders="Work")
    changes, cursor = pass_over(fewer, cursor)
    assert {c.ref.native for c in changes if isinstance(c, Item)} == set()
    assert set(removed(changes)) == {ids[n] for n in ("notes", "photo", "theirs", "link")}
    assert served.count("files.export", "revisions.list", "comments.list") == 0
    assert fewer.read(ref(ids["notes"])) is None
    changes, _ = pass_over(drive(served, tmp_path), cursor)
    assert {c.title for c in changes if isinstance(c, Item)} == {
        "notes.md",
        "photo.png",
        "Offer",
        "Plan, too",
    }


def test_moving_into_and_out_of_what_is_chosen(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    source = drive(served, tmp_path, folders="Work")
    _, cursor = pass_over(source)
    world.move(ids["notes"], ids["work"])
    world.move(ids["plans"], world.root)
    changes, cursor = pass_over(source, cursor)
    assert {i.title for i in changes if isinstance(i, Item)} == {"notes.md"}
    assert set(removed(changes)) == {ids["plan"], ids["plan"] + "#comments"}
    world.move(ids["plans"], ids["work"])
    changes, _ = pass_over(source, cursor)
    assert {i.title for i in changes if isinstance(i, Item)} == {"Plan", "Comments on Plan"}


def test_shared_drives_are_read_where_they_are_chosen(
    served: Server, world: World, ids: dict[str, str], tmp_path: Path
) -> None:
    team, other = world.drive("Team", BO), world.drive("Other")
    folder = world.folder("Minutes", drive=team)
    made = world.file("monday.md", "we met", mime="text/markdown", parent=folder, drive=team, by=BO)
    world.file("secret.md", "no", mime="text/markdown", drive=other)
    source = drive(served, tmp_path, drives="team")
    changes, cursor = pass_over(source)
    (item,) = versions(changes, made)
    assert (item.folder, item.text, item.label.readers) == ("Team/Minutes", "we met", (ME, BO))
    assert not [c for c in changes if isinstance(c, Item) and c.title == "secret.md"]
    served.asked.clear()
    assert pass_over(source, cursor) == ([], cursor)
    assert served.names() == ["drives.list", "changes.list", "changes.list"]
    world.edit(made, "we met again", by=BO)
    changes, cursor = pass_over(source, cursor)
    assert [i.text for i in versions(changes, made)] == ["we met again"]
    del world.drives[team].members[ME]
    assert removed(pass_over(source, cursor)[0]) == [made]


@pytest.mark.parametrize("told", [True, False])
def test_a_right_of_which_google_tells_the_number_alone_is_somebody_elses(
    served: Server, world: World, tmp_path: Path, told: bool
) -> None:
    team = world.drive("Team")
    made = world.file("plan.md", "for Bo", mime="text/markdown", drive=team)
    world.share(made, BO)
    refused = passed if told else says(403, "insufficientFilePermissions")
    served.faults += [("permissions.list", passed), *[("permissions.list", refused)] * 2]
    (item,) = versions(pass_over(drive(served, tmp_path, drives="Team"))[0], made)
    assert item.data.get("shared") is True
    assert item.label.readers == ((ME, BO) if told else ())


def test_a_file_that_goes_from_one_drive_to_another_stays(
    served: Server, world: World, tmp_path: Path
) -> None:
    team = world.drive("Team", BO)
    made = world.file("plan.md", "where?", mime="text/markdown")
    source = drive(served, tmp_path, drives="*")
    _, cursor = pass_over(source)
    for there, folder in ((team, "Team"), ("", "")):
        world.carry(made, there)
        changes, cursor = pass_over(source, cursor)
        told = current(changes)
        assert [(i.ref.native, i.folder, i.text) for i in told.values()] == [(made, folder, "where?")]
        assert made not in removed(changes[-1:])


# ------------------------------------------------------------------ connecting


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"since": "yesterday"}, "since is a day"),
        ({"max_size": 0}, "above zero"),
        ({"history": "many"}, "above zero"),
    ],
)
def test_options_that_cannot_work_are_said_at_once(
    served: Server, options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured, match=message):
        drive(served, tmp_path, **options)


def test_a_sign_in_of_somebody_else_is_said(served: Server, tmp_path: Path) -> None:
    source = drive(served, tmp_path)
    source.check()
    served.tokens["token-2"] = BO
    source = drive(served, tmp_path)
    served.tokens = dict.fromkeys(["token-1", "token-2", "token-3"], BO)
    source._account.api._tokens._token = "token-1"
    with pytest.raises(Unauthorized, match=r"is that of bo@example\.org"):
        source.check()


def test_a_cursor_that_cannot_be_read_means_starting_over(
    served: Server, ids: dict[str, str], tmp_path: Path
) -> None:
    source = drive(served, tmp_path)
    whole, _ = pass_over(source)
    for value in ("", "nonsense", "[]", '{"form":1}', '{"form":9}'):
        assert pass_over(source, Cursor(value))[0] == whole
    assert FOLDER not in {i.data.get("type") for i in whole if isinstance(i, Item)}
    assert SHEET in {i.data.get("type") for i in whole if isinstance(i, Item)}
