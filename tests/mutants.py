"""The gate's code with one small thing changed, many times over (`make mutants`): do its tests notice?

Not a test: a script that lays the house out as it is imported (mutmut goes by paths), runs mutmut on the
modules of the gate with their own tests, says what went unnoticed, and fails where that is too much.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
BENCH = ROOT / "build" / "mutants"
LEAST = 90.0
"""Per cent of the changes that have to be noticed."""

MUTATED = (
    "agent/trust/policy.py", "agent/trust/conditions.py", "agent/trust/write.py", "agent/trust/gate.py",
    "agent/trust/enclosures.py", "config/policy.py",
)  # fmt: skip
TESTS = (
    "agent_givens.py", "policy_cases.py", "agent/trust/test_policy.py", "agent/trust/test_conditions.py",
    "config/test_policy_table.py",
)  # fmt: skip
BESIDE = "not every_part_of_every_row and not takes_time and not is_noticed"
"""Tests of the table and of the clock: they look at no line that others leave out, and take the most time."""
SETTINGS = f"""
[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["tests"]
addopts = "-p no:cacheprovider --import-mode=importlib"
[tool.mutmut]
source_paths = ["deskhand"]
only_mutate = {json.dumps([f"deskhand/{path}" for path in MUTATED])}
pytest_add_cli_args_test_selection = ["tests"]
pytest_add_cli_args = ["-k", "{BESIDE}"]
timeout_multiplier = 8
"""


def lay_out() -> None:
    """The house as the package that it is, with the tests of the gate alone."""
    shutil.rmtree(BENCH, ignore_errors=True)
    for room in ("agent", "config", "connectors", "index"):
        shutil.copytree(ROOT / room, BENCH / "deskhand" / room, ignore=shutil.ignore_patterns("__pycache__"))
    (BENCH / "tests").mkdir()
    for name in TESTS:
        shutil.copy(ROOT / "tests" / name, BENCH / "tests")
    (BENCH / "pyproject.toml").write_text(SETTINGS, "utf-8")


def mutmut(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "mutmut", *words], cwd=BENCH, env=os.environ, check=False)


def found_out() -> list[tuple[str, str]]:
    """What became of each change, by its name."""
    listed = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    said = subprocess.run(listed, cwd=BENCH, capture_output=True, text=True, check=True).stdout
    parts = (line.strip().rpartition(": ") for line in said.splitlines())
    return [(name, state) for name, colon, state in parts if colon]


def main() -> int:
    """Run it; 0 where enough was noticed."""
    lay_out()
    mutmut("run")
    # With other work on the machine a change that takes no longer runs out of time as well: once more, alone.
    if slow := [name for name, state in found_out() if state == "timeout"]:
        mutmut("run", *slow)
    states: Counter[str] = Counter()
    for name, state in found_out():
        states[state] += 1
        if state not in ("killed", "timeout"):
            print(f"{state}: {name}")
    found, made = states["killed"] + states["timeout"], states.total()
    share = 100 * found / made if made else 0.0
    print(f"{found} of {made} changes were noticed: {share:.1f} % (at least {LEAST:g} %).")
    print(f"One of them: cd {BENCH.relative_to(ROOT)}; python -m mutmut show NAME")
    return 0 if share >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
