"""Standing permissions: "always allow this", narrow and dated, weighed after the gate and never against it.

One says what may be done, to whom, at which source, from where it is asked, and until when; what differs from
that in anything bound is asked about as ever. What a permission says is pure data, and so is the weighing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from deskhand.agent.model import FOLLOWING, PER_DAY, Permission
from deskhand.agent.trust.undoing import undo_class
from deskhand.connectors.model import Label
from deskhand.connectors.operations import OPERATIONS, Operation

DAYS, MOST_DAYS = 90, 366
"""How long a permission holds where nothing is said, and at the most."""
MOST_PER_DAY = 50
"""How often a day it may be used at the most."""

GRANTABLE: Mapping[str, str] = {
    "event.create": "event.create",
    "event.create room": "event.create",
    "mail.send": "mail.send",
    "mail.send to contacts": "mail.send",
}
"""Rows of the policy that a permission may answer, and their operation. A row that asks for another reason
(a recipient that a stranger chose, a clash, a Reply-To) is never among them."""

_PEOPLE: Mapping[str, tuple[str, ...]] = {"event.create": ("attendees", "rooms"), "mail.send": ("to", "cc")}
"""Arguments that say whom it reaches: those of the permission, or fewer."""
_WORDS: Mapping[str, tuple[str, ...]] = {
    "event.create": ("title", "location", "description"),
    "mail.send": ("subject", "body"),
}
"""Arguments that may differ each time, as long as no source wrote them."""
_TIMES: Mapping[str, tuple[str, ...]] = {"event.create": ("start", "end", "exdates"), "mail.send": ()}
"""Arguments that may differ each time, as long as no stranger wrote them."""
_NONE: Mapping[str, tuple[str, ...]] = {
    "event.create": ("hold_until",),
    "mail.send": ("attachments", "answers", "forwards", "calendar", "bcc"),
}
"""Arguments that must be empty for a permission to be granted at all."""

_OWN = frozenset({"user", "assistant", "contact"})
_CHOSEN = frozenset({"user", "contact"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A write that the policy asks about, and how it came about."""

    op: Operation
    labels: Mapping[str, Label]
    rule: str
    policy: str
    run: str
    schedule: str
    request: str
    known: frozenset[str]
    """Contacts and the person herself, in lower case."""
    mine: frozenset[str]
    by_model: bool
    """A language model made the plan: what is to be written may be its words."""


def unfit(permission: Permission, asked: Asked, *, used_today: int, now: datetime) -> str:
    """Why a permission does not cover a write, for the trace; "" where it does."""
    p, op = permission, asked.op
    if p.revoked is not None or now >= p.until:
        return "it was revoked" if p.revoked is not None else "it is over"
    if now < p.created:
        return "it was granted later than it is now, by this clock"
    if p.policy != asked.policy or p.rule != asked.rule:
        return "the policy asks for another reason, or is another by now"
    if (op.name, op.source) != (p.operation, p.source):
        return "it is for something else"
    if p.schedule != asked.schedule or (p.schedule and p.words != asked.request):
        return "it is for another schedule" if p.schedule else "it is for what you ask yourself"
    reached = people(op, mine=asked.mine)
    if not reached or not reached <= {*p.people}:
        return "it would reach somebody else"
    arguments = op.arguments()
    if any(arguments.get(n) != v for n, v in p.equal.items()):
        return f"it differs in {next(n for n, v in p.equal.items() if arguments.get(n) != v)}"
    if not set(arguments) <= {*p.equal} | free(op.name):
        return "it has arguments that the permission does not know"
    if used_today >= p.per_day:
        return "it was used as often as it may be today"
    return barred(asked)


def barred(asked: Asked) -> str:
    """Why no permission covers a write, whatever it says; "" where one may.

    Nothing that a source wrote goes out under one, nobody whom a source named is reached, and what cannot be
    taken back reaches only people the person knows.
    """
    op, labels = asked.op, asked.labels
    if GRANTABLE.get(asked.rule) != op.name:
        return "what the policy asks about here is asked each time"
    if asked.run.startswith(FOLLOWING):
        return "it follows from somebody's mail"
    if asked.by_model:
        return "a language model chose what is written"
    if any(getattr(op, n) for n in _NONE[op.name]):
        return f"it has {next(n for n in _NONE[op.name] if getattr(op, n))}"
    for name in op.arguments():
        trust = labels.get(name, Label()).trust
        if not getattr(op, name):
            continue
        if trust == "untrusted":
            return f"somebody else wrote its {name}"
        if name in _WORDS[op.name] and trust not in _OWN:
            return f"its {name} comes from a source"
        if name in _PEOPLE[op.name] and trust not in _CHOSEN:
            return f"its {name} were not named by you"
    if undo_class(op) == "R3" and not people(op, mine=asked.mine) <= asked.known:
        return "it cannot be taken back, and would reach somebody you do not know yet"
    return ""


def people(op: Operation, *, mine: frozenset[str]) -> set[str]:
    """Whom a write reaches besides the person: addresses in lower case."""
    named = (getattr(op, n, None) or () for n in _PEOPLE.get(op.name, ()))
    return {m.address.lower() for boxes in named for m in boxes} - mine


def free(operation: str) -> frozenset[str]:
    """Arguments that may differ from time to time."""
    return frozenset({*_PEOPLE[operation], *_WORDS[operation], *_TIMES[operation], "source"})


def bound(operation: str) -> frozenset[str]:
    """Arguments that must be as they were when it was granted."""
    return frozenset(OPERATIONS[operation].model_fields) - free(operation)


def derived(
    asked: Asked,
    *,
    id_: str,
    approval: str,
    now: datetime,
    until: datetime | None = None,
    per_day: int = PER_DAY,
    group: str = "",
    members: frozenset[str] = frozenset(),
) -> Permission:
    """The narrowest permission that covers a write: for these people, this source, this schedule.

    :param members: the addresses of `group`: then it is for all of them.
    :raises ValueError: none may be granted, or not so; a sentence.
    """
    if why := barred(asked):
        raise ValueError(f"{approval} cannot be allowed for always: {why}.")
    reached = people(asked.op, mine=asked.mine)
    members = frozenset(a.lower() for a in members) - asked.mine
    if group and not reached <= members:
        others = ", ".join(sorted(reached - members))
        raise ValueError(f"{others} does not belong to {group}, so {group} cannot be what it is for.")
    if group and undo_class(asked.op) == "R3" and not members <= asked.known:
        others = ", ".join(sorted(members - asked.known))
        raise ValueError(f"It cannot be taken back, and you never wrote to {others} of {group}.")
    end = until or now + timedelta(days=DAYS)
    if not now < end <= now + timedelta(days=MOST_DAYS):
        raise ValueError("A permission ends within a year, and not in the past: say --until 2027-01-31.")
    if not 1 <= per_day <= MOST_PER_DAY:
        raise ValueError(f"A permission may be used 1 to {MOST_PER_DAY} times a day.")
    arguments = asked.op.arguments()
    return Permission(
        id=id_, operation=asked.op.name, source=asked.op.source,
        people=tuple(sorted(members if group else reached)), group=group,
        equal={n: arguments[n] for n in sorted(bound(asked.op.name) & {*arguments})},
        schedule=asked.schedule, words=asked.request if asked.schedule else "", rule=asked.rule,
        policy=asked.policy, per_day=per_day, created=now, until=end, approval=approval,
    )  # fmt: skip


def sentence(permission: Permission) -> str:
    """What a permission allows, for the person: made from its values by our own code."""
    p = permission
    who = p.people[0] if len(p.people) == 1 else f"{', '.join(p.people[:-1])} or {p.people[-1]}"
    who += f" (your group {p.group}, as it was then)" if p.group else ""
    what = f"mail to {who} from {p.source}, without attachments and as no reply"
    if p.operation == "event.create":
        again = f" that repeat ({p.equal['rrule']})" if p.equal.get("rrule") else ""
        what = f"meetings{again} in {p.source} that nobody is asked to but {who}"
    where = f"in runs of the schedule “{p.schedule}” as it is worded now" if p.schedule else (
        "when you ask for it yourself"
    )  # fmt: skip
    often = "once" if p.per_day == 1 else f"{p.per_day} times"
    verb = "Book" if p.operation == "event.create" else "Send"
    return f"{verb} {what}, {where}, at most {often} a day"
