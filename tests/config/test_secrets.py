"""Secrets are referred to, never written down; and a reference that cannot be kept is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deskhand.config.errors import ConfigError
from deskhand.config.secrets import holds_secret, refuse, resolve


def kept(path: Path, data: bytes, mode: int = 0o600) -> str:
    path.write_bytes(data)
    path.chmod(mode)
    return f"file:{path}"


class TestResolve:
    def test_from_the_environment(self) -> None:
        assert resolve("env:MAIL_PASSWORD", {"MAIL_PASSWORD": " s3cret "}) == " s3cret "

    @pytest.mark.parametrize("environ", [{}, {"MAIL_PASSWORD": ""}])
    def test_not_in_the_environment(self, environ: dict[str, str]) -> None:
        with pytest.raises(ConfigError, match="MAIL_PASSWORD is not set"):
            resolve("env:MAIL_PASSWORD", environ)

    @pytest.mark.parametrize("data", [b"s3 cr\xc3\xa9t", b"s3 cr\xc3\xa9t\n", b"s3 cr\xc3\xa9t\r\n"])
    def test_from_a_file(self, tmp_path: Path, data: bytes) -> None:
        assert resolve(kept(tmp_path / "s", data), {}) == "s3 crét"

    def test_file_with_slashes_of_a_url(self, tmp_path: Path) -> None:
        kept(tmp_path / "s", b"x")
        assert resolve(f"file://{tmp_path / 's'}", {}) == "x"

    @pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o602])
    def test_others_can_get_at_it(self, tmp_path: Path, mode: int) -> None:
        with pytest.raises(ConfigError, match="chmod 600") as caught:
            resolve(kept(tmp_path / "s", b"hunter2", mode), {})
        assert "hunter2" not in str(caught.value)

    @pytest.mark.parametrize(
        ("data", "words"),
        [(b"", "is empty"), (b"\n", "is empty"), (b"\xff", "not text"), (b"x" * 70_000, "64 KB")],
    )
    def test_no_secret(self, tmp_path: Path, data: bytes, words: str) -> None:
        with pytest.raises(ConfigError, match=words):
            resolve(kept(tmp_path / "s", data), {})

    def test_a_pipe_does_not_keep_us_waiting(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe", 0o600)
        with pytest.raises(ConfigError, match="not a plain file"):
            resolve(f"file:{tmp_path / 'pipe'}", {})

    @pytest.mark.parametrize(
        "value", ["file:/nowhere/at/all", "file:relative", "file:", "file:/a\0b", "file:/tmp"]
    )
    def test_no_file(self, value: str) -> None:
        with pytest.raises(ConfigError):
            resolve(value, {})

    @pytest.mark.parametrize("value", ["", "plain", "https://example.org/", "environment:x"])
    def test_anything_else_stands_for_itself(self, value: str) -> None:
        assert resolve(value, {}) == value


class TestInTheClear:
    @pytest.mark.parametrize(
        "option", ["password", "imap_password", "Token", "api_key", "apikey", "client-secret", "passphrase"]
    )
    def test_told_by_the_name(self, option: str) -> None:
        assert holds_secret(option, "hunter2")
        assert not holds_secret(option, "env:X")
        assert not holds_secret(option, "file:/x")
        assert not holds_secret(option, "")

    @pytest.mark.parametrize("option", ["place", "tokens_per_day", "user", "secretary", "keyboard"])
    def test_other_options_are_no_secrets(self, option: str) -> None:
        assert not holds_secret(option, "hunter2")

    def test_a_password_in_an_address(self) -> None:
        assert holds_secret("place", "imaps://ana:hunter2@mail.example.org/")
        assert not holds_secret("place", "imaps://ana@mail.example.org:993/")
        assert not holds_secret("place", "https://example.org/a:b@c")

    def test_the_sentence_says_what_to_write(self) -> None:
        assert 'password = "env:PASSWORD"' in refuse("password")
