"""Which of several calendars a new event goes into: "in my work calendar", else as the settings say."""

from __future__ import annotations

import re

from deskhand.agent.planners.steps import no_calendar
from deskhand.agent.planners.when.limits import without
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known, Place

_SMALL = r"(?!(?:in|into|on|onto|to|my|the|our|at|for|with|and|or|of|about|from|by)\b)"
_NAME = rf"(?P<name>{_SMALL}[\w@.+'’-]+(?:[ ]{_SMALL}[\w@.+'’-]+){{0,2}}?)"
_TO = r"[\s,]*\b(?:in|into|to|on|onto)\s+"
_IN = re.compile(rf"{_TO}(?P<mine>(?:my|the|our)\s+)?{_NAME}\s+calendar\b(?!\s*(?:of|meeting))", re.I)
_BEFORE = re.compile(rf"{_IN.pattern}\s*[,:]?\s+", re.I)
_CALLED = re.compile(rf"{_TO}(?P<mine>my|the|our)\s+calendar\s+[“\"]?{_NAME}[”\"]?(?=\s*(?:[,;.!?]|$))", re.I)
_KINDS = {"outlook": "msgraph_calendar", "microsoft": "msgraph_calendar", "google": "gcalendar"}
_OTHER = frozenset({"my", "the", "our", "your", "his", "her", "their", "a", "whose", "which"})


def taken(request: Request) -> tuple[Request, Place | Unclear]:
    """The wish without what says into which calendar it goes, and that calendar.

    Where nothing is said it is the one of the setting, or the first that can be written.
    """
    able = [p for p in request.known.places if "event.create" in p.operations and not p.owner]
    for found in (*_CALLED.finditer(request.head), *_IN.finditer(request.head)):
        name = found["name"].casefold().replace("’", "'")
        if name in _OTHER or request.closed(*found.span("name")):
            continue
        meant = [p for p in able if _is_called(p, name)]
        if len(meant) == 1:
            return without(request, found.span(), of_time=False), meant[0]
        if meant or (found["mine"] and found.re is _IN):
            return request, _none(request, found["name"], meant or able, several=bool(meant))
    if not able:
        return request, no_calendar(request.known)
    chosen = request.known.owner.calendar
    if not chosen:
        return request, able[0]
    place = next((p for p in able if p.alias == chosen), None)
    return request, place or _unset(request, chosen, able)


def plainly(words: str, known: Known) -> str:
    """A wish with the calendar it names at its end, and by its alias: "in my Outlook calendar, book ..."."""
    if (before := _BEFORE.match(words)) is not None and before["name"].casefold() not in _OTHER:
        words = f"{words[before.end() :].rstrip(' .!')} in my {before['name']} calendar"
    for found in _IN.finditer(words):
        kind = _KINDS.get(found["name"].casefold(), "")
        meant = [p for p in known.places if p.kind == kind and "event.create" in p.operations]
        if len(meant) == 1:
            return words[: found.start("name")] + meant[0].alias + words[found.end("name") :]
    return words


def lost(words: str, made: Plan, known: Known) -> Unclear | None:
    """What to ask where a wish names a calendar, and what is booked would go into another one."""
    written = [str(s.args.get("source")) for s in made.steps if s.op == "event.create"]
    able = [p for p in known.places if "event.create" in p.operations and not p.owner]
    for found in _IN.finditer(words) if written else ():
        meant = [p.alias for p in able if _is_called(p, found["name"].casefold())]
        if len(meant) == 1 and meant[0] not in written:
            return Unclear(
                message=f"You named the calendar {meant[0]}, and I would have booked it into {written[0]}, "
                "so nothing was done. Say it in other words."
            )
    return None


def _is_called(place: Place, name: str) -> bool:
    words = {place.alias.casefold(), place.alias.casefold().replace("-", " ").replace("_", " ")}
    words |= {w.removesuffix(" calendar") for w in words} | {place.account}
    return name in words or _KINDS.get(name) == place.kind


def _none(request: Request, name: str, there: list[Place], *, several: bool) -> Unclear:
    if not there:
        return no_calendar(request.known)
    which = ", ".join(p.alias for p in there)
    why = (
        f"Several calendars are meant by “{name}”" if several else f"I know no calendar “{name}” to write in"
    )
    return Unclear(message=f"{why}: there {'are' if len(there) > 1 else 'is'} {which}. Name one of them.")


def _unset(request: Request, chosen: str, able: list[Place]) -> Unclear:
    ways = [f"{request.original.rstrip(' .!?')} in the {p.alias} calendar" for p in able]
    return Unclear(
        message=f"New events go into {chosen} (calendar under [meetings] in config.toml), and that cannot be "
        "written just now. Say another one, or change the setting.",
        choices=tuple(ways),
    )
