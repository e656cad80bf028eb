"""A OneDrive in a home, end to end: synced, searched, written after a yes where others read, taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from agent_givens import ENVIRONMENT, plan, step
from contracts import NOW
from fakes.graph.drives import Node
from graph_givens import Microsoft, token
from onedrive_givens import BO, ME, OWN, fill, mine, ref

from deskhand.agent.app import App
from deskhand.config.paths import Home
from deskhand.config.vault import Secrets


@pytest.fixture
def home(microsoft: Microsoft, tmp_path: Path) -> Path:
    made = Home(tmp_path / "home").prepare().root
    Secrets(ENVIRONMENT, made).store.put("MICROSOFT", token(microsoft, allowed=OWN), to="file")
    return made


def at(app: App, node: Node) -> dict[str, Any]:
    item = app.archive.item(ref(node, "documents"))
    assert item is not None
    return {"source": "documents", "ref": str(item.ref), "version": item.version}


def test_documents_are_found_changed_after_a_question_where_others_read_and_taken_back(
    microsoft: Microsoft, home: Path
) -> None:
    nodes = fill(microsoft)
    drives = microsoft.world.drives
    shared = drives.file(mine(microsoft), "shared.md", "for both")
    drives.share(mine(microsoft), shared, BO)
    with App.open(home, now=NOW, environ=ENVIRONMENT | {"DESKHAND_PERSON__EMAIL": ME}) as app:
        options = {"token": "secret:MICROSOFT", "write": "yes"}
        assert app.add("onedrive", ME, options=options) == "documents"
        (done,) = app.sync(embed=0).passes
        assert (done.error, done.tally.added) == ("", 7)
        assert len(app.archive.revisions(ref(nodes["notes"], "documents"))) == 2
        assert {h.title for h in app.search("ask Bo").hits} >= {"Plan.md"}
        own = app.ask(
            plan(step("write", "file.replace", **at(app, nodes["notes"]), text="mine")), fresh=False
        )
        assert own.status == "done", own.answer
        assert app.undo(own.id, approve=True)
        assert nodes["notes"].data == b"# Notes\n\nsecond"
        asked = app.ask(plan(step("write", "file.replace", **at(app, shared), text="changed")), fresh=False)
        assert asked.status == "waiting", asked.answer
        (question,) = [a for a in asked.approvals if a.state == "pending"]
        assert question.summary.startswith("Write a new version of “shared.md” in documents")
        assert shared.data == b"for both"
        assert app.decide(question.id).status == "done"
        assert shared.data == b"changed"
    with App.open(home, now=NOW, environ=ENVIRONMENT) as app:
        assert [(p.error, p.tally.added) for p in app.sync(embed=0).passes] == [("", 0)]
