"""What a wish leaves out because it was just said, written out: "and another to Bo", "and my 4pm too".

Each rule makes two whole wishes of one and a half; what stands between is read by `clauses` as ever. A rule
holds only where what is left out can be nothing else: the same verb, the same day, the same sort of mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

from deskhand.agent.planners.parts.asked_first import if_yes, named_behind
from deskhand.agent.planners.parts.statements import NEWS
from deskhand.agent.planners.parts.tries import tried
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.verbs import BOOKS, CHANGES, FIRST, STRONG, WRITES

LONGEST = 1000
"""Characters of a request that is looked at."""
_PLACES = 12
"""So many places of a request are looked at."""

_SAME = (
    r"pause|resume|cancel|call off|get rid of|delete|scrap|skip|decline|turn down|accept|summari[sz]e|"
    r"sum up|recap"
)
_OWN = r"(?:the|my|our|[\w-]+['’]s)\s+"
_TOO = re.compile(r",?\s+(?:too|as\s+well)(?=\W*$)", re.I)
_TWO_THINGS = re.compile(
    rf"(?P<verb>{_SAME})\s+(?:both\s+)?(?P<one>{_OWN}(?:(?!\band\b|[,;.:])\S+\s+)*?(?:(?!\band\b|"
    rf"[,;.:])\S+))\s+and\s+"
    rf"(?:also\s+)?(?P<two>(?:the|my|our)\s+(?:(?!\b(?:and|if|unless|or|but)\b)[^\s,;.:]+\s*)+)[.!?]?$",
    re.I,
)
DAY = re.compile(
    r"\b(?:(?:on|next|this|the)\s+)*(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|today|"
    r"\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:january|february|march|april|may|june|july|august|september|"
    r"october|"
    r"november|december))\b",
    re.I,
)
"""A day by its name."""
_SHOWN = re.compile(
    r"(?P<lead>^(?:(?:show|get|give|tell|mail|send)\s+me|list|digest|"
    r"what\s+is\s+on\s+my\s+calendar)\b.*?)[\s,;.]+(?:and\s+|(?:(?:and\s+)?(?:after\s+that|"
    r"afterwards|then|also)\s+)+)"
    r"(?P<what>(?:the\s+(?:\w+\s+)?digest|my\s+(?:agenda|calendar|schedules|schedule|day))\b[^,;.]*)$",
    re.I,
)
_REPEATED = re.compile(
    r"(?P<one>.*\bdigest\b.*?)\s*[,;.]\s*(?:and\s+)?(?:then\s+)?(?P<every>(?:every|each)\s.+?)\s+"
    r"(?P<verb>mail|send|e-?mail)\s+me\s+(?:one|it|the\s+same)\W*$",
    re.I,
)
_LETTER = re.compile(
    r"(?P<verb>(?:draft|write|send|compose|prepare)\s+(?:an?\s+)(?:short\s+)?(?:e-?mail|mail|message|"
    r"note))\s+to\b",
    re.I,
)
_ANOTHER = re.compile(
    r"(?P<joint>\s*[;.,]\s*(?:and\s+)?(?:then\s+)?)(?:another|one)(?:\s+(?:e-?mail|mail|message|note|"
    r"one))?\s+(?=to\s+\w)",
    re.I,
)
_SMALL_NAME = re.compile(
    r"(?:only\s+)?(?:if|unless)\s+(?P<who>[a-z]+)\s+(?=(?:wrote|has|hasn['’]t|have|answered|replied|sent|"
    r"mailed)\b)"
)
_LAST_NAME = re.compile(r"\s+(?:&|and|\+)\s+(?P<who>[a-z]{2,})(?=\s*(?:[,;.]|$))")
_AND = re.compile(r"\s*,?\s+and\s+(?:then\s+|also\s+)?", re.I)
_PLUS = re.compile(r"\s*,?\s+(?:and|plus)\s+(?:then\s+|also\s+)?|\s*,\s+(?=\S)", re.I)
_TELLS = re.compile(r"(?P<verb>tell|inform|notify|ask|remind|warn)\s", re.I)
_THAT = re.compile(r"\s+(?:that|to|about)\s", re.I)
_REPLIES = re.compile(r"(?P<verb>reply|respond|answer|write\s+back)\s+(?:to\s+)?", re.I)
_AND_TO = re.compile(r"[\s,;]+(?:and|but)\s+to\s+", re.I)
_BOOKS = re.compile(
    r"(?P<verb>book|schedule|set\s+up|arrange|reserve|plan|get\s+me|organi[sz]e|find)\s", re.I
)
_WITH = re.compile(r"\s+(?:[\w-]+\s+){0,2}with\s+", re.I)
_WISHED = re.compile(
    rf"(?:please\s+|then\s+|also\s+|just\s+)*(?P<verb>{STRONG}|{BOOKS}|{CHANGES}|{_SAME}|confirm|forward|"
    rf"{WRITES})\s+(?P<what>.+)$",
    re.I,
)
_DEFINITE = re.compile(r"(?:the|my|our|this|that|[\w.]+['’]s)\s", re.I)
_INDEFINITE = re.compile(
    r"(?:an?|another|half|\d+|ten|fifteen|twenty|thirty|forty|sixty|ninety|two|three)\s",
    re.I,
)
_WITHOUT = re.compile(r"(?:one|another(?:\s+one)?)\s+(?=(?:with|for|about|on|at|to|from|in)\b)", re.I)
_OF_WHOM = re.compile(r"\s+(?=(?:with|for|about|on|at|to|from|in|next|this|tomorrow|today)\b)", re.I)
_SAYS = re.compile(r"(?:(?:say|answer)\s+)?(?P<how>yes|no|maybe)\s+to\s+(?P<what>.+?)\W*$", re.I)
_ANSWERS = {"yes": "accept", "no": "decline", "maybe": "say maybe to"}
_WHOSE = re.compile(r"['’]s(?P<noun>\s+\S.*)?$", re.I)
_NUMBER = re.compile(r"\d+$")
_UNIT = re.compile(r"\d+\s*(?P<unit>minutes?|mins?|hours?)\W*$", re.I)
_TOLD = re.compile(r"[^\s,]+(?:\s+[^\s,]+)?\s+(?:that|to|about)\s|[^\s,:]+(?:\s+[^\s,:]+)?:", re.I)
_YES_AND_NO = re.compile(
    r"(?P<one>(?:say|answer)\s+(?:yes|no|maybe)\s+to\s+[^,;.]+?)(?:\s*[,;]\s*(?:(?:and|but)\s+)?|\s+(?:and|"
    r"but)\s+)"
    r"(?P<two>(?:yes|no|maybe)\s+to\s+.+?)\W*$",
    re.I,
)
_MOVES = re.compile(r"(?P<verb>move|shift|push|reschedule|postpone)\s+(?:the|my|our|[\w-]+['’]s)\s", re.I)
_JOINT = re.compile(
    r"(?P<joint>\s*,\s*(?:and\s+)?(?:then\s+)?|\s+and\s+(?:then\s+)?)(?=(?:the|my|our|[\w-]+['’]s)\s)", re.I
)
_TO = re.compile(r"\s+to\s+", re.I)
_SAYS_MORE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|that|which|who|when|where|i|we|tell|ask|mail|cancel)\b", re.I
)
_NO_NEWS = re.compile(
    rf"(?P<news>(?=no\b){NEWS}[^?:]*|nothing\s+(?:new\s+)?(?:from|about)[^?:]*)\?\s*"
    rf"(?:(?:then|if\s+so|in\s+that\s+case)[\s,]+|(?=(?:please\s+)?(?:{WRITES}|{STRONG}|{BOOKS})\b))"
    rf"(?P<rest>\S.*)$",
    re.I | re.S,
)
_STATE = re.compile(
    r"(?P<who>[^,;.?!:]{1,60}?)\s+(?P<state>free|busy|available|around)\b(?P<when>[^?:;]{0,80})\?\s*"
    r"(?:then|if\s+(?:so|yes|(?P<not>not?)))\b[\s,]*(?P<rest>\S.*)$",
    re.I | re.S,
)
_WE = re.compile(r"we|i|both|everyone|everybody", re.I)
_BEHIND_IF_NOT = re.compile(
    r"(?P<one>.*\b(?:if|unless)\s+(?:(?!\bif\b).)+?)(?:\s*[,;]\s*(?:and\s+|but\s+)?|\s+and\s+)"
    r"(?P<other>(?:(?!\b(?:if|and)\b)[^,;.])+?)\s+if\s+not\W*$",
    re.I,
)


def with_verb(words: str, before: str) -> str:
    """A part with the verb that it leaves out because the one before says it; else itself.

    "The demo to Friday" behind "move the review to Thursday", "no to Marta's" behind "say yes to Bo's".
    Only a part of the same shape takes the verb: "half an hour with Bo" is not cancelled with what is before.
    """
    if (two := _SAYS.match(words)) is not None and (one := _SAYS.match(before)) is not None:
        return _answer(two, _WHOSE.search(one["what"]))
    m = _WISHED.match(before)
    if m is None or FIRST.match(words):
        return words
    verb, what = m["verb"], m["what"]
    if lacks := _WITHOUT.match(words):
        return f"{verb} {_OF_WHOM.split(what, maxsplit=1)[0]} {words[lacks.end() :]}"
    if _NUMBER.search(words) and (unit := _UNIT.search(what)) and _DEFINITE.match(words):
        return f"{verb} {words} {unit['unit']}"
    if re.fullmatch(WRITES, verb, re.I):
        return f"{verb} {words}" if _TOLD.match(words) and _TOLD.match(what) else words
    same = any(sort.match(words) and sort.match(what) for sort in (_DEFINITE, _INDEFINITE))
    return f"{verb} {words}" if same else words


def _answer(said: re.Match[str], like: re.Match[str] | None = None) -> str:
    """ "No to Marta's" as a wish of its own; what of hers, the one before it says."""
    what, owner = said["what"], _WHOSE.search(said["what"])
    if owner is not None and (owner["noun"] or "").strip().lower() in ("", "thing", "one"):
        noun = (like["noun"] or "").strip() if like is not None else ""
        what = f"{what[: owner.start('noun')] if owner['noun'] else what} {noun or 'invitation'}"
        what = re.sub(r"\s(?:thing|one)$", " invitation", what)
    return f"{_ANSWERS[said['how'].lower()]} {what}"


def written_out(request: Request) -> Request:
    """The request with what its later wishes leave out; itself where they leave out nothing."""
    if len(request.text) > LONGEST:
        return request
    for rule in _RULES:
        if (text := rule(request)) is not None and text != request.text:
            request = replace(Request.of(text, request.known), original=request.original)
    return request


def _named(request: Request) -> str | None:
    """ "if will wrote": a name in small letters, where nothing but a name can stand."""
    m = _SMALL_NAME.match(request.head)
    if m is None or any(n.span[0] == m.start("who") for n in request.named):
        return None
    text = f"{request.head[: m.start('who')]}{m['who'].capitalize()}{request.head[m.end('who') :]}"
    known = any(n.span[0] == m.start("who") for n in Request.of(text, request.known).named)
    return f"{text}{request.tail}" if known else None


def _named_too(request: Request) -> str | None:
    """ "to bo & will": a name in small letters behind another name, where the list ends."""
    for m in islice(_LAST_NAME.finditer(request.head), _PLACES):
        if not any(n.span[1] == m.start() for n in request.named):
            continue
        first, rest = request.head[: m.start("who")], request.head[m.end("who") :]
        text = f"{first}{m['who'].capitalize()}{rest}{request.tail}"
        if any(n.span[0] == m.start("who") for n in Request.of(text, request.known).named):
            return text
    return None


def _two_things(request: Request) -> str | None:
    """ "cancel my 3pm tomorrow and my 4pm too": the same verb, and the same day."""
    if request.tail:
        return None
    head = _TOO.sub("", request.head)
    m = _TWO_THINGS.fullmatch(head)
    if m is None or request.closed(m.end("one"), m.start("two")):
        return None
    one, two = m["one"], m["two"].strip()
    if any(n.span[0] >= m.start("two") and not n.possessive for n in request.named) and "with" not in two:
        return None
    early, late = DAY.search(one), DAY.search(two)
    if early and not late and request.times_in(m.start("two"), len(head), lead="at "):
        two = f"{two} {re.sub(r'^(?:the|this)', '', early.group(), flags=re.I)}"
    elif late and not early:  # "the demo and the review on Friday": both
        one = f"{one} {two[late.start() :]}"
    verb = "cancel" if m["verb"].lower() == "get rid of" else m["verb"]
    return f"{verb} {one}; and {verb} {two}"


def _shown(request: Request) -> str | None:
    """ "show me Monday, and after that the digest"."""
    m = _SHOWN.match(request.head) if not request.tail else None
    if m is None:
        return None
    lead = "give me the digest" if m["lead"].lower() == "digest" else m["lead"]
    return f"{lead}, then show me {m['what']}"


def _repeated(request: Request) -> str | None:
    """ "digest now, and every weekday at 7:30 mail me one"."""
    m = _REPEATED.match(request.original)
    return (
        f"{re.sub(r'^digest', 'give me the digest', m['one'], flags=re.I)}; "
        f"and {m['verb']} me a digest {m['every']}"
        if m
        else None
    )


def _letter(request: Request) -> str | None:
    """ "draft a mail to Marta: fine; and another to Bo: please wait"."""
    verb = _LETTER.match(request.head)
    m = _ANOTHER.search(request.tail) if verb else None
    if verb is None or m is None or not request.tail.lstrip().startswith(":"):
        return None
    if ":" not in request.tail[m.end() :]:
        return None
    return f"{request.head}{request.tail[: m.start()]}; and {verb['verb']} {request.tail[m.end() :]}"


def _told(request: Request) -> str | None:
    """ "tell Bo that the boat is ready and Ann that the papers are signed"."""
    verb = _TELLS.match(request.head)
    for m in islice(_AND.finditer(request.head), _PLACES if verb else 0):
        who = next((n for n in request.named if n.span[0] == m.end() and not n.possessive), None)
        before = [n for n in request.named if n.span[1] <= m.start()]
        said = before and request.head[before[-1].span[1] : m.start()].strip(" ,")
        if verb and who and said and _THAT.match(request.head, who.span[1]):
            return f"{request.head[: m.start()]}; and {verb['verb']} {request.head[m.end() :]}{request.tail}"
    return None


def _replied(request: Request) -> str | None:
    """ "reply to Ann ok and to Bo no": a text for each."""
    verb = _REPLIES.match(request.head) if not request.tail else None
    first = next((n for n in request.named if verb and n.span[0] == verb.end() and not n.possessive), None)
    for m in islice(_AND_TO.finditer(request.head), _PLACES if first else 0):
        other = next((n for n in request.named if n.span[0] == m.end() and not n.possessive), None)
        if verb is None or first is None or other is None or request.closed(*m.span()):
            continue
        one = request.head[first.span[1] : m.start()].strip(" ,")
        two = request.head[other.span[1] :].strip(" ,")
        if one and two and not _THAT.match(f" {one} ") and len(request.named) == 2:
            to = verb["verb"].lower()
            return f"{to} to {first.words}: {one}; and {to} to {other.words}: {two}"
    return None


def _booked(request: Request) -> str | None:
    """ "half an hour with Bo on Tuesday at 9 and an hour with Marta on Thursday at 2", "and one with Ann"."""
    verb = _BOOKS.match(request.head)
    head = _TOO.sub("", request.head)
    for m in islice(_PLUS.finditer(head), _PLACES if verb else 0):
        if (one := _WITHOUT.match(head, m.end())) and verb:
            first, rest = head[: m.start()], head[m.end() :]
            ends = [n.span for n in request.named]
            if any(e <= m.start() for _, e in ends) and any(b >= one.end() for b, _ in ends):
                return f"{first}; and {with_verb(rest, first)}{request.tail}"
            continue
        long = next((t for t in request.readings if t.kind == "duration" and t.span[0] == m.end()), None)
        behind = _WITH.match(head, long.span[1]) if long else None
        if verb is None or behind is None:
            continue
        spans = ((0, m.start()), (behind.end(), len(head)))
        if all(
            any(a <= n.span[0] < b for n in request.named) and any(t.start for t in request.times_in(a, b))
            for a, b in spans
        ):
            return f"{head[: m.start()]}; and {verb['verb']} {head[m.end() :]}{request.tail}"
    return None


def _answered(request: Request) -> str | None:
    """ "say yes to Bo's invitation and no to Marta's"."""
    m = _YES_AND_NO.match(request.head)
    if m is None or request.closed(m.end("one"), m.start("two")):
        return None
    one = _SAYS.match(m["one"])
    return f"{_answer(one)}; and {with_verb(m['two'], m['one'])}{request.tail}" if one else None


def _asked_short(request: Request) -> str | None:
    """ "Yuki free tomorrow at 3? then ...", "no word from Bo since yesterday? then ..."."""
    if (m := _NO_NEWS.match(request.text)) is not None:
        return f"if there is {m['news'].strip()}, {m['rest']}"
    m = _STATE.match(request.text)
    if m is None or FIRST.match(request.head):
        return None
    first = next(iter(request.named), None)
    if _WE.fullmatch(m["who"]) is None and (first is None or first.span[0] != 0):
        return None
    many = re.search(r"\sand\s|\b(?:we|both)\b", m["who"], re.I) is not None
    word = "unless" if m["not"] else "if"
    return f"{word} {m['who']} {'are' if many else 'is'} {m['state']}{m['when']}, {m['rest']}"


def _if_not(request: Request) -> str | None:
    """ "accept it if I am free, and decline it if not"."""
    m = _BEHIND_IF_NOT.match(request.head) if not request.tail else None
    if m is None or request.closed(m.end("one"), len(request.head)):
        return None
    return f"{m['one']}, otherwise {m['other']}"


def _moved(request: Request) -> str | None:
    """ "move the review to Thursday, the demo to Friday and the sync to Monday": each takes the verb."""
    verb = _MOVES.match(request.head)
    for m in islice(_JOINT.finditer(request.head), _PLACES if verb else 0):
        if request.closed(*m.span()) or not _TO.search(request.head, 0, m.start()):
            continue
        to = _TO.search(request.head, m.end())
        own = request.head[m.end() : to.start()] if to else ""
        if verb is None or to is None or not own or _JOINT.search(own) or _SAYS_MORE.search(own):
            continue
        if any(t.start and t.span[0] <= to.end() < t.span[1] for t in request.times):
            first, rest = request.head[: m.start()], request.head[m.end() :]
            return f"{first}{m['joint']}{verb['verb']} {rest}{request.tail}"
    return None


_RULES: tuple[Callable[[Request], str | None], ...] = (
    _named, _named_too, _two_things, _shown, _repeated, _letter, _told, _replied, _booked, _answered,
    _asked_short, named_behind, if_yes,
    _if_not, tried, _moved, _moved,
)  # fmt: skip
