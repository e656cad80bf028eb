"""Fetches messages of an IMAP server: single ones, and many in batches that bound the memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from deskhand.connectors import _imap_commands as imap
from deskhand.connectors._imap_answers import Fetched
from deskhand.connectors._imap_errors import Refused
from deskhand.connectors._imap_folders import Folder, Folders
from deskhand.connectors._imap_known import Folder as KnownFolder
from deskhand.connectors._imap_marks import Mark, Marks
from deskhand.connectors._imap_session import Session
from deskhand.connectors._imap_uids import Uids, place_of
from deskhand.connectors.errors import Transient

BATCH, BATCH_BYTES = 50, 4_000_000
"""Messages and bytes that are asked for by one command; a single larger message comes alone."""


@dataclass(slots=True)
class Todo:
    """What a folder has for this pass."""

    folder: Folder
    validity: int
    uids: Uids
    then: KnownFolder
    """UIDNEXT and HIGHESTMODSEQ that count once all of it is done."""


class Fetching:
    """What fetches the messages of one account."""

    def __init__(self, session: Session, folders: Folders, *, size: int) -> None:
        """:param size: bytes of a message; the bytes of larger ones are not fetched."""
        self._session, self._folders, self._size = session, folders, size

    def one(self, text: str) -> tuple[Folder, int, Fetched] | None:
        """A message as it is now, by its native id; None where it is not there. Its folder is open then."""
        if (place := place_of(text)) is None:
            return None
        name, validity, uid = place

        def fetch() -> tuple[Folder, int, Fetched] | None:
            folder = self._folders.named(name)
            if folder is None or folder.name != name:
                return None
            try:
                if imap.opened(self._session, folder.raw).validity != validity:
                    return None
            except Refused:
                return None  # it was taken away since it was listed
            about = imap.about(self._session, [uid], gmail=self.gmail).get(uid)
            if about is None:
                return None
            small = about.size <= self._size
            data = imap.bodies(self._session, [uid]).get(uid) if small else None
            return folder, uid, replace(about, data=data)

        return self._session.again(fetch)

    def some(
        self, todo: Todo, uids: Sequence[int], marks: Marks, *, gmail: bool
    ) -> Iterator[tuple[int, Fetched]]:
        """These messages, in batches; who is not there any more is left out.

        Under one number a message is for ever the same: of one that was read, only the flags are fetched.

        :param marks: what is known of the folder.
        """

        def about() -> dict[int, Fetched]:
            self._open(todo)
            return imap.about(self._session, uids, gmail=gmail)

        found = self._session.again(about)
        batch: list[int] = []
        size = 0
        for uid in uids:
            one = found.get(uid)
            if one is None:
                continue
            if one.size > self._size or (one.labels is None and _is_read(marks.get(uid))):
                yield uid, one
                continue
            if batch and (len(batch) == BATCH or size + one.size > BATCH_BYTES):
                yield from self._batch(todo, batch, found)
                batch, size = [], 0
            batch.append(uid)
            size += one.size
        if batch:
            yield from self._batch(todo, batch, found)

    def _batch(
        self, todo: Todo, uids: Sequence[int], about: dict[int, Fetched]
    ) -> Iterator[tuple[int, Fetched]]:
        def bodies() -> dict[int, bytes]:
            self._open(todo)
            return imap.bodies(self._session, uids)

        try:
            data = self._session.again(bodies)
        except Refused as error:
            if len(uids) > 1:  # one of them, most likely
                for uid in uids:
                    yield from self._batch(todo, [uid], about)
                return
            data = {}
            yield uids[0], replace(about[uids[0]], failed=str(error))
        for uid in uids:
            if uid in data:
                yield uid, replace(about[uid], data=data[uid])

    def _open(self, todo: Todo) -> None:
        """Have a folder open. :raises Transient: it was numbered anew meanwhile."""
        selected = self._session.selected
        if selected is None or selected[:2] != (imap.quoted(todo.folder.raw), False):
            imap.opened(self._session, todo.folder.raw)
        if self.validity != todo.validity:
            raise Transient(f"{todo.folder.name} was numbered anew while it was read; it is read again.")

    @property
    def validity(self) -> int:
        """Of the folder that is open; 0: none is."""
        return self._session.selected[2] if self._session.selected else 0

    @property
    def gmail(self) -> bool:
        """Whether it is Gmail, where folders are labels."""
        return "X-GM-EXT-1" in self._session.offers


def _is_read(mark: Mark | None) -> bool:
    return mark is not None and mark.read
