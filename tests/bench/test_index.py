"""How fast passages are embedded and found, beside a bare loop over the same model and bare Chroma.

Not part of `make test`: `make bench` runs it with `--benchmark-only`. Real text would need somebody's
mail, so text is generated with a natural distribution of words; vectors of the large collections are
random, around as many topics as there are sources of text.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest
from index_givens import NOW, Shelf, item
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from deskhand.connectors.model import Participant
from deskhand.index.index import Index, chroma
from deskhand.index.minilm import BATCH, MiniLM
from deskhand.index.model import Query

SIZES = (10_000, 100_000)
SOURCES = ("mail", "files", "calendar", "work", "notes")
TABLE: dict[str, list[tuple[str, str]]] = {}
EMBEDDED = 256


class Prose:
    """Sentences of invented words, the n-th most frequent 1/n as frequent as the first (Zipf)."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
        maker = Random(1)
        self.words = ["".join(maker.choices(syllables, k=maker.randint(1, 4))) for _ in range(20_000)]
        total, self.weights = 0.0, []
        for n in range(1, len(self.words) + 1):
            total += 1 / n
            self.weights.append(total)

    def text(self, words: int) -> str:
        return " ".join(self.random.choices(self.words, cum_weights=self.weights, k=words))

    def question(self) -> str:
        # People ask with telling words: none of the hundred most frequent.
        return " ".join(self.random.choice(self.words[100:4000]) for _ in range(4))


class Topics:
    """An embedder that costs nothing: what is measured is the search."""

    name, revision, dimensions = "topics", "1", 384

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)
        self.centres = self.random.normal(size=(200, 384)).astype(np.float32)

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        near = self.centres[self.random.integers(0, 200, len(texts))]
        rows = near + self.random.normal(scale=0.8, size=near.shape)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def a_shelf(count: int) -> Shelf:
    shelf, prose = Shelf(), Prose(count)
    people = [Participant("from", f"p{i}@example.org", f"Person{i} Test") for i in range(200)]
    for i in range(count):
        shelf.put(
            item(
                str(i), prose.text(70), kind="message", source=SOURCES[i % 5], title=prose.text(5),
                at=NOW - timedelta(hours=i), people=(prose.random.choice(people),), folder=f"Folder {i % 20}",
            ),
            thread=f"t{i // 10}",
        )  # fmt: skip
    return shelf


@pytest.fixture(scope="session")
def table() -> Iterator[Callable[[str, str, str], None]]:
    rows: list[tuple[str, str, str]] = []
    yield lambda what, figure, goal: rows.append((what, figure, goal))
    print("\n\n| index | measured | goal |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


@pytest.fixture(scope="session", params=SIZES, ids=lambda n: f"{n // 1000}k")
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, Index]]:
    embedder = Topics()
    index = Index.open(tmp_path_factory.mktemp("index"), embedder=lambda: embedder)
    index.read(a_shelf(request.param))
    index.embed()
    yield request.param, index
    index.close()


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


FILTERS = {
    "unfiltered": {},
    "one source (20 %)": {"sources": ("mail",)},
    "source, person, 40 % of the time": {
        "sources": ("mail",),
        "person": "Person7",
        "since": NOW - timedelta(days=1666),
    },
    "a folder of a source, by time (0.8 %)": {"folder": "Folder 5", "since": NOW - timedelta(days=60)},
    "most (80 %)": {"sources": SOURCES[1:]},
}


def percentiles(times: list[float]) -> tuple[float, float]:
    return float(np.percentile(times, 50)) * 1000, float(np.percentile(times, 95)) * 1000


def timed(action: Callable[[int], object], times: int) -> list[float]:
    taken = []
    for i in range(times):
        start = time.perf_counter()
        action(i)
        taken.append(time.perf_counter() - start)
    return taken


def test_search(
    benchmark: BenchmarkFixture, filled: tuple[int, Index], table: Callable[[str, str, str], None]
) -> None:
    count, index = filled
    prose, topics = Prose(7), Topics()
    questions = [prose.question() for _ in range(200)]
    vectors = topics.embed(questions)
    store = chroma(index._folder / "chroma", index._book.space("serving").collection, 384)
    bare = percentiles(timed(lambda i: store.nearest(vectors[i], 100), 200))
    table(f"{count:,} passages: bare Chroma, top 100", f"p50 {bare[0]:.1f} ms, p95 {bare[1]:.1f} ms", "")
    plain = 0.0
    for name, filters in FILTERS.items():
        times = timed(lambda i, filters=filters: index.search(Query(questions[i], **filters)), 100)
        p50, p95 = percentiles(times)
        plain = plain or p50
        goal = "" if name == "unfiltered" else f"{p50 / plain:.2f} x unfiltered (goal 1.5)"
        table(f"{count:,} passages: search, {name}", f"p50 {p50:.1f} ms, p95 {p95:.1f} ms", goal)
    store.close()
    asked = iter(questions * 1000)
    benchmark.pedantic(lambda: index.search(Query(next(asked))), rounds=100)


def test_search_in_a_process_that_has_just_started(
    benchmark: BenchmarkFixture, filled: tuple[int, Index], table: Callable[[str, str, str], None]
) -> None:
    """Chroma is not opened for it: all rows are multiplied."""
    count, index = filled
    embedder = Topics()
    cold = Index.open(index._folder, embedder=lambda: embedder)
    prose = Prose(8)
    p50, p95 = percentiles(timed(lambda i: cold.search(Query(prose.question())), 100))
    table(f"{count:,} passages: search without Chroma", f"p50 {p50:.1f} ms, p95 {p95:.1f} ms", "")
    benchmark.pedantic(lambda: cold.search(Query(prose.question())), rounds=20)
    cold.close()


def test_embedding(
    benchmark: BenchmarkFixture, models: Path, tmp_path: Path, table: Callable[[str, str, str], None]
) -> None:
    """Through everything that keeps it safe, against nothing but the model on the same passages.

    Both take turns, so that what else the machine does falls on both.
    """
    shelf, prose = Shelf(), Prose(3)
    for i in range(EMBEDDED):
        shelf.put(item(str(i), prose.text(70 + i % 20), title=prose.text(4)))
    model = MiniLM(models)
    index = Index.open(tmp_path / "index", embedder=lambda: model)
    index.read(shelf)
    ids = index._book.waiting()
    texts = [chunk.whole for _, chunk, _ in index._words.chunks(ids)]
    tokenizer, session = model._load()
    index.embed(limit=1)

    def bare(texts: list[str]) -> None:
        # In its best form: texts of like length in a batch, as ours.
        every = sorted((tokenizer.encode(t) for t in texts), key=lambda e: len(e.ids))
        for start in range(0, len(texts), BATCH):
            encodings = every[start : start + BATCH]
            longest = max(len(e.ids) for e in encodings)
            ids, mask = np.zeros((2, len(encodings), longest), np.int64)
            for row, e in enumerate(encodings):
                ids[row, : len(e.ids)] = e.ids
                mask[row, : len(e.ids)] = 1
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            (hidden,) = session.run(None, feed)
            pooled = (hidden * mask[..., None]).sum(axis=1)
            pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)

    model.embed(texts[:64])
    ours = theirs = 0.0
    done, share = 1, 128
    while done < len(texts):
        part = texts[done : done + share]
        start = time.perf_counter()
        bare(part)
        theirs += time.perf_counter() - start
        start = time.perf_counter()
        index.embed(limit=share)
        ours += time.perf_counter() - start
        done += share
    n = len(texts) - 1
    tokens = sum(len(tokenizer.encode(t).ids) for t in texts) / len(texts)
    table(f"a bare onnxruntime loop, passages of {tokens:.0f} tokens", f"{n / theirs:.1f} a second", "")
    table(
        "embedding through the index", f"{n / ours:.1f} a second", f"{theirs / ours:.0%} of bare (goal 95 %)"
    )
    (tmp_path / "figures.json").write_text(json.dumps({"ours": n / ours, "bare": n / theirs}))
    benchmark.pedantic(lambda: model.embed(["where is the budget"]), rounds=20)
    table("one question embedded", f"{benchmark.stats.stats.median * 1000:.1f} ms", "")
    index.close()
