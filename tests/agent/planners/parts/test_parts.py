"""Wishes whose parts lean on each other: marked by the second reader, half unsaid, hung on a condition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.agent.planners.wishes_planned import made, only, steps

from deskhand.agent.planners.likeness.reader import Likely
from deskhand.agent.planners.parts.clauses import Clause, Conditional
from deskhand.agent.planners.parts.elliptic import with_verb
from deskhand.agent.planners.parts.marked_parts import marked_parts
from deskhand.agent.planners.parts.statements import stated
from deskhand.agent.planners.rules import plan
from deskhand.agent.planners.steps import ref
from deskhand.agent.plans.language import Equals, Not, Number, Ref, Unclear
from deskhand.agent.profile import Known

BO, ANN, MARTA, YUKI = "bo@example.org", "ann@example.org", "marta@example.org", "yuki@example.net"
FREE = Equals(of=Ref(ref="free", path="free"), value=True)


class TestMarked:
    def test_parts_that_ran_together_in_plain_words_are_two(self, known: Known) -> None:
        found = made("whats on tomorrow and then which mails need an answer", known)
        assert [s.op for s in found.steps] == ["calendar.agenda", "threads.waiting"]
        assert found.steps[1].after == ("agenda",)

    def test_only_what_was_said_then_comes_after(self) -> None:
        one = Likely("several", 1, None, (("part", "call Bo"), ("part", "write Ann"), ("part", "read it")))
        found = marked_parts(one, "call Bo, write Ann and then read it", lambda _: ())
        assert [(p.words, p.follows) for p in found if isinstance(p, Clause)] == [
            ("call Bo", False), ("write Ann", False), ("read it", True),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("joint", "negated"), [("? then ", False), ("? if not, ", True), (", otherwise ", True)]
    )
    def test_an_otherwise_without_a_then_is_told_by_how_it_is_joined(self, joint: str, negated: bool) -> None:
        one = Likely("conditional", 1, None, (("if", "no word from Bo"), ("else", "mail him")))
        (found,) = marked_parts(one, f"no word from Bo{joint}mail him", lambda _: ())
        assert isinstance(found, Conditional)
        assert (found.negated, len(found.then), found.otherwise) == (negated, 1, ())

    @pytest.mark.parametrize(
        "slots",
        [
            (("part", "call Bo"),),
            (),
        ],
    )
    def test_one_part_is_none_of_several(self, slots: tuple[tuple[str, str], ...]) -> None:
        assert marked_parts(Likely("several", 1, None, slots), "call Bo", lambda _: ()) == ()

    def test_two_conditions_are_no_whole(self) -> None:
        slots = (("unless", "there is a call"), ("if", "Yuki is free"), ("then", "book one"))
        assert marked_parts(Likely("conditional", 1, None, slots), "...", lambda _: ()) == ()


class TestElliptic:
    @pytest.mark.parametrize(
        ("words", "before", "whole"),
        [
            ("the demo to Friday", "move the review to Thursday", "move the demo to Friday"),
            ("no to Marta's", "say yes to Bo's thing", "decline Marta's invitation"),
            ("one with Bo on Tuesday", "book a call with Yuki on Monday", "book a call with Bo on Tuesday"),
            ("the weekly sync 45", "make the stand-up 15 minutes", "make the weekly sync 45 minutes"),
            ("an hour with Ann", "book half an hour with Bo", "book an hour with Ann"),
            ("Ann that it is late", "tell Bo that it is early", "tell Ann that it is late"),
        ],
    )
    def test_the_verb_of_the_part_before_is_taken(self, words: str, before: str, whole: str) -> None:
        assert with_verb(words, before) == whole

    @pytest.mark.parametrize(
        ("words", "before"),
        [
            ("half an hour with Bo at 4", "cancel the demo"),
            ("the digest", "what is on tomorrow"),
            ("forward it to Ann", "summarise the last mail from Bo"),
            ("the demo to Friday", ""),
        ],
    )
    def test_a_part_of_another_shape_keeps_to_its_words(self, words: str, before: str) -> None:
        assert with_verb(words, before) == words

    def test_each_is_moved_to_its_own_day(self, known: Known) -> None:
        for words in (
            "move the design review to Thursday and then the demo to Friday",
            "move the design review to Thursday, the demo to Friday",
        ):
            found = made(words, known)
            assert [s.args["about"] for s in steps(found, "event.find")] == ["design review", "demo"]
            assert [s.args["day"] for s in steps(found, "event.shift")] == ["2026-11-26", "2026-11-27"]

    @pytest.mark.parametrize(
        ("words", "people"),
        [
            ("schedule a call with Yuki on Monday at 3 plus one with Bo on Tuesday at 3", [[YUKI], [BO]]),
            ("book an hour with Bo on Monday at 3, an hour with Ann on Tuesday at 4", [[BO], [ANN]]),
            ("book a call with Yuki and Bo on Monday at 3, one with Ann", [[YUKI, BO], [ANN]]),
        ],
    )
    def test_each_meets_at_its_own_time(self, words: str, people: list[list[str]], known: Known) -> None:
        found = made(words, known)
        assert [s.args["people"] for s in steps(found, "slots.find")] == people

    def test_a_name_in_small_letters_ends_a_list(self, known: Known) -> None:
        found = made(
            "forward the crane repair mail to bo & will, put half an hour with them both on thursday at 4",
            known,
        )
        people = [BO, "will@example.com"]
        assert [p["address"] for p in only(found, "mail.compose_forward").args["to"]] == people
        assert sorted(only(found, "slots.find").args["people"]) == people

    def test_instead_says_only_that(self, known: Known) -> None:
        found = made("cancel the demo and book an hour with Bo on Monday at 4 instead", known)
        assert [s.op for s in found.steps if s.op in ("event.cancel", "event.create")] == [
            "event.cancel", "event.create",
        ]  # fmt: skip
        told = made("cancel the demo and tell Bo to come on Friday instead", known)
        assert steps(told, "mail.send")[-1].args["body"] == "Please come on Friday instead.\n"

    def test_a_summary_goes_into_a_draft(self, known: Known) -> None:
        found = made("summarize the thread about the warranty and put it in a draft to Will", known)
        assert only(found, "mail.draft").args["body"] == ref("summary", "text")

    @pytest.mark.parametrize(
        "words",
        ["say yes to Bo's thing and no to Marta's", "yes to Bo's invitation, no to Marta's"],
    )
    def test_yes_to_one_and_no_to_the_other(self, words: str, known: Known) -> None:
        found = made(words, known)
        assert [s.args["person"] for s in steps(found, "invitation.find")] == [BO, MARTA]
        assert [s.args["answer"] for s in steps(found, "invitation.reply")] == ["accepted", "declined"]


class TestStatements:
    @pytest.mark.parametrize(
        ("said", "meant"),
        [
            ("Sam Okafor's free at seven", "Sam Okafor is free at seven"),
            ("marta isnt free monday at 9", "marta is not free monday at 9"),
            ("Marta can't make it on Monday at 2", "Marta is not free on Monday at 2"),
            ("Bo and Ann can both make Monday at 2", "Bo and Ann are free on Monday at 2"),
            ("I've no meeting at 2", "I have no meeting at 2"),
            ("I've got Saturday free", "I am free on Saturday"),
            ("Bo's answered since Monday", "Bo has answered since Monday"),
            ("did the proposal change since Monday", "the proposal changed since Monday"),
            ("has the price list changed since Monday", "the price list has changed since Monday"),
            ("no word from Bo since Monday", "there is no word from Bo since Monday"),
            ("the fire drill be on Friday", "the fire drill is on Friday"),
            ("Ann's free time is short", "Ann's free time is short"),
        ],
    )
    def test_it_is_said_in_full_words(self, said: str, meant: str) -> None:
        assert stated(said) == meant

    @given(
        st.from_regex(
            r"(Ann|Bo|my boss) (is|has|does|can)( not|n't)? [a-z]{1,8} on (Monday|Friday)", fullmatch=True
        )
    )
    def test_a_statement_is_one_already(self, said: str) -> None:
        assert stated(stated(said)) == stated(said)

    @pytest.mark.parametrize(
        ("condition", "holds", "people", "start"),
        [
            ("Sam Okafor's free at seven tomorrow", True, "sam.okafor@example.org", "2026-11-23T07:00"),
            ("marta isnt free monday at 9", False, MARTA, "2026-11-23T09:00"),
            ("Marta can't make it on Wednesday at 2", False, MARTA, "2026-11-25T14:00"),
            ("Ann's busy on Thursday at three", False, ANN, "2026-11-26T15:00"),
        ],
    )
    def test_contractions_are_looked_at_the_right_way_round(
        self, condition: str, holds: bool, people: str, start: str, known: Known
    ) -> None:
        found = made(f"if {condition}, move the tasting to Friday at 3", known)
        free = only(found, "calendar.free")
        assert free.args["people"] == [people]
        assert free.args["start"].startswith(start)
        assert only(found, "event.update").when == (FREE if holds else Not(of=FREE))

    def test_both_of_two_must_be_free(self, known: Known) -> None:
        found = made("if Bo and Ann can both make Monday at 2, set up half an hour with them", known)
        assert only(found, "calendar.free").args["people"] == [BO, ANN]
        assert only(found, "slots.find").args["people"] == [BO, ANN]

    def test_a_question_without_a_verb(self, known: Known) -> None:
        found = made("yuki free tmrw at 3? then book her for an hour", known)
        slots = only(found, "slots.find")
        assert (slots.args["people"], slots.args["at"][:16]) == ([YUKI], "2026-11-23T15:00")
        assert slots.when == FREE

    @pytest.mark.parametrize(
        "words",
        [
            'no word from bo since yesterday? then mail him "call me asap"',
            "if there is nothing from Bo since yesterday, mail him: call me asap",
        ],
    )
    def test_no_word_is_no_mail(self, words: str, known: Known) -> None:
        found = made(words, known)
        assert only(found, "message.list").args["person"] == BO
        assert only(found, "mail.send").when == Not(of=Number(of=Ref(ref="mails", path="count"), least=1))

    def test_when_somebody_is_busy_at_an_hour_is_looked_at_now(self, known: Known) -> None:
        found = made("when Marta is busy on Tuesday at 11, book half an hour with Yuki instead", known)
        assert only(found, "calendar.free").args["start"].startswith("2026-11-24T11:00")
        assert only(found, "slots.find").when == Not(of=FREE)

    def test_once_he_is_free_would_have_to_be_waited_for(self, known: Known) -> None:
        asked = plan("once Bo is free on Friday at 3, book a call with him", known)
        assert isinstance(asked, Unclear)
        assert "I cannot wait" in asked.message

    def test_who_is_nobody_is_asked_about(self, known: Known) -> None:
        asked = plan("if there is nothing from the council since Monday, mail Bo: any news?", known)
        assert isinstance(asked, Unclear)
        assert "nobody called the council" in asked.message

    def test_a_question_with_what_depends_on_it_is_no_question(self, known: Known) -> None:
        found = made(
            "did the proposal change since Monday? if yes summarise it and mail the summary to Will", known
        )
        changed = Equals(of=Ref(ref="changes", path="changed"), value=True)
        assert only(found, "item.summarise").args["item"] == ref("found")
        assert {s.when for s in found.steps if s.op in ("item.summarise", "mail.send")} == {changed}


class TestBranches:
    @pytest.mark.parametrize("nothing", ["do nothing", "no worries", "nothing", "just leave it"])
    def test_an_empty_branch_does_nothing(self, nothing: str, known: Known) -> None:
        found = made(f"if Bo is free on Monday at 2, book a call with him, otherwise {nothing}", known)
        assert only(found, "event.create").args["title"] == "Call with Bo"
        assert not any(s.otherwise for s in found.steps)

    def test_so_it_is_behind_a_question(self, known: Known) -> None:
        found = made(
            "has the contract changed since the 10th? then forward the last mail about it to Ann, "
            "else do nothing", known,
        )  # fmt: skip
        text = only(found, "mail.compose_forward")
        assert text.args["to"][0]["address"] == ANN
        mail = next(s for s in found.steps if ref(s.id) == text.args["message"])
        assert (mail.args["kinds"], mail.args["about"]) == (["message"], "contract")  # not the contract
        assert text.when == Equals(of=Ref(ref="changes", path="changed"), value=True)

    @pytest.mark.parametrize(
        "words",
        [
            "if I'm free on Thursday at 2 pm, accept Will Stone's invitation, otherwise decline it",
            "accept Will Stone's invitation if I'm free on Thursday at 2 pm, and decline it if not",
        ],
    )
    def test_it_is_the_invitation_of_the_other_branch(self, words: str, known: Known) -> None:
        found = made(words, known)
        yes, no = steps(found, "invitation.find")
        assert yes.args["person"] == no.args["person"] == "will@example.com"
        assert (yes.when, no.otherwise) == (FREE, yes.id)

    def test_it_is_the_event_of_the_other_branch(self, known: Known) -> None:
        found = made("if Bo is free at 4 on Tuesday, move my 3pm on Tuesday to 4, otherwise cancel it", known)
        first, other = steps(found, "event.find")
        assert first.args["start"] == other.args["start"] == "2026-11-24T15:00:00+00:00"
        assert only(found, "event.cancel").otherwise == first.id

    def test_she_is_the_same_in_both_branches(self, known: Known) -> None:
        found = made(
            "If Ann has replied about the offer, forward her answer to Marta. If not, ask her whether she "
            "has seen it.", known,
        )  # fmt: skip
        assert only(found, "mail.compose_forward").args["to"][0]["address"] == MARTA
        asked = steps(found, "mail.send")[1]
        assert asked.args["to"][0]["address"] == ANN
        assert "whether you have seen it" in asked.args["body"]


class TestThen:
    @pytest.mark.parametrize("thing", ["the signing", "a call", "an hour with Ann"])
    def test_then_is_the_time_that_was_asked_about(self, thing: str, known: Known) -> None:
        found = made(f"if Ann is free on Friday at 3, book {thing} then", known)
        slots = only(found, "slots.find")
        assert (slots.args["at"], slots.args["people"]) == ("2026-11-27T15:00:00+00:00", [ANN])
        assert "then" not in only(found, "event.create").args["title"].lower()

    def test_one_is_what_was_asked_about_and_that_day_its_day(self, known: Known) -> None:
        found = made("unless there's already a call with Yuki on Tuesday, book one at 4 that day", known)
        assert only(found, "slots.find").args["at"] == "2026-11-24T16:00:00+00:00"
        event = only(found, "event.create")
        assert (event.args["title"], event.args["attendees"][0]["address"]) == ("Call with Yuki", YUKI)

    def test_one_is_it_in_the_other_branch_too(self, known: Known) -> None:
        found = made(
            "if there's a call with Bo on Tuesday, cancel it, otherwise book one on Monday at 4", known
        )
        assert only(found, "event.create").args["title"] == "Call with Bo"
        assert only(found, "slots.find").args["at"] == "2026-11-23T16:00:00+00:00"

    def test_who_is_added_to_an_event_comes_when_that_is(self, known: Known) -> None:
        found = made("If Marta has time on Tuesday at 2, add her to the tasting", known)
        assert only(found, "event.find").args["about"] == "tasting"
        assert only(found, "event.guests").args["add"][0]["address"] == MARTA


class TestIt:
    @pytest.mark.parametrize(
        ("words", "who"),
        [
            ("push Thursday's review to 3 and then add Marta to it", MARTA),
            ("rename the sync “Anchors” and invite Sam Lindqvist to it", "sam.lindqvist@example.org"),
        ],
    )
    def test_who_is_added_is_added_to_the_event_before(self, words: str, who: str, known: Known) -> None:
        found = made(words, known)
        assert only(found, "event.find")
        guests = only(found, "event.guests")
        assert guests.args["add"][0]["address"] == who
        assert guests.args["event"] == ref(only(found, "event.still").id)  # as it is by then

    def test_a_meeting_on_it_is_about_the_same(self, known: Known) -> None:
        found = made("move the sync to 3 on Thursday and set up a quarter of an hour with Yuki on it", known)
        assert only(found, "slots.find").args["minutes"] == 15
        assert only(found, "event.create").args["title"] == "Sync"

    def test_in_what_somebody_is_told_it_is_left_as_it_is(self, known: Known) -> None:
        found = made(
            "move the lecture to Friday at 9 and tell everyone in the lecture that it ends at nine", known
        )
        assert steps(found, "mail.send")[-1].args["body"] == "It ends at nine\n"

    @pytest.mark.parametrize(
        ("words", "op"),
        [
            ("if there are any mails from Marta today, list them", "message.list"),
            ("if any mails are waiting for my answer, show me them", "threads.waiting"),
        ],
    )
    def test_them_are_the_mails_that_were_asked_about(self, words: str, op: str, known: Known) -> None:
        asked, shown = steps(made(words, known), op)
        assert {n: v for n, v in asked.args.items() if n != "tell"} == {
            n: v for n, v in shown.args.items() if n != "tell"
        }
        assert shown.when is not None

    def test_what_is_only_just_booked_is_asked_about(self, known: Known) -> None:
        asked = plan("book an hour with Bo on Friday at 3 and add Marta to it", known)
        assert isinstance(asked, Unclear)
        assert "“it”" in asked.message
