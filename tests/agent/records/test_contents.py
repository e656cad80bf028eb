"""Long texts and values of runs are kept once, come back as they were, and go when nobody holds them."""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_givens import NOW, plan, step
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from deskhand.agent.records import contents
from deskhand.agent.records.contents import LONG_TEXT, LONG_VALUE, pack, unpack
from deskhand.agent.records.state import Records, StepState
from deskhand.connectors.database import reading, writing

LONG = "The harbour budget. " * 200

texts = st.text(st.characters(codec=None), max_size=40) | st.text(
    "ab", min_size=LONG_TEXT, max_size=LONG_TEXT + 9
)
keys = st.sampled_from(["$text", "$value", "a", "b"]) | st.text(string.printable, max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts | st.just("0" * 64),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=30,
)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    records = Records(tmp_path / "runs.db")
    yield records
    records.close()


def count(records: Records, table: Any) -> int:
    with reading(records.engine) as db:
        return int(db.execute(select(func.count()).select_from(table)).scalar_one())


class TestPacking:
    @given(values, st.booleans())
    def test_a_value_comes_back_as_it_was(self, value: Any, whole: bool) -> None:
        stored, bodies = pack(value, whole=whole)
        assert unpack(stored, bodies) == value

    @given(values)
    def test_no_row_holds_more_than_its_share(self, value: Any) -> None:
        stored, _ = pack(value)
        assert len(contents._json(stored)) <= LONG_VALUE

    def test_what_is_short_stays_where_it_can_be_read(self) -> None:
        value = {"to": ["bo@example.org"], "body": "Hello."}
        assert pack(value) == (value, {})

    def test_of_a_value_that_must_stay_only_texts_leave(self) -> None:
        value = {"hold_until": "2026-11-24", "body": LONG, "to": ["x"] * 3000}
        stored, bodies = pack(value, whole=False)
        assert stored["hold_until"] == "2026-11-24"
        assert stored["to"] == value["to"]
        assert len(bodies) == 1


class TestKept:
    def test_the_same_text_is_kept_once_for_all_that_have_it(self, records: Records) -> None:
        runs = [records.new_run(f"x{n}", now=NOW, plan=plan(step("a", "x", body=LONG)))[0] for n in range(3)]
        for run in runs:
            records.leave(run, StepState("a", "done", {"body": LONG, "n": run}), now=NOW)
        assert count(records, contents.contents) == 1
        for run in runs:
            assert records.steps(run)["a"].value == {"body": LONG, "n": run}
            found = records.run(run)
            assert found is not None
            assert found.plan == plan(step("a", "x", body=LONG))

    def test_a_long_list_leaves_its_row_and_is_found_again(self, records: Records) -> None:
        run, _ = records.new_run("x", now=NOW)
        value = {"messages": [{"ref": f"mail:message:{n}", "title": f"About {n}"} for n in range(300)]}
        records.leave(run, StepState("found", "done", value, {"": {"trust": "untrusted"}}), now=NOW)
        assert records.steps(run)["found"].value == value
        with reading(records.engine) as db:
            assert 0 < contents.size(db, run) < len(str(value)) / 4

    def test_what_nobody_holds_any_more_goes(self, records: Records) -> None:
        one, two = (records.new_run("x", now=NOW)[0] for _ in range(2))
        for run, own in ((one, "1"), (two, "2")):
            value = {"shared": LONG, "own": LONG + own}
            records.leave(run, StepState("a", "done", value), now=NOW + timedelta(minutes=1))
        with writing(records.engine) as db:
            contents.let_go(db, one, still=[])
        assert count(records, contents.contents) == 2
        assert records.steps(two)["a"].value == {"shared": LONG, "own": LONG + "2"}

    def test_what_is_still_referred_to_stays_though_it_lies_in_another_content(
        self, records: Records
    ) -> None:
        run, _ = records.new_run("x", now=NOW)
        value = {"messages": [f"{n}" * 50 for n in range(99)], "body": LONG}
        with writing(records.engine) as db:
            (stored,) = contents.put(db, run, value)
            contents.let_go(db, run, still=[stored])
            assert contents.get(db, stored) == [value]
