"""A source that fails again and again is left alone for a while, longer each time, or as long as it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.connectors.errors import (
    Forbidden,
    Misconfigured,
    SourceError,
    Transient,
    Unauthorized,
)
from deskhand.connectors.health import (
    FIRST_PAUSE,
    LONGEST_AFTER,
    LONGEST_PAUSE,
    LONGEST_SIGN_IN,
    OPENS_AT,
    Health,
    Quota,
)

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
AWAY = Transient("It is away.")


def failing(times: int, error: SourceError = AWAY, *, draw: float = 0.5, local: bool = False) -> Health:
    health = Health()
    for _ in range(times):
        health = health.after(error, now=NOW, draw=draw, local=local)
    return health


def pause(health: Health) -> timedelta:
    assert health.due is not None
    return health.due - NOW


def test_its_circuit_opens_with_the_third_failure_and_closes_with_a_pass() -> None:
    for times in range(OPENS_AT):
        assert not failing(times).rests(NOW)
    health = failing(OPENS_AT)
    assert (health.failed, health.rests(NOW), pause(health)) == (3, True, FIRST_PAUSE * 0.75)
    assert not health.rests(NOW + FIRST_PAUSE)
    assert health.after(None, now=NOW, draw=0.5) == Health()


@given(st.integers(OPENS_AT, 60), st.sampled_from([0.0, 0.25, 0.5, 0.75]))
def test_each_pause_is_twice_the_one_before_up_to_the_longest(times: int, draw: float) -> None:
    before, after = pause(failing(times, draw=draw)), pause(failing(times + 1, draw=draw))
    assert after == min(before * 2, LONGEST_PAUSE * (0.5 + draw / 2))
    assert FIRST_PAUSE / 2 <= before < LONGEST_PAUSE


def test_what_the_server_wants_counts_from_the_first_failure_on() -> None:
    assert pause(failing(1, Transient("Busy.", after=90))) == timedelta(seconds=90)
    assert pause(failing(9, Transient("Busy.", after=5))) == timedelta(seconds=5)
    assert pause(failing(1, Transient("Busy.", after=1e12))) == LONGEST_AFTER
    assert pause(failing(1, Transient("Busy.", after=-1))) == timedelta(0)


def test_a_refused_password_is_not_tried_every_minute() -> None:
    assert failing(1, Unauthorized()).rests(NOW + timedelta(minutes=2))
    assert pause(failing(40, Unauthorized())) == LONGEST_SIGN_IN * 0.75


@pytest.mark.parametrize("error", [AWAY, Transient(after=60), Unauthorized()])
def test_what_is_on_this_machine_is_asked_at_any_time(error: SourceError) -> None:
    assert not failing(20, error, local=True).rests(NOW)


@pytest.mark.parametrize("error", [Forbidden(), Misconfigured()])
def test_what_only_a_person_can_mend_waits_no_longer_than_what_may_mend_itself(error: SourceError) -> None:
    assert pause(failing(OPENS_AT, error)) == FIRST_PAUSE * 0.75


def test_a_clock_that_was_ahead_keeps_nobody_waiting() -> None:
    ahead = Health().after(Transient(after=60), now=NOW + timedelta(days=400), draw=0.5)
    assert not ahead.rests(NOW)


def test_it_is_kept_as_it_is(
) -> None:  # fmt: skip
    health = replace(failing(4), done=200, expected=1000, quota=(Quota(5, None, "units today"),))
    assert Health.of(health.as_dict()) == health
    for odd in (None, {}, [], "x", {**health.as_dict(), "due": "soon"}, {**health.as_dict(), "failed": None}):
        assert Health.of(odd) == Health()
    assert Health.of({**health.as_dict(), "due": "2026-11-23T08:00:00"}).due is None


def test_that_nobody_is_let_in_stays_so_until_somebody_is() -> None:
    """Out of reach a source says nothing of it; and it is kept."""
    out = Health().after(Unauthorized("No."), now=NOW, draw=0.5)
    still = out.after(Transient("Away."), now=NOW, draw=0.5)
    assert (out.refused, still.refused, Health.of(still.as_dict()).refused) == (True, True, True)
    assert not still.after(None, now=NOW, draw=0.5).refused
    assert not Health().after(Transient("Away."), now=NOW, draw=0.5).refused
    before = {name: value for name, value in out.as_dict().items() if name != "refused"}
    assert Health.of(before) == replace(out, refused=False), "as earlier versions wrote it"
