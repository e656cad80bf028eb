"""Which goal a wish is most like, what fills its slots, and the wish in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from deskhand.agent.planners.likeness.cues import neighbour, said_so, unheeded
from deskhand.agent.planners.likeness.features import LONGEST, Token, of_token, of_wish, tokens
from deskhand.agent.planners.likeness.forms import FORMS, PEOPLE, SLOTS_OF, plainly
from deskhand.agent.planners.likeness.slotwords import condition, how_far, mails, new_time
from deskhand.agent.planners.likeness.turned import CLASHES, EXCEPTS, LIMITED, next_slot, turned
from deskhand.agent.planners.likeness.weights import OUTSIDE, Learnt, learnt
from deskhand.agent.planners.words.common import COMMON, stem
from deskhand.agent.planners.words.groups import ends_there
from deskhand.agent.planners.words.phrases import normal
from deskhand.agent.planners.words.phrases import words as words_of
from deskhand.agent.planners.words.request import Request
from deskhand.agent.profile import Known

Slot = tuple[str, int, int]
"""Name, start and end."""
_TIMES = frozenset({"when", "to", "by", "length", "often", "only", "ideally"})
_TIMELY = frozenset({"time", "length", "often"})
_JOINING = words_of(
    """
    a an the of in on at for to from by with before after until till til since within through and or this that
    some any around about
    """
)
_UNTIL = frozenset({"to", "for", "until", "till", "til", "by", "through", "within", "over", "across"})
"""Words that a time may begin with, and that say something else of it where they stand before a slot."""
_LIMITING = EXCEPTS | CLASHES | words_of(
    "apart aside conflicts conflicting room rooms somebody someone other others"
)  # fmt: skip
"""Words that keep a wish from more than it says: one that no slot takes up is strange."""
_SOONER = frozenset({"earlier", "forward", "ahead", "sooner"})
_ANDS = frozenset({"+", "&", "n", "plus", "und"})
_TOPIC = r"\b(?:for|about|of|on|regarding) (?:the|my|our) "
_ARTICLE = re.compile(r"^(?:the|my|our) ")
_NAME = 3
_WHETHER = frozenset({"whether", "if"})
_SOMEBODY = words_of("he she they it we i he's she's they're it's we're i'm there the my our his her their")
_LED = re.compile(r"^(?:(?:to|on|at|for|until|till|coming) )+", re.I)
_TO_DO = re.compile(r"^to (?=\w)", re.I)
_POSSESSIVE = re.compile(r"(?<=[a-z])['’]s$", re.I)
_PRONOUN = re.compile(r"(?:,| and| &) (?:him|her|them|me|myself|i)$|^(?:me|myself|i)(?:,| and| &) ", re.I)
"""Who was named already, and the owner, who is in each of his meetings."""
_DOUBTED, _CERTAIN = 2, 0.9
"""So many words are taken otherwise, where they are less certain than this."""
_WORDS_TOO = words_of(
    "will may mark art bill rob pat sue grant frank dean drew faith grace hope joy rose sky"
)
_MOVED = frozenset({"move", "another"})
_OLD_WITHIN = 7
_NO_MORE = re.compile(
    r"\b(?:not|no longer|isn't|isnt|ain't|aint|can't|cant|cannot|won't|wont|couldn't|"
    r"rather than|instead of|from|"
    r"don't|doesn't)\b[^.;]*$"
)
"""Said before a time, it is no longer that."""
_LOOSE = words_of(
    """
    not no never except only but unless without avoid best prefer preferably ideally rather instead either or
    else otherwise if both each every also too besides least most earlier later than until till nope no-go
    plus
    """
)
_OLD = words_of("not no instead rather than but can't never")
"""What says of something that is moved when it was."""
_OF_ALL = frozenset({"cancel_all", "decline_all", "move_all"})
_SUNG = re.compile(r"(?:please |can you |could you )*(?:sing|play|hum|whistle|dance|recite)\b", re.I)
_SHIFTS = re.compile(r".*\b(?:delay|postpone|push|shift|defer)\b", re.I | re.S)
_ALL = re.compile(
    r"\b(?:everything|all|every|each|whole|entire|full|lot|any|anything|whatever|what|clear|empty|wipe|free|"
    r"nothing|none|nuke|no|rest|both|day|meetings|appointments|calls|events|engagements|invitations|invites|"
    r"things|stuff|schedule|calendar|diary|agenda|morning|afternoon|mornings|afternoons|evening|terms)\b",
    re.I,
)
_ALONE = 0.7
"""So likely the goal of a wish is without one of its clauses, where that is no part of what is wished."""
_END = Token(".", 0, 0, "mark")
LEAST = 0.02
"""A goal that is less likely is no candidate."""


@dataclass(frozen=True, slots=True)
class Likely:
    """What a wish may be."""

    goal: str
    share: float
    """How likely, of all goals, 0 to 1."""
    plain: str | None
    """The wish in plain words; None where its slots fit no form, or the goal has none."""
    slots: tuple[tuple[str, str], ...] = ()
    """Name and words of each slot, in the order they are said."""
    held: float = 1.0
    """How likely the least certain telling word is in the slot it was put in, or in none, 0 to 1."""
    strange: tuple[str, ...] = ()
    """Words outside the slots that no wording has there, and all that tell who, when or how many."""
    turned: bool = False
    """It holds words that may say the opposite, less, or what has been: nothing is done without asking."""
    loose: tuple[str, ...] = ()
    """Words outside the slots that may say less, or more, than the slots: "best", "only", "both"."""
    unheard: tuple[str, ...] = ()
    """Words that tell something and that this goal was never said with: "tentatively", of what is booked."""
    doubt: Callable[[], tuple[Sequence[Likely], float]] = field(
        default=lambda: ((), 0.0), repr=False, compare=False
    )
    """The readings with the least certain words taken otherwise, and how certain all the others are: where
    each comes to the same, those words do not matter."""


def likely(words: str, known: Known, *, most: int = 1, by: Learnt | None = None) -> Sequence[Likely]:
    """What a wish may be, the likeliest first, at most so many. Nothing where it is too long.

    :param by: other weights than those of the package.
    """
    if not words.strip() or len(words) > LONGEST:
        return ()
    weights = by or learnt()
    seen = tokens(words, Request(words, words, "", "", _of_people(words, known)))
    goals = weights.goals_of(of_wish(seen))[:most]
    return [_likely(words, seen, goal, share, weights) for goal, share in goals if share >= LEAST]


def _of_people(words: str, known: Known) -> Known:
    """What is known, without groups whose name is only part of what something is called: "the board pack"."""

    def whole(name: str) -> bool:
        led = re.compile(rf"{_TOPIC}{re.escape(_ARTICLE.sub('', name))}\b", re.I)
        return all(ends_there(words, m.end()) for m in led.finditer(words))

    named = {name for name in known.groups if whole(name)}
    if len(named) == len(known.groups):
        return known
    return replace(known, groups={n: people for n, people in known.groups.items() if n in named})


def _likely(words: str, seen: Sequence[Token], goal: str, share: float, weights: Learnt) -> Likely:
    if not FORMS[goal]:
        return Likely(goal, share, None)
    features = [of_token(seen, n, goal) for n in range(len(seen))]
    return _tagged(words, seen, goal, share, weights, features)


def _tagged(
    words: str, seen: Sequence[Token], goal: str, share: float, weights: Learnt,
    features: Sequence[list[str]], never: tuple[int, str] | None = None,
) -> Likely:  # fmt: skip
    meant = goal
    tags, shares = weights.tags_of(features, SLOTS_OF[goal], never=never)
    slots: list[Slot] = []
    strange: list[str] = []
    for n, (token, tag) in enumerate(zip(seen, tags, strict=True)):
        if tag == OUTSIDE:
            if (
                _tells(token)
                or (not token.sort and token.word not in weights.frame)
                or (token.word in _LIMITING and next_slot(tags[n:]) not in LIMITED)
                or (token.word in _SOONER and goal in ("move", "move_all") and not _shown_by(tags, "by"))
            ) and not (goal in _MOVED and token.sort in ("time", "number") and _old(seen, n, tags)):
                strange.append(words[token.start : token.end])
        elif tag.startswith("B-"):
            slots.append((tag[2:], token.start, token.end))
        else:
            slots[-1] = (slots[-1][0], slots[-1][1], token.end)
    slots = _whole_questions(seen, _whole_times(seen, slots), goal)
    telling = {
        n: held
        for n, (t, held) in enumerate(zip(seen, shares, strict=True))
        if t.word not in _JOINING and t.sort != "mark"
    }
    filled = tuple((name, _filling(name, words, seen, (a, b), goal)) for name, a, b in slots)
    by_name: dict[str, list[str]] = {}
    for name, text in filled:
        by_name.setdefault(name, []).append(text)
    outside = " ".join(t.word for t, tag in zip(seen, tags, strict=True) if tag == OUTSIDE)
    strange += unheeded(goal, outside, by_name)
    goal = neighbour(goal, outside)
    plain = plainly(goal, by_name)

    def doubt() -> tuple[Sequence[Likely], float]:
        unsure = sorted(telling, key=lambda n: telling[n])[:_DOUBTED]
        others = [
            _tagged(words, seen, meant, share, weights, features, (n, tags[n][2:]))
            for n in unsure
            if telling[n] < _CERTAIN
        ]
        return others, min((held for n, held in telling.items() if n not in unsure), default=1.0)

    return Likely(
        goal, share, said_so(goal, outside, plain) if plain else None, filled,
        min(telling.values(), default=1.0), tuple(strange),
        turned(words, seen, tags, goal, lambda rest: _says(rest, meant, weights)) or _unlike(goal, words),
        tuple(
            t.word for t, tag, behind in zip(seen, tags, [*tags[1:], OUTSIDE], strict=True)
            if tag == OUTSIDE and t.word in _LOOSE and not (goal in _MOVED and t.word in _OLD)
            and not (t.word == "only" and behind == "B-length")  # "last only 25 minutes" is its new length
        ),
        _unheard(seen, tags, meant, weights),
        doubt,
    )  # fmt: skip


def _unheard(seen: Sequence[Token], tags: Sequence[str], goal: str, weights: Learnt) -> tuple[str, ...]:
    """Telling words outside the slots that no wording of a goal has there; not those of a clause that holds
    no slot, which only leads up to the wish: "van's broken down, ..."."""
    found: list[str] = []
    clause: list[str] = []
    filled = False
    for token, tag in [*zip(seen, tags, strict=True), (_END, OUTSIDE)]:
        if tag != OUTSIDE:
            filled = True
        elif token.sort == "mark" or token.word == "so":
            found += clause if filled else []
            clause, filled = [], False
        elif not token.sort and _telling(token.word) and stem(token.word) not in weights.roots[goal]:
            clause.append(token.word)
    return tuple(found)


def _telling(word: str) -> bool:
    return word.isalpha() and any(p not in COMMON and not p.isdigit() for p in normal(word).split())


def _old(seen: Sequence[Token], place: int, tags: Sequence[str]) -> bool:
    """Whether a time outside the slots is the one that something is moved from: "not on Monday any more"."""
    said = ""
    for n in range(place - 1, max(-1, place - _OLD_WITHIN), -1):
        if tags[n] != OUTSIDE and seen[n].sort != "mark" and tags[n][2:] != "event":
            break
        said = f"{seen[n].word} {said}"
    return _shown_by(tags, "to") and _NO_MORE.search(said) is not None


def _shown_by(tags: Sequence[str], slot: str) -> bool:
    return f"B-{slot}" in tags


def _unlike(goal: str, words: str) -> bool:
    """Whether a wish is not what it is like: one about all there is that says of nothing that it is all, one
    about a length with a word of moving, words to somebody that are to be sung."""
    if goal == "tell":
        return _SUNG.match(words) is not None
    if goal == "resize":
        return _SHIFTS.match(words) is not None
    return goal in _OF_ALL and _ALL.search(words) is None


def _says(tokens_: Sequence[Token], goal: str, weights: Learnt) -> bool:
    """Whether some tokens of a wish are by themselves most like a goal."""
    best, share = weights.goals_of(of_wish(tokens_))[0]
    return best == goal and share >= _ALONE


def _tells(token: Token) -> bool:
    """Whether a word says who, when, how many or what just so, and not only how that hangs together."""
    return token.sort not in ("", "mark") and token.word.isalnum() and token.word not in _JOINING


def _whole_times(seen: Sequence[Token], slots: Sequence[Slot]) -> list[Slot]:
    """The slots, each with the whole of a time that it holds a part of: "2pm", "at 2", not "2"."""
    starts, ends = [a for _, a, _ in slots], [b for _, _, b in slots]
    made: list[Slot] = []
    for name, start, end in slots:
        inside = [n for n, t in enumerate(seen) if start <= t.start < end]
        if name in _TIMES and inside:
            first, last = inside[0], inside[-1]
            while (
                not seen[first].first
                and seen[first].sort in _TIMELY
                and seen[first - 1].end not in ends
                and seen[first - 1].word not in _UNTIL
            ):
                first -= 1
            while (
                last + 1 < len(seen) and not seen[last + 1].first and seen[last + 1].sort in _TIMELY
                and seen[last + 1].start not in starts
            ):  # fmt: skip
                last += 1
            start, end = seen[first].start, seen[last].end
        made.append((name, start, end))
    return made


def _whole_questions(seen: Sequence[Token], slots: Sequence[Slot], goal: str) -> list[Slot]:
    """The slots; a text that is asked begins with its "whether": "he's got the ladder" is no request."""
    before = {b.start: a for a, b in pairwise(seen) if a.word in _WHETHER and b.word in _SOMEBODY}
    asked = goal in ("ask", "ask_people")
    return [
        (name, before[a].start if asked and name == "text" and a in before else a, b) for name, a, b in slots
    ]


def _filling(name: str, words: str, seen: Sequence[Token], span: tuple[int, int], goal: str) -> str:
    """What fills a slot, as its form takes it."""
    if name in PEOPLE:
        return _people(words, seen, *span)
    if goal == "mails_list" and name == "item":
        inside = [t for t in seen if span[0] <= t.start < span[1]]
        return mails(inside, words) if inside else words[slice(*span)]
    if name in ("if", "unless"):
        inside = [t for t in seen if span[0] <= t.start < span[1]]
        return condition(inside, words) if inside else words[slice(*span)]
    text = words[slice(*span)]
    if name in ("item", "event"):
        return _with_names(words, seen, *span)
    if name in _TIMES or name == "not":
        text = _POSSESSIVE.sub("", text)  # "Tuesday's agenda", "Friday's out"
    if name == "by":
        return how_far(text)
    if name == "text" and goal in ("ask", "ask_people"):
        return _TO_DO.sub("", text)
    return new_time(_LED.sub("", text)) if name == "to" else text


def _with_names(words: str, seen: Sequence[Token], start: int, end: int) -> str:
    """The words of a slot, with capitals where a name is a word as well: "will's mail"."""
    said, at = "", start
    for token in seen:
        if start <= token.start < end and token.sort == "person" and token.word in _WORDS_TOO:
            said += words[at : token.start] + words[token.start : token.end].capitalize()
            at = token.end
    return said + words[at:end]


def _people(words: str, seen: Sequence[Token], start: int, end: int) -> str:
    """Who stands in a slot, as the grammar takes it: with capitals, "and" between them, no "'s"."""
    said = ""
    at = start
    for token in seen:
        if not start <= token.start < end:
            continue
        text = words[token.start : token.end]
        if token.sort == "person" and text.islower() and "@" not in text and len(text.split()) <= _NAME:
            text = text.title() if token.first or said else text
        elif token.word == "'s":
            text = ""
        elif token.word in _ANDS:
            text = "and"
        said += words[at : token.start] + text
        at = token.end
    return _PRONOUN.sub("", " ".join(said.split()))
