"""From what a person types to a full-text query: no text whatsoever can be FTS5 syntax."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
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
    """A question as FTS5 strings, each a word or a phrase in quotes."""

    words: tuple[str, ...]
    """Any of these."""
    required: tuple[str, ...]
    """Every one of these, the quoted runs."""

    @property
    def needed(self) -> str:
        """The FTS5 expression for what must be there, or ""."""
        return " AND ".join(self.required)

    def expression(self, telling: Sequence[str] = ()) -> str:
        """The FTS5 expression for all of it: what must be there, and any of the words.

        Words count for the score; with `telling` given, one of those has to be there too. "" for nothing.
        """
        any_of = " OR ".join(self.words)
        conditions = (*self.required, f"({' OR '.join(telling)})") if telling else self.required
        return " AND ".join((*conditions, f"({any_of})")) if any_of else ""


def terms(text: str) -> Terms:
    """Read a question. Stop words count only inside quotes, or where there is nothing else."""
    text = text[:_MOST_CHARACTERS]
    runs = [" ".join(found[:MOST_TERMS]) for run in _QUOTED.findall(text) if (found := _words(run))]
    words = [w.lower() for w in _words(text)]
    telling = [w for w in words if w not in STOP_WORDS] or words
    strings = [_string(t) for t in dict.fromkeys([*runs, *telling])]
    return Terms(tuple(strings[:MOST_TERMS]), tuple(_string(run) for run in runs[:MOST_TERMS]))


def _string(words: str) -> str:
    # Letters, digits and _ only, in quotes: a string to FTS5, whatever it says.
    return f'"{words}"'


def _words(text: str) -> list[str]:
    return [w[:_LONGEST] for w in _WORD.findall(unicodedata.normalize("NFC", text))]


def folded(name: str) -> str:
    """A name as it is compared: no capitals, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
