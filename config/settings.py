"""Settings: config.toml and, above it, the environment, as frozen values that were all checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from deskhand.config.budget import Budget, Limits, Price
from deskhand.config.errors import ConfigError, nearest
from deskhand.config.guests import Model
from deskhand.config.hours import Week, read_hours
from deskhand.config.paths import check_alias
from deskhand.config.people import Habits, Meetings, Room, Section, Someone, read_groups, read_nicknames
from deskhand.config.policy import Outcome, Setting, fault, shipped
from deskhand.config.retention import Retention
from deskhand.config.secrets import holds_secret, refuse
from deskhand.config.sending import Sending
from deskhand.config.toml import line_of, parse, read_text
from deskhand.config.zones import check_zone

_SHOWN = 5
"""How many mistakes are told at once."""

TO_CONTACTS = "mail.send to contacts"
"""The row of the policy that `send_alone` switches on."""


_WANTED = {
    "string_type": "must be text, in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a section",
    "model_type": "must be a section",
}
"""Mistakes of type, as a person would put them; others keep the library's words."""


class Person(Habits):
    """Who Deskhand works for."""

    name: str = ""
    email: str = ""
    aliases: tuple[str, ...] = ()
    """Further addresses of the same person."""
    zone: str = "UTC"
    """IANA name."""
    hours: str | dict[str, str] = "09:00-17:00"
    """Working hours from Monday to Friday, or a table of days."""
    locale: str = "en_GB"
    """Language and country: decides whether 3/4 is in March or in April."""

    @property
    def addresses(self) -> frozenset[str]:
        """Every address of the person, in lower case."""
        return frozenset(a.lower() for a in (self.email, *self.aliases) if a)

    @property
    def week(self) -> Week:
        """Working hours as minutes of each day, Monday first."""
        return read_hours(self.hours)

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        check_zone(zone)
        return zone

    @field_validator("hours")
    @classmethod
    def _hours_read(cls, hours: str | dict[str, str]) -> str | dict[str, str]:
        read_hours(hours)
        return hours

    @field_validator("email", "aliases")
    @classmethod
    def _addresses(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for address in (value,) if isinstance(value, str) else value:
            check_address(address)
        return value

    @field_validator("locale")
    @classmethod
    def _locale(cls, locale: str) -> str:
        if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", locale):
            raise ValueError(f"{locale[:80]!r} is no locale; write it as 'en_GB'")
        return locale


class Source(BaseModel):
    """One connected source. Keys besides `kind` and `place` are options of its kind."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: Annotated[str, Field(min_length=1)]
    place: str = ""
    at_once: Annotated[int, Field(ge=1, le=64)] = 1
    """So many calls to it may be under way at the same time."""
    local_only: bool = False
    """What is read from it never goes to a language model on another machine."""

    @property
    def options(self) -> dict[str, Any]:
        """The options as they are written, `place` not among them."""
        return dict(self.model_extra or {})


class Embedding(Section):
    """What turns text into vectors."""

    model: str = "minilm"


class Digest(Section):
    """What a digest looks at."""

    waiting_days: Annotated[int, Field(ge=1, le=365)] = 3
    """A question of yours is listed after so many working days without an answer."""


class Engine(Section):
    """What runs the jobs."""

    kind: Literal["dbos", "memory"] = "dbos"
    url: str = ""
    """A database, or a reference to the secret that its address is; empty: a file in the home folder."""


class PolicyRow(Section):
    """What the person set in one row of the policy."""

    then: Outcome | None = None
    """Another outcome."""
    at_once: Annotated[int, Field(ge=0)] | None = None
    new_recipients: Annotated[int, Field(ge=0)] | None = None
    new_attendees: Annotated[int, Field(ge=0)] | None = None


class Policy(Section):
    """What goes ahead without a question."""

    send_alone: bool = False
    """Mail to contacts, in the person's own words: short for that row's `then = "allow"`."""
    rows: dict[str, PolicyRow] = Field(default_factory=dict[str, PolicyRow])
    """By the name of the row, as `deskhand policy` has it."""

    def settings(self) -> dict[str, Setting]:
        """By row, what was set; a row's own setting counts before `send_alone`."""
        made = {
            id_: Setting(row.then, row.model_dump(exclude={"then"}, exclude_none=True))
            for id_, row in self.rows.items()
        }
        if self.send_alone:
            own = made.get(TO_CONTACTS, Setting())
            made[TO_CONTACTS] = Setting(own.then or "allow", own.numbers)
        return made


class Approvals(Section):
    """Questions to the person."""

    expire_after_days: Annotated[int, Field(ge=1, le=365)] = 7
    remind_after_hours: Annotated[float, Field(ge=0, le=8760)] = 24
    """0 is never."""


def check_address(address: str) -> None:
    """:raises ValueError: this is no mail address; none at all is."""
    if address and not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", address):
        raise ValueError(f"{address[:80]!r} is no mail address")


class Settings(Section):
    """Everything that can be set."""

    person: Person = Person()
    people: dict[str, Someone] = Field(default_factory=dict[str, Someone])
    """By mail address."""
    groups: dict[str, tuple[str, ...]] = Field(default_factory=dict[str, tuple[str, ...]])
    """People who are named together, by the name of the group: mail addresses."""
    nicknames: dict[str, str | tuple[str, ...]] = Field(default_factory=dict[str, str | tuple[str, ...]])
    """Who is meant by a name: a mail address, or several, of which it is asked which."""
    rooms: dict[str, Room] = Field(default_factory=dict[str, Room])
    meetings: Meetings = Meetings()
    sources: dict[str, Source] = Field(default_factory=dict[str, Source])
    embedding: Embedding = Embedding()
    model: Model = Model()
    digest: Digest = Digest()
    policy: Policy = Policy()
    budget: Budget = Budget()
    prices: dict[str, Price] = Field(default_factory=dict[str, Price])
    """By model."""
    engine: Engine = Engine()
    approvals: Approvals = Approvals()
    sending: Sending = Sending()
    retention: Retention = Retention()

    @field_validator("people")
    @classmethod
    def _by_address(cls, people: dict[str, Someone]) -> dict[str, Someone]:
        for address, someone in people.items():
            for one in (address, *(a or "(nothing)" for a in someone.aliases)):
                check_address(one)
        return {address.lower(): someone for address, someone in people.items()}

    @field_validator("nicknames")
    @classmethod
    def _by_nickname(cls, names: dict[str, str | tuple[str, ...]]) -> dict[str, str | tuple[str, ...]]:
        made = read_nicknames(names)
        for address in (a for people in made.values() for a in people):
            check_address(address or "(nothing)")
        return dict(made)

    @field_validator("groups")
    @classmethod
    def _by_name(cls, groups: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for address in (a for people in groups.values() for a in people):
            check_address(address or "(nothing)")
        return read_groups(groups)


def load(file: Path, *, environ: Mapping[str, str]) -> Settings:
    """Read config.toml, with what the environment says above it (DESKHAND_PERSON__ZONE is
    `zone` in `[person]`). No file is like an empty one.

    :raises ConfigError: says every mistake (up to five) and where it is.
    """
    return check(read_text(file), name=file.name, environ=environ)


def check(text: str, *, name: str, environ: Mapping[str, str]) -> Settings:
    """The settings in a TOML text called `name`. :raises ConfigError: like `load`."""
    data = parse(text, name=name)
    above: dict[str, Any] = {}
    if any(variable.upper().startswith("DESKHAND_") for variable in environ):
        from deskhand.config.environment import overrides

        above = overrides(environ, Settings)
    place = _Place(text, name, above)
    try:
        settings = Settings.model_validate(_merged(data, above))
    except ValidationError as e:
        raise ConfigError(place.all_said(e)) from None
    try:  # what goes ahead alone is not guessed at: "yes" is no true, and true no 1
        Policy.model_validate(data.get("policy", {}), strict=True)
    except ValidationError as e:
        raise ConfigError(place.all_said(e, under=["policy"])) from None
    for alias, source in settings.sources.items():
        try:
            check_alias(alias)
        except ConfigError as e:
            raise ConfigError(place.said(["sources", alias], str(e))) from None
        for option, value in {"place": source.place, **source.options}.items():
            path = ["sources", alias, option]
            if holds_secret(option, value) and not place.variable(path):
                raise ConfigError(place.said(path, refuse(option)))
    if holds_secret("url", settings.engine.url) and not place.variable(["engine", "url"]):
        raise ConfigError(place.said(["engine", "url"], _ENGINE_URL))
    for alias in settings.budget.calls:
        # A program that plugs in a source of its own says its limit by an environment variable.
        if alias not in settings.sources and not place.variable(["budget", "calls", alias]):
            known = f"there is no source called {alias!r}{nearest(alias, list(settings.sources))}"
            raise ConfigError(place.said(["budget", "calls", alias], f"{known}, so nothing can be limited."))
    if settings.policy.rows:  # the table is read only where something in it is set
        rows = shipped()
        for id_, setting in settings.policy.settings().items():
            if wrong := fault(rows, id_, setting):
                said = sorted(settings.policy.rows[id_].model_fields_set)
                raise ConfigError(place.said(["policy", "rows", id_, *said[:1]], wrong))
    for where, name, value in settings.model.settings():
        if holds_secret(name, value) and not place.variable(["model", *where]):
            why = refuse(name) if name in ("api_key", "base_url") else _OF_A_MODEL.format(name[:80])
            raise ConfigError(place.said(["model", *where], why))
    return settings


_OF_A_MODEL = (
    "{!r} holds a secret in the clear, which settings must not. What signs in at a model is its key alone: "
    'write api_key = "secret:MODEL_KEY" after deskhand secret set MODEL_KEY.'
)
_ENGINE_URL = (
    "'url' is an address with a password in it, which settings must not hold; write "
    'url = "secret:ENGINE_URL" after deskhand secret set ENGINE_URL, or url = "env:ENGINE_URL".'
)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(below)
    for key, value in above.items():
        old = made.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        made[key] = _merged(old, value) if both else value  # type: ignore[arg-type]
    return made


class _Place:
    """Where a setting was written."""

    def __init__(self, text: str, name: str, above: Mapping[str, Any]) -> None:
        self._text, self._name, self._above = text, name, above

    def variable(self, path: list[str]) -> str:
        """The environment variable that sets this, or nothing."""
        value: Any = self._above
        for depth, part in enumerate(path):
            if not isinstance(value, Mapping):
                return "DESKHAND_" + "__".join(path[:depth]).upper()
            if part not in value:
                return ""
            value = value[part]
        return "" if isinstance(value, Mapping) else "DESKHAND_" + "__".join(path).upper()

    def said(self, path: list[str], what: str) -> str:
        """A mistake with its place in front."""
        return self._said(path, what)[1]

    def all_said(self, mistakes: ValidationError, *, under: Sequence[str] = ()) -> str:
        """The first mistakes, in the order of their lines, a line each. `under`: the section they are in."""
        paths = (([*under, *(str(p) for p in m["loc"])], m) for m in mistakes.errors())
        told = dict.fromkeys(sorted(self._said(path, _in_words(path, dict(m))) for path, m in paths))
        return "\n".join([words for _, words in told][:_SHOWN])

    def _said(self, path: list[str], what: str) -> tuple[int, str]:
        if variable := self.variable(path):
            return 0, f"{variable}: {what}"
        line = line_of(self._text, path)
        return (line, f"{self._name}, line {line}: {what}") if line else (0, f"{self._name}: {what}")


_NAMED: Mapping[str, type[BaseModel]] = {
    "sources": Source, "people": Someone, "rooms": Room, "prices": Price, "budget.schedules": Limits,
    "policy.rows": PolicyRow,
}  # fmt: skip
"""Sections that hold one section for each name."""


def _section(path: list[str]) -> type[BaseModel]:
    """The model of the section at a path."""
    for deep in (1, 2):
        if (named := _NAMED.get(".".join(path[:deep]))) is not None:
            return named
    value: Any = Settings()
    for part in path:
        value = getattr(value, part, value)
    return type(value)


def _in_words(path: list[str], mistake: Mapping[str, Any]) -> str:
    kind, key, section = mistake["type"], path[-1], ".".join(path[:-1])
    if kind == "extra_forbidden":
        if not section:
            return f"there is no section [{key}]{nearest(key, list(Settings.model_fields))}."
        known = _section(path[:-1]).model_fields
        return f"there is no key {key!r} in [{section}]{nearest(key, list(known))}."
    if kind == "missing":
        return f"[{section}] needs the key {key!r}."
    # What follows the key in the path is an index, or a branch of a union: ours, not the person's.
    nested = path[0] in (*_NAMED, "budget") or path[1:2] == ["weights"]
    setting = repr(path[: 4 if ".".join(path[:2]) in _NAMED else 3 if nested else 2][-1])
    if kind == "value_error":
        return f"{setting}: {mistake['ctx']['error']}."
    return f"{setting} {wanted(mistake)}."


def wanted(mistake: Mapping[str, Any]) -> str:
    """What a value must be instead, by pydantic's account of it: "must be true or false"."""
    return _WANTED.get(mistake["type"]) or str(mistake["msg"]).removeprefix("Input ")
