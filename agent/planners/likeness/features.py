"""What the second reader sees of a wish: its words, what sort each is, and the words beside it.

People and times are seen as such, not by their words: "book Ann tomorrow" and "book Bo on Friday" look the
same. So what was learnt of some names and days holds for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from deskhand.agent.planners.likeness.alike import alike
from deskhand.agent.planners.words.phrases import LEXICON, SLIPS, words
from deskhand.agent.planners.words.request import Request

LONGEST = 300
"""Characters of a wish that is read by likeness."""
_TOKEN = re.compile(
    r"\d+(?:[:.,/-]\d+)*(?:st|nd|rd|th|am|pm|h|hrs?|m|mins?|k)?(?![^\W\d_])|\d+|[^\W\d_]+(?:['’-][^\W\d_]+)*|\S"
)
_TIMELY = frozenset({"time", "length", "often", "number"})
_FAR = 6
_TURNS = words(
    """
    not no never except excepting but only just ideally preferably prefer preferred rather best better
    out off avoid avoiding skip without before after until till from by past later earlier earliest
    latest onwards onward anything nothing none can't cannot don't doesn't won't isn't hate love
    possible fine works work ok okay busy away closed free excluding bar barring save minus other
    otherwise any whichever unless if nope suits suit good ideal perfect great dead tied taken full
    booked gone least most than at sooner over done finish finished must should would could can swing
    hope hopefully maybe perhaps bust else impossible awful terrible bad hopeless nor neither want need
    like says exclude steer clear leave leaving keep keeping favour though however instead
    """
)
"""What stands near a time and may turn it round."""
_KINDS = {"interval": "time", "instant": "time", "duration": "length", "recurrence": "often"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word or mark of a wish, and its place."""

    word: str
    """Lower case, slips of the keyboard mended."""
    start: int
    end: int
    sort: str = ""
    """person, group, time, length, often, quote, number, mark, or "" for any other word."""
    first: bool = True
    """Whether the person, time or quotation begins here."""
    cap: bool = False


def tokens(said: str, request: Request) -> list[Token]:
    """The tokens of a wish; `request` knows who and when is in it, and its head is the same words."""
    spans = [(span, "quote") for span, _ in request.quoted]
    spans += [((a, _bare(said, a, b)), "person") for a, b in (n.span for n in request.named)]
    spans += [(span, "group") for span in _groups(said, request)]
    spans += [(t.span, _KINDS[t.kind]) for t in request.readings]
    found: list[Token] = []
    for m in _TOKEN.finditer(said):
        start, end = m.span()
        span, sort = next((s for s in spans if s[0][0] <= start < s[0][1]), ((start, end), ""))
        if sort in ("person", "group") and end > span[1]:  # "Bo's": who, and that something is his
            found.append(Token(said[start : span[1]].lower(), start, span[1], sort, start == span[0]))
            found.append(Token("'s", span[1], end, "mark"))
            continue
        low = m[0].lower().replace("’", "'")
        if not sort:
            sort = "number" if low[0].isdigit() else "" if low[0].isalpha() else "mark"
        found.append(Token(SLIPS.get(low, low), start, end, sort, start <= span[0], m[0][0].isupper()))
    return found


def _bare(said: str, start: int, end: int) -> int:
    """Where a name ends whose "'s" its span may hold."""
    return end - 2 if re.search(r"['’]s$", said[start:end]) else end


def _groups(said: str, request: Request) -> Iterator[tuple[int, int]]:
    for name in request.known.groups:
        for m in re.finditer(rf"\b{re.escape(re.sub(r'^(?:my|the|our) ', '', name))}\b", said, re.I):
            yield m.span()


def of_wish(seen: Sequence[Token]) -> list[str]:
    """What the goal of a wish is known by."""
    signs = [_sign(t) for t in seen if t.first or not t.sort]
    found = {f"1:{s}" for s in signs}
    found |= {f"2:{a} {b}" for a, b in zip(["^", *signs], [*signs, "$"], strict=True)}
    found |= {f"3:{a} {b} {c}" for a, b, c in zip(["^", *signs], signs, [*signs[1:], "$"], strict=False)}
    found |= {f"^{n}:{s}" for n, s in enumerate(signs[:3])}
    likes = [_like(t) for t in seen if t.first or not t.sort]
    found |= {f"l1:{one}" for one in likes}
    found |= {f"l2:{a} {b}" for a, b in zip(["^", *likes], [*likes, "$"], strict=True)}
    found |= {f"s:{t.word[:5]}" for t in seen if not t.sort and len(t.word) > 5}
    found |= {f"x:{x}" for t in seen if not t.sort for x in _lexical(t.word)}
    sorts = [t.sort for t in seen if t.first and t.sort and t.sort != "mark"]
    found |= {f"n:{s}{min(sorts.count(s), 2)}" for s in set(sorts)}
    found.add(f"long:{min(len(signs) // 5, 5)}")
    return sorted(found)


def of_token(seen: Sequence[Token], place: int, goal: str) -> list[str]:
    """What the slot of a token is known by, in a wish of this goal."""
    one = seen[place]
    before = [_sign(t) for t in seen[max(0, place - 2) : place]]
    behind = [_sign(t) for t in seen[place + 1 : place + 3]]
    near = [*["^"] * (2 - len(before)), *before, _sign(one), *behind, *["$"] * (2 - len(behind))]
    likes = [_like(t) for t in seen[max(0, place - 1) : place + 2]]
    if place == 0:
        likes.insert(0, "^")
    if place == len(seen) - 1:
        likes.append("$")
    found = [
        f"w:{near[2]}", f"w-1:{near[1]}", f"w+1:{near[3]}", f"w-2:{near[0]}", f"w+2:{near[4]}",
        f"b-:{near[1]} {near[2]}", f"b+:{near[2]} {near[3]}", f"b--:{near[0]} {near[1]}",
        f"b++:{near[3]} {near[4]}", f"t:{near[1]} {near[2]} {near[3]}",
        f"l:{likes[1]}", f"l-1:{likes[0]}", f"l+1:{likes[2]}", f"lb-:{likes[0]} {likes[1]}",
        f"lb+:{likes[1]} {likes[2]}",
        f"s:{one.sort}{one.first:d}", f"g:{goal}", f"gw:{goal} {near[2]}",
        f"gs:{goal} {one.sort}{one.first:d}",
        f"gw-1:{goal} {near[1]}", f"gw+1:{goal} {near[3]}", f"gl:{goal} {likes[1]}",
        f"e:{one.word[-3:]}", f"c:{one.cap:d}",
    ]  # fmt: skip
    found += [f"x:{x}" for x in _lexical(one.word)] if not one.sort else []
    found += [f"gx:{goal} {x}" for x in _lexical(one.word)] if not one.sort else []
    if one.sort == "time":
        found.append(f"tw:{one.word}")
    last = next((t for t in reversed(seen[:place]) if not t.sort), None)
    found.append(f"p:{last.word if last else '^'} {one.sort}")
    if one.sort in _TIMELY:
        found += [f"L:{t}" for t in _turns(seen[max(0, place - _FAR) : place][::-1])]
        found += [f"R:{t}" for t in _turns(seen[place + 1 : place + 1 + _FAR])]
    return found


def _turns(near: Sequence[Token]) -> Iterator[str]:
    """Words near a time that say what is meant with it, and whether a mark or another time lies between."""
    between = ""
    for token in near:
        if token.word in _TURNS:
            yield f"{token.word}{between}"
        if token.sort == "mark" and token.word in ",;.:–-(":
            between = ","
        elif token.sort in _TIMELY and token.first and not between:
            between = "t"


def _sign(token: Token) -> str:
    if token.sort in ("", "mark"):
        return token.word
    sort = "person" if token.sort == "group" else token.sort
    return f"<{sort}>" if token.first else f"<{sort}+>"


def _like(token: Token) -> str:
    """Which words a word is like, else the word itself."""
    if token.sort:
        return _sign(token)
    near = alike(token.word)
    return f"~{near}" if near is not None else token.word[-3:]


@cache
def _lexicon() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, listed in LEXICON.items():
        for word in listed.split("|"):
            found.setdefault(word, []).append(name)
    return found


def _lexical(word: str) -> list[str]:
    table = _lexicon()
    bare = word.removesuffix("'s")
    return table.get(bare, []) or table.get(bare.removesuffix("s"), [])
