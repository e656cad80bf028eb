"""The home's own store of secrets: `secrets.enc` says where each is, and holds those that no keyring does.

The names are readable, the secrets sealed with ChaCha20-Poly1305 (RFC 8439) under a key that scrypt (RFC
7914) makes of a passphrase, or that lies in `secrets.key` beside it. Written whole or not at all, by one at
a time.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets as random
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from deskhand.config import keyrings
from deskhand.config.errors import ConfigError, nearest
from deskhand.config.private import Garbled, read_private, write_private

Where = Literal["keyring", "file"]

PASSPHRASE = "DESKHAND_PASSPHRASE"  # noqa: S105 - the name of a variable
NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")
LARGEST = 64 * 1024
_FORMAT = "deskhand secrets 1"
_COST = {"n": 2**16, "r": 8, "p": 1}
"""64 MB and a fifth of a second for each guess."""
_MOST_COST = 2**20


class SecretFile:
    """The secrets of one home."""

    def __init__(self, home: Path, environ: Mapping[str, str], *, ask: Callable[[str], str]) -> None:
        self._path, self._key_path, self._lock = (
            home / "secrets.enc",
            home / "secrets.key",
            home / "secrets.lock",
        )
        self._environ, self._ask = environ, ask
        self._keys: dict[str, bytes] = {}
        """By salt: to make one of a passphrase takes its time."""

    def names(self) -> dict[str, Where]:
        """Every secret and where it is, by name. Needs no key."""
        return dict(sorted(self._read()["names"].items()))

    @property
    def guarded_by(self) -> str:
        """What opens the file: "passphrase" or "file"; "" where there is none yet."""
        return str(self._read()["key"].get("from", ""))

    def problem(self) -> str:
        """Why what is kept cannot be looked up as things stand, in a sentence; "" where it can be. Nobody is
        asked for a passphrase: where none is given, that is not looked into."""
        try:
            kept = self._read()
            held = [n for n, where in kept["names"].items() if where == "keyring"]
            if held and not keyrings.usable():
                return f"There is no keyring here by now, and it held: {', '.join(sorted(held))}."
            if kept["key"].get("from") != "passphrase" or self._environ.get(PASSPHRASE, ""):
                self._opened(kept)
        except ConfigError as error:
            return str(error)
        return ""

    def get(self, name: str) -> str:
        """A secret. :raises ConfigError: there is none, or it cannot be opened."""
        kept = self._read()
        where = kept["names"].get(name)
        if where is None:
            hint = nearest(name, list(kept["names"]))
            raise ConfigError(
                f"There is no secret {name[:80]!r}{hint}; keep it with: deskhand secret set {name[:80]}"
            )
        if where == "keyring":
            return keyrings.look_up(_service(kept), name)
        opened = self._opened(kept)
        if name not in opened:
            raise ConfigError(f"{name} is not in {self._path} any more: the file was changed. {self._anew()}")
        return opened[name]

    def put(self, name: str, secret: str, *, to: Where | None = None, passphrase: bool = False) -> Where:
        """Keep a secret: in the keyring where there is a real one, else in the file. Where it is now, and
        nowhere else.

        :raises ConfigError: it cannot be kept; or it is, and the keyring did not let go of the one before.
        :param passphrase: what is made anew is opened by a passphrase, which the person is asked for.
        """
        if not NAME.fullmatch(name):
            # It is not repeated: what was typed there may be the secret itself.
            raise ConfigError(
                "A secret cannot be called that: a name begins with a letter, and has up to 64 letters, "
                "digits, '.', '-' and '_'."
            )
        if not secret or len(secret.encode("utf-8", "surrogatepass")) > LARGEST:
            raise ConfigError("A secret has at least one character, and at most 64 KB.")
        where: Where = to or ("keyring" if keyrings.usable() else "file")
        with self._changing() as kept:
            was = kept["names"].get(name)
            self._place(kept, name, secret, where, passphrase)
        if was == "keyring" and where == "file":
            _drop(kept, name)
        return where

    def remove(self, name: str) -> Where:
        """Forget a secret; where it was. :raises ConfigError: there is none."""
        with self._changing() as kept:
            where: Where | None = kept["names"].get(name)
            if where is None:
                hint = nearest(name, list(kept["names"]))
                raise ConfigError(f"There is no secret {name[:80]!r}{hint}.")
            self._clear(kept, name, where)
        if where == "keyring":
            keyrings.drop(_service(kept), name)
        return where

    def move(self, name: str, to: Where) -> None:
        """Keep a secret elsewhere. It is there before it goes from where it was."""
        secret = self.get(name)
        with self._changing() as kept:
            was = kept["names"].get(name)
            self._place(kept, name, secret, to, False)
        if was == "keyring" and to == "file":
            _drop(kept, name)

    def guard(self, passphrase: str) -> None:
        """Seal the file anew: under this passphrase, or with "" under a key file beside it."""
        with self._changing() as kept:
            opened = self._opened(kept) if kept["sealed"] else {}
            kept["key"] = self._new_key(passphrase)
            self._seal(kept, opened)
        if passphrase:
            self._key_path.unlink(missing_ok=True)

    def _place(self, kept: dict[str, Any], name: str, secret: str, where: Where, passphrase: bool) -> None:
        opened = self._opened(kept) if kept["sealed"] else {}
        if where == "keyring":
            keyrings.keep(_service(kept), name, secret)
            opened.pop(name, None)
        else:
            opened[name] = secret
            if not kept["key"]:
                kept["key"] = self._new_key(self._new_passphrase(asked=passphrase))
        kept["names"][name] = where
        self._seal(kept, opened)

    def _clear(self, kept: dict[str, Any], name: str, where: Where) -> None:
        opened = self._opened(kept) if kept["sealed"] else {}
        opened.pop(name, None)
        del kept["names"][name]
        self._seal(kept, opened)

    def _read(self) -> dict[str, Any]:
        try:
            text = read_private(self._path)
        except Garbled:
            text = ""
        if text is None:
            return {"deskhand": _FORMAT, "id": "", "key": {}, "names": {}, "nonce": "", "sealed": ""}
        try:
            kept = json.loads(text)
            right = _is_store(kept)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            right = False
        if not right:
            raise ConfigError(
                f"{self._path} is no store of secrets any more, or one of a later Deskhand; put back a copy "
                f"of it. {self._anew()}"
            )
        return dict(kept)

    def _anew(self) -> str:
        """What to do where nothing brings the file back."""
        path = shlex.quote(str(self._path))
        return (
            f"Without a copy, all that it held is lost. To begin anew, say mv {path} {path}.broken, then "
            "deskhand secret set NAME for each that your settings refer to as secret:NAME."
        )

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        """What is kept, to be changed by one at a time; written when that went well."""
        from filelock import FileLock, Timeout

        try:
            with FileLock(self._lock, timeout=30, mode=0o600):
                kept = self._read()
                kept["id"] = kept["id"] or random.token_hex(8)
                yield kept
                write_private(self._path, json.dumps(kept, indent=1))
        except Timeout:
            raise ConfigError("Another deskhand command keeps the secrets busy; try again.") from None

    def _opened(self, kept: Mapping[str, Any]) -> dict[str, str]:
        if not kept["sealed"]:
            return {}
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        try:
            nonce, sealed = base64.b64decode(kept["nonce"]), base64.b64decode(kept["sealed"])
            plain = ChaCha20Poly1305(self._key(kept["key"])).decrypt(nonce, sealed, _header(kept))
            return dict(json.loads(plain))
        except (InvalidTag, ValueError, TypeError) as error:
            if isinstance(error, ConfigError):
                raise
            self._keys.clear()
            wrong = (
                "the passphrase is wrong" if kept["key"].get("from") == "passphrase" else "its key is another"
            )
            raise ConfigError(
                f"{self._path} cannot be opened: {wrong}, or the file was changed. {self._anew()}"
            ) from None

    def _seal(self, kept: dict[str, Any], opened: Mapping[str, str]) -> None:
        if not kept["key"]:
            return  # all of it is in the keyring
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        nonce = random.token_bytes(12)
        plain = json.dumps(dict(opened)).encode()
        sealed = ChaCha20Poly1305(self._key(kept["key"])).encrypt(nonce, plain, _header(kept))
        kept["nonce"], kept["sealed"] = base64.b64encode(nonce).decode(), base64.b64encode(sealed).decode()

    def _key(self, how: Mapping[str, Any]) -> bytes:
        if how["from"] == "file":
            text = read_private(self._key_path)
            if text is None:
                raise ConfigError(
                    f"{self._key_path} is gone, and without it {self._path.name} cannot be opened: put it "
                    f"back from a copy, or remove {self._path} and set your secrets again."
                )
            return bytes.fromhex(text.strip())
        salt = str(how["salt"])
        if salt not in self._keys:
            given = self._environ.get(PASSPHRASE, "") or self._ask("Passphrase of your secrets: ")
            if not given:
                raise ConfigError(
                    f"Your secrets are sealed with a passphrase: set {PASSPHRASE}, or run at a terminal."
                )
            self._keys[salt] = _derived(given, salt, how)
        return self._keys[salt]

    def _new_passphrase(self, *, asked: bool) -> str:
        if given := self._environ.get(PASSPHRASE, ""):
            return given
        if not asked:
            return ""
        first = self._ask("New passphrase of your secrets: ")
        if not first or self._ask("Once more: ") != first:
            raise ConfigError("The two passphrases are not the same, or empty; nothing was changed.")
        return first

    def _new_key(self, passphrase: str) -> dict[str, Any]:
        if not passphrase:
            if self._key_path.exists():
                read_private(self._key_path)
            else:
                write_private(self._key_path, random.token_hex(32) + "\n")
            return {"from": "file"}
        how = {"from": "passphrase", "salt": random.token_hex(16), **_COST}
        self._keys[str(how["salt"])] = _derived(passphrase, str(how["salt"]), how)
        return how


def _is_store(kept: Any) -> bool:
    """Whether it has the form of a store. Raises what a value of another kind raises."""
    how, names = kept["key"], kept["names"]
    texts = [kept[k] for k in ("id", "nonce", "sealed")]
    if how and how["from"] == "passphrase":
        made = bytes.fromhex(how["salt"]) and all(type(how[k]) is int for k in _COST)
    else:
        made = how == {"from": "file"} or (how == {} and not kept["sealed"])
    # Who says that something lies in the file has something there.
    there = bool(kept["sealed"]) or "file" not in names.values()
    right = kept["deskhand"] == _FORMAT and all(isinstance(t, str) for t in texts) and bool(made) and there
    return right and all(NAME.fullmatch(n) and w in ("keyring", "file") for n, w in names.items())


def _derived(passphrase: str, salt: str, how: Mapping[str, Any]) -> bytes:
    n, r, p = (int(how[k]) for k in ("n", "r", "p"))
    if not (2 <= n <= _MOST_COST and 1 <= r <= 32 and 1 <= p <= 16):
        raise ConfigError("The store of secrets was changed: it asks for more work than any of ours.")
    data = passphrase.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=bytes.fromhex(salt), n=n, r=r, p=p, maxmem=256 * n * r + 2**20, dklen=32)


def _header(kept: Mapping[str, Any]) -> bytes:
    """What is sealed along with the secrets: nobody can say that another one is elsewhere."""
    return json.dumps({k: kept[k] for k in ("deskhand", "id", "key", "names")}, sort_keys=True).encode()


def _drop(kept: Mapping[str, Any], name: str) -> None:
    """Have the keyring let go of what is in the file by now."""
    try:
        keyrings.drop(_service(kept), name)
    except ConfigError as error:
        raise ConfigError(
            f"{name} is sealed in secrets.enc now, but the keyring did not let go of what it held under that "
            f"name: {error} Remove it there yourself: the entry {name} of {_service(kept)}."
        ) from None


def _service(kept: Mapping[str, Any]) -> str:
    return f"{keyrings.SERVICE}:{kept['id']}"
