"""Find times for several meetings at once: each by its own rules, all by the rules between them, and nobody
in two places at a time. Exact: the schedule with the fewest points, or the fewest that cannot hold together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations

from deskhand.agent.slots.explanation.hitting_set import fewest
from deskhand.agent.slots.find import NOTICE, find_slots
from deskhand.agent.slots.model import Conflict
from deskhand.agent.slots.phrases import listed
from deskhand.agent.slots.several.model import (
    MOST_TOGETHER,
    Between,
    Break,
    DifferentDays,
    InOrder,
    SameDay,
    Schedule,
    Together,
    Wanted,
)
from deskhand.agent.slots.several.problem import Bond, Problem, named
from deskhand.agent.slots.several.search import Found
from deskhand.agent.slots.several.ties import Apart, Ordered, Tie

MOST_STEPS = 100_000
"""So many options are tried in one search before it ends as not proven: some seconds of work."""

_GUESS_STEPS = 2_000
"""So much work goes into whether some meetings and rules clash, which is asked some hundred times. What stays
open is taken not to clash: `blockers` may then be more than the fewest, and the conflict says so."""

_ROUNDS = 50
"""So often a smaller set of clashing rules is guessed at; then rules are left out one after the other
until none can be missed."""


def find_together(
    wanted: Sequence[Wanted],
    rules: Sequence[Between] = (),
    *,
    now: datetime,
    notice: timedelta = NOTICE,
    most_steps: int = MOST_STEPS,
) -> Together:
    """The best time for each of several meetings, or what stands against holding them all.

    Each meeting keeps to its own request, as in `find_slots`. Whoever is in two of them, required or not,
    is not in two at once: people of one address, or of one name where an address is missing, and the asker
    by the name "you". Their `buffer` lies between two such meetings, their `most_a_day` counts them (where
    they are required), and one room holds one meeting at a time, with its buffer. Of a range of lengths,
    and of rooms, any may be chosen. Local days between meetings are those of the first request's zone.

    The best schedule has the smallest sum of the points its meetings have by themselves; then the best time
    for the first meeting (the earliest start, then the longer, then the room named first), then for the
    second, and so on. What the meetings do to each other's preferences is not counted.

    :raises ValueError: as `find_slots`; two meetings of one name, a rule about a meeting that is not there,
        more than `MOST_TOGETHER` meetings.
    """
    _check(wanted, rules)
    problem = Problem.of(wanted, rules, now=now, notice=notice)
    for one, options in zip(wanted, problem.choices, strict=True):
        if not options:
            return _alone(problem, one, now=now, notice=notice, most_steps=most_steps)
    found = problem.search(range(len(wanted)), problem.bonds, most_steps=most_steps).best()
    if found.chosen is not None:
        return Together(problem.schedule(range(len(wanted)), found.chosen), proven=found.proven)
    if not found.proven:
        message = (
            f"Not decided: after {found.steps} tries no times were found for {listed(problem.names)} "
            "together, and it is not certain that there are none. Ask for fewer at once, or a shorter window."
        )
        return Together(conflict=Conflict(message, least=False), proven=False)
    return _clash(problem, most_steps=most_steps)


def _check(wanted: Sequence[Wanted], rules: Sequence[Between]) -> None:
    names = [w.name for w in wanted]
    if not 1 <= len(names) <= MOST_TOGETHER:
        raise ValueError(f"{len(names)} meetings at once: from 1 to {MOST_TOGETHER} are arranged together")
    for name, times in Counter(names).items():
        if times > 1:
            raise ValueError(f"{times} of the meetings are called {name}")
    for rule in rules:
        for name in named(rule, names):
            if name not in names:
                raise ValueError(f"a rule names {name}, which is none of the meetings")
        if len(set(named(rule, names))) < len(named(rule, names)):
            raise ValueError(f"the rule {rule} names a meeting twice")


def _alone(problem: Problem, one: Wanted, *, now: datetime, notice: timedelta, most_steps: int) -> Together:
    """A meeting that fits nowhere even by itself."""
    conflict = find_slots(one.people, one.request, now=now, notice=notice).conflict or Conflict("")
    others = [n for n, some in enumerate(problem.choices) if some]
    nearest: tuple[Schedule, ...] = ()
    if others:
        found = problem.search(others, problem.bonds, most_steps=most_steps).best()
        if found.chosen is not None:
            nearest = (problem.schedule(others, found.chosen, _without(problem, others)),)
    message = f"{one.name} fits nowhere even by itself. {conflict.message}"
    return Together(
        conflict=replace(conflict, message=message, blockers=(one.name, *conflict.blockers)), nearest=nearest
    )


def _without(problem: Problem, others: Sequence[int]) -> str:
    missed = [name for n, name in enumerate(problem.names) if n not in others]
    return f"if it may be without {listed(missed)}"


def _clash(problem: Problem, *, most_steps: int) -> Together:
    """The fewest meetings that cannot be held together, and the fewest rules that bar it."""
    tries: dict[tuple[tuple[int, ...], tuple[int, ...]], Found] = {}

    def barred(meetings: Sequence[int], bonds: Sequence[int]) -> bool:
        key = (tuple(meetings), tuple(bonds))
        if key not in tries:
            some = [problem.bonds[b] for b in bonds]
            search = problem.search(meetings, some, most_steps=min(most_steps, _GUESS_STEPS))
            tries[key] = search.best(any_will_do=True)
        return tries[key].chosen is None and tries[key].proven

    every = range(len(problem.wanted))
    all_bonds = range(len(problem.bonds))
    meetings = next(
        (m for size in every for m in combinations(every, size + 1) if barred(m, all_bonds)), tuple(every)
    )
    about = [b for b in all_bonds if problem.bonds[b].among(meetings)]
    bonds, least = _fewest(about, lambda some: barred(meetings, some))
    least = least and all(found.proven for found in tries.values())
    names = tuple(problem.names[m] for m in meetings)
    blockers = tuple(problem.bonds[b].name for b in bonds)
    nearest = _giving_way(problem, meetings, bonds, most_steps=most_steps)
    together = "both" if len(names) == 2 else "all"
    message = f"{listed(names)} cannot {together} be held. In the way: {listed(blockers)}."
    if nearest:
        message += f" {len(nearest)} nearby {'way is' if len(nearest) == 1 else 'ways are'} possible."
    return Together(conflict=Conflict(message, (*names, *blockers), least=least), nearest=nearest)


def _fewest(rules: Sequence[int], barred: Callable[[Sequence[int]], bool]) -> tuple[list[int], bool]:
    """The fewest of these rules that bar everything together, the first of equal sets, and whether they are.

    Rules that are not enough are added to until one more would be: of the rest every answer has one. What is
    the smallest set with one of each such rest is either the answer, or not enough again.
    """
    rests: set[int] = set()
    for _ in range(_ROUNDS):
        some, least = fewest(rests)
        if barred(some):
            return some, least
        kept = set(some)
        for rule in rules:
            if rule not in kept and not barred(sorted({*kept, rule})):
                kept.add(rule)
        rests.add(sum(1 << rule for rule in rules if rule not in kept))
        if not all(rests):  # all of them bar nothing that could be proven
            return list(rules), False
    left = list(rules)
    for rule in rules:
        if barred(fewer := [r for r in left if r != rule]):
            left = fewer
    return left, False


def _giving_way(
    problem: Problem, meetings: Sequence[int], bonds: Sequence[int], *, most_steps: int
) -> tuple[Schedule, ...]:
    """For each rule of the clash the smallest step by which it makes room for all; then, for each meeting
    of it, all the others."""
    every = range(len(problem.wanted))
    made: list[Schedule] = []
    for number in bonds:
        bond = problem.bonds[number]
        for words, ways in _ways(bond):
            others = [b for n, b in enumerate(problem.bonds) if n != number]
            found = problem.search(every, [*others, *ways], most_steps=most_steps).best()
            if found.chosen is not None:
                made.append(problem.schedule(every, found.chosen, f"if {words}"))
                break
    for meeting in meetings:
        rest = [m for m in every if m != meeting]
        if rest:
            found = problem.search(rest, problem.bonds, most_steps=most_steps).best()
            if found.chosen is not None:
                made.append(problem.schedule(rest, found.chosen, _without(problem, rest)))
    return tuple(made)


def _ways(bond: Bond) -> Iterable[tuple[str, list[Bond]]]:
    """How a rule that was asked for could give way, the smaller step first."""
    rule = bond.rule
    if rule is None:
        return
    if isinstance(rule, InOrder) and (rule.least or rule.most is not None):
        order: Mapping[tuple[int, int], Tie] = dict.fromkeys(bond.ties, Ordered())
        yield f"any time may lie between {rule.first} and {rule.then}", [replace(bond, ties=order)]
    if isinstance(rule, Break):
        for least in (m for m in (60, 30, 15, 0) if m < rule.minutes):
            shorter: Mapping[tuple[int, int], Tie] = dict.fromkeys(bond.ties, Apart(least))
            yield f"{least} minutes between two of them are enough", [replace(bond, ties=shorter)]
    if isinstance(rule, DifferentDays | SameDay):
        where = "may be" if isinstance(rule, DifferentDays) else "need not be"
        yield f"they {where} on one day", []
    else:
        yield f"it need not be {bond.name}", []
