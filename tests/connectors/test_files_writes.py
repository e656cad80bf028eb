"""What is done in a folder of documents is done once, whole, and can be taken back."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from contracts import NOW, pass_over
from fakes.folder import by_name, put, ref, removed, without_rights
from fakes.git import Repo

from deskhand.connectors.errors import (
    Changed,
    Conflict,
    Exists,
    Missing,
    SourceError,
    Transient,
    Unknown,
    Unsupported,
)
from deskhand.connectors.files import Files, connect
from deskhand.connectors.operations import (
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
    Operation,
    operation,
)


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


def version(files: Files, native: str) -> str:
    item = files.read(ref(native))
    assert item is not None
    return item.version


def create(path: str, text: str = "new") -> FileCreate:
    return FileCreate(source="docs", path=path, text=text)


def replace(files: Files, native: str, text: str) -> FileReplace:
    return FileReplace(source="docs", ref=ref(native), version=version(files, native), text=text)


def trash(files: Files, native: str) -> FileTrash:
    return FileTrash(source="docs", ref=ref(native), version=version(files, native))


def tree(folder: Path) -> dict[str, bytes]:
    """Every file there is, hidden and half-made ones, too."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_what_is_written_is_there_as_written(docs: Path, files: Files) -> None:
    receipt = files.perform(create("notes/tea 🍵.md", "# Tea\n\nGreen.\n"), key="k1", now=NOW)
    assert tree(docs) == {"notes/tea 🍵.md": b"# Tea\n\nGreen.\n"}
    item = files.read(receipt.ref)
    assert item is not None
    assert (item.title, item.version) == ("Tea", receipt.version)
    assert receipt.detail["hash"] == sha256(b"# Tea\n\nGreen.\n").hexdigest()


@pytest.mark.parametrize("how", ["written", "taken away"])
def test_what_is_something_else_when_it_is_read_back_is_put_to_the_person(
    docs: Path, files: Files, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """It was done, and somebody wrote in the same moment: that is no refusal."""
    (docs / "a.md").write_text("old")
    replaced, unlinked = os.replace, os.unlink

    def theirs(path: object) -> None:
        if os.fspath(path) == str(docs / "a.md"):  # type: ignore[call-overload]
            (docs / "a.md").write_text("theirs")

    def replace_(one: object, other: object) -> None:
        replaced(one, other)  # type: ignore[call-overload]
        theirs(other)

    def unlink(path: object) -> None:
        unlinked(path)  # type: ignore[arg-type]
        theirs(path)

    operation_ = (
        replace(files, "a.md", "mine")
        if how == "written"
        else FileTrash(source="docs", ref=ref("a.md"), version=version(files, "a.md"))
    )
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(os, "replace", replace_)
        meanwhile.setattr(os, "unlink", unlink)
        with pytest.raises(Unknown, match=f"a.md was {how}, and is .* when it is read back"):
            files.perform(operation_, key="k", now=NOW)
    assert (docs / "a.md").read_text() == "theirs"


def test_every_effect_can_be_taken_back_and_that_too(docs: Path, files: Files) -> None:
    put(docs, "a.md", "old")
    put(docs, "b.md", "b")
    before = tree(docs)
    for n, op in enumerate([create("c.md"), replace(files, "a.md", "new"), trash(files, "b.md")]):
        receipt = files.perform(op, key=f"do{n}", now=NOW)
        after = tree(docs)
        assert after != before
        undo = files.inverse(op, receipt)
        assert undo is not None
        undone = files.perform(undo, key=f"undo{n}", now=NOW)
        assert tree(docs) == before
        redo = files.inverse(undo, undone)
        assert redo is not None
        redone = files.perform(redo, key=f"redo{n}", now=NOW)
        assert tree(docs) == after
        again = files.inverse(redo, redone)
        assert again is not None
        files.perform(again, key=f"again{n}", now=NOW)
        assert tree(docs) == before


def test_an_inverse_is_refused_once_somebody_has_changed_the_file(docs: Path, files: Files) -> None:
    put(docs, "a.md", "old")
    op = replace(files, "a.md", "ours")
    receipt = files.perform(op, key="k1", now=NOW)
    put(docs, "a.md", "theirs")
    undo = files.inverse(op, receipt)
    assert undo is not None
    with pytest.raises(Changed):
        files.perform(undo, key="k2", now=NOW)
    assert tree(docs) == {"a.md": b"theirs"}


def test_an_effect_done_and_undone_is_not_done_again(docs: Path, files: Files) -> None:
    op = create("a.md")
    receipt = files.perform(op, key="k1", now=NOW)
    undo = files.inverse(op, receipt)
    assert undo is not None
    files.perform(undo, key="k2", now=NOW)
    assert files.perform(op, key="k1", now=NOW) == receipt
    assert tree(docs) == {}


def test_conflicts_change_nothing(docs: Path, files: Files) -> None:
    put(docs, "a.md", "a")
    old = version(files, "a.md")
    put(docs, "a.md", "somebody else's")
    gone = ref("gone.md")
    cases: list[tuple[Operation, type[Conflict]]] = [
        (create("a.md"), Exists),
        (create("a.md/b.md"), Exists),
        (FileReplace(source="docs", ref=ref("a.md"), version=old, text="x"), Changed),
        (FileTrash(source="docs", ref=ref("a.md"), version=old), Changed),
        (FileReplace(source="docs", ref=gone, version=old, text="x"), Missing),
        (FileTrash(source="docs", ref=gone, version=old), Missing),
        (FileRestore(source="docs", ref=gone, version="", hash="0" * 64), Missing),
        (FileRestore(source="docs", ref=gone, version="", hash="../../secret"), Missing),
    ]
    for n, (op, error) in enumerate(cases):
        with pytest.raises(error):
            files.perform(op, key=f"k{n}", now=NOW)
        assert files.find(op, key=f"k{n}") is None
    assert tree(docs) == {"a.md": b"somebody else's"}


@pytest.mark.parametrize(
    "path",
    ["../x.md", "/etc/x.md", "a/../../x.md", "", ".", "a//b.md", "out/x.md", "a\0b.md", "sub/", ".hidden.md",
     ".git/hooks/post-commit", "node_modules/x.md", "ignored.log", "a.docx", "a.png", "x" * 300 + ".md"],
)  # fmt: skip
def test_places_and_kinds_that_are_refused(path: str, docs: Path, files: Files, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (docs / "out").symlink_to(tmp_path / "outside")
    put(docs, ".deskhandignore", "*.log")
    before = tree(tmp_path)
    with pytest.raises(Unsupported):
        files.perform(create(path), key="k", now=NOW)
    assert tree(tmp_path) == before


def test_addresses_outside_are_refused(docs: Path, files: Files) -> None:
    put(docs.parent, "secret.md", "secret")
    (docs / "link.md").symlink_to(docs.parent / "secret.md")
    put(docs, "real.md", "real")
    (docs / "alias.md").symlink_to("real.md")
    for native in ("../secret.md", "/etc/passwd", "link.md", "alias.md", "."):
        for op in (
            FileReplace(source="docs", ref=ref(native), version="v", text="x"),
            FileTrash(source="docs", ref=ref(native), version="v"),
        ):
            with pytest.raises(SourceError):
                files.perform(op, key="k", now=NOW)
    assert (docs.parent / "secret.md").read_text() == "secret"
    assert (docs / "alias.md").is_symlink()


def test_office_files_are_not_overwritten_with_text(docs: Path, files: Files) -> None:
    put(docs, "a.docx", b"whatever")
    with pytest.raises(Unsupported, match="no text file"):
        files.perform(replace(files, "a.docx", "text"), key="k", now=NOW)
    files.perform(trash(files, "a.docx"), key="k2", now=NOW)  # but may be taken away, and comes back
    files.perform(
        FileRestore(source="docs", ref=ref("a.docx"), version="", hash=sha256(b"whatever").hexdigest()),
        key="k3", now=NOW,
    )  # fmt: skip
    assert tree(docs) == {"a.docx": b"whatever"}


def test_permissions_and_line_ends_stay(docs: Path, files: Files) -> None:
    put(docs, "a.txt", b"one\r\ntwo\r\n").chmod(0o640)
    files.perform(replace(files, "a.txt", "one\nthree\n"), key="k", now=NOW)
    assert tree(docs) == {"a.txt": b"one\r\nthree\r\n"}
    assert (docs / "a.txt").stat().st_mode & 0o777 == 0o640


def test_new_files_obey_the_persons_umask(docs: Path, files: Files) -> None:
    before = os.umask(0o027)
    try:
        files.perform(create("a.md"), key="k", now=NOW)
    finally:
        os.umask(before)
    assert (docs / "a.md").stat().st_mode & 0o777 == 0o640


def test_what_we_keep_is_private(docs: Path, files: Files, tmp_path: Path) -> None:
    put(docs, "a.md", "a")
    files.perform(trash(files, "a.md"), key="k", now=NOW)
    for path in (tmp_path / "state").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_key_is_never_a_path(files: Files, tmp_path: Path) -> None:
    before = {p for p in tmp_path.rglob("*") if "state" not in p.parts}
    files.perform(create("a.md"), key="../../../evil", now=NOW)
    assert files.find(create("a.md"), key="../../../evil") is not None
    files.perform(create("b.md"), key="x" * 5000, now=NOW)
    outside = {p for p in tmp_path.rglob("*") if "state" not in p.parts} - before
    assert {p.name for p in outside} == {"a.md", "b.md"}


def test_notes_that_cannot_be_read_prove_nothing(docs: Path, files: Files, tmp_path: Path) -> None:
    op = create("a.md")
    notes = tmp_path / "state" / "effects"
    notes.mkdir(parents=True)
    for text in ("", "{", "[]", '{"ref": 3}', '{"ref": "docs:document:../x", "after": "", "before": ""}'):
        (notes / "k.json").write_text(text)
        assert files.find(op, key="k") is None
    files.perform(op, key="k", now=NOW)
    assert tree(docs) == {"a.md": b"new"}


def test_a_note_alone_proves_nothing_the_disk_does(docs: Path, files: Files, tmp_path: Path) -> None:
    op = create("a.md")
    files.perform(op, key="k", now=NOW)
    path = tmp_path / "state" / "effects" / "k.json"
    note = json.loads(path.read_bytes())
    del note["done"]
    path.write_text(json.dumps(note))
    assert files.find(op, key="k") is not None
    (docs / "a.md").write_text("somebody else's")
    assert files.find(op, key="k") is None
    with pytest.raises(Exists):
        files.perform(op, key="k", now=NOW)


def test_writes_in_git_come_out_as_versions(docs: Path, files: Files) -> None:
    repo = Repo(docs)
    one = repo.commit("one", files={"a.md": "1"})
    _, cursor = pass_over(files)
    op = replace(files, "a.md", "2")
    assert op.version == f"git-{one[:12]}"
    receipt = files.perform(op, key="k1", now=NOW)
    changes, cursor = pass_over(files, cursor)
    assert [(i.version, i.text) for i in by_name(changes)["a.md"]] == [(receipt.version, "2")]
    undo = files.inverse(op, receipt)
    assert undo is not None
    assert files.perform(undo, key="k2", now=NOW).version == f"git-{one[:12]}"
    changes, _ = pass_over(files, cursor)
    assert [(i.version, i.text) for i in by_name(changes)["a.md"]] == [(f"git-{one[:12]}", "1")]
    assert repo("status", "--porcelain") == ""


def test_a_file_too_large_to_keep_is_not_touched(docs: Path, tmp_path: Path) -> None:
    files = connect(source="docs", state=tmp_path / "s", place=str(docs), max_size=10)
    put(docs, "a.md", "x" * 11)
    with pytest.raises(Unsupported, match="too large"):
        files.perform(trash(files, "a.md"), key="k", now=NOW)
    assert len(tree(docs)["a.md"]) == 11


def test_a_folder_one_may_only_read_offers_no_writes(docs: Path, files: Files, tmp_path: Path) -> None:
    put(docs, "sub/a.md", "a")
    op = replace(files, "sub/a.md", "b")
    state = tmp_path / "state"
    state.mkdir(exist_ok=True)
    (docs / "sub").chmod(0o555)
    with without_rights(docs, state):
        with pytest.raises(Unsupported, match=r"the system refuses it\. Nothing was changed"):
            files.perform(op, key="k", now=NOW)
        docs.chmod(0o555)
        assert files.operations == ()
        with pytest.raises(Unsupported, match=r"cannot do file\.replace"):
            files.perform(op, key="k", now=NOW)
        docs.chmod(0o755)
        (docs / "sub").chmod(0o755)
    assert tree(docs) == {"sub/a.md": b"a"}


@contextmanager
def no_room_for(size: int) -> Iterator[None]:
    """No file may grow past this: what a full disk or a quota does, without needing one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_the_old_file_whole(docs: Path, files: Files) -> None:
    put(docs, "a.md", "old")
    large = "x" * 300_000
    with no_room_for(200_000):
        for n, op in enumerate([replace(files, "a.md", large), create("new/b.md", large)]):
            with pytest.raises(Transient, match=r"The disk is full: .* nothing was changed"):
                files.perform(op, key=f"k{n}", now=NOW)
            assert files.find(op, key=f"k{n}") is None
    assert tree(docs) == {"a.md": b"old"}
    assert not (docs / "new").exists()
    files.perform(replace(files, "a.md", large), key="k0", now=NOW)
    assert len(tree(docs)["a.md"]) == 300_000


def test_a_disk_too_full_to_keep_the_old_version_stops_everything(docs: Path, files: Files) -> None:
    put(docs, "a.md", "x" * 300_000)
    for op in (replace(files, "a.md", "short"), trash(files, "a.md")):
        with no_room_for(200_000), pytest.raises(Transient, match="The disk is full"):
            files.perform(op, key="k", now=NOW)
    assert len(tree(docs)["a.md"]) == 300_000
    with no_room_for(200_000), pytest.raises(Transient, match="The disk is full"):
        pass_over(files)
    assert len(by_name(pass_over(files)[0])) == 1


CRASH = """
import json, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
docs, state, moment, name, arguments = sys.argv[1:]
def cut(real):
    def call(*a, **k):
        mine = str(a[-1]).startswith(docs + "/") and ".deskhand" not in str(a[-1])
        if mine and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        real(*a, **k)
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
    return call
os.link, os.replace, os.unlink = cut(os.link), cut(os.replace), cut(os.unlink)
from deskhand.connectors.files import connect
from deskhand.connectors.operations import operation
connect(source="docs", state=Path(state), place=docs).perform(
    operation(name, json.loads(arguments)), key="k", now=datetime.now(UTC))
"""


@pytest.mark.crash
@pytest.mark.parametrize("kind", ["create", "replace", "restore", "trash"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_around_the_rename(moment: str, kind: str, docs: Path, files: Files, tmp_path: Path) -> None:
    put(docs, "a.md", "old")
    put(docs, "gone.md", "comes back")
    files.perform(trash(files, "gone.md"), key="fixture", now=NOW)
    op: Operation = {
        "create": create("new.md"),
        "replace": replace(files, "a.md", "replaced"),
        "restore": FileRestore(
            source="docs", ref=ref("gone.md"), version="", hash=sha256(b"comes back").hexdigest()
        ),
        "trash": trash(files, "a.md"),
    }[kind]
    wanted = {
        "create": {"a.md": b"old", "new.md": b"new"},
        "replace": {"a.md": b"replaced"},
        "restore": {"a.md": b"old", "gone.md": b"comes back"},
        "trash": dict[str, bytes](),
    }[kind]
    done = subprocess.run(
        [sys.executable, "-c", CRASH, str(docs), str(tmp_path / "state"), moment, op.name,
         json.dumps(op.arguments())],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    documents = {n: b for n, b in tree(docs).items() if not n.startswith(".")}
    found = files.find(op, key="k")
    if moment == "before":
        assert found is None
        assert documents == {"a.md": b"old"}
    else:
        assert found is not None
        assert documents == wanted
    receipt = files.perform(operation(op.name, op.arguments()), key="k", now=NOW)
    assert tree(docs) == wanted  # once, and nothing left lying about
    assert found is None or found == receipt
    undo = files.inverse(op, receipt)
    assert undo is not None
    files.perform(undo, key="undo", now=NOW)
    assert tree(docs) == {"a.md": b"old"}


def test_a_trashed_file_is_removed_in_the_next_pass_and_back_after_undo(docs: Path, files: Files) -> None:
    put(docs, "a.md", "a")
    _, cursor = pass_over(files)
    op = trash(files, "a.md")
    receipt = files.perform(op, key="k", now=NOW)
    assert receipt.version == ""
    changes, cursor = pass_over(files, cursor)
    assert removed(changes) == ["a.md"]
    undo = files.inverse(op, receipt)
    assert undo is not None
    files.perform(undo, key="k2", now=NOW)
    assert [i.text for i in by_name(pass_over(files, cursor)[0])["a.md"]] == ["a"]
