"""What changed in documents, out of their stored versions."""

from __future__ import annotations

from datetime import datetime, timedelta

from deskhand.agent.actions import Context, Output, action
from deskhand.agent.actions._shapes import AnItem, CountedTold, Told
from deskhand.agent.actions._texts import cited, texts
from deskhand.agent.actions.items import load
from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.wording.writes import day
from deskhand.connectors.model import Item, Label


class ChangesTold(Told):
    """What changed between two versions, told."""

    changed: bool
    """Whether there are two, and not the same one twice."""


@action("document.changes", gives=ChangesTold)
def changes(
    context: Context, *, item: AnItem, since: datetime | None = None, until: datetime | None = None
) -> Output:
    """What changed in a document between two times; without times, with its last version: {changed, title,
    text}."""
    from deskhand.agent.reading.changes import compare

    found = load(context, item)
    held = context.archive.archived(found.ref)
    versions = [*held.older, held.item] if held else [found]
    older, newer, between = span(versions, since, until)
    if older is newer:
        brief = _unchanged(context, newer, versions, since)
    else:
        brief = compare(older, newer, between=between, zone=context.owner.zone)
    value = {"changed": older is not newer, **texts(context, brief)}
    return Output(value, {"": Label("untrusted", (str(found.ref),), ())}, brief)


@action("document.changed", gives=CountedTold)
def changed(context: Context, *, since: datetime | None = None, until: datetime | None = None) -> Output:
    """Which documents changed in a stretch of time; without one, in the last seven days: {count, title,
    text}."""
    from deskhand.agent.reading.changes import main_change

    start = since or context.now - timedelta(days=7)
    passages = []
    for older, newer in changed_documents(context, start, until or context.now):
        cites = tuple(Citation.of(i) for i in (older, newer) if i is not None)
        who = f" ({newer.author})" if newer.author else ""
        passages.append(Passage(text=f"{newer.title}{who}: {main_change(older, newer)}", cites=cites))
    title = f"Documents that changed since {day(start.astimezone(context.owner.tz), now=context.now)}"
    nothing = (Passage(text="No document changed."),)
    brief = Brief(title=title, sections=(Section(heading="", passages=tuple(passages) or nothing),))
    value = {"count": len(passages), **texts(context, brief)}
    return Output(value, {"": Label("untrusted", cited(brief), ())}, brief)


def changed_documents(context: Context, start: datetime, end: datetime) -> list[tuple[Item | None, Item]]:
    """Documents with a version that came to be in [start, end): (version before, newest in it)."""
    found: list[tuple[Item | None, Item]] = []
    for item in context.archive.find(kinds=["document"], since=start):
        held = context.archive.archived(item.ref)
        versions = [*held.older, held.item] if held else [item]
        older, newer, _ = span(versions, start, end)
        if older is not newer and start <= newer.at < end:
            found.append((older, newer))
    return found


def span(
    versions: list[Item], since: datetime | None, until: datetime | None
) -> tuple[Item | None, Item, list[Item]]:
    """The version that held at `since` (None: there was none yet), the one at `until`, those in between.

    Without `since` it is the version before the last one.
    """
    kept = [v for v in versions if until is None or v.at < until] or versions[:1]
    newer = kept[-1]
    if since is None:
        return (kept[-2] if len(kept) > 1 else newer), newer, []
    before = [v for v in kept if v.at < since]
    older = before[-1] if before else None
    after = kept[len(before) :]
    if older is None and len(after) == 1 and after[0] is versions[0]:
        return None, newer, []
    return older, newer, [v for v in after if v is not newer]


def _unchanged(context: Context, item: Item, versions: list[Item], since: datetime | None) -> Brief:
    when = day(item.at.astimezone(context.owner.tz), now=context.now)
    if len(versions) == 1:
        text = f"Only one version of it is known, of {when}: nothing to compare it with."
    else:
        text = f"Nothing changed in that time; the last change was on {when}."
    cite = (Citation.of(item),)
    return Brief(
        title=f"What changed in “{item.title}”",
        sections=(Section(heading="", passages=(Passage(text=text, cites=cite),)),),
    )
