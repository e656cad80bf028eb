"""Reads an Outlook mailbox: a pass that asks each folder for what changed, and single messages.

The cursor holds a link for each folder: to the next page of a listing that is under way, else to what changes
from then on. So a pass that was cut off goes on at its last page. When Graph no longer knows a link (410, or
400 syncStateNotFound), that folder is listed anew and compared; what has not changed is not fetched again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from deskhand.connectors._mail_scope import Scope
from deskhand.connectors._message import Found, address, items
from deskhand.connectors._outlook_known import Known, Mark, flagged_alone, mark_of, short
from deskhand.connectors._outlook_mailbox import LEFT_OUT, PAGE, Folder, Letter, Mailbox, Told, told_of
from deskhand.connectors._text import Reader
from deskhand.connectors._tries import Gone, Refused
from deskhand.connectors.errors import Missing, SourceError, Transient
from deskhand.connectors.model import Change, Cursor, Failed, Flagged, Item, ItemRef, Removed

Json = Any
_AT_A_TIME = 20
"""Messages whose bytes are fetched together."""


class Reading:
    """The reading half of an Outlook source."""

    def __init__(self, source: str, mailbox: Mailbox, *, owner: str, scope: Scope, reader: Reader) -> None:
        """:param owner: the account's address, lower case: its own words are trusted where only it writes."""
        self.source = source
        self._mailbox, self._owner, self._scope, self._reader = mailbox, owner, scope, reader

    def _reads(self, folder: Folder) -> bool:
        """Whether a folder is read: usually all but junk."""
        return self._scope.wants(folder.name, usual=folder.use not in LEFT_OUT)

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        """See `Connector.changes`."""
        known = Known.of(since)
        known.anew(str(self._scope.since or ""))
        folders = {known.number(f.id): f for f in self._mailbox.folders(anew=True).values() if self._reads(f)}
        for number in known.links.keys() - folders.keys():  # gone, or not read any more
            self._left(known, number)
        # Of a folder that has no link everything comes; of others only Graph knows how much.
        expected = sum(f.count for n, f in folders.items() if n not in known.links)
        done = paged = 0
        late, shut = [*known.again], dict[str, Transient]()
        for number, page in self._begun(known, folders, shut):
            before = known.links.get(number, "")
            quiet = True
            at: dict[str, Json] | None = page
            while at is not None:
                rows = at.get("value") or []
                quiet = quiet and not rows
                yield from self._page(known, number, rows)
                done += len(rows)
                link = str(at.get("@odata.nextLink") or "")
                # Graph gives another link each time; where nothing changed, nothing is to be written down.
                # A link into the middle of a listing is not kept: it leads to the end of that alone.
                keeps = quiet and "deltatoken=" in before.lower()
                known.links[number] = link or (before if keeps else str(at["@odata.deltaLink"]))
                if not link:
                    self._seen_all(known, number)
                if done - paged >= max(PAGE, expected // 100):
                    paged = done
                    yield Cursor(known.text(), done, max(expected, done + 1))
                at = self._followed(known, number, link, shut) if link else None
        yield from self._doors(known, shut)
        yield from self._again(known, late)
        yield from self._all_gone(known)
        yield Cursor(known.text(), done, done)

    def read(self, ref: ItemRef) -> Item | None:
        """See `Connector.read`."""
        id_, number = address(ref)
        letter = self._mailbox.get(id_) if id_ else None
        if letter is None or not letter.data.strip():
            return None
        read = self._items(letter, only=number)
        return read[0] if read else None

    # ------------------------------------------------------------------ pages

    def _begun(
        self, known: Known, folders: Mapping[str, Folder], shut: dict[str, Transient]
    ) -> Iterator[tuple[str, dict[str, Json]]]:
        """The first page of each folder, all of them asked for together.

        :param shut: is told of folders that do not come just now, though others do.
        """
        links = [known.links.get(n) or self._mailbox.listing(f.id) for n, f in folders.items()]
        for number, said in zip(folders, self._mailbox.first_pages(links), strict=True):
            page = self._taken(known, number, said, shut)
            if page is not None:
                yield number, page

    def _followed(
        self, known: Known, number: str, link: str, shut: dict[str, Transient]
    ) -> dict[str, Json] | None:
        return self._taken(known, number, self._asked(link), shut)

    def _asked(self, link: str) -> Json | SourceError:
        try:
            return self._mailbox.page(link)
        except Transient as error:
            self._mailbox.graph.answers()
            return error
        except SourceError as error:
            return error

    def _taken(
        self, known: Known, number: str, said: Json | SourceError, shut: dict[str, Transient]
    ) -> dict[str, Json] | None:
        """A page as it came; that of a new listing, where the link was too old; None: there is no folder, or
        it does not come."""
        if isinstance(said, Gone):
            known.unseen[number] = known.inside(number)
            known.links.pop(number, None)
            said = self._asked(self._mailbox.listing(known.folders[int(number)]))
            if isinstance(said, Gone):  # it cannot be too old, for it is no link
                said = Transient("Outlook does not list a folder that it has.")
        if isinstance(said, Transient):
            shut[number] = said
            return None
        if isinstance(said, Missing):
            self._left(known, number)
            return None
        if isinstance(said, SourceError):
            raise said
        page: dict[str, Json] = said
        return page

    def _page(self, known: Known, number: str, rows: Sequence[Json]) -> Iterator[Change]:
        """What changed on a page; `known` is brought up to date with it."""
        due: dict[str, Told] = {}
        unseen = set(known.unseen.get(number, ()))
        for row in rows:
            id_ = str(row["id"])
            unseen.discard(id_)
            if "@removed" in row:
                known.gone[id_] = number
                due.pop(id_, None)
                continue
            known.gone.pop(id_, None)
            told = replace(told_of(row), folder=known.folders[int(number)])
            mark = known.mark(id_)
            if not self._wanted(known, told):
                continue
            if mark is not None and (mark.change, mark.folder) == (short(told.change), number):
                continue
            if mark is not None and flagged_alone(mark, told, number):
                yield Flagged(self._ref(id_), self._flags(told))
                known.marks[id_] = mark_of(mark.attached, told, number)
            else:
                due[id_] = told
        if number in known.unseen:
            known.unseen[number] = sorted(unseen)
        several = list(due.values())
        for first in range(0, len(several), _AT_A_TIME):
            part = several[first : first + _AT_A_TIME]
            for told, data in zip(part, self._mailbox.bytes_of(part), strict=True):
                yield from self._told(known, number, told, data)

    def _wanted(self, known: Known, told: Told) -> bool:
        """Whether it is new enough to be read."""
        since = self._scope.since
        if since is None or told.arrived >= datetime.combine(since, time(), UTC):
            return True
        if (mark := known.mark(told.id)) is not None:
            known.gone[told.id] = mark.folder
        return False

    def _doors(self, known: Known, shut: Mapping[str, Transient]) -> Iterator[Change]:
        """What is to be said of folders that did not come, and of those that do again."""
        for number in known.shut:
            if number not in shut:
                yield Removed(self._ref(f"{known.folders[int(number)]}/"))
        for number, error in shut.items():
            id_ = known.folders[int(number)]
            why = f"The folder {self._mailbox.name_of(id_)} could not be read: {error}"
            yield Failed(self._ref(f"{id_}/"), why)
        known.shut = sorted(shut)

    def _again(self, known: Known, late: Sequence[str]) -> Iterator[Change]:
        """What did not come in the pass before, after all that did in this one."""
        wanted = [id_ for id_ in late if id_ in known.again]
        for first in range(0, len(wanted), _AT_A_TIME):
            ids = wanted[first : first + _AT_A_TIME]
            due = list[tuple[str, Told]]()
            for id_, said in zip(ids, self._mailbox.told_of_all(ids), strict=True):
                mark = known.mark(id_)
                if isinstance(said, Transient | Refused):
                    yield Failed(self._ref(id_), str(said))
                elif isinstance(said, SourceError) and not isinstance(said, Missing):
                    raise said
                elif isinstance(said, Missing) or mark is None or said.folder != self._folder(known, mark):
                    known.again.remove(id_)  # what changed in its folder tells of it
                else:
                    due.append((mark.folder, said))
            several = self._mailbox.bytes_of([told for _, told in due])
            for (number, told), data in zip(due, several, strict=True):
                yield from self._told(known, number, told, data)

    def _folder(self, known: Known, mark: Mark) -> str:
        """The id of the folder a message was in, where that is still read."""
        return known.folders[int(mark.folder)] if mark.folder in known.links else ""

    # ------------------------------------------------------------------ what is there

    def _told(
        self, known: Known, number: str, told: Told, data: bytes | Refused | Transient | None
    ) -> Iterator[Change]:
        """A message's items."""
        mark = known.mark(told.id)
        before = mark.attached if mark else 0
        known.again = [id_ for id_ in known.again if id_ != told.id]
        if isinstance(data, Transient):
            yield Failed(self._ref(told.id), str(data))
            known.marks[told.id] = Mark(before, "", "", "", number).text()
            known.again.append(told.id)
            return
        if data is None:  # gone since it was listed; of the folder it lay in before nothing more will come
            if mark is not None:
                known.gone[told.id] = mark.folder
            return
        reason = str(data) if isinstance(data, Refused) else self._unreadable(data)
        if reason or isinstance(data, Refused):
            yield Failed(self._ref(told.id), reason)
            known.marks[told.id] = Mark(before, short(told.change), "", "", number).text()
            return
        read = self._items(Letter(told, data))
        yield from read
        yield from self._removed(told.id, len(read), before)
        known.marks[told.id] = mark_of(len(read) - 1, told, number)

    def _unreadable(self, data: bytes) -> str:
        if len(data) > self._scope.size:
            most = self._scope.size / 1e6
            return f"It has {len(data) / 1e6:.1f} MB; up to {most:g} MB are read (option max_size)."
        return "" if data.strip() else "It is empty."

    def _items(self, letter: Letter, *, only: int | None = None) -> list[Item]:
        told = letter.told
        use = self._use(told)
        sent = use == "sentitems" and not told.draft
        # What was received may have been moved among the drafts, by a rule too; it is no draft for that.
        own = sent or (use == "drafts" and told.draft)
        found = Found(
            self._ref(told.id), self._mailbox.name_of(told.folder), told.arrived, self._flags(told),
            self._owner if own else "", sent,
        )  # fmt: skip
        more = {"labels": list(told.categories), "thread": told.thread}
        return [
            replace(item, data={**item.data, **more}, link=told.link or item.link)
            if item.ref.kind == "message" else item
            for item in items(letter.data, found, reader=self._reader, only=only)
        ]  # fmt: skip

    def _use(self, told: Told) -> str:
        folder = self._mailbox.folders().get(told.folder)
        return folder.use if folder else ""

    def _flags(self, told: Told) -> tuple[str, ...]:
        said = {"seen": told.read, "flagged": told.flagged, "draft": told.draft}
        flags = {flag for flag, is_so in said.items() if is_so}
        return tuple(sorted(flags | ({"trashed"} if self._use(told) == "deleteditems" else set())))

    # ------------------------------------------------------------------ what is gone

    def _left(self, known: Known, number: str) -> None:
        """A folder is there no more."""
        known.links.pop(number, None)
        known.unseen.pop(number, None)
        known.gone |= dict.fromkeys(known.inside(number), number)

    def _seen_all(self, known: Known, number: str) -> None:
        """A folder was listed anew, as a whole: what did not come is not there."""
        known.gone |= dict.fromkeys(known.unseen.pop(number, ()), number)

    def _all_gone(self, known: Known) -> Iterator[Removed]:
        """What left a folder and is in no other."""
        for id_, number in known.gone.items():
            mark = known.mark(id_)
            if mark is not None and mark.folder == number:
                yield Removed(self._ref(id_))
                yield from self._removed(id_, 1, mark.attached)
                del known.marks[id_]
        known.gone.clear()

    def _removed(self, id_: str, first: int, last: int) -> Iterator[Removed]:
        for number in range(first, last + 1):
            yield Removed(ItemRef(self.source, "attachment", f"{id_}#{number}"))

    def _ref(self, id_: str) -> ItemRef:
        return ItemRef(self.source, "message", id_)
