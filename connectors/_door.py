"""The archive's door: what comes from a source is made fit to be kept, and made an item again on the way out.

Connectors hand over clean values. This is for the one that does not: text that no database takes (NUL, half
a surrogate pair) is replaced, a time at the edge of the calendar is moved off it, and a thing whose very
address cannot be kept is a `Failed`, not the end of the pass. A naive datetime is refused: it is a mistake.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from deskhand.connectors.model import Failed, Flagged, Item, ItemRef, Removed, Told

LONGEST_REF = 2000
"""Bytes of an address: PostgreSQL indexes 2,700."""

_LONGEST_KEY = 300
_UNKEPT = re.compile("[\0\ud800-\udfff]")
# A day off the edges, so that nobody who turns them into local time falls over.
_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_LAST = datetime(9999, 12, 30, tzinfo=UTC)

T = TypeVar("T")


def admit(change: Told) -> Told | None:
    """The change at an address that can be kept; None for the removal, or the flags, of what never was.

    :raises ValueError: an item with a naive datetime.
    """
    if isinstance(change, Item) and change.was is not None and not _keepable(change.was):
        change = replace(change, was=None)
    if _keepable(change.ref):
        return _whole(change) if isinstance(change, Item) else _clean(change)
    if isinstance(change, (Removed, Flagged)):
        return None
    ref = ItemRef(_text(change.ref.source), change.ref.kind, key(_text(change.ref.native)))
    if isinstance(change, Failed):
        return Failed(ref, _text(change.reason))
    return Failed(ref, "Its name is too long, or holds characters that cannot be kept.")


def dump(item: Item) -> tuple[Item, str]:
    """The item as it can be kept, and JSON of all but its text and its address, now and before."""
    try:
        made = _json(item)
        item.text.encode()
        if "\0" in item.text or b"\\u0000" in made:
            item = _clean(item)
            made = _json(item)
    except (UnicodeEncodeError, PydanticSerializationError):
        item = _clean(item)
        made = _json(item)
    return item, made.decode()


def reflagged(meta: str, flags: tuple[str, ...]) -> str:
    """The JSON of an item (`dump`), with other flags."""
    made = {**json.loads(meta), "flags": list(flags)}
    if not flags:
        del made["flags"]
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"))


def undump(meta: str, *, ref: ItemRef, text: str) -> Item:
    """The item again, at the address it has now."""
    return _adapter().validate_python({**json.loads(meta), "ref": ref, "text": text})


def key(text: str) -> str:
    """What the text of strangers is looked up by: itself or, when it is very long, its start and a hash."""
    if len(text) <= _LONGEST_KEY:
        return text
    return f"{text[: _LONGEST_KEY - 65]}~{sha256(text.encode()).hexdigest()}"


def aware(moment: datetime, what: object) -> datetime:
    """The moment. :raises ValueError: it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{what}: {moment.isoformat()} has no time zone")
    return moment


def _whole(item: Item) -> Item:
    """With times that every later step can work with."""
    times = {n: m for n in ("at", "start", "end", "until") if (m := getattr(item, n)) is not None}
    moved: dict[str, Any] = {n: t for n, m in times.items() if (t := _time(aware(m, item.ref))) is not m}
    return replace(item, **moved) if moved else item


def _time(moment: datetime) -> datetime:
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        return _FIRST if moment.year == 1 else _LAST
    if not _FIRST <= utc <= _LAST:
        return min(max(utc, _FIRST), _LAST)
    # Local mean times have seconds in their offset, and JSON's times have none.
    offset = moment.utcoffset()
    return utc if offset and offset.total_seconds() % 60 else moment


def _json(item: Item) -> bytes:
    return _adapter().dump_json(item, exclude={"ref", "was", "text"}, exclude_defaults=True)


@cache
def _adapter() -> TypeAdapter[Item]:
    return TypeAdapter(Item)


def _keepable(ref: ItemRef) -> bool:
    text = str(ref)
    return not _UNKEPT.search(text) and (len(text) <= LONGEST_REF // 4 or len(text.encode()) <= LONGEST_REF)


def _text(text: str) -> str:
    return _UNKEPT.sub("\ufffd", text)


def _clean(value: T) -> T:
    """The same value with every string in it made fit; for the model's values and plain JSON."""
    made: Any = value
    if isinstance(value, str):
        made = _text(value)
    elif isinstance(value, Mapping):
        made = {_clean(k): _clean(v) for k, v in value.items()}
    elif isinstance(value, (list, tuple)):
        made = type(value)(_clean(v) for v in value)
    elif is_dataclass(value) and not isinstance(value, type):
        made = replace(value, **{f.name: _clean(getattr(value, f.name)) for f in fields(value)})
    return made  # type: ignore[no-any-return]
