"""A digest tells what matters today, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deskhand.agent.model import Brief, Citation, Passage
from deskhand.agent.reading.digest import compose_digest
from deskhand.connectors.model import Item, ItemRef, Participant

ZONE = "Europe/Stockholm"
ME = frozenset({"ana@example.org"})
NOW = datetime(2026, 11, 19, 8, 0, tzinfo=ZoneInfo(ZONE))  # a Thursday
Make = Callable[..., Item]


@dataclass(frozen=True)
class Event:
    title: str
    start: datetime
    end: datetime
    people: Sequence[Participant] = ()
    location: str = ""
    ref: ItemRef = ItemRef("cal", "event", "e1")  # noqa: RUF009 - a frozen value


def at(hour: int, minute: int = 0, *, day: int = 19) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(ZONE))


def told(brief: Brief, heading: str) -> list[str]:
    return [p.text for s in brief.sections if s.heading == heading for p in s.passages]


def digest(**given: Any) -> tuple[Brief, list[tuple[str, str]]]:
    return compose_digest(**{"now": NOW, "zone": ZONE, "me": ME, **given})


PLANNING = Event(
    "Offsite planning",
    at(10),
    at(10, 45),
    (
        Participant("attendee", "ana@example.org", "Ana Ruiz"),
        Participant("attendee", "bo@example.org", "Bo Lindqvist"),
        Participant("attendee", "dev@example.net", "Dev Patel", "declined"),
    ),
    "Room 4",
)


def test_today_with_its_context(document: Make) -> None:
    agenda = document("Agenda", "Text")
    birthday = Event("Bo's birthday", at(0), at(0, day=20), ref=ItemRef("cal", "event", "e2"))
    trip = Event("Trip", at(22), at(6, day=20), ref=ItemRef("cal", "event", "e3"))
    brief, keys = digest(day=[PLANNING, trip, birthday], related={PLANNING.ref: [agenda, agenda]})
    assert brief.title == "Digest for Thu 19 Nov 2026"
    assert told(brief, "Today") == [
        "All day  Bo's birthday",
        "10:00–10:45  Offsite planning, with Bo Lindqvist (Room 4). See “Agenda”",
        "22:00 to Fri 20 Nov 06:00  Trip",
    ]
    assert brief.citations() == [Citation.of(agenda)]
    assert len(keys) == 3


def test_times_are_those_of_the_zone() -> None:
    assert told(digest(day=[PLANNING], zone="America/New_York")[0], "Today")[0].startswith("04:00–04:45  ")


def test_an_event_is_told_again_only_when_it_changed_or_on_another_day() -> None:
    _, keys = digest(day=[PLANNING])
    seen = frozenset(keys)
    assert not told(digest(day=[PLANNING], seen=seen)[0], "Today")
    later = replace(PLANNING, start=at(11), end=at(11, 45))
    assert told(digest(day=[later], seen=seen)[0], "Today")
    week = timedelta(days=7)
    next_time = replace(PLANNING, start=PLANNING.start + week, end=PLANNING.end + week)
    assert told(digest(day=[next_time], seen=seen, now=NOW + week)[0], "Today")


def test_who_waits_for_my_answer_in_their_words(message: Make) -> None:
    ask = message(
        "bo", "2026-11-17 08:00", "Hi Ana,\n\nlovely weather. Could you send me the list?", to=("ana",)
    )
    brief, keys = digest(threads=[[ask]])
    assert told(brief, "Waiting for your answer") == [
        "Bo Lindqvist, Tue 17 Nov 08:00: “Could you send me the list?” (waiting 2 days) in “Lisbon offsite”"
    ]
    assert keys == [(str(ask.ref), "v1")]
    assert not digest(threads=[[ask]], seen=frozenset(keys))[0].sections[0].heading


def test_a_second_message_of_theirs_does_not_take_the_question_back(message: Make) -> None:
    ask = message("bo", "2026-11-17 08:00", "Could you send me the list?", to=("ana",))
    more = message("bo", "2026-11-17 08:05", "Here is the template for it.", to=("ana",), answers=ask)
    assert told(digest(threads=[[ask, more]])[0], "Waiting for your answer")


QUIET = {
    "I answered": [("bo", "Could you send it?", ("ana",), {}), ("ana", "Here it is.", ("bo",), {})],
    "it only informs": [("bo", "The list is ready.", ("ana",), {})],
    "I am in copy": [("bo", "Could you send it?", ("cleo",), {"cc": ("ana",)})],
    "a machine wrote it": [("list", "Could you confirm your address?", ("ana",), {})],
    "it is a newsletter": [("bo", "Could you use a new boat? To unsubscribe, write to us.", ("ana",), {})],
    "its header says so": [("bo", "Could you confirm?", ("ana",), {"auto_submitted": "auto-generated"})],
    "it is marked as answered": [("bo", "Could you send it?", ("ana",), {"flags": ("answered",)})],
    "it is in the trash": [("bo", "Could you send it?", ("ana",), {"flags": ("trashed",)})],
    "somebody else spoke last": [("bo", "Could you send it?", ("ana",), {}), ("cleo", "Sent.", ("bo",), {})],
}


@pytest.mark.parametrize("why", QUIET)
def test_nobody_waits_for_me_when(message: Make, why: str) -> None:
    thread = [
        message(who, f"2026-11-18 1{n}:00", text, to=to, **rest)
        for n, (who, text, to, rest) in enumerate(QUIET[why])
    ]
    assert not told(digest(threads=[thread])[0], "Waiting for your answer")


@pytest.mark.parametrize(
    ("asked", "days"),
    [("2026-11-16 09:00", 3), ("2026-11-13 17:00", 4), ("2026-11-14 09:00", 4), ("2026-11-05 09:00", 10)],
)
def test_i_wait_for_others_counted_in_working_days(message: Make, asked: str, days: int) -> None:
    mine = message("ana", asked, "Could you review the contract draft?", to=("dev",), title="Contract")
    (line,) = told(digest(threads=[[mine]])[0], "You are waiting for")
    assert line.startswith("Dev Patel, asked ")
    assert f"“Could you review the contract draft?” (no answer for {days} working days) in “Contract”" in line


def test_i_do_not_wait_yet_or_for_nothing(message: Make) -> None:
    recent = message("ana", "2026-11-17 09:00", "Could you review the draft?", to=("dev",))
    thanks = message("ana", "2026-11-05 09:00", "Thanks for the draft.", to=("dev",))
    note = message("ana", "2026-11-05 10:00", "Could I be early tomorrow?", to=("ana",))
    assert not told(digest(threads=[[recent], [thanks], [note]])[0], "You are waiting for")


def test_changed_documents_in_one_line(document: Make) -> None:
    old = document("Offer", "The fee is €48,000. It rains.")
    new = document("Offer", "The fee is €52,500. It rains.", "2026-11-18 15:20", version="2", who="cleo")
    brief, keys = digest(
        changed=[(old, new), (None, document("Menu", "Soup and fish")), (old, replace(old, version="3"))]
    )
    assert told(brief, "Changed documents") == [
        "“Offer”, Cleo Achterberg, Wed 18 Nov 15:20: “€48,000” became “€52,500”",
        "“Menu”, Bo Lindqvist, Tue 17 Nov 09:12: new, 3 words",
    ]
    assert keys == [("docs:document:offer.md", "2"), ("docs:document:menu.md", "1")]
    assert not digest(changed=[(old, new)], seen=frozenset(keys))[0].citations()
    third = replace(new, version="4", text="The fee is €60,000. It rains.")
    assert told(digest(changed=[(new, third)], seen=frozenset(keys))[0], "Changed documents")


def test_decisions_needed_are_told_once_even_about_a_message_already_told(message: Make) -> None:
    ask = message("bo", "2026-11-17 08:00", "Could you send me the list?", to=("ana",))
    _, keys = digest(threads=[[ask]])
    pending = Passage(text="Send the list to Bo?", cites=(Citation.of(ask),))
    brief, more = digest(threads=[[ask]], decisions_needed=[pending], seen=frozenset(keys))
    assert told(brief, "Decisions needed") == ["Send the list to Bo?"]
    again, _ = digest(decisions_needed=[pending], seen=frozenset([*keys, *more]))
    assert not told(again, "Decisions needed")
    uncited = Passage(text="Approve?")
    assert told(digest(decisions_needed=[uncited])[0], "Decisions needed") == ["Approve?"]


def test_nothing_new_is_said_kindly_in_one_line() -> None:
    brief, keys = digest()
    assert [p.text for s in brief.sections for p in s.passages] == [
        "Nothing new: no events left to tell, nobody waits for you, and no document changed."
    ]
    assert keys == []


def test_what_does_not_fit_comes_next_time(message: Make) -> None:
    threads = [
        [message("bo", f"2026-11-1{n % 9} 0{n // 9}:00", "Could you call?", to=("ana",))] for n in range(14)
    ]
    brief, keys = digest(threads=threads)
    assert len(told(brief, "Waiting for your answer")) == len(keys) == 10
    assert brief.note == "Waiting for your answer: 4 more."
    rest, _ = digest(threads=threads, seen=frozenset(keys))
    assert len(told(rest, "Waiting for your answer")) == 4
