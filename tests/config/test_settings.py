"""Settings from a file and the environment; every mistake is told with its place."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.config.errors import ConfigError
from deskhand.config.hours import read_hours
from deskhand.config.sending import Sending
from deskhand.config.settings import Settings, check, load
from deskhand.config.vault import Secrets

FULL = """\
# mine
[person]
name = "Ana"
email = "Ana@example.org"
aliases = [
    "ana@example.net",  # private
]
zone = "Europe/Paris"
hours = "09:00-12:30, 13:30-17:00"
locale = "en_US"

[sources.mail]
kind = "imap"
place = "imap.example.org"
password = "env:MAIL"
port = 993

[policy]
send_alone = true

[approvals]
expire_after_days = 3
"""


def read(text: str, environ: Mapping[str, str] | None = None) -> Settings:
    return check(text, name="config.toml", environ=environ or {})


def mistake(text: str, environ: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        read(text, environ)
    return str(caught.value)


class TestReading:
    def test_no_file_is_the_defaults(self, tmp_path: Path) -> None:
        assert load(tmp_path / "config.toml", environ={}) == Settings()
        assert Settings().approvals.expire_after_days == 7
        assert Settings().engine.kind == "dbos"

    def test_everything(self, tmp_path: Path) -> None:
        file = tmp_path / "config.toml"
        file.write_bytes(b"\xef\xbb\xbf" + FULL.encode())
        settings = load(file, environ={})
        assert settings.person.addresses == {"ana@example.org", "ana@example.net"}
        assert settings.person.week[0] == ((540, 750), (810, 1020))
        assert settings.person.week[5:] == ((), ())
        assert settings.policy.send_alone is True
        mail = settings.sources["mail"]
        assert (mail.kind, mail.place) == ("imap", "imap.example.org")
        assert mail.options == {"password": "env:MAIL", "port": 993}

    def test_a_week_day_by_day(self) -> None:
        week = read(
            '[person.hours]\nmonday = "10:00-14:00"\nSaturday = "off"\nsunday = "00:00-24:00"'
        ).person.week
        assert week == (((600, 840),), (), (), (), (), (), ((0, 1440),))

    def test_values_are_frozen(self) -> None:
        with pytest.raises(ValueError, match="frozen"):
            read("").person.name = "x"


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (
                '[person]\nname = "a"\nzone "x"',
                "config.toml, line 3, column 6: expected '=' after the key 'zone'.",
            ),
            (
                "[person]\nzone = Europe/Paris\n",
                "config.toml, line 2, column 8: the value of 'zone' cannot be read",
            ),
            ('[person]\nname = "Ana\n', "line 2, column 12: the text of 'name' has no closing quote"),
            ('[person]\nname = "Ana', "line 2: the text of 'name' has no closing quote"),
            ('[person]\nname = "a"\nname = "b"\n', "line 3, column 11: the key 'name' is there twice"),
            ("[person]\n[digest]\n[person]\n", "line 3, column 8: the section [person] is there twice"),
            ("[person\n", "line 1, column 8: the name of a section needs a closing ']'"),
            ('[person]\naliases = ["a@b",\n', "the list of 'aliases' has no closing ']'"),
            ('[person]\nname = "a" "b"\n', "line 2, column 12: something follows the value of 'name'"),
        ],
    )
    def test_broken_toml(self, text: str, words: str) -> None:
        assert words in mistake(text)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("\n[persn]", "config.toml, line 2: there is no section [persn] (did you mean 'person'?)."),
            (
                "[person]\n\nzon = 'x'",
                "config.toml, line 3: there is no key 'zon' in [person] (did you mean 'zone'?).",
            ),
            ("[person]\nname = 3", "line 2: 'name' must be text, in quotes."),
            ("[digest]\nwaiting_days = 'x'", "line 2: 'waiting_days' must be a whole number."),
            ("[digest]\nwaiting_days = 0", "line 2: 'waiting_days' should be greater than or equal to 1."),
            ("person = 3", "line 1: 'person' must be a section."),
            ("[person]\naliases = [\n 'a@b',\n 'x']", "line 2: 'aliases': 'x' is no mail address."),
            ("[person]\nemail = 'a b@c'", "line 2: 'email': 'a b@c' is no mail address."),
            ("[person]\nlocale = 'English'", "line 2: 'locale': 'English' is no locale"),
            (
                "[person]\nhours = '9-5'",
                "line 2: 'hours': '9-5' are no hours; write them as \"09:00-17:30\".",
            ),
            ("[person]\nhours = '17:00-09:00'", "ends before it begins"),
            ("[person]\nhours = '09:00-25:00'", "is no time of a day"),
            (
                "[person.hours]\nmoonday = '09:00-10:00'",
                "line 1: 'hours': there is no day 'moonday' (did you mean 'monday'?)",
            ),
            (
                "[engine]\nurl = 'postgresql://u:sk-123@db/x'",
                "line 2: 'url' is an address with a password in it, which settings must not hold",
            ),
            ("[engine]\nkind = 'celery'", "line 2: 'kind' should be 'dbos' or 'memory'."),
            ("[sources.mail]\nplace = 'x'", "line 1: [sources.mail] needs the key 'kind'."),
            ("[sources.Mail]\nkind = 'x'", "line 1: A source cannot be called 'Mail'"),
            ("[sources.'a:b']\nkind = 'x'", "line 1: A source cannot be called 'a:b'"),
            ("sources.a.kind = 3", "line 1: 'kind' must be text, in quotes."),
        ],
    )
    def test_wrong_settings(self, text: str, words: str) -> None:
        said = mistake(text)
        assert words in said
        assert "sk-123" not in said

    @pytest.mark.parametrize(
        ("zone", "near"),
        [
            ("Europe/Pariss", "Europe/Paris"),
            ("Lisbon", "Europe/Lisbon"),
            ("new york", "America/New_York"),
            ("europe/lisbon", "Europe/Lisbon"),
            ("Asia/Calcuta", "Asia/Calcutta"),
        ],
    )
    def test_unknown_zones_get_the_nearest(self, zone: str, near: str) -> None:
        said = mistake(f"[person]\nzone = '{zone}'")
        assert said.startswith(f"config.toml, line 2: 'zone': there is no time zone '{zone}'; near it: ")
        assert near in said

    @pytest.mark.parametrize(
        "zone", ["", "Europe", "../etc/passwd", "/etc/localtime", "x" * 5000, "a\\u0000b"]
    )
    def test_no_zones_at_all(self, zone: str) -> None:
        said = mistake(f'[person]\nzone = "{zone}"')
        assert "there is no time zone" in said
        assert len(said) < 400

    def test_several_in_the_order_of_the_file(self) -> None:
        said = mistake("[digest]\nwaiting_days = 'x'\nfoo = 1\n[person]\nname = 3\n").splitlines()
        assert [line.partition(":")[0] for line in said] == [f"config.toml, line {n}" for n in (2, 3, 5)]

    def test_a_secret_in_the_clear_is_not_repeated(self) -> None:
        said = mistake("[sources.mail]\nkind = 'imap'\npassword = 'hunter2'\n")
        assert said.startswith("config.toml, line 3: 'password' holds a secret in the clear")
        assert "hunter2" not in said
        assert "line 3" in mistake("[sources.mail]\nkind='imap'\nplace='imap://ana:hunter2@example.org'")

    @pytest.mark.parametrize("text", ["x = " + "[" * 20_000, "a." * 500 + "a = 1", "\0", "\x1b[31m = 1"])
    def test_hostile_text(self, text: str) -> None:
        assert mistake(text).startswith("config.toml")

    def test_a_file_that_is_no_text_or_too_large(self, tmp_path: Path) -> None:
        file = tmp_path / "config.toml"
        for data, words in [
            (b"[person]\nname = '\xff'", "line 2: this is not text"),
            (b"#" * 2_000_000, "1 MB"),
        ]:
            file.write_bytes(data)
            with pytest.raises(ConfigError, match=words):
                load(file, environ={})
        with pytest.raises(ConfigError, match="cannot be read"):
            load(tmp_path, environ={})

    @given(st.text(max_size=60))
    def test_any_text_is_settings_or_a_sentence(self, text: str) -> None:
        for written in (text, f"[person]\n{text}", f"[person]\nhours = {text}", f"[sources.a]\n{text}"):
            assert outcome(written).startswith(("settings", "config.toml"))


def outcome(text: str) -> str:
    try:
        read(text)
    except ConfigError as e:
        return str(e)
    return "settings"


class TestEnvironment:
    def test_stands_above_the_file(self) -> None:
        settings = read(
            FULL,
            {
                "DESKHAND_PERSON__ZONE": "Asia/Kolkata",
                "deskhand_person__aliases": '["a@example.com"]',
                "DESKHAND_APPROVALS__EXPIRE_AFTER_DAYS": "30",
                "DESKHAND_SOURCES__MAIL__PLACE": "mail.example.com",
                "DESKHAND_SOURCES__CAL__KIND": "ics",
                "DESKHAND_PERSON__NAME": "",
                "DESKHAND_HOME": "/x",
                "DESKHAND_NOW": "2026-11-22T08:00:00Z",
                "OTHER__THING": "x",
            },
        )
        assert (settings.person.zone, settings.person.name) == ("Asia/Kolkata", "Ana")
        assert settings.person.aliases == ("a@example.com",)
        assert settings.approvals.expire_after_days == 30
        assert settings.sources["mail"].place == "mail.example.com"
        assert settings.sources["mail"].options["port"] == 993
        assert settings.sources["cal"].kind == "ics"

    def test_hours_as_they_are_written(self) -> None:
        assert read("", {"DESKHAND_PERSON__HOURS": "10:00-12:00"}).person.week[4] == ((600, 720),)

    @pytest.mark.parametrize(
        ("variable", "value", "words"),
        [
            (
                "DESKHAND_PERSON__ZONE",
                "Pariss",
                "'zone': there is no time zone 'Pariss'; near it: Europe/Paris",
            ),
            ("DESKHAND_PERSN__ZONE", "x", "there is no section [persn] (did you mean 'person'?)."),
            ("DESKHAND_PERSON__ZON", "x", "there is no key 'zon' in [person] (did you mean 'zone'?)."),
            ("DESKHAND_PERSON__ALIASES", "a,b", "a list or table is written as JSON"),
            ("DESKHAND_DIGEST__WAITING_DAYS", "x", "'waiting_days' must be a whole number."),
            ("DESKHAND_PERSON", "3", "'person' must be a section."),
        ],
    )
    def test_mistakes_name_the_variable(self, variable: str, value: str, words: str) -> None:
        said = mistake("[person]\nname = 'x'\n", {variable: value})
        assert said.startswith(f"{variable}: ")
        assert words in said


@given(st.lists(st.integers(0, 1440), min_size=2, max_size=8, unique=True).map(sorted))
def test_hours_read_back(bounds: list[int]) -> None:
    spans = tuple(zip(bounds[::2], bounds[1::2], strict=False))
    written = ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in spans)
    assert read_hours(written) == (spans,) * 5 + ((), ())


def test_reading_settings_needs_no_more_than_pydantic() -> None:
    """What a cold start pays for: heavy libraries come with what needs them."""
    code = (
        "import sys; from pathlib import Path; from deskhand.config.settings import load;"
        "load(Path('/nowhere/config.toml'), environ={'DESKHAND_HOME': '/x'});"
        "print([m for m in ('pydantic_settings', 'tomlkit', 'platformdirs', 'difflib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("hold", "told"), [("0", "'0s', which switches it off"), (30, "'30s' or '30m'")])
def test_a_hold_says_its_unit(hold: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Sending.model_validate({"hold": hold})
    assert Sending(hold="0s").held == timedelta(0)


def test_sending_alone_is_a_plain_yes_or_no() -> None:
    assert check("[policy]\nsend_alone = true", name="c", environ={}).policy.send_alone is True
    assert check("", name="c", environ={"DESKHAND_POLICY__SEND_ALONE": "false"}).policy.send_alone is False
    with pytest.raises(ConfigError, match="send_alone"):
        check("[policy]\nsend_allone = true", name="c", environ={})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[policy]\nsend_alone = 'yes'", "c, line 2: 'send_alone' must be true or false"),
        ("[policy]\nsend_alone = 1", "c, line 2: 'send_alone' must be true or false"),
        (
            "[policy.rows.'mail.move many']\nat_once = '5'",
            "c, line 2: 'at_once' must be a whole number",
        ),
        (
            "[policy.rows.'mail.move many']\nat_once = true",
            "c, line 2: 'at_once' must be a whole number",
        ),
    ],
)
def test_what_goes_ahead_alone_is_not_guessed_at(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        check(text, name="c", environ={})


class TestModel:
    GIVEN = """\
[model]
name = "openai:one"
base_url = "http://127.0.0.1:8080/v1"
api_key = "env:KEY"
timeout = 20
options = { temperature = 0 }
fallbacks = ["openai:two", "anthropic:three", { name = "ollama:four", base_url = "http://10.0.0.2" }]
"""

    def test_none_is_asked_unless_one_is_named(self) -> None:
        assert read("").model.guests == ()
        assert read('[model]\ntimeout = 5\nfallbacks = ["openai:two"]').model.guests == ()

    def test_who_is_asked_and_how(self) -> None:
        one, two, three, four = read(self.GIVEN).model.guests
        assert (one.name, one.timeout, one.options) == ("openai:one", 20.0, {"temperature": 0})
        assert one.key(Secrets({"KEY": "sk-1"})) == "sk-1"
        assert two == one.model_copy(update={"name": "openai:two"})
        assert (three.name, three.base_url, three.api_key, three.timeout) == ("anthropic:three", "", "", 20.0)
        assert (four.name, four.base_url, four.api_key) == ("ollama:four", "http://10.0.0.2", "")

    def test_a_key_that_is_not_there_is_said_when_it_is_asked_for(self) -> None:
        with pytest.raises(ConfigError, match="The environment variable KEY is not set"):
            read(self.GIVEN).model.guests[0].key(Secrets({}))

    def test_the_environment_names_one(self) -> None:
        found = read("", {"DESKHAND_MODEL__NAME": "openai:x", "DESKHAND_MODEL__FALLBACKS": '["ollama:y"]'})
        assert [g.name for g in found.model.guests] == ["openai:x", "ollama:y"]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("[model]\nname = 'gpt'", "line 2: 'name': 'gpt' is no model; write provider and model, like"),
            ("[model]\nname = 'a:b'\ntimeout = 0", "line 3: 'timeout' should be greater than 0."),
            ("[model]\nbase_url = 'localhost'", "line 2: 'base_url': 'localhost' is no address of a server"),
            ("[model]\nfallbacks = ['x']", "'fallbacks'"),
            ("[model]\nfallbacks = [{base_url = 'http://x'}]", "line 2: 'fallbacks': each needs a name."),
            ("[model]\napi_key = 'sk-123'", "line 2: 'api_key' holds a secret in the clear"),
            ("[model]\noptions = {api_key = 'sk-123'}", "'api_key' holds a secret in the clear"),
            (
                "[model]\noptions = {default_headers = {Authorization = 'Bearer sk-123-456'}}",
                "line 2: 'Authorization' holds a secret in the clear",
            ),
            (
                "[model]\noptions = {extra = [{x-api-key = 'sk-123'}]}",
                "line 2: 'x-api-key' holds a secret in the clear",
            ),
            ("[model]\noptions = {default_query = {q = 'Bearer sk-123-456'}}", "line 2: 'q' holds a secret"),
            ("[model]\nfallbacks = [{name = 'a:b', api_key = 'sk-123'}]", "line 2: 'api_key' holds a secret"),
            ("[model]\nbase_url = 'http://u:sk-123@x'", "line 2: 'base_url' is an address with a password"),
            ("[model]\nmodel = 'x'", "line 2: there is no key 'model' in [model]"),
        ],
    )  # fmt: skip
    def test_mistakes(self, text: str, words: str) -> None:
        said = mistake(text)
        assert words in said
        assert "sk-123" not in said


class TestCallsToASource:
    MAIL = "[sources.mail]\nkind = 'maildir'\nplace = '/m'\n"

    def test_a_limit_for_a_source_that_is_not_there_is_refused(self) -> None:
        said = mistake(self.MAIL + "[budget]\ncalls = {mial = 500}")
        assert said == (
            "config.toml, line 5: there is no source called 'mial' (did you mean 'mail'?), "
            "so nothing can be limited."
        )

    def test_one_for_a_source_that_is_there_is_taken(self) -> None:
        assert read(self.MAIL + "[budget.calls]\nmail = 0").budget.calls == {"mail": 0}

    def test_the_environment_may_speak_of_a_source_that_a_program_plugs_in(self) -> None:
        found = read(self.MAIL, {"DESKHAND_BUDGET__CALLS": '{"memory": 7}'})
        assert found.budget.calls == {"memory": 7}
