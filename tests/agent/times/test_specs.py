"""How many of Microsoft's Recognizers-Text specifications we read to the same value: floors, not targets.

`times_specs` has the rules of what counts. Every file is scored; the goal, at least 90 % by value, is
reached in each of them and by each type of the plain model. What the modes define otherwise for the words
of the plain model is an alternative to us and no default: the tasks mode puts "next month at 6pm" on the
first of that month, which is no time of a meeting. Of the plain model is left, on purpose: years compared
in queries (">= 2019"), what is read in files' names, "the annual review" and "daily infections" (names, not
repeats), "partner of the year", dates in orders that nobody uses (2020/23/Sep), and "every other Friday",
which is every Friday to them.

Run as a script it prints the figures, and with the names of files what is not read.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # for the script; pytest has it already
from times_specs import SPECS, score

# The share of values read, a little under what is reached: with alternatives, and by default.
FLOORS = {
    "DateTimeModel": (0.92, 0.85),
    "DateTimeModelComplexCalendar": (0.93, 0.86),
    "DateTimeModelCalendarMode": (0.93, 0.86),
    "DateTimeModelExtendedTypes": (0.93, 0.90),
    "DateTimeModelSplitDateAndTime": (0.95, 0.93),
    "DateTimeModelTasksMode": (0.94, 0.68),
    "DurationParser": (0.96, 0.96),
    "SetParser": (0.96, 0.96),
    "HolidayParser": (0.97, 0.60),
}
TYPES = {  # of the plain model
    "date": 0.90,
    "daterange": 0.91,
    "datetime": 0.95,
    "datetimerange": 0.92,
    "duration": 0.90,
    "set": 0.90,
    "time": 0.97,
    "timerange": 0.92,
}

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason=f"the shared specifications are not here ({SPECS})"
)


def _counts(name: str) -> tuple[int, int, int]:
    """Values read with alternatives, read by default, and all there are."""
    made = score(f"{name}.json")
    kinds = [kind for kind in made.total if kind != "negative"]
    good, strict, total = (sum(each[kind] for kind in kinds) for each in (made.good, made.strict, made.total))
    return good, strict, total


@pytest.mark.parametrize("name", FLOORS)
def test_a_file_is_read_to_the_same_values(name: str) -> None:
    good, strict, total = _counts(name)
    assert good / total >= FLOORS[name][0], f"{good} of {total}"
    assert strict / total >= FLOORS[name][1], f"{strict} of {total} by default"


def test_nine_of_ten_values_are_read() -> None:
    counts = [_counts(name) for name in FLOORS]
    good, _, total = (sum(column) for column in zip(*counts, strict=True))
    assert total > 1900
    assert good / total >= 0.93, f"{good} of {total}"


def test_every_type_is_read_to_the_same_values() -> None:
    made = score("DateTimeModel.json")
    for kind, floor in TYPES.items():
        assert made.good[kind] / made.total[kind] >= floor, f"{kind}: {made.good[kind]} of {made.total[kind]}"


@pytest.mark.parametrize("name", FLOORS)
def test_nothing_is_read_where_they_say_there_is_no_time(name: str) -> None:
    assert score(f"{name}.json").claimed == []


def _print(name: str, *, failures: bool) -> Counter[str]:
    made = score(f"{name}.json")
    for case, readings in made.missed if failures else ():
        ours = [
            (one.text, one.kind, str(one.start)[:19], str(one.end)[:19], one.seconds, one.rrule)
            for one in readings
        ]
        print(case.kind, "|", case.text[:140], "|", case.words, "|", list(case.values), "| OURS", ours)
    for text, readings in made.claimed if failures else ():
        print("negative |", text[:140], "| OURS", [one.text for one in readings])
    for kind in sorted(made.total):
        _line(name, kind, made.good[kind], made.strict[kind], made.total[kind])
    good, strict, total = _counts(name)
    _line(name, "all", good, strict, total)
    return Counter(good=good, strict=strict, total=total)


def _line(name: str, kind: str, good: int, strict: int, total: int) -> None:
    print(f"{name:30} {kind:15} {good:4} {strict:4} of {total:4} {good / (total or 1):.3f}")


if __name__ == "__main__":
    whole: Counter[str] = Counter()
    for each in sys.argv[1:] or FLOORS:
        whole += _print(each, failures=len(sys.argv) > 1)
    print(f"all files: {whole['good']} ({whole['strict']} by default) of {whole['total']}")
