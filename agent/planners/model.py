"""The model planner: a plan made by a language model, a guest beside the rules with no more rights.

The models are tried in their order; what one answers must be a sound plan that names nobody but those in the
person's words and contacts, else it goes back with its faults, or the next one is asked; then the rules plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from deskhand.agent.models import Model, Said, is_here
from deskhand.agent.models.trying import Clocks, Got, Nothing, Purse, Wish, seek
from deskhand.agent.planners import UNCOVERED, Planner
from deskhand.agent.planners._covered import uncovered
from deskhand.agent.planners._drafted import MOST, Drafted, Words, drafted, shape, unfounded
from deskhand.agent.planners._told import as_written, told
from deskhand.agent.planners.words.request import LONGEST, Request
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known
from deskhand.connectors.operations import OPERATIONS


def _silent(_: Mapping[str, Any]) -> None:
    pass


@dataclass(frozen=True)
class ModelPlanner:
    """Makes plans with models, and with `rules` where no model makes one. A `Planner`.

    The same words need not give the same plan; whoever carries a plan out keeps the one that was made.
    """

    models: Sequence[Model]
    rules: Planner
    clocks: Clocks
    tell: Callable[[Mapping[str, Any]], None] = _silent
    purse: Purse | None = None

    def telling(self, tell: Callable[[Mapping[str, Any]], None], purse: Purse | None = None) -> ModelPlanner:
        """The same planner, that tells of every try (`models.trying.Tell`) and has it paid for."""
        return replace(self, tell=tell, purse=purse)

    def __call__(self, request: str, known: Known) -> Plan | Unclear:
        """See `Planner`."""
        words = Request.of(request, known).original if len(request) <= LONGEST else ""
        if not any(c.isalnum() for c in words):
            return self.rules(request, known)  # nothing to ask a model about; they say why
        everybody, known = known, self._may_know(known)
        wish = Wish(
            told(words, known, most=MOST),
            lambda said: _read(said, words, known),
            shape(known),
            hint=lambda: self._hint(words, known),
            about=lambda made: self._about(made, words, known),
        )
        got = seek(self.models, wish, tell=self.tell, clocks=self.clocks, purse=self.purse)
        if isinstance(got, Got) and isinstance(got.value.plan, Plan):
            return got.value.plan
        by_rules = self.rules(request, everybody)
        if isinstance(by_rules, Plan):
            return by_rules
        if isinstance(got, Nothing):
            return by_rules.model_copy(update={"message": f"{_before(got)}{by_rules.message}"})
        return got.value.plan  # the model's question, where the rules did not understand

    def _may_know(self, known: Known) -> Known:
        """The world without those whom no model on another machine may know."""
        if not known.here_alone or all(map(is_here, self.models)):
            return known
        people = [p for p in known.people if not known.here_alone.issuperset(p.addresses)]
        called = {w: a for w, a in known.called.items() if not known.here_alone & {*a}}
        return replace(known, people=people, called=called)

    def _about(self, made: Drafted, words: str, known: Known) -> Mapping[str, Any]:
        """What is told of an answer: what is not a model's to say, the writes that no words cover."""
        told: dict[str, Any] = {"ignored": [*made.ignored]} if made.ignored else {}
        if isinstance(made.plan, Plan) and any(s.op in OPERATIONS for s in made.plan.steps):
            open_ = uncovered(made.plan, Words(words, known), self.rules(words, known))
            told |= {UNCOVERED: open_} if open_ else {}
        return told

    def _hint(self, words: str, known: Known) -> str:
        """What the rules make of it, where that holds nothing a model may not know."""
        reading = self.rules(words, known)
        if isinstance(reading, Unclear) or any(unfounded(reading, Words(words, known))):
            return ""
        return f"Simple rules read the request like this; they may be wrong:\n{as_written(reading)}"


def _read(said: Said, words: str, known: Known) -> Drafted:
    return drafted(said.text, words, known)


def _before(nothing: Nothing) -> str:
    return f"No language model made a plan of this. {nothing} Without one: " if nothing.tries else ""
