"""Asking models until one gives what was wanted: the same again, in another manner, later, or the next one.

What is done after a failure follows from its kind alone (`THEN`). Every try is told, whatever became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from deskhand.agent.models import THEN, Failure, Manner, Message, Model, Outcome, Said, Shape

AGAIN = 2
"""So often an answer that does not fit goes back to the model that gave it."""

WAITS = 1
"""So often one model is waited for."""

PATIENCE = 20.0
"""Seconds that are waited at the most; whoever says to come back later than this is passed over."""

PAUSE = 1.0
"""Seconds that are waited where the provider does not say how long."""

_QUOTED = 4_000
"""Characters of an answer that go back with its faults."""

T = TypeVar("T")
Tell = Callable[[Mapping[str, Any]], None]
"""Told of every try: model, manner, outcome, ms, tokens, faults."""


class Unfit(Exception):
    """An answer cannot be used; each fault says what is wrong and what to write instead."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = (*faults,)


@dataclass(frozen=True, slots=True)
class Clocks:
    """How time passes: `ticks` counts seconds, `pause` lets some go by."""

    ticks: Callable[[], float]
    pause: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Got(Generic[T]):
    """What was made of an answer, and whose it was."""

    value: T
    model: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """No model gave what was wanted."""

    tries: tuple[tuple[str, Outcome, str], ...]
    """Model, outcome and a sentence for each try, in order."""

    def __str__(self) -> str:
        """What became of each model at last, in one sentence each."""
        last = {model: sentence for model, _, sentence in self.tries}
        return " ".join(last.values())


@dataclass(frozen=True)
class Wish(Generic[T]):
    """What is wanted of a model."""

    messages: tuple[Message, ...]
    read: Callable[[Said], T]
    """Makes a value of an answer. :raises Unfit: it is none."""
    shape: Shape | None = None
    hint: Callable[[], str] = lambda: ""
    """What helps somebody whose answer did not fit; worked out only then."""
    about: Callable[[T], Mapping[str, Any]] = lambda _: {}
    """What else is told of a try that worked."""


def seek(models: Sequence[Model], wish: Wish[T], *, tell: Tell, clocks: Clocks) -> Got[T] | Nothing:
    """Ask the models in their order until one gives what was wanted. Never raises what a model did."""
    tries: list[tuple[str, Outcome, str]] = []
    for model in models:
        got = _one(model, wish, tries, tell=tell, clocks=clocks)
        if got is not None:
            return got
    return Nothing((*tries,))


def _one(
    model: Model, wish: Wish[T], tries: list[tuple[str, Outcome, str]], *, tell: Tell, clocks: Clocks
) -> Got[T] | None:
    manners = list(Manner) if wish.shape is not None else [Manner.TEXT]
    messages, again, waits = wish.messages, AGAIN, WAITS
    while True:
        started = clocks.ticks()
        told: dict[str, Any] = {"model": model.name, "manner": manners[0].value}
        said: Said | None = None
        value: T | None = None
        faults: tuple[str, ...] = ()
        wait: float | None = None
        try:
            said = model.ask(messages, shape=wish.shape, manner=manners[0])
            value = wish.read(said)
            outcome, sentence = Outcome.ANSWERED, ""
        except Failure as failure:
            outcome, sentence, wait = failure.outcome, str(failure), failure.wait
        except Unfit as unfit:
            outcome, faults = Outcome.UNFIT, unfit.faults
            sentence = f"What {model.name} answered could not be used."
        told |= {"outcome": outcome.value, "ms": round((clocks.ticks() - started) * 1000)}
        told |= {"tokens": [said.tokens_in, said.tokens_out]} if said and _counted(said) else {}
        told |= {"faults": [*faults]} if faults else {}
        told |= {"said": sentence} if sentence and not faults else {}
        told |= wish.about(value) if value is not None else {}
        tell(told)
        tries.append((model.name, outcome, sentence))
        if value is not None:
            return Got(value, model.name)
        then = THEN.get(outcome, "another model")
        if then == "again" and again > 0 and said is not None:
            again -= 1
            messages = (*wish.messages, *_back(said, faults, wish.hint()))
        elif then == "wait" and waits > 0 and (wait is None or wait <= PATIENCE):
            waits -= 1
            clocks.pause(PAUSE if wait is None else wait)
        elif then == "another manner" and len(manners) > 1:
            manners.pop(0)
        else:
            return None


def _back(said: Said, faults: Sequence[str], hint: str) -> tuple[Message, Message]:
    """The answer, and what is wrong with it: only the last one goes back, so that nothing piles up."""
    wrong = "\n".join(f"- {f}" for f in faults)
    text = f"This cannot be used:\n{wrong}\nAnswer again, with all of it, and mend exactly this."
    return Message("assistant", said.text[:_QUOTED]), Message("user", f"{text}\n{hint}".strip())


def _counted(said: Said) -> bool:
    return said.tokens_in is not None or said.tokens_out is not None
