"""What a wish says that a time must keep to, and what it would like: "not Monday", "ideally mornings".

Each is read, put into typed arguments of `slots.find`, and taken out of the wish; the rest is read as if it
had not been said. What is not understood stays where it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Any

from deskhand.agent.availability.folding import every_day
from deskhand.agent.planners.when import limit_words as said
from deskhand.agent.planners.words.directory import Named, Span
from deskhand.agent.planners.words.request import WEEKDAYS, Aside, Request
from deskhand.agent.times import Reading, read

SPACED = 15
"""Minutes between meetings, where somebody asks for "no back-to-back" and says no number."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


_RULED_OUT = re.compile(
    r"\b(?:not|never|no|except(?: for)?|excluding|avoid(?:ing)?|without)\s+(?:on\s+|in\s+|the\s+)*$", re.I
)


@dataclass
class Limits:
    """What was taken out of a wish."""

    args: dict[str, Any] = field(default_factory=dict[str, Any])
    """Arguments of `slots.find`."""
    minutes: int | None = None
    optional: list[Named] = field(default_factory=list[Named])
    """It is better with them, but possible without."""
    hours: list[Reading] = field(default_factory=list[Reading])
    """Hours of every day ("mornings", "between 2 and 5"), and days that were ruled out in other ways."""
    hours_in: str = ""
    """The text that the spans of `hours` count in."""
    said: list[str] = field(default_factory=list[str])
    """Its words, for the person to see that they were understood."""

    def add(self, name: str, *values: Any) -> None:
        """Put values into a list argument, each once, in order."""
        had = self.args.get(name, [])
        self.args[name] = sorted({*had, *values}) if name.startswith(("not_on", "likes")) else [*had, *values]


def taken(request: Request, *, hangs: bool = False) -> tuple[Request, Limits]:
    """The wish without its limits and likes, and these.

    `hangs`: its day hangs on an event, so that hours said alone are not those of today.
    """
    request, limits = ruled(request)
    return _hours(request, limits, hangs=hangs), limits


def ruled(request: Request) -> tuple[Request, Limits]:
    """The wish without the limits and likes that no reader of times knows, and these; hours stay in it."""
    limits = Limits()
    for rule in _RULES:
        request = rule(request, limits)
    return request, limits


def without(request: Request, *spans: Span, of_time: bool = True, aside: str = "") -> Request:
    """The wish without some places in it, which it remembers. `aside`: how it says them by itself."""
    head, at, kept = "", 0, list(request.aside)
    for first, last in sorted(spans):
        if first >= at:
            head += request.head[at:first] + " "
            at = last
            if words := aside or _alone(request.head[first:last]):
                kept.append(Aside(words, of_time))
    head += request.head[at:]
    head = re.sub(r"\s+([,;])", r"\1", " ".join(head.split())).strip(" ,;")
    return replace(request, head=head, aside=tuple(kept))


def _alone(words: str) -> str:
    """Words by themselves, without what joined them to others."""
    return re.sub(r"^(?:and|but)\s+", "", " ".join(words.split()).strip(" ,;()"), flags=re.I)


def weekday(word: str) -> int:
    """Monday is 0."""
    return _DAYS.index(word.lower()[:3])


def clock(request: Request, words: str) -> time | None:
    """A time of day out of its words, as the person's clock has it."""
    tz = request.known.owner.tz
    for found in read(f"at {words}", now=request.known.now, zone=tz.key, locale=request.known.owner.locale):
        if found.start is not None and found.kind in ("instant", "interval"):
            return found.start.astimezone(tz).time().replace(microsecond=0)
    return None


# The rules, in the order they are tried


def _spaced(request: Request, limits: Limits) -> Request:
    for m in _open(request, said.SPACED):
        limits.args["spaced"] = int(m["n"] or m["far"] or SPACED)
        return _cut(request, limits, *m.span(), of_time=False)
    return request


def _moving(request: Request, limits: Limits) -> Request:
    for m in _open(request, said.MOVING):
        limits.args["by_moving"] = True
        return _cut(request, limits, *m.span(), of_time=False)
    return request


def _left_alone(request: Request, limits: Limits) -> Request:
    """ "Leave my Fridays alone", "keep my mornings free"."""
    for m in _open(request, said.LEAVE):
        found, end = _items(request, m.end(), ruled_out=True)
        behind = said.ALONE.match(request.head, end)
        if m.start() == 0 or not found or behind is None:
            continue
        _rule_out_days(request, limits, found)
        if parts := [_part(i["part"]) for i in found if i["part"] and not i["day"]]:
            limits.add("not_parts", *parts)
        return _left_alone(_cut(request, limits, m.start(), behind.end()), limits)
    return request


def _not(request: Request, limits: Limits) -> Request:
    for m in _open(request, said.NOT):
        end = m.end()
        if any(t.zone and t.span[0] <= end < t.span[1] for t in request.times):
            continue
        if between := said.NOT_BETWEEN.match(request.head, end):
            times = [clock(request, words) for words in between.groups()]
            if all(times):
                limits.add("not_between", *[f"{t:%H:%M}" for t in times if t])
                return _not(_cut(request, limits, m.start(), between.end()), limits)
        if lunch := said.LUNCH.match(request.head, end):
            limits.args["keep_lunch"] = True
            return _not(_cut(request, limits, m.start(), lunch.end()), limits)
        found, end = _items(request, end, ruled_out=True)
        if found and said.SOFTLY.match(m[0]):
            days = [weekday(i["day"]) for i in found if i["day"]]
            if days:
                limits.add("likes_days", *(set(range(7)) - set(days)))
            if parts := [_part(i["part"]) for i in found if i["part"]]:
                limits.add("likes_parts", *(p for p in ("morning", "afternoon") if p not in parts))
            return _not(_cut(request, limits, m.start(), end), limits)
        if found:
            _rule_out_days(request, limits, found)
            if parts := [_part(i["part"]) for i in found if i["part"]]:
                limits.add("not_parts", *parts)
            return _not(_cut(request, limits, m.start(), end), limits)
        if (day := _day_at(request, end)) is not None and day.start is not None:
            limits.add("not_dates", day.start.astimezone(request.known.owner.tz).date().isoformat())
            return _not(_cut(request, limits, m.start(), end + day.span[1]), limits)
    return request


def _rule_out_days(request: Request, limits: Limits, found: list[re.Match[str]]) -> None:
    """ "Not Monday or Tuesday morning" is two mornings; "not Monday, not Tuesday morning" a day and one."""
    of, after = None, len(request.head)
    for item in reversed(found):
        parted = re.search(r"\bnot\b", request.head[item.end() : after], re.I)
        of, after = item["of"] or (None if parted else of), item.start()
        if item["day"] and of:
            limits.add("not_when", [weekday(item["day"]), _part(of)])
        elif item["day"]:
            limits.add("not_on", weekday(item["day"]))
    if "not_when" in limits.args:
        limits.args["not_when"] = sorted(limits.args["not_when"])


def _only(request: Request, limits: Limits) -> Request:
    for pattern in said.ONLY:
        for m in _open(request, pattern):
            begin = m.start(1) if pattern.groups else m.end()
            found, end = _items(request, begin)
            if not found:
                continue
            days = {weekday(i["day"]) for i in found if i["day"]}
            if days:
                limits.add("not_on", *(set(range(7)) - days))
            if parts := _parts(found):
                limits.add("parts", *parts)
            return _only(_cut(request, limits, m.start(), max(end, m.end())), limits)
    return request


def _clocks(request: Request, limits: Limits) -> Request:
    for name, pattern in (("not_before", said.EARLIEST), ("not_after", said.LATEST)):
        for m in _open(request, pattern):
            # "from 2 until 4" is the meeting itself.
            itself = re.search(r"until|till", m[0], re.I) and re.search(
                r"\bfrom\b", request.head[: m.start()]
            )
            if itself or _day_follows(request, m.end()):
                continue
            if (at := clock(request, m[1])) is not None:
                limits.args[name] = f"{at:%H:%M}"
                request = _cut(request, limits, *m.span())
                break
    return request


def _lengths(request: Request, limits: Limits) -> Request:
    for m in _open(request, said.LENGTHS):
        low, high = _minutes(m["low"], m["unit"] or m["of"]), _minutes(m["high"], m["of"])
        if low < high:
            limits.minutes, limits.args["longest"] = low, high
            limits.said.append(f"up to {high}")
            request = replace(request, aside=(*request.aside, Aside(f"up to {high} minutes")))
            return replace(request, head=f"{request.head[: m.start()]}{low} minutes{request.head[m.end() :]}")
    return request


def _likes(request: Request, limits: Limits) -> Request:
    # "Wednesday if possible" at the end of a wish, unless it is somebody who comes if possible.
    last = said.IF_POSSIBLE.search(request.original) and not limits.optional
    last = last and len([t for t in request.times if t.start]) > 1
    for pattern in (said.LIKE, said.LIKED, *([said.LIKED_LAST] if last else [])):
        for m in _open(request, pattern):
            found, end = _items(request, m.start(1) if pattern.groups else m.end(), liked=True)
            if not found or _RULED_OUT.search(request.head[: found[0].start()]):
                continue
            if days := [weekday(i["day"]) for i in found if i["day"]]:
                limits.add("likes_days", *days)
            if parts := _parts(found):
                limits.add("likes_parts", *parts)
            return _likes(_cut(request, limits, m.start(), max(end, m.end())), limits)
    for m in _open(request, said.SOON):
        limits.args["soon"] = True
        return _cut(request, limits, *m.span())
    if said.ASAP.search(request.original):  # it is taken off as courtesy before
        limits.args["soon"] = True
        limits.said.append("asap")
        return replace(request, aside=(*request.aside, Aside("asap")))
    return request


def _optional(request: Request, limits: Limits) -> Request:
    for named in request.named:
        if named.possessive or not named.clear:
            continue
        before = said.BEFORE_NAME.search(request.head, 0, named.span[0])
        after = said.AFTER_NAME.match(request.head, named.span[1])
        joined = said.WITH.search(request.head, 0, named.span[0])
        # "with Ann and Cy if possible": courtesy at the end of a wish is taken off before.
        last = named.span[1] == len(request.head) and said.IF_POSSIBLE.search(request.original)
        last = last if not limits.optional else None  # it is said of one
        apart = request.head[: named.span[0]].rstrip().endswith(",")  # "on Friday, Bo if possible"
        others = apart or sum(not n.possessive for n in request.named) > 1
        if before or (after and "optional" in after[0]) or ((after or last) and others):
            start = (before or joined or after).start() if (before or joined or after) else named.span[0]  # type: ignore[union-attr]
            limits.optional.append(named)
            span = (start, after.end() if after else named.span[1])
            aside = f"{named.words} if possible"
            return _optional(without(request, span, of_time=False, aside=aside), limits)
    return request


def _room(request: Request, limits: Limits) -> Request:
    for m in _open(request, said.ROOM):
        limits.args["room"] = m["name"] or "any"
        return _cut(request, limits, *m.span(), of_time=False)
    return request


def _hours(request: Request, limits: Limits, *, hangs: bool) -> Request:
    times = [t for t in request.times if t.kind != "duration" and not t.problem]
    found = [t for t in times if t.negated or every_day(t) or WEEKDAYS.match(t.text)]
    rest = [t for t in times if t not in found]
    if not rest and not limits.args and not hangs:  # "in the afternoon", "at 3": of today
        found = [t for t in found if t.negated or t.kind == "recurrence" or (t.zone and t.kind == "interval")]
    days = [t for t in rest if t.kind == "interval" and t.grain in ("day", "part")]
    if len(days) == 1 or not rest:  # "lunch on Friday, at 1"
        found = [t for t in found if t.kind != "instant"]
    if len(found) == len(days) == 1 and days[0].grain == "day" and _itself(request, found[0]):
        return request
    if not found:
        return request
    limits.hours, limits.hours_in = found, request.head
    limits.said += [f"{'not ' if t.negated else ''}{t.text.strip(' ,;')}" for t in found]
    return without(request, *(_with_lead(request, t) for t in found))


def _itself(request: Request, hours: Reading) -> bool:
    """Whether hours are when something is, and not between which hours it may be: "block 1pm to 6pm"."""
    exactly = hours.start and hours.end and hours.grain in ("hour", "minute") and not hours.negated
    return bool(exactly) and said.BLOCKS.match(request.head) is not None and request.time("duration") is None


def _with_lead(request: Request, time: Reading) -> Span:
    lead = said.LEAD_OF_HOURS.search(request.head, 0, time.span[0])
    trail = said.TRAIL_OF_HOURS.match(request.head, time.span[1])
    if time.negated and trail is None:
        trail = said.REFUSED_BEHIND.match(request.head, time.span[1])
    return (lead.start() if lead else time.span[0]), (trail.end() if trail else time.span[1])


_RULES: tuple[Callable[[Request, Limits], Request], ...] = (
    _moving, _spaced, _optional, _likes, _lengths, _left_alone, _not, _only, _clocks, _room,
)  # fmt: skip


def _open(request: Request, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Where a pattern fits outside quotations, and outside what a repetition leaves out by itself."""
    closed = [m.span() for m in re.finditer(r"“[^”]*”|\"[^\"]*\"|«[^»]*»", request.head)]
    closed += [t.span for t in request.times if (t.excludes or t.not_holidays) and not every_day(t)]
    closed += [t.span for t in request.times if t.zone]  # the clocks of another place are read with it
    for m in pattern.finditer(request.head):
        if not any(a < m.end() and m.start() < b for a, b in closed):
            yield m


def _items(
    request: Request, start: int, *, ruled_out: bool = False, liked: bool = False
) -> tuple[list[re.Match[str]], int]:
    """Days and parts of a day, listed from a place on.

    What was `ruled_out` ends at a comma where a part of the day follows a day: "not Monday, in the afternoon"
    wants the afternoon.
    """
    found: list[re.Match[str]] = []
    at = end = start
    while m := said.ITEM.match(request.head, at):
        if found and liked and said.ONLY_BEHIND.match(request.head, m.end()):
            break  # "ideally Wednesday, mornings only"
        if found and not ruled_out and re.search(r"\b(?:nor|not)\b", request.head[end:at], re.I):
            break  # "ideally Wednesday, not Monday"
        if (
            ruled_out
            and found
            and found[-1]["day"]
            and m["part"]
            and "," in request.head[end:at]
            and not (re.search(r"\b(?:or|and|nor|not)\b", request.head[end:at], re.I))
        ):
            break
        found.append(m)
        end = m.end()
        joint = said.JOINT.match(request.head, end)
        at = joint.end() if joint else len(request.head)
    return found, end


def _cut(request: Request, limits: Limits, start: int, end: int, *, of_time: bool = True) -> Request:
    limits.said.append(_alone(request.head[start:end]))
    return without(request, (start, end), of_time=of_time)


def _parts(found: list[re.Match[str]]) -> list[str]:
    return [_part(i["part"] or i["of"]) for i in found if i["part"] or i["of"]]


def _part(word: str) -> str:
    return word.lower().rstrip("s")


def _day_at(request: Request, at: int) -> Reading | None:
    """A day that is said right here: "the 3rd", "tomorrow", "24 December"."""
    owner = request.known.owner
    text = request.head[at:]
    for lead in ("", "the "):
        found = read(lead + text, now=request.known.now, zone=owner.zone, locale=owner.locale)
        day = next((t for t in found if t.span[0] <= len(lead) and t.grain == "day" and t.start), None)
        if day is not None:
            return replace(day, span=(0, day.span[1] - len(lead)))
    return None


def _day_follows(request: Request, at: int) -> bool:
    """ "by 4 tomorrow" is one moment of one day: what reads times reads it better."""
    return re.match(r"\s+(?:today|tomorrow|on\s+\w+day\b)", request.head[at:], re.I) is not None


def _minutes(number: str, unit: str) -> int:
    words = {"a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "half an": 0.5}
    amount = words.get(number.lower()) or float(number)
    return round(amount * (60 if unit.lower().startswith("h") else 1))
