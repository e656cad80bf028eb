"""An Outlook mailbox in plain values: its folders, what changed in them, and single messages.

https://learn.microsoft.com/en-us/graph/delta-query-messages
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from deskhand.connectors._graph import Graph
from deskhand.connectors._outlook_settings import SETTINGS, profile_of
from deskhand.connectors._profile import Profile
from deskhand.connectors._tries import Refused
from deskhand.connectors.errors import Missing, SourceError, Transient

Json = Any
PAGE = 200
"""Entries of a page of changes."""
_ID = re.compile(r"[A-Za-z0-9_=-]{1,400}")
_MARKS = ",".join((
    "changeKey", "parentFolderId", "conversationId", "receivedDateTime", "isRead", "isDraft", "flag",
    "categories", "hasAttachments", "webLink",
))  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

USES = {
    "inbox": "INBOX", "drafts": "Drafts", "sentitems": "Sent", "deleteditems": "Trash", "junkemail": "Spam",
    "archive": "Archive", "outbox": "Outbox", "syncissues": "Sync Issues",
}  # fmt: skip
"""What folders are for (Microsoft's well-known names), and what they are called here: at Microsoft that
depends on the language of the mailbox."""
LEFT_OUT = frozenset({"junkemail", "outbox", "syncissues"})
"""Folders that are read only where they are named."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of mail."""

    id: str
    name: str
    """With those it lies in, divided by `/`."""
    use: str = ""
    """One of `USES`; "": the person's own."""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What Graph tells of a message beside its bytes."""

    id: str
    change: str
    """Another one after each change."""
    folder: str
    thread: str
    arrived: datetime
    read: bool
    draft: bool
    flagged: bool
    categories: tuple[str, ...]
    attached: bool
    link: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it is now."""

    told: Told
    data: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return self.told.id


class Mailbox:
    """What is asked of Outlook."""

    def __init__(self, graph: Graph, *, settings: bool = False) -> None:
        """:param settings: it may be asked for its settings."""
        self.graph, self._settings = graph, settings
        self.profile: Profile | None = None
        """What the mailbox said of its person with the pages that were asked for last."""
        self._folders: dict[str, Folder] = {}
        self._uses: dict[str, str] = {}

    # ------------------------------------------------------------------ folders

    def folders(self, *, anew: bool = False) -> Mapping[str, Folder]:
        """All folders by their ids, the inbox first. :raises SourceError: they cannot be listed."""
        if anew or not self._folders:
            rows: dict[str, Json] = {}
            query = {"$select": "displayName,parentFolderId,totalItemCount"}
            for page in self.graph.pages("/me/mailFolders/delta", query, prefer=[_paged(PAGE)]):
                rows |= {str(r["id"]): r for r in page.get("value") or () if "@removed" not in r}
            if not self._uses:
                self._uses = self._asked_uses()
            self._folders = _named(rows, self._uses)
        return self._folders

    def special(self, use: str) -> Folder:
        """The folder for something, one of `USES`. :raises Missing: there is none."""
        for anew in (False, True):
            for folder in self.folders(anew=anew).values():
                if folder.use == use:
                    return folder
        raise Missing(f"There is no folder {USES[use]} in this mailbox.")

    def named(self, name: str) -> Folder:
        """The folder of that name, or of one that differs in capitals alone. :raises Missing: none has it."""
        wanted = name.strip()
        for anew in (False, True):
            there = list(self.folders(anew=anew).values())
            exact = [f for f in there if f.name == wanted]
            alike = [f for f in there if f.name.casefold() == wanted.casefold()]
            if found := [*exact, *alike]:
                return found[0]
        names = ", ".join(sorted(f.name for f in self.folders().values()))
        raise Missing(f"There is no folder {name!r}; there are {names}.")

    def name_of(self, id_: str) -> str:
        """What a folder is called; asks where it is not known yet."""
        found = self.folders().get(id_) or self.folders(anew=True).get(id_)
        return found.name if found is not None else ""

    def _asked_uses(self) -> dict[str, str]:
        """What folders are for, by their ids."""
        asked = self.graph.together([f"/me/mailFolders/{use}?$select=id" for use in USES])
        found = zip(USES, asked, strict=True)
        return {str(said["id"]): use for use, said in found if isinstance(said, dict)}

    # ------------------------------------------------------------------ changes

    def listing(self, folder: str) -> str:
        """What is asked for everything in a folder, the newest first; then the links lead on."""
        return f"/me/mailFolders/{folder}/messages/delta?$select={_MARKS}"

    def first_pages(self, links: Sequence[str]) -> list[Json | SourceError]:
        """The first page of each of several listings, or what is to be said of it.

        With them the settings of the mailbox are asked for, which takes no request more.
        """
        asked = [*links, *([SETTINGS] if self._settings else [])]
        said = self.graph.together(asked, prefer=[_paged(PAGE)], late=True)
        for settings in said[len(links) :]:
            now = self.graph.clock
            self.profile = profile_of(settings, now.year) if isinstance(settings, dict) and now else None
        return said[: len(links)]

    def page(self, link: str) -> dict[str, Json]:
        """A page that a link leads to. :raises Gone: the link is too old."""
        return self.graph.get(link, prefer=[_paged(PAGE)])

    # ------------------------------------------------------------------ messages

    def told(self, id_: str) -> Told | None:
        """What is told of a message; None where it is not there."""
        if not _ID.fullmatch(id_):
            return None
        try:
            return told_of(self.graph.get(f"/me/messages/{id_}", {"$select": _MARKS}))
        except Missing:
            return None

    def get(self, id_: str) -> Letter | None:
        """A message with its bytes; None where it is not there. :raises Refused: Outlook does not give it."""
        told = self.told(id_)
        if told is None:
            return None
        try:
            return Letter(told, self.graph.data(f"/me/messages/{id_}/$value"))
        except Missing:
            return None

    def bytes_of(self, several: Sequence[Told]) -> list[bytes | Refused | Transient | None]:
        """The bytes of messages, in their order; None: it is gone. Transient: they do not come just now,
        though others do. Those with attachments are fetched alone: an answer to a batch is kept in memory
        as a whole."""
        small = [t for t in several if not t.attached]
        came = self.graph.together([_value(t) for t in small], late=True)
        said: dict[str, Json | SourceError] = dict(zip((t.id for t in small), came, strict=True))
        return [self._judged(said[t.id]) if t.id in said else self._large(t) for t in several]

    def told_of_all(self, ids: Sequence[str]) -> list[Told | SourceError]:
        """What is told of messages, in their order, or what is to be said of each."""
        asked = [f"/me/messages/{id_}?$select={_MARKS}" for id_ in ids]
        said = self.graph.together(asked, late=True)
        return [one if isinstance(one, SourceError) else told_of(one) for one in said]

    def searched(self, message_id: str) -> list[Told]:
        """Messages with a Message-ID, wherever they lie."""
        quoted = message_id.replace("'", "''")
        query = {"$filter": f"internetMessageId eq '{quoted}'", "$select": _MARKS}
        return [told_of(row) for page in self.graph.pages("/me/messages", query) for row in page["value"]]

    def _large(self, told: Told) -> bytes | Refused | Transient | None:
        try:
            return self.graph.data(_value(told))
        except (Missing, Refused) as error:
            return self._judged(error)
        except Transient as error:
            self.graph.answers()
            return error

    def _judged(self, said: Json | SourceError) -> bytes | Refused | Transient | None:
        if isinstance(said, bytes | Refused | Transient):
            return said
        if isinstance(said, Missing):
            return None
        if isinstance(said, SourceError):
            raise said
        return Refused(f"{self.graph.name} does not give its bytes.", status=200)


def told_of(row: Json) -> Told:
    """Read what Graph tells of a message; what it leaves out is as it usually is."""
    flag = row.get("flag") or {}
    return Told(
        str(row["id"]), str(row.get("changeKey") or ""), str(row.get("parentFolderId") or ""),
        str(row.get("conversationId") or ""), _moment(str(row.get("receivedDateTime") or "")),
        bool(row.get("isRead")), bool(row.get("isDraft")),
        str(flag.get("flagStatus") or "").lower() == "flagged",
        tuple(sorted(map(str, row.get("categories") or ()))), bool(row.get("hasAttachments")),
        str(row.get("webLink") or ""),
    )  # fmt: skip


def _value(told: Told) -> str:
    return f"/me/messages/{told.id}/$value"


def _paged(size: int) -> str:
    return f"odata.maxpagesize={size}"


def _moment(text: str) -> datetime:
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        return _EPOCH
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _named(rows: Mapping[str, Json], uses: Mapping[str, str]) -> dict[str, Folder]:
    """Folders with the names of those they lie in."""

    def path(id_: str, deep: int = 0) -> str:
        row = rows[id_]
        own = USES[uses[id_]] if id_ in uses else str(row.get("displayName") or id_).replace("/", "∕")
        parent = str(row.get("parentFolderId") or "")
        return f"{path(parent, deep + 1)}/{own}" if parent in rows and deep < 30 else own

    made: dict[str, Folder] = {}
    taken = set[str]()
    for id_, row in rows.items():
        name = path(id_)
        while name in taken:
            name += "~"
        taken.add(name)
        made[id_] = Folder(id_, name, uses.get(id_, ""), int(row.get("totalItemCount") or 0))
    order = list(USES)
    rank = {f.id: order.index(f.use) if f.use else len(order) for f in made.values()}
    return dict(sorted(made.items(), key=lambda pair: (rank[pair[0]], pair[1].name)))
