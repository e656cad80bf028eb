"""One pass over a source into the archive, whatever happens on the way."""

from __future__ import annotations

import itertools
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from archive_model import everything
from contracts_archive import HOUR, NOW, document, law, message, ref
from hypothesis import given
from hypothesis import strategies as st

from deskhand.connectors import sync as sync_module
from deskhand.connectors.archive import Archive, Tally
from deskhand.connectors.database import StorageError
from deskhand.connectors.errors import Transient
from deskhand.connectors.maildir import connect as maildir
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Change, Cursor, Failed, Item, ItemRef, Removed
from deskhand.connectors.operations import MailMove
from deskhand.connectors.sync import Pass, Progress, sync


@dataclass
class Script(Memory):
    """A source that yields what it is told to; an exception among it is raised."""

    source: str = "box"
    script: list[Change | Exception] = field(default_factory=list)

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        for change in self.script[int(since.value) if since else 0 :]:
            if isinstance(change, Exception):
                raise change
            yield change


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive.open(tmp_path / "archive.db")
    made.register("box", "memory")
    yield made
    made.close()


def run(connector: Memory, archive: Archive, **rest: Any) -> Pass:
    return sync(connector, archive, now=lambda: NOW, **rest)


def test_a_pass_and_another_over_an_unchanged_source(archive: Archive) -> None:
    box = Memory("box")
    for n in range(5):
        box.add("document", f"{n}", title=f"{n}", text="x", at=NOW)
    said: list[Progress] = []
    assert run(box, archive, progress=said.append) == Pass("box", Tally(added=5))
    assert said == [Progress("box", 5, 5)]
    seq = archive.last_seq()
    assert run(box, archive) == Pass("box")
    assert archive.last_seq() == seq
    assert [(s.synced, s.tried, s.error) for s in archive.sources()] == [(NOW, NOW, "")]


def test_a_source_that_breaks_off_keeps_what_came_and_is_taken_up_at_the_last_cursor(
    archive: Archive,
) -> None:
    box = Script(
        script=[document("a"), Cursor("2", 1, 3), document("b"), Transient("It is away."), document("c")]
    )
    assert run(box, archive) == Pass("box", Tally(added=2), "It is away.")
    assert archive.cursor("box") == Cursor("2")
    state = archive.sources()[0]
    assert (state.synced, state.tried, state.error) == (None, NOW, "It is away.")
    box.script[3:4] = []
    box.script.append(Cursor("5"))
    assert run(box, archive) == Pass("box", Tally(added=1))
    assert archive.sources()[0].error == ""


def test_a_defect_in_a_connector_is_told_and_what_came_before_it_is_kept(archive: Archive) -> None:
    box = Script(script=[document("a"), Cursor("2"), document("b"), KeyError("no\nsuch part")])
    said = "box could not be read because of a defect in Deskhand (KeyError: 'no\\nsuch part'); "
    said += "what came before it is kept."
    assert run(box, archive) == Pass("box", Tally(added=2), said)
    assert archive.cursor("box") == Cursor("2")
    assert (archive.sources()[0].synced, archive.sources()[0].error) == (None, said)
    assert [i.ref.native for i in archive.find()] == ["a", "b"]
    # What it stored beyond its cursor is looked at one by one, and there too a defect is data.
    box.script[3:] = []
    box.read = lambda ref: [][0]  # type: ignore[method-assign]
    archive.apply("box", [document("c")], now=NOW)
    assert "(IndexError: list index out of range)" in run(box, archive).error


def test_a_full_disk_is_no_defect_of_a_connector(archive: Archive) -> None:
    with pytest.raises(StorageError, match="full"):
        run(Script(script=[document("a"), StorageError("The disk is full.")]), archive)


def test_a_source_without_cursors_is_stored_in_between(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "PAGE_LIMIT", 10)
    monkeypatch.setattr(sync_module, "PAGE_TEXT", 100)
    sizes: list[int] = []
    stored = lambda: sizes.append(archive.counts()["items"])  # noqa: E731
    box = Script(script=[*(document(f"{n}", f"{n}") for n in range(25)), Cursor("26")])
    assert run(box, archive, stored=stored).tally == Tally(added=25)
    assert sizes == [10, 20, 25]
    box.script += [*(document(f"long {n}", f"{n}" * 60) for n in range(4)), Cursor("30")]
    sizes.clear()
    run(box, archive, stored=stored)
    assert sizes == [27, 29, 29]


def test_a_source_that_is_removed_while_it_is_read(archive: Archive) -> None:
    box = Script(script=[document("a"), Cursor("1"), document("b"), Cursor("2")])
    ended = run(box, archive, stored=lambda: archive.forget("box", now=NOW) and None)
    assert ended == Pass("box", Tally(added=1), "box was removed while it was read.")
    assert archive.sources() == []
    assert archive.find() == []


def test_an_interrupted_pass_keeps_its_pages(archive: Archive) -> None:
    box = Script(script=[document("a"), Cursor("2"), document("b"), KeyboardInterrupt()])  # type: ignore[list-item]
    box.changes = lambda since: _raising(box.script)  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        run(box, archive)
    assert [i.ref.native for i in archive.find()] == ["a"]
    assert archive.cursor("box") == Cursor("2")


def _raising(script: list[Any]) -> Iterator[Change]:
    for change in script:
        if isinstance(change, BaseException):
            raise change
        yield change


# -- a folder that lives, seen through passes that die

_Files = dict[str, tuple[int, str]]
"""What lies where: the number of the thing, and its content ("!..." cannot be read)."""


@dataclass
class Folder(Memory):
    """Files that come, change, move and go; a pass tells of them as the files connector does."""

    source: str = "box"
    files: _Files = field(default_factory=dict)
    cursors: list[_Files] = field(default_factory=lambda: [{}])
    dies: int | None = None
    """After how many changes the pass dies, None: it does not."""
    shuffle: Callable[[list[str]], list[str]] = list
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def do(self, action: str, a: str, b: str, text: str) -> None:
        match action:
            case "write":
                # What is broken again is broken anew: a file's time tells.
                text += str(next(self.numbers)) if text == "!" else ""
                self.files[a] = (self.files[a][0] if a in self.files else next(self.numbers), text)
            case "remove":
                self.files.pop(a, None)
            case "move" if a in self.files and a != b:
                self.files[b] = self.files.pop(a)
            case "swap" if a in self.files and b in self.files:
                self.files[a], self.files[b] = self.files[b], self.files[a]

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        for n, change in enumerate(self._changes(self.cursors[int(since.value) if since else 0])):
            if n == self.dies:
                raise Transient("It died.")
            yield change

    def read(self, ref: ItemRef) -> Item | None:
        _, text = self.files.get(ref.native, (0, "!"))
        return None if text[0] == "!" else document(ref.native, text)

    def _changes(self, before: _Files) -> Iterator[Change]:
        after = dict(before)
        new = self.files.keys() - before.keys()
        gone = {p: thing for p, (thing, _) in before.items() if p not in self.files}
        for n, path in enumerate(self.shuffle([p for p, f in self.files.items() if before.get(p) != f])):
            thing, text = after[path] = self.files[path]
            was = (
                next((p for p, t in gone.items() if t == thing), None)
                if path in new and text[0] != "!"
                else None
            )
            if was is not None:
                del gone[was], after[was]
            yield (
                Failed(ref(path), "!")
                if text[0] == "!"
                else document(path, text, was=ref(was) if was else None)
            )
            if n % 3 == 2:
                yield self._cursor(after)
        for path in self.shuffle(list(gone)):
            yield Removed(ref(path))
        yield self._cursor(self.files)

    def _cursor(self, known: _Files) -> Cursor:
        self.cursors.append(dict(known))
        return Cursor(str(len(self.cursors) - 1))


_ACTIONS = st.tuples(
    st.sampled_from(["write", "write", "write", "move", "move", "swap", "remove"]),
    st.sampled_from("abcde"),
    st.sampled_from("abcde"),
    st.sampled_from(["one", "two", "three", "!"]),
)
_LIVES = st.lists(
    st.tuples(st.lists(_ACTIONS, min_size=1, max_size=8), st.none() | st.integers(0, 6)),
    min_size=1,
    max_size=5,
)


@law
@given(_LIVES, st.randoms(use_true_random=False))
def test_after_a_pass_the_archive_holds_what_the_source_holds(
    tmp_path_factory: pytest.TempPathFactory, lives: list[tuple[list[Any], int | None]], rng: random.Random
) -> None:
    """Files change between passes, and passes die in the middle; the first that does not makes all good."""
    place = tmp_path_factory.mktemp("folder") / "archive.db"
    shutil.copy(_empty(tmp_path_factory), place)
    archive = Archive.open(place)
    archive.register("box", "memory")
    folder = Folder(shuffle=lambda names: rng.sample(sorted(names), len(names)))
    ever: set[str] = set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sync_module, "PAGE_LIMIT", 2)
        for life, folder.dies in lives:
            for action in life:
                folder.do(*action)
            run(folder, archive)
            kept = {i.version for e in everything(archive) for i in (*e.older, e.item)}
            assert ever <= kept, "a version is never lost"
            ever = kept
        folder.dies = None
        run(folder, archive)
    readable = {p: text for p, (_, text) in folder.files.items() if text[0] != "!"}
    assert {f.ref.native for f in archive.failures("box")} == folder.files.keys() - readable.keys()
    current = {i.ref.native: i.text for i in archive.find()}
    assert current.keys() <= folder.files.keys(), "what is gone is not found"
    assert {p: current.get(p) for p in readable} == readable
    assert archive.unsettled("box") == set()
    assert archive.check() == []
    archive.close()


def _empty(factory: pytest.TempPathFactory) -> Path:
    place = factory.getbasetemp() / "empty-archive.db"
    if not place.exists():
        Archive.open(place).close()
    return place


def test_what_moved_twice_while_a_pass_died_is_settled_by_the_next(archive: Archive) -> None:
    box = Script(script=[document("a"), Cursor("2"), document("b", was=ref("a")), Transient("It died.")])
    run(box, archive)
    assert run(box, archive).error == "It died."
    assert archive.unsettled("box") == {ref("a"), ref("b")}
    box.script[2:] = [document("c", was=ref("a")), Removed(ref("b")), Cursor("5")]
    assert run(box, archive).error == ""
    assert archive.unsettled("box") == set()
    assert [i.ref for i in archive.find()] == [ref("c")]


def test_what_a_write_of_ours_left_is_looked_at_by_the_next_pass(archive: Archive) -> None:
    """It was put into the archive at once; if it is gone before the next pass, that pass never saw it."""
    box = Memory("box")
    run(box, archive)
    for native in ("stays", "goes"):
        item = box.add("document", native, title=native, text=native, at=NOW)
        archive.apply("box", [item], now=NOW)
    assert archive.unsettled("box") == {ref("stays"), ref("goes")}
    del box.items[ref("goes")]
    box.log.clear()
    run(box, archive)
    assert [i.ref for i in archive.find()] == [ref("stays")]
    assert archive.unsettled("box") == set()


# -- kill -9

_MESSAGES = 1200
_PAGE = 40


@dataclass
class Shelf(Memory):
    """Documents with versions and mail with threads, always the same, told in pages."""

    source: str = "box"

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        rng = random.Random(7)
        said: list[Change] = []
        for n in range(_MESSAGES):
            answers = [f"<{rng.randrange(_MESSAGES)}@example.org>"] if rng.random() < 0.6 else []
            subject = f"{'Re: ' if answers or n % 5 == 0 else ''}Topic {rng.randrange(200)}"
            said.append(
                message(f"{n}", id_=f"<{n}@example.org>", references=answers, subject=subject, hours=n)
            )
            said.append(document(f"doc{n % 300}", f"version {n // 300} of {n % 300}", hours=n))
            if n % 50 == 0:
                said.append(Failed(ref(f"broken{n}"), "It cannot be read."))
            if n % 100 == 99:
                said.append(Removed(ref(f"{n - 7}", "message")))
        for start in range(int(since.value) if since else 0, len(said), _PAGE):
            page = said[start : start + _PAGE]
            yield from page
            yield Cursor(str(start + len(page)), start + len(page), len(said))


_CHILD = """
import sys
from test_sync import NOW, Shelf, sync
from deskhand.connectors.archive import Archive
archive = Archive.open(sys.argv[1])
archive.register("box", "memory")
print("ready", flush=True)
sync(Shelf(), archive, now=lambda: NOW, stored=lambda: print("page", flush=True))
print("done", flush=True)
"""


@pytest.mark.crash
@pytest.mark.long
def test_kill_9_at_any_moment_of_a_sync(tmp_path: Path) -> None:
    clean = Archive.open(tmp_path / "clean.db")
    clean.register("box", "memory")
    run(Shelf(), clean)
    place = tmp_path / "archive.db"
    rng = random.Random(3)
    kills = 0
    while True:
        path = ":".join([str(Path(__file__).parent), str(Path(__file__).parent.parent)])
        with subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(place)],
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": path},
        ) as child:
            assert child.stdout is not None
            lines = list(itertools.islice(child.stdout, rng.randrange(1, 14)))
            child.kill()
            rest = child.stdout.read()
        assert lines, "the child could not begin"
        if "done" in lines[-1] + rest:
            break
        kills += 1
        archive = Archive.open(place)
        assert archive.check() == []
        cursor = archive.cursor("box")
        assert archive.counts()["items"] >= (int(cursor.value) if cursor else 0) // 3
        archive.close()
    assert kills >= 4
    archive = Archive.open(place)
    assert run(Shelf(), archive).tally == Tally()
    assert archive.check() == []
    assert archive.counts() == clean.counts()
    assert archive.failures("box") == clean.failures("box")

    def facts(of: Archive) -> dict[ItemRef, Any]:
        return {e.item.ref: (e.item, e.older, e.thread, e.removed) for e in everything(of, page=500)}

    assert facts(archive) == facts(clean)
    archive.close()
    clean.close()


# -- a real source


def test_a_message_deskhand_moved_itself_is_one_message_after_the_next_pass(
    tmp_path: Path, archive: Archive
) -> None:
    """What was written down right after the move, and what the pass tells later, is the same thing."""
    for name in ("cur", "new", "tmp", ".Old/cur", ".Old/new", ".Old/tmp"):
        (tmp_path / "Mail" / name).mkdir(parents=True)
    letter = (
        b"From: Ana <ana@example.org>\r\nMessage-ID: <1@example.org>\r\nSubject: Lunch?\r\n\r\nAt noon?\r\n"
    )
    (tmp_path / "Mail" / "cur" / "1.a:2,S").write_bytes(letter)
    box = maildir(source="box", state=tmp_path / "state", place=str(tmp_path / "Mail"))
    sync(box, archive, now=lambda: NOW)
    before = archive.archived(archive.find()[0].ref)
    assert before is not None
    receipt = box.perform(MailMove(source="box", ref=before.item.ref, folder="Old"), key="k" * 32, now=NOW)
    moved = box.read(receipt.ref)
    assert moved is not None
    archive.apply("box", [moved], now=NOW)
    sync(box, archive, now=lambda: NOW + HOUR)
    assert [(i.ref, i.folder) for i in archive.find()] == [(receipt.ref, "Old")]
    after = archive.archived(receipt.ref)
    assert after is not None
    assert (after.id, after.thread) == (before.id, before.thread)
    box.close()


def test_how_long_the_rest_takes_is_told_by_the_speed_of_the_pass_itself(archive: Archive) -> None:
    clock = iter([100.0, 110.0, 130.0, 131.0])
    # Taken up at 4,000 of 10,000: what an earlier pass did says nothing of the speed of this one.
    at = (4_000, 5_000, 6_000, 10_000)
    box = Script(script=[Cursor(str(n), done, 10_000) for n, done in enumerate(at, 1)])
    said: list[Progress] = []
    run(box, archive, progress=said.append, ticks=lambda: next(clock))
    assert [p.left for p in said] == [None, 50.0, 60.0, None]


def test_where_it_is_not_known_how_much_there_is_nothing_is_foretold(archive: Archive) -> None:
    box = Script(script=[Cursor("1", 10), Cursor("2", 20)])
    said: list[Progress] = []
    run(box, archive, progress=said.append)
    assert [(p.done, p.expected, p.left) for p in said] == [(10, None, None), (20, None, None)]
