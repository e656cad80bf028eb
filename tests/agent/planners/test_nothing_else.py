"""A plan does all that was said and nothing else: what it would leave out or invent is asked about.

Wishes of people who did not know how words are read, each of which became another plan once.
"""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only, steps

from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    "words",
    [
        "shorten all my meetings on Thursday by 5 minutes",
        "decline all invitations from Eve",
        "tell everyone in tomorrow's meetings that I'm ill",
        "forward all of Will's mails about the lease to Marta",
        "reply to everyone who wrote me today that I'm ill",
        "block my lunch breaks next week",
        "cancel my one-on-ones next week",
        "push tomorrow's meetings back by 15 minutes",
        "remove Bo from all meetings next week",
        "find an hour with Bo on Friday and one with Ann on Thursday",
    ],
)
def test_several_are_not_one(words: str, known: Known) -> None:
    assert "more than one" in asked(words, known).message


def test_either_of_two_hours_is_not_the_first(known: Known) -> None:
    found = asked("book Ann at 10 or 11 on Thursday, I don't mind", known)
    assert [only(made(c, known), "slots.find").args["at"][11:16] for c in found.choices] == ["10:00", "11:00"]


@pytest.mark.parametrize(
    "words",
    [
        "Is there anything from Eve I haven't read?",
        "show me mails I haven't opened yet",
        "which meetings next week have no agenda?",
        "which of my meetings tomorrow are with external people",
        "trash Will's old mails",
        "make the digest shorter",
        "digest of yesterday please",
        "what's on the week after",
        "postpone the demo by a week, same time, but at Ann's office",
        "cancel the standup until further notice",
        "which invitations haven't I answered yet?",
        "turn down Will's invitation nicely",
        "diff of the handbook against last month's version",
        "compare the price list with last week's",
        "mail the price list to Ann with Marta in copy",
        "can you put in half an hour with bo next friday, and keep it tentative",
        "cancel every meeting without an agenda tomorrow",
    ],
)
def test_what_a_wish_chooses_by_is_not_left_aside(words: str, known: Known) -> None:
    assert "I would do nothing of" in asked(words, known).message


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("delete all past events from my calendar", "past"),
        ("decline all meetings before 9 next week", "before 9"),
        ("decline all meetings over an hour next week", "over an hour"),
        ("cancel my attendance at the offsite", "attendance at the offsite"),
        ("withdraw my acceptance of the review", "acceptance of the review"),
        ("move both of tomorrow's meetings with Bo to Friday", "both"),
        ("what's new in my inbox since yesterday", "inbox"),
        ("compare the current offer with the last version", "current offer with the last"),
        ("hi, need 30 mins w/ Ann re the audit some time Thu or Fri am", "Audit some time"),
        ("reply to Will, copying Marta: fine by us", "copying Marta"),
        ("send Ann's and Bo's offers to Marta", "Ann's and Bo's offers"),
        ("summarise all unread mails", "all unread"),
        ("cancel the sync every week in December", "sync every week in December"),
        ("Kick-off with Ann & Bo: 1 December, 10:00-11:30, Room Atlas", "Room Atlas"),
        ("cancel the series but keep tomorrow's", "but keep"),
        (
            "Kindly intimate the leads that the review stands postponed to Monday",
            "intimate the leads that the review stands",
        ),
    ],
)
def test_what_no_event_is_called_is_not_looked_for(words: str, name: str, known: Known) -> None:
    assert f"“{name}”" in asked(words, known).message


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("let Bo know when Ann replies", "When Ann replies"),
        ("tell Ann which times on Thursday I have free", "Which times on Thursday I have free"),
        ("tell Bo yes, Ann no", "Yes, Ann no"),
        ("tell Marta not to wait for me", "Not to wait"),
        ("tell Bo in two sentences why the demo is moved", "In two sentences why the demo is moved"),
        (
            "mail to will@example.com; subject: deposit; we have received your deposit",
            "Deposit; we have received your deposit",
        ),
    ],
)
def test_half_a_text_is_not_written(words: str, text: str, known: Known) -> None:
    assert f"I would write “{text}”" in asked(words, known).message


def test_of_two_things_both_are_reported(known: Known) -> None:
    found = made("let Marta know that it is okay and that I'll call", known)
    assert only(found, "mail.send").args["body"] == "It is okay and I'll call\n"


@pytest.mark.parametrize(
    "words",
    [
        "if there's no meeting after 4 tomorrow, block 4 to 6 for sport",
        "cancel lunch with Ann and book dinner with her the same day at 7",
        "the demo should be in the afternoon instead",
        "unless I have something at 4, book Bo for an hour then tomorrow",
        "Bo said Thursday is fine, so book him for an hour at 10",
    ],
)
def test_a_day_that_another_part_says_is_not_today(words: str, known: Known) -> None:
    assert "on which day" in asked(words, known).message


@pytest.mark.parametrize(
    "words", ["book lunch with Ann, and if she can't, with Bo", "if Marta objects, cancel the demo"]
)
def test_what_it_depends_on_is_not_left_out(words: str, known: Known) -> None:
    asked(words, known)


@pytest.mark.parametrize(
    "words", ["forward Ann's mail to Bo tomorrow morning", "brief me on the meeting with Will tomorrow"]
)
def test_a_mail_for_later_is_not_sent_at_once(words: str, known: Known) -> None:
    assert "at once" in asked(words, known).message


@pytest.mark.parametrize(
    "words",
    [
        "on weekdays at 8 give me a digest, on Sundays at 10",
        "each Sunday evening at 7 a digest of the coming week",
    ],
)
def test_a_schedule_does_what_is_understood_by_itself(words: str, known: Known) -> None:
    asked(words, known)


def test_both_of_two_days_are_not_one_of_them(known: Known) -> None:
    assert "are two" in asked("book Ann on Monday at 10 and Tuesday at 11", known).message


def test_a_day_beside_the_time_is_its_own(known: Known) -> None:
    found = made("if I have no meeting on Monday, block Tuesday 4pm to 6pm for sport", known)
    assert only(found, "slots.find").args["at"][:10] == "2026-11-24"


@pytest.mark.parametrize(
    "words",
    [
        "let me know when Ann replies",
        "watch the price list and tell me when it changes",
    ],
)
def test_nothing_is_waited_for(words: str, known: Known) -> None:
    assert "I wait for nothing" in asked(words, known).message


@pytest.mark.parametrize(
    "words",
    [
        "chase everyone who owes me an answer",
        "let's do Thursday at 3 with Marta then",
        "star everything from Will",
        "Find time for a 2h workshop with Ann, Bo, Marta and Yuki between 1 and 11 December",
    ],
)
def test_looking_up_is_not_doing_nor_doing_looking_up(words: str, known: Known) -> None:
    assert "so nothing was done" in asked(words, known).message


@pytest.mark.parametrize(
    "words",
    [
        "email my team the agenda for Monday",
        "email my team tomorrow's agenda",
        "ask Will for a discount, politely",
        "Ann is on holiday next week",
        "summarise what I missed since Friday",
        "reply to Yuki accepting",
        "the conference is cancelled, remove all its events",
        "every sync with Bo from January on at 11 instead of 10",
        "which day next week is the emptiest",
        "share my calendar with Bo",
        "tell Marta yes, I'll come to her party",
        "let Ann know the new time of the demo",
        "lengthen the planning by half an hour, at the front",
        "find the mail with the offer, forward it to Marta and thank Will for it",
        "did anyone answer my question about the lamp?",
        "show me the mails from Ann that have attachments",
        "write to Marta in Portuguese that I am late",
    ],
)
def test_what_is_no_text_no_mail_and_no_wish_is_asked_about(words: str, known: Known) -> None:
    asked(words, known)


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("my mother arrives on the 27th at 14:35, put that in my calendar please", "Mother arrives"),
        ("dont let me forget the library books on friday at 4, put it in the calendar", "Library books"),
    ],
)
def test_what_is_put_in_is_called_as_it_was_said(words: str, title: str, known: Known) -> None:
    assert only(made(words, known), "event.create").args["title"] == title


def test_who_stays_away_cancels_nothing_for_others(known: Known) -> None:
    assert "for everybody" in asked("take me off the Friday retro", known).message
    found = made("I won't be at the all-hands on Thursday", known)
    assert "series" not in only(found, "event.find").args
    assert steps(found, "event.whose")


def test_the_document_that_is_sent_is_not_what_they_asked_about(known: Known) -> None:
    found = made("send the price list to everyone who asked about prices this month", known)
    assert only(found, "item.find").args["about"] == "price list"


def test_a_day_that_it_is_not_is_ruled_out(known: Known) -> None:
    found = made("find a time for lunch with Bo that isn't Monday", known)
    assert only(found, "slots.find").args["not_on"] == [0]


def test_whenever_but_before_a_day_is_before_it(known: Known) -> None:
    found = made("get 45 with Ann on the calendar, whenever, but before Friday", known)
    assert only(found, "slots.find").args["end"][:10] == "2026-11-27"


def test_a_part_of_a_day_that_comes_again_is_blocked_as_a_whole(known: Known) -> None:
    args = only(made("block every friday afternoon for writing until christmas", known), "slots.find").args
    assert (args["minutes"], args["at"][:16], args["rrule"][:22]) == (
        300, "2026-11-27T12:00", "FREQ=WEEKLY;BYDAY=FR;U",
    )  # fmt: skip


def test_one_afternoon_is_no_series(known: Known) -> None:
    assert "rrule" not in only(made("30 min Ann wed arvo", known), "event.create").args


def test_the_week_before_is_last_week_on_the_day_of_the_run(known: Known) -> None:
    found = made("every Monday at 9 summarise the mails from Will of the week before", known)
    assert only(found, "schedule.add").args["request"] == "summarise the mails from Will of last week"


def test_a_polite_question_leaves_no_mark_in_the_text(known: Known) -> None:
    found = made("Could you let Marta know I'm running behind for our catch up today?", known)
    assert only(found, "mail.send").args["body"] == "I'm running behind for our catch up today\n"


def test_a_document_is_shared_and_no_mail_about_it(known: Known) -> None:
    assert only(made("share the handbook with Yuki", known), "mail.send").args["attachments"]
    assert steps(made("share the newest mail about the visa with Will", known), "mail.compose_forward")
