"""Every way in which a value earns more trust than the text it came out of; nowhere else is trust lifted.

A value out of a source is untrusted (`foreign`). It is worth more only where its type, or how it was chosen,
leaves no room for a stranger's words; each way is a function here that says which. A test
(tests/agent/test_endorsers.py) sees to it that no other module of the agent makes a label of better trust.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from deskhand.connectors.model import Item, ItemRef, Label, Trust, join

Path = tuple[str | int, ...]
"""Keys and indices."""

_HANDLE = frozenset({"ref", "version"})

_NAME = re.compile(r"(?:[^\W\d_][^\W\d_.'’-]*(?:[.'’-][^\W\d_]*)*)(?: [^\W\d_]+(?:[.'’-][^\W\d_]*)*){0,3}")
_LONGEST_NAME = 40
"""Characters."""

MOST = 10**12
"""Numbers beyond this are no counts, sizes, minutes or seconds, and could carry more than a number says."""


# Without lifting anything


def foreign(item: Item) -> Label:
    """The words of an item, whoever wrote them, for those who could read it at its source."""
    return Label("untrusted", (str(item.ref),), item.label.readers)


# By whose word it is


def own_words() -> Label:
    """The person's own words: a literal of her request, an edit on a card, her settings."""
    return Label("user", (), None)


def planned(origin: Trust) -> Label:
    """A literal of a plan, which was made before any text of a source was read: as its planner found it.

    What a model writes is held to the person's words first (`planners._drafted.Words.trust`). Of a stranger's
    text nobody knows who else could read it.
    """
    return Label(origin, (), () if origin == "untrusted" else None)


def of_contact() -> Label:
    """Somebody whom the person has written to, invited or keeps in an address book."""
    return Label("contact", (), None)


# By how it was made


def worked_out(origins: tuple[str, ...] = (), readers: tuple[str, ...] | None = None) -> Label:
    """Put together by Deskhand's own code out of what is endorsed already: times, counts, fixed words."""
    return Label("assistant", origins, readers)


def retold(item: Item) -> Label:
    """Words of ours around the title, place or text of an item: ours where these are the person's own."""
    words = Label(item.label.trust, (str(item.ref),), item.label.readers)
    return join([worked_out(), words])


def selected(origins: tuple[str, ...] = (), readers: tuple[str, ...] | None = ()) -> Label:
    """What names an item or counts some: an id that exists and that the person's own selector chose, its
    version, its source, its times, one of a few fixed words."""
    return Label("metadata", origins, readers)


def as_words(value: object, label: Label) -> Label:
    """The label of a value where words are wanted. An id is endorsed as an id and as nothing else: whoever
    names a folder or calls a meeting has chosen its letters, also where they stand for somebody's address."""
    return replace(label, trust="untrusted") if label.trust == "metadata" and _spells_id(value) else label


def _spells_id(value: object) -> bool:
    """Whether the id of an item stands somewhere in it, but where an item is named (`ref`)."""
    if isinstance(value, Mapping):
        return any(_spells_id(inner) for key, inner in value.items() if key != "ref")
    if isinstance(value, (list, tuple)):
        return any(map(_spells_id, value))
    if not isinstance(value, str):
        return False
    try:
        ItemRef.parse(value)
    except ValueError:
        return False
    return True


# By its type


def carries_words(value: object) -> bool:
    """Whether a value could carry a stranger's words into an action.

    It cannot where it is nothing, a boolean, a number in range, a date or a time, the handle of an item
    (of which its parts count, see `handles`), or a list of these.
    """
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, (int, float)):
        return not -MOST <= value <= MOST
    if isinstance(value, str):
        return not _time(value)
    if isinstance(value, Mapping):
        return not value.keys() >= _HANDLE
    return not isinstance(value, (list, tuple)) or any(carries_words(v) for v in value)


def names_somebody(text: str) -> bool:
    """Whether a text can be no more than what somebody is called: nothing, or up to four words of letters."""
    return len(text) <= _LONGEST_NAME and (not text or _NAME.fullmatch(text) is not None)


def handles(value: object, at: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The handles of items in a value, with their paths: objects with a ref and a version, and maybe more."""
    if isinstance(value, Mapping) and value.keys() >= _HANDLE:
        yield at, value
    elif isinstance(value, (list, tuple)):
        for n, inner in enumerate(value):
            yield from handles(inner, (*at, n))


def of_its_own(label: Label, ref: object) -> bool:
    """Whether words that stand beside a handle are those of its own item: the action that is handed them
    knows whose they are. Another's would pass for them."""
    return {*label.origins} == {str(ref)}


def _time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def with_edits(labels: Mapping[str, Label], changes: Mapping[str, Any]) -> dict[str, Label]:
    """Labels of arguments of which the person changed some on a card: those are her word now."""
    return {**labels, **dict.fromkeys(changes, own_words())}
