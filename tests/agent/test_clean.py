"""Foreign text made harmless is text and nothing else, whatever it was."""

from __future__ import annotations

import unicodedata
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.clean import clean


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]8;;https://example.com\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x1b]0;title\x07text", "text"),
        ("\x9b31mred", "red"),
        ("\x9d8;;x\x9ctext", "text"),
        ("\x1bP+q544e\x1b\\text", "text"),
        ("\x1b]never ended, still read", "never ended, still read"),
        ("up\x1b[2A\x1b[Kdown", "updown"),
        ("a\rb", "a\nb"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("pay\u200bpal \u2066x\u2069", "paypal x"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("a\u200db", "ab"),
        ("soft\u00adhyphen\ufeff", "softhyphen"),
        ("\ud800", "\ufffd"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("👩\u200d👧 ❤\ufe0f", "👩\u200d👧 ❤\ufe0f"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Zürich, naïve, 東京, Ελλάδα", "Zürich, naïve, 東京, Ελλάδα"),
        ("z" + "\u0301" * 40, "z" + "\u0301" * 3),
    ],
)  # fmt: skip
def test_clean_leaves_text_and_nothing_else(foreign: str, shown: str) -> None:
    assert clean(foreign) == shown


@given(
    st.text(
        alphabet=st.one_of(st.characters(), st.sampled_from("\x1b]8;\x07\x9b[0m\\\u202e\u200d\ufe0f👩")),
        max_size=120,
    )
)
def test_clean_is_safe_and_settles(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not {unicodedata.category(c) for c in once if c not in "\n\t"} & {"Cc", "Cs"}
    assert not set(once) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff"
    )


@pytest.mark.parametrize(
    "unit", ["\x1b]", "\x1b[", "\x9d", "\u200d", "e\u0301\u0301", "\x1b]a\x07", "\ufe0f👩"]
)
def test_clean_is_linear(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    began = process_time()
    clean(text)
    assert process_time() - began < 30  # seconds of CPU: it ends, and is not quadratic
