"""What goes along with a write: the mail that the plan sends once it is done, and what stands at the time.

A yes to an event is a yes to telling those in it (policy `mail.send invitation`), so its card shows that.
The words are those the mail itself is made of (`agent/actions/_told.py`), made of the plan by our code; only
the mail that was shown goes out on that yes (`announced`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deskhand.agent.actions import Context
from deskhand.agent.actions._calendars import lies, when
from deskhand.agent.actions._told import (
    changed,
    from_then_on,
    invited,
    of_another_end,
    put_back,
    renamed,
    shifted,
)
from deskhand.agent.actions.notices import to_be_told
from deskhand.agent.plans.deciding import Unresolved
from deskhand.agent.plans.language import Step
from deskhand.agent.plans.references import needs, references
from deskhand.agent.records.state import StepState
from deskhand.agent.runs.references import resolve
from deskhand.agent.values import digest
from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import names, quoted
from deskhand.connectors.itip import CalendarMessage, message_of
from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.operations import (
    EventCancel,
    EventCreate,
    EventRestore,
    EventUpdate,
    Mailbox,
    Operation,
)

Times = tuple[datetime, datetime]

ANNOUNCING = ("event.notice", "event.invitation")
"""Actions that write the mail about an event."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """A mail that follows from a write, as its card shows it."""

    people: tuple[Mailbox, ...]
    subject: str
    body: str

    def kept(self) -> dict[str, Any]:
        """As the run keeps it beside the question: to whom, and which words."""
        return {"to": sorted(p.address.lower() for p in self.people), "words": words(self.subject, self.body)}


def words(subject: str, body: str) -> str:
    """Names the words of a mail."""
    return digest([subject, body])


def mails(made: Sequence[Foretold | None]) -> list[str]:
    """The mails that follow from a write, each as text with its subject, whom it goes to and its body."""
    return [_shown(one) for one in made]


def _shown(mail: Foretold | None) -> str:
    if mail is None:
        return "With it goes a mail to those in it; what it says is not known yet."
    body = "\n".join(f"    {line}" for line in mail.body.strip().split("\n"))
    return visible(f"With it goes a mail to {names(mail.people)}: {quoted(mail.subject)}\n{body}")


def foretold(
    context: Context, steps: Sequence[Step], states: Mapping[str, StepState], step: Step, op: Operation
) -> list[Foretold | None]:
    """The mails that follow from a write; None where one does of which nobody can tell yet what it says."""
    made: list[Foretold | None] = []
    if context.tells(op.source):
        return made
    for told in (s for s in steps if s.op in ANNOUNCING and step.id in _after(s)):
        sends = [
            s for s in steps
            if s.op == "mail.send" and any(r.ref == told.id for r in references(s.args))
        ]  # fmt: skip
        for send in sends:
            try:
                people, said = _mail(context, states, step, told, send, op)
            except (Unresolved, KeyError, ValueError, TypeError):
                made.append(None)
                continue
            if people:
                made.append(Foretold(tuple(people), *said))
    return made


def was(context: Context, item: Item | None, op: Operation) -> Times | None:
    """When the event that is written to takes place by now; None where that is not known."""
    return lies(context, item, getattr(op, "occurrence", None))


def move(context: Context, item: Item | None, op: Operation) -> list[str]:
    """The old time of an event beside its new one, in words; also where a move is taken back."""
    old, new = was(context, item, op), _will_be(op)
    if old is None or new is None or (isinstance(op, EventRestore) and old == new):
        return []
    return [f"From {when(context, *old)} to {when(context, *new)}."]


def elsewhere(context: Context, item: Item | None, op: Operation) -> list[str]:
    """That nobody else hears of a change, where the meeting was called by somebody else; in words."""
    organizer = item.person("organizer") if item else None
    if organizer is None or organizer.address in context.owner.addresses:
        return []
    who = organizer.name or organizer.address
    if isinstance(op, EventCancel):
        return [
            f"{who} called this meeting, so nobody is told that your copy goes. To tell them, decline it."
        ]
    if not isinstance(op, EventUpdate):
        return []
    return [
        f"{who} called this meeting: only your own copy would change, and nobody is told. To have it moved, "
        "propose another time."
    ]


def _will_be(op: Operation) -> Times | None:
    """When an event is to take place by a write to it, where that is said."""
    if isinstance(op, EventUpdate) and op.start is not None and op.end is not None:
        return op.start, op.end
    said = _restored(op)
    return (said.start, said.end) if said and said.start and said.end and not said.rrule else None


def _restored(op: Operation, one: datetime | None = None) -> CalendarMessage | None:
    """The event, or one occurrence of it, as it is put back; None where it is taken away."""
    if not isinstance(op, EventRestore) or not op.ics:
        return None
    try:
        return message_of(op.ics, occurrence=one)
    except ValueError:
        return None


def _after(told: Step) -> set[str]:
    return {r.ref for r in references(told.args)} | needs(told)


def _mail(
    context: Context, states: Mapping[str, StepState], step: Step, told: Step, send: Step, op: Operation
) -> tuple[list[Mailbox], tuple[str, str]]:
    if isinstance(op, EventUpdate) and told.op == "event.invitation":
        return _joining(context, states, told, send, op)
    if isinstance(op, EventCreate) and told.op == "event.invitation":
        words = invited(
            context, op.title, op.start, op.end, rrule=op.rrule, exdates=op.exdates, place=op.location
        )
        if any(r.ref == told.id for r in references(send.args["to"])):  # it asks for the room
            return [*op.rooms], words
        to = resolve(send.model_copy(update={"args": {"to": send.args["to"]}}), states)[0]["to"]
        return [Mailbox.model_validate(t) for t in to], words
    args = {n: v for n, v in told.args.items() if all(r.ref != step.id for r in references(v))}
    given: dict[str, Any] = resolve(told.model_copy(update={"args": args}), states)[0]
    event = given["event"]
    if given["what"] == "uninvited":
        return [], ("", "")  # it is asked about by itself: who is out has agreed to nothing
    if given["what"] == "restored":
        return _back(context, event, op)
    item = context.archive.item(ItemRef.parse(event["ref"]), event.get("version") or None)
    people = to_be_told(context, item, getattr(op, "rooms", None)) if item else []
    old = datetime.fromisoformat(event["start"]), datetime.fromisoformat(event["end"])
    new = (op.start, op.end) if isinstance(op, EventUpdate) and op.start and op.end else None
    cut = bool(event.get("following"))
    if given.get("before") and not cut:
        return [], ("", "")
    if given["what"] in ("ended", "extended"):
        gone = old[0] if isinstance(op, EventCancel) and op.following else None
        if gone is None and not isinstance(op, EventUpdate):
            words = changed(context, "cancelled", event["title"], old, None)
        else:
            until = op.until if isinstance(op, EventUpdate) else None
            words = of_another_end(context, event["title"], gone, until)
    elif given["what"] == "renamed":
        words = renamed(context, event["title"], getattr(op, "title", None) or event["title"], old)
    elif cut:
        words = from_then_on(context, event["title"], old, None if given.get("before") else new)
    else:
        there = (getattr(op, "location", None) or "") if given["what"] == "moved" else ""
        place = there if item is None or there != item.data.get("location") else ""
        words = changed(
            context, given["what"], event["title"], old, shifted(context, event, new), place=place
        )
    return [Mailbox(address=p.address, name=p.name) for p in people], words


def _joining(
    context: Context, states: Mapping[str, StepState], told: Step, send: Step, op: EventUpdate
) -> tuple[list[Mailbox], tuple[str, str]]:
    """The mail to those who are invited to an event that is there."""
    to = resolve(send.model_copy(update={"args": {"to": send.args["to"]}}), states)[0]["to"]
    item = context.archive.item(op.ref, op.version)
    times = lies(context, item, op.occurrence) or (item.start, item.end) if item else None
    if item is None or times is None or times[0] is None or times[1] is None:
        raise ValueError("the event cannot be read")
    rule = "" if op.occurrence else str(item.data.get("rrule") or "")
    place = str(item.data.get("location") or "")
    words = invited(context, item.title, times[0], times[1], rrule=rule, place=place)
    return [Mailbox.model_validate(t) for t in to], words


def _back(context: Context, event: Mapping[str, Any], op: Operation) -> tuple[list[Mailbox], tuple[str, str]]:
    """The mail to those in an event that is put back as it was."""
    item = context.archive.item(ItemRef.parse(event["ref"]), event["version"])
    one = datetime.fromisoformat(event["occurrence"]) if event.get("occurrence") else None
    said = _restored(op, one)
    if item is None or said is None or said.start is None or said.end is None:
        raise ValueError("what is put back cannot be read")
    told = to_be_told(context, item)
    again = {a.address: a for a in said.attendees if a.status != "declined" and "@" in a.address}
    gone = {*context.owner.addresses, *(p.address for p in told)}
    told += [a for address, a in again.items() if told and address not in gone]
    people = [Mailbox(address=p.address, name=p.name) for p in told]
    return people, put_back(context, item.title, (said.start, said.end))
