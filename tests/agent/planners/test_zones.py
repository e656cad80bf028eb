"""Hours of another place: they are read with it, and are of the days there."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

TOKYO = ZoneInfo("Asia/Tokyo")


def args_of(words: str, known: Known) -> dict[str, Any]:
    made = plan(words, known)
    assert isinstance(made, Plan), made
    titles = [s.args["title"] for s in made.steps if s.op == "event.create"]
    assert all("Tokyo" not in title for title in titles), titles
    return next(s for s in made.steps if s.op == "slots.find").args


def there(pair: list[str]) -> list[str]:
    """A stretch by the clocks of Tokyo."""
    return [f"{datetime.fromisoformat(one).astimezone(TOKYO):%a %H:%M}" for one in pair]


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("on Tuesday morning Tokyo time", "Tue 08:00", "Tue 12:00"),
        ("on Tuesday morning in Tokyo", "Tue 08:00", "Tue 12:00"),
        ("on Tuesday afternoon, Tokyo time", "Tue 12:00", "Tue 17:00"),
        ("in the late afternoon Tokyo time on Wednesday", "Wed 14:30", "Wed 17:00"),
    ],
)
def test_a_part_of_a_day_is_that_of_the_place(words: str, first: str, last: str, known: Known) -> None:
    args = args_of(f"schedule a 30 minute call with Yuki {words}", known)
    assert there([args["start"], args["end"]]) == [first, last]
    assert "Tokyo" not in args["template"], "the choices say a time of one's own clock"


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("not before 9 in Tokyo", "09:00", "00:00"),
        ("not after 5pm Tokyo time", "00:00", "17:00"),
        ("mornings Tokyo time", "08:00", "12:00"),
        ("between 9 and 11 Tokyo time", "09:00", "11:00"),
    ],
)
@pytest.mark.parametrize("wish", ["meet with Yuki and Marta", "find 30 minutes with Yuki"])
def test_hours_of_every_day_are_of_the_days_there(
    wish: str, words: str, first: str, last: str, known: Known
) -> None:
    args = args_of(f"{wish} next week, {words}", known)
    assert len(args["within"]) >= 7
    assert {tuple(part[4:] for part in there(pair)) for pair in args["within"][1:-1]} == {(first, last)}
    assert not args.keys() & {"not_before", "not_after", "between", "parts"}


def test_hours_of_a_place_are_of_every_day_where_no_day_is_said(known: Known) -> None:
    args = args_of("meet with Yuki as early as possible, not before 9 in Tokyo", known)
    assert args["soon"] is True
    assert len(args["within"]) > 10


def test_hours_of_a_place_follow_its_clocks_through_the_year(known: Known) -> None:
    # New York changes its clock on 14 March 2027, Lisbon two weeks later.
    args = args_of("find 30 minutes with Yuki from 10 to 18 March 2027, not before 10 in New York", known)
    opens = [
        datetime.fromisoformat(first).astimezone(ZoneInfo("Europe/Lisbon")) for first, _ in args["within"]
    ]
    assert {"14", "15"} <= {f"{one:%H}" for one in opens}


def test_a_place_whose_name_begins_like_a_weekday_is_no_day(known: Known) -> None:
    args = args_of("find 30 minutes with Yuki next week, not before 10 in Montreal", known)
    assert len(args["within"]) >= 7


def test_hours_ruled_out_in_a_place_are_kept_free_there(known: Known) -> None:
    args = args_of("find 30 minutes with Yuki next week, not between 9 and 11 Tokyo time", known)
    assert {tuple(p[4:] for p in there(pair)) for pair in args["avoid"]} == {("09:00", "11:00")}


def test_lunch_in_a_place_says_where_it_is(known: Known) -> None:
    made = plan("book lunch with Ann on Friday in Tokyo", known)
    assert isinstance(made, Plan | Unclear)
    if isinstance(made, Plan):
        find = next(s for s in made.steps if s.op == "slots.find")
        assert "within" not in find.args
