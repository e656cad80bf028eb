"""A line between a client and a real server that counts what is asked, and breaks when a test says so."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_COMMAND = re.compile(rb"^[A-Z]{4}\d+ ((?:UID )?[A-Z]+)", re.M)
"""How imaplib writes commands."""


@dataclass
class Break:
    """Where a connection breaks: once what is seen matches, and so many bytes more were passed on."""

    seen: re.Pattern[bytes]
    of: str = "server"
    """Whose words: the server's, or the client's, which are passed on before it breaks."""
    after: int = 0
    """So many bytes of the server's get through after it; the rest of that answer does not."""
    times: int = 1
    reset: bool = True
    """The connection is torn down; else it just ends."""


@dataclass
class Line:
    """What lies between. Made by `line`."""

    port: int
    without: tuple[str, ...] = ()
    """Capabilities that the client does not hear of."""
    breaks: list[Break] = field(default_factory=list[Break])
    answers: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    """What is said instead of the server, to commands that match a pattern."""
    edits: dict[str, list[tuple[bytes, bytes | Callable[[re.Match[bytes]], bytes]]]] = field(
        default_factory=lambda: {"client": [], "server": []}
    )
    """What is written otherwise in what they say: patterns, and what stands there instead."""
    crumbs: int = 0
    """The server's words come in parts of so many bytes."""
    commands: list[str] = field(default_factory=list[str])
    """What was asked, in order."""
    heard: bytearray = field(default_factory=bytearray)
    """All that the client said."""
    connections: int = 0

    def break_at(self, pattern: bytes, **given: object) -> None:
        """Break when this is seen (`Break`)."""
        self.breaks.append(Break(re.compile(pattern), **given))  # type: ignore[arg-type]

    def restart(self) -> None:
        """Forget what was asked."""
        self.commands.clear()


class _Connection:
    def __init__(self, line: Line, client: socket.socket, server: socket.socket) -> None:
        self._line, self._client, self._server = line, client, server
        self._left: int | None = None
        self._reset = True

    def start(self) -> None:
        for target in (self._from_client, self._from_server):
            threading.Thread(target=target, daemon=True).start()

    def _from_client(self) -> None:
        with suppress(OSError):
            while data := self._client.recv(65536):
                self._line.heard += data
                data = self._edited("client", data)
                self._line.commands += [c.decode() for c in _COMMAND.findall(data)]
                for pattern, said in self._line.answers.items():
                    if found := re.search(pattern, data):
                        tag = data.split(b" ", 1)[0]
                        self._client.sendall(said.replace(b"TAG", tag).replace(b"GROUP", found[0]))
                        break
                else:
                    if broken := self._broken("client", data):
                        self._left, self._reset = broken.after, broken.reset
                    self._server.sendall(data)
        self._end(reset=False)

    def _from_server(self) -> None:
        with suppress(OSError):
            while data := self._server.recv(65536):
                data = self._edited("server", _stripped(data, self._line.without))
                if self._left is None and (broken := self._broken("server", data)):
                    self._left, self._reset = broken.after, broken.reset
                if self._left is not None:
                    self._client.sendall(data[: self._left])
                    self._left -= len(data)
                    if self._left <= 0:
                        self._end(reset=self._reset)
                        return
                    continue
                for n in range(0, len(data), self._line.crumbs or len(data)):
                    self._client.sendall(data[n : n + (self._line.crumbs or len(data))])
        self._end(reset=False)

    def _edited(self, of: str, data: bytes) -> bytes:
        for pattern, instead in self._line.edits[of]:
            data = re.sub(pattern, instead, data)
        return data

    def _broken(self, of: str, data: bytes) -> Break | None:
        for one in self._line.breaks:
            if one.times and one.of == of and one.seen.search(data):
                one.times -= 1
                return one
        return None

    def _end(self, *, reset: bool) -> None:
        for end in (self._client, self._server):
            with suppress(OSError):
                if reset and end is self._client:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    # Whoever waits for it holds it open: it is woken first, and nothing is said by that.
                    end.shutdown(socket.SHUT_RD)
                else:
                    end.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                end.close()


def _stripped(data: bytes, without: tuple[str, ...]) -> bytes:
    """Lines and codes that list capabilities, without some."""
    if b"CAPABILITY" not in data:
        return data
    for name in without:
        data = re.sub(rb"(CAPABILITY[^\r\n\]]*?) " + re.escape(name.encode()) + rb"(?=[ \r\]])", rb"\1", data)
    return data


@contextmanager
def line(to: int) -> Iterator[Line]:
    """A line to a port of this machine, for as long as the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Line(listening.getsockname()[1])

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listening.accept()
                    made.connections += 1
                    _Connection(made, client, socket.create_connection(("127.0.0.1", to))).start()

        threading.Thread(target=accept, daemon=True).start()
        yield made
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
