"""The nouns of a plan: typed steps, references into earlier outputs, predicates. Data; nothing here runs.

A plan is JSON that a person can read and edit. What has its default is left out of it, so that the form is
one, whoever made it, and so that a plan of an earlier version reads the same.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from deskhand.agent.values import Value, digest
from deskhand.connectors.model import Trust

EACH = "each"
"""What a step with `for_each` calls its element, and a `where` the element it looks at."""

AT_MOST = 25
"""So many elements of a list are gone through where the step says nothing else."""

LATEST = 3
"""The version of the plan language that this Deskhand writes, and the last one it reads."""

OnFailure = Literal["go on", "stop", "compensate", "ask"]
Unanswered = Literal["ask again", "leave out", "stop"]
Take = Literal["all", "first", "last", "only", "count"] | Annotated[int, Field(ge=0, le=9999)]


class _Short(Value):
    """A value that is written without what has its default."""

    @model_serializer(mode="wrap")
    def _short(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        made: dict[str, Any] = handler(self)
        fields = type(self).model_fields
        return {
            n: v
            for n, v in made.items()
            if fields[n].is_required()
            or n in self._always
            or getattr(self, n) != fields[n].get_default(call_default_factory=True)
        }

    @property
    def _always(self) -> frozenset[str]:
        return frozenset()


class Ref(_Short):
    """A reference into an earlier step's output: `{"ref": "s1", "path": "slots[0].start"}`.

    Of a list, some can be chosen: `where` keeps those for which a predicate holds, `sort` puts them in the
    order of a path in each (`descending` turns it round; what has no such value comes last), `take` says how
    many, and `then` is a path in what was taken. In this order.

        {"ref": "mails", "path": "messages", "sort": "at", "take": "last", "then": "version"}
    """

    ref: str
    path: str = ""
    where: Predicate | None = None
    sort: str = ""
    descending: bool = False
    take: Take = "all"
    """first, last, or the one at a place counted from 0; "only": there must be exactly one; "count": how
    many there are."""
    then: str = ""

    @property
    def _always(self) -> frozenset[str]:
        return frozenset({"path"})

    @property
    def selects(self) -> bool:
        """Whether it chooses from a list, and does not just point at a value."""
        return self.where is not None or bool(self.sort) or self.take != "all" or bool(self.then)


# Predicates. What one looks at may be missing; then it is not known whether it holds (see `deciding`).


class _Predicate(_Short):
    @property
    def _always(self) -> frozenset[str]:
        return frozenset({"test"})


class Present(_Predicate):
    """There is something: not missing, empty, zero or false."""

    test: Literal["present"] = "present"
    of: Ref


class Empty(_Predicate):
    """There is nothing: the opposite of `present`."""

    test: Literal["empty"] = "empty"
    of: Ref


class Equals(_Predicate):
    """The same value; of text, without regard to upper and lower case."""

    test: Literal["equals"] = "equals"
    of: Ref
    value: Ref | str | int | float | bool


class Contains(_Predicate):
    """A text has these words in it, a list this element; without regard to upper and lower case."""

    test: Literal["contains"] = "contains"
    of: Ref
    value: Ref | str


class Before(_Predicate):
    """An instant lies before another. A date without a time is none."""

    test: Literal["before"] = "before"
    of: Ref
    value: Ref | AwareDatetime


class After(_Predicate):
    """An instant lies after another."""

    test: Literal["after"] = "after"
    of: Ref
    value: Ref | AwareDatetime


class Count(_Predicate):
    """A list, or a text of it, has at least and at most so many elements."""

    test: Literal["count"] = "count"
    of: Ref
    least: Annotated[int, Field(ge=0)] = 0
    most: Annotated[int, Field(ge=0)] | None = None


class Number(_Predicate):
    """A number is at least and at most so much."""

    test: Literal["number"] = "number"
    of: Ref
    least: float | None = None
    most: float | None = None


class Every(_Predicate):
    """All of these hold."""

    test: Literal["all"] = "all"
    of: Annotated[tuple[Predicate, ...], Field(min_length=1)]


class Some(_Predicate):
    """At least one of these holds."""

    test: Literal["any"] = "any"
    of: Annotated[tuple[Predicate, ...], Field(min_length=1)]


class Not(_Predicate):
    """This does not hold."""

    test: Literal["not"] = "not"
    of: Predicate


Predicate = Annotated[
    Present | Empty | Equals | Contains | Before | After | Count | Number | Every | Some | Not,
    Field(discriminator="test"),
]


class Retry(_Short):
    """How often a step is tried that failed for a passing reason, and how long is waited in between."""

    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    backoff: Annotated[float, Field(ge=0, le=3600)] = 1.0
    """Seconds before the second attempt; doubled for each one after it, with a jitter that is the same
    whenever the same run is replayed."""


class Call(_Short):
    """An operation with its arguments, without a place of its own in the plan."""

    op: str
    args: dict[str, Any] = Field(default_factory=dict[str, Any])
    origins: dict[str, Trust] = Field(default_factory=dict[str, Trust])


class Step(_Short):
    """One operation with its arguments: literals, or references to the outputs of earlier steps."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    op: str
    """The name of an action ("thread.summarise") or of an operation ("event.create")."""
    args: dict[str, Any] = Field(default_factory=dict[str, Any])
    needs: tuple[str, ...] = ()
    """Steps that must have been done first, although nothing of theirs is referred to."""
    after: tuple[str, ...] = ()
    """Steps that must be over first, whatever became of them."""
    when: Ref | Predicate | None = None
    """Only if this holds; a mere reference means that it is there and not empty. Else the step, and what
    needs it, is left out."""
    otherwise: str = ""
    """Only if the step named here was left out because its own `when` did not hold: its "else"."""
    for_each: Ref | None = None
    """A list in an earlier output: the step is done once for each element, which it calls `each`
    (`{"ref": "each", "path": "version"}`). A step over the same list that it refers to is that of the same
    element; other steps may only wait for it (`needs`)."""
    at_most: Annotated[int, Field(ge=1, le=100)] = AT_MOST
    """With `for_each`: so many elements are gone through; of more, none."""
    priority: Annotated[int, Field(ge=0, le=9)] = 5
    """Of the steps that are ready, those of higher priority begin first."""
    deadline: AwareDatetime | None = None
    """It is not begun after this."""
    timeout: Annotated[float, Field(gt=0, le=3600)] | None = None
    """Seconds after which nobody waits for it any more; None: as the operation says."""
    retry: Retry = Retry()
    fallback: Call | None = None
    """What is read instead where this cannot be read; its output takes the place of the step's."""
    on_failure: OnFailure = "go on"
    """What becomes of the others where it has failed for good: those that do not need it go on; nothing more
    is begun; nothing more is begun and what was done is taken back, the last first; the person is asked."""
    unanswered: Unanswered = "ask again"
    """What happens where its question is not answered until it expires: it is asked again; it is left out,
    with what needs it, and a step whose `otherwise` names it is done in its place; nothing more is begun."""
    compensation: Call | None = None
    """What makes up for this write where it has to be taken back, instead of its source's own inverse. It may
    refer to this step, and to those it needs."""
    origins: dict[str, Trust] = Field(default_factory=dict[str, Trust])
    """Where literal arguments come from, by name; the person's own words unless said here."""
    offers: Ref | None = None
    """A list in an earlier output: other values for the arguments, offered on the approval card; the `why`
    beside them says what speaks for each."""
    notes: Ref | None = None
    """A list of sentences in an earlier output, for the approval card."""
    purpose: str = ""
    """What it is for, in the person's words."""


class Plan(_Short):
    """A typed task graph made from a request."""

    schema_version: Literal[1, 2, 3] = 3
    """1 knew no predicates, selectors or what follows a failure; 2 no compensation and no question about what
    failed. Each reads as what it is: a part of the next."""
    request: str
    objective: str
    """What was understood, as one sentence to the person."""
    steps: tuple[Step, ...]

    @property
    def _always(self) -> frozenset[str]:
        return frozenset({"schema_version"})

    @model_validator(mode="before")
    @classmethod
    def _of_a_later_version(cls, given: Any) -> Any:
        version = given.get("schema_version", LATEST) if isinstance(given, dict) else LATEST
        if isinstance(version, int) and version > LATEST:
            raise ValueError(
                f"it was written by a later Deskhand (plan version {version}; this one reads up to {LATEST})"
            )
        return given

    @property
    def hash(self) -> str:
        """Names this very plan; runs and approvals are bound to it."""
        return digest(self.model_dump(mode="json"))


class Unclear(Value):
    """What a planner says when it will not guess."""

    message: str
    """What was not understood, or the one question to answer."""
    choices: tuple[str, ...] = ()
    """Whole requests to say instead, at most three where nothing was understood."""
    lacking: bool = False
    """Something was not found in the wish, or not understood; whoever finds or understands it need not ask.
    Other questions (contradictions, which of two people, what is not done here) stand."""
    name: str = ""
    """The name that was asked about, where the question is which of several people is meant."""
    among: tuple[tuple[str, str], ...] = ()
    """Those people then: address and name of each."""
