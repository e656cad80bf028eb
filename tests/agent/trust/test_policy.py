"""Every row of the policy: a case that it stops, one that it lets through, and that each part matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from agent_givens import ANN, STRANGER
from policy_cases import CASES, FACTS, MOST, OPENED, SHIPPED, Case, U, there_may_be

from deskhand.agent.trust.enclosures import secret_in
from deskhand.agent.trust.policy import Policy, judge, looked_at
from deskhand.config.policy import OUTCOMES, Row
from deskhand.connectors.operations import OPERATIONS, MailDraft


def verdict_of(case: Case, policy: Policy | None = None) -> tuple[str, str]:
    verdict = judge(case.operation, case.labels, case.facts, policy or case.policy)
    return verdict.outcome, verdict.rule


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rule(case: Case) -> None:
    verdict = judge(case.operation, case.labels, case.facts, case.policy)
    assert (verdict.outcome, verdict.rule) == (case.outcome, case.rule)
    assert verdict.why
    assert "{" not in verdict.why
    assert verdict.policy == case.policy.version(case.operation.name)


BUILT = [r for r in SHIPPED.rows if any(r.about(name) for name in OPERATIONS)]
"""The rows about what can be done today. The others only refuse, and ask at the most."""


@pytest.mark.parametrize("row", SHIPPED.rows, ids=lambda r: r.id)
def test_every_row_has_a_case_that_it_decides(row: Row) -> None:
    assert [c for c in CASES if c.rule == row.id and c.outcome == row.then], "write one in policy_cases.py"


@pytest.mark.parametrize("row", BUILT, ids=lambda r: r.id)
def test_every_row_has_a_case_on_its_other_side(row: Row) -> None:
    """What stops lets something else of its kind go ahead, or ask at least; what allows allows not all."""
    of = [c for c in CASES if row.about(c.operation.name)]
    if "allow" in (row.then, row.loosen):
        assert [c for c in of if c.outcome != "allow"] or row.id == "mail.draft"
    else:
        passed = [c for c in of if OUTCOMES.index(c.outcome) < OUTCOMES.index(row.then)]
        assert passed
        if row.when:
            looked = [looked_at(c.operation, c.labels, c.facts, c.policy) for c in passed]
            assert [rows for rows in looked if any(x.row.id == row.id and not x.fits for x in rows)]


def test_what_nobody_has_built_yet_is_never_allowed() -> None:
    built = {r.id for r in BUILT}
    assert [r.id for r in SHIPPED.rows if r.then == "allow" and r.id not in built] == []
    for pattern in (r for r in SHIPPED.rows if any("*" in o for o in r.operations)):
        assert pattern.then == "deny"
        assert pattern.id not in built, "it would deny what people use"


def mutants(row: Row) -> Iterator[tuple[str, Row | None]]:
    """The row with one thing changed: gone, another outcome, a condition gone or turned round, a number."""
    yield "gone", None
    for outcome in OUTCOMES:
        if outcome != row.then:
            yield outcome, replace(row, then=outcome)
    for n, phrase in enumerate(row.when):
        name, _, named = phrase.partition(": ")
        others = named.split(", ") if "," in named else []
        turned = phrase.removeprefix("not ") if phrase.startswith("not ") else f"not {phrase}"
        fewer = [f"{name}: {', '.join(x for x in others if x != one)}" for one in others]
        for other in ("", turned, *fewer):
            yield f"{phrase!r} is {other!r}", replace(row, when=(*row.when[:n], other, *row.when[n + 1 :]))
    for name, number in row.numbers.items():
        for least in (number - 1, number + 1):
            yield f"{name} = {least}", replace(row, numbers={name: least})


@pytest.mark.parametrize("at", range(len(OPENED.rows)), ids=[r.id for r in OPENED.rows])
def test_every_part_of_every_row_matters(at: int) -> None:
    """A table with one thing changed in this row is found out by one of the cases."""
    rows = OPENED.rows
    told = [c for c in CASES if rows[at].about(c.operation.name)]
    known = [verdict_of(c, OPENED) for c in told]
    for what, mutant in mutants(rows[at]):
        made = () if mutant is None else (replace(mutant, when=tuple(filter(None, mutant.when))),)
        policy = Policy((*rows[:at], *made, *rows[at + 1 :]))
        assert [verdict_of(c, policy) for c in told] != known, f"{what}: no case of policy_cases.py shows it"


def test_every_operation_has_a_rule_that_lets_it_through_and_one_that_stops_it() -> None:
    for op in OPERATIONS.values():
        outcomes = {c.outcome for c in CASES if type(c.operation) is op}
        assert "allow" in outcomes
        if op is not MailDraft:
            assert outcomes & {"ask", "deny"}, op.name


def test_the_reason_names_the_case() -> None:
    whys = {(c.rule, judge(c.operation, c.labels, c.facts, c.policy).why) for c in CASES}
    assert {
        ("event.cancel many", "2 events change at once"),
        ("event.cancel theirs", f"{ANN} called this meeting: only your own copy changes, and nobody is told"),
        ("event.cancel theirs", " called this meeting: only your own copy changes, and nobody is told"),
        ("event.receive", f"{ANN} would change your calendar"),
        ("event.receive sender", f"it came from {STRANGER}, and {ANN} calls the meeting"),
        ("file.copy version", "what would be taken along is in no connected source"),
        ("file.copy version", "d changed since it was read; ask again"),
        ("mail.send secrets", "the text holds a one-time code out of somebody's mail"),
        ("mail.send budget", f"more than {MOST} new recipients"),
        ("mail.trash many", f"more than {MOST} in one go"),
        ("mail.send to contacts", "you switched on sending to contacts"),
        ("mail.send to contacts", "mail cannot be taken back"),
    } <= whys


def test_what_no_rule_knows_is_refused() -> None:
    verdict = judge(there_may_be("mail.telegraph"), {"source": U}, FACTS, OPENED)
    assert (verdict.outcome, verdict.rule) == ("deny", "default")
    assert verdict.why == "no rule allows mail.telegraph"
    assert verdict_of(CASES[0], Policy(())) == ("deny", "default")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Your one-time code: 482913", "a one-time code"),
        ("482913 is your login code", "a one-time code"),
        ("OTP 0042", "a one-time code"),
        ("The code is 482-913.", "a one-time code"),
        ("OTP: 48 29 13", "a one-time code"),
        ("Your verification code is:\n\n  482913\n\nIt is good for 10 minutes.", "a one-time code"),
        ("Use the code below to sign in. Tell nobody.\r\n\r\n> *482 913*", "a one-time code"),
        ("Your passcode\nX7K-9PQ2", "a one-time code"),
        ("PIN\n4829", "a one-time code"),
        ("Your temporary password is Xy7$kk2.", "a password"),
        ("https://example.org/password/new?id=1", "a reset link"),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----", "a key"),
        ("glpat-abcdefghijklmnopqrst", "a key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln", "a key"),
        ("https://example.org/account/RESET?t=1", "a reset link"),
        ("see http://example.org/a then https://example.org/verify-me", "a reset link"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a key"),
        ("AKIAABCDEFGHIJKLMNOP", "a key"),
        ("The code of conduct of 2024 applies.", ""),
        ("The building code. 12345 people live there.", ""),
        ("We met 1200 people; lunch is at 12:30.", ""),
        ("The dress code is smart.\n1200 people come.\nSee you on\n2026-11-27", ""),
        ("The code freeze is\non 2026-11-27, the tag is V2\nBUDGET", ""),
        ("The password is in the safe, as always.", ""),
        ("https://example.org/minutes/2026", ""),
        ("", ""),
    ],
)
def test_secrets(text: str, secret: str) -> None:
    assert secret_in(text) == secret


def test_looking_for_secrets_takes_time_in_proportion_to_the_text() -> None:
    for hostile in (
        "http://" * 150_000, "code " * 200_000, "1" * 1_000_000, "BEGIN PRIVATE " * 70_000,
        "code\n" * 200_000, "4829x\n" * 100_000, "code\n" + " " * 1_000_000,
        "eyJ-" * 200_000, "password: " * 100_000,
    ):  # fmt: skip
        assert secret_in(hostile) == ""
