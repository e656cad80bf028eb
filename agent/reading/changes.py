"""What changed in a document between two of its versions, in words a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from deskhand.agent.model import Brief, Citation, Passage, Section
from deskhand.agent.reading.differences import Change, Differences, Move, differences
from deskhand.agent.reading.phrasing import (
    NOBODY,
    author_of,
    byline,
    capital,
    count,
    listing,
    moment,
    quote,
    title_of,
)
from deskhand.agent.reading.sentences import Sentence
from deskhand.connectors.model import Item

_MOST = 12
_WHOLE = 3
"""Up to so many sentences of a new section are quoted; a longer one is named and begun."""


def compare(older: Item | None, newer: Item, *, between: Sequence[Item] = (), zone: str) -> Brief:
    """Say what changed from one version to another.

    `between` are the versions in between, for who made them and their notes. Times are shown in
    `zone` (IANA). What is quoted as added stands in the newer text and not in the older one, what
    is quoted as removed the other way round.
    """
    title = f"What changed in {quote(title_of(newer), longest=80)}"
    if older is None:
        return _first(newer, title, zone)
    found = differences(older.text, newer.text)
    old, new, both = (Citation.of(older),), (Citation.of(newer),), (Citation.of(older), Citation.of(newer))
    figures = [c for c in found.changed if c.figures]
    others = [c for c in found.changed if not c.figures]
    sections = (
        ("Numbers and dates", [Passage(text=capital(_became(c)), cites=both) for c in figures]),
        ("Changed", [Passage(text=capital(_became(c)), cites=both) for c in others]),
        (
            "Added",
            [Passage(text=capital(t), cites=new) for t in _grouped(found.added, found.opened, "New section")],
        ),
        (
            "Removed",
            [
                Passage(text=capital(t), cites=old)
                for t in _grouped(found.removed, found.closed, "Section gone")
            ],
        ),
        ("Moved", [Passage(text=capital(t), cites=both) for t in _moves(found)]),
        ("Versions", _versions((*between, newer), older, zone)),
    )
    lead = [Passage(text=_lead(older, newer, found, zone), cites=both)]
    if renamed := renaming(older, newer):
        lead.append(Passage(text=renamed, cites=both))
    notes, shown = [], [Section(heading="", passages=tuple(lead))]
    for heading, passages in sections:
        if len(passages) > _MOST:
            notes.append(f"{heading}: the first {_MOST} of {len(passages):,}.")
        if passages:
            shown.append(Section(heading=heading, passages=tuple(passages[:_MOST])))
    return Brief(title=title, sections=tuple(shown), note=" ".join(notes))


def main_change(older: Item | None, newer: Item) -> str:
    """The one change worth a line, and how many more there are; "" where nothing changed."""
    if older is None:
        return f"new, {count(len(newer.text.split()), 'word')}"
    found = differences(older.text, newer.text)
    if not found:
        if renamed := renaming(older, newer):
            return renamed[:1].lower() + renamed[1:].rstrip(".")
        return "formatting only" if found.formatting else "rearranged" if found.rearranged else ""
    first = [c for c in found.changed if c.figures] + list(found.changed)
    if first:
        line = _became(first[0], context=False)
    elif found.added:
        line = f"{_place(found.added[0].heading)}added {quote(found.added[0].text, longest=140)}"
    elif found.removed:
        line = f"{_place(found.removed[0].heading)}removed {quote(found.removed[0].text, longest=140)}"
    else:
        line = next(iter(_moves(found)), "sections changed")
    more = found.count() - 1
    return f"{line} (and {count(more, 'more change')})" if more > 0 else line


def renaming(older: Item, newer: Item) -> str:
    """A sentence about a new name or place; "" where both are as they were."""
    if older.title != newer.title:
        return f"Renamed from {quote(older.title)} to {quote(newer.title)}."
    was = newer.was or older.ref
    if was != newer.ref:
        return f"Moved from {quote(was.native)} to {quote(newer.ref.native)}."
    return ""


def _first(newer: Item, title: str, zone: str) -> Brief:
    text = (
        f"This is the first version known: {count(len(newer.text.split()), 'word')} ({byline(newer, zone)})."
    )
    lead = Section(heading="", passages=(Passage(text=text, cites=(Citation.of(newer),)),))
    return Brief(title=title, sections=(lead,), note="There is no older version to compare it with.")


def _lead(older: Item, newer: Item, found: Differences, zone: str) -> str:
    span = (
        f"From {moment(older.at, zone, year=True)}{_by(older)} "
        f"to {moment(newer.at, zone, year=True)}{_by(newer)}"
    )
    if found.formatting:
        return (
            f"{span}: only the formatting changed (white space, line breaks, marks); the words are the same."
        )
    if found.rearranged:
        return f"{span}: the same sentences, only repeated or divided differently."
    if not found:
        return f"{span}: nothing changed in the text."
    changed, added, removed = len(found.changed), len(found.added), len(found.removed)
    moved = len(found.moved) + len(found.reordered)
    counts = [
        f"{number:,} {word}"
        for number, word in ((changed, "changed"), (added, "added"), (removed, "removed"), (moved, "moved"))
        if number
    ]
    if found.renamed:
        counts.append(f"{count(len(found.renamed), 'heading')} reworded")
    if not counts:
        counts = [f"{count(len(found.opened) + len(found.closed), 'heading')} added or removed"]
    what = " (sentences, list items and table rows)" if added + changed + removed else ""
    return f"{span}: {listing(counts)}{what}."


def _by(item: Item) -> str:
    author = author_of(item)
    return "" if author == NOBODY else f" ({author})"


def _place(heading: str) -> str:
    return f"in {quote(heading, longest=80)}: " if heading else ""


def _became(change: Change, *, context: bool = True) -> str:
    swaps = list(dict.fromkeys(change.swaps()))
    touched = sum(len(b.split()) for _, b in swaps)
    if not swaps or len(swaps) > 3 or (touched > 6 and touched > 0.6 * len(change.new.split())):
        return f"{_place(change.heading)}{quote(change.old)} became {quote(change.new)}"
    told = []
    for old, new in swaps:
        if old and new:
            told.append(f"{quote(old)} became {quote(new)}")
        else:
            told.append(f"added {quote(new)}" if new else f"dropped {quote(old)}")
    line = f"{_place(change.heading)}{listing(told)}"
    return f"{line}, in {quote(change.new)}" if context or len(swaps[0][1]) < 4 else line


def _grouped(parts: Iterable[Sentence], whole: Sequence[str], name: str) -> Iterable[str]:
    """Sentences in order; a section that is new (or gone) as a whole is named once."""
    for heading, group in groupby(parts, key=lambda p: p.heading):
        found = list(group)
        if heading in whole:
            some = " ".join(quote(p.text) for p in found[: _WHOLE if len(found) <= _WHOLE else 1])
            more = f" and {len(found) - 1:,} more" if len(found) > _WHOLE else ""
            yield f"{name} {quote(heading, longest=80)}: {some}{more}"
        else:
            yield from (f"{_place(heading)}{quote(p.text)}" for p in found)


def _moves(found: Differences) -> Iterable[str]:
    for was, now in found.renamed:
        yield f"The heading {quote(was, longest=80)} is now {quote(now, longest=80)}"

    for heading in found.reordered:
        yield f"The section {quote(heading, longest=80)} stands in another place"

    def between(move: Move) -> tuple[str, str]:
        return move.before, move.after

    for (before, after), group in groupby(found.moved, key=between):
        moves = list(group)
        more = f" and {len(moves) - 1:,} more" if len(moves) > 1 else ""
        if before == after:
            where = f"within {quote(after, longest=80)}" if after else "to another place"
        else:
            start = quote(before, longest=80) if before else "the beginning"
            where = f"from {start} to {quote(after, longest=80) if after else 'the beginning'}"
        yield f"{quote(moves[0].text, longest=120)}{more} moved {where}"


def _versions(versions: Iterable[Item], older: Item, zone: str) -> list[Passage]:
    known = {(older.ref, older.version)}
    told = []
    for item in sorted(versions, key=lambda i: i.at):
        if (item.ref, item.version) in known:
            continue
        known.add((item.ref, item.version))
        note = f": {quote(item.note, longest=160)}" if item.note.strip() else ""
        line = f"{capital(byline(item, zone))}{note}"
        told.append(Passage(text=line, cites=(Citation.of(item),)))
    return told
