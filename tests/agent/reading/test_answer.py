"""Questions are answered in an author's words or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.model import Brief
from deskhand.agent.reading.answer import answer
from deskhand.connectors.model import Item

ZONE = "Europe/Stockholm"
Make = Callable[..., Item]


@pytest.fixture
def hits(message: Make, document: Make) -> list[tuple[Item, str]]:
    """What a search over a small office might bring up, for any question: all of it."""
    items = [
        message(
            "bo",
            "2026-11-16 09:12",
            "The offsite takes place in Lisbon from 9 to 12 March 2027. We stay at Hotel Marina. "
            "A single room costs €118 a night. Who books the flights?",
            title="Offsite 2027",
        ),
        message(
            "cleo",
            "2026-11-17 10:00",
            "Dev books the flights. The workshop room is on the second floor and holds 30 people.",
            title="Re: Offsite 2027",
        ),
        document(
            "Offer for Harbour Street",
            "# Price\n\nThe fee is €52,500 per year. Payment is due within 60 days.\n\n"
            "# Team\n\nBo leads the project. Cleo is the deputy.\n\n"
            "# Terms\n\nThe contract starts on 1 March 2027. It was signed by Maria Keller in Oslo.\n",
        ),
        document(
            "Handbook",
            "# Leave\n\nEverybody has 30 days of holiday a year. Sick notes go to Petra Holm.\n\n"
            "# Keys\n\nThe spare key is in the grey cabinet in the kitchen. "
            "The alarm code is changed every quarter.\n\n"
            "# Expenses\n\nExpenses are paid on the 25th of each month. "
            "Receipts go to expenses@example.org.\n\n"
            "# Printer\n\nThe printer jams because the paper tray is too full.\n",
        ),
        message(
            "dev",
            "2026-11-18 14:00",
            "The server migration is on Saturday. We expect two hours of downtime. "
            "The old server was bought in 2019. Is the backup tested?",
            title="Server migration",
        ),
        message(
            "ana",
            "2026-11-19 08:30",
            "I will talk to the landlord about the heating. The rent rises by 4 % in January 2027.",
            title="Landlord",
        ),
    ]
    return [(item, item.text) for item in items]


def answers(brief: Brief) -> list[str]:
    return [
        q
        for s in brief.sections
        if not s.heading
        for p in s.passages
        if p.cites
        for q in re.findall("“(.*?)”", p.text)[:1]
    ]


ANSWERABLE = [
    ("When is the offsite?", "The offsite takes place in Lisbon from 9 to 12 March 2027."),
    ("Where is the offsite?", "The offsite takes place in Lisbon from 9 to 12 March 2027."),
    (
        "When does the offsite in Lisbon take place?",
        "The offsite takes place in Lisbon from 9 to 12 March 2027.",
    ),
    ("How much does a single room cost?", "A single room costs €118 a night."),
    ("What is the price of a single room?", "A single room costs €118 a night."),
    ("who books the flights", "Dev books the flights."),
    ("Who is booking the flights?", "Dev books the flights."),
    (
        "How many people does the workshop room hold?",
        "The workshop room is on the second floor and holds 30 people.",
    ),
    ("Where is the workshop room?", "The workshop room is on the second floor and holds 30 people."),
    ("How much is the fee?", "The fee is €52,500 per year."),
    ("What is the fee for Harbour Street?", "The fee is €52,500 per year."),
    ("When is payment due?", "Payment is due within 60 days."),
    ("Who leads the project?", "Bo leads the project."),
    ("Who leads the Harbour Street project?", "Bo leads the project."),
    ("Who is the deputy?", "Cleo is the deputy."),
    ("When does the contract start?", "The contract starts on 1 March 2027."),
    ("Who signed the contract?", "It was signed by Maria Keller in Oslo."),
    ("Where was the contract signed?", "It was signed by Maria Keller in Oslo."),
    ("How many days of holiday do we have?", "Everybody has 30 days of holiday a year."),
    ("Who gets sick notes?", "Sick notes go to Petra Holm."),
    ("Where is the spare key?", "The spare key is in the grey cabinet in the kitchen."),
    ("When are expenses paid?", "Expenses are paid on the 25th of each month."),
    ("Why does the printer jam?", "The printer jams because the paper tray is too full."),
    ("When is the server migration?", "The server migration is on Saturday."),
    ("How long is the downtime?", "We expect two hours of downtime."),
    ("When was the old server bought?", "The old server was bought in 2019."),
    ("Who talks to the landlord?", "I will talk to the landlord about the heating."),
    ("How much does the rent rise?", "The rent rises by 4 % in January 2027."),
]

UNANSWERABLE = [
    "When is the offsite in Berlin?",
    "How much does a double room cost?",
    "Who pays for the dinner?",
    "Where is the Christmas party?",
    "How many people work in Oslo?",
    "What is the fee for Station Road?",
    "Who is the deputy of Maria Keller's lawyer?",
    "When was Bo born?",
    "How much does the printer cost?",
    "Where is the printer?",
    "Is the backup tested?",
    "When was the backup tested?",
    "What is the alarm code?",
    "Who founded the company?",
    "What is the capital of Portugal?",
    "How old is the landlord?",
    "Who leads the migration?",
    "When does the lease end?",
    "What did Zoe say about the heating?",
    "How much was the fee in 2019?",
    "Why was the contract signed?",
    "Where do we buy paint?",
]


@pytest.mark.parametrize(("question", "expected"), ANSWERABLE)
def test_answerable(hits: list[tuple[Item, str]], question: str, expected: str) -> None:
    brief = answer(question, hits, zone=ZONE)
    assert answers(brief)[:1] == [expected]
    assert len(answers(brief)) <= 2


@pytest.mark.parametrize("question", UNANSWERABLE)
def test_unanswerable(hits: list[tuple[Item, str]], question: str) -> None:
    brief = answer(question, hits, zone=ZONE)
    assert answers(brief) == []
    assert brief.sections[0].passages[0].text.startswith("Nothing was found that answers this.")
    assert brief.sections[1].heading == "Nearest to it, without an answer"


def test_an_answer_names_its_author_and_says_what_a_relative_day_was(hits: list[tuple[Item, str]]) -> None:
    passage = answer("When is the server migration?", hits, zone=ZONE).sections[0].passages[0]
    assert passage.text.startswith(
        "Dev Patel, Wed 18 Nov 2026 14:00: “The server migration is on Saturday.” "
    )
    assert "Sat 21 Nov 2026" in passage.text
    assert [c.title for c in passage.cites] == ["Server migration"]


def test_a_question_in_two_halves_is_answered_by_halves(hits: list[tuple[Item, str]]) -> None:
    both = answer("What is the fee for Harbour Street, and who signed the contract?", hits, zone=ZONE)
    assert answers(both) == ["The fee is €52,500 per year.", "It was signed by Maria Keller in Oslo."]
    half = answer("How much is the fee, and who approved it?", hits, zone=ZONE)
    assert [p.text for p in half.sections[0].passages][1:] == [
        "Nothing was found that answers “who approved it”."
    ]


def test_who_agreed_is_who_said_so_with_the_same_figure(message: Make, document: Make) -> None:
    offer = document("Offer", "Warranty: 36 months from acceptance.\n\nPayment: 30 % with the order.")
    talk = message("cleo", "2026-11-17 10:00", "The warranty was 24 months last time.", title="Offer")
    decided = message("dev", "2026-11-18 14:00", "Decided: 36 months on everything. Let's take the bus.")
    found = [(i, i.text) for i in (talk, decided, offer)]
    brief = answer("What warranty do we offer, and who agreed to it?", found, zone=ZONE)
    assert answers(brief)[0] == "Warranty: 36 months from acceptance."
    assert brief.sections[0].passages[-1].text == (
        "Dev Patel, Wed 18 Nov 2026 14:00: “Decided: 36 months on everything.”"
    )


def test_the_missing_name_is_named(hits: list[tuple[Item, str]]) -> None:
    text = answer("When is the offsite in Berlin?", hits, zone=ZONE).sections[0].passages[0].text
    assert text == "Nothing was found that answers this. No passage mentions “Berlin”."


def test_no_hits_no_words(hits: list[tuple[Item, str]]) -> None:
    assert len(answer("When is it?", [], zone=ZONE).sections) == 1
    assert answers(answer("", hits, zone=ZONE)) == []
    assert answers(answer("What is it?", hits, zone=ZONE)) == []


def test_a_passage_that_is_not_in_its_item_is_not_quoted(message: Make) -> None:
    item = message("bo", "2026-11-16 09:12", "The boat is blue.")
    header = "17 Nov 2026, Bo Lindqvist\nThe boat costs €5.\nThe boat is blue."
    assert answers(answer("How much does the boat cost?", [(item, header)], zone=ZONE)) == []


def test_limit_and_years(document: Make) -> None:
    hits = [
        (d, d.text)
        for n in range(8)
        for d in [
            document(f"Rent {n}", f"The rent of the hall is €{n}00 a month.", f"20{10 + n}-01-05 09:00")
        ]
    ]
    brief = answer("How much is the rent of the hall?", hits, zone=ZONE, limit=3)
    assert len(answers(brief)) == 3
    assert "different years" in brief.note


WORDS = ["the", "rent", "of", "Bo", "is", "€500", "on", "Friday", "in", "Oslo", "?", ".", "Berlin"]


@given(
    st.lists(st.sampled_from([*WORDS, "who", "when", "how much", "why"]), max_size=12).map(" ".join),
    st.lists(st.sampled_from([*WORDS, "\n", "#", "-", "because"]), max_size=30).map(" ".join),
)
def test_every_answer_stands_in_its_item(question: str, text: str) -> None:
    from datetime import UTC, datetime

    from deskhand.connectors.model import ItemRef

    item = Item(ItemRef("m", "document", "x"), "1", "X", text, datetime(2026, 11, 17, tzinfo=UTC), "0" * 64)
    for quoted in answers(answer(question, [(item, text)], zone=ZONE)):
        assert quoted in " ".join(text.split())
