"""The stable JSON shapes: what `--json` prints, what the loopback API answers. Described in docs/json.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from deskhand.agent.budget import UNITS, Budget, Spent, What
from deskhand.agent.model import Approval, Effect, Event, Run
from deskhand.agent.people.dealings import Dealings
from deskhand.agent.records.timetable import Schedule, Slot
from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import named
from deskhand.connectors.operations import MailSend, operation


def run(value: Run, *, whole: bool = False) -> dict[str, Any]:
    """A run: its status, answer, citations, approvals and effects; `whole` adds the plan and the brief."""
    made: dict[str, Any] = {
        "run": value.id,
        "status": value.status,
        "request": value.request,
        "objective": value.plan.objective if value.plan else "",
        "answer": value.answer,
        "citations": [c.model_dump(mode="json") for c in value.citations],
        "approvals": [approval(a) for a in value.approvals if a.state == "pending"],
        "effects": [_effect_in(value, e) for e in value.effects],
        "choices": list(value.choices),
        "schedule": value.schedule,
        "anew": value.anew,
        "instead_of": value.instead_of,
        "created": value.created.isoformat(),
        "updated": value.updated.isoformat(),
    }
    if whole:
        made["plan"] = value.plan.model_dump(mode="json") | {"hash": value.plan.hash} if value.plan else None
        made["decisions"] = [approval(a) for a in value.approvals if a.state != "pending"]
        made["amends"] = value.amends.model_dump(mode="json") if value.amends else None
        made["brief"] = value.brief.model_dump(mode="json") if value.brief else None
    return made


def approval(value: Approval) -> dict[str, Any]:
    """An approval as the card shows it, with its exact arguments."""
    return {
        "approval": value.id,
        "kind": value.kind,
        "run": value.run,
        "step": value.step,
        "batch": value.batch,
        "state": value.state,
        "summary": value.summary,
        "operation": value.operation,
        "arguments": value.arguments,
        "origins": {n: {**label, "via": label.get("via", [])} for n, label in value.origins.items()},
        "shown": [a.model_dump() for a in value.shown],
        "reason": value.reason,
        "undo": value.undo,
        "afterwards": value.afterwards,
        "otherwise": value.otherwise,
        "alternatives": list(value.alternatives),
        "whys": list(value.whys),
        "notes": list(value.notes),
        "decision": value.decision.model_dump() if value.decision else None,
        "created": value.created.isoformat(),
        "expires": value.expires.isoformat(),
        "unanswered": value.unanswered,
        "reminded": value.reminded.isoformat() if value.reminded else None,
        "hash": value.hash,
    }


def effect(value: Effect) -> dict[str, Any]:
    """One row of the ledger."""
    return {
        "effect": value.key,
        "run": value.run,
        "step": value.step,
        "operation": value.operation,
        "arguments": value.arguments,
        "source": value.source,
        "state": value.state,
        "receipt": value.receipt,
        "undoable": value.state == "held" or (value.inverse is not None and value.state == "done"),
        "error": value.error,
        "at": value.at.isoformat(),
        "due": value.due.isoformat() if value.due else None,
        "said": what(value),
        "history": [t.model_dump(mode="json") for t in value.history],
    }


def what(value: Effect) -> str:
    """What a row of the ledger is about, in a few words; nothing of whether it happened."""
    op = operation(value.operation, value.arguments)
    return named(op) if isinstance(op, MailSend) else visible(op.plain, lines=False)


def _effect_in(run: Run, value: Effect) -> dict[str, Any]:
    """An effect among those of its run: what took another one back is not undone."""
    back = run.amends is not None and value.step in run.amends.backs
    return effect(value) | ({"undoable": False} if back else {})


def spent(value: Spent, currency: str) -> dict[str, Any]:
    """What was spent, in the units of the settings."""
    return {
        "steps": value.of("steps"),
        "tokens": value.of("tokens"),
        "money": value.of("money") / UNITS["money"],
        "currency": currency,
        "seconds": value.of("seconds") / UNITS["seconds"],
        "calls": {source: value.of("calls", source) for source in value.sources},
        "models": value.models,
    }


def budget(value: Budget, sources: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What was spent of a budget, and of how much (null: no limit); calls to each of these sources."""
    rows: list[tuple[What, str]] = [(what, "") for what in UNITS if what != "calls"]
    rows += [("calls", source) for source in sorted({*sources, *value.spent.sources, *value.limits.calls})]
    return [
        {
            "what": what,
            "of": of,
            "used": _written(what, value.spent.of(what, of)),
            "limit": None if (limit := value.limits.of(what, of)) is None else _written(what, limit),
        }
        for what, of in rows
    ]


def _written(what: What, amount: int) -> float:
    """An amount in the unit of the settings, without a fraction where it has none."""
    whole, rest = divmod(amount, UNITS[what])
    return amount / UNITS[what] if rest else whole


def event(value: Event) -> dict[str, Any]:
    """One thing that happened in a run."""
    return {"seq": value.seq, "at": value.at.isoformat(), "type": value.type, "data": value.data}


def schedule(
    value: Schedule, upcoming: Sequence[datetime], *, now: datetime, waits: str = ""
) -> dict[str, Any]:
    """A schedule with its next times, and what it leaves out in words; what it `waits` for."""
    return {
        "schedule": value.name,
        "request": value.request,
        "rrule": value.rrule,
        "except": value.omits.words(value.zone, now),
        "zone": value.zone,
        "paused": value.paused,
        "waits": "" if value.paused else waits,
        "next": [t.isoformat() for t in upcoming],
    }


def slot(value: Slot) -> dict[str, Any]:
    """One due time of a schedule and what became of it."""
    return {
        "slot": value.slot,
        "at": value.at.isoformat(),
        "outcome": value.outcome,
        "run": value.run,
        "why": value.why,
    }


def dealings(value: Dealings) -> dict[str, Any]:
    """What there was with one person; how soon answers come, in working minutes."""

    def minutes(usually: timedelta | None) -> int | None:
        return None if usually is None else round(usually / timedelta(minutes=1))

    return {
        "name": value.person.name,
        "addresses": list(value.person.addresses),
        "written": value.written,
        "received": value.received,
        "met": value.met,
        "last": value.last.isoformat() if value.last else None,
        "answer_minutes": {"mine": minutes(value.mine), "theirs": minutes(value.theirs)},
    }
