"""A folder as a source sees it: which files count as documents, how they are named, how they are read."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_LEFTOVERS = ("~", ".swp", ".swo", ".tmp", ".part", ".crdownload")
_NEVER = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What tells that a file is still the same without opening it."""

    mtime_ns: int
    size: int
    inode: int
    ctime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Seen:
        return cls(status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns)


@dataclass(frozen=True, slots=True)
class Broken:
    """A name that cannot be looked at, and why."""

    reason: str
    ctime_ns: int
    folder: bool = False
    """What lies under it is not known, so nothing under it may count as removed."""


def native_of(path: str) -> str:
    """A relative path as an id of plain Unicode: bytes that are no UTF-8 are percent-encoded (RFC 3986 2.1).

    Reversible: a `%` that would read as an escape is one itself (`%25`).
    """
    path = _ESCAPED.sub(r"%25\1", path)
    if path.isascii():
        return path
    return "".join(f"%{ord(c) - 0xDC00:02X}" if "\udc80" <= c <= "\udcff" else c for c in path)


def path_of(native: str) -> str | None:
    """The relative path behind an id; None for what no id of ours looks like."""
    path = _ESCAPED.sub(lambda m: os.fsdecode(unquote_to_bytes(m[0])), native)
    try:
        canonical = os.fsdecode(os.fsencode(path)) == path and native_of(path) == native
    except UnicodeEncodeError:
        return None
    if not canonical or "\0" in path or any(p in ("", ".", "..") for p in path.split("/")):
        return None
    return path


def ignored_name(name: str) -> bool:
    """Hidden files, what editors leave behind, folders of machines."""
    return (
        name.startswith((".", "~$"))
        or name in _NEVER
        or name.endswith(_LEFTOVERS)
        or (len(name) > 1 and name.startswith("#") and name.endswith("#"))
    )


def patterns(lines: Iterable[str]) -> Callable[[str, bool], bool]:
    """Compile glob patterns, as in .gitignore but without `!`: does (relative path, is a folder) match?

    Without a slash a pattern is for names at any depth; with one it is for paths from the root;
    a slash at the end is for folders only; `**` crosses folders.
    """
    wanted = list[tuple[re.Pattern[str], bool]]()
    for line in lines:
        pattern = line.strip()
        if pattern and not pattern.startswith("#"):
            only_folders, pattern = pattern.endswith("/"), pattern.rstrip("/")
            anywhere, pattern = "/" not in pattern, pattern.lstrip("/")
            if pattern:
                wanted.append((re.compile(("(?:.*/)?" if anywhere else "") + _glob(pattern)), only_folders))
    return lambda path, folder: any((folder or not only) and p.fullmatch(path) for p, only in wanted)


def _glob(pattern: str) -> str:
    out, i = list[str](), 0
    while i < len(pattern):
        if pattern.startswith("**", i):
            while pattern.startswith("**", i):  # a run of them is one: no catastrophe in matching
                i += 3 if pattern.startswith("**/", i) else 2
            out.append(".*")
        elif (char := pattern[i]) == "*":
            out.append("[^/]*")
            i += 1
        elif char == "?":
            out.append("[^/]")
            i += 1
        elif char == "[" and (end := pattern.find("]", i + 2)) > 0:
            inside = re.sub(r"([\\\[&~|])", r"\\\1", pattern[i + 1 : end])
            candidate = f"[{'^' + inside[1:] if inside.startswith('!') else inside}]"
            try:
                re.compile(candidate)
            except re.error:
                candidate = re.escape(pattern[i : end + 1])
            out.append(candidate)
            i = end + 1
        else:
            out.append(re.escape(char))
            i += 1
    return "(?s:" + "".join(out) + ")"


def walk(
    root: str, ignored: Callable[[str, bool], bool], *, skip: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Seen | Broken]]:
    """Every document below a folder as (relative path, what tells it from a later state of itself).

    Real folders come before links to folders, and no folder is entered twice, so links that go in
    circles end. A link that leaves the root is not there. Nothing is opened but folders.

    :param root: absolute, without links in it.
    :param ignored: asked with a relative path and whether it is a folder.
    :param skip: real paths of folders never entered.
    :raises OSError: the root itself cannot be listed.
    """
    folders, links, entered = [""], list[str](), set[tuple[int, int]]()
    while folders or links:
        here = folders.pop() if folders else links.pop(0)
        top = os.path.join(root, here)
        try:
            status = os.stat(top)
            if (status.st_dev, status.st_ino) in entered or os.path.realpath(top) in skip:
                continue
            entered.add((status.st_dev, status.st_ino))
            with os.scandir(top) as listing:
                entries = sorted(listing, key=lambda e: e.name)
        except OSError as error:
            if not here:
                raise
            if error.errno not in (errno.ENOENT, errno.ENOTDIR):
                yield here, Broken(_words(error), _ctime(top), folder=True)
            continue
        inner = list[str]()
        for entry in entries:
            path = f"{here}/{entry.name}" if here else entry.name
            if ignored_name(entry.name):
                continue
            try:
                if entry.is_symlink():
                    target = _inside(top, entry.name, root)
                    if target is None or ignored(path, stat.S_ISDIR(target.st_mode)):
                        continue
                    if stat.S_ISDIR(target.st_mode):
                        links.append(path)
                    elif stat.S_ISREG(target.st_mode):
                        yield path, Seen.of(target)
                elif entry.is_dir(follow_symlinks=False):
                    if not ignored(path, True):
                        inner.append(path)
                elif entry.is_file(follow_symlinks=False) and not ignored(path, False):
                    yield path, Seen.of(entry.stat(follow_symlinks=False))
            except FileNotFoundError:
                if entry.is_symlink():
                    yield path, Broken("it is a link that leads nowhere", _ctime(entry.path))
            except OSError as error:
                yield path, Broken(_words(error), _ctime(entry.path))
        folders += reversed(inner)


def read_stable(path: str, limit: int) -> tuple[bytes | None, Seen]:
    """A file's bytes, and what it looked like while all of them were read; None where it is over `limit`.

    :raises BlockingIOError: it is being written to right now, twice in a row.
    :raises OSError: it is gone, no regular file, or may not be read.
    """
    for _ in range(2):
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise FileNotFoundError(errno.ENOENT, "not a regular file", path)
        # Non-blocking, and no last link: what was a file a moment ago may be a pipe by now.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise FileNotFoundError(errno.ENOENT, "not a regular file", path)
            if before.st_size > limit:
                return None, Seen.of(before)
            data = bytearray()
            while chunk := file.read(max(65536, before.st_size + 1)):
                data += chunk
                if len(data) > before.st_size:
                    break
            after = os.fstat(descriptor)
            seen = Seen.of(after)
            if Seen.of(before) == seen and len(data) == seen.size:
                return bytes(data), seen
    raise BlockingIOError(errno.EAGAIN, "it is being written to", path)


def resolve(root: str, path: str) -> str | None:
    """The real path of something below a (real) root, or None where it is not there or lies outside."""
    try:
        real = os.path.realpath(os.path.join(root, path), strict=True)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return real if _below(real, root) else None


def explain(error: OSError) -> str:
    """Why something cannot be read, in words."""
    return _words(error)


def _inside(top: str, name: str, root: str) -> os.stat_result | None:
    link = os.path.join(top, name)
    return os.stat(link) if _below(os.path.realpath(link), root) else None


def _below(real: str, root: str) -> bool:
    return real.startswith(root.rstrip("/") + "/")


def _ctime(path: str) -> int:
    try:
        return os.lstat(path).st_ctime_ns
    except OSError:
        return 0


def _words(error: OSError) -> str:
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return "you have no permission to read it"
        case errno.ELOOP:
            return "it is a link that leads in a circle"
        case errno.ENAMETOOLONG:
            return "its path is too long"
        case errno.EIO:
            return "the disk failed while reading it"
        case _:
            return (error.strerror or "it cannot be read").lower()
