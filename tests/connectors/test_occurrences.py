"""Occurrences: held to recurring-ical-events, libical's list of rules, and bounds that nothing may break."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurrence
import recurring_ical_events
from contracts import pass_over
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deskhand.connectors.ics import connect
from deskhand.connectors.model import Failed, Item, ItemRef
from deskhand.connectors.occurrences import occurrences

LIBICAL = Path(__file__).parents[3] / "shared" / "data" / "times" / "recurrence" / "recur.txt"
PARIS = ZoneInfo("Europe/Paris")
YEAR = {"start": datetime(2026, 1, 1, tzinfo=UTC), "end": datetime(2027, 1, 1, tzinfo=UTC), "zone": "UTC"}

Read = Callable[..., Item]


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\nUID:u\n{e}\nEND:VEVENT\n" for e in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{body}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def read_from(folder: Path, data: bytes) -> Item | Failed:
    path = folder / "a.ics"
    path.write_bytes(data)
    (only,) = pass_over(connect(source="c", state=folder / "s", place=str(path)))[0]
    assert isinstance(only, (Item, Failed))
    return only


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def run(*events: str) -> Item:
        item = read_from(tmp_path, calendar(*events))
        assert isinstance(item, Item), item
        return item

    return run


def starts(item: Item, **window: Any) -> list[datetime]:
    return [o.start for o in occurrences(item, **{**YEAR, **window})]


def at(month: int, day: int, hour: int = 9, *, zone: ZoneInfo = PARIS) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=zone)


def test_one_event_that_does_not_repeat_needs_no_calendar_data() -> None:
    ref = ItemRef("c", "event", "x")
    item = Item(
        ref, "1", "T", "", at(11, 2), "0" * 64, start=at(11, 2), end=at(11, 2, 10), until=at(11, 2, 10)
    )
    (only,) = occurrences(item, **YEAR)  # type: ignore[arg-type]
    assert (only.start, only.end, only.recurrence_id) == (at(11, 2), at(11, 2, 10), None)
    assert only.status == "confirmed"


def test_a_window_is_half_open(read: Read) -> None:
    item = read("DTSTART;TZID=Europe/Paris:20261102T090000\nDURATION:PT1H")
    for start, end, count in (
        (at(11, 2, 8), at(11, 2, 9), 0), (at(11, 2, 10), at(11, 2, 11), 0), (at(11, 2, 9), at(11, 2, 10), 1),
        (at(11, 1), at(11, 2, 10), 1),
    ):  # fmt: skip
        assert len(starts(item, start=start, end=end)) == count
    point = read("DTSTART;TZID=Europe/Paris:20261102T090000")
    assert len(starts(point, start=at(11, 2, 9), end=at(11, 2, 10))) == 1
    assert len(starts(point, start=at(11, 2, 8), end=at(11, 2, 9))) == 0


def test_a_series_with_exceptions_additions_and_moved_ones(read: Read) -> None:
    item = read(
        "SUMMARY:S\nDTSTART;TZID=Europe/Paris:20261005T090000\nDTEND;TZID=Europe/Paris:20261005T100000\n"
        "RRULE:FREQ=WEEKLY;COUNT=6\nEXDATE;TZID=Europe/Paris:20261012T090000\nEXDATE;VALUE=DATE:20261019\n"
        "RDATE;VALUE=PERIOD;TZID=Europe/Paris:20261015T140000/PT3H",
        "SUMMARY:Moved\nRECURRENCE-ID:20261026T080000Z\nDTSTART;TZID=Europe/Paris:20261224T090000",
        "SUMMARY:Off\nSTATUS:CANCELLED\nRECURRENCE-ID;TZID=Europe/Paris:20261102T090000\n"
        "DTSTART;TZID=Europe/Paris:20261102T090000",
    )
    found = occurrences(item, **YEAR)  # type: ignore[arg-type]
    assert [(o.title, o.status, o.start, o.end - o.start) for o in found] == [
        ("S", "confirmed", at(10, 5), timedelta(hours=1)),
        ("S", "confirmed", at(10, 15, 14), timedelta(hours=3)),
        ("Off", "cancelled", at(11, 2), timedelta(0)),
        ("S", "confirmed", at(11, 9), timedelta(hours=1)),
        ("Moved", "confirmed", at(12, 24), timedelta(0)),
    ]
    assert found[-1].recurrence_id == at(10, 26)
    assert item.until == at(12, 24)


def test_this_and_future(read: Read) -> None:
    item = read(
        "SUMMARY:S\nDTSTART;TZID=Europe/Paris:20261005T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4",
        "SUMMARY:T\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20261019T090000\n"
        "DTSTART;TZID=Europe/Paris:20261020T110000\nDURATION:PT2H",
    )
    assert [(o.title, o.start) for o in occurrences(item, **YEAR)] == [  # type: ignore[arg-type]
        ("S", at(10, 5)), ("S", at(10, 12)), ("T", at(10, 20, 11)), ("T", at(10, 27, 11)),
    ]  # fmt: skip


@pytest.mark.parametrize("zone", ["Europe/Paris", "Pacific/Apia", "America/New_York"])
@pytest.mark.parametrize("rule", ["", "\nRRULE:FREQ=DAILY;COUNT=3"])
def test_days_and_floating_times_are_the_persons(read: Read, zone: str, rule: str) -> None:
    local = ZoneInfo(zone)
    day = read(f"DTSTART;VALUE=DATE:20261102\nDTEND;VALUE=DATE:20261104{rule}")
    first = occurrences(day, **{**YEAR, "zone": zone})[0]  # type: ignore[arg-type]
    assert (first.start, first.end, first.all_day) == (
        datetime(2026, 11, 2, tzinfo=local), datetime(2026, 11, 4, tzinfo=local), True,
    )  # fmt: skip
    nine = read(f"DTSTART:20261102T090000\nDURATION:PT30M{rule}")
    assert starts(nine, zone=zone)[0] == datetime(2026, 11, 2, 9, tzinfo=local)
    window = {"start": datetime(2026, 11, 2, tzinfo=local), "end": datetime(2026, 11, 2, 10, tzinfo=local)}
    assert len(starts(nine, zone=zone, **window)) == 1
    assert len(starts(day, zone=zone, **window)) == 1


def test_until_in_utc_counts_in_the_zone_of_the_event(read: Read) -> None:
    item = read("DTSTART;TZID=America/New_York:20261020T200000\nRRULE:FREQ=DAILY;UNTIL=20261103T010000Z")
    new_york = ZoneInfo("America/New_York")
    assert starts(item)[-1] == at(11, 2, 20, zone=new_york)
    assert item.until == at(11, 2, 20, zone=new_york)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY", "FREQ=MINUTELY;INTERVAL=7", "FREQ=HOURLY;BYHOUR=9,10", "FREQ=DAILY",
        "FREQ=SECONDLY;COUNT=999999999", "FREQ=DAILY;COUNT=999999999;BYDAY=MO,TU,WE",
        "FREQ=DAILY;BYHOUR=9,10,11;BYMINUTE=0,1,2,3;BYSECOND=1,2",
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        "FREQ=MINUTELY;BYDAY=MO;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3",
        "FREQ=SECONDLY;INTERVAL=999999999", "FREQ=YEARLY;INTERVAL=999999999",
        "FREQ=WEEKLY;INTERVAL=999999999",
    ],
)  # fmt: skip
def test_no_rule_takes_long_or_gives_too_many(read: Read, rule: str) -> None:
    begun = process_time()
    item = read(f"DTSTART;TZID=Europe/Paris:20010101T090000\nDURATION:PT1M\nRRULE:{rule}")
    assert len(occurrences(item, **YEAR, limit=300)) <= 300  # type: ignore[arg-type]
    assert process_time() - begun < 48  # seconds of CPU: it ends, and is not quadratic


def test_a_rule_from_long_ago_is_entered_at_the_window(read: Read) -> None:
    begun = process_time()
    item = read("DTSTART:16000101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY;INTERVAL=3600")
    found = starts(item, start=at(11, 2), end=at(11, 3))
    assert len(found) == 24
    assert process_time() - begun < 20  # seconds of CPU: it ends, and is not quadratic


def test_naive_times_and_unknown_zones_are_errors_at_the_door(read: Read) -> None:
    item = read("DTSTART:20261102T090000Z")
    with pytest.raises(ValueError, match="aware"):
        occurrences(item, start=at(1, 1).replace(tzinfo=None), end=at(1, 2), zone="UTC")
    with pytest.raises(ValueError, match="no time zone"):
        occurrences(item, **{**YEAR, "zone": "Mars/Base"})  # type: ignore[arg-type]


def _libical() -> list[tuple[str, int, str]]:
    if not LIBICAL.exists():
        return []
    rules = []
    listed = "".join(line for line in LIBICAL.read_text().splitlines(True) if not line.startswith(";"))
    for block in listed.split("BEGIN:VEVENT")[1:]:
        text = block.partition("END:VEVENT")[0].replace("\n ", "")
        lines = [line for line in text.splitlines() if line.strip()]
        count = next(line for line in lines if line.startswith("X-EXPECT-NUMEVENTS")).partition(":")[2]
        kept = [line for line in lines if not line.startswith(("X-EXPECT", "DESCRIPTION"))]
        rules.append(("\n".join(kept), int(count), text))
    return rules


@pytest.mark.skipif(not LIBICAL.exists(), reason="libical's rules are not beside this checkout (shared/data)")
def test_libicals_rules_give_the_very_times_of_a_plain_reading_of_the_rfc(tmp_path: Path) -> None:
    """libical's file has counts alone; the times are held to `recurrence.times`, which tries every day."""
    rules, unlike = _libical(), []
    assert len(rules) == 57, "and one that is commented out"
    for event, expected, text in rules:
        item = read_from(tmp_path, calendar(event))
        assert isinstance(item, Item), (item, text)
        first = item.start
        assert first is not None
        window = {"start": first - timedelta(days=2), "end": first + timedelta(days=36_500), "zone": "UTC"}
        found = [o.start.replace(tzinfo=None) for o in occurrences(item, **window)]  # type: ignore[arg-type]
        by = {
            line.partition(":")[0].partition(";")[0]: line.rpartition(":")[2] for line in event.splitlines()
        }
        wall = datetime.strptime(by["DTSTART"].rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
        wanted = set(recurrence.times(by["RRULE"], wall, zone=item.data["zone"] or "UTC"))
        for line in event.splitlines():
            if line.startswith("EXRULE"):
                wanted -= set(recurrence.times(line.partition(":")[2], wall, zone="UTC")[1:])
        if "EXDATE" in by:
            wanted.discard(datetime.strptime(by["EXDATE"], "%Y%m%dT%H%M%SZ"))  # noqa: DTZ007
        assert found == sorted(wanted), text
        if len(found) != expected:
            unlike.append((len(found) - expected, "UNTIL" in by["RRULE"], text))
    # RFC 5545 3.8.5.3 has DTSTART in the set even where the rule does not match it, libical does not: with an
    # UNTIL that is one more. With a COUNT it is the first of them (3.3.10), and the counts are the same.
    assert [(more, until) for more, until, _ in unlike] == [(1, True)] * len(unlike), unlike
    assert len(unlike) == 1, unlike


_DAYS = st.lists(
    st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=3, unique=True
)


@st.composite
def rules(draw: st.DrawFn) -> str:
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={freq}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 4))}")
    by = draw(st.sampled_from(["", "BYDAY", "BYMONTHDAY", "BYMONTH"]))
    if by == "BYDAY":
        parts.append("BYDAY=" + ",".join(draw(_DAYS)))
    elif by == "BYMONTHDAY" and freq != "WEEKLY":
        parts.append(f"BYMONTHDAY={draw(st.sampled_from([1, 15, 29, -1]))}")
    elif by == "BYMONTH":
        parts.append(f"BYMONTH={draw(st.integers(1, 12))}")
    ends = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if ends == "COUNT":
        parts.append(f"COUNT={draw(st.integers(1, 30))}")
    elif ends == "UNTIL":
        parts.append(f"UNTIL=2026{draw(st.integers(1, 12)):02d}15T093000Z")
    return ";".join(parts)


@given(
    rule=rules(),
    zone=st.sampled_from(
        ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]
    ),
    first=st.dates(date(2025, 6, 1), date(2026, 6, 1)),
    hour=st.integers(4, 23),  # not in the hours that clocks skip: there the two differ by design
    minutes=st.integers(0, 3000),
    exceptions=st.lists(st.integers(0, 60), max_size=3),
    moved=st.lists(
        st.tuples(st.integers(0, 60), st.integers(-100, 100)), max_size=2, unique_by=lambda m: m[0]
    ),
)
@settings(max_examples=120, deadline=None)
def test_we_agree_with_recurring_ical_events(
    rule: str, zone: str, first: date, hour: int, minutes: int, exceptions: list[int],
    moved: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    def line(name: str, days: int, hours: int = 0, minutes: int = 0) -> str:
        moment = datetime.combine(first, time(hour)) + timedelta(days=days, hours=hours, minutes=minutes)
        return f"{name};TZID={zone}:{moment:%Y%m%dT%H%M%S}"

    if "COUNT" in rule:
        # A start off its rule counts as the first (RFC 5545 3.3.10); they count it besides.
        start = next(iter(rrulestr(rule, dtstart=datetime.combine(first, time(hour)))), None)
        assume(start is not None)  # every third month from November on is never January
        assert start is not None
        first = start.date()
    # DTEND, since they reckon a DURATION in hours by the clock, which RFC 5545 3.3.6 does not
    master = [line("DTSTART", 0), line("DTEND", 0, minutes=minutes), f"RRULE:{rule}"]
    master += [line("EXDATE", n) for n in exceptions]
    overrides = [
        "\n".join(
            ["SUMMARY:moved", line("RECURRENCE-ID", n), line("DTSTART", n, by), line("DTEND", n, by + 1)]
        )
        for n, by in moved
        if n not in exceptions
    ]
    data = calendar("\n".join(master), *overrides)
    item = read_from(tmp_path_factory.mktemp("agree"), data)
    assert isinstance(item, Item)
    window = datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    theirs = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(*window)
    expected = sorted((e["DTSTART"].dt.astimezone(UTC), e["DTEND"].dt.astimezone(UTC)) for e in theirs)
    ours = occurrences(item, start=window[0], end=window[1], zone="UTC")
    assert [(o.start.astimezone(UTC), o.end.astimezone(UTC)) for o in ours] == expected
    assert item.until is None or all(o.end <= item.until for o in ours)
