"""The home folder: where it is, and that nobody else can look into it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fakes.disk import disk

from deskhand.config.errors import ConfigError
from deskhand.config.paths import Home, home


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


class TestHome:
    def test_what_is_given_comes_first(self, tmp_path: Path) -> None:
        assert home(str(tmp_path), {"DESKHAND_HOME": "/elsewhere"}) == tmp_path

    def test_then_the_environment(self) -> None:
        assert home(None, {"DESKHAND_HOME": "/elsewhere"}) == Path("/elsewhere")

    @pytest.mark.parametrize("env", [{}, {"DESKHAND_HOME": ""}])
    def test_then_the_systems_place(
        self, env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        assert home(None, env) == tmp_path / "deskhand"
        assert list(tmp_path.iterdir()) == []

    def test_is_absolute(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert home("here", {}) == tmp_path / "here"
        assert home("~/there", {}) == tmp_path / "there"

    @pytest.mark.parametrize("given", ["~nobody-of-that-name/x", "a\0b"])
    def test_no_path(self, given: str) -> None:
        with pytest.raises(ConfigError):
            home(given, {})


class TestPrepare:
    def test_only_the_owner_may_look(self, tmp_path: Path) -> None:
        made = Home(tmp_path / "a" / "b").prepare()
        assert mode(made.root) == 0o700
        assert all(mode(f) == 0o700 for f in (made.index, made.models, made.sources, made.outputs))

    def test_again_changes_nothing(self, tmp_path: Path) -> None:
        made = Home(tmp_path / "home").prepare()
        made.config_file.write_text("")
        assert made.prepare() == made
        assert made.config_file.exists()

    @pytest.mark.parametrize("open_to", [0o755, 0o750, 0o711, 0o770])
    def test_an_open_home_is_refused_with_what_mends_it(self, tmp_path: Path, open_to: int) -> None:
        made = Home(tmp_path / "a home").prepare()
        made.config_file.write_text("")
        made.root.chmod(open_to)
        with pytest.raises(ConfigError, match=r"say: chmod 700 '.*a home'"):
            made.prepare()
        assert mode(made.root) == open_to, "nothing is mended behind the person's back"
        made.root.chmod(0o700)
        made.prepare()

    @pytest.mark.parametrize("name", ["config.toml", "archive.db", "runs.db", "checkpoints.db", "audit.head"])
    def test_a_file_that_others_can_change_is_refused(self, tmp_path: Path, name: str) -> None:
        made = Home(tmp_path / "home").prepare()
        (made.root / name).write_text("")
        (made.root / name).chmod(0o664)
        with pytest.raises(ConfigError, match=rf"Others can change .*{name}; say: chmod 600 "):
            made.prepare()

    @pytest.mark.parametrize("name", ["config.toml", "archive.db", "runs.db", "audit.head"])
    def test_a_link_to_what_others_can_read_is_refused(self, tmp_path: Path, name: str) -> None:
        """The closed home does not close what lies outside of it."""
        made = Home(tmp_path / "home").prepare()
        (tmp_path / "open").write_text("")
        (tmp_path / "open").chmod(0o644)
        (made.root / name).symlink_to(tmp_path / "open")
        with pytest.raises(ConfigError, match=rf"Others can read .*{name}; say: chmod 600 "):
            made.prepare()
        assert mode(tmp_path / "open") == 0o644
        (tmp_path / "open").chmod(0o600)
        made.prepare()

    @pytest.mark.parametrize("name", ["config.toml", "runs.db", "audit.head"])
    def test_a_pipe_keeps_nobody_waiting(self, tmp_path: Path, name: str) -> None:
        made = Home(tmp_path / "home").prepare()
        os.mkfifo(made.root / name, 0o600)
        with pytest.raises(ConfigError, match=f"{name} is not a plain file"):
            made.prepare()

    @pytest.mark.parametrize("name", ["secrets.enc", "secrets.key", "approvals.key"])
    @pytest.mark.parametrize("loose", [0o640, 0o604, 0o660, 0o602])
    def test_secrets_that_others_can_get_at_are_refused(self, tmp_path: Path, name: str, loose: int) -> None:
        made = Home(tmp_path / "home").prepare()
        (made.root / name).write_text("")
        (made.root / name).chmod(loose)
        with pytest.raises(ConfigError, match="say: chmod 600 "):
            made.prepare()

    def test_what_only_the_closed_home_kept_from_others_is_closed_itself(self, tmp_path: Path) -> None:
        made = Home(tmp_path / "home").prepare()
        made.archive.write_text("")
        made.archive.chmod(0o644)
        made.prepare()
        assert mode(made.archive) == 0o600

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
    def test_what_belongs_to_somebody_else_is_refused(self, tmp_path: Path) -> None:
        made = Home(tmp_path / "home").prepare()
        made.config_file.write_text("")
        os.chown(made.config_file, 65534, 65534)
        with pytest.raises(ConfigError, match=r"belongs to somebody else.*say: sudo chown"):
            made.prepare()

    def test_an_open_empty_folder_is_closed(self, tmp_path: Path) -> None:
        (tmp_path / "home").mkdir(mode=0o755)
        assert mode(Home(tmp_path / "home").prepare().root) == 0o700

    def test_somebody_elses_folder_is_left_alone(self, tmp_path: Path) -> None:
        """`--home ~` must not lock everybody out of the home directory."""
        other = tmp_path / "other"
        other.mkdir()
        other.chmod(0o755)
        (other / "letter.txt").write_text("x")
        with pytest.raises(ConfigError, match="holds other things"):
            Home(other).prepare()
        assert mode(other) == 0o755
        assert [p.name for p in other.iterdir()] == ["letter.txt"]

    def test_a_file_in_its_place(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        for root in (tmp_path / "file", tmp_path / "file" / "home"):
            with pytest.raises(ConfigError, match="is not a folder"):
                Home(root).prepare()

    def test_no_right_to_write(self, tmp_path: Path) -> None:
        root = Path("/proc/deskhand")
        if os.geteuid() != 0:
            tmp_path.chmod(0o500)
            root = tmp_path / "home"
        with pytest.raises(ConfigError, match="cannot be written to"):
            Home(root).prepare()


def test_a_disk_that_can_only_be_read_says_so_and_what_to_do(tmp_path: Path) -> None:
    with disk(tmp_path / "disk", "1m") as small:
        root = small.folder / "home"
        Home(root).prepare()
        small.becomes("ro")
        with pytest.raises(
            ConfigError, match=r"the disk it lies on can only be read.* copy the home and name"
        ):
            Home(root).prepare()


@pytest.mark.parametrize("alias", ["../x", "a:b", "", "A", "1a", "a" * 33, "a/b", "a\n"])
def test_a_source_cannot_leave_its_folder(alias: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be called"):
        Home(tmp_path).source(alias)


def test_everything_lies_in_the_home(tmp_path: Path) -> None:
    places = Home(tmp_path)
    names = [n for n, v in vars(Home).items() if isinstance(v, property)]
    found = [getattr(places, n) for n in names] + [places.source("work-mail_2")]
    assert len(found) == len(set(found)) >= 11
    assert all(p.is_relative_to(tmp_path) for p in found)
