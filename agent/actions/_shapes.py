"""What actions give, as types: the shapes that several of them share.

An action declares what its `Output.value` is: `@action("noun.verb", gives=Some)`, where `Some` is a `Given`.
A plan's references are checked against it before anything runs, and each output before it is kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core.core_schema import CoreSchema, no_info_after_validator_function

from deskhand.connectors.model import Kind

Instant = AwareDatetime
"""ISO 8601 with an offset, as text: the only form of a time in a value."""

HANDLE = "handle"
Handle = Annotated[str, HANDLE]
"""The ref of an item, `source:kind:native` (`ItemRef`)."""

Stretch = tuple[Instant, Instant]
"""From when to when."""

MAYBE: Any = Field(default=None)
"""`name: str = MAYBE` may be missing; `name: str | None` is always there, and may be null."""


@dataclass(frozen=True, slots=True)
class Has:
    """`Annotated[dict[str, Any], Has("ref", "start")]`: an argument that has these names, and maybe more."""

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "required": [*self.names]}

    def _checked(self, value: dict[str, Any]) -> dict[str, Any]:
        if missing := [n for n in self.names if n not in value]:
            raise ValueError(f"it has no {', '.join(f'“{n}”' for n in missing)}")
        return value


AnItem = Annotated[dict[str, Any], Has("ref")]
"""An item that an earlier step found."""

AnEvent = Annotated[dict[str, Any], Has("ref", "title", "start", "end")]
"""An event that an earlier step found."""


class Given(BaseModel):
    """A value that steps may refer to: plain JSON with these names and no others."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


def misfits(gives: type[Given], value: object) -> list[str]:
    """What is wrong with a value, by its places; [] where it is plain JSON of that type."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        return [f"it is no plain JSON: {error}"]
    try:
        # What a mail smuggled in may be no Unicode; it is stored as "?" too (`records.book.clean`).
        _checker(gives).validate_json(text.encode("utf-8", "replace"))
    except ValidationError as error:
        return [f"{_place(one['loc'])}: {one['msg'][:1].lower()}{one['msg'][1:]}" for one in error.errors()]
    return []


def _place(loc: Sequence[str | int]) -> str:
    where = ""
    for part in loc:
        where += f"[{part}]" if isinstance(part, int) else f".{part}" if where else part
    return where or "the whole"


@cache
def _checker(gives: type[Given]) -> TypeAdapter[Given]:
    """Made once: to compile a type costs a thousand times what a check does."""
    return TypeAdapter(gives)


class Nothing(Given):
    """Nothing that another step could use."""


class Counted(Given):
    """How many there were; what they are is told."""

    count: int


class Told(Given):
    """What is told, as plain text for a mail that passes it on."""

    title: str
    text: str


class Summary(Told):
    """What is told to the owner, and `retold`: the same for somebody else, who is not the one it calls "you".

    A write that goes to others takes what stands in `retold` in the place of its namesake.
    """

    retold: Told = MAYBE


class CountedTold(Told, Counted):
    """What is told, and how many there were of it."""


class Person(Given):
    """Somebody with a mail address, or a room."""

    address: str
    name: str = MAYBE


class Time(Given):
    """A time, with its room where one was looked for."""

    start: Instant
    end: Instant
    location: str = MAYBE
    rooms: list[Person] = MAYBE
    """Whom to ask for the room: nobody where it has no address."""


class FreeTime(Time):
    """A time that fits, and why it is a good one."""

    why: str
    rrule: str = MAYBE
    """Of a series: the rule to book, and the starts at which it is not held."""
    exdates: list[Instant] = MAYBE


class Held(Given):
    """An event that only keeps a time free."""

    source: str
    ref: Handle
    version: str


class Event(Given):
    """An event, or one occurrence of it, at the version it was read at."""

    ref: Handle
    version: str
    source: str
    title: str
    occurrence: Instant | None
    """Which one of a series (RECURRENCE-ID); null: the event or the whole series."""
    start: Instant
    end: Instant
    all_day: bool
    zone: str


class NotedEvent(Event):
    """An event with sentences for the card of a change to it."""

    notes: list[str]


class Received(Given):
    """What puts an organizer's message into the owner's calendar (`event.receive`)."""

    source: str
    ref: Handle
    version: str
    message: Handle
    ics: str
    address: str


class Invitation(Given):
    """A mail that says something about an event to the calendar programs of others (RFC 6047)."""

    subject: str
    body: str
    calendar: str


class Attachment(Given):
    """A file that came with a message."""

    ref: Handle
    version: str
    name: str
    type: str
    """Its media type."""
    size: int
    """Bytes."""


class Message(Given):
    """A mail, without its words."""

    ref: Handle
    version: str
    title: str
    sender: Person
    to: list[Person]
    at: Instant
    thread: str
    attachments: list[Attachment]
    mine: bool


class Found(Given):
    """A message, document or event that was looked for."""

    ref: Handle
    version: str
    kind: Kind
    thread: str
    title: str
    source: str
    others: list[str]
    """Titles of what fits too."""
