"""An account at Google in a home: asked once after its sign-in ended, and taken up with the next one."""

from __future__ import annotations

from pathlib import Path

import pytest
from agent_givens import ENVIRONMENT
from contracts import NOW
from fakes.proxy import says
from gmail_givens import OFFICE, arrives, token
from google_givens import Google

from deskhand.agent.app import App


@pytest.mark.parametrize("google", [OFFICE], indirect=True)
def test_a_sign_in_that_ended_pauses_the_source_until_the_next_one(google: Google, tmp_path: Path) -> None:
    """Nobody is asked in between, however often it is looked; the other sources go on."""
    kept = tmp_path / "token"
    kept.write_text(token(google), "utf-8")
    kept.chmod(0o600)
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "plan.txt").write_text("The plan.", "utf-8")
    with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
        app.add("gmail", "ana@example.org", options={"token": f"file:{kept}"})
        app.add("files", str(tmp_path / "papers"))
        assert not [p.error for p in app.sync(embed=0).passes if p.error]
        arrives(google, "Boat")
        google.front.always |= {
            "GET /gmail": says(401), "POST /token": says(400, b'{"error": "invalid_grant"}')
        }  # fmt: skip
        google.front.seen.clear()
        (tmp_path / "papers" / "more.txt").write_text("More.", "utf-8")
        for added in (1, 0, 0):
            mail, papers = app.sync(embed=0).passes
            assert mail.error.endswith("Sign in again: deskhand signin mail")
            assert (papers.error, papers.tally.added) == ("", added)
        assert [p for _, p in google.front.seen if p.startswith("/token")] == ["/token"]
        assert "Sign in again" in next(s.error for s in app.sources() if s.alias == "mail")
        google.front.always.clear()
        kept.write_text(token(google).replace("client-secret", "another-secret"), "utf-8")
        app.signed_in(["mail"])  # what `deskhand signin` has the owner of the home do
        mail, _ = app.sync(embed=0).passes
        assert (mail.error, mail.tally.added) == ("", 1)
