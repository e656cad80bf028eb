"""One pass over a Drive: all of it the first time, the newest first, and then what changed.

The tokens of the logs of changes are taken before anything is listed, so that nothing that happens meanwhile
is lost. Removed is what the log says is gone, or what a complete listing leaves out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from deskhand.connectors._cloud_scope import Scope
from deskhand.connectors._cloud_texts import Kept
from deskhand.connectors._gdrive_folders import NOWHERE, Folders, parent_of
from deskhand.connectors._gdrive_items import COMMENTS
from deskhand.connectors._gdrive_known import Entry, Known, Listing
from deskhand.connectors._gdrive_reading import Reading
from deskhand.connectors._gdrive_remote import FOLDER, PAGE, File
from deskhand.connectors._google_errors import Refused
from deskhand.connectors._reader import Unreadable
from deskhand.connectors.errors import Missing, Transient
from deskhand.connectors.model import Change, Cursor, Failed, Item, Removed

_PAGE_TEXT = 16_000_000
"""Characters of text after which a page ends early."""
_AT_ONCE = 6
"""Files that are fetched at the same time: each takes three requests or more, and Google answers slowly."""
_PAGES = 20
"""At most so many in a listing: each carries a cursor that names everything."""
_STILL = 50
"""A list or log that stands still for so many pages goes in circles."""


class _Unsaid:
    """Google does not tell what is said beside a file."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """What came of looking at a file: what is known of it now (None: nothing), and what is to be told."""

    id: str
    entry: Entry | None
    changes: tuple[Change, ...]
    again: bool = False
    """It is to be looked at once more in the next pass."""


class Pass:
    """Made for one run and thrown away."""

    def __init__(self, reading: Reading, scope: Scope, known: Known) -> None:
        self._reading, self._remote, self._scope, self._known = reading, reading.remote, scope, known
        self._folders = Folders(reading.remote, known)
        self._text = self._files = 0
        self._stale = set[str](known.listing.stale if known.listing else ())

    def run(self) -> Iterator[Change]:
        """Yield what changed; each page ends with a cursor."""
        self._reading.begin()
        known, drives = self._known, self._drives()
        if known.chosen != self._scope.key or set(known.logs) != {"", *drives}:
            self._begin(drives)
        yield from self._retry()
        for again in (True, False):
            yield from self._list_all()
            if (yield from self._follow()):
                break
            if not again:
                raise Transient("Google Drive no longer knows from where its changes are asked for.")
            self._begin(drives)
        done = len(known.files)
        yield self._cursor(done, done)

    def _drives(self) -> dict[str, str]:
        if not self._scope.drives:
            return {}
        return {id: name for id, name in self._remote.drives().items() if self._scope.wants_drive(name)}

    def _begin(self, drives: dict[str, str]) -> None:
        """A listing of everything, from here on."""
        known = self._known
        known.logs = {drive: self._remote.start(drive) for drive in ("", *drives)}
        known.folders = {self._remote.root(): ("", "")} | {id: (name, "") for id, name in drives.items()}
        expected = 0
        for drive in known.logs:
            folders, count = self._remote.overview(drive, since=self._scope.since)
            known.folders |= {str(f["id"]): (str(f["name"]), parent_of(f)) for f in folders}
            expected += count
        known.chosen = self._scope.key
        known.listing = Listing(list(known.logs), expected=expected)
        self._stale = set(known.files)

    def _retry(self) -> Iterator[Change]:
        """What Google would not give in the pass before."""
        asked, self._known.again = self._known.again, []
        found = {id: self._remote.file(id) for id in asked}
        for id in (id for id, file in found.items() if file is None or file.get("trashed")):
            yield from self._gone(id)
        yield from self._look(file for file in found.values() if file is not None and not file.get("trashed"))

    def _list_all(self) -> Iterator[Change]:
        listing = self._known.listing
        if listing is None:
            return
        anew, still = True, 0
        while listing.left:
            drive = listing.left[0]
            try:
                files, token = self._remote.page(drive, listing.token, since=self._scope.since)
            except Refused:
                if not listing.token or not anew:
                    raise
                listing.token, anew = "", False  # too old: from the start; what was read is not read again
                continue
            self._stale.difference_update(f["id"] for f in files)
            yield from self._look({f["id"]: f for f in files}.values())
            listing.done += len(files)
            still = still + 1 if token and token == listing.token else 0
            if still >= _STILL:
                raise Transient("Google Drive's list of files has no end.")
            listing.token = token
            if not token:
                listing.left.pop(0)
            page = max(PAGE, listing.expected // _PAGES)
            if listing.left and (self._files >= page or self._text >= _PAGE_TEXT):
                yield self._cursor(min(listing.done, listing.expected), listing.expected)
        for id in sorted(self._stale):
            yield from self._gone(id)
        self._stale.clear()
        self._known.listing = None

    def _follow(self) -> Generator[Change, None, bool]:
        """What the logs tell. Gives whether they could be followed."""
        for drive in self._known.logs:
            still = 0
            while True:
                token = self._known.logs[drive]
                try:
                    changes, following, last = self._remote.changes(drive, token)
                except (Refused, Missing):
                    return False
                yield from self._apply(drive, changes)
                self._known.logs[drive] = following
                if last:
                    break
                still = still + 1 if following == token else 0
                if still >= _STILL:
                    raise Transient("Google Drive's log of changes has no end.")
                if self._files >= PAGE or self._text >= _PAGE_TEXT:
                    done = len(self._known.files)
                    yield self._cursor(done, done)
        return True

    def _apply(self, drive: str, changes: Iterable[File]) -> Iterator[Change]:
        """One page of a log. What it says twice counts once, as it was said last."""
        last = dict[str, File]()
        for change in changes:
            if change.get("changeType", "file") == "file":
                last.pop(change["fileId"], None)
                last[change["fileId"]] = change
        gone, todo, moved = dict[str, None](), dict[str, File](), set[str]()
        for id, change in last.items():
            file = None if change.get("removed") else change.get("file")
            if file is None and self._elsewhere(id, drive):
                continue
            if file is None or file.get("trashed"):
                self._leave(id, gone, todo, trashed=file is not None)
            elif file["mimeType"] == FOLDER:
                self._place(file, drive, todo, moved)
            else:
                todo[id] = file
        # What a folder took along that was trashed may have been moved out of it before, or after.
        for id in (id for id in gone if id not in todo):
            yield from self._gone(id)
        yield from self._look(todo.values(), moved)

    def _elsewhere(self, id: str, drive: str) -> bool:
        """Whether what one log no longer tells of went to another drive, whose log told of it already."""
        known = self._known
        parent = known.files[id].parent if id in known.files else known.folders.get(id, ("", NOWHERE))[1]
        at = next((a for a in (id, *known.above(parent)) if a in known.logs), "")
        return (id in known.files or id in known.folders) and at != drive

    def _leave(self, id: str, gone: dict[str, None], todo: dict[str, File], *, trashed: bool) -> None:
        """A file or folder that is no longer there, and with a folder all that was in it."""
        todo.pop(id, None)
        gone[id] = None
        if id not in self._known.folders:
            return
        folders, files = self._known.below(id)
        for below in (id, *folders):
            self._known.folders.pop(below, None)
        for below in files:
            # What lies in the trash's folders is trashed with it. What was in a folder that may not be seen
            # any more may have been elsewhere by then.
            found = None if trashed else self._remote.file(below)
            if found is None or found.get("trashed"):
                gone[below] = None
            else:
                todo[below] = found

    def _place(self, folder: File, drive: str, todo: dict[str, File], moved: set[str]) -> None:
        """A folder that is there: new, renamed, moved, or with other rights. The log says nothing of what is
        in it then."""
        id, here = str(folder["id"]), (str(folder["name"]), parent_of(folder))
        if self._known.folders.get(id) == here or not self._known.folders.get(id, ("", "x"))[1]:
            return
        self._known.folders[id] = here
        for file in self._remote.inside(id, drive):
            if file["mimeType"] == FOLDER:
                self._known.folders.pop(file["id"], None)
                self._place(file, drive, todo, moved)
            else:
                todo[file["id"]] = file
                moved.add(file["id"])

    def _look(self, files: Iterable[File], moved: Collection[str] = ()) -> Iterator[Change]:
        """Files that are there, in this order: what is to be told of them. A few are fetched ahead.

        :param moved: those of which the way to them changed, though nothing about themselves did.
        """
        ahead = deque[Future[_Looked]]()
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="gdrive") as pool:
            try:
                for file in files:
                    if (wanted := (yield from self._wanted(file, file["id"] in moved))) is None:
                        continue
                    ahead.append(pool.submit(self._fetched, file, *wanted))
                    if len(ahead) > _AT_ONCE:
                        yield from self._told(ahead.popleft().result())
                while ahead:
                    yield from self._told(ahead.popleft().result())
            finally:
                pool.shutdown(cancel_futures=True)

    def _wanted(
        self, file: File, moved: bool
    ) -> Generator[Change, None, tuple[Entry | None, str, bool] | None]:
        """What was told of a file, its folder, and whether only the way to it changed; None: skip it."""
        id, entry, folder = str(file["id"]), self._known.files.get(file["id"]), self._folders.path(file)
        if not self._scope.wants(folder, str(file["name"]), str(file["modifiedTime"])):
            yield from self._gone(id)
            self._known.files[id] = Entry(str(file["version"]), "", "", parent_of(file))
            return None
        before = entry if entry is not None and entry.version else None
        same = before is not None and before.seen == str(file["version"])
        return None if same and not moved else (before, folder, same)

    def _told(self, looked: _Looked) -> Iterator[Change]:
        if looked.entry is None:
            return
        self._files += 1
        self._known.files[looked.id] = looked.entry
        self._known.again += [looked.id] * looked.again
        for change in looked.changes:
            self._text += len(change.text) if isinstance(change, Item) else 0
            yield change

    def _fetched(self, file: File, before: Entry | None, folder: str, same: bool) -> _Looked:
        """Read a file. Knows nothing of the pass: several run at once."""
        id, seen, told = str(file["id"]), str(file["version"]), list[Change]()
        ref = self._reading.ref(id)
        try:
            kept = self._read(file, before, folder, same, told)
            told.append(self._reading.item(file, kept, folder))
            # Whatever is said beside it is a change of it, too.
            had = before is not None and bool(before.comments)
            said = None if same and not had else self._said(file, folder)
        except Missing:
            return _Looked(id, None, ())  # gone since it was listed: the log tells
        except (Unreadable, Refused) as error:
            failed = replace(before or Entry("", "", "", ""), seen=seen, parent=parent_of(file))
            return _Looked(id, failed, (*told, Failed(ref, str(error))))
        except Transient as error:
            self._remote.who()  # raises, where it is not this file alone
            failed = replace(before or Entry("", "", "", ""), seen="", parent=parent_of(file))
            return _Looked(id, failed, (*told, Failed(ref, str(error))), again=True)
        if isinstance(said, _Unsaid):  # what was known of it stays
            version = before.comments if before is not None else ""
        else:
            version = said.version if said else ""
            if said is not None:
                told.append(said)
            elif had:
                told.append(Removed(self._reading.ref(id + COMMENTS)))
        entry = Entry(seen, kept.head.version, kept.head.at, parent_of(file), version)
        return _Looked(id, entry, tuple(told))

    def _said(self, file: File, folder: str) -> Item | _Unsaid | None:
        """What is said beside a file; None: nothing."""
        try:
            return self._reading.comments(file, folder)
        except (Missing, Refused):
            return _Unsaid()

    def _read(self, file: File, before: Entry | None, folder: str, same: bool, told: list[Change]) -> Kept:
        """What a file says, as it is kept where its content is the same. Tells the versions in between."""
        kept = self._reading.texts.get(file["id"], before.version) if before and same else None
        if kept is not None:
            return kept
        head, revisions = self._reading.head(file)
        if before and (kept := self._reading.kept(file, head)) is not None:
            return kept
        words = list[str]()
        for past in self._reading.past(file, revisions, before, folder):
            if isinstance(past, str):
                words.append(past)
            else:
                told.append(replace(past, note=" ".join(words)))
                words = []
        return self._reading.current(file, head, note=" ".join(words))

    def _gone(self, id: str) -> Iterator[Removed]:
        entry = self._known.files.pop(id, None)
        if entry is None:
            return
        self._files += 1
        self._reading.texts.drop(id)
        if entry.version:
            yield Removed(self._reading.ref(id))
        if entry.comments:
            yield Removed(self._reading.ref(id + COMMENTS))

    def _cursor(self, done: int, expected: int) -> Cursor:
        self._text = self._files = 0
        if self._known.listing is not None:
            self._known.listing.stale = sorted(self._stale)
        return Cursor(self._known.dump(), done, expected)
