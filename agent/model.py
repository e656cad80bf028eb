"""The nouns of the agent: what is decided, done and told. What is planned: `plans.language`.

All of it is plain JSON underneath (pydantic), so that it survives checkpoints, restarts and
upgrades. Nothing here reads a clock or a store.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from deskhand.agent.plans.language import Plan, Step
from deskhand.agent.values import Value
from deskhand.connectors.model import Item
from deskhand.connectors.operations import RefField, Undo

RunStatus = Literal["ready", "running", "waiting", "done", "partial", "failed", "unclear", "cancelled"]
FORMAT = 2
"""How runs are kept by this Deskhand; 1 were those of 0.1.0. What a later one wrote is left alone."""

FINISHED: frozenset[RunStatus] = frozenset({"done", "partial", "failed", "unclear", "cancelled"})

FOLLOWING = ("answer-", "revision-", "release-")
"""How the ids of runs begin that follow from a mail, or from a time that was kept (`runs.following`)."""


# What is told


class Citation(Value):
    """The exact version of the item that a statement rests on."""

    ref: RefField
    version: str
    title: str
    who: str = ""
    at: AwareDatetime

    @classmethod
    def of(cls, item: Item) -> Citation:
        """Cite an item as it is; of an event `at` is when it (first) begins."""
        begins = None if item.data.get("all_day") or item.data.get("floating") else item.start
        return cls(
            ref=item.ref, version=item.version, title=item.title, who=item.author, at=begins or item.at
        )


class Passage(Value):
    """One statement and what it rests on. `text` is one paragraph of plain text."""

    text: str
    cites: tuple[Citation, ...] = ()


class Section(Value):
    """Passages under a heading; an empty heading is the lead."""

    heading: str
    passages: tuple[Passage, ...]


class Brief(Value):
    """A composed answer: a summary, an agenda, a comparison, a digest. `render` gives it a form."""

    title: str
    sections: tuple[Section, ...] = ()
    note: str = ""
    """What the reader must know about the whole (what is missing, what was not read)."""

    def citations(self) -> list[Citation]:
        """Every citation once, in order of appearance."""
        cites = (c for s in self.sections for p in s.passages for c in p.cites)
        return list(dict.fromkeys(cites))


# What is decided


class Decision(Value):
    """What a person said about one approval."""

    verdict: Literal["approve", "edit", "reject"]
    changes: dict[str, Any] = Field(default_factory=dict[str, Any])
    """edit: arguments to replace, by name; each keeps its type."""
    reason: str = ""
    by: str = "person"


class Argument(Value):
    """One argument as the approval card shows it: value and origin side by side."""

    name: str
    value: str
    origin: str
    """In words: "you wrote", "from your contacts", "from mail by X, 12 Nov"."""
    trust: str = "untrusted"


class Approval(Value):
    """A question to a person about one exact write. `hash` is what the answer signs."""

    id: str
    kind: Literal["write", "failure"] = "write"
    """failure: what follows from a step that could not be done; `arguments` are the step and what `then`."""
    run: str
    step: str
    operation: str
    arguments: dict[str, Any]
    origins: dict[str, dict[str, Any]] = Field(default_factory=dict[str, dict[str, Any]])
    """Labels of the arguments, by name, as JSON."""
    shown: tuple[Argument, ...] = ()
    summary: str = ""
    """The question in one line, rendered by our code from the arguments."""
    reason: str = ""
    """The policy rule that asks."""
    undo: Undo = "R3"
    alternatives: tuple[dict[str, Any], ...] = ()
    """Other values on offer, each a set of changes for `edit` (other slots)."""
    whys: tuple[str, ...] = ()
    """What speaks for each of the alternatives, in their order; empty where nothing is known."""
    notes: tuple[str, ...] = ()
    """What else is worth knowing before the answer, worked out by our code."""
    state: Literal["pending", "approved", "rejected", "expired", "used", "withdrawn"] = "pending"
    decision: Decision | None = None
    created: AwareDatetime
    expires: AwareDatetime
    hash: str = ""


# What was done

EffectState = Literal["intended", "claimed", "done", "failed", "unknown", "undone"]


class Effect(Value):
    """A row of the ledger: one write, from the intention to its read-back receipt."""

    key: str
    run: str
    step: str
    operation: str
    arguments: dict[str, Any]
    source: str
    state: EffectState
    receipt: dict[str, Any] | None = None
    """ref, version and what the source said, read back from it."""
    inverse: dict[str, Any] | None = None
    """The operation that takes it back: {"operation": name, "arguments": {...}}."""
    error: str = ""
    at: AwareDatetime


class Amend(Value):
    """How one write of a run is taken back."""

    step: str
    effect: str
    by: str = ""
    """The step that takes it back; "" where nothing can, and `why` says why."""
    own: bool = False
    """By what the plan said makes up for it; the write itself stays."""
    why: str = ""


class Amends(Value):
    """What a run does about its own writes after a step has failed. Laid down before the first of it runs."""

    because: str
    """The step that failed."""
    of: tuple[Amend, ...] = ()
    steps: tuple[Step, ...] = ()
    """What is done for it, after and beside the steps of the plan."""

    @property
    def backs(self) -> frozenset[str]:
        """Steps that take a write back by its inverse."""
        return frozenset(a.by for a in self.of if a.by and not a.own)


class Event(Value):
    """Something that happened in a run, in the past tense; trace and replay read nothing else."""

    run: str
    seq: int
    at: AwareDatetime
    type: str
    data: dict[str, Any] = Field(default_factory=dict[str, Any])


class Run(Value):
    """One execution of a request."""

    id: str
    request: str
    status: RunStatus
    created: AwareDatetime
    updated: AwareDatetime
    plan: Plan | None = None
    answer: str = ""
    brief: Brief | None = None
    citations: tuple[Citation, ...] = ()
    approvals: tuple[Approval, ...] = ()
    effects: tuple[Effect, ...] = ()
    choices: tuple[str, ...] = ()
    """With status unclear: requests to say instead."""
    schedule: str = ""
    amends: Amends | None = None
    """What is done, or was, about its own writes after a step has failed."""
    format: int = FORMAT
    problem: str = ""
    """Why this Deskhand cannot go on with it; a later one wrote it, or nobody can read its plan any more."""
