"""What a wish says is in its plan, or is asked about: verbs, lengths, days, and who waits for whom."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made

from deskhand.agent.planners.checks.led_by import verb_lost
from deskhand.agent.planners.checks.lengths import length_lost
from deskhand.agent.planners.checks.unsaid import not_said
from deskhand.agent.planners.checks.waiting_for import other_way_round
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.agent.profile import Known


def of(op: str, **args: object) -> Plan:
    return Plan(request="a wish", objective="Do it.", steps=(Step(id="one", op=op, args=args),))


@pytest.mark.parametrize(
    ("words", "op", "lost"),
    [
        ("file Ann's attachments under Tenders and thank her for them", "file.copy", "thank her for them"),
        ("I am away on Friday: cancel everything and decline the rest", "event.respond", "cancel everything"),
        (
            "if nobody waits for me, show me so, else mail Ann that I am done",
            "threads.waiting",
            "mail Ann that",
        ),
        ("short summary of the guide plus my appointments", "calendar.agenda", "short summary of the guide"),
        ("look up all correspondence with Ann from May", "slots.find", "look up all correspondence"),
        ("book lunch with Bo, then forward it to Ann", "event.create", "forward it to Ann"),
        ("pay the invoice of last week", "calendar.free", "pay the invoice"),
    ],
)
def test_a_part_that_no_step_does_is_asked_about(words: str, op: str, lost: str, known: Known) -> None:
    question = verb_lost(Request.of(words, known), of(op))
    assert question is not None
    assert f"nothing of “{lost}" in question.message


@pytest.mark.parametrize(
    ("words", "op", "args"),
    [
        ("cancel the workshop and tell them why", "event.cancel", {"tell": True}),
        (
            "write to Ann: decline the offer, and book the room",
            "mail.send",
            {"body": "decline the offer, and"},
        ),
        ("put “thank the board” into my calendar", "event.create", {}),
        ("every Monday summarise the news and mail it to me", "schedule.add", {}),
        ("the question and answer session: cancel it", "event.cancel", {}),
    ],
)
def test_what_is_done_or_written_is_not(words: str, op: str, args: dict[str, object], known: Known) -> None:
    assert verb_lost(Request.of(words, known), of(op, **args)) is None


def test_a_length_with_a_word_in_its_middle_is_kept_or_asked_about(known: Known) -> None:
    request = Request.of("find me three quiet hours next week", known)
    assert length_lost(request, of("slots.find", minutes=180)) is None
    question = length_lost(request, of("slots.find", minutes=30))
    assert question is not None
    assert "nothing of “three quiet hours”" in question.message
    assert length_lost(request, of("calendar.agenda")) is None


def test_an_hour_of_something_lasts_one(known: Known) -> None:
    request = Request.of("book a gym hour at 12 on Monday", known)
    steps = (
        Step(id="slots", op="slots.find", args={"minutes": 30}),
        Step(id="event", op="event.create", args={"title": "Gym"}),
    )
    question = length_lost(request, Plan(request="a wish", objective="Do it.", steps=steps))
    assert question is not None
    assert "you said “a gym hour”" in question.message
    assert (
        length_lost(
            Request.of("book a lunch hour at 12", known), Plan(request="a", objective="b", steps=steps)
        )
        is None
    )


@pytest.mark.parametrize(
    ("words", "theirs"),
    [
        ("whom do I still owe an answer?", False),
        ("is anybody waiting for my reply?", False),
        ("who owes me an answer?", True),
        ("has anybody left me hanging?", True),
        ("who hasn't answered me yet?", True),
    ],
)
def test_who_waits_for_whom_is_not_turned_round(words: str, theirs: bool, known: Known) -> None:
    request = Request.of(words, known)
    assert other_way_round(request, of("threads.waiting", theirs=theirs)) is None
    assert other_way_round(request, of("threads.waiting", theirs=not theirs)) is not None


def test_both_ways_in_one_wish_are_two_wishes(known: Known) -> None:
    assert isinstance(asked("who owes me an answer, and whom do I owe one?", known), Unclear)


def test_what_is_to_be_noted_is_not_moved(known: Known) -> None:
    assert not_said(Request.of("the dentist is on Friday at ten, put that down", known), of("event.shift"))
    assert not_said(Request.of("put it down to Friday at ten", known), of("event.shift")) is None


def test_a_stretch_without_length_is_not_looked_at(known: Known) -> None:
    at = "2026-11-22T08:00:00+00:00"
    assert not_said(Request.of("the invoice of last week", known), of("calendar.free", start=at, end=at))


def test_a_day_of_the_plans_own_is_asked_about(known: Known) -> None:
    request = Request.of("cancel the gym on Tuesday and put a call there instead, 6pm", known)
    question = not_said(request, of("slots.find", at="2026-11-22T18:00:00+00:00"))
    assert question is not None
    assert "Sunday 22 November, which you did not say" in question.message
    assert not_said(request, of("slots.find", at="2026-11-24T18:00:00+00:00")) is None
    free = of("calendar.free", start="2026-11-22T11:00:00+00:00", end="2026-11-22T12:00:00+00:00", at=True)
    assert not_said(Request.of("what is on on Monday and is Ann free at 11?", known), free)
    assert made("book 6pm with Bo", known), "a time alone is today's"


@pytest.mark.parametrize(
    ("words", "step", "told"),
    [
        (
            "find “notes” and file the digest in my documents",
            {"op": "file.create", "source": "digests"},
            "not in my",
        ),
        (
            "she can't make the talk at 3, make it 5",
            {"op": "event.shift", "start": "2026-11-23T15:00:00+00:00"},
            "15:00",
        ),
        (
            "each morning",
            {"op": "schedule.add", "request": "ten to seven read me my agenda"},
            "“ten to seven”",
        ),
        ("what has Ann sent since then?", {"op": "message.list", "about": "since"}, "look for “since”"),
    ],
)
def test_another_place_hour_or_name_is_asked_about(
    words: str, step: dict[str, str], told: str, known: Known
) -> None:
    question = not_said(Request.of(words, known), of(**step))
    assert question is not None
    assert told in question.message


def test_make_it_5_is_5(known: Known) -> None:
    request = Request.of("she can't make the talk at 3, make it 5", known)
    assert not_said(request, of("event.shift", start="2026-11-23T17:00:00+00:00")) is None
    assert not_said(request, of("event.shift", start="2026-11-23T05:00:00+00:00")) is None


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        ("I'll go to the fair so accept that, but turn down Bo's poker night", "accept that"),
        ("we don't need the monthly safety meeting any more, delete the whole series", "whole series"),
        ("digest please, everything, also what you told me already", "everything"),
        ("everyone who asked for the brochure since the 9th should get the newest one", "since the 9th"),
        ("what's first tomorrow", "what's first"),
        ("on which evenings in the week of 7 December could Will and I do 90 minutes", "evening"),
    ],
)
def test_what_would_be_left_out_is_said(words: str, lost: str, known: Known) -> None:
    assert f"nothing of “{lost}" in asked(words, known).message
