"""The one gate in front of every write: allow, ask or deny, judged on the final arguments.

A pure function over values with their labels. Default deny: an operation without a row here does not
happen. The rows follow the table in docs/threat-model.md; each has a test that allows and one that refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from deskhand.connectors.model import Item, Label
from deskhand.connectors.operations import (
    EventCancel,
    EventCreate,
    EventRestore,
    EventUpdate,
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

POLICY_VERSION = "1"
"""Bound into every approval: a decision made under other rules does not count."""

NEW_RECIPIENTS = 20
"""More strangers than this in one message is never right."""


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
    send_alone: bool = False
    """The person switched on sending to contacts without being asked."""
    look_up: Callable[[Operation], Item | None] = lambda _: None
    """The item an operation is about, as it is now."""


def judge(operation: Operation, labels: Mapping[str, Label], facts: Facts) -> Verdict:
    """Judge an operation on its final arguments. `labels` are by argument; a missing one is untrusted."""
    match operation:
        case MailDraft():
            return Verdict("allow", "mail.draft", "a draft leaves nothing")
        case MailSend():
            return _send(operation, labels, facts)
        case MailFlag() | MailMove() | MailTrash():
            return _by_choice(operation, labels, "only this mailbox changes")
        case EventCreate():
            return _create(operation, labels, facts)
        case EventUpdate() | EventCancel() | EventRestore():
            return _change(operation, labels, facts)
        case FileCreate():
            if labels.get("path", Label()).trust == "untrusted":
                return Verdict("ask", "file.create", "a stranger's text chose the place")
            return Verdict("allow", "file.create", "a new private file")
        case FileReplace() | FileRestore() | FileTrash():
            return _by_choice(operation, labels, "the old version is kept")
        case _:
            return Verdict("deny", "default", f"no rule allows {operation.name}")


def _send(mail: MailSend, labels: Mapping[str, Label], facts: Facts) -> Verdict:
    recipients = {m.address.lower() for m in mail.recipients}
    strangers = {
        m.address.lower()
        for name in ("to", "cc", "bcc")
        for m in getattr(mail, name)
        if _tainted(labels, name) and m.address.lower() not in facts.contacts | facts.mine
    }
    if any(m.address.lower() in strangers for m in mail.bcc):
        return Verdict("deny", "mail.send bcc", "a stranger's text chose a hidden recipient")
    if len(recipients - facts.contacts - facts.mine) > NEW_RECIPIENTS:
        return Verdict("deny", "mail.send budget", f"more than {NEW_RECIPIENTS} new recipients")
    if any(_tainted(labels, n) for n in ("body", "subject")) and not recipients <= facts.mine:
        if found := secret_in(f"{mail.subject}\n{mail.body}"):
            return Verdict("deny", "mail.send secrets", f"the text holds {found} out of somebody's mail")
    if recipients <= facts.mine:
        return Verdict("allow", "mail.send to yourself", "it goes to nobody but you")
    if mail.calendar and recipients <= facts.invited:
        return Verdict("allow", "mail.send invitation", "you approved inviting them")
    if strangers:
        return Verdict("ask", "mail.send recipients", "a recipient was not chosen by you")
    if facts.send_alone and recipients <= facts.contacts | facts.mine and not _foreign_text(mail, labels):
        return Verdict("allow", "mail.send to contacts", "you switched on sending to contacts")
    return Verdict("ask", "mail.send", "mail cannot be taken back")


def _create(event: EventCreate, labels: Mapping[str, Label], facts: Facts) -> Verdict:
    others = _others(event.attendees, facts)
    if not others:
        return Verdict("allow", "event.create alone", "your own calendar, nobody else in it")
    if _tainted(labels, "attendees") and not others <= facts.contacts:
        return Verdict("ask", "event.create attendees", "an attendee was not chosen by you")
    return Verdict("ask", "event.create", "others are invited")


def _change(
    operation: EventUpdate | EventCancel | EventRestore, labels: Mapping[str, Label], facts: Facts
) -> Verdict:
    if _tainted(labels, "ref"):
        return Verdict("deny", f"{operation.name} id", "a stranger's text chose the event")
    item = facts.look_up(operation)
    there = {p.address for p in item.people if p.role == "attendee"} if item else set()
    invited = getattr(operation, "attendees", None) or ()
    if _others(invited, facts) or {a for a in there if a.lower() not in facts.mine}:
        return Verdict("ask", operation.name, "others attend")
    organizer = item.person("organizer") if item else None
    if organizer is not None and organizer.address not in facts.mine:
        return Verdict("ask", operation.name, "somebody else called this meeting")
    return Verdict("allow", f"{operation.name} alone", "your own event, nobody else in it")


def _by_choice(operation: Operation, labels: Mapping[str, Label], why: str) -> Verdict:
    if _tainted(labels, "ref"):
        rule = f"{operation.name} id"
        return Verdict("ask" if isinstance(operation, MailTrash | MailFlag | MailMove) else "deny", rule,
                       "a stranger's text chose it")  # fmt: skip
    return Verdict("allow", operation.name, why)


def _foreign_text(mail: MailSend, labels: Mapping[str, Label]) -> bool:
    """Whether text goes out that some recipient could not read where it came from."""
    recipients = {m.address.lower() for m in mail.recipients}
    for name in ("subject", "body", "attachments"):
        label = labels.get(name, Label())
        if getattr(mail, name) and label.readers is not None and label.trust in ("untrusted", "metadata"):
            if not recipients <= {r.lower() for r in label.readers}:
                return True
    return False


def _others(attendees: tuple[Mailbox, ...], facts: Facts) -> set[str]:
    return {m.address.lower() for m in attendees} - facts.mine


def _tainted(labels: Mapping[str, Label], name: str) -> bool:
    return labels.get(name, Label()).trust == "untrusted"


_SECRETS = {
    "a one-time code": re.compile(r"\b(?:code|otp|pin|passcode|token)\b[^.\n]{0,40}\b\d{4,8}\b", re.I),
    "a reset link": re.compile(r"https?://\S*(?:reset|verify|confirm|magic|token|activate)\S*", re.I),
    "a key": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(?:AKIA[0-9A-Z]{16}|ghp_\w{30,}|sk-[\w-]{20,}|xox[bap]-[\w-]{10,})"
    ),
}


def secret_in(text: str) -> str:
    """What secret a text seems to hold, in words, or ""."""
    return next((name for name, pattern in _SECRETS.items() if pattern.search(text)), "")
