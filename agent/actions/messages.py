"""Which messages there are: by whom, to whom, about what, since when, with something attached."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from deskhand.agent.actions import ONE_BY_ONE, CannotDo, Context, Output, action
from deskhand.agent.actions._people import each_once
from deskhand.agent.actions._shapes import Given, Message, Person
from deskhand.agent.actions.items import distinct
from deskhand.agent.endorsers import selected
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.reading.words import content
from deskhand.agent.wording.writes import LONGEST, day, quoted, shortened
from deskhand.connectors.model import Item, Label

MOST = 100
"""So many messages are listed at most, the newest; how many there are is counted all the same."""

_TITLE = 200
"""So much of a subject is told."""

_LOOKED = 5000
"""So many of the newest are looked at where neither a time nor a person narrows it."""

_SKEW = timedelta(minutes=5)
"""So far ahead of ours may the clock be that dated a message; later ones are not believed."""

_PUT_AWAY = frozenset(
    {"trash", "bin", "deleted", "deleted items", "deleted messages", "junk", "junk e-mail", "spam"}
)

Direction = Literal["in", "out", ""]


class MessagesGiven(Given):
    """The messages that fit, oldest first."""

    messages: list[Message]
    count: int
    """How many there are, also where not all are listed."""
    people: list[Person]
    """Who wrote them, but for the owner; of own ones, to whom."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What messages must be like; what is not said does not matter. See `message.list`."""

    person: str = ""
    about: str = ""
    since: datetime | None = None
    until: datetime | None = None
    folder: str = ""
    attachments: bool = False
    unread: bool = False
    direction: Direction = ""
    named: bool = False
    source: str = ""


@action("message.list", gives=MessagesGiven)
def listed(
    context: Context, *, sought: Annotated[Sought, ONE_BY_ONE], newest: int = 0, tell: bool = False
) -> Output:
    """The messages that fit all that is said, each once, oldest first: {messages, count, people}.

    Drafts are left out, and so is what was put away (trash, junk), unless that folder is named. A person is
    who wrote what came `in`, or to whom what went `out` was written. `about`: all its words are in the
    subject, in what is attached, or (not `named`) in the text. `unread`: only what came in and was not seen
    yet. `newest`: only so many. `tell`: they are listed to the person. Nothing found is an empty list.
    """
    found = fitting(context, sought)
    count = len(found)
    found = found[-min(newest or MOST, MOST) :]
    elements = [_element(context, m) for m in found]
    labels = {"": selected()}
    for n, (mail, one) in enumerate(zip(found, elements, strict=True)):
        labels |= _labels(f"messages[{n}]", mail, one)
    labels["people"] = Label("untrusted", tuple(str(m.ref) for m in found), ())
    value = {"messages": elements, "count": count, "people": _people(context, found)}
    return Output(value, labels, _told(context, found, count, newest) if tell else None)


def fitting(context: Context, sought: Sought) -> list[Item]:
    """See `message.list`; all of them."""
    where = _folder(context, sought.folder) if sought.folder else None
    narrow = sought.since is not None or where is not None or "@" in sought.person
    rows = context.archive.find(
        kinds=["message"], sources=[sought.source] if sought.source else (), since=sought.since,
        until=sought.until or context.now + _SKEW, folder=where,
        address=sought.person.lower() if "@" in sought.person else None,
        limit=None if narrow else _LOOKED, newest_first=not narrow,
    )  # fmt: skip
    kept = [m for m in rows if "draft" not in m.flags and (where is not None or not _put_away(m))]
    kept = [m for m in kept if not sought.attachments or m.data.get("attachments")]
    if sought.direction:
        kept = [m for m in kept if mine(context, m) == (sought.direction == "out")]
    if sought.person:
        kept = [m for m in kept if _has(context, m, sought.person, sought.direction)]
    if wanted := frozenset(content(sought.about)):
        kept = [m for m in kept if wanted <= _words(m, text=not sought.named)]
    kept = distinct(context, kept)
    if sought.unread:  # what was seen in one mailbox was seen
        kept = [m for m in kept if "seen" not in m.flags and not mine(context, m)]
    return sorted(kept, key=lambda m: (m.at, str(m.ref)))


def mine(context: Context, mail: Item) -> bool:
    """Whether the owner wrote it."""
    sender = mail.person("from", "author")
    return sender is not None and sender.address in context.owner.addresses


def _people(context: Context, found: Sequence[Item]) -> list[dict[str, str]]:
    wrote = [p for m in found for p in m.people if p.role == "from"]
    theirs = [p for p in wrote if p.address not in context.owner.addresses]
    if not theirs:
        theirs = [p for m in found for p in m.people if p.role in ("to", "cc")]
    return each_once(p for p in theirs if p.address not in context.owner.addresses)


def _folder(context: Context, name: str) -> str:
    """A folder as it is really called. :raises CannotDo: there is none."""
    known = {m.folder for m in context.archive.find(kinds=["message"], limit=_LOOKED, newest_first=True)}
    fits = [f for f in known if name.casefold() in (f.casefold(), f.rpartition("/")[2].casefold())]
    if not fits:
        there = ", ".join(sorted(f for f in known if f)[:12])
        raise CannotDo(f"There is no mail folder “{name}”; there are: {there or 'none'}.")
    return min(fits, key=lambda f: (f.casefold() != name.casefold(), f))


def _put_away(mail: Item) -> bool:
    return "trashed" in mail.flags or mail.folder.rpartition("/")[2].casefold() in _PUT_AWAY


def _has(context: Context, mail: Item, person: str, direction: Direction) -> bool:
    roles = {"in": ("from",), "out": ("to", "cc", "bcc")}.get(direction, ("from", "to", "cc", "bcc"))
    low = person.casefold()
    return any(
        p.role in roles and (p.address == low if "@" in low else low in p.name.casefold())
        for p in mail.people
    )


def _words(mail: Item, *, text: bool) -> frozenset[str]:
    names = " ".join(str(a.get("name", "")) for a in mail.data.get("attachments") or ())
    said = f"{mail.title} {names} {mail.text if text else ''}"
    return frozenset(content(unicodedata.normalize("NFC", said).replace("_", " ").replace(".", " ")))


def _element(context: Context, mail: Item) -> dict[str, Any]:
    sender = mail.person("from", "author")
    held = context.archive.related("attachment-of", mail.ref.native) if mail.data.get("attachments") else []
    order = {str(a["native"]): n for n, a in enumerate(mail.data.get("attachments") or ())}
    mine_ = [a for a in held if a.ref.source == mail.ref.source and a.ref.native in order]
    return {
        "ref": str(mail.ref), "version": mail.version, "title": mail.title,
        "sender": {"address": sender.address if sender else "", "name": sender.name if sender else ""},
        "to": each_once(p for p in mail.people if p.role in ("to", "cc")),
        "at": mail.at.isoformat(), "thread": context.archive.thread_of(mail.ref),
        "attachments": [
            {
                "ref": str(a.ref), "version": a.version, "name": a.title,
                "type": str(a.data.get("mime", "")), "size": int(a.data.get("size", 0)),
            }
            for a in sorted(mine_, key=lambda a: order[a.ref.native])
        ],
        "mine": mine(context, mail),
    }  # fmt: skip


def _labels(at: str, mail: Item, element: dict[str, Any]) -> dict[str, Label]:
    """What the sender chose is his (a thread is called by his Message-ID); which message it is, and when it
    came, is the owner's own data."""
    own = selected((str(mail.ref),), mail.label.readers)
    made = {at: Label("untrusted", (str(mail.ref),), mail.label.readers)}
    made |= {f"{at}.{n}": own for n in ("ref", "version", "at", "mine")}
    for n in range(len(element["attachments"])):
        made |= {f"{at}.attachments[{n}].{name}": own for name in ("ref", "version", "size")}
    return made


def _told(context: Context, found: Sequence[Item], count: int, newest: int) -> Brief:
    passages = []
    for mail in reversed(found):
        when = day(mail.at.astimezone(context.owner.tz), now=context.now)
        who = "you" if mine(context, mail) else shortened(mail.author, most=LONGEST) or "somebody"
        names = [shortened(str(a.get("name", "")), most=LONGEST) for a in mail.data.get("attachments") or ()]
        with_ = f", with {', '.join(names)}" if names else ""
        passages.append(
            Passage(
                text=f"{quoted(mail.title, most=_TITLE)}, {who}, {when}{with_}", cites=(Citation.of(mail),)
            )
        )
    title = f"{count} message{'' if count == 1 else 's'}" if not newest else "The newest"
    note = f"These are the newest {len(found)} of {count}." if len(found) < count and not newest else ""
    nothing = Passage(text="No message fits that.")
    return Brief(
        title=title, sections=(Section(heading="", passages=tuple(passages) or (nothing,)),), note=note
    )
