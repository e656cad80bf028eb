"""Benchmarks are looked at, not passed: only `--benchmark-only` collects them."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the folder out of ordinary runs: a skipped test would look like a missing one."""
    return None if config.getoption("benchmark_only", False) else True
