"""A keyring in a file of the test's, as other programs would bring one: `PYTHON_KEYRING_BACKEND` names it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError, PasswordSetError


class Twin(KeyringBackend):
    """Real as far as anybody can tell: it has the priority of one."""

    priority: Any = 5

    def _all(self) -> dict[str, str]:
        path = Path(os.environ["KEYRING_TWIN"])
        return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}

    def _put(self, kept: dict[str, str]) -> None:
        Path(os.environ["KEYRING_TWIN"]).write_text(json.dumps(kept), "utf-8")

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._put(self._all() | {f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        kept = self._all()
        if f"{service} {username}" not in kept:
            raise PasswordDeleteError("there is none")
        del kept[f"{service} {username}"]
        self._put(kept)


class Plaintext(Twin):
    """Says of itself that it is no place for secrets."""

    priority: Any = 0.5


class Broken(Twin):
    """Repeats what it was given in its error."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError(f"could not keep {password}")
