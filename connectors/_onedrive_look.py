"""Looks at one file of a pass: what is to be told of it, and what is known of it then. Several at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deskhand.connectors._cloud_texts import Kept
from deskhand.connectors._graph_errors import NotAllowed
from deskhand.connectors._onedrive_items import Doc, head_of, past
from deskhand.connectors._onedrive_known import Entry
from deskhand.connectors._onedrive_reading import Reading
from deskhand.connectors._onedrive_remote import About
from deskhand.connectors._reader import Unreadable
from deskhand.connectors._tries import Refused
from deskhand.connectors.errors import Missing, Transient
from deskhand.connectors.model import Failed, Item


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that is to be told."""

    doc: Doc
    before: Entry | None
    """What was told of it; None: nothing was."""
    folder: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of it: what is known of the file now (None: it is gone), and what is to be told."""

    doc: Doc
    entry: Entry | None
    told: tuple[Item | Failed, ...] = ()
    doubt: bool = False
    """It was not to be had, and perhaps nothing is."""
    again: bool = False
    """It is to be looked at once more in the next pass."""


def look(reading: Reading, wanted: Wanted, kept: Kept | None, about: About | Transient) -> Looked:
    """Read a file, and the versions of it that were not told. Knows nothing of the pass.

    :param kept: what was read of this very content before.
    :param about: what is told beside it, or that this does not come just now.
    """
    doc, before, told = wanted.doc, wanted.before, list[Item]()
    failed = replace(before or Entry("", "", "", ""), seen=doc.seen, parent=doc.above)

    def failing(why: str, *, doubt: bool = False, again: bool = False) -> Looked:
        entry = replace(failed, seen="") if again else failed
        return Looked(doc, entry, (*told, Failed(reading.ref(doc.key), why)), doubt, again)

    if isinstance(about, Transient):
        return failing(str(about), again=True)
    versions, rights = about.versions, about.rights
    same = before is not None and before.version == doc.version
    words = list[str]()
    try:
        for one in () if same else reading.past(doc, versions, before, wanted.folder, rights):
            if isinstance(one, str):
                words.append(one)
            else:
                told.append(replace(one, note=" ".join(words)))
                words = []
        now = kept or reading.fetched(doc, head_of(doc))
    except Missing:
        return Looked(doc, None)  # gone since it was listed: the changes tell
    except (Unreadable, Refused) as error:
        return failing(str(error))
    except NotAllowed:
        return failing("who owns it does not let it be fetched", doubt=True)
    except Transient as error:
        return failing(str(error), doubt=True, again=True)
    if versions:  # whose author and time are those of the content, not of a new name
        now = replace(now, head=replace(past(versions[-1]), version=doc.version), note=" ".join(words))
    if kept is None:
        reading.texts.put(doc.key, now)
    last = str(versions[-1]["id"]) if versions else before.last if before is not None and same else ""
    entry = Entry(doc.seen, doc.version, now.head.at, doc.above, last)
    return Looked(doc, entry, (*told, reading.item(doc, now, wanted.folder, rights)))
