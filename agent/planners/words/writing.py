"""Where a wish ends and the text it brings along begins; how reported words become a text of one's own."""

from __future__ import annotations

import re
from dataclasses import replace

from deskhand.agent.planners.words.hearing import THIRD, Hearer, second_person
from deskhand.agent.planners.words.questions import asks, question
from deskhand.agent.planners.words.tidying import strip_thanks

_WRITING = re.compile(
    r"\b(?:e-?mails?|mails?|messages?|msg|notes?|letter|reply|respond|answer|write|draft|compose|send|tell|"
    r"ask|inform|"
    r"notify|let|remind|thank|forward|fwd|pass|drop|text|ping|response|invite|mailing|saying|get back|"
    r"come back)\b",
    re.I,
)
# Not the colon of "8:00", "1:1", "https://", "mailto:" or "tl;dr:".
_COLON = re.compile(r"(?<!mailto)(?<!\d)\s*:(?!//)(?=\s|[^\W\d]|[“\"'«]|$)|(?<=\d)\s*:(?=\s|$)")
_SAYING = re.compile(
    r"[\s,]+(?:sayin[g'’]?|that says|which says|telling (?:him|her|them)|to say|and say|and tell (?:him|her|"
    r"them)|"
    r"(?:(?<=, )|and\s+)(?:just\s+)?say(?!\s+(?:yes|no|maybe)\s+to)|with the (?:text|words|message)|"
    r"with the body|with (?:the|a) (?:note|comment|remark)(?=\s*[:“\"«]))(?: that\b)?[\s:,]+",
    re.I,
)
_AND_THAT = re.compile(r"\b(and|but) that (?=(?:I|we|you|he|she|it|they|there|the|my|our)\b)", re.I)
"""Between two things that are reported; of a text only the first has lost its "that"."""
_QUOTED = re.compile(r"[“\"«](?P<text>[^“”\"«»]+[.!?])[”\"»]\s+(?P<rest>[A-Z].*)$", re.S)
"""A text in quotation marks that ends there, and a sentence behind it that is none of it."""
MARKS = ' \n\t“”"«»'


def split(text: str) -> tuple[str, str, str]:
    """The wish on one line, the tail that was cut off it, and the text to be written in that tail."""
    starts = [m for p in (_COLON, _SAYING) if (m := _first(p, text)) is not None]
    if not starts:
        return strip_thanks(_line(text)), "", ""
    mark = min(starts, key=lambda m: m.start())
    body = "\n".join(line.rstrip() for line in text[mark.end() :].strip().splitlines())
    if (m := _QUOTED.match(body)) is not None:
        return (
            _line(f"{text[: mark.start()]}. {m['rest']}"),
            f"{mark.group()}“{m['text']}”",
            m["text"].strip(),
        )
    if len(body) > 1 and body[0] in '“"«' and body[-1] in '”"»':
        body = body.strip(MARKS)
    return _line(text[: mark.start()]), text[mark.start() :].rstrip(), body


def reported(words: str, hearer: Hearer | None = None) -> str:
    """What "tell her that ..." is to say, in the person's own voice; "" where that cannot be known.

    "she", "his", "their" may be anybody: it is the `hearer` where it can be nobody else, and else such a text
    has to be said word for word.
    """
    words = _AND_THAT.sub(r"\1 ", words.strip(MARKS + ".,;"))
    if not THIRD.search(words):
        return words
    return (second_person(words, hearer) or "") if hearer is not None else ""


def requested(words: str, hearer: Hearer | None = None) -> str:
    """What "ask her to ...", "ask her whether ..." is to say; "" where that cannot be known."""
    words = reported(words.rstrip("? "), replace(hearer, asked=True) if hearer is not None else None)
    if asks(words):
        return question(words)
    return f"Please {words}." if words else ""


def unclear_whom(words: str) -> str:
    """The pronoun for which a text has to be said word for word; "" where there is none."""
    m = THIRD.search(words)
    return m.group() if m else ""


def _first(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first mark behind a word of writing: in "Q: what is on my calendar" nothing is to be written."""
    word = _WRITING.search(text)
    return pattern.search(text, word.end()) if word else None


def _line(text: str) -> str:
    return " ".join(text.split())
