"""Marks: words in a request that stand for what an earlier step will have found, and what they become in a
plan.

A mark is no word of any language, so no goal reads anything into it. It is either all of a value (the text
of a
mail, whom it goes to, which item) and becomes a reference, or stands in a text of ours (a title, a
purpose) and
becomes the words that it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from deskhand.agent.planners.steps import ref
from deskhand.agent.plans.deciding import rewritten
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear
from deskhand.agent.plans.references import as_ref
from deskhand.agent.profile import Owner

TEXT, ITEM, EVENT, PEOPLE = "text", "item", "event", "people"

_DOMAIN = "zzmark.invalid"
"""RFC 2606: no mail ever goes there."""
_A_MARK = re.compile(r"\bzz[a-z]+\d+x\d+\b")


TO_ME = f"owner@{_DOMAIN}"
"""Stands for the person's own address: goals take her for nobody to write to."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One pronoun that was resolved."""

    sort: str
    part: int
    number: int
    of: Ref
    """The earlier step."""
    said: str
    """What it stands for, in words."""
    which: str = ""
    """Of people: the sender, or everyone."""

    @property
    def word(self) -> str:
        """The mark as it stands in the request."""
        name = f"zz{self.sort}{self.part}x{self.number}"
        return f"{name}@{_DOMAIN}" if self.sort == PEOPLE else name

    @property
    def step(self) -> str:
        """Id of the step that finds the people, or the event as it is by then."""
        kind = "people" if self.sort == PEOPLE else "still"
        return f"{kind}{self.part}" + ("" if self.number == 0 else chr(ord("a") + self.number))


def has_mark(words: str) -> bool:
    """Whether words hold a mark: nobody says one, so no wording has any."""
    return _A_MARK.search(words) is not None


def marked(mark: Mark) -> str:
    """A mark in the words of a request: a text in quotation marks, an item as what it is about."""
    if mark.sort == TEXT:
        return f"“{mark.word}”"
    if mark.sort == EVENT:
        return f"“{mark.word}”"
    return f"the mail about {mark.word}"


def applied(plan: Plan, marks: Sequence[Mark], before: Sequence[Step]) -> Plan | None:
    """A plan with its marks as references; None where one of them has come to nothing in it.

    :param before: the steps of the parts before, which the marks stand for.
    """
    steps = list(plan.steps)
    for mark in marks:
        found = _REPLACED[mark.sort](steps, mark, before)
        if found is None:
            return None
        steps = found
    words = {m.word: m.said for m in marks}
    objective = _worded(plan.objective, words)
    steps = [_plain(s, words) for s in steps]
    if any(m.word in s.model_dump_json() for m in marks for s in steps):
        return None
    return plan.model_copy(update={"steps": tuple(steps), "objective": objective})


def worded(question: Unclear, marks: Sequence[Mark]) -> Unclear:
    """A question with the words that its marks stand for; nothing is offered that has a mark in it."""
    words = {m.word: m.said for m in marks} | {TO_ME: "you"}
    choices = tuple(c for c in question.choices if not any(w in c for w in words))
    return question.model_copy(update={"message": _worded(question.message, words), "choices": choices})


def to_owner(plan: Plan, owner: Owner) -> Plan:
    """A plan that writes to the person herself."""
    own = [{"address": owner.email, "name": owner.name}]
    steps = tuple(
        s.model_copy(
            update={
                "args": {
                    n: own if isinstance(v, list) and any(_is(x, TO_ME) for x in v) else v
                    for n, v in s.args.items()
                }
            }
        )
        for s in plan.steps
    )
    return plan.model_copy(update={"steps": steps, "objective": _worded(plan.objective, {TO_ME: "you"})})


def moved(step: Step, to: Callable[[Ref], Ref], ids: Callable[[str], str]) -> Step:
    """A step whose references and the steps it waits for are others."""

    def whole(one: Ref) -> Ref:
        where = rewritten(one.where, to) if one.where is not None else None
        return to(one.model_copy(update={"where": where}) if where is not None else one)

    changes: dict[str, Any] = {
        "args": _filled(step.args, whole), "needs": tuple(dict.fromkeys(ids(i) for i in step.needs)),
        "after": tuple(dict.fromkeys(ids(i) for i in step.after)),
        "otherwise": ids(step.otherwise) if step.otherwise else "",
    }  # fmt: skip
    changes |= {n: whole(r) for n in ("for_each", "offers", "notes") if (r := getattr(step, n)) is not None}
    if step.when is not None:
        changes["when"] = whole(step.when) if isinstance(step.when, Ref) else rewritten(step.when, whole)
    if step.fallback is not None:
        args = _filled(step.fallback.args, whole)
        changes["fallback"] = step.fallback.model_copy(update={"args": args})
    return step.model_copy(update=changes)


def _filled(value: Any, to: Callable[[Ref], Ref]) -> Any:
    if (one := as_ref(value)) is not None:
        return to(one).model_dump(mode="json")
    if isinstance(value, dict):
        return {k: _filled(v, to) for k, v in value.items()}
    return [_filled(v, to) for v in value] if isinstance(value, (list, tuple)) else value


def _text(steps: list[Step], mark: Mark, before: Sequence[Step]) -> list[Step] | None:
    """The text of a mail, and its subject where nothing else was said."""
    made, found = [], False
    for step in steps:
        args = dict(step.args)
        for name, value in step.args.items():
            if isinstance(value, str) and value.strip().strip(".") == mark.word:
                body = name in ("body", "text")
                args[name] = ref(mark.of.ref, "text" if body else "title")
                found = found or body
        origins = {n: o for n, o in step.origins.items() if as_ref(args.get(n)) is None}
        made.append(step.model_copy(update={"args": args, "origins": origins}))
    return made if found else None


def _item(steps: list[Step], mark: Mark, before: Sequence[Step]) -> list[Step] | None:
    """The item that the plan would look for is the one that was found."""
    found = [s for s in steps if s.op == "item.find" and s.args.get("about") == mark.word]
    return _same(steps, found, mark.of) if found else None


def _event(steps: list[Step], mark: Mark, before: Sequence[Step]) -> list[Step] | None:
    """The event that the plan would look for is the one from before, as it is by then."""
    found = [s for s in steps if s.op == "event.find" and s.args.get("about") == mark.word]
    if not found or set(found[0].args) - {"about", "template", "ask", "every"}:
        return None
    changed = tuple(
        s.id for s in before
        if s.op in ("event.update", "event.cancel") and any(r == mark.of.ref for r in _refs(s.args))
    )  # fmt: skip
    if not changed:
        return _same(steps, found, mark.of)
    still = Step(
        id=mark.step, op="event.still", args={"event": mark.of.model_dump(mode="json")}, needs=changed,
        purpose="see the event as it is by then",
    )  # fmt: skip
    return [still, *_same(steps, found, Ref(ref=still.id))]


def _people(steps: list[Step], mark: Mark, before: Sequence[Step]) -> list[Step] | None:
    """Whom it goes to are those that are found with the item."""
    event = any(s.id == mark.of.ref and s.op == "event.find" for s in before)
    path = "to" if event else mark.which
    look = Step(
        id=mark.step, op="event.people" if event else "item.people",
        args={"event" if event else "item": mark.of.model_dump(mode="json")},
        purpose=f"see who {mark.said} is",
    )  # fmt: skip
    made, found = [], False
    for step in steps:
        args: dict[str, Any] = {}
        for name, value in step.args.items():
            here = isinstance(value, list) and any(_is(v, mark.word) for v in value)
            if here and len(value) == 1 and isinstance(value[0], dict):
                args[name] = ref(look.id, path)
            elif here and path == "sender":
                args[name] = [_one(v, mark.word, look.id) for v in value]
            elif here:
                return None
            else:
                args[name] = value
            found = found or here
        origins = {n: o for n, o in step.origins.items() if as_ref(args.get(n)) is None}
        args = {n: v for n, v in args.items() if n not in _WORDINGS or mark.word not in str(v)}
        made.append(step.model_copy(update={"args": args, "origins": origins}))
    return [look, *made] if found else None


_WORDINGS = ("template", "makes_room", "every")
"""Arguments that hold a request to say instead; one with a mark in it could not be said."""


def _is(value: Any, word: str) -> bool:
    return value == word or (isinstance(value, dict) and value.get("address") == word)


def _one(value: Any, word: str, step: str) -> Any:
    if not _is(value, word):
        return value
    return ref(step, "sender[0]") if isinstance(value, dict) else ref(step, "sender[0].address")


def _same(steps: list[Step], found: list[Step], instead: Ref) -> list[Step]:
    gone = {s.id for s in found}

    def to(one: Ref) -> Ref:
        if one.ref not in gone:
            return one
        if instead.selects:
            return instead.model_copy(update={"then": one.path})
        path = ".".join(p for p in (instead.path, one.path) if p)
        return one.model_copy(update={"ref": instead.ref, "path": path})

    return [moved(s, to, lambda i: instead.ref if i in gone else i) for s in steps if s.id not in gone]


_REPLACED = {TEXT: _text, ITEM: _item, EVENT: _event, PEOPLE: _people}


def _refs(value: Any) -> list[str]:
    if (one := as_ref(value)) is not None:
        return [one.ref]
    if isinstance(value, dict):
        return [r for v in value.values() for r in _refs(v)]
    return [r for v in value for r in _refs(v)] if isinstance(value, (list, tuple)) else []


def _plain(step: Step, words: dict[str, str]) -> Step:
    """A step without marks in its own texts (titles, purposes)."""
    args = {n: _in_text(v, words) for n, v in step.args.items()}
    args = {n: v for n, v in args.items() if not (n in _WORDINGS and v != step.args[n])}
    return step.model_copy(update={"args": args, "purpose": _worded(step.purpose, words)})


def _in_text(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, str):
        return _worded(value, words)
    return value


def _worded(text: str, words: dict[str, str]) -> str:
    for mark, said in words.items():
        text = text.replace(f"“{mark}”", said).replace(mark, said)
    return text
