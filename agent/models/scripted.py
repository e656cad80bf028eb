"""A model in memory that says what it is told to, one answer after the other: the twin for tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from deskhand.agent.models import LARGEST, Failure, Manner, Message, Outcome, Said, Shape


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, as it arrived."""

    messages: tuple[Message, ...]
    shape: Shape | None
    manner: Manner


@dataclass
class Scripted:
    """Says its `answers` in order; a `Failure` among them is raised. After the last it refuses."""

    answers: Iterable[str | Said | Failure]
    name: str = "scripted"
    calls: list[Asked] = field(default_factory=list[Asked])
    """What it was asked, in order."""

    def __post_init__(self) -> None:
        self._left = iter(self.answers)

    def ask(self, messages: Sequence[Message], *, shape: Shape | None = None, manner: Manner) -> Said:
        """See `Model.ask`."""
        self.calls.append(Asked((*messages,), shape, manner))
        said = next(self._left, None)
        if said is None:
            raise Failure(Outcome.REFUSED, f"{self.name} has nothing more to say.")
        if isinstance(said, Failure):
            raise said
        said = Said(said) if isinstance(said, str) else said
        if len(said.text) > LARGEST:
            raise Failure(Outcome.TOO_LARGE, f"{self.name} answered with more than {LARGEST:,} characters.")
        return said
