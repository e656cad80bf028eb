"""What tests of models share."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make a package as good as not installed."""
    found = importlib.util.find_spec

    def hide(package: str) -> None:
        def find(name: str, *rest: Any) -> Any:
            return None if name.partition(".")[0] == package else found(name, *rest)

        for name in [n for n in sys.modules if n.partition(".")[0] in (package, "langchain")]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, package, None)
        monkeypatch.setattr("deskhand.agent.models.langchain.find_spec", find)

    return hide
