"""A home as it is opened: by what is set in it, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from agent_givens import ENVIRONMENT, NOW

from deskhand.agent.app import App
from deskhand.config.errors import ConfigError


def test_settings_that_are_gone_are_not_taken_for_none(tmp_path: Path) -> None:
    """What the person made stricter would lapse without a word."""
    (tmp_path / "papers").mkdir()
    with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
        app.add("files", str(tmp_path / "papers"), alias="papers")
        assert app.runs() == []
    file = tmp_path / "home" / "config.toml"
    file.rename(tmp_path / "kept.toml")
    with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
        for _ in range(2):
            with pytest.raises(ConfigError, match=r"config.toml is gone, and with it what you set: .*"):
                app.runs()
    file.write_text("")
    with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
        assert app.runs() == []
