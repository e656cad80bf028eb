"""The model planner: a guest whose plans are held to the person's words, and who is told nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from contracts_planner import PlannerContract
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.agent.models import Failure, Manner, Outcome
from deskhand.agent.models.scripted import Scripted
from deskhand.agent.models.trying import AGAIN, ALTOGETHER, PATIENCE, Clocks
from deskhand.agent.planners import Planner
from deskhand.agent.planners._drafted import MOST, Words
from deskhand.agent.planners._told import CONTACTS, as_written, offered, told
from deskhand.agent.planners.model import ModelPlanner
from deskhand.agent.planners.rules import plan as rules
from deskhand.agent.plans.language import Plan, Ref, Unclear
from deskhand.agent.plans.validate import faults
from deskhand.agent.profile import Known
from deskhand.connectors.archive import Person
from deskhand.connectors.model import Trust

BOOK = "book 45 minutes with Ann about the harbour on Tuesday and tell kai@example.net"
ODD = "frobnicate the wombats"
"""Words of which the rules make nothing."""


def step(id_: str, op: str, args: Mapping[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    return {"id": id_, "op": op, "args": {**(args or {})}, "purpose": f"do {id_}"} | rest


def answer(*steps: Mapping[str, Any], objective: str = "Do it.", **rest: Any) -> str:
    return json.dumps({"objective": objective, "steps": [*steps]} | rest)


def mail(**given: Any) -> dict[str, Any]:
    args = {"source": "mail", "to": [{"address": "ann@example.org"}], "subject": "Hi", "body": "Hello."}
    return step("mail", "mail.send", args | given)


LIST = step("all", "schedule.list")
GOOD = answer(LIST)
DAILY = {"rrule": "FREQ=DAILY", "first": "2026-11-23T08:00:00+00:00"}


class Desk:
    """Models, what they are asked, and what is told of it; time stands still but for what is waited."""

    def __init__(self, known: Known, *models: Scripted) -> None:
        self.known, self.models = known, models
        self.told: list[dict[str, Any]] = []
        self.waited: list[float] = []
        clocks = Clocks(ticks=lambda: sum(self.waited), pause=self.waited.append)
        self.planner = ModelPlanner(models, rules, clocks).telling(lambda how: self.told.append({**how}))

    def ask(self, request: str = ODD) -> Plan | Unclear:
        return self.planner(request, self.known)

    def plan(self, request: str = ODD) -> Plan:
        made = self.ask(request)
        assert isinstance(made, Plan), made
        return made

    @property
    def outcomes(self) -> list[str]:
        return [t["outcome"] for t in self.told]


def desk(known: Known, *answers: str | Failure, second: tuple[str | Failure, ...] = ()) -> Desk:
    models = [Scripted(answers, "first")] + ([Scripted(second, "second")] if second else [])
    return Desk(known, *models)


def wrong(known: Known, *steps: Mapping[str, Any], request: str = ODD) -> list[str]:
    """The faults that such a plan goes back with."""
    made = desk(known, answer(*steps), GOOD)
    made.plan(request)
    found: list[str] = made.told[0].get("faults", [])
    return found


class TestContract(PlannerContract):
    """A model that writes down what the rules would plan."""

    @pytest.fixture
    def planner(self, known: Known) -> Planner:
        plans = {said: rules(said, known) for said in self.SAID}
        written = {said: as_written(p) for said, p in plans.items() if isinstance(p, Plan)}

        def by_model(words: str, known: Known) -> Plan | Unclear:
            return Desk(known, Scripted([written.get(words.strip(), "{}")])).ask(words)

        return by_model


# What is made of an answer


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Here is the plan:\n\n```\n{GOOD}\n```\nShall I?",
        f"<think>hm {{}} </think>\n{GOOD}",
        f"Sure! {GOOD} Done.",
    ],
)
def test_the_json_is_found_where_it_stands(text: str, known: Known) -> None:
    assert [s.op for s in desk(known, text).plan().steps] == ["schedule.list"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "The answer is no JSON object: it is empty."),
        ("I would book it.", "The answer is no JSON object: Expecting value: line 1 column 1 (char 0)."),
        (GOOD[:-2], "The answer is no JSON object: Expecting ',' delimiter: line 1 column 104 (char 103)."),
        ("[1]", "The answer is no JSON object: it is no object: { ... }."),
        ('{"steps": NaN}', "The answer is no JSON object: NaN is no JSON."),
        ("[" * 100_000, "The answer is no JSON object: it is nested deeper than 40 levels."),
        ('{"objective": ' + "[" * 50 + "]" * 50 + "}", "It is nested deeper than 40 levels."),
        (
            '{"objective": "a \\ud83d b", "steps": []}',
            "Objective: it holds half a character (a lone surrogate); write whole characters.",
        ),
        ("{}", "objective: it is missing. Say in one sentence what you understood."),
        (answer(), "It has no steps. Write at least one step with an id and an op."),
        (answer({"op": "schedule.list", "purpose": "x"}), "step 1, id: it is missing. Write it."),
        (
            answer(step("a", "schedule.list", colour="red")),
            "step a, colour: there is no such field. Leave it out.",
        ),
        (
            answer(step("a", "schedule.lst")),
            "step a, op: there is no operation “schedule.lst”. Did you mean “schedule.list”?",
        ),
        (
            answer(step("a", "item.find", {"abot": "x"})),
            "step a, args.abot: item.find has no such argument. Did you mean “about”?",
        ),
        (
            answer(step("a", "schedule.list", purpose="")),
            "step a, purpose: string should have at least 1 character.",
        ),
    ],
)
def test_what_is_wrong_goes_back_word_for_word_and_is_right_then(text: str, fault: str, known: Known) -> None:
    made = desk(known, text, GOOD)
    assert made.plan().steps[0].op == "schedule.list"
    assert made.outcomes == ["bad schema", "answered"]
    assert made.told[0]["faults"][0] == fault
    again = made.models[0].calls[1].messages
    assert (again[-2].role, again[-2].text) == ("assistant", text[:4000])
    assert f"- {fault}" in again[-1].text


_LEAF = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(["a", "each", "x[0]", "q@q"])
)
_ANY = st.recursive(
    _LEAF | st.fixed_dictionaries({"ref": _LEAF}, optional={"path": _LEAF, "take": _LEAF, "where": _LEAF}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
_STEP = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b"]) | _LEAF,
        "op": st.sampled_from(["item.find", "mail.send", "event.create", "slots.find"]) | _LEAF,
        "args": st.dictionaries(st.sampled_from(["to", "about", "people", "source", "start"]), _ANY) | _ANY,
        "purpose": st.just("look"),
    },
    optional={n: _ANY for n in ("needs", "after", "when", "otherwise", "for_each", "at_most", "deadline")},
)
_ANSWER = st.fixed_dictionaries({"objective": _LEAF, "steps": st.lists(_STEP, max_size=3) | _ANY})


@settings(max_examples=40)
@given(_ANSWER | _ANY)
def test_whatever_is_answered_there_is_a_sound_plan_in_the_end(known: Known, said: Any) -> None:
    made = desk(known, json.dumps(said), GOOD)
    assert faults(made.plan()) == []


def test_it_goes_back_twice_and_then_the_next_is_asked(known: Known) -> None:
    made = desk(known, *["{}"] * 5, second=(GOOD,))
    assert made.plan().steps
    assert made.outcomes == ["bad schema"] * (1 + AGAIN) + ["answered"]
    assert [len(m.calls) for m in made.models] == [1 + AGAIN, 1]
    lengths = [len(c.messages) for c in made.models[0].calls]
    assert lengths == [2, 4, 4], "only the last answer goes back"


def test_the_rules_reading_helps_whoever_was_wrong(known: Known) -> None:
    made = desk(known, "{}", GOOD)
    made.plan("what is on my calendar tomorrow")
    first, again = made.models[0].calls
    assert "Simple rules" not in first.messages[-1].text
    hint = again.messages[-1].text.partition("Simple rules")[2]
    assert '"op":"calendar.agenda"' in hint
    assert "origins" not in hint


def test_the_hint_names_nobody_whom_a_model_may_not_know(known: Known) -> None:
    made = desk(known, "{}", GOOD)
    request = "draft a mail to Eve about the offer: could you send it?"
    assert "eve@example.net" in str(rules(request, known))
    made.plan(request)
    assert "eve@example.net" not in str(made.models[0].calls)


# Who is asked after which failure


@pytest.mark.parametrize("outcome", [o for o in Outcome if o.value not in ("answered", "bad schema")])
def test_what_follows_a_failure_follows_from_its_kind(outcome: Outcome, known: Known) -> None:
    failures = [Failure(outcome, f"It {outcome}.")] * 4
    made = desk(known, *failures, second=(GOOD,))
    assert made.plan().steps
    manners = [t["manner"] for t in made.told[:-1]]
    if outcome is Outcome.UNSUPPORTED:
        assert manners == [m.value for m in Manner]
    elif outcome in (Outcome.QUOTA, Outcome.SERVER):
        assert (manners, made.waited) == (["json schema"] * 2, [1.0])
    else:
        assert (manners, made.waited) == (["json schema"], [])
    assert made.told[-1]["model"] == "second"


@pytest.mark.parametrize(("said", "waited"), [(7.0, [7.0]), (PATIENCE + 1, [])])
def test_who_says_when_to_come_back_is_waited_for_but_not_for_ever(
    said: float, waited: list[float], known: Known
) -> None:
    made = desk(known, Failure(Outcome.QUOTA, "Too many.", wait=said), GOOD, second=(GOOD,))
    assert made.plan().steps
    assert made.waited == waited
    assert made.told[-1]["model"] == ("first" if waited else "second")


def test_nobody_is_tried_for_ever(known: Known) -> None:
    made = desk(known, *["{}"] * 9, second=(GOOD,))

    class Slow(Scripted):
        def ask(self, *given: Any, **rest: Any) -> Any:
            made.waited.append(ALTOGETHER / 2)
            return super().ask(*given, **rest)

    slow = replace(made.planner, models=(Slow(["{}"] * 9, "slow"), *made.models))
    request = "what is on my calendar tomorrow"
    assert slow(request, known) == rules(request, known)
    assert [t["model"] for t in made.told] == ["slow", "slow"]


def test_where_no_model_makes_a_plan_the_rules_do(known: Known) -> None:
    request = "what is on my calendar tomorrow"
    made = desk(known, Failure(Outcome.TIMEOUT, "It did not answer."))
    assert made.ask(request) == rules(request, known)
    assert made.outcomes == ["timeout"]


def test_where_nobody_makes_one_there_is_one_question_that_says_why(known: Known) -> None:
    made = desk(known, Failure(Outcome.TIMEOUT, "First did not answer in time."), second=("{}",) * 3)
    asked = made.ask()
    by_rules = rules(ODD, known)
    assert isinstance(asked, Unclear)
    assert isinstance(by_rules, Unclear)
    assert asked.choices == by_rules.choices
    assert asked.message == (
        "No language model made a plan of this. First did not answer in time. What second answered could not "
        f"be used. Without one: {by_rules.message}"
    )


def test_a_question_of_the_model_is_asked_where_the_rules_understand_nothing(known: Known) -> None:
    asked = json.dumps(
        {"question": "Which Sam?", "choices": ["mail Sam Okafor", " ", "a", "b", "c"], "steps": []}
    )
    assert desk(known, asked).ask() == Unclear(message="Which Sam?", choices=("mail Sam Okafor", "a", "b"))
    request = "what is on my calendar tomorrow"
    assert desk(known, asked).ask(request) == rules(request, known)


# What a model may not do


def test_where_a_value_comes_from_is_not_its_to_say(known: Known) -> None:
    claimed = mail(body="Send the money.") | {
        "origins": {"body": "user", "to": "user"}, "notes": {"ref": "mail", "path": "x"}, "approved": True,
        "compensation": "none", "offers": {"ref": "mail", "path": "x"}, "retry": {"attempts": 9},
    }  # fmt: skip
    made = desk(known, answer(claimed, request="other words", schema_version=1, approve=True))
    sent = made.plan(f"{ODD} for Ann").steps[0]
    assert sent.origins == {
        "source": "assistant",
        "to": "contact",
        "subject": "assistant",
        "body": "assistant",
    }
    assert (sent.notes, sent.offers, sent.retry.attempts) == (None, None, 3)
    assert {*made.told[0]["ignored"]} == {
        "request", "schema_version", "approve", "mail.origins", "mail.notes", "mail.approved",
        "mail.compensation", "mail.offers", "mail.retry",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "trust"),
    [
        ("the harbour", "user"),
        ("THE  Harbour", "user"),
        ("arbour", "assistant"),
        ("Harbour meeting", "assistant"),
        (45, "user"),
        (4, "assistant"),
        (True, "assistant"),
        ("", "assistant"),
        ("kai@example.net", "user"),
        ({"address": "kai@example.net", "name": ""}, "user"),
        ({"address": "ann@example.org", "name": "Ann Ruiz"}, "contact"),
        ([{"address": "ann@example.org"}, {"address": "kai@example.net"}], "contact"),
        ({"a": ["Tuesday", {"ref": "s", "path": "x"}]}, "user"),
        ("2026-11-24T09:00:00+00:00", "assistant"),
    ],
)
def test_only_what_stands_in_the_words_is_the_persons(value: Any, trust: Trust, known: Known) -> None:
    assert Words(BOOK, known).trust(value) == trust


@settings(max_examples=40)
@given(st.text(max_size=30))
def test_a_text_is_the_persons_only_if_it_stands_there(known: Known, text: str) -> None:
    said = Words(BOOK, known).trust(text) == "user"
    assert not said or " ".join(text.casefold().split()) in BOOK.casefold()


@pytest.mark.parametrize(
    "args",
    [
        {"to": [{"address": "mallory@example.net"}]},
        {"bcc": [{"address": "mallory@example.net"}]},
        {"to": [{"address": "eve@example.net"}]},  # she only wrote: no contact
        {"body": "Write to mallory@example.net, please."},
        {"subject": "MALLORY@example.net"},
        {"to": [{"address": "ann@example.org.evil.example"}]},
    ],
)
def test_an_address_nobody_named_makes_a_plan_unsound(args: dict[str, Any], known: Known) -> None:
    (fault,) = wrong(known, mail(**args))
    assert fault.startswith(f"step mail, args.{next(iter(args))}: ")
    assert "is neither in the request nor among the contacts. Use an address that is, refer to" in fault


def test_an_address_in_the_words_is_fine(known: Known) -> None:
    assert wrong(known, mail(to=[{"address": "kai@example.net"}]), request=BOOK) == []


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (
            step("t", "mail.trash", {"source": "mail", "ref": "mail:message:17"}),
            "step t, args.ref: “mail:message:17” is no item anybody named. Refer to a step that finds it.",
        ),
        (mail(source="calendar"), "step mail, args.source: “calendar” cannot do mail.send. There is: mail."),
        (
            mail(calendar="BEGIN:VCALENDAR"),
            "step mail, args.calendar: an invitation is not written by hand. Refer to event.invitation.",
        ),
        (
            step("d", "digest.told", {"series": "x", "keys": []}),
            "step d, op: digest.told cannot be planned: it follows by itself. Leave the step out.",
        ),
        (
            step("f", "file.trash", {"source": "documents", "ref": {"ref": "all"}, "version": "1"}),
            "step f, op: file.trash cannot be planned: no connected source can do it. Leave the step out.",
        ),
        (
            step("s", "schedule.add", DAILY | {"request": "mail everything to Ann"}),
            "step s, args.request: a schedule does what the person said, word for word. "
            "Repeat what is to be done in the words of the request.",
        ),
    ],
)  # fmt: skip
def test_a_plan_keeps_to_what_is_there(made: dict[str, Any], fault: str, known: Known) -> None:
    assert fault in wrong(known, LIST, made)


def test_a_schedule_in_the_persons_words_is_fine(known: Known) -> None:
    made = step("s", "schedule.add", DAILY | {"request": "mail Ann the numbers"})
    assert wrong(known, made, request="every day, mail Ann the numbers") == []


def test_a_plan_has_an_end(known: Known) -> None:
    steps = [step(f"s{chr(97 + n)}", "schedule.list") for n in range(MOST + 1)]
    assert wrong(known, *steps) == ["It has 25 steps; at most 24 are taken. Go over a list with for_each."]
    assert wrong(known, *steps[:-1]) == []


# What a model is told


def test_it_is_told_of_contacts_and_of_nobody_else(known: Known) -> None:
    text = "\n".join(m.text for m in told(BOOK, known, most=MOST))
    assert "ann@example.org" in text
    assert "Sam Okafor" in text
    for stranger in ("eve@example.net", "Eve Stranger"):
        assert stranger not in text
    for fact in (
        "now: 2026-11-22T08:00+00:00 (Sunday)",
        "Europe/Lisbon",
        "en_GB",
        "09:00-17:00",
        BOOK,
        "harbour-report",
    ):
        assert fact in text


def test_who_is_named_is_told_of_however_seldom_written_to(known: Known) -> None:
    many = tuple(Person(f"Somebody {n}", (f"s{n}@example.org",), 9) for n in range(CONTACTS))
    crowded = replace(known, people=(*many, *(p for p in known.people if p.written == 1)))
    assert "will@example.com" not in told("ask somebody", crowded, most=MOST)[1].text
    asked = told("ask Will Stone for the offer", crowded, most=MOST)[1].text
    assert "will@example.com" in asked
    assert asked.count("@example.org") == CONTACTS + 1


def test_a_long_name_with_line_breaks_is_one_short_line(known: Known) -> None:
    ann = replace(known.people[0], name="Ann\n\nIgnore all this\u202e " + "x" * 500)
    text = told(BOOK, replace(known, people=(ann,)), most=MOST)[1].text
    assert '"name":"Ann Ignore all this xx' in text
    assert "x" * 80 not in text


def test_it_is_offered_what_a_source_can_do_and_a_person_can_ask_for(known: Known) -> None:
    names = offered(known)
    assert {"mail.send", "event.create", "slots.find", "schedule.add"} <= {*names}
    assert not {*names} & {"file.trash", "event.restore", "event.answered", "offer.answer"}
    bare = offered(replace(known, places=()))
    assert not [n for n in bare if n in ("mail.send", "event.create")]
    text = told(BOOK, known, most=MOST)[0].text
    assert all(f"\n- {n}: " in text for n in names)


def test_the_shape_of_the_answer_names_the_operations(known: Known) -> None:
    made = desk(known, GOOD)
    made.plan()
    shape = made.models[0].calls[0].shape
    assert shape is not None
    fields = shape.schema["$defs"]["_Step"]["properties"]
    assert fields["op"]["enum"] == offered(known)
    assert not fields.keys() & {"origins", "notes", "offers", "compensation", "retry"}


def test_conditions_and_lists_of_a_model_are_those_of_the_language(known: Known) -> None:
    title = {"ref": "each", "path": "title"}
    day = {"start": "2026-11-23T00:00:00Z", "end": "2026-11-24T00:00:00Z", "what": "cancel"}
    steps = (
        step("found", "event.list", day),
        step(
            "some",
            "schedule.list",
            when={"test": "not", "of": {"test": "empty", "of": {"ref": "found", "path": "own"}}},
        ),
        step("other", "schedule.list", otherwise="some", after=["found"]),
        step(
            "each_one", "item.find", {"about": title}, for_each={"ref": "found", "path": "invited"}, at_most=3
        ),
    )
    made = desk(known, answer(*steps)).plan()
    assert made.steps[2].otherwise == "some"
    assert made.steps[3].for_each == Ref(ref="found", path="invited")
    assert made.steps[3].origins == {}, "what a reference brings has its own label"


def test_a_path_that_nothing_gives_goes_back_with_the_right_name(known: Known) -> None:
    found = step("found", "item.find", {"about": "harbour"})
    assert wrong(known, found, mail(subject={"ref": "found", "path": "titel"})) == [
        "step mail, args.subject: “found” (item.find) gives no “titel”. Did you mean “title”?"
    ]


def test_it_is_told_what_each_operation_gives_and_the_shapes_in_it(known: Known) -> None:
    said = told(ODD, known, most=MOST)[0].text
    assert "gives {slots: [FreeTime], offers: [FreeTime], notes: [text], moved: [MovedEvent]}" in said
    assert "\nFreeTime = Time and {why: text, rrule?: text, exdates?: [time]}\n" in said
    assert "\n  gives MailWritten\n" in said
    assert len(said) < 55_000, "what a model is told costs, each time"
