"""What a plan calls things by: the arguments of its steps that hold names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deskhand.agent.plans.language import Step

_NAMES: dict[str, tuple[str, ...]] = {
    "event.find": ("about",), "event.list": ("about",), "invitation.find": ("about",),
    "item.find": ("about",), "message.list": ("about",), "calendar.agenda": ("about",),
    "event.create": ("title", "location"), "event.update": ("location",), "attachments.place": ("folder",),
    "mail.move": ("folder",), "threads.waiting": ("about",), "document.askers": ("about",),
    "mail.nudge": ("about",), "mail.draft": ("subject",), "mail.send": ("subject",),
}  # fmt: skip
_WITH = re.compile(r"(?<=\S)\s+with\s+(?-i:[A-Z]).*$", re.I)
"""Behind what a meeting is called, with whom it is."""


def names_in(step: Step) -> Iterator[tuple[str, str]]:
    """Each name in a step, with the argument that holds it; a title without the people behind it."""
    for key in _NAMES.get(step.op, ()):
        value = step.args.get(key)
        if isinstance(value, str) and value.strip():
            yield key, (_WITH.sub("", value) if key == "title" else value).strip()
