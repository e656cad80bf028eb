"""How the words of a slot are said plainly, where people say them in more ways than the grammar reads.

"What Will has sent us since Monday" names mails without a word for them, and "the ninth at ten" a time
without a figure. It is known what they are, as they stand in a slot, so they can be said so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deskhand.agent.planners.likeness.features import Token
from deskhand.agent.planners.words.phrases import words as words_of

_ABOUT_MAILS = words_of(
    """
    what what's whatever everything anything all any every each has have had 've did do does been come came
    coming comes arrived arrive sent send sending written wrote write writes writing mailed mail emailed email
    e-mail me us you i we my our the a an that which list show correspondence stuff mails emails e-mails
    message messages letters letter note notes in new got get received is are was were there about
    """
)
"""What is said of any mails; "about" stays where something follows it."""
_SENT = re.compile(
    r"\b(?:i|we)(?:['’]ve| have)? (?:sent|wrote|written|mailed|emailed)\b|\bdid (?:i|we) (?:send|write|mail)|"
    r"\b(?:my|our|sent|i|we)\b.*\bto \S+|\bsent to\b",
    re.I,
)
_MAILS = words_of("mails emails mail email e-mail message messages letter letters newsletter newsletters")
_ASKED_FOR = words_of("what what's everything anything did has have")
_ANY = words_of("all my any mails emails messages")
_LEADING = frozenset({"from", "by", "to", "with", "of"})
_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_NUMBERS = {w: str(n) for n, w in enumerate(_HOURS.split("|"), 1)}
_DAYS = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|"
    "fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth"
)
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_ORDINALS = {w: f"{n}{_ENDINGS.get(n, 'th')}" for n, w in enumerate(_DAYS.split("|"), 1)}
_ORDINAL = re.compile(rf"\bthe ({_DAYS})\b(?! (?:half|week|day|of the|time))", re.I)
_BARE = re.compile(rf"^(?:at )?({_HOURS})(?: o['’]?clock)?$", re.I)
_AT = re.compile(rf"\bat ({_HOURS})$", re.I)
_ASKING = {"has": "has", "have": "has", "is": "is", "are": "are", "was": "was", "can": "can", "does": "does"}
_SHORTEST = 3
_LATER = re.compile(r"^(?:about )?(.*\S) (?:later|back|earlier|sooner)$", re.I)


def mails(seen: Sequence[Token], words: str) -> str:
    """The mails of a slot: "the mails from Will since Monday"; with nothing that any mails may be called.

    :param seen: the tokens of the slot, in the order they are said in `words`.
    """
    said = words[seen[0].start : seen[-1].end]
    if any(t.sort in ("quote", "group") for t in seen) or not _worth(seen):
        return said
    who: list[str] = []
    rest: list[str] = []
    at = 0
    while at < len(seen):
        token = seen[at]
        text = words[token.start : token.end]
        if token.sort == "person":
            if not who or not token.first:
                who.append(text.title() if text.islower() and "@" not in text else text)
        elif token.word in _LEADING and at + 1 < len(seen) and seen[at + 1].sort == "person":
            pass
        elif token.sort in ("", "mark") and (token.word in _ABOUT_MAILS or token.word in ("'s", ",", "?")):
            if token.word == "about" and at + 1 < len(seen):
                rest.append(text)
        elif token.word == "re":
            rest.append("about")
        else:
            rest.append(text)
        at += 1
    unread = "unread " if "unread" in rest else ""
    rest = [w for w in rest if w != "unread"]
    to = "to" if _SENT.search(said) else "from"
    return " ".join(filter(None, (f"the {unread}mails", f"{to} {' '.join(who)}" if who else "", *rest)))


def _worth(seen: Sequence[Token]) -> bool:
    """Whether it is said in words that only a mailbox gives their sense; a name of one mail stays."""
    said = {t.word for t in seen}
    return bool(said & _ASKED_FOR) or not said & _MAILS or seen[0].word in _ANY


def new_time(text: str) -> str:
    """A new time in figures: "the ninth at ten" is "the 9th at 10", "four" is "4 o'clock"."""
    text = _ORDINAL.sub(lambda m: f"the {_ORDINALS[m[1].lower()]}", text)
    if m := _BARE.match(text):
        return f"{_NUMBERS[m[1].lower()]} o'clock"
    return _AT.sub(lambda m: f"at {_NUMBERS[m[1].lower()]}", text)


def how_far(text: str) -> str:
    """How far something is moved, without the way: its form says that."""
    m = _LATER.match(text)
    return m[1] if m else text


def condition(seen: Sequence[Token], words: str) -> str:
    """What something depends on, as it stands behind "if": "has Will written?" is "Will has written".

    :param seen: the tokens of the slot, in the order they are said in `words`.
    """
    said = words[seen[0].start : seen[-1].end].rstrip(" ?.,;:")
    if seen[0].word not in _ASKING or len(seen) < _SHORTEST or seen[1].sort != "person":
        return said
    end = next((n for n in range(2, len(seen)) if seen[n].sort != "person" or seen[n].first), len(seen))
    if end == len(seen):
        return said
    who = words[seen[1].start : seen[end - 1].end]
    rest = words[seen[end].start : seen[-1].end].rstrip(" ?.,;:")
    return f"{who} {_ASKING[seen[0].word]} {rest}".replace("  ", " ")
