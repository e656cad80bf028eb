"""A real git repository made with the real git command, with dates and people of one's choice."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Repo:
    """Commits are a day apart, beginning on 2 November 2026, so nothing depends on the clock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.commits = 0
        path.mkdir(parents=True, exist_ok=True)
        self("init", "-q", "-b", "main")

    def __call__(self, *arguments: str, author: str = "Ana Test") -> str:
        when = (START + timedelta(days=self.commits)).isoformat()
        who = {"NAME": author, "EMAIL": f"{author.split()[0].lower()}@example.org", "DATE": when}
        env = {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in who.items()}
        quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *arguments],
            cwd=self.path, env=os.environ | env | quiet, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(
        self, message: str, *, author: str = "Ana Test", files: Mapping[str, str | bytes | None] = {}
    ) -> str:
        """Write (None: delete) files by name, then commit everything; the full id."""
        for name, content in files.items():
            self.write(name, content)
        self("add", "-A")
        self("commit", "-q", "--allow-empty", "-m", message, author=author)
        self.commits += 1
        return self("rev-parse", "HEAD")

    def write(self, name: str, content: str | bytes | None) -> Path:
        path = self.path / name
        if content is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path
