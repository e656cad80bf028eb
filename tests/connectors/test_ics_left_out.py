"""Series with occurrences left out, with a sooner end and with a later one, as they stand in a calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from contracts import NOW
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from deskhand.connectors.errors import Changed, Missing, Unsupported
from deskhand.connectors.ics import Ics, connect
from deskhand.connectors.itip import invitation, read_itip
from deskhand.connectors.model import Item, Receipt
from deskhand.connectors.occurrences import occurrences
from deskhand.connectors.operations import EventCancel, EventCreate, EventUpdate, Mailbox, Operation

ME = "ana@example.org"
LISBON = ZoneInfo("Europe/Lisbon")
BO = Mailbox(address="bo@example.org", name="Bo")
MONDAY = datetime(2026, 11, 30, 9, tzinfo=LISBON)
ZONES = ["Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]


@pytest.fixture
def cal(tmp_path: Path) -> Ics:
    (tmp_path / "cal").mkdir()
    return connect(source="c", state=tmp_path / "state", place=str(tmp_path / "cal"), me=ME)


def operation(**given: Any) -> EventCreate:
    values = {
        "source": "c", "title": "Sync", "start": MONDAY, "end": MONDAY + timedelta(minutes=30),
        "zone": "Europe/Lisbon", "rrule": "FREQ=WEEKLY;BYDAY=MO",
    }  # fmt: skip
    return EventCreate.model_validate({**values, **given})


def make(cal: Ics, **given: Any) -> Item:
    item = cal.read(cal.perform(operation(**given), key=str(given.get("title", "make")), now=NOW).ref)
    assert item is not None
    return item


def do(
    cal: Ics, kind: type[Operation], item: Item, *, key: str = "k", **given: Any
) -> tuple[Operation, Receipt]:
    op = kind.model_validate({"source": "c", "ref": item.ref, "version": item.version, **given})
    return op, cal.perform(op, key=key, now=NOW)


def after(cal: Ics, item: Item) -> Item:
    read = cal.read(item.ref)
    assert read is not None
    return read


def lines(item: Item, *names: str) -> list[str]:
    event = item.data["ics"].partition("BEGIN:VEVENT")[2].replace("\r\n ", "")
    return [x for x in event.splitlines() if x.startswith(names)]


def days(item: Item, *, until: date = date(2028, 1, 1)) -> list[date]:
    """The days on which it is held, as another program reads the file; ours must be the same."""
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime.combine(until, datetime.min.time(), UTC)
    read = icalendar.Calendar.from_ical(item.data["ics"])
    theirs = sorted(e["DTSTART"].dt for e in recurring_ical_events.of(read).between(start, end))
    ours = occurrences(item, start=start, end=end, zone="UTC")
    assert [o.start.date() if o.all_day else o.start for o in ours] == theirs
    return [t.date() if isinstance(t, datetime) else t for t in theirs]


class TestLeftOut:
    def test_an_exdate_has_the_zone_of_the_start(self, cal: Ics) -> None:
        gone = MONDAY + timedelta(days=7)
        item = make(cal, exdates=[gone.astimezone(UTC)])
        assert lines(item, "EXDATE") == ["EXDATE;TZID=Europe/Lisbon:20261207T090000"]
        assert days(item)[:2] == [date(2026, 11, 30), date(2026, 12, 14)]
        assert item.data["exdates"] == [gone.astimezone(UTC).isoformat()]

    def test_in_utc_and_on_whole_days(self, cal: Ics) -> None:
        start = datetime(2026, 11, 30, 9, tzinfo=UTC)
        utc = make(
            cal, title="utc", zone="UTC", start=start, end=start + timedelta(hours=1),
            exdates=[start + timedelta(days=7)],
        )  # fmt: skip
        assert lines(utc, "EXDATE") == ["EXDATE:20261207T090000Z"]
        midnight = datetime(2026, 11, 30, tzinfo=LISBON)
        whole = make(
            cal, title="day", all_day=True, start=midnight, end=midnight + timedelta(days=1),
            rrule="FREQ=DAILY;COUNT=4", exdates=[midnight + timedelta(days=1)],
        )  # fmt: skip
        assert lines(whole, "EXDATE") == ["EXDATE;VALUE=DATE:20261201"]
        assert days(whole) == [date(2026, 11, 30), date(2026, 12, 2), date(2026, 12, 3)]

    def test_a_time_that_the_clock_skips_is_left_out_by_its_name(self, cal: Ics) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        start = datetime(2027, 3, 26, 2, 30, tzinfo=berlin)
        skipped = datetime(2027, 3, 28, 3, 0, tzinfo=berlin)  # 2:30 does not exist on that day
        item = make(
            cal, start=start, end=start + timedelta(hours=1), zone="Europe/Berlin",
            rrule="FREQ=DAILY;COUNT=4", exdates=[skipped],
        )  # fmt: skip
        assert lines(item, "EXDATE") == ["EXDATE;TZID=Europe/Berlin:20270328T023000"]
        assert days(item) == [date(2027, 3, 26), date(2027, 3, 27), date(2027, 3, 29)]

    def test_the_invitation_has_it_and_is_read_back(self, cal: Ics) -> None:
        item = make(cal, attendees=[BO], exdates=[MONDAY + timedelta(days=7)])
        sent = invitation(item, "REQUEST")
        assert "EXDATE;TZID=Europe/Lisbon:20261207T090000" in sent
        assert read_itip(sent).rrule == "FREQ=WEEKLY;BYDAY=MO"

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"exdates": [MONDAY + timedelta(days=1)]}, "is not held at 2026-12-01 09:00"),
            ({"exdates": [MONDAY - timedelta(days=7)]}, "is not held at 2026-11-23 09:00"),
            (
                {"rrule": "FREQ=WEEKLY;COUNT=2", "exdates": [MONDAY, MONDAY + timedelta(days=7)]},
                "Nothing is left of the series",
            ),
            (
                {
                    "rrule": "FREQ=WEEKLY;UNTIL=20261208T000000Z",
                    "exdates": [MONDAY, MONDAY + timedelta(days=7)],
                },
                "Nothing is left of the series",
            ),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, cal: Ics, given: dict[str, Any], says: str) -> None:
        with pytest.raises(Unsupported, match=says):
            cal.perform(operation(**given), key="k", now=NOW)
        assert cal.find(operation(**given), key="k") is None

    def test_what_does_not_repeat_leaves_nothing_out(self) -> None:
        with pytest.raises(ValidationError, match="only of an event that repeats"):
            operation(rrule="", exdates=[MONDAY])

    @settings(deadline=None, max_examples=20)
    @given(
        zone=st.sampled_from(ZONES), hour=st.integers(0, 23), minute=st.sampled_from([0, 30]),
        rule=st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SU,WE", "FREQ=DAILY;INTERVAL=3"]),
        out=st.sets(st.integers(0, 150), max_size=12),
    )  # fmt: skip
    def test_what_is_held_is_the_rule_less_what_is_left_out(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        zone: str,
        hour: int,
        minute: int,
        rule: str,
        out: set[int],
    ) -> None:
        place = tmp_path_factory.mktemp("cal")
        cal = connect(source="c", state=place / "state", place=str(place), me=ME)
        start = datetime(2026, 2, 15, hour, minute, tzinfo=ZoneInfo(zone))  # a Sunday; clocks change after it
        given = {"start": start, "end": start + timedelta(minutes=30), "zone": zone, "rrule": rule}
        whole = days(make(cal, title="whole", **given), until=date(2026, 12, 1))
        gone = {whole[n] for n in out if n < len(whole)}
        exdates = [datetime.combine(day, start.time(), start.tzinfo) for day in gone]
        held = days(make(cal, title="less", **given, exdates=exdates), until=date(2026, 12, 1))
        assert held == [day for day in whole if day not in gone]


class TestSoonerEnd:
    def test_it_ends_before_the_named_one(self, cal: Ics) -> None:
        item = make(cal, attendees=[BO], exdates=[MONDAY + timedelta(days=n) for n in (7, 35)])
        moved = MONDAY + timedelta(days=28)
        do(cal, EventUpdate, item, key="move", occurrence=moved, start=moved + timedelta(hours=2),
           end=moved + timedelta(hours=3))  # fmt: skip
        item = after(cal, item)
        op, receipt = do(cal, EventCancel, item, occurrence=MONDAY + timedelta(days=21), following=True)
        left = after(cal, item)
        assert days(left) == [date(2026, 11, 30), date(2026, 12, 14)]
        assert lines(left, "RRULE") == ["RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261214T090000Z"]
        assert lines(left, "EXDATE") == ["EXDATE;TZID=Europe/Lisbon:20261207T090000"]
        assert "RECURRENCE-ID" not in left.data["ics"]
        assert left.data["sequence"] == item.data["sequence"] + 1
        back = cal.inverse(op, receipt)
        assert back is not None
        cal.perform(back, key="back", now=NOW)
        assert days(after(cal, item)) == days(item)

    def test_whole_days_end_with_a_date(self, cal: Ics) -> None:
        midnight = datetime(2026, 11, 30, tzinfo=LISBON)
        item = make(
            cal, all_day=True, start=midnight, end=midnight + timedelta(days=1), rrule="FREQ=DAILY;COUNT=9"
        )
        do(cal, EventCancel, item, occurrence=datetime(2026, 12, 2, tzinfo=LISBON), following=True)
        assert lines(after(cal, item), "RRULE") == ["RRULE:FREQ=DAILY;UNTIL=20261201"]
        assert days(after(cal, item)) == [date(2026, 11, 30), date(2026, 12, 1)]

    @pytest.mark.parametrize("people", [[], [BO]])
    def test_from_the_first_on_it_is_the_whole(self, cal: Ics, people: list[Mailbox]) -> None:
        item = make(cal, attendees=people, exdates=[MONDAY])
        do(cal, EventCancel, item, occurrence=MONDAY + timedelta(days=7), following=True)
        left = cal.read(item.ref)
        assert (left.data["status"] if left else None) == ("cancelled" if people else None)

    def test_answers_stay_as_they_were(self, cal: Ics, tmp_path: Path) -> None:
        item = make(cal, attendees=[BO])
        (file,) = (tmp_path / "cal").glob("*.ics")
        file.write_text(file.read_text().replace("PARTSTAT=NEEDS-ACTION;RSVP=TRUE", "PARTSTAT=ACCEPTED"))
        item = after(cal, item)
        do(cal, EventCancel, item, occurrence=MONDAY + timedelta(days=21), following=True)
        assert "PARTSTAT=ACCEPTED" in after(cal, item).data["ics"].replace("\r\n ", "")

    def test_a_second_call_does_it_once_and_a_stale_one_not_at_all(self, cal: Ics) -> None:
        item = make(cal)
        op, receipt = do(cal, EventCancel, item, occurrence=MONDAY + timedelta(days=21), following=True)
        assert cal.find(op, key="k") == receipt == cal.perform(op, key="k", now=NOW)
        with pytest.raises(Changed):
            do(cal, EventCancel, item, key="other", occurrence=MONDAY + timedelta(days=7), following=True)

    def test_what_cannot_be_ended_there_is_refused(self, cal: Ics, tmp_path: Path) -> None:
        item = make(cal)
        with pytest.raises(Missing, match="does not happen at that time"):
            do(cal, EventCancel, item, occurrence=MONDAY + timedelta(days=3), following=True)
        once = make(cal, title="once", rrule="")
        with pytest.raises(Missing, match="no repeating event"):
            do(cal, EventCancel, once, occurrence=MONDAY, following=True)
        with pytest.raises(ValidationError, match="first occurrence that is cancelled"):
            do(cal, EventCancel, item, following=True)
        theirs = make(cal, title="theirs", attendees=[BO])
        for file in (tmp_path / "cal").glob("*.ics"):
            file.write_text(
                file.read_text().replace(f"ORGANIZER:mailto:{ME}", "ORGANIZER:mailto:cy@example.org")
            )
        with pytest.raises(Unsupported, match="Somebody else called this series"):
            do(cal, EventCancel, after(cal, theirs), occurrence=MONDAY + timedelta(days=7), following=True)

    def test_an_end_that_was_there_is_never_moved_out(self, cal: Ics, tmp_path: Path) -> None:
        """An added date lies after the end of the rule, which must not wake again by what ends there."""
        item = make(cal, rrule="FREQ=WEEKLY;BYDAY=MO;UNTIL=20261214T235959Z")
        (file,) = (tmp_path / "cal").glob("*.ics")
        text = file.read_text().replace("SUMMARY:", "RDATE;TZID=Europe/Lisbon:20270201T090000\r\nSUMMARY:", 1)
        file.write_text(text, newline="")
        item = after(cal, item)
        do(cal, EventCancel, item, occurrence=datetime(2027, 2, 1, 9, tzinfo=LISBON), following=True)
        assert days(after(cal, item)) == [date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 14)]


class TestLaterEnd:
    @pytest.mark.parametrize("end", ["COUNT=2", "UNTIL=20261207T090000Z"])
    def test_it_goes_on_until_then_and_asks_again(self, cal: Ics, end: str) -> None:
        item = make(cal, rrule=f"FREQ=WEEKLY;BYDAY=MO;{end}", attendees=[BO])
        op, receipt = do(cal, EventUpdate, item, until=datetime(2026, 12, 21, 23, 59, 59, tzinfo=LISBON))
        longer = after(cal, item)
        assert lines(longer, "RRULE") == ["RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261221T235959Z"]
        assert [d.day for d in days(longer)] == [30, 7, 14, 21]
        assert lines(longer, "SEQUENCE") == ["SEQUENCE:1"]
        back = cal.inverse(op, receipt)
        assert back is not None
        cal.perform(back, key="back", now=NOW)
        assert [d.day for d in days(after(cal, item))] == [30, 7]

    def test_whole_days_go_on_until_a_date(self, cal: Ics) -> None:
        midnight = datetime(2026, 11, 30, tzinfo=LISBON)
        item = make(
            cal, all_day=True, start=midnight, end=midnight + timedelta(days=1), rrule="FREQ=DAILY;COUNT=2"
        )
        do(cal, EventUpdate, item, until=datetime(2026, 12, 3, 23, 59, tzinfo=LISBON))
        assert lines(after(cal, item), "RRULE") == ["RRULE:FREQ=DAILY;UNTIL=20261203"]

    @pytest.mark.parametrize(
        ("rule", "says"),
        [
            ("FREQ=WEEKLY;BYDAY=MO", "has no end"),
            ("FREQ=WEEKLY;BYDAY=MO;COUNT=60", "goes on longer than that already"),
        ],
    )
    def test_what_needs_no_later_end_is_refused(self, cal: Ics, rule: str, says: str) -> None:
        item = make(cal, rrule=rule)
        with pytest.raises(Unsupported, match=says):
            do(cal, EventUpdate, item, until=datetime(2026, 12, 21, tzinfo=LISBON))
        assert after(cal, item).version == item.version

    def test_only_a_series_has_an_end(self, cal: Ics) -> None:
        with pytest.raises(Missing, match="does not repeat by a rule"):
            do(cal, EventUpdate, make(cal, rrule=""), until=datetime(2026, 12, 21, tzinfo=LISBON))
        with pytest.raises(ValidationError, match="only a whole series"):
            do(cal, EventUpdate, make(cal, title="x"), occurrence=MONDAY, until=MONDAY + timedelta(days=9))
