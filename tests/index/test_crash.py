"""Killed, cut short or overwritten: what is found afterwards is what the archive holds."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from index_givens import Home, Shelf, item, make_shelf

from deskhand.index.hashed import Hashed
from deskhand.index.index import chroma
from deskhand.index.model import Damaged, Query
from deskhand.index.store import Store

COUNT = 900

CHILD = """
import os, sys
from pathlib import Path
from index_givens import Home, make_shelf
home = Home(Path(sys.argv[1]))
from deskhand.index.index import chroma
index = home.opened(store=chroma)
index.read(make_shelf(900))
print("read", flush=True)
def tell(done, total):
    print("embedded", done, flush=True)
index.embed(progress=tell)
print("end", flush=True)
sys.stdin.read()
"""


@pytest.mark.crash
@pytest.mark.parametrize("after", ["read", "embedded 128", "embedded 256", "embedded 640"])
def test_killed_while_embedding_the_next_one_continues(home: Home, after: str) -> None:
    tests = Path(__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(tests)}
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home.folder)],
        env=environment, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdin is not None
    for line in child.stdout:
        if line.strip() == after:
            break
    # It goes on with the next group this very moment.
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    child.stdin.close()
    index = home.opened(store=chroma)
    shelf = make_shelf(COUNT)
    assert index.read(shelf) == 0, "what was read is kept"
    pending = index.pending()
    done = int(after.split()[-1]) if " " in after else 0
    assert pending <= COUNT - done
    assert index.embed() == pending
    assert index.check(shelf) == []
    assert index.counts() == {"items": COUNT, "versions": COUNT, "passages": COUNT, "pending": 0}
    hits = index.search(Query("topic700", limit=1)).hits
    assert [h.ref for h in hits] == ["files:document:700"]


class Interrupted(Hashed):
    """Fails at the n-th call, as Ctrl-C would."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self.calls = calls

    def embed(self, texts):  # type: ignore[no-untyped-def]
        self.calls -= 1
        if self.calls < 0:
            raise KeyboardInterrupt
        return super().embed(texts)


def test_interrupted_it_keeps_what_it_has(home: Home) -> None:
    shelf = make_shelf(400)
    index = home.opened(Interrupted(2))
    index.read(shelf)
    with pytest.raises(KeyboardInterrupt):
        index.embed()
    assert index.pending() == 400 - 256
    index = home.opened()
    assert index.embed() == 144
    assert index.check(shelf) == []


def vectors_file(home: Home) -> Path:
    (file,) = (home.folder / "vectors").iterdir()
    return file


class TestDamage:
    """Each of these happens between two runs; the next run mends it without being told."""

    @pytest.fixture
    def shelf(self, home: Home) -> Shelf:
        shelf = make_shelf(300)
        home.filled(shelf, store=chroma)
        home.close()
        return shelf

    def again(self, home: Home, shelf: Shelf) -> int:
        """Read and embed as the next run does; how many were embedded again."""
        index = home.opened(store=chroma)
        index.search(Query("topic7"))
        index.read(shelf)
        made = index.embed()
        index.warm()
        assert index.check(shelf) == []
        hit = index.search(Query("topic77", limit=1)).hits[0]
        assert (hit.ref, hit.found_by) == ("files:document:77", ("words", "meaning"))
        return made

    def test_nothing(self, home: Home, shelf: Shelf) -> None:
        assert self.again(home, shelf) == 0

    def test_no_folder_of_vectors(self, home: Home, shelf: Shelf) -> None:
        shutil.rmtree(home.folder / "vectors")
        assert self.again(home, shelf) == 300

    def test_a_truncated_file_of_vectors(self, home: Home, shelf: Shelf) -> None:
        os.truncate(vectors_file(home), 4096 + 100 * 256 * 4 + 17)
        assert self.again(home, shelf) == 201  # rows count from 1: row 0 is never used

    def test_a_file_of_vectors_that_is_something_else(self, home: Home, shelf: Shelf) -> None:
        vectors_file(home).write_bytes(b"not vectors")
        assert self.again(home, shelf) == 300

    def test_no_store(self, home: Home, shelf: Shelf) -> None:
        shutil.rmtree(home.folder / "chroma")
        assert self.again(home, shelf) == 0

    def test_a_store_that_is_something_else(self, home: Home, shelf: Shelf) -> None:
        (home.folder / "chroma" / "chroma.sqlite3").write_bytes(b"garbage " * 999)
        index = home.opened(store=chroma)
        assert any("Chroma" in p for p in index.check(shelf))
        home.close()
        assert self.again(home, shelf) == 0

    def test_a_store_that_lacks_some_and_has_others(self, home: Home, shelf: Shelf) -> None:
        from deskhand.index.chroma import ChromaStore

        store = ChromaStore.open(home.folder / "chroma", vectors_file(home).stem, 256)
        store.remove(range(50, 80))
        store.close()
        index = home.opened(store=chroma)
        assert "The store of vectors holds 270 instead of 300." in index.check(shelf)
        home.close()
        assert self.again(home, shelf) == 0

    def test_words_that_are_something_else(self, home: Home, shelf: Shelf) -> None:
        (home.folder / "words.db").write_bytes(b"SQLite format 3\0" + b"garbage " * 9999)
        assert self.again(home, shelf) == 300

    def test_no_words(self, home: Home, shelf: Shelf) -> None:
        for file in home.folder.glob("words.db*"):
            file.unlink()
        assert self.again(home, shelf) == 300

    def test_words_of_another_layout(self, home: Home, shelf: Shelf) -> None:
        import sqlite3

        db = sqlite3.connect(home.folder / "words.db")
        db.execute("PRAGMA user_version = 77")
        db.close()
        assert self.again(home, shelf) == 300


def test_words_damaged_inside_are_told_and_made_anew(home: Home) -> None:
    shelf = make_shelf(300)
    home.filled(shelf)
    home.close()
    file = home.folder / "words.db"
    size = file.stat().st_size
    with file.open("r+b") as damaged:
        damaged.seek(8192)
        damaged.write(b"\xa5" * (size - 8192))
    index = home.opened()
    assert index.check(shelf) != []
    with pytest.raises(Damaged, match="doctor --rebuild"):
        index.search(Query("topic7"))
    shelf.put(item("new", "one more"))
    index.read(shelf)
    index.embed()
    assert index.check(shelf) == []
    assert index.search(Query("topic7", limit=1)).hits[0].ref == "files:document:7"


class Failing:
    """A store whose disk fails after so many calls."""

    def __init__(self, inner: Store, calls: int) -> None:
        self.inner, self.calls = inner, calls

    def __getattr__(self, name: str):  # type: ignore[no-untyped-def]
        if name != "close":
            self.calls -= 1
            if self.calls < 0:
                raise Damaged("the disk fails")
        return getattr(self.inner, name)


def test_a_store_that_fails_at_work_is_made_anew(home: Home) -> None:
    shelf = make_shelf(600)
    opened: list[Store] = []

    def open_store(folder: Path, name: str, dimensions: int) -> Store:
        store = chroma(folder, name, dimensions)
        if not opened:
            store = Failing(store, 5)  # type: ignore[assignment]
        opened.append(store)
        return store

    index = home.filled(shelf, store=open_store)
    assert len(opened) == 2
    assert index.pending() == 0
    assert index.check(shelf) == []
