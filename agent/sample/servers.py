"""Real servers on this machine for the sample workspace: Dovecot, Radicale, and one for outgoing mail.

They listen on 127.0.0.1 alone, keep everything in one folder, and end with the block that started them. The
mail lies in the Maildir that the sample writes; the events of its calendars in the storage of Radicale.
"""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import icalendar

from deskhand.agent.sources.connections import try_out
from deskhand.connectors.errors import SourceError

SECONDS = 20.0
"""A server gets so long to begin, and to end."""
_CALENDARS = ("work", "team")
_DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{mail}
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    special_use = \\Drafts
  }}
  mailbox Sent {{
    special_use = \\Sent
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = create
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class CannotStart(Exception):
    """A server is not installed, or does not begin. The message is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Running:
    """The servers, and how a source reaches them."""

    workspace: Path
    mail: Mapping[str, Any]
    """Options of `imap`, but for the password."""
    calendar: Mapping[str, Any]
    """Options of `caldav`, but for the password; `place` is where it is."""
    password: str
    sent: Path
    """A folder with what the server for outgoing mail took, one file each."""
    storage: Path

    def carry(self) -> None:
        """Bring the servers to what the workspace holds now."""
        hand_over(self.workspace / "mail")
        for name in _CALENDARS:
            path = self.workspace / "calendar" / f"{name}.ics"
            if path.exists():
                _publish(path, self.storage / name)


def missing() -> str:
    """What is not installed, as a sentence; empty where all is there."""
    wanted = []
    if dovecot() is None:
        wanted.append("Dovecot (Debian and Ubuntu: apt install dovecot-imapd)")
    if any(find_spec(name) is None for name in ("radicale", "aiosmtpd")):
        wanted.append("Radicale and aiosmtpd (pip install 'deskhand[servers]')")
    return f"deskhand demo --servers needs {' and '.join(wanted)}." if wanted else ""


@contextmanager
def running(folder: Path, workspace: Path, *, owner: str) -> Iterator[Running]:
    """Start the three servers for a workspace.

    :param folder: theirs; also what is sent lies there.
    :param workspace: a sample that is written already. :param owner: the address of whose it is.
    :raises CannotStart: one is missing, or does not begin.
    """
    if said := missing():
        raise CannotStart(said)
    folder.mkdir(parents=True, exist_ok=True)
    password, user = secrets.token_urlsafe(16), owner.partition("@")[0]
    imap, smtp, dav = free_ports(3)
    sent, storage = folder / "sent", folder / "calendars" / "collection-root" / user
    sent.mkdir(exist_ok=True)
    for name in _CALENDARS:
        (storage / name).mkdir(parents=True, exist_ok=True)
        props = {"tag": "VCALENDAR", "D:displayname": name}
        (storage / name / ".Radicale.props").write_text(json.dumps(props), "utf-8")
    mail: dict[str, Any] = {
        "place": owner, "host": "127.0.0.1", "port": imap, "security": "none",
        "smtp": f"smtp://127.0.0.1:{smtp}",
    }  # fmt: skip
    calendar: dict[str, Any] = {
        "place": f"http://127.0.0.1:{dav}/{user}/", "user": user, "calendars": ",".join(_CALENDARS),
        "me": owner,
    }  # fmt: skip
    with _dovecot(folder, workspace / "mail", imap, password), _radicale(folder, dav, user, password):
        outgoing = _outgoing(sent, smtp)
        try:
            here = Running(workspace, mail, calendar, password, sent, storage)
            for kind, options in (("imap", mail), ("caldav", calendar)):
                _await(kind, {**options, "password": password}, folder / "trial")
            yield here
        finally:
            outgoing.stop()


def _await(kind: str, options: Mapping[str, Any], state: Path) -> None:
    until = monotonic() + SECONDS
    while True:
        try:
            try_out(kind, alias="trial", state=state / kind, options=options)
        except SourceError as error:
            if monotonic() > until:
                raise CannotStart(f"The server for {kind} does not answer: {error}") from None
            sleep(0.1)
        else:
            return


@contextmanager
def _dovecot(folder: Path, mail: Path, port: int, password: str) -> Iterator[None]:
    config = folder / "dovecot.conf"
    config.touch(mode=0o600)
    config.write_text(
        _DOVECOT.format(
            folder=folder, mail=mail, port=port, password=password, **dovecot_users()
        ),
        "utf-8",
    )  # fmt: skip
    hand_over(mail)
    with process([dovecot() or "", "-F", "-c", str(config)]):
        yield


@contextmanager
def _radicale(folder: Path, port: int, user: str, password: str) -> Iterator[None]:
    users = folder / "users"
    users.touch(mode=0o600)
    users.write_text(f"{user}:{password}\n", "utf-8")
    command = [
        sys.executable, "-m", "radicale", "--config", "", "--hosts", f"127.0.0.1:{port}",
        "--auth-type", "htpasswd", "--auth-htpasswd-filename", str(users),
        "--auth-htpasswd-encryption", "plain", "--auth-delay", "0",
        "--storage-filesystem-folder", str(folder / "calendars"),
    ]  # fmt: skip
    with process(command):
        yield


@contextmanager
def process(command: list[str]) -> Iterator[None]:
    """A program that runs as long as the block, and says nothing."""
    program = subprocess.Popen(  # noqa: S603  the servers that `missing` looked for
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        program.terminate()
        try:
            program.wait(SECONDS)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


def _outgoing(folder: Path, port: int) -> Any:
    """A server that takes every message and keeps it as a file."""
    from aiosmtpd.controller import Controller

    class Taking:
        taken = 0

        async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
            self.taken += 1
            (folder / f"{self.taken}.eml").write_bytes(envelope.content)
            return "250 OK"

    controller = Controller(Taking(), hostname="127.0.0.1", port=port, server_hostname="localhost")
    controller.start()
    return controller


def _publish(path: Path, collection: Path) -> None:
    """Make a Radicale collection hold the events of a calendar file, one file for each UID."""
    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    zones = [c for c in calendar.subcomponents if c.name == "VTIMEZONE"]
    by_uid: dict[str, list[Any]] = {}
    for event in calendar.walk("VEVENT"):
        by_uid.setdefault(str(event["uid"]), []).append(event)
    for uid, events in by_uid.items():
        one = icalendar.Calendar()
        one.add("prodid", calendar["prodid"])
        one.add("version", "2.0")
        one.subcomponents = [*zones, *events]
        _keep(collection / f"{uid.partition('@')[0]}.ics", one.to_ical())


def _keep(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def hand_over(mail: Path) -> None:
    """Have the mail belong to whoever Dovecot reads it as."""
    if os.geteuid() == 0:
        reader = _reader()
        for path in [mail, *mail.rglob("*")]:
            with suppress(FileNotFoundError):  # the server renames what it has seen
                os.chown(path, reader.pw_uid, reader.pw_gid)


def _reader() -> pwd.struct_passwd:
    """Whom Dovecot reads mail as: us, but never root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def dovecot_users() -> dict[str, object]:
    """Who its processes run as, for its settings: as root other users than ours, else ourselves."""
    me, root, reader = pwd.getpwuid(os.geteuid()).pw_name, os.geteuid() == 0, _reader()
    return {
        "uid": reader.pw_uid, "gid": reader.pw_gid, "internal": "dovecot" if root else me,
        "login": "dovenull" if root else me, "internal_group": "dovecot" if root else "",
    }  # fmt: skip


def dovecot() -> str | None:
    """The program, or None where there is none."""
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def free_ports(many: int) -> list[int]:
    """Ports that nobody listens on."""
    held = [socket.socket() for _ in range(many)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()
