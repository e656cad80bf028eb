"""How a series repeats, in Graph's words and in an RRULE: the same days, whichever way round."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from fakes.graph.events import Meeting, rule_of
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.connectors._ical_rules import Rule
from deskhand.connectors._ical_times import When
from deskhand.connectors._ical_zones import iana, windows
from deskhand.connectors._msgcal_rules import recurrence_of, rrule_of
from deskhand.connectors.errors import Unsupported

START = datetime(2026, 12, 7, 9)  # noqa: DTZ001 - what the clock shows
PARIS = "Romance Standard Time"
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_INDEX = ["first", "second", "third", "fourth", "last"]
days = st.lists(st.sampled_from(_DAYS), min_size=1, max_size=5, unique=True)
monthly = st.one_of(
    st.builds(lambda n: {"type": "absoluteMonthly", "dayOfMonth": n}, st.integers(1, 31)),
    st.builds(
        lambda d, i: {"type": "relativeMonthly", "daysOfWeek": d, "index": i}, days, st.sampled_from(_INDEX)
    ),
)
yearly = st.one_of(
    st.builds(
        lambda n, m: {"type": "absoluteYearly", "dayOfMonth": n, "month": m}, st.integers(1, 28),
        st.integers(1, 12),
    ),
    st.builds(
        lambda d, i, m: {"type": "relativeYearly", "daysOfWeek": d, "index": i, "month": m}, days,
        st.sampled_from(_INDEX), st.integers(1, 12),
    ),
)  # fmt: skip
patterns = st.builds(
    lambda pattern, n: {**pattern, "interval": n},
    st.one_of(
        st.just({"type": "daily"}),
        st.builds(lambda d, w: {"type": "weekly", "daysOfWeek": d, "firstDayOfWeek": w}, days,
                  st.sampled_from(_DAYS)),
        monthly, yearly,
    ),
    st.integers(1, 3),
)  # fmt: skip
ranges = st.one_of(
    st.just({"type": "noEnd"}),
    st.builds(lambda n: {"type": "numbered", "numberOfOccurrences": n}, st.integers(1, 20)),
    st.builds(
        lambda n: {"type": "endDate", "endDate": f"{START + timedelta(days=n):%Y-%m-%d}"}, st.integers(0, 700)
    ),
)


def walked(text: str, first: datetime) -> list[datetime]:
    """The first times of a rule, as this program reads it."""
    rule = Rule.parse(text)
    zone = iana(PARIS)
    assert zone is not None
    until = rule.until_wall(lambda moment: moment.astimezone(zone).replace(tzinfo=None))
    found = []
    for at in rule.walk(first, since=first):
        if (until is not None and at > until) or len(found) == 15:
            break
        found.append(at)
    return found


def played(recurrence: dict[str, Any], first: datetime) -> list[datetime]:
    """The same as the fake plays Graph, which knows no RRULE."""
    time = {"dateTime": first.isoformat(), "timeZone": PARIS}
    meeting = Meeting(1, "c", "u", "a", {"start": time, "end": time, "recurrence": recurrence}, START)
    return list(islice(rule_of(meeting), 15))


@settings(deadline=None, max_examples=60)
@given(patterns, ranges)
def test_what_graph_says_and_its_rule_happen_on_the_same_days_and_come_back_the_same(
    pattern: dict[str, Any], range_: dict[str, Any]
) -> None:
    said = {"pattern": pattern, "range": {"startDate": f"{START:%Y-%m-%d}", "recurrenceTimeZone": PARIS}}
    said["range"] |= range_
    first = next(iter(played({**said, "range": {**said["range"], "type": "noEnd"}}, START)))
    said["range"]["startDate"] = f"{first:%Y-%m-%d}"  # a series begins at a time of its own
    if range_.get("endDate", "9") < said["range"]["startDate"]:
        return
    text = rrule_of(said, When(first, iana(PARIS)))
    assert walked(text, first) == played(said, first)
    back = recurrence_of(text, first, zone=PARIS, all_day=False)
    assert rrule_of(back, When(first, iana(PARIS))) == text
    assert played(back, first) == played(said, first)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY", "FREQ=MONTHLY;BYMONTHDAY=1,15", "FREQ=DAILY;BYMONTH=3", "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYDAY=5MO", "FREQ=YEARLY;BYWEEKNO=3", "FREQ=YEARLY;BYMONTH=1,2", "FREQ=YEARLY;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=WE", "nonsense",
    ],
)  # fmt: skip
def test_what_graph_cannot_say_is_refused(rule: str) -> None:
    with pytest.raises(Unsupported):
        recurrence_of(rule, START, zone=PARIS, all_day=False)


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "weekly"), ("FREQ=WEEKLY", "weekly"),
        ("FREQ=MONTHLY", "absoluteMonthly"), ("FREQ=MONTHLY;BYDAY=1MO", "relativeMonthly"),
        ("FREQ=YEARLY", "absoluteYearly"), ("FREQ=YEARLY;BYMONTH=12;BYDAY=+1MO", "relativeYearly"),
    ],
)  # fmt: skip
def test_what_it_can_say_in_other_words_it_says(rule: str, kind: str) -> None:
    made = recurrence_of(rule, START, zone=PARIS, all_day=False)
    assert made["pattern"]["type"] == kind
    assert played(made, START)[:10] == walked(rule, START)[:10]


def test_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    said = {"pattern": {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31},
            "range": {"type": "noEnd", "startDate": "2026-12-31"}}  # fmt: skip
    first = START.replace(day=31)
    assert [d.day for d in walked(rrule_of(said, When(first, iana(PARIS))), first)[:3]] == [31, 31, 28]


@pytest.mark.parametrize("wrong", [{}, {"pattern": {"type": "daily"}}, {"pattern": None, "range": {}}])
def test_what_cannot_be_read_is_said(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        rrule_of(wrong, When(START, iana(PARIS)))


@pytest.mark.parametrize("end", ["20261220", "20261220T080000Z", "20261220T075959Z"])
def test_the_last_day_of_a_rule_that_ends(end: str) -> None:
    made = recurrence_of(f"FREQ=DAILY;UNTIL={end}", START, zone=PARIS, all_day=False)
    assert made["range"]["endDate"] == ("2026-12-20" if end == "20261220T080000Z" else "2026-12-19")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("Europe/Paris", "Romance Standard Time"), ("America/New_York", "Eastern Standard Time"),
        ("Europe/Madrid", "Central Europe Standard Time"), ("UTC", "UTC"), ("Antarctica/Troll", ""),
        ("Europe/Nowhere", ""),
    ],
)  # fmt: skip
def test_a_zone_by_its_windows_name(key: str, name: str) -> None:
    assert windows(key, 2026) == name
    if name:
        zone, own = iana(name), iana(key)
        assert zone is not None
        assert own is not None
        hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=13 * n) for n in range(1500)]
        assert [h.astimezone(zone).utcoffset() for h in hours] == [
            h.astimezone(own).utcoffset() for h in hours
        ]
