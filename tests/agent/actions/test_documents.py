"""What changed in documents, out of the versions that syncs kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest


@pytest.fixture
def versions(desk: Any) -> Any:
    """A price list that changed ten days, five days and one day ago."""
    for days, price in ((10, "4100"), (5, "4350"), (1, "4400")):
        desk.document(
            "price list.md", f"# Price list\n\nA lantern costs {price} euros.\n", ago=timedelta(days=days)
        )
        desk.app.sync(embed=0)
    return desk


def test_since_a_time_everything_after_it(versions: Any) -> None:
    answer = versions.tell("what changed in the price list since 13 November")
    assert "4100" in answer
    assert "4400" in answer
    assert len(versions.app.run("r1").citations) >= 2


def test_between_two_times_only_what_lies_there(versions: Any) -> None:
    answer = versions.tell("compare the price list between 13 Nov and 18 Nov")
    assert "4350" in answer
    assert "4400" not in answer


def test_without_a_time_the_last_change(versions: Any) -> None:
    answer = versions.tell("what changed in the price list")
    assert "4350" in answer
    assert "4400" in answer
    assert "4100" not in answer


def test_nothing_changed_is_said_with_the_last_time(versions: Any) -> None:
    answer = versions.tell("what changed in the price list since this morning")
    assert "Nothing changed in that time; the last change was on Sat 21 Nov." in answer


def test_one_version_has_nothing_to_be_compared_with(desk: Any) -> None:
    desk.document("memo.md", "# Memo\n\nShort.\n")
    assert "Only one version of it is known" in desk.tell("what changed in the memo")


def test_which_documents_changed(versions: Any) -> None:
    versions.document("memo.md", "# Memo\n\nOld.\n", ago=timedelta(days=40))
    answer = versions.tell("which documents changed since Friday?")
    assert "Price list" in answer
    assert "Memo" not in answer
    assert "No document changed." in versions.tell("which documents changed today?")
