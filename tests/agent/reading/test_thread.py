"""A thread's summary says nothing that its authors did not say."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.model import Brief
from deskhand.agent.reading.thread import summarise_thread
from deskhand.connectors.model import Item, ItemRef, Participant

ZONE = "Europe/Stockholm"
ME = frozenset({"ana@example.org"})
Make = Callable[..., Item]


@pytest.fixture
def offsite(message: Make) -> list[Item]:
    first = message(
        "bo",
        "2026-11-16 09:12",
        """
        Hi Ana, hi Cleo,

        we need to settle the Lisbon offsite before the hotel releases our rooms.
        The hotel holds 24 rooms at €118 a night until 27 November. Can we live with
        two people sharing, or do we need single rooms for everybody?

        Ana, could you send me the final list of people by Friday?

        Best,
        Bo
        """,
        to=("ana", "cleo"),
    )
    second = message(
        "cleo",
        "2026-11-16 10:40",
        """
        Single rooms, please. Last year's sharing was a disaster.

        Who is booking the flights?

        On Mon, 16 Nov 2026 at 09:12, Bo Lindqvist wrote:
        > Can we live with
        > We agreed to sleep in tents.
        """,
        to=("bo",),
        cc=("ana",),
        answers=first,
        title="Re: Lisbon offsite",
    )
    third = message(
        "ana",
        "2026-11-17 08:05",
        """
        Agreed, we go with single rooms. I have 22 names so far.

        The workshop room costs €900 a day. Do we want it for two days or three?
        """,
        to=("bo", "cleo"),
        answers=second,
        title="Re: Lisbon offsite",
    )
    fourth = message(
        "bo",
        "2026-11-18 16:30",
        """
        Let's take the workshop room for three days.

        We decided on the dates too: 9 to 12 March 2027.

        Cleo, please ask the hotel for an invoice by 25 November.
        """,
        to=("cleo", "ana"),
        answers=third,
        title="Re: Lisbon offsite",
    )
    return [first, second, third, fourth]


def told(brief: Brief, heading: str) -> list[str]:
    return [p.text for s in brief.sections if s.heading == heading for p in s.passages]


def quotations(text: str) -> list[str]:
    return re.findall("“([^“”]*)”", text)


def test_says_who_what_when(offsite: list[Item]) -> None:
    brief = summarise_thread(offsite, me=ME, zone=ZONE)
    assert brief.title == "Lisbon offsite"
    assert told(brief, "") == [
        "Bo Lindqvist started it on Mon 16 Nov 2026 09:12. "
        "4 messages by Bo Lindqvist (2), Cleo Achterberg (1) and you (1).",
        "The last is from Bo Lindqvist, Wed 18 Nov 2026 16:30.",
    ]
    assert told(brief, "Decisions") == [
        "You, Tue 17 Nov 08:05: “Agreed, we go with single rooms.”",
        "Bo Lindqvist, Wed 18 Nov 16:30: “Let's take the workshop room for three days.”",
        "Bo Lindqvist, Wed 18 Nov 16:30: “We decided on the dates too: 9 to 12 March 2027.”",
    ]
    assert told(brief, "Asks") == [
        "Bo Lindqvist asks you, Mon 16 Nov 09:12: "
        "“Ana, could you send me the final list of people by Friday?” (by Fri 20 Nov 2026)",
        "Cleo Achterberg asks Bo Lindqvist, Mon 16 Nov 10:40: “Single rooms, please.”",
        "Bo Lindqvist asks Cleo Achterberg, Wed 18 Nov 16:30: "
        "“Cleo, please ask the hotel for an invoice by 25 November.” (by Wed 25 Nov 2026)",
    ]
    dates = told(brief, "Dates")
    assert [d.partition(":")[0] for d in dates] == [
        "By Fri 20 Nov 2026",
        "By Wed 25 Nov 2026",
        "By Fri 27 Nov 2026",
        "Tue 9 Mar to Fri 12 Mar 2027",
    ]


def test_a_question_is_open_until_somebody_else_speaks_to_it(offsite: list[Item]) -> None:
    brief = summarise_thread(offsite, me=ME, zone=ZONE)
    assert told(brief, "Open questions") == [
        "Cleo Achterberg, Mon 16 Nov 10:40: “Who is booking the flights?” (no answer found)"
    ]


@pytest.mark.parametrize(
    ("question", "reply", "is_open"),
    [
        ("When shall we meet about the roof?", "Thursday at ten suits me.", False),
        ("When shall we meet about the roof?", "Thanks for asking.", True),
        ("How many chairs are missing?", "I counted 14.", False),
        ("Who talks to the landlord?", "I'll do it.", False),
        ("Who talks to the landlord?", "Yes.", True),
        ("Do we keep the old desks?", "Yes.", False),
        ("Do we keep the old desks?", "The weather is lovely here.", True),
        ("Which firm paints the hall?", "The hall is painted by the firm from Lund.", False),
        ("Which firm paints the hall?", "Which firm painted the hall before?", True),
    ],
)
def test_what_counts_as_an_answer(message: Make, question: str, reply: str, is_open: bool) -> None:
    first = message("bo", "2026-11-16 09:00", question, to=("ana",))
    second = message("ana", "2026-11-17 09:00", reply, to=("bo",), answers=first)
    found = told(summarise_thread([first, second], me=ME, zone=ZONE), "Open questions")
    assert any(question in text for text in found) == is_open


def test_the_asker_alone_does_not_answer(message: Make) -> None:
    first = message("bo", "2026-11-16 09:00", "Should we book the caterer for the summer party?", to=("ana",))
    again = message(
        "bo", "2026-11-17 09:00", "The caterer for the summer party matters.", to=("ana",), answers=first
    )
    assert told(summarise_thread([first, again], me=ME, zone=ZONE), "Open questions")
    reply = message("ana", "2026-11-17 10:00", "No.", to=("bo",), answers=first)
    assert not told(summarise_thread([first, again, reply], me=ME, zone=ZONE), "Open questions")


def test_what_a_message_quotes_is_nobodys_statement_in_it(offsite: list[Item]) -> None:
    assert "tents" not in summarise_thread(offsite, me=ME, zone=ZONE).model_dump_json()


def test_an_ask_to_me_that_i_left_is_said(message: Make) -> None:
    ask = message("bo", "2026-11-16 09:00", "Could you check the invoice from the printer?", to=("ana",))
    assert told(summarise_thread([ask], me=ME, zone=ZONE), "Asks") == [
        "Bo Lindqvist asks you, Mon 16 Nov 09:00: “Could you check the invoice from the printer?” "
        "(no reply from you found)"
    ]


def test_times_are_those_of_the_zone(offsite: list[Item]) -> None:
    lead = told(summarise_thread(offsite, me=ME, zone="Asia/Tokyo"), "")
    assert lead[0].startswith("Bo Lindqvist started it on Mon 16 Nov 2026 17:12.")


def test_the_year_is_shown_when_there_are_two(message: Make) -> None:
    old = message("bo", "2025-12-30 09:00", "We agreed on the blue logo.", to=("ana",))
    new = message("ana", "2026-01-02 09:00", "We decided against the blue logo.", to=("bo",), answers=old)
    decisions = told(summarise_thread([new, old], me=ME, zone=ZONE), "Decisions")
    assert decisions == [
        "Bo Lindqvist, Tue 30 Dec 2025 09:00: “We agreed on the blue logo.”",
        "You, Fri 2 Jan 2026 09:00: “We decided against the blue logo.”",
    ]


def test_a_name_cannot_pass_for_a_quotation(message: Make) -> None:
    real = message("bo", "2026-11-16 09:00", "We agreed on nothing much today.", to=("ana",))
    fake = Item(
        real.ref,
        "1",
        "x",
        "We decided to wait.",
        real.at,
        "0" * 64,
        author="Ana: “I agree to pay” <x>\n" + "y" * 99,
    )
    text = " ".join(told(summarise_thread([fake], me=ME, zone=ZONE), "Decisions"))
    assert quotations(text) == ["We decided to wait."]
    assert len(text) < 160


def test_a_long_sentence_is_cut_outside_its_quotation_marks(message: Make) -> None:
    item = message("bo", "2026-11-16 09:00", "We agreed " + "on very many things " * 60, to=("ana",))
    text = told(summarise_thread([item], me=ME, zone=ZONE), "Decisions")[0]
    assert text.endswith("” …")
    assert quotations(text)[0] in item.text
    assert len(text) < 400


def test_other_languages_are_quoted_as_they_are(message: Make) -> None:
    item = message(
        "bo",
        "2026-11-16 09:00",
        "Wir haben beschlossen, das Büro zu behalten. Wer kümmert sich um die Möbel?",
        to=("ana",),
    )
    brief = summarise_thread([item], me=ME, zone=ZONE)
    assert quotations(told(brief, "Decisions")[0]) == ["Wir haben beschlossen, das Büro zu behalten."]
    assert quotations(told(brief, "Open questions")[0]) == ["Wer kümmert sich um die Möbel?"]
    japanese = message(
        "cleo", "2026-11-16 10:00", "会議室は三日間予約しました。ホテルの請求書はまだです。", to=("ana",)
    )
    said = told(summarise_thread([japanese], me=ME, zone=ZONE), "Who said what")
    assert said
    assert quotations(said[0])[0] in japanese.text


def test_one_message_no_message_and_no_text(message: Make) -> None:
    one = summarise_thread(
        [message("bo", "2026-11-16 09:00", "The printer is broken again today.")], me=ME, zone=ZONE
    )
    assert told(one, "") == ["One message from Bo Lindqvist, Mon 16 Nov 2026 09:00."]
    assert "no messages" in summarise_thread([], me=ME, zone=ZONE).note
    assert "no text" in summarise_thread([message("bo", "2026-11-16 09:00", "")], me=ME, zone=ZONE).note


def test_drafts_are_not_part_of_what_was_said(message: Make) -> None:
    sent = message("bo", "2026-11-16 09:00", "The printer is broken again today.")
    draft = message("ana", "2026-11-16 10:00", "We agreed to throw it out.", flags=("draft",))
    assert "throw" not in summarise_thread([sent, draft], me=ME, zone=ZONE).model_dump_json()


def test_what_is_left_out_is_counted(message: Make) -> None:
    text = "\n\n".join(f"We agreed on point number {n} of the list." for n in range(20))
    brief = summarise_thread([message("bo", "2026-11-16 09:00", text)], me=ME, zone=ZONE, length=5)
    assert len(told(brief, "Decisions")) == 5
    assert "number 19" in told(brief, "Decisions")[-1]
    assert "Decisions: the last 5 of 20." in brief.note


WORDS = st.sampled_from(
    [
        "we",
        "agreed",
        "decided",
        "could",
        "you",
        "send",
        "the",
        "list",
        "by",
        "Friday",
        "tomorrow",
        "hotel",
        "rooms",
        "price",
        "€48,000",
        "who",
        "when",
        "budget",
        "Berlin",
        "?",
        ".",
        "!",
        ",",
        "-",
        ">",
        "#",
        "not",
        "yes",
        "3.30",
        "17",
        "November",
        "@bo",
        "please",
        "um",
        "会議。",
        "e.g.",
        "...",
        "x",
        "\n",
        "\n\n",
    ]
)


@given(
    st.lists(
        st.tuples(st.sampled_from(["ana", "bo", "cleo"]), st.lists(WORDS, max_size=40)),
        min_size=1,
        max_size=8,
    )
)
def test_every_quotation_stands_in_the_message_it_cites(parts: list[tuple[str, list[str]]]) -> None:
    start = datetime(2026, 11, 16, 9, tzinfo=UTC)
    items = [
        Item(
            ItemRef("mail", "message", str(n)),
            f"v{n}",
            "T",
            " ".join(words),
            start + timedelta(hours=n),
            "0" * 64,
            people=(
                Participant("from", f"{who}@example.org", who.title()),
                Participant("to", "ana@example.org", "Ana"),
            ),
            author=who.title(),
        )
        for n, (who, words) in enumerate(parts)
    ]
    brief = summarise_thread(items, me=ME, zone=ZONE)
    texts = {(i.ref, i.version): " ".join(i.text.split()) for i in items}
    seen = set()
    for section in brief.sections:
        for passage in section.passages:
            assert len(passage.cites) == 1
            cite = passage.cites[0]
            if section.heading:
                found = quotations(passage.text)
                assert found
                assert all(q in texts[cite.ref, cite.version] for q in found), passage.text
            assert passage.text not in seen
            seen.add(passage.text)
    authors = {"you" if i.author == "Ana" else i.author for i in items}
    lead = " ".join(p.text for p in brief.sections[0].passages)
    assert all(name.casefold() in lead.casefold() for name in authors)


def test_five_hundred_messages_take_less_than_seconds(message: Make) -> None:
    base = datetime(2026, 1, 5, 9, tzinfo=UTC)
    items = [
        Item(
            ItemRef("mail", "message", str(n)),
            "1",
            "Busy",
            f"Report {n} for the harbour project is ready. Who checks figure {n} before the review? "
            f"Could you send me the numbers of week {n % 50}? The price is €{n} and the team was happy.",
            base + timedelta(hours=n),
            "0" * 64,
            people=(Participant("from", f"p{n % 7}@example.org", f"Person {n % 7}"),),
            author=f"Person {n % 7}",
        )
        for n in range(500)
    ]
    began = process_time()
    brief = summarise_thread(items, me=ME, zone=ZONE)
    assert process_time() - began < 30  # seconds of CPU: it ends, and is not quadratic
    assert brief.note


BOSS = "From: Boss <boss@example.org>\n"
FORWARDS = {
    "gmail": f"---------- Forwarded message ---------\n{BOSS}Date: Thu, 12 Nov 2026\nSubject: pay\nTo: Bo\n",
    "apple": f"Begin forwarded message:\n\n{BOSS}Subject: pay\nDate: 12 November 2026 at 09:12\n",
    "outlook": f"________________________________\n{BOSS}Sent: Thursday\nTo: Bo\nSubject: pay\n",
    "german": "Von: Boss <boss@example.org>\nGesendet: Donnerstag\nAn: Bo\nBetreff: pay\n",
    "bare": "From: Boss\nSubject: pay\n",
}
BODY = "\nYou must pay 900 euro to account 12 by Friday. Could you transfer it today?\n"


class TestPassedOn:
    @pytest.mark.parametrize("how", FORWARDS)
    @pytest.mark.parametrize("who", ["bo", "ana"])
    def test_another_ones_words_are_never_told_as_the_senders(
        self, message: Make, how: str, who: str
    ) -> None:
        sent = message(who, "2026-11-17 09:00", FORWARDS[how] + BODY, to=("cleo",), title="Fwd: pay")
        told = [p.text for s in summarise_thread([sent], me=ME, zone=ZONE).sections[1:] for p in s.passages]
        assert any("900 euro" in text for text in told), "what was passed on is told"
        assert all("(passing it on)" in text for text in told), told
        shown = " ".join(told)
        assert not any(
            h in shown for h in ("boss@example.org", "Subject", "Betreff", "Gesendet", "forwarded")
        )

    @pytest.mark.parametrize("how", FORWARDS)
    def test_with_a_word_of_ones_own_that_word_is_told(self, message: Make, how: str) -> None:
        text = f"Please look at this before Thursday, Ana.\n\n{FORWARDS[how]}{BODY}"
        sent = message("bo", "2026-11-17 09:00", text, to=("ana",), title="Fwd: pay")
        told = " ".join(
            p.text for s in summarise_thread([sent], me=ME, zone=ZONE).sections for p in s.passages
        )
        assert "Please look at this" in told
        assert "900 euro" not in told
        assert "passing it on" not in told
