"""The port to language models: what is asked of one, what it says, how it can fail. A guest, never a part.

A model holds no operations and no rights. It is handed messages and gives back text; whoever asked reads
that text into types of ours, and decides. Model libraries are imported by `langchain` alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol

LARGEST = 200_000
"""Characters of an answer that are read; a plan or a summary is a hundredth of it."""

Role = Literal["system", "user", "assistant"]


class Outcome(StrEnum):
    """How one try of a model ended; written into the trace as it is."""

    ANSWERED = "answered"
    UNFIT = "bad schema"
    """It answered, but not what was asked for: no JSON, a wrong field, a plan that is not sound."""
    REFUSED = "refusal"
    TIMEOUT = "timeout"
    QUOTA = "quota"
    """Too many requests, or nothing left to spend (HTTP 429)."""
    TOO_LONG = "context too long"
    """What was asked, or what it began to answer, is more than it can hold."""
    TOO_LARGE = "answer too large"
    SERVER = "server error"
    UNREACHABLE = "unreachable"
    DENIED = "not allowed"
    """The key is wrong, or has no right to this model (HTTP 401, 403)."""
    UNSUPPORTED = "not supported"
    """It was asked in a manner that the provider does not know (HTTP 400, 422)."""
    UNUSABLE = "cannot be used"
    """Its package is not installed, its key is not where it should be, there is no such model."""
    SPENT = "budget"
    """It was not asked: the budget has too little left for it."""
    BROKEN = "broke"
    """Something that no provider should do."""


Then = Literal["again", "wait", "another manner", "another model"]

FREE = frozenset({
    Outcome.QUOTA, Outcome.UNREACHABLE, Outcome.DENIED, Outcome.UNSUPPORTED, Outcome.UNUSABLE,
    Outcome.TOO_LONG, Outcome.SERVER,
})  # fmt: skip
"""After these no provider charges for anything; of other failures it is not known what they cost."""

THEN: Mapping[Outcome, Then] = {
    Outcome.UNFIT: "again",
    Outcome.QUOTA: "wait",
    Outcome.SERVER: "wait",
    Outcome.UNSUPPORTED: "another manner",
}
"""What is tried after a failure. Where nothing is said, asking the same model again would end the same."""


class Manner(StrEnum):
    """How a shape is asked for, best first."""

    SCHEMA = "json schema"
    TOOL = "tool"
    TEXT = "text"
    """In words alone: JSON, between fences or not."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What an answer must look like: a JSON schema with a name."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What a model answered, as it came, and what it counted (None: it did not tell)."""

    text: str
    tokens_in: int | None = None
    tokens_out: int | None = None


class Failure(Exception):
    """A model gave no answer. The message is a sentence for the person, without keys or what was asked."""

    def __init__(self, outcome: Outcome, message: str, *, wait: float | None = None) -> None:
        """:param wait: seconds after which the provider said to ask again."""
        super().__init__(message)
        self.outcome, self.wait = outcome, wait


def is_here(model: Model) -> bool:
    """Whether a model is on this very machine, as far as it says so: whoever does not say it is elsewhere."""
    return bool(getattr(model, "here", False))


class Model(Protocol):
    """A language model behind a door."""

    @property
    def name(self) -> str:
        """What it is called in the trace: "openai:gpt-4.1-mini"."""
        ...

    def ask(self, messages: Sequence[Message], *, shape: Shape | None = None, manner: Manner) -> Said:
        """Its answer, of at most `LARGEST` characters; prose where no shape is asked for.

        :raises Failure: there is none, after a time that is bounded whatever the other side does.
        """
        ...
