"""Two clauses that are one change, or two of one sort: what is said in one breath and planned in another way.

"Cancel it and book it again on Monday" moves it; "and tell him" is done in any case; "a call with Bo on
Tuesday, with Pat on Wednesday" are two calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice

from deskhand.agent.planners.parts.clauses import Clause, Part
from deskhand.agent.planners.words.phrases import LEXICON
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.verbs import AGAIN, JOINT, STRONG, TELLS
from deskhand.agent.plans.language import Plan, Unclear

Planned = Callable[[str], Plan | Unclear]

_JOINTS = 12
"""At so many places it is looked whether a second meeting with a time of its own begins there."""

_LEAD = re.compile(r"^(?:again\s+|instead\s+|(?:on|for|at|to|in)\s+)+", re.I)
_TAIL = re.compile(r"[\s,]*\b(?:instead|again|then)\W*$", re.I)
_CANCELS = re.compile(r"(?:cancel|call off|delete|scrap|remove)\s+(?P<what>.+)$", re.I)
_MOVES = re.compile(
    r"(?:cancel|call off|delete|scrap|remove|move|reschedule|postpone|shift|push)\s+(?P<what>.+?)"
    r"(?:\s+(?:to|by|until)\s.*)?$",
    re.I,
)
_DECLINES = re.compile(r"(?:decline|turn down|reject)\s+(?P<what>.+)$", re.I)
_PROPOSES = re.compile(
    r"(?:propose|suggest|offer)\s+(?:another time\b[\s:,]*|a new time\b[\s:,]*)?(?P<when>\S.*)$", re.I
)
_EACH_WITH = re.compile(
    rf"\s*(?:,|;|\band\b)\s*(?:and\s+)?(?P<sort>(?:an?\s+)?(?:{LEXICON['meeting']})\s+|one\s+)?with\s+", re.I
)
_AND_TO = re.compile(r"\s*(?:,\s*|\s)and\s+(?=(?:the|my|our)\s)", re.I)
_ONES = re.compile(r"\b(one-to-one|one-on-one|one to one|one on one|1:1|meeting|call|lunch)e?s\b", re.I)

_TOO = re.compile(r"\s+(?:too|as well)\W*$", re.I)
_SAME_VERB = re.compile(
    r"(?P<one>(?P<verb>pause|resume|cancel|call off|get rid of|skip|decline)\s+(?:the|my|"
    r"our)\s+(?:(?!\band\b|,)\S+\s+)+?)"
    r"and\s+(?:also\s+)?(?P<two>(?:the|my|our)\s+(?:(?!\band\b|,)\S+\s*)+?)\W*$",
    re.I,
)
"""One verb for two things: "pause the digest and the report"."""
_THING = (
    r"(?:the|my|our)(?:\s+(?!(?:and|with|of|between|about|for|to|by|until|till|the|my|our)\b)[^\s,“\"]+){1,6}"
)
_SAME_MOVE = re.compile(
    rf"(?P<verb>move|reschedule|postpone|shift|push|delay)\s+"
    rf"(?P<things>{_THING}(?:,\s*{_THING}){{0,5}},?\s+and\s+{_THING})"
    r"\s+(?P<to>(?:to|by|until|till|back|forward)\b.*)$",
    re.I,
)
"""One verb and one time for several events: "move the review and the demo to Wednesday"."""


def one_change(request: Request, found: Sequence[Part], planned: Planned) -> Plan | Unclear | None:
    """The plan of what was said in two clauses and is one change; None where it is not."""
    if len(found) == 1:
        return _told(request, planned)
    if len(found) != 2 or not all(isinstance(p, Clause) for p in found):
        return None
    said = [p.words for p in found if isinstance(p, Clause)]
    made = _as_one(said, request, planned) or _another_time(said, planned)
    return made.model_copy(update={"request": request.original}) if isinstance(made, Plan) else made


def _another_time(said: Sequence[str], planned: Planned) -> Plan | Unclear | None:
    """ "decline the review and propose Thursday at 15:00": the proposal is the answer."""
    if (answer := _DECLINES.match(said[0])) and (other := _PROPOSES.match(said[1])):
        return planned(f"propose another time for {answer['what']}: {other['when']}")
    return None


def _as_one(said: list[str], request: Request, planned: Planned) -> Plan | Unclear | None:
    """Cancel it and book it on Monday instead: that is to move it to Monday."""
    if len(said) != 2 or not (gone := _CANCELS.match(said[0])) or not (again := AGAIN.match(said[1])):
        return None
    when = _TAIL.sub("", _LEAD.sub("", (again["when"] or "").strip())).strip(" ,")
    if not when or _whole(gone["what"]):
        return None
    # Nothing but a time: "book it with Ann" is more than another time.
    rest = Request.of(f"to {when}", request.known)
    if not rest.times or rest.named or rest.cut(0, len(rest.head)):
        return None
    return planned(f"move {gone['what']} to {when}")


def _told(request: Request, planned: Planned) -> Plan | Unclear | None:
    """ "cancel the lunch with Bo and tell him": those who are invited are told in any case."""
    head = request.head
    for m in JOINT.finditer(head):
        one = _MOVES.match(head) if TELLS.fullmatch(head, m.start("verb")) else None
        if one and not _whole(one["what"]):
            made = planned(head[: m.start()])
            return made.model_copy(update={"request": request.original}) if isinstance(made, Plan) else made
    return None


def _whole(what: str) -> bool:
    return re.match(r"(?:everything|all|every)\b", what, re.I) is not None


def each_at_its_time(request: Request) -> list[str]:
    """The wishes in "a call with Bo on Tuesday at 10, with Pat on Wednesday": two meetings, each at a time
    of its own.

    "move the lunch to Monday and the dentist to Tuesday" is the same for events that are there.
    """
    head = request.head
    moves = re.match(rf"(?:{STRONG})\b", head, re.I)
    for m in islice(_AND_TO.finditer(head), _JOINTS if moves else 0):
        parts = [(0, m.start()), (m.end(), len(head))]
        joints = [re.search(r"\s(?:to|by|until)\s", head[a:b], re.I) for a, b in parts]
        if all(j and request.times_in(a + j.end(), b) for j, (a, b) in zip(joints, parts, strict=True)):
            said = [head[: m.start()], f"{head.split()[0]} {head[m.end() :]}"]
            return said
    moved = _SAME_MOVE.match(head)
    if (
        moved is not None
        and request.times_in(*moved.span("to"))
        and not request.times_in(*moved.span("things"))
    ):
        things = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+(?=(?:the|my|our)\s)", moved["things"].strip())
        return [f"{moved['verb']} {thing} {moved['to']}" for thing in things]
    if (same := _SAME_VERB.match(head)) is not None:
        said = [same["one"], f"{same['verb']} {_TOO.sub('', same['two'])}"]
        timed = all(request.times_in(*same.span(n)) for n in ("one", "two"))
        if timed or same["verb"].lower() in ("pause", "resume"):
            return said
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
            return said
        start = _ONES.sub(r"\1", head[: lead.start()])
        start = re.sub(r"^(\w+)\s+(?:two\s+|\d\s+)?(?=(?:one|1:1|meet|call|lunch))", r"\1 a ", start)
        said = [f"{start}with {head[a:b].strip(' ,;')}" for a, b in parts]
        return said
    return []
