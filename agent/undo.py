"""Undo is a plan like any other: the inverses that the ledger stored, the last effect first, each weighed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deskhand.agent.approvals import Refused
from deskhand.agent.model import Effect, Plan, Step


def taking_back(what: str, effects: Sequence[Effect]) -> Plan:
    """The plan that takes effects back, the last first. :raises Refused: nothing of it can be."""
    done = [e for e in reversed(effects) if e.state == "done"]
    able = [e for e in done if e.inverse]
    if not effects:
        raise Refused(f"{what} changed nothing, so there is nothing to undo.")
    if any(e.state == "unknown" for e in effects) and not able:
        raise Refused(
            f"Whether {what} did anything is not known; please look at {effects[0].source} yourself."
        )
    if not done:
        raise Refused(f"What {what} did was undone already, or never happened.")
    if not able:
        raise Refused(f"{_listed(done)} cannot be undone: it has left the house.")
    stays = [e for e in done if not e.inverse]
    left = f"{_listed(stays)} cannot be undone: it stays as it is." if stays else ""
    steps: list[Step] = []
    for n, effect in enumerate(able, 1):
        back, arguments = _inverse(effect)
        after = (f"noted{n - 1}",) if n > 1 else ()
        noted = {"effect": effect.key, "left": left if n == len(able) else ""}
        steps += [
            Step(
                id=f"undo{n}", op=back, args=arguments, needs=after, purpose=f"take back {effect.operation}"
            ),
            Step(id=f"noted{n}", op="effect.undone", args=noted, needs=(f"undo{n}",), purpose="note it"),
        ]
    return Plan(request=f"undo {what}", objective=f"Take back what {what} did.", steps=tuple(steps))


def _inverse(effect: Effect) -> tuple[str, dict[str, Any]]:
    stored = effect.inverse or {}
    return stored["operation"], {k: v for k, v in stored["arguments"].items() if v is not None}


def _listed(effects: Sequence[Effect]) -> str:
    return ", ".join(dict.fromkeys(e.operation for e in effects))
