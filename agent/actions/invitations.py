"""Invitations from others: which is meant, and the mail that answers its organizer (RFC 5546, RFC 6047)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer, Output, action
from deskhand.agent.actions._calendars import meant, there, when
from deskhand.agent.actions._people import plain
from deskhand.agent.actions._shapes import (
    MAYBE,
    AnEvent,
    Event,
    Given,
    Handle,
    Instant,
    Invitation,
    Person,
    Received,
)
from deskhand.agent.actions.events import AHEAD
from deskhand.agent.actions.several import called_by_owner, element
from deskhand.agent.availability.agenda import answer as answered
from deskhand.agent.availability.agenda import find_event
from deskhand.agent.endorsers import foreign, selected, worked_out
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.slots import Interval
from deskhand.connectors.archive import Archive
from deskhand.connectors.itip import CalendarMessage, counter, from_json, message_of, reply, stale
from deskhand.connectors.model import Item, ItemRef, Label
from deskhand.connectors.operations import Mailbox

Answer = Literal["accepted", "declined", "tentative"]

_WORDS: dict[str, tuple[str, str]] = {
    "accepted": ("Accepted", "accepts"), "declined": ("Declined", "declines"),
    "tentative": ("Tentative", "may come to"),
}  # fmt: skip
_NOT_NOTED = "Your own calendar cannot note the answer; it still shows the event as it was."
_LOOKED = timedelta(days=60)
"""How old the mail of an invitation may be."""


class Invited(Given):
    """An invitation: an event in the calendar, or the mail that brought it."""

    ref: Handle
    version: str
    source: str
    title: str
    occurrence: Instant | None
    start: Instant
    end: Instant
    all_day: bool = MAYBE
    zone: str = MAYBE
    mine: list[Event]
    received: list[Received]


@action("invitation.find", gives=Invited)
def find(
    context: Context,
    *,
    about: str = "",
    person: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
    at: bool = False,
    template: str = "{}",
) -> Output:
    """The one invitation meant: {ref, version, source, title, occurrence, start, end, mine, received}.

    Looked for among the events somebody else called, then among the mails that invite. `mine` holds the
    event again where it lies in the calendar; where there is only a mail, `received` holds what puts it
    there, {source, ref, version, message, ics, address}, if a connected calendar can take it. Of a series it
    is the whole, unless a time was said. Of several those without an answer count first, else it is a
    question.
    """
    low = start or context.now
    high = (start + timedelta(minutes=1) if start and at else end) or low + AHEAD
    found = [o for o in there(context, low, high) if o.end > context.now and not called_by_owner(context, o)]
    found = [o for o in found if any(p.address in context.owner.addresses for p in o.people)]
    if person:
        called = [
            o for o in found if any(p.role == "organizer" and person in (p.address, p.name) for p in o.people)
        ]
        found = called or [o for o in found if any(person in (p.address, p.name) for p in o.people)]
    if about:
        found = find_event(found, about, when=Interval(low, high) if start else None)
    elif at:
        found = [o for o in found if low <= o.start < high]
    if start is None:
        found = list({o.ref: o for o in reversed(found)}.values())[::-1]
    open_ = [o for o in found if answered(o, context.owner.addresses) in ("", "needs-action")]
    if len(found) > 1 and (len(open_) == 1 or not (about or person or start)):
        found = open_
    if not found:
        return _by_mail(context, about, person)
    if len(found) > 1:
        shown = "; ".join(f"“{o.title}”, {when(context, o.start, o.end)}" for o in found[:5])
        choices = [template.format(meant(context, o.title, o.start)) for o in found[:5]]
        raise NeedsAnswer(f"Which invitation do you mean: {shown}?", choices)
    (one,) = found
    item = context.archive.item(one.ref)
    if item is None:
        raise CannotDo(f"“{one.title}” is not in the archive any more; sync and ask again.")
    value = element(context, one, item)
    value["occurrence"] = value["occurrence"] if start is not None else None
    label = selected((str(one.ref),))
    title = foreign(item)
    return Output(
        value | {"mine": [value], "received": []}, {"": label, "title": title, "mine[0].title": title}
    )


class Reply(Invitation):
    """The mail that answers an invitation."""

    source: str
    to: list[Person]
    answers: Handle | None
    by_mail: bool


@action("invitation.reply", gives=Reply)
def answer_(
    context: Context,
    *,
    invitation: AnEvent,
    answer: Literal["accepted", "declined", "tentative", "another"],
    start: datetime | None = None,
    end: datetime | None = None,
    instead: dict[str, Any] | None = None,
) -> Output:
    """The mail that answers an invitation: {source, to, subject, body, calendar, answers, by_mail}.

    `to` is its organizer, `source` the mailbox of the address that was invited. `by_mail` is false where the
    calendar's server tells the organizer of the answer by itself.
    `another` proposes [start, end) instead (COUNTER); without an end its length stays. `instead`: {start,
    end} of a time that is offered beside the answer, in words.
    :raises CannotDo: nobody is named who could be answered, or the time is in the past.
    """
    ref = ItemRef.parse(invitation["ref"])
    item = context.archive.item(ref, invitation["version"]) or context.archive.item(ref)
    if item is None:
        raise CannotDo("The invitation is not in the archive any more; sync and ask again.")
    one = datetime.fromisoformat(invitation["occurrence"]) if invitation.get("occurrence") else None
    message = _message(item, one)
    me = _invited_as(context, message, ref.source)
    organizer = message.organizer
    if organizer is None or not organizer.address:
        raise CannotDo(f"“{invitation['title']}” does not say who called it, so nobody can be answered.")
    first, last = (datetime.fromisoformat(invitation[n]) for n in ("start", "end"))
    stretch = when(context, first, last)
    told = "" if context.place("event.respond") or ref.kind != "event" else _NOT_NOTED
    if answer == "another":
        if start is None:
            raise CannotDo("It was not said which time to propose.")
        over = end or start + (last - first)
        if start < context.now:
            raise CannotDo(f"{when(context, start, over)} is in the past.")
        ics = counter(message, attendee=me, start=start, end=over, now=context.now)
        subject = f"New time proposed: {invitation['title']}"
        proposed = when(context, start, over)
        lines = [f"{context.owner.name} proposes another time for “{invitation['title']}”.", ""]
        lines += [f"Was: {stretch} ({context.owner.zone})", f"Proposed: {proposed} ({context.owner.zone})"]
    else:
        ics = reply(message, attendee=me, answer=answer, now=context.now)
        past, verb = _WORDS[answer]
        subject = f"{past}: {invitation['title']}"
        lines = [f"{context.owner.name} {verb} “{invitation['title']}”, {stretch} ({context.owner.zone})."]
        if instead:
            offered = when(context, *(datetime.fromisoformat(instead[n]) for n in ("start", "end")))
            lines += ["", f"Possible instead: {offered} ({context.owner.zone}). Would that suit you?"]
    own = ref.kind == "event"
    # In one's own calendar it is known whom to answer, and that is an address: any name can stand beside it.
    to = [{"address": organizer.address}] if own else plain([organizer])
    mailbox = context.mailbox(me.address.lower())
    value = {
        "source": mailbox.alias if mailbox else "", "to": to, "subject": subject,
        "body": "\n".join([*lines, ""]), "calendar": ics, "answers": None if own else str(ref),
        "by_mail": answer == "another" or not own or not context.tells(ref.source),
    }  # fmt: skip
    words = foreign(item)  # it says the meeting's title, place and time again, as its organizer wrote them
    mine = {"": words, "to": selected((str(ref),)) if own else words} | dict.fromkeys(
        ("source", "by_mail"), worked_out()
    )
    coming = answer in ("accepted", "tentative") and not own and not invitation.get("received")
    note = _note(item, told or _where_to(context, message)) if told or coming else None
    return Output(value, mine, note)


def _message(item: Item, one: datetime | None) -> CalendarMessage:
    try:
        if item.ref.kind == "event":
            return message_of(item, occurrence=one)
        return from_json(item.data["itip"])
    except (ValueError, KeyError) as error:
        raise CannotDo(f"The invitation “{item.title}” cannot be read: {error}") from None


def _invited_as(context: Context, message: CalendarMessage, source: str) -> Mailbox:
    """Under which of her addresses the owner was invited: of several, that of the account it came to."""
    mine = [p.address for p in message.attendees if p.address in context.owner.addresses]
    account = next((p.account for p in context.places if p.alias == source), "")
    mine.sort(key=lambda address: address != account)
    return Mailbox(address=mine[0] if mine else context.owner.email, name=context.owner.name)


def _invitations(context: Context) -> list[tuple[Item, CalendarMessage]]:
    """What mail invites to and still lies ahead, each meeting by the newest its organizer said of it."""
    said: dict[tuple[str, str], tuple[Item, CalendarMessage]] = {}
    # All of it: where only some is looked at, "there is none" would not be true.
    for mail in context.archive.find(kinds=["message"], since=context.now - _LOOKED):
        if not mail.data.get("itip") or mail.data.get("sent"):
            continue
        message = from_json(mail.data["itip"])
        # Whoever names another as organizer speaks of a meeting of their own: it replaces nobody's.
        one = message.uid, message.organizer.address if message.organizer else ""
        had = said.get(one)
        if had and stale(message, sequence=had[1].sequence, dtstamp=had[1].dtstamp):
            continue
        sender = mail.person("from")
        withdrawn = message.method == "CANCEL" and sender is not None and sender.address == one[1]
        if withdrawn or message.method == "REQUEST":
            said[one] = (mail, message)
    return [
        (mail, message) for mail, message in said.values()
        if message.method == "REQUEST" and message.start is not None and message.start > context.now
    ]  # fmt: skip


def _by_mail(context: Context, about: str, person: str) -> Output:
    """An invitation of which there is only the mail."""
    found = _invitations(context)
    words = about.casefold().split()
    fits = [
        (mail, message) for mail, message in found
        if (not person or person in _callers(mail, message))
        and all(w in message.summary.casefold() for w in words)
    ]  # fmt: skip
    named = f"“{about}”" if about else "it"
    if not fits:
        whose = f" from {person}" if person else ""
        what = f" {named}" if about else ""
        raise CannotDo(
            f"I found no invitation{what}{whose} that still lies ahead, neither in your calendar nor in your "
            "mail. Sync first (deskhand sync), or name its day."
        )
    if len(fits) > 1:
        shown = "; ".join(f"“{m.summary}”" for _, m in fits[:5])
        raise CannotDo(f"Several invitations fit: {shown}. Name the one you mean.")
    ((mail, message),) = fits
    start = message.start or context.now
    value: dict[str, Any] = {
        "ref": str(mail.ref), "version": mail.version, "source": mail.ref.source, "title": message.summary,
        "occurrence": None, "start": start.isoformat(), "end": (message.end or start).isoformat(), "mine": [],
        "received": received(context, mail, message),
    }  # fmt: skip
    which = dict.fromkeys(("ref", "version", "source"), selected((str(mail.ref),)))
    return Output(value, {"": foreign(mail), **which} | checked(mail))


def received(context: Context, mail: Item, message: CalendarMessage) -> list[dict[str, Any]]:
    """What puts a meeting's message into the owner's calendar; [] where nothing can or may."""
    place = context.place("event.receive")
    ics = str(mail.data.get("calendar") or "")
    if place is None or not ics or message.organizer is None:
        return []
    copy = copy_of(context.archive, [p.alias for p in context.places], message.uid)
    called = copy.person("organizer") if copy else message.organizer
    if called is None or called.address != message.organizer.address:
        return []
    if called.address in context.owner.addresses:
        return []
    ref = copy.ref if copy else ItemRef(place.alias, "event", message.uid)
    return [
        {
            "source": ref.source, "ref": str(ref), "version": copy.version if copy else "",
            "message": str(mail.ref), "ics": ics,
            "address": _invited_as(context, message, mail.ref.source).address,
        }
    ]  # fmt: skip


def copy_of(archive: Archive, sources: Iterable[str], uid: str) -> Item | None:
    """The event of this UID in one of the owner's own calendars."""
    for alias in sources:
        found = archive.archived(ItemRef(alias, "event", uid))
        if found is not None and not found.removed and not found.item.data.get("owner"):
            return found.item
    return None


def checked(mail: Item) -> dict[str, Label]:
    """Labels of the parts of `received` that are no stranger's words.

    Which event it is was looked up, and is the organizer's own by the check in `received`; the rest is ours.
    """
    own = selected((str(mail.ref),))
    return {f"received[0].{n}": own for n in ("source", "ref", "version", "message", "address")}


def _callers(mail: Item, message: CalendarMessage) -> set[str]:
    people = [p for p in mail.people if p.role == "from"] + ([message.organizer] if message.organizer else [])
    return {name for p in people for name in (p.address, p.name)}


def _where_to(context: Context, message: CalendarMessage) -> str:
    """How a meeting that lies in the mail alone comes into the owner's calendar, or why it does not."""
    if context.place("event.receive"):
        return (
            "The invitation lies only in your mail, not in a connected calendar: put it there from the mail."
        )
    own = next((p for p in context.places if "event.create" in p.operations and not p.owner), None)
    if own is None:
        return "The invitation lies only in your mail, and no calendar is connected that could hold it."
    who = message.organizer.address if message.organizer else "its organizer"
    to = f" {own.account}" if own.account else " the address of that account"
    length = ""
    if message.start and message.end and context.owner.zone:
        zone = ZoneInfo(context.owner.zone)
        start, end = (moment.astimezone(zone) for moment in (message.start, message.end))
        if start.date() == end.date() and start < end:
            length = f", or keep the time free: block {start:%Y-%m-%d} from {start:%H:%M} to {end:%H:%M}"
    return (
        f"The invitation is in none of your calendars: {own.alias} takes no meeting that somebody else "
        f"called and that did not come to its own account. Ask {who} to invite{to}{length}."
    )


def _note(item: Item, text: str) -> Brief:
    passage = Passage(text=text, cites=(Citation.of(item),))
    return Brief(title=item.title, sections=(Section(heading="", passages=(passage,)),))
