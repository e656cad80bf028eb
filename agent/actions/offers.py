"""Times offered to people by mail, and kept in the calendar meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._calendars import when
from deskhand.agent.actions._shapes import Given, Held, Time
from deskhand.agent.model import Brief, Citation, Passage, Run, Section
from deskhand.agent.plans.language import Step
from deskhand.connectors.model import ItemRef, Label

_ASSISTANT = Label("assistant", (), None)


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


def offer_in(run: Run | None) -> Step | None:
    """The step of a run that wrote an offer; None where it made none."""
    steps = run.plan.steps if run and run.plan else ()
    return next((s for s in steps if s.op == "offer.compose"), None)


def holds(context: Context, run: str) -> list[dict[str, str]]:
    """The times that a run keeps for somebody, as it left them: {source, ref, version}."""
    found = []
    for effect in context.records.effects(run=run, operations=("event.create",)):
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
        return Output({"hold": hold}, {"": Label("metadata", (event,), ())})
    found = context.archive.archived(ref)
    if found is None or found.removed:
        return Output({"hold": []}, {"": Label("metadata", (event,), ())})
    became = "changed" if found.item.data.get("hold_until") else "made a meeting"
    said = f"“{found.item.title}” was only kept until now; it was {became} since, so it stays."
    passage = Passage(text=said, cites=(Citation.of(found.item),))
    brief = Brief(title="A time that was kept", sections=(Section(heading="", passages=(passage,)),))
    return Output({"hold": []}, {"": Label("untrusted", (event,), ())}, brief)


def _untouched(context: Context, event: str, version: str) -> bool:
    found = context.archive.archived(ItemRef.parse(event))
    return found is not None and not found.removed and found.item.version == version
