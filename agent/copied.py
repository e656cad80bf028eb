"""One mail in several of the owner's mailboxes: what is the same mail, and which copy stands for all.

It is one where its Message-ID is the same, and who wrote it, its subject and its words too. The id alone
proves nothing: whoever has received a mail knows it, and another mail under it would hide the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from deskhand.agent.model import Brief, Citation
from deskhand.agent.profile import Place
from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.threads import base_subject
from deskhand.index.model import MOST_HITS, Hit, Query, Results

if TYPE_CHECKING:
    from deskhand.connectors.archive import Archive


_MAILED = ("message", "attachment")


def mail_of(item: Item) -> tuple[str, ...]:
    """What all copies of a mail are called; of what is no mail, or has no Message-ID, it alone."""
    id_ = str(item.data.get("message_id") or "") if item.ref.kind == "message" else ""
    if not id_:
        return (str(item.ref),)
    sender = item.person("from", "author")
    subject, _ = base_subject(item.title)
    return id_, sender.address if sender else "", subject.casefold(), " ".join(item.text.split()).casefold()


def lead(copies: Iterable[Item], places: Sequence[Place]) -> Item:
    """The copy that stands for all: one that was not thrown away, that came to the address of its account or
    was written from it, that can be answered from there; else that of the source that was added first."""
    order = {p.alias: n for n, p in enumerate(places)}
    by = {p.alias: p for p in places}

    def rank(item: Item) -> tuple[bool, bool, bool, int]:
        place = by.get(item.ref.source)
        mine = place is not None and any(p.address == place.account for p in item.people if p.address)
        able = place is not None and "mail.send" in place.operations
        return "trashed" not in item.flags, mine, able, -order.get(item.ref.source, len(order))

    return max(copies, key=rank)


def each_once(messages: Iterable[Item], places: Sequence[Place]) -> list[Item]:
    """Each mail once, in the order in which the first copy of each came. Seen in one mailbox it was seen."""
    found: dict[tuple[str, ...], list[Item]] = {}
    for message in messages:
        found.setdefault(mail_of(message), []).append(message)
    return [_one(copies, places) for copies in found.values()]


def _one(copies: Sequence[Item], places: Sequence[Place]) -> Item:
    chosen = lead(copies, places) if len(copies) > 1 else copies[0]
    if "seen" in chosen.flags or not any("seen" in c.flags for c in copies):
        return chosen
    return replace(chosen, flags=tuple(sorted({*chosen.flags, "seen"})))


def copies_of(archive: Archive, ref: ItemRef) -> list[ItemRef]:
    """Where else a mail lies, in other mailboxes than this one; one for each, in order."""
    item = archive.item(ref) if ref.kind == "message" else None
    if item is None or not item.data.get("message_id"):
        return []
    same = [m for m in archive.by_message_id(str(item.data["message_id"])) if mail_of(m) == mail_of(item)]
    found = {m.ref.source: m.ref for m in sorted(same, key=lambda m: str(m.ref), reverse=True)}
    return [found[source] for source in sorted(found) if source != ref.source]


def with_copies(brief: Brief, archive: Archive, places: Sequence[Place]) -> Brief:
    """What is told, with the other mailboxes that each mail lies in, too."""
    if sum("message" in p.holds for p in places) < 2:
        return brief
    known: dict[Citation, Citation] = {}
    for cited in brief.citations():
        if also := tuple(copies_of(archive, cited.ref)):
            known[cited] = cited.model_copy(update={"also": also})
    if not known:
        return brief
    return brief.model_copy(update={"sections": tuple(
        section.model_copy(update={"passages": tuple(
            passage.model_copy(update={"cites": tuple(known.get(c, c) for c in passage.cites)})
            for passage in section.passages
        )})
        for section in brief.sections
    )})  # fmt: skip


def found_once(
    search: Callable[[Query], Results], query: Query, *, archive: Archive, places: Sequence[Place]
) -> Results:
    """What a search finds, each mail once, with where else it lies."""
    found = search(query)
    if query.history or query.version:
        return found
    hits, dropped = _hits(found.hits, archive, places)
    if dropped and len(found.hits) == query.limit < MOST_HITS:
        found = search(replace(query, limit=min(query.limit + dropped, MOST_HITS)))
        hits, _ = _hits(found.hits, archive, places)
    return replace(found, hits=hits[: query.limit])


def _key(item: Item, archive: Archive) -> tuple[str, ...]:
    """What all copies are called; of an attachment by the mail that it came with."""
    mails = [r.target for r in item.relations if r.type == "attachment-of"]
    mail = archive.item(ItemRef(item.ref.source, "message", mails[0])) if mails else None
    return mail_of(item) if mail is None else (*mail_of(mail), item.title, item.text)


def _hits(hits: Sequence[Hit], archive: Archive, places: Sequence[Place]) -> tuple[tuple[Hit, ...], int]:
    """Each mail once, and how many were left out for that."""
    titles = [base_subject(h.title)[0].casefold() for h in hits if h.kind in _MAILED]
    several = {t for t in titles if titles.count(t) > 1}
    groups: dict[tuple[str, ...], list[tuple[Hit, Item]]] = {}
    chosen: dict[str, Hit | None] = {}
    for hit in hits:
        alike = hit.kind in _MAILED and base_subject(hit.title)[0].casefold() in several
        item = archive.item(ItemRef.parse(hit.ref)) if alike else None
        if item is not None:
            groups.setdefault(_key(item, archive), []).append((hit, item))
    for group in groups.values():
        best = lead([item for _, item in group], places)
        copies = tuple(h.ref for h, item in group if item is not best)
        first = next(h for h, item in group if item is best)
        chosen |= {h.ref: None for h, _ in group[1:]}
        chosen[group[0][0].ref] = replace(first, copies=copies)
    made = [chosen.get(h.ref, h) for h in hits]
    return tuple(h for h in made if h is not None), sum(h is None for h in made)
