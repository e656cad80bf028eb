"""How long a person waits for a command to begin: whole processes, beside one that only imports numpy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Office
from pytest_benchmark.fixture import BenchmarkFixture


def run(*words: str | Path) -> None:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("DESKHAND_")}
    subprocess.run(list(words), check=True, capture_output=True, env=environ)


@pytest.mark.benchmark(group="cold start of a command (goal: search under 1 s)")
class TestColdStart:
    def test_bare_python_with_numpy(self, benchmark: BenchmarkFixture) -> None:
        benchmark.pedantic(run, (sys.executable, "-c", "import numpy"), rounds=5)

    def test_search(self, benchmark: BenchmarkFixture, built_office: Office) -> None:
        command = Path(sys.executable).parent / "deskhand"
        words = (command, "search", "harbour budget", "--home", built_office.home)
        run(*words)
        benchmark.pedantic(run, words, rounds=5)

    def test_help(self, benchmark: BenchmarkFixture) -> None:
        benchmark.pedantic(run, (Path(sys.executable).parent / "deskhand", "--help"), rounds=5)
