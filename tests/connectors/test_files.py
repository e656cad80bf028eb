"""A folder of documents keeps the contract, in git and outside of it, whatever lies in it."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from contracts import NOW, ConnectorContract, Write, pass_over
from fakes import office
from fakes.folder import by_name, failed, put, ref, removed, without_rights
from fakes.git import Repo
from hypothesis import given
from hypothesis import strategies as st

from deskhand.connectors import connect as connect_kind
from deskhand.connectors._files_tree import native_of, path_of
from deskhand.connectors.errors import Misconfigured, Transient, Unsupported
from deskhand.connectors.files import Files, connect
from deskhand.connectors.model import Content, Item, ItemRef
from deskhand.connectors.operations import (
    Enclosure,
    FileCopy,
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
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


SCAN = Enclosure(ref=ItemRef("mail", "attachment", "INBOX/1.a#1"), version="m-1")


def writes_for(files: Files, *, replaced: str, gone: str) -> list[Write]:
    """One write of each kind; what is to be restored has been taken away before."""
    a, b = files.read(ref(replaced)), files.read(ref(gone))
    put(Path(files._root), "back.md", "comes back")
    back = files.read(ref("back.md"))
    assert a is not None
    assert b is not None
    assert back is not None
    files.perform(FileTrash(source="docs", ref=back.ref, version=back.version), key="fixture", now=NOW)
    return [
        Write(
            FileCreate(source="docs", path="new/deep/file.md", text="# New\n"),
            FileCreate(source="docs", path=replaced, text="over it"),
        ),
        Write(
            FileCopy(source="docs", folder="Finance/2026", called="scan.pdf", content=SCAN),
            FileCopy(source="docs", called=replaced, content=SCAN),
            {SCAN.ref: Content("scan.pdf", "application/pdf", b"%PDF-1.4\r\n\0 not text")},
        ),
        Write(
            FileReplace(source="docs", ref=a.ref, version=a.version, text="replaced"),
            FileReplace(source="docs", ref=a.ref, version="20200101T000000Z-000000000000", text="replaced"),
        ),
        Write(
            FileRestore(source="docs", ref=back.ref, version="", hash=back.hash),
            FileRestore(source="docs", ref=a.ref, version="", hash=back.hash),
        ),
        Write(
            FileTrash(source="docs", ref=b.ref, version=b.version),
            FileTrash(source="docs", ref=b.ref, version="git-000000000000"),
        ),
    ]


class TestPlainFolder(ConnectorContract):
    @pytest.fixture
    def connector(self, docs: Path, files: Files) -> Files:
        put(docs, "a.md", "# Alpha\n\nfirst")
        put(docs, "sub/b.txt", "second")
        put(docs, "c.docx", office.docx(["third"], title="Gamma"))
        put(docs, "photo.png", b"\x89PNG\r\n\0")
        put(docs, "broken.pdf", b"no pdf")
        put(docs, "odd name\n100%\udcff😀.md", "odd")
        return files

    @pytest.fixture
    def writes(self, connector: Files) -> list[Write]:
        return writes_for(connector, replaced="a.md", gone="sub/b.txt")


class TestGitRepository(ConnectorContract):
    @pytest.fixture
    def connector(self, docs: Path, files: Files) -> Files:
        repo = Repo(docs)
        repo.commit("one", files={"a.md": "# Alpha\n\nfirst", "b.txt": "b", ".gitignore": "*.log\n"})
        repo.commit("two", files={"a.md": "# Alpha\n\nsecond", "d.docx": office.docx(["third"])})
        repo("mv", "b.txt", "moved.txt")
        repo.commit("three")
        repo.write("a.md", "# Alpha\n\nnot committed")
        repo.write("untracked.md", "untracked")
        repo.write("noise.log", "ignored")
        return files

    @pytest.fixture
    def writes(self, connector: Files) -> list[Write]:
        return writes_for(connector, replaced="a.md", gone="moved.txt")


# ------------------------------------------------------------------ connecting


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"place": "/no/such/folder"}, "There is no folder /no/such/folder"),
        ({"place": "  "}, "needs a folder"),
        ({"place": __file__}, "is a file, not a folder"),
        ({"place": __file__ + "/x"}, "There is no folder"),
        ({"place": "a\0b"}, "cannot be read"),
        ({"place": "/", "max_size": 0}, "above zero"),
        ({"place": "/", "history": "many"}, "above zero"),
    ],
)
def test_a_place_that_cannot_work_is_said_at_once(
    options: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured, match=message):
        connect_kind("files", source="docs", state=tmp_path, **options)


def test_a_folder_that_may_not_be_read_is_said(docs: Path, tmp_path: Path) -> None:
    docs.chmod(0)
    with without_rights(docs), pytest.raises(Misconfigured, match="you have no permission to read it"):
        connect(source="docs", state=tmp_path, place=str(docs))
    docs.chmod(0o755)


def test_a_disk_taken_away_removes_nothing(docs: Path, files: Files) -> None:
    put(docs, "a.md", "x")
    _, cursor = pass_over(files)
    docs.rename(docs.with_name("elsewhere"))
    with pytest.raises(Transient, match="is its disk connected"):
        list(files.changes(cursor))
    docs.with_name("elsewhere").rename(docs)
    assert pass_over(files, cursor) == ([], cursor)


# ------------------------------------------------------------------ what an item is


def test_an_item_has_what_a_reader_needs(docs: Path, files: Files) -> None:
    put(docs, "work/plan.md", "# The plan\n\nAsk Bo.", at=1_790_000_000)
    (item,) = by_name(pass_over(files)[0])["work/plan.md"]
    digest = hashlib.sha256(b"# The plan\n\nAsk Bo.").hexdigest()
    assert item.title == "The plan"
    assert item.folder == "work"
    assert item.hash == digest
    assert item.at == datetime.fromtimestamp(1_790_000_000, UTC)
    assert item.version == f"{item.at:%Y%m%dT%H%M%SZ}-{digest[:12]}"
    assert item.link == (docs / "work/plan.md").as_uri()
    assert item.data == {"mime": "text/markdown", "size": 19}
    assert (item.label.trust, item.label.readers, item.label.origins) == ("untrusted", (), (str(item.ref),))


def test_bad_files_are_failures_and_the_pass_goes_on(docs: Path, files: Files) -> None:
    put(docs, "a.docx", b"not really")
    put(docs, "b.md", "fine")
    put(docs, "c.pdf", b"%PDF-1.4 cut")
    changes, cursor = pass_over(files)
    assert failed(changes).keys() == {"a.docx", "c.pdf"}
    assert all("damaged" in reason for reason in failed(changes).values())
    assert [i.text for i in by_name(changes)["b.md"]] == ["fine"]
    assert pass_over(files, cursor) == ([], cursor)
    put(docs, "a.docx", office.docx(["repaired"]))
    changes, _ = pass_over(files, cursor)
    assert [i.text.strip() for i in by_name(changes)["a.docx"]] == ["repaired"]


def test_a_broken_file_can_still_be_found_and_trashed_by_its_name(docs: Path, files: Files) -> None:
    put(docs, "a.docx", b"not really")
    item = files.read(ref("a.docx"))
    assert item
    assert (item.text, "damaged" in item.data["note"]) == ("", True)


def test_what_has_no_text_is_found_by_its_name(docs: Path, tmp_path: Path) -> None:
    files = connect(source="docs", state=tmp_path / "state", place=str(docs), max_size=1000)
    put(docs, "holiday.jpg", b"\xff\xd8\xff\0")
    put(docs, "large.txt", "x" * 1001)
    found = by_name(pass_over(files)[0])
    assert [(i.title, i.text, i.data["note"]) for i in found["holiday.jpg"]] == [
        ("holiday.jpg", "", "no readable text")
    ]
    assert [(i.title, i.text) for i in found["large.txt"]] == [("large.txt", "")]
    assert "larger than 1,000 bytes" in found["large.txt"][0].data["note"]
    assert not (tmp_path / "state" / "kept").exists()


@pytest.mark.parametrize(
    "name", ["новый 😀.md", "new\nline\t.md", "100% sure %41.md", "bad \udcff\udcfe.md", "x" * 250 + ".md"]
)
def test_any_name_survives_the_way_into_a_database_and_back(name: str, docs: Path, files: Files) -> None:
    put(docs, name, "hello")
    (item,) = [c for c in pass_over(files)[0] if isinstance(c, Item)]
    stored = json.loads(json.dumps(str(item.ref).encode("utf-8").decode()))
    assert files.read(ItemRef.parse(stored)) == item
    item.link.encode("ascii")


names = st.text(
    alphabet=st.one_of(
        st.characters(exclude_characters="/\0", exclude_categories=["Cs"]),
        st.sampled_from("%25fF").map(str),
        st.integers(0xDC80, 0xDCFF).map(chr),
    ),
    min_size=1,
    max_size=20,
).filter(lambda n: n not in (".", "..") and os.fsdecode(os.fsencode(n)) == n)


@given(st.lists(names, min_size=1, max_size=3).map("/".join))
def test_an_id_stands_for_one_path_only(path: str) -> None:
    native = native_of(path)
    native.encode()
    assert path_of(native) == path


@given(st.text(max_size=30))
def test_no_id_leads_out_of_the_folder(native: str) -> None:
    path = path_of(native)
    assert path is None or (native_of(path) == native and ".." not in path.split("/") and path[:1] != "/")


@pytest.mark.parametrize(
    "native", ["../secret.md", "/etc/passwd", "a/../../secret.md", "", ".", "%2E%2E/secret.md", "a\0b",
               "out/secret.md", "sub/", ".hidden.md", ".git/config", "out.md"]
)  # fmt: skip
def test_nothing_outside_or_hidden_is_read(native: str, docs: Path, files: Files) -> None:
    put(docs.parent, "secret.md", "secret")
    put(docs, ".hidden.md", "hidden")
    put(docs, ".git/config", "hidden")
    (docs / "out").symlink_to(docs.parent)
    (docs / "out.md").symlink_to(docs.parent / "secret.md")
    put(docs, "sub/a.md", "a")
    assert files.read(ref(native)) is None
    assert by_name(pass_over(files)[0]).keys() == {"sub/a.md"}


# ------------------------------------------------------------------ which files


def test_what_is_ignored(docs: Path, tmp_path: Path) -> None:
    for name in [
        "keep.md", "sub/keep.md", ".hidden", ".git/x.md", "a.md~", ".a.md.swp", "#a.md#", "~$a.docx",
        "node_modules/x/README.md", "__pycache__/x.txt", ".deskhandignore", "x.log", "sub/y.log",
        "drafts/a.md", "sub/drafts/b.md", "notes/2025/old.md", "notes/new.md", "sub/notes/old.md",
        "private/x.md", "draft[1].md", "tmp1.md",
    ]:  # fmt: skip
        put(docs, name, name)
    put(docs, ".deskhandignore", "# mine\ndrafts/\n/notes/**/old.md\n\ntmp?.md\n")
    files = connect(
        source="docs", state=tmp_path / "s", place=str(docs), ignore="*.log, private, draft[[]1].md"
    )
    assert by_name(pass_over(files)[0]).keys() == {
        "keep.md", "sub/keep.md", "notes/new.md", "sub/notes/old.md"
    }  # fmt: skip
    assert files.read(ref("sub/drafts/b.md")) is None
    assert files.read(ref("x.log")) is None


@pytest.mark.parametrize(
    "pattern", ["[", "[!", "[z-a]", "***/**/***x", "a" * 500 + "*" * 50, "!", "/", "[]]", "\\"]
)
def test_odd_patterns_do_no_harm(pattern: str, docs: Path, tmp_path: Path) -> None:
    put(docs, "a" * 100 + ".md", "x")
    files = connect(source="docs", state=tmp_path / "s", place=str(docs), ignore=pattern)
    assert len(by_name(pass_over(files)[0])) == 1


def test_ignoring_and_taking_it_back(docs: Path, files: Files) -> None:
    put(docs, "a.md", "a")
    put(docs, "b.md", "b")
    _, cursor = pass_over(files)
    put(docs, ".deskhandignore", "b.md")
    changes, cursor = pass_over(files, cursor)
    assert removed(changes) == ["b.md"]
    (docs / ".deskhandignore").unlink()
    assert by_name(pass_over(files, cursor)[0]).keys() == {"b.md"}


def test_our_own_state_is_no_document(docs: Path) -> None:
    files = connect(source="docs", state=docs / "state", place=str(docs))
    put(docs, "a.md", "text")
    _, cursor = pass_over(files)
    assert (docs / "state" / "kept").is_dir()
    assert pass_over(files, cursor) == ([], cursor)


def test_pipes_sockets_and_devices_are_never_opened(docs: Path, files: Files) -> None:
    os.mkfifo(docs / "pipe.md")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(docs / "sock.md"))
        put(docs, "a.md", "a")
        assert by_name(pass_over(files)[0]).keys() == {"a.md"}
        assert files.read(ref("pipe.md")) is None
    put(docs, ".deskhandignore", "")
    (docs / ".deskhandignore").unlink()
    os.mkfifo(docs / ".deskhandignore")
    assert by_name(pass_over(files)[0]).keys() == {"a.md"}


def test_links_stay_inside_and_circles_end(docs: Path, files: Files, tmp_path: Path) -> None:
    put(docs, "sub/a.md", "a")
    (docs / "sub" / "up").symlink_to(docs)
    (docs / "here").symlink_to(".")
    (docs / "alias.md").symlink_to("sub/a.md")
    (docs / "self.md").symlink_to("self.md")
    (docs / "nowhere.md").symlink_to("missing.md")
    put(docs, ".vault/v.md", "v")
    (docs / "vault").symlink_to(".vault")
    put(tmp_path, "outside/o.md", "o")
    (docs / "out").symlink_to(tmp_path / "outside")
    changes, cursor = pass_over(files)
    assert by_name(changes).keys() == {"sub/a.md", "alias.md", "vault/v.md"}
    assert failed(changes) == {
        "self.md": "it is a link that leads in a circle", "nowhere.md": "it is a link that leads nowhere"
    }  # fmt: skip
    assert pass_over(files, cursor) == ([], cursor)


def test_a_file_and_a_folder_without_permission(docs: Path, files: Files, tmp_path: Path) -> None:
    """The pass goes on, nothing in a locked folder counts as removed, and a new permission is noticed."""
    put(docs, "a.md", "a")
    put(docs, "locked.md", "l")
    put(docs, "private/p.md", "p")
    _, cursor = pass_over(files)
    put(docs, "a.md", "changed, too")
    put(docs, "locked.md", "longer now").chmod(0)
    (docs / "private").chmod(0)
    with without_rights(docs, tmp_path / "state"):
        changes, cursor = pass_over(files, cursor)
        assert failed(changes) == dict.fromkeys(["locked.md", "private"], "you have no permission to read it")
        assert by_name(changes).keys() == {"a.md"}
        assert removed(changes) == []
        assert pass_over(files, cursor) == ([], cursor)
        with pytest.raises(Unsupported, match="you have no permission"):
            files.read(ref("locked.md"))
        (docs / "locked.md").chmod(0o644)
        (docs / "private").chmod(0o755)
        changes, _ = pass_over(files, cursor)
    assert by_name(changes).keys() == {"locked.md"}
    assert removed(changes) == ["private"]  # the failure itself, not what is in it
