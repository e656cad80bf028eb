"""Words behind a wish, and within one, that change what is wished: heeded, or asked about."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only

from deskhand.agent.profile import Known


class TestTakenBackInOneBreath:
    @pytest.mark.parametrize(
        "words",
        [
            "cancel the dentist, no wait, leave it",
            "cancel the dentist, never mind",
            "cancel the dentist never mind",
            "cancel the dentist. On second thought, forget it.",
            "cancel the dentist - scratch that",
            "cancel the dentist on Friday, actually leave it as it is",
            "move the budget review to Friday, on second thoughts, leave it",
            "mail Ann that I am late, no wait, forget that",
        ],
    )
    def test_nothing_is_done(self, words: str, known: Known) -> None:
        found = asked(words, known)
        assert found.message.startswith("You took that back")
        assert not found.choices

    def test_another_wish_behind_it_is_said_anew(self, known: Known) -> None:
        found = asked("cancel the dentist, no wait, move it to Friday", known)
        assert "You took back “cancel the dentist”" in found.message

    def test_a_name_in_quotation_marks_is_a_name(self, known: Known) -> None:
        found = made("cancel “the dentist, never mind”", known)
        assert only(found, "event.find").args["about"] == "the dentist, never mind"

    def test_a_text_behind_a_colon_is_a_text(self, known: Known) -> None:
        found = made("mail Ann: I will bring the cake, no wait, leave it", known)
        assert "leave it" in only(found, "mail.send").args["body"]


class TestOneAndNotTheOther:
    @pytest.mark.parametrize(
        "words",
        [
            "yes to the lunch but not the basin test",
            "say no to the lunch but not to the basin test",
            "accept the lunch, but not the basin test",
            "decline the lunch but not the basin test",
            "cancel the lunch but not the basin test",
        ],
    )
    def test_what_is_left_out_is_no_part_of_a_name(self, words: str, known: Known) -> None:
        asked(words, known)

    @pytest.mark.parametrize(
        "words",
        [
            "accept all invitations from Marta and decline the rest",
            "accept the lunch, decline the others",
            "accept the lunch and decline the other ones",
        ],
    )
    def test_the_rest_is_no_name(self, words: str, known: Known) -> None:
        asked(words, known)


class TestNotSentYet:
    @pytest.mark.parametrize(
        ("words", "text"),
        [
            ("mail Ann: the offer is fine. Don't send it yet.", "The offer is fine.\n"),
            (
                "write Yuki a note saying I can't make the lunch, leave it in drafts",
                "I can't make the lunch\n",
            ),
            ("tell Ann I am late, don't send it yet", "I am late\n"),
            ("mail Ann: I am late, but let me see it first", "I am late\n"),
            ("mail Ann as a draft: hello", "Hello\n"),
        ],
    )
    def test_it_is_a_draft_and_no_part_of_the_text(self, words: str, text: str, known: Known) -> None:
        found = made(words, known)
        assert only(found, "mail.draft").args["body"] == text
        assert all(s.op != "mail.send" for s in found.steps)

    @pytest.mark.parametrize(
        ("words", "text"),
        [
            ("reply to Ann: yes, but do not send the reply", "Yes\n"),
            ("reply to Ann: “yes”, as a draft", "Yes\n"),
            ("reply to Ann that we agree, but don't send it", "We agree\n"),
        ],
    )
    def test_a_reply_too(self, words: str, text: str, known: Known) -> None:
        found = made(words, known)
        assert only(found, "mail.compose_reply").args["body"] == text
        assert only(found, "mail.draft").args["source"] == "mail"
        assert all(s.op != "mail.send" for s in found.steps)

    def test_a_quoted_text_is_written_to_the_letter(self, known: Known) -> None:
        found = made("mail Ann: “hold the parcel, do not send it”", known)
        assert only(found, "mail.send").args["body"] == "Hold the parcel, do not send it\n"


class TestAskedOfSomebody:
    @pytest.mark.parametrize(
        ("words", "text"),
        [
            ("ask Ann whether the frame agreement is ready to sign", "Is the frame agreement ready to sign?"),
            ("ask Ann whether Bo is coming", "Is Bo coming?"),
            ("ask Ann whether I can come", "Can I come?"),
            ("ask Ann whether anything changed", "Please tell me whether anything changed."),
            (
                "ask Ann if the lease which is old is fine",
                "Please tell me whether the lease which is old is fine.",
            ),
            ("ask Ann who signs it", "Please tell me who signs it."),
            ("ask Ann how many lenses we need", "Please tell me how many lenses we need."),
            ("ask Ann to sign the lease", "Please sign the lease."),
        ],
    )
    def test_a_question_is_written_as_one(self, words: str, text: str, known: Known) -> None:
        assert only(made(words, known), "mail.send").args["body"] == f"{text}\n"


class TestABookingThatLeavesSomethingOpen:
    @pytest.mark.parametrize(
        "words", ["keep Friday free", "keep tomorrow clear", "keep Friday free for deep work"]
    )
    def test_a_day_that_is_kept_free_has_a_beginning_and_an_end(self, words: str, known: Known) -> None:
        (choice,) = asked(words, known).choices
        assert only(made(choice, known), "slots.find").args["minutes"] == 480

    @pytest.mark.parametrize(
        "words",
        ["book her for an hour on Thursday", "book an hour with him", "find an hour with them next week"],
    )
    def test_nobody_is_no_her(self, words: str, known: Known) -> None:
        assert asked(words, known).message.startswith("Who is")

    @pytest.mark.parametrize("where", ["in its place", "at that time", "in place of it", "instead of it"])
    def test_a_place_that_gets_free_is_no_name(self, where: str, known: Known) -> None:
        found = asked(f"cancel the dentist and book an hour with Yuki {where}", known)
        assert where in found.message

    @pytest.mark.parametrize(
        "words",
        [
            "put an hour with Yuki in the diary sometime Thursday afternoon",
            "book an hour with Yuki at some point next week",
            "book an hour with Yuki some time on Friday",
        ],
    )
    def test_sometime_is_no_name(self, words: str, known: Known) -> None:
        assert only(made(words, known), "event.create").args["title"] == "Meeting with Yuki"


class TestALimitOfASchedule:
    @pytest.mark.parametrize(
        "words",
        [
            "stop the digest from being sent on Fridays",
            "pause the digest except on Mondays",
            "pause the digest next week",
        ],
    )
    def test_a_schedule_is_paused_as_a_whole_or_not(self, words: str, known: Known) -> None:
        assert asked(words, known).choices == ("pause the schedule digest",)

    @pytest.mark.parametrize("words", ["stop the weekly digest", "pause the digest"])
    def test_how_often_it_runs_limits_nothing(self, words: str, known: Known) -> None:
        assert only(made(words, known), "schedule.pause").args == {"name": "digest"}


@pytest.mark.parametrize(
    "words", ["drop out of the audit call on Wednesday", "bow out of the audit call on Wednesday"]
)
def test_who_drops_out_cancels_for_nobody_else(words: str, known: Known) -> None:
    ops = [s.op for s in made(words, known).steps]
    assert "event.respond" in ops
    assert ops == [s.op for s in made("skip the audit call on Wednesday", known).steps]


class TestWrittenNowOrThen:
    @pytest.mark.parametrize(
        ("words", "now"),
        [
            ("remind Marta about the budget on Thursday morning", "remind Marta about the budget"),
            ("remind Marta on Thursday morning about the budget", "remind Marta about the budget"),
            ("on Thursday morning remind Marta about the budget", "remind Marta about the budget"),
            ("chase Bo about the offer on Friday", "chase Bo about the offer"),
        ],
    )
    def test_a_mail_of_later_is_not_sent_now(self, words: str, now: str, known: Known) -> None:
        assert asked(words, known).choices == (now,)

    def test_the_day_of_a_meeting_is_the_meetings(self, known: Known) -> None:
        nudge = only(made("remind Marta of the meeting on Thursday", known), "mail.nudge")
        assert nudge.args["about"] == "meeting on Thursday"


@pytest.mark.parametrize(
    "words", ["book an hour a day for deep work next week", "block 30 minutes a day for mail"]
)
def test_so_much_a_day_is_no_single_meeting(words: str, known: Known) -> None:
    asked(words, known)


class TestLookingForwardAndBack:
    @pytest.mark.parametrize("words", ["what is next on my calendar?", "what's next?"])
    def test_what_is_next_begins_now(self, words: str, known: Known) -> None:
        args = only(made(words, known), "calendar.agenda").args
        assert args["first"] is True
        assert args["start"] == known.now.isoformat()

    @pytest.mark.parametrize("words", ["when did I last meet Bo?", "when was my last meeting with Bo?"])
    def test_what_was_last_is_over(self, words: str, known: Known) -> None:
        args = only(made(words, known), "calendar.agenda").args
        assert args["end"] == known.now.isoformat()
        assert args["person"] == "bo@example.org"
        assert "about" not in args


class TestSeveralOfOneName:
    @pytest.mark.parametrize("who", ["both Sams", "all the Sams", "the two Sams"])
    def test_all_of_them_are_meant(self, who: str, known: Known) -> None:
        found = made(f"find 90 minutes for me, Marta and {who}", known)
        sams = ["sam.okafor@example.org", "sam.lindqvist@example.org"]
        assert only(found, "slots.find").args["people"] == ["marta@example.org", *sams]

    def test_a_text_calls_them_by_their_names(self, known: Known) -> None:
        found = made("tell Ann that both Sams are late", known)
        assert only(found, "mail.send").args["body"] == "Sam Okafor and Sam Lindqvist are late\n"

    def test_a_name_in_quotation_marks_stays(self, known: Known) -> None:
        assert only(made("cancel “both Sams”", known), "event.find").args["about"] == "both Sams"


@pytest.mark.parametrize(
    "words", ["which mails this month had attachments?", "which mails had attachments this month?"]
)
def test_mails_with_attachments_are_those_with_attachments(words: str, known: Known) -> None:
    args = only(made(words, known), "message.list").args
    assert args["attachments"] is True
    assert str(args["since"]).startswith("2026-11-01")
