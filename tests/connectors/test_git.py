"""History of files, against repositories made with git itself."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from fakes.git import START, Repo

from deskhand.connectors._git import History, Revision

LONG = "".join(f"line {n} of a document that is long enough to be recognised\n" for n in range(30))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def opened(path: Path) -> History:
    history = History.open(str(path))
    assert history is not None
    return history


def told(path: Path, *names: str, limit: int = 200) -> dict[str, list[Revision]]:
    return opened(path).tell(dict.fromkeys(names, ""), since="", settled=(), limit=limit).revisions


def notes(revisions: list[Revision]) -> list[str]:
    return [r.note for r in revisions]


def test_every_commit_that_touched_a_file_oldest_first(repo: Repo) -> None:
    first = repo.commit("start", files={"a.md": "one", "b.md": "b"})
    repo.commit("elsewhere", files={"b.md": "b2"})
    third = repo.commit("more\n\nwith a body", files={"a.md": "two"}, author="Bo Müller")
    revisions = told(repo.path, "a.md")["a.md"]
    assert [r.version for r in revisions] == [f"git-{first[:12]}", f"git-{third[:12]}"]
    assert revisions[1].author == "Bo Müller"
    assert revisions[1].note == "more\n\nwith a body"
    assert (revisions[0].at, (revisions[1].at - START).days) == (START, 2)
    history = opened(repo.path)
    assert [history.read(r.blob, 100) for r in revisions] == [b"one", b"two"]


def test_follows_renames_with_and_without_changes(repo: Repo) -> None:
    repo.commit("born", files={"a.md": LONG})
    repo("mv", "a.md", "b.md")
    repo.commit("renamed only")
    repo("mv", "b.md", "c.md")
    repo.commit("renamed and changed", files={"c.md": LONG + "more"})
    revisions = told(repo.path, "c.md")["c.md"]
    assert notes(revisions) == ["born", "renamed and changed"]
    assert opened(repo.path).latest("c.md") == revisions[-1]


def test_two_files_that_swap_names_keep_their_own_histories(repo: Repo) -> None:
    other = LONG.replace("document", "shopping list").replace("line", "item")
    repo.commit("born", files={"a.md": LONG, "b.md": other})
    repo.commit("a changed", files={"a.md": LONG + "x"})
    a, b = (repo.path / n for n in ("a.md", "b.md"))
    one, two = a.read_text(), b.read_text()
    repo.commit("swap", files={"a.md": two, "b.md": one})
    # git itself calls this two changes, not two renames: both names go on, nothing is lost or mixed up
    revisions = told(repo.path, "a.md", "b.md")
    assert notes(revisions["a.md"]) == ["born", "a changed", "swap"]
    assert notes(revisions["b.md"]) == ["born", "swap"]


def test_a_name_used_again_has_only_its_own_history(repo: Repo) -> None:
    repo.commit("old one", files={"a.md": "old"})
    repo.commit("gone", files={"a.md": None})
    repo.commit("new one", files={"a.md": "new and different"})
    assert notes(told(repo.path, "a.md")["a.md"]) == ["new one"]


def test_a_merge_is_told_as_what_it_brought(repo: Repo) -> None:
    repo.commit("start", files={"a.md": "1\n", "b.md": "1\n"})
    repo("checkout", "-q", "-b", "side")
    repo.commit("side one", files={"a.md": "2\n"})
    repo.commit("side two", files={"a.md": "3\n"})
    repo("checkout", "-q", "main")
    repo.commit("main goes on", files={"b.md": "2\n"})
    repo("merge", "-q", "--no-ff", "-m", "merge side", "side")
    assert notes(told(repo.path, "a.md")["a.md"]) == ["start", "merge side"]


def test_only_the_newest_count(repo: Repo) -> None:
    for n in range(6):
        repo.commit(str(n), files={"a.md": str(n)})
    assert notes(told(repo.path, "a.md", limit=3)["a.md"]) == ["3", "4", "5"]


def test_from_a_known_commit_on(repo: Repo) -> None:
    repo.commit("one", files={"a.md": LONG, "b.md": "b"})
    since = repo.commit("two", files={"a.md": LONG + "2"})
    repo("mv", "a.md", "c.md")
    repo.commit("three", files={"c.md": LONG + "3", "d.md": "d"})
    history = opened(repo.path)
    found = history.tell({"c.md": "", "b.md": "", "d.md": ""}, since=since, settled={"a.md", "b.md"}, limit=9)
    assert {p: notes(r) for p, r in found.revisions.items()} == {"c.md": ["three"], "d.md": ["three"]}
    assert found.origins == {"c.md": "a.md"}


def test_a_known_version_ends_the_walk_after_a_rebase(repo: Repo) -> None:
    base = repo.commit("base", files={"a.md": "1"})
    repo.commit("dropped", files={"a.md": "2"})
    repo("reset", "-q", "--hard", base)
    repo.commit("instead", files={"a.md": "3"})
    history = opened(repo.path)
    known = f"git-{base[:12]}"
    assert notes(
        history.tell({"a.md": known}, since="f" * 40, settled={"a.md"}, limit=9).revisions["a.md"]
    ) == ["instead"]


@pytest.mark.parametrize("folder", ["docs", "docs/deep"])
def test_a_folder_inside_a_repository(repo: Repo, folder: str) -> None:
    repo.commit("outside", files={"a.md": LONG})
    (repo.path / folder).mkdir(parents=True)
    repo("mv", "a.md", f"{folder}/b.md")
    repo.commit("moved in")
    repo.commit("elsewhere", files={"x.md": "x"})
    repo.commit("changed", files={f"{folder}/b.md": LONG + "2"})
    assert notes(told(repo.path / folder, "b.md")["b.md"]) == ["outside", "changed"]
    assert opened(repo.path / folder).latest("b.md") == told(repo.path / folder, "b.md")["b.md"][-1]


def test_detached_and_unborn_heads(repo: Repo) -> None:
    assert opened(repo.path).head == ""
    assert told(repo.path, "a.md") == {}
    first = repo.commit("one", files={"a.md": "1"})
    repo.commit("two", files={"a.md": "2"})
    repo("checkout", "-q", "--detach", first)
    assert opened(repo.path).head == first
    assert notes(told(repo.path, "a.md")["a.md"]) == ["one"]


def test_a_shallow_clone_begins_where_it_was_cut(repo: Repo, tmp_path: Path) -> None:
    for n in range(4):
        repo.commit(str(n), files={"a.md": str(n)})
    repo("clone", "-q", "--depth", "2", f"file://{repo.path}", str(tmp_path / "shallow"))
    assert notes(told(tmp_path / "shallow", "a.md")["a.md"]) == ["2", "3"]


def test_names_that_are_no_utf8(repo: Repo) -> None:
    name = "caf\udce9 100%\n.md"
    (repo.path / name).write_text("1")
    repo.commit("odd name")
    assert notes(told(repo.path, name)[name]) == ["odd name"]
    assert opened(repo.path).blob_of(name)
    assert not opened(repo.path).ignored(name, False)


def test_worktrees_have_their_own_head(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", files={"a.md": "1"})
    repo("worktree", "add", "-q", "-b", "side", str(tmp_path / "tree"))
    assert notes(told(tmp_path / "tree", "a.md")["a.md"]) == ["one"]


def test_ignore_rules_do_not_hide_what_is_tracked(repo: Repo) -> None:
    repo.commit("one", files={"build/kept.md": "x", ".gitignore": ""})
    repo.write(".gitignore", "build/\n*.log\n")
    history = opened(repo.path)
    assert not history.ignored("build/kept.md", False)
    assert not history.ignored("build", True)
    assert history.ignored("build/new.md", False)
    assert history.ignored("x/y.log", False)
    assert not history.ignored("x/y.md", False)


def test_submodules_are_left_out(repo: Repo, tmp_path: Path) -> None:
    inner = Repo(tmp_path / "inner")
    inner.commit("inner", files={"i.md": "i"})
    repo.commit("outer", files={"a.md": "a"})
    repo("submodule", "--quiet", "add", str(inner.path), "sub")
    repo.commit("with submodule")
    assert opened(repo.path).ignored("sub", True)


def test_a_folder_its_repository_ignores_has_no_history(repo: Repo) -> None:
    """A home folder kept in git with `*` in .gitignore must not empty every folder in it."""
    repo.commit("dotfiles", files={".gitignore": "*\n"})
    (repo.path / "docs").mkdir()
    assert History.open(str(repo.path / "docs")) is None


def test_no_repository_bare_and_broken_ones(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    assert History.open(str(tmp_path / "plain")) is None
    repo.commit("one", files={"a.md": "1"})
    repo("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare.git"))
    assert History.open(str(tmp_path / "bare.git")) is None
    (repo.path / ".git" / "HEAD").write_bytes(b"\xff garbage")
    broken = History.open(str(repo.path))
    assert broken is None or broken.head == ""


def test_missing_objects_end_the_history(repo: Repo) -> None:
    repo.commit("one", files={"a.md": "1"})
    repo.commit("two", files={"a.md": "2"})
    for folder in (repo.path / ".git" / "objects").glob("??"):
        shutil.rmtree(folder)
    history = opened(repo.path)
    assert history.tell({"a.md": ""}, since="", settled=(), limit=9).revisions == {}
    assert history.latest("a.md") is None
    assert history.read("0" * 40, 100) is None


def test_large_files_and_lfs_pointers_are_not_read(repo: Repo) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"
    repo.commit("one", files={"a.md": pointer, "b.md": "x" * 101})
    found = told(repo.path, "a.md", "b.md")
    assert opened(repo.path).read(found["a.md"][0].blob, 10_000) is None
    assert opened(repo.path).read(found["b.md"][0].blob, 100) is None


@pytest.mark.parametrize("seconds", [0, -(10**10), 2**62])
def test_commits_with_impossible_dates(repo: Repo, seconds: int) -> None:
    import pygit2

    repository = pygit2.Repository(str(repo.path))
    blob = repository.create_blob(b"text")
    builder = repository.TreeBuilder()
    builder.insert("a.md", blob, pygit2.enums.FileMode.BLOB)
    who = pygit2.Signature("Ana", "ana@example.org", seconds, 60)
    repository.create_commit("refs/heads/main", who, who, "when?", builder.write(), [])
    repository.free()
    (revision,) = told(repo.path, "a.md")["a.md"]
    assert revision.at.tzinfo is not None


def test_fifty_versions_are_told_quickly(repo: Repo) -> None:
    for n in range(50):
        repo.commit(str(n), files={"a.md": str(n)})
    start = time.process_time()
    assert len(told(repo.path, "a.md")["a.md"]) == 50
    assert time.process_time() - start < 20  # seconds of CPU: it ends, and is not quadratic
