"""What fits a budget and what does not: pure values, and the table under them with two who spend at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.budget import Budget, Claim, Limits, Over, Price, Spent
from deskhand.agent.records.spending import Place, Totals
from deskhand.agent.records.state import Records

TODAY = "2026-11-22"
PLACE = Place("r1", "", TODAY)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    records = Records(tmp_path / "runs.db")
    yield records
    records.close()


def budget(limit: int, used: int) -> Budget:
    return Budget("run", "budget.run", Limits({"steps": limit}), Spent({("steps", ""): used}))


class TestWhatFits:
    @given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 50))
    def test_nothing_fits_beyond_the_limit_and_everything_up_to_it(
        self, limit: int, used: int, more: int
    ) -> None:
        refused = budget(limit, used).refuses(Claim("steps", more))
        assert (refused is None) == (used + more <= limit)

    @given(st.integers(1, 1000), st.integers(0, 1000))
    def test_near_begins_at_four_fifths(self, limit: int, used: int) -> None:
        assert (budget(limit, used).near(("steps",)) is not None) == (5 * used >= 4 * limit)

    def test_what_has_no_limit_always_fits(self) -> None:
        none = Budget("day", "budget.day", Limits(), Spent({("tokens", "m"): 10**12}))
        assert none.refuses(Claim("tokens", 10**12, "m")) is None
        assert none.near(("tokens",)) is None

    def test_nothing_at_all_may_be_allowed(self) -> None:
        over = budget(0, 0).refuses(Claim("steps", 1))
        assert str(over) == "The budget of this run, 0 steps, is used up"

    def test_tokens_of_all_models_count_together_and_calls_by_source(self) -> None:
        spent = Spent({("tokens", "a"): 3, ("tokens", "b"): 4, ("calls", "mail"): 5, ("calls", "ics"): 6})
        assert (spent.of("tokens"), spent.of("calls", "mail"), spent.of("calls", "none")) == (7, 5, 0)
        assert (spent.models, spent.sources) == (["a", "b"], ["ics", "mail"])

    def test_a_source_has_its_own_limit_or_the_one_of_all(self) -> None:
        limits = Limits({"calls": 9}, {"mail": 2, "free": None})
        assert [limits.of("calls", s) for s in ("mail", "free", "other")] == [2, None, 9]

    @pytest.mark.parametrize(
        ("over", "said", "remedy"),
        [
            (
                Over("run", "steps", 100, "budget.run"),
                "The budget of this run, 100 steps, is used up",
                "To allow more, raise steps in [budget.run] of config.toml; "
                "deskhand budget shows what was used.",
            ),
            (
                Over("day", "money", 1_500_000, "budget.day", "m", "EUR", "too small"),
                "The budget of today, 1.50 EUR, has too little left",
                "To allow more, raise money in [budget.day] of config.toml; "
                "deskhand budget shows what was used. "
                "Tomorrow it begins anew.",
            ),
            (
                Over("day", "calls", 1, "budget.calls", "mail"),
                "The budget of today, 1 call to mail, is used up",
                "To allow more, raise mail in [budget.calls] of config.toml; "
                "deskhand budget shows what was used. "
                "Tomorrow it begins anew.",
            ),
            (
                Over("day", "calls", 0, "budget.calls", "mail", how="none at all"),
                "The budget of today allows no calls to mail",
                "To allow more, raise mail in [budget.calls] of config.toml; "
                "deskhand budget shows what was used.",
            ),
            (
                Over("schedule", "seconds", 90_000, "budget.schedules.digest", how="nearly used up"),
                "The budget of this schedule for today, 90 seconds, is nearly used up",
                "To allow more, raise seconds in [budget.schedules.digest] of config.toml; "
                "deskhand budget shows what was used. "
                "Tomorrow it begins anew.",
            ),
        ],
    )
    def test_it_says_what_is_used_up_and_what_would_help(self, over: Over, said: str, remedy: str) -> None:
        assert (str(over), over.remedy) == (said, remedy)

    @given(st.floats(0, 100), st.floats(0, 100), st.integers(0, 10**6), st.integers(0, 10**6))
    def test_a_cost_is_never_rounded_down(self, into: float, out: float, n: int, m: int) -> None:
        exact = n * into + m * out  # millionths: a price is for a million
        assert exact - 1e-5 * max(1.0, exact) <= Price(into, out).cost(n, m) <= exact + 1 + 1e-5 * exact


class TestTheBooks:
    def test_totals_are_kept_by_run_by_schedule_and_by_day(self, records: Records) -> None:
        records.spend(PLACE, [Claim("steps", 2)])
        records.spend(Place("r2", "digest", TODAY), [Claim("steps", 3)])
        records.spend(Place("r3", "digest", TODAY), [Claim("steps", 4)])
        records.spend(Place("r2", "digest", "2026-11-21"), [Claim("steps", 5)])
        totals = records.spent(Place("r2", "digest", TODAY))
        assert [s.of("steps") for s in (totals.run, totals.schedule, totals.day)] == [8, 7, 9]
        assert records.spent(PLACE).schedule.of("steps") == 0

    def test_what_is_refused_is_not_booked_but_what_was_used_is(self, records: Records) -> None:
        word = records.spend(PLACE, [Claim("seconds", 7)], [Claim("steps", 1)], judge=lambda _: "no")
        assert word == "no"
        totals = records.spent(PLACE)
        assert (totals.run.of("seconds"), totals.run.of("steps")) == (7, 0)

    def test_a_reservation_counts_until_it_is_redeemed(self, records: Records) -> None:
        made = records.reserve(PLACE, [], [Claim("tokens", 500, "m")], judge=lambda _: None)
        assert isinstance(made, int)
        assert records.spent(PLACE).run.of("tokens") == 500
        assert records.redeem(made, [Claim("tokens", 120, "m")])
        assert records.spent(PLACE).run.of("tokens") == 120

    def test_to_redeem_it_twice_is_to_redeem_it_once(self, records: Records) -> None:
        made = records.reserve(PLACE, [], [Claim("tokens", 500, "m")], judge=lambda _: None)
        assert isinstance(made, int)
        assert [records.redeem(made, [Claim("tokens", n, "m")]) for n in (120, 130)] == [True, False]
        assert records.spent(PLACE).run.of("tokens") == 120

    def test_a_reservation_that_nobody_redeemed_counts_after_a_restart(self, tmp_path: Path) -> None:
        first = Records(tmp_path / "again.db")
        first.reserve(PLACE, [], [Claim("tokens", 500, "m")], judge=lambda _: None)
        first.close()
        second = Records(tmp_path / "again.db")
        assert second.spent(PLACE).day.of("tokens") == 500
        second.close()

    def test_two_who_spend_at_once_never_go_over_together(self, tmp_path: Path) -> None:
        """Each through a connection of its own, as two processes have."""
        limit, begun, lock = 60, [0], threading.Lock()

        def fits(totals: Totals) -> str | None:
            return "no" if totals.day.of("steps") >= limit else None

        def spend(run: str) -> None:
            mine = Records(tmp_path / "both.db")
            while mine.spend(Place(run, "", TODAY), [], [Claim("steps", 1)], judge=fits) is None:
                with lock:
                    begun[0] += 1
            mine.close()

        Records(tmp_path / "both.db").close()
        threads = [threading.Thread(target=spend, args=(f"r{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert begun[0] == limit
