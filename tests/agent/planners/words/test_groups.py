"""Groups of people and nicknames: who is meant, what is asked, and what is no group at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.planners.words.directory import who
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

ANN, BO, MARTA, NOOR = "ann@example.org", "bo@example.org", "marta@example.org", "noor@example.org"
YUKI, WILL, NEW = "yuki@example.net", "will@example.com", "new.hire@example.org"


@pytest.fixture
def office(known: Known) -> Known:
    groups = {
        "direct reports": (ANN, BO, MARTA), "team": (ANN, BO, NOOR), "board": (ANN, YUKI),
        "leads": (BO, WILL), "newcomers": (NEW,),
    }  # fmt: skip
    called = {"boss": (MARTA,), "sam": ("sam.okafor@example.org",), "will": (WILL,), "the twins": (ANN, BO)}
    return replace(known, groups=groups, called=called)


def people(made: Plan | Unclear) -> set[str]:
    """Everybody whom a plan invites, writes to or looks at."""
    assert isinstance(made, Plan), made
    found: set[str] = set()
    for step in made.steps:
        for name in ("people", "attendees", "to", "person"):
            given: Any = step.args.get(name) or ()
            for one in [given] if isinstance(given, str) else given if isinstance(given, list) else []:
                found.add(one["address"] if isinstance(one, dict) else one)
    return found


@pytest.mark.parametrize(
    ("say", "meant"),
    [
        ("make a half-hour with each of my three direct reports next week", {ANN, BO, MARTA}),
        ("book half an hour with every direct report next week", {ANN, BO, MARTA}),
        ("set up 1:1s with my direct reports next week", {ANN, BO, MARTA}),
        ("invite my team to lunch on Friday", {ANN, BO}),
        ("book an hour with everyone in the leads on Tuesday", {BO, WILL}),
        ("book an hour with the leads and Marta on Tuesday", {BO, WILL, MARTA}),
        ("book an hour with my team except Bo on Tuesday", {ANN}),
        ("book an hour with my direct reports but not Ann and Bo on Tuesday", {MARTA}),
        ("is everyone in the leads free on Thursday afternoon", {BO, WILL}),
        ("is my team free on Thursday at 2", {ANN, BO}),
        ("when can the leads and I meet next week", {BO, WILL}),
        ("find a time for my team next week", {ANN, BO}),
        ("mail the board about the offer: see the attached", {ANN, YUKI}),
        ("tell my team that I am late", {ANN, BO}),
        ("offer my team three times next week for 30 minutes", {ANN, BO}),
        ("ask the leads which times suit them next week", {BO, WILL}),
        ("book a call with the newcomers tomorrow at 10", {NEW}),
    ],
)
def test_a_group_is_its_people(say: str, meant: set[str], office: Known) -> None:
    made = plan(say, office)
    assert people(made) == meant
    assert isinstance(made, Plan)
    assert made.request == say, "the request keeps its words"


@pytest.mark.parametrize(
    "say",
    [
        "move the board meeting to Friday",
        "cancel the team lunch on Thursday",
        "decline the board meeting",
        "block two hours for the board pack on Monday",
        "summarise the thread about the board",
        "what changed in the board report since Monday",
        "book an hour on Monday called “With the board”",
    ],
)
def test_what_is_called_like_a_group_is_none(say: str, office: Known, known: Known) -> None:
    assert plan(say, office) == plan(say, known)


@pytest.mark.parametrize(
    ("say", "asked", "choices"),
    [
        ("book half an hour with each of my two direct reports next week", "has 3, not 2", 1),
        ("book an hour with one of my direct reports", "Whom of “direct reports”", 3),
        ("book an hour with my team except Marta on Tuesday", "is not in your group “team”", 0),
        ("book an hour for the board on Thursday", "With the board, or about the board?", 0),
        ("summarise the mails from the board", "would be left out", 0),
        ("move my meeting with the leads to Friday", "would be left out", 0),
        ("cancel the call with my team tomorrow", "would be left out", 0),
        ("which mails from my team are waiting for my answer", "would be left out", 0),
    ],
)
def test_what_is_not_certain_of_a_group_is_asked(say: str, asked: str, choices: int, office: Known) -> None:
    made = plan(say, office)
    assert isinstance(made, Unclear), made
    assert asked in made.message
    assert len(made.choices) == choices
    assert all(isinstance(plan(c, office), Plan) for c in made.choices)


def test_members_are_contacts_and_nobody_claims_that_they_were_written(office: Known) -> None:
    made = plan("mail the newcomers: welcome", office)
    assert isinstance(made, Plan)
    assert made.steps[-1].origins["to"] == "contact"


class TestNicknames:
    def test_somebody_is_called_by_a_nickname(self, office: Known) -> None:
        assert people(plan("mail my boss: thanks", office)) == {MARTA}
        assert people(plan("book a call with the boss tomorrow at 10", office)) == {MARTA}

    def test_a_bare_first_name_is_who_was_set(self, office: Known, known: Known) -> None:
        say = "book a call with Sam tomorrow at 10"
        assert isinstance(plan(say, known), Unclear), "two Sams"
        assert people(plan(say, office)) == {"sam.okafor@example.org"}
        other = plan("book a call with Sam Lindqvist tomorrow at 10", office)
        assert people(other) == {"sam.lindqvist@example.org"}, "the whole name is the other"

    def test_several_are_asked_about(self, office: Known) -> None:
        made = plan("mail the twins: hello", office)
        assert isinstance(made, Unclear)
        assert "ann@example.org" in made.message

    def test_a_small_word_is_no_nickname(self, office: Known) -> None:
        made = plan("tell Bo that I will come", office)
        assert people(made) == {BO}

    @pytest.mark.parametrize(
        ("words", "meant"),
        [
            ("my boss", [MARTA]),
            ("Ann Ruiz", [ANN]),
            (BO, [BO]),
            ("Sam", ["sam.okafor@example.org"]),
            ("new@example.com", ["new@example.com"]),
            ("nobody at all", []),
            ("Ann and Bo", []),
            ("the twins", [ANN, BO]),
        ],
    )
    def test_the_one_door(self, words: str, meant: list[str], office: Known) -> None:
        assert [p.addresses[0] for p in who(words, office)] == meant


@pytest.mark.parametrize("name", ["team", "my team", "the team"])
def test_a_group_may_be_set_with_its_article(name: str, known: Known) -> None:
    office = replace(known, groups={name: (ANN, BO)})
    assert people(plan("book half an hour with each of my team next week", office)) == {ANN, BO}
    assert people(plan("find slots for a 1:1 with each person on the team next week", office)) == {ANN, BO}
