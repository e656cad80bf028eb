"""Puts replies and forwards together; writing them anywhere is the business of an operation."""

from __future__ import annotations

from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._people import plain
from deskhand.agent.actions._shapes import AnItem, Given, Handle, Person
from deskhand.agent.actions.items import load
from deskhand.agent.endorsers import of_contact, own_words, selected
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.connectors.model import Item, Label

MINE = own_words()


class Mail(Given):
    """A mail, put together."""

    to: list[Person]
    cc: list[Person]
    subject: str
    body: str
    answers: Handle | None
    forwards: Handle | None
    attachments: list[Handle]


@action("mail.compose_reply", gives=Mail)
def compose_reply(context: Context, *, message: AnItem, body: str = "", everybody: bool = False) -> Output:
    """A reply to a message: {to, cc, subject, body, answers, forwards, attachments}, quoting what it
    answers."""
    mail = _mail(context, message)
    to = mail.person("reply-to") or mail.person("from")
    if to is None or not to.address:
        raise CannotDo(f"“{mail.title}” does not say who sent it, so it cannot be answered.")
    if to.address in context.owner.addresses:  # the last word was our own: answer the same people again
        others = [
            p
            for p in mail.people
            if p.role == "to" and p.address and p.address not in context.owner.addresses
        ]
        to = others[0] if others else to
    cc = []
    if everybody:
        skip = {to.address, *context.owner.addresses}
        people = {
            p.address: p
            for p in mail.people
            if p.role in ("to", "cc") and p.address and p.address not in skip
        }
        cc = plain(people.values())
    written, by = ("", None) if body else _written(context, mail)
    subject = mail.title if mail.title.lower().startswith("re:") else f"Re: {mail.title}"
    value = {
        "to": plain([to]), "cc": cc, "subject": subject, "body": (body or written) + quoted(context, mail),
        "answers": str(mail.ref), "forwards": None, "attachments": [],
    }  # fmt: skip
    return Output(value, _labels(mail, user_body=not (written or quoted(context, mail))), by)


@action("mail.compose_forward", gives=Mail)
def compose_forward(context: Context, *, message: AnItem, to: list[dict[str, Any]], body: str = "") -> Output:
    """A message passed on as it is: {to, cc, subject, body, answers, forwards, attachments}."""
    mail = _mail(context, message)
    sender = mail.person("from")
    head = [
        "---------- Forwarded message ----------",
        f"From: {sender.name} <{sender.address}>" if sender else "",
        f"Date: {mail.at.astimezone(context.owner.tz):%a %d %b %Y %H:%M}",
        f"Subject: {mail.title}",
    ]
    full = mail.text + (f"\n\n{mail.data['quoted']}" if mail.data.get("quoted") else "")
    kept = context.archive.related("attachment-of", mail.ref.native)
    attachments = [str(a.ref) for a in kept if a.ref.source == mail.ref.source]
    lines = [body, *(h for h in head if h), "", full] if body else [*(h for h in head if h), "", full]
    value = {
        "to": to, "cc": [], "subject": f"Fwd: {mail.title}", "body": "\n".join(lines).strip() + "\n",
        "answers": None, "forwards": str(mail.ref), "attachments": attachments,
    }  # fmt: skip
    return Output(value, _labels(mail) | {"to": of_contact()})


def _written(context: Context, mail: Item) -> tuple[str, Brief | None]:
    """A first draft by a language model, where one may write, and what the person must know of it."""
    name = context.owner.name or "the person"
    task = f"Draft the reply that {name} may send to this message: short and polite."
    made = context.write(task, [(Citation.of(mail), mail.text)], Brief(title=mail.title))
    text = "".join(f"{p.text}\n" for s in made.sections for p in s.passages)
    said = f"The words of the draft: {made.note}"
    if not text:
        # Nobody wrote it: why stands in the note, where there is something to say.
        return "", Brief(title=made.note) if made.note else None
    return text, Brief(title=said, sections=(Section(heading="", passages=(Passage(text=said),)),))


def _mail(context: Context, message: dict[str, Any]) -> Item:
    mail = load(context, message)
    if mail.ref.kind != "message":
        raise CannotDo(f"“{mail.title}” is no message.")
    return mail


def _labels(mail: Item, *, user_body: bool = False) -> dict[str, Label]:
    foreign = Label("untrusted", (str(mail.ref),), mail.label.readers)
    return {
        "": foreign,
        "body": MINE if user_body else foreign,
        "answers": selected((str(mail.ref),)),
        "forwards": selected((str(mail.ref),)),
        "attachments": selected((str(mail.ref),), mail.label.readers),
    }


def quoted(context: Context, mail: Item) -> str:
    """What a message says, as it stands below an answer to it; "" where it says nothing."""
    who = mail.author or "somebody"
    when = f"{mail.at.astimezone(context.owner.tz):%a %d %b %Y at %H:%M}"
    lines = "\n".join(f"> {line}".rstrip() for line in mail.text.strip().splitlines())
    return f"\nOn {when}, {who} wrote:\n{lines}\n" if lines else ""
