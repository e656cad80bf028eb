"""The rules planner: no model, deterministic. The same words at the same time give the same plan.

What fits no goal of the table is not guessed: the answer is that it was not understood, with the three
nearest things that can be done.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from deskhand.agent.planners import Read
from deskhand.agent.planners.checks.accounting import timed, unaccounted
from deskhand.agent.planners.checks.agreeing import contrary, too_short
from deskhand.agent.planners.checks.ajar import ajar
from deskhand.agent.planners.checks.contradictions import contradiction
from deskhand.agent.planners.checks.doing import reading_of
from deskhand.agent.planners.checks.dropped import (
    copy_dropped,
    sent_though_held,
    somebody_dropped,
    telling_dropped,
    text_cut,
    time_dropped,
    unnamed,
    unquoted,
)
from deskhand.agent.planners.checks.kinds import other_kind
from deskhand.agent.planners.checks.looks import overlooked
from deskhand.agent.planners.checks.lost_parts import part_lost
from deskhand.agent.planners.checks.odd_names import odd_name
from deskhand.agent.planners.checks.reaching import reaching
from deskhand.agent.planners.checks.reworded import hardly_read, reworded
from deskhand.agent.planners.checks.sureness import Measured, doubted, in_all, measured
from deskhand.agent.planners.checks.unconsumed import unconsumed
from deskhand.agent.planners.goals import documents, which_calendar
from deskhand.agent.planners.goals.later import later
from deskhand.agent.planners.goals.table import GOALS, Goal
from deskhand.agent.planners.goals.taking_back import taken_back
from deskhand.agent.planners.likeness.forms import GOALS_OF, SEVERAL
from deskhand.agent.planners.likeness.reader import Likely, likely
from deskhand.agent.planners.parts.composing import composed, nested, together
from deskhand.agent.planners.parts.elliptic import written_out
from deskhand.agent.planners.parts.marked_parts import marked_parts
from deskhand.agent.planners.parts.marks import has_mark
from deskhand.agent.planners.parts.somebody_else import spoken_of
from deskhand.agent.planners.rewording.afterthoughts import afterthought
from deskhand.agent.planners.rewording.corrections import corrected
from deskhand.agent.planners.second import LENIENT, NOT_UNDERSTOOD, STRICT, settled, sure, writes
from deskhand.agent.planners.when.left_out import unheeded
from deskhand.agent.planners.when.windows import problem
from deskhand.agent.planners.words import groups
from deskhand.agent.planners.words.mail_parts import about_itself
from deskhand.agent.planners.words.request import LONGEST, Request
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

RECOGNISED_BY = 800
"""Characters of a wish that its goal is recognised by: it is said in its first words."""

_SHOWN = 80
_EXAMPLES = frozenset(goal.example for goal in GOALS)
_OFFERS = re.compile(r"(?:Is it one of these\?|If it is, say it so:|These are near it, and I can do them:)$")
"""How a question ends that leads to choices."""
_CANDIDATES = 3
_WHOLE = 0.95
"""A wish that the grammar is so sure of was read as a whole: at most a length was guessed."""
_AS_ONE = 0.95
"""So sure the second reader has to be that a wish is one, where the grammar made a plan of several parts."""
UNHEARD = frozenset({
    "extend", "room.event", "confirm", "book.chain", "mail.people.first", "retime", "move.series",
    "several.series", "help", "event.relocate", "document.send",
})  # fmt: skip
"""Goals that no form of the second reader says: what the grammar makes of these stands."""
_UNSAID = frozenset({"mail.move"})
"""Operations that no form of it says either."""
_BETWEEN = re.compile(r"\bbetween (?:the|my|our)\b", re.I)
_BLOCKS = re.compile(r"\bblock(?:ed|ing)?\b", re.I)
_FOR_NOW = re.compile(r"\b(?:hold|held|tentative\w*|provisional\w*|pencil\w*|for now|until|till)\b", re.I)
_SO = re.compile(r"[,;]?\s+so\s+", re.I)
_CHOSEN = re.compile(r"” (?:on|from) \d{4}-\d\d-\d\d\b")
"""A choice that was offered: the grammar wrote it, and reads it."""


def plan(request: str, known: Known) -> Plan | Unclear:
    """The plan for a request, or what is unclear about it."""
    return _choosable(_best(request, known, []), known)


def read(request: str, known: Known) -> Read:
    """The plan for a request, how sure it is, and what of the request it leaves unread."""
    seen: list[Measured] = []
    made = _choosable(_best(request, known, seen), known)
    found = in_all(seen)
    return Read(made) if isinstance(made, Unclear) else Read(made, found.sure, found.unread)


plan.reads = read  # type: ignore[attr-defined]  # how `planners.reading` learns how sure it is


def plan_once(request: str, known: Known, *, accounted: bool = True) -> Plan | Unclear:
    """The plan for a request that is done as it stands: no schedule is made for it.

    Not `accounted`: words may be left out of it; it only tells what kind of wish that is.
    """
    goals = [g for g in GOALS if g.name != "schedule.add"]
    return _whole(request, known, goals, [], accounted=accounted)


def _best(request: str, known: Known, seen: list[Measured]) -> Plan | Unclear:
    """The plan of a request; where nothing is made of it, that of a second reader who is less sure."""
    request = which_calendar.plainly(request, known) if len(request) <= LONGEST else request
    made = _whole(request, known, GOALS, seen)
    if isinstance(made, Plan) and (lost := _lost(request, known, made)) is not None:
        return lost
    if isinstance(made, Plan) or not hardly_read(made) or has_mark(request):
        return made
    told: list[Measured] = []
    other = _whole(request, known, GOALS, told, offers=False, least=LENIENT)
    if not isinstance(other, Plan) or unquoted(request, known, other) or _between_events(other):
        return made
    if _lost(request, known, other, LENIENT) is not None:
        return made
    if _named_in_front(request, known) and any(s.op == "event.create" for s in other.steps):
        return made
    seen[:] = told
    return other


def _choosable(made: Plan | Unclear, known: Known) -> Plan | Unclear:
    """A question with those of its choices that have a plan, looked at as any wish is."""
    if isinstance(made, Plan) or not made.choices:
        return made
    kept = tuple(c for c in made.choices if c in _EXAMPLES or isinstance(_best(c, known, []), Plan))
    if kept == made.choices:
        return made
    message = made.message if kept else _OFFERS.sub("Say it in other words, please.", made.message)
    return made.model_copy(update={"choices": kept, "message": message})


def _lost(request: str, known: Known, made: Plan, least: tuple[float, float] = STRICT) -> Unclear | None:
    """The question about what a plan does nothing of, or takes for a name, however the wish was read."""
    if len(request) > LONGEST:
        return None
    if (elsewhere := which_calendar.lost(request, made, known)) is not None:
        return elsewhere
    taken = Request.of(request, known)

    def again(words: str) -> Plan | Unclear:
        return _whole(words, known, GOALS, [], offers=False, least=least)

    return unnamed(request, known, made) or overlooked(taken, made, again) or _not_to_be_kept(made, known)


def _not_to_be_kept(made: Plan, known: Known) -> Unclear | None:
    """The question about what a schedule is to do, which would be asked at every run."""
    for step in made.steps:
        if step.op != "schedule.add":
            continue
        found, often = plan(step.args["request"], known), step.args["words"]
        if isinstance(found, Unclear):
            choices = tuple(f"{often} {choice}" for choice in found.choices)
            return Unclear(message=f"{found.message} (to be done {often})", choices=choices)
        if any(s.op.startswith("schedule.") and s.op != "schedule.list" for s in found.steps):
            return Unclear(
                message=f"“{found.request}” is a schedule of its own, so nothing was done. Say it as two."
            )
    return None


def _between_events(made: Plan) -> bool:
    """Whether a time may have been found between two things that were taken for one."""
    return any(s.op.startswith("slots.") for s in made.steps) and _BETWEEN.search(made.request) is not None


def _named_in_front(request: str, known: Known) -> bool:
    """Whether people are named only in front of a "so": what is booked need not be with them."""
    m = _SO.search(request)
    return m is not None and all(n.span[0] < m.start() for n in Request.of(request, known).named)


def _plainly(one: Likely, words: str, known: Known, goals: Sequence[Goal]) -> Plan | Unclear | None:
    """What the grammar makes of a reading's plain words; None where it has none."""
    if one.goal == "question":
        return _as(words, known, "question")
    if one.goal in SEVERAL:
        return _together(one, words, known, goals)
    if one.plain is None or spoken_of(one.plain, words, known):
        return None
    if one.goal == "forward" and (said := documents.sent(one.plain, one.slots, words)):
        return _as(said, known, "document.send")
    if one.goal == "hold" and _BLOCKS.search(words) and not _FOR_NOW.search(words):
        one = replace(one, plain=f"block{one.plain.removeprefix('hold')}")  # nobody keeps that for now only
    told: list[Measured] = []
    made = _accounted(one.plain or "", known, goals, told)
    meant, *others = GOALS_OF[one.goal]
    if isinstance(made, Plan) and all(m.goal in others or f"{m.goal}.".startswith(f"{meant}.") for m in told):
        return made
    return _as(one.plain or "", known, meant)


def _kept(one: Likely, words: str, known: Known, goals: Sequence[Goal]) -> Plan | Unclear | None:
    """What the grammar makes of a reading's plain words, where nobody and no day is lost in them."""
    made = _plainly(one, words, known, goals)
    if isinstance(made, Plan):
        taken = Request.of(words, known)
        if somebody_dropped(taken, made) is not None or time_dropped(taken, made):
            return None
        if contrary(taken, made, one.goal) or copy_dropped(taken, made) or text_cut(one, words):
            return None
    return made


def _together(one: Likely, words: str, known: Known, goals: Sequence[Goal]) -> Plan | Unclear | None:
    """The plan of a wish of several parts, of those that were marked; None where they make no whole."""
    marked = marked_parts(one, words, lambda said: nested(Request.of(said, known)))
    if not marked:
        return None
    return together(Request.of(words, known), marked, lambda said: _read(said, known, goals, []), _unseen)


def _read(
    words: str, known: Known, goals: Sequence[Goal], seen: list[Measured], *, part: bool = True,
    least: tuple[float, float] = STRICT,
) -> Plan | Unclear:  # fmt: skip
    """The plan of one wish, as both readers see it; a `part` of another one is not taken apart again."""
    told: list[Measured] = []
    made = _accounted(words, known, goals, told)
    return _agreed(words, known, goals, made, told, seen, part=part, least=least)


def _unseen(words: str) -> Unclear:
    return Unclear(message="It was not looked at.")


def _as(words: str, known: Known, name: str) -> Plan | Unclear:
    """The plan for one wish whose goal is known, however it is said."""
    goal = _goal(name)
    return _accounted(words, known, [replace(goal, said=f"{goal.said}\n...")], [])


def _whole(
    request: str,
    known: Known,
    goals: Sequence[Goal],
    seen: list[Measured],
    *,
    accounted: bool = True,
    offers: bool = True,
    least: tuple[float, float] = STRICT,
) -> Plan | Unclear:
    """The plan of a request, of one wish or of several; `seen` is told how well each was read.

    `offers`: what is offered to say instead is tried first; not of what is tried itself. `least`: so sure
    the second reader has to be.
    """
    parts: list[Measured] = []

    def one(words: str, *, part: bool = True) -> Plan | Unclear:
        if not accounted:
            return _plan(words, known, goals)[0]
        return _read(words, known, goals, parts, part=part, least=least)

    def again(words: str) -> Plan | Unclear:
        if not offers:
            return _unseen(words)
        return _whole(words, known, goals, [], accounted=accounted, offers=False)

    made: Plan | Unclear | None = None
    if len(request) <= LONGEST:
        taken = Request.of(request, known)
        question = (
            taken_back(taken) or afterthought(taken) or (corrected(taken, again) if accounted else None)
            or groups.all_but(taken.head, taken.directory)
        )  # fmt: skip
        if question is not None:
            return question
        if problem(taken) is None and not _joins(taken, goals):
            made = composed(written_out(taken), one, again)
            if isinstance(made, Unclear) and accounted:
                made, parts = _agreed(request, known, goals, made, parts, seen, least=least), []
            as_one = isinstance(made, Plan) and accounted and not _own_events(made)
            if as_one and (whole := _as_one(request, known, goals, seen)):
                return whole
    if made is None:
        parts.clear()
        made = one(request, part=False)
    if accounted and offers and hardly_read(made) and not has_mark(request):
        made = reworded(request, known, lambda said: _whole(said, known, goals, [], offers=False)) or made
    seen += parts
    return made


def _agreed(
    words: str, known: Known, goals: Sequence[Goal], made: Plan | Unclear, told: list[Measured],
    seen: list[Measured], *, part: bool = False, least: tuple[float, float] = STRICT,
) -> Plan | Unclear:  # fmt: skip
    """What both readers make of a wish; `told` is how well the grammar read it, `seen` is told of the end.

    `part`: it is one of several, and is not taken apart again.
    """
    heard = (
        ()
        if has_mark(words) or _CHOSEN.search(words) or any(m.goal in UNHEARD for m in told) or _unsaid(made)
        else likely(words, known, most=_CANDIDATES)
    )
    whole = part or any(_goal(m.goal).joins for m in told if m.goal)
    heard = [one for one in heard if not (whole and one.goal in SEVERAL)]
    read_as = {m.goal for m in told} if all(m.sure >= _WHOLE and not m.unread for m in told) else set[str]()
    exact = [g for g, of in GOALS_OF.items() if read_as and read_as <= {*of} - {"question"}]

    def over(plan: Plan) -> str | None:
        one = reading_of(plan, heard)
        return reaching(Request.of(words, known), plan, one) if one is not None else None

    found = settled(
        words,
        made,
        heard,
        lambda one: _kept(one, words, known, goals),
        part=part,
        exact=exact,
        reaching=over,
        idiomatic=bool(heard) and Request.of(words, known).idiomatic,
        least=least,
    )
    if isinstance(found.plan, Plan) and (held := sent_though_held(words, found.plan)) is not None:
        return held
    if isinstance(found.plan, Plan) and not part:
        lost = part_lost(found.plan, heard, lambda said: next(iter(likely(said, known)), None))
        if lost is not None:
            return lost
    if found.second is None:
        seen += told
    else:
        unread = found.second.strange
        seen.append(Measured(max(len(words.split()), 1), unread, likely=sure(found.second)))
    return found.plan


def _as_one(words: str, known: Known, goals: Sequence[Goal], seen: list[Measured]) -> Plan | None:
    """The plan of what the grammar took apart and the second reader surely takes for one wish.

    "Reply to Yuki and tell her we need more time" is one mail.
    """
    heard = () if has_mark(words) else likely(words, known, most=1)
    if not heard or heard[0].goal in (*SEVERAL, "question", "none"):
        return None
    if sure(heard[0]) < _AS_ONE:
        return None
    made = _kept(heard[0], words, known, goals)
    if not isinstance(made, Plan) or (heard[0].turned and writes(made)) or sent_though_held(words, made):
        return None
    seen.append(Measured(max(len(words.split()), 1), heard[0].strange, likely=sure(heard[0])))
    return made.model_copy(update={"request": words})


def _own_events(made: Plan) -> bool:
    """Whether the parts of a wish each book or change an event of their own: nobody says that of one."""
    return sum(s.op in ("event.create", "event.update", "event.cancel") for s in made.steps) > 1


def _unsaid(made: Plan | Unclear) -> bool:
    return isinstance(made, Plan) and any(s.op in _UNSAID for s in made.steps)


def _joins(taken: Request, goals: Sequence[Goal]) -> bool:
    """Whether a goal takes the whole sentence, that would else be several wishes."""
    said = [way[:RECOGNISED_BY] for way in taken.ways]
    return any(g.joins and any(map(g.pattern.match, said)) and g.build(taken) is not None for g in goals)


def _accounted(request: str, known: Known, goals: Sequence[Goal], seen: list[Measured]) -> Plan | Unclear:
    """A plan that leaves out no word about time, and not too many others; else the question about them."""
    taken = Request.of(request[:LONGEST], known)
    made, goal = _plan(request, known, goals, taken)
    if isinstance(made, Unclear):
        return made
    if timed(made):
        question = unaccounted(
            taken, made, lambda words: _plan(words, known, goals)[0],
            again=lambda words: _accounted(words, known, goals, []),
        )  # fmt: skip
        if question is not None:
            return question
    elif (question := somebody_dropped(taken, made) or telling_dropped(taken, made)) is not None:
        return question
    found = measured(taken, made, goal)
    seen.append(found)
    return (
        too_short(made) or about_itself(taken, made)
        or doubted(taken, found) or ajar(taken, made) or odd_name(taken, made) or made
    )  # fmt: skip


def _plan(
    request: str, known: Known, goals: Sequence[Goal], taken: Request | None = None, *, offers: bool = True
) -> tuple[Plan | Unclear, Goal | None]:
    """The plan of one wish, and the goal that made it; without `offers` no choice of a question is tried."""
    if len(request) > LONGEST:
        much = (
            f"That is {len(request):,} characters; a request has at most {LONGEST:,}. "
            "Say the wish in a sentence or two, and add long texts as a source (deskhand add files FOLDER)."
        )
        return Unclear(message=much), None
    taken = taken or Request.of(request, known)
    if not any(c.isalnum() for c in taken.text):
        return Unclear(message="There is nothing to do: the request is empty.", choices=examples()), None
    if (question := groups.doubtful(taken.original, taken.groups)) is not None:
        return question, None
    if (question := problem(taken) or later(taken)) is not None:
        choices = question.choices if offers else ()
        whole = tuple(c for c in choices if isinstance(_plan(c, known, goals, offers=False)[0], Plan))
        return question.model_copy(update={"choices": whole}), None
    if (joined := _made(taken, [g for g in goals if g.joins])) is not None:
        return joined
    if (question := contradiction(taken)) is not None:
        return question, None
    if (made := _made(taken, goals)) is not None:
        return made
    if (turned := taken.turned()) is not None and (made := _made(turned, goals)) is not None:
        return made
    if taken.head.endswith("?"):
        goal = _goal("question")
        return goal.build(taken) or _not_understood(taken), goal
    return _not_understood(taken), None


def _made(taken: Request, goals: Sequence[Goal]) -> tuple[Plan | Unclear, Goal] | None:
    said = [way[:RECOGNISED_BY] for way in taken.ways]
    for goal in goals:
        if any(map(goal.pattern.match, said)) and (made := goal.build(taken)) is not None:
            if isinstance(made, Plan):
                made = _misread(taken, made) or groups.left_out(taken.groups, made) or made
            return made, goal
    return None


def _misread(taken: Request, made: Plan) -> Unclear | None:
    """The question about a plan that is sound, and not what was wished."""
    return unheeded(taken, made) or other_kind(taken, made) or unconsumed(taken, made)


def nearest(text: str, count: int = 3) -> tuple[str, ...]:
    """The examples nearest to a text."""
    low = text.lower()[:RECOGNISED_BY]
    words = set(re.findall(r"\w+", low))

    def score(goal: Goal) -> tuple[int, float]:
        example = goal.example.lower()
        shared = len(words & set(re.findall(r"\w+", example)))
        return shared, SequenceMatcher(None, low, example, autojunk=False).ratio()

    found = dict.fromkeys(g.example for g in sorted(GOALS, key=score, reverse=True))
    return tuple(found)[:count]


def examples() -> tuple[str, ...]:
    """Three things to say, for somebody who does not know where to begin."""
    return tuple(_goal(name).example for name in ("summarise", "book", "agenda"))


def _not_understood(taken: Request) -> Unclear:
    shown = taken.original if len(taken.original) <= _SHOWN else f"{taken.original[: _SHOWN - 1]}…"
    return Unclear(
        lacking=True,
        message=f"{NOT_UNDERSTOOD} “{shown}”, so nothing was done. These are near it, and I can do them:",
        choices=nearest(taken.text),
    )


def _goal(name: str) -> Goal:
    return next(g for g in GOALS if g.name == name)
