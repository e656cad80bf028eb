"""What a stranger installs: the wheel, alone in an empty environment, with no checkout beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from email.parser import BytesParser
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

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
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, source],
        check=True,
        capture_output=True,
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
    environment = tmp_path / "env"
    venv.create(environment, with_pip=False)
    place = sysconfig.get_path("purelib", "venv", {"base": str(environment)})
    lay_out(needed(wheel), Path(place))
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", environment / "bin" / "python"),
            *("install", "-q", "--no-index", "--no-deps", wheel),
        ],
        check=True,
    )
    command, kept = environment / "bin" / "deskhand", tmp_path / "kept"
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("DESKHAND_", "PYTHON"))}
    (tmp_path / "empty").mkdir()
    told = []
    for words in (["demo", "--keep", kept], ["runs", "--json", "--home", kept / "home"]):
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
        told.append(ran.stdout)
    assert "deskhand add imap" in told[0]
    runs = json.loads(told[1])["runs"]
    assert len(runs) > 4
    assert {run["status"] for run in runs} == {"done"}


def needed(wheel: Path) -> dict[str, Distribution]:
    """What is installed here of what the wheel says that it needs, and what that needs, and nothing else."""
    with zipfile.ZipFile(wheel) as packed:
        (name,) = [n for n in packed.namelist() if n.endswith(".dist-info/METADATA")]
        said = BytesParser().parsebytes(packed.read(name)).get_all("Requires-Dist", [])
    found: dict[str, Distribution] = {}
    left, seen = [(Requirement(line), "") for line in said], set[tuple[str, frozenset[str]]]()
    while left:
        wanted, extra = left.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            continue
        if (key := (wanted.name.lower(), frozenset(wanted.extras))) in seen:
            continue
        seen.add(key)
        made = found[wanted.name.lower()] = distribution(wanted.name)
        assert wanted.specifier.contains(made.version, prereleases=True), (
            f"{wanted}, and here is {made.version}"
        )
        left += [(Requirement(line), e) for line in made.requires or () for e in ("", *wanted.extras)]
    return found


def lay_out(held: dict[str, Distribution], folder: Path) -> None:
    """Into an environment, by links: to download and unpack it all again would show nothing more."""
    for made in held.values():
        for file in made.files or ():
            if ".." not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                if not (folder / file).exists():  # some share one
                    (folder / file).symlink_to(Path(made.locate_file(file)))  # type: ignore[arg-type]
