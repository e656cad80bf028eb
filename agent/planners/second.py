"""Two readers, one plan: what becomes of a wish that the grammar and the second reader see differently.

The grammar knows what words mean and guesses nothing; `likeness` has seen thousands of wordings and knows
none for certain. A plan is made where both make the same of a wish; where the grammar has a place for every
word and the second reader has no better plan; or where the second is sure, no word turns the wish round, and
the grammar makes a sound plan of its plain words. Else it is asked, with the plain words to choose from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from deskhand.agent.planners.checks.doing import does_otherwise
from deskhand.agent.planners.likeness.forms import SEVERAL
from deskhand.agent.planners.likeness.reader import Likely
from deskhand.agent.planners.likeness.turned import forbids
from deskhand.agent.planners.words.phrases import words as words_of
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.connectors.operations import OPERATIONS

READS, WRITES = 0.6, 0.8
"""So sure the second reader has to be of a plan that only looks, of one that changes something. Chosen on
wordings it had not learnt: below, wrong plans grow faster than right ones."""
STRICT = READS, WRITES
LENIENT = 0.45, 0.7
"""So sure, where nothing else was made of the wish; of what changes something every word has to be in its
place. On wishes that nobody had read, less than that made more wrong plans."""
PARTS, PARTS_UNSURE = 0.9, 0.4
"""So sure it has to be of a part of a wish that the grammar reads otherwise; less sure it does not even doubt
the grammar's."""
STRANGE = 0.8
"""What each word that no wording holds outside its slots takes off."""
NOT_UNDERSTOOD = "I did not understand"
"""How the answer to a wish begins of which nothing was made."""
_OFFERED = 0.1
"""A reading that is less likely is not offered."""
_HARDLY = 0.3
"""So likely a reading is that the grammar's, which read every word, is taken for it."""
_OTHERWISE = 0.35
"""So likely another goal is that a wish is not just looked up as a question, the grammar's last resort."""
_ANOTHER = 0.75
"""So sure it has to be that a plan which changes something is not done, though it has no better one."""
UNSURE = 0.45
"""Below this it does not stand against a plan that has a place for every word."""
_OURS = re.compile(r"\b(?:calendar|diary|inbox|drafts?|appointment|meeting|e-?mails?|thread)\b", re.I)
_VAGUE = re.compile(r"\b(?:do|like|as) (?:the usual|always|last time)\b|\bthe usual\W*$", re.I)
_MOST = 3
_LESS = frozenset(words_of("best ideally prefer preferably only avoid except unless without both each no-go"))
"""What nobody says of what he wishes without a meaning."""
_KEEP_WORDS = frozenset({"schedule_add"})
"""What keeps a wish as it was said, and would find out later that nobody understands it."""
_OF_OTHERS = frozenset({"who_free", "waiting_mine", "waiting_theirs", "mails_list"})
"""Goals that what is only told of others is like: "Ann is on holiday next week"."""
_TOLD = frozenset({"purpose", "template", "makes_room", "every", "question"})
"""Arguments that repeat the words of a wish."""
_NAMES = frozenset({"about", "title", "subject", "location", "folder"})

Planned = Callable[[Likely], Plan | Unclear | None]
Reaching = Callable[[Plan], str | None]


@dataclass(frozen=True, slots=True)
class Settled:
    """What was made of a wish in the end."""

    plan: Plan | Unclear
    second: Likely | None = None
    """The reading it was taken from, where that is the second reader's."""


def sure(one: Likely) -> float:
    """How sure the second reader is of a reading, 0 to 1."""
    return one.share * one.held * STRANGE ** len(one.strange)


def settled(
    words: str,
    made: Plan | Unclear,
    heard: Sequence[Likely],
    planned: Planned,
    *,
    part: bool = False,
    exact: Collection[str] = (),
    reaching: Reaching = lambda _: None,
    idiomatic: bool = False,
    least: tuple[float, float] = STRICT,
) -> Settled:
    """What becomes of a wish.

    :param made: what the grammar makes of it.
    :param heard: what the second reader takes it for, the likeliest first.
    :param planned: the plan of a reading's plain words; None where it has none.
    :param exact: goals of the second reader that the grammar read the wish as, with no word left unread: of
        two plans that come to the same its own is the more exact.
    :param part: it is part of a wish, and was said in fewer words than a whole one: the grammar's plan
        stands where the second reader is not quite sure of another.
    :param reaching: the name in a plan that holds words which are no part of it, see `reaching`.
    :param least: so sure the second reader has to be, see `STRICT` and `LENIENT`.
    :param idiomatic: an idiom fits the whole wish: that was written of such words, and weighs more.
    """
    if (vague := _VAGUE.search(words)) is not None and not (isinstance(made, Plan) and exact):
        return Settled(
            Unclear(message=f"I do not know what “{vague[0]}” is, so nothing was done. Say it in full.")
        )
    if not heard or (isinstance(made, Unclear) and not made.lacking):
        return Settled(made)
    readings = [_Reading(one, planned, least) for one in heard]
    best = next((r for r in sorted(readings, key=lambda r: -r.sure) if r.plan or r.goal == "none"), None)
    told = best.told if best is not None else None
    if best is not None and best.plan and isinstance(made, Plan) and _names_more(made, best.plan):
        return Settled(made)
    if told is not None and (name := reaching(told)) is not None:
        told, best = None, None
    second = Settled(told.model_copy(update={"request": words}), best.likely) if best and told else None
    sure_name = idiomatic and bool(exact) and isinstance(made, Plan) and _books(made)
    if isinstance(made, Plan) and not sure_name and (name := reaching(made)) is not None:
        return _otherwise_named(words, made, readings, reaching) or Settled(_no_name(name, words, readings))
    if isinstance(made, Plan):
        if _books_a_series(made, heard[0].goal) and readings[0].sure >= _HARDLY:
            return second if second is not None else Settled(_question(words, made, readings))
        if second is not None and told is not None and tidier(told, made) and not _dictated(words, made):
            return second
        if _agreed(made, [readings[0], *([best] if best else [])], exact):
            return Settled(made)
        if _leaves_out(made, readings[0], exact):
            return Settled(_question(words, made, readings))
        unsure_of_it = best is not None and best.sure < (READS if _only_asks(made) else WRITES)
        if told is not None and _only_looked_at(made, told) and unsure_of_it:
            return Settled(made)
        if exact and (
            _hardly_doubted(words, made, readings, exact)
            or (
                idiomatic
                and (heard[0].goal == "several" or readings[0].sure < PARTS)
                and not readings[0].plan
            )
            or (
                idiomatic
                and heard[0].goal not in SEVERAL
                and (readings[0].sure < PARTS or _only_shows(made) or _only_finds(made))
            )
        ):
            return Settled(made)
        looked_up = best is not None and best.plan is not None and _only_asks(made) and not writes(best.plan)
        turned = best is not None and best.likely.turned and not looked_up
        against = best is not None and (turned or (part and best.sure < PARTS))
        if second is not None and not against:
            return second
        if (
            not part
            and _only_asks(made)
            and heard[0].goal not in ("question", "none")
            and readings[0].sure >= _OTHERWISE
        ):
            return Settled(_question(words, made, readings))
        if _sees_another(made, readings[0]):
            return Settled(_question(words, made, readings))
        if best is None and ((exact and heard[0].goal not in SEVERAL) or readings[0].sure < WRITES):
            return Settled(made)  # the second reader has a name for it at most, and no plan
        unsure = best is None or best.sure < PARTS_UNSURE
        if part and (exact or unsure or not writes(made)):
            return Settled(made)
    elif second is not None:
        return second
    elif NOT_UNDERSTOOD not in made.message:
        return Settled(made)
    return Settled(_question(words, made, readings))


@dataclass(frozen=True)
class _Reading:
    """What the second reader takes a wish for, and what the grammar makes of that."""

    likely: Likely
    planned: Planned
    least: tuple[float, float]

    @property
    def goal(self) -> str:
        return self.likely.goal

    @cached_property
    def sure(self) -> float:
        return sure(self.likely)

    @cached_property
    def plan(self) -> Plan | None:
        """The plan of its plain words; made where it is asked for, as most readings are not needed."""
        made = self.planned(self.likely)
        return made if isinstance(made, Plan) else None

    @property
    def told(self) -> Plan | None:
        """The plan, where it is sure enough to be carried out without a question."""
        reads, changes = self.least
        if self.plan is None or (self.sure < reads and self._firm < reads):
            return None
        if not writes(self.plan):
            if self.goal in _OF_OTHERS and self.likely.unheard:
                return None
            return None if self.least == LENIENT and self.likely.loose else self.plan
        if self.likely.turned or (self.sure < changes and self._firm < changes):
            return None
        if self.likely.unheard and self.goal not in SEVERAL:  # of each part it is asked by itself
            return None
        less = not _LESS.isdisjoint(self.likely.loose)
        return self.plan if self._in_place or (self.least == STRICT and not less) else None

    @property
    def _in_place(self) -> bool:
        """Whether every word is in its place, or says nothing that the plan would have to show."""
        one = self.likely
        return not one.strange and not one.loose and one.goal not in _KEEP_WORDS

    @cached_property
    def _firm(self) -> float:
        """How sure it is of the plan, where the words that it is unsure of do not matter for that."""
        made = self.plan
        if made is None or self.likely.share < READS:
            return self.sure
        others, rest = self.likely.doubt()
        if not others or any(not _same_for_all(made, self.planned(other)) for other in others):
            return self.sure
        return self.likely.share * rest * STRANGE ** len(self.likely.strange)


def _books_a_series(made: Plan, goal: str) -> bool:
    """Whether an event that comes again was taken for a wish that is done again and again."""
    return goal in ("book", "hold") and any(s.op == "schedule.add" for s in made.steps)


def _only_looked_at(made: Plan, told: Plan) -> bool:
    """Whether a plan shows a calendar, where another would change it, or looks everywhere."""
    return (writes(made) or _only_asks(made)) and [s.op for s in told.steps] == ["calendar.agenda"]


def _agreed(made: Plan, readings: Sequence[_Reading], exact: Collection[str]) -> bool:
    """Whether a reading comes to what the grammar made, or the grammar's plan is the more exact of two."""
    return any(
        r.plan is not None and (says_all(made, r.plan) or (r.goal in exact and _does(made, r.plan)))
        for r in readings
    )


def _leaves_out(made: Plan, first: _Reading, exact: Collection[str]) -> bool:
    """Whether the second reader, of the same mind what the wish is, sees something to do that a plan which
    changes something leaves out: somebody to invite, another text."""
    if first.goal not in exact or first.plan is None or not writes(made):
        return False
    acts, others = ({s.op for s in p.steps if _acting(s)} - {"mail.draft"} for p in (made, first.plan))
    drafts = any(s.op == "mail.draft" for s in made.steps)
    return not acts >= others - ({"mail.send"} if drafts else set())  # whether it is held back, others see to


def _hardly_doubted(words: str, made: Plan, readings: Sequence[_Reading], exact: Collection[str]) -> bool:
    """Whether a plan of the grammar that has a place for every word stands: the second reader thinks of it
    too, or is lost in those words, or is not sure, or sees no wish in them (and they name nothing
    that Deskhand has to do with), or would book what is looked for; or nothing is done but show something.
    """
    first = readings[0]
    return (
        any(r.goal in exact and r.sure >= _HARDLY for r in readings)
        or (bool(first.likely.strange) and first.sure < READS)
        or (first.goal == "none" and (first.sure < WRITES or _OURS.search(words) is not None))
        or (first.sure < UNSURE and not first.likely.turned)
        or any(_only_looks(made, r.plan) for r in readings)
        or (first.goal not in SEVERAL and first.sure < WRITES and _only_shows(made))
    )


def _sees_another(made: Plan, first: _Reading) -> bool:
    """Whether the second reader, sure of what it is, sees a wish that a plan does nothing of."""
    if first.goal in (*SEVERAL, "question", "none") or first.sure < _ANOTHER:
        return False
    if any(s.op == "schedule.add" for s in made.steps):  # it keeps the wish as it was said
        return False
    return writes(made) and does_otherwise(made, first.goal)


def _question(words: str, made: Plan | Unclear, readings: Sequence[_Reading]) -> Unclear:
    """The question whether it is one of the readings."""
    if forbids(words):
        return Unclear(message=f"That is not to be done, so nothing was: “{words}”. Say what is to be done.")
    choices = _offers(readings, words)
    if isinstance(made, Unclear) and readings[0].likely.turned and choices:
        return Unclear(
            message=f"I am not sure that this is to be done, so nothing was: “{words}”. If it is, say it so:",
            choices=choices,
        )
    if isinstance(made, Unclear):
        return made.model_copy(update={"choices": choices}) if choices else made
    how = "Is it one of these?" if choices else "Say it in other words, please."
    return Unclear(message=f"I am not sure what you want, so nothing was done. {how}", choices=choices)


def _otherwise_named(
    words: str, made: Plan, readings: Sequence[_Reading], reaching: Reaching
) -> Settled | None:
    """The plan of a reading that does what a plan does, where its names are no more than names."""
    for one in readings:
        sure = one.told or (one.plan if one.plan and _same_but_names(made, one.plan) else None)
        if sure is None or _ops(sure) != _ops(made) or reaching(sure) is not None:
            continue
        if not (one.likely.turned and writes(sure)):
            return Settled(sure.model_copy(update={"request": words}), one.likely)
    return None


def _same_for_all(one: Plan, other: Plan | Unclear | None) -> bool:
    """Whether two plans differ in nothing but how what is new is called."""
    if not isinstance(other, Plan) or _ops(one) != _ops(other):
        return False
    pairs = [(_told(a), _told(b)) for a, b in zip(one.steps, other.steps, strict=True)]
    return all({n: v for n, v in a.items() if n != "title"} == {n: v for n, v in b.items() if n != "title"}
               for a, b in pairs)  # fmt: skip


def _names_more(one: Plan, other: Plan) -> bool:
    """Whether a plan says what an event is called, of which the other says only that it is one."""
    called = [[s.args.get("title") for s in p.steps if s.op == "event.create"] for p in (one, other)]
    return called[1] == ["Meeting"] != called[0] and _same_but_names(one, other)


def _same_but_names(one: Plan, other: Plan) -> bool:
    """Whether two plans differ in nothing but what things are called."""
    pairs = zip(one.steps, other.steps, strict=True) if _ops(one) == _ops(other) else ()
    told = [(_told(a), _told(b)) for a, b in pairs]
    return bool(told) and all(a.keys() == b.keys() and all(v == b[n] for n, v in a.items() if n not in _NAMES)
                              for a, b in told)  # fmt: skip


def _offers(readings: Sequence[_Reading], words: str = "") -> tuple[str, ...]:
    """The plain words of the readings, to choose from; not the wish itself."""
    offers = (r.likely.plain for r in readings if r.sure >= _OFFERED and r.plan is not None)
    return tuple(dict.fromkeys(o for o in offers if o and o.casefold() != words.casefold()))[:_MOST]


def _no_name(name: str, words: str, readings: Sequence[_Reading]) -> Unclear:
    """The question about a name that holds words of no name."""
    return Unclear(
        lacking=True,
        message=f"I would take “{name}” for a name, so nothing was done. Say it in other words, or put it in "
        "quotation marks if it is a name.",
        choices=_offers(readings, words),
    )


def says_all(one: Plan, other: Plan) -> bool:
    """Whether a plan does the same as another, and perhaps keeps to more of what was said."""
    return _ops(one) == _ops(other) and all(
        all(_told(a).get(n) == v for n, v in _told(b).items())
        for a, b in zip(one.steps, other.steps, strict=True)
    )


def tidier(one: Plan, other: Plan) -> bool:
    """Whether a plan says what another says, and only takes less of the words for a name or a text."""
    if _ops(one) != _ops(other):
        return False
    told = [(_told(a), _told(b)) for a, b in zip(one.steps, other.steps, strict=True)]
    differ = [(n, a.get(n), v) for a, b in told for n, v in b.items() if a.get(n) != v]
    return any(n != "title" for n, _, _ in differ) and all(_within(part, text) for _, part, text in differ)


def _dictated(words: str, made: Plan) -> bool:
    """Whether a text stands behind a colon or in quotation marks: it is written word for word."""
    texts = (str(s.args["body"]).strip() for s in made.steps if isinstance(s.args.get("body"), str))
    return any(re.search(rf"[:\"“«]\s*{re.escape(text)}", words, re.I) for text in texts if text)


def _within(part: Any, text: Any) -> bool:
    return isinstance(part, str) and isinstance(text, str) and bool(part) and f" {part} " in f" {text} "


def _ops(made: Plan) -> list[str]:
    """What its steps do; when somebody is free is found by two, and is one question."""
    ops = [s.op for s in made.steps]
    return [*ops[:-1], "free"] if ops[-1] in ("slots.find", "calendar.free") else ops


def _does(one: Plan, other: Plan) -> bool:
    """Whether a plan changes what another changes, or tells what it tells."""
    acts, others = ({s.op for s in p.steps if _acting(s)} for p in (one, other))
    return acts >= others if acts else not others and _ops(one)[-1:] == _ops(other)[-1:]


def _only_shows(made: Plan) -> bool:
    """Whether a plan lists mail, and nothing else: where it is not meant, nothing is lost."""
    return all(s.op in ("message.list", "threads.waiting") for s in made.steps)


def _only_looks(one: Plan, other: Plan | None) -> bool:
    """Whether a plan shows the times at which another would book."""
    if other is None or writes(one):
        return False
    times, others = ({s.op for s in p.steps if s.op.startswith("slots.")} for p in (one, other))
    return bool(times & others)


def _told(step: Step) -> Mapping[str, Any]:
    when = step.when.model_dump() if step.when is not None else None
    return {"when": when, **{n: _plain(v) for n, v in step.args.items() if n not in _TOLD}}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split()).casefold().rstrip(".!?")
    if isinstance(value, Mapping):
        return {n: _plain(v) for n, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def _only_finds(made: Plan) -> bool:
    """Whether a plan looks for times, and books none."""
    return [s.op for s in made.steps] == ["slots.find"]


def _books(made: Plan) -> bool:
    return any(s.op == "event.create" for s in made.steps)


def _only_asks(made: Plan) -> bool:
    return [s.op for s in made.steps] == ["question.answer"]


def writes(made: Plan) -> bool:
    """Whether a plan changes or sends anything."""
    return any(map(_acting, made.steps))


def _acting(step: Step) -> bool:
    return step.op in OPERATIONS or step.op.startswith("schedule.")
