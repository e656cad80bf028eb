"""Words that no plan may lose: a mail held back, another day, how often, which hour, who is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deskhand.agent.planners.likeness.cues import neighbour, said_so, unheeded
from deskhand.agent.planners.rewording.colloquial import with_hours
from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known


def ops(made: Plan | Unclear) -> list[str]:
    return [s.op for s in made.steps] if isinstance(made, Plan) else []


def argument(made: Plan | Unclear, op: str, name: str) -> object:
    assert isinstance(made, Plan), made
    return next(s.args.get(name) for s in made.steps if s.op == op)


@pytest.mark.parametrize(
    "words",
    [
        "mail will stone (draft!!): we cant pay before january",
        "mail Bo (draft): the keys are back",
        "email Ann (just a draft!): we meet at nine",
        "mail to bo, draft only, dont send: i need the van keys back",
        "I want to sleep on it, so just put a reply to Ann's last message into my drafts: sounds good to me",
        "put a reply to Bo's last mail in my drafts: fine by me",
        "whip up an answer to Bo's last mail but DON'T send it yet: the price is too high",
        "write to Bo, in my drafts: we cannot come",
    ],
)
def test_what_is_held_back_is_not_sent(words: str, known: Known) -> None:
    assert "mail.send" not in ops(plan(words, known))


@pytest.mark.parametrize(
    ("words", "theirs"),
    [
        ("Show me the emails I sent that have not been answered.", True),
        ("who hasn't answered my emails yet", True),
        ("Could you tell me which of my mails nobody has responded to yet?", True),
        ("Which people still expect an answer from me?", False),
        ("I have the feeling that I'm behind on my replies, who is expecting to hear from me?", False),
    ],
)
def test_who_waits_for_whom_is_as_said(words: str, theirs: bool, known: Known) -> None:
    assert argument(plan(words, known), "threads.waiting", "theirs") is theirs


def test_words_outside_the_slots_choose_between_neighbours() -> None:
    assert neighbour("tell", "mail ( draft ! )") == "draft"
    assert neighbour("tell", "mail about the draft of") == "tell"
    assert neighbour("reply", "do not send it yet") == "reply_draft"
    assert said_so("anew", "on a different day", "find a new time for the demo").startswith("find a new date")
    assert (
        said_so("filed", "grab the pdfs", "file the attachments of x under Y") == "file the pdfs of x under Y"
    )
    assert unheeded("book", "what weekly slot", {}) == ["weekly"]
    assert unheeded("book", "what weekly slot", {"often": ["weekly"]}) == []
    assert unheeded("book", "a table for", {}) == ["table"]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("is ann free thursday 11", "is ann free thursday at 11"),
        ("is ann free tuesday 8", "is ann free tuesday 8"),  # Tuesday is the 8th of December
        ("is ann free thursday 11 december", "is ann free thursday 11 december"),
    ],
)
def test_a_number_behind_a_day_is_its_hour_unless_it_is_its_date(words: str, meant: str) -> None:
    assert with_hours(words, datetime(2026, 11, 22, 8, tzinfo=UTC)) == meant


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("book a meeting with ann thursday 930", "2026-11-26T09:30"),
        ("book a meeting with ann on thursday 1430", "2026-11-26T14:30"),
        ("meeting bo + marta, thu 26 nov, 13h30, 1h", "2026-11-26T13:30"),
        ("cancel choir practice on thursday and book drinks with ann that day at 7pm", "2026-11-26T19:00"),
        ("ditch choir practice on thurs n pencil in drinks w/ ann then, 7pm", "2026-11-26T19:00"),
    ],
)
def test_no_hour_and_no_day_is_lost(words: str, at: str, known: Known) -> None:
    assert str(argument(plan(words, known), "slots.find", "at")).startswith(at)


def test_the_hour_of_a_condition_is_kept(known: Known) -> None:
    made = plan("if marta's busy thurs 11 just tell her i'll call, otherwise book 20 min with her", known)
    assert str(argument(made, "calendar.free", "start")).startswith("2026-11-26T11:00")


@pytest.mark.parametrize("words", ["hold the book club a day later", "could we do the pitch an hour later?"])
def test_what_is_there_is_moved_and_not_booked_anew(words: str, known: Known) -> None:
    assert "event.create" not in ops(plan(words, known))
    assert "event.update" in ops(plan(words, known))


@pytest.mark.parametrize(
    "words",
    [
        "book a table for the meeting with Bo at Luigi's",
        "get me a taxi for Friday with Ann",
        "Book lunch with Ann on Tuesday, and it has to be on Wednesday.",
        "set up a call with Bo on Monday, it must be on Friday",
        "tell Bo the options",
        "summarise his last mail",
        "find out when the contract ends and tell Ann",
    ],
)
def test_what_cannot_be_meant_or_done_so_is_asked(words: str, known: Known) -> None:
    assert isinstance(plan(words, known), Unclear)


def test_whom_a_chance_is_asked_for_stays(known: Known) -> None:
    made = plan("is there a chance to get 20 minutes with sam on friday? book it", known)
    assert isinstance(made, Unclear)
    assert "Sam Okafor" in made.message
    made = plan("any chance of half an hour with Bo on Friday? book it", known)
    assert argument(made, "slots.find", "people") == ["bo@example.org"]
    assert "event.create" in ops(made)


def test_from_now_on_is_from_now_on(known: Known) -> None:
    made = plan("From now on the payroll meeting should last only 25 minutes.", known)
    assert argument(made, "event.find", "following") is True


def test_lunch_is_kept(known: Known) -> None:
    made = plan("find me an hour with Ann next week that leaves my lunch alone and book it", known)
    assert argument(made, "slots.find", "keep_lunch") is True


def test_what_the_invitation_is_to_stands_in_front(known: Known) -> None:
    made = plan("I'd be delighted to come to the site inspection, please accept the invitation.", known)
    assert argument(made, "invitation.find", "about") == "site inspection"


def test_both_schedules_are_paused(known: Known) -> None:
    made = plan("pause both the harbour report and the digest", known)
    assert isinstance(made, Plan)
    assert [s.args["name"] for s in made.steps] == ["harbour-report", "digest"]


def test_the_mail_itself_is_the_one_that_was_summarised(known: Known) -> None:
    made = plan("Summarise Will Stone's last email and forward the email itself to Marta.", known)
    assert ops(made).count("item.find") == 1


@pytest.mark.parametrize(
    "words", ["Archive the newsletters from Ann", "Archive Ann's mails", "Move the mails from Ann to Archive"]
)
def test_mail_is_put_into_the_archive(words: str, known: Known) -> None:
    assert argument(plan(words, known), "mail.move", "folder") == "Archive"


def test_a_summary_that_is_to_be_mailed_is_mailed(known: Known) -> None:
    assert ops(plan("Mail me a summary of the thread about the roof", known))[-1] == "mail.send"
