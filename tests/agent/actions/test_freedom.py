"""Who is free when: yes, no or not known, out of what calendars tell."""

from __future__ import annotations

import re
from typing import Any


class TestMyself:
    def test_a_time_is_yes_until_when_or_no_with_what_is_there(self, desk: Any) -> None:
        desk.event("Board", "20261126T140000", "20261126T160000")
        assert "Yes, you are free Thu 26 Nov at 12:00, until 14:00." in desk.tell(
            "am I free on Thursday at 12?"
        )
        said = desk.tell("am I free on Thursday at 2?")
        assert "No, you are not free, Thu 26 Nov, 14:00–14:30. Thu 26 Nov, 14:00–16:00: “Board”" in said
        assert "No, you are not free" in desk.tell("am I free on Thursday at 13:45?")

    def test_gaps_are_within_my_hours_and_between_what_is_there(self, desk: Any) -> None:
        desk.event("One", "20261127T093000", "20261127T120000")
        desk.event("Two", "20261127T121000", "20261127T160000")
        said = desk.tell("what gaps do I have on Friday?")
        assert "You are free: Fri 27 Nov, 09:00–09:30; Fri 27 Nov, 16:00–17:00." in said

    def test_a_length_that_fits_nowhere_is_a_no(self, desk: Any) -> None:
        desk.event("All day", "20261123T083000", "20261123T163000")
        said = desk.tell("do I have time for an hour tomorrow?")
        assert "No, you are not free for 60 minutes, Mon 23 Nov within your working hours." in said
        assert "Yes, you are free for 20 minutes: Mon 23 Nov, 16:30–17:00." in desk.tell(
            "do I have time for 20 minutes tomorrow?"
        )

    def test_to_be_busy_is_the_other_way_round(self, desk: Any) -> None:
        assert "No, you are free" in desk.tell("am I busy tomorrow morning?")


class TestOthers:
    def test_unknown_is_never_free(self, desk: Any) -> None:
        said = desk.tell("is Bo free on Friday at 2?")
        assert "Not known when Bo Lindqvist is free" in said
        assert "Yes" not in said

    def test_a_meeting_with_me_is_a_sure_no(self, desk: Any) -> None:
        desk.event(
            "Board", "20261126T140000", "20261126T160000", people=("noor@example.org", "bo@example.org")
        )
        assert "No, Bo Lindqvist is not free" in desk.tell("is Bo free on Thursday at 2?")
        assert "Yes, Bo Lindqvist is taken" in desk.tell("is Bo busy on Thursday at 2?")

    def test_of_several_one_unknown_leaves_all_of_them_unknown(self, desk: Any) -> None:
        said = desk.tell("who is free on Wednesday afternoon, Ann or Bo?")
        assert "Not known when Ann Ruiz is free" in said
        assert "So it is not known when all of them are free." in said

    def test_a_connected_calendar_tells(self, desk: Any) -> None:
        (desk.root / "bo").mkdir()
        desk.event("Own thing", "20261126T100000", "20261126T120000", uid="bo@example.org")
        (desk.root / "calendar" / "bo@example.org.ics").rename(desk.root / "bo" / "one.ics")
        desk.app.add("ics", str(desk.root / "bo"), alias="bo", options={"owner": "bo@example.org"})
        assert "No, Bo Lindqvist is not free" in desk.tell("is Bo free on Thursday at 11?")
        assert "Yes, Bo Lindqvist is free Thu 26 Nov at 12:00" in desk.tell("is Bo free on Thursday at 12?")
        desk.event("Mine", "20261126T120000", "20261126T180000")
        said = desk.tell("are Bo and I free on Thursday at 12?")
        assert "No, you are not free" in said
        assert "Yes, Bo Lindqvist is free" in said

    def test_a_name_nobody_has_is_asked_about(self, desk: Any) -> None:
        assert "I know nobody called Zoltan" in desk.tell("is Zoltan free on Friday?")


def test_times_on_days_of_their_own(desk: Any) -> None:
    told = desk.tell("find three 30 minute slots next week, no two on one day")
    days = re.findall(r"(Mon|Tue|Wed|Thu|Fri) \d+ Nov", told.partition("Times that fit")[2])
    assert len(days) == 3 == len({*days}), told
