"""A wish in which the second reader sees several parts, and of which a plan does but one: it is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from deskhand.agent.planners.checks.doing import does_otherwise
from deskhand.agent.planners.likeness.forms import SEVERAL
from deskhand.agent.planners.likeness.reader import Likely
from deskhand.agent.planners.second import sure
from deskhand.agent.plans.language import Plan, Unclear

_SEEN = 0.25
"""So likely several parts are that each of them is looked for in the plan."""
_SURE = 0.8
"""So sure it has to be what a part is."""
_TOLD = 0.6
"""So sure it has to be that a wish says what is to be written."""
_UNTOLD = frozenset({"question", "none", *SEVERAL})
_COURTESY = re.compile(
    r"you\b|(?:at all )?possible\b|need(?:ed)?\b|necessary\b|that['’]?s ok(?:ay)?\b|i may\b", re.I
)

_AND_IT = re.compile(
    r"(?:\band|,)\s+(?:then\s+|also\s+|please\s+|afterwards\s+)*(?P<verb>bin|trash|delete|throw|cancel|"
    r"forward|fwd|"
    r"pause|summari[sz]e|archive|decline|accept)\s+(?:it|them|that|this)\b[^,;.]*",
    re.I,
)
_DONE = {
    "bin|trash|delete|throw|archive": ("mail.trash", "mail.move", "event.cancel", "schedule.remove"),
    "cancel": ("event.cancel", "schedule.remove", "event.respond"),
    "forward|fwd": ("mail.compose_forward", "mail.send"),
    "pause": ("schedule.pause",),
    "summari[sz]e": ("item.summarise",),
    "decline|accept": ("event.respond",),
}
"""What is done where one says so."""

Heard = Callable[[str], Likely | None]


def part_lost(made: Plan, heard: Sequence[Likely], read: Heard) -> Unclear | None:
    """The question about a part of a wish, or a condition, of which a plan does nothing.

    :param heard: what the second reader takes the wish for.
    :param read: what it takes a part of it for.
    """
    if (text := _text_lost(made, heard)) is not None:
        return _question(text)
    if (left := _verb_lost(made)) is not None:
        return _question(left)
    one = next((h for h in heard if h.goal in SEVERAL and h.share >= _SEEN), None)
    if one is None or any(s.op == "schedule.add" for s in made.steps):
        return None
    if one.goal == "conditional":
        asked = next((text for name, text in one.slots if name in ("if", "unless")), None)
        kept = asked is None or _COURTESY.match(asked) or any(s.when is not None for s in made.steps)
        return None if kept else _question(asked or "")
    parts = [text for name, text in one.slots if name == "part"]
    for text in parts if len(parts) > 1 else ():
        near = read(text)
        if near is not None and near.goal == "add_guest" and _books(made):
            continue  # "... and invite Marta too": to what is booked
        told = near is not None and near.goal not in _UNTOLD and sure(near) >= _SURE
        if told and near is not None and near.goal == "free" and _books(made):
            return _question(text)
        if told and near is not None and does_otherwise(made, near.goal):
            return _question(text)
    return None


def _books(made: Plan) -> bool:
    return any(s.op == "event.create" for s in made.steps)


def _verb_lost(made: Plan) -> str | None:
    """A wish behind "and" with "it" for its object, of which no step of a plan does anything."""
    said = re.split(r":(?=\s)|[“\"«]", made.request, maxsplit=1)[0]
    if any(s.op == "schedule.add" for s in made.steps):
        return None
    texts = " ".join(str(s.args.get("body", "")) for s in made.steps).casefold()
    for m in _AND_IT.finditer(said):
        ops = next((ops for verb, ops in _DONE.items() if re.fullmatch(verb, m["verb"], re.I)), ())
        if not any(s.op in ops for s in made.steps) and m["verb"].casefold() not in texts:
            return m.group().strip()
    return None


def _text_lost(made: Plan, heard: Sequence[Likely]) -> str | None:
    """What is to be written, where a plan would draft an empty mail."""
    first = heard[0] if heard else None
    bodies = [s.args["body"] for s in made.steps if "body" in s.args]
    if first is None or not any(isinstance(b, str) and not b.strip() for b in bodies) or sure(first) < _TOLD:
        return None
    return next((text for name, text in first.slots if name == "text"), None)


def _question(words: str) -> Unclear:
    return Unclear(
        lacking=True,
        message=f"I am not sure what you want: I would do nothing of “{words.strip(' ,.;')}”, so nothing was "
        "done. Say it as a wish of its own.",
    )
