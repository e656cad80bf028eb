"""What is new in a message is found, and no line of it is ever lost."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.connectors._quotes import split

GMAIL = "On Mon, Nov 23, 2026 at 9:00 AM Bo Test <bo@example.org> wrote:"
LIST_FOOTER = f"{'_' * 47}\nstaff mailing list\nx@example.org"
OUTLOOK = "From: Bo Test\nSent: Monday, November 23, 2026 9:00 AM\nTo: Ana Test\nSubject: RE: Budget"


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    new: str | None = None
    """None: all of it."""
    signature: str = ""
    author: str = "Ana Test"


CASES = [
    Case("plain", "Hello Bo.\n\nSee you."),
    Case("empty", ""),
    Case("top posting", f"Yes.\n\n{GMAIL}\n\n> Shall we?\n> Bo", "Yes."),
    Case("bottom posting", f"{GMAIL}\n> Shall we?\n\nYes.", "Yes."),
    Case("inline", f"{GMAIL}\n> Cost?\nTen.\n> When?\nMay.\n", "Ten.\n\nMay."),
    Case("top and inline", f"See below.\n\n{GMAIL}\n> Cost?\n\nTen.\n", "See below.\n\nTen."),
    Case("wrapped attribution", "Yes.\n\nOn Mon, Nov 23, 2026 Bo <bo@example.org>\nwrote:\n> q", "Yes."),
    Case(
        "attribution on three lines",
        "Ok\n\nOn Mon, Nov 23, 2026\nBo Test <bo@example.org>\n wrote:\n\n> q",
        "Ok",
    ),
    Case("numeric date", "Ok\n\nOn 23/11/26, Bo Test wrote:\n> q", "Ok"),
    Case("name only attribution", "Bo Test wrote:\n> q\n\nOk", "Ok"),
    Case("writes", "Bo Test <bo@example.org> writes:\n\n> q\n\nOk", "Ok"),
    Case("attribution without verb", "Ok\n\n2026-11-23 9:00 GMT+01:00 Bo Test <bo@example.org>:\n> q", "Ok"),
    Case("unmarked gmail", f"Yes.\n\n{GMAIL}\n\nShall we?\nBo", "Yes."),
    Case("nested quotes", "Ok\n> a\n>> b\n> > c\n>d", "Ok"),
    Case("quote with spaces before", "Ok\n  > a\n\t> b", "Ok"),
    Case("outlook", f"Agreed.\n\n{OUTLOOK}\n\nIs it?\nBo", "Agreed."),
    Case("outlook with a rule", f"Agreed.\n\n{'_' * 32}\n{OUTLOOK}\n\nIs it?", "Agreed."),
    Case(
        "outlook in bold",
        "Agreed.\n\n*From:* Bo\n*Sent:* Monday\n*To:* Ana\n*Cc:* Cy\n*Subject:* x\n\nIs it?",
        "Agreed.",
    ),
    Case("outlook on a phone", "Ok\n\nFrom: Bo <bo@x.test>\nDate: Monday\nTo: Ana\nSubject: x\n\nq", "Ok"),
    Case("original message", f"Fine.\n\n-----Original Message-----\n{OUTLOOK}\n\nIs it?", "Fine."),
    Case(
        "forward with a word",
        "FYI\n\n---------- Forwarded message ---------\nFrom: Bo\nDate: x\nSubject: y\n\nThe news.",
        "FYI",
    ),
    Case(
        "forward without a word",
        "---------- Forwarded message ---------\nFrom: Bo\nDate: x\nSubject: y\n\nThe news.",
        "---------- Forwarded message ---------\nFrom: Bo\nDate: x\nSubject: y\n\nThe news.",
    ),
    Case(
        "forward under a signature alone",
        "-- \nAna\n\nBegin forwarded message:\n\nFrom: Bo\n\nThe news.",
        "Begin forwarded message:\n\nFrom: Bo\n\nThe news.",
        "-- \nAna",
    ),
    Case("apple forward", "See this.\n\nBegin forwarded message:\n\nFrom: Bo\n\nThe news.", "See this."),
    Case("two headers alone", "See this.\n\nFrom: Bo\nSubject: pay\n\nPay today.", "See this."),
    Case("headers in German", "Siehe unten.\n\nVon: Bo\nGesendet: Montag\nBetreff: x\n\nq", "Siehe unten."),
    Case("headers in French", "Voir.\n\nDe : Bo\nEnvoyé : lundi\nObjet : x\n\nq", "Voir."),
    Case("headers in Spanish", "Mira.\n\nDe: Bo\nEnviado: lunes\nPara: Ana\nAsunto: x\n\nq", "Mira."),
    Case("a mark in German", "Siehe unten.\n\n-----Ursprüngliche Nachricht-----\nq", "Siehe unten."),
    Case("apple in German", "Siehe.\n\nAnfang der weitergeleiteten Nachricht:\n\nq", "Siehe."),
    Case("a mark in French", "Voir.\n\n---------- Message transféré ----------\nq", "Voir."),
    Case("signature", "Hi.\n-- \nAna Test\nHead of x", "Hi.", "-- \nAna Test\nHead of x"),
    Case(
        "signature without its space",
        "Hi.\n--\nAna Test\n+49 30 123456",
        "Hi.",
        "--\nAna Test\n+49 30 123456",
    ),
    Case("signature above the quote", f"Hi.\n-- \nAna\n\n{GMAIL}\n> q", "Hi.", "-- \nAna"),
    Case("phone", "On my way.\n\nSent from my iPhone", "On my way.", "Sent from my iPhone"),
    Case(
        "phone above a quote",
        f"On my way.\n\nGet Outlook for iOS\n{OUTLOOK}\n\nq",
        "On my way.",
        "Get Outlook for iOS",
    ),
    Case("closing", "Done.\n\nBest regards,\nAna", "Done.", "Best regards,\nAna"),
    Case(
        "closing with contacts",
        "Done.\n\nKind regards,\nAna Test\nExample Company\nana@example.org | +49 30 123456",
        "Done.",
        "Kind regards,\nAna Test\nExample Company\nana@example.org | +49 30 123456",
    ),
    Case("list footer", f"Hi.\n{LIST_FOOTER}", "Hi.", LIST_FOOTER),
    # What looks like it and is not:
    Case("thanks and more", "Thanks,\nplease call me tomorrow."),
    Case("postscript", "Done.\n\nThanks,\nAna\nPS: bring the slides."),
    Case("a list", "To do:\n- pay Bo\n- call Cy\n\nThat is all."),
    Case("indented code", "Run:\n\n    if x:\n        y()"),
    Case("a trip", "From: Paris\nTo: Lyon\nDate: 3 May\n\nBook it."),
    Case("a table", "From: Paris\nBooked by: Bo\nPrice: 40\n\nSubject: none."),
    Case("a sentence with on", "On page 3 of it Bo wrote:\nnothing new."),
    Case(
        "a thought before a quote",
        "I cannot agree with what Bo wrote:\n> q\nIt is wrong.",
        "I cannot agree with what Bo wrote:\n\nIt is wrong.",
    ),
    Case("a divider", "One.\n--\nTwo is a sentence."),
    Case("a rule", "Part one.\n\n----------\n\nPart two."),
    Case("answer without the quote", f"{GMAIL}\n\nYes, at nine.", f"{GMAIL}\n\nYes, at nine."),
    Case("caution", "Caution: send no e-mail to Bo.\nHe left."),
    Case("not from my phone", "Sent from my iPhone is what it says.\nFunny!"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_finds_what_is_new(case: Case) -> None:
    parts = split(case.text, author=case.author)
    assert parts.new == (case.text if case.new is None else case.new)
    assert parts.signature == case.signature


PIECES = st.sampled_from(
    [*(line for case in CASES for line in case.text.split("\n")), "-- ", "", "> ", "word", "_" * 40]
)


@given(st.lists(PIECES | st.text(max_size=20).map(lambda s: s.replace("\n", " ")), max_size=25))
def test_no_line_is_lost_or_doubled(lines: list[str]) -> None:
    parts = split("\n".join(lines), author="Ana Test")
    kept = [line for part in (parts.new, parts.quoted, parts.signature) for line in part.split("\n")]
    assert Counter(line.strip() for line in kept if line.strip()) == Counter(
        line.strip() for line in lines if line.strip()
    )


@given(st.lists(PIECES, max_size=25))
def test_each_part_keeps_the_order(lines: list[str]) -> None:
    parts = split("\n".join(lines), author="Ana Test")
    for part in (parts.new, parts.quoted, parts.signature):
        rest = iter(line.strip() for line in lines)
        assert all(line.strip() in rest for line in part.split("\n") if line.strip())


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        " " * 1_000_000,
        ">" * 1_000_000,
        "On " * 333_333 + "wrote:",
        "On a\n" * 200_000,
        "From: x\n" * 125_000,
        "-- \n" * 250_000,
        "Thanks,\n" * 125_000,
        "\n" * 1_000_000,
        "Best regards,\nAna\n> q\n" * 50_000,
        "a wrote:\n" * 100_000,
        "On 1 Jan 2026 " + "a@b " * 240 + "\nwrote:\n" * 1000,
    ],
    ids=lambda t: repr(t[:12]),
)
def test_a_megabyte_of_anything_is_quick(text: str) -> None:
    began = time.process_time()
    split(text, author="Ana Test")
    assert time.process_time() - began < 20  # seconds of CPU: it ends, and is not quadratic
