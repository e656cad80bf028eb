"""Documentation that cannot rot: what exists is written down, and what is written down exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from deskhand.agent.desk.methods import METHODS
from deskhand.agent.plans import reference
from deskhand.agent.terminal.cli import app
from deskhand.agent.terminal.screen import CODES
from deskhand.agent.trust import reference as policy
from deskhand.config.settings import Settings
from deskhand.connectors import kinds, options
from deskhand.connectors.operations import OPERATIONS

ROOT = Path(__file__).parent.parent
PAGES = {
    p.relative_to(ROOT).as_posix(): p.read_text("utf-8")
    for p in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
}


def commands() -> list[str]:
    """Every command, sub-commands as `schedule add`."""
    group = typer.main.get_command(app)
    found = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found += [f"{name} {sub}" for sub in inner] if inner else [name]
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_has_its_json_described(command: str) -> None:
    assert re.search(rf"`{re.escape(command)}[ `]", PAGES["docs/json.md"]) or command == "serve"


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command: str) -> None:
    assert re.search(rf"\b{command.split()[0]}\b", PAGES["README.md"])


def test_every_command_the_docs_name_exists() -> None:
    known = {c.split()[0] for c in commands()}
    for page, text in PAGES.items():
        for line in re.findall(r"^ {4,}(?:\$ )?deskhand (\w+)|`deskhand (\w+)", text, re.M):
            (word,) = filter(None, line)
            assert word in known, f"{page} names `deskhand {word}`"


def test_every_setting_is_described() -> None:
    page = PAGES["docs/configuration.md"]
    for section, field in Settings.model_fields.items():
        if section == "sources":
            continue
        assert f"[{section}]" in page
        for key in getattr(field.annotation, "model_fields", ()):
            assert re.search(rf"^{key} = ", page, re.M), f"{section}.{key}"


def test_every_source_and_each_of_its_options_is_described() -> None:
    page = PAGES["docs/sources.md"]
    for kind in set(kinds()) - {"memory"}:
        assert f"## {kind}" in page
        part = page.partition(f"## {kind}")[2].partition("\n## ")[0]
        for option in options(kind):
            assert f"`{option}`" in part, f"{kind}: {option}"


def test_every_operation_is_in_the_policy_table() -> None:
    for name in OPERATIONS:
        assert f"\n| {name} |" in PAGES["docs/policy.md"]


def test_the_policy_table_is_made_of_the_data() -> None:
    written = "Write it anew: python -m deskhand.agent.trust.reference"
    assert PAGES["docs/policy.md"] == policy.page(PAGES["docs/policy.md"]), written
    assert len(policy.table().splitlines()) > len(OPERATIONS)


def test_the_page_of_operations_is_made_of_the_code() -> None:
    written = "Write it anew: python -m deskhand.agent.plans.reference > docs/operations.md"
    assert PAGES["docs/operations.md"] == reference.page(), written


def test_every_exit_code_is_described() -> None:
    for code in set(CODES.values()):
        assert f"| {code} |" in PAGES["docs/json.md"]


def test_every_test_the_threat_model_points_at_exists() -> None:
    """`tests/a/test_b.py`, `test_c.py` beside the one before it, and `::test_d` for one test of it."""
    folder, seen = Path(), 0
    for name, test in re.findall(
        r"`((?:tests/)?[\w/]+(?:\.py|/))(?:::(\w+))?`", PAGES["docs/threat-model.md"]
    ):
        if not name.startswith(("tests/", "test_")):
            continue
        path = ROOT / name if name.startswith("tests/") else folder / name
        assert path.exists(), f"{name} (looked for {path})"
        assert not test or f"def {test}(" in path.read_text("utf-8"), f"{name}::{test}"
        folder, seen = path.parent, seen + 1
    assert seen > 60


def test_each_risk_of_the_ten_and_each_asset_names_what_shows_it() -> None:
    page = PAGES["docs/threat-model.md"]
    for n in range(1, 11):
        (row,) = re.findall(rf"^\| ASI{n:02} .*$", page, re.M)
        _, _, mechanism, shown, _ = row.split("|")
        assert len(mechanism.split()) > 10, row
        assert "`tests/" in shown, row
    assets = page.partition("## What is to be protected")[2].partition("## Who can")[0]
    for row in re.findall(r"^\| .*$", assets, re.M)[1:]:
        assert "`tests/" in row.split("|")[4], row
    left = page.partition("## What is not promised")[2].partition("\n## ")[0]
    assert len(re.findall(r"^\* ", left, re.M)) >= 5
    assert "can be lied to" in left
    assert "Side channels" in left


def test_links_between_pages_lead_somewhere() -> None:
    for page, text in PAGES.items():
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert ((ROOT / page).parent / target).exists(), f"{page} -> {target}"


def test_the_loopback_door_offers_what_the_commands_need() -> None:
    assert {"sync", "search", "ask", "decide", "runs", "show", "undo", "digest", "doctor"} <= METHODS.keys()
