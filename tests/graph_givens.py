"""Microsoft for tests: Graph at its real name, answered on loopback by our fake of it (`fakes.graph`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import pytest
from fakes import proxy
from fakes.graph.contract import Contract, found
from fakes.graph.login import CLIENT_ID, signed_in
from fakes.graph.server import Graph, serving
from fakes.graph.world import Person, World
from google_givens import fronted, wired

from deskhand.connectors._microsoft_account import Account, opened
from deskhand.connectors._microsoft_tokens import Signed
from deskhand.connectors.base import Renew

SHARED = Path(__file__).parents[2] / "shared" / "data" / "msgraph"
NAMES = ("microsoft.com", "microsoftonline.com", "outlook.com", "sharepoint.com", "office.com")
READS = ("Mail.Read", "MailboxSettings.Read", "User.Read")
WRITES = ("Mail.ReadWrite", "Mail.Send")


@dataclass(frozen=True)
class Microsoft:
    """A world, and the front that everything passes on its way there."""

    world: World
    graph: Graph
    front: proxy.Proxy
    authorities: Path
    opened: list[Account] = field(default_factory=list[Account])
    """Closed in the end."""

    @property
    def ana(self) -> Person:
        return self.world.people["ana"]


@cache
def contract() -> Contract:
    """What Microsoft says of Graph; without it no fake of it is worth anything."""
    if (made := found(SHARED)) is None:
        pytest.skip("needs ../shared/data/msgraph and .venv/msgraph (make test)")
    return made


@contextmanager
def microsoft(folder: Path, *, names: Sequence[str] = NAMES) -> Iterator[Microsoft]:
    """Ana, Bo and Cy of example.org. What is against the contract fails whoever asked for it.

    :param names: under which Microsoft is reached.
    """
    world = World()
    for name in ("ana", "bo", "cy"):
        world.person(name)
    graph = Graph(world, contract())
    with (
        serving(graph) as port,
        fronted(port, folder, route=proxy.straight, names=names) as (front, authorities),
        wired(front.port, authorities, names),
    ):
        made = Microsoft(world, graph, front, authorities)
        try:
            yield made
        finally:
            for one in made.opened:
                one.graph.close()
    assert not world.wrong, "\n".join(world.wrong)


def mail(
    subject: str, text: str = "Hello.", *, sender: str = "bo@example.org", to: str = "ana@example.org",
    number: int = 0, day: int = 20,
    answers: str = "", files: tuple[tuple[str, str], ...] = (), html: str = "",
) -> bytes:  # fmt: skip
    """The bytes of a message that somebody wrote."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = f"Fri, {day} Nov 2026 09:00:00 +0000"
    made["Message-ID"] = f"<{number or subject.lower().replace(' ', '-')}@example.org>"
    if answers:
        made["In-Reply-To"] = made["References"] = answers
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    for name, content in files:
        made.add_attachment(content.encode(), maintype="text", subtype="plain", filename=name)
    return made.as_bytes()


def token(microsoft: Microsoft, who: str = "ana", *, allowed: tuple[str, ...] = (*READS, *WRITES)) -> str:
    """What a sign-in of theirs leaves."""
    cache = signed_in(microsoft.world, who, allowed)
    return Signed(CLIENT_ID, "common", f"{who}@example.org", allowed, "global", cache).text()


def account(
    microsoft: Microsoft, who: str = "ana", *, place: str = "", given: str = "", write: bool = True,
    allowed: tuple[str, ...] = (*READS, *WRITES), waits: list[float] | None = None,
    renew: Renew | None = None,
) -> Account:  # fmt: skip
    """Somebody's account, that waits for nobody."""
    made = opened(
        "mail", source="mail", place=place or f"{who}@example.org", write=write, renew=renew,
        token=given or token(microsoft, who, allowed=allowed),
        pause=(waits if waits is not None else []).append,
    )  # fmt: skip
    microsoft.opened.append(made)
    return made
