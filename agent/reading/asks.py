"""Who asks whom, by when: read from the names in the sentence, the greeting, and the recipients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from deskhand.agent.reading.dates import Dated
from deskhand.agent.reading.phrasing import plain_name
from deskhand.connectors.model import Item

_AT = re.compile(r"(?:^|\s)@([\w.-]{2,40})")
_NAME = r"([^\W\d_]{2,20}(?:\s+[^\W\d_](?=\.?\s*[,:–—-])|\s+[^\W\d_]{2,20})?)"
_CALLED = re.compile(rf"^\W*(?:and |so |also )?{_NAME}\.?(?:\s+and\s+{_NAME}\.?)?\s*[,:–—-]")
_GREETED = re.compile(
    r"(?i)^\W*(?:hi|hello|hey|dear|hallo|liebe[rs]?|bonjour|"
    r"hola)\s+([^\W\d_]{2,20})(?:\s+(?:and|&|und|et|y)\s+([^\W\d_]{2,20}))?\b"
)
_DEADLINE = re.compile(
    r"(?i)\b(by|before|until|till|no later than|due|latest|deadline|bis|avant|"
    r"antes de)\W*(the\W*)?(end of\W*)?$"
)
_AUTOMATIC = re.compile(
    r"(?i)^(no[._-]?reply|do[._-]?not[._-]?reply|mailer-daemon|postmaster|bounces?|"
    r"newsletters?|news|notifications?|alerts?|marketing|digest)([+._-].*)?@"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom an ask goes to, in words, whether that is the person, and by when; "" where nothing says."""

    whom: str
    mine: bool
    due: str


def names_in(items: Iterable[Item]) -> dict[str, frozenset[str]]:
    """What people in some items may be called, lower case ("sam", "sam lindqvist", "sam l"), and who
    that may be: two Sams share a first name."""
    names: dict[str, frozenset[str]] = {}
    for item in items:
        for person in item.people:
            full = plain_name(person.name)
            first, _, last = full.partition(" ")
            for name in {full, first, f"{first} {last[:1]}".strip(), person.address.partition("@")[0]} - {""}:
                key = name.casefold()
                names[key] = names.get(key, frozenset()) | {person.address}
    return names


def asked(
    item: Item,
    sentence: str,
    *,
    dates: Sequence[Dated],
    me: AbstractSet[str],
    names: Mapping[str, frozenset[str]],
) -> Asked:
    """Find out whom a sentence of a message asks, and by when."""
    to = [p for p in item.people if p.role == "to"]
    if named := _named(item, sentence, names, [p.address for p in to]):
        words = [_word(item, one, me, name) if (one := _only(found)) else name for name, found in named]
        mine = any(found <= me for _, found in named)
    else:
        mine = any(p.address in me for p in to)
        names_to = [_word(item, p.address, me, p.name) for p in to]
        words = (
            names_to if len(names_to) <= 2 else (["you", f"{len(to) - 1} others"] if mine else ["everybody"])
        )
    return Asked(" and ".join(dict.fromkeys(words)), mine, _due(sentence, dates))


def is_automatic(item: Item) -> bool:
    """Whether a machine or a list wrote this message, so that nobody waits for an answer (RFC 3834)."""
    sender = item.person("from", "author")
    if sender and _AUTOMATIC.match(sender.address):
        return True
    marks = {
        k.casefold().replace("-", "_"): str(v).casefold()
        for k, v in item.data.items()
        if isinstance(v, str | bool)
    }
    if marks.get("auto_submitted", "no") not in {"no", "", "false"} or marks.get("precedence") in {
        "bulk",
        "list",
        "junk",
    }:
        return True
    if any(
        marks.get(k) for k in ("list_unsubscribe", "list_id", "automatic", "bulk") if marks.get(k) != "false"
    ):
        return True
    return bool(
        re.search(
            r"(?i)\bunsubscribe\b|view (this|it) in your browser|manage (your )?preferences",
            item.text[-3000:],
        )
    )


def _named(
    item: Item, sentence: str, names: Mapping[str, frozenset[str]], to: Sequence[str]
) -> list[tuple[str, frozenset[str]]]:
    """Those the sentence calls by name, else those the message greets, each with who that may be."""
    sender = item.person("from", "author")
    for called in (_called(sentence), _greeted(item)):
        known = []
        for name in called:
            found = names.get(name.casefold(), frozenset()) - {sender.address if sender else ""}
            if found:
                # Of two Sams the one it is written to is meant.
                known.append((plain_name(name), found & frozenset(to) or found))
        if known:
            return known
    return []


def _called(sentence: str) -> list[str]:
    if names := [m[1] for m in _AT.finditer(sentence)]:
        return names
    found = _CALLED.match(sentence)
    return [n for n in found.groups() if n] if found else []


def _greeted(item: Item) -> list[str]:
    found = _GREETED.match(item.text[:200].lstrip())
    return [n for n in found.groups() if n] if found else []


def _only(addresses: frozenset[str]) -> str:
    return next(iter(addresses)) if len(addresses) == 1 else ""


def _word(item: Item, address: str, me: AbstractSet[str], name: str) -> str:
    if address in me:
        return "you"
    full = next((p.name for p in item.people if p.address == address and p.name), name)
    return plain_name(full) or plain_name(address) or "somebody"


def _due(sentence: str, dates: Sequence[Dated]) -> str:
    for date in dates:
        if date.start is None:
            return date.shown()
        if _DEADLINE.search(sentence[: date.first]) or _DEADLINE.search(
            sentence[date.first : date.last].split(" ")[0]
        ):
            return f"by {date.shown()}"
    return ""
