"""Wishes that became another thing than was wished: each is done as it was said, or asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from tests.agent.planners.wishes_planned import asked, made, only, steps

from deskhand.agent.planners.goals.mailboxes import by_account
from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Every, Plan
from deskhand.agent.profile import Known


class TestAnotherKind:
    @pytest.mark.parametrize(
        "words",
        [
            "delete the last mail from Bo",
            "delete the mail from Bo about lenses",
            "bin all mails from Marta",
            "all mails from Will about the invoices can be deleted",
        ],
    )
    def test_a_mail_is_never_cancelled_but_put_into_the_trash(self, words: str, known: Known) -> None:
        assert {s.op for s in made(words, known).steps} == {"message.list", "mail.trash"}

    @pytest.mark.parametrize("words", ["delete all my mail", "erase all my emails, every last one, forever"])
    def test_not_all_mail_there_is(self, words: str, known: Known) -> None:
        asked(words, known)

    @pytest.mark.parametrize(
        "words",
        [
            "delete all mails from Ann and tell Bo that I did it",
            "decline the mail from Bo",
            "move the message from Ann to Friday",
            "cancel the thread with Bo",
            "delete the document from Ann",
        ],
    )
    def test_what_is_no_event_changes_no_calendar(self, words: str, known: Known) -> None:
        asked(words, known)

    @pytest.mark.parametrize(
        "words", ["forward the meeting with Bo to Ann", "reply to the meeting with Bo: yes"]
    )
    def test_a_meeting_is_no_mail(self, words: str, known: Known) -> None:
        assert "is about “meeting”" in asked(words, known).message

    @pytest.mark.parametrize(
        "words", ["cancel the mail migration review", "cancel “Mail”", "cancel the document review on Friday"]
    )
    def test_an_event_may_be_called_like_one(self, words: str, known: Known) -> None:
        assert steps(made(words, known), "event.cancel")


class TestTakingBack:
    @pytest.mark.parametrize(
        "words",
        [
            "undo the cancellation of the budget review", "undo the last thing", "take that back",
            "I didn't mean to cancel the demo", "revert the move of the review", "uncancel the demo",
            "restore the demo", "please undo that", "cancel the demo, no wait, undo that",
        ],
    )  # fmt: skip
    def test_it_says_how_and_changes_nothing(self, words: str, known: Known) -> None:
        assert "deskhand undo RUN" in asked(words, known).message

    @pytest.mark.parametrize(
        "words",
        ["ask Ann to undo the change", "tell Bo: please undo it", "tell Ann we revert to the old plan"],
    )
    def test_somebody_may_be_told_so(self, words: str, known: Known) -> None:
        assert steps(made(words, known), "mail.send")


class TestLeftUnsaid:
    def test_the_one_is_what_the_part_before_is_about(self, known: Known) -> None:
        found = made("accept the invitation from Ann and decline the one from Bo", known)
        assert [{**s.args, "template": ""} for s in steps(found, "invitation.find")] == [
            {"person": "ann@example.org", "template": ""}, {"person": "bo@example.org", "template": ""},
        ]  # fmt: skip

    def test_a_one_of_nothing_is_asked_about(self, known: Known) -> None:
        asked("decline the one from Bo", known)

    @pytest.mark.parametrize("too", ["too", "as well", "the same", "the same thing"])
    def test_the_same_text_goes_to_both(self, too: str, known: Known) -> None:
        sent = steps(made(f"mail Marta that I am late and tell Yuki {too}", known), "mail.send")
        assert [(s.args["to"][0]["address"], s.args["body"]) for s in sent] == [
            ("marta@example.org", "I am late\n"), ("yuki@example.net", "I am late\n"),
        ]  # fmt: skip

    def test_somebody_named_behind_the_text_is_asked_about(self, known: Known) -> None:
        assert "Shall Ann be told" in asked("tell Bo that I am late and Ann too", known).message

    def test_the_same_as_nothing_is_asked_about(self, known: Known) -> None:
        assert "What shall it say" in asked("tell Yuki too", known).message

    def test_why_is_no_name(self, known: Known) -> None:
        found = made("cancel the lunch with Bo and tell him why: the slides are late", known)
        mail = steps(found, "mail.send")[-1]
        assert (mail.args["to"][0]["address"], mail.args["body"]) == (
            "bo@example.org",
            "The slides are late\n",
        )


class TestConditions:
    @pytest.mark.parametrize(
        "words",
        [
            "book an hour with Yuki on Friday at 15:00 if she is free, otherwise on Monday at 10",
            "book an hour with Yuki on Friday at 15:00 if she is free, otherwise with Ann",
            "if Yuki is free on Friday at 15:00 book an hour with her, otherwise on Monday at 10",
        ],
    )
    def test_half_a_wish_behind_otherwise_is_asked_about(self, words: str, known: Known) -> None:
        assert "Say the whole wish again" in asked(words, known).message

    def test_both_of_two_conditions_must_hold(self, known: Known) -> None:
        found = made(
            "if Bo has answered since Monday and Marta is free tomorrow at 10, book an hour with Marta "
            "tomorrow at 10", known,
        )  # fmt: skip
        (looked,) = steps(found, "message.list")
        (free,) = steps(found, "calendar.free")
        assert looked.args["person"] == "bo@example.org"
        assert free.args["people"] == ["marta@example.org"]
        (booked,) = steps(found, "event.create")
        assert isinstance(booked.when, Every)
        assert len(booked.when.of) == 2

    @pytest.mark.parametrize(
        "words",
        [
            "if Bo has answered since Monday or I have nothing on Friday, cancel the demo",
            "unless Bo has answered since Monday and I have nothing on Friday, cancel the demo",
            "if Bo has answered since Monday and it is raining, cancel the demo",
        ],
    )
    def test_what_cannot_be_kept_of_two_is_asked_about(self, words: str, known: Known) -> None:
        asked(words, known)

    def test_two_people_are_one_condition(self, known: Known) -> None:
        found = made("if Ann and Bo are free on Friday at 10, book an hour with them", known)
        assert len(steps(found, "calendar.free")) == 1

    def test_a_block_lies_on_the_day_that_was_asked_about(self, known: Known) -> None:
        found = made("if I have no meetings on Friday, book a 2 hour block in the morning", known)
        (slots,) = steps(found, "slots.find")
        assert datetime.fromisoformat(slots.args["start"]).date().isoformat() == "2026-11-27"


class TestUnconsumedWords:
    @pytest.mark.parametrize(
        "words", ["make a half-hour with each of my three direct reports next week",
                  "make a half-hour with each of my interns next week"],
    )  # fmt: skip
    def test_a_group_nobody_has_set_is_asked_about(self, words: str, known: Known) -> None:
        message = asked(words, replace(known, groups={})).message
        assert "I know no group" in message
        assert "deskhand state set" in message

    def test_a_team_is_no_event(self, known: Known) -> None:
        assert "no group “sales team”" in asked("mail everybody in the sales team: hello", known).message

    @pytest.mark.parametrize(
        "words",
        [
            "cancel the demo instead of the review",
            "decline everything on Thursday and offer each organiser the next gap I have",
        ],
    )
    def test_a_telling_word_is_no_part_of_a_name(self, words: str, known: Known) -> None:
        found = plan(words, known)
        if isinstance(found, Plan):  # understood: then the words are nowhere in it
            assert not any("each" in str(s.args.get("about", "")) for s in found.steps)
        else:
            assert found.message

    def test_what_is_quoted_is_a_name(self, known: Known) -> None:
        assert steps(made("cancel “Each one teach one”", known), "event.cancel")


class TestInventedAddresses:
    @pytest.mark.parametrize(
        "words",
        ["mail Gregor: hello", "book a call with the sales team on Friday at 10", "mail Tom about the demo"],
    )
    def test_no_address_is_made_up(self, words: str, known: Known) -> None:
        found = asked(words, known)
        assert "Write the address" in found.message
        assert not any("@" in c for c in found.choices)


def test_a_list_of_a_day_ends_with_it(known: Known) -> None:
    found = made("move everything except the board slides from Wednesday to Thursday", known)
    (listed,) = steps(found, "event.list")
    assert (listed.args["start"], listed.args["end"]) == (
        "2026-11-25T00:00:00+00:00",
        "2026-11-26T00:00:00+00:00",
    )
    assert listed.args["stays"] == [{"about": "board slides"}]


class TestDaysWithOthersBetween:
    @pytest.mark.parametrize(
        ("words", "days"),
        [
            ("cancel everything on Monday and Friday", (23, 27)),
            ("cancel everything on Monday or Friday", (23, 27)),
            ("cancel everything with Bo on Tuesday and Thursday", (24, 26)),
            ("clear Monday and Wednesday", (23, 25)),
            ("decline everything on Monday and Friday except the board meeting", (23, 27)),
            ("move everything on Monday and Wednesday to Friday", (23, 25)),
            ("cancel everything on Monday, Tuesday and Friday and tell them", (23, 24, 27)),
        ],
    )
    def test_what_lies_between_is_never_meant(self, words: str, days: tuple[int, ...], known: Known) -> None:
        found = asked(words, known)
        listed = [steps(made(choice, known), "event.list")[0].args for choice in found.choices]
        assert [(a["start"][:10], a["end"][:10]) for a in listed] == [
            (f"2026-11-{day}", f"2026-11-{day + 1}") for day in days
        ]

    @pytest.mark.parametrize(
        ("words", "start", "end"),
        [
            ("cancel everything on Thursday and Friday", "2026-11-26T00", "2026-11-28T00"),
            ("cancel everything on Monday, Tuesday and Wednesday", "2026-11-23T00", "2026-11-26T00"),
            ("cancel everything next week on Tuesday", "2026-11-24T00", "2026-11-25T00"),
            ("cancel everything from Monday to Wednesday", "2026-11-23T00", "2026-11-26T00"),
        ],
    )
    def test_days_that_touch_are_one(self, words: str, start: str, end: str, known: Known) -> None:
        (found,) = steps(made(words, known), "event.list")
        assert (found.args["start"][:13], found.args["end"][:13]) == (start, end)


@pytest.mark.parametrize(
    "words",
    [
        "clear my Friday, but only what can be moved",
        "cancel everything on Friday but only the reviews",
        "decline everything on Friday, just the reviews",
    ],
)
def test_only_behind_a_wish_for_many_is_asked_about(words: str, known: Known) -> None:
    asked(words, known)


@pytest.mark.parametrize("words", ["clear only Friday afternoon", "clear just Friday afternoon"])
def test_only_in_front_of_a_time_is_no_name(words: str, known: Known) -> None:
    (found,) = steps(made(words, known), "event.list")
    assert "about" not in found.args


class TestWhomAWishLeavesOut:
    @pytest.mark.parametrize(
        "words",
        [
            "book an hour with my team next week minus Bo",
            "book an hour with my team minus Bo next week",
            "book an hour with my team less Bo next week",
            "book an hour with my team save for Bo next week",
            "book an hour with my team next week sans Bo",
            "book an hour with my team next week other than Bo",
        ],
    )
    def test_is_not_invited(self, words: str, known: Known) -> None:
        found = made(words, known)
        (created,) = steps(found, "event.create")
        invited = {p["address"] for p in created.args["attendees"]}
        assert invited == {"ann@example.org", "marta@example.org", "yuki@example.net"}
        assert "bo@example.org" not in str(found.steps)
        assert "inus" not in created.args["title"]

    @pytest.mark.parametrize(
        "words",
        [
            "forward the budget mail to everyone but Bo",
            "ask everybody in the review but Ann to bring a pen",
            "tell everyone in the review except Bo that I am late",
            "book an hour with my team next week minus Will",
        ],
    )
    def test_is_asked_about_where_it_is_nobodys_group(self, words: str, known: Known) -> None:
        asked(words, known)


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ("and leave my Fridays alone", {"not_on": [4]}),
        (", leaving Monday and Friday alone", {"not_on": [0, 4]}),
        ("and keep my mornings free", {"not_parts": ["morning"]}),
    ],
)
def test_what_is_left_alone_is_no_series(words: str, limit: dict[str, object], known: Known) -> None:
    found = made(f"book an hour with Ann next week {words}", known)
    assert limit.items() <= steps(found, "slots.find")[0].args.items()
    (created,) = steps(found, "event.create")
    assert (created.args["title"], "rrule" in created.args) == ("Meeting with Ann", False)


@pytest.mark.parametrize(
    "words",
    [
        "cancel every second stand-up",
        "cancel every other stand-up",
        "move the Monday review and the Friday demo to Wednesday",
    ],
)
def test_what_names_several_is_never_the_name_of_one(words: str, known: Known) -> None:
    asked(words, known)


class TestAClauseBehindTheDay:
    @pytest.mark.parametrize(
        "words",
        [
            "decline all invitations on Friday that Bo sent",
            "decline all invitations on Friday that Ann did not organise",
            "cancel everything on Friday that was organised by Bo",
            "decline everything on Friday that I have not accepted",
        ],
    )
    def test_by_whom_is_asked_and_the_day_is_not_over(self, words: str, known: Known) -> None:
        assert "is over" not in asked(words, known).message

    @pytest.mark.parametrize(
        "words",
        [
            "decline everything on Friday that I was invited to",
            "decline everything that I was invited to on Friday",
        ],
    )
    def test_its_verb_looks_back_and_the_day_does_not(self, words: str, known: Known) -> None:
        (found,) = steps(made(words, known), "event.list")
        assert (found.args["start"][:10], found.args["end"][:10]) == ("2026-11-27", "2026-11-28")
        assert "about" not in found.args


def test_an_hour_that_may_be_a_date_is_asked_about(known: Known) -> None:
    found = asked("lunch with Ann tuesday 1", known)
    assert found.choices == ("lunch with Ann tuesday at 1", "lunch with Ann on 1 December")


def test_a_beginning_alone_is_no_length(known: Known) -> None:
    assert "till midnight" in asked("lunch with Bo thursday, not before one", known).message


@pytest.mark.parametrize(
    "words",
    [
        "cancel the review with the message “I am ill”",
        "cancel the review with the note: I am ill",
        "call off the review with a note saying that I am ill",
    ],
)
def test_a_message_with_a_cancelling_is_for_those_in_it(words: str, known: Known) -> None:
    found = made(words, known)
    assert only(found, "event.find").args["about"] == "review"
    assert [
        s.args["body"] for s in found.steps if s.op == "mail.send" and isinstance(s.args["body"], str)
    ] == ["I am ill\n"]
    told = replace(
        known,
        places=(*known.places[:1], replace(known.places[1], kind="msgraph_calendar"), *known.places[2:]),
    )
    cancelled = by_account(found, told.places)
    assert isinstance(cancelled, Plan)
    assert only(cancelled, "event.cancel").args["comment"] == "I am ill"


def test_a_length_that_will_do_is_the_new_one(known: Known) -> None:
    found = made("the review has to be shorter, 20 minutes will do", known)
    assert "longer" not in only(found, "event.shift").args
