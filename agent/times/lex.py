"""Text to tokens, in linear time: words with their tags, and numbers by their shape.

A number that is part of something else (a price, a version, a phone number, an address) becomes a
token without tags, so that nothing can be read from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from types import MappingProxyType

from deskhand.agent.times.lexicon import ALIASES, Tags, words

_SHAPES = re.compile(
    r"""
      (?P<opaque> (?:https?://|www\.) \S++ | [\w.+-]{1,64}+@[\w-]{1,63}+\.\w[\w.]{1,63}+ )
    | (?P<phone>  \+[0-9][0-9(). -]{6,20}[0-9] | \([0-9]{3}\)[ ]?[0-9]{3}-[0-9]{4} )
    | (?P<stamp>  [0-9]{4}-[0-9]{2}-[0-9]{2} [Tt] [0-9]{2}:[0-9]{2} (?: :[0-9]{2} (?:\.[0-9]{1,9})? )?
                  (?: [Zz] | [+-][0-9]{2}:?[0-9]{2} )? (?![\w:]) )
    | (?P<isospan> P (?=[0-9T]) (?:[0-9]{1,4}[YMWD])* (?: T (?:[0-9]{1,4}[HMS])+ )? (?<=[YMWDHMS]) (?!\w) )
    | (?P<isoweek> [0-9]{4}-?W[0-9]{2} (?: -[1-7] )? (?![\w-]) )
    | (?P<groups> [0-9]++ (?: -[0-9]++ ){2,} )
    | (?P<comma>  [0-9]{1,2},[0-9]{1,2} (?= [ ]?(?: h | hours? | hrs? | days? | weeks? )\b ) )
    | (?P<dots>   [0-9]++ (?: \.[0-9]++ ){2,} )
    | (?P<daydot> [0-9]{1,2}\.[0-9]{1,2}\. (?=[ -]|$) )
    | (?P<time>   [0-9]{1,2}:[0-9]{2} (?: :[0-9]{2} )? (?![:0-9]) )
    | (?P<ratio>  [0-9]++ (?: :[0-9]++ )+ )
    | (?P<slash>  [0-9]++ (?: /[0-9]++ )+ )
    | (?P<ym>     [0-9]{4}-(?:0[1-9]|1[0-2]) (?![-0-9]) )
    | (?P<my>     (?:0?[1-9]|1[0-2])-[0-9]{4} (?![-0-9]) )
    | (?P<pair>   [0-9]{3,}+ [-–~] [0-9]{3,}+ )
    | (?P<thousands> [0-9]{1,3} (?: ,[0-9]{3} )++ (?: \.[0-9]++ )? (?![0-9]) )
    | (?P<hours>  [0-9]{1,3} [hH] [0-9]{1,2} (?:m|min|mins)? (?!\w) )
    | (?P<decimal> [0-9]++ \.[0-9]++ )
    | (?P<number> [0-9]++ )
    | (?P<code>   [^\W\d_]++ [0-9] \w* )
    | (?P<half>   [aApP] (?: [ ]?\.[ ]? | [ ] ) [mM] (?: [ ]?\. | (?!\w) ) )
    | (?P<word>   [^\W\d_]++ (?: ['’][^\W\d_]++ )* )
    | (?P<other>  \w++ )
    | (?P<break>  \n[ \t\r]*\n )
    | (?P<mark>   [^\w\s] )
    """,
    re.VERBOSE,
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![-0-9])")
# The dot of "Oct." is no end of a sentence before a number or a word that goes on.
_SHORT = re.compile(r"\.(?=[ ]?[0-9,]|[ ](?:on|at|to|and|or|of|in|this|next|from|until|till)\b)")
_NONE: Tags = MappingProxyType({})
_STOPS = ".!?;¶"
# Letters right after a number.
_SUFFIXES = {
    "a": ("HALF", "am"),
    "p": ("HALF", "pm"),
    "am": ("HALF", "am"),
    "pm": ("HALF", "pm"),
    "m": ("UNIT", "minute"),
    "d": ("UNIT", "day"),
    "w": ("UNIT", "week"),
    "y": ("UNIT", "year"),
}


@dataclass(frozen=True, slots=True)
class Token:
    """`word` is lower case; `apart` says that a space stands before it; `sentence` counts from 0."""

    start: int
    end: int
    word: str
    tags: Tags
    capital: bool
    apart: bool
    sentence: int


def tokens(text: str) -> list[Token]:
    """The tokens of a text in order."""
    found: list[Token] = []
    sentence = 0
    for start, end, word, tags in _pieces(text):
        before = found[-1] if found else None
        apart = before is None or before.end != start
        if tags and word[0].isdigit() and before is not None and not apart and before.word == "-":
            # "covid-19", "ABC-12": a number hanging on a word that has nothing to do with time.
            owner = found[-2] if len(found) > 1 else None
            if owner is not None and owner.end == before.start and not owner.tags and owner.word.isalnum():
                tags = _NONE
        found.append(Token(start, end, word, tags, text[start].isupper(), apart, sentence))
        if word in _STOPS:
            sentence += 1
    return found


def _pieces(text: str) -> Iterator[tuple[int, int, str, Tags]]:
    lexicon = words()
    position = after_dot = 0
    while match := _SHAPES.search(text, position):
        kind, start, end = match.lastgroup or "", match.start(), match.end()
        position = end
        piece = match.group()
        if kind == "word":
            word = piece.lower().replace("’", "'")
            word = ALIASES.get(word, word)
            tags = lexicon.get(word) or lexicon.get(word.removesuffix("'s")) or _NONE
            if "MONTH" in tags or "WEEKDAY" in tags:
                dot = _SHORT.match(text, end)
                position = end = after_dot = dot.end() if dot else end
            yield start, end, word, tags
        elif kind == "half":
            yield start, end, piece.lower(), lexicon["am" if piece[0] in "aA" else "pm"]
        elif kind == "mark":
            word = "-" if piece in "-–—~‐‑−" else "'" if piece == "’" else piece
            yield start, end, word, _NONE
        elif kind == "break":
            yield start, end, "¶", _NONE
        elif kind == "code":
            yield from _code(piece, start, lexicon.get(piece.lower(), _NONE))
        elif kind in ("opaque", "phone", "ratio", "other") or not (
            _free(text, start, end) or (start == after_dot and start)
        ):
            after = re.compile(r"[\w%°]*").match(text, end)
            position = max(end, after.end() if after and kind != "opaque" else end)
            yield start, position, piece.lower(), _NONE
        elif kind == "pair":
            yield from _pair(piece, start)
        else:
            tags = _number(kind, piece)
            following = _SHAPES.match(text, end)
            if following is not None and following.lastgroup == "half":
                yield start, end, piece, tags
                continue
            suffix = re.compile(r"[^\W\d_]*+").match(text, end)
            letters = suffix.group().lower() if suffix else ""
            if not letters:
                yield start, end, piece, tags
                continue
            position = end + len(letters)
            if letters in ("st", "nd", "rd", "th") and kind == "number":
                day = int(piece) if len(piece) < 3 else 0
                yield start, position, piece + letters, {"ORD": day} if 1 <= day <= 31 else _NONE
            elif letters == "s" and kind == "number" and len(piece) == 4 and piece[-1] == "0":
                yield start, position, piece + letters, {"DECADE": int(piece)} if piece > "1899" else _NONE
            elif letters == "ish" and kind in ("number", "time"):
                yield start, end, piece, tags
                yield end, position, letters, _NONE
            elif letters in ("h", "u") and kind == "time":
                yield start, position, piece, _counted(piece) or tags
            else:
                # "3M" is a company or a lot of money.
                tag = _SUFFIXES.get(letters) if suffix and suffix.group() != "M" else None
                follower: Tags = {tag[0]: tag[1]} if tag else lexicon.get(letters, _NONE)
                if letters in ("utc", "z", "gmt") or follower.keys() & {"HALF", "UNIT", "ZONE", "MONTH"}:
                    yield start, end, piece, tags
                    yield end, position, letters, lexicon["utc"] if letters == "z" else follower
                else:  # "2moro", or a number that is part of a word
                    yield start, position, piece + letters, lexicon.get(piece + letters, _NONE)


def _free(text: str, start: int, end: int) -> bool:
    """Whether a number stands alone: no currency, percent, path, version or identifier around it."""
    before = text[start - 1] if start else " "
    if before in "#$€£¥_=&%\\" or before.isalnum():
        return False
    if before == "/" and start > 10 and _DATE.match(text, start - 11):
        return True  # 2026-11-24/2026-11-26, an interval of ISO 8601
    if before in ".,:/+" and start > 1 and (text[start - 2].isalnum() or text[start - 2] in "/.:"):
        # A comma or a slash may end a word ("Tue,3pm", "Nov/2"), not a number; a colon ends a label.
        return before in ",/:" and text[start - 2].isalpha()
    after = text[end] if end < len(text) else " "
    if after == "/" and _DATE.match(text, end + 1):
        return True
    if after in "%°_€£$\\":
        return False
    return not (after in "/:." and end + 1 < len(text) and text[end + 1].isdigit())


def _number(kind: str, piece: str) -> Tags:
    if kind == "number":
        return _whole(piece)
    if kind == "comma":
        return {"DEC": float(piece.replace(",", "."))}
    if kind == "time":
        hour, minute, *second = (int(part) for part in piece.split(":"))
        if hour > 24 or minute > 59 or (second and second[0] > 59) or (hour == 24 and minute):
            return _NONE
        return {"TIME": (hour, minute, second[0] if second else None, piece.index(":") == 2)}
    if kind == "hours":
        hour, minute = (int(part) for part in re.findall(r"[0-9]+", piece))
        tags: dict[str, object] = {"SPELL": (hour, minute)}
        if hour < 24 and minute < 60 and piece[-2:].isdigit():
            tags["SPELLED"] = (hour, minute, None, True)
        return tags
    if kind == "stamp":
        return _stamp(piece)
    if kind == "ym":
        return _month(piece[:4], piece[5:])
    if kind == "daydot":
        dom, number = (int(part) for part in piece.split(".")[:2])
        return {"DAYDOT": (dom, number)} if 1 <= dom <= 31 and 1 <= number <= 12 else _NONE
    if kind == "my":
        return _month(piece[-4:], piece[:-5])
    if kind == "isoweek":
        year, week, *day = re.findall(r"[0-9]+", piece.replace("W", "-W"))
        return {"ISOWEEK": (int(year), int(week), int(day[0]) if day else None)}
    if kind == "isospan":
        return _span(piece)
    if kind == "decimal":
        whole, _, fraction = piece.partition(".")
        tags = {"DEC": float(piece)} if len(piece) < 12 else {}
        if len(fraction) == 2 and len(whole) < 3 and int(whole) < 24 and int(fraction) < 60:
            tags["DOTTED"] = (int(whole), int(fraction), None, len(whole) == 2)
        return tags
    if kind == "thousands":
        digits = piece.replace(",", "")
        return {"DEC": float(digits)} if len(digits) < 12 else _NONE
    parts = re.split(r"[-./]", piece)
    separator = "-" if kind == "groups" else "." if kind == "dots" else "/"
    return _date(parts, separator)


def _date(parts: list[str], separator: str) -> Tags:
    sizes = [len(part) for part in parts]
    numbers = [int(part) for part in parts] if max(sizes) <= 4 else []
    if len(numbers) == 3 and sizes[0] == 4 and max(sizes[1:]) < 3:
        return {"YMD": (numbers[0], numbers[1], numbers[2])}
    if len(numbers) == 3 and max(sizes[:2]) < 3 and sizes[2] in (2, 4) and max(numbers[:2]) < 32:
        if separator == "." and sizes[2] == 2 and sizes[:2] != [2, 2]:
            return _NONE  # 1.5.21 is a version
        year = numbers[2] if sizes[2] == 4 else _century(numbers[2])
        return {"DAYFIRST" if separator == "." else "NUMERIC": (numbers[0], numbers[1], year)}
    # "24/7" is no date but a way of life.
    if separator == "/" and len(numbers) == 2 and max(sizes) < 3 and numbers != [24, 7] and max(numbers) < 32:
        tags: dict[str, object] = {"NUMERIC": (numbers[0], numbers[1], None)}
        if numbers[1] and numbers[0] < numbers[1]:
            tags["FRACTION"] = numbers[0] / numbers[1]
        return tags
    return _NONE


def _century(year: int) -> int:
    return 2000 + year if year < 70 else 1900 + year


def _whole(piece: str) -> Tags:
    if len(piece) == 8 and 1900 <= int(piece[:4]) <= 2199:
        return _date([piece[:4], piece[4:6], piece[6:]], "-")
    if len(piece) > 6:
        return _NONE
    tags: dict[str, object] = {"INT": int(piece)}
    if len(piece) == 4:
        if 1900 <= int(piece) <= 2199:
            tags["YEAR"] = int(piece)
        if int(piece[:2]) < 24 and int(piece[2:]) < 60:
            tags["YEARCLOCK" if "YEAR" in tags else "MILITARY"] = (int(piece[:2]), int(piece[2:]), None, True)
    return tags


def _counted(piece: str) -> Tags:
    """ "1:30h" is an hour and a half; "at 1:30h" and "01:30h" are times of the 24-hour clock."""
    if len(piece) != 4 or piece[0] not in "01234":
        return {}
    hour, minute = int(piece[0]), int(piece[2:])
    return {"SPELL": (hour, minute), "SPELLED": (hour, minute, None, True)} if minute < 60 else {}


def _month(year: str, month: str) -> Tags:
    return {"YM": (int(year), int(month))} if 1900 <= int(year) <= 2199 else _NONE


def _span(piece: str) -> Tags:
    """A duration of ISO 8601: P1DT2H30M."""
    days, _, clock = piece[1:].partition("T")
    names = {"Y": "year", "M": "month", "W": "week", "D": "day"}
    parts = [(float(number), names[unit]) for number, unit in re.findall(r"([0-9]+)([YMWD])", days)]
    names = {"H": "hour", "M": "minute", "S": "second"}
    parts += [(float(number), names[unit]) for number, unit in re.findall(r"([0-9]+)([HMS])", clock)]
    return {"SPAN": tuple(parts)}


def _pair(piece: str, start: int) -> Iterator[tuple[int, int, str, Tags]]:
    match = re.fullmatch(r"([0-9]+)([-–~])([0-9]+)", piece)
    if match is not None:
        left, right = _whole(match[1]), _whole(match[3])
        clocks = "MILITARY" in left and "MILITARY" in right and "0" in (piece[0], match[3][0])
        if ("YEAR" in left and "YEAR" in right) or clocks:
            middle = start + len(match[1])
            yield start, middle, match[1], left
            yield middle, middle + 1, "-", _NONE
            yield middle + 1, start + len(piece), match[3], right
            return
    yield start, start + len(piece), piece, _NONE


def _code(piece: str, start: int, tags: Tags) -> Iterator[tuple[int, int, str, Tags]]:
    match = re.fullmatch(r"([^\W\d_]+)([0-9]{1,2})", piece)
    month = words().get(match[1].lower(), _NONE) if match else _NONE
    if not tags and match is not None and "MONTH" in month and match[1].lower() not in ("may", "march"):
        middle = start + len(match[1])
        yield start, middle, match[1].lower(), {"MONTH": month["MONTH"]}
        yield middle, start + len(piece), match[2], _whole(match[2])
    else:
        yield start, start + len(piece), piece.lower(), tags


def _stamp(piece: str) -> Tags:
    match = re.fullmatch(r"(.{10}).([0-9:.]+)(.*)", piece)
    if match is None:
        return _NONE
    try:
        clock = [*match[2].split(".")[0].split(":"), "00"]
        naive = datetime.fromisoformat(f"{match[1]}T{clock[0]}:{clock[1]}:{clock[2]}")
        offset = match[3].upper().replace(":", "")
        if not offset:
            return {"STAMP": naive}
        shift = timedelta() if offset == "Z" else timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
        return {"STAMP": naive.replace(tzinfo=timezone(-shift if offset[0] == "-" else shift))}
    except ValueError:
        return _NONE
