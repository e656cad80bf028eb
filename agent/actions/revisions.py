"""What an organizer sends later of a meeting in the owner's calendar: moved, changed, called off."""

from __future__ import annotations

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._calendars import when
from deskhand.agent.actions._shapes import AnItem, Given, Received
from deskhand.agent.actions.invitations import checked, received
from deskhand.agent.actions.items import load
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.connectors.itip import CalendarMessage, from_json, message_of, tells_news
from deskhand.connectors.model import Item, ItemRef, Label


class Revision(Given):
    """What is to be taken over of a newer message of an organizer."""

    received: list[Received]
    notes: list[str]


@action("invitation.revision", gives=Revision)
def revision(context: Context, *, event: str, message: AnItem) -> Output:
    """What a newer message of the organizer makes of the copy of a meeting: {received, notes}.

    `received` is as `invitation.find` has it, and empty where the message says nothing new, or an older
    state (RFC 5546 2.1.5). :raises CannotDo: it does not come from the one who called the meeting.
    """
    mail = load(context, message)
    item = context.archive.item(ItemRef.parse(event))
    if item is None:
        raise CannotDo("The event that this is about is not in the archive any more.")
    if not mail.data.get("itip"):
        raise CannotDo(f"“{mail.title}” says nothing that a calendar could take over.")
    said = from_json(mail.data["itip"])
    sender, organizer = mail.person("from"), item.person("organizer")
    who = sender.address if sender else ""
    if organizer is None or not who or who != organizer.address:
        raise CannotDo(
            f"{who or 'Somebody'} wrote about “{item.title}”, and did not call it: nothing changes."
        )
    news = tells_news(said, message_of(item))
    given = received(context, mail, said) if news else []
    text = _told(context, who, item, said)
    if not news:
        text = f"{who} wrote about “{item.title}”; your calendar has that already, or something newer."
    elif said.method == "REQUEST":
        text += f" A yes changes your calendar and tells nobody; to answer: accept the invitation from {who}."
    passage = Passage(text=text, cites=(Citation.of(mail),))
    brief = Brief(title=item.title, sections=(Section(heading="", passages=(passage,)),))
    theirs = Label("untrusted", (str(mail.ref),), mail.label.readers)
    value = {"received": given, "notes": [text] if given else []}
    return Output(value, {"": theirs} | (checked(mail) if given else {}), brief)


def _told(context: Context, who: str, item: Item, said: CalendarMessage) -> str:
    known = message_of(item, occurrence=said.recurrence_id)
    before = when(context, known.start, known.end) if known.start and known.end else ""
    if said.method == "CANCEL":
        return f"{who} called off “{item.title}”, {before}."
    after = when(context, said.start, said.end) if said.start and said.end else before
    if after != before:
        return f"{who} moved “{item.title}” from {before} to {after}."
    return f"{who} changed “{item.title}”, {before}."
