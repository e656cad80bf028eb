"""What every door offers, in plain JSON: the command line, the loopback API, `--json`.

`Desk.call(method, arguments)` is answered by this process when it owns the home, and by the owner's door
when another one does; whoever calls need not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlalchemy.exc import DatabaseError

from deskhand.agent import catalogue, overview, permits, rulings, shapes, standing
from deskhand.agent import effects as ledger
from deskhand.agent.allowances import budget_of
from deskhand.agent.app import App
from deskhand.agent.audits import audit_lines, audit_verify
from deskhand.agent.hiding import hiding
from deskhand.agent.left import left
from deskhand.agent.model import FINISHED
from deskhand.agent.owner import Call, Door, Refusal, reach
from deskhand.agent.plans.door import planned, printed, run_plan
from deskhand.agent.runs.door import Tell, cancel, telling
from deskhand.config.clock import clock
from deskhand.config.errors import ConfigError
from deskhand.config.paths import Home
from deskhand.connectors.database import DamagedStorage, StorageError
from deskhand.connectors.errors import Conflict, Misconfigured, SourceError
from deskhand.index.embed import NoEmbedder
from deskhand.index.model import Damaged, Query

if TYPE_CHECKING:
    from deskhand.agent.runs.escalating import Notice

Answer = dict[str, Any]
Watch = Mapping[str, Callable[..., None]]
"""Callbacks for progress, by name. Only a call answered by this very process has them, but for `watch`, which
is told the events of the runs that a call waits for, wherever they run."""


class Desk:
    """A home, reached in whatever way there is."""

    def __init__(self, app: App | None, remote: Call | None, *, door: Door | None = None) -> None:
        self.app, self._remote, self._door = app, remote, door
        self._resumed = self._reminded = False
        self.tell: Callable[[str], None] = lambda _: None
        """Told, once each, of questions that wait long or were not answered; by a command's first call."""
        self.came_to_nothing: list[str] = []
        """Runs that the first call went on with, and of which not all was done."""

    @classmethod
    def open(cls, home: Home, *, now: str = "", door: bool = False) -> Desk:
        """Own the home, or find the way to its owner.

        :param door: while this process owns the home, let other commands in: for commands that last.
        :raises Refusal: neither; or `now` is given although another process owns the home and its clock.
        """
        app: App | None = None

        def take() -> bool:
            nonlocal app
            try:
                app = App.open(home.root, now=clock(now))
            except Refusal:
                return False
            return True

        remote = reach(home.owner, take)
        if remote is not None:
            if now:
                raise Refusal(
                    "--now (or DESKHAND_NOW) cannot be used while another Deskhand owns this home: it has "
                    "its own clock."
                )
            return cls(None, remote)
        assert app is not None  # noqa: S101 - reach returned None because take() succeeded
        desk = cls(app, None)
        if door:
            try:
                desk._door = Door(desk.call, home.owner)
            except OSError as error:
                app.close()
                why = f"{error.strerror or error}"
                raise Refusal(f"{home.owner} cannot be written: {why}. Nothing was done.", 1) from None
        return desk

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Shut the door and let go of the home."""
        if self._door is not None:
            self._door.close()
        if self.app is not None:
            self.app.close()

    def call(self, method: str, arguments: Mapping[str, Any], watch: Watch | None = None) -> Answer:
        """Answer a method. :raises Refusal: it cannot be done; a sentence and an exit code."""
        if self._remote is not None:
            answer: Answer = self._remote(method, arguments, watch)
            return answer
        if self.app is None or method not in METHODS:
            raise Refusal(f"There is no method {method!r}.")
        with hiding(self.app.hide):
            return self._call(self.app, method, arguments, watch)

    def _tell(self, notices: Iterable[Notice]) -> None:
        for notice in notices:
            self.tell(notice.text if notice.about == "over" else f"Reminder: {notice.text}")

    def _call(self, app: App, method: str, arguments: Mapping[str, Any], watch: Watch | None) -> Answer:
        try:
            if method in _GOING_ON and not self._resumed:
                self._resumed = True
                for run in app.resume(watch=telling((watch or {}).get("watch"))):
                    ended = app.runs_room.wait(run, held=False)
                    if ended.status in ("failed", "partial"):  # nobody asked just now: nobody would hear
                        how = "failed" if ended.status == "failed" else "done in part"
                        said = f"{run}, “{_begin(ended.request)}”, was gone on with and {how}: {ended.answer}"
                        self.tell(said)
                        self.came_to_nothing.append(run)
                if method not in _DECIDING:
                    self._tell(app.escalate())
            elif method in _REMINDING and not self._resumed and not self._reminded:
                self._reminded = True
                self._tell(app.reminders())
            told = {n: c for n, c in (watch or {}).items() if n != "watch" or method in DRIVING}
            return METHODS[method](app, **arguments, **told)
        except (ConfigError, Misconfigured, Conflict) as error:
            raise Refusal(str(error), 2, type(error).__name__.lower()) from None
        except (StorageError, SourceError, NoEmbedder) as error:
            raise Refusal(str(error), 1, type(error).__name__.lower()) from None
        except Damaged as error:
            raise Refusal(f"{error} Mend it with: deskhand doctor --rebuild", 1, "damaged") from None
        except ValidationError as error:
            first = error.errors()[0]
            raise Refusal(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from None
        except DatabaseError as error:
            said = str(getattr(error, "orig", error)).partition("\n")[0]
            raise Refusal(
                f"A database in {app.home.root} is damaged ({said}). Run: deskhand doctor --rebuild",
                1,
                "damaged",
            ) from None


def _begin(request: str) -> str:
    """The beginning of a wish, in a line."""
    said = " ".join(request.split())
    return said if len(said) <= _BEGINNING else f"{said[:_BEGINNING].rstrip()}…"


_BEGINNING = 60

_DECIDING = frozenset({"decide", "decide.all"})
"""Methods that answer a question: whoever does that need not be reminded of it first."""

_REMINDING = frozenset(
    {"approvals", "runs", "run", "show", "effects", "permissions", "schedule.list", "schedule.history"}
    | {"people", "state.global", "state.run", "state.step", "plan"}
)
"""Methods that only look at what is the person's, and tell of questions that wait long. They write nothing,
so the next one tells it too, until one that goes on has noted that she was reminded."""

DRIVING = frozenset(
    {"ask", "plan.run", "decide", "decide.all", "undo", "digest", "sync"}
    | {"run.cancel", "run.wait", "schedule.run", "schedule.change", "effects.again"}
)
"""Methods that begin runs or go on with them, and wait: they can be watched."""

_GOING_ON = DRIVING - {"run.cancel"}
"""Methods that first go on with what was under way when a process ended, and send what was held until now.
Any other leaves runs alone: who looks, sets or stops something has nothing sent by it."""


def _sources(app: App, *, source: str = "") -> Answer:
    return {"sources": standing.sources(app, source)}


def _add(
    app: App, *, kind: str, place: str, alias: str = "", options: Mapping[str, Any] | None = None
) -> Answer:
    name = app.add(kind, place, alias=alias, options=options)
    return next(s for s in standing.sources(app) if s["source"] == name)


def _signed_in(app: App, *, sources: list[str]) -> Answer:
    app.signed_in(sources)
    return {"sources": sources}


def _remove(app: App, *, alias: str, keep_data: bool = False, look: bool = False) -> Answer:
    there = app.belongings(alias) if look else app.remove(alias, keep_data=keep_data)
    return there.as_dict() | {"done": "" if look else "kept" if keep_data else "erased"}


def _sync(
    app: App, *, sources: list[str] | None = None, watch: Tell | None = None, **progress: Any
) -> Answer:
    # Who names a source means it, whatever it failed at before.
    done = app.sync(*(sources or ()), again=bool(sources), **progress)
    passes = [
        {
            "source": p.source,
            "added": p.tally.added,
            "changed": p.tally.changed,
            "moved": p.tally.moved,
            "removed": p.tally.removed,
            "failed": p.tally.failed,
            "failures": standing.failures(app, p.source),
            "error": p.error,
            "rests": p.rests,
            "next_try": p.due.isoformat() if p.due else None,
        }
        for p in done.passes
    ]
    return {
        "sources": passes, "embedded": done.embedded, "pending": done.pending, "note": done.note,
        "followed": [shapes.run(app.wait(run, watch=telling(watch))) for run in done.followed],
    }  # fmt: skip


def _search(app: App, *, query: str = "", **filters: Any) -> Answer:
    for name in ("since", "until"):
        if filters.get(name):
            filters[name] = _moment(app, name, filters[name])
    unknown = set(filters.get("sources", ())) - {s.alias for s in app.sources()}
    if unknown:
        raise Misconfigured(catalogue.no_such(sorted(unknown)[0], app.connections.aliases))
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in filters.items()}
    try:
        Query(text=query, **given)
    except (ValueError, TypeError) as error:
        raise Refusal(f"{error}.") from None
    found = app.search(query, **given)
    hits = [{"time" if k == "at" else k: v for k, v in h.as_dict().items()} for h in found.hits]
    return {"query": query, "hits": hits, "notes": list(found.notes)}


def _ask(
    app: App, *, text: str, yes: bool = False, approve: Any = None, wait: float | None = None,
    held: bool = True, watch: Tell | None = None,
) -> Answer:  # fmt: skip
    if text.strip() and not app.connections.aliases and (kept := app.kept()):
        raise Refusal(
            f"Nothing is connected now. What was kept of {', '.join(kept)} is found by deskhand search; to "
            f"connect {kept[0]} again: {app.was(kept[0]).again(kept[0])}"
        )
    if text.strip() and not app.connections.aliases:
        raise Refusal(
            "Nothing is connected yet, so there is nothing to look at. Try: deskhand add maildir ~/Mail"
        )
    run = app.ask(text, approve=True if yes else approve, wait=wait, held=held, watch=telling(watch))
    return shapes.run(run)


def _approvals(app: App, *, state: str = "pending") -> Answer:
    asked = [shapes.approval(a) for a in app.approvals(state=state)]
    return {"approvals": asked, "unknown": ledger.unknown(app), "left": left(app)}


def _decide(
    app: App, *, approval: str, verdict: str, changes: Mapping[str, Any] | None = None, reason: str = "",
    always: Mapping[str, Any] | None = None, held: bool = True, watch: Tell | None = None,
) -> Answer:  # fmt: skip
    run = app.decide(
        approval, verdict, changes=changes, reason=reason, always=always, held=held, watch=telling(watch)
    )
    made = shapes.run(run)
    if always is None:
        return made
    granted = (p for p in permits.listed(app)["permissions"] if p["approval"] == approval)
    return made | {"granted": next(granted, None)}


def _decide_all(
    app: App, *, decisions: Mapping[str, Mapping[str, Any]], held: bool = True, watch: Tell | None = None
) -> Answer:
    return {"runs": [shapes.run(r) for r in app.decide_all(decisions, held=held, watch=telling(watch))]}


def _runs(app: App, *, limit: int = 20) -> Answer:
    return {"runs": [shapes.run(r) for r in app.runs(limit=limit)], "left": left(app)}


def _run(app: App, *, run: str) -> Answer:
    return shapes.run(app.run(run))


def _wait(app: App, *, run: str, watch: Tell | None = None) -> Answer:
    return shapes.run(app.wait_held(run, watch=telling(watch)))


def _show(app: App, *, what: str) -> Answer:
    if ":" in what and app.runs_room.records.run(what) is None:
        item = app.item(what)
        versions = app.archive.revisions(item.ref)
        return {
            "item": str(item.ref), "kind": item.ref.kind, "title": item.title,
            "time": (item.start or item.at).isoformat(),
            "start": item.start.isoformat() if item.start else None,
            "end": item.end.isoformat() if item.end else None,
            "version": item.version, "people": [f"{p.role}: {p.name} <{p.address}>" for p in item.people],
            "text": item.text, "link": item.link,
            "versions": [
                {
                    "version": r.version, "time": r.at.isoformat(), "author": r.author, "note": r.note,
                    "current": r.current,
                }
                for r in versions
            ],
        }  # fmt: skip
    if app.runs_room.records.run(what) is None and app.runs_room.records.effects(key=what.lower() or "-"):
        return ledger.shown(app, what)
    run = app.run(what)
    events = [shapes.event(e) for e in app.runs_room.records.events(what)]
    mine = app.runs_room.account(run).budgets()[0]
    # Of a run of long ago it is not known any more (`Keeping.forget_spent`), which is not nothing.
    told = mine.spent.amounts or run.status not in FINISHED
    spent = shapes.spent(mine.spent, mine.currency) if told else None
    made = shapes.run(run, whole=True) | {"events": events, "spent": spent}
    if run.plan is not None:
        from deskhand.agent.runs.footing import answered

        made["plan"] = printed(run.plan, answered(app.runs_room.records, run.id))
    return made


def _undo(app: App, *, what: str, yes: bool = False, held: bool = True, watch: Tell | None = None) -> Answer:
    notes = list[str]()
    run = app.undo(what, approve=yes or None, held=held, watch=telling(watch), tell=notes.append)
    return shapes.run(run) | {"note": " ".join(notes)}


def _digest(
    app: App, *, to: str = "terminal", form: str = "text", everything: bool = False,
    watch: Tell | None = None,
) -> Answer:  # fmt: skip
    run = app.digest(to=to, form=form, everything=everything, watch=telling(watch))
    made = shapes.run(run)
    if to == "terminal" and form != "text" and run.brief is not None:
        from deskhand.agent.render import to_html, to_markdown

        made["answer"] = {"markdown": to_markdown, "html": to_html}[form](run.brief, zone=app.owner.zone)
    return made


def _schedule_list(app: App) -> Answer:
    from deskhand.agent.actions.schedules import upcoming

    return {
        "schedules": [shapes.schedule(s, upcoming(s, app.now(), 3), now=app.now()) for s in app.schedules()]
    }


def _schedule_change(app: App, *, verb: str, name: str, watch: Tell | None = None) -> Answer:
    from deskhand.agent.plans.language import Plan, Step

    _known_schedule(app, name)
    step = Step(id="schedule", op=f"schedule.{verb}", args={"name": name}, purpose=verb)
    plan = Plan(request=f"{verb} the schedule {name}", objective=f"{verb} {name}", steps=(step,))
    return shapes.run(app.wait(app.runs_room.ask(plan.request, plan=plan), watch=telling(watch)))


def _schedule_run(app: App, *, name: str, watch: Tell | None = None) -> Answer:
    _known_schedule(app, name)
    return shapes.run(app.schedule_run(name, watch=telling(watch)))


def _schedule_history(app: App, *, name: str, limit: int = 20) -> Answer:
    found = app.runs_room.records.slots(name, limit=limit)
    if not found:
        _known_schedule(app, name)
    return {"schedule": name, "slots": [shapes.slot(s) for s in found]}


def _slots(app: App, *, start: str = "", end: str = "", **given: Any) -> Answer:
    from deskhand.agent.availability.openings import openings

    app.sync(embed=0, follow=False)
    room = app.runs_room
    low = _moment(app, "from", start) if start else None
    high = _moment(app, "until", end) if end else None
    made = openings(room.context(), room.known(), start=low, end=high, **given)
    calendars = [p.alias for p in room.context().places if "event" in p.holds]
    return made | {"notes": [*made["notes"], *app.missing(calendars)]}


def _doctor(app: App, *, rebuild: bool = False, **watch: Any) -> Answer:
    made: Answer = {"home": str(app.home.root), "rebuilt": None, "set_aside": [], "counts": {}, "index": True}
    try:
        counts = app.archive.counts()
    except DamagedStorage as error:
        aside = f"mv {app.home.archive} {app.home.archive}.damaged"
        return made | {
            "problems": [
                f"{error} Nothing can make the archive anew but your sources: {aside}, then deskhand sync. "
                "Versions that no git history and no source keeps would be lost; a backup is better."
            ]
        }
    except StorageError as error:  # what is in the archive is well: its disk is what wants looking after
        return made | {"problems": [str(error)]}
    if rebuild:
        made |= {"set_aside": app.set_aside(), "rebuilt": app.rebuild(**watch)}
    counts = {**counts, **app.index.counts()}
    # What only waits for the next sync is no problem; it is counted as pending.
    index = [p for p in app.check_index() if not (counts["pending"] and p.endswith("have no vectors yet."))]
    return made | {"problems": [*index, *app.check_beside_index()], "counts": counts, "index": not index}


def _people(app: App, *, name: str = "", limit: int = 20) -> Answer:
    return {"people": [shapes.dealings(d) for d in app.people(name, limit=limit)]}


def _state_global(app: App) -> Answer:
    return overview.whole(app)


def _state_run(app: App, *, run: str) -> Answer:
    return overview.run(app, run)


def _state_step(app: App, *, run: str, step: str) -> Answer:
    return overview.step(app, run, step)


def _state_set(app: App, *, words: list[str]) -> Answer:
    return overview.put(app, words)


def _state_unset(app: App, *, words: list[str]) -> Answer:
    return overview.drop(app, words)


def _known_schedule(app: App, name: str) -> None:
    from deskhand.config.errors import nearest

    names = [s.name for s in app.schedules()]
    if name not in names:
        has = f" There are: {', '.join(names)}." if names else " There is none yet."
        raise Refusal(f"There is no schedule called {name!r}{nearest(name, names)}.{has}")


def _moment(app: App, name: str, text: str) -> datetime:
    """An ISO 8601 time or date, or words; without a zone it is the person's."""
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=app.owner.tz)
    except ValueError:
        pass
    from deskhand.agent.times import read

    for reading in read(text, now=app.now(), zone=app.owner.zone, locale=app.owner.locale):
        found = reading.start or reading.end
        if found is not None:
            return found
    raise Refusal(f"--{name} {text!r} is no time; write it like 2026-11-22, or say “last Monday”.")


METHODS: Mapping[str, Callable[..., Answer]] = {
    "add": _add, "remove": _remove, "signed_in": _signed_in, "sources": _sources, "sync": _sync,
    "search": _search, "ask": _ask,
    "approvals": _approvals, "decide": _decide, "decide.all": _decide_all,
    "permission.propose": permits.proposed, "permissions": permits.listed,
    "permissions.revoke": permits.revoked, "runs": _runs, "run": _run,
    "run.wait": _wait, "show": _show, "undo": _undo, "effects": ledger.effects,
    "effects.settle": ledger.settle, "effects.look": ledger.look, "effects.again": ledger.again,
    "digest": _digest, "budget": budget_of, "people": _people,
    "state.global": _state_global, "state.run": _state_run, "state.step": _state_step,
    "state.set": _state_set, "state.unset": _state_unset,
    "schedule.list": _schedule_list, "schedule.change": _schedule_change,
    "policy": rulings.policy, "policy.explain": rulings.explain,
    "plan": planned, "plan.run": run_plan, "run.cancel": cancel,
    "audit.lines": audit_lines, "audit.verify": audit_verify,
    "schedule.run": _schedule_run, "schedule.history": _schedule_history, "slots": _slots, "doctor": _doctor,
}  # fmt: skip
