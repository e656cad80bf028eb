"""What lies in a Drive, and what people do there: files with their revisions, folders, rights, comments.

Everything that somebody does is one step of the clock and one change in the log; nothing else is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count

DOC = "application/vnd.google-apps.document"
SHEET = "application/vnd.google-apps.spreadsheet"
SLIDES = "application/vnd.google-apps.presentation"
FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
ME = "ana@example.org"
NAMES = {ME: "Ana Sample", "bo@example.org": "Bo Sample", "cleo@example.com": "Cleo Sample"}


@dataclass
class Revision:
    """One state of a file's content."""

    id: str
    data: bytes
    """Of a Docs editors file: its text."""
    at: datetime
    by: str
    purged: bool = False
    """Listed, and its bytes are gone."""
    omitted: bool = False
    """Not even listed."""


@dataclass
class Reply:
    """One word in a comment's thread."""

    by: str
    text: str
    at: datetime
    action: str = ""


@dataclass
class Comment:
    """What somebody said beside a file."""

    id: str
    by: str
    text: str
    at: datetime
    quoted: str = ""
    resolved: bool = False
    deleted: bool = False
    replies: list[Reply] = field(default_factory=list[Reply])


@dataclass
class Grant:
    """Who may do what with a file."""

    who: str
    """An address; `anyone`, or a domain."""
    role: str = "reader"
    type: str = "user"
    found: bool = False
    """Of `anyone`: by a search, too."""

    @property
    def id(self) -> str:
        return "anyoneWithLink" if self.type == "anyone" else _digits(self.who)


@dataclass
class Node:
    """A file, folder or shortcut."""

    id: str
    name: str
    mime: str
    parent: str
    owner: str
    """"" in a shared drive."""
    created: datetime
    modified: datetime
    drive: str = ""
    revisions: list[Revision] = field(default_factory=list[Revision])
    grants: dict[str, Grant] = field(default_factory=dict[str, Grant])
    comments: list[Comment] = field(default_factory=list[Comment])
    properties: dict[str, str] = field(default_factory=dict[str, str])
    """The appProperties."""
    trashed: bool = False
    target: str = ""
    by: str = ME
    version: int = 1
    large: bool = False
    """More than `files.export` gives."""

    @property
    def head(self) -> Revision | None:
        return self.revisions[-1] if self.revisions else None

    @property
    def native(self) -> bool:
        return self.mime in (DOC, SHEET, SLIDES)


@dataclass
class SharedDrive:
    """A drive that belongs to nobody, and its members."""

    id: str
    name: str
    members: dict[str, Grant]


class World:
    """Everything there is. `did` counts what had an effect, by the name of the method."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 1, 8, tzinfo=UTC)
        self.nodes: dict[str, Node] = {}
        self.drives: dict[str, SharedDrive] = {}
        self.log: list[tuple[int, str, str, datetime]] = []
        """(number, drive, file, when)"""
        self.gone: dict[str, Node] = {}
        self.did: list[str] = []
        self.promised: set[str] = set()
        """Ids that were given out, and not used yet."""
        self.seen: set[str] = set()
        """What Ana could ever read: she is told when she no longer can."""
        self.base = "https://docs.google.com/"
        """Where export links lead to."""
        self.told_below = False
        """Whether the log tells of all in a folder that was trashed or moved; else of the folder alone."""
        self._ids = count(1)
        self._changes = count(2)
        self.root = self._node("My Drive", FOLDER, "", ME).id
        self.log.clear()

    # What people do

    def folder(self, name: str, *, parent: str = "", by: str = ME, drive: str = "", id: str = "") -> str:
        """Make a folder."""
        where = parent or drive or (self.root if by == ME else "")
        made = self._node(name, FOLDER, where, by, drive=drive, id=id)
        return made.id

    def file(
        self, name: str, data: bytes | str = b"", *, mime: str = "", parent: str = "", by: str = ME,
        drive: str = "", id: str = "",
    ) -> str:  # fmt: skip
        """Upload a file, or begin a document. Somebody else's has no parent that one can see."""
        where = parent or drive or (self.root if by == ME else "")
        made = self._node(name, mime or DOC, where, by, drive=drive, id=id)
        self._revise(made, data.encode() if isinstance(data, str) else data, by)
        if by != ME and not drive:
            made.grants[ME] = Grant(ME)
            self.seen.add(made.id)
        return made.id

    def edit(self, id: str, data: bytes | str, *, by: str = ME) -> str:
        """Give a file new content; the id of the revision."""
        node = self._step(id)
        node.by = by
        return self._revise(node, data.encode() if isinstance(data, str) else data, by).id

    def rename(self, id: str, name: str) -> None:
        self._step(id).name = name

    def move(self, id: str, parent: str) -> None:
        self._step(id).parent = parent

    def carry(self, id: str, drive: str, parent: str = "") -> None:
        """Move a file into a shared drive, or ("") out of one to oneself. The log of either tells of it."""
        node = self._step(id)
        node.drive, node.owner, node.parent = drive, "" if drive else ME, parent or drive or self.root
        self._tell(node)

    def trash(self, id: str, *, trashed: bool = True) -> None:
        self._step(id).trashed = trashed

    def delete(self, id: str) -> None:
        """For good: nothing of it is left but that the log tells of it."""
        node = self._step(id)
        self.gone[id] = self.nodes.pop(id)
        for below in [n for n in self.nodes.values() if n.parent == node.id]:
            self.delete(below.id)

    def share(
        self, id: str, who: str, *, role: str = "reader", type: str = "user", found: bool = False
    ) -> None:
        self._step(id).grants[who] = Grant(who, role, type, found)

    def unshare(self, id: str, who: str) -> None:
        """Take a right away; what is below is told of too, as of what one cannot read any more."""
        self._step(id).grants.pop(who, None)

    def comment(self, id: str, text: str, *, by: str, quoted: str = "") -> Comment:
        node = self._step(id)
        made = Comment(f"AAAA{next(self._ids):06}", by, text, self.now, quoted)
        node.comments.append(made)
        return made

    def reply(self, id: str, comment: Comment, text: str, *, by: str, action: str = "") -> None:
        self._step(id)
        comment.replies.append(Reply(by, text, self.now, action))
        comment.resolved = action == "resolve"

    def shortcut(self, name: str, target: str, *, parent: str = "") -> str:
        made = self._node(name, SHORTCUT, parent or self.root, ME)
        made.target = target
        return made.id

    def drive(self, name: str, *members: str) -> str:
        """Make a shared drive."""
        id = f"0A{_digits(name)[:15]}Uk9PVA"
        self.drives[id] = SharedDrive(id, name, {m: Grant(m, "writer") for m in (ME, *members)})
        return id

    def later(self, **how: float) -> None:
        """Time passes, and nothing is done."""
        self.now += timedelta(**how)

    # What is asked

    def sees(self, who: str, node: Node) -> bool:
        """Whether somebody may read it: by a right of its own, of a folder above, or of the drive."""
        if node.drive:
            return who in self.drives[node.drive].members
        return node.owner == who or any(who in n.grants for n in (node, *self.above(node)))

    def above(self, node: Node) -> Iterator[Node]:
        """The folders it lies in, from the inside out."""
        at = self.nodes.get(node.parent)
        while at is not None:
            yield at
            at = self.nodes.get(at.parent)

    def below(self, id: str) -> Iterator[Node]:
        """Everything in a folder."""
        for node in list(self.nodes.values()):
            if node.parent == id:
                yield node
                yield from self.below(node.id)

    def is_trashed(self, node: Node) -> bool:
        return node.trashed or any(n.trashed for n in self.above(node))

    def grants(self, node: Node) -> list[Grant]:
        """All rights on a file, those from above included."""
        if node.drive:
            return [*self.drives[node.drive].members.values(), *node.grants.values()]
        found = {node.owner: Grant(node.owner, "owner")}
        for one in (*reversed(list(self.above(node))), node):
            found |= {g.who: g for g in one.grants.values() if g.who != node.owner}
        return list(found.values())

    def token(self) -> int:
        """The number that the next change has."""
        return self.log[-1][0] + 1 if self.log else 2

    def generated(self) -> str:
        made = self._id("promised")
        self.promised.add(made)
        return made

    def _node(self, name: str, mime: str, parent: str, by: str, *, drive: str = "", id: str = "") -> Node:
        self.now += timedelta(minutes=1)
        self.promised.discard(id)
        made = Node(
            id or self._id(name), name, mime, parent, "" if drive else by, self.now, self.now, drive, by=by
        )
        self.nodes[made.id] = made
        self._tell(made)
        return made

    def _step(self, id: str) -> Node:
        self.now += timedelta(minutes=1)
        node = self.nodes[id]
        self._tell(node)
        if self.told_below:
            for below in self.below(id):
                self._tell(below)
        return node

    def _tell(self, node: Node) -> None:
        node.version += 1
        self.log.append((next(self._changes), node.drive, node.id, self.now))
        if self.sees(ME, node):
            self.seen.add(node.id)

    def _revise(self, node: Node, data: bytes, by: str) -> Revision:
        number = len(node.revisions) * 7 + 1
        id = str(number) if node.native else f"0B{_digits(f'{node.id}/{number}')}"
        node.revisions.append(Revision(id, data, self.now, by))
        node.modified, node.by = self.now, by
        return node.revisions[-1]

    def _id(self, name: str) -> str:
        return "1" + sha256(f"{name}/{next(self._ids)}".encode()).hexdigest()[:32]


def _digits(text: str) -> str:
    return str(int(sha256(text.encode()).hexdigest(), 16))[:20]
