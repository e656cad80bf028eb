"""Calendars that we write: icalendar, recurring-ical-events and a real Radicale read in them what we do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from contracts import NOW, current, pass_over
from fakes import radicale

from deskhand.connectors.ics import Ics, connect
from deskhand.connectors.model import Item
from deskhand.connectors.occurrences import occurrences
from deskhand.connectors.operations import EventCancel, EventCreate, EventUpdate, Operation

ZONES = [
    ("Europe/Lisbon", 2026), ("America/New_York", 2026), ("Australia/Lord_Howe", 2026),
    ("Asia/Kolkata", 2026), ("America/Sao_Paulo", 2018),
]  # fmt: skip
"""Two hemispheres, a half-hour zone, a shift of half an hour, and a zone that gave up shifting after 2018."""

Seen = tuple[str, datetime | date, datetime | date]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[radicale.Server]:
    pytest.importorskip("radicale", reason="needs radicale, of the test dependencies")
    with radicale.server(tmp_path_factory.mktemp("radicale"), {zone for zone, _ in ZONES}) as running:
        yield running


@pytest.fixture
def cal(tmp_path: Path) -> Ics:
    (tmp_path / "cal").mkdir()
    return connect(source="c", state=tmp_path / "state", place=str(tmp_path / "cal"), me="ana@example.org")


def items(cal: Ics) -> list[Item]:
    return list(current(pass_over(cal)[0]).values())


def make(cal: Ics, key: str, start: datetime, hours: float, zone: str, rule: str, **more: Any) -> Item:
    op = EventCreate(
        source="c", title=key, start=start, end=start + timedelta(hours=hours), zone=zone, rrule=rule, **more
    )
    item = cal.read(cal.perform(op, key=key, now=NOW).ref)
    assert item is not None
    return item


def change(cal: Ics, kind: type[Operation], item: Item, key: str, **given: Any) -> Item:
    op = kind.model_validate({"source": "c", "ref": item.ref, "version": item.version, **given})
    cal.perform(op, key=key, now=NOW)
    read = cal.read(item.ref)
    assert read is not None
    return read


def fill(cal: Ics, zone: str, year: int) -> None:
    """A year of somebody's meetings, through both changes of the clock."""
    tz = ZoneInfo(zone)

    def at(month: int, day: int, hour: int = 9) -> datetime:
        return datetime(year, month, day, hour, tzinfo=tz)

    def nth(start: datetime, n: int) -> datetime:
        return start + timedelta(days=7 * n)  # the same time on the clock: Python adds on the wall

    weekly = make(cal, "weekly", at(1, 5), 1, zone, "FREQ=WEEKLY")
    moved = nth(at(1, 5), 14)
    weekly = change(
        cal, EventUpdate, weekly, "one", occurrence=moved, title="other",
        start=moved + timedelta(hours=5), end=moved + timedelta(hours=7),
    )  # fmt: skip
    change(cal, EventCancel, weekly, "off", occurrence=nth(at(1, 5), 43))
    make(cal, "nth", at(1, 13 if year == 2026 else 9, 18), 1.5, zone, "FREQ=MONTHLY;BYDAY=2TU;COUNT=11")
    make(
        cal,
        "last",
        at(1, 30, 23),
        2,
        zone,
        "FREQ=MONTHLY;BYDAY=-1FR" if year == 2026 else "FREQ=MONTHLY;COUNT=9",
    )
    make(cal, "daily", at(3, 1, 7), 0.5, zone, "FREQ=DAILY;INTERVAL=2;UNTIL=" + f"{year}1130T235959Z")
    make(cal, "days", at(2, 2, 0), 48, zone, "FREQ=WEEKLY;INTERVAL=5", all_day=True)
    make(cal, "day", at(7, 14, 0), 24, zone, "", all_day=True)
    split = make(cal, "split", at(1, 6, 16), 1, zone, "FREQ=WEEKLY;COUNT=50")
    split = change(cal, EventCancel, split, "off left", occurrence=nth(at(1, 6, 16), 3))
    split = change(cal, EventCancel, split, "off right", occurrence=nth(at(1, 6, 16), 44))
    first = nth(at(1, 6, 16), 20)
    change(cal, EventUpdate, split, "cut", occurrence=first, following=True, title="split on",
           start=first + timedelta(days=1), end=first + timedelta(days=1, minutes=45))  # fmt: skip

    left_out(cal, zone, at, nth)


def left_out(
    cal: Ics, zone: str, at: Callable[..., datetime], nth: Callable[[datetime, int], datetime]
) -> None:
    """Series that leave occurrences out from the beginning, that end sooner and that go on longer."""
    first = at(1, 8, 2)  # an hour that some of these clocks skip
    make(cal, "holes", first, 1, zone, "FREQ=WEEKLY", exdates=[nth(first, n) for n in range(0, 52, 3)])
    make(
        cal, "holiday", at(2, 3, 0), 24, zone, "FREQ=DAILY;INTERVAL=3;COUNT=80", all_day=True,
        exdates=[at(2, 3, 0) + timedelta(days=3 * n) for n in (1, 2, 40)],
    )  # fmt: skip
    over = make(cal, "over", at(1, 7, 11), 1, zone, "FREQ=DAILY", exdates=[at(1, 9, 11), at(9, 1, 11)])
    over = change(
        cal, EventUpdate, over, "late", occurrence=at(8, 30, 11), start=at(9, 20, 11), end=at(9, 20, 12)
    )
    change(cal, EventCancel, over, "end", occurrence=at(8, 20, 11), following=True)
    longer = make(cal, "longer", at(1, 6, 13), 1, zone, "FREQ=WEEKLY;COUNT=4")
    change(cal, EventUpdate, longer, "extend", until=at(11, 3, 13))


def shown(moment: datetime | date) -> datetime | date:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def events(text: str | bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


def seen(found: list[icalendar.Event]) -> list[Seen]:
    return sorted(
        ((str(e["SUMMARY"]), shown(e["DTSTART"].dt), shown(e["DTEND"].dt)) for e in found), key=repr
    )


def ours(cal: Ics, start: datetime, end: datetime, zone: str) -> list[Seen]:
    found = [o for item in items(cal) for o in occurrences(item, start=start, end=end, zone=zone)]
    return sorted(
        (
            (o.title, o.start.date(), o.end.date()) if o.all_day else (o.title, shown(o.start), shown(o.end))
            for o in found
        ),
        key=repr,
    )


@pytest.mark.parametrize(("zone", "year"), ZONES)
def test_others_see_the_same_occurrences(cal: Ics, server: radicale.Server, zone: str, year: int) -> None:
    fill(cal, zone, year)
    start, end = datetime(year, 1, 2, tzinfo=UTC), datetime(year, 12, 30, tzinfo=UTC)
    expected = ours(cal, start, end, zone)
    assert len(expected) > 250
    name = f"{zone.replace('/', '-')}-{year}"
    server.make(name)
    expanded: list[icalendar.Event] = []
    for item in items(cal):
        server.put(name, item.data["uid"], item.data["ics"])
        read = icalendar.Calendar.from_ical(item.data["ics"])
        assert [e.errors for e in read.walk()] == [[]] * len(read.walk())
        expanded += recurring_ical_events.of(read).between(start, end)
    assert seen(expanded) == expected
    assert seen([e for text in server.expanded(name, start, end) for e in events(text)]) == expected


def test_a_hold_stays_one_through_a_server(cal: Ics, server: radicale.Server, tmp_path: Path) -> None:
    until = datetime(2026, 11, 25, 18, tzinfo=UTC)
    hold = make(
        cal, "hold", datetime(2026, 12, 1, 9, tzinfo=UTC), 1, "UTC", "", status="tentative", hold_until=until
    )
    server.make("holds")
    server.put("holds", "hold", hold.data["ics"])
    (tmp_path / "back.ics").write_bytes(server.get("holds", "hold"))
    (back,) = items(connect(source="b", state=tmp_path / "b", place=str(tmp_path / "back.ics")))
    assert (back.data["status"], back.data["hold_until"]) == ("tentative", until.isoformat())
    assert back.data["uid"] == hold.data["uid"]
