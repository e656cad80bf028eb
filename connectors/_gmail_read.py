"""Reads a Gmail mailbox: a pass that asks for what changed, and single messages.

The first pass lists all ids and fetches the messages, newest first. What is still to be fetched stands in
the cursor with the history id of before the listing, so that a pass that was cut off goes on at its last
page, and nothing that happened meanwhile is missed. When Gmail no longer knows what happened since (404), ids
and labels are listed and compared with what is known; only what differs is fetched.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from hashlib import sha256
from urllib.parse import quote

from deskhand.connectors._gmail_mailbox import Letter, Mailbox
from deskhand.connectors._google import BATCH
from deskhand.connectors._google_errors import Refused
from deskhand.connectors._mail_scope import Scope, fits
from deskhand.connectors._message import Found, address, items
from deskhand.connectors._text import Reader
from deskhand.connectors.errors import Missing, Transient
from deskhand.connectors.model import Change, Cursor, Failed, Item, ItemRef, Removed

PAGE = 200
"""Messages after which a cursor comes, at least: what is lost of a pass that is cut off."""
TOGETHER = 4
"""Messages that are asked for at once, where they are asked for alone."""
_Got = Letter | Refused | None
"""What comes of a message; None: it is not there."""


@dataclass(slots=True)
class _Known:
    """What a cursor says."""

    state: str = ""
    """The history id up to which everything is either done or in `todo`."""
    marks: dict[str, str] = field(default_factory=dict[str, str])
    """By message: how many attachments it has, and what its labels were (`_mark`)."""
    todo: tuple[str, ...] = ()
    chosen: str = ""
    """What was chosen to be read (`_mark_of`)."""

    @classmethod
    def of(cls, since: Cursor | None) -> _Known:
        if since is None or not since.value:
            return cls()
        said = json.loads(since.value)
        return cls(
            str(said["history"]), dict(said["known"]), tuple(said["todo"]), str(said.get("chosen", ""))
        )

    def text(self, todo: Sequence[str]) -> str:
        said = {"history": self.state, "known": self.marks, "todo": [*todo], "chosen": self.chosen}
        return json.dumps(said, sort_keys=True, separators=(",", ":"))

    def attached(self, id_: str) -> int:
        return int(self.marks.get(id_, "0").partition("~")[0] or 0)


class Reading:
    """The reading half of a Gmail source."""

    def __init__(self, source: str, mailbox: Mailbox, *, owner: str, scope: Scope, reader: Reader) -> None:
        """:param owner: the account's address, lower case: its own words are trusted where only it writes."""
        self.source = source
        self._mailbox, self._owner, self._scope, self._reader = mailbox, owner, scope, reader

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        """See `Connector.changes`."""
        known = _Known.of(since)
        todo, gone = self._due(known)
        expected = len(todo) + len(gone)
        done = paged = 0
        page = max(PAGE, expected // 100)
        for id_ in gone:
            yield from self._gone(known, id_)
            done += 1
        left, late = deque(todo), list[str]()
        for id_, got in self._fetched(todo):
            if isinstance(got, Transient):  # this one alone: it is asked for again in the next pass
                yield Failed(self._ref(id_), str(got))
                late.append(id_)
            else:
                yield from self._told(known, id_, got)
            left.popleft()
            done += 1
            if done - paged >= page and left:
                paged = done
                yield Cursor(known.text([*left, *late]), done, expected)
        yield Cursor(known.text(late), expected, expected)

    def read(self, ref: ItemRef) -> Item | None:
        """See `Connector.read`."""
        id_, number = address(ref)
        letter = self._mailbox.get(id_) if id_ else None
        if letter is None or not letter.data.strip():
            return None
        read = self._items(letter, only=number)
        return read[0] if read else None

    def _reads(self, names: Sequence[str], arrived: datetime | None) -> bool:
        """Whether a message with labels of these names is read: usually all but spam."""
        if "SPAM" in names and not fits(["SPAM"], self._scope.only):
            return False
        since = self._scope.since
        late = since is None or arrived is None or arrived >= _midnight(since)
        return late and self._scope.wants(*names, usual=True)

    # ------------------------------------------------------------------ what there is to do

    def _due(self, known: _Known) -> tuple[list[str], list[str]]:
        """What is to be fetched, newest first, and what is gone; `known` is at the new state then."""
        if known.state and known.chosen == _mark_of(self._scope):
            try:
                told = self._mailbox.since(known.state)
            except Missing:
                pass  # too long ago: everything is compared
            else:
                known.state = told.state
                new = {*told.touched, *told.gone}
                return [*told.touched, *(i for i in known.todo if i not in new)], [*told.gone]
        _, state = (
            self._mailbox.profile()
        )  # before the listing: what happens meanwhile is told by the history
        listed = self._listed()
        changed = set(listed)
        if known.marks:
            labels = self._labelled(listed)
            changed = {i for i in listed if known.marks.get(i, "").partition("~")[2] != labels[i]}
        gone = [i for i in known.marks if i not in listed]
        known.state, known.chosen = state, _mark_of(self._scope)
        return [i for i in listed if i in changed], gone

    def _listed(self) -> dict[str, None]:
        """The ids of all that is read, the newest first."""
        after = f"after:{int(_midnight(self._scope.since).timestamp())}" if self._scope.since else ""
        names = self._mailbox.labels(anew=True)
        if not self._scope.only:
            found = dict.fromkeys(self._mailbox.ids(query=after))
        else:
            wanted = [i for i, name in names.items() if fits([name], self._scope.only)]
            found = {id_: None for label in wanted for id_ in self._mailbox.ids(label=label, query=after)}
        left_out = [i for i, n in names.items() if fits([n], self._scope.without)]
        if not fits(["SPAM"], self._scope.only):
            left_out.append("SPAM")
        for label in left_out:
            for id_ in self._mailbox.ids(label=label):
                found.pop(id_, None)
        return found

    def _labelled(self, listed: dict[str, None]) -> dict[str, str]:
        """What the labels of these messages are, as `_state` has it: one list for each label."""
        have: dict[str, set[str]] = {id_: set() for id_ in listed}
        for label in self._mailbox.labels():
            for id_ in self._mailbox.ids(label=label):
                if id_ in have:
                    have[id_].add(label)
        return {id_: _state(labels) for id_, labels in have.items()}

    # ------------------------------------------------------------------ reading it

    def _fetched(self, ids: Sequence[str]) -> Iterator[tuple[str, _Got | Transient]]:
        """These messages in their order: fifty by one request, and while those are told, the next fifty."""
        some = [ids[n : n + BATCH] for n in range(0, len(ids), BATCH)]
        with ThreadPoolExecutor(TOGETHER, thread_name_prefix="deskhand-gmail") as pool:
            coming = pool.submit(self._mailbox.get_all, some[0]) if some else None
            for n, group in enumerate(some):
                told = coming.result() if coming is not None else {}
                coming = pool.submit(self._mailbox.get_all, some[n + 1]) if n + 1 < len(some) else None
                yield from self._with_the_rest(pool, group, told)

    def _with_the_rest(
        self, pool: Executor, ids: Sequence[str], told: dict[str, _Got]
    ) -> Iterator[tuple[str, _Got | Transient]]:
        """These messages in their order; what was not told, a few are on their way of at any time."""
        left = deque(id_ for id_ in ids if id_ not in told)
        ahead: deque[Future[_Got | Transient]] = deque()
        try:
            for id_ in ids:
                if id_ in told:
                    yield id_, told.pop(id_)
                    continue
                while left and len(ahead) <= TOGETHER:
                    ahead.append(pool.submit(self._asked, left.popleft()))
                yield id_, ahead.popleft().result()
        finally:
            for waits in ahead:
                waits.cancel()

    def _asked(self, id_: str) -> _Got | Transient:
        """A message, or what is to be said of it. :raises Transient: nothing comes just now."""
        try:
            return self._mailbox.get(id_)
        except Refused as refused:
            return refused
        except Transient as error:
            self._mailbox.profile()
            return error

    def _told(self, known: _Known, id_: str, got: _Got) -> Iterator[Change]:
        """A message's items; what is known is brought up to date with them."""
        if got is None:
            yield from self._gone(known, id_)
            return
        if isinstance(got, Refused):
            yield Failed(self._ref(id_), str(got))
            known.marks[id_] = f"{known.attached(id_)}~"
            return
        if not self._reads(self._mailbox.names(got.labels), got.arrived):
            yield from self._gone(known, id_)
            return
        before = known.attached(id_)
        if reason := self._unreadable(got):
            yield Failed(self._ref(id_), reason)
            known.marks[id_] = f"{before}~{_state(got.labels)}"
            return
        read = self._items(got)
        yield from read
        yield from self._removed(id_, len(read), before)
        known.marks[id_] = f"{len(read) - 1}~{_state(got.labels)}"

    def _unreadable(self, letter: Letter) -> str:
        if len(letter.data) > self._scope.size:
            size = len(letter.data) / 1e6
            return f"It has {size:.1f} MB; up to {self._scope.size / 1e6:g} MB are read (option max_size)."
        return "" if letter.data.strip() else "It is empty."

    def _gone(self, known: _Known, id_: str) -> Iterator[Removed]:
        if id_ in known.marks:
            yield Removed(self._ref(id_))
            yield from self._removed(id_, 1, known.attached(id_))
            del known.marks[id_]

    def _removed(self, id_: str, first: int, last: int) -> Iterator[Removed]:
        for number in range(first, last + 1):
            yield Removed(ItemRef(self.source, "attachment", f"{id_}#{number}"))

    def _items(self, letter: Letter, *, only: int | None = None) -> list[Item]:
        sent = "SENT" in letter.labels
        found = Found(
            self._ref(letter.id), self._mailbox.folder(letter.labels), letter.arrived, letter.flags,
            self._owner if sent or "DRAFT" in letter.labels else "", sent,
        )  # fmt: skip
        more = {"labels": self._mailbox.names(letter.labels), "thread": letter.thread}
        link = f"https://mail.google.com/mail/?authuser={quote(self._owner)}#all/{letter.id}"
        return [
            replace(item, data={**item.data, **more}, link=link) if item.ref.kind == "message" else item
            for item in items(letter.data, found, reader=self._reader, only=only)
        ]

    def _ref(self, id_: str) -> ItemRef:
        return ItemRef(self.source, "message", id_)


def _state(labels: Sequence[str] | set[str] | frozenset[str]) -> str:
    """Labels in a few characters."""
    return sha256("\0".join(sorted(labels)).encode()).hexdigest()[:8]


def _mark_of(scope: Scope) -> str:
    """The choice in a few characters; "" where all is read."""
    choice = ("|".join(scope.only), "|".join(scope.without), str(scope.since or ""))
    return sha256("\0".join(choice).encode()).hexdigest()[:8] if any(choice) else ""


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
