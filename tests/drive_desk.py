"""A person whose documents are in a Drive on a server, and what kills her Deskhand on the way."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from agent_givens import ENVIRONMENT, NOW, plan, step
from drive_givens import ref, signed
from fakes.drive.world import ME

from deskhand.agent.app import App
from deskhand.agent.model import Run
from deskhand.connectors._gdrive_remote import File, Remote

OF_ANA = ENVIRONMENT | {"DESKHAND_PERSON__EMAIL": ME, "DESKHAND_PERSON__NAME": "Ana Sample"}


def desk(root: Path, url: str) -> App:
    """The home under `root`, opened; the Drive at this server is connected when it is made."""
    app = App.open(root / "home", now=NOW, environ=OF_ANA)
    if not app.settings.sources:
        (root / "token").write_text(signed(url), "utf-8")
        (root / "token").chmod(0o600)
        options = {"token": f"file:{root / 'token'}", "write": "yes", "root": url}
        app.add("gdrive", ME, alias="drive", options=options)
    return app


def at(app: App, id: str) -> dict[str, Any]:
    """Which file, as the arguments of an operation say it."""
    item = app.archive.item(ref(id))
    assert item is not None
    return {"source": "drive", "ref": str(item.ref), "version": item.version}


def do(app: App, op: str, **args: Any) -> Run:
    """One write, as a plan of its own."""
    return app.ask(plan(step("write", op, **args)), fresh=False)


def sync_and_die(root: str, url: str) -> None:
    """Syncs, and is killed once a page is stored."""
    try:
        with desk(Path(root), url) as app:
            app.sync(progress=lambda p: p.done and os.kill(os.getpid(), signal.SIGKILL), embed=0)
    except BaseException:
        traceback.print_exc()
        sys.exit(3)


def replace_and_die(root: str, url: str, id: str) -> None:
    """Writes, and is killed when Google has it and nobody here knows."""
    revisions = Remote.revisions

    def then_die(remote: Remote, of: str) -> list[File]:
        file = remote.file(of)
        if file is not None and file.get("appProperties"):
            os.kill(os.getpid(), signal.SIGKILL)
        return revisions(remote, of)

    try:
        with desk(Path(root), url) as app:
            app.sync(embed=0)
            args = at(app, id)
            Remote.revisions = then_die  # type: ignore[method-assign]
            do(app, "file.replace", **args, text="once")
    except BaseException:
        traceback.print_exc()
        sys.exit(3)
