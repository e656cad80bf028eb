"""Whose words an item is made of that Deskhand itself wrote: by the ledger, whatever the item says of itself.

Where a source keeps what is the person's own (her drafts, her calendar), our writes lie too. What a
stranger's text went into stays a stranger's when it is read again, or the next run would pass it on as hers.
"""

from __future__ import annotations

from dataclasses import replace

from deskhand.agent.endorsers import carries_words, names_somebody
from deskhand.agent.model import Effect
from deskhand.agent.records.state import Records
from deskhand.agent.runs.written import agreed, whose
from deskhand.connectors.archive import Archive
from deskhand.connectors.marks import KEPT, marks
from deskhand.connectors.model import Item, ItemRef, Label

_WHICH = frozenset({"source", "ref", "version", "answers", "forwards", "occurrence", "zone"})
"""Arguments that say which thing or time is meant; no words of theirs get into it."""
_WHO = frozenset({"attendees", "rooms", "to", "cc", "bcc"})
"""Whom the person has invited, or written to, with a yes to just these: contacts of hers from then on. Their
addresses, and a name beside one that is no more than a name: a stranger calls himself whatever he likes."""


def reread(item: Item, *, records: Records, archive: Archive) -> Item:
    """An item that carries marks of ours, under no better label than what was written into it had.

    Nothing is lifted. A mark that the ledger does not know, and words of which it cannot tell any more whose
    they are, count as a stranger's.
    """
    if item.label.trust == "untrusted":
        return item
    keys = marks(item)
    foreign = any(_foreign(key, item.ref, records, archive) for key in keys)
    if foreign or (len(keys) >= KEPT and _was_foreign(item.ref, archive)):  # an older mark may have gone
        return unknown(item)
    return item


def unknown(item: Item) -> Item:
    """The same as a stranger's: nobody knows whose words are in it."""
    return replace(item, label=Label("untrusted", item.label.origins, item.label.readers))


def _foreign(key: str, ref: ItemRef, records: Records, archive: Archive) -> bool:
    """Whether a stranger may have had a hand in what an effect wrote."""
    effect = records.effect(key)
    return effect is None or _words_of_others(effect, records) or _taken_from(effect, ref, archive)


def _words_of_others(effect: Effect, records: Records) -> bool:
    labels = whose(records, effect)
    chosen = _WHO if agreed(records, effect) else frozenset[str]()
    return any(
        value
        and name not in _WHICH
        and not (name in chosen and all(names_somebody(box.get("name", "")) for box in value))
        and carries_words(value)
        and (name not in labels or labels[name].trust == "untrusted")
        for name, value in effect.arguments.items()
    )


def _taken_from(effect: Effect, ref: ItemRef, archive: Archive) -> bool:
    """Whether it was made of another item that has a stranger's words: a series that was cut in two."""
    given = effect.arguments.get("ref")
    return bool(given) and given != str(ref) and _was_foreign(ItemRef.parse(str(given)), archive)


def _was_foreign(ref: ItemRef, archive: Archive) -> bool:
    known = archive.item(ref)
    return known is not None and known.label.trust == "untrusted"
