"""The connected sources of a home: opened when needed, synced into the archive, closed in the end."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from deskhand.agent.profile import Place, account_of
from deskhand.agent.sources.gates import Gate
from deskhand.agent.sources.metered import Meter, Metered, Whose, as_labelled, free
from deskhand.agent.sources.passes import Passes
from deskhand.agent.sources.turns import Turns
from deskhand.agent.wording.hiding import hiding
from deskhand.connectors import connect, holds, is_local
from deskhand.connectors._chosen import Chosen, is_marked
from deskhand.connectors.archive import Archive, SourceState
from deskhand.connectors.base import Checked, Connector, Renew
from deskhand.connectors.errors import Misconfigured, SourceError
from deskhand.connectors.model import FreeBusy, Item, Receipt, Removed, merged
from deskhand.connectors.sync import Pass, Progress

if TYPE_CHECKING:
    from deskhand.config.paths import Home

OUTPUTS = "digests"
"""Alias of the folder in the home that digests are written to. Ours: never synced."""


@dataclass(frozen=True, slots=True)
class Unfound:
    """Stands in the options of a source for a secret that is not where it should be."""

    said: str


class Connections:
    """Opens each source once, from what the settings say of it."""

    def __init__(
        self,
        home: Home,
        archive: Archive,
        *,
        described: Mapping[str, tuple[str, Mapping[str, Any]]],
        at_once: Mapping[str, int] = {},
        meter: Meter = free,
        hide: Callable[[str], str] = str,
        gate: Callable[[str, int], Gate] = Gate,
        turns: Callable[[], Turns] = Turns,
        whose: Whose = as_labelled,
        renews: Callable[[str], Renew | None] = lambda _: None,
        draw: Callable[[], float] = random.random,
        local_only: Callable[[], frozenset[str]] = frozenset,
        anew: Callable[[], Mapping[str, tuple[str, Mapping[str, Any]]]] | None = None,
        renewal: Callable[[str], str] = lambda _: "",
    ) -> None:
        """:param described: kind and options of each source, by alias.
        :param at_once: so many calls to a source may be under way together; one, where nothing is said:
            no connector promises to be safe for several threads.
        :param meter: told of each call that nobody else answers for.
        :param hide: takes secrets out of what sources say.
        :param gate: made for a source and so many calls at once.
        :param turns: made for a source: who may pass over it.
        :param whose: labels what Deskhand itself wrote by whose words it is made of.
        :param renews: what keeps a new sign-in of a source in the place of the old one, by alias.
        :param local_only: aliases of sources of which nothing goes to a model on another machine.
        :param anew: `described` as it is by now: a source that lets nobody in may have another secret.
        :param renewal: how they are changed, by alias; a sentence, or "".
        :param draw: numbers in [0, 1): how long a source that fails again and again is left alone.
        """
        self._home, self._archive = home, archive
        self._described = dict(described)
        self._plugged: set[str] = set()
        self._open: dict[str, Connector] = {}
        self._retired: list[Connector] = []
        self._lock = threading.RLock()
        self._meter, self._at_once, self._hide = meter, dict(at_once), hide
        self._gate, self._gates = gate, dict[str, Gate]()
        self._passes = Passes(
            archive, begin=self._begin, where=self._where, local=self._is_local, turns=turns, draw=draw
        )
        self._whose, self._renews = whose, renews
        self.local_only = local_only
        self._anew, self._renewal, self._refused = anew, renewal, set[str]()

    @property
    def aliases(self) -> list[str]:
        """The sources, in the order they were added."""
        return list(self._described)

    def kind(self, alias: str) -> str:
        """What kind of source it is."""
        return self._described[alias][0]

    def _where(self, alias: str) -> str:
        """Who answers for a source: the host it is at, as far as the settings say."""
        kind, options = self._described.get(alias, ("", {}))
        place = str(options.get("place") or "")
        host = str(options.get("host") or "") or (urlsplit(place).hostname or "" if "://" in place else "")
        return host or ("" if is_local(kind) else place.rpartition("@")[2]) or alias

    def _place(self, alias: str) -> str:
        return str(self._described[alias][1].get("place", ""))

    def describe(self, described: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
        """Go by new settings. What did not change stays open, and so does what was plugged in."""
        with self._lock:
            kept = {a: self._described[a] for a in self._plugged if a not in described}
            before, self._described = self._described, {**described, **kept}
            self._plugged &= set(kept)
            for alias in [a for a in self._open if a != OUTPUTS and before.get(a) != self._described.get(a)]:
                # A pass, or an effect, may be in the middle of it: it is closed with the rest, in the end.
                self._retired.append(self._open.pop(alias))

    def plug(self, alias: str, connector: Connector, kind: str = "memory") -> None:
        """Hand in a source that is open already: how tests and other programs bring their own."""
        with self._lock:
            self._described[alias] = (kind, {})
            self._plugged.add(alias)
            self._open[alias] = connector
            self._archive.register(alias, kind)

    def connector(self, alias: str) -> Connector:
        """The source of this alias, opened. :raises Misconfigured: there is none, or it cannot be opened."""
        with self._lock:
            if alias in self._refused and self._anew is not None:
                self._refused.discard(alias)
                self.describe(self._anew())
            if alias not in self._open:
                self._open[alias] = self._connect(alias)
            return self._open[alias]

    def _let_in_no_more(self, alias: str) -> str:
        self._refused.add(alias)
        return self._renewal(alias)

    def metered(self, alias: str, meter: Meter | None = None) -> Metered:
        """The source of this alias, every call to it counted. :raises Misconfigured: as `connector`.

        Where a call to it hangs, that one keeps its connection to itself, and all others get a new one.
        """
        with self._lock:
            if alias in self._gates and self._gates[alias].hangs:
                del self._gates[alias]
                if alias not in self._plugged and alias in self._open:
                    self._retired.append(self._open.pop(alias))
            connector = self.connector(alias)
            if alias not in self._gates:
                self._gates[alias] = self._gate(alias, self._at_once.get(alias, 1))
            return Metered(
                connector, meter or self._meter, self._gates[alias], self._hide, self._whose,
                partial(self._let_in_no_more, alias),
            )  # fmt: skip

    def problem(self, alias: str) -> str:
        """Why a source cannot be opened as its settings are, in a sentence; "" where nothing is known to be
        in the way. It is not opened for that."""
        _, options = self._described.get(alias, ("", {}))  # of one that is only kept nothing is in the way
        missing = [v.said for v in options.values() if isinstance(v, Unfound)]
        return " ".join(dict.fromkeys(missing))

    def places(self) -> list[Place]:
        """Every source and what it can do now; one that cannot be opened can do nothing."""
        found = []
        for alias, (kind, options) in list(self._described.items()):
            able, problem = frozenset[str](), ""
            try:
                able = frozenset(op.name for op in self.connector(alias).operations)
            except SourceError as error:
                problem = self._hide(str(error))
            owner, account = _owner(options), account_of(options)
            found.append(Place(alias, kind, able, holds(kind), owner, problem, account))
        return [*found, Place(OUTPUTS, "files", frozenset({"file.create"}))]

    def sync(
        self,
        aliases: Iterable[str],
        *,
        now: Callable[[], datetime],
        progress: Callable[[Progress], None] = lambda _: None,
        stored: Callable[[], None] = lambda: None,
        again: bool = False,
    ) -> list[Pass]:
        """One pass over each source. One that fails is told in its `Pass`; the others go on.

        One that failed again and again, or wants to be left alone, is not asked before its next try
        (`Pass.rests`) but where a person asks for it (`again`).

        Whoever comes while another thread has a source waits for that pass, and then makes its own. One that
        hangs is told to be stuck, and stores nothing more: the next one takes over where it stood (`turns`).
        `progress` and `stored` are called in the thread of the pass, `progress` also in that of the caller:
        it tells too when an answer is waited for (`Progress.waits`).
        """
        return [
            self._passes.over(alias, now=now, progress=progress, stored=stored, again=again)
            for alias in list(aliases)
        ]

    def seen(self, item: Item | None, receipt: Receipt, *, now: datetime) -> None:
        """Put what was read back after a write into the archive at once, not at the next sync."""
        source = receipt.ref.source
        if source in self._described:
            self._archive.register(source, self.kind(source), place=self._place(source))
            self._archive.apply(source, [item if item is not None else Removed(receipt.ref)], now=now)

    def unreadable(self) -> tuple[str, ...]:
        """Aliases of sources of which not all is known.

        The last pass failed; or it is a calendar of which something could not be read, or that was never
        read to its end: what is missing there may be at any time, and unknown is never free.
        """
        known = {s.alias: s for s in self._archive.sources()}
        found = []
        for alias, (kind, _) in list(self._described.items()):
            state = known.get(alias)
            partly = state is None or state.synced is None or state.failures > 0
            if (state is not None and state.error) or (partly and "event" in holds(kind)):
                found.append(alias)
        return tuple(found)

    def behind(self) -> dict[str, SourceState | None]:
        """Sources of which what came last may be missing: their last pass failed, or none reached the end.

        None: it was never asked.
        """
        known = {s.alias: s for s in self._archive.sources()}
        found = {alias: known.get(alias) for alias in self.aliases}
        return {a: s for a, s in found.items() if s is None or s.error or s.synced is None}

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime, meter: Meter | None = None
    ) -> dict[str, FreeBusy]:
        """What all sources together know of these people's time, by address in lower case.

        A source that cannot be asked makes its owner unknown, or, where it is nobody's in particular,
        everybody of whom no other source is known to tell all. Who is not in the answer is unknown.
        """
        asked = sorted({a.lower() for a in addresses})
        told: dict[str, list[FreeBusy]] = {}
        failures: list[str] = []
        declared: set[str] = set()
        for alias, (kind, options) in list(self._described.items()) if asked else ():
            if (kinds := holds(kind)) and "event" not in kinds:
                continue  # it knows nobody's time, whether it can be asked or not
            owner = _owner(options)
            try:
                found = self.metered(alias, meter).free_busy(asked, start=start, end=end)
            except SourceError as error:
                if not owner:
                    failures.append(f"{alias} could not be asked: {error}")
                elif owner in asked:
                    told.setdefault(owner, []).append(FreeBusy(owner, error=str(error)))
                continue
            declared |= {owner} & found.keys()
            for address, answer in found.items():
                told.setdefault(address, []).append(answer)
        for address in asked if failures else ():
            if address not in declared:
                told.setdefault(address, []).append(FreeBusy(address, error=" ".join(failures)))
        return {a: merged(answers, end=end) for a, answers in told.items() if a in asked}

    def let_go(self, alias: str) -> None:
        """Close what is open of a source that is no longer described, once the pass over it has ended."""
        with self._passes.none_over(alias):
            with self._lock:
                gone = [c for c in self._retired if c.source == alias]
                self._retired = [c for c in self._retired if c.source != alias]
            for connector in gone:
                connector.close()

    def close(self) -> None:
        """Close all that was opened."""
        with self._lock:
            for connector in [*self._open.values(), *self._retired]:
                connector.close()
            self._open.clear()
            self._retired.clear()

    def _begin(self, alias: str) -> Metered | None:
        # In one: what was removed meanwhile must not be registered again.
        with self._lock:
            if alias not in self._described:
                return None
            self._archive.register(alias, self.kind(alias), place=self._place(alias))
            metered = self.metered(alias)
            cursor = self._archive.cursor(alias)
            if cursor and is_marked(cursor) and not isinstance(metered.inner, Chosen):
                self._archive.begin_anew(alias)  # some was chosen of it until now
            return metered

    def _is_local(self, alias: str) -> bool:
        return alias in self._described and is_local(self.kind(alias))

    def _connect(self, alias: str) -> Connector:
        state = self._home.sources / alias
        if alias == OUTPUTS:
            return connect("files", source=alias, state=_private(state), place=str(self._home.outputs))
        if alias not in self._described:
            raise Misconfigured(f"There is no source called {alias}.")
        if problem := self.problem(alias):
            raise Misconfigured(problem)
        kind, options = self._described[alias]
        with hiding(self._hide):
            return connect(kind, source=alias, state=_private(state), renew=self._renews(alias), **options)


def try_out(
    kind: str, *, alias: str, state: Path, options: Mapping[str, Any], renew: Renew | None = None
) -> Sequence[str]:
    """Open a source for once, before it is added, and sign in where there is somebody to sign in to; the
    operations it offers.

    :raises SourceError: unknown kind or option, a place that cannot work, or a server that lets nobody in.
    """
    connector = connect(kind, source=alias, state=_private(state), renew=renew, **options)
    try:
        if isinstance(connector, Checked):
            connector.check()
        return [op.name for op in connector.operations]
    finally:
        connector.close()


def _owner(options: Mapping[str, Any]) -> str:
    """Whose calendar a source is, where that is said; lower case."""
    return str(options.get("owner") or "").strip().lower()


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
