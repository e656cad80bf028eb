"""An approval signs bytes: the card shows the exact arguments with their origins, the hash binds them.

It holds for one use, by one run and step, under one version of the policy, until it expires. What the
person reads is made of the arguments by `card`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from deskhand.agent.endorsers import with_edits
from deskhand.agent.labels import labels_from, plain
from deskhand.agent.model import Approval, Argument, Decision
from deskhand.agent.plans.form import in_words
from deskhand.agent.trust.card import BLIND, Sight, afterwards, otherwise, shown
from deskhand.agent.trust.failures import chosen
from deskhand.agent.trust.policy import Facts, Policy, Verdict, judge
from deskhand.agent.trust.undoing import undo_class
from deskhand.agent.values import digest
from deskhand.agent.wording.writes import question, shortened
from deskhand.connectors.model import Label
from deskhand.connectors.operations import EventRespond, EventUpdate, Operation, Undo, operation


class Refused(Exception):
    """A decision that cannot be taken; the message says why and what to do."""


class Stale(Refused):
    """The question no longer stands; it has to be asked again."""


class Unfounded(Stale):
    """What its record says is not what Deskhand left there (`Records.unfounded`)."""

    def __init__(self, id_: str, why: str) -> None:
        super().__init__(f"{id_} {why}")
        self.why = why


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
    sight: Sight = BLIND,
    then: str = "you are asked again",
) -> Approval:
    """The question about one exact write. `offers` are other values for it, the `why` of each beside them.

    :param at: when the event takes place that is written to.
    :param sight: what may be looked up to tell where its arguments come from.
    :param then: what happens when nobody has decided until it expires, in words.
    """
    arguments, undo = op.arguments(), _undo(op, sight)
    approval = Approval(
        id=id_,
        run=run,
        step=step,
        operation=op.name,
        arguments=arguments,
        origins=plain(labels),
        shown=shown(op, labels, sight, zone=zone, now=now),
        summary=question(op, zone=zone, now=now, about=about, at=at),
        reason=verdict.why,
        rule=verdict.rule,
        policy=verdict.policy,
        undo=undo,
        afterwards=afterwards(undo, run),
        otherwise=otherwise(expires, zone=zone, now=now, then=then),
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
            "policy": approval.policy,
            "expires": approval.expires.isoformat(),
        }
    )


def decide(
    approval: Approval,
    decision: Decision,
    *,
    facts: Facts,
    policy: Policy,
    zone: str,
    now: datetime,
    sight: Sight = BLIND,
) -> Approval:
    """The approval after a decision.

    An edit keeps every argument's type, counts as the person's own word for what it changes, and is
    weighed by the policy again. It is the yes as well: what a card would warn of its new values is told first
    (`Decision.seen`). A no can always be said.
    :raises Stale: expired, or no longer what was asked. :raises Refused: decided before, or an edit that
        cannot be.
    """
    if approval.state != "pending":
        raise Refused(
            f"{approval.id} is {approval.state} already; nothing was done by this. How it stands: "
            f"deskhand show {approval.run}"
        )
    if decision.verdict == "reject":
        return approval.model_copy(update={"state": "rejected", "decision": decision})
    if now >= approval.expires:
        raise Stale(f"{approval.id} expired on {approval.expires:%d %b %Y}")
    if not _whole(approval):
        raise Stale(f"{approval.id} is not what was asked (its record changed)")
    if outdated(approval, policy):
        raise Stale(f"The rules changed since {approval.id} was asked")
    if approval.kind == "failure":
        approval = _answered(approval, decision)
    elif decision.verdict == "edit":
        approval = _edited(approval, decision, facts=facts, policy=policy, zone=zone, now=now, sight=sight)
    return approval.model_copy(update={"state": "approved", "decision": decision})


def _answered(approval: Approval, decision: Decision) -> Approval:
    """The question about a failure with what follows now."""
    if not (then := chosen(approval, decision)):
        offered = "; ".join(f"--instead {n}: {a['then']}" for n, a in enumerate(approval.alternatives, 1))
        yes = approval.arguments["then"]
        raise Refused(f"{approval.id} asks what follows now. A yes means {yes}; {offered}.")
    answered = approval.model_copy(update={"arguments": approval.arguments | {"then": then}})
    return answered.model_copy(update={"hash": sign(answered)})


def payload(approval: Approval, *, run: str, step: str) -> Operation:
    """The write that was approved for this step of this run. :raises Refused: it is not the one that was
    signed, or it was signed for another."""
    if (approval.run, approval.step) != (run, step):
        raise Refused(
            f"{approval.id} was asked for {approval.run}, {approval.step}; it does not cover {run}, {step}."
        )
    if approval.state not in ("approved", "used") or not _whole(approval):
        raise Refused(f"{approval.id} does not cover this write (its record changed).")
    return operation(approval.operation, approval.arguments)


def outdated(approval: Approval, policy: Policy) -> bool:
    """Whether a write was asked about under other rules than are in force: it has to be asked anew."""
    return approval.kind == "write" and approval.policy != policy.version(approval.operation)


def _whole(approval: Approval) -> bool:
    return hmac.compare_digest(sign(approval), approval.hash)


def _edited(
    approval: Approval,
    decision: Decision,
    *,
    facts: Facts,
    policy: Policy,
    zone: str,
    now: datetime,
    sight: Sight,
) -> Approval:
    known = approval.arguments
    if not decision.changes:
        raise Refused("An edit needs at least one changed argument, as name=value.")
    allowed = ", ".join(n for n in known if n not in _FIXED)
    for name in decision.changes:
        if name in known and name in _FIXED:
            raise Refused(f"{name} cannot be edited, only: {allowed}. Say no, and ask anew.")
        if name not in known:
            raise Refused(f"{approval.operation} has no argument {name!r} to edit; it has: {allowed}.")
    try:
        op = operation(approval.operation, {**known, **_typed(decision.changes, known)})
    except ValidationError as error:
        raise Refused(_mistake(error, decision.changes)) from None
    # Not the operation's own to say: the ledger may have such a write, which its source refused.
    if isinstance(op, EventUpdate) and op.start and op.end and op.end <= op.start:
        raise Refused("An event must end after it starts.")
    labels = with_edits(labels_from(approval.origins), decision.changes)
    verdict = judge(op, labels, facts, policy)
    if verdict.outcome == "deny":
        raise Refused(f"The policy refuses that ({verdict.rule}): {verdict.why}.")
    arguments, undo = op.arguments(), _undo(op, sight)
    rows = shown(op, labels, sight, zone=zone, now=now)
    if not decision.seen and (warned := _newly_warned(approval, rows)):
        raise Refused(f"Nothing was done yet. {' '.join(warned)} If you mean it so, say it again with --yes.")
    edited = approval.model_copy(
        update={
            "arguments": arguments,
            "origins": plain(labels),
            "shown": rows,
            "summary": question(op, zone=zone, now=now, about=title(op, facts)),
            "undo": undo,
            "afterwards": afterwards(undo, approval.run),
        }
    )
    return edited.model_copy(update={"hash": sign(edited)})


def _mistake(error: ValidationError, changes: Mapping[str, Any]) -> str:
    """What is wrong with the values of an edit, as a sentence."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"].startswith(("datetime", "timezone")):
        given = shortened(str(changes.get(name, "")), most=80)
        return f"{name}: {given!r} is no time; write it like 2026-11-24T10:00+00:00."
    if first["loc"][-1:] == ("address",):
        given = shortened(str(first["input"] or changes.get(name, "")), most=80)
        return f"{name}: {given!r} is no mail address."
    said = in_words(first)
    return f"{name}: {said}." if name else f"{said[:1].upper()}{said[1:]}."


def _newly_warned(approval: Approval, rows: Sequence[Argument]) -> list[str]:
    """What a card with these rows would warn of, and that of the question did not."""
    before = {w for row in approval.shown for w in row.warnings}
    return list(dict.fromkeys(w for row in rows for w in row.warnings if w not in before))


def _typed(changes: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Changes as a person types them: "bo@example.org, Ann <ann@example.org>" where mailboxes stand."""
    made = dict(changes)
    for name, value in changes.items():
        if isinstance(known[name], list) and isinstance(value, str):
            from deskhand.connectors._mailboxes import mailboxes

            made[name] = [{"name": n, "address": a} for n, a in mailboxes(value)]
    return made


_FIXED = (
    "source", "ref", "version", "answers", "forwards", "occurrence", "ics", "hash", "message", "attachments",
    "content", "calendar",
)  # fmt: skip
"""Arguments that say what is written to; with another value it would be another question."""


def _undo(op: Operation, sight: Sight) -> Undo:
    """How far a write can be taken back, by who is in what it changes."""
    if isinstance(op, EventRespond) and op.source in sight.tells:
        return "R3"  # whoever called the meeting has it; only another answer can follow
    ref = getattr(op, "ref", None)
    item = sight.look_up(ref) if ref is not None else None
    return undo_class(op, item=item, mine=sight.mine, tells=op.source in sight.tells)


def title(op: Operation, facts: Facts) -> str:
    """The title of the item that an operation changes, "" where it changes none."""
    ref = getattr(op, "ref", None)
    item = facts.look_up(ref) if ref is not None else None
    return item.title if item else ""
