"""What Google Drive is asked: listings, changes, contents, revisions, comments and rights (Drive API v3).

Reads only; each gives plain JSON as Google sends it, or bytes. https://developers.google.com/workspace/drive/api
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from deskhand.connectors._google import Api
from deskhand.connectors._google_errors import Refused
from deskhand.connectors.errors import Forbidden, Missing, Transient

File = Mapping[str, Any]
"""A file, revision, comment or right, as Google says it."""

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
OWN = "application/vnd.google-apps."
"""How Google's own types begin: what has no bytes of its own."""
_OFFICE = "application/vnd.openxmlformats-officedocument."
EXPORTS = {
    OWN + "document": ("text/markdown", "text/plain"),
    OWN + "spreadsheet": (_OFFICE + "spreadsheetml.sheet", "text/csv"),
    OWN + "presentation": ("text/plain",),
}
"""As what their text is had, the best first."""
PRINTED = "application/pdf"
"""As what they are taken along."""

FIELDS = (
    "id,name,mimeType,parents,trashed,version,headRevisionId,sha256Checksum,size,createdTime,modifiedTime,"
    "owners(displayName,emailAddress),lastModifyingUser(displayName,emailAddress),driveId,ownedByMe,"
    "permissions(id,type,emailAddress,allowFileDiscovery,deleted,view),permissionIds,webViewLink,exportLinks,"
    "shortcutDetails(targetId,targetMimeType),appProperties,"
    "capabilities(canDownload,canReadRevisions,canEdit,canModifyContent,canTrash,canUntrash)"
)
_LEAN = "id,name,mimeType,parents,driveId"
_REVISION = "id,mimeType,modifiedTime,size,lastModifyingUser(displayName,emailAddress),exportLinks"
_COMMENT = (
    "id,content,createdTime,modifiedTime,resolved,deleted,author(displayName),quotedFileContent(value),"
    "replies(content,createdTime,modifiedTime,deleted,action,author(displayName))"
)
PAGE = 100
_MOST_PAGES = 10_000
"""A listing in more parts than this goes in circles."""


class Remote:
    """One Drive, as one account sees it."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def who(self) -> str:
        """Whose Drive it is: the address, lower case."""
        said = self.api.read(self.api.service.about().get(fields="user(emailAddress)"))
        return str(said.get("user", {}).get("emailAddress", "")).lower()

    def file(self, id: str) -> File | None:
        """A file as it is now; None where it is not there, or may not be seen."""
        request = self.api.service.files().get(fileId=id, fields=FIELDS, supportsAllDrives=True)
        try:
            found: File = self.api.read(request)
        except Missing:
            return None
        return found

    def root(self) -> str:
        """The id of My Drive."""
        return str(self.api.read(self.api.service.files().get(fileId="root", fields="id"))["id"])

    def drives(self) -> dict[str, str]:
        """Names of the shared drives, by id."""
        files = self._all(
            lambda token: self.api.service.drives().list(
                pageToken=token, pageSize=100, fields="nextPageToken,drives(id,name)"
            ),
            "drives",
        )
        return {str(d["id"]): str(d["name"]) for d in files}

    def page(self, drive: str, token: str, *, since: str = "") -> tuple[Sequence[File], str]:
        """A page of all files that are no folders, the newest first, and the token of the next page or "".

        :param drive: of which shared drive; "": the person's own, and what is shared with her.
        :param since: RFC 3339; only what was changed then or later.
        :raises Refused: (400) the token is no longer good.
        """
        q = f"trashed = false and mimeType != '{FOLDER}'" + (
            f" and modifiedTime >= '{since}'" if since else ""
        )
        request = self._list(
            q, drive, FIELDS, orderBy="modifiedTime desc", pageSize=PAGE, pageToken=token or None
        )
        said = self.api.read(request)
        return said.get("files", ()), str(said.get("nextPageToken") or "")

    def overview(self, drive: str, *, since: str = "") -> tuple[list[File], int]:
        """All folders, and how many files there are besides."""
        folders, count = list[File](), 0
        when = f" and modifiedTime >= '{since}'" if since else ""
        for q in (f"mimeType = '{FOLDER}'", f"mimeType != '{FOLDER}'{when}"):
            for found in self._all(
                lambda token, q=q: self._list(  # type: ignore[misc]
                    f"trashed = false and {q}", drive, _LEAN, pageSize=1000, pageToken=token
                ),
                "files",
            ):
                if found["mimeType"] == FOLDER:
                    folders.append(found)
                else:
                    count += 1
        return folders, count

    def inside(self, folder: str, drive: str) -> list[File]:
        """What lies right in a folder."""
        q = f"trashed = false and {_quoted(folder)} in parents"
        return list(
            self._all(lambda token: self._list(q, drive, FIELDS, pageSize=PAGE, pageToken=token), "files")
        )

    def named(self, name: str, parent: str, drive: str) -> list[File]:
        """What is called so in a folder."""
        q = f"trashed = false and name = {_quoted(name)} and {_quoted(parent)} in parents"
        return list(self._all(lambda t: self._list(q, drive, FIELDS, pageSize=PAGE, pageToken=t), "files"))

    def marked(self, name: str, value: str) -> File | None:
        """A file with this among what Deskhand noted beside it (appProperties)."""
        q = f"appProperties has {{ key={_quoted(name)} and value={_quoted(value)} }}"
        found = self.api.read(self.api.service.files().list(
            q=q, fields=f"files({FIELDS})", corpora="allDrives", supportsAllDrives=True,
            includeItemsFromAllDrives=True,
        ))  # fmt: skip
        return next(iter(found.get("files", ())), None)

    def start(self, drive: str) -> str:
        """The token of the next change."""
        of = {"driveId": drive} if drive else {}
        request = self.api.service.changes().getStartPageToken(supportsAllDrives=True, **of)
        return str(self.api.read(request)["startPageToken"])

    def changes(self, drive: str, token: str) -> tuple[Sequence[File], str, bool]:
        """A page of changes, the token to go on from, and whether that was the last page."""
        of: dict[str, Any] = {"driveId": drive, "includeItemsFromAllDrives": True} if drive else {}
        said = self.api.read(self.api.service.changes().list(
            pageToken=token, pageSize=PAGE, supportsAllDrives=True, includeRemoved=True,
            fields=f"nextPageToken,newStartPageToken,changes(changeType,removed,fileId,file({FIELDS}))", **of,
        ))  # fmt: skip
        new = said.get("newStartPageToken")
        if not new and not said.get("nextPageToken"):
            raise Transient(
                "Google Drive sent a page of changes that says neither where it ends nor goes on."
            )
        return said.get("changes", ()), str(new or said["nextPageToken"]), bool(new)

    def content(self, file: File, mime: str = "") -> bytes:
        """The bytes of a file; of Google's own kinds as this type.

        :raises Missing: it is gone. :raises Refused: it cannot be had, or not so.
        """
        files = self.api.service.files()
        if not file["mimeType"].startswith(OWN):
            return _bytes(self.api.read(files.get_media(fileId=file["id"], supportsAllDrives=True)))
        try:
            return _bytes(self.api.read(files.export_media(fileId=file["id"], mimeType=mime)))
        except Refused as error:
            link = file.get("exportLinks", {}).get(mime)
            if error.reason != "exportSizeLimitExceeded" or not link:
                raise
            return self._linked(link)

    def revisions(self, id: str) -> list[File] | None:
        """What Google still tells of a file's revisions, oldest first; None where it does not say."""
        try:
            return list(self._all(
                lambda token: self.api.service.revisions().list(
                    fileId=id, pageSize=1000, pageToken=token, fields=f"nextPageToken,revisions({_REVISION})"
                ),
                "revisions",
            ))  # fmt: skip
        except (Missing, Refused):
            return None

    def revised(self, file: File, revision: File, mime: str = "") -> bytes | None:
        """The bytes of a file at a revision; None where Google no longer has them."""
        try:
            if file["mimeType"].startswith(OWN):
                link = revision.get("exportLinks", {}).get(mime)
                return self._linked(link) if link else None
            request = self.api.service.revisions().get_media(fileId=file["id"], revisionId=revision["id"])
            return _bytes(self.api.read(request))
        except (Missing, Refused):
            return None

    def comments(self, id: str) -> list[File]:
        """What was said beside a file, and not taken back, oldest first.

        :raises Missing: or Refused: Google does not say.
        """
        found = self._all(
            lambda token: self.api.service.comments().list(
                fileId=id, pageSize=100, pageToken=token, fields=f"nextPageToken,comments({_COMMENT})"
            ),
            "comments",
        )
        return sorted((c for c in found if not c.get("deleted")), key=lambda c: (c["createdTime"], c["id"]))

    def rights(self, id: str) -> list[File]:
        """Who may read a file, or is a member of a shared drive; none where Google does not say."""
        try:
            return list(self._all(
                lambda token: self.api.service.permissions().list(
                    fileId=id, pageSize=100, pageToken=token, supportsAllDrives=True,
                    fields="nextPageToken,permissions(id,type,emailAddress,allowFileDiscovery,deleted,view)",
                ),
                "permissions",
            ))  # fmt: skip
        except (Missing, Refused):
            return []

    def _list(self, q: str, drive: str, fields: str, **given: Any) -> Any:
        of: dict[str, Any] = (
            {
                "corpora": "drive",
                "driveId": drive,
                "supportsAllDrives": True,
                "includeItemsFromAllDrives": True,
            }
            if drive
            else {"corpora": "user"}
        )
        return self.api.service.files().list(q=q, fields=f"nextPageToken,files({fields})", **of, **given)

    def _all(self, asked: Callable[[str | None], Any], name: str) -> Iterator[File]:
        """Everything on all pages, once: a page may come twice."""
        token, seen = None, set[str]()
        for _ in range(_MOST_PAGES):
            said = self.api.read(asked(token))
            for one in said.get(name, ()):
                if one["id"] not in seen:
                    seen.add(one["id"])
                    yield one
            token = said.get("nextPageToken")
            if not token:
                return
        raise Transient(f"Google Drive's list of {name} has no end.")

    def _linked(self, link: str) -> bytes:
        """What an address leads to that Google itself gave: to its own hosts alone (`_egress`)."""
        request = self.api.service.files().export_media(fileId="-", mimeType="-")
        request.uri = link
        try:
            return _bytes(self.api.read(request))
        except Forbidden as error:  # not one of Google's hosts that are spoken to: nothing was sent
            raise Refused(str(error), status=0) from None


def export_of(file: File) -> str:
    """As what the text of one of Google's own documents is had; "" where it has none."""
    kinds = EXPORTS.get(file["mimeType"], ())
    offered = file.get("exportLinks") or {}
    return next((k for k in kinds if k in offered), kinds[-1] if kinds else "")


def plainer(file: File) -> str:
    """As what else its text is had, should the first not be readable; "" where there is no other."""
    kinds = EXPORTS.get(file["mimeType"], ())
    return kinds[-1] if kinds and kinds[-1] != export_of(file) else ""


def _bytes(said: Any) -> bytes:
    return said if isinstance(said, bytes) else str(said).encode()


def _quoted(text: str) -> str:
    """https://developers.google.com/workspace/drive/api/guides/search-files"""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
