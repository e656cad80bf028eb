"""What a recurrence leaves out, written into its rule wherever there is a rule that says exactly that.

"Weekdays except Fridays" is BYDAY=MO,TU,WE,TH: every calendar shows it, and it holds for all time, which a
list of excluded dates cannot.
"""

from __future__ import annotations

from collections.abc import Sequence

from deskhand.agent.times.reading import Reading
from deskhand.agent.times.rules import DAYS, Rule, parse

_NTHS = range(1, 6)
_MONTHS = range(1, 13)


def lessened(rrule: str, excludes: Sequence[Reading]) -> tuple[str, tuple[Reading, ...]]:
    """A rule with as much of `excludes` in it as rules can say, and the rest of them.

    The slots of the one less the rest are those of the other less all. A rule with a COUNT stays as it is:
    what is left out counts (RFC 5545 3.8.5.1), and what a rule does not have does not.

    :raises ValueError: not a rule (see `rules.parse`).
    """
    rule = parse(rrule)
    parts = dict(p.partition("=")[::2] for p in rrule.strip().removeprefix("RRULE:").upper().split(";"))
    rest: list[Reading] = []
    for one in excludes:
        less = None if rule.count is not None else _less(rule, parts, one)
        if less is None:
            rest.append(one)
        else:
            parts = less
            rule = parse(_text(parts))
    return _text(parts), tuple(rest)


def _less(rule: Rule, parts: dict[str, str], one: Reading) -> dict[str, str] | None:
    """The parts of a rule that leaves one thing more out; None where no rule says it, or nothing is left."""
    if one.kind != "recurrence" or one.grain != "day" or one.negated:
        return None
    try:
        out = parse(one.rrule)
    except ValueError:
        return None
    if out.count is not None or out.until is not None or out.interval != 1:
        return None
    if out.freq == "WEEKLY" and out.days and not out.numbers:
        return _without_days(rule, parts, {day for day, _ in out.days})
    if out.freq == "DAILY" and out.numbers.keys() == {"BYMONTH"} and not out.days:
        return _without_months(rule, parts, set(out.numbers["BYMONTH"]))
    if out.freq == "MONTHLY" and out.days and not out.numbers:
        return _without_nths(rule, parts, set(out.days))
    return None


def _without_days(rule: Rule, parts: dict[str, str], out: set[int]) -> dict[str, str] | None:
    if "BYSETPOS" in rule.numbers or any(nth for _, nth in rule.days):
        return None
    if rule.freq not in ("DAILY", "WEEKLY") or (rule.freq == "WEEKLY" and not rule.days):
        return None
    had = {day for day, _ in rule.days} or set(range(7))
    left = sorted(had - out)
    if not left:
        return None
    if len(left) == len(had):
        return parts
    weekly = rule.freq == "DAILY" and rule.interval == 1 and not rule.numbers.keys() - {"BYMONTH"}
    made = parts | ({"FREQ": "WEEKLY"} if weekly else {})
    return made | {"BYDAY": ",".join(DAYS[day] for day in left)}


def _without_months(rule: Rule, parts: dict[str, str], out: set[int]) -> dict[str, str] | None:
    # Of a YEARLY rule BYMONTH makes more, not less; of the others it leaves out (table of RFC 5545 3.3.10).
    if rule.freq == "YEARLY":
        return None
    left = sorted(set(rule.numbers.get("BYMONTH", _MONTHS)) - out)
    return parts | {"BYMONTH": ",".join(map(str, left))} if left else None


def _without_nths(rule: Rule, parts: dict[str, str], out: set[tuple[int, int]]) -> dict[str, str] | None:
    """ "Every Tuesday except the first of the month" is the second to the fifth of every month."""
    if any(nth < 1 for _, nth in out) or rule.interval != 1 or rule.numbers.keys() - {"BYMONTH"}:
        return None
    days = {day for day, _ in rule.days}
    if len(days) != 1:
        return None
    (day,) = days
    if rule.freq == "WEEKLY":
        had = {(day, nth) for nth in _NTHS}
    elif rule.freq == "MONTHLY" and all(nth > 0 for _, nth in rule.days):
        had = set(rule.days)
    else:
        return None
    left = sorted(had - out)
    if not left:
        return None
    if had == set(left):
        return parts
    return parts | {"FREQ": "MONTHLY", "BYDAY": ",".join(f"{nth}{DAYS[day]}" for _, nth in left)}


def _text(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())
