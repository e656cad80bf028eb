"""Who or when else is tried, where somebody is not free."""

from __future__ import annotations

from tests.agent.planners.wishes_planned import made, steps

from deskhand.agent.profile import Known


def test_another_day_is_tried_with_the_same_person(known: Known) -> None:
    found = made("bo free thurs 2? if yes book 30m, if no try fri", known)
    one, other = steps(found, "slots.find")
    assert one.args["people"] == other.args["people"] == ["bo@example.org"]
    assert one.args["minutes"] == other.args["minutes"] == 30
    assert one.args["at"].startswith("2026-11-26T14:00")
    assert other.args["start"].startswith("2026-11-27")
    assert other.otherwise == one.id


def test_another_person_is_tried_at_the_same_time(known: Known) -> None:
    found = made("if bo's free tomorrow at 3 book 30 min with him, else try marta", known)
    one, other = steps(found, "slots.find")
    assert other.args["people"] == ["marta@example.org"]
    assert one.args["at"] == other.args["at"]
