"""A plan does what the wish's verb says, has room for what it books, and keeps a mail's text apart."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.agent.planners.conftest import office
from tests.agent.planners.wishes_planned import asked, made, only, steps

from deskhand.agent.planners.checks.agreeing import contrary
from deskhand.agent.planners.checks.odd_names import is_odd
from deskhand.agent.planners.rules import plan
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan
from deskhand.agent.profile import Known
from deskhand.connectors.operations import OPERATIONS

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


class TestTheVerb:
    @pytest.mark.parametrize("verb", ["invite", "ask", "tell"])
    def test_what_nobody_is_named_for_declines_nothing(self, verb: str, known: Known) -> None:
        assert "“them”" in asked(f"{verb} them all to the thing on Friday", known).message

    @pytest.mark.parametrize(("verb", "differs"), [("invite", True), ("skip", True), ("decline", False)])
    def test_another_verb_is_contrary(self, verb: str, differs: bool, known: Known) -> None:
        declines = made("decline everything on Friday", known)
        request = Request.of(f"{verb} all of it on Friday", known)
        assert contrary(request, declines, "decline_all") is differs

    def test_a_verb_of_any_goal_says_nothing(self, known: Known) -> None:
        declines = made("decline everything on Friday", known)
        assert not contrary(Request.of("give Friday back", known), declines, "decline_all")

    @pytest.mark.parametrize("verb", ["send", "Please send", "can you mail"])
    def test_a_summary_goes_to_who_is_named(self, verb: str, known: Known) -> None:
        found = plan(f"{verb} Marta a summary of the grant report", known)
        if isinstance(found, Plan):
            assert only(found, "mail.send").args["to"][0]["address"] == "marta@example.org"
            assert "person" not in only(found, "item.find").args

    def test_a_summary_for_oneself_is_only_shown(self, known: Known) -> None:
        assert not steps(made("give me a summary of the grant report", known), "mail.send")


class TestRoom:
    @given(hour=st.integers(9, 16), long=st.integers(16, 240), room=st.integers(15, 180))
    def test_a_meeting_fits_into_its_time_or_is_asked_about(self, hour: int, long: int, room: int) -> None:
        end = hour * 60 + room
        said = f"book {long} minutes with Bo tomorrow from {hour}:00 to {end // 60}:{end % 60:02}"
        found = plan(said, office())
        if long > room:
            assert not isinstance(found, Plan)

    def test_an_hour_in_half_an_hour_is_asked_about(self, known: Known) -> None:
        assert (
            "30 minutes that you name" in asked("book an hour with Bo tomorrow from 3 to 3:30", known).message
        )

    def test_another_person_otherwise_is_not_invited_too(self, known: Known) -> None:
        found = made("if bo's free tomorrow at 3 book 30 min with him, else try marta", known)
        one, other = steps(found, "slots.find")
        assert (one.args["people"], other.args["people"]) == (["bo@example.org"], ["marta@example.org"])
        assert one.args["at"] == other.args["at"]
        assert one.when is not None
        assert other.otherwise == one.id


class TestWhatIsNotMeant:
    def test_who_says_sorry_does_not_thank(self, known: Known) -> None:
        body = only(made("say sorry to Ann for missing the call", known), "mail.send").args["body"]
        assert "sorry" in body
        assert "Thank" not in body

    def test_a_mail_that_is_prepared_is_not_sent(self, known: Known) -> None:
        asked("please prepare a mail for Yuki in which I thank her for the pictures", known)

    def test_a_thing_is_no_text(self, known: Known) -> None:
        assert "The notes" in asked("mail Bo the notes", known).message

    @pytest.mark.parametrize(
        "words", ["tell bo the same as ann", "mail everyone who is coming to the demo the agenda"]
    )
    def test_what_is_only_pointed_at_is_no_text(self, words: str, known: Known) -> None:
        asked(words, known)

    def test_who_is_asked_the_first_time_is_not_chased(self, known: Known) -> None:
        found = plan("ask yuki about the keys", known)
        assert not isinstance(found, Plan) or all(s.op != "mail.nudge" for s in found.steps)

    def test_what_she_is_asked_is_not_cut(self, known: Known) -> None:
        mail = only(made("ask marta when she can come by to fix the sink", known), "mail.send")
        assert mail.args["body"] == "Please tell me when you can come by to fix the sink.\n"

    def test_days_in_a_row_are_not_half_an_hour(self, known: Known) -> None:
        assert (
            "one day at a time" in asked("put holiday in my calendar from 21 to 31 December", known).message
        )

    def test_a_schedule_is_no_event(self, known: Known) -> None:
        asked("change my digest to 8 am", known)

    def test_a_copy_stays_one(self, known: Known) -> None:
        mail = only(made("mail Yuki, cc Marta: the minutes are there", known), "mail.send")
        assert [b["address"] for b in mail.args["to"]] == ["yuki@example.net"]
        assert [b["address"] for b in mail.args["cc"]] == ["marta@example.org"]

    def test_a_length_before_a_limit_is_no_anchor(self, known: Known) -> None:
        found = only(
            made("book a meeting with will stone, 1h, any time before thursday", known), "slots.find"
        )
        assert found.args["minutes"] == 60
        assert "at" not in found.args

    @pytest.mark.parametrize("day", ["tomorrow", "on Friday", "fri"])
    def test_a_dinner_is_what_is_called_so_on_its_day(self, day: str, known: Known) -> None:
        found = only(made(f"cancel the dinner {day}", known), "event.find")
        assert found.args["about"] == "dinner"
        assert found.args["start"]

    @pytest.mark.parametrize(
        ("words", "about"),
        [
            ("cancel the quiz night on Friday", "quiz night"),
            ("move the coffee morning to Tuesday", "coffee morning"),
        ],
    )
    def test_an_event_may_be_called_by_a_time_of_the_day(self, words: str, about: str, known: Known) -> None:
        assert only(made(words, known), "event.find").args["about"] == about

    def test_a_number_before_an_article_is_an_hour(self, known: Known) -> None:
        found = only(
            made("I want to get every evening at 6 a list of who waits for my answer", known), "schedule.add"
        )
        assert found.args["first"].startswith("2026-11-22T18:00")

    def test_what_he_did_not_answer_is_awaited_from_him(self, known: Known) -> None:
        (step,) = made("What did I ask Bo that he did not answer until now?", known).steps
        assert step.args["theirs"] is True

    def test_a_deadline_is_in_no_calendar(self, known: Known) -> None:
        (step,) = made("When is the deadline for the essay?", known).steps
        assert step.op == "question.answer"

    def test_a_second_wish_is_no_text(self, known: Known) -> None:
        asked("tell Will I can do Monday and put it in the diary for 8", known)

    def test_what_is_done_with_it_afterwards_is_not_left_out(self, known: Known) -> None:
        asked("forward the school newsletter to Ann and bin it afterwards", known)


class TestNames:
    @pytest.mark.parametrize("name", ["forget the gym", "tomorrows dentist", "brochure vs", "re lease",
                                      "if the demo", "cancel my lunch", "mondays sync"])  # fmt: skip
    def test_an_order_or_a_day_is_no_name(self, name: str) -> None:
        assert is_odd(name)

    @pytest.mark.parametrize("name", ["re-entry plan", "Book club", "call for papers", "move to Porto"])
    def test_a_name_may_begin_with_such_a_word(self, name: str) -> None:
        assert not is_odd(name)

    @pytest.mark.parametrize("mark", ["'", "’", ""])
    def test_a_day_needs_no_apostrophe(self, mark: str, known: Known) -> None:
        found = only(made(f"cancel tomorrow{mark}s dentist", known), "event.find")
        assert (found.args["about"], found.args["start"][:10]) == ("dentist", "2026-11-23")

    @pytest.mark.parametrize("day", _DAYS)
    def test_nor_does_a_day_of_the_week(self, day: str, known: Known) -> None:
        with_mark = only(made(f"cancel {day}'s lunch", known), "event.find").args
        assert only(made(f"cancel {day}s lunch", known), "event.find").args["start"] == with_mark["start"]

    def test_the_thing_compared_ends_before_what_it_is_compared_with(self, known: Known) -> None:
        assert only(made("diff the brochure vs yesterday", known), "item.find").args["about"] == "brochure"


class TestPartsOfAMail:
    @pytest.mark.parametrize(
        "words",
        [
            "Write an email to Sam Lindqvist. Subject: Scaffolding. Text: It comes down on Thursday.",
            "mail Sam Lindqvist, subject: Scaffolding, text: It comes down on Thursday.",
            "mail Sam Lindqvist with the subject line: Scaffolding. Body: It comes down on Thursday.",
            "email Sam Lindqvist re: Scaffolding - It comes down on Thursday.",
        ],
    )
    def test_each_is_what_its_name_says(self, words: str, known: Known) -> None:
        (mail,) = (s for s in made(words, known).steps if s.op in ("mail.send", "mail.draft"))
        assert mail.args["subject"] == "Scaffolding"
        assert mail.args["body"].startswith("It comes down on Thursday")

    @pytest.mark.parametrize(
        "held", ["just save it as draft", "save it as a draft", "only keep it in my drafts"]
    )
    def test_what_holds_it_back_is_no_text(self, held: str, known: Known) -> None:
        found = made(f"write something to Bo that I need the drawings by Wednesday, {held}", known)
        assert only(found, "mail.draft").args["body"] == "I need the drawings by Wednesday\n"
        assert not steps(found, "mail.send")

    @pytest.mark.parametrize("words", ["mail Ann that the lease is signed, cc Marta",
                                       "mail Ann. Text: the keys are here. Subject: keys"])  # fmt: skip
    def test_what_is_said_of_it_and_not_heeded_is_asked_about(self, words: str, known: Known) -> None:
        assert "part of the text" in asked(words, known).message

    @pytest.mark.parametrize(
        "said",
        ["but let me look at it first", "stick it in the drafts folder for tonight",
         "park it among my drafts", "I want to check it before it goes"],
    )  # fmt: skip
    @pytest.mark.parametrize("joint", [": the lease is signed, ", " that the lease is signed. "])
    def test_nothing_is_sent_with_what_holds_it_back(self, said: str, joint: str, known: Known) -> None:
        found = plan(f"mail Ann{joint}{said}", known)
        assert not (isinstance(found, Plan) and steps(found, "mail.send"))

    @pytest.mark.parametrize(
        "text",
        ["I read the draft, I'll send it on Monday", "the lease is in, let me see", "send it before noon"],
    )
    def test_what_one_says_to_another_is_text(self, text: str, known: Known) -> None:
        assert (
            only(made(f"mail Ann: {text}", known), "mail.send").args["body"].strip()
            == text[0].upper() + text[1:]
        )

    @pytest.mark.parametrize("text", ["the text: a draft", "Subject: keys", "as a draft"])
    def test_a_quoted_text_is_sent_to_the_letter(self, text: str, known: Known) -> None:
        body = only(made(f"mail Ann: “I read it. {text}”", known), "mail.send").args["body"]
        assert body == f"I read it. {text}\n"


@pytest.mark.parametrize(
    "words",
    [
        "what's left for me today",
        "what is left today",
        "give me the rest of my day",
        "what else is left for me today",
    ],
)
def test_what_is_left_begins_now(words: str, known: Known) -> None:
    start = only(made(words, known), "calendar.agenda").args["start"]
    assert datetime.fromisoformat(start) == known.now


@given(day=st.sampled_from(_DAYS), verb=st.sampled_from(["invite", "bring", "copy", "hand", "share"]))
def test_a_verb_that_declines_nothing_never_declines(day: str, verb: str) -> None:
    found = plan(f"{verb} them all to the thing on {day}", office())
    writes = {s.op for s in found.steps if s.op in OPERATIONS} if isinstance(found, Plan) else set()
    assert not writes & {"event.respond", "event.cancel"}
