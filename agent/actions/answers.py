"""What people answered to an offer or an invitation, as values that steps can go on with.

Whatever they wrote is a stranger's text: it chooses among what was offered, or is told to the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, cast

from deskhand.agent.actions import CannotDo, Context, NeedsAnswer, Output, action
from deskhand.agent.actions._calendars import lies, when
from deskhand.agent.actions._shapes import (
    MAYBE,
    AnItem,
    Event,
    Given,
    Handle,
    Held,
    Instant,
    Nothing,
    Stretch,
    Time,
)
from deskhand.agent.actions._standing import standing
from deskhand.agent.actions.items import load
from deskhand.agent.actions.offers import holds, offer_answered
from deskhand.agent.availability.agenda import guests, to_answer
from deskhand.agent.endorsers import selected, worked_out
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.plans.language import Step
from deskhand.agent.reading.offers import Answer, Offered, read_answer
from deskhand.agent.wording.writes import ANSWERED
from deskhand.connectors.itip import CalendarMessage, from_json, message_of, stale
from deskhand.connectors.model import Item, ItemRef, Label

_QUOTED = 200

_ROOM_SAYS = ANSWERED | {"tentative": "is not certain to be had for"}


class Choice(Given):
    """What was chosen of the times that were offered."""

    chosen: list[Time]
    others: list[Time]
    none: list[Time]
    offered: list[Stretch]
    holds: list[Held]
    dropped: list[Held]
    of: str = MAYBE
    """The step that made the offer."""


@action("offer.answer", gives=Choice)
def answer(context: Context, *, offer: str, message: AnItem, late: bool = False) -> Output:
    """What an answer to an offer chooses: {chosen, others, holds, dropped, none, offered}.

    `chosen`, `others` and `none` are times as they were offered: {start, end}, with the room if there is one.
    `offer` is the run that made it. A stranger's words choose among the times that were offered, and do
    nothing else; where they do not, that is one question to the person. `holds`: the times kept for it, to
    be given back when one is booked; `dropped`: those to be given back at once. `late`: a time was chosen
    before, so this one is only told.
    """
    mail = load(context, message)
    run = context.records.run(offer)
    made = offer_answered(context, run, mail) if run is not None else None
    wrote = context.records.steps(offer).get(made.id) if made is not None else None
    if run is None or made is None or wrote is None or not wrote.value:
        raise CannotDo(f"What {offer} offered is not known any more.")
    known = [dict(t) for t in wrote.value["times"]]
    times = [Offered(datetime.fromisoformat(t["start"]), datetime.fromisoformat(t["end"])) for t in known]
    found = read_answer(mail.text, times, now=mail.at, zone=context.owner.zone, locale=context.owner.locale)
    who = _sender(mail)
    if found.kind in ("other", "unclear"):
        raise NeedsAnswer(
            f"{who} answered your offer of {offer}, and chose none of the times for certain: "
            f"{_quote(mail.text)} Please decide yourself",
            _requests(context, made, found, times),
        )
    chosen = [known[n] for n in found.choices if times[n].start > context.now]
    if found.kind == "chosen" and not chosen:
        raise NeedsAnswer(
            f"{who} chose a time that is over by now: {_quote(mail.text)} Please offer others",
            (),
        )
    what = f"chose {_shown(context, chosen[0])}" if chosen else "can make none of the times"
    note = f"{who} {what}: {_quote(mail.text)}"
    others = [p for p in _asked(made) if p["address"].lower() != who]
    if late:
        note += (
            " Another time was chosen before, so nothing follows from this; see your approvals and calendar."
        )
    elif others and chosen:
        note += f" Whether it suits {', '.join(p['name'] or p['address'] for p in others)} is not known yet."
    offered = [] if late else known
    kept = [] if late else holds(context, run, made)
    chosen = [] if late else chosen
    value = {
        "chosen": chosen, "others": chosen[1:], "none": [] if chosen else offered,
        "offered": [[t["start"], t["end"]] for t in offered],
        "holds": kept if chosen else [], "dropped": [] if chosen else kept, "of": made.id,
    }  # fmt: skip
    passage = Passage(text=note, cites=(Citation.of(mail),))
    brief = Brief(title=f"The answer of {who}", sections=(Section(heading="", passages=(passage,)),))
    # The choice is one of our own times (docs/threat-model.md, endorsers); the words stay a stranger's.
    return Output(value, {"": worked_out((str(mail.ref),))}, brief)


class Noted(Given):
    """An answer as an event notes it (`event.answered`)."""

    ref: Handle
    version: str
    address: str
    status: Literal["accepted", "declined", "tentative"]
    comment: str
    sequence: int
    at: Instant
    occurrence: Instant | None


class Replied(Given):
    """What somebody answered to an invitation of the owner's."""

    answer: Noted | Nothing
    counter: list[Time]
    declined: list[str]
    no_room: list[str]
    taken: list[Stretch]
    notes: list[str]
    moves: list[Time]
    event: Event


@action("event.reply", gives=Replied)
def reply(context: Context, *, event: str, message: AnItem, version: str = "") -> Output:
    """What somebody answered to an invitation of ours (RFC 5546 3.2.3, 3.2.7), or wrote in plain words.

    {answer: {ref, version, address, status, comment, sequence}, declined, no_room, counter: [{start, end}],
    moves, taken, event}: `answer` is empty where the answer is to an older state of the meeting, or is none
    at all. `declined` are guests who cannot come, `no_room` are rooms that are not to be had.
    How old it is goes by `version`, the meeting as it was when the answer came in: read once more later on,
    it is still an answer to that. Nothing follows from one that the same person took back since.
    """
    mail = load(context, message)
    item = context.archive.item(ItemRef.parse(event))
    if item is None or item.start is None or item.end is None:
        raise CannotDo("The event that this answers is not in the archive any more.")
    sender = mail.person("from")
    who = sender.address if sender else ""
    if not who or who not in to_answer(item, me=context.owner.addresses):
        raise CannotDo(f"{who or 'Somebody'} answered an invitation to “{item.title}”, and is not invited.")
    said_by = _message(mail)
    status, counter = _status(context, mail, said_by, item, who)
    room = next((p for p in item.people if p.address == who and p.role == "resource"), None)
    named = f"The room {room.name or who}" if room else who
    one = said_by.recurrence_id if said_by is not None and item.data.get("recurring") else None
    at = lies(context, item, one) if one is not None else (item.start, item.end)
    if at is None:
        raise CannotDo(
            f"{named} answered for a day on which “{item.title}” does not take place: nothing changes."
        )
    stretch = when(context, *at)
    then = (context.archive.item(item.ref, version) if version else None) or item
    accepts = status in ("declined", "tentative") and _accepted_since(context, mail, item, who)
    if said_by is not None and stale(said_by, sequence=message_of(then, occurrence=one).sequence):
        status, counter = "", []
        said = f"{named} answered an earlier invitation to “{item.title}”; it was changed since."
    elif accepts:
        status, counter = "", []
        said = f"{named} accepted “{item.title}”, {stretch}, after this answer, so it stays."
    elif counter and datetime.fromisoformat(counter[0]["start"]) <= context.now:
        raise NeedsAnswer(
            f"{named} proposes {_shown(context, counter[0])} for “{item.title}”, which is past: it stays",
            (),
        )
    elif counter:
        said = f"{named} proposes {_shown(context, counter[0])} for “{item.title}”, {stretch}."
    elif status:
        said = f"{named} {_ROOM_SAYS[status] if room else ANSWERED[status]} “{item.title}”, {stretch}."
    elif said_by is not None and _partstat(said_by, who) == "delegated":
        raise NeedsAnswer(
            f"{named} passed the invitation to “{item.title}”, {stretch}, on to somebody else, and nobody is "
            f"invited by that: {_quote(mail.text)} Please invite them yourself if they are to come",
            (),
        )
    else:
        raise NeedsAnswer(
            f"{named} wrote about “{item.title}”, {stretch}, and it is not certain whether that is a yes: "
            f"{_quote(mail.text)} Please decide yourself",
            (),
        )
    comment = said_by.comment if said_by else ""
    if comment:
        said += f" They wrote: {_quote(comment)}"
    given = {
        "ref": str(item.ref), "version": item.version, "address": who, "status": status,
        "comment": comment[:_QUOTED], "sequence": (said_by or message_of(item)).sequence,
        # Nobody answers in the future: a stamp of then would make all later answers stale.
        "at": min(filter(None, (said_by.dtstamp if said_by else None, mail.at, context.now))).isoformat(),
        "occurrence": said_by.recurrence_id.isoformat() if said_by and said_by.recurrence_id else None,
    }  # fmt: skip
    time = {"start": at[0].isoformat(), "end": at[1].isoformat()}
    declined = [who] if status == "declined" and not counter else []
    value = {
        "answer": given if status else {}, "counter": counter,
        "declined": [] if room else declined, "no_room": declined if room else [],
        "taken": [[time["start"], time["end"]]], "notes": _then(context, item, counter),
        # A new time for a whole series is told; whoever wants it says so.
        "moves": counter if one is not None or not item.data.get("recurring") else [],
        "event": {
            "ref": str(item.ref), "version": item.version, "source": item.ref.source, "title": item.title,
            "occurrence": one.isoformat() if one else None, "all_day": False,
            "zone": str(item.data.get("zone") or ""), **time,
        },
    }  # fmt: skip
    passage = Passage(text=said, cites=(Citation.of(mail),))
    brief = Brief(title="An answer", sections=(Section(heading="", passages=(passage,)),))
    theirs = Label("untrusted", (str(mail.ref),), mail.label.readers)
    own = selected((str(item.ref),))
    # A PARTSTAT is one of three words and the address is one of those invited: their type endorses them.
    checked = {n: own for n in ("declined", "no_room", "taken", "event")} | {
        "answer": selected((str(mail.ref),))
    }
    return Output(value, {"": theirs, **checked, "answer.comment": theirs}, brief)


def _partstat(said: CalendarMessage, who: str) -> str:
    """What somebody answers for themselves; what a message says of others is not theirs to say."""
    return next((p.status for p in said.attendees if p.address == who), "")


def _accepted_since(context: Context, mail: Item, item: Item, who: str) -> bool:
    """Whether a later answer of the same person, a yes, is noted already."""
    noted = context.records.effects(operations=("event.answered",), since=mail.at)
    mine = [
        e.arguments for e in noted
        if e.state == "done" and e.arguments["ref"] == str(item.ref) and e.arguments["address"] == who
    ]  # fmt: skip
    given = [(datetime.fromisoformat(a["at"]), a["status"]) for a in mine if a.get("at")]
    later = max((g for g in given if g[0] > mail.at), default=None)
    return later is not None and later[1] == "accepted"


def _then(context: Context, item: Item, counter: list[dict[str, str]]) -> list[str]:
    """What stands against a time that was proposed."""
    if not counter:
        return []
    start, end = (datetime.fromisoformat(counter[0][edge]) for edge in ("start", "end"))
    people = guests(item, me=context.owner.addresses)
    found = standing(context, start, end, people=people, but=(str(item.ref),))
    return [f"At that time there is: {words}." for words in found.values()] or [
        "You are free then, as far as is known."
    ]


def _message(mail: Item) -> CalendarMessage | None:
    try:
        return from_json(mail.data["itip"]) if mail.data.get("itip") else None
    except ValueError:
        return None


def _status(
    context: Context, mail: Item, said: CalendarMessage | None, item: Item, who: str
) -> tuple[str, list[dict[str, str]]]:
    """The answer as a PARTSTAT, and the time proposed instead; ("", []) where neither can be told."""
    if said is not None and said.method == "COUNTER" and said.start and said.end:
        return "tentative", [{"start": said.start.isoformat(), "end": said.end.isoformat()}]
    if said is not None and said.method == "REPLY":
        status = _partstat(said, who)
        return (status if status in ANSWERED else ""), []
    if item.start is None or item.end is None:
        return "", []
    found = read_answer(
        mail.text, [Offered(item.start, item.end)], now=mail.at, zone=context.owner.zone,
        locale=context.owner.locale,
    )  # fmt: skip
    return {"chosen": "accepted", "none": "declined"}.get(found.kind, ""), []


def _requests(context: Context, made: Step, found: Answer, times: list[Offered]) -> list[str]:
    """Requests that would decide it: book one of the times that were offered, or of those they named."""
    title, people = (
        str(made.args["title"]).replace("”", " "),
        cast("list[dict[str, str]]", made.args["people"]),
    )
    whom = " and ".join(p["address"] for p in people)
    starts = [times[n].start for n in found.choices] or [
        t.start for t in found.times if t.kind == "instant" and t.start
    ]
    minutes = round((times[0].end - times[0].start).total_seconds() / 60)
    local = (s.astimezone(context.owner.tz) for s in starts[:3])
    return [f"book {minutes} minutes with {whom} on {s:%Y-%m-%d} at {s:%H:%M} about “{title}”" for s in local]


def _asked(made: Step) -> list[dict[str, str]]:
    """Those to whom times were offered."""
    return cast("list[dict[str, str]]", made.args["people"])


def _shown(context: Context, time: Mapping[str, Any]) -> str:
    return when(context, datetime.fromisoformat(time["start"]), datetime.fromisoformat(time["end"]))


def _sender(mail: Item) -> str:
    sender = mail.person("from")
    return (sender.address if sender else "") or "somebody"


def _quote(text: str) -> str:
    words = " ".join(text.split()).removesuffix(".")
    return f"“{words[:_QUOTED]}{'…' if len(words) > _QUOTED else ''}”."
