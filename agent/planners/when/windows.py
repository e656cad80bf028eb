"""What the times of a request mean for a calendar: a stretch to look into, a start, a repetition."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from deskhand.agent.availability.folding import every_day
from deskhand.agent.availability.omitted import NOTHING, Omitted
from deskhand.agent.planners.when.left_out import NOTHING_APART, Apart, omitted
from deskhand.agent.planners.words.directory import Span
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Unclear
from deskhand.agent.times import Reading

_BARE = re.compile(
    r"(?:at |from |by )?(?:\d{1,2}(?:[:.h]\d\d)?\s*(?:am|pm|a\.m\.|p\.m\.|h|o'?clock)?(?: sharp)?|noon|"
    r"midday|midnight|"
    r"(?:half|quarter) (?:past|to) \w+)",
    re.I,
)
_PART = re.compile(r"(?:in the |one |some )?(?:morning|afternoon|evening)s?", re.I)
_OR = re.compile(r"\s*(?:,|/|\bor\b|,\s*or\b)\s*(?:maybe\s+|else\s+)?(?:on\s+)?", re.I)
_UNTIL = re.compile(r"(?:until|till|’til|'til|through|up to|up until)\b", re.I)
_SECOND = timedelta(seconds=1)
_EACH = {"DAILY": timedelta(days=1), "WEEKLY": timedelta(days=7), "MONTHLY": timedelta(days=30)}
_LONG = ("day", "week", "month", "year")
_MEAL = re.compile(r"(?:breakfast|brunch|lunch|dinner)\s+", re.I)
_KINDS = ("daily", "weekly", "monthly", "fortnightly", "quarterly", "yearly", "biweekly", "annual")


@dataclass(frozen=True, slots=True)
class Repetition:
    """A recurrence with the time of its first slot."""

    rrule: str
    start: datetime
    words: str
    spans: tuple[Span, ...]
    """Where it stands in the wish."""
    omits: Omitted = NOTHING
    """Which of the times of its rule it leaves out."""


_CLOCK_OF = re.compile(
    r"(?P<clock>\b(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s*(?P<half>am|pm)?)\s+"
    r"in\s+the\s+(?P<part>morning|afternoon|evening)\b",
    re.I,
)
_PARTS = {"morning": (0, 13), "afternoon": (11, 19), "evening": (16, 24)}
"""Hours that one may call so."""


def problem(request: Request) -> Unclear | None:
    """The first time that does not exist, happens twice, or is at odds with itself ("3pm in the morning")."""
    if (odd := _odd_hour(request)) is not None:
        return odd
    for time in request.times:
        if time.problem:
            zone = request.known.owner.tz
            if time.kind == "recurrence":
                return Unclear(message=f"“{time.text}”: {time.problem[:1].lower()}{time.problem[1:]}")
            instants = [a.start.astimezone(zone) for a in time.alternatives if a.start is not None]
            # An hour that comes twice is told apart by UTC, which has no such hour.
            twice = len({i.replace(tzinfo=None, fold=0) for i in instants}) < len(instants)
            return Unclear(
                message=time.problem,
                choices=tuple(
                    request.put(time.span, _whole(a, zone) or _exactly(i, utc=twice))
                    for a, i in zip([a for a in time.alternatives if a.start], instants, strict=True)
                ),
            )
    return None


def _odd_hour(request: Request) -> Unclear | None:
    """The question about an hour that its part of the day does not have."""
    for m in _CLOCK_OF.finditer(request.head):
        hour, half = int(m["hour"]), (m["half"] or "").lower()
        if request.closed(*m.span()) or hour > 23 or not (half or m["minute"]):
            continue
        hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
        first, last = _PARTS[m["part"].lower()]
        # "At 3:00 in the afternoon" counts to twelve.
        fits = first <= hour < last or (not half and hour < 12 and first <= hour + 12 < last)
        if not fits:
            clock = f"{m['hour']}{':' + m['minute'] if m['minute'] else ''}{half}"
            return Unclear(
                message=f"{clock} is not in the {m['part'].lower()}; which is meant? Nothing was done.",
                choices=(request.put((m.end("clock"), m.end()), ""),),
            )
    return None


def window(request: Request, *, otherwise: timedelta) -> tuple[datetime, datetime]:
    """The stretch of time that was said, or `otherwise` from now on (from midnight, when it is a day)."""
    now, tz = request.known.now, request.known.owner.tz
    stretches = [t for t in request.times if t.kind == "interval"]
    if not stretches:
        instant = request.time("instant")
        if instant is not None and instant.start is not None:
            return instant.start, instant.start + timedelta(hours=1)
        midnight = now.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0)
        first = midnight if otherwise <= timedelta(days=1) else now
        return first, first + otherwise
    start = stretches[0].start or now
    end = stretches[0].end or start + timedelta(days=14)
    if len(stretches) > 1 and _PART.fullmatch(stretches[0].text):  # "one morning next week"
        start, end = stretches[1].start or now, stretches[1].end or end
    if days := either(request):
        return days[0][0], max(b for _, b in days)
    for part in stretches[1:]:  # "next week, on Tuesday": the narrower one, where they overlap
        if part.start and part.end and start <= part.start and part.end <= end:
            start, end = part.start, part.end
        elif part.start is None and part.end is not None:  # "next week, before Thursday"
            last = part.end + timedelta(days=7) if part.end <= start else part.end
            end = min(end, last) if start < last else end
    return start, end


def either(request: Request) -> list[tuple[datetime, datetime]]:
    """The stretches one of which is meant: "Tuesday or Thursday", in order; [] where there is but one.

    Where a longer one is said beside them ("Tuesday or Thursday next week"), those of it are meant.
    """
    stretches = [t for t in request.times if t.kind == "interval" and t.start and t.end]
    found: list[Reading] = []
    for one, two in pairwise(stretches):
        if _OR.fullmatch(request.head, one.span[1], two.span[0]):
            found += [two] if found and found[-1] is one else [one, two]
    rest = [t for t in stretches if not any(t is f for f in found)]
    around = next((t for t in rest if t.grain in ("week", "month")), None)
    made = []
    for time in found:
        start, end = time.start, time.end
        if start is None or end is None:
            continue
        if around is not None and around.start and end <= around.start:
            start, end = start + timedelta(days=7), end + timedelta(days=7)
        made.append((start, end))
    return sorted(set(made))


def at_the_time(request: Request) -> tuple[Reading, tuple[Span, ...]] | None:
    """The instant that was said, and what else says it.

    A bare time of day belongs to the day said beside it: "lunch on Friday, at 1".
    """
    instant, tz = request.time("instant"), request.known.owner.tz
    if instant is None or instant.start is None:
        return None
    said = instant.start
    if meal := _MEAL.match(instant.text):  # "lunch on Friday" is one time to those who read times
        instant = replace(instant, span=(instant.span[0] + meal.end(), instant.span[1]))
    days = [t for t in request.times if t.kind == "interval" and t.grain in ("day", "part") and t.start]
    if not bare(instant) or not days or days[0].start is None:
        return instant, ()
    start = datetime.combine(days[0].start.date(), said.astimezone(tz).time(), tz)
    meal = _MEAL.match(days[0].text)  # "lunch on Friday" is one time to those who read times
    begin, end = days[0].span
    return replace(instant, start=start), ((begin + (meal.end() if meal else 0), end),)


def repetition(request: Request, apart: Apart = NOTHING_APART) -> Repetition | Unclear | None:
    """How often and from when; a recurrence without a time of day is one question.

    :param apart: what it leaves out beside its own exceptions.
    """
    said = [t for t in request.times if t.kind == "recurrence" and not t.negated]
    often = says_most(request)
    if often is None or (first := often.start) is None:
        return None
    rrule = often.rrule
    # "a fortnightly sync on Tuesdays": how often from the one, on which days from the other.
    steps = [m.group() for t in said if (m := re.search(r"INTERVAL=\d+", t.rrule))]
    if steps and "INTERVAL" not in rrule and rrule.startswith("FREQ=WEEKLY"):
        rrule = rrule.replace("FREQ=WEEKLY", f"FREQ=WEEKLY;{steps[0]}")
    rrule = ending(request, rrule, first)
    left = omitted(request, often, apart)
    if isinstance(left, Unclear):
        return left
    if often.grain != "day":
        return _begun(request, Repetition(rrule, first, often.text, (often.span,), left))
    at = next((t for t in request.times if t.kind == "instant" and t.start), None)
    if at is None or at.start is None:
        # "weekly" belongs before its noun; the time goes to the end then.
        head = request.head if qualifies(request, often) else ""
        choices = tuple(
            f"{head} at {hour}{request.tail}" if head else request.put(often.span, f"{often.text} at {hour}")
            for hour in ("8:00", "10:00")
        )
        return Unclear(message=f"{often.text[:1].upper()}{often.text[1:]} at what time?", choices=choices)
    by_day = bare(at) or "BYDAY" in rrule
    start = datetime.combine(first.date(), at.start.timetz()) if by_day else at.start
    return _begun(request, Repetition(rrule, start, f"{often.text} {at.text}", (often.span, at.span), left))


def _begun(request: Request, said: Repetition) -> Repetition | Unclear:
    """A repetition at its first time that stays."""
    if not said.omits:
        return said
    zone = request.known.owner.zone
    first = said.omits.following(said.rrule, said.start, after=said.start - _SECOND, zone=zone)
    if first is None:
        return Unclear(message=f"“{said.words}” leaves out every one of its times, so nothing is left of it.")
    return replace(said, start=first)


def says_most(request: Request) -> Reading | None:
    """Of the recurrences in a wish the one that says most: "a weekly sync every Monday at 10"."""
    said = [t for t in request.times if t.kind == "recurrence" and not t.negated and t.start is not None]
    said = [t for t in said if not every_day(t)] or said  # "ideally mornings, every Tuesday"
    return max(said, key=lambda t: (t.grain != "day", len(t.rrule)), default=None)


def ending(request: Request, rrule: str, first: datetime | None) -> str:
    """A rule with the end that is said beside it: "for six weeks", "until Christmas".

    `first`: when it begins; where that is looked for yet, so long is so many times.
    """
    if "UNTIL" in rrule or "COUNT" in rrule:
        return rrule
    until = next(
        (t.end for t in request.times if t.kind == "interval" and not t.start and _UNTIL.match(t.text)), None
    )
    lasts = next((t for t in request.times if t.kind == "duration" and t.grain in _LONG and t.seconds), None)
    if lasts is not None and lasts.seconds and first is None:
        parts = dict(p.partition("=")[::2] for p in rrule.split(";"))
        each = _EACH.get(parts["FREQ"], timedelta(days=7)) * int(parts.get("INTERVAL", "1"))
        days = len(parts["BYDAY"].split(",")) if parts["FREQ"] == "WEEKLY" and "BYDAY" in parts else 1
        return f"{rrule};COUNT={max(1, round(timedelta(seconds=lasts.seconds) / each)) * days}"
    if lasts is not None and lasts.seconds and first is not None:
        until = first + timedelta(seconds=lasts.seconds)  # "for six weeks": six Tuesdays
    return f"{rrule};UNTIL={until.astimezone(UTC) - _SECOND:%Y%m%dT%H%M%SZ}" if until else rrule


def qualifies(request: Request, time: Reading) -> bool:
    """Whether a recurrence only names a thing: "the weekly report" is no wish to do something weekly."""
    follows = request.head[time.span[1] :].split(maxsplit=1)
    return time.text.lower() in _KINDS and bool(follows) and follows[0].lower() not in {"at", "on", "and"}


def bare(instant: Reading) -> bool:
    """Whether only a time of day was said: "to 4pm" keeps the day of the event."""
    return _BARE.fullmatch(instant.text) is not None


def past(request: Request, time: Reading) -> Unclear:
    """A time that is over, with the next like it."""
    choices: tuple[str, ...] = ()
    if time.start is not None:
        local = time.start.astimezone(request.known.owner.tz)
        tomorrow = request.known.now.astimezone(request.known.owner.tz) + timedelta(days=1)
        clock = f" at {local:%H:%M}" if time.kind == "instant" else ""
        choices = (request.put(time.span, f"on {tomorrow:%Y-%m-%d}{clock}"),)
    return Unclear(message=f"“{time.text}” is in the past.", choices=choices)


def _whole(time: Reading, zone: tzinfo) -> str:
    """A whole day, or from one time to another; empty for an instant."""
    if time.kind != "interval" or time.start is None or time.end is None:
        return ""
    start, end = time.start.astimezone(zone), time.end.astimezone(zone)
    if time.grain == "day":
        last = end - timedelta(days=1)
        return f"{start:%Y-%m-%d}" + (f" to {last:%Y-%m-%d}" if last.date() > start.date() else "")
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%d at %H:%M}"
    return f"{start:%Y-%m-%d at %H:%M} to {until}"


def _exactly(moment: datetime, *, utc: bool) -> str:
    if utc:
        return f"{moment.astimezone(UTC):%Y-%m-%d at %H:%M} UTC"
    return f"{moment:%Y-%m-%d at %H:%M}"
