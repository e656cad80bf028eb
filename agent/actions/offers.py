"""Times offered to people by mail, and kept in the calendar meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._calendars import when
from deskhand.agent.actions._shapes import Given, Held, Time
from deskhand.agent.endorsers import selected, worked_out
from deskhand.agent.model import Brief, Citation, Passage, Run, Section
from deskhand.agent.plans.language import Step
from deskhand.agent.plans.references import behind, references
from deskhand.connectors.model import Item, ItemRef, Label

_ASSISTANT = worked_out()


class Offer(Given):
    """The mail that offers times."""

    subject: str
    body: str
    times: list[Time]


@action("offer.compose", gives=Offer)
def compose(
    context: Context,
    *,
    people: list[dict[str, Any]],
    slots: list[dict[str, Any]],
    title: str,
    most: int = 3,
    again: bool = False,
) -> Output:
    """The mail that offers times: {subject, body, times}. `again`: the times before did not suit.

    Each of `times` is {start, end}, with the `location` and `rooms` where a room was looked for.
    """
    if not slots:
        raise CannotDo("There is no time to offer.")
    told = ("start", "end", "location", "rooms")
    times = [{n: s[n] for n in told if n in s} for s in slots[:most]]
    first, last = (datetime.fromisoformat(times[0][edge]) for edge in ("start", "end"))
    minutes = round((last - first).total_seconds() / 60)
    called = [name for p in people if (name := str(p.get("name") or ""))]
    hello = " ".join(filter(None, ("Hello", ", ".join(called[:-2]), " and ".join(called[-2:]))))
    shown = [
        when(context, datetime.fromisoformat(t["start"]), datetime.fromisoformat(t["end"])) for t in times
    ]
    other = "other " if again else ""
    if len(times) == 1:
        asked, how, listed = f"Would this {other}time suit you", "Just say yes, or what", shown
    else:
        asked, how = f"Would one of these {other}times suit you", "Just answer with the number, or say what"
        listed = [f"{n}. {text}" for n, text in enumerate(shown, 1)]
    thanks = "Thank you for telling me. " if again else ""
    lines = [
        f"{hello},", "", f"{thanks}{asked} for “{title}” ({minutes} minutes)?", "", *listed, "",
        f"Times are those of {context.owner.zone}. {how} would suit you better.", "",
        context.owner.name or context.owner.email, "",
    ]  # fmt: skip
    subject = f"Times for “{title}”"
    return Output({"subject": subject, "body": "\n".join(lines), "times": times}, {"": _ASSISTANT})


def offers_in(run: Run | None) -> list[Step]:
    """The steps of a run that wrote offers, in the order of its plan."""
    return [s for s in (run.plan.steps if run and run.plan else ()) if s.op == "offer.compose"]


def offer_sent(run: Run, step: str) -> Step | None:
    """The step that wrote the offer which a mail of this run (that of `step`) took to somebody."""
    mail = next((s for s in run.plan.steps if s.id == step), None) if run.plan else None
    looked_at = {r.ref for r in references(mail.args)} if mail is not None else set[str]()
    return next((o for o in offers_in(run) if o.id in looked_at), None)


def offer_answered(context: Context, run: Run, mail: Item) -> Step | None:
    """The step that wrote the offer which a mail answers; of a run that made one, that."""
    made = offers_in(run)
    chain = [str(r) for r in mail.data.get("references") or ()]
    sent = [e for e in run.effects if e.operation == "mail.send" and e.state == "done" and e.receipt]
    for effect in sent if len(made) > 1 else ():
        message = context.archive.item(ItemRef.parse((effect.receipt or {})["ref"]))
        if message is not None and str(message.data.get("message_id") or "") in chain:
            return offer_sent(run, effect.step)
    return made[0] if len(made) == 1 else None


def offer_alone(run: Run, made: Step) -> Run:
    """The run as if it had made this offer alone: its plan without the steps that belong to others, and the
    one that looks for the times called "slots" (as `planners.following` knows it)."""
    others = [o for o in offers_in(run) if o.id != made.id]
    if run.plan is None or not others:
        return run
    by_id = {s.id: s for s in run.plan.steps}
    mine, theirs = behind(made, by_id) | {made.id}, {o.id for o in others}
    for other in others:
        theirs |= behind(other, by_id) - mine
    steps = [s for s in run.plan.steps if s.id not in theirs and not (behind(s, by_id) - mine) & theirs]
    finds = next((s.id for s in steps if s.op == "slots.find"), "slots")
    plain = [_renamed(s.model_dump(mode="json"), finds, "slots") for s in steps]
    plan = run.plan.model_copy(update={"steps": tuple(Step.model_validate(s) for s in plain)})
    return run.model_copy(update={"plan": plan})


def _renamed(value: Any, old: str, new: str) -> Any:
    """A step as plain JSON with another name of a step in it, wherever that is named."""
    if isinstance(value, list):
        return [_renamed(v, old, new) for v in value]
    if not isinstance(value, dict):
        return value
    made = {n: _renamed(v, old, new) for n, v in value.items()}
    for n in made.keys() & {"id", "ref", "otherwise"}:
        made[n] = new if made[n] == old else made[n]
    for n in made.keys() & {"needs", "after"}:
        made[n] = [new if v == old else v for v in made[n]] if isinstance(made[n], list) else made[n]
    return made


def holds(context: Context, run: Run, made: Step) -> list[dict[str, str]]:
    """The times that a run keeps for those to whom `made` offers them, as it left them: {source, ref,
    version}."""
    alone = offer_alone(run, made).plan
    mine = {s.id for s in alone.steps} if alone else set[str]()
    found = []
    for effect in context.records.effects(run=run.id, operations=("event.create",)):
        if effect.step not in mine:
            continue
        if effect.arguments.get("hold_until") and effect.state == "done" and effect.receipt:
            ref, version = effect.receipt["ref"], effect.receipt["version"]
            if _untouched(context, ref, version):
                found.append({"source": effect.source, "ref": ref, "version": version})
    return found


class Holds(Given):
    """A time that is still kept: one, or none."""

    hold: list[Held]


@action("event.held", gives=Holds)
def held(context: Context, *, event: str, version: str) -> Output:
    """Whether an event is still no more than a time kept for somebody: {hold: [{source, ref, version}]}.

    What the person made something of meanwhile (another title, another time) stays, and that is told.
    """
    ref = ItemRef.parse(event)
    if _untouched(context, event, version):
        hold = [{"source": ref.source, "ref": event, "version": version}]
        return Output({"hold": hold}, {"": selected((event,))})
    found = context.archive.archived(ref)
    if found is None or found.removed:
        return Output({"hold": []}, {"": selected((event,))})
    became = "changed" if found.item.data.get("hold_until") else "made a meeting"
    said = f"“{found.item.title}” was only kept until now; it was {became} since, so it stays."
    passage = Passage(text=said, cites=(Citation.of(found.item),))
    brief = Brief(title="A time that was kept", sections=(Section(heading="", passages=(passage,)),))
    return Output({"hold": []}, {"": Label("untrusted", (event,), ())}, brief)


def _untouched(context: Context, event: str, version: str) -> bool:
    found = context.archive.archived(ItemRef.parse(event))
    return found is not None and not found.removed and found.item.version == version
