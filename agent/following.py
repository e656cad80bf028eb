"""What follows from what came in: answers to offers and invitations, and times kept that are over.

Looks at new mail after a sync and makes the runs that it calls for. A run's plan is made from our own
ledger and from which message it was, never from what a message says; the message is read when the run
is carried out, by actions that can do nothing. Each message, and each time kept, is followed once: its
run is named after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deskhand.agent.actions.invitations import copy_of
from deskhand.agent.model import FINISHED, Effect, Plan, Ref, Run, Step, digest
from deskhand.agent.planners.offering import KEPT
from deskhand.agent.planners.steps import ref, telling
from deskhand.agent.profile import Owner
from deskhand.agent.state import Records
from deskhand.connectors.archive import Archive
from deskhand.connectors.itip import from_json, message_of, tells_news
from deskhand.connectors.model import Item, ItemRef, Trust

LATER = timedelta(days=7)
"""How far after the day of a meeting that somebody declined another time is looked for."""

_PAGE = 500
_REMEMBERED = timedelta(days=400)
"""What was offered or invited to longer ago is not waited for any more."""
_ASKING = ("event.create", "event.update", "mail.send")


@dataclass(frozen=True, slots=True)
class Following:
    """A run that is called for. `id` names what it follows from, so that it is made once."""

    id: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class _Booked:
    """A meeting of ours with others in it, as it stands."""

    item: Item
    run: str


@dataclass(slots=True)
class _Open:
    """What an answer may come to."""

    offers: dict[str, Run] = field(default_factory=dict[str, Run])
    """By the Message-ID of the mail that made it."""
    invited: dict[str, _Booked] = field(default_factory=dict[str, _Booked])
    """By the Message-ID of the invitation."""
    booked: dict[str, _Booked] = field(default_factory=dict[str, _Booked])
    """By UID."""
    chosen: set[str] = field(default_factory=set[str])
    """Offers of which a time was chosen already: another answer is told, and books nothing."""


def what_follows(
    records: Records, archive: Archive, *, owner: Owner, sender: str | None, now: datetime,
    calendars: Sequence[str] = (),
) -> tuple[list[Following], int]:  # fmt: skip
    """The runs that are called for now, and up to where the archive was looked at.

    Whoever has made the runs notes that place (`Records.set_followed`), and not before: what was cut off
    in between is called for again, under the same names.

    :param sender: alias of the source that can send mail; None where there is none.
    :param calendars: aliases of those that can take over what an organizer sends. Mail from before the first
        look is left alone: the calendar program of then has dealt with it.
    """
    found = list(_over(records, archive, now=now))
    last, seen = archive.last_seq(), records.followed()
    if last == seen:
        return found, last
    waiting = _open(records, archive, now=now)
    if waiting.offers or waiting.booked or (calendars and seen):
        for item in _new_mail(archive, seen, owner):
            revised = _revised(item, archive, calendars, owner)
            found += revised or _answers(item, waiting, owner=owner, sender=sender, now=now)
    return found, last


def _new_mail(archive: Archive, seen: int, owner: Owner) -> Iterator[Item]:
    while page := archive.changed_since(seen, limit=_PAGE):
        seen = page[-1].seq
        for one in page:
            sender = one.item.person("from")
            mine = sender is not None and sender.address in owner.addresses
            if (
                one.item.ref.kind == "message"
                and not one.removed
                and not mine
                and "draft" not in one.item.flags
            ):
                yield one.item


def _open(records: Records, archive: Archive, *, now: datetime) -> _Open:
    made = _Open()
    since = now - _REMEMBERED
    done = [e for e in records.effects(operations=_ASKING, since=since) if e.state == "done" and e.receipt]
    for effect in (e for e in done if e.operation.startswith("event.")):
        found = archive.archived(_ref(effect))
        if found is None or found.removed or not _goes_on(found.item, now):
            continue
        invited = any(p.role == "attendee" for p in found.item.people)
        if invited and found.item.data.get("status") != "cancelled":
            uid = str(found.item.data.get("uid") or found.item.ref.native)
            made.booked[uid] = _Booked(found.item, effect.run)
    by_run = {b.run: b for b in made.booked.values()}
    offers = records.runs_with("offer")
    for effect in (e for e in done if e.operation == "mail.send" and e.run in by_run.keys() | offers):
        message = archive.item(_ref(effect))
        sent = str(message.data.get("message_id") or "") if message else ""
        run = records.run(effect.run) if sent and effect.step == "ask" else None
        if run is not None and _offer(run) is not None:
            made.offers[sent] = run
        elif sent and effect.run in by_run:
            made.invited[sent] = by_run[effect.run]
    made.chosen = {r.id for r in made.offers.values() if _chosen(records, r)}
    return made


def _chosen(records: Records, offer: Run) -> bool:
    """Whether a time of an offer was chosen, and is booked or waits for the person's yes."""
    for id_ in records.begun(f"answer-{offer.id}-"):
        run, answer = records.run(id_), records.steps(id_).get("answer")
        chose = answer is not None and isinstance(answer.value, dict) and answer.value.get("chosen")
        if chose and run is not None and run.status not in ("failed", "cancelled", "unclear"):
            return True
    return False


def _revised(mail: Item, archive: Archive, calendars: Sequence[str], owner: Owner) -> list[Following]:
    """The run in which a later message of an organizer is put to the person.

    None for what comes from anybody else, is older than the copy, or says nothing new.
    """
    if not mail.data.get("calendar"):
        return []
    said = from_json(mail.data["itip"])
    copy = copy_of(archive, calendars, said.uid)
    organizer, sender = (copy.person("organizer") if copy else None), mail.person("from")
    if copy is None or organizer is None or organizer.address in owner.addresses or sender is None:
        return []
    called = said.organizer.address if said.organizer else ""
    if (
        not called
        or not sender.address == called == organizer.address
        or not tells_news(said, message_of(copy))
    ):
        return []
    name = f"revision-{digest([str(mail.ref), mail.version])[:10]}"
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
    return [Following(name, Plan(request=request, objective=objective, steps=steps))]


def _answers(
    mail: Item, waiting: _Open, *, owner: Owner, sender: str | None, now: datetime
) -> Iterable[Following]:
    """The run that an incoming message calls for, if it answers something that is open."""
    person = mail.person("from")
    who = person.address if person else ""
    itip: Mapping[str, Any] = mail.data.get("itip") or {}
    chain = [str(r) for r in mail.data.get("references") or ()]
    if mail.data.get("auto") and not itip:
        return  # a machine said it: "I am away until Monday" answers nothing
    # Filed into another folder, or seen in two, it is the same message.
    once = digest([str(mail.data.get("message_id") or mail.ref), who])[:10]
    booked = waiting.booked.get(str(itip.get("uid") or ""))
    booked = booked or next((waiting.invited[c] for c in reversed(chain) if c in waiting.invited), None)
    if booked is not None:
        if who and any(p.address == who and p.role == "attendee" for p in booked.item.people):
            yield Following(f"answer-{once}", _reply_plan(mail, booked, owner=owner, sender=sender, now=now))
        return
    run = next((waiting.offers[c] for c in reversed(chain) if c in waiting.offers), None)
    made = _offer(run) if run is not None else None
    if run is not None and made is not None and who in {p["address"].lower() for p in made.args["people"]}:
        name = f"answer-{run.id}-{once}"
        late = run.id in waiting.chosen
        waiting.chosen.add(run.id)
        yield Following(name, _offer_plan(mail, run, made, owner=owner, sender=sender, now=now, late=late))


# The plans


def _offer_plan(
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
        parts = {n: ref("invitation", n) for n in ("subject", "body", "calendar")}
        new += [
            Step(
                id="invitation", op="event.invitation", args={"event": ref("event")},
                purpose="write the invitation",
            ),
            Step(
                id="invite", op="mail.send", args={"source": sender, "to": people, **parts},
                origins={"source": "assistant", "to": whose["attendees"]}, purpose="invite them",
            ),
        ]  # fmt: skip
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
        find |= {"start": now.isoformat(), "end": (max(_moment(find["end"]), now) + LATER).isoformat()}
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


def _reply_plan(mail: Item, booked: _Booked, *, owner: Owner, sender: str | None, now: datetime) -> Plan:
    """Note what somebody answered to an invitation, and look for another time where they cannot come."""
    item = booked.item
    people = [p.address for p in item.people if p.role == "attendee" and p.address not in owner.addresses]
    message = {"ref": str(mail.ref), "version": mail.version}
    source = item.ref.source
    args = {"event": str(item.ref), "message": message}
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
        steps.append(
            Step(
                id="slots",
                op="slots.find",
                args=find,
                when=Ref(ref="reply", path="declined"),
                origins=dict.fromkeys(("people", "minutes", "start", "end"), "metadata"),
                purpose="find another time",
            )
        )
        steps += _moving(
            "moved", source, ref("slots", "slots[0].start"), ref("slots", "slots[0].end"), sender
        )
        steps[-3 if sender else -2] = steps[-3 if sender else -2].model_copy(
            update={"offers": Ref(ref="slots", path="offers")}
        )
        start, end = ref("reply", "counter[0].start"), ref("reply", "counter[0].end")
        steps += _moving("counter", source, start, end, sender, when=Ref(ref="reply", path="counter"))
    # The title is a stranger's where the meeting is: it is told by the action that reads, not here.
    return Plan(
        request=f"follow the answer to the invitation of {booked.run}",
        objective="Note an answer to an invitation; where somebody declines, propose another time.",
        steps=tuple(steps),
    )


_ANSWER = ("ref", "version", "address", "status", "comment", "sequence", "at", "occurrence")


def _moving(
    id_: str, source: str, start: object, end: object, sender: str | None, when: Ref | None = None
) -> list[Step]:
    """Move the meeting, and tell those in it."""
    args = {
        "source": source, "ref": ref("reply", "event.ref"), "version": ref("record", "version"),
        "start": start, "end": end,
    }  # fmt: skip
    notes = Ref(ref="reply", path="notes") if when is not None else None
    step = Step(
        id=id_, op="event.update", args=args, when=when, notes=notes, origins={"source": "assistant"},
        purpose="move it",
    )  # fmt: skip
    return [step, *telling(sender, event=ref("reply", "event"), change=id_, what="moved", suffix=f"_{id_}")]


# Times kept


def _over(records: Records, archive: Archive, *, now: datetime) -> Iterator[Following]:
    """Times kept that are to be given back: their term is over, or nobody was asked after all."""
    for effect in records.holds():
        if now < _moment(effect.arguments["hold_until"]) and not _given_up(records, effect):
            continue
        name = f"release-{effect.key[:10]}"
        found = archive.archived(_ref(effect))
        if found is None or found.removed or records.run(name) is not None:
            continue
        if not found.item.data.get("hold_until"):
            continue  # it was made a meeting
        args = {"event": str(found.item.ref), "version": (effect.receipt or {})["version"]}
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
        request = f"give back the time that {effect.run} kept"
        objective = "Take a time out of the calendar that was only kept until now."
        yield Following(name, Plan(request=request, objective=objective, steps=steps))


def _given_up(records: Records, hold: Effect) -> bool:
    """Whether what a time was kept for came to nothing: the offer was never sent."""
    run = records.run(hold.run)
    if run is None or run.status not in FINISHED or _offer(run) is None:
        return False
    return not any(e.operation == "mail.send" and e.state == "done" for e in run.effects)


def _offer(run: Run) -> Step | None:
    """The step of a run that wrote an offer."""
    steps: Sequence[Step] = run.plan.steps if run.plan else ()
    return next((s for s in steps if s.op == "offer.compose"), None)


def _goes_on(item: Item, now: datetime) -> bool:
    return item.start is not None and (item.until is None or item.until > now)


def _ref(effect: Effect) -> ItemRef:
    return ItemRef.parse((effect.receipt or {})["ref"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
