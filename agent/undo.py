"""Undo is a plan like any other: the inverses that the ledger stored, the last effect first, each weighed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deskhand.agent.approvals import Refused
from deskhand.agent.model import Effect, Plan, Ref, Step
from deskhand.agent.planners.steps import ref


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
        if told := _told(effect, n):
            steps += told
    return Plan(request=f"undo {what}", objective=f"Take back what {what} did.", steps=tuple(steps))


def _inverse(effect: Effect) -> tuple[str, dict[str, Any]]:
    stored = effect.inverse or {}
    return stored["operation"], {k: v for k, v in stored["arguments"].items() if v is not None}


def _told(effect: Effect, n: int) -> list[Step]:
    """Telling those who were invited that it is off; the notice finds what can send, if anything can."""
    given, receipt = effect.arguments, effect.receipt
    if effect.operation != "event.create" or not given.get("attendees") or receipt is None:
        return []
    event = {name: given[name] for name in ("title", "start", "end")}
    event |= {"ref": receipt["ref"], "version": receipt["version"], "source": effect.source}
    args = {"event": event, "change": ref(f"undo{n}"), "what": "cancelled", "by_mail": True}
    parts = {p: ref(f"notice{n}", p) for p in ("source", "to", "subject", "body", "calendar")}
    return [
        Step(
            id=f"notice{n}", op="event.notice", args=args, origins=dict.fromkeys(args, "metadata"),
            needs=(f"noted{n}",), purpose="who has to be told",
        ),
        Step(
            id=f"tell{n}", op="mail.send", args=parts, when=Ref(ref=f"notice{n}", path="to"),
            purpose="tell them",
        ),
    ]  # fmt: skip


def _listed(effects: Sequence[Effect]) -> str:
    return ", ".join(dict.fromkeys(e.operation for e in effects))
