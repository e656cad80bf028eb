"""The index of one home: reads the archive, embeds what is new, answers questions, mends itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Lock
from typing import TYPE_CHECKING

from deskhand.index import filters, search
from deskhand.index.book import Book, Space
from deskhand.index.chunk import Chunker
from deskhand.index.compare import compared
from deskhand.index.database import Database
from deskhand.index.embed import Embedder, NoEmbedder
from deskhand.index.meaning import Meaning
from deskhand.index.model import PAGE, Archive, Damaged, Query, Results
from deskhand.index.search import Found
from deskhand.index.store import OpenStore, Store
from deskhand.index.terms import terms
from deskhand.index.text import Words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


BY_WORDS = "Searched by words only"
"""How the note begins that is made where meaning could not be searched; the reason follows."""


def chroma(folder: Path, name: str, dimensions: int) -> Store:
    """The store that is used when no other is given; imports chromadb when it is called."""
    from deskhand.index.chroma import ChromaStore

    return ChromaStore.open(folder, name, dimensions)


class Index:
    """A cache of the archive in one folder: losing it loses time, nothing else.

    Any thread may search while another reads or embeds. One process at a time may read, embed, warm,
    check or rebuild (who holds the home's lock); a process that only searches disturbs nobody.
    """

    def __init__(
        self,
        folder: Path,
        embedder: Callable[[], Embedder],
        *,
        store: OpenStore,
        previous: Callable[[str], Embedder] | None,
    ) -> None:
        self._folder = folder
        self._make_embedder = embedder
        self._open_store = store
        self._previous = previous
        self._embedders: dict[str, Embedder] = {}
        self._reading = Lock()
        self._embedding = Lock()
        self._quiet = Condition()
        self._users = 0
        self._changing = False
        self._open()

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        embedder: Callable[[], Embedder],
        store: OpenStore = chroma,
        previous: Callable[[str], Embedder] | None = None,
    ) -> Index:
        """Open the index in a folder; one that is not there, damaged or of an older layout starts empty.

        :param embedder: called when a vector is needed, not before.
        :param previous: gives the embedder of a name used before (`embed.embedder` does), so that
            meaning is searched with the old vectors while new ones are made.
        """
        return cls(folder, embedder, store=store, previous=previous)

    def _open(self) -> None:
        path = self._folder / "words.db"
        if not Database.is_usable(path):
            # Vectors go by the passages' numbers, so they go first: never old vectors with new numbers.
            for name in ("vectors", "chroma"):
                shutil.rmtree(self._folder / name, ignore_errors=True)
            Database.create(path)
        self._database = Database(path)
        self._book = Book(self._database)
        self._words = Words(self._database, Chunker())
        self._meaning = Meaning(self._folder, self._words, self._book, open_store=self._open_store)

    # -- filling

    def read(self, archive: Archive) -> int:
        """Take over what changed in the archive; its words can be searched at once. How many items.

        A damaged words.db is made anew from the archive.
        """
        with self._reading:
            try:
                return self._read(archive)
            except Damaged:
                self._make_anew()
                return self._read(archive)

    def _read(self, archive: Archive) -> int:
        count = 0
        with self._in_use():
            while page := archive.changed_since(self._words.mark(), limit=PAGE):
                self._words.take(page)
                count += len(page)
        return count

    def pending(self) -> int:
        """Passages that have no vector yet (of the embedder that was used last)."""
        with self._in_use():
            return self._book.pending()

    def embed(self, *, limit: int | None = None, progress: Callable[[int, int], None] | None = None) -> int:
        """Give passages their vectors, newest first; how many were given.

        Kept group by group: interrupted at any moment, the next call goes on. When the embedder is not
        the one used before, a new collection is filled and takes over when it is complete.

        :param limit: at most so many now.
        :param progress: called after each group with how many are done and how many there are.
        :raises NoEmbedder: there is no model; words are searched all the same.
        """
        with self._embedding, self._in_use():
            return self._meaning.embed(self._embedder(), limit=limit, progress=progress)

    def warm(self) -> None:
        """Open the store of vectors: worth it in a process that stays and has many passages."""
        with self._embedding, self._in_use():
            self._meaning.warm()

    # -- asking

    def search(self, query: Query) -> Results:
        """What fits best, one hit an item, at its current version unless older ones are asked for.

        Found by words and by meaning; by words alone, with a note, where vectors are missing.

        :raises Damaged: words.db cannot be read; `read` or `rebuild` makes it anew.
        """
        with self._in_use():
            among = filters.of(query)
            asked = terms(query.text)
            if not query.text.strip():
                places = self._words.newest(among, query.limit)
                return Results(search.hits(self._words, [Found(p, 0.0, ()) for p in places], {}))
            picked = self._words.pick(among) if among.narrow else None
            notes: list[str] = []
            space, vector = self._understood(query.text, notes)
            near = None
            if space is not None and vector is not None:
                try:
                    chosen = self._words.holding(asked, among, picked) if asked.required else picked
                    near = self._meaning.nearest(space, vector, chosen.ids if chosen else None)
                except Damaged as error:
                    notes.append(f"{BY_WORDS}: {error}")
            found = search.find(self._words, query, among, asked=asked, picked=picked, nearest=near)
            similarity: dict[int, float] = {}
            if near is not None and space is not None and vector is not None:
                similarity = self._meaning.similarity(space, vector, [f.place.chunk for f in found])
            return Results(search.hits(self._words, found, similarity), tuple(notes))

    def _understood(self, text: str, notes: list[str]) -> tuple[Space | None, NDArray[np.float32] | None]:
        """The question as a vector, and in which space; None with a note where that cannot be."""
        space = self._book.space("serving")
        pending = self._book.pending()
        if space is None or (self._book.highest() < 0 and self._book.space("filling") is None):
            if pending:
                notes.append(f"{BY_WORDS}: {pending} passages have no vectors yet.")
            return None, None
        try:
            embedder = self._embedder_of(space)
            vector = embedder.embed([text[:4000]])[0]
        except NoEmbedder as error:
            notes.append(f"{BY_WORDS}: {error}")
            return None, None
        if pending:
            notes.append(f"{pending} passages have no vectors yet; they are found by words only.")
        return space, vector

    def _embedder_of(self, space: Space) -> Embedder:
        try:
            given = self._embedder()
            if Space.of(given) == space:
                return given
            reason = f"the vectors are of {space.name}, and those of {given.name} are still to be made"
        except NoEmbedder as error:
            reason = str(error).rstrip(".")
        if self._previous is not None:
            before = self._embedders.get(space.name) or self._previous(space.name)
            if Space.of(before) == space:
                self._embedders[space.name] = before
                return before
        raise NoEmbedder(f"{reason}.")

    def _embedder(self) -> Embedder:
        if "" not in self._embedders:
            self._embedders[""] = self._make_embedder()
        return self._embedders[""]

    # -- keeping

    def counts(self) -> dict[str, int]:
        """Items, versions and passages that can be searched, and passages still without a vector."""
        with self._in_use():
            return {**self._words.counts(), "pending": self._book.pending()}

    def partly(self) -> list[str]:
        """Addresses of items too long to be searched to their end."""
        with self._in_use():
            return self._words.cut()

    def check(self, archive: Archive) -> list[str]:
        """Compare everything with everything; what is wrong, each in a sentence, [] when nothing is.

        Reads all of the archive and the index. What it finds is mended by `read` and `embed`, or, at
        the latest, by `rebuild`.
        """
        with self._reading, self._embedding, self._in_use():
            if found := self._database.problems():
                return found
            try:
                return [*compared(self._words, archive), *self._vector_problems()]
            except Damaged as error:
                return [str(error)]

    def _vector_problems(self) -> list[str]:
        found = []
        serving, filling = self._book.space("serving"), self._book.space("filling")
        try:
            given = Space.of(self._embedder())
            if (target := filling or serving) is not None and target != given:
                found.append(
                    f"Vectors are of {target.name} ({target.revision}), "
                    f"not of {given.name} ({given.revision})."
                )
        except NoEmbedder as error:
            found.append(str(error))
        if pending := self._book.pending():
            found.append(f"{pending} passages have no vectors yet.")
        if (target := filling or serving) is not None:
            found += self._meaning.problems(target)
        return found

    def purge(self) -> None:
        """Leave nothing in any file of what `read` found gone: no words, no vectors."""
        with self._embedding, self._in_use():
            self._meaning.purge()
            self._database.pack()

    def rebuild(self) -> None:
        """Empty it and begin anew; `read` and `embed` fill it."""
        with self._reading:
            self._make_anew()

    def _make_anew(self) -> None:
        with self._embedding, self._alone():
            self._meaning.close()
            self._database.close()
            for name in ("vectors", "chroma"):
                shutil.rmtree(self._folder / name, ignore_errors=True)
            Database.create(self._folder / "words.db")
            self._open()

    def close(self) -> None:
        """Let go of all files, once searches have their answer and embedding has ended its group."""
        self._meaning.stop()
        with self._reading, self._embedding, self._alone():
            self._meaning.close()
            self._database.close()

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        with self._quiet:
            self._quiet.wait_for(lambda: not self._changing)
            self._users += 1
        try:
            yield
        finally:
            with self._quiet:
                self._users -= 1
                self._quiet.notify_all()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait for those inside, and let nobody in: else searches would keep a rebuild waiting for ever."""
        with self._quiet:
            self._quiet.wait_for(lambda: not self._changing)
            self._changing = True
            self._quiet.wait_for(lambda: self._users == 0)
        try:
            yield
        finally:
            with self._quiet:
                self._changing = False
                self._quiet.notify_all()
