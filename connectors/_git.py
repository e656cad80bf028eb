"""The history of files in a git repository (pygit2): which commits made them what they are.

Told along first parents: what a merge brought in is the merge's doing, which is how the person who
pulled or merged saw it happen. Anything wrong with a repository ends the history, never the pass.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pygit2

_FILE_MODES = (0o100644, 0o100755, 0o100664)
_SUBMODULE = 0o160000
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of one file: what a commit made of it."""

    version: str
    """`git-` and twelve digits of the commit."""
    blob: str
    author: str
    note: str
    at: datetime
    """The author's date, in the author's offset: what `git log` shows."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a walk over the history found."""

    revisions: dict[str, list[Revision]] = field(default_factory=dict[str, list[Revision]])
    """By path, oldest first; neighbours always differ in content."""
    origins: dict[str, str] = field(default_factory=dict[str, str])
    """What a path was called at the commit the walk was told to stop at, where that is another name."""


class History:
    """A repository as it was when this was opened, seen from a folder in it. Paths are relative to that."""

    def __init__(self, repository: pygit2.Repository, folder: str) -> None:
        self._repository = repository
        self._prefix = os.fsencode(folder + "/" if folder else "")
        self._head = _commit_of(repository)

    @classmethod
    def open(cls, root: str) -> History | None:
        """The history a folder lies in; None outside of git, in a bare or broken repository, or where
        the repository ignores the whole folder (a home folder kept in git, say)."""
        import pygit2

        try:
            found = pygit2.discover_repository(root)
            if not found:
                return None
            repository = pygit2.Repository(found)
            if repository.is_bare or not repository.workdir:
                return None
            folder = os.path.relpath(os.path.realpath(root), os.path.realpath(repository.workdir))
            folder = "" if folder == "." else folder
            if folder.startswith("..") or (folder and repository.path_is_ignored(folder + "/")):
                return None
            return cls(repository, folder)
        except (pygit2.GitError, KeyError, ValueError, OSError):
            return None

    @property
    def head(self) -> str:
        """The commit checked out, or "" before the first one."""
        return str(self._head.id) if self._head else ""

    def ignored(self, path: str, folder: bool) -> bool:
        """Whether git ignores it. What is tracked is never ignored; submodules are houses of their own."""
        name = self._prefix + os.fsencode(path)
        tracked, folders, submodules = self._index
        if folder:
            if name in submodules:
                return True
            if name in folders:
                return False
            name += b"/"
        elif name in tracked:
            return False
        try:
            return bool(self._repository.path_is_ignored(name.decode()))
        except (UnicodeDecodeError, ValueError, KeyError):
            return False

    def blob_of(self, path: str) -> str:
        """The blob a file has in the commit checked out; "" where it has none."""
        try:
            return (self._entry(self._head, self._prefix + os.fsencode(path)) if self._head else None) or ""
        except _broken():
            return ""

    def tell(self, wanted: Mapping[str, str], *, since: str, settled: Collection[str], limit: int) -> Told:
        """Walk back from the commit checked out and tell what became of these files.

        :param wanted: by path, the version already known of it ("" for none): older ones are not told.
        :param since: files that at this commit had a name in `settled` are not followed past it.
        :param limit: how many revisions of one file at most; the newest count.
        """
        told = Told()
        names = {self._prefix + os.fsencode(path): path for path in wanted}
        try:
            for commit, parent in self._line():
                if str(commit.id) == since:
                    self._settle(told, names, settled)
                if not names:
                    break
                self._step(told, names, commit, parent, wanted, limit)
        except _broken():
            pass
        for revisions in told.revisions.values():
            revisions.reverse()
        return told

    def latest(self, path: str) -> Revision | None:
        """The revision whose content the file has in the commit checked out: the last `tell` tells."""
        name = self._prefix + os.fsencode(path)
        try:
            blob = self._entry(self._head, name) if self._head else None
            for commit, parent in self._line():
                if blob is None:
                    return None
                before = self._entry(parent, name) if parent else None
                if before == blob:
                    continue
                if before is None and parent is not None:
                    was = next((d for d in self._deltas(commit, parent) if d[1] == name), None)
                    if was is not None and was[2] == was[3] and was[0] != name:
                        name = was[0]
                        continue
                return _revision(commit, blob)
        except _broken():
            pass
        return None

    def read(self, blob: str, limit: int) -> bytes | None:
        """A blob's bytes, or None where they are gone, over `limit` bytes, or but a pointer (git LFS)."""
        try:
            if self._repository.odb.read_header(blob)[1] > limit:
                return None
            data: bytes = self._repository[blob].read_raw()
        except _broken():
            return None
        return None if data.startswith(_LFS_POINTER) else data

    def close(self) -> None:
        """Let go of the repository's files."""
        self._repository.free()

    @cached_property
    def _index(self) -> tuple[frozenset[bytes], frozenset[bytes], frozenset[bytes]]:
        tracked, folders, submodules = set[bytes](), set[bytes](), set[bytes]()
        try:
            for entry in self._repository.index:
                name = os.fsencode(entry.path)
                if entry.mode == _SUBMODULE:
                    submodules.add(name)
                    continue
                tracked.add(name)
                above = name.rpartition(b"/")[0]
                while above and above not in folders:
                    folders.add(above)
                    above = above.rpartition(b"/")[0]
        except _broken():
            pass
        return frozenset(tracked), frozenset(folders), frozenset(submodules)

    def _step(
        self,
        told: Told,
        names: dict[bytes, str],
        commit: pygit2.Commit,
        parent: pygit2.Commit | None,
        wanted: Mapping[str, str],
        limit: int,
    ) -> None:
        moved = dict[bytes, str]()
        for was, name, before, blob, mode in self._deltas(commit, parent):
            if (path := names.get(name)) is None:
                continue
            if before != blob and mode in _FILE_MODES:
                revision = _revision(commit, blob)
                if revision.version == wanted[path]:
                    del names[name]
                    continue
                revisions = told.revisions.setdefault(path, [])
                revisions.append(revision)
                if len(revisions) >= limit:
                    del names[name]
                    continue
            if not before:
                del names[name]
            elif was != name:
                del names[name]
                moved[was] = path
        names |= moved  # afterwards: two files may have swapped their names in one commit

    def _settle(self, told: Told, names: dict[bytes, str], settled: Collection[str]) -> None:
        for name, path in list(names.items()):
            was = os.fsdecode(name.removeprefix(self._prefix))
            if name.startswith(self._prefix) and was in settled:
                del names[name]
                if was != path:
                    told.origins[path] = was

    def _line(self) -> Iterator[tuple[pygit2.Commit, pygit2.Commit | None]]:
        """Each commit and its first parent, back to the first one that is here (shallow clones end early)."""
        commit = self._head
        while commit is not None:
            parent: pygit2.Commit | None = None
            if commit.parent_ids:
                try:
                    found = self._repository[commit.parent_ids[0]]
                    parent = found.peel(type(commit))
                except _broken():
                    parent = None
            yield commit, parent
            commit = parent

    def _deltas(
        self, commit: pygit2.Commit, parent: pygit2.Commit | None
    ) -> Iterator[tuple[bytes, bytes, str, str, int]]:
        """(old name, name, old blob or "", blob, mode) of what a commit changed here, renames found."""
        from pygit2.enums import DeltaStatus, DiffFind

        if parent is None:
            diff = commit.tree.diff_to_tree(swap=True)
        else:
            if self._tree_id(commit) == self._tree_id(parent):
                return
            diff = parent.tree.diff_to_tree(commit.tree)
        statuses = {delta.status for delta in diff.deltas} if parent is not None else set()
        if {DeltaStatus.ADDED, DeltaStatus.DELETED} <= statuses:
            diff.find_similar(DiffFind.FIND_RENAMES)
        for delta in diff.deltas:
            if delta.status != DeltaStatus.DELETED:
                old, new = delta.old_file, delta.new_file
                before = "" if delta.status == DeltaStatus.ADDED else str(old.id)
                yield old.raw_path, new.raw_path, before, str(new.id), int(new.mode)

    def _tree(self, commit: pygit2.Commit) -> pygit2.Tree | None:
        import pygit2

        tree = commit.tree
        for part in self._prefix.split(b"/")[:-1]:
            try:
                inner = tree[os.fsdecode(part)]
            except KeyError:
                return None
            if not isinstance(inner, pygit2.Tree):
                return None
            tree = inner
        return tree

    def _tree_id(self, commit: pygit2.Commit) -> str:
        tree = self._tree(commit) if self._prefix else commit.tree
        return str(tree.id) if tree is not None else ""

    def _entry(self, commit: pygit2.Commit, name: bytes) -> str | None:
        try:
            entry = commit.tree[os.fsdecode(name)]
        except KeyError:
            return None
        return str(entry.id) if entry.filemode in _FILE_MODES else None


def blob_id(data: bytes) -> str:
    """The id git would give these bytes as they are (no filters)."""
    import pygit2

    return str(pygit2.hash(data))


def _broken() -> tuple[type[Exception], ...]:
    """What pygit2 raises about objects that are missing, damaged or not decodable."""
    import pygit2

    return (pygit2.GitError, KeyError, ValueError, OSError, pygit2.InvalidSpecError)


def _commit_of(repository: pygit2.Repository) -> pygit2.Commit | None:
    import pygit2

    try:
        return None if repository.head_is_unborn else repository.head.peel(pygit2.Commit)
    except _broken():
        return None


def _revision(commit: pygit2.Commit, blob: str) -> Revision:
    author = commit.author
    return Revision(
        f"git-{str(commit.id)[:12]}",
        blob,
        (author.raw_name or b"").decode(errors="replace"),
        commit.raw_message.decode(errors="replace").strip(),
        _moment(author.time, author.offset),
    )


def _moment(seconds: int, offset: int) -> datetime:
    """A commit's date; anybody can write anything there."""
    try:
        return datetime.fromtimestamp(seconds, timezone(timedelta(minutes=offset)))
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
