"""Settings about people, rooms and meetings: read whole, and every mistake told where it is."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from deskhand.agent.home.people import owner_of
from deskhand.agent.slots import Preferences
from deskhand.config.errors import ConfigError
from deskhand.config.people import Weights
from deskhand.config.settings import Settings, load

WHOLE = """
[person]
zone = "Europe/Lisbon"
country = "PT"
subdivision = "11"
days_off = ["2026-12-24", 2026-12-28, "2026-12-30/2027-01-02"]

[people."Ann@Example.org"]
name = "Ann Ruiz"
zone = "America/New_York"
hours = { monday = "08:00-16:00" }
country = "US"
must_confirm = true
likes = "09:00-11:00"
likes_days = ["tuesday", "Thursday"]

[rooms.Board]
address = "board@example.org"
source = "board"
seats = 8

[meetings]
notice = 120
buffer = 5
travel = 30
here = ["Office"]
lunch = "12:30-13:15"
keep_lunch = true
focus = { tuesday = "09:00-11:00" }
most_a_day = 5
likes = "10:00-12:00"
grid = 30
learn_hours = true
weights = { later = 7, core = "08:00-18:00", parts = ["morning"] }
"""


def test_an_address_that_is_only_written_under_is_not_hers_alone(tmp_path: Path) -> None:
    owner = owner_of(
        read(
            tmp_path,
            '[sources.mail]\nkind = "imap"\nplace = "noor@home.example"\n'
            '[sources.team]\nkind = "imap"\nplace = "team@example.net"\n'
            'sender = "Support <support@example.org>"\n',
        )
    )
    assert {"support@example.org", "noor@home.example"} <= owner.addresses
    assert owner.shared == {"support@example.org"}


def read(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8")
    return load(file, environ={})


def test_everything_arrives_where_it_is_used(tmp_path: Path) -> None:
    owner = owner_of(read(tmp_path, WHOLE))
    assert owner.off.country == "PT"
    assert owner.off.days == (
        date(2026, 12, 24), date(2026, 12, 28), *(date(2026, 12, d) for d in (30, 31)),
        date(2027, 1, 1), date(2027, 1, 2),
    )  # fmt: skip
    (ann,) = owner.people
    assert (ann.address, ann.name, ann.zone) == ("ann@example.org", "Ann Ruiz", "America/New_York")
    assert ann.hours == (((480, 960),), (), (), (), (), (), ())
    assert ann.must_confirm
    assert (ann.likes, ann.likes_days) == (((540, 660),), frozenset({1, 3}))
    (room,) = owner.rooms
    assert (room.name, room.address, room.seats) == ("Board", "board@example.org", 8)
    habits = owner.habits
    assert (habits.notice.total_seconds(), habits.buffer, habits.travel) == (7200, 5, 30)
    assert (habits.lunch, habits.keep_lunch, habits.most_a_day) == ((750, 795), True, 5)
    assert habits.focus[1] == ((540, 660),)
    assert (habits.grid, habits.learn_hours, habits.here) == (30, True, ("office",))
    assert habits.prefer == Preferences(
        later=7, core=(480, 1080), parts=frozenset({"morning"}), lunch_span=(750, 795)
    )


def test_nothing_set_is_what_was_before(tmp_path: Path) -> None:
    owner = owner_of(read(tmp_path, ""))
    assert owner.habits.prefer == Preferences()
    assert (owner.people, owner.rooms, owner.off.days) == ((), (), ())
    assert not owner.habits.learn_hours


def test_every_preference_has_its_weight() -> None:
    """`lunch_span` is `lunch` in [meetings]."""
    assert set(Weights.model_fields) | {"lunch_span"} == {f.name for f in fields(Preferences)}


def test_every_weight_is_documented_with_its_default() -> None:
    page = (Path(__file__).parents[2] / "docs/configuration.md").read_text("utf-8")
    for field in fields(Preferences):
        default = getattr(Preferences(), field.name)
        if field.name in Weights.model_fields and isinstance(default, int):
            assert f"`{field.name}` ({default})" in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[people."ann@example.org"]\nzone = "Europe/Lisbonn"', "line 2: 'zone': there is no time zone"),
        ('[people."ann@example.org"]\nhour = "x"', "line 2: there is no key 'hour'"),
        ("[people.ann]\nname = 'x'", "'ann' is no mail address"),
        (
            "[rooms.board]\nseat = 1",
            "line 2: there is no key 'seat' in [rooms.board] (did you mean 'seats'?)",
        ),
        ("[rooms.board]\nseats = 'many'", "'seats' must be a whole number"),
        ("[meetings]\ngrid = 7", "line 2: 'grid' should be 5, 10, 15, 20, 30 or 60"),
        ("[meetings]\nlunch = '12'", "'lunch': '12' are no hours"),
        ("[meetings]\nlunch = '11:00-12:00, 13:00-14:00'", "is not one stretch of a day"),
        (
            "[meetings]\nfocus = { tuesdy = '09:00-10:00' }",
            "there is no day 'tuesdy' (did you mean 'tuesday'?)",
        ),
        ("[meetings]\nlikes_days = ['someday']", "there is no day 'someday'"),
        ("[meetings.weights]\nlatr = 1", "line 2: there is no key 'latr' in [meetings.weights]"),
        ("[meetings.weights]\nlater = -1", "line 2: 'later': points are 0 to 100000"),
        ("[person]\ndays_off = ['Christmas']", "'Christmas' is no day"),
        ("[person]\ndays_off = ['2026-12-24/2026-12-01']", "ends before it begins"),
        ("[person]\ncountry = 'Portugal'", "'Portugal' is no country; write its two letters"),
        ("[person]\nsubdivision = '11'", "a subdivision needs its country"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(tmp_path, text)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("country", "said"),
    [
        ("country = 'XX'", "'XX' are not known"),
        ("country = 'DE'\nsubdivision = 'ZZ'", "DE has no part 'ZZ'; it has: "),
    ],
)
def test_a_country_without_known_holidays_is_told(tmp_path: Path, country: str, said: str) -> None:
    settings = read(tmp_path, f'[people."ann@example.org"]\n{country}')
    with pytest.raises(ConfigError) as error:
        owner_of(settings)
    assert said in str(error.value)
    assert '[people."ann@example.org"]' in str(error.value)


class TestGroups:
    def test_they_are_named_as_they_are_said(self, tmp_path: Path) -> None:
        text = '[groups]\n"Direct  Reports" = ["Ann@Example.org", "bo@example.org", "ann@example.org"]\n'
        assert owner_of(read(tmp_path, text)).groups == {
            "direct reports": ("ann@example.org", "bo@example.org")
        }

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('team = ["Ann"]', "'Ann' is no mail address"),
            ("team = []", "has 0 people"),
            ('team = "ann@example.org"', "must be a list"),
            ('everyone = ["ann@example.org"]', "names no group"),
            ('"a@b" = ["ann@example.org"]', "names no group"),
            ('team = ["ann@example.org"]\nTeam = ["bo@example.org"]', "is there twice"),
        ],
    )
    def test_mistakes_are_told(self, text: str, told: str, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=told):
            read(tmp_path, f"[groups]\n{text}\n")
