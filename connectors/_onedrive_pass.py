"""One pass over drives: all there is the first time, and then what changed, by one link for each drive.

A link is to the next page of a listing or to what changes from then on, so a pass that was cut off goes on at
its last page. Where a link is too old (410, resync), the drive is listed anew and compared: what is the same
is not read again, and only what the whole list leaves out is gone.
https://learn.microsoft.com/en-us/graph/api/driveitem-delta
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from deskhand.connectors._cloud_scope import Scope
from deskhand.connectors._cloud_texts import Kept
from deskhand.connectors._graph_errors import NotAllowed
from deskhand.connectors._onedrive_items import Doc, parted
from deskhand.connectors._onedrive_known import Entry, Known
from deskhand.connectors._onedrive_look import Looked, Wanted, look
from deskhand.connectors._onedrive_reading import Reading
from deskhand.connectors._onedrive_remote import PAGE, About
from deskhand.connectors._tries import Gone, Refused
from deskhand.connectors.errors import Misconfigured, Missing, SourceError, Transient
from deskhand.connectors.model import Change, Cursor, Failed, Item, Removed

_PAGE_TEXT = 16_000_000
"""Characters of text after which a page ends early."""
_TOGETHER = 20
"""Files of which is asked in one request what versions they have and who may see them."""
_AT_ONCE = 4
"""Files whose bytes are under way at the same time."""
_NOWHERE = "?"
"""The folder of what lies where one may not look."""


class Pass:
    """Made for one run and thrown away."""

    def __init__(self, reading: Reading, scope: Scope, known: Known) -> None:
        self._reading, self._remote, self._scope, self._known = reading, reading.remote, scope, known
        self._text = self._files = 0
        self._nowhere = set[str]()
        self._closed = list[SourceError]()
        """Why chosen drives could not be read. Told when all others were."""

    def run(self) -> Iterator[Change]:
        """Yield what changed; each page ends with a cursor."""
        known, drives = self._known, self._drives()
        if known.chosen != self._scope.key:
            for drive in drives:
                known.anew(drive)
            known.chosen = self._scope.key
        for drive in drives.keys() - known.links.keys():
            known.anew(drive)
        # Of a place that cannot be found just now nobody knows which drives it is: all are kept as they are.
        for drive in known.links.keys() - drives.keys() if not self._closed else ():
            yield from self._left(drive)
        for drive, name in drives.items():
            try:
                yield from self._again(drive)
                yield from self._follow(drive, name)
            except (NotAllowed, Missing) as error:
                if not drive:
                    raise
                self._closed.append(error)
        done = len(known.files)
        yield self._cursor(done, done)
        if self._closed:
            raise self._closed[0]

    def _drives(self) -> dict[str, str]:
        """Names of the drives that are read, by id. One that is closed keeps nobody from the others."""
        found = {"": ""}
        for place in self._scope.drives:
            try:
                found |= self._remote.drives(place)
            except (Misconfigured, NotAllowed) as error:
                self._closed.append(error)
        return found

    def _left(self, drive: str) -> Iterator[Change]:
        """A drive that is no longer chosen."""
        known = self._known
        for key in known.inside(drive):
            yield from self._gone(key)
        known.folders = {k: v for k, v in known.folders.items() if k.rpartition("/")[0] != drive}
        known.paging = [d for d in known.paging if d != drive]
        known.unseen.pop(drive, None)
        known.again = [k for k in known.again if parted(k)[0] != drive]
        del known.links[drive]

    def _again(self, drive: str) -> Iterator[Change]:
        """What was not to be had in the pass before. :raises NotAllowed: the drive is closed."""
        known = self._known
        keys = list(dict.fromkeys(k for k in known.again if parted(k)[0] == drive))
        if not keys:
            return
        found = self._remote.docs(keys)
        if any(isinstance(doc, NotAllowed) for doc in found):
            self._remote.root(drive)  # raises, where it is not these files alone
        known.again = [k for k in known.again if k not in keys]
        for key, doc in zip(keys, found, strict=True):
            if doc is None:
                yield from self._gone(key)
        docs = yield from self._had(keys, found)
        yield from self._look(list(docs.values()))

    def _had(
        self, keys: Sequence[str], found: Sequence[Doc | SourceError | None]
    ) -> Generator[Change, None, dict[str, Doc]]:
        """Files that are there; of what is not to be had that is told, and it is asked for once more."""
        docs, known = dict[str, Doc](), self._known
        for key, doc in zip(keys, found, strict=True):
            if isinstance(doc, SourceError):
                if key in known.files:
                    known.files[key] = replace(known.files[key], seen="")
                known.again.append(key)
                yield Failed(self._reading.ref(key), str(doc))
            elif doc is not None:
                docs[key] = doc
        return docs

    def _follow(self, drive: str, name: str) -> Iterator[Change]:
        """All pages of a drive, from where its link leads."""
        known, seen, quiet = self._known, set[str](), True
        before, listed = known.links[drive], False
        settled = bool(before) and drive not in known.paging
        while True:
            link = known.links[drive]
            try:
                docs, following, last = self._remote.page(drive, link)
            except Gone:
                if not link or listed:
                    raise Transient("OneDrive does not know from where its changes are asked for.") from None
                known.anew(drive)
                seen, quiet, listed = set[str](), False, True
                continue
            if following in seen:
                raise Transient("OneDrive gives the same page again and again.")
            seen.add(following)
            quiet = quiet and not docs
            yield from self._apply(drive, name, docs, listing=not settled or listed)
            # Another link is given each time; where nothing changed, nothing is to be written down.
            known.links[drive] = before if last and quiet and settled else following
            known.paging = [d for d in known.paging if d != drive] + ([] if last else [drive])
            if last:
                break
            # Each page carries a cursor that names everything: the more is known, the fewer they are.
            if self._files >= max(PAGE, len(known.files) // 10) or self._text >= _PAGE_TEXT:
                yield self._cursor(len(known.files), None)
        for key in known.unseen.pop(drive, ()):
            yield from self._vanish(key)
        # What lay in a folder of another drive may still be told to lie elsewhere, at the end of that.
        lost = [k for k in known.lost if parted(k)[0] == drive]
        known.lost = [k for k in known.lost if k not in lost]
        for folder in lost:
            folders, files = known.below(folder)
            for key in files:
                yield from self._gone(key)
            for inner in (folder, *folders):
                known.folders.pop(inner, None)

    def _apply(self, drive: str, name: str, docs: Iterable[Doc], *, listing: bool) -> Iterator[Change]:
        """One page. What it says twice counts once, as it was said last.

        :param listing: of all there is; else of what changed.
        """
        known, last = self._known, dict[str, Doc]()
        for doc in docs:
            last.pop(doc.key, None)
            last[doc.key] = doc
        if drive in known.unseen:
            known.unseen[drive] = [key for key in known.unseen[drive] if key not in last]
        todo, moved = dict[str, Doc](), set[str]()
        for key, doc in last.items():
            if doc.gone:
                yield from self._vanish(key)
            elif doc.kind == "root":
                known.folders[key] = (name, "", doc.mark)
            elif doc.kind == "folder":
                had = known.folders.get(key)
                known.folders[key] = (doc.name, doc.above, doc.mark)
                known.lost = [k for k in known.lost if k != key]
                if had is not None and had[2] != doc.mark:
                    moved |= {f for f in known.below(key)[1] if known.files[f].version}
                elif had is None and doc.inside and not listing:
                    # Out of the recycle bin, perhaps: nothing tells what is in it. Or what is known went in.
                    came = self._came(key)
                    todo, moved = todo | came, moved | came.keys()
            else:
                todo[key] = doc
        others = sorted(moved - todo.keys())
        # Of a folder that changed nothing is told of what is in it; what went meanwhile is told later.
        todo |= yield from self._had(others, self._remote.docs(others) if others else ())
        yield from self._look(list(todo.values()), moved)

    def _came(self, folder: str) -> dict[str, Doc]:
        """The files in a folder that was not known."""
        found = self._remote.inside(folder)
        self._known.folders |= {d.key: (d.name, d.above, d.mark) for d in found if d.kind == "folder"}
        return {d.key: d for d in found if d.kind != "folder"}

    def _vanish(self, key: str) -> Iterator[Change]:
        """A file that is gone; or a folder: what is in it may have been moved out, which is told later."""
        if key in self._known.folders:
            self._known.lost.append(key)
        else:
            yield from self._gone(key)

    def _look(self, docs: Sequence[Doc], moved: Collection[str] = ()) -> Iterator[Change]:
        """Files that are there: what is to be told of them, twenty at a time.

        :param moved: those of which the way to them changed, though nothing about themselves did.
        """
        wanted = list[Wanted]()
        for doc in (yield from self._whole(docs)):
            entry, folder = self._known.files.get(doc.key), self._path(doc)
            if not self._scope.wants(folder, doc.name, doc.at):
                yield from self._gone(doc.key)
                self._known.files[doc.key] = Entry(doc.seen, "", "", doc.above)
                continue
            before = entry if entry is not None and entry.version else None
            if before is None or before.seen != doc.seen or doc.key in moved:
                wanted.append(Wanted(doc, before, folder))
        ahead = deque[Future[Looked]]()
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="onedrive") as pool:
            try:
                for first in range(0, len(wanted), _TOGETHER):
                    for given in self._about(wanted[first : first + _TOGETHER]):
                        ahead.append(pool.submit(look, self._reading, *given))
                        if len(ahead) > _AT_ONCE:
                            yield from self._told(ahead.popleft().result())
                while ahead:
                    yield from self._told(ahead.popleft().result())
            finally:
                pool.shutdown(cancel_futures=True)

    def _whole(self, docs: Sequence[Doc]) -> Generator[Change, None, list[Doc]]:
        """Files with their cTags, too: changes of a business drive leave those out, and without them
        a new name cannot be told from new content. What went meanwhile is told later."""
        short = [d.key for d in docs if d.short and self._scope.wants(self._path(d), d.name, d.at)]
        had = (yield from self._had(short, self._remote.docs(short))) if short else {}
        return [had.get(d.key, d) for d in docs if d.key in had or d.key not in short]

    def _about(self, part: Sequence[Wanted]) -> Iterator[tuple[Wanted, Kept | None, About | Transient]]:
        """What was read of files before, and what is told beside them."""
        kept = [self._reading.kept(w.doc) if w.before else None for w in part]
        pairs = zip(part, kept, strict=True)
        asked = [(w.doc, k is None and self._reading.has_versions(w.doc)) for w, k in pairs]
        yield from zip(part, kept, self._remote.about(asked), strict=True)

    def _told(self, looked: Looked) -> Iterator[Change]:
        if looked.entry is None:
            return
        if looked.doubt:
            self._remote.graph.answers()  # raises, where it is not this file alone
        self._files += 1
        self._known.files[looked.doc.key] = looked.entry
        self._known.again += [looked.doc.key] * looked.again
        for change in looked.told:
            self._text += len(change.text) if isinstance(change, Item) else 0
            yield change

    def _path(self, doc: Doc) -> str:
        """The folder something lies in: `Projects/Budget`. The person's own drive itself is ""."""
        names, at, folders = list[str](), doc.above, self._known.folders
        for _ in range(200):
            if at not in folders and at and at not in self._nowhere:
                self._ask(at)
            if at not in folders:
                return "/".join([_NOWHERE, *reversed(names)])
            name, above, _ = folders[at]
            if not above:
                return "/".join(n for n in (name, *reversed(names)) if n)
            names.append(name)
            at = above
        return "/".join(reversed(names))

    def _ask(self, key: str) -> None:
        try:
            found = self._remote.doc(key)
        except Refused:
            found = None  # one may not look there
        if found is None:
            self._nowhere.add(key)
        else:
            self._known.folders[key] = (found.name, found.above, found.mark)

    def _gone(self, key: str) -> Iterator[Removed]:
        entry = self._known.files.pop(key, None)
        if entry is None:
            return
        self._files += 1
        self._reading.texts.drop(key)
        if entry.version:
            yield Removed(self._reading.ref(key))

    def _cursor(self, done: int, expected: int | None) -> Cursor:
        self._text = self._files = 0
        return Cursor(self._known.dump(), done, expected)
