"""Threads are what RFC 5256 says they are, in whatever order the messages come."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.connectors.threads import Header, base_subject, thread

START = datetime(2026, 11, 22, 8, tzinfo=UTC)


def mail(name: str, *references: str, subject: str = "", minute: int = 0) -> Header:
    return Header(name, references, subject, START + timedelta(minutes=minute))


@pytest.mark.parametrize(
    ("subject", "base", "answer"),
    [
        ("Budget", "Budget", False),
        ("Re: Budget", "Budget", True),
        ("RE:Budget", "Budget", True),
        ("re : Budget", "Budget", True),
        ("Fwd: Re: fw: Budget", "Budget", True),
        ("Re[2]: Budget", "Budget", True),
        ("[team] Re: [team] Budget", "Budget", True),
        ("[team] Budget", "Budget", False),
        ("[team]", "[team]", False),
        ("Re: [team]", "[team]", True),
        ("Budget (fwd)", "Budget", True),
        ("Budget (fwd) (FWD)  ", "Budget", True),
        ("[Fwd: Budget]", "Budget", True),
        ("[fwd: Re: [Fwd: Budget (fwd)]]", "Budget", True),
        ("  Two \t words\r\n here ", "Two words here", False),
        ("Regarding: Budget", "Regarding: Budget", False),
        ("Re:", "", True),
        ("", "", False),
        ("Reply", "Reply", False),
    ],
)
def test_base_subject(subject: str, base: str, answer: bool) -> None:
    assert base_subject(subject) == (base, answer)


@given(st.text(alphabet="[]():refwdREFWD x2", max_size=60))
def test_a_base_subject_is_its_own_base(subject: str) -> None:
    base, _ = base_subject(subject)
    assert base_subject(base)[0] == base


@pytest.mark.parametrize("piece", ["[a]", "Re: ", "(fwd)", "[fwd:", "[", "re[", "]"])
def test_a_huge_subject_costs_little(piece: str) -> None:
    began = time.process_time()
    base_subject(piece * 300_000)
    assert time.process_time() - began < 20  # seconds of CPU: it ends, and is not quadratic


def test_references_make_a_thread_named_by_its_root() -> None:
    found = thread(
        [mail("a"), mail("b", "a", minute=1), mail("c", "a", "b", minute=2), mail("other", minute=1)]
    )
    assert found == {"a": "a", "b": "a", "c": "a", "other": "other"}


def test_a_missing_root_names_the_thread_before_it_arrives() -> None:
    answers = [mail("b", "a", minute=1), mail("c", "a", minute=2)]
    assert thread(answers) == {"b": "a", "c": "a"}
    assert thread([*answers, mail("a")]) == {"a": "a", "b": "a", "c": "a"}


def test_a_late_message_can_join_two_threads() -> None:
    halves = [mail("a"), mail("c", "b", minute=2)]
    assert thread(halves) == {"a": "a", "c": "b"}
    assert thread([*halves, mail("b", "a", minute=1)]) == {"a": "a", "b": "a", "c": "a"}


def test_what_a_message_says_of_itself_beats_what_others_say_of_it() -> None:
    """Step 1B: the last reference of a message is its parent, even where another list differs."""
    found = thread([mail("x"), mail("b", "a", minute=5), mail("liar", "x", "b", minute=1)])
    assert found["b"] == "a"
    assert found["liar"] == "a"
    assert found["x"] == "x"


def test_messages_that_name_each_other_make_no_loop() -> None:
    found = thread([mail("a", "b"), mail("b", "a", minute=1), mail("c", "c", minute=2)])
    assert found["a"] == found["b"]
    assert found["c"] == "c"


def test_an_answer_without_references_joins_by_subject() -> None:
    found = thread([mail("a", subject="Lunch"), mail("b", subject="RE: lunch", minute=9)])
    assert found == {"a": "a", "b": "a"}


def test_it_joins_the_newest_that_is_not_younger() -> None:
    found = thread(
        [
            mail("old", subject="Lunch", minute=0),
            mail("new", subject="Lunch", minute=100),
            mail("re-old", subject="Re: Lunch", minute=50),
            mail("re-new", subject="Re: Lunch", minute=150),
            mail("next", subject="Lunch", minute=200),
        ]
    )
    assert found == {"old": "old", "new": "new", "re-old": "old", "re-new": "new", "next": "next"}


def test_same_subject_alone_is_no_thread() -> None:
    assert thread([mail("a", subject="Lunch"), mail("b", subject="Lunch", minute=1)]) == {"a": "a", "b": "b"}


def test_answers_to_something_nobody_has_are_together() -> None:
    found = thread([mail("a", subject="Re: Trip"), mail("b", subject="Re: Trip", minute=1)])
    assert found == {"a": "a", "b": "a"}


def test_an_answer_from_a_machine_with_a_slow_clock_still_joins() -> None:
    assert thread([mail("a", subject="Re: Trip"), mail("b", subject="Trip", minute=5)])["a"] == "b"


def test_answers_with_an_empty_subject_stay_alone() -> None:
    assert thread([mail("a", subject="Re:"), mail("b", subject="Re:", minute=1)]) == {"a": "a", "b": "b"}


NAMES = st.sampled_from("abcdefgh")
MAILS = st.lists(
    st.builds(
        Header,
        NAMES,
        st.lists(NAMES, max_size=4).map(tuple),
        st.sampled_from(["Lunch", "Re: Lunch", "Fwd: Lunch", "Trip", "Re: Trip", "Re:", ""]),
        st.integers(0, 5).map(lambda m: START + timedelta(minutes=m)),
    ),
    max_size=9,
)


@given(MAILS.flatmap(lambda m: st.tuples(st.just(m), st.permutations(m))))
def test_the_order_of_messages_does_not_matter(pair: tuple[list[Header], list[Header]]) -> None:
    messages, shuffled = pair
    assert thread(messages) == thread(shuffled)


@given(MAILS)
def test_every_message_is_in_a_thread_with_the_one_it_answers(messages: list[Header]) -> None:
    found = thread(messages)
    assert set(found) == {m.message_id for m in messages}
    declared = {m.message_id for m in messages if m.references}
    for message in messages:
        if sum(m.message_id == message.message_id for m in messages) == 1 and message.references:
            parent = message.references[-1]
            if parent in found:
                assert found[message.message_id] == found[parent]
    for name in set(found) - declared:
        if sum(m.message_id == name for m in messages) == 1:
            own = next(m for m in messages if m.message_id == name)
            if not base_subject(own.subject)[1] and not any(name in m.references for m in messages):
                assert found[name] == name


def test_a_hundred_thousand_messages_take_seconds() -> None:
    """One chain of answers as long as it gets, each naming all it can, and a crowd with one subject."""
    chain = [mail("m0")] + [mail(f"m{n}", "m0", f"m{n - 1}", minute=n) for n in range(1, 50_000)]
    crowd = [mail(f"r{n}", subject="Re: Status", minute=n % 7) for n in range(50_000)]
    began = time.process_time()
    found = thread([*reversed(chain), *crowd])
    assert time.process_time() - began < 30  # seconds of CPU: it ends, and is not quadratic
    assert {found[m.message_id] for m in chain} == {"m0"}
    assert len({found[m.message_id] for m in crowd}) == 1
