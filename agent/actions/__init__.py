"""What Deskhand can do inside the house. The folder is the registry: one function, one action.

An action reads (the archive, the index, the calendar) and returns an `Output`; it never writes to a
source. One that changes our own records (a schedule) says so, and takes no stranger's word for it. Writes are
`connectors.operations`: their arguments are worked out here, weighed by the policy and carried out by the
ledger. To add an action, add one function with `@action("noun.verb", gives=Some)`; `Some` says what its value
is (`_shapes`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import datetime
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from deskhand.agent.actions._shapes import Given, misfits
from deskhand.agent.copied import with_copies
from deskhand.agent.model import Brief, Citation, Effect
from deskhand.connectors import tells
from deskhand.connectors.model import FreeBusy, Label

if TYPE_CHECKING:
    from deskhand.agent.profile import Owner, Place
    from deskhand.agent.records.state import Records
    from deskhand.agent.records.timetable import Schedule
    from deskhand.connectors.archive import Archive
    from deskhand.index.model import Hit, Query


class CannotDo(Exception):
    """The action cannot do what was asked; the message tells the person why and what would help."""


class NeedsAnswer(Exception):
    """One question must be answered first; `choices` are whole requests that would answer it."""

    def __init__(self, question: str, choices: Sequence[str] = ()) -> None:
        super().__init__(question)
        self.choices = tuple(choices)


class Misfit(Exception):
    """An action gave something else than it says it gives, so that nothing of it was used: a defect of it.

    `wrong` says of each place what is not right with it.
    """

    def __init__(self, op: str, wrong: Sequence[str]) -> None:
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        super().__init__(
            f"What {op} gave is not what it is to give ({wrong[0]}{more}), so nothing of it was used. "
            "This is a defect of Deskhand; please report it"
        )
        self.wrong = tuple(wrong)


class Finder(Protocol):
    """Searches the index."""

    def __call__(self, query: Query, *, notes: list[str] | None = None) -> Sequence[Hit]:
        """What fits, best first. `notes` is told why it was searched by words alone, where it was."""
        ...


class FreeBusyOf(Protocol):
    """Asks the connected sources for other people's time; see `Connections.free_busy`."""

    def __call__(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> dict[str, FreeBusy]: ...


class Write(Protocol):
    """Has a language model put sources into prose; see `models.writing`.

    :param task: what is wanted, in words of ours.
    :param sources: exact versions with their words.
    :param beside: what is written stands in front of the extract, not instead of it.
    :returns: what was written and held to its sources, labelled as the assistant's; else the extract.
    """

    def __call__(
        self, task: str, sources: Sequence[tuple[Citation, str]], extract: Brief, *, beside: bool = False
    ) -> Brief: ...


def extract_alone(
    task: str, sources: Sequence[tuple[Citation, str]], extract: Brief, *, beside: bool = False
) -> Brief:
    """Nobody writes: the extract, in its authors' own words."""
    return extract


def nobody(addresses: Sequence[str], *, start: datetime, end: datetime) -> dict[str, FreeBusy]:
    """Nothing is known of anybody's time."""
    return {}


def lost(effect: Effect) -> Mapping[str, Label]:
    """Nobody knows any more whose the arguments of a write are: each is untrusted and private."""
    return {}


@dataclass(frozen=True, slots=True)
class Context:
    """What an action may look at. `now` is the run's instant, the same for every step and retry of it."""

    archive: Archive
    search: Finder
    records: Records
    owner: Owner
    places: Sequence[Place]
    now: datetime
    unreadable: tuple[str, ...] = ()
    """Aliases of sources whose last pass failed: what they hold is not known."""
    run: str = ""
    free_busy: FreeBusyOf = nobody
    write: Write = extract_alone
    whose: Callable[[Effect], Mapping[str, Label]] = lost
    """The labels of the arguments of a write that is in the ledger, as far as they can be told still."""
    waits: Callable[[Schedule], str] = lambda _: ""
    """For which sign-in a schedule waits, as the end of a sentence; "" where it does not."""

    def place(self, operation: str) -> Place | None:
        """The first source that can carry out an operation."""
        return next((p for p in self.places if operation in p.operations), None)

    def tells(self, alias: str) -> bool:
        """Whether the server of a calendar writes by itself to those in an event that is changed there."""
        return any(p.alias == alias and tells(p.kind) for p in self.places)

    def mailbox(self, address: str) -> Place | None:
        """The mailbox that sends from an address; else the first that can send at all."""
        senders = [p for p in self.places if "mail.send" in p.operations]
        return next((p for p in senders if address and p.account == address), next(iter(senders), None))


@dataclass(frozen=True, slots=True)
class Output:
    """What an action found.

    `value` is plain JSON that later steps refer to; `labels` say where its parts came from, by the
    first name of the path ("" is the whole; a missing label means untrusted); `brief` is told to the person.
    """

    value: Mapping[str, Any] = field(default_factory=dict[str, Any])
    labels: Mapping[str, Label] = field(default_factory=dict[str, Label])
    brief: Brief | None = None


class Arguments(BaseModel):
    """The typed arguments of an action."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True)
class Action:
    """A named function with typed arguments."""

    name: str
    run: Callable[..., Output]
    arguments: type[Arguments]
    doc: str
    gathered: Mapping[str, type] = field(default_factory=dict[str, type])
    """Parameters that are made of arguments (see `ONE_BY_ONE`)."""
    gives: type[Given] | None = None
    """What its value is; None: not said, so that anything is."""
    keeps: bool = False
    """It changes our own records. No gate stands in front of it, so no argument may be a stranger's."""

    def __call__(self, context: Context, given: Mapping[str, Any]) -> Output:
        """Check the arguments, run, and check what it gives.

        :raises pydantic.ValidationError: the arguments do not fit. :raises Misfit: what it gave does not.
        """
        checked = self.arguments.model_validate(dict(given))
        values = {n: getattr(checked, n) for n in type(checked).model_fields}
        for parameter, of in self.gathered.items():
            values[parameter] = of(**{f.name: values.pop(f.name) for f in fields(of)})
        output = self.run(context, **values)
        if output.brief is not None:
            output = replace(output, brief=with_copies(output.brief, context.archive, context.places))
        if self.gives is not None and (wrong := misfits(self.gives, output.value)):
            raise Misfit(self.name, wrong)
        return output


ONE_BY_ONE = "one by one"
"""`Annotated[Some, ONE_BY_ONE]`: the fields of the dataclass `Some` are arguments of the action, each by its
own name, and come to the function as one value. For what several actions ask alike."""

F = TypeVar("F", bound=Callable[..., Output])
_MARK = "_deskhand_action"


def action(name: str, *, gives: type[Given] | None = None, keeps: bool = False) -> Callable[[F], F]:
    """Declare a function an action: `function(context, *, typed keyword arguments) -> Output`.

    :param gives: what the value of its output is; each action says so (a test sees to it).
    :param keeps: it changes our own records; so does every action that writes to `Context.records`.
    """

    def mark(function: F) -> F:
        setattr(function, _MARK, (name, gives, keeps))
        return function

    return mark


@cache
def actions() -> Mapping[str, Action]:
    """Every action of the folder, by name."""
    found: dict[str, Action] = {}
    for module in sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_")):
        for function in vars(import_module(f"{__name__}.{module}")).values():
            if (marked := getattr(function, _MARK, None)) and function.__module__ == f"{__name__}.{module}":
                name, gives, keeps = marked
                found[name] = replace(_made(name, function, gives), keeps=keeps)
    return found


def _made(name: str, function: Callable[..., Output], gives: type[Given] | None) -> Action:
    """An action with the arguments that its function takes after the context."""
    taken: dict[str, Any] = {}
    gathered: dict[str, type] = {}
    _, *parameters = inspect.signature(function, eval_str=True).parameters.values()
    for p in parameters:
        if ONE_BY_ONE in getattr(p.annotation, "__metadata__", ()):
            gathered[p.name] = of = p.annotation.__origin__
            types = get_type_hints(of)
            taken |= {f.name: (types[f.name], ... if f.default is MISSING else f.default) for f in fields(of)}
        else:
            taken[p.name] = (p.annotation, ... if p.default is p.empty else p.default)
    arguments = create_model(name.replace(".", "_"), __base__=Arguments, **taken)
    return Action(name, function, arguments, inspect.getdoc(function) or "", gathered, gives)
