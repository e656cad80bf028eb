"""What follows from what came in: answers to offers and invitations, and times kept that are over.

Looks at new mail after a sync and makes the runs that it calls for. A run's plan is made from our own
ledger and from which message it was, never from what a message says; the message is read when the run
is carried out, by actions that can do nothing. Each message, and each time kept, is followed once: its
run is named after it. Only a run of which nothing came to be (a budget stopped it, the calendar could not be
written) is followed by another try.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from deskhand.agent.actions.invitations import copy_of
from deskhand.agent.actions.offers import offer_alone, offer_sent, offers_in
from deskhand.agent.availability.agenda import to_answer
from deskhand.agent.model import FINISHED, Effect, Run
from deskhand.agent.planners.goals.following import offer_plan, release_plan, reply_plan, revision_plan
from deskhand.agent.plans.language import Plan, Step
from deskhand.agent.profile import Owner
from deskhand.agent.records.state import Records
from deskhand.agent.values import digest
from deskhand.connectors.archive import Archive
from deskhand.connectors.itip import from_json, message_of, tells_news
from deskhand.connectors.model import Item, ItemRef

_PAGE = 500
REMEMBERED = timedelta(days=400)
"""What was offered or invited to longer ago is not waited for any more."""
TRIES, BETWEEN = 5, timedelta(hours=1)
"""So often a time is given back where that did not work out, and how long lies between two tries at least. So
often an answer is followed where a budget stopped its run, each time once there is more."""
_BASE = re.compile(r"(.+-[0-9a-f]{10})(-\d)?")
"""The name of a run, without that of its try."""
_ASKING = ("event.create", "event.update", "mail.send")


@dataclass(frozen=True, slots=True)
class Following:
    """A run that is called for. `id` names what it follows from, so that it is made once."""

    id: str
    plan: Plan


@dataclass(slots=True)
class _Open:
    """What an answer may come to."""

    offers: dict[str, tuple[Run, Step]] = field(default_factory=dict[str, tuple[Run, Step]])
    """The run and the step that wrote it, by the Message-ID of the mail that took it to somebody."""
    invited: dict[str, Item] = field(default_factory=dict[str, Item])
    """By the Message-ID of the invitation."""
    booked: dict[str, Item] = field(default_factory=dict[str, Item])
    """The owner's meetings with others in them, by UID; also those that another program made."""
    chosen: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Offers of which a time was chosen already: another answer is told, and books nothing."""


def what_follows(
    records: Records, archive: Archive, *, owner: Owner, sender: str | None, now: datetime,
    calendars: Sequence[str] = (), served: Sequence[str] = (), unreadable: Collection[str] = (),
    again: Sequence[Run] = (),
) -> tuple[list[Following], int]:  # fmt: skip
    """The runs that are called for now, and up to where the archive was looked at.

    Whoever has made the runs notes that place (`Records.set_followed`), and not before: what was cut off
    in between is called for again, under the same names.

    :param sender: alias of the source that can send mail; None where there is none.
    :param calendars: aliases of those that can take over what an organizer sends. Mail from before the first
        look is left alone: the calendar program of then has dealt with it.
    :param served: aliases of those whose server does that by itself: only answers are followed there.
    :param unreadable: aliases of sources of which not all can be read: nothing is given back there yet.
    :param again: runs that a budget stopped which has more now; what they followed is looked at anew.
    """
    found = list(_over(records, archive, now=now, unreadable=unreadable))
    last, seen = archive.last_seq(), records.followed()
    mails = dict(_cut_short(again, records, archive))
    if last == seen and not mails:
        return found, last
    waiting = _open(records, archive, owner=owner, calendars=(*calendars, *served), now=now)
    for name, item in mails.items():
        revised = _revised(item, archive, calendars, owner)
        called = revised or _answers(item, waiting, owner=owner, sender=sender, now=now)
        found += [replace(f, id=name) for f in called]
    if last == seen:
        return found, last
    if waiting.offers or waiting.booked or (calendars and seen):
        for item in _new_mail(archive, seen, owner):
            revised = _revised(item, archive, calendars, owner)
            found += revised or _answers(item, waiting, owner=owner, sender=sender, now=now)
    return found, last


def _cut_short(again: Iterable[Run], records: Records, archive: Archive) -> Iterator[tuple[str, Item]]:
    """The next try for each run of which nothing was carried out, and the mail that it followed."""
    for run in again:
        named, read = _BASE.fullmatch(run.id), run.plan.steps[0].args.get("message") if run.plan else None
        if named is None or not isinstance(read, Mapping) or _carried_out(run):
            continue
        begun = records.begun(named[1])
        item = archive.item(ItemRef.parse(str(read["ref"])))
        if begun[-1] == run.id and len(begun) < TRIES and item is not None:
            yield f"{named[1]}-{len(begun) + 1}", item


def _carried_out(run: Run) -> bool:
    """Whether anything of a run happened, or may have."""
    return any(e.state not in ("intended", "failed") for e in run.effects)


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


def _open(
    records: Records, archive: Archive, *, owner: Owner, calendars: Sequence[str], now: datetime
) -> _Open:
    made = _Open()
    for item in archive.events(now, now + REMEMBERED):
        organizer = item.person("organizer")
        others = bool(to_answer(item, me=owner.addresses))
        ours = organizer is not None and organizer.address in owner.addresses
        if ours and others and item.ref.source in calendars and item.data.get("status") != "cancelled":
            uid = str(item.data.get("uid") or item.ref.native)
            if uid not in made.booked or item.label.trust == "user":  # the organizer's own, of several copies
                made.booked[uid] = item
    asked = records.effects(operations=_ASKING, since=now - REMEMBERED)
    done = [e for e in asked if e.state == "done" and e.receipt]
    events = {str(i.ref): i for i in made.booked.values()}
    by_run = {e.run: events[str(_ref(e))] for e in done if str(_ref(e)) in events}
    sent_in = {e.run for e in done if e.operation == "mail.send"}
    offers = {r: records.run(r) for r in records.runs_doing("offer.compose", among=sent_in)}
    for effect in (e for e in done if e.operation == "mail.send" and e.run in by_run.keys() | offers):
        message = archive.item(_ref(effect))
        sent = str(message.data.get("message_id") or "") if message else ""
        run = offers.get(effect.run) if sent else None
        offer = offer_sent(run, effect.step) if run is not None else None
        if run is not None and offer is not None:
            made.offers[sent] = run, offer
        elif sent and effect.run in by_run:
            made.invited[sent] = by_run[effect.run]
    made.chosen = {(r.id, s.id) for r, s in made.offers.values() if _chosen(records, r, s)}
    return made


def _chosen(records: Records, offer: Run, made: Step) -> bool:
    """Whether a time of an offer was chosen, and is booked or waits for the person's yes."""
    for id_ in records.begun(f"answer-{offer.id}-"):
        run = records.run(id_)
        reads = {s.id for s in (run.plan.steps if run and run.plan else ()) if s.op == "offer.answer"}
        read = [s.value for i, s in records.steps(id_).items() if i in reads and isinstance(s.value, dict)]
        chose = any(v.get("chosen") and v.get("of", made.id) == made.id for v in read)
        stopped = run is not None and run.status == "partial" and not _carried_out(run)
        over = run is None or run.status in ("failed", "rejected", "cancelled", "unclear")
        if chose and not over and not stopped:
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
    # It may have come to two mailboxes, and lie in another folder by now: it is the same message.
    once = [str(mail.data.get("message_id") or mail.ref), said.uid]
    name = f"revision-{digest(once)[:10]}"
    return [Following(name, revision_plan(mail, copy))]


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
        if who in to_answer(booked, me=owner.addresses):
            yield Following(f"answer-{once}", reply_plan(mail, booked, owner=owner, sender=sender, now=now))
        return
    run, made = next((waiting.offers[c] for c in reversed(chain) if c in waiting.offers), (None, None))
    if run is not None and made is not None and who in {p["address"].lower() for p in made.args["people"]}:
        name = f"answer-{run.id}-{once}"
        late = (run.id, made.id) in waiting.chosen
        waiting.chosen.add((run.id, made.id))
        alone = offer_alone(run, made)
        yield Following(name, offer_plan(mail, alone, made, owner=owner, sender=sender, now=now, late=late))


def _over(
    records: Records, archive: Archive, *, now: datetime, unreadable: Collection[str]
) -> Iterator[Following]:
    """Times kept that are to be given back: their term is over, or nobody was asked after all."""
    for effect in records.holds():
        if now < _moment(effect.arguments["hold_until"]) and not _given_up(records, effect):
            continue
        found = archive.archived(_ref(effect))
        if found is None or found.removed or effect.source in unreadable:
            continue
        if not found.item.data.get("hold_until"):
            continue  # it was made a meeting
        if name := _next_try(records, f"release-{effect.key[:10]}", now=now):
            yield Following(name, release_plan(effect, found.item.ref))


def _next_try(records: Records, name: str, *, now: datetime) -> str:
    """The name of the run that gives a time back; "" where one did, or is still at it, or it is too soon.

    One that came to nothing (the calendar could not be written then) is begun again, an hour later each time.
    """
    begun = records.begun(name)
    last = records.run(begun[-1]) if begun else None
    if last is None:
        return name
    nothing = last.status in ("failed", "rejected") or (last.status == "partial" and not _carried_out(last))
    if not nothing or len(begun) >= TRIES or now < last.updated + BETWEEN:
        return ""
    return f"{name}-{len(begun) + 1}"


def _given_up(records: Records, hold: Effect) -> bool:
    """Whether what a time was kept for came to nothing: the offer was never sent."""
    run = records.run(hold.run)
    if run is None or run.status not in FINISHED or not offers_in(run):
        return False
    return not any(e.operation == "mail.send" and e.state == "done" for e in run.effects)


def _ref(effect: Effect) -> ItemRef:
    return ItemRef.parse((effect.receipt or {})["ref"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
