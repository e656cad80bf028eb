"""A real IMAP server (Dovecot) on free loopback ports, and another program that uses the same mailboxes.

Every user name exists, with the password `secret`; a name that no test used before is an empty mailbox.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import trustme
from imapclient import IMAPClient

from deskhand.agent.sample.servers import dovecot, dovecot_users, free_ports, hand_over

PACKAGE = "dovecot-imapd"
"""The Debian package it comes from."""
PASSWORD = "sesame-7"
installed = dovecot
"""The program, or None where there is none."""

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login xoauth2
mail_location = maildir:{folder}/mail/%u
mail_fsync = never
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
mail_max_userip_connections = 100
mail_plugins = quota
protocol imap {{
  mail_plugins = quota imap_quota
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=2G:messages=200000
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = .
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox "Sent Messages" {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Bin {{
    special_use = \\Trash
    auto = subscribe
  }}
  mailbox Spam {{
    special_use = \\Junk
    auto = subscribe
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


_TOKENS = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""
_KEY = b"what tokens of this server are signed with"


def token(user: str) -> str:
    """An access token of this user (JWT, RFC 7519), good for a day."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    now = int(time.time())
    said = {"sub": user, "iat": now - 60, "exp": now + 86_400}
    plain = f"{part(json.dumps({'alg': 'HS256', 'typ': 'JWT'}).encode())}.{part(json.dumps(said).encode())}"
    return f"{plain}.{part(hmac.digest(_KEY, plain.encode(), 'sha256'))}"


@dataclass(frozen=True)
class Server:
    """Where it listens."""

    folder: Path
    port: int
    tls: int
    """The port with TLS from the start."""
    authority: Path
    """The certificate that says it is localhost."""
    _numbers: Iterator[int]

    def fingerprint(self) -> str:
        """The SHA-256 of its certificate, in hex."""
        held = (self.folder / "server.pem").read_text("ascii")
        mark = "-----BEGIN CERTIFICATE-----"
        first = mark + held.split(mark)[1]
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).hexdigest()

    def user(self) -> str:
        """Somebody whose mailbox is empty."""
        return f"user{next(self._numbers)}@example.org"

    @contextmanager
    def program(self, user: str) -> Iterator[IMAPClient]:
        """Another mail program of this user."""
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=30) as client:
            client.login(user, PASSWORD)
            yield client

    def put(self, user: str, folder: str, *messages: bytes, flags: Sequence[str] = ()) -> list[int]:
        """Messages come in, in this order; their UIDs."""
        with self.program(user) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for message in messages:
                client.append(folder, message, flags)
            client.select_folder(folder, readonly=True)
            return sorted(client.search())[-len(messages) :]

    def fill(self, user: str, messages: Sequence[bytes], *, folder: str = "INBOX") -> None:
        """Put many messages into a folder on the disk, seen ones; nobody is signed in yet."""
        mail = self.folder / "mail" / user
        home = mail if folder == "INBOX" else mail / f".{folder}"
        for inner in ("cur", "new", "tmp"):
            (home / inner).mkdir(parents=True, exist_ok=True)
        for n, message in enumerate(messages):
            path = home / "cur" / f"{1_700_000_000 + n}.M{n}.test:2,S"
            path.write_bytes(message)
            os.utime(path, (1_700_000_000 + n,) * 2)
        hand_over(mail)

    def ids(self, user: str, folder: str) -> list[str]:
        """The Message-IDs of what is in a folder, in order."""
        with self.program(user) as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), ["ENVELOPE"])
            return [found[uid][b"ENVELOPE"].message_id.decode() for uid in sorted(found)]

    def flags(self, user: str, folder: str) -> dict[int, set[str]]:
        """The flags of what is in a folder, by UID."""
        with self.program(user) as client:
            client.select_folder(folder, readonly=True)
            found = client.get_flags(client.search())
            return {uid: {f.decode() for f in flags} - {"\\Recent"} for uid, flags in found.items()}


@contextmanager
def server(program: str) -> Iterator[Server]:
    """A Dovecot for as long as the block runs."""
    # Not pytest's folder: that one is closed to other users, and no mail is read as root.
    folder = Path(tempfile.mkdtemp(prefix="deskhand-imap-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        folder.chmod(0o755)
        for inner in ("mail", "run", "state"):
            (folder / inner).mkdir()
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "authority.pem")
        authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
            folder / "server.pem"
        )
        hand_over(folder / "mail")
        (folder / "keys/default/HS256").mkdir(parents=True)
        (folder / "keys/default/HS256/default").write_bytes(base64.b64encode(_KEY))
        (folder / "oauth2.conf").write_text(_TOKENS.format(folder=folder), "utf-8")
        config = folder / "dovecot.conf"
        for left in reversed(range(5)):
            port, tls = free_ports(2)
            config.write_text(
                _CONFIG.format(
                    folder=folder, port=port, tls=tls, password=PASSWORD, **dovecot_users()
                ),
                "utf-8",
            )  # fmt: skip
            process = subprocess.Popen([program, "-F", "-c", str(config)])
            # A port that was free can be somebody else's a moment later, even another server like this.
            if _is_up(port, process, folder, last=not left):
                break
        yield Server(folder, port, tls, folder / "authority.pem", count(1))
    finally:
        if process is not None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(15)
        shutil.rmtree(folder, ignore_errors=True)


def _is_up(port: int, process: subprocess.Popen[bytes], folder: Path, *, last: bool) -> bool:
    """Wait until it listens; whether it does, and it is this one."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                if connection.recv(4) == b"* OK":
                    time.sleep(0.2)  # who cannot have its port ends by then
                    if process.poll() is None:
                        return True
        except OSError:
            pass
        if process.poll() is not None:
            break
        time.sleep(0.05)
    if process.poll() is not None and not last:
        return False
    log = folder / "log"
    raise AssertionError(log.read_text("utf-8") if log.exists() else "Dovecot does not start")
