"""`deskhand demo`: the three uses on the sample workspace, in a temporary home, without account or network.

Everything shown really happens: the workspace is written to disk as it stood at several moments, each is
synced, and the requests go the way any request goes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskhand.agent.app import App
from deskhand.agent.demo.walking import Walking
from deskhand.agent.errors import Refusal
from deskhand.agent.terminal.output import Screen
from deskhand.config.clock import clock
from deskhand.config.edit import set_person
from deskhand.config.paths import Home

if TYPE_CHECKING:
    from deskhand.agent.sample import Sample
    from deskhand.agent.sample.servers import Running

ZONE = "Europe/Lisbon"
_PASSWORD = "DESKHAND_DEMO_PASSWORD"  # noqa: S105  the name of a variable
_GOOGLE = "DESKHAND_DEMO_GOOGLE"


def walk(screen: Screen, *, keep: Path | None, now: str = "", servers: bool = False) -> dict[str, Any]:
    """Walk through the demo; returns what was done, for `--json`.

    :param keep: a folder for the workspace and the home, which stay; else both are temporary.
    :param servers: mail and calendar lie on real servers, started for it on this machine.
    :raises Refusal: the folder is there already, or a server cannot be started.
    """
    from deskhand.agent.sample import Sample

    moment = clock(now)()
    sample = Sample.load(now=moment, zone=ZONE)
    screen.zone = ZONE
    with folder_of(keep) as folder, _servers(folder, sample) if servers else nullcontext() as running:
        return _Walk(screen, sample, folder, moment, kept=keep is not None, servers=running).go()


class _Walk(Walking):
    def __init__(
        self, screen: Screen, sample: Sample, folder: Path, now: datetime, *,
        kept: bool, servers: Running | None,
    ) -> None:  # fmt: skip
        super().__init__(screen)
        self.sample, self.folder, self.now, self.kept = sample, folder, now, kept
        self.servers = servers
        self.moment = now

    def go(self) -> dict[str, Any]:
        sample, say = self.sample, self.say
        say(f"Deskhand, on a sample workspace: {sample.title}.", "bold")
        say(f"You are {sample.name} <{sample.email}>, in {sample.zone}; it is {self.when(self.now)}.")
        wanted = {r.use: r.text for r in reversed(sample.requests)}
        with self._app("home", {_PASSWORD: self.servers.password} if self.servers else {}) as app:
            self._sync(app)
            self.ask(app, "Summarise a thread", wanted["summary"])
            self.ask(app, "Book a meeting, after your yes", wanted["meeting"])
            self.ask(app, "What changed in a document", wanted["changes"])
            self.ask(app, "Answer from your own documents, with the source", wanted["answer"])
            self.ask(app, "Schedule a digest", wanted["schedule"])
            self.title("And that digest, now")
            self.tell(app.schedule_run(app.schedules()[0].name))
        if self.servers:
            self._at_google(wanted)
        self._end()
        return {"workspace": str(self.folder) if self.kept else None, "steps": self.steps}

    @contextmanager
    def _app(self, name: str, variables: Mapping[str, str]) -> Iterator[App]:
        sample, home = self.sample, Home(self.folder / name).prepare()
        set_person(home.config_file, name=sample.name, email=sample.email, zone=sample.zone)
        # The clock stands, and nobody who looks on takes a mail back.
        environ = {**os.environ, "DESKHAND_SENDING__HOLD": "0s", **variables}
        with App.open(home.root, now=lambda: self.moment, environ=environ) as app:
            yield app

    def _at_google(self, wanted: Mapping[str, str]) -> None:
        """Two of the uses once more, where a Google can be played here."""
        from deskhand.agent.sample.google import KINDS, playing, program

        if program() is None:
            return
        self.title("The same at Google, which myworld plays on this machine")
        with playing(self.sample) as google, self._app("home-google", {_GOOGLE: google.token}) as app:
            for kind in KINDS:
                options = {**google.options(kind), "token": f"env:{_GOOGLE}"}
                app.add(kind, self.sample.email, alias=kind, options=options)
            with self.screen.progress() as bars:
                app.sync(**bars)
            counts = app.archive.counts()
            self.say(f"  {counts['items']} items and {counts['threads']} threads by Google's APIs.")
            self.steps.append({"step": "sync at Google", **counts})
            self.ask(app, "Summarise a thread", wanted["summary"])
            self.ask(app, "Book a meeting, after your yes", wanted["meeting"])

    def _sync(self, app: App) -> None:
        self.title("Sync mail, calendar and documents, with their versions")
        workspace = self.folder / "workspace"
        total = 0
        for moment in self.sample.moments:
            self.moment = moment
            self._write(workspace, moment)
            if not app.settings.sources:
                self._connect(app, workspace)
            with self.screen.progress() as bars:
                done = app.sync(**bars)
            t = done.tally
            total += done.embedded
            parts = [
                f"{n} {what}"
                for n, what in (
                    (t.added, "new"),
                    (t.changed, "changed"),
                    (t.moved, "renamed"),
                    (t.removed, "removed"),
                )
                if n
            ]
            self.say(f"  {self.when(moment)}: {', '.join(parts)}")
        self._write(workspace, self.now)
        self.moment = self.now
        app.sync()
        counts = app.archive.counts()
        self.say(
            f"  {counts['items']} items in {counts['versions']} versions, {counts['threads']} mail threads; "
            f"{total} passages indexed for search by words and by meaning."
        )
        self.steps.append({"step": "sync", **counts})

    def _write(self, workspace: Path, moment: datetime) -> None:
        self.sample.write(workspace, until=moment)
        if self.servers:
            self.servers.carry()

    def _connect(self, app: App, workspace: Path) -> None:
        if self.servers:
            mail, calendar = dict(self.servers.mail), dict(self.servers.calendar)
            for kind, alias, options in (("imap", "mail", mail), ("caldav", "calendar", calendar)):
                place, by = options.pop("place"), {**options, "password": f"env:{_PASSWORD}"}
                app.add(kind, place, alias=alias, options=by)
            self.say(
                f"  Mail on Dovecot at port {mail['port']}, sent by SMTP; calendars on Radicale, {place}"
            )
        else:
            outbox = self.folder / "outbox"
            outbox.mkdir(exist_ok=True)
            app.add("maildir", str(workspace / "mail"), options={"outbox": str(outbox)})
            app.add("ics", str(workspace / "calendar"))
        app.add("files", str(workspace / "documents"))
        app.add("files", str(workspace / "handbook"), alias="handbook")

    def _end(self) -> None:
        if self.servers:
            taken = sorted(self.servers.sent.glob("*.eml"))
            self.say()
            self.say(f"The server for outgoing mail has taken {len(taken)} messages.", "dim")
            self.steps.append({"step": "servers", "sent": len(taken)})
        self.title("Now with your own")
        if self.kept:
            ended = "; the servers end now" if self.servers else ""
            self.say(f"The workspace and its home stay in {self.folder}{ended}.")
        self.say('  deskhand init --name "Your Name" --email you@example.org --zone Europe/Lisbon')
        self.say("  deskhand add imap you@example.org  (or: add maildir ~/Mail, add mbox FILE)")
        self.say(
            "  deskhand add files ~/Documents     (or: add caldav https://cloud.example.org/, add ics FILE)"
        )
        self.say("  deskhand sync")
        self.say('  deskhand ask "what is on my calendar tomorrow"')


@contextmanager
def _servers(folder: Path, sample: Sample) -> Iterator[Running]:
    from deskhand.agent.sample.servers import CannotStart, running

    if os.geteuid() == 0:
        folder.chmod(0o711)  # Dovecot reads no mail as root, and whoever it reads as has to come in
    sample.write(folder / "workspace", until=sample.moments[0])
    try:
        with running(folder / "servers", folder / "workspace", owner=sample.email) as servers:
            yield servers
    except CannotStart as error:
        raise Refusal(str(error), 2) from None


@contextmanager
def folder_of(keep: Path | None) -> Iterator[Path]:
    """The folder that was named, or one for as long as the block. :raises Refusal: it is not empty."""
    if keep is not None:
        if keep.exists() and any(keep.iterdir()):
            raise Refusal(f"{keep} is not empty; choose a new folder.")
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    folder = Path(tempfile.mkdtemp(prefix="deskhand-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
