"""References are checked against what the operations give, before anything runs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from agent_givens import plan, step
from hypothesis import given
from hypothesis import strategies as st
from tests.agent.planners import conftest

from deskhand.agent.actions import actions
from deskhand.agent.actions._written import WRITTEN
from deskhand.agent.planners.rules import plan as rules
from deskhand.agent.plans.language import Call, Plan, Step
from deskhand.agent.plans.validate import faults
from deskhand.connectors.operations import OPERATIONS

EVENT = step("event", "event.find", about="board")
LIST = step("all", "event.list", start="2026-11-23T00:00:00Z", end="2026-11-24T00:00:00Z", what="cancel")
SLOTS = step("slots", "slots.find", people=[], minutes=30)
MAIL = step("item", "item.find", about="budget")
REPLY = step("text", "mail.compose_reply", message={"ref": "item"})
BACK = step("back", "threads.waiting").model_copy(update={"fallback": Call(op="item.find")})


def ref(of: str, path: str = "", **more: Any) -> dict[str, Any]:
    return {"ref": of, "path": path, **more}


def each(path: str) -> dict[str, str]:
    return {"ref": "each", "path": path}


def draft(**given: Any) -> dict[str, Any]:
    return {"op": "mail.draft", "args": {"source": "mail", **given}}


def book(**given: Any) -> dict[str, Any]:
    args = {"source": "calendar", "title": "Talk", "zone": "Europe/Lisbon", "start": "2026-11-23T09:00:00Z"}
    return {"op": "event.create", "args": {**args, "end": "2026-11-23T10:00:00Z", **given}}


def when(test: str, of: dict[str, Any], **given: Any) -> dict[str, Any]:
    return draft() | {"when": {"test": test, "of": of, **given}}


def over(of: dict[str, Any], **args: Any) -> dict[str, Any]:
    return {"op": "item.summarise", "args": {"item": each("")} | args, "for_each": of}


def said(last: dict[str, Any]) -> list[str]:
    made = Step.model_validate({"id": "last", "purpose": "see"} | last)
    return [str(f) for f in faults(plan(EVENT, LIST, SLOTS, MAIL, REPLY, BACK, made))]


@pytest.mark.parametrize(
    ("last", "fault"),
    [
        # Paths
        (
            draft(subject=ref("item", "titel")),
            "args.subject: “item” (item.find) gives no “titel”. Did you mean “title”?",
        ),
        (
            book(start=ref("slots", "slots[0].strat")),
            "args.start: “slots[0]” of “slots” (slots.find) has no “strat”. Did you mean “slots[0].start”?",
        ),
        (
            book(start=ref("slots", "slots.start")),
            "args.start: “slots” of “slots” (slots.find) is a list, and each in it has its own “start”. "
            "Say which one: “slots[0].start”; or take “first” and then “start”.",
        ),
        (
            draft(subject=ref("item", "title[0]")),
            "args.subject: “title” of “item” (item.find) is text, and no list of so many. "
            "Leave the place out.",
        ),
        (
            draft(subject=ref("item", "title.first")),
            "args.subject: “title” of “item” (item.find) is text and has no “first”. Leave that part out.",
        ),
        (
            draft(subject=ref("item", "title..")),
            "args.subject: 'title..' is no path; write it like slots[0].start.",
        ),
        (
            draft(to=[{"address": ref("text", "to[0].adress")}]),
            "args.to: “to[0]” of “text” (mail.compose_reply) has no “adress”. "
            "Did you mean “to[0].address”?",
        ),
        # Choosing
        (
            book(title=ref("event", "title", take="first")),
            "args.title: “title” of “event” (event.find) is text, and no list to choose from. "
            "Leave the choice out.",
        ),
        (
            book(title=ref("all", "own", take="first", then="titel")),
            "args.title: each of “own” of “all” (event.list) gives no “titel”. Did you mean “title”?",
        ),
        (
            book(title=ref("all", "own", sort="begin", take="first", then="title")),
            "args.title: each of “own” of “all” (event.list) gives no “begin”. "
            "Did you mean “version”?",
        ),
        (
            book(title=ref("all", "own", sort="notes", take="first", then="title")),
            "args.title: “notes” in each of “own” of “all” (event.list) is a list of text, and nothing to "
            "sort by. Name another.",
        ),
        (
            book(
                title=ref(
                    "all", "own", take="first", then="title",
                    where={"test": "after", "of": each("title"), "value": "2026-11-23T00:00:00Z"},
                )
            ),
            "args.title: “title” of each of “own” of “all” (event.list) is text, and “after” compares times. "
            "Name one of the times.",
        ),
        # What is taken
        (
            book(title=ref("all", "own")),
            "args.title: “own” of “all” (event.list) is a list of {ref, version, source, title ...}, and "
            "title "
            "takes text.",
        ),
        (
            book(start=ref("slots", "slots", take="first")),
            "args.start: “slots” of “slots” (slots.find) is {start, end, location, rooms ...}, and start "
            "takes "
            "a time. Say which part: “start” or “end”.",
        ),
        (
            book(start=ref("slots", "slots", then="start")),
            "args.start: “slots.start” of “slots” (slots.find) is a list, and start takes one of it. Say "
            "which: "
            "take “first”, “last” or “only”; or go over it with for_each.",
        ),
        (
            draft(to=ref("text", "to[0]")),
            "args.to: “to[0]” of “text” (mail.compose_reply) is {address, name}, and to takes a list. Put it "
            "into one: [{...}].",
        ),
        (
            book(start=ref("event", "title")),
            "args.start: “title” of “event” (event.find) is text, and start takes a time.",
        ),
        (
            {"op": "slots.find", "args": {"people": [], "minutes": ref("all", "own")}},
            "args.minutes: “own” of “all” (event.list) is a list of {ref, version, source, title ...}, and "
            "minutes takes a number.",
        ),
        (
            {"op": "event.notice", "args": {"event": ref("event"), "change": ref("event"), "by_mail": True,
                                            "what": ref("item", "kind")}},
            "args.what: “kind” of “item” (item.find) is one of attachment, document, event, message, "
            "and what takes one of cancelled, ended, extended, moved, renamed, restored, uninvited.",
        ),
        (
            {"op": "event.shift", "args": {"event": ref("item"), "days": 1}},
            "args.event: “item” (item.find) is {ref, version, kind, thread ...}, and event takes an "
            "object with ref, title, start, end.",
        ),
        (
            {"op": "event.shift", "args": {"event": {"ref": "c:event:1", "title": "x"}, "days": 1}},
            "args.event: it has no “start”, “end”. event.shift cannot use "
            "{'ref': 'c:event:1', 'title': 'x'}.",
        ),
        (
            {"op": "item.summarise", "args": {"item": ref("all", "own")}},
            "args.item: “own” of “all” (event.list) is a list, and item takes one of it. Say which: take "
            "“first”, “last” or “only”; or go over it with for_each.",
        ),
        (
            book(start=ref("event", "occurrence")),
            "args.start: “occurrence” of “event” (event.find) may be null, and start is needed. Add a when: "
            '{"test": "present", "of": {"ref": "event", "path": "occurrence"}}.',
        ),
        # Lists gone over, offers, notes
        (
            over(ref("all")),
            "for_each: “all” (event.list) is {own, invited, left}, and no list to go over. Go over “own” or "
            "“invited” or “left”.",
        ),
        (
            over(ref("all", "own"), item=each("titel")),
            "args.item: “each” gives no “titel”. Did you mean “title”?",
        ),
        (
            over(ref("all", "own"), item=each("title")),
            "args.item: “title” of “each” is text, and item takes an object with ref.",
        ),
        (
            draft() | {"notes": ref("slots", "slots")},
            "notes: “slots” of “slots” (slots.find) is a list of {start, end, location, rooms ...}, and "
            "notes "
            "takes a list of text.",
        ),
        (
            draft() | {"offers": ref("slots", "notes")},
            "offers: “notes” of “slots” (slots.find) is a list of text, and offers takes a list of objects.",
        ),
        (
            {"op": "schedule.list", "needs": ["item"],
             "fallback": {"op": "item.find", "args": {"about": ref("item", "titel")}}},
            "fallback.args.about: “item” (item.find) gives no “titel”. Did you mean “title”?",
        ),
        # Predicates
        (
            draft() | {"when": ref("all", "owned")},
            "when: “all” (event.list) gives no “owned”. Did you mean “own”?",
        ),
        (
            when("before", ref("event", "title"), value="2026-11-23T00:00:00Z"),
            "when: “title” of “event” (event.find) is text, and “before” compares times. Name one of the "
            "times.",
        ),
        (
            when("before", ref("event", "start"), value=ref("item", "title")),
            "when: “title” of “item” (item.find) is text, and no time. Name a time.",
        ),
        (
            when("number", ref("all", "own"), least=1),
            "when: “own” of “all” (event.list) is a list of {ref, version, source, title ...}, and “number” "
            "compares numbers. Of a list, use “count”.",
        ),
        (
            when("count", ref("all", "own", take="count"), least=1),
            "when: “own” of “all” (event.list) is a number, and no list to count. Name a list.",
        ),
        (
            when("contains", ref("all", "own"), value="board"),
            "when: “own” of “all” (event.list) is a list of {ref, version, source, title ...}, and no "
            "words or list of words. Choose from a list with where and count it.",
        ),
        (
            when("equals", ref("item", "kind"), value="mail"),
            "when: “kind” of “item” (item.find) is never “mail”. It is one of: attachment, document, event, "
            "message.",
        ),
        (
            when("equals", ref("event", "all_day"), value="yes"),
            "when: “all_day” of “event” (event.find) is yes or no, and never the same as text. Compare "
            "likes.",
        ),
        (
            draft() | {"when": {"test": "not", "of": {"test": "any", "of": [
                {"test": "present", "of": ref("all", "owm")}]}}},
            "when: “all” (event.list) gives no “owm”. Did you mean “own”?",
        ),
    ],
)  # fmt: skip
def test_a_reference_that_cannot_work_out_is_a_fault(last: dict[str, Any], fault: str) -> None:
    assert [f.removeprefix("step last, ") for f in said(last)][:1] == [fault]


@pytest.mark.parametrize(
    "last",
    [
        book(start=ref("slots", "slots[0].start"), title=ref("item", "title")),
        book(start=ref("slots", "slots", sort="start", take="last", then="start")),
        book(rrule=ref("slots", "slots[0].rrule"), exdates=ref("slots", "slots[0].exdates")),
        book(hold_until=ref("event", "occurrence"), start=ref("event", "series_start")),
        draft(to=ref("text", "to"), answers=ref("item", "ref"), attachments=[ref("item", "ref")]),
        draft(to=[{"address": ref("text", "to[0].address"), "name": ref("item", "title")}]),
        draft(subject=ref("event", "start")),
        book(start=ref("event", "occurrence")) | {"when": ref("event", "occurrence")},
        over(
            ref("all", "own", where={"test": "equals", "of": each("title"), "value": "Board"}), item=each("")
        ),
        when("contains", ref("all", "own[0].notes"), value="board"),
        when("contains", ref("all", "own", then="title"), value="board"),
        when("number", ref("all", "own", take="count"), least=1),
        when("equals", ref("event", "start"), value="2026-11-23T00:00:00Z"),
        when("equals", ref("item", "kind"), value="Message"),
        when("after", ref("event", "occurrence"), value=ref("slots", "slots[0].end")),
        # With a fallback, either output may stand there.
        draft(subject=ref("back", "title")),
    ],
)
def test_what_may_work_out_is_none(last: dict[str, Any]) -> None:
    assert said(last) == []


# What is declared


def test_every_action_and_operation_says_what_it_gives() -> None:
    assert [n for n, a in actions().items() if a.gives is None] == []
    assert {*WRITTEN} == {*OPERATIONS}


# The law: of any plan that is made, a misspelt path is found, and the right name is offered.

PLANNERS = Path(__file__).parents[1] / "planners"


@pytest.fixture(scope="module")
def made() -> list[Plan]:
    """The plans of the corpus, made when they are needed: at import every worker would make them."""
    corpus, known = tomllib.loads((PLANNERS / "corpus.toml").read_text("utf-8")), conftest.office()
    found = (rules(row["say"], known) for rows in corpus.values() for row in rows)
    return [p for p in found if isinstance(p, Plan)]


@pytest.fixture(scope="module")
def shapes(made: list[Plan]) -> list[Any]:
    """One of each shape, as JSON."""
    return [p.model_dump(mode="json") for p in {tuple(s.op for s in p.steps): p for p in made}.values()]


@pytest.fixture(scope="module")
def places(shapes: list[Any]) -> list[tuple[int, tuple[Any, ...]]]:
    """Where a path stands, by the number of the shape."""
    return [(n, at) for n, said in enumerate(shapes) for at in paths(said["steps"])]


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a plan's JSON a path stands that says something."""
    if isinstance(value, dict):
        if "ref" in value and isinstance(value["ref"], str) and "path" in value:
            yield from ((*at, n) for n in ("path", "then", "sort") if value.get(n))
        for name, inner in value.items():
            yield from paths(inner, (*at, name))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from paths(inner, (*at, n))


@given(data=st.data())
def test_a_misspelt_path_is_found_where_it_stands_and_the_right_name_offered(
    shapes: list[Any], places: list[tuple[int, tuple[Any, ...]]], data: st.DataObject
) -> None:
    n, at = data.draw(st.sampled_from(places))
    said = deepcopy(shapes[n])
    holder = said["steps"]
    for part in at[:-1]:
        holder = holder[part]
    path = str(holder[at[-1]])
    name = data.draw(st.sampled_from(re.findall(r"[a-z_]+", path)))
    k = data.draw(st.integers(0, len(name) - 1))
    wrong = data.draw(
        st.sampled_from([name[:k] + "q" + name[k + 1 :], name[:k] + name[k] * 2 + name[k + 1 :]])
    )
    holder[at[-1]] = re.sub(rf"\b{name}\b", wrong, path, count=1)
    found = faults(Plan.model_validate(said))
    step_, field = said["steps"][at[0]]["id"], at[1]
    mine = [f for f in found if f.step == step_ and f.field.split(".")[0] == field and wrong in f.problem]
    assert mine
    assert re.search(rf"\b{name}\b", mine[0].remedy), mine[0]


def test_every_plan_that_is_made_fits(made: list[Plan], places: list[tuple[int, tuple[Any, ...]]]) -> None:
    assert len(places) > 100
    assert [str(f) for p in made for f in faults(p)] == []
