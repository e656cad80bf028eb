"""How things are said: days and times, who wrote, the author's words in quotation marks."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from deskhand.agent.model import Citation, Passage
from deskhand.connectors._quotes import foreign
from deskhand.connectors.model import Item

# Not strftime: its names follow the machine's locale.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_QUOTE_MARKS = re.compile('["“”„«»‹›<>]')
_ANSWER_PREFIX = re.compile(r"(?i)^\s*((re|fwd?|aw|wg|tr|sv|antw|rif|res|enc)(\[\d+\])?\s*:\s*)+")
LONGEST_QUOTE = 280


def day(when: date, *, year: bool = True) -> str:
    """ "Fri 20 Nov 2026"."""
    text = f"{_DAYS[when.weekday()]} {when.day} {_MONTHS[when.month - 1]}"
    return f"{text} {when.year}" if year else text


def moment(at: datetime, zone: str, *, year: bool = False) -> str:
    """ "Tue 17 Nov 09:12", in the zone given."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{day(local, year=year)} {local:%H:%M}"


def count(number: int, thing: str, things: str = "") -> str:
    """ "1 message", "1,240 messages"."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def listing(parts: list[str]) -> str:
    """ "Ana, Bo and Cleo"."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def ago(span: timedelta) -> str:
    """How long something waits: "3 hours", "2 days"."""
    hours = max(0, int(span.total_seconds() // 3600))
    return (
        count(hours // 24, "day") if hours >= 24 else count(hours, "hour") if hours else "less than an hour"
    )


def plain_name(name: str) -> str:
    """A name that cannot be taken for a quotation, on one line and of bearable length."""
    return _QUOTE_MARKS.sub("", " ".join(name.split()))[:60].strip(" ,:;")


def title_of(item: Item) -> str:
    """What the item is called, without the marks of answering and forwarding."""
    title = " ".join(item.title.split())
    if item.ref.kind == "message":
        title = _ANSWER_PREFIX.sub("", title)
    return title[:200] or "(no subject)" if item.ref.kind == "message" else title[:200] or "(no title)"


NOBODY = "somebody"
PASSING_ON = " (passing it on)"
"""Stands beside the name of whoever sent words that are somebody else's."""


def passes_on(text: str) -> bool:
    """Whether all that a message says is another one, without a word of its sender's."""
    theirs = foreign(text)
    above = text.split("\n")[: theirs[0]] if theirs is not None else ()
    return theirs is not None and not any(map(str.isalnum, "".join(above)))


def author_of(item: Item, me: AbstractSet[str] = frozenset()) -> str:
    """Who made this version: "you", a name, an address, or "somebody"."""
    person = item.person("from", "author", "organizer")
    if person and person.address in me:
        return "you"
    # A name with another's address in it would pass for that one: then the true one is told.
    names = [item.author, person.name] if person else [item.author]
    name = next((n for n in names if n and (person is None or "@" not in n)), "")
    return plain_name(name) or (plain_name(person.address) if person else "") or NOBODY


def byline(item: Item, zone: str, me: AbstractSet[str] = frozenset()) -> str:
    """Who made this version and when, `Bo Lindqvist, Tue 17 Nov 2026 09:12`; files often tell only when."""
    who, when = author_of(item, me), moment(item.at, zone, year=True)
    return when if who == NOBODY else f"{who}, {when}"


def quote(words: str, *, longest: int = LONGEST_QUOTE) -> str:
    """The author's words in quotation marks; what is cut off is shown as cut off outside of them."""
    words = " ".join(words.split())
    if len(words) <= longest:
        return f"“{words}”"
    cut = words[:longest]
    if " " in cut[longest // 2 :]:
        cut = cut.rsplit(" ", 1)[0]
    return f"“{cut.rstrip()}” …"


def excerpt(sentence: str, first: int, last: int, *, around: int = 36) -> str:
    """A few words around a place in a sentence, cut at white space: still the author's own."""
    start, end = max(0, first - around), min(len(sentence), last + around)
    if start and (space := sentence.find(" ", start, first)) >= 0:
        start = space + 1
    if end < len(sentence) and (space := sentence.rfind(" ", last, end)) >= 0:
        end = space
    return sentence[start:end].strip(" ,;:.?!")


def capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def said(
    item: Item,
    words: str,
    *,
    zone: str,
    me: AbstractSet[str] = frozenset(),
    year: bool = False,
    how: str = "",
    after: str = "",
) -> Passage:
    """One author's words: `Bo Lindqvist, Tue 17 Nov 09:12: “…”`, citing the message they stand in."""
    author = author_of(item, me)
    handed = PASSING_ON if item.ref.kind == "message" and passes_on(item.text) else ""
    who = capital(f"{author if author != NOBODY else title_of(item)}{handed}{how}")
    tail = f" {after}" if after else ""
    return Passage(
        text=f"{who}, {moment(item.at, zone, year=year)}: {quote(words)}{tail}", cites=(Citation.of(item),)
    )
