"""The sample workspace as a value: what the script comes to at one now in one zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from deskhand.agent.sample.script import Script
from deskhand.agent.sample.story import Commit, Event, Message, Person, Request, Revision


@dataclass(frozen=True, slots=True)
class Sample:
    """An invented office, laid out around a moment: what is in it depends on `now` and `zone` alone."""

    title: str
    now: datetime
    me: Person
    """The person whose workspace this is."""
    people: tuple[Person, ...]
    """Everybody in the story, its owner first; senders of newsletters and the like are not people."""
    messages: tuple[Message, ...]
    """Oldest first. Those after `now` are not delivered yet."""
    events: tuple[Event, ...]
    revisions: tuple[Revision, ...]
    """Of all documents, oldest first."""
    commits: tuple[Commit, ...]
    requests: tuple[Request, ...]

    @classmethod
    def load(cls, *, now: datetime, zone: str) -> Sample:
        """Read the script that ships with Deskhand.

        `zone` is the IANA name of the owner's zone: local times in the script are theirs.
        :raises ValueError: `now` is naive, or there is no such zone.
        """
        if now.tzinfo is None:
            raise ValueError("now must know its zone")
        try:
            place = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"there is no time zone called {zone!r}") from error
        script = Script(now, place)
        return cls(
            title=script.title,
            now=now,
            me=script.me,
            people=script.people,
            messages=script.messages,
            events=tuple(script.events.values()),
            revisions=script.revisions,
            commits=script.commits,
            requests=script.requests,
        )

    @property
    def name(self) -> str:
        return self.me.name

    @property
    def email(self) -> str:
        return self.me.email

    @property
    def zone(self) -> str:
        return self.me.zone.key

    @property
    def moments(self) -> tuple[datetime, ...]:
        """The fewest moments, oldest first, at which together every version of every document is seen.

        None is later than `now`. Whoever keeps versions by looking (a sync) should look at each.
        """
        moments: list[datetime] = []
        unseen: set[str] = set()
        previous = None
        for revision in self.revisions:
            if revision.when > self.now:
                break
            touched = {revision.path, revision.was} - {""}
            if previous is not None and unseen & touched:
                moments.append(previous)
                unseen.clear()
            unseen |= touched
            previous = revision.when
        return (*moments, previous) if previous is not None else ()

    def write(self, folder: Path, *, until: datetime | None = None) -> None:
        """Lay the workspace out in `folder` as it stood at `until` (default and latest: `now`).

        Makes `mail` (a Maildir with .Sent, .Archive and .Drafts), `calendar` (work.ics and team.ics),
        `documents` and `handbook` (a git repository). Called again with a later `until` it adds what
        happened in between, and leaves alone what others did there meanwhile, as far as the story
        does not touch the same thing.

        :raises ValueError: `until` is naive, after `now`, or before what is there already.
        :raises FileExistsError: something of these names is there that no sample has written.
        """
        from deskhand.agent.sample.build import write

        write(self, folder, until=self.now if until is None else until)
