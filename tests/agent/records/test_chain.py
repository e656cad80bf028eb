"""The chain as values: whatever is done to lines is found, and named by its number."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.agent.records.chain import NOTHING, End, Fault, Line, Walk
from deskhand.agent.values import digest

AT = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)


def chain(count: int, *, said: str = "") -> list[Line]:
    lines: list[Line] = []
    n, before = 0, NOTHING
    for k in range(count):
        line = Line.following(
            n, before, at=AT + timedelta(minutes=k), what="effect", run="r1", subject=f"e{k}", state="done",
            digest=digest([said, k]),
        )  # fmt: skip
        lines.append(line)
        n, before = line.n, line.hash
    return lines


def faults(lines: list[Line], end: End | None = None) -> list[Fault]:
    return list(Walk(UTC, end=end).over(lines))


def said(lines: list[Line], end: End | None = None) -> list[str]:
    return [f.said for f in faults(lines, end)]


def end_of(lines: list[Line]) -> End:
    return End(lines[-1].n, lines[-1].hash)


@given(st.integers(0, 30))
def test_a_chain_that_nobody_touched_is_whole(count: int) -> None:
    lines = chain(count)
    assert faults(lines, end_of(lines) if lines else None) == []


class TestWhatIsDoneToLines:
    def test_an_edit_is_named(self) -> None:
        lines = chain(1300)
        lines[1203] = replace(lines[1203], state="failed")
        (told,) = said(lines, end_of(lines))
        assert told.startswith("Line 1,204 (effect e1203, 13 Nov 2026 05:33) was changed")

    def test_an_edit_with_a_new_hash_is_named(self) -> None:
        lines = chain(20)
        edited = replace(lines[6], state="failed")
        lines[6] = replace(edited, hash=edited.hashed())
        (told,) = said(lines, end_of(lines))
        assert told.startswith("Line 7 (effect e6, ")
        assert "is not the one that line 8 was written after" in told

    def test_lines_cut_out_of_the_middle_are_named(self) -> None:
        lines = chain(30)
        assert said(lines[:16] + lines[19:], end_of(lines)) == ["Lines 17 to 19 are missing."]
        assert said(lines[:16] + lines[17:], end_of(lines)) == ["Line 17 is missing."]

    def test_an_end_that_was_cut_off_is_named(self) -> None:
        lines = chain(30)
        assert said(lines[:-3], end_of(lines)) == ["The last 3 lines are missing (lines 28 to 30)."]
        assert said(lines[:-1], end_of(lines)) == ["The last line is missing (line 30)."]
        assert said([], end_of(lines)) == ["The last 30 lines are missing (lines 1 to 30)."]

    def test_a_beginning_that_was_cut_off_is_named(self) -> None:
        lines = chain(30)
        assert said(lines[4:], end_of(lines)) == ["Lines 1 to 4 are missing."]

    def test_lines_that_were_swapped_are_named(self) -> None:
        lines = chain(30)
        lines[7], lines[8] = lines[8], lines[7]
        (told,) = said(lines, end_of(lines))
        assert told.startswith("Line 8 (")
        assert told.endswith("stands behind line 9, not before it.")

    def test_a_line_that_stands_there_twice_is_named(self) -> None:
        lines = chain(30)
        (told,) = said([*lines[:10], lines[9], *lines[10:]], end_of(lines))
        assert told.startswith("Line 10 (")
        assert told.endswith("stands there twice.")

    def test_a_line_put_in_with_all_later_ones_made_anew_meets_the_head(self) -> None:
        lines, other = chain(30), chain(30, said="otherwise")
        (told,) = said(other, end_of(lines))
        assert told.startswith("Line 30 (")
        assert told.endswith("is not the one that its head was written for.")

    def test_a_line_put_in_with_its_hash_and_the_numbers_behind_it_moved(self) -> None:
        lines = chain(10)
        extra = Line.following(
            4, lines[3].hash, at=AT, what="effect", run="r1", subject="x", state="done", digest=digest("x")
        )
        moved = [replace(line, n=line.n + 1) for line in lines[4:]]
        found = said([*lines[:4], extra, *moved])
        assert any("line 5 (effect x" in f.lower() for f in found)


positions = st.integers(0, 19)


@given(positions, st.sampled_from(["state", "digest", "subject", "run", "what", "before", "hash"]))
def test_any_field_of_any_line_that_is_changed_is_found(at: int, field: str) -> None:
    lines = chain(20)
    new = digest("other") if field in ("digest", "before", "hash") else "other"
    lines[at] = replace(lines[at], **{field: new})
    found = faults(lines, end_of(chain(20)))
    assert found
    assert all(f.first - 1 <= at + 1 <= f.last + 1 for f in found)


@given(st.lists(positions, min_size=1, max_size=8, unique=True))
def test_any_lines_that_are_cut_are_found_and_no_others(cut: list[int]) -> None:
    lines = chain(20)
    found = faults([line for k, line in enumerate(lines) if k not in cut], end_of(lines))
    assert {n for f in found for n in range(f.first, f.last + 1)} == {k + 1 for k in cut}


@given(st.permutations(range(12)))
def test_any_other_order_is_found(order: list[int]) -> None:
    lines = chain(12)
    found = faults([lines[k] for k in order], end_of(lines))
    assert bool(found) == (order != sorted(order))


def test_a_line_reads_back_as_it_was_written() -> None:
    (line,) = chain(1)
    assert Line.of_json(line.as_json()) == line


@pytest.mark.parametrize(
    "change",
    [{"n": 0}, {"n": True}, {"n": "1"}, {"hash": "x"}, {"at": "today"}, {"at": "2026-11-12T09:30:00"},
     {"more": 1}],
)  # fmt: skip
def test_what_is_no_line_is_refused(change: dict[str, object]) -> None:
    (line,) = chain(1)
    with pytest.raises(ValueError, match=r"."):
        Line.of_json(line.as_json() | change)
