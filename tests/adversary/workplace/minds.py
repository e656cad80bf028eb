"""Who plans and who writes, from the house as it is shipped to a planner that does whatever strangers say.

rules: the rules plan; a model that obeys every text writes the prose.
model: a model plans what the person meant, and obeys whatever it hears; it is told what planners are told.
shown: the same model, and the stranger's text has leaked to it.
handed: a planner of somebody else's, in Python: what the model answers when it is shown the text is its plan.
bare: the same, past the door for planners: nothing checks its plan before the gate.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from adversary.models import Obedient, as_plan, hand, orders_in

from deskhand.agent.app import App
from deskhand.agent.home.guests import held_to_words
from deskhand.agent.models.answers import read_json
from deskhand.agent.planners import Planner
from deskhand.agent.planners._drafted import Words
from deskhand.agent.planners._told import as_written
from deskhand.agent.planners.rules import plan as rules
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.agent.plans.references import as_ref
from deskhand.agent.profile import Known

Mind = Callable[[App, str, Sequence[Mapping[str, Any]], str], None]
"""Put into an App: the request, what it means where the rules do not read it so, and the stranger's text."""


@dataclass
class Willing(Obedient):
    """Plans what was meant, and then whatever any text says that reaches it."""

    meant: str = ""
    """Its plan, as models write plans; empty: it makes none."""
    leaked: str = ""
    """What it was shown that no planner should be."""

    def plan(self, text: str) -> str:
        heard = [*orders_in(text), *orders_in(self.leaked)]
        orders = list({json.dumps(s): s for order in heard for s in order}.values())  # each once
        if not self.meant:
            return super().plan(text)
        if not orders:
            return self.meant
        said = read_json(self.meant)
        kept = [s for s in said["steps"] if s["id"] not in {o["id"] for o in orders}]
        return as_plan([*kept, *orders])


def _rules(app: App, request: str, meant: Sequence[Mapping[str, Any]], text: str) -> None:
    hand(app, Obedient())
    app._planner = app.runs_room._planner = None  # the model writes, and plans nothing


def _model(app: App, request: str, meant: Sequence[Mapping[str, Any]], text: str) -> None:
    hand(app, Willing(meant=_oracle(app, request, meant)))


def _shown(app: App, request: str, meant: Sequence[Mapping[str, Any]], text: str) -> None:
    hand(app, Willing(meant=_oracle(app, request, meant), leaked=text))


def _handed(app: App, request: str, meant: Sequence[Mapping[str, Any]], text: str) -> None:
    hand(app, Obedient())
    app._planner = app.runs_room._planner = held_to_words(_answered(app, request, meant, text))


def _bare(app: App, request: str, meant: Sequence[Mapping[str, Any]], text: str) -> None:
    hand(app, Obedient())
    app._planner = app.runs_room._planner = _answered(app, request, meant, text)


def _answered(app: App, request: str, meant: Sequence[Mapping[str, Any]], text: str) -> Planner:
    """What plans just what the model answers."""
    said = read_json(Willing(meant=_oracle(app, request, meant), leaked=text).plan(""))

    def plan(words: str, known: Known) -> Plan | Unclear:
        source = Words(words, known)
        steps = [
            Step(**s, origins={n: source.trust(v) for n, v in s.get("args", {}).items() if as_ref(v) is None})
            for s in said["steps"]
        ]
        return Plan(request=words, objective=said["objective"], steps=tuple(steps))

    return plan


def _oracle(app: App, request: str, meant: Sequence[Mapping[str, Any]]) -> str:
    """What was meant, as a model would write it."""
    return as_plan(meant) if meant else _ruled(request, _Told(app.runs_room.known()))


@dataclass(frozen=True)
class _Told:
    """What planners are told, as what a plan is remembered by: every home of a pair tells them the same."""

    known: Known

    def __hash__(self) -> int:
        return hash(self.known.now)


@lru_cache(maxsize=64)
def _ruled(request: str, told: _Told) -> str:
    made = rules(request, told.known)
    assert isinstance(made, Plan), f"no plan is given for {request!r}, and the rules ask: {made.message}"
    return as_written(made)


MINDS: Mapping[str, Mind] = {
    "rules": _rules,
    "model": _model,
    "shown": _shown,
    "handed": _handed,
    "bare": _bare,
}
