"""Passes over a folder in git: commits are versions, open changes come last, nothing is lost on the way."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts import current, pass_over
from fakes import office
from fakes.folder import by_name, put, ref, removed
from fakes.git import START, Repo

from deskhand.connectors.files import Files, connect
from deskhand.connectors.model import Item

LONG = "".join(f"line {n} of a document that is long enough to be recognised\n" for n in range(30))


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


def test_every_commit_is_a_version_and_the_open_change_the_last(docs: Path, files: Files) -> None:
    repo = Repo(docs)
    one = repo.commit("first draft", files={"a.md": "# One\n", "b.md": "b"}, author="Bo Test")
    two = repo.commit("second draft", files={"a.md": "# Two\n"})
    put(docs, "a.md", "# Three\n")
    found = by_name(pass_over(files)[0])
    first, second, third = found["a.md"]
    assert (first.version, first.author, first.note, first.at, first.title) == (
        f"git-{one[:12]}", "Bo Test", "first draft", START, "One"
    )  # fmt: skip
    assert (second.version, second.hash) == (f"git-{two[:12]}", hashlib.sha256(b"# Two\n").hexdigest())
    assert third.version == "20260921T141320Z-" + hashlib.sha256(b"# Three\n").hexdigest()[:12]
    assert [i.version for i in found["b.md"]] == [f"git-{one[:12]}"]


def test_only_new_commits_are_told_next_time(docs: Path, files: Files) -> None:
    repo = Repo(docs)
    repo.commit("one", files={"a.md": "1", "b.md": "b"})
    _, cursor = pass_over(files)
    two = repo.commit("two", files={"a.md": "2"})
    three = repo.commit("three", files={"a.md": "3", "c.md": "c"})
    changes, cursor = pass_over(files, cursor)
    assert [(i.ref.native, i.version, i.text) for i in changes if isinstance(i, Item)] == [
        ("a.md", f"git-{two[:12]}", "2"),
        ("a.md", f"git-{three[:12]}", "3"),
        ("c.md", f"git-{three[:12]}", "c"),
    ]  # fmt: skip
    assert pass_over(files, cursor) == ([], cursor)
    repo.commit("nothing", files={})
    changes, cursor = pass_over(files, cursor)
    assert changes == []


def test_a_snapshot_that_is_committed_gets_the_commits_name(docs: Path, files: Files) -> None:
    repo = Repo(docs)
    repo.commit("one", files={"a.md": "1"})
    put(docs, "a.md", "22")
    _, cursor = pass_over(files)
    two = repo.commit("two")
    changes, cursor = pass_over(files, cursor)
    assert [i.version for i in by_name(changes)["a.md"]] == [f"git-{two[:12]}"]
    assert pass_over(files, cursor) == ([], cursor)
    (item,) = by_name(changes)["a.md"]
    assert files.read(item.ref) == item


def test_a_change_taken_back_is_the_commit_again(docs: Path, files: Files) -> None:
    repo = Repo(docs)
    one = repo.commit("one", files={"a.md": "1"})
    put(docs, "a.md", "22")
    _, cursor = pass_over(files)
    repo("checkout", "-q", "--", "a.md")
    changes, _ = pass_over(files, cursor)
    assert [(i.version, i.text) for i in by_name(changes)["a.md"]] == [(f"git-{one[:12]}", "1")]


def test_an_open_change_stays_the_current_one_while_others_commit(docs: Path, files: Files) -> None:
    repo = Repo(docs)
    repo.commit("one", files={"a.md": "1"})
    put(docs, "a.md", "mine")
    _, cursor = pass_over(files)
    repo("stash", "-q")
    two = repo.commit("two", files={"a.md": "2"})
    put(docs, "a.md", "mine")
    changes, _ = pass_over(files, cursor)
    assert [(i.version[:16], i.text) for i in by_name(changes)["a.md"]] == [
        (f"git-{two[:12]}", "2"), ("20260921T141320Z", "mine")
    ]  # fmt: skip


def test_renames_in_git_take_the_history_along_even_with_changes(docs: Path, files: Files) -> None:
    repo = Repo(docs)
    repo.commit("one", files={"a.md": LONG})
    _, cursor = pass_over(files)
    repo("mv", "a.md", "b.md")
    repo.commit("two", files={"b.md": LONG + "changed"})
    changes, cursor = pass_over(files, cursor)
    assert [(i.ref.native, i.was, i.note) for i in changes if isinstance(i, Item)] == [
        ("b.md", ref("a.md"), "two")
    ]
    assert removed(changes) == []
    assert pass_over(files, cursor) == ([], cursor)


def test_a_rename_committed_while_the_file_has_an_open_change(docs: Path, files: Files) -> None:
    repo = Repo(docs)
    repo.commit("one", files={"a.md": LONG})
    put(docs, "a.md", LONG + "not committed")
    _, cursor = pass_over(files)
    repo("mv", "a.md", "b.md")  # the open change moves along and stays open
    repo("commit", "-q", "--allow-empty", "-m", "an intermediate state", "--", "b.md", "a.md")
    put(docs, "b.md", LONG + "and still not")
    changes, cursor = pass_over(files, cursor)
    assert [(i.text, i.was) for i in by_name(changes)["b.md"]] == [
        (LONG + "not committed", ref("a.md")), (LONG + "and still not", ref("a.md"))
    ]  # fmt: skip
    assert removed(changes) == []
    assert pass_over(files, cursor) == ([], cursor)


def test_after_a_rebase_and_a_reset_the_current_state_is_right(docs: Path, files: Files) -> None:
    repo = Repo(docs)
    base = repo.commit("base", files={"a.md": "1", "b.md": "b"})
    repo.commit("dropped", files={"a.md": "2", "c.md": "c"})
    _, cursor = pass_over(files)
    repo("reset", "-q", "--soft", base)  # the files stay, git forgets: they are open changes now
    changes, cursor = pass_over(files, cursor)
    assert not by_name(changes)["a.md"][-1].version.startswith("git-")
    assert not by_name(changes)["c.md"][-1].version.startswith("git-")
    assert "b.md" not in by_name(changes)
    assert pass_over(files, cursor) == ([], cursor)
    for item in current(changes).values():
        assert files.read(item.ref) == item
    new = repo.commit("again, with another name")
    changes, cursor = pass_over(files, cursor)
    assert {n: i[-1].version for n, i in by_name(changes).items()} == {
        n: f"git-{new[:12]}" for n in ("a.md", "c.md")
    }
    repo("reset", "-q", "--hard", base)
    changes, cursor = pass_over(files, cursor)
    assert removed(changes) == ["c.md"]
    assert by_name(changes)["a.md"][-1].version == f"git-{base[:12]}"
    assert pass_over(files, cursor) == ([], cursor)


def test_a_folder_that_becomes_a_repository_and_stops_being_one(docs: Path, files: Files) -> None:
    put(docs, "a.md", "1")
    put(docs, "b.md", "b")
    (before, *_), cursor = pass_over(files)
    repo = Repo(docs)
    changes, cursor = pass_over(files, cursor)
    assert changes == []
    one = repo.commit("one")
    put(docs, "b.md", "open change")
    changes, cursor = pass_over(files, cursor)
    assert {n: [i.version[:16] for i in items] for n, items in by_name(changes).items()} == {
        "a.md": [f"git-{one[:12]}"], "b.md": [f"git-{one[:12]}", "20260921T141320Z"]
    }  # fmt: skip
    assert isinstance(before, Item)
    assert by_name(changes)["a.md"][0].hash == before.hash
    shutil.rmtree(docs / ".git")
    assert pass_over(files, cursor)[0] == []
    put(docs, "a.md", "later")
    changes, cursor = pass_over(files, cursor)
    assert [i.version[:16] for i in by_name(changes)["a.md"]] == ["20260921T141320Z"]


def test_a_broken_repository_is_a_plain_folder(docs: Path, files: Files) -> None:
    repo = Repo(docs)
    repo.commit("one", files={"a.md": "1"})
    repo.commit("two", files={"a.md": "2"})
    _, cursor = pass_over(files)
    (docs / ".git" / "HEAD").write_text("garbage")
    put(docs, "a.md", "3")
    changes, cursor = pass_over(files, cursor)
    assert [i.text for i in by_name(changes)["a.md"]] == ["3"]
    shutil.rmtree(docs / ".git" / "objects")
    assert [i.text for i in by_name(pass_over(files)[0])["a.md"]] == ["3"]


def test_a_file_of_an_old_commit_that_was_broken_is_a_version_without_text(docs: Path, files: Files) -> None:
    repo = Repo(docs)
    repo.commit("one", files={"a.docx": b"broken then"})
    repo.commit("two", files={"a.docx": office.docx(["whole now"])})
    old, new = by_name(pass_over(files)[0])["a.docx"]
    assert (old.text, "damaged" in old.data["note"], new.text.strip()) == ("", True, "whole now")


def test_the_oldest_versions_are_left_out_past_the_cap(docs: Path, tmp_path: Path) -> None:
    repo = Repo(docs)
    for n in range(5):
        repo.commit(str(n), files={"a.md": str(n)})
    files = connect(source="docs", state=tmp_path / "s", place=str(docs), history=2)
    assert [i.text for i in by_name(pass_over(files)[0])["a.md"]] == ["3", "4"]


def test_git_ignores_what_it_ignores(docs: Path, files: Files) -> None:
    repo = Repo(docs)
    repo.commit("one", files={"a.md": "1", ".gitignore": "build/\n*.log\n"})
    put(docs, "build/out.md", "o")
    put(docs, "x.log", "l")
    put(docs, "new.md", "n")
    assert by_name(pass_over(files)[0]).keys() == {"a.md", "new.md"}
    assert files.read(ref("build/out.md")) is None
