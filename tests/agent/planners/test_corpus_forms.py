"""The judge of the corpora: it calls a wrong plan wrong, whatever else is right about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.agent.planners.corpus_forms import load, problems
from tests.agent.planners.corpus_judge import Verdict, judge

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.agent.profile import Known

OPEN = Path(__file__).with_name("corpus_open.toml")


def made(*steps: tuple[str, str, dict[str, Any]], **more: dict[str, Any]) -> Plan:
    """A plan of (id, op, args); `more` are further fields of a step, by its id."""
    given = [{"id": i, "op": op, "args": args, **more.get(i, {})} for i, op, args in steps]
    return Plan(request="-", objective="-", steps=tuple(map(Step.model_validate, given)))


def ref(step: str, path: str = "", **more: object) -> dict[str, object]:
    return {"ref": step, "path": path, **more}


ANN = [{"address": "ann@example.org", "name": "Ann Ruiz"}]
BO = [{"address": "bo@example.org", "name": "Bo Lindqvist"}]
FOUND = ("found", "item.find", {"person": "bo@example.org", "about": ""})
SUMMARY = ("summary", "item.summarise", {"item": ref("found")})
MAIL = ("mail", "mail.send", {"to": ANN, "subject": "Bo", "body": ref("summary", "text")})
SUM_UP = {
    "say": "sum up Bo's last mail and mail it to Ann",
    "parts": [{"goal": "summarise", "person": "bo"}, {"goal": "send", "to": ["ann"], "of": 0}],
}


def test_two_parts_of_which_the_second_takes_what_the_first_yields() -> None:
    assert judge("several", SUM_UP, made(FOUND, SUMMARY, MAIL)).kind == "right"


@pytest.mark.parametrize(
    ("plan_made", "why"),
    [
        (made(FOUND, SUMMARY), "send"),
        (made(FOUND, SUMMARY, ("mail", "mail.send", {"to": ANN, "body": "it"})), "takes nothing"),
        (made(FOUND, SUMMARY, ("mail", "mail.send", {**MAIL[2], "to": BO})), "to is"),
        (made(("found", "item.find", {"person": "ann@example.org"}), SUMMARY, MAIL), "person"),
        (made(FOUND, SUMMARY, MAIL, ("again", "mail.send", {"to": ANN, "body": "x"})), "nobody asked"),
        (made(FOUND, SUMMARY, MAIL, ("gone", "event.cancel", {"ref": "x"})), "nobody asked for event.cancel"),
    ],
)  # fmt: skip
def test_a_part_left_out_or_pointed_elsewhere_or_a_write_too_many_is_wrong(plan_made: Plan, why: str) -> None:
    verdict = judge("several", SUM_UP, plan_made)
    assert verdict.kind == "wrong"
    assert why in verdict.reason


def test_each_part_has_steps_of_its_own() -> None:
    twice = {"say": "-", "parts": [{"goal": "send", "to": ["ann"]}, {"goal": "send", "to": ["ann"]}]}
    mail = {"to": ANN, "body": "x"}
    assert judge("several", twice, made(("a", "mail.send", mail))).kind == "wrong"
    assert judge("several", twice, made(("a", "mail.send", mail), ("b", "mail.send", mail))).kind == "right"


def test_two_changes_of_one_event_may_be_one(known: Known) -> None:
    """Each of its literals must be there all the same."""
    row = {
        "say": "-",
        "parts": [
            {"goal": "move", "about": "demo", "clock": "16:00"},
            {"goal": "resize", "about": "demo", "minutes": 30},
        ],
    }
    moved = plan("move the demo to 4pm", known)
    assert isinstance(moved, Plan)
    assert judge("several", row, moved).kind == "wrong"
    steps = [s.model_copy(update={"args": {**s.args, "minutes": 30}}) if s.op == "event.shift" else s
             for s in moved.steps]  # fmt: skip
    assert judge("several", row, moved.model_copy(update={"steps": tuple(steps)})).kind == "right"


def test_whom_a_sender_is_must_be_looked_up() -> None:
    row = {
        "say": "-",
        "parts": [{"goal": "summarise", "person": "bo"}, {"goal": "send", "to_of": 0}],
    }
    looked = ("mail", "mail.send", {"to": ref("found", "sender"), "body": "thanks"})
    assert judge("several", row, made(FOUND, SUMMARY, looked)).kind == "right"
    told = ("mail", "mail.send", {"to": ANN, "body": ref("summary", "text")})
    assert "not looked up" in judge("several", row, made(FOUND, SUMMARY, told)).reason


CONDITIONAL = {
    "say": "unless Bo has answered since Monday, tell Ann to ask again, otherwise tell Ann thanks",
    "condition": {"goal": "answered", "person": "bo", "since": "2026-11-16", "holds": False},
    "then": [{"goal": "send", "to": ["ann"], "body": "Ask again\n"}],
    "otherwise": [{"goal": "send", "to": ["ann"], "body": "Thanks\n"}],
}
LOOK = ("look", "item.find", {"person": "bo@example.org", "since": "2026-11-16T00:00:00+00:00"})
AGAIN = ("again", "mail.send", {"to": ANN, "body": "Ask again\n"})
THANKS = ("thanks", "mail.send", {"to": ANN, "body": "Thanks\n"})
NONE, SOME = {"test": "empty", "of": ref("look")}, {"test": "present", "of": ref("look")}


def test_a_condition_with_its_otherwise() -> None:
    right = made(LOOK, AGAIN, THANKS, again={"when": NONE}, thanks={"otherwise": "again"})
    assert judge("conditional", CONDITIONAL, right).kind == "right"
    both = made(LOOK, AGAIN, THANKS, again={"when": NONE}, thanks={"when": ref("look")})
    assert judge("conditional", CONDITIONAL, both).kind == "right"
    turned = {"test": "not", "of": SOME}
    double = made(LOOK, AGAIN, THANKS, again={"when": turned}, thanks={"when": SOME})
    assert judge("conditional", CONDITIONAL, double).kind == "right"


@pytest.mark.parametrize(
    ("plan_made", "why"),
    [
        (made(LOOK, AGAIN, THANKS, again={"when": SOME}, thanks={"otherwise": "again"}), "wrong way round"),
        (made(LOOK, AGAIN, THANKS, again={"when": NONE}, thanks={"when": NONE}), "wrong way round"),
        (made(LOOK, AGAIN, THANKS, again={"when": NONE}), "whatever the condition"),
        (made(LOOK, AGAIN, again={"when": NONE}), "otherwise"),
        (made(AGAIN, THANKS), "nothing looks whether"),
        (made(("look", "item.find", {"person": "bo@example.org"}), AGAIN, THANKS, again={"when": NONE},
              thanks={"otherwise": "again"}), "since"),
    ],
)  # fmt: skip
def test_a_condition_turned_round_or_forgotten_is_wrong(plan_made: Plan, why: str) -> None:
    verdict = judge("conditional", CONDITIONAL, plan_made)
    assert verdict.kind == "wrong"
    assert why in verdict.reason


def test_a_count_is_held_to_its_number() -> None:
    row = {
        "say": "if I have more than three meetings tomorrow, tell Ann thanks",
        "condition": {"goal": "agenda_count", "least": 4},
        "then": [{"goal": "send", "to": ["ann"]}],
    }
    look = ("look", "calendar.agenda", {"start": "2026-11-23T00:00:00+00:00"})

    def kind(least: int, most: int | None = None) -> str:
        when = {"test": "count", "of": ref("look", "events"), "least": least, "most": most}
        return judge("conditional", row, made(look, THANKS, thanks={"when": when})).kind

    assert kind(4) == "right"
    assert kind(0, 3) == "wrong"
    assert kind(3) == "wrong"


def test_what_is_done_for_each_that_is_there_hangs_on_its_being_there() -> None:
    row = {
        "say": "if there is a lunch next week, tell Ann thanks",
        "condition": {"goal": "have_event", "about": "lunch"},
        "then": [{"goal": "send", "to": ["ann"]}],
    }
    look = ("look", "event.list", {"about": "lunch"})
    over = {"for_each": ref("look", "events")}
    assert judge("conditional", row, made(look, THANKS, thanks=over)).kind == "right"
    assert judge("conditional", row, made(look, THANKS)).kind == "wrong"
    four = {**row, "condition": {"goal": "agenda_count", "least": 4, "about": "lunch"}}
    assert judge("conditional", four, made(look, THANKS, thanks=over)).kind == "wrong"


def test_what_only_shows_what_the_condition_found_needs_no_test() -> None:
    row = {
        "say": "if Bo wrote, sum up his mail",
        "condition": {"goal": "answered", "person": "bo"},
        "then": [{"goal": "summarise", "person": "bo"}],
    }
    assert judge("conditional", row, made(FOUND, SUMMARY)).kind == "right"


LATE = {"say": "-", "event": {"about": "budget review"}, "body": ["ten minutes late"]}
EVENT = ("event", "event.find", {"about": "budget review"})
TELL = ("tell", "mail.send", {"to": ref("event", "attendees"), "body": "I am ten minutes late\n"})


def test_all_who_are_in_an_event_are_told() -> None:
    assert judge("late", LATE, made(EVENT, TELL)).kind == "right"
    assert judge("late", LATE, made(EVENT, ("tell", "mail.send", {**TELL[2], "to": ANN}))).kind == "wrong"
    assert judge("late", LATE, made(("event", "event.find", {"about": "demo"}), TELL)).kind == "wrong"
    assert judge("late", LATE, made(EVENT, TELL, ("off", "event.cancel", {"ref": ref("event", "ref")}))).harms


def test_an_attachment_that_goes_elsewhere_is_wrong() -> None:
    row = {"say": "-", "about": "invoice", "folder": "Finance"}
    mails = ("mails", "item.find", {"about": "invoice"})
    file = ("file", "file.create", {"path": "Finance/a.pdf", "text": ref("mails", "text")})
    assert judge("file_attachments", row, made(mails, file)).kind == "right"
    assert (
        judge("file_attachments", row, made(mails, ("file", "file.create", {"path": "a.pdf"}))).kind
        == "wrong"
    )
    assert judge("file_attachments", row, made(mails, file, TELL)).kind == "wrong"


@pytest.mark.parametrize(
    ("words", "goal"),
    [
        ("if Ann is free tomorrow at 3, book an hour with her, otherwise offer her times tomorrow", "offer"),
        ("if Ann is free tomorrow at 3, book an hour with her, otherwise find us another time", "free"),
    ],
)
def test_what_is_looked_for_otherwise_is_no_condition(words: str, goal: str, known: Known) -> None:
    row = {
        "say": "-",
        "condition": {"goal": "who_free", "people": ["ann"], "start": "2026-11-23T15:00"},
        "then": [{"goal": "book", "people": ["ann"]}],
        "otherwise": [{"goal": goal, "people": ["ann"]}],
    }
    assert judge("conditional", row, plan(words, known)) == Verdict("right")
    turned = {**row, "then": row["otherwise"], "otherwise": row["then"]}
    assert judge("conditional", turned, plan(words, known)).kind == "wrong"


def test_what_should_be_asked_or_refused_is_never_planned() -> None:
    send = made(("tell", "mail.send", {"to": ANN, "body": "x"}))
    assert judge("unclear", {"say": "-"}, send).harms
    assert judge("refused", {"say": "-"}, send).harms
    asked = Unclear(message="Which Sam do you mean?")
    assert judge("unclear", {"say": "-", "message": "sam"}, asked).kind == "right"
    assert judge("unclear", {"say": "-", "message": "Bo"}, asked).kind == "asks"
    assert judge("refused", {"say": "-"}, asked).kind == "right"
    assert judge("send", {"say": "-"}, asked).kind == "asks"


def test_the_plan_of_one_goal_is_held_to_its_operations_and_literals(known: Known) -> None:
    booked = plan("book an hour with Ann tomorrow at 3", known)
    row = {"say": "-", "people": ["ann"], "minutes": 60, "at": "2026-11-23T15:00"}
    assert judge("book", row, booked).kind == "right"
    assert judge("book", {**row, "minutes": {"any_of": [30, 60]}}, booked).kind == "right"
    assert judge("book", {**row, "minutes": 30}, booked).kind == "wrong"
    assert judge("book", {**row, "people": ["bo"]}, booked).kind == "wrong"
    assert judge("send", {"say": "-"}, booked).kind == "wrong"
    assert judge("send", {"say": "-", "goals": ["send", "book"]}, booked).kind == "right"


@pytest.mark.parametrize(
    ("table", "row", "why"),
    [
        ("book", {"people": ["ann"]}, "says nothing"),
        ("book", {"say": "x", "peple": ["ann"]}, "'peple'"),
        ("several", {"say": "x", "parts": [{"goal": "send", "of": 0}]}, "earlier part"),
        ("several", {"say": "x", "parts": [{"goal": "sned"}]}, "no goal"),
        ("conditional", {"say": "x", "then": []}, "needs 'condition'"),
        ("conditional", {"say": "x", "condition": {"goal": "rain"}, "then": []}, "no condition 'rain'"),
        ("each_of_group", {"say": "x", "group": "cats", "minutes": 5}, "no group"),
    ],
)
def test_a_row_that_is_not_of_the_format_is_named(table: str, row: dict[str, Any], why: str) -> None:
    assert any(why in p for p in problems(table, row))


def test_a_file_with_a_slip_is_not_read(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('late = [{ say = "tell them", event = { abuot = "x" }, body = [] }]\n')
    with pytest.raises(ValueError, match="abuot"):
        load(bad)
    assert load(OPEN)
