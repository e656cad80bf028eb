"""Text is split where a reader would, and cues are found where they stand."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.reading.sentences import kinds_of, split
from deskhand.agent.reading.words import squash


def texts(text: str) -> list[str]:
    return [s.text for s in split(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We meet at 3.30 p.m. on Friday. Bring it.", ["We meet at 3.30 p.m. on Friday.", "Bring it."]),
        ("Dr. J. Ek called. He is well.", ["Dr. J. Ek called.", "He is well."]),
        ("It costs e.g. 4.50 or approx. 5 euros. Ok?", ["It costs e.g. 4.50 or approx. 5 euros.", "Ok?"]),
        ("See https://example.org/a.b?c=d. Then reply.", ["See https://example.org/a.b?c=d.", "Then reply."]),
        ("ok. let's go with B. thanks", ["ok. let's go with B.", "thanks"]),
        ("Really?! Yes… maybe. “Done.” Next.", ["Really?!", "Yes… maybe.", "“Done.”", "Next."]),
        ("Wir treffen uns am 17. November. Bis dann.", ["Wir treffen uns am 17. November.", "Bis dann."]),
        ("会議は金曜日です。来られますか？はい。", ["会議は金曜日です。", "来られますか？", "はい。"]),
        ("Hi Bo,\nthe plan is ready.", ["Hi Bo,", "the plan is ready."]),
        ("- First\n- Second. With more\n  words\n3) Third", ["First", "Second.", "With more words", "Third"]),
        ("One\n\nTwo", ["One", "Two"]),
        ("", []),
        (" \n\t\n", []),
    ],
)  # fmt: skip
def test_splits_where_a_reader_would(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_lines_wrapped_by_a_machine_are_one_sentence_and_short_lines_are_not() -> None:
    text = (
        "We looked at all three of the hotels that you had sent round last week and\n"
        "Hotel Marina was the only one with a room for twenty-two people at a price\n"
        "that we can pay.\n"
        "Price: 118\n"
        "Rooms: 24\n"
    )
    assert len(texts(text)) == 3
    assert texts(text)[0].endswith("that we can pay.")


def test_headings_rows_and_code_are_told_apart() -> None:
    found = split(
        "# Offer\nIntro.\n\nTerms\n-----\n| a | b |\n|---|---|\n| Setup | 3 |\n"
        "```\nx = 1.\n```\n1. Scope here\n"
    )
    assert [(s.kind, s.text, s.heading) for s in found] == [
        ("heading", "Offer", "Offer"),
        ("prose", "Intro.", "Offer"),
        ("heading", "Terms", "Terms"),
        ("row", "a | b", "Terms"),
        ("row", "Setup | 3", "Terms"),
        ("code", "x = 1.", "Terms"),
        ("item", "Scope here", "Terms"),
    ]


def test_headings_of_plain_text() -> None:
    found = split("INTRODUCTION\n\nWe sell boats to people who like boats.\n\n2.1 Price\n\nIt is high.\n")
    assert [s.text for s in found if s.kind == "heading"] == ["INTRODUCTION", "2.1 Price"]


@given(st.text(alphabet=st.sampled_from('aB é.!?…-*#|> \n\t1)"”。`=\u2028\x1c'), max_size=300))
def test_every_sentence_is_an_unbroken_stretch_of_the_text(text: str) -> None:
    whole = squash(text)
    for sentence in split(text):
        assert sentence.text
        assert squash(sentence.text) == sentence.text
        assert sentence.text in whole


@pytest.mark.parametrize(
    "unit", ["a. ", "a.", "- \n", "| \n", "# x\n", "?", "need ", "“", "word ", "\n", "1. "]
)
def test_a_lot_of_anything_is_split_in_seconds(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    began = process_time()
    for sentence in split(text)[:2000]:
        kinds_of(sentence.text)
    assert process_time() - began < 30  # seconds of CPU: it ends, and is not quadratic


@pytest.mark.parametrize(
    ("sentence", "cues"),
    [
        ("We agreed to move the launch.", {"decision"}),
        ("Let's go with the blue one.", {"decision"}),
        ("The board approved the plan.", {"decision"}),
        ("Confirmed.", {"decision"}),
        ("We have not agreed on anything.", set()),
        ("If we agreed, it would be cheap.", set()),
        ("It still needs to be approved.", set()),
        ("Have we decided?", {"question"}),
        ("Who is booking the flights?", {"question"}),
        ("How are you?", set()),
        ("Right?", set()),
        ("I wonder whether the room is large enough.", {"question"}),
        ("Can we meet earlier", {"question"}),
        ("Could you send me the list?", {"ask"}),
        ("Please send the figures.", {"ask"}),
        ("Please find the figures attached.", set()),
        ("I need the report by noon.", {"ask", "date"}),
        ("We need to settle this before the hotel calls.", set()),
        ("Action: Bo orders the chairs.", {"ask"}),
        ("@bo have a look", {"ask"}),
        ("The fee is €48,000.", {"number"}),
        ("It rained.", set()),
        ("Könntest du die Liste schicken?", {"ask"}),
        ("Wir haben beschlossen, das Büro zu behalten.", {"decision"}),
        ("Pourriez-vous envoyer la liste ?", {"ask"}),
        ("Hemos decidido esperar.", {"decision"}),
    ],
)  # fmt: skip
def test_cues(sentence: str, cues: set[str]) -> None:
    assert kinds_of(sentence) == cues


@given(st.text(max_size=200))
def test_any_text_has_cues_or_none(text: str) -> None:
    assert kinds_of(text) <= {"decision", "question", "ask", "date", "number"}


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("(It left at six. Please check the size.)", ["It left at six.", "Please check the size."]),
        ("[One. “Two?”]", ["One.", "“Two?”"]),
        ("It left (at six). (At last.)", ["It left (at six).", "(At last.)"]),
        ("It left at six (I think. Or seven.)", ["It left at six (I think.", "Or seven."]),
        ("Good! :) See point b) first :)", ["Good!", ":) See point b) first :)"]),
        ("(", ["("]),
    ],
)
def test_a_bracket_whose_other_half_is_in_another_sentence_goes(text: str, quoted: list[str]) -> None:
    assert [s.text for s in split(text)] == quoted
