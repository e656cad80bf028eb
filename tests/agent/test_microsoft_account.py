"""An account at Microsoft in a home: its sign-in is another one each time, and kept where it was kept."""

from __future__ import annotations

import json
from pathlib import Path

from agent_givens import ENVIRONMENT
from contracts import NOW
from graph_givens import Microsoft, mail, token
from outlook_givens import filled

from deskhand.agent.app import App
from deskhand.config.paths import Home
from deskhand.config.vault import Secrets


def kept(home: Path) -> list[str]:
    """The refresh token that lies in the home's store."""
    held = json.loads(Secrets(ENVIRONMENT, home).store.get("MICROSOFT"))["cache"]["RefreshToken"]
    return [one["secret"] for one in held.values()]


def test_mail_is_read_answered_and_read_again(microsoft: Microsoft, tmp_path: Path) -> None:
    """The fake takes a refresh token once: whoever came with an old one would be sent away."""
    filled(microsoft)
    home = Home(tmp_path / "home").prepare().root
    Secrets(ENVIRONMENT, home).store.put("MICROSOFT", token(microsoft), to="file")
    with App.open(home, now=NOW, environ=ENVIRONMENT) as app:
        options = {"token": "secret:MICROSOFT", "write": "yes"}
        assert app.add("outlook", "ana@example.org", options=options) == "mail"
        assert [(p.error, p.tally.added) for p in app.sync(embed=0).passes] == [("", 4)]
    microsoft.world.arrives("ana", mail("Boat", "The boat is at six."))
    with App.open(home, now=NOW, environ=ENVIRONMENT) as app:
        assert [(p.error, p.tally.added) for p in app.sync(embed=0).passes] == [("", 1)]
        asked = app.ask("reply to the last mail from bo@example.org: thanks, that works")
        assert asked.status == "waiting", asked
        for approval in app.approvals():
            app.decide(approval.id)
    ((who, to, data),) = microsoft.world.posted
    assert (who, to) == ("ana", ["bo@example.org"])
    assert b"thanks, that works" in data.lower()
    assert b"In-Reply-To: <boat@example.org>" in data
    assert kept(home) == list(microsoft.world.refresh_tokens)
