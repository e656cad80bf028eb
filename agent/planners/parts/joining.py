"""Plans joined into one: ids made unique and readable, and an order only where there has to be one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from deskhand.agent.planners.parts.marks import moved
from deskhand.agent.plans.deciding import rewritten
from deskhand.agent.plans.language import EACH, Every, Not, Predicate, Present, Ref, Step
from deskhand.agent.plans.references import needs

_ABOUT = {
    "event": "calendar", "calendar": "calendar", "slots": "calendar", "invitation": "calendar",
    "room": "calendar",
    "file": "files", "schedule": "schedules",
}  # fmt: skip
"""What operations have to do with, by the first part of their names; mail is only ever added."""
_CHANGES = frozenset({
    "event.create", "event.update", "event.cancel", "event.respond", "event.receive", "event.restore",
    "file.create",
    "file.replace", "schedule.add", "schedule.pause", "schedule.resume", "schedule.remove",
})  # fmt: skip


@dataclass
class Joined:
    """The steps of the parts so far."""

    steps: tuple[Step, ...] = ()
    parts: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    """Ids of the steps of each part."""
    apart: tuple[int, ...] = ()
    """Places of parts that are never done along with the next one: those of the other branch."""

    def add(self, steps: Sequence[Step], *, follows: bool = False) -> tuple[Step, ...]:
        """Join a part whose ids are `fresh`; its steps as they are in the whole. `follows`: only after all of
        the part before."""
        new = tuple(steps)
        before = self._before(new, follows=follows)
        inner = {s.id for s in new}
        made = tuple(
            s.model_copy(update={"after": tuple(dict.fromkeys([*s.after, *before]))})
            if before and not needs(s) & inner and not {*s.after, s.otherwise} & inner
            else s
            for s in new
        )
        self.steps += made
        self.parts.append(tuple(s.id for s in made))
        return made

    def looking(
        self, steps: Sequence[Step], test: Predicate, *, follows: bool
    ) -> tuple[tuple[Step, ...], Predicate]:
        """Join the steps of a condition; its test in the ids of the whole."""
        made = self.add(self.fresh(steps), follows=follows)
        ids = {old.id: new.id for old, new in zip(steps, made, strict=True)}
        return made, rewritten(test, lambda r: r.model_copy(update={"ref": ids.get(r.ref, r.ref)}))

    def change(self, ids: Iterable[str], how: Callable[[Step], Step]) -> None:
        """Change some of the steps."""
        mine = {*ids}
        self.steps = tuple(how(s) if s.id in mine else s for s in self.steps)

    def fresh(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """The steps of a part, with ids of their own: those that are taken get a number."""
        taken = {s.id for s in self.steps}
        own = {s.id for s in steps}
        clash = own & taken
        if not clash:
            return tuple(steps)
        number = next(n for n in range(2, 1000) if not {f"{i}{n}" for i in clash} & (taken | own))
        ids = {i: f"{i}{number}" for i in clash}

        def to(one: Ref) -> Ref:
            return one if one.ref == EACH else one.model_copy(update={"ref": ids.get(one.ref, one.ref)})

        return tuple(
            moved(s, to, lambda i: ids.get(i, i)).model_copy(update={"id": ids.get(s.id, s.id)})
            for s in steps
        )

    def _before(self, new: Sequence[Step], *, follows: bool) -> tuple[str, ...]:
        """The last steps of the parts that have to be over first."""
        touched = {_ABOUT.get(s.op.partition(".")[0]) for s in new} - {None}
        found: list[str] = []
        for n, ids in enumerate(self.parts):
            if n in self.apart:
                continue
            part = [s for s in self.steps if s.id in ids]
            changed = {_ABOUT.get(s.op.partition(".")[0]) for s in part if s.op in _CHANGES}
            if (follows and n == len(self.parts) - 1) or changed & touched:
                found += _last(part)
        return tuple(dict.fromkeys(found))


def _last(part: Sequence[Step]) -> list[str]:
    """The steps that nothing of their part waits for."""
    waited = {i for s in part for i in (*needs(s), *s.after, s.otherwise)}
    return [s.id for s in part if s.id not in waited]


def in_branch(step: Step, test: Predicate, *, otherwise: str = "") -> Step:
    """A step that is done only where a test holds; with `otherwise`, the first step of that, where it does
    not."""
    if otherwise and not step.otherwise:
        return step.model_copy(update={"otherwise": otherwise})
    wanted: Predicate = Not(of=test) if otherwise else test
    if step.when is None:
        return step.model_copy(update={"when": wanted})
    own: Predicate = Present(of=step.when) if isinstance(step.when, Ref) else step.when
    return step.model_copy(update={"when": Every(of=(wanted, own))})


def writes(step: Step) -> bool:
    """Whether a step changes something, and is no mail."""
    return step.op in _CHANGES


def only_after(step: Step, done: Sequence[str]) -> Step:
    """A step that is done only where others have been."""
    return step.model_copy(update={"needs": tuple(dict.fromkeys([*step.needs, *done]))})
