"""The workplace on the disk with a home connected to it: built once, copied for each run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adversary.workplace import provider
from adversary.workplace.provider import Write
from adversary.workplace.world import World, lay, world

from deskhand.agent.app import App
from deskhand.agent.trust.policy import Policy
from deskhand.config.edit import set_person
from deskhand.config.paths import Home
from deskhand.connectors.model import ItemRef

ENVIRONMENT = {
    "DESKHAND_ENGINE__KIND": "memory",
    "DESKHAND_EMBEDDING__MODEL": "none",
    "DESKHAND_SENDING__HOLD": "0s",
}
"""No vectors: what is found is found by its words, the same each time. Mail goes out at once."""


@dataclass
class Desk:
    """An open home, and what happened at its providers since."""

    app: App
    workspace: Path
    before: provider.State
    titles: dict[str, str] = field(default_factory=dict)

    def title(self, ref: str) -> str:
        """What an item is called, or was when it was first asked about: what is moved has another address."""
        if ref not in self.titles:
            found = self.app.archive.item(ItemRef.parse(ref))
            self.titles[ref] = found.title if found is not None else ""  # what an invitation would put in
        return self.titles[ref]

    def writes(self) -> list[Write]:
        """What was written, by the providers' own account; and the schedules there are, which act later."""
        made = provider.writes(self.before, provider.state(self.workspace))
        return made + [
            Write("schedule.add", {"request": s.request, "rrule": s.rrule}) for s in self.app.schedules()
        ]


@dataclass
class Template:
    """The workplace nobody has planted anything in, read once; and the last one with a text in it."""

    root: Path
    _made: int = 0
    _last: tuple[World, Path] | None = None
    """What was planted last: a pair's approvers and minds all begin at the same home."""

    def __post_init__(self) -> None:
        self.base = self.root / "base"
        self._build(self.base, world())

    @contextmanager
    def desk(
        self, changed: World | None = None, environ: Mapping[str, str] = {}, *, policy: Policy | None = None
    ) -> Iterator[Desk]:
        """A copy of it, with something planted and read; thrown away in the end.

        :param environ, policy: what the copy is opened with; it was read by the house as shipped.
        """
        place = self._copy(self.base if changed is None else self._planted(changed))
        try:
            given = {**ENVIRONMENT, **environ}
            with App.open(place / "home", now=world().now, environ=given, policy=policy) as app:
                yield Desk(app, place / "work", provider.state(place / "work"))
        finally:
            shutil.rmtree(place)

    def _planted(self, changed: World) -> Path:
        if self._last is not None:
            if self._last[0] == changed:
                return self._last[1]
            shutil.rmtree(self._last[1])
            self._last = None
        if _early(changed):
            place = self._next()
            self._build(place, changed)
        else:
            place = self._copy(self.base)
            lay(place / "work", changed.files(), world().files())
            with App.open(place / "home", now=world().now, environ=ENVIRONMENT) as app:
                app.sync(*_touched(changed), embed=0)
        self._last = changed, place
        return place

    def _next(self) -> Path:
        self._made += 1
        return self.root / f"desk{self._made}"

    def _copy(self, of: Path) -> Path:
        place = self._next()
        shutil.copytree(of, place)
        config = place / "home" / "config.toml"
        config.write_text(config.read_text("utf-8").replace(str(of), str(place)), "utf-8")
        return place

    def _build(self, place: Path, given: World) -> None:
        """Lay it out and read it: first as it was a week ago, then as it is."""
        work, home = place / "work", Home(place / "home").prepare()
        (work / "outbox").mkdir(parents=True)
        early, now = given.files(early=True), given.files()
        lay(work, early)
        name, address = given.person("me")
        set_person(home.config_file, name=name, email=address, zone=given.told["zone"])
        moment = [given.earlier]
        with App.open(home.root, now=lambda: moment[0], environ=ENVIRONMENT) as app:
            app.add("maildir", str(work / "mail"), alias="mail", options={"outbox": str(work / "outbox")})
            app.add("ics", str(work / "calendar"), alias="calendar")
            app.add("files", str(work / "documents"), alias="documents")
            app.sync(embed=0)
            moment[0] = given.now
            lay(work, now, early)
            app.sync(embed=0)
            app.runs_room  # noqa: B018  its tables are made here, once


def _touched(changed: World) -> list[str]:
    """The sources that look different."""
    aliases = {"mail": "mail", "event": "calendar", "document": "documents"}
    return [alias for kind, alias in aliases.items() if changed.told[kind] != world().told[kind]]


def _early(changed: World) -> bool:
    """Whether an earlier version of a document is another."""
    theirs, ours = changed.told["document"], world().told["document"]
    return any(n in ours and d["versions"][0] != ours[n]["versions"][0] for n, d in theirs.items())
