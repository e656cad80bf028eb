"""A Gmail mailbox in plain values: its labels, lists of messages, what changed, and single messages.

https://developers.google.com/workspace/gmail/api/guides/sync; the quota units of each call stand beside it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from deskhand.connectors._google import Api
from deskhand.connectors._google_errors import Refused
from deskhand.connectors.errors import Missing, Transient

_PAGE = 500
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LIST, GET, HISTORY, LOOK = 5, 5, 2, 1
"""Units a call."""

FOLDERS = {
    "TRASH": "Trash", "SPAM": "Spam", "DRAFT": "Drafts", "INBOX": "INBOX", "SENT": "Sent",
}  # fmt: skip
"""What is called a folder elsewhere, in the order in which the first counts: a message has several labels."""
ARCHIVE = "All Mail"
"""Where a message lies that has none of them, and no label of the person's own."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it is now."""

    id: str
    thread: str
    labels: frozenset[str]
    """Ids of labels."""
    arrived: datetime
    data: bytes = field(repr=False)

    @property
    def flags(self) -> tuple[str, ...]:
        """What its labels say of it (`Item.flags`)."""
        said = {"flagged": "STARRED", "draft": "DRAFT", "trashed": "TRASH"}
        flags = {name for name, label in said.items() if label in self.labels}
        return tuple(sorted(flags | ({"seen"} if "UNREAD" not in self.labels else set())))


@dataclass(frozen=True, slots=True)
class Told:
    """What happened since a state."""

    touched: tuple[str, ...]
    """Ids of messages that came or changed, the newest first."""
    gone: tuple[str, ...]
    """Ids of messages that were taken away for good."""
    state: str


class Mailbox:
    """What is asked of Gmail. Safe for several threads."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._lock = Lock()
        self._labels: dict[str, str] = {}
        self._own: frozenset[str] = frozenset()
        self._nameless = set[str]()
        """Labels that Gmail uses and does not list."""

    @property
    def api(self) -> Api:
        return self._api

    @property
    def me(self) -> Any:
        """The collections of the account: `me.messages()`."""
        return self._api.service.users()

    def profile(self) -> tuple[str, str]:
        """Whose it is, in lower case, and the state it is in (a history id: text, and only ever text)."""
        said = self._api.read(self.me.getProfile(userId="me"), units=LOOK)
        return str(said.get("emailAddress") or "").lower(), str(said.get("historyId") or "")

    def labels(self, *, anew: bool = False) -> dict[str, str]:
        """The names of labels by their ids."""
        with self._lock:
            if anew or not self._labels:
                said = self._api.read(self.me.labels().list(userId="me"), units=LOOK)
                found = [x for x in said.get("labels") or () if x.get("id")]
                self._labels = {str(x["id"]): str(x.get("name") or x["id"]) for x in found}
                self._own = frozenset(str(x["id"]) for x in found if x.get("type") == "user")
            return self._labels

    def own(self, *, anew: bool = False) -> dict[str, str]:
        """Those among them that the person made."""
        labels = self.labels(anew=anew)
        return {id_: name for id_, name in labels.items() if id_ in self._own}

    def names(self, labels: Iterable[str]) -> list[str]:
        """The names of labels, in order; asks where one of them was never heard of."""
        wanted = set(labels)
        known = self.labels()
        if new := wanted - known.keys() - self._nameless:
            known = self.labels(anew=True)
            self._nameless |= new - known.keys()
        return sorted(known.get(label, label) for label in wanted)

    def folder(self, labels: Iterable[str]) -> str:
        """Where a message lies, as one says it of other mail."""
        have = set(labels)
        for label, name in FOLDERS.items():
            if label in have:
                return name
        self.names(have)
        own = self.own()
        return min((own[label] for label in have & own.keys()), default=ARCHIVE)

    def ids(self, *, label: str = "", query: str = "") -> Iterator[str]:
        """Ids of messages, the newest first; all of them, in spam and trash too."""
        given: dict[str, Any] = {"labelIds": [label]} if label else {}
        given |= {"q": query} if query else {}
        for page in self.pages(LIST, lambda token: self.me.messages().list(
            userId="me", includeSpamTrash=True, maxResults=_PAGE, pageToken=token, **given
        )):  # fmt: skip
            for one in page.get("messages") or ():
                yield str(one["id"])

    def since(self, state: str) -> Told:
        """What happened since a state. :raises Missing: it is too old, and nobody knows."""
        touched: dict[str, None] = {}
        gone: dict[str, None] = {}
        now = state
        for page in self.pages(HISTORY, lambda token: self.me.history().list(
            userId="me", startHistoryId=state, maxResults=_PAGE, pageToken=token
        )):  # fmt: skip
            for record in page.get("history") or ():
                for id_ in _named(record):
                    touched.pop(id_, None)
                    touched[id_] = None
                for one in record.get("messagesDeleted") or ():
                    gone[str(one["message"]["id"])] = None
            now = str(page.get("historyId") or now)
        return Told(tuple(i for i in reversed(touched) if i not in gone), tuple(gone), now)

    def get(self, id_: str) -> Letter | None:
        """A message, with its bytes; None where it is not there. :raises Refused: Gmail does not give it."""
        if not _ID.fullmatch(id_):
            return None
        try:
            said = self._api.read(self.me.messages().get(userId="me", id=id_, format="raw"), units=GET)
        except Missing:
            return None
        except Refused as refused:
            if refused.status == 400:  # no such id could be
                return None
            raise
        return _letter(said)

    def get_all(self, ids: Sequence[str]) -> dict[str, Letter | Refused | None]:
        """What one request says of several messages, at most fifty; see `get`.

        Of what is not in it nothing is known yet: it has to be asked for alone.
        """
        asked = [id_ for id_ in ids if _ID.fullmatch(id_)]
        requests = [self.me.messages().get(userId="me", id=id_, format="raw") for id_ in asked]
        found: dict[str, Letter | Refused | None] = {}
        for n, said in self._api.batched(requests, units=GET).items():
            if isinstance(said, dict):
                found[asked[n]] = _letter(said)
            elif isinstance(said, Missing) or (isinstance(said, Refused) and said.status == 400):
                found[asked[n]] = None
            elif isinstance(said, Refused):
                found[asked[n]] = said
        return found

    def there(self, id_: str) -> tuple[str, frozenset[str]] | None:
        """The thread and the labels of a message, without its bytes; None where it is not there."""
        if not _ID.fullmatch(id_):
            return None
        try:
            said = self._api.read(self.me.messages().get(userId="me", id=id_, format="minimal"), units=GET)
        except Missing:
            return None
        except Refused as refused:
            if refused.status == 400:
                return None
            raise
        return str(said.get("threadId") or ""), frozenset(map(str, said.get("labelIds") or ()))

    def pages(self, units: int, ask: Any) -> Iterator[dict[str, Any]]:
        """All pages of a list; some may be empty. :raises Transient: they go round in a circle."""
        token, seen = None, set[str]()
        while True:
            page: dict[str, Any] = self._api.read(ask(token), units=units)
            yield page
            token = page.get("nextPageToken")
            if not token:
                return
            if token in seen:
                raise Transient("Gmail gives the same page again and again.")
            seen.add(token)


def _named(record: dict[str, Any]) -> list[str]:
    """The messages that a record of the history is about."""
    found = [str(one["id"]) for one in record.get("messages") or ()]
    for kind in ("messagesAdded", "labelsAdded", "labelsRemoved"):
        found += [str(one["message"]["id"]) for one in record.get(kind) or ()]
    return list(dict.fromkeys(found))


def _letter(said: dict[str, Any]) -> Letter:
    raw = str(said.get("raw") or "")
    try:
        data = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        data = b""
    at = str(said.get("internalDate") or "0")
    millis = int(at) if at.isascii() and at.lstrip("-").isdigit() and len(at) < 16 else 0
    return Letter(
        str(said.get("id") or ""), str(said.get("threadId") or ""),
        frozenset(map(str, said.get("labelIds") or ())), _EPOCH + timedelta(milliseconds=millis), data,
    )  # fmt: skip
