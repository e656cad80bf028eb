"""Find a thread, message or document by what it is about, and summarise it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from deskhand.agent.actions import CannotDo, Context, Output, action
from deskhand.agent.actions._shapes import AnItem, Found, Summary
from deskhand.agent.actions._texts import cited, texts
from deskhand.agent.copied import each_once
from deskhand.agent.endorsers import selected
from deskhand.agent.model import Citation
from deskhand.agent.wording.writes import LONGEST, quoted
from deskhand.connectors.model import Item, ItemRef, Kind, Label

LENGTH = 5
"""Passages under one heading of a thread's summary."""


@action("item.find", gives=Found)
def find(
    context: Context,
    *,
    about: str = "",
    kinds: list[Kind] | None = None,
    person: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    received: bool = False,
    written: bool = False,
) -> Output:
    """The item that fits best: {ref, version, kind, thread, title, source}.

    With nothing but a person or a time it is the newest. `received` leaves out what the owner wrote;
    then, or with `written`, the person is its author and not merely somebody in it.
    """
    from deskhand.index.model import Query

    query = Query(
        text=about,
        kinds=tuple(kinds or ("message", "document", "attachment")),
        person=person,
        since=since,
        until=until,
        limit=200 if person else 20,
    )
    hits = list(context.search(query))
    if received:
        hits = [h for h in hits if not _mine(context, h.people)]
    if person and (received or written):
        hits = [h for h in hits if h.people and person.casefold() in h.people[0].casefold()]
    if not hits:
        raise CannotDo(_nothing(about, kinds, person, since, until))
    named = [h for h in hits if about and about.casefold() in h.title.casefold()]
    best = named[0] if named else hits[0]
    if person and not about:
        best = max(hits, key=lambda h: (h.at, h.ref))
    if best.kind == "attachment":  # a copy that was mailed once; the document itself may have moved on
        best = next((h for h in hits if h.kind == "document" and _file(h.ref) == best.title), best)
    ref = ItemRef.parse(best.ref)
    others = [h.title for h in hits if h.thread != best.thread or not h.thread]
    value = {
        "ref": best.ref, "version": best.version, "kind": ref.kind, "thread": best.thread,
        "title": best.title, "source": best.source,
        "others": list(dict.fromkeys(t for t in others if t != best.title))[:3],
    }  # fmt: skip
    foreign = Label("untrusted", (best.ref,), ())
    return Output(value, {"": selected((best.ref,)), "title": foreign, "thread": foreign, "others": foreign})


@action("item.summarise", gives=Summary)
def summarise(context: Context, *, item: AnItem) -> Output:
    """Summarise the thread or document that was found, in its authors' own words: {title, text, retold}.

    `retold` is what others are sent of it: the owner has a name there, like everybody.
    """
    found, retold = load(context, item), None
    if found.ref.kind == "message":
        from deskhand.agent.reading.thread import Thread
        from deskhand.agent.reading.thread import retold as told_anew

        messages = context.archive.find(kinds=["message"], thread=item["thread"]) if item["thread"] else []
        messages = [m for m in distinct(context, messages or [found]) if "draft" not in m.flags]
        thread = Thread.read(messages, zone=context.owner.zone)
        brief = told_anew(thread, me=context.owner.addresses, length=LENGTH)
        said = [(Citation.of(m), m.text) for m in messages]
        extract = brief
        brief = context.write("Summarise this thread: what was decided, asked and left open.", said, brief)
        if brief is extract:
            retold = told_anew(thread, me=frozenset(), length=LENGTH)
    else:
        from deskhand.agent.reading.document import summarise_document

        brief = summarise_document(found, zone=context.owner.zone)
        said = [(Citation.of(found), found.text)]
        brief = context.write("Summarise this document in a few sentences.", said, brief)
    told: dict[str, Any] = {**texts(context, brief)}  # without what else was found: it may go to others
    if retold is not None and (others := texts(context, retold)) != told:
        told["retold"] = others
    if item.get("others"):
        also = ", ".join(quoted(str(t), most=LONGEST) for t in item["others"])
        brief = brief.model_copy(update={"note": f"{brief.note} Also found: {also}.".strip()})
    refs = tuple(dict.fromkeys((str(found.ref), *cited(brief))))
    return Output(told, {"": Label("untrusted", refs, ())}, brief)


def load(context: Context, item: dict[str, Any]) -> Item:
    """The item an earlier step found, at the version it was found at."""
    found = context.archive.item(ItemRef.parse(item["ref"]), item.get("version"))
    if found is None:
        raise CannotDo(f"{item['ref']} is not in the archive any more; sync and ask again.")
    return found


def distinct(context: Context, messages: Iterable[Item]) -> list[Item]:
    """Each message once: the same one may lie in several folders or mailboxes."""
    return each_once(messages, context.places)


def _file(ref: str) -> str:
    return ref.rpartition(":")[2].rpartition("/")[2]


def _mine(context: Context, people: tuple[str, ...]) -> bool:
    first = people[0].lower() if people else ""
    return any(a in first for a in context.owner.addresses)


def _nothing(about: str, kinds: list[Kind] | None, person: str, since: Any, until: Any) -> str:
    what = {"message": "message", "document": "document"}.get(kinds[0] if kinds else "", "thread or document")
    parts = [f"I found no {what}"]
    if about:
        parts.append(f"about “{about}”")
    if person:
        parts.append(f"with {person}")
    if since or until:
        parts.append("in that time")
    return " ".join(parts) + ". Try other words, or sync first (deskhand sync)."
