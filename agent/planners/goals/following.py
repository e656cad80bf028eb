"""The plans of what follows from a mail. They are made from the ledger and from which message it was, and
hold no word of the message: actions that can do nothing read it when the plan is carried out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from deskhand.agent.availability.agenda import guests
from deskhand.agent.availability.rooms import asked_by_mail
from deskhand.agent.model import Effect, Run
from deskhand.agent.planners.goals.offering import KEPT
from deskhand.agent.planners.steps import inviting, ref, telling
from deskhand.agent.plans.language import Plan, Ref, Step
from deskhand.agent.profile import Owner
from deskhand.connectors.model import Item, ItemRef, Trust

LATER = timedelta(days=7)
"""How far after the day of a meeting that somebody declined another time is looked for."""


def offer_plan(
    mail: Item, run: Run, made: Step, *, owner: Owner, sender: str | None, now: datetime, late: bool = False
) -> Plan:
    """Book what was chosen of an offer, or offer other times. `late`: a time was chosen before, so it is
    only told."""
    plan = run.plan
    steps = {s.id: s for s in plan.steps} if plan else {}
    title, people = made.args["title"], made.args["people"]
    whose = {"title": made.origins.get("title", "user"), "attendees": made.origins.get("people", "user")}
    calendar = next(s for s in steps.values() if s.op == "event.create").args["source"]
    message = {"ref": str(mail.ref), "version": mail.version}
    event: dict[str, Any] = {
        "source": calendar, "title": title, "start": ref("answer", "chosen[0].start"),
        "end": ref("answer", "chosen[0].end"), "zone": owner.zone, "attendees": people,
    }  # fmt: skip
    room = bool("slots" in steps and steps["slots"].args.get("room"))
    if room:
        event |= {n: ref("answer", f"chosen[0].{n}") for n in ("location", "rooms")}
    plain: dict[str, Trust] = {"source": "assistant", "zone": "assistant"}
    new = [
        Step(
            id="answer", op="offer.answer", args={"offer": run.id, "message": message, "late": late},
            origins={"offer": "assistant", "message": "metadata", "late": "assistant"},
            purpose="read the answer",
        ),
        Step(
            id="event", op="event.create", args=event, offers=Ref(ref="answer", path="others"),
            when=Ref(ref="answer", path="chosen"), origins={**plain, **whose}, purpose="book it",
        ),
    ]  # fmt: skip
    if sender:
        asks = room and any(asked_by_mail(r) for r in owner.rooms)
        new += inviting(sender, people, whose["attendees"], room=asks)
    kept = [s for s in steps.values() if s.args.get("hold_until")]
    for n in range(len(kept)):
        for name, needs in ((f"holds[{n}]", ("event",)), (f"dropped[{n}]", ())):
            args = {part: ref("answer", f"{name}.{part}") for part in ("source", "ref", "version")}
            new.append(
                Step(
                    id=f"{'release' if needs else 'drop'}{n}", op="event.cancel", args=args, needs=needs,
                    when=Ref(ref="answer", path=name), purpose="give the time back that was kept",
                )
            )  # fmt: skip
    if sender and "slots" in steps:
        new += _other_times(steps, kept, mail, title, people, whose, sender, now)
    said = f"follow the answer to the offer of {run.id}"
    return Plan(
        request=said, objective=f"Book what was chosen for “{title}”, or offer other times.", steps=tuple(new)
    )


def _other_times(
    steps: Mapping[str, Step], kept: Sequence[Step], mail: Item, title: str, people: Any,
    whose: Mapping[str, Trust], sender: str, now: datetime,
) -> list[Step]:  # fmt: skip
    """Offer the next times to somebody who can make none of those before, and keep them as well."""
    find = {k: v for k, v in steps["slots"].args.items() if k not in ("tell", "template", "at")}
    if "end" in find:
        end = max(datetime.fromisoformat(find["end"]), now) + LATER
        find |= {"start": now.isoformat(), "end": end.isoformat()}
    none = Ref(ref="answer", path="none")
    parts = {n: ref("offer", n) for n in ("subject", "body")}
    until = (now + KEPT).isoformat()
    keep = [
        hold.model_copy(update={"args": hold.args | {"hold_until": until}, "needs": ("slots",)})
        for hold in kept
    ]
    return [
        Step(
            id="slots", op="slots.find", args={**find, "avoid": ref("answer", "offered")}, when=none,
            origins=dict(steps["slots"].origins), purpose="find other times",
        ),
        *keep,
        Step(
            id="offer", op="offer.compose",
            args={"people": people, "title": title, "slots": ref("slots", "slots"), "again": True},
            origins={"people": whose["attendees"], "title": whose["title"], "again": "assistant"},
            purpose="write the offer",
        ),
        Step(
            id="ask", op="mail.send",
            args={"source": sender, "to": people, "answers": str(mail.ref), **parts},
            origins={"source": "assistant", "to": whose["attendees"], "answers": "metadata"},
            purpose="offer other times",
        ),
    ]  # fmt: skip


def reply_plan(mail: Item, booked: Item, *, owner: Owner, sender: str | None, now: datetime) -> Plan:
    """Note what somebody answered to an invitation, and look for another time where they cannot come."""
    item = booked
    people = guests(item, me=owner.addresses)
    asked = {p.address for p in item.people if p.role == "resource"}
    rooms = [r for r in owner.rooms if r.address in asked]
    message = {"ref": str(mail.ref), "version": mail.version}
    source = item.ref.source
    args = {"event": str(item.ref), "version": item.version, "message": message}
    steps = [
        Step(
            id="reply", op="event.reply", args=args, origins=dict.fromkeys(args, "metadata"),
            purpose="read the answer",
        ),
        Step(
            id="record", op="event.answered", when=Ref(ref="reply", path="answer"),
            args={"source": source, **{n: ref("reply", f"answer.{n}") for n in _ANSWER}},
            origins={"source": "assistant"}, purpose="note it in the calendar",
        ),
    ]  # fmt: skip
    if item.start is not None and item.end is not None and not item.data.get("rrule"):
        minutes = max(1, round((item.end - item.start) / timedelta(minutes=1)))
        find = {
            "people": people, "minutes": minutes, "start": now.isoformat(),
            "end": (max(item.end, now) + LATER).isoformat(), "avoid": ref("reply", "taken"),
        }  # fmt: skip
        if rooms:
            find["room"] = rooms[0].name
        steps.append(
            Step(
                id="slots",
                op="slots.find",
                args=find,
                when=Ref(ref="reply", path="declined"),
                origins=dict.fromkeys((find.keys() - {"avoid"}), "metadata"),
                purpose="find another time",
            )
        )
        steps += _moving(
            "moved", source, ref("slots", "slots[0].start"), ref("slots", "slots[0].end"), sender
        )
        steps[-3 if sender else -2] = steps[-3 if sender else -2].model_copy(
            update={"offers": Ref(ref="slots", path="offers")}
        )
        if rooms:
            steps += _elsewhere(source, sender)
    start, end = ref("reply", "counter[0].start"), ref("reply", "counter[0].end")
    steps += _moving("counter", source, start, end, sender, when=Ref(ref="reply", path="moves"))
    # The title is a stranger's where the meeting is: it is told by the action that reads, not here.
    return Plan(
        request="follow the answer to an invitation",
        objective="Note an answer to an invitation; where somebody declines, propose another time.",
        steps=tuple(steps),
    )


def _elsewhere(source: str, sender: str | None) -> list[Step]:
    """Another room for the meeting, or another time, where its room declined."""
    find = Step(
        id="instead", op="room.instead",
        args={"event": ref("reply", "event"), "rooms": ref("reply", "no_room")},
        when=Ref(ref="reply", path="no_room"), purpose="find another room",
    )  # fmt: skip
    start, end = ref("instead", "slots[0].start"), ref("instead", "slots[0].end")
    move, *tell = _moving("rehoused", source, start, end, sender)
    where = {n: ref("instead", f"slots[0].{n}") for n in ("location", "rooms")}
    told = {"offers": Ref(ref="instead", path="offers"), "notes": Ref(ref="instead", path="notes")}
    return [find, move.model_copy(update={"args": move.args | where, **told}), *tell]


_ANSWER = ("ref", "version", "address", "status", "comment", "sequence", "at", "occurrence")


def _moving(
    id_: str, source: str, start: object, end: object, sender: str | None, when: Ref | None = None
) -> list[Step]:
    """Move the meeting, and tell those in it."""
    args = {
        "source": source, "ref": ref("reply", "event.ref"), "version": ref("record", "version"),
        "occurrence": ref("reply", "event.occurrence"), "start": start, "end": end,
    }  # fmt: skip
    notes = Ref(ref="reply", path="notes") if when is not None else None
    step = Step(
        id=id_, op="event.update", args=args, when=when, notes=notes, origins={"source": "assistant"},
        purpose="move it",
    )  # fmt: skip
    return [step, *telling(sender, event=ref("reply", "event"), change=id_, what="moved", suffix=f"_{id_}")]


def revision_plan(mail: Item, copy: Item) -> Plan:
    """Put what an organizer sent later to the person, and take it over after a yes."""
    args = {"event": str(copy.ref), "message": {"ref": str(mail.ref), "version": mail.version}}
    parts = ("source", "ref", "version", "message", "ics", "address")
    steps = (
        Step(
            id="revision", op="invitation.revision", args=args, origins=dict.fromkeys(args, "metadata"),
            purpose="read what the organizer sent",
        ),
        Step(
            id="take", op="event.receive", when=Ref(ref="revision", path="received"),
            args={n: ref("revision", f"received[0].{n}") for n in parts},
            notes=Ref(ref="revision", path="notes"), purpose="take it over into the calendar",
        ),
    )  # fmt: skip
    request = "follow what the organizer of a meeting in your calendar sent"
    objective = "Take over what its organizer changed in a meeting, after a yes."
    return Plan(request=request, objective=objective, steps=steps)


def release_plan(hold: Effect, event: ItemRef) -> Plan:
    """Take a time out of the calendar that was only kept, if it is as it was left."""
    args = {"event": str(event), "version": (hold.receipt or {})["version"]}
    steps = (
        Step(
            id="held", op="event.held", args=args, origins=dict.fromkeys(args, "metadata"),
            purpose="see whether it is still only kept",
        ),
        Step(
            id="release", op="event.cancel", when=Ref(ref="held", path="hold"),
            args={n: ref("held", f"hold[0].{n}") for n in ("source", "ref", "version")},
            purpose="give the time back",
        ),
    )  # fmt: skip
    request = f"give back the time that {hold.run} kept"
    objective = "Take a time out of the calendar that was only kept until now."
    return Plan(request=request, objective=objective, steps=steps)
