"""An index as those who use it see it: reads, embeds, finds, forgets, follows."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from index_givens import ANA, BO, NOW, Home, Shelf, days, item, make_shelf

from deskhand.connectors.archive import Archived as RealArchived
from deskhand.index.chunk import MOST_PASSAGES
from deskhand.index.embed import Embedder, NoEmbedder
from deskhand.index.hashed import Hashed
from deskhand.index.index import Index
from deskhand.index.model import Archived, Hit, Query, Results
from deskhand.index.store import Store


def refs(results: Results) -> list[str]:
    return [hit.ref for hit in results.hits]


class Counting(Hashed):
    """Counts what it is asked to embed."""

    def __init__(self, **more: str) -> None:
        super().__init__(**more)  # type: ignore[arg-type]
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]):  # type: ignore[no-untyped-def]
        self.texts += texts
        return super().embed(texts)


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf()
    shelf.put(
        item("plan.md", "The launch of the rocket is planned for spring.", title="Plan", folder="Work/Alpha")
    )
    shelf.put(
        item(
            "m1", "Please send the budget figures before Friday.", kind="message", source="mail",
            title="Budget", at=NOW - days(2), people=(ANA, BO), folder="INBOX",
        ),
        thread="t1",
    )  # fmt: skip
    shelf.put(
        item(
            "e1", "Bring your own sandwiches.", kind="event", source="cal", title="Picnic", at=NOW - days(9),
            start=NOW.astimezone(ZoneInfo("Europe/Paris")) + days(5),
            end=NOW.astimezone(ZoneInfo("Europe/Paris")) + days(5.125), until=NOW + days(5.125),
            people=(replace(BO, role="attendee"),), data={"location": "Lake Annecy"},
        )
    )  # fmt: skip
    shelf.put(item("photo.png", "", kind="attachment", source="mail", title="harbour at dusk.png"))
    return shelf


def test_what_the_archive_gives_is_what_the_index_takes() -> None:
    entry: Archived = RealArchived(1, 1, item("a", "b"), "", False, ())
    assert entry.item.text == "b"


def test_words_are_searchable_before_there_are_vectors(home: Home, shelf: Shelf) -> None:
    index = home.opened()
    assert index.read(shelf) == 4
    results = index.search(Query("budget figures"))
    assert refs(results) == ["mail:message:m1"]
    assert results.hits[0].found_by == ("words",)
    assert "4 passages have no vectors" in results.notes[0]
    assert index.pending()
    assert index.embed() == 4
    results = index.search(Query("budget figures"))
    assert results.hits[0].found_by == ("words", "meaning")
    assert results.notes == ()
    assert not index.pending()
    assert index.read(shelf) == 0
    assert index.embed() == 0


def test_a_hit_says_everything(home: Home, shelf: Shelf) -> None:
    index = home.filled(shelf)
    (hit,) = index.search(Query("budget", limit=1)).hits
    assert isinstance(hit, Hit)
    told = json.loads(json.dumps(hit.as_dict()))
    assert told.pop("score") > 0
    assert told.pop("similarity") > 0
    assert told == {
        "ref": "mail:message:m1", "kind": "message", "source": "mail", "title": "Budget",
        "at": "2026-11-20T08:00:00+00:00",
        "people": ["Ana Müller <ana@example.org>", "Bo Test <bo@example.org>"],
        "version": shelf.entries[2].item.version, "current": True, "thread": "t1", "folder": "INBOX",
        "text": "Please send the budget figures before Friday.", "found_by": ["words", "meaning"],
        "copies": [],
    }  # fmt: skip
    assert json.loads(json.dumps(Query("x", since=NOW).as_dict()))["since"] == NOW.isoformat()


@pytest.mark.parametrize(
    ("question", "ref"),
    [
        ("harbour", "mail:attachment:photo.png"),  # by its title alone
        ("who goes to Annecy", "cal:event:e1"),  # by its place
        ("friday 27 november 2026", "cal:event:e1"),  # by its day in words
        ("launches", "files:document:plan.md"),  # by the stem
        ("MULLER", "mail:message:m1"),  # by who wrote it, without capitals and accents
        ("alpha", "files:document:plan.md"),  # by its folder
        ('"own sandwiches"', "cal:event:e1"),
    ],
)
def test_is_found_by(home: Home, shelf: Shelf, question: str, ref: str) -> None:
    index = home.opened()
    index.read(shelf)
    assert refs(index.search(Query(question)))[0] == ref
    index.embed()
    assert ref in refs(index.search(Query(question)))


def test_quoted_words_must_stand_together(home: Home, shelf: Shelf) -> None:
    index = home.filled(shelf)
    assert refs(index.search(Query('the "sandwiches own" please'))) == []
    assert refs(index.search(Query('budget plan "your own sandwiches"'))) == ["cal:event:e1"]


def test_with_no_text_the_newest_come_first(home: Home, shelf: Shelf) -> None:
    index = home.opened()
    index.read(shelf)
    assert refs(index.search(Query())) == [
        "cal:event:e1", "files:document:plan.md", "mail:attachment:photo.png", "mail:message:m1",
    ]  # fmt: skip
    assert refs(index.search(Query(" ", limit=1, sources=("mail",)))) == ["mail:attachment:photo.png"]


def test_old_versions_are_found_only_when_asked_for(home: Home) -> None:
    shelf = Shelf()
    n = shelf.put(item("a.txt", "It costs nine euros.", version="v1", at=NOW - days(3)))
    shelf.put(item("a.txt", "It costs twelve euros.", version="v2", at=NOW), number=n)
    index = home.filled(shelf)
    assert refs(index.search(Query("nine"))) == []
    (old,) = index.search(Query("nine", history=True)).hits
    assert (old.version, old.current, old.at) == ("v1", False, NOW - days(3))
    assert [h.version for h in index.search(Query(version="v1")).hits] == ["v1"]
    assert [h.version for h in index.search(Query("euros", version="v1")).hits] == ["v1"]
    assert [h.version for h in index.search(Query("euros", history=True)).hits] == ["v2"]
    assert [h.version for h in index.search(Query("nine", history=True, until=NOW - days(1))).hits] == ["v1"]
    assert index.check(shelf) == []


def test_where_nothing_has_a_vector_no_store_is_made(home: Home) -> None:
    """To open one takes longer than to look at what is new."""

    def never(*_: object) -> Store:
        raise AssertionError("a store was opened")

    index, shelf = home.opened(store=never), make_shelf(3)
    assert index.embed() == 0
    for pending in (3, 2):
        index.read(shelf)
        assert (index.embed(limit=0), index.pending()) == (0, pending)
        shelf.remove(1)
    with pytest.raises(AssertionError, match="a store was opened"):
        index.embed()


def test_a_version_that_comes_back_is_current_again(home: Home) -> None:
    shelf, embedder = Shelf(), Counting()
    n = shelf.put(item("a", "apples", version="1"))
    index = home.filled(shelf, embedder=embedder)
    for text, version in (("pears", "2"), ("apples", "3")):
        shelf.put(item("a", text, version=version), number=n)
        index.read(shelf)
        index.embed()
        assert [h.version for h in index.search(Query(text)).hits] == [version]
        assert index.check(shelf) == []
    assert len([t for t in embedder.texts if "\n" in t]) == 2, "a passage is embedded once"


def test_a_rename_moves_what_is_found_and_embeds_nothing(home: Home, shelf: Shelf) -> None:
    embedder = Counting()
    index = home.filled(shelf, embedder=embedder)
    before = len(embedder.texts)
    moved = replace(shelf.entries[1].item, title="Schedule", folder="Home")
    shelf.put(replace(moved, ref=replace(moved.ref, native="schedule.md")), number=1)
    assert index.read(shelf) == 1
    assert index.pending() == 0
    assert index.embed() == 0
    assert len(embedder.texts) == before
    assert refs(index.search(Query("schedule", limit=1))) == ["files:document:schedule.md"]
    assert refs(index.search(Query(folder="Work"))) == []
    assert index.check(shelf) == []


def test_a_change_embeds_only_what_changed(home: Home) -> None:
    shelf, embedder = Shelf(), Counting()
    parts = [f"# Part {i}\n\n" + f"Sentence about topic{i} and more. " * 40 for i in range(10)]
    n = shelf.put(item("book.md", "\n\n".join(parts), version="1", data={"mime": "text/markdown"}))
    index = home.filled(shelf, embedder=embedder)
    first = len(embedder.texts)
    parts[4] += "One thing more."
    shelf.put(item("book.md", "\n\n".join(parts), version="2", data={"mime": "text/markdown"}), number=n)
    index.read(shelf)
    assert 1 <= index.embed() <= 3
    assert first >= 20
    assert index.check(shelf) == []


def test_removed_items_are_gone_and_can_come_back(home: Home, shelf: Shelf) -> None:
    index = home.filled(shelf)
    shelf.remove(2)
    assert index.read(shelf) == 1
    assert "mail:message:m1" not in refs(index.search(Query("budget")))
    assert "mail:message:m1" not in refs(index.search(Query("budget", history=True)))
    index.embed()
    assert index.check(shelf) == []
    shelf.put(shelf.entries[2].item, number=2, thread="t1")
    index.read(shelf)
    index.embed()
    assert refs(index.search(Query("budget", limit=1))) == ["mail:message:m1"]
    assert index.check(shelf) == []


def test_numbers_of_removed_passages_are_used_again_safely(home: Home) -> None:
    shelf = Shelf()
    shelf.put(item("keeper", "always here"))
    index = home.filled(shelf)
    for round in range(1, 5):
        numbers = [shelf.put(item(f"{round}-{i}", f"colour{round} shade{i}")) for i in range(30)]
        index.read(shelf)
        # The passages have the numbers of those of the round before, whose words and vectors are gone.
        assert {*refs(index.search(Query(f"colour{round - 1}")))} <= {"files:document:keeper"}
        near = index.search(Query(f"colour{round - 1} shade7", limit=100)).hits
        assert {h.ref for h in near if "meaning" in h.found_by} <= {"files:document:keeper"}
        index.embed()
        found = index.search(Query(f"colour{round} shade7", limit=1)).hits[0]
        assert (found.ref, found.found_by) == (f"files:document:{round}-7", ("words", "meaning"))
        for number in numbers:
            shelf.remove(number)
        index.read(shelf)
        index.embed()
        assert {*refs(index.search(Query(f"colour{round}")))} <= {"files:document:keeper"}
        assert index.check(shelf) == []
    files = list((home.folder / "vectors").iterdir())
    assert [f.stat().st_size for f in files] == [4096 + 32 * 256 * 4], "no more rows than there were at once"


def test_one_hit_an_item_with_its_best_passage(home: Home) -> None:
    shelf = Shelf()
    text = "\n\n".join(f"Chapter {i}. " + f"filler{i} words about nothing at all. " * 30 for i in range(20))
    shelf.put(item("long.txt", text + "\n\nThe treasure lies under the old oak."))
    shelf.put(item("other.txt", "nothing at all"))
    index = home.filled(shelf)
    results = index.search(Query("treasure oak"))
    assert refs(results).count("files:document:long.txt") == 1
    assert "treasure" in results.hits[0].text
    many = index.search(Query("nothing at all", limit=5))
    assert sorted(refs(many)) == ["files:document:long.txt", "files:document:other.txt"]


def test_equal_hits_come_newest_first_then_by_address(home: Home) -> None:
    shelf = Shelf()
    for name, age in (("b", 1), ("c", 0), ("a", 1)):
        shelf.put(item(name, "the very same words", title="same", at=NOW - days(age / 100)))
    index = home.filled(shelf)
    assert refs(index.search(Query("same words"))) == [f"files:document:{n}" for n in "cab"]


def test_the_limit_is_reached_though_one_item_crowds_the_others_out(home: Home) -> None:
    shelf = Shelf()
    shelf.put(item("long.txt", "\n\n".join(f"budget {i} " + "budget " * 150 for i in range(600))))
    for i in range(40):
        shelf.put(item(f"{i}.txt", f"a long text in which the word budget stands once, number {i}"))
    index = home.filled(shelf)
    assert len(index.search(Query("budget", limit=30)).hits) == 30


def test_words_that_stand_everywhere_count_but_rarer_ones_find(home: Home) -> None:
    shelf = Shelf()
    for i in range(2500):
        shelf.put(item(f"{i}", f"common everyday{i % 50}" + (" treasure" if i in (7, 77) else "")))
    shelf.put(item("both", "common treasure treasure"))
    index = home.opened()
    index.read(shelf)
    found = refs(index.search(Query("common treasure", limit=3)))
    assert found == [f"files:document:{n}" for n in ("both", "7", "77")]
    assert len(index.search(Query("common treasure", limit=1000)).hits) == 1000
    assert len(index.search(Query("common everyday7", limit=60)).hits) == 60


def test_what_is_too_long_is_searched_as_far_as_it_goes_and_named(home: Home) -> None:
    shelf = Shelf()
    shelf.put(item("huge.txt", "".join(f"word{i} " for i in range(400_000)), title="huge"))
    index = home.opened()
    index.read(shelf)
    assert index.partly() == ["files:document:huge.txt"]
    assert index.counts()["passages"] <= MOST_PASSAGES
    assert refs(index.search(Query("word17"))) == ["files:document:huge.txt"]


def test_progress_is_told_and_a_limit_kept_newest_first(home: Home) -> None:
    shelf = Shelf()
    for i in range(300):
        shelf.put(item(f"{i}", f"text number{i}", at=NOW - days(i)))
    index = home.opened()
    index.read(shelf)
    assert index.embed(limit=10) == 10
    notes = index.search(Query("number5")).notes
    assert notes == ("290 passages have no vectors yet; they are found by words only.",)
    by_meaning = {h.ref for h in index.search(Query("text", limit=300)).hits if "meaning" in h.found_by}
    assert by_meaning == {f"files:document:{i}" for i in range(10)}
    told: list[tuple[int, int]] = []
    assert index.embed(progress=lambda done, total: told.append((done, total))) == 290
    assert told[-1] == (290, 290)
    assert [d for d, _ in told] == sorted(d for d, _ in told)


class TestAnotherEmbedder:
    def test_the_old_vectors_serve_until_the_new_are_complete(self, home: Home) -> None:
        shelf = Shelf()
        for i in range(200):
            shelf.put(item(f"{i}", f"text number{i}", at=NOW - days(i)))
        old, new = Hashed(), Hashed(dimensions=64, revision="2")
        home.filled(shelf, embedder=old).close()
        index = home.opened(new, previous=lambda name: old)
        assert any("Vectors are of hashed (1), not of hashed (2)" in p for p in index.check(shelf))
        assert index.embed(limit=50) == 50
        results = index.search(Query("number7"))
        assert "meaning" in results.hits[0].found_by
        assert index.pending() == 150
        index.close()
        index = home.opened(new)
        without = index.search(Query("number7"))
        assert without.hits[0].found_by == ("words",)
        assert "still to be made" in without.notes[0]
        assert index.embed() == 150, "what was made before the restart is kept"
        assert index.search(Query("number7")).hits[0].found_by == ("words", "meaning")
        assert index.check(shelf) == []
        assert len(list((home.folder / "vectors").iterdir())) == 1

    def test_going_back_makes_nothing_again(self, home: Home, shelf: Shelf) -> None:
        old, new = Counting(), Hashed(revision="2")
        home.filled(shelf, embedder=old).close()
        index = home.opened(new)
        index.embed(limit=1)
        index.close()
        before = len(old.texts)
        index = home.opened(old)
        assert index.embed() == 0
        assert len(old.texts) == before
        assert index.check(shelf) == []
        assert len(list((home.folder / "vectors").iterdir())) == 1

    def test_changes_during_the_switch_arrive(self, home: Home, shelf: Shelf) -> None:
        home.filled(shelf).close()
        index = home.opened(Hashed(revision="2"))
        index.embed(limit=1)
        shelf.remove(1)
        shelf.put(item("new", "brand new zebra"))
        index.read(shelf)
        index.embed()
        assert index.check(shelf) == []
        assert refs(index.search(Query("zebra", limit=1))) == ["files:document:new"]

    def test_one_that_cannot_be_had_leaves_words(self, home: Home, shelf: Shelf) -> None:
        home.filled(shelf).close()

        def missing() -> Embedder:
            raise NoEmbedder("Run `pip install something`")

        index = Index.open(home.folder, embedder=missing)
        results = index.search(Query("budget"))
        assert refs(results) == ["mail:message:m1"]
        assert "pip install something" in results.notes[0]
        with pytest.raises(NoEmbedder):
            index.embed()
        assert any("pip install" in p for p in index.check(shelf))
        index.close()


def test_the_index_knows_when_it_belongs_to_another_archive(home: Home, shelf: Shelf) -> None:
    index = home.filled(shelf)
    other = Shelf()
    other.put(item("x", "y"))
    problems = index.check(other)
    assert any("another archive" in p for p in problems)
    index.rebuild()
    assert index.search(Query()).hits == ()
    index.read(other)
    index.embed()
    assert index.check(other) == []


def test_check_sees_what_was_not_read(home: Home, shelf: Shelf) -> None:
    index = home.filled(shelf)
    shelf.put(item("later", "later"))
    shelf.remove(1)
    assert index.check(shelf) == ["2 changes of the archive are not searchable yet."]


def test_searching_goes_on_while_others_read_embed_and_rebuild(home: Home) -> None:
    shelf = Shelf()
    for i in range(400):
        shelf.put(item(f"{i}", f"common text number{i}"))
    index = home.opened()
    index.read(shelf)
    wrong: list[BaseException] = []
    stop = threading.Event()

    def search() -> None:
        while not stop.is_set():
            try:
                for hit in index.search(Query("common number7", limit=3)).hits:
                    assert "common" in hit.text
            except BaseException as error:
                wrong.append(error)
                return

    searching = [threading.Thread(target=search) for _ in range(3)]
    for thread in searching:
        thread.start()
    embedding = threading.Thread(target=index.embed)
    embedding.start()
    for i in range(0, 60, 2):
        shelf.remove(i + 1)
        index.read(shelf)
    embedding.join()
    index.rebuild()
    index.read(shelf)
    index.embed()
    stop.set()
    for thread in searching:
        thread.join()
    assert wrong == []
    assert index.check(shelf) == []
    index.close()


def test_a_naive_time_and_a_senseless_limit_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Query(since=NOW.replace(tzinfo=None))
    for limit in (0, -1, 10**6):
        with pytest.raises(ValueError, match="between 1 and 1000"):
            Query(limit=limit)
