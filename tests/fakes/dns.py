"""A little DNS server on loopback, by UDP and TCP: zones of its own, answers that are cut, and silence."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


@dataclass
class Server:
    """What it knows, and what it was asked. Made by `serving`."""

    port: int
    records: dict[tuple[str, str], list[str]] = field(default_factory=dict[tuple[str, str], list[str]])
    """By name and type, as in a zone file: `("_imaps._tcp.x.org", "SRV"): ["0 1 993 imap.x.org."]`."""
    cut: bool = False
    """By UDP it only says that the answer is too long (TC)."""
    silent: bool = False
    asked: list[str] = field(default_factory=list[str])
    """Each question: how it came, its name and type."""

    def answer(self, wire: bytes, how: str) -> bytes | None:
        """What is said to a question; None: nothing."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), question.rdtype.name
        self.asked.append(f"{how} {name} {kind}")
        if self.silent:
            return None
        said = dns.message.make_response(query)
        if self.cut and how == "udp":
            said.flags |= dns.flags.TC
        elif rows := self.records.get((name.lower(), kind)):
            said.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *rows))
        elif not any(known == name.lower() for known, _ in self.records):
            said.set_rcode(dns.rcode.NXDOMAIN)
        return said.to_wire()


@contextmanager
def serving() -> Iterator[Server]:
    """A server that runs."""
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        server = Server(tcp.getsockname()[1])
        udp.bind(("127.0.0.1", server.port))
        for serve in (_by_udp, _by_tcp):
            threading.Thread(
                target=serve, args=(server, udp if serve is _by_udp else tcp), daemon=True
            ).start()
        yield server
        with suppress(OSError):  # else their threads wait on
            udp.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            tcp.shutdown(socket.SHUT_RDWR)


def _by_udp(server: Server, udp: socket.socket) -> None:
    with suppress(OSError):
        while True:
            wire, who = udp.recvfrom(4096)
            if wire and (said := server.answer(wire, "udp")) is not None:
                udp.sendto(said, who)
            elif not wire and who is None:
                return


def _by_tcp(server: Server, tcp: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection, _ = tcp.accept()
            with connection, connection.makefile("rwb") as line:
                (size,) = struct.unpack("!H", line.read(2))
                if (said := server.answer(line.read(size), "tcp")) is not None:
                    line.write(struct.pack("!H", len(said)) + said)
