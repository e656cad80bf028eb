"""docs/scheduling.md says what the code does: its weights, its rules, its example and its picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from deskhand.agent.slots import Availability, Preferences, SlotRequest

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "scheduling.md").read_text("utf-8")


def rows(heading: str) -> Iterator[list[str]]:
    """The rows of the table whose first column has that heading, cells without backticks."""
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]
    for line in table.splitlines()[2:]:
        yield [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]


def shown(value: object) -> str:
    if isinstance(value, tuple):
        return "-".join(f"{minute // 60}:{minute % 60:02}" for minute in value)
    return "any" if value == frozenset() else str(value)


def test_every_weight_and_measure_has_its_default_in_the_tables() -> None:
    usual = Preferences()
    told = {name: value for table in ("weight", "measure") for name, value, _ in rows(table)}
    assert told == {field.name: shown(getattr(usual, field.name)) for field in fields(Preferences)}


def test_the_points_in_the_text_are_the_defaults() -> None:
    usual = Preferences()
    (unknown,) = (row for row in rows("what is known of a person") if row[0].startswith("nothing"))
    assert [re.findall(r"(\d+) points", cell) for cell in unknown[1:]] == [
        [str(usual.unconfirmed)], [], [str(usual.doubtful)],
    ]  # fmt: skip
    assert f"two people an hour early ({2 * usual.pain})" in PAGE
    assert f"one person two hours early ({4 * usual.pain})" in PAGE


def test_every_rule_is_in_the_tables() -> None:
    named = {name.strip() for row in rows("rule") for name in row[0].split(",")}
    named |= {
        name for name in re.findall(r"^\| `(\w+)`(?:, `(\w+)`)? \|", PAGE, re.M) for name in name if name
    }
    ground = {"minutes", "start", "end", "zone", "grid", "longest", "prefer"}
    assert {field.name for field in fields(SlotRequest)} - ground <= named
    soft = {"name", "address", "known_until", "zone", "clock_counts", "required"}
    soft |= {"lunch", "focus", "likes", "likes_days"}
    assert {field.name for field in fields(Availability)} - soft <= named


def test_the_example_makes_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """To draw it anew: run the Python of the page in the folder of the project."""
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)
    example = PAGE.partition("```python\n")[2].partition("```")[0]
    exec(compile(example, "docs/scheduling.md", "exec"), {})  # noqa: S102 - our own page
    printed = capsys.readouterr().out.strip()
    assert printed == PAGE.partition("```text\n")[2].partition("```")[0].strip()
    drawn = (tmp_path / "docs" / "availability.svg").read_text("utf-8")
    assert drawn == (DOCS / "availability.svg").read_text("utf-8")
