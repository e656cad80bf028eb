"""What is said with a no, put in its place in the wish: or nowhere, and then nothing is made of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from agent_givens import House
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.planners.rewording.amended import amended
from deskhand.agent.profile import Known
from deskhand.connectors.model import Label, Participant

ME, PEOPLE = "noor@example.org", {"Ann Berg": "ann@example.org", "Bo Lind": "bo@example.org"}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    root: Path = tmp_path_factory.mktemp("amended")
    with House(root / "home") as house:
        for name, address in PEOPLE.items():
            house.message(
                f"to-{address}", sender=ME, to=address, folder="Sent", label=Label("user", (), None),
                people=(Participant("from", ME), Participant("to", address, name)),
                data={"message_id": f"<{address}>", "sent": True},
            )  # fmt: skip
        house.sync()
        yield house.room.known()


@pytest.mark.parametrize(
    ("wish", "said", "meant"),
    [
        ("book 30 minutes with Bo on Tuesday", "make it 45 minutes", "book 45 minutes with Bo on Tuesday"),
        ("book 30 minutes with Bo on Tuesday", "an hour please", "book an hour with Bo on Tuesday"),
        ("book 30 minutes with Bo", "not Friday", "book 30 minutes with Bo, not Friday"),
        ("book 30 minutes with Bo", "not in the morning", "book 30 minutes with Bo, not in the morning"),
        ("book 30 minutes with Bo on Tuesday", "Wednesday", "book 30 minutes with Bo on Wednesday"),
        ("meet Bo on Tuesday", "no, on Wednesday instead", "meet Bo on Wednesday"),
        ("book 30 minutes with Bo on Tuesday", "at 3pm", "book 30 minutes with Bo on Tuesday at 3pm"),
        ("book Tuesday at 10:00 with Bo", "Wednesday", "book on Wednesday at 10:00 with Bo"),
        ("book Tuesday at 10:00 with Bo", "at 3pm", "book on 2026-11-24 at 3pm with Bo"),
        ("book 30 minutes with Bo", "next week", "book 30 minutes with Bo next week"),
        ("book 30 minutes with Bo on Tuesday", "with Ann instead", "book 30 minutes with Ann on Tuesday"),
        ("book 30 minutes with Bo on Tuesday", "Ann too", "book 30 minutes with Bo and Ann on Tuesday"),
        ("send Bo a mail: see you on Friday", "to Ann instead", "send Ann a mail: see you on Friday"),
    ],
)  # fmt: skip
def test_it_takes_its_place(known: Known, wish: str, said: str, meant: str) -> None:
    assert amended(wish, said, known) == meant


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("book 30 minutes with Bo on Tuesday", "too early"),
        ("book 30 minutes with Bo on Tuesday", "call it Budget"),
        ("book 30 minutes with Bo on Tuesday", "I do not like him"),
        ("book 30 minutes with Bo on Tuesday", "45 minutes on Friday"),
        ("book 30 minutes with Bo on Tuesday", "and send Ann a mail"),
        ("book 30 minutes with Bo and Ann", "with Bo instead"),
        ("send Bo a mail: see you on Friday", "not Friday"),
        ("send Bo a mail: see you on Friday", "on Monday"),
        ("send Bo a mail: see you on Friday", "make it 45 minutes"),
        ("book 30 minutes with Bo on Tuesday", ""),
        ("book 30 minutes with Bo on Tuesday", "!!"),
    ],
)
def test_what_fits_nowhere_is_left(known: Known, wish: str, said: str) -> None:
    assert amended(wish, said, known) is None


SAID = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            [
                "make",
                "it",
                "45",
                "minutes",
                "not",
                "Friday",
                "on",
                "Tuesday",
                "Ann",
                "Bo",
                "instead",
                "too",
                "at",
                "3pm",
                ",",
                ".",
                "no",
                "with",
                "to",
                ":",
                '"',
            ]
        ),
        max_size=8,
    ).map(" ".join),
)


@given(SAID)
def test_any_words_are_put_somewhere_or_left_and_the_text_of_a_mail_stays(known: Known, said: str) -> None:
    made = amended("tell Bo: see you on Friday, 10 am", said, known)
    assert made is None or made.endswith(": see you on Friday, 10 am")
    assert amended("tell Bo: see you on Friday, 10 am", said, known) == made
    amended("book 30 minutes with Bo on Tuesday", said, known)
