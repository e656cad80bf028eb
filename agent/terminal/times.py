"""The command `deskhand times`: what is read in a text, and what it means, in words or as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from unicodedata import category
from zoneinfo import ZoneInfo

import typer

from deskhand.agent.errors import Refusal
from deskhand.agent.terminal.screen import Home, Json, Now, person_of, show_answer, system_zone, told

if TYPE_CHECKING:
    from deskhand.agent.terminal.output import Screen
    from deskhand.agent.times import Anchor, Reading

_LONGEST = 100_000
_MOST_SHOWN = 60
_HOURS = (9 * 60, 17 * 60)


def times(
    text: Annotated[list[str] | None, typer.Argument(help='"lunch on Friday at 1", a mail, ...')] = None,
    zone: Annotated[
        str, typer.Option(help="The time zone to read in, like Europe/Lisbon; yours by default.")
    ] = "",
    locale: Annotated[
        str, typer.Option(help="en_US reads 3/4 as March 4, all others as 3 April; yours by default.")
    ] = "",
    home: Home = "", as_json: Json = False, now: Now = "",
) -> None:  # fmt: skip
    """Read the times in a text, and say what they mean. Needs no home."""
    with told(as_json) as screen:
        words = _checked(" ".join(text or ()))
        person = person_of(home)
        zone = zone or (person.zone if person else system_zone() or "UTC")
        locale = locale or (person.locale if person else "en_GB")
        moment = _moment(now, zone)

        from deskhand.agent.times import read

        hours = _hours(person.week) if person else _HOURS
        readings = read(words, now=moment, zone=zone, locale=locale, hours=hours)
        answer = {
            "text": words,
            "now": moment.isoformat(),
            "zone": zone,
            "locale": locale,
            "readings": [as_value(one) for one in readings],
        }

        def after(screen: Screen, _: Any) -> None:
            _tell(screen, words, readings, zone, moment)

        show_answer(screen, answer, after)


def _checked(text: str) -> str:
    if not text.strip():
        raise Refusal('Say the words to read: deskhand times "Friday at 3".')
    if len(text) > _LONGEST:
        raise Refusal(
            f"The text has {len(text):,} characters; {_LONGEST:,} are read at once. Give it in pieces."
        )
    if any(category(char) == "Cc" and char not in "\t\n\r" for char in text):
        raise Refusal("The text has control characters; take them out, and try again.")
    return text.encode("utf-8", "replace").decode()


def _moment(now: str, zone: str) -> datetime:
    try:
        place = ZoneInfo(zone)
    except (KeyError, OSError, ValueError):
        raise Refusal(f"There is no time zone {zone[:80]!r}; name one like Europe/Lisbon.") from None
    if not now:
        return datetime.now(UTC).astimezone(place).replace(microsecond=0)
    try:
        moment = datetime.fromisoformat(now)
        return (moment if moment.tzinfo else moment.replace(tzinfo=place)).astimezone(place)
    except (ValueError, OverflowError):
        raise Refusal(f"--now {now[:80]!r} is no time; write it like 2026-11-22T08:00+00:00.") from None


def _hours(week: tuple[tuple[tuple[int, int], ...], ...]) -> tuple[int, int]:
    """The working hours of the first day that has some."""
    return next(((day[0][0], day[-1][1]) for day in week if day), _HOURS)


def as_value(reading: Reading) -> dict[str, Any]:
    """A reading as docs/json.md has it."""
    return {
        "span": list(reading.span),
        "text": reading.text,
        "kind": reading.kind,
        "start": _iso(reading.start),
        "end": _iso(reading.end),
        "grain": reading.grain,
        "rrule": reading.rrule,
        "seconds": reading.seconds,
        "problem": reading.problem,
        "negated": reading.negated,
        "anchor": _anchor(reading.anchor),
        "excludes": [as_value(one) for one in reading.excludes],
        "not_holidays": reading.not_holidays,
        "zone": reading.zone,
        "alternatives": [as_value(one) for one in reading.alternatives],
    }


def _anchor(anchor: Anchor | None) -> dict[str, Any] | None:
    if anchor is None:
        return None
    return {
        "words": anchor.words,
        "span": list(anchor.span),
        "relation": anchor.relation,
        "other": anchor.other,
        "seconds": anchor.seconds,
        "days": anchor.days,
        "months": anchor.months,
        "working": anchor.working,
        "at": _iso(anchor.at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _tell(screen: Screen, text: str, readings: list[Reading], zone: str, now: datetime) -> None:
    if not readings:
        screen.line("No time is read there.")
    for reading in readings:
        said = " ".join(reading.text.split())
        screen.line(f"“{said if len(said) <= _MOST_SHOWN else said[:_MOST_SHOWN] + '…'}”", "bold")
        screen.line(f"    {in_words(reading, zone, now)}")
        if reading.problem:
            screen.line(f"    {reading.problem}")
        for other in reading.alternatives:
            screen.line(f"    or {in_words(other, zone, now)}")
    if readings:
        screen.line(f"Times are those of {zone}.", "dim")


def in_words(reading: Reading, zone: str, now: datetime) -> str:
    """What a reading means, in a line."""
    from deskhand.agent.times import say_duration, say_instant, say_interval, say_rrule

    words = "not " if reading.negated else ""
    if reading.kind == "duration":
        return words + (say_duration(reading.seconds) if reading.seconds else "no time at all")
    if reading.anchor is not None:
        words += _beside(reading)
        if reading.start is None and reading.end is None:
            return f"{words} (the calendar says when that is)"
        words += ": "
    if reading.kind == "recurrence" and reading.start is not None:
        first = say_instant(reading.start, zone, now)
        first = first.removesuffix(", 00:00") if reading.grain == "day" else first
        words += f"{say_rrule(reading.rrule, reading.start)}, first on {first}"
        words += "".join(f"; except {_left_out(one, zone, now)}" for one in reading.excludes)
        return words + ("; except on public holidays" if reading.not_holidays else "")
    if reading.kind == "interval" and (reading.start or reading.end):
        return words + say_interval(reading.start, reading.end, zone, now)
    return words + (say_instant(reading.start, zone, now) if reading.start else "")


def _left_out(reading: Reading, zone: str, now: datetime) -> str:
    from deskhand.agent.times import say_rrule

    if reading.kind != "recurrence" or reading.start is None:
        return in_words(reading, zone, now)
    if reading.rrule.startswith("FREQ=DAILY;BYMONTH="):
        return f"in {reading.start:%B}"
    words = say_rrule(reading.rrule, reading.start)
    return f"{words} to {reading.end:%H:%M}" if reading.end is not None else words


def _beside(reading: Reading) -> str:
    from deskhand.agent.times import say_duration

    anchor = reading.anchor
    if anchor is None:
        return ""
    if anchor.relation == "between":
        return f"between “{anchor.words}” and “{anchor.other}”"
    far = ""
    if anchor.seconds:
        far = say_duration(anchor.seconds)
    elif anchor.months:
        far = f"{anchor.months} month{'s' * (anchor.months > 1)}"
    elif anchor.days:
        far = f"{anchor.days} {'working ' * anchor.working}day{'s' * (anchor.days > 1)}"
    elif reading.kind == "instant":
        far = "right"
    elif reading.grain == "day":
        return f"the day of “{anchor.words}”"
    return f"{far} {anchor.relation} “{anchor.words}”".strip()
