"""Who is in a message besides the owner: whom "the sender" and "everyone on the thread" mean."""

from __future__ import annotations

from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._people import plain
from deskhand.agent.actions._shapes import Given, Person
from deskhand.agent.actions.items import distinct, load
from deskhand.connectors.model import Item, Label, Participant


class Senders(Given):
    """Whom "the sender" and "everyone on the thread" mean."""

    sender: list[Person]
    everyone: list[Person]


@action("item.people", gives=Senders)
def people(context: Context, *, item: dict[str, Any]) -> Output:
    """Who wrote the message that `item.find` found, and who else is in its thread, without the owner:
    {sender: [{address, name}], everyone: [{address, name}]}.

    The sender is whoever else wrote last where the newest message is the owner's. Whoever sends a mail
    chooses what stands in it, so these are a stranger's word: a mail to them is asked about, unless they are
    contacts and `policy.send_alone` is on.

    :raises CannotDo: it is no message, or nobody else wrote in it.
    """
    found = load(context, item)
    if found.ref.kind != "message":
        raise CannotDo(f"“{found.title}” is no message, so nobody sent it.")
    thread = context.archive.find(kinds=["message"], thread=item["thread"]) if item.get("thread") else []
    messages = sorted(distinct(context, [*thread, found]), key=lambda m: (m.at, str(m.ref)))
    author = _author(context, found) or next(
        (p for m in reversed(messages) if (p := _author(context, m)) is not None), None
    )
    if author is None:
        raise CannotDo(f"Nobody but you wrote in “{found.title}”.")
    everyone = {author.address: author}
    for message in reversed(messages):
        for one in message.people:
            if one.role in ("from", "to", "cc") and _other(context, one):
                everyone.setdefault(one.address, one)
    refs = tuple(str(m.ref) for m in messages)
    value = {"sender": plain([author]), "everyone": plain(everyone.values())}
    return Output(value, {"": Label("untrusted", refs, found.label.readers)})


def _author(context: Context, message: Item) -> Participant | None:
    one = message.person("from")
    return one if one is not None and _other(context, one) else None


def _other(context: Context, one: Participant) -> bool:
    return bool(one.address) and one.address not in context.owner.addresses
