"""What a stranger installs: the wheel, alone in an empty environment, with no checkout beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    out = tmp_path_factory.mktemp("dist")
    # From a copy: a build folder left in the checkout would leak old files into the next wheel.
    source = tmp_path_factory.mktemp("source") / "deskhand"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, tracked.decode().split("\0")):
        if (ROOT / name).is_file() and not name.startswith((".links/", "tests/")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", out, source], check=True, capture_output=True
    )
    (made,) = out.glob("*.whl")
    return made


@pytest.mark.long
def test_every_module_and_data_file_is_in_the_wheel(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    for room in ("agent", "config", "connectors", "index"):
        for path in (ROOT / room).rglob("*"):
            ours = path.suffix in {".py", ".toml", ".json"} or path.name in {"LICENSE", "py.typed"}
            if ours and "__pycache__" not in path.parts:
                assert f"deskhand/{path.relative_to(ROOT).as_posix()}" in held, path


@pytest.mark.long
def test_it_installs_into_an_empty_environment_and_walks_through_the_demo(
    wheel: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    command = tmp_path / "env" / "bin" / "deskhand"
    subprocess.run([tmp_path / "env" / "bin" / "python", "-m", "pip", "install", "-q", wheel], check=True)
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("DESKHAND_", "PYTHON"))}
    (tmp_path / "empty").mkdir()
    for words in (["demo", "--json"], ["demo"]):
        ran = subprocess.run(
            [command, *words],
            cwd=tmp_path / "empty",
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        assert ran.stderr == ""
        if "--json" in words:
            steps = json.loads(ran.stdout)["steps"]
            assert [s["status"] for s in steps[1:]] == ["done"] * (len(steps) - 1)
        else:
            assert "deskhand add imap" in ran.stdout
