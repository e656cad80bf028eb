"""Whether a made plan is what a row of a corpus means: right, wrong, or a question instead.

A wish of one goal is held to the very operations of that goal. A wish of several is held to each part's
operations somewhere in the plan, hung together by references, and strictly to its writes: one that no part
accounts for makes the plan wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tests.agent.planners.corpus_conditions import conditional
from tests.agent.planners.corpus_forms import GROUPS, Row, goals, seen, variants, writes
from tests.agent.planners.corpus_parts import differs, named, placed, unaccounted

from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.plans.references import references

Kind = Literal["right", "asks", "wrong"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a made plan is, with one line that says why."""

    kind: Kind
    reason: str = ""
    harms: bool = False
    """Whether it is wrong and would write, which is worse than to look up something else."""


def judge(table: str, row: Row, made: Plan | Unclear) -> Verdict:
    """Whether `made` is what the row of this table means."""
    if isinstance(made, Unclear):
        if table == "refused":
            return Verdict("right")
        if table == "unclear" and row.get("message", "").lower() in made.message.lower():
            return Verdict("right")
        return Verdict("asks", made.message)
    if table == "unclear":
        reason = f"it should ask, and plans {named(made.steps)}"
    else:
        reason = _FORMS.get(table, _single)({"goals": [table], **row}, made)
    if not reason:
        return Verdict("right")
    return Verdict("wrong", reason, harms=any(writes(s.op) for s in made.steps))


# One goal


def _single(row: Row, made: Plan) -> str:
    """Why this is not the plan of one of the row's goals; "" where it is."""
    ops = tuple(s.op for s in made.steps)
    if not any(ops in variants(g, row) for g in goals(row)):
        return f"{named(made.steps)} is no plan for “{' / '.join(goals(row))}”"
    return differs(row, made.steps)


# Several parts


def _several(row: Row, made: Plan) -> str:
    found = placed(row["parts"], made)
    return found if isinstance(found, str) else unaccounted(made, found)


# The other forms


def _late(row: Row, made: Plan) -> str:
    event = {**row["event"]}
    if "at" in event:
        event["start"] = event.pop("at")
    looked = [s for s in made.steps if s.op.startswith(("event.", "events.", "calendar.", "invitation."))]
    if not looked:
        return f"no event is looked up in {named(made.steps)}"
    if wrong := differs(event | {"goals": ["late"]}, looked):
        return wrong
    text = " ".join(_strings([s.args for s in made.steps])).lower()
    if missing := [w for w in row["body"] if w.lower() not in text]:
        return f"it does not say {missing[0]!r}"
    return _mailed(made) or _only(made, "mail.send")


def _to_askers(row: Row, made: Plan) -> str:
    literal = {k: v for k, v in row.items() if k in ("about", "since", "until")}
    if wrong := differs(literal | {"goals": ["to_askers"]}, made.steps):
        return wrong
    sends = [s for s in made.steps if s.op == "mail.send"]
    if not any(references(s.args.get("attachments", ())) for s in sends):
        return "nothing is attached"
    return _mailed(made) or _only(made, "mail.send")


def _file_attachments(row: Row, made: Plan) -> str:
    literal = {k: v for k, v in row.items() if k in ("about", "person", "since", "until")}
    if wrong := differs(literal | {"goals": ["file_attachments"]}, made.steps):
        return wrong
    filed = [s for s in made.steps if s.op.startswith("file.")]
    if not filed:
        return f"nothing is filed in {named(made.steps)}"
    if row["folder"].lower() not in " ".join(_strings([s.args for s in made.steps])).lower():
        return f"the folder is not {row['folder']!r}"
    return _only(made, "file.")


def _decline_overlapping(row: Row, made: Plan) -> str:
    if wrong := differs(row["event"] | {"goals": ["decline_overlapping"]}, made.steps):
        return wrong
    if not any(s.op == "event.respond" for s in made.steps):
        return f"nothing is declined in {named(made.steps)}"
    offers = any(s.op.startswith(("slots.", "offer.", "openings.", "gaps.")) for s in made.steps)
    if offers != row["offer"]:
        return "it offers other times" if offers else "it offers no other time"
    return _only(made, "event.respond", "mail.send")


def _each_of_group(row: Row, made: Plan) -> str:
    literal = {k: v for k, v in row.items() if k != "group"} | {"goals": ["each"]}
    people = seen(made.steps, "people")
    wanted = sorted(GROUPS[row["group"]])
    if any(not isinstance(one, list) or sorted(map(str, one)) != wanted for one in people):
        return f"the people are {people[0]!r}, not {wanted!r}"
    return _single(literal, made)


def _refused(row: Row, made: Plan) -> str:
    if [s.op for s in made.steps] == ["question.answer"]:
        return ""
    return f"it is out of scope, and becomes {named(made.steps)}"


def _mailed(made: Plan) -> str:
    sends = [s for s in made.steps if s.op == "mail.send"]
    if not sends:
        return f"nobody is written to in {named(made.steps)}"
    if any(not references(s.args.get("to")) for s in sends):
        return "whom it goes to is not looked up"
    return ""


def _only(made: Plan, *allowed: str) -> str:
    return next((f"nobody asked for {s.op}" for s in made.steps
                 if writes(s.op) and not s.op.startswith(allowed)), "")  # fmt: skip


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _strings(one)


_FORMS = {
    "several": _several,
    "conditional": conditional,
    "late": _late,
    "to_askers": _to_askers,
    "file_attachments": _file_attachments,
    "decline_overlapping": _decline_overlapping,
    "each_of_group": _each_of_group,
    "refused": _refused,
}
