"""Who is free when: fits a terminal, stands alone as an SVG, and never shows as free what is not known."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from brute import Judge
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import problem

from deskhand.agent.slots import Availability, Interval, SlotRequest, find_slots
from deskhand.agent.slots.picture.grid import to_lines
from deskhand.agent.slots.picture.svg import to_svg

LISBON = ZoneInfo("Europe/Lisbon")
MONDAY = datetime(2026, 11, 23, tzinfo=LISBON)
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ANA = Availability(
    "Ana", busy=(Interval(MONDAY.replace(hour=10), MONDAY.replace(hour=11, minute=1)),), zone="Europe/Lisbon"
)
KIRAN = Availability("Kiran", zone="Asia/Kolkata", busy=None)
REQUEST = SlotRequest(60, MONDAY, MONDAY + timedelta(days=1), zone="Europe/Lisbon")
SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawing)  # noqa: S314 - our own


def row(picture: str, name: str) -> str:
    """The columns of one line, from the first clock time on."""
    lines = picture.splitlines()
    clock = next(line for line in lines if re.search(r"\d\d:\d\d ", line))
    line = next(line for line in lines if line.split(maxsplit=1)[:1] == [name])
    return line[re.search(r"\d\d:\d\d", clock).start() :]  # type: ignore[union-attr]


class TestTheGrid:
    def test_a_line_a_person_a_column_each_half_hour(self) -> None:
        picture = to_lines([ANA, KIRAN], REQUEST)
        # From three in the morning, in which Kolkata begins: nine is the thirteenth column.
        assert row(picture, "Ana") == " " * 12 + "..###" + "." * 11
        assert row(picture, "Kiran") == " " + "?" * 16

    def test_each_zone_has_its_own_clock(self) -> None:
        lines = to_lines(
            [ANA, KIRAN, replace(KIRAN, name="Ada", zone="Asia/Kathmandu")], REQUEST
        ).splitlines()
        clocks = {zone: next(line for line in lines if zone in line).split()[1:] for zone in
                  ("Europe/Lisbon", "Asia/Kolkata", "Asia/Kathmandu")}  # fmt: skip
        assert clocks["Europe/Lisbon"][:3] == ["03:00", "06:00", "09:00"]
        assert clocks["Asia/Kolkata"][:3] == ["08:30", "11:30", "14:30"]
        assert clocks["Asia/Kathmandu"][:3] == ["08:45", "11:45", "14:45"]

    def test_the_day_before_and_the_day_after_are_marked(self) -> None:
        far = [
            Availability("Lou", zone="America/Los_Angeles", hours=None, busy=()),
            Availability("Kai", zone="Pacific/Auckland", hours=None, busy=()),
        ]
        lines = to_lines(far, REQUEST).splitlines()
        assert "16:00<" in next(line for line in lines if "Los_Angeles" in line)
        assert "01:00>" in next(line for line in lines if "Auckland" in line)
        drawn = to_svg(far, REQUEST)
        assert f">{MONDAY - timedelta(days=1):%a} 16:00<" in drawn
        assert f">{MONDAY + timedelta(days=1):%a} 01:00<" in drawn

    @pytest.mark.parametrize("width", [72, 80, 100])
    def test_what_the_marks_mean_is_told_whole(self, width: int) -> None:
        lines = to_lines([ANA], REQUEST, width=width).splitlines()
        assert max(map(columns, lines)) <= width
        assert "blank: outside hours" in " ".join(lines)
        assert "23:30< the day before." in " ".join(lines)

    def test_a_proposed_time_is_a_number_where_a_person_is_free(self) -> None:
        found = find_slots([ANA, KIRAN], REQUEST, now=NOW, limit=1)
        if not found.slots:
            found = find_slots([ANA], REQUEST, now=NOW, limit=1)
        (slot,) = found.slots
        picture = to_lines([ANA, KIRAN], REQUEST, [slot])
        assert row(picture, "Ana").count("1") == 2
        assert "1" not in row(picture, "Kiran")
        assert row(picture, "proposed").strip() == "11"
        assert f"{slot.start:%H:%M}-{slot.end:%H:%M} Europe/Lisbon" in picture

    @pytest.mark.parametrize(("day", "columns"), [(date(2026, 10, 25), 50), (date(2027, 3, 28), 46)])
    def test_a_day_in_which_the_clock_changes_is_longer_or_shorter(self, day: date, columns: int) -> None:
        opens = datetime.combine(day, datetime.min.time(), LISBON)
        request = replace(REQUEST, start=opens, end=opens + timedelta(days=1))
        free = replace(ANA, hours=None, busy=())
        assert row(to_lines([free], request), "Ana") == "." * columns

    def test_days_on_which_nobody_can_take_one_line(self) -> None:
        request = replace(REQUEST, end=MONDAY + timedelta(days=7))
        assert "Sunday 29 November 2026: nobody can" in to_lines([ANA], request).splitlines()

    def test_long_and_wide_names_do_not_break_the_columns(self) -> None:
        names = ["x" * 200, "北" * 80, "e\u0301" * 90]
        picture = to_lines([replace(ANA, name=name) for name in names], REQUEST)
        assert max(map(columns, picture.splitlines())) <= 100
        assert picture.count("..###...") == 3


class TestTheDrawing:
    def test_it_is_an_svg_with_words(self) -> None:
        found = find_slots([ANA], REQUEST, now=NOW, limit=2)
        root = parsed(to_svg([ANA, KIRAN], REQUEST, found.slots, title="Monday"))
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        named = {e.get("id"): e.text or "" for e in root if e.get("id")}
        assert [named[i] for i in (root.get("aria-labelledby") or "").split()] == [*named.values()]
        assert "Monday" in named.values()
        assert any("Ana" in text and "Europe/Lisbon" in text for text in named.values())

    def test_it_loads_and_runs_nothing(self) -> None:
        drawn = to_svg([ANA, KIRAN], REQUEST)
        assert not re.search(r"<script|<image|<use|<foreignObject|\bon\w+=|href|url\(|@import", drawn)

    def test_it_knows_light_and_dark(self) -> None:
        assert "prefers-color-scheme:dark" in to_svg([ANA], REQUEST)

    def test_a_bar_for_each_state(self) -> None:
        root = parsed(to_svg([ANA, KIRAN], REQUEST))
        kinds = [e.get("class") for e in root.iter(f"{SVG}rect")]
        # The legend has one of each.
        assert (kinds.count("free"), kinds.count("busy"), kinds.count("unknown")) == (3, 2, 2)

    def test_equal_arguments_give_equal_drawings(self) -> None:
        assert to_svg([ANA, KIRAN], REQUEST) == to_svg([ANA, KIRAN], REQUEST)


class TestForeignNames:
    EVIL = "<script>alert(1)</script>\x1b[31m\nAna & \u202egpj.exe \"'"

    def test_markup_is_text_in_the_drawing(self) -> None:
        drawn = to_svg(
            [replace(ANA, name=self.EVIL)], replace(REQUEST, rooms=(replace(ANA, name=self.EVIL),))
        )
        root = parsed(drawn)
        assert not [e for e in root.iter() if "script" in e.tag]
        assert "\u202e" not in drawn
        assert "\x1b" not in drawn

    def test_control_characters_never_reach_the_terminal(self) -> None:
        picture = to_lines([replace(ANA, name=self.EVIL)], REQUEST)
        assert not [c for c in picture if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"]
        assert picture.count("..###...") == 1


def columns(line: str) -> int:
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in line)


@given(number=st.integers(0, 1999))
@settings(max_examples=40, deadline=None)
def test_whatever_is_asked_it_fits_and_free_is_free(number: int) -> None:
    """A column shown as free breaks none of the person's rules about minutes, by the judge's account."""
    made = problem(number)
    picture = to_lines(made.people, made.request)
    assert max(map(columns, picture.splitlines())) <= 100
    parsed(to_svg(made.people, made.request))
    judge = Judge(made.people, made.request, now=made.now, notice=made.notice)
    zone = ZoneInfo(made.request.zone)
    for person in made.people[:4]:
        rules = [breaks for kind, breaks in judge.of_person(person) if kind not in ("most_a_day", "notice")]
        rules.append(judge.unknown(person))
        for start, shown in free_columns(picture, person.name, zone):
            if shown:
                assert judge.opens <= start
                assert start + 30 <= judge.closes
                assert not [True for breaks in rules if breaks(start, start + 30)]


def free_columns(picture: str, name: str, zone: ZoneInfo) -> list[tuple[int, bool]]:
    """The minute at which each column of a person's lines begins, and whether it is shown as free."""
    made: list[tuple[int, bool]] = []
    midnight, first, label = 0, 0, 0
    for line in picture.splitlines():
        if found := re.match(r"\w+ (\d+ \w+ \d{4})$", line):
            day = datetime.strptime(found[1], "%d %B %Y").replace(tzinfo=zone)
            midnight, first = int(day.timestamp()) // 60, -1
        elif found := re.search(r" (\d\d):(\d\d)(?: |\+|-|$)", line):
            if first < 0:
                # The first zone shown is the asker's: its clock tells where the day was cut.
                label, first = found.start(1), midnight
                while datetime.fromtimestamp(first * 60, zone).strftime("%H:%M") != f"{found[1]}:{found[2]}":
                    first += 30
        elif line.split(maxsplit=1)[:1] == [name]:
            made += [(first + 30 * n, mark == ".") for n, mark in enumerate(line[label:])]
    return made
