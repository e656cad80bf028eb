"""Wishes that became another thing than was wished: each is done as it was said, or asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Every, Plan, Step, Unclear
from deskhand.agent.plans.validate import faults
from deskhand.agent.profile import Known


def made(words: str, known: Known) -> Plan:
    found = plan(words, known)
    assert isinstance(found, Plan), found
    assert faults(found) == []
    return found


def asked(words: str, known: Known) -> Unclear:
    found = plan(words, known)
    assert isinstance(found, Unclear), [(s.op, s.args) for s in found.steps]
    assert all(isinstance(plan(c, known), Plan) for c in found.choices)
    return found


def steps(found: Plan, op: str) -> list[Step]:
    return [s for s in found.steps if s.op == op]


class TestAnotherKind:
    @pytest.mark.parametrize(
        ("words", "choice"),
        [
            ("delete the last mail from Bo", "move the last mail from bo@example.org to the trash"),
            (
                "delete the mail from Bo about lenses",
                "move the mails from bo@example.org about lenses to the trash",
            ),
            ("delete all mails from Marta", "move the mails from marta@example.org to the trash"),
        ],
    )
    def test_a_mail_is_never_cancelled(self, words: str, choice: str, known: Known) -> None:
        found = asked(words, known)
        assert found.choices == (choice,)
        assert {s.op for s in made(choice, known).steps} == {"message.list", "mail.trash"}

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
        assert "about a meeting" in asked(words, known).message

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

    @pytest.mark.parametrize("words", ["ask Ann to undo the change", "tell Bo: please undo it"])
    def test_somebody_may_be_told_so(self, words: str, known: Known) -> None:
        assert steps(made(words, known), "mail.send")


class TestUnconsumedWords:
    @pytest.mark.parametrize(
        "words", ["make a half-hour with each of my three direct reports next week",
                  "make a half-hour with each of my interns next week"],
    )  # fmt: skip
    def test_a_group_nobody_has_set_is_asked_about(self, words: str, known: Known) -> None:
        message = asked(words, replace(known, groups={})).message
        assert "I know no group" in message
        assert "deskhand state set" in message

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
