"""Words that may turn a wish round: it is not to be done, is only told of, or holds for less than was read.

Likeness sees that "don't cancel the review" is much like "cancel the review". So what it reads is done
without a question only where none of these words stands outside its slots, or inside of a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from deskhand.agent.planners.likeness.features import Token
from deskhand.agent.planners.likeness.forms import PEOPLE, SEVERAL
from deskhand.agent.planners.likeness.weights import OUTSIDE
from deskhand.agent.planners.words.phrases import words as words_of

LIMITED = frozenset({
    "not", "only", "ideally", "except", "after", "before", "optional", "unless", "apart", "else",
})  # fmt: skip
"""Slots that hold a limit: a limiting word before one of these is how it is said."""
_NAMES = frozenset({"who", "other", "event", "item"})
_FROM_WHEN = re.compile(
    r"\b(?:instead of|rather than|and not)\s+(?:(?:at|on|the)\s+)*"
    r"(?:\d[\d:.]*(?:\s?[ap]m)?|(?:mon|tues|wednes|thurs|fri|satur|sun)day|…)\s*\W*$",
    re.I,
)
"""When something is moved from: it says no other thing of the wish."""
_DRAFTS = frozenset({"draft", "reply_draft"})
_HELD = re.compile(
    r"\b(?:do ?n['’]?t|do not|never|without) (?:yet |actually )?send(?:ing)?(?: it| that| this| yet| off)*"
    r"(?=\s*(?:[,;:.!?)]|$))",
    re.I,
)
"""What makes a draft of a mail does not turn the draft."""
_OF_CLASHES = frozenset({"overlapping", "overlapping_offer"})

EXCEPTS = words_of("except excepting excluding besides barring without unless")
CLASHES = words_of("overlap overlaps overlapping clash clashes clashing double")
_LESS = EXCEPTS | words_of(
    """
    nobody none minus sans quietly secretly silently separately optional optionally others depending even
    """
)
_BUT = words_of("but bar less save")
"""Before people: all but these."""
_IN_NAMES = _LESS | _BUT | CLASHES | words_of(
    """
    not no never instead rather only haven't hasn't didn't don't isn't aren't wasn't weren't
    """
)  # fmt: skip

_BEGINS = r"(?:^|[,;:.!?–-]\s*|\b(?:and|but|please|kindly|so|then)\s+)(?:(?:please|kindly|just)\s+)?"
_FORBIDDEN = re.compile(
    rf"{_BEGINS}(?:do(?:n['’]?t| not)|never|not|no need|let['’]?s not|under no circumstances)\s+"
    r"(?!(?:need|want|care|think)\b)\w+|"
    rf"{_BEGINS}make sure (?:nobody|no\s?one|not|never|you don)|"
    r"\bi\s+(?:do(?:n['’]?t| not)|no longer|never)\s+(?:want|need|wish)\s+(?:\w+\s+)?to\b|"
    r"\b(?:must|should|may|shall|need)(?:n['’]t| not)\s+be\b",
    re.I,
)
_ASKED = re.compile(rf"{_BEGINS}(?:(?:when )?(?:did|was|were)|why|who|whose|has|had)\s", re.I)
_TOLD = re.compile(
    r"(?:^|[,;:.!?]\s*)(?:i|we|he|she|they|…)\s+(?:(?:already|just|have|has)\s+)*"
    r"(?!(?:wanted|needed|hoped|wished|agreed|promised|planned)\b)(?:\w+ed|told|sent|wrote|made|took|gave|"
    r"put)\b|"
    r"\b(?:was|were|(?:has|have|had) been)\s+(?:already\s+)?\w+ed\b",
    re.I,
)
_ENDS_A_CLAUSE = frozenset(",;:.!?–-") | {"so", "but", "because", "hence"}
_FEWEST = 2
"""Words of what is left without a clause."""
_WAVERS = re.compile(
    r"\b(?:might|may) (?:want|wish|need|have) to\b|\bnot (?:quite |yet |so )?sure (?:yet|if|whether)\b|"
    r"\bnot sure\W*$|"
    r"\bwas (?:going|about|thinking) (?:to|of)\b.*\bbut\b|\bmaybe (?:i|we) (?:should|could|ought)\b|"
    r"\bwhat do you think\b|\bi(?:['’]ll| shall| will) let you know\b|"
    r"\b(?:thinking|dreaming) (?:of|about) \w+ing\b|"
    r"\bshould (?:i|we)\b[^,;]*\?\s*$|\bwould it be (?:wise|a good idea|better)\b",
    re.I,
)
"""Somebody who has not made up his mind yet."""
_IN_PLACE_OF = re.compile(r"\b(?:instead of|rather than|apart from|aside from|but not)\b", re.I)


def turned(
    words: str, seen: Sequence[Token], tags: Sequence[str], goal: str,
    still: Callable[[Sequence[Token]], bool] = lambda _: False,
) -> bool:  # fmt: skip
    """Whether words outside the slots of a reading, or in a name, may turn the wish round.

    :param still: whether the wish is said by these of its tokens alone. A clause that tells of what has been
        turns nothing where the others say the wish without it: "I have put it off for ages, so book Ann".
    """
    if goal in SEVERAL:
        return False
    pairs = list(zip(seen, tags, strict=True))
    looks = _looks(words, pairs, goal)
    if _FORBIDDEN in looks or _WAVERS.search(words):
        return True
    if looks and not any(
        not _looks(words, rest, goal) and still([t for t, _ in rest]) for rest in _without_a_clause(pairs)
    ):
        return True
    return any(
        _turns(token.word, next_slot(tags[n:]), goal)
        if tag == OUTSIDE
        else tag[2:] in _NAMES and token.word in _IN_NAMES
        for n, (token, tag) in enumerate(pairs)
    )


def _looks(words: str, pairs: Sequence[tuple[Token, str]], goal: str) -> list[re.Pattern[str]]:
    """The patterns that are found in what stands outside the slots."""
    outside = "".join(f"{words[t.start : t.end]} " if g == OUTSIDE else "… " for t, g in pairs)
    if goal in ("move", "another"):
        outside = _FROM_WHEN.sub(" ", outside)
    if goal in _DRAFTS:
        outside = _HELD.sub("", outside)
    return [look for look in (_FORBIDDEN, _ASKED, _TOLD, _IN_PLACE_OF) if look.search(outside)]


def _without_a_clause(pairs: Sequence[tuple[Token, str]]) -> Iterator[list[tuple[Token, str]]]:
    """The tokens without each of their clauses, where there are several."""
    clauses: list[list[tuple[Token, str]]] = [[]]
    for token, tag in pairs:
        if clauses[-1] and tag == OUTSIDE and (token.word in _ENDS_A_CLAUSE):
            clauses.append([])
        clauses[-1].append((token, tag))
    for left in range(len(clauses)) if len(clauses) > 1 else ():
        rest = [pair for n, clause in enumerate(clauses) if n != left for pair in clause]
        if sum(t.word.isalnum() for t, _ in rest) >= _FEWEST:
            yield rest


def forbids(words: str) -> bool:
    """Whether a wish begins with what is not to be done."""
    return _FORBIDDEN.match(words) is not None


def _turns(word: str, following: str, goal: str) -> bool:
    """Whether a word outside the slots turns what it stands before."""
    return (
        (word in _BUT and following in PEOPLE and not (word == "save" and goal in _DRAFTS))
        or (word in CLASHES and goal not in _OF_CLASHES)
        or (word in _LESS and following not in LIMITED and not (word == "separately" and goal == "each"))
    )


def next_slot(tags: Sequence[str]) -> str:
    """The name of the next slot, "" where none comes."""
    return next((t[2:] for t in tags if t.startswith("B-")), "")
