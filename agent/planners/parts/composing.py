"""One plan of a request of several parts: each clause is planned by itself, and the plans are joined.

Parts run side by side, but in order where it was said ("and then"), where a part needs what another one
finds,
and where both have to do with the calendar and the first one changes it. A part that fails lets the others go
on. Never half a request: where one part is not understood, that is the question, and nothing is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from deskhand.agent.planners.parts.antecedents import Earlier, Resolved, resolve
from deskhand.agent.planners.parts.asked_about import at_its_time, led, with_names
from deskhand.agent.planners.parts.clauses import Clause, Conditional, Part, parts
from deskhand.agent.planners.parts.conditions import SORTS, Tested, recognised
from deskhand.agent.planners.parts.joining import Joined, in_branch, only_after, writes
from deskhand.agent.planners.parts.marks import TO_ME, applied, to_owner, worded
from deskhand.agent.planners.parts.pronouns import THEN
from deskhand.agent.planners.parts.retelling import tells_of, told_condition, told_of, topic_of, untold
from deskhand.agent.planners.parts.somebody_else import somebody_else
from deskhand.agent.planners.parts.statements import stated
from deskhand.agent.planners.parts.unsaid import both_halves, same_said, unfinished_else, with_noun
from deskhand.agent.planners.parts.wishes import each_at_its_time, one_change
from deskhand.agent.planners.second import NOT_UNDERSTOOD
from deskhand.agent.planners.words.bodies import text_of_mail
from deskhand.agent.planners.words.hearing import THIRD
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import sentence, shorter
from deskhand.agent.plans.language import Not, Plan, Predicate, Unclear

Planned = Callable[[str], Plan | Unclear]

MOST_PARTS = 12
"""So many parts are carried out together; more are a document."""
_CHOICES = 3

_THANKS = re.compile(
    r"(?:say|(?:tell|send|give|write)\s+(?P<whom>.+?))\s+(?:an?\s+)?(?:thank[\s-]you|thanks)(?:\s+(?:note|mail))?$|"
    r"thank\s+(?P<who>(?:whoever|who)\s+\w+\s+it|the\s+\w+|\S+(?:\s+[A-Z]\S+)?)$",
    re.I,
)
_POINTS = re.compile(r"(?:take|look\s+at|use|open)\s+(?:the|my|our|(?:[\w-]+\s+)?[\w-]+['’]s)\s", re.I)
_ME = re.compile(
    r"(?:send|e-?mail|mail|forward)\s+(?:me|us)\s+(?P<a>.+)$|(?:send|e-?mail|mail|forward)\s+(?P<b>.+)\s+to\s+(?:me|us)$",
    re.I,
)

_CAME_IN = re.compile(
    r"(?:something|anything|nothing)(?:\s+new|\s+else)?\s+(?:has\s+|have\s+)?(?:come|came|arrived)\b(?!.*\babout\b)",
    re.I,
)
_WAITS = r"\b(?:once|as\s+soon\s+as|the\s+moment|whenever)"
_THERE_IS = re.compile(r"(?:there\s+(?:is|are)|(?:i|we)\s+have)\b", re.I)
_INSTEAD = re.compile(r"\s+instead\b(?!\s+of\b)|\s+(?:afterwards|after\s+that)(?=\W*$)", re.I)
_ASKS_AGAIN = re.compile(
    r"(?:ask\s+(?:(?:him|her|them)\s+)?(?:again|once more)|"
    r"(?:nudge|chase|prod|poke|ping|remind|follow\s+up\s+with)\s+(?:him|her|them)(?:\s+(?:up|again|"
    r"gently))?)\W*",
    re.I,
)


def composed(request: Request, planned: Planned, again: Planned) -> Plan | Unclear | None:
    """What becomes of a request of several parts; None where it is one wish.

    :param planned: makes the plan of one part; `again` that of a whole request, for what is offered to say.
    """
    found = nested(request)
    if (one := one_change(request, found, planned)) is not None:
        return one
    if len(found) == 1 and isinstance(found[0], Clause):
        said = each_at_its_time(request)
        return together(request, [Clause(w, (0, 0)) for w in said], planned, again) if said else None
    return together(request, found, planned, again)


def nested(request: Request) -> tuple[Part, ...]:
    """The parts that the grammar takes a request for."""

    @cache
    def looked(words: str) -> bool:
        return recognised(Request.of(stated(words), request.known)) is not None

    return parts(request, looked)


def together(request: Request, found: Sequence[Part], planned: Planned, again: Planned) -> Plan | Unclear:
    """One plan of parts."""
    if _many(found) > MOST_PARTS:
        return Unclear(
            message=f"These are more than {MOST_PARTS} wishes at once, so nothing was done. Say them in "
            f"two requests."
        )
    work = _Composition(request, planned, again)
    question = work.add(found, [])
    if question is not None:
        return question
    return Plan(request=request.original, objective=" ".join(work.told), steps=work.joined.steps)


def _acts(made: Plan) -> str:
    """What a part cancels or changes, and which event that is; "" where it does neither."""
    find = [s for s in made.steps if s.op == "event.find"]
    acts = [s.op for s in made.steps if s.op in ("event.cancel", "event.update")]
    if len(find) != 1 or not acts:
        return ""
    how = [s.args for s in made.steps if s.op == "event.shift"]
    meant = {n: v for n, v in find[0].args.items() if n not in ("template", "every")}
    changes = [{n: v for n, v in args.items() if n != "event"} for args in how]
    return repr((acts, meant, changes))


def _many(found: Sequence[Part]) -> int:
    return sum(1 if isinstance(p, Clause) else _many(p.then) + _many(p.otherwise) for p in found)


@dataclass
class _Composition:
    request: Request
    planned: Planned
    again: Planned
    joined: Joined = field(default_factory=Joined)
    told: list[str] = field(default_factory=list[str])
    number: int = 0
    acts: list[str] = field(default_factory=list[str])
    """What the parts so far cancel or change, as `_acts` has it."""

    def add(self, found: Sequence[Part], earlier: list[Earlier]) -> Unclear | None:
        """Plan parts in order; `earlier` is what their pronouns may point back to, and grows."""
        for n, part in enumerate(found):
            self.number += 1
            if isinstance(part, Clause) and n < len(found) - 1 and _POINTS.match(part.words):
                # "Take Bo's newest mail": it says what the next part is about, and wishes for nothing.
                earlier.append(Earlier(Request.of(part.words, self.request.known)))
                continue
            added = self._clause(part, earlier) if isinstance(part, Clause) else self._when(part, earlier)
            if isinstance(added, Unclear):
                return added
        return None

    def _clause(self, clause: Clause, earlier: list[Earlier]) -> Unclear | None:
        made = self._planned(clause, earlier)
        if isinstance(made, Unclear):
            return made
        plan, resolved = made
        if (again := _acts(plan)) and again in self.acts:
            return None  # "I no longer need the haircut on Saturday, take it out": said twice, done once
        self.acts.append(again)
        steps = self.joined.add(plan.steps, follows=clause.follows)
        if tells_of(clause.words):
            done = [s.id for e in earlier[-1:] for s in e.steps if writes(s)]
            self.joined.change([s.id for s in steps], lambda s: only_after(s, done))
        self.told.append(plan.objective)
        earlier.append(Earlier(Request.of(resolved.words, self.request.known), steps))
        return None

    def _planned(self, clause: Clause, earlier: Sequence[Earlier]) -> tuple[Plan, Resolved] | Unclear:
        if (question := unfinished_else(Request.of(clause.words, self.request.known).head)) is not None:
            return question
        words = self._without_instead(clause.words) if earlier else clause.words
        words = same_said(with_noun(_idiom(words, earlier), earlier), earlier)
        words = told_of(words, [e.request for e in earlier])
        if earlier and (said := untold(words)):
            return Unclear(
                message=f"What shall they read for “{said}”? Say it by its name; nothing was done."
            )
        resolved = resolve(words, earlier, self.request.known, number=self.number)
        if isinstance(resolved, Unclear):
            return self._asked(clause, resolved)
        resolved = self._to_me(resolved)
        if (question := somebody_else(resolved.words, earlier, self.request.known)) is not None:
            return self._asked(clause, question)
        made = self.planned(resolved.words)
        if isinstance(made, Unclear):
            return self._asked(clause, worded(made, resolved.marks), shown=not resolved.marks)
        known = [s for one in earlier for s in one.steps]
        made = made.model_copy(update={"steps": self.joined.fresh(made.steps)})
        plan = applied(made, resolved.marks, known) if resolved.marks else made
        if plan is not None and TO_ME in resolved.words:
            plan = to_owner(plan, self.request.known.owner)
        if plan is None:
            said = " and ".join(f"“{m.said}”" for m in resolved.marks)
            return Unclear(
                message=f"I do not know how to go on with {said} in “{clause.words}”, so nothing was "
                f"done. Say it by its name."
            )
        return plan, resolved

    def _without_instead(self, words: str) -> str:
        """A part behind another without "instead", "afterwards", which say only that; not in what is told."""
        wish = Request.of(words, self.request.known)
        told = text_of_mail(wish, 0, len(wish.head)) is not None
        return words if told or wish.tail or wish.quotes else _INSTEAD.sub("", words)

    def _to_me(self, resolved: Resolved) -> Resolved:
        """ "Mail me the summary": to one's own address."""
        m = _ME.match(resolved.words)
        if m is None or not self.request.known.owner.email or not resolved.marks:
            return resolved
        return Resolved(f"mail {m['a'] or m['b']} to {TO_ME}", resolved.marks)

    def _when(self, part: Conditional, earlier: list[Earlier]) -> Unclear | None:
        if not (part.event or part.doubtful) and (both := both_halves(part, self.request.known)) is not None:
            return both if isinstance(both, Unclear) else self._when(both, earlier)
        if (question := unfinished_else(part.condition)) is not None:
            return question
        tested = self._tested(part, earlier)
        if isinstance(tested, Unclear):
            return tested
        test: Predicate = Not(of=tested.test) if part.negated else tested.test
        looks, test = self.joined.looking(tested.steps, test, follows=part.follows)
        about = Request.of(stated(part.condition), self.request.known)
        seen = [*earlier, Earlier(about, looks)]
        mark, place, apart = len(self.told), len(self.joined.parts), self.joined.apart
        if not part.negated:
            part = replace(part, then=tuple(map(lambda p: _told(p, stated(part.condition)), part.then)))
        branch = self._branch(part.then, list(seen), tested)
        if isinstance(branch, Unclear):
            return branch
        then, self.told[mark:] = " ".join(self.told[mark:]), []
        first, of_then = branch
        of_else: Sequence[str] = ()
        other = ""
        if part.otherwise:
            self.joined.apart = (*apart, *range(place, len(self.joined.parts)))
            known = self.request.known
            said = [Earlier(Request.of(p.words, known)) for p in part.then if isinstance(p, Clause)]
            # "Forward her answer to Marta, otherwise ask her": the same "her", and not Marta.
            far = [one for one in said if THIRD.search(one.request.head)]
            before = [*far, *seen, *(one for one in said if one not in far)]
            branch = self._branch(part.otherwise, before, tested, other=True)
            self.joined.apart = apart
            if isinstance(branch, Unclear):
                return branch
            other, self.told[mark:] = " ".join(self.told[mark:]), []
            _, of_else = branch
        self.joined.change(of_then, lambda s: in_branch(s, test))
        if first:
            self.joined.change(of_else, lambda s: in_branch(s, test, otherwise=first))
        else:
            self.joined.change(of_else, lambda s: in_branch(s, Not(of=test)))
        word = "Unless" if part.negated else "If"
        self.told.append(f"{word} {tested.said}: {then}" + (f" Otherwise: {other}" if other else ""))
        mine = {*of_then, *of_else}
        earlier.append(Earlier(about, (*looks, *(s for s in self.joined.steps if s.id in mine))))
        return None

    def _branch(
        self, found: Sequence[Part], earlier: list[Earlier], tested: Tested, *, other: bool = False
    ) -> tuple[str, Sequence[str]] | Unclear:
        """Plan the parts of a branch; its first step, and all of them."""
        before = {s.id for s in self.joined.steps}
        known = self.request.known
        first = [
            at_its_time(p, tested, known, timed=not other) if isinstance(p, Clause) else p for p in found[:1]
        ]
        question = self.add([*first, *found[1:]], earlier)
        if question is not None:
            return question
        made = [s.id for s in self.joined.steps if s.id not in before]
        return made[0] if made else "", made

    def _tested(self, part: Conditional, earlier: Sequence[Earlier]) -> Tested | Unclear:
        if part.doubtful:
            return self._whole(part)
        if part.event and not self._now(part):
            return Unclear(
                message=f"I cannot wait for it that “{part.condition}”: I look once, when you ask. Say it "
                f"as “if ... has "
                "...”, or put it on a schedule (“every day at 9, if ...”).",
            )
        said = with_names(part, earlier, self.request.known)
        if isinstance(said, Unclear):
            return said
        about = Request.of(said, self.request.known)
        if (timed := self._then(said, about, part, earlier)) != said:
            about = Request.of(timed, self.request.known)
        sort = recognised(about)
        if sort is not None and sort.name == "mail" and (topic := self._topic(about, part)):
            about = Request.of(f"{about.head} about {topic}", self.request.known)
        made = sort.build(about) if sort else None
        if made is None:
            shown = "; ".join(f"“{s.example}”" for s in SORTS)
            return Unclear(
                message=f"I cannot tell whether “{part.condition}”, so nothing was done. What I can look "
                f"at is said like "
                f"this: {shown}.",
            )
        if isinstance(made, Unclear):
            return made.model_copy(update={"choices": ()})
        return made

    def _now(self, part: Conditional) -> bool:
        """Whether "when ..." says what can be looked at now: who is free at an hour that is said, what there
        is on a day, or has come since one."""
        about = Request.of(stated(part.condition), self.request.known)
        sort = recognised(about)
        at = any(t.kind == "instant" and t.grain in ("hour", "minute") for t in about.times)
        waits = re.search(rf"{_WAITS}\s+{re.escape(part.condition)}", self.request.text, re.I)
        there = _THERE_IS.match(about.head) is not None and any(
            t.kind in ("instant", "interval") and t.start is not None for t in about.times
        )
        looked = (
            (sort.name == "free" and at) or (sort.name in ("meetings", "mail") and there) if sort else False
        )
        return waits is None and looked

    def _topic(self, about: Request, part: Conditional) -> str:
        """What "something new came in" is about: what the wish is about, where it names nobody either."""
        if not _CAME_IN.match(about.head) or about.named:
            return ""
        return topic_of([Request.of(p.words, self.request.known) for p in part.then if isinstance(p, Clause)])

    def _then(self, said: str, about: Request, part: Conditional, earlier: Sequence[Earlier]) -> str:
        """A condition with its time: "then" is that of its wish or of a part before; so is one left unsaid.

        "On Thursday if she is free at noon" asks about Thursday at noon.
        """
        wishes = [Request.of(p.words, self.request.known) for p in part.then if isinstance(p, Clause)]
        near = [t for r in wishes for t in r.times if t.kind in ("instant", "interval")]
        m = THEN.search(said)
        if m is not None and not about.times:
            far = [t for e in reversed(earlier) for t in e.request.times]
            return f"{said[: m.start()]}{[*near, *far][0].text}{said[m.end() :]}" if near or far else said
        if not re.search(r"\b(?:free|available|busy)\b", said, re.I) or not near:
            return said
        if not about.times:
            return f"{said} {' '.join(led(t) for t in near)}"
        hours = [t for t in about.times if t.kind == "instant" and t.grain in ("hour", "minute")]
        dated = re.search(r"\d{4}|\b(?:\w+day|tomorrow|today|week|\d+(?:st|nd|rd|th))\b", said, re.I)
        if hours and not dated and all(t.kind == "interval" for t in near):
            return f"{said} {led(near[0])}"
        return said

    def _whole(self, part: Conditional) -> Unclear:
        """For which of the wishes before it a condition is meant."""
        text = self.request.text
        word = "unless" if part.negated else "if"
        before = text[: part.span[0]]
        joint = re.search(r"[\s,;.]*(?:and|then|also|plus|but)?[\s,]*$", before, re.I)
        first = before[: joint.start()] if joint else before
        wish = " ".join(p.words for p in part.then if isinstance(p, Clause))
        choices = (
            f"{word} {part.condition}, {first} and {wish}",
            f"{first}; {word} {part.condition}, {wish}",
        )
        return Unclear(
            message=f"Is “{word} {part.condition}” meant for all of it, or only for “{wish}”? Nothing was "
            f"done yet.",
            choices=self._offered(choices),
        )

    def _asked(self, clause: Clause, question: Unclear, *, shown: bool = True) -> Unclear:
        """The question of one part, with whole requests to say instead."""
        text, (start, end) = self.request.text, clause.span
        choices: tuple[str, ...] = ()
        # What is near a part that was not understood is no part of this wish.
        if shown and end > start and not question.message.startswith(NOT_UNDERSTOOD):
            kept = text[start:end]
            space = kept[len(kept.rstrip(" ,;")) :]
            choices = tuple(f"{text[:start]}{c}{space}{text[end:]}" for c in question.choices[:_CHOICES])
        message = f"“{shorter(clause.words)}”: {question.message}"
        return question.model_copy(update={"message": message, "choices": self._offered(choices)})

    def _offered(self, choices: Sequence[str]) -> tuple[str, ...]:
        return tuple(c for c in dict.fromkeys(choices) if isinstance(self.again(c), Plan))


def _told(part: Part, condition: str) -> Part:
    """ "Let Ann know" as what she is told: that the condition holds."""
    return replace(part, words=told_condition(part.words, condition)) if isinstance(part, Clause) else part


def _idiom(words: str, earlier: Sequence[Earlier]) -> str:
    """ "Say thank you": to whoever it is about, in answer to what they wrote last. "Ask again": them too."""
    named = next((e.request.named for e in reversed(earlier) if e.request.named), ())
    if _ASKS_AGAIN.fullmatch(words) and len({n.key for n in named}) == 1:
        return f"ask {named[0].words} again"
    m = _THANKS.match(words)
    if m is None:
        return words
    who = (m["whom"] or m["who"] or "").strip()
    if who.lower().startswith(("whoever", "who ", "the ")):
        return "reply to it: Thank you."
    if who.lower() in ("", "him", "her", "them"):
        if len({n.key for n in named}) != 1:
            return words
        who = named[0].words
    return f"reply to {who}'s last mail: {sentence('thank you')}."
