"""A plan as a model writes it, read into a `Plan` and held to the person's words and contacts.

What is not a model's to say is struck out. Where a value comes from is worked out here, whatever it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, ValidationError

from deskhand.agent.actions import actions
from deskhand.agent.models import Shape
from deskhand.agent.models.answers import NoJson, read_json
from deskhand.agent.models.trying import Unfit
from deskhand.agent.planners._told import FOLLOWS, WRITABLE, contacts, offered
from deskhand.agent.plans.language import Call, OnFailure, Plan, Predicate, Ref, Step, Unclear
from deskhand.agent.plans.references import as_ref
from deskhand.agent.plans.validate import Fault, faults
from deskhand.agent.profile import Known
from deskhand.agent.values import Value
from deskhand.connectors.model import ItemRef, Trust
from deskhand.connectors.operations import OPERATIONS

MOST = 24
"""Steps of a plan by a model."""

_CHOICES = 3
_TOLD = 12
"""So many faults go back at once."""

_ADDRESS = re.compile(r"[^\s@<>,;:\"'()\[\]{}|\\]+@[^\s@<>,;:\"'()\[\]{}|\\]+", re.U)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_WORSE: tuple[Trust, ...] = ("user", "assistant", "contact")
"""Where a literal of a model's can come from, best first as `Label.join` counts."""


class _Step(Value):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    op: str
    args: dict[str, Any] = Field(default_factory=dict[str, Any])
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    when: Ref | Predicate | None = None
    otherwise: str = ""
    for_each: Ref | None = None
    at_most: Annotated[int, Field(ge=1, le=100)] = 25
    priority: Annotated[int, Field(ge=0, le=9)] = 5
    deadline: AwareDatetime | None = None
    on_failure: OnFailure = "go on"
    purpose: Annotated[str, Field(min_length=1, max_length=200)]


class _Draft(Value):
    objective: Annotated[str, Field(max_length=400)] = ""
    steps: tuple[_Step, ...] = ()
    question: Annotated[str, Field(max_length=400)] = ""
    choices: tuple[Annotated[str, Field(max_length=400)], ...] = ()


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a model's answer came to."""

    plan: Plan | Unclear
    ignored: tuple[str, ...] = ()
    """Fields it wrote that are not its to say, by their place."""


def shape(known: Known) -> Shape:
    """What the answer must look like: the JSON schema, with the operations there are."""
    schema = deepcopy(_schema())
    schema["$defs"]["_Step"]["properties"]["op"]["enum"] = offered(known)
    return Shape("plan", "A plan for the request, or the one question to ask first.", schema)


@cache
def _schema() -> dict[str, Any]:
    """The same for every wish, and dear to make."""
    schema = _Draft.model_json_schema()
    schema.pop("title", None)
    return schema


def drafted(answer: str, request: str, known: Known) -> Drafted:
    """Read a model's answer. :raises Unfit: it is no plan that can be carried out; says every fault."""
    try:
        said = read_json(answer)
    except NoJson as error:
        raise Unfit([f"{str(error)[:1].upper()}{str(error)[1:300]}."]) from None
    said, ignored = _struck(said)
    try:
        draft = _Draft.model_validate(said)
    except ValidationError as error:
        raise Unfit([_words(e, said) for e in error.errors()[:_TOLD]]) from None
    if not draft.steps and draft.question.strip():
        choices = tuple(c.strip() for c in draft.choices if c.strip())[:_CHOICES]
        return Drafted(Unclear(message=draft.question.strip(), choices=choices), ignored)
    if not draft.objective.strip():
        raise Unfit(["objective: it is missing. Say in one sentence what you understood."])
    source = Words(request, known)
    steps = tuple(_step(s, source) for s in draft.steps)
    plan = Plan(request=request, objective=_sentence(draft.objective), steps=steps)
    if wrong := [*faults(plan), *unfounded(plan, source)]:
        raise Unfit([str(f) for f in wrong[:_TOLD]])
    return Drafted(plan, ignored)


def unfounded(plan: Plan, source: Words) -> Iterator[Fault]:
    """What in a plan nobody said: operations, people, items and sources that are not there to be used."""
    if len(plan.steps) > MOST:
        much = f"it has {len(plan.steps)} steps; at most {MOST} are taken"
        yield Fault(much, "Go over a list with for_each.")
    usable = frozenset(offered(source.known))
    for step in plan.steps:
        yield from _unsaid(step, step.id, "", source, usable)
        if step.fallback is not None:
            yield from _unsaid(step.fallback, step.id, "fallback.", source, usable)
        if step.compensation is not None:
            own = "Leave it out: a write is taken back by its own inverse."
            yield Fault("what makes up for a write is the person's to say", own, step.id, "compensation")
        for field, ref, names in (("notes", step.notes, _NOTES), ("offers", step.offers, _OFFERS)):
            if ref is not None and (ref.selects or ref.path.rpartition(".")[2] not in names):
                told = f"a card has the {field} of a step, and nothing else that it found"
                yield Fault(told, f"Refer to its {names[0]}.", step.id, field)


_NOTES, _OFFERS = ("notes",), ("offers", "others")
"""What of a step's output is made to stand on a card, as `notes` and as `offers`."""


def _unsaid(
    call: Step | Call, step: str, prefix: str, source: Words, usable: frozenset[str]
) -> Iterator[Fault]:
    """What nobody said of an operation and its arguments. `prefix`: where it stands in its step."""
    known, op = source.known, call.op
    if op not in usable and (op in OPERATIONS or op in actions()):
        why = "it follows by itself" if op in FOLLOWS else "no connected source can do it"
        yield Fault(f"{op} cannot be planned: {why}", "Leave the step out.", step, f"{prefix}op")
    if op in OPERATIONS and isinstance(alias := call.args.get("source"), str):
        able = [p.alias for p in known.places if op in p.operations]
        if alias not in able and able:
            there = f"There is: {', '.join(able)}."
            yield Fault(f"“{alias}” cannot do {op}", there, step, f"{prefix}args.source")
    if op == "schedule.add" and not source.says(str(call.args.get("request", ""))):
        # It is planned anew each time, and counts as the person's own words then.
        own = "Repeat what is to be done in the words of the request."
        yield Fault("a schedule does what the person said, word for word", own, step, f"{prefix}args.request")
    for name, value in call.args.items():
        where = f"{prefix}args.{name}"
        if name == "calendar" and op.startswith("mail.") and isinstance(value, str) and value:
            yield Fault("an invitation is not written by hand", "Refer to event.invitation.", step, where)
        for problem, remedy in _made_up(value, source):
            yield Fault(problem, remedy, step, where)


def _made_up(value: Any, source: Words) -> Iterator[tuple[str, str]]:
    for text in _texts(value):
        if nobody := sorted(source.strangers(text)):
            said = f"{', '.join(nobody)} is neither in the request nor among the contacts"
            yield said, "Use an address that is, refer to a step that finds one, or ask."
        if _is_item(text) and not source.says(text):
            yield f"“{text[:60]}” is no item anybody named", "Refer to a step that finds it."


@dataclass(frozen=True)
class Words:
    """The person's own words, and whom she may be thinking of: what a literal is held against."""

    request: str
    known: Known

    def says(self, text: str) -> bool:
        """Whether this stands in the request, as whole words; case and white space do not count."""
        plain = _plain(text)
        return bool(plain) and re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", self._plain) is not None

    def strangers(self, text: str) -> set[str]:
        """Addresses in a text that are neither in the request nor those of a contact."""
        return {a for a in _addresses(text) if a not in self._said and a not in self._contacts}

    def names(self, text: str) -> bool:
        """Whether the request says this, or calls the contact whose address it is by a name."""
        return self.says(text) or bool(self._named.get(text.casefold(), frozenset()) & self._spoken)

    def trust(self, value: Any) -> Trust:
        """Where a literal comes from: the request, the contacts, else the one who made the plan."""
        found: set[Trust] = {self._leaf(leaf) for leaf in _leaves(value) if leaf not in ("", None)}
        return max(found, key=_WORSE.index, default="assistant")

    def _leaf(self, leaf: Any) -> Trust:
        if isinstance(leaf, bool):
            return "assistant"
        text = str(leaf)
        if text.casefold() in self._contacts and text.casefold() not in self._said:
            return "contact"
        return "user" if self.says(text) else "assistant"

    @cached_property
    def _plain(self) -> str:
        return _plain(self.request)

    @cached_property
    def _spoken(self) -> frozenset[str]:
        return frozenset(_WORDS.findall(self._plain))

    @cached_property
    def _named(self) -> dict[str, frozenset[str]]:
        """The words of the name of each whom a model may know, by address."""
        people = contacts(self.known, self.request)
        return {
            a.casefold(): frozenset(_WORDS.findall(p.name.casefold())) for p in people for a in p.addresses
        }

    @cached_property
    def _said(self) -> frozenset[str]:
        return frozenset(_addresses(self.request))

    @cached_property
    def _contacts(self) -> frozenset[str]:
        owner = self.known.owner
        named = [a for p in contacts(self.known, self.request) for a in p.addresses]
        named += [*owner.addresses, *(s.address for s in owner.people), *(r.address for r in owner.rooms)]
        return frozenset(a.casefold() for a in named)


def _step(draft: _Step, source: Words) -> Step:
    origins = {n: source.trust(v) for n, v in draft.args.items() if as_ref(v) is None}
    given = draft.model_dump(exclude={"when", "for_each"})
    return Step(**given, when=draft.when, for_each=draft.for_each, origins=origins)


def _struck(said: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """An answer without what is not a model's to say; what no plan has ever had stays, and is a fault."""
    ignored = [n for n in said if n in _OURS]
    kept = {n: v for n, v in said.items() if n not in _OURS}
    steps = kept.get("steps")
    if isinstance(steps, list):
        made: list[Any] = []
        for step in steps:
            if isinstance(step, dict):
                name = str(step.get("id", len(made)))[:40]
                ignored += [f"{name}.{n}" for n in step if n in _OURS]
                step = {n: v for n, v in step.items() if n not in _OURS}
            made.append(step)
        kept["steps"] = made
    return kept, (*ignored,)


_OURS = (
    Step.model_fields.keys()
    | Plan.model_fields.keys()
    | {"approve", "approved", "compensation", "hash", "trust"}
) - (WRITABLE | _Draft.model_fields.keys())


def _words(error: Any, said: dict[str, Any]) -> str:
    """A mistake of form, with the step by its id."""
    path = [*error["loc"]]
    step = ""
    if path[:1] == ["steps"] and len(path) > 1 and isinstance(path[1], int):
        given = said["steps"][path[1]] if isinstance(said.get("steps"), list) else None
        name = given.get("id") if isinstance(given, dict) else None
        step, path = f"step {name if isinstance(name, str) else path[1] + 1}"[:50], path[2:]
    where = ", ".join(p for p in (step, ".".join(str(p) for p in path)[:80]) if p)
    if error["type"] == "extra_forbidden":
        return f"{where}: there is no such field. Leave it out."
    if error["type"] == "missing":
        return f"{where}: it is missing. Write it."
    what = str(error["msg"]).removeprefix("Value error, ")[:200]
    return f"{where}: {what[:1].lower()}{what[1:]}." if where else f"{what}."


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _leaves(value: Any) -> Iterator[Any]:
    """Literals in an argument; what a reference will bring is none."""
    if as_ref(value) is not None:
        return
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def _texts(value: Any) -> Iterable[str]:
    return (leaf for leaf in _leaves(value) if isinstance(leaf, str))


def _addresses(text: str) -> set[str]:
    return {found.casefold().strip(".!?’…") for found in _ADDRESS.findall(text)}


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _is_item(text: str) -> bool:
    try:
        return bool(ItemRef.parse(text))
    except ValueError:
        return False
