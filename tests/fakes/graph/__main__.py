"""The fake Graph as a program on this machine: for `deskhand demo --microsoft`.

    PYTHONPATH=tests python -m fakes.graph PORT WORLD.json

WORLD.json: {"now": ISO 8601, "people": {NAME: {"token", "mail": {FOLDER: [base64]}, "files": {NAME: TEXT}}}}.
It needs nothing of Microsoft's: what it takes and gives is held against that in the tests.
"""

from __future__ import annotations

import base64
import json
import sys
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

from fakes.graph import files, server, wire
from fakes.graph.world import World

Json = Any
_SCOPES = frozenset({
    "User.Read", "Mail.ReadWrite", "Mail.Send", "MailboxSettings.Read", "Calendars.ReadWrite",
    "Files.ReadWrite",
})  # fmt: skip


class Anything:
    """Finds nothing wrong."""

    def wrong(self, value: Json, type_: str, *, sent: bool = False) -> list[str]:
        return []

    def wrong_request(self, verb: str, path: str, query: Json = (), body: Json = None) -> list[str]:
        return []

    def wrong_answer(self, verb: str, path: str, body: Json) -> list[str]:
        return []


def world_of(given: Json) -> World:
    """The world that was asked for."""
    made = World(now=datetime.fromisoformat(given["now"]))
    for name in given["people"]:
        made.person(name)
    for name, has in given["people"].items():
        made.tokens[has["token"]] = name, _SCOPES
        for folder, messages in has.get("mail", {}).items():
            for data in messages:
                made.arrives(name, base64.b64decode(data), folder=folder)
        for file, text in has.get("files", {}).items():
            made.drives.file(made.drives.of(name), file, text)
    made.now = datetime.fromisoformat(given["now"])
    return made


def main(port: int, world: World) -> None:
    """Answer until it is ended."""
    wire.ROOT = files.ROOT = f"http://127.0.0.1:{port}/v1.0"
    world.drives.front = f"http://127.0.0.1:{port}"
    with server.serving(server.Graph(world, Anything()), port):
        Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), world_of(json.loads(Path(sys.argv[2]).read_text("utf-8"))))
