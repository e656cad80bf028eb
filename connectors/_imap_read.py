"""Reads a mailbox on an IMAP server: a pass that asks for what changed, and single messages.

A pass lists all folders with their state, by one command where the server can (LIST-STATUS), and opens only
those that are not at the state of the cursor (`_imap_survey`). What is new is read newest first, from all
folders in turns, in batches that bound the memory. Removals come last, after every folder was listed: until
then a message that is gone here may turn up there, and is told as moved.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deskhand.connectors import _imap_commands as imap
from deskhand.connectors._imap_answers import Fetched
from deskhand.connectors._imap_contents import Contents
from deskhand.connectors._imap_errors import Refused
from deskhand.connectors._imap_fetch import Fetching, Todo
from deskhand.connectors._imap_folders import Folder, Folders, chosen
from deskhand.connectors._imap_known import Folder as KnownFolder
from deskhand.connectors._imap_known import Known
from deskhand.connectors._imap_marks import Mark, Marks
from deskhand.connectors._imap_session import Session
from deskhand.connectors._imap_survey import FLAGS, state_of, survey
from deskhand.connectors._imap_uids import native
from deskhand.connectors._mail_scope import Scope
from deskhand.connectors._message import Found, address, items
from deskhand.connectors._text import Reader
from deskhand.connectors.model import Change, Cursor, Failed, Flagged, Item, ItemRef, Removed

PAGE = 200
"""Messages after which a cursor comes: what is lost of a pass that is cut off, and held in memory by one."""


class Reading:
    """The reading half of an IMAP source."""

    def __init__(
        self, source: str, session: Session, folders: Folders, fetching: Fetching, *, owner: str,
        scope: Scope, reader: Reader, contents: Path,
    ) -> None:  # fmt: skip
        """:param owner: the address whose own words are trusted, lower case; may be empty.
        :param contents: where it is noted which content each message had.
        """
        self.source = source
        self._session, self._folders = session, folders
        self._fetching = fetching
        self._owner, self._scope, self._reader = owner, scope, reader
        self._contents = contents
        self.quota: tuple[tuple[str, int, int], ...] = ()
        """What the mailbox may hold, as the last pass knows it (`_imap_commands.quota`)."""

    def chosen(self, *, status: bool = False) -> list[Folder]:
        """The folders that are read, as they are now. :raises Misconfigured: there are none."""
        return chosen(self._scope, self._folders.all(status=status), gmail=self._fetching.gmail)

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        """See `Connector.changes`."""
        contents = Contents(self._contents)
        try:
            yield from self._pass(since, contents)
        finally:
            contents.close()

    def _pass(self, since: Cursor | None, contents: Contents) -> Iterator[Change]:
        known = Known.of(since.value if since else "", contents.put)
        contents.keep()
        chosen = self.chosen(status=True)
        gmail = self._fetching.gmail
        for name in known.folders.keys() - {f.name for f in chosen}:
            known.lose(name)
        known.shut &= {f.name for f in chosen}
        doors: list[Failed | Removed] = []
        todo = [t for f in chosen if (t := self._surveyed(f, known, doors, gmail)) is not None]
        yield from doors
        expected = sum(len(t.uids) for t in todo) + sum(map(len, known.gone.values()))
        done = paged = 0
        for folder, uids in _in_turns(todo):
            told = 0
            marks = known.folders[folder.folder.name].marks
            for uid, fetched in self._fetching.some(folder, uids, marks, gmail=gmail):
                yield from self._told(folder, uid, fetched, known, contents)
                told += 1
            if told < len(uids):  # gone since or left out by the server: the next pass lists the folder
                folder.then.whole = False
            done += len(uids)
            if not folder.uids:
                _settle(known, folder)
            if done - paged >= PAGE:
                paged = done
                yield from _paged(known, contents, done, expected)
        for place, marks in known.gone.items():
            for uid in marks.uids():
                attached = _popped(known, place, uid, contents).attached
                yield Removed(ItemRef(self.source, "message", f"{place}.{uid}"))
                yield from self._removed(f"{place}.{uid}", 1, attached)
                done += 1
                if done - paged >= PAGE:
                    paged = done
                    yield from _paged(known, contents, done, max(done, expected))
        known.gone.clear()
        if expected:  # what nobody changed takes no more room, and no request
            known.quota = tuple(self._session.again(lambda: imap.quota(self._session)))
        self.quota = known.quota
        # Of what moved, two were expected and one is there.
        yield from _paged(known, contents, max(done, expected), max(done, expected))
        if expected:
            contents.keep_only(known.places())

    def read(self, ref: ItemRef) -> Item | None:
        """See `Connector.read`."""
        text, number = address(ref)
        found = self._fetching.one(text) if text else None
        if found is None:
            return None
        folder, uid, fetched = found
        if fetched.data is None or not fetched.data.strip():
            return None
        read = self._items(folder, native(folder.name, self._fetching.validity, uid), fetched, only=number)
        return read[0] if read else None

    # ------------------------------------------------------------------ what there is to do

    def _surveyed(
        self, folder: Folder, known: Known, doors: list[Failed | Removed], gmail: bool
    ) -> Todo | None:
        """What is new, changed or gone in a folder; None where it is as it was. Marks what is gone.

        :param doors: told of a folder that cannot be opened, and of one that can again. What was read of it
            stays, and all other folders are read.
        """
        state = known.folders.get(folder.name)
        if state is not None and state.is_at(folder.listed.status) and folder.name not in known.shut:
            return None
        door = ItemRef(self.source, "message", f"{folder.name}/")
        try:
            found = self._session.again(
                lambda: survey(self._session, folder, state, since=self._scope.since, gmail=gmail)
            )
        except Refused as error:
            if error.code in ("NONEXISTENT", "TRYCREATE"):
                return None  # taken away since it was listed: the next pass does not see it
            known.shut.add(folder.name)
            doors.append(Failed(door, f"The folder {folder.name} could not be opened: {error}"))
            return None
        if folder.name in known.shut:
            known.shut.discard(folder.name)
            doors.append(Removed(door))
        if state is not None and found.validity != state.validity:
            known.lose(folder.name)
            state = None
        there = KnownFolder(found.validity, found.next, found.modseq, found.count, whole=True)
        if state is None:
            # What is known of it is of now, and not yet whole. It may have been out of sight for a while.
            marks = known.gone.pop(f"{folder.name}/{found.validity}", Marks())
            known.folders[folder.name] = state = replace(there, whole=False, marks=marks)
            known.lose_some(folder.name, marks.uids() - found.todo)
        known.lose_some(folder.name, found.gone)
        work = Todo(folder, found.validity, found.todo, there)
        if not found.todo:
            _settle(known, work)
            return None
        return work

    # ------------------------------------------------------------------ reading it

    def _told(
        self, todo: Todo, uid: int, fetched: Fetched, known: Known, contents: Contents
    ) -> Iterator[Change]:
        """A message's items; what is known is brought up to date with them."""
        marks = known.folders[todo.folder.name].marks
        text = native(todo.folder.name, todo.validity, uid)
        before = marks.get(uid)
        if before is not None and before.read and fetched.labels is None and fetched.data is None:
            yield Flagged(ItemRef(self.source, "message", text), _flags(fetched))
            marks.put(uid, before._replace(state=state_of(fetched)))
            return
        if reason := self._unreadable(fetched):
            yield Failed(ItemRef(self.source, "message", text), reason)
            marks.put(uid, Mark(False, state_of(fetched), before.attached if before else 0))
            return
        read = self._items(todo.folder, text, fetched)
        digest = read[0].hash[:12]
        old = _taken(known, contents, digest) if before is None else None
        for item in read:
            if old is not None:
                was = ItemRef(self.source, item.ref.kind, old[0] + item.ref.native[len(text) :])
                item = replace(item, was=was)
            yield item
        if before is not None:
            yield from self._removed(text, len(read), before.attached)
        if old is not None:
            yield from self._removed(old[0], len(read), old[1].attached)
        marks.put(uid, Mark(True, state_of(fetched), len(read) - 1))
        contents.put(f"{todo.folder.name}/{todo.validity}", uid, digest)

    def _unreadable(self, fetched: Fetched) -> str:
        """Why a message cannot be read; "" where it can."""
        if fetched.failed:
            return fetched.failed
        if fetched.data is None:
            most = f"{self._scope.size / 1e6:g} MB"
            return f"It has {fetched.size / 1e6:.1f} MB; up to {most} are read (option max_size)."
        return "" if fetched.data.strip() else "It is empty."

    def _removed(self, text: str, first: int, last: int) -> Iterator[Removed]:
        for number in range(first, last + 1):
            yield Removed(ItemRef(self.source, "attachment", f"{text}#{number}"))

    def _items(self, folder: Folder, text: str, fetched: Fetched, *, only: int | None = None) -> list[Item]:
        labels = fetched.labels or ()
        sent = self._is("Sent", folder) or "\\Sent" in labels
        ours = sent or self._is("Drafts", folder) or "\\Draft" in labels
        found = Found(
            ItemRef(self.source, "message", text), folder.name, fetched.at or datetime.fromtimestamp(0, UTC),
            _flags(fetched),
            self._owner if ours else "", sent,
        )  # fmt: skip
        read = items(fetched.data or b"", found, reader=self._reader, only=only)
        if fetched.labels is None:
            return read
        more = {"labels": list(labels), "thread": fetched.thread}
        return [replace(i, data={**i.data, **more}) if i.ref.kind == "message" else i for i in read]

    def _is(self, kind: str, folder: Folder) -> bool:
        return folder.name == self._folders.name_of(kind)  # type: ignore[arg-type]


def _flags(fetched: Fetched) -> tuple[str, ...]:
    return tuple(sorted({FLAGS[f] for f in fetched.flags if f in FLAGS}))


def _in_turns(todo: Sequence[Todo]) -> Iterator[tuple[Todo, list[int]]]:
    """Some of each folder in turn, until all are done: what is new comes first, wherever it lies."""
    left = deque(t for t in todo if t.uids)
    while left:
        folder = left.popleft()
        some, folder.uids = folder.uids.newest(PAGE)
        yield folder, some
        if folder.uids:
            left.append(folder)


def _paged(known: Known, contents: Contents, done: int, expected: int) -> Iterator[Cursor]:
    """The end of a page."""
    contents.keep()
    yield Cursor(known.text(), done, expected)
    contents.forget()


def _settle(known: Known, todo: Todo) -> None:
    """All of a folder is done: it is known at the state it had when it was looked at."""
    marks = known.folders[todo.folder.name].marks
    known.folders[todo.folder.name] = replace(todo.then, marks=marks)


def _popped(known: Known, place: str, uid: int, contents: Contents) -> Mark:
    """What is known of a message that is gone; it is accounted for by that."""
    contents.drop(place, uid)
    return known.gone[place].pop(uid) or Mark(False, "")


def _taken(known: Known, contents: Contents, digest: str) -> tuple[str, Mark] | None:
    """One that is gone and had this content, with what was known of it; it is accounted for by that."""
    if any(known.gone.values()):
        for place, uid in contents.alike(digest):
            if uid in known.gone.get(place, ()):
                return f"{place}.{uid}", _popped(known, place, uid, contents)
    return None
