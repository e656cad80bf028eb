"""Writes, whose words they are and what is known besides, with what the policy says of each, by which row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from agent_givens import ANN, BO, ME, NOW, STRANGER

from deskhand.agent.trust.policy import Facts, Policy, effective
from deskhand.config.policy import Setting
from deskhand.connectors.model import Item, ItemRef, Label, Participant
from deskhand.connectors.operations import (
    Enclosure,
    EventAnswered,
    EventCancel,
    EventCreate,
    EventReceive,
    EventRespond,
    EventRestore,
    EventState,
    EventUpdate,
    FileCopy,
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
    Mailbox,
    MailDraft,
    MailFlag,
    MailMove,
    MailSend,
    MailTrash,
    Operation,
)

MOST = 20
"""So many new recipients, and writes that move something, go through as it comes."""

U, A, C, M = (Label(t, (), None) for t in ("user", "assistant", "contact", "metadata"))
PRIVATE = Label("metadata", ("mail:message:m",), ())
T = Label("untrusted", ("mail:message:m",), ())
SHARED = Label("untrusted", ("mail:message:m",), (ME, ANN))

EVENT, MAIL, FILE = (
    ItemRef("s", "event", "e"),
    ItemRef("s", "message", "m"),
    ItemRef("s", "document", "d"),
)


def to(*addresses: str) -> tuple[Mailbox, ...]:
    return tuple(Mailbox(address=a) for a in addresses)


def item(ref: ItemRef, *people: Participant) -> Item:
    return Item(ref, "1", "Title", "", NOW, "0" * 64, people=people)


def there(*people: Participant) -> Callable[[ItemRef], Item | None]:
    return lambda ref: item(ref, *people)


ALONE = there(Participant("organizer", ME), Participant("attendee", ME))
ATTENDED = there(Participant("organizer", ME), Participant("attendee", ANN))
THEIRS = there(Participant("organizer", ANN), Participant("attendee", ME))
FACTS = Facts(mine=frozenset({ME, "noor@example.com"}), contacts=frozenset({ANN, BO}), look_up=ALONE)
ANNOUNCED = replace(FACTS, invited=frozenset({ANN}), announced=True)
"""Ann was invited with a yes to an event, whose card showed this mail."""
FROM_STRANGER = replace(FACTS, look_up=there(Participant("from", STRANGER), Participant("to", ME)))
SHIPPED = effective({})
OPENED = effective({"mail.send to contacts": Setting("allow")})
"""As it comes; and where the person switched on sending to contacts."""

HOUR = {"start": NOW, "end": NOW + timedelta(hours=1), "zone": "UTC"}
MANY = tuple(f"p{n}@example.net" for n in range(MOST + 1))


def send(**args: Any) -> MailSend:
    return MailSend(**({"source": "s", "to": to(ANN), "subject": "Hi", "body": "Hello"} | args))


def book(**args: Any) -> EventCreate:
    return EventCreate(**({"source": "s", "title": "Budget"} | HOUR | args))


@dataclass(frozen=True)
class Case:
    outcome: str
    rule: str
    operation: Operation
    labels: dict[str, Label] = field(default_factory=dict)
    facts: Facts = FACTS
    policy: Policy = SHIPPED

    def __str__(self) -> str:
        return f"{self.outcome}: {self.rule}"


OWN_WORDS = {
    n: U for n in ("source", "to", "cc", "bcc", "subject", "body", "title", "attendees", "ref", "path")
}


def meeting(organizer: str) -> str:
    return (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20261101T120000Z\r\n"
        f"DTSTART:20261201T090000Z\r\nORGANIZER:mailto:{organizer}\r\nATTENDEE:mailto:{ME}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def by(
    sender: str, organizer: str, copys: str = "", *, none: bool = False
) -> Callable[[ItemRef], Item | None]:
    """A mail from `sender` with a meeting of `organizer`; `copys` called the copy, if there is one."""
    mail = replace(item(MAIL, Participant("from", sender)), data={"calendar": meeting(organizer)})
    copy = there(Participant("organizer", copys or organizer), Participant("attendee", ME))
    return lambda ref: mail if ref == MAIL else None if none else copy(ref)


def holding(calendar: str) -> Callable[[ItemRef], Item]:
    """A mail of Ann's that holds this as its calendar part."""
    return lambda ref: replace(item(ref, Participant("from", ANN)), data={"calendar": calendar})


BROUGHT, OTHERS = replace(FACTS, look_up=by(ANN, ANN)), replace(FACTS, look_up=by(ANN, ANN, BO))
TAKEN = {"ref": M, "status": U, "ics": T}
take = EventReceive(source="s", ref=EVENT, version="", message=MAIL, ics=meeting(ANN), status="accepted")
ENCLOSED = Enclosure(ref=ItemRef("docs", "document", "d"), version="1")
OLDER = ENCLOSED.model_copy(update={"version": "0"})
COPY = FileCopy(source="s", folder="Finance", called="Invoice 12 (2).pdf", content=ENCLOSED)
FILED = {"folder": U, "called": T, "content": M}
LOST = replace(FACTS, look_up=lambda _: None)
CHANGED = replace(FACTS, changed=True)
BACK = EventRestore(source="s", ref=EVENT, version="", ics=f"ORGANIZER:MAILTO:{ME}\r\n")
ELSE = EventState(ref=EVENT, version="", ics=f"ATTENDEE:mailto:{ANN}\r\n")
NO_COPY = replace(FACTS, look_up=by(ANN, ANN, none=True))
NOBODYS = meeting(ANN).replace(f"ORGANIZER:mailto:{ANN}\r\n", "")


def there_may_be(name: str, grantee: str = "") -> Operation:
    """An operation that nobody has built yet."""

    class Later(Operation):
        plain = "do what nothing does yet"
        effect = "write"
        undo = "R3"
        grantee: str = ""

    Later.name = name
    return Later(source="s", grantee=grantee)


CASES = [
    # A draft leaves nothing, whoever wrote it.
    Case("allow", "mail.draft", MailDraft(source="s", to=to(STRANGER), body="x"), {}),
    # Sending asks; to oneself it does not; to contacts, once the person switched that on, with own words.
    Case("ask", "mail.send to contacts", send(), OWN_WORDS),
    Case("allow", "mail.send to yourself", send(to=to(ME, "NOOR@example.com")), {"to": U, "body": T}),
    Case("ask", "mail.send to contacts", send(to=to(ME, ANN)), OWN_WORDS),
    Case("allow", "mail.send to contacts", send(), OWN_WORDS, policy=OPENED),
    Case("ask", "mail.send", send(to=to(STRANGER)), OWN_WORDS, policy=OPENED),
    Case("allow", "mail.send to contacts", send(), OWN_WORDS | {"body": SHARED}, policy=OPENED),
    Case("ask", "mail.send", send(), OWN_WORDS | {"body": T}, policy=OPENED),
    Case("ask", "mail.send", send(to=to(ANN, BO)), OWN_WORDS | {"body": SHARED}, policy=OPENED),
    Case("ask", "mail.send", send(), OWN_WORDS | {"body": PRIVATE}, policy=OPENED),
    Case("ask", "mail.send", send(), OWN_WORDS | {"subject": Label()}, policy=OPENED),
    Case(
        "allow", "mail.send to contacts", send(forwards=MAIL), OWN_WORDS | {"forwards": PRIVATE},
        policy=OPENED,
    ),
    Case("ask", "mail.send", send(forwards=MAIL), OWN_WORDS | {"forwards": T}, policy=OPENED),
    Case("ask", "mail.send", send(calendar="BEGIN:VCALENDAR"), OWN_WORDS | {"calendar": T}, policy=OPENED),
    Case("ask", "mail.send", send(), OWN_WORDS, replace(FACTS, by_model=True), OPENED),
    Case("ask", "mail.send", send(subject=""), OWN_WORDS | {"subject": T, "body": PRIVATE}, policy=OPENED),
    Case("allow", "mail.send to contacts", send(subject=""), OWN_WORDS | {"subject": T}, policy=OPENED),
    # Recipients.
    Case("ask", "mail.send recipients", send(to=to(STRANGER)), OWN_WORDS | {"to": T}, policy=OPENED),
    Case("allow", "mail.send to contacts", send(), OWN_WORDS | {"to": T}, policy=OPENED),
    Case("ask", "mail.send recipients", send(cc=to(STRANGER)), OWN_WORDS | {"cc": Label()}, policy=OPENED),
    Case("deny", "mail.send bcc", send(bcc=to(STRANGER)), OWN_WORDS | {"bcc": T}),
    Case("ask", "mail.send", send(bcc=to(STRANGER)), OWN_WORDS),
    Case("ask", "mail.send to contacts", send(bcc=to(BO)), OWN_WORDS | {"bcc": T}),
    Case("deny", "mail.send budget", send(to=to(*MANY)), OWN_WORDS),
    Case("ask", "mail.send", send(to=to(*MANY[:-1], ANN, BO)), OWN_WORDS),
    # What a mail says about where it shall be passed on counts for nothing.
    Case("deny", "mail.forward", send(to=to(STRANGER)), OWN_WORDS | {"to": T, "body": T}),
    Case(
        "ask", "mail.send recipients", send(to=to(STRANGER), answers=MAIL), OWN_WORDS | {"to": T, "body": T},
        FROM_STRANGER,
    ),
    # An answer goes to those of the mail: to another whom its text names it is passed on.
    Case(
        "deny", "mail.forward", send(to=to("eve@example.net"), answers=MAIL),
        OWN_WORDS | {"to": T, "body": T}, FROM_STRANGER,
    ),
    Case(
        "deny", "mail.forward", send(to=to(STRANGER), cc=to("eve@example.net"), answers=MAIL),
        OWN_WORDS | {"to": T, "cc": T, "body": T}, FROM_STRANGER,
    ),
    Case(
        "deny", "mail.forward", send(to=to(STRANGER), answers=MAIL), OWN_WORDS | {"to": T, "body": T},
        replace(FACTS, look_up=lambda _: None),
    ),
    # Of words or people of which nobody knows where they come from, a person decides.
    Case("ask", "mail.send recipients", send(to=to(STRANGER)), OWN_WORDS | {"to": T, "body": Label()}),
    Case("ask", "mail.send recipients", send(to=to(STRANGER)), OWN_WORDS | {"to": Label(), "body": T}),
    Case(
        "ask", "mail.send recipients", send(to=to(STRANGER)),
        OWN_WORDS | {"to": T, "body": Label("untrusted", ("mail:message:other",), ())},
    ),
    Case("ask", "mail.send", send(), OWN_WORDS | {"to": T, "body": T}, policy=OPENED),
    # Whom the person agreed to tell in this very run was not chosen by the mail alone.
    Case(
        "ask", "mail.send recipients", send(to=to(STRANGER)), OWN_WORDS | {"to": T, "body": T},
        replace(FACTS, invited=frozenset({STRANGER})),
    ),
    Case(
        "deny", "mail.forward", send(to=to(STRANGER)), OWN_WORDS | {"to": T, "body": T},
        replace(FACTS, invited=frozenset({ANN})),
    ),
    Case("deny", "mail.forward", send(cc=to(STRANGER)), OWN_WORDS | {"cc": T, "subject": T}),
    Case(
        "deny", "mail.forward", send(to=to(STRANGER), bcc=to(BO)),
        OWN_WORDS | {"to": Label("untrusted", ("mail:message:other",), ()), "bcc": T, "body": T},
    ),
    # An invitation is answered to its organizer, whoever sent it (RFC 5546 3.2.3); no other mail is.
    Case(
        "ask", "mail.send recipients", send(to=to(STRANGER), answers=MAIL, calendar=meeting(STRANGER)),
        OWN_WORDS | {"to": T, "body": T, "calendar": T},
        replace(FACTS, look_up=by(BO, STRANGER)),
    ),
    Case(
        "deny", "mail.forward", send(to=to(STRANGER), answers=MAIL), OWN_WORDS | {"to": T, "body": T},
        replace(FACTS, look_up=by(BO, STRANGER)),
    ),
    # An answer goes where the mail came from.
    Case(
        "ask", "mail.send reply-to", send(answers=MAIL), OWN_WORDS,
        replace(FACTS, look_up=there(Participant("from", BO), Participant("reply-to", ANN))), OPENED,
    ),
    Case(
        "allow", "mail.send to contacts", send(answers=MAIL), OWN_WORDS,
        replace(FACTS, look_up=there(Participant("from", ANN), Participant("reply-to", ANN))), OPENED,
    ),
    # Attachments lie in the same mailbox, and are chosen by the person.
    Case("deny", "mail.send attachments", send(attachments=(ItemRef("t", "document", "d"),)), OWN_WORDS),
    # What lies elsewhere goes along at the version that is known, and at no other.
    *(
        Case(outcome, rule, send(attachments=(ENCLOSED,)), OWN_WORDS | {"attachments": label}, policy=OPENED)
        for outcome, rule, label in (
            ("allow", "mail.send to contacts", M), ("ask", "mail.send", PRIVATE), ("ask", "mail.send", T),
        )
    ),
    Case("deny", "mail.send version", send(attachments=(OLDER,)), OWN_WORDS | {"attachments": M}),
    Case("deny", "mail.send version", send(attachments=(ENCLOSED,)), OWN_WORDS | {"attachments": M}, LOST),
    Case("ask", "mail.send", send(attachments=(FILE,)), OWN_WORDS | {"attachments": T}, policy=OPENED),
    Case("ask", "mail.send", send(attachments=(FILE,)), OWN_WORDS | {"attachments": PRIVATE}, policy=OPENED),
    Case(
        "allow", "mail.send to contacts", send(attachments=(FILE,)), OWN_WORDS | {"attachments": M},
        policy=OPENED,
    ),
    # Secrets out of somebody's mail never leave; the person's own words do, after asking.
    Case("deny", "mail.send secrets", send(body="Your code is 482913"), OWN_WORDS | {"body": T}),
    Case("ask", "mail.send secrets known", send(body="Your code is 482913"), OWN_WORDS | {"body": SHARED}),
    Case("deny", "mail.send secrets", send(to=to(BO), body="code: 482913"), OWN_WORDS | {"body": SHARED}),
    Case("deny", "mail.send secrets", send(subject="PIN 8829"), OWN_WORDS | {"subject": T}),
    Case("ask", "mail.send secrets known", send(subject="PIN 8829"), OWN_WORDS | {"subject": SHARED}),
    Case(
        "ask", "mail.send secrets known", send(calendar="PIN 8829"), OWN_WORDS | {"calendar": SHARED},
        policy=OPENED,
    ),
    Case(
        "ask", "mail.send secrets known", send(body="PIN 8829", attachments=(FILE,)),
        OWN_WORDS | {"attachments": SHARED},
    ),
    Case("ask", "mail.send to contacts", send(body="Your code is 482913"), OWN_WORDS),
    Case("allow", "mail.send to yourself", send(to=to(ME), body="code: 482913"), OWN_WORDS | {"body": T}),
    Case(
        "ask", "mail.send uncovered", send(to=to(ME)), OWN_WORDS,
        replace(FACTS, by_model=True, uncovered=True),
    ),
    Case(
        "allow", "mail.send to yourself", send(to=to(ME)), OWN_WORDS, replace(FACTS, by_model=True)
    ),
    Case("ask", "mail.send", send(), OWN_WORDS, replace(FACTS, by_model=True, uncovered=True), OPENED),
    # What is the person's own is no less private: a note of hers that its readers could not read.
    *(
        Case("ask", "mail.send", send(), OWN_WORDS | {"body": replace(PRIVATE, trust=trust)}, policy=OPENED)
        for trust in ("user", "assistant")
    ),
    # The invitation to what the person approved, and nothing else in its clothes.
    Case(
        "allow", "mail.send invitation", send(calendar="BEGIN:VCALENDAR"),
        OWN_WORDS | {"calendar": A, "body": A}, ANNOUNCED,
    ),
    Case("ask", "mail.send to contacts", send(calendar="BEGIN:VCALENDAR"), OWN_WORDS | {"calendar": A}),
    Case(
        "ask", "mail.send to contacts", send(calendar="BEGIN:VCALENDAR"), OWN_WORDS | {"calendar": A},
        replace(ANNOUNCED, announced=False),
    ),
    Case(
        "ask", "mail.send", send(calendar="BEGIN:VCALENDAR"), OWN_WORDS | {"calendar": A, "body": A},
        replace(ANNOUNCED, announced=False, by_model=True),
    ),
    Case(
        "ask", "mail.send to contacts", send(calendar="BEGIN:VCALENDAR"), OWN_WORDS | {"calendar": A},
        replace(ANNOUNCED, invited=frozenset({BO})),
    ),
    Case(
        "ask", "mail.send", send(calendar="BEGIN:VCALENDAR"), OWN_WORDS | {"calendar": A, "body": T},
        ANNOUNCED,
    ),
    *(
        Case(
            "ask", "mail.send", send(calendar="BEGIN:VCALENDAR"), OWN_WORDS | {"calendar": A, name: T},
            ANNOUNCED,
        )
        for name in ("subject", "calendar")
    ),
    Case("ask", "mail.send to contacts", send(), OWN_WORDS, ANNOUNCED),
    Case(
        "ask", "mail.send to contacts", send(calendar="X", attachments=(FILE,)),
        OWN_WORDS | {"calendar": A, "attachments": M}, ANNOUNCED,
    ),
    # Moving and putting away.
    Case("ask", "mail.move place", MailMove(source="s", ref=MAIL, folder="Shared"), {"ref": M, "folder": T}),
    Case("ask", "mail.move place", MailMove(source="s", ref=MAIL, folder="Shared"), {"ref": M}),
    *(
        case
        for op in (
            MailFlag(source="s", ref=MAIL, add=("seen",)), MailMove(source="s", ref=MAIL, folder="Done"),
            MailTrash(source="s", ref=MAIL), FileTrash(source="s", ref=FILE, version="1"),
        )
        for case in (
            Case("allow", op.name, op, {"ref": M, "folder": U}),
            Case("ask", f"{op.name} id", op, {"ref": T}),
            Case("ask", f"{op.name} id", op, {}),
            Case("allow", op.name, op, {"ref": M, "folder": U}, replace(FACTS, moved=MOST - 1)),
            Case("ask", f"{op.name} many", op, {"ref": M, "folder": U}, replace(FACTS, moved=MOST)),
        )
    ),
    # Events.
    Case("allow", "event.create alone", book(attendees=to(ME)), OWN_WORDS),
    Case("ask", "event.create", book(attendees=to(ANN)), OWN_WORDS),
    Case("ask", "event.create room", book(rooms=to("blue@example.org")), OWN_WORDS),
    Case("ask", "event.create attendees", book(attendees=to(STRANGER)), OWN_WORDS | {"attendees": T}),
    Case("ask", "event.create", book(attendees=to(ANN)), OWN_WORDS | {"attendees": T}),
    Case("deny", "event.create budget", book(attendees=to(*MANY)), OWN_WORDS),
    Case("deny", "event.create budget", book(rooms=to(*MANY)), OWN_WORDS),
    Case("ask", "event.create", book(attendees=to(ANN, BO)), OWN_WORDS | {"attendees": T}),
    Case("ask", "event.create text", book(), OWN_WORDS | {"title": T}),
    Case("ask", "event.create text", book(description="x"), OWN_WORDS),
    *(
        case
        for op in (
            EventUpdate(source="s", ref=EVENT, version="1", title="x"),
            EventCancel(source="s", ref=EVENT, version="1"),
            EventRestore(source="s", ref=EVENT, version="1", ics="BEGIN:VCALENDAR"),
        )
        for case in (
            Case("allow", f"{op.name} alone", op, {"ref": M, "title": U, "ics": M}),
            Case("ask", op.name, op, {"ref": M, "ics": M}, replace(FACTS, look_up=ATTENDED)),
            Case("ask", f"{op.name} theirs", op, {"ref": M, "ics": M}, replace(FACTS, look_up=THEIRS)),
            Case("ask", f"{op.name} unknown", op, {"ref": M, "ics": M}, LOST),
            Case("ask", f"{op.name} changed", op, {"ref": M, "title": U, "ics": M}, CHANGED),
            Case("deny", f"{op.name} id", op, {"ref": T}),
            Case("deny", f"{op.name} id", op, {}),
        )
    ),
    Case(
        "ask", "event.update",
        EventUpdate(source="s", ref=EVENT, version="1", attendees=to(ANN)), {"ref": M},
    ),
    Case(
        "ask", "event.update text",
        EventUpdate(source="s", ref=EVENT, version="1", description="x"), {"ref": M, "description": T},
    ),
    Case(
        "deny", "event.update budget",
        EventUpdate(source="s", ref=EVENT, version="1", attendees=to(*MANY)), {"ref": M, "attendees": U},
    ),
    Case(
        "ask", "event.update attendees",
        EventUpdate(source="s", ref=EVENT, version="1", attendees=to(STRANGER)), {"ref": M, "attendees": T},
    ),
    Case(
        "ask", "event.restore",
        EventRestore(source="s", ref=EVENT, version="", ics=f"ATTENDEE;CN=Ann:mailto:{ANN}\r\n"), {"ref": M},
    ),
    Case(
        "allow", "event.restore alone",
        EventRestore(source="s", ref=EVENT, version="", ics=f"ORGANIZER:MAILTO:{ME}\r\n"),
        {"ref": M, "ics": M},
    ),
    # Lines are folded where they are long (RFC 5545 3.1), be it in the middle of an address.
    Case(
        "ask", "event.restore",
        EventRestore(source="s", ref=EVENT, version="", ics=f"ATTENDEE:mai\r\n lto:{ANN}\r\n"), {"ref": M},
    ),
    Case(
        "allow", "event.restore alone",
        EventRestore(source="s", ref=EVENT, version="", ics=f"ORGANIZER:MAILTO:{ME[:3]}\n\t{ME[3:]}\n"),
        {"ref": M, "ics": M},
    ),
    # Several events at once, or one of a stretch; a new time at which there is something already.
    *(
        case
        for op in (
            EventUpdate(source="s", ref=EVENT, version="1", title="x"),
            EventCancel(source="s", ref=EVENT, version="1"),
        )
        for case in (
            Case("ask", f"{op.name} many", op, {"ref": M, "title": U}, replace(FACTS, at_once=2)),
            Case("ask", f"{op.name} unnamed", op, {"ref": M, "title": U}, replace(FACTS, at_once=1)),
        )
    ),
    Case("allow", "event.restore alone", BACK, {"ref": M, "ics": M}, replace(FACTS, at_once=2)),
    Case("ask", "event.create place", book(calendar="Team"), OWN_WORDS | {"calendar": T}),
    Case("allow", "event.create alone", book(calendar="Team"), OWN_WORDS | {"calendar": M}),
    Case("ask", "event.restore text", BACK, {"ref": M, "ics": T, "also": A}),
    Case("allow", "event.restore alone", BACK, {"ref": M, "ics": M, "also": T}),
    Case(
        "ask", "event.restore text",
        BACK.model_copy(update={"also": (EventState(ref=EVENT, version="", ics=""),)}),
        {"ref": M, "ics": M, "also": T},
    ),
    Case("ask", "event.create clash", book(), OWN_WORDS, replace(FACTS, taken=True)),
    Case("allow", "event.create alone", book(), OWN_WORDS, replace(FACTS, changed=True)),
    # A stranger's words stay out of the calendar; what an event does not say does not matter.
    *(
        Case("ask", "event.create text", book(**{name: "x"}), OWN_WORDS | {name: T})
        for name in ("title", "location", "description")
    ),
    # A name beside one's own address is words too.
    *(
        Case("ask", f"{op.name} text", op, OWN_WORDS | {"ref": M, name: T})
        for name in ("attendees", "rooms")
        for op in (
            book(**{name: to(ME)}),
            EventUpdate(source="s", ref=EVENT, version="1", **{name: to(ME)}),
        )
    ),
    Case("allow", "event.create alone", book(), OWN_WORDS | {"location": T, "description": T}),
    # Who is in an event already comes into it no more.
    Case(
        "ask", "event.update", EventUpdate(source="s", ref=EVENT, version="1", attendees=to(STRANGER)),
        {"ref": M, "attendees": T}, replace(FACTS, look_up=there(Participant("attendee", STRANGER))),
    ),
    Case(
        "ask", "event.update attendees",
        EventUpdate(source="s", ref=EVENT, version="1", attendees=to(STRANGER)), {"ref": M, "attendees": T},
        LOST,
    ),
    *(
        Case(
            "ask", "event.update text", EventUpdate(source="s", ref=EVENT, version="1", **{name: "x"}),
            {"ref": M, name: T},
        )
        for name in ("title", "location")
    ),
    *(
        Case("ask", op.name, op, {"ref": M, "attendees": U})
        for op in (
            book(attendees=to(*MANY[:-1], ANN)),
            EventUpdate(source="s", ref=EVENT, version="1", attendees=to(*MANY[:-1], ANN)),
        )
    ),
    # A room that is in it attends; a name without an address called it too.
    *(
        Case(
            "ask", rule, EventCancel(source="s", ref=EVENT, version="1"), {"ref": M},
            replace(FACTS, look_up=there(one)),
        )
        for rule, one in (
            ("event.cancel", Participant("resource", "blue@example.org")),
            ("event.cancel theirs", Participant("organizer", "", "Somebody")),
        )
    ),
    # What those in it are told with a cancelling is asked about whoever wrote it; nobody hears it of others.
    *(
        Case(
            "ask", "event.cancel", EventCancel(source="s", ref=EVENT, version="1", comment="x"),
            {"ref": M, "comment": whose}, replace(FACTS, look_up=ATTENDED),
        )
        for whose in (U, T)
    ),
    Case(
        "allow", "event.cancel alone", EventCancel(source="s", ref=EVENT, version="1"), {"ref": M},
        replace(FACTS, look_up=there(Participant("author", ANN))),
    ),
    Case(
        "ask", "event.update", EventUpdate(source="s", ref=EVENT, version="1", rooms=to("blue@example.org")),
        {"ref": M, "rooms": U, "attendees": A},
    ),
    Case("ask", "event.restore", BACK.model_copy(update={"also": (ELSE,)}), {"ref": M}),
    # Answers.
    Case(
        "ask", "event.answered theirs",
        EventAnswered(source="s", ref=EVENT, version="1", address=ANN, status="accepted", sequence=0),
        {"ref": M, "status": T}, LOST,
    ),
    Case(
        "deny", "event.respond id",
        EventRespond(source="s", ref=EVENT, version="1", status="accepted"), {"ref": T, "status": U},
    ),
    Case(
        "ask", "event.respond answer",
        EventRespond(source="s", ref=EVENT, version="1", status="accepted", comment="x"),
        {"ref": M, "status": U, "comment": T},
    ),
    Case(
        "allow", "event.respond",
        EventRespond(source="s", ref=EVENT, version="1", status="accepted"),
        {"ref": M, "status": U, "comment": T},
    ),
    Case(
        "allow", "event.answered",
        EventAnswered(source="s", ref=EVENT, version="1", address=ANN, status="accepted", sequence=0),
        {"ref": M, "status": T},
    ),
    Case(
        "ask", "event.answered theirs",
        EventAnswered(source="s", ref=EVENT, version="1", address=ANN, status="accepted", sequence=0),
        {"ref": M, "status": T}, replace(FACTS, look_up=THEIRS),
    ),
    Case(
        "deny", "event.answered id",
        EventAnswered(source="s", ref=EVENT, version="1", address=ANN, status="accepted", sequence=0),
        {"ref": T, "status": T},
    ),
    Case(
        "allow", "event.respond",
        EventRespond(source="s", ref=EVENT, version="1", status="accepted"), {"ref": M, "status": U},
    ),
    Case(
        "ask", "event.respond answer",
        EventRespond(source="s", ref=EVENT, version="1", status="accepted"), {"ref": M, "status": T},
    ),
    Case(
        "ask", "event.respond told",
        EventRespond(source="s", ref=EVENT, version="1", status="accepted"), {"ref": M, "status": U},
        replace(FACTS, tells=frozenset({"other", "s"})),
    ),
    Case(
        "allow", "event.respond",
        EventRespond(source="s", ref=EVENT, version="1", status="accepted"), {"ref": M, "status": U},
        replace(FACTS, tells=frozenset({"other"})),
    ),
    *(
        Case(outcome, rule, take.model_copy(update=changed), TAKEN | labels, facts)
        for outcome, rule, changed, labels, facts in (
            ("allow", "event.receive asked", {}, {}, BROUGHT),
            ("ask", "event.receive", {}, {"status": A}, BROUGHT),
            ("ask", "event.receive", {"status": None}, {"status": A}, BROUGHT),
            ("ask", "event.receive", {"status": None}, {"status": U}, BROUGHT),
            ("ask", "event.receive sender", {}, {}, replace(FACTS, look_up=by(STRANGER, ANN))),
            ("ask", "event.receive changed", {}, {}, replace(BROUGHT, changed=True)),
            ("deny", "event.receive unreadable", {"ics": "x"}, {}, replace(FACTS, look_up=holding("x"))),
            ("deny", "event.receive unreadable", {"ics": ""}, {}, replace(FACTS, look_up=holding(""))),
            ("deny", "event.receive own", {"ics": NOBODYS}, {}, replace(FACTS, look_up=holding(NOBODYS))),
            ("deny", "event.receive organizer", {"version": "1"}, {}, NO_COPY),
            ("allow", "event.receive asked", {}, {}, NO_COPY),
            ("deny", "event.receive id", {}, {"ref": T}, BROUGHT),
            ("deny", "event.receive mail", {"ics": meeting(ANN) + "x"}, {}, BROUGHT),
            ("deny", "event.receive mail", {}, {}, replace(FACTS, look_up=lambda _: None)),
            ("deny", "event.receive own", {"ics": meeting(ME)}, {}, replace(FACTS, look_up=by(ME, ME))),
            ("deny", "event.receive organizer", {"version": "1"}, {}, OTHERS),
            ("allow", "event.receive asked", {"version": "1"}, {}, BROUGHT),
        )
    ),
    # Files.
    Case("allow", "file.create", FileCreate(source="s", path="a.md", text="x"), {"path": U, "text": T}),
    Case("ask", "file.create place", FileCreate(source="s", path="a.md", text="x"), {"path": T}),
    # A program is the person's own to write.
    *(
        Case("ask", "file.create name", FileCreate(source="s", path=path, text="x"), {"path": U, "text": T})
        for path in ("run.sh", "notes.md/run.sh", "a\\.profile", "tools/.bashrc")
    ),
    Case("allow", "file.create", FileCreate(source="s", path="t/run.sh", text="x"), {"path": U, "text": U}),
    Case("allow", "file.create", FileCreate(source="s", path="b.sh/a.md", text="x"), {"path": U, "text": T}),
    Case("allow", "file.copy", COPY, FILED),
    Case("ask", "file.copy content", COPY, FILED | {"content": T}),
    Case("ask", "file.copy place", COPY, FILED | {"folder": T}),
    *(
        Case("ask", "file.copy name", COPY.model_copy(update={"called": called}), FILED)
        for called in ("a.pdf.exe", "a\u202efdp", ".bashrc", "x.desktop", "page.HTML", "a\u200b.pdf")
    ),
    Case("ask", "file.copy many", COPY, FILED, replace(FACTS, moved=MOST)),
    Case("allow", "file.copy", COPY, FILED, replace(FACTS, moved=MOST - 1)),
    Case("ask", "file.trash changed", FileTrash(source="s", ref=FILE, version="1"), {"ref": M}, CHANGED),
    Case("allow", "mail.trash", MailTrash(source="s", ref=MAIL), {"ref": M}, CHANGED),
    Case("deny", "file.copy version", COPY, FILED, LOST),
    Case("deny", "file.copy version", COPY.model_copy(update={"content": OLDER}), FILED),
    Case("allow", "file.replace", FileReplace(source="s", ref=FILE, version="1", text="x"), {"ref": M}),
    Case("deny", "file.replace id", FileReplace(source="s", ref=FILE, version="1", text="x"), {"ref": T}),
    Case(
        "ask", "file.replace changed", FileReplace(source="s", ref=FILE, version="1", text="x"), {"ref": M},
        replace(FACTS, changed=True),
    ),
    Case(
        "ask", "file.restore changed", FileRestore(source="s", ref=FILE, version="1", hash="0" * 64),
        {"ref": M}, replace(FACTS, changed=True),
    ),
    Case("allow", "file.restore", FileRestore(source="s", ref=FILE, version="1", hash="0"), {"ref": M}),
    Case("deny", "file.restore id", FileRestore(source="s", ref=FILE, version="1", hash="0"), {}),
    *(
        Case("ask", f"{op.name} shared", op, {"ref": M}, replace(FACTS, look_up=lambda ref, seen=seen: seen))
        for op in (
            FileTrash(source="s", ref=FILE, version="1"),
            FileReplace(source="s", ref=FILE, version="1", text="x"),
            FileRestore(source="s", ref=FILE, version="1", hash="0"),
        )
        for seen in (
            replace(item(FILE), label=Label("untrusted", (), (ME, ANN))),
            replace(item(FILE), label=Label("untrusted", (), None)),
            replace(item(FILE), data={"shared": True}),
        )
    ),
    Case(
        "allow", "file.replace", FileReplace(source="s", ref=FILE, version="1", text="x"), {"ref": M},
        replace(FACTS, look_up=lambda ref: replace(item(FILE), label=Label("untrusted", (), (ME,)))),
    ),
    Case(
        "allow", "file.trash", FileTrash(source="s", ref=FILE, version="1"), {"ref": M},
        replace(FACTS, look_up=lambda ref: replace(item(FILE), label=Label("untrusted", (), (ME.upper(),)))),
    ),
    Case(
        "deny", "file.replace id", FileReplace(source="s", ref=FILE, version="1", text="x"), {"ref": T},
        replace(FACTS, look_up=lambda ref: replace(item(FILE), data={"shared": True})),
    ),
    # What a model planned beyond the person's own words.
    *(
        Case("ask", f"{op.name} uncovered", op, labels, replace(facts, uncovered=True))
        for op, labels, facts in (
            (MailTrash(source="s", ref=MAIL), {"ref": M}, FACTS),
            (MailFlag(source="s", ref=MAIL, add=("seen",)), {"ref": M}, FACTS),
            (MailMove(source="s", ref=MAIL, folder="x"), {"ref": M, "folder": U}, FACTS),
            (FileTrash(source="s", ref=FILE, version="1"), {"ref": M}, FACTS),
            (book(), OWN_WORDS, FACTS),
            (EventUpdate(source="s", ref=EVENT, version="1", title="x"), {"ref": M, "title": U}, FACTS),
            (EventCancel(source="s", ref=EVENT, version="1"), {"ref": M}, FACTS),
            (BACK, {"ref": M, "ics": M}, FACTS),
            (
                EventRespond(source="s", ref=EVENT, version="1", status="accepted"),
                {"ref": M, "status": U}, FACTS,
            ),
            (take, TAKEN, BROUGHT),
            (FileCreate(source="s", path="a.md", text="x"), {"path": U, "text": T}, FACTS),
            (COPY, FILED, FACTS),
            (FileReplace(source="s", ref=FILE, version="1", text="x"), {"ref": M}, FACTS),
            (FileRestore(source="s", ref=FILE, version="1", hash="0"), {"ref": M}, FACTS),
        )
    ),
    Case("allow", "mail.draft", MailDraft(source="s"), {}, replace(FACTS, uncovered=True)),
    Case(
        "ask", "mail.send uncovered", send(to=to(ME)), {"to": U, "body": T}, replace(FACTS, uncovered=True)
    ),
    # What is not there yet.
    Case("ask", "file.share", there_may_be("file.share", grantee=ANN), {"ref": M, "grantee": C}),
    *(
        Case("deny", "file.share taint", there_may_be("file.share", grantee=ANN), labels)
        for labels in ({"ref": T, "grantee": C}, {"ref": M, "grantee": T})
    ),
    Case("deny", "file.share anybody", there_may_be("file.share"), {"ref": M, "grantee": U}),
    *(
        case
        for name, arguments in (
            ("memory.write", ("text",)), ("schedule.create", ("request", "rrule")),
            ("web.fetch", ("url", "query")), ("web.search", ("url", "query")),
        )
        for case in (
            Case("ask", name, there_may_be(name), dict.fromkeys(arguments, U)),
            *(
                Case("deny", f"{name} taint", there_may_be(name), dict.fromkeys(arguments, U) | {n: T})
                for n in arguments
            ),
        )
    ),
    *(
        Case("deny", rule, there_may_be(name), {"source": U}, policy=OPENED)
        for rule, names in (
            (
                "never grant",
                "mail.grant calendar.delegate file.share_all file.publish mail.filter mail.filter_add "
                "mail.rule mail.rule_add mail.autoforward mail.forwarding rule.add filter.add grant.add "
                "delegation.add forwarding.set permission.set",
            ),
            (
                "never delete",
                "mail.delete mail.purge mail.expunge folder.empty mail.empty_trash file.erase trash.empty",
            ),
            ("default", "mail.telegraph file.append fileXshare mailsend grant"),
        )
        for name in names.split()
    ),
]  # fmt: skip
