"""How many of Microsoft's Recognizers-Text specifications we read to the same value: floors, not targets.

Run as a script it prints what is not read; `times_specs` has the rules of what counts.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path


sys.path.insert(0, str(Path(__file__).parents[2]))  # for the script; pytest has it already
from times_specs import score

FILES = (
    "DateTimeModel",
    "DateTimeModelComplexCalendar",
    "DateTimeModelCalendarMode",
    "DateTimeModelExtendedTypes",
    "DateTimeModelSplitDateAndTime",
    "DateTimeModelTasksMode",
    "DurationParser",
    "SetParser",
    "HolidayParser",
)


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
        total = made.total[kind]
        print(
            f"{name:30} {kind:15} {made.good[kind]:4} {made.strict[kind]:4} of {total:4} {made.good[kind] / total:.3f}"
        )
    kinds = [kind for kind in made.total if kind != "negative"]
    figures = [sum(counted[kind] for kind in kinds) for counted in (made.good, made.strict, made.total)]
    print(
        f"{name:30} all             {figures[0]:4} {figures[1]:4} of {figures[2]:4} {figures[0] / (figures[2] or 1):.3f}"
    )
    return Counter(good=figures[0], strict=figures[1], total=figures[2])


if __name__ == "__main__":
    whole: Counter[str] = Counter()
    for each in sys.argv[1:] or FILES:
        whole += _print(each, failures=len(sys.argv) > 1)
    print(f"all files: {whole['good']} ({whole['strict']} by default) of {whole['total']}")
