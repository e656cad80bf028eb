"""A document's summary is its own outline, sentences, dates and figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.model import Brief
from deskhand.agent.reading.document import summarise_document
from deskhand.connectors.model import Item, ItemRef

ZONE = "Europe/Stockholm"
Make = Callable[..., Item]

MINUTES = """
# Harbour Street: minutes

Present: Ana, Bo, Cleo.

## Budget

The renovation of Harbour Street costs €48,000, of which €12,000 is for the roof.
We agreed to pay the roof in advance.
Heating is 15 % cheaper than last year.

## Schedule

The scaffolding goes up on 1 March 2027. The renovation ends on 30 June 2027.
Who tells the neighbours?

## Actions

- Cleo, please send the tenants a letter about the renovation.
- Bo orders the paint.
"""


def told(brief: Brief, heading: str) -> list[str]:
    return [p.text for s in brief.sections if s.heading == heading for p in s.passages]


def test_outline_essence_dates_figures_decisions_asks(document: Make) -> None:
    brief = summarise_document(document("Minutes", MINUTES), zone=ZONE)
    assert brief.title == "Minutes"
    assert told(brief, "")[0].endswith("under 4 headings. This version: Bo Lindqvist, Tue 17 Nov 2026 09:12.")
    assert told(brief, "Outline") == ["Harbour Street: minutes · Budget · Schedule · Actions"]
    assert told(brief, "Decisions") == ["In “Budget”: “We agreed to pay the roof in advance.”"]
    assert told(brief, "Open questions") == ["In “Schedule”: “Who tells the neighbours?”"]
    assert told(brief, "Asks") == [
        "In “Actions”: “Cleo, please send the tenants a letter about the renovation.”"
    ]
    assert [d.partition(":")[0] for d in told(brief, "Dates")] == ["Mon 1 Mar 2027", "Wed 30 Jun 2027"]
    figures = " ".join(told(brief, "Figures"))
    assert "€48,000" in figures
    assert "15 %" in figures
    assert any("The renovation of Harbour Street costs €48,000" in t for t in told(brief, "In its own words"))
    assert {c.version for c in brief.citations()} == {"1"}


def test_sentences_come_in_the_documents_order_and_no_more_than_asked(document: Make) -> None:
    text = "\n\n".join(f"The harbour plan number {n} needs boats, ropes and sailors." for n in "ABCDEFGHIJKL")
    text += "\n\n" + "\n\n".join(
        f"{w} stands alone with something rare." for w in ("Cheese", "Granite", "Velvet")
    )
    item = document("Plans", text)
    shown = told(summarise_document(item, zone=ZONE, length=3), "In its own words")
    assert 1 <= len(shown) <= 3
    places = [text.index(s.strip("“”")) for s in shown]
    assert places == sorted(places)


def test_nothing_to_read_is_said(document: Make) -> None:
    assert "no text" in summarise_document(document("Scan", ""), zone=ZONE).note


@pytest.mark.long
def test_five_megabytes_take_seconds(document: Make) -> None:
    text = "\n\n".join(f"Paragraph {n} of the report is about boats and costs €{n}." for n in range(90_000))
    began = process_time()
    brief = summarise_document(document("Big", text), zone=ZONE)
    assert process_time() - began < 90  # seconds of CPU: it ends, and is not quadratic
    assert "The first 5,000 of 90,000 sentences were read." in brief.note


@given(st.text(alphabet=st.sampled_from("ab €1,.?#-|\n:0%we agreed pls"), max_size=400))
def test_every_quotation_stands_in_the_text(text: str) -> None:
    from datetime import UTC, datetime

    item = Item(ItemRef("d", "document", "x"), "1", "X", text, datetime(2026, 11, 17, tzinfo=UTC), "0" * 64)
    whole = " ".join(text.split())
    for section in summarise_document(item, zone=ZONE).sections[1:]:
        for passage in section.passages:
            assert all(q in whole for q in re.findall("“([^“”]*)”", passage.text))
