"""What a plan does otherwise than another one, in sentences: for a plan that was made anew."""

from __future__ import annotations

from calendar import day_name
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from deskhand.agent.plans.language import Plan, Step
from deskhand.agent.plans.purpose import purpose_of
from deskhand.agent.wording.writes import called

LONGEST = 80
"""Characters of a value."""

_REQUESTS = frozenset({"template", "makes_room"})
"""Arguments that hold whole requests, to be offered: they change nothing that is done."""
_LABELS = {
    "about": "what it is about", "at": "the time", "attendees": "with", "body": "what it says",
    "clock": "the time", "count": "how many", "day": "the day", "days": "days later",
    "duration": "the length", "exdates": "days left out", "likes_days": "rather on",
    "likes_parts": "rather at this part of the day", "location": "the place", "longer": "minutes longer",
    "minutes": "the length", "most": "at most", "newest": "of the newest", "not_dates": "not on",
    "not_on": "not on", "not_parts": "not at this part of the day", "not_when": "not on",
    "occurrence": "which of the series", "omits": "left out", "optional": "who need not come",
    "parts": "the part of the day", "people": "with", "person": "who", "request": "what is asked",
    "rrule": "how it repeats", "start": "the beginning", "weekday": "the day",
}  # fmt: skip
"""What arguments are called to a person; others by their own name."""
_WHO = frozenset({"attendees", "people", "to"})
_WEEKDAYS = frozenset({"not_on", "likes_days", "weekday", "not_when"})
"""Arguments in which a number is a day of the week, Monday being 0."""


def differences(old: Plan, new: Plan) -> list[str]:
    """What changed, a sentence each, in the order of the new plan; none where both do the same.

    How a plan says what was asked for (`request`, `objective`, `purpose`) makes no difference.
    """
    before, made = _numbered(old), list[str]()
    after = _numbered(new)
    named = _people_named([(before[key], step) for key, step in after.items() if key in before])
    for key, step in after.items():
        if key in before:
            made += _changed(before[key], step, named=named)
        else:
            made.append(f"New: {purpose_of(step)}.")
    made += [f"No longer: {purpose_of(step)}." for key, step in before.items() if key not in after]
    return list(dict.fromkeys(made))


def _numbered(plan: Plan) -> dict[tuple[str, int], Step]:
    """The steps by what they do, and how many have done that before."""
    made: dict[tuple[str, int], Step] = {}
    for step in plan.steps:
        made[step.op, sum(op == step.op for op, _ in made)] = step
    return made


_People = tuple[frozenset[str], frozenset[str]]


def _people_named(pairs: Sequence[tuple[Step, Step]]) -> dict[_People, str]:
    """Who takes part before and now, where mailboxes say it, and the argument that says it first: the same
    people stand in a search for times, in the booking and in the invitation, and are told once."""
    made: dict[_People, str] = {}
    for name in ("attendees", "to"):
        for old, new in pairs:
            was, now = old.args.get(name), new.args.get(name)
            if was != now and all(isinstance(v, dict) for v in now or ()) and (now or was):
                made.setdefault((_addresses(was), _addresses(now)), name)
    return made


def _addresses(value: Any) -> frozenset[str]:
    listed = value if isinstance(value, list) else []
    return frozenset(str(v.get("address") if isinstance(v, dict) else v).lower() for v in listed)


def _changed(old: Step, new: Step, *, named: Mapping[_People, str]) -> Iterator[str]:
    for name in (n for n in dict.fromkeys([*old.args, *new.args]) if n not in _REQUESTS):
        was, now = old.args.get(name), new.args.get(name)
        said = named.get((_addresses(was), _addresses(now)), name) if name in _WHO else name
        if was != now and said == name:
            yield _sentence(name, was, now)
    rest = {"args", "purpose", "id", "origins"}
    shape = [{n: v for n, v in s.model_dump(mode="json").items() if n not in rest} for s in (old, new)]
    if shape[0] != shape[1]:
        yield f"Under other conditions than before: {purpose_of(new)}."


def _sentence(name: str, was: Any, now: Any) -> str:
    """`The length: 45 minutes (it was 30 minutes).`"""
    label = _LABELS.get(name, name.replace("_", " "))
    label = f"{label[:1].upper()}{label[1:]}"
    if isinstance(now, bool) or isinstance(was, bool):
        return f"{label}: {'yes' if now else 'no'} (it was {'yes' if was else 'no'})."
    before, after = _said(name, was), _said(name, now)
    if before == after:
        return f"{label}: other than before."
    if not before:
        return f"{label}: {after}."
    return f"{label}: {after or 'nothing any more'} (it was {before})."


def _said(name: str, value: Any) -> str:
    """A value in words; "" where it is none."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, list):
        told = [t for v in value if (t := _said(name, v))]
        text = " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)
    elif isinstance(value, dict) and "address" in value:
        text = called(str(value.get("name") or ""), str(value["address"]))
    elif isinstance(value, dict) and isinstance(value.get("text"), str):
        text = value["text"]  # times, in the words they were read from
    elif isinstance(value, dict):
        text = (
            "as it is found"
            if "ref" in value
            else "; ".join(filter(None, (_said(name, v) for v in value.values())))
        )
    elif name in _WEEKDAYS and isinstance(value, int) and 0 <= value < 7:
        text = day_name[value]
    elif name in ("minutes", "duration") and isinstance(value, int):
        text = f"{value} minute{'' if value == 1 else 's'}"
    else:
        text = _time(str(value)) or str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def _time(text: str) -> str:
    """An ISO 8601 day or time in words, on the clock it is written for; "" where it is none."""
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return f"{day:%a} {day.day} {day:%b %Y}"
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    if len(text) < 16:
        return ""
    return f"{moment:%a} {moment.day} {moment:%b %Y}, {moment:%H:%M}"
