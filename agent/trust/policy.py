"""The one gate in front of every write: allow, ask or deny, judged on the final arguments.

A pure function over values with their labels. Default deny: an operation without a row here does not
happen. The rows follow the table in docs/threat-model.md; each has a test that allows and one that refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from deskhand.agent.trust.enclosures import not_as_read, safe_name
from deskhand.connectors.itip import read_itip
from deskhand.connectors.model import Item, ItemRef, Label
from deskhand.connectors.operations import (
    EventAnswered,
    EventCancel,
    EventCreate,
    EventReceive,
    EventRespond,
    EventRestore,
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

POLICY_VERSION = "2"
"""Bound into every approval: a decision made under other rules does not count."""

NEW_RECIPIENTS = 20
"""More strangers than this in one message or invitation is never right."""

AT_ONCE = 20
"""So many messages or files may one run move or put away unasked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy says of one write, by which rule, and why in words for the person."""

    outcome: Literal["allow", "ask", "deny"]
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the policy may know besides the arguments."""

    mine: frozenset[str]
    """The owner's addresses."""
    contacts: frozenset[str]
    """Addresses the owner has written to, invited or keeps in an address book."""
    invited: frozenset[str] = frozenset()
    """Attendees of an event that was approved in this very run."""
    moved: int = 0
    """Messages and files this run moved, marked or put away before."""
    at_once: int = 0
    """How many events this run changes in the same way, this one among them; 0: this one was named itself."""
    send_alone: bool = False
    """The person switched on sending to contacts without being asked."""
    look_up: Callable[[ItemRef], Item | None] = lambda _: None
    """The item that an operation names, as it is now."""


def judge(operation: Operation, labels: Mapping[str, Label], facts: Facts) -> Verdict:
    """Judge an operation on its final arguments. `labels` are by argument; a missing one is untrusted."""
    match operation:
        case MailDraft():
            return Verdict("allow", "mail.draft", "a draft leaves nothing")
        case MailSend():
            return _send(operation, labels, facts)
        case MailFlag() | MailMove() | MailTrash() | FileTrash():
            return _put_away(operation, labels, facts)
        case EventCreate():
            return _create(operation, labels, facts)
        case EventUpdate() | EventCancel() | EventRestore():
            return _change(operation, labels, facts)
        case EventAnswered() | EventRespond():
            return _answer(operation, labels, facts)
        case EventReceive():
            return _receive(operation, labels, facts)
        case FileCreate():
            if _tainted(labels, "path"):
                return Verdict("ask", "file.create place", "a stranger's text chose the place")
            return Verdict("allow", "file.create", "a new private file")
        case FileCopy():
            return _copy(operation, labels, facts)
        case FileReplace() | FileRestore():
            if _tainted(labels, "ref"):
                return Verdict("deny", f"{operation.name} id", "a stranger's text chose the file")
            return Verdict("allow", operation.name, "the old version is kept")
        case _:
            return Verdict("deny", "default", f"no rule allows {operation.name}")


def _send(mail: MailSend, labels: Mapping[str, Label], facts: Facts) -> Verdict:
    recipients = {m.address.lower() for m in mail.recipients}
    known = facts.contacts | facts.mine
    strangers = {
        m.address.lower()
        for name in ("to", "cc", "bcc")
        for m in getattr(mail, name)
        if _tainted(labels, name) and m.address.lower() not in known
    }
    foreign = [n for n in _TEXTS if getattr(mail, n) and _tainted(labels, n)]
    if any(m.address.lower() in strangers for m in mail.bcc):
        return Verdict("deny", "mail.send bcc", "a stranger's text chose a hidden recipient")
    if len(recipients - known) > NEW_RECIPIENTS:
        return Verdict("deny", "mail.send budget", f"more than {NEW_RECIPIENTS} new recipients")
    bare = (a for a in mail.attachments if isinstance(a, ItemRef))
    if any(a.source != mail.source for a in bare):
        return Verdict("deny", "mail.send attachments", "an attachment lies outside this mailbox")
    if gone := not_as_read(mail, facts.look_up):
        return Verdict("deny", "mail.send version", gone)
    if strangers and mail.answers is None and _same_place(mail, labels, foreign):
        return Verdict("deny", "mail.forward", "the mail itself says to whom it shall be passed on")
    if foreign and not recipients <= facts.mine:
        text = "\n".join((mail.subject, mail.body, mail.calendar))
        if found := secret_in(text):
            if _news(mail, labels, recipients):
                why = f"the text holds {found} out of somebody's mail"
                return Verdict("deny", "mail.send secrets", why)
            why = f"the text holds {found}, out of what they could read already"
            return Verdict("ask", "mail.send secrets known", why)
    if recipients <= facts.mine:
        return Verdict("allow", "mail.send to yourself", "it goes to nobody but you")
    if mail.calendar and recipients <= facts.invited and not foreign and not mail.attachments:
        return Verdict("allow", "mail.send invitation", "you approved inviting them")
    if strangers:
        return Verdict("ask", "mail.send recipients", "a recipient was not chosen by you")
    if _led_astray(mail, recipients, facts):
        return Verdict("ask", "mail.send reply-to", "the answer goes elsewhere than the mail came from")
    if facts.send_alone and recipients <= known and not _leaks(mail, labels, recipients):
        return Verdict("allow", "mail.send to contacts", "you switched on sending to contacts")
    return Verdict("ask", "mail.send", "mail cannot be taken back")


_TEXTS = ("subject", "body", "calendar", "attachments")
"""Arguments of a mail that carry what was written somewhere."""


def _same_place(mail: MailSend, labels: Mapping[str, Label], foreign: Sequence[str]) -> bool:
    """Whether a recipient was read out of the same item as the text."""
    people = (labels.get(n, Label()) for n in ("to", "cc", "bcc") if getattr(mail, n) and _tainted(labels, n))
    chosen = {origin for label in people for origin in label.origins}
    return any(chosen & {*labels.get(n, Label()).origins} for n in foreign)


def _led_astray(mail: MailSend, recipients: set[str], facts: Facts) -> bool:
    """Whether this answers a mail whose Reply-To is another than its From, and goes there."""
    answered = facts.look_up(mail.answers) if mail.answers else None
    if answered is None:
        return False
    sender, back = answered.person("from"), answered.person("reply-to")
    return back is not None and back.address in recipients and (not sender or sender.address != back.address)


def _news(mail: MailSend, labels: Mapping[str, Label], recipients: set[str]) -> bool:
    """Whether a stranger's text in the mail reaches somebody who could not read it where it came from."""
    told = [labels.get(n, Label()) for n in _TEXTS if getattr(mail, n) and _tainted(labels, n)]
    return any(t.readers is not None and not recipients <= {r.lower() for r in t.readers} for t in told)


def _leaks(mail: MailSend, labels: Mapping[str, Label], recipients: set[str]) -> bool:
    """Whether something goes out that some recipient could not read where it came from."""
    for name in _TEXTS:
        label = labels.get(name, Label())
        if not getattr(mail, name) or label.trust in ("user", "assistant"):
            continue
        if name == "attachments" and label.trust == "untrusted":
            return True
        if label.readers is not None and not recipients <= {r.lower() for r in label.readers}:
            return True
    return False


def _create(event: EventCreate, labels: Mapping[str, Label], facts: Facts) -> Verdict:
    others = _others((*event.attendees, *event.rooms), facts)
    if stopped := _invites(event, others, labels, facts):
        return stopped
    if others:
        why = "others are invited" if _others(event.attendees, facts) else "a room is asked for"
        return Verdict("ask", "event.create", why)
    return _writes(event, labels) or Verdict(
        "allow", "event.create alone", "your own calendar, nobody else in it"
    )


def _invites(
    event: EventCreate | EventUpdate, new: set[str], labels: Mapping[str, Label], facts: Facts
) -> Verdict | None:
    """What stands against those whom an event would newly have in it."""
    if len(new - facts.contacts) > NEW_RECIPIENTS:
        return Verdict("deny", f"{event.name} budget", f"more than {NEW_RECIPIENTS} new attendees")
    if new and _tainted(labels, "attendees") and not new <= facts.contacts:
        return Verdict("ask", f"{event.name} attendees", "an attendee was not chosen by you")
    return None


def _writes(event: EventCreate | EventUpdate, labels: Mapping[str, Label]) -> Verdict | None:
    """What stands against the words that an event would have."""
    if any(getattr(event, n) and _tainted(labels, n) for n in ("title", "location", "description")):
        return Verdict("ask", f"{event.name} text", "a stranger's words would stand in your calendar")
    return None


def _change(
    operation: EventUpdate | EventCancel | EventRestore, labels: Mapping[str, Label], facts: Facts
) -> Verdict:
    if _tainted(labels, "ref"):
        return Verdict("deny", f"{operation.name} id", "a stranger's text chose the event")
    item = facts.look_up(operation.ref)
    if isinstance(operation, EventUpdate):
        old = {p.address.lower() for p in item.people} if item else set()
        new = _others((*(operation.attendees or ()), *(operation.rooms or ())), facts) - old
        if stopped := _invites(operation, new, labels, facts):
            return stopped
    if item is None:
        return Verdict("ask", operation.name, "who attends is not known")
    there = {p.address.lower() for p in item.people if p.role in ("attendee", "resource")} - facts.mine
    if isinstance(operation, EventRestore):
        texts = (operation.ics, *(s.ics for s in operation.also))
        there |= {a.lower() for text in texts for a in _MAILTO.findall(text)} - facts.mine
    if isinstance(operation, EventUpdate):
        there |= _others((*(operation.attendees or ()), *(operation.rooms or ())), facts)
    organizer = item.person("organizer")
    if organizer is not None and organizer.address not in facts.mine:
        # The address, not the name: a name may say anything.
        why = f"{organizer.address} called this meeting: only your own copy changes, and nobody is told"
        return Verdict("ask", operation.name, why)
    if there:
        return Verdict("ask", operation.name, "others attend")
    if isinstance(operation, EventUpdate) and (stopped := _writes(operation, labels)):
        return stopped
    if facts.at_once and not isinstance(operation, EventRestore):
        many = f"{facts.at_once} events change at once" if facts.at_once > 1 else "it was not named by itself"
        return Verdict("ask", f"{operation.name} many", many)
    return Verdict("allow", f"{operation.name} alone", "your own event, nobody else in it")


def _answer(operation: EventAnswered | EventRespond, labels: Mapping[str, Label], facts: Facts) -> Verdict:
    if _tainted(labels, "ref"):
        return Verdict("deny", f"{operation.name} id", "a stranger's text chose the event")
    if isinstance(operation, EventRespond):
        if any(_tainted(labels, n) for n in ("status", "comment") if getattr(operation, n)):
            return Verdict("ask", "event.respond answer", "the answer was not chosen by you")
        return Verdict("allow", "event.respond", "your own answer, in your own calendar")
    item = facts.look_up(operation.ref)
    organizer = item.person("organizer") if item else None
    if item is None or organizer is None or organizer.address not in facts.mine:
        return Verdict("ask", "event.answered", "it is not known to be your own meeting")
    return Verdict("allow", "event.answered", "it notes what somebody invited has answered")


def _receive(operation: EventReceive, labels: Mapping[str, Label], facts: Facts) -> Verdict:
    if _tainted(labels, "ref"):
        return Verdict("deny", "event.receive id", "a stranger's text chose the event")
    mail = facts.look_up(operation.message)
    if mail is None or mail.data.get("calendar") != operation.ics:
        return Verdict("deny", "event.receive mail", "it is not what the mail brought")
    try:
        said = read_itip(operation.ics)
    except ValueError:
        return Verdict("deny", "event.receive mail", "it is no meeting's message")
    called = said.organizer.address if said.organizer else ""
    if not called or called in facts.mine:
        return Verdict("deny", "event.receive own", "mail does not change your own meetings")
    item = facts.look_up(operation.ref) if operation.version else None
    there = item.person("organizer") if item else None
    if operation.version and (there is None or there.address != called):
        return Verdict("deny", "event.receive organizer", "somebody else called the event that is there")
    sender = mail.person("from")
    if sender is None or sender.address != called:
        who = sender.address if sender else "nobody"
        return Verdict("ask", "event.receive sender", f"it came from {who}, and {called} calls the meeting")
    if operation.status is None or labels.get("status", Label()).trust != "user":
        return Verdict("ask", "event.receive", f"{called} would change your calendar")
    return Verdict("allow", "event.receive asked", "you accepted it, and its organizer sent it")


_MAILTO = re.compile(r"mailto:([^\s;:,\"<>]+)", re.I)


def _put_away(operation: Operation, labels: Mapping[str, Label], facts: Facts) -> Verdict:
    if _tainted(labels, "ref"):
        return Verdict("ask", f"{operation.name} id", "a stranger's text chose it")
    if facts.moved >= AT_ONCE:
        return Verdict("ask", f"{operation.name} many", f"more than {AT_ONCE} in one go")
    return Verdict("allow", operation.name, "it is kept, and can be put back")


def _copy(copied: FileCopy, labels: Mapping[str, Label], facts: Facts) -> Verdict:
    if gone := not_as_read(copied, facts.look_up):
        return Verdict("deny", "file.copy version", gone)
    if _tainted(labels, "content"):
        return Verdict("ask", "file.copy content", "a stranger's text chose what is filed")
    if _tainted(labels, "folder"):
        return Verdict("ask", "file.copy place", "a stranger's text chose the place")
    if not safe_name(copied.called):
        return Verdict("ask", "file.copy name", "under this name it may be run, or hide what it is")
    if facts.moved >= AT_ONCE:
        return Verdict("ask", "file.copy many", f"more than {AT_ONCE} in one go")
    return Verdict("allow", "file.copy", "a new private file; nothing is written over")


def _others(attendees: Sequence[Mailbox], facts: Facts) -> set[str]:
    return {m.address.lower() for m in attendees} - facts.mine


def _tainted(labels: Mapping[str, Label], name: str) -> bool:
    return labels.get(name, Label()).trust == "untrusted"


_WORD = r"(?:code|otp|pin|passcode|one-time password|token)"
_NUMBER = r"(?!(?:19|20)\d\d\b)\d{4,8}\b"  # a year is no code
_CODE = re.compile(
    rf"\b{_WORD}\b[^.\n]{{0,40}}\b{_NUMBER}|\b{_NUMBER} is (?:your|the|my)\b[^.\n]{{0,40}}\b{_WORD}\b", re.I
)
_URL = re.compile(r"https?://\S+", re.I)
_RESET = re.compile(r"reset|verify|confirm|magic|token|activate", re.I)
_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"
    r"|\b(?:AKIA[0-9A-Z]{16}|ghp_\w{30}|sk-[\w-]{20}|xox[bap]-[\w-]{10})"
)


def secret_in(text: str) -> str:
    """What secret a text seems to hold, in words, or "". Linear in the length of the text."""
    if _CODE.search(text):
        return "a one-time code"
    if any(_RESET.search(url) for url in _URL.findall(text)):
        return "a reset link"
    return "a key" if _KEY.search(text) else ""
