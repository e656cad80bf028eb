"""Setting what holds for every run by typing it: names, groups, preferences."""

from __future__ import annotations

import tomllib

import pytest
from agent_givens import ANN, BO, House

from deskhand.agent.desk import overview
from deskhand.agent.errors import Refusal


def settings(house: House) -> dict[str, object]:
    file = house.app.home.config_file
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}


@pytest.mark.parametrize("name", [["leads"], ["groups.leads"], ["group", "leads"]])
def test_a_name_for_several_people_is_a_group(house: House, name: list[str]) -> None:
    said = overview.put(house.app, [*name, f"{ANN}, {BO}"])
    assert said["set"] == ["groups", "leads"]
    assert settings(house)["groups"] == {"leads": [ANN, BO]}
    assert house.app.owner.groups == {"leads": (ANN, BO)}
    overview.drop(house.app, ["leads"])
    assert house.app.owner.groups == {}


@pytest.mark.parametrize(
    "name", [["the supplier"], ["nickname", "the", "supplier"], ["nicknames.the supplier"]]
)
def test_a_name_for_one_is_a_nickname(house: House, name: list[str]) -> None:
    said = overview.put(house.app, [*name, BO])
    assert said["set"] == ["nicknames", "the supplier"]
    assert house.app.owner.called == {"supplier": (BO,)}


def test_whom_nobody_knows_is_refused_and_nothing_is_set(house: House) -> None:
    with pytest.raises(Refusal, match="I know nobody called Zoe"):
        overview.put(house.app, ["leads", f"{ANN}, Zoe"])
    assert "groups" not in settings(house)
