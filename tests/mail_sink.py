"""A mail server in a process of its own: keeps what it takes, and kills who sends at the moment it is told.

`python mail_sink.py FOLDER` writes its port to FOLDER/port and each message it takes to FOLDER/got.
FOLDER/then says what it does with the next message: `take`; `slow` (take it, a moment later); `drop` (take
it and break off); `silent` (take it and never answer); `lies` (take it and say 554); `lost` (break off, and
keep nothing); `busy` (421 at once); `grey` (450 for every recipient); `later` (451) and `never` (554) when it
has all; `refuse` (one of the recipients); `kill at rcpt`, `kill at data` (before it is kept), `kill` (kept,
and not answered): the process whose id is in FOLDER/pid is sent SIGKILL then.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Sink:
    """What the server does with what it is given."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count(1)

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self._then() == "busy":
            return "421 too busy"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        await self._at("kill at rcpt")
        if self._then() == "grey":
            return "450 come back later"
        if self._then() == "refuse" and envelope.rcpt_tos:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await self._at("kill at data")
        then = self._then()
        if then in ("later", "never"):
            return "451 later" if then == "later" else "554 never"
        if then == "lost":
            server.transport.abort()
            return "250 OK"
        (self._folder / "got" / f"{next(self._numbers)}.eml").write_bytes(envelope.content)
        await self._at("kill")
        if then == "drop":
            server.transport.abort()
        if then in ("slow", "silent"):
            await asyncio.sleep(0.2 if then == "slow" else 5.0)
        return "554 never" if then == "lies" else "250 OK"

    def _then(self) -> str:
        return (self._folder / "then").read_text("utf-8")

    async def _at(self, when: str) -> None:
        if self._then() == when:
            with suppress(ProcessLookupError):
                os.kill(int((self._folder / "pid").read_text("utf-8")), signal.SIGKILL)
            await asyncio.sleep(0.05)  # nobody is there any more to hear an answer


class Quick(Controller):
    """aiosmtpd asks for the machine's full name otherwise, which can take seconds."""

    def factory(self) -> Any:
        self.SMTP_kwargs["hostname"] = "localhost"
        return super().factory()


def main(folder: Path) -> None:
    controller = Quick(Sink(folder), hostname="127.0.0.1", port=int((folder / "want").read_text("utf-8")))
    controller.start()
    (folder / "port").write_text(str(controller.port), "utf-8")
    sys.stdin.read()  # until whoever started it is gone
    controller.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
