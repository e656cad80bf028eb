"""What Microsoft itself says Graph's requests and answers look like: routes and their parameters out of the
`msgraph-sdk` wheel, the types out of Graph's own CSDL (`shared/data/msgraph`).

A fake holds what it takes and what it gives against them, so that it cannot make up an interface of its own.
Every check gives the list of what is wrong, in words; an empty one is good.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree
from zipfile import ZipFile

Json = Any
_ROOT = "msgraph/generated/"
_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
_OPAQUE = frozenset({"$deltatoken", "$skiptoken", "$skip", "token"})
"""What stands in links that a server gave (nextLink, deltaLink), and is sent back as it was."""
_SAID = frozenset({("PUT", "@microsoft.graph.conflictBehavior")})
"""Annotations of the body's that go into the address where the body is bytes."""
_VERBS = ("GET", "POST", "PATCH", "PUT", "DELETE")
_PRIMITIVES: Mapping[str, tuple[type, ...]] = {
    "Edm.String": (str,), "Edm.Boolean": (bool,), "Edm.Int16": (int,), "Edm.Int32": (int,),
    "Edm.Int64": (int,), "Edm.Byte": (int,), "Edm.Double": (int, float), "Edm.Single": (int, float),
    "Edm.Decimal": (int, float), "Edm.Binary": (str,), "Edm.Stream": (str,), "Edm.Guid": (str,),
    "Edm.Duration": (str,),
}  # fmt: skip
_PATTERNS = {
    "Edm.DateTimeOffset": r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)",
    "Edm.Date": r"\d{4}-\d\d-\d\d",
    "Edm.TimeOfDay": r"\d\d:\d\d(:\d\d(\.\d+)?)?",
}


@dataclass(frozen=True)
class Route:
    """One method at one place of Graph."""

    template: str
    """Like `/users/{user-id}/messages`."""
    query: frozenset[str]
    takes: str
    """The class of its body; "" where it takes none."""
    gives: str
    """The class of its answer; "" where it gives none."""
    builder: str
    """The file of the wheel that says so."""


@dataclass(frozen=True)
class Type:
    """A structured type of the CSDL, with what it has from its bases."""

    name: str
    properties: Mapping[str, tuple[str, bool]]
    """By name: its type, and whether it may be null."""
    links: Mapping[str, str]
    """Navigation properties and their types."""
    bases: frozenset[str]
    open: bool


def found(data: Path) -> Contract | None:
    """The contract, where the wheel was brought (`make test`) and the CSDL lies in `data`."""
    wheels = sorted(Path(sys.prefix, "msgraph").glob("msgraph_sdk-*.whl"))
    metadata = data / "v1.0-metadata.xml.gz"
    return Contract(wheels[-1], metadata) if wheels and metadata.exists() else None


class Contract:
    """Microsoft Graph v1.0."""

    def __init__(self, wheel: Path, metadata: Path) -> None:
        """:param wheel: of `msgraph-sdk`. :param metadata: the CSDL, packed with gzip."""
        self._wheel, self._metadata = ZipFile(wheel), metadata

    def route(self, verb: str, path: str) -> Route | None:
        """What answers to a verb at a path, as it is sent, without `/v1.0` and without the query."""
        return self._routed(verb, tuple(_canonical(path)))

    def wrong_request(
        self, verb: str, path: str, query: Sequence[tuple[str, str]] = (), body: Json = None
    ) -> list[str]:
        """What is wrong with a request. `body`: as JSON; None: it has none, or bytes."""
        route = self.route(verb, path)
        if route is None:
            return [f"{verb} {path} is nothing that Graph has"]
        wrong, seen = [], set[str]()
        for name, _ in query:
            if name not in route.query and name not in _OPAQUE and (verb, name) not in _SAID:
                wrong.append(f"{route.template} takes no {name}")
            if name in seen:
                wrong.append(f"{route.template}: {name} is given twice")
            seen.add(name)
        for name, value in query:
            if name == "$select":
                wrong += [f"{route.template}: $select: there is no {n}" for n in self._unknown(route, value)]
        if body is not None and not route.takes:
            return [*wrong, f"{verb} {route.template} takes no body"]
        return wrong if body is None else [*wrong, *self._wrong_class(body, route.takes, route, sent=True)]

    def wrong_answer(self, verb: str, path: str, body: Json) -> list[str]:
        """What is wrong with the JSON that a request was answered with."""
        route = self.route(verb, path)
        if route is None or route.gives in ("", "bytes"):
            return [f"{verb} {path} gives no JSON"]
        return self._wrong_class(body, route.gives, route, sent=False)

    def wrong(self, value: Json, type_: str, *, sent: bool = False) -> list[str]:
        """What is wrong with a value as a type (`graph.message`). `sent`: by us, so to the letter."""
        return list(self._wrong(value, type_, type_.removeprefix("graph."), sent))

    # ------------------------------------------------------------------ routes

    @cached_property
    def _builders(self) -> dict[str, str]:
        """The builder of each folder of the wheel."""
        return {
            name.removeprefix(_ROOT).rpartition("/")[0]: name
            for name in self._wheel.namelist()
            if name.startswith(_ROOT) and name.endswith("_request_builder.py")
        }

    @cache  # noqa: B019 - one for as long as the tests run
    def _routed(self, verb: str, names: tuple[str, ...]) -> Route | None:
        folder = ""
        for name in names:
            called, given = re.match(r"([^(]*)(?:\((.*)\))?$", name).groups()  # type: ignore[union-attr]
            plain = _snake(called.removeprefix("$"))
            named = [_snake(n) for n in re.findall(r"(\w+)=", given or "")]
            with_ = "_".join(["", "with", *named]) if named else ""
            inner = next(
                (f for f in (f"{folder}{plain}{with_}", f"{folder}item") if f in self._builders), None
            )
            if inner is None:
                return None
            folder = f"{inner}/"
        builder = self._builders[folder.rstrip("/")]
        source = self._wheel.read(builder).decode()
        said = re.search(r'super\(\).__init__\(request_adapter, "\{\+baseurl\}([^"]*)"', source)
        ways = re.search(rf"async def {verb.lower()}\(self,(.*)\) -> (?:Optional\[(.*)\]|None):", source)
        if said is None or ways is None or verb not in _VERBS:
            return None
        place, _, rest = re.sub(r"\{([?&])", r"?\1", said[1]).partition("?")
        shape = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(unquote(place))).replace(r"\(\)", r"(\(\))?")
        if not re.fullmatch(shape, "/" + "/".join(names)):
            return None
        query = frozenset(unquote(n) for n in re.findall(r"(?:%24)?[A-Za-z]+", re.sub(r"=\{\w+\}", "", rest)))
        body = re.search(r"body: (\w+)", ways[1])
        return Route(unquote(place), query, body[1] if body else "", ways[2] or "", builder)

    def _unknown(self, route: Route, select: str) -> Iterator[str]:
        type_ = self._types.get(_plain(self._inside(route.gives, route)).lower())
        for name in select.split(","):
            if type_ is not None and name.strip() not in {*type_.properties, *type_.links}:
                yield name.strip()

    def _inside(self, class_: str, route: Route) -> str:
        """The type of what an answer holds."""
        fields = self._fields(class_, route)
        return fields.get("value", class_)

    # ------------------------------------------------------------------ classes of the wheel

    def _wrong_class(self, body: Json, class_: str, route: Route, *, sent: bool) -> list[str]:
        if class_.lower() in self._types:
            return self.wrong(body, f"graph.{class_}", sent=sent)
        fields = {n.lower(): t for n, t in self._fields(class_, route).items()}
        if not isinstance(body, dict):
            return [f"{class_} is an object, not {_short(body)}"]
        wrong = []
        for name, value in body.items():
            if "@" in name:
                continue
            # Parameters of actions are found whatever the case of their names; Microsoft's pages use both.
            if name.lower() not in fields:
                wrong.append(f"{class_} has no {name}")
            else:
                wrong += self._wrong(value, fields[name.lower()], f"{class_}.{name}", sent)
        return wrong

    @cache  # noqa: B019
    def _fields(self, class_: str, route: Route) -> dict[str, str]:
        """The types of what a class of the wheel holds that the CSDL does not have."""
        near = f"{route.builder.rpartition('/')[0]}/{_snake(class_)}.py"
        common = f"{_ROOT}models/{_snake(class_)}.py"
        found = next((n for n in (near, common) if n in self._names), None)
        if found is None:
            return {}
        held = {}
        source = self._wheel.read(found).decode()
        for name, way, type_ in re.findall(
            r'"([\w@.]+)": lambda n : setattr\(self, \'\w+\', n\.get_(\w+?)_values?\((\w*)\)\)', source
        ):
            plain = f"graph.{type_}" if type_ else _READ.get(way, "Edm.String")
            held[name] = f"Collection({_READ.get(type_, plain)})" if way.startswith("collection") else plain
        return held

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self._wheel.namelist())

    # ------------------------------------------------------------------ types of the CSDL

    @cached_property
    def _schema(self) -> ElementTree.Element:
        with gzip.open(self._metadata) as file:
            root = ElementTree.parse(file).getroot()  # noqa: S314 - Microsoft's own
        found = next(s for s in root.iter(f"{_EDM}Schema") if s.get("Namespace") == "microsoft.graph")
        assert found is not None
        return found

    @cached_property
    def _enums(self) -> dict[str, frozenset[str]]:
        return {
            str(e.get("Name")).lower(): frozenset(str(m.get("Name")) for m in e.iter(f"{_EDM}Member"))
            for e in self._schema.iter(f"{_EDM}EnumType")
        }

    @cached_property
    def _types(self) -> dict[str, Type]:
        """By name in lower case: the wheel begins its classes with a capital."""
        plain = {
            str(e.get("Name")): e
            for tag in ("EntityType", "ComplexType")
            for e in self._schema.iter(f"{_EDM}{tag}")
        }
        return {name.lower(): _typed(name, plain) for name in plain}

    @cache  # noqa: B019
    def _derived(self, name: str) -> frozenset[str]:
        """What the types made of one have beside it: pages leave out which of them an answer is."""
        made = [t for t in self._types.values() if name in t.bases]
        return frozenset(p for t in made for p in (*t.properties, *t.links))

    def _wrong(self, value: Json, type_: str, at: str, sent: bool) -> Iterator[str]:
        if type_.startswith("Collection("):
            if not isinstance(value, list):
                yield f"{at} is a list, not {_short(value)}"
                return
            for n, one in enumerate(value):
                yield from self._wrong(one, type_[11:-1], f"{at}[{n}]", sent)
            return
        if value is None:
            return  # who may be null is looked at where the property is known
        name = _plain(type_).lower()
        if type_.startswith("Edm."):
            yield from _wrong_primitive(value, type_, at)
        elif name in self._enums:
            yield from self._wrong_enum(value, name, at, sent)
        elif name in self._types:
            yield from self._wrong_object(value, self._types[name], at, sent)

    def _wrong_enum(self, value: Json, name: str, at: str, sent: bool) -> Iterator[str]:
        members = self._enums[name]
        known = members if sent else {m.lower() for m in members}
        said = value if sent or not isinstance(value, str) else value.lower()
        if not isinstance(said, str) or any(p.strip() not in known for p in said.split(",")):
            yield f"{at} is one of {', '.join(sorted(members))}, not {_short(value)}"

    def _wrong_object(self, value: Json, type_: Type, at: str, sent: bool) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at} is an object ({type_.name}), not {_short(value)}"
            return
        said = str(value.get("@odata.type", "")).removeprefix("#").removeprefix("microsoft.graph.")
        if said:
            if said.lower() not in self._types:
                yield f"{at}: there is no type {said}"
                return
            type_ = self._types[said.lower()]
        for name, one in value.items():
            if "@" in name:
                continue
            inner = f"{at}.{name}"
            if name in type_.properties:
                wanted, nullable = type_.properties[name]
                if one is None and sent and not nullable:
                    yield f"{inner} may not be null"
                yield from self._wrong(one, wanted, inner, sent)
            elif name in type_.links:
                yield from self._wrong(one, type_.links[name], inner, sent)
            elif sent or not (type_.open or name in self._derived(type_.name)):
                yield f"{at}: {type_.name} has no {name}"


_READ = {"str": "Edm.String", "bool": "Edm.Boolean", "int": "Edm.Int64", "float": "Edm.Double",
    "datetime": "Edm.DateTimeOffset", "date": "Edm.Date", "uuid": "Edm.String", "bytes": "Edm.Binary",
    "UUID": "Edm.String"}  # fmt: skip


def _typed(name: str, plain: Mapping[str, ElementTree.Element]) -> Type:
    properties: dict[str, tuple[str, bool]] = {}
    links: dict[str, str] = {}
    at, bases, is_open = name, set[str](), False
    while at in plain:
        element = plain[at]
        is_open = is_open or element.get("OpenType") == "true"
        for one in element.findall(f"{_EDM}Property"):
            properties[str(one.get("Name"))] = (str(one.get("Type")), one.get("Nullable") != "false")
        for one in element.findall(f"{_EDM}NavigationProperty"):
            links[str(one.get("Name"))] = str(one.get("Type"))
        at = _plain(element.get("BaseType") or "")
        bases.add(at)
    return Type(name, properties, links, frozenset(bases), is_open)


def _wrong_primitive(value: Json, type_: str, at: str) -> Iterator[str]:
    if type_ in _PATTERNS:
        if not isinstance(value, str) or not re.fullmatch(_PATTERNS[type_], value):
            yield f"{at} is a {type_}, not {_short(value)}"
    elif type_ in _PRIMITIVES:
        right = isinstance(value, _PRIMITIVES[type_])
        if not right or (isinstance(value, bool) and bool not in _PRIMITIVES[type_]):
            yield f"{at} is a {type_}, not {_short(value)}"


def _canonical(path: str) -> list[str]:
    """The names of a path as the wheel knows them, which leaves out what is only a shorter way to say it."""
    # A drive item by where it lies, and a site.
    path = re.sub(r"/(?:root|items/[^/:]+):/.*?(:(?=/)|:?$)", "/items/by-path", path)
    path = re.sub(r"^/sites/[^/:]+:/.*?(:(?=/)|:?$)", "/sites/by-path", path)
    names = [unquote(s) for s in path.strip("/").split("/")]
    if names[:2] == ["me", "drive"]:
        names[:2] = ["drives", "mine"]
    elif names[0] == "drive":
        names[:1] = ["drives", "mine"]
    elif names[0] == "me":
        names[:1] = ["users", "me"]
    if names[0] == "drives" and names[2:3] == ["root"] and len(names) > 3 and names[3] != "content":
        names[2:3] = ["items", "root"]
    if names[0] == "drives" and names[2:3] == ["special"] and len(names) > 4:
        names[2:4] = ["items", "special"]
    return names


def _plain(type_: str) -> str:
    """`message` of `Collection(graph.message)`."""
    return (
        type_.removeprefix("Collection(").removesuffix(")").removeprefix("microsoft.").removeprefix("graph.")
    )


def _snake(name: str) -> str:
    """As the wheel calls its folders and files: `mailFolders` is `mail_folders`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _short(value: Json) -> str:
    return repr(value)[:80]
