"""Laws of the policy: more taint never gets further, stricter settings never let anything more through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from agent_givens import ANN, BO, ME
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import CASES, OPENED, SHIPPED, there_may_be
from pydantic import ValidationError

from deskhand.agent.trust.policy import Policy, effective, judge
from deskhand.config.policy import OUTCOMES, Setting, fault, shipped
from deskhand.connectors.model import Label, Trust
from deskhand.connectors.operations import OPERATIONS, Operation

BUILT = [c.operation for c in CASES if type(c.operation) in OPERATIONS.values()]
ROWS = shipped()


@st.composite
def operations(draw: st.DrawFn) -> Operation:
    """An operation with arguments out of all the cases of its kind, mixed."""
    op = draw(st.sampled_from(BUILT))
    alike = [o for o in BUILT if type(o) is type(op)]
    mixed: dict[str, Any] = {n: getattr(draw(st.sampled_from(alike)), n) for n in type(op).model_fields}
    try:
        return type(op)(**mixed)
    except ValidationError:
        return op


FACTS = st.builds(
    lambda base, seen, moved, at_once, flags: replace(
        base, look_up=seen.look_up, moved=moved, at_once=at_once, changed=flags[0], taken=flags[1],
        by_model=flags[2], invited=frozenset({ANN}) if flags[3] else frozenset(), uncovered=flags[4],
        announced=flags[5],
    ),
    st.sampled_from([c.facts for c in CASES]),
    st.sampled_from([c.facts for c in CASES]),
    st.sampled_from([0, 19, 20]),
    st.sampled_from([0, 0, 1, 2]),
    st.tuples(*[st.booleans()] * 6),
)  # fmt: skip
ORIGINS = st.frozensets(st.sampled_from(["mail:message:m", "mail:message:n"])).map(lambda o: tuple(sorted(o)))
READERS = st.none() | st.frozensets(st.sampled_from([ME, ANN, BO])).map(lambda r: tuple(sorted(r)))
LABEL = st.builds(Label, st.sampled_from(get_args(Trust)), ORIGINS, READERS)


def labels(op: Operation) -> st.SearchStrategy[dict[str, Label]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(type(op).model_fields, LABEL))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_more_taint_never_gets_further(data: st.DataObject) -> None:
    """Joined with any other label, or with none at all, an argument is never trusted with more."""
    op, facts = data.draw(operations()), data.draw(FACTS)
    clean = data.draw(labels(op))
    worse = data.draw(labels(op))
    tainted = {n: label.join(worse[n]) if n in worse else label for n, label in clean.items()}
    lost = data.draw(st.sets(st.sampled_from(sorted(type(op).model_fields))))
    tainted = {n: label for n, label in tainted.items() if n not in lost}
    policy = data.draw(st.sampled_from([SHIPPED, OPENED]))
    before, after = (judge(op, given, facts, policy) for given in (clean, tainted))
    assert OUTCOMES.index(after.outcome) >= OUTCOMES.index(before.outcome), (before, after)


@st.composite
def stricter(draw: st.DrawFn) -> dict[str, Setting]:
    """Settings that make rows stricter, in any way there is."""
    made: dict[str, Setting] = {}
    for row in draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=4, unique_by=lambda r: r.id)):
        then = draw(st.none() | st.sampled_from(OUTCOMES[OUTCOMES.index(row.then) :]))
        numbers = {n: draw(st.integers(0, most)) for n, most in row.numbers.items() if draw(st.booleans())}
        made[row.id] = Setting(then, numbers)
    return made


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_stricter_settings_let_nothing_more_through(data: st.DataObject) -> None:
    """Not against the table as it comes, and not against fewer of them."""
    made = data.draw(stricter())
    fewer = {id_: made[id_] for id_ in data.draw(st.sets(st.sampled_from(sorted(made))))}
    policies = [SHIPPED, effective(fewer), effective(made)]
    for _ in range(5):
        op, facts = data.draw(operations()), data.draw(FACTS)
        given = data.draw(labels(op))
        outcomes = [OUTCOMES.index(judge(op, given, facts, p).outcome) for p in policies]
        assert outcomes == sorted(outcomes), (made, fewer)


@given(st.sampled_from(ROWS), st.sampled_from(OUTCOMES), st.integers(0, 200))
def test_a_row_is_never_milder_than_it_may_be(row: Any, then: Any, number: int) -> None:
    numbers = dict.fromkeys(row.numbers, number)
    setting = Setting(then, numbers)
    if fault(ROWS, row.id, setting):
        return
    (made,) = (r for r in effective({row.id: setting}).rows if r.id == row.id)
    assert OUTCOMES.index(made.then) >= min(OUTCOMES.index(row.then), OUTCOMES.index(row.loosen))
    assert all(made.numbers[n] <= row.most.get(n, row.numbers[n]) for n in numbers)


@given(st.from_regex(r"[a-z]{1,8}\.[a-z_]{1,12}", fullmatch=True), LABEL)
def test_what_nobody_wrote_a_row_for_is_denied(name: str, label: Label) -> None:
    if any(r.about(name) for r in ROWS):
        return
    for policy in (SHIPPED, OPENED, Policy(())):
        verdict = judge(there_may_be(name), {"source": label}, CASES[0].facts, policy)
        assert (verdict.outcome, verdict.rule) == ("deny", "default")


@given(st.data())
@settings(deadline=None)
def test_the_same_is_always_judged_alike(data: st.DataObject) -> None:
    op, facts = data.draw(operations()), data.draw(FACTS)
    given = data.draw(labels(op))
    assert judge(op, given, facts, OPENED) == judge(op, dict(reversed(given.items())), facts, effective(
        {"mail.send to contacts": Setting("allow")}
    ))  # fmt: skip
