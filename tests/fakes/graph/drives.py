"""The files of the fake Graph: drives of people and libraries of sites, what lies in them, who may see it.

Kept as SharePoint keeps it: an item is its id, its eTag counts every change of it and its cTag those of its
content, a name is there once in a folder, and what is thrown away lies in a recycle bin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from fakes.graph.world import World

Json = Any
HOST = "example-my.sharepoint.com"
"""Who has the bytes."""
Kind = Literal["file", "folder", "package", "remote"]


@dataclass
class Version:
    """What a file held once. `data` is None where it is no longer kept."""

    number: int
    data: bytes | None
    at: datetime
    by: str
    size: int = 0

    @property
    def id(self) -> str:
        return f"{self.number}.0"


@dataclass
class Right:
    """Somebody's, or a link's."""

    id: str
    roles: tuple[str, ...]
    who: str = ""
    """An address; of a group its name; "" of a link."""
    scope: str = ""
    """Of a link: anonymous, organization or users."""
    group: bool = False


@dataclass
class Node:
    """Something in a drive."""

    id: str
    name: str
    parent: str
    kind: Kind
    created: datetime
    by: str
    at: datetime
    versions: list[Version] = field(default_factory=list[Version])
    rights: list[Right] = field(default_factory=list[Right])
    tag: int = 1
    content: int = 1
    gone: str = ""
    """"deleted" in the recycle bin; the id of a folder: it went there with that."""
    target: tuple[str, str] = ("", "")
    """Of a shortcut: drive and item."""

    @property
    def data(self) -> bytes:
        return (self.versions[-1].data if self.versions else b"") or b""

    @property
    def etag(self) -> str:
        return f'"{{{self.id}}},{self.tag}"'


@dataclass
class Drive:
    """A tree of them."""

    id: str
    kind: Literal["business", "personal", "documentLibrary"]
    name: str
    owner: str
    """Somebody's name; "" of a library."""
    url: str
    members: set[str] = field(default_factory=set[str])
    """Names of the others who may see it all."""
    writers: set[str] = field(default_factory=set[str])
    nodes: dict[str, Node] = field(default_factory=dict[str, Node])
    log: list[str] = field(default_factory=list[str])
    """Ids, as something happened to them."""
    root: str = ""

    def inside(self, parent: str) -> list[Node]:
        return [n for n in self.nodes.values() if n.parent == parent and not n.gone]

    def named(self, parent: str, name: str) -> Node | None:
        return next((n for n in self.inside(parent) if n.name.lower() == name.lower()), None)

    def above(self, node: Node) -> Iterator[Node]:
        """A node and what it lies in, from the inside out."""
        while True:
            yield node
            if not node.parent:
                return
            node = self.nodes[node.parent]

    def path(self, node: Node) -> str:
        return "/".join([n.name for n in self.above(node)][-2::-1])

    def rights(self, node: Node) -> list[tuple[Right, Node]]:
        """Who may see a node, and from where that comes."""
        return [(right, at) for at in self.above(node) for right in at.rights]


@dataclass
class Site:
    """A site of SharePoint."""

    id: str
    name: str
    path: str
    """Like "/sites/team"."""
    host: str = "example.sharepoint.com"


@dataclass
class Session:
    """An upload that is under way."""

    drive: Drive
    parent: str
    name: str
    item: str
    conflict: str
    etag: str
    by: str
    data: bytes = b""


@dataclass
class Drives:
    """All drives there are, and what their bytes are fetched and brought by."""

    world: World
    all: dict[str, Drive] = field(default_factory=dict[str, Drive])
    sites: dict[str, Site] = field(default_factory=dict[str, Site])
    libraries: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Ids of drives, by site."""
    tickets: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Bytes, by what an address that was given for them ends in."""
    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    did: list[str] = field(default_factory=list[str])
    """Effects, in order: "create notes.md"."""
    below: bool = False
    """Changes tell of what lies in a folder that is thrown away or comes back, too."""
    front: str = f"https://{HOST}"
    """Where bytes are had and brought."""
    rewrites: bool = False
    """Office files are others once they are kept: SharePoint writes properties into them."""
    called: dict[str, str] = field(default_factory=dict[str, str])
    """Other addresses by which people are told of, by name; "" where none is told."""
    none: bool = False
    """Nobody has a drive of one's own."""
    mute: bool = False
    """Nobody is told who may see what."""
    ctags: bool = False
    """Changes tell the cTags of files in business drives and libraries, too. Microsoft says that they do not:
    https://learn.microsoft.com/en-us/graph/api/driveitem-delta"""

    # ------------------------------------------------------------------ made by tests

    def of(self, who: str, kind: Literal["business", "personal"] = "business") -> Drive:
        """Somebody's own drive, made when it is first asked for."""
        id = f"b!{who}-drive" if kind == "business" else f"{who.upper()}0DRIVE"
        if (found := next((d for d in self.all.values() if d.owner == who), None)) is not None:
            return found
        return self._made(Drive(id, kind, "OneDrive", who, f"https://{HOST}/personal/{who}/Documents"))

    def site(self, path: str, name: str, *, libraries: tuple[str, ...] = ("Documents",)) -> list[Drive]:
        """A site that everybody may see, with its libraries."""
        made = Site(f"example.sharepoint.com,{len(self.sites):08d}-0,0", name, path)
        self.sites[made.id] = made
        drives = []
        for library in libraries:
            folder = "Shared%20Documents" if library == "Documents" else library.replace(" ", "%20")
            drive = Drive(
                f"b!{made.name}-{library}".replace(" ", "_"), "documentLibrary", library, "",
                f"https://{made.host}{path}/{folder}", {*self.world.people}, {*self.world.people},
            )  # fmt: skip
            drives.append(self._made(drive))
        self.libraries[made.id] = [d.id for d in drives]
        return drives

    def _made(self, drive: Drive) -> Drive:
        now = self.world.tick()
        drive.root = self._id(drive)
        root = Node(drive.root, "root", "", "folder", now, drive.owner or "ana", now)
        if drive.owner:
            root.rights.append(Right(f"own-{drive.owner}", ("owner",), self.address(drive.owner)))
        else:
            root.rights.append(Right("members", ("write",), "Team Members", group=True))
        drive.nodes[root.id] = root
        self.all[drive.id] = drive
        return drive

    def folder(self, drive: Drive, name: str, *, parent: str = "", by: str = "") -> Node:
        """A new folder."""
        return self._put(drive, name, parent or drive.root, "folder", by)

    def file(
        self, drive: Drive, name: str, data: bytes | str, *, parent: str = "", by: str = "",
        kind: Kind = "file",
    ) -> Node:  # fmt: skip
        """A new file."""
        made = self._put(drive, name, parent or drive.root, kind, by)
        self._version(made, data, made.by)
        return made

    def remote(self, drive: Drive, name: str, of: Drive, node: Node) -> Node:
        """A shortcut to what lies in another drive."""
        made = self._put(drive, name, drive.root, "remote", "")
        made.target = (of.id, node.id)
        return made

    def edit(self, drive: Drive, node: Node, data: bytes | str, *, by: str = "") -> Version:
        """Another version of a file."""
        self.world.tick()
        self._version(node, data, by or node.by)
        node.content += 1
        self.touched(drive, node, by)
        return node.versions[-1]

    def _version(self, node: Node, data: bytes | str, by: str) -> None:
        given = data.encode() if isinstance(data, str) else data
        if self.rewrites and node.name.endswith(".docx"):
            given += b"<!-- properties -->"
        number = node.versions[-1].number + 1 if node.versions else 1
        node.versions.append(Version(number, given, self.world.now, by, len(given)))

    def rename(self, drive: Drive, node: Node, name: str = "", *, parent: str = "", by: str = "") -> None:
        """Another name or place; the content stays what it was."""
        self.world.tick()
        node.name, node.parent = name or node.name, parent or node.parent
        self.touched(drive, node, by)

    def trash(self, drive: Drive, node: Node, *, along: str = "") -> None:
        """Into the recycle bin, with all that is in it (`along`: with which folder)."""
        self.world.tick()
        node.gone = along or "deleted"
        node.tag += 1
        drive.log.append(node.id)
        for inner in [n for n in drive.nodes.values() if n.parent == node.id and not n.gone]:
            told = len(drive.log)
            self.trash(drive, inner, along=along or node.id)
            if not self.below:
                del drive.log[told:]

    def put_back(self, drive: Drive, node: Node, *, along: str = "") -> None:
        """Out of the recycle bin, with what went there along with it."""
        self.world.tick()
        node.gone = ""
        self.touched(drive, node)
        told = len(drive.log)
        with_ = along or node.id
        for inner in [n for n in drive.nodes.values() if n.parent == node.id and n.gone == with_]:
            self.put_back(drive, inner, along=with_)
        if not self.below:
            del drive.log[told:]

    def share(
        self, drive: Drive, node: Node, who: str = "", *, role: str = "read", scope: str = "",
        group: bool = False,
    ) -> None:  # fmt: skip
        """Let somebody (an address) see something, or whoever has a link (`scope`)."""
        node.rights.append(Right(f"right-{self.world.number()}", (role,), who, scope, group))
        self.touched(drive, node, same=True)

    def touched(self, drive: Drive, node: Node, by: str = "", *, same: bool = False) -> None:
        """Something happened to it; `same`: it is still what it was when it was changed last."""
        node.tag += 1
        if not same:
            node.at = self.world.now
        drive.log.append(node.id)

    def _put(self, drive: Drive, name: str, parent: str, kind: Kind, by: str) -> Node:
        now = self.world.tick()
        who = by or drive.owner or "ana"
        made = Node(self._id(drive), name, parent, kind, now, who, now)
        drive.nodes[made.id] = made
        drive.log.append(made.id)
        return made

    def _id(self, drive: Drive) -> str:
        number = self.world.number()
        return f"{drive.id}!{number}" if drive.kind == "personal" else f"01ABCD{number:028d}"

    def address(self, who: str) -> str:
        """Of somebody, by the name."""
        return self.world.people[who].address if who in self.world.people else f"{who}@example.org"

    def ticket(self, data: bytes) -> str:
        """An address at which bytes can be had by whoever knows it."""
        made = f"t{self.world.number()}"
        self.tickets[made] = data
        return f"{self.front}/_layouts/15/download.aspx?tempauth={made}"
