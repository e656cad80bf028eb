"""A real PostgreSQL for tests: a cluster in a temporary folder, on a Unix socket, stopped at the end."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PACKAGE = "postgresql"
"""The Debian package it comes from."""

_UNPRIVILEGED = ("postgres", "nobody")


def programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, or None where there is no PostgreSQL."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


class Cluster:
    """A running server; `new` makes a database in it."""

    def __init__(self, bin_: Path, folder: Path) -> None:
        self._bin, self._folder = bin_, folder
        self._numbers = itertools.count()

    def new(self) -> str:
        """Make an empty database; its URL."""
        import psycopg

        name = f"deskhand{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def url(self, name: str) -> str:
        """Where a database is, as `deskhand` and PostgreSQL's own programs take it."""
        return f"postgresql:///{name}?host={self._folder}&user=deskhand"

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL as whoever owns the cluster."""
        command = [*_as_somebody(self._folder), str(self._bin / program), *arguments]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")


@contextmanager
def cluster(bin_: Path) -> Iterator[Cluster]:
    """Start a server for as long as the block runs. It keeps nothing, so it need not wait for the disk."""
    # Not pytest's folder: that one is closed to other users, and PostgreSQL refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="deskhand-pg-"))
    made = Cluster(bin_, folder)
    try:
        if os.geteuid() == 0:
            known = {entry.pw_name: entry for entry in pwd.getpwall()}
            somebody = next(known[name] for name in _UNPRIVILEGED if name in known)
            os.chown(folder, somebody.pw_uid, somebody.pw_gid)
        data = str(folder / "data")
        made.run(
            "initdb", "-D", data, "-U", "deskhand", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        options = f"-c listen_addresses='' -k {folder} -c fsync=off -c shared_buffers=32MB"
        made.run("pg_ctl", "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "-t", "60", "start")
        try:
            yield made
        finally:
            made.run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_somebody(folder: Path) -> Sequence[str]:
    if os.geteuid() != 0:
        return ()
    owner = folder.stat()
    return ("setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups")
