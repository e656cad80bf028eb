"""Adding a source: what it is and where it is are said once."""

from __future__ import annotations

from pathlib import Path

import pytest
from agent_givens import ENVIRONMENT, NOW

from deskhand.agent.app import App
from deskhand.config.errors import ConfigError


@pytest.mark.parametrize("option", ["kind", "place"])
def test_kind_and_place_cannot_be_said_once_more_as_options(tmp_path: Path, option: str) -> None:
    (tmp_path / "docs").mkdir()
    with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
        with pytest.raises(ConfigError, match=f"{option} is no option: say deskhand add KIND PLACE"):
            app.add("files", str(tmp_path / "docs"), options={option: "ics"})
        assert app.connections.aliases == []
