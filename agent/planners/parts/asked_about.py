"""Whom and when a condition asks about, and so the wish behind it: "if she is free at 2, book a call"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from deskhand.agent.planners.parts.antecedents import Earlier
from deskhand.agent.planners.parts.borrowed import ours
from deskhand.agent.planners.parts.clauses import Clause, Conditional
from deskhand.agent.planners.parts.conditions import Tested
from deskhand.agent.planners.parts.elliptic import DAY
from deskhand.agent.planners.parts.pronouns import KEEPS, THEN
from deskhand.agent.planners.parts.retelling import topic_of
from deskhand.agent.planners.parts.statements import stated
from deskhand.agent.planners.parts.unsaid import dated
from deskhand.agent.planners.words.phrases import LEXICON
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Unclear
from deskhand.agent.profile import Known
from deskhand.agent.times import Reading

_MEETS = re.compile(
    r"(?:find|look for|get|book|grab|schedule|arrange|set up|plan|organi[sz]e|put in|do|see if there is)\b.*"
    rf"\b(?:time|slot|minutes|mins|hours?|{LEXICON['meeting']})\b|(?:book|grab|take|schedule)\s+(?:it|that|this)\b",
    re.I,
)
_BOOKS = re.compile(r"(?:book|grab|schedule|arrange|set up|block|hold|reserve|meet|plan|put|add|get)\b", re.I)
_TO_IT = re.compile(
    r"(?:add|put|get)\s+.+?\s+(?:to|on|in|into)\s+(?:it|the|my|our|[\w-]+['’]s)\b(?!\s+(?:calendar|diary|agenda|planner))",
    re.I,
)
_NO_CHANCE = re.compile(r"\b(?:with|without|at\s+(?:the|my|home)|on\s+my|for\s+(?:my|me|myself))\b", re.I)
"""What is done without those who were asked about."""
_US = re.compile(r"\b(get|find|book)\s+us\b", re.I)
_AT = re.compile(r"(?:\b(?:on|at|in|for)\s+)$", re.I)
_WE = re.compile(
    r"^(?:we|they|everyone|everybody|both|all)(?:\s+(?:both|all|of\s+(?:us|them)))?(?=\s+(?:is|are)\b)", re.I
)
_SHE = re.compile(r"\b(?P<who>she|he|they|him|her|them)\b", re.I)
_ABOUT_IT = re.compile(r"\b(?:about|on|regarding)\s+(?:it|this|that)\b", re.I)


def with_names(part: Conditional, earlier: Sequence[Earlier], known: Known) -> str | Unclear:
    """A condition as a statement with names for "she", "we", "everyone"; the question about whom it means."""
    said = stated(part.condition)
    wishes = [p.words for p in (*part.then, *part.otherwise) if isinstance(p, Clause)]
    near = [*(e.request for e in reversed(earlier)), *(Request.of(w, known) for w in wishes)]
    behind = bool(part.then) and isinstance(part.then[0], Clause) and part.then[0].span[0] == part.span[0]
    if behind:  # "book a call with Ann on Friday if she is free"
        near = [*(Request.of(w, known) for w in wishes), *(e.request for e in reversed(earlier))]
    people = next((list({n.key: n for n in r.named}.values()) for r in near if r.named), [])
    if (of := _ABOUT_IT.search(said)) and (topic := topic_of([*reversed(near)])):
        said = f"{said[: of.start()]}about {topic}{said[of.end() :]}"
    if m := _WE.match(said):
        if not people:
            return Unclear(message=f"Who is “{m.group()}” in “{part.condition}”? Name them.")
        names = " and ".join(n.words for n in people)
        names += " and I" if m.group().lower().startswith(("we", "everyone", "everybody", "both")) else ""
        return f"{names}{said[m.end() :]}"
    if m := _SHE.search(said):
        if not people:
            return Unclear(message=f"Who is “{m.group()}” in “{part.condition}”? Say a name.")
        if len(people) > 1:
            shown = " or ".join(n.words for n in people)
            return Unclear(message=f"Whom do you mean by “{m.group()}” in “{part.condition}”: {shown}?")
        said = f"{said[: m.start()]}{people[0].words}{said[m.end() :]}"
        return re.sub(rf"({re.escape(people[0].words)}) are\b", r"\1 is", said)
    return said


def at_its_time(clause: Clause, tested: Tested, known: Known, *, timed: bool) -> Clause:
    """A wish that says neither whom nor when is about those, and the time, that were asked about.

    "If Ann is free at 2, book a call"; "otherwise find a time next week". `timed`: at that time.
    """
    wish = Request.of(clause.words, known)
    if tested.people and not wish.named and (own := ours(wish.head, tested.people)) != wish.head:
        clause = replace(clause, words=f"{own}{wish.tail}")
        wish = Request.of(clause.words, known)
    then = THEN.search(wish.head) if _BOOKS.match(wish.head) else None
    meets = _MEETS.match(wish.head) or (then is not None and not _TO_IT.match(wish.head))
    if tested.people and not wish.named and meets and not _NO_CHANCE.search(wish.head):
        clause = replace(clause, words=f"{_with(wish, tested.people)}{wish.tail}")
        wish = Request.of(clause.words, known)
    if not timed or not tested.times or not _BOOKS.match(wish.head) or KEEPS.match(wish.head):
        return clause
    said = [t for t in wish.times if t.kind != "duration"]
    if _TO_IT.match(wish.head) and not wish.times:
        return clause  # "add her to the tasting": that has a time of its own
    then = THEN.search(wish.head)
    if then is not None and (then["day"] or not said):
        when = _day(tested.times) if said else _when(tested.times)
        return replace(clause, words=f"{wish.head[: then.start()]}{when}{wish.tail}")
    if (day := dated(wish, tested.times)) is not None:
        return replace(clause, words=f"{wish.head} {led(day)}{wish.tail}")
    if said:
        return clause
    return replace(clause, words=f"{wish.head} {_when(tested.times)}{wish.tail}")


def _with(wish: Request, people: str) -> str:
    """A wish with those who were asked about, in front of its time."""
    head = _US.sub(r"\1 me", wish.head)
    times = [t for t in wish.times if t.kind != "duration"]
    at = times[0].span[0] if times and head == wish.head else len(head)
    if not times and (then := THEN.search(head)) is not None:
        at = then.start()
    lead = _AT.search(head, 0, at)
    at = lead.start() if lead else at
    return f"{head[:at].rstrip()} with {people} {head[at:].lstrip()}".strip()


def _when(asked: Sequence[Reading]) -> str:
    return " ".join(map(led, asked))


def _day(asked: Sequence[Reading]) -> str:
    """The day that was asked about."""
    found = next((d.group() for t in asked if (d := DAY.search(t.text))), None)
    if found is None:
        return _when(asked)
    return f"on {found}" if found[0].isupper() else found


def led(time: Reading) -> str:
    """A time with the word in front that it is said with."""
    if re.match(r"(?:on|at|in|from|between|next|this|tomorrow|today|tonight)\b", time.text, re.I):
        return time.text
    clock = time.kind == "instant" and time.grain in ("hour", "minute") and time.text[:1].isdigit()
    return f"{'at' if clock else 'on'} {time.text}" if clock or time.grain == "day" else time.text
