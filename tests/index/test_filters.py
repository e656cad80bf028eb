"""A filter finds what a loop over the items finds, whatever the items and whatever the filter."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from index_givens import NOW, Entry, Home, Shelf, item

from deskhand.connectors.model import KINDS, Item, Participant
from deskhand.index.index import Index
from deskhand.index.model import Hit, Query
from deskhand.index.terms import folded

SOURCES = ("mail", "files")
FOLDERS = ("", "Work", "Work/Alpha", "Work.Beta", "Workshop", "a%_b", "É")
PEOPLE = (
    Participant("from", "ana@example.org", "Ana Müller"),
    Participant("to", "bo@example.org", "Bo Test"),
    Participant("attendee", "mu@example.com"),
    Participant("author", "", "Anatole"),
)
WORDS = ("budget", "launch", "picnic", "euros")
MOMENTS = st.integers(-5, 5).map(lambda n: NOW + timedelta(days=n))


@st.composite
def items(draw: st.DrawFn, native: str, version: str) -> Item:
    kind = draw(st.sampled_from(KINDS))
    made = item(
        native, " ".join(draw(st.lists(st.sampled_from(WORDS), max_size=4))), kind=kind, version=version,
        source=draw(st.sampled_from(SOURCES)), at=draw(MOMENTS), folder=draw(st.sampled_from(FOLDERS)),
        people=tuple(draw(st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True))),
    )  # fmt: skip
    if kind == "event":
        start = draw(MOMENTS)
        end = start + timedelta(hours=1)
        made = replace(
            made, start=start, end=end, until=draw(st.sampled_from([end, end + timedelta(days=3), None]))
        )
    return made


@st.composite
def shelves(draw: st.DrawFn) -> Shelf:
    shelf = Shelf()
    for n in range(draw(st.integers(0, 8))):
        number = None
        for v in range(draw(st.integers(1, 3))):
            number = shelf.put(
                draw(items(str(n), f"v{v}")), number=number, thread=draw(st.sampled_from(["", "t1", "t2"]))
            )
        if number and draw(st.integers(0, 4)) == 0:
            shelf.remove(number)
    return shelf


queries = st.builds(
    Query,
    sources=st.lists(st.sampled_from(SOURCES), max_size=2, unique=True).map(tuple),
    kinds=st.lists(st.sampled_from(KINDS), max_size=2, unique=True).map(tuple),
    person=st.sampled_from(
        ["", "", "ana", "MULLER", "bo@example.org", "mu", "BO@EXAMPLE.ORG", "example.org", "%", "zoe"]
    ),
    since=st.none() | MOMENTS,
    until=st.none() | MOMENTS,
    thread=st.sampled_from(["", "", "t1"]),
    folder=st.sampled_from(["", "", "Work", "Work/", "Work/Alpha", "a%_b", "É", "\ud800"]),
    version=st.sampled_from(["", "", "v0", "v1"]),
    history=st.booleans(),
    limit=st.just(50),
)  # fmt: skip


def allowed(query: Query, entry: Entry, version: Item) -> bool:
    """The filters once more, as plainly as they can be said."""
    begins = version.start or version.at
    ends = version.at if version.start is None else version.until or datetime(9999, 1, 1, tzinfo=UTC)
    prefix = query.folder.rstrip("/.\\")
    who = query.person.strip()
    named = [(p.address, folded(p.name) or p.address.partition("@")[0]) for p in version.people]
    return (
        not entry.removed
        and (version is entry.item or query.history or bool(query.version))
        and (not query.sources or version.ref.source in query.sources)
        and (not query.kinds or version.ref.kind in query.kinds)
        and (query.since is None or ends >= query.since)
        and (query.until is None or begins < query.until)
        and (not query.thread or entry.thread == query.thread)
        and (not query.version or version.version == query.version)
        and (
            not prefix or version.folder == prefix or version.folder.startswith((prefix + "/", prefix + "."))
        )
        and (not who or any(a == who.lower() or folded(who) in n for a, n in named))
    )


def expected(query: Query, shelf: Shelf) -> dict[str, set[str]]:
    """Addresses with the versions that may stand for them."""
    found: dict[str, set[str]] = {}
    for entry in shelf.entries.values():
        for version in (*entry.older, entry.item):
            if allowed(query, entry, version):
                found.setdefault(str(entry.id), set()).add(version.version)
    return found


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(shelves(), st.lists(queries, min_size=1, max_size=6), st.sampled_from(["", *WORDS, "budget euros"]))
def test_finds_what_a_loop_over_the_items_finds(shelf: Shelf, asked: list[Query], text: str) -> None:
    with TemporaryDirectory() as folder, Home(Path(folder)) as home:
        index = home.filled(shelf)
        for query in asked:
            plain = expected(query, shelf)
            listed = index.search(query).hits
            assert len(listed) == len(plain)
            number = {str(e.id): e for e in shelf.entries.values()}
            refs = {str(v.ref): id for id, e in number.items() for v in (*e.older, e.item)}
            assert {refs[h.ref] for h in listed} == set(plain)
            assert all(h.version in plain[refs[h.ref]] for h in listed)
            assert all(a.at >= b.at for a, b in itertools.pairwise(listed))
            if text:
                found = index.search(replace(query, text=text)).hits
                wanted = {
                    id for id in plain
                    if any(
                        {*text.split()} & {*v.text.split()}
                        for v in (*number[id].older, number[id].item) if allowed(query, number[id], v)
                    )
                }  # fmt: skip
                by_words = {refs[h.ref] for h in found if "words" in h.found_by}
                assert by_words == wanted
                assert {refs[h.ref] for h in found} <= set(plain)


def ask(index: Index, words: Sequence[str]) -> list[tuple[Hit, ...]]:
    return [index.search(Query(w, history=h, limit=50)).hits for w in words for h in (False, True)]


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(shelves(), st.data())
def test_made_anew_it_answers_the_same(shelf: Shelf, data: st.DataObject) -> None:
    """However it got there: step by step with changes and removals, or from nothing at once."""
    with TemporaryDirectory() as folder, Home(Path(folder)) as home:
        index = home.filled(shelf)
        for _ in range(data.draw(st.integers(0, 3))):
            n = data.draw(st.integers(1, 9))
            if n in shelf.entries and data.draw(st.booleans()):
                shelf.remove(n)
            else:
                at = len(shelf.entries.get(n, Entry(0, 0, item("", ""))).older) + 5
                same = shelf.entries[n].item.folder if n in shelf.entries else ""
                new = replace(data.draw(items(str(n), f"v{at}")), folder=same)
                shelf.put(new, number=n if n in shelf.entries else None)
            index.read(shelf)
            if data.draw(st.booleans()):
                index.embed()
        index.embed()
        assert index.check(shelf) == []
        words = [*WORDS, "picnic launch", '"euros budget"']
        # A passage keeps the vector it was given under an earlier header: what is the same for sure is
        # which words are where.
        before = [
            [(h.ref, h.version, h.text) for h in hits if "words" in h.found_by] for hits in ask(index, words)
        ]
        index.rebuild()
        index.read(shelf)
        index.embed()
        assert index.check(shelf) == []
        again = ask(index, words)
        after = [[(h.ref, h.version, h.text) for h in hits if "words" in h.found_by] for hits in again]
        assert [sorted(hits) for hits in after] == [sorted(hits) for hits in before]
        index.rebuild()
        index.read(shelf)
        index.embed()
        assert ask(index, words) == again, "made from the same, it is the same to the last digit"


@pytest.fixture(scope="module")
def two_items(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    shelf = Shelf()
    shelf.put(item("a", "some text 漢字 here"))
    shelf.put(item("b", "NEAR here AND not there", kind="message", folder="x", version="1"), thread="t")
    home = Home(tmp_path_factory.mktemp("fuzz"))
    yield home.filled(shelf)
    home.close()


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.text(), st.text('"*():^NEAR \0\ud800漢é')), st.text(max_size=20), st.text(max_size=20))
def test_no_query_is_an_error(two_items: Index, text: str, person: str, other: str) -> None:
    asked = Query(text, person=person, folder=other, thread=other, version=other, sources=(other,))
    assert two_items.search(asked).hits == (), "a source of that name does not exist"
    assert len(two_items.search(Query(text, history=True)).hits) <= 2


@pytest.mark.parametrize("text", ["here " * 200_000, "\0" * 1000, "漢字", '"' * 5000, "🙂 here"])
def test_long_and_odd_queries_are_answered(two_items: Index, text: str) -> None:
    hits = two_items.search(Query(text)).hits
    assert bool(hits) or "here" not in text
