"""Whether what can be found is what the archive holds."""

from __future__ import annotations

from deskhand.index.filters import clean
from deskhand.index.model import PAGE, Archive
from deskhand.index.text import Words


def compared(words: Words, archive: Archive) -> list[str]:
    """What differs between the index and the archive, each in a sentence; reads all of both."""
    mark, here = words.mark(), words.current()
    seq = unread = missing = wrong = 0
    expected: set[int] = set()
    while page := archive.changed_since(seq, limit=PAGE):
        seq = page[-1].seq
        for entry in page:
            if entry.seq > mark:
                unread += 1
                expected.add(entry.id)
            elif not entry.removed:
                expected.add(entry.id)
                if entry.id not in here:
                    missing += 1
                elif here[entry.id] != (clean(str(entry.item.ref)), clean(entry.item.version)):
                    wrong += 1
    found = []
    if mark > archive.last_seq():
        found.append("The index has read further than the archive goes; it belongs to another archive.")
    if unread:
        found.append(f"{unread} changes of the archive are not searchable yet.")
    if missing:
        found.append(f"{missing} items of the archive cannot be found.")
    if wrong:
        found.append(f"{wrong} items are searched at another version than their current one.")
    if extra := len(here.keys() - expected):
        found.append(f"{extra} items can be found that are no longer there.")
    return found
