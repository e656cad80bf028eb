"""A folder of documents under test: files with times of one's choice, and what a pass said of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deskhand.connectors.model import Change, Failed, Item, ItemRef, Removed


def put(folder: Path, name: str, content: str | bytes, *, at: int = 1_790_000_000) -> Path:
    """Write a file with a time of one's choice, so that nothing depends on the speed of the test."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (at, at))
    return path


def ref(native: str) -> ItemRef:
    return ItemRef("docs", "document", native)


def by_name(changes: list[Change]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for change in changes:
        if isinstance(change, Item):
            found.setdefault(change.ref.native, []).append(change)
    return found


def removed(changes: list[Change]) -> list[str]:
    return [c.ref.native for c in changes if isinstance(c, Removed)]


def failed(changes: list[Change]) -> dict[str, str]:
    return {c.ref.native: c.reason for c in changes if isinstance(c, Failed)}


@contextmanager
def without_rights(*owned: Path) -> Iterator[None]:
    """Lay down root's rights, where the tests have them, and own these folders."""
    if os.geteuid() != 0:
        yield
        return
    for folder in owned:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 65534, 65534)
    for parent in owned[0].parents:
        if not parent.stat().st_mode & 1:
            parent.chmod(parent.stat().st_mode | 0o011)
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)
