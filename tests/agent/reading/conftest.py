"""Invented people, and short ways to write their messages and documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from textwrap import dedent
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deskhand.connectors.model import Item, ItemRef, Participant, Relation

ZONE = "Europe/Stockholm"
PEOPLE = {
    "ana": Participant("from", "ana@example.org", "Ana Ruiz"),
    "bo": Participant("from", "bo@example.org", "Bo Lindqvist"),
    "cleo": Participant("from", "cleo@example.com", "Cleo Achterberg"),
    "dev": Participant("from", "dev@example.net", "Dev Patel"),
    "list": Participant("from", "no-reply@example.com", "Example Weekly"),
}

Make = Callable[..., Item]


def at(text: str) -> datetime:
    """ "2026-11-17 09:12" on a clock in Stockholm."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


@pytest.fixture
def message() -> Make:
    """`message("bo", "2026-11-17 09:12", "text", to=["ana"], answers=other)`."""

    def make(
        who: str,
        when: str,
        text: str,
        *,
        to: tuple[str, ...] = (),
        cc: tuple[str, ...] = (),
        title: str = "Lisbon offsite",
        answers: Item | None = None,
        flags: tuple[str, ...] = (),
        **data: Any,
    ) -> Item:
        text = dedent(text).strip()
        native = f"{who}-{when}"
        people = [PEOPLE[who]]
        people += [Participant("to", PEOPLE[n].address, PEOPLE[n].name) for n in to]
        people += [Participant("cc", PEOPLE[n].address, PEOPLE[n].name) for n in cc]
        relations = (Relation("reply-to", str(answers.data["message_id"])),) if answers else ()
        return Item(
            ItemRef("mail", "message", native),
            "v1",
            title,
            text,
            at(when),
            sha256(text.encode()).hexdigest(),
            people=tuple(people),
            relations=relations,
            author=PEOPLE[who].name,
            flags=flags,
            data={"message_id": f"<{native.replace(' ', '-')}@example.org>", **data},
        )

    return make


@pytest.fixture
def document() -> Make:
    """`document("Offer", "text", "2026-11-17 09:12", version="2", who="bo")`."""

    def make(
        title: str,
        text: str,
        when: str = "2026-11-17 09:12",
        *,
        who: str = "bo",
        version: str = "1",
        native: str = "",
        **rest: Any,
    ) -> Item:
        return Item(
            ItemRef("docs", "document", native or title.lower() + ".md"),
            version,
            title,
            dedent(text).strip() if text.startswith("\n") else text,
            at(when),
            sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            author=PEOPLE[who].name,
            **rest,
        )

    return make
