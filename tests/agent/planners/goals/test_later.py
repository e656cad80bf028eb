"""A mail that is to be written later is not sent now; whether it is, is asked."""

from __future__ import annotations

import pytest
from tests.agent.planners.wishes_planned import asked, made, only

from deskhand.agent.profile import Known


@pytest.mark.parametrize(
    ("words", "now"),
    [
        ("on Thursday at 9 mail Ann: hello", "mail Ann: hello"),
        ("tomorrow at 9 tell Bo I'm late", "tell Bo I'm late"),
        ("tell Bo tomorrow that I'm late", "tell Bo that I'm late"),
        ("mail Ann on Thursday: hello", "mail Ann: hello"),
        ("send Ann a mail at 5 pm today saying the office is closed", None),
        ("send me a digest tomorrow at 8", "send me a digest"),
    ],
)
def test_a_time_to_come_is_asked_about(words: str, now: str | None, known: Known) -> None:
    found = asked(words, known)
    assert found.message.startswith("Shall it be written now, or")
    assert now is None or found.choices == (now,)


@pytest.mark.parametrize(
    "words",
    [
        "mail Ann about the review on Thursday: it moved",
        "tell Ann that the review on Thursday is off",
        "ask Bo whether he is free on Thursday",
        "today tell Bo that I'm late",
    ],
)
def test_a_time_that_is_spoken_of_is_no_time_to_write(words: str, known: Known) -> None:
    assert only(made(words, known), "mail.send")


def test_what_repeats_is_a_schedule(known: Known) -> None:
    assert only(made("every Monday at 9 mail Ann: the numbers", known), "schedule.add")
