"""From what a person types to a full-text query: no text whatsoever can be FTS5 syntax."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MOST_TERMS = 64
"""More words than anybody asks with; a pasted page is searched by its first ones."""

_MOST_CHARACTERS = 20_000
_QUOTED = re.compile(r'["“”„«»]([^"“”„«»]+)["“”„«»]')
_WORD = re.compile(r"\w+")
_LONGEST = 100

_STOP = """
    a about above after again all also am an and any are as at be because been before being below
    between both but by can could did do does doing down during each few for from further had has have
    having he her here hers herself him himself his how i if in into is it its itself just me more most my
    myself no nor not now of off on once only or other our ours ourselves out over own please same she
    should so some such than that the their theirs them themselves then there these they this those
    through to too under until up us very was we were what when where which while who whom why will with
    would you your yours yourself yourselves s t d ll m re ve
"""
STOP_WORDS = frozenset(_STOP.split())


@dataclass(frozen=True, slots=True)
class Terms:
    """A question as FTS5 expressions; each is "" where there is nothing to ask."""

    any: str
    """Any of the words; with a quoted run in it, only where that stands."""
    required: str
    """The quoted runs alone."""


def terms(text: str) -> Terms:
    """Read a question. Stop words count only inside quotes, or where there is nothing else."""
    text = text[:_MOST_CHARACTERS]
    runs = [" ".join(found[:MOST_TERMS]) for run in _QUOTED.findall(text) if (found := _words(run))]
    words = [w.lower() for w in _words(text)]
    telling = [w for w in words if w not in STOP_WORDS] or words
    required = " AND ".join(_string(run) for run in runs[:MOST_TERMS])
    optional = " OR ".join(_string(t) for t in list(dict.fromkeys([*runs, *telling]))[:MOST_TERMS])
    return Terms(f"({required}) AND ({optional})" if required else optional, required)


def _string(words: str) -> str:
    # Letters, digits and _ only, in quotes: a string to FTS5, whatever it says.
    return f'"{words}"'


def _words(text: str) -> list[str]:
    return [w[:_LONGEST] for w in _WORD.findall(unicodedata.normalize("NFC", text))]


def folded(name: str) -> str:
    """A name as it is compared: no capitals, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
