"""Who asked for a document, and has not got it in this version yet."""

from __future__ import annotations

from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._shapes import Given, Person
from deskhand.agent.actions.items import load
from deskhand.agent.actions.messages import Sought, fitting
from deskhand.agent.endorsers import selected
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.reading.asked_for import asks_for
from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import day, path_of, quoted
from deskhand.connectors.model import Item, Label

_QUOTED = 160


class Asker(Given):
    """Somebody who asked, as whom to write to, with sentences for the card."""

    to: list[Person]
    notes: list[str]


class AskersGiven(Given):
    """Everybody who asked, once each, who asked first, first."""

    askers: list[Asker]
    count: int


@action("document.askers", gives=AskersGiven)
def askers(
    context: Context, *, item: dict[str, Any], messages: list[dict[str, Any]], about: str, count: int = 0
) -> Output:
    """Which of some messages (of `message.list`) ask for a document that was found: {askers, count}.

    `about` is what the person calls it. Who was sent these very bytes since is left out, and so is who only
    mentions it; both are told. :raises CannotDo: not all messages were looked at (`count` says how many fit).
    """
    document = load(context, item)
    if count > len(messages):
        raise CannotDo(
            f"{count} mails mention “{about}”, and at most {len(messages)} are looked at; say a shorter time."
        )
    asked: dict[str, tuple[Item, str]] = {}
    mention: dict[str, Item] = {}
    for one in messages:
        mail = load(context, one)
        sender = mail.person("from")
        if sender is None or not sender.address or sender.address in context.owner.addresses:
            continue
        if words := asks_for(mail, about):
            asked[sender.address] = (mail, words)
        else:
            mention.setdefault(sender.address, mail)
    has = {address for address, (mail, _) in asked.items() if _was_sent(context, document, address, mail)}
    found: list[dict[str, Any]] = []
    labels = {"": selected((str(document.ref),))}
    attached = _version(context, document)
    for address, (mail, words) in asked.items():
        if address in has:
            continue
        sender = mail.person("from")
        name = sender.name if sender else ""
        local = mail.at.astimezone(context.owner.tz)
        quote = visible(words if len(words) <= _QUOTED else f"{words[: _QUOTED - 1]}…", lines=False)
        asked_on = f"{address} asked on {day(local, now=context.now)}: {quoted(quote)}"
        labels[f"askers[{len(found)}]"] = Label("untrusted", (str(mail.ref),), mail.label.readers)
        found.append({"to": [{"address": address, "name": name}], "notes": [attached, asked_on]})
    brief = _told(context, about, found, {a: asked[a][0] for a in has}, mention, asked)
    return Output({"askers": found, "count": len(found)}, labels, brief)


def _version(context: Context, document: Item) -> str:
    local = document.at.astimezone(context.owner.tz)
    who = f", by {document.author}" if document.author else ""
    name = path_of(document.ref, document.title).rpartition("/")[2]
    return visible(f"Attached: {name} as of {day(local, now=context.now)}, {local:%H:%M}{who}.", lines=False)


def _was_sent(context: Context, document: Item, address: str, asked: Item) -> bool:
    """Whether the owner has sent somebody just these bytes since he was asked."""
    sent = fitting(context, Sought(person=address, since=asked.at, direction="out", attachments=True))
    return any(
        a.hash == document.hash
        for m in sent
        for a in context.archive.related("attachment-of", m.ref.native)
        if a.ref.source == m.ref.source
    )


def _told(
    context: Context, about: str, found: list[dict[str, Any]], has: dict[str, Item],
    mention: dict[str, Item], asked: dict[str, tuple[Item, str]],
) -> Brief | None:  # fmt: skip
    """Who is left out and why; that nobody asked."""
    passages = [
        Passage(text=f"{address} has this version already.", cites=(Citation.of(mail),))
        for address, mail in has.items()
    ]
    passages += [
        Passage(text=f"{address} only mentions it, and was not written to.", cites=(Citation.of(mail),))
        for address, mail in mention.items()
        if address not in asked
    ]
    title = f"Who asked for “{about}”"
    if not found:
        nobody = "Nobody else asked" if has else "Nobody asked"
        passages.insert(0, Passage(text=f"{nobody} for “{about}” in that time, as far as the mails show."))
    return (
        Brief(title=title, sections=(Section(heading=title, passages=tuple(passages)),)) if passages else None
    )
