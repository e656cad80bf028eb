"""Zones as people name them after a time: "UTC+2", "PST", "Europe/Paris", "Lisbon time"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from deskhand.agent.times.lex import Token
from deskhand.agent.times.lexicon import cities, places

_OFFSET = re.compile(
    r"(?:UTC|GMT)?[ ]?([+\-−])([0-9]{1,2})(?::?([0-9]{2})(?::([0-9]{2}))?)?(?![0-9:.])", re.I
)
_KEY = re.compile(r"[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_-]*[A-Za-z]){1,2}(?![\w/])")
_PLAIN = frozenset({"utc", "gmt", "z", "pst", "pdt", "edt", "cet", "cest", "aest"})


def zone_at(text: str, tokens: Sequence[Token], position: int) -> Iterator[tuple[int, object]]:
    """A zone named from this token on: the place of the token after it, and the zone's name for `zone_of`."""
    token = tokens[position]
    if token.word in ("utc", "gmt"):
        offset = _OFFSET.match(text, token.start)
        if offset and (end := _token_ending(tokens, position, offset.end())) is not None:
            yield end, offset.group().upper().replace(" ", "").replace("−", "-")
            return
    if token.word in "+-" and not (len(tokens) > position + 1 and tokens[position + 1].apart):
        # The offset of a mail's date; "-" stands in ranges as well, so there only "-0800".
        offset = re.compile(r"\+[0-9]{2}:?[0-9]{2}(?![0-9:])|-0[0-9]{3}(?![0-9:])").match(text, token.start)
        if offset and (end := _token_ending(tokens, position, offset.end())) is not None:
            yield end, offset.group()
        return
    key = _KEY.match(text, token.start)
    if key and (end := _token_ending(tokens, position, key.end())) is not None and _known(key.group()):
        yield end, key.group()
        return
    name = token.tags.get("ZONE")
    after = tokens[position + 1].word if position + 1 < len(tokens) else ""
    if isinstance(name, str) and (
        token.word in _PLAIN or text[token.start : token.end].isupper() or after == "time"
    ):
        yield position + (2 if after == "time" else 1), name
        return
    for count in (3, 2, 1):
        end = position + count
        tail = [word.word for word in tokens[end : end + 2]]
        if not tail or tail[0] not in ("time", "timezone", "standard", "daylight"):
            # "10am London / 11am Paris": a place by itself, where nothing else can go on.
            alone = not tail or tail[0] in ("/", ",", ".", ")", "?", ";")
            place = " ".join(word.word for word in tokens[position:end])
            if alone and len(tokens) >= end and token.capital and place in cities():
                yield end, cities()[place]
                return
            continue
        place = " ".join(word.word for word in tokens[position:end])
        if place in places():
            yield (
                end + (2 if tail[0] in ("standard", "daylight") and tail[1:] == ["time"] else 1),
                places()[place],
            )
            return


def _token_ending(tokens: Sequence[Token], position: int, end: int) -> int | None:
    for number in range(position, min(position + 12, len(tokens))):
        if tokens[number].end == end:
            return number + 1
    return None


def _known(key: str) -> bool:
    return key in places().values() or isinstance(_load(key), ZoneInfo)


@lru_cache(maxsize=256)
def _load(key: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(key)
    except (KeyError, OSError, ValueError):
        return None


def zone_of(name: str) -> tzinfo:
    """The zone that a name from `zone_at` stands for."""
    offset = _OFFSET.fullmatch(name)
    if offset:
        hours, minutes, seconds = (int(part or 0) for part in offset.groups()[1:])
        shift = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return timezone(-shift if offset[1] == "-" else shift)
    return ZoneInfo(name)
