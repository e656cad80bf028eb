"""What goes wrong between a Drive and who asks it: each fault is done to one answer."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable
from typing import Any

Fault = Callable[[Any, Callable[[], Any]], None]
"""Takes the handler, and what makes the answer (which does what was asked for)."""


def says(status: int, reason: str = "backendError", **headers: str) -> Fault:
    """An error; nothing was done."""
    from fakes.drive.server import refusal

    return lambda handler, _: handler.give(refusal(status, reason, **headers))


def html(status: int = 502) -> Fault:
    """What stands before Google says something itself."""
    from fakes.drive.server import Answer

    page = b"<html><title>Error 502 (Server Error)!!1</title></html>"
    return lambda handler, _: handler.give(Answer(status, {"Content-Type": "text/html"}, page))


def done_but(status: int = 504) -> Fault:
    """It was done, and the answer is an error."""
    from fakes.drive.server import refusal

    def run(handler: Any, answer: Callable[[], Any]) -> None:
        answer()
        handler.give(refusal(status, "backendError"))

    return run


def cut(handler: Any, answer: Callable[[], Any]) -> None:
    """Done; half of the answer comes, and the connection is closed."""
    handler.give(answer(), cut=True)


def halved(handler: Any, answer: Callable[[], Any]) -> None:
    """Done; half of the answer comes, as if it were all."""
    made = answer()
    made.data = made.data[: len(made.data) // 2]
    handler.give(made)


def reset(handler: Any, answer: Callable[[], Any]) -> None:
    """Done; half of the answer comes, and the connection is torn."""
    handler.give(answer(), cut=True)
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def torn(handler: Any, answer: Callable[[], Any]) -> None:
    """Done, and no answer at all."""
    answer()
    handler.close_connection = True


def doubled(handler: Any, answer: Callable[[], Any]) -> None:
    """Everything on the page stands there twice."""
    _rewritten(handler, answer, lambda said, name: said[name] + said[name])


def empty(handler: Any, answer: Callable[[], Any]) -> None:
    """A page with nothing on it, that says where it goes on: here, once more."""
    made = answer()
    said = json.loads(made.data)
    name = next(n for n in ("changes", "files") if n in said)
    token = dict(handler.asked.query).get("pageToken", "")
    made.data = json.dumps({name: [], "nextPageToken": token or "0"}).encode()
    handler.give(made)


def passed(handler: Any, answer: Callable[[], Any]) -> None:
    """None: it is one of those that go well before one that does not."""
    handler.give(answer())


def only(fault: Fault, **given: str) -> Fault:
    """To requests with these parameters; to others nothing."""

    def run(handler: Any, answer: Callable[[], Any]) -> None:
        fits = all(handler.asked.given(name) == value for name, value in given.items())
        (fault if fits else passed)(handler, answer)

    return run


def _rewritten(handler: Any, answer: Callable[[], Any], change: Callable[[Any, str], Any]) -> None:
    made = answer()
    said = json.loads(made.data)
    name = next(n for n in ("changes", "files", "comments", "revisions") if n in said)
    said[name] = change(said, name)
    made.data = json.dumps(said).encode()
    handler.give(made)
