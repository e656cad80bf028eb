"""Several of one name: "both Sams" are the two people called Sam, written out by their whole names."""

from __future__ import annotations

import re

from deskhand.agent.planners.words.directory import Directory
from deskhand.connectors.archive import Person

_SEVERAL = re.compile(
    r"\b(?P<many>both|all\s+(?:of\s+)?(?:the|our|my)|all|(?:both\s+of\s+)?(?:the|our|my)\s+two|both\s+of\s+(?:the|our|my))\s+"
    r"(?P<name>[^\W\d_]{2,}?)['’]?s\b(?!['’])",
    re.I,
)
_LEAST = 2


def written_out(head: str, directory: Directory) -> str:
    """A wish with people of one name written out; words as they are where no two are called so.

    "Both" and "the two" are two people; where more are called so, and in quotation marks, the words stay.
    """

    def named(m: re.Match[str]) -> str:
        people = directory.parts.get(m["name"].lower(), ())
        two = not m["many"].lower().startswith("all")
        before = head[: m.start()]
        quoted = before.count('"') % 2 or before.count("“") > before.count("”")
        if quoted or len(people) < _LEAST or (two and len(people) > _LEAST):
            return m.group()
        *others, last = (_exactly(p, directory) for p in people)
        return f"{', '.join(others)} and {last}"

    return _SEVERAL.sub(named, head)


def _exactly(person: Person, directory: Directory) -> str:
    """The whole name, where nobody else bears it; else the address."""
    alone = len(directory.whole.get(person.name.lower(), ())) == 1
    return person.name if alone else person.addresses[0]
