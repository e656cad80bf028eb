"""Where secrets come from when they are needed, and which are known: what no text may repeat."""

from __future__ import annotations

import base64
import binascii
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote

from deskhand.config.errors import ConfigError
from deskhand.config.ordinary import is_candidate, is_number, taken_out
from deskhand.config.secrets import is_secret_name, resolve

if TYPE_CHECKING:
    from deskhand.config.secret_file import SecretFile

HIDDEN = "•••"
SHORTEST = 5
"""Characters: what is shorter stands in texts by chance."""

_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#@:\s]*:([^/?#@\s]+)@", re.I)
_CODED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")


def ask_at_terminal(prompt: str) -> str:
    """What a person types without its being shown; "" where nobody sits at a terminal."""
    if not (sys.stdin and sys.stdin.isatty()):
        return ""
    from getpass import getpass

    return getpass(prompt)


class Secrets:
    """Looks secrets up by reference, and takes those it knows out of texts. Safe for several threads."""

    def __init__(
        self,
        environ: Mapping[str, str],
        home: Path | None = None,
        *,
        ask: Callable[[str], str] = ask_at_terminal,
        ordinary: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """:param home: the folder that holds `secrets.enc`; without it `secret:NAME` cannot be looked up.
        :param ask: asks the person for a passphrase.
        :param ordinary: whether letters are a word of the language, which stands in texts by chance.
        """
        self._environ, self._home, self._ask = environ, home, ask
        self._lock = Lock()
        self._store: SecretFile | None = None
        # What libraries find by themselves (OPENAI_API_KEY) is as secret as what is referred to.
        # PWD is no password: it is the folder a shell stands in, and stands in every path we tell.
        self._known = {
            v for n, v in environ.items() if n != "PWD" and is_secret_name(n) and len(v) >= SHORTEST
        }
        self._pattern: tuple[set[str], re.Pattern[str], list[str]] | None = None
        """What is taken out wherever it stands, and the ordinary words; with the secrets it was made of."""
        self._ordinary, self._is_word = ordinary, dict[str, bool]()

    def __call__(self, value: str) -> str:
        """What a value stands for: the secret it refers to, else the value itself.

        :raises ConfigError: the secret is not where it should be; the message does not hold it.
        """
        kind, colon, name = value.partition(":")
        if not colon or kind not in ("env", "file", "keyring", "secret"):
            for password in _in_address(value):  # set by a variable: settings hold none
                self.know(password)
            return value
        if kind == "keyring":
            from deskhand.config.keyrings import SERVICE, look_up

            found = look_up(SERVICE, name)
        elif kind == "secret":
            found = self.store.get(name)
        else:
            found = resolve(value, self._environ)
        self.know(found)
        return found

    @property
    def store(self) -> SecretFile:
        """The home's own store. :raises ConfigError: there is no home."""
        if self._home is None:
            raise ConfigError("secret:NAME needs a home folder.")
        with self._lock:
            if self._store is None:
                from deskhand.config.secret_file import SecretFile

                self._store = SecretFile(self._home, self._environ, ask=self._ask)
            return self._store

    def renew(self, name: str, made: Callable[[str], str]) -> str:
        """Keep in a secret's place what is made of it, alone among all processes; what is kept now.

        :raises ConfigError: there is none, or it cannot be kept.
        """
        kept = self.store.renew(name, made)
        self.know(kept)
        return kept

    def know(self, secret: str) -> None:
        """Take this out of texts from now on; where it is JSON, or an address, what is secret in it too."""
        if known := {s for s in (secret, *_inside(secret)) if len(s) >= SHORTEST}:
            with self._lock:
                self._known = self._known | known

    def hide(self, text: str) -> str:
        """The text without any secret that is known, also as it stands in JSON, URLs and base64.

        One that is an ordinary word goes where it stands as a secret, and stays where it is but a word.
        """
        known = self._known
        if not known:
            return text
        made = self._pattern
        if made is None or made[0] != known:
            # Another thread may have learnt one more meanwhile: this pattern is not taken for that of all.
            words = [secret for secret in known if self._stands_by_chance(secret)]
            forms = {form for secret in known for form in _forms(secret)} - {*words}
            pattern = re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))))
            made = self._pattern = known, pattern, words
        text = made[1].sub(HIDDEN, text)
        for word in made[2]:
            text = taken_out(text, word, HIDDEN)
        raw = [secret.encode("utf-8", "surrogatepass") for secret in known]
        return _CODED.sub(lambda token: HIDDEN if _coded(token[0], raw) else token[0], text)

    def _stands_by_chance(self, secret: str) -> bool:
        """Whether it is a word or number that texts hold anyway (`config.ordinary`)."""
        if not is_candidate(secret):
            return False
        if secret not in self._is_word:
            self._is_word[secret] = is_number(secret) or self._ordinary(secret)
        return self._is_word[secret]


def _inside(secret: str) -> list[str]:
    """What a secret in JSON (what a sign-in left) holds under names of secrets; an address its password."""
    if not secret.startswith("{"):
        return _in_address(secret)
    try:
        held = json.loads(secret)
    except (ValueError, RecursionError):
        return []
    return [*_named(held)]


def _in_address(url: str) -> list[str]:
    """The password in an address (RFC 3986 3.2.1), as it stands there and as it is meant."""
    found = _PASSWORD.match(url)
    return [found[1], unquote(found[1])] if found else []


def _named(held: Any) -> Iterator[str]:
    """Values under names of secrets, however deep."""
    for name, value in held.items() if isinstance(held, dict) else ():
        if isinstance(value, str) and is_secret_name(name):
            yield value
        yield from _named(value)


def _forms(secret: str) -> set[str]:
    """How a secret may be written in a message."""
    data = secret.encode("utf-8", "surrogatepass")
    made = {secret, secret.strip(), repr(secret)[1:-1], json.dumps(secret)[1:-1]}
    made |= {json.dumps(secret, ensure_ascii=False)[1:-1], repr(data)[2:-1], data.hex()}
    made |= {quote(data, safe=""), quote(data), quote_plus(data)}
    made |= {line for line in secret.splitlines() if len(line) >= 3 * SHORTEST}  # a private key, line by line
    return {form for form in made if len(form) >= SHORTEST}


def _coded(token: str, secrets: list[bytes]) -> bool:
    """Whether base64 says one of these: AUTH PLAIN puts user and password into one token."""
    plain = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(plain + "=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        return False
    return any(secret in data for secret in secrets)
