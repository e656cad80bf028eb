"""Composes the digest, and remembers what it told once it was delivered."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from deskhand.agent.actions import Context, Output, action
from deskhand.agent.actions._calendars import blind, replying, there
from deskhand.agent.actions._shapes import Given, Nothing
from deskhand.agent.actions.documents import changed_documents
from deskhand.agent.actions.items import load
from deskhand.agent.actions.threads import recent
from deskhand.agent.copied import with_copies
from deskhand.agent.endorsers import selected, worked_out
from deskhand.agent.model import Approval, Brief, Citation, Passage, Section
from deskhand.agent.records.timetable import Slot
from deskhand.agent.times import say_instant
from deskhand.connectors.model import Item, ItemRef, Label

LOOK_BACK = timedelta(days=14)
"""Threads and changes older than this are no news, however little was told."""


class Digest(Given):
    """A digest, written."""

    title: str
    text: str
    keys: list[list[str]]
    """What it tells, so that it is told once (`digest.told`)."""


def _since(asked: Approval, context: Context) -> str:
    """Since when it waits, where the person was reminded of it already."""
    if asked.reminded is None:
        return ""
    return f"; waits since {say_instant(asked.created, context.owner.zone, context.now)}"


@action("digest.compose", gives=Digest)
def compose(
    context: Context,
    *,
    series: str = "digest",
    everything: bool = False,
    form: Literal["text", "markdown", "html"] = "text",
) -> Output:
    """The digest of the day: {title, text, keys}. What the series told is left out unless `everything`."""
    from deskhand.agent.people.dealings import lateness
    from deskhand.agent.reading.digest import compose_digest
    from deskhand.agent.wording.render import to_html, to_markdown, to_text

    owner, now = context.owner, context.now
    today = now.astimezone(owner.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = (today + timedelta(days=1)).replace(hour=0)
    day = [o for o in there(context, today, tomorrow) if o.end > now]
    pending = [
        Passage(text=f"{a.summary} (deskhand approve {a.id}{_since(a, context)})")
        for a in context.records.approvals(state="pending")
        if a.run != context.run
    ]
    seen = frozenset[tuple[str, str]]() if everything else context.records.told(series)
    brief, keys = compose_digest(
        now=now, zone=owner.zone, me=owner.addresses, day=day,
        related={o.ref: _context_of(context, o.ref, o.title) for o in day},
        threads=recent(context, now - LOOK_BACK),
        changed=changed_documents(context, now - LOOK_BACK, now),
        decisions_needed=pending,
        patience=owner.patience,
        late=lateness(context.archive, owner=owner, now=now),
        seen=seen,
    )  # fmt: skip
    skipped = [s for s in context.records.skipped(now - LOOK_BACK) if _key(s) not in seen]
    if skipped:
        told_ = tuple(Passage(text=f"{s.schedule}, {s.slot.replace('T', ' ')}: {s.why}") for s in skipped)
        section = Section(heading="Schedules that were not run", passages=told_)
        brief = brief.model_copy(update={"sections": (*brief.sections, section)})
        keys = [*keys, *(_key(s) for s in skipped)]
    brief = context.write(
        "Begin this digest with two or three sentences on what matters most today.", _told_in(brief), brief,
        beside=True,
    )  # fmt: skip
    if unread := ", ".join(blind(context)):
        missing = f"Not all is here: {unread} could not be read."
        brief = brief.model_copy(update={"note": f"{missing} {brief.note}".rstrip()})
    if said := replying(context, now, tomorrow):
        brief = brief.model_copy(update={"note": f"{brief.note} {said}".strip()})
    brief = with_copies(brief, context.archive, context.places)
    render = {"text": to_text, "markdown": to_markdown, "html": to_html}[form]
    value = {"title": brief.title, "text": render(brief, zone=owner.zone), "keys": [list(k) for k in keys]}
    label = Label("untrusted", tuple(str(c.ref) for c in brief.citations()), ())
    return Output(value, {"": label, "title": worked_out((), ()), "keys": selected()}, brief)


@action("digest.told", gives=Nothing, keeps=True)
def told(context: Context, *, series: str, keys: list[list[str]]) -> Output:
    """Remember that these were told, so that the next digest of the series leaves them out."""
    context.records.tell(series, [(ref, version) for ref, version in keys], now=context.now)
    return Output({}, {"": selected()})


def _key(slot: Slot) -> tuple[str, str]:
    return (f"schedule:{slot.schedule}", slot.slot)


def _told_in(brief: Brief) -> list[tuple[Citation, str]]:
    """What a brief says of each thing that it cites."""
    said: dict[Citation, list[str]] = {}
    for passage in (p for section in brief.sections for p in section.passages):
        for cited in passage.cites:
            said.setdefault(cited, []).append(passage.text)
    return [(cited, "\n".join(lines)) for cited, lines in said.items()]


def _context_of(context: Context, event: ItemRef, title: str) -> list[Item]:
    """What else is there about a meeting: the documents it names, then what is nearest to its title."""
    from deskhand.index.model import Query

    found: dict[str, Item] = {}
    item = context.archive.item(event)
    for target in [r.target for r in item.relations if r.type == "mentions"][:10] if item else ():
        name = target.rpartition("/")[2]
        for hit in context.search(Query(text=name, kinds=("document",), limit=5)):
            if hit.ref.rpartition(":")[2].rpartition("/")[2] == name:
                found[hit.ref] = load(context, {"ref": hit.ref})
    words = {w for w in title.casefold().split() if len(w) > 3}
    for hit in context.search(Query(text=title, kinds=("message", "document"), limit=6)) if words else ():
        if words & set(hit.title.casefold().split()):
            found.setdefault(hit.thread or hit.ref, load(context, {"ref": hit.ref}))
    return list(found.values())[:3]
