"""A stranger who bears or borrows the name of somebody known is told apart where it is asked who is meant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from agent_givens import ME, NOW, House

from deskhand.agent.model import Run
from deskhand.connectors.model import Label, Participant

SAM, FALSE = "sam@example.org", "sam@exarnple.org"


@pytest.fixture
def house(house: House) -> House:
    """A house that knows one Sam."""
    house.message(
        "sent", at=NOW - timedelta(days=30), folder="Sent", label=Label("user", (), (ME, SAM)),
        people=(Participant("from", ME), Participant("to", SAM, "Sam Okafor")),
        data={"message_id": "<sent@x>", "sent": True},
    )  # fmt: skip
    return house


def writes(house: House, address: str, name: str, *, times: int = 1) -> None:
    for n in range(times):
        people = (Participant("from", address, name), Participant("to", ME))
        house.message(f"{address}{n}", people=people, author=name)
    house.sync()


def ask(house: House, who: str = "Sam") -> Run:
    return house.app.ask(f'mail {who}: "The figures are in."', fresh=False)


class TestWhichSam:
    @pytest.mark.parametrize(("times", "said"), [(1, "once"), (2, "twice"), (3, "3 times")])
    def test_who_wrote_and_was_never_written_to_is_marked(self, house: House, times: int, said: str) -> None:
        writes(house, "sam@example.net", "Sam Okafor", times=times)
        run = ask(house)
        assert run.status == "unclear"
        assert run.answer.splitlines() == [
            f"Which Sam do you mean: Sam Okafor ({SAM}), Sam Okafor (sam@example.net)?",
            f"  ! sam@example.net has written to you {said}, you never to them.",
        ]

    def test_and_what_the_address_looks_like(self, house: House) -> None:
        writes(house, FALSE, "Sam Okafor")
        assert ask(house).answer.endswith(f"; it could be taken for {SAM}, whom you know.")
        writes(house, "s@exmaple.org", "Sam Okafor")
        assert "“exmaple.org” could be taken for example.org" in ask(house).answer

    def test_the_plan_that_is_only_shown_asks_alike(self, house: House) -> None:
        writes(house, FALSE, "Sam Okafor")
        made = house.app.plan('mail Sam: "The figures are in."')
        assert getattr(made, "message", "") == ask(house).answer

    def test_two_who_are_known_are_asked_about_as_ever(self, house: House) -> None:
        house.know("jones@example.org")
        house.message(
            "other", folder="Sent", label=Label("user", (), (ME, "jones@example.org")),
            people=(Participant("from", ME), Participant("to", "jones@example.org", "Sam Jones")),
            data={"message_id": "<other@x>", "sent": True},
        )  # fmt: skip
        house.sync()
        assert "!" not in ask(house).answer

    def test_whoever_is_called_by_the_bare_name_does_not_take_the_place_of_the_known(
        self, house: House
    ) -> None:
        writes(house, "mallory@example.net", "Sam")
        run = ask(house)
        assert run.status == "unclear"
        assert f"Sam Okafor ({SAM}), Sam (mallory@example.net)?" in run.answer

    def test_a_name_cannot_play_an_address_or_speak_in_a_choice(self, house: House) -> None:
        writes(house, "mallory@example.net", f"Sam ({SAM}) <{SAM}>, and bo@example.org")
        run = ask(house)
        assert f"“Sam ({SAM}) <{SAM}>, and bo@example.org” (mallory@example.net)?" in run.answer
        assert run.choices[1] == 'mail mallory@example.net: "The figures are in."'
