"""One pass over a folder: what is new, changed, moved or gone since a cursor, told page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from deskhand.connectors._files_folder import Folder, State
from deskhand.connectors._files_tree import Broken, Seen, explain, native_of, path_of, walk
from deskhand.connectors._git import History, Revision, Told
from deskhand.connectors._keep import FULL
from deskhand.connectors._reader import Unreadable
from deskhand.connectors.errors import Misconfigured, Transient
from deskhand.connectors.model import Change, Cursor, Failed, Item, ItemRef, Removed

PAGE = 200
"""Files on a page, at least."""
PAGE_TEXT = 16_000_000
"""Characters of text after which a page ends early."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a cursor remembers of a file: enough to tell without opening it that nothing changed."""

    mtime_ns: int
    size: int
    inode: int
    digest: str
    """"" where the last look failed."""
    version: str
    """`!` and the status change time where the last look failed: a new permission is a change, too."""

    @classmethod
    def good(cls, state: State, version: str) -> Entry:
        seen = state.seen
        return cls(seen.mtime_ns, seen.size, seen.inode, state.digest, version)

    @classmethod
    def bad(cls, seen: Seen | Broken) -> Entry:
        if isinstance(seen, Broken):
            return cls(0, 0, 0, "", f"!{seen.ctime_ns}")
        return cls(seen.mtime_ns, seen.size, seen.inode, "", f"!{seen.ctime_ns}")

    def holds(self, seen: Seen | Broken) -> bool:
        """Whether the file is as it was. Any difference counts: clocks go backwards, too."""
        if isinstance(seen, Broken) or not self.digest:
            return self == Entry.bad(seen)
        return (self.mtime_ns, self.size, self.inode) == (seen.mtime_ns, seen.size, seen.inode)


@dataclass(frozen=True)
class Known:
    """A cursor, read: the commit that was checked out, and the files by path."""

    head: str = ""
    files: dict[str, Entry] = field(default_factory=dict[str, Entry])

    @classmethod
    def load(cls, cursor: Cursor | None) -> Known:
        """Read a cursor; one that cannot be read means starting over."""
        try:
            value = json.loads(cursor.value) if cursor else {"files": {}}
            named = ((path_of(native), entry) for native, entry in value["files"].items())
            files = {path: Entry(*entry) for path, entry in named if path is not None}
            return cls(str(value.get("head", "")), files)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def dump(self) -> str:
        files = {
            native_of(path): (e.mtime_ns, e.size, e.inode, e.digest, e.version)
            for path, e in sorted(self.files.items())
        }
        return json.dumps({"head": self.head, "files": files}, separators=(",", ":"))


class Survey:
    """The pass. Made for one run and thrown away."""

    def __init__(self, folder: Folder, history: History | None, known: Known, *, limit: int) -> None:
        self._folder, self._history, self._limit = folder, history, limit
        self._before = known
        self._after = dict(known.files)
        self._scan = self._walk()
        unlisted = tuple(f"{p}/" for p, s in self._scan.items() if isinstance(s, Broken) and s.folder)
        self._gone = {
            path: entry
            for path, entry in known.files.items()
            if path not in self._scan and not (unlisted and path.startswith(unlisted))
        }
        self._told = Told()

    def run(self) -> Iterator[Change]:
        """Yield what changed; each page ends with a cursor.

        :raises Transient: no room to keep bytes.
        """
        todo = self._todo()
        moved = self._moved(todo)
        expected = len(self._scan)
        done = expected - len(todo)
        page, looked, text = max(PAGE, expected // 20), 0, 0
        for path in sorted(todo):
            was = moved.get(path)
            for change in self._look(path, was):
                text += len(change.text) if isinstance(change, Item) else 0
                yield change
            done, looked = done + 1, looked + 1
            if looked >= page or text >= PAGE_TEXT:
                # The old commit until the end: files still to come are told from there.
                yield Cursor(Known(self._before.head, self._after).dump(), done, expected)
                looked = text = 0
        for path in sorted(self._gone):
            if path in self._after:
                del self._after[path]
                yield Removed(self._folder.ref(path))
        head = self._history.head if self._history else self._before.head
        yield Cursor(Known(head, self._after).dump(), expected, expected)

    def _walk(self) -> dict[str, Seen | Broken]:
        root = self._folder.root
        try:
            return dict(walk(root, self._folder.ignores(self._history), skip=self._folder.private))
        except (FileNotFoundError, NotADirectoryError):
            raise Transient(f"The folder {root} is not there (is its disk connected?).") from None
        except OSError as error:
            raise Misconfigured(f"The folder {root} cannot be read: {explain(error)}.") from None

    def _todo(self) -> set[str]:
        """Files to look at: other than before on the disk, or in git."""
        known = self._before.files
        todo = {p for p, seen in self._scan.items() if p not in known or not known[p].holds(seen)}
        if (history := self._history) is None or not history.head:
            return todo
        if history.head == self._before.head:
            wanted = {p: "" for p in todo if p not in known and history.blob_of(p)}
        else:
            wanted = {p: known[p].version if p in known else "" for p in self._scan if history.blob_of(p)}
            # Forgotten by git, or only by this commit, but still on the disk.
            todo |= {p for p in self._scan if p in known and p not in wanted and _is_commit(known[p])}
        if wanted:
            self._told = history.tell(wanted, since=self._before.head, settled=known, limit=self._limit)
        return todo | self._told.revisions.keys()

    def _moved(self, todo: set[str]) -> dict[str, str]:
        """New paths that are old files: by what git says, by inode, by content. Doubtful ones are not."""
        moved, gone = dict[str, str](), dict(self._gone)
        new = {p for p in todo if p not in self._before.files and isinstance(self._scan[p], Seen)}
        if not gone:
            return moved

        def pair(by_old: Mapping[object, list[str]], by_new: Mapping[object, list[str]]) -> None:
            for token, paths in by_new.items():
                olds = [o for o in by_old.get(token, []) if o in gone]
                if len(paths) == len(olds) == 1:
                    moved[paths[0]] = olds[0]
                    del gone[olds[0]]

        for path, was in self._told.origins.items():
            if path in new and was in gone:
                moved[path] = was
                del gone[was]
        pair(
            _group({p: (e.inode, e.size, e.mtime_ns) for p, e in gone.items()}),
            _group({p: _identity(self._scan[p]) for p in new if p not in moved}),
        )
        sizes = {e.size for e in gone.values() if e.size and e.digest}
        digests = dict[str, object]()
        for path in sorted(new):
            seen = self._scan[path]
            if path not in moved and isinstance(seen, Seen) and seen.size in sizes:
                try:
                    digests[path] = self._folder.now(path, None).digest
                except OSError:
                    continue  # it will be said when it is its turn
        pair(_group({p: e.digest for p, e in gone.items()}), _group(digests))
        return moved

    def _look(self, path: str, was: str | None) -> Iterator[Item | Failed]:
        entry, seen = self._before.files.get(was or path), self._scan[path]
        ref, old = self._folder.ref(path), self._folder.ref(was) if was else None
        if isinstance(seen, Broken):
            self._after[path] = Entry.bad(seen)
            yield Failed(ref, seen.reason)
            return
        revisions = self._told.revisions.get(path, [])
        last = revisions[-1] if revisions else None
        untouched = not was and entry is not None and bool(entry.digest) and entry.holds(seen)
        if last and untouched:
            # The file was not touched, so what git has of it tells whether it is committed now.
            digest = ""
            for revision in revisions:
                digest = ""
                for item in self._past(path, revision, old):
                    yield item
                    digest = item.hash
            if entry is not None and digest == entry.digest:
                self._after[path] = Entry(seen.mtime_ns, seen.size, seen.inode, entry.digest, last.version)
                return
        else:
            for revision in revisions[:-1]:
                yield from self._past(path, revision, old)
        try:
            state = self._folder.now(path, self._history, told=last)
        except (FileNotFoundError, BlockingIOError):
            return  # gone, or being written to: the next pass will know
        except OSError as error:
            self._after[path] = Entry.bad(seen)
            yield Failed(ref, explain(error))
            return
        if last and not untouched and state.revision != last:
            yield from self._past(path, last, old)
        if (
            entry is not None and entry.digest == state.digest and not (was or revisions)
            and _is_commit(entry) == (state.revision is not None)
        ):  # fmt: skip
            self._after[path] = Entry.good(state, entry.version)  # touched, no more
            return
        try:
            item = self._folder.current(state, was=old)
        except Unreadable as error:
            self._after[path] = Entry.bad(state.seen)
            yield Failed(ref, error.reason)
            return
        self._kept(state, item)
        self._after[path] = Entry.good(state, state.version)
        if was is not None:
            self._after.pop(was, None)  # moved, not removed
        yield item

    def _past(self, path: str, revision: Revision, was: ItemRef | None) -> Iterator[Item]:
        data = self._history.read(revision.blob, self._folder.max_size) if self._history else None
        if data is not None:
            yield self._folder.past(path, revision, data, was=was)

    def _kept(self, state: State, item: Item) -> None:
        """Keep a snapshot's bytes. Git keeps what is committed; what has no text has no versions to tell."""
        if state.revision is None and state.data is not None and item.text:
            try:
                self._folder.keep.put(state.data, state.digest)
            except OSError as error:
                if error.errno in FULL:
                    raise Transient(
                        f"The disk is full: versions of {self._folder.root} cannot be kept. "
                        "Make room and sync again; nothing read so far is lost."
                    ) from None
                reason = error.strerror or "error"
                raise Transient(f"{self._folder.state} cannot be written: {reason}.") from None


def _is_commit(entry: Entry) -> bool:
    return entry.version.startswith("git-")


def _identity(seen: Seen | Broken) -> object:
    return None if isinstance(seen, Broken) else (seen.inode, seen.size, seen.mtime_ns)


def _group(tokens: Mapping[str, object]) -> dict[object, list[str]]:
    groups = dict[object, list[str]]()
    for path, token in tokens.items():
        if token:
            groups.setdefault(token, []).append(path)
    return groups
