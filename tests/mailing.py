"""A home whose mail goes out through a real server, and a process of its own that sends and may be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email import message_from_bytes
from pathlib import Path

from agent_givens import ANN, BO, ENVIRONMENT, ME, NOW, box, plan, step
from crashing import forked

from deskhand.agent.app import App
from deskhand.agent.sample.servers import free_ports

MAIL = plan(step("mail", "mail.send", source="mail", to=[box(BO), box(ANN)], subject="Hi", body="Hello."))


class Server:
    """The mail server, as a test tells it what to do and looks into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = int((folder / "port").read_text("utf-8"))

    def then(self, what: str) -> None:
        """What it does with the next message."""
        (self.folder / "then").write_text(what, "utf-8")

    def ids(self) -> list[str]:
        """The Message-IDs of what it took, in order."""
        files = sorted((self.folder / "got").iterdir(), key=lambda p: int(p.stem))
        return [str(message_from_bytes(p.read_bytes())["Message-ID"]) for p in files]


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A mail server in a process of its own, for as long as this lasts."""
    (folder / "got").mkdir(parents=True)
    (folder / "then").write_text("take", "utf-8")
    (folder / "want").write_text(str(free_ports(1)[0]), "utf-8")
    script = Path(__file__).with_name("mail_sink.py")
    with subprocess.Popen([sys.executable, str(script), str(folder)], stdin=subprocess.PIPE) as process:
        try:
            until = time.monotonic() + 60
            while not (folder / "port").exists() and time.monotonic() < until and process.poll() is None:
                time.sleep(0.02)
            yield Server(folder)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)


def connect(root: Path, port: int, *, hold: str = "0s", now: datetime = NOW) -> App:
    """The home under `root`, whose mailbox sends through the server at this port."""
    environ = ENVIRONMENT | {"DESKHAND_SENDING__HOLD": hold}
    app = App.open(root / "home", now=now, environ=environ)
    app._planner = lambda *_: MAIL  # past the door for planners, which would ask about what no words say
    if not app.settings.sources:
        for part in ("cur", "new", "tmp"):
            (root / "mail" / part).mkdir(parents=True)
        options = {"smtp": f"smtp://127.0.0.1:{port}", "sender": ME}
        app.add("maildir", str(root / "mail"), alias="mail", options=options)
    return app


def sent_by_another(root: Path, server: Server, *, hold: str = "0s", kill_after: float | None = None) -> bool:
    """Ask for the mail in a process of its own; whether it was killed.

    :param kill_after: so many seconds after it began to send, it kills itself.
    """
    child = forked(_send, str(root), server.port, str(server.folder / "pid"), hold, kill_after)
    child.start()
    child.join(120)
    assert child.exitcode in (0, -signal.SIGKILL), f"the child ended with {child.exitcode}"
    return child.exitcode == -signal.SIGKILL


def _send(root: str, port: int, pid: str, hold: str, kill_after: float | None) -> None:
    try:
        Path(pid).write_text(str(os.getpid()), "utf-8")
        with connect(Path(root), port, hold=hold) as app:
            if kill_after is not None:
                me = os.getpid()
                threading.Timer(kill_after, lambda: os.kill(me, signal.SIGKILL)).start()
            app.ask("mail", approve=True, fresh=False, held=False)
            if kill_after is not None:
                os.kill(os.getpid(), signal.SIGKILL)
    except BaseException:
        traceback.print_exc()
        sys.exit(3)
