"""The second reader: what it makes of words, and when a plan is made of that."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from importlib.resources import files

import pytest

from deskhand.agent.planners.goals.table import GOALS
from deskhand.agent.planners.likeness.forms import FORMS, GOALS_OF, SEVERAL, SLOTS_OF, plainly
from deskhand.agent.planners.likeness.reader import Likely, likely
from deskhand.agent.planners.likeness.training import learnt_of
from deskhand.agent.planners.likeness.weights import SCALE, Learnt, learnt
from deskhand.agent.planners.likeness.wordings import read, written
from deskhand.agent.planners.rules import plan
from deskhand.agent.planners.second import READS, WRITES, settled, sure
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.agent.profile import Known
from deskhand.connectors.operations import OPERATIONS


def best(words: str, known: Known) -> Likely:
    return likely(words, known)[0]


class TestForms:
    def test_a_form_is_taken_where_all_its_slots_are_filled(self) -> None:
        assert plainly("book", {"length": ["half an hour"], "who": ["Ann", "Bo"], "when": ["on Friday"]}) == (
            "book half an hour with Ann and Bo on Friday"
        )

    def test_what_no_form_has_a_place_for_has_no_plain_words(self) -> None:
        assert plainly("skip", {"event": ["the sync"], "folder": ["Finance"]}) is None
        assert plainly("question", {}) is None

    def test_several_parts_are_joined(self) -> None:
        said = plainly("several", {"part": ["cancel the demo", "tell Bo that it is off"]})
        assert said == "cancel the demo and then tell Bo that it is off"

    def test_goals_are_entries_of_the_table(self) -> None:
        assert set(GOALS_OF) == set(FORMS) - SEVERAL - {"none"}
        assert {name for of in GOALS_OF.values() for name in of} <= {g.name for g in GOALS}


class TestWordings:
    def test_all_are_well_formed_and_there_are_many_of_each(self) -> None:
        found = Counter(w.goal for w in written())
        assert found.total() >= 20_000
        assert set(found) == set(FORMS)
        assert min(found.values()) >= 50

    def test_no_wording_stands_in_a_corpus_kept_aside(self) -> None:
        import tomllib
        from pathlib import Path

        said = {w.said.casefold().strip(" .?!") for w in written()}
        for name in ("corpus_aside", "corpus_blind", "corpus_half", "corpus_kept"):
            tables = tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))
            rows = [r["say"].casefold().strip(" .?!") for rows in tables.values() for r in rows]
            # what anybody would say in so few words may be said twice
            assert [r for r in rows if r in said and len(r.split()) > 6] == []

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            ("[book]\nput me {down", "a brace stands alone"),
            ("[book]\nlunch {wen: tomorrow}", "no slot 'wen'"),
            ("[buy]\nbread", "no goal 'buy'"),
            ("[skip]\nskip {event: the sync} with {folder: Finance}", "no form of 'skip'"),
        ],
    )
    def test_what_is_wrong_with_a_line_is_said(self, line: str, problem: str) -> None:
        with pytest.raises(ValueError, match=problem):
            read(line, "some.txt")

    def test_a_line_knows_where_its_slots_are(self) -> None:
        (one,) = read("[book]\nput {who: Bo} down for {when: Friday at 9}, ok?", "some.txt")
        assert one.said == "put Bo down for Friday at 9, ok?"
        assert one.filled() == {"who": ["Bo"], "when": ["Friday at 9"]}
        assert one.plainly() == "book a meeting with Bo Friday at 9"


class TestWeights:
    def test_they_are_learnt_of_the_wordings_that_are_there(self) -> None:
        assert learnt().of == learnt_of(), "the wordings have changed: make weights"

    def test_they_are_whole_numbers(self) -> None:
        raw = json.loads(
            gzip.decompress(
                files("deskhand.agent.planners.likeness").joinpath("weights.json.gz").read_bytes()
            )
        )
        assert all(isinstance(n, int) for by in raw["goals"].values() for n in by.values())

    def test_the_likeliest_tags_are_a_path_that_can_be(self) -> None:
        made = Learnt(goals={}, tags={"a": {"I-who": 5 * SCALE, "B-who": SCALE}}, steps={}, said_with={})
        tags, shares = made.tags_of([["a"], ["a"]], {"who"})
        assert tags == ["B-who", "I-who"]
        assert all(0 < n < 1 for n in shares)


class TestReading:
    @pytest.mark.parametrize(
        ("words", "goal", "plain"),
        [
            ("squeeze me in with Bo for a quarter of an hour tomorrow at 9", "book",
             "book a quarter of an hour with Bo tomorrow at 9"),
            ("could you give Marta a nudge about the roof", "nudge", "ask Marta again about the roof"),
            ("the supplier review isn't happening, kill it", "cancel", "cancel the supplier review"),
        ],
    )  # fmt: skip
    def test_a_wish_is_said_in_plain_words(self, words: str, goal: str, plain: str, known: Known) -> None:
        found = best(words, known)
        assert (found.goal, found.plain) == (goal, plain)

    def test_names_and_days_do_not_matter(self, known: Known) -> None:
        one, other = best("chase Bo about the lamps", known), best("chase Yuki Tanabe about the lamps", known)
        assert one.goal == other.goal == "nudge"

    def test_what_tells_something_and_fills_no_slot_is_strange(self, known: Known) -> None:
        plain = best("cancel the demo", known)
        odd = best("cancel the demo zyxgrable", known)
        assert not plain.strange
        assert odd.strange or "zyxgrable" in (odd.plain or "")

    def test_the_same_words_read_the_same(self, known: Known) -> None:
        words = "pop a catch-up with Ann in for Thursday, mornings only"
        assert likely(words, known, most=3) == likely(words, known, most=3)

    def test_long_texts_and_nothing_are_not_read(self, known: Known) -> None:
        assert likely("word " * 200, known) == ()
        assert likely("  ", known) == ()

    def test_slots_of_a_goal_are_those_of_its_forms(self) -> None:
        assert {"event", "when"} <= SLOTS_OF["cancel"]
        assert "folder" not in SLOTS_OF["cancel"]


def looks(op: str = "calendar.agenda") -> Plan:
    return Plan(request="x", objective="", steps=(Step(id="s1", op=op, args={}),))


def heard(share: float, goal: str = "agenda", strange: tuple[str, ...] = ()) -> Likely:
    return Likely(goal, share, f"plain {goal}", (), 1.0, strange)


class TestSettling:
    def test_where_both_make_the_same_it_is_done_however_unsure(self) -> None:
        assert settled("w", looks(), [heard(0.2)], lambda _: looks()).plan == looks()

    def test_where_they_differ_a_sure_second_reader_is_followed(self) -> None:
        found = settled("w", looks(), [heard(READS + 0.1)], lambda _: looks("threads.waiting"))
        assert isinstance(found.plan, Plan)
        assert found.plan.steps[0].op == "threads.waiting"
        assert found.plan.request == "w"

    def test_where_they_differ_and_none_is_sure_it_is_asked(self) -> None:
        found = settled("w", looks(), [heard(READS - 0.1)], lambda _: looks("threads.waiting")).plan
        assert isinstance(found, Unclear)
        assert found.choices == ("plain agenda",)

    def test_a_write_needs_more(self) -> None:
        one = heard((READS + WRITES) / 2)
        assert isinstance(settled("w", looks(), [one], lambda _: looks("event.cancel")).plan, Unclear)

    def test_strange_words_make_it_less_sure(self) -> None:
        assert sure(heard(0.9, strange=("zyx",))) < sure(heard(0.9))

    def test_a_question_about_what_was_read_stands(self) -> None:
        asked = Unclear(message="Which Sam?")
        assert settled("w", asked, [heard(0.99)], lambda _: looks()).plan == asked

    def test_a_question_about_what_was_not_found_need_not_be_asked(self) -> None:
        asked = Unclear(message="To whom?", lacking=True)
        assert isinstance(settled("w", asked, [heard(0.99)], lambda _: looks()).plan, Plan)

    def test_nothing_heard_changes_nothing(self) -> None:
        assert settled("w", looks(), [], lambda _: None).plan == looks()


class TestTurned:
    """What likeness alone would take for its opposite: nothing is changed, nothing is sent."""

    @pytest.mark.parametrize(
        "words",
        [
            "don't cancel the review", "do not forward the budget mail to Bo", "no need to cancel the review",
            "please don't move the review to Friday", "don't tell Ann that I am late",
            "don't clear my Friday",
            "never decline Bo's invitation", "make sure nobody cancels the demo", "did I cancel the review?",
            "I don't want to cancel the board meeting", "we moved the review to Friday",
            "was the demo cancelled",
            "I cancelled the review tomorrow", "I booked an hour with Ann tomorrow",
            "the demo was moved to Friday", "I already told Ann that I am late",
            "has the review been moved to Friday", "cancel whatever is double booked tomorrow",
            "forward the budget mail to everyone but Bo", "forward the proposal to Ann instead of Bo",
            "forward the proposal to Ann rather than Bo", "email Ann but don't cc Bo that I am late",
            "shoot a mail to all the leads bar Will saying the plan changed",
            "mail Ann and Bo separately that the plan changed",
            "book an hour with Ann tomorrow at 3, Bo must not be invited",
            "tell Ann, Bo and the others that the plan changed",
            "tell the leads, but not Marta, that we have cake at four",
        ],
    )  # fmt: skip
    def test_it_is_asked(self, words: str, known: Known) -> None:
        made = plan(words, known)
        assert isinstance(made, Unclear) or not any(
            s.op in OPERATIONS and s.op not in ("mail.draft",) for s in made.steps
        ), made.objective

    @pytest.mark.parametrize(
        "words",
        ["don't cancel the review", "do not forward the budget mail to Bo", "no need to cancel the demo"],
    )
    def test_what_is_forbidden_is_not_offered(self, words: str, known: Known) -> None:
        made = plan(words, known)
        assert isinstance(made, Unclear)
        assert made.message.startswith("That is not to be done")
        assert made.choices == ()

    @pytest.mark.parametrize(
        ("words", "op"),
        [
            ("the supplier review isn't happening, kill it", "event.cancel"),
            ("squeeze me in with Bo for a quarter of an hour tomorrow at 9", "event.create"),
            ("forget about tomorrow's demo, cancel it", "event.cancel"),
        ],
    )
    def test_what_is_said_of_an_event_and_then_wished_is_done(
        self, words: str, op: str, known: Known
    ) -> None:
        made = plan(words, known)
        assert isinstance(made, Plan), made
        assert op in [s.op for s in made.steps]

    def test_a_turned_reading_that_only_looks_is_followed(self) -> None:
        one = Likely("agenda", 0.99, "plain", turned=True)
        assert isinstance(settled("w", _LOST, [one], lambda _: looks()).plan, Plan)
        assert isinstance(settled("w", _LOST, [one], lambda _: looks("event.cancel")).plan, Unclear)


class TestOfTheTwo:
    def test_what_the_grammar_has_a_place_for_stands_where_both_see_the_same_goal(self) -> None:
        made = looks("calendar.agenda")
        other = Plan(
            request="x", objective="", steps=(Step(id="s1", op="calendar.agenda", args={"about": "x"}),)
        )
        one = heard(0.99)
        assert settled("w", made, [one], lambda _: other, exact=["agenda"]).plan == made
        assert settled("w", made, [one], lambda _: other).plan.steps == other.steps  # type: ignore[union-attr]

    def test_a_name_that_swallowed_words_is_tidied(self) -> None:
        said, bare = (
            Plan(request="w", objective="", steps=(Step(id="s1", op="calendar.agenda", args={"about": a}),))
            for a in ("demo will ya", "demo")
        )
        found = settled("w", said, [heard(READS + 0.1)], lambda _: bare, exact=["agenda"])
        assert found.plan == bare
        assert settled("w", said, [heard(READS - 0.1)], lambda _: bare, exact=["agenda"]).plan == said

    def test_a_part_that_the_grammar_reads_is_only_doubted_by_one_who_is_sure(self) -> None:
        other = looks("threads.waiting")
        assert settled("w", looks(), [heard(READS + 0.1)], lambda _: other, part=True).plan == looks()

    def test_where_times_are_only_looked_for_none_is_booked(self) -> None:
        finds = looks("slots.find")
        books = Plan(
            request="x", objective="", steps=(*finds.steps, Step(id="s2", op="event.create", args={}))
        )
        made = settled("w", finds, [heard(0.99, "book")], lambda _: books, exact=["free"])
        assert made.plan == finds


_LOST = Unclear(message="I did not understand “w”", lacking=True)


def test_what_is_offered_can_be_done(known: Known) -> None:
    asked = plan("hmm the thing with the lamps and Bo some day, you know", known)
    if isinstance(asked, Unclear):
        assert all(isinstance(plan(c, known), Plan) for c in asked.choices)
