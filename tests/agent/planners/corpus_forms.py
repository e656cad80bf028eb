"""The format of the corpora: what a goal's plan looks like; files are read strictly.

The tables that hold single wishes are goals; `FORMS` are those of issue 4, each with its own keys. How a made
plan is judged against a row is in `corpus_judge`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from deskhand.agent.actions import actions
from deskhand.agent.plans.language import Step
from deskhand.connectors.operations import OPERATIONS

Row = Mapping[str, Any]

_NOTICE = ("event.notice", "mail.send")
_DECLINES = ("invitation.reply", "mail.send", "event.respond")
_UPDATE = ("event.find", "event.shift", "event.update", *_NOTICE)
_BOOK = ("slots.find", "event.create")
_OFF = ("event.list", "event.cancel", *_NOTICE, *_DECLINES)

SIGNATURES: dict[str, tuple[str, ...]] = {
    "summarise": ("item.find", "item.summarise"),
    "changes": ("item.find", "document.changes"),
    "changed": ("document.changed",),
    "book": _BOOK,
    "free": ("slots.find",),
    "move": _UPDATE,
    "book_parts": _BOOK,
    "skip": ("event.find", "event.whose", "event.cancel", *_NOTICE, *_DECLINES),
    "cancel_series": _OFF,
    "who_free": ("calendar.free",),
    "anew": _UPDATE,
    "cancel": ("event.find", "event.cancel", *_NOTICE),
    "agenda": ("calendar.agenda",),
    "waiting": ("threads.waiting",),
    "draft": ("mail.draft",),
    "send": ("mail.send",),
    "nudge": ("mail.nudge", "mail.send"),
    "thank": ("item.find", "mail.compose_reply", "mail.send"),
    "askers": ("item.find", "message.list", "document.askers", "mail.send"),
    "filed": ("message.list", "attachments.place", "file.copy", "attachments.filed"),
    "mails_listed": ("message.list",),
    "mails_trashed": ("message.list", "mail.trash"),
    "tell_people": ("event.find", "event.people", "mail.send"),
    "reply": ("item.find", "mail.compose_reply", "mail.send"),
    "reply_draft": ("item.find", "mail.compose_reply", "mail.draft"),
    "forward": ("item.find", "mail.compose_forward", "mail.send"),
    "digest": ("digest.compose", "digest.told"),
    "digest_mail": ("digest.compose", "mail.send", "digest.told"),
    "digest_file": ("digest.compose", "file.create", "digest.told"),
    "schedule_add": ("schedule.add",),
    "schedule_list": ("schedule.list",),
    "schedule_pause": ("schedule.pause",),
    "schedule_resume": ("schedule.resume",),
    "schedule_remove": ("schedule.remove",),
    "question": ("question.answer",),
    "limited": _BOOK,
    "limited_more": _BOOK,
    "limited_find": ("slots.find",),
    "anchored": ("event.find", *_BOOK),
    "anchored_find": ("event.find", "slots.find"),
    "cancel_all": _OFF,
    "decline_all": ("event.list", *_DECLINES),
    "move_all": ("event.list", "event.shift", "event.update", *_NOTICE),
    "answer": ("invitation.find", *_DECLINES),
    "another": ("invitation.find", "invitation.reply", "mail.send"),
    "resize": _UPDATE,
    "resize_following": (*_UPDATE, *_NOTICE),
    "book_series": _BOOK,
    "find_series": ("slots.find",),
    "free_own": ("slots.find",),
    "each": ("slots.together", "event.create", "event.invitation", "mail.send"),
    "anchored_between": ("event.find", "event.find", "slots.find"),
}
"""The operations of a goal's plan, in order; whoever is invited adds `INVITED`."""

INVITED = ("event.invitation", "mail.send")
OFFER = ("slots.find", "offer.compose", "mail.send")
"""Times offered by mail; one `event.create` for each time that is kept free comes after the first.

Among other wishes the most of them are tried first: what is kept for the offer, nothing else asks for."""
FORWARD_LISTED = ("message.list", "mail.compose_forward", "mail.send")
"""Mail that was listed, and not found by its words, is forwarded."""
GROUPS = {
    "direct reports": ("ann", "bo", "marta"),
    "my team": ("ann", "bo", "marta", "yuki"),
    "the leads": ("marta", "will"),
}
"""Who is meant by a group's name, as the settings would say it."""

CONDITIONS: dict[str, tuple[str, ...]] = {
    "who_free": ("calendar.free", "slots."),
    "answered": ("item.", "items.", "mail.", "mails.", "message", "thread"),
    "changed_doc": ("document", "item."),
    "have_event": ("event.", "events.", "calendar.", "item.find"),
    "waiting": ("threads.", "thread."),
    "agenda_count": ("calendar.", "event.", "events."),
}
"""How the names of the operations begin that may look whether a condition holds."""

_CONDITION = frozenset({
    "goal", "goals", "person", "people", "about", "since", "until", "start", "end", "at", "minutes", "theirs",
    "least", "most", "holds",
})  # fmt: skip
_EVENT = {"about", "at", "person"}
FORMS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "several": (frozenset({"parts"}), frozenset()),
    "conditional": (frozenset({"condition", "then"}), frozenset({"otherwise"})),
    "late": (frozenset({"event", "body"}), frozenset()),
    "to_askers": (frozenset({"about"}), frozenset({"since", "until", "version"})),
    "file_attachments": (frozenset({"folder"}), frozenset({"about", "person", "since", "until"})),
    "decline_overlapping": (frozenset({"event", "offer"}), frozenset()),
    "each_of_group": (frozenset({"group", "minutes"}), frozenset({"start", "end", "apart", "parts"})),
    "unclear": (frozenset(), frozenset({"message"})),
    "refused": (frozenset(), frozenset()),
}
"""The tables of issue 4: the keys that a row must have besides `say`, and those that it may have."""

_CHANGES = frozenset({"schedule.add", "schedule.pause", "schedule.resume", "schedule.remove"})


def writes(op: str) -> bool:
    """Whether an operation changes anything that a person would notice."""
    return op in OPERATIONS or op in _CHANGES


def variants(goal: str, row: Row) -> list[tuple[str, ...]]:
    """The operations a plan for a goal may have; several where a row leaves unsaid what that hangs on."""
    if goal == "offer":
        return [(OFFER[0], *("event.create",) * n, *OFFER[1:]) for n in reversed(range(5))]
    if goal == "forward_listed":
        return [FORWARD_LISTED]
    wanted = SIGNATURES[goal]
    if wanted[-1] != "event.create":
        return [wanted]
    asked = [(*wanted, *INVITED)]
    return asked if row.get("people") else [wanted] if "people" in row else [wanted, *asked]


def seen(steps: Iterable[Step], name: str) -> list[object]:
    """The literal values of an argument, by its name or by `op.name`, as the corpora write them."""
    op, _, argument = name.rpartition(".")
    found = [s.args[argument] for s in steps if argument in s.args and op in ("", s.op)]
    return [_plain(v) for v in found if not (isinstance(v, dict) and "ref" in v)]


def expected(name: str, value: object) -> object:
    """A row's value as `seen` would show it."""
    if isinstance(value, str) and name.rpartition(".")[2] in ("since", "until", "day"):
        return f"{value}T00:00"
    return value


def load(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The tables of a file. :raises ValueError: rows are not as the format says; it names them all."""
    tables: dict[str, list[dict[str, Any]]] = tomllib.loads(path.read_text("utf-8"))
    wrong = [f"{table}: {row.get('say')!r}: {p}" for table, rows in tables.items() for row in rows
             for p in problems(table, row)]  # fmt: skip
    if wrong:
        raise ValueError("\n".join(wrong))
    return tables


def problems(table: str, row: Row) -> Iterator[str]:
    """What is wrong with a row of a table."""
    if not isinstance(row.get("say"), str) or not row["say"].strip():
        yield "it says nothing"
    given = {k: v for k, v in row.items() if k != "say"}
    if table in FORMS:
        yield from _form(table, given)
    else:
        yield from _part({"goals": [table], **given}, None)


def _form(table: str, given: Row) -> Iterator[str]:
    must, may = FORMS[table]
    yield from (f"it needs {k!r}" for k in sorted(must - given.keys()))
    yield from (f"there is no key {k!r}" for k in sorted(given.keys() - must - may))
    for key in {"several": ("parts",), "conditional": ("then", "otherwise")}.get(table, ()):
        for n, part in enumerate(given.get(key, ())):
            yield from _part(part, n)
    if (condition := given.get("condition")) is not None:
        named = goals(condition)
        yield from (f"there is no condition {g!r}" for g in named if g not in CONDITIONS)
        yield from (f"a condition has no {k!r}" for k in condition.keys() - _CONDITION)
        if not named:
            yield "a condition needs a goal"
    if table in ("late", "decline_overlapping"):
        yield from (f"an event has no {k!r}" for k in given.get("event", {}).keys() - _EVENT)
    if table == "each_of_group" and given.get("group") not in GROUPS:
        yield f"there is no group {given.get('group')!r}"


def goals(part: Row) -> list[str]:
    """The goals a part may have."""
    return list(part.get("goals", ())) or [part["goal"]] if "goals" in part or "goal" in part else []


def _part(part: Row, place: int | None) -> Iterator[str]:
    named = goals(part)
    if not named:
        yield "a part needs a goal"
    if unknown := [g for g in named if g not in SIGNATURES and g not in ("offer", "forward_listed")]:
        yield f"there is no goal {unknown[0]!r}"
        return
    for key in ("of", "to_of"):
        if key in part and (place is None or not 0 <= part[key] < place):
            yield f"{key} must point to an earlier part"
    taken = {a for g in named for signature in variants(g, part) for op in signature for a in _named(op)}
    literals = part.keys() - {"goal", "goals", "of", "to_of"}
    yield from (f"no operation of {', '.join(named)} takes {k!r}" for k in sorted(literals - taken))


@cache
def _named(op: str) -> frozenset[str]:
    made = actions().get(op)
    fields = (made.arguments if made else OPERATIONS[op]).model_fields
    return frozenset(fields) | {f"{op}.{f}" for f in fields}


def _plain(value: object) -> object:
    if isinstance(value, dict) and "address" in value:
        value = value["address"]
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None).isoformat()[:16]
        except ValueError:
            return value.split("@", 1)[0] if value.count("@") == 1 and " " not in value else value
    return value
