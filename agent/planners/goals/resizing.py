"""The goal of making an event longer or shorter: once, from a day on, or the whole series."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from deskhand.agent.planners.goals.changing import changed, described, event_meant, template
from deskhand.agent.planners.steps import no_calendar
from deskhand.agent.planners.when.limits import without
from deskhand.agent.planners.when.scope import scope
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.times import Reading

_VERB = re.compile(
    r"(?:make|change|set|shorten|lengthen|extend|prolong|stretch|trim|cut|reduce|increase)\b\s*", re.I
)
_SHORTER = re.compile(r"\b(?:shorten|shorter|trim|cut|reduce|less)\b", re.I)
_RELATIVE = re.compile(
    r"\b(?:shorten|lengthen|extend|prolong|stretch|trim|cut|reduce|increase|longer|shorter|more|less)\b", re.I
)
_MOVES = re.compile(r"\b(?:later|earlier|sooner)\b", re.I)
_WORDS = re.compile(
    r"\b(?:the\s+)?(?:length|duration)\s+of\b|\b(?:long|longer|shorter|only|just|more|less|instead|last|"
    r"be)\b",
    re.I,
)
_FROM = re.compile(r"\s+(?:from|starting|as of)\s+", re.I)
_ADDS = re.compile(
    r"(?:(?P<more>add)|take|cut|knock|trim)\s+(?P<length>(?:\d+|half an?|a quarter of an|an?|one|two|three|"
    r"five|ten|fifteen|twenty|thirty)\s*(?:minutes?|mins?|hours?|h))\s+"
    r"(?(more)(?:to|onto)|(?:off|from|out of))\s+",
    re.I,
)
_WHOSE = re.compile(r"^(?:my|our|the|this)\b|['’]s?$|['’]s\s+(?=\d|noon|midday)", re.I)
LONGEST = 24 * 60


def resize(request: Request) -> Plan | Unclear | None:
    """ "make the weekly sync 45 minutes from June", "extend the review by 15 minutes"."""
    if m := _ADDS.match(request.head):  # "add 15 minutes to the review"
        words = "extend" if m["more"] else "shorten"
        request = replace(request, head=f"{words} {request.head[m.end() :].strip()} by {m['length']}")
    verb = _VERB.match(request.head)
    length = _length(request)
    if verb is None or length is None or not length.seconds or _MOVES.search(request.head):
        return None
    first = next((t for t in request.times if t.span[0] == verb.end()), None)
    if first is not None and not _WHOSE.search(first.text):
        return None  # "make tomorrow at 3 half an hour for the budget"; "tomorrow's demo" is there already
    place = request.known.place("event.update")
    if place is None:
        return no_calendar(request.known)
    minutes = round(length.seconds / 60)
    lead = re.search(r"\b(to|by)\s+(?:just\s+|only\s+)?$", request.head[: length.span[0]], re.I)
    relative = bool(_RELATIVE.search(request.head)) if lead is None else lead[1].lower() == "by"
    if not 1 <= minutes <= LONGEST:
        return Unclear(message="An event lasts one minute to 24 hours.")
    begin = lead.start() if lead else length.span[0]
    rest, which = scope(without(request, (begin, length.span[1])))
    named = replace(rest, head=" ".join(_WORDS.sub(" ", rest.head).split()))
    find = event_meant(named, len(named.head))
    if isinstance(find, Unclear):
        return find
    find = {k: v for k, v in find.items() if k != "series"} | which
    how = (
        {"longer": (-minutes if _SHORTER.search(request.head) else minutes)}
        if relative
        else {"minutes": minutes}
    )
    said = f"{'by ' if relative else ''}{minutes} minutes"
    find["template"] = _again(verb.group().strip().lower(), find, request, minutes, relative=relative)
    return changed(
        request, find, how,
        objective=f"Change the length of the event {described(find)} ({said}).",
        why=("work out the new end", f"change it in {place.alias}"),
    )  # fmt: skip


def _again(verb: str, find: dict[str, Any], request: Request, minutes: int, *, relative: bool) -> str:
    """The same change as a wish with a gap for the event: it must say as much as the one that was asked."""
    if relative:
        shorter = _SHORTER.search(request.head) is not None
        return template("shorten" if shorter else "extend", find, f"by {minutes} minutes")
    if _RELATIVE.fullmatch(verb):
        return template(verb, find, f"to {minutes} minutes")
    return template("make", find, f"{minutes} minutes")


def _length(request: Request) -> Reading | None:
    """The length that was said; "15 minutes from 1 June" is an instant to those who read times."""
    ends = [m.start() for m in _FROM.finditer(request.head)]
    for end in (*ends, len(request.head)):
        found = [t for t in request.times_in(0, end) if t.kind == "duration"]
        if found:
            return found[0]
    return None
