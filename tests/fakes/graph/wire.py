"""One request to the fake Graph and its answer, and the table of what answers to which."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from fakes.graph.world import Person, World

Json = Any
ROOT = "https://graph.microsoft.com/v1.0"


@dataclass
class Answer:
    """What comes back: JSON, bytes or nothing."""

    status: int
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass
class Call:
    """A request, taken apart."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    """By name in lower case."""
    content: bytes
    person: Person
    named: Sequence[str] = ()
    """What stands in the path where its route has a gap."""
    allowed: frozenset[str] = frozenset()
    """What the program was allowed to do."""

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def json(self) -> Json:
        return None if self.mime is not None else json.loads(self.content or b"{}")

    @property
    def mime(self) -> bytes | None:
        """The body, where it is said to be a message in base64."""
        plain = self.headers.get("content-type", "").startswith("text/plain")
        return self.content if plain else None

    def argument(self, name: str) -> Json:
        """A parameter of an action: Microsoft takes it whatever its capitals."""
        return next((v for n, v in self.json.items() if n.lower() == name.lower()), None)

    def prefers(self, what: str) -> str:
        """The value of a preference (RFC 7240)."""
        found = re.search(rf'{re.escape(what)}\s*=\s*"?([^",;]*)', self.headers.get("prefer", ""), re.I)
        return found[1] if found else ""

    # ------------------------------------------------------------------ ids

    def id_of(self, key: int, folder: str, *, immutable: bool | None = None) -> str:
        """The id of a thing: one that stays, or (where nobody asked for that) one of its place."""
        stays = self.prefers("IdType").lower() == "immutableid" if immutable is None else immutable
        if stays:
            return f"AAkALg{self.person.number}IMM{key:08d}AA="
        return f"AAMkAD{self.person.number}{sum(folder.encode()):06d}REG{key:08d}AA="

    def key_of(self, id_: str) -> int:
        found = re.fullmatch(r"AA(?:kALg|MkAD)\d+(?:IMM|REG)(\d{8})AA=", id_)
        return int(found[1]) if found else 0

    # ------------------------------------------------------------------ pages

    def chosen(self, entity: Json, select: str | None = None) -> Json:
        """What `$select` names of it, and the id."""
        wanted = self.query.get("$select", "") if select is None else select
        if not wanted:
            return entity
        names = {n.strip() for n in wanted.split(",")} | {"id"}
        return {n: v for n, v in entity.items() if n in names or n.startswith("@")}

    def again(self, more: Mapping[str, str]) -> str:
        """This request with other parameters, as a link."""
        return f"{ROOT}{quote(self.path, safe='/()=')}?{urlencode({**self.query, **more}, safe='$')}"

    def continued(
        self, world: World, what: str, everything: Callable[[], list[Any]],
        touched: Callable[[int], list[Any]] = lambda since: [], now: int = 0,
    ) -> Page:  # fmt: skip
        """The page of changes that is asked for: the first one, or what a link leads to."""
        token = self.query.get("$skiptoken") or self.query.get("$deltatoken")
        size = min(int(self.prefers("odata.maxpagesize") or world.page), world.largest)
        if token is None:
            state = {
                "what": what, "rows": everything(), "since": now, "first": True,
                "select": self.query.get("$select", ""),
            }  # fmt: skip
        else:
            state = world.linked(token)
            assert state["what"] == what, "the link is of another place"
            if "$deltatoken" in self.query:
                state = {**state, "rows": touched(state["since"]), "since": now, "first": False}
        if world.empty_pages and not state.get("pause") and state["rows"]:
            return Page([], {**state, "pause": True}, state["first"], state["select"])
        rest = {**state, "rows": state["rows"][size:], "pause": False}
        if world.duplicates and not state.get("twice") and state["rows"]:
            rest = {**state, "twice": True}
        else:
            rest["twice"] = False
        return Page(state["rows"][:size], rest, state["first"], state["select"])


@dataclass
class Page:
    """Some of what changed, and what is to come."""

    rows: Sequence[Any]
    rest: Json
    first: bool
    """Of a listing, and not of what changed since one."""
    select: str

    def links(self, world: World, call: Call) -> Json:
        """The link to what comes next."""
        if self.rest["rows"]:
            return {"@odata.nextLink": self._link(world, call, "$skiptoken", self.rest)}
        done = {n: self.rest[n] for n in ("what", "since", "select")}
        return {"@odata.deltaLink": self._link(world, call, "$deltatoken", done)}

    def _link(self, world: World, call: Call, name: str, state: Json) -> str:
        return f"{ROOT}{quote(call.path, safe='/()=')}?{name}={world.link(state)}"


@dataclass(frozen=True)
class Handler:
    """What answers, and the scope it takes."""

    method: str
    pattern: re.Pattern[str]
    scope: str
    does: Callable[[World, Call], Answer]


class Routes(list[Handler]):
    """What answers to which method and path."""

    def __call__(self, method: str, pattern: str, scope: str) -> Callable[..., Any]:
        def add(does: Callable[[World, Call], Answer]) -> Callable[[World, Call], Answer]:
            self.append(Handler(method, re.compile(pattern + "/?"), scope, does))
            return does

        return add


def routes() -> Routes:
    """An empty table."""
    return Routes()
