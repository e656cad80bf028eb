"""What OneDrive and SharePoint are asked: drives, what changed in them, items, versions, rights and bytes.

Reads only. https://learn.microsoft.com/en-us/graph/api/resources/onedrive
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from deskhand.connectors._graph import Graph
from deskhand.connectors._graph_errors import NotAllowed
from deskhand.connectors._graph_storage import Storage
from deskhand.connectors._onedrive_items import FIELDS, Doc, doc_of, parted
from deskhand.connectors._tries import Refused
from deskhand.connectors.errors import Misconfigured, Missing, SourceError, Transient, Unauthorized

Json = Mapping[str, Any]
PAGE = 200
"""Entries of a page of changes."""
_DRIVE = "id,name,driveType,webUrl,owner"


@dataclass(frozen=True, slots=True)
class About:
    """What is told beside a file."""

    versions: Sequence[Json]
    """Oldest first; none: they were not wanted."""
    rights: Sequence[Json]


class Remote:
    """The drives of one account, its own and those that were chosen beside."""

    def __init__(self, graph: Graph, storage: Storage) -> None:
        self.graph, self.storage = graph, storage
        self._owner: str | None = None

    def owner(self) -> str:
        """The id by which Microsoft knows the person whose drive it is; "" where it is not told."""
        if self._owner is None:
            said = self.graph.get("/me/drive", {"$select": "id,owner"})
            self._owner = str(((said.get("owner") or {}).get("user") or {}).get("id") or "")
        return self._owner

    def drives(self, place: str) -> dict[str, str]:
        """Names of drives by their ids: of a person (an address), or of a site or library (a URL).

        :raises Misconfigured: there is none. :raises NotAllowed: none that may be seen.
        """
        if found := self._library(place) if "/" in place else self._persons(place):
            return found
        raise Misconfigured(
            f"The option drives names {place}, and {self.graph.name} has nothing there that you may read. A "
            "person's OneDrive is an address; of a site or library it is the address in a browser, without "
            "what comes after: https://example.sharepoint.com/sites/team"
        )

    def _persons(self, address: str) -> dict[str, str]:
        try:
            said = self.graph.get(f"/users/{quote(address)}/drive", {"$select": _DRIVE})
        except (Missing, Refused):
            return {}
        return {str(said["id"]): address}

    def _library(self, page: str) -> dict[str, str]:
        """The libraries of a site, or the one at an address below it. The site is the longest that is one."""
        parts = urlsplit(page)
        names = [unquote(n) for n in parts.path.split("/") if n]
        for n in range(len(names), -1, -1):
            at = quote("/".join(names[:n]))
            path = f"/sites/{parts.hostname}:/{at}" if at else f"/sites/{parts.hostname}"
            try:
                site = self.graph.get(path, {"$select": "id,displayName"})
            except (Missing, Refused):
                continue
            said = self.graph.get(f"/sites/{quote(str(site['id']), safe=',')}/drives", {"$select": _DRIVE})
            base = f"https://{parts.hostname}/{'/'.join(names)}".rstrip("/").lower()
            made = dict[str, str]()
            for row in said.get("value") or ():
                url = unquote(str(row.get("webUrl") or "")).rstrip("/").lower()
                if n == len(names) or url == base:
                    made[str(row["id"])] = f"{site.get('displayName') or names[-1]}/{row.get('name')}"
            return made
        return {}

    def page(self, drive: str, link: str) -> tuple[list[Doc], str, bool]:
        """A page of what is there, or of what changed; the link to go on by, and whether that is the end.

        :param link: "": from the beginning. :raises Gone: the link is too old.
        """
        query = {} if link else {"$select": FIELDS, "$top": str(PAGE)}
        said = self.graph.get(link or f"{_at(drive)}/root/delta", query)
        following = str(said.get("@odata.nextLink") or "")
        rows = [doc_of(row, drive) for row in said.get("value") or () if row.get("id")]
        return rows, following or str(said["@odata.deltaLink"]), not following

    def root(self, drive: str) -> Doc:
        """The folder that a drive is."""
        return doc_of(self.graph.get(f"{_at(drive)}/root", {"$select": FIELDS}), drive)

    def doc(self, key: str) -> Doc | None:
        """An item as it is now; None where it is not there.

        :raises Refused: nobody says whether it is. :raises NotAllowed: it may not be seen.
        """
        try:
            return doc_of(self.graph.get(path_of(key), {"$select": FIELDS}), parted(key)[0])
        except Missing:
            return None

    def docs(self, keys: Sequence[str]) -> list[Doc | SourceError | None]:
        """Several, in their order; None: it is not there. An error: it is not to be had, though it may be
        there. :raises SourceError: nothing is."""
        said = self.graph.together([f"{path_of(k)}?$select={FIELDS}" for k in keys], late=True)
        found = list[Doc | SourceError | None]()
        for key, row in zip(keys, said, strict=True):
            if isinstance(row, Unauthorized) and not isinstance(row, NotAllowed):
                raise row
            if isinstance(row, SourceError):
                found.append(None if isinstance(row, Missing) else row)
            else:
                found.append(doc_of(row, parted(key)[0]))
        return found

    def inside(self, key: str) -> list[Doc]:
        """All that lies in a folder, folders too, at whatever depth."""
        found, left = list[Doc](), [key]
        while left:
            at = left.pop()
            query = {"$select": FIELDS, "$top": str(PAGE)}
            for page in self.graph.pages(f"{path_of(at)}/children", query):
                docs = [doc_of(row, parted(at)[0]) for row in page.get("value") or () if row.get("id")]
                left += [d.key for d in docs if d.kind == "folder" and d.inside]
                found += docs
        return found

    def named(self, folder: str, name: str) -> Doc | None:
        """What is called so in a folder."""
        try:
            said = self.graph.get(f"{path_of(folder)}:/{quote(name)}", {"$select": FIELDS})
        except Missing:
            return None
        return doc_of(said, parted(folder)[0])

    def about(self, docs: Sequence[tuple[Doc, bool]]) -> list[About | Transient]:
        """Of each what is told beside it; none, where it is not told. Transient: it does not come just now,
        though others do.

        :param docs: and whether its versions are wanted.
        """
        asked = [f"{path_of(d.key)}/permissions" for d, _ in docs]
        asked += [f"{path_of(d.key)}/versions" for d, wanted in docs if wanted]
        said = iter([self._rows(one) for one in self.graph.together(asked, late=True)])
        made, all_rights = list[About | Transient](), [next(said) for _ in docs]
        for (_, wanted), rights in zip(docs, all_rights, strict=True):
            versions = next(said) if wanted else []
            if isinstance(rights, Transient):
                made.append(rights)
            else:
                made.append(versions if isinstance(versions, Transient) else About(versions[::-1], rights))
        return made

    def rights(self, doc: Doc) -> Sequence[Json]:
        """Who may see a file or folder; none, where it is not told. :raises Transient: not just now."""
        (about,) = self.about([(doc, False)])
        if isinstance(about, Transient):
            raise about
        return about.rights

    def content(self, key: str) -> bytes:
        """The bytes of a file. :raises Missing: it is gone. :raises Refused: they are not to be had."""
        return self.storage.download(f"{path_of(key)}/content")

    def revised(self, key: str, version: str) -> bytes | None:
        """The bytes of an earlier version; None where they are no longer there."""
        try:
            return self.storage.download(f"{path_of(key)}/versions/{quote(version)}/content")
        except (Missing, Refused, NotAllowed):
            return None

    def _rows(self, said: Any) -> list[Json] | Transient:
        """The rows of a listing, all pages of it."""
        if isinstance(said, Missing | Refused | NotAllowed):
            return []
        if isinstance(said, Transient):
            return said
        if isinstance(said, SourceError):
            raise said
        rows = list(said.get("value") or ())
        link = str(said.get("@odata.nextLink") or "")
        try:
            for page in self.graph.pages(link) if link else ():
                rows += page.get("value") or ()
        except Transient as error:
            self.graph.answers()
            return error
        return rows


def path_of(key: str) -> str:
    """An item at Graph."""
    drive, id = parted(key)
    return f"{_at(drive)}/items/{quote(id, safe='!')}"


def _at(drive: str) -> str:
    return f"/drives/{quote(drive, safe='!')}" if drive else "/me/drive"
