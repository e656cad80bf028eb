"""docs/when-things-fail.md shows what the person really sees: every command in it is run, and compared.

Only what differs from machine to machine is passed over: folders, how long something took, how lines wrap.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from conftest import NOW, Office
from typer.testing import CliRunner

from deskhand.agent.terminal.cli import app

PAGE = (Path(__file__).parent.parent / "docs/when-things-fail.md").read_text("utf-8")
NOBODY = {
    "DESKHAND_MODEL__NAME": "openai:gpt-4.1-mini",
    "DESKHAND_MODEL__BASE_URL": "http://127.0.0.1:9/v1",  # the port of "discard": nobody listens
}


def _no_mail(office: Office) -> Mapping[str, str]:
    (office.workspace / "mail").rename(office.workspace / "unplugged")
    return {}


def _no_calendar(office: Office) -> Mapping[str, str]:
    (office.workspace / "calendar").rename(office.workspace / "unplugged")
    return {}


def _all_at_once(office: Office) -> Mapping[str, str]:
    return {**_no_mail(office), **NOBODY, "DESKHAND_BUDGET__RUN__STEPS": "1"}


SCENES: Mapping[str, Callable[[Office], Mapping[str, str]]] = {
    "A mailbox is out of reach": _no_mail,
    "A calendar is out of reach": _no_calendar,
    "The language model is out of reach": lambda _: NOBODY,
    "Meaning cannot be searched": lambda _: {"DESKHAND_EMBEDDING__MODEL": "minilml"},
    "The budget of a run is used up": lambda _: {"DESKHAND_BUDGET__RUN__STEPS": "1"},
    "The budget of the day is used up": lambda _: {"DESKHAND_BUDGET__DAY__STEPS": "2"},
    "All of it at once": _all_at_once,
}
"""What is broken in each section of the page that has commands."""


def shown(section: str) -> list[tuple[str, str]]:
    """The commands of a section, each with the output under it."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    found: list[tuple[str, str]] = []
    for block in re.findall(r"^```\n(.*?)^```", text, re.M | re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def said(office: Office, command: str) -> str:
    """What a command prints, its exit code as the shell would say it."""
    name, *words = shlex.split(command)
    assert name == "deskhand"
    result = CliRunner().invoke(app, [*words, "--home", str(office.home), "--now", NOW.isoformat()])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    exit_ = f"\n(exit code {result.exit_code})" if result.exit_code else ""
    return f"{result.output.rstrip()}{exit_}\n"


def plain(text: str, office: Office | None = None) -> str:
    """A text without what differs from machine to machine."""
    if office is not None:
        text = re.sub(rf"{re.escape(str(office.root))}", "/home/noor", text)
    text = re.sub(r"[\d.,]+ (ms|seconds?)\b", "some time", text)
    text = re.sub(r"(seconds +)[\d.]+", r"\1", text)
    return " ".join(text.split())


def test_every_section_with_commands_is_played() -> None:
    headings = re.findall(r"^## (.+)$", PAGE, re.M)
    assert {h for h in headings if shown(h)} == SCENES.keys()


@pytest.mark.parametrize("section", SCENES)
def test_the_person_sees_what_the_page_shows(
    section: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SCENES[section](office).items():
        monkeypatch.setenv(name, value)
    for command, output in shown(section):
        assert plain(said(office, command), office) == plain(output), command
