"""What is wrong with a plan is said with the step, the field and what to write instead."""

from __future__ import annotations

from typing import Any

import pytest
from agent_givens import NOW, event, mail, plan, step
from pydantic import ValidationError

from deskhand.agent.plans.language import Call, Plan, Ref, Step
from deskhand.agent.plans.validate import MOST_STEPS, faults

TRASHED = {"source": "m", "ref": "m:message:1", "version": "1"}
LISTED = step("found", "schedule.list")


def made(**given: Any) -> Step:
    return Step.model_validate({"id": "s", "op": "schedule.list", "purpose": "look"} | given)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((), "It has no steps. Write at least one step with an id and an op."),
        (
            (made(op="schedule.lst"),),
            "step s, op: there is no operation “schedule.lst”. Did you mean “schedule.list”?",
        ),
        (
            (made(op="item.find", args={"abot": "x"}),),
            "step s, args.abot: item.find has no such argument. Did you mean “about”?",
        ),
        (
            (made(op="item.summarise"),),
            "step s, args.item: item.summarise needs it. Give it a value or a reference.",
        ),
        (
            (made(op="item.find", args={"since": "yesterday"}),),
            "step s, args.since: it must be a time with its zone, like 2026-11-25T10:00:00+00:00. "
            "item.find cannot use 'yesterday'.",
        ),
        (
            (made(op="item.find", args={"kinds": ["message", "mail"]}),),
            "step s, args.kinds[1]: it must be 'document', 'message', 'event' or 'attachment'. "
            "item.find cannot use ['message', 'mail'].",
        ),
        (
            (LISTED, made(needs=("fond",))),
            "step s, needs: there is no step “fond”. Did you mean “found”?",
        ),
        (
            (made(after=("s",)),),
            "step s, after: a step cannot wait for itself. Name another step.",
        ),
        (
            (LISTED, made(id="found")),
            "step found, id: two steps have this id. Give each step an id of its own.",
        ),
        (
            (LISTED, made(otherwise="found")),
            "step s, otherwise: “found” has no condition, so there is no else. Give found a when, or "
            "leave this out.",
        ),
        (
            (made(needs=("t",)), made(id="t", after=("s",))),
            "step s, needs: it waits for “t”, and so for itself: “t” for “s” (after). Take one of these out.",
        ),
        (
            # Only those of the circle are named, and not who waits behind it.
            (
                made(id="z", needs=("a",)),
                made(id="a", op="item.find", args={"about": "x"}, when=Ref(ref="b", path="title")),
                made(id="b", op="item.find", args={"about": {"ref": "c", "path": "title"}}),
                made(id="c", op="item.find", args={"about": {"ref": "a", "path": "title"}}, needs=("a",)),
            ),
            "step a, when: it waits for “b”, and so for itself: “b” for “c” (args.about), “c” for “a” "
            "(needs). Take one of these out.",
        ),
        (
            (LISTED, made(op="item.find", args={"about": {"ref": "fond", "path": "title"}})),
            "step s, args.about: there is no step “fond”. Did you mean “found”?",
        ),
        (
            (LISTED, made(when=Ref(ref="fond"))),
            "step s, when: there is no step “fond”. Did you mean “found”?",
        ),
        (
            (made(id="a" * 61),),
            f"step {'a' * 60}, id: it is longer than 60 characters. Give it a shorter one.",
        ),
        (
            (made(at_most=5),),
            "step s, at_most: it goes over no list. Add for_each, or leave it out.",
        ),
        (
            (made(op="item.find", args={"about": "x"}, origins={"abot": "untrusted"}),),
            "step s, origins.abot: item.find has no such argument. Did you mean “about”?",
        ),
        (
            (LISTED, made(fallback={"op": "item.find", "args": {"about": {"ref": "found"}}})),
            "step s, fallback: “found” may not be done by then. Refer to a step that it needs.",
        ),
        (
            (made(op="event.create", args=event("s", hour=9).args | {"end": NOW.isoformat()}),),
            "step s, args: an event must end after it starts. Change one of the arguments of event.create.",
        ),
        (
            (made(fallback={"op": "mail.trash", "args": TRASHED}),),
            "step s, fallback.op: schedule.list only reads, and mail.trash would write. "
            "Make it a step of its own, so that it is asked about.",
        ),
        (
            (step("s", "mail.trash", **TRASHED).model_copy(update={"fallback": Call(op="schedule.list")}),),
            "step s, fallback: mail.trash writes, and only what reads can be done otherwise. "
            "Make it a step of its own, so that it is asked about.",
        ),
        (
            (LISTED, made(for_each=Ref(ref="found", path="own", take="first"))),
            "step s, for_each.take: take “first” leaves no list. Leave it out, or use a plain step.",
        ),
        (
            (LISTED, made(for_each=Ref(ref="found", path="own")), made(id="s_2")),
            "step s_2, id: it could be an element of s. Give it another id.",
        ),
        (
            (LISTED, made(op="item.summarise", args={"item": {"ref": "each", "path": "x"}})),
            "step s, args.item: “each” is an element, and it goes over no list. Add for_each.",
        ),
    ],
)  # fmt: skip
def test_a_fault_names_the_step_the_field_and_the_remedy(steps: tuple[Step, ...], said: str) -> None:
    assert said in [str(f) for f in faults(plan(*steps))]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (
            {"ref": "found", "path": "title", "tak": "first"},
            "args.about.tak: there is no such field. Did you mean “take”?",
        ),
        (
            {"ref": "found", "path": "own", "take": -1},
            "args.about.take: it must be 'all', 'first', 'last', 'only' or 'count', or greater than or ",
        ),
        (
            {"ref": "found", "path": "own", "where": {"test": "equal", "of": {"ref": "each"}, "value": "x"}},
            "args.about.where: there is no test “equal”. There are: present, ",
        ),
        (
            {
                "ref": "found",
                "path": "own",
                "where": {"test": "before", "of": {"ref": "each"}, "value": "noon"},
            },
            "args.about.where.value: it must be a time with its zone, like 2026-11-25T10:00:00+00:00. ",
        ),
        ({"ref": 3, "path": "title"}, "args.about.ref: it must be text."),
        ([{"ref": "found", "then": 3}], "args.about[0].then: it must be text."),
    ],
)
def test_a_reference_that_is_miswritten_is_no_value(value: Any, said: str) -> None:
    """An action would be handed the table as it stands, and make something of it or break."""
    (fault,) = faults(plan(LISTED, made(op="item.find", args={"about": value})))
    assert str(fault).removeprefix("step s, ").startswith(said)


def test_a_table_that_names_an_item_is_a_value() -> None:
    item = {"ref": "mail:message:1", "version": "1"}
    assert faults(plan(made(op="item.summarise", args={"item": item}))) == []


def test_a_step_over_a_list_is_referred_to_by_its_like_alone() -> None:
    listed = step("found", "event.list", start=NOW.isoformat(), end=NOW.isoformat(), what="cancel")
    title = {"ref": "each", "path": "title"}
    over = made(id="keep", op="item.find", args={"about": title}, for_each=Ref(ref="found", path="own"))
    last = made(id="last", op="item.find", args={"about": {"ref": "keep", "path": "title"}})
    (fault,) = faults(plan(listed, over, last))
    assert (fault.step, fault.field, fault.problem) == (
        "last",
        "args.about",
        "there is one “keep” for each element of a list",
    )


def test_a_plan_of_too_many_steps_is_a_loop_written_out() -> None:
    steps = [made(id=f"a{n}") for n in range(MOST_STEPS + 1)]
    assert [f.remedy for f in faults(plan(*steps))] == ["Go over a list with for_each."]


def test_what_is_sound_has_no_fault() -> None:
    steps = (
        LISTED,
        mail("no", to="bo@example.org").model_copy(update={"when": Ref(ref="found", path="count")}),
        event("else_").model_copy(update={"otherwise": "no"}),
        made(id="end", after=("no", "else_"), fallback={"op": "schedule.list"}, priority=9),
    )
    assert faults(plan(*steps)) == []


class TestVersions:
    def test_a_plan_of_the_first_version_reads_the_same(self) -> None:
        old = {
            "schema_version": 1, "request": "r", "objective": "o",
            "steps": [{"id": "a", "op": "schedule.list", "args": {}, "needs": [], "when": None, "origins": {},
                       "offers": None, "notes": None, "for_each": None, "purpose": ""}],
        }  # fmt: skip
        read = Plan.model_validate(old)
        assert (read.schema_version, read.steps) == (1, (Step(id="a", op="schedule.list"),))
        assert Plan.model_validate(read.model_dump(mode="json")) == read

    def test_a_later_version_is_refused_by_its_number(self) -> None:
        with pytest.raises(
            ValidationError, match=r"a later Deskhand \(plan version 4; this one reads up to 3\)"
        ):
            Plan.model_validate({"schema_version": 4, "request": "r", "objective": "o", "steps": []})

    def test_the_same_plan_has_one_hash(self) -> None:
        short = {"request": "r", "objective": "o", "steps": [{"id": "a", "op": "b"}]}
        long = short | {
            "steps": [{"op": "b", "priority": 5, "id": "a", "retry": {"attempts": 3}, "when": None}]
        }
        assert Plan.model_validate(short).hash == Plan.model_validate(long).hash
        other = short | {"steps": [{"id": "a", "op": "b", "priority": 6}]}
        assert Plan.model_validate(other).hash != Plan.model_validate(short).hash
