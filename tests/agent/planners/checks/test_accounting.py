"""No word about time is dropped in silence: each shows in the plan, in a name in it, or in the question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.agent.planners import conftest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

Args = dict[str, Any]
KNOWN: Known = conftest.office()

LENGTHS = {"30 minutes": 30, "an hour": 60, "45 minutes": 45, "two hours": 120}
WISHES = (
    "schedule {length} with Ann", "book {length} with Ann and Yuki", "find {length} with Ann",
    "offer Ann three times for {length}", "hold {length} with Ann",
    "schedule {length} with each of Ann and Marta",
    "find times for one-to-ones with Ann and Marta for {length}", "tentatively book {length} with Ann",
    "make room for {length} with Ann",
)  # fmt: skip
_WEEK = ("2026-11-23T00:00", "2026-11-30T00:00")


def _starts(first: str, last: str) -> Callable[[Args], bool]:
    """A window within that; of a series the first time."""
    return lambda a: (
        first <= str(a.get("start") or a.get("at") or "")[:16]
        and str(a.get("end") or a.get("at"))[:16] <= last
    )


def _moments(args: Args) -> list[Any]:
    return [args.get(name) for name in ("within", "start", "at")]


def _beside(side: str, **has: Any) -> Callable[[Args], bool]:
    wanted = {"side": side, **has}
    return lambda a: any(wanted.items() <= one.items() for one in a.get("beside", ()))


DAYS: dict[str, Callable[[Args], bool]] = {
    "next week": _starts(*_WEEK),
    "tomorrow": _starts("2026-11-23T00:00", "2026-11-24T00:00"),
    "on Tuesday": _starts("2026-11-24T00:00", "2026-11-25T00:00"),
    "on Tuesday or Thursday": lambda a: len(a.get("within", ())) == 2,
    "in the next three weeks": _starts("2026-11-22T08:00", "2026-12-14T00:00"),
    "": lambda a: True,
}
LIMITS: dict[str, Callable[[Args], bool]] = {
    "not Monday": lambda a: a.get("not_on") == [0],
    "not before 10": lambda a: "10:00" in (a.get("not_before"), *a.get("between", ())),
    "not after 4": lambda a: "16:00" in (a.get("not_after"), *a.get("between", ())),
    "mornings only": lambda a: a.get("parts") == ["morning"],
    "between 2 and 5": lambda a: a.get("between") == ["14:00", "17:00"] or "T14:00" in str(_moments(a)),
    "not between 12 and 2": lambda a: a.get("not_between") == ["12:00", "14:00"],
    "no back-to-back": lambda a: a.get("spaced") == 15,
    "not over lunch": lambda a: a.get("keep_lunch") is True,
    "not Friday afternoon": lambda a: a.get("not_when") == [[4, "afternoon"]],
    "not the 27th": lambda a: "2026-11-27" in f"{a.get('not_dates')}{a.get('avoid')}",
}
LIKES: dict[str, Callable[[Args], bool]] = {
    "ideally mornings": lambda a: a.get("likes_parts") == ["morning"],
    "preferably on Wednesday": lambda a: a.get("likes_days") == [2],
    "as early as possible": lambda a: a.get("soon") is True,
}
ANCHORS: dict[str, Callable[[Args], bool]] = {
    "before the board meeting": _beside("before", least=0, most=None),
    "after the review": _beside("after", least=0, most=None),
    "at least two business days before the board meeting": _beside("before", least=2, unit="business"),
    "within two days after the review": _beside("after", least=0, most=2, unit="day"),
    "at least an hour before my flight": _beside("before", least=60, unit="minute"),
    "at most 30 minutes after the standup": _beside("after", most=30),
    "no later than a day before the board meeting": _beside("before", least=1, unit="day"),
    "not an hour before the review": _beside("before", most=60, excluded=True),
    "not within an hour of lunch with Bo": _beside("around", most=60, excluded=True),
}
OTHERS: dict[str, Callable[[Args], bool]] = {
    "in room Den": lambda a: a.get("room") == "Den",
    "Bo if possible": lambda a: a.get("optional") == ["bo@example.org"],
    "even if something must move": lambda a: a.get("by_moving") is True,
    "unless it rains": lambda a: False,
    "depending on the weather": lambda a: False,
    "every second Tuesday": lambda a: "INTERVAL=2" in str(a.get("rrule")),
}
ALL = DAYS | LIMITS | LIKES | ANCHORS | OTHERS


@st.composite
def wishes(draw: st.DrawFn) -> tuple[str, str, list[str]]:
    """A wish, its length, and what else it says."""
    length = draw(st.sampled_from(sorted(LENGTHS)))
    day = draw(st.sampled_from(sorted(DAYS)))
    said = [
        draw(st.sampled_from(sorted(kind)))
        for kind in (LIMITS, LIKES, ANCHORS, OTHERS)
        if draw(st.booleans())
    ]
    said = draw(st.permutations(said))
    words = draw(st.sampled_from(WISHES)).format(length=length)
    whole = ", ".join([f"{words} {day}".strip(), *said])
    return whole, length, [*([day] if day else []), *said]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(wishes())
def test_every_ingredient_shows_in_the_plan_or_in_the_question(wish: tuple[str, str, list[str]]) -> None:
    words, length, said = wish
    made = plan(words, KNOWN)
    if isinstance(made, Unclear):
        _asks_well(words, made, [length, *said])
        return
    if made.steps[0].op == "schedule.add":  # it is found again and again
        again = f"{made.steps[0].args['request']} {made.steps[0].args['words']}"
        assert all(one in again for one in [length, *said])
        return
    args = _args(made)
    assert args["minutes"] == LENGTHS[length], words
    titles = " ".join(str(s.args.get("title", "")) for s in made.steps)
    for one in said:
        assert ALL[one](args) or one.casefold() in titles.casefold(), (one, args)
    assert not any(w in titles.casefold() for w in ("least", "most", "not ", "within", "before"))


MOVES = ("move the dentist", "postpone the review with Marta", "reschedule my lunch with Yuki")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    move=st.sampled_from(MOVES), day=st.sampled_from([d for d in DAYS if d]),
    said=st.lists(st.sampled_from(sorted(LIMITS | LIKES | ANCHORS | OTHERS)), max_size=2, unique=True),
)  # fmt: skip
def test_an_event_that_is_moved_keeps_to_it_too(move: str, day: str, said: list[str]) -> None:
    words = ", ".join([f"{move} to {day.removeprefix('on ').removeprefix('in ')}", *said])
    made = plan(words, KNOWN)
    if isinstance(made, Unclear):
        _asks_well(words, made, [day.removeprefix("on ").removeprefix("in "), *said])
        return
    args = _args(made)
    for one in [day, *said]:
        assert ALL[one](args), (words, one, args)


def _args(made: Plan) -> Args:
    step = next(s for s in made.steps if s.op in ("slots.find", "slots.together", "event.shift"))
    args = step.args | step.args.get("kept", {})
    if "window" in args:
        args = args | dict(zip(("start", "end"), args["window"], strict=True))
    if "day" in args:
        args = args | {"start": f"{args['day']}T00:00", "end": f"{args['day']}T24:00"}
    return args


def _asks_well(words: str, made: Unclear, said: list[str]) -> None:
    """The question quotes something that was said, and each of its choices says all the rest, and plans."""
    low = made.message
    quoted = [
        one for one in said
        if one in low or _tail(one) in low or f"“{one.split()[0]}" in low or f"{one.split()[-1]}”" in low
    ]  # fmt: skip
    assert quoted or "one of these?" in made.message, (words, made.message)
    for choice in made.choices:
        again = plan(choice, KNOWN)
        assert isinstance(again, Plan) or again.message != made.message, (choice, again)
        missing = [one for one in said if one not in quoted and one.casefold() not in choice.casefold()]
        if "one of these?" in made.message:  # said again in other words: a limit keeps its last word
            missing = [one for one in missing if one.split()[-1].casefold() not in choice.casefold()]
        assert not missing, (words, choice, missing)


def _tail(words: str) -> str:
    """Words without what leads them in: a question may quote "Monday" of "not Monday"."""
    return words.partition(" ")[2] or words


@pytest.mark.parametrize(
    ("words", "quoted"),
    [
        ("move the dentist to an hour before the board meeting", "an hour before the board meeting"),
        ("make the weekly sync 45 minutes, not on Monday", "on Monday"),
        ("cancel everything on Friday, at least an hour before the board meeting", "at least an hour before"),
        ("cancel the review on Thursday, not the one on Friday", "not the one on Friday"),
        ("book an hour with Ann every Tuesday after the standup", "after the standup"),
        ("book more than an hour with Ann tomorrow", "more than"),
        ("move everything on Thursday to Friday, not before 10", "not before 10"),
        ("make the weekly sync 45 minutes from June, unless Ann is away", "unless Ann is away"),
        ("book an hour with Ann on Tuesday at 25:00", "at 25:00"),
        ("book an hour with Ann on Tuesday at 25", "at 25"),
        ("move the review to Tuesday at 25:00", "at 25:00"),
        ("book an hour with Ann on Thursday, New York time", "New York time"),
        ("offer Ann two times on Thursday, New York time", "New York time"),
    ],
)
def test_what_cannot_be_kept_to_is_asked_about(words: str, quoted: str, known: Known) -> None:
    made = plan(words, known)
    assert isinstance(made, Unclear), made
    assert quoted in made.message
    for choice in made.choices:
        assert isinstance(plan(choice, known), Plan), choice


@pytest.mark.parametrize(
    "words",
    [
        "book an hour with Ann tomorrow about the night before launch",
        "book an hour with Ann tomorrow about not missing the deadline",
        "schedule 30 minutes with Ann on Monday called “Not before Friday”",
        "book 30 minutes with Ann next week, on Tuesday",
        "cancel the party after the launch",
        "book an hour with Ann next week about London time zones",
        "book an hour with Ann on Tuesday called “At 25:00”",
        "schedule one-to-ones with Ann and Marta next week, none on the same day",
    ],
)
def test_names_and_what_goes_without_saying_are_no_question(words: str, known: Known) -> None:
    assert isinstance(plan(words, known), Plan)


def test_minutes_away_from_other_meetings_are_kept_free(known: Known) -> None:
    wish = (
        "book 90 minutes with Ann this week or next, not Monday, at least 20 minutes away from other meetings"
    )
    made = plan(wish, known)
    assert isinstance(made, Plan), made
    assert _args(made)["spaced"] == 20
    assert _args(made)["not_on"] == [0]
    assert any(s.args.get("title") == "Meeting with Ann" for s in made.steps)


def test_asap_is_as_soon_as_possible(known: Known) -> None:
    made = plan("schedule an hour with Ann asap", known)
    assert isinstance(made, Plan)
    assert _args(made)["soon"]


def test_times_to_choose_from_are_on_days_of_their_own_where_that_was_said(known: Known) -> None:
    made = plan("find three 30 minute slots for Ann and Yuki, no two on the same day, next week", known)
    assert isinstance(made, Plan), made
    assert made.steps[0].args["apart"] is True
    assert "no two on the same day" in made.objective
