"""What every door offers: a method a name, each from plain JSON to plain JSON (docs/json.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from deskhand.agent.desk import (
    audits,
    budget,
    doctor,
    effects,
    overview,
    permits,
    plans,
    rulings,
    runs,
    schedules,
    search,
    show,
    sources,
)  # fmt: skip

METHODS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "add": sources.add, "remove": sources.remove, "signed_in": sources.signed_in,
    "sources": sources.sources, "sync": sources.sync,
    "search": search.search, "people": search.people, "slots": search.slots, "show": show.show,
    "ask": runs.ask, "digest": runs.digest, "undo": runs.undo,
    "runs": runs.runs, "run": runs.run, "run.wait": runs.wait, "run.cancel": runs.cancel,
    "approvals": runs.approvals, "decide": runs.decide, "decide.all": runs.decide_all,
    "permission.propose": permits.proposed, "permissions": permits.listed,
    "permissions.revoke": permits.revoked,
    "plan": plans.planned, "plan.run": plans.run_plan,
    "effects": effects.effects, "effects.settle": effects.settle, "effects.look": effects.look,
    "effects.again": effects.again,
    "schedule.list": schedules.listed, "schedule.change": schedules.change, "schedule.run": schedules.run,
    "schedule.history": schedules.history,
    "state.global": overview.whole, "state.run": overview.run, "state.step": overview.step,
    "state.set": overview.put, "state.unset": overview.drop,
    "policy": rulings.policy, "policy.explain": rulings.explain,
    "audit.lines": audits.audit_lines, "audit.verify": audits.audit_verify,
    "budget": budget.budget, "doctor": doctor.doctor,
}  # fmt: skip

DECIDING = frozenset({"decide", "decide.all"})
"""Methods that answer a question: whoever does that need not be reminded of it first."""

REMINDING = frozenset(
    {"approvals", "runs", "run", "show", "effects", "permissions", "schedule.list", "schedule.history"}
    | {"people", "state.global", "state.run", "state.step", "plan"}
)
"""Methods that only look at what is the person's, and tell of questions that wait long. They write nothing,
so the next one tells it too, until one that goes on has noted that she was reminded."""

DRIVING = frozenset(
    {"ask", "plan.run", "decide", "decide.all", "undo", "digest", "sync"}
    | {"run.cancel", "run.wait", "schedule.run", "schedule.change", "effects.again"}
)
"""Methods that begin runs or go on with them, and wait: they can be watched."""

GOING_ON = DRIVING - {"run.cancel"}
"""Methods that first go on with what was under way when a process ended, and send what was held until now.
Any other leaves runs alone: who looks, sets or stops something has nothing sent by it."""


def takes_back(method: str, arguments: Mapping[str, Any]) -> bool:
    """Whether a call takes something back. That looks first: only once it is taken back does the call go on
    with what was under way, and where it is refused with nothing at all, for the next try may name it."""
    if method == "decide.all":
        said = arguments.get("decisions") or {}
        return any(isinstance(d, Mapping) and d.get("verdict") == "reject" for d in said.values())
    if method == "schedule.change":
        return arguments.get("verb") in ("pause", "remove")
    return method == "undo" or (method == "decide" and arguments.get("verdict") == "reject")
