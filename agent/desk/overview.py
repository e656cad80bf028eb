"""State as a person asks for it, layer by layer: what holds for every run, one run, one step. Plain JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deskhand.agent import labels
from deskhand.agent.desk import permits, shapes
from deskhand.agent.errors import Refusal
from deskhand.agent.records.layers import Layer, of
from deskhand.config.change import CHANGEABLE, path_of, set_value, unset_value
from deskhand.config.errors import ConfigError, nearest
from deskhand.config.hours import say_hours

if TYPE_CHECKING:
    from deskhand.agent.app import App

Answer = dict[str, Any]

MOST_VALUE = 4_000
"""Characters of a step's output that are shown; `cut` says that there is more."""


def whole(app: App) -> Answer:
    """What holds for every run: settings, names and whence they are known, permissions, people, decisions."""
    settings, records = app.settings, app.runs_room.records
    said = settings.model_dump(mode="json", exclude_unset=True)
    decided = Counter(a.state for a in records.approvals())
    names = [
        {
            "name": word,
            "addresses": list(who),
            "from": "settings",
            "used": True,
            "altered": False,
            "choices": [],
        }
        for word, who in app.owner.called.items()
    ]
    for x in records.learnt():
        past = [{"run": c.run, "at": c.at.isoformat()} for c in x.choices]
        used = x.used and x.word not in app.owner.called
        learnt = {
            "name": x.word,
            "addresses": [x.address],
            "from": "choices",
            "used": used,
            "altered": x.altered,
        }
        names.append({**learnt, "choices": past})
    people = app.people(limit=5)
    return {
        "layer": "global",
        "person": {"name": app.owner.name, "email": app.owner.email, "zone": app.owner.zone},
        "suggested": _suggested(app),
        "settings": {k: v for k, v in said.items() if k in CHANGEABLE and k not in ("nicknames", "groups")},
        "names": names,
        "groups": {name: list(who) for name, who in app.owner.groups.items()},
        "permissions": [p for p in permits.listed(app)["permissions"] if p["state"] in ("holds", "void")],
        "sources": [{"source": s.alias, "kind": s.kind, "items": s.items} for s in app.sources()],
        "people": [shapes.dealings(d) for d in people if d.weight or d.received],
        "decisions": dict(sorted(decided.items())),
        "kept": _kept("global"),
    }


def _suggested(app: App) -> list[dict[str, Any]]:
    """What connected accounts say of the person, in plain JSON, and whether it is gone by."""
    mine, made, known = app.settings.person, list[dict[str, Any]](), set[str]()
    for alias, told in app.profiles():
        hours = say_hours(told.hours) if told.hours and not told.hours_zone else ""
        for name, value in (("zone", told.zone), ("hours", hours), ("locale", told.locale)):
            if value:
                used = name not in mine.model_fields_set and name not in known
                made.append({"source": alias, "name": name, "value": value, "used": used})
                known.add(name)
    return made


def run(app: App, run: str) -> Answer:
    """One run: objective, plan, how far it is, what it waits for, and how much room it takes."""
    found = app.run(run)
    room = app.runs_room
    states = room.records.steps(run)
    tried = [e.data for e in room.records.events(run) if e.type == "model tried"]
    planned = found.plan.steps if found.plan else ()
    size = room.records.size(run) | {
        "checkpoints": room.graph.size(run) if app.home.checkpoints.exists() else 0
    }
    return {
        "layer": "workflow",
        "run": found.id,
        "status": found.status,
        "request": found.request,
        "objective": found.plan.objective if found.plan else "",
        "plan_hash": found.plan.hash if found.plan else "",
        "schedule": found.schedule,
        "created": found.created.isoformat(),
        "updated": found.updated.isoformat(),
        "steps": [
            {
                "step": s.id,
                "op": s.op,
                "purpose": s.purpose,
                "state": states[s.id].state if s.id in states else "",
            }
            for s in planned
        ]
        + [
            {"step": s.step, "op": "", "purpose": "", "state": s.state}
            for s in states.values()
            if s.step not in {p.id for p in planned}
        ],
        "waits_for": [
            {"approval": a.id, "summary": a.summary} for a in found.approvals if a.state == "pending"
        ],
        "decided": [
            {"approval": a.id, "state": a.state, "summary": a.summary}
            for a in found.approvals
            if a.state != "pending"
        ],
        "effects": [{"effect": e.key, "operation": e.operation, "state": e.state} for e in found.effects],
        "model": {
            "tries": len(tried),
            "tokens": [sum(int(n) for n in t) for t in zip(*_tokens(tried), strict=True)],
        },
        "bytes": size,
        "kept": _kept("workflow"),
    }


def step(app: App, run: str, step: str) -> Answer:
    """One step: what it was given, tried and left, and from where that came."""
    found = app.run(run)
    left = app.runs_room.records.steps(run)
    planned = {s.id: s for s in (found.plan.steps if found.plan else ())}
    if step not in planned and step not in left:
        names = list(dict.fromkeys([*planned, *left]))
        has = f"It has: {', '.join(names)}." if names else "It has none."
        raise Refusal(f"{run} has no step {step!r}{nearest(step, names)}. {has}")
    plan, state = planned.get(step) or planned.get(step.rpartition("_")[0]), left.get(step)
    text = json.dumps(state.value, ensure_ascii=False, indent=2) if state and state.value is not None else ""
    return {
        "layer": "task",
        "run": run,
        "step": step,
        "op": plan.op if plan else "",
        "purpose": plan.purpose if plan else "",
        "given": plan.model_dump(mode="json", exclude_defaults=True).get("args", {}) if plan else {},
        "needs": list(plan.needs) if plan else [],
        "state": state.state if state else "",
        "attempts": state.attempts if state else 0,
        "error": state.error if state else "",
        "value": state.value if state and len(text) <= MOST_VALUE else None,
        "text": text[:MOST_VALUE],
        "cut": max(0, len(text) - MOST_VALUE),
        "labels": labels.told(state.labels or {}, app.archive.item) if state else {},
        "tried": [shapes.event(e) for e in app.runs_room.records.events(run) if e.data.get("step") == step],
        "kept": _kept("task"),
    }


def put(app: App, words: Sequence[str]) -> Answer:
    """Set a preference, a permission, a name or a group. :raises Refusal: what was typed names nothing."""
    if len(words) < 2:
        raise Refusal('Say what to set and to what: deskhand state set sam "Sam Okafor"')
    path, value = _named(words[:-1], several="," in words[-1]), words[-1]
    if path[0] in ("nicknames", "groups"):
        value = ", ".join(_address(app, who) for who in value.split(",") if who.strip()) or value
    set_value(app.home.config_file, path, value)
    app.reload()
    return {"set": list(path), "value": value}


def drop(app: App, words: Sequence[str]) -> Answer:
    """Take back what was set, or forget what was learnt of a name; says which."""
    if not words:
        raise Refusal("Say what to unset: deskhand state unset sam")
    path = _named(words, several=" ".join(" ".join(words).lower().split()) in app.owner.groups)
    forgotten = app.runs_room.records.unlearn(path[1]) if path[0] == "nicknames" else ()
    try:
        unset_value(app.home.config_file, path)
    except ConfigError:
        if not forgotten:
            raise
    app.reload()
    return {"unset": list(path), "forgotten": list(forgotten)}


def _named(words: Sequence[str], *, several: bool = False) -> tuple[str, ...]:
    """Which setting is meant: `meetings.buffer`, `nickname "the supplier"`, or a name by itself.

    :param several: it is a name for several people together, which is a group.
    """
    first, *rest = words
    if rest and first in ("nickname", "group"):
        return (f"{first}s", " ".join(" ".join(rest).lower().split()))
    name = " ".join(words)
    section, dot, key = name.partition(".")
    if dot and section in ("nicknames", "groups"):
        return (section, " ".join(key.lower().split()))
    if dot and (" " not in name or name.startswith("policy.rows.")):
        return path_of(name)
    if name in CHANGEABLE:
        raise Refusal(f"{name} is a section; write section and key, like meetings.buffer.")
    return ("groups" if several else "nicknames", " ".join(name.lower().split()))


def _address(app: App, said: str) -> str:
    """The address of somebody: as it stands, or of the one person of that name."""
    from deskhand.agent.planners.words.directory import who

    if "@" in said:
        return said.strip().lower()
    found = who(said.strip(), app.runs_room.known())
    if len(found) != 1:
        several = ", ".join(f"{p.name} ({p.addresses[0]})" for p in found[:5])
        why = f"{said.strip()} may be {several}" if found else f"I know nobody called {said.strip()}"
        raise Refusal(f"{why}. Write the address.")
    return found[0].addresses[0]


def _tokens(tried: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    return [t["tokens"] for t in tried if t.get("tokens")] or [[0, 0]]


def _kept(layer: Layer) -> list[dict[str, Any]]:
    return [{"file": k.file, "table": k.table, "holds": k.holds, "cache": k.cache} for k in of(layer)]
