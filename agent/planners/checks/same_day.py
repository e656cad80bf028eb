"""On which day something is done that a wish says by another part of it.

"The same day", "if there is nothing tomorrow, block 4 to 6", "from January on".
"""

from __future__ import annotations

import re

from deskhand.agent.planners.checks.asking import amiss
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.agent.times import Reading

_SAME = re.compile(r"\b(?:on )?(?:the same|that(?: same| very)?|its) day\b", re.I)
_LOOKS = frozenset({"calendar.agenda", "calendar.free"})
_FROM_ON = re.compile(
    r"\b(?:from|as of|starting|beginning)\b[^,;]*?\b(?:on|onwards?)\b(?= (?:at|to|by)\b|[,;.]|$)", re.I
)
_NOW = re.compile(r"\b(?:today|tonight|this (?:morning|afternoon|evening)|now|later on|at once|asap)\b", re.I)
_PART = re.compile(
    r"^(?:\W|\b(?:in|to|until|till|after|before|the|for|at|by|its?)\b)*(?:morning|afternoon|evening|"
    r"lunch\w*|noon|midday)$",
    re.I,
)
"""A part of a day that was not said, and need not be today."""
_DAYS = frozenset({"day", "part", "week", "month"})


def lost_day(request: Request, made: Plan) -> Unclear | None:
    """The question about the day of a step which is not the one that another part of the wish is about."""
    text = request.original
    lost: str | None = None
    now = str(request.known.now.astimezone(request.known.owner.tz).date())
    dated = [t for t in request.readings if t.kind == "interval" and t.grain in _DAYS and t.start]
    looked = [day for s in made.steps if s.op in _LOOKS and (day := _day(s)) is not None]
    for step in made.steps:
        day = _day(step)
        finds = step.op == "slots.find" and step.when is not None
        if finds and looked and day is not None and len(dated) < 2:
            lost = lost or (text if day not in looked and not _its_own(request, step) else None)
        if step.op == "slots.find" and isinstance(step.args.get("at"), str) and day == now:
            lost = lost or next((t.text for t in dated if not _shows(made, request, t)), None)
    if (
        looked
        and dated
        and now in looked
        and not _NOW.search(text)
        and any(_day(s) not in (None, now) for s in made.steps)
    ):
        lost = lost or text
    if (m := _SAME.search(text)) and not dated and any(s.op == "event.find" for s in made.steps):
        lost = m.group() if any(_day(s) for s in made.steps if s.op == "slots.find") else lost
    for step in made.steps if not dated or all(_PART.search(t.text) for t in dated) else ():
        window = step.args.get("window") or [step.args.get("start")]
        beside = bool(step.args.get("beside"))  # another event says the day
        if (
            step.op == "event.shift"
            and not beside
            and isinstance(window, list)
            and str(window[0])[:10] == now
        ):
            lost = lost or (None if _NOW.search(text) else text)
    changes = any(s.op in ("event.update", "event.cancel") for s in made.steps)
    if lost is None and changes and (m := _FROM_ON.search(text)) and not _begins(made):
        lost = m.group()
    if lost is None:
        return None
    return amiss(
        f"I do not know on which day “{lost.strip(' ,;')}” is to be done",
        "the day beside each thing, as a date",
    )


def _shows(made: Plan, request: Request, said: Reading) -> bool:
    """Whether a day is somewhere in a plan."""
    day = str(said.start.astimezone(request.known.owner.tz).date()) if said.start else ""
    return any(day in str(s.args) for s in made.steps)


def _its_own(request: Request, step: Step) -> bool:
    """Whether the time of a step was said with its day."""
    at = str(step.args.get("at") or step.args.get("start"))[:10]
    zone = request.known.owner.tz
    today = str(request.known.now.astimezone(zone).date())
    return at != today and any(
        t.start is not None and str(t.start.astimezone(zone).date()) == at for t in request.readings
    )


def _begins(made: Plan) -> bool:
    """Whether a change begins with a day, and is of all that follow."""
    finds = [s.args for s in made.steps if s.op in ("event.find", "event.list")]
    return any(found.get("following") or found.get("start") for found in finds)


def _day(step: Step) -> str | None:
    found = step.args.get("at") or step.args.get("start")
    return found[:10] if isinstance(found, str) else None
