"""Secrets are kept in the keyring or sealed in a file, and what is known is taken out of every text."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import keyring
import keyring.backends.fail
import keyring.backends.null
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring_twin import Broken, Plaintext, Twin
from typer.testing import CliRunner

from deskhand.agent.terminal.cli import app as command
from deskhand.config import keyrings, secret_file, vault
from deskhand.config.errors import ConfigError
from deskhand.config.ordinary import is_number
from deskhand.config.secret_file import PASSPHRASE, SecretFile
from deskhand.config.vault import HIDDEN, Secrets

CANARY = "c4nary-Ω/pass word+1"


@pytest.fixture(autouse=True)
def _cheap_and_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No keyring of whoever runs the tests, and keys that are made fast."""
    before = keyring.get_keyring()
    monkeypatch.setenv("KEYRING_TWIN", str(tmp_path / "twin.json"))
    monkeypatch.setitem(secret_file._COST, "n", 2)
    keyring.set_keyring(keyring.backends.null.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    return made


def store(home: Path, environ: dict[str, str] | None = None, *typed: str) -> SecretFile:
    said = iter(typed)
    return SecretFile(home, environ or {}, ask=lambda _: next(said, ""))


class TestFile:
    def test_kept_and_found_again(self, home: Path) -> None:
        assert store(home).put("MAIL", CANARY) == "file"
        assert Secrets({}, home)("secret:MAIL") == CANARY
        assert store(home).names() == {"MAIL": "file"}

    def test_it_stands_nowhere_in_the_clear(self, home: Path) -> None:
        store(home).put("MAIL", CANARY)
        assert not [p for p in home.iterdir() if CANARY.encode() in p.read_bytes()]

    def test_only_the_owner_can_read_it(self, home: Path) -> None:
        store(home).put("MAIL", CANARY)
        assert {oct(p.stat().st_mode & 0o777) for p in home.iterdir()} == {"0o600"}
        assert {p.name for p in home.iterdir()} == {"secrets.enc", "secrets.key", "secrets.lock"}

    @pytest.mark.parametrize("name", ["secrets.enc", "secrets.key"])
    def test_when_others_can_it_is_refused(self, home: Path, name: str) -> None:
        store(home).put("MAIL", CANARY)
        (home / name).chmod(0o640)
        with pytest.raises(ConfigError, match=f"say: chmod 600 {home / name}"):
            store(home).get("MAIL")

    def test_with_a_passphrase_no_key_lies_about(self, home: Path) -> None:
        store(home, {PASSPHRASE: "open sesame"}).put("MAIL", CANARY)
        assert not (home / "secrets.key").exists()
        assert store(home, {PASSPHRASE: "open sesame"}).get("MAIL") == CANARY
        assert store(home, {}, "open sesame").get("MAIL") == CANARY
        with pytest.raises(ConfigError, match="the passphrase is wrong"):
            store(home, {PASSPHRASE: "open"}).get("MAIL")
        with pytest.raises(ConfigError, match="set DESKHAND_PASSPHRASE"):
            store(home).get("MAIL")

    def test_a_passphrase_is_typed_twice(self, home: Path) -> None:
        with pytest.raises(ConfigError, match="not the same"):
            store(home, {}, "one", "two").put("MAIL", CANARY, passphrase=True)
        assert not (home / "secrets.enc").exists()
        store(home, {}, "one", "one").put("MAIL", CANARY, passphrase=True)
        assert store(home, {}, "one").get("MAIL") == CANARY

    def test_sealed_anew(self, home: Path) -> None:
        store(home).put("MAIL", CANARY)
        store(home).guard("open sesame")
        assert not (home / "secrets.key").exists()
        assert store(home, {PASSPHRASE: "open sesame"}).get("MAIL") == CANARY
        store(home, {PASSPHRASE: "open sesame"}).guard("")
        assert store(home).get("MAIL") == CANARY

    @pytest.mark.parametrize("field", ["id", "names", "nonce", "sealed"])
    def test_a_changed_file_is_not_believed(self, home: Path, field: str) -> None:
        store(home).put("MAIL", CANARY)
        path = home / "secrets.enc"
        kept = json.loads(path.read_text("utf-8"))
        kept[field] = {"MAIL": "file", "OTHER": "file"} if field == "names" else kept[field][::-1]
        path.write_text(json.dumps(kept), "utf-8")
        with pytest.raises(ConfigError, match="cannot be opened") as caught:
            store(home).get("MAIL")
        assert CANARY not in str(caught.value)

    def test_a_key_that_is_gone(self, home: Path) -> None:
        store(home).put("MAIL", CANARY)
        (home / "secrets.key").unlink()
        with pytest.raises(ConfigError, match=r"secrets\.key is gone"):
            store(home).get("MAIL")

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"deskhand": "secrets 9"}'])
    def test_what_is_no_store(self, home: Path, text: str) -> None:
        (home / "secrets.enc").write_text(text, "utf-8")
        (home / "secrets.enc").chmod(0o600)
        with pytest.raises(ConfigError, match="no store of secrets"):
            store(home).names()

    def test_it_asks_for_no_more_work_than_ours_do(self, home: Path) -> None:
        store(home, {PASSPHRASE: "x"}).put("MAIL", CANARY)
        path = home / "secrets.enc"
        kept = json.loads(path.read_text("utf-8"))
        kept["key"]["n"] = 2**40
        path.write_text(json.dumps(kept), "utf-8")
        with pytest.raises(ConfigError, match="more work"):
            store(home, {PASSPHRASE: "x"}).get("MAIL")

    @pytest.mark.parametrize("name", ["", "1A", "A B", "../A", "A" * 65, "A\n"])
    def test_no_name(self, home: Path, name: str) -> None:
        with pytest.raises(ConfigError, match="cannot be called"):
            store(home).put(name, CANARY)

    @pytest.mark.parametrize("secret", ["", "x" * 70_000])
    def test_no_secret(self, home: Path, secret: str) -> None:
        with pytest.raises(ConfigError, match="64 KB"):
            store(home).put("MAIL", secret)

    def test_one_that_is_not_there(self, home: Path) -> None:
        store(home).put("MAIL_PASSWORD", CANARY)
        with pytest.raises(ConfigError, match=r"did you mean 'MAIL_PASSWORD'.*deskhand secret set"):
            store(home).get("MAIL_PASSWRD")

    def test_processes_and_threads_lose_nothing(self, home: Path) -> None:
        code = textwrap.dedent(f"""
            import sys
            from pathlib import Path
            from deskhand.config.secret_file import SecretFile
            for n in range(6):
                store = SecretFile(Path({str(home)!r}), {{}}, ask=lambda _: "")
                store.put(f"P{{sys.argv[1]}}.{{n}}", "s" * 8, to="file")
            """)
        children = [subprocess.Popen([sys.executable, "-c", code, str(k)]) for k in range(3)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: store(home).put(f"T{n}", f"secret {n}", to="file"), range(12)))
        assert [child.wait(60) for child in children] == [0, 0, 0]
        assert len(store(home).names()) == 30
        assert store(home).get("T7") == "secret 7"

    @pytest.mark.parametrize("point", ["os.rename", "open"])
    def test_killed_while_saving_the_old_one_is_there_or_the_new(self, home: Path, point: str) -> None:
        """The process dies before each change of a file that saving makes, until it comes to its end."""
        store(home).put("A", "first one", to="file")
        code = textwrap.dedent(f"""
            import os, signal, sys
            from pathlib import Path
            from filelock import FileLock
            from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
            from deskhand.config.secret_file import SecretFile
            store, left = SecretFile(Path({str(home)!r}), {{}}, ask=lambda _: ""), int(sys.argv[1])
            def hook(event, args):
                global left
                if event == {point!r} and str({str(home)!r}) in str(args[0]):
                    left -= 1
                    if left < 0:
                        os.kill(os.getpid(), signal.SIGKILL)
            sys.addaudithook(hook)
            store.put("A", "second one", to="file")
            """)
        seen = set()
        for after in range(12):
            ended = subprocess.run([sys.executable, "-c", code, str(after)], check=False).returncode
            seen.add(store(home).get("A"))
            if not ended:
                assert store(home).get("A") == "second one"
                assert after >= 1
                return
            assert ended == -signal.SIGKILL
            assert seen <= {"first one", "second one"}
        raise AssertionError("it never came to an end")


class TestKeyring:
    @pytest.fixture(autouse=True)
    def _twin(self, _cheap_and_apart: None) -> None:
        keyring.set_keyring(Twin())

    def test_it_is_used_where_there_is_one(self, home: Path, tmp_path: Path) -> None:
        assert store(home).put("MAIL", CANARY) == "keyring"
        assert Secrets({}, home)("secret:MAIL") == CANARY
        assert CANARY in json.loads((tmp_path / "twin.json").read_text("utf-8")).values()
        assert not (home / "secrets.key").exists()

    def test_set_again_in_the_file_it_is_in_the_keyring_no_more(self, home: Path, tmp_path: Path) -> None:
        store(home).put("MAIL", CANARY)
        assert store(home).put("MAIL", "another", to="file") == "file"
        assert json.loads((tmp_path / "twin.json").read_text("utf-8")) == {}
        assert store(home).get("MAIL") == "another"

    def test_a_keyring_that_does_not_let_go_is_told(self, home: Path) -> None:
        store(home).put("MAIL", CANARY)
        keyring.set_keyring(keyring.backends.null.Keyring())
        with pytest.raises(ConfigError, match=r"sealed in secrets\.enc now, but the keyring did not let go"):
            store(home).put("MAIL", "another", to="file")
        assert store(home).get("MAIL") == "another"

    def test_one_of_another_program(self) -> None:
        keyrings.keep("deskhand", "MAIL", CANARY)
        assert Secrets({})("keyring:MAIL") == CANARY
        with pytest.raises(ConfigError, match="holds no secret 'OTHER'"):
            Secrets({})("keyring:OTHER")

    def test_moved_there_and_back(self, home: Path, tmp_path: Path) -> None:
        store(home).put("MAIL", CANARY, to="file")
        store(home).move("MAIL", "keyring")
        assert store(home).names() == {"MAIL": "keyring"}
        assert store(home).get("MAIL") == CANARY
        store(home).move("MAIL", "file")
        assert store(home).names() == {"MAIL": "file"}
        assert store(home).get("MAIL") == CANARY
        assert json.loads((tmp_path / "twin.json").read_text("utf-8")) == {}

    def test_removed(self, home: Path, tmp_path: Path) -> None:
        store(home).put("MAIL", CANARY)
        assert store(home).remove("MAIL") == "keyring"
        assert store(home).names() == {}
        assert json.loads((tmp_path / "twin.json").read_text("utf-8")) == {}
        with pytest.raises(ConfigError, match="There is no secret"):
            store(home).remove("MAIL")

    def test_two_homes_do_not_share(self, home: Path, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir(mode=0o700)
        store(home).put("MAIL", CANARY)
        store(other).put("MAIL", "another one")
        assert store(home).get("MAIL") == CANARY

    @pytest.mark.parametrize(
        "backend", [keyring.backends.null.Keyring, keyring.backends.fail.Keyring, Plaintext]
    )
    def test_what_is_no_place_for_secrets_is_not_used(self, home: Path, backend: type) -> None:
        keyring.set_keyring(backend())
        assert store(home).put("MAIL", CANARY) == "file"
        with pytest.raises(ConfigError, match="no keyring here"):
            store(home).put("MAIL", CANARY, to="keyring")
        assert store(home).get("MAIL") == CANARY, "what was there is as it was"

    def test_its_error_does_not_repeat_the_secret(self, home: Path) -> None:
        keyring.set_keyring(Broken())
        with pytest.raises(ConfigError, match="The keyring failed") as caught:
            store(home).put("MAIL", CANARY)
        assert CANARY not in str(caught.value)
        assert store(home).names() == {}


class TestHiding:
    @pytest.mark.parametrize(
        "form",
        [
            CANARY,
            json.dumps(CANARY),
            json.dumps(CANARY, ensure_ascii=False),
            quote(CANARY),
            quote(CANARY, safe=""),
            repr(CANARY.encode()),
            CANARY.encode().hex(),
            base64.b64encode(CANARY.encode()).decode(),
            base64.urlsafe_b64encode(CANARY.encode()).decode().rstrip("="),
            base64.b64encode(f"\0noor\0{CANARY}".encode()).decode(),
        ],
    )
    def test_however_it_is_written(self, form: str) -> None:
        secrets = Secrets({"MAIL": CANARY})
        secrets("env:MAIL")
        told = secrets.hide(f"535 authentication failed for {form}: try again")
        assert HIDDEN in told
        assert form not in told
        assert CANARY not in told
        assert told.startswith("535 authentication failed for ")
        assert told.endswith(": try again")

    def test_keys_that_libraries_find_by_themselves(self) -> None:
        assert Secrets({"OPENAI_API_KEY": "sk-abcdef"}).hide("no: sk-abcdef") == f"no: {HIDDEN}"

    @pytest.mark.parametrize("variable", ["PWD", "OLDPWD"])
    def test_the_folder_a_shell_stands_in_is_no_secret(self, variable: str) -> None:
        told = "/srv/noor/mail is no folder"
        assert Secrets({variable: "/srv/noor"}).hide(told) == told
        assert Secrets({"MAIL_PWD": "/srv/noor"}).hide(told) == f"{HIDDEN}/mail is no folder"

    def test_texts_with_nothing_in_them_stay(self) -> None:
        secrets = Secrets({"MAIL": CANARY})
        secrets("env:MAIL")
        text = "dGhpcyBpcyBub3QgaXQ= stays, and so does /usr/share/doc/python3-something"
        assert secrets.hide(text) == text

    def test_one_that_is_learnt_while_another_thread_looks_is_known_to_the_next(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        secrets = Secrets({})
        secrets.know("the-first-one")
        forms = vault._forms

        def meanwhile(secret: str) -> set[str]:
            secrets.know("the-second-one")
            return forms(secret)

        monkeypatch.setattr(vault, "_forms", meanwhile)
        secrets.hide("anything")
        assert secrets.hide("it is the-second-one") == f"it is {HIDDEN}"

    @given(st.text(min_size=5).filter(lambda s: s.strip() == s and not is_number(s)), st.text(), st.text())
    def test_it_is_never_there(self, secret: str, before: str, after: str) -> None:
        secrets = Secrets({"MAIL": secret})
        secrets.know(secret)
        told = secrets.hide(f"{before}{secret}{after}")
        assert secret not in told or secret in HIDDEN * 5

    @pytest.mark.parametrize("text", ["{", '["a-secret"]', '{"client_id": 5}', "{}" * 3])
    def test_what_only_looks_like_a_sign_in_is_one_secret(self, text: str) -> None:
        secrets = Secrets({})
        secrets.know(text + " and more")
        assert secrets.hide(f"it is {text} and more.") == f"it is {HIDDEN}."

    def test_the_secrets_in_what_a_sign_in_left_are_hidden_one_by_one(self) -> None:
        """And what is none is not: an address of a token server stands in sentences."""
        left = {
            "client_secret": "GOCSPX-canary",
            "refresh_token": "1//canary",
            "token_uri": "https://example.org/t",
        }
        secrets = Secrets({})
        secrets.know(json.dumps(left))
        said = "1//canary of GOCSPX-canary was refused by https://example.org/t"
        assert secrets.hide(said) == f"{HIDDEN} of {HIDDEN} was refused by https://example.org/t"

    @pytest.mark.parametrize("url", ["secret", "as it is"])
    def test_the_password_in_an_address_is_hidden_by_itself(self, url: str) -> None:
        """Whether the address is a secret that is looked up, or was set by a variable as it is."""
        address = "postgresql+psycopg://noor:c4nary%2Fpg@db.example.org/runs"
        secrets = Secrets({"PG": address})
        assert secrets("env:PG" if url == "secret" else address) == address
        said = secrets.hide("c4nary/pg (c4nary%2Fpg) is not what noor has at db.example.org")
        assert said == f"{HIDDEN} ({HIDDEN}) is not what noor has at db.example.org"


class TestCommands:
    def run(self, home: Path, *words: str, typed: str = "", code: int = 0) -> str:
        result = CliRunner().invoke(command, ["secret", *words, "--home", str(home)], input=typed)
        assert result.exit_code == code, result.output
        assert CANARY not in result.output
        return result.output

    def test_set_list_and_remove(self, home: Path) -> None:
        told = self.run(home, "set", "MAIL", typed=f"{CANARY}\n")
        assert "MAIL is kept sealed in secrets.enc. Settings refer to it as secret:MAIL" in told
        assert "whoever can read your home can open it" in told
        assert store(home).get("MAIL") == CANARY
        assert "MAIL  sealed in secrets.enc" in self.run(home, "list")
        assert json.loads(self.run(home, "list", "--json")) == {
            "secrets": [{"secret": "MAIL", "where": "file"}],
            "problem": "",
        }
        assert "is forgotten" in self.run(home, "remove", "MAIL")
        assert "No secret is kept here" in self.run(home, "list")

    def test_moved(self, home: Path) -> None:
        self.run(home, "set", "MAIL", typed=CANARY)
        assert "no keyring here" in self.run(home, "move", "MAIL", "--to", "keyring", code=2)
        keyring.set_keyring(Twin())
        assert "in the keyring" in self.run(home, "move", "MAIL", "--to", "keyring")
        assert "There is no place 'cloud'" in self.run(home, "move", "MAIL", "--to", "cloud", code=2)

    def test_never_as_an_argument(self, home: Path) -> None:
        for words in ([CANARY], ["MAIL", f"-{CANARY}"], ["MAIL", "--", CANARY], ["MAIL", CANARY]):
            told = self.run(home, "set", *words, typed="other", code=2)
            assert "word+1" not in told
            assert store(home).names() == {}
        assert "A secret is never an argument" in told
        assert "Nothing was kept" in told

    def test_listed_though_its_key_is_gone(self, home: Path) -> None:
        self.run(home, "set", "MAIL", typed=CANARY)
        (home / "secrets.key").rename(home.parent / "key")
        told = self.run(home, "list", code=1)
        assert "MAIL  sealed in secrets.enc\n" in told
        assert "secrets.key is gone" in told
        assert "secrets.key is gone" in json.loads(self.run(home, "list", "--json", code=1))["problem"]
        doctor = CliRunner().invoke(command, ["doctor", "--home", str(home)])
        assert doctor.exit_code == 1
        assert "secrets.key is gone" in doctor.output
        assert "--rebuild" not in doctor.output  # the index is well

    def test_listed_though_the_keyring_is_gone(self, home: Path) -> None:
        keyring.set_keyring(Twin())
        self.run(home, "set", "MAIL", typed=CANARY)
        keyring.set_keyring(keyring.backends.null.Keyring())
        assert "it held: MAIL." in self.run(home, "list", code=1)

    def test_with_a_passphrase_nobody_is_asked_for_a_list(self, home: Path) -> None:
        self.run(home, "set", "MAIL", typed=CANARY)
        self.run(home, "passphrase", typed="open sesame\n")
        assert "gone" not in self.run(home, "list")

    def test_nothing_typed(self, home: Path) -> None:
        assert "at least one character" in self.run(home, "set", "MAIL", typed="", code=2)

    def test_a_passphrase(self, home: Path) -> None:
        self.run(home, "set", "MAIL", typed=CANARY)
        assert "sealed with your passphrase" in self.run(home, "passphrase", typed="open sesame\n")
        assert store(home, {PASSPHRASE: "open sesame"}).get("MAIL") == CANARY

    def test_settings_refer_to_it(self, home: Path) -> None:
        self.run(home, "set", "MAIL_PASSWORD", typed=CANARY)
        for folder in ("cur", "new", "tmp"):
            (home.parent / "mail" / folder).mkdir(parents=True)
        words = ["add", "maildir", str(home.parent / "mail"), "-o", "smtp=smtp://noor@127.0.0.1:1",
                 "-o", "password=secret:MAIL_PASSWORD", "--home", str(home)]  # fmt: skip
        assert CliRunner().invoke(command, words).exit_code == 0
        assert 'password = "secret:MAIL_PASSWORD"' in (home / "config.toml").read_text("utf-8")
        (home / "secrets.key").unlink()
        result = CliRunner().invoke(command, ["sync", "--home", str(home)])
        assert result.exit_code == 1, "that source alone could not be read"
        assert "secrets.key is gone" in result.output
