"""A OneDrive in a home, end to end: synced, searched, written after a yes where others read, taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from agent_givens import ENVIRONMENT, plan, step
from contracts import NOW
from fakes.graph.drives import Node
from fakes.graph.login import CLIENT_ID
from graph_givens import Microsoft, token
from onedrive_givens import BO, ME, OWN, SITE, fill, mine, ref
from typer.testing import CliRunner

from deskhand.agent.app import App
from deskhand.agent.terminal.cli import app
from deskhand.config.paths import Home
from deskhand.config.vault import Secrets
from deskhand.connectors import _microsoft_signin
from deskhand.connectors._microsoft_tokens import Signed, signed


@pytest.fixture
def home(microsoft: Microsoft, tmp_path: Path) -> Path:
    made = Home(tmp_path / "home").prepare().root
    Secrets(ENVIRONMENT, made).store.put("MICROSOFT", token(microsoft, allowed=OWN), to="file")
    return made


def at(opened: App, node: Node) -> dict[str, Any]:
    item = opened.archive.item(ref(node, "documents"))
    assert item is not None
    return {"source": "documents", "ref": str(item.ref), "version": item.version}


def test_documents_are_found_changed_after_a_question_where_others_read_and_taken_back(
    microsoft: Microsoft, home: Path
) -> None:
    nodes = fill(microsoft)
    drives = microsoft.world.drives
    shared = drives.file(mine(microsoft), "shared.md", "for both")
    drives.share(mine(microsoft), shared, BO)
    with App.open(home, now=NOW, environ=ENVIRONMENT | {"DESKHAND_PERSON__EMAIL": ME}) as opened:
        options = {"token": "secret:MICROSOFT", "write": "yes"}
        assert opened.add("onedrive", ME, options=options) == "documents"
        (done,) = opened.sync(embed=0).passes
        assert (done.error, done.tally.added) == ("", 7)
        assert len(opened.archive.revisions(ref(nodes["notes"], "documents"))) == 2
        assert {h.title for h in opened.search("ask Bo").hits} >= {"Plan.md"}
        own = opened.ask(
            plan(step("write", "file.replace", **at(opened, nodes["notes"]), text="mine")), fresh=False
        )
        assert own.status == "done", own.answer
        assert opened.undo(own.id, approve=True)
        assert nodes["notes"].data == b"# Notes\n\nsecond"
        asked = opened.ask(
            plan(step("write", "file.replace", **at(opened, shared), text="changed")), fresh=False
        )
        assert asked.status == "waiting", asked.answer
        (question,) = [a for a in asked.approvals if a.state == "pending"]
        assert question.summary.startswith("Write a new version of “shared.md” in documents")
        assert shared.data == b"for both"
        assert opened.decide(question.id).status == "done"
        assert shared.data == b"changed"
    with App.open(home, now=NOW, environ=ENVIRONMENT) as opened:
        assert [(p.error, p.tally.added) for p in opened.sync(embed=0).passes] == [("", 0)]


def test_at_the_terminal_more_is_allowed_when_it_is_needed(
    microsoft: Microsoft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other drives where they are chosen, writing where it is switched on; what was allowed stays."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    asked: list[set[str]] = []

    def somebody_signs_in(_app: object, _address: str, scopes: Any, **_: object) -> Signed:
        asked.append({*scopes})
        return signed(token(microsoft, allowed=tuple(sorted(asked[-1]))))

    monkeypatch.setattr(_microsoft_signin, "sign_in", somebody_signs_in)

    def deskhand(*words: str) -> str:
        result = CliRunner().invoke(app, [*words, "--home", str(tmp_path / "home"), "--now", NOW.isoformat()])
        assert result.exit_code == 0, result.output
        return result.output

    (library,) = microsoft.world.drives.site("/sites/team", "Team")
    fill(microsoft)
    microsoft.world.drives.file(library, "team.md", "We.")
    deskhand("init", "--name", "Ana Test", "--email", ME, "--zone", "Europe/Lisbon")
    deskhand("add", "outlook", ME, "--client", CLIENT_ID)
    assert "as documents" in deskhand("add", "onedrive", ME, "-o", f"drives={SITE}")
    deskhand("signin", "documents", "--write")
    mail, more = asked[0], {"Files.Read.All", "Sites.Read.All"}
    assert "Mail.Read" in mail
    assert not [name for name in mail if "Files" in name or "Sites" in name]
    assert asked[1:] == [mail | more, mail | more | {"Files.ReadWrite.All"}]
    deskhand("sync")
    with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as opened:
        assert {s.alias: (s.items, s.error) for s in opened.sources()} == {
            "mail": (0, ""), "documents": (7, ""),
        }  # fmt: skip
