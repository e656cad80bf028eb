"""What a model is told before it plans: the language of plans, the operations, the person, the clock.

Nothing that stands in a mail, a document or an event is among it, nor the name or address of somebody who
only wrote to the person: it comes from the settings, the request, and whom the person has written to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from deskhand.agent.actions import actions
from deskhand.agent.actions._written import Written
from deskhand.agent.models import Message
from deskhand.agent.planners.rules import plan as rules
from deskhand.agent.plans.fitting import gives
from deskhand.agent.plans.language import Plan
from deskhand.agent.plans.notation import definitions, written
from deskhand.agent.profile import Known, Owner, Place
from deskhand.connectors.archive import Person
from deskhand.connectors.operations import OPERATIONS

CONTACTS = 200
"""So many of those she wrote to most are named."""

_NAME = 80
"""Characters of a name: it may have been chosen by somebody else."""

FOLLOWS = frozenset({
    "digest.told", "effect.kept", "effect.undone", "event.answered", "event.held", "event.receive",
    "event.reply", "event.restore", "file.restore", "invitation.revision", "offer.answer",
})  # fmt: skip
"""Operations that follow from something that came in, or from another run; nobody asks for one in words."""

WRITABLE = frozenset({
    "id", "op", "args", "needs", "after", "when", "otherwise", "for_each", "at_most", "priority", "deadline",
    "on_failure", "purpose",
})  # fmt: skip
"""Fields of a step that a model may write. Where a value comes from, what an approval card says, what takes a
write back and how often it is tried are not its to say."""

_WORD = re.compile(r"[^\W\d_]{2,}")

_SAID = (
    "summarise the thread about the harbour budget",
    "book 30 minutes with Ann next Tuesday",
    "reply to Ann's last mail: thanks",
    "move the board meeting to Friday at 10",
)

SAMPLE = Known(
    owner=Owner("Kim Vale", "kim@example.org", frozenset({"kim@example.org"}), "Europe/Lisbon"),
    now=datetime(2026, 1, 12, 8, tzinfo=UTC),
    people=(Person("Ann Ruiz", ("ann@example.org",), 9),),
    places=(
        Place("mail", "maildir", frozenset({"mail.send", "mail.draft"}), frozenset({"message"})),
        Place("calendar", "ics", frozenset({"event.create", "event.update"}), frozenset({"event"})),
    ),
)
"""An invented office, for examples."""


def told(request: str, known: Known, *, most: int) -> tuple[Message, ...]:
    """The messages that ask for a plan: what is always the same, what is known, and the person's words."""
    always = f"{_language().replace('MOST', str(most))}\n\nOperations:\n{operations(known)}\n\n{examples()}"
    asked = f"{_facts(known, request)}\n\nThe request, word for word:\n{request}"
    return Message("system", always), Message("user", asked)


def offered(known: Known) -> list[str]:
    """Operations that a model may plan: what reads, and the writes that a source can carry out."""
    writes = frozenset(o for p in known.places for o in p.operations)
    return sorted(n for n in (*actions(), *(o for o in OPERATIONS if o in writes)) if n not in FOLLOWS)


def operations(known: Known) -> str:
    """Each operation in some lines: name, what it does, its arguments as a JSON schema, what it gives.

    Shapes that several give are written out below.
    """
    names = offered(known)
    made = [g for g in map(gives, names) if g is not None]
    named = [Written, *(g for g in made if issubclass(g, Written))]
    said = [f"{name} = {shape}" for name, shape in definitions(made, named=named).items()]
    return "\n".join([*map(_described, names), "Shapes:", *said])


@cache
def _language() -> str:
    return files(__package__).joinpath("planning.txt").read_text("utf-8").rstrip()


@cache
def examples() -> str:
    """Requests of an invented person, and the plans the rules make for them as a model would write them."""
    made = [(words, rules(words, SAMPLE)) for words in _SAID]
    written = [f"{words}\n{as_written(plan)}" for words, plan in made if isinstance(plan, Plan)]
    return "\n\n".join([f"Examples, at {SAMPLE.now.isoformat()}:", *written])


def as_written(plan: Plan) -> str:
    """A plan as a model would write it: without what is worked out for it."""
    steps = [s.model_dump(mode="json", include={*WRITABLE}) for s in plan.steps]
    return _json({"objective": plan.objective, "steps": steps})


@cache
def _described(name: str) -> str:
    made = actions().get(name)
    doc = made.doc if made else (OPERATIONS[name].__doc__ or "")
    schema = (made.arguments if made else OPERATIONS[name]).model_json_schema()
    said = f"- {name}: {' '.join(doc.split())}\n  {json.dumps(_slim(schema), separators=(',', ':'))}"
    if (given := gives(name)) is None:
        return said
    return f"{said}\n  gives {given.__name__ if issubclass(given, Written) else written(given)}"


def contacts(known: Known, request: str) -> list[Person]:
    """Whom a model may know, of those the person has written to: who is named, and who is written to most."""
    said = {*_WORD.findall(request.casefold())}
    written = [p for p in known.people if p.written]
    named = [p for p in written if said & {*_WORD.findall(p.name.casefold())}]
    return list(dict.fromkeys([*named, *written[:CONTACTS]]))


def _facts(known: Known, request: str) -> str:
    owner = known.owner
    now = known.now.astimezone(owner.tz)
    facts = {
        "now": f"{now.isoformat(timespec='minutes')} ({now:%A})",
        "zone": owner.zone,
        "locale": owner.locale,
        "person": {"name": _short(owner.name), "addresses": sorted(owner.addresses)},
        "working hours, Monday first": [[f"{_clock(a)}-{_clock(b)}" for a, b in day] for day in owner.hours],
        "contacts": [{"name": _short(p.name), "addresses": [*p.addresses]} for p in contacts(known, request)]
        + [{"name": _short(s.name), "addresses": [s.address]} for s in owner.people],
        "groups": {
            _short(name): [*people]
            for name, people in known.groups.items()
            if {*_WORD.findall(request.casefold())} & {*_WORD.findall(name)} - {"the", "my", "our"}
        },
        "rooms": [{"name": _short(r.name), "address": r.address, "seats": r.seats} for r in owner.rooms],
        "sources": [
            {"source": p.alias, "holds": sorted(p.holds), "can do": sorted(p.operations - FOLLOWS)}
            | ({"belongs to": p.owner} if p.owner else {})
            for p in known.places
        ],
        "schedules": [*known.schedules],
    }
    return "\n".join(f"{k}: {v if isinstance(v, str) else _json(v)}" for k, v in facts.items() if v)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _short(name: str) -> str:
    """A name as one short line: whoever chose it, it is no place for more."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:_NAME]


def _slim(schema: Any) -> Any:
    """A JSON schema without what says nothing to a reader: titles, and defaults that are empty."""
    if isinstance(schema, Mapping):
        kept = {
            k: v
            for k, v in schema.items()
            if not (k == "title" and isinstance(v, str))
            and not (k == "default" and not v)
            and not (k == "description" and "properties" in schema)
            and k != "additionalProperties"
        }
        return {k: _slim(v) for k, v in kept.items()}
    return [_slim(v) for v in schema] if isinstance(schema, list) else schema
