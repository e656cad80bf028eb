"""An approval signs bytes: the card shows the exact arguments with their origins, the hash binds them.

It holds for one use, by one run and step, under one version of the policy, until it expires. What the
person reads is rendered here from the arguments; nothing a stranger or a model wrote explains anything.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from deskhand.agent.labels import labels_from, plain
from deskhand.agent.model import Approval, Argument, Decision
from deskhand.agent.trust.failures import chosen
from deskhand.agent.trust.policy import POLICY_VERSION, Facts, Verdict, judge
from deskhand.agent.values import digest
from deskhand.agent.wording import day, put_back, question, visible
from deskhand.connectors.model import ItemRef, Label
from deskhand.connectors.operations import EventCreate, EventRestore, Mailbox, Operation, operation


class Refused(Exception):
    """A decision that cannot be taken; the message says why and what to do."""


class Stale(Refused):
    """The question no longer stands; it has to be asked again."""


def card(
    op: Operation,
    labels: Mapping[str, Label],
    verdict: Verdict,
    *,
    id_: str,
    run: str,
    step: str,
    zone: str,
    now: datetime,
    expires: datetime,
    offers: Sequence[Mapping[str, Any]] = (),
    notes: Sequence[str] = (),
    about: str = "",
    at: tuple[datetime, datetime] | None = None,
) -> Approval:
    """The question about one exact write. `offers` are other values for it, the `why` of each beside them.

    `at`: when the event takes place that is written to.
    """
    arguments = op.arguments()
    approval = Approval(
        id=id_,
        run=run,
        step=step,
        operation=op.name,
        arguments=arguments,
        origins=plain(labels),
        shown=_shown(op, labels, zone, now),
        summary=question(op, zone=zone, now=now, about=about, at=at),
        reason=verdict.why,
        undo=op.undo_class,
        alternatives=tuple({n: v for n, v in o.items() if n != "why"} for o in offers),
        whys=tuple(str(o.get("why", "")) for o in offers),
        notes=tuple(notes),
        created=now,
        expires=expires,
    )
    return approval.model_copy(update={"hash": sign(approval)})


def sign(approval: Approval) -> str:
    """The hash a decision is bound to: run, step, operation, arguments, origins, policy and expiry."""
    return digest(
        {
            "run": approval.run,
            "step": approval.step,
            "operation": approval.operation,
            "arguments": approval.arguments,
            "origins": approval.origins,
            "policy": POLICY_VERSION,
            "expires": approval.expires.isoformat(),
        }
    )


def decide(approval: Approval, decision: Decision, *, facts: Facts, zone: str, now: datetime) -> Approval:
    """The approval after a decision.

    An edit keeps every argument's type, counts as the person's own word for what it changes, and is
    weighed by the policy again. A no can always be said.
    :raises Stale: expired, or no longer what was asked. :raises Refused: decided before, or an edit that
        cannot be.
    """
    if approval.state != "pending":
        raise Refused(f"{approval.id} is {approval.state} already; nothing was done.")
    if decision.verdict == "reject":
        return approval.model_copy(update={"state": "rejected", "decision": decision})
    if now >= approval.expires:
        raise Stale(f"{approval.id} expired on {approval.expires:%d %b %Y}")
    if not _whole(approval):
        raise Stale(f"{approval.id} is not what was asked (its record or the policy changed)")
    if approval.kind == "failure":
        approval = _answered(approval, decision)
    elif decision.verdict == "edit":
        approval = _edited(approval, decision, facts=facts, zone=zone, now=now)
    return approval.model_copy(update={"state": "approved", "decision": decision})


def _answered(approval: Approval, decision: Decision) -> Approval:
    """The question about a failure with what follows now."""
    if not (then := chosen(approval, decision)):
        offered = "; ".join(f"--instead {n}: {a['then']}" for n, a in enumerate(approval.alternatives, 1))
        yes = approval.arguments["then"]
        raise Refused(f"{approval.id} asks what follows now. A yes means {yes}; {offered}.")
    answered = approval.model_copy(update={"arguments": approval.arguments | {"then": then}})
    return answered.model_copy(update={"hash": sign(answered)})


def payload(approval: Approval) -> Operation:
    """The write that was approved. :raises Refused: it is not the one that was signed."""
    if approval.state not in ("approved", "used") or not _whole(approval):
        raise Refused(f"{approval.id} does not cover this write (its record or the policy changed).")
    return operation(approval.operation, approval.arguments)


def _whole(approval: Approval) -> bool:
    return hmac.compare_digest(sign(approval), approval.hash)


def _edited(approval: Approval, decision: Decision, *, facts: Facts, zone: str, now: datetime) -> Approval:
    known = approval.arguments
    if not decision.changes:
        raise Refused("An edit needs at least one changed argument, as name=value.")
    for name in decision.changes:
        if name not in known or name in _FIXED:
            allowed = ", ".join(n for n in known if n not in _FIXED)
            raise Refused(f"{approval.operation} has no argument {name!r} to edit; it has: {allowed}.")
    try:
        op = operation(approval.operation, {**known, **_typed(decision.changes, known)})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(p) for p in first["loc"]) or approval.operation
        raise Refused(f"{where}: {first['msg']}.") from None
    labels = labels_from(approval.origins)
    labels |= {n: Label("user", (), None) for n in decision.changes}
    verdict = judge(op, labels, facts)
    if verdict.outcome == "deny":
        raise Refused(f"The policy refuses that ({verdict.rule}): {verdict.why}.")
    arguments = op.arguments()
    edited = approval.model_copy(
        update={
            "arguments": arguments,
            "origins": plain(labels),
            "shown": _shown(op, labels, zone, now),
            "summary": question(op, zone=zone, now=now, about=title(op, facts)),
            "undo": op.undo_class,
        }
    )
    return edited.model_copy(update={"hash": sign(edited)})


def _typed(changes: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Changes as a person types them: "bo@example.org, Ann <ann@example.org>" where mailboxes stand."""
    made = dict(changes)
    for name, value in changes.items():
        if isinstance(known[name], list) and isinstance(value, str):
            from deskhand.connectors._mailboxes import mailboxes

            made[name] = [{"name": n, "address": a} for n, a in mailboxes(value)]
    return made


_FIXED = (
    "source", "ref", "version", "answers", "occurrence", "ics", "hash", "message", "attachments", "content",
)  # fmt: skip
"""Arguments that say what is written to; with another value it would be another question."""


def title(op: Operation, facts: Facts) -> str:
    """The title of the item that an operation changes, "" where it changes none."""
    ref = getattr(op, "ref", None)
    item = facts.look_up(ref) if ref is not None else None
    return item.title if item else ""


_ORIGINS = {
    "user": "you wrote",
    "contact": "from your contacts",
    "assistant": "worked out by Deskhand",
    "metadata": "from your own data",
    "untrusted": "written by somebody else",
}


def _shown(op: Operation, labels: Mapping[str, Label], zone: str, now: datetime) -> tuple[Argument, ...]:
    """The arguments that say something: not those that are empty, or as they always are."""
    rows = []
    for name, value in op.model_dump(mode="json", exclude_defaults=True).items():
        if value in (None, "", [], False):
            continue
        label = labels.get(name, Label())
        origin = _ORIGINS[label.trust]
        if label.trust == "contact" and name in ("subject", "body"):
            origin = "worked out by Deskhand, with names from your contacts"  # the words are ours
        if label.origins and label.trust in ("metadata", "untrusted"):
            origin += f" ({', '.join(label.origins[:3])})"
        if isinstance(op, EventRestore):
            # The bytes come from the calendar itself, as it was; with --json they are all there.
            if name == "ics":
                value = put_back(op.ics, zone=zone, now=now)
            elif name == "also":
                value = "; ".join(
                    f"its other part, {e.ref}: {put_back(e.ics, zone=zone, now=now)}" for e in op.also
                )
            rows.append(
                Argument(name=name, value=_text(value), origin=_ORIGINS["metadata"], trust="metadata")
            )
            continue
        if isinstance(op, EventCreate) and name == "exdates":
            value = [day(one.astimezone(ZoneInfo(op.zone)), now=now) for one in op.exdates]
        rows.append(Argument(name=name, value=_text(value), origin=origin, trust=label.trust))
    return tuple(rows)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(v) for v in value)
    if isinstance(value, dict) and {"ref", "version"} <= value.keys():
        name = value.get("name") or ItemRef.parse(str(value["ref"])).native.rpartition("/")[2]
        return visible(f"{name} ({value['ref']}, version {value['version']})", lines=False)
    if isinstance(value, dict) and "address" in value:
        return visible(str(Mailbox.model_validate(value)))
    return visible(str(value))
