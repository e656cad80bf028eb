"""Undo is a plan like any other: the inverses that the ledger stored, the last effect first, each weighed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from deskhand.agent.model import Effect
from deskhand.agent.planners.steps import ref
from deskhand.agent.plans.language import Plan, Ref, Step
from deskhand.agent.trust.approvals import Refused
from deskhand.agent.wording import names, visible
from deskhand.connectors.itip import read_itip
from deskhand.connectors.model import ItemRef
from deskhand.connectors.operations import MailSend, operation

_GO_BY_IT = "they go by that answer until you give them another"


def taking_back(what: str, effects: Sequence[Effect], *, beside: Sequence[Effect] = ()) -> Plan:
    """The plan that takes effects back, the last first.

    Who was told of a change to an event is told that it is taken back, and the event counts its SEQUENCE on
    (RFC 5546 2.1.4); an event that nobody heard of comes back byte for byte.

    :param beside: all that the same runs did: the mails among it say who was told.
    :raises Refused: nothing of it can be.
    """
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
    left = _staying([e for e in done if not e.inverse])
    steps: list[Step] = []
    for n, effect in enumerate(able, 1):
        back, arguments = _inverse(effect)
        heard = back == "event.restore" and _heard(effect, [*effects, *beside])
        if heard:
            arguments["revised"] = True
        after = (f"noted{n - 1}",) if n > 1 else ()
        noted = {"effect": effect.key, "left": left if n == len(able) else ""}
        steps += [
            Step(
                id=f"undo{n}", op=back, args=arguments, needs=after, purpose=f"take back {effect.operation}"
            ),
            Step(id=f"noted{n}", op="effect.undone", args=noted, needs=(f"undo{n}",), purpose="note it"),
        ]
        steps += _told(effect, n) if not heard else _told_back(effect, n)
    return Plan(request=f"undo {what}", objective=f"Take back what {what} did.", steps=tuple(steps))


def _inverse(effect: Effect) -> tuple[str, dict[str, Any]]:
    stored = effect.inverse or {}
    return stored["operation"], {k: v for k, v in stored["arguments"].items() if v is not None}


def _heard(effect: Effect, effects: Sequence[Effect]) -> bool:
    """Whether a mail went out that told others of what an effect changed."""
    uids = {ref_.native for ref_ in (ItemRef.parse(r) for r in _changed(effect))}
    for other in effects:
        if other.operation == "mail.send" and other.state == "done" and other.arguments.get("calendar"):
            with suppress(ValueError):
                if read_itip(str(other.arguments["calendar"])).uid in uids:
                    return True
    return False


def _changed(effect: Effect) -> dict[str, str]:
    """What an effect changed, with the versions that had after it."""
    receipt = effect.receipt or {}
    return {receipt["ref"]: receipt["version"], **receipt["detail"].get("also", {})} if receipt else {}


def _told(effect: Effect, n: int) -> list[Step]:
    """Telling those who were invited that it is off; the notice finds what can send, if anything can."""
    given, receipt = effect.arguments, effect.receipt
    if (
        effect.operation != "event.create"
        or not (given.get("attendees") or given.get("rooms"))
        or not receipt
    ):
        return []
    event = {name: given[name] for name in ("title", "start", "end")}
    event |= {"ref": receipt["ref"], "version": receipt["version"], "source": effect.source}
    return _notice(event, "cancelled", f"{n}", n)


def _told_back(effect: Effect, n: int) -> list[Step]:
    """Telling those who heard of a change that it is taken back; what came to be by it is off again."""
    (first, version), *rest = _changed(effect).items()
    event: dict[str, Any] = {"ref": first, "version": version, "source": effect.source}
    if occurrence := effect.arguments.get("occurrence"):
        event["occurrence"] = occurrence
    steps = _notice(event, "restored", f"{n}", n)
    for k, (other, at) in enumerate(rest, 1):
        gone = {"ref": other, "version": at, "source": effect.source}
        steps += _notice(gone, "cancelled", f"{n}_also{k}", n)
    return steps


def _notice(event: dict[str, Any], what: str, name: str, n: int) -> list[Step]:
    args = {"event": event, "change": ref(f"undo{n}"), "what": what, "by_mail": True}
    parts = {p: ref(f"notice{name}", p) for p in ("source", "to", "subject", "body", "calendar")}
    return [
        Step(
            id=f"notice{name}", op="event.notice", args=args, origins=dict.fromkeys(args, "metadata"),
            needs=(f"noted{n}",), purpose="who has to be told",
        ),
        Step(
            id=f"tell{name}", op="mail.send", args=parts, when=Ref(ref=f"notice{name}", path="to"),
            purpose="tell them",
        ),
    ]  # fmt: skip


def _staying(effects: Sequence[Effect]) -> str:
    """What is not taken back, a sentence each, in the order it was done."""
    said = []
    for effect in reversed(effects):
        if isinstance(op := operation(effect.operation, effect.arguments), MailSend):
            why = _GO_BY_IT if "METHOD:REPLY" in op.calendar else "it was sent"
            said.append(f"The mail “{op.subject}” to {names(op.recipients)} cannot be taken back: {why}.")
        else:
            said.append(f"{effect.operation} cannot be undone: it stays as it is.")
    return visible(" ".join(dict.fromkeys(said)), lines=False)


def _listed(effects: Sequence[Effect]) -> str:
    return ", ".join(dict.fromkeys(e.operation for e in effects))
