"""Undo is a plan like any other: the inverses that the ledger stored, the last effect first, each weighed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from deskhand.agent.model import Effect, EffectState
from deskhand.agent.planners.steps import ref
from deskhand.agent.plans.language import Plan, Ref, Step
from deskhand.agent.plans.purpose import plain_name
from deskhand.agent.trust.approvals import Refused
from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import names, quoted, withdrawn
from deskhand.connectors.itip import read_itip
from deskhand.connectors.model import ItemRef, Trust
from deskhand.connectors.operations import MailSend, operation

_GO_BY_IT = "they go by that answer until you give them another"


def taking_back(
    what: str,
    effects: Sequence[Effect],
    *,
    beside: Sequence[Effect] = (),
    overtaken: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """The plan that takes effects back, the last first.

    Who was told of a change to an event is told that it is taken back, and the event counts its SEQUENCE on
    (RFC 5546 2.1.4); an event that nobody heard of comes back byte for byte.

    :param beside: all that the same runs did: the mails among it say who was told.
    :param overtaken: why some of it cannot be any more, by the keys of the effects: it changed since.
    :raises Refused: nothing of it can be.
    """
    done = [e for e in reversed(effects) if e.state == "done"]
    able = [e for e in done if e.inverse and e.key not in overtaken]
    if not effects:
        raise Refused(f"{what} changed nothing, so there is nothing to undo.")
    if not able:
        raise Refused(" ".join([*_why_not(what, effects, done), *_changed_since(done, overtaken)]))
    left = " ".join([staying([e for e in done if not e.inverse]), *_changed_since(done, overtaken)]).strip()
    steps: list[Step] = []
    for n, effect in enumerate(able, 1):
        needs = (f"noted{n - 1}",) if n > 1 else ()
        told = left if n == len(able) else ""
        among = [*effects, *beside]
        quietly = kept_from_them(effect, among) is not None
        steps += steps_back(
            effect, f"{n}", beside=among, needs=needs, left=told, unheard=not quietly, quietly=quietly
        )
    return Plan(request=f"undo {what}", objective=f"Take back what {what} did.", steps=tuple(steps))


def _why_not(what: str, effects: Sequence[Effect], done: Sequence[Effect]) -> list[str]:
    """Why nothing can be taken back, a sentence for each reason there is."""
    said = []
    for effect in effects:
        match effect.state:
            case "unknown":
                settle = f"deskhand effects settle {effect.key[:8]}"
                said.append(
                    f"Whether {what} did anything is not known; please look at {effect.source} yourself, and "
                    f"say what you found: {settle}"
                )
            case "claimed":
                said.append(f"{what} is being carried out at {effect.source} right now.")
            case "withdrawn" if done:
                said.append(withdrawn(operation(effect.operation, effect.arguments)))
            case "withdrawn":
                said.append(f"What {what} did was taken back before it was sent, so nothing is left of it.")
            case "undone":
                by = next(
                    (f" by {t.by}" for t in reversed(effect.history) if t.state == "undone" and t.by), ""
                )
                said.append(f"What {what} did was undone already{by}.")
            case "vouched":
                said.append("You said that it happened; Deskhand has not seen it, and cannot take it back.")
            case _:
                pass
    if lost := [e for e in done if not e.inverse]:
        said.append(staying(lost))
    if not said and not done:
        said.append(f"What {what} was to do never happened.")
    return list(dict.fromkeys(said))


def _changed_since(done: Sequence[Effect], overtaken: Mapping[str, str]) -> list[str]:
    """What is not taken back because it changed since, a sentence each."""
    return list(
        dict.fromkeys(
            f"This cannot be taken back any more ({plain_name(e.operation)}): {overtaken[e.key]}"
            for e in done
            if e.key in overtaken
        )
    )


def steps_back(
    effect: Effect,
    name: str,
    *,
    beside: Sequence[Effect],
    prefix: str = "",
    needs: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
    left: str = "",
    origin: Trust = "user",
    unheard: bool = True,
    quietly: bool = False,
) -> list[Step]:
    """The steps that take one effect back by its stored inverse, and tell those who have to hear of it.

    The first is `back_id(name, prefix)`. `beside`: the effects among which are the mails that told of it.

    :param origin: where the arguments come from: the person says undo, a plan takes back what the ledger has.
    :param quietly: nobody ever heard of it: an event that was made is gone, not cancelled.
    :param unheard: tell those invited that it is off also where no mail of `beside` had invited them.
    """
    op, arguments = _inverse(effect)
    if quietly and effect.operation == "event.create" and op == "event.cancel":
        op = "event.restore"
        arguments = {n: arguments[n] for n in ("source", "ref", "version")} | {"ics": ""}
    heard = _heard(effect, beside)
    revised = op == "event.restore" and heard
    if revised:
        arguments["revised"] = True
    undo, noted = back_id(name, prefix), f"{prefix}noted{name}"
    note = {"effect": effect.key, "left": left}
    origins: dict[str, Trust] = {} if origin == "user" else {n: origin for n in arguments}
    steps = [
        Step(
            id=undo, op=op, args=arguments, origins=origins, needs=needs, after=after,
            purpose=f"take back: {plain_name(effect.operation)}",
        ),
        Step(id=noted, op="effect.undone", args=note, needs=(undo,), purpose="note it"),
    ]  # fmt: skip
    if revised:
        return steps + _told_back(effect, name, prefix)
    return steps + (_told(effect, name, prefix) if unheard or heard else [])


def back_id(name: str, prefix: str = "") -> str:
    """The id of the step that takes an effect back."""
    return f"{prefix}undo{name}"


def _inverse(effect: Effect) -> tuple[str, dict[str, Any]]:
    stored = effect.inverse or {}
    return stored["operation"], {k: v for k, v in stored["arguments"].items() if v is not None}


def _heard(effect: Effect, effects: Sequence[Effect]) -> bool:
    """Whether a mail went out that told others of what an effect changed."""
    return _telling(effect, effects, {"done", "unknown", "vouched", "claimed"}) is not None


def _telling(effect: Effect, effects: Sequence[Effect], states: Collection[EffectState]) -> Effect | None:
    """The mail in one of these states that told, or was to tell, others of what an effect changed."""
    uids = {ref_.native for ref_ in (ItemRef.parse(r) for r in effect.left)}
    for other in effects:
        if other.operation == "mail.send" and other.state in states and other.arguments.get("calendar"):
            with suppress(ValueError):
                if read_itip(str(other.arguments["calendar"])).uid in uids:
                    return other
    return None


def kept_from_them(effect: Effect, effects: Sequence[Effect]) -> Effect | None:
    """The mail that would have told others of an event, where it was taken back while it was held, and no
    other went out."""
    return None if _heard(effect, effects) else _telling(effect, effects, {"withdrawn"})


def _told(effect: Effect, name: str, prefix: str) -> list[Step]:
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
    return _notice(event, "cancelled", name, name, prefix)


def _told_back(effect: Effect, name: str, prefix: str) -> list[Step]:
    """Telling those who heard of a change that it is taken back; what came to be by it is off again."""
    (first, version), *rest = effect.left.items()
    event: dict[str, Any] = {"ref": first, "version": version, "source": effect.source}
    if occurrence := effect.arguments.get("occurrence"):
        event["occurrence"] = occurrence
    steps = _notice(event, "restored", name, name, prefix)
    for k, (other, at) in enumerate(rest, 1):
        gone = {"ref": other, "version": at, "source": effect.source}
        steps += _notice(gone, "cancelled", f"{name}_also{k}", name, prefix)
    return steps


def _notice(event: dict[str, Any], what: str, name: str, of: str, prefix: str) -> list[Step]:
    args = {"event": event, "change": ref(back_id(of, prefix)), "what": what, "by_mail": True}
    notice = f"{prefix}notice{name}"
    parts = {p: ref(notice, p) for p in ("source", "to", "subject", "body", "calendar")}
    return [
        Step(
            id=notice, op="event.notice", args=args, origins=dict.fromkeys(args, "metadata"),
            needs=(f"{prefix}noted{of}",), purpose="who has to be told",
        ),
        Step(
            id=f"{prefix}tell{name}", op="mail.send", args=parts, when=Ref(ref=notice, path="to"),
            purpose="tell them",
        ),
    ]  # fmt: skip


def staying(effects: Sequence[Effect]) -> str:
    """What is not taken back, a sentence each, in the order it was done."""
    said = []
    for effect in reversed(effects):
        if isinstance(op := operation(effect.operation, effect.arguments), MailSend):
            why = _GO_BY_IT if "METHOD:REPLY" in op.calendar else "it was sent"
            said.append(
                f"The mail {quoted(op.subject)} to {names(op.recipients)} cannot be taken back: {why}."
            )
        else:
            said.append(f"This cannot be taken back ({plain_name(effect.operation)}): it stays as it is.")
    return visible(" ".join(dict.fromkeys(said)), lines=False)
