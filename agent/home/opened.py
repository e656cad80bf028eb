"""A home while it is open: who owns it, and its parts, each made when it is first needed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from deskhand.agent.errors import InUse
from deskhand.agent.home.budget import allowance_of
from deskhand.agent.home.guests import handed, held_to_words
from deskhand.agent.home.owner import Ownership
from deskhand.agent.sources import catalogue
from deskhand.agent.sources.connections import Connections
from deskhand.config.change import CHANGEABLE
from deskhand.config.clock import Clock, clock
from deskhand.config.errors import ConfigError
from deskhand.config.paths import Home
from deskhand.config.paths import home as home_folder
from deskhand.config.settings import Settings, load
from deskhand.config.toml import parse, read_text
from deskhand.config.vault import Secrets
from deskhand.connectors._profile import Profile, kept_profile
from deskhand.connectors.archive import Archive
from deskhand.connectors.errors import Misconfigured
from deskhand.connectors.marks import marks
from deskhand.index.index import BY_WORDS, Index

if TYPE_CHECKING:
    from typing import Any, Self, TypedDict

    from deskhand.agent.budget import Allowance
    from deskhand.agent.models import Model
    from deskhand.agent.models.writing import Writer
    from deskhand.agent.planners import Planner
    from deskhand.agent.profile import Owner
    from deskhand.agent.records.keeping import Keep
    from deskhand.agent.runs.runs import Runs
    from deskhand.agent.trust.policy import Policy
    from deskhand.connectors.base import Connector, Renew
    from deskhand.connectors.model import Item
    from deskhand.index.embed import Embedder
    from deskhand.index.model import Hit, Query, Results

    class Rules(TypedDict):
        """The arguments of `Runs.describe`."""

        owner: Owner
        expire_after: timedelta
        remind_after: timedelta
        allowance: Allowance
        keep: Keep
        hold: timedelta


class Opened:
    """The parts of one home, and how long they are held."""

    _environ: Mapping[str, str]
    _secrets: Secrets
    _ticks: Callable[[], float] = staticmethod(monotonic)

    def __init__(self, home: Home, settings: Settings, ownership: Ownership, now: Clock) -> None:
        self.home, self.settings, self._ownership, self._now = home, settings, ownership, now
        self._planner: Planner | None = None
        self._writer: Writer | None = None
        self._given: Policy | None = None
        self._policy: Policy | None = None
        self._runs: Runs | None = None

    @classmethod
    def open(
        cls,
        home: Path | str | None = None,
        *,
        now: Clock | datetime | str | None = None,
        environ: Mapping[str, str] | None = None,
        planner: Planner | None = None,
        model: Model | Sequence[Model] | None = None,
        sources: Iterable[Connector] = (),
        policy: Policy | None = None,
        ticks: Callable[[], float] = monotonic,
    ) -> Self:
        """Open a home, making it if need be, and own it until `close`.

        :param home: the folder; else DESKHAND_HOME, else the system's place for a user's data.
        :param now: the clock, or one aware instant (ISO 8601 as text) it stands still at.
        :param planner: makes plans instead of the rules, and of the models in the settings. They are held to
            the person's words as a model's are: a write beyond them is asked about. A plan of the person's
            own is what `ask` takes.
        :param model: stands where the models of the settings would (several: in the order they are tried);
            it writes prose only where the settings give leave.
        :param sources: open already, beside those of the settings, for as long as this App is (`plug`).
        :param policy: the rules that writes are judged by, instead of all others: for tests of what the gate
            is worth. No setting leads here.
        :param ticks: seconds that pass while runs work, whatever `now` says.
        :raises ConfigError: the home or its config.toml cannot be used.
        :raises InUse: another process owns it.
        """
        environ = os.environ if environ is None else environ
        place = Home(home_folder(str(home) if home is not None else None, environ)).prepare()
        settings = load(place.config_file, environ=environ)
        secrets = Secrets(environ, place.root, ordinary=_is_word)
        ownership = Ownership(place.lock)
        if not ownership.take():
            raise InUse(f"Another Deskhand owns {place.root}; close it, or use its command line.", 1)
        app = cls(place, settings, ownership, clock(now))
        models = model if isinstance(model, Sequence) else () if model is None else (model,)
        plans, app._writer = handed(
            models, settings, secrets, local_only=lambda: catalogue.local_only(app.settings)
        )
        app._planner = held_to_words(planner) if planner is not None else plans
        app._given = policy
        app._environ, app._secrets = environ, secrets
        app._ticks = ticks
        try:
            for source in sources:
                app.plug(source)
            app._finish()
        except BaseException:
            app.close()  # or nobody could open the home until this process ends
            raise
        return app

    def _finish(self) -> None:
        """Finish what a process that was killed had begun to take away; before anything else is done."""

    def has_secret(self, name: str) -> bool:
        """Whether a secret of that name is kept in this home, whoever can open it."""
        try:
            return name in self._secrets.store.names()
        except ConfigError:
            return True  # the store cannot be read: what is in it is not known to be missing

    def forget_secret(self, name: str) -> None:
        """Drop a secret of this home. :raises ConfigError: there is none."""
        self._secrets.store.remove(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish what is under way and let go of the home."""
        if self._runs is not None:
            self._runs.close()
            self._runs = None
        for name in ("connections", "index", "archive"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()
        self._ownership.release()

    def plug(self, connector: Connector, *, kind: str = "memory") -> None:
        """Hand in a source that is open already, for as long as this App is."""
        self.connections.plug(connector.source, connector, kind)

    @cached_property
    def archive(self) -> Archive:
        """The truth of this home."""
        return Archive.open(self.home.archive)

    @cached_property
    def index(self) -> Index:
        """The index over the archive."""
        return Index.open(self.home.index, embedder=self._embedder)

    @cached_property
    def connections(self) -> Connections:
        """The connected sources."""
        described = catalogue.described(self.settings, self._secrets)
        at_once = {alias: source.at_once for alias, source in self.settings.sources.items()}
        return Connections(
            self.home,
            self.archive,
            described=described,
            at_once=at_once,
            meter=self._outside,
            hide=self._secrets.hide,
            whose=self._whose,
            renews=self._renews,
            local_only=lambda: catalogue.local_only(self.settings),
            anew=lambda: catalogue.described(self.settings, self._secrets),
            renewal=lambda alias: catalogue.renewal(self.settings, alias),
        )

    def _renews(self, alias: str) -> Renew | None:
        """What keeps the sign-in of a source, where it lies in the home's own store."""
        source = self.settings.sources.get(alias)
        return self._renewing(source.options if source else {})

    def _renewing(self, options: Mapping[str, Any]) -> Renew | None:
        """The same, by the options of a source."""
        kind, _, name = str(options.get("token", "")).partition(":")
        if kind != "secret":
            return None

        def renew(made: Callable[[str], str]) -> str:
            try:
                return self._secrets.renew(name, made)
            except ConfigError as error:
                raise Misconfigured(str(error)) from None

        return renew

    def _whose(self, item: Item) -> Item:
        """An item by whose words it is made of, where it says that Deskhand wrote it."""
        if not marks(item):
            return item
        from deskhand.agent.runs.reread import reread, unknown

        if self._runs is None and not (self.home.root / "runs.db").exists():
            return unknown(item)
        return reread(item, records=self.runs_room.records, archive=self.archive)

    @property
    def runs_room(self) -> Runs:
        """Everything about runs; opened when it is first needed."""
        if self._runs is None:
            from deskhand.agent.runs.runs import Runs

            settings = self.settings
            self._runs = Runs(
                self.home, self.archive, self.connections, search=self._found, now=self._now,
                hide=self._secrets.hide,
                noticed=self._read, engine=settings.engine.kind,
                engine_url=self._secrets(settings.engine.url),
                policy=lambda: self.policy, planner=self._planner, ticks=self._ticks,
                writer=self._writer,
                **self._rules(),
            )  # fmt: skip
            try:
                self._note_house()
            except BaseException:
                self._runs.close()
                self._runs = None
                raise
        return self._runs

    def _note_house(self) -> None:
        """Have the audit chain tell what is connected and what goes ahead alone, where that is news."""
        if self._runs is None:
            return
        settings = self.settings
        sources = {alias: source.model_dump(mode="json") for alias, source in settings.sources.items()}
        rules: dict[str, object] = {"rules": self.policy.whole}
        weighed = ("approvals", "sending")
        rules |= {name: getattr(settings, name).model_dump(mode="json") for name in weighed}
        # As `deskhand state set` writes them; policy and approvals are told of above, as they are in force.
        file = self.home.config_file
        if not file.exists() and self._runs.records.housed("setting", "source"):
            raise ConfigError(
                f"{file} is gone, and with it what you set: your sources, and what may go ahead alone. Put "
                "it back from a copy. If you mean to begin with nothing set, make an empty one."
            )
        said = parse(read_text(file), name=file.name)
        kept = {
            f"{section}.{name}": json.loads(json.dumps(value, default=str))  # dates, of which TOML has some
            for section in CHANGEABLE
            if section not in ("policy", *weighed)
            for name, value in said.get(section, {}).items()
        }
        self._runs.records.note_house({"source": sources, "policy": rules, "setting": kept})

    def _rules(self) -> Rules:
        """What the settings say that runs go by, and that may change while they do."""
        from deskhand.agent.records.keeping import Keep

        settings, kept = self.settings, self.settings.retention
        return {
            "owner": self.owner, "expire_after": timedelta(days=settings.approvals.expire_after_days),
            "remind_after": timedelta(hours=settings.approvals.remind_after_hours),
            "allowance": allowance_of(settings),
            "hold": settings.sending.held,
            "keep": Keep(timedelta(days=kept.checkpoints_days), timedelta(days=kept.outputs_days)),
        }  # fmt: skip

    @property
    def owner(self) -> Owner:
        """The person, as the settings say."""
        from deskhand.agent.home.people import owner_of

        return owner_of(self.settings, [told for _, told in self.profiles()])

    def profiles(self) -> list[tuple[str, Profile]]:
        """What connected accounts say of the person, by their aliases; a suggestion, as of the last sync."""
        said = [(alias, kept_profile(self.home.source(alias))) for alias in self.settings.sources]
        return [(alias, told) for alias, told in said if told is not None]

    def hide(self, text: str) -> str:
        """A text without any secret that is known here: before it is stored or shown."""
        return self._secrets.hide(text)

    @property
    def policy(self) -> Policy:
        """The rules in force: those that come with Deskhand, as the settings have them; read when it is first
        asked for."""
        if self._given is not None:
            return self._given
        if self._policy is None:
            from deskhand.agent.trust.policy import effective

            self._policy = effective(self.settings.policy.settings())
        return self._policy

    def now(self) -> datetime:
        """The time this App goes by."""
        return self._now()

    def _found(self, query: Query, *, notes: list[str] | None = None) -> Sequence[Hit]:
        results = self._once(query)
        if notes is not None:
            notes += [n for n in results.notes if n.startswith(BY_WORDS)]
        return results.hits

    def _once(self, query: Query) -> Results:
        """What the index finds, a mail in several mailboxes once."""
        from deskhand.agent.copied import found_once
        from deskhand.agent.profile import Place, account_of

        # What each can do is not asked: to look for something, no source need be opened.
        places = [
            Place(alias, s.kind, account=account_of(s.options)) for alias, s in self.settings.sources.items()
        ]
        return found_once(self.index.search, query, archive=self.archive, places=places)

    def _outside(self, source: str) -> None:
        """Count a call to a source that no run makes. Where nobody ever asked for anything, nobody counts."""
        if self._runs is not None or (self.home.root / "runs.db").exists():
            self.runs_room.account().call(source)

    def _read(self) -> None:
        self.index.read(self.archive)

    def _embedder(self) -> Embedder:
        from deskhand.index.embed import embedder

        return embedder(self.settings.embedding.model, models=self.home.models)

    def reload(self) -> None:
        """Go by what config.toml says now."""
        self.settings = load(self.home.config_file, environ=self._environ)
        self._policy = None
        if self._runs is not None:
            self._runs.describe(**self._rules())
            self._note_house()
        if "connections" in self.__dict__:
            # In place: runs under way, a clock and whoever serves go on with the same objects.
            self.connections.describe(catalogue.described(self.settings, self._secrets))


def _is_word(text: str) -> bool:
    """See `is_word`; loaded when a password may be one."""
    from deskhand.index.chunk import is_word

    return is_word(text)
