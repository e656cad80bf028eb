"""A series at an hour at which some of its days are taken: told, with the hours that are freer."""

from __future__ import annotations

from typing import Any

BO = ("noor@example.org", "bo@example.org")


def first_card(desk: Any, say: str) -> Any:
    """The first question a wish asks; it is said no to."""
    seen: list[Any] = []

    def no(card: Any) -> dict[str, str]:
        seen.append(card)
        return {"verdict": "reject"}

    desk.ask(say, no)
    return seen[0]


def test_what_clashes_is_on_the_card_with_the_hours_that_are_free_every_time(desk: Any) -> None:
    desk.event("Board", "20261123T150000", "20261123T153000")
    say = "set up a 1:1 with Bo every Monday at 15:00 for six weeks"
    card = first_card(desk, say)
    assert card["arguments"]["start"].startswith("2026-11-30T15:00")  # the first one is left out
    assert not card["arguments"]["exdates"]
    assert any(
        "1 clashes: Mon 23 Nov, 15:00–15:30 (you have “Board”). That one is left out." in n
        for n in card["notes"]
    )
    assert any("and so on: free every time." in n for n in card["notes"])
    assert all("T15:00" not in a["start"] and a["rrule"] for a in card["alternatives"])
    assert desk.ask(say).status == "done"
    assert "DTSTART;TZID=Europe/Lisbon:20261130T150000" in desk.calendar()


def test_an_alternative_books_the_whole_series_then(desk: Any) -> None:
    desk.event("Board", "20261123T150000", "20261123T153000")

    def other(card: Any) -> dict[str, Any]:
        if card["operation"] != "event.create":
            return {"verdict": "approve"}
        return {"verdict": "edit", "changes": card["alternatives"][0]}

    run = desk.ask("set up a 1:1 with Bo every Monday at 15:00 for six weeks", other)
    assert run.status == "done"
    start = run.effects[0].arguments["start"]
    assert start[:10] == "2026-11-23"
    assert start[11:16] != "15:00"
    assert "RRULE:FREQ=WEEKLY" in desk.calendar()


def test_a_series_of_ones_own_that_clashes_is_asked_about(desk: Any) -> None:
    desk.event("Board", "20261124T093000", "20261124T120000")
    desk.event("Stand-up", "20261116T091500", "20261116T093000", rule="FREQ=DAILY")
    card = first_card(desk, "block 2 hours every morning for writing")
    assert card["operation"] == "event.create"
    assert "BYDAY=MO,TU,WE,TH,FR" in card["arguments"]["rrule"]
    assert any("Not free at 1 of them: Tue 24 Nov" in n for n in card["notes"])
    assert any("That one is left out." in n for n in card["notes"])
    assert desk.ask("block 2 hours every morning for writing").status == "done"


def test_without_a_room_in_the_settings_it_says_how_to_set_one(desk: Any) -> None:
    desk.event("Board meeting", "20261126T140000", "20261126T160000", people=BO)
    assert "No room is set" in desk.tell("book a room for the board meeting")


def test_the_next_meeting_with_somebody_is_the_one_with_nobody_else(desk: Any) -> None:
    desk.event("Team", "20261123T100000", "20261123T110000", people=(*BO, "ann@example.org"))
    desk.event("Noor and Bo", "20261125T100000", "20261125T103000", people=BO)
    said = desk.tell("when is my next meeting with Bo?")
    assert "Your next meeting with Bo" in said
    assert "bo@example.org”" not in said
    assert said.index("Noor and Bo") < said.index("Sooner, among others: Mon 23 Nov, 10:00–11:00: Team")


def test_a_later_date_that_clashes_is_left_out_and_the_invitation_says_so(desk: Any) -> None:
    desk.event("Board", "20261207T150000", "20261207T153000")
    run = desk.ask("set up a 1:1 with Bo every Monday at 15:00 for six weeks")
    assert run.status == "done"
    assert "EXDATE;TZID=Europe/Lisbon:20261207T150000" in desk.calendar()
    (mail,) = desk.sent()
    assert "Not on: Mon 7 Dec" in mail.body


def test_a_count_keeps_its_last_date_where_the_first_is_left_out(desk: Any) -> None:
    desk.event("Board", "20261123T150000", "20261123T153000")
    card = first_card(desk, "set up a 1:1 with Bo every Monday at 15:00, 6 times")
    assert card["arguments"]["start"].startswith("2026-11-30T15:00")
    assert "COUNT=5" in card["arguments"]["rrule"]


def test_where_more_than_a_third_clashes_it_is_a_question_and_nothing_is_booked(desk: Any) -> None:
    desk.event("Board", "20261123T150000", "20261123T153000", rule="FREQ=WEEKLY;INTERVAL=2")
    run = desk.ask("set up a 1:1 with Bo every Monday at 15:00 for six weeks")
    assert run.status == "unclear"
    assert "3 clash: Mon 23 Nov" in " ".join(run.answer.split())
    assert "too much to leave out" in " ".join(run.answer.split())
    assert "and so on: free every time." in " ".join(run.answer.split())
    assert run.effects == ()
