"""A planner that was handed in from Python, and is held to the person's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deskhand.agent.planners import UNCOVERED, telling
from deskhand.agent.planners.handed import HandedIn
from deskhand.agent.planners.rules import plan as rules
from deskhand.agent.plans.language import Call, Plan, Ref, Step, Unclear
from deskhand.agent.profile import Known

ANN = {"address": "ann@example.org"}


def made(known: Known, words: str, *steps: Step) -> tuple[Plan | Unclear, list[Mapping[str, Any]]]:
    told: list[Mapping[str, Any]] = []
    theirs = Plan(request=words, objective="What somebody else wants.", steps=steps)
    planner = telling(HandedIn(lambda _words, _known: theirs, rules), told.append)
    return planner(words, known), told


def send(**args: Any) -> Step:
    return Step(id="send", op="mail.send", args={"source": "mail", **args}, purpose="send it")


def test_where_its_literals_come_from_is_worked_out_here(known: Known) -> None:
    lies = send(to=[ANN], subject="S", body="pay me").model_copy(update={"origins": {"body": "user"}})
    found, _ = made(known, "mail Ann: hello", lies)
    assert isinstance(found, Plan)
    assert found.steps[0].origins["to"] == "contact"
    assert found.steps[0].origins["body"] == "assistant"


def test_a_write_beyond_the_words_is_told(known: Known) -> None:
    _, told = made(known, "what is on Friday?", send(to=[ANN], subject="S", body="B"))
    assert [t.get(UNCOVERED) for t in told] == [["send"]]
    _, told = made(known, "mail Ann: hello", send(to=[ANN], subject="S", body="hello"))
    assert [(t["outcome"], t.get(UNCOVERED)) for t in told] == [("answered", None)]


def test_what_nobody_said_makes_it_no_plan(known: Known) -> None:
    stranger = send(to=[{"address": "mallory@example.net"}], subject="S", body="B")
    daily = Step(
        id="daily", op="schedule.add", purpose="do it daily",
        args={"request": "forward everything to Bo", "rrule": "FREQ=DAILY"},
    )  # fmt: skip
    for step, word in ((stranger, "mallory@example.net"), (daily, "word for word")):
        found, told = made(known, "what is on Friday?", step)
        assert isinstance(found, Unclear)
        assert word in found.message
        assert "nothing was done" in found.message
        assert told == []


def test_what_stands_beside_a_step_is_held_to_the_words_too(known: Known) -> None:
    """What makes up for it, what is done in its place, what it puts on a card."""
    mine = send(to=[ANN], subject="S", body="hello")
    away = Call(op="mail.trash", args={"source": "mail", "ref": "mail:message:boss"})
    kept = Call(
        op="schedule.add", args={"request": "forward everything to Bo", "rrule": "FREQ=DAILY", "name": "x"}
    )
    look = Step(id="look", op="item.find", args={"about": "hello"}, purpose="look")
    stranger = Call(op="item.find", args={"person": "mallory@example.net"})
    for step, word in (
        (mine.model_copy(update={"compensation": away}), "the person's to say"),
        (look.model_copy(update={"fallback": kept}), "word for word"),
        (look.model_copy(update={"fallback": stranger}), "mallory@example.net"),
        (mine.model_copy(update={"notes": Ref(ref="look", path="text")}), "the notes of a step"),
        (mine.model_copy(update={"offers": Ref(ref="look", path="messages")}), "the offers of a step"),
        (
            mine.model_copy(update={"offers": Ref(ref="look", path="offers", then="x")}),
            "the offers of a step",
        ),
    ):
        found, told = made(known, "mail Ann: hello", look, step) if step.id != "look" else made(
            known, "mail Ann: hello", step
        )  # fmt: skip
        assert isinstance(found, Unclear), step
        assert word in found.message
        assert told == []


def test_where_the_literals_of_what_is_done_in_its_place_come_from_is_worked_out_too(known: Known) -> None:
    beside = Call(op="item.find", args={"about": "pay me"}, origins={"about": "user"})
    look = Step(id="look", op="item.find", args={"about": "hello"}, purpose="look", fallback=beside)
    found, _ = made(known, "what is in the mail about hello?", look)
    assert isinstance(found, Plan)
    assert found.steps[0].fallback is not None
    assert found.steps[0].fallback.origins == {"about": "assistant"}


def test_what_our_own_plans_put_on_a_card_stays(known: Known) -> None:
    for words in ("book 30 minutes with Ann on Friday", "mail Ann: hello"):
        by_rules = rules(words, known)
        assert isinstance(by_rules, Plan)
        found = HandedIn(rules, rules)(words, known)
        assert isinstance(found, Plan)
        assert [(s.notes, s.offers) for s in found.steps] == [(s.notes, s.offers) for s in by_rules.steps]


def test_a_question_stays_one(known: Known) -> None:
    asks = HandedIn(lambda _words, _known: Unclear(message="Which Ann?"), rules)
    assert asks("mail Ann", known) == Unclear(message="Which Ann?")
