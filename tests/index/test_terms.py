"""No text is a syntax error, and what counts of it is what a person would say counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.index.terms import MOST_TERMS, folded, terms


@pytest.fixture(scope="module")
def fts() -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(":memory:")
    db.execute(
        "CREATE VIRTUAL TABLE t USING fts5 (header, text, tokenize='porter unicode61 remove_diacritics 2')"
    )
    yield db
    db.close()


@pytest.mark.parametrize(
    ("text", "expression", "needed"),
    [
        ("What is the budget?", '("budget")', ""),
        ("to be or not to be", '("to" OR "be" OR "or" OR "not")', ""),
        ('"Final draft" of it', '"Final draft" AND ("Final draft" OR "final" OR "draft")', '"Final draft"'),
        ("header: NEAR(a*, ^b) AND col:x", '("header" OR "near" OR "b" OR "col" OR "x")', ""),
        ('an "unfinished quote', '("unfinished" OR "quote")', ""),
        ("?!… --- \0", "", ""),
        ("", "", ""),
    ],
)
def test_reads_a_question(text: str, expression: str, needed: str) -> None:
    asked = terms(text)
    assert asked.expression() == expression
    assert asked.needed == needed


@settings(deadline=None)
@given(st.one_of(st.text(), st.text("\"“”'()*:^-+{}[]NEARORANDT \0a\ud800é漢")))
def test_no_text_is_a_syntax_error(fts: sqlite3.Connection, text: str) -> None:
    asked = terms(text)
    for expression in {asked.expression(), asked.expression(asked.words[:1]), asked.needed} - {""}:
        fts.execute("SELECT rowid FROM t WHERE t MATCH ?", (expression,)).fetchall()


def test_a_megabyte_is_searched_by_its_first_words(fts: sqlite3.Connection) -> None:
    asked = terms("".join(f"word{i} " for i in range(150_000)) + '"' + "x " * 100_000)
    assert len(asked.words) == MOST_TERMS
    fts.execute("SELECT rowid FROM t WHERE t MATCH ?", (asked.expression(),)).fetchall()
    assert len(terms("y" * 1_000_000).expression()) < 200


def test_names_are_compared_without_capitals_accents_and_spaces() -> None:
    assert folded("  Ana   MÜLLER ") == folded("ana muller") == "ana muller"
    assert folded("Straße") == folded("STRASSE")
