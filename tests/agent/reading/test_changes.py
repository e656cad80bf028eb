"""A comparison tells what a reader of both versions would, and only that."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.model import Brief
from deskhand.agent.reading.changes import compare, main_change
from deskhand.agent.reading.differences import differences
from deskhand.connectors.model import Item, ItemRef

ZONE = "Europe/Stockholm"
Make = Callable[..., Item]

OLD = """
# Offer for Harbour Street

## Price

The fee is €48,000 per year. It includes two visits a month.

| Part | Price |
|------|-------|
| Setup | €3,000 |
| Support | €12,000 |

## Terms

Payment is due within 30 days. The contract starts on 1 February 2027.
Either side may end it with three months' notice.

## Team

Bo leads the project. Cleo is the deputy.
"""
NEW = """
# Offer for Harbour Street

## Price

The fee is **€52,500** per year. It includes two visits a month.

| Part | Price |
|------|-------|
| Setup | €3,000 |
| Support | €14,500 |

## Team

Bo leads the project. Dev is the deputy.

## Terms

Payment is due within 60 days. The contract starts on 1 March 2027.

## Risks

The supplier may be late.
"""


def told(brief: Brief, heading: str) -> list[str]:
    return [p.text for s in brief.sections if s.heading == heading for p in s.passages]


def test_a_revised_offer(document: Make) -> None:
    older = document("Offer", OLD, "2026-11-10 09:00")
    between = document("Offer", OLD + "x", "2026-11-12 09:00", version="2", who="dev", note="Typos")
    newer = document("Offer", NEW, "2026-11-19 15:20", version="3", who="cleo", note="The board's figures")
    brief = compare(older, newer, between=[between], zone=ZONE)
    assert brief.title == "What changed in “Offer”"
    assert told(brief, "") == [
        "From Tue 10 Nov 2026 09:00 (Bo Lindqvist) to Thu 19 Nov 2026 15:20 (Cleo Achterberg): "
        "5 changed, 1 added, 1 removed and 1 moved (sentences, list items and table rows)."
    ]
    assert [s.heading for s in brief.sections][1] == "Numbers and dates"
    assert told(brief, "Numbers and dates") == [
        "In “Price”: “€48,000” became “€52,500”, in “The fee is **€52,500** per year.”",
        "In “Price”: “€12,000” became “€14,500”, in “Support | €14,500”",
        "In “Terms”: “30 days” became “60 days”, in “Payment is due within 60 days.”",
        "In “Terms”: “1 February 2027” became “1 March 2027”, in “The contract starts on 1 March 2027.”",
    ]
    assert told(brief, "Changed") == ["In “Team”: “Cleo” became “Dev”, in “Dev is the deputy.”"]
    assert told(brief, "Added") == ["New section “Risks”: “The supplier may be late.”"]
    assert told(brief, "Removed") == ["In “Terms”: “Either side may end it with three months' notice.”"]
    assert told(brief, "Moved") == ["The section “Team” stands in another place"]
    assert told(brief, "Versions") == [
        "Dev Patel, Thu 12 Nov 2026 09:00: “Typos”",
        "Cleo Achterberg, Thu 19 Nov 2026 15:20: “The board's figures”",
    ]


def test_text_that_moved_is_neither_added_nor_removed() -> None:
    old = "# A\n\nOne boat sails.\n\nTwo boats sail.\n\n# B\n\nThree boats sail.\n"
    new = "# A\n\nTwo boats sail.\n\n# B\n\nThree boats sail.\n\nOne boat sails.\n"
    found = differences(old, new)
    assert (found.added, found.removed, found.changed) == ((), (), ())
    assert [(m.text, m.before, m.after) for m in found.moved] == [("One boat sails.", "A", "B")]


def test_paragraphs_that_changed_places() -> None:
    parts = ["Red is the first colour.", "Blue is the second colour.", "Green comes last of all."]
    found = differences("\n\n".join(parts), "\n\n".join([parts[2], parts[0], parts[1]]))
    assert [m.text for m in found.moved] == [parts[2]]
    assert not found.added
    assert not found.removed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("One two three four.", "One\ntwo   three four."),
        ("The **fee** is high.", "The fee is _high_."),
        ("# Title\n\nText.", "### Title\n\nText."),
        ("- a point\n- b point", "* a point\n* b point"),
        ("| a | b |\n|--|--|\n| c | d |", "|a|b|\n|:--|:--|\n|c|d|"),
    ],
)
def test_formatting_is_said_to_be_formatting(document: Make, old: str, new: str) -> None:
    brief = compare(document("X", old), document("X", new, version="2"), zone=ZONE)
    assert "only the formatting changed" in told(brief, "")[0]
    assert [s.heading for s in brief.sections] == ["", "Versions"]


def test_nothing_changed(document: Make) -> None:
    brief = compare(document("X", OLD), document("X", OLD, version="2"), zone=ZONE)
    assert "nothing changed in the text" in told(brief, "")[0]


def test_a_first_version(document: Make) -> None:
    brief = compare(None, document("X", "Two words"), zone=ZONE)
    assert told(brief, "") == [
        "This is the first version known: 2 words (Bo Lindqvist, Tue 17 Nov 2026 09:12)."
    ]


def test_a_new_name_and_a_new_place(document: Make) -> None:
    old = document("Offer", "Text.", native="offer.md")
    assert "Renamed from “Offer” to “Final offer”." in told(
        compare(old, document("Final offer", "Text.", version="2"), zone=ZONE), ""
    )
    moved = document(
        "Offer", "Text.", version="2", native="old/offer.md", was=ItemRef("docs", "document", "offer.md")
    )
    assert "Moved from “offer.md” to “old/offer.md”." in told(compare(old, moved, zone=ZONE), "")


def test_a_reworded_heading_is_not_a_new_section() -> None:
    found = differences("# Price\n\nIt costs a lot.\n", "# Fees\n\nIt costs a lot.\n")
    assert found.renamed == (("Price", "Fees"),)
    assert (found.opened, found.closed, found.moved, found.added) == ((), (), (), ())


def test_a_sentence_said_twice_is_not_called_formatting(document: Make) -> None:
    brief = compare(
        document("X", "Yes.\n\nNo way."), document("X", "Yes.\n\nYes.\n\nNo way.", version="2"), zone=ZONE
    )
    assert "repeated" in told(brief, "")[0]


def test_the_main_change_in_one_line(document: Make) -> None:
    assert main_change(document("X", OLD), document("X", NEW)) == (
        "in “Price”: “€48,000” became “€52,500” (and 7 more changes)"
    )
    assert main_change(None, document("X", "One two")) == "new, 2 words"
    assert main_change(document("X", "a"), document("X", "a")) == ""
    assert main_change(document("X", "a b"), document("X", "a  b")) == "formatting only"


PIECES = st.lists(
    st.sampled_from(
        [
            "# A\n\n",
            "# B\n\n",
            "The fee is €5. ",
            "The fee is €7. ",
            "It rains. ",
            "Yes. ",
            "**Yes.** ",
            "A ",
            "Bo sails the red boat home. ",
            "Bo sails the blue boat home. ",
            "- a point\n",
            "| x | 1 |\n",
            "| x | 2 |\n",
            "\n",
            "\n\n",
        ]
    ),
    max_size=14,
).map("".join)


def whole(text: str) -> str:
    return " ".join(text.split())


@given(PIECES, PIECES)
def test_added_is_only_in_the_newer_text_and_removed_only_in_the_older(old: str, new: str) -> None:
    found = differences(old, new)
    for part in found.added:
        assert part.text in whole(new)
        assert part.text not in whole(old)
    for part in found.removed:
        assert part.text in whole(old)
        assert part.text not in whole(new)
    for change in found.changed:
        assert change.old in whole(old)
        assert change.new in whole(new)
        for was, now in change.swaps():
            assert was in change.old
            assert now in change.new
    if whole(old) == whole(new):
        assert found.formatting or old == new or found.count() or found.rearranged
    if not found and old != new:
        assert found.formatting or found.rearranged


@given(PIECES, PIECES)
def test_what_a_comparison_quotes_stands_in_one_of_the_two(old: str, new: str) -> None:
    at = datetime(2026, 11, 17, tzinfo=UTC)
    ref = ItemRef("d", "document", "x")
    brief = compare(Item(ref, "1", "X", old, at, "0" * 64), Item(ref, "2", "X", new, at, "1" * 64), zone=ZONE)
    for section in brief.sections[1:]:
        for passage in section.passages:
            for quoted in re.findall("“([^“”]*)”", passage.text):
                assert quoted in whole(old) or quoted in whole(new)


@given(PIECES)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert not differences(text, text)
    assert not differences(text, text).formatting


@pytest.mark.long
@pytest.mark.parametrize("step", [50, 3])
def test_five_megabytes_take_seconds(step: int) -> None:
    lines = [f"Line {n} tells of ship {n * 7919 % 10007} and its cargo of grain." for n in range(80_000)]
    old = "\n\n".join(lines)
    new = "\n\n".join(f"{s} Late {n}." if n % step == 0 else s for n, s in enumerate(lines) if n % 1000)
    began = process_time()
    found = differences(old, new)
    assert process_time() - began < 150  # seconds of CPU: it ends, and is not quadratic
    assert found.count() >= 80_000 // step


def test_a_text_with_nothing_in_common_is_compared_in_seconds() -> None:
    old = " ".join(f"w{n}" for n in range(50_000))
    new = " ".join(f"v{n}" for n in range(50_000))
    began = process_time()
    assert differences(old, new)
    assert process_time() - began < 60  # seconds of CPU: it ends, and is not quadratic
