"""How far from an event: what is said, what it leaves of time, and the same through every door."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.availability.daysoff import works
from deskhand.agent.availability.distances import Distance, edges, spoken, together, weekdays
from deskhand.agent.availability.wanted import AHEAD, Wanted, wanted
from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan
from deskhand.agent.profile import DaysOff, Known, Owner, Place
from deskhand.agent.slots import Interval

ZONE = "Europe/Lisbon"
TZ = ZoneInfo(ZONE)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
"""A Sunday."""
EVENT = (datetime(2026, 12, 2, 10, tzinfo=TZ), datetime(2026, 12, 2, 12, tzinfo=TZ))
"""A Wednesday; 1 December is a public holiday in Portugal."""
KNOWN = Known(
    owner=Owner("Noor Haddad", "noor@example.org", frozenset({"noor@example.org"}), ZONE),
    now=NOW,
    places=(Place("calendar", "ics", frozenset({"event.create", "event.update"}), frozenset({"event"})),),
)

SAID: dict[str, Distance] = {
    "before": Distance("before"),
    "after": Distance("after"),
    "not before": Distance("after"),
    "two days before": Distance("before", 2, 2, "day"),
    "the day before": Distance("before", 1, 1, "day"),
    "the week after": Distance("after", 1, 1, "calendar week"),
    "two business days before": Distance("before", 2, 2, "business"),
    "at least two working days before": Distance("before", 2, None, "business"),
    "at least two days before": Distance("before", 2, None, "day"),
    "at least an hour before": Distance("before", 60, None),
    "no less than 90 minutes after": Distance("after", 90, None),
    "more than a week after": Distance("after", 7, None, "day"),
    "an hour or more before": Distance("before", 60, None),
    "at most 30 minutes after": Distance("after", 0, 30),
    "within two days after": Distance("after", 0, 2, "day"),
    "in the two days before": Distance("before", 0, 2, "day"),
    "no more than 2 hours before": Distance("before", 0, 120),
    "up to a week after": Distance("after", 0, 7, "day"),
    "no later than a day before": Distance("before", 1, None, "day"),
    "no later than two hours after": Distance("after", None, 120),
    "no earlier than two days before": Distance("before", None, 2, "day"),
    "not before two days after": Distance("after", 2, None, "day"),
    "not an hour before": Distance("before", 0, 60, "minute", True),
    "not the day before": Distance("before", 0, 1, "day", True),
    "not within an hour of": Distance("around", 0, 60, "minute", True),
    "but never within two days after": Distance("after", 0, 2, "day", True),
    "within a day of": Distance("around", 0, 1, "day"),
    "at least a month before": Distance("before", 1, None, "month"),
}  # fmt: skip


@pytest.mark.parametrize("words", SAID)
@pytest.mark.parametrize("wish", ["schedule 30 minutes with Ann", "find 30 minutes with Ann"])
@pytest.mark.parametrize("event", ["the board meeting", "lunch with Bo", "my flight on Friday"])
def test_each_is_read_in_a_request(wish: str, words: str, event: str, office: Known) -> None:
    made = plan(f"{wish}, {words} {event}", office)
    assert isinstance(made, Plan), made
    looked, found = made.steps[0], next(s for s in made.steps if s.op == "slots.find")
    assert looked.op == "event.find"
    assert [Distance(**one) for one in found.args["beside"]] == [SAID[words]]
    assert f"{words.removeprefix('but ')} {event}" in made.objective
    assert all(s.args["title"] == "Meeting with Ann" for s in made.steps if s.op == "event.create")


@pytest.fixture(scope="module")
def office() -> Known:
    """With Ann and Bo."""
    from dataclasses import replace

    from deskhand.connectors.archive import Person

    people = (Person("Ann Ruiz", ("ann@example.org",), 9), Person("Bo Lindqvist", ("bo@example.org",), 7))
    return replace(KNOWN, people=people)


PHRASES = [
    "", "next week", "next week, not Monday", "in the next two weeks, not the 27th",
    "next week, mornings only",
    "next week, except Tuesday and Wednesday", "next week, not between 12 and 2", "next week, after 3pm",
    "next week, not before 10 and not after 4", "next week, not after 4pm", "Tuesday or Thursday",
    "next week, not Friday afternoon", "next week, ideally mornings", "next week, preferably not Monday",
    "next week, no back-to-back", "next week, outside lunch", "on Tuesday, but not before 10",
    "next week between 2 and 5", "as soon as possible next week", "tomorrow or Friday between 2 and 4",
    "between the review and the board meeting", "an hour before the board meeting",
    "right after the board meeting", "two days after the board meeting at the latest",
    "at least two days before the board meeting and not within an hour of the review",
    *[f"{words} the board meeting" for words in SAID],
    *[f"next month, {words} the board meeting, not Thursday, mornings" for words in SAID],
]  # fmt: skip


@pytest.mark.parametrize("words", PHRASES)
def test_a_request_and_slots_keep_to_the_same(words: str) -> None:
    """One list of phrases through both doors: the constraints that come out are equal."""
    said = wanted(
        words, now=NOW, zone=ZONE, locale="en_GB", event=lambda named, **_: Interval(*EVENT), known=KNOWN
    )
    made = plan(f"find 30 minutes {words}", KNOWN)
    assert isinstance(made, Plan), made
    args = next(s for s in made.steps if s.op == "slots.find").args
    assert _of(args) == _plain(said)


def _plain(said: Wanted) -> dict[str, Any]:
    also = {n: v for n, v in said.also.items()}
    clocks = [t and f"{t:%H:%M}" for t in (said.not_before, said.not_after)]
    return {
        "window": (said.start, said.end), "within": _stretches(said.within), "avoid": _stretches(said.avoid),
        "not_on": sorted(said.not_on), "parts": sorted(said.parts), "not_parts": sorted(said.not_parts),
        "clocks": clocks, **also,
    }  # fmt: skip


def _of(args: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a plan, with the event looked up."""
    rest = {n: v for n, v in args.items() if n not in ("people", "minutes", "template", "makes_room", "tell")}
    distances = [Distance(**one) for one in rest.pop("beside", [])]
    rest.pop("events", None)
    found = together(distances, [EVENT] * len(distances), zone=ZONE, works=weekdays, minutes=30)
    low, high = (_moment(rest.pop(n, None)) for n in ("start", "end"))
    low = max(m for m in (low or NOW, found.start, NOW if found.end else None) if m)
    high = min((m for m in (high, found.end) if m), default=low + AHEAD)
    if at := rest.pop("at", None):
        low = _moment(at) if isinstance(at, str) else EVENT[at["path"] == "end"]
        assert low is not None
        low += timedelta(minutes=rest.pop("offset", 0))
        high = low + timedelta(minutes=30)
    avoid = [Interval(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in rest.pop("avoid", [])]
    for day in map(date.fromisoformat, rest.pop("not_dates", [])):
        midnight = datetime.combine(day, time(0), TZ)
        avoid.append(Interval(midnight, midnight + timedelta(days=1)))
    within = [
        Interval(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in rest.pop("within", [])
    ]
    between = rest.pop("between", None) or [rest.pop("not_before", None), rest.pop("not_after", None)]
    return {
        "window": (low, max(low, high)), "within": _stretches(within),
        "avoid": _stretches([*avoid, *found.avoid]),
        "not_on": rest.pop("not_on", []), "parts": rest.pop("parts", []),
        "not_parts": rest.pop("not_parts", []), "clocks": between, **rest,
    }  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _stretches(found: Any) -> list[tuple[datetime, datetime]]:
    return sorted((i.start, i.end) for i in found)


class TestEdges:
    def test_business_days_pass_over_weekends_and_holidays(self) -> None:
        owner = Owner("Noor", "", frozenset(), ZONE, off=DaysOff((date(2026, 11, 27),), "PT"))
        found = edges(
            Distance("before", 2, None, "business"), EVENT, zone=ZONE, works=works(owner), minutes=30
        )
        # Tuesday 1 December is a holiday, Friday 27 November a day off: Monday, then Thursday.
        assert found.end == datetime(2026, 11, 27, tzinfo=TZ)
        plain = edges(Distance("before", 2, None, "business"), EVENT, zone=ZONE, works=weekdays, minutes=30)
        assert plain.end == datetime(2026, 12, 1, tzinfo=TZ)

    @pytest.mark.parametrize(
        ("distance", "start", "end"),
        [
            (Distance("before", 60, None), None, EVENT[0] - timedelta(hours=1)),
            (Distance("before", 0, 60), EVENT[0] - timedelta(hours=1), EVENT[0]),
            (Distance("after", 0, 30), EVENT[1], EVENT[1] + timedelta(minutes=30 + 45)),
            (Distance("after", None, 30), None, EVENT[1] + timedelta(minutes=30 + 45)),
            (Distance("after", 1, None, "day"), datetime(2026, 12, 3, tzinfo=TZ), None),
            (Distance("after", 0, 2, "day"), EVENT[1], datetime(2026, 12, 5, tzinfo=TZ)),
            (Distance("before", 1, 1, "calendar week"), datetime(2026, 11, 23, tzinfo=TZ),
             datetime(2026, 11, 30, tzinfo=TZ)),
            (Distance("before", 1, 1, "month"), datetime(2026, 11, 2, tzinfo=TZ),
             datetime(2026, 11, 3, tzinfo=TZ)),
            (Distance("around", 0, 60), EVENT[0] - timedelta(hours=1), EVENT[1] + timedelta(minutes=60 + 45)),
        ],
    )  # fmt: skip
    def test_what_is_left(self, distance: Distance, start: datetime | None, end: datetime | None) -> None:
        found = edges(distance, EVENT, zone=ZONE, works=weekdays, minutes=45)
        assert (found.start, found.end, found.avoid) == (start, end, ())

    def test_what_is_ruled_out_limits_nothing_else(self) -> None:
        found = edges(Distance("around", 0, 60, excluded=True), EVENT, zone=ZONE, works=weekdays, minutes=45)
        assert (found.start, found.end) == (None, None)
        assert _stretches(found.avoid) == [(EVENT[0] - timedelta(hours=1), EVENT[1] + timedelta(hours=1))]

    def test_an_hour_is_an_hour_where_the_clock_changes(self) -> None:
        begins = datetime(2026, 10, 25, 3, tzinfo=TZ)  # the clock went back at two
        found = edges(Distance("before", 180, None), (begins, begins), zone=ZONE, works=weekdays, minutes=30)
        assert found.end is not None
        assert begins.astimezone(UTC) - found.end.astimezone(UTC) == timedelta(hours=3)

    @given(
        side=st.sampled_from(["before", "after"]), least=st.integers(1, 40), more=st.integers(0, 40),
        unit=st.sampled_from(["minute", "day", "business", "month"]), hours=st.integers(0, 24 * 400),
    )  # fmt: skip
    def test_nearer_than_least_and_farther_than_most_is_left_out(
        self, side: Any, least: int, more: int, unit: Any, hours: int
    ) -> None:
        event = tuple(m + timedelta(hours=hours) for m in EVENT)
        near = edges(Distance(side, least, None, unit), event, zone=ZONE, works=weekdays, minutes=30)  # type: ignore[arg-type] # a pair
        far = edges(Distance(side, 0, least + more, unit), event, zone=ZONE, works=weekdays, minutes=30)  # type: ignore[arg-type] # a pair
        if side == "before":
            assert near.end is not None
            assert far.start is not None
            assert far.start <= near.end <= event[0]
            assert far.end == event[0]
        else:
            assert near.start is not None
            assert far.end is not None
            assert event[1] <= near.start <= far.end
            assert far.start == event[1]

    def test_nobody_works_on_any_day(self) -> None:
        nothing = edges(
            Distance("before", 2, 2, "business"), EVENT, zone=ZONE, works=lambda _: False, minutes=30
        )
        assert nothing.start is not None


@pytest.mark.parametrize(
    "text",
    ["an hour of", "find an hour before", "in the evening before", "before", "two of", "Ann after"],
)
def test_no_distance_is_said(text: str) -> None:
    assert spoken(text, now=NOW, zone=ZONE, locale="en_GB") is None
