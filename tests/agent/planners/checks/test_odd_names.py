"""A name ends where a sentence begins: what swallowed one is read anew, or asked about."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only

from deskhand.agent.planners.checks.odd_names import is_odd
from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan
from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    "name",
    [
        "customs forms, would you", "Call ? I can't do", "everything Bo has written", "list em", "as well",
        "off and there's this long chain", "she has kids", "review and the demo", "monday's", "invitations",
        "yes",
    ],
)  # fmt: skip
def test_a_sentence_is_no_name(name: str) -> None:
    assert is_odd(name)


@pytest.mark.parametrize(
    "name",
    [
        "budget review", "what we owe the bank", "IT review", "research and development", "Q3 plan, draft 2",
        "Luigi's", "will of the founder", "no-show report",
    ],
)  # fmt: skip
def test_a_name_may_be_long_or_a_question(name: str) -> None:
    assert not is_odd(name)


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (
            "Yuki ought to see the mail about the customs forms, would you pass it on to her?",
            "customs forms",
        ),
        ("Summarize everything Bo has written about the buoys this month.", "buoys"),
    ],
)
def test_the_second_reader_finds_where_it_ends(words: str, about: str, known: Known) -> None:
    assert only(made(words, known), "item.find").args["about"] == about


def test_what_is_quoted_may_be_any_words(known: Known) -> None:
    found = made("cancel “What if we are late?” on Friday", known)
    assert only(found, "event.find").args["about"] == "What if we are late?"


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (
            "I'd like 30 minutes with Marta next week, and please not before 10, she has kids",
            "Meeting with Marta",
        ),
        ("book an hour with Ann about the quay, I have to decide", "Quay"),
    ],
)
def test_why_it_is_booked_is_not_what_it_is_called(words: str, title: str, known: Known) -> None:
    assert only(made(words, known), "event.create").args["title"] == title


class TestWhatIsSaidBeside:
    """Words that were dropped, or taken for another thing."""

    @pytest.mark.parametrize(
        "words", ["schedule a chat with Bo as soon as possible", "book an hour with Ann asap"]
    )
    def test_soon_is_a_limit(self, words: str, known: Known) -> None:
        assert only(made(words, known), "slots.find").args["soon"] is True

    def test_a_day_if_possible_is_liked_and_not_the_only_one(self, known: Known) -> None:
        found = only(made("book 30 minutes with Yuki next week, Thursday if possible", known), "slots.find")
        assert found.args["likes_days"] == [3]
        assert found.args["end"] > "2026-11-29"

    @pytest.mark.parametrize("words", ['mail Bo "call me asap"', "mail Bo: call me asap"])
    def test_what_is_dictated_is_written_word_for_word(self, words: str, known: Known) -> None:
        assert only(made(words, known), "mail.send").args["body"] == "Call me asap\n"

    def test_one_mail_is_not_two(self, known: Known) -> None:
        found = made("reply to the last message from Yuki and tell her we need more time", known)
        assert only(found, "mail.compose_reply").args["body"] == "We need more time\n"
        assert only(found, "mail.send")

    def test_somebody_lost_on_the_way_is_no_plan(self, known: Known) -> None:
        found = plan(
            "could you look at Sam Okafor's and my calendars and tell me where thirty minutes would fit on "
            "Thursday",
            known,
        )
        assert not isinstance(found, Plan) or "sam.okafor@example.org" in str(found.steps)

    def test_a_day_that_is_blocked_is_not_half_an_hour(self, known: Known) -> None:
        found = asked("block Friday for writing", known)
        (choice,) = found.choices
        assert only(made(choice, known), "slots.find").args["minutes"] == 480


class TestMails:
    def test_unread_is_a_state_and_no_topic(self, known: Known) -> None:
        found = only(made("trash the unread mails", known), "message.list").args
        assert found["unread"] is True
        assert "about" not in found

    def test_a_quoted_topic_stays_one(self, known: Known) -> None:
        assert only(made("trash the mails about “unread”", known), "message.list").args["about"] == "unread"

    def test_mails_with_attachments_are_moved_and_not_what_came_with_them(self, known: Known) -> None:
        found = made("move the mails from Bo with attachments to folder Archive", known)
        assert only(found, "message.list").args["attachments"] is True
        assert only(found, "mail.move").args["folder"] == "Archive"

    def test_all_invitations_of_somebody_are_called_by_nothing(self, known: Known) -> None:
        found = only(made("decline all invitations from Bo on Friday", known), "event.list").args
        assert found["person"] == "bo@example.org"
        assert "about" not in found


class TestEvents:
    @pytest.mark.parametrize(
        ("words", "where"),
        [
            ("change the room of the review to the blue room", "the blue room"),
            ("change the location of the review on Thursday to Luigi's", "Luigi's"),
            ("move the review to room 4", "room 4"),
            ("switch the venue for the demo to Casa Rosa and tell everyone", "Casa Rosa"),
        ],
    )
    def test_a_place_is_changed_and_the_others_are_told(self, words: str, where: str, known: Known) -> None:
        found = made(words, known)
        assert only(found, "event.update").args["location"] == where
        assert only(found, "event.notice")

    def test_what_it_is_that_moves_to_a_room_is_asked(self, known: Known) -> None:
        assert "it" in asked("move it to room 4", known).message

    def test_two_events_are_two_moves(self, known: Known) -> None:
        found = made("move the review and the demo to Wednesday", known)
        assert [s.args["about"] for s in found.steps if s.op == "event.find"] == ["review", "demo"]

    def test_the_day_of_two_events_is_asked_where_one_has_it(self, known: Known) -> None:
        asked("move the review and the demo on Thursday to Friday", known)

    @pytest.mark.parametrize("verb", ["move", "cancel"])
    def test_choices_leave_out_what_was_left_out(self, verb: str, known: Known) -> None:
        found = asked(f"{verb} everything but the review", known)
        assert found.choices
        assert all("except the review" in choice for choice in found.choices)

    def test_who_will_not_be_there_tells_those_who_will(self, known: Known) -> None:
        found = made("I won't be at the review on Thursday, let them know", known)
        assert only(found, "mail.send").args["body"] == "I won't be at the review on Thursday\n"
        assert only(found, "event.people")

    @pytest.mark.parametrize("words", ["when did I last meet Bo?", "when did I last have lunch with Bo?"])
    def test_the_last_time_is_one(self, words: str, known: Known) -> None:
        found = only(made(words, known), "calendar.agenda").args
        assert found["last"] is True
        assert found.get("about", "") in ("", "lunch")
