"""Names and addresses that could be taken for others: one skeleton for all that looks alike (UTS #39).

Looks alike here also what a hasty eye takes for one: rn and m, vv and w, 1, l and I, 0 and o.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

WELL_KNOWN = frozenset(
    {
        "amazon.com", "apple.com", "bankofamerica.com", "chase.com", "docusign.com", "docusign.net",
        "dropbox.com", "facebook.com", "github.com", "gmail.com", "google.com", "hotmail.com", "icloud.com",
        "linkedin.com", "live.com", "microsoft.com", "microsoftonline.com", "netflix.com", "office.com",
        "outlook.com", "paypal.com", "proton.me", "protonmail.com", "slack.com", "stripe.com", "wise.com",
        "yahoo.com", "zoom.us",
    }
)  # fmt: skip
"""Domains that are imitated all the time; any other is compared with those the person deals with."""

_ALIKE = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("|", "l"))
_SCRIPT = re.compile(r"(LATIN|CYRILLIC|GREEK|ARMENIAN|CHEROKEE|COPTIC|HEBREW|ARABIC|GEORGIAN)\b")
_NAME_FROM = 5
"""A shorter name stands in, or beside, too many others."""
_WORDS = frozenset({"apple", "chase", "office", "outlook", "proton", "slack", "stripe"})
"""Names that are words as well: only the whole domain is imitated."""


@cache
def _latin() -> dict[int, str]:
    """What looks like Latin letters, as a table to translate by."""
    text = files("deskhand.agent.trust").joinpath("confusables.txt").read_text("utf-8")
    rows = (line.split(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {ord("I"): "l"} | {ord(char): like for like, chars in rows for char in chars}


def skeleton(text: str) -> str:
    """The same for two texts that look alike; nothing that is to be read. Linear in the length."""
    plain = unicodedata.normalize("NFKD", text).translate(_latin())
    plain = unicodedata.normalize("NFKD", plain).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    for alike, like in _ALIKE:
        plain = plain.replace(alike, like)
    return plain


def name_of(text: str) -> tuple[str, ...]:
    """A person's name as an eye takes it: the skeletons of its words, in any order and in any case."""
    words = (w for w in re.split(r"[\s,.\"'“”]+", text) if w)
    return tuple(sorted(skeleton(w).replace("i", "l") for w in words))


def domain(address: str) -> str:
    """The part of an address after the @, in small letters, punycode read."""
    host = address.rpartition("@")[2].lower().rstrip(".")
    if "xn--" in host:
        try:
            return host.encode("ascii").decode("idna").lower()
        except UnicodeError:
            return host
    return host


class Domains:
    """The domains a person deals with, and the well-known ones."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = {*known, *WELL_KNOWN}
        self._bare = {skeleton(one): one for one in sorted(self._known, reverse=True)}

    def taken_for(self, host: str) -> str:
        """The known domain that a host could be taken for; "" where it is one of them, or like none."""
        if not {host, _ascii(host)}.isdisjoint(self._known) or any(
            host[i + 1 :] in self._known for i, c in enumerate(host) if c == "."
        ):
            return ""
        bare = skeleton(host)
        if bare in self._bare:
            return self._bare[bare]
        near = (one for known, one in self._bare.items() if _dressed_as(bare, known) or _typed(bare, known))
        return min(near, default="")


def _dressed_as(host: str, known: str) -> bool:
    """Whether a host has a known one, or its name, in front of others: `example.org.evil.example`,
    `example-billing.example`."""
    if host.startswith((f"{known}.", f"{known}-", f"{known.replace('.', '-')}.")):
        return True
    name = known.partition(".")[0]
    if len(name) < _NAME_FROM or name in _WORDS:
        return False
    return any(part.startswith(f"{name}-") or part.endswith(f"-{name}") for part in host.split("."))


def _typed(host: str, known: str) -> bool:
    return len(known.partition(".")[0]) >= _NAME_FROM and _one_apart(host, known)


def mixed(text: str) -> str:
    """The first word that has letters of several alphabets, and which, in words; "" where there is none."""
    for word in re.findall(r"[^\W\d_]{4,}", text):  # shorter ones are units: kΩ, μSv
        if word.isascii():
            continue
        alphabets = dict.fromkeys(s for c in word if (s := _script(c)))
        if "LATIN" in alphabets and len(alphabets) > 1:
            odd = [c for c in word if _script(c) not in ("", "LATIN")]
            latin = [c for c in word if _script(c) == "LATIN"]
            few = odd if len(odd) <= len(latin) else latin
            told = ", ".join(f"“{c}” is {_script(c).capitalize()}" for c in dict.fromkeys(few[:3]))
            return f"“{word}” mixes alphabets: {told}"
    return ""


def hosts(text: str) -> Iterable[str]:
    """The hosts of addresses and links in a text, in small letters, each once."""
    return dict.fromkeys(domain(h.rstrip(".-")) for h in _HOSTS.findall(text))


_HOSTS = re.compile(r"(?:(?<=@)|(?<=://)|\b(?=www\.))(?:[^\W_]|[.-]){4,253}")


def _script(char: str) -> str:
    found = _SCRIPT.match(unicodedata.name(char, ""))
    return found[1] if found else ""


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _one_apart(a: str, b: str) -> bool:
    """Whether one letter more, less, other, or two turned round make one of the other."""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if a[at + 1 :] == b[at + 1 :] or a[at + 1 :] == b[at:] or a[at:] == b[at + 1 :]:
        return True
    return a[at : at + 2] == b[at : at + 2][::-1] and a[at + 2 :] == b[at + 2 :]
