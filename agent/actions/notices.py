"""What those invited to an event, and the rooms asked for, are told about it by mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._calendars import there
from deskhand.agent.actions._people import plain
from deskhand.agent.actions._shapes import AnItem, Has, Invitation, Person
from deskhand.agent.actions._told import (
    changed,
    from_then_on,
    invited,
    of_another_end,
    put_back,
    renamed,
    shifted,
    uninvited,
)
from deskhand.agent.actions.ending import rule_end
from deskhand.agent.actions.events import AHEAD
from deskhand.agent.endorsers import retold, selected, worked_out
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.profile import Place
from deskhand.connectors.itip import invitation
from deskhand.connectors.model import Item, ItemRef, Participant, join
from deskhand.connectors.operations import Mailbox


class Inviting(Invitation):
    """The mail that invites to an event."""

    source: str
    to: list[Person]
    rooms: list[Person]
    by_mail: bool


class Notice(Invitation):
    """The mail that tells of a change."""

    source: str
    to: list[Person]


@action("event.invitation", gives=Inviting)
def invite(
    context: Context, *, event: AnItem, occurrence: datetime | None = None, people: Sequence[Mailbox] = ()
) -> Output:
    """The mail that invites to an event that was booked (RFC 6047): {source, subject, body, calendar, to,
    rooms, by_mail}.

    `occurrence`: to that one of a series only. `people`: those who were added to it. `by_mail` is false where
    the calendar's server has invited them, and asked for the rooms, by itself; `to` is nobody then, and else
    `people`.

    `source` is the mailbox it goes from, `rooms` are those that it asks for, as mailboxes. All is empty where
    nobody is in it and no room is asked.
    """
    item = context.archive.item(ItemRef.parse(event["ref"]))
    if item is None or item.start is None or item.end is None:
        raise CannotDo("The event that was booked cannot be read back.")
    if not _invited(context, item):
        nothing = {
            "source": "", "subject": "", "body": "", "calendar": "", "to": [], "rooms": [], "by_mail": False,
        }  # fmt: skip
        return Output(nothing, {"": worked_out((str(item.ref),))})
    data = item.data
    start, end = _new_time(context, item, occurrence) or (item.start, item.end)
    subject, body = invited(
        context, item.title, start, end,
        rrule="" if occurrence else str(data.get("rrule") or ""), place=str(data.get("location") or ""),
        exdates=[datetime.fromisoformat(one) for one in data.get("exdates") or () if not occurrence],
    )  # fmt: skip
    try:
        calendar = invitation(item, "REQUEST", occurrence=occurrence)
    except ValueError as error:
        raise CannotDo(f"The invitation cannot be written: {error}") from None
    mailbox, tells = _mailbox(context, item), context.tells(item.ref.source)
    value = {
        "source": mailbox.alias if mailbox else "", "subject": subject, "body": body, "calendar": calendar,
        "to": [] if tells else plain(people), "rooms": [] if tells else plain(_rooms(item)),
        "by_mail": not tells,
    }  # fmt: skip
    mine = {
        "": retold(item), "rooms": selected((str(item.ref),)), "source": worked_out(),
        "by_mail": worked_out(),
    }  # fmt: skip
    names = ", ".join(p.name or p.address for p in _invited(context, item))
    return Output(value, mine, _told(item, f"Its calendar has told {names} by itself.") if tells else None)


@action("event.notice", gives=Notice)
def notice(
    context: Context,
    *,
    event: Annotated[dict[str, Any], Has("ref", "version")],
    change: dict[str, Any],
    what: Literal["moved", "cancelled", "ended", "extended", "restored", "renamed", "uninvited"],
    by_mail: bool,
    before: bool = False,
    people: Sequence[Mailbox] = (),
) -> Output:
    """The mail that tells those invited that an event was moved, cancelled, renamed or put back as it was.

    With `uninvited` it goes to `people`, who were taken out of it.

    {source, to, subject, body, calendar}; `source` is the mailbox that can send it. Of a series that was
    changed from one occurrence on it is about the new series; `before` makes the mail about the one that
    ends now, and nothing where no series was cut.
    `event` is as `event.find` has it; what is not in it (title, start, end) is as in the calendar then.
    A calendar file tells nobody by itself. `to` is empty where nobody else is invited, where the
    meeting is somebody else's, or where no mail can be sent; who was not told is said then.
    """
    ref = ItemRef.parse(event["ref"])
    after = context.archive.item(ref)
    item = context.archive.item(ref, event["version"]) or after
    mailbox = _mailbox(context, item) if by_mail else None
    nobody = {"source": "", "to": [], "subject": "", "body": "", "calendar": ""}
    own = selected((str(ref),))
    mine = {"": worked_out((str(ref),)), "to": own, "source": worked_out()}
    told = _invited(context, item, _rooms(after) if what == "moved" and after else None) if item else []
    if what == "uninvited" and item is not None:
        out = {m.address.lower() for m in people} - context.owner.addresses
        told = [p for p in item.people if p.role == "attendee" and p.address.lower() in out]
    if what == "restored" and after is not None:  # also who is in it again
        there_before = {p.address for p in told}
        told += [p for p in _invited(context, after) if p.address not in there_before]
    cut = _rest_of(context, event, change)
    if item is None or not told or (before and cut is None):
        return Output(nobody, mine)
    after = cut if cut is not None and not before else after
    organizer = item.person("organizer")
    names = ", ".join(p.name or p.address for p in told)
    if organizer is not None and organizer.address not in context.owner.addresses:
        who = organizer.name or organizer.address
        return Output(
            nobody,
            mine,
            _told(item, f"Only your own copy was {what}: {who} called this meeting and was not told."),
        )
    if context.tells(ref.source):
        return Output(nobody, mine, _told(item, f"Its calendar has told {names} by itself."))
    if mailbox is None:
        said = f"Not told: {names}. No connected mailbox can send; please tell them yourself."
        return Output(nobody, mine, _told(item, said))
    mine[""] = join([retold(item), retold(after or item)])
    one = datetime.fromisoformat(event["occurrence"]) if event.get("occurrence") and not cut else None
    first, last = item.start or context.now, item.end or context.now
    event = {"title": item.title, "start": first.isoformat(), "end": last.isoformat(), **event}
    old = datetime.fromisoformat(event["start"]), datetime.fromisoformat(event["end"])
    if what == "ended" and (one is None or after is None or after.data.get("status") == "cancelled"):
        what = "cancelled"  # nothing of it was left
    if what in ("ended", "extended"):
        gone = old[0] if what == "ended" else None
        subject, body = of_another_end(context, event["title"], gone, rule_end(context, after or item))
    elif what == "restored":
        subject, body = put_back(context, event["title"], _new_time(context, after, one) or old)
    elif what == "uninvited":
        subject, body = uninvited(context, event["title"], old)
    elif what == "renamed":
        name = _title(context, cut or after or item, one)
        subject, body = renamed(context, event["title"], name, old)
    elif cut is not None:
        now = (cut.start, cut.end) if cut.start and cut.end and not before else None
        subject, body = from_then_on(context, event["title"], old, now)
    else:
        now = shifted(context, event, _new_time(context, after, one) if what == "moved" else None)
        there = _place(context, after, one) if after is not None and what == "moved" else ""
        place = there if there != str(item.data.get("location") or "") else ""
        subject, body = changed(context, what, event["title"], old, now, place=place)
    value = {
        "source": mailbox.alias,
        "to": plain(told),
        "subject": subject,
        "body": body,
        "calendar": _itip(
            item if what == "uninvited" else after or item,
            what,
            one if what in ("moved", "cancelled", "renamed", "uninvited") else None,
            only=[p.address for p in told] if what == "uninvited" else (),
        ),
    }
    return Output(value, mine)


def _rest_of(context: Context, event: dict[str, Any], change: dict[str, Any]) -> Item | None:
    """The series that an event became from one occurrence on, if it was cut."""
    also = (change.get("detail") or {}).get("also") or {}
    if not event.get("following") or len(also) != 1:
        return None
    return context.archive.item(ItemRef.parse(next(iter(also))))


def _mailbox(context: Context, item: Item | None) -> Place | None:
    """Where a mail about a meeting goes out from: the account that called it."""
    organizer = item.person("organizer") if item else None
    return context.mailbox(organizer.address if organizer else "")


def _rooms(item: Item) -> list[Participant]:
    return [p for p in item.people if p.role == "resource"]


def _invited(context: Context, item: Item, rooms: Sequence[Participant] | None = None) -> list[Participant]:
    """Who gets what is sent of an event: guests who did not decline, and the rooms that it asks for.

    A room is asked again for another time. `rooms`: those that it asks for by now.
    """
    guests = [p for p in item.people if p.role == "attendee" and p.status != "declined"]
    people = {
        p.address: p for p in (*guests, *(_rooms(item) if rooms is None else rooms)) if "@" in p.address
    }
    return [p for a, p in people.items() if a not in context.owner.addresses]


def to_be_told(context: Context, item: Item, rooms: Sequence[Mailbox] | None = None) -> list[Participant]:
    """Those whom a change of this event is told; nobody where somebody else called it.

    :param rooms: those that it asks for after the change; None: the same as before.
    """
    organizer = item.person("organizer")
    if organizer is not None and organizer.address not in context.owner.addresses:
        return []
    new = None if rooms is None else [Participant("resource", m.address.lower(), m.name) for m in rooms]
    return _invited(context, item, new)


def _new_time(context: Context, item: Item | None, one: datetime | None) -> tuple[datetime, datetime] | None:
    if item is None or item.start is None or item.end is None:
        return None
    if one is None:
        return item.start, item.end
    moved = [o for o in there(context, context.now, context.now + AHEAD * 4) if o.ref == item.ref]
    found = next((o for o in moved if o.recurrence_id == one), None)
    return (found.start, found.end) if found else None


def _title(context: Context, item: Item, one: datetime | None) -> str:
    """What an event, or one occurrence of it, is called by now."""
    if one is None:
        return item.title
    near = [o for o in there(context, one - AHEAD, one + AHEAD) if o.ref == item.ref]
    return next((o.title for o in near if o.recurrence_id == one), item.title)


def _place(context: Context, item: Item, one: datetime | None) -> str:
    """Where an event, or one occurrence of it, is held by now."""
    if one is not None:
        near = [o for o in there(context, one - AHEAD, one + AHEAD) if o.ref == item.ref]
        found = next((o for o in near if o.recurrence_id == one), None)
        if found is not None:
            return str(found.location or "")
    return str(item.data.get("location") or "")


def _itip(item: Item, what: str, one: datetime | None, *, only: Sequence[str] = ()) -> str:
    method: Literal["CANCEL", "REQUEST"] = "CANCEL" if what in ("cancelled", "uninvited") else "REQUEST"
    try:
        return invitation(item, method, occurrence=one, only=only)
    except ValueError:
        return ""  # the words of the mail say it too


def _told(item: Item, text: str) -> Brief:
    passage = Passage(text=text, cites=(Citation.of(item),))
    return Brief(title=item.title, sections=(Section(heading="", passages=(passage,)),))
