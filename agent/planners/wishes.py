"""A request with two wishes: one plan where together they are one change, else a question that names both.

It is looked at before any goal: a goal would see the first wish, or words of both, and do half of it. What
is quoted, and the text of a mail ("tell Bo to cancel and book again"), holds no wishes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

from deskhand.agent.planners.phrases import LEXICON, words
from deskhand.agent.planners.request import Request
from deskhand.agent.planners.tidying import shorter
from deskhand.agent.plans.language import Plan, Unclear

Planned = Callable[[str], Plan | Unclear]

_OFFERED = 4
_JOINTS = 12
"""At so many places it is looked whether a second meeting with a time of its own begins there."""

_STRONG = "cancel|call off|delete|scrap|move|reschedule|postpone|shift|push|bring forward"
_BOOKS = "book|rebook|re-book|schedule|arrange|set up|organise|organize|find|hold|block|reserve|plan"
_CHANGES = "make|change|set|shorten|lengthen|extend|rename|remove|clear|put|add"
_WRITES = (
    "tell|ask|draft|write|compose|send|mail|email|e-mail|message|notify|inform|reply|respond|answer|text|"
    "thank|remind|let|forward|ping|say|warn|drop|shoot|prepare"
)
_ELSE = (
    "offer|propose|suggest|accept|decline|summarise|summarize|compare|pause|resume|confirm|show|list|"
    "look up|search for|sum up|recap"
)
_VERBS = f"{_STRONG}|{_BOOKS}|{_CHANGES}|{_WRITES}|{_ELSE}"
_FIRST = re.compile(
    rf"(?:{_VERBS}|invite|meet|take|get|what|when|where|which|who|how|is|are|am|do|does)\b", re.I
)
_JOINT = re.compile(
    rf"(?P<joint>(?:\s*[,;.]\s*|\s+)(?:and\s+then|and\s+also|and|then|also|plus|but)\s+|\s*[;,]\s*|[.!]\s+)"
    rf"(?:please\s+)?(?P<verb>{_VERBS})\s+(?P<object>\S+)",
    re.I,
)
_BEFORE = re.compile(r"[^,]+,\s*")
_TO_ME = re.compile(r"(?:send|mail|e-?mail|prepare|draft)\s+(?:me|us)\b", re.I)
_WRITING = re.compile(rf"(?:{_WRITES})\b", re.I)
_TELLS = re.compile(
    r"(?:tell|notify|inform|warn|let|ask|message|mail|e-?mail|send)\s+(?:an?\s+|the\s+|out\s+|them\s+|him\s+|"
    r"her\s+|everybody\s+|everyone\s+|all\s+)*(?:invit\w+|updates?|notices?|notifications?|cancellations?|"
    r"them|him|her|everybody|everyone|people|all(?: of them)?|(?:the )?(?:others|attendees|guests|"
    r"organi[sz]ers?|participants)|those invited)(?:\s+(?:all|know|about (?:it|that)|so|too))*\W*",
    re.I,
)
_DEFINITE = words(
    "a an the my our this that these those all everything another one two three four his her their it them "
    "him me us someone somebody everybody everyone"
)
_PRONOUNS = frozenset({"it", "them", "that", "this", "him", "her", "me", "us"})
_SORT = re.compile(rf"(?:{LEXICON['meeting']})s?\b", re.I)
_PURPOSE = re.compile(
    r"\b(?:about|regarding|concerning|to\s+(?!the\b|my\b|be\b)[a-z]{3,}\s+(?:the|a|an|my|our)\b)", re.I
)
_ASKS = re.compile(r"wh|how|is\b|are\b|am\b|do", re.I)
_AGAIN = re.compile(
    rf"(?:{_BOOKS}|move|reschedule|put|set|make|have|do)\s+(?:it|this|that|the same|one|another|another one|"
    r"(?:a|the)\s+(?:new|different|other)\s+(?:one|time|slot|date|day)|another\s+(?:time|slot|date|day|one))"
    r"(?:\s+(?:again|back in|in))?\s*(?P<when>\b.*)?$",
    re.I,
)
_LEAD = re.compile(r"^(?:again\s+|instead\s+|(?:on|for|at|to|in)\s+)+", re.I)
_TAIL = re.compile(r"[\s,]*\b(?:instead|again|then)\W*$", re.I)
_CANCELS = re.compile(r"(?:cancel|call off|delete|scrap|remove)\s+(?P<what>.+)$", re.I)
_MOVES = re.compile(
    r"(?:cancel|call off|delete|scrap|remove|move|reschedule|postpone|shift|push)\s+(?P<what>.+?)"
    r"(?:\s+(?:to|by|until)\s.*)?$",
    re.I,
)
_BOOKED = re.compile(
    rf"(?:book|schedule|arrange|set up)\s+(?P<what>(?:an?\s+)?(?:{LEXICON['meeting']})\b.*)$", re.I
)
_HIM = re.compile(r"^((?:\w+\s+){1,2}?)(?:him|her|them)\b", re.I)
_DECLINES = re.compile(r"(?:decline|turn down|reject)\s+(?P<what>.+)$", re.I)
_PROPOSES = re.compile(
    r"(?:propose|suggest|offer)\s+(?:another time\b[\s:,]*|a new time\b[\s:,]*)?(?P<when>\S.*)$", re.I
)
_EACH_WITH = re.compile(
    rf"\s*(?:,|;|\band\b)\s*(?:and\s+)?(?P<sort>(?:an?\s+)?(?:{LEXICON['meeting']})\s+|one\s+)?with\s+", re.I
)
_AND_TO = re.compile(r"\s*(?:,\s*|\s)and\s+(?=(?:the|my|our)\s)", re.I)
_ONES = re.compile(r"\b(one-to-one|one-on-one|one to one|one on one|1:1|meeting|call|lunch)e?s\b", re.I)


def two_wishes(request: Request, planned: Planned) -> Plan | Unclear | None:
    """What becomes of a request with several wishes; None where it holds but one.

    `planned` makes the plan of a request by itself. Every choice that is offered becomes a plan.
    """
    said = _apart(request)
    if len(said) < 2:
        return _told(request, planned) or _each_at_its_time(request, planned)
    together = _as_one(said, request, planned)
    if isinstance(together, Plan):
        return together.model_copy(update={"request": request.original})
    choices = [_clear(said, n, request) for n in range(len(said))]
    if len(said) == 2 and (moved := _booked_anew(said)):
        choices.append(moved)
    return _ask(said, choices, planned)


def _ask(said: list[str], choices: list[str], planned: Planned) -> Unclear:
    named = " and ".join(f"“{shorter(one)}”" for one in said[:_OFFERED])
    count = {2: "two", 3: "three"}.get(len(said), str(len(said)))
    offered = tuple(c for c in dict.fromkeys(choices[:_OFFERED]) if isinstance(planned(c), Plan))
    return Unclear(
        message=f"These are {count} wishes: {named}. I do one at a time, and did nothing yet. "
        "Say them one after the other, or put a title in quotation marks if it is one wish:",
        choices=offered,
    )


def _apart(request: Request) -> list[str]:
    """The wishes of a request, in order; one where there is but one, or the first words begin none."""
    head = request.head
    lead = _BEFORE.match(head) if request.turned() else None  # "tomorrow at 3, book ..."
    first = _FIRST.match(head, lead.end() if lead and not _FIRST.match(head) else 0)
    if first is None or (_WRITING.match(head, first.start()) and not _TO_ME.match(head, first.start())):
        return [head]
    closed = [m.span() for m in re.finditer(r"“[^”]*”|\"[^\"]*\"|«[^»]*»|(?<!\w)'[^']*'(?!\w)", head)]
    ends = [0]
    for m in _JOINT.finditer(head):
        inside = any(a <= m.start("verb") < b for a, b in closed)
        if not inside and m.start() > first.end() and _begins(request, m, head[ends[-1] : m.start()]):
            ends += [m.start(), m.start("verb")]
            if _WRITING.match(m["verb"]):
                break  # what follows may be the text of the mail
    ends.append(len(head))
    said = [head[a:b].strip(" ,;.") for a, b in zip(ends[::2], ends[1::2], strict=True)]
    if request.tail and len(said) > 1:
        said[-1] += request.tail
    return said


def _begins(request: Request, m: re.Match[str], before: str) -> bool:
    """Whether a verb behind "and" begins a wish of its own, and is no part of the one before it."""
    verb, thing = m["verb"].lower(), m["object"].lower().strip(".,;:!?")
    rest = request.head[m.start("verb") :]
    strong = re.fullmatch(_STRONG, verb) is not None
    changes = re.match(rf"(?:{_STRONG}|remove)\b", before, re.I) is not None
    if _TELLS.fullmatch(rest):
        return False
    if _AGAIN.match(rest) and changes:
        return True
    if re.match(r"(?:find|look|search|offer|propose|suggest)\b", before, re.I) and re.fullmatch(
        "book|schedule|reserve|send|propose|suggest|offer|hold|block|find", verb
    ):
        return False  # "find a time and book it"
    at = m.start("object")
    named = any(n.span[0] == at for n in request.named)
    timed = any(t.span[0] <= at < t.span[1] for t in request.times)
    definite = thing in _DEFINITE or thing[:1] in '“"' or named or timed or _SORT.match(thing) is not None
    if re.fullmatch(_WRITES, verb):
        return thing not in ("it", "that", "this") and (definite or thing == "to")
    if thing in _PRONOUNS:
        return strong or changes
    if not strong and (_PURPOSE.search(before) or _ASKS.match(before)):
        return False  # "an hour to review the budget and plan the offsite"
    return definite or (strong and not _PURPOSE.search(before))


def _as_one(said: list[str], request: Request, planned: Planned) -> Plan | Unclear | None:
    """Cancel it and book it on Monday instead: that is to move it to Monday."""
    if len(said) != 2 or not (gone := _CANCELS.match(said[0])) or not (again := _AGAIN.match(said[1])):
        return None
    when = _TAIL.sub("", _LEAD.sub("", (again["when"] or "").strip())).strip(" ,")
    if not when or _whole(gone["what"]):
        return None
    # Nothing but a time: "book it with Ann" is more than another time.
    rest = Request.of(f"to {when}", request.known)
    if not rest.times or rest.named or rest.cut(0, len(rest.head)):
        return None
    return planned(f"move {gone['what']} to {when}")


def _booked_anew(said: list[str]) -> str:
    """ "cancel my lunch with Bo and book a lunch with Bo on Monday": perhaps it is to be moved."""
    gone, booked = _CANCELS.match(said[0]), _BOOKED.match(said[1])
    if not gone or not booked:
        return ""
    what = re.sub(r"^(?:my|the|our|an?)\s+", "", gone["what"], flags=re.I)
    new = re.sub(r"^an?\s+", "", booked["what"], flags=re.I)
    if not new.lower().startswith(f"{what.lower()} "):
        return ""
    when = _TAIL.sub("", _LEAD.sub("", new[len(what) :].strip()))
    return f"move {gone['what']} to {when}" if when else ""


def _told(request: Request, planned: Planned) -> Plan | Unclear | None:
    """ "cancel the lunch with Bo and tell him": those who are invited are told in any case."""
    head = request.head
    for m in _JOINT.finditer(head):
        one = _MOVES.match(head) if _TELLS.fullmatch(head, m.start("verb")) else None
        if one and not _whole(one["what"]):
            made = planned(head[: m.start()])
            return made.model_copy(update={"request": request.original}) if isinstance(made, Plan) else made
    return None


def _clear(said: list[str], number: int, request: Request) -> str:
    """One wish by itself: "it" is what the first is about, "him" the only one it names."""
    named = [n for n in Request.of(said[0], request.known).named if n.clear]
    if number and len(named) == 1:
        said = [*said[:number], _HIM.sub(rf"\1{named[0].words}", said[number], count=1), *said[number + 1 :]]
    if number and (answer := _DECLINES.match(said[0])) and (other := _PROPOSES.match(said[number])):
        return f"propose another time for {answer['what']}: {other['when']}"
    before = _MOVES.match(said[0])
    if not number or before is None or _whole(before["what"]):
        return said[number]
    return re.sub(r"^((?:\w+\s+){1,2}?)(?:it|that|this)\b", rf"\g<1>{before['what']}", said[number], count=1)


def _whole(what: str) -> bool:
    return re.match(r"(?:everything|all|every)\b", what, re.I) is not None


def _each_at_its_time(request: Request, planned: Planned) -> Unclear | None:
    """ "a call with Bo on Tuesday at 10, with Pat on Wednesday": two meetings, each at a time of its own.

    "move the lunch to Monday and the dentist to Tuesday" is the same for events that are there.
    """
    head = request.head
    moves = re.match(rf"(?:{_STRONG})\b", head, re.I)
    for m in islice(_AND_TO.finditer(head), _JOINTS if moves else 0):
        parts = [(0, m.start()), (m.end(), len(head))]
        joints = [re.search(r"\s(?:to|by|until)\s", head[a:b], re.I) for a, b in parts]
        if all(j and request.times_in(a + j.end(), b) for j, (a, b) in zip(joints, parts, strict=True)):
            said = [head[: m.start()], f"{head.split()[0]} {head[m.end() :]}"]
            return _ask(said, said, planned)
    for m in islice(_EACH_WITH.finditer(head), _JOINTS):
        lead = re.search(r"\bwith\s+", head[: m.start()], re.I)
        if lead is None:
            continue
        parts = [(lead.end(), m.start()), (m.end(), len(head))]
        if not all(
            any(a <= n.span[0] < b for n in request.named) and any(t.start for t in request.times_in(a, b))
            for a, b in parts
        ):
            continue
        if m["sort"] and m["sort"].strip().lower() != "one":
            said = [head[: m.start()], f"{head.split()[0]} {m['sort']}with {head[slice(*parts[1])]}"]
            return _ask(said, said, planned)
        start = _ONES.sub(r"\1", head[: lead.start()])
        start = re.sub(r"^(\w+)\s+(?:two\s+|\d\s+)?(?=(?:one|1:1|meet|call|lunch))", r"\1 a ", start)
        said = [f"{start}with {head[a:b].strip(' ,;')}" for a, b in parts]
        return _ask(said, said, planned)
    return None
