"""Passes over a folder: what changed, what moved, what is gone, and nothing twice."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts import NOW, current, pass_over
from fakes.folder import by_name, failed, put, ref, removed
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.connectors.files import Files, connect
from deskhand.connectors.model import Change, Cursor, Item, Removed
from deskhand.connectors.operations import FileReplace


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    return folder


@pytest.fixture
def files(docs: Path, tmp_path: Path) -> Iterator[Files]:
    opened = connect(source="docs", state=tmp_path / "state", place=str(docs))
    yield opened
    opened.close()


def test_a_second_pass_opens_no_unchanged_file(docs: Path, files: Files) -> None:
    for n in range(20):
        put(docs, f"sub{n % 3}/{n}.md", str(n))
    put(docs, "page.html", "<p>x")
    put(docs, "broken.pdf", "x")
    _, cursor = pass_over(files)
    put(docs, "sub0/0.md", "changed")
    opened: list[str] = []
    watching = [True]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and str(arguments[0]).startswith(f"{docs}/"):
            opened.append(str(arguments[0]))

    sys.addaudithook(hook)
    changes, _ = pass_over(files, cursor)
    watching.clear()
    assert [c.ref.native for c in changes if isinstance(c, Item)] == ["sub0/0.md"]
    assert [o for o in opened if not o.endswith(".deskhandignore")] == [str(docs / "sub0/0.md")]


def test_a_touched_file_is_no_new_version(docs: Path, files: Files) -> None:
    put(docs, "a.md", "same")
    (item, *_), cursor = pass_over(files)
    assert isinstance(item, Item)
    put(docs, "a.md", "same", at=1_795_000_000)
    changes, later = pass_over(files, cursor)
    assert changes == []
    assert later.value != cursor.value
    assert pass_over(files, later) == ([], later)
    # and whoever approved a change of the untouched file approved it for these bytes
    files.perform(FileReplace(source="docs", ref=item.ref, version=item.version, text="n"), key="k", now=NOW)


@pytest.mark.parametrize("at", [1_790_000_000, 1_600_000_000, 1_990_000_000])
def test_every_change_counts_even_if_the_clock_went_back(at: int, docs: Path, files: Files) -> None:
    put(docs, "a.md", "one")
    _, cursor = pass_over(files)
    put(docs, "a.md", "three", at=at)
    changes, _ = pass_over(files, cursor)
    assert [i.text for i in by_name(changes)["a.md"]] == ["three"]


def test_same_size_and_time_but_another_file(docs: Path, files: Files) -> None:
    put(docs, "a.md", "one")
    _, cursor = pass_over(files)
    put(docs, "b.tmp", "two").rename(docs / "a.md")
    assert [i.text for i in by_name(pass_over(files, cursor)[0])["a.md"]] == ["two"]


def test_removed_files(docs: Path, files: Files) -> None:
    put(docs, "sub/a.md", "a")
    put(docs, "b.md", "b")
    _, cursor = pass_over(files)
    shutil.rmtree(docs / "sub")
    changes, cursor = pass_over(files, cursor)
    assert changes == [Removed(ref("sub/a.md"))]
    assert pass_over(files, cursor) == ([], cursor)


def test_snapshots_are_kept_once(docs: Path, files: Files, tmp_path: Path) -> None:
    put(docs, "a.md", "same text")
    put(docs, "b.md", "same text")
    _, cursor = pass_over(files)
    put(docs, "a.md", "other text")
    pass_over(files, cursor)
    kept = {p.name: p.read_text() for p in (tmp_path / "state" / "kept").iterdir()}
    assert kept == {hashlib.sha256(t.encode()).hexdigest(): t for t in ("same text", "other text")}


def test_a_renamed_file_takes_its_history_along(docs: Path, files: Files) -> None:
    put(docs, "a.md", "a")
    put(docs, "gone.md", "gone")
    _, cursor = pass_over(files)
    (docs / "new").mkdir()
    (docs / "a.md").rename(docs / "new" / "b.md")
    (docs / "gone.md").unlink()
    changes, cursor = pass_over(files, cursor)
    assert [(i.ref.native, i.was) for i in by_name(changes)["new/b.md"]] == [("new/b.md", ref("a.md"))]
    assert removed(changes) == ["gone.md"]
    assert pass_over(files, cursor) == ([], cursor)


def test_a_file_moved_by_copying_is_known_by_its_content(docs: Path, files: Files) -> None:
    put(docs, "a.md", "content")
    _, cursor = pass_over(files)
    put(docs, "b.md", "content", at=1_795_000_000)
    (docs / "a.md").unlink()
    changes, _ = pass_over(files, cursor)
    assert [i.was for i in by_name(changes)["b.md"]] == [ref("a.md")]
    assert removed(changes) == []


def test_a_broken_file_renamed_is_a_new_failure_in_place_of_the_old(docs: Path, files: Files) -> None:
    put(docs, "a.docx", b"not really")
    _, cursor = pass_over(files)
    (docs / "a.docx").rename(docs / "b.docx")
    changes, cursor = pass_over(files, cursor)
    assert (failed(changes).keys(), removed(changes)) == ({"b.docx"}, ["a.docx"])
    assert pass_over(files, cursor) == ([], cursor)


def test_a_folder_renamed(docs: Path, files: Files) -> None:
    for n in range(5):
        put(docs, f"old/{n}.md", "equal text")
    _, cursor = pass_over(files)
    (docs / "old").rename(docs / "new")
    changes, _ = pass_over(files, cursor)
    assert {n: [i.was for i in items] for n, items in by_name(changes).items()} == {
        f"new/{n}.md": [ref(f"old/{n}.md")] for n in range(5)
    }
    assert removed(changes) == []


def test_copies_are_new_and_doubtful_renames_are_none(docs: Path, files: Files) -> None:
    put(docs, "a.md", "content")
    put(docs, "twin1.md", "twins")
    put(docs, "twin2.md", "twins")
    _, cursor = pass_over(files)
    put(docs, "copy.md", "content", at=1_795_000_000)
    put(docs, "twin3.md", "twins", at=1_795_000_000)
    (docs / "twin1.md").unlink()
    (docs / "twin2.md").unlink()
    changes, _ = pass_over(files, cursor)
    assert {n: [i.was for i in items] for n, items in by_name(changes).items()} == {
        "copy.md": [None], "twin3.md": [None]
    }  # fmt: skip
    assert removed(changes) == ["twin1.md", "twin2.md"]


def test_swapped_files_are_changes_and_chains_are_safe(docs: Path, files: Files) -> None:
    for name in "abxyz":
        put(docs, f"{name}.md", f"text of {name}")
    _, cursor = pass_over(files)
    os.rename(docs / "a.md", docs / "tmp")
    os.rename(docs / "b.md", docs / "a.md")
    os.rename(docs / "tmp", docs / "b.md")
    os.rename(docs / "z.md", docs / "zz.md")
    os.rename(docs / "y.md", docs / "z.md")
    os.rename(docs / "x.md", docs / "y.md")
    changes, cursor = pass_over(files, cursor)
    assert {n: i[-1].text for n, i in by_name(changes).items()} == {
        "a.md": "text of b", "b.md": "text of a",
        "zz.md": "text of z", "z.md": "text of y", "y.md": "text of x",
    }  # fmt: skip
    assert all(i.was is None for items in by_name(changes).values() for i in items)
    assert removed(changes) == ["x.md"]
    assert pass_over(files, cursor) == ([], cursor)


def test_pages_can_be_taken_up_and_do_not_grow_the_work(docs: Path, files: Files) -> None:
    for n in range(450):
        put(docs, f"{n:03}.md", f"text {n}")
    whole = list(files.changes(None))
    cursors = [c for c in whole if isinstance(c, Cursor)]
    assert [(c.done, c.expected) for c in cursors] == [(200, 450), (400, 450), (450, 450)]
    rest, last = pass_over(files, cursors[0])
    assert len(rest) == 250
    assert last.value == cursors[-1].value


def test_a_move_half_told_is_told_to_its_end(docs: Path, files: Files) -> None:
    for n in range(300):
        put(docs, f"old/{n:03}.md", f"text {n}")
    _, cursor = pass_over(files)
    (docs / "old").rename(docs / "new")
    first_page = next(c for c in files.changes(cursor) if isinstance(c, Cursor))
    rest, _ = pass_over(files, first_page)
    assert removed(rest) == []
    assert [i[0].was for i in by_name(rest).values()] == [ref(f"old/{n:03}.md") for n in range(200, 300)]


def test_a_cursor_that_cannot_be_read_means_starting_over(docs: Path, files: Files) -> None:
    put(docs, "a.md", "a")
    whole = pass_over(files)
    for value in ("", "[]", "{", '{"files": 3}', '{"files": {"a.md": 1}}', "null"):
        assert pass_over(files, Cursor(value)) == whole


def test_a_file_that_vanishes_during_the_pass_is_told_by_the_next(docs: Path, files: Files) -> None:
    for n in range(250):
        put(docs, f"{n:03}.md", str(n))
    _, cursor = pass_over(files)
    for n in range(250):
        put(docs, f"{n:03}.md", f"changed {n}")
    running = files.changes(cursor)
    next(running)
    (docs / "100.md").unlink()
    cursor = [c for c in running if isinstance(c, Cursor)][-1]
    changes, cursor = pass_over(files, cursor)
    assert changes == [Removed(ref("100.md"))]


def test_a_file_that_grows_while_it_is_read(docs: Path, files: Files) -> None:
    put(docs, "busy.md", "x")
    put(docs, "calm.md", "y")
    script = (
        "import sys, os\nf = open(sys.argv[1], 'ab', buffering=0)\nf.write(b'x')\nprint('on', flush=True)\n"
        "while os.getppid() == int(sys.argv[2]) and f.tell() < 40_000_000: f.write(b'x' * 64)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(docs / "busy.md"), str(os.getpid())], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout
        writer.stdout.readline()
        changes, cursor = pass_over(files)
        writer.kill()
    assert "calm.md" in by_name(changes)
    assert failed(changes) == {}
    rest, _ = pass_over(files, cursor)
    assert current([*changes, *rest])[str(ref("busy.md"))].text == (docs / "busy.md").read_text()


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_passes_always_add_up_to_what_is_there(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The law of a sync: whatever happens between passes, the changes so far give the folder as it is."""
    folder = tmp_path_factory.mktemp("law")
    docs = folder / "docs"
    docs.mkdir()
    files = connect(source="docs", state=folder / "state", place=str(docs))
    paths = [docs / n for n in ("a.md", "b.md", "c/a.md", "c/b.md")]
    (docs / "c").mkdir()
    seen: list[Change] = []
    cursor = None
    for step in range(4):
        for _ in range(data.draw(st.integers(0, 4))):
            path, other = data.draw(st.sampled_from(paths)), data.draw(st.sampled_from(paths))
            match data.draw(st.sampled_from(["write", "move", "remove"])):
                case "write":
                    put(
                        docs,
                        str(path.relative_to(docs)),
                        data.draw(st.sampled_from(["one", "two", ""])),
                        at=step,
                    )
                case "move" if path.exists() and path != other:
                    path.rename(other)
                case "remove":
                    path.unlink(missing_ok=True)
        changes, cursor = pass_over(files, cursor)
        gone = {c.ref.native for c in changes if isinstance(c, Removed)}
        for change in changes:
            if isinstance(change, Item) and change.was:
                assert change.was.native not in gone
                seen.append(Removed(change.was))
        seen += changes
        assert {n: i.text for n, i in current(seen).items()} == {
            str(ref(str(p.relative_to(docs)))): p.read_text() for p in paths if p.exists()
        }
        assert pass_over(files, cursor) == ([], cursor)


@pytest.mark.long
def test_ten_thousand_files(docs: Path, files: Files) -> None:
    for n in range(10_000):
        put(docs, f"{n % 100:02}/{n}.md", f"# Note {n}\n\nwith a little text")
    changes, cursor = pass_over(files)
    assert len(changes) == 10_000
    assert pass_over(files, cursor) == ([], cursor)
