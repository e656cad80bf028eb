"""The ledger at the doors: listed, shown with its evidence, and settled by the person where nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from deskhand.agent.desk import shapes
from deskhand.agent.desk.runs import Tell, telling
from deskhand.agent.errors import Refusal
from deskhand.agent.model import AGAIN, Effect, EffectState
from deskhand.agent.plans.language import Plan, Ref, Step
from deskhand.agent.runs.overtaken import overtaken
from deskhand.agent.runs.watching import Watching
from deskhand.agent.times import say_instant
from deskhand.agent.trust.proven import PROVEN, Proven, by_your_word, done, not_reached
from deskhand.agent.trust.undoing import undo_class
from deskhand.agent.wording.unseen import visible
from deskhand.agent.wording.writes import question
from deskhand.connectors import tells
from deskhand.connectors.errors import SourceError
from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.operations import operation

if TYPE_CHECKING:
    from deskhand.agent.app import App

Answer = dict[str, Any]

SHORT = 8
"""Characters of a key that are shown; as few as are typed back."""

STATES: dict[EffectState, str] = {
    "intended": "not begun",
    "held": "held until {due}",
    "withdrawn": "taken back before it was sent",
    "claimed": "under way, or cut off",
    "done": "done, and read back",
    "failed": "not done",
    "unknown": "not known: please look",
    "vouched": "happened, by your word",
    "undone": "done, and taken back since",
}
"""What a state means, in words."""


def effects(app: App, *, run: str = "", states: Sequence[str] = (), limit: int = 50) -> Answer:
    """Rows of the ledger, the newest first. :raises Refusal: there is no such run or state."""
    if run:
        app.run(run)
    if unknown := [s for s in states if s not in STATES]:
        raise Refusal(f"There is no state {unknown[0]!r}; there are: {', '.join(STATES)}.")
    found = app.runs_room.records.effects(run=run, states=tuple(states), newest=limit + 1)  # type: ignore[arg-type]
    return {"effects": [listed(app, e) for e in found[:limit]], "more": len(found) > limit}


def listed(app: App, effect: Effect) -> Answer:
    """A row of the ledger in words, beside its data."""
    op, item = operation(effect.operation, effect.arguments), _item(app, effect)
    told = effect.source in app.settings.sources and tells(app.settings.sources[effect.source].kind)
    class_ = undo_class(op, item=item, mine=app.owner.addresses, tells=told)
    about = item.title if item is not None and item.ref.kind != "message" else ""
    return shapes.effect(effect) | {
        "short": effect.key[:SHORT],
        "what": question(op, zone=app.owner.zone, now=app.now(), about=about),
        "state_words": _words(app, effect),
        "undo": class_,
        "back": _back(effect, class_),
    }


def shown(app: App, prefix: str) -> Answer:
    """One effect, whole: its history, what was read back, and what speaks for and against it.

    :raises Refusal: none, or more than one, has a key that begins so.
    """
    effect = _one(app, prefix)
    why = overtaken(app.runs_room.context(), [effect])
    made = listed(app, effect)
    if effect.key in why:
        made["back"] = f"no: {why[effect.key]}"
    return made | {
        "evidence": evidence(app, effect) if effect.state == "unknown" else [],
        "inverse": effect.inverse,
    }


def unknown(app: App) -> list[Answer]:
    """What only the person can tell: writes that may have happened, with what there is to go by."""
    rows = app.runs_room.records.effects(states=("unknown",))
    return [listed(app, e) | {"evidence": evidence(app, e)} for e in rows]


def evidence(app: App, effect: Effect) -> list[str]:
    """What is known of a write that may have happened, a sentence each, and how to find out the rest."""
    when = next((t.at for t in effect.history if t.state == "claimed"), effect.at)
    said = [f"It was begun on {_at(app, when)}, by {effect.run}."]
    if effect.error:
        said.append(f"Then: {effect.error}")
    said += [f"{_at(app, t.at)}: {t.said}" for t in effect.history if t.said and t.said != effect.error]
    if where := app.runs_room.ledger.where(effect):
        said.append(f"Look yourself: {where}.")
    short = effect.key[:SHORT]
    said.append(f"Then say what you found: deskhand effects settle {short} --happened  (or --did-not)")
    said.append(f"Or have it looked for again: deskhand effects look {short}")
    return [visible(s, lines=False) for s in said]


def settle(app: App, *, effect: str, happened: bool) -> Answer:
    """Take the person's word for what nobody knows. :raises Refusal: there is nothing to settle."""
    row = _one(app, effect)
    if row.state != "unknown":
        raise Refusal(f"There is nothing to settle: {row.key[:SHORT]} is {_words(app, row)}.")
    try:
        turned = app.runs_room.ledger.vouch(row.key, happened, now=app.now())
    except LookupError as error:
        raise Refusal(str(error)) from None
    return shown(app, row.key) | {"answer": by_your_word(turned)}


def look(app: App, *, effect: str) -> Answer:
    """Ask the source once more. :raises Refusal: it is known; or the source cannot be asked."""
    row = _one(app, effect)
    told = row.state == "failed" and any(t.by == "you" for t in row.history)
    if row.state not in ("unknown", "vouched") and not told:
        raise Refusal(f"What became of {row.key[:SHORT]} is known: {_words(app, row)}.")

    def words(found: Effect) -> str:
        item = _item(app, found)
        about = item.title if item is not None else ""
        return f"Found by now: {done(Proven(found), zone=app.owner.zone, now=app.now(), about=about)}."

    try:
        found = app.runs_room.ledger.look_again(row.key, now=app.now(), words=words)
    except SourceError as error:
        raise Refusal(f"{row.source} cannot be asked: {error}", 1) from None
    said = words(found) if found.state in PROVEN else found.history[-1].said
    return shown(app, row.key) | {"answer": said}


def again(app: App, *, effect: str, watch: Tell | None = None) -> Answer:
    """Ask, in a run of its own, whether to do once more what was not done. Twice is once.

    :raises Refusal: it was done, or may have been.
    """
    row = _one(app, effect)
    if row.state not in ("failed", "withdrawn"):
        why = f"{row.key[:SHORT]} is {_words(app, row)}"
        if row.state == "unknown":
            why += f"; say first what became of it: deskhand effects settle {row.key[:SHORT]} --did-not"
        raise Refusal(f"Only what was not done is done again: {why}.")
    runs = app.runs_room
    id_, new = runs.records.new_run(
        f"do again: {shapes.what(row)}", now=app.now(), id_=f"{AGAIN}{row.key[:SHORT]}", plan=_plan(row)
    )
    if new:
        runs.submit(id_)
    return shapes.run(runs.wait(id_, held=False, watching=_watching(watch)))


def _plan(row: Effect) -> Plan:
    """Does it again, with what is known of whose its arguments were: the ledger says them, not the plan."""
    op = operation(row.operation, row.arguments)
    kept = Step(
        id="kept", op="effect.kept", args={"effect": row.key},
        purpose="what it was to do",
    )  # fmt: skip
    # The version is meant as it was: what changed since is not to be written over.
    fixed = {"version": row.arguments["version"]} if row.arguments.get("version") else {}
    names = [n for n, v in row.arguments.items() if v is not None and n not in fixed]
    args = {n: Ref(ref="kept", path=f"arguments.{n}").model_dump() for n in names} | fixed
    again = Step(
        id="again", op=op.name, args=args, origins=dict.fromkeys(fixed, "metadata"), purpose=op.plain
    )
    said = f"do again: {shapes.what(row)}"
    return Plan(request=said, objective=said, steps=(kept, again))


def _watching(watch: Tell | None) -> Watching | None:
    tell = telling(watch)
    return None if tell is None else Watching(tell)


def _one(app: App, prefix: str) -> Effect:
    found = app.runs_room.records.effects(key=prefix.strip().lower()) if len(prefix.strip()) >= 4 else []
    if len(found) == 1:
        return found[0]
    if found:
        raise Refusal(f"{len(found)} effects begin with {prefix}; give more of it.")
    raise Refusal(f"There is no effect {prefix}; deskhand effects lists them.")


def _item(app: App, effect: Effect) -> Item | None:
    """What a write is about, as it was when it was written to."""
    refs = [*effect.left, str(effect.arguments.get("ref") or "")]
    version = str(effect.arguments.get("version") or "") or None
    for ref in filter(None, refs):
        address = ItemRef.parse(ref)
        found = app.archive.item(address, version) or app.archive.item(address)
        if found is not None:
            return found
    return None


def _words(app: App, row: Effect) -> str:
    said = STATES[row.state].format(due=_at(app, row.due) if row.due else "")
    lost = not_reached(row) if row.state == "done" else ""
    return f"{said}; not reached: {lost}" if lost else said


def _back(effect: Effect, class_: str) -> str:
    """Whether it can be taken back still, in words; "" where there is nothing to take back."""
    if effect.state == "held":
        return "yes: nothing has happened yet"
    if effect.state != "done":
        return ""
    if effect.inverse is None:
        return "no: it was sent" if class_ == "R3" else "no: there is nothing that takes it back"
    return "yes; others will hear of it" if class_ == "R2" else "yes"


def _at(app: App, moment: datetime) -> str:
    return say_instant(moment, app.owner.zone, app.now())
