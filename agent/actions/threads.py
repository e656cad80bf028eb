"""Whose turn it is: threads that wait for the owner's answer, or that others have not answered."""

from __future__ import annotations

from datetime import datetime, timedelta

from deskhand.agent.actions import Context, Output, action
from deskhand.agent.actions._shapes import CountedTold
from deskhand.agent.actions._texts import cited, texts
from deskhand.agent.actions.items import distinct
from deskhand.agent.model import Brief, Passage, Section
from deskhand.connectors.model import Item, Label

LOOK_BACK = timedelta(days=60)
"""What is older waits no more."""


@action("threads.waiting", gives=CountedTold)
def waiting(context: Context, *, theirs: bool = False, person: str = "") -> Output:
    """Threads whose last word is a question to the owner; with `theirs`, an own one without an answer:
    {count, title, text}.

    :param person: an address or a part of a name: only threads with them.
    """
    from deskhand.agent.people.dealings import lateness
    from deskhand.agent.reading.digest import compose_digest

    owner = context.owner
    threads = [t for t in recent(context, context.now - LOOK_BACK) if not person or _with(t, person)]
    # Somebody who asks what is waiting wants to hear of this morning's question too.
    brief, _ = compose_digest(
        now=context.now, zone=owner.zone, me=owner.addresses, threads=threads, patience=0 if theirs else 3,
        late=lateness(context.archive, owner=owner, now=context.now),
    )  # fmt: skip
    heading = "You are waiting for" if theirs else "Waiting for your answer"
    found = [s for s in brief.sections if s.heading == heading]
    passages = found[0].passages if found else ()
    none = "Nobody owes you an answer" if theirs else "Nothing waits for your answer"
    nothing = Passage(text=f"{none}, as far as the last {LOOK_BACK.days} days show.")
    told = Brief(
        title=heading,
        sections=(Section(heading="", passages=passages or (nothing,)),),
        note=" ".join(n for n in brief.note.split(". ") if n.startswith(heading)),
    )
    value = {"count": len(passages), **texts(context, told)}
    return Output(value, {"": Label("untrusted", cited(told), ())}, told)


def recent(context: Context, since: datetime) -> list[list[Item]]:
    """The threads with a message since then, each message of them once."""
    found = context.archive.threads(since=since, until=context.now)
    return [
        distinct(context, context.archive.find(kinds=["message"], thread=t, until=context.now)) for t in found
    ]


def _with(thread: list[Item], person: str) -> bool:
    low = person.casefold()
    return any(
        low in (p.address, *p.name.casefold().split()) or low == p.name.casefold()
        for m in thread
        for p in m.people
    )
