"""Zones as people name them after a time: "UTC+2", "PST", "Lisbon time", "5pm Tokyo", "in New York".

"Bo's time" is a zone that is not known here; `UNKNOWN` marks it, so that nobody takes it for the reader's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from deskhand.agent.times.lex import Token
from deskhand.agent.times.lexicon import FOLLOWERS, NO_CITIES, cities, named, places

_OFFSET = re.compile(
    r"(?:UTC|GMT)?[ ]?([+\-−])([0-9]{1,2})(?::?([0-9]{2})(?::([0-9]{2}))?)?(?![0-9:.])", re.I
)
_NAMED_OFFSET = re.compile(
    r"(?:UTC|GMT)[ ]?[+\-−][ ]?[0-9]{1,2}(?::?[0-9]{2}(?::[0-9]{2})?)?(?![0-9:.])", re.I
)
_KEY = re.compile(r"[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_-]*[A-Za-z]){1,2}(?![\w/])")
# Zones that are no words in lower case: "3pm est", but not "3pm west".
_PLAIN = named(
    "utc gmt z pst pdt mst mdt cst cdt est edt akst hst cet cest eet eest bst msk ist hkt jst kst aest aedt "
    "awst nzst nzdt"
)

UNKNOWN = "?"
"""What the name of a zone begins with that belongs to somebody: "?Bo's time"."""
STANDING = "@"
"""What the name of a zone begins with where a place was named and not its time: "at 3 in Paris". Who is in
Paris means its clocks; that one's own are meant is the second reading."""
_CLOCKED = frozenset({"HALF", "TIME", "NOON", "SPELLED", "MILITARY", "EOD"})
_SURE = named("o'clock oclock uhr sharp exactly prompt ish")
_ENDINGS = frozenset(".,;:!?)]}\"'/-&¶…|(")
_ROOMS = named("room rooms hall office suite street road avenue building bridge hotel")
_REGIONS = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
}
_STOPS = frozenset(',;:.!?("“')
_LEADS = named("at is or and about for around by until till before after are was be")
_THEIRS = named("his her their")


def zone_at(text: str, tokens: Sequence[Token], position: int) -> Iterator[tuple[int, object]]:
    """A zone named from this token on: the place of the token after it, and the zone's name for `zone_of`."""
    token = tokens[position]
    if (owner := _owned(text, tokens, position)) is not None:
        yield owner, UNKNOWN + text[token.start : tokens[owner - 1].end]
        return
    if token.word == "in":
        yield from ((end, STANDING + zone) for end, zone in _city(tokens, position + 1, named_by="in"))
        return
    if token.word in ("utc", "gmt"):
        offset = _NAMED_OFFSET.match(text, token.start)
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
            continue
        place = " ".join(word.word for word in tokens[position:end])
        if place in places():
            yield (
                end + (2 if tail[0] in ("standard", "daylight") and tail[1:] == ["time"] else 1),
                places()[place],
            )
            return
    yield from _city(tokens, position)


def place_before(text: str, tokens: Sequence[Token], position: int) -> Iterator[tuple[int, object]]:
    """A place before a clock: the token after it, the zone, and whether only a clock that is sure may follow.

    "In Tokyo at 3pm" and "Tokyo time 10:00" are plain. "London 9am" is one where a phrase begins and the name
    is no word or person's: nobody flies "to London 9am", and "Bo Berlin" is somebody.
    """
    named_by = tokens[position].word == "in"
    begin = position + named_by
    if begin >= len(tokens) or tokens[begin].tags or not tokens[begin].capital:
        return
    for count in (3, 2, 1):
        end = begin + count
        if end >= len(tokens) or tokens[end].sentence != tokens[begin].sentence:
            continue
        name, after = " ".join(one.word for one in tokens[begin:end]), tokens[end]
        if after.word == "time" and name in places() and end + 1 < len(tokens):
            yield end + 1, (places()[name], False)
        elif name in cities() and named_by:
            yield end, (STANDING + cities()[name], False)
        elif name in cities() and name not in NO_CITIES and _opens(text, tokens, position):
            yield end, (STANDING + cities()[name], True)
        else:
            continue
        return


def before_keys() -> frozenset[str]:
    """The words that `place_before` may begin with."""
    return frozenset({"in", *(name.split()[0] for name in places())})


def _opens(text: str, tokens: Sequence[Token], position: int) -> bool:
    """Whether a phrase may begin here: at the start, behind a stop, or a word that a time stands behind."""
    if not position or tokens[position - 1].sentence != tokens[position].sentence:
        return True
    before = tokens[position - 1]
    return before.word in _STOPS or before.word in _LEADS


def _city(tokens: Sequence[Token], position: int, *, named_by: str = "") -> Iterator[tuple[int, str]]:
    """A place by itself: "5pm Tokyo", "at 4 in New York".

    A name that is also a word, or a person's, is a place only after "in" ("3pm in Sydney"). Behind a
    number that may count ("at 5 Paris hotels") only what goes on after a time may follow.
    """
    begin = position - 1 if named_by else position
    if position >= len(tokens) or not begin:
        return
    token, clock = tokens[position], tokens[begin - 1]
    sure = bool(_CLOCKED & clock.tags.keys()) or clock.word in _SURE or "WEEKDAY" in clock.tags
    if token.tags and token.word not in _REGIONS:
        return
    for count in (3, 2, 1):
        end = position + count
        if end > len(tokens) or (end < len(tokens) and tokens[end].sentence != token.sentence and count > 1):
            continue
        place = " ".join(word.word for word in tokens[position:end])
        zone = _REGIONS.get(place) if token.capital and sure and not named_by else None
        if place in cities() and (token.capital or sure or named_by) and place not in _REGIONS:
            zone = cities()[place] if named_by or place not in NO_CITIES else None
        after = tokens[end] if end < len(tokens) else None
        if zone and (after is None or _goes_on(after, sure=sure)):
            yield end, zone
            return


def _goes_on(after: Token, *, sure: bool) -> bool:
    if after.word in _ROOMS:
        return False  # "at 3pm in Boston room"
    if after.tags or after.word in FOLLOWERS or after.word in _ENDINGS:
        return True
    return sure and not after.capital  # "the 9am London standup", not "3pm Paris Hilton"


def _owned(text: str, tokens: Sequence[Token], position: int) -> int | None:
    """The end of "Bo's time", "in Pat Stone's time zone", "James' time", "their time" from here on."""
    place = position + (tokens[position].word == "in")
    for end in range(place, min(place + 3, len(tokens))):
        token = tokens[end]
        if token.word in _THEIRS and end == place:
            close = end + 1
        elif not token.capital or token.tags:
            return None
        elif token.word.endswith("'s"):
            close = end + 1
        elif token.word.endswith("s") and text[token.end : token.end + 1] in ("'", "’"):
            close = end + 2
        else:
            continue
        after = [one.word for one in tokens[close : close + 2]]
        city = " ".join(one.word for one in tokens[place : end + 1]).removesuffix("'s")
        if after[:1] not in (["time"], ["timezone"]) or city in places():
            return None
        return close + (2 if after == ["time", "zone"] else 1)
    return None


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
    name = name.removeprefix(STANDING)
    offset = _OFFSET.fullmatch(name)
    if name.startswith(UNKNOWN):
        raise ValueError(f"whose zone: {name}")
    if offset:
        hours, minutes, seconds = (int(part or 0) for part in offset.groups()[1:])
        shift = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return timezone(-shift if offset[1] == "-" else shift)
    return ZoneInfo(name)
