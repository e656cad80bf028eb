"""Whatever `secrets.enc` and its key are made into, a sentence says what is lost and how to begin anew."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deskhand.config.errors import ConfigError
from deskhand.config.secret_file import PASSPHRASE, SecretFile

SECRET = "correct-horse-battery"
ANEW = r"all that it held is lost\. To begin anew, say (mv \S+ \S+\.broken), then deskhand"
HOSTILE: list[Any] = [None, 7, 1.5, "", "x", "\ud800", [], {}, [1], {"a": 1}, True, "0" * 64]
FIELDS = ["deskhand", "id", "key", "names", "nonce", "sealed"]
KEY = {"from": "passphrase", "salt": "ab", "n": 2, "r": 1, "p": 1}


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    SecretFile(tmp_path, {}, ask=lambda _: "").put("MAIL", SECRET, to="file")
    return tmp_path


def store(home: Path) -> SecretFile:
    return SecretFile(home, {PASSPHRASE: "another"}, ask=lambda _: "")


def uses(home: Path) -> list[Callable[[], Any]]:
    """What commands ask of it, each as a process that begins."""
    return [
        lambda: store(home).names(), lambda: store(home).guarded_by, lambda: store(home).problem(),
        lambda: store(home).get("MAIL"), lambda: store(home).remove("MAIL"),
        lambda: store(home).put("OTHER", "something", to="file"), lambda: store(home).guard("new"),
    ]  # fmt: skip


def tried(home: Path) -> list[str]:
    """What each use says; an error of another kind than ours fails the test."""
    before = {p.name: p.read_bytes() for p in home.iterdir()}
    said = []
    for use in uses(home):
        try:
            use()
        except ConfigError as error:
            said.append(str(error))
        for name, data in before.items():
            (home / name).write_bytes(data)
    assert all(SECRET not in text for text in said)
    return said


def changed(home: Path, **fields: Any) -> None:
    kept = json.loads((home / "secrets.enc").read_text("utf-8"))
    (home / "secrets.enc").write_text(json.dumps(kept | fields), "utf-8")


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_a_field_made_into_something_else(sealed: Path, field: str, value: Any) -> None:
    changed(sealed, **{field: value})
    assert any(re.search(ANEW, text) for text in tried(sealed))


@pytest.mark.parametrize("field", [*KEY])
@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_how_its_key_is_made(sealed: Path, field: str, value: Any) -> None:
    changed(sealed, key=KEY | {field: value})
    assert tried(sealed)


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 50, b"\xff\xfe", b'{"deskhand":', b"[" * 100_000, b"[]", b'"x"']
)
def test_no_store_at_all(sealed: Path, data: bytes) -> None:
    (sealed / "secrets.enc").write_bytes(data)
    said = tried(sealed)
    assert said
    assert all(re.search(ANEW, text) for text in said)


@pytest.mark.parametrize("data", [b"", b"\xff", b"zz", b"00", b"0" * 64])
def test_another_key(sealed: Path, data: bytes) -> None:
    (sealed / "secrets.key").write_bytes(data)
    assert tried(sealed)


def test_what_is_said_is_the_way_out(sealed: Path) -> None:
    (sealed / "secrets.enc").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError) as caught:
        store(sealed).get("MAIL")
    found = re.search(ANEW, str(caught.value))
    assert found
    subprocess.run(shlex.split(found[1]), check=True)
    store(sealed).put("MAIL", SECRET, to="file")
    assert store(sealed).get("MAIL") == SECRET
