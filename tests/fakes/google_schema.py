"""What Google itself says its requests and answers look like: the discovery documents inside googleapiclient,
turned into JSON Schema.

A fake holds what it takes and what it gives against them, so that it cannot make up an interface of its own.
Every check gives the list of what is wrong, in words; an empty one is good.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft202012Validator

Json = Any
Fields = dict[str, Any]
"""A mask as a tree: each name with what of it is wanted, {} for all."""

_COMMON = frozenset({"uploadType", "upload_id", "upload_protocol"})
_FORMATS = {
    "int64": r"^-?\d+$",
    "uint64": r"^\d+$",
    "date-time": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
    "date": r"^\d{4}-\d\d-\d\d$",
}
_OUTPUT_ONLY = re.compile(r"(\[?output[ -]only|the type of the resource\. this is always)", re.I)


@dataclass(frozen=True)
class Method:
    """One method of an interface, as its discovery document describes it."""

    said: Mapping[str, Any]
    contract: Contract

    @property
    def id(self) -> str:
        """`drive.files.list`."""
        return str(self.said["id"])

    @property
    def takes(self) -> str:
        """The schema of its body; "" where it takes none."""
        return str(self.said.get("request", {}).get("$ref", ""))

    @property
    def gives(self) -> str:
        """The schema of its answer; "" where it gives none, or bytes."""
        return str(self.said.get("response", {}).get("$ref", ""))

    def parameters(self) -> dict[str, Mapping[str, Any]]:
        """All it may be called with."""
        return {**self.contract.document["parameters"], **self.said.get("parameters", {})}


@dataclass(frozen=True)
class Call:
    """A request that was understood."""

    method: Method
    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    upload: bool = False


class Contract:
    """An interface of Google: `Contract.of("drive", "v3")`."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    @staticmethod
    @cache
    def of(name: str, version: str) -> Contract:
        """The one that ships with googleapiclient."""
        place = files("googleapiclient.discovery_cache.documents") / f"{name}.{version}.json"
        return Contract(json.loads(place.read_text("utf-8")))

    def method(self, verb: str, path: str) -> Call | None:
        """Which method a request is for. `path`: as it is sent, without the query; uploads too."""
        path = "/" + path.lstrip("/")
        for method, pattern, upload in self._routes:
            if method.said["httpMethod"] == verb and (found := pattern.fullmatch(path)):
                return Call(method, {n: unquote(v) for n, v in found.groupdict().items()}, {}, upload)
        return None

    def wrong_request(
        self, verb: str, path: str, query: Sequence[tuple[str, str]], body: Json = None
    ) -> list[str]:
        """What is wrong with a request. `body`: as JSON; None: it has none, or bytes."""
        call = self.method(verb, path)
        if call is None:
            return [f"{verb} {path} is no method of {self.document['id']}"]
        known, wrong, seen = call.method.parameters(), list[str](), set[str]()
        for name, value in query:
            if call.upload and name in _COMMON:
                continue
            if name not in known or known[name].get("location") != "query":
                wrong.append(f"{call.method.id} takes no {name}")
                continue
            if name in seen and not known[name].get("repeated"):
                wrong.append(f"{call.method.id}: {name} is given twice")
            if known[name].get("deprecated"):
                wrong.append(f"{call.method.id}: {name} is deprecated")
            seen.add(name)
            wrong += [f"{call.method.id}: {name}: {w}" for w in _wrong_value(known[name], value)]
            if name == "fields" and call.method.gives:
                wrong += self.unknown(value, call.method.gives)
        for name, said in known.items():
            if said.get("required") and said.get("location") == "query" and name not in seen:
                wrong.append(f"{call.method.id} needs {name}")
        if body is not None:
            if not call.method.takes:
                wrong.append(f"{call.method.id} takes no body")
            else:
                wrong += self.wrong(body, call.method.takes, sent=True)
        return wrong

    def wrong_answer(self, verb: str, path: str, body: Json) -> list[str]:
        """What is wrong with the JSON that a request was answered with."""
        call = self.method(verb, path)
        if call is None or not call.method.gives:
            return [f"{verb} {path} gives no JSON"]
        return self.wrong(body, call.method.gives)

    def wrong(self, value: Json, schema: str, *, sent: bool = False) -> list[str]:
        """What is wrong with a value as a schema. `sent`: by us, so with nothing that only Google sets."""
        validator = (self._sent if sent else self._given)(schema)
        return [
            f"{schema}{''.join(f'[{p!r}]' for p in e.absolute_path)}: {e.message[:300]}"
            for e in validator.iter_errors(value)
        ]

    def unknown(self, mask: str, schema: str) -> list[str]:
        """Names in a mask (`files(id,name),nextPageToken`) that the schema does not have."""
        try:
            tree = fields(mask)
        except ValueError as error:
            return [str(error)]
        return list(self._unknown(tree, {"$ref": schema}, ""))

    def _unknown(self, tree: Fields, said: Mapping[str, Any], at: str) -> Iterator[str]:
        said = self._resolved(said)
        for name, inner in tree.items():
            if name == "*":
                continue
            known = said.get("properties", {})
            if name not in known and "additionalProperties" not in said:
                yield f"fields: there is no {at}{name}"
            elif inner:
                yield from self._unknown(
                    inner, known.get(name) or said["additionalProperties"], f"{at}{name}."
                )

    def _resolved(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in said or said.get("type") == "array":
            said = self.document["schemas"][said["$ref"]] if "$ref" in said else said["items"]
        return said

    @cached_property
    def _routes(self) -> list[tuple[Method, re.Pattern[str], bool]]:
        """Those without a variable first, so that `changes/startPageToken` is no change."""
        found = []
        for said in _methods(self.document["resources"]):
            method = Method(said, self)
            found.append((method, _pattern("/" + self.document["servicePath"] + said["path"]), False))
            for protocol in said.get("mediaUpload", {}).get("protocols", {}).values():
                found.append((method, _pattern(protocol["path"]), True))
        return sorted(found, key=lambda f: f[1].pattern.count("(?P<"))

    @cache  # noqa: B019 - one for each document, as long as the tests run
    def _given(self, schema: str) -> Draft202012Validator:
        return self._validator(schema, sent=False)

    @cache  # noqa: B019
    def _sent(self, schema: str) -> Draft202012Validator:
        return self._validator(schema, sent=True)

    def _validator(self, schema: str, *, sent: bool) -> Draft202012Validator:
        made = {name: _schema(said, sent=sent) for name, said in self.document["schemas"].items()}
        return Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": made})


def fields(mask: str) -> Fields:
    """A mask as a tree: `a,b(c,d/e)` is {"a": {}, "b": {"c": {}, "d": {"e": {}}}}.

    :raises ValueError: it cannot be read.
    """
    tree, rest = _fields(re.sub(r"\s", "", mask))
    if rest:
        raise ValueError(f"fields: {mask[:200]!r} cannot be read at {rest[:20]!r}")
    return tree


def masked(value: Json, mask: str) -> Json:
    """What of an answer a mask leaves, as Google's partial responses do it."""
    return _masked(value, fields(mask)) if mask else value


def _fields(mask: str) -> tuple[Fields, str]:
    tree: Fields = {}
    while True:
        found = re.match(r"[\w.$*-]+", mask)
        if not found:
            return tree, mask or ("" if tree else " ")
        inner, mask = tree.setdefault(found[0], {}), mask[found.end() :]
        while mask.startswith("/"):
            found = re.match(r"/([\w.$*-]+)", mask)
            if not found:
                return tree, mask
            inner, mask = inner.setdefault(found[1], {}), mask[found.end() :]
        if mask.startswith("("):
            within, mask = _fields(mask[1:])
            if not mask.startswith(")"):
                return tree, mask or "("
            inner.update(within)
            mask = mask[1:]
        if not mask.startswith(","):
            return tree, mask
        mask = mask[1:]


def _masked(value: Json, tree: Fields) -> Json:
    if not tree or "*" in tree:
        return value
    if isinstance(value, list):
        return [_masked(v, tree) for v in value]
    if not isinstance(value, dict):
        return value
    return {n: _masked(v, tree[n]) for n, v in value.items() if n in tree}


def _methods(resources: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for said in resources.values():
        yield from said.get("methods", {}).values()
        yield from _methods(said.get("resources", {}))


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{\+?(\w+)\}", path)
    return re.compile("".join(f"(?P<{p}>[^/]+)" if n % 2 else re.escape(p) for n, p in enumerate(parts)))


def _schema(said: Mapping[str, Any], *, sent: bool) -> dict[str, Any]:
    """One schema of a discovery document (draft 3) as one of today."""
    if "$ref" in said:
        return {"$ref": f"#/$defs/{said['$ref']}"}
    kind = said.get("type", "any")
    made: dict[str, Any] = {} if kind == "any" else {"type": kind}
    if kind == "string":
        if said.get("format") in _FORMATS:
            made["pattern"] = _FORMATS[said["format"]]
        if "enum" in said:
            made["enum"] = said["enum"]
    if kind == "array":
        made["items"] = _schema(said["items"], sent=sent)
    if kind == "object":
        properties = said.get("properties", {})
        made["properties"] = {
            name: False if sent and _only_given(of) else _schema(of, sent=sent)
            for name, of in properties.items()
        }
        more = said.get("additionalProperties")
        made["additionalProperties"] = _schema(more, sent=sent) if more else False
        if sent and more:  # "entries with null values are cleared"
            made["additionalProperties"] = {"anyOf": [made["additionalProperties"], {"type": "null"}]}
    return made


def _only_given(said: Mapping[str, Any]) -> bool:
    return bool(said.get("readOnly")) or bool(_OUTPUT_ONLY.match(str(said.get("description", ""))))


def _wrong_value(said: Mapping[str, Any], value: str) -> list[str]:
    kind = said.get("type")
    if kind == "boolean" and value not in ("true", "false"):
        return [f"{value[:40]!r} is no boolean"]
    if kind in ("integer", "number"):
        if not re.fullmatch(r"-?\d+" if kind == "integer" else r"-?\d+(\.\d+)?", value):
            return [f"{value[:40]!r} is no {kind}"]
        low, high = (float(said.get(n, d)) for n, d in (("minimum", "-inf"), ("maximum", "inf")))
        if not low <= float(value) <= high:
            return [f"{value} is not between {low:g} and {high:g}"]
    if "enum" in said and value not in said["enum"]:
        return [f"{value[:40]!r} is none of {said['enum']}"]
    if "pattern" in said and not re.match(said["pattern"], value):
        return [f"{value[:40]!r} does not look like {said['pattern']}"]
    if said.get("format") in _FORMATS and kind == "string" and not re.match(_FORMATS[said["format"]], value):
        return [f"{value[:40]!r} is no {said['format']}"]
    return []
