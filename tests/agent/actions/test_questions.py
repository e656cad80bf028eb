"""Answers with citations, part by part; and nothing made up."""

from __future__ import annotations

from typing import Any

BO = "Bo Lindqvist <bo@example.org>"
CLAUSE = "# Frame agreement Vale Verde\n\nWe offer Vale Verde a warranty of five years.\n"


def test_an_answer_cites_the_version_it_stands_in(desk: Any) -> None:
    desk.document("contract.md", "# Contract\n\nThe contract with Blaha ends on 31 March 2027.\n")
    run = desk.ask("when does the contract with Blaha end?")
    assert run.status == "done"
    assert "ends on 31 March 2027" in run.answer
    assert [c.title for c in run.citations] == ["Contract"]


def test_what_is_not_there_is_said(desk: Any) -> None:
    desk.document("contract.md", "# Contract\n\nThe contract with Blaha ends on 31 March 2027.\n")
    run = desk.ask("who is the captain of the submarine?")
    assert run.status == "done"
    assert "Nothing was found that answers this." in run.answer


def test_two_questions_are_answered_one_by_one(desk: Any) -> None:
    desk.document("clause.md", CLAUSE)
    desk.mail(BO, "Vale Verde warranty", "Marta agreed to the warranty for Vale Verde on Monday.")
    answer = desk.tell("What warranty do we offer Vale Verde, and who agreed to it?")
    assert "a warranty of five years" in answer
    assert "Marta agreed to the warranty" in answer


def test_what_it_points_back_to_must_stand_in_the_answer(desk: Any) -> None:
    desk.document("clause.md", CLAUSE)
    desk.mail(BO, "Vale Verde budget", "Agreed: the port lends its mooring; the offer price drops.")
    answer = desk.tell("What warranty do we offer Vale Verde, and who agreed to it?")
    assert "a warranty of five years" in answer
    assert "mooring" not in answer.partition("Sources")[0].replace("without an answer", "")


def test_the_half_that_has_no_answer_says_so(desk: Any) -> None:
    desk.document("clause.md", CLAUSE)
    answer = desk.tell("What warranty do we offer Vale Verde, and who agreed to it?")
    assert "a warranty of five years" in answer
    assert "who agreed to it" in answer
    assert "Nothing was found" in answer
