"""Asking models until one gives what was wanted: the same again, in another manner, later, or the next one.

What is done after a failure follows from its kind alone (`THEN`). Every try is told, whatever became of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Generic, Protocol, TypeVar

from deskhand.agent.models import FREE, THEN, Failure, Manner, Message, Model, Outcome, Said, Shape

AGAIN = 2
"""So often an answer that does not fit goes back to the model that gave it."""

WAITS = 1
"""So often one model is waited for."""

PATIENCE = 20.0
"""Seconds that are waited at the most; whoever says to come back later than this is passed over."""

ALTOGETHER = 180.0
"""Seconds after which no further try is begun, of whatever model."""

PAUSE = 1.0
"""Seconds that are waited where the provider does not say how long."""

_QUOTED = 4_000
"""Characters of an answer that go back with its faults."""

T = TypeVar("T")
Tell = Callable[[Mapping[str, Any]], None]
"""Told of every try: model, manner, outcome, ms, tokens, faults."""

ANSWER = 8_192
"""Tokens that are set aside for an answer, where the options of a model do not say what is the most."""

_MESSAGE = 16
"""Tokens a message costs beside its text, at the most."""


class Purse(Protocol):
    """Pays for tries."""

    def __call__(self, model: str, *, most_in: int, most_out: int) -> Callable[[int, int], None] | Refused:
        """Set aside what a try costs at the most, in tokens; or why it is not to be made.

        :returns: what to call with the tokens that it took in the end, in and out.
        """
        ...


class Refused(Protocol):
    """Why a try is not paid for, as a sentence by `str`."""

    @property
    def remedy(self) -> str: ...


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


def seek(
    models: Sequence[Model], wish: Wish[T], *, tell: Tell, clocks: Clocks, purse: Purse | None = None
) -> Got[T] | Nothing:
    """Ask the models in their order until one gives what was wanted. Never raises what a model did.

    :param purse: pays for each try before it is made; without one nothing is counted.
    """
    tries: list[tuple[str, Outcome, str]] = []
    until = clocks.ticks() + ALTOGETHER
    for model in models:
        manners = list(Manner) if wish.shape is not None else [Manner.TEXT]
        messages, again, waits = wish.messages, AGAIN, WAITS
        while clocks.ticks() < until:
            started = clocks.ticks()
            made = _paid(model, wish, messages, manners[0], purse)
            took = round((clocks.ticks() - started) * 1000)
            tell({"model": model.name, "manner": manners[0].value, "ms": took} | _told(made, wish))
            tries.append((model.name, made.outcome, made.sentence))
            if made.value is not None:
                return Got(made.value, model.name)
            then = THEN.get(made.outcome, "another model")
            if then == "again" and again > 0 and made.said is not None:
                again -= 1
                messages = (*wish.messages, *_back(made.said, made.faults, wish.hint()))
            elif then == "wait" and waits > 0 and (made.wait is None or made.wait <= PATIENCE):
                waits -= 1
                clocks.pause(PAUSE if made.wait is None else made.wait)
            elif then == "another manner" and len(manners) > 1:
                manners.pop(0)
            else:
                break
    return Nothing((*tries,))


@dataclass(frozen=True, slots=True)
class _Try(Generic[T]):
    """What one question to one model came to."""

    outcome: Outcome
    sentence: str = ""
    said: Said | None = None
    value: T | None = None
    faults: tuple[str, ...] = ()
    wait: float | None = None


def _paid(
    model: Model, wish: Wish[T], messages: Sequence[Message], manner: Manner, purse: Purse | None
) -> _Try[T]:
    """`_ask`, with what it costs at the most set aside before, and what it did cost booked after."""
    if purse is None:
        return _ask(model, wish, messages, manner)
    most_in, most_out = _tokens(messages, wish.shape), _most(model)
    settle = purse(model.name, most_in=most_in, most_out=most_out)
    if not callable(settle):
        return _Try(Outcome.SPENT, f"{model.name} was not asked: {_lower(str(settle))}.")
    made = _ask(model, wish, messages, manner)
    if made.said is not None:
        told_in, told_out = made.said.tokens_in, made.said.tokens_out
        written = _weight(made.said.text)
        settle(most_in if told_in is None else told_in, written if told_out is None else told_out)
    elif made.outcome in FREE:
        settle(0, 0)
    else:
        settle(most_in, most_out)
    return made


def _most(model: Model) -> int:
    """Tokens of an answer at the most, as far as the options of a model say."""
    options: Mapping[str, Any] = getattr(model, "options", {})
    said = [
        options.get(n) for n in ("max_tokens", "max_completion_tokens", "max_output_tokens", "num_predict")
    ]
    return next((n for n in said if isinstance(n, int) and n > 0), ANSWER)


def _tokens(messages: Sequence[Message], shape: Shape | None) -> int:
    """Tokens of a question at the most."""
    asked = sum(_MESSAGE + _weight(m.text) for m in messages)
    return asked + (_weight(json.dumps(shape.schema)) if shape is not None else 0)


def _weight(text: str) -> int:
    """Tokens of a text at the most: tokenisers in use need none for less than two bytes of prose or JSON."""
    return ceil(len(text.encode("utf-8", "replace")) / 2)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _ask(model: Model, wish: Wish[T], messages: Sequence[Message], manner: Manner) -> _Try[T]:
    try:
        said = model.ask(messages, shape=wish.shape, manner=manner)
    except Failure as failure:
        return _Try(failure.outcome, str(failure), wait=failure.wait)
    try:
        return _Try(Outcome.ANSWERED, said=said, value=wish.read(said))
    except Unfit as unfit:
        sentence = f"What {model.name} answered could not be used."
        return _Try(Outcome.UNFIT, sentence, said, faults=unfit.faults)


def _told(made: _Try[T], wish: Wish[T]) -> dict[str, Any]:
    told: dict[str, Any] = {"outcome": made.outcome.value}
    if made.said is not None and (made.said.tokens_in is not None or made.said.tokens_out is not None):
        told["tokens"] = [made.said.tokens_in, made.said.tokens_out]
    if made.faults:
        told["faults"] = [*made.faults]
    elif made.sentence:
        told["said"] = made.sentence
    if made.value is not None:
        told |= wish.about(made.value)
    return told


def _back(said: Said, faults: Sequence[str], hint: str) -> tuple[Message, Message]:
    """The answer, and what is wrong with it: only the last one goes back, so that nothing piles up."""
    wrong = "\n".join(f"- {f}" for f in faults)
    text = f"This cannot be used:\n{wrong}\nAnswer again, with all of it, and mend exactly this."
    return Message("assistant", said.text[:_QUOTED]), Message("user", f"{text}\n{hint}".strip())
