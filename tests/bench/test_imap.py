"""A mail account of 10,000 messages on a real Dovecot, beside `mbsync` (isync), `offlineimap3` and `notmuch`.

Those copy the mail into a Maildir, and `notmuch new` makes its words searchable. Deskhand stores versions,
people, threads and texts (also those of what is attached) in the archive, and their words in the index, by a
connection of its own each time. Needs the Debian packages dovecot-imapd, isync, offlineimap3 and notmuch.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from agent_givens import ENVIRONMENT
from contracts import NOW
from fakes import dovecot
from mailbox_givens import Mailbox
from pytest_benchmark.fixture import BenchmarkFixture

from deskhand.agent.app import App

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "10000"))
FOLDERS = {"INBOX": 0.5, "Archive": 0.3, "Lists": 0.1, "Sent Messages": 0.1}
_numbers = count()

Once = Callable[[], None]


@dataclass
class Account:
    """Somebody's mailbox on the server."""

    server: dovecot.Server
    user: str
    new: Iterator[bytes]
    inbox: list[int] = field(default_factory=list)

    def change(self) -> None:
        """A hundred changes: 50 mails come in, 30 are marked, 10 are moved, 10 are gone."""
        with self.server.program(self.user) as client:
            for _ in range(50):
                client.append("INBOX", next(self.new))
            client.select_folder("INBOX")
            uids = client.search()
            client.add_flags(uids[-130:-100], [b"\\Flagged", b"\\Answered"])
            client.move(uids[-200:-190], "Archive")
            client.delete_messages(uids[-300:-290])
            client.expunge()


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    program = dovecot.installed()
    if program is None:
        pytest.skip("needs Dovecot (Debian package dovecot-imapd)")
    with dovecot.server(program) as server:
        user, made = server.user(), Mailbox().messages(MESSAGES + 100_000)
        for folder, part in FOLDERS.items():
            server.fill(user, [next(made) for _ in range(int(MESSAGES * part))], folder=folder)
        with server.program(user) as client:  # its own index is there before anybody is timed
            for folder in FOLDERS:
                client.select_folder(folder)
        yield Account(server, user, made)


def _home(account: Account, folder: Path) -> Path:
    known = {
        "kind": "imap", "place": account.user, "host": "localhost", "port": account.server.tls,
        "ca": str(account.server.authority), "password": "env:BENCH_PASSWORD",
    }  # fmt: skip
    home = folder / "home"
    home.mkdir(mode=0o700)
    lines = "".join(f"{name} = {value!r}\n" for name, value in known.items()).replace("'", '"')
    (home / "config.toml").write_text(f'[person]\nemail = "{account.user}"\n[sources.mail]\n{lines}')
    return home


_ENVIRON = ENVIRONMENT | {"DESKHAND_EMBEDDING__MODEL": "none", "BENCH_PASSWORD": dovecot.PASSWORD}


def ours(account: Account, folder: Path) -> Once:
    """A pass of a Deskhand that runs (as `deskhand serve` does), signing in anew."""
    app = App.open(_home(account, folder), now=NOW, environ=_ENVIRON)

    def once() -> None:
        app.connections.connector("mail").close()  # the next pass signs in
        done = app.sync(embed=0)
        assert [p.error for p in done.passes] == [""]

    once.close = app.close  # type: ignore[attr-defined]
    return once


def command(account: Account, folder: Path) -> Once:
    """`deskhand sync`, the whole process: most of it is Python that begins."""
    words = [sys.executable, "-m", "deskhand.agent.terminal.cli", "sync", "--home", _home(account, folder)]

    def once() -> None:
        subprocess.run(words, check=True, capture_output=True, env=os.environ | _ENVIRON)

    return once


def _tool(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"needs {name} (Debian package {package})")
    return found


def mbsync(account: Account, folder: Path) -> Once:
    program = _tool("mbsync", "isync")
    (folder / "mail").mkdir()
    (folder / "rc").write_text(
        f"IMAPAccount a\nHost localhost\nPort {account.server.tls}\nUser {account.user}\n"
        f"Pass {dovecot.PASSWORD}\nSSLType IMAPS\nCertificateFile {account.server.authority}\n\n"
        "IMAPStore r\nAccount a\n\n"
        f"MaildirStore l\nPath {folder}/mail/\nInbox {folder}/mail/INBOX\nSubFolders Verbatim\n\n"
        "Channel c\nFar :r:\nNear :l:\nPatterns *\nCreate Near\nExpunge Near\nSync Pull\nSyncState *\n"
    )

    def once() -> None:
        subprocess.run([program, "-q", "-q", "-c", folder / "rc", "c"], check=True, capture_output=True)

    return once


def offlineimap(account: Account, folder: Path) -> Once:
    program = _tool("offlineimap", "offlineimap3")
    (folder / "rc").write_text(
        f"[general]\naccounts = a\nui = quiet\nmetadata = {folder}/state\n"
        "[Account a]\nlocalrepository = l\nremoterepository = r\n"
        f"[Repository l]\ntype = Maildir\nlocalfolders = {folder}/mail\n"
        f"[Repository r]\ntype = IMAP\nreadonly = True\nremotehost = localhost\n"
        f"remoteport = {account.server.tls}\nremoteuser = {account.user}\nremotepass = {dovecot.PASSWORD}\n"
        # It wants a commonName, which certificates of today have none of.
        f"ssl = yes\ncert_fingerprint = {account.server.fingerprint()}\n"
    )

    def once() -> None:
        subprocess.run([program, "-o", "-c", folder / "rc"], check=True, capture_output=True)

    return once


def notmuch(folder: Path) -> Once:
    program = _tool("notmuch", "notmuch")
    (folder / "notmuch").write_text(
        f"[database]\npath={folder}/mail\n[user]\nname=Ana\nprimary_email=ana@example.org\n[new]\ntags=new\n"
    )
    environ = os.environ | {"NOTMUCH_CONFIG": str(folder / "notmuch")}

    def once() -> None:
        subprocess.run([program, "new", "--quiet"], check=True, capture_output=True, env=environ)

    return once


def offlineimap_notmuch(account: Account, folder: Path) -> Once:
    fetch, index = offlineimap(account, folder), notmuch(folder)
    return lambda: (fetch(), index())[0]


ALL = [ours, mbsync, offlineimap, offlineimap_notmuch]
Who = Callable[[Account, Path], Once]


@dataclass
class Begun:
    """Programs that have read everything once."""

    account: Account
    folder: Path
    done: dict[Who, Once] = field(default_factory=dict)

    def anew(self, who: Who) -> Once:
        """A program with nothing read yet."""
        folder = self.folder / str(next(_numbers))
        folder.mkdir()
        self.done[who] = who(self.account, folder)
        return self.done[who]

    def read(self, who: Who) -> Once:
        """The one that has read everything."""
        if who not in self.done:
            self.anew(who)()
        return self.done[who]


@pytest.fixture(scope="module")
def begun(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Begun]:
    made = Begun(account, tmp_path_factory.mktemp("begun"))
    yield made
    for once in made.done.values():
        getattr(once, "close", lambda: None)()
    shutil.rmtree(made.folder, ignore_errors=True)  # hundreds of megabytes each


@pytest.mark.benchmark(group=f"first sync of {MESSAGES:,} mails on a server")
@pytest.mark.parametrize("who", ALL)
def test_first_sync(benchmark: BenchmarkFixture, begun: Begun, who: Who) -> None:
    benchmark.pedantic(begun.anew(who), rounds=1)


@pytest.mark.benchmark(group=f"sync of {MESSAGES:,} mails on a server that did not change")
@pytest.mark.parametrize("who", [*ALL, command])
def test_nothing_changed(benchmark: BenchmarkFixture, begun: Begun, who: Who) -> None:
    benchmark.pedantic(begun.read(who), rounds=7)


@pytest.mark.benchmark(group=f"100 changes in {MESSAGES:,} mails on a server")
@pytest.mark.parametrize("who", ALL)
def test_a_hundred_changes(benchmark: BenchmarkFixture, begun: Begun, who: Who) -> None:
    once = begun.read(who)
    once()  # what the others had changed
    benchmark.pedantic(once, setup=begun.account.change, rounds=3)
