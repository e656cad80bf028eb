"""Reads `workspace.toml` against a now and a zone: every date, also in its texts, resolved."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.agent.sample._dates import Dates
from deskhand.agent.sample.story import Change, Commit, Event, Message, Person, Request, Revision

_RULES = {
    "weekday": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "week": "FREQ=WEEKLY",
    "two weeks": "FREQ=WEEKLY;INTERVAL=2",
    "month": "FREQ=MONTHLY",
}
_LONG_AGO = "week -12 Mon 09:00"
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Script:
    """The script's tables as values. A key or person it should not know is an error."""

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        text = files(__package__).joinpath("workspace.toml").read_text("utf-8")
        self._script: Mapping[str, Any] = tomllib.loads(text)
        self._dates = Dates(now, zone)
        self.me = self._person("me", self._script["me"])
        people = [self._person(key, table) for key, table in self._script["people"].items()]
        self.people = (self.me, *people)
        senders = [self._person(key, table) for key, table in self._script["senders"].items()]
        self._who = {p.key: p for p in (*self.people, *senders)}

    @property
    def title(self) -> str:
        return str(self._script["title"])

    @property
    def requests(self) -> tuple[Request, ...]:
        return tuple(Request(**request) for request in self._script["request"])

    @cached_property
    def revisions(self) -> tuple[Revision, ...]:
        """Of all documents, oldest first."""
        every = (r for table in self._script["document"] for r in self._document(**table))
        return tuple(sorted(every, key=lambda r: r.when))

    @cached_property
    def events(self) -> dict[str, Event]:
        """By their key."""
        return {e.key: e for e in (self._event(**table) for table in self._script["event"])}

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """Of all threads, oldest first."""
        every = (m for n, table in enumerate(self._script["thread"], 1) for m in self._thread(n, **table))
        return tuple(sorted(every, key=lambda m: m.when))

    @cached_property
    def commits(self) -> tuple[Commit, ...]:
        """Of the handbook, oldest first."""
        return tuple(self._handbook(self._script["commit"]))

    def _person(self, key: str, table: Mapping[str, str]) -> Person:
        texts = dict(table)
        zone = texts.pop("zone", "")
        return Person(key=key, zone=ZoneInfo(zone) if zone else self._dates.zone, **texts)

    def _document(self, *, path: str, revision: Sequence[Mapping[str, Any]]) -> Iterator[Revision]:
        text: str | None = None
        for table in revision:
            left = set(table) - {"when", "by", "text", "edit", "rename", "removed"}
            if left:
                raise ValueError(f"{path}: {', '.join(sorted(left))} means nothing in a revision")
            was = ""
            if "rename" in table:
                was, path = path, table["rename"]
            text = (
                None
                if table.get("removed")
                else table.get("text") or _edit(text or "", table.get("edit", []))
            )
            yield Revision(
                path=self._dates.render(path),
                when=self._dates.moment(table["when"]),
                author=self._who[table["by"]],
                text=None if text is None else self._dates.render(text),
                was=self._dates.render(was),
            )

    def _event(
        self,
        *,
        key: str,
        title: str,
        at: str,
        length: str,
        calendar: str = "work",
        by: str = "me",
        people: Sequence[str] = (),
        zone: str = "",
        every: str = "",
        made: str = _LONG_AGO,
        place: str = "",
        notes: str = "",
        tentative: bool = False,
        free: bool = False,
        change: Sequence[Mapping[str, str]] = (),
    ) -> Event:
        local = ZoneInfo(zone) if zone else None
        span = timedelta(**{_UNITS[length[-1]]: int(length[:-1])})
        attendees = {by: "ACCEPTED"}
        for entry in people:
            who, _, answer = entry.partition(":")
            attendees[who] = (answer or "accepted").upper().replace("UNANSWERED", "NEEDS-ACTION")
        start = self._dates.day(at) if length.endswith("d") else self._dates.moment(at, local)
        changes = [
            Change(
                of=self._dates.moment(c["of"], local),
                to=self._dates.moment(c["to"], local) if "to" in c else None,
                when=self._dates.moment(c["when"]),
            )
            for c in change
        ]
        return Event(
            key=key,
            calendar=calendar,
            title=title,
            start=start,
            length=span,
            organizer=self._who[by],
            attendees=tuple((self._who[who], answer) for who, answer in attendees.items()),
            created=self._dates.moment(made),
            place=place,
            notes=self._dates.render(notes).strip(),
            rule=_RULES[every] if every else "",
            tentative=tentative,
            free=free,
            changes=tuple(changes),
        )

    def _thread(self, thread: int, *, subject: str, message: Sequence[Mapping[str, Any]]) -> list[Message]:
        said: list[Message] = []
        for table in message:
            number = f"{thread:02d}{len(said) + 1:02d}"
            said.append(self._message(number, self._dates.render(subject), said, **table))
        return said

    def _message(
        self,
        number: str,
        subject: str,
        before: Sequence[Message],
        *,
        by: str,
        when: str,
        text: str,
        to: Sequence[str] = ("me",),
        cc: Sequence[str] = (),
        answers: int | None = None,
        attach: Sequence[str] = (),
        invite: str = "",
        folder: str = "",
        **rest: Any,
    ) -> Message:
        sender, at = self._who[by], self._dates.moment(when)
        outlook = "Outlook" in sender.program
        # By default a message answers the one before it in its thread; 0 means none.
        index = len(before) if answers is None else answers
        answered = before[index - 1] if index else None
        seconds = int(at.astimezone(UTC).timestamp())
        return Message(
            id=f"<{seconds:x}.{number}@{sender.email.partition('@')[2]}>",
            sender=sender,
            to=tuple(self._who[w] for w in to),
            cc=tuple(self._who[w] for w in cc),
            when=at,
            subject=f"{'RE' if outlook else 'Re'}: {subject}" if answered else subject,
            text=self._dates.render(text).strip(),
            folder=folder or ("Sent" if by == "me" else ""),
            quote=rest.pop("quote", "outlook" if outlook else "top"),
            answers=answered,
            references=(*answered.references, answered.id) if answered else (),
            attachments=tuple(_as_it_stood(self.revisions, self._dates.render(path), at) for path in attach),
            invite=self.events[invite] if invite else None,
            **rest,
        )

    def _handbook(self, commits: Iterable[Mapping[str, Any]]) -> Iterator[Commit]:
        tree: dict[str, str] = {}
        for table in commits:
            left = set(table) - {"when", "by", "message", "write", "edit", "rename"}
            if left:
                raise ValueError(f"{', '.join(sorted(left))} means nothing in a commit")
            for old, new in table.get("rename", {}).items():
                tree[new] = tree.pop(old)
            tree |= table.get("write", {})
            for path, edits in table.get("edit", {}).items():
                tree[path] = _edit(tree[path], edits)
            yield Commit(
                when=self._dates.moment(table["when"]),
                author=self._who[table["by"]],
                message=self._dates.render(table["message"]).strip() + "\n",
                files={path: self._dates.render(text) for path, text in sorted(tree.items())},
            )


def _edit(text: str, edits: Iterable[Sequence[str]]) -> str:
    """Replace each passage, which must be there exactly once: a slip in the script shows at once."""
    for old, new in edits:
        if text.count(old) != 1:
            raise ValueError(f"to be edited, but there {text.count(old)} times: {old!r}")
        text = text.replace(old, new)
    return text


def _as_it_stood(revisions: Sequence[Revision], path: str, at: datetime) -> Revision:
    there = [r for r in revisions if r.path == path and r.when <= at and r.text is not None]
    if not there:
        raise ValueError(f"{path} is attached on {at:%d %b}, before it is written")
    return there[-1]
