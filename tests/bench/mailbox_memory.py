"""How much memory `deskhand sync` takes for a large mailbox, against a small one.

    python tests/bench/mailbox_memory.py [MESSAGES ...]

Fills mailboxes of a real Dovecot with small messages, syncs each into a home of its own in a process of its
own (vectors by hashing: what is measured is the mail), and prints the peak of its memory. Not a test: it
takes a quarter of an hour.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fakes import dovecot

COMMAND = [sys.executable, "-c", "from deskhand.agent.terminal.cli import main; main()"]
READ = "from deskhand.agent.app import App; app = App.open(); app.sync(embed=0); app.close()"
"""A first sync without vectors: what is measured is the mail, the archive and the words."""
MEASURED = """
import resource, subprocess, sys
ended = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(ended.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def message(n: int) -> bytes:
    """A small mail; every tenth answers the one before."""
    answers = f"In-Reply-To: <{n - 1}@example.org>\r\n" if n % 10 == 9 else ""
    return (
        f"From: Person {n % 500} <p{n % 500}@example.org>\r\nTo: noor@example.org\r\n{answers}"
        f"Subject: Matter {n}\r\nMessage-ID: <{n}@example.org>\r\n"
        f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(1_700_000_000 + n))}\r\n\r\n"
        f"This is what there is to say of matter {n}: the figures of week {n % 52} are ready.\r\n"
    ).encode()


def peak(*words: str, environ: dict[str, str]) -> int:
    """MB at the most of a command, and of what it started."""
    measured = [sys.executable, "-c", MEASURED, *words]
    said = subprocess.run(measured, env=environ, capture_output=True, check=True, text=True).stdout.split()
    if said[0] not in ("0", "1"):
        raise SystemExit(f"{words[-1]} ended with {said[0]}")
    return int(said[1]) // 1024


def main(counts: list[int]) -> None:
    """Measure mailboxes of these sizes."""
    program = dovecot.installed()
    if program is None:
        raise SystemExit(f"needs the Debian package {dovecot.PACKAGE}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    with dovecot.server(program) as server, tempfile.TemporaryDirectory() as folder:
        for count in counts:
            user = server.user()
            server.fill(user, [message(n) for n in range(count)])
            environ = os.environ | {
                "DESKHAND_HOME": str(Path(folder) / str(count)), "DESKHAND_EMBEDDING__MODEL": "hashed",
                "MAIL_PASSWORD": dovecot.PASSWORD, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            }  # fmt: skip
            options = {
                "host": "localhost", "port": server.tls, "ca": server.authority,
                "password": "env:MAIL_PASSWORD",
            }  # fmt: skip
            given = [w for name, value in options.items() for w in ("-o", f"{name}={value}")]
            subprocess.run([*COMMAND, "add", "imap", user, *given], env=environ, check=True)
            started = time.monotonic()
            read = peak(sys.executable, "-c", READ, environ=environ)
            took = time.monotonic() - started
            understood = peak(*COMMAND, "sync", environ=environ)
            again = peak(*COMMAND, "sync", environ=environ)
            print(
                f"{count:>9,} messages: read {read} MB ({took:.0f} s), understood {understood} MB, then a "
                f"sync over what did not change {again} MB",
                flush=True,
            )


if __name__ == "__main__":
    main([int(n) for n in sys.argv[1:]] or [10_000, 100_000])
