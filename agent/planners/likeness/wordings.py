"""The wordings that the second reader learns from: text files, one wish a line, its slots marked.

    [book]
    put me down for {length: half an hour} with {who: Marta} {when: on Tuesday at 7:30}

A section is a goal of `forms.FORMS`. What stands in no slot is how the goal is said. Lines that begin with
`#` are remarks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from deskhand.agent.planners.likeness.forms import FORMS, SLOTS, plainly

_SLOT = re.compile(r"{(\w+):\s*([^{}]*?)\s*}")
_SECTION = re.compile(r"\[(\w+)\]")


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to say a goal."""

    goal: str
    said: str
    slots: tuple[tuple[str, int, int], ...]
    """Name, start and end of each slot in `said`."""
    place: str = ""
    """File and line."""

    def filled(self) -> dict[str, list[str]]:
        """What fills each slot, in the order it is said."""
        found: dict[str, list[str]] = {}
        for name, start, end in self.slots:
            found.setdefault(name, []).append(self.said[start:end])
        return found

    def plainly(self) -> str | None:
        """The wish in plain words, see `forms.plainly`."""
        return plainly(self.goal, self.filled())

    def in_plain_words(self) -> Wording | None:
        """The plain form as a wording of its own; None where it has none."""
        marked = {n: [f"{{{n}: {text}}}" for text in texts] for n, texts in self.filled().items()}
        line = plainly(self.goal, marked)
        return None if line is None else _wording(self.goal, line, self.place)


def written() -> list[Wording]:
    """All wordings of the package, file by file. :raises ValueError: a line is not as the format says."""
    folder = files(__package__).joinpath("voices")
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".txt"))
    return [w for name in names for w in read(folder.joinpath(name).read_text("utf-8"), name)]


def read(text: str, name: str) -> Sequence[Wording]:
    """The wordings of a file. :raises ValueError: lines are not as the format says; it names them all."""
    found: list[Wording] = []
    wrong: list[str] = []
    goal = ""
    for number, line in enumerate(text.splitlines(), 1):
        line, place = line.strip(), f"{name}:{number}"
        if not line or line.startswith("#"):
            continue
        if m := _SECTION.fullmatch(line):
            goal = m[1]
            wrong += [] if goal in FORMS else [f"{place}: there is no goal {goal!r}"]
            continue
        one = _wording(goal, line, place)
        wrong += [f"{place}: {p}" for p in _problems(one)]
        found.append(one)
    if wrong:
        raise ValueError("\n".join(wrong))
    return found


def _wording(goal: str, line: str, place: str) -> Wording:
    said, at = "", 0
    slots: list[tuple[str, int, int]] = []
    for m in _SLOT.finditer(line):
        said += line[at : m.start()]
        slots.append((m[1], len(said), len(said) + len(m[2])))
        said += m[2]
        at = m.end()
    return Wording(goal, said + line[at:], tuple(slots), place)


def _problems(one: Wording) -> Iterator[str]:
    if not one.goal:
        yield "it stands in no section"
    if "{" in one.said or "}" in one.said:
        yield "a brace stands alone"
    for name, start, end in one.slots:
        if name not in SLOTS | {"apart"}:
            yield f"there is no slot {name!r}"
        elif start == end:
            yield f"the slot {name!r} is empty"
    if FORMS.get(one.goal) and one.plainly() is None:
        yield f"no form of {one.goal!r} has just the slots {sorted(one.filled())}: {one.said}"
