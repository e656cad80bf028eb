"""Somebody's program that asks the fake Graph, without a network in between: for tests of the fake, and for
what another person does in tests of a connector."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from fakes.graph.server import Graph
from fakes.graph.wire import Answer

Json = Any
EVERYTHING = (
    "Mail.ReadWrite", "Mail.Send", "MailboxSettings.Read", "User.Read", "Calendars.ReadWrite",
    "Files.ReadWrite",
)  # fmt: skip


class Program:
    """Somebody's program that asks Graph."""

    def __init__(self, graph: Graph, who: str, *scopes: str) -> None:
        self._graph = graph
        self._token = graph.world.token(who, *(scopes or EVERYTHING))

    def __call__(self, method: str, path: str, body: Json = None, **headers: str) -> Answer:
        given = {
            "Authorization": f"Bearer {self._token}",
            **{n.replace("_", "-"): v for n, v in headers.items()},
        }
        if body is not None and not isinstance(body, bytes):
            given["Content-Type"] = "application/json"
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        parts = urlsplit(path)
        target = parts.path.removeprefix("/v1.0") + (f"?{parts.query}" if parts.query else "")
        return self._graph.answer(method, f"/v1.0{target}", given, content)

    def pages(self, path: str, **headers: str) -> tuple[list[Json], str]:
        """All entries of a listing of changes, and the address to ask at next time."""
        rows: list[Json] = []
        while True:
            got = self("GET", path, **headers)
            assert got.status == 200, got
            rows += got.body["value"]
            if "@odata.deltaLink" in got.body:
                return rows, got.body["@odata.deltaLink"]
            path = got.body["@odata.nextLink"]
