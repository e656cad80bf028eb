"""Schedules in words: added with their next times, listed, paused, resumed, removed."""

from __future__ import annotations

import threading
from typing import Any


def test_the_life_of_a_schedule(desk: Any) -> None:
    run = desk.ask("every weekday at 8:00 send me a digest", approve=None)
    assert run.status == "done"
    following = "Next: Mon 23 Nov, 08:00, Tue 24 Nov, 08:00, Wed 25 Nov, 08:00."
    assert following in " ".join(run.answer.split())
    (schedule,) = desk.app.schedules()
    assert (schedule.name, schedule.request, schedule.paused) == ("digest", "send me a digest", False)
    assert "digest: “send me a digest”, every weekday at 08:00; next Mon 23 Nov, 08:00." in desk.tell(
        "list my schedules"
    )
    assert "Paused digest." in desk.tell("pause the digest")
    assert "; paused." in desk.tell("what schedules do I have?")
    assert "Resumed digest. Next: Mon 23 Nov, 08:00." in desk.tell("resume the digest")
    assert "Removed digest" in desk.tell("delete the digest schedule")
    assert "There is no schedule." in desk.tell("list my schedules")


def test_the_same_words_add_it_once_and_others_get_another_name(desk: Any) -> None:
    for words in ("every weekday at 8:00 send me a digest", "every weekday at 8:00 send me a digest",
                  "every Friday at 16:00 send me a digest"):  # fmt: skip
        assert desk.ask(words).status == "done"
    assert [s.name for s in desk.app.schedules()] == ["digest", "digest-2"]


def test_what_cannot_be_understood_is_not_scheduled(desk: Any) -> None:
    run = desk.ask("every day at 9 frobnicate the wug")
    assert run.status == "unclear"
    assert desk.app.schedules() == []


def test_several_are_one_question(desk: Any) -> None:
    desk.ask("every weekday at 8:00 send me a digest")
    desk.ask("every Friday at 16:00 show me my calendar")
    run = desk.ask("pause the schedule")
    assert run.status == "unclear"
    assert len(run.choices) == 2
    assert desk.ask(run.choices[0]).status == "done"
    assert [s.paused for s in desk.app.schedules()].count(True) == 1


def test_it_runs_what_was_said(desk: Any) -> None:
    desk.event("Board", "20261123T150000", "20261123T160000")
    desk.ask("every weekday at 8:00 show me my calendar")
    desk.moment = desk.moment.replace(day=23, hour=8, minute=1)
    desk.app.sync(embed=0)
    (run,) = desk.app.settle()
    assert "Board" in desk.app.runs_room.wait(run).answer


def test_closing_while_a_run_begins_comes_to_an_end(empty_desk: Any) -> None:
    """The run under way is waited for, and what it needs for that is not locked away from it."""
    empty_desk.connect("ics")
    empty_desk.ask("every weekday at 8:00 show me my calendar")
    empty_desk.moment = empty_desk.moment.replace(day=23, hour=8, minute=1)
    assert empty_desk.app.settle()
    closing = threading.Thread(target=empty_desk.app.close, daemon=True)
    closing.start()
    closing.join(60)
    assert not closing.is_alive()
