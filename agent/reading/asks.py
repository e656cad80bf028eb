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
_CALLED = re.compile(r"^\W*(?:and |so |also )?([^\W\d_]{2,20})(?:\s+and\s+([^\W\d_]{2,20}))?\s*[,:–—-]")
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


def first_names(items: Iterable[Item]) -> dict[str, str]:
    """First names and full names that occur in some items, lower case, with the address each stands for.

    A first name that two people share stands for nobody.
    """
    names: dict[str, str] = {}
    for item in items:
        for person in item.people:
            full = plain_name(person.name)
            for name in {full, full.split(" ")[0], person.address.partition("@")[0]} - {""}:
                if names.setdefault(name.casefold(), person.address) != person.address:
                    names[name.casefold()] = ""
    return names


def asked(
    item: Item, sentence: str, *, dates: Sequence[Dated], me: AbstractSet[str], names: Mapping[str, str]
) -> Asked:
    """Find out whom a sentence of a message asks, and by when."""
    whom = _named(item, sentence, names)
    if whom:
        words = [_word(item, address, me, named) for named, address in whom]
        mine = any(address in me for _, address in whom)
    else:
        to = [p for p in item.people if p.role == "to"]
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


def _named(item: Item, sentence: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Those the sentence calls by name, else those the message greets."""
    called = [m[1] for m in _AT.finditer(sentence)]
    if not called and (found := _CALLED.match(sentence)):
        called = [n for n in found.groups() if n]
    known = [(n, names[n.casefold()]) for n in called if names.get(n.casefold())]
    if not known and (found := _GREETED.match(item.text[:200].lstrip())):
        known = [(n, names[n.casefold()]) for n in found.groups() if n and names.get(n.casefold())]
    sender = item.person("from", "author")
    return [(n, a) for n, a in known if sender is None or a != sender.address]


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
