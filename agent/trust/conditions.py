"""What a row of the policy may ask about one write: pure conditions, by the words that policy.toml uses.

"tainted: ref, path" is a condition with the arguments of the operation that it looks at; in
"moved already: at_once" stands the number of the row that it counts up to. "not" in front turns it round.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from deskhand.agent.trust.enclosures import not_as_read, safe_name, secret_in
from deskhand.agent.trust.write import TEXTS, Write, address_of
from deskhand.connectors.model import ItemRef

# About arguments


def tainted(write: Write, names: Sequence[str]) -> bool:
    """A stranger's text is in one of them."""
    return any(write.tainted(name) for name in names)


def foreign(write: Write, names: Sequence[str]) -> bool:
    """One of them says something, and a stranger's text is in it."""
    return any(write.get(name) and write.tainted(name) for name in names)


def given(write: Write, names: Sequence[str]) -> bool:
    """One of them says something."""
    return any(write.get(name) for name in names)


def yours(write: Write, names: Sequence[str]) -> bool:
    """All of them are said, in the user's own words."""
    return all(write.get(name) is not None and write.label(name).trust == "user" for name in names)


def known(write: Write, names: Sequence[str]) -> bool:
    """What all of them name is in a connected source."""
    return all(write.look(name) is not None for name in names)


def others_in(write: Write, names: Sequence[str]) -> bool:
    """Somebody but the owner is among them."""
    return bool(write.others(*names))


def stranger_chosen(write: Write, names: Sequence[str]) -> bool:
    """Somebody among them is no contact, and was chosen by a stranger's text."""
    return bool(write.addresses(*names) & _strangers(write))


# Of mail


def only_you(write: Write) -> bool:
    """Nobody but the owner gets it."""
    return write.recipients <= write.facts.herself


def recipients_known(write: Write) -> bool:
    """All who get it are contacts, or the owner."""
    return write.recipients <= write.facts.contacts | write.facts.herself


def recipients_invited(write: Write) -> bool:
    """All who get it were invited in this run, with a yes."""
    return write.recipients <= write.facts.invited


def announced(write: Write) -> bool:
    """It is the mail that the card of an event showed, and that went out with its yes."""
    return write.facts.announced


def attachment_elsewhere(write: Write) -> bool:
    """Something attached without its version lies outside the mailbox that sends."""
    return any(
        isinstance(a, ItemRef) and a.source != write.operation.source for a in write.get("attachments") or ()
    )


def others_read(write: Write) -> bool:
    """Somebody else can read the document that is written to, by its rights or by a link."""
    item = write.item
    if item is None:
        return False
    readers = item.label.readers
    return (
        readers is None
        or not {r.lower() for r in readers} <= write.facts.herself
        or bool(item.data.get("shared"))
    )


def enclosure_changed(write: Write) -> bool:
    """What it takes along is not as it was read, or nowhere any more."""
    return bool(enclosure(write))


def same_place(write: Write) -> bool:
    """A recipient that a stranger's text chose was read out of the same item as what is told."""
    people = (write.label(n) for n in ("to", "cc", "bcc") if foreign(write, (n,)))
    chosen = {origin for label in people for origin in label.origins}
    return any(chosen & {*write.label(n).origins} for n in TEXTS if foreign(write, (n,)))


def past_answered(write: Write) -> bool:
    """Somebody that a stranger's text chose is not in the mail that it answers, or it answers none."""
    return not write.addresses("to", "cc") & _strangers(write) <= write.answered


def secret_told(write: Write) -> bool:
    """A code, a password, a reset link or a key stands in it."""
    return bool(secret(write))


def news(write: Write) -> bool:
    """A stranger's text in it reaches somebody who could not read it where it came from."""
    return any(_unread(write, n) for n in TEXTS if foreign(write, (n,)))


def leaks(write: Write) -> bool:
    """Something goes out that not all could read where it came from, or a stranger's text chose it.

    Whoever wrote it: a private note of the person's own is no less private.
    """
    return foreign(write, ("attachments", "forwards")) or any(
        _unread(write, n) for n in TEXTS if write.get(n)
    )


def led_astray(write: Write) -> bool:
    """It answers a mail whose Reply-To is another than its From, and goes there."""
    answered = write.look("answers")
    back = address_of(answered, "reply-to")
    return back in write.recipients and address_of(answered, "from") != back


def by_model(write: Write) -> bool:
    """A model had a hand in the plan."""
    return write.facts.by_model


def uncovered(write: Write) -> bool:
    """A model planned it, and the person's own words do not ask for it."""
    return write.facts.uncovered


def new_recipients(write: Write, most: int) -> bool:
    """More people get it than this who are no contacts."""
    return len(write.recipients - write.facts.contacts - write.facts.herself) > most


# Of what is put away


def moved_already(write: Write, most: int) -> bool:
    """This run moved, marked or put away so many already."""
    return write.facts.moved >= most


def unsafe_name(write: Write) -> bool:
    """A file's name hides something, or makes a program of it."""
    path = write.get("path") or ""
    return not safe_name(path.replace("\\", "/").rpartition("/")[2])


# Of events


def new_attendees(write: Write, most: int) -> bool:
    """More people than this come into it who are no contacts."""
    return len(_newcomers(write) - write.facts.contacts) > most


def strangers_come_in(write: Write) -> bool:
    """Somebody comes into it who is no contact."""
    return not _newcomers(write) <= write.facts.contacts


def called_by_another(write: Write) -> bool:
    """Somebody but the owner called it."""
    there = write.item is not None and write.item.person("organizer") is not None
    return there and write.organizer not in write.facts.mine


def own_meeting(write: Write) -> bool:
    """The owner called it."""
    return write.organizer in write.facts.mine


def others_attend(write: Write) -> bool:
    """Somebody but the owner is in it, or would be."""
    texts = (write.get("ics") or "", *(state.ics for state in write.get("also") or ()))
    unfolded = (_FOLD.sub("", text) for text in texts)
    put_back = {a.lower() for text in unfolded for a in _MAILTO.findall(text)} - write.facts.mine
    return bool(_there(write) | put_back | write.others("attendees", "rooms"))


def several_change(write: Write) -> bool:
    """This run changes several events in the same way."""
    return write.facts.at_once > 1


def named_itself(write: Write) -> bool:
    """This very event was named, not a stretch in which it lies."""
    return write.facts.at_once == 0


def changed_since(write: Write) -> bool:
    """It changed since it was asked for or agreed to."""
    return write.facts.changed


def time_taken(write: Write) -> bool:
    """At a time of it something is there already that was found and not said."""
    return write.facts.taken


def brought_by_mail(write: Write) -> bool:
    """The mail that it names holds exactly this message."""
    mail = write.look("message")
    return mail is not None and mail.data.get("calendar") == write.get("ics")


def meetings_message(write: Write) -> bool:
    """It is a message of a meeting's organizer (RFC 5546)."""
    return write.said is not None


def called_by_nobody_else(write: Write) -> bool:
    """The owner calls the meeting of the message, or nobody does."""
    return not write.caller or write.caller in write.facts.mine


def copy_called_by_another(write: Write) -> bool:
    """There is a copy already, and somebody else called that one."""
    return bool(write.get("version")) and write.organizer != write.caller


def sent_by_another(write: Write) -> bool:
    """The mail came from somebody else than who calls the meeting."""
    return write.sender != write.caller


def server_tells(write: Write) -> bool:
    """The server of that calendar tells others by itself of what is written there."""
    return write.operation.source in write.facts.tells


# What a reason may name


def enclosure(write: Write) -> str:
    """What is wrong with something taken along; "" where nothing is."""
    return not_as_read(write.operation, write.facts.look_up)


def secret(write: Write) -> str:
    """What secret stands in it, in words; "" where there is none."""
    return secret_in("\n".join(write.get(n) or "" for n in ("subject", "body", "calendar")))


Arguments = Callable[[Write, Sequence[str]], bool]
Counted = Callable[[Write, int], bool]
Plain = Callable[[Write], bool]

ABOUT: Mapping[str, Arguments] = {
    "tainted": tainted, "foreign": foreign, "given": given, "yours": yours, "known": known,
    "others in": others_in, "stranger chosen in": stranger_chosen,
}  # fmt: skip
"""Conditions that look at the arguments named behind them."""

COUNTED: Mapping[str, Counted] = {
    "new recipients over": new_recipients, "new attendees over": new_attendees,
    "moved already": moved_already,
}  # fmt: skip
"""Conditions that count up to the number named behind them."""

PLAIN: Mapping[str, Plain] = {
    "only you get it": only_you, "recipients known": recipients_known,
    "recipients invited": recipients_invited, "shown on its event's card": announced,
    "attachment of elsewhere": attachment_elsewhere,
    "enclosure not as read": enclosure_changed, "others can read it": others_read,
    "recipient out of what is told": same_place, "stranger past those it answers": past_answered,
    "secret in it": secret_told, "news to somebody": news,
    "tells more than they could read": leaks, "answer led astray": led_astray,
    "planned by a model": by_model, "beyond your words": uncovered, "name that hides or runs": unsafe_name,
    "strangers come in": strangers_come_in, "somebody else called it": called_by_another,
    "your own meeting": own_meeting, "others attend": others_attend, "several change": several_change,
    "named by itself": named_itself, "changed since asked for": changed_since,
    "time taken unsaid": time_taken,
    "brought by its mail": brought_by_mail, "a meeting's message": meetings_message,
    "called by nobody else": called_by_nobody_else, "copy called by another": copy_called_by_another,
    "sent by another": sent_by_another, "server tells others": server_tells,
}  # fmt: skip
"""Conditions that stand by themselves."""

FILLERS: Mapping[str, Callable[[Write], str]] = {
    "enclosure": enclosure, "secret": secret,
    "organizer": lambda write: write.organizer, "caller": lambda write: write.caller,
    "sender": lambda write: write.sender or "nobody", "changing": lambda write: str(write.facts.at_once),
}  # fmt: skip
"""What a reason may name in braces, besides the numbers of its row."""


_FOLD = re.compile(r"(?:\r\n|\n|\r)[ \t]")
"""Where a long line goes on (RFC 5545 3.1)."""
_MAILTO = re.compile(r"mailto:([^\s;:,\"<>]+)", re.I)


def _strangers(write: Write) -> set[str]:
    """Those in the fields of a mail that a stranger's text chose, contacts left out."""
    chosen = (write.addresses(n) for n in ("to", "cc", "bcc") if write.tainted(n))
    return set().union(*chosen) - write.facts.contacts - write.facts.mine


def _unread(write: Write, name: str) -> bool:
    """Whether somebody who gets an argument could not read it where it came from."""
    readers = write.label(name).readers
    return readers is not None and not write.recipients <= {r.lower() for r in readers}


def _there(write: Write) -> set[str]:
    """Who is in an event now, the owner left out."""
    people = write.item.people if write.item else ()
    return {p.address.lower() for p in people if p.role in ("attendee", "resource")} - write.facts.mine


def _newcomers(write: Write) -> set[str]:
    """Who would newly come into an event."""
    people = write.item.people if write.item else ()
    return write.others("attendees", "rooms") - {p.address.lower() for p in people}
