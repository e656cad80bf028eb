"""The nouns of the agent: what is decided, done and told. What is planned: `plans.language`.

All of it is plain JSON underneath (pydantic), so that it survives checkpoints, restarts and
upgrades. Nothing here reads a clock or a store.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, Field, field_validator

from deskhand.agent.plans.language import Plan, Step, Unanswered
from deskhand.agent.values import Value
from deskhand.connectors.model import Item
from deskhand.connectors.operations import RefField, Undo

RunStatus = Literal[
    "ready",
    "running",
    "waiting",
    "held",
    "done",
    "partial",
    "failed",
    "rejected",
    "unclear",
    "cancelled",
]
"""rejected: by the person's no, and nothing was done.
waiting: for a decision. held: nothing is to be decided any more, and a mail is held a moment."""
FORMAT = 2
"""How runs are kept by this Deskhand; 1 were those of 0.1.0. What a later one wrote is left alone."""

FINISHED: frozenset[RunStatus] = frozenset({"done", "partial", "failed", "rejected", "unclear", "cancelled"})

FOLLOWING = ("answer-", "revision-", "release-")
"""How the ids of runs begin that follow from a mail, or from a time that was kept (`runs.following`)."""

AGAIN = "again-"
"""How the ids of runs begin that do once more what was not done; each begins once for one effect."""


# What is told


class Citation(Value):
    """The exact version of the item that a statement rests on."""

    ref: RefField
    version: str
    title: str
    who: str = ""
    at: AwareDatetime
    also: tuple[RefField, ...] = ()
    """Where else the same mail lies."""

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
    seen: bool = False
    """edit: what there is to warn of the new values was seen; without it they are told first."""
    reason: str = ""
    by: str = "person"


class Span(Value):
    """A stretch of a shown value, in characters: `[start, end)`.

    foreign: not the person's own words; a mark of ours in place of a hidden character is unseen, and may lie
    inside what is foreign.
    """

    start: int
    end: int
    kind: Literal["foreign", "unseen"]


class Argument(Value):
    """One argument as the approval card shows it: value and origin side by side."""

    name: str
    value: str
    """As it is shown: whatever hides in the argument is written out, so it may be longer than that is."""
    origin: str
    """In words: "you wrote", "from your contacts", "from a mail by X, 12 Nov, “Budget”"."""
    trust: str = "untrusted"
    origins: tuple[str, ...] = ()
    """Addresses of the items that it came from."""
    spans: tuple[Span, ...] = ()
    warnings: tuple[str, ...] = ()
    """What is odd about it, a sentence each: what hides in it, whom it could be taken for, who is new."""


class Approval(Value):
    """A question to a person about one exact write. `hash` is what the answer signs."""

    id: str
    kind: Literal["write", "failure"] = "write"
    """failure: what follows from a step that could not be done; `arguments` are the step and what `then`."""
    run: str
    step: str
    batch: str = ""
    """What was asked at the same time by the same run has the same; "" of an earlier Deskhand's."""
    operation: str
    arguments: dict[str, Any]
    origins: dict[str, dict[str, Any]] = Field(default_factory=dict[str, dict[str, Any]])
    """Labels of the arguments, by name, as JSON."""
    shown: tuple[Argument, ...] = ()
    summary: str = ""
    """The question in one line, rendered by our code from the arguments."""
    reason: str = ""
    """Why the policy asks, in words."""
    rule: str = ""
    """The row of the policy that asks; "" of an earlier Deskhand's, and of what follows from a failure."""
    undo: Undo = "R3"
    afterwards: str = ""
    """Whether it can be taken back, in words."""
    otherwise: str = ""
    """What happens if nothing is decided, in words."""
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
    unanswered: Unanswered = "ask again"
    """What happens when nobody has decided until it expires, as the plan says."""
    reminded: AwareDatetime | None = None
    """When the person was reminded of it."""
    policy: str = "2"
    """The rules it was asked under (`Policy.version`); "2" are those of before there was a table."""
    hash: str = ""


PER_DAY = 5
"""How often a day a permission may be used where nothing else is said."""


class Permission(Value):
    """What a person always allows."""

    id: str
    operation: str
    source: str
    people: tuple[str, ...]
    """Whom it may reach: addresses in lower case, sorted. Nobody else, and at least one of them."""
    group: str = ""
    """The group that these were when it was granted."""
    equal: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Arguments that must be as they were, by name."""
    schedule: str = ""
    """Only in runs of this schedule; "": only where the person asked herself."""
    words: str = ""
    """With a schedule: its request as it was; with another one it is another schedule."""
    rule: str
    """The rule of the policy that asks; and under which version of the policy."""
    policy: str
    per_day: int = PER_DAY
    created: AwareDatetime
    until: AwareDatetime
    approval: str
    """The card that it was granted on."""
    revoked: AwareDatetime | None = None


# What was done

EffectState = Literal[
    "intended", "held", "withdrawn", "claimed", "done", "failed", "unknown", "vouched", "undone"
]
"""held: held until `Effect.due`, it can still be taken back. withdrawn: it was, nothing happened.
claimed: handed to the source. done: read back from it. unknown: it may have happened, a person must look.
vouched: the person looked and says that it happened. undone: it was done, and taken back since."""


class Turn(Value):
    """How a row of the ledger came into a state."""

    state: EffectState
    at: AwareDatetime
    said: str = ""
    """Why, where that is not plain: what the source said, what was looked for."""
    by: str = ""
    """The run that took it back; "you" where the person said it."""


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
    due: AwareDatetime | None = None
    """When what is held is to happen."""
    history: tuple[Turn, ...] = ()
    """Every state it was in, the first first."""

    @field_validator("history", mode="before")
    @classmethod
    def _of_before(cls, history: object) -> object:
        return () if history is None else history  # a row of a Deskhand that kept none

    @property
    def left(self) -> dict[str, str]:
        """What it changed, the first what it was about, with the version each had after it; "" where it was
        gone."""
        if not self.receipt:
            return {}
        also: dict[str, str] = self.receipt.get("detail", {}).get("also", {})
        return {str(self.receipt["ref"]): str(self.receipt["version"]), **also}

    @property
    def held_as(self) -> str:
        """Names one time of being held: the same write can be held again later."""
        return f"{self.key} {self.due.isoformat() if self.due else ''}"

    def turned(
        self, state: EffectState, *, at: datetime, said: str = "", by: str = "", **changes: Any
    ) -> Effect:
        """The row in another state, which its history tells. Keeping it is another matter."""
        turn = Turn(state=state, at=at, said=said, by=by)
        return self.model_copy(update=changes | {"state": state, "history": (*self.history, turn)})


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
    anew: str = ""
    """The run that was planned anew by what the person said with a no to this one."""
    instead_of: str = ""
    """The run that this one was planned anew from; and all that was said so far."""
    reasons: tuple[str, ...] = ()
    format: int = FORMAT
    problem: str = ""
    """Why this Deskhand cannot go on with it; a later one wrote it, or nobody can read its plan any more."""
