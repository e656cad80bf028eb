"""Passages are whole, small enough for the model, and the same wherever the text is the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from index_givens import ANA, BO, NOW, item

from deskhand.index.chunk import HEADER, MOST_PASSAGES, PASSAGE, Chunker, describe, tokenizer
from deskhand.index.model import Chunk

CHUNKER = Chunker()
TOKENIZER = tokenizer()


def tokens(text: str) -> int:
    return len(TOKENIZER.encode(text, add_special_tokens=False))


WORDS = st.lists(st.text(max_size=12), max_size=400).map(" ".join)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@example("  ", "0", "a.md")
@given(st.one_of(st.text(max_size=3000), WORDS), st.text(max_size=400), st.sampled_from(["a.md", "a.txt"]))
def test_whatever_the_text_every_passage_fits_the_model(text: str, title: str, native: str) -> None:
    made = item(native, text, title=title, folder=title[::-1], author=title[:50])
    header = CHUNKER.header(made)
    passages, cut = CHUNKER.passages(made)
    assert passages
    assert not cut
    assert "\n" not in header
    assert tokens(header) <= HEADER
    for passage in passages:
        assert tokens(passage) <= PASSAGE
        assert tokens(Chunk(header, passage).whole) <= 254
        assert "\0" not in passage
        passage.encode()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1, max_size=1500))
def test_no_word_is_lost(words: list[str]) -> None:
    passages, _ = CHUNKER.passages(item("a.txt", " ".join(words)))
    assert " ".join(passages).split() == words


def test_the_header_says_when_who_what_and_where() -> None:
    made = item("m", "x", kind="message", title="Budget\r\n 2027", people=(BO, ANA), folder="Work/Money")
    assert CHUNKER.header(made) == "2026-11-22 · Ana Müller · Budget 2027 · Work/Money"
    assert (
        CHUNKER.header(replace(made, author="Eve", people=()))
        == "2026-11-22 · Eve · Budget 2027 · Work/Money"
    )
    assert CHUNKER.header(item("n", "x")) == "2026-11-22 · n"


def test_a_rename_moves_no_boundary() -> None:
    text = "A sentence that is neither short nor long. " * 200
    short, long = item("a.txt", text, title="a"), item("a.txt", text, title="a long title " * 20)
    assert CHUNKER.passages(short) == CHUNKER.passages(long)


def test_markdown_is_cut_at_its_headings() -> None:
    text = "\n\n".join(f"## Section {i}\n\n" + "Some words of prose. " * 25 for i in range(6))
    passages, _ = CHUNKER.passages(item("notes.md", text))
    assert len(passages) == 6
    assert all(p.startswith(f"## Section {i}") for i, p in enumerate(passages))


def test_a_thing_without_text_is_its_title() -> None:
    assert CHUNKER.passages(item("photo.png", "", title="Harbour")) == (["Harbour"], False)
    assert CHUNKER.passages(replace(item("photo.png", " \n\0"), title="")) == (["photo.png"], False)


@pytest.mark.parametrize(
    "text",
    ["A" * 1_000_000, "\x01" * 400_000, "漢" * 9_000, "👩‍👩‍👧" * 30_000,
     "[a](" * 100_000, "a\n" * 20_000, "é" * 300_000],
    ids=["blob", "control", "cjk", "emoji", "links", "lines", "accents"],
)  # fmt: skip
def test_odd_texts_give_passages_one_can_read(text: str) -> None:
    passages, _ = CHUNKER.passages(item("a.md", text))
    assert 1 <= len(passages) <= MOST_PASSAGES
    assert max(map(len, passages)) <= 4000


def test_an_event_is_told_in_words() -> None:
    zone = timezone(timedelta(hours=1))
    start = datetime(2026, 11, 27, 9, 0, tzinfo=zone)
    event = item(
        "e", "Agenda attached.", kind="event", title="Kickoff", start=start,
        end=start + timedelta(minutes=45),
        people=(replace(ANA, role="organizer"), replace(BO, role="attendee", name="")),
        data={"location": "Room 4", "zone": "Europe/Paris", "rrule": "FREQ=WEEKLY"},
    )  # fmt: skip
    assert describe(event) == (
        "Kickoff\nFriday 27 November 2026, 09:00 to 09:45 (Europe/Paris)\nRepeats: FREQ=WEEKLY\n"
        "Where: Room 4\nWith: Ana Müller, bo@example.org\nAgenda attached."
    )
    day = item(
        "d",
        "",
        kind="event",
        title="Fair",
        start=datetime(2026, 12, 1, tzinfo=UTC),
        data={"all_day": True, "status": "cancelled"},
    )
    assert describe(day) == "Fair\nTuesday 1 December 2026, all day\nCancelled"
    late = item("l", "", kind="event", title="Night", start=NOW, end=NOW + timedelta(days=1))
    assert describe(late) == "Night\nSunday 22 November 2026, 08:00 to Monday 23 November 2026, 08:00"
