"""Writes the sample workspace to disk, or brings one that was written before forward to a later moment."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from deskhand.agent.sample._ics import components, wrap
from deskhand.agent.sample._mail import mail
from deskhand.agent.sample._papers import paper
from deskhand.agent.sample.story import Commit, Message

if TYPE_CHECKING:
    import pygit2

    from deskhand.agent.sample.workspace import Sample

_MARK = ".sample.json"
_PARTS = ("mail", "calendar", "documents", "handbook")
_MAILBOXES = ("", ".Sent", ".Archive", ".Drafts")
_CALENDARS = ("work", "team")


def write(sample: Sample, folder: Path, *, until: datetime) -> None:
    """See `Sample.write`. A run that was cut short is simply run again."""
    if until.tzinfo is None:
        raise ValueError("until must know its zone")
    if until > sample.now:
        raise ValueError("the sample is not written beyond its now")
    after = _begin(folder)
    if after is not None and until < after:
        raise ValueError(f"{folder} already stands at {after.isoformat()}, later than {until.isoformat()}")
    _documents(sample, folder / "documents", after, until)
    _mail(sample, folder / "mail", after, until)
    _calendars(sample, folder / "calendar", after, until)
    _handbook(sample.commits, folder / "handbook", until)
    _keep(folder / _MARK, json.dumps({"until": until.isoformat()}).encode(), until)


def _begin(folder: Path) -> datetime | None:
    """Up to when the folder is written; None when it is new, or its first writing was cut short."""
    mark = folder / _MARK
    if mark.exists():
        until = json.loads(mark.read_text())["until"]
        return datetime.fromisoformat(until) if until else None
    if taken := [part for part in _PARTS if (folder / part).exists()]:
        raise FileExistsError(f"{folder / taken[0]} is there already and is not part of a sample workspace")
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps({"until": None}))
    return None


def _between(when: datetime, after: datetime | None, until: datetime) -> bool:
    return when <= until and (after is None or when > after)


def _documents(sample: Sample, folder: Path, after: datetime | None, until: datetime) -> None:
    folder.mkdir(exist_ok=True)
    for revision in sample.revisions:
        if not _between(revision.when, after, until):
            continue
        path = folder / revision.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if revision.was and (folder / revision.was).exists():
            (folder / revision.was).rename(path)
        if revision.text is None:
            path.unlink(missing_ok=True)
        else:
            _keep(path, paper(revision), revision.when)


def _mail(sample: Sample, folder: Path, after: datetime | None, until: datetime) -> None:
    for mailbox in _MAILBOXES:
        for part in ("cur", "new", "tmp"):
            (folder / mailbox / part).mkdir(parents=True, exist_ok=True)
    answered = {
        m.answers.id for m in sample.messages if m.answers and m.sender is sample.me and m.when <= until
    }
    for message in sample.messages:
        if message.when > until:
            break
        box = folder / (f".{message.folder}" if message.folder else "")
        name = _file_name(message)
        old = _delivered(box, name)
        if not _between(message.when, after, until):
            # It came before. If it was answered meanwhile and is still where it was, it says so now.
            if old and message.id in answered:
                _mark(old, box / "cur" / name, {"R", "S"})
        elif old is None:
            path = box / "new" / name
            _keep(path, mail(message), message.when)
            flags = {"S"} if not message.unread or message.id in answered else set()
            flags |= {"R"} if message.id in answered else set()
            flags |= {"F"} if message.flagged else set()
            flags |= {"D"} if message.folder == "Drafts" else set()
            if flags:
                _mark(path, box / "cur" / name, flags)


def _mark(old: Path, new: Path, flags: set[str]) -> None:
    """Give a message more flags, in the order of the alphabet as Maildir has them."""
    old.rename(f"{new}:2,{''.join(sorted({*old.name.partition(':2,')[2], *flags}))}")


def _file_name(message: Message) -> str:
    seconds = int(message.when.timestamp())
    return f"{seconds}.M{message.id.partition('.')[2].partition('@')[0]}P1.sample"


def _delivered(box: Path, name: str) -> Path | None:
    if (path := box / "new" / name).exists():
        return path
    return next((box / "cur").glob(f"{name}:2,*"), None)


def _calendars(sample: Sample, folder: Path, after: datetime | None, until: datetime) -> None:
    folder.mkdir(exist_ok=True)
    for name in _CALENDARS:
        path = folder / f"{name}.ics"
        events = [e for e in sample.events if e.calendar == name]
        there = path.exists() and after is not None
        changed = [
            event
            for event in events
            if event.created <= until
            and (
                not there
                or any(_between(w, after, until) for w in (event.created, *(c.when for c in event.changes)))
            )
        ]
        if there and not changed:
            continue
        ours = [part for event in changed for part in components(event, until)]
        content = wrap(ours, name=f"{sample.me.name}, {name}", around=path.read_bytes() if there else b"")
        _keep(path, content, until)


def _handbook(commits: tuple[Commit, ...], folder: Path, until: datetime) -> None:
    import pygit2

    if (folder / ".git").exists():
        repository = pygit2.Repository(str(folder))
    else:
        repository = pygit2.init_repository(str(folder), initial_head="main")
    parent = None if repository.head_is_unborn else repository.head.peel(pygit2.Commit).id
    # The newest commit's own time says how far the repository has come.
    reached = repository[parent].author.time if parent else 0
    done = [c for c in commits if c.when.timestamp() <= reached]
    due = [c for c in commits if c.when <= until and c.when.timestamp() > reached]
    before = set(done[-1].files) if done else set()
    for commit in due:
        parent = _commit(repository, commit, parent)
        for gone in before - set(commit.files):
            (folder / gone).unlink(missing_ok=True)
        before = set(commit.files)
    if due and parent:
        files = due[-1].files
        for path, text in files.items():
            written = max(c.when for c in [*done, *due] if c.files.get(path) == text)
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            _keep(folder / path, text.encode(), written)
        repository.index.read_tree(repository[parent].tree)
        repository.index.write()


def _commit(repository: pygit2.Repository, commit: Commit, parent: pygit2.Oid | None) -> pygit2.Oid:
    import pygit2

    index = pygit2.Index()
    for path, text in commit.files.items():
        index.add(pygit2.IndexEntry(path, repository.create_blob(text.encode()), pygit2.enums.FileMode.BLOB))
    offset = commit.when.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    who = pygit2.Signature(commit.author.name, commit.author.email, int(commit.when.timestamp()), minutes)
    parents = [parent] if parent else []
    return repository.create_commit(
        "refs/heads/main", who, who, commit.message, index.write_tree(repository), parents
    )


def _keep(path: Path, content: bytes, when: datetime) -> None:
    path.write_bytes(content)
    os.utime(path, (when.timestamp(), when.timestamp()))
