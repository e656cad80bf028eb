"""Changing config.toml: what was not meant stays, and the file is whole at any moment."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.config.edit import add_source, change_source, remove_source, set_person
from deskhand.config.errors import ConfigError
from deskhand.config.settings import load

MINE = """\
# the top
[sources.a]  # first
kind = 'x'

# about me
[person]
name = 'Ana'   # me

[sources.b]
kind = 'y'
# a remark on the port
port = 1

# the end
[digest]
waiting_days = 5
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_from_nothing(file: Path) -> None:
    set_person(
        file, name="Ana", email="ana@example.org", zone="Europe/Paris", hours={"monday": "09:00-12:00"}
    )
    add_source(
        file, "mail", kind="maildir", place="~/Mail", options={"outbox": "~/Out", "none": None, "n": 3}
    )
    got = load(file, environ={})
    assert got.person.name == "Ana"
    assert got.person.week[0] == ((540, 720),)
    assert got.sources["mail"].options == {"outbox": "~/Out", "n": 3}
    assert file.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in file.parent.iterdir()] == ["config.toml"]


def test_comments_and_order_stay(file: Path) -> None:
    file.write_text(MINE)
    set_person(file, zone="Europe/Lisbon", name="Ana B.")
    add_source(file, "c", kind="z", place="/p")
    text = file.read_text()
    for line in MINE.splitlines():
        if "Ana" not in line:
            assert line in text.splitlines()
    assert 'name = "Ana B."   # me' in text
    assert (
        text.index("[sources.a]")
        < text.index("[person]")
        < text.index("[digest]")
        < text.index("[sources.c]")
    )


def test_removing_takes_only_what_belongs_to_it(file: Path) -> None:
    file.write_text(MINE)
    remove_source(file, "b")
    assert file.read_text() == MINE.replace(
        "[sources.b]\nkind = 'y'\n# a remark on the port\nport = 1\n\n", ""
    )
    remove_source(file, "a")
    assert "# the top" in file.read_text()
    assert "# about me\n[person]" in file.read_text()


@pytest.mark.parametrize("limits", ["[budget.calls]\na = 5\nb = 7\n", "[budget]\ncalls = {a = 5, b = 7}\n"])
def test_removing_takes_the_limit_of_calls_along(file: Path, limits: str) -> None:
    file.write_text("[sources.a]\nkind = 'x'\n\n[sources.b]\nkind = 'y'\n\n" + limits)
    remove_source(file, "b")
    assert tomllib.loads(file.read_text()) == {
        "sources": {"a": {"kind": "x"}}, "budget": {"calls": {"a": 5}}
    }  # fmt: skip


def test_adding_and_removing_again_is_nothing(file: Path) -> None:
    file.write_text(MINE)
    add_source(file, "c", kind="z", place="/p", options={"tags": ["x"]})
    remove_source(file, "c")
    assert file.read_text().rstrip() == MINE.rstrip()


@pytest.mark.parametrize(
    "text",
    [
        "sources = {a = {kind = 'x'}}\n",
        "[sources]\na = {kind = 'x'}",
        "[sources]\na.kind = 'x'\n",
        "[sources]\n[sources.a]\nkind = 'x'\n[sources.a.deep]\nx = 1\n",
        "\r\n[sources.a]\r\nkind = 'x'\r\n",
        "[sources . 'a']\nkind = '''\n[sources.a]\n'''\n",
    ],
)
def test_other_ways_to_write_the_same(file: Path, text: str) -> None:
    file.write_bytes(text.encode())
    add_source(file, "b", kind="y", place="/p")
    assert set(load(file, environ={}).sources) == {"a", "b"}
    remove_source(file, "a")
    assert set(load(file, environ={}).sources) == {"b"}


@pytest.mark.parametrize(
    ("alias", "options", "words"),
    [
        ("a", {}, "There is a source called 'a' already"),
        ("a:b", {}, "cannot be called 'a:b'"),
        ("", {}, "cannot be called"),
        ("c", {"password": "hunter2"}, "holds a secret in the clear"),
    ],
)
def test_refused_sources_change_nothing(
    file: Path, alias: str, options: dict[str, object], words: str
) -> None:
    file.write_text(MINE)
    with pytest.raises(ConfigError, match=words):
        add_source(file, alias, kind="x", place="/p", options=options)
    assert file.read_text() == MINE


def test_refused_persons_change_nothing(file: Path) -> None:
    file.write_text(MINE)
    with pytest.raises(ConfigError, match="near it: Europe/Paris"):
        set_person(file, zone="Pariss")
    with pytest.raises(ConfigError, match="no mail address"):
        set_person(file, email="ana")
    assert file.read_text() == MINE


def test_removing_what_is_not_there(file: Path) -> None:
    file.write_text("[sources.mail]\nkind = 'x'\n")
    with pytest.raises(ConfigError, match="no source called 'mial' \\(did you mean 'mail'"):
        remove_source(file, "mial")


def test_a_broken_file_is_not_touched(file: Path) -> None:
    file.write_text("[person]\nname 'x'\n")
    with pytest.raises(ConfigError, match="line 2"):
        add_source(file, "a", kind="x", place="/p")
    assert file.read_text() == "[person]\nname 'x'\n"


def test_a_link_stays_a_link(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles"
    kept.mkdir()
    (kept / "deskhand.toml").write_text(MINE)
    file.symlink_to(kept / "deskhand.toml")
    set_person(file, name="Bo")
    assert file.is_symlink()
    assert load(kept / "deskhand.toml", environ={}).person.name == "Bo"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be (opened|written)"):
        set_person(tmp_path / "no" / "config.toml", name="x")


def test_two_commands_at_once_both_add_theirs(file: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from deskhand.config.edit import add_source\n"
        "for n in range(8): add_source(Path(sys.argv[1]), f'{sys.argv[2]}{n}', kind='x', place='/p')"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(file), name]) for name in "ab"]
    assert [p.wait(timeout=60) for p in running] == [0, 0]
    assert len(load(file, environ={}).sources) == 16


ALIASES = st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True)
PLAIN = st.text(st.characters(codec="utf-8"), max_size=12)
NAMES = st.from_regex(r"[a-z]{3}_x", fullmatch=True)
VALUES = PLAIN | st.integers(-9, 9) | st.booleans() | st.lists(PLAIN, max_size=2)
OPTIONS = st.dictionaries(NAMES, VALUES, max_size=3)


@given(st.lists(st.tuples(ALIASES, st.booleans(), PLAIN, OPTIONS), max_size=8))
@settings(max_examples=25, deadline=None)
def test_edits_mean_what_they_say_and_keep_every_comment(
    edits: list[tuple[str, bool, str, dict[str, object]]],
) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "config.toml"
        file.write_text(MINE)
        expected = tomllib.loads(MINE)
        for alias, add, place, options in edits:
            if alias in {"a", "b"}:
                continue
            if alias in expected["sources"]:
                remove_source(file, alias)
                del expected["sources"][alias]
            elif add:
                add_source(file, alias, kind="k", place=place, options=options)
                expected["sources"][alias] = {"kind": "k", "place": place, **options}
            else:
                set_person(file, name=place)
                expected["person"]["name"] = place
            assert tomllib.loads(file.read_text()) == expected
        kept = [line for line in MINE.splitlines() if line.startswith("#")]
        assert [line for line in file.read_text().splitlines() if line in kept] == kept


def test_an_option_of_a_source_is_set_and_all_else_stays(file: Path) -> None:
    file.write_text(MINE, "utf-8")
    change_source(file, "b", {"write": True, "port": 2})
    changed = MINE.replace("port = 1", "port = 2\nwrite = true").splitlines()
    assert sorted(file.read_text("utf-8").splitlines()) == sorted(changed)
    before = file.read_bytes()
    for alias, options in (("c", {"write": True}), ("b", {"password": "in the clear"})):
        with pytest.raises(ConfigError):
            change_source(file, alias, options)
    assert file.read_bytes() == before
